/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/suites.h"

#include "media/codec/codec.h"
#include "media/codec/g711.h"

START_TEST(l16_is_in_network_byte_order)
{
	const struct codec *c = codec_named(S("L16/16000"));
	const int16_t pcm[3] = { 0x1234, -2, 0 }; /* RFC 3551 4.5.11 */
	int16_t back[3];
	struct mem m;
	uint8_t out[6];
	void *dec;

	mem_init(&m, 0);
	ck_assert_int_eq(c->encode(NULL, pcm, 3, out, 6), 6);
	ck_assert_mem_eq(out, "\x12\x34\xFF\xFE\0\0", 6);
	ck_assert_int_eq(c->encode(NULL, pcm, 3, out, 5), -ENOSPC);
	ck_assert_int_eq(c->decoder_open(&m, 16000, &dec), 0);
	ck_assert_int_eq(c->decode(dec, out, 6, back, 3), 3);
	ck_assert_mem_eq(back, pcm, sizeof(pcm));
	ck_assert_int_eq(c->decode(dec, out, 5, back, 3), -EBADMSG);
	ck_assert_int_eq(c->decode(dec, out, 6, back, 2), -ENOSPC);
	ck_assert_int_eq(c->duration(c, out, 6), 3);
	ck_assert_int_eq(c->duration(c, out, 5), -EBADMSG);
	ck_assert_int_eq(c->duration(c, out, 0), -EBADMSG);
	c->decoder_close(&m, dec);
	ck_assert_uint_eq(m.blocks, 0);
}
END_TEST

START_TEST(silence_is_coded_without_samples)
{
	uint8_t out[160];

	ck_assert_int_eq(codec_static(0)->encode(NULL, NULL, 160, out, 160),
			 160);
	ck_assert_uint_eq(out[0], 0xFF);
	ck_assert_int_eq(codec_static(8)->encode(NULL, NULL, 160, out, 160),
			 160);
	ck_assert_uint_eq(out[159], 0xD5);
	ck_assert_int_eq(codec_static(0)->encode(NULL, NULL, 161, out, 160),
			 -ENOSPC);
}
END_TEST

START_TEST(both_laws_decode_to_their_values)
{
	for (unsigned pt = 0; pt <= 8; pt += 8) {
		const struct codec *c = codec_static(pt);
		int16_t out[256], gap[160];
		uint8_t in[256];
		struct mem m;
		void *dec;

		mem_init(&m, 0);
		for (int i = 0; i < 256; i++)
			in[i] = (uint8_t)i;
		ck_assert_int_eq(c->decoder_open(&m, 8000, &dec), 0);
		ck_assert_int_eq(c->decode(dec, in, 256, out, 256), 256);
		for (int i = 0; i < 256; i++)
			ck_assert_int_eq(out[i], pt ? g711_alaw_decode(in[i]) :
					 g711_ulaw_decode(in[i]));
		ck_assert_int_eq(c->decode(dec, in, 256, out, 255), -ENOSPC);
		ck_assert_int_eq(c->conceal(dec, gap, 160), 160);
		ck_assert_int_eq(c->duration(c, in, 160), 160);
		ck_assert_int_eq(c->duration(c, in, 961), -EBADMSG);
		c->decoder_close(&m, dec);
		m.fail_at = m.calls + 1;
		ck_assert_int_eq(c->decoder_open(&m, 8000, &dec), -ENOMEM);
		ck_assert_uint_eq(m.blocks, 0);
	}
}
END_TEST

SUITE(codec_pcm, l16_is_in_network_byte_order,
      silence_is_coded_without_samples, both_laws_decode_to_their_values);
