/* SPDX-License-Identifier: BSD-2-Clause
 * media/wav.h - RIFF/WAVE: header in and out, samples in and out.
 * PCM of 8, 16, 24 and 32 bit, 32 and 64 bit float, A-law and u-law, plain or
 * WAVE_FORMAT_EXTENSIBLE, any rate up to WAV_RATE_MAX, up to WAV_CHANNELS_MAX
 * channels; RF64 with sizes read to the end of file.  Written: the same, less
 * 64 bit float.
 */
#ifndef MEDIA_WAV_H
#define MEDIA_WAV_H
#include "platform/base.h"

enum {
	WAV_RATE_MAX = 384000,
	WAV_RATE_MIN = 1000,
	WAV_CHANNELS_MAX = 32,
	WAV_CHUNKS_MAX = 64, /* before the data: -E2BIG */
	WAV_HEADER = 58      /* bytes of the longest header written */
};

enum wav_coding { WAV_PCM = 1, WAV_FLOAT = 3, WAV_ALAW = 6, WAV_ULAW = 7 };

struct wav_format {
	enum wav_coding coding;
	uint32_t rate;
	uint16_t channels;
	uint16_t bits;     /* of the container of a sample: 8 16 24 32 64 */
	uint16_t frame;    /* bytes: channels * bits / 8 */
};

/* Finds the samples.  Zeroed at the start; private but for the last two. */
struct wav_scan {
	uint8_t buf[40];
	uint8_t have, want;
	uint8_t state;
	uint8_t chunks;
	uint64_t skip;
	uint32_t id;
	bool has_format;
	struct wav_format format;
	uint64_t data_bytes; /* whole frames; UINT64_MAX: to the end of file */
};

/* Takes header bytes in pieces of any size: how many it consumed, fewer than n
 * only once the data chunk begins (or n bytes are all used): then *done.
 * -EBADMSG not a WAVE file, -ENOTSUP a coding we have not, -E2BIG. */
MUST_USE int wav_scan_bytes(struct wav_scan *s, const uint8_t *p, size_t n,
			    bool *done);
bool wav_format_ok(const struct wav_format *f); /* fills nothing: checks */

/* frames of format to mono 16 bit (channels averaged), p has frames * frame
 * bytes.  NaN is 0, what is beyond full scale is clipped. */
void wav_to_pcm(const struct wav_format *f, const uint8_t *p, size_t frames,
		int16_t *pcm);
/* Mono to frames, the same in every channel. */
void wav_from_pcm(const struct wav_format *f, const int16_t *pcm,
		  size_t frames, uint8_t *out);
/* Header for data_bytes that follow (more than fits in 32 bits is written as
 * 0xFFFFFFFF).  Returns its length. */
size_t wav_header(const struct wav_format *f, uint64_t data_bytes,
		  uint8_t out[WAV_HEADER]);
/* A zero byte follows data of odd length. */
#endif
