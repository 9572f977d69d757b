/* SPDX-License-Identifier: BSD-2-Clause
 * A user agent with a call up, fed with packets, answers, time and its
 * application's wishes.  Steps are separated by a byte 0xff; the first byte of
 * each says what it is:
 *	w  time passes: a byte of 250 ms each
 *	p  a packet; $ stands for our tag in the call that was taken
 *	a  the packet's rest answers our last request: status, "\n", lines
 *	u  wishes, two bytes each: what, and of which object
 * What must hold: each session ends once and nothing is told of it afterwards,
 * sockets that were opened are closed, all memory is given back. */
#include "fuzz/fuzz.h"
#include "tests/unit/agent_rig.h"

enum { STEPS = 64, SEEN = 256 };

static const struct addr stranger = { .family = 4, .port = 5060,
				      .ip = { 192, 0, 2, AG_PEER } };
static char tag[64];
static uint32_t over[SEEN]; /* sessions that ended */
static unsigned overs;
static uint32_t streams[16]; /* of the last session that told of some */
static size_t stream_count;

static void on_event(struct ag *g, const struct agent_out *o)
{
	INVARIANT(o->event);
	for (unsigned i = 0; o->session && i < overs; i++)
		INVARIANT(over[i] != o->session);
	if (o->session)
		stream_count = agent_streams(g->agent, o->session, streams,
					     COUNT(streams));
	if (stream_count > COUNT(streams))
		stream_count = COUNT(streams);
	if (o->event != PARLEY_EV_ENDED)
		return;
	INVARIANT(o->reason.n && o->end);
	if (overs < SEEN)
		over[overs++] = o->session;
}

static void packet(struct ag_rig *w, struct slice text)
{
	char out[2 * RIG_TEXT];
	struct writer wr = writer_begin(out, sizeof(out) - 1);
	struct rig_ua *ua = w->a.ua;

	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] == '$')
			writer_str(&wr, tag);
		else if (text.p[i] == '\n' && (!i || text.p[i - 1] != '\r'))
			writer_str(&wr, "\r\n"); /* seeds are easier to read */
		else
			writer_char(&wr, text.p[i]);
	}
	sip_core_on_datagram(ua->core, ua->point, &ua->addr, &stranger,
			     writer_done(&wr), w->r->now);
	(void)rig_drain(ua);
	ag_run(w);
}

static void answer(struct ag_rig *w, struct slice text)
{
	const struct rig_packet *last = NULL;
	char status[64], more[RIG_TEXT];
	struct slice line, rest;

	for (unsigned i = w->r->n; i-- > 0 && !last;)
		if (addr_same(&w->r->log[i].from, &w->a.ua->addr) &&
		    !slice_starts(slice_str(w->r->log[i].text), "SIP/") &&
		    !slice_starts(slice_str(w->r->log[i].text), "ACK"))
			last = &w->r->log[i];
	slice_cut(text, '\n', &line, &rest);
	if (last && slice_to_str(line, status, sizeof(status)) == 0 &&
	    slice_to_str(slice_head(rest, RIG_TEXT / 2), more,
			 sizeof(more)) == 0)
		rig_reply(w->r, w->a.ua, last, status,
			  strstr(last->text, "To: <sip:them@192.0.2.88>\r") ?
			  ";tag=them" : "", more);
	ag_run(w);
}

static int set(struct ag *g, uint8_t which)
{
	static const char *const row[][2] = {
		{ "rtp.codecs", "PCMU" }, { "rtp.codecs", "opus,PCMA" },
		{ "rtp.external", "198.51.100.1:9000" },
		{ "rtp.external", "" }, { "session.ring_timeout", "2" },
		{ "auth.password", "secret" }, { "session.calls", "2" },
		{ "auth.password", "" }, { "rtp.dtmf", "inband" },
	};

	which %= COUNT(row);
	return ag_set(g, g->account, row[which][0], row[which][1]);
}

/* What a stream of that number, or the session, is to do. */
static int of_session(struct ag *g, uint8_t what, uint8_t which,
		      struct instant now)
{
	uint32_t st = stream_count ? streams[which % stream_count] : which;
	uint32_t s = g->session, added;

	switch (what % 16) {
	case 0: return agent_accept(g->agent, s, which & 1 ? &st : NULL,
				    which & 1, now);
	case 1: return agent_reject(g->agent, s, 300 + which, S(""), now);
	case 2: return agent_ring(g->agent, s, now);
	case 3: return agent_end(g->agent, s, now);
	case 4: return agent_hold(g->agent, s, which & 1, now);
	case 5: return agent_stream_add(g->agent, s, PARLEY_AUDIO, &added);
	case 6: return agent_stream_remove(g->agent, st);
	case 7: return agent_propose(g->agent, s, now);
	case 8: return agent_propose_cancel(g->agent, s, now);
	case 9: return agent_proposal_accept(g->agent, s,
					     which & 1 ? &st : NULL,
					     which & 1, now);
	case 10: return agent_proposal_reject(g->agent, s, now);
	case 11: agent_on_media_failed(g->agent, st, -EIO, now); return 0;
	case 12: g->late = which & 1; return 0;
	case 13: g->open_error = which & 1 ? -EMFILE : 0; return 0;
	case 14: return set(g, which);
	default: ag_open(g); return 0;
	}
}

static void wish(struct ag_rig *w, uint8_t what, uint8_t which)
{
	struct ag *g = &w->a;
	int rc = 0;

	if (what % 32 < 16)
		rc = of_session(g, what, which, w->r->now);
	else if (what % 32 == 16)
		rc = agent_call(g->agent, g->account, which & 1 ?
				S("sip:bob@192.0.2.2") :
				S("sip:them@192.0.2.88"), NULL,
				w->r->now, &g->session);
	else if (what % 32 == 17)
		rc = agent_register(g->agent, g->account, which & 1,
				    w->r->now);
	else if (what % 32 == 18)
		w->b.accept = which & 1;
	else if (what % 32 == 19)
		w->b.accept_more = which & 1;
	else if (what % 32 == 21 && stream_count)
		agent_on_heard(g->agent, streams[which % stream_count],
			       which & 0x80, w->r->now);
	else if (what % 32 == 22)
		g->slow = which & 1;
	else if (what % 32 == 23)
		ag_found(g);
	else if (what % 32 == 20 && w->b.session)
		rc = agent_hold(w->b.agent, w->b.session, which & 1,
				w->r->now);
	(void)rc;
	ag_run(w);
}

static void step(struct ag_rig *w, struct slice s)
{
	char what = s.p[0];

	s = slice_skip(s, 1);
	for (size_t i = 0; i < s.n && what == 'w'; i++)
		ag_wait(w, MS(250) * (uint8_t)s.p[i]);
	if (what == 'p')
		packet(w, s);
	else if (what == 'a')
		answer(w, s);
	for (size_t i = 0; i + 1 < s.n && what == 'u'; i += 2)
		wish(w, (uint8_t)s.p[i], (uint8_t)s.p[i + 1]);
}

static void begin(struct ag_rig *w)
{
	overs = 0;
	stream_count = 0;
	w->a.on_event = on_event;
	w->a.names[0] = (struct ag_name){ "media.example",
					  addr_v4(192, 0, 2, 99, 0) };
	packet(w, S("INVITE sip:alice@192.0.2.1 SIP/2.0\n"
		    "Via: SIP/2.0/UDP 192.0.2.77;branch=z9hG4bK1\n"
		    "From: <sip:x@y.example>;tag=xtag\n"
		    "To: <sip:us@192.0.2.1>\nCall-ID: hand\n"
		    "CSeq: 1 INVITE\nContact: <sip:x@192.0.2.77>\n"
		    "Content-Type: application/sdp\n\n"
		    "v=0\no=- 7 7 IN IP4 192.0.2.77\ns=-\n"
		    "c=IN IP4 192.0.2.77\nt=0 0\nm=audio 9000 RTP/AVP 0\n"));
	snprintf(tag, sizeof(tag), "%.*s", (int)sizeof(tag) - 1,
		 ag_tag(w, &w->a) + 5); /* behind ";tag=" */
	packet(w, S("ACK sip:alice@192.0.2.1 SIP/2.0\n"
		    "Via: SIP/2.0/UDP 192.0.2.77;branch=z9hG4bK2\n"
		    "From: <sip:x@y.example>;tag=xtag\n"
		    "To: <sip:us@192.0.2.1>;tag=$\nCall-ID: hand\n"
		    "CSeq: 1 ACK\n\n"));
	INVARIANT(ag_count(&w->a, PARLEY_EV_CONFIRMED) == 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice rest = slice_of(data, size), one;
	struct ag_rig *w = ag_rig_new(0);

	if (!w)
		return 0;
	begin(w);
	for (unsigned i = 0; i < STEPS && rest.n; i++) {
		slice_cut(rest, '\xff', &one, &rest);
		if (one.n)
			step(w, one);
	}
	/* Everything is hung up, and all timers run out. */
	w->a.late = w->a.slow = false;
	ag_open(&w->a);
	ag_found(&w->a);
	agent_shutdown(w->a.agent, MONO_NEVER, w->r->now);
	agent_shutdown(w->b.agent, MONO_NEVER, w->r->now);
	ag_wait(w, SEC(400));
	INVARIANT(agent_load(w->a.agent).sessions == 0);
	INVARIANT(agent_load(w->a.agent).streams == 0);
	INVARIANT(agent_load(w->a.agent).calls == 0);
	INVARIANT(w->a.open == 0 && w->b.open == 0);
	INVARIANT(w->a.n == AG_EVENTS ||
		  ag_count(&w->a, PARLEY_EV_SHUTDOWN) == 1);
	INVARIANT(ag_rig_free(w) == 0);
	return 0;
}
