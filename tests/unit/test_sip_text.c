/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/expect.h"

#include "sip/hdr/sip_text.h"

START_TEST(utf8_text)
{
	struct slice t = S("kept");

	ck_parses(sip_text_parse(S("Need more boxes"), &t, &e)); /* 20.36 */
	ck_slice_eq(t, "Need more boxes");
	ck_parses(sip_text_parse(S("a\r\n \t b  c \r\n "), &t, &e));
	ck_slice_eq(t, "a\r\n \t b  c");
	ck_writes(sip_text_write, t, "a b c");
	ck_parses(sip_text_parse(S("!~\xC2\x80\xE2\x82\xAC\xF0\x9F\x93\x9E"),
				 &t, &e));
	ck_assert_uint_eq(t.n, 11);
	ck_parses(sip_text_parse(S(""), &t, &e));
	ck_assert_uint_eq(t.n, 0);
	ck_assert_ptr_nonnull(t.p);
}
END_TEST

START_TEST(what_no_text_is)
{
	static const struct {
		const char *in;
		size_t at;
	} bad[] = { { " a", 0 },        { "a\x01", 1 },
		    { "a\x7f", 1 },     { "ab\x80", 2 },
		    { "\xC3", 0 },      { "a \xE2\x82", 2 },
		    { "a\r\nb", 1 },    { "a\rb", 1 },
		    { "\xF0\x9F\x93", 0 }, { "\xF8\x88\x80\x80\x80", 0 },
		    { "a\nb", 1 },      { "\xC0\x80", 0 } };
	struct slice t = S("kept");

	for (size_t i = 0; i < COUNT(bad); i++)
		ck_fails(sip_text_parse(slice_str(bad[i].in), &t, &e),
			 bad[i].at, "UTF-8 text without controls wanted");
	ck_slice_eq(t, "kept");
}
END_TEST

START_TEST(products_and_comments)
{
	struct parse_error e = { 0 };
	struct sip_product p;
	struct sip_list l = sip_list_begin(
		S("Softphone / 1.5 (beta (2))\r\n v2 (x) "), &e);

	ck_assert_int_eq(sip_product_next(&l, &p), 1);
	ck_slice_eq(p.name, "Softphone");
	ck_slice_eq(p.version, "1.5");
	ck_assert_ptr_null(p.comment.p);
	ck_writes(sip_product_write, &p, "Softphone/1.5");
	ck_assert_int_eq(sip_product_next(&l, &p), 1);
	ck_slice_eq(p.comment, "beta (2)");
	ck_assert_ptr_null(p.name.p);
	ck_writes(sip_product_write, &p, "(beta (2))");
	ck_assert_int_eq(sip_product_next(&l, &p), 1);
	ck_slice_eq(p.name, "v2");
	ck_assert_ptr_null(p.version.p);
	ck_writes(sip_product_write, &p, "v2");
	ck_assert_int_eq(sip_product_next(&l, &p), 1);
	ck_slice_eq(p.comment, "x");
	ck_assert_int_eq(sip_product_next(&l, &p), 0);
	ck_assert_int_eq(sip_product_next(&l, &p), 0);
}
END_TEST

static int products(struct slice in, unsigned *n, struct parse_error *e)
{
	struct sip_list l = sip_list_begin(in, e);
	struct sip_product p;
	int rc;

	*n = 0;
	while ((rc = sip_product_next(&l, &p)) > 0)
		++*n;
	return rc;
}

START_TEST(products_and_their_limit)
{
	char text[2 * LIMIT_SIP_VALUES + 1];
	unsigned n;

	ck_parses(products(S("HomeServer v2"), &n, &e)); /* 20.35 */
	ck_assert_uint_eq(n, 2);
	ck_fails(products(S(""), &n, &e), 0, "product or comment wanted");
	ck_fails(products(S("/1"), &n, &e), 0, "product or comment wanted");
	ck_fails(products(S("a/"), &n, &e), 2, "product version wanted");
	ck_fails(products(S("a(b)c"), &n, &e), 1, "space wanted");
	ck_fails(products(S("a (b)c"), &n, &e), 5, "space wanted");
	ck_fails(products(S("a (b"), &n, &e), 2,
		 "product or comment wanted");
	ck_fails(products(S("a/b/c"), &n, &e), 3, "space wanted");
	ck_fails(products(S("a, b"), &n, &e), 1, "space wanted");
	memset(text, ' ', sizeof(text));
	for (unsigned i = 0; i < sizeof(text); i += 2)
		text[i] = 'a';
	ck_parses(products(slice_of(text, sizeof(text) - 1), &n, &e));
	ck_assert_uint_eq(n, LIMIT_SIP_VALUES);
	ck_fails_code(products(slice_of(text, sizeof(text)), &n, &e), -E2BIG,
		      2 * LIMIT_SIP_VALUES, "too many products");
	ck_assert_uint_eq(n, LIMIT_SIP_VALUES);
}
END_TEST

START_TEST(priorities_of_20_26)
{
	static const struct {
		const char *in;
		enum sip_urgency urgency;
	} good[] = { { "emergency", SIP_EMERGENCY }, { "URGENT", SIP_URGENT },
		     { "normal", SIP_NORMAL }, { "non-urgent", SIP_NON_URGENT },
		     { "other", SIP_NORMAL } };
	struct sip_priority p;

	for (size_t i = 0; i < COUNT(good); i++) {
		ck_parses(sip_priority_parse(slice_str(good[i].in), &p, &e));
		ck_assert_int_eq(p.urgency, good[i].urgency);
		ck_writes(sip_priority_write, &p, good[i].in);
	}
	ck_fails(sip_priority_parse(S(""), &p, &e), 0, "priority wanted");
	ck_fails(sip_priority_parse(S("a b"), &p, &e), 2,
		 "end of priority wanted");
	ck_slice_eq(p.value, "other");
}
END_TEST

SUITE(sip_text, utf8_text, what_no_text_is, products_and_comments,
      products_and_their_limit, priorities_of_20_26);
