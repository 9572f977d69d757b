/* SPDX-License-Identifier: BSD-2-Clause
 * dns/mdns_cache.c - records of others that somebody asked for, as long as
 * their TTL lasts: RFC 6762 5.2, 10. */
#include "dns/mdns_priv.h"

/* 10.1, 10.2: what is taken back, or replaced, lives another second. */
static const mono LAST_SECOND = SEC(1);

enum {
	REFRESHES = 4, /* 5.2: at 80, 85, 90, 95 per cent */
	/* Records of a name and type, but for PTR: twice the addresses that are
	 * told of a host.  Each that comes is compared with all of them. */
	SET = 2 * MDNS_ADDRS
};

struct slice entry_data(const struct entry *e)
{
	return slice_of(e->bytes + e->name_n, e->data_n);
}

static uint64_t key_of(const struct mdns *d, const uint8_t *name, size_t n,
		       unsigned type, uint32_t ifindex)
{
	char low[DNS_NAME_MAX] = { 0 };
	uint32_t rest[2] = { type, ifindex };
	struct slice part[2] = { slice_of(low, n),
				 slice_of(rest, sizeof(rest)) };

	for (size_t i = 0; i < n; i++)
		low[i] = to_lower((char)name[i]);
	return htab_hash_n(&d->cache, part, 2);
}

static struct entry *same_from(struct htab_node *n, const uint8_t *name,
			       size_t name_n, unsigned type, uint32_t ifindex)
{
	for (; n; n = htab_next(n)) {
		struct entry *e = CONTAINER(n, struct entry, node);

		if (e->type == type && e->ifindex == ifindex &&
		    slice_isame(slice_of(name, name_n),
				slice_of(e->bytes, e->name_n)))
			return e;
	}
	return NULL;
}

struct entry *cache_first(const struct mdns *d, const uint8_t *name, size_t n,
			  unsigned type, uint32_t ifindex)
{
	return same_from(htab_find(&d->cache,
				   key_of(d, name, n, type, ifindex)),
			 name, n, type, ifindex);
}

struct entry *cache_more(const struct entry *e)
{
	return same_from(htab_next(&e->node), e->bytes, e->name_n, e->type,
			 e->ifindex);
}

/* ------------------------------------------------------------------- time */
static mono percent(const struct entry *e, unsigned n, unsigned thousandths)
{
	return mono_add(e->heard, (mono)e->ttl * (MS(10) * (mono)n +
						  MS(1) * (mono)thousandths));
}

/* Asked for again when little is left, give or take 2 per cent, so that all
 * that were heard together are not asked for together. */
static void arm_entry(struct mdns *d, struct entry *e)
{
	mono at = e->dies;

	if (e->step < REFRESHES)
		at = mono_min(at, percent(e, 80 + 5u * e->step,
					  drbg_below(&d->drbg, 21)));
	mdns_timer_at(d, &e->t, at);
}

static void entry_gone(struct mdns *d, struct entry *e, mono now)
{
	htab_remove(&d->cache, &e->node);
	wheel_cancel(&d->wheel, &e->t.w);
	d->records--;
	d->octets -= sizeof(*e) + e->name_n + e->data_n;
	if (e->type == DNS_PTR)
		browse_on_ptr(d, e, false, now);
	mem_free(d->mem, e);
	d->dirty = true;
}

void entry_on_time(struct mdns *d, struct entry *e, mono now)
{
	if (now >= e->dies) {
		entry_gone(d, e, now);
		return;
	}
	e->step++;
	if (browse_wants_name(d, e->bytes, e->name_n, e->type, e->ifindex))
		browse_ask(d, e->bytes, e->name_n, e->type, e->ifindex);
	arm_entry(d, e);
}

void cache_forget(struct mdns *d, uint32_t ifindex)
{
	struct htab_node *n, *list = NULL;

	/* All out, and those back in that stay. */
	while ((n = htab_any(&d->cache))) {
		htab_remove(&d->cache, n);
		n->next = list;
		list = n;
	}
	while (list) {
		struct entry *e = CONTAINER(list, struct entry, node);

		list = list->next;
		htab_add(&d->cache, &e->node, e->node.hash);
		if (!ifindex || e->ifindex == ifindex)
			entry_gone(d, e, 0);
	}
}

/* ---------------------------------------------------------------- learning */
/* Without the case of names. */
static uint64_t sum_of(const struct mdns *d, struct slice data)
{
	char low[MDNS_DATA];

	for (size_t i = 0; i < data.n; i++)
		low[i] = to_lower(data.p[i]);
	return htab_hash(&d->cache, slice_of(low, data.n));
}

/* As many as instances of a type are looked at; more are of no use. */
static size_t set_most(const struct mdns *d, unsigned type)
{
	return type == DNS_PTR ? d->limits.mdns_found : SET;
}

/* *n: how many others have its name and type. */
static struct entry *find_same(struct mdns *d, const struct dns_rr *r,
			       uint32_t ifindex, struct slice data, size_t *n)
{
	uint64_t sum = sum_of(d, data);
	struct htab_node *x = htab_find(&d->cache,
					key_of(d, r->name.wire, r->name.n,
					       r->type, ifindex));

	for (*n = 0; x; x = htab_next(x), ++*n) {
		struct entry *e = CONTAINER(x, struct entry, node);

		if (e->sum == sum && e->type == r->type &&
		    e->ifindex == ifindex &&
		    slice_isame(slice_of(r->name.wire, r->name.n),
				slice_of(e->bytes, e->name_n)) &&
		    mdns_rr_same(r->type, entry_data(e), data))
			return e;
	}
	return NULL;
}

static struct entry *entry_new(struct mdns *d, const struct mdns_in *in,
			       const struct dns_rr *r, struct slice data,
			       size_t others)
{
	size_t size = sizeof(struct entry) + r->name.n + data.n;
	struct entry *e = NULL;

	if (d->octets + size <= d->limits.mdns_cache &&
	    others < set_most(d, r->type))
		e = mem_new(d->mem, size);
	if (!e) {
		d->refused++;
		return NULL;
	}
	e->t.of = MDNS_OF_ENTRY;
	e->ifindex = in->l->ifindex;
	e->type = r->type;
	e->name_n = r->name.n;
	e->data_n = (uint16_t)data.n;
	e->sum = sum_of(d, data);
	memcpy(e->bytes, r->name.wire, r->name.n);
	memcpy(e->bytes + e->name_n, data.p, data.n);
	htab_add(&d->cache, &e->node, key_of(d, e->bytes, e->name_n, e->type,
					     e->ifindex));
	d->octets += size;
	d->records++;
	d->dirty = true;
	return e;
}

/* 10.2: the top bit says that this is all there is of that name and type; of
 * instances of a type nobody can say it. */
static void flush_others(struct mdns *d, const struct mdns_in *in,
			 const struct dns_rr *r, const struct entry *but)
{
	struct entry *e = cache_first(d, r->name.wire, r->name.n, r->type,
				      in->l->ifindex);
	mono end = mono_add(in->now, LAST_SECOND);

	for (; e; e = cache_more(e))
		if (e != but && e->dies > end &&
		    in->now > mono_add(e->heard, LAST_SECOND)) {
			e->dies = end;
			e->step = REFRESHES;
			arm_entry(d, e);
		}
}

static void learn(struct mdns *d, const struct mdns_in *in,
		  const struct dns_rr *r)
{
	int n = mdns_rr_data(in->m, r, d->data[0], MDNS_DATA);
	struct slice data = slice_of(d->data[0], n < 0 ? 0 : (size_t)n);
	struct entry *e;
	size_t others;

	if (n < 0)
		return;
	e = find_same(d, r, in->l->ifindex, data, &others);
	if (!r->ttl) { /* goodbye: 10.1 */
		if (e && e->dies > mono_add(in->now, LAST_SECOND)) {
			e->dies = mono_add(in->now, LAST_SECOND);
			e->step = REFRESHES;
			arm_entry(d, e);
		}
		return;
	}
	if (!e)
		e = entry_new(d, in, r, data, others);
	if (r->class & DNS_MDNS_BIT && r->type != DNS_PTR)
		flush_others(d, in, r, e);
	if (!e)
		return;
	e->heard = in->now;
	e->ttl = r->ttl < MDNS_TTL ? r->ttl : MDNS_TTL;
	e->dies = mono_add(in->now, SEC(1) * (mono)e->ttl);
	e->step = 0;
	arm_entry(d, e);
	if (e->type == DNS_PTR)
		browse_on_ptr(d, e, true, in->now);
	else if (e->type == DNS_SRV)
		browse_on_srv(d, e);
}

/* First what names instances, then these, then their hosts: so that all of a
 * message that hangs together is learnt, whatever its order. */
static bool in_turn(unsigned pass, unsigned type)
{
	switch (pass) {
	case 0:
		return type == DNS_PTR;
	case 1:
		return type == DNS_SRV || type == DNS_TXT;
	default:
		return type == DNS_A || type == DNS_AAAA;
	}
}

void cache_on_response(struct mdns *d, const struct mdns_in *in)
{
	static const enum dns_section in_it[] = { DNS_ANSWER, DNS_ADDITIONAL };

	for (unsigned pass = 0; pass < 3; pass++)
		for (size_t s = 0; s < COUNT(in_it); s++) {
			struct dns_walk w = { 0 };
			struct dns_rr r;

			while (dns_rr_next(in->m, in_it[s], &w, &r))
				if (in_turn(pass, r.type) &&
				    (r.class & ~DNS_MDNS_BIT) == DNS_IN &&
				    browse_wants(d, &r, in->l->ifindex))
					learn(d, in, &r);
		}
}
