/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Invariant: with cur the tick of w->now, a timer of tick t stands in due when
 * t <= cur, else on the level of the highest group of WHEEL_BITS bits in which
 * t and cur differ, else in far.  So all busy slots are ahead of cur, those of
 * a lower level come before those of a higher one, and equal times always
 * share a slot, which keeps them in the order they were set.
 */
#include "platform/wheel.h"

static uint64_t tick_of(mono at)
{
	return (uint64_t)at / (uint64_t)WHEEL_TICK;
}

static unsigned level_of(uint64_t a, uint64_t b)
{
	uint64_t x = a ^ b;

	return x ? (63 - (unsigned)__builtin_clzll(x)) / WHEEL_BITS : 0;
}

static unsigned index_of(uint64_t tick, unsigned level)
{
	return (unsigned)(tick >> level * WHEEL_BITS) & (WHEEL_SLOTS - 1);
}

static struct wheel_timer *timer_of(struct list *node)
{
	return CONTAINER(node, struct wheel_timer, link);
}

/* Into a slot, the current tick's included: wheel_pop empties that next. */
static void wheel_put(struct wheel *w, struct wheel_timer *t)
{
	uint64_t tick = tick_of(t->at);
	unsigned level = level_of(tick, tick_of(w->now)), i;

	if (level >= WHEEL_LEVELS) {
		list_append(&w->far, &t->link);
		return;
	}
	i = index_of(tick, level);
	list_append(&w->slot[level][i], &t->link);
	w->busy[level] |= (uint64_t)1 << i;
}

static void put_due(struct wheel *w, struct wheel_timer *t)
{
	struct list *after = w->due.prev;

	while (after != &w->due && timer_of(after)->at > t->at)
		after = after->prev;
	list_append(after->next, &t->link); /* before the next one */
}

void wheel_init(struct wheel *w, mono now)
{
	*w = (struct wheel){ .now = now };
	for (unsigned l = 0; l < WHEEL_LEVELS; l++)
		for (unsigned i = 0; i < WHEEL_SLOTS; i++)
			list_init(&w->slot[l][i]);
	list_init(&w->due);
	list_init(&w->far);
}

void wheel_set(struct wheel *w, struct wheel_timer *t, mono at)
{
	wheel_cancel(w, t);
	if (at == MONO_NEVER)
		return;
	t->at = at < 0 ? 0 : at;
	if (tick_of(t->at) <= tick_of(w->now))
		put_due(w, t);
	else
		wheel_put(w, t);
	w->count++;
}

void wheel_cancel(struct wheel *w, struct wheel_timer *t)
{
	uint64_t tick = tick_of(t->at), cur = tick_of(w->now);
	unsigned level, i;

	if (!wheel_is_set(t))
		return;
	list_remove(&t->link);
	w->count--;
	level = level_of(tick, cur);
	if (tick <= cur || level >= WHEEL_LEVELS)
		return;
	i = index_of(tick, level);
	if (list_empty(&w->slot[level][i]))
		w->busy[level] &= ~((uint64_t)1 << i);
}

/* Two sorted chains, linked by next alone, into one; ties from a first. */
static struct list *merge(struct list *a, struct list *b)
{
	struct list head, *last = &head;

	while (a && b) {
		struct list **least = timer_of(b)->at < timer_of(a)->at ?
					      &b : &a;

		last = last->next = *least;
		*least = last->next;
	}
	last->next = a ? a : b;
	return head.next;
}

/* Merge sort: run[i] is empty or a sorted chain of 2^i timers. */
static void sort_into(struct list *to, struct list *from)
{
	struct list *run[32] = { NULL }, *chain, *next;
	size_t i;

	while ((chain = list_take(from))) {
		chain->next = NULL;
		for (i = 0; i < COUNT(run) - 1 && run[i]; i++) {
			chain = merge(run[i], chain);
			run[i] = NULL;
		}
		run[i] = run[i] ? merge(run[i], chain) : chain;
	}
	chain = NULL;
	for (i = 0; i < COUNT(run); i++)
		chain = run[i] ? merge(run[i], chain) : chain;
	for (; chain; chain = next) {
		next = chain->next;
		list_append(to, chain);
	}
}

/* The level of the first busy slot and the tick where it begins; level
 * WHEEL_LEVELS for far, which is looked through where the last level ends. */
static bool next_slot(const struct wheel *w, unsigned *level, uint64_t *tick)
{
	uint64_t cur = tick_of(w->now);
	unsigned l = 0, shift;

	while (l < WHEEL_LEVELS && !w->busy[l])
		l++;
	*level = l;
	shift = l * WHEEL_BITS;
	if (l == WHEEL_LEVELS) {
		*tick = ((cur >> shift) + 1) << shift;
		return !list_empty(&w->far);
	}
	*tick = cur >> shift >> WHEEL_BITS << WHEEL_BITS << shift |
		(uint64_t)__builtin_ctzll(w->busy[l]) << shift;
	return true;
}

/* cur has come to this slot: its timers are due or go to lower levels. */
static void cascade(struct wheel *w, unsigned level)
{
	unsigned i = index_of(tick_of(w->now), level);
	struct list *from = level < WHEEL_LEVELS ? &w->slot[level][i] : &w->far;
	struct list all, *node;

	if (level < WHEEL_LEVELS)
		w->busy[level] &= ~((uint64_t)1 << i);
	if (level == 0) {
		INVARIANT(list_empty(&w->due));
		sort_into(&w->due, from);
		return;
	}
	list_init(&all);
	while ((node = list_take(from)))
		list_append(&all, node);
	while ((node = list_take(&all)))
		wheel_put(w, timer_of(node));
}

struct wheel_timer *wheel_pop(struct wheel *w, mono now)
{
	uint64_t tick;
	unsigned level;

	for (;;) {
		if (!list_empty(&w->due)) {
			struct wheel_timer *t = timer_of(w->due.next);

			if (t->at > now)
				break;
			list_remove(&t->link);
			w->count--;
			return t;
		}
		if (!next_slot(w, &level, &tick) || tick > tick_of(now))
			break;
		w->now = (mono)tick * WHEEL_TICK;
		cascade(w, level);
	}
	if (now > w->now)
		w->now = now;
	return NULL;
}

mono wheel_deadline(const struct wheel *w)
{
	uint64_t tick;
	unsigned level;

	if (!list_empty(&w->due))
		return timer_of(w->due.next)->at;
	if (!next_slot(w, &level, &tick))
		return MONO_NEVER;
	return (mono)tick * WHEEL_TICK;
}
