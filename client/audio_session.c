/* SPDX-License-Identifier: BSD-2-Clause
 * client/audio_session.c - one graph a session, driven by the session's sound
 * device or, without one, by the clock that all such sessions share. */
#include "client/audio_priv.h"

uint64_t audio_key(const struct htab *t, uint32_t id)
{
	return htab_hash(t, slice_of(&id, sizeof(id)));
}

struct audio_session *audio_session_find(struct media *m, uint32_t id)
{
	struct htab_node *n = htab_find(&m->sessions,
					audio_key(&m->sessions, id));

	for (; n; n = htab_next(n)) {
		struct audio_session *s =
			CONTAINER(n, struct audio_session, node);

		if (s->session == id)
			return s;
	}
	return NULL;
}

/* ------------------------------------------------------------ the clock */
void audio_session_tick(struct audio_session *s)
{
	struct media *m = s->m;

	graph_tick(&s->graph, reactor_now(m->r).m);
	for (struct list *n = s->streams.next; n != &s->streams; n = n->next) {
		struct audio_media *a = CONTAINER(n, struct audio_media, link);

		if (a->started)
			audio_media_drain(a);
	}
	audio_routes_service(s);
}

static void tell_clock(struct media *m, mono late)
{
	if (m->ev->on_clock)
		m->ev->on_clock(m->arg, late);
}

static void on_shared_tick(void *arg)
{
	struct media *m = arg;

	tell_clock(m, m->clock.late);
	for (struct list *n = m->ticking.next, *next; n != &m->ticking;
	     n = next) {
		next = n->next;
		audio_session_tick(CONTAINER(n, struct audio_session, link));
	}
}

void audio_clock_follow(struct media *m)
{
	bool wanted = !list_empty(&m->ticking);

	if (wanted && !m->clock_runs)
		media_clock_start(&m->clock, m->r, on_shared_tick, m);
	else if (!wanted && m->clock_runs)
		media_clock_stop(&m->clock);
	if (!wanted && m->clock_runs)
		tell_clock(m, 0);
	m->clock_runs = wanted;
}

/* ------------------------------------------------------------- sessions */
struct audio_session *audio_session_get(struct media *m, uint32_t id)
{
	struct audio_session *s = audio_session_find(m, id);

	if (s)
		return s;
	s = mem_new(m->mem, sizeof(*s));
	if (!s)
		return NULL;
	s->m = m;
	s->session = id;
	list_init(&s->streams);
	htab_add(&m->sessions, &s->node, audio_key(&m->sessions, id));
	return s;
}

void audio_session_halt(struct audio_session *s)
{
	audio_routes_close(s);
	list_remove(&s->link);
	audio_clock_follow(s->m);
	if (s->running)
		graph_fini(&s->graph);
	s->running = false;
}

void audio_session_free(struct audio_session *s)
{
	struct media *m = s->m;

	audio_session_halt(s);
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
	return rate ? rate : AUDIO_RATE;
}

int audio_session_run(struct audio_session *s)
{
	uint32_t rate = session_rate(s);
	int rc;

	if (s->running && s->graph.rate == rate)
		return 0;
	if (s->running) {
		rc = graph_set_rate(&s->graph, rate);
		if (rc == 0)
			audio_routes_follow(s);
		return rc;
	}
	rc = graph_init(&s->graph, s->m->mem, rate);
	if (rc)
		return rc;
	s->running = true;
	audio_routes_open(s);
	return 0;
}

void audio_room(struct media *m, uint32_t session)
{
	struct audio_session *s = audio_session_find(m, session);

	for (struct list *n = s ? s->streams.next : NULL;
	     s && n != &s->streams; n = n->next) {
		struct audio_media *a = CONTAINER(n, struct audio_media, link);

		if (a->started)
			audio_media_say(a);
	}
}

void audio_finish(struct media *m, uint32_t session)
{
	struct audio_session *s = audio_session_find(m, session);

	audio_room(m, session);
	if (s)
		audio_routes_close(s);
}

void audio_forget(struct media *m, uint32_t session)
{
	struct audio_session *s = audio_session_find(m, session);

	if (s && list_empty(&s->streams))
		audio_session_free(s);
}

int audio_mute(struct media *m, uint32_t session, bool on)
{
	struct audio_session *s = audio_session_get(m, session);

	if (!s)
		return -ENOMEM;
	s->muted = on;
	s->source.port.mute_source = on;
	s->device_port.mute_source = on;
	return 0;
}
