/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/expect.h"

#include "sip/hdr/sip_param.h"

static int params(struct slice in, bool valued, struct slice *out,
		  struct parse_error *e)
{
	struct scan s = scan_begin(in, e);
	int rc = valued ? sip_valued_params_scan(&s, out) :
			  sip_params_scan(&s, out);

	if (!rc && !scan_done(&s))
		rc = scan_fail(&s, "end");
	return rc;
}

START_TEST(generic_params_with_folding)
{
	struct slice p, n, v;

	ck_parses(params(S(" ; a=b;\r\n lr ; q = \"x;y\" "), false, &p, &e));
	ck_slice_eq(p, "a=b;\r\n lr ; q = \"x;y\"");
	ck_assert(sip_param_next(&p, &n, &v));
	ck_slice_eq(n, "a");
	ck_slice_eq(v, "b");
	ck_assert(sip_param_next(&p, &n, &v));
	ck_slice_eq(n, "lr");
	ck_assert_ptr_null(v.p);
	ck_assert(sip_param_next(&p, &n, &v));
	ck_slice_eq(n, "q");
	ck_slice_eq(v, "\"x;y\"");
	ck_assert(!sip_param_next(&p, &n, &v));
	ck_parses(params(S(""), false, &p, &e));
	ck_assert_ptr_null(p.p);
	ck_assert(!sip_param_next(&p, &n, &v));
}
END_TEST

START_TEST(params_that_are_none)
{
	struct slice p;

	ck_fails(params(S(";"), false, &p, &e), 1, "parameter wanted");
	ck_fails(params(S(";a;;b"), false, &p, &e), 3, "parameter wanted");
	ck_fails(params(S(";a="), false, &p, &e), 1, "parameter wanted");
	ck_fails(params(S(";a=\"x"), false, &p, &e), 1, "parameter wanted");
	ck_fails(params(S(";a b"), false, &p, &e), 3, "end");
	ck_fails(params(S(";a;b;A"), false, &p, &e), 5, "parameter twice");
	ck_fails(params(S(";a"), true, &p, &e), 1, "name=value wanted");
	ck_fails(params(S(";a=[::1]"), true, &p, &e), 1,
		 "name=value wanted");
	ck_parses(params(S(";a=[::1]"), false, &p, &e));
	ck_parses(params(S(";a=b;c=\"d\""), true, &p, &e));
	ck_slice_eq(p, "a=b;c=\"d\"");
}
END_TEST

START_TEST(as_many_params_as_the_limit)
{
	char text[3 * (LIMIT_SIP_PARAMS + 1)];
	struct slice p;

	for (int i = 0; i <= LIMIT_SIP_PARAMS; i++) {
		text[3 * i] = ';';
		text[3 * i + 1] = (char)('a' + i % 16);
		text[3 * i + 2] = (char)('a' + i / 16);
	}
	ck_parses(params(slice_of(text, 3 * LIMIT_SIP_PARAMS), false, &p, &e));
	ck_assert_uint_eq(p.n, 3 * LIMIT_SIP_PARAMS - 1);
	ck_fails_code(params(slice_of(text, sizeof(text)), false, &p, &e),
		      -E2BIG, 3 * LIMIT_SIP_PARAMS + 1,
		      "too many parameters");
}
END_TEST

START_TEST(a_param_is_found_by_name_without_case)
{
	struct slice v = S("before");

	ck_assert(sip_param_find(S("a=1;Bc=2;b"), "bC", &v));
	ck_slice_eq(v, "2");
	ck_assert(sip_param_find(S("a=1;Bc=2;b"), "b", &v));
	ck_assert_ptr_null(v.p);
	ck_assert(sip_param_find(S("a"), "a", NULL));
	v = S("before");
	ck_assert(!sip_param_find(S("a=1;b=a"), "c", &v));
	ck_slice_eq(v, "before");
	ck_assert(!sip_param_find(S(""), "", &v));
}
END_TEST

START_TEST(params_are_written_without_space)
{
	char buf[32];
	struct writer w = writer_begin(buf, sizeof(buf));

	sip_params_write(&w, S("a = 1 ; b;\r\n c=\"\""));
	ck_slice_eq(writer_done(&w), ";a=1;b;c=\"\"");
}
END_TEST

static int list(struct slice in, const char *wanted, unsigned *n,
		struct parse_error *e)
{
	struct sip_list l = sip_list_begin(in, e);
	int rc;

	*n = 0;
	while ((rc = sip_list_step(&l, wanted)) > 0) {
		if (!scan_token(&l.s, NULL))
			return scan_fail(&l.s, "token");
		++*n;
	}
	return rc;
}

START_TEST(lists_and_their_limit)
{
	char text[2 * LIMIT_SIP_VALUES + 2];
	unsigned n;

	ck_parses(list(S("a , b,\r\n c "), "x", &n, &e));
	ck_assert_uint_eq(n, 3);
	ck_parses(list(S(""), NULL, &n, &e));
	ck_assert_uint_eq(n, 0);
	ck_parses(list(S("  "), NULL, &n, &e));
	ck_assert_uint_eq(n, 0);
	ck_fails(list(S(""), "x", &n, &e), 0, "x");
	ck_fails(list(S("a,"), "x", &n, &e), 2, "token");
	ck_fails(list(S(",a"), "x", &n, &e), 0, "token");
	ck_fails(list(S("a b"), "x", &n, &e), 2, "comma or end wanted");
	memset(text, ',', sizeof(text));
	for (unsigned i = 0; i < sizeof(text); i += 2)
		text[i] = 'a';
	ck_parses(list(slice_of(text, 2 * LIMIT_SIP_VALUES - 1), "x", &n, &e));
	ck_assert_uint_eq(n, LIMIT_SIP_VALUES);
	ck_fails_code(list(slice_of(text, 2 * LIMIT_SIP_VALUES + 1), "x", &n,
			   &e),
		      -E2BIG, 2 * LIMIT_SIP_VALUES, "too many values");
	ck_assert_uint_eq(n, LIMIT_SIP_VALUES);
}
END_TEST

START_TEST(qvalues)
{
	static const struct {
		const char *in;
		unsigned v;
		const char *out;
	} good[] = { { "0", 0, "0" },        { "0.", 0, "0" },
		     { "1", 1000, "1" },     { "1.", 1000, "1" },
		     { "0.7", 700, "0.7" },  { "0.75", 750, "0.75" },
		     { "0.050", 50, "0.05" }, { "0.999", 999, "0.999" },
		     { "0.001", 1, "0.001" }, { "1.000", 1000, "1" },
		     { "0.000", 0, "0" } };
	static const char *const bad[] = { "",    "2",     "01",    ".5",
					   "1.1", "1.001", "0.1234", "0.a",
					   "0,5", "1.0000", "0./",  "0.:" };
	unsigned v = 7;

	for (size_t i = 0; i < COUNT(good); i++) {
		char buf[8];
		struct writer w = writer_begin(buf, sizeof(buf));

		ck_assert_int_eq(sip_qvalue_parse(slice_str(good[i].in), &v),
				 0);
		ck_assert_uint_eq(v, good[i].v);
		sip_qvalue_write(&w, v);
		ck_slice_eq(writer_done(&w), good[i].out);
	}
	v = 7;
	for (size_t i = 0; i < COUNT(bad); i++)
		ck_assert_int_eq(sip_qvalue_parse(slice_str(bad[i]), &v),
				 -EBADMSG);
	ck_assert_uint_eq(v, 7);
}
END_TEST

static size_t uri_length(const char *text)
{
	struct scan s = scan_begin(slice_str(text), NULL);
	struct slice out = { 0 };

	if (!sip_absolute_uri_scan(&s, &out))
		return s.p == s.begin ? 0 : 999;
	return out.p == text && s.p == text + out.n ? out.n : 998;
}

START_TEST(absolute_uris)
{
	ck_assert_uint_eq(uri_length("http://[::1]/%4aB?x=y> "), 21);
	ck_assert_uint_eq(uri_length("a+b-c.9:x"), 9);
	ck_assert_uint_eq(uri_length("a:"), 0);
	ck_assert_uint_eq(uri_length("1a:b"), 0);
	ck_assert_uint_eq(uri_length(":b"), 0);
	ck_assert_uint_eq(uri_length(""), 0);
	ck_assert_uint_eq(uri_length("abc"), 0);
	ck_assert_uint_eq(uri_length("a_b:c"), 0);
	ck_assert_uint_eq(uri_length("a:%4"), 0);
	ck_assert_uint_eq(uri_length("a:%g0"), 0);
	ck_assert_uint_eq(uri_length("a:%0g"), 0);
	ck_assert_uint_eq(uri_length("a:%0f"), 5);
	ck_assert_uint_eq(uri_length("a:b%0f%"), 6);
	ck_assert_uint_eq(uri_length("a:b\"c"), 3);
	ck_assert_uint_eq(uri_length("a:b\"cdx"), 3);
}
END_TEST

static int angle(struct slice in, struct slice *uri, struct parse_error *e)
{
	struct scan s = scan_begin(in, e);
	struct slice params;

	return sip_angle_uri_scan(&s, uri, &params);
}

START_TEST(uris_in_angle_brackets)
{
	struct slice uri;

	ck_parses(angle(S("\r\n <http://a> ; b=c"), &uri, &e));
	ck_slice_eq(uri, "http://a");
	ck_fails(angle(S("http://a"), &uri, &e), 0, "< wanted");
	ck_fails(angle(S("< http://a>"), &uri, &e), 1, "absolute URI wanted");
	ck_fails(angle(S("<http://a >"), &uri, &e), 9, "> wanted");
	ck_fails(angle(S("<http://a>;"), &uri, &e), 11, "parameter wanted");
}
END_TEST

START_TEST(text_is_quoted_and_unfolded)
{
	char buf[32];
	struct writer w = writer_begin(buf, sizeof(buf));

	sip_quoted_write(&w, S("a\"b\\c\r\td\x7f\x1f~ \xC3\xA4"));
	ck_slice_eq(writer_done(&w), "\"a\\\"b\\\\c  d  ~ \xC3\xA4\"");
	w = writer_begin(buf, sizeof(buf));
	sip_unfold_write(&w, S("a\r\n\t b  c d"));
	ck_slice_eq(writer_done(&w), "a b c d");
}
END_TEST

START_TEST(pairs)
{
	struct scan s = scan_begin(S("a = \"b\" c"), NULL);
	struct slice n, v;

	ck_assert(sip_pair_scan(&s, &n, &v));
	ck_slice_eq(n, "a");
	ck_slice_eq(v, "\"b\"");
	ck_slice_eq(scan_rest(&s), " c");
	s = scan_begin(S("a"), NULL);
	ck_assert(!sip_pair_scan(&s, &n, &v));
	ck_assert(s.p == s.begin);
	s = scan_begin(S("a=;"), NULL);
	ck_assert(!sip_pair_scan(&s, &n, &v));
	ck_assert(s.p == s.begin);
	s = scan_begin(S("=a"), NULL);
	ck_assert(!sip_pair_scan(&s, &n, &v));
}
END_TEST

SUITE(sip_param, generic_params_with_folding, params_that_are_none,
      as_many_params_as_the_limit, a_param_is_found_by_name_without_case,
      params_are_written_without_space, lists_and_their_limit, qvalues,
      absolute_uris, uris_in_angle_brackets, text_is_quoted_and_unfolded,
      pairs);
