/* SPDX-License-Identifier: BSD-2-Clause
 * client/session_change.c - a running session changes: hold and resume,
 * streams added and removed, by us or by the peer.  One change at a time
 * (RFC 3261 14.1); what is wanted meanwhile waits for its turn, and a change
 * that met the peer's goes again when its time to wait is over.
 *
 * What the application adds and removes is a draft until it is proposed: no
 * other change carries it. */
#include "client/agent_priv.h"

/* ----------------------------------------------------------------- ours */
/* The drafts become a proposal; how many there were. */
static unsigned settle_drafts(struct session *s)
{
	unsigned found = 0;

	for (struct list *n = s->nego.lines.next; n != &s->nego.lines;
	     n = n->next) {
		struct stream *st = stream_of(n);

		found += st->line.draft && st->line.state != STREAM_GONE;
		st->line.draft = false;
	}
	return found;
}

/* Our proposal came to nothing: what it added ends, what it removed stays. */
static void undo(struct session *s, const char *why)
{
	for (struct list *n = s->nego.lines.next; n != &s->nego.lines;
	     n = n->next) {
		struct stream *st = stream_of(n);

		if (st->line.draft)
			continue;
		st->line.removing = false;
		if (st->line.state == STREAM_ADDING)
			stream_gone(st, why);
	}
}

static void told_outcome(struct session *s, int code, struct slice reason)
{
	s->code = (int16_t)code;
	(void)agent_line(s->reason, sizeof(s->reason), reason);
	agent_touch(s, TELL_PROPOSAL);
}

/* Begins: where it goes is looked up, and then it is to be written. */
static int reinvite(struct session *s, struct instant now)
{
	int rc = sip_session_reinvite(s->agent->calls, s->sip, now);

	s->change = rc ? CHANGE_NONE : CHANGE_SENT;
	if (rc == -EAGAIN) { /* the peer's is under way: after it */
		s->again = true;
		return 0;
	}
	return rc;
}

/* Our Contact, where another address is to be shown in it. */
static int new_contact(struct session *s, const struct addr *shows,
		       enum sip_transport t, struct slice *out)
{
	struct writer w = agent_part(s->agent, PART_CONTACT);

	*out = (struct slice){ 0 };
	if (!s->moving)
		return 0;
	sip_contact_write(&w, false, s->account->who.uri.user, shows, t);
	*out = writer_done(&w);
	return writer_end(&w) < 0 ? -ENOSPC : 0;
}

static void compose(struct session *s, struct instant now)
{
	struct addr shows = s->here;
	struct slice offer, contact;
	int rc;

	shows.port = s->via_port;
	s->composing = false;
	s->hold_sent = s->hold;
	session_undo_local(s); /* of the way before */
	rc = session_offer(s, true, &offer);
	if (rc == 0)
		rc = session_try_local(s, offer);
	if (rc == 0)
		rc = new_contact(s, &shows, s->via, &contact);
	if (rc == 0)
		rc = sip_session_compose(s->agent->calls, s->sip, contact,
					 offer, NULL, now);
	if (rc == 0)
		return;
	session_undo_local(s);
	s->change = CHANGE_NONE;
	s->again = rc == -EAGAIN;
	if (sip_session_withdraw(s->agent->calls, s->sip, now) || s->again)
		return; /* the peer's is under way, or the call is over */
	undo(s, "out of resources");
	told_outcome(s, 500, S("out of resources"));
	change_next(s, now);
}

void change_compose(struct session *s, const struct sip_path *path,
		    struct instant now)
{
	if (s->change != CHANGE_SENT &&
	    !(s->change == CHANGE_OPENING && s->composing))
		return; /* it was postponed */
	s->via = path->transport;
	s->via_port = path->local.port;
	s->change = CHANGE_SENT;
	if (session_moves_streams(s, path)) {
		s->composing = true;
		s->change = CHANGE_OPENING;
		return;
	}
	compose(s, now);
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

void change_next(struct session *s, struct instant now)
{
	if (!s->again || s->change != CHANGE_NONE || s->state != SESSION_UP)
		return;
	if (change_send(s, now)) {
		undo(s, "out of resources");
		told_outcome(s, 500, S("out of resources"));
	}
}

/* Ours met the peer's: the session is as it was, and it goes again later. */
void change_postpone(struct session *s)
{
	session_undo_local(s);
	s->composing = false;
	s->change = CHANGE_NONE;
	s->again = true;
}

/* The answer to our offer, names in it looked up; or, with rc, what is wrong.
 * False: the two sides do not agree any more on what runs, and it ends.  To
 * take no stream at all (-ENOTSUP) is an answer like others. */
static bool agreed(struct session *s, int rc, struct instant now)
{
	if (rc == 0)
		rc = session_answered(s);
	session_took_local(s);
	session_settle(s);
	s->hold_agreed = s->hold_sent;
	if (rc == 0 || rc == -ENOTSUP)
		return true;
	session_hangup(s, session_answer_cause(rc), now);
	return false;
}

/* 1: it waits for names; 0: go on; < 0: it is none. */
static int answer_came(struct session *s, const struct sip_session_event *ev,
		       enum session_late late, struct instant now)
{
	int rc = ev->role == SIP_OA_ANSWER ?
		 session_keep_remote(s, ev->body) : -EBADMSG;

	if (rc == 0)
		rc = session_locate(s, late, now);
	if (rc > 0)
		s->change = CHANGE_LOCATING;
	return rc;
}

static void changed_well(struct session *s, int rc, struct instant now)
{
	if (!agreed(s, rc, now))
		return;
	if (!s->silent)
		agent_touch(s, TELL_PROPOSAL);
	s->silent = false;
	change_next(s, now);
}

static void changed(struct session *s, const struct sip_session_event *ev,
		    struct instant now)
{
	int rc;

	if (s->change != CHANGE_SENT)
		return; /* it was postponed, then cancelled */
	s->change = CHANGE_NONE;
	s->code = (int16_t)ev->status;
	(void)agent_line(s->reason, sizeof(s->reason), ev->reason);
	if (ev->msg)
		session_keep_warning(s, ev->msg);
	session_moved(s, ev->status < 300, now);
	if (ev->status >= 200 && ev->status < 300) {
		rc = answer_came(s, ev, LATE_CHANGED, now);
		if (rc <= 0)
			changed_well(s, rc, now);
		return;
	}
	session_undo_local(s);
	if (!s->moving)
		undo(s, "the proposal was refused");
	if (!s->again && !s->moving)
		s->hold = s->hold_agreed;
	if (!s->moving)
		agent_touch(s, TELL_PROPOSAL);
	change_next(s, now);
}

/* --------------------------------------------------------------- theirs */
/* What the peer proposed is off the table. */
static void dismiss(struct session *s, const char *why)
{
	for (struct list *n = s->nego.lines.next; n != &s->nego.lines;
	     n = n->next) {
		struct stream *st = stream_of(n);

		st->line.refused = false;
		if (st->line.state == STREAM_PROPOSED)
			stream_gone(st, why);
	}
	session_locate_stop(s);
	agent_wait(s, MONO_NEVER);
	s->change = CHANGE_NONE;
}

static void reject(struct session *s, unsigned status, struct instant now)
{
	int rc = session_refuse(s, status, NULL, now);

	(void)rc; /* it was withdrawn */
	dismiss(s, NULL);
	change_next(s, now);
}

/* 200 with a description of ours that stands when it has been sent. */
static int send_local(struct session *s, struct slice body,
		      struct instant now)
{
	int rc = session_try_local(s, body);

	if (rc == 0)
		rc = sip_session_accept(s->agent->calls, s->sip, body, NULL,
					now);
	return rc;
}

static void accept(struct session *s, struct instant now)
{
	struct slice body;
	int rc = session_answer(s, &body);

	if (rc == 0)
		rc = send_local(s, body, now);
	if (rc) {
		session_undo_local(s);
		reject(s, rc == -ENOTSUP ? 488 : 500, now);
		return;
	}
	session_took_local(s);
	session_settle(s);
	agent_wait(s, MONO_NEVER);
	s->hold_agreed = s->hold; /* the answer says it, too */
	s->change = CHANGE_NONE;
}

/* The peer wants us to offer: all that there is, in the 200. */
static void offer_back(struct session *s, struct instant now)
{
	struct slice body;
	int rc = session_offer(s, false, &body);

	if (rc == 0)
		rc = send_local(s, body, now);
	if (rc) {
		session_undo_local(s);
		reject(s, 500, now);
		return;
	}
	session_took_local(s); /* it cannot be refused any more */
	s->hold_sent = s->hold;
	s->change = CHANGE_ACCEPTED;
}

static bool any_proposed(const struct session *s)
{
	for (struct list *n = s->nego.lines.next; n != &s->nego.lines;
	     n = n->next)
		if (stream_of(n)->line.state ==
		    STREAM_PROPOSED)
			return true;
	return false;
}

/* Its names are looked up.  What it adds is the application's to take. */
static void offer_read(struct session *s, struct instant now)
{
	if (!any_proposed(s)) {
		accept(s, now);
		return;
	}
	s->change = CHANGE_ASKED;
	agent_wait(s, session_ring_end(s, now));
	agent_touch(s, TELL_PROPOSED);
}

static void offered(struct session *s, const struct sip_session_event *ev,
		    struct instant now)
{
	int rc;

	if (s->change == CHANGE_LOCATING) { /* an answer comes first */
		rc = session_refuse(s, 491, NULL, now);
		(void)rc; /* it was withdrawn */
		return;
	}
	/* Ours got a 491, and waits; or its sockets are not there yet. */
	if (s->change == CHANGE_SENT || s->change == CHANGE_OPENING)
		change_postpone(s);
	if (ev->role != SIP_OA_OFFER) {
		offer_back(s, now);
		return;
	}
	rc = session_keep_remote(s, ev->body);
	if (rc == 0)
		rc = session_read_offer(s);
	if (rc >= 0)
		rc = session_locate(s, LATE_OFFERED, now);
	if (rc < 0)
		reject(s, rc == -ENOMEM ? 500 : 488, now);
	else if (rc == 0)
		offer_read(s, now);
	else
		s->change = CHANGE_LOCATING;
}

static void withdrawn(struct session *s, struct instant now)
{
	dismiss(s, "the peer took it back");
	change_next(s, now);
}

/* The application did not answer what the peer proposed; or the peer did not,
 * where we are now. */
void change_on_wait(struct session *s, struct instant now)
{
	if (s->change == CHANGE_ASKED)
		reject(s, 480, now);
	else if (s->moving && s->change == CHANGE_NONE) {
		s->again = true;
		change_next(s, now);
	}
}

static void acked(struct session *s, const struct sip_session_event *ev,
		  struct instant now)
{
	int rc = 0;

	if (s->change == CHANGE_ACCEPTED) {
		s->change = CHANGE_NONE;
		rc = answer_came(s, ev, LATE_TOOK, now);
		if (rc > 0 || !agreed(s, rc, now))
			return;
	}
	change_next(s, now);
}

void change_located(struct session *s, enum session_late late,
		    struct instant now)
{
	if (late == LATE_OFFERED)
		offer_read(s, now);
	else if (late == LATE_CHANGED)
		changed_well(s, 0, now);
	else if (late == LATE_TOOK && agreed(s, 0, now))
		change_next(s, now);
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
		if (s->change == CHANGE_SENT)
			change_postpone(s);
		change_next(s, now);
		break;
	case SIP_SESSION_ACKED:
		acked(s, ev, now);
		break;
	case SIP_SESSION_INCOMING:
	case SIP_SESSION_COMPOSE:
	case SIP_SESSION_PROGRESS:
	case SIP_SESSION_ANSWERED:
	case SIP_SESSION_CHALLENGE:
	case SIP_SESSION_LEG_GONE:
	case SIP_SESSION_REFUSED:
	case SIP_SESSION_BROKEN:
	case SIP_SESSION_ENDED:
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
	if (s->composing && !err) {
		s->change = CHANGE_SENT;
		compose(s, now);
		return;
	}
	s->change = CHANGE_NONE;
	if (s->composing) { /* no port there: in a while, perhaps */
		s->composing = false;
		(void)!sip_session_withdraw(s->agent->calls, s->sip, now);
		session_moved(s, false, now);
		return;
	}
	if (err || reinvite(s, now)) {
		undo(s, "no port for media");
		told_outcome(s, 500, S("no port for media"));
		change_next(s, now);
	}
}

/* -------------------------------------------- what the application asks */
/* NULL: it is not up, and rc says so. */
static struct session *running(struct agent *a, uint32_t id, int *rc)
{
	struct session *s = session_alive(a, id, rc);

	if (s && !s->answered)
		*rc = agent_fail(a, -EINPROGRESS, "the session is not up",
				 S(""));
	return *rc ? NULL : s;
}

int agent_hold(struct agent *a, uint32_t session, bool hold,
	       struct instant now)
{
	int rc;
	struct session *s = running(a, session, &rc);

	if (!s || s->hold == hold)
		return rc;
	s->hold = hold;
	s->silent = false;
	rc = change_send(s, now);
	if (rc)
		s->hold = !hold;
	return rc ? agent_fail(a, rc, "cannot propose", S("")) : 0;
}

int agent_stream_add(struct agent *a, uint32_t session,
		     enum parley_media media, uint32_t *stream)
{
	const struct stream_kind *k = stream_kind_find(media);
	struct stream *st;
	int rc;
	struct session *s = running(a, session, &rc);

	if (!s)
		return rc;
	if (!k)
		return agent_fail(a, -ENOTSUP, "left out of this build",
				  S(""));
	if (s->change == CHANGE_OPENING || s->change == CHANGE_SENT)
		return agent_fail(a, -EALREADY, "a proposal is under way",
				  S(""));
	if (agent_streams(a, session, NULL, 0) >= LIMIT_SDP_MEDIA)
		return agent_fail(a, -EINVAL, "too many streams", S(""));
	st = session_stream_add(s, k, STREAM_ADDING);
	if (!st)
		return agent_fail(a, -ENOMEM, "out of memory", S(""));
	st->line.draft = true;
	*stream = st->id;
	return 0;
}

int agent_stream_remove(struct agent *a, uint32_t stream)
{
	struct stream *st = agent_stream(a, stream);
	struct session *s;
	int rc;

	if (!st || st->line.state == STREAM_GONE)
		return agent_fail(a, -ENOENT, "no such stream", S(""));
	s = running(a, st->session->id, &rc);
	if (!s)
		return rc;
	if (s->change == CHANGE_OPENING || s->change == CHANGE_SENT ||
	    st->line.state == STREAM_PROPOSED)
		return agent_fail(a, -EALREADY, "a proposal is under way",
				  S(""));
	if (st->line.state == STREAM_ADDING) {
		stream_gone(st, "removed"); /* it was never agreed on */
		return 0;
	}
	if (!st->line.removing) /* else in a draft, or in what is tried again */
		st->line.draft = true;
	st->line.removing = true;
	return 0;
}

int agent_propose(struct agent *a, uint32_t session, struct instant now)
{
	int rc;
	struct session *s = running(a, session, &rc);

	if (!s)
		return rc;
	if (s->change == CHANGE_OPENING || s->change == CHANGE_SENT)
		return agent_fail(a, -EALREADY, "a proposal is under way",
				  S(""));
	if (settle_drafts(s) == 0)
		return agent_fail(a, -EALREADY, "nothing to propose",
				  S(""));
	s->silent = false;
	rc = change_send(s, now);
	if (rc)
		undo(s, "out of resources");
	return rc ? agent_fail(a, rc, "cannot propose", S("")) : 0;
}

int agent_propose_cancel(struct agent *a, uint32_t session,
			 struct instant now)
{
	int rc;
	struct session *s = running(a, session, &rc);

	if (!s)
		return rc;
	if (s->change == CHANGE_SENT || s->composing) {
		s->composing = false;
		s->change = CHANGE_SENT;
		rc = sip_session_withdraw(a->calls, s->sip, now);
		return rc ? agent_fail(a, rc, "too late", S("")) : 0;
	}
	if (s->change != CHANGE_OPENING && !s->again)
		return agent_fail(a, -EALREADY, "no proposal is under way",
				  S(""));
	s->again = false;
	s->hold = s->hold_agreed;
	if (s->change == CHANGE_OPENING)
		s->change = CHANGE_NONE;
	undo(s, "cancelled");
	told_outcome(s, 487, S("cancelled"));
	return 0;
}

int agent_proposal_accept(struct agent *a, uint32_t session,
			  const uint32_t *streams, size_t n,
			  struct instant now)
{
	int rc;
	struct session *s = running(a, session, &rc);

	if (!s)
		return rc;
	if (s->change != CHANGE_ASKED)
		return agent_fail(a, -EALREADY, "no proposal to answer",
				  S(""));
	if (session_choose(s, streams, n) < 0)
		return agent_fail(a, -ENOENT, "no such stream", S(""));
	s->change = CHANGE_ACCEPTING;
	agent_wait(s, MONO_NEVER);
	session_open_streams(s);
	if (!session_opening(s))
		accept(s, now);
	return 0;
}

int agent_proposal_reject(struct agent *a, uint32_t session,
			  struct instant now)
{
	int rc;
	struct session *s = running(a, session, &rc);

	if (!s)
		return rc;
	if (s->change != CHANGE_ASKED)
		return agent_fail(a, -EALREADY, "no proposal to answer",
				  S(""));
	reject(s, 488, now);
	return 0;
}
