/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/suites.h"

#include "platform/writer.h"

START_TEST(what_does_not_fit_is_remembered)
{
	char buf[4];
	struct writer w = writer_begin(buf, sizeof(buf));

	writer_str(&w, "abc");
	ck_assert_int_eq(writer_end(&w), 3);
	writer_str(&w, "de");
	ck_assert_int_eq(writer_end(&w), -ENOSPC);
	writer_str(&w, "f"); /* would fit, but comes after a gap */
	ck_assert_int_eq(writer_end(&w), -ENOSPC);
	ck_slice_eq(writer_done(&w), "abc");
	w = writer_begin(buf, sizeof(buf));
	writer_str(&w, "abcd");
	ck_assert_int_eq(writer_end(&w), 4);
}
END_TEST

START_TEST(numbers)
{
	char buf[128];
	struct writer w = writer_begin(buf, sizeof(buf));

	writer_u64(&w, 0);
	writer_char(&w, ' ');
	writer_u64(&w, UINT64_MAX);
	writer_char(&w, ' ');
	writer_i64(&w, INT64_MIN);
	writer_char(&w, ' ');
	writer_pad(&w, 7, 3);
	writer_char(&w, ' ');
	writer_pad(&w, 12345, 3);
	writer_char(&w, ' ');
	writer_hex(&w, "\x00\xFF\x1a", 3);
	ck_slice_eq(writer_done(&w),
		    "0 18446744073709551615 -9223372036854775808 007 12345 "
		    "00ff1a");
}
END_TEST

START_TEST(network_order_both_ways)
{
	uint8_t buf[7];
	struct writer w = writer_begin(buf, sizeof(buf));

	writer_be8(&w, 0x01);
	writer_be16(&w, 0x0203);
	writer_be32(&w, 0x84050607);
	ck_assert_int_eq(writer_end(&w), 7);
	ck_assert_mem_eq(buf, "\x01\x02\x03\x84\x05\x06\x07", 7);
	ck_assert_uint_eq(read_be16(buf + 1), 0x0203);
	ck_assert_uint_eq(read_be32(buf + 3), 0x84050607);
}
END_TEST

SUITE(writer, what_does_not_fit_is_remembered, numbers,
      network_order_both_ways);
