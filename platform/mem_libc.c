/* SPDX-License-Identifier: BSD-2-Clause */
#include "platform/mem.h"

#include <stdlib.h>

static void *resize(void *ctx, void *p, size_t n)
{
	(void)ctx;
	if (n)
		return realloc(p, n);
	free(p);
	return NULL;
}

void mem_init(struct mem *m, size_t budget)
{
	*m = (struct mem){ .resize = resize, .budget = budget };
}
