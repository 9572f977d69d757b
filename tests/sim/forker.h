/* SPDX-License-Identifier: BSD-2-Clause
 * tests/sim/forker.h - what a caller sees behind a forking proxy: one INVITE
 * is answered by several UAs.  A scripted UDP peer on a simulated host: leg 0
 * has early media and never answers, legs 1 and 2 answer, each with its own
 * To tag and description.  A leg may hang up before it answers, too: it repeats
 * its BYE until that is answered.  A CANCEL ends what still rings.
 */
#ifndef TESTS_SIM_FORKER_H
#define TESTS_SIM_FORKER_H
#include "platform/sim/sim.h"

enum { FORK_LEGS = 3 };

struct forker { /* zeroed before forker_begin */
	struct sim_host *host;
	struct udp *u;
	struct addr caller;
	char invite[4096];
	struct reactor_timer timer;
	unsigned ticks;              /* of 100 ms, since the INVITE */
	bool cancelled, refused;     /* 487 is due; its ACK came */
	struct {
		unsigned answers_at; /* tick; 0: never */
		unsigned hangs_up_at; /* tick; 0: never */
		/* From this tick on it describes itself in a 183, again and
		 * again until one of them is acknowledged; 0: it does not. */
		unsigned early_at;
		const char *sdp;     /* its description; NULL: PCMU here */
		unsigned hung_up;     /* status that its BYE got */
		unsigned acks, byes;
		mono bye;            /* when the first came */
	} leg[FORK_LEGS];
};

/* Listens on port 5060 of the host. */
MUST_USE int forker_begin(struct forker *f, struct sim_host *host);
void forker_end(struct forker *f);
#endif
