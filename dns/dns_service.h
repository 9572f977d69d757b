/* SPDX-License-Identifier: BSD-2-Clause
 * dns/dns_service.h - what is located: rows of (NAPTR service, SRV prefix,
 * port), and which of them a SIP URI allows (RFC 3263 4.1).
 */
#ifndef DNS_DNS_SERVICE_H
#define DNS_DNS_SERVICE_H
#include "platform/slice.h"

enum dns_transport { DNS_NO_TRANSPORT, DNS_UDP, DNS_TCP, DNS_TLS, DNS_WS,
		     DNS_WSS, DNS_TRANSPORTS };

struct dns_service {
	enum dns_transport transport;
	bool secure;
	const char *naptr; /* "SIP+D2U"; NULL: NAPTR does not know it */
	const char *srv;   /* "_sip._udp" */
	uint16_t port;     /* where SRV gives none */
};

/* By enum dns_transport, the first is empty.  RFC 3263 4, RFC 7118 6, 8. */
extern const struct dns_service dns_sip[DNS_TRANSPORTS];
/* RFC 8489 8, RFC 8656 and 5928, RFC 4976 5: in order of preference, secure
 * ones apart. */
extern const struct dns_service dns_stun[2], dns_stuns[1], dns_turn[2],
	dns_turns[1], dns_msrp[1], dns_msrps[1];

/* What of a SIP URI, and of us, decides. */
struct dns_sip_wish {
	enum dns_transport transport;  /* DNS_NO_TRANSPORT: none is given */
	bool secure;                   /* sips: */
	bool settled;                  /* it has a port, or is numeric */
	const enum dns_transport *use; /* ours, the best first */
	size_t n;
};

struct dns_choice { /* rows to look for */
	struct {
		const struct dns_service *service;
		bool naptr_only; /* not by SRV alone: a sips row of sip: */
	} row[DNS_TRANSPORTS];
	size_t n;
	bool naptr;      /* ask for NAPTR first */
	size_t fallback; /* the row for a bare address */
};

/* -EPROTONOSUPPORT: it asks for what is not ours, or for sips over UDP. */
MUST_USE int dns_sip_choose(const struct dns_sip_wish *w,
			    struct dns_choice *out);
/* Others: the rows as they are, no NAPTR. */
struct dns_choice dns_choose(const struct dns_service *row, size_t n);
#endif
