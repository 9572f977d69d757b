/* SPDX-License-Identifier: BSD-2-Clause
 * TCP connections and listeners.
 *
 * What the kernel does not take at once waits in buf[off .. off + n), at most
 * base.room bytes.  A connection that its user closed lingers without ops
 * until the peer has seen all: closing a socket with unread bytes would reset
 * the connection and could take the last bytes sent with it (RFC 1122
 * 4.2.2.13).
 */
#define _GNU_SOURCE /* accept4 */
#include "platform/poll/poll_priv.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <unistd.h>

/* What one connection may bring in a turn: at 64 of them that is a megabyte,
 * and the timers, among them the clock of the media, wait for no more. */
enum { ACCEPTS_PER_TURN = 16, BYTES_PER_TURN = 16384, LAST_READS = 16 };

static const mono LINGER_UNSENT = SEC(30), LINGER_SENT = SEC(5);
static const mono NO_DESCRIPTORS = MS(100); /* until accept is tried again */

struct poll_tcp {
	struct tcp base;
	struct source s;
	struct reactor_timer linger;
	uint8_t *buf;
	size_t off, n, cap;
	bool connecting;
	bool paused;
	bool want_room;  /* a tcp_write was short */
	bool shut;       /* a FIN is wanted */
	bool fin;        /* it is with the kernel */
	bool peer_end;
	bool over;       /* err is to be told by on_closed */
	int err;
};

static struct poll_tcp *tcp_of(const struct tcp *t)
{
	return CONTAINER((uintptr_t)t, struct poll_tcp, base);
}

static struct poll_reactor *loop_of(struct poll_tcp *t)
{
	return t->s.r;
}

static void want(struct poll_tcp *t)
{
	unsigned w = 0;

	if (t->over)
		return;
	if (t->connecting || t->n || (t->want_room && !t->shut))
		w |= REACTOR_WRITE;
	if (!t->connecting && !t->paused && !t->peer_end)
		w |= REACTOR_READ;
	source_want(&t->s, w);
}

/* Over, and told so: now, from the loop. */
static void tcp_finish(struct poll_tcp *t, int err)
{
	const struct tcp_ops *ops = t->base.ops;

	if (t->s.fd < 0)
		return;
	t->base.ops = NULL;
	t->over = true;
	if (ops) {
		loop_of(t)->calls++;
		ops->on_closed(t->base.arg, err);
	}
	source_close(&t->s);
}

/* The same from within a call of the user's: told by this turn's end. */
static void finish_later(struct poll_tcp *t, int err)
{
	if (t->over)
		return;
	t->over = true;
	t->err = err == EPIPE ? ECONNRESET : err;
	source_mute(&t->s);
	source_later(&t->s);
}

static int socket_error(struct poll_tcp *t)
{
	int err = 0;
	socklen_t n = sizeof(err);

	if (getsockopt(t->s.fd, SOL_SOCKET, SO_ERROR, &err, &n) < 0)
		err = errno;
	return err == EPIPE ? ECONNRESET : err;
}

/* ------------------------------------------------------------ sending */
static void drop_buffer(struct poll_tcp *t)
{
	mem_free(loop_of(t)->base.mem, t->buf);
	t->buf = NULL;
	t->off = t->n = t->cap = 0;
}

/* Bytes the kernel took, or -errno when the connection is dead. */
static int push(struct poll_tcp *t, const uint8_t *p, size_t n)
{
	ssize_t rc;

	do
		rc = send(t->s.fd, p, n, MSG_NOSIGNAL | MSG_DONTWAIT);
	while (rc < 0 && errno == EINTR);
	if (rc >= 0)
		return (int)rc;
	return errno == EAGAIN || errno == ENOBUFS ? 0 : -errno;
}

/* Unsent bytes are given up; what the kernel has, it goes on to send. */
static void tcp_give_up(void *arg)
{
	struct poll_tcp *t = tcp_of(arg);

	if (t->fin)
		tcp_finish(t, 0);
	else
		poll_tcp_abort(arg);
}

static void linger(struct poll_tcp *t, mono span)
{
	struct reactor *r = &loop_of(t)->base;

	t->linger.fn = tcp_give_up;
	t->linger.arg = &t->base;
	reactor_timer_at(r, &t->linger, mono_add(poll_clock(r), span));
}

static void send_fin(struct poll_tcp *t)
{
	if (!t->shut || t->fin || t->n || t->connecting)
		return;
	t->fin = true;
	(void)shutdown(t->s.fd, SHUT_WR);
	if (!t->base.ops)
		linger(t, LINGER_SENT);
	if (t->peer_end)
		finish_later(t, 0);
}

static void tcp_flush(struct poll_tcp *t)
{
	while (t->n) {
		int rc = push(t, t->buf + t->off, t->n);

		if (rc < 0)
			finish_later(t, -rc);
		if (rc <= 0)
			return;
		t->off += (size_t)rc;
		t->n -= (size_t)rc;
	}
	drop_buffer(t);
	send_fin(t);
}

/* Makes room behind what is held; how much of n there is room for. */
static size_t hold_room(struct poll_tcp *t, size_t n)
{
	size_t left = t->base.room > t->n ? t->base.room - t->n : 0;
	uint8_t *grown;
	size_t cap;

	n = n < left ? n : left;
	if (t->off && t->cap - t->off - t->n < n) {
		memmove(t->buf, t->buf + t->off, t->n);
		t->off = 0;
	}
	if (t->cap - t->off - t->n >= n)
		return n;
	cap = t->n + n > 2 * t->cap ? t->n + n : 2 * t->cap;
	grown = mem_resize(loop_of(t)->base.mem, t->buf, cap);
	if (!grown)
		return t->cap - t->n;
	t->buf = grown;
	t->cap = cap;
	return n;
}

int poll_tcp_write(struct tcp *base, const void *p, size_t n)
{
	struct poll_tcp *t = tcp_of(base);
	const uint8_t *bytes = p;
	size_t taken = 0, held;

	if (t->shut || t->over)
		return -EPIPE;
	n = n < INT32_MAX ? n : INT32_MAX;
	if (!t->connecting && !t->n && n) {
		int rc = push(t, bytes, n);

		if (rc < 0) {
			finish_later(t, -rc);
			return -EPIPE;
		}
		taken = (size_t)rc;
	}
	held = taken < n ? hold_room(t, n - taken) : 0;
	if (held) {
		memcpy(t->buf + t->off + t->n, bytes + taken, held);
		t->n += held;
	}
	t->want_room = taken + held < n;
	want(t);
	return (int)(taken + held);
}

size_t poll_tcp_unsent(const struct tcp *base)
{
	return tcp_of(base)->n;
}

/* ----------------------------------------------------------- receiving */
static void on_fin(struct poll_tcp *t)
{
	t->peer_end = true;
	if (t->base.ops) {
		loop_of(t)->calls++;
		t->base.ops->on_end(t->base.arg);
	}
	if (t->s.fd >= 0 && t->fin)
		tcp_finish(t, 0);
}

/* The turn's share.  What is left is still ready in the next one. */
static void tcp_receive(struct poll_tcp *t)
{
	ssize_t n;

	if (t->s.fd < 0 || t->paused || t->over || t->peer_end)
		return;
	n = recv(t->s.fd, loop_of(t)->slots, BYTES_PER_TURN, MSG_DONTWAIT);
	if (n == 0) {
		on_fin(t);
	} else if (n < 0) {
		if (errno != EAGAIN && errno != EINTR)
			tcp_finish(t, errno == EPIPE ? ECONNRESET : errno);
	} else if (t->base.ops) {
		loop_of(t)->calls++;
		t->base.ops->on_bytes(t->base.arg, loop_of(t)->slots,
				      (size_t)n);
	}
}

/* A write found the end first: what had arrived is told before it. */
static void last_words(struct poll_tcp *t)
{
	for (int i = 0; i < LAST_READS && t->base.ops; i++) {
		ssize_t n;

		if (t->connecting || t->paused || t->peer_end)
			break;
		n = recv(t->s.fd, loop_of(t)->slots, BYTES_PER_TURN,
			 MSG_DONTWAIT);
		if (n <= 0)
			break;
		loop_of(t)->calls++;
		t->base.ops->on_bytes(t->base.arg, loop_of(t)->slots,
				      (size_t)n);
	}
	tcp_finish(t, t->err);
}

static void on_connected(struct poll_tcp *t)
{
	int err = socket_error(t);

	if (err) {
		tcp_finish(t, err);
		return;
	}
	t->connecting = false;
	t->base.local = sock_name(t->s.fd);
	if (t->base.ops) {
		loop_of(t)->calls++;
		t->base.ops->on_open(t->base.arg);
	}
	if (t->s.fd >= 0)
		tcp_flush(t);
}

static void on_writable(struct poll_tcp *t)
{
	tcp_flush(t);
	if (t->n || t->over || !t->want_room)
		return;
	t->want_room = false;
	if (t->base.ops) {
		loop_of(t)->calls++;
		t->base.ops->on_room(t->base.arg);
	}
}

static void on_tcp(struct source *s, unsigned got)
{
	struct poll_tcp *t = s->object;

	if (t->over) {
		last_words(t);
		return;
	}
	if (t->connecting) {
		if (got)
			on_connected(t);
	} else {
		if (got & REACTOR_WRITE)
			on_writable(t);
		if (s->fd >= 0 && got & (REACTOR_READ | SOURCE_FAILED))
			tcp_receive(t);
		if (s->fd >= 0 && got & SOURCE_FAILED && !t->over) {
			int err = socket_error(t);

			if (err)
				tcp_finish(t, err);
			else if (t->paused || t->peer_end)
				source_mute(s); /* hang-up: seen, no more */
		}
	}
	if (s->fd >= 0 && (s->added || !(t->paused || t->peer_end)))
		want(t);
}

void poll_tcp_pause(struct tcp *base, bool pause)
{
	struct poll_tcp *t = tcp_of(base);

	t->paused = pause;
	want(t);
}

/* -------------------------------------------------------------- ending */
void poll_tcp_shutdown(struct tcp *base)
{
	struct poll_tcp *t = tcp_of(base);

	if (t->shut || t->over)
		return;
	t->shut = true;
	t->want_room = false;
	send_fin(t);
	want(t);
}

void poll_tcp_abort(struct tcp *base)
{
	struct poll_tcp *t = tcp_of(base);
	struct linger hard = { .l_onoff = 1 };

	(void)setsockopt(t->s.fd, SOL_SOCKET, SO_LINGER, &hard, sizeof(hard));
	base->ops = NULL;
	tcp_finish(t, 0);
}

void poll_tcp_close(struct tcp *base)
{
	struct poll_tcp *t = tcp_of(base);

	base->ops = NULL;
	t->paused = false;
	if (t->over || (t->connecting && !t->n) ||
	    (t->fin && t->peer_end)) {
		tcp_finish(t, 0);
		return;
	}
	linger(t, t->fin ? LINGER_SENT : LINGER_UNSENT);
	t->shut = true;
	t->want_room = false;
	send_fin(t);
	want(t);
}

static void fini(struct source *s)
{
	struct poll_tcp *t = s->object;

	reactor_timer_stop(&s->r->base, &t->linger);
	drop_buffer(t);
}

/* ---------------------------------------------------------- connecting */
/* fd is closed on failure. */
static struct poll_tcp *tcp_new(struct poll_reactor *r, int fd,
				const struct addr *remote, bool connecting,
				int *rc)
{
	struct poll_tcp *t = mem_new(r->base.mem, sizeof(*t));

	*rc = t && poll_slots(r) == 0 ? 0 : -ENOMEM;
	if (*rc < 0) {
		mem_free(r->base.mem, t);
		close(fd);
		return NULL;
	}
	sock_option(fd, IPPROTO_TCP, TCP_NODELAY, 1);
	t->base = (struct tcp){ .b = &poll_backend, .local = sock_name(fd),
				.remote = *remote, .room = TCP_BUFFER };
	t->connecting = connecting;
	t->s = (struct source){ .object = t, .ready = on_tcp, .fini = fini,
				.own_fd = true };
	*rc = source_open(r, &t->s, fd,
			  connecting ? REACTOR_WRITE : REACTOR_READ);
	if (*rc == 0)
		return t;
	mem_free(r->base.mem, t);
	return NULL;
}

static int bound_socket(const struct addr *local, const struct addr *remote)
{
	struct sockaddr_storage ss;
	int fd = sock_new(remote->family, SOCK_STREAM), rc;

	if (fd < 0 || !local || !local->family)
		return fd;
	sock_option(fd, SOL_SOCKET, SO_REUSEADDR, 1);
	if (bind(fd, (struct sockaddr *)&ss, sock_from_addr(local, &ss)) == 0)
		return fd;
	rc = -errno;
	close(fd);
	return rc;
}

int poll_tcp_connect(struct reactor *base, const struct addr *local,
		     const struct addr *remote, const struct tcp_ops *ops,
		     void *arg, struct tcp **out)
{
	struct sockaddr_storage ss;
	struct poll_tcp *t;
	int fd = bound_socket(local, remote), rc, err = 0;

	if (fd < 0)
		return fd;
	if (connect(fd, (struct sockaddr *)&ss,
		    sock_from_addr(remote, &ss)) < 0 &&
	    errno != EINPROGRESS && errno != EINTR)
		err = errno;
	t = tcp_new(poll_of(base), fd, remote, true, &rc);
	if (!t)
		return rc;
	tcp_set_ops(&t->base, ops, arg);
	if (err)
		finish_later(t, err);
	*out = &t->base;
	return 0;
}

/* ----------------------------------------------------------- listening */
struct poll_listener {
	struct tcp_listener base;
	struct source s;
	struct reactor_timer retry;
};

static void listen_again(void *arg)
{
	struct poll_listener *l = arg;

	source_want(&l->s, REACTOR_READ);
}

static void on_incoming(struct source *s, unsigned got)
{
	struct poll_listener *l = s->object;
	struct poll_reactor *r = s->r;

	(void)got;
	for (int i = 0; i < ACCEPTS_PER_TURN && s->fd >= 0; i++) {
		struct sockaddr_storage ss = { 0 };
		socklen_t n = sizeof(ss);
		struct addr remote;
		struct poll_tcp *t;
		int fd = accept4(s->fd, (struct sockaddr *)&ss, &n,
				 SOCK_NONBLOCK | SOCK_CLOEXEC), rc;

		if (fd < 0 && (errno == EMFILE || errno == ENFILE ||
			       errno == ENOBUFS || errno == ENOMEM)) {
			source_mute(s); /* it would be ready for ever */
			reactor_timer_at(&r->base, &l->retry,
					 mono_add(r->now.m, NO_DESCRIPTORS));
			return;
		}
		if (fd < 0)
			return;
		remote = sock_to_addr(&ss);
		t = tcp_new(r, fd, &remote, false, &rc);
		if (!t)
			continue; /* no memory: refused */
		r->calls++;
		l->base.on_accept(l->base.arg, &t->base);
		/* Not taken over: reset, for a refusal that lingers would
		 * hold the descriptor that there is none of. */
		if (!t->base.ops && t->s.fd >= 0 && !t->shut)
			poll_tcp_abort(&t->base);
	}
}

static int listening_socket(const struct addr *local)
{
	struct sockaddr_storage ss;
	int fd = sock_new(local->family, SOCK_STREAM), rc;

	if (fd < 0)
		return fd;
	sock_option(fd, SOL_SOCKET, SO_REUSEADDR, 1);
	if (bind(fd, (struct sockaddr *)&ss, sock_from_addr(local, &ss)) == 0 &&
	    listen(fd, SOMAXCONN) == 0)
		return fd;
	rc = -errno;
	close(fd);
	return rc;
}

static void listener_fini(struct source *s)
{
	struct poll_listener *l = s->object;

	reactor_timer_stop(&s->r->base, &l->retry);
}

int poll_tcp_listen(struct reactor *r, const struct addr *local,
		    void (*on_accept)(void *arg, struct tcp *t), void *arg,
		    struct tcp_listener **out)
{
	struct poll_listener *l = mem_new(r->mem, sizeof(*l));
	int fd, rc;

	if (!l)
		return -ENOMEM;
	fd = listening_socket(local);
	if (fd < 0) {
		mem_free(r->mem, l);
		return fd;
	}
	l->base = (struct tcp_listener){ .b = &poll_backend, .arg = arg,
					 .on_accept = on_accept,
					 .local = sock_name(fd) };
	l->retry = (struct reactor_timer){ .fn = listen_again, .arg = l };
	l->s = (struct source){ .object = l, .ready = on_incoming,
				.fini = listener_fini, .own_fd = true };
	rc = source_open(poll_of(r), &l->s, fd, REACTOR_READ);
	if (rc < 0) {
		mem_free(r->mem, l);
		return rc;
	}
	*out = &l->base;
	return 0;
}

void poll_tcp_listener_close(struct tcp_listener *base)
{
	struct poll_listener *l = CONTAINER(base, struct poll_listener, base);

	source_close(&l->s);
}
