/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/suites.h"

#include "rtp/rtp_latch.h"

enum { PEER = 1, HOST = 2, OTHER = 3, ATTACKER = 66 };

static struct addr at(uint8_t host, uint16_t port)
{
	return addr_v4(192, 0, 2, host, port);
}

/* The description says PEER:4000, signalling comes from HOST. */
static struct rtp_latch fresh(void)
{
	struct rtp_latch l = { 0 };
	struct addr said = at(PEER, 4000), host = at(HOST, 5060);

	ck_assert(rtp_latch_signal(&l, &said, 0));
	rtp_latch_set_host(&l, &host);
	return l;
}

static bool passes(struct rtp_latch *l, struct addr from, uint16_t seq,
		   mono now)
{
	bool moved = false;

	return rtp_latch_admit(l, &from, 7, &seq, now, &moved);
}

/* n packets, 20 ms apart, from there; how many passed. */
static unsigned flood(struct rtp_latch *l, struct addr from, unsigned n,
		      mono now)
{
	unsigned passed = 0;

	for (unsigned i = 0; i < n; i++)
		passed += passes(l, from, (uint16_t)i, now + MS(20) * i);
	return passed;
}

static bool sends_to(const struct rtp_latch *l, struct addr a)
{
	struct addr r = rtp_latch_remote(l);

	return addr_same(&r, &a);
}

START_TEST(sources_are_ranked_by_what_was_signalled)
{
	static const struct {
		uint8_t host;
		uint16_t port;
		enum rtp_rank rank;
	} row[] = {
		{ PEER, 4000, RTP_SIGNALLED }, { PEER, 4002, RTP_NEAR },
		{ HOST, 4000, RTP_NEAR },      { HOST, 5060, RTP_NEAR },
		{ OTHER, 4000, RTP_STRANGER },
	};
	struct rtp_latch l = fresh(), none = { 0 };

	for (size_t i = 0; i < COUNT(row); i++) {
		struct addr a = at(row[i].host, row[i].port);

		ck_assert_int_eq(rtp_latch_rank(&l, &a), row[i].rank);
		ck_assert_int_eq(rtp_latch_rank(&none, &a), RTP_STRANGER);
	}
}
END_TEST

/* First a stranger, then signalling's address, then the description's: each
 * with its first packet, and there is no way back. */
START_TEST(a_higher_rank_displaces_a_lower_at_once)
{
	struct rtp_latch l = fresh();

	ck_assert_uint_eq(flood(&l, at(ATTACKER, 6666), 9, 0), 7);
	ck_assert(sends_to(&l, at(ATTACKER, 6666)));
	ck_assert(passes(&l, at(HOST, 9000), 1, MS(190)));
	ck_assert(sends_to(&l, at(HOST, 9000)));
	ck_assert_uint_eq(flood(&l, at(ATTACKER, 6666), 9, MS(200)), 0);
	ck_assert(passes(&l, at(PEER, 4000), 1, MS(390)));
	ck_assert(sends_to(&l, at(PEER, 4000)));
	ck_assert_uint_eq(flood(&l, at(HOST, 9000), 9, MS(400)), 0);
	ck_assert(sends_to(&l, at(PEER, 4000)));
}
END_TEST

/* Not after 2 s, not after a minute, not with any port. */
START_TEST(a_stranger_has_no_chance_once_the_peer_was_heard)
{
	const struct addr heard[] = { at(PEER, 4000), at(PEER, 9),
				      at(HOST, 9) };

	for (size_t i = 0; i < COUNT(heard); i++) {
		struct rtp_latch l = fresh();

		ck_assert(passes(&l, heard[i], 1, 0));
		ck_assert_uint_eq(flood(&l, at(ATTACKER, 6666), 200, SEC(3)),
				  0);
		ck_assert_uint_eq(flood(&l, at(ATTACKER, 1), 200, SEC(60)), 0);
		ck_assert(sends_to(&l, heard[i]));
	}
}
END_TEST

/* The peer goes to another port, or says "nowhere" (hold of RFC 2543) and comes
 * back: it is the same peer.  On another host it is to be heard anew. */
START_TEST(a_peer_that_was_heard_stays_so_while_it_moves_at_home)
{
	struct addr port = at(PEER, 4002), any = { .family = 4, .port = 4000 },
		    moved = at(OTHER, 4000);
	struct rtp_latch l = fresh();

	ck_assert(passes(&l, at(PEER, 4000), 1, 0));
	ck_assert(rtp_latch_signal(&l, &port, SEC(1)));
	ck_assert_uint_eq(flood(&l, at(ATTACKER, 6666), 99, SEC(5)), 0);
	ck_assert(rtp_latch_signal(&l, &any, SEC(10)));
	ck_assert_uint_eq(flood(&l, at(ATTACKER, 6666), 99, SEC(15)), 0);
	ck_assert(rtp_latch_signal(&l, &port, SEC(20)));
	ck_assert_uint_eq(flood(&l, at(ATTACKER, 6666), 99, SEC(25)), 0);
	ck_assert(passes(&l, port, 1, SEC(30)));
	ck_assert(rtp_latch_signal(&l, &moved, SEC(40)));
	ck_assert(!rtp_latch_signal(&l, &moved, SEC(40)));
	ck_assert_uint_eq(flood(&l, at(7, 7777), 9, SEC(45)), 7);
}
END_TEST

/* What comes by the other component tells as much. */
START_TEST(rtcp_of_the_peer_puts_a_stranger_out)
{
	struct rtp_latch l = fresh();
	struct addr rtcp = at(PEER, 4001), far = at(ATTACKER, 6667);

	ck_assert_uint_eq(flood(&l, at(ATTACKER, 6666), 9, 0), 7);
	rtp_latch_note(&l, &far);
	ck_assert(sends_to(&l, at(ATTACKER, 6666)));
	rtp_latch_note(&l, &rtcp);
	ck_assert(sends_to(&l, at(PEER, 4000)));
	ck_assert_uint_eq(flood(&l, at(ATTACKER, 6666), 99, SEC(9)), 0);
}
END_TEST

/* Two strangers: who has the place keeps it while it is heard. */
START_TEST(strangers_wait_for_each_other)
{
	struct rtp_latch l = fresh();

	ck_assert_uint_eq(flood(&l, at(7, 7777), 9, 0), 7);
	ck_assert_uint_eq(flood(&l, at(ATTACKER, 6666), 9, MS(200)), 0);
	ck_assert_uint_eq(flood(&l, at(7, 8888), 9, MS(160) +
				RTP_LATCH_SILENCE), 7);
	ck_assert(sends_to(&l, at(7, 8888)));
}
END_TEST

/* RTCP: the port that was signalled for it, and RTP's address; a former latch
 * ends when RTP goes elsewhere. */
START_TEST(rtcp_is_never_apart_from_rtp)
{
	struct rtp_latch l = { 0 };
	struct addr said = at(PEER, 4001), rtp = at(PEER, 4000),
		    far = at(ATTACKER, 6666), nat = at(9, 5000);
	bool moved = false;

	ck_assert(rtp_latch_signal(&l, &said, 0));
	for (unsigned i = 0; i < 99; i++)
		ck_assert(!rtp_latch_admit_rtcp(&l, &rtp, &far, SEC(i),
						&moved));
	ck_assert(!moved);
	ck_assert(!rtp_latch_admit_rtcp(&l, &(struct addr){ 0 }, &nat, 0,
					&moved));
	ck_assert(rtp_latch_admit_rtcp(&l, &nat, &nat, 0, &moved) && moved);
	ck_assert(sends_to(&l, nat));
	rtp_latch_follow(&l, &nat);
	ck_assert(sends_to(&l, nat));
	rtp_latch_follow(&l, &rtp);
	ck_assert(sends_to(&l, said));
	ck_assert(rtp_latch_admit_rtcp(&l, &rtp, &said, 0, &moved));
	rtp_latch_follow(&l, &nat); /* signalled apart: so be it */
	ck_assert(sends_to(&l, said));
}
END_TEST

SUITE(rtp_latch, rtcp_of_the_peer_puts_a_stranger_out,
      sources_are_ranked_by_what_was_signalled,
      a_higher_rank_displaces_a_lower_at_once,
      a_stranger_has_no_chance_once_the_peer_was_heard,
      a_peer_that_was_heard_stays_so_while_it_moves_at_home,
      strangers_wait_for_each_other, rtcp_is_never_apart_from_rtp);
