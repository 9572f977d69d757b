/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/suites.h"

#include <math.h>

#include "media/codec/plc.h"
#include "media/measure.h"

/* A voiced sound: a fundamental and two of its harmonics. */
static void voice(int16_t *out, size_t n, unsigned hz, uint32_t rate)
{
	for (size_t i = 0; i < n; i++) {
		double t = 2 * M_PI * hz * (double)i / rate;

		out[i] = (int16_t)(6000 * sin(t) + 3000 * sin(2 * t + 1) +
				   1500 * sin(3 * t + 2));
	}
}

static void one_rate(uint32_t rate)
{
	static int16_t room[PLC_ROOM_MAX], pcm[48000];
	size_t frame = rate / 50;
	int16_t gap[960], after[960];
	struct plc p;

	ck_assert_uint_le(plc_room(rate), COUNT(room));
	voice(pcm, rate, 130, rate);
	plc_init(&p, room, rate);
	for (size_t i = 0; i < 10; i++)
		plc_good(&p, pcm + i * frame, frame);
	plc_lost(&p, gap, frame);
	ck_assert(measure_correlation(gap, pcm + 10 * frame, frame) > 0.95);
	for (size_t i = 0; i < frame; i++)
		after[i] = pcm[11 * frame + i];
	plc_good(&p, after, frame);
	ck_assert(measure_correlation(after, pcm + 11 * frame, frame) > 0.97);
	/* the second half of it is past the seam: untouched */
	ck_assert_mem_eq(after + frame / 2, pcm + 11 * frame + frame / 2,
			 frame / 2 * sizeof(*pcm));
}

START_TEST(a_lost_frame_of_a_voice_goes_on_in_its_pitch)
{
	one_rate(8000);
	one_rate(16000);
	one_rate(44100);
	one_rate(48000);
}
END_TEST

START_TEST(a_long_gap_fades_to_silence_within_60_ms)
{
	int16_t room[400], pcm[1600], gap[640];
	struct plc p;

	voice(pcm, 1600, 200, 8000);
	plc_init(&p, room, 8000);
	plc_good(&p, pcm, 1600);
	plc_lost(&p, gap, 640);
	ck_assert(measure_correlation(gap, pcm, 80) > 0.9);
	for (size_t i = 480; i < 640; i++)
		ck_assert_int_eq(gap[i], 0);
}
END_TEST

START_TEST(nothing_heard_yet_is_silence)
{
	int16_t room[400], gap[160];
	struct plc p;

	plc_init(&p, room, 8000);
	plc_lost(&p, gap, 160);
	for (size_t i = 0; i < 160; i++)
		ck_assert_int_eq(gap[i], 0);
}
END_TEST

START_TEST(what_was_received_without_loss_is_not_touched)
{
	int16_t room[400], pcm[4000], copy[4000];
	struct plc p;

	voice(pcm, 4000, 90, 8000);
	plc_init(&p, room, 8000);
	for (size_t at = 0, n = 1; at + n < 4000; at += n, n = n * 3 % 701) {
		memcpy(copy, pcm + at, n * sizeof(*pcm));
		plc_good(&p, copy, n);
		ck_assert_mem_eq(copy, pcm + at, n * sizeof(*pcm));
	}
}
END_TEST

SUITE(plc, a_lost_frame_of_a_voice_goes_on_in_its_pitch,
      a_long_gap_fades_to_silence_within_60_ms, nothing_heard_yet_is_silence,
      what_was_received_without_loss_is_not_touched);
