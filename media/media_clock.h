/* SPDX-License-Identifier: BSD-2-Clause
 * media/media_clock.h - a media clock from the reactor's timer, EDGE.
 * Calls tick every 10 ms of the reactor's time, from its loop.  After a delay
 * it catches up, with at most MEDIA_CLOCK_BURST ticks at once: what was missed
 * beyond is skipped.  Ownership: the caller's struct, stopped before it goes;
 * that may happen from within tick.
 */
#ifndef MEDIA_MEDIA_CLOCK_H
#define MEDIA_MEDIA_CLOCK_H
#include "platform/reactor.h"

enum { MEDIA_CLOCK_BURST = 10 };

struct media_clock { /* private but for the counters; zeroed is stopped */
	struct reactor *r;
	struct reactor_timer timer;
	void (*tick)(void *arg);
	void *arg;
	mono next;
	uint64_t ticks, skipped;
	mono late; /* of the last turn: how long its first tick was due */
	bool *gone; /* told when the clock is stopped from within its tick */
};

void media_clock_start(struct media_clock *c, struct reactor *r,
		       void (*tick)(void *arg), void *arg);
void media_clock_stop(struct media_clock *c);
#endif
