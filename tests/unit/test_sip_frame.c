/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/suites.h"

#include "platform/limits.h"
#include "sip/msg/sip_frame.h"
#include "tests/unit/marked.h"

#define HEAD "OPTIONS sip:h SIP/2.0\r\nFrom: x\r\n"

static int frame(struct slice in, struct sip_frame *f, struct parse_error *e)
{
	*e = (struct parse_error){ 0 };
	return sip_frame(in, LIMIT_SIP_MESSAGE, f, e);
}

START_TEST(a_message_ends_after_content_length_bytes)
{
	struct slice in = S(HEAD "Content-Length: 5\r\n\r\nhelloNEXT");
	struct sip_frame f;
	struct parse_error e;

	ck_assert_int_eq(frame(in, &f, &e), 0);
	ck_assert_uint_eq(f.skip, 0);
	ck_assert_uint_eq(f.pings, 0);
	ck_assert_uint_eq(f.head, in.n - 9);
	ck_assert_uint_eq(f.total, in.n - 4);
}
END_TEST

START_TEST(the_length_may_be_folded_compact_and_anywhere)
{
	static const char *const good[] = {
		"SIP/2.0 200 OK\r\nl:2\r\n\r\nab",
		"SIP/2.0 200 OK\r\nL \t:\r\n 2 \r\n\tx: y\r\n\r\n",
		"sip/2.0 200 OK\r\nVia: x\r\ncontent-LENGTH: 02\r\nC: d\r\n"
		"\r\nab",
		"x y\r\n\r\r\nl: 2\r\nfoo\r\n\r\nab",
		"x y\r\nCall-ID: Content-Length: 7\r\nl: 2\r\n\r\nab",
		"x y\r\nc: t\r\nlx: 1\r\nContent-Lengthy: 3\r\nl 9\r\nl: 2"
		"\r\n\r\nab",
		"x y\r\nA: b\r\n l: 9\r\nl: 2\r\n\r\nab",
	};

	for (size_t i = 0; i < COUNT(good); i++) {
		struct marked m = marked(good[i]);
		struct sip_frame f;
		struct parse_error e;
		int rc = frame(m.in, &f, &e);

		if (i == 1) { /* " 2" goes on with "x: y": no number */
			ck_assert_int_eq(rc, -EBADMSG);
		} else {
			ck_assert_msg(rc == 0 && f.total == m.in.n,
				      "%s: %d, %zu", good[i], rc, f.total);
		}
		marked_free(&m);
	}
}
END_TEST

START_TEST(a_stream_that_cannot_be_followed_is_refused)
{
	static const char *const bad[] = {
		HEAD "^\r\n",                           /* no length */
		HEAD "l: ^x\r\n\r\n", HEAD "l: ^\r\n\r\n",
		HEAD "l: ^-999\r\n\r\n", HEAD "l: 1 ^2\r\n\r\n",
		HEAD "l: ^4294967296\r\n\r\n",
		HEAD "l: 1^;\r\n\r\n", HEAD "l: 1^\r \r\n\r\n",
		HEAD "l: 0\r\nContent-Length: ^0\r\n\r\n",
		HEAD "l: 13\r\nA: b\r\nl: ^5\r\n\r\n",
		"^\x16\x03\x01", "^ x", "^@", "^\nOPTIONS", "x^:y", "SIPx^/2.0",
		"HTTP^/1.1 200 OK", "x^/2.0", "\r\n^\n", "^\rx", "\r\n\r\n^\rx",
		"x^\r\n", "^<",
	};
	unsigned wrong = 0;

	for (size_t i = 0; i < COUNT(bad); i++) {
		struct marked m = marked(bad[i]);
		struct sip_frame f;
		struct parse_error e;

		wrong += !marked_ok(&m, bad[i], frame(m.in, &f, &e), -EBADMSG,
				    &e);
		ck_assert_uint_eq(f.total, 0);
		if (i < 10)
			ck_assert_uint_eq(f.head, m.in.n);
		marked_free(&m);
	}
	ck_assert_uint_eq(wrong, 0);
}
END_TEST

START_TEST(size_is_limited)
{
	struct slice in = S("x y\r\nl: 5\r\n\r\nhello");
	struct parse_error e = { 0 };
	struct sip_frame f;

	ck_assert_int_eq(sip_frame(in, in.n, &f, &e), 0);
	ck_assert_int_eq(sip_frame(in, in.n - 1, &f, &e), -E2BIG);
	ck_assert_uint_eq(e.offset, in.n - 5);
	ck_assert_uint_eq(f.head, in.n - 5);
	/* Before the body has come, too. */
	in = slice_head(in, in.n - 5);
	ck_assert_int_eq(sip_frame(in, in.n + 4, &f, &e), -E2BIG);
	ck_assert_int_eq(sip_frame(in, in.n + 5, &f, &e), -EAGAIN);
	/* A head without end. */
	in = S("x y\r\nA: b\r\n\r");
	ck_assert_int_eq(sip_frame(in, in.n, &f, &e), -EAGAIN);
	ck_assert_int_eq(sip_frame(in, in.n - 1, &f, &e), -E2BIG);
	ck_assert_uint_eq(e.offset, in.n - 1);
	ck_assert_uint_eq(f.head, 0);
	/* What stands before the message does not count. */
	in = S("\r\n\r\nx y\r\nl: 0\r\n\r\n");
	ck_assert_int_eq(sip_frame(in, in.n - 4, &f, &e), 0);
	ck_assert_int_eq(sip_frame(in, in.n - 5, &f, &e), -E2BIG);
}
END_TEST

/* RFC 3261 7.5, RFC 5626 3.5.1 */
START_TEST(crlfs_before_a_message_are_skipped_and_pings_counted)
{
	static const struct {
		const char *in;
		int rc;
		size_t skip;
		unsigned pings;
	} t[] = {
		{ "", -EAGAIN, 0, 0 },
		{ "\r", -EAGAIN, 0, 0 },
		{ "\r\n", -EAGAIN, 0, 0 }, /* half a ping, or a pong */
		{ "\r\n\r", -EAGAIN, 0, 0 },
		{ "\r\n\r\n", -EAGAIN, 4, 1 },
		{ "\r\n\r\n\r", -EAGAIN, 4, 1 },
		{ "\r\n\r\n\r\n", -EAGAIN, 4, 1 },
		{ "\r\n\r\n\r\n\r\n", -EAGAIN, 8, 2 },
		{ "x y\r\nl:0\r\n\r\n", 0, 0, 0 },
		{ "\r\nx y\r\nl:0\r\n\r\n", 0, 2, 0 },
		{ "\r\n\r\nx y\r\nl:0\r\n\r\n", 0, 4, 1 },
		{ "\r\n\r\n\r\nx y\r\nl:0\r\n\r\n", 0, 6, 1 },
		{ "\r\nx", -EAGAIN, 2, 0 },
	};

	for (size_t i = 0; i < COUNT(t); i++) {
		struct marked m = marked(t[i].in);
		struct sip_frame f;
		struct parse_error e;

		ck_assert_int_eq(frame(m.in, &f, &e), t[i].rc);
		ck_assert_uint_eq(f.skip, t[i].skip);
		ck_assert_uint_eq(f.pings, t[i].pings);
		if (f.total)
			ck_assert_uint_eq(f.skip + f.total, m.in.n);
		marked_free(&m);
	}
}
END_TEST

/* What a stream holds, one letter for each thing found in it. */
struct found {
	char what[16];
	size_t at[16];
	unsigned n;
};

static void feed(struct found *f, char *buf, size_t *n, size_t *base,
		 struct slice piece)
{
	memcpy(buf + *n, piece.p, piece.n);
	*n += piece.n;
	for (;;) {
		struct sip_frame fr;
		struct parse_error e = { 0 };
		int rc = sip_frame(slice_of(buf, *n), 100, &fr, &e);
		size_t drop = fr.skip + (rc == 0 ? fr.total : 0);

		for (unsigned i = 0; i < fr.pings; i++)
			f->what[f->n++] = 'p';
		if (rc != -EAGAIN) {
			f->at[f->n] = *base + fr.skip +
				      (rc ? 1000 + e.offset - fr.skip :
					    fr.total);
			f->what[f->n++] = rc == 0 ? 'm' :
					  rc == -E2BIG ? 'b' : 'x';
		}
		*base += drop;
		*n -= drop;
		memmove(buf, buf + drop, *n);
		if (rc)
			return;
	}
}

static struct found in_pieces(struct slice all, size_t first, size_t size)
{
	struct found f = { 0 };
	char buf[512];
	size_t n = 0, base = 0;

	for (size_t at = 0; at < all.n;) {
		size_t len = at == 0 && first ? first : size;

		if (len > all.n - at)
			len = all.n - at;
		feed(&f, buf, &n, &base, slice_of(all.p + at, len));
		at += len;
		if (f.n && (f.what[f.n - 1] == 'x' || f.what[f.n - 1] == 'b'))
			break;
	}
	return f;
}

START_TEST(a_stream_cut_anywhere_holds_the_same)
{
	static const struct {
		struct slice in;
		const char *what;
	} t[] = {
		{ SLICE("\r\n\r\nACK sip:h SIP/2.0\r\nl: 3\r\n\r\nabc\r\n"
			"SIP/2.0 200 OK\r\nA: b\r\nContent-Length :\r\n 1\r\n"
			"\r\nx\r\n\r\n\r\n\r\n"
			"BYE sip:h SIP/2.0\r\nl:0\r\n\r\n"),
		  "pmmppm" },
		{ SLICE("A b\r\nl:0\r\n\r\nHTTP/1.0 200 OK\r\n"), "mx" },
		{ SLICE("A b\r\nl:99\r\n\r\nx"), "b" },
		{ SLICE("A b\r\nC: d\r\n\r\n"), "x" },
		{ SLICE("A b\r\nC: "
			"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
			"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
			"aaaaaaaaaaa\r\nl:0\r\n\r\n"), "b" },
	};

	for (size_t i = 0; i < COUNT(t); i++) {
		struct found whole = in_pieces(t[i].in, 0, t[i].in.n);

		ck_assert_str_eq(whole.what, t[i].what);
		for (size_t first = 1; first < t[i].in.n; first++) {
			struct found two = in_pieces(t[i].in, first,
						     t[i].in.n);

			ck_assert(memcmp(&two, &whole, sizeof(two)) == 0);
		}
		for (size_t size = 1; size <= 3; size++) {
			struct found many = in_pieces(t[i].in, 0, size);

			ck_assert(memcmp(&many, &whole, sizeof(many)) == 0);
		}
	}
}
END_TEST

static void prefix(struct slice in)
{
	struct parse_error e = { 0 };
	struct sip_frame f;
	int rc = sip_frame(in, 1000, &f, &e);

	ck_assert(rc == -EAGAIN && f.skip <= in.n);
}

START_TEST(a_prefix_is_never_a_message_nor_refused)
{
	static const char text[] = "\r\n\r\nACK sip:h SIP/2.0\r\nl: 3\r\nA: b"
				   "\r\n c\r\n\r\nabc";
	struct sip_frame f;

	each_prefix(slice_of(text, sizeof(text) - 2), prefix);
	ck_assert_int_eq(sip_frame(slice_of(text, sizeof(text) - 1), 1000, &f,
				   NULL), 0);
}
END_TEST

SUITE(sip_frame, a_message_ends_after_content_length_bytes,
      the_length_may_be_folded_compact_and_anywhere,
      a_stream_that_cannot_be_followed_is_refused, size_is_limited,
      crlfs_before_a_message_are_skipped_and_pings_counted,
      a_stream_cut_anywhere_holds_the_same,
      a_prefix_is_never_a_message_nor_refused);
