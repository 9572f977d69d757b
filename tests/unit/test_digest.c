/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/suites.h"

#include "platform/digest.h"

/* RFC 7616 3.9.1 */
static const struct digest_challenge mufasa = {
	.realm = SLICE("http-auth@example.org"),
	.nonce = SLICE("7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v"),
	.opaque = SLICE("FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"),
	.qop = SLICE("auth, auth-int"),
};
static const struct digest_user circle = { .user = SLICE("Mufasa"),
					   .password =
						   SLICE("Circle of Life") };
static const struct digest_request get = { .method = SLICE("GET"),
					   .uri = SLICE("/dir/index.html") };
#define CNONCE S("f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ")

static struct digest_challenge with_alg(struct slice alg)
{
	struct digest_challenge c = mufasa;

	c.algorithm = alg;
	return c;
}

START_TEST(rfc_7616_example_with_md5_and_sha_256)
{
	struct digest_challenge c = with_alg(S("MD5"));
	struct digest_answer a;

	ck_assert_int_eq(digest_answer(&a, &c, &circle, &get, CNONCE, 1,
				       false), 0);
	ck_slice_eq(a.c.response, "8ca523f5e9506fed4657c9700eebdbec");
	ck_slice_eq(a.c.nc, "00000001");
	ck_slice_eq(a.c.qop, "auth");
	ck_slice_eq(a.c.opaque,
		    "FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS");
	ck_slice_eq(a.c.username, "Mufasa");
	ck_assert_ptr_null(a.c.userhash.p);

	c = with_alg(S("SHA-256"));
	ck_assert_int_eq(digest_answer(&a, &c, &circle, &get, CNONCE, 1,
				       false), 0);
	ck_slice_eq(a.c.response, "753927fa0e85d155564e2e272a28d1802ca10daf449"
				  "6794697cf8db5856cb6c1");
	ck_slice_eq(a.c.algorithm, "SHA-256");
}
END_TEST

/* RFC 7616 3.9.2's inputs; its own result is of another hash (SHA-512 cut
 * short), so these two come from Python's hashlib. */
START_TEST(sha_512_256_with_userhash)
{
	struct digest_challenge c = {
		.realm = S("api@example.org"),
		.nonce = S("5TsQWLVdgBdmrQ0XsxbDODV+57QdFR34I9HAbC/RVvkK"),
		.qop = S("auth"), .algorithm = S("SHA-512-256"),
		.userhash = S("true"),
	};
	struct digest_user u = { .user = S("J\xC3\xA4s\xC3\xB8n Doe"),
				 .password = S("Secret, or not?") };
	struct digest_request r = { .method = S("GET"),
				    .uri = S("/doe.json") };
	struct digest_answer a;

	ck_assert_int_eq(digest_answer(&a, &c, &u, &r,
		S("NTg6RKcb9boFIAS3KrFK9BGeh+iDa/sm6jUMp2wds69v"), 1, false),
		0);
	ck_slice_eq(a.c.response, "3798d4131c277846293534c3edc11bd8"
				  "a5e4cdcbff78b05db9d95eeb1cec68a5");
	ck_slice_eq(a.c.username, "793263caabb707a56211940d90411ea4"
				  "a575adeccb7e360aeb624ed06ece9b0b");
	ck_slice_eq(a.c.userhash, "true");
}
END_TEST

/* RFC 2617 3.5 */
START_TEST(rfc_2617_example_without_algorithm)
{
	struct digest_challenge c = {
		.realm = S("testrealm@host.com"),
		.nonce = S("dcd98b7102dd2f0e8b11d0f600bfb0c093"),
		.opaque = S("5ccc069c403ebaf9f0171e9517f40e41"),
		.qop = S("auth,auth-int"),
	};
	struct digest_user u = { .user = S("Mufasa"),
				 .password = S("Circle Of Life") };
	struct digest_answer a;

	ck_assert_int_eq(digest_answer(&a, &c, &u, &get, S("0a4f113b"), 1,
				       false), 0);
	ck_slice_eq(a.c.response, "6629fae49393a05397450978507c4ef1");
	ck_assert_ptr_null(a.c.algorithm.p);
}
END_TEST

/* Expected values: the RFC's formulas in Python over hashlib. */
START_TEST(session_integrity_and_no_qop)
{
	struct digest_challenge c = with_alg(S("sha-256-SESS"));
	struct digest_request r = get;
	struct digest_answer a;

	r.body = S("hello");
	ck_assert_int_eq(digest_answer(&a, &c, &circle, &r, CNONCE, 1, true),
			 0);
	ck_assert_int_eq(a.qop, DIGEST_QOP_AUTH_INT);
	ck_slice_eq(a.c.qop, "auth-int");
	ck_slice_eq(a.c.response, "84a87498d03b113c7971267b821f7ff9"
				  "dec19d9a133971ebb6c8f5e22d763a57");

	c = with_alg(S("MD5"));
	c.qop = (struct slice){ 0 };
	ck_assert_int_eq(digest_answer(&a, &c, &circle, &get, CNONCE, 1, true),
			 0);
	ck_slice_eq(a.c.response, "7b2cc3b30e75b4777ea31027084363fd");
	ck_assert_ptr_null(a.c.qop.p);
	ck_assert_ptr_null(a.c.nc.p);
	ck_assert_ptr_null(a.c.cnonce.p);

	c.algorithm = S("MD5-sess"); /* needs the cnonce all the same */
	ck_assert_int_eq(digest_answer(&a, &c, &circle, &get, CNONCE, 1, true),
			 0);
	ck_slice_eq(a.c.response, "37a7f42db2090a3fcac4e26e747d4fc8");
	ck_assert_ptr_nonnull(a.c.cnonce.p);
}
END_TEST

START_TEST(rspauth_is_the_response_without_a_method)
{
	struct digest_challenge c = with_alg(S("MD5"));
	struct digest_request r = get;
	struct digest_answer a;
	char hex[DIGEST_HEX];

	ck_assert_int_eq(digest_answer(&a, &c, &circle, &get, CNONCE, 1,
				       false), 0);
	r.method = S("");
	ck_assert_int_eq(digest_response(a.alg, a.qop, &a.c, &circle, &r, hex),
			 0);
	ck_slice_eq(slice_of(hex, 32), "9b712497bc9f91499fbcca1dfc5f09a5");
}
END_TEST

START_TEST(a_stored_ha1_does_for_a_password)
{
	struct digest_challenge c = with_alg(S("MD5"));
	struct digest_user u = { .user = S("Mufasa") };
	struct digest_answer a;
	char ha1[DIGEST_HEX];

	digest_ha1(DIGEST_MD5, circle.user, c.realm, circle.password, ha1);
	u.ha1 = slice_of(ha1, digest_hex_size(DIGEST_MD5));
	ck_assert_int_eq(digest_answer(&a, &c, &u, &get, CNONCE, 1, false), 0);
	ck_slice_eq(a.c.response, "8ca523f5e9506fed4657c9700eebdbec");
	/* of MD5, so of no use for SHA-256, whatever the password */
	c.algorithm = S("SHA-256");
	ck_assert_int_eq(digest_answer(&a, &c, &u, &get, CNONCE, 1, false),
			 -EINVAL);
	ck_assert_int_eq(digest_answer(&a, &c, &circle, &get, CNONCE, 1,
				       false), 0);
	ck_assert_int_eq(digest_verify(&a.c, &u, get.method, get.body),
			 -EINVAL);
}
END_TEST

START_TEST(challenges_that_cannot_be_answered)
{
	struct digest_challenge c = with_alg(S("SHA-1"));

	ck_assert_int_eq(digest_usable(&c), -ENOTSUP);
	c = with_alg(S("MD5"));
	c.qop = S("auth-conf");
	ck_assert_int_eq(digest_usable(&c), -ENOTSUP);
	c.qop = S("auth-conf , AUTH-INT");
	ck_assert_int_eq(digest_usable(&c), 0);
	c.qop = S(" , ");
	ck_assert_int_eq(digest_usable(&c), 0);
	c.nonce = (struct slice){ 0 };
	ck_assert_int_eq(digest_usable(&c), -EBADMSG);
	ck_assert(!digest_is_stale(&c));
	c.stale = S("TRUE");
	ck_assert(digest_is_stale(&c));
}
END_TEST

START_TEST(server_accepts_what_the_client_made)
{
	static const char *const alg[] = { "MD5", "MD5-sess", "SHA-256",
		"SHA-256-sess", "SHA-512-256", "SHA-512-256-sess" };
	static const char *const qop[] = { "auth", "auth-int", NULL };
	struct digest_user wrong = circle;
	struct digest_request r = get;

	wrong.password = S("circle of life");
	r.body = S("v=0\r\n");
	for (unsigned i = 0; i < COUNT(alg) * COUNT(qop); i++) {
		struct digest_challenge c = with_alg(slice_str(alg[i / 3]));
		bool integrity = i % 3 == 1;
		struct digest_answer a;

		c.qop = slice_str(qop[i % 3]);
		ck_assert_int_eq(digest_answer(&a, &c, &circle, &r, CNONCE,
					       0xABCDEF, integrity), 0);
		ck_assert_str_eq(digest_alg_name(a.alg), alg[i / 3]);
		ck_assert_int_eq(digest_verify(&a.c, &circle, r.method,
					       r.body), 0);
		ck_assert_int_eq(digest_verify(&a.c, &wrong, r.method,
					       r.body), -EACCES);
		ck_assert_int_eq(digest_verify(&a.c, &circle, S("PUT"),
					       r.body), -EACCES);
		ck_assert_int_eq(digest_verify(&a.c, &circle, r.method,
					       S("v=1\r\n")),
				 integrity ? -EACCES : 0);
	}
}
END_TEST

START_TEST(server_refuses_malformed_credentials)
{
	struct digest_challenge c = with_alg(S("MD5"));
	struct digest_answer a;
	struct digest_credentials bad;

	ck_assert_int_eq(digest_answer(&a, &c, &circle, &get, CNONCE, 1,
				       false), 0);
#define REFUSED(field, value, rc)                                            \
	do {                                                                 \
		bad = a.c;                                                   \
		bad.field = value;                                           \
		ck_assert_int_eq(digest_verify(&bad, &circle, get.method,    \
					       get.body), rc);               \
	} while (0)
#define NOTHING ((struct slice){ 0 })
	REFUSED(nc, S("0000001"), -EBADMSG);
	REFUSED(nc, S("0000000g"), -EBADMSG);
	REFUSED(nc, NOTHING, -EBADMSG);
	REFUSED(nc, S("00000002"), -EACCES);
	REFUSED(cnonce, NOTHING, -EBADMSG);
	REFUSED(qop, S("auth-conf"), -ENOTSUP);
	REFUSED(qop, NOTHING, -EACCES);
	REFUSED(algorithm, S("x"), -ENOTSUP);
	REFUSED(response, S("8ca523"), -EBADMSG);
	REFUSED(response, S("8ca523f5e9506fed4657c9700eebdbed"), -EACCES);
	REFUSED(response, S("8ca523f5e9506fed4657c9700eebdbxx"), -EBADMSG);
	REFUSED(response, NOTHING, -EBADMSG);
	REFUSED(uri, NOTHING, -EBADMSG);
	REFUSED(realm, NOTHING, -EBADMSG);
	REFUSED(nonce, NOTHING, -EBADMSG);
	bad = a.c;
	bad.qop = bad.cnonce = NOTHING;
	bad.algorithm = S("MD5-sess");
	ck_assert_int_eq(digest_verify(&bad, &circle, get.method, get.body),
			 -EBADMSG);
}
END_TEST

START_TEST(nonces_are_ours_for_their_lifetime)
{
	static const uint8_t key[32] = { 1 }, other[32] = { 2 };
	int64_t t = (int64_t)1700000000 * SEC(1), life = SEC(300);
	char n[DIGEST_NONCE_HEX] = { 0 }, m[DIGEST_NONCE_HEX];
	struct slice s = slice_of(n, sizeof(n)), realm = S("a");

	digest_nonce_make(key, realm, t, 1, n);
	digest_nonce_make(key, realm, t, 2, m);
	ck_assert_mem_ne(n, m, sizeof(n));
	ck_assert_int_eq(digest_nonce_check(key, realm, s, t, life), 0);
	ck_assert_int_eq(digest_nonce_check(key, realm, s, t + life, life), 0);
	ck_assert_int_eq(digest_nonce_check(key, realm, s, t + life + 1, life),
			 -ETIMEDOUT);
	ck_assert_int_eq(digest_nonce_check(key, realm, s, t - 1, life),
			 -ETIMEDOUT);
	ck_assert_int_eq(digest_nonce_check(other, realm, s, t, life),
			 -EBADMSG);
	ck_assert_int_eq(digest_nonce_check(key, S("b"), s, t, life),
			 -EBADMSG);
	for (size_t i = 0; i < sizeof(n); i++) {
		char was = n[i];

		ck_assert_int_eq(digest_nonce_check(key, realm,
				 slice_of(n, i), t, life), -EBADMSG);
		n[i] = was == '0' ? '1' : '0';
		ck_assert_int_eq(digest_nonce_check(key, realm, s, t, life),
				 -EBADMSG);
		n[i] = was;
	}
}
END_TEST

START_TEST(a_nonce_count_is_fresh_once)
{
	struct digest_nc n = { 0 };
	uint32_t v;

	ck_assert(!digest_nc_fresh(&n, 0));
	ck_assert(digest_nc_fresh(&n, 1));
	ck_assert(!digest_nc_fresh(&n, 1));
	ck_assert(digest_nc_fresh(&n, 5));
	ck_assert(digest_nc_fresh(&n, 3)); /* overtaken on its way */
	ck_assert(!digest_nc_fresh(&n, 3));
	ck_assert(!digest_nc_fresh(&n, 5));
	ck_assert(digest_nc_fresh(&n, 68));
	ck_assert(!digest_nc_fresh(&n, 4)); /* 64 behind */
	ck_assert(!digest_nc_fresh(&n, 5));
	ck_assert(digest_nc_fresh(&n, 6));
	ck_assert(digest_nc_fresh(&n, UINT32_MAX));
	ck_assert(!digest_nc_fresh(&n, 68));
	ck_assert_int_eq(digest_nc_parse(S("0000abCD"), &v), 0);
	ck_assert_uint_eq(v, 0xABCD);
	ck_assert_int_eq(digest_nc_parse(S("abcd"), &v), -EBADMSG);
}
END_TEST

SUITE(digest, rfc_7616_example_with_md5_and_sha_256, sha_512_256_with_userhash,
      rfc_2617_example_without_algorithm, session_integrity_and_no_qop,
      rspauth_is_the_response_without_a_method,
      a_stored_ha1_does_for_a_password, challenges_that_cannot_be_answered,
      server_accepts_what_the_client_made,
      server_refuses_malformed_credentials,
      nonces_are_ours_for_their_lifetime, a_nonce_count_is_fresh_once);
