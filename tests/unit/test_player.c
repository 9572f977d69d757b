/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/suites.h"

#include <math.h>

#include "media/measure.h"
#include "media/player.h"

static void feed(struct player *p, const uint8_t *bytes, size_t n, size_t *at)
{
	size_t room = player_room(p), k = n - *at;

	*at += player_on_bytes(p, bytes + *at, k < room ? k : room);
	if (*at == n)
		player_on_end(p);
}

/* A tone at any rate comes out as that tone at the graph's. */
static void tone_from(uint32_t from, uint32_t to)
{
	struct wav_format f = { WAV_PCM, from, 2, 16, 4 };
	size_t n = from, want = to, at = 0, done = 0;
	int16_t *in, *out, *ideal;
	struct measure ms;
	struct player p;
	uint8_t *bytes;
	struct mem m;

	mem_init(&m, 0);
	in = mem_array(&m, n, 2);
	bytes = mem_array(&m, n, 4);
	out = mem_array(&m, want + to, 2);
	ideal = mem_array(&m, want, 2);
	for (size_t i = 0; i < n; i++)
		in[i] = (int16_t)lrint(9000 * sin(2 * M_PI * 300 * (double)i /
						  from));
	for (size_t i = 0; i < want; i++)
		ideal[i] = (int16_t)lrint(9000 * sin(2 * M_PI * 300 *
						     (double)i / to));
	wav_from_pcm(&f, in, n, bytes);
	ck_assert_int_eq(player_init(&p, &m, &f, to), 0);
	while (!player_done(&p) && done < want + to / 2) {
		feed(&p, bytes, n * 4, &at);
		if (player_ops.source(&p, out + done, to / 100, 0))
			done += to / 100;
	}
	ck_assert_uint_eq(p.underruns, 0);
	ck_assert(done >= want - to / 50 && done <= want + to / 100);
	ck_assert_int_eq(measure_align(&m, ideal, want - to / 50, out, done,
				       to / 50, &ms), 0);
	ck_assert_msg(ms.correlation > 0.99, "%u %u: %f", from, to,
		      ms.correlation);
	player_fini(&p);
	mem_free(&m, in);
	mem_free(&m, bytes);
	mem_free(&m, out);
	mem_free(&m, ideal);
	ck_assert_uint_eq(m.blocks, 0);
}

START_TEST(a_file_of_any_rate_plays_at_the_graphs)
{
	static const uint32_t from[] = { 8000, 11025, 12345, 22050, 44100,
					 96000, 192000 };

	for (size_t i = 0; i < COUNT(from); i++) {
		tone_from(from[i], 8000);
		tone_from(from[i], 48000);
	}
	tone_from(16000, 16000);
}
END_TEST

START_TEST(bytes_come_in_pieces_and_may_run_dry)
{
	struct wav_format f = { WAV_PCM, 8000, 1, 16, 2 };
	uint8_t bytes[480] = { 0 };
	int16_t out[80];
	struct player p;
	struct mem m;

	mem_init(&m, 0);
	ck_assert_int_eq(player_init(&p, &m, &f, 8000), 0);
	ck_assert(!player_ops.source(&p, out, 80, 0));
	ck_assert_uint_eq(p.underruns, 0); /* not begun */
	ck_assert_uint_eq(player_on_bytes(&p, bytes, 241), 240);
	ck_assert(player_ops.source(&p, out, 80, 0));
	ck_assert(player_ops.source(&p, out, 80, 0)); /* half of it */
	ck_assert_uint_eq(p.underruns, 1);
	ck_assert(!player_ops.source(&p, out, 80, 0));
	ck_assert(!player_done(&p));
	player_on_end(&p);
	ck_assert(player_done(&p));
	ck_assert_uint_eq(player_on_bytes(&p, bytes, 100), 0);
	player_fini(&p);
}
END_TEST

/* The rate changes half-way: what comes is the second half at the new one. */
START_TEST(a_file_goes_on_at_another_rate)
{
	struct wav_format f = { WAV_PCM, 8000, 1, 16, 2 };
	uint8_t bytes[320];
	int16_t in[160], out[480];
	struct player p;
	struct mem m;

	mem_init(&m, 0);
	for (size_t i = 0; i < COUNT(in); i++)
		in[i] = i < 80 ? 1000 : 9000;
	wav_from_pcm(&f, in, COUNT(in), bytes);
	ck_assert_int_eq(player_init(&p, &m, &f, 8000), 0);
	ck_assert_uint_eq(player_on_bytes(&p, bytes, sizeof(bytes)), 320);
	ck_assert(player_ops.source(&p, out, 80, 0));
	ck_assert_int_eq(out[79], 1000);
	ck_assert_int_eq(player_set_rate(&p, 11025), -EINVAL);
	m.fail_at = m.calls + 1;
	ck_assert_int_eq(player_set_rate(&p, 48000), -ENOMEM);
	ck_assert_uint_eq(p.rate, 8000);
	m.fail_at = 0;
	ck_assert_int_eq(player_set_rate(&p, 48000), 0);
	ck_assert(player_ops.source(&p, out, 480, 0));
	ck_assert_int_gt(out[240], 8000);
	ck_assert_int_eq(player_set_rate(&p, 8000), 0);
	ck_assert_ptr_null(p.r);
	player_fini(&p);
	ck_assert_uint_eq(m.blocks, 0);
}
END_TEST

START_TEST(what_makes_no_sense_is_refused)
{
	struct wav_format f = { WAV_PCM, 8000, 1, 16, 2 };
	struct player p = { 0 };
	struct mem m;

	mem_init(&m, 0);
	ck_assert_int_eq(player_init(&p, &m, &f, 11025), -EINVAL);
	f.frame = 3;
	ck_assert_int_eq(player_init(&p, &m, &f, 8000), -EINVAL);
	player_fini(&p);
}
END_TEST

SUITE(player, a_file_of_any_rate_plays_at_the_graphs,
      bytes_come_in_pieces_and_may_run_dry,
      a_file_goes_on_at_another_rate, what_makes_no_sense_is_refused);
