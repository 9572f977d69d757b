/* SPDX-License-Identifier: BSD-2-Clause
 * platform/mem.h - allocation with a budget, counters and injected failure.
 * Ownership: the caller's struct, which must outlive what is allocated from
 * it.  Threads: one at a time.  A block carries its size in front of it, so
 * that the budget is exact; blocks are aligned for any object.
 */
#ifndef PLATFORM_MEM_H
#define PLATFORM_MEM_H
#include "platform/base.h"

/* From here on a block mostly has a mapping of its own, which goes back to the
 * system when it is freed. */
enum { MEM_LARGE = 128 << 10 };

struct mem {
	/* resize(NULL, n) allocates, resize(p, 0) frees and returns NULL */
	void *(*resize)(void *ctx, void *p, size_t n);
	void *ctx;
	size_t budget;    /* bytes that may be out at once; 0: no bound */
	size_t used;      /* bytes out now, headers included */
	size_t peak;
	size_t small;     /* of used: in blocks below MEM_LARGE */
	size_t high;      /* most of these since the last mem_give_back */
	uint64_t blocks;  /* out now: 0 when all is freed */
	uint64_t calls;   /* allocations asked for since init */
	uint64_t fail_at; /* the n-th of these calls fails, from 1; 0: none */
	bool fail_on;     /* and all that follow it fail too */
};

/* From the C library: platform/mem_libc.c, an EDGE file. */
void mem_init(struct mem *m, size_t budget);

/* After a busy hour: is enough free to be given back to the system?  The C
 * library looks through the whole heap of the process for it, the
 * application's holes included, which takes from microseconds to many
 * milliseconds: ask as often as that may cost. */
bool mem_has_idle(const struct mem *m);
/* Another allocator than the C library's is left alone. */
void mem_give_back(struct mem *m);

/* Bytes that the budget still has; SIZE_MAX without one. */
static inline size_t mem_left(const struct mem *m)
{
	return !m->budget ? SIZE_MAX :
	       m->used < m->budget ? m->budget - m->used : 0;
}

/* Zeroed, or NULL: budget, failure injected, nothing left, or n 0. */
MUST_USE void *mem_new(struct mem *m, size_t n);
MUST_USE void *mem_array(struct mem *m, size_t count, size_t size);
/* Keeps what fits; the new part is not zeroed.  NULL: p stays as it was. */
MUST_USE void *mem_resize(struct mem *m, void *p, size_t n);
MUST_USE void *mem_copy(struct mem *m, const void *p, size_t n);
void mem_free(struct mem *m, void *p); /* NULL is ignored */

/* Counts n bytes that a library takes for us from elsewhere: against the
 * budget, as a block.  -ENOMEM as mem_new fails. */
MUST_USE int mem_charge(struct mem *m, size_t n);
void mem_uncharge(struct mem *m, size_t n);
#endif
