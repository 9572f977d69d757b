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
	st->id = ++a->last_id;
	negotiation_add(&s->nego, &st->line, kind, state);
	htab_add(&a->streams, &st->node,
		 htab_hash(&a->streams, slice_of(&st->id, sizeof(st->id))));
	a->stream_count++;
	return st;
}

void stream_free(struct stream *st)
{
	struct agent *a = st->session->agent;

	htab_remove(&a->streams, &st->node);
	negotiation_line_fini(&st->line, a->mem);
	mem_free(a->mem, st);
	a->stream_count--;
}

/* It ends; the application and media are told in their turn. */
void stream_gone(struct stream *st, const char *why)
{
	if (st->line.state == STREAM_GONE)
		return;
	st->line.state = STREAM_GONE;
	st->line.why = why;
	st->pending = 0;
	agent_touch_stream(st, why ? STREAM_ENDED | STREAM_CLOSE :
			   STREAM_CLOSE);
}

/* What the session does next waits for sockets. */
static bool awaits(const struct session *s)
{
	return s->state == SESSION_OPENING || s->state == SESSION_ACCEPTING ||
	       s->change == CHANGE_OPENING || s->change == CHANGE_ACCEPTING;
}

/* Is it to get sockets, and has none? */
static bool is_due(const struct stream *st)
{
	if (st->moving)
		return true;
	return !st->line.rtp.family &&
	       ((st->line.state == STREAM_ADDING && !st->line.draft) ||
		(st->line.state == STREAM_PROPOSED && st->line.chosen));
}

/* Asks for the sockets of streams that have none; where media runs elsewhere
 * they are known. */
void session_open_streams(struct session *s)
{
	unsigned i = 0;

	for (struct list *n = s->nego.lines.next; n != &s->nego.lines;
	     n = n->next, i++) {
		struct stream *st = stream_of(n);

		if (!is_due(st) || st->opening ||
		    negotiation_external(&s->account->settings, i,
					 &st->line.rtp, &st->line.rtcp))
			continue;
		agent_touch_stream(st, STREAM_OPEN);
	}
}

/* What was offered so far was of no use to anybody. */
void session_reopen_streams(struct session *s, bool elsewhere)
{
	const struct negotiation_terms t = session_terms(s);

	negotiation_unsay(&s->nego, &t);
	for (struct list *n = s->nego.lines.next; n != &s->nego.lines;
	     n = n->next) {
		struct stream *st = stream_of(n);

		st->pending &= (uint16_t)~(STREAM_START | STREAM_STARTED);
		if (st->line.opened && elsewhere)
			st->line.rtp = st->line.rtcp = (struct addr){ 0 };
	}
}

/* What we wanted to add before the peer's proposal came has time. */
bool stream_is_awaited(const struct stream *st)
{
	return is_due(st) && awaits(st->session) &&
	       !(st->session->change == CHANGE_ACCEPTING &&
		 st->line.state == STREAM_ADDING);
}

bool session_opening(const struct session *s)
{
	for (struct list *n = s->nego.lines.next; n != &s->nego.lines;
	     n = n->next)
		if (stream_is_awaited(stream_of(n)))
			return true;
	return false;
}

bool session_spare(struct stream *st)
{
	const struct session *s = st->session;

	if (st->line.state != STREAM_PROPOSED)
		return false;
	st->line.chosen = false;
	for (struct list *n = s->nego.lines.next; n != &s->nego.lines;
	     n = n->next) {
		const struct stream *other = stream_of(n);

		if (other->line.state == STREAM_PROPOSED && other->line.chosen)
			return true;
	}
	return false;
}

static bool is_alone(const struct stream *st)
{
	const struct session *s = st->session;

	for (struct list *n = s->nego.lines.next; n != &s->nego.lines;
	     n = n->next)
		if (stream_of(n) != st && stream_of(n)->line.state !=
		    STREAM_GONE)
			return false;
	return true;
}

void session_stream_failed(struct stream *st, const char *why,
			   struct instant now)
{
	struct session *s = st->session;

	if (st->line.state == STREAM_GONE || s->ending ||
	    s->state == SESSION_OVER)
		return;
	if (!s->answered || is_alone(st)) {
		session_hangup(s, why, now);
		return;
	}
	stream_gone(st, why);
	s->again = true; /* the peer is told that its line is empty */
	change_next(s, now);
}

/* Marks the streams that are wanted; n 0: all that were proposed. */
int session_choose(struct session *s, const uint32_t *streams, size_t n)
{
	size_t found = 0;

	for (struct list *l = s->nego.lines.next; l != &s->nego.lines;
	     l = l->next) {
		struct stream *st = stream_of(l);
		bool named = n == 0;

		if (st->line.state != STREAM_PROPOSED)
			continue;
		for (size_t i = 0; i < n; i++)
			named |= streams[i] == st->id;
		st->line.chosen = named;
		found += named;
	}
	return n && found != n ? -ENOENT : (int)found;
}
