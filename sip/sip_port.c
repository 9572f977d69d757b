/* SPDX-License-Identifier: BSD-2-Clause */
#include "sip/sip_port.h"

#include "platform/list.h"
#include "sip/sip_lookup.h"
#include "sip/sip_ws.h"

enum { INTERFACES = 32 };

/* A listening point. */
struct point {
	struct sip_port *port;
	struct list link;
	uint32_t handle;
	enum sip_transport transport;
	struct addr local;
	struct udp *udp;
	struct tcp_listener *listener;
	struct sip_ws_ear *ear; /* of WebSocket */
};

struct conn {
	struct sip_port *port;
	struct list link;
	uint32_t flow;
	struct sip_path path;
	struct tcp *tcp;
};

struct sip_port {
	struct reactor *r;
	struct mem *mem;
	struct sip_core *core;
	struct sip_users users;
	struct sip_port_ops ops;
	void *arg;
	size_t tcp_send, ws_room;
	struct sip_ws *ws;  /* NULL: none was opened yet */
	struct sip_lookups *lookups; /* NULL: DNS is left out */
	struct sip_secures *secures; /* NULL: TLS is left out */
	const struct sip_identity *own;
	const char **own_why;
	struct reactor_timer timer;
	mono due;           /* what the timer is set to */
	struct list points;
	struct list conns;
	struct conn **at;   /* by index of the flow's handle */
	size_t at_n;
	bool draining, dead;
	unsigned hold;      /* functions of the port on the stack */
};

static void drain(struct sip_port *p);
static void release(struct sip_port *p);
static void point_close(struct point *pt);

/* --------------------------------------------------------- connections */
static struct conn *conn_of(const struct sip_port *p, uint32_t flow)
{
	size_t i = flow & 0xffff;
	struct conn *k = i < p->at_n ? p->at[i] : NULL;

	return k && k->flow == flow ? k : NULL;
}

static int conn_place(struct sip_port *p, struct conn *k)
{
	size_t i = k->flow & 0xffff, n = i < 16 ? 32 : 2 * i;
	struct conn **at;

	if (i >= p->at_n) {
		at = mem_resize(p->mem, p->at, n * sizeof(struct conn *));
		if (!at)
			return -ENOMEM;
		memset(at + p->at_n, 0,
		       (n - p->at_n) * sizeof(struct conn *));
		p->at = at;
		p->at_n = n;
	}
	p->at[i] = k;
	list_append(&p->conns, &k->link);
	return 0;
}

static void conn_free(struct sip_port *p, struct conn *k)
{
	if (conn_of(p, k->flow) == k)
		p->at[k->flow & 0xffff] = NULL;
	list_remove(&k->link);
	mem_free(p->mem, k);
}

static void trace(struct sip_port *p, bool sent, const struct sip_path *path,
		  struct slice bytes)
{
	if (p->ops.on_packet)
		p->ops.on_packet(p->arg, sent, path, bytes,
				 reactor_now(p->r));
}

static void on_open(void *arg)
{
	struct conn *k = arg;
	struct sip_port *p = k->port;

	k->path.local = tcp_local(k->tcp);
	sip_core_on_open(p->core, k->flow, &k->path.local,
			 reactor_now(p->r));
	drain(p);
}

static void on_bytes(void *arg, uint8_t *bytes, size_t n)
{
	struct conn *k = arg;
	struct sip_port *p = k->port;

	trace(p, false, &k->path, slice_of(bytes, n));
	sip_core_on_stream(p->core, k->flow, slice_of(bytes, n),
			   reactor_now(p->r));
	drain(p);
}

/* reason: in words, else NULL. */
static void conn_gone_for(struct conn *k, int err, const char *reason)
{
	struct sip_port *p = k->port;
	uint32_t flow = k->flow;

	conn_free(p, k);
	if (reason)
		sip_core_on_refused(p->core, flow, reason, reactor_now(p->r));
	else
		sip_core_on_closed(p->core, flow, err, reactor_now(p->r));
}

static void conn_gone(struct conn *k, int err)
{
	conn_gone_for(k, err, NULL);
}

/* Why it failed, as the lowest of its layers has it that knows. */
static const char *words_of(const struct conn *k)
{
	const char *words = NULL;

	if (k->port->secures)
		words = feature_secure[0]->fault(sip_ws_under(k->tcp));
	return words ? words : sip_ws_fault(k->tcp);
}

static void on_closed(void *arg, int err)
{
	struct conn *k = arg;
	struct sip_port *p = k->port;

	conn_gone_for(k, err, err ? words_of(k) : NULL);
	drain(p);
}

/* Who sends no more requests takes no answers either, as SIP goes. */
static void on_end(void *arg)
{
	struct conn *k = arg;
	struct sip_port *p = k->port;

	tcp_close(k->tcp);
	conn_gone(k, 0);
	drain(p);
}

static void on_room(void *arg)
{
	(void)arg; /* nothing is ever left over: see stream_out */
}

static const struct tcp_ops stream_ops = {
	.on_open = on_open, .on_bytes = on_bytes, .on_room = on_room,
	.on_end = on_end, .on_closed = on_closed
};

static void on_accept(void *arg, struct tcp *t)
{
	struct point *pt = arg;
	struct sip_port *p = pt->port;
	struct conn *k = mem_new(p->mem, sizeof(*k));
	struct addr local = tcp_local(t), remote = tcp_remote(t);

	if (!k)
		return; /* not taken over: it is reset */
	k->port = p;
	k->tcp = t;
	if (sip_core_on_accept(p->core, pt->handle, &local, &remote,
			       reactor_now(p->r), &k->flow)) {
		mem_free(p->mem, k);
		return;
	}
	k->path = (struct sip_path){ .transport = pt->transport,
		.flow = k->flow, .local = local, .remote = remote };
	if (conn_place(p, k)) {
		conn_gone(k, 0);
	} else {
		tcp_set_ops(t, &stream_ops, k);
		tcp_set_buffer(t, p->tcp_send);
	}
	drain(p);
}

/* ------------------------------------------------------------ WebSocket */
static bool is_ws(enum sip_transport t)
{
	return sip_transport_row(t)->connected && sip_transport_row(t)->framed;
}

static struct sip_ws *port_ws(struct sip_port *p)
{
	if (!p->ws)
		p->ws = sip_ws_new(p->r, p->ws_room);
	return p->ws;
}

int sip_port_ws_path(struct sip_port *p, struct slice path)
{
	return port_ws(p) ? sip_ws_path(p->ws, path) : -ENOMEM;
}

static void sip_on_incoming(void *arg, struct tcp *t)
{
	struct point *pt = arg;

	if (pt->ear)
		sip_ws_take(pt->ear, t);
	else
		on_accept(pt, t);
}

static int ws_out(struct conn *k)
{
	struct sip_port *p = k->port;
	bool secure = sip_transport_row(k->path.transport)->secure;

	if (port_ws(p))
		return sip_ws_connect(p->ws, sip_core_name(p->core, &k->path),
				      secure, &stream_ops, k, &k->tcp);
	tcp_abort(k->tcp);
	return -ENOMEM;
}

/* A secure one's peer has the name that the core knows (RFC 5922 7). */
static int conn_open(struct conn *k, const char **why)
{
	struct sip_port *p = k->port;
	const struct addr *local = addr_is_any(&k->path.local) ? NULL :
				   &k->path.local;
	bool secure = sip_transport_row(k->path.transport)->secure;
	int rc;

	if (!secure)
		rc = tcp_connect(p->r, local, &k->path.remote, &stream_ops, k,
				 &k->tcp);
	else
		rc = !p->secures ? -ENOTSUP :
		     feature_secure[0]->connect(p->secures, k->path.identity,
						sip_core_name(p->core,
							      &k->path),
						local, &k->path.remote,
						&stream_ops, k, &k->tcp, why);
	return !rc && is_ws(k->path.transport) ? ws_out(k) : rc;
}

static void connect_out(struct sip_port *p, const struct sip_out *o)
{
	struct conn *k = mem_new(p->mem, sizeof(*k));
	const char *why = NULL;
	int rc = -ENOMEM;

	if (k) {
		k->port = p;
		k->flow = o->flow;
		k->path = o->path;
		rc = conn_place(p, k);
	}
	if (!rc)
		rc = conn_open(k, &why);
	if (!rc) {
		tcp_set_buffer(k->tcp, p->tcp_send);
		return;
	}
	if (k)
		conn_free(p, k);
	if (why)
		sip_core_on_refused(p->core, o->flow, why, reactor_now(p->r));
	else
		sip_core_on_closed(p->core, o->flow, -rc, reactor_now(p->r));
}

/* What the connection's buffer (limits.tcp_send) does not take shows a peer
 * that does not read: it is closed. */
static void stream_out(struct sip_port *p, const struct sip_out *o)
{
	struct conn *k = conn_of(p, o->flow);
	int n;

	if (!k)
		return;
	trace(p, true, &k->path, o->bytes);
	n = tcp_write(k->tcp, o->bytes.p, o->bytes.n);
	if (n >= 0 && (size_t)n == o->bytes.n)
		return;
	tcp_abort(k->tcp);
	conn_gone(k, 0);
}

static void close_out(struct sip_port *p, const struct sip_out *o)
{
	struct conn *k = conn_of(p, o->flow);

	if (!k)
		return;
	if (o->reset)
		tcp_abort(k->tcp);
	else
		tcp_close(k->tcp);
	conn_free(p, k);
}

/* ------------------------------------------------------------ datagrams */
static void sip_on_datagrams(void *arg, struct datagram *d, size_t n)
{
	struct point *pt = arg;
	struct sip_port *p = pt->port;
	struct instant now = reactor_now(p->r);
	struct addr bound = pt->local; /* the point may be closed below */
	uint32_t handle = pt->handle;

	p->hold++;
	for (size_t i = 0; i < n && !p->dead; i++) {
		struct sip_path path = { .transport = pt->transport,
			.flow = handle, .remote = d[i].remote,
			.local = d[i].local.family ? d[i].local : bound };
		struct slice bytes = slice_of(d[i].p, d[i].n);

		trace(p, false, &path, bytes);
		sip_core_on_datagram(p->core, handle, &path.local,
				     &path.remote, bytes, now);
		drain(p);
	}
	release(p);
}

static void on_udp_error(void *arg, const struct addr *remote, int err)
{
	struct point *pt = arg;
	struct sip_port *p = pt->port;

	sip_core_on_datagram_error(p->core, pt->handle, remote, err,
				   reactor_now(p->r));
	drain(p);
}

static const struct udp_ops datagram_ops = {
	.on_datagrams = sip_on_datagrams, .on_error = on_udp_error,
};

static struct point *point_of(const struct sip_port *p, uint32_t handle)
{
	for (struct list *l = p->points.next; l != &p->points; l = l->next) {
		struct point *pt = CONTAINER(l, struct point, link);

		if (pt->handle == handle)
			return pt;
	}
	return NULL;
}

static void datagram_out(struct sip_port *p, const struct sip_out *o)
{
	struct point *pt = point_of(p, o->flow);
	struct datagram d = { .remote = o->path.remote,
			      .n = o->bytes.n };
	int rc;

	if (!pt || !pt->udp)
		return;
	if (!addr_is_any(&o->path.local))
		d.local = o->path.local;
	memcpy(&d.p, &o->bytes.p, sizeof(d.p)); /* is only read */
	trace(p, true, &o->path, o->bytes);
	rc = udp_send(pt->udp, &d, 1);
	if (rc < 0 && d.local.family && addr_is_any(&pt->local)) {
		/* That address may be gone: from another then, as answers are
		 * known by what they say. */
		d.local = (struct addr){ 0 };
		rc = udp_send(pt->udp, &d, 1);
	}
	if (rc < 0)
		sip_core_on_unsent(p->core, o->flow, &d.remote, -rc,
				   reactor_now(p->r));
}

/* -------------------------------------------------------------- lookups */
static struct sip_hop hop_at(struct sip_port *p, const struct sip_locate *l,
			     const struct addr *a)
{
	enum sip_transport t = l->transport ? l->transport : SIP_UDP;
	struct sip_hop h = { .transport = t, .addr = *a };

	if (l->secure)
		h.transport = sip_transport_row(t)->secured;
	h.addr.port = l->port ? l->port : sip_transport_row(h.transport)->port;
	if (l->route && reactor_route(p->r, a, &h.local))
		h.local = (struct addr){ 0 }; /* sending will say so */
	return h;
}

static const char *unasked(int err)
{
	switch (err) {
	case -ENOTSUP:
		return "the host is no address and not in the hosts file";
	case -EPROTONOSUPPORT:
		return "no transport of ours reaches it";
	default:
		return "out of memory";
	}
}

static int ask(struct sip_port *p, struct sip_wanted *w)
{
	for (struct list *l = p->points.next; l != &p->points; l = l->next) {
		const struct point *pt = CONTAINER(l, struct point, link);

		w->transports |= 1u << pt->transport;
		w->v4 = w->v4 || pt->local.family == 4;
		w->v6 = w->v6 || pt->local.family == 6;
	}
	return p->lookups ? feature_lookup[0]->ask(p->lookups, w) : -ENOTSUP;
}

/* What needs no name server is answered at once. */
static void locate(struct sip_port *p, const struct sip_out *o)
{
	const struct sip_locate *l = o->locate;
	struct sip_wanted w = { .sip = l, .host = l->host, .tag = o->lookup };
	struct addr addr[SIP_HOPS];
	struct sip_hop hop[SIP_HOPS];
	size_t n = 1;
	int rc = 0;

	if (addr_parse_ip(l->host, &addr[0]))
		n = reactor_hosts(p->r, l->host, addr, SIP_HOPS);
	if (n > SIP_HOPS)
		n = SIP_HOPS;
	for (size_t i = 0; i < n; i++)
		hop[i] = hop_at(p, l, &addr[i]);
	if (!n)
		rc = ask(p, &w);
	if (n || rc)
		sip_core_on_located(p->core, o->lookup, hop, n,
				    n ? NULL : unasked(rc),
				    reactor_now(p->r));
}

int sip_port_find(struct sip_port *p, struct slice host, uint64_t tag)
{
	struct sip_wanted w = { .host = host, .tag = tag };

	return ask(p, &w);
}

static void on_lookup(void *arg, const struct sip_found *f)
{
	struct sip_port *p = arg;
	struct addr addr[SIP_HOPS];

	if (f->sip) {
		sip_core_on_located(p->core, f->tag, f->hop, f->n, f->reason,
				    reactor_now(p->r));
		drain(p);
		return;
	}
	for (size_t i = 0; i < f->n; i++)
		addr[i] = f->hop[i].addr;
	p->ops.on_found(p->arg, f->tag, addr, f->n);
}

void sip_port_servers(struct sip_port *p, const struct addr *server, size_t n)
{
	if (p->lookups)
		feature_lookup[0]->servers(p->lookups, server, n);
}

void sip_port_trace(struct sip_port *p, struct trace *t)
{
	if (p->lookups)
		feature_lookup[0]->trace(p->lookups, t);
	if (p->secures)
		feature_secure[0]->trace(p->secures, t);
}

/* ---------------------------------------------------------------- drain */
static void handle_out(struct sip_port *p, const struct sip_out *o)
{
	switch (o->kind) {
	case SIP_OUT_DATAGRAM:
		datagram_out(p, o);
		break;
	case SIP_OUT_STREAM:
		stream_out(p, o);
		break;
	case SIP_OUT_CONNECT:
		connect_out(p, o);
		break;
	case SIP_OUT_CLOSE:
		close_out(p, o);
		break;
	case SIP_OUT_LOCATE:
		locate(p, o);
		break;
	case SIP_OUT_EVENT:
		if (p->ops.on_event)
			p->ops.on_event(p->arg, o->event);
		break;
	}
}

static void port_delete(struct sip_port *p)
{
	reactor_timer_stop(p->r, &p->timer);
	if (p->lookups)
		feature_lookup[0]->free(p->lookups);
	while (!list_empty(&p->conns)) {
		struct conn *k = CONTAINER(p->conns.next, struct conn, link);

		tcp_close(k->tcp);
		conn_free(p, k);
	}
	while (!list_empty(&p->points))
		point_close(CONTAINER(p->points.next, struct point, link));
	sip_ws_free(p->ws);
	if (p->secures)
		feature_secure[0]->free(p->secures);
	sip_users_fini(&p->users);
	sip_core_free(p->core);
	mem_free(p->mem, p->at);
	mem_free(p->mem, p);
}

/* While something of the port's is on the stack it cannot go. */
static void release(struct sip_port *p)
{
	if (--p->hold == 0 && p->dead)
		port_delete(p);
}

static void drain(struct sip_port *p)
{
	struct sip_users_out o;
	mono due;

	if (p->draining)
		return; /* from a result: the loop below goes on */
	p->hold++;
	p->draining = true;
	while (!p->dead && sip_users_poll(&p->users, &o, reactor_now(p->r))) {
		if (o.is_result)
			p->ops.on_result(p->arg, &o.result);
		else
			handle_out(p, &o.core);
	}
	p->draining = false;
	due = sip_users_deadline(&p->users);
	if (due != p->due && !p->dead)
		reactor_timer_at(p->r, &p->timer, due);
	p->due = due;
	release(p);
}

void sip_port_flush(struct sip_port *p)
{
	drain(p);
}

static void sip_on_timer(void *arg)
{
	struct sip_port *p = arg;

	p->due = MONO_NEVER; /* it has fired */
	sip_users_on_time(&p->users, reactor_now(p->r));
	drain(p);
}

/* ----------------------------------------------------------------- life */
int sip_port_new(struct reactor *r, const struct limits *limits,
		 const struct sip_port_ops *ops, void *arg,
		 struct sip_port **out)
{
	struct mem *m = reactor_mem(r);
	struct sip_port *p = mem_new(m, sizeof(*p));
	uint8_t seed[32];
	int rc;

	if (!p)
		return -ENOMEM;
	*p = (struct sip_port){ .r = r, .mem = m, .ops = *ops, .arg = arg,
		.tcp_send = limits->tcp_send, .ws_room = limits->memory / 8,
		.due = MONO_NEVER,
		.timer = { .fn = sip_on_timer, .arg = p } };
	list_init(&p->points);
	list_init(&p->conns);
	rc = reactor_entropy(r, seed, sizeof(seed));
	if (!rc)
		rc = sip_core_new(m, limits, seed, reactor_now(r), &p->core);
	memset(seed, 0, sizeof(seed));
	if (!rc && feature_lookup[0])
		rc = feature_lookup[0]->make(r, limits, on_lookup, p,
					     &p->lookups);
	if (!rc && feature_secure[0])
		rc = feature_secure[0]->make(r, &p->secures);
	if (!rc)
		rc = sip_users_init(&p->users, m, p->core);
	if (rc) {
		if (p->secures)
			feature_secure[0]->free(p->secures);
		if (p->lookups)
			feature_lookup[0]->free(p->lookups);
		sip_core_free(p->core);
		mem_free(m, p);
		return rc;
	}
	*out = p;
	return 0;
}

void sip_port_free(struct sip_port *p)
{
	if (!p)
		return;
	p->hold++;
	p->dead = true;
	release(p);
}

struct sip_core *sip_port_core(struct sip_port *p)
{
	return p->core;
}

struct sip_users *sip_port_users(struct sip_port *p)
{
	return &p->users;
}

/* ------------------------------------------------------ listening points */
/* An address of the host that others may reach, for one bound to any. */
static struct addr reachable(struct sip_port *p, const struct addr *bound)
{
	struct host_if ifs[INTERFACES];
	size_t n = reactor_interfaces(p->r, ifs, INTERFACES);
	struct addr best = { 0 };

	for (size_t i = 0; i < n && i < INTERFACES; i++) {
		const struct addr *a = &ifs[i].addr;

		if (!ifs[i].up || a->family != bound->family ||
		    addr_is_link_local(a))
			continue;
		if (!best.family || addr_is_loopback(&best))
			best = *a;
	}
	best.port = bound->port;
	return best.family ? best : *bound;
}

static void point_close(struct point *pt)
{
	struct sip_port *p = pt->port;

	if (pt->handle)
		sip_core_remove_local(p->core, pt->handle);
	udp_close(pt->udp);
	if (pt->listener)
		tcp_listener_close(pt->listener);
	sip_ws_ear_free(pt->ear);
	list_remove(&pt->link);
	mem_free(p->mem, pt);
}

static int listen_secure(struct point *pt, const struct addr *local)
{
	struct sip_port *p = pt->port;

	if (!p->secures)
		return -ENOTSUP;
	return !p->own ? 0 :
	       feature_secure[0]->listen(p->secures, p->own, local,
					 sip_on_incoming, pt, &pt->listener,
					 p->own_why);
}

static int bind_point(struct point *pt, const struct addr *local)
{
	struct reactor *r = pt->port->r;
	int rc = 0;

	if (!sip_transport_row(pt->transport)->connected) {
		rc = udp_open(r, local, &datagram_ops, pt, &pt->udp);
		if (!rc)
			pt->local = udp_local(pt->udp);
		return rc;
	}
	if (is_ws(pt->transport))
		rc = port_ws(pt->port) ? sip_ws_listen(pt->port->ws, on_accept,
						       pt, &pt->ear) : -ENOMEM;
	if (!rc && sip_transport_row(pt->transport)->secure)
		rc = listen_secure(pt, local);
	else if (!rc)
		rc = tcp_listen(r, local, sip_on_incoming, pt, &pt->listener);
	if (!rc)
		pt->local = pt->listener ? tcp_listener_local(pt->listener) :
					   *local;
	return rc;
}

static int point_add(struct sip_port *p, enum sip_transport t,
		     const struct addr *local, const struct addr *shown,
		     bool listens, uint32_t *point)
{
	struct point *pt = mem_new(p->mem, sizeof(*pt));
	struct addr show;
	int rc;

	if (!pt)
		return -ENOMEM;
	pt->port = p;
	pt->transport = t;
	pt->local = *local;
	rc = listens ? bind_point(pt, local) : 0;
	if (!rc) {
		show = shown ? *shown : addr_is_any(&pt->local) ?
		       reachable(p, &pt->local) : pt->local;
		if (!show.port)
			show.port = pt->local.port;
		rc = sip_core_add_local(p->core, t, &pt->local, &show,
					&pt->handle);
	}
	if (!rc && !shown && addr_is_any(&pt->local))
		sip_core_guess_shown(p->core, pt->handle);
	if (rc) {
		point_close(pt);
		return rc;
	}
	list_append(&p->points, &pt->link);
	*point = pt->handle;
	return 0;
}

int sip_port_identify(struct sip_port *p, uint32_t number,
		      const struct sip_identity *id, const char **why)
{
	return p->secures ? feature_secure[0]->identify(p->secures, number, id,
							why) : -ENOTSUP;
}

uint32_t sip_port_next_identity(const struct sip_port *p, uint32_t number)
{
	return p->secures ? feature_secure[0]->next(p->secures, number) : 0;
}

void sip_port_own(struct sip_port *p, const struct sip_identity *id,
		  const char **why)
{
	p->own = id;
	p->own_why = why;
}

int sip_port_listen(struct sip_port *p, enum sip_transport t,
		    const struct addr *local, const struct addr *shown,
		    uint32_t *point)
{
	return point_add(p, t, local, shown, true, point);
}

int sip_port_from(struct sip_port *p, enum sip_transport t,
		  const struct addr *local, const struct addr *shown,
		  uint32_t *point)
{
	if (!sip_transport_row(t)->connected)
		return -EINVAL;
	if (sip_transport_row(t)->secure && !p->secures)
		return -ENOTSUP;
	return point_add(p, t, local, shown, false, point);
}

struct addr sip_port_local(const struct sip_port *p, uint32_t point)
{
	struct point *pt = point_of(p, point);

	return pt ? pt->local : (struct addr){ 0 };
}

void sip_port_unlisten(struct sip_port *p, uint32_t point)
{
	struct point *pt = point_of(p, point);

	if (pt)
		point_close(pt);
	drain(p);
}

/* ------------------------------------------------------- another network */
/* A guess that still holds stays. */
static void point_readdress(struct point *pt, const struct host_if *ifs,
			    size_t n)
{
	struct sip_port *p = pt->port;
	struct addr shows = sip_core_shown_of(p->core, pt->handle), now;

	if (!shows.family || host_has(ifs, n, &shows))
		return;
	now = reachable(p, &pt->local);
	if (addr_is_any(&now))
		return; /* none for now: what was may come back */
	sip_core_set_shown(p->core, pt->handle, &now);
	sip_core_guess_shown(p->core, pt->handle);
}

void sip_port_readdress(struct sip_port *p, const struct host_if *ifs,
			size_t n)
{
	struct list *next;

	for (struct list *l = p->points.next; l != &p->points; l = l->next)
		point_readdress(CONTAINER(l, struct point, link), ifs, n);
	for (struct list *l = p->conns.next; l != &p->conns; l = next) {
		struct conn *k = CONTAINER(l, struct conn, link);
		struct addr local = tcp_local(k->tcp);

		next = l->next;
		if (!local.family || addr_is_any(&local) ||
		    host_has(ifs, n, &local))
			continue;
		tcp_abort(k->tcp);
		conn_gone(k, ENETUNREACH);
	}
}
