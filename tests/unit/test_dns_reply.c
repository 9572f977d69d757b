/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/suites.h"

#include "dns/dns_reply.h"
#include "dns/dns_write.h"
#include "tests/unit/expect.h"

static struct dns_name of(const char *text)
{
	struct dns_name n;

	ck_parses(dns_name_parse(slice_str(text), &n, &e));
	return n;
}

/* n addresses of a name, each owned by it in letters of another size, so that
 * no compression makes them short. */
static size_t answer(char *room, size_t cap, const struct dns_name *name,
		     const struct dns_name *owner, unsigned n)
{
	struct dns_write d;
	int rc;

	dns_write_begin(&d, room, cap, 1, DNS_QR);
	dns_write_question(&d, name, DNS_A, DNS_IN);
	for (unsigned i = 0; i < n; i++) {
		struct addr a = addr_v4(192, 0, (uint8_t)(i / 256),
					(uint8_t)i, 0);

		dns_write_rr(&d, DNS_ANSWER, owner, DNS_A, DNS_IN, 60);
		dns_write_addr(&d, &a);
		dns_write_rr_end(&d);
	}
	rc = dns_write_end(&d);
	ck_assert_int_gt(rc, 0);
	return (size_t)rc;
}

/* Each record is read many times afterwards, by whoever asked. */
START_TEST(of_a_large_set_so_many_records_count)
{
	static const unsigned sets[] = { 1, LIMIT_DNS_RECORDS,
					 LIMIT_DNS_RECORDS + 1, 1000 };
	static char in[DNS_MESSAGE_MAX], out[DNS_MESSAGE_MAX];
	struct dns_name name = of("many.example"), owner = of("MANY.Example");

	for (size_t i = 0; i < COUNT(sets); i++) {
		size_t n = answer(in, sizeof(in), &name, &owner, sets[i]);
		unsigned want = sets[i] < LIMIT_DNS_RECORDS ? sets[i] :
							LIMIT_DNS_RECORDS;
		struct dns_walk w = { 0 };
		struct dns_reply r;
		struct dns_msg m;
		struct dns_rr rr;
		struct addr a, nth;
		int rc;

		ck_parses(dns_msg_parse(slice_of(in, n), &m, &e));
		dns_reply_judge(&m, &name, DNS_A, 0, DNS_TTL_MAX, &r);
		ck_assert_int_eq(r.kind, DNS_REPLY_RECORDS);
		rc = dns_reply_extract(&m, &r, DNS_A, out, sizeof(out));
		ck_assert_int_gt(rc, 0);
		ck_parses(dns_msg_parse(slice_of(out, (size_t)rc), &m, &e));
		ck_assert_uint_eq(m.count[DNS_ANSWER], want);
		for (unsigned k = 0; k < want; k++) { /* the first, in order */
			ck_assert(dns_rr_next(&m, DNS_ANSWER, &w, &rr));
			ck_assert(dns_rr_addr(&m, &rr, &a));
			nth = addr_v4(192, 0, (uint8_t)(k / 256), (uint8_t)k,
				      0);
			ck_assert(addr_same_ip(&a, &nth));
		}
	}
}
END_TEST

SUITE(dns_reply, of_a_large_set_so_many_records_count);
