/* SPDX-License-Identifier: BSD-2-Clause */
#include "media/media_clock.h"
#include "tests/unit/worlds.h"

struct ticker {
	struct media_clock clock;
	unsigned ticks;
	unsigned stop_at;
	bool freed;
};

static void tick(void *arg)
{
	struct ticker *t = arg;

	if (++t->ticks == t->stop_at)
		media_clock_stop(&t->clock);
}

START_TEST(a_tick_every_10_ms)
{
	struct ticker t = { 0 };
	struct world w;

	world_open(&w, _i);
	media_clock_start(&t.clock, w.a, tick, &t);
	world_for(&w, MS(255));
	ck_assert_uint_ge(t.ticks, w.sim ? 25 : 20);
	ck_assert_uint_le(t.ticks, w.sim ? 25 : 40);
	media_clock_stop(&t.clock);
	media_clock_stop(&t.clock);
	world_close(&w);
}
END_TEST

START_TEST(a_clock_may_be_stopped_by_its_own_tick)
{
	struct ticker t = { .stop_at = 3 };
	struct world w;

	world_open(&w, _i);
	media_clock_start(&t.clock, w.a, tick, &t);
	world_for(&w, MS(200));
	ck_assert_uint_eq(t.ticks, 3);
	world_close(&w);
}
END_TEST

struct sleeper {
	struct ticker t;
	struct reactor *r;
	bool slept;
};

static void sleepy(void *arg)
{
	struct sleeper *s = arg;
	mono until = reactor_clock(s->r) + MS(400);

	s->t.ticks++;
	if (s->slept)
		return;
	s->slept = true;
	while (reactor_clock(s->r) < until)
		;
}

/* The real world alone: the other one's clock stands still in a callback. */
START_TEST(after_a_sleep_only_so_many_ticks_are_made_up)
{
	struct sleeper s = { 0 };
	struct world w;

	world_open(&w, 0);
	if (!w.sim) {
		s.r = w.a;
		media_clock_start(&s.t.clock, w.a, sleepy, &s);
		world_for(&w, MS(600));
		ck_assert_uint_ge(s.t.clock.skipped, 20);
		ck_assert_uint_le(s.t.ticks, 1 + MEDIA_CLOCK_BURST + 30);
		media_clock_stop(&s.t.clock);
	}
	world_close(&w);
}
END_TEST

WORLD_SUITE(media_clock,
	    WORLD_TESTS(a_tick_every_10_ms,
			a_clock_may_be_stopped_by_its_own_tick),
	    WORLD_TESTS(after_a_sleep_only_so_many_ticks_are_made_up));
