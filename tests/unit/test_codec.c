/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/suites.h"

#include "media/codec/codec.h"

/* RFC 3551 6, table 4; RFC 7587 7: opus/48000/2. */
START_TEST(rows_are_found_as_rtpmap_names_them)
{
	const struct codec *c = codec_find(S("pcmu"), 8000, 0);

	ck_assert_ptr_nonnull(c);
	ck_assert_uint_eq(c->payload_type, 0);
	ck_assert_ptr_eq(codec_static(0), c);
	ck_assert_ptr_eq(codec_static(8), codec_find(S("PCMA"), 8000, 1));
	ck_assert_ptr_eq(codec_static(11), codec_find(S("L16"), 44100, 1));
	ck_assert_ptr_null(codec_static(10)); /* stereo */
	ck_assert_ptr_null(codec_static(CODEC_DYNAMIC));
	ck_assert_ptr_null(codec_find(S("PCMU"), 16000, 1));
	ck_assert_ptr_null(codec_find(S("PCMU"), 8000, 2));
	ck_assert_ptr_null(codec_find(S("opus"), 48000, 1));
	ck_assert_ptr_null(codec_find(S(""), 8000, 1));
}
END_TEST

START_TEST(users_may_leave_the_rate_out)
{
	ck_assert_ptr_eq(codec_named(S("pcma")), codec_static(8));
	ck_assert_ptr_eq(codec_named(S("L16/44100")), codec_static(11));
	ck_assert_ptr_eq(codec_named(S("L16/44100/1")), codec_static(11));
	ck_assert_ptr_null(codec_named(S("L16/44101")));
	ck_assert_ptr_null(codec_named(S("L16/")));
	ck_assert_ptr_null(codec_named(S("mp3")));
}
END_TEST

START_TEST(the_packet_time_is_the_receivers_wish_within_bounds)
{
	const struct codec *c = codec_static(0);
	struct codec_params p = { 0 };

	ck_assert_uint_eq(codec_ptime(c, &p), 20);
	p.ptime = 30;
	ck_assert_uint_eq(codec_ptime(c, &p), 30);
	p.ptime = 35;
	ck_assert_uint_eq(codec_ptime(c, &p), 30);
	p.maxptime = 10;
	ck_assert_uint_eq(codec_ptime(c, &p), 10);
	p.ptime = p.maxptime = 3;
	ck_assert_uint_eq(codec_ptime(c, &p), 10); /* at least a step */
	p.ptime = 1000;
	p.maxptime = 0;
	ck_assert_uint_eq(codec_ptime(c, &p), c->max_ptime);
}
END_TEST

/* RFC 8866 6.4: a=ptime is anything; what is made of it must be sendable. */
START_TEST(every_packet_time_can_be_coded)
{
	static const int16_t pcm[CODEC_PACKET_SAMPLES];

	for (size_t i = 0; feature_codec[i]; i++) {
		const struct codec *c = feature_codec[i];
		struct codec_params p = { 0 };
		struct mem m;
		void *enc;

		mem_init(&m, 0);
		ck_assert_int_eq(c->encoder_open(&m, c->rates[0], &p, &enc),
				 0);
		for (p.ptime = 0; p.ptime < 256; p.ptime++) {
			unsigned ms = codec_ptime(c, &p);
			uint8_t out[CODEC_PAYLOAD_MAX];
			int n = c->encode(enc, pcm, c->rates[0] * ms / 1000,
					  out, sizeof(out));

			ck_assert_msg(n > 0, "%s, ptime %u: %u ms: %d",
				      c->name, p.ptime, ms, n);
			ck_assert(ms <= p.ptime || !p.ptime ||
				  p.ptime < c->step);
			ck_assert_int_eq(c->duration(c, out, (size_t)n),
					 (int)(c->clock_rate * ms / 1000));
		}
		c->encoder_close(&m, enc);
	}
}
END_TEST

START_TEST(every_row_is_whole)
{
	for (size_t i = 0; feature_codec[i]; i++) {
		const struct codec *c = feature_codec[i];

		ck_assert(c->name && c->title && c->rates && c->rates[0]);
		ck_assert(c->encoder_open && c->encoder_close && c->encode);
		ck_assert(c->decoder_open && c->decoder_close && c->decode);
		ck_assert(c->conceal && c->duration);
		ck_assert_uint_eq(c->ptime % c->step, 0);
		ck_assert_uint_eq(c->clock_rate * c->step % 1000, 0);
		ck_assert_uint_le(c->max_ptime, CODEC_PACKET_MS_MAX);
		ck_assert_uint_gt(c->model.bpl, 0);
		for (const uint32_t *r = c->rates; *r; r++)
			ck_assert_uint_le(*r, CODEC_RATE_MAX);
		ck_assert_uint_eq(codec_rate(c, 0), c->rates[0]);
	}
}
END_TEST

SUITE(codec, rows_are_found_as_rtpmap_names_them,
      users_may_leave_the_rate_out,
      the_packet_time_is_the_receivers_wish_within_bounds,
      every_packet_time_can_be_coded, every_row_is_whole);
