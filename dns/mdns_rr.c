/* SPDX-License-Identifier: BSD-2-Clause */
#include "dns/mdns_rr.h"

int mdns_rr_data(const struct dns_msg *m, const struct dns_rr *r, void *buf,
		 size_t cap)
{
	struct writer w = writer_begin(buf, cap);
	struct dns_name name;
	struct dns_srv srv;

	if (dns_rr_name(m, r, &name)) {
		writer_put(&w, slice_of(name.wire, name.n));
	} else if (dns_rr_srv(m, r, &srv)) {
		writer_be16(&w, srv.priority);
		writer_be16(&w, srv.weight);
		writer_be16(&w, srv.port);
		writer_put(&w, slice_of(srv.target.wire, srv.target.n));
	} else {
		writer_put(&w, r->data);
	}
	return writer_end(&w);
}

/* Where a name begins in it; its length: nowhere. */
static size_t name_at(unsigned type, size_t n)
{
	switch (type) {
	case DNS_PTR:
	case DNS_CNAME:
		return 0;
	case DNS_SRV:
		return n < 6 ? n : 6;
	default:
		return n;
	}
}

bool mdns_rr_same(unsigned type, struct slice a, struct slice b)
{
	size_t at = name_at(type, a.n);

	return a.n == b.n && slice_same(slice_head(a, at), slice_head(b, at)) &&
	       slice_isame(slice_skip(a, at), slice_skip(b, at));
}

int mdns_rr_compare(struct slice a, struct slice b)
{
	size_t n = a.n < b.n ? a.n : b.n;
	int c = n ? memcmp(a.p, b.p, n) : 0;

	return c ? c : (a.n > b.n) - (a.n < b.n);
}
