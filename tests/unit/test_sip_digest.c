/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/suites.h"

#include "sip/usage/sip_digest.h"
#include "sip/usage/sip_digest_uas.h"

#define CNONCE S("f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ")
#define WWW SIP_HDR_WWW_AUTHENTICATE
#define PROXY SIP_HDR_PROXY_AUTHENTICATE

static const struct sip_secret bob = { .user = SLICE("bob"),
				       .password = SLICE("zanzibar") };

/* A client, its request, and the response that it is given. */
struct client {
	struct mem mem;
	struct sip_digest d;
	struct sip_msg req, res;
	struct writer room;
	char text[4096];
};

static void request(struct client *c)
{
	sip_msg_request(&c->req, S("REGISTER"), S("sip:example.com"));
	c->room = writer_begin(c->text, sizeof(c->text));
}

static void setup(struct client *c)
{
	memset(c, 0, sizeof(*c));
	mem_init(&c->mem, 0);
	sip_digest_init(&c->d, &c->mem);
	request(c);
	sip_msg_response(&c->res, 401, S("Unauthorized"));
}

static void done(struct client *c)
{
	sip_digest_fini(&c->d);
	ck_assert_uint_eq(c->mem.blocks, 0);
	ck_assert_ptr_null(c->d.first);
	ck_assert_uint_eq(c->d.n, 0);
}

static void field(struct client *c, enum sip_hdr id, const char *value)
{
	ck_assert_int_eq(sip_msg_add(&c->res, id, slice_str(value)), 0);
}

static int challenge(struct client *c, const struct sip_secret *k, size_t n)
{
	int rc = sip_digest_on_challenge(&c->d, &c->req, &c->res, k, n);

	sip_msg_response(&c->res, 401, S("Unauthorized"));
	return rc;
}

/* Challenged once with that field alone. */
static int challenged(struct client *c, const char *value)
{
	field(c, WWW, value);
	return challenge(c, &bob, 1);
}

static int authorize(struct client *c)
{
	return sip_digest_authorize(&c->d, &c->req, &bob, 1, S("0a4f113b"),
				    false, &c->room);
}

static int answered(struct client *c)
{
	return sip_digest_on_answer(&c->d, &c->req, &c->res, &bob, 1);
}

static struct sip_credentials sent(struct client *c, enum sip_hdr id)
{
	struct sip_credentials k = { 0 };

	ck_assert_int_eq(sip_credentials_parse(sip_msg_get(&c->req, id), &k,
					       NULL), 0);
	return k;
}

/* RFC 7616 3.9.1: two challenges, SHA-256 on top */
#define MUFASA(alg) "Digest realm=\"http-auth@example.org\", " \
	"qop=\"auth, auth-int\", algorithm=" alg ", " \
	"nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\", " \
	"opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\""

static void mufasa(const struct sip_secret *k, const char *algorithm,
		   const char *response)
{
	struct client c;
	struct sip_credentials s;

	setup(&c);
	sip_msg_request(&c.req, S("GET"), S("/dir/index.html"));
	field(&c, WWW, "Basic realm=\"http-auth@example.org\"");
	field(&c, WWW, MUFASA("SHA-1024"));
	field(&c, WWW, MUFASA("SHA-256"));
	field(&c, WWW, MUFASA("MD5"));
	ck_assert_int_eq(challenge(&c, k, 1), 1);
	ck_assert_int_eq(sip_digest_authorize(&c.d, &c.req, k, 1, CNONCE,
					      false, &c.room), 1);
	s = sent(&c, SIP_HDR_AUTHORIZATION);
	ck_slice_eq(s.scheme, "Digest");
	ck_slice_eq(s.username, "Mufasa");
	ck_slice_eq(s.realm, "http-auth@example.org");
	ck_slice_eq(s.uri, "/dir/index.html");
	ck_slice_eq(s.algorithm, algorithm);
	ck_slice_eq(s.nonce, "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v");
	ck_slice_eq(s.nc, "00000001");
	ck_slice_eq(s.cnonce, "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ");
	ck_slice_eq(s.qop, "auth");
	ck_slice_eq(s.response, response);
	ck_slice_eq(s.opaque, "FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS");
	ck_assert_ptr_null(s.userhash.p);
	done(&c);
}

START_TEST(topmost_challenge_that_we_can_answer)
{
	struct sip_secret k = { .user = S("Mufasa"),
				.password = S("Circle of Life") };
	char ha1[DIGEST_HEX];

	mufasa(&k, "SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf449"
			      "6794697cf8db5856cb6c1");
	/* With the hash alone that is left for MD5 */
	digest_ha1(DIGEST_MD5, k.user, S("http-auth@example.org"), k.password,
		   ha1);
	k = (struct sip_secret){ .user = S("Mufasa"),
				 .ha1 = slice_of(ha1, 32),
				 .ha1_alg = DIGEST_MD5 };
	mufasa(&k, "MD5", "8ca523f5e9506fed4657c9700eebdbec");
	digest_ha1(DIGEST_SHA256, k.user, S("http-auth@example.org"),
		   S("Circle of Life"), ha1);
	k.ha1 = slice_of(ha1, 64);
	k.ha1_alg = DIGEST_SHA256;
	mufasa(&k, "SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf449"
			      "6794697cf8db5856cb6c1");
}
END_TEST

/* RFC 7616 3.4.2: A1 is made from the first cnonce after the challenge; the
 * second request has that one, so that a server which makes A1 anew from each
 * request agrees.  The response is from Python's hashlib. */
START_TEST(a_session_keeps_its_first_cnonce)
{
	struct sip_credentials s;
	struct client c;

	setup(&c);
	ck_assert_int_eq(challenged(&c, "Digest realm=\"r\",nonce=\"n\","
				    "qop=\"auth\",algorithm=MD5-sess"), 1);
	ck_assert_int_eq(authorize(&c), 1);
	request(&c);
	ck_assert_int_eq(sip_digest_authorize(&c.d, &c.req, &bob, 1,
					      S("another1"), false, &c.room),
			 1);
	s = sent(&c, SIP_HDR_AUTHORIZATION);
	ck_slice_eq(s.nc, "00000002");
	ck_slice_eq(s.cnonce, "0a4f113b");
	ck_slice_eq(s.response, "f722751fdcc1e87dc6aab87b81ae05a5");
	done(&c);
}
END_TEST

START_TEST(a_hash_serves_sessions_of_its_algorithm)
{
	static const enum digest_alg alg[] = { DIGEST_MD5, DIGEST_SHA256,
					       DIGEST_SHA512_256 };
	static const char *const name[] = { "MD5", "MD5-sess", "SHA-256",
					    "SHA-256-sess", "SHA-512-256",
					    "SHA-512-256-sess" };

	for (size_t i = 0; i < COUNT(alg); i++)
		for (size_t j = 0; j < COUNT(name); j++) {
			char ha1[DIGEST_HEX], text[128];
			struct sip_secret k = { .user = S("u"),
						.ha1_alg = alg[i] };
			struct writer w = writer_begin(text, sizeof(text));
			struct client c;

			digest_ha1(alg[i], k.user, S("r"), S("p"), ha1);
			k.ha1 = slice_of(ha1, digest_hex_size(alg[i]));
			setup(&c);
			writer_str(&w, "Digest realm=\"r\",nonce=\"n\","
				       "qop=\"auth\",algorithm=");
			writer_str(&w, name[j]);
			writer_char(&w, '\0');
			field(&c, WWW, text);
			ck_assert_int_eq(challenge(&c, &k, 1),
					 j / 2 == i ? 1 : -ENOKEY);
			done(&c);
		}
}
END_TEST

START_TEST(each_realm_of_each_kind_is_answered)
{
	static const struct sip_secret keys[] = {
		{ .user = SLICE("any"), .password = SLICE("1") },
		{ .user = SLICE("any2"), .password = SLICE("1") },
		{ .realm = SLICE("b"), .user = SLICE("ub"),
		  .password = SLICE("2") },
	};
	struct client c;
	struct sip_credentials s;
	struct sip_values v;
	struct slice value;

	setup(&c);
	field(&c, PROXY, "Digest realm=\"a\",nonce=\"1\"");
	field(&c, PROXY, "Digest realm=\"b\",nonce=\"2\"");
	field(&c, PROXY, "Digest realm=\"b\",nonce=\"x\",qop=\"auth\"");
	field(&c, WWW, "Digest realm=\"b\",nonce=\"3\",qop=\"auth\"");
	ck_assert_int_eq(challenge(&c, keys, 3), 3);
	ck_assert_int_eq(sip_msg_add(&c.req, SIP_HDR_AUTHORIZATION, S("old")),
			 0);
	ck_assert_int_eq(sip_msg_add(&c.req, SIP_HDR_PROXY_AUTHORIZATION,
				     S("old")), 0);
	ck_assert_int_eq(sip_digest_authorize(&c.d, &c.req, keys, 3,
					      S("cafecafe"), false, &c.room),
			 3);
	s = sent(&c, SIP_HDR_AUTHORIZATION);
	ck_slice_eq(s.realm, "b");
	ck_slice_eq(s.nonce, "3");
	ck_slice_eq(s.username, "ub");
	v = sip_values_begin(&c.req, SIP_HDR_PROXY_AUTHORIZATION);
	for (const char *r = "ba"; *r; r++) {
		ck_assert(sip_values_next(&v, &value));
		ck_assert_int_eq(sip_credentials_parse(value, &s, NULL), 0);
		ck_assert_uint_eq(s.realm.n, 1);
		ck_assert_int_eq(s.realm.p[0], *r);
		ck_slice_eq(s.nonce, *r == 'a' ? "1" : "2");
		ck_slice_eq(s.username, *r == 'a' ? "any" : "ub");
		/* RFC 2069's way: the topmost had no qop */
		ck_assert(!s.qop.p && !s.nc.p && !s.cnonce.p);
	}
	ck_assert(!sip_values_next(&v, &value));
	done(&c);
}
END_TEST

#define OFFER(alg, nonce) "Digest realm=\"r\", qop=\"auth\", algorithm=" \
	alg ", nonce=\"" nonce "\""

/* The algorithm that is answered when all are offered, weakest on top. */
static void ck_taken(const char *list, const char *algorithm)
{
	struct sip_digest_choice choice = { 0 };
	struct sip_secret k = bob;
	struct client c;

	setup(&c);
	if (list) {
		ck_assert_int_eq(sip_digest_choice_parse(slice_str(list),
							 &choice), 0);
		k.choice = &choice;
	}
	field(&c, WWW, OFFER("MD5", "1"));
	field(&c, WWW, OFFER("SHA-256", "2"));
	field(&c, WWW, OFFER("SHA-512-256-sess", "3"));
	field(&c, WWW, OFFER("SHA-512-256", "4"));
	ck_assert_int_eq(challenge(&c, &k, 1), algorithm ? 1 : -ENOKEY);
	ck_assert_int_eq(sip_digest_authorize(&c.d, &c.req, &k, 1, CNONCE,
					      false, &c.room), !!algorithm);
	if (algorithm)
		ck_slice_eq(sent(&c, SIP_HDR_AUTHORIZATION).algorithm,
			    algorithm);
	done(&c);
}

/* RFC 8760 2.4: the topmost, unless local policy says otherwise. */
START_TEST(the_algorithm_is_our_choice)
{
	ck_taken(NULL, "SHA-512-256-sess"); /* topmost of the best */
	ck_taken("MD5,SHA-256", "MD5");
	ck_taken("SHA-256 , md5", "SHA-256");
	ck_taken("SHA-512-256", "SHA-512-256-sess");
}
END_TEST

START_TEST(what_is_not_chosen_is_not_answered)
{
	struct sip_digest_choice choice = { .order = { DIGEST_SHA256 },
					    .n = 1 };
	struct sip_secret k = bob;
	struct client c;

	setup(&c);
	k.choice = &choice;
	field(&c, WWW, OFFER("MD5", "1"));
	ck_assert_int_eq(challenge(&c, &k, 1), -ENOKEY);
	/* Nor what was answered before the choice changed. */
	field(&c, WWW, OFFER("SHA-256", "2"));
	ck_assert_int_eq(challenge(&c, &k, 1), 1);
	choice.order[0] = DIGEST_MD5;
	ck_assert_int_eq(sip_digest_authorize(&c.d, &c.req, &k, 1, CNONCE,
					      false, &c.room), 0);
	done(&c);
}
END_TEST

START_TEST(what_a_choice_looks_like)
{
	static const char *const bad[] = { "", ",", "MD5,", ",MD5", "MD5 MD5",
		"MD5,MD5", "MD5-sess", "SHA-1", "MD5,SHA-256,SHA-512-256,MD5" };
	struct sip_digest_choice p = { .n = 2 };

	for (size_t i = 0; i < COUNT(bad); i++) {
		ck_assert_int_eq(sip_digest_choice_parse(slice_str(bad[i]), &p),
				 -EBADMSG);
		ck_assert_uint_eq(p.n, 2); /* as it was */
	}
	ck_assert_int_eq(sip_digest_choice_parse(
				S("sha-256 ,MD5, SHA-512-256"), &p), 0);
	ck_assert_uint_eq(p.n, 3);
	ck_assert_int_eq(p.order[0], DIGEST_SHA256);
	ck_assert_int_eq(p.order[1], DIGEST_MD5);
	ck_assert_int_eq(p.order[2], DIGEST_SHA512_256);
}
END_TEST

#define WITHOUT_QOP "Digest realm=\"r\", nonce=\"old\""

START_TEST(a_challenge_without_qop_is_known_as_such)
{
	struct sip_digest_choice choice = { .require_qop = true };
	struct sip_secret k = bob;
	struct client c;

	setup(&c);
	ck_assert(!sip_digest_had_no_qop(&c.d));
	field(&c, WWW, OFFER("MD5", "1"));
	ck_assert_int_eq(challenge(&c, &k, 1), 1);
	ck_assert(!sip_digest_had_no_qop(&c.d));
	field(&c, PROXY, WITHOUT_QOP);
	ck_assert_int_eq(challenge(&c, &k, 1), 1);
	ck_assert(sip_digest_had_no_qop(&c.d));
	done(&c);
	/* It may not be wanted; another of its realm may do. */
	setup(&c);
	k.choice = &choice;
	field(&c, WWW, WITHOUT_QOP);
	ck_assert_int_eq(challenge(&c, &k, 1), -EPERM);
	field(&c, WWW, WITHOUT_QOP);
	field(&c, WWW, OFFER("MD5", "1"));
	ck_assert_int_eq(challenge(&c, &k, 1), 1);
	ck_assert(!sip_digest_had_no_qop(&c.d));
	ck_assert_int_eq(sip_digest_authorize(&c.d, &c.req, &k, 1, CNONCE,
					      false, &c.room), 1);
	ck_slice_eq(sent(&c, SIP_HDR_AUTHORIZATION).nonce, "1");
	done(&c);
}
END_TEST

START_TEST(why_there_is_no_answer)
{
	struct sip_secret other = { .realm = S("other"), .user = S("u") };
	char big[SIP_DIGEST_TEXT + 2];
	struct client c;

	setup(&c);
	ck_assert_int_eq(challenge(&c, &bob, 1), -ENOTSUP);
	ck_assert_int_eq(challenged(&c, "Basic realm=\"a\""), -ENOTSUP);
	ck_assert_int_eq(challenged(&c, "Digest realm="), -ENOTSUP);
	ck_assert_int_eq(challenged(&c, "Digest realm=\"a\""), -ENOTSUP);
	ck_assert_int_eq(challenged(&c, "Digest nonce=\"a\""), -ENOTSUP);
	ck_assert_int_eq(challenged(&c, "Digest realm=\"a\",nonce=\"b\","
				    "qop=\"x\""), -ENOTSUP);
	ck_assert_int_eq(challenged(&c, "Digest realm=\"a\",nonce=\"\\\x01"
				    "\",algorithm=x"), -ENOTSUP);
	field(&c, WWW, "Digest realm=\"a\",nonce=\"b\"");
	ck_assert_int_eq(challenge(&c, &bob, 0), -ENOKEY);
	field(&c, WWW, "Digest realm=\"a\",nonce=\"b\"");
	field(&c, WWW, "Basic realm=\"a\"");
	ck_assert_int_eq(challenge(&c, &other, 1), -ENOKEY);
	ck_assert_int_eq(authorize(&c), 0);
	/* NUL, as a quoted-pair, is of no use to anybody */
	ck_assert_int_eq(sip_msg_add(&c.res, WWW,
		S("Digest realm=\"a\",nonce=\"\\\0\"")), 0);
	ck_assert_int_eq(challenge(&c, &bob, 1), -ENOTSUP);
	memset(big, 'x', sizeof(big));
	memcpy(big, S("Digest realm=\"a\",nonce=\"").p, 24);
	big[SIP_DIGEST_TEXT] = '"';
	ck_assert_int_eq(sip_msg_add(&c.res, WWW,
				     slice_of(big, SIP_DIGEST_TEXT + 1)), 0);
	ck_assert_int_eq(challenge(&c, &bob, 1), -ENOTSUP);
	big[SIP_DIGEST_TEXT - 1] = '"';
	ck_assert_int_eq(sip_msg_add(&c.res, WWW,
				     slice_of(big, SIP_DIGEST_TEXT)), 0);
	ck_assert_int_eq(challenge(&c, &bob, 1), 1);
	done(&c);
}
END_TEST

#define N(nonce) "Digest realm=\"r\",qop=\"auth\",nonce=\"" nonce "\""
#define STALE(nonce) N(nonce) ",stale=true"

START_TEST(the_same_nonce_again_is_a_refusal)
{
	struct client c;

	for (int stale = 0; stale < 2; stale++) {
		setup(&c);
		ck_assert_int_eq(challenged(&c, N("1")), 1);
		ck_assert_int_eq(authorize(&c), 1);
		ck_assert_int_eq(challenged(&c, stale ? STALE("1") : N("1")),
				 -EACCES);
		request(&c);
		ck_assert_int_eq(authorize(&c), 0); /* forgotten */
		ck_assert(!sip_msg_has(&c.req, SIP_HDR_AUTHORIZATION));
		ck_assert_int_eq(challenged(&c, N("1")), 1); /* a new user */
		done(&c);
	}
}
END_TEST

START_TEST(a_new_nonce_without_stale_is_a_refusal_too)
{
	struct client c;

	setup(&c);
	ck_assert_int_eq(challenged(&c, N("1")), 1);
	ck_assert_int_eq(authorize(&c), 1);
	ck_assert_int_eq(challenged(&c, N("2")), -EACCES);
	/* and refused is worse than not understood, or without a secret */
	ck_assert_int_eq(authorize(&c), 0);
	ck_assert_int_eq(challenged(&c, N("1")), 1);
	ck_assert_int_eq(authorize(&c), 1);
	field(&c, WWW, "Basic realm=\"r\"");
	field(&c, WWW, N("2"));
	field(&c, WWW, "Basic realm=\"r\"");
	ck_assert_int_eq(challenge(&c, &bob, 1), -EACCES);
	done(&c);
}
END_TEST

START_TEST(stale_is_answered_but_not_for_ever)
{
	struct client c;

	setup(&c);
	ck_assert_int_eq(challenged(&c, N("1")), 1);
	ck_assert_int_eq(authorize(&c), 1);
	ck_assert_int_eq(challenged(&c, STALE("2")), 1);
	ck_assert_int_eq(authorize(&c), 1);
	ck_slice_eq(sent(&c, SIP_HDR_AUTHORIZATION).nonce, "2");
	ck_slice_eq(sent(&c, SIP_HDR_AUTHORIZATION).nc, "00000001");
	ck_assert_int_eq(challenged(&c, STALE("3")), 1);
	ck_assert_int_eq(authorize(&c), 1);
	ck_assert_int_eq(challenged(&c, STALE("4")), -EACCES); /* the third */
	done(&c);
}
END_TEST

START_TEST(success_starts_the_count_again)
{
	struct client c;

	setup(&c);
	ck_assert_int_eq(challenged(&c, N("0")), 1);
	for (unsigned i = 1; i < 6; i++) {
		ck_assert_int_eq(authorize(&c), 1);
		ck_assert_int_eq(challenged(&c, i % 2 ? STALE("a") :
					    STALE("b")), 1);
		ck_assert_int_eq(authorize(&c), 1);
		sip_msg_response(&c.res, 200, S("OK"));
		ck_assert_int_eq(answered(&c), 0);
	}
	done(&c);
}
END_TEST

/* Not all servers say stale when a nonce has had its time. */
START_TEST(a_nonce_that_was_good_may_have_expired)
{
	struct client c;

	setup(&c);
	ck_assert_int_eq(challenged(&c, N("1")), 1);
	ck_assert_int_eq(authorize(&c), 1);
	ck_assert_int_eq(answered(&c), 0);
	request(&c);
	ck_assert_int_eq(authorize(&c), 1);
	ck_slice_eq(sent(&c, SIP_HDR_AUTHORIZATION).nc, "00000002");
	ck_assert_int_eq(challenged(&c, N("2")), 1);
	ck_assert_int_eq(authorize(&c), 1);
	ck_slice_eq(sent(&c, SIP_HDR_AUTHORIZATION).nonce, "2");
	ck_slice_eq(sent(&c, SIP_HDR_AUTHORIZATION).nc, "00000001");
	/* ... once: that one was never good */
	ck_assert_int_eq(challenged(&c, N("3")), -EACCES);
	done(&c);
}
END_TEST

/* Two requests at a time: the second challenge renews what the first brought,
 * and the first request is told that its nonce will not do. */
START_TEST(a_newer_nonce_has_not_been_refused_yet)
{
	struct client c;
	struct sip_msg first;
	char text[1024];
	struct writer room = writer_begin(text, sizeof(text));

	setup(&c);
	ck_assert_int_eq(challenged(&c, N("1")), 1);
	sip_msg_request(&first, S("REGISTER"), S("sip:example.com"));
	ck_assert_int_eq(sip_digest_authorize(&c.d, &first, &bob, 1, S("c"),
					      false, &room), 1);
	ck_assert_int_eq(challenged(&c, N("2")), 1); /* c.req, without any */
	field(&c, WWW, N("3"));
	ck_assert_int_eq(sip_digest_on_challenge(&c.d, &first, &c.res, &bob,
						 1), 1);
	done(&c);
}
END_TEST

/* The credentials came from elsewhere, as after a restart. */
START_TEST(credentials_that_are_not_remembered)
{
	struct client c;

	setup(&c);
	ck_assert_int_eq(challenged(&c, N("1")), 1);
	ck_assert_int_eq(authorize(&c), 1);
	sip_digest_fini(&c.d);
	ck_assert_int_eq(challenged(&c, N("2")), -EACCES);
	ck_assert_int_eq(challenged(&c, STALE("2")), 1);
	/* of another realm, or kind: no matter */
	ck_assert_int_eq(challenged(&c, "Digest realm=\"R\",nonce=\"1\""), 1);
	field(&c, PROXY, N("1"));
	ck_assert_int_eq(challenge(&c, &bob, 1), 1);
	done(&c);
}
END_TEST

START_TEST(next_nonce_of_authentication_info)
{
	struct client c;

	setup(&c);
	ck_assert_int_eq(challenged(&c, N("1") ",opaque=\"o\""), 1);
	ck_assert_int_eq(authorize(&c), 1);
	field(&c, SIP_HDR_AUTHENTICATION_INFO, "nextnonce=\"n\\\\2\"");
	ck_assert_int_eq(answered(&c), 0);
	request(&c);
	ck_assert_int_eq(authorize(&c), 1);
	ck_slice_eq(sent(&c, SIP_HDR_AUTHORIZATION).nonce, "n\\\\2");
	ck_slice_eq(sent(&c, SIP_HDR_AUTHORIZATION).nc, "00000001");
	ck_slice_eq(sent(&c, SIP_HDR_AUTHORIZATION).opaque, "o");
	/* the same again: the count goes on */
	ck_assert_int_eq(answered(&c), 0);
	request(&c);
	ck_assert_int_eq(authorize(&c), 1);
	ck_slice_eq(sent(&c, SIP_HDR_AUTHORIZATION).nc, "00000002");
	/* and it counts as good */
	ck_assert_int_eq(challenged(&c, N("3")), 1);
	/* what is no Authentication-Info, or an empty one, is nothing */
	ck_assert_int_eq(authorize(&c), 1);
	field(&c, SIP_HDR_AUTHENTICATION_INFO, "nextnonce=");
	ck_assert_int_eq(answered(&c), 0);
	sip_msg_response(&c.res, 200, S("OK"));
	field(&c, SIP_HDR_AUTHENTICATION_INFO, "nextnonce=\"\"");
	ck_assert_int_eq(answered(&c), 0);
	ck_assert_int_eq(authorize(&c), 1);
	ck_slice_eq(sent(&c, SIP_HDR_AUTHORIZATION).nonce, "3");
	done(&c);
}
END_TEST

START_TEST(a_next_nonce_counts_as_good)
{
	struct client c;

	setup(&c);
	ck_assert_int_eq(challenged(&c, N("1")), 1);
	ck_assert_int_eq(authorize(&c), 1);
	ck_assert_int_eq(sip_msg_add(&c.res, SIP_HDR_AUTHENTICATION_INFO,
				     S("nextnonce=\"a\\\0\"")), 0);
	ck_assert_int_eq(answered(&c), 0); /* not that one */
	sip_msg_response(&c.res, 200, S("OK"));
	request(&c);
	ck_assert_int_eq(authorize(&c), 1);
	ck_slice_eq(sent(&c, SIP_HDR_AUTHORIZATION).nonce, "1");
	field(&c, SIP_HDR_AUTHENTICATION_INFO, "nextnonce=\"2\"");
	ck_assert_int_eq(answered(&c), 0);
	sip_msg_response(&c.res, 401, S("Unauthorized"));
	request(&c);
	ck_assert_int_eq(authorize(&c), 1);
	ck_slice_eq(sent(&c, SIP_HDR_AUTHORIZATION).nonce, "2");
	ck_assert_int_eq(challenged(&c, N("3")), 1);
	done(&c);
}
END_TEST

START_TEST(what_rspauth_cannot_be_compared)
{
	struct sip_secret k = { .user = S("u"), .ha1 = S("00"),
				.ha1_alg = DIGEST_MD5 };
	struct client c;

	setup(&c);
	ck_assert_int_eq(challenged(&c, "Digest realm=\"r\",nonce=\"1\""),
			 1);
	ck_assert_int_eq(authorize(&c), 1);
	field(&c, SIP_HDR_AUTHENTICATION_INFO, "rspauth=\"00\"");
	ck_assert_int_eq(answered(&c), 0); /* RFC 2069 knows of none */
	done(&c);
	setup(&c);
	ck_assert_int_eq(challenged(&c, N("1")), 1);
	ck_assert_int_eq(authorize(&c), 1);
	field(&c, SIP_HDR_AUTHENTICATION_INFO, "rspauth=\"00\"");
	ck_assert_int_eq(answered(&c), -EACCES); /* too short */
	ck_assert_int_eq(sip_digest_on_answer(&c.d, &c.req, &c.res, &k, 1),
			 -EACCES); /* a hash that is none */
	done(&c);
}
END_TEST

START_TEST(only_so_many_realms)
{
	char text[] = "Digest realm=\"0\",nonce=\"1\"";
	struct client c;

	setup(&c);
	for (int i = 0; i <= SIP_DIGEST_REALMS; i++) {
		text[14] = (char)('0' + i);
		ck_assert_int_eq(challenged(&c, text), 1);
	}
	ck_assert_uint_eq(c.d.n, SIP_DIGEST_REALMS);
	ck_assert_uint_eq(c.mem.blocks, SIP_DIGEST_REALMS);
	ck_assert_int_eq(authorize(&c), SIP_DIGEST_REALMS);
	for (unsigned i = 0; i < c.req.n; i++) {
		struct sip_credentials s;

		ck_assert_int_eq(sip_credentials_parse(c.req.field[i].value,
						       &s, NULL), 0);
		ck_assert(!slice_eq(s.realm, "0")); /* the oldest */
	}
	done(&c);
}
END_TEST

START_TEST(no_room_no_credentials)
{
	struct client c;
	char small[400];

	setup(&c);
	ck_assert_int_eq(challenged(&c, N("1")), 1);
	for (size_t n = 0;; n++) {
		int rc;

		c.room = writer_begin(small, n);
		rc = authorize(&c);
		if (rc == 1) {
			ck_assert_uint_eq(c.room.n, n); /* to the last byte */
			ck_assert_uint_eq(sent(&c, SIP_HDR_AUTHORIZATION)
					  .response.n, 32);
			break;
		}
		ck_assert_int_eq(rc, -ENOSPC);
		ck_assert(!sip_msg_has(&c.req, SIP_HDR_AUTHORIZATION));
		ck_assert_uint_lt(n, sizeof(small));
	}
	request(&c);
	for (int i = 0; i < LIMIT_SIP_FIELDS; i++)
		ck_assert_int_eq(sip_msg_add(&c.req, SIP_HDR_SUBJECT, S("x")),
				 0);
	ck_assert_int_eq(authorize(&c), -E2BIG);
	done(&c);
}
END_TEST

START_TEST(names_that_need_escapes)
{
	struct sip_secret k = { .user = S("a\"b\\c\x01"), .password = S("p") };
	struct client c;

	setup(&c);
	field(&c, WWW, "Digest realm=\"\\q\\\"\",nonce=\"\\\\\",opaque=\"\"");
	ck_assert_int_eq(challenge(&c, &k, 1), 1);
	ck_assert_int_eq(sip_digest_authorize(&c.d, &c.req, &k, 1, S("c"),
					      false, &c.room), 1);
	ck_slice_eq(sent(&c, SIP_HDR_AUTHORIZATION).username,
		    "a\\\"b\\\\c\\\x01");
	ck_slice_eq(sent(&c, SIP_HDR_AUTHORIZATION).realm, "q\\\"");
	ck_slice_eq(sent(&c, SIP_HDR_AUTHORIZATION).nonce, "\\\\");
	ck_assert(sent(&c, SIP_HDR_AUTHORIZATION).opaque.p);
	k.user = S("a\r\nX: y");
	ck_assert_int_eq(sip_digest_authorize(&c.d, &c.req, &k, 1, S("c"),
					      false, &c.room), -EINVAL);
	ck_assert(!sip_msg_has(&c.req, SIP_HDR_AUTHORIZATION));
	k.user = S("a\n");
	ck_assert_int_eq(sip_digest_authorize(&c.d, &c.req, &k, 1, S("c"),
					      false, &c.room), -EINVAL);
	k.user = S("a\0");
	ck_assert_int_eq(sip_digest_authorize(&c.d, &c.req, &k, 1, S("c"),
					      false, &c.room), -EINVAL);
	done(&c);
}
END_TEST

/* The n-th allocation fails, n = 1, 2 ... until all goes well. */
START_TEST(out_of_memory)
{
	for (uint64_t at = 1;; at++) {
		struct client c;
		int a, b, n;

		setup(&c);
		c.mem.fail_at = at;
		a = challenged(&c, N("1"));
		ck_assert(a == 1 || a == -ENOMEM);
		n = authorize(&c);
		ck_assert_int_eq(n, a == 1);
		field(&c, SIP_HDR_AUTHENTICATION_INFO, "nextnonce=\"2\"");
		b = answered(&c);
		ck_assert(b == 0 || b == -ENOMEM);
		done(&c);
		if (a == 1 && b == 0)
			break;
		ck_assert_uint_lt(at, 10);
	}
}
END_TEST

/* A peer that makes up a realm each time does not keep us busy for ever. */
START_TEST(ever_new_realms_are_answered_so_often)
{
	char text[] = "Digest realm=\"a\", nonce=\"1\"";
	struct client c;

	setup(&c);
	for (int round = 0; round < 2; round++) {
		for (int i = 0; i < SIP_DIGEST_ROUNDS; i++) {
			text[14] = (char)('a' + i);
			ck_assert_int_eq(challenged(&c, text), 1);
			request(&c);
			ck_assert_int_gt(authorize(&c), 0);
		}
		if (round == 0) /* an answer starts the count again */
			ck_assert_int_eq(answered(&c), 0);
	}
	text[14] = 'z';
	ck_assert_int_eq(challenged(&c, text), -EACCES);
	ck_assert_ptr_null(c.d.first);
	ck_assert_int_eq(challenged(&c, text), 1); /* another time */
	done(&c);
}
END_TEST

START_TEST(a_forgotten_secret_is_not_used)
{
	struct sip_secret k[] = { { .realm = S("r"), .user = S("u") } };
	struct sip_secret ha1 = { .user = S("u"), .ha1 = S("00"),
				  .ha1_alg = DIGEST_SHA256 };
	struct client c;

	setup(&c);
	field(&c, WWW, N("1"));
	ck_assert_int_eq(challenge(&c, k, 1), 1);
	ck_assert_int_eq(sip_digest_authorize(&c.d, &c.req, k, 0, S("c"),
					      false, &c.room), 0);
	ck_assert_int_eq(sip_digest_authorize(&c.d, &c.req, &ha1, 1, S("c"),
					      false, &c.room), 0);
	ha1.ha1_alg = DIGEST_MD5; /* of a length that no MD5 has */
	ck_assert_int_eq(sip_digest_authorize(&c.d, &c.req, &ha1, 1, S("c"),
					      false, &c.room), -EINVAL);
	done(&c);
}
END_TEST

SUITE(sip_digest, topmost_challenge_that_we_can_answer,
      the_algorithm_is_our_choice, what_is_not_chosen_is_not_answered,
      what_a_choice_looks_like, a_challenge_without_qop_is_known_as_such,
      a_session_keeps_its_first_cnonce,
      a_hash_serves_sessions_of_its_algorithm,
      each_realm_of_each_kind_is_answered, why_there_is_no_answer,
      the_same_nonce_again_is_a_refusal,
      a_new_nonce_without_stale_is_a_refusal_too,
      stale_is_answered_but_not_for_ever, success_starts_the_count_again,
      a_nonce_that_was_good_may_have_expired,
      a_newer_nonce_has_not_been_refused_yet,
      credentials_that_are_not_remembered, next_nonce_of_authentication_info,
      a_next_nonce_counts_as_good, what_rspauth_cannot_be_compared,
      only_so_many_realms, no_room_no_credentials, names_that_need_escapes,
      out_of_memory, ever_new_realms_are_answered_so_often,
      a_forgotten_secret_is_not_used);
