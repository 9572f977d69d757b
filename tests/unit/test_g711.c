/* SPDX-License-Identifier: BSD-2-Clause
 * Expected values: the decision values of ITU-T G.711 (11/88), Tables 1a and
 * 2a, built here from their rule: segments of 16 intervals, each twice as wide
 * as in the segment before.  A value on a decision value belongs to the
 * interval above it; the negative half is its mirror, -1 next to 0 (G.191). */
#include "tests/unit/suites.h"

#include "media/codec/g711.h"

/* Lower decision values of the 128 intervals, in 16 bit units. */
static void table(int alaw, int low[129])
{
	int at = 0, step = alaw ? 32 : 8;

	for (int i = 0; i < 128; i++) {
		low[i] = at;
		if (!alaw && i == 0)
			at += 4; /* the first interval is half of one */
		else if (alaw)
			at += i < 32 ? 16 : 16 << (i / 16 - 1);
		else
			at += step << (i / 16);
	}
	low[128] = at;
}

static int interval(const int low[129], int magnitude)
{
	int i = 127;

	while (i > 0 && magnitude < low[i])
		i--;
	return i;
}

START_TEST(each_sample_falls_in_the_interval_of_the_tables)
{
	int a[129], u[129];

	table(1, a);
	table(0, u);
	ck_assert_int_eq(a[128], 4096 * 8); /* Table 1a: x 128 = 4096 */
	ck_assert_int_eq(u[127], 7903 * 4); /* Table 2a: x 127 = 7903 */
	ck_assert_int_eq(u[128], 8159 * 4); /* Table 2a: x 128 = 8159 */
	for (int v = -32768; v < 32768; v++) {
		int m = v < 0 ? -v - 1 : v;
		int ca = (interval(a, m & ~15) | (v < 0 ? 0 : 0x80)) ^ 0x55;
		int cu = ~(interval(u, m & ~3) | (v < 0 ? 0x80 : 0)) & 0xFF;

		ck_assert_int_eq(g711_alaw_encode((int16_t)v), ca);
		ck_assert_int_eq(g711_ulaw_encode((int16_t)v), cu);
	}
}
END_TEST

START_TEST(each_code_is_the_middle_of_its_interval)
{
	int a[129], u[129];

	table(1, a);
	table(0, u);
	for (int i = 0; i < 128; i++) {
		int ma = (a[i] + a[i + 1]) / 2;
		int mu = i ? (u[i] + u[i + 1]) / 2 : 0;

		ck_assert_int_eq(g711_alaw_decode((uint8_t)((i | 0x80) ^ 0x55)),
				 ma);
		ck_assert_int_eq(g711_alaw_decode((uint8_t)(i ^ 0x55)), -ma);
		ck_assert_int_eq(g711_ulaw_decode((uint8_t)~i), mu);
		ck_assert_int_eq(g711_ulaw_decode((uint8_t)~(i | 0x80)), -mu);
	}
}
END_TEST

START_TEST(runs_of_any_length_give_what_single_samples_give)
{
	int16_t in[67] = { 0 }, out[67];
	uint8_t a[67], u[67];

	for (size_t n = 0; n <= COUNT(in); n++) {
		for (size_t i = 0; i < n; i++)
			in[i] = (int16_t)(i * 7919 + n * 104729);
		g711_alaw_from_pcm(in, n, a);
		g711_ulaw_from_pcm(in, n, u);
		for (size_t i = 0; i < n; i++) {
			ck_assert_uint_eq(a[i], g711_alaw_encode(in[i]));
			ck_assert_uint_eq(u[i], g711_ulaw_encode(in[i]));
		}
		g711_alaw_to_pcm(a, n, out);
		for (size_t i = 0; i < n; i++)
			ck_assert_int_eq(out[i], g711_alaw_decode(a[i]));
		g711_ulaw_to_pcm(u, n, out);
		for (size_t i = 0; i < n; i++)
			ck_assert_int_eq(out[i], g711_ulaw_decode(u[i]));
	}
}
END_TEST

START_TEST(silence_is_near_zero)
{
	ck_assert_uint_eq(g711_alaw_encode(0), G711_ALAW_SILENCE);
	ck_assert_uint_eq(g711_ulaw_encode(0), G711_ULAW_SILENCE);
	ck_assert_int_eq(g711_ulaw_decode(G711_ULAW_SILENCE), 0);
	ck_assert_int_eq(g711_alaw_decode(G711_ALAW_SILENCE), 8);
}
END_TEST

SUITE(g711, each_sample_falls_in_the_interval_of_the_tables,
      each_code_is_the_middle_of_its_interval,
      runs_of_any_length_give_what_single_samples_give, silence_is_near_zero);
