/* SPDX-License-Identifier: BSD-2-Clause
 * RFC 1035 4, RFC 2782, RFC 3403, RFC 6891. */
#include "tests/unit/suites.h"

#include "dns/dns_msg.h"
#include "tests/unit/expect.h"

/* A reply to example.com, type T: header, question (12 .. 28), records. */
#define HEAD(flags, an, ns, ar)                                             \
	"\x12\x34" flags "\0\x01\0" an "\0" ns "\0" ar                      \
	"\x07" "example\x03" "com\0"
#define IN "\0\x01"
#define TTL "\0\0\0\x3C"

static struct slice rr(struct dns_msg *m, struct slice in, struct dns_rr *r)
{
	struct dns_walk w = { 0 };

	ck_parses(dns_msg_parse(in, m, &e));
	ck_assert(dns_rr_next(m, DNS_ANSWER, &w, r));
	ck_assert(!dns_rr_next(m, DNS_ANSWER, &w, r));
	return r->data;
}

START_TEST(a_reply_with_an_address)
{
	struct slice in = S(HEAD("\x85\xA0", "\x01", "\0", "\0") "\0\x01" IN
			    "\xC0\x0C\0\x01" IN TTL "\0\x04\xC0\0\x02\x01");
	struct dns_walk w = { 0 };
	struct dns_question q;
	char text[DNS_NAME_TEXT];
	struct addr a, want = addr_v4(192, 0, 2, 1, 0);
	struct dns_msg m;
	struct dns_name n;
	struct dns_rr r;

	(void)rr(&m, in, &r);
	ck_assert_uint_eq(m.id, 0x1234);
	ck_assert_uint_eq(m.flags, DNS_QR | DNS_AA | DNS_RD | DNS_RA | DNS_AD);
	ck_assert_uint_eq(m.rcode, DNS_NOERROR);
	ck_assert_uint_eq(m.udp_size, 0);
	ck_assert(dns_question_next(&m, &w, &q));
	ck_assert_str_eq(dns_name_text(&q.name, text), "example.com");
	ck_assert(q.type == DNS_A && q.class == DNS_IN);
	ck_assert(!dns_question_next(&m, &w, &q));
	ck_assert_str_eq(dns_name_text(&r.name, text), "example.com");
	ck_assert(r.type == DNS_A && r.class == DNS_IN && r.ttl == 60);
	ck_assert(dns_rr_addr(&m, &r, &a) && addr_same(&a, &want));
	ck_assert(!dns_rr_name(&m, &r, &n));
	w = (struct dns_walk){ 0 };
	ck_assert(!dns_rr_next(&m, DNS_AUTHORITY, &w, &r));
	ck_assert(!dns_rr_next(&m, DNS_QUESTION, &w, &r));
}
END_TEST

/* What stands for a record at offset 29, and what is read of it. */
static struct slice reply(const char *type, struct slice data, char *room,
			  size_t cap)
{
	struct writer w = writer_begin(room, cap);

	writer_put(&w, S(HEAD("\x81\x80", "\x01", "\0", "\0")));
	writer_put(&w, slice_of(type, 2));
	writer_put(&w, S(IN "\xC0\x0C"));
	writer_put(&w, slice_of(type, 2));
	writer_put(&w, S(IN TTL));
	writer_be16(&w, (uint16_t)data.n);
	writer_put(&w, data);
	ck_assert_int_gt(writer_end(&w), 0);
	return writer_done(&w);
}

START_TEST(typed_records_are_read)
{
	char room[300], text[DNS_NAME_TEXT];
	struct dns_naptr p;
	struct dns_msg m;
	struct dns_name n;
	struct dns_srv s;
	struct dns_soa o;
	struct slice t;
	struct addr a;
	struct dns_rr r;
	size_t at = 0;

	rr(&m, reply("\0\x1C", S("\x20\x01\x0D\xB8\0\0\0\0\0\0\0\0\0\0\0\x01"),
		     room, sizeof(room)), &r);
	ck_assert(dns_rr_addr(&m, &r, &a));
	ck_assert_str_eq(addr_text(&a, text), "[2001:db8::1]:0");
	rr(&m, reply("\0\x05", S("\x01" "a\xC0\x0C"), room, sizeof(room)), &r);
	ck_assert(dns_rr_name(&m, &r, &n));
	ck_assert_str_eq(dns_name_text(&n, text), "a.example.com");
	rr(&m, reply("\0\x27", S("\x01" "d\0"), room, sizeof(room)), &r);
	ck_assert(dns_rr_name(&m, &r, &n));
	ck_assert_str_eq(dns_name_text(&n, text), "d");
	rr(&m, reply("\0\x21", S("\0\x0A\0\x3C\x13\xC4\x04sip1\xC0\x0C"),
		     room, sizeof(room)), &r);
	ck_assert(dns_rr_srv(&m, &r, &s) && !dns_rr_addr(&m, &r, &a));
	ck_assert(s.priority == 10 && s.weight == 60 && s.port == 5060);
	ck_assert_str_eq(dns_name_text(&s.target, text), "sip1.example.com");
	/* RFC 3263 4.1's first */
	rr(&m, reply("\0\x23", S("\0\x32\0\x32\x01s\x08SIPS+D2T\0"
		"\x05_sips\x04_tcp\xC0\x0C"), room, sizeof(room)), &r);
	ck_assert(dns_rr_naptr(&m, &r, &p) && !dns_rr_srv(&m, &r, &s));
	ck_assert(p.order == 50 && p.preference == 50);
	ck_slice_eq(p.flags, "s");
	ck_slice_eq(p.service, "SIPS+D2T");
	ck_slice_eq(p.regexp, "");
	ck_assert_str_eq(dns_name_text(&p.replacement, text),
			 "_sips._tcp.example.com");
	rr(&m, reply("\0\x06", S("\x02ns\xC0\x0C\x02" "hm\xC0\x0C\0\0\0\x01"
		"\0\0\x0E\x10\0\0\x02\x58\0\x01\x51\x80\0\0\0\x05"), room,
		     sizeof(room)), &r);
	ck_assert(dns_rr_soa(&m, &r, &o) && !dns_rr_naptr(&m, &r, &p));
	ck_assert(o.serial == 1 && o.refresh == 3600 && o.retry == 600 &&
		  o.expire == 86400 && o.minimum == 5);
	ck_assert_str_eq(dns_name_text(&o.rname, text), "hm.example.com");
	rr(&m, reply("\0\x10", S("\x03one\0\x03two"), room, sizeof(room)), &r);
	ck_assert(!dns_rr_soa(&m, &r, &o));
	ck_assert(dns_rr_txt(&r, &at, &t));
	ck_slice_eq(t, "one");
	ck_assert(dns_rr_txt(&r, &at, &t) && t.n == 0);
	ck_assert(dns_rr_txt(&r, &at, &t));
	ck_slice_eq(t, "two");
	ck_assert(!dns_rr_txt(&r, &at, &t));
	rr(&m, reply("\0\x10", S(""), room, sizeof(room)), &r); /* RFC 6763 */
	rr(&m, reply("\x12\x34", S("any"), room, sizeof(room)), &r);
	ck_slice_eq(r.data, "any");
}
END_TEST

START_TEST(rdata_that_does_not_fit_its_type_is_refused)
{
	static const struct {
		const char *type;
		struct slice data;
		size_t at; /* in the rdata, which begins at 41 */
		const char *why;
	} row[] = {
		{ "\0\x01", SLICE("\1\2\3"), 0,
		  "4 octets of an address wanted" },
		{ "\0\x01", SLICE("\1\2\3\4\5"), 0,
		  "4 octets of an address wanted" },
		{ "\0\x1C", SLICE("\1\2\3\4"), 0,
		  "16 octets of an address wanted" },
		{ "\0\x05", SLICE(""), 0, "name wanted" },
		{ "\0\x05", SLICE("\x02" "a"), 0, "label is cut off" },
		{ "\0\x05", SLICE("\0\0"), 1, "end of rdata wanted" },
		{ "\0\x21", SLICE("\0"), 1, "priority wanted" },
		{ "\0\x21", SLICE("\0\1\0"), 3, "weight wanted" },
		{ "\0\x21", SLICE("\0\1\0\2\0"), 5, "port wanted" },
		{ "\0\x21", SLICE("\0\1\0\2\0\3"), 6, "name wanted" },
		{ "\0\x23", SLICE("\0"), 1, "order wanted" },
		{ "\0\x23", SLICE("\0\1\0"), 3, "preference wanted" },
		{ "\0\x23", SLICE("\0\1\0\2"), 4, "character-string wanted" },
		{ "\0\x23", SLICE("\0\1\0\2\1s\2S"), 6,
		  "character-string is cut off" },
		{ "\0\x23", SLICE("\0\1\0\2\1s\0\0"), 8, "name wanted" },
		{ "\0\x10", SLICE("\1a\5b"), 2, "character-string is cut off" },
		{ "\0\x06", SLICE("\0"), 1, "name wanted" },
		{ "\0\x06", SLICE("\0\0\0\0\0\1\0"), 7 - 1,
		  "number of a SOA wanted" },
	};
	char room[200];
	struct dns_msg m;

	for (size_t i = 0; i < COUNT(row); i++) {
		struct slice in = reply(row[i].type, row[i].data, room,
					sizeof(room));
		size_t at = 41 + row[i].at;

		if (strstr(row[i].why, "SOA"))
			at = in.n;
		ck_fails(dns_msg_parse(in, &m, &e), at, row[i].why);
	}
}
END_TEST

#define QUESTION HEAD("\x01\0", "\0", "\0", "\x01") "\0\x01" IN

START_TEST(edns0)
{
	struct slice in = S(QUESTION "\0\0\x29\x04\xD0\x01\0\x80\0\0\x07"
			    "\0\x0A\0\x03" "abc");
	struct slice two = S(HEAD("\x01\0", "\0", "\0", "\x02") "\0\x01" IN
			     "\0\0\x29\x04\xD0\0\0\0\0\0\0"
			     "\0\0\x29\x04\xD0\0\0\0\0\0\0");
	struct dns_walk w = { 0 };
	struct dns_msg m;
	struct dns_rr r;
	struct slice v;
	uint16_t code;
	size_t at = 0;

	ck_parses(dns_msg_parse(in, &m, &e));
	ck_assert_uint_eq(m.udp_size, 1232);
	ck_assert_uint_eq(m.rcode, DNS_BADVERS);
	ck_assert(m.dnssec_ok && m.edns_version == 0);
	ck_assert(dns_rr_next(&m, DNS_ADDITIONAL, &w, &r));
	ck_assert(dns_rr_option(&r, &at, &code, &v) && code == 10);
	ck_slice_eq(v, "abc");
	ck_assert(!dns_rr_option(&r, &at, &code, &v));
	/* RFC 6891 6.2.3: less than 512 is 512; 6.1.1: one, of the root */
	ck_parses(dns_msg_parse(S(QUESTION "\0\0\x29\0\x01\0\0\0\0\0\0"), &m,
				&e));
	ck_assert_uint_eq(m.udp_size, 512);
	ck_fails(dns_msg_parse(two, &m, &e), 40, "one OPT wanted");
	ck_fails(dns_msg_parse(S(QUESTION "\x01" "a\0\0\x29\x04\xD0\0\0\0\0\0"
				 "\0"), &m, &e), 29, "OPT of the root wanted");
	ck_fails(dns_msg_parse(S(HEAD("\x81\0", "\x01", "\0", "\0") "\0\x01" IN
				 "\0\0\x29\x04\xD0\0\0\0\0\0\0"), &m, &e), 29,
		 "OPT is for the additional section");
	ck_fails(dns_msg_parse(S(QUESTION "\0\0\x29\x04\xD0\0\0\0\0\0\x01"
				 "\0"), &m, &e), 41, "option code wanted");
	ck_fails(dns_msg_parse(S(QUESTION "\0\0\x29\x04\xD0\0\0\0\0\0\x03"
				 "\0\0\0"), &m, &e), 43,
		 "option length wanted");
	ck_fails(dns_msg_parse(S(QUESTION "\0\0\x29\x04\xD0\0\0\0\0\0\x05"
				 "\0\0\0\x02" "a"), &m, &e), 44,
		 "option is cut off");
}
END_TEST

/* Each prefix but the whole is refused, at its end or before. */
START_TEST(every_prefix_is_refused)
{
	struct slice in = S(HEAD("\x81\x80", "\x02", "\0", "\x01") "\0\x21" IN
		"\xC0\x0C\0\x21" IN TTL "\0\x08\0\1\0\2\x13\xC4\xC0\x0C"
		"\xC0\x0C\0\x10" IN TTL "\0\x02\x01z"
		"\0\0\x29\x04\xD0\0\0\0\0\0\0");
	struct parse_error err;
	struct dns_msg m;

	ck_parses(dns_msg_parse(in, &m, &e));
	for (size_t n = 0; n < in.n; n++) {
		err = (struct parse_error){ 0 };
		ck_assert_int_eq(dns_msg_parse(slice_head(in, n), &m, &err),
				 -EBADMSG);
		ck_assert(err.reason && err.offset <= n);
	}
	ck_fails(dns_msg_parse(S(QUESTION "\0\0\x29\x04\xD0\0\0\0\0\0\0x"), &m,
			       &e), 40, "end of the message wanted");
}
END_TEST

START_TEST(odd_ones)
{
	static char large[DNS_MESSAGE_MAX + 1];
	struct dns_msg m;
	struct dns_rr r;
	struct addr a;

	ck_fails(dns_msg_parse(slice_of(large, sizeof(large)), &m, &e), 65535,
		 "end of the message wanted");
	/* RFC 2181 8: a TTL with its top bit set is 0 */
	rr(&m, S(HEAD("\x81\x80", "\x01", "\0", "\0") "\0\x01" IN
		 "\xC0\x0C\0\x01" IN "\x80\0\0\x01\0\x04\xC0\0\x02\x01"), &r);
	ck_assert_uint_eq(r.ttl, 0);
	/* A of class CHAOS is none of ours; with the mDNS bit it is */
	rr(&m, S(HEAD("\x81\x80", "\x01", "\0", "\0") "\0\x01" IN
		 "\xC0\x0C\0\x01\0\x03" TTL "\0\x05\x01" "a\0\0\x01"), &r);
	ck_assert(!dns_rr_addr(&m, &r, &a));
	rr(&m, S(HEAD("\x84\0", "\x01", "\0", "\0") "\0\x01" IN
		 "\xC0\x0C\0\x01\x80\x01" TTL "\0\x04\xC0\0\x02\x01"), &r);
	ck_assert(dns_rr_addr(&m, &r, &a));
	/* a dynamic update deletes with empty rdata: RFC 2136 2.5.2 */
	rr(&m, S(HEAD("\x28\0", "\x01", "\0", "\0") "\0\x06" IN
		 "\xC0\x0C\0\x05\0\xFF\0\0\0\0\0\0"), &r);
	ck_assert_uint_eq(r.data.n, 0);
}
END_TEST

START_TEST(types_and_codes_have_names)
{
	ck_assert_str_eq(dns_type_name(DNS_NAPTR), "NAPTR");
	ck_assert_ptr_null(dns_type_name(12345));
	ck_assert_uint_eq(dns_type_of(S("aaaa")), DNS_AAAA);
	ck_assert_uint_eq(dns_type_of(S("TYPE257")), 257);
	ck_assert_uint_eq(dns_type_of(S("TYPEx")), 0);
	ck_assert_uint_eq(dns_type_of(S("bogus")), 0);
	ck_assert_str_eq(dns_rcode_name(DNS_NXDOMAIN), "NXDOMAIN");
	ck_assert_str_eq(dns_rcode_name(DNS_BADVERS), "BADVERS");
	ck_assert_ptr_null(dns_rcode_name(99));
}
END_TEST

SUITE(dns_msg, a_reply_with_an_address, typed_records_are_read,
      rdata_that_does_not_fit_its_type_is_refused, edns0,
      every_prefix_is_refused, odd_ones, types_and_codes_have_names);
