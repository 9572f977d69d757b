/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/suites.h"

#include <stdlib.h>

#include "media/graph.h"

enum { N = GRAPH_BUS(GRAPH_TO_NET), U = GRAPH_BUS(GRAPH_TO_USER),
       R = GRAPH_BUS(GRAPH_TO_RECORD) };

/* A leg says its own number in every sample, and remembers what it heard. */
struct leg {
	struct graph_port port;
	int16_t says; /* 0: silence */
	int16_t heard;
	bool silence, flat;
	unsigned asked, told;
	size_t n;
};

static bool source(void *arg, int16_t *pcm, size_t n, mono now)
{
	struct leg *l = arg;

	(void)now;
	l->asked++;
	for (size_t i = 0; l->says && i < n; i++)
		pcm[i] = l->says;
	return l->says != 0;
}

static void sink(void *arg, const int16_t *pcm, size_t n, mono now)
{
	struct leg *l = arg;

	(void)now;
	l->told++;
	l->n = n;
	l->silence = !pcm;
	l->heard = pcm ? pcm[n - 1] : 0;
	l->flat = true;
	for (size_t i = 1; pcm && i < n; i++)
		l->flat = l->flat && pcm[i] == pcm[0];
}

static const struct graph_ops both = { source, sink };
static const struct graph_ops says = { source, NULL };
static const struct graph_ops hears = { NULL, sink };

struct room {
	struct mem mem;
	struct graph g;
	struct leg leg[64];
};

static void room_open(struct room *r, uint32_t rate)
{
	memset(r, 0, sizeof(*r));
	mem_init(&r->mem, 0);
	ck_assert_int_eq(graph_init(&r->g, &r->mem, rate), 0);
}

static void room_close(struct room *r)
{
	graph_fini(&r->g);
	ck_assert_uint_eq(r->mem.blocks, 0);
}

static void join(struct room *r, size_t i, const struct graph_ops *ops,
		 uint32_t rate, int v, unsigned to, unsigned from)
{
	r->leg[i].says = (int16_t)v;
	ck_assert_int_eq(graph_attach(&r->g, &r->leg[i].port, ops, &r->leg[i],
				      rate, to, from), 0);
}

START_TEST(everybody_hears_all_others)
{
	struct room r;

	for (size_t legs = 1; legs <= 64; legs++) {
		int sum = 0;

		room_open(&r, 16000);
		for (size_t i = 0; i < legs; i++) {
			int v = (int)(i * 37 % 11) * 10; /* some are silent */

			join(&r, i, &both, 16000, v, N, GRAPH_TO_NET);
			sum += v;
		}
		for (int k = 0; k < 2; k++)
			graph_tick(&r.g, k);
		for (size_t i = 0; i < legs; i++) {
			ck_assert_int_eq(r.leg[i].heard, sum - r.leg[i].says);
			ck_assert(r.leg[i].flat);
			ck_assert_uint_eq(r.leg[i].asked, 2);
			ck_assert_uint_eq(r.leg[i].n, 160);
		}
		room_close(&r);
	}
}
END_TEST

START_TEST(a_call_keeps_the_buses_apart)
{
	struct room r;

	room_open(&r, 8000);
	join(&r, 0, &both, 8000, 100, U | R, GRAPH_TO_NET);  /* stream */
	join(&r, 1, &both, 8000, 7, N | R, GRAPH_TO_USER);   /* device */
	join(&r, 2, &says, 8000, 3000, N, GRAPH_DEAF);       /* player */
	join(&r, 3, &hears, 8000, 0, 0, GRAPH_TO_RECORD);    /* recorder */
	graph_tick(&r.g, 0);
	ck_assert_int_eq(r.leg[0].heard, 3007);
	ck_assert_int_eq(r.leg[1].heard, 100);
	ck_assert_int_eq(r.leg[3].heard, 107);
	graph_connect(&r.leg[2].port, N | R, GRAPH_DEAF);
	graph_tick(&r.g, 0);
	ck_assert_int_eq(r.leg[3].heard, 3107);
	graph_detach(&r.leg[2].port);
	graph_detach(&r.leg[2].port); /* twice is nothing */
	graph_tick(&r.g, 0);
	ck_assert_int_eq(r.leg[0].heard, 7);
	ck_assert_uint_eq(r.leg[2].asked, 2);
	room_close(&r);
}
END_TEST

START_TEST(mute_gain_and_meters)
{
	struct room r;

	room_open(&r, 8000);
	join(&r, 0, &both, 8000, 1000, N, GRAPH_TO_NET);
	join(&r, 1, &both, 8000, 0, N, GRAPH_TO_NET);
	r.leg[0].port.gain_source = GRAPH_UNITY * 2;
	r.leg[1].port.gain_sink = GRAPH_UNITY / 4;
	graph_tick(&r.g, 0);
	ck_assert_int_eq(r.leg[1].heard, 500);
	ck_assert_uint_eq(r.leg[0].port.said.peak, 1000);  /* before gain */
	ck_assert_uint_eq(r.leg[1].port.heard.peak, 2000); /* before its own */
	r.leg[1].port.mute_sink = true;
	graph_tick(&r.g, 0);
	ck_assert(r.leg[1].silence);
	r.leg[1].port.mute_sink = false;
	r.leg[0].port.mute_source = true;
	graph_tick(&r.g, 0);
	ck_assert(r.leg[1].silence);
	ck_assert_uint_eq(r.leg[0].asked, 3); /* a muted one runs on */
	ck_assert(level_take(&r.leg[0].port.said) > -31);
	ck_assert(level_take(&r.leg[0].port.heard) == LEVEL_SILENT);
	room_close(&r);
}
END_TEST

START_TEST(loud_legs_saturate)
{
	struct room r;

	room_open(&r, 8000);
	for (size_t i = 0; i < 3; i++)
		join(&r, i, &both, 8000, i ? 30000 : -30000, N, GRAPH_TO_NET);
	graph_tick(&r.g, 0);
	ck_assert_int_eq(r.leg[0].heard, 32767);
	ck_assert_int_eq(r.leg[1].heard, 0);
	room_close(&r);
}
END_TEST

/* A constant passes any resampler once it is filled. */
START_TEST(rates_meet_at_the_graphs)
{
	struct room r;

	room_open(&r, 16000);
	join(&r, 0, &both, 8000, 4000, N, GRAPH_TO_NET);
	join(&r, 1, &both, 48000, 2000, N, GRAPH_TO_NET);
	join(&r, 2, &both, 44100, 1000, N, GRAPH_TO_NET);
	for (int k = 0; k < 20; k++)
		graph_tick(&r.g, k);
	ck_assert_int_le(abs(r.leg[0].heard - 3000), 60);
	ck_assert_int_le(abs(r.leg[1].heard - 5000), 60);
	ck_assert_int_le(abs(r.leg[2].heard - 6000), 60);
	ck_assert_uint_eq(r.leg[0].n, 80);
	ck_assert_uint_eq(r.leg[1].n, 480);
	ck_assert_uint_eq(r.leg[2].n, 441);
	ck_assert_int_eq(graph_set_rate(&r.g, 48000), 0);
	ck_assert_int_eq(graph_port_rate(&r.leg[0].port, 16000), 0);
	for (int k = 0; k < 20; k++)
		graph_tick(&r.g, k);
	ck_assert_int_le(abs(r.leg[0].heard - 3000), 60);
	ck_assert_uint_eq(r.leg[0].n, 160);
	for (size_t i = 0; i < 3; i++)
		r.leg[i].says = 0;
	for (int k = 0; k < 3; k++) /* each filter fades out for a quantum */
		graph_tick(&r.g, k);
	ck_assert(r.leg[0].silence);
	room_close(&r);
}
END_TEST

/* 1000 calls with null media must cost nothing: no resampler runs. */
START_TEST(a_tick_allocates_nothing_and_null_media_do_not_resample)
{
	struct room r;
	uint64_t calls;

	room_open(&r, 48000);
	join(&r, 0, &both, 8000, 500, U | R, GRAPH_TO_NET);
	join(&r, 1, &both, 16000, 0, N, GRAPH_TO_USER);
	graph_connect(&r.leg[1].port, N, GRAPH_DEAF);
	calls = r.mem.calls;
	for (int k = 0; k < 100; k++)
		graph_tick(&r.g, k);
	ck_assert_uint_eq(r.mem.calls, calls);
	ck_assert(!r.leg[0].port.up_tail && !r.leg[0].port.speaking);
	ck_assert(r.leg[0].silence);
	room_close(&r);
}
END_TEST

START_TEST(the_echo_says_what_it_heard_a_tick_later)
{
	struct graph_echo e = { 0 };
	struct graph_port p = { 0 };
	struct room r;

	room_open(&r, 8000);
	join(&r, 0, &both, 8000, 123, U, GRAPH_TO_NET);
	ck_assert_int_eq(graph_attach(&r.g, &p, &graph_echo_ops, &e, 8000, N,
				      GRAPH_TO_USER), 0);
	graph_tick(&r.g, 0);
	ck_assert(r.leg[0].silence);
	graph_tick(&r.g, 0);
	ck_assert_int_eq(r.leg[0].heard, 123);
	r.leg[0].says = 0;
	graph_tick(&r.g, 0);
	ck_assert_int_eq(r.leg[0].heard, 123);
	graph_tick(&r.g, 0);
	ck_assert(r.leg[0].silence);
	graph_detach(&p);
	room_close(&r);
}
END_TEST

START_TEST(failed_allocations_change_nothing)
{
	struct room r;

	room_open(&r, 16000);
	join(&r, 0, &both, 8000, 9, N, GRAPH_TO_NET);
	for (uint64_t k = 1;; k++) {
		struct leg *l = &r.leg[1];
		int rc;

		r.mem.fail_at = r.mem.calls + k;
		rc = graph_attach(&r.g, &l->port, &both, l, 48000, N,
				  GRAPH_TO_NET);
		if (rc == 0)
			break;
		ck_assert_int_eq(rc, -ENOMEM);
		ck_assert_ptr_null(l->port.graph);
		graph_tick(&r.g, 0);
	}
	for (uint64_t k = 1;; k++) {
		int rc;

		r.mem.fail_at = r.mem.calls + k;
		rc = graph_port_rate(&r.leg[1].port, 8000);
		if (rc == 0)
			break;
		ck_assert_int_eq(rc, -ENOMEM);
		ck_assert_uint_eq(r.leg[1].port.rate, 48000);
	}
	r.mem.fail_at = 0;
	ck_assert_int_eq(graph_port_rate(&r.leg[1].port, 11025), -EINVAL);
	ck_assert_int_eq(graph_set_rate(&r.g, 96000), -EINVAL);
	room_close(&r);
}
END_TEST

SUITE(graph, everybody_hears_all_others, a_call_keeps_the_buses_apart,
      mute_gain_and_meters, loud_legs_saturate, rates_meet_at_the_graphs,
      a_tick_allocates_nothing_and_null_media_do_not_resample,
      the_echo_says_what_it_heard_a_tick_later,
      failed_allocations_change_nothing);
