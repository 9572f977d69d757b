/* SPDX-License-Identifier: BSD-2-Clause
 * media/audio_stream.h - one audio stream: a port of the graph on this side,
 * RTP and RTCP packets on the other.  An engine: no socket, no clock.
 *
 * In:  audio_stream_on_rtp, _on_rtcp (from the transport), the graph's tick,
 *      _on_time at _deadline.
 * Out: after any of these, audio_stream_poll until it says false.
 *
 * Knows nothing of SDP: it is told rows, payload types and parameters.  What
 * arrives may change its payload type from packet to packet, among rx.  RTP
 * timestamps count samples, also while nothing is sent; the first packet after
 * a pause carries the marker (RFC 3551 4.1).
 *
 * Ownership: the caller's struct (about 8 kB).  Sound (4 kB at 8 kHz), jitter
 * buffer, codecs and resampler come from mem: nothing but jitter buffer slots,
 * and a decoder at the first packet of its type, while it runs.  What cannot be
 * allocated is silence.  Threads: one.
 */
#ifndef MEDIA_AUDIO_STREAM_H
#define MEDIA_AUDIO_STREAM_H
#include "media/codec/codec.h"
#include "media/graph.h"
#include "media/tone.h"
#include "rtp/rtp_breaker.h"
#include "rtp/rtp_dtmf.h"
#include "rtp/rtp_jitter.h"
#include "rtp/rtp_session.h"

enum {
	AUDIO_STREAM_RX = 16,       /* payload types understood */
	AUDIO_STREAM_PRESSES = 32,  /* keys of the far end's that wait to be
				     * polled: with no room for what a packet
				     * may hold it is not read */
	AUDIO_STREAM_DIGITS = 64,   /* waiting to be sent in-band */
	AUDIO_STREAM_PACKET = 2048  /* room behind poll's bytes, in all */
};

struct audio_stream_rx { /* one payload type of our own description */
	uint8_t pt;
	const struct codec *codec; /* NULL: telephone-event */
	uint32_t event_rate;       /* of a telephone-event */
};

struct audio_stream_config {
	/* What is received: the numbers of our own description. */
	struct audio_stream_rx rx[AUDIO_STREAM_RX];
	size_t rx_n;
	/* What is sent: the numbers and wishes of the far end's. */
	const struct codec *codec;
	uint8_t pt;
	struct codec_params remote;
	unsigned ptime;       /* ms; 0: codec_ptime of remote */
	int event_pt;         /* telephone-event; -1: none, digits are sent
			       * as tones */
	uint32_t event_rate;  /* its clock; 0: the codec's, as it should be */
	bool send, receive;   /* direction, hold */
	bool early;           /* who sends may be anybody: keys are ignored */
	uint32_t graph_rate;  /* PCM is coded at about this rate; 0: the row's
			       * best */
	uint16_t jitter_min_ms, jitter_max_ms; /* 0: rtp_jitter.h's */
	mono silence;         /* AUDIO_STREAM_SILENT after so long; 0: never */
	struct slice cname;   /* copied */
};

struct audio_stream_out {
	enum audio_stream_out_kind {
		AUDIO_STREAM_RTP,  /* send bytes */
		AUDIO_STREAM_RTCP, /* send bytes */
		AUDIO_STREAM_CODEC, /* another codec arrives now: received */
		AUDIO_STREAM_BYE,  /* the far end's source left */
		AUDIO_STREAM_HEARD, /* its first packet, or that after SILENT */
		AUDIO_STREAM_SILENT, /* it was heard, and then nothing came of
				      * it, RTCP included, for cfg.silence */
		AUDIO_STREAM_ENDED, /* after audio_stream_leave: all is said */
		AUDIO_STREAM_DIGIT /* the far end pressed a key: it is over */
	} kind;
	/* Borrowed until the next poll; may be changed in place (protected) and
	 * grow to cap octets. */
	uint8_t *bytes;
	size_t n, cap;
	char digit;
	unsigned duration_ms;
};

struct audio_stream_stats {
	struct rtp_stats rtp;
	struct rtp_jitter_stats jitter;
	const struct codec *sent, *received; /* NULL: nothing yet */
	unsigned ptime;        /* ms, of what is sent */
	/* Both since the last time that nothing was to be received (our hold),
	 * what was missing in it not counted; nor is it in rtp.packets_lost. */
	double loss_percent;   /* of what was expected, late ones included */
	double mos;            /* 0: nothing received */
	double delay_ms;       /* mouth to ear, estimated, without devices */
	uint64_t fec_used;     /* packets rebuilt by in-band FEC */
	uint64_t refused;      /* payload type or payload not understood */
	uint64_t dtx;          /* packets not sent: silence */
	uint32_t digits_received, digits_sent;
};

struct audio_stream { /* private but for port */
	struct graph_port port; /* meters, mute and gain are the caller's */
	struct mem *mem;
	struct audio_stream_config cfg;
	struct rtp_session rtp;
	struct rtp_stats before; /* of sessions that a new clock rate ended */
	struct instant now;      /* of the last input */
	uint32_t rate;           /* PCM, of port and encoder */
	int16_t *tx, *fifo;      /* one block, of this rate */
	size_t fifo_cap;

	/* sending */
	void *enc;
	uint32_t ts;             /* of the packet being filled */
	uint32_t event_ts;       /* the same by the events' clock */
	unsigned ptime;
	size_t tx_n, tx_want;    /* samples in tx, of a packet */
	bool tx_sound;           /* else all of tx is silence */
	bool talking;            /* the last packet time was sent */
	bool rtcp_due, leaving, ended, paused;
	unsigned rtcp;           /* what the last RTCP was: rtp_session.h */
	struct rtp_dtmf_tx dtmf_tx;
	struct tone tone;
	uint8_t digit[AUDIO_STREAM_DIGITS];
	uint16_t digit_ms[AUDIO_STREAM_DIGITS];
	uint8_t digits, digit_at;
	size_t packet_n;         /* RTP that waits in packet; 0: none */
	unsigned loss;           /* percent told to the encoder */
	char cname[RTP_CNAME_MAX];

	/* receiving */
	struct rtp_jitter jitter;
	uint32_t jitter_rate;
	bool jitter_ready;
	const struct codec *rx;  /* of dec */
	void *dec;
	uint32_t dec_rate;
	struct resample *rx_resample; /* dec_rate to rate; NULL: equal */
	int16_t *dec_pcm;             /* and room for what it reads */
	struct rtp_dtmf_rx dtmf_rx;
	uint32_t event_rate;     /* of the event under way */
	uint32_t frame;          /* last packet's length, clock units */
	bool quiet;              /* what was played last */
	size_t seam_n;
	int16_t seam[GRAPH_SAMPLES_MAX / 2];
	size_t fifo_n;           /* decoded, not yet played; at rate */
	enum { AUDIO_STREAM_UNHEARD, AUDIO_STREAM_ALIVE, AUDIO_STREAM_DEAD,
	       AUDIO_STREAM_DUE } peer; /* DUE: agreed anew after SILENT */
	mono alive;              /* its last sign of life */

	/* After a time in which nothing was to be received (our hold) a peer's
	 * numbers may have run on: what is missing there was never sent, or
	 * nobody knows.  RTCP, which counts by the letter, says so all the
	 * same. */
	struct {
		int64_t lost;     /* at its begin */
		uint8_t over;     /* packets that are yet to show its end */
	} hold;
	int64_t unsent_there;     /* lost in such times, altogether */
	struct {
		uint64_t received;
		int64_t lost;
		uint32_t late;
	} anew;                   /* at the end of the last one */

	uint8_t said;             /* 1 << AUDIO_STREAM_CODEC .. _ENDED */
	uint8_t press_at, presses;
	char press[AUDIO_STREAM_PRESSES];
	uint32_t press_ms[AUDIO_STREAM_PRESSES];
	struct audio_stream_stats stats;

	uint8_t packet[AUDIO_STREAM_PACKET];
};

/* seed: 32 random octets.  -EINVAL, -ENOMEM. */
MUST_USE int audio_stream_init(struct audio_stream *s, struct mem *m,
			       const struct audio_stream_config *cfg,
			       const uint8_t seed[32], struct instant now);
void audio_stream_fini(struct audio_stream *s); /* detaches; zeroed is fine */
/* Negotiated anew: codec, payload types, direction.  The RTP session goes on,
 * but for a codec of another clock rate, which takes a new SSRC (RFC 7160 4.1)
 * from seed.  The port follows the new rate.  On failure all is as before. */
MUST_USE int audio_stream_update(struct audio_stream *s,
				 const struct audio_stream_config *cfg,
				 const uint8_t seed[32], struct instant now);
/* Joins the graph: the streams of a call speak to GRAPH_TO_USER and
 * GRAPH_TO_RECORD and hear GRAPH_TO_NET.  -ENOMEM. */
MUST_USE int audio_stream_attach(struct audio_stream *s, struct graph *g,
				 unsigned speaks, unsigned hears);

/* The far end was signalled at another address: there it is yet to be heard. */
void audio_stream_moved(struct audio_stream *s);
void audio_stream_on_rtp(struct audio_stream *s, const struct rtp_packet *p,
			 const struct addr *from, struct instant now);
void audio_stream_on_rtcp(struct audio_stream *s, struct slice compound,
			  const struct addr *from, struct instant now);
/* What the RTCP that was given last reports; false: nothing that matters. */
bool audio_stream_report(const struct audio_stream *s, struct rtp_report *out);
/* Something else came from where the far end sends: a keep-alive of any kind
 * (RFC 6263).  It does not make it heard, but keeps it from being silent. */
void audio_stream_on_alive(struct audio_stream *s, struct instant now);
void audio_stream_on_time(struct audio_stream *s, struct instant now);
mono audio_stream_deadline(const struct audio_stream *s);
/* No RTP goes out, whatever is to be sent; reports do. */
void audio_stream_pause(struct audio_stream *s, bool pause);
/* Says RTCP BYE as soon as RFC 3550 lets it, then AUDIO_STREAM_ENDED; an
 * impatient owner just stops. */
void audio_stream_leave(struct audio_stream *s, struct instant now);
bool audio_stream_poll(struct audio_stream *s, struct audio_stream_out *out);
/* The AUDIO_STREAM_DIGIT just polled was not taken: it is polled again.  While
 * keys wait, telephone events that come are not read when there is no room for
 * them: UDP cannot be held back, but a key is reported again and again as long
 * as it is down, and its end three times (RFC 4733 2.5.1.4), so that it is read
 * when there is room; one whose end is missed ends by its time. */
void audio_stream_untaken(struct audio_stream *s);
/* The AUDIO_STREAM_RTP just polled, of out->n octets, could not be sent. */
void audio_stream_unsent(struct audio_stream *s, size_t n);

/* Sends a key (0-9 * # A-D) for ms; "," is a pause of 500 ms.  -EINVAL,
 * -ENOSPC too many wait. */
MUST_USE int audio_stream_digit(struct audio_stream *s, char key, unsigned ms);
bool audio_stream_digits_sent(const struct audio_stream *s);

struct audio_stream_stats audio_stream_stats(const struct audio_stream *s);
#endif
