/* SPDX-License-Identifier: BSD-2-Clause
 * RFC 6455 5: the examples of 5.7, and what is no frame. */
#include "tests/unit/suites.h"

#include "platform/http/ws_frame.h"

static int parse(const void *p, size_t n, struct ws_frame *f)
{
	struct parse_error e = { 0 };
	int rc = ws_frame_parse(slice_of(p, n), f, &e);

	ck_assert(rc == 0 || e.reason);
	return rc;
}

START_TEST(examples_of_rfc6455)
{
	static const uint8_t hello[] = { 0x81, 5, 'H', 'e', 'l', 'l', 'o' };
	uint8_t masked[] = { 0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d,
			     0x7f, 0x9f, 0x4d, 0x51, 0x58 };
	static const uint8_t k256[] = { 0x82, 0x7e, 1, 0 };
	static const uint8_t k64[] = { 0x82, 0x7f, 0, 0, 0, 0, 0, 1, 0, 0 };
	static const uint8_t ping[] = { 0x89, 5, 'H', 'e', 'l', 'l', 'o' };
	static const uint8_t first[] = { 1, 3 }, last[] = { 0x80, 2 };
	struct ws_frame f;

	ck_assert_int_eq(parse(hello, sizeof(hello), &f), 0);
	ck_assert(f.fin && !f.masked && f.op == WS_TEXT);
	ck_assert_uint_eq(f.n, 5);
	ck_assert_uint_eq(f.head, 2);
	ck_assert_int_eq(parse(masked, sizeof(masked), &f), 0);
	ck_assert(f.fin && f.masked && f.op == WS_TEXT && f.n == 5);
	ck_assert_uint_eq(f.head, 6);
	ws_mask(masked + 6, 5, f.key, 0);
	ck_slice_eq(slice_of(masked + 6, 5), "Hello");
	ck_assert_int_eq(parse(first, 2, &f), 0);
	ck_assert(!f.fin && f.op == WS_TEXT && f.n == 3);
	ck_assert_int_eq(parse(last, 2, &f), 0);
	ck_assert(f.fin && f.op == WS_CONT && f.n == 2);
	ck_assert_int_eq(parse(ping, sizeof(ping), &f), 0);
	ck_assert(f.op == WS_PING && f.n == 5);
	ck_assert_int_eq(parse(k256, sizeof(k256), &f), 0);
	ck_assert(f.op == WS_BINARY && f.n == 256 && f.head == 4);
	ck_assert_int_eq(parse(k64, sizeof(k64), &f), 0);
	ck_assert(f.op == WS_BINARY && f.n == 65536 && f.head == 10);
}
END_TEST

/* The border between each two ways to write a length (5.2), both masks. */
START_TEST(what_is_written_is_the_shortest_and_is_read)
{
	static const struct {
		uint64_t n;
		size_t head;
	} row[] = { { 0, 2 }, { 125, 2 }, { 126, 4 }, { 65535, 4 },
		    { 65536, 10 }, { INT64_MAX, 10 } };

	for (size_t i = 0; i < 2 * COUNT(row); i++) {
		struct ws_frame in = { .op = WS_BINARY, .fin = i % 4 < 2,
				       .masked = i % 2, .n = row[i / 2].n }, f;
		uint8_t text[WS_FRAME_HEAD];
		struct writer w = writer_begin(text, sizeof(text));

		if (in.masked)
			memcpy(in.key, "mask", 4);
		ws_frame_write(&w, &in);
		ck_assert_uint_eq(w.n, row[i / 2].head + (in.masked ? 4 : 0));
		for (size_t n = 0; n < w.n; n++)
			ck_assert_int_eq(parse(text, n, &f), -EAGAIN);
		ck_assert_int_eq(parse(text, w.n, &f), 0);
		ck_assert(f.n == in.n && f.op == in.op && f.fin == in.fin &&
			  f.masked == in.masked && f.head == w.n);
		ck_assert_mem_eq(f.key, in.key, 4);
	}
}
END_TEST

START_TEST(what_is_no_frame_is_refused_as_soon_as_it_shows)
{
	static const struct {
		uint8_t p[10];
		size_t n, at;
	} bad[] = {
		{ { 0xc1 }, 1, 0 }, { { 0xa1 }, 1, 0 }, { { 0x91 }, 1, 0 },
		{ { 0x83 }, 1, 0 }, { { 0x87 }, 1, 0 }, { { 0x8b }, 1, 0 },
		{ { 0x8f }, 1, 0 },
		{ { 0x09 }, 1, 0 }, { { 0x08 }, 1, 0 }, /* FIN wanted */
		{ { 0x88, 126 }, 2, 1 }, { { 0x89, 0xff }, 2, 1 },
		{ { 0x82, 126, 0, 125 }, 4, 2 },
		{ { 0x82, 127, 0, 0, 0, 0, 0, 0, 0xff, 0xff }, 10, 2 },
		{ { 0x82, 127, 0x80, 0, 0, 0, 0, 0, 0, 0 }, 10, 2 },
	};

	for (size_t i = 0; i < COUNT(bad); i++) {
		struct ws_frame f;
		struct parse_error e = { 0 };

		ck_assert_int_eq(ws_frame_parse(slice_of(bad[i].p, bad[i].n),
						&f, &e), -EBADMSG);
		ck_assert_uint_eq(e.offset, bad[i].at);
		ck_assert_int_eq(parse(bad[i].p, bad[i].n - 1, &f), -EAGAIN);
	}
}
END_TEST

/* 5.3: octet i is transformed by octet i MOD 4 of the key. */
START_TEST(masks_begin_anywhere)
{
	static const uint8_t key[] = { 1, 2, 4, 8 };
	uint8_t p[40];

	for (size_t at = 0; at < 9; at++)
		for (size_t n = 0; n < sizeof(p); n++) {
			memset(p, 0x50, sizeof(p));
			ws_mask(p, n, key, at);
			for (size_t i = 0; i < sizeof(p); i++)
				ck_assert_uint_eq(p[i], i < n ?
					0x50 ^ key[(at + i) % 4] : 0x50);
		}
}
END_TEST

/* 7.4, 5.5.1 */
START_TEST(a_close_says_nothing_or_a_code_and_words)
{
	static const unsigned may[] = { 1000, 1003, 1007, 1011, 1014, 3000,
					4999 };
	static const unsigned never[] = { 0, 999, 1004, 1005, 1006, 1015, 2999,
					  5000, 65535 };
	struct slice words;
	unsigned code;

	ck_assert_int_eq(ws_close_parse(S(""), &code, &words), 0);
	ck_assert_uint_eq(code, WS_NO_CODE);
	ck_assert_int_eq(ws_close_parse(S("\x03"), &code, &words), -EBADMSG);
	ck_assert_int_eq(ws_close_parse(S("\x03\xe9" "bye"), &code, &words), 0);
	ck_assert_uint_eq(code, WS_GOING_AWAY);
	ck_slice_eq(words, "bye");
	ck_assert_int_eq(ws_close_parse(S("\x03\xe8\xff"), &code, &words),
			 -EILSEQ);
	ck_assert_int_eq(ws_close_parse(S("\x03\xed"), &code, &words),
			 -EBADMSG);
	for (size_t i = 0; i < COUNT(may); i++)
		ck_assert(ws_code_ok(may[i]));
	for (size_t i = 0; i < COUNT(never); i++)
		ck_assert(!ws_code_ok(never[i]));
}
END_TEST

SUITE(ws_frame, examples_of_rfc6455,
      what_is_written_is_the_shortest_and_is_read,
      what_is_no_frame_is_refused_as_soon_as_it_shows, masks_begin_anywhere,
      a_close_says_nothing_or_a_code_and_words);
