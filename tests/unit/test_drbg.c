/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/suites.h"

#include <string.h>

#include "platform/drbg.h"

static const uint8_t zero[32];

/* The key stream of ChaCha20 with key and nonce 0 begins 76 b8 e0 ad ...
 * (RFC 8439 A.1, test vector 1); its first 32 bytes become the next key, the
 * second half of the first block is what comes out first. */
START_TEST(first_bytes_follow_the_key_in_the_stream)
{
	static const uint8_t want[32] = {
		0xda, 0x41, 0x59, 0x7c, 0x51, 0x57, 0x48, 0x8d,
		0x77, 0x24, 0xe0, 0x3f, 0xb8, 0xd8, 0x4a, 0x37,
		0x6a, 0x43, 0xb8, 0xf4, 0x15, 0x18, 0xa1, 0x1c,
		0xc3, 0x87, 0xb6, 0x69, 0xb2, 0xee, 0x65, 0x86,
	};
	struct drbg d;
	uint8_t out[32];

	drbg_init(&d, zero);
	drbg_bytes(&d, out, sizeof(out));
	ck_assert_mem_eq(out, want, sizeof(want));
}
END_TEST

START_TEST(same_seed_and_any_split_give_the_same)
{
	struct drbg a, b;
	uint8_t x[1000], y[1000];

	drbg_init(&a, zero);
	drbg_init(&b, zero);
	drbg_bytes(&a, x, sizeof(x));
	for (size_t at = 0, n; at < sizeof(y); at += n) {
		n = at % 7 + 1;
		if (n > sizeof(y) - at)
			n = sizeof(y) - at;
		drbg_bytes(&b, y + at, n);
	}
	ck_assert_mem_eq(x, y, sizeof(x));
}
END_TEST

START_TEST(what_was_handed_out_is_gone)
{
	struct drbg d;
	uint8_t out[100];

	drbg_init(&d, zero);
	drbg_bytes(&d, out, sizeof(out));
	for (size_t i = 0; i < sizeof(d); i++)
		ck_assert(sizeof(d) - i < 16 ||
			  memcmp((uint8_t *)&d + i, out, 16) != 0);
	drbg_wipe(&d);
	for (size_t i = 0; i < sizeof(d); i++)
		ck_assert_uint_eq(((uint8_t *)&d)[i], 0);
}
END_TEST

START_TEST(below_reaches_all_and_nothing_else)
{
	unsigned seen[6] = { 0 };
	struct drbg d;

	drbg_init(&d, zero);
	for (int i = 0; i < 6000; i++) {
		uint32_t v = drbg_below(&d, 6);

		ck_assert_uint_lt(v, 6);
		seen[v]++;
	}
	for (int i = 0; i < 6; i++) /* 1000 expected, 6 sigma is 173 */
		ck_assert(seen[i] > 827 && seen[i] < 1173);
	ck_assert_uint_eq(drbg_below(&d, 1), 0);
}
END_TEST

START_TEST(tokens_are_of_32_characters)
{
	char t[400];
	struct drbg d;

	drbg_init(&d, zero);
	drbg_token(&d, t, sizeof(t));
	for (size_t i = 0; i < sizeof(t); i++)
		ck_assert((t[i] >= '0' && t[i] <= '9') ||
			  (t[i] >= 'a' && t[i] <= 'v'));
	ck_assert_ptr_nonnull(memchr(t, '0', sizeof(t)));
	ck_assert_ptr_nonnull(memchr(t, 'v', sizeof(t)));
}
END_TEST

SUITE(drbg, first_bytes_follow_the_key_in_the_stream,
      same_seed_and_any_split_give_the_same, what_was_handed_out_is_gone,
      below_reaches_all_and_nothing_else, tokens_are_of_32_characters);
