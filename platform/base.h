/* SPDX-License-Identifier: BSD-2-Clause
 * platform/base.h - what every file may take for granted.
 *
 * Functions return 0 or a count on success and a negative errno value on
 * failure.  Parsers: -EAGAIN more bytes needed, -EBADMSG never valid, -E2BIG a
 * limit of platform/limits.h.  Writers: -ENOSPC.
 */
#ifndef PLATFORM_BASE_H
#define PLATFORM_BASE_H
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MUST_USE __attribute__((warn_unused_result))
#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* The struct of type T whose member m is at p. */
#define CONTAINER(p, T, m) ((T *)(void *)((char *)(p)-offsetof(T, m)))

/* True in every run of a correct program; traps in builds for sanitizers,
 * valgrind, mutants and fuzzing only (PARLEY_TRAP).  A release is memory-safe
 * without it, and wire input never decides it. */
#ifdef PARLEY_TRAP
#define INVARIANT(x) ((x) ? (void)0 : __builtin_trap())
#else
#define INVARIANT(x) ((void)sizeof(!(x)))
#endif

/* Monotonic time in nanoseconds from an arbitrary start, never negative. */
typedef int64_t mono;

#define MONO_NEVER INT64_MAX
#define US(n)      ((mono)(n)*1000)
#define MS(n)      ((mono)(n)*1000000)
#define SEC(n)     ((mono)(n)*1000000000)

/* Saturates: MONO_NEVER plus anything is MONO_NEVER.  d >= 0. */
static inline mono mono_add(mono t, mono d)
{
	return t > MONO_NEVER - d ? MONO_NEVER : t + d;
}

static inline mono mono_min(mono a, mono b)
{
	return a < b ? a : b;
}

/* What an aggregate is told as "now": wall_ns counts from 1970-01-01 UTC. */
struct instant {
	mono m;
	int64_t wall_ns;
};

/* Filled by a parser that fails: where in its input, and what was wanted. */
struct parse_error {
	size_t offset;
	const char *reason; /* static; NULL: nothing was reported */
};
#endif
