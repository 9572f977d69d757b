/* SPDX-License-Identifier: BSD-2-Clause
 * client/session_move.c - the address that a session goes from is another: the
 * host has lost it, or its route leads out elsewhere.
 *
 * What is up tells the peer by a re-INVITE with its new Contact and media
 * addresses, again and again until the peer has answered.  A call that comes in
 * is answered from the new one.  A call of ours that nobody has answered is
 * made once more, for an answer to the first could not come any more. */
#include "client/agent_priv.h"

/* Until the peer is told again: 0.5 s, 1 s, 2 s ... 16 s. */
static const mono PATIENCE = MS(500);
enum { DOUBLINGS = 5 };

bool session_has_way(const struct session *s)
{
	return s->sip && !s->ending && s->state != SESSION_OVER &&
	       s->state != SESSION_REFUSED;
}

/* It is at that address now; how many of its streams are to move there. */
static unsigned go_to(struct session *s, const struct addr *local)
{
	unsigned n = 0;

	if (!s->from.family)
		s->from = s->here;
	s->here = *local;
	s->here.port = 0;
	for (struct list *l = s->nego.lines.next; l != &s->nego.lines;
	     l = l->next) {
		struct stream *st = stream_of(l);

		if (!st->line.opened || st->line.state == STREAM_GONE)
			continue; /* media elsewhere stays there */
		st->moving = true;
		agent_touch_stream(st, STREAM_OPEN);
		n++;
	}
	return n;
}

bool session_moves_streams(struct session *s, const struct sip_path *path)
{
	s->hop = path->remote;
	if (addr_same_ip(&s->here, &path->local))
		return false;
	s->moving = true;
	return go_to(s, &path->local) != 0;
}

void session_moved(struct session *s, bool well, struct instant now)
{
	unsigned n = s->move_tries;

	if (!s->moving)
		return;
	if (!well) {
		if (n < DOUBLINGS)
			s->move_tries++;
		agent_wait(s, mono_add(now.m, PATIENCE << n));
		return;
	}
	s->moving = false;
	s->move_tries = 0;
	agent_wait(s, MONO_NEVER);
	if (s->from.family && !addr_same_ip(&s->from, &s->here))
		agent_touch(s, TELL_MOVED);
	else
		s->from = (struct addr){ 0 };
}

/* The ACK of our 200 goes to where we are not. */
static void presume_ack(struct session *s)
{
	if (s->state != SESSION_ACCEPTED || s->offerless)
		return;
	s->state = SESSION_UP;
	session_took_local(s);
	agent_touch(s, TELL_CONFIRMED);
}

static void tell_peer(struct session *s, struct instant now)
{
	int rc = sip_session_moved(s->agent->calls, s->sip, now);

	(void)rc; /* it is over: told elsewhere */
	presume_ack(s);
	s->silent = s->silent || (s->change == CHANGE_NONE && !s->again);
	s->moving = true;
	s->move_tries = 0;
	if (s->change == CHANGE_SENT || s->composing)
		change_postpone(s);
	s->again = true;
	change_next(s, now);
}

static void answer_there(struct session *s, const struct addr *local)
{
	struct agent *a = s->agent;
	struct writer w = agent_part(a, PART_CONTACT);
	struct addr shows = *local;
	int rc;

	if (local->family != s->hop.family || addr_same_ip(local, &s->here))
		return; /* no way back to the caller, for now */
	go_to(s, local);
	s->from = (struct addr){ 0 };
	shows.port = s->via_port;
	sip_contact_write(&w, false, s->account->who.uri.user, &shows, s->via);
	rc = sip_session_set_contact(a->calls, s->sip, writer_done(&w));
	(void)rc; /* no memory: a re-INVITE may tell it yet */
}

void session_move(struct session *s, const struct addr *local,
		  struct instant now)
{
	if (!session_has_way(s))
		return;
	switch ((enum session_state)s->state) {
	case SESSION_OPENING:
	case SESSION_CALLING:
		session_call_again(s, now);
		break;
	case SESSION_LOCATING:
	case SESSION_INCOMING:
	case SESSION_ACCEPTING:
		answer_there(s, local);
		break;
	case SESSION_ACCEPTED:
	case SESSION_UP:
		tell_peer(s, now);
		break;
	case SESSION_REFUSED:
	case SESSION_OVER:
		break;
	}
}
