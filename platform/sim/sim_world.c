/* SPDX-License-Identifier: BSD-2-Clause
 * The world: virtual time, chance, names, and the record of all packets. */
#include "platform/sim/sim_priv.h"

/* --------------------------------------------------------------- chance */
/* Steele, Lea, Flood: "Fast splittable pseudorandom number generators". */
uint64_t rng_next(struct rng *r)
{
	uint64_t z = r->x += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z ^ z >> 31;
}

uint32_t rng_below(struct rng *r, uint32_t n)
{
	return (uint32_t)((rng_next(r) >> 32) * n >> 32);
}

uint64_t rng_bound(double p)
{
	return p <= 0 ? 0 : p >= 1 ? 1ull << 32 : (uint64_t)(p * 4294967296.0);
}

/* Draws only where chance has a say, so that perfect links cost nothing. */
bool rng_chance(struct rng *r, uint64_t bound)
{
	return bound && rng_next(r) >> 32 < bound;
}

uint32_t sim_random(struct sim *s, uint32_t n)
{
	return rng_below(&s->rng, n);
}

/* ----------------------------------------------------------------- life */
struct sim *sim_new(struct mem *m, uint64_t seed)
{
	struct sim *s = mem_new(m, sizeof(*s));

	if (!s)
		return NULL;
	s->mem = m;
	s->now = SEC(1); /* 0 would hide who forgot to look at the clock */
	s->rng.x = seed;
	wheel_init(&s->wheel, s->now);
	list_init(&s->hosts);
	list_init(&s->nets);
	list_init(&s->names);
	list_init(&s->ready);
	s->internet = net_new(s, "internet");
	if (!s->internet) {
		sim_free(s);
		return NULL;
	}
	return s;
}

/* Packets under way are known by the wheel alone: so it is run dry. */
static void drop_packets(struct sim *s)
{
	struct wheel_timer *w;

	while ((w = wheel_pop(&s->wheel, MONO_NEVER - 1))) {
		struct event *e = CONTAINER(w, struct event, w);

		e->fn(e);
	}
}

void sim_free(struct sim *s)
{
	struct list *n;

	if (!s)
		return;
	INVARIANT(!s->running);
	for (n = s->hosts.next; n != &s->hosts; n = n->next) {
		struct sim_host *h = CONTAINER(n, struct sim_host, link);

		sim_restart(h);
		h->base.b->free(&h->base);
		for (unsigned i = 0; i < h->n_ifs; i++)
			h->ifs[i].unplugged = true;
	}
	for (n = s->nets.next; n != &s->nets; n = n->next)
		CONTAINER(n, struct sim_net, link)->way_out = NULL;
	s->tap = NULL;
	drop_packets(s); /* all interfaces are down: nothing arrives */
	while ((n = list_take(&s->hosts))) {
		struct sim_host *h = CONTAINER(n, struct sim_host, link);

		htab_fini(&h->socks);
		htab_fini(&h->conns);
		mem_free(s->mem, h);
	}
	while ((n = list_take(&s->nets)))
		net_free(CONTAINER(n, struct sim_net, link));
	while ((n = list_take(&s->names)))
		mem_free(s->mem, CONTAINER(n, struct sim_name, link));
	mem_free(s->mem, s);
}

mono sim_now(const struct sim *s)
{
	return s->now;
}

struct sim_net *sim_internet(struct sim *s)
{
	return s->internet;
}

int sim_name(struct sim *s, const char *name, const struct addr *a)
{
	size_t n = strlen(name);
	struct sim_name *x = mem_new(s->mem, sizeof(*x) + n);

	if (!x)
		return -ENOMEM;
	x->addr = *a;
	x->addr.port = 0;
	x->n = n;
	memcpy(x->name, name, n);
	list_append(&s->names, &x->link);
	return 0;
}

/* ----------------------------------------------------------------- time */
static void run_event(struct sim *s, struct wheel_timer *w)
{
	struct event *e = CONTAINER(w, struct event, w);

	if (w->at > s->now)
		s->now = w->at;
	e->fn(e);
}

/* All kernels' events of this instant come before the next host's turn. */
static void finish_instant(struct sim *s)
{
	for (;;) {
		struct wheel_timer *w = wheel_pop(&s->wheel, s->now);
		struct list *n;

		if (w) {
			run_event(s, w);
			continue;
		}
		n = list_take(&s->ready);
		if (!n)
			return;
		CONTAINER(n, struct sim_host, ready)->turn.fn(
			&CONTAINER(n, struct sim_host, ready)->turn);
	}
}

/* The next instant with an event, until a time; false: there is none. */
static bool step_until(struct sim *s, mono until)
{
	bool had = !list_empty(&s->ready);

	INVARIANT(!s->running); /* not from within a callback */
	s->running = true;
	while (!had) {
		mono at = wheel_deadline(&s->wheel);
		struct wheel_timer *w;

		if (at > until || at == MONO_NEVER)
			break;
		w = wheel_pop(&s->wheel, at); /* NULL: it was a cascade */
		if (w)
			run_event(s, w);
		had = w != NULL;
	}
	if (had)
		finish_instant(s);
	s->running = false;
	return had;
}

bool sim_step(struct sim *s)
{
	return step_until(s, MONO_NEVER);
}

void sim_run(struct sim *s, mono until)
{
	while (step_until(s, until))
		;
	if (until > s->now && until != MONO_NEVER)
		s->now = until;
}

int sim_host_step(struct sim_host *h, mono max_wait)
{
	struct sim *s = h->sim;
	mono until = mono_add(s->now, max_wait);

	h->calls = 0;
	while (step_until(s, until))
		if (h->calls || h->base.stop)
			return h->calls;
	if (until == MONO_NEVER)
		return -EDEADLK; /* nothing will ever happen again */
	s->now = until;
	return 0;
}

/* --------------------------------------------------------------- record */
static uint64_t mix(uint64_t h, uint64_t x)
{
	h = (h ^ x) * 0x9fb21c651e98df25;
	return h ^ h >> 32;
}

static uint64_t mix_bytes(uint64_t h, const void *p, size_t n)
{
	const uint8_t *b = p;
	uint64_t x;

	for (; n >= sizeof(x); n -= sizeof(x), b += sizeof(x)) {
		memcpy(&x, b, sizeof(x));
		h = mix(h, x);
	}
	for (x = n; n; n--)
		x = x << 8 | *b++;
	return mix(h, x);
}

uint64_t addr_hash(const struct addr *a, uint64_t more)
{
	return mix(mix_bytes(more, a->ip, a->family == 4 ? 4 : 16),
		   (uint64_t)a->family << 16 | a->port);
}

/* What a packet holds is taken in once, as it leaves. */
void sim_tell(struct sim *s, enum sim_fate fate, const struct sim_packet *v)
{
	uint64_t h = mix(s->digest, (uint64_t)s->now);

	h = mix(h, (uint64_t)fate << 32 | (uint64_t)v->proto << 24 |
		(uint64_t)v->ttl << 16 | (uint64_t)v->dscp << 8 | v->flags);
	h = addr_hash(&v->src, h);
	h = addr_hash(&v->dst, h);
	h = mix(h, (uint64_t)v->seq << 32 | v->ack);
	h = mix(h, (uint64_t)v->window << 32 | v->mss);
	s->digest = fate == SIM_SENT ? mix_bytes(h, v->p, v->n) : mix(h, v->n);
	s->packets++;
	if (s->tap)
		s->tap(s->tap_arg, s->now, fate, v);
}

uint64_t sim_digest(const struct sim *s)
{
	return s->digest;
}

void sim_tap(struct sim *s,
	     void (*fn)(void *arg, mono now, enum sim_fate fate,
			const struct sim_packet *p),
	     void *arg)
{
	s->tap = fn;
	s->tap_arg = arg;
}
