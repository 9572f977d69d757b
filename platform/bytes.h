/* SPDX-License-Identifier: BSD-2-Clause
 * platform/bytes.h - looking at sixteen bytes at once, for the parsers' inner
 * loops.  Of each mask bit i is about p[i], but only the lowest set bit is
 * exact: those above it may be set in error.  0: none.
 */
#ifndef PLATFORM_BYTES_H
#define PLATFORM_BYTES_H
#include <string.h>

#include "platform/base.h"

#define BYTES_EACH(byte) (0x0101010101010101u * (byte))

static inline uint64_t bytes_load8(const char *p) /* p[0] lowest */
{
	uint64_t w;

	memcpy(&w, p, sizeof(w));
	if (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__)
		w = __builtin_bswap64(w);
	return w;
}

/* Bytes below limit (at most 128), eight at a time in a word: a borrow spoils
 * only what lies above the lowest.  The product gathers the top bits. */
static inline unsigned bytes_word_below(uint64_t w, unsigned limit)
{
	uint64_t top = (w - BYTES_EACH(limit)) & ~w & BYTES_EACH(0x80);

	return (unsigned)((top >> 7) * 0x0102040810204080u >> 56);
}

static inline unsigned bytes16_below_plain(const char *p, unsigned limit)
{
	return bytes_word_below(bytes_load8(p), limit) |
	       bytes_word_below(bytes_load8(p + 8), limit) << 8;
}

static inline unsigned bytes16_equal_plain(const char *p, char c)
{
	uint64_t all = BYTES_EACH((unsigned char)c);

	return bytes_word_below(bytes_load8(p) ^ all, 1) |
	       bytes_word_below(bytes_load8(p + 8) ^ all, 1) << 8;
}

#ifdef __SSE2__
#include <emmintrin.h>

static inline __m128i bytes_load16(const char *p)
{
	return _mm_loadu_si128((const __m128i *)(const void *)p);
}

static inline unsigned bytes16_below(const char *p, unsigned limit)
{
	__m128i v = bytes_load16(p), top = _mm_set1_epi8((char)(limit - 1));

	return (unsigned)_mm_movemask_epi8(
		_mm_cmpeq_epi8(_mm_min_epu8(v, top), v));
}

static inline unsigned bytes16_equal(const char *p, char c)
{
	return (unsigned)_mm_movemask_epi8(
		_mm_cmpeq_epi8(bytes_load16(p), _mm_set1_epi8(c)));
}
#else
#define bytes16_below bytes16_below_plain
#define bytes16_equal bytes16_equal_plain
#endif
#endif
