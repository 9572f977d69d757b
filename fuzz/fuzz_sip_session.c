/* SPDX-License-Identifier: BSD-2-Clause
 * Two user agents that call each other over a wire which loses and doubles
 * packets.  A byte is a step: the low half says what, the high half how much.
 *	0 1  a, b calls (odd: without an offer)    2 3  a, b hangs up
 *	4 5  a, b changes the session (odd: asks)  6 7  a, b accepts
 *	8 9  a, b rejects                          a b  a, b rings (odd: sound)
 *	c    a (odd: b) takes its change back      d    250 ms a unit pass
 *	e    so many packets are lost              f    the next ones come twice
 * What must hold: of each call its end is told once and nothing after it, and
 * when all have hung up no call, no transaction and no memory is left. */
#include "fuzz/fuzz.h"
#include "tests/unit/sip_rig.h"

enum { STEPS = 256, CALLS = 64 };

static unsigned lose, twice;
static struct {
	uint64_t over[CALLS]; /* calls that ended */
	unsigned n;
} seen[2];

static void on_call(struct rig_ua *ua, const struct sip_session_event *ev)
{
	unsigned side = ua == &ua->rig->ua[1];

	for (unsigned i = 0; i < seen[side].n; i++)
		INVARIANT(seen[side].over[i] != ev->session);
	INVARIANT((ev->role == SIP_OA_NONE) == !ev->body.n);
	if (ev->kind == SIP_SESSION_ENDED) {
		INVARIANT(ev->reason.n);
		if (seen[side].n < CALLS)
			seen[side].over[seen[side].n++] = ev->session;
	}
	if (ev->kind != SIP_SESSION_INCOMING && ev->kind != SIP_SESSION_OFFER)
		rig_answer_user(ua, ev); /* an ACK that is due at once */
}

static bool fate(const struct rig *r, const struct rig_packet *p)
{
	struct rig *all = (struct rig *)(uintptr_t)r;

	if (lose) {
		lose--;
		return true;
	}
	if (twice && all->n < RIG_PACKETS) {
		twice--;
		all->log[all->n++] = *p;
	}
	return false;
}

static int call(struct rig_ua *ua, bool offer, struct instant now)
{
	struct sip_call c = rig_call(offer ? RIG_OFFER : (struct slice){ 0 });

	if (ua == &ua->rig->ua[1]) {
		c.target = S("sip:alice@192.0.2.1");
		c.contact = S("<sip:bob@192.0.2.2>");
	}
	c.expires = 60;
	return sip_session_invite(ua->calls, &c, now, &ua->call);
}

static struct slice body_for(const struct rig_ua *ua, enum sip_oa_kind kind)
{
	bool due;

	return sip_session_would(ua->calls, ua->call, kind, &due) ==
	       SIP_OA_ANSWER ? RIG_ANSWER : RIG_OFFER;
}

static int wish(struct rig *r, unsigned what, unsigned how)
{
	struct rig_ua *ua = &r->ua[what == 12 ? how & 1 : what & 1];
	struct slice none = { 0 };
	bool odd = how & 1;

	switch (what / 2) {
	case 0:
		return call(ua, !odd, r->now);
	case 1:
		return sip_session_hangup(ua->calls, ua->call, NULL, r->now);
	case 2:
		return rig_reinvite(ua, odd ? none : RIG_OFFER);
	case 3:
		return sip_session_accept(ua->calls, ua->call,
					  body_for(ua, SIP_OA_2XX), NULL,
					  r->now);
	case 4:
		return sip_session_reject(ua->calls, ua->call,
					  odd ? 488 : 486, none, NULL, r->now);
	case 5:
		return sip_session_ring(ua->calls, ua->call, odd ? 183 : 180,
					odd ? body_for(ua, SIP_OA_1XX) : none,
					NULL, r->now);
	default:
		return sip_session_withdraw(ua->calls, ua->call, r->now);
	}
}

static void step(struct rig *r, uint8_t b)
{
	unsigned what = b & 15, how = b >> 4;

	if (what == 13)
		rig_wait(r, MS(250) * (how + 1));
	else if (what == 14)
		lose = how;
	else if (what == 15)
		twice = how;
	else
		INVARIANT(wish(r, what, how) <= 0);
	rig_run(r);
	if (r->at == r->n)
		r->at = r->n = 0; /* the log begins anew */
}

static void hang_up(struct rig_ua *ua)
{
	uint32_t at = 0;

	for (uint64_t s; (s = sip_sessions_next(ua->calls, &at));)
		INVARIANT(sip_session_hangup(ua->calls, s, NULL,
					     ua->rig->now) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rig *r = rig_new(0, true);

	lose = twice = 0;
	memset(seen, 0, sizeof(seen));
	r->drop = fate;
	for (unsigned i = 0; i < 2; i++)
		r->ua[i].user = on_call;
	for (size_t i = 0; i < size && i < STEPS; i++)
		step(r, data[i]);
	lose = twice = 0;
	hang_up(&r->ua[0]);
	hang_up(&r->ua[1]);
	/* 64*T1 for the call, as much for its BYE, and what absorbs repeats. */
	for (unsigned i = 0; i < 150; i++) {
		rig_wait(r, SEC(1));
		r->at = r->n = 0;
	}
	for (unsigned i = 0; i < 2; i++) {
		const struct sip_core_stats *s = sip_core_stats(r->ua[i].core);

		INVARIANT(sip_sessions_count(r->ua[i].calls) == 0);
		INVARIANT(s->clients == 0 && s->servers == 0);
	}
	INVARIANT(rig_free(r) == 0);
	return 0;
}
