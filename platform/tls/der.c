/* SPDX-License-Identifier: BSD-2-Clause */
#include "platform/tls/der.h"

/* X.690 8.1.3, 10.1: how many octets the length field has, 0: no DER. */
static size_t length(struct slice s, size_t *out)
{
	const uint8_t *p = (const uint8_t *)s.p;
	size_t octets, n = 0;

	if (s.n == 0)
		return 0;
	*out = p[0];
	if (p[0] < 0x80)
		return 1;
	octets = p[0] & 0x7f;
	if (octets == 0 || octets > 3 || octets >= s.n)
		return 0;
	for (size_t i = 1; i <= octets; i++)
		n = n << 8 | p[i];
	if (n < 0x80 || (octets > 1 && n >> 8 * (octets - 1) == 0))
		return 0;
	*out = n;
	return 1 + octets;
}

bool der_next(struct slice *in, unsigned *tag, struct slice *content,
	      struct slice *whole)
{
	struct slice s = *in;
	size_t n, field;

	if (s.n < 2 || (s.p[0] & 0x1f) == 0x1f)
		return false;
	field = length(slice_skip(s, 1), &n);
	if (!field || n > s.n - 1 - field)
		return false;
	*tag = (uint8_t)s.p[0];
	*content = slice_of(s.p + 1 + field, n);
	if (whole)
		*whole = slice_of(s.p, 1 + field + n);
	*in = slice_of(s.p + 1 + field + n, s.n - 1 - field - n);
	return true;
}

bool der_take(struct slice *in, unsigned tag, struct slice *content)
{
	struct slice rest = *in, got;
	unsigned found;

	if (!der_next(&rest, &found, &got, NULL) || found != tag)
		return false;
	*content = got;
	*in = rest;
	return true;
}

bool der_maybe(struct slice *in, unsigned tag, struct slice *content)
{
	*content = (struct slice){ NULL, 0 };
	return in->n == 0 || (uint8_t)in->p[0] != tag ||
	       der_take(in, tag, content);
}

static bool two(struct slice *s, unsigned least, unsigned most, unsigned *out)
{
	uint32_t v;

	if (s->n < 2 || slice_u32(slice_head(*s, 2), most, &v) || v < least)
		return false;
	*out = v;
	*s = slice_skip(*s, 2);
	return true;
}

static unsigned month_days(unsigned y, unsigned m)
{
	static const uint8_t days[] = { 31, 28, 31, 30, 31, 30,
					31, 31, 30, 31, 30, 31 };
	bool leap = (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;

	return days[m - 1] + (m == 2 && leap ? 1u : 0u);
}

/* Days from 1970-01-01 to the first of the month. */
static int64_t days_to(unsigned y, unsigned m)
{
	int64_t before = y - 1;
	int64_t days = before * 365 + before / 4 - before / 100 + before / 400;

	for (unsigned i = 1; i < m; i++)
		days += month_days(y, i);
	return days - 719162; /* of the years 1 to 1969 */
}

bool der_time(unsigned tag, struct slice s, int64_t *out)
{
	unsigned century, year, month, day, h, min, sec;

	if (tag == DER_UTC) { /* 4.1.2.5.1: 1950 to 2049 */
		if (!two(&s, 0, 99, &year))
			return false;
		year += year < 50 ? 2000 : 1900;
	} else {
		if (tag != DER_TIME || !two(&s, 0, 99, &century) ||
		    !two(&s, 0, 99, &year))
			return false;
		year += 100 * century;
	}
	if (year == 0 || !two(&s, 1, 12, &month) || !two(&s, 1, 31, &day) ||
	    day > month_days(year, month) || !two(&s, 0, 23, &h) ||
	    !two(&s, 0, 59, &min) || !two(&s, 0, 59, &sec) ||
	    !slice_eq(s, "Z"))
		return false;
	*out = (days_to(year, month) + day - 1) * 86400 + h * 3600 + min * 60 +
	       sec;
	return true;
}
