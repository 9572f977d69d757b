/* SPDX-License-Identifier: BSD-2-Clause
 * dns/mdns_port.h - multicast DNS on a reactor: port 5353, shared with other
 * responders of the host, on every interface that is up and can multicast
 * (loopback too, if it says that it can), over IPv4 and IPv6.
 * Ownership: from the allocator.  Threads: the reactor's.
 */
#ifndef DNS_MDNS_PORT_H
#define DNS_MDNS_PORT_H
#include "dns/mdns.h"
#include "platform/reactor.h"
#include "platform/trace.h"

struct mdns_port; /* opaque */

struct mdns_port_config {
	const struct limits *limits; /* NULL: the defaults */
	struct trace *trace;         /* or NULL; outlives the port */
	/* All but MDNS_OUT_SEND; never from within a function of this header.
	 * It may free the port. */
	void (*on_out)(void *arg, const struct mdns_out *o);
	void *arg;
};

/* -ENOMEM, -EIO no random bits, what udp_open says when neither family has a
 * socket. */
MUST_USE int mdns_port_new(struct reactor *r, struct mem *m,
			   const struct mdns_port_config *cfg,
			   struct mdns_port **out);
/* Says goodbye.  NULL is ignored. */
void mdns_port_free(struct mdns_port *p);
/* To be told of what is wanted, with mdns_port_now; mdns_port_kick then. */
struct mdns *mdns_port_engine(struct mdns_port *p);
mono mdns_port_now(struct mdns_port *p);
void mdns_port_kick(struct mdns_port *p);
/* Interfaces that it is on. */
size_t mdns_port_links(const struct mdns_port *p);
#endif
