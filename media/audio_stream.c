/* SPDX-License-Identifier: BSD-2-Clause */
#include "media/audio_stream.h"

#include "media/audio_stream_priv.h"
#include "rtp/rtp_mos.h"

static const mono LATE = SEC(1); /* a timer: beyond load and slow loops */

static const struct graph_ops stream_ops = { stream_source, stream_sink };

void stream_now(struct audio_stream *s, mono m)
{
	if (m > s->now.m) {
		s->now.wall_ns += m - s->now.m;
		s->now.m = m;
	}
}

/* The peer is heard or is silent, as it is in the end. */
void stream_say(struct audio_stream *s, enum audio_stream_out_kind what)
{
	const unsigned either = 1u << AUDIO_STREAM_HEARD |
				1u << AUDIO_STREAM_SILENT;
	unsigned bit = 1u << what;

	if (bit & either)
		s->said &= (uint8_t)~either;
	s->said |= (uint8_t)bit;
}

/* ---------------------------------------------------------------- life */
static bool config_ok(const struct audio_stream_config *c)
{
	const struct codec_params wish = { .ptime = (uint16_t)c->ptime };

	if (!c->codec || c->pt > 127 || c->rx_n > AUDIO_STREAM_RX ||
	    c->event_pt > 127 ||
	    (c->event_rate && c->event_rate < 1000) ||
	    c->ptime > c->codec->max_ptime ||
	    (c->ptime && codec_ptime(c->codec, &wish) != c->ptime))
		return false;
	for (size_t i = 0; i < c->rx_n; i++)
		if (c->rx[i].pt > 127 ||
		    (!c->rx[i].codec && !c->rx[i].event_rate))
			return false;
	return true;
}

static uint32_t pcm_rate(const struct audio_stream_config *c)
{
	return codec_rate(c->codec, c->graph_rate ? c->graph_rate :
			  CODEC_RATE_MAX);
}

/* Codec, headers of IPv4, UDP and RTP: RTCP's share is taken from it. */
static uint32_t bandwidth(const struct audio_stream_config *c)
{
	return c->codec->clock_rate == 8000 ? 80000 : 64000;
}

static void session_begin(struct audio_stream *s, const uint8_t seed[32])
{
	struct rtp_session_config c = {
		.rate = s->cfg.codec->clock_rate,
		.bandwidth = bandwidth(&s->cfg),
		.unicast = true,
		.cname = s->cfg.cname,
	};

	rtp_session_init(&s->rtp, s->mem, &c, seed, s->now);
}

static void keep_config(struct audio_stream *s,
			const struct audio_stream_config *cfg)
{
	struct slice name = slice_head(cfg->cname, RTP_CNAME_MAX);

	if (name.n)
		memmove(s->cname, name.p, name.n);
	s->cfg = *cfg;
	s->cfg.cname = slice_of(s->cname, name.n);
}

/* Room for a packet to be filled, and for one that was decoded while less than
 * a quantum was left of the one before (and what a resampler adds). */
enum { FIFO_MS = CODEC_PACKET_MS_MAX + 2 * GRAPH_MS };

static int16_t *sound_new(struct mem *m, uint32_t rate)
{
	return mem_array(m, (size_t)rate / 100 *
			 ((CODEC_PACKET_MS_MAX + FIFO_MS) / 10), 2);
}

static void sound_set(struct audio_stream *s, int16_t *sound, uint32_t rate)
{
	mem_free(s->mem, s->tx);
	s->tx = sound;
	s->fifo = sound + rate / 100 * (CODEC_PACKET_MS_MAX / 10);
	s->fifo_cap = rate / 100 * (FIFO_MS / 10);
}

int audio_stream_init(struct audio_stream *s, struct mem *m,
		      const struct audio_stream_config *cfg,
		      const uint8_t seed[32], struct instant now)
{
	uint32_t rate;
	int16_t *sound;
	void *enc;
	int rc;

	if (!config_ok(cfg))
		return -EINVAL;
	rate = pcm_rate(cfg);
	rc = stream_send_open(m, cfg, rate, &enc);
	if (rc < 0)
		return rc;
	sound = sound_new(m, rate);
	if (!sound) {
		cfg->codec->encoder_close(m, enc);
		return -ENOMEM;
	}
	memset(s, 0, sizeof(*s));
	s->mem = m;
	s->now = now;
	s->rate = rate;
	sound_set(s, sound, rate);
	keep_config(s, cfg);
	session_begin(s, seed);
	stream_send_swap(s, cfg, rate, enc);
	stream_recv_init(s);
	return 0;
}

void audio_stream_fini(struct audio_stream *s)
{
	if (!s->mem)
		return;
	graph_detach(&s->port);
	stream_send_fini(s);
	stream_recv_fini(s);
	rtp_session_fini(&s->rtp);
	mem_free(s->mem, s->tx);
	s->mem = NULL;
}

/* Counters of a session that ends are kept: totals go on. */
static void add_stats(struct rtp_stats *to, const struct rtp_stats *b)
{
	struct rtp_stats a = *to;

	*to = *b;
	to->packets_sent += a.packets_sent;
	to->octets_sent += a.octets_sent;
	to->packets_received += a.packets_received;
	to->octets_received += a.octets_received;
	to->packets_lost += a.packets_lost;
	to->duplicates += a.duplicates;
	to->reordered += a.reordered;
	to->invalid += a.invalid;
	to->collisions += a.collisions;
	to->loops += a.loops;
	to->switches += a.switches;
	to->remote_lost += a.remote_lost;
	to->rtcp_sent += a.rtcp_sent;
	to->rtcp_received += a.rtcp_received;
	if (b->rtt_us < 0 && a.reported)
		to->rtt_us = a.rtt_us;
}

static bool same_wishes(const struct codec_params *a,
			const struct codec_params *b)
{
	return a->max_playback_rate == b->max_playback_rate &&
	       a->max_bitrate == b->max_bitrate && a->stereo == b->stereo &&
	       a->cbr == b->cbr && a->fec == b->fec && a->dtx == b->dtx;
}

/* Of all sources, and of sessions that a new clock rate ended. */
static struct rtp_stats rtp_total(const struct audio_stream *s)
{
	struct rtp_stats all = s->before, now = rtp_session_stats(&s->rtp);

	add_stats(&all, &now);
	return all;
}

static void hold_follow(struct audio_stream *s, bool receive)
{
	enum { SHOWN = 2 }; /* a jump is known by the second packet (A.1) */

	if (s->cfg.receive && !receive && !s->hold.over)
		s->hold.lost = rtp_total(s).packets_lost;
	if (receive && !s->cfg.receive)
		s->hold.over = SHOWN;
}

/* The first packets after it show what the peer counted meanwhile. */
static void hold_over(struct audio_stream *s)
{
	struct rtp_stats st = rtp_total(s);

	s->hold.over--;
	if (st.packets_lost > s->hold.lost)
		s->unsent_there += st.packets_lost - s->hold.lost;
	s->hold.lost = st.packets_lost;
	s->anew.received = st.packets_received;
	s->anew.lost = st.packets_lost;
	s->anew.late = s->jitter_rate ? rtp_jitter_stats(&s->jitter).late : 0;
}

int audio_stream_update(struct audio_stream *s,
			const struct audio_stream_config *cfg,
			const uint8_t seed[32], struct instant now)
{
	const struct codec *old = s->cfg.codec;
	bool begin = false, resume;
	struct rtp_stats st;
	int16_t *sound = NULL;
	uint32_t rate;
	void *enc;
	int rc = 0;

	if (!config_ok(cfg))
		return -EINVAL;
	stream_now(s, now.m);
	rate = pcm_rate(cfg);
	if (cfg->codec != old || rate != s->rate ||
	    !same_wishes(&cfg->remote, &s->cfg.remote)) {
		rc = stream_send_open(s->mem, cfg, rate, &enc);
		begin = rc == 0;
	}
	if (rc == 0 && rate != s->rate) {
		sound = sound_new(s->mem, rate);
		rc = sound ? 0 : -ENOMEM;
	}
	if (rc == 0 && rate != s->rate && s->port.graph)
		rc = graph_port_rate(&s->port, rate);
	if (rc < 0) {
		mem_free(s->mem, sound);
		if (begin)
			cfg->codec->encoder_close(s->mem, enc);
		return rc;
	}
	if (!begin)
		enc = s->enc;
	stream_send_swap(s, cfg, rate, enc);
	if (sound)
		sound_set(s, sound, rate);
	resume = cfg->receive && !s->cfg.receive;
	s->alive = s->now.m; /* it has just agreed */
	if (s->peer == AUDIO_STREAM_DEAD)
		s->peer = AUDIO_STREAM_DUE;
	if (rate != s->rate || resume) {
		s->rate = rate;
		stream_recv_reset(s);
	}
	hold_follow(s, cfg->receive);
	keep_config(s, cfg);
	if (cfg->codec->clock_rate != old->clock_rate) {
		st = rtp_session_stats(&s->rtp);
		add_stats(&s->before, &st);
		rtp_session_fini(&s->rtp);
		session_begin(s, seed);
	}
	return 0;
}

int audio_stream_attach(struct audio_stream *s, struct graph *g,
			unsigned speaks, unsigned hears)
{
	return graph_attach(g, &s->port, &stream_ops, s, s->rate, speaks,
			    hears);
}

/* -------------------------------------------------------------- inputs */
/* An input's time by the stream's own wall clock, which goes into its reports:
 * whoever sets the machine's does not lengthen round trips. */
static struct instant own(struct audio_stream *s, struct instant now)
{
	stream_now(s, now.m);
	now.wall_ns = s->now.wall_ns - (s->now.m - now.m);
	return now;
}

/* The far end tells how much of ours is lost: the encoder protects against
 * that much.  Half of the old figure stays, since a report covers seconds. */
static void on_report(struct audio_stream *s)
{
	struct rtp_stats st = rtp_session_stats(&s->rtp);
	unsigned percent = (unsigned)st.remote_fraction * 100 / 256;

	s->loss = (s->loss + percent + 1) / 2;
	if (s->cfg.codec->set_loss)
		s->cfg.codec->set_loss(s->enc, s->loss);
}

static void on_session(struct audio_stream *s, unsigned bits)
{
	if (bits & (RTP_SESSION_SWITCHED | RTP_SESSION_RESTARTED))
		stream_recv_reset(s);
	if (bits & RTP_SESSION_REPORTED)
		on_report(s);
	if (bits & RTP_SESSION_BYE)
		stream_say(s, AUDIO_STREAM_BYE);
	if (bits & RTP_SESSION_RTCP)
		s->rtcp_due = true;
	if (bits & RTP_SESSION_ENDED && !s->ended) {
		s->ended = true;
		stream_say(s, AUDIO_STREAM_ENDED);
	}
}

void audio_stream_moved(struct audio_stream *s)
{
	rtp_session_moved(&s->rtp);
	s->peer = AUDIO_STREAM_UNHEARD;
}

static void heard(struct audio_stream *s)
{
	if (s->peer != AUDIO_STREAM_ALIVE)
		stream_say(s, AUDIO_STREAM_HEARD);
	s->peer = AUDIO_STREAM_ALIVE;
	s->alive = s->now.m;
}

void audio_stream_on_alive(struct audio_stream *s, struct instant now)
{
	stream_now(s, now.m);
	if (s->peer != AUDIO_STREAM_UNHEARD)
		heard(s);
}

/* Who was never heard may be of those that send nothing at all. */
static mono silence_end(const struct audio_stream *s)
{
	bool awaited = s->peer == AUDIO_STREAM_ALIVE ||
		       s->peer == AUDIO_STREAM_DUE;

	return s->cfg.silence && awaited ?
	       mono_add(s->alive, s->cfg.silence) : MONO_NEVER;
}

/* Who is told late stood still (stopped, suspended), and what came meanwhile is
 * yet to be read. */
static void judge_silence(struct audio_stream *s, mono now)
{
	mono end = silence_end(s);

	if (now < end)
		return;
	if (now - end > LATE) {
		s->alive = now;
		return;
	}
	s->peer = AUDIO_STREAM_DEAD;
	stream_say(s, AUDIO_STREAM_SILENT);
}

void audio_stream_on_rtp(struct audio_stream *s, const struct rtp_packet *p,
			 const struct addr *from, struct instant now)
{
	unsigned bits;

	rtp_session_set_clock(&s->rtp, stream_recv_clock(s, p->pt));
	bits = rtp_session_on_rtp(&s->rtp, p, from, own(s, now));
	heard(s);
	if (s->hold.over && s->cfg.receive)
		hold_over(s);
	on_session(s, bits);
	if (bits & RTP_SESSION_PLAY && s->cfg.receive)
		stream_recv_put(s, p);
}

void audio_stream_on_rtcp(struct audio_stream *s, struct slice compound,
			  const struct addr *from, struct instant now)
{
	s->rtcp = rtp_session_on_rtcp(&s->rtp, compound, from, own(s, now));
	on_session(s, s->rtcp);
	heard(s);
}

bool audio_stream_report(const struct audio_stream *s, struct rtp_report *out)
{
	struct rtp_stats st = rtp_session_stats(&s->rtp);

	*out = (struct rtp_report){
		.on_us = (s->rtcp & RTP_SESSION_REPORTED) != 0,
		.highest = st.remote_seq,
		.rtt = st.rtt_us < 0 ? -1 : st.rtt_us * 1000,
	};
	return out->on_us || (s->rtcp & RTP_SESSION_ON_NOBODY);
}

void audio_stream_on_time(struct audio_stream *s, struct instant now)
{
	now = own(s, now);
	stream_recv_on_time(s);
	judge_silence(s, now.m);
	if (now.m >= rtp_session_deadline(&s->rtp))
		on_session(s, rtp_session_on_time(&s->rtp, now));
}

mono audio_stream_deadline(const struct audio_stream *s)
{
	return mono_min(mono_min(rtp_session_deadline(&s->rtp),
				 silence_end(s)),
			s->presses < AUDIO_STREAM_PRESSES ?
			rtp_dtmf_rx_deadline(&s->dtmf_rx) : MONO_NEVER);
}

void audio_stream_pause(struct audio_stream *s, bool pause)
{
	s->paused = pause;
}

void audio_stream_leave(struct audio_stream *s, struct instant now)
{
	now = own(s, now);
	if (s->leaving)
		return;
	s->leaving = true;
	on_session(s, rtp_session_leave(&s->rtp, now));
}

/* ------------------------------------------------------------- outputs */
static bool poll_rtcp(struct audio_stream *s, struct audio_stream_out *out)
{
	int n;

	s->rtcp_due = false;
	n = rtp_session_write_rtcp(&s->rtp, s->packet, RTP_RTCP_MAX, s->now);
	if (n <= 0)
		return false;
	out->kind = AUDIO_STREAM_RTCP;
	out->bytes = s->packet;
	out->n = (size_t)n;
	out->cap = sizeof(s->packet);
	return true;
}

/* The lowest that is to be said. */
static bool poll_said(struct audio_stream *s, struct audio_stream_out *out)
{
	unsigned kind = AUDIO_STREAM_CODEC;

	if (!s->said)
		return false;
	while (!(s->said >> kind & 1))
		kind++;
	s->said &= (uint8_t)~(1u << kind);
	out->kind = (enum audio_stream_out_kind)kind;
	return true;
}

bool audio_stream_poll(struct audio_stream *s, struct audio_stream_out *out)
{
	*out = (struct audio_stream_out){ .kind = AUDIO_STREAM_RTP };
	if (s->packet_n) {
		out->bytes = s->packet;
		out->n = s->packet_n;
		out->cap = sizeof(s->packet);
		s->packet_n = 0;
		return true;
	}
	if (s->rtcp_due && poll_rtcp(s, out))
		return true;
	if (poll_said(s, out))
		return true;
	if (!s->presses)
		return false;
	out->kind = AUDIO_STREAM_DIGIT;
	out->digit = s->press[s->press_at];
	out->duration_ms = s->press_ms[s->press_at];
	s->press_at = (uint8_t)((s->press_at + 1) % AUDIO_STREAM_PRESSES);
	s->presses--;
	return true;
}

void audio_stream_untaken(struct audio_stream *s)
{
	s->press_at = (uint8_t)((s->press_at + AUDIO_STREAM_PRESSES - 1) %
				AUDIO_STREAM_PRESSES);
	s->presses++;
}

void audio_stream_unsent(struct audio_stream *s, size_t n)
{
	rtp_session_unsent(&s->rtp, n - RTP_HEADER);
}

/* One way: half of the round trip, the sender's packet, the jitter buffer and
 * the graph's quantum. */
static double delay_ms(const struct audio_stream *s,
		       const struct audio_stream_stats *st)
{
	double d = st->jitter.delay_ms + GRAPH_MS;

	if (st->rtp.rtt_us > 0)
		d += (double)st->rtp.rtt_us / 2000;
	if (s->jitter_rate)
		d += s->frame * 1000.0 / s->jitter_rate;
	return d;
}

struct audio_stream_stats audio_stream_stats(const struct audio_stream *s)
{
	struct audio_stream_stats st = s->stats;
	struct rtp_mos_codec model;
	double lost, all;
	int64_t missing;

	st.rtp = rtp_total(s);
	missing = st.rtp.packets_lost - s->anew.lost;
	st.rtp.packets_lost -= s->unsent_there;
	if (s->jitter_rate)
		st.jitter = rtp_jitter_stats(&s->jitter);
	st.ptime = s->ptime;
	lost = (double)(missing > 0 ? missing : 0);
	if (st.jitter.late > s->anew.late)
		lost += st.jitter.late - s->anew.late;
	all = (double)(st.rtp.packets_received - s->anew.received) + lost;
	st.loss_percent = all > 0 ? lost * 100 / all : 0;
	st.delay_ms = delay_ms(s, &st);
	if (st.received && st.rtp.packets_received) {
		model.ie = st.received->model.ie;
		model.bpl = st.received->model.bpl;
		st.mos = rtp_mos(&model, st.delay_ms, st.loss_percent);
	}
	return st;
}
