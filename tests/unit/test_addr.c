/* SPDX-License-Identifier: BSD-2-Clause
 * Canonical forms: RFC 5952 section 4 and its examples. */
#include "tests/unit/suites.h"

#include <arpa/inet.h>

#include "platform/addr.h"

START_TEST(text_goes_through_in_canonical_form)
{
	static const char *const row[][2] = {
		{ "2001:db8:0:0:0:0:2:1", "2001:db8::2:1" },
		{ "2001:0db8::0001", "2001:db8::1" },
		{ "2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1" },
		{ "2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1" },
		{ "2001:0:0:1:0:0:0:1", "2001:0:0:1::1" },
		{ "2001:DB8::AaAa", "2001:db8::aaaa" },
		{ "::", "::" }, { "::1", "::1" }, { "1::", "1::" },
		{ "::ffff:192.0.2.1", "::ffff:192.0.2.1" },
		{ "fe80::1%3", "fe80::1%3" },
		{ "0.0.0.0", "0.0.0.0" },
		{ "255.255.255.255", "255.255.255.255" },
	};

	for (size_t i = 0; i < COUNT(row); i++) {
		char text[ADDR_TEXT];
		struct writer w = writer_begin(text, sizeof(text));
		struct addr a;

		ck_assert_msg(addr_parse_ip(slice_str(row[i][0]), &a) == 0,
			      "%s", row[i][0]);
		addr_write_ip(&w, &a, false);
		ck_slice_eq(writer_done(&w), row[i][1]);
	}
}
END_TEST

/* The C library's inet_pton is the independent judge. */
START_TEST(what_inet_pton_refuses_is_refused)
{
	static const char *const text[] = {
		"1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", ":::",
		"1::2::3", "12345::", "::1.2.3.4", "1.2.3.4::", "::1.2.3.256",
		"1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5:6:7:1.2.3.4", "1:", ":1", "",
		"1:2:3:4::5:6:7:8", "1:2:3:4::5:6:7", "1.2.3", "1.2.3.4.5",
		"256.0.0.1", "g::", "::g", "1::2:3:4:5:6:7:8",
		"0:0:0:0:0:0:0::",
	};

	for (size_t i = 0; i < COUNT(text); i++) {
		uint8_t want[16] = { 0 };
		struct addr a;
		bool v6 = inet_pton(AF_INET6, text[i], want) == 1;
		bool v4 = !v6 && inet_pton(AF_INET, text[i], want) == 1;
		bool ours = addr_parse_ip(slice_str(text[i]), &a) == 0;

		ck_assert_msg(ours == (v4 || v6), "%s", text[i]);
		if (ours)
			ck_assert_mem_eq(a.ip, want, 16);
	}
}
END_TEST

START_TEST(an_address_with_port)
{
	char text[ADDR_TEXT];
	struct addr a;

	ck_assert_int_eq(addr_parse(S("192.0.2.1:65535"), &a), 0);
	ck_assert_str_eq(addr_text(&a, text), "192.0.2.1:65535");
	ck_assert_int_eq(addr_parse(S("[2001:db8::1]:0"), &a), 0);
	ck_assert_str_eq(addr_text(&a, text), "[2001:db8::1]:0");
	ck_assert_int_eq(addr_parse(S("192.0.2.1:65536"), &a), -EBADMSG);
	ck_assert_int_eq(addr_parse(S("192.0.2.1"), &a), -EBADMSG);
	ck_assert_int_eq(addr_parse(S("::1:80"), &a), -EBADMSG);
	ck_assert_int_eq(addr_parse(S("[::1:80"), &a), -EBADMSG);
	ck_assert_int_eq(addr_parse(S(""), &a), -EBADMSG);
}
END_TEST

START_TEST(kinds_of_address)
{
	struct addr a = addr_v4(127, 1, 2, 3, 5), b = addr_v4(127, 1, 2, 3, 6);

	ck_assert(addr_is_loopback(&a) && !addr_is_any(&a));
	ck_assert(addr_same_ip(&a, &b) && !addr_same(&a, &b));
	a = addr_v4(224, 0, 0, 1, 0);
	ck_assert(addr_is_multicast(&a));
	a = addr_v4(169, 254, 0, 1, 0);
	ck_assert(addr_is_link_local(&a));
	ck_assert_int_eq(addr_parse_ip(S("fe80::1"), &a), 0);
	ck_assert(addr_is_link_local(&a) && !addr_is_loopback(&a));
	ck_assert_int_eq(addr_parse_ip(S("ff02::1"), &a), 0);
	ck_assert(addr_is_multicast(&a));
	ck_assert_int_eq(addr_parse_ip(S("::1"), &a), 0);
	ck_assert(addr_is_loopback(&a));
	ck_assert_int_eq(addr_parse_ip(S("::"), &a), 0);
	ck_assert(addr_is_any(&a));
}
END_TEST

SUITE(addr, text_goes_through_in_canonical_form,
      what_inet_pton_refuses_is_refused, an_address_with_port,
      kinds_of_address);
