/* SPDX-License-Identifier: BSD-2-Clause
 * sip/core/sip_slots.h - handles: an index with a generation, never 0.
 * Ownership: the table owns its array alone; one of 64-bit handles gives it
 * back when nothing is in it.  Each use of a slot has a generation of its own,
 * and a slot is used again only when SLOTS_RESERVE others lie free: a stale
 * handle is not met again for long.
 */
#ifndef SIP_SLOTS_H
#define SIP_SLOTS_H
#include "platform/mem.h"

struct sip_slot;

struct sip_slots { /* private */
	struct mem *mem;
	struct sip_slot *slot;
	uint32_t cap, n;       /* of the array; ever used */
	uint32_t first, last;  /* of the free ones, index + 1 */
	uint32_t idle, used;
	uint32_t start;        /* generation of a slot's first use */
	uint32_t last_gen;     /* the highest there is */
	unsigned shift;        /* bits of the index; at most 2 * shift in all */
};

/* shift 16: handles of 32 bits, at most 65535 of them; 32: of 64 bits. */
void sip_slots_init(struct sip_slots *s, struct mem *m, unsigned shift);
void sip_slots_fini(struct sip_slots *s);
/* 0: no memory, or full. */
MUST_USE uint64_t sip_slots_add(struct sip_slots *s, void *obj);
void *sip_slots_get(const struct sip_slots *s, uint64_t handle);
void sip_slots_remove(struct sip_slots *s, uint64_t handle);
/* Any object from index *at on, which moves behind it; NULL: no more. */
void *sip_slots_walk(const struct sip_slots *s, uint32_t *at);
#endif
