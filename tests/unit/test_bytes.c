/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/suites.h"

#include "platform/bytes.h"

static unsigned naive(const char *p, unsigned limit, int equal)
{
	unsigned i = 0;

	while (i < 16 && (equal >= 0 ? (unsigned char)p[i] != equal :
				       (unsigned char)p[i] >= limit))
		i++;
	return i;
}

static void compare(const char *p)
{
	static const uint8_t limits[] = { 1, ' ', ' ' + 1, 128, 255 };

	for (size_t i = 0; i < COUNT(limits); i++)
		ck_assert_uint_eq(bytes16_below(p, limits[i]),
				  naive(p, limits[i], -1));
	for (int c = ':' - 1; c <= ':' + 1; c++)
		ck_assert_uint_eq(bytes16_equal(p, (char)c), naive(p, 0, c));
}

START_TEST(the_first_byte_is_found_wherever_it_is)
{
	char p[16];

	for (unsigned at = 0; at < 16; at++)
		for (unsigned c = 0; c < 256; c++) {
			memset(p, 'x', sizeof(p));
			p[at] = (char)c;
			compare(p);
			memset(p, 0x80, sizeof(p));
			p[at] = (char)c;
			p[15] = ':';
			compare(p);
			memset(p + at, c == 0 ? 0x01 : (int)c - 1, 16 - at);
			p[at] = (char)c;
			compare(p);
		}
}
END_TEST

SUITE(bytes, the_first_byte_is_found_wherever_it_is);
