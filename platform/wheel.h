/* SPDX-License-Identifier: BSD-2-Clause
 * platform/wheel.h - hierarchical timer wheel: set, cancel and expire in O(1).
 * Ownership: timers stand inside the caller's objects and must be cancelled
 * before they go.  Threads: one.  A timer never fires early; it fires within
 * WHEEL_TICK after its time, and timers due in one call of wheel_pop come out
 * in the order of their times (equal times: in the order they were set).
 */
#ifndef PLATFORM_WHEEL_H
#define PLATFORM_WHEEL_H
#include "platform/list.h"

enum { WHEEL_BITS = 6, WHEEL_SLOTS = 1 << WHEEL_BITS, WHEEL_LEVELS = 5 };

#define WHEEL_TICK MS(1)

struct wheel_timer { /* zeroed: not set */
	struct list link;
	mono at; /* read only; meaningful while set */
};

struct wheel { /* private */
	mono now;                                   /* of the last wheel_pop */
	uint64_t busy[WHEEL_LEVELS];                /* non-empty slots */
	struct list slot[WHEEL_LEVELS][WHEEL_SLOTS];
	struct list due;                            /* sorted, ready to pop */
	struct list far;                            /* beyond the last level */
	size_t count;
};

void wheel_init(struct wheel *w, mono now);
/* Sets or moves; at may be in the past; MONO_NEVER cancels. */
void wheel_set(struct wheel *w, struct wheel_timer *t, mono at);
void wheel_cancel(struct wheel *w, struct wheel_timer *t);

static inline bool wheel_is_set(const struct wheel_timer *t)
{
	return list_linked(&t->link);
}

/* The next timer that is due at now, unlinked; NULL: none. */
struct wheel_timer *wheel_pop(struct wheel *w, mono now);
/* When to call wheel_pop next: never later than the first timer's time, maybe
 * earlier (a cascade).  MONO_NEVER when nothing is set. */
mono wheel_deadline(const struct wheel *w);
#endif
