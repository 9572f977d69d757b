/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/suites.h"

#include <math.h>

#include "media/measure.h"
#include "media/wav_file.h"
#include "tools/speech.h"

struct speech {
	struct mem mem;
	int16_t *pcm;
	size_t n;
	uint32_t rate;
};

static void speech_open(struct speech *s)
{
	struct slice w = speech_wav();

	mem_init(&s->mem, 0);
	ck_assert_int_eq(wav_load_memory(&s->mem, w.p, w.n, &s->pcm, &s->n,
					 &s->rate), 0);
	ck_assert_uint_eq(s->rate, 16000);
	ck_assert_uint_eq(s->n, 96800); /* as soxi says */
}

START_TEST(speech_is_found_where_it_was_put)
{
	struct speech s;
	struct measure m;
	int16_t *got;
	uint32_t x = 7;

	speech_open(&s);
	got = mem_array(&s.mem, s.n + 20000, sizeof(*got));
	for (size_t i = 0; i < s.n; i++) {
		x = x * 1664525 + 1013904223;
		/* 6 dB less, with some noise */
		got[i + 12345] = (int16_t)(s.pcm[i] / 2 + (int)(x >> 24) - 128);
	}
	ck_assert_int_eq(measure_align(&s.mem, s.pcm, s.n, got, s.n + 20000, 0,
				       &m), 0);
	ck_assert_int_eq(m.lag, 12345);
	ck_assert(m.correlation > 0.97);
	ck_assert(fabs(m.gain_db + 6.02) < 0.2);
	ck_assert_uint_eq(m.overlap, s.n);
	/* the other way round: the recording began in the middle */
	ck_assert_int_eq(measure_align(&s.mem, s.pcm, s.n, s.pcm + 30001,
				       s.n - 30001, 40000, &m), 0);
	ck_assert_int_eq(m.lag, -30001);
	ck_assert(m.correlation > 0.9999);
	mem_free(&s.mem, got);
	mem_free(&s.mem, s.pcm);
	ck_assert_uint_eq(s.mem.blocks, 0);
}
END_TEST

START_TEST(noise_is_not_like_speech)
{
	struct speech s;
	struct measure m;
	int16_t *got;
	uint32_t x = 99;

	speech_open(&s);
	got = mem_array(&s.mem, s.n, sizeof(*got));
	for (size_t i = 0; i < s.n; i++) {
		x = x * 1664525 + 1013904223;
		got[i] = (int16_t)(x >> 17);
	}
	ck_assert_int_eq(measure_align(&s.mem, s.pcm, s.n, got, s.n, 0, &m), 0);
	ck_assert(m.correlation < 0.2);
	mem_free(&s.mem, got);
	mem_free(&s.mem, s.pcm);
}
END_TEST

START_TEST(too_little_is_refused_and_memory_may_fail)
{
	int16_t a[400] = { 1, 2, 3 };
	struct measure m;
	struct mem mem;

	mem_init(&mem, 0);
	ck_assert_int_eq(measure_align(&mem, a, 99, a, 400, 0, &m), -EINVAL);
	for (uint64_t k = 1; k <= 2; k++) {
		mem.fail_at = mem.calls + k;
		ck_assert_int_eq(measure_align(&mem, a, 400, a, 400, 0, &m),
				 -ENOMEM);
		ck_assert_uint_eq(mem.blocks, 0);
	}
	ck_assert_int_eq(measure_align(&mem, a, 400, a, 400, 0, &m), 0);
}
END_TEST

START_TEST(snr_counts_the_difference)
{
	int16_t a[100], b[100];

	for (int i = 0; i < 100; i++) {
		a[i] = (int16_t)(i % 2 ? 1000 : -1000);
		b[i] = (int16_t)(a[i] + (i % 2 ? 100 : -100));
	}
	ck_assert(fabs(measure_snr(a, b, 100) - 20) < 0.01);
	ck_assert(fabs(measure_correlation(a, b, 100) - 1) < 1e-9);
}
END_TEST

SUITE(measure, speech_is_found_where_it_was_put, noise_is_not_like_speech,
      too_little_is_refused_and_memory_may_fail, snr_counts_the_difference);
