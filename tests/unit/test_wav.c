/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/suites.h"

#include <math.h>
#include <stdlib.h>

#include "media/wav.h"

static size_t get(struct wav_scan *s, const uint8_t *p, size_t n, size_t piece)
{
	size_t at = 0;
	bool done = false;

	*s = (struct wav_scan){ 0 };
	while (!done && at < n) {
		size_t k = n - at < piece ? n - at : piece;
		int rc = wav_scan_bytes(s, p + at, k, &done);

		ck_assert_int_ge(rc, 0);
		ck_assert(done || (size_t)rc == k);
		at += (size_t)rc;
	}
	ck_assert(done);
	return at;
}

static bool same_format(const struct wav_format *a, const struct wav_format *b)
{
	return a->coding == b->coding && a->rate == b->rate &&
	       a->channels == b->channels && a->bits == b->bits &&
	       a->frame == b->frame;
}

static void check_format(const struct wav_format *f, int bits)
{
	uint8_t file[WAV_HEADER + 16 + 4096], again[4096];
	int16_t pcm[64], back[64];
	size_t head, frames = 64;
	struct wav_scan s;

	for (int i = 0; i < 64; i++)
		pcm[i] = (int16_t)(i * 1021 - 32768 + i % 7);
	head = wav_header(f, frames * f->frame, file);
	ck_assert_uint_le(head, WAV_HEADER);
	wav_from_pcm(f, pcm, frames, file + head);
	for (size_t piece = 1; piece < 64; piece += piece < 4 ? 1 : 19) {
		ck_assert_uint_eq(get(&s, file, head + 1, piece), head);
		ck_assert_uint_eq(s.data_bytes, frames * f->frame);
		ck_assert(same_format(&s.format, f));
	}
	wav_to_pcm(f, file + head, frames, back);
	for (int i = 0; i < 64; i++)
		ck_assert_int_le(abs(back[i] - pcm[i]), 1 << (16 - bits));
	wav_from_pcm(f, back, frames, again);
	ck_assert_mem_eq(again, file + head, frames * f->frame);
}

START_TEST(what_is_written_is_read_again)
{
	static const struct { int coding, width, bits; } rows[] = {
		{ WAV_PCM, 8, 8 }, { WAV_PCM, 16, 16 }, { WAV_PCM, 24, 16 },
		{ WAV_PCM, 32, 16 }, { WAV_FLOAT, 32, 16 },
		{ WAV_ALAW, 8, 6 }, { WAV_ULAW, 8, 6 } };

	for (size_t i = 0; i < COUNT(rows); i++)
		for (unsigned ch = 1; ch <= 6; ch++) {
			struct wav_format f = {
				.coding = (enum wav_coding)rows[i].coding,
				.rate = 8000 * ch + 25,
				.channels = (uint16_t)ch,
				.bits = (uint16_t)rows[i].width,
				.frame = (uint16_t)(ch * (unsigned)
						    rows[i].width / 8) };

			ck_assert(wav_format_ok(&f));
			check_format(&f, rows[i].bits);
		}
}
END_TEST

static const char head[] = "RIFF\x2c\0\0\0WAVE"
	"LIST\x03\0\0\0abc\0"                       /* odd, padded */
	"fmt \x10\0\0\0\x01\0\x01\0\x40\x1f\0\0\x80\x3e\0\0\x02\0\x10\0"
	"junk\0\0\0\0"
	"data\x05\0\0\0";

START_TEST(chunks_of_any_kind_may_stand_before_the_data)
{
	const uint8_t *p = (const uint8_t *)head;
	struct wav_scan s;

	for (size_t piece = 1; piece <= sizeof(head); piece++) {
		ck_assert_uint_eq(get(&s, p, sizeof(head), piece),
				  sizeof(head) - 1);
		ck_assert_uint_eq(s.format.rate, 8000);
		ck_assert_uint_eq(s.data_bytes, 4); /* whole frames */
	}
}
END_TEST

START_TEST(each_prefix_wants_more)
{
	for (size_t n = 0; n < sizeof(head) - 1; n++) {
		struct wav_scan s = { 0 };
		bool done = true;

		ck_assert_int_eq(wav_scan_bytes(&s, (const uint8_t *)head, n,
						&done), (int)n);
		ck_assert(!done);
	}
}
END_TEST

static int with(size_t at, const char *bytes, size_t n)
{
	uint8_t copy[sizeof(head)];
	struct wav_scan s = { 0 };
	bool done;

	memcpy(copy, head, sizeof(head));
	memcpy(copy + at, bytes, n);
	return wav_scan_bytes(&s, copy, sizeof(head) - 1, &done);
}

/* fmt's fields begin at 32: tag, channels, rate, byte rate, frame, bits. */
START_TEST(senseless_headers_are_refused)
{
	ck_assert_int_eq(with(0, "RIFX", 4), -EBADMSG);
	ck_assert_int_eq(with(8, "AVI ", 4), -EBADMSG);
	ck_assert_int_eq(with(24, "fmtx", 4), -EBADMSG); /* data, no format */
	ck_assert_int_eq(with(28, "\x0f", 1), -EBADMSG); /* too short */
	ck_assert_int_eq(with(32, "\x11", 1), -ENOTSUP); /* IMA ADPCM */
	ck_assert_int_eq(with(32, "\xFE\xFF", 2), -EBADMSG); /* no GUID */
	ck_assert_int_eq(with(34, "\0", 1), -EBADMSG);   /* no channels */
	ck_assert_int_eq(with(34, "\x03", 1), -EBADMSG); /* 2 / 3 octets */
	ck_assert_int_eq(with(34, "\xFF\xFF", 2), -EBADMSG);
	ck_assert_int_eq(with(36, "\0\0\0\0", 4), -ENOTSUP); /* 0 Hz */
	ck_assert_int_eq(with(36, "\xFF\xFF\xFF\xFF", 4), -ENOTSUP);
	ck_assert_int_eq(with(44, "\0\0", 2), -EBADMSG); /* empty frame */
	ck_assert_int_eq(with(46, "\x18", 1), -EBADMSG); /* 24 bit in 16 */
	ck_assert_int_gt(with(46, "\x0c", 1), 0);        /* 12 bit in 16 */
}
END_TEST

START_TEST(a_length_that_nobody_knew_is_read_to_the_end)
{
	uint8_t copy[sizeof(head)];
	struct wav_scan s;

	memcpy(copy, head, sizeof(head));
	memcpy(copy + sizeof(head) - 5, "\xFF\xFF\xFF\xFF", 4);
	get(&s, copy, sizeof(head) - 1, 7);
	ck_assert(s.data_bytes == UINT64_MAX);
	memcpy(copy + sizeof(head) - 5, "\0\0\0\0", 4);
	get(&s, copy, sizeof(head) - 1, 7);
	ck_assert(s.data_bytes == UINT64_MAX);
}
END_TEST

START_TEST(endless_chunks_are_cut_off)
{
	static const uint8_t chunk[8] = { 'j', 'u', 'n', 'k' };
	struct wav_scan s = { 0 };
	bool done;
	int rc = wav_scan_bytes(&s, (const uint8_t *)head, 12, &done);

	for (int i = 0; i < 200 && rc >= 0; i++)
		rc = wav_scan_bytes(&s, chunk, 8, &done);
	ck_assert_int_eq(rc, -E2BIG);
}
END_TEST

START_TEST(floats_beyond_full_scale_are_clipped_and_nan_is_silence)
{
	struct wav_format f = { WAV_FLOAT, 8000, 1, 32, 4 };
	const float in[6] = { 1.5f, -1.5f, NAN, INFINITY, -INFINITY, 0.5f };
	int16_t out[6];
	uint8_t bytes[24];

	memcpy(bytes, in, sizeof(bytes)); /* little-endian hosts */
	wav_to_pcm(&f, bytes, 6, out);
	ck_assert_int_eq(out[0], 32767);
	ck_assert_int_eq(out[1], -32768);
	ck_assert_int_eq(out[2], 0);
	ck_assert_int_eq(out[3], 32767);
	ck_assert_int_eq(out[4], -32768);
	ck_assert_int_eq(out[5], 16384);
}
END_TEST

/* The "fmt " chunk's fields by hand: byte rate = rate * channels * bits / 8 and
 * block align = channels * bits / 8, little-endian. */
START_TEST(the_header_says_bytes_a_second_and_a_frame)
{
	static const struct {
		struct wav_format f; /* coding, rate, channels, bits, frame */
		uint8_t want[12];    /* rate, byte rate, block align, bits */
	} rows[] = {
		/* 8000 = 0x1f40; 8000 * 2 = 16000 = 0x3e80 */
		{ { WAV_PCM, 8000, 1, 16, 2 },
		  { 0x40, 0x1f, 0, 0, 0x80, 0x3e, 0, 0, 2, 0, 16, 0 } },
		/* 48000 = 0xbb80; 48000 * 2 * 3 = 288000 = 0x46500 */
		{ { WAV_PCM, 48000, 2, 24, 6 },
		  { 0x80, 0xbb, 0, 0, 0x00, 0x65, 4, 0, 6, 0, 24, 0 } },
		/* 16000 = 0x3e80; 16000 * 4 = 64000 = 0xfa00 */
		{ { WAV_FLOAT, 16000, 1, 32, 4 },
		  { 0x80, 0x3e, 0, 0, 0x00, 0xfa, 0, 0, 4, 0, 32, 0 } },
		/* one octet a sample: the byte rate is the rate */
		{ { WAV_ULAW, 8000, 1, 8, 1 },
		  { 0x40, 0x1f, 0, 0, 0x40, 0x1f, 0, 0, 1, 0, 8, 0 } } };
	uint8_t out[WAV_HEADER];

	for (size_t i = 0; i < COUNT(rows); i++) {
		wav_header(&rows[i].f, 0, out);
		ck_assert_mem_eq(out + 24, rows[i].want, 12);
	}
}
END_TEST

SUITE(wav, what_is_written_is_read_again,
      the_header_says_bytes_a_second_and_a_frame,
      chunks_of_any_kind_may_stand_before_the_data, each_prefix_wants_more,
      senseless_headers_are_refused,
      a_length_that_nobody_knew_is_read_to_the_end,
      endless_chunks_are_cut_off,
      floats_beyond_full_scale_are_clipped_and_nan_is_silence);
