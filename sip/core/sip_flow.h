/* SPDX-License-Identifier: BSD-2-Clause
 * sip/core/sip_flow.h - what says where a message came from, and where one
 * goes.
 */
#ifndef SIP_FLOW_H
#define SIP_FLOW_H
#include "platform/addr.h"

enum sip_transport { SIP_TRANSPORT_ANY, SIP_UDP, SIP_TCP, SIP_TLS,
		     SIP_WS, SIP_WSS, SIP_TRANSPORT_COUNT };

/* What a transport is, as one row of a table: all that the core asks of one. */
struct sip_transport_row {
	struct slice name;  /* "UDP": as in a Via, matched without case */
	struct slice word;  /* "udp": as in ;transport= of a URI */
	struct slice said;  /* ... of a URI of ours, where it is another:
			     * ws is what RFC 7118 5.2.4 has, and wss not */
	uint16_t port;      /* 5060, or 5061 (RFC 3261 19.1.2); 80, 443 */
	bool reliable;      /* repeats by itself: no timers A, E, G (17) */
	bool connected;     /* its flows are connections */
	bool framed;        /* what comes is one message each, whose end need
			     * not be looked for (18.3) */
	bool named;         /* a flow is towards a name: secure ones, and
			     * those that tell the peer whom they want */
	bool secure;        /* the peer shows who it is: a flow is of one name
			     * (RFC 5922 7) and of one identity of ours */
	enum sip_transport larger;  /* what goes beyond a datagram by (18.1.1);
				     * ANY: it does itself */
	enum sip_transport secured; /* what a sips: URI makes of it (26.2.2) */
};
const struct sip_transport_row *sip_transport_row(enum sip_transport t);
/* By name or by word; ANY for what is not known here. */
enum sip_transport sip_transport_find(struct slice name);

/* A flow: one connection, or a datagram socket and one remote address.  flow
 * is the handle of the connection (streams; 0: none yet) or of the listening
 * point (datagrams), with generation: a stale one finds nothing. */
struct sip_path {
	enum sip_transport transport;
	uint32_t flow;
	/* Secure transports, else 0: own certificate and checks; and, of named
	 * ones, whom the peer has to be (sip_core_name), which is part of what
	 * makes a flow: two domains at one address are two connections. */
	uint32_t identity, name;
	struct addr local, remote;
};

/* "<sip:USER@ADDRESS:PORT;transport=tcp>", a Contact value of ours: user may be
 * empty; shown, where requests to it are to arrive, by what. */
void sip_contact_write(struct writer *w, bool sips, struct slice user,
		       const struct addr *shown, enum sip_transport t);

/* Where a host was found: one entry of a lookup's answer. */
enum { SIP_NAME_MAX = 255 }; /* RFC 1035 2.3.4 */
struct sip_hop {
	enum sip_transport transport;
	struct addr addr;
	struct addr local; /* what the system would send from, port 0; family
			    * 0: not known */
	struct slice name; /* domain to verify (RFC 5922 7), at most
			    * SIP_NAME_MAX octets; empty: the one that was
			    * asked for */
};
#endif
