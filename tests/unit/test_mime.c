/* SPDX-License-Identifier: BSD-2-Clause
 * RFC 2046 5.1.1: what a delimiter is, and what lies between two. */
#include "tests/unit/suites.h"

#include <stdio.h>

#include "platform/mime.h"
#include "platform/writer.h"

static int begin(struct mime_parts *p, const char *boundary, const char *body)
{
	*p = (struct mime_parts){ 0 };
	return mime_begin(p, slice_str(boundary), slice_str(body));
}

/* The example of RFC 2046 5.1.1: one part without fields, one with. */
START_TEST(the_two_parts_of_rfc2046)
{
	struct mime_parts p;
	struct mime_part part;
	struct slice type;

	ck_assert_int_eq(begin(&p, "simple boundary",
		"This is the preamble.\r\n--simple boundar\r\n\r\n"
		"--simple boundary\r\n\r\nNot ended by a line break."
		"\r\n--simple boundary\r\nContent-type: text/plain; "
		"charset=us-ascii\r\n\r\nEnded by one.\r\n"
		"\r\n--simple boundary--\r\n\r\nThis is the epilogue.\r\n"),
		0);
	ck_assert_int_eq(mime_next(&p, &part), 1);
	ck_assert_uint_eq(part.fields.n, 0);
	ck_slice_eq(part.body, "Not ended by a line break.");
	ck_assert_int_eq(mime_next(&p, &part), 1);
	ck_assert(mime_field(part.fields, "Content-Type", &type));
	ck_slice_eq(type, "text/plain; charset=us-ascii");
	ck_slice_eq(part.body, "Ended by one.\r\n");
	ck_assert_int_eq(mime_next(&p, &part), 0);
	ck_assert_int_eq(mime_next(&p, &part), 0);
}
END_TEST

START_TEST(parts_may_hold_any_bytes_and_nothing)
{
	static const char body[] = "--b\r\nA: 1\r\n\r\n\0\r\n\n--b\r\n\r--b\r\n"
		"-b\r\n--bb\r\n--b--x\r\n--b \t\r\n--b\r\nA:2\r\n--b--";
	struct mime_parts p;
	struct mime_part part;
	struct slice v;

	ck_assert_int_eq(mime_begin(&p, S("b"), slice_of(body,
							 sizeof(body) - 1)),
			 0);
	ck_assert_int_eq(mime_next(&p, &part), 1);
	/* A lone LF or CR begins no line, and --bb no delimiter. */
	ck_assert_uint_eq(part.body.n, sizeof("\0\r\n\n--b\r\n\r--b\r\n-b\r\n"
					      "--bb\r\n--b--x") - 1);
	ck_assert_int_eq(part.body.p[0], 0);
	ck_assert_int_eq(mime_next(&p, &part), 1); /* between two of them */
	ck_assert_uint_eq(part.fields.n, 0);
	ck_assert_uint_eq(part.body.n, 0);
	ck_assert_int_eq(mime_next(&p, &part), 1); /* fields and no body */
	ck_assert(mime_field(part.fields, "a", &v));
	ck_slice_eq(v, "2");
	ck_assert_uint_eq(part.body.n, 0);
	ck_assert_int_eq(mime_next(&p, &part), 0);
}
END_TEST

START_TEST(fields_are_found_whatever_their_case_and_folding)
{
	struct slice f = S("no colon\r\nX-A: first\r\n\tand more\r\nx-a: 2\r\n"
			   "CONTENT-TYPE :\t text/plain \r\nEmpty:\r\n"), v;

	ck_assert(mime_field(f, "x-a", &v));
	ck_slice_eq(v, "first\r\n\tand more");
	ck_assert(mime_field(f, "Content-Type", &v));
	ck_slice_eq(v, "text/plain");
	ck_assert(mime_field(f, "empty", &v));
	ck_assert_uint_eq(v.n, 0);
	ck_assert(!mime_field(f, "no colon", &v));
	ck_assert(!mime_field(S(""), "a", &v));
}
END_TEST

START_TEST(what_is_no_multipart_is_refused)
{
	static const struct {
		const char *boundary, *body;
		int begins, next;
	} row[] = {
		{ "b", "", -EBADMSG, 0 },
		{ "b", "text", -EBADMSG, 0 },
		{ "b", "x--b\r\n\r\n--b-", -EBADMSG, 0 },
		{ "b", "--b\n\n--b--\n", -EBADMSG, 0 }, /* LF alone */
		{ "", "--\r\n\r\n----", -EBADMSG, 0 },
		{ "b ", "--b \r\n\r\n--b --", -EBADMSG, 0 },
		{ "b\"", "--b\"\r\n\r\n--b\"--", -EBADMSG, 0 },
		{ "b", "--b\r\n", 0, -EBADMSG },
		{ "b", "--b\r\n\r\ntext\r\n", 0, -EBADMSG },
		{ "b", "--b\r\n\r\ntext\r\n--b", 0, -EBADMSG },
		{ "b", "--b--", 0, 0 }, /* none */
		{ "b", "--b\r\n--b--\r\n", 0, 1 },
	};
	static const char most[] = "0123456789'()+_,-./:=? 01234567890123456789"
				   "012345678901234567890123456";
	char body[256], longer[MIME_BOUNDARY + 2];
	struct mime_parts p;
	struct mime_part part;

	for (size_t i = 0; i < COUNT(row); i++) {
		ck_assert_int_eq(begin(&p, row[i].boundary, row[i].body),
				 row[i].begins);
		if (row[i].begins == 0)
			ck_assert_int_eq(mime_next(&p, &part), row[i].next);
	}
	ck_assert_uint_eq(strlen(most), MIME_BOUNDARY);
	snprintf(body, sizeof(body), "--%s\r\n\r\nx\r\n--%s--", most, most);
	ck_assert_int_eq(begin(&p, most, body), 0);
	ck_assert_int_eq(mime_next(&p, &part), 1);
	snprintf(longer, sizeof(longer), "%sx", most);
	snprintf(body, sizeof(body), "--%s\r\n\r\nx\r\n--%s--", longer,
		 longer);
	ck_assert_int_eq(begin(&p, longer, body), -EBADMSG);
}
END_TEST

START_TEST(there_is_a_most_of_parts)
{
	static const char one[] = "--b\r\n\r\n", last[] = "--b--";
	char body[sizeof(one) * (LIMIT_MIME_PARTS + 2)];
	struct mime_part part;

	for (size_t most = LIMIT_MIME_PARTS; most < LIMIT_MIME_PARTS + 2;
	     most++) {
		struct writer w = writer_begin(body, sizeof(body));
		struct mime_parts p = { 0 };

		for (size_t i = 0; i < most; i++)
			writer_str(&w, one);
		writer_str(&w, last);
		ck_assert_int_eq(mime_begin(&p, S("b"), writer_done(&w)), 0);
		for (unsigned i = 0; i < LIMIT_MIME_PARTS; i++)
			ck_assert_int_eq(mime_next(&p, &part), 1);
		ck_assert_int_eq(mime_next(&p, &part),
				 most > LIMIT_MIME_PARTS ? -E2BIG : 0);
	}
}
END_TEST

/* All that is cut off before its last delimiter is not whole. */
START_TEST(a_prefix_is_never_whole)
{
	static const char body[] = "--b\r\nA: 1\r\n\r\none\r\n--b\r\n\r\n"
				   "two\r\n--b--";

	for (size_t n = 0; n < sizeof(body) - 1; n++) {
		struct mime_parts p = { 0 };
		struct mime_part part;
		int rc = mime_begin(&p, S("b"), slice_of(body, n));

		while (rc == 0 && (rc = mime_next(&p, &part)) == 1)
			rc = 0;
		ck_assert_msg(rc == -EBADMSG || n == 0 || p.n == 2,
			      "%zu: %d", n, rc);
		ck_assert_int_eq(rc, -EBADMSG);
	}
}
END_TEST

SUITE(mime, the_two_parts_of_rfc2046, parts_may_hold_any_bytes_and_nothing,
      fields_are_found_whatever_their_case_and_folding,
      what_is_no_multipart_is_refused, there_is_a_most_of_parts,
      a_prefix_is_never_whole);
