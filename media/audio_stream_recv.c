/* SPDX-License-Identifier: BSD-2-Clause
 * From packets to the graph.  fifo holds what is decoded and not yet played, at
 * the port's rate; it is filled by what the jitter buffer says until there is
 * a quantum. */
#include "media/audio_stream_priv.h"

enum {
	STEPS = 48,      /* verdicts acted on in one tick */
	QUIET_PEAK = 400 /* -38 dBov: a cut is hardly heard */
};

static const struct audio_stream_rx *recv_find(const struct audio_stream *s,
					       unsigned pt)
{
	for (size_t i = 0; i < s->cfg.rx_n; i++)
		if (s->cfg.rx[i].pt == pt)
			return &s->cfg.rx[i];
	return NULL;
}

/* Events go by the clock of the sound that they are in (RFC 4733 2.1). */
uint32_t stream_recv_clock(const struct audio_stream *s, unsigned pt)
{
	const struct audio_stream_rx *rx = recv_find(s, pt);

	return rx && rx->codec ? rx->codec->clock_rate : s->jitter_rate;
}

static void recv_decoder_close(struct audio_stream *s)
{
	if (s->rx)
		s->rx->decoder_close(s->mem, s->dec);
	resample_close(s->rx_resample);
	mem_free(s->mem, s->dec_pcm);
	s->rx_resample = NULL;
	s->dec_pcm = NULL;
	s->dec = NULL;
	s->rx = NULL;
}

static void jitter_begin(struct audio_stream *s, uint32_t rate)
{
	struct rtp_jitter_config c = { .rate = rate, .frame = rate / 50,
				       .min_ms = s->cfg.jitter_min_ms,
				       .max_ms = s->cfg.jitter_max_ms };

	if (s->jitter_rate)
		rtp_jitter_fini(&s->jitter);
	rtp_jitter_init(&s->jitter, s->mem, &c, s->now.m);
	s->jitter_rate = rate;
	s->frame = rate / 50;
}

void stream_recv_init(struct audio_stream *s)
{
	s->quiet = true;
	jitter_begin(s, s->cfg.codec->clock_rate);
}

void stream_recv_fini(struct audio_stream *s)
{
	recv_decoder_close(s);
	if (s->jitter_rate)
		rtp_jitter_fini(&s->jitter);
	s->jitter_rate = 0;
}

void stream_recv_reset(struct audio_stream *s)
{
	recv_decoder_close(s);
	rtp_jitter_reset(&s->jitter);
	s->fifo_n = 0;
	s->seam_n = 0;
	s->quiet = true;
	s->dtmf_rx = (struct rtp_dtmf_rx){ 0 };
}

/* ------------------------------------------------------------- events */
/* Is there room for so many keys that end? */
static bool has_room(const struct audio_stream *s, int n)
{
	return AUDIO_STREAM_PRESSES - s->presses >= n;
}

static void digit_over(struct audio_stream *s, const struct rtp_dtmf_digit *d)
{
	char key = dtmf_char(d->code);
	uint64_t ms = (uint64_t)d->duration * 1000 / s->event_rate;
	unsigned at;

	if (!key)
		return; /* flash and the other events of RFC 4733 3.2 on */
	s->stats.digits_received++;
	at = (unsigned)(s->press_at + s->presses++) % AUDIO_STREAM_PRESSES;
	s->press[at] = key;
	s->press_ms[at] = (uint32_t)ms;
}

/* A full segment of events at rate, in units of another clock. */
static uint32_t scaled(uint32_t clock, uint32_t rate)
{
	return (uint32_t)((uint64_t)UINT16_MAX * clock / rate);
}

static void recv_on_event(struct audio_stream *s, const struct rtp_packet *p,
			  uint32_t rate)
{
	struct rtp_event v[RTP_EVENTS_MAX];
	struct parse_error e;
	int n = rtp_event_parse(p->payload, v, &e);
	uint32_t ts = p->ts, clock = s->jitter_rate ? s->jitter_rate :
				     s->cfg.codec->clock_rate;

	rtp_jitter_skip(&s->jitter, p->seq);
	if (n <= 0 || s->cfg.early) {
		s->stats.refused++;
		return;
	}
	if (!has_room(s, n + 1)) /* what it begins, and the one before */
		return;
	/* Timestamps are the stream's (RFC 4733 2.1), not the event's:
	 * it must not seem to last into the next one. */
	s->event_rate = rate < clock ? rate : clock;
	rtp_dtmf_rx_full(&s->dtmf_rx, scaled(s->event_rate, rate),
			 scaled(clock, rate));
	for (int i = 0; i < n; i++) {
		struct rtp_dtmf_digit before = { 0 }, digit = { 0 };
		unsigned out;

		v[i].duration = (uint16_t)((uint64_t)v[i].duration *
					   s->event_rate / rate);
		out = rtp_dtmf_rx_on_event(&s->dtmf_rx, &v[i], ts,
					   p->marker && !i, s->now.m,
					   &before, &digit);
		if (out & RTP_DTMF_END_BEFORE)
			digit_over(s, &before);
		if (out & RTP_DTMF_END)
			digit_over(s, &digit);
		ts += v[i].duration;
	}
}

void stream_recv_on_time(struct audio_stream *s)
{
	struct rtp_dtmf_digit digit = { 0 };

	if (has_room(s, 1) && s->now.m >= rtp_dtmf_rx_deadline(&s->dtmf_rx) &&
	    rtp_dtmf_rx_on_time(&s->dtmf_rx, s->now.m, &digit) & RTP_DTMF_END)
		digit_over(s, &digit);
}

void stream_recv_put(struct audio_stream *s, const struct rtp_packet *p)
{
	const struct audio_stream_rx *rx = recv_find(s, p->pt);

	if (rx && !rx->codec) {
		recv_on_event(s, p, rx->event_rate);
		return;
	}
	if (!rx || rx->codec->duration(rx->codec, (const uint8_t *)p->payload.p,
				       p->payload.n) < 0) {
		/* RFC 3551 3: what cannot be played is ignored. */
		rtp_jitter_skip(&s->jitter, p->seq);
		s->stats.refused++;
		return;
	}
	if (rx->codec->clock_rate != s->jitter_rate)
		jitter_begin(s, rx->codec->clock_rate);
	(void)rtp_jitter_put(&s->jitter, p, s->now.m);
}

/* ------------------------------------------------------------- decoding */
/* What stands between a decoder of this rate and ours; NULLs: nothing. */
static int resampler_for(struct audio_stream *s, uint32_t rate,
			 struct resample **r, int16_t **pcm)
{
	int rc;

	*r = NULL;
	*pcm = NULL;
	if (rate == s->rate)
		return 0;
	*pcm = mem_array(s->mem, (size_t)rate / 1000 * CODEC_PACKET_MS_MAX,
			 sizeof(**pcm));
	rc = *pcm ? resample_open(s->mem, rate, s->rate, r) : -ENOMEM;
	if (rc < 0)
		mem_free(s->mem, *pcm);
	return rc;
}

/* The decoder for the codec that comes now; false: no memory for it. */
static bool decoder_for(struct audio_stream *s, const struct codec *c)
{
	uint32_t rate = codec_rate(c, s->rate);
	struct resample *r;
	int16_t *pcm;
	void *dec;

	if (s->rx == c)
		return true;
	if (c->decoder_open(s->mem, rate, &dec) < 0)
		return false;
	if (resampler_for(s, rate, &r, &pcm) < 0) {
		c->decoder_close(s->mem, dec);
		return false;
	}
	recv_decoder_close(s);
	s->rx = c;
	s->dec = dec;
	s->dec_rate = rate;
	s->rx_resample = r;
	s->dec_pcm = pcm;
	if (s->stats.received != c)
		stream_say(s, AUDIO_STREAM_CODEC);
	s->stats.received = c;
	return true;
}

/* Where the decoder writes: behind the fifo, if that is of its rate.  Less than
 * a quantum is in the fifo, so a whole packet has room (FIFO_MS). */
static int16_t *decoded(const struct audio_stream *s, size_t *cap)
{
	*cap = s->fifo_cap - s->fifo_n;
	if (!s->rx_resample)
		return s->fifo + s->fifo_n;
	*cap = (size_t)s->dec_rate / 1000 * CODEC_PACKET_MS_MAX;
	return s->dec_pcm;
}

/* What decoded() got stands behind the fifo from here, at our rate; how much
 * that is.  It is not played before fifo_n counts it. */
static size_t convert(struct audio_stream *s, size_t n)
{
	size_t given = s->fifo_cap - s->fifo_n;

	if (!s->rx_resample)
		return n;
	resample_run(s->rx_resample, s->dec_pcm, &n, s->fifo + s->fifo_n,
		     &given);
	return given;
}

/* Clock units to samples of the decoder. */
static size_t samples_of(const struct audio_stream *s, uint32_t units,
			 size_t most)
{
	uint64_t n = (uint64_t)units * s->dec_rate / s->rx->clock_rate;

	return n < most ? (size_t)n : most;
}

/* Up to units of made-up sound behind the fifo; next: the packet after the
 * hole when in-band FEC may tell what was in it. */
static void make_up(struct audio_stream *s, uint32_t units,
		    const struct rtp_jitter_frame *next)
{
	int16_t *pcm;
	size_t n;
	int got = 0;

	if (!s->rx) {
		n = (size_t)((uint64_t)units * s->rate / s->jitter_rate);
		if (n > s->fifo_cap - s->fifo_n)
			n = s->fifo_cap - s->fifo_n;
		memset(s->fifo + s->fifo_n, 0, n * sizeof(*s->fifo));
		s->fifo_n += n;
		return;
	}
	pcm = decoded(s, &n);
	n = samples_of(s, units, n);
	if (next && s->rx->decode_fec) {
		got = s->rx->decode_fec(s->dec,
					(const uint8_t *)next->payload.p,
					next->payload.n, pcm, n);
		s->stats.fec_used += got > 0;
	}
	if (got <= 0)
		got = s->rx->conceal(s->dec, pcm, n);
	if (got > 0)
		s->fifo_n += convert(s, (size_t)got);
}

/* Decodes a packet; as convert, 0 when it cannot be.  *units: its length. */
static size_t recv_decode(struct audio_stream *s,
			  const struct rtp_jitter_frame *f, uint32_t *units)
{
	const struct audio_stream_rx *rx = recv_find(s, f->pt);
	const uint8_t *p = (const uint8_t *)f->payload.p;
	int16_t *pcm;
	size_t cap;
	int n;

	*units = s->frame;
	if (!rx || !rx->codec) /* no longer ours: negotiated anew */
		return 0;
	n = rx->codec->duration(rx->codec, p, f->payload.n);
	if (n <= 0)
		return 0;
	*units = s->frame = (uint32_t)n;
	if (!decoder_for(s, rx->codec))
		return 0;
	pcm = decoded(s, &cap);
	n = s->rx->decode(s->dec, p, f->payload.n, pcm, cap);
	if (n < 0) {
		s->stats.refused++;
		return 0;
	}
	return convert(s, (size_t)n);
}

/* What was thrown away leads over to what follows it. */
static void recv_join(struct audio_stream *s, int16_t *pcm, size_t n)
{
	size_t k = s->seam_n < n ? s->seam_n : n;

	for (size_t i = 0; i < k; i++) {
		int32_t w = (int32_t)(((i + 1) << 8) / (k + 1));

		pcm[i] = (int16_t)((pcm[i] * w + s->seam[i] * (256 - w)) >> 8);
	}
	s->seam_n = 0;
}

static void recv_play(struct audio_stream *s, const struct rtp_jitter_frame *f)
{
	uint32_t units;
	size_t n = recv_decode(s, f, &units);

	if (n) {
		recv_join(s, s->fifo + s->fifo_n, n);
		s->fifo_n += n;
	} else {
		make_up(s, units, NULL);
	}
	rtp_jitter_advance(&s->jitter, units);
}

static void recv_drop(struct audio_stream *s, const struct rtp_jitter_frame *f)
{
	uint32_t units;
	size_t n = recv_decode(s, f, &units);
	size_t keep = s->rate / 200; /* 5 ms */

	if (!s->seam_n) {
		s->seam_n = n < keep ? n : keep;
		memcpy(s->seam, s->fifo + s->fifo_n,
		       s->seam_n * sizeof(*s->seam));
	}
	rtp_jitter_advance(&s->jitter, units);
}

/* A hole is filled frame by frame, so that its last frame is met as such; one
 * of unknown length quantum by quantum. */
static void recv_conceal(struct audio_stream *s,
			 const struct rtp_jitter_frame *f)
{
	uint32_t units = f->samples ? f->samples : s->jitter_rate / 100;
	uint32_t frame = s->frame ? s->frame : s->jitter_rate / 50;
	bool fec = f->adjacent && f->samples && f->samples <= frame;

	if (units > frame)
		units = frame;
	make_up(s, units, fec ? f : NULL);
	rtp_jitter_advance(&s->jitter, units);
}

/* Acts on one verdict; false: nothing more to come in this tick. */
static bool step(struct audio_stream *s)
{
	struct rtp_jitter_frame f;
	uint32_t longest;

	switch (rtp_jitter_get(&s->jitter, s->now.m, s->quiet, &f)) {
	case RTP_JITTER_WAIT:
		rtp_jitter_advance(&s->jitter, s->jitter_rate / 100);
		return false;
	case RTP_JITTER_PLAY:
		recv_play(s, &f);
		break;
	case RTP_JITTER_CONCEAL:
		recv_conceal(s, &f);
		break;
	case RTP_JITTER_STRETCH:
		longest = s->jitter_rate / 1000 * CODEC_PACKET_MS_MAX;
		if (f.samples > longest)
			f.samples = longest;
		make_up(s, f.samples, NULL);
		rtp_jitter_advance(&s->jitter, f.samples);
		break;
	case RTP_JITTER_SHRINK:
		recv_drop(s, &f);
		break;
	}
	return true;
}

static bool is_quiet(const int16_t *pcm, size_t n)
{
	int32_t peak = 0;

	for (size_t i = 0; i < n; i++) {
		int32_t v = pcm[i] < 0 ? -pcm[i] : pcm[i];

		peak = v > peak ? v : peak;
	}
	return peak < QUIET_PEAK;
}

bool stream_source(void *arg, int16_t *pcm, size_t n, mono now)
{
	struct audio_stream *s = arg;
	size_t k;

	stream_now(s, now);
	if (!s->cfg.receive)
		return false;
	for (unsigned i = 0; s->fifo_n < n && i < STEPS; i++)
		if (!step(s))
			break;
	k = s->fifo_n < n ? s->fifo_n : n;
	if (!k) {
		s->quiet = true;
		return false;
	}
	memcpy(pcm, s->fifo, k * sizeof(*pcm));
	memset(pcm + k, 0, (n - k) * sizeof(*pcm));
	s->fifo_n -= k;
	memmove(s->fifo, s->fifo + k, s->fifo_n * sizeof(*s->fifo));
	s->quiet = is_quiet(pcm, n);
	return true;
}
