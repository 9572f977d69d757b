/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/suites.h"

#include <math.h>

#include "media/measure.h"
#include "media/resample.h"

static const uint32_t rates[] = { 8000, 11025, 12000, 16000, 22050, 24000,
				  32000, 44100, 48000 };

static void sine(int16_t *out, size_t n, double hz, uint32_t rate)
{
	for (size_t i = 0; i < n; i++)
		out[i] = (int16_t)lrint(12000 *
					sin(2 * M_PI * hz * (double)i / rate));
}

/* A tone comes out as the same tone: likeness with a tone made at the other
 * rate, both kinds of resampler. */
static void run_all(const struct resampler *kind, uint32_t from, uint32_t to)
{
	size_t n = from / 2, want = to / 2, taken = 0, given = 0;
	static int16_t in[24000], out[24000], ideal[24000];
	struct measure m;
	struct mem mem;
	void *r;

	mem_init(&mem, 0);
	sine(in, n, 440, from);
	sine(ideal, want, 440, to);
	ck_assert_int_eq(kind->open(&mem, from, to, &r), 0);
	while (given < want && taken < n) {
		/* pieces of odd sizes in and out */
		size_t a = n - taken < 137 ? n - taken : 137;
		size_t b = want - given < 211 ? want - given : 211;

		kind->run(r, in + taken, &a, out + given, &b);
		ck_assert(a || b);
		taken += a;
		given += b;
	}
	kind->close(&mem, r);
	ck_assert_uint_ge(given + to / 100, want);
	ck_assert_int_eq(measure_align(&mem, ideal, given, out, given,
				       to / 50, &m), 0);
	ck_assert_msg(m.correlation > 0.99, "%s %u to %u: %f", kind->name,
		      from, to, m.correlation);
	ck_assert(fabs(m.gain_db) < 0.3);
	ck_assert_uint_eq(mem.blocks, 0);
}

START_TEST(a_tone_keeps_pitch_and_level_between_all_rates)
{
	for (const struct resampler *const *k = feature_resampler; *k; k++)
		for (size_t i = 0; i < COUNT(rates); i++)
			for (size_t j = 0; j < COUNT(rates); j++)
				run_all(*k, rates[i], rates[j]);
}
END_TEST

/* What lies above half the lower rate must not come back as another tone. */
START_TEST(a_tone_that_does_not_fit_is_gone)
{
	static int16_t in[48000], out[8000];
	struct mem mem;

	mem_init(&mem, 0);
	sine(in, COUNT(in), 6500, 48000);
	for (const struct resampler *const *k = feature_resampler; *k; k++) {
		size_t a = COUNT(in), b = COUNT(out);
		int64_t energy = 0;
		void *r;

		ck_assert_int_eq((*k)->open(&mem, 48000, 8000, &r), 0);
		(*k)->run(r, in, &a, out, &b);
		(*k)->close(&mem, r);
		for (size_t i = 100; i < b; i++)
			energy += out[i] * out[i];
		/* 12000 squared / 2, 40 dB less */
		ck_assert_msg(energy / (int64_t)b < 7200, "%s", (*k)->name);
	}
}
END_TEST

START_TEST(a_quantum_gives_ten_milliseconds_for_ten)
{
	static const uint32_t tens[] = { 8000, 16000, 24000, 44100, 48000 };
	int16_t in[480], out[481];
	struct resample *r;
	struct mem mem;

	mem_init(&mem, 0);
	memset(in, 0, sizeof(in));
	for (size_t i = 0; i < COUNT(tens); i++)
		for (size_t j = 0; j < COUNT(tens); j++) {
			size_t n = tens[j] / 100;

			ck_assert_int_eq(resample_open(&mem, tens[i], tens[j],
						       &r), 0);
			for (int k = 0; k < 300; k++) {
				out[n] = 77; /* not one too many */
				resample_quantum(r, k % 3 ? in : NULL,
						 tens[i] / 100, out, n);
				ck_assert_int_eq(out[n], 77);
			}
			resample_close(r);
		}
	ck_assert_uint_eq(mem.blocks, 0);
}
END_TEST

/* However little there is: as long as it was, to the sample that has begun. */
START_TEST(all_of_a_recording_is_converted)
{
	static const uint32_t both[] = { 8000, 16000, 44100, 48000 };
	static const size_t lengths[] = { 0, 1, 7, 80, 511, 4000 };
	static int16_t in[4000];
	struct mem mem;

	mem_init(&mem, 0);
	for (size_t i = 0; i < COUNT(both) * COUNT(both); i++)
		for (size_t k = 0; k < COUNT(lengths); k++) {
			uint32_t from = both[i / COUNT(both)],
				 to = both[i % COUNT(both)];
			int16_t *out;
			size_t n;

			ck_assert_int_eq(resample_all(&mem, in, lengths[k],
						      from, to, &out, &n), 0);
			ck_assert_uint_eq(n, lengths[k] * to / from);
			mem_free(&mem, out);
		}
	ck_assert_uint_eq(mem.blocks, 0);
}
END_TEST

START_TEST(a_clock_that_runs_fast_is_followed)
{
	static int16_t in[48000], out[48000];
	struct resample *r;
	struct mem mem;
	size_t a = COUNT(in), b = COUNT(out);

	mem_init(&mem, 0);
	ck_assert_int_eq(resample_open(&mem, 16000, 16000, &r), 0);
	resample_adjust(r, 1010000); /* 1 % more comes in than goes out */
	resample_run(r, in, &a, out, &b);
	ck_assert_uint_eq(a, COUNT(in));
	ck_assert(b > 47500 - 60 && b < 47530);
	resample_close(r);
}
END_TEST

START_TEST(senseless_rates_and_lack_of_memory_are_errors)
{
	struct resample *r;
	struct mem mem;
	int16_t in[4] = { 0 }, *out;
	size_t n;

	mem_init(&mem, 0);
	ck_assert_int_eq(resample_open(&mem, 0, 8000, &r), -EINVAL);
	ck_assert_int_eq(resample_open(&mem, 8000, 999999, &r), -EINVAL);
	for (uint64_t k = 1;; k++) {
		int rc;

		mem.fail_at = mem.calls + k;
		rc = resample_all(&mem, in, 4, 8000, 48000, &out, &n);
		if (rc == 0)
			break;
		ck_assert_int_eq(rc, -ENOMEM);
		ck_assert_uint_eq(mem.blocks, 0);
	}
	ck_assert_uint_eq(n, 24);
	mem_free(&mem, out);
	ck_assert_uint_eq(mem.blocks, 0);
}
END_TEST

SUITE(resample, a_tone_keeps_pitch_and_level_between_all_rates,
      a_tone_that_does_not_fit_is_gone,
      a_quantum_gives_ten_milliseconds_for_ten,
      all_of_a_recording_is_converted,
      a_clock_that_runs_fast_is_followed,
      senseless_rates_and_lack_of_memory_are_errors);
