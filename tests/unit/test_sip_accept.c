/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/expect.h"

#include "sip/hdr/sip_accept.h"

/* 20.3: Accept-Language: da, en-gb;q=0.8, en;q=0.7 */
START_TEST(languages_of_20_3)
{
	struct parse_error e = { 0 };
	struct sip_preference p;
	struct sip_list l = sip_list_begin(
		S("da, en-gb;q=0.8, en ; q = 0.7;x,\r\n *"), &e);

	ck_assert_int_eq(sip_accept_language_next(&l, &p), 1);
	ck_slice_eq(p.value, "da");
	ck_assert_uint_eq(p.q, 1000);
	ck_assert(!p.has_q);
	ck_assert_int_eq(sip_accept_language_next(&l, &p), 1);
	ck_slice_eq(p.value, "en-gb");
	ck_assert_uint_eq(p.q, 800);
	ck_assert(p.has_q);
	ck_assert_int_eq(sip_accept_language_next(&l, &p), 1);
	ck_writes(sip_preference_write, &p, "en;q=0.7;x");
	ck_assert_int_eq(sip_accept_language_next(&l, &p), 1);
	ck_slice_eq(p.value, "*");
	ck_assert_int_eq(sip_accept_language_next(&l, &p), 0);
}
END_TEST

static int languages(struct slice in, unsigned *n, struct parse_error *e)
{
	struct sip_list l = sip_list_begin(in, e);
	struct sip_preference p;
	int rc;

	*n = 0;
	while ((rc = sip_accept_language_next(&l, &p)) > 0)
		++*n;
	return rc;
}

static int codings(struct slice in, unsigned *n, struct parse_error *e)
{
	struct sip_list l = sip_list_begin(in, e);
	struct sip_preference p;
	int rc;

	*n = 0;
	while ((rc = sip_accept_encoding_next(&l, &p)) > 0)
		++*n;
	return rc;
}

START_TEST(what_no_language_is)
{
	unsigned n;

	ck_parses(languages(S(""), &n, &e));
	ck_assert_uint_eq(n, 0);
	ck_parses(languages(S("abcdefgh-abcdefgh-12345678"), &n, &e));
	ck_fails(languages(S("abcdefghi"), &n, &e), 0, "language wanted");
	ck_fails(languages(S("a-abcdefghi"), &n, &e), 0, "language wanted");
	ck_fails(languages(S("a-"), &n, &e), 0, "language wanted");
	ck_fails(languages(S("1"), &n, &e), 0, "language wanted");
	ck_parses(languages(S("es-419"), &n, &e));
	ck_fails(languages(S("en, ,de"), &n, &e), 4, "language wanted");
	ck_fails(languages(S("**"), &n, &e), 1, "comma or end wanted");
	ck_fails(languages(S("en;q=1.1"), &n, &e), 8, "q has no valid value");
	ck_fails(languages(S("en;q"), &n, &e), 4, "q has no valid value");
	ck_fails(languages(S("en;"), &n, &e), 3, "parameter wanted");
}
END_TEST

/* 20.2: Accept-Encoding: gzip */
START_TEST(codings_of_20_2)
{
	struct parse_error err = { 0 };
	struct sip_preference p;
	struct sip_list l = sip_list_begin(S("gzip, *;q=0"), &err);
	unsigned n;

	ck_assert_int_eq(sip_accept_encoding_next(&l, &p), 1);
	ck_slice_eq(p.value, "gzip");
	ck_writes(sip_preference_write, &p, "gzip");
	ck_assert_int_eq(sip_accept_encoding_next(&l, &p), 1);
	ck_slice_eq(p.value, "*");
	ck_assert_uint_eq(p.q, 0);
	ck_assert_int_eq(sip_accept_encoding_next(&l, &p), 0);
	ck_parses(codings(S(""), &n, &e));
	ck_fails(codings(S("gzip,"), &n, &e), 5, "content coding wanted");
	ck_fails(codings(S("gzip tar"), &n, &e), 5, "comma or end wanted");
	ck_fails(codings(S("a;b=;"), &n, &e), 2, "parameter wanted");
}
END_TEST

START_TEST(content_encoding_and_language)
{
	struct sip_tokens t = { .n = 7 };

	ck_parses(sip_content_encoding_parse(S("tar , gzip"), &t, &e));
	ck_writes(sip_tokens_write, &t, "tar, gzip");
	ck_parses(sip_content_language_parse(S("fr"), &t, &e)); /* 20.13 */
	ck_assert_uint_eq(t.n, 1);
	ck_parses(sip_content_language_parse(S("en-gb,de"), &t, &e));
	ck_writes(sip_tokens_write, &t, "en-gb, de");
	ck_fails(sip_content_encoding_parse(S(""), &t, &e), 0,
		 "content coding wanted");
	ck_fails(sip_content_language_parse(S(""), &t, &e), 0,
		 "language wanted");
	ck_fails(sip_content_encoding_parse(S("a;q=1"), &t, &e), 1,
		 "comma or end wanted");
	ck_fails(sip_content_encoding_parse(S("a,;"), &t, &e), 2,
		 "content coding wanted");
	ck_fails(sip_content_language_parse(S("*"), &t, &e), 0,
		 "language wanted");
	ck_assert_uint_eq(t.n, 2);
}
END_TEST

SUITE(sip_accept, languages_of_20_3, what_no_language_is, codings_of_20_2,
      content_encoding_and_language);
