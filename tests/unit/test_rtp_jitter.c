/* SPDX-License-Identifier: BSD-2-Clause
 * The buffer between a simulated sender and a consumer that pulls 10 ms at a
 * time, under delay schedules.  Invariants of every run: numbers rise, none is
 * played twice, and what is played is what was sent. */
#include "tests/unit/suites.h"

#include <stdlib.h>

#include "rtp/rtp_jitter.h"

enum { RATE = 8000, FRAME = 160, QUANTUM = 80, PACKETS = 6000 };

struct sim {
	struct mem mem;
	struct rtp_jitter j;
	mono arrival[PACKETS]; /* MONO_NEVER: lost */
	uint32_t ts[PACKETS];
	unsigned n;
	uint16_t first_seq;
	uint32_t first_ts;

	/* outcome */
	unsigned played, shrunk, waits;
	uint64_t concealed, stretched;
	int last; /* index of the packet played last */
	bool quiet;
	uint64_t random;
	uint32_t fifo;
	mono now;
	uint32_t worst_delay; /* ms, of what was played */
};

static uint32_t rnd(struct sim *s, uint32_t below)
{
	s->random = s->random * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)((s->random >> 33) % below);
}

static struct sim *sim_new(const struct rtp_jitter_config *cfg)
{
	static const struct rtp_jitter_config usual = { .rate = RATE,
							.frame = FRAME };
	struct sim *s = calloc(1, sizeof(*s));

	ck_assert_ptr_nonnull(s);
	mem_init(&s->mem, 0);
	rtp_jitter_init(&s->j, &s->mem, cfg ? cfg : &usual, 0);
	s->n = PACKETS;
	s->first_seq = 65000; /* wraps after 536 */
	s->first_ts = 0xFFFF0000;
	s->last = -1;
	s->random = 42;
	for (unsigned i = 0; i < PACKETS; i++)
		s->ts[i] = s->first_ts + i * FRAME;
	return s;
}

static void sim_free(struct sim *s)
{
	rtp_jitter_fini(&s->j);
	ck_assert_uint_eq(s->mem.blocks, 0);
	free(s);
}

static void put(struct sim *s, unsigned i, mono when)
{
	uint32_t content = i;
	struct rtp_packet p = { .seq = (uint16_t)(s->first_seq + i),
				.ts = s->ts[i],
				.payload = slice_of(&content, 4) };

	(void)rtp_jitter_put(&s->j, &p, when);
}

static void took(struct sim *s, const struct rtp_jitter_frame *f)
{
	uint32_t i;

	ck_assert_uint_eq(f->payload.n, 4);
	memcpy(&i, f->payload.p, 4);
	ck_assert_int_gt((int)i, s->last);
	ck_assert_uint_eq(f->seq, (uint16_t)(s->first_seq + i));
	ck_assert_uint_eq(f->ts, s->ts[i]);
	s->last = (int)i;
	s->played++;
}

/* One 10 ms period of the consumer. */
static void pull(struct sim *s)
{
	struct rtp_jitter_frame f;
	uint32_t n;

	for (unsigned guard = 0; s->fifo < QUANTUM; guard++) {
		ck_assert_uint_lt(guard, 2 * RTP_JITTER_SLOTS);
		n = QUANTUM;
		switch (rtp_jitter_get(&s->j, s->now, s->quiet, &f)) {
		case RTP_JITTER_WAIT:
			s->waits++;
			break;
		case RTP_JITTER_PLAY:
			took(s, &f);
			n = FRAME;
			if (s->j.stats.delay_ms > s->worst_delay)
				s->worst_delay = s->j.stats.delay_ms;
			break;
		case RTP_JITTER_CONCEAL:
			if (f.samples && f.samples < n)
				n = f.samples;
			s->concealed += n;
			break;
		case RTP_JITTER_STRETCH:
			ck_assert_uint_eq(f.samples, FRAME);
			n = f.samples;
			s->stretched += n;
			break;
		case RTP_JITTER_SHRINK:
			took(s, &f);
			s->played--;
			s->shrunk++;
			rtp_jitter_advance(&s->j, FRAME);
			continue;
		}
		rtp_jitter_advance(&s->j, n);
		s->fifo += n;
	}
	s->fifo -= QUANTUM;
}

/* Packets in the order of their arrival, between pulls every 10 ms. */
static void run(struct sim *s, mono from, mono until)
{
	for (s->now = from; s->now < until; s->now += MS(10)) {
		for (;;) { /* next to arrive in (now - 10 ms, now] */
			unsigned best = s->n;

			for (unsigned i = 0; i < s->n; i++) {
				if (s->arrival[i] > s->now)
					continue;
				if (best == s->n ||
				    s->arrival[i] < s->arrival[best])
					best = i;
			}
			if (best == s->n)
				break;
			put(s, best, s->arrival[best]);
			s->arrival[best] = MONO_NEVER;
		}
		pull(s);
	}
}

/* Only the packets near now are looked at: schedules are nearly sorted. */
static void run_sorted(struct sim *s, mono until)
{
	unsigned base = 0;

	for (s->now = 0; s->now < until; s->now += MS(10)) {
		unsigned end = base + 200 < s->n ? base + 200 : s->n;

		for (;;) {
			unsigned best = s->n;

			for (unsigned i = base; i < end; i++)
				if (s->arrival[i] <= s->now &&
				    (best == s->n ||
				     s->arrival[i] < s->arrival[best]))
					best = i;
			if (best == s->n)
				break;
			put(s, best, s->arrival[best]);
			s->arrival[best] = MONO_NEVER;
		}
		while (base < s->n && s->arrival[base] == MONO_NEVER)
			base++;
		pull(s);
	}
}

START_TEST(a_perfect_network_plays_all_after_the_least_delay)
{
	struct sim *s = sim_new(NULL);

	for (unsigned i = 0; i < s->n; i++)
		s->arrival[i] = MS(20) * i;
	run_sorted(s, MS(20) * PACKETS + MS(100));
	ck_assert_uint_eq(s->played, PACKETS);
	ck_assert_uint_eq(s->shrunk + s->stretched, 0);
	/* 20 ms of delay; the end is concealed for 100 ms at most */
	ck_assert_uint_le(s->worst_delay, 30);
	ck_assert_uint_le(s->waits, 2 + 3);
	ck_assert_uint_le(s->concealed, 800);
	ck_assert_uint_eq(rtp_jitter_stats(&s->j).target_ms, 20);
	ck_assert_uint_eq(rtp_jitter_stats(&s->j).played, PACKETS);
	ck_assert_uint_eq(rtp_jitter_stats(&s->j).overflow, 0);
	ck_assert_uint_eq(rtp_jitter_stats(&s->j).resyncs, 0);
	ck_assert_uint_eq(rtp_jitter_stats(&s->j).concealed, s->concealed);
	sim_free(s);
}
END_TEST

/* The clock may stand anywhere when the stream begins. */
START_TEST(time_counts_from_the_start)
{
	struct rtp_jitter_config cfg = { .rate = 48000, .frame = 960,
					 .min_ms = 600, .max_ms = 40 };
	struct mem m;
	struct rtp_jitter j;
	struct rtp_jitter_frame f;
	struct rtp_packet p = { .seq = 1, .ts = 9, .payload = S("a") };

	mem_init(&m, 0);
	rtp_jitter_init(&j, &m, &cfg, SEC(100000));
	ck_assert_int_eq(rtp_jitter_put(&j, &p, SEC(100001)),
			 RTP_JITTER_STORED);
	/* a maximum below the minimum is the minimum */
	ck_assert_int_eq(rtp_jitter_get(&j, SEC(100001) + MS(599), false, &f),
			 RTP_JITTER_WAIT);
	ck_assert_int_eq(rtp_jitter_get(&j, SEC(100001) + MS(600), false, &f),
			 RTP_JITTER_PLAY);
	ck_assert_uint_eq(rtp_jitter_stats(&j).delay_ms, 600);
	ck_assert_uint_eq(rtp_jitter_stats(&j).target_ms, 600);
	rtp_jitter_fini(&j);
	ck_assert_uint_eq(m.blocks, 0);
}
END_TEST

/* Of 256 packets four may need more than the delay, the fifth counts. */
START_TEST(a_few_outliers_do_not_count)
{
	for (unsigned n = 4; n <= 5; n++) {
		struct sim *s = sim_new(NULL);

		for (unsigned i = 0; i < 512; i++)
			put(s, i, MS(20) * i +
				  (i >= 300 && i % 40 == 0 &&
				   i < 320 + n * 40 ? MS(90) : 0));
		ck_assert_uint_eq(rtp_jitter_stats(&s->j).target_ms,
				  n == 4 ? 20 : 90);
		sim_free(s);
	}
}
END_TEST

/* The first packets came in a burst, late by L, L - 19, L - 38 ... ms; the
 * others at once.  So the first one plays L after it was sent.  With 128, 192
 * and 256 packets the third, fourth and fifth of the late ones set the target
 * (2.56, 3.84, 5.12 s), then they leave the window.  What lies 30 ms above the
 * target (a frame and 10 ms) for a second is cut by a frame; for 60 ms while
 * the output is quiet; for 200 ms when it lies 100 ms above that. */
START_TEST(surplus_is_cut_at_its_pace)
{
	static const struct {
		unsigned late; /* L */
		bool quiet;
		mono until;
		unsigned shrunk;
	} t[] = {
		/* 80 > 42 + 30; 60 > 23 + 30 */
		{ 80, false, MS(3500), 0 },  { 80, false, MS(3700), 1 },
		{ 80, false, MS(4780), 1 },  { 80, false, MS(5000), 2 },
		{ 80, false, MS(9000), 2 },  { 80, true, MS(2500), 0 },
		{ 80, true, MS(2700), 1 },   { 80, true, MS(3800), 1 },
		{ 80, true, MS(4000), 2 },
		/* 300 > 262 + 30; 280 > 243 + 30; from 5.2 s on the target
		 * is 20: six times in 200 ms from 260 to 140 */
		{ 300, false, MS(3500), 0 }, { 300, false, MS(3700), 1 },
		{ 300, false, MS(5100), 2 }, { 300, false, MS(6700), 8 },
		{ 300, false, MS(7200), 8 }, { 300, false, MS(7700), 9 },
	};

	for (unsigned k = 0; k < COUNT(t); k++) {
		struct sim *s = sim_new(NULL);

		s->n = 500;
		s->quiet = t[k].quiet;
		for (unsigned i = 0; i < s->n; i++)
			s->arrival[i] = MS(20) * i;
		for (unsigned i = 0; 19 * i < t[k].late; i++)
			s->arrival[i] = MS(t[k].late) + MS(i);
		run(s, 0, t[k].until);
		ck_assert_uint_eq(s->shrunk, t[k].shrunk);
		ck_assert_uint_eq(rtp_jitter_stats(&s->j).shrunk, s->shrunk);
		ck_assert_uint_eq(s->stretched, 0);
		sim_free(s);
	}
}
END_TEST

/* 10 % lost at random: each hole is concealed for exactly its length. */
START_TEST(holes_are_concealed_for_their_length)
{
	struct sim *s = sim_new(NULL);
	unsigned lost = 0;

	for (unsigned i = 0; i < s->n; i++) {
		s->arrival[i] = MS(20) * i;
		if (i > 10 && i < s->n - 10 && rnd(s, 10) == 0) {
			s->arrival[i] = MONO_NEVER;
			lost++;
		}
	}
	run_sorted(s, MS(20) * PACKETS + MS(100));
	ck_assert_uint_eq(s->played + s->shrunk, PACKETS - lost);
	ck_assert_uint_eq(rtp_jitter_stats(&s->j).late, 0);
	/* what was made up stands for what was lost, but for the growth of
	 * the delay by bursts and its cutting */
	ck_assert_uint_ge(s->concealed, (uint64_t)lost * FRAME - 2 * FRAME);
	ck_assert_uint_le(s->concealed + s->stretched,
			  (uint64_t)lost * FRAME +
				  (s->shrunk + 6) * (uint64_t)FRAME);
	sim_free(s);
}
END_TEST

/* Uniform 0..60 ms of jitter: two packets in a hundred may be late. */
START_TEST(the_delay_covers_jitter)
{
	struct sim *s = sim_new(NULL);

	for (unsigned i = 0; i < s->n; i++)
		s->arrival[i] = MS(20) * i + US(rnd(s, 60000));
	run_sorted(s, MS(20) * PACKETS);
	ck_assert_uint_ge(s->played, PACKETS * 97 / 100);
	ck_assert_uint_ge(rtp_jitter_stats(&s->j).target_ms, 50);
	ck_assert_uint_le(rtp_jitter_stats(&s->j).target_ms, 60);
	ck_assert_uint_le(s->worst_delay, 120);
	sim_free(s);
}
END_TEST

/* 30 s of 0..200 ms jitter, then a calm network: the delay comes down. */
START_TEST(the_delay_falls_again)
{
	struct sim *s = sim_new(NULL);

	for (unsigned i = 0; i < s->n; i++)
		s->arrival[i] = MS(20) * i + (i < 1500 ?
			US(rnd(s, 200000)) : 0);
	run_sorted(s, SEC(29));
	ck_assert_uint_ge(rtp_jitter_stats(&s->j).delay_ms, 150);
	s->now = 0;
	sim_free(s);

	s = sim_new(NULL);
	for (unsigned i = 0; i < s->n; i++)
		s->arrival[i] = MS(20) * i + (i < 1500 ?
			US(rnd(s, 200000)) : 0);
	run_sorted(s, SEC(60));
	ck_assert_uint_le(rtp_jitter_stats(&s->j).delay_ms, 60);
	ck_assert_uint_eq(rtp_jitter_stats(&s->j).target_ms, 20);
	ck_assert_uint_ge(s->shrunk, 4);
	sim_free(s);
}
END_TEST

/* A step of 150 ms, for good: nothing is lost, the pause is made up once, and
 * afterwards the buffer holds no more than before. */
START_TEST(a_step_in_delay_loses_nothing)
{
	struct sim *s = sim_new(NULL);

	for (unsigned i = 0; i < s->n; i++)
		s->arrival[i] = MS(20) * i + (i >= 1000 ? MS(150) : 0);
	run_sorted(s, SEC(60));
	ck_assert_uint_eq(s->played + s->shrunk, (unsigned)s->last + 1);
	ck_assert_uint_eq(rtp_jitter_stats(&s->j).late, 0);
	ck_assert_uint_le(rtp_jitter_stats(&s->j).delay_ms, 50);
	ck_assert_uint_le(s->concealed + s->stretched, MS(300) / US(125));
	/* and back: the surplus is cut within seconds */
	sim_free(s);
	s = sim_new(NULL);
	for (unsigned i = 0; i < s->n; i++)
		s->arrival[i] = MS(20) * i + (i < 1000 ? MS(150) : 0);
	run_sorted(s, SEC(40));
	ck_assert_uint_le(rtp_jitter_stats(&s->j).delay_ms, 60);
	sim_free(s);
}
END_TEST

/* A path that is slower from now on by more than the buffer ever holds: what
 * comes is played, not thrown out as too old. */
START_TEST(a_step_beyond_the_greatest_delay_mutes_nothing)
{
	static const mono step[] = { MS(400), MS(600), MS(1000), MS(1900) };

	for (unsigned k = 0; k < COUNT(step); k++) {
		struct sim *s = sim_new(NULL);

		s->n = 2000;
		for (unsigned i = 0; i < s->n; i++)
			s->arrival[i] = MS(20) * i +
					(i >= 1000 ? step[k] : 0);
		run_sorted(s, SEC(45));
		ck_assert_uint_eq(s->played + s->shrunk, 2000);
		ck_assert_uint_le(s->shrunk, 2);
		ck_assert_uint_eq(rtp_jitter_stats(&s->j).late, 0);
		ck_assert_uint_le(rtp_jitter_stats(&s->j).delay_ms, 50);
		sim_free(s);
	}
}
END_TEST

/* Timestamps that go ahead by less than what is bridged: no sender of this
 * network was ever so slow, and the delay is what it was within a second. */
START_TEST(a_step_ahead_is_no_jitter)
{
	struct sim *s = sim_new(NULL);

	s->n = 1060;
	for (unsigned i = 0; i < s->n; i++) {
		s->arrival[i] = MS(20) * i;
		if (i >= 1000)
			s->ts[i] += MS(800) / US(125);
	}
	run_sorted(s, MS(20) * 1060);
	ck_assert_uint_le(rtp_jitter_stats(&s->j).target_ms, 20);
	ck_assert_uint_le(rtp_jitter_stats(&s->j).delay_ms, 50);
	ck_assert_uint_ge(s->played, 1055);
	sim_free(s);
}
END_TEST

/* 200 ppm either way over ten minutes is 120 ms of drift. */
static void drift(int ppm)
{
	struct sim *s = sim_new(NULL);
	unsigned total = 5 * PACKETS;

	for (unsigned part = 0; part < 5; part++) {
		for (unsigned i = 0; i < PACKETS; i++) {
			unsigned k = part * PACKETS + i;

			s->ts[i] = s->first_ts + k * FRAME;
			s->arrival[i] = (MS(20) + MS(20) / 1000000 * ppm) * k;
		}
		/* the parts follow each other as one stream */
		for (mono until = (MS(20) + MS(20) / 1000000 * ppm) *
				  (part + 1) * PACKETS;
		     s->now < until; s->now += MS(10)) {
			for (unsigned i = 0; i < PACKETS; i++) {
				unsigned k = part * PACKETS + i;
				uint32_t content = k;
				struct rtp_packet p = {
					.seq = (uint16_t)(s->first_seq + k),
					.ts = s->first_ts + k * FRAME,
					.payload = slice_of(&content, 4)
				};

				if (s->arrival[i] > s->now)
					break;
				if (s->arrival[i] <= s->now - MS(10) &&
				    s->now > 0)
					continue;
				(void)rtp_jitter_put(&s->j, &p,
						     s->arrival[i]);
			}
			for (struct rtp_jitter_frame f; s->fifo < QUANTUM;) {
				uint32_t n = QUANTUM;
				enum rtp_jitter_verdict v = rtp_jitter_get(
					&s->j, s->now, false, &f);

				s->played += v == RTP_JITTER_PLAY;
				s->shrunk += v == RTP_JITTER_SHRINK;
				if (v == RTP_JITTER_PLAY ||
				    v == RTP_JITTER_SHRINK)
					n = FRAME;
				if (v == RTP_JITTER_STRETCH)
					n = f.samples;
				rtp_jitter_advance(&s->j, n);
				s->fifo += v == RTP_JITTER_SHRINK ? 0 : n;
				if (v == RTP_JITTER_CONCEAL ||
				    v == RTP_JITTER_STRETCH)
					s->concealed += n;
			}
			s->fifo -= QUANTUM;
		}
		/* at any time: neither starved nor swollen */
		ck_assert_uint_le(rtp_jitter_stats(&s->j).delay_ms, 70);
	}
	ck_assert_uint_ge(s->played + s->shrunk, total - 4);
	ck_assert_uint_eq(rtp_jitter_stats(&s->j).late, 0);
	if (ppm < 0) /* fast sender: surplus cut, 120 ms are 6 frames */
		ck_assert(s->shrunk >= 4 && s->shrunk <= 8);
	else         /* slow one: as much is made up */
		ck_assert(s->concealed >= 4 * FRAME &&
			  s->concealed <= 8 * FRAME + 800);
	sim_free(s);
}

START_TEST(a_slow_sender_is_followed)
{
	drift(200);
}
END_TEST

START_TEST(a_fast_sender_is_followed)
{
	drift(-200);
}
END_TEST

START_TEST(reordered_packets_play_in_order)
{
	struct sim *s = sim_new(NULL);

	for (unsigned i = 0; i < s->n; i++)
		s->arrival[i] = MS(20) * (i ^ 1u) + MS(i & 1);
	run_sorted(s, MS(20) * PACKETS);
	ck_assert_uint_ge(s->played + s->shrunk, PACKETS - 10);
	sim_free(s);
}
END_TEST

/* Everything at once, several seeds; the invariants are in took(). */
START_TEST(any_schedule_keeps_order)
{
	for (unsigned seed = 0; seed < 8; seed++) {
		struct sim *s = sim_new(NULL);
		mono delay = 0;
		unsigned lost = 0;

		s->random = seed * 977 + 3;
		s->quiet = seed & 1;
		for (unsigned i = 0; i < s->n; i++) {
			if (rnd(s, 300) == 0) /* a route changes */
				delay = MS(rnd(s, 400));
			s->arrival[i] = MS(20) * i + delay +
					US(rnd(s, 40000));
			if (rnd(s, 20) == 0) {
				s->arrival[i] = MONO_NEVER;
				lost++;
			}
		}
		run_sorted(s, MS(20) * PACKETS + SEC(1));
		ck_assert_uint_le(s->worst_delay, 560);
		/* 5 % lost; late are those of steps down, and outliers */
		ck_assert_uint_ge(s->played + s->shrunk,
				  (PACKETS - lost) * 93 / 100);
		sim_free(s);
	}
}
END_TEST

static struct rtp_packet packet(uint16_t seq, uint32_t ts, struct slice v)
{
	return (struct rtp_packet){ .seq = seq, .ts = ts, .payload = v };
}

START_TEST(duplicates_and_late_packets_are_told_apart)
{
	struct sim *s = sim_new(NULL);
	struct rtp_jitter_frame f;
	struct rtp_packet p = packet(1, 0, S("a")), q = packet(3, 320, S("c")),
			  r = packet(2, 160, S("b"));

	ck_assert_int_eq(rtp_jitter_put(&s->j, &p, 0), RTP_JITTER_STORED);
	ck_assert_int_eq(rtp_jitter_put(&s->j, &p, 0), RTP_JITTER_DUPLICATE);
	ck_assert_int_eq(rtp_jitter_put(&s->j, &q, MS(40)), RTP_JITTER_STORED);
	ck_assert_int_eq(rtp_jitter_get(&s->j, MS(40), false, &f),
			 RTP_JITTER_PLAY);
	ck_slice_eq(f.payload, "a");
	rtp_jitter_advance(&s->j, FRAME);
	ck_assert_int_eq(rtp_jitter_put(&s->j, &p, MS(41)),
			 RTP_JITTER_DUPLICATE);
	/* the hole is concealed, recovery from the packet behind offered */
	ck_assert_int_eq(rtp_jitter_get(&s->j, MS(60), false, &f),
			 RTP_JITTER_CONCEAL);
	ck_assert_uint_eq(f.samples, FRAME);
	ck_assert(f.adjacent);
	ck_slice_eq(f.payload, "c");
	rtp_jitter_advance(&s->j, QUANTUM);
	ck_assert_int_eq(rtp_jitter_put(&s->j, &r, MS(62)), RTP_JITTER_LATE);
	ck_assert_int_eq(rtp_jitter_get(&s->j, MS(70), false, &f),
			 RTP_JITTER_CONCEAL);
	ck_assert_uint_eq(f.samples, QUANTUM);
	rtp_jitter_advance(&s->j, QUANTUM);
	ck_assert_int_eq(rtp_jitter_get(&s->j, MS(80), false, &f),
			 RTP_JITTER_PLAY);
	ck_slice_eq(f.payload, "c");
	ck_assert_int_eq(rtp_jitter_put(&s->j, &r, MS(90)), RTP_JITTER_LATE);
	ck_assert_uint_eq(rtp_jitter_stats(&s->j).late, 2);
	ck_assert_uint_eq(rtp_jitter_stats(&s->j).duplicate, 2);
	sim_free(s);
}
END_TEST

START_TEST(two_missing_frames_are_recovered_only_at_their_last)
{
	struct sim *s = sim_new(NULL);
	struct rtp_jitter_frame f;
	struct rtp_packet p = packet(1, 0, S("a")), q = packet(4, 480, S("d"));

	(void)rtp_jitter_put(&s->j, &p, 0);
	(void)rtp_jitter_put(&s->j, &q, MS(60));
	ck_assert_int_eq(rtp_jitter_get(&s->j, MS(60), false, &f),
			 RTP_JITTER_PLAY);
	rtp_jitter_advance(&s->j, FRAME);
	ck_assert_int_eq(rtp_jitter_get(&s->j, MS(80), false, &f),
			 RTP_JITTER_CONCEAL);
	ck_assert_uint_eq(f.samples, 2 * FRAME);
	ck_assert(!f.adjacent);
	rtp_jitter_advance(&s->j, FRAME);
	ck_assert_int_eq(rtp_jitter_get(&s->j, MS(100), false, &f),
			 RTP_JITTER_CONCEAL);
	ck_assert(f.adjacent);
	sim_free(s);
}
END_TEST

/* DTX: 400 ms without packets, numbers go on, the marker is set. */
START_TEST(a_pause_is_silence_and_sets_the_delay_anew)
{
	struct sim *s = sim_new(NULL);

	s->n = 600;
	for (unsigned i = 0; i < s->n; i++) {
		unsigned spurt = i / 50;

		s->ts[i] = s->first_ts + (i + spurt * 20) * FRAME;
		s->arrival[i] = MS(20) * (i + spurt * 20);
	}
	run(s, 0, MS(20) * (600 + 11 * 20) + MS(50));
	ck_assert_uint_eq(s->played, 600);
	ck_assert_uint_eq(s->shrunk + s->stretched, 0);
	/* of each pause 100 ms are concealed, the rest is silence */
	ck_assert_uint_le(s->concealed, 12 * 800);
	ck_assert_uint_ge(s->waits, 11 * 28);
	ck_assert_uint_le(s->worst_delay, 40);
	sim_free(s);
}
END_TEST

START_TEST(telephone_events_are_no_loss)
{
	struct sim *s = sim_new(NULL);
	struct rtp_jitter_frame f;
	struct rtp_packet p = packet(1, 0, S("a")),
			  q = packet(5, 640, S("e"));

	(void)rtp_jitter_put(&s->j, &p, 0);
	for (uint16_t i = 2; i < 5; i++)
		rtp_jitter_skip(&s->j, i);
	rtp_jitter_skip(&s->j, 4);
	(void)rtp_jitter_put(&s->j, &q, MS(80));
	ck_assert_int_eq(rtp_jitter_get(&s->j, MS(20), false, &f),
			 RTP_JITTER_PLAY);
	rtp_jitter_advance(&s->j, FRAME);
	ck_assert_int_eq(rtp_jitter_get(&s->j, MS(40), false, &f),
			 RTP_JITTER_WAIT);
	ck_assert_int_eq(rtp_jitter_get(&s->j, MS(99), false, &f),
			 RTP_JITTER_WAIT);
	ck_assert_int_eq(rtp_jitter_get(&s->j, MS(100), false, &f),
			 RTP_JITTER_PLAY);
	ck_slice_eq(f.payload, "e");
	ck_assert_int_eq(rtp_jitter_put(&s->j, &p, MS(110)),
			 RTP_JITTER_DUPLICATE);
	sim_free(s);
}
END_TEST

/* The place of an event that is over is free: that number 10 takes it and is
 * lost changes nothing of what is held.  Of eight places 11 .. 18 need all, so
 * that 4 .. 10 are given up; between 11 and 18 six frames are missing. */
START_TEST(an_event_that_is_over_is_not_counted_again)
{
	struct rtp_jitter_config cfg = { .rate = RATE, .frame = FRAME,
					 .slots = 8 };
	struct sim *s = sim_new(&cfg);
	struct rtp_jitter_frame f;
	struct rtp_packet p = packet(1, 0, S("a")),
			  q = packet(3, 2 * FRAME, S("c")),
			  r = packet(11, 10 * FRAME, S("k")),
			  t = packet(18, 17 * FRAME, S("r"));

	(void)rtp_jitter_put(&s->j, &p, 0);
	rtp_jitter_skip(&s->j, 2);
	(void)rtp_jitter_put(&s->j, &q, MS(40));
	ck_assert_int_eq(rtp_jitter_get(&s->j, MS(20), false, &f),
			 RTP_JITTER_PLAY);
	rtp_jitter_advance(&s->j, FRAME);
	ck_assert_int_eq(rtp_jitter_get(&s->j, MS(60), false, &f),
			 RTP_JITTER_PLAY);
	ck_slice_eq(f.payload, "c");
	rtp_jitter_advance(&s->j, FRAME);
	(void)rtp_jitter_put(&s->j, &r, MS(200));
	(void)rtp_jitter_put(&s->j, &t, MS(340));
	ck_assert_uint_eq(rtp_jitter_stats(&s->j).overflow, 0);
	ck_assert_int_eq(rtp_jitter_get(&s->j, MS(340), false, &f),
			 RTP_JITTER_PLAY);
	ck_slice_eq(f.payload, "k");
	rtp_jitter_advance(&s->j, FRAME);
	ck_assert_int_eq(rtp_jitter_get(&s->j, MS(360), false, &f),
			 RTP_JITTER_CONCEAL);
	ck_slice_eq(f.payload, "r");
	ck_assert_uint_eq(f.samples, 6 * FRAME);
	sim_free(s);
}
END_TEST

/* Sender's timestamp stands still over a hold of ten seconds, then jumps far
 * ahead at once: both play on, in order, after the least delay. */
START_TEST(timestamp_jumps_are_bridged)
{
	struct sim *s = sim_new(NULL);

	s->n = 300;
	for (unsigned i = 0; i < s->n; i++) {
		s->arrival[i] = MS(20) * i + (i >= 100 ? SEC(10) : 0);
		if (i >= 200)
			s->ts[i] += 5000000;
	}
	run(s, 0, SEC(10) + MS(20) * 300 + MS(50));
	ck_assert_uint_eq(s->played + s->shrunk, 300);
	ck_assert_uint_eq(rtp_jitter_stats(&s->j).resyncs, 2);
	ck_assert_uint_eq(rtp_jitter_stats(&s->j).late, 0);
	ck_assert_uint_le(rtp_jitter_stats(&s->j).delay_ms, 40);
	sim_free(s);
}
END_TEST

START_TEST(numbers_that_begin_anew_are_another_sequence)
{
	struct sim *s = sim_new(NULL);
	struct rtp_jitter_frame f;
	struct rtp_packet p = packet(100, 0, S("a")),
			  q = packet(40000, 7, S("b"));

	(void)rtp_jitter_put(&s->j, &p, 0);
	ck_assert_int_eq(rtp_jitter_put(&s->j, &q, MS(20)), RTP_JITTER_STORED);
	ck_assert_int_eq(rtp_jitter_get(&s->j, MS(39), false, &f),
			 RTP_JITTER_WAIT);
	ck_assert_int_eq(rtp_jitter_get(&s->j, MS(40), false, &f),
			 RTP_JITTER_PLAY);
	ck_slice_eq(f.payload, "b");
	sim_free(s);
}
END_TEST

START_TEST(a_full_buffer_loses_its_oldest)
{
	struct rtp_jitter_config cfg = { .rate = RATE, .frame = FRAME,
					 .slots = 16 };
	struct sim *s = sim_new(&cfg);
	struct rtp_jitter_frame f;

	for (unsigned i = 0; i < 20; i++)
		put(s, i, MS(20) * i);
	ck_assert_uint_eq(rtp_jitter_stats(&s->j).overflow, 4);
	put(s, 26, MS(400)); /* and seven more at once */
	ck_assert_uint_eq(rtp_jitter_stats(&s->j).overflow, 11);
	put(s, 10, MS(400));
	ck_assert_uint_eq(rtp_jitter_stats(&s->j).late, 1);
	ck_assert_int_eq(rtp_jitter_get(&s->j, MS(600), false, &f),
			 RTP_JITTER_PLAY);
	ck_assert_uint_eq(f.seq, (uint16_t)(s->first_seq + 11));
	rtp_jitter_advance(&s->j, FRAME);
	for (uint16_t i = 12; i < 20; i++) { /* the rest is all there */
		enum rtp_jitter_verdict v;

		v = rtp_jitter_get(&s->j, MS(420) + MS(20) * i, false, &f);
		ck_assert(v == RTP_JITTER_PLAY || v == RTP_JITTER_SHRINK);
		ck_assert_uint_eq(f.seq, (uint16_t)(s->first_seq + i));
		rtp_jitter_advance(&s->j, FRAME);
	}
	rtp_jitter_skip(&s->j, (uint16_t)(s->first_seq + 3)); /* long over */
	rtp_jitter_reset(&s->j); /* throws number 26 out, and no other */
	ck_assert_uint_eq(rtp_jitter_stats(&s->j).overflow, 12);
	sim_free(s);
}
END_TEST

/* The first packets may come in any order. */
START_TEST(the_first_packet_heard_need_not_be_the_first_sent)
{
	struct sim *s = sim_new(NULL);

	s->n = 4;
	s->arrival[2] = 0;
	s->arrival[0] = MS(1);
	s->arrival[3] = MS(2);
	s->arrival[1] = MS(3);
	run(s, 0, MS(200));
	ck_assert_uint_eq(s->played + s->shrunk, 4);
	sim_free(s);
}
END_TEST

START_TEST(delay_is_bounded_by_the_configuration)
{
	struct rtp_jitter_config cfg = { .rate = RATE, .frame = FRAME,
					 .min_ms = 60, .max_ms = 100 };
	struct sim *s = sim_new(&cfg);

	s->n = 1000;
	for (unsigned i = 0; i < s->n; i++)
		s->arrival[i] = MS(20) * i;
	run(s, 0, MS(500));
	ck_assert_uint_eq(rtp_jitter_stats(&s->j).target_ms, 60);
	ck_assert_uint_ge(rtp_jitter_stats(&s->j).delay_ms, 60);
	ck_assert_uint_le(rtp_jitter_stats(&s->j).delay_ms, 70);
	sim_free(s);
	s = sim_new(&cfg);
	s->n = 1000;
	for (unsigned i = 0; i < s->n; i++)
		s->arrival[i] = MS(20) * i + MS(rnd(s, 300));
	run(s, 0, SEC(19));
	ck_assert_uint_eq(rtp_jitter_stats(&s->j).target_ms, 100);
	ck_assert_uint_le(s->worst_delay, 120 + 300);
	sim_free(s);
}
END_TEST

/* 100 ms and the frame of 20 that is due: number 2, sent 20 ms after the first,
 * plays up to 140 ms after it.  From the next sample of 125 us on it is cut at
 * once, if the excess is ours: another packet waits behind it. */
START_TEST(more_than_the_greatest_delay_is_cut_at_once)
{
	static const struct {
		mono now;
		bool behind;
		enum rtp_jitter_verdict want;
	} t[] = {
		{ MS(140), true, RTP_JITTER_PLAY },
		{ MS(140) + US(125), true, RTP_JITTER_SHRINK },
		{ MS(140) + US(125), false, RTP_JITTER_PLAY },
		{ MS(900), false, RTP_JITTER_PLAY },
	};
	struct rtp_jitter_config cfg = { .rate = RATE, .frame = FRAME,
					 .max_ms = 100 };

	for (unsigned k = 0; k < COUNT(t); k++) {
		struct sim *s = sim_new(&cfg);
		struct rtp_jitter_frame f;

		for (unsigned i = 0; i < (t[k].behind ? 3 : 2); i++)
			put(s, i, MS(20) * i);
		ck_assert_int_eq(rtp_jitter_get(&s->j, MS(20), false, &f),
				 RTP_JITTER_PLAY);
		rtp_jitter_advance(&s->j, FRAME);
		ck_assert_int_eq(rtp_jitter_get(&s->j, t[k].now, false, &f),
				 t[k].want);
		ck_assert_uint_eq(f.seq, (uint16_t)(s->first_seq + 1));
		ck_assert_uint_eq(rtp_jitter_stats(&s->j).shrunk,
				  t[k].want == RTP_JITTER_SHRINK);
		sim_free(s);
	}
}
END_TEST

/* A payload larger than any before gets a larger slot; the n-th allocation
 * fails for every n: packets are lost, nothing else. */
START_TEST(memory_may_run_out_at_any_time)
{
	for (uint64_t n = 1; n < 30; n++) {
		struct sim *s = sim_new(NULL);
		char big[1500] = { 0 };
		unsigned kept = 0;

		s->mem.fail_at = n;
		for (unsigned i = 0; i < 20; i++) {
			struct rtp_packet p = packet((uint16_t)i, i * FRAME,
				slice_of(big, i * 70));

			kept += rtp_jitter_put(&s->j, &p, MS(20) * i) ==
				RTP_JITTER_STORED;
		}
		ck_assert_uint_ge(kept, 19);
		ck_assert_uint_ge(kept + rtp_jitter_stats(&s->j).overflow,
				  20);
		sim_free(s);
	}
}
END_TEST

START_TEST(nothing_is_allocated_before_the_first_packet)
{
	struct sim *s = sim_new(NULL);
	struct rtp_jitter_frame f;

	ck_assert_int_eq(rtp_jitter_get(&s->j, 0, false, &f),
			 RTP_JITTER_WAIT);
	rtp_jitter_advance(&s->j, QUANTUM);
	ck_assert_uint_eq(s->mem.blocks, 0);
	rtp_jitter_reset(&s->j);
	put(s, 0, 0);
	ck_assert_uint_le(s->mem.used, 1024);
	sim_free(s);
}
END_TEST

/* Half of the numbers away from the fastest, in either direction: a timestamp
 * is whatever the sender says. */
START_TEST(timestamps_as_far_off_as_can_be_are_jumps)
{
	struct sim *s = sim_new(NULL);

	s->ts[2] = s->first_ts + QUANTUM - INT32_MAX;
	s->ts[3] = s->ts[2] + (uint32_t)INT32_MAX + 1;
	put(s, 0, 0);
	put(s, 1, MS(10)); /* the fastest: by 10 ms */
	put(s, 2, MS(10));
	ck_assert_uint_eq(s->j.stats.resyncs, 1);
	put(s, 3, MS(10));
	ck_assert_uint_eq(s->j.stats.resyncs, 2);
	sim_free(s);
}
END_TEST

SUITE(rtp_jitter, a_perfect_network_plays_all_after_the_least_delay,
      time_counts_from_the_start, a_few_outliers_do_not_count,
      surplus_is_cut_at_its_pace,
      holes_are_concealed_for_their_length, the_delay_covers_jitter,
      the_delay_falls_again, a_step_in_delay_loses_nothing,
      a_step_beyond_the_greatest_delay_mutes_nothing,
      a_step_ahead_is_no_jitter,
      a_slow_sender_is_followed, a_fast_sender_is_followed,
      reordered_packets_play_in_order, any_schedule_keeps_order,
      duplicates_and_late_packets_are_told_apart,
      two_missing_frames_are_recovered_only_at_their_last,
      a_pause_is_silence_and_sets_the_delay_anew,
      telephone_events_are_no_loss,
      an_event_that_is_over_is_not_counted_again, timestamp_jumps_are_bridged,
      timestamps_as_far_off_as_can_be_are_jumps,
      numbers_that_begin_anew_are_another_sequence,
      a_full_buffer_loses_its_oldest,
      the_first_packet_heard_need_not_be_the_first_sent,
      delay_is_bounded_by_the_configuration,
      more_than_the_greatest_delay_is_cut_at_once,
      memory_may_run_out_at_any_time,
      nothing_is_allocated_before_the_first_packet);
