/* SPDX-License-Identifier: BSD-2-Clause
 * client/media_audio.c - audio streams at work: a media transport and an
 * audio_stream each, in the graph of their session. */
#include "client/audio.h"

#include <stdio.h>
#include <string.h>

#include "client/audio_priv.h"
#include "client/stream_audio.h"
#include "rtp/rtp_port.h"

enum { DIGIT_MS = 120 };

static struct audio_media *find_stream(struct media *m, uint32_t id)
{
	struct htab_node *n = htab_find(&m->streams,
					audio_key(&m->streams, id));

	for (; n; n = htab_next(n)) {
		struct audio_media *a = CONTAINER(n, struct audio_media, node);

		if (a->stream == id)
			return a;
	}
	return NULL;
}

/* ------------------------------------------------------------- packets */
/* Follows what may be sent, and tells when that changes. */
static void consent_follow(struct audio_media *a)
{
	struct media *m = a->s->m;
	enum consent_why why = a->consent.why;

	if (why == a->told)
		return;
	a->told = why;
	audio_stream_pause(&a->a, why != CONSENT_GIVEN);
	m->ev->on_sending(m->arg, a->stream, why == CONSENT_GIVEN ? NULL :
			  consent_reason(why));
}

static bool may_send(struct audio_media *a, enum rtp_kind kind, size_t n)
{
	struct media *m = a->s->m;
	bool may;

	if (a->expected) /* only heard: whose it is we know by the answer */
		return false;
	if (kind == RTP_KIND_RTCP) /* sparse */
		return true;
	may = consent_send(&m->consent, &a->s->consent, &a->consent,
			   &m->cfg.rules, n, reactor_now(m->r).m);
	consent_follow(a);
	return may;
}

static void send(struct audio_media *a, enum rtp_kind kind,
		 struct audio_stream_out *o)
{
	int rc;

	if (!may_send(a, kind, o->n)) {
		if (kind == RTP_KIND_RTP)
			audio_stream_unsent(&a->a, o->n);
		return;
	}
	rc = rtp_port_send(a->s->m->ports, a->port, a->route, kind, o->bytes,
			   o->n, o->cap);
	/* Lost, as on any network; what is said of it must be true. */
	if (rc && kind == RTP_KIND_RTP)
		audio_stream_unsent(&a->a, o->n);
}

static void audio_on_timer(void *arg);
static bool early_begin(struct audio_media *a, uint8_t pt);

/* False: there is no room, and it is kept. */
static bool press(struct audio_media *a, const struct audio_stream_out *o)
{
	const struct news n = {
		.kind = PARLEY_EV_DTMF, .session = a->s->session,
		.stream = a->stream, .digit = o->digit, .ms = o->duration_ms,
	};
	bool kept = a->s->m->ev->on_news(a->s->m->arg, &n) == -EAGAIN;

	if (kept)
		audio_stream_untaken(&a->a);
	return !kept;
}

void audio_media_say(struct audio_media *a)
{
	struct media *m = a->s->m;
	struct audio_stream_out o;

	while (audio_stream_poll(&a->a, &o)) {
		if (o.kind == AUDIO_STREAM_RTP)
			send(a, RTP_KIND_RTP, &o);
		else if (o.kind == AUDIO_STREAM_RTCP)
			send(a, RTP_KIND_RTCP, &o);
		else if (o.kind == AUDIO_STREAM_DIGIT && !press(a, &o))
			break; /* the last kind there is */
		else if (o.kind == AUDIO_STREAM_HEARD ||
			 o.kind == AUDIO_STREAM_SILENT)
			m->ev->on_heard(m->arg, a->stream,
					o.kind == AUDIO_STREAM_HEARD);
	}
}

void audio_media_drain(struct audio_media *a)
{
	struct media *m = a->s->m;

	audio_media_say(a);
	a->timer.fn = audio_on_timer;
	a->timer.arg = a;
	reactor_timer_at(m->r, &a->timer, audio_stream_deadline(&a->a));
}

static void audio_on_timer(void *arg)
{
	struct audio_media *a = arg;

	audio_stream_on_time(&a->a, reactor_now(a->s->m->r));
	audio_media_drain(a);
}

/* Of the peer, where we send to; of one heard before it is described, nobody
 * knows what it proves. */
static void consent_heard(struct audio_media *a, mono now)
{
	struct rtp_transport *t = rtp_port_transport(a->s->m->ports, a->port);
	struct addr to;

	if (!t || a->expected || !rtp_transport_is_proved(t))
		return;
	to = rtp_transport_remote(t, 0);
	consent_on_packet(&a->s->consent, &a->consent, &to, now);
	consent_follow(a);
}

static void on_rtp(void *sink, const struct rtp_packet *p,
		   const struct addr *from, struct instant when)
{
	struct audio_media *a = sink;

	if (a->stopped)
		return;
	if (a->started || early_begin(a, p->pt))
		audio_stream_on_rtp(&a->a, p, from, when);
	consent_heard(a, when.m);
	/* A long batch may have more to say than fits. */
	if (a->a.presses > AUDIO_STREAM_PRESSES / 4)
		audio_media_drain(a);
}

static void on_rtcp(void *sink, struct slice compound, const struct addr *from,
		    struct instant when)
{
	struct audio_media *a = sink;
	struct rtp_report report;

	if (!a->started || a->stopped)
		return;
	audio_stream_on_rtcp(&a->a, compound, from, when);
	if (audio_stream_report(&a->a, &report))
		consent_on_report(&a->consent, &report, when.m);
	consent_heard(a, when.m);
}

static void on_alive(void *sink, struct instant when)
{
	struct audio_media *a = sink;

	if (a->started && !a->stopped)
		audio_stream_on_alive(&a->a, when);
}

static void on_end(void *sink)
{
	struct audio_media *a = sink;

	if (a->started && !a->stopped)
		audio_media_drain(a);
}

static void on_error(void *sink, unsigned component, int err)
{
	struct audio_media *a = sink;

	/* A packet too long, or RTCP that is not wanted, is no refusal. */
	if (component || err == EMSGSIZE || a->stopped)
		return;
	consent_on_error(&a->consent);
	consent_follow(a);
}

static const struct rtp_sink_ops sink_ops = {
	.on_rtp = on_rtp, .on_rtcp = on_rtcp, .on_alive = on_alive,
	.on_end = on_end, .on_error = on_error,
};

/* -------------------------------------------------------------- streams */
static void audio_configure(struct media *m, const struct media_config *cfg)
{
	size_t n = cfg->cname.n < sizeof(m->cname) ? cfg->cname.n :
						     sizeof(m->cname);

	m->cfg = *cfg;
	memcpy(m->cname, cfg->cname.p, n);
	m->cfg.cname = slice_of(m->cname, n);
}

/* What comes before it is agreed on finds nobody: no payload type is taken. */
static int open(struct media *m, const struct media_config *cfg,
		const struct media_place *place, struct media_address *at)
{
	static const uint64_t none[2];
	const struct transport *t = place->transport;
	struct audio_session *s = audio_session_get(m, place->session);
	struct audio_media *a = s ? mem_new(m->mem, sizeof(*a)) : NULL;
	int rc = a ? rtp_port_attach(t->ports, t->port, none, &sink_ops, a,
				     &a->route) : -ENOMEM;

	(void)at; /* the transport's */
	if (rc) {
		mem_free(m->mem, a);
		return rc;
	}
	audio_configure(m, cfg);
	m->ports = t->ports;
	a->s = s;
	a->stream = place->stream;
	a->port = t->port;
	list_append(&s->streams, &a->link);
	htab_add(&m->streams, &a->node, audio_key(&m->streams, a->stream));
	return 0;
}

static int audio_move(struct media *m, uint32_t stream,
		      const struct addr *local, struct media_address *at)
{
	struct audio_media *a = find_stream(m, stream);
	int rc = a ? rtp_port_move(m->ports, a->port, local) : -ENOENT;

	if (rc)
		return rc;
	at->rtp = rtp_port_local(m->ports, a->port, 0);
	at->rtcp = rtp_port_local(m->ports, a->port, 1);
	return 0;
}

static struct codec_params params_of(const struct codec *c, struct slice fmtp,
				     const struct audio_agreed *a)
{
	struct codec_params p = { 0 };

	/* What cannot be read is taken for not said: the defaults hold. */
	if (c->params_parse && c->params_parse(fmtp, &p, NULL))
		p = (struct codec_params){ 0 };
	p.ptime = (uint16_t)(a->ptime < UINT16_MAX ? a->ptime : 0);
	p.maxptime = (uint16_t)(a->maxptime < UINT16_MAX ? a->maxptime : 0);
	return p;
}

static void bit(uint64_t set[2], uint8_t pt)
{
	set[pt >> 6 & 1] |= (uint64_t)1 << (pt & 63);
}

/* The configuration of the stream, and the payload types that it takes. */
static int config(const struct media *m, const struct stream_agreed *head,
		  struct audio_stream_config *cfg, uint64_t pts[2])
{
	const struct audio_agreed *a = audio_agreed(head);

	*cfg = (struct audio_stream_config){
		.event_pt = -1,
		.send = head->may_send && (head->dir & SDP_SENDONLY),
		.receive = (head->dir & SDP_RECVONLY) != 0,
		/* Who holds us may have nothing to say. */
		.silence = (head->dir & SDP_RECVONLY) && !head->held ?
			   m->cfg.rules.timeout : 0,
		.jitter_min_ms = m->cfg.jitter_min_ms,
		.jitter_max_ms = m->cfg.jitter_max_ms, .cname = m->cfg.cname,
	};
	for (size_t i = 0; i < a->pairs; i++) {
		const struct codec *c = codec_find(a->pair[i].name,
						   a->pair[i].rate,
						   a->pair[i].channels);

		if (!c)
			continue;
		if (!cfg->codec) {
			cfg->codec = c;
			cfg->pt = a->pair[i].send_pt;
			cfg->remote = params_of(c, a->pair[i].fmtp, a);
		}
		cfg->rx[cfg->rx_n++] = (struct audio_stream_rx){
			.pt = a->pair[i].recv_pt, .codec = c,
		};
		bit(pts, a->pair[i].recv_pt);
	}
	if (!cfg->codec)
		return -ENOTSUP;
	for (size_t i = 0; i < a->events; i++) {
		cfg->rx[cfg->rx_n++] = (struct audio_stream_rx){
			.pt = a->event[i].recv_pt,
			.event_rate = a->event[i].rate,
		};
		bit(pts, a->event[i].recv_pt);
	}
	if (a->events) {
		cfg->event_pt = a->event[0].send_pt;
		cfg->event_rate = a->event[0].rate;
	}
	return 0;
}

/* Where the session's sound is, from the first stream that has some. */
static int audio_join(struct audio_media *a)
{
	int rc = audio_session_run(a->s);

	if (rc == 0 && !a->a.port.graph)
		rc = audio_stream_attach(&a->a, &a->s->graph,
					 GRAPH_BUS(GRAPH_TO_USER),
					 GRAPH_TO_NET);
	return rc;
}

static int audio_begin(struct audio_media *a,
		       const struct audio_stream_config *cfg)
{
	struct media *m = a->s->m;
	uint8_t seed[32];
	int rc;

	drbg_bytes(&m->drbg, seed, sizeof(seed));
	if (a->started)
		return audio_stream_update(&a->a, cfg, seed, reactor_now(m->r));
	rc = audio_stream_init(&a->a, m->mem, cfg, seed, reactor_now(m->r));
	a->started = rc == 0;
	return rc;
}

/* The stream takes these payload types from now on. */
static void listen(struct audio_media *a, const uint64_t pts[2])
{
	struct rtp_transport *t = rtp_port_transport(a->s->m->ports, a->port);

	if (t)
		rtp_routes_set_pts(rtp_transport_routes(t), a->route, pts);
}

/* The first packet ahead of the answer: the stream begins with its codec, which
 * the answer most likely names, so that nothing of it changes then. */
static bool early_begin(struct audio_media *a, uint8_t pt)
{
	struct audio_stream_config *cfg = a->expected;
	const struct codec *c = NULL;

	for (size_t i = 0; cfg && i < cfg->rx_n; i++)
		if (cfg->rx[i].pt == pt)
			c = cfg->rx[i].codec;
	if (!c)
		return false;
	cfg->codec = c;
	cfg->pt = pt;
	/* Without memory now it may work with the next packet, or at last with
	 * the answer. */
	return audio_begin(a, cfg) == 0 && audio_join(a) == 0;
}

static int audio_expect(struct audio_media *a,
			const struct stream_agreed *offered)
{
	struct audio_stream_config *e = a->expected;
	uint64_t pts[2] = { 0 };
	int rc;

	if (a->started)
		return 0;
	if (!e)
		e = mem_new(a->s->m->mem, sizeof(*e));
	if (!e)
		return -ENOMEM;
	a->expected = e;
	rc = config(a->s->m, offered, e, pts);
	e->silence = 0;
	e->early = true;
	if (rc == 0)
		listen(a, pts);
	return rc;
}

/* Do we take calls there? */
static bool is_sip(const struct media *m, const struct addr *to,
		   const struct addr *here)
{
	for (size_t i = 0; i < m->cfg.sips; i++)
		if (to->port == m->cfg.sip[i].port &&
		    (addr_same_ip(to, here) ||
		     addr_same_ip(to, &m->cfg.sip[i])))
			return true;
	return false;
}

/* Nobody's address, or one of ours: what we send would come back. */
static bool forbidden(const struct audio_media *a, const struct addr *to)
{
	const struct media *m = a->s->m;
	struct addr here = rtp_port_local(m->ports, a->port, 0);

	if (m->cfg.rules.off || !to->family)
		return false;
	return !consent_allows(to, &a->host, &here) ||
	       rtp_ports_has(m->ports, to) || is_sip(m, to, &here);
}

/* Where to send, if anything may be sent there. */
static void aim(struct audio_media *a, const struct stream_agreed *agreed)
{
	struct media *m = a->s->m;
	struct rtp_transport *t = rtp_port_transport(m->ports, a->port);
	const struct addr *to[] = { &agreed->rtp, &agreed->rtcp };
	const struct addr nowhere = { .family = agreed->rtp.family };
	struct consent_terms terms = {
		.to = agreed->rtp, .asked = agreed->asked,
		.quiet = agreed->held || !(agreed->dir & SDP_RECVONLY),
		.acked = agreed->host_proved &&
			 addr_same_ip(&agreed->rtp, &agreed->host),
	};

	a->host = agreed->host;
	terms.forbidden = forbidden(a, &agreed->rtp);
	if (t)
		rtp_transport_set_host(t, &a->host);
	for (unsigned i = 0; i < RTP_COMPONENTS; i++)
		rtp_port_set_remote(m->ports, a->port, i,
				    terms.forbidden || forbidden(a, to[i]) ?
				    &nowhere : to[i]);
	consent_agree(&a->s->consent, &a->consent, &terms,
		      reactor_now(m->r).m);
	if (t && rtp_transport_is_proved(t)) {
		terms.to = rtp_transport_remote(t, 0);
		consent_on_packet(&a->s->consent, &a->consent, &terms.to,
				  reactor_now(m->r).m);
	}
	consent_follow(a);
}

static void proved(struct media *m, uint32_t stream)
{
	struct audio_media *a = find_stream(m, stream);

	if (!a || !addr_same_ip(&a->consent.ip, &a->host))
		return;
	consent_on_ack(&a->s->consent, &a->consent);
	consent_follow(a);
}

/* Another peer than before: what was heard and sent is no part of it. */
static void begin_anew(struct audio_media *a)
{
	if (!a->started)
		return;
	audio_stream_leave(&a->a, reactor_now(a->s->m->r));
	audio_media_drain(a);
	reactor_timer_stop(a->s->m->r, &a->timer);
	audio_stream_fini(&a->a);
	a->started = false;
}

static int audio_start(struct media *m, uint32_t stream,
		       const struct stream_agreed *agreed)
{
	struct audio_media *a = find_stream(m, stream);
	struct audio_stream_config cfg;
	uint64_t pts[2] = { 0 };
	int rc;

	if (!a || a->stopped)
		return -ENOENT;
	if (agreed->offered)
		return audio_expect(a, agreed);
	rc = config(m, agreed, &cfg, pts);
	if (rc == 0 && a->leg && a->leg != agreed->leg)
		begin_anew(a);
	if (rc == 0)
		rc = audio_begin(a, &cfg);
	if (rc == 0)
		rc = audio_join(a);
	if (rc)
		return rc;
	a->leg = agreed->leg;
	listen(a, pts);
	mem_free(m->mem, a->expected);
	a->expected = NULL;
	if (!addr_same(&a->remote, &agreed->rtp))
		audio_stream_moved(&a->a);
	a->remote = agreed->rtp;
	aim(a, agreed);
	audio_media_drain(a);
	return 0;
}

static bool any_runs(const struct audio_session *s)
{
	for (struct list *n = s->streams.next; n != &s->streams; n = n->next)
		if (!CONTAINER(n, struct audio_media, link)->stopped)
			return true;
	return false;
}

/* RTCP BYE, then silence: its sockets stay, so that what the peer still sends
 * is not answered by ICMP, and say nothing. */
static void leave(struct audio_media *a)
{
	struct media *m = a->s->m;
	struct addr nowhere = { .family = a->remote.family };

	if (a->started && !a->stopped) {
		audio_stream_leave(&a->a, reactor_now(m->r));
		audio_media_drain(a);
		graph_detach(&a->a.port);
	}
	a->stopped = true;
	consent_end(&a->consent, reactor_now(m->r).m);
	reactor_timer_stop(m->r, &a->timer);
	for (unsigned i = 0; i < RTP_COMPONENTS && nowhere.family; i++)
		rtp_port_set_remote(m->ports, a->port, i, &nowhere);
}

static void stop(struct media *m, uint32_t stream)
{
	struct audio_media *a = find_stream(m, stream);

	if (!a)
		return;
	leave(a);
	if (!any_runs(a->s))
		audio_session_halt(a->s);
}

static void close_stream(struct media *m, uint32_t stream)
{
	struct audio_media *a = find_stream(m, stream);
	struct audio_session *s;

	if (!a)
		return;
	s = a->s;
	leave(a);
	rtp_port_detach(m->ports, a->port, a->route);
	if (a->started)
		audio_stream_fini(&a->a);
	mem_free(m->mem, a->expected);
	reactor_timer_stop(m->r, &a->timer);
	htab_remove(&m->streams, &a->node);
	list_remove(&a->link);
	mem_free(m->mem, a);
	(void)s; /* forget() ends the session */
}

static int digits(struct media *m, uint32_t stream, const char *keys)
{
	struct audio_media *a = find_stream(m, stream);

	if (!a || !a->started || a->stopped || a->expected)
		return -EINPROGRESS;
	if (!keys || keys[strspn(keys, "0123456789*#ABCDabcd,")])
		return -EINVAL;
	if (strlen(keys) > (size_t)AUDIO_STREAM_DIGITS - a->a.digits)
		return -ENOSPC; /* all of them or none */
	for (const char *k = keys; *k; k++) {
		int rc = audio_stream_digit(&a->a, *k, DIGIT_MS);

		if (rc)
			return rc;
	}
	audio_media_drain(a);
	return 0;
}

/* What is heard, if it may still come; else what is sent.  An answer may have
 * left of the codecs another one than was heard last. */
static const struct codec *in_use(const struct audio_stream_config *cfg,
				  const struct codec *received)
{
	for (size_t i = 0; i < cfg->rx_n; i++)
		if (received && cfg->rx[i].codec == received)
			return received;
	return cfg->codec;
}

static void stats(struct media *m, uint32_t stream, struct parley_stats *out)
{
	struct audio_media *a = find_stream(m, stream);
	struct audio_stream_stats s;
	const struct codec *c;

	if (!a || !a->started)
		return;
	s = audio_stream_stats(&a->a);
	c = in_use(&a->a.cfg, s.received);
	snprintf(out->codec, sizeof(out->codec), "%s/%u%s%.0u", c->name,
		 (unsigned)c->clock_rate, c->channels > 1 ? "/" : "",
		 c->channels > 1 ? (unsigned)c->channels : 0);
	snprintf(out->digits_as, sizeof(out->digits_as), "%s",
		 a->a.cfg.event_pt < 0 ? "tones" : "events");
	out->packets_sent = s.rtp.packets_sent;
	out->packets_received = s.rtp.packets_received;
	out->packets_lost = s.rtp.packets_lost > 0 ?
			    (uint64_t)s.rtp.packets_lost : 0;
	out->bytes_sent = s.rtp.octets_sent;
	out->bytes_received = s.rtp.octets_received;
	out->packets_late = s.jitter.late;
	out->packets_duplicate = s.rtp.duplicates;
	out->packets_reordered = s.rtp.reordered;
	out->jitter_ms = s.rtp.jitter_us / 1000.0;
	out->rtt_ms = s.rtp.rtt_us < 0 ? -1 : (double)s.rtp.rtt_us / 1000;
	out->delay_ms = s.delay_ms;
	out->mos = s.mos;
	out->loss_percent = s.loss_percent;
	out->level_in = level_take(&a->a.port.said);
	out->level_out = level_take(&a->a.port.heard);
}

/* ----------------------------------------------------------------- life */
static int audio_make(struct reactor *r, struct mem *mem,
		      const struct media_events *ev, void *arg,
		      const uint8_t seed[32], struct media **out)
{
	struct media *m = mem_new(mem, sizeof(*m));
	uint8_t k[16];

	if (!m)
		return -ENOMEM;
	m->r = r;
	m->mem = mem;
	m->ev = ev;
	m->arg = arg;
	list_init(&m->ticking);
	consent_init(&m->consent);
	drbg_init(&m->drbg, seed);
	drbg_bytes(&m->drbg, k, sizeof(k));
	if (htab_init(&m->sessions, mem, k))
		goto no;
	if (htab_init(&m->streams, mem, k)) {
		htab_fini(&m->sessions);
		goto no;
	}
	*out = m;
	return 0;
no:
	mem_free(mem, m);
	return -ENOMEM;
}

static void media_free(struct media *m)
{
	struct htab_node *n;

	while ((n = htab_any(&m->streams)) != NULL)
		close_stream(m, CONTAINER(n, struct audio_media, node)->stream);
	while ((n = htab_any(&m->sessions)) != NULL)
		audio_session_free(CONTAINER(n, struct audio_session, node));
	htab_fini(&m->sessions);
	htab_fini(&m->streams);
	drbg_wipe(&m->drbg);
	mem_free(m->mem, m);
}

extern const struct media_kind media_audio;
const struct media_kind media_audio = {
	.media = PARLEY_AUDIO,
	.make = audio_make,
	.free = media_free,
	.open = open,
	.move = audio_move,
	.start = audio_start,
	.proved = proved,
	.stop = stop,
	.close = close_stream,
	.room = audio_room,
	.finish = audio_finish,
	.forget = audio_forget,
	.stats = stats,
};

extern const struct audio_ops audio_media_ops;
const struct audio_ops audio_media_ops = {
	.digits = digits, .route = audio_route, .pcm = audio_pcm,
	.mute = audio_mute,
};
