/* SPDX-License-Identifier: BSD-2-Clause
 * A stream is the user's struct tcp above another one, under.  Whatever happens
 * ends in ws_pump(), which moves octets and tells the user; it is never called
 * from within a call of the user's, for which the turn is.
 *
 * A stream that its user has closed, or that was told to be closed, is dead: no
 * callbacks; it is freed in a turn of its own. */
#include "platform/http/ws_stream.h"

#include "platform/drbg.h"
#include "platform/list.h"
#include "platform/reactor_priv.h"

enum {
	LAST = 1024, /* more than a refusal or Close, and TLS around it */
	/* What the stream beneath holds, which does not say when it becomes
	 * less: the rest waits here, so that its going is seen. */
	UNDER = 16 << 10
};
static const mono NO_ROOM = MS(100); /* until a write is tried again */

struct ws_streams {
	struct reactor *r;
	struct drbg drbg; /* seeds of connections */
	struct list all, listeners;
};

struct ws_listener {
	struct ws_streams *s;
	struct list link;
	struct ws_setup setup;
	const struct ws_listen_ops *ops;
	void *arg;
	unsigned pending;
};

struct ws_stream {
	struct tcp base;
	struct ws_streams *s;
	struct list link;
	struct tcp *under;
	struct ws *w;
	struct ws_listener *l;      /* accepted, and not told yet */
	struct reactor_timer turn, deadline;
	uint8_t *rest;              /* came behind a message that paused us */
	size_t rest_at, rest_n;
	bool up, gone;              /* under is open, is over */
	bool opened, paused, want_room;   /* as the user knows it */
	bool under_end, dead;
	int err;                    /* of under */
};

static const struct backend ws_backend;

static struct ws_stream *ws_stream_of(const struct tcp *t)
{
	return CONTAINER((uintptr_t)t, struct ws_stream, base);
}

const struct ws *ws_of(const struct tcp *t)
{
	return t->b == &ws_backend ? ws_stream_of(t)->w : NULL;
}

const struct tcp *ws_under(const struct tcp *t)
{
	return t->b == &ws_backend ? ws_stream_of(t)->under : NULL;
}

/* ---------------------------------------------------------------- ending */
static void ws_later(struct ws_stream *s, mono span)
{
	struct reactor *r = s->s->r;

	reactor_timer_at(r, &s->turn, mono_add(reactor_now(r).m, span));
}

static void stream_free(struct ws_stream *s)
{
	struct mem *m = s->s->r->mem;

	reactor_timer_stop(s->s->r, &s->turn);
	reactor_timer_stop(s->s->r, &s->deadline);
	list_remove(&s->link);
	if (s->under && !s->gone)
		tcp_abort(s->under);
	ws_free(s->w);
	mem_free(m, s->rest);
	mem_free(m, s);
}

static void ws_unlist(struct ws_stream *s)
{
	if (s->l)
		s->l->pending--;
	s->l = NULL;
}

static void ws_die(struct ws_stream *s)
{
	ws_unlist(s);
	s->dead = true;
	s->base.ops = NULL;
	if (s->under && !s->gone)
		tcp_abort(s->under);
	s->under = NULL;
	reactor_timer_stop(s->s->r, &s->deadline);
	ws_later(s, 0);
}

static void ws_flush(struct ws_stream *s)
{
	while (s->under && s->up && !s->gone) {
		struct slice out = ws_unsent(s->w);
		int n = out.n ? tcp_write(s->under, out.p, out.n) : 0;

		if (n <= 0)
			return; /* on_room, or on_closed */
		ws_sent(s->w, (size_t)n);
	}
}

/* What waits goes to the stream beneath, which sends it after a close. */
static void ws_close_under(struct ws_stream *s)
{
	struct tcp *t = s->under;

	if (!t || s->gone)
		return;
	tcp_set_buffer(t, tcp_unsent(t) + ws_waiting(s->w) + LAST);
	ws_flush(s);
	s->under = NULL;
	tcp_close(t);
}

static int ws_error_of(const struct ws_stream *s)
{
	const struct ws_fault *f = ws_fault(s->w);

	switch (f->cause) {
	case WS_FINE:
		if (ws_state(s->w) != WS_ENDED)
			return s->err ? s->err : ECONNRESET;
		return f->code == WS_NORMAL || f->code == WS_GOING_AWAY ||
		       f->code == WS_NO_CODE ? 0 : ECONNABORTED;
	case WS_REFUSED:
		return ECONNABORTED;
	case WS_BROKEN:
		return EPROTO;
	case WS_TIMEOUT:
		return ETIMEDOUT;
	case WS_CUT:
		return s->err ? s->err : ECONNRESET;
	case WS_NO_MEMORY:
		return ENOMEM;
	}
	return EPROTO;
}

static void ws_finish(struct ws_stream *s)
{
	const struct tcp_ops *ops = s->base.ops;
	void *arg = s->base.arg;
	struct ws_listener *l = s->l;

	if (s->dead)
		return;
	ws_unlist(s);
	s->dead = true;
	s->base.ops = NULL;
	if (l && l->ops->on_refused)
		l->ops->on_refused(l->arg, &s->base);
	else if (ops)
		ops->on_closed(arg, ws_error_of(s));
	ws_close_under(s);
	ws_die(s);
}

/* ------------------------------------------------------------------ pump */
static void ws_open_up(struct ws_stream *s)
{
	struct ws_listener *l = s->l;

	s->opened = true;
	if (l) {
		ws_unlist(s);
		l->ops->on_accept(l->arg, &s->base);
		if (!s->dead && !s->base.ops)
			tcp_abort(&s->base);
	} else {
		s->base.ops->on_open(s->base.arg);
	}
}

/* As far as the user wants to hear; how many octets were taken. */
static size_t ws_feed(struct ws_stream *s, uint8_t *p, size_t n)
{
	size_t at = 0;

	while (at < n && !s->dead && !(s->paused && s->opened)) {
		struct ws_msg msg;

		at += ws_on_bytes(s->w, p + at, n - at,
				  reactor_now(s->s->r).m, &msg);
		if (!s->opened && ws_state(s->w) != WS_HANDSHAKE &&
		    ws_fault(s->w)->status == 101)
			ws_open_up(s);
		if (msg.n && !s->dead)
			s->base.ops->on_bytes(s->base.arg, msg.p, msg.n);
	}
	return at;
}

static void ws_feed_rest(struct ws_stream *s)
{
	if (!s->rest)
		return;
	s->rest_at += ws_feed(s, s->rest + s->rest_at, s->rest_n - s->rest_at);
	if (s->dead || s->rest_at < s->rest_n)
		return;
	mem_free(s->s->r->mem, s->rest);
	s->rest = NULL;
}

static void ws_give_room(struct ws_stream *s)
{
	if (s->dead || !s->opened || !s->want_room || ws_waiting(s->w))
		return;
	s->want_room = false;
	s->base.ops->on_room(s->base.arg);
}

/* Until it is open the stream beneath has times of its own, and a user that
 * does not read makes the peer silent. */
static mono ws_time(const struct ws_stream *s)
{
	return !s->up || (s->paused && ws_state(s->w) == WS_OPEN) ?
	       MONO_NEVER : ws_deadline(s->w);
}

static void ws_pump(struct ws_stream *s)
{
	enum ws_state state;

	if (s->dead)
		return;
	ws_feed_rest(s);
	if (s->dead)
		return;
	ws_flush(s);
	state = ws_state(s->w);
	/* What the stream beneath says of its end comes after what it brought:
	 * a Close may be in it. */
	if ((s->under_end || s->gone) && !s->rest && state <= WS_CLOSING) {
		if (s->gone && s->err && state == WS_HANDSHAKE) {
			ws_finish(s); /* refused, say: its own error */
			return;
		}
		ws_on_end(s->w);
		state = ws_state(s->w);
	}
	if (state > WS_CLOSING) {
		ws_finish(s);
		return;
	}
	ws_give_room(s);
	if (s->dead)
		return;
	if (!s->gone)
		tcp_pause(s->under, s->opened && (s->paused || s->rest));
	reactor_timer_at(s->s->r, &s->deadline, ws_time(s));
}

static void ws_on_turn(void *arg)
{
	struct ws_stream *s = arg;

	if (s->dead)
		stream_free(s);
	else
		ws_pump(s);
}

static void ws_on_deadline(void *arg)
{
	struct ws_stream *s = arg;

	ws_on_time(s->w, reactor_now(s->s->r).m);
	ws_pump(s);
}

/* ------------------------------------------------- what under tells us */
static void ws_under_open(void *arg)
{
	struct ws_stream *s = arg;

	s->up = true;
	s->base.local = tcp_local(s->under);
	ws_on_open(s->w, reactor_now(s->s->r).m);
	ws_pump(s);
}

static void ws_under_bytes(void *arg, uint8_t *p, size_t n)
{
	struct ws_stream *s = arg;
	size_t taken = s->rest ? 0 : ws_feed(s, p, n), left = n - taken;
	uint8_t *grown;

	if (!s->dead && left) {
		grown = mem_resize(s->s->r->mem, s->rest,
				   (s->rest ? s->rest_n : 0) + left);
		if (!grown) { /* octets are lost: so is the connection */
			s->err = ENOMEM;
			ws_on_end(s->w);
			ws_finish(s);
			return;
		}
		s->rest_at = s->rest ? s->rest_at : 0;
		s->rest_n = s->rest ? s->rest_n : 0;
		s->rest = grown;
		memcpy(s->rest + s->rest_n, p + taken, left);
		s->rest_n += left;
	}
	ws_pump(s);
}

static void ws_under_room(void *arg)
{
	ws_pump(arg);
}

static void ws_under_end(void *arg)
{
	struct ws_stream *s = arg;

	s->under_end = true;
	ws_pump(s);
}

/* under may be asked until this returns. */
static void ws_under_closed(void *arg, int err)
{
	struct ws_stream *s = arg;

	s->gone = true;
	s->err = err;
	ws_pump(s);
	s->under = NULL;
}

static const struct tcp_ops ws_under_ops = {
	ws_under_open, ws_under_bytes, ws_under_room, ws_under_end,
	ws_under_closed
};

/* ----------------------------------------------------- what users call */
static size_t ws_stream_unsent(const struct tcp *base)
{
	const struct ws_stream *s = ws_stream_of(base);

	return ws_waiting(s->w) +
	       (s->under && !s->gone ? tcp_unsent(s->under) : 0);
}

static int ws_stream_write(struct tcp *base, const void *p, size_t n)
{
	struct ws_stream *s = ws_stream_of(base);
	size_t waiting = ws_waiting(s->w);
	int rc;

	if (s->dead || !s->under || s->gone)
		return -EPIPE;
	if (n > base->room)
		return -EMSGSIZE;
	if (n == 0)
		return 0; /* could not be told from one that is not taken */
	if (waiting > base->room - n) {
		s->want_room = true;
		return 0;
	}
	rc = ws_write(s->w, p, n);
	if (rc == -ENOMEM) { /* as a full buffer: a later one may be taken */
		s->want_room = true;
		ws_later(s, NO_ROOM);
		return 0;
	}
	ws_flush(s);
	return rc;
}

static void ws_stream_pause(struct tcp *base, bool pause)
{
	struct ws_stream *s = ws_stream_of(base);

	if (s->paused && !pause)
		ws_on_resume(s->w, reactor_now(s->s->r).m);
	s->paused = pause;
	if (!pause)
		ws_later(s, 0);
	else if (s->under && s->up && !s->gone && s->opened)
		tcp_pause(s->under, true);
}

static void ws_stream_shutdown(struct tcp *base)
{
	struct ws_stream *s = ws_stream_of(base);

	if (s->dead)
		return;
	s->want_room = false;
	ws_shutdown(s->w, WS_NORMAL, reactor_now(s->s->r).m);
	ws_flush(s);
	ws_later(s, 0);
}

static void ws_stream_close(struct tcp *base)
{
	struct ws_stream *s = ws_stream_of(base);

	if (s->dead)
		return;
	if (s->opened) {
		ws_shutdown(s->w, WS_NORMAL, 0);
		ws_close_under(s);
	}
	ws_die(s);
}

static void ws_stream_abort(struct tcp *base)
{
	struct ws_stream *s = ws_stream_of(base);

	if (!s->dead)
		ws_die(s);
}

static const struct backend ws_backend = {
	.tcp_write = ws_stream_write,
	.tcp_unsent = ws_stream_unsent,
	.tcp_pause = ws_stream_pause,
	.tcp_shutdown = ws_stream_shutdown,
	.tcp_close = ws_stream_close,
	.tcp_abort = ws_stream_abort,
};

/* ------------------------------------------------------------------ life */
struct ws_streams *ws_streams_new(struct reactor *r)
{
	struct ws_streams *s = mem_new(r->mem, sizeof(*s));
	uint8_t seed[32];

	if (!s)
		return NULL;
	if (reactor_entropy(r, seed, sizeof(seed))) {
		mem_free(r->mem, s);
		return NULL;
	}
	s->r = r;
	drbg_init(&s->drbg, seed);
	memset(seed, 0, sizeof(seed));
	list_init(&s->all);
	list_init(&s->listeners);
	return s;
}

void ws_streams_free(struct ws_streams *s)
{
	if (!s)
		return;
	while (s->listeners.next != &s->listeners)
		ws_listener_free(CONTAINER(s->listeners.next,
					   struct ws_listener, link));
	while (s->all.next != &s->all)
		stream_free(CONTAINER(s->all.next, struct ws_stream, link));
	drbg_wipe(&s->drbg);
	mem_free(s->r->mem, s);
}

static int ws_stream_new(struct ws_streams *all, const struct ws_setup *setup,
			 struct tcp *under, struct ws_stream **out)
{
	struct ws_stream *s = mem_new(all->r->mem, sizeof(*s));
	uint8_t seed[32];
	int rc;

	if (!s)
		return -ENOMEM;
	drbg_bytes(&all->drbg, seed, sizeof(seed));
	rc = ws_new(all->r->mem, setup, seed, reactor_now(all->r).m, &s->w);
	memset(seed, 0, sizeof(seed));
	if (rc) {
		mem_free(all->r->mem, s);
		return rc;
	}
	s->base = (struct tcp){ .b = &ws_backend, .room = TCP_BUFFER,
		.local = tcp_local(under), .remote = tcp_remote(under) };
	s->s = all;
	s->under = under;
	s->turn = (struct reactor_timer){ .fn = ws_on_turn, .arg = s };
	s->deadline = (struct reactor_timer){ .fn = ws_on_deadline, .arg = s };
	list_append(&all->all, &s->link);
	tcp_set_ops(under, &ws_under_ops, s);
	tcp_set_buffer(under, UNDER);
	*out = s;
	return 0;
}

int ws_connect(struct ws_streams *all, const struct ws_setup *setup,
	       struct tcp *under, const struct tcp_ops *ops, void *arg,
	       struct tcp **out)
{
	struct ws_stream *s;
	int rc = setup->server ? -EINVAL :
		 ws_stream_new(all, setup, under, &s);

	if (rc)
		return rc;
	tcp_set_ops(&s->base, ops, arg);
	*out = &s->base;
	return 0;
}

int ws_listener_new(struct ws_streams *s, const struct ws_setup *setup,
		    const struct ws_listen_ops *ops, void *arg,
		    struct ws_listener **out)
{
	struct ws_listener *l;

	if (!setup->server || !ws_hello_ok(&setup->hello))
		return -EINVAL;
	l = mem_new(s->r->mem, sizeof(*l));
	if (!l)
		return -ENOMEM;
	l->s = s;
	l->setup = *setup;
	l->ops = ops;
	l->arg = arg;
	list_append(&s->listeners, &l->link);
	*out = l;
	return 0;
}

void ws_listener_free(struct ws_listener *l)
{
	struct list *n;

	if (!l)
		return;
	for (n = l->s->all.next; n != &l->s->all; n = n->next) {
		struct ws_stream *s = CONTAINER(n, struct ws_stream, link);

		if (s->l == l)
			ws_die(s);
	}
	list_remove(&l->link);
	mem_free(l->s->r->mem, l);
}

static unsigned ws_pending_of(const struct ws_listener *l,
			      const struct tcp *under)
{
	struct addr remote = tcp_remote(under), who = addr_source(&remote);
	unsigned n = 0;

	for (struct list *k = l->s->all.next; k != &l->s->all; k = k->next) {
		const struct ws_stream *s = CONTAINER(k, struct ws_stream,
						      link);
		struct addr it = addr_source(&s->base.remote);

		n += s->l == l && addr_same_ip(&it, &who);
	}
	return n;
}

void ws_listener_take(struct ws_listener *l, struct tcp *under)
{
	struct ws_stream *s;

	if (l->pending == WS_PENDING ||
	    ws_pending_of(l, under) >= WS_PENDING_SOURCE ||
	    ws_stream_new(l->s, &l->setup, under, &s))
		return; /* reset */
	s->l = l;
	l->pending++;
	s->up = true;
	reactor_timer_at(l->s->r, &s->deadline, ws_deadline(s->w));
}
