/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/suites.h"

#include <stdio.h>

#include "platform/limits.h"
#include "sip/hdr/sip_name_addr.h"
#include "tests/unit/marked.h"

typedef int (*parser)(struct slice, struct sip_name_addr *,
		      struct parse_error *);

static struct sip_name_addr read_as(parser p, struct slice text)
{
	struct parse_error e = { 0 };
	struct sip_name_addr a;

	ck_assert_msg(p(text, &a, &e) == 0, "%.*s: %s at %zu", (int)text.n,
		      text.p, e.reason, e.offset);
	return a;
}

static struct sip_name_addr from(struct slice text)
{
	return read_as(sip_name_addr_parse, text);
}

/* RFC 3261 20.20, 20.10; RFC 4475 3.1.1.1, 3.1.1.2, 3.1.1.6, 3.3.11. */
START_TEST(published_examples)
{
	struct sip_name_addr a =
		from(S("\"A. G. Bell\" <sip:agb@bell-telephone.com> "
		       ";tag=a48s"));

	ck_slice_eq(a.display, "\"A. G. Bell\"");
	ck_assert(a.brackets && !a.star);
	ck_slice_eq(a.uri.text, "sip:agb@bell-telephone.com");
	ck_slice_eq(a.tag, "a48s");
	ck_slice_eq(a.params, "tag=a48s");
	a = from(S("sip:+12125551212@server.phone2net.com;tag=887s"));
	ck_assert(!a.brackets && !a.display.n);
	ck_slice_eq(a.uri.text, "sip:+12125551212@server.phone2net.com");
	ck_slice_eq(a.tag, "887s");
	a = from(S("Anonymous <sip:c8oqz84zk7z@privacy.org>;tag=hyh8"));
	ck_slice_eq(a.display, "Anonymous");
	a = from(S("\"J Rosenberg \\\\\\\"\"       "
		   "<sip:jdrosen@example.com>\r\n"
		   "  ;\r\n  tag = 98asjd8"));
	ck_slice_eq(a.display, "\"J Rosenberg \\\\\\\"\"");
	ck_slice_eq(a.tag, "98asjd8");
	a = from(S("caller<sip:caller@example.com>;tag=323"));
	ck_slice_eq(a.display, "caller");
	a = from(S("token1~` token2'+_\r\n token3*%!.- <sip:m@e.com>"));
	ck_slice_eq(a.display, "token1~` token2'+_\r\n token3*%!.-");
	ck_assert(!a.tag.p && !a.params.p);
	a = from(S("sip:+16505552222@ss1.example.net;user=phone"));
	ck_assert_uint_eq(a.uri.params.n, 0); /* 20.10: of the header */
	ck_slice_eq(a.params, "user=phone");
	a = from(S("<sip:+1@gw;user=phone>"));
	ck_slice_eq(a.uri.params, "user=phone");
	ck_assert_uint_eq(a.params.n, 0);
	a = from(S("\r\n <sip:h>\r\n "));
	ck_slice_eq(a.uri.host, "h");
}
END_TEST

START_TEST(a_tag_in_quotes_or_in_the_uri_is_none)
{
	struct sip_name_addr a =
		from(S("\"x;tag=1\" <sip:u;tag=2@h;tag=3>;q=\";tag=4\";tag=5"));

	ck_slice_eq(a.tag, "5");
	a = from(S("\"a\\\";tag=1\" <sip:h>;q=\"\\\";tag=4\""));
	ck_assert_uint_eq(a.tag.n, 0);
	a = from(S("\"<sip:x>;tag=1\" <sip:h>;TAG=T"));
	ck_slice_eq(a.tag, "T");
	ck_slice_eq(a.uri.host, "h");
	a = from(S("<sip:h>;tagx=1;xtag=2"));
	ck_assert_uint_eq(a.tag.n, 0);
}
END_TEST

START_TEST(display_names_are_utf_8_in_quotes_alone)
{
	struct sip_name_addr a = from(S("\"\xD0\xAF \xE2\x82\xAC\" <sip:h>"));
	struct parse_error e = { 0 };

	ck_slice_eq(a.display, "\"\xD0\xAF \xE2\x82\xAC\"");
	ck_assert_int_eq(sip_name_addr_parse(S("\xD0\xAF <sip:h>"), &a, &e),
			 -EBADMSG);
	ck_assert_int_eq(sip_name_addr_parse(S("\"\xD0\" <sip:h>"), &a, &e),
			 -EBADMSG);
	/* RFC 4475 3.1.1.2: any but CR and LF may be quoted by "\". */
	a = from(S("\"BEL:\\\x07 NUL:\\\0 DEL:\\\x7f\" <sip:h>"));
	ck_assert_uint_eq(a.display.n, 22);
}
END_TEST

static unsigned refused(parser p, const char *const *bad, size_t n)
{
	unsigned wrong = 0;

	for (size_t i = 0; i < n; i++) {
		struct marked m = marked(bad[i]);
		struct parse_error e = { 0 };
		struct sip_name_addr a = { .star = true };
		int rc = p(m.in, &a, &e);

		wrong += !marked_ok(&m, bad[i], rc, -EBADMSG, &e);
		ck_assert(a.star && !a.uri.text.p); /* as before */
		marked_free(&m);
	}
	return wrong;
}

START_TEST(faults_are_found_where_they_are)
{
	static const char *const both[] = {
		"^", "^;tag=1", "^*x", "^,", "<^", "<^>", "<sip:^>", "<sip:h^",
		"<^ sip:h>", "<sip:h^ >", "<sip:h>^x", "<sip:h> ^x",
		"<sip:h>;^",
		"<sip:h>;^;a", "<sip:h>;^=a", "<sip:h>;^a=", "<sip:h>;a=1^=",
		"<sip:h>;^a=\"", "<sip:h>;a ^b", "<sip:h>;a;^A=1", "<sip:h>^,",
		"^\"a <sip:h>", "^\"a\"", "^\"a\" sip:h", "^\"a\\\" <sip:h>",
		"Bell^, Alexander <sip:a@b>", "a^ sip:h", "sip^", "sip:^",
		"sip:a@h^?a=b", "sip:h^,", "sip:a^,b@h", "sip:h ^x", "^1",
		"sip:a@h^>", "a^\"b\" <sip:h>", "<sip:h>;^;;;", "<sip:h:^x>",
		"<^<sip:h>>", "a <sip:u^ @h>", "^\r\n<sip:h>",
	};
	static const char *const tagged[] = {
		"<sip:h>;tag^", "<sip:h>;^tag=", "<sip:h>;tag=^\"a\"",
		"<sip:h>;tag=^[::1]", "<sip:h>;tag=a;^tag=b", "<sip:h>;tag^;a",
		"<sip:h>;tag=a^@b",
	};

	ck_assert_uint_eq(refused(sip_name_addr_parse, both, COUNT(both)), 0);
	ck_assert_uint_eq(refused(sip_name_addr_parse, tagged, COUNT(tagged)),
			  0);
	ck_assert_uint_eq(refused(sip_contact_parse, both, COUNT(both)), 0);
}
END_TEST

START_TEST(a_contact_may_be_a_star_and_has_no_tag)
{
	struct sip_name_addr a = read_as(sip_contact_parse, S(" * "));
	uint32_t seconds = 7;
	unsigned q = 7;

	ck_assert(a.star && !a.uri.text.p);
	a = read_as(sip_contact_parse, S("<sip:h>;tag=\"a\";expires=4294967295"
					 ";q=0.75"));
	ck_assert(!a.star && !a.tag.n);
	ck_assert(sip_contact_expires(&a, &seconds) && seconds == UINT32_MAX);
	ck_assert(sip_contact_q(&a, &q) && q == 750);
	/* RFC 4475 3.1.2.4: too large; 10.2.1.1: malformed ones are as none. */
	a = read_as(sip_contact_parse, S("<sip:h>;expires=4294967296;q=1.1"));
	ck_assert(!sip_contact_expires(&a, &seconds));
	ck_assert(!sip_contact_q(&a, &q));
	a = read_as(sip_contact_parse, S("sip:h"));
	ck_assert(!sip_contact_expires(&a, &seconds));
	ck_assert(!sip_contact_q(&a, &q));
	ck_assert(seconds == UINT32_MAX && q == 750);
}
END_TEST

START_TEST(a_route_needs_its_brackets)
{
	static const char *const bad[] = { "^sip:h", "^*", "a ^b", "^" };
	struct parse_error e = { 0 };
	struct sip_name_addr a =
		read_as(sip_route_parse, S("<sip:p1.example.com;lr>;x=\"y\""));
	struct slice v;

	ck_assert(sip_uri_param(&a.uri, "lr", &v));
	ck_assert(sip_name_addr_param(&a, "X", &v));
	ck_slice_eq(v, "\"y\"");
	ck_assert(!sip_name_addr_param(&a, "lr", &v));
	for (size_t i = 0; i < COUNT(bad); i++)
		ck_assert_int_eq(sip_route_parse(slice_str(bad[i]), &a, &e),
				 -EBADMSG);
}
END_TEST

START_TEST(parameters_have_a_limit)
{
	char text[512];
	size_t at = (size_t)snprintf(text, sizeof(text), "<sip:h>");
	struct parse_error e = { 0 };
	struct sip_name_addr a;

	for (unsigned i = 0; i < LIMIT_SIP_PARAMS; i++)
		at += (size_t)snprintf(text + at, sizeof(text) - at, ";p%u", i);
	ck_assert_int_eq(sip_name_addr_parse(slice_of(text, at), &a, &e), 0);
	snprintf(text + at, sizeof(text) - at, ";x");
	ck_assert_int_eq(sip_name_addr_parse(slice_of(text, at + 2), &a, &e),
			 -E2BIG);
	ck_assert_uint_eq(e.offset, at + 1);
}
END_TEST

START_TEST(a_tag_is_found_without_the_uri)
{
	static const char *const bad[] = {
		"<sip:h^", "<sip:h>;^", "<sip:h>;tag^", "<sip:h>^x",
		"<sip:h>;tag=a;^tag=b", "sip:h;tag=^\"\"", "a;b ^c",
	};
	unsigned wrong = 0;
	struct slice tag = S("x");
	struct parse_error e = { 0 };

	ck_assert_int_eq(sip_tag_parse(S("\"x;tag=1\" <sip:u;tag=2@h;tag=3>"
		";q=\";tag=4\";tag=5"), &tag, &e), 0);
	ck_slice_eq(tag, "5");
	ck_assert_int_eq(sip_tag_parse(S(" sip:u@h ; tag = 6 "), &tag, &e), 0);
	ck_slice_eq(tag, "6");
	ck_assert_int_eq(sip_tag_parse(S("a b<sip:u@h>\r\n ;tag=7"), &tag, &e),
			 0);
	ck_slice_eq(tag, "7");
	ck_assert_int_eq(sip_tag_parse(S("sip:u@h"), &tag, &e), 0);
	ck_assert_uint_eq(tag.n, 0);
	for (size_t i = 0; i < COUNT(bad); i++) {
		struct marked m = marked(bad[i]);

		wrong += !marked_ok(&m, bad[i], sip_tag_parse(m.in, &tag, &e),
				    -EBADMSG, &e);
		marked_free(&m);
	}
	ck_assert_uint_eq(wrong, 0);
}
END_TEST

static void written(const char *text, const char *want)
{
	char buf[256];
	struct writer w = writer_begin(buf, sizeof(buf));
	struct sip_name_addr a = read_as(sip_contact_parse, slice_str(text));

	sip_name_addr_write(&w, &a);
	ck_slice_eq(writer_done(&w), want);
}

START_TEST(it_is_written_with_brackets)
{
	written("sip:a@h ; x = \"1\" ; y", "<sip:a@h>;x=\"1\";y");
	written("\"a\\\"b\"<sip:h;lr>;q=1", "\"a\\\"b\" <sip:h;lr>;q=1");
	written("a  b <tel:+1>", "a  b <tel:+1>");
	written(" * ", "*");
	written("<http://x/?y>", "<http://x/?y>");
}
END_TEST

static void prefix(struct slice in)
{
	static const parser all[] = { sip_name_addr_parse, sip_contact_parse,
				      sip_route_parse };
	struct parse_error e = { 0 };
	struct sip_name_addr a;
	struct slice tag;

	for (size_t i = 0; i < COUNT(all); i++)
		if (all[i](in, &a, &e))
			ck_assert(e.reason && e.offset <= in.n);
		else
			ck_assert(a.star || slice_inside(a.uri.text, in));
	if (sip_tag_parse(in, &tag, &e))
		ck_assert(e.reason && e.offset <= in.n);
}

START_TEST(no_prefix_is_read_beyond)
{
	each_prefix(S("\"J \\\"\xE2\x82\xAC\" <sip:a%20b@h;x=y?a=b>\r\n ; "
		      "tag = 1 ; q = \"a\\b\";z=[::1]"), prefix);
	each_prefix(S("a b\r\n <sip:h>"), prefix);
	each_prefix(S("sip:a@h:1;tag=x"), prefix);
	each_prefix(S("*"), prefix);
}
END_TEST

SUITE(sip_name_addr, published_examples, a_tag_in_quotes_or_in_the_uri_is_none,
      display_names_are_utf_8_in_quotes_alone,
      faults_are_found_where_they_are, a_contact_may_be_a_star_and_has_no_tag,
      a_route_needs_its_brackets, parameters_have_a_limit,
      a_tag_is_found_without_the_uri, it_is_written_with_brackets,
      no_prefix_is_read_beyond);
