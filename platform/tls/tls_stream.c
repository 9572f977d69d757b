/* SPDX-License-Identifier: BSD-2-Clause
 * A stream is the user's struct tcp above another one, under.  Whatever happens
 * ends in pump(), which moves octets and tells the user; it is never called
 * from within a call of the user's, for which turn() is.
 *
 * A stream that its user has closed, or that was told to be closed, is dead: no
 * callbacks; it is freed by reap(), in a turn of its own, when no job of it
 * runs.
 */
#include "platform/tls/tls_stream.h"

#include "platform/list.h"
#include "platform/reactor_priv.h"

static const mono NO_MEMORY = MS(100); /* until a write is tried again */

struct tls_streams {
	struct reactor *r;
	struct jobs *jobs;
	struct job job;
	struct stream *working;  /* whose handshake runs */
	struct list all, waiting, listeners;
	struct trace *trace;     /* NULL: none, or one without keys */
	uint8_t clear[TLS_RECORD]; /* decrypted, for one callback */
};

struct listener {
	struct tcp_listener base;
	struct tls_streams *s;
	struct list link;
	struct tcp_listener *under;
	struct tls_conf *conf;
	const struct tls_listen_ops *ops;
	unsigned pending;
};

struct stream {
	struct tcp base;
	struct tls_streams *s;
	struct list link, wait;    /* of all; of those that wait for a job */
	struct tcp *under;         /* NULL: over */
	struct tls *t;
	struct listener *l;        /* accepted, and not told yet */
	struct reactor_timer turn, deadline;
	uint8_t *unseen;           /* read, and not traced yet */
	size_t unseen_n;
	uint8_t *held;             /* written before it was open */
	size_t held_n;
	bool accepted;
	bool up;                   /* under is open */
	bool queued;               /* for a job, or it runs */
	bool opened, paused, want_room, end_told; /* as the user knows it */
	bool shut;                 /* a close_notify is wanted, */
	bool bye;                  /* it is written, */
	bool shut_under;           /* and a FIN is behind it */
	bool under_end;
	bool dead;
	int err;                   /* of under */
};

static const struct backend tls_backend;

static struct stream *stream_of(const struct tcp *t)
{
	return CONTAINER((uintptr_t)t, struct stream, base);
}

const struct tls *tls_of(const struct tcp *t)
{
	return t->b == &tls_backend ? stream_of(t)->t : NULL;
}

static void pump(struct stream *s);

/* --------------------------------------------------------------- tracing */
static void saw(struct stream *s, bool out, const uint8_t *p, size_t n)
{
	if (s->s->trace)
		trace_stream(s->s->trace, &s->base.local, &s->base.remote,
			     !s->accepted, out, slice_of(p, n),
			     reactor_now(s->s->r).wall_ns);
}

/* Secrets stand before what they decrypt, so what comes in the handshake waits
 * until the machine has read it.  While a job has the machine there is no
 * asking it. */
static void saw_all(struct stream *s)
{
	if (!s->s->trace)
		return;
	if (!s->queued && tls_secrets(s->t).n) {
		trace_secret(s->s->trace, tls_secrets(s->t));
		tls_forget_secrets(s->t);
	}
	if (s->unseen_n)
		saw(s, false, s->unseen, s->unseen_n);
	mem_free(s->s->r->mem, s->unseen);
	s->unseen = NULL;
	s->unseen_n = 0;
}

static void saw_incoming(struct stream *s, const uint8_t *p, size_t n)
{
	uint8_t *more = NULL;

	if (!s->s->trace)
		return;
	if (tls_state(s->t) == TLS_HANDSHAKE)
		more = mem_resize(s->s->r->mem, s->unseen, s->unseen_n + n);
	if (!more) {
		saw_all(s);
		saw(s, false, p, n);
		return;
	}
	memcpy(more + s->unseen_n, p, n);
	s->unseen = more;
	s->unseen_n += n;
}

static void saw_end(struct stream *s, bool out, bool reset)
{
	if (!s->s->trace)
		return;
	saw_all(s);
	trace_stream_end(s->s->trace, &s->base.local, &s->base.remote, out,
			 reset, reactor_now(s->s->r).wall_ns);
}

/* ---------------------------------------------------------------- ending */
static void later(struct stream *s, mono span)
{
	struct reactor *r = s->s->r;

	reactor_timer_at(r, &s->turn, mono_add(reactor_now(r).m, span));
}

static void abort_under(struct stream *s)
{
	if (!s->under)
		return;
	saw_end(s, true, true);
	tcp_abort(s->under);
	s->under = NULL;
}

static void free_stream(struct stream *s)
{
	struct mem *m = s->s->r->mem;

	reactor_timer_stop(s->s->r, &s->turn);
	reactor_timer_stop(s->s->r, &s->deadline);
	list_remove(&s->link);
	abort_under(s);
	tls_free(s->t);
	mem_free(m, s->unseen);
	mem_free(m, s->held);
	mem_free(m, s);
}

static void unlist(struct stream *s)
{
	if (s->l)
		s->l->pending--;
	s->l = NULL;
}

static void die(struct stream *s)
{
	unlist(s);
	s->dead = true;
	s->base.ops = NULL;
	abort_under(s);
	if (s->queued && s->s->working != s) {
		list_remove(&s->wait);
		s->queued = false;
	}
	reactor_timer_stop(s->s->r, &s->deadline);
	later(s, 0);
}

/* What waits goes to TCP, which sends it after a close as well. */
static void flush(struct stream *s)
{
	saw_all(s);
	while (s->under && s->up && tls_unsent(s->t).n) {
		struct slice out = tls_unsent(s->t);
		int n = tcp_write(s->under, out.p, out.n);

		if (n <= 0)
			return; /* on_room, or on_closed */
		saw(s, true, (const uint8_t *)out.p, (size_t)n);
		tls_sent(s->t, (size_t)n);
	}
	if (s->under && s->bye && !s->shut_under) {
		s->shut_under = true;
		saw_end(s, true, false);
		tcp_shutdown(s->under);
	}
}

static void close_under(struct stream *s)
{
	struct tcp *t = s->under;

	if (!t)
		return;
	/* All of it is taken: at most LIMIT_TLS_UNSENT more. */
	tcp_set_buffer(t, s->base.room + LIMIT_TLS_UNSENT + TLS_RECORD);
	flush(s);
	if (!s->shut_under)
		saw_end(s, true, false);
	s->under = NULL;
	tcp_close(t);
}

static void finish(struct stream *s, int err)
{
	const struct tcp_ops *ops = s->base.ops;
	void *arg = s->base.arg;
	struct listener *l = s->l;

	if (s->dead)
		return;
	unlist(s);
	s->dead = true;
	s->base.ops = NULL;
	if (l && l->ops->on_refused)
		l->ops->on_refused(l->base.arg, &s->base);
	else if (ops)
		ops->on_closed(arg, err);
	close_under(s);
	die(s);
}

static int error_of(const struct stream *s)
{
	switch (tls_fault(s->t)->cause) {
	case TLS_FINE:
		return s->err;
	case TLS_REFUSED:
		return EACCES;
	case TLS_ALERT:
		return ECONNABORTED;
	case TLS_BROKEN:
		return EPROTO;
	case TLS_TIMEOUT:
		return ETIMEDOUT;
	case TLS_CUT:
		return s->err ? s->err : ECONNRESET;
	case TLS_NO_MEMORY:
		return ENOMEM;
	}
	return EPROTO;
}

/* ------------------------------------------------------------ handshakes */
static void work_next(struct tls_streams *all);

static void work_done(struct stream *s)
{
	tls_settle(s->t);
	s->queued = false;
	if (s->dead)
		later(s, 0);
	else
		pump(s);
}

static void on_work(void *arg)
{
	tls_work(((struct stream *)arg)->t);
}

static void on_done(void *arg)
{
	struct stream *s = arg;
	struct tls_streams *all = s->s;

	all->working = NULL;
	work_done(s);
	work_next(all);
}

static void work_next(struct tls_streams *all)
{
	struct list *n = all->working ? NULL : list_take(&all->waiting);

	if (!n)
		return;
	all->working = CONTAINER(n, struct stream, wait);
	job_run(all->jobs, &all->job, on_work, on_done, all->working);
}

/* Nothing is read meanwhile: the job has the machine. */
static void work(struct stream *s)
{
	if (!s->s->jobs) {
		tls_work(s->t);
		tls_settle(s->t);
		return;
	}
	s->queued = true;
	if (s->under)
		tcp_pause(s->under, true);
	list_append(&s->s->waiting, &s->wait);
	work_next(s->s);
}

/* ------------------------------------------------------------------ pump */
static void say_bye(struct stream *s)
{
	tls_shutdown(s->t);
	s->bye = true;
}

static void send_held(struct stream *s)
{
	while (s->held_n) {
		int n = tls_write(s->t, s->held, s->held_n);

		if (n == -ENOMEM)
			later(s, NO_MEMORY);
		if (n <= 0)
			return;
		s->held_n -= (size_t)n;
		memmove(s->held, s->held + n, s->held_n);
		flush(s);
	}
	mem_free(s->s->r->mem, s->held);
	s->held = NULL;
	if (s->shut && !s->bye) {
		say_bye(s);
		flush(s);
	}
}

static void open_up(struct stream *s)
{
	struct listener *l = s->l;

	s->opened = true;
	reactor_timer_stop(s->s->r, &s->deadline);
	if (l) {
		unlist(s);
		l->ops->on_accept(l->base.arg, &s->base);
		if (!s->dead && !s->base.ops)
			tcp_abort(&s->base);
	} else {
		s->base.ops->on_open(s->base.arg);
	}
}

static void give_bytes(struct stream *s)
{
	struct tls_streams *all = s->s;

	while (!s->dead && !s->paused) {
		size_t n = tls_read(s->t, all->clear, sizeof(all->clear));

		if (n == 0)
			return;
		s->base.ops->on_bytes(s->base.arg, all->clear, n);
	}
}

static void give_rest(struct stream *s)
{
	enum tls_state state = tls_state(s->t);

	if (state == TLS_ENDED && !s->end_told && !s->paused) {
		s->end_told = true;
		s->base.ops->on_end(s->base.arg);
	}
	if (s->dead)
		return;
	/* What TCP says of its end comes after what it has brought. */
	if ((s->under_end || !s->under) && !tls_waits(s->t))
		tls_on_end(s->t);
	if (tls_state(s->t) == TLS_FAILED)
		finish(s, error_of(s));
	else if (s->end_told && s->shut && !tls_unsent(s->t).n && !s->held_n)
		finish(s, 0);
	else if (!s->under && !(tls_waits(s->t) && s->paused))
		finish(s, s->err ? s->err : ECONNRESET);
}

static void give_room(struct stream *s)
{
	if (s->dead || !s->opened || !s->want_room || s->shut ||
	    tls_unsent(s->t).n || s->held_n)
		return;
	s->want_room = false;
	s->base.ops->on_room(s->base.arg);
}

static void pump(struct stream *s)
{
	if (s->dead || s->queued || !s->up)
		return;
	if (tls_wants_work(s->t)) {
		work(s);
		if (s->queued)
			return;
	}
	flush(s);
	if (tls_state(s->t) == TLS_OPEN && !s->opened)
		open_up(s);
	if (s->opened && !s->dead) {
		send_held(s);
		give_bytes(s);
		if (!s->dead)
			flush(s);
	}
	if (!s->dead)
		give_rest(s);
	give_room(s);
	if (!s->dead && s->under)
		tcp_pause(s->under, s->opened &&
					    (s->paused || tls_waits(s->t)));
}

static void on_turn(void *arg)
{
	struct stream *s = arg;

	if (!s->dead)
		pump(s);
	else if (!s->queued)
		free_stream(s);
}

static void on_deadline(void *arg)
{
	struct stream *s = arg;

	if (s->queued) { /* the job is nearly done */
		reactor_timer_at(s->s->r, &s->deadline,
				 mono_add(reactor_now(s->s->r).m, NO_MEMORY));
		return;
	}
	tls_on_time(s->t, reactor_now(s->s->r).m);
	if (tls_state(s->t) == TLS_FAILED)
		finish(s, error_of(s));
}

/* ------------------------------------------------- what under tells us */
static void under_open(void *arg)
{
	struct stream *s = arg;

	s->up = true;
	s->base.local = tcp_local(s->under);
	pump(s);
}

static void under_bytes(void *arg, uint8_t *p, size_t n)
{
	struct stream *s = arg;

	saw_incoming(s, p, n);
	if (tls_on_bytes(s->t, p, n) < 0) {
		finish(s, ENOMEM);
		return;
	}
	pump(s);
}

static void under_room(void *arg)
{
	pump(arg);
}

static void under_end(void *arg)
{
	struct stream *s = arg;

	s->under_end = true;
	saw_end(s, false, false);
	pump(s);
}

static void under_closed(void *arg, int err)
{
	struct stream *s = arg;

	if (s->up && err)
		saw_end(s, false, true);
	s->under = NULL;
	s->err = err;
	if (s->up)
		pump(s);
	else
		finish(s, err);
}

static const struct tcp_ops under_ops = { under_open, under_bytes, under_room,
					  under_end, under_closed };

/* ----------------------------------------------------- what users call */
static int stream_write(struct tcp *base, const void *p, size_t n)
{
	struct stream *s = stream_of(base);
	const uint8_t *bytes = p;
	size_t taken = 0;
	int rc = 0;

	if (s->dead || s->shut || !s->under)
		return -EPIPE;
	n = n < INT32_MAX ? n : INT32_MAX;
	if (!s->opened || s->held_n) {
		size_t room = base->room > s->held_n ?
				      base->room - s->held_n : 0;
		uint8_t *grown;

		taken = n < room ? n : room;
		grown = taken ? mem_resize(s->s->r->mem, s->held,
					   s->held_n + taken) : NULL;
		taken = grown ? taken : 0;
		if (grown) {
			s->held = grown;
			memcpy(grown + s->held_n, bytes, taken);
			s->held_n += taken;
		}
		s->want_room = taken < n;
		return (int)taken;
	}
	tcp_set_buffer(s->under, base->room);
	while (taken < n) {
		rc = tls_write(s->t, bytes + taken, n - taken);
		if (rc <= 0)
			break;
		taken += (size_t)rc;
		flush(s);
	}
	s->want_room = taken < n;
	if (rc == -ENOMEM)
		later(s, NO_MEMORY);
	if (rc == -EPIPE)
		later(s, 0);
	return rc == -EPIPE && !taken ? -EPIPE : (int)taken;
}

static size_t stream_unsent(const struct tcp *base)
{
	const struct stream *s = stream_of(base);

	return s->held_n + tls_unsent(s->t).n +
	       (s->under ? tcp_unsent(s->under) : 0);
}

static void stream_pause(struct tcp *base, bool pause)
{
	struct stream *s = stream_of(base);

	s->paused = pause;
	if (!pause)
		later(s, 0);
	else if (s->under && s->opened)
		tcp_pause(s->under, true);
}

static void stream_shutdown(struct tcp *base)
{
	struct stream *s = stream_of(base);

	if (s->shut || s->dead)
		return;
	s->shut = true;
	s->want_room = false;
	if (s->opened && !s->held_n) {
		say_bye(s);
		flush(s);
	}
	later(s, 0);
}

static void stream_close(struct tcp *base)
{
	struct stream *s = stream_of(base);

	if (s->dead)
		return;
	if (s->opened && s->under) {
		tcp_set_buffer(s->under, s->base.room + LIMIT_TLS_UNSENT +
						 TLS_RECORD);
		send_held(s);
		say_bye(s);
		close_under(s);
	}
	die(s);
}

static void stream_abort(struct tcp *base)
{
	struct stream *s = stream_of(base);

	if (s->dead)
		return;
	die(s);
}

static void listener_close(struct tcp_listener *base)
{
	struct listener *l = CONTAINER(base, struct listener, base);
	struct list *n, *next;

	for (n = l->s->all.next; n != &l->s->all; n = next) {
		struct stream *s = CONTAINER(n, struct stream, link);

		next = n->next;
		if (s->l == l)
			stream_abort(&s->base);
	}
	tcp_listener_close(l->under);
	list_remove(&l->link);
	mem_free(l->s->r->mem, l);
}

static const struct backend tls_backend = {
	.tcp_write = stream_write,
	.tcp_unsent = stream_unsent,
	.tcp_pause = stream_pause,
	.tcp_shutdown = stream_shutdown,
	.tcp_close = stream_close,
	.tcp_abort = stream_abort,
	.tcp_listener_close = listener_close,
};

/* ------------------------------------------------------------------ life */
void tls_streams_trace(struct tls_streams *s, struct trace *t)
{
	s->trace = trace_has_keys(t) ? t : NULL;
}

struct tls_streams *tls_streams_new(struct reactor *r, struct jobs *jobs)
{
	struct tls_streams *s = mem_new(r->mem, sizeof(*s));

	if (!s)
		return NULL;
	s->r = r;
	s->jobs = jobs;
	list_init(&s->all);
	list_init(&s->waiting);
	list_init(&s->listeners);
	return s;
}

void tls_streams_free(struct tls_streams *s)
{
	if (!s)
		return;
	while (s->listeners.next != &s->listeners)
		listener_close(&CONTAINER(s->listeners.next, struct listener,
					  link)->base);
	job_cancel(&s->job);
	while (s->all.next != &s->all)
		free_stream(CONTAINER(s->all.next, struct stream, link));
	mem_free(s->r->mem, s);
}

static struct stream *stream_new(struct tls_streams *all,
				 struct tls_conf *conf,
				 const struct tls_peer *peer, int *rc)
{
	struct stream *s = mem_new(all->r->mem, sizeof(*s));

	*rc = s ? tls_new(conf, peer, reactor_now(all->r), &s->t) : -ENOMEM;
	if (*rc == 0 && all->trace)
		*rc = tls_want_secrets(s->t);
	if (*rc < 0) {
		tls_free(s ? s->t : NULL);
		mem_free(all->r->mem, s);
		return NULL;
	}
	s->base = (struct tcp){ .b = &tls_backend, .room = TCP_BUFFER };
	s->s = all;
	s->turn = (struct reactor_timer){ .fn = on_turn, .arg = s };
	s->deadline = (struct reactor_timer){ .fn = on_deadline, .arg = s };
	list_append(&all->all, &s->link);
	reactor_timer_at(all->r, &s->deadline, tls_deadline(s->t));
	return s;
}

int tls_connect(struct tls_streams *all, struct tls_conf *conf,
		const struct addr *local, const struct addr *remote,
		const struct tls_peer *peer, const struct tcp_ops *ops,
		void *arg, struct tcp **out)
{
	int rc;
	struct stream *s = stream_new(all, conf, peer, &rc);

	if (!s)
		return rc;
	rc = tcp_connect(all->r, local, remote, &under_ops, s, &s->under);
	if (rc < 0) {
		s->under = NULL;
		free_stream(s);
		return rc;
	}
	tcp_set_ops(&s->base, ops, arg);
	s->base.local = tcp_local(s->under);
	s->base.remote = *remote;
	*out = &s->base;
	return 0;
}

static unsigned pending_of(const struct listener *l, const struct tcp *under)
{
	struct addr remote = tcp_remote(under), who = addr_source(&remote);
	unsigned n = 0;

	for (struct list *k = l->s->all.next; k != &l->s->all; k = k->next) {
		const struct stream *s = CONTAINER(k, struct stream, link);
		struct addr it = addr_source(&s->base.remote);

		n += s->l == l && addr_same_ip(&it, &who);
	}
	return n;
}

static void on_incoming(void *arg, struct tcp *under)
{
	static const struct tls_peer anybody = { .rules = CERT_NAME_NONE };
	struct listener *l = arg;
	struct stream *s;
	int rc;

	if (l->pending == TLS_PENDING ||
	    pending_of(l, under) >= TLS_PENDING_SOURCE)
		return; /* reset */
	s = stream_new(l->s, l->conf, &anybody, &rc);
	if (!s)
		return;
	s->l = l;
	s->accepted = true;
	l->pending++;
	s->under = under;
	s->up = true;
	s->base.local = tcp_local(under);
	s->base.remote = tcp_remote(under);
	tcp_set_ops(under, &under_ops, s);
}

int tls_listen(struct tls_streams *all, struct tls_conf *conf,
	       const struct addr *local, const struct tls_listen_ops *ops,
	       void *arg, struct tcp_listener **out)
{
	struct listener *l = mem_new(all->r->mem, sizeof(*l));
	int rc;

	if (!l)
		return -ENOMEM;
	rc = tcp_listen(all->r, local, on_incoming, l, &l->under);
	if (rc < 0) {
		mem_free(all->r->mem, l);
		return rc;
	}
	l->base = (struct tcp_listener){ .b = &tls_backend, .arg = arg,
		.local = tcp_listener_local(l->under) };
	l->s = all;
	l->conf = conf;
	l->ops = ops;
	list_append(&all->listeners, &l->link);
	*out = &l->base;
	return 0;
}

void tls_listener_conf(struct tcp_listener *base, struct tls_conf *conf)
{
	CONTAINER(base, struct listener, base)->conf = conf;
}
