/* SPDX-License-Identifier: BSD-2-Clause
 * dns/mdns.c - multicast DNS as an aggregate: its life, its interfaces, what
 * comes in and what goes out. */
#include "dns/mdns.h"

#include "dns/mdns_priv.h"

static const mono ECHO_LIVES = SEC(2);

static const struct addr group[2] = {
	{ .family = 4, .port = MDNS_PORT, .ip = { 224, 0, 0, 251 } },
	{ .family = 6, .port = MDNS_PORT,
	  .ip = { 0xFF, 2, [15] = 0xFB } },
};

/* ------------------------------------------------------------------- life */
struct mdns *mdns_new(struct mem *m, const struct limits *limits,
		      const uint8_t seed[32])
{
	struct mdns *d = mem_new(m, sizeof(*d));

	if (!d)
		return NULL;
	d->mem = m;
	d->limits = *limits;
	drbg_init(&d->drbg, seed);
	drbg_bytes(&d->drbg, d->key, sizeof(d->key));
	if (htab_init(&d->cache, m, d->key) < 0) {
		mem_free(m, d);
		return NULL;
	}
	wheel_init(&d->wheel, 0);
	list_init(&d->queries);
	list_init(&d->found);
	list_init(&d->wants);
	list_init(&d->packets);
	d->heard.left = limits->mdns_packets;
	d->answered.left = limits->mdns_answers;
	return d;
}

void mdns_free(struct mdns *d)
{
	struct list *n;

	if (!d)
		return;
	own_fini(d);
	browse_fini(d);
	cache_forget(d, 0);
	while ((n = list_take(&d->packets)))
		mem_free(d->mem, CONTAINER(n, struct packet, link));
	mem_free(d->mem, d->polled);
	for (size_t i = 0; i < MDNS_INTERFACES; i++)
		mem_free(d->mem, d->link[i]);
	htab_fini(&d->cache);
	drbg_wipe(&d->drbg);
	mem_free(d->mem, d);
}

struct mdns_load mdns_load(const struct mdns *d)
{
	return (struct mdns_load){ .records = d->records, .octets = d->octets,
				   .found = d->finds, .dropped = d->dropped,
				   .refused = d->refused };
}

void mdns_timer_at(struct mdns *d, struct mdns_timer *t, mono at)
{
	wheel_set(&d->wheel, &t->w, at);
}

mono mdns_random(struct mdns *d, mono least, mono most)
{
	uint32_t us = (uint32_t)((most - least) / US(1));

	return least + US(1) * (mono)drbg_below(&d->drbg, us + 1);
}

uint64_t mdns_hash(const struct mdns *d, struct slice name)
{
	char low[DNS_NAME_MAX];

	name = slice_head(name, sizeof(low));
	for (size_t i = 0; i < name.n; i++)
		low[i] = to_lower(name.p[i]);
	return htab_hash(&d->cache, slice_of(low, name.n)) | 1;
}

bool mdns_allow(struct bucket *b, uint32_t a_second, mono now)
{
	if (now >= mono_add(b->since, SEC(1))) {
		b->since = now;
		b->left = a_second;
	}
	if (!b->left)
		return false;
	b->left--;
	return true;
}

/* ------------------------------------------------------------- interfaces */
struct link *mdns_link(struct mdns *d, uint32_t ifindex)
{
	for (size_t i = 0; i < MDNS_INTERFACES; i++)
		if (d->link[i] && d->link[i]->ifindex == ifindex)
			return d->link[i];
	return NULL;
}

bool mdns_is_ours(const struct mdns *d, const struct addr *ip)
{
	struct addr a = *ip;

	for (size_t i = 0; i < MDNS_INTERFACES; i++)
		for (size_t k = 0; d->link[i] && k < d->link[i]->n; k++) {
			a.scope = d->link[i]->net[k].addr.scope;
			if (addr_same_ip(&d->link[i]->net[k].addr, &a))
				return true;
		}
	return false;
}

static void link_gone(struct mdns *d, uint32_t ifindex)
{
	for (size_t i = 0; i < MDNS_INTERFACES; i++) {
		struct link *l = d->link[i];

		if (!l || l->ifindex != ifindex)
			continue;
		wheel_cancel(&d->wheel, &l->t.w);
		d->link[i] = NULL;
		mem_free(d->mem, l);
		browse_forget(d, ifindex);
		cache_forget(d, ifindex);
	}
}

static struct link *link_new(struct mdns *d, uint32_t ifindex, int *rc)
{
	size_t i = 0;
	struct link *l;

	while (i < MDNS_INTERFACES && d->link[i])
		i++;
	*rc = -ENOBUFS;
	if (i == MDNS_INTERFACES)
		return NULL;
	l = mem_new(d->mem, sizeof(*l));
	*rc = l ? 0 : -ENOMEM;
	if (!l)
		return NULL;
	l->ifindex = ifindex;
	l->t.of = MDNS_OF_LINK;
	for (size_t o = 0; o < MDNS_OWNS; o++)
		for (size_t k = 0; k < OWN_KINDS; k++)
			l->sent[o][k] = (struct sent){ .last = -1,
						       .due = MONO_NEVER };
	d->link[i] = l;
	return l;
}

static bool same_nets(const struct link *l, const struct mdns_net *nets,
		      size_t n)
{
	if (l->n != n)
		return false;
	for (size_t i = 0; i < n; i++)
		if (!addr_same_ip(&l->net[i].addr, &nets[i].addr))
			return false;
	return true;
}

int mdns_interface(struct mdns *d, uint32_t ifindex, unsigned families,
		   const struct mdns_net *nets, size_t n, mono now)
{
	struct link *l = mdns_link(d, ifindex);
	bool fresh = !l, same;
	int rc = 0;

	if (!n || !families || !ifindex) {
		link_gone(d, ifindex);
		return 0;
	}
	n = n < MDNS_ADDRS ? n : MDNS_ADDRS;
	if (!l)
		l = link_new(d, ifindex, &rc);
	if (!l)
		return rc;
	same = same_nets(l, nets, n);
	fresh = fresh || (families & ~l->families);
	l->families = families;
	l->n = n;
	memcpy(l->net, nets, n * sizeof(*nets));
	if (fresh) { /* RFC 6762 8.4: to this link all is new */
		own_probe_all(d, now);
		browse_again(d, now);
	} else if (!same) {
		own_announce_host(d, now);
	}
	return 0;
}

/* ---------------------------------------------------------------- sending */
static uint64_t hash_bytes(const struct mdns *d, struct slice bytes)
{
	return htab_hash(&d->cache, bytes);
}

static void remember(struct mdns *d, const struct packet *p, mono now)
{
	d->echo[d->echoes++ % MDNS_ECHOES] = (struct echo){
		.hash = hash_bytes(d, slice_of(p->bytes, p->n)),
		.ifindex = p->ifindex,
		.family = p->to.family,
		.until = mono_add(now, ECHO_LIVES),
	};
}

/* Each is forgotten when it came: another of this host may say the same. */
static bool is_echo(struct mdns *d, uint32_t ifindex, const struct addr *from,
		    struct slice bytes, mono now)
{
	uint64_t hash = hash_bytes(d, bytes);

	if (!mdns_is_ours(d, from))
		return false;
	for (size_t i = 0; i < MDNS_ECHOES; i++) {
		struct echo *e = &d->echo[i];

		if (e->hash != hash || e->ifindex != ifindex ||
		    e->family != from->family || e->until < now)
			continue;
		*e = (struct echo){ 0 };
		return true;
	}
	return false;
}

static void queue_packet(struct mdns *d, const struct link *l,
			 const struct addr *to, struct slice bytes, mono now)
{
	struct packet *p = NULL;

	if (d->n_packets < MDNS_QUEUE)
		p = mem_new(d->mem, sizeof(*p) + bytes.n);
	if (!p)
		return; /* lost, as it may be on its way */
	p->ifindex = l->ifindex;
	p->to = *to;
	p->n = bytes.n;
	memcpy(p->bytes, bytes.p, bytes.n);
	list_append(&d->packets, &p->link);
	d->n_packets++;
	if (addr_is_multicast(to))
		remember(d, p, now);
}

void mdns_send(struct mdns *d, struct link *l, const struct addr *to,
	       struct slice bytes, mono now)
{
	if (to) {
		queue_packet(d, l, to, bytes, now);
		return;
	}
	if (l->families & MDNS_V4)
		queue_packet(d, l, &group[0], bytes, now);
	if (l->families & MDNS_V6)
		queue_packet(d, l, &group[1], bytes, now);
}

/* -------------------------------------------------------------- receiving */
static bool same_bits(const uint8_t *a, const uint8_t *b, unsigned bits)
{
	for (unsigned i = 0; i < bits; i++)
		if ((a[i / 8] ^ b[i / 8]) >> (7 - i % 8) & 1)
			return false;
	return true;
}

/* RFC 6762 11: what was sent to a group of the link is of the link, whatever
 * its source; what was sent to us may come from anywhere. */
static bool on_link(const struct link *l, const struct addr *from)
{
	if (from->family == 6 && addr_is_link_local(from))
		return true;
	for (size_t i = 0; i < l->n; i++)
		if (l->net[i].addr.family == from->family &&
		    same_bits(l->net[i].addr.ip, from->ip, l->net[i].prefix))
			return true;
	return false;
}

void mdns_on_datagram(struct mdns *d, uint32_t ifindex, const struct addr *from,
		      bool unicast, struct slice bytes, mono now)
{
	struct mdns_in in = { .l = mdns_link(d, ifindex), .from = *from,
			      .now = now };
	struct dns_msg m;

	if (!in.l || is_echo(d, ifindex, from, bytes, now))
		return;
	if (bytes.n > MDNS_HEARD || (unicast && !on_link(in.l, from)) ||
	    !mdns_allow(&d->heard, d->limits.mdns_packets, now)) {
		d->dropped++;
		return;
	}
	/* RFC 6762 18.3, 18.11: what has another opcode, or an rcode, is
	 * nobody's. */
	if (dns_msg_parse(bytes, &m, NULL) ||
	    (m.flags & (DNS_OPCODE | DNS_RCODE)))
		return;
	in.m = &m;
	if (!(m.flags & DNS_QR)) {
		own_on_probe(d, &in);
		answer_on_query(d, &in);
		browse_on_query(d, &in);
	} else if (from->port == MDNS_PORT) { /* RFC 6762 6 */
		own_on_response(d, &in);
		answer_on_response(d, &in);
		cache_on_response(d, &in);
	} else {
		d->dropped++;
	}
}

/* ------------------------------------------------------------------- time */
static void fire(struct mdns *d, struct mdns_timer *t, mono now)
{
	switch (t->of) {
	case MDNS_OF_OWN:
		own_on_time(d, CONTAINER(t, struct own, t), now);
		break;
	case MDNS_OF_LINK:
		answer_on_time(d, CONTAINER(t, struct link, t), now);
		break;
	case MDNS_OF_ENTRY:
		entry_on_time(d, CONTAINER(t, struct entry, t), now);
		break;
	case MDNS_OF_QUERY:
		query_on_time(d, CONTAINER(t, struct query, t), now);
		break;
	case MDNS_OF_FOUND:
		found_on_time(d, CONTAINER(t, struct found, t), now);
		break;
	}
}

void mdns_on_time(struct mdns *d, mono now)
{
	struct wheel_timer *w;

	while ((w = wheel_pop(&d->wheel, now)))
		fire(d, CONTAINER(w, struct mdns_timer, w), now);
}

mono mdns_deadline(const struct mdns *d)
{
	if (d->dirty || !list_empty(&d->wants) || !list_empty(&d->packets))
		return 0;
	return wheel_deadline(&d->wheel);
}

/* ---------------------------------------------------------------- outputs */
static bool poll_packet(struct mdns *d, struct mdns_out *out)
{
	struct list *n = list_take(&d->packets);

	if (!n)
		return false;
	d->n_packets--;
	d->polled = CONTAINER(n, struct packet, link);
	*out = (struct mdns_out){
		.kind = MDNS_OUT_SEND, .ifindex = d->polled->ifindex,
		.to = d->polled->to,
		.bytes = slice_of(d->polled->bytes, d->polled->n),
	};
	return true;
}

static bool poll_own(struct mdns *d, struct mdns_out *out)
{
	for (size_t i = 0; i < MDNS_OWNS; i++) {
		struct own *o = &d->own[i];
		struct slice label = dns_sd_label(&o->name);

		if (!o->id || !o->tell)
			continue;
		o->tell = false;
		if (o->host)
			continue;
		memcpy(d->name, label.p, label.n);
		*out = (struct mdns_out){
			.kind = MDNS_OUT_NAMED, .handle = o->id,
			.name = slice_of(d->name, label.n),
		};
		return true;
	}
	return false;
}

bool mdns_poll(struct mdns *d, struct mdns_out *out, mono now)
{
	mem_free(d->mem, d->polled);
	d->polled = NULL;
	if (d->dirty)
		browse_refresh(d, now);
	browse_flush(d, now);
	return poll_packet(d, out) || poll_own(d, out) ||
	       browse_poll(d, out, now);
}
