/* SPDX-License-Identifier: BSD-2-Clause
 * platform/bytes.h - looking at sixteen bytes at once, for the parsers' inner
 * loops.  Written with vectors, which a compiler makes of smaller pieces on a
 * processor that has none.
 */
#ifndef PLATFORM_BYTES_H
#define PLATFORM_BYTES_H
#include <string.h>

#include "platform/base.h"

typedef uint8_t bytes16 __attribute__((vector_size(16)));
typedef uint64_t bytes16_words __attribute__((vector_size(16)));

/* The index of the lowest byte that is not 0, of sixteen in two words of which
 * low was read first; 16: all are. */
static inline unsigned bytes16_first(uint64_t low, uint64_t high)
{
	const bool big = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__;
	uint64_t w = low ? low : high;

	if (!w)
		return 16;
	return (unsigned)(big ? __builtin_clzll(w) : __builtin_ctzll(w)) / 8 +
	       (low ? 0 : 8);
}

/* The first of sixteen bytes at p that is below limit; 16: none is. */
static inline unsigned bytes16_below(const char *p, uint8_t limit)
{
	bytes16_words marks;
	bytes16 v;

	memcpy(&v, p, sizeof(v));
	marks = (bytes16_words)(v < limit);
	return bytes16_first(marks[0], marks[1]);
}

/* The first that is c; 16: none is. */
static inline unsigned bytes16_equal(const char *p, char c)
{
	bytes16_words marks;
	bytes16 v;

	memcpy(&v, p, sizeof(v));
	marks = (bytes16_words)(v == (uint8_t)c);
	return bytes16_first(marks[0], marks[1]);
}
#endif
