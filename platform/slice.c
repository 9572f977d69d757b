/* SPDX-License-Identifier: BSD-2-Clause */
#include "platform/slice.h"

bool slice_same_bytes(const char *a, const char *b, size_t n)
{
	return n == 0 || memcmp(a, b, n) == 0;
}

bool slice_isame_bytes(const char *a, const char *b, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (a[i] != b[i] && to_lower(a[i]) != to_lower(b[i]))
			return false;
	return true;
}

bool slice_eq(struct slice a, const char *s)
{
	return slice_same(a, slice_str(s));
}

bool slice_ieq(struct slice a, const char *s)
{
	return slice_isame(a, slice_str(s));
}

bool slice_starts(struct slice a, const char *s)
{
	size_t n = strlen(s);

	return a.n >= n && slice_same(slice_head(a, n), slice_of(s, n));
}

bool slice_istarts(struct slice a, const char *s)
{
	size_t n = strlen(s);

	return a.n >= n && slice_isame(slice_head(a, n), slice_of(s, n));
}

bool slice_inside(struct slice inner, struct slice outer)
{
	uintptr_t i = (uintptr_t)inner.p, o = (uintptr_t)outer.p;

	if (inner.n == 0)
		return true;
	return i >= o && i - o <= outer.n && inner.n <= outer.n - (i - o);
}

struct slice slice_skip(struct slice a, size_t n)
{
	if (n > a.n)
		n = a.n;
	return n ? slice_of(a.p + n, a.n - n) : a;
}

struct slice slice_head(struct slice a, size_t n)
{
	return slice_of(a.p, n < a.n ? n : a.n);
}

static bool slice_is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct slice slice_trim(struct slice a)
{
	while (a.n && slice_is_blank(a.p[0]))
		a = slice_skip(a, 1);
	while (a.n && slice_is_blank(a.p[a.n - 1]))
		a.n--;
	return a;
}

size_t slice_find(struct slice a, char c)
{
	const char *hit = a.n ? memchr(a.p, c, a.n) : NULL;

	return hit ? (size_t)(hit - a.p) : a.n;
}

bool slice_cut(struct slice a, char c, struct slice *head, struct slice *rest)
{
	size_t at = slice_find(a, c);

	*head = slice_head(a, at);
	*rest = slice_skip(a, at < a.n ? at + 1 : a.n);
	return at < a.n;
}

int slice_u64(struct slice a, uint64_t max, uint64_t *out)
{
	uint64_t v = 0;

	if (a.n == 0)
		return -EBADMSG;
	for (size_t i = 0; i < a.n; i++) {
		unsigned d = (unsigned)(a.p[i] - '0');

		if (d > 9)
			return -EBADMSG;
		/* 18 digits cannot overflow; max is looked at behind them */
		if (i >= 18 && v > (UINT64_MAX - d) / 10)
			return -ERANGE;
		v = v * 10 + d;
	}
	if (v > max)
		return -ERANGE;
	*out = v;
	return 0;
}

int slice_u32(struct slice a, uint32_t max, uint32_t *out)
{
	uint64_t v;
	int rc = slice_u64(a, max, &v);

	if (rc == 0)
		*out = (uint32_t)v;
	return rc;
}

int slice_to_str(struct slice a, char *dst, size_t cap)
{
	dst[0] = '\0';
	if (slice_find(a, '\0') < a.n)
		return -EBADMSG;
	if (a.n >= cap)
		return -ENOSPC;
	if (a.n)
		memcpy(dst, a.p, a.n);
	dst[a.n] = '\0';
	return 0;
}

int hex_value(char c)
{
	if (is_digit(c))
		return c - '0';
	c = to_lower(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}
