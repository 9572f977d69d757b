/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/suites.h"

#include "sip/msg/sip_mask.h"

static const char *masked(struct slice in)
{
	static char text[2048];
	struct writer w = writer_begin(text, sizeof(text) - 1);

	sip_mask(in, &w);
	ck_assert_int_ge(writer_end(&w), 0);
	text[w.n] = '\0';
	return text;
}

/* The credentials are those of RFC 7616 3.9.1. */
#define DIGEST(value) \
	"REGISTER sip:example.com SIP/2.0\r\nAuthorization: Digest " \
	"username=\"Mufasa\", realm=\"x\",\r\n nonce=\"response=1\", " \
	"response=" value ", qop=auth\r\nTo: <sip:a@b>\r\n\r\n"

START_TEST(what_proves_a_password_is_not_shown)
{
	static const char *const row[][2] = {
		{ DIGEST("\"8ca523f5e9506fed4657c9700eebdbec\""),
		  DIGEST("***") },
		{ DIGEST("8ca523f5"), DIGEST("***") },
		{ "a\r\nproxy-authorization:digest RESPONSE = \"a\\\"b\",x=1",
		  "a\r\nproxy-authorization:digest RESPONSE = ***,x=1" },
		/* folded behind the "=", and within the quotes */
		{ "a\r\nAuthorization: Digest response=\r\n \"ab\"\r\nTo: x",
		  "a\r\nAuthorization: Digest response=\r\n ***\r\nTo: x" },
		{ "a\r\nAuthorization: Digest response=\"a\r\n b\"\r\nTo: x",
		  "a\r\nAuthorization: Digest response=***\r\n ***\r\nTo: x" },
		{ "a\r\nAuthorization: Basic QWxhZGRpbg==\r\n more\r\nTo: x",
		  "a\r\nAuthorization: Basic ***\r\n ***\r\nTo: x" },
		{ "a\r\nAuthentication-Info: qop=auth, rspauth=\"12\", nc=1",
		  "a\r\nAuthentication-Info: qop=auth, rspauth=***, nc=1" },
		/* HCOLON has blanks before it (RFC 3261 25.1) */
		{ "a\r\nAuthorization \t: Basic QWxhZGRpbg==",
		  "a\r\nAuthorization \t: Basic ***" },
		/* no header of that kind */
		/* what wrongly follows a quoted value goes with it */
		{ "a\r\nAuthorization: Digest response=\"1\"2\",qop=auth",
		  "a\r\nAuthorization: Digest response=***,qop=auth" },
		{ "a\r\nSubject: response=\"12\"",
		  "a\r\nSubject: response=\"12\"" },
	};

	for (size_t i = 0; i < COUNT(row); i++)
		ck_assert_str_eq(masked(slice_str(row[i][0])), row[i][1]);
}
END_TEST

START_TEST(passwords_of_uris_are_not_shown)
{
	static const char *const row[][2] = {
		{ "INVITE sip:a:geheim@b:5060 SIP/2.0\r\n",
		  "INVITE sip:a:***@b:5060 SIP/2.0\r\n" },
		{ "x\nTo: \"A\" <SIPS:a:b:c@d>, sip:e:f@g",
		  "x\nTo: \"A\" <SIPS:a:***@d>, sip:e:***@g" },
		{ "INVITE sip:b:5060 SIP/2.0\r\nTo: <sip:a@b:5060>\r\n",
		  "INVITE sip:b:5060 SIP/2.0\r\nTo: <sip:a@b:5060>\r\n" },
	};

	for (size_t i = 0; i < COUNT(row); i++)
		ck_assert_str_eq(masked(slice_str(row[i][0])), row[i][1]);
}
END_TEST

/* RFC 4568 9.1 and RFC 8839 5.4; k= is of RFC 4566. */
START_TEST(keys_of_descriptions_are_not_shown)
{
	ck_assert_str_eq(masked(S("INVITE\r\n\r\nv=0\r\nk=clear:abc\r\n"
		"a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:WVNf\r\n"
		"a=ice-pwd:asd\r\na=ice-ufrag:u\r\n")),
		"INVITE\r\n\r\nv=0\r\nk=***\r\na=crypto:***\r\n"
		"a=ice-pwd:***\r\na=ice-ufrag:u\r\n");
	ck_assert_str_eq(masked(S("k=1\r\n")), "k=1\r\n"); /* no body */
	ck_assert_str_eq(masked(S("")), "");
}
END_TEST

SUITE(sip_mask, what_proves_a_password_is_not_shown,
      passwords_of_uris_are_not_shown, keys_of_descriptions_are_not_shown);
