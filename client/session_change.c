/* SPDX-License-Identifier: BSD-2-Clause
 * client/session_change.c - a running session changes: hold and resume,
 * streams added and removed, by us or by the peer.  One change at a time
 * (RFC 3261 14.1); what is wanted meanwhile waits for its turn, and a change
 * that met the peer's goes again when its time to wait is over. */
#include "client/agent_priv.h"

/* ----------------------------------------------------------------- ours */
static bool anything_wanted(const struct session *s)
{
	for (struct list *n = s->streams.next; n != &s->streams; n = n->next) {
		struct stream *st = CONTAINER(n, struct stream, link);

		if (st->state == STREAM_ADDING || st->removing)
			return true;
	}
	return false;
}

/* Our proposal came to nothing: what it added ends, what it removed stays. */
static void undo(struct session *s)
{
	for (struct list *n = s->streams.next; n != &s->streams; n = n->next) {
		struct stream *st = CONTAINER(n, struct stream, link);

		st->removing = false;
		if (st->state == STREAM_ADDING)
			stream_gone(st, true);
	}
}

static void told_outcome(struct session *s, int code, struct slice reason)
{
	s->code = (int16_t)code;
	agent_reason(s->reason, reason);
	agent_touch(s, TELL_PROPOSAL);
}

static int reinvite(struct session *s, struct instant now)
{
	struct slice offer;
	int rc;

	session_took_local(s);
	rc = session_offer(s, &offer);
	if (rc == 0)
		rc = session_try_local(s, offer);
	if (rc == 0)
		rc = sip_session_reinvite(s->agent->calls, s->sip, offer, NULL,
					  now);
	s->change = rc ? CHANGE_NONE : CHANGE_SENT;
	if (rc)
		session_undo_local(s);
	if (rc == -EAGAIN) { /* the peer's is under way: after it */
		s->again = true;
		return 0;
	}
	return rc;
}

int change_send(struct session *s, struct instant now)
{
	if (s->change != CHANGE_NONE || s->state != SESSION_UP) {
		s->again = true;
		return 0;
	}
	s->again = false;
	session_open_streams(s);
	s->change = CHANGE_OPENING;
	return session_opening(s) ? 0 : reinvite(s, now);
}

static void next(struct session *s, struct instant now)
{
	if (!s->again || s->change != CHANGE_NONE || s->state != SESSION_UP)
		return;
	if (change_send(s, now)) {
		undo(s);
		told_outcome(s, 500, S("out of resources"));
	}
}

static void changed(struct session *s, const struct sip_session_event *ev,
		    struct instant now)
{
	bool well = ev->status >= 200 && ev->status < 300;

	s->change = CHANGE_NONE;
	if (well && ev->role == SIP_OA_ANSWER &&
	    session_answered(s, ev->body, false) == -ENOMEM)
		well = false;
	if (well) {
		session_took_local(s);
		session_settle(s);
	} else {
		session_undo_local(s);
		undo(s);
	}
	told_outcome(s, (int)ev->status, ev->reason);
	next(s, now);
}

/* --------------------------------------------------------------- theirs */
static void reject(struct session *s, unsigned status, struct instant now)
{
	int rc = sip_session_reject(s->agent->calls, s->sip, status, S(""),
				    NULL, now);

	(void)rc; /* it was withdrawn */
	for (struct list *n = s->streams.next; n != &s->streams; n = n->next) {
		struct stream *st = CONTAINER(n, struct stream, link);

		if (st->state == STREAM_PROPOSED)
			stream_gone(st, false);
	}
	s->change = CHANGE_NONE;
}

static void accept(struct session *s, struct instant now)
{
	struct slice body;
	int rc = session_answer(s, &body);

	if (rc == 0)
		rc = sip_session_accept(s->agent->calls, s->sip, body, NULL,
					now);
	if (rc == 0)
		rc = session_keep_local(s, body);
	if (rc) {
		reject(s, rc == -ENOTSUP ? 488 : 500, now);
		return;
	}
	session_settle(s);
	s->change = CHANGE_NONE;
}

/* The peer wants us to offer: all that there is, in the 200. */
static void offer_back(struct session *s, struct instant now)
{
	struct slice body;
	int rc = session_offer(s, &body);

	if (rc == 0)
		rc = sip_session_accept(s->agent->calls, s->sip, body, NULL,
					now);
	if (rc == 0)
		rc = session_keep_local(s, body);
	if (rc)
		reject(s, 500, now);
	else
		s->change = CHANGE_ACCEPTED;
}

static void offered(struct session *s, const struct sip_session_event *ev,
		    struct instant now)
{
	bool changes;
	int added;

	if (ev->role != SIP_OA_OFFER) {
		offer_back(s, now);
		return;
	}
	added = session_keep_remote(s, ev->body);
	if (added == 0)
		added = session_read_offer(s, &changes);
	if (added < 0) {
		reject(s, added == -ENOMEM ? 500 : 488, now);
	} else if (added == 0) {
		accept(s, now);
	} else {
		s->change = CHANGE_ASKED;
		agent_touch(s, TELL_PROPOSED);
	}
}

static void withdrawn(struct session *s, struct instant now)
{
	for (struct list *n = s->streams.next; n != &s->streams; n = n->next) {
		struct stream *st = CONTAINER(n, struct stream, link);

		if (st->state == STREAM_PROPOSED)
			stream_gone(st, true);
	}
	s->change = CHANGE_NONE;
	next(s, now);
}

static void acked(struct session *s, const struct sip_session_event *ev,
		  struct instant now)
{
	if (s->change == CHANGE_ACCEPTED) {
		s->change = CHANGE_NONE;
		if (ev->role == SIP_OA_ANSWER &&
		    session_answered(s, ev->body, false) == 0)
			session_settle(s);
	}
	next(s, now);
}

/* ----------------------------------------------------------------- both */
void change_on_event(struct session *s, const struct sip_session_event *ev,
		     struct instant now)
{
	switch (ev->kind) {
	case SIP_SESSION_OFFER:
		offered(s, ev, now);
		break;
	case SIP_SESSION_WITHDRAWN:
		withdrawn(s, now);
		break;
	case SIP_SESSION_CHANGED:
		changed(s, ev, now);
		break;
	case SIP_SESSION_RETRY:
		session_undo_local(s);
		s->change = CHANGE_NONE;
		s->again = true;
		next(s, now);
		break;
	case SIP_SESSION_ACKED:
		acked(s, ev, now);
		break;
	default:
		break; /* session.c's */
	}
}

void change_on_opened(struct session *s, int err, struct instant now)
{
	if (s->change == CHANGE_ACCEPTING) {
		if (err)
			reject(s, 500, now);
		else
			accept(s, now);
		return;
	}
	if (s->change != CHANGE_OPENING)
		return;
	s->change = CHANGE_NONE;
	if (err || reinvite(s, now)) {
		undo(s);
		told_outcome(s, 500, S("no port for media"));
	}
}

/* -------------------------------------------- what the application asks */
static int running(struct agent *a, uint32_t id, struct session **out)
{
	struct session *s = agent_session(a, id);

	if (!s || s->state == SESSION_OVER)
		return agent_fail(a, -ENOENT, "no such session", S(""));
	if (!s->answered || s->ending)
		return agent_fail(a, -EINPROGRESS, "the session is not up",
				  S(""));
	*out = s;
	return 0;
}

int agent_hold(struct agent *a, uint32_t session, bool hold,
	       struct instant now)
{
	struct session *s;
	int rc = running(a, session, &s);

	if (rc || s->hold == hold)
		return rc;
	s->hold = hold;
	rc = change_send(s, now);
	if (rc)
		s->hold = !hold;
	return rc ? agent_fail(a, rc, "cannot propose", S("")) : 0;
}

int agent_stream_add(struct agent *a, uint32_t session,
		     enum parley_media media, uint32_t *stream)
{
	const struct stream_kind *k = stream_kind_find(media);
	struct session *s;
	struct stream *st;
	int rc = running(a, session, &s);

	if (rc)
		return rc;
	if (!k)
		return agent_fail(a, -ENOTSUP, "left out of this build",
				  S(""));
	if (s->change == CHANGE_OPENING || s->change == CHANGE_SENT)
		return agent_fail(a, -EALREADY, "a proposal is under way",
				  S(""));
	st = session_stream_add(s, k, STREAM_ADDING);
	if (!st)
		return agent_fail(a, -ENOMEM, "out of memory", S(""));
	*stream = st->id;
	return 0;
}

int agent_stream_remove(struct agent *a, uint32_t stream)
{
	struct stream *st = agent_stream(a, stream);

	if (!st || st->state == STREAM_GONE)
		return agent_fail(a, -ENOENT, "no such stream", S(""));
	if (st->session->change == CHANGE_OPENING ||
	    st->session->change == CHANGE_SENT)
		return agent_fail(a, -EALREADY, "a proposal is under way",
				  S(""));
	if (st->state == STREAM_ADDING && !st->opened)
		stream_gone(st, false); /* it was never proposed */
	else
		st->removing = true;
	return 0;
}

int agent_propose(struct agent *a, uint32_t session, struct instant now)
{
	struct session *s;
	int rc = running(a, session, &s);

	if (rc)
		return rc;
	if (s->change == CHANGE_OPENING || s->change == CHANGE_SENT)
		return agent_fail(a, -EALREADY, "a proposal is under way",
				  S(""));
	if (!anything_wanted(s))
		return agent_fail(a, -EINVAL, "nothing to propose", S(""));
	rc = change_send(s, now);
	if (rc)
		undo(s);
	return rc ? agent_fail(a, rc, "cannot propose", S("")) : 0;
}

int agent_propose_cancel(struct agent *a, uint32_t session,
			 struct instant now)
{
	struct session *s;
	int rc = running(a, session, &s);

	if (rc)
		return rc;
	if (s->change == CHANGE_SENT) {
		rc = sip_session_withdraw(a->calls, s->sip, now);
		return rc ? agent_fail(a, rc, "too late", S("")) : 0;
	}
	if (s->change != CHANGE_OPENING && !s->again)
		return agent_fail(a, -EINVAL, "no proposal is under way",
				  S(""));
	s->again = false;
	if (s->change == CHANGE_OPENING)
		s->change = CHANGE_NONE;
	undo(s);
	told_outcome(s, 487, S("cancelled"));
	return 0;
}

int agent_proposal_accept(struct agent *a, uint32_t session,
			  const uint32_t *streams, size_t n,
			  struct instant now)
{
	struct session *s;
	int rc = running(a, session, &s);

	if (rc)
		return rc;
	if (s->change != CHANGE_ASKED)
		return agent_fail(a, -EINVAL, "no proposal to answer", S(""));
	if (session_choose(s, streams, n) < 0)
		return agent_fail(a, -ENOENT, "no such stream", S(""));
	s->change = CHANGE_ACCEPTING;
	session_open_streams(s);
	if (!session_opening(s))
		accept(s, now);
	return 0;
}

int agent_proposal_reject(struct agent *a, uint32_t session,
			  struct instant now)
{
	struct session *s;
	int rc = running(a, session, &s);

	if (rc)
		return rc;
	if (s->change != CHANGE_ASKED)
		return agent_fail(a, -EINVAL, "no proposal to answer", S(""));
	reject(s, 488, now);
	next(s, now);
	return 0;
}
