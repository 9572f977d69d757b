/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/suites.h"

#include <math.h>

#include "media/tone.h"

/* Share of energy at hz, by plain correlation with sine and cosine. */
static double share(const int16_t *pcm, size_t n, double hz, uint32_t rate)
{
	double s = 0, c = 0, all = 0;

	for (size_t i = 0; i < n; i++) {
		double t = 2 * M_PI * hz * (double)i / rate;

		s += pcm[i] * sin(t);
		c += pcm[i] * cos(t);
		all += (double)pcm[i] * pcm[i];
	}
	return 2 * (s * s + c * c) / (all * (double)n);
}

/* ITU-T Q.23: 5 is 770 and 1336 Hz, D is 941 and 1633, # 941 and 1477. */
START_TEST(keys_are_the_pairs_of_q23)
{
	static const struct { char key; double low, high; } known[] = {
		{ '1', 697, 1209 }, { '5', 770, 1336 }, { '9', 852, 1477 },
		{ '0', 941, 1336 }, { '*', 941, 1209 }, { '#', 941, 1477 },
		{ 'A', 697, 1633 }, { 'D', 941, 1633 } };
	int16_t pcm[1600];
	struct tone t;

	for (size_t i = 0; i < COUNT(known); i++) {
		struct tone_spec s = dtmf_tone(
			(unsigned)dtmf_event(known[i].key), 200, 0);

		tone_start(&t, &s, 8000);
		ck_assert(tone_run(&t, pcm, 1600));
		ck_assert(share(pcm, 1600, known[i].low, 8000) > 0.3);
		ck_assert(share(pcm, 1600, known[i].high, 8000) > 0.3);
		ck_assert(!tone_active(&t));
	}
}
END_TEST

START_TEST(events_are_numbered_as_in_rfc_4733)
{
	static const char order[] = "0123456789*#ABCD"; /* 3.2, table 3 */

	for (unsigned i = 0; i < 16; i++) {
		ck_assert_int_eq(dtmf_char(i), order[i]);
		ck_assert_int_eq(dtmf_event(order[i]), (int)i);
	}
	ck_assert_int_eq(dtmf_event('b'), 13);
	ck_assert_int_eq(dtmf_event('e'), -1);
	ck_assert_int_eq(dtmf_event('\0'), -1);
	ck_assert_int_eq(dtmf_char(16), '\0');
}
END_TEST

START_TEST(a_cadence_counts_in_samples)
{
	struct tone_spec s = { .hz = { 1000 }, .dbov = { -6 }, .on_ms = 20,
			       .off_ms = 30, .times = 2 };
	int16_t pcm[80];
	struct tone t;
	char seen[16] = "";

	tone_start(&t, &s, 8000);
	for (int i = 0; i < 12; i++)
		seen[i] = tone_run(&t, pcm, 80) ? '#' : '.';
	ck_assert_str_eq(seen, "##...##.....");
}
END_TEST

START_TEST(a_level_is_what_was_asked_for)
{
	struct tone_spec s = { .hz = { 1000 }, .dbov = { -20 } };
	int16_t pcm[8000];
	struct tone t;
	int peak = 0;

	tone_start(&t, &s, 8000);
	for (int k = 0; k < 100; k++) /* also after 100 s */
		ck_assert(tone_run(&t, pcm, 8000));
	for (int i = 0; i < 8000; i++)
		peak = pcm[i] > peak ? pcm[i] : peak;
	ck_assert_int_ge(peak, 3270); /* 32767 / 10 */
	ck_assert_int_le(peak, 3282);
}
END_TEST

static void send_keys(uint32_t rate, const char *keys, unsigned ms)
{
	struct dtmf_detect d;
	char got[32];
	size_t n = 0;
	int16_t pcm[480];

	dtmf_detect_init(&d, rate);
	for (const char *k = keys; *k; k++) {
		struct tone_spec s = dtmf_tone((unsigned)dtmf_event(*k), ms,
					       ms);
		struct tone t;

		tone_start(&t, &s, rate);
		while (tone_active(&t)) {
			if (!tone_run(&t, pcm, rate / 100))
				memset(pcm, 0, sizeof(pcm));
			n += dtmf_detect_run(&d, pcm, rate / 100, got + n,
					     sizeof(got) - n);
		}
	}
	got[n] = '\0';
	ck_assert_str_eq(got, keys);
}

START_TEST(the_detector_reads_what_the_generator_plays)
{
	send_keys(8000, "1234567890*#ABCD", 50);
	send_keys(16000, "1234567890*#ABCD", 50);
	send_keys(48000, "1122334455", 100);
}
END_TEST

START_TEST(one_tone_alone_and_noise_are_no_keys)
{
	struct tone_spec s = { .hz = { 770 }, .dbov = { -10 } };
	struct dtmf_detect d;
	int16_t pcm[8000];
	struct tone t;
	char got[4];
	uint32_t x = 1;

	dtmf_detect_init(&d, 8000);
	tone_start(&t, &s, 8000);
	ck_assert(tone_run(&t, pcm, 8000));
	ck_assert_uint_eq(dtmf_detect_run(&d, pcm, 8000, got, 4), 0);
	for (int i = 0; i < 8000; i++) {
		x = x * 1664525 + 1013904223;
		pcm[i] = (int16_t)(x >> 18);
	}
	ck_assert_uint_eq(dtmf_detect_run(&d, pcm, 8000, got, 4), 0);
}
END_TEST

SUITE(tone, keys_are_the_pairs_of_q23, events_are_numbered_as_in_rfc_4733,
      a_cadence_counts_in_samples, a_level_is_what_was_asked_for,
      the_detector_reads_what_the_generator_plays,
      one_tone_alone_and_noise_are_no_keys);
