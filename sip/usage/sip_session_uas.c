/* SPDX-License-Identifier: BSD-2-Clause
 * Requests that come in, RFC 3261 9.2, 13.3, 14.2 and 15.1.2. */
#include "sip/usage/sip_session_priv.h"

#include "sip/core/sip_reason.h"
#include "sip/hdr/sip_number.h"
#include "sip/msg/sip_body.h"
#include "sip/msg/sip_uri.h"
#include "sip/msg/sip_verdict.h"

/* -------------------------------------------------------------- responses */
int sip_session_respond(struct sip_sessions *s, uint64_t txn,
			const struct sip_leg *leg, unsigned status,
			struct slice reason, struct slice body,
			const struct sip_msg *extra)
{
	char room[SIP_SESSION_ROOM];
	struct writer w = writer_begin(room, sizeof(room));
	struct slice tag = { 0 };
	int rc = 0;

	sip_msg_response(&s->edit, status, reason);
	if (leg && leg->s->winner == leg && status > 100 && status < 300)
		rc = sip_msg_add(&s->edit, SIP_HDR_CONTACT,
				 sip_dialog_text(sip_leg_dialog(leg),
						 SIP_DIALOG_CONTACT));
	if (leg)
		tag = sip_dialog_text(sip_leg_dialog(leg),
				      SIP_DIALOG_LOCAL_TAG);
	if (rc == 0)
		rc = sip_session_dress(s, &s->edit, body, extra, &w);
	return rc < 0 ? rc : sip_core_respond(s->core, txn, &s->edit, tag,
					      s->now);
}

/* To a request that is not going to be handled.  Should there be no memory
 * for it, its repeats will find none either, or be answered then. */
static void callee_refuse(struct sip_sessions *s, const struct sip_event *ev,
			  unsigned status, enum sip_hdr id, struct slice value)
{
	char room[SIP_SESSION_ROOM];
	struct writer w = writer_begin(room, sizeof(room));
	int rc = 0;

	sip_msg_response(&s->edit, status, (struct slice){ 0 });
	if (value.p)
		rc = sip_msg_add(&s->edit, id, value);
	if (rc == 0)
		rc = sip_session_dress(s, &s->edit, (struct slice){ 0 }, NULL,
				       &w);
	if (rc == 0)
		rc = sip_core_respond(s->core, ev->txn, &s->edit,
				      (struct slice){ 0 }, s->now);
	if (rc < 0)
		sip_core_forget(s->core, ev->txn, s->now);
}

/* 14.2: 500 with a Retry-After of 0..10 s; 503 for want of room (21.5.4). */
static void refuse_for_now(struct sip_sessions *s, const struct sip_event *ev,
			   unsigned status)
{
	uint32_t seconds = drbg_below(sip_core_random(s->core), 11);
	char text[12];
	struct writer w = writer_begin(text, sizeof(text));

	writer_u64(&w, seconds);
	callee_refuse(s, ev, status, SIP_HDR_RETRY_AFTER, writer_done(&w));
}

/* -------------------------------------------------------------- what to take
 * The Request-URI has a scheme that is known here, no extension may be
 * required, a body must be a session description unless it may be ignored, and
 * one must be welcome in the answer (sip_verdict.h). */
static void refuse_extensions(struct sip_sessions *s,
			      const struct sip_event *ev)
{
	struct sip_values v = sip_values_begin(ev->msg, SIP_HDR_REQUIRE);
	struct slice value;
	int rc = 0;

	sip_msg_response(&s->extra, 420, (struct slice){ 0 });
	while (rc == 0 && sip_values_next(&v, &value))
		rc = sip_msg_add(&s->extra, SIP_HDR_UNSUPPORTED, value);
	if (sip_session_respond(s, ev->txn, NULL, 420, (struct slice){ 0 },
				(struct slice){ 0 }, &s->extra) < 0)
		sip_core_forget(s->core, ev->txn, s->now);
}

/* SIP_ACCEPT, or what it was answered with. */
static unsigned callee_take(struct sip_sessions *s, const struct sip_event *ev)
{
	static const char *const none[] = { NULL };
	static const struct sip_ua ua = { .schemes = SIP_UA_SCHEMES,
					  .supported = none,
					  .types = sip_body_types };
	struct slice coding = sip_msg_get(ev->msg, SIP_HDR_CONTENT_ENCODING);
	unsigned code = sip_ua_check(ev->msg->method_name, &ua, ev->msg,
				     ev->uri).code;

	if (code == SIP_ACCEPT)
		return code;
	if (code == 420)
		refuse_extensions(s, ev);
	else if (code == 415 && coding.n && !slice_ieq(coding, "identity"))
		callee_refuse(s, ev, code, SIP_HDR_ACCEPT_ENCODING,
			      S("identity"));
	else if (code == 415)
		callee_refuse(s, ev, code, SIP_HDR_ACCEPT, S(SIP_BODY_ACCEPT));
	else
		callee_refuse(s, ev, code, SIP_HDR_OTHER, (struct slice){ 0 });
	return code;
}

/* --------------------------------------------------------- the first INVITE */
/* Who was called, at the address where that works. */
static void own_contact(const struct sip_sessions *s,
			const struct sip_event *ev, struct writer *w)
{
	struct addr shown = sip_core_shown_at(s->core, ev->path.transport,
					      &ev->path.local);

	sip_contact_write(w, ev->uri->scheme == SIP_SCHEME_SIPS, ev->uri->user,
			  &shown, ev->path.transport);
}

static int first_leg(struct sip_session *c, const struct sip_event *ev)
{
	struct sip_sessions *s = c->all;
	struct drbg *random = sip_core_random(s->core);
	char tag[SIP_TAG], contact[SIP_SESSION_ROOM];
	struct writer w = writer_begin(contact, sizeof(contact));
	struct sip_values via = sip_values_begin(ev->msg, SIP_HDR_VIA);
	struct sip_dialog d = { 0 };
	struct parse_error e;
	struct slice value;
	int rc;

	drbg_token(random, tag, sizeof(tag));
	own_contact(s, ev, &w);
	if (w.full)
		return -E2BIG;
	rc = sip_dialog_init_uas(&d, s->mem, ev->msg,
				 slice_of(tag, sizeof(tag)), writer_done(&w),
				 drbg_below(random, 1u << 15),
				 sip_transport_row(ev->path.transport)->secure,
				 &e);
	if (rc < 0)
		return rc;
	c->winner = sip_leg_add(c, &d);
	if (!c->winner)
		return -ENOMEM;
	sip_shared_heard(c->winner->use.on, &ev->path);
	c->winner->use.on->far = sip_values_next(&via, &value) &&
				 sip_values_next(&via, &value);
	return 0;
}

static mono expiry(const struct sip_sessions *s, const struct sip_msg *m)
{
	struct parse_error e;
	uint32_t seconds;

	if (!sip_msg_has(m, SIP_HDR_EXPIRES) ||
	    sip_expires_parse(sip_msg_get(m, SIP_HDR_EXPIRES), &seconds,
			      &e) < 0 || !seconds)
		return MONO_NEVER;
	return mono_add(s->now.m, SEC(seconds));
}

static int server_invite(struct sip_session *c, const struct sip_event *ev,
			 struct sip_invite **out)
{
	struct sip_sessions *s = c->all;
	struct sip_invite *i = sip_invite_add(c, false);
	int rc;

	if (!i)
		return -ENOMEM;
	i->leg = c->winner;
	rc = sip_core_set_tag(s->core, ev->txn, c->handle);
	if (rc < 0) {
		sip_invite_drop(c, i);
		return rc;
	}
	i->x.seq = ev->cseq;
	i->x.txn = ev->txn;
	*out = i;
	return 0;
}

static void tell_offer(struct sip_session *c, const struct sip_event *ev,
		       enum sip_session_event_kind kind, bool offer)
{
	struct sip_session_event *e = sip_session_tell(c, kind, ev);

	if (!e)
		return;
	e->role = offer ? SIP_OA_OFFER : SIP_OA_NONE;
	e->body = offer ? sip_session_body(ev->msg) : (struct slice){ 0 };
}

static int first_take(struct sip_session *c, const struct sip_event *ev)
{
	bool offer = sip_session_body(ev->msg).n != 0;
	struct sip_invite *i;
	int rc = first_leg(c, ev);

	if (rc == 0)
		rc = server_invite(c, ev, &i);
	if (rc < 0)
		return rc;
	i->first = true;
	i->at = expiry(c->all, ev->msg);
	sip_oa_received(&c->winner->oa, SIP_OA_INVITE, offer);
	tell_offer(c, ev, SIP_SESSION_INCOMING, offer);
	return 0;
}

/* No session: nobody else tells of it. */
void sip_session_tell_refused(struct sip_sessions *s,
			      const struct sip_event *ev, unsigned status)
{
	struct sip_session_event *e = sip_sessions_place(s);

	if (e)
		*e = (struct sip_session_event){ .kind = SIP_SESSION_REFUSED,
			.status = status, .reason = sip_reason(status),
			.msg = ev->msg, .path = ev->path };
}

/* SIP_ACCEPT, or what it was answered with. */
static unsigned first_status(struct sip_sessions *s, const struct sip_event *ev)
{
	unsigned code = callee_take(s, ev);
	struct sip_session *c;
	int rc;

	if (code != SIP_ACCEPT)
		return code;
	c = s->count < s->limits.dialogs ? sip_session_add(s) : NULL;
	if (!c) {
		refuse_for_now(s, ev, 503);
		return 503;
	}
	c->state = SIP_SESSION_RINGING;
	rc = first_take(c, ev);
	if (rc == 0) {
		sip_session_settle(c);
		return SIP_ACCEPT;
	}
	sip_session_drop(c);
	if (rc == -ENOMEM)
		refuse_for_now(s, ev, 503);
	else
		callee_refuse(s, ev, 400, SIP_HDR_OTHER, (struct slice){ 0 });
	return rc == -ENOMEM ? 503 : 400;
}

static void on_first(struct sip_sessions *s, const struct sip_event *ev)
{
	unsigned code = first_status(s, ev);

	if (code != SIP_ACCEPT)
		sip_session_tell_refused(s, ev, code);
}

/* --------------------------------------------------------- within a dialog */
static int reinvite_take(struct sip_session *c, struct sip_leg *leg,
			 const struct sip_event *ev, const struct sip_oa *oa)
{
	struct sip_sessions *s = c->all;
	struct sip_invite *was = sip_invite_open(c, false), *i = NULL;
	struct slice target;
	struct parse_error e;
	int rc = sip_dialog_contact_of(ev->msg, &target, &e);

	if (rc == 0)
		rc = server_invite(c, ev, &i);
	if (rc < 0 || !i)
		return rc;
	i->target = sip_session_keep(s, target);
	i->target_n = target.n;
	if (!i->target) {
		i->x.txn = 0;
		sip_invite_drop(c, i);
		return -ENOMEM;
	}
	leg->oa = *oa;
	if (was) { /* its 2xx is acknowledged by this request */
		sip_invite_drop(c, was);
		sip_session_tell(c, SIP_SESSION_ACKED, NULL);
	}
	return 0;
}

/* Ours has not been written yet: theirs goes first. */
static void yield(struct sip_session *c)
{
	struct sip_invite *i = sip_invite_open(c, true);

	if (i && !i->first && !i->composed)
		sip_invite_drop(c, i);
}

static void on_reinvite(struct sip_leg *leg, const struct sip_event *ev)
{
	struct sip_session *c = leg->s;
	struct sip_sessions *s = c->all;
	struct sip_oa oa = leg->oa;
	bool offer = sip_session_body(ev->msg).n != 0;
	enum sip_oa_role role;
	int rc;

	if (c->state == SIP_SESSION_ENDING) { /* our BYE is under way */
		callee_refuse(s, ev, 481, SIP_HDR_OTHER, (struct slice){ 0 });
		return;
	}
	role = sip_oa_received(&oa, SIP_OA_INVITE, offer);
	if (role == SIP_OA_PENDING) {
		callee_refuse(s, ev, 491, SIP_HDR_OTHER, (struct slice){ 0 });
		return;
	}
	if (role == SIP_OA_BUSY || c->state != SIP_SESSION_UP) {
		refuse_for_now(s, ev, 500);
		return;
	}
	rc = reinvite_take(c, leg, ev, &oa);
	if (rc == 0) {
		yield(c);
		tell_offer(c, ev, SIP_SESSION_OFFER, offer);
	} else if (rc == -EBADMSG)
		callee_refuse(s, ev, 400, SIP_HDR_OTHER, (struct slice){ 0 });
	else
		refuse_for_now(s, ev, 500);
}

static void on_bye(struct sip_leg *leg, const struct sip_event *ev)
{
	struct sip_session *c = leg->s;
	struct sip_invite *i;
	enum sip_session_end end = SIP_END_REMOTE;
	unsigned status = 200;

	callee_refuse(c->all, ev, 200, SIP_HDR_OTHER, (struct slice){ 0 });
	if (leg != c->winner) { /* an early dialog, or one given up */
		sip_session_leg_gone(leg);
		return;
	}
	if (c->state == SIP_SESSION_RINGING) {
		end = SIP_END_CANCELLED;
		status = 487;
	}
	while ((i = sip_invite_open(c, false)))
		sip_session_terminate(c, i, 487);
	c->bye_after_ack = false;
	leg->bye_at = MONO_NEVER;
	if (c->state == SIP_SESSION_ENDING)
		return; /* BYEs crossed: ours ends it */
	sip_session_over(c, end, status, (struct slice){ 0 }, ev);
}

/* A BYE without a To tag: no state, as for one with that of no dialog. */
static void refuse_unknown(struct sip_sessions *s, const struct sip_event *ev)
{
	sip_msg_response(&s->edit, 481, (struct slice){ 0 });
	if (sip_core_respond_stateless(s->core, ev, &s->edit, s->now))
		sip_core_forget(s->core, ev->txn, s->now);
}

static void within(struct sip_leg *leg, const struct sip_event *ev)
{
	if (callee_take(leg->s->all, ev) != SIP_ACCEPT)
		return;
	if (ev->method == SIP_BYE)
		on_bye(leg, ev);
	else
		on_reinvite(leg, ev);
	sip_session_settle(leg->s);
}

void sip_session_on_request(struct sip_sessions *s, struct sip_leg *leg,
			    const struct sip_event *ev)
{
	if (leg)
		within(leg, ev);
	else if (ev->method == SIP_INVITE)
		on_first(s, ev);
	else
		refuse_unknown(s, ev);
}

void sip_session_on_ack(struct sip_leg *leg, const struct sip_event *ev)
{
	struct sip_session *c = leg->s;
	struct sip_invite *i = sip_invite_open(c, false);
	struct slice body = sip_session_body(ev->msg);
	struct sip_session_event *e;
	enum sip_oa_role role = SIP_OA_NONE;
	bool counted;

	if (!i || !i->final || ev->cseq != i->x.seq)
		return; /* of another INVITE, or again */
	counted = i->acked;
	sip_invite_drop(c, i);
	if (!counted)
		role = sip_oa_received(&leg->oa, SIP_OA_ACK, body.n != 0);
	if (c->bye_after_ack) {
		c->bye_after_ack = false;
		sip_leg_bye(leg, NULL);
	} else if (role == SIP_OA_VIOLATION) {
		sip_session_fail(c, 488, "The ACK had no session description");
	} else {
		e = sip_session_tell(c, SIP_SESSION_ACKED, ev);
		if (e && role == SIP_OA_ANSWER) {
			e->role = role;
			e->body = body;
		}
	}
	sip_session_settle(c);
}

void sip_session_on_cancel(struct sip_sessions *s, const struct sip_event *ev)
{
	struct sip_session *c = sip_session_get(s, ev->tag);
	struct sip_invite *i = c ? sip_invite_open(c, false) : NULL;

	if (!i || i->x.txn != ev->txn || i->final)
		return;
	if (i->first) {
		sip_session_terminate(c, i, 487);
		sip_session_over(c, SIP_END_CANCELLED, 487,
				 (struct slice){ 0 }, ev);
	} else {
		sip_session_terminate(c, i, 487);
		sip_session_tell(c, SIP_SESSION_WITHDRAWN, ev);
	}
	sip_session_settle(c);
}

/* An INVITE that nobody can answer any more: its transaction is over, for want
 * of memory or of a connection.  A 2xx that was sent waits for its ACK. */
void sip_session_on_unsent(struct sip_sessions *s, const struct sip_event *ev)
{
	struct sip_session *c = sip_session_get(s, ev->tag);
	struct sip_invite *i = c ? sip_invite_open(c, false) : NULL;

	if (!i || i->x.txn != ev->txn || i->final)
		return;
	if (i->first) {
		sip_session_terminate(c, i, 503);
		sip_session_over(c, SIP_END_FAILED, 503,
				 S("its answer cannot be sent"), NULL);
	} else {
		sip_session_terminate(c, i, 503);
		sip_session_tell(c, SIP_SESSION_WITHDRAWN, ev);
	}
	sip_session_settle(c);
}

void sip_session_terminate(struct sip_session *c, struct sip_invite *i,
			   unsigned status)
{
	if (!i->final) {
		if (sip_session_respond(c->all, i->x.txn, i->leg, status,
					(struct slice){ 0 },
					(struct slice){ 0 }, NULL) == 0)
			i->x.txn = 0; /* else it is forgotten: 500 */
		sip_oa_sent(&i->leg->oa, SIP_OA_FAILURE, false);
	}
	sip_invite_drop(c, i);
}

/* ---------------------------------------------------------------- actions */
static struct sip_invite *pending(struct sip_sessions *s, uint64_t session,
				  struct sip_session **c)
{
	struct sip_invite *i;

	*c = sip_session_get(s, session);
	if (!*c || (*c)->state == SIP_SESSION_OVER) {
		*c = NULL;
		return NULL;
	}
	i = sip_invite_open(*c, false);
	return i && !i->final && (*c)->state < SIP_SESSION_ENDING ? i : NULL;
}

int sip_session_ring(struct sip_sessions *s, uint64_t session, unsigned status,
		     struct slice body, const struct sip_msg *extra,
		     struct instant now)
{
	struct sip_session *c;
	struct sip_invite *i = pending(s, session, &c);
	enum sip_oa_role role;
	bool due;
	int rc;

	if (!c)
		return -ENOENT;
	if (!i || status <= 100 || status > 199)
		return -EINVAL;
	s->now = now;
	role = sip_oa_would(&i->leg->oa, SIP_OA_1XX, &due);
	if (body.n && role != SIP_OA_PREVIEW)
		return -EINVAL; /* an offer must be sent reliably */
	rc = sip_session_respond(s, i->x.txn, i->leg, status,
				 (struct slice){ 0 }, body, extra);
	if (rc < 0)
		return rc;
	sip_oa_sent(&i->leg->oa, SIP_OA_1XX, body.n != 0);
	i->resend = mono_add(now.m, SEC(60));
	sip_session_settle(c);
	return 0;
}

static void accepted(struct sip_session *c, struct sip_invite *i)
{
	mono now = c->all->now.m;

	i->final = true;
	i->interval = SIP_T1; /* 13.3.1.4: T1 doubling to T2, for 64*T1 */
	i->resend = mono_add(now, SIP_T1);
	i->at = mono_add(now, SIP_T1_64);
	sip_leg_dialog(i->leg)->confirmed = true;
	c->state = SIP_SESSION_UP;
}

int sip_session_accept(struct sip_sessions *s, uint64_t session,
		       struct slice body, const struct sip_msg *extra,
		       struct instant now)
{
	struct sip_session *c;
	struct sip_invite *i = pending(s, session, &c);
	bool due;
	int rc;

	if (!c)
		return -ENOENT;
	if (!i)
		return -EINVAL;
	s->now = now;
	sip_oa_would(&i->leg->oa, SIP_OA_2XX, &due);
	if (due != (body.n != 0))
		return -EINVAL;
	if (i->target) { /* 12.2.2: only now, as it is accepted */
		rc = sip_dialog_set_target(sip_leg_dialog(i->leg),
					   slice_of(i->target, i->target_n));
		if (rc < 0)
			return rc;
	}
	rc = sip_session_respond(s, i->x.txn, i->leg, 200, (struct slice){ 0 },
				 body, extra);
	if (rc < 0)
		return rc;
	sip_oa_sent(&i->leg->oa, SIP_OA_2XX, body.n != 0);
	accepted(c, i);
	sip_session_settle(c);
	return 0;
}

static void no_more(struct sip_session *c, struct sip_invite *i,
		    unsigned status)
{
	sip_oa_sent(&i->leg->oa, SIP_OA_FAILURE, false);
	if (i->first)
		sip_session_end(c, SIP_END_LOCAL, status, NULL);
	sip_invite_drop(c, i);
	sip_session_settle(c);
}

static void rejected(struct sip_session *c, struct sip_invite *i,
		     unsigned status)
{
	i->x.txn = 0; /* it is answered */
	no_more(c, i, status);
}

void sip_session_abandon(struct sip_sessions *s, uint64_t session,
			 struct instant now)
{
	struct sip_session *c;
	struct sip_invite *i = pending(s, session, &c);

	if (!i)
		return;
	s->now = now;
	no_more(c, i, 500);
}

int sip_session_reject(struct sip_sessions *s, uint64_t session,
		       unsigned status, struct slice reason,
		       const struct sip_msg *extra, struct instant now)
{
	struct sip_session *c;
	struct sip_invite *i = pending(s, session, &c);
	int rc;

	if (!c)
		return -ENOENT;
	if (!i || status < 300 || status > 699)
		return -EINVAL;
	s->now = now;
	rc = sip_session_respond(s, i->x.txn, i->leg, status, reason,
				 (struct slice){ 0 }, extra);
	if (rc < 0)
		return rc;
	rejected(c, i, status);
	return 0;
}

int sip_session_reject_stateless(struct sip_sessions *s,
				 const struct sip_session_event *ev,
				 unsigned status, const struct sip_msg *extra,
				 struct instant now)
{
	struct sip_session *c;
	struct sip_invite *i = pending(s, ev->session, &c);
	char room[SIP_SESSION_ROOM];
	struct writer w = writer_begin(room, sizeof(room));
	struct sip_event in = { .kind = SIP_EV_REQUEST, .msg = ev->msg };
	int rc;

	if (!c)
		return -ENOENT;
	if (!i || !i->first || status < 300 || status > 699)
		return -EINVAL;
	s->now = now;
	in.txn = i->x.txn;
	sip_msg_response(&s->edit, status, (struct slice){ 0 });
	rc = sip_session_dress(s, &s->edit, (struct slice){ 0 }, extra, &w);
	if (rc >= 0)
		rc = sip_core_respond_stateless(s->core, &in, &s->edit, now);
	if (rc < 0)
		return rc;
	rejected(c, i, status);
	return 0;
}
