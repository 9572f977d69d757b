/* SPDX-License-Identifier: BSD-2-Clause
 * What platform/reactor.h promises of timers, posts and the host, shown in
 * both worlds by the same tests. */
#include "tests/unit/suites.h"

#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

#include "tests/unit/worlds.h"

/* ------------------------------------------------------------- timers */
struct tick {
	struct reactor_timer t;
	struct reactor *r;
	unsigned *count, order;
	mono at;
};

static void on_tick(void *arg)
{
	struct tick *k = arg;

	ck_assert(reactor_now(k->r).m >= k->at);
	ck_assert(reactor_now(k->r).m == reactor_now(k->r).m);
	k->order = ++*k->count;
}

static void tick_at(struct tick *k, struct reactor *r, unsigned *count, mono at)
{
	*k = (struct tick){ .t = { .fn = on_tick, .arg = k }, .r = r,
			    .count = count, .at = at };
	reactor_timer_at(r, &k->t, at);
}

START_TEST(timers_fire_in_the_order_of_their_times)
{
	struct world w;
	struct tick k[4];
	unsigned count = 0;
	mono now;

	world_open(&w, _i);
	now = reactor_now(w.a).m;
	tick_at(&k[0], w.a, &count, now + MS(30));
	tick_at(&k[1], w.a, &count, now + MS(10));
	tick_at(&k[2], w.a, &count, now + MS(30));
	tick_at(&k[3], w.a, &count, now + MS(20));
	reactor_timer_stop(w.a, &k[3].t);
	world_until(&w, &count, 3);
	ck_assert_uint_eq(k[1].order, 1);
	ck_assert_uint_eq(k[0].order, 2);
	ck_assert_uint_eq(k[2].order, 3);
	ck_assert_uint_eq(k[3].order, 0);
	world_close(&w);
}
END_TEST

static void on_tick_again(void *arg)
{
	struct tick *k = arg;

	if (++*k->count == 5)
		reactor_stop(k->r);
	reactor_timer_at(k->r, &k->t, reactor_now(k->r).m);
}

START_TEST(stop_in_a_callback_ends_the_run)
{
	struct world w;
	struct tick k;
	unsigned count = 0;

	world_open(&w, _i);
	tick_at(&k, w.a, &count, reactor_now(w.a).m);
	k.t.fn = on_tick_again; /* a timer that is always due starves none */
	reactor_run(w.a);
	ck_assert_uint_eq(count, 5);
	reactor_timer_stop(w.a, &k.t);
	world_close(&w);
}
END_TEST

/* --------------------------------------------------------------- posts */
struct order {
	unsigned count, first[3];
};

static struct order *posted_to;

static void on_post(void *arg)
{
	posted_to->first[posted_to->count++] = (unsigned)(uintptr_t)arg;
}

START_TEST(posts_run_in_order_and_not_within_the_call)
{
	struct world w;
	struct order o = { 0 };

	world_open(&w, _i);
	posted_to = &o;
	for (uintptr_t i = 1; i <= 3; i++)
		ck_assert_int_eq(reactor_post(w.a, on_post, (void *)i), 0);
	ck_assert_uint_eq(o.count, 0);
	world_until(&w, &o.count, 3);
	ck_assert_uint_eq(o.first[0], 1);
	ck_assert_uint_eq(o.first[1], 2);
	ck_assert_uint_eq(o.first[2], 3);
	world_close(&w);
}
END_TEST

static void add_one(void *arg)
{
	++*(unsigned *)arg;
}

struct poster {
	struct reactor *r;
	unsigned *count;
};

enum { POSTS = 1000 };

static void *post_many(void *arg)
{
	struct poster *p = arg;

	for (int i = 0; i < POSTS;)
		if (reactor_post(p->r, add_one, p->count) == 0)
			i++;
	return NULL;
}

START_TEST(other_threads_may_post)
{
	struct world w;
	struct poster p;
	unsigned count = 0;
	pthread_t t[2];

	world_open(&w, _i);
	p = (struct poster){ w.a, &count };
	for (int i = 0; i < 2; i++)
		ck_assert_int_eq(pthread_create(&t[i], NULL, post_many, &p), 0);
	world_until(&w, &count, 2 * POSTS);
	for (int i = 0; i < 2; i++)
		pthread_join(t[i], NULL);
	world_close(&w);
}
END_TEST

/* ------------------------------------------------------------ the host */
START_TEST(the_host_knows_its_addresses_and_routes)
{
	struct world w;
	struct host_if all[64];
	struct addr from;
	size_t n;
	bool found = false;
	uint8_t x[32] = { 0 }, y[32] = { 0 };

	world_open(&w, _i);
	n = reactor_interfaces(w.a, all, COUNT(all));
	ck_assert_uint_gt(n, 0);
	for (size_t i = 0; i < n && i < COUNT(all); i++)
		found = found || addr_same_ip(&all[i].addr, &w.ip_a);
	ck_assert(found);
	ck_assert_uint_eq(reactor_interfaces(w.a, all, 1), n);
	ck_assert_int_eq(reactor_route(w.a, &w.ip_b, &from), 0);
	ck_assert(addr_same(&from, &w.ip_a));
	ck_assert_int_eq(reactor_entropy(w.a, x, sizeof(x)), 0);
	ck_assert_int_eq(reactor_entropy(w.a, y, sizeof(y)), 0);
	ck_assert_mem_ne(x, y, sizeof(x));
	if (world_has_localhost(&w)) {
		n = reactor_hosts(w.a, S("LocalHost"), &from, 1);
		ck_assert_uint_ge(n, 1);
		ck_assert(addr_is_loopback(&from));
	}
	ck_assert_uint_eq(reactor_hosts(w.a, S("no.such.invalid"), &from, 1),
			  0);
	world_close(&w);
}
END_TEST

/* --------------------------------------------- the real world alone */
struct watched {
	struct fdwatch *w;
	int fd;
	unsigned calls, got;
	bool close;
};

static void on_watched(void *arg, unsigned got)
{
	struct watched *x = arg;
	char c;

	x->calls++;
	x->got = got;
	if (got & REACTOR_READ)
		ck_assert_int_ge(read(x->fd, &c, 1), 0);
	if (x->close)
		fdwatch_close(x->w);
}

START_TEST(descriptors_of_the_application_are_watched)
{
	struct world w;
	struct watched x = { 0 }, file = { .close = true };
	FILE *f = tmpfile();
	int p[2];

	world_open(&w, _i);
	ck_assert_int_eq(pipe(p), 0);
	x.fd = p[0];
	ck_assert_int_eq(fdwatch_open(w.a, p[0], 0, on_watched, &x, &x.w), 0);
	ck_assert_int_eq(write(p[1], "ab", 2), 2);
	world_for(&w, MS(10));
	ck_assert_uint_eq(x.calls, 0);
	fdwatch_want(x.w, REACTOR_READ);
	world_until(&w, &x.calls, 2);
	ck_assert_uint_eq(x.got, REACTOR_READ);
	close(p[1]);
	world_until(&w, &x.calls, 3); /* the end shows as readable */
	fdwatch_want(x.w, 0);
	world_for(&w, MS(10));
	ck_assert_uint_eq(x.calls, 3);
	fdwatch_close(x.w);
	close(p[0]);
	/* A plain file is always ready. */
	file.fd = fileno(f);
	ck_assert_int_eq(fdwatch_open(w.a, file.fd, REACTOR_READ, on_watched,
				      &file, &file.w), 0);
	world_until(&w, &file.calls, 1);
	world_for(&w, MS(10));
	ck_assert_uint_eq(file.calls, 1);
	fclose(f);
	world_close(&w);
}
END_TEST

static void ignore(void *arg)
{
	(void)arg;
}

/* The n-th allocation fails: an error, and no leak. */
START_TEST(any_allocation_may_fail)
{
	for (uint64_t nth = 1, more = 1; more; nth++) {
		struct world w;
		struct fdwatch *watch = NULL;
		int rc;

		world_open(&w, _i);
		w.mem.fail_at = w.mem.calls + nth;
		rc = reactor_watch_interfaces(w.a, ignore, NULL, &watch);
		ck_assert(rc == 0 || rc == -ENOMEM);
		ck_assert((rc == 0) == (watch != NULL));
		rc = reactor_post(w.a, ignore, NULL);
		ck_assert(rc == 0 || rc == -ENOMEM);
		world_for(&w, MS(1));
		more = w.mem.calls >= w.mem.fail_at;
		world_close(&w);
	}
}
END_TEST

/* 100 kB come and go between two turns: the next one sees it, and of itself
 * the loop wakes again in a while to give them back. */
START_TEST(what_is_freed_goes_back_to_the_system)
{
	struct world w;
	struct reactor_fd fd;
	void *p[100];
	mono wait;

	world_open(&w, _i);
	ck_assert_int_ge(reactor_step(w.a, 0), 0);
	for (unsigned i = 0; i < COUNT(p); i++)
		p[i] = mem_new(&w.mem, 1000);
	for (unsigned i = 0; i < COUNT(p); i++)
		mem_free(&w.mem, p[i]);
	ck_assert(mem_has_idle(&w.mem));
	ck_assert_int_ge(reactor_step(w.a, 0), 0);
	ck_assert(mem_has_idle(&w.mem));
	ck_assert_uint_eq(reactor_poll_set(w.a, &fd, 1, &wait), 1);
	ck_assert(wait > 0 && wait < SEC(20));
	ck_assert_int_eq(reactor_step(w.a, SEC(20)), 0);
	ck_assert(!mem_has_idle(&w.mem));
	(void)reactor_poll_set(w.a, &fd, 1, &wait);
	ck_assert_int_eq(wait, MONO_NEVER);
	world_close(&w);
}
END_TEST

WORLD_SUITE(reactor,
	    WORLD_TESTS(timers_fire_in_the_order_of_their_times,
			stop_in_a_callback_ends_the_run,
			posts_run_in_order_and_not_within_the_call,
			the_host_knows_its_addresses_and_routes,
			any_allocation_may_fail),
	    WORLD_TESTS(other_threads_may_post,
			what_is_freed_goes_back_to_the_system,
			descriptors_of_the_application_are_watched));
