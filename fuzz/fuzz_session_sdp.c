/* SPDX-License-Identifier: BSD-2-Clause
 * Descriptions into a session, with a byte 0xff between them.  The first
 * offers, or with a leading byte 'a' answers ours; each further one offers in
 * the session, or with the leading byte answers an offer of ours.
 * What must hold: what we say is a valid description, an answer has the lines
 * of its offer, kinds and address families included, an offer those of the last
 * description; the session ends when it is hung up, and nothing stays. */
#include "fuzz/fuzz.h"
#include "tests/unit/agent_rig.h"

enum { STEPS = 8 };

struct peer {
	struct ag_rig *w;
	unsigned cseq;
	char tag[64];
	bool made; /* the call is ours */
	size_t lines;
};

static unsigned family(const struct sdp *d, size_t i)
{
	struct sdp_conn c = sdp_media_conn(d, &d->media[i]);

	return sdp_conn_family(&c);
}

static void checked(struct peer *peer, const struct rig_packet *p,
		    struct slice offer)
{
	const char *body = strstr(p->text, "\r\n\r\n") + 4;
	struct slice ours = slice_str(body);
	struct sdp o, a;
	struct parse_error e;

	if (p->n >= RIG_TEXT - 1)
		return; /* the log has cut it */
	INVARIANT(sdp_parse(ours, 0, &a, &e) == 0);
	INVARIANT(a.media_count >= peer->lines);
	peer->lines = a.media_count;
	if (!offer.n)
		return;
	INVARIANT(sdp_parse(offer, SDP_WILD, &o, &e) == 0);
	INVARIANT(a.media_count == o.media_count);
	for (size_t i = 0; i < a.media_count; i++) {
		INVARIANT(slice_same(a.media[i].type, o.media[i].type));
		INVARIANT(slice_same(a.media[i].proto, o.media[i].proto));
		INVARIANT(o.media[i].port || !a.media[i].port);
		INVARIANT(!a.media[i].port ||
			  family(&a, i) == family(&o, i));
	}
}

/* A request with a body of bytes; the rig's own is of text. */
static void request(struct peer *p, const char *method, struct slice body)
{
	static const struct addr from = { .family = 4, .port = 5060,
					  .ip = { 192, 0, 2, AG_PEER } };
	struct rig_ua *ua = p->w->a.ua;
	char text[RIG_TEXT];
	struct writer w = writer_begin(text, sizeof(text));
	char head[512];

	snprintf(head, sizeof(head), "%s sip:alice@192.0.2.1 SIP/2.0\r\n"
		 "Via: SIP/2.0/UDP 192.0.2.77;branch=z9hG4bK%s%u\r\n"
		 "To: <sip:alice@here.example>%s\r\n"
		 "From: <sip:peer@there.example>;tag=peertag\r\n"
		 "Call-ID: fuzz\r\nCSeq: %u %s\r\nMax-Forwards: 9\r\n"
		 "Contact: <sip:peer@192.0.2.77>\r\n%s\r\n", method, method,
		 p->cseq, p->tag, p->cseq, method,
		 body.n ? "Content-Type: application/sdp\r\n" : "");
	writer_str(&w, head);
	writer_put(&w, body);
	if (w.full)
		return;
	sip_core_on_datagram(ua->core, ua->point, &ua->addr, &from,
			     writer_done(&w), p->w->r->now);
	(void)rig_drain(ua);
	ag_run(p->w);
}

static void offer(struct peer *p, struct slice body)
{
	unsigned before = p->w->r->n;
	const struct rig_packet *r = NULL;

	if (!body.n)
		return;
	p->cseq++;
	request(p, "INVITE", body);
	for (unsigned i = before; i < p->w->r->n; i++)
		if (slice_starts(slice_str(p->w->r->log[i].text),
				 "SIP/2.0 200"))
			r = &p->w->r->log[i];
	if (!r)
		return;
	checked(p, r, body);
	if (!p->tag[0])
		snprintf(p->tag, sizeof(p->tag), "%s", ag_tag(p->w, &p->w->a));
	request(p, "ACK", (struct slice){ 0 });
}

/* Their answer to what we offer next. */
static void answer(struct peer *p, struct slice body)
{
	struct ag *g = &p->w->a;
	unsigned before = p->w->r->n;
	uint32_t stream;
	char more[RIG_TEXT / 2];
	struct writer w = writer_begin(more, sizeof(more) - 1);

	if (p->made || p->tag[0]) {
		if (agent_stream_add(g->agent, g->session, PARLEY_AUDIO,
				     &stream) ||
		    agent_propose(g->agent, g->session, p->w->r->now))
			return;
	} else if (agent_call(g->agent, g->account, S("sip:x@192.0.2.77"),
			      NULL, p->w->r->now, &g->session)) {
		return;
	}
	ag_run(p->w);
	writer_str(&w, "Contact: <sip:x@192.0.2.77>\r\n" AG_TYPE);
	writer_put(&w, body);
	more[w.n] = '\0';
	for (unsigned i = before; i < p->w->r->n; i++) {
		const struct rig_packet *r = &p->w->r->log[i];

		if (!slice_starts(slice_str(r->text), "INVITE"))
			continue;
		checked(p, r, (struct slice){ 0 });
		rig_reply(p->w->r, g->ua, r, "200 OK",
			  p->made || p->tag[0] ? "" : ";tag=x", more);
		ag_run(p->w);
		break;
	}
	p->made |= !p->tag[0];
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice rest = slice_of(data, size), one;
	struct peer p = { .w = ag_rig_new(0) };

	if (!p.w)
		return 0;
	p.w->a.accept_more = true;
	p.w->a.names[0] = (struct ag_name){ "media.example",
					    addr_v4(192, 0, 2, 99, 0) };
	for (unsigned i = 0; i < STEPS && rest.n; i++) {
		slice_cut(rest, '\xff', &one, &rest);
		if (one.n && one.p[0] == 'a')
			answer(&p, slice_skip(one, 1));
		else if (!p.made)
			offer(&p, one);
		ag_wait(p.w, SEC(1));
	}
	agent_shutdown(p.w->a.agent, MONO_NEVER, p.w->r->now);
	ag_wait(p.w, SEC(300));
	INVARIANT(agent_load(p.w->a.agent).sessions == 0);
	INVARIANT(agent_load(p.w->a.agent).streams == 0);
	INVARIANT(p.w->a.open == 0);
	INVARIANT(ag_count(&p.w->a, PARLEY_EV_INCOMING) <=
		  ag_count(&p.w->a, PARLEY_EV_ENDED));
	INVARIANT(ag_rig_free(p.w) == 0);
	return 0;
}
