/* SPDX-License-Identifier: BSD-2-Clause
 * A user agent with a call up that it made and one that it took, fed with
 * packets, time and its user's wishes.  Steps are separated by a byte 0xff; the
 * first byte of each says what it is:
 *	w  time passes: a byte of 250 ms each
 *	p  a packet; $ stands for our tag in the call that was taken
 *	a  the packet's rest answers our last request: status, "\n", lines
 *	u  wishes, a byte each
 * What must hold: every call ends once, nothing is reported of one that ended,
 * what is told of bodies is consistent, all memory is given back. */
#include "fuzz/fuzz.h"
#include "tests/unit/sip_rig.h"

enum { STEPS = 64 };

static const struct addr stranger = { .family = 4, .port = 5060,
				      .ip = { 192, 0, 2, 77 } };
static uint64_t begun, ended;
static char tag[64];

static void on_call(struct rig_ua *ua, const struct sip_session_event *ev)
{
	INVARIANT(ev->session || ev->kind == SIP_SESSION_REFUSED);
	if (ev->role == SIP_OA_OFFER || ev->role == SIP_OA_ANSWER ||
	    ev->role == SIP_OA_PREVIEW)
		INVARIANT(ev->body.n);
	else
		INVARIANT(!ev->body.n && ev->role == SIP_OA_NONE);
	if (ev->kind == SIP_SESSION_INCOMING)
		begun++;
	if (ev->kind == SIP_SESSION_ENDED) {
		INVARIANT(ev->reason.n);
		ended++;
	}
	if (ev->kind == SIP_SESSION_INCOMING || ev->kind == SIP_SESSION_OFFER ||
	    !ev->session)
		return; /* answered by a wish; or there is no call */
	rig_answer_user(ua, ev);
}

static void packet(struct rig *r, struct slice text)
{
	char out[2 * RIG_TEXT];
	struct writer w = writer_begin(out, sizeof(out) - 1);

	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] == '$')
			writer_str(&w, tag);
		else if (text.p[i] == '\n' &&
			 (!i || text.p[i - 1] != '\r'))
			writer_str(&w, "\r\n"); /* seeds are easier to read */
		else
			writer_char(&w, text.p[i]);
	}
	sip_core_on_datagram(r->ua[0].core, r->ua[0].point, &r->ua[0].addr,
			     &stranger, writer_done(&w), r->now);
	(void)rig_drain(&r->ua[0]);
	rig_run(r);
}

static void answer(struct rig *r, struct slice text)
{
	const struct rig_packet *last = NULL;
	char status[64], more[RIG_TEXT];
	struct slice line, rest;

	for (unsigned i = r->n; i-- > 0 && !last;)
		if (addr_same(&r->log[i].from, &r->ua[0].addr) &&
		    !slice_starts(slice_str(r->log[i].text), "SIP/") &&
		    !slice_starts(slice_str(r->log[i].text), "ACK"))
			last = &r->log[i];
	slice_cut(text, '\n', &line, &rest);
	if (last && slice_to_str(line, status, sizeof(status)) == 0 &&
	    slice_to_str(slice_head(rest, RIG_TEXT / 2), more,
			 sizeof(more)) == 0)
		rig_reply(r, &r->ua[0], last, status,
			  strstr(last->text, "To: <sip:them@192.0.2.88>\r") ?
			  ";tag=them" : "", more);
}

static void wish(struct rig *r, uint8_t what)
{
	struct rig_ua *ua = &r->ua[0];
	struct slice none = { 0 };
	bool due;
	int rc = 0;

	switch (what % 8) {
	case 0:
		rc = sip_session_accept(ua->calls, ua->call, RIG_ANSWER, NULL,
					r->now);
		break;
	case 1:
		rc = sip_session_reject(ua->calls, ua->call,
					300u + what % 64u * 5, none, NULL,
					r->now);
		break;
	case 2:
		rc = rig_reinvite(ua, what & 8 ? RIG_OFFER : none);
		break;
	case 3:
		rc = sip_session_hangup(ua->calls, ua->call, NULL, r->now);
		break;
	case 4:
		rc = sip_session_withdraw(ua->calls, ua->call, r->now);
		break;
	case 5:
		rc = sip_session_ring(ua->calls, ua->call, 180,
				      what & 8 ? RIG_ANSWER : none, NULL,
				      r->now);
		break;
	case 6:
		rc = sip_session_set_contact(ua->calls, ua->call,
					     S("<sip:new@192.0.2.1>"));
		break;
	default:
		(void)sip_session_would(ua->calls, ua->call,
					(enum sip_oa_kind)(what / 8 %
							   SIP_OA_KINDS),
					&due);
	}
	(void)rc;
	rig_run(r);
}

static void step(struct rig *r, struct slice s)
{
	uint8_t what = (uint8_t)s.p[0];

	s = slice_skip(s, 1);
	for (size_t i = 0; i < s.n && what == 'w'; i++)
		rig_wait(r, MS(250) * (uint8_t)s.p[i]);
	if (what == 'p')
		packet(r, s);
	else if (what == 'a')
		answer(r, s);
	for (size_t i = 0; i < s.n && what == 'u'; i++)
		wish(r, (uint8_t)s.p[i]);
}

/* One call taken, one made. */
static void calls_begin(struct rig *r)
{
	struct sip_call call = rig_call(RIG_OFFER);
	const char *at;

	r->ua[0].user = rig_answer_user;
	r->ua[0].accept = 1;
	packet(r, S("INVITE sip:us@192.0.2.1 SIP/2.0\n"
		    "Via: SIP/2.0/UDP 192.0.2.77;branch=z9hG4bK1\n"
		    "From: <sip:x@y.example>;tag=xtag\n"
		    "To: <sip:us@192.0.2.1>\nCall-ID: hand\n"
		    "CSeq: 1 INVITE\nContact: <sip:x@192.0.2.77>\n"
		    "Content-Type: application/sdp\n\nv=0\n"));
	at = strstr(rig_packet(r, &r->ua[0], "SIP/2.0 200")->text, "To: ");
	at = strstr(at, ";tag=") + 5;
	snprintf(tag, sizeof(tag), "%.*s", (int)strcspn(at, "\r"), at);
	packet(r, S("ACK sip:us@192.0.2.1 SIP/2.0\n"
		    "Via: SIP/2.0/UDP 192.0.2.77;branch=z9hG4bK2\n"
		    "From: <sip:x@y.example>;tag=xtag\n"
		    "To: <sip:us@192.0.2.1>;tag=$\nCall-ID: hand\n"
		    "CSeq: 1 ACK\n\n"));
	INVARIANT(rig_last(&r->ua[0], SIP_SESSION_ACKED));
	r->ua[0].user = on_call;
	call.target = call.to = S("sip:them@192.0.2.88");
	INVARIANT(sip_session_invite(r->ua[0].calls, &call, r->now,
				     &r->ua[0].call) == 0);
	begun = 2;
	ended = 0;
	rig_run(r);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice rest = slice_of(data, size), one;
	struct rig *r = rig_new(0, true);
	uint64_t call;

	if (!r)
		return 0;
	calls_begin(r);
	for (unsigned i = 0; i < STEPS && rest.n; i++) {
		slice_cut(rest, '\xff', &one, &rest);
		if (one.n)
			step(r, one);
	}
	/* Everything is hung up, and all timers run out. */
	for (uint32_t at = 0; (call = sip_sessions_next(r->ua[0].calls, &at));)
		INVARIANT(sip_session_hangup(r->ua[0].calls, call, NULL,
					     r->now) == 0);
	rig_wait(r, SEC(400));
	INVARIANT(begun == ended);
	INVARIANT(sip_sessions_count(r->ua[0].calls) == 0);
	INVARIANT(rig_free(r) == 0);
	return 0;
}
