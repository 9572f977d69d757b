/* SPDX-License-Identifier: BSD-2-Clause */
#include "platform/mem.h"

#include <stdlib.h>
#include <time.h>

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

static int64_t monotonic(void)
{
	struct timespec ts = { 0 };

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

/* The whole heap of the process is looked through, the application's holes
 * included: that takes from microseconds to many milliseconds, and peers say
 * how often.  What is put off is done by a later call. */
static void shrink(struct mem *m)
{
	int64_t begin = monotonic(), end;

	if (begin < m->rest)
		return;
	m->high = m->small;
	give_back();
	end = monotonic();
	m->rest = end + 100 * (end - begin);
}

static void *resize(void *ctx, void *p, size_t n)
{
	struct mem *m = ctx;

	if (n)
		return realloc(p, n);
	free(p);
	if (is_worth_it(m))
		shrink(m);
	return NULL;
}

void mem_init(struct mem *m, size_t budget)
{
	*m = (struct mem){ .resize = resize, .ctx = m, .budget = budget };
}
