/* SPDX-License-Identifier: BSD-2-Clause
 * media/codec/codec.h - what every audio codec offers: one const row a codec.
 * The build collects the rows into feature_codec[], in order of preference
 * (module.mk); a codec that is left out has no row.
 *
 * PCM is 16 bit, native byte order, one channel, at one of the row's rates.
 * States come from the caller's struct mem and are used by one thread at a
 * time; an encoder and a decoder of the same row share nothing.
 */
#ifndef MEDIA_CODEC_H
#define MEDIA_CODEC_H
#include "platform/mem.h"
#include "platform/slice.h"
#include "platform/writer.h"

enum {
	CODEC_DYNAMIC = 255,       /* payload type is agreed on in SDP */
	CODEC_PACKET_MS_MAX = 120, /* longest packet of any row */
	CODEC_RATE_MAX = 48000,
	/* samples of the longest packet at the highest rate */
	CODEC_PACKET_SAMPLES = CODEC_RATE_MAX / 1000 * CODEC_PACKET_MS_MAX,
	CODEC_PAYLOAD_MAX = 1400   /* bytes of room for any encoder */
};

/* What a=fmtp, a=ptime and a=maxptime say: the receiver's wishes, except for
 * the sprop_ ones, which announce what the sender will send (RFC 7587 6.1).
 * Zeroed: nothing was said.  A codec ignores what it does not know. */
struct codec_params {
	uint16_t ptime, maxptime;    /* ms; 0: not given */
	uint32_t max_playback_rate;  /* Hz; 0: not given */
	uint32_t sprop_capture_rate; /* Hz; 0: not given */
	uint32_t max_bitrate;        /* bit/s; 0: not given */
	bool stereo, sprop_stereo;
	bool cbr, fec, dtx;
};

struct codec_stats_model { /* ITU-T G.113 Appendix I, for the E-model */
	uint8_t ie;  /* equipment impairment */
	uint8_t bpl; /* packet-loss robustness, with our concealment */
};

struct codec {
	const char *name;       /* encoding name in a=rtpmap */
	const char *title;      /* for people: "Opus" */
	uint8_t payload_type;   /* static (RFC 3551 6), or CODEC_DYNAMIC */
	uint8_t channels;       /* as in a=rtpmap; PCM here is mono anyway */
	uint32_t clock_rate;    /* of a=rtpmap and of RTP timestamps */
	const uint32_t *rates;  /* PCM rates it can be opened at, ascending,
				 * then 0 */
	uint8_t ptime;          /* ms of a packet when nobody asks otherwise */
	uint8_t max_ptime;      /* longest that we send, ms */
	uint8_t step;           /* packets are multiples of this, ms */
	const uint8_t *lengths; /* those it can code, ascending, then 0; NULL:
				 * all of them */
	struct codec_stats_model model;

	/* What stands after "a=fmtp:PT ".  Unknown parameters are skipped
	 * (RFC 7587 7.1); -EBADMSG for what cannot be read.  NULL: none. */
	int (*params_parse)(struct slice in, struct codec_params *p,
			    struct parse_error *e);
	/* Nothing is written when there is nothing to say. NULL: never. */
	void (*params_write)(const struct codec_params *p, struct writer *w);

	/* remote is what the far end wishes to receive. -ENOMEM, -EINVAL for a
	 * rate that is not in rates. */
	int (*encoder_open)(struct mem *m, uint32_t rate,
			    const struct codec_params *remote, void **enc);
	void (*encoder_close)(struct mem *m, void *enc);
	/* n samples are one packet; pcm NULL is silence.  Bytes, 0: nothing to
	 * send for now (DTX), -ENOSPC, -EINVAL for a length it cannot code. */
	int (*encode)(void *enc, const int16_t *pcm, size_t n, uint8_t *out,
		      size_t cap);
	/* Percentage of packets lost on the way, as the far end reports it;
	 * NULL: of no use to this codec. */
	void (*set_loss)(void *enc, unsigned percent);

	int (*decoder_open)(struct mem *m, uint32_t rate, void **dec);
	void (*decoder_close)(struct mem *m, void *dec);
	/* One payload into samples: how many, -EBADMSG, -ENOSPC */
	int (*decode)(void *dec, const uint8_t *p, size_t n, int16_t *pcm,
		      size_t cap);
	/* n samples in place of what was lost: n. */
	int (*conceal)(void *dec, int16_t *pcm, size_t n);
	/* The packet before this one was lost: its n samples, from what this
	 * one repeats of it.  n, or 0: nothing is repeated here: conceal.
	 * NULL: never. */
	int (*decode_fec)(void *dec, const uint8_t *p, size_t len,
			  int16_t *pcm, size_t n);
	/* How long a payload plays, in units of clock_rate; -EBADMSG. */
	int (*duration)(const struct codec *c, const uint8_t *p, size_t n);
};

extern const struct codec *const feature_codec[]; /* NULL-ended */

/* By encoding name (case folded), clock rate and channels, as a=rtpmap says;
 * channels 0 means that none was written: 1.  NULL: not built in. */
const struct codec *codec_find(struct slice name, uint32_t clock_rate,
			       unsigned channels);
/* By static payload type without a=rtpmap (RFC 3551 6); NULL: none of ours. */
const struct codec *codec_static(unsigned payload_type);
/* By what a user writes: "opus", "PCMU", "L16" or "L16/44100"; NULL. */
const struct codec *codec_named(struct slice spec);
/* The row's lowest rate that is at least want, or its highest. */
uint32_t codec_rate(const struct codec *c, uint32_t want);
/* ms of a packet to send: what remote wishes (ptime, else the row's), within
 * remote's maxptime and the row's, rounded down to what the codec can code. */
unsigned codec_ptime(const struct codec *c, const struct codec_params *remote);
#endif
