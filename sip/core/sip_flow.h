/* SPDX-License-Identifier: BSD-2-Clause
 * sip/core/sip_flow.h - what says where a message came from, and where one
 * goes.
 */
#ifndef SIP_FLOW_H
#define SIP_FLOW_H
#include "platform/addr.h"

enum sip_transport { SIP_TRANSPORT_ANY, SIP_UDP, SIP_TCP, SIP_TLS,
		     SIP_TRANSPORT_COUNT };

static inline bool sip_transport_is_stream(enum sip_transport t)
{
	return t == SIP_TCP || t == SIP_TLS;
}

/* "UDP" as in a Via; matched without case; ANY for what is not known here. */
struct slice sip_transport_name(enum sip_transport t);
enum sip_transport sip_transport_find(struct slice name);
uint16_t sip_transport_port(enum sip_transport t); /* 5060, or 5061 */

/* A flow: one connection, or a datagram socket and one remote address.  flow
 * is the handle of the connection (streams; 0: none yet) or of the listening
 * point (datagrams), with generation: a stale one finds nothing. */
struct sip_path {
	enum sip_transport transport;
	uint32_t flow;
	uint32_t identity;         /* TLS: own certificate and checks; else 0 */
	struct addr local, remote;
};

/* "<sip:USER@ADDRESS:PORT;transport=tcp>", a Contact value of ours: user may be
 * empty; shown, where requests to it are to arrive, by what. */
void sip_contact_write(struct writer *w, bool sips, struct slice user,
		       const struct addr *shown, enum sip_transport t);

/* Where a host was found: one entry of a lookup's answer. */
struct sip_hop {
	enum sip_transport transport;
	struct addr addr;
};
#endif
