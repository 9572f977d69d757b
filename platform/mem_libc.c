/* SPDX-License-Identifier: BSD-2-Clause */
#include "platform/mem.h"

#include <stdlib.h>

/* When an eighth of what was in use lies free, and so much at least: a busy
 * time leaves a few pages behind, and asking costs some microseconds. */
enum { WORTH_GIVING_BACK = 8 << 10 };

static bool is_worth_it(const struct mem *m)
{
	return m->high - m->small > WORTH_GIVING_BACK &&
	       m->high - m->small > m->high / 8;
}

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
	if (is_worth_it(m)) {
		m->high = m->small;
		give_back();
	}
	return NULL;
}

void mem_init(struct mem *m, size_t budget)
{
	*m = (struct mem){ .resize = resize, .ctx = m, .budget = budget };
}
