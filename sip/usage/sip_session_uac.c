/* SPDX-License-Identifier: BSD-2-Clause
 * INVITEs that we send, RFC 3261 13.2 and 14.1. */
#include "sip/usage/sip_session_priv.h"

#include "sip/core/sip_priv.h"
#include "sip/hdr/sip_name_addr.h"

/* A UAS repeats its 1xx every minute (13.3.1.1); after three without any
 * response nobody is there. */
static const mono SILENCE = SEC(180);

/* ------------------------------------------------------------ first INVITE */
static int base_make(struct sip_sessions *s, const struct sip_call *call,
		     struct sip_dialog *d)
{
	return sip_exchange_identity(d, s->mem, s->core,
		&(struct sip_dialog_base){
			.local = call->from, .remote = call->to,
			.identity = call->identity,
			.target = call->target, .contact = call->contact,
			.routes = call->routes });
}

/* Where the first INVITE goes, each time that it is sent. */
struct sip_request sip_invite_request(const struct sip_session *c,
				      const struct sip_invite *i)
{
	struct sip_sessions *s = c->all;

	return (struct sip_request){ .msg = &s->edit, .user = s->tu.id,
				     .tag = c->handle,
				     .transport = i->transport };
}

/* Into s->edit: the first INVITE, with its number. */
static int first_write(struct sip_sessions *s, struct sip_invite *i,
		       struct slice offer, const struct sip_msg *extra,
		       struct writer *w)
{
	bool again = i->x.seq != 0;
	int rc = sip_exchange_write(&i->x, &i->base, S("INVITE"), w, &s->edit);

	if (rc == 0) /* with which it went elsewhere, if it did */
		rc = sip_session_add_fields(&s->edit,
					    slice_of(i->fields, i->fields_n));

	if (rc == 0 && i->expires) {
		size_t at = w->n;

		writer_u64(w, i->expires);
		rc = sip_msg_add(&s->edit, SIP_HDR_EXPIRES,
				 slice_of(w->buf + at, w->n - at));
	}
	if (rc == 0 && i->expires && !again)
		i->at = mono_add(s->now.m, SEC(i->expires));
	if (rc == 0)
		rc = sip_session_dress(s, &s->edit, offer, extra, w);
	i->resend = mono_add(s->now.m, SILENCE);
	i->offered = offer.n != 0;
	return rc;
}

static int first_send(struct sip_sessions *s, struct sip_session *c,
		      struct sip_invite *i, const struct sip_call *call)
{
	char room[SIP_DIALOG_ROOM + SIP_SESSION_ROOM];
	struct writer w = writer_begin(room, sizeof(room));
	struct sip_request r = sip_invite_request(c, i);
	int rc;

	if (call->compose)
		return sip_exchange_begin(&i->x, s->core, &i->base, SIP_INVITE,
					  &r, s->now);
	rc = first_write(s, i, call->offer, call->extra, &w);
	return rc ? rc : sip_exchange_send(&i->x, s->core, &i->base, &r,
					   s->now);
}

/* In its dialog, with its number; twice when it goes elsewhere. */
static bool may_offer(const struct sip_leg *leg, bool offer)
{
	struct sip_oa oa = leg->oa;

	return sip_oa_sent(&oa, SIP_OA_INVITE, offer) != SIP_OA_VIOLATION;
}

static int later_write(struct sip_session *c, struct sip_invite *i,
		       struct slice offer, const struct sip_msg *extra,
		       struct writer *w)
{
	struct sip_sessions *s = c->all;
	int rc;

	if (!i->composed && !may_offer(i->leg, offer.n != 0))
		return -EAGAIN;
	rc = sip_exchange_write(&i->x, sip_leg_dialog(i->leg), S("INVITE"), w,
				&s->edit);
	if (rc == 0)
		rc = sip_session_add_fields(&s->edit,
					    slice_of(i->fields, i->fields_n));
	return rc ? rc : sip_session_dress(s, &s->edit, offer, extra, w);
}

static void later_sent(struct sip_session *c, struct sip_invite *i,
		       struct slice offer)
{
	if (!i->composed) {
		sip_leg_preview_drop(i->leg);
		sip_oa_sent(&i->leg->oa, SIP_OA_INVITE, offer.n != 0);
	}
	i->composed = true;
	i->offered = offer.n != 0;
	i->resend = mono_add(c->all->now.m, SILENCE);
}

int sip_session_compose(struct sip_sessions *s, uint64_t session,
			struct slice contact, struct slice offer,
			const struct sip_msg *extra, struct instant now)
{
	struct sip_session *c = sip_session_get(s, session);
	struct sip_invite *i = c ? sip_invite_open(c, true) : NULL;
	char room[SIP_DIALOG_ROOM + SIP_SESSION_ROOM];
	struct writer w = writer_begin(room, sizeof(room));
	int rc;

	if (!c || c->state == SIP_SESSION_OVER)
		return -ENOENT;
	if (!i || c->state != (i->first ? SIP_SESSION_CALLING : SIP_SESSION_UP))
		return -EINVAL;
	s->now = now;
	rc = i->first || contact.n ?
	     sip_dialog_set_contact(i->first ? &i->base :
				    sip_leg_dialog(i->leg), contact) : 0;
	if (rc == 0)
		rc = i->first ? first_write(s, i, offer, extra, &w) :
		     later_write(c, i, offer, extra, &w);
	if (rc == 0)
		rc = sip_exchange_compose(&i->x, s->core, &s->edit, now);
	if (rc == 0 && !i->first)
		later_sent(c, i, offer);
	sip_session_settle(c);
	return rc;
}

static int first_make(struct sip_sessions *s, struct sip_session *c,
		      const struct sip_call *call)
{
	struct sip_invite *i = sip_invite_add(c, true);
	int rc;

	if (!i)
		return -ENOMEM;
	i->first = true;
	i->transport = call->transport;
	i->expires = call->expires;
	rc = base_make(s, call, &i->base);
	return rc < 0 ? rc : first_send(s, c, i, call);
}

int sip_session_invite(struct sip_sessions *s, const struct sip_call *call,
		       struct instant now, uint64_t *session)
{
	struct sip_session *c;
	int rc;

	s->now = now;
	if (s->count >= s->limits.dialogs)
		return -EAGAIN;
	c = sip_session_add(s);
	if (!c)
		return -ENOMEM;
	c->state = SIP_SESSION_CALLING;
	c->caller = true;
	c->tag = call->tag;
	rc = first_make(s, c, call);
	if (rc < 0) {
		sip_session_drop(c);
		return rc;
	}
	*session = c->handle;
	sip_session_settle(c);
	return 0;
}

void sip_leg_preview_drop(struct sip_leg *leg)
{
	mem_free(leg->s->all->mem, leg->preview);
	leg->preview = NULL;
	leg->preview_n = 0;
}

/* ------------------------------------------------------------------ ACK */
int sip_session_add_fields(struct sip_msg *m, struct slice fields)
{
	struct slice line, name, value;
	int rc = 0;

	while (fields.n && rc == 0) {
		slice_cut(fields, '\n', &line, &fields);
		slice_cut(line, ':', &name, &value);
		rc = sip_msg_add(m, sip_hdr_find(name), slice_trim(value));
	}
	return rc;
}

void sip_session_send_ack(struct sip_invite *i, struct sip_leg *leg)
{
	struct sip_sessions *s = leg->s->all;
	char room[SIP_DIALOG_ROOM + SIP_SESSION_ROOM];
	struct writer w = writer_begin(room, sizeof(room));
	struct sip_request r = sip_leg_request(leg);
	struct slice body = { 0 };
	int rc = sip_dialog_ack(sip_leg_dialog(leg), i->x.seq, &w, &s->edit);

	if (i->ack_body && i->leg == leg)
		body = slice_of(i->ack_body, i->ack_n);
	if (rc == 0) /* 13.2.2.4: the INVITE's credentials */
		rc = sip_session_add_fields(&s->edit,
					    slice_of(i->fields, i->fields_n));
	if (rc == 0)
		rc = sip_session_dress(s, &s->edit, body, NULL, &w);
	if (i->first)
		leg->acked = true;
	else
		i->acked = true;
	if (rc < 0 || sip_core_ack(s->core, &r, s->now) < 0)
		return; /* as if lost on the way: the 2xx comes again */
}

int sip_session_ack(struct sip_sessions *s, uint64_t session,
		    struct slice answer, struct instant now)
{
	struct sip_session *c = sip_session_get(s, session);
	struct sip_invite *i = c ? c->invites : NULL;

	if (!c || c->state == SIP_SESSION_OVER)
		return -ENOENT;
	while (i && !i->ack_due)
		i = i->next;
	if (!i || !answer.n || c->state != SIP_SESSION_UP)
		return -EINVAL;
	s->now = now;
	i->ack_body = sip_session_keep(s, answer);
	if (!i->ack_body)
		return -ENOMEM;
	i->ack_n = answer.n;
	i->ack_due = false;
	sip_oa_sent(&i->leg->oa, SIP_OA_ACK, true);
	sip_session_send_ack(i, i->leg);
	sip_session_settle(c);
	return 0;
}

/* --------------------------------------------------------- its responses */
/* The leg of a 101..299, made when it is new. */
static struct sip_leg *leg_of(struct sip_session *c, struct sip_invite *i,
			      const struct sip_event *ev, unsigned limit)
{
	struct slice tag = ev->to_tag;
	struct parse_error e;
	struct sip_dialog d = { 0 };
	struct sip_leg *leg;

	for (leg = c->legs; leg; leg = leg->next)
		if (slice_same(tag, sip_dialog_text(sip_leg_dialog(leg),
						    SIP_DIALOG_REMOTE_TAG)))
			break;
	if (!leg) {
		if (c->legs_now >= limit ||
		    sip_dialog_init_uac(&d, &i->base, ev->msg,
					sip_transport_row(ev->path.transport)
						->secure, &e) < 0)
			return NULL;
		leg = sip_leg_add(c, &d);
		if (!leg)
			return NULL;
		leg->use.on->far =
			sip_dialog_text(&i->base, SIP_DIALOG_ROUTES).n != 0;
		sip_oa_sent(&leg->oa, SIP_OA_INVITE, i->offered);
	}
	sip_shared_heard(leg->use.on, &ev->path);
	return leg;
}

/* What a 1xx describes.  The first of a dialog is kept: it is the answer when
 * the 2xx has none.  Without memory it was not there. */
static enum sip_oa_role preview(struct sip_leg *leg, struct slice body)
{
	struct sip_oa oa = leg->oa;
	enum sip_oa_role role = sip_oa_received(&oa, SIP_OA_1XX, body.n != 0);

	if (role == SIP_OA_PREVIEW && !leg->preview) {
		leg->preview = sip_session_keep(leg->s->all, body);
		if (!leg->preview)
			return role;
		leg->preview_n = (uint32_t)body.n;
	}
	leg->oa = oa;
	return role;
}

static void on_progress(struct sip_session *c, struct sip_invite *i,
			const struct sip_event *ev)
{
	struct sip_session_event *e;
	struct slice body = sip_session_body(ev->msg);
	enum sip_oa_role role = SIP_OA_NONE;
	struct sip_leg *leg = NULL;

	if (!i->cancel_due)
		i->resend = i->cancelled ? MONO_NEVER :
			    mono_add(c->all->now.m, SILENCE);
	if (!i->first && c->state == SIP_SESSION_UP)
		(void)preview(i->leg, body);
	if (!i->first || c->state != SIP_SESSION_CALLING)
		return;
	if (ev->msg->status > 100 && ev->to_tag.n) {
		leg = leg_of(c, i, ev, c->all->limits.forks);
		c->untold_legs |= !leg;
	}
	if (leg && leg->gone)
		return; /* sent before the BYE, or repeated */
	if (leg)
		role = preview(leg, body);
	e = sip_session_tell(c, SIP_SESSION_PROGRESS, ev);
	if (!e)
		return;
	if (leg) {
		leg->told = true;
		e->leg = leg->id;
	}
	if (role == SIP_OA_PREVIEW) {
		e->role = role;
		e->body = body;
	}
}

void sip_session_legs_end(struct sip_session *c, const struct sip_leg *keep)
{
	struct sip_session_event *e;
	struct sip_leg *leg, *next = c->legs;

	while ((leg = next)) {
		next = leg->next;
		if (leg == keep || leg->acked)
			continue;
		e = leg->told && !leg->gone ?
		    sip_session_tell(c, SIP_SESSION_LEG_GONE, NULL) : NULL;
		if (e)
			e->leg = leg->id;
		sip_leg_drop(leg);
	}
}

/* 15.1.2: nobody waits there any more; of the INVITE, only the others are. */
void sip_session_all_gone(struct sip_session *c)
{
	struct sip_invite *i = sip_invite_open(c, true);

	sip_session_end(c, SIP_END_REMOTE, 487,
			"Hung up before it was answered");
	if (i)
		sip_session_cancel(c, i, NULL);
}

/* 15: a BYE ends an early dialog too.  It is kept, so that a 2xx that comes on
 * it after all is known for one that nobody wants (13.2.2.4). */
void sip_session_leg_gone(struct sip_leg *leg)
{
	struct sip_session *c = leg->s;
	struct sip_session_event *e;

	leg->gone = leg->use.over = true;
	leg->bye_at = MONO_NEVER;
	if (c->state != SIP_SESSION_CALLING || leg->acked)
		return; /* acked: an answer that was not wanted, no attempt */
	e = leg->told ? sip_session_tell(c, SIP_SESSION_LEG_GONE, NULL) : NULL;
	if (e)
		e->leg = leg->id;
	for (leg = c->legs; leg; leg = leg->next)
		if (!leg->gone && !leg->acked)
			return;
	if (!c->untold_legs)
		sip_session_all_gone(c);
}

/* What a 2xx brings goes up, or into the ACK. */
static void on_success_body(struct sip_session *c, struct sip_invite *i,
			    struct sip_leg *leg, const struct sip_event *ev)
{
	struct slice body = sip_session_body(ev->msg);
	enum sip_oa_role role = sip_oa_received(&leg->oa, SIP_OA_2XX,
						body.n != 0);
	struct sip_session_event *e;

	if (role == SIP_OA_VIOLATION) {
		sip_session_send_ack(i, leg);
		sip_session_fail(c, 488, "The 2xx had no session description");
		return;
	}
	i->ack_due = role == SIP_OA_OFFER && c->state == SIP_SESSION_UP;
	if (!i->ack_due) {
		sip_session_send_ack(i, leg);
		sip_oa_sent(&leg->oa, SIP_OA_ACK, false);
	}
	if (role == SIP_OA_ANSWER && !body.n)
		body = slice_of(leg->preview, leg->preview_n);
	e = sip_session_tell(c, i->first ? SIP_SESSION_ANSWERED :
			     SIP_SESSION_CHANGED, ev);
	if (!e)
		return;
	leg->told = true;
	if (role == SIP_OA_OFFER || role == SIP_OA_ANSWER) {
		e->role = role;
		e->body = body;
	}
}

/* The call is another's, or given up: acknowledged, then ended (15). */
static void on_lost(struct sip_invite *i, struct sip_leg *leg)
{
	sip_session_send_ack(i, leg);
	sip_leg_bye(leg, NULL);
}

static void on_answer(struct sip_session *c, struct sip_invite *i,
		      const struct sip_event *ev, bool late)
{
	struct sip_sessions *s = c->all;
	struct sip_leg *leg = leg_of(c, i, ev, 2 * s->limits.forks + 1);

	if (!i->final && !late) { /* it counts, even if it cannot be kept now */
		i->final = true;
		i->at = mono_add(s->now.m, SIP_T1_64); /* RFC 6026: M */
		i->resend = MONO_NEVER;
	}
	if (!leg)
		return; /* it comes again */
	if (leg->acked) {
		if (!leg->bye.txn)
			sip_session_send_ack(i, leg);
		return;
	}
	if (i->ack_due && leg == c->winner)
		return; /* the user is slow */
	if (!sip_leg_dialog(leg)->confirmed &&
	    sip_dialog_confirm(sip_leg_dialog(leg), ev->msg) < 0)
		return;
	if (late || c->winner || c->state != SIP_SESSION_CALLING ||
	    leg->gone) {
		on_lost(i, leg);
		return;
	}
	c->winner = leg;
	c->state = SIP_SESSION_UP;
	i->leg = leg;
	sip_session_legs_end(c, leg);
	on_success_body(c, i, leg, ev);
}

/* Of an INVITE in the call, not of the first: the dialog is not another one. */
static bool is_later(const struct sip_session *c, const struct sip_invite *i,
		     const struct sip_event *ev)
{
	return c->winner && (!i || ev->cseq != i->x.seq) &&
	       slice_same(ev->to_tag,
			  sip_dialog_text(sip_leg_dialog(c->winner),
					  SIP_DIALOG_REMOTE_TAG));
}

/* Its answer may be to another description than the one that counts. */
void sip_session_on_late(struct sip_session *c, const struct sip_event *ev)
{
	struct sip_invite later = { .client = true, .x = { .seq = ev->cseq } };
	struct sip_invite *i = c->invites;

	while (i && !(i->client && i->first))
		i = i->next;
	if (is_later(c, i, ev))
		sip_session_send_ack(&later, c->winner);
	else if (i)
		on_answer(c, i, ev, true);
	sip_session_settle(c);
}

static void on_refused(struct sip_session *c, struct sip_invite *i,
			    const struct sip_event *ev, unsigned status,
			    struct slice reason, enum sip_session_end end)
{
	bool late = sip_core_leaves(c->all->core, ev->txn);

	if (c->state == SIP_SESSION_ENDING) { /* cancelled, or failed */
		end = (enum sip_session_end)c->end;
		if (c->end_status) {
			status = c->end_status;
			reason = slice_str(c->end_reason);
		}
		ev = NULL;
	}
	sip_session_legs_end(c, NULL);
	i->final = late; /* a 2xx may come of what it left behind */
	i->at = mono_add(c->all->now.m, SIP_T1_64);
	i->resend = MONO_NEVER;
	if (!late)
		sip_invite_drop(c, i);
	sip_session_over(c, end, status, reason, ev);
}

/* --------------------------------------------------------------- re-INVITE */
/* An INVITE answered long ago whose 2xx may be repeated is only a courtesy;
 * a peer that takes a new one has seen the ACK. */
static void prune(struct sip_session *c)
{
	struct sip_invite *i, *last = NULL;
	unsigned n = 0;

	for (i = c->invites; i; i = i->next)
		if (i->client && i->final && !i->first && !i->ack_due) {
			last = i;
			n++;
		}
	if (n >= SIP_SESSION_INVITES)
		sip_invite_drop(c, last);
}

int sip_session_reinvite(struct sip_sessions *s, uint64_t session,
			 struct instant now)
{
	struct sip_session *c = sip_session_get(s, session);
	struct sip_invite *i;
	struct sip_request r;
	int rc;

	if (!c || c->state == SIP_SESSION_OVER)
		return -ENOENT;
	if (c->state != SIP_SESSION_UP)
		return -EINVAL;
	if (sip_invite_open(c, true) || !may_offer(c->winner, true))
		return -EAGAIN;
	s->now = now;
	prune(c);
	i = sip_invite_add(c, true);
	if (!i)
		return -ENOMEM;
	i->leg = c->winner;
	r = sip_leg_request(c->winner);
	rc = sip_exchange_begin_on(&i->x, c->winner->use.on, SIP_INVITE, &r,
				   now);
	if (rc < 0) {
		sip_invite_drop(c, i);
		return rc;
	}
	c->retry_at = MONO_NEVER;
	sip_session_settle(c);
	return 0;
}

int sip_session_withdraw(struct sip_sessions *s, uint64_t session,
			 struct instant now)
{
	struct sip_session *c = sip_session_get(s, session);
	struct sip_session_event *e;
	struct sip_invite *i;

	if (!c || c->state == SIP_SESSION_OVER)
		return -ENOENT;
	i = c->state == SIP_SESSION_UP ? sip_invite_open(c, true) : NULL;
	if (!i && c->state == SIP_SESSION_UP && c->retry_at != MONO_NEVER) {
		c->retry_at = MONO_NEVER; /* it was waiting to be tried again */
		e = sip_session_tell(c, SIP_SESSION_CHANGED, NULL);
		if (e) {
			e->status = 487;
			e->reason = sip_reason(487);
		}
		sip_session_settle(c);
		return 0;
	}
	if (!i)
		return -EINVAL;
	s->now = now;
	sip_session_cancel(c, i, NULL);
	sip_session_settle(c);
	return 0;
}

/* A 200 of ours whose ACK counts as having come (sip_session_moved). */
static struct sip_invite *presumed(const struct sip_session *c)
{
	struct sip_invite *was = sip_invite_open(c, false);

	return was && was->acked ? was : NULL;
}

/* Whoever takes a change has heard of it. */
static void on_presumed(struct sip_session *c)
{
	struct sip_invite *was = presumed(c);

	c->moved = false;
	if (!was)
		return;
	sip_invite_drop(c, was);
	sip_session_tell(c, SIP_SESSION_ACKED, NULL);
}

static void on_change(struct sip_session *c, struct sip_invite *i,
		      const struct sip_event *ev)
{
	struct parse_error e;

	if (i->final) { /* the 2xx again */
		if (i->acked)
			sip_session_send_ack(i, i->leg);
		return;
	}
	if (sip_dialog_refresh(sip_leg_dialog(i->leg), ev->msg, &e) == -ENOMEM)
		return; /* it comes again */
	sip_shared_heard(i->leg->use.on, &ev->path);
	i->final = true;
	i->at = mono_add(c->all->now.m, SIP_T1_64);
	i->resend = MONO_NEVER;
	on_presumed(c);
	on_success_body(c, i, i->leg, ev);
}

/* 14.1: the time after which it may be tried once more; MONO_NEVER: not. */
static mono retry_time(struct sip_session *c, const struct sip_msg *m)
{
	struct drbg *random = sip_core_random(c->all->core);
	uint32_t seconds;

	if (m->status == 491 && c->caller)
		return MS(2100) + MS(10) * drbg_below(random, 191);
	if (m->status == 491)
		return MS(10) * drbg_below(random, 201);
	if (m->status == 500 && sip_exchange_retry_after(m, &seconds) &&
	    seconds <= 10)
		/* 14.2; a peer that always says 0 would have it go round. */
		return seconds ? SEC(seconds) : SIP_T1;
	return MONO_NEVER;
}

static void on_change_refused(struct sip_session *c, struct sip_invite *i,
			      const struct sip_event *ev, unsigned status,
			      struct slice reason)
{
	bool cancelled = i->cancelled, composed = i->composed;
	struct sip_session_event *e;
	mono wait = MONO_NEVER;

	if (composed) {
		sip_oa_received(&i->leg->oa, SIP_OA_FAILURE, false);
		sip_leg_preview_drop(i->leg);
	} else if (cancelled) { /* it had not gone out */
		status = 487;
		reason = sip_reason(487);
	}
	sip_invite_drop(c, i);
	/* It may be told yet where we are; it may not have our 200 yet. */
	if ((status == 408 && c->moved) || (status == 481 && presumed(c)))
		composed = false;
	if ((status == 408 || status == 481) && composed) { /* 12.2.1.2 */
		sip_session_fail(c, status, NULL);
		return;
	}
	if (ev->msg && !cancelled && c->state == SIP_SESSION_UP)
		wait = retry_time(c, ev->msg);
	if (wait != MONO_NEVER) {
		c->retry_at = mono_add(c->all->now.m, wait);
		return;
	}
	e = sip_session_tell(c, SIP_SESSION_CHANGED, ev);
	if (!e)
		return;
	e->status = status;
	e->reason = reason;
}

/* ---------------------------------------------------------- the way in */
static void on_failure(struct sip_session *c, struct sip_invite *i,
		       const struct sip_event *ev, unsigned status,
		       struct slice reason, enum sip_session_end end)
{
	if (i->final) /* the core's word about a transaction answered 2xx */
		return;
	i->x.txn = 0; /* over: nothing to forget */
	if (i->first)
		on_refused(c, i, ev, status, reason, end);
	else
		on_change_refused(c, i, ev, status, reason);
}

void sip_session_on_failed(struct sip_session *c, struct sip_invite *i,
			   const struct sip_event *ev)
{
	if (ev->msg)
		on_failure(c, i, ev, ev->msg->status, sip_reason_of(ev->msg),
			   SIP_END_REFUSED);
	else
		on_failure(c, i, ev, 401, sip_reason(401), SIP_END_REFUSED);
	sip_session_settle(c);
}

/* False: it is the outcome, like any other refusal. */
static bool is_asked(struct sip_session *c, const struct sip_invite *i,
		     const struct sip_event *ev)
{
	return !i->cancelled && c->state < SIP_SESSION_ENDING &&
	       sip_session_challenged(c, ev);
}

/* Our user has what it is written from. */
static void on_compose(struct sip_session *c, struct sip_invite *i,
		       const struct sip_event *ev)
{
	struct sip_session_event *e = sip_session_tell(c, SIP_SESSION_COMPOSE,
						       NULL);

	if (e) {
		e->path = ev->path;
		return;
	}
	sip_exchange_forget(&i->x, c->all->core, c->all->now);
	on_failure(c, i, ev, 500, S("No memory"), SIP_END_FAILED);
}

void sip_session_on_response(struct sip_session *c, struct sip_invite *i,
			     enum sip_exchange_step step,
			     const struct sip_outcome *o,
			     const struct sip_event *ev)
{
	if (step == SIP_EXCHANGE_ANSWERED)
		sip_digest_fini(&c->digest); /* they were good enough */
	if (step == SIP_EXCHANGE_COMPOSE)
		on_compose(c, i, ev);
	else if (step == SIP_EXCHANGE_PROGRESS)
		on_progress(c, i, ev);
	else if (o->status < 300 && i->first)
		on_answer(c, i, ev, false);
	else if (o->status < 300)
		on_change(c, i, ev);
	else if (step == SIP_EXCHANGE_UNANSWERED)
		on_failure(c, i, ev, o->status, o->reason, SIP_END_FAILED);
	else if (step != SIP_EXCHANGE_CHALLENGED || !is_asked(c, i, ev))
		on_failure(c, i, ev, o->status, o->reason, SIP_END_REFUSED);
	sip_session_settle(c);
}
