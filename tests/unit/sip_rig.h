/* SPDX-License-Identifier: BSD-2-Clause
 * tests/unit/sip_rig.h - two user agents in one process, joined by a wire
 * without delay, in virtual time.  What is sent to neither of them stays in
 * the log for a scripted peer (rig_reply, rig_send).  Tests and fuzz targets.
 */
#ifndef TESTS_UNIT_SIP_RIG_H
#define TESTS_UNIT_SIP_RIG_H
#include <stdio.h>
#include <stdlib.h>

#include "sip/usage/sip_session.h"

enum { RIG_EVENTS = 128, RIG_PACKETS = 512, RIG_TEXT = 4096 };

#define RIG_OFFER  S("v=0\r\no=offer\r\n")
#define RIG_ANSWER S("v=0\r\no=answer\r\n")

struct rig;

struct rig_event {
	struct sip_session_event e; /* its slices: into the texts below */
	char reason[96], body[256];
};

struct rig_ua {
	struct rig *rig;
	struct mem mem;
	struct sip_core *core;
	struct sip_users users;
	struct sip_sessions *calls;
	struct addr addr;
	struct sip_hop hop[3];     /* what a lookup finds, and */
	unsigned hops;             /* ... how many */
	char asked[128];           /* the host of the last one */
	uint32_t point;
	uint64_t call;             /* of the last event, or the last made */
	struct rig_event ev[RIG_EVENTS];
	unsigned n;                /* events so far */
	/* what the application does with an event; NULL: nothing */
	void (*user)(struct rig_ua *ua, const struct sip_session_event *ev);
	bool composes;             /* COMPOSE is for user alone */
	unsigned ring, accept, reject; /* for rig_answer_user */
	struct slice offer;        /* of rig_reinvite */
	const struct sip_msg *extra;
	/* what is no session's of calls; what is no user's */
	void (*result)(struct rig_ua *ua, const struct sip_result *result);
	void (*event)(struct rig_ua *ua, const struct sip_event *ev);
	void *arg;
	mono (*deadline)(struct rig_ua *ua);
	void (*on_time)(struct rig_ua *ua);
};

struct rig_packet {
	struct addr from, to;
	size_t n;
	char text[RIG_TEXT]; /* terminated; cut when longer */
};

struct rig {
	struct rig_ua ua[2]; /* a: 192.0.2.1, b: 192.0.2.2 */
	struct instant now;
	struct rig_packet *log;
	unsigned n, at;      /* packets so far, delivered */
	bool (*drop)(const struct rig *r, const struct rig_packet *p);
};

static inline void rig_log(struct rig *r, const struct rig_ua *ua,
			   const struct sip_out *out)
{
	struct rig_packet *p;

	if (r->n == RIG_PACKETS)
		return;
	p = &r->log[r->n++];
	p->from = ua->addr;
	p->to = out->path.remote;
	p->n = out->bytes.n < RIG_TEXT - 1 ? out->bytes.n : RIG_TEXT - 1;
	memcpy(p->text, out->bytes.p, p->n);
	p->text[p->n] = 0;
}

static inline void rig_keep(struct rig_ua *ua,
			    const struct sip_session_event *ev)
{
	struct rig_event *k;

	if (ua->n == RIG_EVENTS)
		return;
	k = &ua->ev[ua->n++];
	k->e = *ev;
	k->e.reason = slice_of(k->reason, ev->reason.n < sizeof(k->reason) ?
			       ev->reason.n : sizeof(k->reason));
	if (k->e.reason.n)
		memcpy(k->reason, ev->reason.p, k->e.reason.n);
	k->e.body = slice_of(k->body, ev->body.n < sizeof(k->body) ?
			     ev->body.n : sizeof(k->body));
	if (k->e.body.n)
		memcpy(k->body, ev->body.p, k->e.body.n);
	k->e.msg = NULL;
}

static inline void rig_result(struct rig_ua *ua,
			      const struct sip_result *result)
{
	const struct sip_session_event *ev =
		ua->calls ? sip_session_result(result) : NULL;

	if (!ev) {
		if (ua->result)
			ua->result(ua, result);
		return;
	}
	ua->call = ev->session;
	if (ev->kind == SIP_SESSION_COMPOSE && !ua->composes) {
		(void)!sip_session_compose(ua->calls, ev->session, S(""),
					   ua->offer, ua->extra, ua->rig->now);
		return;
	}
	rig_keep(ua, ev);
	if (ua->user)
		ua->user(ua, ev);
}

/* The test's hops, or that the name is unknown. */
static inline void rig_locate(struct rig_ua *ua, const struct sip_out *out)
{
	snprintf(ua->asked, sizeof(ua->asked), "%.*s",
		 (int)out->locate->host.n, out->locate->host.p);
	sip_core_on_located(ua->core, out->lookup, ua->hop, ua->hops, NULL,
			    ua->rig->now);
}

/* True: something came out. */
static inline bool rig_drain(struct rig_ua *ua)
{
	struct sip_users_out out;
	bool any = false;

	while (sip_users_poll(&ua->users, &out, ua->rig->now)) {
		any = true;
		if (out.is_result) {
			rig_result(ua, &out.result);
			continue;
		}
		if (out.core.kind == SIP_OUT_DATAGRAM)
			rig_log(ua->rig, ua, &out.core);
		if (out.core.kind == SIP_OUT_LOCATE)
			rig_locate(ua, &out.core);
		if (out.core.kind == SIP_OUT_EVENT && ua->event)
			ua->event(ua, out.core.event);
	}
	return any;
}

static inline void rig_deliver(struct rig *r, const struct rig_packet *p)
{
	if (r->drop && r->drop(r, p))
		return;
	for (unsigned i = 0; i < 2; i++) {
		struct rig_ua *ua = &r->ua[i];

		if (!addr_same(&ua->addr, &p->to))
			continue;
		sip_core_on_datagram(ua->core, ua->point, &p->to, &p->from,
				     slice_of(p->text, p->n), r->now);
		(void)rig_drain(ua);
	}
}

/* Until nothing moves without time. */
static inline void rig_run(struct rig *r)
{
	bool any = true;

	while (any) {
		any = false;
		for (unsigned i = 0; i < 2; i++)
			any |= rig_drain(&r->ua[i]);
		while (r->at < r->n) {
			rig_deliver(r, &r->log[r->at++]);
			any = true;
		}
	}
}

static inline mono rig_deadline(const struct rig *r)
{
	mono at = MONO_NEVER;

	for (unsigned i = 0; i < 2; i++) {
		struct rig_ua *ua = &((struct rig *)(uintptr_t)r)->ua[i];

		at = mono_min(at, sip_users_deadline(&ua->users));
		if (ua->deadline)
			at = mono_min(at, ua->deadline(ua));
	}
	return at;
}

static inline void rig_wait(struct rig *r, mono span)
{
	mono end = mono_add(r->now.m, span);

	rig_run(r);
	for (;;) {
		mono next = rig_deadline(r);

		if (next > end)
			break;
		if (next > r->now.m) {
			r->now.wall_ns += next - r->now.m;
			r->now.m = next;
		}
		for (unsigned i = 0; i < 2; i++) {
			struct rig_ua *ua = &r->ua[i];

			sip_users_on_time(&ua->users, r->now);
			(void)rig_drain(ua);
			if (ua->on_time)
				ua->on_time(ua);
		}
		rig_run(r);
	}
	r->now.wall_ns += end - r->now.m;
	r->now.m = end;
}

static inline bool rig_ua_open(struct rig *r, unsigned which,
			       uint64_t fail_at, bool calls)
{
	static const uint8_t seed[2][32] = { { 1 }, { 2 } };
	struct rig_ua *ua = &r->ua[which];

	ua->rig = r;
	ua->addr = addr_v4(192, 0, 2, (uint8_t)(1 + which), 5060);
	mem_init(&ua->mem, 0);
	ua->mem.fail_at = fail_at;
	if (sip_core_new(&ua->mem, &limits_default, seed[which], r->now,
			 &ua->core) < 0)
		return false;
	if (sip_core_add_local(ua->core, SIP_UDP, &ua->addr, &ua->addr,
			       &ua->point) < 0)
		return false;
	if (sip_users_init(&ua->users, &ua->mem, ua->core) < 0)
		return false;
	return !calls || sip_sessions_new(&ua->mem, &ua->users,
					  &limits_default, S("rig"), r->now,
					  &ua->calls) == 0;
}

static inline void rig_ua_close(struct rig_ua *ua)
{
	sip_sessions_free(ua->calls);
	sip_users_fini(&ua->users);
	if (ua->core)
		sip_core_free(ua->core);
	ua->calls = NULL;
	ua->core = NULL;
}

/* NULL: no memory (fail_at is a's). */
static inline struct rig *rig_new(uint64_t fail_at, bool calls)
{
	struct rig *r = calloc(1, sizeof(*r));

	r->log = calloc(RIG_PACKETS, sizeof(*r->log));
	r->now = (struct instant){ SEC(1000), 0 };
	if (rig_ua_open(r, 0, fail_at, calls) && rig_ua_open(r, 1, 0, calls))
		return r;
	for (unsigned i = 0; i < 2; i++)
		rig_ua_close(&r->ua[i]);
	free(r->log);
	free(r);
	return NULL;
}

/* How many blocks leaked. */
static inline uint64_t rig_free(struct rig *r)
{
	uint64_t blocks = 0;

	for (unsigned i = 0; i < 2; i++) {
		rig_ua_close(&r->ua[i]);
		blocks += r->ua[i].mem.blocks;
	}
	free(r->log);
	free(r);
	return blocks;
}

/* ----------------------------------------------------------- what happened */
static inline const struct rig_event *rig_last(const struct rig_ua *ua,
					       enum sip_session_event_kind k)
{
	for (unsigned i = ua->n; i-- > 0;)
		if (ua->ev[i].e.kind == k)
			return &ua->ev[i];
	return NULL;
}

static inline unsigned rig_count(const struct rig_ua *ua,
				 enum sip_session_event_kind k)
{
	unsigned n = 0;

	for (unsigned i = 0; i < ua->n; i++)
		n += ua->ev[i].e.kind == k;
	return n;
}

/* Packets whose text begins so. */
static inline unsigned rig_sent(const struct rig *r, const struct rig_ua *from,
				const char *begin)
{
	unsigned n = 0;

	for (unsigned i = 0; i < r->n; i++)
		n += addr_same(&r->log[i].from, &from->addr) &&
		     slice_starts(slice_str(r->log[i].text), begin);
	return n;
}

static inline const struct rig_packet *rig_packet(const struct rig *r,
						  const struct rig_ua *from,
						  const char *begin)
{
	for (unsigned i = r->n; i-- > 0;)
		if (addr_same(&r->log[i].from, &from->addr) &&
		    slice_starts(slice_str(r->log[i].text), begin))
			return &r->log[i];
	return NULL;
}

/* ---------------------------------------------------------- a scripted peer */
static inline void rig_send(struct rig *r, struct rig_ua *to,
			    const struct addr *from, const char *text)
{
	sip_core_on_datagram(to->core, to->point, &to->addr, from,
			     slice_str(text), r->now);
	(void)rig_drain(to);
	rig_run(r);
}

static inline void rig_copy(struct writer *w, const char *text,
			    const char *name, const char *more)
{
	const char *at = strstr(text, name);
	size_t n = at ? strcspn(at, "\r") : 0;

	writer_put(w, slice_of(at ? at : "", n));
	writer_str(w, more);
	writer_str(w, "\r\n");
}

/* A response to a request in the log; tag "": To as it is.  more: lines, and a
 * body behind an empty one. */
static inline void rig_reply(struct rig *r, struct rig_ua *to,
			     const struct rig_packet *request,
			     const char *status, const char *tag,
			     const char *more)
{
	char text[RIG_TEXT];
	struct writer w = writer_begin(text, sizeof(text) - 1);
	struct addr from = request->to;

	writer_str(&w, "SIP/2.0 ");
	writer_str(&w, status);
	writer_str(&w, "\r\n");
	rig_copy(&w, request->text, "Via:", "");
	rig_copy(&w, request->text, "From:", "");
	rig_copy(&w, request->text, "To:", tag);
	rig_copy(&w, request->text, "Call-ID:", "");
	rig_copy(&w, request->text, "CSeq:", "");
	writer_str(&w, more);
	if (!strstr(more, "\r\n\r\n"))
		writer_str(&w, "\r\n");
	text[w.n] = 0;
	rig_send(r, to, &from, text);
}

/* ------------------------------------------------------------ applications */
/* ring: a 1xx at once; accept, reject: then that.  Answers each offer. */
static inline void rig_answer_user(struct rig_ua *ua,
				   const struct sip_session_event *ev)
{
	struct slice none = { 0 };
	struct slice body = ev->role == SIP_OA_OFFER ? RIG_ANSWER : RIG_OFFER;
	int rc = 0;

	switch (ev->kind) {
	case SIP_SESSION_INCOMING:
		if (ua->ring)
			rc = sip_session_ring(ua->calls, ev->session, ua->ring,
					      none, NULL, ua->rig->now);
		if (ua->accept)
			rc = sip_session_accept(ua->calls, ev->session, body,
						NULL, ua->rig->now);
		if (ua->reject)
			rc = sip_session_reject(ua->calls, ev->session,
						ua->reject, none, NULL,
						ua->rig->now);
		break;
	case SIP_SESSION_OFFER:
		if (ua->reject)
			rc = sip_session_reject(ua->calls, ev->session,
						ua->reject, none, NULL,
						ua->rig->now);
		else if (ua->accept)
			rc = sip_session_accept(ua->calls, ev->session, body,
						NULL, ua->rig->now);
		break;
	case SIP_SESSION_ANSWERED:
	case SIP_SESSION_CHANGED:
		if (ev->role == SIP_OA_OFFER)
			rc = sip_session_ack(ua->calls, ev->session,
					     RIG_ANSWER, ua->rig->now);
		break;
	case SIP_SESSION_COMPOSE:
	case SIP_SESSION_PROGRESS:
	case SIP_SESSION_LEG_GONE:
	case SIP_SESSION_ACKED:
	case SIP_SESSION_WITHDRAWN:
	case SIP_SESSION_RETRY:
	case SIP_SESSION_CHALLENGE:
	case SIP_SESSION_BROKEN:
	case SIP_SESSION_ENDED:
	case SIP_SESSION_REFUSED:
		break;
	}
	(void)rc;
}

static inline struct sip_call rig_call(struct slice offer)
{
	return (struct sip_call){
		.target = S("sip:bob@192.0.2.2"),
		.from = S("\"Alice\" <sip:alice@atlanta.example>"),
		.to = S("<sip:bob@biloxi.example>"),
		.contact = S("<sip:alice@192.0.2.1>"),
		.offer = offer,
	};
}

/* a calls b.  -errno: not even begun. */
static inline int rig_invite(struct rig *r, struct slice offer)
{
	struct sip_call call = rig_call(offer);
	int rc = sip_session_invite(r->ua[0].calls, &call, r->now,
				    &r->ua[0].call);

	rig_run(r);
	return rc;
}

/* Written at once, as there is nothing to wait for. */
static inline int rig_reinvite(struct rig_ua *ua, struct slice offer)
{
	int rc = sip_session_reinvite(ua->calls, ua->call, ua->rig->now);

	ua->offer = offer;
	(void)rig_drain(ua);
	return rc;
}

static inline int rig_hangup(struct rig_ua *ua)
{
	int rc = sip_session_hangup(ua->calls, ua->call, NULL, ua->rig->now);

	rig_run(ua->rig);
	return rc;
}
#endif
