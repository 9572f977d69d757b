/* SPDX-License-Identifier: BSD-2-Clause
 * client/session_stream.c - the streams of a session as a list: they come, get
 * sockets, are chosen, and go.  What they are in SDP is session_sdp.c. */
#include "client/agent_priv.h"

struct stream *session_stream_add(struct session *s,
				  const struct stream_kind *kind,
				  enum stream_state state)
{
	struct agent *a = s->agent;
	struct stream *st = mem_new(a->mem, sizeof(*st));

	if (!st)
		return NULL;
	st->session = s;
	st->kind = kind;
	st->id = ++a->last_id;
	st->mline = NO_MLINE;
	st->state = (uint8_t)state;
	list_append(&s->streams, &st->link);
	htab_add(&a->streams, &st->node,
		 htab_hash(&a->streams, slice_of(&st->id, sizeof(st->id))));
	a->stream_count++;
	return st;
}

void stream_free(struct stream *st)
{
	struct agent *a = st->session->agent;

	htab_remove(&a->streams, &st->node);
	list_remove(&st->link);
	mem_free(a->mem, st->agreed);
	mem_free(a->mem, st->host);
	mem_free(a->mem, st);
	a->stream_count--;
}

/* It ends; the application and media are told in their turn. */
void stream_gone(struct stream *st, const char *why)
{
	if (st->state == STREAM_GONE)
		return;
	st->state = STREAM_GONE;
	st->why = why;
	st->pending = 0;
	agent_touch_stream(st, why ? STREAM_ENDED | STREAM_CLOSE :
			   STREAM_CLOSE);
}

/* Is it to get sockets, and has none? */
static bool is_due(const struct stream *st)
{
	return !st->rtp.family &&
	       ((st->state == STREAM_ADDING && !st->draft) ||
		(st->state == STREAM_PROPOSED && st->chosen));
}

bool session_external(const struct session *s, unsigned i, struct stream *st)
{
	struct slice where = settings_text(&s->account->settings,
					   SET_RTP_EXTERNAL);
	struct addr a;

	if (!where.n || addr_parse(where, &a) || a.port + 2 * i + 1 > 65535)
		return false;
	a.port = (uint16_t)(a.port + 2 * i);
	st->rtp = st->rtcp = a;
	st->rtcp.port++;
	return true;
}

/* Asks for the sockets of streams that have none; where media runs elsewhere
 * they are known. */
void session_open_streams(struct session *s)
{
	unsigned i = 0;

	for (struct list *n = s->streams.next; n != &s->streams;
	     n = n->next, i++) {
		struct stream *st = CONTAINER(n, struct stream, link);

		if (!is_due(st) || session_external(s, i, st))
			continue;
		agent_touch_stream(st, STREAM_OPEN);
	}
}

/* What was offered so far was of no use to anybody. */
void session_reopen_streams(struct session *s, bool elsewhere)
{
	session_undo_local(s);
	mem_free(s->agent->mem, s->local);
	s->local = NULL;
	s->local_n = 0;
	for (struct list *n = s->streams.next; n != &s->streams; n = n->next) {
		struct stream *st = CONTAINER(n, struct stream, link);

		st->pending &= (uint16_t)~(STREAM_START | STREAM_STARTED);
		if (st->opened && elsewhere)
			st->rtp = st->rtcp = (struct addr){ 0 };
	}
}

bool session_opening(const struct session *s)
{
	for (struct list *n = s->streams.next; n != &s->streams; n = n->next)
		if (is_due(CONTAINER(n, struct stream, link)))
			return true;
	return false;
}

bool session_spare(struct stream *st)
{
	const struct session *s = st->session;

	if (st->state != STREAM_PROPOSED)
		return false;
	st->chosen = false;
	for (struct list *n = s->streams.next; n != &s->streams; n = n->next) {
		const struct stream *other = CONTAINER(n, struct stream, link);

		if (other->state == STREAM_PROPOSED && other->chosen)
			return true;
	}
	return false;
}

/* Marks the streams that are wanted; n 0: all that were proposed. */
int session_choose(struct session *s, const uint32_t *streams, size_t n)
{
	size_t found = 0;

	for (struct list *l = s->streams.next; l != &s->streams; l = l->next) {
		struct stream *st = CONTAINER(l, struct stream, link);
		bool named = n == 0;

		if (st->state != STREAM_PROPOSED)
			continue;
		for (size_t i = 0; i < n; i++)
			named |= streams[i] == st->id;
		st->chosen = named;
		found += named;
	}
	return n && found != n ? -ENOENT : (int)found;
}
