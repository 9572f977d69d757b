/* SPDX-License-Identifier: BSD-2-Clause
 * What platform/reactor.h promises of UDP, in both worlds by the same tests. */
#include "tests/unit/suites.h"

#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/worlds.h"

static uint8_t octet(size_t i)
{
	return (uint8_t)(i * 7 + (i >> 8));
}

struct upeer {
	struct udp *u;
	bool echo, close;
	unsigned got, calls, bytes, errors;
	struct datagram last;
	uint8_t first;
	int err;
	struct addr err_remote;
};

static void on_datagrams(void *arg, struct datagram *d, size_t n)
{
	struct upeer *p = arg;
	bool same = true;

	p->calls++;
	for (size_t i = 0; i < n; i++) {
		p->got++;
		p->bytes += (unsigned)d[i].n;
		p->last = d[i];
		p->first = d[i].n ? d[i].p[0] : 0;
		for (size_t k = 1; k < d[i].n; k++)
			same = same &&
			       d[i].p[k] == (uint8_t)(p->first + octet(k));
		ck_assert(same);
		if (p->echo)
			ck_assert_int_eq(udp_send(p->u, &d[i], 1), 1);
	}
	if (p->close)
		udp_close(p->u);
}

static void on_udp_error(void *arg, const struct addr *remote, int err)
{
	struct upeer *p = arg;

	p->errors++;
	p->err = err;
	p->err_remote = *remote;
}

static const struct udp_ops UDP = { on_datagrams, on_udp_error };

static void upeer_open(struct upeer *p, struct reactor *r, struct addr ip)
{
	ck_assert_int_eq(udp_open(r, &ip, &UDP, p, &p->u), 0);
	ck_assert_uint_ne(udp_local(p->u).port, 0);
}

static uint8_t payload[65536];

static struct datagram to(const struct upeer *p, size_t n, uint8_t first)
{
	for (size_t k = 0; k < n; k++)
		payload[k] = (uint8_t)(first + (k ? octet(k) : 0));
	return (struct datagram){ .remote = udp_local(p->u), .p = payload,
				  .n = n };
}

START_TEST(a_datagram_comes_whole_with_its_addresses)
{
	struct world w;
	struct upeer a = { 0 }, b = { .echo = true };
	struct datagram d;
	mono before;
	int64_t wall;

	world_open(&w, _i);
	upeer_open(&a, w.a, w.ip_a);
	upeer_open(&b, w.b, w.ip_b);
	before = reactor_clock(w.a);
	wall = reactor_now(w.a).wall_ns;
	d = to(&b, 100, 9);
	d.ttl = 33;
	ck_assert_int_eq(udp_send(a.u, &d, 1), 1);
	world_until(&w, &a.got, 1);
	ck_assert_uint_eq(b.got, 1);
	ck_assert_uint_eq(b.last.n, 100);
	ck_assert_uint_eq(b.last.ttl, 33);
	ck_assert_uint_ne(b.last.ifindex, 0);
	d.local = udp_local(a.u);
	ck_assert(addr_same(&b.last.remote, &d.local));
	ck_assert(addr_same(&b.last.local, &d.remote));
	ck_assert(addr_same(&a.last.remote, &d.remote));
	ck_assert_uint_eq(a.first, 9);
	ck_assert(a.last.when.m >= before - MS(1));
	ck_assert(a.last.when.m <= reactor_clock(w.a));
	ck_assert(a.last.when.wall_ns >= wall - MS(1));
	udp_close(a.u);
	udp_close(b.u);
	world_close(&w);
}
END_TEST

START_TEST(batches_and_the_largest_datagrams_come_whole)
{
	struct world w;
	struct upeer a = { 0 }, b = { 0 };
	struct datagram d[40];

	world_open(&w, _i);
	upeer_open(&a, w.a, w.ip_a);
	upeer_open(&b, w.b, w.ip_b);
	for (size_t i = 0; i < COUNT(d); i++)
		d[i] = to(&b, 1000, 5);
	ck_assert_int_eq(udp_send(a.u, d, COUNT(d)), COUNT(d));
	world_until(&w, &b.got, COUNT(d));
	ck_assert_uint_lt(b.calls, b.got); /* several a call */
	ck_assert_uint_eq(b.bytes, 40 * 1000);
	b.got = b.bytes = 0;
	/* RFC 768: 65535 less the UDP and the IPv4 header. */
	d[0] = to(&b, 65507, 77);
	ck_assert_int_eq(udp_send(a.u, d, 1), 1);
	ck_assert_int_eq(udp_send(a.u, d, 1), 1);
	world_until(&w, &b.got, 2);
	ck_assert_uint_eq(b.bytes, 2 * 65507);
	d[0].n = 65536;
	ck_assert_int_eq(udp_send(a.u, d, 1), -EMSGSIZE);
	d[0] = to(&b, 0, 0); /* an empty one is one too */
	ck_assert_int_eq(udp_send(a.u, d, 1), 1);
	world_until(&w, &b.got, 3);
	world_close(&w); /* closes what is left open */
}
END_TEST

START_TEST(a_port_in_use_and_a_foreign_address_are_refused)
{
	struct world w;
	struct upeer a = { 0 };
	struct udp *u = NULL;
	struct tcp_listener *l = NULL, *m = NULL;
	struct addr ip, foreign;

	world_open(&w, _i);
	upeer_open(&a, w.a, w.ip_a);
	ip = udp_local(a.u);
	ck_assert_int_eq(udp_open(w.a, &ip, &UDP, NULL, &u), -EADDRINUSE);
	foreign = ip;
	foreign.port = 0;
	ck_assert_int_eq(addr_parse_ip(slice_str(ip.family == 4 ? "192.0.2.99"
				       : "2001:db8::99"), &foreign), 0);
	ck_assert_int_eq(udp_open(w.a, &foreign, &UDP, NULL, &u),
			 -EADDRNOTAVAIL);
	ck_assert_int_eq(tcp_listen(w.a, &w.ip_a, NULL, NULL, &l), 0);
	ip = tcp_listener_local(l);
	ck_assert_int_eq(tcp_listen(w.a, &ip, NULL, NULL, &m), -EADDRINUSE);
	ip = udp_local(a.u);
	udp_close(a.u);
	upeer_open(&a, w.a, ip); /* free again */
	world_close(&w);
}
END_TEST

START_TEST(an_unused_port_answers_with_an_icmp_error)
{
	struct world w;
	struct upeer a = { 0 }, b = { 0 };
	struct datagram d;

	world_open(&w, _i);
	upeer_open(&a, w.a, w.ip_a);
	upeer_open(&b, w.b, w.ip_b);
	d = to(&b, 10, 0);
	udp_close(b.u);
	ck_assert_int_eq(udp_send(a.u, &d, 1), 1);
	world_until(&w, &a.errors, 1);
	ck_assert_int_eq(a.err, ECONNREFUSED);
	ck_assert(addr_same(&a.err_remote, &d.remote));
	/* The socket goes on. */
	upeer_open(&b, w.b, d.remote);
	ck_assert_int_eq(udp_send(a.u, &d, 1), 1);
	world_until(&w, &b.got, 1);
	world_close(&w);
}
END_TEST

START_TEST(closing_in_the_callback_ends_the_callbacks)
{
	struct world w;
	struct upeer a = { 0 }, b = { .close = true };
	struct datagram d[40];

	world_open(&w, _i);
	upeer_open(&a, w.a, w.ip_a);
	upeer_open(&b, w.b, w.ip_b);
	for (size_t i = 0; i < COUNT(d); i++)
		d[i] = to(&b, 10, 1);
	ck_assert_int_eq(udp_send(a.u, d, COUNT(d)), COUNT(d));
	world_for(&w, MS(100));
	ck_assert_uint_eq(b.calls, 1);
	world_close(&w);
}
END_TEST

/* -------------------------------------------- the real world alone */
static void add_one(void *arg)
{
	++*(unsigned *)arg;
}

START_TEST(a_foreign_loop_drives_it)
{
	struct world w;
	struct upeer a = { 0 }, b = { .echo = true };
	struct datagram d;
	struct reactor_timer t = { .fn = add_one };
	unsigned count = 0;

	world_open(&w, _i);
	upeer_open(&a, w.a, w.ip_a);
	upeer_open(&b, w.b, w.ip_b);
	t.arg = &count;
	reactor_timer_at(w.a, &t, reactor_now(w.a).m + MS(30));
	d = to(&b, 100, 1);
	ck_assert_int_eq(udp_send(a.u, &d, 1), 1);
	while (!count || !a.got) {
		struct reactor_fd fds[8];
		struct pollfd p[8];
		mono wait;
		size_t n = reactor_poll_set(w.a, fds, COUNT(fds), &wait);

		ck_assert_uint_le(n, COUNT(fds));
		for (size_t i = 0; i < n; i++)
			p[i] = (struct pollfd){
				.fd = fds[i].fd,
				.events = fds[i].want & REACTOR_READ ?
						  POLLIN : 0,
			};
		ck_assert(wait != MONO_NEVER);
		ck_assert_int_ge(poll(p, n, (int)(wait / MS(1)) + 1), 0);
		for (size_t i = 0; i < n; i++)
			fds[i].got = p[i].revents ? REACTOR_READ : 0;
		reactor_dispatch(w.a, fds, n);
	}
	world_close(&w);
}
END_TEST

/* The n-th allocation fails: an error or a lost datagram, and no leak. */
START_TEST(any_allocation_may_fail)
{
	for (uint64_t nth = 1, more = 1; more; nth++) {
		struct world w;
		struct upeer a = { 0 }, b = { 0 };
		struct datagram d;

		world_open(&w, _i);
		w.mem.fail_at = w.mem.calls + nth;
		if (udp_open(w.a, &w.ip_a, &UDP, &a, &a.u) == 0 &&
		    udp_open(w.b, &w.ip_b, &UDP, &b, &b.u) == 0) {
			d = to(&b, 100, 0);
			ck_assert_int_ge(udp_send(a.u, &d, 1), 0);
		}
		world_for(&w, MS(5));
		more = w.mem.calls >= w.mem.fail_at;
		world_close(&w);
	}
}
END_TEST

/* epoll(7): a descriptor leaves the set when all copies of it are closed. */
START_TEST(a_forked_child_does_not_keep_what_is_closed_alive)
{
	struct world w;
	struct upeer a = { 0 }, b = { 0 };
	struct reactor_fd fds;
	struct pollfd set = { .events = POLLIN };
	struct datagram d;
	mono wait;
	pid_t child;

	world_open(&w, _i);
	upeer_open(&a, w.a, w.ip_a);
	upeer_open(&b, w.b, w.ip_b);
	d = to(&b, 100, 0);
	child = fork();
	if (child == 0) {
		pause();
		_exit(0);
	}
	ck_assert_int_gt(child, 0);
	udp_close(b.u);
	ck_assert_int_eq(udp_send(a.u, &d, 1), 1);
	ck_assert_uint_eq(reactor_poll_set(w.a, &fds, 1, &wait), 1);
	set.fd = fds.fd;
	ck_assert_int_eq(poll(&set, 1, 20), 0);
	kill(child, SIGKILL);
	ck_assert_int_eq(waitpid(child, NULL, 0), child);
	world_close(&w);
}
END_TEST

WORLD_SUITE(reactor_udp,
	    WORLD_TESTS(a_datagram_comes_whole_with_its_addresses,
			batches_and_the_largest_datagrams_come_whole,
			a_port_in_use_and_a_foreign_address_are_refused,
			an_unused_port_answers_with_an_icmp_error,
			closing_in_the_callback_ends_the_callbacks,
			any_allocation_may_fail),
	    WORLD_TESTS(a_foreign_loop_drives_it,
			a_forked_child_does_not_keep_what_is_closed_alive));
