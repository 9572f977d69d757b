/* SPDX-License-Identifier: BSD-2-Clause */
#include "media/wav.h"

#include <math.h>
#include <string.h>

#include "media/codec/g711.h"
#include "media/level.h"

enum { EXTENSIBLE = 0xFFFE };

/* wav_scan.state: what buf is being filled with. */
enum { RIFF, CHUNK, FORMAT, SKIP, DATA };

static uint16_t le16(const uint8_t *p)
{
	return (uint16_t)(p[0] | p[1] << 8);
}

static uint32_t le32(const uint8_t *p)
{
	return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
	       (uint32_t)p[3] << 24;
}

static void put16(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)v;
	p[1] = (uint8_t)(v >> 8);
}

static void put32(uint8_t *p, uint32_t v)
{
	put16(p, v);
	put16(p + 2, v >> 16);
}

bool wav_format_ok(const struct wav_format *f)
{
	bool bits = false;

	switch (f->coding) {
	case WAV_PCM:
		bits = f->bits == 8 || f->bits == 16 || f->bits == 24 ||
		       f->bits == 32;
		break;
	case WAV_FLOAT:
		bits = f->bits == 32 || f->bits == 64;
		break;
	case WAV_ALAW:
	case WAV_ULAW:
		bits = f->bits == 8;
		break;
	}
	return bits && f->channels && f->channels <= WAV_CHANNELS_MAX &&
	       f->rate >= WAV_RATE_MIN && f->rate <= WAV_RATE_MAX &&
	       f->frame == f->channels * f->bits / 8;
}

/* The fields of a "fmt " chunk of n >= 16 bytes.  Valid bits fewer than the
 * container's stand in its upper end, so that the container is all we need. */
static int format(struct wav_scan *s, const uint8_t *p, size_t n)
{
	unsigned tag = le16(p);
	struct wav_format f = { .coding = WAV_PCM };

	if (tag == EXTENSIBLE) {
		if (n < 40)
			return -EBADMSG;
		tag = le16(p + 24); /* the sub-format's first two octets */
	}
	if (tag != WAV_PCM && tag != WAV_FLOAT && tag != WAV_ALAW &&
	    tag != WAV_ULAW)
		return -ENOTSUP;
	f.coding = (enum wav_coding)tag;
	f.channels = le16(p + 2);
	f.rate = le32(p + 4);
	f.frame = le16(p + 12);
	f.bits = le16(p + 14);
	if (!f.channels || !f.frame || f.frame % f.channels)
		return -EBADMSG;
	/* 12 or 20 bits a sample lie in containers of whole octets. */
	if (f.bits > f.frame / f.channels * 8)
		return -EBADMSG;
	f.bits = (uint16_t)(f.frame / f.channels * 8);
	if (!wav_format_ok(&f))
		return -ENOTSUP;
	s->format = f;
	s->has_format = true;
	return 0;
}

static void wav_expect(struct wav_scan *s, unsigned state, size_t want)
{
	s->state = (uint8_t)state;
	s->have = 0;
	s->want = (uint8_t)want;
}

static int on_chunk(struct wav_scan *s)
{
	uint32_t size = le32(s->buf + 4);
	bool fmt = memcmp(s->buf, "fmt ", 4) == 0;

	if (memcmp(s->buf, "data", 4) == 0) {
		if (!s->has_format)
			return -EBADMSG;
		/* Writers to pipes do not know the size: 0 or the greatest. */
		s->data_bytes = size && size < UINT32_MAX - 255 ?
				size - size % s->format.frame : UINT64_MAX;
		s->state = DATA;
		return 0;
	}
	if (++s->chunks > WAV_CHUNKS_MAX)
		return -E2BIG;
	s->skip = (uint64_t)size + (size & 1);
	if (!fmt) {
		s->state = SKIP;
		return 0;
	}
	if (size < 16)
		return -EBADMSG;
	wav_expect(s, FORMAT, size < sizeof(s->buf) ? size : sizeof(s->buf));
	s->skip -= s->want;
	return 0;
}

static int on_full(struct wav_scan *s)
{
	int rc = 0;

	switch (s->state) {
	case RIFF:
		if ((memcmp(s->buf, "RIFF", 4) && memcmp(s->buf, "RF64", 4)) ||
		    memcmp(s->buf + 8, "WAVE", 4))
			return -EBADMSG;
		wav_expect(s, CHUNK, 8);
		break;
	case CHUNK:
		rc = on_chunk(s);
		break;
	case FORMAT:
		rc = format(s, s->buf, s->have);
		s->state = SKIP;
		break;
	}
	return rc;
}

int wav_scan_bytes(struct wav_scan *s, const uint8_t *p, size_t n, bool *done)
{
	size_t at = 0;

	if (s->state == RIFF && !s->want)
		wav_expect(s, RIFF, 12);
	while (s->state != DATA) {
		size_t k;
		int rc;

		if (s->state == SKIP) {
			k = s->skip < n - at ? (size_t)s->skip : n - at;
			s->skip -= k;
			at += k;
			if (s->skip)
				break;
			wav_expect(s, CHUNK, 8);
		}
		k = (size_t)(s->want - s->have);
		if (k > n - at)
			k = n - at;
		memcpy(s->buf + s->have, p + at, k);
		s->have = (uint8_t)(s->have + k);
		at += k;
		if (s->have < s->want)
			break;
		rc = on_full(s);
		if (rc < 0)
			return rc;
	}
	*done = s->state == DATA;
	return (int)at;
}

/* ------------------------------------------------------------- samples */
static int32_t from_double(double v)
{
	if (!(v > -1)) /* NaN too */
		return v <= -1 ? INT16_MIN : 0;
	return v >= 1 ? INT16_MAX : mix_clip((int32_t)lrint(v * 32768));
}

static double float_of(const uint8_t *p, unsigned bits)
{
	uint64_t u = le32(p);
	uint32_t low = (uint32_t)u;
	double d;
	float f;

	if (bits == 32) {
		memcpy(&f, &low, sizeof(f));
		return (double)f;
	}
	u |= (uint64_t)le32(p + 4) << 32;
	memcpy(&d, &u, sizeof(d));
	return d;
}

/* One sample at p to 16 bit, rounded down. */
static int32_t sample(const struct wav_format *f, const uint8_t *p)
{
	switch (f->coding) {
	case WAV_FLOAT:
		return from_double(float_of(p, f->bits));
	case WAV_ALAW:
		return g711_alaw_decode(*p);
	case WAV_ULAW:
		return g711_ulaw_decode(*p);
	case WAV_PCM:
		break;
	}
	if (f->bits == 8) /* unsigned */
		return (*p - 128) * 256;
	return (int16_t)le16(p + f->bits / 8 - 2);
}

void wav_to_pcm(const struct wav_format *f, const uint8_t *p, size_t frames,
		int16_t *pcm)
{
	size_t width = f->bits / 8;

	if (!f->channels)
		return;
	for (size_t i = 0; i < frames; i++, p += f->frame) {
		int32_t sum = 0;

		for (unsigned c = 0; c < f->channels; c++)
			sum += sample(f, p + c * width);
		pcm[i] = (int16_t)(sum / f->channels);
	}
}

static void put_sample(const struct wav_format *f, uint8_t *p, int16_t v)
{
	size_t pad = (size_t)(f->bits / 8) - 2;
	float x = (float)v / 32768;
	uint32_t u;

	switch (f->coding) {
	case WAV_FLOAT:
		memcpy(&u, &x, sizeof(u));
		put32(p, u);
		return;
	case WAV_ALAW:
		*p = g711_alaw_encode(v);
		return;
	case WAV_ULAW:
		*p = g711_ulaw_encode(v);
		return;
	case WAV_PCM:
		break;
	}
	if (f->bits == 8) {
		*p = (uint8_t)((v >> 8) + 128);
		return;
	}
	memset(p, 0, pad);
	put16(p + pad, (uint16_t)v);
}

void wav_from_pcm(const struct wav_format *f, const int16_t *pcm,
		  size_t frames, uint8_t *out)
{
	size_t width = f->bits / 8;

	for (size_t i = 0; i < frames; i++)
		for (unsigned c = 0; c < f->channels; c++, out += width)
			put_sample(f, out, pcm[i]);
}

/* Codings other than PCM have a "fact" chunk with the number of frames. */
size_t wav_header(const struct wav_format *f, uint64_t data_bytes,
		  uint8_t out[WAV_HEADER])
{
	bool pcm = f->coding == WAV_PCM;
	size_t n = pcm ? 44 : 58;
	bool fits = data_bytes <= UINT32_MAX - 64;
	uint32_t size = fits ? (uint32_t)data_bytes : UINT32_MAX;

	memset(out, 0, WAV_HEADER);
	memcpy(out, "RIFF", 4);
	put32(out + 4, fits ? size + (size & 1) + (uint32_t)n - 8 : size);
	memcpy(out + 8, "WAVEfmt ", 8);
	put32(out + 16, pcm ? 16 : 18);
	put16(out + 20, f->coding);
	put16(out + 22, f->channels);
	put32(out + 24, f->rate);
	put32(out + 28, f->rate * f->frame);
	put16(out + 32, f->frame);
	put16(out + 34, f->bits);
	if (!pcm) {
		memcpy(out + 38, "fact", 4);
		put32(out + 42, 4);
		put32(out + 46, size / f->frame);
	}
	memcpy(out + n - 8, "data", 4);
	put32(out + n - 4, size);
	return n;
}
