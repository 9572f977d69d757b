/* SPDX-License-Identifier: BSD-2-Clause */
#include "sip/core/sip_flow.h"

static const struct sip_transport_row transports[SIP_TRANSPORT_COUNT] = {
	[SIP_TRANSPORT_ANY] = { .port = 5060, .secured = SIP_TLS },
	[SIP_UDP] = { SLICE("UDP"), SLICE("udp"), .port = 5060,
		      .framed = true, .larger = SIP_TCP, .secured = SIP_TLS },
	[SIP_TCP] = { SLICE("TCP"), SLICE("tcp"), .port = 5060,
		      .reliable = true, .connected = true, .secured = SIP_TLS },
	[SIP_TLS] = { SLICE("TLS"), SLICE("tls"), .port = 5061,
		      .reliable = true, .connected = true, .named = true,
		      .secure = true, .secured = SIP_TLS },
	/* RFC 7118: each message comes in a frame of its own. */
	[SIP_WS] = { SLICE("WS"), SLICE("ws"), .port = 80, .reliable = true,
		     .connected = true, .framed = true, .named = true,
		     .secured = SIP_WSS },
	[SIP_WSS] = { SLICE("WSS"), SLICE("wss"), SLICE("ws"), 443,
		      .reliable = true, .connected = true, .framed = true,
		      .named = true, .secure = true, .secured = SIP_WSS },
};

const struct sip_transport_row *sip_transport_row(enum sip_transport t)
{
	return &transports[t];
}

enum sip_transport sip_transport_find(struct slice name)
{
	for (unsigned t = SIP_UDP; t < SIP_TRANSPORT_COUNT; t++)
		if (slice_isame(name, transports[t].name) ||
		    slice_isame(name, transports[t].word))
			return (enum sip_transport)t;
	return SIP_TRANSPORT_ANY;
}

void sip_contact_write(struct writer *w, bool sips, struct slice user,
		       const struct addr *shown, enum sip_transport t)
{
	const struct sip_transport_row *row = sip_transport_row(t);

	writer_str(w, sips ? "<sips:" : "<sip:");
	if (user.n) {
		writer_put(w, user);
		writer_char(w, '@');
	}
	addr_write(w, shown);
	/* UDP is what no word means, and TLS what none means to sips. */
	if (row->word.n && t != SIP_UDP && !(sips && t == SIP_TLS)) {
		writer_str(w, ";transport=");
		writer_put(w, row->said.n ? row->said : row->word);
	}
	writer_char(w, '>');
}
