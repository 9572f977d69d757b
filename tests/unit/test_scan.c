/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/suites.h"

#include "platform/limits.h"
#include "platform/scan.h"

static bool in_set(int c, const char *set)
{
	return c && c < 128 && strchr(set, c) != NULL;
}

/* RFC 3261 25.1, rule by rule. */
START_TEST(classes_are_those_of_the_grammar)
{
	for (int c = 0; c < 256; c++) {
		char ch = (char)c;
		bool alpha = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
		bool digit = c >= '0' && c <= '9';

		ck_assert_int_eq(scan_is(ch, SCAN_ALNUM), alpha || digit);
		ck_assert_int_eq(scan_is(ch, SCAN_TOKEN), alpha || digit ||
				 in_set(c, "-.!%*_+`'~"));
		ck_assert_int_eq(scan_is(ch, SCAN_UNRESERVED), alpha || digit ||
				 in_set(c, "-_.!~*'()"));
		ck_assert_int_eq(scan_is(ch, SCAN_WORD), alpha || digit ||
				 in_set(c, "-.!%*_+`'~()<>:\\\"/[]?{}"));
		ck_assert_int_eq(scan_is(ch, SCAN_USER_MARK),
				 in_set(c, "&=+$,;?/"));
		ck_assert_int_eq(scan_is(ch, SCAN_PARAM_MARK),
				 in_set(c, "[]/:&+$"));
		ck_assert_int_eq(scan_is(ch, SCAN_HNV_MARK),
				 in_set(c, "[]/?:+$"));
		ck_assert_int_eq(scan_is(ch, SCAN_PASSWORD_MARK),
				 in_set(c, "&=+$,"));
		ck_assert_int_eq(scan_is(ch, SCAN_QDTEXT), c == '\t' ||
				 (c >= 0x20 && c <= 0x7E && c != '"' &&
				  c != '\\'));
		ck_assert_int_eq(scan_is(ch, SCAN_LABEL),
				 alpha || digit || c == '-');
		ck_assert_int_eq(scan_is(ch, SCAN_URIC_MARK),
				 in_set(c, ";/?:@&=+$,"));
		ck_assert_int_eq(scan_is(ch, SCAN_HEX), digit ||
				 in_set(c, "abcdefABCDEF"));
		ck_assert_int_eq(scan_is(ch, SCAN_UTF8), c >= 128);
		ck_assert_int_eq(scan_is(ch, SCAN_CTL), c < 32 || c == 127);
		ck_assert_int_eq(scan_is(ch, SCAN_WSP), c == ' ' || c == '\t');
	}
}
END_TEST

START_TEST(folding_is_white_space_and_a_bare_crlf_is_not)
{
	struct scan s = scan_begin(S(" \r\n\t x"), NULL);

	ck_assert(scan_lws(&s));
	ck_assert(scan_at(&s, 'x'));
	s = scan_begin(S("\r\nx"), NULL);
	ck_assert(!scan_lws(&s));
	s = scan_begin(S("\r\n"), NULL);
	ck_assert(!scan_lws(&s) && scan_left(&s) == 2);
	s = scan_begin(S("\nx"), NULL);
	ck_assert(!scan_lws(&s));
	s = scan_begin(S(" ; \r\n a"), NULL);
	ck_assert(scan_sep(&s, ';') && scan_at(&s, 'a'));
	s = scan_begin(S("  a"), NULL);
	ck_assert(!scan_sep(&s, ';') && scan_left(&s) == 3);
}
END_TEST

static bool quoted(struct slice in, struct slice *out)
{
	struct scan s = scan_begin(in, NULL);
	bool ok = scan_quoted(&s, out);

	ck_assert(ok ? scan_end(&s) : s.p == in.p);
	return ok;
}

START_TEST(quoted_strings_hold_escapes_and_utf8)
{
	struct slice v = { 0 };

	ck_assert(quoted(S("\"a;tag=1\""), &v));
	ck_slice_eq(v, "a;tag=1");
	ck_assert(quoted(S("\"a\\\"b\""), &v));
	ck_slice_eq(v, "a\\\"b");
	ck_assert(quoted(S(" \"\""), &v) && v.n == 0);
	ck_assert(quoted(S("\"\xE2\x82\xAC\""), &v));
	ck_assert(!quoted(S("\"\xE2\x82\""), &v));
	ck_assert(!quoted(S("\"a"), &v));
	ck_assert(!quoted(S("\"a\\"), &v));
	ck_assert(!quoted(S("\"a\\\""), &v));
	ck_assert(!quoted(S("\"a\r\nb\""), &v));
	ck_assert(quoted(S("\"a\r\n b\""), &v));
	ck_assert(!quoted(S("\"\\\r\""), &v));
	ck_assert(!quoted(S("\"\x7F\""), &v));
	ck_assert(!quoted(S("\"\x01\""), &v));
}
END_TEST

START_TEST(utf8_of_rfc_3629_and_no_other)
{
	/* Boundaries of section 4's table. */
	ck_assert(utf8_valid(S("\xC2\x80\xDF\xBF")));
	ck_assert(!utf8_valid(S("\xC1\xBF")));
	ck_assert(utf8_valid(S("\xE0\xA0\x80")));
	ck_assert(!utf8_valid(S("\xE0\x9F\xBF")));
	ck_assert(utf8_valid(S("\xED\x9F\xBF")));
	ck_assert(!utf8_valid(S("\xED\xA0\x80"))); /* surrogate */
	ck_assert(utf8_valid(S("\xF0\x90\x80\x80")));
	ck_assert(!utf8_valid(S("\xF0\x8F\xBF\xBF")));
	ck_assert(utf8_valid(S("\xF4\x8F\xBF\xBF")));
	ck_assert(!utf8_valid(S("\xF4\x90\x80\x80")));
	ck_assert(!utf8_valid(S("\xF5\x80\x80\x80")));
	ck_assert(!utf8_valid(S("\x80")));
	ck_assert(!utf8_valid(S("\xE1\x80")));
	ck_assert(!utf8_valid(S("\xE1\x80\x7F")));
}
END_TEST

START_TEST(comments_nest_up_to_the_limit)
{
	char deep[2 * LIMIT_COMMENT_DEPTH + 2];
	struct slice v;
	struct scan s;

	memset(deep, '(', LIMIT_COMMENT_DEPTH);
	memset(deep + LIMIT_COMMENT_DEPTH, ')', LIMIT_COMMENT_DEPTH);
	s = scan_begin(slice_of(deep, 2 * LIMIT_COMMENT_DEPTH), NULL);
	ck_assert(scan_comment(&s, &v) && scan_end(&s));
	ck_assert_uint_eq(v.n, 2 * LIMIT_COMMENT_DEPTH - 2);
	memset(deep, '(', LIMIT_COMMENT_DEPTH + 1);
	memset(deep + LIMIT_COMMENT_DEPTH + 1, ')', LIMIT_COMMENT_DEPTH + 1);
	s = scan_begin(slice_of(deep, sizeof(deep)), NULL);
	ck_assert(!scan_comment(&s, &v));
	s = scan_begin(S("(a\\)b)"), NULL);
	ck_assert(scan_comment(&s, &v));
	ck_slice_eq(v, "a\\)b");
	s = scan_begin(S("(a"), NULL);
	ck_assert(!scan_comment(&s, &v));
}
END_TEST

START_TEST(hosts_of_rfc_3261_and_rfc_5954)
{
	static const char *const good[] = {
		"example.com", "example.com.", "a", "a-b.c", "1a.b2",
		"localhost",
		"192.0.2.1", "[2001:db8::1]", "[::]", "[::1]", "[1::]",
		"[1:2:3:4:5:6:7:8]", "[::ffff:192.0.2.1]",
		"[1:2:3:4:5:6:1.2.3.4]",
		"[1:2:3:4:5:6:7::]", "[::2:3:4:5:6:7:8]", "1.2.3.4.com",
		"[1:::192.0.2.1]", "[:::192.0.2.1]",
	};
	static const char *const bad[] = {
		"", "-a.b", "a-.b", "a..b", ".a", "a.1", "256.1.1.1", "1.2.3",
		"[1:2:3:4:5:6:7:8:9]", "[1::2::3]", "[:1]", "[1:2]",
		"[12345::]",
		"[::1", "[1:2:3:4:5:6:7:1.2.3.4]", "[]", "[:::]",
		"[1:::2]", "[1::::192.0.2.1]", "[1:192.0.2.1]",
		"[1:2:3:4::5:6:7:8]", "a_b",
	};

	for (size_t i = 0; i < COUNT(good); i++) {
		struct scan s = scan_begin(slice_str(good[i]), NULL);

		ck_assert_msg(scan_host(&s, NULL) && scan_end(&s), "%s",
			      good[i]);
	}
	for (size_t i = 0; i < COUNT(bad); i++) {
		struct scan s = scan_begin(slice_str(bad[i]), NULL);

		ck_assert_msg(!(scan_host(&s, NULL) && scan_end(&s)), "%s",
			      bad[i]);
	}
}
END_TEST

START_TEST(ports_stop_at_65535)
{
	struct slice h;
	uint16_t port = 1;
	bool has = true;
	struct scan s = scan_begin(S("a:65535"), NULL);

	ck_assert(scan_hostport(&s, &h, &port, &has));
	ck_assert(has && port == 65535);
	s = scan_begin(S("a:65536"), NULL);
	ck_assert(!scan_hostport(&s, &h, &port, &has));
	s = scan_begin(S("a:"), NULL);
	ck_assert(!scan_hostport(&s, &h, &port, &has));
	s = scan_begin(S("a"), NULL);
	ck_assert(scan_hostport(&s, &h, &port, &has) && !has && port == 0);
}
END_TEST

START_TEST(parameters_have_three_kinds_of_value)
{
	struct slice n, v;
	struct scan s = scan_begin(S("a=\"x;y\""), NULL);

	ck_assert(scan_param(&s, &n, &v) && scan_end(&s));
	ck_slice_eq(v, "\"x;y\"");
	s = scan_begin(S("a = [::1]"), NULL);
	ck_assert(scan_param(&s, &n, &v) && scan_end(&s));
	ck_slice_eq(v, "[::1]");
	s = scan_begin(S("lr"), NULL);
	ck_assert(scan_param(&s, &n, &v) && !v.p);
	s = scan_begin(S("a=1.2.3.4_x"), NULL);
	ck_assert(scan_param(&s, &n, &v) && scan_end(&s));
	ck_slice_eq(v, "1.2.3.4_x");
	s = scan_begin(S("a="), NULL);
	ck_assert(!scan_param(&s, &n, &v));
	s = scan_begin(S("a=\"x"), NULL);
	ck_assert(!scan_param(&s, &n, &v) && scan_left(&s) == 4);
}
END_TEST

START_TEST(unquoting_copies_only_escapes)
{
	char buf[8];
	struct slice in = S("\"abc\"");

	ck_slice_eq(scan_unquote(in, buf, sizeof(buf)), "abc");
	ck_assert(slice_inside(scan_unquote(in, buf, sizeof(buf)), in));
	ck_slice_eq(scan_unquote(S("\"a\\\"b\\\\\""), buf, sizeof(buf)),
		    "a\"b\\");
	ck_slice_eq(scan_unquote(S("abc"), buf, sizeof(buf)), "abc");
	ck_slice_eq(scan_unquote(S("\""), buf, sizeof(buf)), "\"");
	ck_slice_eq(scan_unquote(S("\"a\\bcdefghi\""), buf, sizeof(buf)),
		    "a\\bcdefghi"); /* no room: escapes stay */
}
END_TEST

START_TEST(a_failure_says_where)
{
	struct parse_error e = { 0 };
	struct scan s = scan_begin(S("abc def"), &e);

	ck_assert(scan_token(&s, NULL));
	ck_assert_int_eq(scan_fail(&s, "x wanted"), -EBADMSG);
	ck_assert_uint_eq(e.offset, 3);
	ck_assert_str_eq(e.reason, "x wanted");
	s = scan_begin(slice_of(NULL, 0), NULL);
	ck_assert(scan_done(&s) && !scan_token(&s, NULL));
}
END_TEST

SUITE(scan, classes_are_those_of_the_grammar,
      folding_is_white_space_and_a_bare_crlf_is_not,
      quoted_strings_hold_escapes_and_utf8, utf8_of_rfc_3629_and_no_other,
      comments_nest_up_to_the_limit, hosts_of_rfc_3261_and_rfc_5954,
      ports_stop_at_65535, parameters_have_three_kinds_of_value,
      unquoting_copies_only_escapes, a_failure_says_where);
