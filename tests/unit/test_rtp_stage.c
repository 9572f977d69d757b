/* SPDX-License-Identifier: BSD-2-Clause
 * A stack of two stages: the outer wraps what it sends in four octets, sends it
 * to a relay, and is asked by it; the inner has something to say of its own. */
#include "tests/unit/fixed_path.h"
#include "tests/unit/suites.h"

#include "rtp/rtp_symmetric.h"
#include "rtp/rtp_transport.h"

enum { WRAP = 4 };

static struct addr peer(void) { return addr_v4(192, 0, 2, 1, 4000); }
static struct addr relay(void) { return addr_v4(192, 0, 2, 99, 3478); }

/* ------------------------------------------------------------ the stages */
struct wrap {
	bool ready, asked;
	unsigned asks, timed, freed;
	mono due;
};

/* 0x40 0 0 0 and what it holds; 0x41: the relay asks whether we are there. */
static enum rtp_verdict wrap_receive(void *state, struct rtp_datagram *d,
				     mono now)
{
	struct wrap *w = state;
	struct addr r = relay();

	(void)now;
	if (!addr_same(&d->peer, &r))
		return RTP_PASS;
	if (d->kind != RTP_KIND_TURN || d->n < WRAP)
		return RTP_REFUSED;
	if (d->p[0] == 0x41) {
		w->asked = true;
		w->asks++;
		return RTP_TAKEN;
	}
	d->p += WRAP;
	d->n -= WRAP;
	d->peer = peer();
	return RTP_AGAIN;
}

static int wrap_send(void *state, struct rtp_datagram *d, mono now)
{
	static const uint8_t head[WRAP] = { 0x40 };

	(void)state, (void)now;
	if (d->cap - d->n < WRAP)
		return -ENOSPC;
	memmove(d->p + WRAP, d->p, d->n);
	memcpy(d->p, head, WRAP);
	d->n += WRAP;
	d->peer = relay();
	return 0;
}

static bool wrap_poll(void *state, struct rtp_datagram *out, mono now)
{
	struct wrap *w = state;

	(void)now;
	if (!w->asked)
		return false;
	w->asked = false;
	memset(out->p, 0x42, WRAP);
	out->n = WRAP;
	out->peer = relay();
	return true;
}

static void wrap_on_time(void *state, mono now)
{
	struct wrap *w = state;

	if (now < w->due)
		return;
	w->timed++;
	w->due = MONO_NEVER;
	w->ready = true;
}

static mono wrap_deadline(const void *state)
{
	return ((const struct wrap *)state)->due;
}

static bool wrap_ready(const void *state)
{
	return ((const struct wrap *)state)->ready;
}

static void wrap_free(void *state)
{
	((struct wrap *)state)->freed++;
}

static const struct rtp_stage_ops wrap_ops = {
	.name = "wrap", .overhead = WRAP, .receive = wrap_receive,
	.send = wrap_send, .poll = wrap_poll, .on_time = wrap_on_time,
	.deadline = wrap_deadline, .ready = wrap_ready, .free = wrap_free,
};

/* Says a DTLS-like octet as often as it is told, to wherever media goes. */
static bool say_poll(void *state, struct rtp_datagram *out, mono now)
{
	unsigned *left = state;

	(void)now;
	if (!*left)
		return false;
	--*left;
	out->p[0] = 22;
	out->n = 1;
	return true;
}

static enum rtp_verdict say_receive(void *state, struct rtp_datagram *d,
				    mono now)
{
	(void)state, (void)now;
	return d->kind == RTP_KIND_DTLS ? RTP_TAKEN : RTP_PASS;
}

static const struct rtp_stage_ops say_ops = {
	.name = "say", .receive = say_receive, .poll = say_poll,
};

/* --------------------------------------------------------------- the rig */
struct rig {
	struct rtp_symmetric symmetric;
	struct rtp_transport t;
	struct wrap wrap;
	unsigned say;
};

static void rig_begin(struct rig *r)
{
	struct rtp_path path = rtp_symmetric_path(&r->symmetric);
	struct addr to = peer();

	memset(r, 0, sizeof(*r));
	r->wrap.ready = true;
	r->wrap.due = MONO_NEVER;
	rtp_transport_init(&r->t, &path, 0, 0);
	ck_assert_int_eq(rtp_transport_add_stage(&r->t,
		&(struct rtp_stage){ &wrap_ops, &r->wrap }), 0);
	ck_assert_int_eq(rtp_transport_add_stage(&r->t,
		&(struct rtp_stage){ &say_ops, &r->say }), 0);
	rtp_transport_set_mux(&r->t, true);
	rtp_transport_set_remote(&r->t, 0, &to, 0);
}

static int send_rtp(struct rig *r, uint8_t p[20], size_t cap, mono now,
		    struct addr *to)
{
	unsigned c;

	rtp_header_write(p, 0, false, 1, 2, 3);
	return rtp_transport_send(&r->t, 0, RTP_KIND_RTP, p, 12, cap, now, &c,
				  to);
}

static struct rtp_transport_in arrive(struct rig *r, uint8_t *p, size_t n,
				      struct addr from)
{
	struct rtp_transport_in in;

	rtp_transport_on_datagram(&r->t, 0, p, n, &from, 0, &in);
	return in;
}

/* ----------------------------------------------------------------- tests */
START_TEST(what_is_sent_is_wrapped_and_goes_elsewhere)
{
	struct rig r;
	struct addr to, want = relay();
	uint8_t p[20];

	rig_begin(&r);
	ck_assert_int_eq(send_rtp(&r, p, sizeof(p), 0, &to), 16);
	ck_assert(addr_same(&to, &want));
	ck_assert_uint_eq(p[0], 0x40);
	ck_assert_uint_eq(p[WRAP], 0x80);
	ck_assert_int_eq(send_rtp(&r, p, 15, 0, &to), -ENOSPC);
	/* 20 of IPv4, 8 of UDP, 4 of the stage */
	ck_assert_uint_eq(rtp_transport_room(&r.t), 1500 - 32);
}
END_TEST

/* What is in it is told anew what it is, and from whom. */
START_TEST(what_arrives_is_unwrapped_and_looked_at_again)
{
	struct rig r;
	struct rtp_transport_in in;
	struct addr to, want = peer(), is;
	uint8_t p[20];

	rig_begin(&r);
	ck_assert_int_eq(send_rtp(&r, p, sizeof(p), 0, &to), 16);
	in = arrive(&r, p, 16, relay());
	ck_assert_int_eq(in.kind, RTP_KIND_RTP);
	ck_assert_uint_eq(in.datagram.n, 12);
	ck_assert_ptr_eq(in.datagram.p, p + WRAP);
	ck_assert_uint_eq(in.packet.ssrc, 3);
	ck_assert(addr_same(&in.from, &want));
	ck_assert(in.alive);
	is = rtp_transport_remote(&r.t, 0);
	ck_assert(addr_same(&is, &want)); /* the relay latches nothing */
	/* what the inner stage takes, wrapped as well */
	memset(p, 0, sizeof(p));
	p[0] = 0x40;
	p[WRAP] = 22;
	in = arrive(&r, p, 5, relay());
	ck_assert_int_eq(in.kind, RTP_KIND_NONE);
	ck_assert(in.alive);
	/* wrapped twice: each stage looks once, and this is no media */
	p[WRAP] = 0x40;
	ck_assert_int_eq(arrive(&r, p, 20, relay()).kind, RTP_KIND_NONE);
	ck_assert_uint_eq(r.t.refused, 1);
	/* a keep-alive in it is one of the peer's */
	in = arrive(&r, p, WRAP, relay());
	ck_assert_int_eq(in.kind, RTP_KIND_NONE);
	ck_assert(in.alive);
	ck_assert_uint_eq(r.t.refused, 1);
	/* not what the relay says for itself, or what is broken */
	ck_assert(!arrive(&r, p, 3, relay()).alive);
	ck_assert_uint_eq(r.t.refused, 2);
}
END_TEST

START_TEST(a_stage_answers_for_itself_outside_of_the_others)
{
	struct rig r;
	struct rtp_datagram out;
	struct addr want = relay();
	uint8_t p[20] = { 0x41 }, room[600];

	rig_begin(&r);
	ck_assert_int_eq(arrive(&r, p, WRAP, relay()).kind, RTP_KIND_NONE);
	ck_assert_uint_eq(r.wrap.asks, 1);
	ck_assert_uint_eq(r.t.refused, 0);
	ck_assert(rtp_transport_poll(&r.t, room, sizeof(room), 0, &out));
	ck_assert_uint_eq(out.n, WRAP); /* as it said it */
	ck_assert_uint_eq(out.p[0], 0x42);
	ck_assert(addr_same(&out.peer, &want));
	ck_assert(!rtp_transport_poll(&r.t, room, sizeof(room), 0, &out));
	/* of the inner one the outer wraps it */
	r.say = 2;
	for (unsigned i = 0; i < 2; i++) {
		ck_assert(rtp_transport_poll(&r.t, room, sizeof(room), 0,
					     &out));
		ck_assert_uint_eq(out.n, WRAP + 1);
		ck_assert_uint_eq(out.p[WRAP], 22);
		ck_assert(addr_same(&out.peer, &want));
	}
	ck_assert(!rtp_transport_poll(&r.t, room, sizeof(room), 0, &out));
}
END_TEST

START_TEST(nothing_goes_to_nobody)
{
	struct rig r;
	struct rtp_datagram out;
	struct addr hold = addr_v4(0, 0, 0, 0, 4000);
	uint8_t room[600];

	rig_begin(&r);
	rtp_transport_set_remote(&r.t, 0, &hold, 0);
	r.say = 2; /* to where media goes: nowhere */
	ck_assert(!rtp_transport_poll(&r.t, room, sizeof(room), 0, &out));
	ck_assert_uint_eq(r.say, 0);
}
END_TEST

/* Until 300 ms it is not ready, by its own deadline it is. */
START_TEST(streams_wait_until_all_stages_are_ready)
{
	struct rig r;
	struct rtp_datagram out;
	struct addr to;
	uint8_t p[20], room[600];

	rig_begin(&r);
	r.wrap.ready = false;
	r.wrap.due = MS(300);
	ck_assert(!rtp_transport_is_ready(&r.t));
	ck_assert_int_eq(send_rtp(&r, p, sizeof(p), 0, &to), -ENOTCONN);
	ck_assert(rtp_transport_deadline(&r.t) == MS(300));
	rtp_transport_on_time(&r.t, MS(299));
	ck_assert(!rtp_transport_is_ready(&r.t));
	/* nor is anything kept alive that is not there yet */
	ck_assert(!rtp_transport_poll(&r.t, room, sizeof(room), SEC(99),
				      &out));
	rtp_transport_on_time(&r.t, MS(300));
	ck_assert_uint_eq(r.wrap.timed, 1);
	ck_assert(rtp_transport_is_ready(&r.t));
	ck_assert_int_eq(send_rtp(&r, p, sizeof(p), MS(300), &to), 16);
	ck_assert(rtp_transport_deadline(&r.t) == MS(300) + RTP_KEEPALIVE);
}
END_TEST

/* RFC 6263 4.1: the empty datagram takes the way of all others. */
START_TEST(keep_alives_are_wrapped_too)
{
	struct rig r;
	struct rtp_datagram out;
	struct addr want = relay();
	uint8_t room[600];

	rig_begin(&r);
	ck_assert(rtp_transport_poll(&r.t, room, sizeof(room), SEC(15),
				     &out));
	ck_assert_uint_eq(out.n, WRAP);
	ck_assert(addr_same(&out.peer, &want));
	ck_assert(!rtp_transport_poll(&r.t, room, sizeof(room), SEC(15),
				      &out));
	/* what a stage says to the peer counts as well, and does not where it
	 * goes to somebody else */
	r.say = 1;
	ck_assert(rtp_transport_poll(&r.t, room, sizeof(room), SEC(20),
				     &out));
	ck_assert(rtp_transport_deadline(&r.t) == SEC(35));
	r.wrap.asked = true;
	ck_assert(rtp_transport_poll(&r.t, room, sizeof(room), SEC(21),
				     &out));
	ck_assert(rtp_transport_deadline(&r.t) == SEC(35));
}
END_TEST

START_TEST(a_stage_ends_with_its_transport)
{
	struct rig r;
	struct rtp_stage more = { &say_ops, &r.say };

	rig_begin(&r);
	while (r.t.stages.n < RTP_STAGES)
		ck_assert_int_eq(rtp_transport_add_stage(&r.t, &more), 0);
	ck_assert_int_eq(rtp_transport_add_stage(&r.t, &more), -ENOSPC);
	rtp_transport_fini(&r.t);
	rtp_transport_fini(&r.t);
	ck_assert_uint_eq(r.wrap.freed, 1);
}
END_TEST

/* ------------------------------------------------- another way to the peer */
START_TEST(the_way_to_the_peer_is_exchangeable)
{
	struct fixed f = { .to = addr_v4(198, 51, 100, 7, 5000) };
	struct rtp_path path = { &fixed_ops, &f };
	struct rig r;
	struct addr to = peer(), is;
	uint8_t p[20];

	rig_begin(&r);
	ck_assert(!rtp_transport_is_proved(&r.t));
	rtp_transport_set_path(&r.t, &path);
	rtp_transport_set_remote(&r.t, 0, &to, SEC(1));
	rtp_transport_set_host(&r.t, &to);
	ck_assert_uint_eq(f.signals, 1);
	ck_assert_uint_eq(f.hosts, 1);
	ck_assert(rtp_transport_is_proved(&r.t));
	is = rtp_transport_remote(&r.t, 0);
	ck_assert(addr_same(&is, &f.to));
	for (unsigned i = 0; i < 9; i++) { /* however long it goes on */
		rtp_header_write(p, 0, false, (uint16_t)i, 0, 3);
		ck_assert_int_eq(arrive(&r, p, 12, to).kind, RTP_KIND_NONE);
	}
	ck_assert_int_eq(arrive(&r, p, 12, f.to).kind, RTP_KIND_RTP);
}
END_TEST

SUITE(rtp_stage, what_is_sent_is_wrapped_and_goes_elsewhere,
      what_arrives_is_unwrapped_and_looked_at_again,
      a_stage_answers_for_itself_outside_of_the_others,
      nothing_goes_to_nobody, streams_wait_until_all_stages_are_ready,
      keep_alives_are_wrapped_too, a_stage_ends_with_its_transport,
      the_way_to_the_peer_is_exchangeable);
