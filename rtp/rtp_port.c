/* SPDX-License-Identifier: BSD-2-Clause */
#include "rtp/rtp_port.h"

#include "platform/drbg.h"

enum {
	TRIES = 16,        /* pairs that the OS is asked for, without a range */
	ROOM = 1500,       /* for what the stages say themselves */
	PORTS_MAX = 0xFFFE /* transports, as many as a handle can tell */
};

struct sink {
	const struct rtp_sink_ops *ops; /* NULL: unused */
	void *arg;
	uint32_t route;
	bool touched; /* has got packets of the running batch */
};

struct component {
	struct rtp_port *port;
	struct udp *udp; /* NULL: multiplexed away */
	unsigned index;
};

struct rtp_port {
	struct rtp_ports *owner;
	struct mem *mem; /* the owner may go while the port is busy */
	struct rtp_transport transport;
	struct rtp_symmetric symmetric; /* its path, unless there is another */
	struct component comp[RTP_COMPONENTS];
	struct sink sink[RTP_ROUTES];
	struct reactor_timer timer;
	uint32_t handle;
	unsigned dscp; /* of its sockets */
	bool ready;    /* the sinks were told so, */
	bool gathered; /* ... and the owner */
	unsigned busy; /* callbacks into sinks on the stack */
	bool dead;     /* to be freed when they are over */
};

struct rtp_ports {
	struct reactor *reactor;
	struct mem *mem;
	uint16_t lo, hi; /* lo is even */
	struct drbg drbg;
	struct {
		struct rtp_port *port; /* NULL: free */
		uint16_t generation;
		uint16_t even; /* of its ports, or the one below */
	} *slot;
	uint32_t slots, hint;
	void (*tap)(void *arg, bool sent, const struct datagram *d);
	void *tap_arg;
	void (*gathered)(void *arg, uint32_t port);
	void *gathered_arg;
};

struct rtp_ports *rtp_ports_new(struct reactor *r, struct mem *m, uint16_t lo,
				uint16_t hi, const uint8_t seed[32])
{
	struct rtp_ports *ps;
	uint32_t even = (lo + 1u) & ~1u;

	if (hi && even + 1 > hi)
		return NULL;
	ps = mem_new(m, sizeof(*ps));
	if (!ps)
		return NULL;
	ps->reactor = r;
	ps->mem = m;
	ps->lo = (uint16_t)even;
	ps->hi = hi;
	drbg_init(&ps->drbg, seed);
	return ps;
}

static struct rtp_port *port_find(struct rtp_ports *ps, uint32_t handle)
{
	uint32_t i = (handle & 0xFFFF) - 1;

	if (!ps || i >= ps->slots || !ps->slot[i].port ||
	    ps->slot[i].generation != handle >> 16)
		return NULL;
	return ps->slot[i].port;
}

static void unbusy(struct rtp_port *p)
{
	if (--p->busy || !p->dead)
		return;
	rtp_transport_fini(&p->transport);
	mem_free(p->mem, p);
}

static void close_port(struct rtp_port *p)
{
	for (unsigned i = 0; i < RTP_COMPONENTS; i++)
		udp_close(p->comp[i].udp);
	memset(p->sink, 0, sizeof(p->sink));
	reactor_timer_stop(p->owner->reactor, &p->timer);
	p->dead = true;
	p->busy++;
	unbusy(p);
}

void rtp_port_close(struct rtp_ports *ps, uint32_t handle)
{
	struct rtp_port *p = port_find(ps, handle);
	uint32_t i = (handle & 0xFFFF) - 1;

	if (!p)
		return;
	ps->slot[i].port = NULL;
	ps->slot[i].generation++;
	if (i < ps->hint)
		ps->hint = i;
	close_port(p);
}

void rtp_ports_free(struct rtp_ports *ps)
{
	if (!ps)
		return;
	for (uint32_t i = 0; i < ps->slots; i++)
		if (ps->slot[i].port)
			close_port(ps->slot[i].port);
	drbg_wipe(&ps->drbg);
	mem_free(ps->mem, ps->slot);
	mem_free(ps->mem, ps);
}

bool rtp_ports_any(const struct rtp_ports *ps)
{
	for (uint32_t i = 0; i < ps->slots; i++)
		if (ps->slot[i].port)
			return true;
	return false;
}

/* -------------------------------------------------------------- datagrams */

static struct sink *sink_of(struct rtp_port *p, uint32_t route)
{
	for (unsigned i = 0; i < RTP_ROUTES; i++)
		if (p->sink[i].ops && p->sink[i].route == route)
			return &p->sink[i];
	return NULL;
}

/* A change of readiness is told from the loop, soon. */
static void port_arm(struct rtp_port *p)
{
	bool told = p->ready == rtp_transport_is_ready(&p->transport) &&
		    p->gathered == rtp_transport_is_gathered(&p->transport);

	reactor_timer_at(p->owner->reactor, &p->timer,
			 told ? rtp_transport_deadline(&p->transport) : 0);
}

static void tap(struct component *c, bool sent, struct datagram *d)
{
	struct rtp_ports *ps = c->port->owner;

	if (!ps->tap)
		return;
	if (sent) {
		d->local = udp_local(c->udp);
		d->when = reactor_now(ps->reactor);
	}
	ps->tap(ps->tap_arg, sent, d);
}

/* What the stages say themselves, and keep-alives. */
static void port_flush(struct rtp_port *p)
{
	mono now = reactor_now(p->owner->reactor).m;
	uint8_t room[ROOM];
	struct rtp_datagram out;

	while (rtp_transport_poll(&p->transport, room, sizeof(room), now,
				  &out)) {
		struct component *c = &p->comp[out.component];
		struct datagram d = { .p = out.p, .n = out.n,
				      .remote = out.peer };

		if (c->udp && udp_send(c->udp, &d, 1) == 1)
			tap(c, true, &d);
		/* else lost: nothing is to be done about it here */
	}
	port_arm(p);
}

/* After each input from the loop; the port is busy. */
static void settle(struct rtp_port *p)
{
	struct instant now = reactor_now(p->owner->reactor);
	bool ready = rtp_transport_is_ready(&p->transport);
	bool gathered = rtp_transport_is_gathered(&p->transport);
	bool news = ready != p->ready, first = gathered && !p->gathered;

	p->ready = ready;
	p->gathered = gathered;
	port_flush(p);
	if (first && p->owner->gathered)
		p->owner->gathered(p->owner->gathered_arg, p->handle);
	for (unsigned i = 0; news && i < RTP_ROUTES && !p->dead; i++) {
		struct sink *s = &p->sink[i];

		if (s->ops && s->ops->on_ready)
			s->ops->on_ready(s->arg, ready, now);
	}
}

static void keepalive(struct rtp_port *p, struct instant when)
{
	for (unsigned i = 0; i < RTP_ROUTES && !p->dead; i++) {
		struct sink *s = &p->sink[i];

		if (!s->ops || !s->ops->on_alive)
			continue;
		s->touched = true;
		s->ops->on_alive(s->arg, when);
	}
}

/* Each packet of a compound to every stream that it concerns. */
static void deliver_rtcp(struct rtp_port *p, const struct rtp_transport_in *in,
			 struct instant when)
{
	struct rtp_rtcp_walk w = { 0 };
	struct slice packets;
	uint32_t route;

	while (!p->dead && rtp_routes_rtcp(rtp_transport_routes(&p->transport),
					   in->datagram, &w, &route,
					   &packets)) {
		struct sink *s = sink_of(p, route);

		if (!s)
			continue;
		s->touched = true;
		s->ops->on_rtcp(s->arg, packets, &in->from, when);
	}
}

static void port_deliver(struct component *c, struct datagram *d)
{
	struct rtp_port *p = c->port;
	struct rtp_transport_in in;
	struct sink *s;

	tap(c, false, d);
	rtp_transport_on_datagram(&p->transport, c->index, d->p, d->n,
				  &d->remote, d->when.m, &in);
	if (in.moved)
		port_arm(p);
	if (in.kind == RTP_KIND_NONE && in.alive)
		keepalive(p, d->when);
	if (in.kind == RTP_KIND_RTCP)
		deliver_rtcp(p, &in, d->when);
	s = in.kind == RTP_KIND_RTP ? sink_of(p, in.route) : NULL;
	if (!s)
		return;
	s->touched = true;
	s->ops->on_rtp(s->arg, &in.packet, &in.from, d->when);
}

static void port_on_datagrams(void *arg, struct datagram *d, size_t n)
{
	struct component *c = arg;
	struct rtp_port *p = c->port;

	p->busy++;
	for (size_t i = 0; i < n && !p->dead; i++)
		port_deliver(c, &d[i]);
	if (!p->dead && p->transport.stages.n)
		settle(p);
	for (unsigned i = 0; i < RTP_ROUTES && !p->dead; i++) {
		struct sink *s = &p->sink[i];

		if (!s->ops || !s->touched)
			continue;
		s->touched = false;
		if (s->ops->on_end)
			s->ops->on_end(s->arg);
	}
	unbusy(p);
}

static void on_error(void *arg, const struct addr *remote, int err)
{
	struct component *c = arg;
	struct rtp_port *p = c->port;
	struct addr to = rtp_transport_remote(&p->transport, c->index);

	/* Of where the peer was before, or forged: it says nothing of the way
	 * to the peer. */
	if (!addr_same(remote, &to))
		return;
	p->busy++;
	for (unsigned i = 0; i < RTP_ROUTES && !p->dead; i++) {
		struct sink *s = &p->sink[i];

		if (s->ops && s->ops->on_error)
			s->ops->on_error(s->arg, c->index, err);
	}
	unbusy(p);
}

static const struct udp_ops udp_ops = { port_on_datagrams, on_error };

static void port_on_timer(void *arg)
{
	struct rtp_port *p = arg;

	p->busy++;
	rtp_transport_on_time(&p->transport,
			      reactor_now(p->owner->reactor).m);
	settle(p);
	unbusy(p);
}

/* ---------------------------------------------------------------- opening */

static int bind_one(struct rtp_port *p, unsigned i, struct addr local,
		    uint16_t port)
{
	local.port = port;
	return udp_open(p->owner->reactor, &local, &udp_ops, &p->comp[i],
			&p->comp[i].udp);
}

static void unbind(struct rtp_port *p)
{
	for (unsigned i = 0; i < RTP_COMPONENTS; i++) {
		udp_close(p->comp[i].udp);
		p->comp[i].udp = NULL;
	}
}

static int bind_pair(struct rtp_port *p, const struct addr *local, bool mux,
		     uint16_t even)
{
	int rc = bind_one(p, 0, *local, even);

	if (!rc && !mux)
		rc = bind_one(p, 1, *local, (uint16_t)(even + 1));
	if (rc)
		unbind(p);
	return rc;
}

static uint32_t gcd(uint32_t a, uint32_t b)
{
	while (b) {
		uint32_t rest = a % b;

		a = b;
		b = rest;
	}
	return a;
}

/* From a random place by a random step that meets each pair once. */
static int bind_range(struct rtp_ports *ps, struct rtp_port *p,
		      const struct addr *local, bool mux)
{
	uint32_t pairs = (ps->hi - ps->lo + 1u) / 2, step;
	uint32_t at = drbg_below(&ps->drbg, pairs);
	int rc = -EADDRINUSE;

	do
		step = 1 + drbg_below(&ps->drbg, pairs);
	while (gcd(step, pairs) != 1);
	for (uint32_t i = 0; i < pairs && rc == -EADDRINUSE; i++) {
		rc = bind_pair(p, local, mux, (uint16_t)(ps->lo + 2 * at));
		at = (at + step) % pairs;
	}
	return rc;
}

/* The OS gives any port; its neighbour makes the pair. */
static int bind_any(struct rtp_port *p, const struct addr *local, bool mux)
{
	int rc = -EADDRINUSE;

	for (unsigned i = 0; i < TRIES && rc == -EADDRINUSE; i++) {
		uint16_t got;

		rc = bind_one(p, 0, *local, 0);
		if (rc || mux)
			return rc;
		got = udp_local(p->comp[0].udp).port;
		unbind(p);
		rc = bind_pair(p, local, mux, (uint16_t)(got & ~1u));
	}
	return rc;
}

static int new_slot(struct rtp_ports *ps, uint32_t *out)
{
	uint32_t n = ps->slots ? ps->slots * 2 : 4;
	void *more;

	for (uint32_t i = ps->hint; i < ps->slots; i++)
		if (!ps->slot[i].port) {
			*out = i;
			return 0;
		}
	if (n > PORTS_MAX)
		n = PORTS_MAX;
	if (n == ps->slots)
		return -ENOMEM;
	more = mem_resize(ps->mem, ps->slot, n * sizeof(*ps->slot));
	if (!more)
		return -ENOMEM;
	ps->slot = more;
	memset(ps->slot + ps->slots, 0,
	       (n - ps->slots) * sizeof(*ps->slot));
	*out = ps->slots;
	ps->slots = n;
	return 0;
}

int rtp_port_open(struct rtp_ports *ps, const struct addr *local, bool mux,
		  uint32_t *out)
{
	struct rtp_port *p;
	struct rtp_path path;
	uint32_t i;
	int rc = new_slot(ps, &i);

	if (rc)
		return rc;
	p = mem_new(ps->mem, sizeof(*p));
	if (!p)
		return -ENOMEM;
	p->owner = ps;
	p->mem = ps->mem;
	p->timer.fn = port_on_timer;
	p->timer.arg = p;
	for (unsigned k = 0; k < RTP_COMPONENTS; k++) {
		p->comp[k].port = p;
		p->comp[k].index = k;
	}
	path = rtp_symmetric_path(&p->symmetric);
	rtp_transport_init(&p->transport, &path, 0,
			   reactor_now(ps->reactor).m);
	p->ready = p->gathered = true; /* without stages it is */
	rtp_transport_set_mux(&p->transport, mux);
	rc = ps->hi ? bind_range(ps, p, local, mux) : bind_any(p, local, mux);
	if (rc) {
		mem_free(ps->mem, p);
		return rc;
	}
	ps->slot[i].port = p;
	ps->slot[i].even = (uint16_t)(udp_local(p->comp[0].udp).port & ~1u);
	ps->hint = i + 1;
	p->handle = (uint32_t)ps->slot[i].generation << 16 | (i + 1);
	*out = p->handle;
	return 0;
}

int rtp_port_move(struct rtp_ports *ps, uint32_t port,
		  const struct addr *local)
{
	struct rtp_port *p = port_find(ps, port);
	struct udp *was[RTP_COMPONENTS];
	struct addr now = rtp_port_local(ps, port, 0);
	int rc;

	if (!p)
		return -ESTALE;
	if (addr_same_ip(&now, local))
		return 0;
	for (unsigned i = 0; i < RTP_COMPONENTS; i++) {
		was[i] = p->comp[i].udp;
		p->comp[i].udp = NULL;
	}
	rc = ps->hi ? bind_range(ps, p, local, !was[1]) :
		      bind_any(p, local, !was[1]);
	for (unsigned i = 0; i < RTP_COMPONENTS; i++)
		if (rc)
			p->comp[i].udp = was[i];
		else
			udp_close(was[i]);
	if (rc)
		return rc;
	now = udp_local(p->comp[0].udp);
	ps->slot[(port & 0xFFFF) - 1].even = (uint16_t)(now.port & ~1u);
	rtp_port_set_dscp(ps, port, p->dscp);
	return 0;
}

/* ------------------------------------------------------------------ users */

struct rtp_transport *rtp_port_transport(struct rtp_ports *ps, uint32_t port)
{
	struct rtp_port *p = port_find(ps, port);

	return p ? &p->transport : NULL;
}

struct addr rtp_port_local(struct rtp_ports *ps, uint32_t port,
			   unsigned component)
{
	struct rtp_port *p = port_find(ps, port);

	if (!p || component >= RTP_COMPONENTS || !p->comp[component].udp)
		return (struct addr){ 0 };
	return udp_local(p->comp[component].udp);
}

/* A socket on all addresses is at each of this host's. */
static bool is_at(struct reactor *r, const struct addr *bound,
		  const struct addr *a)
{
	struct addr here;

	if (bound->port != a->port || bound->family != a->family)
		return false;
	if (!addr_is_any(bound))
		return addr_same_ip(bound, a);
	return reactor_route(r, a, &here) == 0 && addr_same_ip(&here, a);
}

bool rtp_ports_has(const struct rtp_ports *ps, const struct addr *a)
{
	for (uint32_t i = 0; i < ps->slots; i++)
		for (unsigned k = 0; k < RTP_COMPONENTS; k++) {
			const struct rtp_port *p = ps->slot[i].port;
			struct addr own;

			if (!p || ps->slot[i].even != (a->port & ~1u) ||
			    !p->comp[k].udp)
				continue;
			own = udp_local(p->comp[k].udp);
			if (is_at(ps->reactor, &own, a))
				return true;
		}
	return false;
}

int rtp_port_attach(struct rtp_ports *ps, uint32_t port, const uint64_t pts[2],
		    const struct rtp_sink_ops *ops, void *sink,
		    uint32_t *route)
{
	struct rtp_port *p = port_find(ps, port);
	uint32_t handle;

	if (!p)
		return -ESTALE;
	handle = rtp_routes_add(rtp_transport_routes(&p->transport), pts);
	if (!handle)
		return -ENOSPC;
	for (unsigned i = 0; i < RTP_ROUTES; i++) {
		if (p->sink[i].ops)
			continue;
		p->sink[i] = (struct sink){ ops, sink, handle, false };
		break;
	}
	*route = handle;
	return 0;
}

void rtp_port_detach(struct rtp_ports *ps, uint32_t port, uint32_t route)
{
	struct rtp_port *p = port_find(ps, port);
	struct sink *s = p ? sink_of(p, route) : NULL;

	if (!s)
		return;
	*s = (struct sink){ 0 };
	rtp_routes_remove(rtp_transport_routes(&p->transport), route);
	if (!rtp_routes_count(rtp_transport_routes(&p->transport)))
		rtp_port_close(ps, port);
}

void rtp_port_set_remote(struct rtp_ports *ps, uint32_t port,
			 unsigned component, const struct addr *remote)
{
	struct rtp_port *p = port_find(ps, port);

	if (!p)
		return;
	rtp_transport_set_remote(&p->transport, component, remote,
				 reactor_now(ps->reactor).m);
	port_arm(p);
}

void rtp_ports_on_gathered(struct rtp_ports *ps,
			   void (*fn)(void *arg, uint32_t port), void *arg)
{
	ps->gathered = fn;
	ps->gathered_arg = arg;
}

int rtp_port_add_stage(struct rtp_ports *ps, uint32_t port,
		       const struct rtp_stage *stage)
{
	struct rtp_port *p = port_find(ps, port);
	int rc = p ? rtp_transport_add_stage(&p->transport, stage) : -ESTALE;

	if (rc)
		return rc;
	p->gathered = rtp_transport_is_gathered(&p->transport);
	port_arm(p);
	return 0;
}

void rtp_port_set_path(struct rtp_ports *ps, uint32_t port,
		       const struct rtp_path *path)
{
	struct rtp_port *p = port_find(ps, port);
	struct rtp_path own;

	if (!p)
		return;
	p->symmetric = (struct rtp_symmetric){ 0 };
	own = rtp_symmetric_path(&p->symmetric);
	rtp_transport_set_path(&p->transport, path ? path : &own);
	port_arm(p);
}

int rtp_port_send(struct rtp_ports *ps, uint32_t port, uint32_t route,
		  enum rtp_kind kind, uint8_t *packet, size_t n, size_t cap)
{
	struct rtp_port *p = port_find(ps, port);
	struct datagram d = { .p = packet };
	unsigned i;
	int rc;

	if (!p)
		return -ESTALE;
	rc = rtp_transport_send(&p->transport, route, kind, packet, n, cap,
				reactor_now(ps->reactor).m, &i, &d.remote);
	if (p->transport.stages.n) /* it may have made one say something */
		port_flush(p);
	if (rc < 0)
		return rc;
	d.n = (size_t)rc;
	if (!p->comp[i].udp)
		return -ENOTCONN;
	rc = udp_send(p->comp[i].udp, &d, 1);
	if (rc < 1)
		return rc < 0 ? rc : -EAGAIN;
	tap(&p->comp[i], true, &d);
	return 0;
}

void rtp_port_set_dscp(struct rtp_ports *ps, uint32_t port, unsigned dscp)
{
	struct rtp_port *p = port_find(ps, port);

	if (p)
		p->dscp = dscp;
	for (unsigned i = 0; p && i < RTP_COMPONENTS; i++)
		if (p->comp[i].udp)
			udp_set_dscp(p->comp[i].udp, dscp);
}

void rtp_ports_tap(struct rtp_ports *ps,
		   void (*fn)(void *arg, bool sent, const struct datagram *d),
		   void *arg)
{
	ps->tap = fn;
	ps->tap_arg = arg;
}
