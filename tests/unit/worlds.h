/* SPDX-License-Identifier: BSD-2-Clause
 * tests/unit/worlds.h - the same test in every world: the real backend on the
 * loopback interface and the simulated one, each over IPv4 and IPv6.
 */
#ifndef TESTS_UNIT_WORLDS_H
#define TESTS_UNIT_WORLDS_H
#include "platform/reactor.h"
#include "tests/unit/suites.h"

enum { WORLDS = 4 };

struct world {
	const char *name;
	bool sim;
	struct mem mem;
	struct sim *net;
	struct reactor *a, *b;   /* the same one in the real world */
	struct addr ip_a, ip_b;  /* their addresses, port 0 */
};

void world_open(struct world *w, int which); /* 0 .. WORLDS - 1 */
void world_close(struct world *w);           /* asserts that nothing leaked */
/* Is "localhost" in the hosts file of that world?  If not, says that the test
 * skips what needs it. */
bool world_has_localhost(const struct world *w);
/* Turns until *flag reaches want; fails the test after 20 s. */
void world_until(struct world *w, const unsigned *flag, unsigned want);
void world_for(struct world *w, mono span);

/* A suite of tests that run in all worlds, and of some that run in the real
 * ones alone; _i is the world. */
Suite *world_suite(const char *name, const TTest *const *both,
		   const TTest *const *real);

#define WORLD_TESTS(...) ((const TTest *const[]){ __VA_ARGS__, NULL })
#define WORLD_SUITE(name, both, real)                                   \
	Suite *suite_##name(void);                                      \
	Suite *suite_##name(void)                                       \
	{                                                               \
		return world_suite(#name, both, real);                  \
	}                                                               \
	_Static_assert(1, "")
#endif
