/* SPDX-License-Identifier: BSD-2-Clause
 * What platform/reactor.h promises of UDP, in both worlds by the same tests. */
#include "tests/unit/suites.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
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

/* The interface that has the address. */
static struct host_if if_of(struct reactor *r, const struct addr *ip)
{
	struct host_if all[64];
	size_t n = reactor_interfaces(r, all, COUNT(all));

	for (size_t i = 0; i < n && i < COUNT(all); i++)
		if (addr_same(&all[i].addr, ip))
			return all[i];
	ck_abort_msg("no interface");
	return all[0];
}

static struct addr group_of(uint8_t family, uint16_t port)
{
	struct addr g = addr_v4(224, 0, 0, 251, port);

	if (family == 6)
		g = (struct addr){ .family = 6, .port = port,
				   .ip = { 0xFF, 2, [15] = 0xFB } };
	return g;
}

struct groupies {
	struct world w;
	struct upeer a, b, c; /* b and c share a port, and a host */
	uint32_t on_a, on_b;
	struct addr group;
};

static void open_shared(struct upeer *p, struct reactor *r, struct addr any)
{
	ck_assert_int_eq(udp_open_shared(r, &any, &UDP, p, &p->u), 0);
}

/* False: the loopback interface of this machine has no way for it. */
static bool groupies_open(struct groupies *g, int world)
{
	struct addr any = { 0 };
	struct datagram d;
	int rc;

	*g = (struct groupies){ .on_a = 0 };
	world_open(&g->w, world);
	any.family = g->w.ip_a.family;
	g->on_a = if_of(g->w.a, &g->w.ip_a).index;
	g->on_b = if_of(g->w.b, &g->w.ip_b).index;
	upeer_open(&g->a, g->w.a, any);
	open_shared(&g->b, g->w.b, any);
	any.port = udp_local(g->b.u).port;
	open_shared(&g->c, g->w.b, any);
	g->group = group_of(any.family, any.port);
	d = (struct datagram){ .local = g->w.ip_a, .remote = g->group,
			       .ifindex = g->on_a };
	rc = udp_send(g->a.u, &d, 1); /* to nobody yet */
	if (rc == -ENETUNREACH && !g->w.sim)
		printf("skipped: no IPv6 multicast on lo\n");
	else
		ck_assert_int_eq(rc, 1);
	return rc == 1;
}

static void to_group(struct groupies *g, size_t n)
{
	struct datagram d = to(&g->b, n, 3);

	d.local = g->w.ip_a;
	d.remote = g->group;
	d.ifindex = g->on_a;
	d.ttl = 255;
	ck_assert_int_eq(udp_send(g->a.u, &d, 1), 1);
}

START_TEST(a_group_reaches_each_member_and_nobody_else)
{
	struct groupies g;

	if (groupies_open(&g, _i)) {
		world_for(&g.w, MS(20));
		ck_assert_uint_eq(g.b.got + g.c.got, 0);
		ck_assert_int_eq(udp_join(g.b.u, &g.group, g.on_b), 0);
		to_group(&g, 100);
		world_until(&g.w, &g.b.got, 1);
		ck_assert_uint_eq(g.b.last.n, 100);
		ck_assert_uint_eq(g.b.last.ttl, 255);
		ck_assert_uint_eq(g.b.last.ifindex, g.on_b);
		ck_assert(addr_same(&g.b.last.local, &g.group));
		ck_assert(addr_same_ip(&g.b.last.remote, &g.w.ip_a));
		world_for(&g.w, MS(20));
		ck_assert_uint_eq(g.c.got, 0);
		ck_assert_int_eq(udp_join(g.c.u, &g.group, g.on_b), 0);
		to_group(&g, 50);
		world_until(&g.w, &g.c.got, 1);
		world_until(&g.w, &g.b.got, 2);
		ck_assert_int_eq(udp_leave(g.b.u, &g.group, g.on_b), 0);
		to_group(&g, 50);
		world_until(&g.w, &g.c.got, 2);
		world_for(&g.w, MS(20));
		ck_assert_uint_eq(g.b.got, 2);
		/* No ICMP error comes of a group (RFC 1122 3.2.2). */
		ck_assert_uint_eq(g.a.errors, 0);
	}
	world_close(&g.w);
}
END_TEST

START_TEST(who_sends_to_its_own_group_hears_itself)
{
	struct groupies g;
	struct datagram d;

	if (groupies_open(&g, _i)) {
		ck_assert_int_eq(udp_join(g.b.u, &g.group, g.on_b), 0);
		ck_assert_int_eq(udp_join(g.c.u, &g.group, g.on_b), 0);
		d = to(&g.b, 10, 0);
		d.remote = g.group;
		d.ifindex = g.on_b;
		ck_assert_int_eq(udp_send(g.b.u, &d, 1), 1);
		world_until(&g.w, &g.b.got, 1);
		world_until(&g.w, &g.c.got, 1);
	}
	world_close(&g.w);
}
END_TEST

START_TEST(what_is_no_membership_is_refused)
{
	struct groupies g;
	struct addr one;

	if (groupies_open(&g, _i)) {
		one = g.w.ip_b;
		ck_assert_int_eq(udp_join(g.b.u, &one, g.on_b), -EINVAL);
		one = group_of(g.group.family == 4 ? 6 : 4, 0);
		ck_assert_int_eq(udp_join(g.b.u, &one, g.on_b), -EINVAL);
		ck_assert_int_eq(udp_join(g.b.u, &g.group, 0), -ENODEV);
		ck_assert_int_eq(udp_join(g.b.u, &g.group, 9999), -ENODEV);
		ck_assert_int_eq(udp_leave(g.b.u, &g.group, g.on_b),
				 -EADDRNOTAVAIL);
		ck_assert_int_eq(udp_join(g.b.u, &g.group, g.on_b), 0);
		ck_assert_int_eq(udp_join(g.b.u, &g.group, g.on_b),
				 -EADDRINUSE);
		/* Who does not share cannot join them. */
		one = (struct addr){ .family = g.group.family,
				     .port = g.group.port };
		ck_assert_int_eq(udp_open(g.w.b, &one, &UDP, &g.a, &g.a.u),
				 -EADDRINUSE);
	}
	world_close(&g.w);
}
END_TEST

START_TEST(an_interface_says_what_of_its_address_is_the_network)
{
	struct world w;
	struct host_if i;

	world_open(&w, _i);
	i = if_of(w.a, &w.ip_a);
	/* lo is 127.0.0.1/8 and ::1/128. */
	ck_assert_uint_eq(i.prefix, w.sim ? (_i & 1 ? 64 : 24) :
				    (_i & 1 ? 128 : 8));
	ck_assert(!w.sim || i.multicast);
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
			a_group_reaches_each_member_and_nobody_else,
			who_sends_to_its_own_group_hears_itself,
			what_is_no_membership_is_refused,
			an_interface_says_what_of_its_address_is_the_network,
			any_allocation_may_fail),
	    WORLD_TESTS(a_foreign_loop_drives_it,
			a_forked_child_does_not_keep_what_is_closed_alive));
