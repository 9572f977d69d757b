/* SPDX-License-Identifier: BSD-2-Clause
 * tests/sim/registrar.h - a registrar as a user agent sees it: a scripted UDP
 * peer on a simulated host.  It grants a binding, or refuses it.
 */
#ifndef TESTS_SIM_REGISTRAR_H
#define TESTS_SIM_REGISTRAR_H
#include "platform/sim/sim.h"

struct registrar { /* zeroed before registrar_begin */
	struct sim_host *host;
	struct udp *u;
	const char *refuse; /* "403 Forbidden"; NULL: 200 */
	unsigned expires;   /* s granted; 0: 600 */
	unsigned requests;
	bool registered;    /* the last one asked for more than 0 s */
};

/* Listens on port 5060 of 10.0.0.3, which the host has. */
MUST_USE int registrar_begin(struct registrar *r, struct sim_host *host);
void registrar_end(struct registrar *r);
#endif
