/* SPDX-License-Identifier: BSD-2-Clause
 * The door to libopus, RFC 7587.  States live in our own memory.  PCM is mono:
 * stereo that arrives is mixed down by the decoder (RFC 7587 6.1, stereo=0).
 */
#include <opus/opus.h>

#include "media/codec/codec.h"
#include "media/codec/opus_fmtp.h"

struct encoder {
	uint32_t rate;
	bool dtx, cbr;
	OpusEncoder *e; /* in the same block */
};

struct decoder {
	uint32_t rate;
	OpusDecoder *d;
};

static const uint32_t rates[] = { 8000, 12000, 16000, 24000, 48000, 0 };

/* Where the state of a library stands behind our struct. */
static size_t behind(size_t n)
{
	return (n + 15) / 16 * 16;
}

static bool rate_ok(uint32_t rate)
{
	for (size_t i = 0; rates[i]; i++)
		if (rates[i] == rate)
			return true;
	return false;
}

/* RFC 7587 7.1: nothing above what the far end can play. */
static opus_int32 bandwidth(uint32_t max_playback_rate)
{
	if (!max_playback_rate || max_playback_rate > 24000)
		return OPUS_BANDWIDTH_FULLBAND;
	if (max_playback_rate > 16000)
		return OPUS_BANDWIDTH_SUPERWIDEBAND;
	if (max_playback_rate > 12000)
		return OPUS_BANDWIDTH_WIDEBAND;
	return max_playback_rate > 8000 ? OPUS_BANDWIDTH_MEDIUMBAND :
	       OPUS_BANDWIDTH_NARROWBAND;
}

/* RFC 7587 3.1.1: speech of these bands, and within the far end's limit. */
static opus_int32 bitrate(uint32_t rate, const struct codec_params *remote)
{
	opus_int32 v = rate > 24000 ? 40000 : rate > 12000 ? 28000 :
		       rate > 8000 ? 20000 : 14000;

	if (remote->max_bitrate && (uint32_t)v > remote->max_bitrate)
		v = (opus_int32)remote->max_bitrate;
	return v;
}

static void encoder_close(struct mem *m, void *enc)
{
	mem_free(m, enc);
}

static int encoder_open(struct mem *m, uint32_t rate,
			const struct codec_params *remote, void **enc)
{
	size_t head = behind(sizeof(struct encoder));
	int size = opus_encoder_get_size(1);
	struct encoder *x;

	if (!rate_ok(rate) || size <= 0)
		return -EINVAL;
	x = mem_new(m, head + (size_t)size);
	if (!x)
		return -ENOMEM;
	x->rate = rate;
	x->dtx = remote->dtx;
	x->cbr = remote->cbr;
	x->e = (OpusEncoder *)(void *)((char *)x + head);
	if (opus_encoder_init(x->e, (opus_int32)rate, 1,
			      OPUS_APPLICATION_AUDIO) != OPUS_OK) {
		encoder_close(m, x);
		return -EINVAL;
	}
	/* Speech, but not APPLICATION_VOIP: its high-pass filter turns the
	 * phase of low voices, and the wave form with it. */
	opus_encoder_ctl(x->e, OPUS_SET_SIGNAL(OPUS_SIGNAL_VOICE));
	opus_encoder_ctl(x->e, OPUS_SET_COMPLEXITY(5));
	opus_encoder_ctl(x->e, OPUS_SET_BITRATE(bitrate(rate, remote)));
	opus_encoder_ctl(x->e, OPUS_SET_VBR(!remote->cbr));
	opus_encoder_ctl(x->e, OPUS_SET_INBAND_FEC(remote->fec));
	opus_encoder_ctl(x->e, OPUS_SET_DTX(remote->dtx));
	opus_encoder_ctl(x->e, OPUS_SET_MAX_BANDWIDTH(
		bandwidth(remote->max_playback_rate)));
	*enc = x;
	return 0;
}

static int encode(void *enc, const int16_t *pcm, size_t n, uint8_t *out,
		  size_t cap)
{
	static const int16_t silence[CODEC_PACKET_SAMPLES];
	struct encoder *x = enc;
	opus_int32 got;

	if (n > COUNT(silence))
		return -EINVAL;
	got = opus_encode(x->e, pcm ? pcm : silence, (int)n, out,
			  cap > CODEC_PAYLOAD_MAX ? CODEC_PAYLOAD_MAX :
			  (opus_int32)cap);
	if (got < 0)
		return got == OPUS_BUFFER_TOO_SMALL ? -ENOSPC : -EINVAL;
	/* RFC 7587 3.1.3: one byte or two say that nothing need be sent. */
	return x->dtx && got <= 2 ? 0 : (int)got;
}

static void set_loss(void *enc, unsigned percent)
{
	struct encoder *x = enc;

	opus_encoder_ctl(x->e, OPUS_SET_PACKET_LOSS_PERC(
		(opus_int32)(percent > 100 ? 100 : percent)));
}

static void codec_opus_decoder_close(struct mem *m, void *dec)
{
	mem_free(m, dec);
}

static int decoder_open(struct mem *m, uint32_t rate, void **dec)
{
	size_t head = behind(sizeof(struct decoder));
	int size = opus_decoder_get_size(1);
	struct decoder *x;

	if (!rate_ok(rate) || size <= 0)
		return -EINVAL;
	x = mem_new(m, head + (size_t)size);
	if (!x)
		return -ENOMEM;
	x->rate = rate;
	x->d = (OpusDecoder *)(void *)((char *)x + head);
	if (opus_decoder_init(x->d, (opus_int32)rate, 1) != OPUS_OK) {
		codec_opus_decoder_close(m, x);
		return -EINVAL;
	}
	*dec = x;
	return 0;
}

static int codec_opus_decode(void *dec, const uint8_t *p, size_t n,
			     int16_t *pcm, size_t cap)
{
	struct decoder *x = dec;
	int got;

	if (!n || n > INT32_MAX)
		return -EBADMSG;
	got = opus_packet_get_nb_samples(p, (opus_int32)n,
					 (opus_int32)x->rate);
	if (got <= 0)
		return -EBADMSG;
	if ((size_t)got > cap)
		return -ENOSPC;
	got = opus_decode(x->d, p, (opus_int32)n, pcm, got, 0);
	return got < 0 ? -EBADMSG : got;
}

/* libopus fills multiples of 2.5 ms. */
static int codec_opus_fill(struct decoder *x, const uint8_t *p, size_t len,
			   int16_t *pcm, size_t n)
{
	size_t unit = x->rate / 400, whole = n - n % unit;
	int got = 0;

	if (whole)
		got = opus_decode(x->d, p, (opus_int32)len, pcm, (int)whole,
				  p != NULL);
	if (got < 0)
		got = 0;
	memset(pcm + got, 0, (n - (size_t)got) * sizeof(*pcm));
	return (int)n;
}

static int codec_opus_conceal(void *dec, int16_t *pcm, size_t n)
{
	size_t most = CODEC_PACKET_SAMPLES, done = 0;
	struct decoder *x = dec;

	while (done < n) {
		size_t k = n - done < most ? n - done : most;

		codec_opus_fill(x, NULL, 0, pcm + done, k);
		done += k;
	}
	return (int)n;
}

/* RFC 6716 4.2.3, 4.2.4: SILK data begin with a flag per 20 ms (voice activity)
 * and one that says whether redundant data follow, the side channel's behind
 * the mid channel's.  They are equally likely bits of the range coder, and so
 * the upper bits of the first octet. */
static bool repeats(const uint8_t *p, size_t len)
{
	int samples = opus_packet_get_samples_per_frame(p, 48000);
	int flags = samples > 960 ? samples / 960 : 1;
	const unsigned char *frame[48];
	opus_int16 size[48];
	unsigned char toc;
	bool mid, side;

	if (p[0] & 0x80) /* 3.1: CELT alone */
		return false;
	if (opus_packet_parse(p, (opus_int32)len, &toc, frame, size,
			      NULL) < 1 || size[0] < 1)
		return false;
	mid = frame[0][0] & 0x80 >> flags;
	side = opus_packet_get_nb_channels(p) == 2 &&
	       frame[0][0] & 0x80 >> (2 * flags + 1);
	return mid || side;
}

/* RFC 6716 2.1.7: a packet may carry the one before it once more. */
static int decode_fec(void *dec, const uint8_t *p, size_t len, int16_t *pcm,
		      size_t n)
{
	struct decoder *x = dec;

	if (!len || len > INT32_MAX || n > CODEC_PACKET_SAMPLES ||
	    !repeats(p, len))
		return 0;
	return codec_opus_fill(x, p, len, pcm, n);
}

static int duration(const struct codec *c, const uint8_t *p, size_t n)
{
	int got;

	if (!n || n > INT32_MAX)
		return -EBADMSG;
	got = opus_packet_get_nb_samples(p, (opus_int32)n,
					 (opus_int32)c->clock_rate);
	return got > 0 ? got : -EBADMSG;
}

/* RFC 6716 2.1.4: no frame lasts 30 or 50 ms. */
static const uint8_t lengths[] = { 10, 20, 40, 60, 0 };

/* G.113 has no figures for Opus: those of a wide-band codec without
 * impairment, with concealment a little better than G.711's. */
const struct codec codec_opus = {
	.name = "opus", .title = "Opus", .payload_type = CODEC_DYNAMIC,
	.channels = 2, .clock_rate = 48000, .rates = rates,
	.ptime = 20, .max_ptime = 60, .step = 10, .lengths = lengths,
	.model = { .ie = 0, .bpl = 30 },
	.params_parse = opus_fmtp_parse, .params_write = opus_fmtp_write,
	.encoder_open = encoder_open, .encoder_close = encoder_close,
	.encode = encode, .set_loss = set_loss,
	.decoder_open = decoder_open, .decoder_close = codec_opus_decoder_close,
	.decode = codec_opus_decode, .conceal = codec_opus_conceal,
	.decode_fec = decode_fec,
	.duration = duration,
};
