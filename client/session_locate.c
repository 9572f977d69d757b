/* SPDX-License-Identifier: BSD-2-Clause
 * client/session_locate.c - domain names in the peer's c= lines (RFC 8866 5.7)
 * are looked up before anything is made of its description: one question a
 * stream, whose answer is kept with it.  What need not be sent to is not asked
 * for (sdp_media_host). */
#include "client/agent_priv.h"

/* As long as a name of a Request-URI may take (64*T1). */
static const mono LOCATE_TIME = SEC(32);

static void reset(struct stream *st)
{
	negotiation_line_unname(&st->line, st->session->agent->mem);
	st->pending &= (uint16_t)~STREAM_LOCATE;
}

int session_locate(struct session *s, enum session_late late,
		   struct instant now)
{
	int found;

	session_locate_stop(s);
	found = negotiation_names(&s->nego, s->agent->mem);
	if (found < 0)
		session_locate_stop(s);
	if (found <= 0)
		return found;
	for (struct list *l = s->nego.lines.next; l != &s->nego.lines;
	     l = l->next)
		if (stream_of(l)->line.locating)
			agent_touch_stream(stream_of(l), STREAM_LOCATE);
	s->late = (uint8_t)late;
	agent_wait(s, mono_add(now.m, LOCATE_TIME));
	return found;
}

void session_locate_stop(struct session *s)
{
	for (struct list *l = s->nego.lines.next; l != &s->nego.lines;
	     l = l->next)
		reset(stream_of(l));
	s->late = LATE_NOTHING;
}

void session_locate_end(struct session *s, struct instant now)
{
	for (struct list *l = s->nego.lines.next; l != &s->nego.lines;
	     l = l->next)
		stream_of(l)->line.locating = false;
	session_located(s, now);
}
