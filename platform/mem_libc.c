/* SPDX-License-Identifier: BSD-2-Clause */
#include "platform/mem.h"

#include <stdlib.h>

/* glibc keeps some freed blocks of each size up to AT_HAND, and each holds the
 * page it lies on.  calloc leaves them where they are: then they are the first
 * that were ever freed, which lie together, and not the last of a busy hour,
 * which lie everywhere.  And with few sizes there are few of them: multiples of
 * STEP with what malloc adds of its own, so that no odd rests come about. */
#ifdef PARLEY_TRAP /* overruns shall show, and what was never written */
enum { AT_HAND = 0 };
#else
enum { AT_HAND = 1024 };
#endif
enum { STEP = 64, OWN = 8 };

static void *resize(void *ctx, void *p, size_t n)
{
	(void)ctx;
	if (n == 0) {
		free(p);
		return NULL;
	}
	if (n > AT_HAND)
		return realloc(p, n);
	n = (n + OWN + STEP - 1) / STEP * STEP - OWN;
	return p ? realloc(p, n) : calloc(1, n);
}

#ifdef __GLIBC__
#include <malloc.h>

/* It keeps what lies below any block that is still out, unless asked. */
void mem_give_back(struct mem *m)
{
	m->high = m->small;
	if (m->resize == resize)
		(void)malloc_trim(0);
}
#else
void mem_give_back(struct mem *m)
{
	m->high = m->small;
}
#endif

void mem_init(struct mem *m, size_t budget)
{
	*m = (struct mem){ .resize = resize, .ctx = m, .budget = budget };
}
