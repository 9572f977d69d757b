/* SPDX-License-Identifier: BSD-2-Clause */
#include "sip/usage/sip_options.h"

#include "sip/core/sip_reason.h"
#include "sip/msg/sip_verdict.h"

enum { ROOM = 1024 };

static const char *const no_extension[] = { NULL };

/* --------------------------------------------------------------- answering */
/* 11.2: the status that an INVITE would get. */
static unsigned options_judge(const struct sip_event *ev, unsigned status)
{
	static const struct sip_ua ua = { .schemes = SIP_UA_SCHEMES,
					  .supported = no_extension };
	unsigned code = sip_ua_check(ev->msg->uri, &ua, ev->msg,
				     ev->uri).code;

	return status < 300 && code != SIP_ACCEPT ? code : status;
}

/* 8.2.2.3: what was required in vain. */
static int add_unsupported(struct sip_msg *m, const struct sip_msg *request)
{
	struct sip_values v = sip_values_begin(request, SIP_HDR_REQUIRE);
	struct slice tag;
	int rc = 0;

	while (rc == 0 && sip_values_next(&v, &tag))
		rc = sip_msg_add(m, SIP_HDR_UNSUPPORTED, tag);
	return rc;
}

/* One of the fields that list what all users take. */
static int add_list(struct sip_msg *m, enum sip_hdr id, struct writer *w,
		    size_t from)
{
	return sip_msg_add(m, id, slice_of(w->buf + from, w->n - from));
}

static int options_fill(const struct sip_options *o, struct sip_msg *m,
			struct writer *w)
{
	const struct sip_users *all = o->tu.all;
	size_t at = w->n;
	int rc;

	sip_core_write_allow(all->core, 0, w);
	rc = add_list(m, SIP_HDR_ALLOW, w, at);
	at = w->n;
	sip_users_write_accept(all, w);
	if (rc == 0)
		rc = add_list(m, SIP_HDR_ACCEPT, w, at);
	at = w->n;
	sip_users_write_supported(all, w);
	if (rc == 0) /* 11.2 wants one, be it empty */
		rc = add_list(m, SIP_HDR_SUPPORTED, w, at);
	if (rc == 0 && o->agent.n)
		rc = sip_msg_add(m, SIP_HDR_SERVER, o->agent);
	return rc < 0 ? rc : w->full ? -ENOSPC : 0;
}

static void answer(struct sip_user *u, const struct sip_event *ev,
		   struct sip_shared *on, struct sip_usage *use,
		   struct instant now)
{
	struct sip_options *o = CONTAINER(u, struct sip_options, tu);
	unsigned status = options_judge(ev, o->status ? o->status : 200);
	struct sip_core *core = u->all->core;
	char room[ROOM];
	struct writer w = writer_begin(room, sizeof(room));
	struct sip_msg *m = sip_core_draft(core);
	int rc;

	(void)on;
	(void)use;
	if (ev->kind != SIP_EV_REQUEST)
		return;
	sip_msg_response(m, status, (struct slice){ 0 });
	rc = options_fill(o, m, &w);
	if (rc == 0 && status == 420)
		rc = add_unsupported(m, ev->msg);
	if (rc == 0 && o->body.n && status < 300) {
		rc = sip_msg_add(m, SIP_HDR_CONTENT_TYPE,
				 S("application/sdp"));
		m->body = o->body;
	}
	if (rc == 0)
		rc = sip_core_respond(core, ev->txn, m, (struct slice){ 0 },
				      now);
	if (rc < 0)
		sip_core_forget(core, ev->txn, now);
}

static void ignore(struct sip_user *u, const struct sip_event *ev,
		   struct instant now)
{
	(void)u;
	(void)ev;
	(void)now;
}

static const struct sip_user_ops answering = {
	.methods = SIP_METHOD_BIT(SIP_OPTIONS),
	.anywhere = SIP_METHOD_BIT(SIP_OPTIONS),
	.request = answer,
	.event = ignore,
};

int sip_options_init(struct sip_options *o, struct sip_users *users)
{
	return sip_users_add(users, &o->tu, &answering);
}

void sip_options_fini(struct sip_options *o)
{
	sip_users_remove(&o->tu);
}

/* ------------------------------------------------------------------ asking */
static const struct sip_user_ops asking;

int sip_ping_init(struct sip_ping *p, struct mem *m, struct sip_users *users,
		  const struct sip_ping_config *config, struct instant now)
{
	int rc;

	*p = (struct sip_ping){ .core = users->core, .mem = m, .c = *config };
	rc = sip_exchange_identity(&p->d, m, p->core, &(struct sip_dialog_base){
		.local = config->from, .target = config->target,
		.routes = config->routes });
	if (rc == 0)
		rc = sip_users_add(users, &p->tu, &asking);
	sip_user_wake(&p->tu, now.m);
	return rc;
}

void sip_ping_fini(struct sip_ping *p)
{
	if (p->core)
		sip_exchange_forget(&p->x, p->core, p->sent);
	sip_users_remove(&p->tu);
	sip_dialog_fini(&p->d);
	*p = (struct sip_ping){ 0 };
}

static void outcome(struct sip_ping *p, const struct sip_outcome *o,
		    struct instant now)
{
	p->event = (struct sip_ping_event){ .status = o->status,
		.reached = o->msg != NULL, .msg = o->msg, .reason = o->reason,
		.round_trip = now.m - p->sent.m };
	p->told = true;
	sip_user_tells(&p->tu);
	if (p->c.interval)
		sip_user_wake(&p->tu, mono_add(now.m, p->c.interval));
}

/* It is under way; or tells why not. */
static void judge_sent(struct sip_ping *p, int rc, struct instant now)
{
	struct sip_outcome o;

	if (rc == 0)
		return;
	o = sip_exchange_unsent(rc, S("Its URI cannot be used"));
	outcome(p, &o, now);
}

static void options_send_request(struct sip_ping *p, struct instant now)
{
	struct sip_request q = { .user = p->tu.id,
				 .transport = p->c.transport };

	p->sent = now;
	judge_sent(p, sip_exchange_begin(&p->x, p->core, &p->d, SIP_OPTIONS,
					 &q, now), now);
}

static void options_compose(struct sip_ping *p, struct instant now)
{
	char room[SIP_DIALOG_ROOM];
	struct writer w = writer_begin(room, sizeof(room));
	struct sip_msg *m = sip_core_draft(p->core);
	int rc = sip_exchange_write(&p->x, &p->d, S("OPTIONS"), &w, m);

	p->sent = now; /* looking it up is no part of the way */
	if (rc == 0) /* 11.1: what the answer may hold */
		rc = sip_msg_add(m, SIP_HDR_ACCEPT, S("application/sdp"));
	if (rc == 0 && p->c.agent.n)
		rc = sip_msg_add(m, SIP_HDR_USER_AGENT, p->c.agent);
	if (rc == 0)
		rc = sip_exchange_compose(&p->x, p->core, m, now);
	if (rc < 0)
		sip_exchange_forget(&p->x, p->core, now);
	judge_sent(p, rc, now);
}

/* Any response will do: that of who wants credentials, too. */
static void ping_event(struct sip_user *u, const struct sip_event *ev,
		       struct instant now)
{
	struct sip_ping *p = CONTAINER(u, struct sip_ping, tu);
	struct sip_outcome o;

	switch (sip_exchange_on_event(&p->x, ev, &o)) {
	case SIP_EXCHANGE_NOTHING:
	case SIP_EXCHANGE_PROGRESS:
		return;
	case SIP_EXCHANGE_COMPOSE:
		options_compose(p, now);
		return;
	case SIP_EXCHANGE_CHALLENGED:
	case SIP_EXCHANGE_ANSWERED:
	case SIP_EXCHANGE_UNANSWERED:
		sip_exchange_forget(&p->x, p->core, now);
		outcome(p, &o, now);
	}
}

static void ping_on_time(struct sip_user *u, struct instant now)
{
	options_send_request(CONTAINER(u, struct sip_ping, tu), now);
}

static const void *ping_poll(struct sip_user *u, struct instant now)
{
	struct sip_ping *p = CONTAINER(u, struct sip_ping, tu);
	bool told = p->told;

	(void)now;
	p->told = false;
	return told ? &p->event : NULL;
}

static const struct sip_user_ops asking = {
	.event = ping_event, .on_time = ping_on_time, .poll = ping_poll,
};

const struct sip_ping_event *sip_ping_result(const struct sip_result *result)
{
	return result->user->ops == &asking ? result->event : NULL;
}
