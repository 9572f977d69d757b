/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/expect.h"

#include "sip/hdr/sip_retry_after.h"

START_TEST(examples_of_20_33)
{
	struct sip_retry_after r;
	struct slice v;

	ck_parses(sip_retry_after_parse(S("18000;duration=3600"), &r, &e));
	ck_assert_uint_eq(r.seconds, 18000);
	ck_assert(r.has_duration);
	ck_assert_uint_eq(r.duration, 3600);
	ck_assert_ptr_null(r.comment.p);
	ck_writes(sip_retry_after_write, &r, "18000;duration=3600");
	ck_parses(sip_retry_after_parse(S("120 (I'm in a meeting)"), &r, &e));
	ck_assert_uint_eq(r.seconds, 120);
	ck_slice_eq(r.comment, "I'm in a meeting");
	ck_assert(!r.has_duration);
	ck_writes(sip_retry_after_write, &r, "120 (I'm in a meeting)");
	ck_parses(sip_retry_after_parse(
		S("0(a (b\\)))\r\n ; x = y;Duration = 4294967295 ;z "), &r,
		&e));
	ck_slice_eq(r.comment, "a (b\\))");
	ck_assert_uint_eq(r.duration, 4294967295u);
	ck_assert(sip_param_find(r.params, "x", &v));
	ck_writes(sip_retry_after_write, &r,
		  "0 (a (b\\)));duration=4294967295;x=y;z");
}
END_TEST

START_TEST(what_it_is_not)
{
	struct sip_retry_after r = { .seconds = 7 };

	ck_fails(sip_retry_after_parse(S(""), &r, &e), 0, "seconds wanted");
	ck_fails(sip_retry_after_parse(S("(a)"), &r, &e), 0,
		 "seconds wanted");
	ck_fails_code(sip_retry_after_parse(S("4294967296"), &r, &e), -E2BIG,
		      0, "number too large");
	/* RFC 4475 3.1.2.5 */
	ck_fails_code(sip_retry_after_parse(S("949302838503028349304023988"),
					    &r, &e),
		      -E2BIG, 0, "number too large");
	ck_fails(sip_retry_after_parse(S("1 (a"), &r, &e), 2,
		 "comment, parameter or end wanted");
	ck_fails(sip_retry_after_parse(S("1 (a) (b)"), &r, &e), 6,
		 "comment, parameter or end wanted");
	ck_fails(sip_retry_after_parse(S("1;"), &r, &e), 2,
		 "parameter wanted");
	ck_fails(sip_retry_after_parse(S("1;duration"), &r, &e), 10,
		 "duration in seconds wanted");
	ck_fails(sip_retry_after_parse(S("1;duration=x"), &r, &e), 11,
		 "duration in seconds wanted");
	ck_fails(sip_retry_after_parse(S("1;duration=1x"), &r, &e), 12,
		 "end of duration wanted");
	ck_fails_code(sip_retry_after_parse(S("1;duration=4294967296"), &r,
					    &e),
		      -E2BIG, 11, "number too large");
	ck_assert_uint_eq(r.seconds, 7);
}
END_TEST

SUITE(sip_retry_after, examples_of_20_33, what_it_is_not);
