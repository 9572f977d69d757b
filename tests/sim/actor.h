/* SPDX-License-Identifier: BSD-2-Clause
 * tests/sim/actor.h - a sub-command of the parley program running on a
 * simulated host: its own code, its options, its output as text.
 */
#ifndef TESTS_SIM_ACTOR_H
#define TESTS_SIM_ACTOR_H
#include "platform/sim/sim.h"
#include "tools/tool.h"

enum { ACTOR_TEXT = 1 << 16, ACTOR_ARGS = 32 };

struct actor {
	struct tool tool;
	struct mem mem;
	struct sim_host *host;
	const struct command *command;
	void *run;
	char *words; /* the arguments, which options point into */
	bool over;
	int status;
	size_t out_n, err_n;
	char out[ACTOR_TEXT], err[ACTOR_TEXT]; /* NUL-terminated; the rest of a
						* long text is dropped */
};

/* words: the command and its arguments, blanks between them.  NULL: no such
 * command or no memory; a command that refuses its arguments is over. */
struct actor *actor_start(struct sim_host *host, const char *words);
/* The same, with the n-th allocation of the program's own failing (0: none;
 * what its host gives is sim_host_mem's). */
struct actor *actor_start_failing(struct sim_host *host, const char *words,
				  uint64_t n);
void actor_key(struct actor *a, char key);
void actor_interrupt(struct actor *a); /* Ctrl-C */
/* Ends it in any state.  False: it left memory behind. */
bool actor_free(struct actor *a);
/* Non-overlapping occurrences of text in what it wrote to standard output. */
unsigned actor_said(const struct actor *a, const char *text);
#endif
