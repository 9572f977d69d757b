/* SPDX-License-Identifier: BSD-2-Clause
 * dns/dns_port.h - the resolver and locations on a reactor: a socket a try, TCP
 * where UDP does not do, the host's resolv.conf and hosts file as they are at
 * the time of the question.
 * Ownership: from the allocator.  Threads: the reactor's.  Nothing is called
 * back from within these functions.
 */
#ifndef DNS_DNS_PORT_H
#define DNS_DNS_PORT_H
#include "dns/dns_locate.h"
#include "platform/trace.h"

struct dns_port;   /* opaque */
struct dns_lookup; /* opaque: one location or question under way */

struct dns_port_config {
	/* Whom to ask, with ports; n 0: those of the host's resolv.conf, read
	 * anew a second after it was read last. */
	const struct addr *servers;
	size_t n;
	const struct limits *limits; /* NULL: the defaults */
	struct trace *trace;         /* or NULL; outlives the port */
};

/* -ENOMEM; -EIO: no random bits. */
MUST_USE int dns_port_new(struct reactor *r, struct mem *m,
			  const struct dns_port_config *cfg,
			  struct dns_port **out);
/* Other servers, as in the config: what is under way begins anew. */
void dns_port_servers(struct dns_port *p, const struct addr *servers,
		      size_t n);
void dns_port_trace(struct dns_port *p, struct trace *t); /* NULL: none */
/* Whoever waits is told nothing.  NULL is ignored. */
void dns_port_free(struct dns_port *p);

/* done is called once, with what was found (dns_locate_over), which lasts until
 * it returns; so does the lookup.  t->hosts is the hosts file's, unless the
 * caller has some (of multicast DNS, say). */
MUST_USE int dns_port_locate(struct dns_port *p, const struct dns_target *t,
			     void (*done)(void *arg,
					  const struct dns_locate *l),
			     void *arg, struct dns_lookup **out);
/* One question, for what is no location: TXT of XCAP, PTR. */
MUST_USE int dns_port_ask(struct dns_port *p, const struct dns_name *name,
			  unsigned type, bool search,
			  void (*done)(void *arg, const struct dns_answer *a),
			  void *arg, struct dns_lookup **out);
/* done will not be called; NULL is ignored.  Not from within it. */
void dns_lookup_cancel(struct dns_lookup *k);
#endif
