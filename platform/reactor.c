/* SPDX-License-Identifier: BSD-2-Clause
 * Hands every call on to the object's backend. */
#include "platform/reactor.h"

#include "platform/reactor_priv.h"

void reactor_free(struct reactor *r)
{
	if (r)
		r->b->free(r);
}

struct mem *reactor_mem(struct reactor *r)
{
	return r->mem;
}

struct instant reactor_now(struct reactor *r)
{
	return r->b->now(r);
}

mono reactor_clock(struct reactor *r)
{
	return r->b->clock(r);
}

int reactor_entropy(struct reactor *r, void *out, size_t n)
{
	return r->b->entropy(r, out, n);
}

void reactor_run(struct reactor *r)
{
	while (!r->stop && r->b->step(r, MONO_NEVER) >= 0)
		;
	r->stop = false;
}

void reactor_stop(struct reactor *r)
{
	r->stop = true;
}

int reactor_step(struct reactor *r, mono max_wait)
{
	return r->b->step(r, max_wait);
}

size_t reactor_poll_set(struct reactor *r, struct reactor_fd *fds, size_t cap,
			mono *timeout)
{
	return r->b->poll_set(r, fds, cap, timeout);
}

void reactor_dispatch(struct reactor *r, const struct reactor_fd *fds, size_t n)
{
	r->b->dispatch(r, fds, n);
}

int fdwatch_open(struct reactor *r, int fd, unsigned want,
		 void (*fn)(void *arg, unsigned got), void *arg,
		 struct fdwatch **out)
{
	return r->b->fdwatch_open(r, fd, want, fn, arg, out);
}

void fdwatch_want(struct fdwatch *w, unsigned want)
{
	w->b->fdwatch_want(w, want);
}

void fdwatch_close(struct fdwatch *w)
{
	if (w)
		w->b->fdwatch_close(w);
}

/* ------------------------------------------------------------- timers */
void reactor_timer_at(struct reactor *r, struct reactor_timer *t, mono at)
{
	wheel_set(&r->wheel, &t->w, at);
	r->b->timers_changed(r);
}

void reactor_timer_stop(struct reactor *r, struct reactor_timer *t)
{
	wheel_cancel(&r->wheel, &t->w);
}

int reactor_fire(struct reactor *r, mono now)
{
	size_t bound = r->wheel.count; /* what they set anew waits a turn */
	struct wheel_timer *w;
	int calls = 0;

	for (; bound && (w = wheel_pop(&r->wheel, now)); bound--) {
		struct reactor_timer *t =
			CONTAINER(w, struct reactor_timer, w);

		t->fn(t->arg);
		calls++;
	}
	return calls;
}

int reactor_post(struct reactor *r, void (*fn)(void *arg), void *arg)
{
	return r->b->post(r, fn, arg);
}

/* ----------------------------------------------------------------- UDP */
int udp_open(struct reactor *r, const struct addr *local,
	     const struct udp_ops *ops, void *arg, struct udp **out)
{
	return r->b->udp_open(r, local, false, ops, arg, out);
}

int udp_open_shared(struct reactor *r, const struct addr *local,
		    const struct udp_ops *ops, void *arg, struct udp **out)
{
	return r->b->udp_open(r, local, true, ops, arg, out);
}

int udp_join(struct udp *u, const struct addr *group, uint32_t ifindex)
{
	return u->b->udp_member(u, group, ifindex, true);
}

int udp_leave(struct udp *u, const struct addr *group, uint32_t ifindex)
{
	return u->b->udp_member(u, group, ifindex, false);
}

void udp_close(struct udp *u)
{
	if (u)
		u->b->udp_close(u);
}

struct addr udp_local(const struct udp *u)
{
	return u->local;
}

int udp_send(struct udp *u, const struct datagram *d, size_t n)
{
	return u->b->udp_send(u, d, n);
}

void udp_set_dscp(struct udp *u, unsigned dscp)
{
	u->b->udp_set_dscp(u, dscp & 63);
}

/* ----------------------------------------------------------------- TCP */
int tcp_connect(struct reactor *r, const struct addr *local,
		const struct addr *remote, const struct tcp_ops *ops, void *arg,
		struct tcp **out)
{
	return r->b->tcp_connect(r, local, remote, ops, arg, out);
}

int tcp_listen(struct reactor *r, const struct addr *local,
	       void (*on_accept)(void *arg, struct tcp *t), void *arg,
	       struct tcp_listener **out)
{
	return r->b->tcp_listen(r, local, on_accept, arg, out);
}

void tcp_listener_close(struct tcp_listener *l)
{
	if (l)
		l->b->tcp_listener_close(l);
}

struct addr tcp_listener_local(const struct tcp_listener *l)
{
	return l->local;
}

void tcp_set_ops(struct tcp *t, const struct tcp_ops *ops, void *arg)
{
	t->ops = ops;
	t->arg = arg;
}

struct addr tcp_local(const struct tcp *t)
{
	return t->local;
}

struct addr tcp_remote(const struct tcp *t)
{
	return t->remote;
}

int tcp_write(struct tcp *t, const void *p, size_t n)
{
	return t->b->tcp_write(t, p, n);
}

void tcp_set_buffer(struct tcp *t, size_t bytes)
{
	t->room = bytes;
}

size_t tcp_unsent(const struct tcp *t)
{
	return t->b->tcp_unsent(t);
}

void tcp_pause(struct tcp *t, bool pause)
{
	t->b->tcp_pause(t, pause);
}

void tcp_shutdown(struct tcp *t)
{
	t->b->tcp_shutdown(t);
}

void tcp_close(struct tcp *t)
{
	if (t)
		t->b->tcp_close(t);
}

void tcp_abort(struct tcp *t)
{
	if (t)
		t->b->tcp_abort(t);
}

/* ------------------------------------------------------------ the host */
size_t reactor_descriptors(struct reactor *r)
{
	return r->b->descriptors(r);
}

size_t reactor_interfaces(struct reactor *r, struct host_if *out, size_t cap)
{
	return r->b->interfaces(r, out, cap);
}

int reactor_watch_interfaces(struct reactor *r, void (*fn)(void *arg),
			     void *arg, struct fdwatch **out)
{
	return r->b->watch_interfaces(r, fn, arg, out);
}

bool host_has(const struct host_if *all, size_t n, const struct addr *a)
{
	for (size_t i = 0; i < n; i++)
		if (all[i].up && addr_same_ip(&all[i].addr, a))
			return true;
	return false;
}

mono reactor_slept(struct reactor *r)
{
	return r->b->slept(r);
}

int reactor_watch_clock(struct reactor *r, void (*fn)(void *arg), void *arg,
			struct fdwatch **out)
{
	return r->b->watch_clock(r, fn, arg, out);
}

int reactor_route(struct reactor *r, const struct addr *remote,
		  struct addr *local)
{
	return r->b->route(r, remote, local);
}

size_t reactor_hosts(struct reactor *r, struct slice name, struct addr *out,
		     size_t cap)
{
	return r->b->hosts(r, name, out, cap);
}

size_t reactor_resolv(struct reactor *r, char *out, size_t cap)
{
	return r->b->resolv(r, out, cap);
}
