/* SPDX-License-Identifier: BSD-2-Clause
 * The real backend's loop: descriptors, timers, posts, foreign loops. */
#include "platform/poll/poll_priv.h"

#include <fcntl.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

enum { EVENTS_PER_TURN = 64, POSTS_PER_TURN = 64 };
static const mono TIDY_EVERY = SEC(2), TIDY_REST = 300;

struct posted { /* at most PIPE_BUF bytes, so that writes are atomic */
	void (*fn)(void *arg);
	void *arg;
};

/* ------------------------------------------------------------- sources */
/* EPERM: a plain file, which is always ready (what poll(2) says too). */
static int tell_epoll(struct source *s, int op)
{
	struct epoll_event ev = { .data.ptr = s };

	if (s->want & REACTOR_READ)
		ev.events |= EPOLLIN;
	if (s->want & REACTOR_WRITE)
		ev.events |= EPOLLOUT;
	return epoll_ctl(s->r->epoll, op, s->fd, &ev) < 0 ? -errno : 0;
}

int source_open(struct poll_reactor *r, struct source *s, int fd, unsigned want)
{
	int rc;

	s->r = r;
	s->fd = fd;
	s->want = want;
	rc = tell_epoll(s, EPOLL_CTL_ADD);
	s->added = rc == 0;
	s->always = rc == -EPERM;
	if (rc < 0 && !s->always) {
		if (s->own_fd)
			close(fd);
		s->fd = -1;
		return rc;
	}
	list_append(&r->open, &s->open);
	if (s->always)
		list_append(&r->always, &s->later);
	return 0;
}

void source_want(struct source *s, unsigned want)
{
	if (s->fd < 0 || s->always) {
		s->want = want;
		return;
	}
	if (s->want == want && s->added)
		return;
	s->want = want;
	if (tell_epoll(s, s->added ? EPOLL_CTL_MOD : EPOLL_CTL_ADD) == 0)
		s->added = true;
}

void source_mute(struct source *s)
{
	if (s->added)
		(void)tell_epoll(s, EPOLL_CTL_DEL);
	s->added = false;
	s->want = 0;
}

void source_later(struct source *s)
{
	if (s->fd >= 0 && !list_linked(&s->later))
		list_append(&s->r->later, &s->later);
}

static void bury(struct poll_reactor *r)
{
	struct list *n;

	while ((n = list_take(&r->grave))) {
		struct source *s = CONTAINER(n, struct source, grave);

		if (s->fini)
			s->fini(s);
		mem_free(r->base.mem, s->object);
	}
}

void source_close(struct source *s)
{
	if (s->fd < 0)
		return;
	/* Closing does not end the watch while a forked child has a copy. */
	if (s->added)
		(void)tell_epoll(s, EPOLL_CTL_DEL);
	if (s->own_fd)
		close(s->fd);
	s->fd = -1;
	list_remove(&s->open);
	list_remove(&s->later);
	list_append(&s->r->grave, &s->grave);
	if (!s->r->in_turn)
		bury(s->r);
}

int poll_slots(struct poll_reactor *r)
{
	/* Not mem_new: zeroing would make all of its pages real. */
	if (!r->slots)
		r->slots = mem_resize(r->base.mem, NULL,
				      (size_t)RECV_BATCH * RECV_SLOT);
	return r->slots ? 0 : -ENOMEM;
}

/* ---------------------------------------------------------------- time */
static int64_t read_clock(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return SEC(ts.tv_sec) + ts.tv_nsec;
}

mono poll_clock(struct reactor *r)
{
	(void)r;
	return read_clock(CLOCK_MONOTONIC);
}

static struct instant both_clocks(void)
{
	return (struct instant){ .m = read_clock(CLOCK_MONOTONIC),
				 .wall_ns = read_clock(CLOCK_REALTIME) };
}

static struct instant poll_now(struct reactor *r)
{
	struct poll_reactor *p = poll_of(r);

	return p->in_turn ? p->now : both_clocks();
}

/* ---------------------------------------------------------------- turns */
static void run_later(struct poll_reactor *r)
{
	struct list due, *n;

	list_init(&due);
	while ((n = list_take(&r->later)))
		list_append(&due, n);
	while ((n = list_take(&due))) {
		struct source *s = CONTAINER(n, struct source, later);

		s->ready(s, 0);
	}
}

/* Each goes back to its list before its callback, which may close any. */
static void run_always(struct poll_reactor *r)
{
	struct list turn, *n;

	list_init(&turn);
	while ((n = list_take(&r->always)))
		list_append(&turn, n);
	while ((n = list_take(&turn))) {
		struct source *s = CONTAINER(n, struct source, later);

		list_append(&r->always, n);
		if (s->want)
			s->ready(s, s->want);
	}
}

static void run_events(const struct epoll_event *ev, int n)
{
	for (int i = 0; i < n; i++) {
		struct source *s = ev[i].data.ptr;
		unsigned got = 0;

		if (s->fd < 0)
			continue; /* closed by a callback of this turn */
		if (ev[i].events & EPOLLIN)
			got |= REACTOR_READ;
		if (ev[i].events & EPOLLOUT)
			got |= REACTOR_WRITE;
		if (ev[i].events & (EPOLLERR | EPOLLHUP))
			got |= SOURCE_FAILED;
		s->ready(s, got);
	}
}

/* What a busy hour took goes back to the system while it is freed: seldom, and
 * more so where the heap of the application makes it slow. */
static void tidy(struct poll_reactor *r)
{
	mono begin;

	if (!mem_has_idle(r->base.mem)) {
		r->tidy_at = MONO_NEVER;
	} else if (r->tidy_at == MONO_NEVER) {
		r->tidy_at = mono_add(r->now.m,
				      TIDY_EVERY + TIDY_REST * r->tidy_cost);
	} else if (r->now.m >= r->tidy_at) {
		r->tidy_at = MONO_NEVER;
		begin = poll_clock(&r->base);
		mem_give_back(r->base.mem);
		r->tidy_cost = poll_clock(&r->base) - begin;
	}
}

static int turn(struct poll_reactor *r, const struct epoll_event *ev, int n)
{
	INVARIANT(!r->in_turn);
	r->in_turn = true;
	r->now = both_clocks();
	r->calls = reactor_fire(&r->base, r->now.m);
	run_events(ev, n);
	run_always(r);
	run_later(r);
	r->in_turn = false;
	bury(r);
	tidy(r);
	return r->calls;
}

static bool always_wanted(const struct poll_reactor *r)
{
	for (const struct list *n = r->always.next; n != &r->always;
	     n = n->next) {
		const struct source *s = (const struct source *)(const void *)(
			(const char *)n - offsetof(struct source, later));

		if (s->want)
			return true;
	}
	return false;
}

static mono until_next(struct poll_reactor *r)
{
	mono at = mono_min(wheel_deadline(&r->base.wheel), r->tidy_at), now;

	if (!list_empty(&r->later) || always_wanted(r))
		return 0;
	if (at == MONO_NEVER)
		return MONO_NEVER;
	now = poll_clock(&r->base);
	return at > now ? at - now : 0;
}

/* Rounded up: no timer fires early, and none costs a second, empty turn. */
static int milliseconds(mono wait)
{
	if (wait == MONO_NEVER)
		return -1;
	if (wait > SEC(3600))
		return 3600 * 1000;
	return (int)((wait + MS(1) - 1) / MS(1));
}

static int poll_step(struct reactor *base, mono max_wait)
{
	struct poll_reactor *r = poll_of(base);
	struct epoll_event ev[EVENTS_PER_TURN];
	mono wait = mono_min(until_next(r), max_wait);
	int n = epoll_wait(r->epoll, ev, EVENTS_PER_TURN, milliseconds(wait));

	if (n < 0 && errno != EINTR)
		return -errno;
	return turn(r, ev, n < 0 ? 0 : n);
}

static size_t poll_set(struct reactor *base, struct reactor_fd *fds, size_t cap,
		       mono *timeout)
{
	struct poll_reactor *r = poll_of(base);

	if (cap)
		fds[0] = (struct reactor_fd){ .fd = r->epoll,
					      .want = REACTOR_READ };
	*timeout = until_next(r);
	return 1;
}

static void poll_dispatch(struct reactor *base, const struct reactor_fd *fds,
			  size_t n)
{
	(void)fds; /* what is ready, epoll knows better */
	(void)n;
	(void)poll_step(base, 0);
}

/* --------------------------------------------------------------- posts */
static int poll_post(struct reactor *base, void (*fn)(void *arg), void *arg)
{
	struct posted p = { .fn = fn, .arg = arg };
	int was = errno, rc; /* what a signal handler interrupts, reads it */

	do
		rc = write(poll_of(base)->post[1], &p, sizeof(p)) ==
		     (ssize_t)sizeof(p) ? 0 : errno;
	while (rc == EINTR);
	errno = was;
	return rc ? -ENOMEM : 0; /* the pipe is full */
}

static void on_posts(struct source *s, unsigned got)
{
	struct posted p[POSTS_PER_TURN];
	ssize_t n = read(s->fd, p, sizeof(p));

	(void)got;
	for (size_t i = 0; n > 0 && i < (size_t)n / sizeof(p[0]); i++) {
		s->r->calls++;
		p[i].fn(p[i].arg);
	}
}

/* ------------------------------------------------------------- fdwatch */
static void on_fd(struct source *s, unsigned got)
{
	struct poll_watch *w = s->object;

	/* After an error whatever is wanted shows it. */
	got = got & SOURCE_FAILED ? s->want : got & s->want;
	if (!got)
		return;
	s->r->calls++;
	w->on_fd(w->arg, got);
}

static int poll_fdwatch_open(struct reactor *r, int fd, unsigned want,
		      void (*fn)(void *arg, unsigned got), void *arg,
		      struct fdwatch **out)
{
	struct poll_watch *w = mem_new(r->mem, sizeof(*w));
	int rc;

	if (!w)
		return -ENOMEM;
	w->base.b = &poll_backend;
	w->on_fd = fn;
	w->arg = arg;
	w->s.object = w;
	w->s.ready = on_fd;
	rc = source_open(poll_of(r), &w->s, fd, want);
	if (rc < 0) {
		mem_free(r->mem, w);
		return rc;
	}
	if (!want)
		source_mute(&w->s);
	*out = &w->base;
	return 0;
}

static void poll_fdwatch_want(struct fdwatch *base, unsigned want)
{
	struct poll_watch *w = CONTAINER(base, struct poll_watch, base);

	if (want || w->s.always)
		source_want(&w->s, want);
	else
		source_mute(&w->s);
}

static void poll_fdwatch_close(struct fdwatch *base)
{
	struct poll_watch *w = CONTAINER(base, struct poll_watch, base);

	source_close(&w->s);
}

/* ---------------------------------------------------------------- life */
static void poll_free(struct reactor *base)
{
	struct poll_reactor *r = poll_of(base);
	struct mem *m = base->mem;

	INVARIANT(!r->in_turn);
	while (!list_empty(&r->open)) {
		struct source *s = CONTAINER(r->open.next, struct source, open);

		source_close(s);
	}
	if (r->post[1] >= 0)
		close(r->post[1]);
	if (r->epoll >= 0)
		close(r->epoll);
	mem_free(m, r->slots);
	mem_free(m, r->batch);
	mem_free(m, r);
}

static void timers_changed(struct reactor *r)
{
	(void)r; /* the next turn looks */
}

static mono job_delay(struct reactor *r)
{
	(void)r;
	return -1;
}

const struct backend poll_backend = {
	.free = poll_free,
	.now = poll_now,
	.clock = poll_clock,
	.entropy = poll_entropy,
	.step = poll_step,
	.timers_changed = timers_changed,
	.post = poll_post,
	.job_delay = job_delay,
	.poll_set = poll_set,
	.dispatch = poll_dispatch,
	.fdwatch_open = poll_fdwatch_open,
	.fdwatch_want = poll_fdwatch_want,
	.fdwatch_close = poll_fdwatch_close,
	.udp_open = poll_udp_open,
	.udp_member = poll_udp_member,
	.udp_close = poll_udp_close,
	.udp_send = poll_udp_send,
	.udp_set_dscp = poll_udp_set_dscp,
	.tcp_connect = poll_tcp_connect,
	.tcp_listen = poll_tcp_listen,
	.tcp_listener_close = poll_tcp_listener_close,
	.tcp_write = poll_tcp_write,
	.tcp_unsent = poll_tcp_unsent,
	.tcp_pause = poll_tcp_pause,
	.tcp_shutdown = poll_tcp_shutdown,
	.tcp_close = poll_tcp_close,
	.tcp_abort = poll_tcp_abort,
	.descriptors = poll_descriptors,
	.interfaces = poll_interfaces,
	.watch_interfaces = poll_watch_interfaces,
	.slept = poll_slept,
	.watch_clock = poll_watch_clock,
	.route = poll_route,
	.hosts = poll_hosts,
	.resolv = poll_resolv,
};

static int open_posts(struct poll_reactor *r)
{
	if (pipe(r->post) < 0) {
		r->post[0] = r->post[1] = -1;
		return -errno;
	}
	for (int i = 0; i < 2; i++) {
		(void)fcntl(r->post[i], F_SETFD, FD_CLOEXEC);
		(void)fcntl(r->post[i], F_SETFL, O_NONBLOCK);
	}
	r->posts.own_fd = true;
	r->posts.ready = on_posts;
	return source_open(r, &r->posts, r->post[0], REACTOR_READ);
}

struct reactor *reactor_new_poll(struct mem *m)
{
	struct poll_reactor *r = mem_new(m, sizeof(*r));
	int rc;

	if (!r) {
		errno = ENOMEM;
		return NULL;
	}
	r->base.b = &poll_backend;
	r->base.mem = m;
	r->tidy_at = MONO_NEVER;
	wheel_init(&r->base.wheel, read_clock(CLOCK_MONOTONIC));
	list_init(&r->open);
	list_init(&r->later);
	list_init(&r->grave);
	list_init(&r->always);
	r->post[0] = r->post[1] = -1;
	r->epoll = epoll_create1(EPOLL_CLOEXEC);
	rc = r->epoll < 0 ? -errno : open_posts(r);
	if (rc < 0) {
		poll_free(&r->base);
		errno = -rc;
		return NULL;
	}
	return &r->base;
}
