/* SPDX-License-Identifier: BSD-2-Clause */
#include "sip/sip_options.h"

#include "sip/sip_body.h"
#include "sip/sip_priv.h"
#include "sip/sip_verdict.h"

enum { ALLOW = 256 };

static const char *const no_extension[] = { NULL };

/* --------------------------------------------------------------- answering */
int sip_options_init(struct sip_options *o)
{
	return sip_core_add_match(o->core, &(struct sip_match){
		.user = o->user,
		.methods = SIP_METHOD_BIT(SIP_OPTIONS) });
}

/* 11.2: the status that an INVITE would get. */
static unsigned judge(const struct sip_event *ev, unsigned status)
{
	static const struct sip_ua ua = { .schemes = SIP_UA_SCHEMES,
					  .supported = no_extension };
	unsigned code = sip_ua_check(ev->msg->uri, &ua, ev->msg).code;

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

void sip_options_on_event(struct sip_options *o, const struct sip_event *ev,
			  unsigned status, struct instant now)
{
	char room[ALLOW];
	struct writer w = writer_begin(room, sizeof(room));
	struct sip_msg *m = sip_core_draft(o->core);
	int rc;

	if (ev->user != o->user || ev->kind != SIP_EV_REQUEST ||
	    ev->method != SIP_OPTIONS)
		return;
	status = judge(ev, status);
	sip_msg_response(m, status, (struct slice){ 0 });
	sip_core_write_allow(o->core, 0, &w);
	rc = sip_msg_add(m, SIP_HDR_ALLOW, writer_done(&w));
	if (rc == 0)
		rc = sip_msg_add(m, SIP_HDR_ACCEPT, o->accept.n ? o->accept :
				 S(SIP_BODY_ACCEPT));
	if (rc == 0)
		rc = sip_msg_add(m, SIP_HDR_SUPPORTED, o->supported);
	if (rc == 0 && o->agent.n)
		rc = sip_msg_add(m, SIP_HDR_SERVER, o->agent);
	if (rc == 0 && status == 420)
		rc = add_unsupported(m, ev->msg);
	if (rc == 0 && o->body.n && status < 300) {
		rc = sip_msg_add(m, SIP_HDR_CONTENT_TYPE,
				 S("application/sdp"));
		m->body = o->body;
	}
	if (rc == 0)
		rc = sip_core_respond(o->core, ev->txn, m,
				      (struct slice){ 0 }, now);
	if (rc < 0)
		sip_core_forget(o->core, ev->txn, now);
}

/* ------------------------------------------------------------------ asking */
int sip_ping_init(struct sip_ping *p, struct mem *m, struct sip_core *core,
		  const struct sip_ping_config *config, struct instant now)
{
	*p = (struct sip_ping){ .core = core, .mem = m, .c = *config,
				.at = now.m };
	return sip_exchange_identity(&p->d, m, core, &(struct sip_dialog_base){
		.local = config->from, .target = config->target,
		.routes = config->routes });
}

void sip_ping_fini(struct sip_ping *p)
{
	if (p->core)
		sip_exchange_forget(&p->x, p->core, p->sent);
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
	p->at = p->c.interval ? mono_add(now.m, p->c.interval) : MONO_NEVER;
}

static void send_request(struct sip_ping *p, struct instant now)
{
	char room[SIP_DIALOG_ROOM];
	struct writer w = writer_begin(room, sizeof(room));
	struct sip_msg *m = sip_core_draft(p->core);
	struct sip_request q = { .msg = m, .user = p->c.user,
				 .tag = p->c.tag,
				 .transport = p->c.transport };
	int rc = sip_dialog_request(&p->d, S("OPTIONS"), &w, m);
	struct sip_outcome o;

	p->at = MONO_NEVER;
	p->sent = now;
	if (rc == 0) /* 11.1: what the answer may hold */
		rc = sip_msg_add(m, SIP_HDR_ACCEPT, S("application/sdp"));
	if (rc == 0 && p->c.agent.n)
		rc = sip_msg_add(m, SIP_HDR_USER_AGENT, p->c.agent);
	if (rc == 0)
		rc = sip_exchange_send(&p->x, p->core, &p->d, &q, now);
	if (rc == 0)
		return;
	o = sip_exchange_unsent(rc, S("Its URI cannot be used"));
	outcome(p, &o, now);
}

/* Any response will do: that of who wants credentials, too. */
void sip_ping_on_event(struct sip_ping *p, const struct sip_event *ev,
		       struct instant now)
{
	struct sip_outcome o;

	switch (sip_exchange_on_event(&p->x, ev, &o)) {
	case SIP_EXCHANGE_NOTHING:
	case SIP_EXCHANGE_PROGRESS:
		return;
	case SIP_EXCHANGE_CHALLENGED:
	case SIP_EXCHANGE_ANSWERED:
	case SIP_EXCHANGE_UNANSWERED:
		sip_exchange_forget(&p->x, p->core, now);
		outcome(p, &o, now);
	}
}

void sip_ping_on_time(struct sip_ping *p, struct instant now)
{
	if (now.m >= p->at)
		send_request(p, now);
}

mono sip_ping_deadline(const struct sip_ping *p)
{
	return p->told ? 0 : p->at;
}

bool sip_ping_poll(struct sip_ping *p, struct sip_ping_event *ev)
{
	if (!p->told)
		return false;
	*ev = p->event;
	p->told = false;
	return true;
}
