/* SPDX-License-Identifier: BSD-2-Clause
 * client/session.c - a session from its first message to its last: calling,
 * being called, and what the application is told.  Changes of a running
 * session are session_change.c, descriptions session_sdp.c. */
#include "client/agent_priv.h"

/* -------------------------------------------------------------- streams */
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
	st->pending = why ? STREAM_ENDED | STREAM_CLOSE : STREAM_CLOSE;
	agent_touch(st->session, TELL_STREAMS);
}

/* Is it to get sockets, and has none? */
static bool is_due(const struct stream *st)
{
	return !st->rtp.family &&
	       ((st->state == STREAM_ADDING && !st->draft) ||
		(st->state == STREAM_PROPOSED && st->chosen));
}

/* The place of the i-th stream at a media engine elsewhere. */
static bool external_at(const struct session *s, unsigned i, struct stream *st)
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

		if (!is_due(st) || external_at(s, i, st))
			continue;
		st->pending |= STREAM_OPEN;
		agent_touch(s, TELL_STREAMS);
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

/* ----------------------------------------------------------------- life */
static struct session *session_new(struct agent *a, struct account *acc,
				   bool incoming, struct instant now)
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
	s->origin = (uint64_t)drbg_u32(&a->drbg) << 20 ^ drbg_u32(&a->drbg);
	list_init(&s->streams);
	htab_add(&a->sessions, &s->node,
		 htab_hash(&a->sessions, slice_of(&s->id, sizeof(s->id))));
	a->session_count++;
	acc->calls++;
	return s;
}

void session_free(struct session *s)
{
	struct agent *a = s->agent;

	while (!list_empty(&s->streams))
		stream_free(CONTAINER(s->streams.next, struct stream, link));
	list_remove(&s->link);
	list_remove(&s->waiting);
	htab_remove(&a->sessions, &s->node);
	mem_free(a->mem, s->said);
	s->account->calls--;
	a->session_count--;
	mem_free(a->mem, s->local);
	mem_free(a->mem, s->remote);
	mem_free(a->mem, s->agreed);
	mem_free(a->mem, s->peer);
	mem_free(a->mem, s->target);
	mem_free(a->mem, s->extra);
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
	s->pending &= TELL_INCOMING | TELL_ANSWERED;
	agent_touch(s, s->untold ? TELL_CLOSED : TELL_ENDED | TELL_CLOSED);
}

static int keep_peer(struct session *s, struct slice peer)
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
	for (struct list *n = s->streams.next; n != &s->streams; n = n->next) {
		struct stream *st = CONTAINER(n, struct stream, link);

		st->pending &= (uint16_t)~(STREAM_START | STREAM_STARTED);
		if (st->opened)
			st->pending |= STREAM_STOP;
	}
	agent_touch(s, TELL_STREAMS);
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
	if (rc)
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
	for (struct list *n = s->streams.next; n != &s->streams; n = n->next) {
		const struct stream *st = CONTAINER(n, struct stream, link);

		if (st->state == STREAM_UP && st->heard && !st->held &&
		    (st->dir & SDP_RECVONLY))
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

/* --------------------------------------------------------- as a caller */
static int send_invite(struct session *s, struct instant now)
{
	struct agent *a = s->agent;
	struct account *acc = s->account;
	struct parse_error e;
	struct sip_uri target;
	char contact[AGENT_TEXT], from[AGENT_TEXT], route[AGENT_TEXT];
	struct writer w = writer_begin(contact, sizeof(contact));
	struct writer f = writer_begin(from, sizeof(from));
	struct writer p = writer_begin(route, sizeof(route));
	struct sip_msg extra;
	struct sip_call call = { .tag = s->id, .target = slice_str(s->target),
				 .extra = &extra };
	int rc = sip_uri_parse(call.target, &target, &e);

	if (rc == 0)
		rc = extra_fields(s->extra, &extra);
	if (rc == 0)
		rc = session_offer(s, true, &call.offer);
	if (rc == 0)
		rc = session_keep_local(s, call.offer);
	if (rc == 0)
		rc = account_contact(a, acc, &target, &s->here, &w);
	if (rc)
		return rc;
	account_from(acc, &f);
	call.from = writer_done(&f);
	call.contact = writer_done(&w);
	account_route(acc, &p);
	call.routes = writer_done(&p);
	call.transport = account_transport(acc, &target);
	call.expires = (uint32_t)settings_int(&acc->settings, SET_RING_TIMEOUT);
	rc = sip_session_invite(a->calls, &call, now, &s->sip);
	if (rc == 0) {
		s->state = SESSION_CALLING;
		mem_free(a->mem, s->target);
		s->target = NULL;
		mem_free(a->mem, s->extra);
		s->extra = NULL;
	}
	return rc;
}

static const char *why_not_sent(int rc)
{
	return rc == -EINVAL || rc == -EBADMSG || rc == -E2BIG ?
	       "the URI cannot be called" :
	       rc == -EADDRNOTAVAIL ? "no transport of ours reaches it" :
	       rc == -ENOENT ? "no codec is left" : "out of resources";
}

static int complete_uri(struct agent *a, const struct account *acc,
			struct slice uri, char **out)
{
	size_t room = uri.n + acc->who.uri.host.n + 16;
	struct writer w;
	struct sip_uri u;
	struct parse_error e;
	char *text = mem_new(a->mem, room);

	if (!text)
		return agent_fail(a, -ENOMEM, "out of memory", S(""));
	w = writer_begin(text, room - 1);
	account_complete(acc, uri, &w);
	if (sip_uri_parse(writer_done(&w), &u, &e) ||
	    (u.scheme != SIP_SCHEME_SIP && u.scheme != SIP_SCHEME_SIPS)) {
		mem_free(a->mem, text);
		return agent_fail(a, -EBADMSG, "not a SIP URI: ", uri);
	}
	/* Headers may be asked for, and are honoured one by one: none are
	 * here.  No Request-URI has them (RFC 3261 19.1.5, 19.1.1). */
	if (u.headers.n)
		text[(size_t)(u.headers.p - text) - 1] = '\0';
	*out = text;
	return 0;
}

static int add_streams(struct session *s, const enum parley_media *media,
		       size_t n)
{
	static const enum parley_media audio[] = { PARLEY_AUDIO };

	if (n == 0) {
		media = audio;
		n = 1;
	}
	if (n > LIMIT_SDP_MEDIA)
		return agent_fail(s->agent, -EINVAL, "too many streams",
				  S(""));
	for (size_t i = 0; i < n; i++) {
		const struct stream_kind *k = stream_kind_find(media[i]);

		if (!k)
			return agent_fail(s->agent, -ENOTSUP,
					  "left out of this build", S(""));
		if (!session_stream_add(s, k, STREAM_ADDING))
			return agent_fail(s->agent, -ENOMEM, "out of memory",
					  S(""));
	}
	return 0;
}

static int add_headers(struct session *s, const struct parley_header *h,
		       size_t n)
{
	const char *why;
	int rc = extra_keep(s->agent->mem, h, n, &s->extra, &why);

	return rc ? agent_fail(s->agent, rc, why, S("")) : 0;
}

int agent_call(struct agent *a, uint32_t account, struct slice uri,
	       const struct parley_call_options *o, const struct addr *here,
	       struct instant now, uint32_t *session)
{
	static const struct parley_call_options plain = { 0 };
	struct account *acc = account_find(a, account);
	struct session *s;
	char *target = NULL;
	int rc;

	o = o ? o : &plain;
	if (!acc)
		return agent_fail(a, -ENOENT, "no such account", S(""));
	if (a->shutting)
		return agent_fail(a, -EALREADY, "shutting down", S(""));
	rc = complete_uri(a, acc, uri, &target);
	if (rc)
		return rc;
	s = session_new(a, acc, false, now);
	if (!s) {
		mem_free(a->mem, target);
		return agent_fail(a, -ENOMEM, "out of memory", S(""));
	}
	s->target = target;
	if (here)
		s->here = *here;
	rc = add_streams(s, o->media, o->media_n);
	if (rc == 0)
		rc = add_headers(s, o->headers, o->headers_n);
	if (rc == 0 && keep_peer(s, slice_str(target)))
		rc = agent_fail(a, -ENOMEM, "out of memory", S(""));
	if (rc) {
		session_free(s);
		return rc;
	}
	*session = s->id;
	session_open_streams(s);
	if (!session_opening(s))
		session_on_opened(s, 0, now);
	return 0;
}

/* --------------------------------------------------------- as a callee */
/* For want of room (503, 21.5.4) with one datagram and no state: that many ask
 * is why there is none. */
static void refuse(struct agent *a, const struct sip_session_event *ev,
		   unsigned status, struct instant now)
{
	struct sip_msg msg;
	char text[12];
	struct writer w = writer_begin(text, sizeof(text));
	int rc = -EAGAIN;

	sip_msg_response(&msg, status, S(""));
	if (status == 503 && room_retry_after(a, &msg, &w) == 0)
		rc = sip_session_reject_stateless(a->calls, ev, status, &msg,
						  now);
	if (rc)
		rc = sip_session_reject(a->calls, ev->session, status, S(""),
					&msg, now);
	(void)rc; /* it is over already */
}

/* The application never sees a call that comes to nothing at once: it is told
 * who that was. */
static void tell_refused(struct agent *a, struct slice from, unsigned status)
{
	struct refusal *r;

	if (a->refusals == REFUSALS)
		return; /* a flood: they are told within the turn */
	r = &a->refusal[(a->refusal_at + a->refusals++) % REFUSALS];
	r->code = (int16_t)status;
	(void)agent_line(r->from, sizeof(r->from), from);
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
static void turn_away(struct session *s, unsigned status, const char *cause,
		      struct instant now)
{
	int rc = session_refuse(s, status, NULL, now);

	if (s->untold && s->state != SESSION_REFUSED)
		tell_refused(s->agent, slice_of(s->peer, s->peer_n), status);
	refused(s, status);
	s->cause = cause;
	if (rc == -ENOMEM || rc == -EAGAIN)
		agent_wait(s, mono_add(now.m, SEC(1)));
	/* Else it is over already, and SIP says of what. */
}

static int incoming_offer(struct session *s,
			  const struct sip_session_event *ev)
{
	bool changes;
	int n;

	if (ev->role != SIP_OA_OFFER) { /* ours comes in the 200 */
		s->offerless = true;
		return 0;
	}
	n = session_keep_remote(s, ev->body);
	if (n == 0)
		n = session_read_offer(s, &changes);
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
	return keep_peer(s, without_tag(sip_msg_get(m, SIP_HDR_FROM)));
}

static void tell_caller(struct agent *a, const struct sip_session_event *ev,
			unsigned status)
{
	tell_refused(a, without_tag(sip_msg_get(ev->msg, SIP_HDR_FROM)),
		     status);
}

static void refuse_call(struct agent *a, const struct sip_session_event *ev,
			unsigned status, struct instant now)
{
	refuse(a, ev, status, now);
	tell_caller(a, ev, status);
}

/* The application hears of it. */
static void ring(struct session *s, struct instant now)
{
	s->state = SESSION_INCOMING;
	s->untold = false;
	agent_wait(s, session_ring_end(s, now));
	agent_touch(s, TELL_INCOMING);
}

static void incoming_located(struct session *s, struct instant now)
{
	if (session_locate_any(s)) { /* the others are refused in place */
		ring(s, now);
		return;
	}
	session_warn(s, 399, "no name in c= is found");
	turn_away(s, 488, s->warn_text, now);
}

static void incoming(struct agent *a, const struct sip_session_event *ev,
		     struct instant now)
{
	struct account *acc = account_of_request(a, ev->msg);
	struct session *s;
	struct sip_uri uri;
	struct parse_error e;
	int rc = sip_uri_parse(ev->msg->uri, &uri, &e);

	if (rc || uri.scheme == SIP_SCHEME_OTHER) { /* 8.2.2.1 */
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
	if (!s || sip_session_set_tag(a->calls, ev->session, s->id)) {
		refuse_call(a, ev, 500, now);
		if (s)
			session_free(s);
		return;
	}
	s->sip = ev->session;
	s->state = SESSION_LOCATING;
	s->untold = true;
	s->here = ev->path.local;
	s->here.port = 0;
	s->there = ev->path.remote;
	rc = incoming_offer(s, ev);
	if (rc == 0)
		rc = keep_caller(s, ev->msg);
	if (rc == 0)
		rc = said_keep(a->mem, ev->msg, &s->said);
	if (rc == 0 && !s->offerless)
		rc = session_locate(s, LATE_INCOMING, now);
	if (rc < 0) {
		unsigned status = rc == -ENOMEM ? 500 :
				  rc == -EBADMSG ? 400 : 488;

		rc = session_refuse(s, status, NULL, now);
		tell_caller(a, ev, status);
		s->sip = 0;
		session_free(s);
	} else if (rc == 0) {
		ring(s, now);
	} /* else session_located */
}

void session_on_wait(struct session *s, struct instant now)
{
	if (s->late)
		session_locate_end(s, now);
	else if (s->state == SESSION_INCOMING)
		turn_away(s, 480, "not answered in time", now);
	else if (s->state == SESSION_REFUSED)
		turn_away(s, (unsigned)s->code, s->cause, now);
	else
		change_on_wait(s, now);
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
	turn_away(s, rc == -ENOTSUP ? 488 : 503, rc == -ENOTSUP ?
		  "no stream in common" : "out of resources", now);
}

static void opened_incoming(struct session *s, int err, struct instant now)
{
	int rc = err ? err : send_accept(s, now);

	if (rc)
		accept_failed(s, rc, now);
}

void session_on_opened(struct session *s, int err, struct instant now)
{
	int rc;

	switch ((enum session_state)s->state) {
	case SESSION_OPENING:
		rc = err ? err : send_invite(s, now);
		if (rc)
			session_over(s, PARLEY_FAILED, 0,
				     slice_str(err ? "no port for media" :
					       why_not_sent(rc)), false, now);
		break;
	case SESSION_ACCEPTING:
		opened_incoming(s, err, now);
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
		turn_away(s, 503, "too many calls without ACK", now);
		return 0;
	}
	if (s->offerless) {
		const struct stream_kind *k = stream_kind_find(PARLEY_AUDIO);

		if (list_empty(&s->streams) &&
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
	struct sip_msg msg;
	char text[300];
	struct writer w = writer_begin(text, sizeof(text));

	if (!s)
		return rc;
	if (s->state != SESSION_INCOMING)
		return agent_fail(a, -EALREADY, "not ringing", S(""));
	if (code < 300 || code > 699)
		return agent_fail(a, -EINVAL, "300 to 699 wanted", S(""));
	sip_msg_response(&msg, (unsigned)code, S(""));
	if (contact.n) {
		struct sip_uri u;
		struct parse_error e;

		writer_char(&w, '<');
		writer_put(&w, contact);
		writer_char(&w, '>');
		if (sip_uri_parse(contact, &u, &e) || writer_end(&w) < 0 ||
		    sip_msg_add(&msg, SIP_HDR_CONTACT, writer_done(&w)))
			return agent_fail(a, -EBADMSG, "not a URI: ", contact);
	}
	rc = session_refuse(s, (unsigned)code, &msg, now);
	if (rc)
		return agent_fail(a, rc, "cannot reject", S(""));
	refused(s, (unsigned)code);
	return 0;
}

int agent_end(struct agent *a, uint32_t session, struct instant now)
{
	int rc;
	struct session *s = session_alive(a, session, &rc);

	if (!s)
		return rc;
	if (s->state == SESSION_INCOMING || s->state == SESSION_ACCEPTING ||
	    s->state == SESSION_LOCATING)
		turn_away(s, 480, NULL, now);
	else
		session_hangup(s, NULL, now);
	return 0;
}

/* ------------------------------------------------------- what SIP tells */
/* Who answers our INVITE got it. */
static void is_there(struct session *s, const struct sip_session_event *ev)
{
	s->there = ev->path.remote;
	s->there_proved = true;
}

static void progress(struct session *s, const struct sip_session_event *ev)
{
	s->code = (int16_t)ev->status;
	(void)agent_line(s->reason, sizeof(s->reason), ev->reason);
	agent_touch(s, TELL_PROGRESS);
	if (!ev->body.n ||
	    (ev->role != SIP_OA_PREVIEW && ev->role != SIP_OA_ANSWER))
		return;
	is_there(s, ev);
	/* A preview that cannot be used is no reason to end the call. */
	if (session_keep_remote(s, ev->body) == 0 &&
	    session_answered(s, true) == 0)
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
		rc = session_answered(s, false);
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

	for (struct list *n = s->streams.next; n != &s->streams; n = n->next)
		if (CONTAINER(n, struct stream, link)->locating)
			return;
	if (late == LATE_NOTHING)
		return;
	s->late = LATE_NOTHING;
	agent_wait(s, MONO_NEVER);
	if (s->ending || s->state == SESSION_OVER)
		return;
	if (late == LATE_INCOMING) {
		incoming_located(s, now);
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
	s->state = SESSION_UP;
	s->answered = true;
	s->up = now.m;
	s->code = (int16_t)ev->status;
	(void)agent_line(s->reason, sizeof(s->reason), ev->reason);
	/* Code and reason of a 1xx that was not told yet are overwritten. */
	s->pending &= (uint16_t)~TELL_PROGRESS;
	agent_touch(s, TELL_ANSWERED);
	is_there(s, ev);
	answer_came(s, ev, LATE_ANSWERED, now);
}

/* The ACK shows our tag, which our 200 told to nobody else. */
static void proved(struct session *s, const struct sip_session_event *ev)
{
	if (!ev->msg || !addr_same_ip(&ev->path.remote, &s->there))
		return;
	s->there_proved = true;
	for (struct list *n = s->streams.next; n != &s->streams; n = n->next)
		CONTAINER(n, struct stream, link)->pending |= STREAM_PROVED;
	agent_touch(s, TELL_STREAMS);
}

static void acked(struct session *s, const struct sip_session_event *ev,
		  struct instant now)
{
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
		incoming(a, ev, now);
		return;
	}
	if (ev->kind == SIP_SESSION_REFUSED) {
		tell_caller(a, ev, ev->status);
		return;
	}
	if (!s || !s->sip)
		return; /* refused before it became a session */
	switch (ev->kind) {
	case SIP_SESSION_INCOMING:
	case SIP_SESSION_REFUSED:
	case SIP_SESSION_LEG_GONE:
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
