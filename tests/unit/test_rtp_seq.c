/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/suites.h"

#include "rtp/rtp_seq.h"

static struct rtp_seq valid_from(uint16_t seq)
{
	struct rtp_seq s;

	rtp_seq_init(&s, seq);
	ck_assert_int_eq(rtp_seq_on_packet(&s, seq), RTP_SEQ_PROBATION);
	ck_assert_int_eq(rtp_seq_on_packet(&s, (uint16_t)(seq + 1)),
			 RTP_SEQ_VALID);
	return s;
}

/* A.1: MIN_SEQUENTIAL = 2 in sequence; a gap begins the probation anew. */
START_TEST(two_in_sequence_make_a_source_valid)
{
	struct rtp_seq s;

	rtp_seq_init(&s, 100);
	ck_assert_int_eq(rtp_seq_on_packet(&s, 100), RTP_SEQ_PROBATION);
	ck_assert_uint_eq(rtp_seq_expected(&s), 0);
	ck_assert_int_eq(rtp_seq_on_packet(&s, 102), RTP_SEQ_PROBATION);
	ck_assert_int_eq(rtp_seq_on_packet(&s, 102), RTP_SEQ_PROBATION);
	ck_assert_int_eq(rtp_seq_on_packet(&s, 103), RTP_SEQ_VALID);
	ck_assert_uint_eq(rtp_seq_expected(&s), 2); /* 102 and 103 */
	ck_assert_int_eq(rtp_seq_lost(&s), 0);
	ck_assert_uint_eq(s.received, 2);
}
END_TEST

/* A.3 by hand: 10 11 [12 13] 14: expected 5, received 3. */
START_TEST(loss_is_expected_less_received)
{
	struct rtp_seq s = valid_from(10);

	ck_assert_int_eq(rtp_seq_on_packet(&s, 14), RTP_SEQ_NEXT);
	ck_assert_uint_eq(rtp_seq_expected(&s), 5);
	ck_assert_int_eq(rtp_seq_lost(&s), 2);
	/* 2/5 in 1/256 is 102.4 */
	ck_assert_uint_eq(rtp_seq_fraction(&s), 102);
	ck_assert_uint_eq(rtp_seq_fraction(&s), 0); /* nothing since */
	ck_assert_int_eq(rtp_seq_on_packet(&s, 12), RTP_SEQ_REORDERED);
	ck_assert_int_eq(rtp_seq_lost(&s), 1);
	ck_assert_uint_eq(rtp_seq_fraction(&s), 0); /* more than expected */
	ck_assert_int_eq(rtp_seq_on_packet(&s, 16), RTP_SEQ_NEXT);
	/* interval: expected 2 (15 16), received 1: half */
	ck_assert_uint_eq(rtp_seq_fraction(&s), 128);
}
END_TEST

START_TEST(a_number_wraps_into_the_next_cycle)
{
	struct rtp_seq s = valid_from(0xFFFE);

	ck_assert_uint_eq(s.max, 0x1FFFF);
	ck_assert_int_eq(rtp_seq_on_packet(&s, 0), RTP_SEQ_NEXT);
	ck_assert_uint_eq(s.max, 0x20000);
	ck_assert_int_eq(rtp_seq_on_packet(&s, 0xFFFF), RTP_SEQ_DUPLICATE);
	ck_assert_int_eq(rtp_seq_on_packet(&s, 0xFFFD), RTP_SEQ_REORDERED);
	ck_assert_uint_eq(rtp_seq_expected(&s), 3);
	ck_assert_int_eq(rtp_seq_on_packet(&s, 5), RTP_SEQ_NEXT);
	ck_assert_uint_eq(s.max, 0x20005);
}
END_TEST

/* A.1: MAX_DROPOUT 3000 ahead, MAX_MISORDER 100 behind. */
START_TEST(a_jump_counts_from_its_second_packet)
{
	struct rtp_seq s = valid_from(1000);

	ck_assert_int_eq(rtp_seq_on_packet(&s, 1001 + 2999), RTP_SEQ_NEXT);
	ck_assert_int_eq(rtp_seq_on_packet(&s, 4000 + 3000), RTP_SEQ_JUMPED);
	ck_assert_uint_eq(s.max, 0x10000 + 4000);
	ck_assert_int_eq(rtp_seq_on_packet(&s, 4001), RTP_SEQ_NEXT);
	ck_assert_int_eq(rtp_seq_on_packet(&s, 4001 - 99), RTP_SEQ_REORDERED);
	ck_assert_int_eq(rtp_seq_on_packet(&s, 4001 - 100), RTP_SEQ_JUMPED);
	ck_assert_int_eq(rtp_seq_on_packet(&s, 20000), RTP_SEQ_JUMPED);
	ck_assert_int_eq(rtp_seq_on_packet(&s, 20001), RTP_SEQ_RESTARTED);
	ck_assert_uint_eq(rtp_seq_expected(&s), 1);
	ck_assert_int_eq(rtp_seq_lost(&s), 0);
	ck_assert_int_eq(rtp_seq_on_packet(&s, 20002), RTP_SEQ_NEXT);
	ck_assert_int_eq(rtp_seq_lost(&s), 0);
}
END_TEST

START_TEST(duplicates_are_told_from_stragglers)
{
	struct rtp_seq s = valid_from(0);

	for (uint16_t i = 4; i <= 200; i += 2) /* the even ones */
		ck_assert_int_eq(rtp_seq_on_packet(&s, i), RTP_SEQ_NEXT);
	for (uint16_t i = 199; i > 101; i -= 2) {
		ck_assert_int_eq(rtp_seq_on_packet(&s, i), RTP_SEQ_REORDERED);
		ck_assert_int_eq(rtp_seq_on_packet(&s, i), RTP_SEQ_DUPLICATE);
		ck_assert_int_eq(rtp_seq_on_packet(&s, (uint16_t)(i - 1)),
				 RTP_SEQ_DUPLICATE);
	}
	ck_assert_int_eq(rtp_seq_on_packet(&s, 200), RTP_SEQ_DUPLICATE);
	/* a step over the whole window forgets it */
	ck_assert_int_eq(rtp_seq_on_packet(&s, 400), RTP_SEQ_NEXT);
	ck_assert_int_eq(rtp_seq_on_packet(&s, 399), RTP_SEQ_REORDERED);
	ck_assert_int_eq(rtp_seq_on_packet(&s, 400), RTP_SEQ_DUPLICATE);
}
END_TEST

START_TEST(the_window_shifts_by_any_step)
{
	static const uint16_t step[] = { 1, 2, 31, 63, 64, 65, 90, 99 };

	for (unsigned i = 0; i < COUNT(step); i++) {
		struct rtp_seq s = valid_from(5000);
		uint16_t top = (uint16_t)(5001 + step[i]);

		ck_assert_int_eq(rtp_seq_on_packet(&s, top), RTP_SEQ_NEXT);
		ck_assert_int_eq(rtp_seq_on_packet(&s, 5001),
				 RTP_SEQ_DUPLICATE);
		if (step[i] > 1)
			ck_assert_int_eq(rtp_seq_on_packet(&s, 5002),
					 RTP_SEQ_REORDERED);
	}
}
END_TEST

/* 128 numbers are remembered: one step of so many forgets all of them. */
START_TEST(the_window_shifts_by_its_whole_width)
{
	for (uint16_t step = 127; step <= 129; step++) {
		struct rtp_seq s = valid_from(5000);
		uint16_t top = (uint16_t)(5001 + step);

		ck_assert_int_eq(rtp_seq_on_packet(&s, top), RTP_SEQ_NEXT);
		for (uint16_t i = 1; i < 99; i++)
			ck_assert_int_eq(rtp_seq_on_packet(&s,
						(uint16_t)(top - i)),
					 RTP_SEQ_REORDERED);
		ck_assert_int_eq(rtp_seq_on_packet(&s, top),
				 RTP_SEQ_DUPLICATE);
	}
}
END_TEST

START_TEST(the_window_keeps_what_it_saw_through_many_shifts)
{
	struct rtp_seq s = valid_from(5000);

	for (uint16_t top = 5001; top < 5091; top = (uint16_t)(top + 3)) {
		ck_assert_int_eq(rtp_seq_on_packet(&s, (uint16_t)(top + 3)),
				 RTP_SEQ_NEXT);
		for (uint16_t i = 5001; i <= top; i = (uint16_t)(i + 3))
			ck_assert_int_eq(rtp_seq_on_packet(&s, i),
					 RTP_SEQ_DUPLICATE);
	}
	for (uint16_t i = 5002; i < 5090; i = (uint16_t)(i + 3))
		ck_assert_int_eq(rtp_seq_on_packet(&s, i), RTP_SEQ_REORDERED);
}
END_TEST

START_TEST(an_interval_may_lose_all)
{
	struct rtp_seq s = valid_from(10);

	(void)rtp_seq_fraction(&s);
	s.max += 5;
	ck_assert_uint_eq(rtp_seq_fraction(&s), 255);
	ck_assert_uint_eq(rtp_seq_fraction(&s), 0);
}
END_TEST

/* A.8: J += (|D| - J) / 16, kept times 16.  With D = 160, then 0: by hand
 * 16 J = 160; 160 + 0 - (168 >> 4 = 10) = 150. */
START_TEST(jitter_follows_the_formula)
{
	struct rtp_seq s = valid_from(1);

	rtp_seq_on_transit(&s, 1000, 0);
	ck_assert_uint_eq(s.jitter, 0);
	rtp_seq_on_transit(&s, 1320, 160); /* transit grew by 160 */
	ck_assert_uint_eq(s.jitter, 160);
	ck_assert_uint_eq(rtp_seq_jitter(&s), 10);
	rtp_seq_on_transit(&s, 1480, 320);
	ck_assert_uint_eq(s.jitter, 150);
	rtp_seq_on_transit(&s, 1480, 480); /* fell by 160: |D| counts */
	ck_assert_uint_eq(s.jitter, 150 + 160 - 9);
}
END_TEST

/* Steady |D| = 100: J tends to 100. */
START_TEST(jitter_settles_at_the_mean_difference)
{
	struct rtp_seq s = valid_from(1);

	for (uint32_t i = 0; i < 500; i++)
		rtp_seq_on_transit(&s, i * 160 + (i % 2 ? 100 : 0), i * 160);
	ck_assert_uint_ge(rtp_seq_jitter(&s), 99);
	ck_assert_uint_le(rtp_seq_jitter(&s), 100);
	rtp_seq_on_transit(&s, 0x80000000, 0); /* a clock that jumped */
	ck_assert_uint_le(rtp_seq_jitter(&s), 100);
}
END_TEST

START_TEST(loss_is_clamped_to_24_bits)
{
	struct rtp_seq s = valid_from(0);

	s.max += 0x1000000;
	ck_assert_int_eq(rtp_seq_lost(&s), 0x7FFFFF);
	ck_assert_uint_eq(rtp_seq_fraction(&s), 255);
	s.max -= 0x1000000;
	s.received += 0x900000;
	ck_assert_int_eq(rtp_seq_lost(&s), -0x800000);
}
END_TEST

START_TEST(extension_takes_the_nearest)
{
	ck_assert_uint_eq(rtp_seq_extend(0x1FFFE, 1), 0x20001);
	ck_assert_uint_eq(rtp_seq_extend(0x20001, 0xFFFE), 0x1FFFE);
	ck_assert_uint_eq(rtp_seq_extend(0x20001, 1), 0x20001);
	ck_assert_uint_eq(rtp_seq_extend(0x20000, 0x7FFF), 0x27FFF);
	ck_assert_uint_eq(rtp_seq_extend(0x20000, 0x8000), 0x18000);
}
END_TEST

SUITE(rtp_seq, two_in_sequence_make_a_source_valid,
      loss_is_expected_less_received, a_number_wraps_into_the_next_cycle,
      a_jump_counts_from_its_second_packet, duplicates_are_told_from_stragglers,
      the_window_shifts_by_any_step,
      the_window_shifts_by_its_whole_width,
      the_window_keeps_what_it_saw_through_many_shifts,
      an_interval_may_lose_all, jitter_follows_the_formula,
      jitter_settles_at_the_mean_difference, loss_is_clamped_to_24_bits,
      extension_takes_the_nearest);
