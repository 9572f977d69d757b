/* SPDX-License-Identifier: BSD-2-Clause */
#include "sip/sip_flow.h"

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
