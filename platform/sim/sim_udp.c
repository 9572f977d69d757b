/* SPDX-License-Identifier: BSD-2-Clause
 * UDP sockets of simulated hosts, and the ICMP errors they cause. */
#include "platform/sim/sim_priv.h"

enum {
	BATCH = 8,           /* datagrams a call, as in the real world */
	RECEIVE_BUFFER = 212992, /* bytes waiting; Linux's default */
	PER_PACKET = 256,    /* that one costs beside its bytes */
	LARGEST_V4 = 65507,  /* 65535 less the headers */
	LARGEST_V6 = 65527,
	GROUPS = 20,         /* of a socket: Linux's igmp_max_memberships */
	TTL = 64
};

struct sim_udp {
	struct udp base;
	struct sock sock;
	struct work w;
	struct list queue; /* of packets, datagrams and errors */
	size_t waiting;
	uint8_t dscp;
	struct member {
		struct addr group; /* port and scope 0 */
		unsigned ifindex;
	} in[GROUPS];
	size_t groups;
};

static struct sim_udp *udp_of(struct udp *u)
{
	return CONTAINER(u, struct sim_udp, base);
}

/* -------------------------------------------------------------- groups */
static struct member *find_member(struct sim_udp *u, const struct addr *group,
				  unsigned ifindex)
{
	struct addr g = *group;

	g.port = 0;
	g.scope = 0;
	for (size_t i = 0; i < u->groups; i++)
		if (u->in[i].ifindex == ifindex &&
		    addr_same(&u->in[i].group, &g))
			return &u->in[i];
	return NULL;
}

int sim_udp_member(struct udp *base, const struct addr *group,
		   uint32_t ifindex, bool join)
{
	struct sim_udp *u = udp_of(base);
	struct member *m = find_member(u, group, ifindex);

	if (group->family != base->local.family || !addr_is_multicast(group))
		return -EINVAL;
	if (!sim_if_of(u->w.h, ifindex)) /* its loopback has no groups */
		return -ENODEV;
	if (join == (m != NULL))
		return join ? -EADDRINUSE : -EADDRNOTAVAIL;
	if (join && u->groups == GROUPS)
		return -ENOBUFS;
	if (!join) {
		*m = u->in[--u->groups];
		return 0;
	}
	m = &u->in[u->groups++];
	*m = (struct member){ .group = *group, .ifindex = ifindex };
	m->group.port = 0;
	m->group.scope = 0;
	return 0;
}

static void udp_turn(struct work *w);

/* The next UDP socket of a host from n on; NULL: there is no further. */
static struct sim_udp *next_udp(const struct sim_host *h, struct list **n)
{
	while (*n != &h->open) {
		struct work *w = CONTAINER(*n, struct work, open);

		*n = (*n)->next;
		if (w->turn == udp_turn && !w->dead)
			return w->object;
	}
	return NULL;
}

bool sim_udp_in_group(const struct sim_host *h, const struct addr *group,
		      unsigned ifindex)
{
	struct list *n = h->open.next;
	struct sim_udp *u;

	while ((u = next_udp(h, &n)))
		if (find_member(u, group, ifindex))
			return true;
	return false;
}

/* ------------------------------------------------------------ receiving */
static void enqueue_at(struct sim_udp *u, struct sim_host *h, struct packet *p)
{
	if (!u || u->waiting + p->v.n + PER_PACKET > RECEIVE_BUFFER) {
		packet_free(h->sim, p);
		return;
	}
	u->waiting += p->v.n + PER_PACKET;
	list_append(&u->queue, &p->queue);
	work_ready(&u->w);
}

static void enqueue(struct sim_host *h, struct packet *p)
{
	struct sock *s = sock_find(h, SIM_UDP, &p->v.dst);

	enqueue_at(s ? CONTAINER(s, struct sim_udp, sock) : NULL, h, p);
}

/* To every member that listens on that port; to nobody else it says nothing
 * (RFC 1122 3.2.2). */
static void enqueue_group(struct sim_host *h, struct packet *p)
{
	unsigned ifindex = p->to ? p->to->index : SIM_LO;
	struct list *n = h->open.next;
	struct sim_udp *u;

	while ((u = next_udp(h, &n))) {
		struct packet *twin;

		if (u->base.local.port != p->v.dst.port ||
		    !addr_is_any(&u->base.local) ||
		    !find_member(u, &p->v.dst, ifindex))
			continue;
		twin = packet_twin(p);
		if (twin)
			enqueue_at(u, h, twin);
	}
	packet_free(h->sim, p);
}

/* RFC 1122 4.1.3.1: nobody there is told to the sender. */
void sim_udp_input(struct sim_host *h, struct packet *p)
{
	struct sim_packet icmp = { .proto = SIM_ICMP, .src = p->v.dst,
				   .dst = p->v.src, .ttl = TTL };

	if (addr_is_multicast(&p->v.dst)) {
		enqueue_group(h, p);
		return;
	}
	if (sock_find(h, SIM_UDP, &p->v.dst)) {
		enqueue(h, p);
		return;
	}
	packet_free(h->sim, p);
	sim_transmit(h, 0, &icmp);
}

void sim_icmp_input(struct sim_host *h, struct packet *p)
{
	enqueue(h, p);
}

static void read_packet(struct sim_host *h, struct packet *p,
			struct datagram *d)
{
	struct instant now = h->base.b->now(&h->base);

	*d = (struct datagram){
		.local = p->v.dst,
		.remote = p->v.src,
		.ifindex = p->to ? p->to->index : SIM_LO,
		.ttl = p->v.ttl,
		.when = { p->when, now.wall_ns - (now.m - p->when) },
		.p = p->bytes,
		.n = p->v.n,
	};
}

/* The datagrams at the queue's head, up to a batch or the next error. */
static size_t take_batch(struct sim_udp *u, struct packet **p,
			 struct datagram *d)
{
	size_t n = 0;

	while (n < BATCH && !list_empty(&u->queue)) {
		struct packet *first = CONTAINER(u->queue.next, struct packet,
						 queue);

		if (first->v.proto == SIM_ICMP)
			break;
		list_remove(&first->queue);
		u->waiting -= first->v.n + PER_PACKET;
		read_packet(u->w.h, first, &d[n]);
		p[n++] = first;
	}
	return n;
}

static void tell_error(struct sim_udp *u)
{
	struct packet *p = CONTAINER(list_take(&u->queue), struct packet,
				     queue);
	struct addr remote = p->v.src;

	u->waiting -= p->v.n + PER_PACKET;
	packet_free(u->w.h->sim, p);
	if (!u->base.ops->on_error)
		return;
	u->w.h->calls++;
	u->base.ops->on_error(u->base.arg, &remote, ECONNREFUSED);
}

static void udp_turn(struct work *w)
{
	struct sim_udp *u = w->object;
	struct datagram d[BATCH];
	struct packet *p[BATCH];

	while (!list_empty(&u->queue)) { /* a close empties it */
		size_t n = take_batch(u, p, d);

		if (!n) {
			tell_error(u);
			continue;
		}
		w->h->calls++;
		u->base.ops->on_datagrams(u->base.arg, d, n);
		for (size_t i = 0; i < n; i++)
			packet_free(w->h->sim, p[i]);
	}
}

/* -------------------------------------------------------------- sending */
/* As Linux 6 has it.  From a lost IPv6 address it sends all the same. */
static int refused_source(const struct sim_host *h, const struct addr *src,
			  const struct addr *remote, bool asked_for)
{
	if (addr_is_loopback(src))
		return sim_has_addr(h, remote) ? 0 : -EINVAL;
	if (sim_has_addr(h, src))
		return 0;
	if (src->family == 4)
		return -ENETUNREACH;
	return asked_for ? -EINVAL : 0;
}

/* From an address of the interface that it goes out on. */
static int send_to_group(struct sim_udp *u, const struct datagram *d,
			 struct sim_packet *v)
{
	unsigned ifindex = d->ifindex;
	int rc = ifindex ?
		 sim_source_on(u->w.h, ifindex, &d->remote, &v->src) :
		 sim_route_to(u->w.h, &d->remote, &v->src, &ifindex);

	if (rc == 0 && d->local.family && !addr_is_any(&d->local)) {
		v->src = d->local;
		rc = sim_has_addr(u->w.h, &v->src) ? 0 : -EINVAL;
	}
	v->src.port = u->base.local.port;
	if (rc == 0)
		sim_transmit(u->w.h, ifindex, v);
	return rc;
}

static int send_one(struct sim_udp *u, const struct datagram *d)
{
	struct sim_host *h = u->w.h;
	struct sim_packet v = { .proto = SIM_UDP, .dst = d->remote,
				.ttl = d->ttl ? d->ttl : TTL,
				.dscp = u->dscp, .p = d->p, .n = d->n };
	unsigned ifindex;
	size_t largest = d->remote.family == 4 ? LARGEST_V4 : LARGEST_V6;
	int rc;

	if (d->remote.family != u->base.local.family)
		return -EAFNOSUPPORT;
	if (d->n > largest)
		return -EMSGSIZE;
	if (u->w.dead || !d->remote.port)
		return -EINVAL;
	if (addr_is_multicast(&d->remote))
		return send_to_group(u, d, &v);
	rc = sim_route_to(h, &d->remote, &v.src, &ifindex);
	if (rc < 0)
		return rc;
	if (!addr_is_any(&u->base.local))
		v.src = u->base.local;
	if (d->local.family && !addr_is_any(&d->local))
		v.src = d->local;
	rc = refused_source(h, &v.src, &d->remote, d->local.family != 0);
	if (rc < 0)
		return rc;
	v.src.port = u->base.local.port;
	sim_transmit(h, d->ifindex, &v);
	return 0;
}

int sim_udp_send(struct udp *base, const struct datagram *d, size_t n)
{
	int sent = 0;

	for (size_t i = 0; i < n; i++) {
		int rc = send_one(udp_of(base), &d[i]);

		if (rc < 0 && i == 0)
			return rc;
		sent += rc == 0;
	}
	return sent;
}

void sim_udp_set_dscp(struct udp *u, unsigned dscp)
{
	udp_of(u)->dscp = (uint8_t)dscp;
}

/* ----------------------------------------------------------------- life */
static void udp_crash(struct work *w)
{
	struct sim_udp *u = w->object;
	struct list *n;

	sock_unbind(w->h, &u->sock);
	while ((n = list_take(&u->queue)))
		packet_free(w->h->sim, CONTAINER(n, struct packet, queue));
	u->waiting = 0;
}

static void udp_end(struct work *w)
{
	udp_crash(w);
	work_close(w);
}

void sim_udp_close(struct udp *base)
{
	udp_end(&udp_of(base)->w);
}

int sim_udp_open(struct reactor *r, const struct addr *local, bool shared,
		 const struct udp_ops *ops, void *arg, struct udp **out)
{
	struct sim_host *h = host_of(r);
	struct sim_udp *u = mem_new(r->mem, sizeof(*u));
	int rc;

	if (!u)
		return -ENOMEM;
	u->sock.shared = shared;
	rc = sock_bind(h, &u->sock, SIM_UDP, local);
	if (rc < 0) {
		mem_free(r->mem, u);
		return rc;
	}
	u->base = (struct udp){ .b = &sim_backend, .ops = ops, .arg = arg,
				.local = u->sock.local };
	u->w = (struct work){ .turn = udp_turn, .close = udp_end,
			      .crash = udp_crash };
	list_init(&u->queue);
	work_open(h, &u->w, u);
	*out = &u->base;
	return 0;
}
