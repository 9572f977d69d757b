/* SPDX-License-Identifier: BSD-2-Clause
 * sip/sip_lookup_dns.c - the name servers' answers as hops.
 *
 * Equal questions at a time are one location with several that wait for it: a
 * thousand accounts of one domain that register together ask as much as one.
 * All of them try its servers in one order then; the next question draws anew
 * (RFC 2782). */
#include "sip/sip_lookup.h"

#include "dns/dns_port.h"
#include "platform/list.h"

struct waiter {
	struct list link;
	uint64_t tag;
};

struct location {
	struct list link;
	struct sip_lookups *all;
	struct dns_lookup *k;
	struct list waiters;
	bool sip, secure, route, v4, v6;
	enum sip_transport transport;
	unsigned transports;
	uint16_t port;
	size_t n;
	char host[]; /* n octets */
};

struct sip_lookups {
	struct reactor *r;
	struct mem *mem;
	struct limits limits;
	void (*found)(void *arg, const struct sip_found *f);
	void *arg;
	struct addr server[DNS_SERVERS];
	size_t servers;
	struct trace *trace;
	struct dns_port *port; /* NULL: nothing was asked yet */
	struct list under_way;
	bool *freed;           /* told to who is on the stack */
};

/* The same transports by the names of both; ours the best first, where a domain
 * leaves it open (RFC 3263 4.1). */
static const struct {
	enum sip_transport sip;
	enum dns_transport dns;
} names[] = {
	{ SIP_UDP, DNS_UDP }, { SIP_TCP, DNS_TCP }, { SIP_TLS, DNS_TLS },
	{ SIP_WSS, DNS_WSS }, { SIP_WS, DNS_WS },
};

static enum dns_transport dns_of(enum sip_transport t)
{
	for (size_t i = 0; i < COUNT(names); i++)
		if (names[i].sip == t)
			return names[i].dns;
	return DNS_NO_TRANSPORT;
}

static enum sip_transport sip_of(enum dns_transport t)
{
	for (size_t i = 0; i < COUNT(names); i++)
		if (names[i].dns == t)
			return names[i].sip;
	return SIP_TRANSPORT_ANY;
}

/* ---------------------------------------------------------------- locations */
static void location_free(struct mem *m, struct location *k)
{
	while (!list_empty(&k->waiters)) {
		struct waiter *w = CONTAINER(list_take(&k->waiters),
					     struct waiter, link);

		mem_free(m, w);
	}
	list_remove(&k->link);
	mem_free(m, k);
}

static size_t hops_of(const struct location *k, const struct dns_locate *l,
		      struct sip_hop *out)
{
	const struct dns_hop *h;
	size_t n = dns_locate_hops(l, &h);

	n = n < SIP_HOPS ? n : SIP_HOPS;
	for (size_t i = 0; i < n; i++) {
		out[i] = (struct sip_hop){ .addr = h[i].addr,
			.transport = sip_of(h[i].service->transport) };
		if (k->route && reactor_route(k->all->r, &h[i].addr,
					      &out[i].local))
			out[i].local = (struct addr){ 0 };
	}
	return n;
}

static void located(void *arg, const struct dns_locate *l)
{
	struct location *k = arg;
	struct sip_lookups *all = k->all;
	struct sip_hop hop[SIP_HOPS];
	struct sip_found f = { .sip = k->sip, .hop = hop };
	struct mem *m = all->mem;
	enum dns_status status;
	bool freed = false;

	(void)dns_locate_over(l, &status);
	f.n = hops_of(k, l, hop);
	f.reason = f.n ? NULL : dns_status_text(status);
	k->k = NULL;
	/* Who asks the same from now on begins anew. */
	list_remove(&k->link);
	all->freed = &freed;
	while (!list_empty(&k->waiters)) {
		struct waiter *w = CONTAINER(list_take(&k->waiters),
					     struct waiter, link);

		f.tag = w->tag;
		mem_free(m, w);
		all->found(all->arg, &f);
		if (freed)
			break;
	}
	if (!freed)
		all->freed = NULL;
	location_free(m, k);
}

/* ---------------------------------------------------------------- questions */
static bool lookup_same(const struct location *k, const struct sip_wanted *w)
{
	const struct sip_locate *l = w->sip;

	return k->sip == (l != NULL) && k->v4 == w->v4 && k->v6 == w->v6 &&
	       (!l || (k->secure == l->secure && k->route == l->route &&
		       k->transport == l->transport && k->port == l->port &&
		       k->transports == w->transports)) &&
	       slice_same(slice_of(k->host, k->n), w->host);
}

static struct location *location_new(struct sip_lookups *all,
				     const struct sip_wanted *w)
{
	const struct sip_locate *l = w->sip;
	struct location *k = mem_new(all->mem, sizeof(*k) + w->host.n);

	if (!k)
		return NULL;
	k->all = all;
	k->sip = l != NULL;
	k->v4 = w->v4;
	k->v6 = w->v6;
	if (l) {
		k->secure = l->secure;
		k->route = l->route;
		k->transport = l->transport;
		k->port = l->port;
		k->transports = w->transports;
	}
	k->n = w->host.n;
	memcpy(k->host, w->host.p, w->host.n);
	list_init(&k->waiters);
	list_append(&all->under_way, &k->link);
	return k;
}

/* With a port none but addresses are asked for (RFC 3263 4.2), which is all
 * that a host has. */
static int lookup_choose(const struct sip_wanted *w, struct dns_target *t)
{
	enum dns_transport use[COUNT(names)];
	struct dns_sip_wish wish = { .use = use };

	t->host = w->host;
	t->no_v4 = !w->v4;
	t->no_v6 = !w->v6;
	if (!w->sip) {
		t->choice = dns_choose(&dns_sip[DNS_UDP], 1);
		t->port = 1;
		return 0;
	}
	t->port = w->sip->port;
	wish.transport = dns_of(w->sip->transport);
	wish.secure = w->sip->secure;
	wish.settled = t->port != 0;
	for (size_t i = 0; i < COUNT(names); i++)
		if (w->transports & 1u << names[i].sip)
			use[wish.n++] = names[i].dns;
	return dns_sip_choose(&wish, &t->choice);
}

static int begin(struct sip_lookups *all, struct location *k,
		 const struct sip_wanted *w)
{
	const struct dns_port_config cfg = { .servers = all->server,
		.n = all->servers, .limits = &all->limits,
		.trace = all->trace };
	struct dns_target t = { .host = w->host };
	int rc = lookup_choose(w, &t);

	if (rc == 0 && !all->port)
		rc = dns_port_new(all->r, all->mem, &cfg, &all->port);
	return rc ? rc : dns_port_locate(all->port, &t, located, k, &k->k);
}

static int lookup_ask(struct sip_lookups *all, const struct sip_wanted *w)
{
	struct waiter *x = mem_new(all->mem, sizeof(*x));
	struct location *k = NULL;
	int rc;

	if (!x)
		return -ENOMEM;
	x->tag = w->tag;
	for (struct list *l = all->under_way.next; l != &all->under_way && !k;
	     l = l->next)
		if (lookup_same(CONTAINER(l, struct location, link), w))
			k = CONTAINER(l, struct location, link);
	if (!k) {
		k = location_new(all, w);
		rc = k ? begin(all, k, w) : -ENOMEM;
		if (rc) {
			if (k)
				location_free(all->mem, k);
			mem_free(all->mem, x);
			return rc;
		}
	}
	list_append(&k->waiters, &x->link);
	return 0;
}

/* --------------------------------------------------------------------- life */
static int lookup_make(struct reactor *r, const struct limits *limits,
		       void (*found)(void *arg, const struct sip_found *f),
		       void *arg, struct sip_lookups **out)
{
	struct sip_lookups *all = mem_new(reactor_mem(r), sizeof(*all));

	if (!all)
		return -ENOMEM;
	*all = (struct sip_lookups){ .r = r, .mem = reactor_mem(r),
		.limits = *limits, .found = found, .arg = arg };
	list_init(&all->under_way);
	*out = all;
	return 0;
}

static void lookup_free(struct sip_lookups *all)
{
	if (all->freed)
		*all->freed = true;
	dns_port_free(all->port);
	while (!list_empty(&all->under_way))
		location_free(all->mem, CONTAINER(all->under_way.next,
						  struct location, link));
	mem_free(all->mem, all);
}

static void lookup_servers(struct sip_lookups *all, const struct addr *server,
			   size_t n)
{
	all->servers = n < DNS_SERVERS ? n : DNS_SERVERS;
	for (size_t i = 0; i < all->servers; i++)
		all->server[i] = server[i];
	if (all->port)
		dns_port_servers(all->port, all->server, all->servers);
}

static void lookup_trace(struct sip_lookups *all, struct trace *t)
{
	all->trace = t;
	if (all->port)
		dns_port_trace(all->port, t);
}

extern const struct sip_lookup_ops sip_lookup_dns;
const struct sip_lookup_ops sip_lookup_dns = {
	.make = lookup_make, .free = lookup_free, .servers = lookup_servers,
	.trace = lookup_trace, .ask = lookup_ask,
};
