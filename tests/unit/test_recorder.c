/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/suites.h"

#include "media/recorder.h"

START_TEST(what_nobody_fetches_is_dropped_and_counted)
{
	struct wav_format f = { WAV_PCM, 8000, 1, 16, 2 };
	struct recorder r;
	int16_t pcm[80] = { 7 };
	struct mem m;

	mem_init(&m, 0);
	ck_assert_int_eq(recorder_init(&r, &m, &f), 0);
	for (int i = 0; i < 60; i++) /* 600 ms into a buffer of 500 */
		recorder_ops.sink(&r, pcm, 80, 0);
	ck_assert_uint_eq(recorder_bytes(&r).n, 8000);
	ck_assert_uint_eq(r.dropped, 800);
	ck_assert_uint_eq(r.frames, 4800);
	recorder_written(&r, 160);
	ck_assert_uint_eq(recorder_bytes(&r).n, 7840);
	recorder_ops.sink(&r, NULL, 80, 0);
	ck_assert_uint_eq(recorder_bytes(&r).n, 8000);
	ck_assert_int_eq(recorder_bytes(&r).p[7999], 0);
	recorder_written(&r, 99999);
	ck_assert_uint_eq(recorder_bytes(&r).n, 0);
	recorder_fini(&r);
	ck_assert_uint_eq(m.blocks, 0);
}
END_TEST

START_TEST(odd_rates_and_lack_of_memory_are_errors)
{
	struct wav_format f = { WAV_PCM, 11025, 1, 16, 2 };
	struct recorder r = { 0 };
	struct mem m;

	mem_init(&m, 0);
	ck_assert_int_eq(recorder_init(&r, &m, &f), -EINVAL);
	f.rate = 16000;
	m.fail_at = 1;
	ck_assert_int_eq(recorder_init(&r, &m, &f), -ENOMEM);
	recorder_fini(&r);
}
END_TEST

SUITE(recorder, what_nobody_fetches_is_dropped_and_counted,
      odd_rates_and_lack_of_memory_are_errors);
