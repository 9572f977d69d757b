/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/suites.h"

#include "platform/slice.h"

START_TEST(numbers_stop_at_their_maximum)
{
	uint64_t v = 7;

	ck_assert_int_eq(slice_u64(S("255"), 255, &v), 0);
	ck_assert_uint_eq(v, 255);
	ck_assert_int_eq(slice_u64(S("256"), 255, &v), -ERANGE);
	ck_assert_int_eq(slice_u64(S("18446744073709551615"), UINT64_MAX, &v),
			 0);
	ck_assert(v == UINT64_MAX);
	ck_assert_int_eq(slice_u64(S("18446744073709551616"), UINT64_MAX, &v),
			 -ERANGE);
	ck_assert_int_eq(slice_u64(S("5"), 4, &v), -ERANGE);
	ck_assert_int_eq(slice_u64(S(""), 9, &v), -EBADMSG);
	ck_assert_int_eq(slice_u64(S("1 "), 9, &v), -EBADMSG);
	ck_assert(v == UINT64_MAX); /* as before on failure */
}
END_TEST

START_TEST(cut_and_trim_stay_inside)
{
	struct slice in = S("a=b=c"), h, r;

	ck_assert(slice_cut(in, '=', &h, &r));
	ck_slice_eq(h, "a");
	ck_slice_eq(r, "b=c");
	ck_assert(!slice_cut(S("abc"), '=', &h, &r));
	ck_slice_eq(h, "abc");
	ck_assert_uint_eq(r.n, 0);
	ck_slice_eq(slice_trim(S(" \t x y\r\n")), "x y");
	ck_slice_eq(slice_trim(S("  ")), "");
	ck_assert(slice_inside(slice_skip(in, 5), in));
	ck_assert(!slice_inside(S("z"), in));
}
END_TEST

START_TEST(case_folds_in_ascii_only)
{
	ck_assert(slice_ieq(S("VIA"), "via"));
	ck_assert(!slice_eq(S("VIA"), "via"));
	ck_assert(!slice_ieq(S("\xC3\x84"), "\xC3\xA4"));
	ck_assert(slice_istarts(S("SIP/2.0"), "sip/"));
	ck_assert(!slice_istarts(S("SI"), "sip/"));
}
END_TEST

START_TEST(a_nul_inside_is_no_c_string)
{
	char buf[4];

	ck_assert_int_eq(slice_to_str(S("abc"), buf, sizeof(buf)), 0);
	ck_assert_str_eq(buf, "abc");
	ck_assert_int_eq(slice_to_str(S("abcd"), buf, sizeof(buf)), -ENOSPC);
	ck_assert_int_eq(slice_to_str(S("a\0b"), buf, sizeof(buf)), -EBADMSG);
	ck_assert_str_eq(buf, "");
}
END_TEST

SUITE(slice, numbers_stop_at_their_maximum, cut_and_trim_stay_inside,
      case_folds_in_ascii_only, a_nul_inside_is_no_c_string);
