/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/suites.h"

#include <stdlib.h>

#include "rtp/rtp_packet.h"

/* RFC 3550 5.1, field by field: V=2 P X CC=2, M PT=96, seq, ts, SSRC, two
 * CSRCs; extension 0xBEDE of two words with the elements of RFC 8285 4.2; a
 * payload of 3; padding of 5. */
static const uint8_t full[] = {
	0xB2, 0xE0, 0x12, 0x34, 0x89, 0xAB, 0xCD, 0xEF, 0xDE, 0xAD, 0xBE, 0xEF,
	0x01, 0x02, 0x03, 0x04, 0xFF, 0xFE, 0xFD, 0xFC,
	0xBE, 0xDE, 0x00, 0x02,
	0x10, 0xAA, 0x00, 0x31, 0xBB, 0xCC, 0x00, 0x00,
	'a', 'b', 'c',
	0x00, 0x00, 0x00, 0x00, 0x05,
};

static int parse(const uint8_t *p, size_t n, struct rtp_packet *out,
		 struct parse_error *e)
{
	/* a block of the exact size shows one octet too far */
	uint8_t *exact = malloc(n ? n : 1);
	int rc;

	ck_assert_ptr_nonnull(exact);
	memcpy(exact, p, n);
	rc = rtp_packet_parse(slice_of(exact, n), out, e);
	free(exact);
	return rc;
}

START_TEST(every_field_is_where_the_rfc_draws_it)
{
	struct rtp_packet p;

	ck_assert_int_eq(rtp_packet_parse(slice_of(full, sizeof(full)), &p,
					  NULL), 0);
	ck_assert_uint_eq(p.pt, 96);
	ck_assert(p.marker);
	ck_assert_uint_eq(p.seq, 0x1234);
	ck_assert_uint_eq(p.ts, 0x89ABCDEF);
	ck_assert_uint_eq(p.ssrc, 0xDEADBEEF);
	ck_assert_uint_eq(p.csrc.n, 8);
	ck_assert_uint_eq(rtp_packet_csrc(&p, 0), 0x01020304);
	ck_assert_uint_eq(rtp_packet_csrc(&p, 1), 0xFFFEFDFC);
	ck_assert(p.has_ext);
	ck_assert_uint_eq(p.ext_profile, 0xBEDE);
	ck_assert_uint_eq(p.ext.n, 8);
	ck_slice_eq(p.payload, "abc");
	ck_assert_uint_eq(p.padding, 5);
}
END_TEST

START_TEST(what_is_written_parses_to_the_same)
{
	struct rtp_packet p;
	uint8_t out[sizeof(full)];
	struct writer w = writer_begin(out, sizeof(out));

	ck_assert_int_eq(rtp_packet_parse(slice_of(full, sizeof(full)), &p,
					  NULL), 0);
	ck_assert_int_eq(rtp_packet_write(&w, &p), 0);
	ck_assert_uint_eq(w.n, sizeof(full));
	ck_assert_mem_eq(out, full, sizeof(full));
	w = writer_begin(out, sizeof(out) - 1);
	ck_assert_int_eq(rtp_packet_write(&w, &p), -ENOSPC);
}
END_TEST

START_TEST(a_writer_refuses_what_no_packet_can_say)
{
	static const char much[65536 * 4];
	uint8_t out[100];
	struct writer w = writer_begin(out, sizeof(out));
	struct rtp_packet good = { .pt = 8 }, p;

	p = good;
	p.pt = 128;
	ck_assert_int_eq(rtp_packet_write(&w, &p), -EINVAL);
	p.pt = 72;
	ck_assert_int_eq(rtp_packet_write(&w, &p), -EINVAL);
	p.pt = 76;
	ck_assert_int_eq(rtp_packet_write(&w, &p), -EINVAL);
	p = good;
	p.csrc = S("abc");
	ck_assert_int_eq(rtp_packet_write(&w, &p), -EINVAL);
	p.csrc = slice_of(out, 64); /* 16 of them */
	ck_assert_int_eq(rtp_packet_write(&w, &p), -EINVAL);
	p = good;
	p.ext = S("abcd"); /* without its header */
	ck_assert_int_eq(rtp_packet_write(&w, &p), -EINVAL);
	p.has_ext = true;
	p.ext = S("abcde");
	ck_assert_int_eq(rtp_packet_write(&w, &p), -EINVAL);
	p.ext = slice_of(much, sizeof(much)); /* the length has 16 bits */
	ck_assert_int_eq(rtp_packet_write(&w, &p), -EINVAL);
	p.ext.n = sizeof(much) - 4;
	ck_assert_int_eq(rtp_packet_write(&w, &p), -ENOSPC);
	w = writer_begin(out, sizeof(out));
	ck_assert_uint_eq(w.n, 0);
	p = good;
	p.csrc = slice_of(full, 60);
	ck_assert_int_eq(rtp_packet_write(&w, &good), 0);
	ck_assert_uint_eq(w.n, 12);
}
END_TEST

/* Wherever the packet is cut, a part that it announces is missing; only the
 * cuts inside payload and padding may look whole, when the last octet there is
 * a plausible count. */
START_TEST(each_prefix_is_refused_or_whole)
{
	struct rtp_packet p;
	struct parse_error e;

	for (size_t n = 0; n < sizeof(full); n++) {
		e = (struct parse_error){ 0 };
		ck_assert_int_eq(parse(full, n, &p, &e), -EBADMSG);
		ck_assert_ptr_nonnull(e.reason);
		ck_assert_uint_le(e.offset, n);
	}
}
END_TEST

static int header_with(unsigned at, uint8_t value, size_t n)
{
	uint8_t h[32] = { 0x80, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3 };
	struct rtp_packet p;

	h[at] = value;
	return parse(h, n, &p, NULL);
}

/* RFC 3550 A.1 */
START_TEST(a_header_is_checked)
{
	ck_assert_int_eq(header_with(0, 0x80, 12), 0);
	ck_assert_int_eq(header_with(0, 0x40, 12), -EBADMSG); /* version 1 */
	ck_assert_int_eq(header_with(0, 0xC0, 12), -EBADMSG); /* version 3 */
	ck_assert_int_eq(header_with(0, 0x00, 12), -EBADMSG);
	ck_assert_int_eq(header_with(1, 71, 12), 0);
	ck_assert_int_eq(header_with(1, 72, 12), -EBADMSG); /* SR, marked */
	ck_assert_int_eq(header_with(1, 0x80 | 73, 12), -EBADMSG);
	ck_assert_int_eq(header_with(1, 76, 12), -EBADMSG);
	ck_assert_int_eq(header_with(1, 77, 12), 0);
	ck_assert_int_eq(header_with(0, 0x81, 15), -EBADMSG); /* a CSRC */
	ck_assert_int_eq(header_with(0, 0x81, 16), 0);
	ck_assert_int_eq(header_with(0, 0x90, 15), -EBADMSG); /* extension */
	ck_assert_int_eq(header_with(0, 0x90, 16), 0);
}
END_TEST

START_TEST(padding_counts_itself_and_no_more_than_there_is)
{
	uint8_t h[16] = { 0xA0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3 };
	struct rtp_packet p;

	ck_assert_int_eq(parse(h, 12, &p, NULL), -EBADMSG);
	h[15] = 0;
	ck_assert_int_eq(parse(h, 16, &p, NULL), -EBADMSG);
	h[15] = 5;
	ck_assert_int_eq(parse(h, 16, &p, NULL), -EBADMSG);
	h[15] = 4;
	ck_assert_int_eq(parse(h, 16, &p, NULL), 0);
	ck_assert_uint_eq(p.payload.n, 0);
	h[15] = 1;
	ck_assert_int_eq(parse(h, 16, &p, NULL), 0);
	ck_assert_uint_eq(p.payload.n, 3);
}
END_TEST

/* The extension may not reach into the padding. */
START_TEST(an_extension_ends_before_the_padding)
{
	uint8_t h[24] = { 0xB0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3,
			  0x10, 0x00, 0x00, 0x01 };
	struct rtp_packet p;

	h[23] = 4;
	ck_assert_int_eq(parse(h, 24, &p, NULL), 0);
	ck_assert_uint_eq(p.ext.n, 4);
	ck_assert_uint_eq(p.payload.n, 0);
	h[23] = 5;
	ck_assert_int_eq(parse(h, 24, &p, NULL), -EBADMSG);
}
END_TEST

START_TEST(one_octet_elements_are_walked)
{
	struct rtp_packet p;
	struct rtp_ext x;
	size_t at = 0;

	ck_assert_int_eq(rtp_packet_parse(slice_of(full, sizeof(full)), &p,
					  NULL), 0);
	ck_assert(rtp_ext_next(&p, &at, &x)); /* 0x10: id 1, length 0 + 1 */
	ck_assert_uint_eq(x.id, 1);
	ck_slice_eq(x.data, "\xAA");
	ck_assert(rtp_ext_next(&p, &at, &x)); /* padding octet, then 0x31 */
	ck_assert_uint_eq(x.id, 3);
	ck_slice_eq(x.data, "\xBB\xCC");
	ck_assert(!rtp_ext_next(&p, &at, &x)); /* two octets of padding */
}
END_TEST

/* RFC 8285 4.2: id 15 ends it; 4.3: two-octet form, lengths from 0. */
START_TEST(the_walk_ends_at_id_15_and_at_broken_elements)
{
	struct rtp_packet p = { .has_ext = true, .ext_profile = RTP_EXT_ONE };
	struct rtp_ext x;
	size_t at = 0;

	p.ext = S("\xF0\x01\x10\x02");
	ck_assert(!rtp_ext_next(&p, &at, &x));
	p.ext = S("\x12\x01\x02"); /* three announced */
	at = 0;
	ck_assert(!rtp_ext_next(&p, &at, &x));
	p.ext = S("\x12\x01\x02\x03");
	ck_assert(rtp_ext_next(&p, &at, &x));
	ck_assert_uint_eq(x.data.n, 3);
	p.ext_profile = 0x1005;
	p.ext = S("\x01\x00\x0F\x02\xAA\xBB\x07");
	at = 0;
	ck_assert(rtp_ext_next(&p, &at, &x));
	ck_assert_uint_eq(x.id, 1);
	ck_assert_uint_eq(x.data.n, 0);
	ck_assert(rtp_ext_next(&p, &at, &x));
	ck_assert_uint_eq(x.id, 15);
	ck_slice_eq(x.data, "\xAA\xBB");
	ck_assert(!rtp_ext_next(&p, &at, &x)); /* half a header */
	p.ext_profile = 0xABAC;
	at = 0;
	ck_assert(!rtp_ext_next(&p, &at, &x));
}
END_TEST

START_TEST(the_short_header_is_that_of_the_long_writer)
{
	uint8_t h[12], out[12];
	struct writer w = writer_begin(out, sizeof(out));
	struct rtp_packet p = { .pt = 101, .marker = true, .seq = 0xFFFE,
				.ts = 0x01020304, .ssrc = 0x05060708 };

	rtp_header_write(h, 101, true, 0xFFFE, 0x01020304, 0x05060708);
	ck_assert_mem_eq(h, "\x80\xE5\xFF\xFE\1\2\3\4\5\6\7\10", 12);
	ck_assert_int_eq(rtp_packet_write(&w, &p), 0);
	ck_assert_mem_eq(h, out, 12);
}
END_TEST

SUITE(rtp_packet, every_field_is_where_the_rfc_draws_it,
      what_is_written_parses_to_the_same,
      a_writer_refuses_what_no_packet_can_say, each_prefix_is_refused_or_whole,
      a_header_is_checked, padding_counts_itself_and_no_more_than_there_is,
      an_extension_ends_before_the_padding, one_octet_elements_are_walked,
      the_walk_ends_at_id_15_and_at_broken_elements,
      the_short_header_is_that_of_the_long_writer);
