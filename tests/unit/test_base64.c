/* SPDX-License-Identifier: BSD-2-Clause
 * RFC 4648 4, 10 (test vectors) and 3.5 (bits that nobody needs). */
#include "tests/unit/suites.h"

#include "platform/base64.h"

static const struct {
	const char *octets, *text;
} vector[] = {
	{ "", "" }, { "f", "Zg==" }, { "fo", "Zm8=" }, { "foo", "Zm9v" },
	{ "foob", "Zm9vYg==" }, { "fooba", "Zm9vYmE=" },
	{ "foobar", "Zm9vYmFy" },
};

START_TEST(vectors_of_rfc4648)
{
	for (size_t i = 0; i < COUNT(vector); i++) {
		char text[16];
		uint8_t back[16];
		struct writer w = writer_begin(text, sizeof(text));
		int n;

		base64_write(&w, vector[i].octets, strlen(vector[i].octets));
		ck_slice_eq(writer_done(&w), vector[i].text);
		ck_assert_uint_eq(BASE64_TEXT(strlen(vector[i].octets)), w.n);
		n = base64_read(writer_done(&w), back, sizeof(back));
		ck_assert_int_eq(n, (int)strlen(vector[i].octets));
		ck_slice_eq(slice_of(back, (size_t)n), vector[i].octets);
	}
}
END_TEST

START_TEST(every_letter_stands_for_its_value)
{
	/* 0x00 0x10 0x83 ...: 0, 1, 2, 3, and on to 63. */
	static const char all[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnop"
				  "qrstuvwxyz0123456789+/";
	uint8_t out[48];

	ck_assert_int_eq(base64_read(slice_str(all), out, sizeof(out)), 48);
	for (unsigned i = 0; i < 64; i++) {
		unsigned bit = 6 * i, v = out[bit / 8];

		v = v << 8 | (bit / 8 + 1 < 48 ? out[bit / 8 + 1] : 0u);
		ck_assert_uint_eq(v >> (10 - bit % 8) & 63, i);
	}
}
END_TEST

START_TEST(what_is_no_base64_is_refused)
{
	static const char *const bad[] = {
		"Z", "Zg", "Zg=", "Z===", "====", "Zg=a", "Zm8=Zg==", "Zm 9",
		"Zm9\n", "Zm-_", "Zh==" /* 3.5: bits */, "Zm9=",
	};
	uint8_t out[8] = { 7 };

	for (size_t i = 0; i < COUNT(bad); i++)
		ck_assert_int_eq(base64_read(slice_str(bad[i]), out, 8),
				 -EBADMSG);
	ck_assert_int_eq(base64_read(S("Zm9v"), out, 2), -ENOSPC);
	ck_assert_uint_eq(out[0], 7);
}
END_TEST

START_TEST(text_that_does_not_fit_is_not_begun)
{
	char text[7];
	struct writer w = writer_begin(text, sizeof(text));

	base64_write(&w, "foob", 4);
	ck_assert_int_eq(writer_end(&w), -ENOSPC);
	ck_assert_uint_eq(w.n, 0);
}
END_TEST

SUITE(base64, vectors_of_rfc4648, every_letter_stands_for_its_value,
      what_is_no_base64_is_refused, text_that_does_not_fit_is_not_begun);
