/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/expect.h"

#include "sip/hdr/sip_auth.h"

/* RFC 3261 20.44 */
#define WWW "Digest realm=\"atlanta.com\",\r\n" \
	"  domain=\"sip:boxesbybob.com\", qop=\"auth\",\r\n" \
	"  nonce=\"f84f1cec41e6cbe5aea9c8e88d359\",\r\n" \
	"  opaque=\"\", stale=FALSE, algorithm=MD5"

START_TEST(challenge_of_20_44)
{
	struct sip_challenge c;

	ck_parses(sip_challenge_parse(S(WWW), &c, &e));
	ck_assert(c.digest);
	ck_slice_eq(c.scheme, "Digest");
	ck_slice_eq(c.realm, "atlanta.com");
	ck_slice_eq(c.domain, "sip:boxesbybob.com");
	ck_slice_eq(c.qop, "auth");
	ck_slice_eq(c.nonce, "f84f1cec41e6cbe5aea9c8e88d359");
	ck_assert(c.opaque.p && !c.opaque.n);
	ck_slice_eq(c.stale, "FALSE");
	ck_slice_eq(c.algorithm, "MD5");
	ck_assert_ptr_null(c.userhash.p);
	ck_assert_ptr_null(c.charset.p);
	ck_assert(!sip_challenge_is_stale(&c));
	ck_writes(sip_challenge_write, &c,
		  "Digest realm=\"atlanta.com\", domain=\"sip:boxesbybob.com\""
		  ", nonce=\"f84f1cec41e6cbe5aea9c8e88d359\", opaque=\"\", "
		  "stale=FALSE, algorithm=MD5, qop=\"auth\"");
}
END_TEST

/* RFC 7616 3.9.2, with a parameter that nobody knows */
START_TEST(challenge_of_7616)
{
	struct sip_challenge c;

	ck_parses(sip_challenge_parse(
		S("dIGEST realm=\"api@example.org\", x-new = token,"
		  "qop=\"auth , AUTH-int\",\talgorithm=\"SHA-512-256\", "
		  "nonce=\"5TsQWLVdgBdmrQ0XsxbDODV+57QdFR34I9HAbC/RVvkK\", "
		  "x-two=\"a, b\",charset=UTF-8, stale=True,userhash=true "),
		&c, &e));
	ck_slice_eq(c.realm, "api@example.org");
	ck_slice_eq(c.algorithm, "SHA-512-256");
	ck_slice_eq(c.charset, "UTF-8");
	ck_slice_eq(c.userhash, "true");
	ck_assert(sip_challenge_is_stale(&c));
	ck_assert(sip_challenge_offers(&c, "auth"));
	ck_assert(sip_challenge_offers(&c, "auth-int"));
	ck_assert(!sip_challenge_offers(&c, "aut"));
	ck_assert(!sip_challenge_offers(&c, ""));
	ck_writes(sip_challenge_write, &c,
		  "dIGEST realm=\"api@example.org\", nonce=\"5TsQWLVdgBdmrQ0"
		  "XsxbDODV+57QdFR34I9HAbC/RVvkK\", stale=True, algorithm=SHA"
		  "-512-256, qop=\"auth , AUTH-int\", userhash=true, "
		  "charset=UTF-8, x-new=token, x-two=\"a, b\"");
}
END_TEST

START_TEST(words_that_are_no_token_are_written_quoted)
{
	struct sip_challenge c;

	ck_parses(sip_challenge_parse(
		S("Digest realm=\"a\\\"b\",nonce=\"\",stale=\"\",qop=auth,"
		  "algorithm=\"a b\""), &c, &e));
	ck_slice_eq(c.realm, "a\\\"b");
	ck_writes(sip_challenge_write, &c,
		  "Digest realm=\"a\\\"b\", nonce=\"\", stale=\"\", "
		  "algorithm=\"a b\", qop=\"auth\"");
}
END_TEST

START_TEST(other_schemes_are_kept)
{
	struct sip_challenge c;
	struct sip_credentials k;

	ck_parses(sip_challenge_parse(S("Basic  Realm=\"x\" , a=b"), &c, &e));
	ck_assert(!c.digest);
	ck_slice_eq(c.scheme, "Basic");
	ck_slice_eq(c.params, "Realm=\"x\" , a=b");
	ck_assert_ptr_null(c.realm.p);
	ck_writes(sip_challenge_write, &c, "Basic Realm=\"x\", a=b");
	/* RFC 4475 3.3.7 */
	ck_parses(sip_credentials_parse(
		S("NoOneKnowsThisScheme opaque-data=here"), &k, &e));
	ck_assert(!k.digest);
	ck_writes(sip_credentials_write, &k,
		  "NoOneKnowsThisScheme opaque-data=here");
}
END_TEST

START_TEST(what_is_no_challenge)
{
	struct sip_challenge c = { .scheme = S("kept") };

	ck_fails(sip_challenge_parse(S(""), &c, &e), 0, "auth-scheme wanted");
	ck_fails(sip_challenge_parse(S("="), &c, &e), 0,
		 "auth-scheme wanted");
	ck_fails(sip_challenge_parse(S("Digest"), &c, &e), 6, "space wanted");
	ck_fails(sip_challenge_parse(S("Digest,a=b"), &c, &e), 6,
		 "space wanted");
	ck_fails(sip_challenge_parse(S("Digest "), &c, &e), 7,
		 "name=value wanted");
	ck_fails(sip_challenge_parse(S("Digest a"), &c, &e), 7,
		 "name=value wanted");
	ck_fails(sip_challenge_parse(S("Digest a=b,"), &c, &e), 11,
		 "name=value wanted");
	ck_fails(sip_challenge_parse(S("Digest a=b c=d"), &c, &e), 11,
		 "comma or end wanted");
	ck_fails(sip_challenge_parse(S("Digest a=b, A=d"), &c, &e), 12,
		 "parameter twice");
	ck_fails(sip_challenge_parse(S("Digest realm=\"a\",realm=\"b\""), &c,
				     &e), 17, "parameter twice");
	ck_fails(sip_challenge_parse(S("Digest realm=a,nonce=\"b\""), &c, &e),
		 13, "quoted string wanted");
	ck_fails(sip_challenge_parse(S("Digest realm=\"b"), &c, &e), 7,
		 "name=value wanted");
	ck_slice_eq(c.scheme, "kept");
}
END_TEST

/* RFC 3261 22.4, with all that RFC 7616 3.4 adds */
#define CRED "Digest username=\"bob\", realm=\"biloxi.com\", " \
	"nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\", " \
	"uri=\"sip:bob@biloxi.com\", " \
	"response=\"6629fae49393a05397450978507c4ef1\", algorithm=MD5, " \
	"cnonce=\"0a4f113b\", " \
	"opaque=\"5ccc069c403ebaf9f0171e9517f40e41\", qop=auth, " \
	"nc=00000001, userhash=false"

START_TEST(credentials_of_22_4)
{
	struct sip_credentials c;

	ck_parses(sip_credentials_parse(S(CRED), &c, &e));
	ck_assert(c.digest);
	ck_slice_eq(c.username, "bob");
	ck_slice_eq(c.realm, "biloxi.com");
	ck_slice_eq(c.nonce, "dcd98b7102dd2f0e8b11d0f600bfb0c093");
	ck_slice_eq(c.uri, "sip:bob@biloxi.com");
	ck_slice_eq(c.response, "6629fae49393a05397450978507c4ef1");
	ck_slice_eq(c.algorithm, "MD5");
	ck_slice_eq(c.cnonce, "0a4f113b");
	ck_slice_eq(c.opaque, "5ccc069c403ebaf9f0171e9517f40e41");
	ck_slice_eq(c.qop, "auth");
	ck_slice_eq(c.nc, "00000001");
	ck_slice_eq(c.userhash, "false");
	ck_writes(sip_credentials_write, &c, CRED);
}
END_TEST

#define FIVE "Digest username=\"a\",realm=\"b\",nonce=\"\",uri=\"c\"," \
	"response=\"\""

/* RFC 3261 20.7: no uri, and 35 digits */
START_TEST(credentials_of_20_7)
{
	struct sip_credentials c;

	ck_parses(sip_credentials_parse(
		S("Digest username=\"Alice\", realm=\"atlanta.com\",\r\n"
		  " nonce=\"84a4cc6f3082121f32b42a2187831a9e\",\r\n"
		  " response=\"7587245234b3434cc3412213e5f113a5432\""),
		&c, &e));
	ck_slice_eq(c.username, "Alice");
	ck_assert_ptr_null(c.uri.p);
	ck_writes(sip_credentials_write, &c,
		  "Digest username=\"Alice\", realm=\"atlanta.com\", "
		  "nonce=\"84a4cc6f3082121f32b42a2187831a9e\", "
		  "response=\"7587245234b3434cc3412213e5f113a5432\"");
}
END_TEST

START_TEST(what_are_no_credentials)
{
	struct sip_credentials c = { .scheme = S("kept") };
	static const struct {
		const char *in, *why;
		size_t at;
	} bad[] = {
		{ "Digest response=\"g\"", "lower case hex digits wanted",
		  16 },
		{ "Digest response=\"A\"", "lower case hex digits wanted",
		  16 },
		{ "Digest response=\"/\"", "lower case hex digits wanted",
		  16 },
		{ "Digest response=\":\"", "lower case hex digits wanted",
		  16 },
		{ "Digest response=\"`\"", "lower case hex digits wanted",
		  16 },
		{ "Digest response=a", "quoted string wanted", 16 },
		{ "Digest nc=1", "8 lower case hex digits wanted", 10 },
		{ "Digest nc=0000000A", "8 lower case hex digits wanted", 10 },
		{ "Digest nc=000000001", "8 lower case hex digits wanted",
		  10 },
		{ "Digest nc=\"00000001\"", "8 lower case hex digits wanted",
		  10 },
	};

	for (size_t i = 0; i < COUNT(bad); i++)
		ck_fails(sip_credentials_parse(slice_str(bad[i].in), &c, &e),
			 bad[i].at, bad[i].why);
	ck_slice_eq(c.scheme, "kept");
	/* RFC 8760 2.7: empty, as long as there was no challenge */
	ck_parses(sip_credentials_parse(S(FIVE ",nc=0123abcf,qop=\"auth\""),
					&c, &e));
	ck_assert(c.response.p && !c.response.n && c.nonce.p);
	ck_slice_eq(c.qop, "auth");
	ck_slice_eq(c.nc, "0123abcf");
	ck_parses(sip_credentials_parse(S("Digest username=\"a\",realm=\"b\","
		"nonce=\"\",uri=\"c\",response=\"0189abcdef\""), &c, &e));
	ck_slice_eq(c.response, "0189abcdef");
}
END_TEST

START_TEST(as_many_params_as_the_limit)
{
	char text[4 + 5 * (LIMIT_SIP_PARAMS + 1)] = "Any ";
	struct sip_challenge c;

	for (int i = 0; i <= LIMIT_SIP_PARAMS; i++) {
		char *p = text + 4 + 5 * i;

		memcpy(p, "aa=b,", 5);
		p[0] = (char)('a' + i % 16);
		p[1] = (char)('a' + i / 16);
	}
	ck_parses(sip_challenge_parse(slice_of(text, 5 * LIMIT_SIP_PARAMS + 3),
				      &c, &e));
	ck_assert_uint_eq(c.params.n, 5 * LIMIT_SIP_PARAMS - 1);
	ck_fails_code(sip_challenge_parse(slice_of(text, sizeof(text) - 1),
					  &c, &e),
		      -E2BIG, 4 + 5 * LIMIT_SIP_PARAMS, "too many parameters");
}
END_TEST

START_TEST(authentication_info)
{
	struct sip_auth_info a = { 0 };

	/* RFC 3261 20.6 */
	ck_parses(sip_auth_info_parse(
		S("nextnonce=\"47364c23432d2e131a5fb210812c\""), &a, &e));
	ck_slice_eq(a.nextnonce, "47364c23432d2e131a5fb210812c");
	ck_assert_ptr_null(a.qop.p);
	ck_writes(sip_auth_info_write, &a,
		  "nextnonce=\"47364c23432d2e131a5fb210812c\"");
	ck_parses(sip_auth_info_parse(
		S("x=y, qop=auth, rspauth=\"0f\", cnonce=\"c\" ,nc=0000000f"),
		&a, &e));
	ck_slice_eq(a.rspauth, "0f");
	ck_slice_eq(a.cnonce, "c");
	ck_slice_eq(a.nc, "0000000f");
	ck_slice_eq(a.params, "x=y, qop=auth, rspauth=\"0f\", cnonce=\"c\" ,"
		    "nc=0000000f");
	ck_writes(sip_auth_info_write, &a,
		  "qop=auth, rspauth=\"0f\", cnonce=\"c\", nc=0000000f, x=y");
	ck_fails(sip_auth_info_parse(S(""), &a, &e), 0, "name=value wanted");
	ck_fails(sip_auth_info_parse(S("nextnonce=a"), &a, &e), 10,
		 "quoted string wanted");
	ck_slice_eq(a.cnonce, "c");
}
END_TEST

START_TEST(escapes_are_taken_off)
{
	char buf[4];
	struct slice in = S("abcdefgh"), out;

	ck_assert_int_eq(sip_auth_unescape(in, buf, sizeof(buf), &out), 0);
	ck_assert_ptr_eq(out.p, in.p);
	ck_assert_int_eq(sip_auth_unescape(S("a\\\"b"), buf, 4, &out), 0);
	ck_slice_eq(out, "a\"b");
	ck_assert_int_eq(sip_auth_unescape(S("\\\\b\\"), buf, 4, &out), 0);
	ck_slice_eq(out, "\\b\\");
	out = in;
	ck_assert_int_eq(sip_auth_unescape(S("a\\\"bc"), buf, 4, &out),
			 -ENOSPC);
	ck_assert_ptr_eq(out.p, in.p);
	ck_assert_int_eq(sip_auth_unescape((struct slice){ 0 }, buf, 4, &out),
			 0);
	ck_assert_ptr_null(out.p);
}
END_TEST

/* Each prefix is refused or is a whole value of fewer parameters. */
START_TEST(prefixes)
{
	struct slice all[] = { S(WWW), S(CRED) };

	for (size_t k = 0; k < COUNT(all); k++)
		for (size_t n = 0; n < all[k].n; n++) {
			struct slice in = slice_head(all[k], n);
			struct parse_error e = { 9999, NULL };
			struct sip_challenge c;
			struct sip_credentials d;
			int rc = k ? sip_credentials_parse(in, &d, &e) :
				     sip_challenge_parse(in, &c, &e);

			ck_assert(rc ? e.reason && e.offset <= n :
				       !e.reason);
		}
}
END_TEST

SUITE(sip_auth, challenge_of_20_44, challenge_of_7616,
      words_that_are_no_token_are_written_quoted, other_schemes_are_kept,
      what_is_no_challenge, credentials_of_22_4, credentials_of_20_7,
      what_are_no_credentials, as_many_params_as_the_limit,
      authentication_info, escapes_are_taken_off, prefixes);
