/* SPDX-License-Identifier: BSD-2-Clause
 * X.690 8.1, 10.1; RFC 5280 4.1.2.5. */
#include "tests/unit/suites.h"

#include "platform/tls/der.h"

START_TEST(elements_one_after_the_other)
{
	struct slice in = S("\x02\x01\x07\x30\x03\x05\x00\x00\x04\x81\x80"), v;
	struct slice whole;
	unsigned tag;

	ck_assert(der_take(&in, DER_INTEGER, &v));
	ck_assert_uint_eq(v.n, 1);
	ck_assert(!der_take(&in, DER_INTEGER, &v));
	ck_assert(der_next(&in, &tag, &v, &whole));
	ck_assert_uint_eq(tag, DER_SEQUENCE);
	ck_assert_uint_eq(v.n, 3);
	ck_assert_uint_eq(whole.n, 5);
	ck_assert(der_maybe(&in, DER_INTEGER, &v));
	ck_assert_ptr_null(v.p);
	ck_assert(!der_next(&in, &tag, &v, &whole)); /* 128 octets wanted */
	ck_assert_uint_eq(in.n, 3);
}
END_TEST

/* Indefinite, too long, not the shortest, longer than three octets, a tag of
 * several octets. */
START_TEST(what_is_no_der_is_refused)
{
	static const struct slice bad[] = {
		SLICE(""), SLICE("\x30"), SLICE("\x30\x80\x00\x00"),
		SLICE("\x30\x02\x00"), SLICE("\x30\x81\x01\x00"),
		SLICE("\x30\x82\x00\x01\x00"), SLICE("\x30\x82\x01"),
		SLICE("\x30\x84\x00\x00\x00\x00"), SLICE("\x1f\x20\x00"),
		SLICE("\x30\x83\xff\xff\xff") };
	struct slice v;
	unsigned tag;

	for (unsigned i = 0; i < COUNT(bad); i++) {
		struct slice in = bad[i];

		ck_assert_msg(!der_next(&in, &tag, &v, NULL), "row %u", i);
		ck_assert(slice_same(in, bad[i]));
	}
}
END_TEST

/* The seconds are those of "date -u -d ... +%s". */
START_TEST(times_of_rfc5280)
{
	static const struct {
		unsigned tag;
		const char *text;
		int64_t seconds;
	} good[] = {
		{ DER_UTC, "700101000000Z", 0 },
		{ DER_UTC, "491231235959Z", 2524607999 },
		{ DER_UTC, "500101000000Z", -631152000 },
		{ DER_UTC, "000229120000Z", 951825600 },
		{ DER_TIME, "20560101000000Z", 2713910400 },
		{ DER_TIME, "99991231235959Z", 253402300799 },
		{ DER_TIME, "19000301000000Z", -2203891200 } };
	static const struct {
		unsigned tag;
		const char *text;
	} bad[] = {
		{ DER_UTC, "7001010000Z" }, { DER_UTC, "700101000000" },
		{ DER_UTC, "701301000000Z" }, { DER_UTC, "700001000000Z" },
		{ DER_UTC, "700100000000Z" }, { DER_UTC, "010229000000Z" },
		{ DER_UTC, "700101240000Z" }, { DER_UTC, "700101006000Z" },
		{ DER_UTC, "700101000060Z" }, { DER_UTC, "70010100000+Z" },
		{ DER_UTC, "700101000000+0100" }, { DER_UTC, "" },
		{ DER_TIME, "19000229000000Z" },
		{ DER_TIME, "00000101000000Z" },
		{ DER_TIME, "20000101000000.5Z" },
		{ DER_OCTETS, "700101000000Z" } };
	int64_t t;

	for (unsigned i = 0; i < COUNT(good); i++) {
		ck_assert_msg(der_time(good[i].tag, slice_str(good[i].text),
				       &t), "%s", good[i].text);
		ck_assert_int_eq(t, good[i].seconds);
	}
	for (unsigned i = 0; i < COUNT(bad); i++)
		ck_assert_msg(!der_time(bad[i].tag, slice_str(bad[i].text),
					&t), "%s", bad[i].text);
}
END_TEST

SUITE(der, elements_one_after_the_other, what_is_no_der_is_refused,
      times_of_rfc5280);
