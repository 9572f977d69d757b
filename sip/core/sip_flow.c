/* SPDX-License-Identifier: BSD-2-Clause */
#include "sip/core/sip_flow.h"

static const struct row {
	struct slice name;
	uint16_t port; /* RFC 3261 19.1.2 */
} transports[SIP_TRANSPORT_COUNT] = {
	[SIP_TRANSPORT_ANY] = { SLICE(""), 5060 },
	[SIP_UDP] = { SLICE("UDP"), 5060 },
	[SIP_TCP] = { SLICE("TCP"), 5060 },
	[SIP_TLS] = { SLICE("TLS"), 5061 },
};

struct slice sip_transport_name(enum sip_transport t)
{
	return transports[t].name;
}

enum sip_transport sip_transport_find(struct slice name)
{
	for (unsigned t = SIP_UDP; t < SIP_TRANSPORT_COUNT; t++)
		if (slice_isame(name, transports[t].name))
			return (enum sip_transport)t;
	return SIP_TRANSPORT_ANY;
}

uint16_t sip_transport_port(enum sip_transport t)
{
	return transports[t].port;
}

void sip_contact_write(struct writer *w, bool sips, struct slice user,
		       const struct addr *shown, enum sip_transport t)
{
	writer_str(w, sips ? "<sips:" : "<sip:");
	if (user.n) {
		writer_put(w, user);
		writer_char(w, '@');
	}
	addr_write(w, shown);
	if (t == SIP_TCP)
		writer_str(w, ";transport=tcp");
	else if (t == SIP_TLS && !sips) /* RFC 3261 26.2.2 */
		writer_str(w, ";transport=tls");
	writer_char(w, '>');
}
