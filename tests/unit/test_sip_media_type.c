/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/expect.h"

#include "sip/hdr/sip_media_type.h"

START_TEST(examples_of_20_15)
{
	struct sip_media_type t;
	struct slice v;

	ck_parses(sip_media_type_parse(S("application/sdp"), &t, &e));
	ck_assert(sip_media_type_is(&t, "application", "SDP"));
	ck_assert(!sip_media_type_is(&t, "application", "sdp2"));
	ck_assert(!sip_media_type_is(&t, "text", "sdp"));
	ck_assert_ptr_null(t.params.p);
	ck_writes(sip_media_type_write, &t, "application/sdp");
	ck_parses(sip_media_type_parse(S("text/html; charset=ISO-8859-4"), &t,
				       &e));
	ck_assert(sip_param_find(t.params, "Charset", &v));
	ck_slice_eq(v, "ISO-8859-4");
	ck_writes(sip_media_type_write, &t, "text/html;charset=ISO-8859-4");
	ck_parses(sip_media_type_parse(S("a \r\n / b ;\r\n c = \"d;e\" "), &t,
				       &e));
	ck_writes(sip_media_type_write, &t, "a/b;c=\"d;e\"");
}
END_TEST

START_TEST(what_is_no_media_type)
{
	struct sip_media_type t = { .type = S("kept") };

	ck_fails(sip_media_type_parse(S(""), &t, &e), 0,
		 "media type wanted");
	ck_fails(sip_media_type_parse(S("/a"), &t, &e), 0,
		 "media type wanted");
	ck_fails(sip_media_type_parse(S("a"), &t, &e), 1, "/ wanted");
	ck_fails(sip_media_type_parse(S("a b"), &t, &e), 1, "/ wanted");
	ck_fails(sip_media_type_parse(S("a/"), &t, &e), 2,
		 "media subtype wanted");
	ck_fails(sip_media_type_parse(S("a/b c"), &t, &e), 4,
		 "end of media type wanted");
	ck_fails(sip_media_type_parse(S("a/b;"), &t, &e), 4,
		 "name=value wanted");
	ck_fails(sip_media_type_parse(S("a/b;c"), &t, &e), 4,
		 "name=value wanted");
	/* RFC 2046 5.1.1 warns of this one: ":" needs quotes */
	ck_fails(sip_media_type_parse(S("a/b;boundary=gc0p:08"), &t, &e), 17,
		 "end of media type wanted");
	ck_fails(sip_media_type_parse(S("a/b;c=d;C=e"), &t, &e), 8,
		 "parameter twice");
	ck_slice_eq(t.type, "kept");
}
END_TEST

static bool boundary(const char *text, struct slice *out, char *buf)
{
	struct sip_media_type t;
	struct parse_error e;

	ck_assert_int_eq(sip_media_type_parse(slice_str(text), &t, &e), 0);
	return sip_media_type_boundary(&t, buf, out);
}

#define DIGITS60 "1234567890123456789012345678901234567890" \
		 "12345678901234567890"

START_TEST(boundary_is_unquoted)
{
	char buf[SIP_BOUNDARY_MAX];
	struct slice b = S("kept");

	/* RFC 2046 5.1.1's own example */
	ck_assert(boundary("multipart/mixed;"
			   "boundary=\"gc0pJq0M:08jU534c0p\"", &b, buf));
	ck_slice_eq(b, "gc0pJq0M:08jU534c0p");
	ck_assert(boundary("multipart/mixed;x=y;BOUNDARY=\"a\\'b \\(c\"", &b,
			   buf));
	ck_slice_eq(b, "a'b (c");
	ck_assert(boundary("a/b;boundary=\"'()+_,-./:=? z\"", &b, buf));
	ck_slice_eq(b, "'()+_,-./:=? z");
	ck_assert(boundary("a/b;boundary=" DIGITS60 "1234567890", &b, buf));
	ck_assert_uint_eq(b.n, 70);
	b = S("kept");
	ck_assert(!boundary("a/b;boundary=" DIGITS60 "12345678901", &b, buf));
	ck_assert(!boundary("a/b;boundary=\"\\" DIGITS60 "12345678901\"", &b,
			    buf));
	ck_assert(!boundary("a/b", &b, buf));
	ck_assert(!boundary("a/b;boundary=\"\"", &b, buf));
	ck_assert(!boundary("a/b;boundary=\"a \"", &b, buf));
	ck_assert(!boundary("a/b;boundary=\"a\\\"b\"", &b, buf));
	ck_assert(!boundary("a/b;boundary=\"a;b\"", &b, buf));
	ck_assert(!boundary("a/b;boundary=a!b", &b, buf));
	ck_slice_eq(b, "kept");
}
END_TEST

/* 20.1: Accept: application/sdp;level=1, application/x-private, text/html */
START_TEST(accept_is_a_list)
{
	struct parse_error e = { 0 };
	struct sip_accept a;
	struct sip_list l = sip_list_begin(
		S("application/sdp;level=1, application/x-private, text/*;"
		  "q=0.5;ext, */*;q=0"), &e);

	ck_assert_int_eq(sip_accept_next(&l, &a), 1);
	ck_assert_uint_eq(sip_accept_fits(&a, "application", "sdp"), 3);
	ck_assert_uint_eq(sip_accept_fits(&a, "application", "x"), 0);
	ck_assert_uint_eq(sip_accept_fits(&a, "text", "sdp"), 0);
	ck_assert(!a.has_q);
	ck_assert_uint_eq(a.q, 1000);
	ck_writes(sip_accept_write, &a, "application/sdp;level=1");
	ck_assert_int_eq(sip_accept_next(&l, &a), 1);
	ck_slice_eq(a.range.subtype, "x-private");
	ck_assert_int_eq(sip_accept_next(&l, &a), 1);
	ck_assert_uint_eq(sip_accept_fits(&a, "text", "plain"), 2);
	ck_assert_uint_eq(sip_accept_fits(&a, "image", "plain"), 0);
	ck_assert(a.has_q);
	ck_assert_uint_eq(a.q, 500);
	ck_writes(sip_accept_write, &a, "text/*;q=0.5;ext");
	ck_assert_int_eq(sip_accept_next(&l, &a), 1);
	ck_assert_uint_eq(sip_accept_fits(&a, "image", "png"), 1);
	ck_assert_uint_eq(a.q, 0);
	ck_assert_int_eq(sip_accept_next(&l, &a), 0);
	l = sip_list_begin(S(""), &e);
	ck_assert_int_eq(sip_accept_next(&l, &a), 0);
	l = sip_list_begin(S("*/a"), &e);
	ck_assert_int_eq(sip_accept_next(&l, &a), 1);
	ck_assert_uint_eq(sip_accept_fits(&a, "image", "a"), 0);
	l = sip_list_begin(S("a/b, c"), &e);
	ck_assert_int_eq(sip_accept_next(&l, &a), 1);
	ck_assert_int_eq(sip_accept_next(&l, &a), -EBADMSG);
	ck_assert_uint_eq(e.offset, 6);
}
END_TEST

START_TEST(one_media_range)
{
	struct sip_accept a = { .q = 7 };

	ck_parses(sip_accept_parse(S("a/b;q=\t1.0 "), &a, &e));
	ck_assert_uint_eq(a.q, 1000);
	a.q = 7;
	ck_fails(sip_accept_parse(S("a/b;q=2"), &a, &e), 7,
		 "q has no valid value");
	ck_fails(sip_accept_parse(S("a/b;q"), &a, &e), 5,
		 "q has no valid value");
	ck_fails(sip_accept_parse(S("a/b,c/d"), &a, &e), 3,
		 "end of media range wanted");
	ck_fails(sip_accept_parse(S("a/b;c;"), &a, &e), 6,
		 "parameter wanted");
	ck_fails(sip_accept_parse(S("a"), &a, &e), 1, "/ wanted");
	ck_assert_uint_eq(a.q, 7);
}
END_TEST

SUITE(sip_media_type, examples_of_20_15, what_is_no_media_type,
      boundary_is_unquoted, accept_is_a_list,
      one_media_range);
