/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/suites.h"

#include "rtp/rtp_event.h"

/* RFC 4733 Figure 1; the third octets of these reports were captured from a
 * SIPp scenario: event 1, volume 10, end, 2240 units. */
START_TEST(a_report_reads_as_drawn)
{
	static const uint8_t end[] = { 0x01, 0x8A, 0x08, 0xC0 };
	struct rtp_event v[RTP_EVENTS_MAX];
	uint8_t out[4];

	ck_assert_int_eq(rtp_event_parse(slice_of(end, 4), v, NULL), 1);
	ck_assert_uint_eq(v[0].code, 1);
	ck_assert(v[0].end);
	ck_assert_uint_eq(v[0].volume, 10);
	ck_assert_uint_eq(v[0].duration, 2240);
	rtp_event_write(out, &v[0]);
	ck_assert_mem_eq(out, end, 4);
}
END_TEST

START_TEST(the_reserved_bit_is_ignored_and_sent_as_zero)
{
	static const uint8_t in[] = { 0x0B, 0x7F, 0xFF, 0xFE };
	struct rtp_event v[RTP_EVENTS_MAX];
	uint8_t out[4];

	ck_assert_int_eq(rtp_event_parse(slice_of(in, 4), v, NULL), 1);
	ck_assert(!v[0].end);
	ck_assert_uint_eq(v[0].volume, 63);
	v[0].volume = 0xFF;
	rtp_event_write(out, &v[0]);
	ck_assert_mem_eq(out, "\x0B\x3F\xFF\xFE", 4);
}
END_TEST

START_TEST(packed_reports_are_counted)
{
	static const uint8_t in[17 * 4] = { 1, 0, 0, 1, 2, 0x80, 1, 0 };
	struct rtp_event v[RTP_EVENTS_MAX];
	struct parse_error e;

	ck_assert_int_eq(rtp_event_parse(slice_of(in, 8), v, NULL), 2);
	ck_assert_uint_eq(v[0].duration, 1);
	ck_assert_uint_eq(v[1].code, 2);
	ck_assert(v[1].end);
	ck_assert_uint_eq(v[1].duration, 256);
	ck_assert_int_eq(rtp_event_parse(slice_of(in, 64), v, NULL), 16);
	ck_assert_int_eq(rtp_event_parse(slice_of(in, 68), v, &e), -E2BIG);
	for (size_t n = 0; n < 12; n++) {
		if (n && n % 4 == 0)
			continue;
		ck_assert_int_eq(rtp_event_parse(slice_of(in, n), v, &e),
				 -EBADMSG);
		ck_assert_uint_le(e.offset, n);
	}
}
END_TEST

/* RFC 4733 3.2, Table 3 */
START_TEST(characters_are_those_of_the_table)
{
	ck_assert_int_eq(rtp_event_of_char('0'), 0);
	ck_assert_int_eq(rtp_event_of_char('9'), 9);
	ck_assert_int_eq(rtp_event_of_char('*'), 10);
	ck_assert_int_eq(rtp_event_of_char('#'), 11);
	ck_assert_int_eq(rtp_event_of_char('A'), 12);
	ck_assert_int_eq(rtp_event_of_char('a'), 12);
	ck_assert_int_eq(rtp_event_of_char('d'), 15);
	ck_assert_int_eq(rtp_event_of_char('e'), -1);
	ck_assert_int_eq(rtp_event_of_char('\0'), -1);
	for (unsigned i = 0; i < 17; i++)
		ck_assert_int_eq(rtp_event_of_char(rtp_event_to_char(i)),
				 (int)i);
	ck_assert_int_eq(rtp_event_to_char(17), 0);
	ck_assert_int_eq(rtp_event_to_char(255), 0);
}
END_TEST

SUITE(rtp_event, a_report_reads_as_drawn,
      the_reserved_bit_is_ignored_and_sent_as_zero,
      packed_reports_are_counted, characters_are_those_of_the_table);
