/* SPDX-License-Identifier: BSD-2-Clause */
#include "platform/tls/pem.h"

/* Where lit stands in s, or s.n. */
static size_t pem_find(struct slice s, struct slice lit)
{
	size_t at = 0;

	while (at < s.n) {
		at += slice_find(slice_skip(s, at), lit.p[0]);
		if (slice_same(slice_head(slice_skip(s, at), lit.n), lit))
			return at;
		at++;
	}
	return s.n;
}

bool pem_next(struct slice *in, struct pem *out)
{
	const struct slice begin = S("-----BEGIN "), end = S("-----END ");
	const struct slice dashes = S("-----");

	for (;;) {
		size_t at = pem_find(*in, begin), n;
		struct slice s = slice_skip(*in, at), rest;
		struct pem p;

		if (s.n == 0)
			return false;
		rest = slice_skip(s, begin.n);
		n = pem_find(rest, dashes);
		p.label = slice_head(rest, n);
		rest = slice_skip(rest, n + dashes.n);
		n = pem_find(rest, end);
		p.base64 = slice_head(rest, n);
		rest = slice_skip(rest, n + end.n);
		*in = rest;
		if (!slice_same(slice_head(rest, p.label.n), p.label) ||
		    pem_find(p.base64, begin) < p.base64.n)
			continue;
		rest = slice_skip(rest, p.label.n);
		if (!slice_starts(rest, "-----"))
			continue;
		*in = slice_skip(rest, dashes.n);
		p.whole = slice_of(s.p, (size_t)(in->p - s.p));
		*out = p;
		return true;
	}
}

static int pem_value(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (is_digit(c))
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

size_t pem_room(const struct pem *p)
{
	return p->base64.n / 4 * 3 + 3;
}

int pem_decode(const struct pem *p, uint8_t *out, size_t cap)
{
	unsigned bits = 0, digits = 0, pads = 0;
	size_t n = 0;

	for (size_t i = 0; i < p->base64.n; i++) {
		char c = p->base64.p[i];
		int v = pem_value(c);

		if (is_blank(c))
			continue;
		if (c == '=') {
			pads++;
			continue;
		}
		if (v < 0 || pads)
			return -EBADMSG;
		bits = (bits << 6 | (unsigned)v) & 0xffffff;
		digits++;
		if (digits % 4 == 1)
			continue; /* no octet is whole yet */
		if (n == cap)
			return -ENOSPC;
		out[n++] = (uint8_t)(bits >> (4 - 2 * ((digits + 2) % 4)));
	}
	if (digits % 4 == 1 || (digits + pads) % 4 != 0 || n > INT32_MAX)
		return -EBADMSG;
	return (int)n;
}
