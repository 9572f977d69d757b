/* SPDX-License-Identifier: BSD-2-Clause
 * dns/dns_locate.h - where a service is: RFC 3263 4, RFC 2782, RFC 7984.
 * A location asks a resolver: NAPTR, then SRV, then A and AAAA, as far as the
 * name, port and transport given leave it open, and comes to a list of hops in
 * the order in which they are to be tried.
 *
 * All that NAPTR and SRV know is in the list (4.3: who fails goes on to the
 * next): NAPTR by order and preference, in each SRV by priority and weight, of
 * each target its addresses, the families in turn beginning with the better one
 * (RFC 8305 4, which an unreachable family costs one try).  That IPv6 is better
 * unless the caller says otherwise is all that is taken of RFC 6724: its other
 * rules want routes, which a simulated and a mobile host have not got yet when
 * they ask; who knows that a family has no route leaves it out.
 *
 * The name that a hop has to prove (RFC 5922) is the one asked for, never the
 * target of a record, which anybody on the way could have written.
 *
 * Ownership: from the allocator; the resolver must outlive it.
 */
#ifndef DNS_DNS_LOCATE_H
#define DNS_DNS_LOCATE_H
#include "dns/dns_resolver.h"
#include "dns/dns_service.h"

struct dns_locate; /* opaque */

/* How long one may take: then it is over with what is known, or TIMED_OUT.  Its
 * questions may be three in a row, each of which asks every silent server
 * twice; a request waits for 32 s at most (64*T1), and shall say why. */
#define DNS_LOCATE_TIME SEC(20)

struct dns_target {
	struct slice host;        /* a name, or an address, also in brackets */
	uint16_t port;            /* 0: none is given */
	struct dns_choice choice; /* dns_sip_choose, dns_choose */
	bool no_v4, no_v6, v4_first;
	/* What the hosts file has for the name: then it is as if that had been
	 * given, and nobody is asked. */
	const struct addr *hosts;
	size_t n;
};

struct dns_hop {
	const struct dns_service *service;
	struct addr addr; /* with port */
};

/* What was asked, in order. */
struct dns_step {
	struct dns_name name;
	uint16_t type;
	bool over;
	mono began, took;
	struct dns_answer answer; /* bytes live as long as the location */
};

/* NULL: no memory.  seed (32 bytes) decides between weights; tag is what the
 * resolver tells its answers with. */
struct dns_locate *dns_locate_new(struct mem *m, struct dns_resolver *r,
				  const struct dns_target *t, uint32_t tag,
				  const uint8_t seed[32], mono now);
void dns_locate_free(struct dns_locate *l); /* cancels; NULL is ignored */

/* An answer of the resolver; one that is another's is ignored. */
void dns_locate_on_answer(struct dns_locate *l, uint32_t handle,
			  const struct dns_answer *a, mono now);
void dns_locate_on_time(struct dns_locate *l, mono now);
mono dns_locate_deadline(const struct dns_locate *l);

/* Is it over?  Then the status says how, and FOUND has one hop at least. */
bool dns_locate_over(const struct dns_locate *l, enum dns_status *s);
size_t dns_locate_hops(const struct dns_locate *l, const struct dns_hop **out);
size_t dns_locate_steps(const struct dns_locate *l);
const struct dns_step *dns_locate_step(const struct dns_locate *l, size_t i);
#endif
