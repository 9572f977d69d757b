/* SPDX-License-Identifier: BSD-2-Clause
 * tests/sim/scene.h - two or three hosts with links, for the scenarios.
 */
#ifndef TESTS_SIM_SCENE_H
#define TESTS_SIM_SCENE_H
#include "tests/sim/actor.h"
#include "tests/sim/wire.h"

struct scene_mark { /* what a scenario looks out for on the wire */
	const char *head, *holds;  /* begins so, and has this in it */
	mono sent, arrived;        /* the first; 0: none yet */
};

struct scene_break { /* see scene_break */
	const char *head;
	struct sim_packet first;   /* the part that comes through */
	uint32_t acked;            /* by its sender, of the other direction */
	bool left, half;           /* it left; it arrived */
	unsigned lost, resets;     /* parts that did not; resets that came */
};

struct scene {
	struct mem mem, host_mem[4];
	struct sim *sim;
	struct sim_host *host[4];  /* 10.0.0.1, 10.0.0.2 ... */
	struct actor *actor[8];
	size_t actors;
	mono start;                /* of the world: all times count from it */
	struct sim_link link;      /* of all hosts */
	const char *drop;          /* messages that begin so are lost */
	unsigned drops;            /* so many of them */
	struct scene_mark mark[4]; /* see scene_look */
	struct scene_break brk;
	unsigned ways;             /* bits: what a scenario says it came to */
	uint64_t fail_own;         /* see actor_start_failing */
	uint64_t sip_lost, cut;    /* datagrams: SIP on links; any, by cuts */
	uint64_t sent, arrived;    /* all datagrams */
	bool losing;               /* the link loses what crosses it now */
	/* Hashes: of each packet's time in ms, fate, and length or SIP method
	 * or status; and of SIP's fates, methods and statuses alone.  What is
	 * random in itself is in neither: identifiers (a SIP message's length
	 * with them), and RTCP's times. */
	uint64_t history, dialogue;
	struct wire wire;          /* what crossed the network as SIP */
	char why[320];             /* of the failure */
};

/* n hosts with 20 ms of delay one way. */
bool scene_begin(struct scene *w, uint64_t seed, size_t n);
/* Frees everything; false (with why) when something was left behind, or what
 * crossed the network did not keep wire.h's rules. */
bool scene_end(struct scene *w);
/* The same, for a run that was ok so far; why it failed is printed. */
bool scene_judged(struct scene *w, uint64_t seed, bool ok);
unsigned long scene_seeds(void); /* how many SEEDS says, or 200 */
void scene_link(struct scene *w, const struct sim_link *l); /* of all hosts */
void scene_loss(struct scene *w, double loss); /* the same link but for it */
/* The next n messages that begin with text are lost. */
void scene_drop(struct scene *w, const char *text, unsigned n);
/* Notes in mark[i] when the first packet that begins with head, and has holds
 * in it, leaves and arrives. */
void scene_look(struct scene *w, size_t i, const char *head, const char *holds);
/* The next message over TCP that begins with head breaks off: its first segment
 * arrives, the rest is lost, then the last host, in between as it were, resets
 * the connection at both ends.  Runs until that has happened; false (with why):
 * not before ms, or the message was sent in one segment. */
bool scene_break(struct scene *w, const char *head, int64_t ms);
/* words as in actor_start; "%d" arguments are filled in before. */
struct actor *scene_run(struct scene *w, size_t host, const char *words);
void scene_until(struct scene *w, int64_t ms); /* virtual, since the start */
int64_t scene_ms(const struct scene *w);
/* Runs on until all actors are over or ms; false (with why): not over. */
bool scene_over(struct scene *w, int64_t ms);
/* Is the text there so often?  false with why. */
bool scene_said(struct scene *w, const struct actor *a, const char *text,
		unsigned times);
bool scene_fail(struct scene *w, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
#endif
