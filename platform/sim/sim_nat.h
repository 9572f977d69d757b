/* SPDX-License-Identifier: BSD-2-Clause
 * platform/sim/sim_nat.h - a NAT between a network of the simulated world and
 * the internet, for UDP and TCP of IPv4: RFC 4787's words for what it does.
 *
 * A mapping is made by what goes out, to a port of the public address; what
 * goes out by it, and nothing else, keeps it (RFC 4787 4.3), for so long after.
 * The public address is one that nobody has: packets to it that match no
 * mapping, or that are filtered, are lost without a word.
 *
 * Ownership: the caller's struct, which must not be moved and outlives the
 * world's last packet.  Threads: one.
 */
#ifndef PLATFORM_SIM_NAT_H
#define PLATFORM_SIM_NAT_H
#include "platform/sim/sim.h"

enum { SIM_NAT_MAPPINGS = 64 }; /* then the one longest unused goes */

struct sim_nat {
	bool symmetric;  /* another mapping for each address and port that it
			  * goes to (address and port dependent mapping) */
	bool open;       /* lets in whoever comes (endpoint independent
			  * filtering); else who was sent to */
	mono timeout;    /* of a mapping; 0: none */
	struct addr shown;    /* the public address */
	/* private */
	struct sim *s;
	struct sim_host *h;
	unsigned inside;      /* interface; outside is 1 */
	uint16_t next;        /* port */
	unsigned made;        /* read: mappings made so far */
	struct sim_nat_map {
		enum sim_proto proto;
		struct addr from, to; /* inside; the last that it went to */
		uint16_t port;        /* outside; 0: free */
		mono last;
	} map[SIM_NAT_MAPPINGS];
};

/* Attaches it: at is its own address outside, gate that in net.  -ENOMEM. */
MUST_USE int sim_nat_begin(struct sim_nat *n, struct sim *s,
			   struct sim_net *net, const struct addr *at,
			   const struct addr *gate);
/* It has been switched off and on: it knows no mapping. */
void sim_nat_forget(struct sim_nat *n);
#endif
