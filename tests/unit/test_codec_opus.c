/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/suites.h"

#include "media/codec/codec.h"
#include "media/measure.h"
#include "media/resample.h"
#include "media/wav_file.h"
#include "tools/speech.h"

struct run {
	struct mem mem;
	const struct codec *c;
	uint32_t rate;
	int16_t *pcm, *out;
	size_t n, bytes, packets, largest, smallest;
	size_t lose;    /* every lose-th packet is lost; 0: none */
	bool with_fec;  /* the receiver uses what is there */
	unsigned recovered;
};

static void load(struct run *r)
{
	struct slice w = speech_wav();
	uint32_t rate;
	int16_t *pcm;
	size_t n;

	ck_assert_int_eq(wav_load_memory(&r->mem, w.p, w.n, &pcm, &n, &rate),
			 0);
	ck_assert_int_eq(resample_all(&r->mem, pcm, n, rate, r->rate, &r->pcm,
				      &r->n), 0);
	mem_free(&r->mem, pcm);
	r->out = mem_array(&r->mem, r->n + r->rate, sizeof(*r->out));
	r->smallest = 9999;
}

static void receive(struct run *r, void *dec, const uint8_t *p, int n,
		    size_t at, size_t frame, bool *lost)
{
	const struct codec *c = r->c;
	int got = 0;

	ck_assert_int_eq(c->duration(c, p, (size_t)n), 960);
	if (*lost && r->with_fec) {
		got = c->decode_fec(dec, p, (size_t)n, r->out + at - frame,
				    frame);
		r->recovered += got > 0;
	}
	if (*lost && !got)
		ck_assert_int_eq(c->conceal(dec, r->out + at - frame, frame),
				 (int)frame);
	ck_assert_int_eq(c->decode(dec, p, (size_t)n, r->out + at, frame),
			 (int)frame);
	*lost = false;
}

static double go(struct run *r, uint32_t rate, const struct codec_params *p,
		 unsigned loss)
{
	size_t frame = rate / 50;
	struct measure m;
	bool lost = false;
	uint8_t pkt[1400];
	void *enc, *dec;

	mem_init(&r->mem, 0);
	r->c = codec_named(S("opus"));
	r->rate = rate;
	load(r);
	ck_assert_int_eq(r->c->encoder_open(&r->mem, rate, p, &enc), 0);
	ck_assert_int_eq(r->c->decoder_open(&r->mem, rate, &dec), 0);
	r->c->set_loss(enc, loss);
	for (size_t at = 0; at + frame <= r->n; at += frame, r->packets++) {
		int n = r->c->encode(enc, r->pcm + at, frame, pkt, sizeof(pkt));

		ck_assert_int_ge(n, 0);
		r->bytes += (size_t)n;
		r->largest = (size_t)n > r->largest ? (size_t)n : r->largest;
		r->smallest = (size_t)n < r->smallest ? (size_t)n :
			      r->smallest;
		if (n && r->lose && r->packets % r->lose == r->lose - 1)
			lost = true;
		else if (n)
			receive(r, dec, pkt, n, at, frame, &lost);
	}
	ck_assert_int_eq(measure_align(&r->mem, r->pcm, r->n - frame, r->out,
				       r->n - frame, 0, &m), 0);
	/* RFC 6716 2.1.2 and 4.2.9: 6.5 ms, and up to 1.5 of resampling */
	ck_assert_int_le((int)(m.lag * 1000 / (int64_t)rate), 8);
	r->c->encoder_close(&r->mem, enc);
	r->c->decoder_close(&r->mem, dec);
	mem_free(&r->mem, r->pcm);
	mem_free(&r->mem, r->out);
	ck_assert_uint_eq(r->mem.blocks, 0);
	return m.correlation;
}

START_TEST(speech_survives_at_every_rate)
{
	static const uint32_t rates[] = { 8000, 12000, 16000, 24000, 48000 };
	struct codec_params p = { 0 };

	for (size_t i = 0; i < COUNT(rates); i++) {
		struct run r = { 0 };
		double v = go(&r, rates[i], &p, 0);

		ck_assert_msg(v > 0.95, "%u: %f", rates[i], v);
	}
}
END_TEST

START_TEST(the_bitrate_stays_below_what_the_far_end_wishes)
{
	struct codec_params p = { .max_bitrate = 12000 };
	struct run r = { 0 }, cbr = { 0 };

	go(&r, 16000, &p, 0);
	ck_assert_uint_le(r.bytes * 8 * 50 / r.packets, 12600);
	p.cbr = true;
	go(&cbr, 16000, &p, 0);
	ck_assert_uint_eq(cbr.largest, cbr.smallest);
	ck_assert_uint_eq(cbr.largest, 30); /* 12000 / 8 / 50 */
}
END_TEST

START_TEST(fec_brings_back_what_was_lost)
{
	struct codec_params p = { .fec = true };
	struct run with = { .lose = 7, .with_fec = true };
	struct run without = { .lose = 7 };
	double a = go(&with, 16000, &p, 20), b = go(&without, 16000, &p, 20);

	ck_assert_uint_ge(with.recovered, 15); /* of 43 lost; speech pauses */
	ck_assert_msg(a > b, "%f %f", a, b);
	ck_assert(a > 0.93);
}
END_TEST

START_TEST(nothing_is_rebuilt_where_nothing_is_repeated)
{
	struct codec_params p = { 0 };
	struct run r = { .lose = 7, .with_fec = true };

	go(&r, 16000, &p, 20);
	ck_assert_uint_eq(r.recovered, 0);
}
END_TEST

START_TEST(dtx_stays_silent_in_silence)
{
	const struct codec *c = codec_named(S("opus"));
	struct codec_params p = { .dtx = true };
	unsigned sent = 0;
	uint8_t pkt[400];
	struct mem m;
	void *enc;

	mem_init(&m, 0);
	ck_assert_int_eq(c->encoder_open(&m, 16000, &p, &enc), 0);
	for (int i = 0; i < 200; i++)
		sent += c->encode(enc, NULL, 320, pkt, sizeof(pkt)) > 0;
	ck_assert_uint_lt(sent, 40); /* RFC 7587 3.1.3: one in 400 ms */
	c->encoder_close(&m, enc);
}
END_TEST

START_TEST(hostile_packets_are_refused)
{
	static const struct { const char *p; size_t n; } bad[] = {
		{ "", 0 },
		{ "\xFF", 1 },                /* code 3 without its count */
		{ "\x03\x00", 2 },            /* no frames, RFC 6716 3.2.5 */
		{ "\x03\x3F", 2 },            /* 63 frames: beyond 120 ms */
		{ "\x02\xFF", 2 },            /* a length cut short */
		{ "\x01\x00\x00\x00", 4 },    /* halves of odd length */
	};
	const struct codec *c = codec_named(S("opus"));
	int16_t pcm[5760];
	struct mem m;
	void *dec;

	mem_init(&m, 0);
	ck_assert_int_eq(c->decoder_open(&m, 48000, &dec), 0);
	for (size_t i = 0; i < COUNT(bad); i++) {
		const uint8_t *p = (const uint8_t *)bad[i].p;

		ck_assert_msg(c->decode(dec, p, bad[i].n, pcm, 5760) ==
			      -EBADMSG, "%zu", i);
		ck_assert_int_eq(c->decode_fec(dec, p, bad[i].n, pcm, 960), 0);
	}
	ck_assert_int_eq(c->decode(dec, (const uint8_t *)"\x08", 1, pcm, 10),
			 -ENOSPC);
	c->decoder_close(&m, dec);
}
END_TEST

START_TEST(what_cannot_be_opened_says_so)
{
	const struct codec *c = codec_named(S("opus"));
	struct codec_params p = { 0 };
	struct mem m;
	void *x;

	mem_init(&m, 0);
	ck_assert_int_eq(c->encoder_open(&m, 44100, &p, &x), -EINVAL);
	ck_assert_int_eq(c->decoder_open(&m, 11025, &x), -EINVAL);
	m.fail_at = m.calls + 1;
	ck_assert_int_eq(c->encoder_open(&m, 48000, &p, &x), -ENOMEM);
	m.fail_at = m.calls + 1;
	ck_assert_int_eq(c->decoder_open(&m, 48000, &x), -ENOMEM);
	ck_assert_uint_eq(m.blocks, 0);
}
END_TEST

SUITE(codec_opus, speech_survives_at_every_rate,
      the_bitrate_stays_below_what_the_far_end_wishes,
      fec_brings_back_what_was_lost,
      nothing_is_rebuilt_where_nothing_is_repeated,
      dtx_stays_silent_in_silence, hostile_packets_are_refused,
      what_cannot_be_opened_says_so);
