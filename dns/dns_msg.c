/* SPDX-License-Identifier: BSD-2-Clause */
#include "dns/dns_msg.h"

#include "platform/scan.h"

struct read { /* a cursor that stays inside the rdata, names' pointers aside */
	struct slice all;
	size_t at, end;
	struct parse_error *e;
};

static int dns_msg_fail(struct read *r, size_t at, const char *why)
{
	if (r->e)
		*r->e = (struct parse_error){ at, why };
	return -EBADMSG;
}

static const uint8_t *dns_msg_octets(const struct read *r)
{
	return (const uint8_t *)r->all.p + r->at;
}

static int u16(struct read *r, uint16_t *out, const char *wanted)
{
	if (r->end - r->at < 2)
		return dns_msg_fail(r, r->end, wanted);
	*out = read_be16(dns_msg_octets(r));
	r->at += 2;
	return 0;
}

static int u32(struct read *r, uint32_t *out, const char *wanted)
{
	if (r->end - r->at < 4)
		return dns_msg_fail(r, r->end, wanted);
	*out = read_be32(dns_msg_octets(r));
	r->at += 4;
	return 0;
}

static int name(struct read *r, struct dns_name *out)
{
	return dns_name_read(slice_head(r->all, r->end), &r->at, out, r->e);
}

/* character-string, RFC 1035 3.3 */
static int string(struct read *r, struct slice *out)
{
	size_t n;

	if (r->at >= r->end)
		return dns_msg_fail(r, r->end, "character-string wanted");
	n = *dns_msg_octets(r);
	if (r->end - r->at - 1 < n)
		return dns_msg_fail(r, r->at, "character-string is cut off");
	*out = slice_of(dns_msg_octets(r) + 1, n);
	r->at += 1 + n;
	return 0;
}

/* ------------------------------------------------------------ typed rdata */
static int read_addr(struct read *r, size_t n, struct addr *out)
{
	struct addr a = { .family = n == 4 ? 4 : 6 };

	if (r->end - r->at != n)
		return dns_msg_fail(r, r->at,
				    n == 4 ? "4 octets of an address wanted"
					   : "16 octets of an address wanted");
	memcpy(a.ip, dns_msg_octets(r), n);
	r->at += n;
	*out = a;
	return 0;
}

static int read_srv(struct read *r, struct dns_srv *out)
{
	int rc = u16(r, &out->priority, "priority wanted");

	if (rc == 0)
		rc = u16(r, &out->weight, "weight wanted");
	if (rc == 0)
		rc = u16(r, &out->port, "port wanted");
	return rc ? rc : name(r, &out->target);
}

static int read_naptr(struct read *r, struct dns_naptr *out)
{
	int rc = u16(r, &out->order, "order wanted");

	if (rc == 0)
		rc = u16(r, &out->preference, "preference wanted");
	if (rc == 0)
		rc = string(r, &out->flags);
	if (rc == 0)
		rc = string(r, &out->service);
	if (rc == 0)
		rc = string(r, &out->regexp);
	return rc ? rc : name(r, &out->replacement);
}

static int read_soa(struct read *r, struct dns_soa *out)
{
	uint32_t *const number[] = { &out->serial, &out->refresh, &out->retry,
				     &out->expire, &out->minimum };
	int rc = name(r, &out->mname);

	if (rc == 0)
		rc = name(r, &out->rname);
	for (size_t i = 0; rc == 0 && i < COUNT(number); i++)
		rc = u32(r, number[i], "number of a SOA wanted");
	return rc;
}

/* ---------------------------------------------- checks, one a type and all */
static int check_a(struct read *r)
{
	struct addr a;

	return read_addr(r, 4, &a);
}

static int check_aaaa(struct read *r)
{
	struct addr a;

	return read_addr(r, 16, &a);
}

static int check_name(struct read *r)
{
	struct dns_name n;

	return name(r, &n);
}

static int check_srv(struct read *r)
{
	struct dns_srv s;

	return read_srv(r, &s);
}

static int check_naptr(struct read *r)
{
	struct dns_naptr n;

	return read_naptr(r, &n);
}

static int check_soa(struct read *r)
{
	struct dns_soa s;

	return read_soa(r, &s);
}

/* 3.3.14 wants one or more; none is taken as an empty one: RFC 6763 6.1. */
static int check_txt(struct read *r)
{
	struct slice s;
	int rc = 0;

	while (rc == 0 && r->at < r->end)
		rc = string(r, &s);
	return rc;
}

static int check_opt(struct read *r) /* RFC 6891 6.1.2 */
{
	uint16_t code, n = 0;
	int rc = 0;

	while (rc == 0 && r->at < r->end) {
		rc = u16(r, &code, "option code wanted");
		if (rc == 0)
			rc = u16(r, &n, "option length wanted");
		if (rc == 0 && r->end - r->at < n)
			rc = dns_msg_fail(r, r->at, "option is cut off");
		if (rc == 0)
			r->at += n;
	}
	return rc;
}

static const struct kind {
	uint16_t type;
	bool in; /* its rdata is class IN's alone */
	const char *name;
	int (*check)(struct read *r);
} kinds[] = {
	{ DNS_A, true, "A", check_a },
	{ DNS_NS, false, "NS", check_name },
	{ DNS_CNAME, false, "CNAME", check_name },
	{ DNS_SOA, false, "SOA", check_soa },
	{ DNS_PTR, false, "PTR", check_name },
	{ DNS_TXT, false, "TXT", check_txt },
	{ DNS_AAAA, true, "AAAA", check_aaaa },
	{ DNS_SRV, true, "SRV", check_srv },
	{ DNS_NAPTR, true, "NAPTR", check_naptr },
	{ DNS_DNAME, false, "DNAME", check_name },
	{ DNS_OPT, false, "OPT", check_opt },
	/* names only: their rdata is octets here */
	{ 13, false, "HINFO", NULL }, { 15, false, "MX", NULL },
	{ 43, false, "DS", NULL }, { 46, false, "RRSIG", NULL },
	{ 47, false, "NSEC", NULL }, { 48, false, "DNSKEY", NULL },
	{ 50, false, "NSEC3", NULL }, { 64, false, "SVCB", NULL },
	{ 65, false, "HTTPS", NULL }, { 250, false, "TSIG", NULL },
	{ 251, false, "IXFR", NULL }, { 252, false, "AXFR", NULL },
	{ DNS_ANY, false, "ANY", NULL },
};

static const struct kind *kind_of(unsigned type)
{
	for (size_t i = 0; i < COUNT(kinds); i++)
		if (kinds[i].type == type)
			return &kinds[i];
	return NULL;
}

const char *dns_type_name(unsigned type)
{
	const struct kind *k = kind_of(type);

	return k ? k->name : NULL;
}

unsigned dns_type_of(struct slice text)
{
	uint32_t n = 0;

	for (size_t i = 0; i < COUNT(kinds); i++)
		if (slice_ieq(text, kinds[i].name))
			return kinds[i].type;
	if (slice_istarts(text, "TYPE") &&
	    slice_u32(slice_skip(text, 4), 65535, &n))
		n = 0;
	return n;
}

const char *dns_rcode_name(unsigned rcode)
{
	static const char *const names[] = { "NOERROR", "FORMERR", "SERVFAIL",
		"NXDOMAIN", "NOTIMP", "REFUSED", "YXDOMAIN", "YXRRSET",
		"NXRRSET", "NOTAUTH", "NOTZONE" };

	return rcode < COUNT(names) ? names[rcode] :
	       rcode == DNS_BADVERS ? "BADVERS" : NULL;
}

static bool of_in(unsigned class)
{
	return (class & ~(unsigned)DNS_MDNS_BIT) == DNS_IN;
}

/* ---------------------------------------------------------------- message */
static int question(struct read *r, struct dns_question *out)
{
	int rc = name(r, &out->name);

	if (rc == 0)
		rc = u16(r, &out->type, "type of a question wanted");
	return rc ? rc : u16(r, &out->class, "class of a question wanted");
}

static int record(struct read *r, struct dns_rr *out)
{
	uint16_t n = 0;
	int rc = name(r, &out->name);

	if (rc == 0)
		rc = u16(r, &out->type, "type of a record wanted");
	if (rc == 0)
		rc = u16(r, &out->class, "class of a record wanted");
	if (rc == 0)
		rc = u32(r, &out->ttl, "TTL wanted");
	if (rc == 0)
		rc = u16(r, &n, "length of rdata wanted");
	if (rc)
		return rc;
	if (r->end - r->at < n)
		return dns_msg_fail(r, r->at, "rdata is cut off");
	if (out->type != DNS_OPT && out->ttl > INT32_MAX)
		out->ttl = 0;
	out->data = slice_of(dns_msg_octets(r), n);
	r->at += n;
	return 0;
}

/* Dynamic updates have records without rdata (RFC 2136 2.4, 2.5), of class NONE
 * and ANY, and of class IN to delete. */
static int check_data(struct read *r, const struct dns_msg *m,
		      const struct dns_rr *rr)
{
	const struct kind *k = kind_of(rr->type);
	struct read d = *r;
	int rc;

	if (!k || !k->check || (k->in && !of_in(rr->class)))
		return 0;
	if (!rr->data.n && (m->flags & DNS_OPCODE) && rr->type != DNS_OPT)
		return 0;
	d.end = r->at;
	d.at = d.end - rr->data.n;
	rc = k->check(&d);
	if (rc == 0 && d.at < d.end)
		rc = dns_msg_fail(r, d.at, "end of rdata wanted");
	return rc;
}

/* RFC 6891 6.1.1: at most one, in the additional section, of the root. */
static int take_opt(struct read *r, struct dns_msg *m, unsigned section,
		    const struct dns_rr *rr, size_t at)
{
	if (section != DNS_ADDITIONAL)
		return dns_msg_fail(r, at, "OPT is for the additional section");
	if (rr->name.n != 1)
		return dns_msg_fail(r, at, "OPT of the root wanted");
	if (m->udp_size)
		return dns_msg_fail(r, at, "one OPT wanted");
	/* 6.2.3: less than 512 is 512 */
	m->udp_size = rr->class < 512 ? 512 : rr->class;
	m->rcode |= rr->ttl >> 24 << 4;
	m->edns_version = (uint8_t)(rr->ttl >> 16);
	m->dnssec_ok = (rr->ttl & 0x8000) != 0;
	return 0;
}

static int section(struct read *r, struct dns_msg *m, unsigned s)
{
	struct dns_question q;
	struct dns_rr rr;
	int rc = 0;

	m->begin[s] = r->at;
	for (unsigned i = 0; rc == 0 && i < m->count[s]; i++) {
		size_t at = r->at;

		rc = s == DNS_QUESTION ? question(r, &q) : record(r, &rr);
		if (rc || s == DNS_QUESTION)
			continue;
		rc = check_data(r, m, &rr);
		if (rc == 0 && rr.type == DNS_OPT)
			rc = take_opt(r, m, s, &rr, at);
	}
	return rc;
}

int dns_msg_parse(struct slice in, struct dns_msg *out, struct parse_error *e)
{
	struct read r = { in, DNS_HEADER, in.n, e };
	const uint8_t *b = (const uint8_t *)in.p;
	struct dns_msg m = { .all = in };
	int rc = 0;

	if (in.n < DNS_HEADER)
		return dns_msg_fail(&r, in.n, "12 octets of a header wanted");
	if (in.n > DNS_MESSAGE_MAX)
		return dns_msg_fail(&r, DNS_MESSAGE_MAX,
				    "end of the message wanted");
	m.id = read_be16(b);
	m.flags = read_be16(b + 2);
	m.rcode = m.flags & DNS_RCODE;
	for (unsigned s = 0; s < COUNT(m.count); s++)
		m.count[s] = read_be16(b + 4 + 2 * s);
	for (unsigned s = 0; rc == 0 && s < COUNT(m.count); s++)
		rc = section(&r, &m, s);
	if (rc == 0 && r.at < in.n)
		rc = dns_msg_fail(&r, r.at, "end of the message wanted");
	if (rc == 0)
		*out = m;
	return rc;
}

bool dns_question_next(const struct dns_msg *m, struct dns_walk *w,
		       struct dns_question *out)
{
	struct read r = { m->all, w->n ? w->at : m->begin[DNS_QUESTION],
			  m->all.n, NULL };

	if (w->n >= m->count[DNS_QUESTION] || question(&r, out))
		return false;
	w->at = r.at;
	w->n++;
	return true;
}

bool dns_rr_next(const struct dns_msg *m, enum dns_section s,
		 struct dns_walk *w, struct dns_rr *out)
{
	struct read r = { m->all, w->n ? w->at : m->begin[s], m->all.n, NULL };

	if (s == DNS_QUESTION || w->n >= m->count[s] || record(&r, out))
		return false;
	w->at = r.at;
	w->n++;
	return true;
}

/* ---------------------------------------------------------- typed readers */
static struct read inside(const struct dns_msg *m, const struct dns_rr *r)
{
	size_t at = (size_t)(r->data.p - m->all.p);

	return (struct read){ m->all, at, at + r->data.n, NULL };
}

bool dns_rr_addr(const struct dns_msg *m, const struct dns_rr *r,
		 struct addr *out)
{
	struct read d = inside(m, r);

	if ((r->type != DNS_A && r->type != DNS_AAAA) || !of_in(r->class))
		return false;
	return read_addr(&d, r->type == DNS_A ? 4 : 16, out) == 0;
}

bool dns_rr_name(const struct dns_msg *m, const struct dns_rr *r,
		 struct dns_name *out)
{
	struct read d = inside(m, r);

	if (r->type != DNS_CNAME && r->type != DNS_DNAME &&
	    r->type != DNS_PTR && r->type != DNS_NS)
		return false;
	return name(&d, out) == 0;
}

bool dns_rr_srv(const struct dns_msg *m, const struct dns_rr *r,
		struct dns_srv *out)
{
	struct read d = inside(m, r);

	return r->type == DNS_SRV && of_in(r->class) && read_srv(&d, out) == 0;
}

bool dns_rr_naptr(const struct dns_msg *m, const struct dns_rr *r,
		  struct dns_naptr *out)
{
	struct read d = inside(m, r);

	return r->type == DNS_NAPTR && of_in(r->class) &&
	       read_naptr(&d, out) == 0;
}

bool dns_rr_soa(const struct dns_msg *m, const struct dns_rr *r,
		struct dns_soa *out)
{
	struct read d = inside(m, r);

	return r->type == DNS_SOA && read_soa(&d, out) == 0;
}

bool dns_rr_txt(const struct dns_rr *r, size_t *at, struct slice *out)
{
	struct read d = { r->data, *at, r->data.n, NULL };

	if (r->type != DNS_TXT || *at >= r->data.n || string(&d, out))
		return false;
	*at = d.at;
	return true;
}

bool dns_rr_option(const struct dns_rr *r, size_t *at, uint16_t *code,
		   struct slice *out)
{
	struct read d = { r->data, *at, r->data.n, NULL };
	uint16_t n;

	if (r->type != DNS_OPT || *at >= r->data.n || u16(&d, code, NULL) ||
	    u16(&d, &n, NULL) || d.end - d.at < n)
		return false;
	*out = slice_of(dns_msg_octets(&d), n);
	*at = d.at + n;
	return true;
}
