/* SPDX-License-Identifier: BSD-2-Clause
 * client/session_caller.c - calling: from a URI as people write it to the
 * INVITE.  What comes of it is session.c. */
#include "client/agent_priv.h"

/* All that are called for it together get the time of one. */
static uint32_t ring_time(const struct session *s, struct instant now)
{
	int64_t most = settings_int(&s->account->settings, SET_RING_TIMEOUT);
	int64_t left = most - (now.m - s->begun) / SEC(1);

	return (uint32_t)(!most ? 0 : left > 0 ? left : 1);
}

/* Begins: where it goes is looked up, and then it is to be written. */
static int caller_begin(struct session *s, const char *uri, struct instant now)
{
	struct agent *a = s->agent;
	struct account *acc = s->account;
	struct parse_error e;
	struct sip_uri target;
	struct writer f = agent_part(a, PART_FROM);
	struct writer p = agent_part(a, PART_ROUTE);
	struct sip_call call = { .tag = s->id, .target = slice_str(uri),
				 .compose = true };
	int rc = sip_uri_parse(call.target, &target, &e);

	if (rc)
		return rc;
	account_caller(acc, &f);
	call.from = writer_done(&f);
	account_route(acc, now, &p);
	call.routes = writer_done(&p);
	call.transport = account_transport(acc, &target);
	call.identity = account_identity(acc);
	call.expires = ring_time(s, now);
	if (s->redirect) /* RFC 3261 8.1.3.4: To stays */
		call.to = slice_str(s->redirect->to);
	return sip_session_invite(a->calls, &call, now, &s->sip);
}

/* Contact and description are of the address that it goes out from. */
static int send_invite(struct session *s, struct instant now)
{
	struct agent *a = s->agent;
	struct writer w = agent_part(a, PART_CONTACT);
	struct writer p = agent_part(a, PART_FROM);
	struct sip_msg *extra = sip_core_draft(a->core);
	struct addr shows = s->here;
	struct slice offer;
	int rc = extra_fields(s->extra, extra);

	if (rc == 0)
		rc = account_privacy(s->account, now, extra, &p);
	if (rc == 0)
		rc = session_offer(s, true, &offer);
	if (rc == 0)
		rc = session_keep_local(s, offer);
	if (rc)
		return rc;
	shows.port = s->via_port;
	(void)account_contact(s->account, &shows, s->via, now, &w);
	rc = writer_end(&w) < 0 ? -ENOSPC :
	     sip_session_compose(a->calls, s->sip, writer_done(&w), offer,
				 extra, now);
	if (rc == 0)
		s->state = SESSION_CALLING;
	return rc;
}

static const char *why_not_sent(int rc)
{
	return rc == -EINVAL || rc == -EBADMSG || rc == -E2BIG ?
	       "the URI cannot be called" :
	       rc == -EADDRNOTAVAIL ? "no transport of ours reaches it" :
	       rc == -ENOENT ? "no codec is left" : "out of resources";
}

/* It has not gone out: nobody need be told but the application. */
static void caller_give_up(struct session *s, const char *why,
			   struct instant now)
{
	int rc = s->sip ? sip_session_hangup(s->agent->calls, s->sip, NULL,
					     now) : 0;

	(void)rc; /* over in any case */
	session_over(s, PARLEY_FAILED, 0, slice_str(why), false, now);
}

static void not_sent(struct session *s, int rc, struct instant now)
{
	if (rc)
		caller_give_up(s, why_not_sent(rc), now);
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
	       const struct parley_call_options *o, struct instant now,
	       uint32_t *session)
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
	rc = add_streams(s, o->media, o->media_n);
	if (rc == 0)
		rc = add_headers(s, o->headers, o->headers_n);
	if (rc == 0 && session_keep_peer(s, slice_str(target)))
		rc = agent_fail(a, -ENOMEM, "out of memory", S(""));
	if (rc == 0) {
		*session = s->id;
		not_sent(s, caller_begin(s, target, now), now);
	} else {
		session_free(s);
	}
	mem_free(a->mem, target);
	return rc;
}

/* Nothing of it has gone out yet, as it were. */
static void start_over(struct session *s)
{
	s->sip = 0;
	s->leg = 0;
	s->code = 0;
	s->moving = false;
	session_forget_legs(s);
	session_reopen_streams(s, true);
	s->state = SESSION_OPENING;
	s->here = (struct addr){ 0 };
}

void session_call_again(struct session *s, struct instant now)
{
	char *uri = s->peer ? mem_new(s->agent->mem, s->peer_n + 1u) : NULL;

	if (!uri)
		return; /* no memory: as if nobody answered */
	memcpy(uri, s->peer, s->peer_n);
	sip_session_leave(s->agent->calls, s->sip, now);
	start_over(s);
	not_sent(s, caller_begin(s, uri, now), now);
	mem_free(s->agent->mem, uri);
}

/* ------------------------------------------------------------ redirection */
void session_forget_redirect(struct session *s)
{
	if (s->redirect)
		redirect_fini(s->redirect, s->agent->mem);
	mem_free(s->agent->mem, s->redirect);
	s->redirect = NULL;
}

static void tell_redirected(struct session *s, unsigned status)
{
	char line[sizeof(s->agent->event_text[0])];
	struct news n = { .kind = PARLEY_EV_REDIRECTED, .session = s->id,
			  .code = (int16_t)status };
	int rc;

	n.text = slice_of(line, agent_line(line, sizeof(line),
					   slice_of(s->peer, s->peer_n)));
	rc = news_add(&s->agent->news, &s->news, &n, true);
	(void)rc; /* no memory: the events that follow name it */
	agent_touch(s, 0);
}

/* What it said is kept for the application, and what it named to be called. */
static void take_refusal(struct session *s, const struct sip_msg *m,
			 unsigned most)
{
	struct mem *mem = s->agent->mem;
	int rc;

	mem_free(mem, s->said);
	s->said = NULL;
	if (!m || said_keep(mem, m, &s->said) || !most ||
	    !redirect_names(m->status))
		return;
	if (!s->redirect)
		s->redirect = mem_new(mem, sizeof(*s->redirect));
	if (!s->redirect)
		return;
	rc = redirect_take(s->redirect, mem, slice_of(s->peer, s->peer_n),
			   s->said);
	if (rc && !s->redirect->to)
		session_forget_redirect(s);
}

/* The next of them that can be called at all. */
static bool call_next(struct session *s, unsigned status, unsigned most,
		      struct instant now)
{
	const char *uri;

	while ((uri = redirect_next(s->redirect, most)) != NULL) {
		if (session_keep_peer(s, slice_str(uri)))
			return false;
		start_over(s);
		s->early = false;
		s->redirected = true;
		if (caller_begin(s, uri, now) == 0) {
			tell_redirected(s, status);
			return true;
		}
	}
	return false;
}

/* RFC 3261 8.1.3.4: one after the other, until one answers, or says that nobody
 * will anywhere (21.6). */
bool session_redirect(struct session *s, const struct sip_session_event *ev,
		      struct instant now)
{
	const struct settings *set = &s->account->settings;
	unsigned most = (unsigned)settings_int(set, SET_REDIRECTS);

	take_refusal(s, ev->msg && ev->msg->status >= 300 ? ev->msg : NULL,
		     most);
	if (!s->redirect || s->ending || s->cause || ev->status >= 600 ||
	    ev->end == SIP_END_EXPIRED)
		return false;
	return call_next(s, ev->status, most, now);
}

void session_call_compose(struct session *s, const struct sip_path *path,
			  struct instant now)
{
	if (s->ending || s->state > SESSION_CALLING)
		return;
	session_reopen_streams(s, !addr_same_ip(&s->here, &path->local));
	s->state = SESSION_OPENING;
	s->here = path->local;
	s->here.port = 0;
	s->hop = path->remote;
	s->via = path->transport;
	s->via_port = path->local.port;
	session_open_streams(s);
	if (!session_opening(s))
		session_on_opened(s, 0, now);
}

void session_call_opened(struct session *s, int err, struct instant now)
{
	if (err)
		caller_give_up(s, "no port for media", now);
	else
		not_sent(s, send_invite(s, now), now);
}
