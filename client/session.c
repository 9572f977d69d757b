/* SPDX-License-Identifier: BSD-2-Clause
 * client/session.c - a session from its first message to its last: its life,
 * and what SIP tells of it.  Calling is session_caller.c, being called
 * session_callee.c, changes of a running session are session_change.c,
 * descriptions session_sdp.c. */
#include "client/agent_priv.h"

/* ----------------------------------------------------------------- life */
struct session *session_new(struct agent *a, struct account *acc, bool incoming,
			    struct instant now)
{
	struct session *s = mem_new(a->mem, sizeof(*s));

	if (!s)
		return NULL;
	s->agent = a;
	s->account = acc;
	s->id = ++a->last_id;
	s->incoming = incoming;
	s->begun = now.m;
	s->up = s->over = -1;
	s->until = MONO_NEVER;
	negotiation_init(&s->nego, (uint64_t)drbg_u32(&a->drbg) << 20 ^
				   drbg_u32(&a->drbg));
	news_init(&s->news);
	htab_add(&a->sessions, &s->node,
		 htab_hash(&a->sessions, slice_of(&s->id, sizeof(s->id))));
	a->session_count++;
	acc->calls++;
	return s;
}

void session_free(struct session *s)
{
	const struct negotiation_terms t = session_terms(s);
	struct agent *a = s->agent;

	while (!list_empty(&s->nego.lines))
		stream_free(stream_of(s->nego.lines.next));
	list_remove(&s->link);
	list_remove(&s->waiting);
	list_remove(&s->starved);
	news_fini(&a->news, &s->news);
	htab_remove(&a->sessions, &s->node);
	mem_free(a->mem, s->said);
	s->account->calls--;
	a->session_count--;
	session_forget_legs(s);
	negotiation_fini(&s->nego, &t);
	mem_free(a->mem, s->peer);
	mem_free(a->mem, s->extra);
	session_forget_redirect(s);
	mem_free(a->mem, s->warning);
	mem_free(a->mem, s);
}

void session_over(struct session *s, enum parley_end_state end, int code,
		  struct slice reason, bool by_peer, struct instant now)
{
	if (s->state == SESSION_OVER)
		return;
	room_leave(s);
	s->state = SESSION_OVER;
	s->sip = 0;
	s->end = (uint8_t)end;
	s->code = (int16_t)code;
	s->by_peer = by_peer;
	if (s->over < 0) /* else its media ended before */
		s->over = now.m;
	agent_wait(s, MONO_NEVER);
	(void)agent_line(s->reason, sizeof(s->reason), reason);
	/* What was still to be told, but for the beginning, is of no use. */
	s->pending &= TELL_INCOMING | TELL_ANSWERED | TELL_FAILED |
		      TELL_PLAYED;
	agent_touch(s, s->untold ? TELL_CLOSED : TELL_LAST);
}

int session_keep_peer(struct session *s, struct slice peer)
{
	char *copy = peer.n ? mem_copy(s->agent->mem, peer.p, peer.n) : NULL;

	if (peer.n > UINT16_MAX || (peer.n && !copy))
		return -ENOMEM;
	mem_free(s->agent->mem, s->peer);
	s->peer = copy;
	s->peer_n = (uint16_t)peer.n;
	return 0;
}

void session_stop(struct session *s, struct instant now)
{
	if (s->over < 0)
		s->over = now.m;
	for (struct list *n = s->nego.lines.next; n != &s->nego.lines;
	     n = n->next) {
		struct stream *st = stream_of(n);

		st->pending &= (uint16_t)~(STREAM_START | STREAM_STARTED);
		if (st->line.opened)
			agent_touch_stream(st, STREAM_STOP);
	}
}

void session_hangup(struct session *s, const char *cause, struct instant now)
{
	int rc = s->sip ? sip_session_hangup(s->agent->calls, s->sip, NULL,
					     now) : -ENOENT;

	if (!s->cause)
		s->cause = cause;
	s->ending = true;
	agent_wait(s, MONO_NEVER);
	session_stop(s, now);
	if (rc || s->state == SESSION_OPENING) /* nobody has heard of it */
		session_over(s, s->cause ? PARLEY_FAILED : s->answered ?
			     PARLEY_ENDED : PARLEY_CANCELLED, s->cause ? 0 :
			     s->answered ? 200 : 487, slice_str(s->cause ?
			     s->cause : "hung up"), false, now);
}

static void early(struct session *s)
{
	if (!s->early)
		agent_touch(s, TELL_EARLY);
	s->early = true;
}

/* Sound may come before its description does (RFC 3264 5.1). */
void session_on_heard(struct session *s)
{
	if (s->state == SESSION_CALLING)
		early(s);
}

/* It vanished without a BYE, unless another stream tells that it is there.
 * Before the answer, ring-back and announcements may end when they like. */
void session_on_silence(struct session *s, struct instant now)
{
	for (struct list *n = s->nego.lines.next; n != &s->nego.lines;
	     n = n->next) {
		const struct stream *st = stream_of(n);

		if (st->line.state == STREAM_UP && st->heard &&
		    !st->line.held && (st->line.dir & SDP_RECVONLY))
			return;
	}
	if (s->answered && !s->ending && s->state != SESSION_OVER)
		session_hangup(s, "nothing is heard of the peer any more", now);
}

mono session_ring_end(const struct session *s, struct instant now)
{
	int64_t t = settings_int(&s->account->settings, SET_RING_TIMEOUT);

	return t ? mono_add(now.m, SEC(t)) : MONO_NEVER;
}

void session_on_wait(struct session *s, struct instant now)
{
	if (s->late)
		session_locate_end(s, now);
	else if (s->state == SESSION_INCOMING)
		session_turn_away(s, 480, "not answered in time", now);
	else if (s->state == SESSION_REFUSED)
		session_turn_away(s, (unsigned)s->code, s->cause, now);
	else
		change_on_wait(s, now);
}

void session_on_opened(struct session *s, int err, struct instant now)
{
	switch ((enum session_state)s->state) {
	case SESSION_OPENING:
		session_call_opened(s, err, now);
		break;
	case SESSION_ACCEPTING:
		session_accept_opened(s, err, now);
		break;
	case SESSION_UP:
	case SESSION_ACCEPTED:
		change_on_opened(s, err, now);
		break;
	case SESSION_CALLING:
	case SESSION_LOCATING:
	case SESSION_INCOMING:
	case SESSION_REFUSED:
	case SESSION_OVER:
		break; /* it ended meanwhile */
	}
}

/* -------------------------------------------- what the application asks */
struct session *session_alive(struct agent *a, uint32_t id, int *rc)
{
	struct session *s = agent_session(a, id);

	*rc = 0;
	if (!s)
		*rc = agent_fail(a, -ENOENT, "no such session", S(""));
	else if (s->state == SESSION_OVER || s->state == SESSION_REFUSED)
		*rc = agent_fail(a, -EALREADY, "the call is over", S(""));
	else if (s->ending)
		*rc = agent_fail(a, -EALREADY, "the call is ending", S(""));
	return *rc ? NULL : s;
}

int agent_end(struct agent *a, uint32_t session, struct instant now)
{
	int rc;
	struct session *s = session_alive(a, session, &rc);

	if (!s)
		return rc;
	if (s->state == SESSION_INCOMING || s->state == SESSION_ACCEPTING ||
	    s->state == SESSION_LOCATING)
		session_turn_away(s, 480, NULL, now);
	else
		session_hangup(s, NULL, now);
	return 0;
}

/* ------------------------------------------------------- what SIP tells */
/* Who answers our INVITE got it. */
static void is_there(struct session *s, const struct sip_session_event *ev)
{
	s->hop = s->there = ev->path.remote;
	s->there_proved = true;
}

/* It is answered: it will not be written once more. */
static void forget_extra(struct session *s)
{
	mem_free(s->agent->mem, s->extra);
	s->extra = NULL;
	session_forget_redirect(s);
}

static void progress(struct session *s, const struct sip_session_event *ev)
{
	s->code = (int16_t)ev->status;
	(void)agent_line(s->reason, sizeof(s->reason), ev->reason);
	agent_touch(s, TELL_PROGRESS);
	if (!ev->body.n ||
	    (ev->role != SIP_OA_PREVIEW && ev->role != SIP_OA_ANSWER))
		return;
	/* A preview that cannot be used is no reason to end the call. */
	if (session_preview(s, ev) == 0)
		early(s);
}

const char *session_answer_cause(int rc)
{
	return rc == -EHOSTUNREACH ? "a name in the answer is not found" :
	       rc == -EADDRNOTAVAIL ?
	       "nothing can be sent to the address in the answer" :
	       "nothing usable in the answer";
}

/* The first answer, names in it looked up; or, with rc, what is wrong. */
static void answer_taken(struct session *s, int rc, struct instant now)
{
	if (rc == 0)
		rc = session_answered(s);
	if (rc) {
		session_hangup(s, session_answer_cause(rc), now);
		return;
	}
	session_took_local(s);
	agent_touch(s, TELL_CONFIRMED);
	change_next(s, now);
}

static void answer_came(struct session *s, const struct sip_session_event *ev,
			enum session_late late, struct instant now)
{
	int rc = ev->role == SIP_OA_ANSWER ?
		 session_keep_remote(s, ev->body) : -EBADMSG;

	if (rc == 0)
		rc = session_locate(s, late, now);
	if (rc > 0)
		s->change = CHANGE_LOCATING;
	else
		answer_taken(s, rc, now);
}

void session_located(struct session *s, struct instant now)
{
	enum session_late late = (enum session_late)s->late;

	if (late == LATE_NOTHING || negotiation_locating(&s->nego))
		return;
	s->late = LATE_NOTHING;
	agent_wait(s, MONO_NEVER);
	if (s->ending || s->state == SESSION_OVER)
		return;
	if (late == LATE_INCOMING) {
		session_incoming_located(s, now);
		return;
	}
	s->change = CHANGE_NONE;
	if (late == LATE_ANSWERED || late == LATE_ACKED)
		answer_taken(s, 0, now);
	else
		change_located(s, late, now);
}

static void answered(struct session *s, const struct sip_session_event *ev,
		     struct instant now)
{
	forget_extra(s);
	s->state = SESSION_UP;
	s->answered = true;
	s->up = now.m;
	s->code = (int16_t)ev->status;
	(void)agent_line(s->reason, sizeof(s->reason), ev->reason);
	/* Code and reason of a 1xx that was not told yet are overwritten. */
	s->pending &= (uint16_t)~TELL_PROGRESS;
	agent_touch(s, TELL_ANSWERED);
	is_there(s, ev);
	session_won(s, ev->leg);
	answer_came(s, ev, LATE_ANSWERED, now);
}

/* The ACK shows our tag, which our 200 told to nobody else. */
static void proved(struct session *s, const struct sip_session_event *ev)
{
	if (!ev->msg || !addr_same_ip(&ev->path.remote, &s->there))
		return;
	s->there_proved = true;
	for (struct list *n = s->nego.lines.next; n != &s->nego.lines;
	     n = n->next)
		agent_touch_stream(stream_of(n),
				   STREAM_PROVED);
}

static void acked(struct session *s, const struct sip_session_event *ev,
		  struct instant now)
{
	if (s->state == SESSION_UP && s->unacked) { /* see session_move.c */
		room_proved(s);
		proved(s, ev);
	}
	if (s->state != SESSION_ACCEPTED)
		return;
	s->state = SESSION_UP;
	room_proved(s); /* whoever sent it has heard our 200 */
	proved(s, ev);
	if (s->offerless) {
		s->offerless = false;
		answer_came(s, ev, LATE_ACKED, now);
		return;
	}
	session_took_local(s);
	agent_touch(s, TELL_CONFIRMED);
}

static void challenge(struct session *s, const struct sip_session_event *ev,
		      struct instant now)
{
	int rc = account_authorize(s, &ev->path.remote, now);

	(void)rc; /* not authorized: the call fails with this response */
}

static void ended(struct session *s, const struct sip_session_event *ev,
		  struct instant now)
{
	enum parley_end_state end = PARLEY_FAILED;
	bool by_peer = false;

	if (!s->incoming && !s->answered && session_redirect(s, ev, now))
		return;
	switch (ev->end) {
	case SIP_END_LOCAL:
		end = s->answered ? PARLEY_ENDED : PARLEY_FAILED;
		break;
	case SIP_END_REMOTE:
		end = s->answered ? PARLEY_ENDED : PARLEY_FAILED;
		by_peer = true;
		break;
	case SIP_END_CANCELLED:
		end = PARLEY_CANCELLED;
		by_peer = s->incoming;
		break;
	case SIP_END_EXPIRED:
	case SIP_END_REFUSED:
	case SIP_END_FAILED:
		by_peer = ev->end == SIP_END_REFUSED;
		break;
	}
	if (ev->msg && ev->msg->status >= 300)
		session_keep_warning(s, ev->msg);
	if (s->state == SESSION_ACCEPTED && ev->end == SIP_END_FAILED)
		room_doubt(s);
	if (s->cause) { /* we ended it: for this */
		end = PARLEY_FAILED;
		by_peer = false;
	}
	session_over(s, end, (int)ev->status,
		     s->cause ? slice_str(s->cause) : ev->reason, by_peer,
		     now);
}

void session_on_event(struct agent *a, const struct sip_session_event *ev,
		      struct instant now)
{
	struct session *s = ev->tag ? agent_session(a, (uint32_t)ev->tag) :
				      NULL;

	if (ev->kind == SIP_SESSION_INCOMING) {
		session_incoming(a, ev, now);
		return;
	}
	if (ev->kind == SIP_SESSION_REFUSED) {
		session_tell_caller(a, ev->msg, ev->status, NULL);
		return;
	}
	if (!s || !s->sip)
		return; /* refused before it became a session */
	switch (ev->kind) {
	case SIP_SESSION_INCOMING:
	case SIP_SESSION_REFUSED:
		break;
	case SIP_SESSION_LEG_GONE:
		session_leg_gone(s, ev->leg);
		break;
	case SIP_SESSION_COMPOSE:
		if (s->state == SESSION_UP)
			change_compose(s, &ev->path, now);
		else
			session_call_compose(s, &ev->path, now);
		break;
	case SIP_SESSION_PROGRESS:
		progress(s, ev);
		break;
	case SIP_SESSION_ANSWERED:
		answered(s, ev, now);
		break;
	case SIP_SESSION_ACKED:
		acked(s, ev, now);
		change_on_event(s, ev, now);
		break;
	case SIP_SESSION_OFFER:
	case SIP_SESSION_WITHDRAWN:
	case SIP_SESSION_CHANGED:
	case SIP_SESSION_RETRY:
		change_on_event(s, ev, now);
		break;
	case SIP_SESSION_CHALLENGE:
		challenge(s, ev, now);
		break;
	case SIP_SESSION_BROKEN:
		s->ending = true;
		session_stop(s, now);
		break;
	case SIP_SESSION_ENDED:
		ended(s, ev, now);
		break;
	}
}
