/* SPDX-License-Identifier: BSD-2-Clause
 * A DNS message: what is taken is written anew and means the same then; every
 * name survives its text. */
#include "dns/dns_write.h"
#include "fuzz/fuzz.h"

static void of_name(const struct dns_name *n)
{
	char text[DNS_NAME_TEXT];
	struct dns_name again;

	INVARIANT(n->n >= 1 && n->wire[n->n - 1] == 0);
	INVARIANT(dns_name_parse(slice_str(dns_name_text(n, text)), &again,
				 NULL) == 0);
	INVARIANT(dns_name_same_case(n, &again));
	INVARIANT(dns_name_within(n, &again));
	INVARIANT(dns_name_dots(n) < DNS_NAME_MAX / 2);
}

/* Typed readers: each either reads this type or not. */
static void of_data(const struct dns_msg *m, const struct dns_rr *r)
{
	struct dns_name n;
	struct dns_naptr naptr;
	struct dns_srv srv;
	struct dns_soa soa;
	struct addr a;
	struct slice s;
	uint16_t code;
	size_t at = 0;

	INVARIANT(slice_inside(r->data, m->all));
	if (dns_rr_addr(m, r, &a))
		INVARIANT(a.family == (r->type == DNS_A ? 4 : 6));
	if (dns_rr_name(m, r, &n))
		of_name(&n);
	if (dns_rr_srv(m, r, &srv))
		of_name(&srv.target);
	if (dns_rr_soa(m, r, &soa))
		of_name(&soa.rname);
	if (dns_rr_naptr(m, r, &naptr))
		INVARIANT(slice_inside(naptr.flags, r->data) &&
			  slice_inside(naptr.service, r->data) &&
			  slice_inside(naptr.regexp, r->data));
	while (dns_rr_txt(r, &at, &s))
		INVARIANT(slice_inside(s, r->data) && at <= r->data.n);
	while (dns_rr_option(r, &at, &code, &s))
		INVARIANT(slice_inside(s, r->data) && at <= r->data.n);
}

static void copied(const struct dns_msg *m, struct dns_write *d)
{
	struct dns_walk w = { 0 };
	struct dns_question q;
	struct dns_rr r;

	while (dns_question_next(m, &w, &q)) {
		of_name(&q.name);
		dns_write_question(d, &q.name, q.type, q.class);
	}
	INVARIANT(w.n == m->count[DNS_QUESTION]);
	for (unsigned s = DNS_ANSWER; s <= DNS_ADDITIONAL; s++) {
		w = (struct dns_walk){ 0 };
		while (dns_rr_next(m, (enum dns_section)s, &w, &r)) {
			of_name(&r.name);
			of_data(m, &r);
			dns_write_copy(d, (enum dns_section)s, m, &r, r.ttl);
		}
		INVARIANT(w.n == m->count[s]);
	}
}

/* What is written of it is read as the same, record by record. */
static void same(const struct dns_msg *a, const struct dns_msg *b)
{
	struct dns_rr x, y;

	INVARIANT(a->id == b->id && a->flags == b->flags);
	INVARIANT(a->rcode == b->rcode && a->udp_size == b->udp_size);
	for (unsigned s = DNS_ANSWER; s <= DNS_ADDITIONAL; s++) {
		struct dns_walk v = { 0 }, w = { 0 };

		while (dns_rr_next(a, (enum dns_section)s, &v, &x)) {
			INVARIANT(dns_rr_next(b, (enum dns_section)s, &w, &y));
			INVARIANT(dns_name_same_case(&x.name, &y.name));
			INVARIANT(x.type == y.type && x.class == y.class &&
				  x.ttl == y.ttl);
		}
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char room[DNS_MESSAGE_MAX];
	struct slice in = slice_of(data, size);
	struct parse_error e = { 0 };
	struct dns_msg m, again;
	struct dns_write d;
	int n;

	if (dns_msg_parse(in, &m, &e)) {
		INVARIANT(e.reason && e.offset <= size);
		return 0;
	}
	dns_write_begin(&d, room, sizeof(room), m.id, m.flags);
	copied(&m, &d);
	n = dns_write_end(&d);
	if (n < 0)
		return 0; /* names that are no longer compressed */
	INVARIANT(dns_msg_parse(slice_of(room, (size_t)n), &again, NULL) == 0);
	same(&m, &again);
	return 0;
}
