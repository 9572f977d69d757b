/* SPDX-License-Identifier: BSD-2-Clause
 * sip/hdr/sip_via.h - Via, RFC 3261 20.42, rport of RFC 3581.
 */
#ifndef SIP_VIA_H
#define SIP_VIA_H
#include "platform/slice.h"
#include "platform/writer.h"

struct sip_via {
	struct slice transport;  /* "UDP", "TCP", "TLS", other-transport */
	struct slice host;       /* sent-by; IPv6 with brackets */
	uint16_t port;           /* 0 when absent: 5060, or 5061 for TLS */
	bool has_port;
	bool has_rport;
	uint16_t rport;          /* 0: present without a value */
	struct slice branch;     /* empty: none */
	struct slice received;   /* empty: none; IPv6 in brackets or not */
	struct slice maddr;
	uint16_t ttl;            /* 0..255, or 256 when absent */
	struct slice params;     /* all of them, after the first ";" */
};

MUST_USE int sip_via_parse(struct slice in, struct sip_via *out,
			   struct parse_error *e);
/* Writes transport, sent-by and the typed parameters, then any other. */
void sip_via_write(struct writer *w, const struct sip_via *v);
/* Begins the branch with the magic cookie of RFC 3261 (8.1.1.7)? */
bool sip_via_branch_is_3261(const struct sip_via *v);
#endif
