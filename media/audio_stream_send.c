/* SPDX-License-Identifier: BSD-2-Clause
 * From the graph to packets.  tx gathers quanta until a packet is full; ts is
 * the timestamp of the first sample in it and runs on whatever is sent. */
#include "media/audio_stream_priv.h"

enum {
	DTMF_PAUSE_MS = 50, /* between two keys; ITU-T Q.24: 40 or more */
	DTMF_VOLUME = 10,   /* -dBm0 */
	COMMA_MS = 500,
	COMMA = 255         /* in digit[]: a pause */
};

int stream_send_open(struct mem *m, const struct audio_stream_config *cfg,
		     uint32_t rate, void **enc)
{
	return cfg->codec->encoder_open(m, rate, &cfg->remote, enc);
}

static uint32_t event_rate(const struct audio_stream_config *c)
{
	return c->event_rate ? c->event_rate : c->codec->clock_rate;
}

/* What is gathered goes into the first packet of the new codec if it can; what
 * cannot is left out, and the timestamp tells of it. */
static void keep_gathered(struct audio_stream *s, const struct codec *old,
			  uint32_t rate)
{
	if (!old || (rate == s->rate && s->tx_n < s->tx_want))
		return;
	s->ts += (uint32_t)((uint64_t)s->tx_n * old->clock_rate / s->rate);
	s->tx_n = 0;
	s->tx_sound = false;
}

void stream_send_swap(struct audio_stream *s,
		      const struct audio_stream_config *cfg, uint32_t rate,
		      void *enc)
{
	const struct codec *old = s->ptime ? s->cfg.codec : NULL;
	bool other_clock = !old || old->clock_rate != cfg->codec->clock_rate;

	if (old && (cfg->codec != old || enc != s->enc))
		old->encoder_close(s->mem, s->enc);
	s->enc = enc;
	if (cfg->codec->set_loss)
		cfg->codec->set_loss(enc, s->loss);
	s->ptime = cfg->ptime ? cfg->ptime :
		   codec_ptime(cfg->codec, &cfg->remote);
	s->tx_want = (size_t)rate * s->ptime / 1000;
	keep_gathered(s, old, rate);
	if (other_clock || event_rate(cfg) != event_rate(&s->cfg))
		rtp_dtmf_tx_init(&s->dtmf_tx,
				 event_rate(cfg) / 1000 * DTMF_PAUSE_MS,
				 DTMF_VOLUME);
	if (other_clock) {
		s->ts = 0;
		s->talking = false;
	}
	if (rate != s->rate)
		tone_stop(&s->tone);
}

void stream_send_fini(struct audio_stream *s)
{
	s->cfg.codec->encoder_close(s->mem, s->enc);
	s->enc = NULL;
}

static uint32_t packet_units(const struct audio_stream *s, uint32_t clock)
{
	return clock / 100 * s->ptime / 10;
}

/* An event packet, if one is due; true: it takes the audio's place.  Durations
 * are in units of the event's own clock (RFC 4733 2.3.5, 2.4), timestamps in
 * the stream's, whose base they share (2.1), also where the two differ. */
static bool send_event(struct audio_stream *s)
{
	struct rtp_dtmf_packet p;
	uint64_t age;
	unsigned out;

	if (s->cfg.event_pt < 0 || rtp_dtmf_tx_idle(&s->dtmf_tx))
		return false;
	out = rtp_dtmf_tx_on_tick(&s->dtmf_tx, s->event_ts,
				  packet_units(s, event_rate(&s->cfg)), &p);
	if (out & RTP_DTMF_SEND) {
		memcpy(s->packet + RTP_HEADER, p.payload, sizeof(p.payload));
		age = (uint64_t)(s->event_ts - p.ts) *
		      s->cfg.codec->clock_rate / event_rate(&s->cfg);
		rtp_session_stamp(&s->rtp, s->packet, sizeof(p.payload),
				  (uint8_t)s->cfg.event_pt, p.marker,
				  s->ts - (uint32_t)age, s->now);
		s->packet_n = RTP_HEADER + sizeof(p.payload);
	}
	return (out & RTP_DTMF_BUSY) != 0;
}

static void send_audio(struct audio_stream *s)
{
	int n = s->cfg.codec->encode(s->enc, s->tx_sound ? s->tx : NULL,
				     s->tx_want, s->packet + RTP_HEADER,
				     CODEC_PAYLOAD_MAX);

	if (n <= 0) {
		s->stats.dtx++;
		s->talking = false;
		return;
	}
	rtp_session_stamp(&s->rtp, s->packet, (size_t)n, s->cfg.pt,
			  !s->talking, s->ts, s->now);
	s->packet_n = RTP_HEADER + (size_t)n;
	s->talking = true;
	s->stats.sent = s->cfg.codec;
}

static void packet_time(struct audio_stream *s)
{
	bool may = s->cfg.send && !s->leaving && !s->paused;

	s->packet_n = 0; /* one that nobody fetched is lost */
	if (!may)
		s->talking = false;
	else if (!send_event(s))
		send_audio(s);
	s->ts += packet_units(s, s->cfg.codec->clock_rate);
	s->event_ts += packet_units(s, event_rate(&s->cfg));
	s->tx_n = 0;
	s->tx_sound = false;
}

/* The next digit that waits to be sent as a tone. */
static void next_tone(struct audio_stream *s)
{
	struct tone_spec spec;
	unsigned code = s->digit[s->digit_at], ms = s->digit_ms[s->digit_at];

	s->digit_at = (uint8_t)((s->digit_at + 1) % AUDIO_STREAM_DIGITS);
	s->digits--;
	if (code == COMMA) /* of silence alone */
		spec = (struct tone_spec){ .on_ms = (uint16_t)ms, .times = 1 };
	else
		spec = dtmf_tone(code, ms, DTMF_PAUSE_MS);
	tone_start(&s->tone, &spec, s->rate);
}

/* Digits wait here for their turn: as events one after the other, since a
 * pause must end before the next is queued, or as tones instead of pcm. */
static const int16_t *send_digits(struct audio_stream *s, const int16_t *pcm,
				  size_t n, int16_t *room)
{
	if (!s->digits && !tone_active(&s->tone))
		return pcm;
	if (s->cfg.event_pt >= 0 && s->digits && !tone_active(&s->tone)) {
		unsigned at = s->digit_at;

		if (s->digit[at] == COMMA) {
			if (rtp_dtmf_tx_idle(&s->dtmf_tx))
				next_tone(s);
		} else if (rtp_dtmf_tx_add(&s->dtmf_tx, s->digit[at],
					   event_rate(&s->cfg) / 1000 *
					   s->digit_ms[at]) == 0) {
			s->digit_at = (uint8_t)((at + 1) %
						AUDIO_STREAM_DIGITS);
			s->digits--;
		}
	}
	if (s->cfg.event_pt < 0 && s->digits && !tone_active(&s->tone))
		next_tone(s);
	if (!tone_active(&s->tone))
		return pcm;
	return tone_run(&s->tone, room, n) ? room : NULL;
}

void stream_sink(void *arg, const int16_t *pcm, size_t n, mono now)
{
	int16_t room[GRAPH_SAMPLES_MAX];
	struct audio_stream *s = arg;

	stream_now(s, now);
	if (n > COUNT(room) || n > s->tx_want - s->tx_n)
		return; /* not of our rate: the port is about to follow */
	if (s->cfg.send)
		pcm = send_digits(s, pcm, n, room);
	if (pcm)
		memcpy(s->tx + s->tx_n, pcm, n * sizeof(*pcm));
	else
		memset(s->tx + s->tx_n, 0, n * sizeof(*s->tx));
	s->tx_sound = s->tx_sound || pcm;
	s->tx_n += n;
	if (s->tx_n >= s->tx_want)
		packet_time(s);
}

int audio_stream_digit(struct audio_stream *s, char key, unsigned ms)
{
	int code = key == ',' ? COMMA : dtmf_event(key);
	unsigned at;

	if (code < 0 || !ms || ms > 10000)
		return -EINVAL;
	if (s->digits == AUDIO_STREAM_DIGITS)
		return -ENOSPC;
	at = (unsigned)(s->digit_at + s->digits++) % AUDIO_STREAM_DIGITS;
	s->digit[at] = (uint8_t)code;
	s->digit_ms[at] = (uint16_t)(key == ',' ? COMMA_MS : ms);
	s->stats.digits_sent += key != ',';
	return 0;
}

bool audio_stream_digits_sent(const struct audio_stream *s)
{
	return !s->digits && !tone_active(&s->tone) &&
	       rtp_dtmf_tx_idle(&s->dtmf_tx);
}
