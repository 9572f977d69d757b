/* SPDX-License-Identifier: BSD-2-Clause
 * sip/sip_slots.h - handles: an index with a generation, never 0.
 * Ownership: the table owns its array alone.  A slot is used again only when
 * SLOTS_RESERVE others lie free, so that generations last.
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
