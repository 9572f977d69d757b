/* SPDX-License-Identifier: BSD-2-Clause
 * tests/sim/world.h - two or three hosts with links, for the scenarios.
 */
#ifndef TESTS_SIM_WORLD_H
#define TESTS_SIM_WORLD_H
#include "tests/sim/actor.h"

struct world {
	struct mem mem;
	struct sim *sim;
	struct sim_host *host[4];  /* 10.0.0.1, 10.0.0.2 ... */
	struct actor *actor[8];
	size_t actors;
	char why[256];             /* of the failure */
};

/* n hosts with 20 ms of delay one way. */
bool world_begin(struct world *w, uint64_t seed, size_t n);
/* Frees everything; false (with why) when something was left behind. */
bool world_end(struct world *w);
void world_link(struct world *w, const struct sim_link *l); /* of all hosts */
void world_loss(struct world *w, double loss);
/* words as in actor_start; "%d" arguments are filled in before. */
struct actor *world_run(struct world *w, size_t host, const char *words);
void world_until(struct world *w, int64_t ms); /* virtual time, absolute */
/* Runs on until all actors are over or ms; false (with why): not over. */
bool world_over(struct world *w, int64_t ms);
/* Is the text there so often?  false with why. */
bool world_said(struct world *w, const struct actor *a, const char *text,
		unsigned times);
bool world_fail(struct world *w, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
#endif
