/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/suites.h"

#include "sip/usage/sip_digest.h"
#include "sip/usage/sip_digest_uas.h"

static const struct sip_secret bob = { .user = SLICE("bob"),
				       .password = SLICE("zanzibar") };
static const struct digest_user good = { .user = SLICE("bob"),
					 .password = SLICE("zanzibar") };
static const struct digest_user wrong = { .user = SLICE("bob"),
					  .password = SLICE("zanzibar2") };

static const struct sip_digest_policy policy = {
	.realm = SLICE("biloxi.com"),
	.integrity = true,
	.alg = { DIGEST_SHA256, DIGEST_MD5 },
	.algs = 2,
	.lifetime_ns = SEC(60),
	.key = { 1, 2, 3 },
};

/* Both sides of one exchange. */
struct pair {
	struct sip_digest_policy p;
	struct mem mem;
	struct sip_digest d;
	struct sip_msg req, res;
	struct sip_digest_claim claim;
	struct writer room;
	char text[4096];
};

static void setup(struct pair *t)
{
	memset(t, 0, sizeof(*t));
	t->p = policy;
	mem_init(&t->mem, 0);
	sip_digest_init(&t->d, &t->mem);
	t->room = writer_begin(t->text, sizeof(t->text));
	sip_msg_request(&t->req, S("INVITE"), S("sip:alice@biloxi.com"));
	t->req.body = S("v=0\r\n");
	sip_msg_response(&t->res, 401, S("Unauthorized"));
}

/* Challenged at the second 100, answered. */
static void exchange(struct pair *t, bool integrity)
{
	ck_assert_int_eq(sip_digest_challenge(&t->p, &t->res, SEC(100), 5,
					      false, &t->room), 0);
	ck_assert_int_eq(sip_digest_on_challenge(&t->d, &t->req, &t->res, &bob,
						 1), 1);
	ck_assert_int_eq(sip_digest_authorize(&t->d, &t->req, &bob, 1,
					      S("0a4f113b"), integrity,
					      &t->room), 1);
}

static int claim_at(struct pair *t, int64_t wall_ns)
{
	return sip_digest_claim(&t->p, &t->req, wall_ns, &t->claim);
}

START_TEST(challenges_in_order_of_preference)
{
	struct pair t;
	struct sip_values v;
	struct sip_challenge c;
	struct slice value, nonce;

	setup(&t);
	ck_assert_int_eq(sip_digest_challenge(&t.p, &t.res, SEC(100), 5, false,
					      &t.room), 0);
	v = sip_values_begin(&t.res, SIP_HDR_WWW_AUTHENTICATE);
	ck_assert(sip_values_next(&v, &value));
	ck_assert_int_eq(sip_challenge_parse(value, &c, NULL), 0);
	ck_slice_eq(c.scheme, "Digest");
	ck_slice_eq(c.realm, "biloxi.com");
	ck_slice_eq(c.algorithm, "SHA-256");
	ck_slice_eq(c.qop, "auth,auth-int");
	ck_assert_ptr_null(c.stale.p);
	nonce = c.nonce;
	ck_assert_uint_eq(nonce.n, DIGEST_NONCE_HEX);
	ck_assert(sip_values_next(&v, &value));
	ck_assert_int_eq(sip_challenge_parse(value, &c, NULL), 0);
	ck_slice_eq(c.algorithm, "MD5");
	ck_assert(slice_same(c.nonce, nonce));
	ck_assert(!sip_values_next(&v, &value));
	ck_assert(!sip_msg_has(&t.res, SIP_HDR_PROXY_AUTHENTICATE));

	setup(&t);
	t.p.proxy = true;
	t.p.integrity = false;
	t.p.realm = S("a\"b");
	ck_assert_int_eq(sip_digest_challenge(&t.p, &t.res, SEC(100), 6, true,
					      &t.room), 0);
	ck_assert(!sip_msg_has(&t.res, SIP_HDR_WWW_AUTHENTICATE));
	ck_assert_int_eq(sip_challenge_parse(
		sip_msg_get(&t.res, SIP_HDR_PROXY_AUTHENTICATE), &c, NULL), 0);
	ck_slice_eq(c.realm, "a\\\"b");
	ck_slice_eq(c.qop, "auth");
	ck_slice_eq(c.stale, "true");
	ck_assert(!slice_same(c.nonce, nonce));
}
END_TEST

/* Every algorithm, with and without integrity, for UAS and proxy */
START_TEST(who_knows_the_secret_is_let_in)
{
	for (int a = DIGEST_MD5; a <= DIGEST_SHA512_256_SESS; a++)
		for (int k = 0; k < 4; k++) {
			struct pair t;
			char ha1[DIGEST_HEX];
			struct digest_user hash = { .user = S("bob") };

			setup(&t);
			t.p.alg[0] = (enum digest_alg)a;
			t.p.algs = 1;
			t.p.proxy = k & 1;
			exchange(&t, k & 2);
			ck_assert_int_eq(claim_at(&t, SEC(101)), 0);
			ck_assert_int_eq(t.claim.alg, a);
			ck_assert_uint_eq(t.claim.nc, 1);
			ck_assert(!t.claim.hashed && !t.claim.stale);
			ck_slice_eq(t.claim.c.username, "bob");
			ck_slice_eq(t.claim.c.qop, k & 2 ? "auth-int" : "auth");
			ck_assert_int_eq(sip_digest_verify(&t.claim, &good,
							   &t.req), 0);
			ck_assert_int_eq(sip_digest_verify(&t.claim, &wrong,
							   &t.req), -EACCES);
			digest_ha1((enum digest_alg)a, S("bob"),
				   S("biloxi.com"), S("zanzibar"), ha1);
			hash.ha1 = slice_of(ha1, digest_hex_size(t.claim.alg));
			ck_assert_int_eq(sip_digest_verify(&t.claim, &hash,
							   &t.req), 0);
			hash.ha1.n--;
			ck_assert_int_eq(sip_digest_verify(&t.claim, &hash,
							   &t.req), -EINVAL);
			t.req.body = S("v=1\r\n"); /* auth-int notices */
			ck_assert_int_eq(sip_digest_verify(&t.claim, &good,
							   &t.req),
					 k & 2 ? -EACCES : 0);
			t.req.body = S("v=0\r\n");
			t.req.method_name = S("BYE");
			ck_assert_int_eq(sip_digest_verify(&t.claim, &good,
							   &t.req), -EACCES);
			sip_digest_fini(&t.d);
		}
}
END_TEST

START_TEST(a_nonce_has_its_time)
{
	struct pair t;

	setup(&t);
	exchange(&t, false);
	ck_assert_int_eq(claim_at(&t, SEC(160)), 0);
	ck_assert(!t.claim.stale);
	ck_assert_int_eq(sip_digest_verify(&t.claim, &good, &t.req), 0);
	ck_assert_int_eq(claim_at(&t, SEC(160) + 1), 0);
	ck_assert(t.claim.stale);
	ck_assert_int_eq(sip_digest_verify(&t.claim, &good, &t.req),
			 -ETIMEDOUT);
	ck_assert_int_eq(sip_digest_verify(&t.claim, &wrong, &t.req),
			 -EACCES);
	/* after a restart with another key */
	t.p.key[0]++;
	ck_assert_int_eq(claim_at(&t, SEC(101)), 0);
	ck_assert_int_eq(sip_digest_verify(&t.claim, &good, &t.req),
			 -ETIMEDOUT);
	sip_digest_fini(&t.d);
}
END_TEST

START_TEST(the_stale_challenge_is_answered_without_asking)
{
	struct pair t;

	setup(&t);
	exchange(&t, false);
	sip_msg_response(&t.res, 401, S("Unauthorized"));
	ck_assert_int_eq(sip_digest_challenge(&t.p, &t.res, SEC(500), 6, true,
					      &t.room), 0);
	ck_assert_int_eq(sip_digest_on_challenge(&t.d, &t.req, &t.res, &bob,
						 1), 1);
	ck_assert_int_eq(sip_digest_authorize(&t.d, &t.req, &bob, 1,
					      S("0a4f113b"), false, &t.room),
			 1);
	ck_assert_int_eq(claim_at(&t, SEC(500)), 0);
	ck_assert_int_eq(sip_digest_verify(&t.claim, &good, &t.req), 0);
	sip_digest_fini(&t.d);
}
END_TEST

static int claim_of(struct pair *t, const char *value)
{
	sip_msg_remove(&t->req, SIP_HDR_AUTHORIZATION);
	ck_assert_int_eq(sip_msg_add(&t->req, SIP_HDR_AUTHORIZATION,
				     slice_str(value)), 0);
	return claim_at(t, SEC(1));
}

#define CRED "Digest username=\"bob\",realm=\"biloxi.com\",nonce=\"x\"," \
	     "uri=\"sip:a\",response=\"00000000000000000000000000000000\""

START_TEST(what_is_no_claim)
{
	struct pair t;

	setup(&t);
	ck_assert_int_eq(claim_at(&t, SEC(1)), -ENOENT);
	ck_assert_int_eq(claim_of(&t, "Basic realm=\"biloxi.com\""), -ENOENT);
	ck_assert_int_eq(claim_of(&t, "Digest realm=\"atlanta.com\""),
			 -ENOENT);
	ck_assert_int_eq(claim_of(&t, "Digest realm=\"Biloxi.com\""),
			 -ENOENT);
	ck_assert_int_eq(claim_of(&t, "Digest"), -EBADMSG);
	ck_assert_int_eq(claim_of(&t, "Digest realm=\"biloxi.com\",nonce="
				  "\"a\",uri=\"b\",response=\"0\""),
			 -EBADMSG);
	ck_assert_int_eq(claim_of(&t, "Digest username=\"\",realm=\"biloxi."
				  "com\",nonce=\"a\",uri=\"b\",response="
				  "\"0\""), -EBADMSG);
	ck_assert_int_eq(claim_of(&t, "Digest username=\"u\",realm=\"biloxi."
				  "com\",uri=\"b\",response=\"0\""),
			 -EBADMSG);
	ck_assert_int_eq(claim_of(&t, "Digest username=\"u\",realm=\"biloxi."
				  "com\",nonce=\"a\",response=\"0\""),
			 -EBADMSG);
	ck_assert_int_eq(claim_of(&t, "Digest username=\"u\",realm=\"biloxi."
				  "com\",nonce=\"a\",uri=\"b\""), -EBADMSG);
	/* RFC 8760 2.7: sent before any challenge */
	ck_assert_int_eq(claim_of(&t, "Digest username=\"u\",realm=\"biloxi."
				  "com\",nonce=\"\",uri=\"b\",response="
				  "\"0\""), -ENOENT);
	ck_assert_int_eq(claim_of(&t, "Digest username=\"u\",realm=\"biloxi."
				  "com\",nonce=\"a\",uri=\"b\",response="
				  "\"\""), -ENOENT);
	ck_assert_int_eq(claim_of(&t, CRED ",algorithm=SHA-512-256"),
			 -EACCES);
	ck_assert_int_eq(claim_of(&t, CRED ",algorithm=SHA-256-sess"),
			 -EACCES);
	ck_assert_int_eq(claim_of(&t, CRED ",algorithm=foo"), -EACCES);
	ck_assert_int_eq(claim_of(&t, CRED ",qop=foo,nc=00000001"), -EACCES);
	ck_assert_int_eq(claim_of(&t, CRED ",qop=auth"), -EBADMSG);
	ck_assert_int_eq(claim_of(&t, CRED ",qop=auth,nc=0000000f"), 0);
	ck_assert_uint_eq(t.claim.nc, 15);
	ck_assert(t.claim.stale);
	ck_assert_int_eq(sip_digest_verify(&t.claim, &good, &t.req),
			 -EBADMSG); /* no cnonce */
	ck_assert_int_eq(claim_of(&t, CRED ",qop=auth-int,nc=00000001"), 0);
	t.p.integrity = false;
	ck_assert_int_eq(claim_of(&t, CRED ",qop=auth-int,nc=00000001"),
			 -EACCES);
	ck_assert_int_eq(claim_of(&t, CRED), 0); /* RFC 2069's way */
	ck_assert_uint_eq(t.claim.nc, 0);
	ck_assert_int_eq(t.claim.alg, DIGEST_MD5);
	ck_assert_int_eq(sip_digest_verify(&t.claim, &good, &t.req),
			 -EACCES);
	/* a broken field does not hide the good one behind it */
	ck_assert_int_eq(claim_of(&t, "Digest realm="), -EBADMSG);
	ck_assert_int_eq(sip_msg_add(&t.req, SIP_HDR_AUTHORIZATION,
				     S("Digest realm=\"other\"")), 0);
	ck_assert_int_eq(claim_at(&t, SEC(1)), -EBADMSG);
	ck_assert_int_eq(sip_msg_add(&t.req, SIP_HDR_AUTHORIZATION, S(CRED)),
			 0);
	ck_assert_int_eq(claim_at(&t, SEC(1)), 0);
	ck_assert_int_eq(sip_msg_add(&t.req, SIP_HDR_AUTHORIZATION,
				     S("Digest realm=")), 0);
	ck_assert_int_eq(claim_at(&t, SEC(1)), 0); /* nor one before it */
	/* and a proxy looks at its own field alone */
	t.p.proxy = true;
	ck_assert_int_eq(claim_at(&t, SEC(1)), -ENOENT);
}
END_TEST

START_TEST(escapes_are_bounded)
{
	struct pair t;
	char text[1200];
	struct writer w = writer_begin(text, sizeof(text));

	setup(&t);
	ck_assert_int_eq(claim_of(&t, "Digest username=\"b\\ob\",realm=\""
				  "b\\iloxi.com\",nonce=\"x\",uri=\"u\","
				  "response=\"0\""), 0);
	ck_slice_eq(t.claim.c.username, "bob");
	ck_slice_eq(t.claim.c.realm, "biloxi.com");
	ck_assert_int_eq(claim_of(&t, "Digest username=\"b\\\x01\",realm=\""
				  "biloxi.com\",nonce=\"x\",uri=\"u\","
				  "response=\"0\""), 0);
	writer_str(&w, "Digest realm=\"biloxi.com\",username=\"\\");
	for (size_t i = 0; i < sizeof(t.claim.text); i++)
		writer_char(&w, 'a');
	writer_str(&w, "\",nonce=\"x\",uri=\"u\",response=\"0\"");
	writer_char(&w, '\0');
	ck_assert_int_eq(claim_of(&t, text), -EBADMSG);
}
END_TEST

START_TEST(a_hashed_user_name)
{
	struct pair t;
	char want[DIGEST_HEX];

	setup(&t);
	ck_assert_int_eq(sip_msg_add(&t.res, SIP_HDR_WWW_AUTHENTICATE,
		S("Digest realm=\"biloxi.com\",nonce=\"n\",qop=\"auth\","
		  "algorithm=SHA-256,userhash=true")), 0);
	ck_assert_int_eq(sip_digest_on_challenge(&t.d, &t.req, &t.res, &bob,
						 1), 1);
	ck_assert_int_eq(sip_digest_authorize(&t.d, &t.req, &bob, 1, S("c"),
					      false, &t.room), 1);
	ck_assert_int_eq(claim_at(&t, SEC(1)), 0);
	ck_assert(t.claim.hashed);
	digest_userhash(DIGEST_SHA256, S("bob"), S("biloxi.com"), want);
	ck_assert(slice_same(t.claim.c.username, slice_of(want, 64)));
	ck_assert_int_eq(sip_digest_verify(&t.claim, &good, &t.req),
			 -ETIMEDOUT);
	sip_digest_fini(&t.d);
}
END_TEST

/* Mutual authentication: the client checks rspauth and takes the nonce. */
START_TEST(the_server_proves_itself_too)
{
	for (int k = 0; k < 2; k++) {
		struct pair t;
		char next[DIGEST_NONCE_HEX];

		setup(&t);
		exchange(&t, k);
		ck_assert_int_eq(claim_at(&t, SEC(101)), 0);
		sip_msg_response(&t.res, 200, S("OK"));
		t.res.body = S("hello");
		digest_nonce_make(t.p.key, t.p.realm, SEC(101), 9, next);
		ck_assert_int_eq(sip_digest_confirm(&t.claim, &wrong, S(""),
						    &t.res, &t.room), 0);
		ck_assert_int_eq(sip_digest_on_answer(&t.d, &t.req, &t.res,
						      &bob, 1), -EACCES);
		ck_assert_int_eq(sip_digest_on_answer(&t.d, &t.req, &t.res,
						      &bob, 0), -EACCES);
		sip_msg_remove(&t.res, SIP_HDR_AUTHENTICATION_INFO);
		ck_assert_int_eq(sip_digest_confirm(&t.claim, &good,
			slice_of(next, sizeof(next)), &t.res, &t.room), 0);
		ck_assert_int_eq(sip_digest_on_answer(&t.d, &t.req, &t.res,
						      &bob, 1), 0);
		t.res.body = S("hullo"); /* too late for this nonce */
		ck_assert_int_eq(sip_digest_on_answer(&t.d, &t.req, &t.res,
						      &bob, 1), 0);
		ck_assert_int_eq(sip_digest_authorize(&t.d, &t.req, &bob, 1,
			S("0a4f113b"), false, &t.room), 1);
		ck_assert_int_eq(claim_at(&t, SEC(161)), 0); /* the next */
		ck_assert(!t.claim.stale);
		ck_assert_uint_eq(t.claim.nc, 1);
		ck_assert_int_eq(sip_digest_verify(&t.claim, &good, &t.req),
				 0);
		sip_digest_fini(&t.d);
	}
}
END_TEST

START_TEST(integrity_covers_the_answer)
{
	struct pair t;

	for (int k = 0; k < 2; k++) {
		setup(&t);
		exchange(&t, k);
		ck_assert_int_eq(claim_at(&t, SEC(101)), 0);
		sip_msg_response(&t.res, 200, S("OK"));
		t.res.body = S("hello");
		ck_assert_int_eq(sip_digest_confirm(&t.claim, &good, S(""),
						    &t.res, &t.room), 0);
		t.res.body = S("hullo");
		ck_assert_int_eq(sip_digest_on_answer(&t.d, &t.req, &t.res,
						      &bob, 1),
				 k ? -EACCES : 0);
		sip_digest_fini(&t.d);
	}
}
END_TEST

START_TEST(confirm_says_what_there_is_to_say)
{
	struct digest_user broken = { .user = S("bob"), .ha1 = S("00") };
	struct pair t;

	setup(&t);
	sip_msg_response(&t.res, 200, S("OK"));
	ck_assert_int_eq(claim_of(&t, CRED), 0); /* no qop: no rspauth */
	ck_assert_int_eq(sip_digest_confirm(&t.claim, &good, S(""), &t.res,
					    &t.room), 0);
	ck_assert(!sip_msg_has(&t.res, SIP_HDR_AUTHENTICATION_INFO));
	ck_assert_int_eq(sip_digest_confirm(&t.claim, &good, S("n\"1"),
					    &t.res, &t.room), 0);
	ck_slice_eq(sip_msg_get(&t.res, SIP_HDR_AUTHENTICATION_INFO),
		    "nextnonce=\"n\\\"1\"");
	ck_assert_int_eq(claim_of(&t, CRED ",qop=auth,nc=00000001,"
				  "cnonce=\"c\""), 0);
	ck_assert_int_eq(sip_digest_confirm(&t.claim, &broken, S(""), &t.res,
					    &t.room), -EINVAL);
	t.room = writer_begin(t.text, 10);
	ck_assert_int_eq(sip_digest_confirm(&t.claim, &good, S("n1"), &t.res,
					    &t.room), -ENOSPC);
}
END_TEST

START_TEST(no_room_for_a_challenge)
{
	struct pair t;

	setup(&t);
	for (size_t n = 0;; n++) {
		int rc;

		t.room = writer_begin(t.text, n);
		sip_msg_response(&t.res, 401, S("Unauthorized"));
		rc = sip_digest_challenge(&t.p, &t.res, 0, 0, false, &t.room);
		if (!rc) {
			ck_assert_uint_eq(t.room.n, n);
			ck_assert_uint_gt(n, 2 * DIGEST_NONCE_HEX);
			break;
		}
		ck_assert_int_eq(rc, -ENOSPC);
		ck_assert_uint_lt(n, 1000);
	}
	t.room = writer_begin(t.text, sizeof(t.text));
	for (int i = 2; i < LIMIT_SIP_FIELDS; i++)
		ck_assert_int_eq(sip_msg_add(&t.res, SIP_HDR_SUBJECT, S("x")),
				 0);
	ck_assert_int_eq(sip_digest_challenge(&t.p, &t.res, 0, 0, false,
					      &t.room), -E2BIG);
}
END_TEST

SUITE(sip_digest_uas, challenges_in_order_of_preference,
      who_knows_the_secret_is_let_in, a_nonce_has_its_time,
      the_stale_challenge_is_answered_without_asking, what_is_no_claim,
      escapes_are_bounded, a_hashed_user_name, the_server_proves_itself_too,
      integrity_covers_the_answer, confirm_says_what_there_is_to_say,
      no_room_for_a_challenge);
