/* SPDX-License-Identifier: BSD-2-Clause
 * dns/mdns_browse.c - what we ask of the link, and what is found there: RFC
 * 6762 5.2, 7.1 to 7.3, RFC 6763 4.
 *
 * Of an instance SRV, TXT and an address of its host must be there before it
 * is told of; what did not come with its PTR is asked for. */
#include "dns/mdns_priv.h"

static const mono FIRST_LEAST = MS(20), FIRST_MOST = MS(120); /* 5.2 */
static const mono LONGEST = SEC(3600);  /* between two questions: 5.2 */
static const mono LACKING_MOST = SEC(60);

/* ---------------------------------------------------------------- questions */
void browse_ask(struct mdns *d, const uint8_t *name, size_t n, unsigned type,
		uint32_t ifindex)
{
	struct want *w;

	for (struct list *l = d->wants.next; l != &d->wants; l = l->next) {
		w = CONTAINER(l, struct want, link);
		if (w->type == type && (!w->ifindex || w->ifindex == ifindex) &&
		    slice_isame(slice_of(w->name.wire, w->name.n),
				slice_of(name, n)))
			return;
	}
	w = d->n_wants < MDNS_WANTS ? mem_new(d->mem, sizeof(*w)) : NULL;
	if (!w)
		return; /* its time comes again */
	w->type = (uint16_t)type;
	w->ifindex = ifindex;
	w->name.n = (uint8_t)n;
	memcpy(w->name.wire, name, n);
	list_append(&d->wants, &w->link);
	d->n_wants++;
}

static struct want *want_of(struct list *n)
{
	return CONTAINER(n, struct want, link);
}

static void write_entry(struct dns_write *w, const struct entry *e, mono now)
{
	struct dns_name name = { .n = e->name_n }, to = { 0 };
	struct slice data = entry_data(e);

	memcpy(name.wire, e->bytes, e->name_n);
	dns_write_rr(w, DNS_ANSWER, &name, e->type, DNS_IN,
		     (uint32_t)((e->dies - now) / SEC(1)));
	to.n = (uint8_t)data.n;
	memcpy(to.wire, data.p, to.n);
	dns_write_name(w, &to, true);
	dns_write_rr_end(w);
}

static void flush_query(struct mdns *d, struct link *l, struct dns_write *w,
			bool more, mono now)
{
	int n = dns_write_end(w);

	if (n <= 0)
		return;
	if (more) /* 7.2: known answers follow */
		d->buf[2] |= DNS_TC >> 8;
	mdns_send(d, l, NULL, slice_of(d->buf, (size_t)n), now);
	dns_write_begin(w, d->buf, sizeof(d->buf), 0, 0);
}

/* 7.1: of shared records those that have half of their life before them. */
static void write_known(struct mdns *d, struct link *l, const struct want *q,
			struct dns_write *w, mono now)
{
	struct entry *e = cache_first(d, q->name.wire, q->name.n, q->type,
				      l->ifindex);

	for (; e && q->type == DNS_PTR; e = cache_more(e)) {
		struct dns_write before = *w;

		if (e->dies - now < SEC(1) * (mono)e->ttl / 2)
			continue;
		write_entry(w, e, now);
		if (!w->w.full)
			continue;
		*w = before;
		flush_query(d, l, w, true, now);
		write_entry(w, e, now);
	}
}

static void ask_link(struct mdns *d, struct link *l, mono now)
{
	struct list *n = d->wants.next, *from = n;
	struct dns_write w;

	while (n != &d->wants) {
		unsigned some = 0;

		dns_write_begin(&w, d->buf, sizeof(d->buf), 0, 0);
		/* As many as leave room for an answer that is known. */
		for (from = n; n != &d->wants && w.w.n < MDNS_PACKET / 2;
		     n = n->next) {
			const struct want *q = want_of(n);

			if (q->ifindex && q->ifindex != l->ifindex)
				continue;
			dns_write_question(&w, &q->name, q->type, DNS_IN);
			some++;
		}
		for (; from != n; from = from->next)
			if (!want_of(from)->ifindex ||
			    want_of(from)->ifindex == l->ifindex)
				write_known(d, l, want_of(from), &w, now);
		if (some)
			flush_query(d, l, &w, false, now);
	}
}

void browse_flush(struct mdns *d, mono now)
{
	struct list *n;

	if (list_empty(&d->wants))
		return;
	for (size_t i = 0; i < MDNS_INTERFACES; i++)
		if (d->link[i])
			ask_link(d, d->link[i], now);
	while ((n = list_take(&d->wants)))
		mem_free(d->mem, want_of(n));
	d->n_wants = 0;
}

/* ------------------------------------------------------------ what is asked */
static struct query *query_of(struct list *n)
{
	return CONTAINER(n, struct query, link);
}

static void query_sent(struct mdns *d, struct query *q, mono now)
{
	q->last = now;
	mdns_timer_at(d, &q->t, mono_add(now, q->interval));
	q->interval = mono_min(2 * q->interval, LONGEST);
}

void query_on_time(struct mdns *d, struct query *q, mono now)
{
	if (q->browse) {
		browse_ask(d, q->name.wire, q->name.n, DNS_PTR, 0);
	} else {
		browse_ask(d, q->name.wire, q->name.n, DNS_A, 0);
		browse_ask(d, q->name.wire, q->name.n, DNS_AAAA, 0);
	}
	query_sent(d, q, now);
}

static void query_start(struct mdns *d, struct query *q, mono now)
{
	q->interval = SEC(1);
	mdns_timer_at(d, &q->t, mono_add(now, mdns_random(d, FIRST_LEAST,
							  FIRST_MOST)));
}

void browse_again(struct mdns *d, mono now)
{
	for (struct list *n = d->queries.next; n != &d->queries; n = n->next)
		query_start(d, query_of(n), now);
}

static struct query *query_new(struct mdns *d, bool browse, mono now,
			       uint32_t *handle)
{
	struct query *q = mem_new(d->mem, sizeof(*q));

	if (!q)
		return NULL;
	q->t.of = MDNS_OF_QUERY;
	q->browse = browse;
	q->id = *handle = ++d->last_id;
	list_append(&d->queries, &q->link);
	query_start(d, q, now);
	d->dirty = true; /* it may be known already */
	return q;
}

int mdns_browse(struct mdns *d, struct slice type, mono now, uint32_t *handle)
{
	struct dns_name name;
	struct query *q;
	int rc = dns_sd_name(S(""), type, &name);

	if (rc || type.n >= sizeof(q->type))
		return rc ? rc : -EBADMSG;
	q = query_new(d, true, now, handle);
	if (!q)
		return -ENOMEM;
	q->name = name;
	return slice_to_str(type, q->type, sizeof(q->type));
}

int mdns_lookup(struct mdns *d, const struct dns_name *host, mono now,
		uint32_t *handle)
{
	struct query *q = query_new(d, false, now, handle);

	if (!q)
		return -ENOMEM;
	q->name = *host;
	return 0;
}

static struct found *found_of(struct list *n)
{
	return CONTAINER(n, struct found, link);
}

static void found_free(struct mdns *d, struct found *f)
{
	wheel_cancel(&d->wheel, &f->t.w);
	list_remove(&f->link);
	d->finds--;
	mem_free(d->mem, f);
}

static void query_free(struct mdns *d, struct query *q)
{
	struct list *n = d->found.next;

	while (n != &d->found) {
		struct found *f = found_of(n);

		n = n->next;
		if (f->q == q)
			found_free(d, f);
	}
	wheel_cancel(&d->wheel, &q->t.w);
	list_remove(&q->link);
	mem_free(d->mem, q);
}

void mdns_end(struct mdns *d, uint32_t handle)
{
	for (struct list *n = d->queries.next; n != &d->queries; n = n->next)
		if (query_of(n)->id == handle) {
			query_free(d, query_of(n));
			return;
		}
}

void browse_fini(struct mdns *d)
{
	struct list *n;

	while (!list_empty(&d->queries))
		query_free(d, query_of(d->queries.next));
	while ((n = list_take(&d->wants)))
		mem_free(d->mem, want_of(n));
}

/* 7.3: the same question of another, all of whose known answers are known to
 * us, is as good as ours: what comes is multicast. */
static bool knows_no_more(struct mdns *d, const struct mdns_in *in,
			  const struct query *q)
{
	struct dns_walk w = { 0 };
	struct dns_rr r;

	while (dns_rr_next(in->m, DNS_ANSWER, &w, &r)) {
		struct entry *e;
		int n = -1;

		if (r.type != DNS_PTR || !dns_name_same(&r.name, &q->name))
			continue;
		e = cache_first(d, r.name.wire, r.name.n, r.type,
				in->l->ifindex);
		if (e)
			n = mdns_rr_data(in->m, &r, d->data[0], MDNS_DATA);
		for (; e; e = cache_more(e))
			if (n >= 0 && mdns_rr_same(r.type, entry_data(e),
					slice_of(d->data[0], (size_t)n)))
				break;
		if (!e)
			return false;
	}
	return true;
}

static bool one_link(const struct mdns *d)
{
	size_t n = 0;

	for (size_t i = 0; i < MDNS_INTERFACES; i++)
		n += d->link[i] != NULL;
	return n == 1;
}

void browse_on_query(struct mdns *d, const struct mdns_in *in)
{
	struct dns_walk w = { 0 };
	struct dns_question q;
	unsigned seen = 0;

	if (in->m->flags & DNS_TC || in->from.port != MDNS_PORT || !one_link(d))
		return; /* ours asks on all links */
	while (seen++ < MDNS_WANTS && dns_question_next(in->m, &w, &q))
		for (struct list *n = d->queries.next; n != &d->queries;
		     n = n->next) {
			struct query *mine = query_of(n);

			if (!mine->browse || q.type != DNS_PTR ||
			    q.class != DNS_IN ||
			    !dns_name_same(&q.name, &mine->name) ||
			    mine->t.w.at > mono_add(in->now, SEC(1)) ||
			    !knows_no_more(d, in, mine))
				continue;
			query_sent(d, mine, in->now);
		}
}

/* ------------------------------------------------------------ what is found */
static struct slice found_name(const struct found *f)
{
	return slice_of(f->name, f->name_n);
}

static const struct entry *part(const struct mdns *d, const struct found *f,
				unsigned type)
{
	return cache_first(d, f->name, f->name_n, type, f->ifindex);
}

/* The name of an instance's host, in its SRV (RFC 2782). */
static struct slice host_of(const struct mdns *d, const struct found *f)
{
	const struct entry *e = part(d, f, DNS_SRV);

	return e ? slice_skip(entry_data(e), 6) : (struct slice){ 0 };
}

void browse_on_srv(struct mdns *d, const struct entry *e)
{
	struct slice name = slice_of(e->bytes, e->name_n);

	for (struct list *l = d->found.next; l != &d->found; l = l->next) {
		struct found *f = found_of(l);

		if (f->ifindex == e->ifindex &&
		    slice_isame(name, found_name(f)))
			f->host = mdns_hash(d, slice_skip(entry_data(e), 6));
	}
}

/* Each record of each message asks this: the hash first, since there may be
 * many instances. */
bool browse_wants_name(const struct mdns *d, const uint8_t *name, size_t n,
		       unsigned type, uint32_t ifindex)
{
	struct slice s = slice_of(name, n);
	bool address = type == DNS_A || type == DNS_AAAA;
	uint64_t host = address ? mdns_hash(d, s) : 0;

	for (struct list *l = d->queries.next; l != &d->queries; l = l->next) {
		struct query *q = query_of(l);

		if (q->browse ? type == DNS_PTR : address)
			if (slice_isame(s, slice_of(q->name.wire, q->name.n)))
				return true;
	}
	for (struct list *l = d->found.next; l != &d->found; l = l->next) {
		struct found *f = found_of(l);

		if (f->ifindex != ifindex || (address && f->host != host))
			continue;
		if (type != DNS_PTR && slice_isame(s, address ? host_of(d, f) :
						   found_name(f)))
			return true;
	}
	return false;
}

bool browse_wants(const struct mdns *d, const struct dns_rr *r,
		  uint32_t ifindex)
{
	return browse_wants_name(d, r->name.wire, r->name.n, r->type, ifindex);
}

static struct found *find_found(struct mdns *d, const struct query *q,
				struct slice name, uint32_t ifindex)
{
	for (struct list *l = d->found.next; l != &d->found; l = l->next) {
		struct found *f = found_of(l);

		if (f->q == q && f->ifindex == ifindex &&
		    slice_isame(found_name(f), name))
			return f;
	}
	return NULL;
}

static struct found *found_new(struct mdns *d, struct query *q,
			       struct slice name, uint32_t ifindex)
{
	struct found *f = NULL;

	if (d->finds < d->limits.mdns_found)
		f = mem_new(d->mem, sizeof(*f) + name.n);
	if (!f) {
		d->refused++;
		return NULL;
	}
	f->t.of = MDNS_OF_FOUND;
	f->q = q;
	f->ifindex = ifindex;
	f->interval = SEC(1);
	f->name_n = (uint8_t)name.n;
	memcpy(f->name, name.p, name.n);
	if (host_of(d, f).n) /* it was here before */
		f->host = mdns_hash(d, host_of(d, f));
	list_append(&d->found, &f->link);
	d->finds++;
	return f;
}

/* One label before the type (RFC 6763 4.1); else it is no instance. */
static bool is_instance(const struct query *q, struct slice name)
{
	return name.n > 1 && name.n == q->name.n + 1u + (uint8_t)name.p[0] &&
	       slice_isame(slice_skip(name, 1u + (uint8_t)name.p[0]),
			   slice_of(q->name.wire, q->name.n));
}

void browse_on_ptr(struct mdns *d, const struct entry *e, bool here, mono now)
{
	struct slice owner = slice_of(e->bytes, e->name_n);
	struct slice name = entry_data(e);

	for (struct list *l = d->queries.next; l != &d->queries; l = l->next) {
		struct query *q = query_of(l);
		struct found *f;

		if (!q->browse || !is_instance(q, name) ||
		    !slice_isame(owner, slice_of(q->name.wire, q->name.n)))
			continue;
		f = find_found(d, q, name, e->ifindex);
		if (!f && here) {
			f = found_new(d, q, name, e->ifindex);
			/* What comes with it is here in a moment. */
			if (f)
				mdns_timer_at(d, &f->t,
					      mono_add(now, FIRST_MOST));
		}
		if (f && f->here != here) {
			f->here = here;
			d->dirty = true;
		}
	}
}

static bool ask_for(struct mdns *d, const struct found *f, struct slice name,
		    unsigned type)
{
	if (cache_first(d, (const uint8_t *)name.p, name.n, type, f->ifindex))
		return false;
	browse_ask(d, (const uint8_t *)name.p, name.n, type, f->ifindex);
	return true;
}

static bool has_addr(const struct mdns *d, const struct found *f)
{
	struct slice host = host_of(d, f);
	const uint8_t *p = (const uint8_t *)host.p;

	return host.n && (cache_first(d, p, host.n, DNS_A, f->ifindex) ||
			  cache_first(d, p, host.n, DNS_AAAA, f->ifindex));
}

/* What is lacking is asked for, ever more seldom. */
void found_on_time(struct mdns *d, struct found *f, mono now)
{
	struct slice host = host_of(d, f);
	bool lacks = false;

	if (!f->here)
		return;
	lacks = ask_for(d, f, found_name(f), DNS_SRV) || lacks;
	lacks = ask_for(d, f, found_name(f), DNS_TXT) || lacks;
	if (host.n && !has_addr(d, f)) {
		lacks = ask_for(d, f, host, DNS_A) || lacks;
		lacks = ask_for(d, f, host, DNS_AAAA) || lacks;
	}
	if (!lacks)
		return;
	mdns_timer_at(d, &f->t, mono_add(now, f->interval));
	f->interval = mono_min(2 * f->interval, LACKING_MOST);
}

static size_t addrs_of(const struct mdns *d, struct slice host,
		       uint32_t ifindex, uint16_t port, struct addr *out,
		       size_t n)
{
	static const uint16_t type[] = { DNS_A, DNS_AAAA };

	for (size_t t = 0; t < COUNT(type); t++) {
		struct entry *e = cache_first(d, (const uint8_t *)host.p,
					      host.n, type[t], ifindex);

		for (; e && n < MDNS_ADDRS; e = cache_more(e)) {
			struct addr a = { .family = t ? 6 : 4, .port = port };

			if (e->data_n != (t ? 16 : 4))
				continue;
			memcpy(a.ip, entry_data(e).p, e->data_n);
			if (addr_is_link_local(&a) && a.family == 6)
				a.scope = ifindex;
			out[n++] = a;
		}
	}
	return n;
}

/* Of all that the user is told, whatever the order it came in. */
static uint64_t content_of(const struct mdns *d, const struct found *f)
{
	static const uint16_t type[] = { DNS_SRV, DNS_TXT, DNS_A, DNS_AAAA };
	struct slice host = host_of(d, f);
	uint64_t sum = 1;

	for (size_t t = 0; t < COUNT(type); t++) {
		struct slice name = t < 2 ? found_name(f) : host;
		const struct entry *e = cache_first(d, (const uint8_t *)name.p,
						    name.n, type[t],
						    f->ifindex);

		for (; e; e = cache_more(e))
			sum += htab_hash(&d->cache, entry_data(e)) | 1;
	}
	return sum ? sum : 1;
}

static void found_judge(struct mdns *d, struct found *f, mono now)
{
	bool whole = f->here && part(d, f, DNS_SRV) && part(d, f, DNS_TXT) &&
		     has_addr(d, f);
	uint64_t content = whole ? content_of(d, f) : 0;

	if (f->here && !whole && !wheel_is_set(&f->t.w)) {
		f->interval = SEC(1);
		mdns_timer_at(d, &f->t, now); /* it lacks something now */
	}
	if (content == f->content) {
		f->tell = FOUND_QUIET;
		if (!f->here && !f->shown)
			found_free(d, f);
		return;
	}
	f->tell = !whole ? FOUND_GONE : f->shown ? FOUND_OTHER : FOUND_NEW;
}

void browse_refresh(struct mdns *d, mono now)
{
	struct list *n = d->found.next;

	d->dirty = false;
	while (n != &d->found) {
		struct found *f = found_of(n);

		n = n->next;
		found_judge(d, f, now);
	}
	for (n = d->queries.next; n != &d->queries; n = n->next)
		query_of(n)->tell = !query_of(n)->browse;
}

void browse_forget(struct mdns *d, uint32_t ifindex)
{
	for (struct list *n = d->found.next; n != &d->found; n = n->next)
		if (found_of(n)->ifindex == ifindex) {
			found_of(n)->here = false;
			d->dirty = true;
		}
}

/* ---------------------------------------------------------------- outputs */
static void tell_found(struct mdns *d, struct found *f, struct mdns_out *out)
{
	struct slice host = host_of(d, f);
	const struct entry *srv = part(d, f, DNS_SRV);
	const struct entry *txt = part(d, f, DNS_TXT);

	d->host_found = (struct dns_name){ .n = (uint8_t)host.n };
	if (host.n)
		memcpy(d->host_found.wire, host.p, host.n);
	out->found.host = &d->host_found;
	out->found.port = read_be16((const uint8_t *)entry_data(srv).p + 4);
	memcpy(d->txt, entry_data(txt).p, txt->data_n);
	out->found.txt = slice_of(d->txt, txt->data_n);
	out->found.n = addrs_of(d, host, f->ifindex, out->found.port,
				out->found.addr, 0);
}

static bool poll_found(struct mdns *d, struct found *f, struct mdns_out *out)
{
	static const enum mdns_out_kind kind[] = {
		[FOUND_NEW] = MDNS_OUT_FOUND, [FOUND_OTHER] = MDNS_OUT_CHANGED,
		[FOUND_GONE] = MDNS_OUT_GONE,
	};
	size_t n = f->name[0];

	if (f->tell == FOUND_QUIET)
		return false;
	memcpy(d->name, f->name + 1, n);
	*out = (struct mdns_out){
		.kind = kind[f->tell], .handle = f->q->id,
		.ifindex = f->ifindex,
		.found = { .instance = slice_of(d->name, n),
			   .type = slice_str(f->q->type) },
	};
	f->shown = f->tell != FOUND_GONE;
	f->content = f->shown ? content_of(d, f) : 0;
	if (f->shown)
		tell_found(d, f, out);
	f->tell = FOUND_QUIET;
	if (!f->here)
		found_free(d, f);
	return true;
}

static bool poll_lookup(struct mdns *d, struct query *q, struct mdns_out *out)
{
	if (!q->tell)
		return false;
	q->tell = false;
	*out = (struct mdns_out){ .kind = MDNS_OUT_ADDRS, .handle = q->id };
	for (size_t i = 0; i < MDNS_INTERFACES; i++)
		if (d->link[i])
			out->found.n = addrs_of(d, slice_of(q->name.wire,
						q->name.n), d->link[i]->ifindex,
						0, out->found.addr,
						out->found.n);
	return out->found.n != 0;
}

bool browse_poll(struct mdns *d, struct mdns_out *out, mono now)
{
	(void)now;
	for (struct list *n = d->found.next; n != &d->found; n = n->next)
		if (poll_found(d, found_of(n), out))
			return true;
	for (struct list *n = d->queries.next; n != &d->queries; n = n->next)
		if (poll_lookup(d, query_of(n), out))
			return true;
	return false;
}
