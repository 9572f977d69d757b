/* SPDX-License-Identifier: BSD-2-Clause
 * platform/slice.h - a borrowed run of bytes; no NUL, no locale.
 * A slice dies with its buffer, and who hands one out names that buffer.
 */
#ifndef PLATFORM_SLICE_H
#define PLATFORM_SLICE_H
#include <string.h>

#include "platform/base.h"

struct slice {
	const char *p; /* NULL only when n is 0 */
	size_t n;
};

/* Of a string literal, in expressions and in static initialisers. */
#define S(lit)      ((struct slice){ "" lit, sizeof(lit) - 1 })
#define SLICE(lit)  { "" lit, sizeof(lit) - 1 }

static inline struct slice slice_of(const void *p, size_t n)
{
	return (struct slice){ (const char *)p, n };
}

static inline struct slice slice_str(const char *s) /* NULL gives empty */
{
	return (struct slice){ s, s ? strlen(s) : 0 };
}

/* Equality; the i-forms fold ASCII case, the others compare bytes. */
bool slice_same_bytes(const char *a, const char *b, size_t n);
bool slice_isame_bytes(const char *a, const char *b, size_t n);

static inline bool slice_same(struct slice a, struct slice b)
{
	return a.n == b.n && slice_same_bytes(a.p, b.p, a.n);
}

static inline bool slice_isame(struct slice a, struct slice b)
{
	return a.n == b.n && slice_isame_bytes(a.p, b.p, a.n);
}

bool slice_eq(struct slice a, const char *s);
bool slice_ieq(struct slice a, const char *s);
bool slice_starts(struct slice a, const char *s);
bool slice_istarts(struct slice a, const char *s);

/* Is inner empty or wholly within outer?  For tests and fuzz targets. */
bool slice_inside(struct slice inner, struct slice outer);

/* The rest after n bytes (all of it when shorter), and the first n. */
struct slice slice_skip(struct slice a, size_t n);
struct slice slice_head(struct slice a, size_t n);
struct slice slice_trim(struct slice a); /* SP, HTAB, CR, LF at both ends */

/* Offset of the first c, or a.n. */
size_t slice_find(struct slice a, char c);
/* Splits at the first c: *head before, *rest after it.  False: no c, *head is
 * all and *rest empty. */
bool slice_cut(struct slice a, char c, struct slice *head, struct slice *rest);

/* 1*DIGIT and nothing else, within max; -EBADMSG or -ERANGE. */
MUST_USE int slice_u64(struct slice a, uint64_t max, uint64_t *out);
MUST_USE int slice_u32(struct slice a, uint32_t max, uint32_t *out);

/* Copies into a C string of at most cap - 1 bytes; -ENOSPC when it does not
 * fit, -EBADMSG when a holds a NUL.  dst is always terminated (cap > 0). */
MUST_USE int slice_to_str(struct slice a, char *dst, size_t cap);

/* ASCII classes; never a locale. */
static inline bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static inline bool is_alpha(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static inline char to_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

int hex_value(char c); /* 0..15, or -1 */
#endif
