/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/suites.h"

#include "rtp/rtp_breaker.h"

enum { TICK = 20 };

/* Sends each 20 ms from then, for ms; when it stopped, or the end. */
static mono speak(struct rtp_breaker *b, mono heard, mono from, unsigned ms,
		  enum rtp_breaker_state *state)
{
	*state = RTP_BREAKER_CLOSED;
	for (unsigned t = 0; t < ms; t += TICK) {
		*state = rtp_breaker_on_send(b, heard, from + MS(t));
		if (*state != RTP_BREAKER_CLOSED)
			return from + MS(t);
	}
	return from + MS(ms);
}

/* A report each 5 s, with that number of ours, while we send; the last comes
 * after n times 5 s.  When it stopped. */
static mono reported(struct rtp_breaker *b, uint32_t highest, unsigned step,
		     unsigned n, mono from, enum rtp_breaker_state *state)
{
	mono at = from;

	*state = RTP_BREAKER_CLOSED;
	for (unsigned i = 1; i <= n && *state == RTP_BREAKER_CLOSED; i++) {
		struct rtp_report r = { .on_us = true, .rtt = MS(100),
					.highest = highest + i * step };

		at = speak(b, at, at, 5000, state);
		if (*state == RTP_BREAKER_CLOSED)
			rtp_breaker_on_report(b, &r, at);
	}
	return at;
}

/* 4: an endpoint without RTCP, or with reports that never are on anybody, is
 * sent to for ever. */
START_TEST(a_peer_that_never_reported_breaks_nothing)
{
	static const struct rtp_report on_nobody = { .on_us = false };
	struct rtp_breaker b = { 0 };
	enum rtp_breaker_state state;

	(void)speak(&b, 0, 0, 3600000, &state);
	ck_assert_int_eq(state, RTP_BREAKER_CLOSED);
	for (unsigned i = 0; i < 100; i++) {
		rtp_breaker_on_report(&b, &on_nobody, SEC(3600 + 5 * i));
		(void)speak(&b, 0, SEC(3600 + 5 * i), 5000, &state);
		ck_assert_int_eq(state, RTP_BREAKER_CLOSED);
	}
}
END_TEST

/* 4.1: 3 Td of 5 s after the last report. */
START_TEST(fifteen_seconds_of_silence_break_it)
{
	struct rtp_breaker b = { 0 };
	enum rtp_breaker_state state;
	mono last = reported(&b, 1000, 250, 4, 0, &state);

	ck_assert_int_eq(last, SEC(20));
	ck_assert_int_eq(speak(&b, last, last, 60000, &state), SEC(35));
	ck_assert_int_eq(state, RTP_BREAKER_SILENT);
	ck_assert(!rtp_breaker_rests(&b, SEC(35))); /* the first packet */

	/* Its RTP comes: it reports no more, and is there all the same. */
	b = (struct rtp_breaker){ 0 };
	last = reported(&b, 1000, 250, 4, 0, &state);
	for (unsigned i = 0; i < 60; i++) {
		(void)speak(&b, SEC(20 + i), SEC(20 + i), 1000, &state);
		ck_assert_int_eq(state, RTP_BREAKER_CLOSED);
	}
	/* ... until that ceases, too: 15 s after 79 s */
	ck_assert_int_eq(speak(&b, SEC(79), SEC(80), 60000, &state), SEC(94));
	ck_assert_int_eq(state, RTP_BREAKER_SILENT);
}
END_TEST

/* RFC 3550 6.4: who heard nothing since its last report leaves the block out.
 * Its sound comes all the while. */
START_TEST(reports_on_nobody_break_it)
{
	static const struct rtp_report on_nobody = { .on_us = false };
	struct rtp_breaker b = { 0 };
	enum rtp_breaker_state state;
	mono at = reported(&b, 1000, 250, 4, 0, &state);

	for (unsigned i = 0; i < 2; i++) {
		at = speak(&b, MONO_NEVER, at, 5000, &state);
		rtp_breaker_on_report(&b, &on_nobody, at);
	}
	ck_assert_int_eq(at, SEC(30));
	/* 20 s and 15 s; and it rests for as long */
	ck_assert_int_eq(speak(&b, MONO_NEVER, at, 60000, &state), SEC(35));
	ck_assert_int_eq(state, RTP_BREAKER_LOST);
	ck_assert(rtp_breaker_rests(&b, SEC(50) - 1));
	ck_assert(!rtp_breaker_rests(&b, SEC(50)));
	/* then all is as after the first packet */
	ck_assert_int_eq(speak(&b, MONO_NEVER, SEC(50), 15000, &state),
			 SEC(65));
	ck_assert_int_eq(state, RTP_BREAKER_CLOSED);
}
END_TEST

/* 4.2: five in a row that say the same.  The fourth of ten is one more than the
 * third: it begins anew. */
START_TEST(five_reports_of_nothing_new_break_it)
{
	struct rtp_breaker b = { 0 };
	enum rtp_breaker_state state;
	mono at = reported(&b, 1000, 250, 4, 0, &state);

	ck_assert_int_eq(at, SEC(20));
	at = reported(&b, 2000, 0, 4, at, &state); /* 2000 was the last */
	ck_assert_int_eq(at, SEC(40));
	ck_assert_int_eq(state, RTP_BREAKER_CLOSED);
	at = reported(&b, 2001, 0, 5, at, &state); /* one is new, four not */
	ck_assert_int_eq(at, SEC(65));
	ck_assert_int_eq(state, RTP_BREAKER_CLOSED);
	/* The fifth comes at 70 s, 25 s after the last that was new. */
	at = reported(&b, 2001, 0, 9, at, &state);
	ck_assert_int_eq(at, SEC(70));
	ck_assert_int_eq(state, RTP_BREAKER_LOST);
	ck_assert(rtp_breaker_rests(&b, SEC(95) - 1));
	ck_assert(!rtp_breaker_rests(&b, SEC(95)));
}
END_TEST

/* Numbers are extended to 32 bits, and begin anew there (RFC 3550 A.1). */
START_TEST(numbers_pass_their_end)
{
	struct rtp_breaker b = { 0 };
	enum rtp_breaker_state state;

	(void)reported(&b, UINT32_MAX - 500, 250, 20, 0, &state);
	ck_assert_int_eq(state, RTP_BREAKER_CLOSED);
}
END_TEST

/* 4.2, Tf and Tr: what was not sent cannot arrive, and what is on its way has
 * not yet.  Ten reports a second, of a peer 300 ms away: each third counts, so
 * that it takes ceil(5 * 300 / 100) = 15 of them. */
START_TEST(a_report_counts_a_round_trip_after_a_packet)
{
	struct rtp_report r = { .on_us = true, .rtt = MS(300), .highest = 7 };
	struct rtp_breaker b = { 0 };
	enum rtp_breaker_state state;
	unsigned n = 0;
	mono at = 0;

	rtp_breaker_on_report(&b, &r, at);
	for (unsigned i = 0; i < 100; i++) /* nothing is sent */
		rtp_breaker_on_report(&b, &r, MS(100) * i);
	at = SEC(10);
	for (state = RTP_BREAKER_CLOSED; !state; n++) {
		at = speak(&b, at, at, 100, &state);
		rtp_breaker_on_report(&b, &r, at);
	}
	/* the sixteenth packet after the fifteenth report is the first that is
	 * held back */
	ck_assert_uint_eq(n, 16);
	ck_assert_int_eq(at, SEC(10) + MS(1500));
	ck_assert_int_eq(state, RTP_BREAKER_LOST);
}
END_TEST

/* Who was silent for 5 s, or was described anew, is counted from then. */
START_TEST(a_pause_of_ours_begins_anew)
{
	struct rtp_breaker b = { 0 };
	enum rtp_breaker_state state;
	mono at = reported(&b, 1000, 250, 4, 0, &state);

	(void)speak(&b, at, at, TICK, &state);
	ck_assert_int_eq(speak(&b, at, SEC(80), 60000, &state), SEC(95));
	ck_assert_int_eq(state, RTP_BREAKER_SILENT);
	b = (struct rtp_breaker){ 0 };
	at = reported(&b, 1000, 250, 4, 0, &state);
	at = speak(&b, at, at, 14000, &state);
	rtp_breaker_renew(&b, at);
	ck_assert_int_eq(speak(&b, 0, at, 60000, &state), SEC(34 + 15));
}
END_TEST

SUITE(rtp_breaker, a_peer_that_never_reported_breaks_nothing,
      fifteen_seconds_of_silence_break_it, reports_on_nobody_break_it,
      five_reports_of_nothing_new_break_it, numbers_pass_their_end,
      a_report_counts_a_round_trip_after_a_packet,
      a_pause_of_ours_begins_anew);
