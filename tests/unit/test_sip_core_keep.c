/* SPDX-License-Identifier: BSD-2-Clause
 * Flows that are kept open: RFC 5626 3.5, 4.4. */
#include "tests/unit/suites.h"

#include <stdlib.h>

#include "platform/stun.h"
#include "sip/core/sip_core.h"

enum { LOG = 64 };

struct bench {
	struct mem mem;
	struct sip_core *c;
	uint32_t point, flow;
	struct addr here, there;
	struct instant now;
	struct { mono at; char b[64]; size_t n; } sent[LOG];
	unsigned n, gone, closed;
	struct sip_path gone_path;
};

static struct bench *w;

static void drain(void)
{
	struct sip_out o;

	while (sip_core_poll(w->c, &o)) {
		if (o.kind == SIP_OUT_EVENT &&
		    o.event->kind == SIP_EV_FLOW_GONE) {
			w->gone++;
			w->gone_path = o.event->path;
		}
		w->closed += o.kind == SIP_OUT_CLOSE;
		if ((o.kind != SIP_OUT_DATAGRAM && o.kind != SIP_OUT_STREAM) ||
		    w->n == LOG)
			continue;
		ck_assert_uint_le(o.bytes.n, 64);
		w->sent[w->n].at = w->now.m;
		w->sent[w->n].n = o.bytes.n;
		memcpy(w->sent[w->n++].b, o.bytes.p, o.bytes.n);
	}
}

static void bench_wait(mono span)
{
	mono until = w->now.m + span;

	while (sip_core_deadline(w->c) <= until) {
		if (sip_core_deadline(w->c) > w->now.m)
			w->now.m = sip_core_deadline(w->c);
		sip_core_on_time(w->c, w->now);
		drain();
	}
	w->now.m = until;
}

static void begin(void)
{
	const uint8_t seed[32] = { 7 };

	w = calloc(1, sizeof(*w));
	mem_init(&w->mem, 0);
	w->here = addr_v4(192, 0, 2, 1, 5060);
	w->there = addr_v4(192, 0, 2, 9, 5060);
	ck_assert_int_eq(sip_core_new(&w->mem, &limits_default, seed, w->now,
				      &w->c), 0);
	ck_assert_int_eq(sip_core_add_local(w->c, SIP_UDP, &w->here, &w->here,
					    &w->point), 0);
}

static void done(void)
{
	drain();
	sip_core_free(w->c);
	ck_assert_uint_eq(w->mem.blocks, 0);
	free(w);
}

static struct sip_path udp(void)
{
	return (struct sip_path){ .transport = SIP_UDP, .flow = w->point,
				  .local = w->here, .remote = w->there };
}

/* A connection that has been heard. */
static struct sip_path tcp(void)
{
	struct sip_path p = { 0 };
	uint32_t point;

	ck_assert_int_eq(sip_core_add_local(w->c, SIP_TCP, &w->here, &w->here,
					    &point), 0);
	ck_assert_int_eq(sip_core_on_accept(w->c, point, &w->here, &w->there,
					    w->now, &w->flow), 0);
	sip_core_on_stream(w->c, w->flow, S("\r\n\r\n"), w->now);
	drain();
	w->n = 0;
	ck_assert(sip_core_flow(w->c, w->flow, &p));
	return p;
}

static uint64_t kept(struct sip_path p, uint32_t most, bool answers)
{
	uint64_t k = 0;

	ck_assert_int_eq(sip_core_keep(w->c, &p, most, answers, w->now, &k),
			 0);
	return k;
}

/* The Binding response to the last request. */
static void answered(const struct addr *seen, bool changed)
{
	struct stun_msg m;
	char b[STUN_ROOM];
	struct writer out = writer_begin(b, sizeof(b));

	ck_assert_int_eq(stun_parse(slice_of(w->sent[w->n - 1].b,
					     w->sent[w->n - 1].n), &m, NULL),
			 0);
	ck_assert_int_eq((int)m.is, (int)STUN_REQUEST);
	m.id[11] ^= changed;
	stun_write_success(&out, m.id, seen, true);
	sip_core_on_datagram(w->c, w->point, &w->here, &w->there,
			     writer_done(&out), w->now);
	drain();
}

/* 4.4.2: 24 to 29 s, 4.4: 80 to 100 of a hundred of what was asked for. */
START_TEST(a_udp_flow_is_kept_with_stun)
{
	const struct addr seen = addr_v4(198, 51, 100, 7, 40001);
	mono last = 0;

	begin();
	kept(udp(), 0, true);
	for (unsigned i = 1; i <= 20; i++) {
		while (w->n < i)
			bench_wait(MS(10));
		ck_assert_int_ge(w->sent[i - 1].at - last, MS(23200));
		ck_assert_int_le(w->sent[i - 1].at - last, MS(29000));
		last = w->sent[i - 1].at;
		answered(&seen, false);
	}
	ck_assert_uint_eq(w->gone, 0);
	done();
}
END_TEST

/* RFC 8489 6.2.1: at 0, 0.5, 1.5, 3.5, 7.5, 15.5 and 31.5 s, given up at 39.5;
 * what answers another request is none. */
START_TEST(silence_to_seven_requests_is_the_flows_end)
{
	static const unsigned at[] = { 0, 500, 1500, 3500, 7500, 15500,
				       31500 };
	const struct addr seen = addr_v4(198, 51, 100, 7, 40001);
	struct sip_path p;

	begin();
	p = udp();
	kept(p, 100, true);
	while (!w->n)
		bench_wait(MS(10));
	answered(&seen, true);
	bench_wait(w->sent[0].at + MS(39400) - w->now.m);
	ck_assert_uint_eq(w->n, 7);
	for (unsigned i = 0; i < 7; i++)
		ck_assert_int_eq(w->sent[i].at - w->sent[0].at, MS(at[i]));
	ck_assert_uint_eq(w->gone, 0);
	bench_wait(MS(200));
	ck_assert_uint_eq(w->gone, 1);
	ck_assert_uint_eq(w->gone_path.flow, w->point);
	ck_assert(addr_same(&w->gone_path.remote, &w->there));
	bench_wait(SEC(1000)); /* nobody asks for it any more */
	ck_assert_uint_eq(w->n, 7);
	done();
}
END_TEST

/* 4.4.2: the NAT has forgotten us. */
START_TEST(another_address_than_before_is_the_flows_end)
{
	const struct addr seen = addr_v4(198, 51, 100, 7, 40001);
	const struct addr other = addr_v4(198, 51, 100, 7, 40002);

	begin();
	kept(udp(), 30, true);
	while (w->n < 1)
		bench_wait(MS(10));
	answered(&seen, false);
	while (w->n < 2)
		bench_wait(MS(10));
	ck_assert_uint_eq(w->gone, 0);
	answered(&other, false);
	ck_assert_uint_eq(w->gone, 1);
	done();
}
END_TEST

/* 4.4: who has promised nothing gets no STUN, and may be silent. */
START_TEST(without_a_promise_silence_is_nothing)
{
	begin();
	kept(udp(), 30, false);
	bench_wait(SEC(300));
	ck_assert_uint_ge(w->n, 10);
	for (unsigned i = 0; i < w->n; i++)
		ck_assert_int_eq(memcmp(w->sent[i].b, "\r\n\r\n", 4), 0);
	ck_assert_uint_eq(w->gone, 0);
	done();
}
END_TEST

/* 3.5.1, 4.4.1: a pong within 10 s, in pieces or not, and it is no message
 * that has to become whole. */
START_TEST(a_connection_is_kept_with_pings)
{
	begin();
	kept(tcp(), 0, true);
	for (unsigned i = 1; i <= 5; i++) {
		mono before = w->now.m;

		while (w->n < i)
			bench_wait(MS(10));
		ck_assert_int_ge(w->now.m - before, SEC(95));
		ck_assert_int_le(w->now.m - before, SEC(120) + MS(10));
		ck_assert_uint_eq(w->sent[i - 1].n, 4);
		sip_core_on_stream(w->c, w->flow, i % 2 ? S("\r\n") : S("\r"),
				   w->now);
		drain();
		if (i % 2 == 0) {
			sip_core_on_stream(w->c, w->flow, S("\n"), w->now);
			drain();
		}
		bench_wait(SEC(10));
	}
	ck_assert_uint_eq(w->gone, 0);
	while (w->n < 6)
		bench_wait(MS(10));
	bench_wait(MS(9900));
	ck_assert_uint_eq(w->gone, 0);
	bench_wait(MS(200)); /* no pong */
	ck_assert_uint_eq(w->gone, 1);
	ck_assert_uint_eq(w->closed, 1);
	done();
}
END_TEST

START_TEST(who_wants_the_same_flow_shares_it)
{
	uint64_t one, two;

	begin();
	one = kept(udp(), 30, false);
	two = kept(udp(), 30, false);
	ck_assert_uint_eq(one, two);
	sip_core_unkeep(w->c, one);
	bench_wait(SEC(31));
	ck_assert_uint_eq(w->n, 1);
	sip_core_unkeep(w->c, two);
	sip_core_unkeep(w->c, two); /* stale */
	bench_wait(SEC(100));
	ck_assert_uint_eq(w->n, 1);
	done();
}
END_TEST

START_TEST(a_flow_whose_socket_is_gone_has_failed)
{
	begin();
	kept(udp(), 30, true);
	sip_core_remove_local(w->c, w->point);
	bench_wait(SEC(31));
	ck_assert_uint_eq(w->gone, 1);
	done();
}
END_TEST

START_TEST(memory_may_fail)
{
	uint64_t k;

	begin();
	for (uint64_t n = 1; n <= 2; n++) {
		struct sip_path p = udp();

		w->mem.fail_at = w->mem.calls + n;
		if (sip_core_keep(w->c, &p, 0, true, w->now, &k) == 0)
			break;
	}
	w->mem.fail_at = 0;
	done();
}
END_TEST

SUITE(sip_core_keep, a_udp_flow_is_kept_with_stun,
      silence_to_seven_requests_is_the_flows_end,
      another_address_than_before_is_the_flows_end,
      without_a_promise_silence_is_nothing, a_connection_is_kept_with_pings,
      who_wants_the_same_flow_shares_it,
      a_flow_whose_socket_is_gone_has_failed, memory_may_fail);
