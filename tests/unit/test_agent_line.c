/* SPDX-License-Identifier: BSD-2-Clause */
#include "client/agent_line.h"

#include "tests/unit/suites.h"

START_TEST(a_line_is_printable_utf8)
{
	char out[8];

	ck_assert_uint_eq(agent_line(out, sizeof(out), S("a\r\n\x1b\x7f" "b")),
			  6);
	ck_assert_str_eq(out, "a    b");
	/* C1 (RFC 3629 form of U+009B, which some terminals obey). */
	(void)agent_line(out, sizeof(out), S("x\xC2\x9B" "y"));
	ck_assert_str_eq(out, "x y");
	/* U+2028, U+202E and U+2066; U+2027 and U+2030 are none of them */
	(void)agent_line(out, sizeof(out), S("x\xE2\x80\xA8y"));
	ck_assert_str_eq(out, "x y");
	(void)agent_line(out, sizeof(out), S("x\xE2\x80\xAEy"));
	ck_assert_str_eq(out, "x y");
	(void)agent_line(out, sizeof(out), S("x\xE2\x81\xA6y"));
	ck_assert_str_eq(out, "x y");
	(void)agent_line(out, sizeof(out), S("x\xE2\x80\x8Fy")); /* U+200F */
	ck_assert_str_eq(out, "x y");
	(void)agent_line(out, sizeof(out), S("\xE2\x80\xA7\xE2\x80\xB0"));
	ck_assert_str_eq(out, "\xE2\x80\xA7\xE2\x80\xB0");
	(void)agent_line(out, sizeof(out), S("J\xF6rg"));
	ck_assert_str_eq(out, "J?rg");
	/* Cut between characters. */
	ck_assert_uint_eq(agent_line(out, sizeof(out),
				     S("123456\xC3\xBC")), 6);
	ck_assert_uint_eq(agent_line(out, sizeof(out),
				     S("12345\xC3\xBC" "9")), 7);
	ck_assert_uint_eq(agent_line(out, sizeof(out), S("")), 0);
	ck_assert_str_eq(out, "");
}
END_TEST

SUITE(agent_line, a_line_is_printable_utf8);
