/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/suites.h"

#include <math.h>

#include "media/level.h"

/* RFC 6464 3: 0 dBov is a full-scale square wave; a sine is 3.01 dB less. */
START_TEST(a_full_scale_sine_is_3_db_below_overload)
{
	struct level l = { 0 };
	int16_t pcm[8000];

	for (int i = 0; i < 8000; i++)
		pcm[i] = (int16_t)lrint(32767 * sin(2 * M_PI * i / 8));
	level_add(&l, pcm, 8000);
	ck_assert_uint_eq(l.peak, 32767);
	ck_assert(fabs(level_take(&l) + 3.01) < 0.01);
	ck_assert(level_take(&l) == LEVEL_SILENT); /* anew */
}
END_TEST

START_TEST(the_lowest_sample_is_the_highest_peak)
{
	struct level l = { 0 };
	int16_t pcm[4] = { INT16_MIN, INT16_MIN, INT16_MIN, INT16_MIN };

	level_add(&l, pcm, 4);
	ck_assert_uint_eq(l.peak, 32768);
	ck_assert(fabs(level_take(&l)) < 1e-9);
}
END_TEST

START_TEST(silence_pulls_the_level_down)
{
	struct level l = { 0 };
	int16_t pcm[2] = { 3277, -3277 };

	level_add(&l, pcm, 2);
	level_add_silence(&l, 18); /* a tenth of the energy: 10 dB less */
	ck_assert(fabs(level_take(&l) + 30.0) < 0.01);
}
END_TEST

/* What nobody reads for a day is forgotten by halves.  2^31 samples halved,
 * 2^31 more, all halved: 1.5 * 2^30, over which 1000 full ones are
 * 10 * log10(1000 / (1.5 * 2^30)) = -62.07 dB. */
START_TEST(the_count_of_samples_never_wraps)
{
	static int16_t pcm[1000];
	struct level l = { 0 };

	for (size_t i = 0; i < COUNT(pcm); i++)
		pcm[i] = INT16_MIN;
	level_add_silence(&l, (size_t)1 << 31);
	level_add_silence(&l, (size_t)1 << 31);
	level_add(&l, pcm, COUNT(pcm));
	ck_assert(fabs(level_take(&l) + 62.07) < 0.01);
}
END_TEST

START_TEST(a_sum_less_its_own_part_saturates)
{
	int16_t a[5] = { 32767, -32768, 100, 32767, 0 };
	int16_t b[5] = { 32767, -32768, -50, -32768, 7 };
	int32_t sum[5] = { 0 };
	int16_t out[5];

	mix_add(sum, a, 5);
	mix_add(sum, b, 5);
	mix_out(out, sum, NULL, 5);
	ck_assert_int_eq(out[0], 32767);
	ck_assert_int_eq(out[1], -32768);
	ck_assert_int_eq(out[2], 50);
	ck_assert_int_eq(out[3], -1);
	mix_out(out, sum, a, 5);
	ck_assert_mem_eq(out, b, sizeof(b));
}
END_TEST

START_TEST(gain_is_in_256ths_and_saturates)
{
	int16_t pcm[3] = { 1000, -20000, 2 };

	mix_gain(pcm, 3, 512);
	ck_assert_int_eq(pcm[0], 2000);
	ck_assert_int_eq(pcm[1], -32768);
	mix_gain(pcm, 3, 128);
	ck_assert_int_eq(pcm[0], 1000);
	mix_gain(pcm, 3, 0);
	ck_assert_int_eq(pcm[1], 0);
}
END_TEST

SUITE(level, a_full_scale_sine_is_3_db_below_overload,
      the_lowest_sample_is_the_highest_peak, silence_pulls_the_level_down,
      the_count_of_samples_never_wraps, a_sum_less_its_own_part_saturates,
      gain_is_in_256ths_and_saturates);
