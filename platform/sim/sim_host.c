/* SPDX-License-Identifier: BSD-2-Clause
 * A simulated host: its reactor's turns, timers, posts and ports. */
#include "platform/sim/sim_priv.h"

/* When the world's wall clock began: 2026-01-01 00:00:00 UTC. */
static const int64_t EPOCH = SEC(1767225600);
/* Between two turns at what would be one instant: nothing is free, and what
 * posts itself for ever must not stop time. */
static const mono TURN_TIME = US(1);

enum { PORT_FIRST = 32768, PORT_LAST = 60999 }; /* as Linux chooses */
/* Of a network's addresses, for who asks which are of it. */
enum { PREFIX_V4 = 24, PREFIX_V6 = 64 };

struct post {
	struct list link;
	void (*fn)(void *arg);
	void *arg;
};

struct sim_watch {
	struct fdwatch base;
	struct work w;
	struct list watches;
	void (*fn)(void *arg);
	void *arg;
};

struct sim_host *host_of(struct reactor *r)
{
	return CONTAINER(r, struct sim_host, base);
}

struct reactor *sim_host_reactor(struct sim_host *h)
{
	return &h->base;
}

void sim_host_mem(struct sim_host *h, struct mem *m)
{
	h->base.mem = m;
}

void sim_host_wall(struct sim_host *h, int64_t offset_ns)
{
	h->wall = offset_ns;
}

void sim_host_resolv(struct sim_host *h, const char *text)
{
	h->resolv = text;
}

/* ---------------------------------------------------------------- turns */
static void want_turn(struct sim_host *h)
{
	struct sim *s = h->sim;

	if (list_linked(&h->ready) || wheel_is_set(&h->turn.w))
		return;
	if (h->in_turn || s->now < h->last_turn + TURN_TIME)
		wheel_set(&s->wheel, &h->turn.w, h->last_turn + TURN_TIME);
	else
		list_append(&s->ready, &h->ready);
}

/* A deadline may be the wheel's cascade and not a timer: an empty turn. */
static void set_alarm(struct sim_host *h)
{
	mono at = wheel_deadline(&h->base.wheel);

	if (at != MONO_NEVER && at < h->last_turn + TURN_TIME)
		at = h->last_turn + TURN_TIME;
	if (!wheel_is_set(&h->alarm.w) || h->alarm.w.at != at)
		wheel_set(&h->sim->wheel, &h->alarm.w, at);
}

static void on_alarm(struct event *e)
{
	want_turn(CONTAINER(e, struct sim_host, alarm));
}

static void sim_timers_changed(struct reactor *r)
{
	struct sim_host *h = host_of(r);

	if (!h->in_turn) /* else once, at its end */
		set_alarm(h);
}

static void bury(struct sim_host *h)
{
	struct list *n;

	while ((n = list_take(&h->grave)))
		mem_free(h->base.mem,
			 CONTAINER(n, struct work, grave)->object);
}

static void move_all(struct list *to, struct list *from)
{
	struct list *n;

	list_init(to);
	while ((n = list_take(from)))
		list_append(to, n);
}

static void on_turn(struct event *e)
{
	struct sim_host *h = CONTAINER(e, struct sim_host, turn);
	struct list work, posts, *n;

	h->in_turn = true;
	h->last_turn = h->sim->now;
	h->calls += reactor_fire(&h->base, h->sim->now);
	move_all(&work, &h->work);
	while ((n = list_take(&work))) {
		struct work *w = CONTAINER(n, struct work, ready);

		w->turn(w);
	}
	move_all(&posts, &h->posts);
	while ((n = list_take(&posts))) {
		struct post p = *CONTAINER(n, struct post, link);

		mem_free(h->sim->mem, CONTAINER(n, struct post, link));
		h->calls++;
		p.fn(p.arg);
	}
	h->in_turn = false;
	bury(h);
	set_alarm(h);
	if (!list_empty(&h->work) || !list_empty(&h->posts))
		want_turn(h);
}

void work_open(struct sim_host *h, struct work *w, void *object)
{
	w->h = h;
	w->object = object;
	list_append(&h->open, &w->open);
}

void work_ready(struct work *w)
{
	if (w->dead)
		return;
	if (!list_linked(&w->ready))
		list_append(&w->h->work, &w->ready);
	want_turn(w->h);
}

void work_close(struct work *w)
{
	if (list_linked(&w->grave))
		return;
	list_remove(&w->open);
	list_remove(&w->ready);
	list_append(&w->h->grave, &w->grave);
	if (!w->h->in_turn)
		bury(w->h);
}

/* ---------------------------------------------------------------- rows */
static struct instant sim_instant(struct reactor *r)
{
	struct sim_host *h = host_of(r);

	return (struct instant){ .m = h->sim->now,
				 .wall_ns = EPOCH + h->sim->now + h->wall };
}

static mono sim_clock(struct reactor *r)
{
	return host_of(r)->sim->now;
}

static int sim_entropy(struct reactor *r, void *out, size_t n)
{
	uint8_t *p = out;

	for (size_t i = 0; i < n; i++)
		p[i] = (uint8_t)rng_next(&host_of(r)->rng);
	return 0;
}

static int sim_reactor_step(struct reactor *r, mono max_wait)
{
	return sim_host_step(host_of(r), max_wait);
}

static int sim_post(struct reactor *r, void (*fn)(void *arg), void *arg)
{
	struct sim_host *h = host_of(r);
	struct post *p = mem_new(h->sim->mem, sizeof(*p));

	if (!p)
		return -ENOMEM;
	p->fn = fn;
	p->arg = arg;
	list_append(&h->posts, &p->link);
	want_turn(h);
	return 0;
}

static mono sim_job_delay(struct reactor *r)
{
	return US(100 + rng_below(&host_of(r)->rng, 20000));
}

static size_t sim_poll_set(struct reactor *r, struct reactor_fd *fds,
			   size_t cap, mono *timeout)
{
	(void)r;
	(void)fds;
	(void)cap;
	*timeout = 0; /* virtual time waits for nobody */
	return 0;
}

static void sim_dispatch(struct reactor *r, const struct reactor_fd *fds,
			 size_t n)
{
	(void)fds;
	(void)n;
	(void)sim_step(host_of(r)->sim);
}

static int sim_fdwatch_open(struct reactor *r, int fd, unsigned want,
			    void (*fn)(void *arg, unsigned got), void *arg,
			    struct fdwatch **out)
{
	(void)r;
	(void)fd;
	(void)want;
	(void)fn;
	(void)arg;
	(void)out;
	return -ENOTSUP;
}

/* ----------------------------------------------------------- interfaces */
static void sim_fdwatch_want(struct fdwatch *w, unsigned want)
{
	(void)w; /* an interface watch: always wanted */
	(void)want;
}

static void sim_fdwatch_close(struct fdwatch *base)
{
	struct sim_watch *x = CONTAINER(base, struct sim_watch, base);

	work_close(&x->w);
}

static void watch_turn(struct work *w)
{
	struct sim_watch *x = w->object;

	w->h->calls++;
	x->fn(x->arg);
}

static void watch_close(struct work *w)
{
	work_close(w);
}

static void watch_crash(struct work *w)
{
	(void)w;
}

static int sim_watch_interfaces(struct reactor *r, void (*fn)(void *arg),
				void *arg, struct fdwatch **out)
{
	struct sim_watch *x = mem_new(r->mem, sizeof(*x));

	if (!x)
		return -ENOMEM;
	x->base.b = &sim_backend;
	x->fn = fn;
	x->arg = arg;
	x->w = (struct work){ .turn = watch_turn, .close = watch_close,
			      .crash = watch_crash };
	work_open(host_of(r), &x->w, x);
	*out = &x->base;
	return 0;
}

void sim_addrs_changed(struct sim_host *h)
{
	for (struct list *n = h->open.next; n != &h->open; n = n->next) {
		struct work *w = CONTAINER(n, struct work, open);

		if (w->turn == watch_turn)
			work_ready(w);
	}
}

static mono sim_slept(struct reactor *r)
{
	return host_of(r)->slept;
}

void sim_host_sleep(struct sim_host *h, mono span)
{
	h->slept += span;
	h->wall += span;
	sim_addrs_changed(h);
}

static void put_if(struct host_if *out, size_t cap, size_t *n,
		   const char *name, const struct host_if *i)
{
	size_t len = strlen(name);

	if (*n < cap) {
		out[*n] = *i;
		memcpy(out[*n].name, name, len);
		out[*n].name[len] = '\0';
	}
	++*n;
}

static struct addr loopback(unsigned family)
{
	struct addr six = { .family = 6, .ip = { [15] = 1 } };

	return family == 6 ? six : addr_v4(127, 0, 0, 1, 0);
}

static size_t sim_descriptors(struct reactor *r)
{
	(void)r;
	return 1024;
}

static size_t sim_interfaces(struct reactor *r, struct host_if *out, size_t cap)
{
	struct sim_host *h = host_of(r);
	struct host_if one = { .index = SIM_LO, .up = true, .loopback = true };
	char name[] = "net0";
	size_t n = 0;

	for (unsigned f = 4; f <= 6; f += 2) {
		one.addr = loopback(f);
		one.prefix = f == 4 ? 8 : 128;
		put_if(out, cap, &n, "lo", &one);
	}
	for (unsigned k = 0; k < h->n_ifs; k++) {
		struct sim_if *i = &h->ifs[k];

		name[3] = (char)('1' + k);
		for (size_t a = 0; a < i->n; a++) {
			one = (struct host_if){ .index = i->index,
						.addr = i->addr[a].addr,
						.up = !i->unplugged,
						.multicast = true };
			one.prefix = one.addr.family == 4 ? PREFIX_V4 :
							    PREFIX_V6;
			if (one.addr.family == 6 &&
			    addr_is_link_local(&one.addr))
				one.addr.scope = i->index;
			put_if(out, cap, &n, name, &one);
		}
	}
	return n;
}

static int sim_route(struct reactor *r, const struct addr *remote,
		     struct addr *local)
{
	unsigned ifindex;

	return sim_route_to(host_of(r), remote, local, &ifindex);
}

static size_t sim_hosts(struct reactor *r, struct slice name, struct addr *out,
			size_t cap)
{
	struct sim *s = host_of(r)->sim;
	size_t n = 0;

	for (unsigned f = 4; f <= 6 && slice_ieq(name, "localhost"); f += 2) {
		if (n < cap)
			out[n] = loopback(f);
		n++;
	}
	for (struct list *l = s->names.next; l != &s->names; l = l->next) {
		const struct sim_name *x = CONTAINER(l, struct sim_name, link);

		if (!slice_isame(name, slice_of(x->name, x->n)))
			continue;
		if (n < cap)
			out[n] = x->addr;
		n++;
	}
	return n;
}

static size_t sim_resolv(struct reactor *r, char *out, size_t cap)
{
	struct slice text = slice_head(slice_str(host_of(r)->resolv), cap);

	if (text.n)
		memcpy(out, text.p, text.n);
	return text.n;
}

/* ---------------------------------------------------------------- ports */
static struct sock *find_exact(const struct sim_host *h, enum sim_proto proto,
			       const struct addr *local)
{
	struct htab_node *n = htab_find(&h->socks, addr_hash(local, proto));

	for (; n; n = htab_next(n)) {
		struct sock *s = CONTAINER(n, struct sock, node);

		if (s->proto == proto && addr_same(&s->local, local))
			return s;
	}
	return NULL;
}

static bool taken(const struct sim_host *h, const struct sock *s,
		  const struct addr *local)
{
	const struct sock *x = find_exact(h, s->proto, local);

	return x && !(x->shared && s->shared);
}

static struct addr any_of(const struct addr *a)
{
	return (struct addr){ .family = a->family, .port = a->port };
}

struct sock *sock_find(const struct sim_host *h, enum sim_proto proto,
		       const struct addr *local)
{
	struct addr any = any_of(local);
	struct sock *s = find_exact(h, proto, local);

	return s ? s : find_exact(h, proto, &any);
}

/* An address may not be bound beside the unspecified one, or beside it. */
static bool host_in_use(const struct sim_host *h, const struct sock *s,
			const struct addr *local)
{
	struct addr one = loopback(local->family), any = any_of(local);

	if (taken(h, s, local) || taken(h, s, &any))
		return true;
	if (!addr_is_any(local))
		return false;
	one.port = local->port;
	if (taken(h, s, &one))
		return true;
	for (unsigned k = 0; k < h->n_ifs; k++)
		for (size_t a = 0; a < h->ifs[k].n; a++) {
			one = h->ifs[k].addr[a].addr;
			one.port = local->port;
			if (taken(h, s, &one))
				return true;
		}
	return false;
}

int sock_bind(struct sim_host *h, struct sock *s, enum sim_proto proto,
	      const struct addr *local)
{
	struct addr a = *local;
	unsigned tries = a.port ? 1 : PORT_LAST - PORT_FIRST + 1;

	if (a.family != 4 && a.family != 6)
		return -EAFNOSUPPORT;
	if (!addr_is_any(&a) && !sim_has_addr(h, &a))
		return -EADDRNOTAVAIL;
	for (; tries; tries--) {
		if (!local->port) {
			a.port = h->next_port++;
			if (h->next_port > PORT_LAST)
				h->next_port = PORT_FIRST;
		}
		s->proto = proto;
		if (host_in_use(h, s, &a))
			continue;
		s->local = a;
		htab_add(&h->socks, &s->node, addr_hash(&a, proto));
		return 0;
	}
	return -EADDRINUSE;
}

void sock_unbind(struct sim_host *h, struct sock *s)
{
	if (s->local.family)
		htab_remove(&h->socks, &s->node);
	s->local.family = 0;
}

/* ----------------------------------------------------------------- life */
static void drop_posts(struct sim_host *h)
{
	struct list *n;

	while ((n = list_take(&h->posts)))
		mem_free(h->sim->mem, CONTAINER(n, struct post, link));
}

static void drop_timers(struct sim_host *h)
{
	while (wheel_pop(&h->base.wheel, MONO_NEVER - 1))
		;
	wheel_init(&h->base.wheel, h->sim->now);
	set_alarm(h);
}

void sim_restart(struct sim_host *h)
{
	for (struct list *n = h->open.next; n != &h->open; n = n->next) {
		struct work *w = CONTAINER(n, struct work, open);

		list_remove(&w->ready);
		if (!w->dead)
			w->crash(w);
		w->dead = true;
	}
	sim_tcp_drop_all(h);
	drop_posts(h);
	drop_timers(h);
}

/* As a process that ends: what it has open is closed in order. */
static void sim_reactor_free(struct reactor *r)
{
	struct sim_host *h = host_of(r);

	INVARIANT(!h->in_turn);
	while (!list_empty(&h->open)) {
		struct work *w = CONTAINER(h->open.next, struct work, open);

		w->close(w);
	}
	drop_posts(h);
	drop_timers(h);
}

int sim_host_attach(struct sim_host *h, struct sim_net *net,
		    const struct addr *addrs, size_t n)
{
	unsigned index = h->n_ifs + 1;
	int rc = 0;

	if (index > SIM_IFS)
		return -ENOSPC;
	sim_if_init(h, index, net);
	h->n_ifs++;
	for (size_t i = 0; i < n && rc == 0; i++)
		rc = sim_addr_add(h, index, &addrs[i]);
	return rc < 0 ? rc : (int)index;
}

struct sim_host *sim_host_new(struct sim *s, const char *name,
			      const struct addr *addrs, size_t n)
{
	static const uint8_t key[16];
	struct sim_host *h = mem_new(s->mem, sizeof(*h));

	if (!h)
		return NULL;
	h->sim = s;
	h->name = name;
	h->base.b = &sim_backend;
	h->base.mem = s->mem;
	h->turn.fn = on_turn;
	h->alarm.fn = on_alarm;
	h->last_turn = s->now - TURN_TIME;
	h->rng.x = rng_next(&s->rng);
	h->next_port = (uint16_t)(PORT_FIRST + rng_below(&h->rng, 20000));
	wheel_init(&h->base.wheel, s->now);
	list_init(&h->open);
	list_init(&h->work);
	list_init(&h->grave);
	list_init(&h->posts);
	if (htab_init(&h->socks, s->mem, key) < 0 ||
	    htab_init(&h->conns, s->mem, key) < 0 ||
	    sim_host_attach(h, s->internet, addrs, n) < 0) {
		/* Its addresses stand in the network's table. */
		while (h->n_ifs && h->ifs[0].n)
			(void)!sim_addr_drop(h, &h->ifs[0].addr[0].addr);
		htab_fini(&h->socks);
		htab_fini(&h->conns);
		mem_free(s->mem, h);
		return NULL;
	}
	list_append(&s->hosts, &h->link);
	return h;
}

const struct backend sim_backend = {
	.free = sim_reactor_free,
	.now = sim_instant,
	.clock = sim_clock,
	.entropy = sim_entropy,
	.step = sim_reactor_step,
	.timers_changed = sim_timers_changed,
	.post = sim_post,
	.job_delay = sim_job_delay,
	.poll_set = sim_poll_set,
	.dispatch = sim_dispatch,
	.fdwatch_open = sim_fdwatch_open,
	.fdwatch_want = sim_fdwatch_want,
	.fdwatch_close = sim_fdwatch_close,
	.udp_open = sim_udp_open,
	.udp_member = sim_udp_member,
	.udp_close = sim_udp_close,
	.udp_send = sim_udp_send,
	.udp_set_dscp = sim_udp_set_dscp,
	.tcp_connect = sim_tcp_connect,
	.tcp_listen = sim_tcp_listen,
	.tcp_listener_close = sim_tcp_listener_close,
	.tcp_write = sim_tcp_write,
	.tcp_unsent = sim_tcp_unsent,
	.tcp_pause = sim_tcp_pause,
	.tcp_shutdown = sim_tcp_shutdown,
	.tcp_close = sim_tcp_close,
	.tcp_abort = sim_tcp_abort,
	.descriptors = sim_descriptors,
	.interfaces = sim_interfaces,
	.watch_interfaces = sim_watch_interfaces,
	.slept = sim_slept,
	.watch_clock = sim_watch_interfaces, /* told of either */
	.route = sim_route,
	.hosts = sim_hosts,
	.resolv = sim_resolv,
};
