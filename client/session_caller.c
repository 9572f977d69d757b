/* SPDX-License-Identifier: BSD-2-Clause
 * client/session_caller.c - calling: from a URI as people write it to the
 * INVITE.  What comes of it is session.c. */
#include "client/agent_priv.h"

static int send_invite(struct session *s, struct instant now)
{
	struct agent *a = s->agent;
	struct account *acc = s->account;
	struct parse_error e;
	struct sip_uri target;
	struct writer w = agent_part(a, PART_CONTACT);
	struct writer f = agent_part(a, PART_FROM);
	struct writer p = agent_part(a, PART_ROUTE);
	struct sip_msg *extra = sip_core_draft(a->core);
	struct sip_call call = { .tag = s->id, .target = slice_str(s->target),
				 .extra = extra };
	int rc = sip_uri_parse(call.target, &target, &e);

	if (rc == 0)
		rc = extra_fields(s->extra, extra);
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
	if (rc == 0 && session_keep_peer(s, slice_str(target)))
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

void session_call_opened(struct session *s, int err, struct instant now)
{
	int rc = err ? err : send_invite(s, now);

	if (rc)
		session_over(s, PARLEY_FAILED, 0, slice_str(err ?
			     "no port for media" : why_not_sent(rc)), false,
			     now);
}
