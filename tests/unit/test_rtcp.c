/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/suites.h"

#include <stdlib.h>

#include "rtp/rtcp.h"

/* RFC 3550 6.4.1, 6.5, 6.6 by hand: SR with one block, SDES with CNAME and
 * NOTE in one chunk and an empty second chunk, BYE with a reason and four
 * octets of padding. */
static const uint8_t compound[] = {
	0x81, 200, 0, 12, 0xCA, 0xFE, 0xBA, 0xBE,
	0x83, 0xAA, 0x7E, 0x80, 0x80, 0x00, 0x00, 0x00, /* NTP, .5 s */
	0x00, 0x00, 0x03, 0xE8, 0x00, 0x00, 0x00, 0x0A, 0x00, 0x00, 0x06, 0x40,
	0x11, 0x22, 0x33, 0x44, 0x40, 0xFF, 0xFF, 0xFE, /* 1/4, -2 */
	0x00, 0x01, 0x00, 0x05, 0x00, 0x00, 0x00, 0x07,
	0x7E, 0x80, 0x80, 0x00, 0x00, 0x00, 0x80, 0x00,
	0x82, 202, 0, 6, 0xCA, 0xFE, 0xBA, 0xBE,
	1, 5, 'a', '@', 'b', '.', 'c', 7, 1, 'n', 0, 0,
	0x00, 0x00, 0x00, 0x01, 0, 0, 0, 0,
	0xA1, 203, 0, 4, 0xCA, 0xFE, 0xBA, 0xBE,
	4, 'g', 'o', 'n', 'e', 0, 0, 0, 0, 0, 0, 4,
};

static struct slice all(void)
{
	return slice_of(compound, sizeof(compound));
}

static struct rtcp_packet nth(unsigned n)
{
	struct slice rest = all();
	struct rtcp_packet p;

	for (unsigned i = 0; i <= n; i++)
		ck_assert_int_eq(rtcp_next(&rest, &p, NULL), 1);
	return p;
}

START_TEST(a_sender_report_reads_as_drawn)
{
	struct rtcp_packet p = nth(0);
	struct rtcp_report r;
	struct rtcp_block b;

	ck_assert_int_eq(rtcp_check(all(), NULL), 0);
	ck_assert_uint_eq(p.type, RTCP_SR);
	ck_assert_int_eq(rtcp_report_parse(&p, &r, NULL), 0);
	ck_assert(r.sender);
	ck_assert_uint_eq(r.ssrc, 0xCAFEBABE);
	ck_assert(r.ntp == UINT64_C(0x83AA7E8080000000));
	ck_assert_uint_eq(r.ts, 1000);
	ck_assert_uint_eq(r.packets, 10);
	ck_assert_uint_eq(r.octets, 1600);
	ck_assert_uint_eq(r.blocks, 1);
	ck_assert_uint_eq(r.ext.n, 0);
	b = rtcp_block_at(&r, 0);
	ck_assert_uint_eq(b.ssrc, 0x11223344);
	ck_assert_uint_eq(b.fraction, 64);
	ck_assert_int_eq(b.lost, -2);
	ck_assert_uint_eq(b.max_seq, 0x10005);
	ck_assert_uint_eq(b.jitter, 7);
	ck_assert_uint_eq(b.lsr, 0x7E808000);
	ck_assert_uint_eq(b.dlsr, 0x8000);
}
END_TEST

START_TEST(sdes_items_come_with_their_chunk)
{
	struct rtcp_packet p = nth(1);
	struct rtcp_sdes_walk w = { 0 };
	struct rtcp_sdes_item item;

	ck_assert_int_eq(rtcp_sdes_check(&p, NULL), 0);
	ck_assert(rtcp_sdes_next(&p, &w, &item));
	ck_assert_uint_eq(item.ssrc, 0xCAFEBABE);
	ck_assert_uint_eq(item.type, RTCP_SDES_CNAME);
	ck_slice_eq(item.value, "a@b.c");
	ck_assert(rtcp_sdes_next(&p, &w, &item));
	ck_assert_uint_eq(item.type, RTCP_SDES_NOTE);
	ck_slice_eq(item.value, "n");
	ck_assert(!rtcp_sdes_next(&p, &w, &item));
}
END_TEST

START_TEST(a_bye_has_sources_reason_and_padding)
{
	struct rtcp_packet p = nth(2);
	struct rtcp_bye b;

	ck_assert_uint_eq(p.body.n, 12);
	ck_assert_int_eq(rtcp_bye_parse(&p, &b, NULL), 0);
	ck_assert_uint_eq(b.ssrc.n, 4);
	ck_slice_eq(b.reason, "gone");
	p.body.n = 4;
	ck_assert_int_eq(rtcp_bye_parse(&p, &b, NULL), 0);
	ck_assert_uint_eq(b.reason.n, 0);
	p.body.n = 3;
	ck_assert_int_eq(rtcp_bye_parse(&p, &b, NULL), -EBADMSG);
	p = nth(2);
	p.body.n = 8; /* three octets of four */
	ck_assert_int_eq(rtcp_bye_parse(&p, &b, NULL), -EBADMSG);
	p.body.n = 12;
	p.type = RTCP_APP;
	ck_assert_int_eq(rtcp_bye_parse(&p, &b, NULL), -EBADMSG);
}
END_TEST

/* Only whole packets add up. */
START_TEST(each_prefix_is_refused_but_at_packet_ends)
{
	for (size_t n = 0; n < sizeof(compound); n++) {
		uint8_t *exact = malloc(n ? n : 1);
		struct parse_error e = { 0 };
		int rc;

		ck_assert_ptr_nonnull(exact);
		memcpy(exact, compound, n);
		rc = rtcp_check(slice_of(exact, n), &e);
		free(exact);
		if (n == 52 || n == 80) {
			ck_assert_int_eq(rc, 0);
			continue;
		}
		ck_assert_int_eq(rc, -EBADMSG);
		ck_assert_ptr_nonnull(e.reason);
		ck_assert_uint_le(e.offset, n);
	}
}
END_TEST

static int check_with(size_t at, uint8_t value)
{
	uint8_t c[sizeof(compound)];

	memcpy(c, compound, sizeof(c));
	c[at] = value;
	return rtcp_check(slice_of(c, sizeof(c)), NULL);
}

/* RFC 3550 A.2 */
START_TEST(a_compound_is_checked)
{
	ck_assert_int_eq(check_with(0, 0x81), 0);
	ck_assert_int_eq(check_with(0, 0x41), -EBADMSG); /* version */
	ck_assert_int_eq(check_with(1, 201), 0);
	ck_assert_int_eq(check_with(1, 202), -EBADMSG); /* SDES first */
	ck_assert_int_eq(check_with(1, 199), -EBADMSG);
	ck_assert_int_eq(check_with(0, 0xA1), -EBADMSG); /* padded first */
	ck_assert_int_eq(check_with(3, 13), -EBADMSG);
	ck_assert_int_eq(check_with(52, 0x42), -EBADMSG); /* later version */
	ck_assert_int_eq(check_with(53, 99), 0); /* unknown types pass */
	ck_assert_int_eq(check_with(52, 0xA2), -EBADMSG); /* padded inside */
	ck_assert_int_eq(check_with(sizeof(compound) - 1, 0), -EBADMSG);
	ck_assert_int_eq(check_with(sizeof(compound) - 1, 3), -EBADMSG);
	ck_assert_int_eq(check_with(sizeof(compound) - 1, 16), 0);
	ck_assert_int_eq(check_with(sizeof(compound) - 1, 20), -EBADMSG);
}
END_TEST

START_TEST(a_report_is_as_long_as_it_says)
{
	struct rtcp_packet p = nth(0);
	struct rtcp_report r;
	struct parse_error e;

	p.count = 2;
	ck_assert_int_eq(rtcp_report_parse(&p, &r, &e), -EBADMSG);
	p.count = 0; /* the block becomes the profile's extension */
	ck_assert_int_eq(rtcp_report_parse(&p, &r, NULL), 0);
	ck_assert_uint_eq(r.ext.n, 24);
	p.body.n = 23;
	ck_assert_int_eq(rtcp_report_parse(&p, &r, NULL), -EBADMSG);
	p.body.n = 24;
	ck_assert_int_eq(rtcp_report_parse(&p, &r, NULL), 0);
	p.type = RTCP_RR;
	p.body.n = 3;
	ck_assert_int_eq(rtcp_report_parse(&p, &r, NULL), -EBADMSG);
	p.body.n = 4;
	ck_assert_int_eq(rtcp_report_parse(&p, &r, NULL), 0);
	ck_assert(!r.sender);
	ck_assert_uint_eq(r.ts, 0);
	p.type = RTCP_SDES;
	ck_assert_int_eq(rtcp_report_parse(&p, &r, NULL), -EBADMSG);
}
END_TEST

START_TEST(the_least_of_each_type_is_taken)
{
	static const uint8_t bye[] = { 0x80, 203, 0, 0 };
	static const uint8_t app[] = { 0x80, 204, 0, 2, 0, 0, 0, 1,
				       'n', 'a', 'm', 'e' };
	static const uint8_t sdes[] = { 0x81, 202, 0, 2, 0, 0, 0, 1,
					1, 0, 0, 0 };
	struct slice rest = slice_of(bye, sizeof(bye));
	struct rtcp_packet p;
	struct rtcp_sdes_walk w = { 0 };
	struct rtcp_sdes_item item;
	struct rtcp_bye b;
	struct rtcp_app a;

	ck_assert_int_eq(rtcp_next(&rest, &p, NULL), 1);
	ck_assert_int_eq(rtcp_bye_parse(&p, &b, NULL), 0);
	ck_assert_uint_eq(b.ssrc.n, 0);
	rest = slice_of(app, sizeof(app));
	ck_assert_int_eq(rtcp_next(&rest, &p, NULL), 1);
	ck_assert_int_eq(rtcp_app_parse(&p, &a, NULL), 0);
	ck_assert_uint_eq(a.data.n, 0);
	rest = slice_of(sdes, sizeof(sdes));
	ck_assert_int_eq(rtcp_next(&rest, &p, NULL), 1);
	ck_assert_int_eq(rtcp_sdes_check(&p, NULL), 0);
	ck_assert(rtcp_sdes_next(&p, &w, &item));
	ck_assert_uint_eq(item.value.n, 0);
	p.type = RTCP_BYE;
	ck_assert_int_eq(rtcp_sdes_check(&p, NULL), -EBADMSG);
	p = (struct rtcp_packet){ RTCP_SDES, 1, S("abcd\1\0") };
	w = (struct rtcp_sdes_walk){ 0 };
	ck_assert(rtcp_sdes_next(&p, &w, &item)); /* the end is missing */
	ck_assert(!rtcp_sdes_next(&p, &w, &item));
}
END_TEST

START_TEST(padding_is_for_the_last_packet_alone)
{
	static const uint8_t c[] = { 0x80, 201, 0, 1, 0, 0, 0, 1,
				     0xA0, 203, 0, 1, 0, 0, 0, 4,
				     0x80, 203, 0, 0 };
	struct parse_error e = { 0 };

	ck_assert_int_eq(rtcp_check(slice_of(c, 16), NULL), 0);
	ck_assert_int_eq(rtcp_check(slice_of(c, 20), &e), -EBADMSG);
	ck_assert_uint_eq(e.offset, 16);
}
END_TEST

START_TEST(blocks_keep_their_places)
{
	uint8_t out[200];
	struct writer w = writer_begin(out, sizeof(out));
	struct rtcp_block b[3] = { { .ssrc = 1, .lost = -1 },
				   { .ssrc = 2, .lost = 0x7FFFFF },
				   { .ssrc = 3, .lost = -0x800000 } };
	struct rtcp_report r = { .ssrc = 9, .ext = SLICE("ext.") }, back;
	struct rtcp_packet p;
	struct slice rest;

	rtcp_write_report(&w, &r, b, 3);
	rest = writer_done(&w);
	ck_assert_uint_eq(rest.n, 8 + 3 * 24 + 4);
	ck_assert_int_eq(rtcp_next(&rest, &p, NULL), 1);
	ck_assert_int_eq(rtcp_report_parse(&p, &back, NULL), 0);
	for (unsigned i = 0; i < 3; i++) {
		ck_assert_uint_eq(rtcp_block_at(&back, i).ssrc, i + 1);
		ck_assert_int_eq(rtcp_block_at(&back, i).lost, b[i].lost);
	}
	ck_slice_eq(back.ext, "ext.");
}
END_TEST

static int sdes(const char *body, size_t n, uint8_t count)
{
	struct rtcp_packet p = { RTCP_SDES, count, slice_of(body, n) };

	return rtcp_sdes_check(&p, NULL);
}

START_TEST(sdes_chunks_end_with_nulls_at_a_word)
{
	ck_assert_int_eq(sdes("", 0, 0), 0);
	ck_assert_int_eq(sdes("", 0, 1), -EBADMSG);
	ck_assert_int_eq(sdes("abcd\0\0\0\0", 8, 1), 0);
	ck_assert_int_eq(sdes("abcd\0\0\0\0", 8, 0), -EBADMSG);
	ck_assert_int_eq(sdes("abcd\0\0\0\0", 8, 2), -EBADMSG);
	ck_assert_int_eq(sdes("abcd\0\0\0x", 8, 1), -EBADMSG);
	ck_assert_int_eq(sdes("abcd", 4, 1), -EBADMSG);
	ck_assert_int_eq(sdes("abcd\1\2xy", 8, 1), -EBADMSG); /* no end */
	ck_assert_int_eq(sdes("abcd\1\1x\0", 8, 1), 0);
	ck_assert_int_eq(sdes("abcd\1\3xy", 8, 1), -EBADMSG);
	ck_assert_int_eq(sdes("abcd\1\0\1", 7, 1), -EBADMSG);
}
END_TEST

START_TEST(what_the_writers_write_is_the_compound)
{
	uint8_t out[200];
	struct writer w = writer_begin(out, sizeof(out));
	struct rtcp_packet p = nth(0);
	struct rtcp_report r;
	struct rtcp_block b;

	ck_assert_int_eq(rtcp_report_parse(&p, &r, NULL), 0);
	b = rtcp_block_at(&r, 0);
	rtcp_write_report(&w, &r, &b, 1);
	ck_assert_uint_eq(w.n, 52);
	ck_assert_mem_eq(out, compound, 52);
	w.n = 0;
	rtcp_write_bye(&w, 0xCAFEBABE, S("gone"));
	ck_assert_uint_eq(w.n, 16);
	ck_assert_mem_eq(out, "\x81\xCB\0\3\xCA\xFE\xBA\xBE\4gone\0\0\0", 16);
	w.n = 0;
	rtcp_write_bye(&w, 0xCAFEBABE, S(""));
	ck_assert_uint_eq(w.n, 8);
	ck_assert_mem_eq(out, "\x81\xCB\0\1\xCA\xFE\xBA\xBE", 8);
}
END_TEST

/* 6.5: one to four nulls after the CNAME, whatever its length. */
START_TEST(a_cname_of_any_length_checks)
{
	char name[300];

	memset(name, 'x', sizeof(name));
	for (size_t n = 0; n < sizeof(name); n++) {
		uint8_t out[400];
		struct writer w = writer_begin(out, sizeof(out));
		struct rtcp_sdes_walk walk = { 0 };
		struct rtcp_sdes_item item;
		struct rtcp_packet p;
		struct slice rest;

		rtcp_write_cname(&w, 7, slice_of(name, n));
		rest = writer_done(&w);
		ck_assert_int_eq(rtcp_next(&rest, &p, NULL), 1);
		ck_assert_uint_eq(rest.n, 0);
		ck_assert_int_eq(rtcp_sdes_check(&p, NULL), 0);
		ck_assert(rtcp_sdes_next(&p, &walk, &item));
		ck_assert_uint_eq(item.value.n, n > 255 ? 255 : n);
	}
}
END_TEST

START_TEST(app_and_feedback_are_handed_out)
{
	uint8_t out[64];
	struct writer w = writer_begin(out, sizeof(out));
	struct rtcp_app app = { 5, S("name"), S("datadata") }, back;
	static const uint8_t pli[] = { 0x81, 206, 0, 2, 0, 0, 0, 9,
				       0, 0, 0, 8 };
	struct rtcp_feedback fb;
	struct rtcp_packet p;
	struct slice rest;

	ck_assert_int_eq(rtcp_write_app(&w, 3, &app), 0);
	rest = writer_done(&w);
	ck_assert_uint_eq(rest.n, 20);
	ck_assert_int_eq(rtcp_next(&rest, &p, NULL), 1);
	ck_assert_uint_eq(p.count, 3);
	ck_assert_int_eq(rtcp_app_parse(&p, &back, NULL), 0);
	ck_assert_uint_eq(back.ssrc, 5);
	ck_slice_eq(back.name, "name");
	ck_slice_eq(back.data, "datadata");
	p.body.n = 7;
	ck_assert_int_eq(rtcp_app_parse(&p, &back, NULL), -EBADMSG);
	ck_assert_int_eq(rtcp_write_app(&w, 32, &app), -EINVAL);
	app.data = S("x");
	ck_assert_int_eq(rtcp_write_app(&w, 3, &app), -EINVAL);
	app = (struct rtcp_app){ 5, S("nam"), S("") };
	ck_assert_int_eq(rtcp_write_app(&w, 3, &app), -EINVAL);

	rest = slice_of(pli, sizeof(pli));
	ck_assert_int_eq(rtcp_next(&rest, &p, NULL), 1);
	ck_assert_int_eq(rtcp_feedback_parse(&p, &fb, NULL), 0);
	ck_assert_uint_eq(fb.ssrc, 9);
	ck_assert_uint_eq(fb.media, 8);
	ck_assert_uint_eq(fb.fci.n, 0);
	p.body.n = 7;
	ck_assert_int_eq(rtcp_feedback_parse(&p, &fb, NULL), -EBADMSG);
	p.body.n = 8;
	p.type = RTCP_XR;
	ck_assert_int_eq(rtcp_feedback_parse(&p, &fb, NULL), -EBADMSG);
}
END_TEST

/* RFC 5905 figure 4: 1970-01-01 is 2208988800 s after 1900-01-01. */
START_TEST(ntp_time_counts_from_1900)
{
	ck_assert(rtcp_ntp(0) == UINT64_C(2208988800) << 32);
	ck_assert(rtcp_ntp(1500000000) ==
		  (UINT64_C(2208988801) << 32 | 0x80000000));
	ck_assert(rtcp_ntp(999999999) >> 32 == 2208988800);
	ck_assert_uint_eq((uint32_t)rtcp_ntp(999999999), 0xFFFFFFFB);
	/* 2036-02-07 06:28:16 begins the next era */
	ck_assert(rtcp_ntp(INT64_C(2085978496) * 1000000000) == 0);
	ck_assert_uint_eq(rtcp_ntp_middle(UINT64_C(0x1122334455667788)),
			  0x33445566);
}
END_TEST

START_TEST(errors_count_from_the_start_of_the_compound)
{
	uint8_t c[sizeof(compound)];
	struct parse_error e = { 0 };

	memcpy(c, compound, sizeof(c));
	c[52 + 28] = 0x41; /* the BYE's version */
	ck_assert_int_eq(rtcp_check(slice_of(c, sizeof(c)), &e), -EBADMSG);
	ck_assert_uint_eq(e.offset, 80);
	c[52 + 28] = 0x81;
	c[83] = 40;
	ck_assert_int_eq(rtcp_check(slice_of(c, sizeof(c)), &e), -EBADMSG);
	ck_assert_uint_eq(e.offset, 82);
}
END_TEST

SUITE(rtcp, a_sender_report_reads_as_drawn, sdes_items_come_with_their_chunk,
      a_bye_has_sources_reason_and_padding,
      each_prefix_is_refused_but_at_packet_ends, a_compound_is_checked,
      a_report_is_as_long_as_it_says,
      the_least_of_each_type_is_taken, padding_is_for_the_last_packet_alone,
      blocks_keep_their_places, sdes_chunks_end_with_nulls_at_a_word,
      what_the_writers_write_is_the_compound, a_cname_of_any_length_checks,
      app_and_feedback_are_handed_out, ntp_time_counts_from_1900,
      errors_count_from_the_start_of_the_compound);
