/* SPDX-License-Identifier: BSD-2-Clause
 * Records as RFC 6762 8.2 compares them. */
#include "tests/unit/suites.h"

#include "dns/dns_write.h"
#include "dns/mdns_rr.h"

START_TEST(the_later_rdata_is_the_greater)
{
	/* RFC 6762 8.2.1: 169.254.99.200 against 169.254.200.50. */
	static const uint8_t a[] = { 169, 254, 99, 200 };
	static const uint8_t b[] = { 169, 254, 200, 50 };
	struct slice x = slice_of(a, 4), y = slice_of(b, 4);

	ck_assert_int_lt(mdns_rr_compare(x, y), 0);
	ck_assert_int_gt(mdns_rr_compare(y, x), 0);
	ck_assert_int_eq(mdns_rr_compare(x, x), 0);
	ck_assert_int_lt(mdns_rr_compare(slice_of(a, 3), x), 0);
}
END_TEST

START_TEST(names_in_rdata_are_in_full_and_without_case)
{
	uint8_t buf[200], one[100], two[100];
	struct dns_write w;
	struct dns_name name, target;
	struct dns_msg m;
	struct dns_walk walk = { 0 };
	struct dns_rr r;
	struct dns_srv srv = { .port = 0x4161 };
	int n, k;

	ck_assert_int_eq(dns_name_parse(S("a.local"), &name, NULL), 0);
	ck_assert_int_eq(dns_name_parse(S("b.local"), &target, NULL), 0);
	srv.target = target;
	dns_write_begin(&w, buf, sizeof(buf), 0, DNS_QR);
	dns_write_rr(&w, DNS_ANSWER, &name, DNS_PTR, DNS_IN, 1);
	dns_write_name(&w, &target, true); /* two octets of it a pointer */
	dns_write_rr_end(&w);
	dns_write_rr(&w, DNS_ANSWER, &name, DNS_SRV, DNS_IN, 1);
	dns_write_srv(&w, &srv);
	dns_write_rr_end(&w);
	n = dns_write_end(&w);
	ck_assert_int_gt(n, 0);
	ck_assert_int_eq(dns_msg_parse(slice_of(buf, (size_t)n), &m, NULL), 0);
	ck_assert(dns_rr_next(&m, DNS_ANSWER, &walk, &r));
	ck_assert_int_eq(mdns_rr_data(&m, &r, one, sizeof(one)), 9);
	ck_assert(mdns_rr_same(DNS_PTR, slice_of(one, 9),
			       S("\1B\5LOCAL\0")));
	ck_assert_int_eq(mdns_rr_data(&m, &r, one, 8), -ENOSPC);
	ck_assert(dns_rr_next(&m, DNS_ANSWER, &walk, &r));
	k = mdns_rr_data(&m, &r, two, sizeof(two));
	ck_assert_int_eq(k, 15);
	memcpy(one, two, 15);
	one[7] = 'B';
	ck_assert(mdns_rr_same(DNS_SRV, slice_of(one, 15), slice_of(two, 15)));
	/* Port 0x4161 is not 0x6161, though "A" is "a". */
	one[4] = 0x61;
	ck_assert(!mdns_rr_same(DNS_SRV, slice_of(one, 15),
				slice_of(two, 15)));
}
END_TEST

SUITE(mdns_rr, the_later_rdata_is_the_greater,
      names_in_rdata_are_in_full_and_without_case);
