/* SPDX-License-Identifier: BSD-2-Clause
 * UDP sockets of simulated hosts, and the ICMP errors they cause. */
#include "platform/sim/sim_priv.h"

enum {
	BATCH = 8,           /* datagrams a call, as in the real world */
	RECEIVE_BUFFER = 212992, /* bytes waiting; Linux's default */
	PER_PACKET = 256,    /* that one costs beside its bytes */
	LARGEST_V4 = 65507,  /* 65535 less the headers */
	LARGEST_V6 = 65527,
	TTL = 64
};

struct sim_udp {
	struct udp base;
	struct sock sock;
	struct work w;
	struct list queue; /* of packets, datagrams and errors */
	size_t waiting;
	uint8_t dscp;
};

static struct sim_udp *udp_of(struct udp *u)
{
	return CONTAINER(u, struct sim_udp, base);
}

/* ------------------------------------------------------------ receiving */
static void enqueue(struct sim_host *h, struct packet *p)
{
	struct sock *s = sock_find(h, SIM_UDP, &p->v.dst);
	struct sim_udp *u = s ? CONTAINER(s, struct sim_udp, sock) : NULL;

	if (!u || u->waiting + p->v.n + PER_PACKET > RECEIVE_BUFFER) {
		packet_free(h->sim, p);
		return;
	}
	u->waiting += p->v.n + PER_PACKET;
	list_append(&u->queue, &p->queue);
	work_ready(&u->w);
}

/* RFC 1122 4.1.3.1: nobody there is told to the sender. */
void sim_udp_input(struct sim_host *h, struct packet *p)
{
	struct sim_packet icmp = { .proto = SIM_ICMP, .src = p->v.dst,
				   .dst = p->v.src, .ttl = TTL };

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

int sim_udp_open(struct reactor *r, const struct addr *local,
		 const struct udp_ops *ops, void *arg, struct udp **out)
{
	struct sim_host *h = host_of(r);
	struct sim_udp *u = mem_new(r->mem, sizeof(*u));
	int rc;

	if (!u)
		return -ENOMEM;
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
