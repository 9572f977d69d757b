/* SPDX-License-Identifier: BSD-2-Clause
 * client/audio_route.c - what a session's audio plays and where what it hears
 * goes: tones, echo, files, devices, as parley_audio names them. */
#include "client/audio_priv.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum { PATH_MAX_TEXT = 1024 };

static bool tone_source(void *arg, int16_t *pcm, size_t n, mono now)
{
	(void)now;
	return tone_run(arg, pcm, n);
}

static const struct graph_ops tone_ops = { .source = tone_source };

static bool pcm_source(void *arg, int16_t *pcm, size_t n, mono now)
{
	const struct parley_pcm *c = arg;

	(void)now;
	return c->source(c->arg, pcm, n);
}

static void pcm_sink(void *arg, const int16_t *pcm, size_t n, mono now)
{
	const struct parley_pcm *c = arg;

	(void)now;
	c->sink(c->arg, pcm, n);
}

static const struct graph_ops pcm_in_ops = { .source = pcm_source };
static const struct graph_ops pcm_out_ops = { .sink = pcm_sink };

/* Whether something of it goes out: not before the answer, nor while one side
 * holds the call. */
static bool sends(const struct audio_session *s)
{
	for (struct list *n = s->streams.next; n != &s->streams; n = n->next) {
		const struct audio_media *a =
			CONTAINER(n, struct audio_media, link);

		if (a->started && !a->stopped && a->a.cfg.send)
			return true;
	}
	return false;
}

/* What is said once waits while it would be lost. */
static bool once_source(void *arg, int16_t *pcm, size_t n, mono now)
{
	struct audio_session *s = arg;

	return sends(s) &&
	       player_ops.source(wav_player_engine(s->source.player), pcm, n,
				 now);
}

static const struct graph_ops once_ops = { .source = once_source };

static bool wants(const char *spec, const char *prefix, const char **rest)
{
	size_t n = strlen(prefix);

	if (!spec || strncmp(spec, prefix, n) != 0)
		return false;
	*rest = spec + n;
	return **rest == '\0' || **rest == ':';
}

/* "file:PATH", of a source "once:PATH" as well: the path, or NULL. */
static const char *wants_file(const char *spec, bool source)
{
	const char *rest;

	return (wants(spec, "file", &rest) ||
		(source && wants(spec, "once", &rest))) && *rest ?
	       rest + 1 : NULL;
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

/* It needs no room; of a session that nobody is told of any more it is of no
 * use. */
static void route_tell(struct audio_session *s, enum parley_event_kind kind,
		       const char *text)
{
	const struct news n = { .kind = kind, .session = s->session,
				.text = slice_str(text) };
	int rc = s->m->ev->on_news(s->m->arg, &n);

	(void)rc;
}

static void failed(struct audio_session *s, const char *what, int rc)
{
	char text[PATH_MAX_TEXT + 64];

	if (wants_file(what, true))
		what = wants_file(what, true);
	snprintf(text, sizeof(text), "%s: %s", what,
		 rc == -EBADMSG ? "not a WAV file" :
		 rc == -ENXIO ? "a pipe that nobody reads" : strerror(-rc));
	route_tell(s, PARLEY_EV_MEDIA_FAILED, text);
}

/* A full disk ends the file, and is told while there is a call to tell of. */
static void record(struct audio_session *s)
{
	wav_recorder_service(s->recorder);
	if (wav_recorder_error(s->recorder))
		failed(s, s->sink_spec, sink_close(s));
}

/* What is played once is not begun again, whatever becomes of the graph. */
static void once_forget(struct audio_session *s)
{
	const char *rest;

	if (!wants(s->source_spec, "once", &rest))
		return;
	mem_free(s->m->mem, s->source_spec);
	s->source_spec = NULL;
}

static void source_failed(struct audio_session *s, int rc)
{
	failed(s, s->source_spec, rc);
	once_forget(s);
}

static void play(struct audio_session *s)
{
	wav_player_service(s->source.player);
	if (!s->source.once || !wav_player_done(s->source.player) || !sends(s))
		return;
	source_close(s);
	route_tell(s, PARLEY_EV_PLAYED, s->source_spec);
	once_forget(s);
}

void audio_routes_service(struct audio_session *s)
{
	if (s->source.player)
		play(s);
	if (s->recorder)
		record(s);
}

void audio_routes_close(struct audio_session *s)
{
	int rc;

	source_close(s);
	rc = sink_close(s);
	if (rc)
		failed(s, s->sink_spec, rc);
	device_close_of(s);
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
	struct source *o = &s->source;
	const char *rest;
	int rc;

	o->once = wants(s->source_spec, "once", &rest);
	rc = wav_player_open(s->m->mem, path, s->graph.rate, !o->once,
			     &o->player);
	if (rc)
		return rc;
	return graph_attach(&s->graph, &o->port,
			    o->once ? &once_ops : &player_ops,
			    o->once ? (void *)s : wav_player_engine(o->player),
			    s->graph.rate, GRAPH_BUS(GRAPH_TO_NET), GRAPH_DEAF);
}

static int source_open(struct audio_session *s)
{
	const char *rest;

	source_close(s);
	if (wants(s->source_spec, "echo", &rest))
		return graph_attach(&s->graph, &s->source.port, &graph_echo_ops,
				    &s->source.echo, s->graph.rate,
				    GRAPH_BUS(GRAPH_TO_NET), GRAPH_TO_USER);
	if (wants(s->source_spec, "pcm", &rest))
		return graph_attach(&s->graph, &s->source.port, &pcm_in_ops,
				    &s->pcm_in, s->pcm_in.rate,
				    GRAPH_BUS(GRAPH_TO_NET), GRAPH_DEAF);
	if (wants(s->source_spec, "tone", &rest) && *rest)
		return source_tone(s, rest + 1);
	rest = wants_file(s->source_spec, true);
	return rest ? source_file(s, rest) : 0;
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

			if (c && codec_rate(c, AUDIO_RATE) > rate)
				rate = codec_rate(c, AUDIO_RATE);
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
	if (wants(s->sink_spec, "pcm", &rest))
		return graph_attach(&s->graph, &s->recorder_port, &pcm_out_ops,
				    &s->pcm_out, s->pcm_out.rate, 0,
				    GRAPH_TO_USER);
	rest = wants_file(s->sink_spec, false);
	if (!rest)
		return 0;
	rc = wav_recorder_open(s->m->mem, rest, rate, NULL, &s->recorder);
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

static void on_device_tick(void *arg)
{
	audio_session_tick(arg);
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
	audio_clock_follow(s->m);
}

static void source_begin(struct audio_session *s)
{
	int rc = source_open(s);

	if (rc)
		source_failed(s, rc);
	s->source.port.mute_source = s->muted;
}

/* Opens what the specs say. */
void audio_routes_open(struct audio_session *s)
{
	int rc;

	source_begin(s);
	rc = sink_open(s);
	if (rc)
		failed(s, s->sink_spec, rc);
	device_begin(s);
}

/* The other of the two goes on as it is, but for a device, which is both. */
static void routes_change(struct audio_session *s, const char *source,
			  const char *sink)
{
	int rc = 0;

	if (source)
		source_begin(s);
	if (sink)
		rc = sink_open(s);
	if (rc)
		failed(s, s->sink_spec, rc);
	if (source || sink)
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
void audio_routes_follow(struct audio_session *s)
{
	int rc = 0;

	if (s->source.player)
		rc = player_follow(s);
	else
		source_begin(s);
	if (rc)
		source_failed(s, rc);
	if (s->device && s->device->rate < s->graph.rate)
		device_begin(s);
}

/* ----------------------------------------------------------- the specs */
static void spec_swap(struct media *m, char **where, char *spec)
{
	if (!spec)
		return;
	mem_free(m->mem, *where);
	*where = spec;
}

/* Both or none; NULL: as before. */
static int specs_set(struct audio_session *s, const char *source,
		     const char *sink)
{
	struct media *m = s->m;
	char *in = source ? mem_copy(m->mem, source, strlen(source) + 1) : NULL;
	char *out = sink ? mem_copy(m->mem, sink, strlen(sink) + 1) : NULL;

	if ((source && !in) || (sink && !out)) {
		mem_free(m->mem, in);
		mem_free(m->mem, out);
		return -ENOMEM;
	}
	spec_swap(m, &s->source_spec, in);
	spec_swap(m, &s->sink_spec, out);
	return 0;
}

/* What cannot be played, recorded or opened is known at once, not when the peer
 * answers. */
static int source_check(struct media *m, const char *spec, const char **why)
{
	struct wav_player *p;
	const char *path, *rest;
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
	path = wants_file(spec, true);
	if (!path) {
		*why = "no such kind of source";
		return -EINVAL;
	}
	rc = wav_player_open(m->mem, path, 8000, wants(spec, "file", &rest),
			     &p);
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
	rc = device_check(m->r, text, AUDIO_RATE);
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
	rest = wants_file(spec, false);
	if (!rest) {
		*why = "no such kind of sink";
		return -EINVAL;
	}
	rc = wav_recorder_check(rest);
	if (rc)
		*why = strerror(-rc);
	return rc;
}

/* By whatever names: what is played would be destroyed. */
static bool one_file(const char *source, const char *sink)
{
	const char *in = wants_file(source, true);
	const char *out = wants_file(sink, false);
	struct stat a, b;

	return in && out && stat(in, &a) == 0 && stat(out, &b) == 0 &&
	       a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

/* With what the session has already, where only one of them is given. */
static int pair_check(const struct audio_session *s, const char *source,
		      const char *sink, const char **why)
{
	if (!source && s)
		source = s->source_spec;
	if (!sink && s)
		sink = s->sink_spec;
	if (one_file(source, sink)) {
		*why = "source and sink are one file";
		return -EINVAL;
	}
	if (!two_devices(source, sink))
		return 0;
	*why = "source and sink are one device";
	return -EINVAL;
}

int audio_pcm(struct media *m, uint32_t session,
	      const struct parley_pcm *pcm, const char **why)
{
	const char *source = pcm->source ? "pcm" : NULL;
	const char *sink = pcm->sink ? "pcm" : NULL;
	struct audio_session *s = audio_session_get(m, session);
	int rc = s ? specs_set(s, source, sink) : -ENOMEM;

	*why = rc ? "out of memory" : "";
	if (rc)
		return rc;
	if (source)
		s->pcm_in = *pcm;
	if (sink)
		s->pcm_out = *pcm;
	if (s->running)
		routes_change(s, source, sink);
	return 0;
}

int audio_route(struct media *m, uint32_t session, const char *source,
		const char *sink, const char **why)
{
	struct audio_session *s = session ? audio_session_find(m, session) :
					    NULL;
	const char *rest;
	int rc;

	/* What is recorded already goes on: begun anew it would be lost. */
	if (s && s->recorder && sink && strcmp(sink, s->sink_spec) == 0)
		sink = NULL;
	rc = source_check(m, source, why);
	if (rc == 0)
		rc = sink_check(sink, why);
	if (rc == 0)
		rc = pair_check(s, source, sink, why);
	if (rc == 0)
		rc = device_spec_check(m, wants(source, "device", &rest) ?
				       source : sink, why);
	if (rc || !session)
		return rc;
	s = audio_session_get(m, session);
	rc = s ? specs_set(s, source, sink) : -ENOMEM;
	if (rc == 0 && s->running)
		routes_change(s, source, sink);
	*why = rc ? "out of memory" : "";
	return rc;
}
