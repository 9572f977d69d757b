/* SPDX-License-Identifier: BSD-2-Clause
 * Names and TXT records of RFC 6763. */
#include "tests/unit/suites.h"

#include "dns/dns_sd.h"

static const char *text_of(const struct dns_name *n)
{
	static char text[DNS_NAME_TEXT];

	return dns_name_text(n, text);
}

START_TEST(an_instance_is_one_label_whatever_is_in_it)
{
	struct dns_name n;
	char long_one[64];

	/* RFC 6763 4.1.1, 4.3: dots and blanks are the user's. */
	ck_assert_int_eq(dns_sd_name(S("Dr. Who \\ 2"), S("_sip._udp"), &n),
			 0);
	ck_assert_uint_eq(n.wire[0], 11);
	ck_assert_str_eq(text_of(&n),
			 "Dr\\.\\032Who\\032\\\\\\0322._sip._udp.local");
	ck_slice_eq(dns_sd_label(&n), "Dr. Who \\ 2");
	ck_assert_int_eq(dns_sd_name(S(""), S("_sip._udp"), &n), 0);
	ck_assert_str_eq(text_of(&n), "_sip._udp.local");
	ck_assert_int_eq(dns_sd_host(S("desk"), &n), 0);
	ck_assert_str_eq(text_of(&n), "desk.local");
	memset(long_one, 'a', sizeof(long_one));
	ck_assert_int_eq(dns_sd_name(slice_of(long_one, 63), S("_sip._udp"),
				     &n), 0);
	ck_assert_int_eq(dns_sd_name(slice_of(long_one, 64), S("_sip._udp"),
				     &n), -E2BIG);
	ck_assert_int_eq(dns_sd_host(S(""), &n), -E2BIG);
	ck_assert_int_eq(dns_sd_name(S("a"), S("sip"), &n), -EBADMSG);
	ck_assert_int_eq(dns_sd_name(S("a"), S("_s..u"), &n), -EBADMSG);
}
END_TEST

START_TEST(another_name_is_cut_between_characters)
{
	char label[70], out[63];
	size_t n = dns_sd_rename(S("phone"), " (2)", out);

	ck_slice_eq(slice_of(out, n), "phone (2)");
	/* 58 octets, then one character of three: 59 would split it. */
	memset(label, 'x', 58);
	memcpy(label + 58, "\xE2\x82\xAC", 3);
	n = dns_sd_rename(slice_of(label, 61), " (2)", out);
	ck_assert_uint_eq(n, 62);
	ck_assert_int_eq(out[57], 'x');
	ck_assert_int_eq(out[58], ' ');
}
END_TEST

START_TEST(pairs_are_read_as_rfc_6763_6_4_has_it)
{
	/* An empty string, one without a key and a second "a" do not count;
	 * "b" is there without a value, "C" has an empty one. */
	static const char txt[] = "\x00\x03=xy\x03" "a=1\x01" "b\x02" "C=\x03"
				  "A=2\x05" "d=x=y";
	struct slice t = slice_of(txt, sizeof(txt) - 1), v;
	struct dns_sd_pair p;
	size_t at = 0, n = 0;

	while (dns_sd_txt_next(t, &at, &p))
		n++;
	ck_assert_uint_eq(n, 5);
	ck_assert(dns_sd_txt_get(t, "A", &v));
	ck_slice_eq(v, "1");
	ck_assert(dns_sd_txt_get(t, "b", &v));
	ck_assert_uint_eq(v.n, 0);
	ck_assert(dns_sd_txt_get(t, "c", &v));
	ck_assert(dns_sd_txt_get(t, "d", &v));
	ck_slice_eq(v, "x=y");
	ck_assert(!dns_sd_txt_get(t, "e", &v));
	/* One that is cut off is read as far as it goes. */
	at = 0;
	ck_assert(dns_sd_txt_next(S("\x20" "a=1"), &at, &p));
	ck_slice_eq(p.value, "1");
	ck_assert(!dns_sd_txt_next(S("\x20" "a=1"), &at, &p));
}
END_TEST

START_TEST(pairs_are_written_and_long_ones_cut)
{
	char room[600], value[300];
	struct writer w = writer_begin(room, sizeof(room));

	dns_sd_txt_put(&w, "txtvers", S("1"));
	ck_slice_eq(writer_done(&w), "\x09txtvers=1");
	dns_sd_txt_put(&w, "", S("1"));
	dns_sd_txt_put(&w, "a=b", S("1"));
	dns_sd_txt_put(&w, "\x7F", S("1"));
	ck_assert_uint_eq(w.n, 10);
	memset(value, 'v', sizeof(value));
	dns_sd_txt_put(&w, "note", slice_of(value, sizeof(value)));
	ck_assert_uint_eq(w.n, 10 + 256);
	ck_assert_uint_eq((uint8_t)room[10], 255);
}
END_TEST

SUITE(dns_sd, an_instance_is_one_label_whatever_is_in_it,
      another_name_is_cut_between_characters,
      pairs_are_read_as_rfc_6763_6_4_has_it,
      pairs_are_written_and_long_ones_cut);
