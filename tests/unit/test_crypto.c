/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/suites.h"

#include "platform/crypto.h"
#include "platform/writer.h"

static void same_hex(const uint8_t *p, size_t n, const char *want)
{
	char hex[HASH_HEX_MAX * 2];
	struct writer w = writer_begin(hex, sizeof(hex));

	writer_hex(&w, p, n);
	ck_slice_eq(writer_done(&w), want);
}

/* "abc": RFC 1321 A.5, FIPS 180-4's examples.  A million times "a": the same,
 * and for SHA-512/256 Python's hashlib. */
static const struct {
	enum hash_alg alg;
	const char *abc, *million;
} known[] = {
	{ HASH_MD5, "900150983cd24fb0d6963f7d28e17f72",
	  "7707d6ae4e027c70eea2a935c2296f21" },
	{ HASH_SHA1, "a9993e364706816aba3e25717850c26c9cd0d89d",
	  "34aa973cd4c4daa4f61eeb2bdbad27316534016f" },
	{ HASH_SHA224,
	  "23097d223405d8228642a477bda255b32aadbce4bda0b3f7e36c9da7",
	  "20794655980c91d8bbb4c1ea97618a4bf03f42581948b2ee4ee7ad67" },
	{ HASH_SHA256,
	  "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
	  "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0" },
	{ HASH_SHA384,
	  "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded163"
	  "1a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7",
	  "9d0e1809716474cb086e834e310a4a1ced149e9c00f24852"
	  "7972cec5704c2a5b07b8b3dc38ecc4ebae97ddd87f3d8985" },
	{ HASH_SHA512,
	  "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
	  "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
	  "e718483d0ce769644e2e42c7bc15b4638e1f98b13b2044285632a803afa973eb"
	  "de0ff244877ea60a4cb0432ce577c31beb009c5c2c49aa2e4eadb217ad8cc09b" },
	{ HASH_SHA512_256,
	  "53048e2681941ef99b2e29b76b4c7dabe4c2d0c634fc6d46e0e2f13107e7af23",
	  "9a59a052930187a97038cae692f30708aa6491923ef5194394dc68d56c74fb21" },
};

START_TEST(hashes_match_published_examples)
{
	static char a[1000];
	uint8_t out[HASH_MAX];
	struct hash h;

	memset(a, 'a', sizeof(a));
	for (unsigned i = 0; i < COUNT(known); i++) {
		struct slice abc = S("abc");
		size_t n = hash_size(known[i].alg);

		hash_of(known[i].alg, &abc, 1, out);
		same_hex(out, n, known[i].abc);
		hash_init(&h, known[i].alg);
		for (int k = 0; k < 1000; k++)
			hash_add(&h, slice_of(a, sizeof(a)));
		hash_end(&h, out);
		same_hex(out, n, known[i].million);
	}
}
END_TEST

START_TEST(pieces_of_any_size_give_the_same)
{
	char text[300];
	uint8_t once[HASH_MAX], out[HASH_MAX];

	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = (char)(i * 7);
	for (unsigned i = 0; i < COUNT(known); i++) {
		struct slice all = slice_of(text, sizeof(text));

		hash_of(known[i].alg, &all, 1, once);
		for (size_t step = 1; step < 4; step++) {
			struct slice rest = all;
			struct hash h, copy;

			hash_init(&h, known[i].alg);
			for (; rest.n; rest = slice_skip(rest, step))
				hash_add(&h, slice_head(rest, step));
			copy = h;
			hash_end(&h, out);
			ck_assert_mem_eq(out, once, hash_size(known[i].alg));
			hash_end(&copy, out);
			ck_assert_mem_eq(out, once, hash_size(known[i].alg));
		}
	}
}
END_TEST

/* RFC 2202 2 and 3 case 2; RFC 4231 4.3 and 4.7 (a key longer than a block). */
START_TEST(hmac_matches_rfc_2202_and_4231)
{
	struct slice data = S("what do ya want for nothing?");
	struct slice larger = S("Test Using Larger Than Block-Size Key - "
				"Hash Key First");
	uint8_t out[HASH_MAX];
	char key[131];

	hmac_of(HASH_MD5, S("Jefe"), &data, 1, out);
	same_hex(out, 16, "750c783e6ab0b503eaa86e310a5db738");
	hmac_of(HASH_SHA1, S("Jefe"), &data, 1, out);
	same_hex(out, 20, "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");
	hmac_of(HASH_SHA256, S("Jefe"), &data, 1, out);
	same_hex(out, 32, "5bdcc146bf60754e6a042426089575c7"
			  "5a003f089d2739839dec58b964ec3843");
	hmac_of(HASH_SHA384, S("Jefe"), &data, 1, out);
	same_hex(out, 48, "af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47"
			  "e42ec3736322445e8e2240ca5e69e2c78b3239ecfab21649");
	memset(key, 0xaa, sizeof(key));
	hmac_of(HASH_SHA256, slice_of(key, sizeof(key)), &larger, 1, out);
	same_hex(out, 32, "60e431591ee0b67f0d8a26aacbf5b77f"
			  "8e0bc6213728c5140546040f0ee37f54");
	hmac_of(HASH_SHA512, slice_of(key, sizeof(key)), &larger, 1, out);
	same_hex(out, 64,
		 "80b24263c7c1a3ebb71493c1dd7be8b49b46d1f41b4aeec1121b013783f8"
		 "f3526b56d037e05f2598bd0fd2215d6a1e5295e64f73f63f0aec8b915a98"
		 "5d786598");
}
END_TEST

START_TEST(a_keyed_hmac_can_be_kept)
{
	struct hmac ready, h;
	uint8_t out[HASH_MAX];

	hmac_init(&ready, HASH_SHA1, S("Jefe"));
	for (int i = 0; i < 2; i++) {
		h = ready;
		hmac_add(&h, S("what do ya want "));
		hmac_add(&h, S(""));
		hmac_add(&h, S("for nothing?"));
		hmac_end(&h, out);
		same_hex(out, 20, "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");
	}
}
END_TEST

/* RFC 8439 2.4.2 */
START_TEST(chacha20_matches_rfc_8439)
{
	static const uint8_t nonce[12] = { [7] = 0x4a };
	char text[] = "Ladies and Gentlemen of the class of '99: If I could "
		      "offer you only one tip for the future, sunscreen would "
		      "be it.";
	uint8_t key[32];

	for (unsigned i = 0; i < sizeof(key); i++)
		key[i] = (uint8_t)i;
	chacha20_xor(key, nonce, 1, text, sizeof(text) - 1);
	same_hex((uint8_t *)text, 16, "6e2e359a2568f98041ba0728dd0d6981");
	same_hex((uint8_t *)text + 112, 2, "874d");
}
END_TEST

START_TEST(compare_and_wipe)
{
	uint8_t a[3] = { 1, 2, 3 }, b[3] = { 1, 2, 4 }, zero[3] = { 0 };

	ck_assert(crypto_same(a, b, 2));
	ck_assert(!crypto_same(a, b, 3));
	ck_assert(crypto_same(a, b, 0));
	crypto_wipe(a, sizeof(a));
	ck_assert_mem_eq(a, zero, sizeof(a));
}
END_TEST

SUITE(crypto, hashes_match_published_examples,
      pieces_of_any_size_give_the_same, hmac_matches_rfc_2202_and_4231,
      a_keyed_hmac_can_be_kept, chacha20_matches_rfc_8439, compare_and_wipe);
