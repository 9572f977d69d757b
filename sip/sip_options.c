/* SPDX-License-Identifier: BSD-2-Clause */
#include "sip/sip_options.h"

#include "sip/sip_body.h"
#include "sip/sip_priv.h"
#include "sip/sip_verdict.h"

enum { CALL_ID = 24, TAG = 13, ALLOW = 256 };

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
	struct drbg *random = sip_core_random(core);
	char call_id[CALL_ID], tag[TAG];
	struct parse_error e;
	struct sip_dialog_base base = {
		.call_id = slice_of(call_id, sizeof(call_id)),
		.local_tag = slice_of(tag, sizeof(tag)),
		.local = config->from,
		.target = config->target, .routes = config->routes,
		.seq = drbg_below(random, 1u << 15),
	};
	int rc;

	*p = (struct sip_ping){ .core = core, .mem = m, .c = *config,
				.at = now.m };
	drbg_token(random, tag, sizeof(tag));
	drbg_token(random, call_id, sizeof(call_id));
	rc = sip_dialog_init(&p->d, m, &base, &e);
	return rc == -EBADMSG ? -EINVAL : rc;
}

void sip_ping_fini(struct sip_ping *p)
{
	if (p->core && p->txn)
		sip_core_forget(p->core, p->txn, p->sent);
	sip_dialog_fini(&p->d);
	*p = (struct sip_ping){ 0 };
}

static void outcome(struct sip_ping *p, unsigned status, struct slice reason,
		    const struct sip_msg *msg, struct instant now)
{
	p->txn = 0;
	p->event = (struct sip_ping_event){ .status = status,
		.reached = msg != NULL, .msg = msg,
		.reason = reason.n ? reason : sip_reason(status),
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
				 .uri = sip_dialog_hop(&p->d),
				 .transport = p->c.transport };
	int rc = sip_dialog_request(&p->d, S("OPTIONS"), &w, m);

	p->at = MONO_NEVER;
	p->sent = now;
	if (rc == 0) /* 11.1: what the answer may hold */
		rc = sip_msg_add(m, SIP_HDR_ACCEPT, S("application/sdp"));
	if (rc == 0 && p->c.agent.n)
		rc = sip_msg_add(m, SIP_HDR_USER_AGENT, p->c.agent);
	if (rc == 0)
		rc = sip_core_request(p->core, &q, now, &p->txn);
	if (rc == -EINVAL || rc == -EADDRNOTAVAIL)
		outcome(p, 416, S("Its URI cannot be used"), NULL, now);
	else if (rc < 0)
		outcome(p, 500, S("No memory, or too many requests"), NULL,
			now);
}

void sip_ping_on_event(struct sip_ping *p, const struct sip_event *ev,
		       struct instant now)
{
	if (ev->user != p->c.user || !p->txn || ev->txn != p->txn ||
	    (ev->msg && ev->msg->status < 200))
		return;
	if (ev->kind == SIP_EV_RESPONSE && ev->msg)
		outcome(p, ev->msg->status, ev->msg->reason, ev->msg, now);
	else if (ev->kind == SIP_EV_TIMEOUT)
		outcome(p, 408, (struct slice){ 0 }, NULL, now);
	else if (ev->kind == SIP_EV_UNREACHABLE)
		outcome(p, 503, slice_str(ev->reason), NULL, now);
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
