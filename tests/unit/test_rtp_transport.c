/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/suites.h"

#include "rtp/rtp_symmetric.h"
#include "rtp/rtp_transport.h"

static struct addr at(uint8_t host, uint16_t port)
{
	return addr_v4(192, 0, 2, host, port);
}

static struct rtp_transport bare(struct rtp_symmetric *s)
{
	struct rtp_path path = rtp_symmetric_path(s);
	struct rtp_transport t;

	*s = (struct rtp_symmetric){ 0 };
	rtp_transport_init(&t, &path, 0, 0);
	return t;
}

static struct rtp_transport fresh(struct rtp_symmetric *s)
{
	struct rtp_transport t = bare(s);
	struct addr rtp = at(1, 4000), rtcp = at(1, 4001);

	rtp_transport_set_remote(&t, 0, &rtp, 0);
	rtp_transport_set_remote(&t, 1, &rtcp, 0);
	return t;
}

static struct rtp_transport_in rtp_in(struct rtp_transport *t,
				      struct addr from, uint8_t pt,
				      uint16_t seq, uint32_t ssrc, mono now)
{
	uint8_t p[RTP_HEADER + 4] = { 0 };
	struct rtp_transport_in in;

	rtp_header_write(p, pt, false, seq, 0, ssrc);
	rtp_transport_on_datagram(t, 0, p, sizeof(p), &from, now, &in);
	return in;
}

static bool rtp_passes(struct rtp_transport *t, struct addr from, uint16_t seq,
		       mono now)
{
	return rtp_in(t, from, 0, seq, 7, now).kind == RTP_KIND_RTP;
}

static bool rtcp_passes(struct rtp_transport *t, struct addr from, mono now)
{
	uint8_t p[] = { 0x80, 201, 0, 1, 0, 0, 0, 7 };
	struct rtp_transport_in in;

	rtp_transport_on_datagram(t, 1, p, sizeof(p), &from, now, &in);
	return in.kind == RTP_KIND_RTCP;
}

static bool sends_to(const struct rtp_transport *t, unsigned component,
		     struct addr a)
{
	struct addr r = rtp_transport_remote(t, component);

	return addr_same(&r, &a);
}

/* RFC 7983 figure 3, every first octet; RFC 5761 4. */
START_TEST(the_first_octet_tells_the_protocol)
{
	for (unsigned b = 0; b < 256; b++) {
		char d[4] = { (char)b, 0, 0, 0 };
		enum rtp_kind want =
			b <= 3 ? RTP_KIND_STUN :
			b >= 16 && b <= 19 ? RTP_KIND_ZRTP :
			b >= 20 && b <= 63 ? RTP_KIND_DTLS :
			b >= 64 && b <= 79 ? RTP_KIND_TURN :
			b >= 128 && b <= 191 ? RTP_KIND_RTP : RTP_KIND_NONE;

		ck_assert_int_eq(rtp_kind_of(slice_of(d, 4), true, 0), want);
	}
	for (unsigned b = 0; b < 256; b++) {
		char d[4] = { (char)0x80, (char)b, 0, 0 };
		bool rtcp = b >= 192 && b <= 223;

		ck_assert_int_eq(rtp_kind_of(slice_of(d, 4), true, 0),
				 rtcp ? RTP_KIND_RTCP : RTP_KIND_RTP);
		ck_assert_int_eq(rtp_kind_of(slice_of(d, 4), false, 0),
				 RTP_KIND_RTP);
		ck_assert_int_eq(rtp_kind_of(slice_of(d, 4), false, 1),
				 RTP_KIND_RTCP);
	}
	ck_assert_int_eq(rtp_kind_of(S(""), true, 0), RTP_KIND_NONE);
	ck_assert_int_eq(rtp_kind_of(S("\x80\x00\x00"), true, 0),
			 RTP_KIND_NONE);
}
END_TEST

START_TEST(the_signalled_address_is_taken_at_once)
{
	struct rtp_symmetric s;
	struct rtp_transport t = fresh(&s);
	struct rtp_transport_in in;

	ck_assert(sends_to(&t, 0, at(1, 4000)));
	ck_assert(!rtp_symmetric_is_latched(&s, 0));
	in = rtp_in(&t, at(1, 4000), 0, 1, 7, 0);
	ck_assert_int_eq(in.kind, RTP_KIND_RTP);
	ck_assert(in.moved);
	ck_assert_uint_eq(in.packet.ssrc, 7);
	ck_assert(rtp_symmetric_is_latched(&s, 0));
	in = rtp_in(&t, at(1, 4000), 0, 2, 7, 0);
	ck_assert(!in.moved);
}
END_TEST

/* Behind a NAT that nothing else told of: the packets come from elsewhere, and
 * there they are answered. */
START_TEST(three_packets_in_sequence_latch_another_address)
{
	struct rtp_symmetric s;
	struct rtp_transport t = fresh(&s);

	ck_assert(!rtp_passes(&t, at(9, 5000), 10, 0));
	ck_assert(!rtp_passes(&t, at(9, 5000), 11, 0));
	ck_assert(sends_to(&t, 0, at(1, 4000)));
	ck_assert(rtp_passes(&t, at(9, 5000), 12, 0));
	ck_assert(sends_to(&t, 0, at(9, 5000)));
	ck_assert(rtp_passes(&t, at(9, 5000), 13, 0));
	ck_assert_uint_eq(t.refused, 2);
}
END_TEST

START_TEST(packets_that_do_not_hold_together_latch_nothing)
{
	struct rtp_symmetric s;
	struct rtp_transport t = fresh(&s);

	for (uint16_t i = 0; i < 50; i++) { /* the port changes */
		ck_assert(!rtp_passes(&t, at(9, (uint16_t)(5000 + i)), i, 0));
		/* the same packet over and over: each twice in a row */
		ck_assert(!rtp_passes(&t, at(9, (uint16_t)(5000 + i)), i, 0));
	}
	for (uint16_t i = 0; i < 50; i++) /* numbers at random */
		ck_assert(!rtp_passes(&t, at(9, 5000),
				      (uint16_t)(i * 1000), 0));
	for (uint16_t i = 0; i < 50; i++) /* sources at random */
		ck_assert_int_eq(rtp_in(&t, at(9, 5000), 0, i, i, 0).kind,
				 RTP_KIND_NONE);
	for (uint16_t i = 0; i < 50; i++) /* backwards */
		ck_assert(!rtp_passes(&t, at(9, 5000), (uint16_t)(50 - i), 0));
	ck_assert(!rtp_symmetric_is_latched(&s, 0));
}
END_TEST

/* Numbers may rise by 100 (MAX_MISORDER), not by more. */
START_TEST(a_latch_bears_gaps_of_a_hundred)
{
	struct rtp_symmetric s;
	struct rtp_transport t = fresh(&s);

	(void)rtp_passes(&t, at(9, 5000), 0, 0);
	(void)rtp_passes(&t, at(9, 5000), 100, 0);
	ck_assert(!rtp_passes(&t, at(9, 5000), 201, 0));
	ck_assert(!rtp_passes(&t, at(9, 5000), 202, 0));
	ck_assert(rtp_passes(&t, at(9, 5000), 302, 0));
	ck_assert(rtp_symmetric_is_latched(&s, 0));
	ck_assert(!rtp_symmetric_is_latched(&s, 2));
	ck_assert_uint_eq(rtp_transport_remote(&t, 2).family, 0);
	rtp_transport_set_remote(&t, 2, &(struct addr){ .family = 4 }, 0);
}
END_TEST

START_TEST(a_latched_source_cannot_be_hijacked_while_it_is_heard)
{
	struct rtp_symmetric s;
	struct rtp_transport t = fresh(&s);
	mono now = 0;

	for (uint16_t i = 0; i < 500; i++, now += MS(20)) {
		ck_assert(rtp_passes(&t, at(1, 4000), i, now));
		ck_assert(!rtp_passes(&t, at(66, 6666), i, now));
		ck_assert(!rtp_passes(&t, at(66, 6666), (uint16_t)(i + 1),
				      now));
	}
	/* nor by guessing a short pause */
	for (uint16_t i = 0; i < 99; i++) {
		now += MS(20);
		ck_assert(!rtp_passes(&t, at(66, 6666), i, now));
	}
	ck_assert(rtp_passes(&t, at(1, 4000), 600, now));
	ck_assert(sends_to(&t, 0, at(1, 4000)));
}
END_TEST

/* A NAT that rebinds: the old port is silent for good, and the packets come
 * from another one of the same address. */
START_TEST(a_silent_source_gives_its_place_up)
{
	struct rtp_symmetric s;
	struct rtp_transport t = fresh(&s);
	mono now = MS(100);

	ck_assert(rtp_passes(&t, at(1, 4000), 1, now));
	now += RTP_LATCH_SILENCE - 1;
	ck_assert(!rtp_passes(&t, at(1, 5000), 5, now));
	now += 1;
	ck_assert(!rtp_passes(&t, at(1, 5000), 6, now));
	ck_assert(!rtp_passes(&t, at(1, 5000), 7, now));
	ck_assert(rtp_passes(&t, at(1, 5000), 8, now));
	ck_assert(sends_to(&t, 0, at(1, 5000)));
	/* strangers have no part in it, however long */
	for (uint16_t i = 0; i < 500; i++)
		ck_assert(!rtp_passes(&t, at(2, 5000), i,
				      SEC(60) + MS(20) * i));
	ck_assert(sends_to(&t, 0, at(1, 5000)));
}
END_TEST

/* A re-INVITE moves the media: the old place sends a little longer. */
START_TEST(a_new_signalled_address_ends_the_latch)
{
	struct rtp_symmetric s;
	struct rtp_transport t = fresh(&s);
	struct addr moved = at(3, 7000), same = at(1, 4000);

	ck_assert(rtp_passes(&t, at(1, 4000), 1, 0));
	rtp_transport_set_remote(&t, 0, &same, MS(10));
	ck_assert(rtp_symmetric_is_latched(&s, 0));
	rtp_transport_set_remote(&t, 0, &moved, MS(20));
	ck_assert(!rtp_symmetric_is_latched(&s, 0));
	ck_assert(sends_to(&t, 0, moved));
	for (uint16_t i = 2; i < 10; i++)
		ck_assert(!rtp_passes(&t, at(1, 4000), i, MS(20 * i)));
	ck_assert(rtp_passes(&t, moved, 100, MS(220)));
	ck_assert(sends_to(&t, 0, moved));
	/* where nobody ever comes from the new place, the old may return */
	rtp_transport_set_remote(&t, 0, &same, SEC(1));
	for (uint16_t i = 0; i < 3; i++)
		ck_assert_int_eq(rtp_passes(&t, at(3, 7000), i,
					    SEC(1) + RTP_LATCH_SILENCE),
				 i == 2);
}
END_TEST

/* A callee talks before its answer is here (RFC 3264 5.1 has the offerer ready
 * for that): what the answer then says is heard at once, be it the place that
 * was heard already, or one behind a NAT. */
START_TEST(packets_ahead_of_the_answer_delay_nothing)
{
	for (unsigned nat = 0; nat < 2; nat++) {
		struct rtp_symmetric s;
		struct rtp_transport t = bare(&s);
		struct addr from = at(1, 4000), said = nat ? at(7, 4000) : from;
		mono now = 0;
		uint16_t seq = 1;

		for (; seq <= 10; seq++, now += MS(20))
			(void)rtp_passes(&t, from, seq, now);
		rtp_transport_set_remote(&t, 0, &said, now);
		ck_assert(sends_to(&t, 0, said));
		for (; seq <= 12; seq++)
			ck_assert(rtp_passes(&t, from, seq, now) == !nat);
		ck_assert(rtp_passes(&t, from, 13, now));
	}
}
END_TEST

/* Signalled is at last what was learned from the packets. */
START_TEST(a_latched_address_may_be_signalled)
{
	struct rtp_symmetric s;
	struct rtp_transport t = fresh(&s);
	struct addr nat = at(9, 5000);

	for (uint16_t i = 0; i < 3; i++)
		(void)rtp_passes(&t, nat, i, 0);
	rtp_transport_set_remote(&t, 0, &nat, MS(20));
	ck_assert(rtp_passes(&t, nat, 3, MS(20)));
	/* and held the old way (c=0.0.0.0), for less than the old place is
	 * refused */
	rtp_transport_set_remote(&t, 0, &(struct addr){ .family = 4 }, MS(40));
	ck_assert(!rtp_passes(&t, nat, 4, MS(60)));
	rtp_transport_set_remote(&t, 0, &nat, MS(80));
	ck_assert(rtp_passes(&t, nat, 5, MS(80)));
}
END_TEST

/* Who was quicker than the peer is put out by it. */
START_TEST(the_signalled_address_takes_its_place_back)
{
	struct rtp_symmetric s;
	struct rtp_transport t = fresh(&s);

	for (uint16_t i = 0; i < 9; i++)
		(void)rtp_passes(&t, at(66, 6666), i, MS(20) * i);
	ck_assert(sends_to(&t, 0, at(66, 6666)));
	ck_assert(rtp_passes(&t, at(1, 4000), 1, MS(200)));
	ck_assert(sends_to(&t, 0, at(1, 4000)));
	for (uint16_t i = 9; i < 20; i++)
		ck_assert(!rtp_passes(&t, at(66, 6666), i, MS(200)));
	/* nor has who comes in its silence any chance */
	for (uint16_t i = 0; i < 200; i++)
		ck_assert(!rtp_passes(&t, at(66, 6666), i,
				      SEC(3) + MS(20) * i));
	ck_assert(sends_to(&t, 0, at(1, 4000)));
}
END_TEST

START_TEST(rtcp_follows_the_address_of_rtp)
{
	struct rtp_symmetric s;
	struct rtp_transport t = fresh(&s);

	ck_assert(!rtcp_passes(&t, at(9, 5001), 0));
	for (uint16_t i = 0; i < 3; i++)
		(void)rtp_passes(&t, at(9, 5000), i, 0);
	ck_assert(rtp_symmetric_is_latched(&s, 0));
	ck_assert(rtcp_passes(&t, at(9, 5001), MS(1)));
	ck_assert(sends_to(&t, 1, at(9, 5001)));
	/* but not from any port of it, while the first is heard */
	ck_assert(!rtcp_passes(&t, at(9, 5999), MS(2)));
	for (unsigned i = 0; i < 40; i++)
		ck_assert(!rtcp_passes(&t, at(66, 5001), SEC(i)));
	/* another port of it when the first was silent for long */
	ck_assert(rtcp_passes(&t, at(9, 5999), SEC(40)));
	/* and elsewhere, when RTP goes elsewhere */
	ck_assert(rtp_passes(&t, at(1, 4000), 1, SEC(41)));
	ck_assert(sends_to(&t, 1, at(1, 4001)));
	ck_assert(!rtcp_passes(&t, at(9, 5999), SEC(41)));
	ck_assert(rtcp_passes(&t, at(1, 4009), SEC(41)));
	/* what RTCP shows of the peer keeps strangers from RTP */
	t = fresh(&s);
	ck_assert(rtcp_passes(&t, at(1, 4001), 0)); /* as signalled */
	for (uint16_t i = 0; i < 99; i++)
		ck_assert(!rtp_passes(&t, at(9, 5000), i, SEC(i)));
}
END_TEST

START_TEST(broken_packets_are_refused)
{
	struct rtp_symmetric s;
	struct rtp_transport t = fresh(&s);
	struct addr from = at(1, 4000);
	struct rtp_transport_in in;
	uint8_t p[32] = { 0x90 }; /* extension wanted */

	rtp_transport_on_datagram(&t, 0, p, 12, &from, 0, &in);
	ck_assert_int_eq(in.kind, RTP_KIND_NONE);
	rtp_transport_on_datagram(&t, 0, p, 0, &from, 0, &in);
	ck_assert_uint_eq(t.refused, 1); /* empty: a keep-alive */
	p[0] = 0xF0;
	rtp_transport_on_datagram(&t, 0, p, 12, &from, 0, &in);
	p[0] = 0x80; /* RTCP of no known type */
	rtp_transport_on_datagram(&t, 1, p, 8, &from, 0, &in);
	rtp_transport_on_datagram(&t, 2, p, 12, &from, 0, &in);
	ck_assert_uint_eq(t.refused, 3);
	ck_assert(!rtp_symmetric_is_latched(&s, 0));
}
END_TEST

static uint32_t attach(struct rtp_transport *t, uint8_t pt)
{
	uint64_t pts[2] = { 0 };

	pts[pt / 64] |= UINT64_C(1) << (pt % 64);
	return rtp_routes_add(rtp_transport_routes(t), pts);
}

/* RFC 8843 9.2 without MID: SSRC once known, else payload type. */
START_TEST(streams_are_told_apart)
{
	struct rtp_symmetric s;
	struct rtp_transport t = fresh(&s);
	struct addr from = at(1, 4000);
	uint32_t a = attach(&t, 0), b;

	ck_assert_uint_ne(a, 0);
	/* alone: whatever comes is its */
	ck_assert_uint_eq(rtp_in(&t, from, 99, 1, 70, 0).route, a);
	b = attach(&t, 96);
	ck_assert_uint_ne(b, a);
	ck_assert_uint_eq(rtp_routes_count(&t.routes), 2);
	ck_assert_uint_eq(rtp_in(&t, from, 96, 1, 100, 0).route, b);
	ck_assert_uint_eq(rtp_in(&t, from, 0, 1, 101, 0).route, a);
	ck_assert_uint_eq(rtp_in(&t, from, 97, 1, 100, 0).route, b);
	ck_assert_uint_eq(rtp_in(&t, from, 97, 1, 102, 0).route, 0);
	ck_assert_uint_eq(rtp_in(&t, from, 97, 1, 0, 0).route, 0);
	rtp_routes_remove(&t.routes, b);
	rtp_routes_remove(&t.routes, b);
	ck_assert_uint_eq(rtp_routes_count(&t.routes), 1);
	ck_assert_uint_eq(rtp_in(&t, from, 96, 1, 100, 0).route, a);
	rtp_routes_remove(&t.routes, a);
	ck_assert_uint_eq(rtp_in(&t, from, 0, 1, 101, 0).route, 0);
	/* a handle of before finds nothing */
	ck_assert_uint_ne(attach(&t, 0), a);
	for (unsigned i = 1; i < RTP_ROUTES; i++)
		ck_assert_uint_ne(attach(&t, 0), 0);
	ck_assert_uint_eq(attach(&t, 0), 0);
}
END_TEST

/* Is all of it for that stream, and for no other? */
static void goes_to(const struct rtp_transport *t, struct slice compound,
		    uint32_t want)
{
	struct rtp_rtcp_walk w = { 0 };
	struct slice packets;
	uint32_t route;

	ck_assert(rtp_routes_rtcp(&t->routes, compound, &w, &route, &packets));
	ck_assert_uint_eq(route, want);
	ck_assert(slice_same(packets, compound));
	ck_assert(!rtp_routes_rtcp(&t->routes, compound, &w, &route,
				   &packets));
}

START_TEST(rtcp_goes_to_the_stream_of_its_source)
{
	struct rtp_symmetric s;
	struct rtp_transport t = fresh(&s);
	struct addr from = at(1, 4000);
	uint32_t a = attach(&t, 0), b = attach(&t, 96);
	uint8_t rr[] = { 0x80, 201, 0, 1, 0, 0, 0, 100 };
	struct rtp_transport_in in;

	rtp_transport_set_mux(&t, true);
	(void)rtp_in(&t, from, 96, 1, 100, 0);
	rtp_transport_on_datagram(&t, 0, rr, sizeof(rr), &from, 0, &in);
	ck_assert_int_eq(in.kind, RTP_KIND_RTCP);
	goes_to(&t, in.datagram, b);
	rr[7] = 55;
	rtp_transport_on_datagram(&t, 0, rr, sizeof(rr), &from, 0, &in);
	goes_to(&t, in.datagram, a);
}
END_TEST

START_TEST(a_changed_payload_type_moves_the_route)
{
	struct rtp_symmetric s;
	struct rtp_transport t = fresh(&s);
	uint64_t pts[2] = { 0, UINT64_C(1) << (97 - 64) };
	uint32_t a = attach(&t, 0), b = attach(&t, 96);

	(void)a;
	rtp_routes_set_pts(&t.routes, b, pts);
	ck_assert_uint_eq(rtp_in(&t, at(1, 4000), 97, 1, 1, 0).route, b);
	ck_assert_uint_eq(rtp_in(&t, at(1, 4000), 96, 1, 2, 0).route, 0);
}
END_TEST

/* -------------------------------------------------------------- sending */

static int send_one(struct rtp_transport *t, enum rtp_kind kind, mono now,
		    unsigned *component, struct addr *to)
{
	uint8_t p[64] = { 0x80 };

	return rtp_transport_send(t, 0, kind, p, 20, sizeof(p), now, component,
				  to);
}

/* The next thing that the transport says itself is an empty datagram. */
static bool keepalive(struct rtp_transport *t, mono now, unsigned *component,
		      struct addr *to)
{
	uint8_t room[1500];
	struct rtp_datagram out;

	rtp_transport_on_time(t, now);
	if (!rtp_transport_poll(t, room, sizeof(room), now, &out))
		return false;
	ck_assert_uint_eq(out.n, 0);
	*component = out.component;
	*to = out.peer;
	return true;
}

START_TEST(components_are_chosen_by_kind_and_mux)
{
	struct rtp_symmetric s, s2;
	struct rtp_transport t = fresh(&s), none = bare(&s2);
	struct addr to, zero = addr_v4(0, 0, 0, 0, 4000);
	unsigned c;

	ck_assert_int_eq(send_one(&t, RTP_KIND_RTP, 0, &c, &to), 20);
	ck_assert_uint_eq(c, 0);
	ck_assert_uint_eq(to.port, 4000);
	ck_assert_int_eq(send_one(&t, RTP_KIND_RTCP, 0, &c, &to), 20);
	ck_assert_uint_eq(c, 1);
	ck_assert_uint_eq(to.port, 4001);
	rtp_transport_set_mux(&t, true);
	ck_assert_int_eq(send_one(&t, RTP_KIND_RTCP, 0, &c, &to), 20);
	ck_assert_uint_eq(c, 0);
	ck_assert_uint_eq(to.port, 4000);
	ck_assert_int_eq(send_one(&none, RTP_KIND_RTP, 0, &c, &to), -ENOTCONN);
	ck_assert(rtp_transport_deadline(&none) == MONO_NEVER);
	rtp_transport_set_remote(&none, 0, &zero, 0); /* hold, old style */
	ck_assert(rtp_transport_deadline(&none) == MONO_NEVER);
	ck_assert(!keepalive(&none, SEC(99), &c, &to));
	ck_assert_int_eq(send_one(&none, RTP_KIND_RTP, 0, &c, &to), -ENOTCONN);
	zero = at(1, 0); /* no port */
	rtp_transport_set_remote(&none, 0, &zero, 0);
	ck_assert(rtp_transport_deadline(&none) == MONO_NEVER);
	ck_assert(!keepalive(&none, SEC(99), &c, &to));
	ck_assert_int_eq(send_one(&none, RTP_KIND_RTP, 0, &c, &to), -ENOTCONN);
}
END_TEST

/* RFC 6263 7: something at least every 15 s, on each component. */
START_TEST(silence_is_broken_by_keep_alives)
{
	struct rtp_symmetric s;
	struct rtp_transport t = fresh(&s);
	struct addr to;
	unsigned c;

	ck_assert(rtp_transport_deadline(&t) == SEC(15));
	ck_assert_int_eq(send_one(&t, RTP_KIND_RTP, SEC(5), &c, &to), 20);
	ck_assert(!keepalive(&t, SEC(15) - 1, &c, &to));
	ck_assert(keepalive(&t, SEC(15), &c, &to));
	ck_assert_uint_eq(c, 1);
	ck_assert_uint_eq(to.port, 4001);
	ck_assert(!keepalive(&t, SEC(15), &c, &to));
	ck_assert(rtp_transport_deadline(&t) == SEC(20));
	ck_assert(keepalive(&t, SEC(20), &c, &to));
	ck_assert_uint_eq(c, 0);
	rtp_transport_set_mux(&t, true);
	ck_assert(!keepalive(&t, SEC(31), &c, &to));
	ck_assert(rtp_transport_deadline(&t) == SEC(35));
	t = bare(&s);
	ck_assert(rtp_transport_deadline(&t) == MONO_NEVER);
	ck_assert(!keepalive(&t, SEC(99), &c, &to));
}
END_TEST

/* A stage that adds one octet and turns all others over, and one that eats
 * DTLS: what a real one will do. */
struct toy {
	unsigned taken;
};

static bool is_media(const struct rtp_datagram *d)
{
	return d->kind == RTP_KIND_RTP || d->kind == RTP_KIND_RTCP;
}

static int toy_send(void *state, struct rtp_datagram *d, mono now)
{
	(void)state, (void)now;
	if (d->n == d->cap)
		return -ENOSPC;
	for (size_t i = RTP_HEADER; i < d->n; i++)
		d->p[i] ^= 0xFF;
	d->p[d->n++] = 0xA5;
	return 0;
}

static enum rtp_verdict toy_receive(void *state, struct rtp_datagram *d,
				    mono now)
{
	(void)now;
	if (d->kind == RTP_KIND_DTLS) {
		((struct toy *)state)->taken++;
		return RTP_TAKEN;
	}
	if (!is_media(d) || d->p[d->n - 1] != 0xA5)
		return RTP_REFUSED;
	d->n--;
	for (size_t i = RTP_HEADER; i < d->n; i++)
		d->p[i] ^= 0xFF;
	return RTP_PASS;
}

START_TEST(stages_change_packets_in_place)
{
	static const struct rtp_stage_ops ops = {
		.name = "toy", .overhead = 1, .receive = toy_receive,
		.send = toy_send,
	};
	struct toy toy = { 0 };
	struct rtp_stage stage = { &ops, &toy };
	struct rtp_symmetric s;
	struct rtp_transport t = fresh(&s);
	struct rtp_transport_in in;
	struct addr to, from = at(1, 4000);
	uint8_t p[20] = { 0 };
	unsigned c;

	ck_assert_uint_eq(rtp_transport_room(&t), 1500 - 28);
	ck_assert_int_eq(rtp_transport_add_stage(&t, &stage), 0);
	ck_assert_uint_eq(rtp_transport_room(&t), 1500 - 29);
	rtp_header_write(p, 0, false, 1, 2, 3);
	memcpy(p + RTP_HEADER, "abcd", 4);
	ck_assert_int_eq(rtp_transport_send(&t, 0, RTP_KIND_RTP, p, 16, 16, 0,
					    &c, &to), -ENOSPC);
	ck_assert_int_eq(rtp_transport_send(&t, 0, RTP_KIND_RTP, p, 16,
					    sizeof(p), 0, &c, &to), 17);
	ck_assert_int_ne(p[RTP_HEADER], 'a');
	rtp_transport_on_datagram(&t, 0, p, 17, &from, 0, &in);
	ck_assert_int_eq(in.kind, RTP_KIND_RTP);
	ck_slice_eq(in.packet.payload, "abcd");
	rtp_transport_on_datagram(&t, 0, p, 16, &from, 0, &in);
	ck_assert_int_eq(in.kind, RTP_KIND_NONE);
	ck_assert_uint_eq(t.refused, 1);
	p[0] = 22; /* DTLS handshake */
	rtp_transport_on_datagram(&t, 0, p, 16, &from, 0, &in);
	ck_assert_int_eq(in.kind, RTP_KIND_NONE);
	ck_assert_uint_eq(toy.taken, 1);
	for (unsigned i = 1; i < RTP_STAGES; i++)
		ck_assert_int_eq(rtp_transport_add_stage(&t, &stage), 0);
	ck_assert_int_eq(rtp_transport_add_stage(&t, &stage), -ENOSPC);
}
END_TEST

/* Sent through the stages from the last to the first, and back. */
static int add_octet(void *state, struct rtp_datagram *d, mono now)
{
	(void)now;
	if (d->n == d->cap)
		return -ENOSPC;
	d->p[d->n++] = *(uint8_t *)state;
	return 0;
}

static enum rtp_verdict take_octet(void *state, struct rtp_datagram *d,
				   mono now)
{
	(void)now;
	return d->p[--d->n] == *(uint8_t *)state ? RTP_PASS : RTP_REFUSED;
}

START_TEST(stages_nest)
{
	static const struct rtp_stage_ops both = {
		.name = "both", .send = add_octet,
		.receive = take_octet, .overhead = 1,
	};
	static const struct rtp_stage_ops none = { .name = "none" };
	uint8_t outer = 1, inner = 2, p[20] = { 0 };
	struct rtp_stage stage[] = { { &both, &outer }, { &none, NULL },
				     { &both, &inner } };
	struct rtp_symmetric s;
	struct rtp_transport t = fresh(&s);
	struct rtp_transport_in in;
	struct addr to, from = at(1, 4000);
	unsigned c;

	for (unsigned i = 0; i < COUNT(stage); i++)
		ck_assert_int_eq(rtp_transport_add_stage(&t, &stage[i]), 0);
	ck_assert_uint_eq(rtp_transport_room(&t), 1500 - 30);
	rtp_header_write(p, 0, false, 1, 2, 3);
	ck_assert_int_eq(rtp_transport_send(&t, 0, RTP_KIND_RTP, p, 12,
					    sizeof(p), 0, &c, &to), 14);
	ck_assert_uint_eq(p[12], 2);
	ck_assert_uint_eq(p[13], 1);
	rtp_transport_on_datagram(&t, 0, p, 14, &from, 0, &in);
	ck_assert_int_eq(in.kind, RTP_KIND_RTP);
	ck_assert_uint_eq(in.datagram.n, 12);
}
END_TEST

SUITE(rtp_transport, the_first_octet_tells_the_protocol,
      the_signalled_address_is_taken_at_once,
      three_packets_in_sequence_latch_another_address,
      packets_that_do_not_hold_together_latch_nothing,
      a_latch_bears_gaps_of_a_hundred, stages_nest,
      a_latched_source_cannot_be_hijacked_while_it_is_heard,
      a_silent_source_gives_its_place_up,
      a_new_signalled_address_ends_the_latch,
      packets_ahead_of_the_answer_delay_nothing,
      a_latched_address_may_be_signalled,
      the_signalled_address_takes_its_place_back,
      rtcp_follows_the_address_of_rtp, broken_packets_are_refused,
      streams_are_told_apart, rtcp_goes_to_the_stream_of_its_source,
      a_changed_payload_type_moves_the_route,
      components_are_chosen_by_kind_and_mux,
      silence_is_broken_by_keep_alives, stages_change_packets_in_place);
