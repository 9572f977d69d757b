/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/suites.h"

#include "dns/dns_write.h"
#include "tests/unit/expect.h"

static struct dns_name of(const char *text)
{
	struct dns_name n;

	ck_parses(dns_name_parse(slice_str(text), &n, &e));
	return n;
}

static void ck_octets(const char *got, int n, struct slice want)
{
	ck_assert_int_eq(n, (int)want.n);
	for (int i = 0; i < n; i++)
		ck_assert_msg(got[i] == want.p[i], "octet %d", i);
}

/* The query of RFC 1034 6.2.1 as it goes out, with RFC 6891's OPT. */
START_TEST(a_query)
{
	struct dns_name n = of("SRI-NIC.ARPA");
	struct dns_write d;
	char room[64];

	dns_write_begin(&d, room, sizeof(room), 0xABCD, DNS_RD);
	dns_write_question(&d, &n, DNS_A, DNS_IN);
	dns_write_opt(&d, 1232);
	ck_octets(room, dns_write_end(&d),
		  S("\xAB\xCD\x01\0\0\x01\0\0\0\0\0\x01\x07SRI-NIC\x04" "ARPA\0"
		    "\0\x01\0\x01" "\0\0\x29\x04\xD0\0\0\0\0\0\0"));
}
END_TEST

/* By hand: names point to the question at 12, "local" stands at 24. */
START_TEST(an_answer_with_names_that_point_back)
{
	struct dns_name type = of("_sip._udp.local"), inst = of("a._sip._udp."
		"local"), host = of("h.local");
	struct dns_srv s = { 1, 2, 5060, host };
	struct addr a = addr_v4(192, 0, 2, 7, 0);
	struct dns_write d;
	char room[200];

	dns_write_begin(&d, room, sizeof(room), 0, DNS_QR | DNS_AA);
	dns_write_rr(&d, DNS_ANSWER, &type, DNS_PTR, DNS_IN, 60);
	dns_write_name(&d, &inst, true);
	dns_write_rr_end(&d);
	dns_write_rr(&d, DNS_ANSWER, &inst, DNS_SRV, DNS_IN | DNS_MDNS_BIT, 60);
	dns_write_srv(&d, &s);
	dns_write_rr_end(&d);
	dns_write_rr(&d, DNS_ADDITIONAL, &host, DNS_A, DNS_IN, 60);
	dns_write_addr(&d, &a);
	dns_write_rr_end(&d);
	dns_write_rr(&d, DNS_ADDITIONAL, &inst, DNS_TXT, DNS_IN, 60);
	dns_write_txt(&d, S("k=v"));
	dns_write_txt(&d, S(""));
	dns_write_rr_end(&d);
	ck_octets(room, dns_write_end(&d),
		  S("\0\0\x84\0\0\0\0\x02\0\0\0\x02"
		    "\x04_sip\x04_udp\x05local\0\0\x0C\0\x01\0\0\0\x3C\0\x04"
		    "\x01" "a\xC0\x0C"
		    "\xC0\x27\0\x21\x80\x01\0\0\0\x3C\0\x0F"
		    "\0\x01\0\x02\x13\xC4\x01h\x05local\0"
		    "\xC0\x3D\0\x01\0\x01\0\0\0\x3C\0\x04\xC0\0\x02\x07"
		    "\xC0\x27\0\x10\0\x01\0\0\0\x3C\0\x05\x03k=v\0"));
}
END_TEST

static int everything(struct dns_write *d, char *room, size_t cap)
{
	struct dns_name zone = of("example.com"), ns = of("ns.example.com"),
			sub = of("_sip._tcp.example.com");
	struct dns_naptr p = { 50, 60, S("s"), S("SIP+D2T"), S(""), sub };
	struct dns_soa soa = { ns, zone, 1, 2, 3, 4, 5 };
	struct addr six = { .family = 6, .ip = { 0x20, 1, [15] = 1 } };

	dns_write_begin(d, room, cap, 7, DNS_QR);
	dns_write_question(d, &zone, DNS_NAPTR, DNS_IN);
	dns_write_rr(d, DNS_ANSWER, &zone, DNS_NAPTR, DNS_IN, 9);
	dns_write_naptr(d, &p);
	dns_write_rr_end(d);
	dns_write_rr(d, DNS_ANSWER, &ns, DNS_AAAA, DNS_IN, 9);
	dns_write_addr(d, &six);
	dns_write_rr_end(d);
	dns_write_rr(d, DNS_ANSWER, &sub, DNS_DNAME, DNS_IN, 9);
	dns_write_name(d, &zone, false);
	dns_write_rr_end(d);
	dns_write_rr(d, DNS_AUTHORITY, &zone, DNS_SOA, DNS_IN, 9);
	dns_write_soa(d, &soa);
	dns_write_rr_end(d);
	dns_write_opt(d, 512);
	return dns_write_end(d);
}

START_TEST(what_is_written_is_read_and_copied)
{
	char room[2][400];
	struct dns_write d;
	struct dns_walk w = { 0 };
	struct dns_naptr p;
	struct dns_soa soa;
	struct dns_msg m, again;
	struct dns_rr r;
	int n = everything(&d, room[0], sizeof(room[0]));

	ck_parses(dns_msg_parse(slice_of(room[0], (size_t)n), &m, &e));
	dns_write_begin(&d, room[1], sizeof(room[1]), 8, DNS_QR);
	for (unsigned s = DNS_ANSWER; s <= DNS_ADDITIONAL; s++) {
		w = (struct dns_walk){ 0 };
		while (dns_rr_next(&m, (enum dns_section)s, &w, &r))
			dns_write_copy(&d, (enum dns_section)s, &m, &r, 3);
	}
	n = dns_write_end(&d);
	ck_parses(dns_msg_parse(slice_of(room[1], (size_t)n), &again, &e));
	w = (struct dns_walk){ 0 };
	ck_assert(dns_rr_next(&again, DNS_ANSWER, &w, &r) && r.ttl == 3);
	ck_assert(dns_rr_naptr(&again, &r, &p) && p.preference == 60);
	ck_slice_eq(p.service, "SIP+D2T");
	w = (struct dns_walk){ 0 };
	ck_assert(dns_rr_next(&again, DNS_AUTHORITY, &w, &r));
	ck_assert(dns_rr_soa(&again, &r, &soa) && soa.minimum == 5);
}
END_TEST

START_TEST(a_room_too_small_is_told)
{
	char room[400];
	struct dns_write d;
	int n = everything(&d, room, sizeof(room));

	ck_assert_int_gt(n, 12);
	for (int cap = 0; cap < n; cap++)
		ck_assert_int_eq(everything(&d, room, (size_t)cap), -ENOSPC);
	ck_assert_int_eq(everything(&d, room, (size_t)n), n);
}
END_TEST

/* RFC 1035 4.1.4: a pointer has 14 bits. */
START_TEST(no_pointer_leads_past_its_14_bits)
{
	static char room[40000], zeros[255];
	struct dns_name far = of("far.example"), n = of("x");
	struct dns_walk w = { 0 };
	struct dns_write d;
	struct dns_msg m;
	struct dns_rr r;
	int rc;

	dns_write_begin(&d, room, sizeof(room), 0, DNS_QR);
	for (int i = 0; i < 100; i++) {
		dns_write_rr(&d, DNS_ANSWER, &n, DNS_TXT, DNS_IN, 0);
		dns_write_txt(&d, slice_of(zeros, 255));
		dns_write_rr_end(&d);
	}
	for (int i = 0; i < 2; i++) {
		dns_write_rr(&d, DNS_ANSWER, &far, DNS_TXT, DNS_IN, 0);
		dns_write_rr_end(&d);
	}
	rc = dns_write_end(&d);
	ck_parses(dns_msg_parse(slice_of(room, (size_t)rc), &m, &e));
	while (dns_rr_next(&m, DNS_ANSWER, &w, &r))
		;
	ck_assert(w.n == 102 && dns_name_same(&r.name, &far));
}
END_TEST

SUITE(dns_write, a_query, an_answer_with_names_that_point_back,
      what_is_written_is_read_and_copied, a_room_too_small_is_told,
      no_pointer_leads_past_its_14_bits);
