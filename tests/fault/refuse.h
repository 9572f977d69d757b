/* SPDX-License-Identifier: BSD-2-Clause
 * tests/fault/refuse.h - malloc and its like for a whole program, of which the
 * fail_at-th call that comes from outside of the program itself fails while
 * armed.  Included by one file of a program.
 */
#ifndef TESTS_FAULT_REFUSE_H
#define TESTS_FAULT_REFUSE_H
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

extern void *__libc_malloc(size_t n);
extern void *__libc_calloc(size_t n, size_t size);
extern void *__libc_realloc(void *p, size_t n);
extern void __libc_free(void *p);
extern const char __executable_start, etext; /* the linker's */

static bool armed;
static unsigned long calls, fail_at; /* of the armed ones; 0: none fails */
static long live;                    /* blocks out, whoever asked */

static bool refused(const void *caller)
{
	uintptr_t at = (uintptr_t)caller;

	if (!armed || (at >= (uintptr_t)&__executable_start &&
		       at < (uintptr_t)&etext))
		return false;
	return ++calls == fail_at;
}

static void *given(void *p)
{
	live += p != NULL;
	if (!p)
		errno = ENOMEM;
	return p;
}

#define SHOWN __attribute__((visibility("default"))) /* to the libraries */
#define REFUSED() refused(__builtin_return_address(0))

SHOWN void *malloc(size_t n)
{
	return given(REFUSED() ? NULL : __libc_malloc(n));
}

SHOWN void *calloc(size_t n, size_t size)
{
	return given(REFUSED() ? NULL : __libc_calloc(n, size));
}

SHOWN void *realloc(void *p, size_t n)
{
	void *q = REFUSED() ? NULL : __libc_realloc(p, n);

	if (p && n)
		return q; /* the block moved, or is still there */
	live -= p != NULL;
	return p ? q : given(q);
}

SHOWN void free(void *p)
{
	live -= p != NULL;
	__libc_free(p);
}
#endif
