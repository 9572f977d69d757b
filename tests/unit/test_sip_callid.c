/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/expect.h"

#include "sip/hdr/sip_callid.h"

START_TEST(examples_of_20_8)
{
	struct sip_callid c;

	ck_parses(sip_callid_parse(
		S("f81d4fae-7dec-11d0-a765-00a0c91e6bf6@biloxi.com"), &c,
		&e));
	ck_slice_eq(c.local, "f81d4fae-7dec-11d0-a765-00a0c91e6bf6");
	ck_slice_eq(c.host, "biloxi.com");
	ck_slice_eq(c.text, "f81d4fae-7dec-11d0-a765-00a0c91e6bf6@biloxi.com");
	ck_writes(sip_callid_write, &c,
		  "f81d4fae-7dec-11d0-a765-00a0c91e6bf6@biloxi.com");
	ck_parses(sip_callid_parse(S("a84b4c76e66710 "), &c, &e));
	ck_slice_eq(c.text, "a84b4c76e66710");
	ck_assert_ptr_null(c.host.p);
	ck_writes(sip_callid_write, &c, "a84b4c76e66710");
}
END_TEST

/* RFC 4475 3.1.1.2 uses every character that a word may have. */
START_TEST(words_take_nearly_all)
{
	struct sip_callid c;

	ck_parses(sip_callid_parse(
		S("intmeth.word%ZK-!.*_+'@word`~)(><:\\/\"][?}{"), &c, &e));
	ck_slice_eq(c.host, "word`~)(><:\\/\"][?}{");
}
END_TEST

START_TEST(what_is_no_call_id)
{
	struct sip_callid c = { .text = S("kept") };

	ck_fails(sip_callid_parse(S(""), &c, &e), 0, "Call-ID wanted");
	ck_fails(sip_callid_parse(S("@b"), &c, &e), 0, "Call-ID wanted");
	ck_fails(sip_callid_parse(S("a@"), &c, &e), 2,
		 "word after @ wanted");
	ck_fails(sip_callid_parse(S("a@ b"), &c, &e), 2,
		 "word after @ wanted");
	ck_fails(sip_callid_parse(S("a@b@c"), &c, &e), 3,
		 "end of Call-ID wanted");
	ck_fails(sip_callid_parse(S("a b"), &c, &e), 2,
		 "end of Call-ID wanted");
	ck_fails(sip_callid_parse(S("a,b"), &c, &e), 1,
		 "end of Call-ID wanted");
	ck_slice_eq(c.text, "kept");
}
END_TEST

/* 20.21: In-Reply-To: 70710@saturn.bell-tel.com, 17320@saturn.bell-tel.com */
START_TEST(in_reply_to_is_a_list)
{
	struct parse_error e = { 0 };
	struct sip_callid c;
	struct sip_list l = sip_list_begin(
		S("70710@saturn.bell-tel.com, 17320@saturn.bell-tel.com"), &e);

	ck_assert_int_eq(sip_callid_next(&l, &c), 1);
	ck_slice_eq(c.local, "70710");
	ck_assert_int_eq(sip_callid_next(&l, &c), 1);
	ck_slice_eq(c.text, "17320@saturn.bell-tel.com");
	ck_assert_int_eq(sip_callid_next(&l, &c), 0);
	l = sip_list_begin(S(""), &e);
	ck_assert_int_eq(sip_callid_next(&l, &c), -EBADMSG);
	ck_assert_str_eq(e.reason, "Call-ID wanted");
	l = sip_list_begin(S("a,,b"), &e);
	ck_assert_int_eq(sip_callid_next(&l, &c), 1);
	ck_assert_int_eq(sip_callid_next(&l, &c), -EBADMSG);
	ck_assert_uint_eq(e.offset, 2);
}
END_TEST

SUITE(sip_callid, examples_of_20_8, words_take_nearly_all, what_is_no_call_id,
      in_reply_to_is_a_list);
