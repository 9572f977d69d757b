/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/suites.h"

#include "rtp/rtp_mos.h"

static const struct rtp_mos_codec g711 = { 0, 25.1 };

/* ITU-T G.109 Table 1 / G.107 Annex B: R and MOS-CQE side by side. */
START_TEST(mos_of_r_is_the_table_of_g_109)
{
	static const struct {
		double r, mos;
	} t[] = { { 90, 4.34 }, { 80, 4.03 }, { 70, 3.60 },
		  { 60, 3.10 }, { 50, 2.58 } };

	for (unsigned i = 0; i < COUNT(t); i++)
		ck_assert_double_eq_tol(rtp_mos_of_r(t[i].r), t[i].mos, 0.011);
	ck_assert_double_eq(rtp_mos_of_r(0), 1);
	ck_assert_double_eq(rtp_mos_of_r(-5), 1);
	ck_assert_double_eq(rtp_mos_of_r(100), 4.5);
	ck_assert_double_eq(rtp_mos_of_r(120), 4.5);
	ck_assert_double_eq(rtp_mos_of_r(3), 1); /* never below 1 */
}
END_TEST

/* G.107: 93.2 without delay and loss is MOS 4.41. */
START_TEST(a_perfect_g711_call_is_4_41)
{
	ck_assert_double_eq_tol(rtp_mos_r(&g711, 0, 0, 1), 93.2, 1e-9);
	ck_assert_double_eq_tol(rtp_mos(&g711, 0, 0), 4.41, 0.005);
}
END_TEST

/* By hand: d = 100: Id 2.4; d = 300: 7.2 + 0.11 * 122.7 = 20.697. */
START_TEST(delay_bends_at_177_ms)
{
	ck_assert_double_eq_tol(rtp_mos_r(&g711, 100, 0, 1), 90.8, 1e-9);
	ck_assert_double_eq_tol(rtp_mos_r(&g711, 177.3, 0, 1),
				93.2 - 4.2552, 1e-9);
	ck_assert_double_eq_tol(rtp_mos_r(&g711, 300, 0, 1), 93.2 - 20.697,
				1e-9);
}
END_TEST

/* G.113 Table I.4: G.711 with concealment, random loss: 2 % is Ie 7, 5 % 15;
 * G.729A (Ie 11, Bpl 19): 2 % is 19.  Formula: 95 * 2 / 27.1 = 7.01. */
START_TEST(loss_impairs_as_g_113_measured)
{
	static const struct rtp_mos_codec g729 = { 11, 19 };

	ck_assert_double_eq_tol(rtp_mos_r(&g711, 0, 2, 1), 93.2 - 7.0111,
				0.001);
	ck_assert_double_eq_tol(rtp_mos_r(&g711, 0, 5, 1), 93.2 - 15.78,
				0.01);
	ck_assert_double_eq_tol(rtp_mos_r(&g729, 0, 2, 1), 93.2 - 19, 0.01);
	/* bursts of 2: 95 * 2 / (1 + 25.1) = 7.28 */
	ck_assert_double_eq_tol(rtp_mos_r(&g711, 0, 2, 2), 93.2 - 7.2797,
				0.001);
	ck_assert_double_eq(rtp_mos_r(&g711, 5000, 90, 1), 0);
}
END_TEST

SUITE(rtp_mos, mos_of_r_is_the_table_of_g_109, a_perfect_g711_call_is_4_41,
      delay_bends_at_177_ms, loss_impairs_as_g_113_measured);
