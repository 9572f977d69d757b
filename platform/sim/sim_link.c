/* SPDX-License-Identifier: BSD-2-Clause
 * Networks, links and the way of a packet: out of its host's interface, up its
 * lane, to whoever has the address in the network, down that one's lane, in.
 */
#include "platform/sim/sim_priv.h"

static const mono LOOPBACK_DELAY = US(10), REORDER_BY = MS(10);

enum { MTU = 1500, QUEUE = 65536 };

/* ------------------------------------------------------------- networks */
struct sim_net *net_new(struct sim *s, const char *name)
{
	static const uint8_t key[16]; /* nobody attacks a simulation */
	struct sim_net *n = mem_new(s->mem, sizeof(*n));

	if (!n || htab_init(&n->addrs, s->mem, key) < 0) {
		mem_free(s->mem, n);
		return NULL;
	}
	n->sim = s;
	n->name = name;
	list_append(&s->nets, &n->link);
	return n;
}

struct sim_net *sim_net_new(struct sim *s, const char *name)
{
	return net_new(s, name);
}

void net_free(struct sim_net *n)
{
	htab_fini(&n->addrs);
	mem_free(n->sim->mem, n);
}

static struct addr bare(const struct addr *a)
{
	struct addr b = *a;

	b.port = 0;
	b.scope = 0;
	return b;
}

static struct bound *find_bound(const struct sim_net *net, const struct addr *a)
{
	struct addr key = bare(a);
	struct htab_node *n = htab_find(&net->addrs, addr_hash(&key, 0));

	for (; n; n = htab_next(n)) {
		struct bound *b = CONTAINER(n, struct bound, node);

		if (addr_same(&b->addr, &key))
			return b;
	}
	return NULL;
}

static bool if_has(const struct sim_if *i, const struct addr *a)
{
	struct addr key = bare(a);

	for (size_t k = 0; k < i->n; k++)
		if (addr_same(&i->addr[k].addr, &key))
			return true;
	return false;
}

bool sim_has_addr(const struct sim_host *h, const struct addr *a)
{
	if (addr_is_loopback(a))
		return true;
	for (unsigned k = 0; k < h->n_ifs; k++)
		if (if_has(&h->ifs[k], a))
			return true;
	return false;
}

int sim_addr_add(struct sim_host *h, unsigned ifindex, const struct addr *a)
{
	struct sim_if *i = sim_if_of(h, ifindex);
	struct bound *b;

	if (!i || !a->family)
		return -EADDRNOTAVAIL;
	if (find_bound(i->net, a))
		return -EADDRINUSE;
	if (i->n == SIM_ADDRS)
		return -ENOSPC;
	b = &i->addr[i->n++];
	b->addr = bare(a);
	b->on = i;
	htab_add(&i->net->addrs, &b->node, addr_hash(&b->addr, 0));
	sim_addrs_changed(h);
	return 0;
}

/* The last takes the free place, so it is taken out of the table meanwhile. */
static void drop_bound(struct sim_if *i, struct bound *b)
{
	struct bound *last = &i->addr[--i->n];

	htab_remove(&i->net->addrs, &b->node);
	if (b == last)
		return;
	htab_remove(&i->net->addrs, &last->node);
	*b = *last;
	htab_add(&i->net->addrs, &b->node, addr_hash(&b->addr, 0));
}

int sim_addr_drop(struct sim_host *h, const struct addr *a)
{
	for (unsigned k = 0; k < h->n_ifs; k++) {
		struct bound *b = find_bound(h->ifs[k].net, a);

		if (!b || b->on != &h->ifs[k])
			continue;
		drop_bound(b->on, b);
		sim_addrs_changed(h);
		return 0;
	}
	return -EADDRNOTAVAIL;
}

/* ---------------------------------------------------------------- links */
static void lane_set(struct lane *l, const struct sim_link *p)
{
	l->p = *p;
	l->loss = rng_bound(p->loss);
	l->duplicate = rng_bound(p->duplicate);
	l->reorder = rng_bound(p->reorder);
	l->busy = l->last = 0;
}

void sim_if_init(struct sim_host *h, unsigned index, struct sim_net *net)
{
	struct sim_if *i = &h->ifs[index - 1];

	*i = (struct sim_if){ .h = h, .net = net, .index = index };
	i->up.rng.x = rng_next(&h->rng);
	i->down.rng.x = rng_next(&h->rng);
}

struct sim_if *sim_if_of(struct sim_host *h, unsigned ifindex)
{
	return ifindex >= 1 && ifindex <= h->n_ifs ? &h->ifs[ifindex - 1] :
						     NULL;
}

void sim_link(struct sim_host *h, unsigned ifindex, const struct sim_link *up,
	      const struct sim_link *down)
{
	struct sim_if *i = sim_if_of(h, ifindex);

	if (!i)
		return;
	lane_set(&i->up, up);
	lane_set(&i->down, down);
}

void sim_host_link(struct sim_host *h, const struct sim_link *both)
{
	sim_link(h, 1, both, both);
}

size_t lane_mtu(const struct lane *l)
{
	return l->p.mtu ? l->p.mtu : MTU;
}

static size_t ip_header(const struct sim_packet *v)
{
	return v->src.family == 6 ? 40 : 20;
}

/* IP packets that it takes (RFC 791 3.2, RFC 8200 4.5) and their bytes. */
static unsigned fragments(const struct sim_packet *v, size_t mtu, size_t *bytes)
{
	size_t ip = ip_header(v), data, each;

	data = v->n + (v->proto == SIM_TCP ? 20 : 8);
	*bytes = ip + data;
	if (*bytes <= mtu || v->proto == SIM_TCP)
		return 1;
	if (v->src.family == 6)
		ip += 8;
	each = (mtu > ip + 8 ? mtu - ip : 8) / 8 * 8;
	*bytes = data + (data + each - 1) / each * ip;
	return (unsigned)((data + each - 1) / each);
}

/* When it has left the queue, or false: there was no room. */
static bool enqueue(struct lane *l, mono now, size_t bytes, mono *sent)
{
	uint64_t bw = l->p.bandwidth;
	mono start = now > l->busy ? now : l->busy;
	uint64_t waiting;

	*sent = now;
	if (!bw)
		return true;
	/* In microseconds, so that nothing overflows below 18 Tbit/s. */
	waiting = (uint64_t)(start - now) / 1000 * bw / 8000000;
	if (waiting + bytes > (l->p.queue ? l->p.queue : QUEUE))
		return false;
	l->busy = start + (mono)(bytes * 8 * 1000000000 / bw);
	*sent = l->busy;
	return true;
}

static mono arrival(struct lane *l, mono sent)
{
	mono at = sent + l->p.delay;

	if (l->p.jitter)
		at += (mono)(rng_next(&l->rng) % (uint64_t)(l->p.jitter + 1));
	if (rng_chance(&l->rng, l->reorder))
		return at + (l->p.reorder_by ? l->p.reorder_by : REORDER_BY);
	if (l->p.jitter && at < l->last)
		at = l->last;
	l->last = at;
	return at;
}

/* Through a lane: its fate, and when it arrives if it does. */
static enum sim_fate cross(struct lane *l, mono now, const struct sim_packet *v,
			   mono *at)
{
	size_t bytes;
	unsigned n = fragments(v, lane_mtu(l), &bytes);
	bool lost = false;
	mono sent;

	if (!enqueue(l, now, bytes, &sent))
		return SIM_OVERFLOW;
	for (unsigned i = 0; i < n; i++)
		if (rng_chance(&l->rng, l->loss))
			lost = true;
	if (lost)
		return SIM_LOST;
	*at = arrival(l, sent);
	return SIM_ARRIVED;
}

/* -------------------------------------------------------------- packets */
static struct packet *packet_new(struct sim *s, const struct sim_packet *v)
{
	struct packet *p = mem_resize(s->mem, NULL, sizeof(*p) + v->n);

	if (!p)
		return NULL;
	memset(p, 0, sizeof(*p));
	p->v = *v;
	p->v.p = p->bytes;
	if (v->n)
		memcpy(p->bytes, v->p, v->n);
	return p;
}

void packet_free(struct sim *s, struct packet *p)
{
	mem_free(s->mem, p);
}

struct packet *packet_twin(const struct packet *p)
{
	struct packet *twin = packet_new(p->from->sim, &p->v);

	if (twin) {
		twin->from = p->from;
		twin->to = p->to;
		twin->when = p->when;
	}
	return twin;
}

static void link_end(struct sim *s, struct packet *p, enum sim_fate fate)
{
	sim_tell(s, fate, &p->v);
	packet_free(s, p);
}

static void scope_to(struct addr *a, unsigned ifindex)
{
	a->scope = addr_is_link_local(a) && a->family == 6 ? ifindex : 0;
}

static void link_deliver(struct sim_host *h, struct packet *p)
{
	p->when = h->sim->now;
	sim_tell(h->sim, SIM_ARRIVED, &p->v);
	switch (p->v.proto) {
	case SIM_UDP:
		sim_udp_input(h, p);
		return;
	case SIM_TCP:
		sim_tcp_input(h, p);
		return;
	case SIM_ICMP:
		sim_icmp_input(h, p);
		return;
	}
}

/* The end of the lane down.  Much may have changed while it was on its way. */
static void at_host(struct event *e)
{
	struct packet *p = CONTAINER(e, struct packet, e);
	struct sim_if *i = p->to;
	struct sim_host *h = i ? i->h : p->from;
	struct sim *s = p->from->sim;

	if (i && (i->unplugged || h->group != p->from->group)) {
		link_end(s, p, SIM_CUT);
	} else if (addr_is_multicast(&p->v.dst)) {
		scope_to(&p->v.src, i ? i->index : p->v.src.scope);
		link_deliver(h, p);
	} else if (i && i->net->way_out == i && !if_has(i, &p->v.dst)) {
		sim_tell(s, SIM_ARRIVED, &p->v);
		i->net->forward(i->net->forward_arg, i->index, &p->v);
		packet_free(s, p);
	} else if (!sim_has_addr(h, &p->v.dst)) {
		link_end(s, p, SIM_CUT);
	} else {
		scope_to(&p->v.src, i ? i->index : p->v.src.scope);
		scope_to(&p->v.dst, i ? i->index : p->v.dst.scope);
		link_deliver(h, p);
	}
}

static void fly(struct packet *p, void (*fn)(struct event *e), mono at)
{
	p->e.fn = fn;
	wheel_set(&p->from->sim->wheel, &p->e.w, at);
}

static void descend(struct sim *s, struct packet *p, mono now)
{
	struct lane *l = &p->to->down;
	enum sim_fate fate;
	mono at;

	if (rng_chance(&l->rng, l->duplicate)) {
		struct packet *twin = packet_twin(p);

		if (twin) {
			if (cross(l, now, &twin->v, &at) == SIM_ARRIVED)
				fly(twin, at_host, at);
			else
				packet_free(s, twin);
		}
	}
	fate = cross(l, now, &p->v, &at);
	if (fate == SIM_ARRIVED)
		fly(p, at_host, at);
	else
		link_end(s, p, fate);
}

static void at_down_lane(struct event *e)
{
	struct packet *p = CONTAINER(e, struct packet, e);

	descend(p->from->sim, p, p->from->sim->now);
}

/* A lane that remembers must see its packets in the order of their times. */
static void to_lane(struct sim *s, struct packet *p, mono at)
{
	const struct sim_link *down = &p->to->down.p;

	if ((down->bandwidth || down->jitter) && at > s->now)
		fly(p, at_down_lane, at);
	else
		descend(s, p, at);
}

/* In the network at a time to come: on to the one who has the address. */
static void at_net(struct sim *s, struct sim_net *net, struct packet *p,
		   mono at)
{
	struct bound *b = find_bound(net, &p->v.dst);

	p->to = b ? b->on : net->way_out;
	if (!p->to || p->to->h == p->from)
		link_end(s, p, SIM_UNREACHABLE);
	else if (p->to->unplugged || p->to->h->group != p->from->group)
		link_end(s, p, SIM_CUT);
	else
		to_lane(s, p, at);
}

/* Down the lane to each host of the network that is a member. */
static void at_members(struct sim *s, struct sim_if *from, struct packet *p,
		       mono at)
{
	for (struct list *n = s->hosts.next; n != &s->hosts; n = n->next) {
		struct sim_host *h = CONTAINER(n, struct sim_host, link);

		for (unsigned k = 0; k < h->n_ifs; k++) {
			struct sim_if *i = &h->ifs[k];
			struct packet *twin;

			if (i->net != from->net || h == from->h ||
			    !sim_udp_in_group(h, &p->v.dst, i->index))
				continue;
			twin = packet_twin(p);
			if (!twin)
				continue;
			twin->to = i;
			if (i->unplugged || h->group != from->h->group)
				link_end(s, twin, SIM_CUT);
			else
				to_lane(s, twin, at);
		}
	}
	packet_free(s, p);
}

static void ascend(struct sim_if *i, struct packet *p)
{
	struct sim *s = i->h->sim;
	enum sim_fate fate;
	mono at = 0;

	if (i->unplugged) {
		link_end(s, p, SIM_CUT);
		return;
	}
	scope_to(&p->v.src, 0);
	scope_to(&p->v.dst, 0);
	fate = cross(&i->up, s->now, &p->v, &at);
	if (fate != SIM_ARRIVED)
		link_end(s, p, fate);
	else if (addr_is_multicast(&p->v.dst))
		at_members(s, i, p, at);
	else
		at_net(s, i->net, p, at);
}

static void launch(struct sim_if *i, const struct sim_packet *v)
{
	struct sim *s = i->h->sim;
	unsigned copies = 1 + rng_chance(&i->up.rng, i->up.duplicate);

	sim_tell(s, SIM_SENT, v);
	while (copies--) {
		struct packet *p = packet_new(s, v);

		if (p) {
			p->from = i->h;
			ascend(i, p);
		} else {
			sim_tell(s, SIM_LOST, v);
		}
	}
}

static void loop_back(struct sim_host *h, struct sim_if *on,
		      const struct sim_packet *v)
{
	struct packet *p = packet_new(h->sim, v);

	sim_tell(h->sim, SIM_SENT, v);
	if (!p) {
		sim_tell(h->sim, SIM_LOST, v);
		return;
	}
	p->from = h;
	p->to = on;
	fly(p, at_host, h->sim->now + LOOPBACK_DELAY);
}

static struct sim_if *if_with(struct sim_host *h, const struct addr *src)
{
	for (unsigned k = 0; k < h->n_ifs; k++)
		if (if_has(&h->ifs[k], src))
			return &h->ifs[k];
	return NULL;
}

void sim_transmit(struct sim_host *h, unsigned ifindex,
		  const struct sim_packet *v)
{
	struct sim_if *i = sim_if_of(h, ifindex);

	if (sim_has_addr(h, &v->dst)) {
		loop_back(h, NULL, v);
		return;
	}
	if (!i)
		i = if_with(h, &v->src);
	/* As Linux has it unless told otherwise. */
	if (i && addr_is_multicast(&v->dst) &&
	    sim_udp_in_group(h, &v->dst, i->index))
		loop_back(h, i, v);
	if (i && if_has(i, &v->src)) {
		launch(i, v);
	} else {
		sim_tell(h->sim, SIM_SENT, v);
		sim_tell(h->sim, SIM_CUT, v);
	}
}

/* --------------------------------------------------------------- routes */
/* The address of this family to use on an interface; NULL: it has none. */
static const struct addr *source_on(const struct sim_if *i,
				    const struct addr *remote)
{
	for (size_t k = 0; k < i->n; k++)
		if (i->addr[k].addr.family == remote->family &&
		    addr_is_link_local(&i->addr[k].addr) ==
			    addr_is_link_local(remote))
			return &i->addr[k].addr;
	return NULL;
}

int sim_source_on(struct sim_host *h, unsigned ifindex,
		  const struct addr *remote, struct addr *local)
{
	const struct sim_if *i = sim_if_of(h, ifindex);
	const struct addr *src = i ? source_on(i, remote) : NULL;

	for (size_t k = 0; i && !src && k < i->n; k++)
		if (i->addr[k].addr.family == remote->family)
			src = &i->addr[k].addr;
	if (!src)
		return -ENETUNREACH;
	*local = *src;
	scope_to(local, ifindex);
	return 0;
}

/* An interface whose network has the address, else one with a way out, else
 * the first of the family. */
int sim_route_to(struct sim_host *h, const struct addr *remote,
		 struct addr *local, unsigned *ifindex)
{
	int best = 0;

	*ifindex = SIM_LO;
	if (sim_has_addr(h, remote)) {
		*local = bare(remote);
		return 0;
	}
	for (unsigned k = 0; k < h->n_ifs; k++) {
		struct sim_if *i = &h->ifs[k];
		const struct addr *src = source_on(i, remote);
		int fit = find_bound(i->net, remote) ? 3 :
			  i->net->way_out && i->net->way_out != i ? 2 : 1;

		if (!src || fit <= best ||
		    (remote->scope && remote->scope != i->index))
			continue;
		best = fit;
		*local = *src;
		*ifindex = i->index;
		scope_to(local, i->index);
	}
	return best ? 0 : -ENETUNREACH;
}

void sim_forward(struct sim_host *h, unsigned ifindex,
		 void (*fn)(void *arg, unsigned ifindex,
			    const struct sim_packet *p),
		 void *arg)
{
	struct sim_if *i = sim_if_of(h, ifindex);

	if (!i)
		return;
	i->net->way_out = fn ? i : NULL;
	i->net->forward = fn;
	i->net->forward_arg = arg;
}

void sim_forward_packet(struct sim_host *h, unsigned ifindex,
			const struct sim_packet *v)
{
	struct sim_if *i = sim_if_of(h, ifindex);

	if (i)
		launch(i, v);
}

/* ------------------------------------------------------- what goes wrong */
void sim_group(struct sim_host *h, unsigned group)
{
	h->group = group;
}

void sim_heal(struct sim *s)
{
	for (struct list *n = s->hosts.next; n != &s->hosts; n = n->next)
		CONTAINER(n, struct sim_host, link)->group = 0;
}

void sim_unplug(struct sim_host *h, unsigned ifindex, bool unplugged)
{
	struct sim_if *i = sim_if_of(h, ifindex);

	if (!i || i->unplugged == unplugged)
		return;
	i->unplugged = unplugged;
	sim_addrs_changed(h);
}
