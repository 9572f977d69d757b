/* SPDX-License-Identifier: BSD-2-Clause
 * A registration and an OPTIONS ping against a registrar of any temper.  Steps
 * are separated by a byte 0xff; the first byte of each says what it is:
 *	a  the rest answers the last request: status, "\n", lines
 *	w  time passes: a byte of 10 s each
 *	s, u, c  bind, unbind, clear;  n  new contacts
 * A first byte "!" makes it a flow with GRUUs and a NAT, redirected at will.
 * What must hold: an outcome has a reason, bindings end in the future, CSeq
 * rises, nothing leaks. */
#include "fuzz/fuzz.h"
#include "tests/unit/sip_rig.h"

#include "sip/hdr/sip_cseq.h"
#include "sip/usage/sip_options.h"
#include "sip/usage/sip_register.h"

enum { STEPS = 64 };

static struct sip_register reg;
static struct sip_ping ping;
static uint32_t cseq;

static void see(struct rig_ua *ua, const struct sip_result *result)
{
	const struct sip_register_event *ev = sip_register_result(result);
	const struct sip_ping_event *pong = sip_ping_result(result);

	INVARIANT((ev != NULL) != (pong != NULL));
	if (pong)
		INVARIANT(pong->reason.n && pong->round_trip >= 0);
	if (!ev)
		return;
	INVARIANT(ev->reason.n);
	INVARIANT((ev->kind == SIP_REGISTER_OK) == (ev->expires > 0));
	INVARIANT(ev->kind == SIP_REGISTER_FAILED || !ev->retry);
	if (ev->kind == SIP_REGISTER_OK)
		INVARIANT(sip_register_is_bound(&reg, ua->rig->now));
	for (unsigned i = 0; i < SIP_REGISTER_KEPT; i++)
		INVARIANT(sip_register_kept(&reg, (enum sip_register_kept)i,
					    ua->rig->now).n <= 1024);
}

static void answer(struct rig *r, struct slice text)
{
	const struct rig_packet *last = r->n ? &r->log[r->n - 1] : NULL;
	char status[64], more[RIG_TEXT];
	struct slice line, rest;

	slice_cut(text, '\n', &line, &rest);
	if (last && slice_to_str(line, status, sizeof(status)) == 0 &&
	    slice_to_str(slice_head(rest, RIG_TEXT / 2), more,
			 sizeof(more)) == 0)
		rig_reply(r, &r->ua[0], last, status, ";tag=them", more);
}

static void step(struct rig *r, struct slice s)
{
	char what = s.p[0];
	int rc = 0;

	s = slice_skip(s, 1);
	for (size_t i = 0; i < s.n && what == 'w'; i++)
		rig_wait(r, SEC(10) * (uint8_t)s.p[i]);
	if (what == 'a')
		answer(r, s);
	else if (what == 's')
		sip_register_start(&reg, r->now);
	else if (what == 'u')
		sip_register_stop(&reg, r->now);
	else if (what == 'c')
		sip_register_clear(&reg, r->now);
	else if (what == 'n')
		rc = sip_register_set_contacts(&reg, s, r->now);
	INVARIANT(rc <= 0);
	rig_run(r);
	INVARIANT(reg.d.local_seq >= cseq);
	cseq = reg.d.local_seq;
}

static bool begin(struct rig *r, bool flow)
{
	static const struct sip_secret secret = {
		.user = SLICE("bob"), .password = SLICE("zanzibar"),
	};
	const struct sip_register_config c = {
		.registrar = S("sip:192.0.2.9"),
		.aor = S("<sip:bob@biloxi.example>"),
		.contacts = flow ? S("") : S("<sip:bob@192.0.2.1>"),
		.here = flow, .user = S("bob"), .nat = flow, .gruu = flow,
		.reg_id = flow, .redirects = flow ? 2 : 0,
		.instance = S("urn:uuid:00000000-0000-1000-8000-000a95a0e128"),
		.secret = &secret, .secrets = 1,
	};
	const struct sip_ping_config p = {
		.target = S("sip:192.0.2.9"),
		.from = S("<sip:bob@biloxi.example>"), .interval = SEC(60),
	};

	if (sip_register_init(&reg, &r->ua[0].mem, &r->ua[0].users, &c) < 0 ||
	    sip_ping_init(&ping, &r->ua[0].mem, &r->ua[0].users, &p,
			  r->now) < 0)
		return false;
	r->ua[0].result = see;
	cseq = 0;
	sip_register_start(&reg, r->now);
	rig_run(r);
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice rest = slice_of(data, size), one;
	struct rig *r = rig_new(0, false);
	bool flow;

	if (!r)
		return 0;
	flow = size && data[0] == '!';
	rest = slice_skip(rest, flow);
	INVARIANT(begin(r, flow));
	for (unsigned i = 0; i < STEPS && rest.n; i++) {
		slice_cut(rest, '\xff', &one, &rest);
		if (one.n)
			step(r, one);
	}
	sip_register_fini(&reg);
	sip_ping_fini(&ping);
	INVARIANT(rig_free(r) == 0);
	return 0;
}
