/* SPDX-License-Identifier: BSD-2-Clause
 * The core as a whole: memory that runs out, two cores on a bad wire. */
#include "platform/drbg.h"
#include "tests/unit/sip_wire.h"

/* ------------------------------------------------- allocation sweep */
static void lenient_answer(struct wire *w, const struct sip_event *ev)
{
	struct sip_msg m;

	if (ev->kind == SIP_EV_CANCEL)
		w->answer = 487;
	else if (ev->kind != SIP_EV_REQUEST || ev->method == SIP_INVITE)
		return;
	sip_msg_response(&m, w->answer, S(""));
	if (sip_core_respond(w->c, ev->txn, &m, S("b"), w->now) == -ENOMEM)
		sip_core_forget(w->c, ev->txn, w->now);
}

static void lenient_request(struct wire *w, const char *method,
			    const char *uri, unsigned *asked)
{
	struct sip_msg m;
	uint64_t txn;

	wire_request(&m, method, uri);
	*asked += sip_core_request(w->c, &(struct sip_request){ .msg = &m,
		.user = WIRE_USER }, w->now, &txn) == 0;
	wire_drain(w);
}

static void answer_all(struct wire *w, const char *line)
{
	for (size_t i = 0, n = w->n; i < n; i++)
		if (w->log[i].kind == SIP_OUT_DATAGRAM &&
		    !slice_starts(slice_str(w->log[i].bytes), "SIP/2.0") &&
		    wire_header(w->log[i].bytes, "Via"))
			wire_udp(w, wire_response(w->log[i].bytes, line,
						  ";tag=z", ""));
}

static void serve(struct wire *w)
{
	const char *half = WIRE_REQUEST("BYE", "z9hG4bKbye2", ";tag=b", "");
	struct sip_msg m;
	uint32_t flow;

	w->user = lenient_answer;
	w->answer = 200;
	wire_udp(w, WIRE_REQUEST("INVITE", "z9hG4bKinv", "", ""));
	wire_wait(w, MS(300));
	if (w->n && w->log[0].kind == SIP_OUT_EVENT) {
		sip_msg_response(&m, 180, S(""));
		(void)!sip_core_respond(w->c, w->log[0].event.txn, &m,
					S("b"), w->now);
		wire_drain(w);
	}
	wire_udp(w, WIRE_REQUEST("CANCEL", "z9hG4bKinv", "", ""));
	wire_udp(w, WIRE_REQUEST("BYE", "z9hG4bKbye", ";tag=b", ""));
	if (!sip_core_on_accept(w->c, w->tcp, &w->us, &w->peer, w->now,
				&flow)) {
		wire_bytes(w, flow, half, 100);
		wire_bytes(w, flow, half + 100, strlen(half) - 100);
	}
}

static void ask(struct wire *w, unsigned *asked)
{
	struct sip_hop hops[2] = {
		{ .transport = SIP_UDP, .addr = w->peer },
		{ .transport = SIP_UDP, .addr = w->peer }
	};

	lenient_request(w, "INVITE", "sip:a@192.0.2.1", asked);
	answer_all(w, "100 Trying");
	for (size_t i = 0; i < w->n; i++)
		if (w->log[i].kind == SIP_OUT_EVENT &&
		    w->log[i].event.kind == SIP_EV_RESPONSE)
			(void)!sip_core_cancel(w->c, w->log[i].event.txn,
					       NULL, w->now);
	wire_drain(w);
	answer_all(w, "486 Busy Here");
	lenient_request(w, "OPTIONS", "sip:a@example.com", asked);
	for (size_t i = 0; i < w->n; i++)
		if (w->log[i].kind == SIP_OUT_LOCATE)
			sip_core_on_located(w->c, w->log[i].lookup, hops, 2,
					    NULL, w->now);
	wire_drain(w);
	lenient_request(w, "OPTIONS", "sip:a@192.0.2.1;transport=tcp", asked);
}

START_TEST(the_nth_allocation_fails)
{
	struct wire *w = calloc(1, sizeof(*w));

	for (uint64_t nth = 1;; nth++) {
		unsigned asked = 0, finals = 0;
		bool hit;

		memset(w, 0, sizeof(*w));
		mem_init(&w->mem, 0);
		w->mem.fail_at = nth;
		if (!wire_start(w)) {
			serve(w);
			ask(w, &asked);
			wire_wait(w, SEC(150));
			ck_assert_uint_eq(sip_core_stats(w->c)->clients, 0);
			ck_assert_uint_eq(sip_core_stats(w->c)->servers, 0);
		}
		/* what was taken on comes to one end */
		for (size_t i = 0; i < w->n; i++)
			finals += w->log[i].kind == SIP_OUT_EVENT &&
				(w->log[i].event.kind == SIP_EV_TIMEOUT ||
				 w->log[i].event.kind == SIP_EV_UNREACHABLE ||
				 (w->log[i].event.kind == SIP_EV_RESPONSE &&
				  w->log[i].status >= 200));
		ck_assert_uint_eq(finals, asked);
		hit = w->mem.calls >= nth;
		sip_core_free(w->c);
		ck_assert_uint_eq(w->mem.blocks, 0);
		if (!hit)
			break;
		ck_assert_uint_lt(nth, 5000);
	}
	free(w);
}
END_TEST

/* A budget that is gone for good: refused, not broken. */
START_TEST(no_memory_left_is_503_or_silence)
{
	struct wire *w = wire_new();

	w->mem.fail_at = w->mem.calls + 1;
	w->mem.fail_on = true;
	for (int i = 0; i < 20; i++)
		wire_udp(w, WIRE_REQUEST("INVITE", "z9hG4bKa", "", ""));
	ck_assert_uint_eq(sip_core_stats(w->c)->servers, 0);
	w->mem.fail_at = 0;
	wire_udp(w, WIRE_REQUEST("INVITE", "z9hG4bKa", "", ""));
	ck_assert_uint_eq(wire_events(w, SIP_EV_REQUEST), 1);
	wire_free(w);
}
END_TEST

/* -------------------------------------------- two cores, a bad wire */
struct packet {
	bool to_b;
	mono at;
	char bytes[1500];
	size_t n;
};

struct line {
	struct sip_core *core[2];
	uint32_t point[2];
	struct addr addr[2];
	struct mem mem;
	struct drbg dice;
	struct instant now;
	struct packet q[512];
	size_t n;
	unsigned requests, finals, loss, spread_ms;
};

static void put(struct line *l, bool to_b, struct slice bytes)
{
	unsigned copies = drbg_below(&l->dice, 100) < 20 ? 2 : 1;

	for (; copies; copies--) {
		if (drbg_below(&l->dice, 100) < l->loss)
			continue;
		ck_assert_uint_lt(l->n, COUNT(l->q));
		l->q[l->n] = (struct packet){ .to_b = to_b, .at = l->now.m +
			MS(1 + drbg_below(&l->dice, l->spread_ms)),
			.n = bytes.n };
		memcpy(l->q[l->n++].bytes, bytes.p, bytes.n);
	}
}

static void both_drain(struct line *l)
{
	struct sip_out o;
	struct sip_msg m;

	for (int i = 0; i < 2; i++) {
		while (sip_core_poll(l->core[i], &o)) {
			if (o.kind == SIP_OUT_DATAGRAM)
				put(l, i == 0, o.bytes);
			if (o.kind != SIP_OUT_EVENT)
				continue;
			if (o.event->kind == SIP_EV_REQUEST) {
				l->requests++;
				sip_msg_response(&m, o.event->method ==
						 SIP_INVITE ? 603 : 200,
						 S(""));
				ck_assert_int_eq(sip_core_respond(l->core[i],
					o.event->txn, &m, S("t"), l->now), 0);
			}
			l->finals += o.event->kind == SIP_EV_TIMEOUT ||
				(o.event->kind == SIP_EV_RESPONSE &&
				 o.event->msg->status >= 200);
		}
	}
}

/* The next packet or timer. */
static bool line_step(struct line *l)
{
	mono next = mono_min(sip_core_deadline(l->core[0]),
			     sip_core_deadline(l->core[1]));
	size_t first = l->n;

	for (size_t i = 0; i < l->n; i++)
		if (l->q[i].at < next) {
			next = l->q[i].at;
			first = i;
		}
	if (next == MONO_NEVER)
		return false;
	if (next > l->now.m)
		l->now.m = next;
	if (first < l->n) {
		struct packet p = l->q[first];

		l->q[first] = l->q[--l->n];
		sip_core_on_datagram(l->core[p.to_b], l->point[p.to_b],
				     &l->addr[p.to_b], &l->addr[!p.to_b],
				     slice_of(p.bytes, p.n), l->now);
		both_drain(l);
	} else {
		sip_core_on_time(l->core[0], l->now);
		sip_core_on_time(l->core[1], l->now);
		both_drain(l);
	}
	return true;
}

static void line_run(struct line *l, uint64_t seed, unsigned loss)
{
	uint8_t s[32] = { 0 };
	struct sip_msg m;
	uint64_t txn;

	memset(l, 0, sizeof(*l));
	memcpy(s, &seed, sizeof(seed));
	drbg_init(&l->dice, s);
	l->loss = loss;
	l->spread_ms = 300;
	mem_init(&l->mem, 0);
	for (int i = 0; i < 2; i++) {
		s[31] = (uint8_t)i;
		l->addr[i] = addr_v4(192, 0, 2, (uint8_t)(i + 1), 5060);
		ck_assert_int_eq(sip_core_new(&l->mem, &limits_default, s,
					      l->now, &l->core[i]), 0);
		ck_assert_int_eq(sip_core_add_local(l->core[i], SIP_UDP,
			&l->addr[i], &l->addr[i], &l->point[i]), 0);
		ck_assert_int_eq(sip_core_add_match(l->core[i],
			&(struct sip_match){ .user = 1, .methods = ~0u }), 0);
	}
	for (int i = 0; i < 10; i++) {
		wire_request(&m, i % 2 ? "INVITE" : "OPTIONS",
			     i < 5 ? "sip:b@192.0.2.2" : "sip:a@192.0.2.1");
		sip_msg_remove(&m, SIP_HDR_CALL_ID);
		ck_assert_int_eq(sip_msg_add(&m, SIP_HDR_CALL_ID,
			slice_of(&"abcdefghij"[i], 1)), 0);
		ck_assert_int_eq(sip_core_request(l->core[i >= 5],
			&(struct sip_request){ .msg = &m, .user = 1 },
			l->now, &txn), 0);
	}
	both_drain(l);
	for (unsigned steps = 0; line_step(l); steps++)
		ck_assert_uint_lt(steps, 20000);
}

START_TEST(loss_duplication_and_disorder_change_no_outcome)
{
	struct line *l = calloc(1, sizeof(*l));

	for (uint64_t seed = 0; seed < 60; seed++) {
		line_run(l, seed, seed < 20 ? 0 : seed < 40 ? 30 : 100);
		ck_assert_uint_eq(l->finals, 10);
		if (seed < 20)
			ck_assert_uint_eq(l->requests, 10);
		else
			ck_assert_uint_le(l->requests, seed < 40 ? 10 : 0);
		for (int i = 0; i < 2; i++) {
			const struct sip_core_stats *s =
				sip_core_stats(l->core[i]);

			ck_assert_uint_eq(s->clients + s->servers, 0);
			sip_core_free(l->core[i]);
		}
		ck_assert_uint_eq(l->mem.blocks, 0);
	}
	free(l);
}
END_TEST

SUITE(sip_core, the_nth_allocation_fails, no_memory_left_is_503_or_silence,
      loss_duplication_and_disorder_change_no_outcome);
