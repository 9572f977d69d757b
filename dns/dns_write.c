/* SPDX-License-Identifier: BSD-2-Clause */
#include "dns/dns_write.h"

void dns_write_begin(struct dns_write *d, void *buf, size_t cap, uint16_t id,
		     unsigned flags)
{
	*d = (struct dns_write){
		.w = writer_begin(buf, cap < DNS_MESSAGE_MAX ? cap :
				  DNS_MESSAGE_MAX),
	};
	writer_be16(&d->w, id);
	writer_be16(&d->w, (uint16_t)flags);
	writer_be32(&d->w, 0); /* the counts: dns_write_end */
	writer_be32(&d->w, 0);
}

static void patch16(struct dns_write *d, size_t at, size_t v)
{
	if (d->w.full)
		return;
	d->w.buf[at] = (char)(v >> 8);
	d->w.buf[at + 1] = (char)v;
}

int dns_write_end(struct dns_write *d)
{
	for (size_t s = 0; s < COUNT(d->count); s++)
		patch16(d, 4 + 2 * s, d->count[s]);
	return writer_end(&d->w);
}

/* Does the name from label i on stand at that place already?  It was written
 * by us, and what is written is a name. */
static bool stands(const struct dns_write *d, size_t at,
		   const struct dns_name *n, size_t i)
{
	struct dns_name there;

	if (dns_name_read(writer_done(&d->w), &at, &there, NULL))
		return false;
	return there.n == n->n - i &&
	       memcmp(there.wire, n->wire + i, there.n) == 0;
}

static void put_name(struct dns_write *d, const struct dns_name *n, bool point)
{
	size_t i = 0;

	for (; i + 1 < n->n; i += n->wire[i] + 1u) {
		for (unsigned k = 0; point && k < d->names; k++)
			if (d->len[k] == n->n - i &&
			    stands(d, d->at[k], n, i)) {
				writer_be16(&d->w,
					    (uint16_t)(0xC000u | d->at[k]));
				return;
			}
		if (d->names < DNS_WRITE_NAMES && d->w.n < 0x4000) {
			d->len[d->names] = (uint8_t)(n->n - i);
			d->at[d->names++] = (uint16_t)d->w.n;
		}
		writer_put(&d->w, slice_of(n->wire + i, n->wire[i] + 1u));
	}
	writer_be8(&d->w, 0);
}

void dns_write_question(struct dns_write *d, const struct dns_name *name,
			unsigned type, unsigned class)
{
	put_name(d, name, true);
	writer_be16(&d->w, (uint16_t)type);
	writer_be16(&d->w, (uint16_t)class);
	d->count[DNS_QUESTION]++;
}

void dns_write_rr(struct dns_write *d, enum dns_section s,
		  const struct dns_name *name, unsigned type, unsigned class,
		  uint32_t ttl)
{
	put_name(d, name, true);
	writer_be16(&d->w, (uint16_t)type);
	writer_be16(&d->w, (uint16_t)class);
	writer_be32(&d->w, ttl);
	d->data = d->w.n;
	writer_be16(&d->w, 0);
	d->count[s]++;
}

void dns_write_rr_end(struct dns_write *d)
{
	patch16(d, d->data, d->w.n - d->data - 2);
}

/* ------------------------------------------------------------------ rdata */
void dns_write_addr(struct dns_write *d, const struct addr *a)
{
	writer_put(&d->w, slice_of(a->ip, a->family == 4 ? 4 : 16));
}

void dns_write_name(struct dns_write *d, const struct dns_name *n,
		    bool compressed)
{
	put_name(d, n, compressed);
}

void dns_write_srv(struct dns_write *d, const struct dns_srv *s)
{
	writer_be16(&d->w, s->priority);
	writer_be16(&d->w, s->weight);
	writer_be16(&d->w, s->port);
	put_name(d, &s->target, false); /* RFC 2782: never compressed */
}

void dns_write_txt(struct dns_write *d, struct slice s)
{
	s = slice_head(s, 255);
	writer_be8(&d->w, (uint8_t)s.n);
	writer_put(&d->w, s);
}

void dns_write_naptr(struct dns_write *d, const struct dns_naptr *n)
{
	writer_be16(&d->w, n->order);
	writer_be16(&d->w, n->preference);
	dns_write_txt(d, n->flags);
	dns_write_txt(d, n->service);
	dns_write_txt(d, n->regexp);
	put_name(d, &n->replacement, false); /* RFC 3403 4.1: never */
}

void dns_write_soa(struct dns_write *d, const struct dns_soa *s)
{
	put_name(d, &s->mname, true);
	put_name(d, &s->rname, true);
	writer_be32(&d->w, s->serial);
	writer_be32(&d->w, s->refresh);
	writer_be32(&d->w, s->retry);
	writer_be32(&d->w, s->expire);
	writer_be32(&d->w, s->minimum);
}

void dns_write_copy(struct dns_write *d, enum dns_section s,
		    const struct dns_msg *m, const struct dns_rr *r,
		    uint32_t ttl)
{
	union {
		struct dns_name name;
		struct dns_srv srv;
		struct dns_naptr naptr;
		struct dns_soa soa;
	} v;

	dns_write_rr(d, s, &r->name, r->type, r->class, ttl);
	if (dns_rr_name(m, r, &v.name))
		dns_write_name(d, &v.name, r->type != DNS_DNAME);
	else if (dns_rr_srv(m, r, &v.srv))
		dns_write_srv(d, &v.srv);
	else if (dns_rr_naptr(m, r, &v.naptr))
		dns_write_naptr(d, &v.naptr);
	else if (dns_rr_soa(m, r, &v.soa))
		dns_write_soa(d, &v.soa);
	else
		writer_put(&d->w, r->data);
	dns_write_rr_end(d);
}

void dns_write_opt(struct dns_write *d, unsigned udp_size)
{
	static const struct dns_name root = { 1, { 0 } };

	dns_write_rr(d, DNS_ADDITIONAL, &root, DNS_OPT, udp_size, 0);
	dns_write_rr_end(d);
}
