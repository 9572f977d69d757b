/* SPDX-License-Identifier: BSD-2-Clause
 * tests/sim/desk.h - a scripted server, on a simulated host or a real one: a
 * registrar that challenges (RFC 3261 10.3, 22), and a UA that challenges each
 * INVITE and BYE (407), answers with PCMU and sends no media.  UDP and TCP at
 * one port; the user is alice, her password "secret".
 */
#ifndef TESTS_SIM_DESK_H
#define TESTS_SIM_DESK_H
#include "platform/reactor.h"
#include "sip/sip_port.h"

struct desk { /* zeroed before desk_begin */
	struct reactor *r;
	struct sip_port *port;
	struct addr at;                /* where it listens */
	uint64_t invite;               /* answered 200, not acknowledged yet */
	struct reactor_timer timer;
	unsigned repeats;              /* of that 200 */
	/* What came and was right. */
	unsigned challenges, registers, unregisters, invites, acks, byes;
	unsigned wrong, stale;         /* credentials that are */
	mono bound_until;              /* the contact, if it is not renewed */
	unsigned lapses;               /* renewed too late */
};

MUST_USE int desk_begin(struct desk *d, struct reactor *r,
			const struct addr *at);
void desk_end(struct desk *d);
#endif
