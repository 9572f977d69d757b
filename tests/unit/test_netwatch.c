/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/worlds.h"

#include <linux/sched.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "platform/netwatch.h"
#include "platform/sim/sim.h"

static const struct netwatch_config config = {
	.quiet = MS(100), .most = SEC(1), .poll = MONO_NEVER,
};

struct seen {
	struct reactor *r;
	unsigned times, news;
	mono at;
};

static void on_news(void *arg, unsigned news)
{
	struct seen *s = arg;

	s->times++;
	s->news |= news;
	s->at = reactor_now(s->r).m;
}

/* Pokes every 40 ms: told only after a second, as there is no rest of 100 ms;
 * then one alone: after 100 ms. */
START_TEST(changes_are_told_after_a_rest_or_a_second)
{
	struct world w;
	struct seen s = { 0 };
	struct netwatch *x;
	mono begun;

	world_open(&w, _i);
	s.r = w.a;
	ck_assert_int_eq(netwatch_open(w.a, &config, on_news, &s, &x), 0);
	begun = reactor_now(w.a).m;
	while (!s.times) {
		netwatch_poke(x);
		world_for(&w, MS(40));
	}
	ck_assert(s.at - begun >= SEC(1) && s.at - begun < MS(1500));
	begun = reactor_now(w.a).m;
	s.times = 0;
	netwatch_poke(x);
	world_until(&w, &s.times, 1);
	ck_assert(s.at - begun >= MS(100));
	ck_assert_uint_eq(s.news, NETWATCH_CHANGED);
	netwatch_poke(x);
	netwatch_close(x); /* nothing is told any more */
	world_for(&w, MS(150));
	ck_assert_uint_eq(s.times, 1);
	world_close(&w);
}
END_TEST

START_TEST(any_allocation_may_fail)
{
	for (uint64_t nth = 1, more = 1; more; nth++) {
		struct world w;
		struct seen s = { 0 };
		struct netwatch *x = NULL;
		int rc;

		world_open(&w, _i);
		w.mem.fail_at = w.mem.calls + nth;
		rc = netwatch_open(w.a, &config, on_news, &s, &x);
		more = w.mem.calls >= w.mem.fail_at;
		ck_assert(rc == (more ? -ENOMEM : 0));
		netwatch_close(x);
		world_close(&w);
	}
}
END_TEST

static struct sim_host *host_open(struct mem *m, struct sim **s)
{
	struct addr a = addr_v4(192, 0, 2, 1, 0);

	mem_init(m, 0);
	*s = sim_new(m, 1);
	return sim_host_new(*s, "a", &a, 1);
}

/* The old one goes, 10 ms later there is another: told once.  Where nobody
 * tells it is looked for every 2 s. */
START_TEST(a_change_of_addresses_is_told_once)
{
	struct netwatch_config c = config;
	struct addr old = addr_v4(192, 0, 2, 1, 0);
	struct addr fresh = addr_v4(198, 51, 100, 7, 0);
	struct sim *net;
	struct mem m;
	struct sim_host *h = host_open(&m, &net);
	struct seen s = { .r = sim_host_reactor(h) };
	struct netwatch *x;
	mono opened = sim_now(net), begun;

	c.blind = _i == 1;
	c.poll = c.blind ? SEC(2) : MONO_NEVER;
	ck_assert_int_eq(netwatch_open(s.r, &c, on_news, &s, &x), 0);
	sim_run(net, opened + SEC(3));
	ck_assert_uint_eq(s.times, 0);
	begun = sim_now(net);
	ck_assert_int_eq(sim_addr_drop(h, &old), 0);
	sim_run(net, begun + MS(10));
	ck_assert_int_eq(sim_addr_add(h, 1, &fresh), 0);
	sim_run(net, opened + SEC(20));
	ck_assert_uint_eq(s.times, 1);
	ck_assert_uint_eq(s.news, NETWATCH_CHANGED);
	/* 10 ms and 100 ms of rest; or at the next look, at 4 s. */
	begun += c.blind ? SEC(1) + MS(100) : MS(110);
	ck_assert(s.at >= begun && s.at < begun + MS(1));
	netwatch_close(x);
	sim_free(net);
	ck_assert_uint_eq(m.blocks, 0);
}
END_TEST

START_TEST(a_host_that_slept_is_told_so_and_a_nap_is_not)
{
	struct sim *net;
	struct mem m;
	struct sim_host *h = host_open(&m, &net);
	struct seen s = { .r = sim_host_reactor(h) };
	struct instant before = reactor_now(s.r), after;
	struct netwatch *x;

	sim_host_sleep(h, SEC(50)); /* before: no news */
	ck_assert_int_eq(netwatch_open(s.r, &config, on_news, &s, &x), 0);
	sim_run(net, sim_now(net) + SEC(1));
	sim_host_sleep(h, MS(900));
	sim_run(net, sim_now(net) + SEC(1));
	ck_assert_uint_eq(s.news & NETWATCH_SLEPT, 0);
	sim_host_sleep(h, SEC(3600));
	sim_run(net, sim_now(net) + SEC(1));
	ck_assert_uint_eq(s.news & NETWATCH_SLEPT, NETWATCH_SLEPT);
	after = reactor_now(s.r);
	ck_assert_int_eq(after.wall_ns - before.wall_ns - (after.m - before.m),
			 MS(3650900));
	netwatch_close(x);
	sim_free(net);
	ck_assert_uint_eq(m.blocks, 0);
}
END_TEST

/* In a network of its own, where it may do so: the loopback interface comes
 * up, and gets its addresses. */
START_TEST(linux_tells_of_an_interface_that_comes_up)
{
	struct ifreq q = { .ifr_flags = IFF_UP };
	struct world w;
	struct seen s = { 0 };
	struct netwatch *x;
	int fd;

	if (syscall(SYS_unshare, CLONE_NEWNET) < 0) {
		printf("netwatch: no network namespace here, skipped\n");
		return;
	}
	world_open(&w, 0);
	s.r = w.a;
	ck_assert_int_eq(netwatch_open(w.a, &config, on_news, &s, &x), 0);
	ck_assert_int_ge(reactor_slept(w.a), 0);
	memcpy(q.ifr_name, "lo", 3);
	fd = socket(AF_INET, SOCK_DGRAM, 0);
	ck_assert_int_eq(ioctl(fd, SIOCSIFFLAGS, &q), 0);
	close(fd);
	world_until(&w, &s.times, 1);
	ck_assert_uint_eq(s.news, NETWATCH_CHANGED);
	netwatch_close(x);
	world_close(&w);
}
END_TEST

Suite *suite_netwatch(void);
Suite *suite_netwatch(void)
{
	Suite *s = world_suite("netwatch",
		WORLD_TESTS(changes_are_told_after_a_rest_or_a_second,
			    any_allocation_may_fail), WORLD_TESTS(NULL));
	TCase *c = tcase_create("changes");

	tcase_add_loop_test(c, a_change_of_addresses_is_told_once, 0, 2);
	tcase_add_test(c, a_host_that_slept_is_told_so_and_a_nap_is_not);
	tcase_add_test(c, linux_tells_of_an_interface_that_comes_up);
	suite_add_tcase(s, c);
	return s;
}
