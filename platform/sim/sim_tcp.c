/* SPDX-License-Identifier: BSD-2-Clause
 * The user's side of simulated TCP: handles, listeners and their callbacks. */
#include "platform/sim/sim_tcb.h"

enum { PORT_TRIES = 28232 }; /* of the range that sock_bind chooses from */

static struct sim_tcp *tcp_of(const struct tcp *t)
{
	return CONTAINER((uintptr_t)t, struct sim_tcp, base);
}

void tcp_news(struct tcb *k)
{
	if (k->user)
		work_ready(&k->user->w);
}

static size_t unsent(const struct tcb *k)
{
	size_t kernel = k->state == TCB_SYN_SENT ? 0 : TCB_SEND_BUFFER;

	return k->snd.n > kernel ? k->snd.n - kernel : 0;
}

/* ---------------------------------------------------------------- turns */
static void closed(struct sim_tcp *t, int err)
{
	const struct tcp_ops *ops = t->base.ops;
	struct tcb *k = t->k;

	t->base.ops = NULL;
	t->k = NULL;
	if (k)
		tcb_close(k);
	if (ops) {
		t->w.h->calls++;
		ops->on_closed(t->base.arg, err);
	}
	work_close(&t->w);
}

/* The buffer is taken away from the connection, which may be gone when the
 * callback returns. */
static void give_bytes(struct sim_tcp *t)
{
	struct sim *s = t->w.h->sim;
	struct bytes b = t->k->rcv;

	t->k->rcv = (struct bytes){ 0 };
	tcb_was_read(t->k);
	t->w.h->calls++;
	t->base.ops->on_bytes(t->base.arg, b.p + b.off, b.n);
	bytes_free(s, &b);
}

static void give_end(struct sim_tcp *t)
{
	t->end_told = true;
	t->w.h->calls++;
	t->base.ops->on_end(t->base.arg);
}

/* Both ends are told and nothing waits for the kernel: see tcp_poll.c. */
static bool in_order(const struct sim_tcp *t)
{
	return t->end_told && t->shut && !unsent(t->k);
}

static void give_room(struct sim_tcp *t)
{
	t->want_room = false;
	t->w.h->calls++;
	t->base.ops->on_room(t->base.arg);
}

/* After every callback the handle may be closed: then it has no ops. */
static void tcp_turn(struct work *w)
{
	struct sim_tcp *t = w->object;

	if (!t->k || (!t->opened && t->k->err)) {
		closed(t, t->k ? t->k->err : t->err);
		return;
	}
	if (!t->opened && t->k->state != TCB_OPEN)
		return;
	if (!t->opened) {
		t->opened = true;
		w->h->calls++;
		t->base.ops->on_open(t->base.arg);
	}
	if (t->base.ops && t->k->rcv.n && !t->paused)
		give_bytes(t);
	if (t->base.ops && t->k->peer_fin && !t->k->rcv.n && !t->paused &&
	    !t->end_told)
		give_end(t);
	if (t->base.ops && in_order(t))
		closed(t, 0);
	if (t->base.ops && t->k->err)
		closed(t, t->k->err);
	if (t->base.ops && t->want_room && !t->shut &&
	    t->k->snd.n <= TCB_SEND_BUFFER / 3 * 2)
		give_room(t);
}

/* ------------------------------------------------------------------ life */
static void tcp_end(struct work *w)
{
	struct sim_tcp *t = w->object;

	sim_tcp_close(&t->base);
}

static void tcp_crash(struct work *w)
{
	struct sim_tcp *t = w->object;

	if (t->k) {
		t->k->user = NULL;
		if (t->k->err) /* stands in no table any more */
			tcb_close(t->k);
	}
	t->k = NULL;
}

static struct sim_tcp *handle_new(struct sim_host *h, struct tcb *k,
				  const struct addr *local,
				  const struct addr *remote)
{
	struct sim_tcp *t = mem_new(h->base.mem, sizeof(*t));

	if (!t)
		return NULL;
	t->base = (struct tcp){ .b = &sim_backend, .local = *local,
				.remote = *remote, .room = TCP_BUFFER };
	t->w = (struct work){ .turn = tcp_turn, .close = tcp_end,
			      .crash = tcp_crash };
	t->k = k;
	if (k)
		k->user = t;
	work_open(h, &t->w, t);
	return t;
}

void sim_tcp_close(struct tcp *base)
{
	struct sim_tcp *t = tcp_of(base);
	struct tcb *k = t->k;

	base->ops = NULL;
	t->k = NULL;
	if (k)
		tcb_close(k);
	work_close(&t->w);
}

void sim_tcp_abort(struct tcp *base)
{
	struct sim_tcp *t = tcp_of(base);
	struct tcb *k = t->k;

	base->ops = NULL;
	t->k = NULL;
	if (k)
		tcb_reset(k);
	work_close(&t->w);
}

void sim_tcp_shutdown(struct tcp *base)
{
	struct sim_tcp *t = tcp_of(base);

	if (t->shut || !t->k || t->k->err)
		return;
	t->shut = true;
	t->want_room = false;
	tcb_shutdown(t->k);
	if (t->end_told)
		work_ready(&t->w);
}

void sim_tcp_pause(struct tcp *base, bool pause)
{
	struct sim_tcp *t = tcp_of(base);

	t->paused = pause;
	if (!pause)
		work_ready(&t->w);
}

size_t sim_tcp_unsent(const struct tcp *base)
{
	const struct sim_tcp *t = tcp_of(base);

	return t->k ? unsent(t->k) : 0;
}

int sim_tcp_write(struct tcp *base, const void *p, size_t n)
{
	struct sim_tcp *t = tcp_of(base);
	size_t room, taken;

	if (t->shut || t->err || !t->k || t->k->err)
		return -EPIPE;
	n = n < INT32_MAX ? n : INT32_MAX;
	room = base->room;
	if (t->k->state == TCB_OPEN)
		room += TCB_SEND_BUFFER;
	room = room > t->k->snd.n ? room - t->k->snd.n : 0;
	taken = n < room ? n : room;
	taken = taken ? tcb_put(t->k, p, taken) : 0;
	t->want_room = taken < n;
	if (t->want_room && t->k->snd.n <= TCB_SEND_BUFFER / 3 * 2 &&
	    t->k->state == TCB_OPEN)
		work_ready(&t->w); /* out of memory, not of room */
	return (int)taken;
}

/* ------------------------------------------------------------ connecting */
/* A free port towards remote, from the range and the order of sock_bind. */
static int choose_local(struct sim_host *h, struct addr *local,
			const struct addr *remote)
{
	if (local->port)
		return tcb_taken(h, local, remote) ? -EADDRNOTAVAIL : 0;
	for (unsigned i = 0; i < PORT_TRIES; i++) {
		struct sock probe;
		int rc = sock_bind(h, &probe, SIM_TCP, local);

		if (rc < 0)
			return rc;
		local->port = probe.local.port;
		sock_unbind(h, &probe);
		if (!tcb_taken(h, local, remote))
			return 0;
		local->port = 0;
	}
	return -EADDRNOTAVAIL;
}

int sim_tcp_connect(struct reactor *r, const struct addr *local,
		    const struct addr *remote, const struct tcp_ops *ops,
		    void *arg, struct tcp **out)
{
	struct sim_host *h = host_of(r);
	struct addr from = { .family = remote->family }, chosen;
	struct sim_tcp *t;
	unsigned ifindex;
	int rc, err;

	if (local && local->family)
		from = *local;
	if (from.family != remote->family ||
	    (remote->family != 4 && remote->family != 6))
		return -EAFNOSUPPORT;
	if (!addr_is_any(&from) && !sim_has_addr(h, &from))
		return -EADDRNOTAVAIL;
	err = -sim_route_to(h, remote, &chosen, &ifindex);
	if (!err && addr_is_any(&from)) {
		chosen.port = from.port;
		from = chosen;
	}
	rc = err ? 0 : choose_local(h, &from, remote);
	if (rc < 0)
		return rc;
	t = handle_new(h, NULL, &from, remote);
	if (!t)
		return -ENOMEM;
	if (!err)
		t->k = tcb_connect(h, &from, remote);
	if (t->k) {
		t->k->user = t;
	} else if (err) {
		t->err = err;
		work_ready(&t->w);
	} else {
		work_close(&t->w);
		return -ENOMEM;
	}
	tcp_set_ops(&t->base, ops, arg);
	*out = &t->base;
	return 0;
}

/* ------------------------------------------------------------- listening */
struct sim_listener *listener_find(struct sim_host *h, const struct addr *local)
{
	struct sock *s = sock_find(h, SIM_TCP, local);

	return s ? CONTAINER(s, struct sim_listener, sock) : NULL;
}

static void accept_one(struct sim_listener *l, struct tcb *k)
{
	struct sim_tcp *t = handle_new(l->w.h, k, &k->local, &k->remote);

	if (!t) {
		tcb_reset(k);
		return;
	}
	t->opened = true;
	l->w.h->calls++;
	l->base.on_accept(l->base.arg, &t->base);
	if (!t->k)
		return; /* closed at once */
	if (t->base.ops)
		work_ready(&t->w); /* what came with the connection */
	else
		sim_tcp_abort(&t->base);
}

static void listener_turn(struct work *w)
{
	struct sim_listener *l = w->object;
	struct list *n;

	while ((n = list_take(&l->queue))) { /* a close empties it */
		l->waiting--;
		accept_one(l, CONTAINER(n, struct tcb, accept));
	}
}

static void listener_crash(struct work *w)
{
	struct sim_listener *l = w->object;

	sock_unbind(w->h, &l->sock);
	while (list_take(&l->queue)) /* they go with all connections */
		l->waiting--;
}

static void listener_end(struct work *w)
{
	struct sim_listener *l = w->object;
	struct list *n;

	sock_unbind(w->h, &l->sock);
	while ((n = list_take(&l->queue)))
		tcb_reset(CONTAINER(n, struct tcb, accept));
	l->waiting = 0;
	work_close(w);
}

void sim_tcp_listener_close(struct tcp_listener *base)
{
	listener_end(&CONTAINER(base, struct sim_listener, base)->w);
}

int sim_tcp_listen(struct reactor *r, const struct addr *local,
		   void (*on_accept)(void *arg, struct tcp *t), void *arg,
		   struct tcp_listener **out)
{
	struct sim_host *h = host_of(r);
	struct sim_listener *l = mem_new(r->mem, sizeof(*l));
	int rc;

	if (!l)
		return -ENOMEM;
	rc = sock_bind(h, &l->sock, SIM_TCP, local);
	if (rc < 0) {
		mem_free(r->mem, l);
		return rc;
	}
	l->base = (struct tcp_listener){ .b = &sim_backend, .arg = arg,
					 .on_accept = on_accept,
					 .local = l->sock.local };
	l->w = (struct work){ .turn = listener_turn, .close = listener_end,
			      .crash = listener_crash };
	list_init(&l->queue);
	work_open(h, &l->w, l);
	*out = &l->base;
	return 0;
}
