/* SPDX-License-Identifier: BSD-2-Clause */
#include "platform/mem.h"

#include <stdlib.h>

enum { WORTH_GIVING_BACK = 128 << 10 };

#ifdef __GLIBC__
#include <malloc.h>

/* It keeps what lies below any block that is still out, unless asked. */
static void give_back(void)
{
	(void)malloc_trim(0);
}
#else
static void give_back(void)
{
}
#endif

static void *resize(void *ctx, void *p, size_t n)
{
	struct mem *m = ctx;

	if (n)
		return realloc(p, n);
	free(p);
	if (m->high > WORTH_GIVING_BACK && m->small < m->high / 2) {
		m->high = m->small;
		give_back();
	}
	return NULL;
}

void mem_init(struct mem *m, size_t budget)
{
	*m = (struct mem){ .resize = resize, .ctx = m, .budget = budget };
}
