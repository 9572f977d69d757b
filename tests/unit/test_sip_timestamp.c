/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/expect.h"

#include "sip/hdr/sip_timestamp.h"

START_TEST(with_and_without_delay)
{
	struct sip_timestamp t;

	ck_parses(sip_timestamp_parse(S("54"), &t, &e)); /* 20.38 */
	ck_slice_eq(t.time, "54");
	ck_assert_ptr_null(t.delay.p);
	ck_writes(sip_timestamp_write, &t, "54");
	ck_parses(sip_timestamp_parse(S("54.210\r\n  .5 "), &t, &e));
	ck_slice_eq(t.time, "54.210");
	ck_slice_eq(t.delay, ".5");
	ck_writes(sip_timestamp_write, &t, "54.210 .5");
	ck_parses(sip_timestamp_parse(S("54. 7"), &t, &e));
	ck_slice_eq(t.time, "54.");
	ck_slice_eq(t.delay, "7");
	ck_parses(sip_timestamp_parse(S("9 "), &t, &e));
	ck_slice_eq(t.time, "9");
	ck_assert_ptr_null(t.delay.p);
}
END_TEST

START_TEST(what_it_is_not)
{
	struct sip_timestamp t = { .time = S("kept") };

	ck_fails(sip_timestamp_parse(S(""), &t, &e), 0, "seconds wanted");
	ck_fails(sip_timestamp_parse(S(".5"), &t, &e), 0, "seconds wanted");
	ck_fails(sip_timestamp_parse(S("-1"), &t, &e), 0, "seconds wanted");
	ck_fails(sip_timestamp_parse(S("1.2.3"), &t, &e), 3,
		 "end of timestamp wanted");
	ck_fails(sip_timestamp_parse(S("1 2 3"), &t, &e), 4,
		 "end of timestamp wanted");
	ck_fails(sip_timestamp_parse(S("1x"), &t, &e), 1,
		 "end of timestamp wanted");
	ck_slice_eq(t.time, "kept");
}
END_TEST

START_TEST(in_nanoseconds)
{
	static const struct {
		const char *in;
		int64_t ns;
	} good[] = { { "54", 54000000000 },
		     { "54.", 54000000000 },
		     { "0.000000001", 1 },
		     { "0.0000000019", 1 },
		     { ".5", 500000000 },
		     { ".", 0 },
		     { "1.23456789", 1234567890 },
		     { "9223372035.999999999", 9223372035999999999 } };
	int64_t ns = 7;

	for (size_t i = 0; i < COUNT(good); i++) {
		ck_assert_int_eq(sip_timestamp_ns(slice_str(good[i].in), &ns),
				 0);
		ck_assert_int_eq(ns, good[i].ns);
	}
	ns = 7;
	ck_assert_int_eq(sip_timestamp_ns(S("9223372036"), &ns), -ERANGE);
	ck_assert_int_eq(sip_timestamp_ns(S("99999999999999999999999"), &ns),
			 -ERANGE);
	ck_assert_int_eq(ns, 7);
}
END_TEST

SUITE(sip_timestamp, with_and_without_delay, what_it_is_not, in_nanoseconds);
