/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/suites.h"

#include <stdio.h>

#include "platform/limits.h"
#include "sip/msg/sip_uri.h"
#include "tests/unit/marked.h"

static struct sip_uri uri(const char *text)
{
	struct parse_error e = { 0 };
	struct sip_uri u;
	int rc = sip_uri_parse(slice_str(text), &u, &e);

	ck_assert_msg(rc == 0, "%s: %s at %zu", text, e.reason, e.offset);
	ck_assert(slice_eq(u.text, text));
	return u;
}

static bool refused(const char *text)
{
	struct marked m = marked(text);
	struct parse_error e = { 0 };
	struct sip_uri u = { .port = 7 };
	int rc = sip_uri_parse(m.in, &u, &e);
	bool ok = marked_ok(&m, text, rc, -EBADMSG, &e) && u.port == 7;

	marked_free(&m);
	return ok;
}

START_TEST(all_parts_are_told_apart)
{
	struct sip_uri u = uri("sips:al%20ice:se=c@example.com:5071"
			       ";transport=tcp;lr?Subject=a%20b&To=");

	ck_assert_int_eq(u.scheme, SIP_SCHEME_SIPS);
	ck_slice_eq(u.name, "sips");
	ck_assert(u.has_user && u.has_password && u.has_port);
	ck_slice_eq(u.user, "al%20ice");
	ck_slice_eq(u.password, "se=c");
	ck_slice_eq(u.host, "example.com");
	ck_assert_uint_eq(u.port, 5071);
	ck_slice_eq(u.params, "transport=tcp;lr");
	ck_slice_eq(u.headers, "Subject=a%20b&To=");
	ck_assert_uint_eq(u.opaque.n, 0);

	u = uri("SIP:192.0.2.4");
	ck_assert_int_eq(u.scheme, SIP_SCHEME_SIP);
	ck_slice_eq(u.name, "SIP");
	ck_assert(!u.has_user && !u.has_password && !u.has_port);
	ck_assert_uint_eq(u.port, 0);
	ck_slice_eq(u.host, "192.0.2.4");
	ck_assert(!u.params.p && !u.headers.p && !u.user.p);
}
END_TEST

/* RFC 4475 3.1.1.9, 3.1.1.2, 3.1.1.4, 3.1.1.3; RFC 5118 4.1 to 4.4, 4.10. */
START_TEST(odd_ones_that_are_valid)
{
	struct sip_uri u = uri("sip:user;par=u%40example.net@example.com");

	ck_slice_eq(u.user, "user;par=u%40example.net");
	ck_slice_eq(u.host, "example.com");
	u = uri("sip:1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*:"
		"&it+has=1,weird!*pas$wo~d_too.(doesn't-it)@example.com");
	ck_slice_eq(u.user, "1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*");
	ck_slice_eq(u.password,
		    "&it+has=1,weird!*pas$wo~d_too.(doesn't-it)");
	u = uri("sip:null-%00-null@example.com");
	ck_slice_eq(u.user, "null-%00-null");
	u = uri("sip:a:@b"); /* an empty password is one */
	ck_assert(u.has_password && u.password.n == 0);
	u = uri("sip:[2001:db8::10:5070]");
	ck_slice_eq(u.host, "[2001:db8::10:5070]");
	ck_assert(!u.has_port);
	u = uri("sip:[2001:db8::10]:5070");
	ck_slice_eq(u.host, "[2001:db8::10]");
	ck_assert_uint_eq(u.port, 5070);
	u = uri("sip:user@[2001:db8:::192.0.2.1]");
	ck_slice_eq(u.host, "[2001:db8:::192.0.2.1]");
	u = uri("sip:h:0");
	ck_assert(u.has_port && u.port == 0);
	u = uri("sip:h:65535");
	ck_assert_uint_eq(u.port, 65535);
	u = uri("sip:h;a=[/:&+$]-_.!~*'()%41");
	ck_slice_eq(u.params, "a=[/:&+$]-_.!~*'()%41");
	u = uri("sip:h?a=[/?:+$]-_.!~*'()%41&b=");
	ck_slice_eq(u.headers, "a=[/?:+$]-_.!~*'()%41&b=");
}
END_TEST

START_TEST(other_schemes_are_opaque)
{
	struct sip_uri u = uri("nobodyKnowsThisScheme:totallyopaquecontent");

	ck_assert_int_eq(u.scheme, SIP_SCHEME_OTHER);
	ck_slice_eq(u.name, "nobodyKnowsThisScheme");
	ck_slice_eq(u.opaque, "totallyopaquecontent");
	u = uri("soap.beep://192.0.2.103:3002");
	ck_slice_eq(u.name, "soap.beep");
	u = uri("http://[2001:db8::1]/x?y=%20");
	ck_slice_eq(u.opaque, "//[2001:db8::1]/x?y=%20");
	u = uri("a+-.1:;/?:@&=+$,-_.!~*'()");
	ck_slice_eq(u.name, "a+-.1");
	u = uri("TEL:+1-201-555-0123;ext=3");
	ck_assert_int_eq(u.scheme, SIP_SCHEME_TEL);
	ck_slice_eq(u.opaque, "+1-201-555-0123;ext=3");
	u = uri("sipx:a@b");
	ck_assert_int_eq(u.scheme, SIP_SCHEME_OTHER);
}
END_TEST

START_TEST(faults_are_found_where_they_are)
{
	static const char *const bad[] = {
		"^", "^:", "^1a:b", "^<sip:user@example.com>", "^ sip:h",
		"sip^", "si^_p:h", "sip^%3Ah", "sip:^", "sips:^", "x:^",
		"sip:^@h", "sip:^:p@h", "sip:a^ b@h", "sip:a^%2@h",
		"sip:a^%g0@h", "sip:a^%0g@h", "sip:a^#@h", "sip:a^\"@h",
		"sip:a:b^;@h", "sip:a:b^?@h", "sip:a:b^/@h", "sip:a:b^:@h",
		"sip:a@b^@h", "sip:a@^", "sip:a@^-h", "sip:^2001:db8::10",
		"sip:^[2001:db8::10", "sip:^h..x", "sip:h^ ", "sip:h^%41",
		"sip:h:^", "sip:h:^x", "sip:h:^65536", "sip:h:^-1",
		"sip:h:5060^x", "sip:h:5060^:1", "sip:h^ :5060", "sip:h:^ 1",
		"sip:h;^", "sip:h;a;^", "sip:h;^;a", "sip:h;^=1", "sip:h;a=^",
		"sip:h;a=^;b", "sip:h;a=b^=c", "sip:h;a^ ", "sip:h;a=b^\x01",
		"sip:h;a=b^\"", "sip:h;a=^%4", "sip:h;a^,b",
		"sip:h?^", "sip:h?a^", "sip:h?^=b", "sip:h?a^&b=1",
		"sip:h?a=b&^", "sip:h?a=b^;c", "sip:h?a=b^=c", "sip:h?a=b^ ",
		"sip:h;a;b;^a", "sip:h;lr;^LR", "sip:h;lr;^%6Cr=1",
		"sip:h?a=1&^A=2", "x:a^ b", "x:a^\"", "x:a^%4", "x:^<",
		"x:a^\x80", "tel:^x", "tel:^",
		"sip:h;a=^\x7f", "sip:^\xC3\xA4@h",
	};

	unsigned wrong = 0;

	for (size_t i = 0; i < COUNT(bad); i++)
		wrong += !refused(bad[i]);
	ck_assert_uint_eq(wrong, 0);
}
END_TEST

static void many(unsigned n, char first, char sep, int want)
{
	char text[1024];
	size_t at = (size_t)snprintf(text, sizeof(text), "sip:h");
	size_t last = 0;
	struct parse_error e = { 0 };
	struct sip_uri u;

	for (unsigned i = 0; i < n; i++) {
		last = at + 1;
		at += (size_t)snprintf(text + at, sizeof(text) - at, "%c%c%c=1",
				       i ? sep : first, 'a' + (int)i % 26,
				       'a' + (int)i / 26);
	}
	ck_assert_int_eq(sip_uri_parse(slice_of(text, at), &u, &e), want);
	if (want)
		ck_assert_uint_eq(e.offset, last + 2); /* behind the name */
}

START_TEST(parameters_and_headers_have_a_limit)
{
	many(LIMIT_SIP_PARAMS, ';', ';', 0);
	many(LIMIT_SIP_PARAMS + 1, ';', ';', -E2BIG);
	many(LIMIT_SIP_PARAMS, '?', '&', 0);
	many(LIMIT_SIP_PARAMS + 1, '?', '&', -E2BIG);
}
END_TEST

START_TEST(parameters_are_found_by_what_their_name_says)
{
	struct sip_uri u = uri("sip:h;%6C%72;n%61me=v%61lue%25%34%31;x=1");
	struct slice v = S("before");

	ck_assert(sip_uri_param(&u, "lr", &v));
	ck_assert_uint_eq(v.n, 0);
	ck_assert(sip_uri_param(&u, "NAME", &v));
	ck_slice_eq(v, "v%61lue%25%34%31");
	ck_assert(sip_uri_param(&u, "x", NULL));
	ck_assert(!sip_uri_param(&u, "l", &v));
	ck_assert(!sip_uri_param(&u, "lrx", &v));
	u = uri("sip:h");
	ck_assert(!sip_uri_param(&u, "lr", &v));
}
END_TEST

static bool same(const char *a, const char *b)
{
	struct sip_uri x = uri(a), y = uri(b);
	bool ab = sip_uri_same(&x, &y);

	ck_assert(sip_uri_same(&x, &x) && sip_uri_same(&y, &y));
	ck_assert(sip_uri_same(&y, &x) == ab);
	return ab;
}

START_TEST(equivalent_ones_of_rfc_3261_19_1_4)
{
	static const char *const pairs[][2] = {
		{ "sip:%61lice@atlanta.com;transport=TCP",
		  "sip:alice@AtLanTa.CoM;Transport=tcp" },
		{ "sip:carol@chicago.com", "sip:carol@chicago.com;newparam=5" },
		{ "sip:carol@chicago.com",
		  "sip:carol@chicago.com;security=on" },
		{ "sip:carol@chicago.com;newparam=5",
		  "sip:carol@chicago.com;security=on" },
		{ "sip:biloxi.com;transport=tcp;method=REGISTER"
		  "?to=sip:bob%40biloxi.com",
		  "sip:biloxi.com;method=REGISTER;transport=tcp"
		  "?to=sip:bob%40biloxi.com" },
		{ "sip:alice@atlanta.com?subject=project%20x&priority=urgent",
		  "sip:alice@atlanta.com?priority=urgent&subject=project%20x" },
		{ "sip:carol@chicago.com;security=off",
		  "sip:carol@chicago.com" },
		{ "sip:a%2Db@h", "sip:a-b@h" }, /* "-" is not reserved */
		{ "sip:a@[2001:db8::1]", "sip:a@[2001:DB8:0:0::1]" },
		{ "sip:user@[2001:db8:::192.0.2.1]",
		  "sip:user@[2001:db8::c000:201]" },
		{ "sip:a:p@h", "sip:a:%70@h" },
		{ "SIPS:a@h:5061", "sips:a@H:5061" },
	};

	for (size_t i = 0; i < COUNT(pairs); i++)
		ck_assert_msg(same(pairs[i][0], pairs[i][1]), "%s %s",
			      pairs[i][0], pairs[i][1]);
}
END_TEST

START_TEST(different_ones_of_rfc_3261_19_1_4)
{
	static const char *const pairs[][2] = {
		{ "SIP:ALICE@AtLanTa.CoM;Transport=udp",
		  "sip:alice@AtLanTa.CoM;Transport=UDP" },
		{ "sip:bob@biloxi.com", "sip:bob@biloxi.com:5060" },
		{ "sip:bob@biloxi.com", "sip:bob@biloxi.com;transport=udp" },
		{ "sip:bob@biloxi.com",
		  "sip:bob@biloxi.com:6000;transport=tcp" },
		{ "sip:carol@chicago.com",
		  "sip:carol@chicago.com?Subject=next%20meeting" },
		{ "sip:bob@phone21.boxesbybob.com", "sip:bob@192.0.2.4" },
		{ "sip:carol@chicago.com;security=on",
		  "sip:carol@chicago.com;security=off" },
		{ "sip:a@h", "sips:a@h" },
		{ "sip:a@h", "sip:h" },
		{ "sip:a@h", "sip:a:p@h" },
		{ "sip:a:p@h", "sip:a:P@h" },
		{ "sip:a@h", "sip:a@h2" },
		{ "sip:a@h", "sip:ab@h" },
		{ "sip:a@h:1", "sip:a@h:2" },
		{ "sip:a@h:0", "sip:a@h" },
		{ "sip:a@h;user=phone", "sip:a@h" },
		{ "sip:a@h;ttl=1", "sip:a@h" },
		{ "sip:a@h;method=INVITE", "sip:a@h" },
		{ "sip:a@h;maddr=192.0.2.1", "sip:a@h" },
		{ "sip:a@h;x=1", "sip:a@h;x=12" },
		{ "sip:a@h;x", "sip:a@h;x=1" },
		{ "sip:a@h?x=1", "sip:a@h?x=2" },
		{ "sip:a@h?x=1&y=2", "sip:a@h?x=1" },
		/* Reserved characters differ from their escapes. */
		{ "sip:a%3Bb@h", "sip:a;b@h" },
		{ "sip:a@h;x=%2F", "sip:a@h;x=/" },
		{ "sip:a@[2001:db8::1]", "sip:a@[2001:db8::2]" },
		{ "sip:[::1]", "sip:localhost" },
		{ "http://a", "https://a" },
		{ "http://a", "http://b" },
		{ "http://a", "sip:a" },
		{ "tel:+1", "tel:+2" },
	};

	for (size_t i = 0; i < COUNT(pairs); i++)
		ck_assert_msg(!same(pairs[i][0], pairs[i][1]), "%s %s",
			      pairs[i][0], pairs[i][1]);
	ck_assert(same("HTTP://a", "http://a"));
	ck_assert(same("tel:+1-2", "tel:+12"));
}
END_TEST

static void written(const char *text, const char *want)
{
	char buf[256];
	struct writer w = writer_begin(buf, sizeof(buf));
	struct sip_uri u = uri(text);

	sip_uri_write(&w, &u);
	ck_assert_int_gt(writer_end(&w), 0);
	ck_slice_eq(writer_done(&w), want);
}

START_TEST(a_uri_is_written_from_its_parts)
{
	written("SIP:a:@H:007;x;y=1?b=&c=d", "sip:a:@H:7;x;y=1?b=&c=d");
	written("sips:[::1]", "sips:[::1]");
	written("sip:h?a=b", "sip:h?a=b");
	written("sip:u@h:0", "sip:u@h:0");
	written("TEL:+1;ext=2", "tel:+1;ext=2");
	written("Http://x", "Http://x");
}
END_TEST

START_TEST(escapes_are_decoded_whatever_they_give)
{
	char buf[8];

	ck_assert_int_eq(sip_unescape(S("a%00%fFb"), buf, 4), 4);
	ck_assert(memcmp(buf, "a\0\xff" "b", 4) == 0);
	ck_assert_int_eq(sip_unescape(S("abcd"), buf, 3), -ENOSPC);
	ck_assert_int_eq(sip_unescape(S(""), buf, 0), 0);
	ck_assert_int_eq(sip_unescape(S("%41"), buf, 1), 1);
	ck_assert_int_eq(buf[0], 'A');
	ck_assert_int_eq(sip_unescape(S("%"), buf, 8), -EBADMSG);
	ck_assert_int_eq(sip_unescape(S("%4"), buf, 8), -EBADMSG);
	ck_assert_int_eq(sip_unescape(S("%4g"), buf, 8), -EBADMSG);
	ck_assert_int_eq(sip_unescape(S("%g4"), buf, 8), -EBADMSG);
}
END_TEST

START_TEST(a_user_part_is_escaped_as_25_1_asks)
{
	char buf[256], again[256];
	char all[256];
	struct writer w = writer_begin(buf, sizeof(buf));

	sip_user_write(&w, S("j@s0n:\xC3\xA4 #[]\"<>%&=+$,;?/-_.!~*'()"));
	ck_slice_eq(writer_done(&w), "j%40s0n%3A%C3%A4%20%23%5B%5D%22%3C%3E%25"
				     "&=+$,;?/-_.!~*'()");
	for (int c = 0; c < 256; c += 4) {
		int n;

		for (int i = 0; i < 4; i++)
			all[i] = (char)(c + i);
		w = writer_begin(buf, sizeof(buf));
		writer_str(&w, "sip:");
		sip_user_write(&w, slice_of(all, 4));
		writer_str(&w, "@h");
		buf[w.n] = '\0';
		n = sip_unescape(uri(buf).user, again, sizeof(again));
		ck_assert_int_eq(n, 4);
		ck_assert(memcmp(again, all, 4) == 0);
	}
}
END_TEST

static void prefix(struct slice in)
{
	struct parse_error e = { 0 };
	struct sip_uri u;

	if (sip_uri_parse(in, &u, &e))
		ck_assert(e.reason && e.offset <= in.n);
	else
		ck_assert(slice_inside(u.host, in) && u.host.n);
}

START_TEST(no_prefix_is_read_beyond)
{
	each_prefix(S("sips:al%20ice:se=c@example.com:5071;transport=tcp;lr"
		      "?Subject=a%20b&To="), prefix);
	each_prefix(S("sip:[2001:db8::192.0.2.1]:65535;a=%41"), prefix);
}
END_TEST

SUITE(sip_uri, all_parts_are_told_apart, odd_ones_that_are_valid,
      other_schemes_are_opaque, faults_are_found_where_they_are,
      parameters_and_headers_have_a_limit,
      parameters_are_found_by_what_their_name_says,
      equivalent_ones_of_rfc_3261_19_1_4, different_ones_of_rfc_3261_19_1_4,
      a_uri_is_written_from_its_parts, escapes_are_decoded_whatever_they_give,
      a_user_part_is_escaped_as_25_1_asks, no_prefix_is_read_beyond);
