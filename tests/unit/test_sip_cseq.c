/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/expect.h"

#include "sip/hdr/sip_cseq.h"

START_TEST(example_of_20_16)
{
	struct sip_cseq c;

	ck_parses(sip_cseq_parse(S("4711 INVITE"), &c, &e));
	ck_assert_uint_eq(c.number, 4711);
	ck_slice_eq(c.method, "INVITE");
	ck_writes(sip_cseq_write, &c, "4711 INVITE");
}
END_TEST

/* RFC 4475 3.1.1.1: leading zeros, a fold in the middle */
START_TEST(torture_of_4475)
{
	struct sip_cseq c;

	ck_parses(sip_cseq_parse(S("0009\r\n  INVITE"), &c, &e));
	ck_assert_uint_eq(c.number, 9);
	ck_writes(sip_cseq_write, &c, "9 INVITE");
	ck_parses(sip_cseq_parse(S("0 n-.!%*_+`'~ "), &c, &e));
	ck_slice_eq(c.method, "n-.!%*_+`'~");
}
END_TEST

START_TEST(numbers_have_32_bits)
{
	struct sip_cseq c = { 7, S("KEPT") };

	ck_parses(sip_cseq_parse(S("2147483647 A"), &c, &e));
	ck_assert_uint_eq(c.number, 2147483647u);
	ck_parses(sip_cseq_parse(S("4294967295 A"), &c, &e));
	ck_assert_uint_eq(c.number, 4294967295u);
	c = (struct sip_cseq){ 7, S("KEPT") };
	ck_fails_code(sip_cseq_parse(S("4294967296 A"), &c, &e), -E2BIG, 0,
		      "number too large");
	ck_fails_code(sip_cseq_parse(S("36893488147419103232 A"), &c, &e),
		      -E2BIG, 0, "number too large");
	ck_assert_uint_eq(c.number, 7);
	ck_slice_eq(c.method, "KEPT");
}
END_TEST

START_TEST(every_prefix_says_what_is_wanted)
{
	struct sip_cseq c;

	ck_fails(sip_cseq_parse(S(""), &c, &e), 0, "sequence number wanted");
	ck_fails(sip_cseq_parse(S(" 1 A"), &c, &e), 0,
		 "sequence number wanted");
	ck_fails(sip_cseq_parse(S("-1 A"), &c, &e), 0,
		 "sequence number wanted");
	ck_fails(sip_cseq_parse(S("1"), &c, &e), 1, "space wanted");
	ck_fails(sip_cseq_parse(S("1A"), &c, &e), 1, "space wanted");
	ck_fails(sip_cseq_parse(S("1\r\nA"), &c, &e), 1, "space wanted");
	ck_fails(sip_cseq_parse(S("1 "), &c, &e), 2, "method wanted");
	ck_fails(sip_cseq_parse(S("1 /"), &c, &e), 2, "method wanted");
	ck_fails(sip_cseq_parse(S("1 A B"), &c, &e), 4,
		 "end of CSeq wanted");
	ck_fails(sip_cseq_parse(S("1 A,"), &c, &e), 3, "end of CSeq wanted");
}
END_TEST

SUITE(sip_cseq, example_of_20_16, torture_of_4475, numbers_have_32_bits,
      every_prefix_says_what_is_wanted);
