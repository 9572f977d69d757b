/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/dns/zone.h"

#include <stdlib.h>

struct line {
	struct dns_name name;
	uint32_t ttl;
	unsigned type;
	struct slice rdata;
};

/* A word, or what stands between quotes. */
static struct slice word(struct slice *s)
{
	struct slice w;
	size_t n = 0;

	*s = slice_trim(*s);
	if (s->n && s->p[0] == '"') {
		*s = slice_skip(*s, 1);
		(void)slice_cut(*s, '"', &w, s);
		return w;
	}
	while (n < s->n && s->p[n] != ' ' && s->p[n] != '\t')
		n++;
	w = slice_head(*s, n);
	*s = slice_skip(*s, n);
	return w;
}

static unsigned number(struct slice *s)
{
	uint32_t v;

	if (slice_u32(word(s), UINT32_MAX, &v))
		abort(); /* a fault of the test's zone */
	return v;
}

static struct dns_name name(struct slice *s)
{
	struct dns_name n;

	if (dns_name_parse(word(s), &n, NULL))
		abort();
	return n;
}

static bool next(struct slice *zone, struct line *out)
{
	struct slice line;

	while (zone->n) {
		(void)slice_cut(*zone, '\n', &line, zone);
		line = slice_trim(line);
		if (!line.n || line.p[0] == '#')
			continue;
		out->name = name(&line);
		out->ttl = number(&line);
		out->type = dns_type_of(word(&line));
		out->rdata = line;
		if (!out->type)
			abort();
		return true;
	}
	return false;
}

static void write_data(struct dns_write *d, unsigned type, struct slice t)
{
	struct addr a;

	if (type == DNS_A || type == DNS_AAAA) {
		if (addr_parse_ip(word(&t), &a))
			abort();
		dns_write_addr(d, &a);
	} else if (type == DNS_SRV) {
		struct dns_srv s = { .priority = (uint16_t)number(&t) };

		s.weight = (uint16_t)number(&t);
		s.port = (uint16_t)number(&t);
		s.target = name(&t);
		dns_write_srv(d, &s);
	} else if (type == DNS_NAPTR) {
		struct dns_naptr n = { .order = (uint16_t)number(&t) };

		n.preference = (uint16_t)number(&t);
		n.flags = word(&t);
		n.service = word(&t);
		n.regexp = word(&t);
		n.replacement = name(&t);
		dns_write_naptr(d, &n);
	} else if (type == DNS_SOA) {
		struct dns_soa s = { .mname = name(&t) };

		s.rname = name(&t);
		s.serial = number(&t);
		s.refresh = number(&t);
		s.retry = number(&t);
		s.expire = number(&t);
		s.minimum = number(&t);
		dns_write_soa(d, &s);
	} else if (type == DNS_TXT) {
		while ((t = slice_trim(t)).n)
			dns_write_txt(d, word(&t));
	} else {
		struct dns_name n = name(&t);

		dns_write_name(d, &n, type != DNS_DNAME);
	}
}

static void put(struct dns_write *d, enum dns_section s, const struct line *l)
{
	dns_write_rr(d, s, &l->name, l->type, DNS_IN, l->ttl);
	write_data(d, l->type, l->rdata);
	dns_write_rr_end(d);
}

/* What is there of the name: its records of the type, or its CNAME, which is
 * then *at.  Numbers of them; *exists: something is, or below it. */
static unsigned records(struct slice zone, struct dns_name *at, unsigned type,
			struct dns_write *d, bool *exists, bool *more)
{
	struct dns_name from = *at;
	unsigned n = 0;
	struct line l;

	*exists = *more = false;
	while (next(&zone, &l)) {
		*exists = *exists || dns_name_within(&l.name, &from);
		if (!dns_name_same(&l.name, &from) ||
		    (l.type != type && l.type != DNS_CNAME))
			continue;
		put(d, DNS_ANSWER, &l);
		n++;
		if (l.type == DNS_CNAME && type != DNS_CNAME) {
			struct slice t = l.rdata;

			*at = name(&t);
			*more = true;
		}
	}
	return n;
}

static bool find_soa(struct slice zone, const struct dns_name *of,
		     struct line *out)
{
	struct line l;
	bool got = false;

	while (next(&zone, &l))
		if (l.type == DNS_SOA && dns_name_within(of, &l.name) &&
		    (!got || l.name.n > out->name.n)) {
			*out = l;
			got = true;
		}
	return got;
}

size_t zone_answer(struct slice zone, struct slice query, size_t udp,
		   char *room, size_t cap)
{
	struct dns_walk w = { 0 };
	struct dns_question q;
	struct dns_write d;
	struct dns_msg m;
	struct line soa;
	unsigned flags = DNS_QR | DNS_AA, n = 0;
	bool exists = true, more = true;
	int len;

	if (dns_msg_parse(query, &m, NULL) || (m.flags & DNS_QR) ||
	    !dns_question_next(&m, &w, &q))
		return 0;
	flags |= m.flags & DNS_RD;
	dns_write_begin(&d, room, cap, m.id, flags);
	dns_write_question(&d, &q.name, q.type, q.class);
	if (find_soa(zone, &q.name, &soa)) {
		for (int i = 0; more && i < 16; i++)
			n = records(zone, &q.name, q.type, &d, &exists, &more);
		if (!n && find_soa(zone, &q.name, &soa)) {
			put(&d, DNS_AUTHORITY, &soa);
			flags |= exists ? 0 : DNS_NXDOMAIN;
		}
	} else {
		flags = DNS_QR | DNS_REFUSED;
	}
	if (m.udp_size)
		dns_write_opt(&d, 1232);
	len = dns_write_end(&d);
	if (len < 0 || (udp && (size_t)len > udp)) {
		flags |= DNS_TC;
		w = (struct dns_walk){ 0 };
		(void)dns_question_next(&m, &w, &q);
		dns_write_begin(&d, room, cap, m.id, flags);
		dns_write_question(&d, &q.name, q.type, q.class);
		len = dns_write_end(&d);
	}
	room[2] = (char)(flags >> 8);
	room[3] = (char)flags;
	return len < 0 ? 0 : (size_t)len;
}
