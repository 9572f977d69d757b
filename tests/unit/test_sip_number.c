/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/expect.h"

#include "sip/hdr/sip_number.h"

START_TEST(hops_go_to_255)
{
	uint32_t v = 7;

	ck_parses(sip_max_forwards_parse(S("6"), &v, &e)); /* 20.22 */
	ck_assert_uint_eq(v, 6);
	ck_parses(sip_max_forwards_parse(S("0"), &v, &e));
	ck_assert_uint_eq(v, 0);
	ck_parses(sip_max_forwards_parse(S("0068 "), &v, &e)); /* RFC 4475 */
	ck_assert_uint_eq(v, 68);
	ck_parses(sip_max_forwards_parse(S("255"), &v, &e));
	ck_assert_uint_eq(v, 255);
	ck_fails_code(sip_max_forwards_parse(S("256"), &v, &e), -E2BIG, 0,
		      "number too large");
	ck_fails(sip_max_forwards_parse(S(""), &v, &e), 0,
		 "number of hops wanted");
	ck_fails(sip_max_forwards_parse(S("-1"), &v, &e), 0,
		 "number of hops wanted");
	ck_fails(sip_max_forwards_parse(S("7 8"), &v, &e), 2,
		 "end of number wanted");
	ck_assert_uint_eq(v, 255);
}
END_TEST

static void seconds(int (*parse)(struct slice, uint32_t *,
				 struct parse_error *), const char *wanted)
{
	uint32_t v = 7;

	ck_parses(parse(S("0"), &v, &e));
	ck_assert_uint_eq(v, 0);
	ck_parses(parse(S("2147483647"), &v, &e));
	ck_assert_uint_eq(v, 2147483647u);
	ck_parses(parse(S("4294967295"), &v, &e));
	ck_assert_uint_eq(v, 4294967295u);
	ck_fails_code(parse(S("4294967296"), &v, &e), -E2BIG, 0,
		      "number too large");
	ck_fails(parse(S("/"), &v, &e), 0, wanted);
	ck_fails(parse(S(":"), &v, &e), 0, wanted);
	ck_fails(parse(S("5s"), &v, &e), 1, "end of number wanted");
	ck_assert_uint_eq(v, 4294967295u);
}

START_TEST(numbers_of_32_bits)
{
	seconds(sip_expires_parse, "seconds wanted");
	seconds(sip_min_expires_parse, "seconds wanted");
	seconds(sip_flow_timer_parse, "seconds wanted");
	seconds(sip_content_length_parse, "number of bytes wanted");
}
END_TEST

START_TEST(mime_version)
{
	struct sip_mime_version v = { 7, 7 };

	ck_parses(sip_mime_version_parse(S("1.0"), &v, &e)); /* 20.24 */
	ck_assert_uint_eq(v.major, 1);
	ck_assert_uint_eq(v.minor, 0);
	ck_writes(sip_mime_version_write, &v, "1.0");
	ck_parses(sip_mime_version_parse(S("4294967295.4294967295 "), &v,
					 &e));
	ck_writes(sip_mime_version_write, &v, "4294967295.4294967295");
	ck_fails(sip_mime_version_parse(S(".0"), &v, &e), 0,
		 "major version wanted");
	ck_fails(sip_mime_version_parse(S("1"), &v, &e), 1, "dot wanted");
	ck_fails(sip_mime_version_parse(S("1."), &v, &e), 2,
		 "minor version wanted");
	ck_fails(sip_mime_version_parse(S("1. 0"), &v, &e), 2,
		 "minor version wanted");
	ck_fails(sip_mime_version_parse(S("1.0.0"), &v, &e), 3,
		 "end of version wanted");
	ck_fails_code(sip_mime_version_parse(S("4294967296.0"), &v, &e),
		      -E2BIG, 0, "number too large");
	ck_fails_code(sip_mime_version_parse(S("1.4294967296"), &v, &e),
		      -E2BIG, 2, "number too large");
	ck_assert_uint_eq(v.major, 4294967295u);
}
END_TEST

SUITE(sip_number, hops_go_to_255, numbers_of_32_bits, mime_version);
