/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/expect.h"

#include "sip/hdr/sip_info.h"

START_TEST(call_info_of_20_9)
{
	struct parse_error e = { 0 };
	struct sip_info i;
	struct sip_list l = sip_list_begin(
		S("<http://wwww.example.com/alice/photo.jpg> ;purpose=icon,"
		  "\r\n <http://www.example.com/alice/> ;purpose = info"), &e);

	ck_assert_int_eq(sip_info_next(&l, &i), 1);
	ck_slice_eq(i.uri, "http://wwww.example.com/alice/photo.jpg");
	ck_slice_eq(i.purpose, "icon");
	ck_writes(sip_info_write, &i,
		  "<http://wwww.example.com/alice/photo.jpg>;purpose=icon");
	ck_assert_int_eq(sip_info_next(&l, &i), 1);
	ck_slice_eq(i.purpose, "info");
	ck_writes(sip_info_write, &i,
		  "<http://www.example.com/alice/>;purpose=info");
	ck_assert_int_eq(sip_info_next(&l, &i), 0);
}
END_TEST

static int all(struct slice in, unsigned *n, struct parse_error *e)
{
	struct sip_list l = sip_list_begin(in, e);
	struct sip_info i;
	int rc;

	*n = 0;
	while ((rc = sip_info_next(&l, &i)) > 0)
		++*n;
	return rc;
}

START_TEST(the_two_others)
{
	struct parse_error err = { 0 };
	struct sip_info i = { .purpose = S("x") };
	struct sip_list l;
	unsigned n;

	/* 20.4, 20.18 */
	l = sip_list_begin(S("<http://www.example.com/sounds/moo.wav>"),
			   &err);
	ck_assert_int_eq(sip_info_next(&l, &i), 1);
	ck_assert_ptr_null(i.purpose.p);
	ck_assert_int_eq(sip_info_next(&l, &i), 0);
	ck_parses(all(S("<sip:not-in-service-recording@atlanta.com>"), &n,
		      &e));
	ck_assert_uint_eq(n, 1);
	ck_fails(all(S(""), &n, &e), 0, "< wanted");
	ck_fails(all(S("http://a"), &n, &e), 0, "< wanted");
	ck_fails(all(S("<a>"), &n, &e), 1, "absolute URI wanted");
	ck_fails(all(S("<a:b"), &n, &e), 4, "> wanted");
	ck_fails(all(S("<a:b>,"), &n, &e), 6, "< wanted");
	ck_fails(all(S("<a:b> c"), &n, &e), 6, "comma or end wanted");
	ck_fails(all(S("<a:b>;=c"), &n, &e), 6, "parameter wanted");
}
END_TEST

SUITE(sip_info, call_info_of_20_9, the_two_others);
