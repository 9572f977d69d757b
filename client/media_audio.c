/* SPDX-License-Identifier: BSD-2-Clause
 * client/media_audio.c - audio streams at work: a media transport and an
 * audio_stream each, one graph a session, driven by the session's sound device
 * or, without one, by the clock that all such sessions share. */
#include "client/media.h"

#include <stdio.h>
#include <string.h>

#include "media/audio_stream.h"
#include "media/device.h"
#include "media/media_clock.h"
#include "media/wav_file.h"
#include "platform/drbg.h"
#include "platform/htab.h"
#include "rtp/rtp_port.h"

enum { PATH_MAX_TEXT = 1024, DIGIT_MS = 120, GRAPH_RATE = 48000 };

struct source {
	struct graph_port port;
	struct graph_echo echo;
	struct tone tone;
	struct wav_player *player;
};

struct audio_session {
	struct list link;          /* of those that the shared clock drives */
	struct htab_node node;     /* by session */
	struct media *m;
	uint32_t session;
	bool running, muted, dead;
	struct graph graph;
	struct list streams;
	char *source_spec, *sink_spec; /* NULL: null */
	struct source source;
	struct graph_port recorder_port, device_port;
	struct wav_recorder *recorder;
	struct device *device;
};

struct audio_media { /* one stream */
	struct htab_node node;     /* by stream */
	struct list link;          /* of the session */
	struct audio_session *s;
	uint32_t stream;
	uint32_t port, route;
	struct addr remote; /* as signalled */
	struct audio_stream_config *expected; /* of our offer; until it is
					       * answered */
	bool started; /* a is one */
	struct audio_stream a;
	struct reactor_timer timer;
};

struct media {
	struct reactor *r;
	struct mem *mem;
	const struct media_events *ev;
	void *arg;
	struct drbg drbg;
	struct htab sessions, streams;
	struct list ticking;       /* sessions on the shared clock */
	struct media_clock clock;
	bool clock_runs;
	struct rtp_ports *ports;
	struct media_config cfg;
	char cname[RTP_CNAME_MAX];
};

/* ------------------------------------------------------------ look-ups */
static uint64_t key(const struct htab *t, uint32_t id)
{
	return htab_hash(t, slice_of(&id, sizeof(id)));
}

static struct audio_session *find_session(struct media *m, uint32_t id)
{
	struct htab_node *n = htab_find(&m->sessions, key(&m->sessions, id));

	for (; n; n = htab_next(n)) {
		struct audio_session *s =
			CONTAINER(n, struct audio_session, node);

		if (s->session == id)
			return s;
	}
	return NULL;
}

static struct audio_media *find_stream(struct media *m, uint32_t id)
{
	struct htab_node *n = htab_find(&m->streams, key(&m->streams, id));

	for (; n; n = htab_next(n)) {
		struct audio_media *a = CONTAINER(n, struct audio_media, node);

		if (a->stream == id)
			return a;
	}
	return NULL;
}

/* ------------------------------------------------------------- packets */
static void send(struct audio_media *a, enum rtp_kind kind,
		 struct audio_stream_out *o)
{
	int rc;

	if (a->expected) /* only heard: whose it is we know by the answer */
		return;
	rc = rtp_port_send(a->s->m->ports, a->port, kind, o->bytes, o->n,
			   o->cap);
	/* Lost, as on any network; what is said of it must be true. */
	if (rc && kind == RTP_KIND_RTP)
		audio_stream_unsent(&a->a, o->n);
}

static void on_timer(void *arg);
static bool early_begin(struct audio_media *a, uint8_t pt);

/* What the stream has to say, and when it wants to be called. */
static void drain(struct audio_media *a)
{
	struct media *m = a->s->m;
	struct audio_stream_out o;

	while (audio_stream_poll(&a->a, &o)) {
		if (o.kind == AUDIO_STREAM_RTP)
			send(a, RTP_KIND_RTP, &o);
		else if (o.kind == AUDIO_STREAM_RTCP)
			send(a, RTP_KIND_RTCP, &o);
		else if (o.kind == AUDIO_STREAM_DIGIT)
			m->ev->on_digit(m->arg, a->stream, o.digit,
					o.duration_ms);
		else if (o.kind == AUDIO_STREAM_HEARD ||
			 o.kind == AUDIO_STREAM_SILENT)
			m->ev->on_heard(m->arg, a->stream,
					o.kind == AUDIO_STREAM_HEARD);
	}
	a->timer.fn = on_timer;
	a->timer.arg = a;
	reactor_timer_at(m->r, &a->timer, audio_stream_deadline(&a->a));
}

static void on_timer(void *arg)
{
	struct audio_media *a = arg;

	audio_stream_on_time(&a->a, reactor_now(a->s->m->r));
	drain(a);
}

static void on_rtp(void *sink, const struct rtp_packet *p,
		   const struct addr *from, struct instant when)
{
	struct audio_media *a = sink;

	if (a->started || early_begin(a, p->pt))
		audio_stream_on_rtp(&a->a, p, from, when);
}

static void on_rtcp(void *sink, struct slice compound, const struct addr *from,
		    struct instant when)
{
	struct audio_media *a = sink;

	if (a->started)
		audio_stream_on_rtcp(&a->a, compound, from, when);
}

static void on_alive(void *sink, struct instant when)
{
	struct audio_media *a = sink;

	if (a->started)
		audio_stream_on_alive(&a->a, when);
}

static void on_end(void *sink)
{
	struct audio_media *a = sink;

	if (a->started)
		drain(a);
}

static void on_error(void *sink, unsigned component, int err)
{
	(void)sink;
	(void)component;
	(void)err; /* the peer's port may open yet; statistics show silence */
}

static const struct rtp_sink_ops sink_ops = {
	.on_rtp = on_rtp, .on_rtcp = on_rtcp, .on_alive = on_alive,
	.on_end = on_end, .on_error = on_error,
};

/* ------------------------------------------------------------ the clock */
static void record(struct audio_session *s);

static void tick_session(struct audio_session *s)
{
	struct media *m = s->m;

	graph_tick(&s->graph, reactor_now(m->r).m);
	for (struct list *n = s->streams.next; n != &s->streams; n = n->next) {
		struct audio_media *a = CONTAINER(n, struct audio_media, link);

		if (a->started)
			drain(a);
	}
	if (s->source.player)
		wav_player_service(s->source.player);
	if (s->recorder)
		record(s);
}

static void on_shared_tick(void *arg)
{
	struct media *m = arg;

	for (struct list *n = m->ticking.next, *next; n != &m->ticking;
	     n = next) {
		next = n->next;
		tick_session(CONTAINER(n, struct audio_session, link));
	}
}

static void on_device_tick(void *arg)
{
	tick_session(arg);
}

static void clock_follow(struct media *m)
{
	bool wanted = !list_empty(&m->ticking);

	if (wanted && !m->clock_runs)
		media_clock_start(&m->clock, m->r, on_shared_tick, m);
	else if (!wanted && m->clock_runs)
		media_clock_stop(&m->clock);
	m->clock_runs = wanted;
}

/* --------------------------------------------------- sources and sinks */
static bool tone_source(void *arg, int16_t *pcm, size_t n, mono now)
{
	(void)now;
	return tone_run(arg, pcm, n);
}

static const struct graph_ops tone_ops = { .source = tone_source };

static bool wants(const char *spec, const char *prefix, const char **rest)
{
	size_t n = strlen(prefix);

	if (!spec || strncmp(spec, prefix, n) != 0)
		return false;
	*rest = spec + n;
	return **rest == '\0' || **rest == ':';
}

static void source_close(struct audio_session *s)
{
	graph_detach(&s->source.port);
	wav_player_close(s->source.player);
	s->source.player = NULL;
}

static void device_close_of(struct audio_session *s)
{
	graph_detach(&s->device_port);
	device_close(s->device);
	s->device = NULL;
}

static int sink_close(struct audio_session *s)
{
	int rc = s->recorder ? wav_recorder_close(s->recorder) : 0;

	graph_detach(&s->recorder_port);
	s->recorder = NULL;
	return rc;
}

static void failed(struct audio_session *s, const char *what, int rc)
{
	char text[PATH_MAX_TEXT + 64];

	if (strncmp(what, "file:", 5) == 0)
		what += 5;
	snprintf(text, sizeof(text), "%s: %s", what,
		 rc == -EBADMSG ? "not a WAV file" : strerror(-rc));
	s->m->ev->on_failed(s->m->arg, s->session, 0, text);
}

/* A full disk ends the file, and is told while there is a call to tell of. */
static void record(struct audio_session *s)
{
	wav_recorder_service(s->recorder);
	if (wav_recorder_error(s->recorder))
		failed(s, s->sink_spec, sink_close(s));
}

/* 0: none that can be made. */
static uint16_t tone_hz(const char *text)
{
	uint32_t v;

	return slice_u32(slice_str(text), 20000, &v) ? 0 : (uint16_t)v;
}

static int source_tone(struct audio_session *s, const char *hz)
{
	struct tone_spec spec = { .dbov = { -12, -127 } };

	spec.hz[0] = tone_hz(hz);
	if (!spec.hz[0])
		return -EINVAL;
	spec.on_ms = 1000;
	tone_start(&s->source.tone, &spec, s->graph.rate);
	return graph_attach(&s->graph, &s->source.port, &tone_ops,
			    &s->source.tone, s->graph.rate,
			    GRAPH_BUS(GRAPH_TO_NET), GRAPH_DEAF);
}

static int source_file(struct audio_session *s, const char *path)
{
	int rc = wav_player_open(s->m->mem, path, s->graph.rate, true,
				 &s->source.player);

	if (rc)
		return rc;
	return graph_attach(&s->graph, &s->source.port, &player_ops,
			    wav_player_engine(s->source.player), s->graph.rate,
			    GRAPH_BUS(GRAPH_TO_NET), GRAPH_DEAF);
}

static int source_open(struct audio_session *s)
{
	const char *rest;

	source_close(s);
	if (wants(s->source_spec, "echo", &rest))
		return graph_attach(&s->graph, &s->source.port, &graph_echo_ops,
				    &s->source.echo, s->graph.rate,
				    GRAPH_BUS(GRAPH_TO_NET), GRAPH_TO_USER);
	if (wants(s->source_spec, "tone", &rest) && *rest)
		return source_tone(s, rest + 1);
	if (wants(s->source_spec, "file", &rest) && *rest)
		return source_file(s, rest + 1);
	return 0;
}

/* No wider than what the streams may come to without a new agreement: a file
 * keeps its rate to its end. */
static uint32_t record_rate(const struct audio_session *s)
{
	uint32_t rate = s->graph.rate;

	for (struct list *n = s->streams.next; n != &s->streams; n = n->next) {
		const struct audio_media *a =
			CONTAINER(n, struct audio_media, link);

		for (size_t i = 0; a->started && i < a->a.cfg.rx_n; i++) {
			const struct codec *c = a->a.cfg.rx[i].codec;

			if (c && codec_rate(c, GRAPH_RATE) > rate)
				rate = codec_rate(c, GRAPH_RATE);
		}
	}
	return rate;
}

static int sink_open(struct audio_session *s)
{
	uint32_t rate = record_rate(s);
	const char *rest;
	int rc = sink_close(s);

	(void)rc; /* told when it happened */
	if (!wants(s->sink_spec, "file", &rest) || !*rest)
		return 0;
	rc = wav_recorder_open(s->m->mem, rest + 1, rate, NULL, &s->recorder);
	if (rc)
		return rc;
	return graph_attach(&s->graph, &s->recorder_port, &recorder_ops,
			    wav_recorder_engine(s->recorder), rate, 0,
			    GRAPH_TO_USER);
}

/* "" or ":NAME" behind "device": the kind is alsa unless NAME begins with
 * another. */
static void device_spec(const char *rest, char *out, size_t cap)
{
	const char *name = *rest == ':' ? rest + 1 : "";

	for (size_t i = 0; feature_device[i]; i++) {
		const char *tail;

		if (wants(name, feature_device[i]->name, &tail)) {
			snprintf(out, cap, "%s", name);
			return;
		}
	}
	snprintf(out, cap, "alsa%s%s", *name ? ":" : "", name);
}

static int device_open_for(struct audio_session *s)
{
	const char *in = NULL, *out = NULL;
	bool speaks = wants(s->source_spec, "device", &in);
	bool hears = wants(s->sink_spec, "device", &out);
	char spec[PATH_MAX_TEXT];
	int rc;

	device_close_of(s);
	if (!speaks && !hears)
		return 0;
	device_spec(speaks ? in : out, spec, sizeof(spec));
	rc = device_open(s->m->r, spec, s->graph.rate, on_device_tick, s,
			 &s->device);
	if (rc)
		return rc;
	rc = graph_attach(&s->graph, &s->device_port, &device_ops, s->device,
			  s->device->rate,
			  speaks ? GRAPH_BUS(GRAPH_TO_NET) : 0,
			  hears ? GRAPH_TO_USER : GRAPH_DEAF);
	if (rc)
		device_close_of(s);
	return rc;
}

/* The session's clock is its device, if it has one. */
static void device_begin(struct audio_session *s)
{
	const char *rest;
	int rc = device_open_for(s);

	if (rc)
		failed(s, wants(s->source_spec, "device", &rest) ?
		       s->source_spec : s->sink_spec, rc);
	list_remove(&s->link);
	if (!s->device)
		list_append(&s->m->ticking, &s->link);
	s->device_port.mute_source = s->muted;
	clock_follow(s->m);
}

static void source_begin(struct audio_session *s)
{
	int rc = source_open(s);

	if (rc)
		failed(s, s->source_spec, rc);
	s->source.port.mute_source = s->muted;
}

/* Opens what the specs say. */
static void routes_open(struct audio_session *s)
{
	int rc;

	source_begin(s);
	rc = sink_open(s);
	if (rc)
		failed(s, s->sink_spec, rc);
	device_begin(s);
}

/* A file goes on from where it is. */
static int player_follow(struct audio_session *s)
{
	struct player *p = wav_player_engine(s->source.player);
	uint32_t before = p->rate;
	int rc = player_set_rate(p, s->graph.rate);

	if (rc == 0)
		rc = graph_port_rate(&s->source.port, s->graph.rate);
	if (rc && p->rate != before)
		source_close(s); /* the two may not differ */
	return rc;
}

/* The graph has another rate: what is played and the device go by it, so that
 * nothing is narrower than the codec. */
static void routes_follow(struct audio_session *s)
{
	int rc = 0;

	if (s->source.player)
		rc = player_follow(s);
	else
		source_begin(s);
	if (rc)
		failed(s, s->source_spec, rc);
	if (s->device && s->device->rate < s->graph.rate)
		device_begin(s);
}

/* ------------------------------------------------------------- sessions */
static struct audio_session *session_get(struct media *m, uint32_t id)
{
	struct audio_session *s = find_session(m, id);

	if (s)
		return s;
	s = mem_new(m->mem, sizeof(*s));
	if (!s)
		return NULL;
	s->m = m;
	s->session = id;
	list_init(&s->streams);
	htab_add(&m->sessions, &s->node, key(&m->sessions, id));
	return s;
}

static void session_free(struct audio_session *s)
{
	struct media *m = s->m;
	int rc;

	source_close(s);
	rc = sink_close(s);
	if (rc)
		failed(s, s->sink_spec, rc);
	device_close_of(s);
	list_remove(&s->link);
	clock_follow(m);
	if (s->running)
		graph_fini(&s->graph);
	htab_remove(&m->sessions, &s->node);
	mem_free(m->mem, s->source_spec);
	mem_free(m->mem, s->sink_spec);
	mem_free(m->mem, s);
}

/* That of the widest stream: none is narrowed by another. */
static uint32_t session_rate(const struct audio_session *s)
{
	uint32_t rate = 0;

	for (struct list *n = s->streams.next; n != &s->streams; n = n->next) {
		const struct audio_media *a =
			CONTAINER(n, struct audio_media, link);

		if (a->started && a->a.rate > rate)
			rate = a->a.rate;
	}
	return rate ? rate : GRAPH_RATE;
}

static int session_run(struct audio_session *s)
{
	uint32_t rate = session_rate(s);
	int rc;

	if (s->running && s->graph.rate == rate)
		return 0;
	if (s->running) {
		rc = graph_set_rate(&s->graph, rate);
		if (rc == 0)
			routes_follow(s);
		return rc;
	}
	rc = graph_init(&s->graph, s->m->mem, rate);
	if (rc)
		return rc;
	s->running = true;
	routes_open(s);
	return 0;
}

static int spec_set(struct media *m, char **where, const char *spec)
{
	char *copy;

	if (!spec)
		return 0;
	copy = mem_copy(m->mem, spec, strlen(spec) + 1);
	if (!copy)
		return -ENOMEM;
	mem_free(m->mem, *where);
	*where = copy;
	return 0;
}

/* What cannot be played, recorded or opened is known at once, not when the peer
 * answers. */
static int source_check(struct media *m, const char *spec, const char **why)
{
	struct wav_player *p;
	const char *rest;
	int rc;

	if (!spec || wants(spec, "null", &rest) || wants(spec, "echo", &rest) ||
	    wants(spec, "device", &rest))
		return 0;
	if (wants(spec, "tone", &rest)) {
		if (*rest && tone_hz(rest + 1))
			return 0;
		*why = "a tone is 1 to 20000 Hz";
		return -EINVAL;
	}
	if (!wants(spec, "file", &rest) || !*rest) {
		*why = "no such kind of source";
		return -EINVAL;
	}
	rc = wav_player_open(m->mem, rest + 1, 8000, true, &p);
	if (rc == 0)
		wav_player_close(p);
	else
		*why = rc == -EBADMSG ? "not a WAV file" : strerror(-rc);
	return rc;
}

static int device_spec_check(struct media *m, const char *spec,
			     const char **why)
{
	char text[PATH_MAX_TEXT];
	const char *rest;
	int rc;

	if (!wants(spec, "device", &rest))
		return 0;
	device_spec(rest, text, sizeof(text));
	rc = device_check(m->r, text, GRAPH_RATE);
	if (rc)
		*why = rc == -EBADMSG ? "not a WAV file" : strerror(-rc);
	return rc;
}

/* The device is the session's clock, and there is one. */
static bool two_devices(const char *source, const char *sink)
{
	const char *in, *out;

	return wants(source, "device", &in) && wants(sink, "device", &out) &&
	       strcmp(in, out) != 0;
}

static int sink_check(const char *spec, const char **why)
{
	const char *rest;
	int rc;

	if (!spec || wants(spec, "null", &rest) || wants(spec, "device", &rest))
		return 0;
	if (!wants(spec, "file", &rest) || !*rest) {
		*why = "no such kind of sink";
		return -EINVAL;
	}
	rc = wav_recorder_check(rest + 1);
	if (rc)
		*why = strerror(-rc);
	return rc;
}

/* With what the session has already, where only one of them is given. */
static int pair_check(const struct audio_session *s, const char *source,
		      const char *sink, const char **why)
{
	if (!source && s)
		source = s->source_spec;
	if (!sink && s)
		sink = s->sink_spec;
	if (!two_devices(source, sink))
		return 0;
	*why = "source and sink are one device";
	return -EINVAL;
}

static int route(struct media *m, uint32_t session, const char *source,
		 const char *sink, const char **why)
{
	struct audio_session *s = session ? find_session(m, session) : NULL;
	const char *rest;
	int rc = source_check(m, source, why);

	if (rc == 0)
		rc = sink_check(sink, why);
	if (rc == 0)
		rc = pair_check(s, source, sink, why);
	if (rc == 0)
		rc = device_spec_check(m, wants(source, "device", &rest) ?
				       source : sink, why);
	if (rc || !session)
		return rc;
	s = session_get(m, session);
	rc = s ? spec_set(m, &s->source_spec, source) : -ENOMEM;
	if (rc == 0)
		rc = spec_set(m, &s->sink_spec, sink);
	if (rc == 0 && s->running)
		routes_open(s);
	*why = rc ? "out of memory" : "";
	return rc;
}

static void forget(struct media *m, uint32_t session)
{
	struct audio_session *s = find_session(m, session);

	if (s && list_empty(&s->streams))
		session_free(s);
}

static int mute(struct media *m, uint32_t session, bool on)
{
	struct audio_session *s = session_get(m, session);

	if (!s)
		return -ENOMEM;
	s->muted = on;
	s->source.port.mute_source = on;
	s->device_port.mute_source = on;
	return 0;
}

/* -------------------------------------------------------------- streams */
static int ports_follow(struct media *m, const struct media_config *cfg)
{
	size_t n = cfg->cname.n < sizeof(m->cname) ? cfg->cname.n :
						     sizeof(m->cname);

	if (m->ports && cfg->port_low == m->cfg.port_low &&
	    cfg->port_high == m->cfg.port_high) {
		m->cfg = *cfg;
	} else {
		struct rtp_ports *p = rtp_ports_new(m->r, m->mem, cfg->port_low,
						    cfg->port_high);

		if (!p)
			return -ENOMEM;
		/* Those that run keep their sockets only with their owner. */
		if (m->ports && htab_any(&m->streams)) {
			rtp_ports_free(p);
			return 0;
		}
		rtp_ports_free(m->ports);
		m->ports = p;
		rtp_ports_tap(p, m->ev->on_packet, m->arg);
		m->cfg = *cfg;
	}
	memcpy(m->cname, cfg->cname.p, n);
	m->cfg.cname = slice_of(m->cname, n);
	return 0;
}

static int open(struct media *m, const struct media_config *cfg,
		uint32_t session, uint32_t stream, const struct addr *local,
		struct addr *rtp, struct addr *rtcp)
{
	struct audio_session *s;
	struct audio_media *a;
	int rc = ports_follow(m, cfg);

	if (rc)
		return rc;
	s = session_get(m, session);
	a = s ? mem_new(m->mem, sizeof(*a)) : NULL;
	rc = a ? rtp_port_open(m->ports, local, false, &a->port) : -ENOMEM;
	if (rc) {
		mem_free(m->mem, a);
		return rc;
	}
	a->s = s;
	a->stream = stream;
	rtp_port_set_dscp(m->ports, a->port, cfg->dscp);
	list_append(&s->streams, &a->link);
	htab_add(&m->streams, &a->node, key(&m->streams, stream));
	*rtp = rtp_port_local(m->ports, a->port, 0);
	*rtcp = rtp_port_local(m->ports, a->port, 1);
	return 0;
}

static struct codec_params params_of(const struct codec *c, struct slice fmtp,
				     const struct stream_agreed *a)
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
static int config(const struct media *m, const struct stream_agreed *a,
		  struct audio_stream_config *cfg, uint64_t pts[2])
{
	*cfg = (struct audio_stream_config){
		.event_pt = -1, .send = a->may_send && (a->dir & SDP_SENDONLY),
		.receive = (a->dir & SDP_RECVONLY) != 0,
		/* Who holds us may have nothing to say. */
		.silence = (a->dir & SDP_RECVONLY) && !a->held ?
			   m->cfg.timeout : 0,
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
static int join(struct audio_media *a)
{
	int rc = session_run(a->s);

	if (rc == 0 && !a->a.port.graph)
		rc = audio_stream_attach(&a->a, &a->s->graph,
					 GRAPH_BUS(GRAPH_TO_USER),
					 GRAPH_TO_NET);
	return rc;
}

static int begin(struct audio_media *a, const struct audio_stream_config *cfg)
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
static int listen(struct audio_media *a, const uint64_t pts[2])
{
	struct rtp_ports *ports = a->s->m->ports;
	struct rtp_transport *t = rtp_port_transport(ports, a->port);

	if (!a->route)
		return rtp_port_attach(ports, a->port, pts, &sink_ops, a,
				       &a->route);
	if (t)
		rtp_transport_set_pts(t, a->route, pts);
	return 0;
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
	return begin(a, cfg) == 0 && join(a) == 0;
}

static int expect(struct audio_media *a, const struct stream_agreed *offered)
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
	return rc ? rc : listen(a, pts);
}

static int start(struct media *m, uint32_t stream,
		 const struct stream_agreed *agreed)
{
	struct audio_media *a = find_stream(m, stream);
	struct audio_stream_config cfg;
	uint64_t pts[2] = { 0 };
	int rc;

	if (!a)
		return -ENOENT;
	if (agreed->offered)
		return expect(a, agreed);
	rc = config(m, agreed, &cfg, pts);
	if (rc == 0)
		rc = begin(a, &cfg);
	if (rc == 0)
		rc = listen(a, pts);
	if (rc == 0)
		rc = join(a);
	if (rc)
		return rc;
	mem_free(m->mem, a->expected);
	a->expected = NULL;
	if (!addr_same(&a->remote, &agreed->rtp))
		audio_stream_moved(&a->a);
	a->remote = agreed->rtp;
	rtp_port_set_remote(m->ports, a->port, 0, &agreed->rtp);
	rtp_port_set_remote(m->ports, a->port, 1, &agreed->rtcp);
	drain(a);
	return 0;
}

static void close_stream(struct media *m, uint32_t stream)
{
	struct audio_media *a = find_stream(m, stream);
	struct audio_session *s;

	if (!a)
		return;
	s = a->s;
	if (a->started) {
		audio_stream_leave(&a->a, reactor_now(m->r)); /* RTCP BYE */
		drain(a);
		rtp_port_detach(m->ports, a->port, a->route);
		audio_stream_fini(&a->a);
	}
	mem_free(m->mem, a->expected);
	reactor_timer_stop(m->r, &a->timer);
	rtp_port_close(m->ports, a->port);
	htab_remove(&m->streams, &a->node);
	list_remove(&a->link);
	mem_free(m->mem, a);
	(void)s; /* forget() ends the session */
}

static int digits(struct media *m, uint32_t stream, const char *keys)
{
	struct audio_media *a = find_stream(m, stream);

	if (!a || !a->started || a->expected)
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
	drain(a);
	return 0;
}

static void stats(struct media *m, uint32_t stream, struct parley_stats *out)
{
	struct audio_media *a = find_stream(m, stream);
	struct audio_stream_stats s;
	const struct codec *c;

	if (!a || !a->started)
		return;
	s = audio_stream_stats(&a->a);
	c = s.received ? s.received : s.sent ? s.sent : a->a.cfg.codec;
	snprintf(out->codec, sizeof(out->codec), "%s/%u%s%.0u", c->name,
		 (unsigned)c->clock_rate, c->channels > 1 ? "/" : "",
		 c->channels > 1 ? (unsigned)c->channels : 0);
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
	out->level_in = level_take(&a->a.port.said);
	out->level_out = level_take(&a->a.port.heard);
}

/* ----------------------------------------------------------------- life */
static int make(struct reactor *r, struct mem *mem,
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
		session_free(CONTAINER(n, struct audio_session, node));
	rtp_ports_free(m->ports);
	htab_fini(&m->sessions);
	htab_fini(&m->streams);
	drbg_wipe(&m->drbg);
	mem_free(m->mem, m);
}

extern const struct media_kind media_audio;
const struct media_kind media_audio = {
	.media = PARLEY_AUDIO,
	.make = make,
	.free = media_free,
	.open = open,
	.start = start,
	.close = close_stream,
	.route = route,
	.forget = forget,
	.digits = digits,
	.mute = mute,
	.stats = stats,
};
