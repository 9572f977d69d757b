/* SPDX-License-Identifier: BSD-2-Clause
 * tests/unit/agent_rig.h - two agents on the wire of sip_rig.h, with media that
 * only counts.  a is 192.0.2.1, b 192.0.2.2; a peer at another address is
 * written by the test.  Tests and fuzz targets.
 */
#ifndef TESTS_UNIT_AGENT_RIG_H
#define TESTS_UNIT_AGENT_RIG_H
#include "client/agent.h"
#include "client/stream_audio.h"
#include "tests/unit/sip_rig.h"

enum { AG_EVENTS = 256, AG_LATE = 32, AG_NAMES = 4 };

struct ag_name { /* as of a hosts file */
	const char *name;
	struct addr addr;
};

struct ag_event {
	struct agent_out o; /* its slices: into the texts below */
	char reason[128], warning[256], from[512], to[512];
};

struct ag { /* one agent with its application */
	struct rig_ua *ua;
	struct agent *agent;
	uint32_t account;
	uint32_t session;         /* the last that came in or was made */
	struct ag_event ev[AG_EVENTS];
	unsigned n;
	uint16_t port;            /* of the next stream's socket */
	/* outputs so far */
	unsigned opens, expects, starts, proves, stops, closes, forgets, notes;
	unsigned finishes, rooms, offs;
	uint32_t open;            /* sockets there are now */
	bool late;                /* OPEN waits for ag_open */
	struct agent_out waiting[AG_LATE];
	unsigned waits;
	int open_error;
	unsigned few;             /* sockets there may be; 0: any number */
	bool start_fails;
	struct ag_name names[AG_NAMES]; /* those that can be looked up */
	unsigned lookups;
	bool slow;                /* ... which waits for ag_found */
	uint32_t asked[AG_LATE];  /* the streams that wait */
	char asked_name[AG_LATE][64];
	unsigned asks;
	struct stream_agreed agreed; /* of the last START, */
	struct audio_agreed audio;   /* ... and what is audio's own */
	char fmtp[128];              /* of its first codec */
	/* The application: what it does about events of itself. */
	unsigned reject;          /* status for calls */
	bool accept, ring, accept_more, reject_more;
	/* ... and what a test does in the callback; may be NULL. */
	void (*on_event)(struct ag *g, const struct agent_out *o);
	/* ... what media says when there is room, or for the last time */
	void (*on_news)(struct ag *g, const struct agent_out *o);
	void *arg;
};

struct ag_rig {
	struct rig *r;
	struct ag a, b;
};

static inline void ag_poll(struct ag *g);

static inline void ag_opened(struct ag *g, const struct agent_out *o)
{
	struct addr rtp = o->local.family ? o->local : g->ua->addr, rtcp;
	int err = g->few && g->open >= g->few ? -EMFILE : g->open_error;

	rtp.port = g->port;
	rtcp = rtp;
	rtcp.port++;
	g->port = (uint16_t)(g->port + 2);
	if (agent_on_open(g->agent, o->stream, &rtp, &rtcp, err,
			  g->ua->rig->now) && err == 0)
		g->open++;
}

static inline bool ag_waits(const struct ag *g, uint32_t stream)
{
	for (unsigned i = 0; i < g->waits; i++)
		if (g->waiting[i].stream == stream)
			return true;
	return false;
}

static inline void ag_open(struct ag *g) /* those that waited */
{
	for (unsigned i = 0; i < g->waits; i++)
		ag_opened(g, &g->waiting[i]);
	g->waits = 0;
	ag_poll(g);
}

static inline void ag_locate(struct ag *g, uint32_t stream, const char *name)
{
	struct addr found[AG_NAMES];
	size_t n = 0;

	for (unsigned i = 0; i < AG_NAMES; i++)
		if (g->names[i].name && strcmp(name, g->names[i].name) == 0)
			found[n++] = g->names[i].addr;
	agent_on_located(g->agent, stream, found, n, g->ua->rig->now);
}

static inline void ag_found(struct ag *g) /* those that waited */
{
	for (unsigned i = 0; i < g->asks; i++)
		ag_locate(g, g->asked[i], g->asked_name[i]);
	g->asks = 0;
	ag_poll(g);
}

static inline void ag_ask(struct ag *g, const struct agent_out *o)
{
	char name[64];

	g->lookups++;
	snprintf(name, sizeof(name), "%.*s", (int)o->host.n, o->host.p);
	if (g->slow && g->asks < AG_LATE) {
		memcpy(g->asked_name[g->asks], name, sizeof(name));
		g->asked[g->asks++] = o->stream;
	} else {
		ag_locate(g, o->stream, name);
	}
}

static inline struct slice ag_keep_text(char *at, size_t cap, struct slice s)
{
	return slice_of(at, agent_line(at, cap, s));
}

static inline void ag_keep(struct ag *g, const struct agent_out *o)
{
	struct ag_event *k;

	if (g->n == AG_EVENTS)
		return;
	k = &g->ev[g->n++];
	k->o = *o;
	k->o.reason = ag_keep_text(k->reason, sizeof(k->reason), o->reason);
	k->o.warning = ag_keep_text(k->warning, sizeof(k->warning),
				    o->warning);
	k->o.from = ag_keep_text(k->from, sizeof(k->from), o->from);
	k->o.to = ag_keep_text(k->to, sizeof(k->to), o->to);
}

static inline void ag_answer(struct ag *g, const struct agent_out *o)
{
	struct instant now = g->ua->rig->now;
	int rc = 0;

	if (o->event == PARLEY_EV_INCOMING) {
		g->session = o->session;
		if (g->ring)
			rc = agent_ring(g->agent, o->session, now);
		if (g->reject)
			rc = agent_reject(g->agent, o->session, (int)g->reject,
					  S(""), now);
		else if (g->accept)
			rc = agent_accept(g->agent, o->session, NULL, 0, now);
	}
	if (o->event == PARLEY_EV_PROPOSED && g->accept_more)
		rc = agent_proposal_accept(g->agent, o->session, NULL, 0, now);
	if (o->event == PARLEY_EV_PROPOSED && g->reject_more)
		rc = agent_proposal_reject(g->agent, o->session, now);
	(void)rc;
}

static inline void ag_start(struct ag *g, const struct agent_out *o)
{
	g->agreed = *o->agreed;
	g->audio = *audio_agreed(o->agreed);
	if (o->agreed->offered) {
		g->expects++;
		return;
	}
	g->starts++;
	(void)agent_line(g->fmtp, sizeof(g->fmtp), g->audio.pair[0].fmtp);
	if (g->start_fails)
		agent_on_media_failed(g->agent, o->stream, -EIO,
				      g->ua->rig->now);
}

static inline void ag_carry_out(struct ag *g, const struct agent_out *o)
{
	switch (o->kind) {
	case AGENT_OPEN:
		g->opens++;
		g->open -= o->anew;
		if (g->late && g->waits < AG_LATE)
			g->waiting[g->waits++] = *o;
		else
			ag_opened(g, o);
		break;
	case AGENT_LOCATE:
		ag_ask(g, o);
		break;
	case AGENT_START:
		ag_start(g, o);
		break;
	case AGENT_PROVED:
		g->proves++;
		break;
	case AGENT_STOP:
		g->stops++;
		break;
	case AGENT_CLOSE:
		g->closes++;
		if (ag_waits(g, o->stream)) /* it is off */
			g->offs++;
		else
			g->open--;
		break;
	case AGENT_FORGET:
		g->forgets++;
		break;
	case AGENT_NOTE:
		g->notes++;
		break;
	case AGENT_FINISH:
		g->finishes++;
		if (g->on_news)
			g->on_news(g, o);
		break;
	case AGENT_ROOM:
		g->rooms++;
		if (g->on_news)
			g->on_news(g, o);
		break;
	case AGENT_EVENT:
		ag_keep(g, o);
		ag_answer(g, o);
		if (g->on_event)
			g->on_event(g, o);
		break;
	}
}

static inline void ag_poll(struct ag *g)
{
	struct agent_out o;

	while (g->agent && agent_poll(g->agent, &o))
		ag_carry_out(g, &o);
}

static inline void ag_on_sip(struct rig_ua *ua, const struct sip_result *result)
{
	struct ag *g = ua->arg;

	if (!g->agent)
		return;
	agent_on_sip(g->agent, result, ua->rig->now);
	if (!g->late) /* else many inputs come before one poll */
		ag_poll(g);
}

static inline mono ag_deadline(struct rig_ua *ua)
{
	struct ag *g = ua->arg;

	return g->agent ? agent_deadline(g->agent) : MONO_NEVER;
}

static inline void ag_on_time(struct rig_ua *ua)
{
	struct ag *g = ua->arg;

	if (!g->agent)
		return;
	agent_on_time(g->agent, ua->rig->now);
	ag_poll(g);
}

static inline int ag_begin(struct ag *g, struct rig_ua *ua, const char *aor,
			   uint8_t seed)
{
	uint8_t bytes[32] = { seed };
	int rc = agent_new(&ua->mem, &ua->users, &limits_default, bytes,
			   ua->rig->now, &g->agent);

	g->ua = ua;
	g->port = 4000;
	ua->arg = g;
	ua->result = ag_on_sip;
	ua->deadline = ag_deadline;
	ua->on_time = ag_on_time;
	if (rc == 0)
		rc = agent_account_add(g->agent, slice_str(aor), &g->account);
	return rc;
}

static inline void ag_end(struct ag_rig *w)
{
	agent_free(w->a.agent);
	agent_free(w->b.agent);
	w->a.agent = w->b.agent = NULL;
}

/* NULL: no memory; fail_at is a's, counted from the beginning. */
static inline struct ag_rig *ag_rig_new(uint64_t fail_at)
{
	struct rig *r = rig_new(fail_at, false);
	struct ag_rig *w = calloc(1, sizeof(*w));

	if (!r) {
		free(w);
		return NULL;
	}
	w->r = r;
	w->a.accept = w->b.accept = true;
	if (ag_begin(&w->a, &r->ua[0], "Alice <sip:alice@atlanta.example>",
		     11) == 0 &&
	    ag_begin(&w->b, &r->ua[1], "sip:bob@biloxi.example", 22) == 0)
		return w;
	ag_end(w);
	(void)rig_free(r);
	free(w);
	return NULL;
}

/* How many blocks leaked. */
static inline uint64_t ag_rig_free(struct ag_rig *w)
{
	uint64_t blocks;

	ag_end(w);
	blocks = rig_free(w->r);
	free(w);
	return blocks;
}

static inline void ag_run(struct ag_rig *w)
{
	ag_poll(&w->a);
	ag_poll(&w->b);
	rig_run(w->r);
}

static inline void ag_wait(struct ag_rig *w, mono span)
{
	ag_run(w);
	rig_wait(w->r, span);
	ag_run(w);
}

static inline int ag_set(struct ag *g, uint32_t owner, const char *key,
			 const char *value)
{
	return agent_set(g->agent, owner, slice_str(key), slice_str(value));
}

static inline int ag_call_to(struct ag_rig *w, struct ag *g, const char *uri,
			     const enum parley_media *media, size_t n)
{
	struct parley_call_options o = { .media = media, .media_n = n };
	int rc = agent_call(g->agent, g->account, slice_str(uri), &o,
			    w->r->now, &g->session);

	ag_run(w);
	return rc;
}

static inline int ag_call(struct ag_rig *w) /* a calls b */
{
	return ag_call_to(w, &w->a, "sip:bob@192.0.2.2", NULL, 0);
}

/* ----------------------------------------------------------- what happened */
static inline unsigned ag_count(const struct ag *g, enum parley_event_kind k)
{
	unsigned n = 0;

	for (unsigned i = 0; i < g->n; i++)
		n += g->ev[i].o.event == k;
	return n;
}

static inline const struct ag_event *ag_last(const struct ag *g,
					     enum parley_event_kind k)
{
	for (unsigned i = g->n; i-- > 0;)
		if (g->ev[i].o.event == k)
			return &g->ev[i];
	return NULL;
}

/* The body of the last packet from there that begins so; "" when none. */
static inline const char *ag_sdp(const struct ag_rig *w, const struct ag *from,
				 const char *begin)
{
	const struct rig_packet *p = rig_packet(w->r, from->ua, begin);
	const char *body = p ? strstr(p->text, "\r\n\r\n") : NULL;

	return body ? body + 4 : "";
}

/* The i-th m= line of a description with what follows it; "" when none. */
static inline const char *ag_mline(const char *sdp, unsigned i)
{
	static char text[RIG_TEXT];
	const char *m = strstr(sdp, "m="), *end;

	while (m && i--)
		m = strstr(m + 1, "\nm=") ? strstr(m + 1, "\nm=") + 1 : NULL;
	if (!m)
		return "";
	end = strstr(m, "\nm=");
	snprintf(text, sizeof(text), "%.*s",
		 (int)(end ? (size_t)(end - m) + 1 : strlen(m)), m);
	return text;
}

static inline unsigned ag_mlines(const char *sdp)
{
	unsigned n = 0;

	for (const char *m = sdp; (m = strstr(m, "m=")); m += 2)
		n += m == sdp || m[-1] == '\n';
	return n;
}

/* The version of o=. */
static inline unsigned long long ag_version(const char *sdp)
{
	unsigned long long id = 0, version = 0;
	const char *o = strstr(sdp, "o=");

	if (!o || sscanf(o, "o=%*s %llu %llu", &id, &version) != 2)
		return 0;
	return version;
}

static inline size_t ag_streams(const struct ag *g, uint32_t *out, size_t cap)
{
	return agent_streams(g->agent, g->session, out, cap);
}

/* ---------------------------------------------------------- a scripted peer */
enum { AG_PEER = 77 }; /* last part of 192.0.2.77 */

/* A request of the peer's to g; what: "INVITE", cseq, totag as in ";tag=x",
 * more: lines, and a body behind an empty one. */
static inline void ag_send(struct ag_rig *w, struct ag *g, const char *what,
			   unsigned cseq, const char *totag, const char *more)
{
	struct addr peer = addr_v4(192, 0, 2, AG_PEER, 5060);
	const char *body = strstr(more, "\r\n\r\n");
	char text[RIG_TEXT];

	snprintf(text, sizeof(text), "%s sip:%s@%s:5060 SIP/2.0\r\n"
		 "Via: SIP/2.0/UDP 192.0.2.77:5060;branch=z9hG4bK%s%u\r\n"
		 "Max-Forwards: 70\r\nTo: <sip:%s@here.example>%s\r\n"
		 "From: \"Peer\" <sip:peer@there.example>;tag=peertag\r\n"
		 "Call-ID: scripted\r\nCSeq: %u %s\r\n"
		 "Contact: <sip:peer@192.0.2.77:5060>\r\n"
		 "%s%s", what, g == &w->a ? "alice" : "bob",
		 g == &w->a ? "192.0.2.1" : "192.0.2.2", what, cseq,
		 g == &w->a ? "alice" : "bob", totag, cseq, what, more,
		 body ? "" : "Content-Length: 0\r\n\r\n");
	rig_send(w->r, g->ua, &peer, text);
}

static inline void ag_request(struct ag_rig *w, struct ag *g, const char *what,
			      unsigned cseq, const char *totag,
			      const char *more)
{
	ag_send(w, g, what, cseq, totag, more);
	ag_run(w);
}

/* The tag that g gave itself in its last response. */
static inline const char *ag_tag(const struct ag_rig *w, const struct ag *g)
{
	static char tag[64];
	const struct rig_packet *p = rig_packet(w->r, g->ua, "SIP/2.0 ");
	const char *to = p ? strstr(p->text, "\r\nTo:") : NULL;
	const char *at = to ? strstr(to, ";tag=") : NULL;

	snprintf(tag, sizeof(tag), "%.*s",
		 at ? (int)strcspn(at, "\r") : 0, at ? at : "");
	return tag;
}

#define AG_TYPE "Content-Type: application/sdp\r\n\r\n"
#define AG_SDP_HEAD "v=0\r\no=- 7 7 IN IP4 192.0.2.77\r\ns=-\r\n" \
	"c=IN IP4 192.0.2.77\r\nt=0 0\r\n"
#define AG_PCMU "m=audio 9000 RTP/AVP 0\r\n"
#endif
