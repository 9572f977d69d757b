/* SPDX-License-Identifier: BSD-2-Clause
 * What platform/reactor.h promises of TCP, in both worlds by the same tests. */
#include "tests/unit/suites.h"

#include "tests/unit/worlds.h"

static uint8_t octet(size_t i)
{
	return (uint8_t)(i * 7 + (i >> 8));
}

struct tpeer {
	struct world *w;
	struct tcp *t;
	struct tcp_listener *l;
	size_t to_send, sent; /* octet(0), octet(1) ... */
	bool echo, end_when_sent, close_on_bytes;
	uint8_t *back; /* echo: waiting to be written */
	size_t back_n;
	unsigned opened, accepted, bytes, rooms, ended, closed;
	int err;
};

static void feed(struct tpeer *p)
{
	while (p->sent < p->to_send) {
		uint8_t some[3000];
		size_t n = p->to_send - p->sent;
		int rc;

		n = n < sizeof(some) ? n : sizeof(some);
		for (size_t i = 0; i < n; i++)
			some[i] = octet(p->sent + i);
		rc = tcp_write(p->t, some, n);
		ck_assert_int_ge(rc, 0);
		p->sent += (size_t)rc;
		if ((size_t)rc < n)
			return; /* the rest in on_room */
	}
	if (p->end_when_sent)
		tcp_shutdown(p->t);
}

static void on_open(void *arg)
{
	struct tpeer *p = arg;

	p->opened++;
	feed(p);
}

static void send_back(struct tpeer *p)
{
	int rc;

	if (!p->back_n)
		return;
	rc = tcp_write(p->t, p->back, p->back_n);
	ck_assert_int_ge(rc, 0);
	p->back_n -= (size_t)rc;
	memmove(p->back, p->back + rc, p->back_n);
	tcp_pause(p->t, p->back_n != 0);
}

static void on_bytes(void *arg, uint8_t *b, size_t n)
{
	struct tpeer *p = arg;

	bool same = true;

	ck_assert_uint_gt(n, 0);
	for (size_t i = 0; i < n; i++)
		same = same && b[i] == octet(p->bytes + i);
	ck_assert(same);
	p->bytes += (unsigned)n;
	if (p->echo) {
		ck_assert_uint_eq(p->back_n, 0);
		p->back = mem_resize(&p->w->mem, p->back, n);
		memcpy(p->back, b, n);
		p->back_n = n;
		send_back(p);
	}
	if (p->close_on_bytes)
		tcp_close(p->t);
}

static void on_room(void *arg)
{
	struct tpeer *p = arg;

	p->rooms++;
	if (p->echo)
		send_back(p);
	else
		feed(p);
	if (p->echo && p->ended && !p->back_n)
		tcp_shutdown(p->t);
}

static void on_end(void *arg)
{
	struct tpeer *p = arg;

	p->ended++;
	if (p->echo && !p->back_n)
		tcp_shutdown(p->t);
}

static void on_closed(void *arg, int err)
{
	struct tpeer *p = arg;

	p->closed++;
	p->err = err;
	p->t = NULL;
}

static const struct tcp_ops TCP = { on_open, on_bytes, on_room, on_end,
				    on_closed };

static void on_accept(void *arg, struct tcp *t)
{
	struct tpeer *p = arg;

	p->accepted++;
	p->t = t;
	tcp_set_ops(t, &TCP, p);
	feed(p);
}

/* b listens, a connects to it. */
static void tpeers_open(struct world *w, struct tpeer *a, struct tpeer *b)
{
	struct addr remote;

	a->w = b->w = w;
	ck_assert_int_eq(tcp_listen(w->b, &w->ip_b, on_accept, b, &b->l), 0);
	remote = tcp_listener_local(b->l);
	ck_assert_int_eq(tcp_connect(w->a, NULL, &remote, &TCP, a, &a->t), 0);
	ck_assert_uint_eq(a->opened + a->closed, 0); /* never at once */
}

static void tpeers_connect(struct world *w, struct tpeer *a, struct tpeer *b)
{
	tpeers_open(w, a, b);
	world_until(w, &a->opened, 1);
	world_until(w, &b->accepted, 1);
}

/* More than the kernels of the real world hold, which may be 10 MB. */
enum { MEGABYTE = 1 << 20, MUCH = 16 * MEGABYTE };

START_TEST(megabytes_are_echoed_under_back_pressure)
{
	struct world w;
	struct tpeer a = { .to_send = MUCH, .end_when_sent = true };
	struct tpeer b = { .echo = true };

	world_open(&w, _i);
	tpeers_connect(&w, &a, &b);
	tcp_set_buffer(b.t, 1000);
	world_until(&w, &a.closed, 1);
	world_until(&w, &b.closed, 1);
	ck_assert_uint_eq(a.bytes, MUCH);
	ck_assert_uint_eq(b.bytes, MUCH);
	ck_assert_uint_gt(a.rooms, 0);
	ck_assert_uint_eq(a.ended, 1);
	ck_assert_uint_eq(b.ended, 1);
	ck_assert_int_eq(a.err, 0);
	ck_assert_int_eq(b.err, 0);
	mem_free(&w.mem, b.back);
	world_close(&w);
}
END_TEST

START_TEST(both_sides_know_both_addresses)
{
	struct world w;
	struct tpeer a = { 0 }, b = { 0 };
	struct addr al, ar, bl, br;

	world_open(&w, _i);
	tpeers_connect(&w, &a, &b);
	al = tcp_local(a.t);
	ar = tcp_remote(a.t);
	bl = tcp_local(b.t);
	br = tcp_remote(b.t);
	ck_assert(addr_same(&al, &br) && addr_same(&ar, &bl));
	ck_assert(addr_same_ip(&al, &w.ip_a) && addr_same_ip(&bl, &w.ip_b));
	world_close(&w);
}
END_TEST

/* A reader that pauses stops the writer: what is held is bounded. */
START_TEST(a_paused_reader_stops_the_writer)
{
	struct world w;
	struct tpeer a = { .to_send = 64 * MEGABYTE }, b = { 0 };
	size_t sent;

	world_open(&w, _i);
	tpeers_open(&w, &a, &b);
	world_until(&w, &b.accepted, 1);
	tcp_pause(b.t, true);
	world_for(&w, MS(300));
	sent = a.sent;
	ck_assert_uint_lt(sent, a.to_send);
	ck_assert_uint_le(tcp_unsent(a.t), 65536);
	world_for(&w, MS(300));
	ck_assert_uint_eq(a.sent, sent);
	a.to_send = sent + 100;
	tcp_pause(b.t, false);
	world_until(&w, &b.bytes, (unsigned)sent + 100);
	world_close(&w);
}
END_TEST

START_TEST(an_unused_port_refuses)
{
	struct world w;
	struct tpeer a = { 0 }, b = { 0 };

	world_open(&w, _i);
	a.to_send = 100; /* taken while connecting, then lost */
	tpeers_open(&w, &a, &b);
	tcp_listener_close(b.l);
	tcp_abort(a.t);
	a.t = NULL;
	world_for(&w, MS(20));
	ck_assert_uint_eq(a.closed + a.opened, 0); /* ended by its user */
	b.l = NULL;
	tpeers_open(&w, &a, &b);
	{
		struct addr gone = tcp_listener_local(b.l);

		tcp_close(a.t);
		tcp_listener_close(b.l);
		ck_assert_int_eq(tcp_connect(w.a, NULL, &gone, &TCP, &a, &a.t),
				 0);
		ck_assert_int_eq(tcp_write(a.t, "x", 1), 1);
	}
	world_until(&w, &a.closed, 1);
	ck_assert_int_eq(a.err, ECONNREFUSED);
	ck_assert_uint_eq(a.opened, 0);
	world_close(&w);
}
END_TEST

START_TEST(an_abort_resets_the_peer)
{
	struct world w;
	struct tpeer a = { 0 }, b = { 0 };

	world_open(&w, _i);
	tpeers_connect(&w, &a, &b);
	tcp_abort(a.t);
	world_until(&w, &b.closed, 1);
	ck_assert_int_eq(b.err, ECONNRESET);
	ck_assert_uint_eq(b.ended, 0);
	ck_assert_uint_eq(a.closed, 0);
	world_close(&w);
}
END_TEST

START_TEST(one_half_closes_the_other_goes_on)
{
	struct world w;
	struct tpeer a = { 0 }, b = { 0 };

	world_open(&w, _i);
	tpeers_connect(&w, &a, &b);
	tcp_shutdown(a.t);
	ck_assert_int_eq(tcp_write(a.t, "x", 1), -EPIPE);
	world_until(&w, &b.ended, 1);
	ck_assert_uint_eq(b.closed, 0);
	b.to_send = 50000;
	b.end_when_sent = true;
	feed(&b);
	world_until(&w, &a.closed, 1);
	world_until(&w, &b.closed, 1);
	ck_assert_uint_eq(a.bytes, 50000);
	ck_assert_uint_eq(a.ended, 1);
	ck_assert_int_eq(a.err, 0);
	ck_assert_int_eq(b.err, 0);
	world_close(&w);
}
END_TEST

/* 300 kB are more than the kernels take at once; the rest lingers. */
START_TEST(close_sends_what_was_taken)
{
	struct world w;
	struct tpeer a = { .to_send = 300000 }, b = { 0 };

	world_open(&w, _i);
	tpeers_open(&w, &a, &b);
	tcp_set_buffer(a.t, 300000);
	world_until(&w, &a.opened, 1);
	ck_assert_uint_eq(a.sent, 300000);
	tcp_close(a.t);
	world_until(&w, &b.ended, 1);
	ck_assert_uint_eq(b.bytes, 300000);
	ck_assert_uint_eq(a.closed, 0);
	tcp_close(b.t);
	world_for(&w, MS(20));
	world_close(&w);
}
END_TEST

/* What is on its way to us must not reset what we sent last. */
START_TEST(close_with_unread_bytes_loses_nothing)
{
	struct world w;
	struct tpeer a = { .to_send = 200000 }, b = { .to_send = 200000 };

	world_open(&w, _i);
	b.close_on_bytes = true;
	tpeers_open(&w, &a, &b);
	world_until(&w, &a.ended, 1);
	ck_assert_uint_eq(a.bytes, b.sent);
	world_close(&w);
}
END_TEST

START_TEST(close_in_on_bytes_ends_the_callbacks)
{
	struct world w;
	struct tpeer a = { .to_send = 10 }, b = { .close_on_bytes = true };

	world_open(&w, _i);
	tpeers_open(&w, &a, &b);
	world_until(&w, &a.ended, 1);
	tcp_shutdown(a.t);
	world_until(&w, &a.closed, 1);
	ck_assert_int_eq(a.err, 0);
	world_for(&w, MS(20));
	ck_assert_uint_eq(b.ended + b.closed, 0);
	world_close(&w);
}
END_TEST

static void on_accept_ignored(void *arg, struct tcp *t)
{
	(void)t;
	++*(unsigned *)arg;
}

START_TEST(an_accepted_connection_without_ops_is_reset)
{
	struct world w;
	struct tpeer a = { 0 };
	struct tcp_listener *l;
	struct addr remote;
	unsigned accepted = 0;

	world_open(&w, _i);
	ck_assert_int_eq(tcp_listen(w.b, &w.ip_b, on_accept_ignored, &accepted,
				    &l), 0);
	remote = tcp_listener_local(l);
	ck_assert_int_eq(tcp_connect(w.a, NULL, &remote, &TCP, &a, &a.t), 0);
	world_until(&w, &a.closed, 1);
	ck_assert_int_eq(a.err, ECONNRESET);
	ck_assert_uint_eq(accepted, 1);
	world_close(&w);
}
END_TEST

/* The n-th allocation fails: an error or a closed connection, and no leak. */
START_TEST(any_allocation_may_fail)
{
	for (uint64_t nth = 1, more = 1; more; nth++) {
		struct world w;
		struct tpeer a = { .to_send = 1000, .w = &w }, b = { .w = &w };
		struct addr remote;

		world_open(&w, _i);
		w.mem.fail_at = w.mem.calls + nth;
		if (tcp_listen(w.b, &w.ip_b, on_accept, &b, &b.l) == 0) {
			remote = tcp_listener_local(b.l);
			(void)!tcp_connect(w.a, NULL, &remote, &TCP, &a, &a.t);
		}
		if (a.t) {
			int rc = tcp_write(a.t, "", 1); /* octet(0) */

			ck_assert_int_ge(rc, 0);
			a.sent = (size_t)rc;
		}
		world_for(&w, MS(20));
		more = w.mem.calls >= w.mem.fail_at;
		world_close(&w);
	}
}
END_TEST

/* Nobody who floods keeps timers and other connections waiting: in a turn a
 * connection gives a share, however much has come. */
START_TEST(a_turn_takes_a_share_of_what_came)
{
	struct world w;
	struct tpeer a = { .to_send = 400000 }, b = { 0 };
	unsigned most = 0;

	world_open(&w, _i);
	tpeers_connect(&w, &a, &b);
	tcp_pause(b.t, true);
	world_for(&w, MS(100));
	tcp_pause(b.t, false);
	for (unsigned had = b.bytes; b.bytes < 400000; had = b.bytes) {
		ck_assert_int_ge(reactor_step(w.b, SEC(1)), 0);
		most = b.bytes - had > most ? b.bytes - had : most;
	}
	ck_assert_uint_gt(most, 10000);
	ck_assert_uint_le(most, 16384);
	world_close(&w);
}
END_TEST

WORLD_SUITE(reactor_tcp,
	    WORLD_TESTS(megabytes_are_echoed_under_back_pressure,
			both_sides_know_both_addresses,
			a_paused_reader_stops_the_writer,
			an_unused_port_refuses,
			an_abort_resets_the_peer,
			one_half_closes_the_other_goes_on,
			close_sends_what_was_taken,
			close_with_unread_bytes_loses_nothing,
			close_in_on_bytes_ends_the_callbacks,
			an_accepted_connection_without_ops_is_reset,
			any_allocation_may_fail),
	    WORLD_TESTS(a_turn_takes_a_share_of_what_came));
