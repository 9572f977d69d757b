/* SPDX-License-Identifier: BSD-2-Clause */
#include "sip/core/sip_slots.h"

enum { SLOTS_FIRST = 8, SLOTS_RESERVE = 32, SLOTS_KEEP = 64 };

struct sip_slot {
	void *obj;    /* NULL: free */
	uint32_t gen;
	uint32_t next; /* of the free ones, index + 1 */
};

void sip_slots_init(struct sip_slots *s, struct mem *m, unsigned shift)
{
	*s = (struct sip_slots){ .mem = m, .shift = shift, .start = 1 };
}

void sip_slots_fini(struct sip_slots *s)
{
	if (s->mem)
		mem_free(s->mem, s->slot);
	*s = (struct sip_slots){ .mem = NULL };
}

static uint64_t handle_of(const struct sip_slots *s, uint32_t at)
{
	return (uint64_t)s->slot[at].gen << s->shift | (at + 1);
}

static uint32_t max_index(const struct sip_slots *s)
{
	return s->shift == 16 ? UINT16_MAX - 1 : UINT32_MAX - 1;
}

static void next_gen(struct sip_slots *s, struct sip_slot *slot)
{
	slot->gen = (slot->gen + 1) & (uint32_t)(((uint64_t)1 << s->shift) - 1);
	if (!slot->gen)
		slot->gen = 1;
	if (slot->gen > s->last_gen)
		s->last_gen = slot->gen;
}

/* After a busy time: the array goes, the generations go on. */
static void clear(struct sip_slots *s)
{
	mem_free(s->mem, s->slot);
	s->slot = NULL;
	s->cap = s->n = s->first = s->last = s->idle = 0;
	s->start = s->last_gen;
}

static bool grow(struct sip_slots *s)
{
	uint32_t cap = s->cap ? 2 * s->cap : SLOTS_FIRST;
	struct sip_slot *p;

	if (cap < s->cap)
		return false;
	p = mem_resize(s->mem, s->slot, (size_t)cap * sizeof(*p));
	if (!p)
		return false;
	s->slot = p;
	s->cap = cap;
	return true;
}

static uint32_t take_free(struct sip_slots *s)
{
	uint32_t at = s->first - 1;

	s->first = s->slot[at].next;
	if (!s->first)
		s->last = 0;
	s->idle--;
	return at;
}

uint64_t sip_slots_add(struct sip_slots *s, void *obj)
{
	uint32_t at;

	if (s->idle <= SLOTS_RESERVE && s->n <= max_index(s) &&
	    (s->n < s->cap || grow(s))) {
		at = s->n++;
		s->slot[at].gen = s->start;
	} else if (s->first) {
		at = take_free(s);
	} else {
		return 0;
	}
	s->slot[at].obj = obj;
	s->used++;
	return handle_of(s, at);
}

void *sip_slots_get(const struct sip_slots *s, uint64_t handle)
{
	uint64_t mask = ((uint64_t)1 << s->shift) - 1;
	uint64_t at = (handle & mask) - 1; /* 0 wraps to beyond the end */

	if (at >= s->n || s->slot[at].gen != handle >> s->shift)
		return NULL;
	return s->slot[at].obj;
}

void sip_slots_remove(struct sip_slots *s, uint64_t handle)
{
	uint64_t mask = ((uint64_t)1 << s->shift) - 1;
	uint32_t at = (uint32_t)(handle & mask) - 1;

	if (!sip_slots_get(s, handle))
		return;
	next_gen(s, &s->slot[at]);
	s->slot[at].obj = NULL;
	s->slot[at].next = 0;
	/* Generations of 16 bits are not to be wasted. */
	if (--s->used == 0 && s->cap > SLOTS_KEEP && s->shift > 16) {
		clear(s);
		return;
	}
	if (s->last)
		s->slot[s->last - 1].next = at + 1;
	else
		s->first = at + 1;
	s->last = at + 1;
	s->idle++;
}

void *sip_slots_walk(const struct sip_slots *s, uint32_t *at)
{
	while (*at < s->n) {
		void *obj = s->slot[(*at)++].obj;

		if (obj)
			return obj;
	}
	return NULL;
}
