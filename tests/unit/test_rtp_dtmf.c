/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/suites.h"

#include "rtp/rtp_dtmf.h"

enum { TICK = 160 }; /* 20 ms of 8000 Hz */

struct sent {
	struct rtp_dtmf_packet p;
	struct rtp_event v;
	uint32_t at;
};

/* Runs ticks from *now until idle; what was sent. */
static unsigned run(struct rtp_dtmf_tx *t, uint32_t *now, struct sent *out,
		    unsigned cap)
{
	unsigned n = 0;

	while (!rtp_dtmf_tx_idle(t)) {
		struct rtp_dtmf_packet p;
		struct rtp_event v[RTP_EVENTS_MAX];
		unsigned o = rtp_dtmf_tx_on_tick(t, *now, TICK, &p);

		if (o & RTP_DTMF_SEND) {
			ck_assert(o & RTP_DTMF_BUSY);
			ck_assert_int_eq(rtp_event_parse(
				slice_of(p.payload, 4), v, NULL), 1);
			ck_assert_uint_lt(n, cap);
			out[n++] = (struct sent){ p, v[0], *now };
		}
		*now += TICK;
	}
	return n;
}

/* RFC 4733 2.5.1.2, 2.5.1.4: 100 ms at 20 ms: 5 reports 160..800, the last
 * with E and three times in all; one timestamp, M on the first. */
START_TEST(a_digit_is_reported_as_the_rfc_says)
{
	struct rtp_dtmf_tx t;
	struct sent s[16];
	uint32_t now = 0xFFFFFFF0; /* wraps while it lasts */
	unsigned n;

	rtp_dtmf_tx_init(&t, 800, 10);
	ck_assert(rtp_dtmf_tx_idle(&t));
	ck_assert_int_eq(rtp_dtmf_tx_add(&t, 5, 800), 0);
	n = run(&t, &now, s, COUNT(s));
	ck_assert_uint_eq(n, 7);
	for (unsigned i = 0; i < n; i++) {
		ck_assert_uint_eq(s[i].p.ts, 0xFFFFFFF0);
		ck_assert_int_eq(s[i].p.marker, i == 0);
		ck_assert_uint_eq(s[i].v.code, 5);
		ck_assert_uint_eq(s[i].v.volume, 10);
		ck_assert_int_eq(s[i].v.end, i >= 4);
		ck_assert_uint_eq(s[i].v.duration, i < 4 ? 160 * (i + 1) : 800);
		ck_assert_uint_eq(s[i].at, 0xFFFFFFF0 + i * TICK);
	}
}
END_TEST

START_TEST(an_odd_duration_is_reported_exactly)
{
	struct rtp_dtmf_tx t;
	struct sent s[16];
	uint32_t now = 0;

	rtp_dtmf_tx_init(&t, 0, 0);
	ck_assert_int_eq(rtp_dtmf_tx_add(&t, 1, 161), 0);
	ck_assert_uint_eq(run(&t, &now, s, COUNT(s)), 4);
	ck_assert_uint_eq(s[0].v.duration, 160);
	ck_assert_uint_eq(s[1].v.duration, 161);
	ck_assert(s[1].v.end && s[2].v.end && s[3].v.end);
	ck_assert_uint_eq(s[3].v.duration, 161);
}
END_TEST

START_TEST(digits_are_kept_apart_by_the_pause)
{
	struct rtp_dtmf_tx t;
	struct sent s[16];
	uint32_t now = 0;
	unsigned n;

	rtp_dtmf_tx_init(&t, 800, 0);
	ck_assert_int_eq(rtp_dtmf_tx_add(&t, 1, 320), 0);
	ck_assert_int_eq(rtp_dtmf_tx_add(&t, 1, 320), 0);
	n = run(&t, &now, s, COUNT(s));
	ck_assert_uint_eq(n, 8);
	ck_assert_uint_eq(s[0].p.ts, 0);
	/* the tone ended at 320; 320 + 800 = 1120 begins the next */
	ck_assert_uint_eq(s[4].p.ts, 1120);
	ck_assert(s[4].p.marker);
	/* while pausing, the audio plays */
	now = 0;
	rtp_dtmf_tx_init(&t, 800, 0);
	ck_assert_int_eq(rtp_dtmf_tx_add(&t, 1, 160), 0);
	ck_assert_int_eq(rtp_dtmf_tx_add(&t, 2, 160), 0);
	for (unsigned i = 0; i < 3; i++, now += TICK)
		ck_assert_uint_eq(rtp_dtmf_tx_on_tick(&t, now, TICK,
						      &s[0].p),
				  RTP_DTMF_SEND | RTP_DTMF_BUSY);
	ck_assert_uint_eq(rtp_dtmf_tx_on_tick(&t, now, TICK, &s[0].p), 0);
}
END_TEST

/* 2.5.1.3: a full segment without E, the next from its end without M. */
START_TEST(a_long_event_becomes_segments)
{
	struct rtp_dtmf_tx t;
	static struct sent s[900];
	uint32_t now = 0;
	unsigned n, full = 0;

	rtp_dtmf_tx_init(&t, 0, 0);
	ck_assert_int_eq(rtp_dtmf_tx_add(&t, 9, 0xFFFF + 1000), 0);
	n = run(&t, &now, s, COUNT(s));
	for (unsigned i = 0; i < n; i++) {
		ck_assert_int_eq(s[i].p.marker, i == 0);
		full += s[i].v.duration == 0xFFFF;
		if (s[i].v.duration == 0xFFFF)
			ck_assert(!s[i].v.end);
	}
	ck_assert_uint_eq(full, 1);
	ck_assert_uint_eq(s[n - 1].p.ts, 0xFFFF);
	ck_assert_uint_eq(s[n - 1].v.duration, 1000);
	ck_assert(s[n - 1].v.end);
}
END_TEST

START_TEST(the_queue_has_a_bound)
{
	struct rtp_dtmf_tx t;

	rtp_dtmf_tx_init(&t, 0, 0);
	ck_assert_int_eq(rtp_dtmf_tx_add(&t, 1, 0), -EINVAL);
	for (unsigned i = 0; i < RTP_DTMF_QUEUE; i++)
		ck_assert_int_eq(rtp_dtmf_tx_add(&t, 1, 160), 0);
	ck_assert_int_eq(rtp_dtmf_tx_add(&t, 1, 160), -ENOSPC);
}
END_TEST

/* ------------------------------------------------------------- receiving */

struct heard {
	char begun[80], ended[80];
	unsigned b, n;
	uint32_t length[80];
};

static void note(struct heard *h, unsigned out,
		 const struct rtp_dtmf_digit *before,
		 const struct rtp_dtmf_digit *now)
{
	if (out & RTP_DTMF_END_BEFORE) {
		h->length[h->n] = before->duration;
		h->ended[h->n++] = rtp_event_to_char(before->code);
	}
	if (out & RTP_DTMF_BEGIN)
		h->begun[h->b++] = rtp_event_to_char(now->code);
	if (out & RTP_DTMF_END) {
		h->length[h->n] = now->duration;
		h->ended[h->n++] = rtp_event_to_char(now->code);
	}
}

static void feed(struct rtp_dtmf_rx *r, struct heard *h, const struct sent *s,
		 mono now)
{
	struct rtp_dtmf_digit before, digit;
	unsigned out = 0;

	if (now >= rtp_dtmf_rx_deadline(r))
		note(h, rtp_dtmf_rx_on_time(r, now, &digit), &digit, &digit);
	out = rtp_dtmf_rx_on_event(r, &s->v, s->p.ts, s->p.marker, now,
				   &before, &digit);
	note(h, out, &before, &digit);
}

static unsigned dial(const char *digits, struct sent *s, unsigned cap)
{
	struct rtp_dtmf_tx t;
	uint32_t now = 0xFFFFF000;

	rtp_dtmf_tx_init(&t, 800, 10);
	for (; *digits; digits++)
		ck_assert_int_eq(rtp_dtmf_tx_add(
			&t, (uint8_t)rtp_event_of_char(*digits), 800), 0);
	return run(&t, &now, s, cap);
}

START_TEST(each_digit_is_heard_once)
{
	struct rtp_dtmf_rx r = { 0 };
	struct heard h = { 0 };
	struct sent s[64];
	unsigned n = dial("1123#", s, COUNT(s));

	for (unsigned i = 0; i < n; i++)
		feed(&r, &h, &s[i], MS(20) * i);
	ck_assert_str_eq(h.begun, "1123#");
	ck_assert_str_eq(h.ended, "1123#");
	for (unsigned i = 0; i < 5; i++)
		ck_assert_uint_eq(h.length[i], 800);
	ck_assert(rtp_dtmf_rx_deadline(&r) == MONO_NEVER);
}
END_TEST

/* Of 7 packets a digit every subset but the empty one: one begin, one end,
 * in order; the duration is that of the last report that came. */
START_TEST(any_loss_leaves_each_digit_once)
{
	struct sent s[64];
	unsigned n = dial("47", s, COUNT(s));

	ck_assert_uint_eq(n, 14);
	for (unsigned mask = 1; mask < 1u << 14; mask++) {
		struct rtp_dtmf_rx r = { 0 };
		struct heard h = { 0 };
		struct rtp_dtmf_digit d;
		bool one = mask & 0x7F, two = mask >> 7;
		const char *want = one && two ? "47" : one ? "4" : "7";

		for (unsigned i = 0; i < 14; i++)
			if (mask >> i & 1)
				feed(&r, &h, &s[i],
				     MS(20) * i + (i >= 7 ? MS(40) : 0));
		note(&h, rtp_dtmf_rx_on_time(&r, SEC(9), &d), &d, &d);
		ck_assert_str_eq(h.begun, want);
		ck_assert_str_eq(h.ended, want);
		if (mask & 0x70)
			ck_assert_uint_eq(h.length[0], 800);
		if (mask == 3)
			ck_assert_uint_eq(h.length[0], 320);
	}
}
END_TEST

START_TEST(repeated_and_late_reports_begin_nothing)
{
	struct rtp_dtmf_rx r = { 0 };
	struct heard h = { 0 };
	struct sent s[64];
	unsigned n = dial("12", s, COUNT(s));

	for (unsigned i = 0; i < n; i++)
		feed(&r, &h, &s[i], MS(20) * i);
	for (unsigned i = 0; i < n; i++) /* all once more */
		feed(&r, &h, &s[i], SEC(1) + MS(20) * i);
	ck_assert_str_eq(h.begun, "12");
	ck_assert_str_eq(h.ended, "12");
	/* in the middle of the second, the end of the first again */
	r = (struct rtp_dtmf_rx){ 0 };
	h = (struct heard){ 0 };
	for (unsigned i = 0; i < 9; i++)
		feed(&r, &h, &s[i], MS(20) * i);
	feed(&r, &h, &s[6], MS(190));
	feed(&r, &h, &s[13], MS(200));
	ck_assert_str_eq(h.begun, "12");
	ck_assert_str_eq(h.ended, "12");
}
END_TEST

/* A gateway that begins its timestamps anew within the source, at the next
 * digit or while a lost end is waited for: no digit is lost for it. */
START_TEST(timestamps_that_jump_back_lose_no_digit)
{
	static const mono pause[] = { MS(60), SEC(2), SEC(20) };

	for (unsigned k = 0; k < COUNT(pause); k++) {
		struct rtp_dtmf_rx r = { 0 };
		struct heard h = { 0 };
		struct sent s[64];
		unsigned n = dial("12", s, COUNT(s));

		for (unsigned i = 0; i < n; i++) {
			if (i < 7) { /* the ends of the first are lost, once */
				if (k == 0 && s[i].v.end)
					continue;
				feed(&r, &h, &s[i], MS(20) * i);
				continue;
			}
			s[i].p.ts -= 0x20000000;
			feed(&r, &h, &s[i], pause[k] + MS(20) * i);
		}
		ck_assert_str_eq(h.begun, "12");
		ck_assert_str_eq(h.ended, "12");
	}
}
END_TEST

START_TEST(lost_ends_are_noticed_by_time)
{
	struct rtp_dtmf_rx r = { 0 };
	struct heard h = { 0 };
	struct rtp_dtmf_digit d;
	struct sent s[16];

	(void)dial("8", s, COUNT(s));
	feed(&r, &h, &s[0], 0);
	feed(&r, &h, &s[1], MS(20));
	ck_assert(rtp_dtmf_rx_deadline(&r) == MS(220));
	ck_assert_uint_eq(rtp_dtmf_rx_on_time(&r, MS(219), &d), 0);
	ck_assert_uint_eq(rtp_dtmf_rx_on_time(&r, MS(220), &d), RTP_DTMF_END);
	ck_assert_uint_eq(d.code, 8);
	ck_assert_uint_eq(d.duration, 320);
	ck_assert_uint_eq(d.volume, 10);
	feed(&r, &h, &s[6], MS(300)); /* 2.5.2.2: not begun again */
	ck_assert_str_eq(h.begun, "8");
	ck_assert_uint_eq(h.n, 0);
}
END_TEST

START_TEST(segments_add_up_to_one_event)
{
	static struct sent s[900];
	struct rtp_dtmf_tx t;
	struct rtp_dtmf_rx r = { 0 };
	struct heard h = { 0 };
	uint32_t now = 0;
	unsigned n;

	rtp_dtmf_tx_init(&t, 0, 0);
	ck_assert_int_eq(rtp_dtmf_tx_add(&t, 9, 2 * 0xFFFF + 77), 0);
	n = run(&t, &now, s, COUNT(s));
	for (unsigned i = 0; i < n; i++)
		feed(&r, &h, &s[i], MS(20) * i);
	ck_assert_str_eq(h.begun, "9");
	ck_assert_str_eq(h.ended, "9");
	ck_assert_uint_eq(h.length[0], 2 * 0xFFFF + 77);
}
END_TEST

/* The report of a full segment goes out once: without it, or without more, the
 * event goes on all the same (2.5.2.3: what tells is that there is no gap). */
START_TEST(a_lost_end_of_a_segment_makes_no_second_digit)
{
	static struct sent s[900];
	struct rtp_dtmf_tx t;
	uint32_t now = 0;
	unsigned n, full = 0;

	rtp_dtmf_tx_init(&t, 0, 0);
	ck_assert_int_eq(rtp_dtmf_tx_add(&t, 9, 0xFFFF + 1777), 0);
	n = run(&t, &now, s, COUNT(s));
	while (s[full].v.duration != 0xFFFF)
		full++;
	for (unsigned lost = 1; lost < 5; lost++) {
		struct rtp_dtmf_rx r = { 0 };
		struct heard h = { 0 };

		for (unsigned i = 0; i < n; i++)
			if (i > full || i + lost <= full)
				feed(&r, &h, &s[i], MS(20) * i);
		ck_assert_str_eq(h.begun, "9");
		ck_assert_str_eq(h.ended, "9");
		ck_assert_uint_eq(h.length[0], 0xFFFF + 1777);
	}
}
END_TEST

/* In the field: SIPp's first report has no duration, and its end goes out
 * three times under one sequence number; other phones move the timestamp with
 * every report of one event. */
START_TEST(odd_senders_are_understood)
{
	struct rtp_dtmf_rx r = { 0 };
	struct heard h = { 0 };
	struct sent s = { .v = { .code = 1, .volume = 10 },
			  .p = { .ts = 13280, .marker = true } };

	feed(&r, &h, &s, 0);
	ck_assert_uint_eq(h.b, 0); /* 2.3.5 */
	s.p.marker = false;
	for (unsigned i = 1; i < 8; i++) {
		s.v.duration = (uint16_t)(320 * i);
		s.v.end = i == 7;
		feed(&r, &h, &s, MS(20) * i);
	}
	feed(&r, &h, &s, MS(140));
	feed(&r, &h, &s, MS(140));
	ck_assert_str_eq(h.ended, "1");
	ck_assert_uint_eq(h.length[0], 2240);

	r = (struct rtp_dtmf_rx){ 0 };
	h = (struct heard){ 0 };
	for (unsigned i = 1; i < 6; i++) {
		s.p.marker = i == 1;
		s.p.ts = 1000 + 160 * (i - 1);
		s.v.duration = (uint16_t)(160 * i);
		s.v.end = i == 5;
		feed(&r, &h, &s, MS(20) * i);
	}
	s.p.marker = false;
	feed(&r, &h, &s, MS(110)); /* the end again */
	ck_assert_str_eq(h.begun, "1");
	ck_assert_str_eq(h.ended, "1");
	ck_assert_uint_eq(h.length[0], 800);
}
END_TEST

/* The first reports lost, the next digit is known by its code or start. */
START_TEST(digits_run_into_each_other_without_markers)
{
	struct rtp_dtmf_rx r = { 0 };
	struct heard h = { 0 };
	struct sent s = { .v = { .code = 1, .duration = 800 },
			  .p = { .ts = 1000 } };

	feed(&r, &h, &s, 0);
	s.v.code = 2; /* another one, though its start lies within */
	s.p.ts = 1800;
	feed(&r, &h, &s, MS(20));
	s.p.ts = 2700; /* the same code, after the first is over */
	feed(&r, &h, &s, MS(40));
	s.p.ts = 3500; /* shorter than before: another one */
	s.v.duration = 799;
	feed(&r, &h, &s, MS(60));
	s.v.duration = 800; /* marked: another one */
	s.p.ts = 4300;
	s.p.marker = true;
	feed(&r, &h, &s, MS(80));
	s.p.ts = 4200; /* older than what is under way */
	feed(&r, &h, &s, MS(100));
	ck_assert_str_eq(h.begun, "12222");
	ck_assert_str_eq(h.ended, "1222");
}
END_TEST

/* 2.5.2.3: only a segment of the greatest length is gone on with; the same key
 * pressed right after is another digit, whether its begin was lost or not. */
START_TEST(a_digit_at_the_end_of_a_short_one_is_another)
{
	struct rtp_dtmf_rx r = { 0 };
	struct heard h = { 0 };
	struct sent s = { .v = { .code = 5, .duration = 800 },
			  .p = { .ts = 1000 } };

	feed(&r, &h, &s, 0);
	s.p.ts = 1800; /* where the first ends, and shorter so far */
	s.v.duration = 160;
	feed(&r, &h, &s, MS(20));
	ck_assert_str_eq(h.begun, "55");
	ck_assert_str_eq(h.ended, "5");
	s.p.ts = 1800; /* the greatest length; another key at its end */
	s.v.duration = 0xFFFF;
	feed(&r, &h, &s, MS(40));
	s.v = (struct rtp_event){ .code = 6, .duration = 160 };
	s.p.ts = 1800 + 0xFFFF;
	feed(&r, &h, &s, MS(60));
	ck_assert_str_eq(h.begun, "556");
	ck_assert_str_eq(h.ended, "55");
}
END_TEST

START_TEST(a_silent_state_event_is_ignored)
{
	struct rtp_dtmf_rx r = { 0 };
	struct heard h = { 0 };
	struct sent s = { .v = { .code = 1 }, .p = { .ts = 5 } };

	feed(&r, &h, &s, 0);
	ck_assert(rtp_dtmf_rx_deadline(&r) == MONO_NEVER);
	s.v.end = true; /* an end without duration is an end */
	feed(&r, &h, &s, 0);
	ck_assert_str_eq(h.ended, "1");
}
END_TEST

SUITE(rtp_dtmf, a_digit_is_reported_as_the_rfc_says,
      an_odd_duration_is_reported_exactly, digits_are_kept_apart_by_the_pause,
      a_long_event_becomes_segments, the_queue_has_a_bound,
      each_digit_is_heard_once, any_loss_leaves_each_digit_once,
      repeated_and_late_reports_begin_nothing,
      timestamps_that_jump_back_lose_no_digit, lost_ends_are_noticed_by_time,
      digits_run_into_each_other_without_markers,
      a_digit_at_the_end_of_a_short_one_is_another,
      a_silent_state_event_is_ignored, segments_add_up_to_one_event,
      a_lost_end_of_a_segment_makes_no_second_digit,
      odd_senders_are_understood);
