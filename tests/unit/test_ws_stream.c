/* SPDX-License-Identifier: BSD-2-Clause
 * What platform/reactor.h promises of TCP holds for WebSocket, message by
 * message, in both worlds. */
#include "tests/unit/suites.h"

#include "platform/http/ws_stream.h"
#include "platform/limits.h"
#include "tests/unit/worlds.h"

struct peer {
	struct tcp *t;
	unsigned to_send, sent; /* messages: number i has length(i) octets */
	bool end_when_sent, close_on_bytes, pause;
	unsigned opened, messages, closed, refused, ended, bytes;
	int err;
	unsigned status;
	enum ws_cause cause;
};

/* Two hosts with their streams. */
struct pair {
	struct world w;
	struct ws_streams *a, *b;
	struct tcp_listener *tcp;
	struct ws_listener *l;
	struct peer pa, pb;
	mono ping;
};

static size_t length(unsigned i)
{
	static const size_t some[] = { 1, 2, 125, 126, 4000, 30000,
				       LIMIT_SIP_MESSAGE, 7 };

	return some[i % COUNT(some)];
}

static uint8_t octet(unsigned message, size_t i)
{
	return (uint8_t)(message * 31 + i * 7 + (i >> 8));
}

static void feed(struct peer *p)
{
	static uint8_t some[LIMIT_SIP_MESSAGE];

	while (p->sent < p->to_send) {
		size_t n = length(p->sent);
		int rc;

		for (size_t i = 0; i < n; i++)
			some[i] = octet(p->sent, i);
		rc = tcp_write(p->t, some, n);
		if (n && rc == 0)
			return; /* whole or not at all */
		ck_assert_int_eq(rc, (int)n);
		p->sent++;
	}
	if (p->end_when_sent)
		tcp_shutdown(p->t);
}

static void on_open(void *arg)
{
	struct peer *p = arg;

	p->opened++;
	feed(p);
}

static void on_bytes(void *arg, uint8_t *b, size_t n)
{
	struct peer *p = arg;
	bool same = n == length(p->messages);

	for (size_t i = 0; i < n; i++)
		same = same && b[i] == octet(p->messages, i);
	ck_assert(same);
	p->messages++;
	if (p->pause)
		tcp_pause(p->t, true);
	if (p->close_on_bytes)
		tcp_close(p->t);
}

static void on_room(void *arg)
{
	feed(arg);
}

static void on_end(void *arg)
{
	((struct peer *)arg)->ended++;
}

static void note(struct peer *p, const struct tcp *t)
{
	p->cause = ws_fault(ws_of(t))->cause;
	p->status = ws_fault(ws_of(t))->status;
}

static void on_closed(void *arg, int err)
{
	struct peer *p = arg;

	note(p, p->t);
	p->closed++;
	p->err = err;
	p->t = NULL;
}

static const struct tcp_ops OPS = { on_open, on_bytes, on_room, on_end,
				    on_closed };

static void on_accept(void *arg, struct tcp *t)
{
	struct peer *p = arg;

	p->opened++;
	p->t = t;
	tcp_set_ops(t, &OPS, p);
	feed(p);
}

static void on_refused(void *arg, const struct tcp *t)
{
	struct peer *p = arg;

	p->refused++;
	note(p, t);
}

static const struct ws_listen_ops LISTEN = { on_accept, on_refused };

static void on_tcp(void *arg, struct tcp *t)
{
	ws_listener_take(((struct pair *)arg)->l, t);
}

static const struct ws_hello HELLO = { .host = SLICE("example.com"),
	.path = SLICE("/"), .protocol = SLICE("sip") };

static void open_pair(struct pair *p, int which)
{
	struct ws_setup server = { .server = true, .hello = HELLO };

	*p = (struct pair){ .ping = 0 };
	world_open(&p->w, which);
	p->a = ws_streams_new(p->w.a);
	p->b = ws_streams_new(p->w.b);
	ck_assert(p->a && p->b);
	ck_assert_int_eq(ws_listener_new(p->b, &server, &LISTEN, &p->pb,
					 &p->l), 0);
	ck_assert_int_eq(tcp_listen(p->w.b, &p->w.ip_b, on_tcp, p, &p->tcp),
			 0);
}

static void meet(struct pair *p, const char *path)
{
	struct ws_setup s = { .hello = HELLO, .ping = p->ping };
	struct addr remote = tcp_listener_local(p->tcp);
	struct tcp *under;

	s.hello.path = slice_str(path);
	ck_assert_int_eq(tcp_connect(p->w.a, NULL, &remote, &OPS, NULL,
				     &under), 0);
	ck_assert_int_eq(ws_connect(p->a, &s, under, &OPS, &p->pa, &p->pa.t),
			 0);
	ck_assert_uint_eq(p->pa.opened + p->pa.closed, 0);
	ck_assert_ptr_eq(ws_under(p->pa.t), under);
}

static void close_pair(struct pair *p)
{
	ws_streams_free(p->a);
	ws_streams_free(p->b);
	tcp_listener_close(p->tcp);
	world_close(&p->w);
}

START_TEST(both_ways_and_to_the_end)
{
	struct pair p;

	open_pair(&p, _i);
	p.pa.to_send = 24;
	p.pb.to_send = 40;
	p.pb.end_when_sent = true;
	meet(&p, "/");
	feed(&p.pa); /* before it is open: as many as there is room for */
	ck_assert_uint_ge(p.pa.sent, 6);
	ck_assert_uint_lt(p.pa.sent, 24);
	world_until(&p.w, &p.pb.messages, 24);
	world_until(&p.w, &p.pa.messages, 40);
	world_until(&p.w, &p.pa.closed, 1);
	world_until(&p.w, &p.pb.closed, 1);
	ck_assert_int_eq(p.pa.err + p.pb.err, 0);
	ck_assert_uint_eq(p.pa.ended + p.pb.ended, 0);
	ck_assert_uint_eq(p.pa.opened + p.pb.opened, 2);
	close_pair(&p);
}
END_TEST

START_TEST(a_refusal_is_told_at_both_ends)
{
	struct pair p;

	open_pair(&p, _i);
	meet(&p, "/other");
	world_until(&p.w, &p.pa.closed, 1);
	world_until(&p.w, &p.pb.refused, 1);
	ck_assert_int_eq(p.pa.err, ECONNABORTED);
	ck_assert_uint_eq(p.pa.status, 404);
	ck_assert_int_eq(p.pb.cause, WS_REFUSED);
	ck_assert_uint_eq(p.pa.opened + p.pb.opened + p.pb.closed, 0);
	close_pair(&p);
}
END_TEST

START_TEST(nobody_there_is_told_as_by_tcp)
{
	struct pair p;

	open_pair(&p, _i);
	meet(&p, "/");
	tcp_abort(p.pa.t);
	tcp_listener_close(p.tcp);
	world_for(&p.w, MS(50)); /* what came meanwhile is reset */
	p.pa = (struct peer){ 0 };
	ck_assert_int_eq(tcp_listen(p.w.b, &p.w.ip_b, on_tcp, &p, &p.tcp), 0);
	{
		struct addr remote = tcp_listener_local(p.tcp);
		struct ws_setup s = { .hello = HELLO };
		struct tcp *under;

		tcp_listener_close(p.tcp);
		ck_assert_int_eq(tcp_connect(p.w.a, NULL, &remote, &OPS, NULL,
					     &under), 0);
		ck_assert_int_eq(ws_connect(p.a, &s, under, &OPS, &p.pa,
					    &p.pa.t), 0);
	}
	world_until(&p.w, &p.pa.closed, 1);
	ck_assert_int_eq(p.pa.err, ECONNREFUSED);
	ck_assert_int_eq(tcp_listen(p.w.b, &p.w.ip_b, on_tcp, &p, &p.tcp), 0);
	close_pair(&p);
}
END_TEST

START_TEST(what_was_taken_is_sent_before_a_close)
{
	struct pair p;

	open_pair(&p, _i);
	p.pb.to_send = 1;
	p.pa.close_on_bytes = true;
	meet(&p, "/");
	world_until(&p.w, &p.pb.closed, 1);
	ck_assert_int_eq(p.pb.err, 0);
	ck_assert_uint_eq(p.pa.closed, 0); /* closed by its user */
	close_pair(&p);
}
END_TEST

START_TEST(nothing_is_read_while_it_is_paused)
{
	struct pair p;

	open_pair(&p, _i);
	p.pa.to_send = 400;
	p.pb.pause = true;
	meet(&p, "/");
	world_until(&p.w, &p.pb.messages, 1);
	world_for(&p.w, MS(200));
	ck_assert_uint_eq(p.pb.messages, 1);
	/* (A kernel may hold all of it.) */
	ck_assert(!p.w.sim || p.pa.sent < 400);
	tcp_pause(p.pb.t, false); /* one more, and it is paused again */
	world_for(&p.w, MS(50));
	ck_assert_uint_eq(p.pb.messages, 2);
	if (p.w.sim)
		world_for(&p.w, SEC(60)); /* is no fault of the peer's */
	p.pb.pause = false;
	tcp_pause(p.pb.t, false);
	world_until(&p.w, &p.pb.messages, 400);
	close_pair(&p);
}
END_TEST

/* A message larger than what may wait is never taken, one that finds the
 * room full is taken later, whole. */
START_TEST(messages_are_taken_whole_or_not_at_all)
{
	static uint8_t big[4096];
	struct pair p;
	unsigned took = 0;
	int rc;

	open_pair(&p, _i);
	meet(&p, "/");
	/* The request waits, too. */
	tcp_set_buffer(p.pa.t, sizeof(big) + 250);
	ck_assert_int_eq(tcp_write(p.pa.t, big, sizeof(big)), sizeof(big));
	ck_assert_int_eq(tcp_write(p.pa.t, big, 200), 0);
	ck_assert_int_eq(tcp_write(p.pa.t, big, 0), 0);
	tcp_set_buffer(p.pa.t, 3 * sizeof(big));
	while ((rc = tcp_write(p.pa.t, big, 1000)) == 1000)
		took++;
	ck_assert_int_eq(rc, 0);
	ck_assert_uint_eq(took, 7); /* of 8192, less the request and heads */
	ck_assert_uint_ge(tcp_unsent(p.pa.t), sizeof(big) + 7000);
	ck_assert_int_eq(tcp_write(p.pa.t, big, sizeof(big)), 0);
	ck_assert_int_eq(tcp_write(p.pa.t, big, LIMIT_SIP_MESSAGE), -EMSGSIZE);
	tcp_abort(p.pa.t);
	close_pair(&p);
}
END_TEST

/* ------------------------------------------- peers that are TCP alone */
static void raw_closed(void *arg, int err)
{
	struct peer *p = arg;

	p->closed++;
	p->err = err;
	p->t = NULL;
}

static void raw_bytes(void *arg, uint8_t *b, size_t n)
{
	(void)b;
	((struct peer *)arg)->bytes += (unsigned)n;
}

static const struct tcp_ops RAW = { on_open, raw_bytes, on_room, on_end,
				    raw_closed };

/* n: the real host has any number of sources: 127.0.0.0/8. */
static void raw_begin(struct pair *p, struct peer *raw, unsigned n)
{
	struct addr remote = tcp_listener_local(p->tcp);
	struct addr local = addr_v4(127, 0, 0, (uint8_t)(1 + n), 0);

	ck_assert_int_eq(tcp_connect(p->w.a, n ? &local : NULL, &remote, &RAW,
				     raw, &raw->t), 0);
}

static void raw_connect(struct pair *p, struct peer *raw)
{
	raw_begin(p, raw, 0);
	world_until(&p->w, &raw->opened, 1);
}

START_TEST(a_peer_that_speaks_no_http_is_refused)
{
	struct peer raw = { 0 };
	struct pair p;

	open_pair(&p, _i);
	raw_connect(&p, &raw);
	ck_assert_int_gt(tcp_write(raw.t, "OPTIONS sip:a SIP/2.0\r\n\r\n", 25),
			 0);
	world_until(&p.w, &p.pb.refused, 1);
	world_until(&p.w, &raw.ended, 1);
	ck_assert_uint_gt(raw.bytes, 50); /* HTTP/1.1 400 ... */
	ck_assert_uint_eq(p.pb.status, 400);
	tcp_close(raw.t);
	close_pair(&p);
}
END_TEST

/* Stalls from the first octet on; the simulation alone has the time. */
START_TEST(a_peer_that_stalls_is_closed_in_time)
{
	struct peer raw = { 0 };
	struct pair p;

	open_pair(&p, _i);
	if (p.w.sim) {
		raw_connect(&p, &raw);
		ck_assert_int_gt(tcp_write(raw.t, "GE", 2), 0);
		world_for(&p.w, SEC(9));
		ck_assert_uint_eq(p.pb.refused, 0);
		world_for(&p.w, SEC(2));
		ck_assert_uint_eq(p.pb.refused, 1);
		ck_assert_int_eq(p.pb.cause, WS_TIMEOUT);
		tcp_close(raw.t);
	}
	close_pair(&p);
}
END_TEST

/* Pings keep it open, and miss a peer that is gone. */
START_TEST(a_silent_peer_is_missed)
{
	struct pair p;

	open_pair(&p, _i);
	p.ping = SEC(20);
	meet(&p, "/");
	world_until(&p.w, &p.pa.opened, 1);
	if (p.w.sim) {
		world_for(&p.w, SEC(300));
		ck_assert_uint_eq(p.pa.closed, 0);
		tcp_pause(p.pb.t, true);
		world_for(&p.w, SEC(41));
		ck_assert_uint_eq(p.pa.closed, 1);
		ck_assert_int_eq(p.pa.err, ETIMEDOUT);
	}
	close_pair(&p);
}
END_TEST

/* More than WS_PENDING, and WS_PENDING_SOURCE of a source, are reset, and room
 * comes back. */
START_TEST(handshakes_under_way_are_bounded)
{
	enum { EACH = WS_PENDING_SOURCE, ALL = WS_PENDING };
	struct peer raw[ALL + 1] = { { 0 } }, more = { 0 };
	unsigned alive = 0, n;
	struct pair p;

	open_pair(&p, _i);
	n = p.w.sim || p.w.ip_a.family == 6 ? EACH : ALL;
	for (unsigned i = 0; i < n; i++) {
		raw_begin(&p, &raw[i], i / EACH);
		world_until(&p.w, &raw[i].opened, 1);
	}
	raw_begin(&p, &more, 0);
	world_until(&p.w, &more.closed, 1);
	if (n == ALL) {
		raw_begin(&p, &raw[ALL], ALL / EACH);
		world_until(&p.w, &raw[ALL].closed, 1);
	}
	for (unsigned i = 0; i < n; i++) {
		alive += raw[i].t != NULL;
		tcp_close(raw[i].t);
	}
	ck_assert_uint_eq(alive, n);
	world_until(&p.w, &p.pb.refused, n);
	meet(&p, "/");
	world_until(&p.w, &p.pa.opened, 1);
	close_pair(&p);
}
END_TEST

/* Closed at any turn, by either, a listener with handshakes under way as well:
 * nothing leaks, nobody is called. */
START_TEST(closed_at_any_time)
{
	for (unsigned turns = 0; turns < 12; turns++) {
		struct pair p;

		open_pair(&p, _i);
		p.pb.to_send = 2;
		meet(&p, "/");
		for (unsigned i = 0; i < turns; i++)
			ck_assert_int_ge(reactor_step(p.w.a, MS(5)), 0);
		if (turns % 4 == 0) {
			tcp_listener_close(p.tcp);
			ws_listener_free(p.l);
			ck_assert_int_eq(tcp_listen(p.w.b, &p.w.ip_b, on_tcp,
						    &p, &p.tcp), 0);
			p.l = NULL;
		} else if (turns % 4 == 1) {
			tcp_abort(p.pa.t);
		} else if (turns % 4 == 2) {
			tcp_close(p.pa.t);
		} else {
			tcp_shutdown(p.pa.t);
		}
		world_for(&p.w, MS(50));
		close_pair(&p);
	}
}
END_TEST

/* Any allocation fails: told, or the call says so, and nothing leaks. */
START_TEST(every_allocation_may_fail)
{
	for (uint64_t at = 1; _i >= 2 && at < 40; at++) {
		struct pair p;
		struct ws_setup s = { .hello = HELLO };
		struct addr remote;
		struct tcp *under;

		open_pair(&p, _i);
		remote = tcp_listener_local(p.tcp);
		p.pb.to_send = p.pa.to_send = 5;
		p.w.mem.fail_at = p.w.mem.calls + at;
		if (!tcp_connect(p.w.a, NULL, &remote, &OPS, NULL, &under)) {
			if (ws_connect(p.a, &s, under, &OPS, &p.pa, &p.pa.t))
				tcp_abort(under);
			world_for(&p.w, SEC(2));
		}
		close_pair(&p);
	}
}
END_TEST

WORLD_SUITE(ws_stream,
	    WORLD_TESTS(both_ways_and_to_the_end,
			a_refusal_is_told_at_both_ends,
			nobody_there_is_told_as_by_tcp,
			what_was_taken_is_sent_before_a_close,
			nothing_is_read_while_it_is_paused,
			messages_are_taken_whole_or_not_at_all,
			a_peer_that_speaks_no_http_is_refused,
			a_peer_that_stalls_is_closed_in_time,
			a_silent_peer_is_missed,
			handshakes_under_way_are_bounded, closed_at_any_time,
			every_allocation_may_fail),
	    WORLD_TESTS(NULL));
