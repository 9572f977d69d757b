/* SPDX-License-Identifier: BSD-2-Clause
 * RFC 7468; base64 is that of RFC 4648 10. */
#include "tests/unit/suites.h"

#include "platform/tls/pem.h"

#define B(label) "-----BEGIN " label "-----\n"
#define E(label) "-----END " label "-----\n"

static int decode(const char *text, uint8_t *out, size_t cap)
{
	struct pem p = { .base64 = slice_str(text) };

	return pem_decode(&p, out, cap);
}

START_TEST(the_vectors_of_rfc4648)
{
	static const char *const v[][2] = {
		{ "", "" }, { "Zg==", "f" }, { "Zm8=", "fo" },
		{ "Zm9v", "foo" }, { "Zm9vYg==", "foob" },
		{ "Zm9v\r\nYmE=", "fooba" }, { "Zm9vYmFy\n", "foobar" } };
	uint8_t out[16];

	for (unsigned i = 0; i < COUNT(v); i++) {
		struct pem p = { .base64 = slice_str(v[i][0]) };
		int n = pem_decode(&p, out, sizeof(out));

		ck_assert_int_eq(n, (int)strlen(v[i][1]));
		ck_assert_mem_eq(out, v[i][1], (size_t)n);
		ck_assert_uint_ge(pem_room(&p), (size_t)n);
	}
}
END_TEST

START_TEST(what_is_no_base64_is_refused)
{
	static const char *const bad[] = { "Z", "Zg", "Zg=", "Zg===", "Zm9vY",
		"Zg==Zg==", "Zm9-", "Proc-Type: 4,ENCRYPTED\n" };
	uint8_t out[32];

	for (unsigned i = 0; i < COUNT(bad); i++)
		ck_assert_int_eq(decode(bad[i], out, sizeof(out)), -EBADMSG);
	ck_assert_int_eq(decode("Zm9v", out, 2), -ENOSPC);
}
END_TEST

START_TEST(blocks_are_found_among_other_text)
{
	struct slice in = S("subject=x\n" B("A") "Zg==\n" E("A") "text"
			    B("B") "Zm8=\n" E("B"));
	struct pem p;

	ck_assert(pem_next(&in, &p));
	ck_slice_eq(p.label, "A");
	ck_slice_eq(p.base64, "\nZg==\n");
	ck_assert(slice_starts(p.whole, "-----BEGIN A"));
	ck_assert(pem_next(&in, &p));
	ck_slice_eq(p.label, "B");
	ck_assert(!pem_next(&in, &p));
}
END_TEST

START_TEST(a_block_that_does_not_end_is_skipped)
{
	struct slice in = S(B("A") "Zg==\n" E("C") B("B") "Zm8=\n" E("B"));
	struct slice cut = S(B("A") "Zg==\n-----END A----"), none = S("");
	struct pem p;

	ck_assert(pem_next(&in, &p));
	ck_slice_eq(p.label, "B");
	ck_assert(!pem_next(&in, &p));
	ck_assert(!pem_next(&cut, &p));
	ck_assert(!pem_next(&none, &p));
}
END_TEST

SUITE(pem, the_vectors_of_rfc4648, what_is_no_base64_is_refused,
      blocks_are_found_among_other_text, a_block_that_does_not_end_is_skipped);
