/* SPDX-License-Identifier: BSD-2-Clause */
#include "sip/usage/sip_session.h"

#include "sip/core/sip_priv.h"
#include "sip/msg/sip_body.h"
#include "sip/usage/sip_session_priv.h"

/* ------------------------------------------------------------------ life */
static const struct sip_user_ops user_ops;

static int sessions_fill(struct sip_sessions *s, struct sip_users *users,
			 struct slice agent)
{
	s->agent.p = sip_session_keep(s, agent);
	s->agent.n = s->agent.p ? agent.n : 0;
	/* One input makes an event for each leg, and a few more. */
	s->ring_cap = s->limits.forks + 8;
	s->ring = mem_array(s->mem, s->ring_cap, sizeof(*s->ring));
	return s->ring && s->agent.p ?
	       sip_users_add(users, &s->tu, &user_ops) : -ENOMEM;
}

int sip_sessions_new(struct mem *m, struct sip_users *users,
		     const struct limits *limits, struct slice agent,
		     struct instant now, struct sip_sessions **out)
{
	struct sip_sessions *s = mem_new(m, sizeof(*s));
	int rc;

	if (!s)
		return -ENOMEM;
	s->mem = m;
	s->core = users->core;
	s->limits = *limits;
	s->now = now;
	wheel_init(&s->wheel, now.m);
	sip_slots_init(&s->slots, m, 32);
	rc = sessions_fill(s, users, agent);
	if (rc < 0) {
		sip_sessions_free(s);
		return rc;
	}
	*out = s;
	return 0;
}

int sip_sessions_set_agent(struct sip_sessions *s, struct slice agent)
{
	const char *copy = sip_session_keep(s, agent);

	if (!copy)
		return -ENOMEM;
	mem_free(s->mem, (char *)(uintptr_t)s->agent.p);
	s->agent = slice_of(copy, agent.n);
	return 0;
}

void sip_sessions_free(struct sip_sessions *s)
{
	struct sip_session *c;
	uint32_t at = 0;

	if (!s)
		return;
	sip_users_remove(&s->tu);
	while ((c = sip_slots_walk(&s->slots, &at)))
		sip_session_drop(c);
	sip_slots_fini(&s->slots);
	mem_free(s->mem, s->ring);
	mem_free(s->mem, (char *)(uintptr_t)s->agent.p);
	mem_free(s->mem, s);
}

size_t sip_sessions_count(const struct sip_sessions *s)
{
	return s->count;
}

uint64_t sip_sessions_next(const struct sip_sessions *s, uint32_t *at)
{
	const struct sip_session *c;

	while ((c = sip_slots_walk(&s->slots, at)))
		if (c->state != SIP_SESSION_OVER)
			return c->handle;
	return 0;
}

char *sip_session_keep(struct sip_sessions *s, struct slice text)
{
	char *copy = mem_new(s->mem, text.n + 1);

	if (copy && text.n)
		memcpy(copy, text.p, text.n);
	return copy;
}

/* ---------------------------------------------------------------- calls */
struct sip_session *sip_session_get(const struct sip_sessions *s,
				    uint64_t handle)
{
	return handle ? sip_slots_get(&s->slots, handle) : NULL;
}

struct sip_session *sip_session_add(struct sip_sessions *s)
{
	struct sip_session *c = mem_new(s->mem, sizeof(*c));

	if (!c)
		return NULL;
	c->all = s;
	c->retry_at = MONO_NEVER;
	c->handle = sip_slots_add(&s->slots, c);
	if (!c->handle) {
		mem_free(s->mem, c);
		return NULL;
	}
	s->count++;
	return c;
}

void sip_session_drop(struct sip_session *c)
{
	struct sip_sessions *s = c->all;

	while (c->invites)
		sip_invite_drop(c, c->invites);
	while (c->legs)
		sip_leg_drop(c->legs);
	if (c->state != SIP_SESSION_OVER)
		s->count--;
	sip_digest_fini(&c->digest);
	if (s->challenge.session == c->handle)
		s->challenge.session = 0;
	wheel_cancel(&s->wheel, &c->timer);
	sip_slots_remove(&s->slots, c->handle);
	mem_free(s->mem, c);
}

struct sip_leg *sip_leg_add(struct sip_session *c, struct sip_dialog *d)
{
	struct sip_sessions *s = c->all;
	struct sip_leg *leg = mem_new(s->mem, sizeof(*leg));
	struct sip_shared *on;

	if (!leg) {
		sip_dialog_fini(d);
		return NULL;
	}
	on = sip_dialogs_add(&s->tu.all->dialogs, d, &leg->use, &s->tu);
	if (!on) {
		mem_free(s->mem, leg);
		return NULL;
	}
	on->ours = c->caller;
	leg->use.over = c->state == SIP_SESSION_OVER;
	leg->s = c;
	leg->bye_at = MONO_NEVER;
	leg->id = ++c->legs_made;
	c->legs_now++;
	leg->next = c->legs;
	c->legs = leg;
	return leg;
}

void sip_leg_drop(struct sip_leg *leg)
{
	struct sip_session *c = leg->s;
	struct sip_sessions *s = c->all;
	struct sip_leg **at = &c->legs;

	while (*at != leg)
		at = &(*at)->next;
	*at = leg->next;
	c->legs_now--;
	if (c->winner == leg)
		c->winner = NULL;
	sip_exchange_forget(&leg->bye, s->core, s->now);
	sip_usage_leave(&leg->use);
	mem_free(s->mem, leg->preview);
	mem_free(s->mem, leg->bye_fields);
	mem_free(s->mem, leg);
}

struct sip_invite *sip_invite_add(struct sip_session *c, bool client)
{
	struct sip_invite *i = mem_new(c->all->mem, sizeof(*i));

	if (!i)
		return NULL;
	i->client = client;
	i->at = i->resend = MONO_NEVER;
	i->next = c->invites;
	c->invites = i;
	return i;
}

void sip_invite_drop(struct sip_session *c, struct sip_invite *i)
{
	struct sip_sessions *s = c->all;
	struct sip_invite **at = &c->invites;

	while (*at != i)
		at = &(*at)->next;
	*at = i->next;
	if (i->x.txn && !i->final)
		sip_core_forget(s->core, i->x.txn, s->now);
	sip_exchange_leave(&i->x);
	sip_dialog_fini(&i->base);
	mem_free(s->mem, i->ack_body);
	mem_free(s->mem, i->fields);
	mem_free(s->mem, i->target);
	mem_free(s->mem, i);
}

struct sip_invite *sip_invite_open(const struct sip_session *c, bool client)
{
	struct sip_invite *i = c->invites;

	while (i && (i->client != client || (client && i->final)))
		i = i->next;
	return i;
}

/* --------------------------------------------------------------- events */
struct sip_session_event *sip_sessions_place(struct sip_sessions *s)
{
	if (s->ring_n == s->ring_cap)
		return NULL;
	sip_user_tells(&s->tu);
	return &s->ring[(s->ring_at + s->ring_n++) % s->ring_cap];
}

struct sip_session_event *sip_session_tell(struct sip_session *c,
					   enum sip_session_event_kind kind,
					   const struct sip_event *ev)
{
	struct sip_sessions *s = c->all;
	struct sip_session_event *e;

	if (c->state == SIP_SESSION_OVER ||
	    (c->state == SIP_SESSION_ENDING && kind != SIP_SESSION_ENDED &&
	     kind != SIP_SESSION_CHALLENGE))
		return NULL;
	e = sip_sessions_place(s);
	if (!e)
		return NULL;
	*e = (struct sip_session_event){ .kind = kind, .session = c->handle,
					 .tag = c->tag };
	if (c->winner)
		e->leg = c->winner->id;
	if (ev && ev->msg) {
		e->msg = ev->msg;
		e->uri = ev->uri;
		e->path = ev->path;
		e->status = ev->msg->status;
		if (e->status)
			e->reason = sip_reason_of(ev->msg);
	}
	return e;
}

void sip_session_end(struct sip_session *c, enum sip_session_end end,
		     unsigned status, const char *reason)
{
	if (c->state >= SIP_SESSION_ENDING)
		return;
	if (c->state == SIP_SESSION_UP && end != SIP_END_LOCAL)
		(void)sip_session_tell(c, SIP_SESSION_BROKEN, NULL);
	c->state = SIP_SESSION_ENDING;
	c->end = (uint8_t)end;
	c->end_status = (uint16_t)status;
	c->end_reason = reason;
	c->retry_at = MONO_NEVER;
}

/* What nobody waits for any more: all but the first 2xx's repeats. */
static void shed(struct sip_session *c)
{
	struct sip_invite *i = c->invites, *next;

	for (; i; i = next) {
		next = i->next;
		i->ack_due = false;
		if (!(i->client && i->first && i->final))
			sip_invite_drop(c, i);
	}
}

void sip_session_over(struct sip_session *c, enum sip_session_end end,
		      unsigned status, struct slice reason,
		      const struct sip_event *ev)
{
	struct sip_session_event *e;

	if (c->state == SIP_SESSION_OVER)
		return;
	e = sip_session_tell(c, SIP_SESSION_ENDED, ev);
	if (!e) { /* no room now: the timer tells */
		sip_session_end(c, end, status, NULL);
		return;
	}
	e->end = end;
	e->status = status;
	e->reason = reason.n ? reason : sip_reason(status);
	if (!e->reason.n)
		e->reason = S("Ended");
	c->state = SIP_SESSION_OVER;
	for (struct sip_leg *leg = c->legs; leg; leg = leg->next)
		leg->use.over = true; /* 12.2.2: no place for requests */
	c->all->count--;
	shed(c);
}

/* ----------------------------------------------------------------- time */
static bool byes_open(const struct sip_session *c)
{
	for (const struct sip_leg *leg = c->legs; leg; leg = leg->next)
		if (leg->bye.txn || leg->bye_at != MONO_NEVER)
			return true;
	return c->bye_after_ack;
}

static bool first_open(const struct sip_session *c)
{
	for (const struct sip_invite *i = c->invites; i; i = i->next)
		if (i->client && i->first && !i->final)
			return true;
	return false;
}

/* Nothing is under way that ENDED, or the end of all, has to wait for. */
static bool is_ready(const struct sip_session *c)
{
	if (first_open(c) || byes_open(c))
		return false;
	return c->state == SIP_SESSION_ENDING ||
	       (c->state == SIP_SESSION_OVER && !c->invites);
}

void sip_session_settle(struct sip_session *c)
{
	mono at = is_ready(c) ? c->all->now.m : c->retry_at;

	for (const struct sip_invite *i = c->invites; i; i = i->next)
		at = mono_min(at, mono_min(i->at, i->resend));
	for (const struct sip_leg *leg = c->legs; leg; leg = leg->next)
		at = mono_min(at, leg->bye_at);
	wheel_set(&c->all->wheel, &c->timer, at);
	sip_user_wake(&c->all->tu, wheel_deadline(&c->all->wheel));
}

/* 13.2.2.4: 64*T1 after a 2xx that was not to become the call, no other will
 * come. */
static void nobody_won(struct sip_session *c)
{
	for (const struct sip_leg *leg = c->legs; leg; leg = leg->next)
		if (leg->gone) {
			sip_session_all_gone(c);
			return;
		}
	sip_session_end(c, SIP_END_FAILED, 500, "The 2xx could not be taken");
}

static void client_on_time(struct sip_session *c, struct sip_invite *i)
{
	mono now = c->all->now.m;

	if (i->at > now) { /* resend */
		if (!i->cancel_due)
			sip_session_fail(c, 408, "No response for 3 minutes");
		sip_session_cancel(c, i, NULL);
		return;
	}
	if (!i->final) {
		i->at = MONO_NEVER;
		sip_session_end(c, SIP_END_EXPIRED, 408, "No answer in time");
		sip_session_cancel(c, i, NULL);
		return;
	}
	if (i->ack_due)
		sip_session_fail(c, 500, "No answer to the peer's offer");
	else if (i->first && !c->winner && c->state < SIP_SESSION_ENDING)
		nobody_won(c);
	if (i->leg && i->leg == c->winner)
		sip_leg_preview_drop(c->winner);
	sip_invite_drop(c, i); /* timer M: settled */
}

static void server_on_time(struct sip_session *c, struct sip_invite *i)
{
	struct sip_sessions *s = c->all;

	if (i->at <= s->now.m && !i->final) { /* 13.3.1: expired */
		sip_session_end(c, SIP_END_EXPIRED, 487, "No answer in time");
		sip_session_terminate(c, i, 487);
		return;
	}
	if (i->at <= s->now.m) { /* 13.3.1.4: no ACK in 64*T1 */
		sip_invite_drop(c, i);
		sip_session_fail(c, 408, "No ACK");
		return;
	}
	if (sip_core_respond_again(s->core, i->x.txn, s->now) < 0)
		i->resend = MONO_NEVER; /* over for the core as well */
	else if (!i->final)
		i->resend = mono_add(s->now.m, SEC(60));
	else {
		i->interval = mono_min(2 * i->interval, SIP_T2);
		i->resend = mono_add(s->now.m, i->interval);
	}
}

static struct sip_invite *invite_due(const struct sip_session *c)
{
	struct sip_invite *i = c->invites;

	while (i && mono_min(i->at, i->resend) > c->all->now.m)
		i = i->next;
	return i;
}

/* Each round moves a deadline on or drops what had it. */
static void session_on_time(struct sip_session *c)
{
	struct sip_sessions *s = c->all;
	struct sip_invite *i;

	while ((i = invite_due(c))) {
		if (i->client)
			client_on_time(c, i);
		else
			server_on_time(c, i);
	}
	for (struct sip_leg *leg = c->legs; leg; leg = leg->next)
		if (leg->bye_at <= s->now.m)
			sip_session_bye_again(leg);
	if (c->retry_at <= s->now.m) {
		c->retry_at = MONO_NEVER;
		sip_session_tell(c, SIP_SESSION_RETRY, NULL);
	}
	if (is_ready(c) && c->state == SIP_SESSION_ENDING)
		sip_session_over(c, (enum sip_session_end)c->end,
				 c->end_status, slice_str(c->end_reason),
				 NULL);
	if (is_ready(c) && c->state == SIP_SESSION_OVER)
		sip_session_drop(c);
	else
		sip_session_settle(c);
}

static const void *user_poll(struct sip_user *u, struct instant now)
{
	struct sip_sessions *s = CONTAINER(u, struct sip_sessions, tu);
	struct wheel_timer *t;

	s->now = now;
	sip_session_unanswered(s);
	while (!s->ring_n && (t = wheel_pop(&s->wheel, s->now.m)))
		session_on_time(CONTAINER(t, struct sip_session, timer));
	if (!s->ring_n) {
		sip_user_wake(u, wheel_deadline(&s->wheel));
		return NULL;
	}
	s->out = s->ring[s->ring_at];
	s->ring_at = (s->ring_at + 1) % s->ring_cap;
	s->ring_n--;
	if (s->out.kind == SIP_SESSION_CHALLENGE)
		s->challenge.asked = true;
	return &s->out;
}

/* ------------------------------------------------------- to both sides */
/* What became of a request of ours. */
static void on_outcome(struct sip_session *c, const struct sip_event *ev)
{
	enum sip_exchange_step step;
	struct sip_outcome o;

	for (struct sip_invite *i = c->invites; i; i = i->next) {
		step = i->client ? sip_exchange_on_event(&i->x, ev, &o) :
				   SIP_EXCHANGE_NOTHING;
		if (step != SIP_EXCHANGE_NOTHING) {
			sip_session_on_response(c, i, step, &o, ev);
			return;
		}
	}
	for (struct sip_leg *leg = c->legs; leg; leg = leg->next) {
		step = sip_exchange_on_event(&leg->bye, ev, &o);
		if (step != SIP_EXCHANGE_NOTHING) {
			sip_session_on_bye(leg, step, ev);
			return;
		}
	}
	if (ev->kind == SIP_EV_RESPONSE && ev->method == SIP_INVITE &&
	    ev->msg->status / 100 == 2)
		sip_session_on_late(c, ev);
}

/* A new input: what was shown of an earlier one is gone. */
static struct sip_sessions *sessions_at(struct sip_user *u, struct instant now)
{
	struct sip_sessions *s = CONTAINER(u, struct sip_sessions, tu);

	s->challenge.ev.msg = NULL;
	sip_session_unanswered(s);
	s->now = now;
	return s;
}

static void user_request(struct sip_user *u, const struct sip_event *ev,
			 struct sip_shared *on, struct sip_usage *use,
			 struct instant now)
{
	struct sip_sessions *s = sessions_at(u, now);
	struct sip_leg *leg = use ? CONTAINER(use, struct sip_leg, use) : NULL;

	(void)on;
	if (ev->kind == SIP_EV_REQUEST)
		sip_session_on_request(s, leg, ev);
	else if (leg)
		sip_session_on_ack(leg, ev);
}

static void user_event(struct sip_user *u, const struct sip_event *ev,
		       struct instant now)
{
	struct sip_sessions *s = sessions_at(u, now);
	struct sip_session *c;

	switch (ev->kind) {
	case SIP_EV_CANCEL:
		sip_session_on_cancel(s, ev);
		return;
	case SIP_EV_UNSENT:
		sip_session_on_unsent(s, ev);
		return;
	case SIP_EV_REFUSED:
		sip_session_tell_refused(s, ev, ev->status);
		return;
	case SIP_EV_REQUEST:
	case SIP_EV_ACK:
	case SIP_EV_NO_ACK:
	case SIP_EV_FLOW_GONE:
		return; /* repeats and deadlines take care of it */
	case SIP_EV_COMPOSE:
	case SIP_EV_RESPONSE:
	case SIP_EV_TIMEOUT:
	case SIP_EV_UNREACHABLE:
		break;
	}
	c = sip_session_get(s, ev->tag);
	if (c)
		on_outcome(c, ev);
}

/* Its events are made as there is room to tell them. */
static void user_on_time(struct sip_user *u, struct instant now)
{
	(void)now;
	sip_user_tells(u);
}

static const struct sip_user_ops user_ops = {
	.methods = SIP_METHOD_BIT(SIP_INVITE) | SIP_METHOD_BIT(SIP_ACK) |
		   SIP_METHOD_BIT(SIP_BYE),
	.accept = SIP_BODY_ACCEPT,
	.request = user_request,
	.event = user_event,
	.on_time = user_on_time,
	.poll = user_poll,
};

const struct sip_session_event *sip_session_result(
					const struct sip_result *result)
{
	return result->user->ops == &user_ops ? result->event : NULL;
}

struct sip_request sip_leg_request(const struct sip_leg *leg)
{
	struct sip_sessions *s = leg->s->all;
	struct sip_request q = { .msg = &s->edit, .user = s->tu.id,
				 .tag = leg->s->handle };

	sip_shared_direct(leg->use.on, &q);
	return q;
}

void sip_session_fail(struct sip_session *c, unsigned status,
		      const char *reason)
{
	struct sip_invite *i;

	sip_session_end(c, SIP_END_FAILED, status, reason);
	c->bye_after_ack = false;
	while ((i = sip_invite_open(c, false)))
		sip_session_terminate(c, i, 487);
	if (c->winner)
		sip_leg_bye(c->winner, NULL);
}

void sip_session_cancel(struct sip_session *c, struct sip_invite *i,
			const struct sip_msg *extra)
{
	struct sip_sessions *s = c->all;
	int rc = sip_core_cancel(s->core, i->x.txn, extra, s->now);

	i->cancelled = true;
	i->cancel_due = rc < 0 && rc != -EALREADY && rc != -ENOENT;
	i->resend = i->cancel_due ? mono_add(s->now.m, SIP_T1) : MONO_NEVER;
}

struct slice sip_reason_of(const struct sip_msg *m)
{
	return m->reason.n ? m->reason : sip_reason(m->status);
}

struct slice sip_session_body(const struct sip_msg *m)
{
	struct slice session = { 0 };
	int rc = m->body.n ? sip_body_read(m, sip_body_types, &session) : 0;

	(void)rc; /* in a response nobody can be told */
	return session;
}

static int add_allow(const struct sip_sessions *s, struct sip_msg *m,
		     struct writer *w)
{
	size_t at = w->n;

	sip_core_write_allow(s->core, 0, w);
	return sip_msg_add(m, SIP_HDR_ALLOW, slice_of(w->buf + at,
						      w->n - at));
}

static bool is_invite(const struct sip_msg *m)
{
	return m->status ? m->status < 300 && sip_msg_has(m, SIP_HDR_CONTACT) :
	       m->method == SIP_INVITE;
}

int sip_session_dress(const struct sip_sessions *s, struct sip_msg *m,
		      struct slice body, const struct sip_msg *extra,
		      struct writer *w)
{
	int rc = 0;

	if (is_invite(m)) /* 13.2.1, 13.3.1.4: an INVITE's and its 2xx's */
		rc = add_allow(s, m, w);
	if (s->agent.n && rc == 0)
		rc = sip_msg_add(m, m->status ? SIP_HDR_SERVER :
				 SIP_HDR_USER_AGENT, s->agent);
	for (size_t i = 0; extra && i < extra->n && rc == 0; i++)
		rc = extra->field[i].id ?
		     sip_msg_add(m, (enum sip_hdr)extra->field[i].id,
				 extra->field[i].value) :
		     sip_msg_add_named(m, extra->field[i].name,
				       extra->field[i].value);
	if (body.n && rc == 0)
		rc = sip_msg_add(m, SIP_HDR_CONTENT_TYPE,
				 S("application/sdp"));
	m->body = body;
	return rc < 0 ? rc : w->full ? -ENOSPC : 0;
}

/* ------------------------------------------------- actions of both sides */
int sip_session_set_tag(struct sip_sessions *s, uint64_t session, uint64_t tag)
{
	struct sip_session *c = sip_session_get(s, session);

	if (!c || c->state == SIP_SESSION_OVER)
		return -ENOENT;
	c->tag = tag;
	return 0;
}

int sip_session_set_contact(struct sip_sessions *s, uint64_t session,
			    struct slice contact)
{
	struct sip_session *c = sip_session_get(s, session);

	if (!c || c->state == SIP_SESSION_OVER)
		return -ENOENT;
	return c->winner ? sip_dialog_set_contact(sip_leg_dialog(c->winner),
						  contact) :
	       -EINVAL;
}

enum sip_oa_role sip_session_would(const struct sip_sessions *s,
				   uint64_t session, enum sip_oa_kind kind,
				   bool *due)
{
	const struct sip_session *c = sip_session_get(s, session);

	*due = false;
	return c && c->winner ? sip_oa_would(&c->winner->oa, kind, due) :
	       SIP_OA_PENDING;
}

const struct sip_dialog *sip_session_dialog(const struct sip_sessions *s,
					    uint64_t session)
{
	const struct sip_session *c = sip_session_get(s, session);

	return c && c->winner ? sip_leg_dialog(c->winner) : NULL;
}

struct sip_shared *sip_session_shared(const struct sip_sessions *s,
				    uint64_t session)
{
	const struct sip_session *c = sip_session_get(s, session);

	return c && c->winner ? c->winner->use.on : NULL;
}

static void hangup_up(struct sip_session *c, const struct sip_msg *extra)
{
	struct sip_invite *i = sip_invite_open(c, false);

	sip_session_end(c, SIP_END_LOCAL, 200, "OK");
	if (i && i->final) { /* 15: not before the ACK */
		c->bye_after_ack = true;
		return;
	}
	if (i)
		sip_session_terminate(c, i, 487);
	for (i = c->invites; i; i = i->next)
		if (i->client && i->ack_due && i->leg) {
			i->ack_due = false;
			sip_session_send_ack(i, i->leg);
		}
	sip_leg_bye(c->winner, extra);
}

int sip_session_hangup(struct sip_sessions *s, uint64_t session,
		       const struct sip_msg *extra, struct instant now)
{
	struct sip_session *c = sip_session_get(s, session);
	struct sip_invite *i;

	if (!c || c->state == SIP_SESSION_OVER)
		return -ENOENT;
	s->now = now;
	switch (c->state) {
	case SIP_SESSION_CALLING:
		i = sip_invite_open(c, true);
		sip_session_end(c, SIP_END_CANCELLED, 487,
				"Request Terminated");
		if (i)
			sip_session_cancel(c, i, extra);
		break;
	case SIP_SESSION_RINGING:
		return sip_session_reject(s, session, 603,
					  (struct slice){ 0 }, extra, now);
	case SIP_SESSION_UP:
		hangup_up(c, extra);
		break;
	case SIP_SESSION_ENDING:
	case SIP_SESSION_OVER:
		return 0;
	}
	sip_session_settle(c);
	return 0;
}
