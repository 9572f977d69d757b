/* SPDX-License-Identifier: BSD-2-Clause
 * client/session_callee.c - being called: who gets in, and what the application
 * answers. */
#include "client/agent_priv.h"

/* For want of room (503, 21.5.4) with one datagram and no state: that many ask
 * is why there is none. */
static void callee_refuse(struct agent *a, const struct sip_session_event *ev,
			  unsigned status, struct instant now)
{
	struct sip_msg *msg = sip_core_draft(a->core);
	char text[12];
	struct writer w = writer_begin(text, sizeof(text));
	int rc = -EAGAIN;

	sip_msg_response(msg, status, S(""));
	if (status == 503 && room_retry_after(a, msg, &w) == 0)
		rc = sip_session_reject_stateless(a->calls, ev, status, msg,
						  now);
	if (rc)
		rc = sip_session_reject(a->calls, ev->session, status, S(""),
					msg, now);
	if (rc)
		sip_session_abandon(a->calls, ev->session, now);
}

/* The application never sees a call that comes to nothing at once: it is told
 * who that was. */
static void tell_refused(struct agent *a, struct slice from, unsigned status,
			 const char *why)
{
	char line[sizeof(a->event_text[0])];
	struct news n = { .kind = PARLEY_EV_REFUSED, .code = (int16_t)status,
			  .why = why };
	int rc;

	n.text = slice_of(line, agent_line(line, sizeof(line), from));
	rc = news_add(&a->news, &a->strangers, &n, false);
	if (rc == -ENOMEM) { /* who it was is lost, not that it was */
		n.text = (struct slice){ 0 };
		rc = news_add(&a->news, &a->strangers, &n, false);
	}
	(void)rc; /* a flood within one turn: the caller has its answer */
}

/* The call has its final status: nothing else can be done with it, and SIP
 * tells that it ended, with that code. */
static void refused(struct session *s, unsigned status)
{
	room_leave(s);
	s->state = SESSION_REFUSED;
	s->code = (int16_t)status;
	session_locate_stop(s);
	agent_wait(s, MONO_NEVER);
}

/* For a reason of ours.  Without memory for it now, again in a second. */
void session_turn_away(struct session *s, unsigned status, const char *cause,
		       struct instant now)
{
	int rc = session_refuse(s, status, NULL, now);

	if (s->untold && s->state != SESSION_REFUSED)
		tell_refused(s->agent, slice_of(s->peer, s->peer_n), status,
			     cause);
	refused(s, status);
	s->cause = cause;
	if (rc == -ENOMEM || rc == -EAGAIN)
		agent_wait(s, mono_add(now.m, SEC(1)));
	/* Else it is over already, and SIP says of what. */
}

static int incoming_offer(struct session *s,
			  const struct sip_session_event *ev)
{
	int n;

	if (ev->role != SIP_OA_OFFER) { /* ours comes in the 200 */
		s->offerless = true;
		return 0;
	}
	n = session_keep_remote(s, ev->body);
	if (n == 0)
		n = session_read_offer(s);
	return n == 0 ? -ENOTSUP : n < 0 ? n : 0;
}

static struct slice without_tag(struct slice from)
{
	struct sip_name_addr na;
	struct parse_error e;

	if (sip_name_addr_parse(from, &na, &e) == 0)
		from = slice_of(from.p, (size_t)(na.uri.text.p - from.p) +
				na.uri.text.n +
				(na.uri.text.p > from.p &&
				 na.uri.text.p[-1] == '<'));
	return from;
}

static int keep_caller(struct session *s, const struct sip_msg *m)
{
	return session_keep_peer(s, without_tag(sip_msg_get(m, SIP_HDR_FROM)));
}

void session_tell_caller(struct agent *a, const struct sip_msg *m,
			 unsigned status, const char *why)
{
	tell_refused(a, without_tag(sip_msg_get(m, SIP_HDR_FROM)), status, why);
}

static void refuse_call(struct agent *a, const struct sip_session_event *ev,
			unsigned status, struct instant now)
{
	callee_refuse(a, ev, status, now);
	session_tell_caller(a, ev->msg, status, NULL);
}

/* The application hears of it. */
static void ring(struct session *s, struct instant now)
{
	s->state = SESSION_INCOMING;
	s->untold = false;
	agent_wait(s, session_ring_end(s, now));
	agent_touch(s, TELL_INCOMING);
}

void session_incoming_located(struct session *s, struct instant now)
{
	if (session_takes_any(s)) /* the others are refused in place */
		ring(s, now);
	else
		session_turn_away(s, 488, s->nego.warn_text, now);
}

/* 1: once the names are found; else a negative errno: it is refused. */
static int incoming_begin(struct session *s, const struct sip_session_event *ev,
			  struct instant now)
{
	int rc;

	s->sip = ev->session;
	s->state = SESSION_LOCATING;
	s->untold = true;
	s->here = ev->path.local;
	s->here.port = 0;
	s->hop = s->there = ev->path.remote;
	s->via = ev->path.transport;
	s->via_port = sip_core_shown_at(s->agent->core, s->via,
					&ev->path.local).port;
	rc = incoming_offer(s, ev);
	if (rc == 0)
		rc = keep_caller(s, ev->msg);
	if (rc == 0)
		rc = said_keep(s->agent->mem, ev->msg, &s->said);
	if (rc || s->offerless)
		return rc;
	rc = session_locate(s, LATE_INCOMING, now);
	return rc == 0 && !session_takes_any(s) ? -ENOTSUP : rc;
}

/* Before anything is answered: our Contact, if the plain one will not do. */
static int show_contact(struct session *s, const struct sip_session_event *ev,
			struct instant now)
{
	struct agent *a = s->agent;
	struct writer w = agent_part(a, PART_CONTACT);
	struct addr shown = sip_core_shown_at(a->core, ev->path.transport,
					      &ev->path.local);

	if (ev->uri->scheme == SIP_SCHEME_SIPS ||
	    !account_contact(s->account, &shown, ev->path.transport, now, &w))
		return 0;
	return writer_end(&w) < 0 ? -ENOSPC :
	       sip_session_set_contact(a->calls, ev->session,
				       writer_done(&w));
}

void session_incoming(struct agent *a, const struct sip_session_event *ev,
		      struct instant now)
{
	struct account *acc = account_of_request(a, ev->msg, ev->uri,
						 now);
	struct session *s;
	int rc;

	if (ev->uri->scheme == SIP_SCHEME_OTHER) { /* 8.2.2.1 */
		refuse_call(a, ev, 416, now);
		return;
	}
	if (!acc) {
		refuse_call(a, ev, 404, now);
		return;
	}
	if (a->shutting || room_lacks(a, &ev->path.remote, now)) {
		refuse_call(a, ev, a->shutting ? 480 : 503, now);
		return;
	}
	if (acc->calls >= settings_int(&acc->settings, SET_CALLS_MAX)) {
		refuse_call(a, ev, 486, now);
		return;
	}
	s = session_new(a, acc, true, now);
	if (!s || sip_session_set_tag(a->calls, ev->session, s->id) ||
	    show_contact(s, ev, now)) {
		refuse_call(a, ev, 500, now);
		if (s)
			session_free(s);
		return;
	}
	rc = incoming_begin(s, ev, now);
	if (rc < 0) {
		unsigned status = rc == -ENOMEM ? 500 :
				  rc == -EBADMSG ? 400 : 488;

		if (session_refuse(s, status, NULL, now))
			sip_session_abandon(a->calls, ev->session, now);
		session_tell_caller(a, ev->msg, status,
				    status == 488 ? s->nego.warn_text : NULL);
		s->sip = 0;
		session_free(s);
	} else if (rc == 0) {
		ring(s, now);
	} /* else session_located */
}

static int send_accept(struct session *s, struct instant now)
{
	struct agent *a = s->agent;
	struct slice body;
	int rc = s->offerless ? session_offer(s, true, &body) :
				session_answer(s, &body);

	if (rc == 0)
		rc = session_keep_local(s, body);
	if (rc == 0)
		rc = sip_session_accept(a->calls, s->sip, body, NULL, now);
	if (rc)
		return rc;
	s->state = SESSION_ACCEPTED;
	s->answered = true;
	s->up = now.m;
	s->code = 200;
	if (!s->offerless)
		session_settle(s);
	agent_touch(s, TELL_ANSWERED);
	return 0;
}

/* Nothing could be done with it: the peer is told. */
static void accept_failed(struct session *s, int rc, struct instant now)
{
	/* 21.5.4: no port, no memory now; there may be later. */
	session_turn_away(s, rc == -ENOTSUP ? 488 : 503, rc == -ENOTSUP ?
		  "no stream in common" : "out of resources", now);
}

void session_accept_opened(struct session *s, int err, struct instant now)
{
	int rc = err ? err : send_accept(s, now);

	if (rc)
		accept_failed(s, rc, now);
}

/* -------------------------------------------- what the application asks */
int agent_ring(struct agent *a, uint32_t session, struct instant now)
{
	int rc;
	struct session *s = session_alive(a, session, &rc);

	if (!s)
		return rc;
	if (s->state != SESSION_INCOMING)
		return agent_fail(a, -EALREADY, "not ringing", S(""));
	rc = sip_session_ring(a->calls, s->sip, 180, S(""), NULL, now);
	return rc ? agent_fail(a, rc, "cannot ring", S("")) : 0;
}

int agent_accept(struct agent *a, uint32_t session, const uint32_t *streams,
		 size_t n, struct instant now)
{
	int rc;
	struct session *s = session_alive(a, session, &rc);

	if (!s)
		return rc;
	if (s->state != SESSION_INCOMING)
		return agent_fail(a, -EALREADY, "not ringing", S(""));
	if (!room_for_answer(a, &s->there)) {
		session_turn_away(s, 503, "too many calls without ACK", now);
		return 0;
	}
	if (s->offerless) {
		const struct stream_kind *k = stream_kind_find(PARLEY_AUDIO);

		if (list_empty(&s->nego.lines) &&
		    (!k || !session_stream_add(s, k, STREAM_ADDING)))
			return agent_fail(a, -ENOMEM, "out of memory", S(""));
	} else if (session_choose(s, streams, n) < 0) {
		return agent_fail(a, -ENOENT, "no such stream", S(""));
	}
	room_take(s);
	s->state = SESSION_ACCEPTING;
	agent_wait(s, MONO_NEVER);
	session_open_streams(s);
	if (!session_opening(s))
		session_on_opened(s, 0, now);
	return 0;
}

int agent_reject(struct agent *a, uint32_t session, int code,
		 struct slice contact, struct instant now)
{
	int rc;
	struct session *s = session_alive(a, session, &rc);
	struct sip_msg *msg = sip_core_draft(a->core);
	char text[300];
	struct writer w = writer_begin(text, sizeof(text));

	if (!s)
		return rc;
	if (s->state != SESSION_INCOMING)
		return agent_fail(a, -EALREADY, "not ringing", S(""));
	if (code < 300 || code > 699)
		return agent_fail(a, -EINVAL, "300 to 699 wanted", S(""));
	sip_msg_response(msg, (unsigned)code, S(""));
	if (contact.n) {
		struct sip_uri u;
		struct parse_error e;

		writer_char(&w, '<');
		writer_put(&w, contact);
		writer_char(&w, '>');
		if (sip_uri_parse(contact, &u, &e) || writer_end(&w) < 0 ||
		    sip_msg_add(msg, SIP_HDR_CONTACT, writer_done(&w)))
			return agent_fail(a, -EBADMSG, "not a URI: ", contact);
	}
	rc = session_refuse(s, (unsigned)code, msg, now);
	if (rc)
		return agent_fail(a, rc, "cannot reject", S(""));
	refused(s, (unsigned)code);
	return 0;
}
