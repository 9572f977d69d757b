/* SPDX-License-Identifier: BSD-2-Clause
 * client/session_sdp.c - a session and its negotiation (negotiation.h): what it
 * tells it, and what becomes of its streams. */
#include "client/agent_priv.h"

struct negotiation_terms session_terms(const struct session *s)
{
	return (struct negotiation_terms){
		.mem = s->agent->mem, .desk = &s->agent->desk,
		.account = &s->account->settings,
		.here = s->here, .hold = s->hold, .up = s->state == SESSION_UP,
		.leg = s->leg, .caller = !s->incoming,
		.host = s->there, .host_proved = s->there_proved,
	};
}

/* What came of its lines is told in the order of its streams. */
void session_follow(struct session *s)
{
	for (struct list *n = s->nego.lines.next; n != &s->nego.lines;
	     n = n->next) {
		struct stream *st = stream_of(n);
		unsigned came = st->line.came;

		st->line.came = 0;
		if (came & LINE_STARTS)
			agent_touch_stream(st, STREAM_START);
		if (came & LINE_MOVED)
			st->heard = false; /* there it is yet to be */
		if ((came & LINE_MET) && !st->announced) {
			agent_touch_stream(st, STREAM_STARTED);
			st->announced = true;
		}
		if (came & LINE_ENDS)
			stream_gone(st, st->line.why);
	}
}

static void tell_hold(struct session *s)
{
	bool held = negotiation_is_held(&s->nego);

	if (held == s->hold_told)
		return;
	s->hold_told = held;
	/* Both in one turn: nothing is, in the end. */
	if (s->pending & (TELL_HELD | TELL_RESUMED))
		s->pending &= (uint16_t)~(TELL_HELD | TELL_RESUMED);
	else
		agent_touch(s, held ? TELL_HELD : TELL_RESUMED);
}

int session_offer(struct session *s, bool anew, struct slice *out)
{
	const struct negotiation_terms t = session_terms(s);
	int rc = negotiation_offer(&s->nego, &t, anew, out);

	session_follow(s);
	return rc;
}

int session_answer(struct session *s, struct slice *out)
{
	const struct negotiation_terms t = session_terms(s);
	int rc = negotiation_answer(&s->nego, &t, out);

	session_follow(s);
	return rc;
}

bool session_takes_any(struct session *s)
{
	const struct negotiation_terms t = session_terms(s);

	return negotiation_takes_any(&s->nego, &t);
}

int session_answered(struct session *s)
{
	const struct negotiation_terms t = session_terms(s);
	int rc = negotiation_answered(&s->nego, &t, false);

	session_follow(s);
	if (rc == -ENOMEM || rc == -EBADMSG)
		return rc;
	s->again |= rc > 0;
	tell_hold(s);
	return rc > 0 ? 0 : rc;
}

int session_read_offer(struct session *s)
{
	const struct negotiation_terms t = session_terms(s);
	const struct stream_kind *kind;
	struct stream *st;
	size_t i = 0;
	int rc, added = 0;

	while ((rc = negotiation_next_new(&s->nego, &t, &i, &kind)) > 0) {
		st = session_stream_add(s, kind, STREAM_PROPOSED);
		if (!st)
			return -ENOMEM;
		st->line.at = (uint16_t)i++;
		added++;
	}
	return rc ? rc : added;
}

int session_keep_remote(struct session *s, struct slice body)
{
	const struct negotiation_terms t = session_terms(s);

	return negotiation_keep_remote(&s->nego, &t, body);
}

int session_keep_local(struct session *s, struct slice text)
{
	const struct negotiation_terms t = session_terms(s);

	return negotiation_keep(&s->nego, &t, text);
}

int session_try_local(struct session *s, struct slice text)
{
	const struct negotiation_terms t = session_terms(s);

	return negotiation_try(&s->nego, &t, text);
}

void session_took_local(struct session *s)
{
	const struct negotiation_terms t = session_terms(s);

	negotiation_took(&s->nego, &t);
}

void session_undo_local(struct session *s)
{
	const struct negotiation_terms t = session_terms(s);

	negotiation_undo(&s->nego, &t);
}

void session_settle(struct session *s)
{
	negotiation_settle(&s->nego);
	session_follow(s);
	tell_hold(s);
}
