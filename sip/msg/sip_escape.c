/* SPDX-License-Identifier: BSD-2-Clause */
#include "sip/msg/sip_escape.h"

struct slice sip_escape_run(struct scan *s, unsigned set, const char *stop)
{
	const char *start = s->p, *p = start;

	for (;;) {
		const char *from = p;

		p = scan_span(p, s->end, set);
		while (stop && from < p && !strchr(stop, *from))
			from++;
		if (stop && from < p) {
			p = from;
			break;
		}
		if (s->end - p < 3 || *p != '%' || !scan_is(p[1], SCAN_HEX) ||
		    !scan_is(p[2], SCAN_HEX))
			break;
		p += 3;
	}
	s->p = p;
	return slice_of(start, (size_t)(p - start));
}

/* The character at *i, decoded; 256 and more: an escaped one of the reserved
 * set.  A "%" without two digits stands for itself. */
static unsigned unit(struct slice s, size_t *i)
{
	unsigned char c = (unsigned char)s.p[(*i)++];
	int high, low;

	if (c != '%' || s.n - *i < 2)
		return c;
	high = hex_value(s.p[*i]);
	low = hex_value(s.p[*i + 1]);
	if (high < 0 || low < 0)
		return c;
	*i += 2;
	c = (unsigned char)(high << 4 | low);
	return scan_is((char)c, SCAN_URIC_MARK) ? 256u + c : c;
}

static unsigned fold(unsigned c)
{
	return c - 'A' < 26 ? c + 32 : c;
}

bool sip_escape_same(struct slice a, struct slice b, bool cased)
{
	size_t i = 0, j = 0;

	while (i < a.n && j < b.n) {
		unsigned x = unit(a, &i), y = unit(b, &j);

		if (x != y && (cased || fold(x) != fold(y)))
			return false;
	}
	return i == a.n && j == b.n;
}
