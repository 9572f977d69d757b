/* SPDX-License-Identifier: BSD-2-Clause */
#include "dns/dns_reply.h"

#include "dns/dns_write.h"

static uint32_t lesser(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

static bool is(const struct dns_rr *rr, const struct dns_name *name,
	       unsigned type)
{
	return rr->type == type && rr->class == DNS_IN &&
	       dns_name_same(&rr->name, name);
}

static bool has_records(const struct dns_msg *m, unsigned type,
			struct dns_reply *r)
{
	struct dns_walk w = { 0 };
	struct dns_rr rr;
	bool any = false;

	while (dns_rr_next(m, DNS_ANSWER, &w, &rr))
		if (is(&rr, &r->end, type)) {
			r->ttl = lesser(r->ttl, rr.ttl);
			any = true;
		}
	return any;
}

/* One link from r->end; false: there is none.  1034 3.6.2, RFC 6672 3.2. */
static bool follow(const struct dns_msg *m, struct dns_reply *r)
{
	struct dns_walk w = { 0 };
	struct dns_name to;
	struct dns_rr rr;

	while (dns_rr_next(m, DNS_ANSWER, &w, &rr)) {
		bool alias = is(&rr, &r->end, DNS_CNAME);

		if (!alias && (rr.type != DNS_DNAME || rr.class != DNS_IN ||
			       rr.name.n >= r->end.n ||
			       !dns_name_within(&r->end, &rr.name)))
			continue;
		if (!dns_rr_name(m, &rr, &to) ||
		    (!alias && dns_name_rebase(&r->end, &rr.name, &to, &to)))
			continue;
		r->end = to;
		r->links++;
		r->ttl = lesser(r->ttl, rr.ttl);
		return true;
	}
	return false;
}

/* RFC 2308 5: for as long as the SOA says; without one it is not kept. */
static bool of_zone(const struct dns_msg *m, struct dns_reply *r)
{
	struct dns_walk w = { 0 };
	struct dns_soa soa;
	struct dns_rr rr;

	while (dns_rr_next(m, DNS_AUTHORITY, &w, &rr)) {
		if (!dns_name_within(&r->end, &rr.name) || rr.class != DNS_IN ||
		    !dns_rr_soa(m, &rr, &soa))
			continue;
		r->ttl = lesser(lesser(r->ttl, DNS_TTL_NONE),
				lesser(rr.ttl, soa.minimum));
		return true;
	}
	r->ttl = 0;
	return false;
}

void dns_reply_judge(const struct dns_msg *m, const struct dns_name *name,
		     unsigned type, unsigned links, uint32_t ttl,
		     struct dns_reply *out)
{
	struct dns_reply r = { .end = *name, .links = links, .ttl = ttl };
	bool moved = false, records, zone;

	*out = r;
	out->kind = DNS_REPLY_USELESS;
	if (m->rcode != DNS_NOERROR && m->rcode != DNS_NXDOMAIN)
		return;
	while (!(records = has_records(m, type, &r)) &&
	       type != DNS_CNAME && follow(m, &r)) {
		moved = true;
		if (r.links > LIMIT_DNS_CHAIN) {
			*out = r;
			out->kind = DNS_REPLY_CHAIN;
			return;
		}
	}
	ttl = r.ttl;
	zone = !records && of_zone(m, &r);
	if (records)
		r.kind = DNS_REPLY_RECORDS;
	else if (m->rcode == DNS_NXDOMAIN) /* of the end: RFC 2308 2.1 */
		r.kind = DNS_REPLY_NO_NAME;
	else if (zone)
		r.kind = DNS_REPLY_NODATA;
	else if (moved)
		r.kind = DNS_REPLY_ELSEWHERE;
	else if (m->count[DNS_AUTHORITY] && !(m->flags & (DNS_AA | DNS_RA)))
		r.kind = DNS_REPLY_USELESS; /* a referral: it is lame here */
	else
		r.kind = DNS_REPLY_NODATA;
	if (r.kind == DNS_REPLY_ELSEWHERE)
		r.ttl = ttl;
	*out = r;
}

int dns_reply_extract(const struct dns_msg *m, const struct dns_reply *r,
		      unsigned type, void *buf, size_t cap)
{
	struct dns_walk w = { 0 };
	struct dns_write d;
	struct dns_rr rr;

	dns_write_begin(&d, buf, cap, m->id, DNS_QR);
	while (d.count[DNS_ANSWER] < LIMIT_DNS_RECORDS &&
	       dns_rr_next(m, DNS_ANSWER, &w, &rr))
		if (is(&rr, &r->end, type))
			dns_write_copy(&d, DNS_ANSWER, m, &rr, rr.ttl);
	return dns_write_end(&d);
}
