/* SPDX-License-Identifier: BSD-2-Clause
 * resolv.conf(5). */
#include "tests/unit/suites.h"

#include "dns/dns_conf.h"
#include "tests/unit/expect.h"

START_TEST(a_usual_file)
{
	char text[DNS_NAME_TEXT];
	struct dns_conf c;

	ck_assert_uint_eq(dns_conf_parse(S("# by hand\n"
		"nameserver 192.0.2.1\nnameserver\t2001:db8::1\n"
		"search corp.example example.\n"
		"options ndots:2 timeout:1 attempts:3 rotate edns0\n"), &c), 0);
	ck_assert_uint_eq(c.servers, 2);
	ck_assert_str_eq(addr_text(&c.server[0], text), "192.0.2.1:53");
	ck_assert_str_eq(addr_text(&c.server[1], text), "[2001:db8::1]:53");
	ck_assert_uint_eq(c.searches, 2);
	ck_assert_str_eq(dns_name_text(&c.search[1], text), "example");
	ck_assert(c.ndots == 2 && c.timeout_ms == 1000 && c.attempts == 3 &&
		  c.rotate);
}
END_TEST

START_TEST(an_empty_file_is_the_defaults)
{
	struct dns_conf c;

	ck_assert_uint_eq(dns_conf_parse(S(""), &c), 0);
	ck_assert(c.servers == 0 && c.searches == 0 && c.ndots == 1 &&
		  c.timeout_ms == DNS_TIMEOUT_MS &&
		  c.attempts == DNS_ATTEMPTS && !c.rotate);
}
END_TEST

START_TEST(what_is_not_understood_is_passed_over)
{
	struct dns_conf c;

	ck_assert_uint_eq(dns_conf_parse(S("nameserver\nnameserver nine\n"
		"bogus 1\n; a comment\n\n  \nsortlist 192.0.2.0\n"
		"domain\noptions ndots:x\nsearch a..b ok.example\r\n"
		"nameserver 192.0.2.1 # no comment, nor read\n"
		"nameserver fe80::1%3"), &c), 6);
	ck_assert_uint_eq(c.servers, 2);
	ck_assert_uint_eq(c.server[1].scope, 3);
	ck_assert_uint_eq(c.searches, 1);
	ck_assert_uint_eq(c.ndots, 1);
}
END_TEST

START_TEST(numbers_beyond_their_range_are_its_end)
{
	struct dns_conf c;

	ck_assert_uint_eq(dns_conf_parse(S("options ndots:16 timeout:31 "
					   "attempts:6"), &c), 0);
	ck_assert(c.ndots == 15 && c.timeout_ms == 30000 && c.attempts == 5);
	(void)dns_conf_parse(S("options timeout:0 attempts:0"), &c);
	ck_assert(c.timeout_ms == 1000 && c.attempts == 1);
}
END_TEST

START_TEST(the_last_of_search_and_domain_counts)
{
	char text[DNS_NAME_TEXT];
	struct dns_conf c;

	(void)dns_conf_parse(S("search a b c\ndomain d e\n"), &c);
	ck_assert_uint_eq(c.searches, 1);
	ck_assert_str_eq(dns_name_text(&c.search[0], text), "d");
	(void)dns_conf_parse(S("domain d\nsearch a b c d e f g h"), &c);
	ck_assert_uint_eq(c.searches, DNS_SEARCH);
}
END_TEST

START_TEST(more_servers_than_there_is_room_for_are_passed_over)
{
	char text[512];
	struct writer w = writer_begin(text, sizeof(text));
	struct dns_conf c;

	for (unsigned i = 1; i <= DNS_SERVERS + 2; i++) {
		writer_str(&w, "nameserver 192.0.2.");
		writer_u64(&w, i);
		writer_char(&w, '\n');
	}
	ck_assert_uint_eq(dns_conf_parse(writer_done(&w), &c), 0);
	ck_assert_uint_eq(c.servers, DNS_SERVERS);
	ck_assert_uint_eq(c.server[DNS_SERVERS - 1].ip[3], DNS_SERVERS);
}
END_TEST

SUITE(dns_conf, a_usual_file, an_empty_file_is_the_defaults,
      what_is_not_understood_is_passed_over,
      numbers_beyond_their_range_are_its_end,
      the_last_of_search_and_domain_counts,
      more_servers_than_there_is_room_for_are_passed_over);
