/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/sim/desk.h"

#include "sip/hdr/sip_name_addr.h"
#include "sip/hdr/sip_number.h"
#include "sip/usage/sip_digest_uas.h"

static const struct sip_digest_policy policy_of = {
	.realm = { "desk", 4 }, .alg = { DIGEST_SHA256, DIGEST_MD5 },
	.algs = 2, .lifetime_ns = SEC(300), .key = { 1, 2, 3 },
};

static void respond(struct desk *d, const struct sip_event *ev,
		    const struct sip_msg *m)
{
	struct sip_core *c = sip_port_core(d->port);

	if (sip_core_respond(c, ev->txn, m, S("desk"), reactor_now(d->r)))
		sip_core_forget(c, ev->txn, reactor_now(d->r));
}

static void status(struct desk *d, const struct sip_event *ev, unsigned code)
{
	struct sip_msg m;

	sip_msg_response(&m, code, S(""));
	respond(d, ev, &m);
}

/* Is it from alice?  Else it is challenged. */
static bool known(struct desk *d, const struct sip_event *ev, bool proxy)
{
	struct digest_user alice = { .user = S("alice"),
				     .password = S("secret") };
	struct sip_digest_policy policy = policy_of;
	struct instant now = reactor_now(d->r);
	struct sip_digest_claim claim;
	char room[2048];
	struct writer w = writer_begin(room, sizeof(room));
	struct sip_msg m;
	int rc = -ENOENT;

	policy.proxy = proxy;
	if (sip_digest_claim(&policy, ev->msg, now.wall_ns, &claim) == 0) {
		rc = sip_digest_verify(&claim, &alice, ev->msg);
		if (rc == 0)
			return true;
		d->stale += rc == -ETIMEDOUT;
		d->wrong += rc != -ETIMEDOUT;
	}
	sip_msg_response(&m, proxy ? 407 : 401, S(""));
	if (sip_digest_challenge(&policy, &m, now.wall_ns, d->challenges++,
				 rc == -ETIMEDOUT, &w) == 0)
		respond(d, ev, &m);
	else
		status(d, ev, 500);
	return false;
}

/* 10.3 step 8, for the one contact that there is. */
static void on_register(struct desk *d, const struct sip_event *ev)
{
	struct slice contact = sip_msg_get(ev->msg, SIP_HDR_CONTACT);
	struct slice expires = sip_msg_get(ev->msg, SIP_HDR_EXPIRES);
	mono now = reactor_now(d->r).m;
	struct sip_name_addr na;
	char room[512];
	struct writer w = writer_begin(room, sizeof(room));
	struct sip_msg m;
	uint32_t s = 3600;

	if (!known(d, ev, false))
		return;
	if (expires.n && sip_expires_parse(expires, &s, NULL)) {
		status(d, ev, 400);
		return;
	}
	sip_msg_response(&m, 200, S(""));
	if (s && sip_contact_parse(contact, &na, NULL) == 0) {
		writer_char(&w, '<');
		writer_put(&w, na.uri.text);
		writer_str(&w, ">;expires=");
		writer_u64(&w, s);
		if (sip_msg_add(&m, SIP_HDR_CONTACT, writer_done(&w))) {
			status(d, ev, 500);
			return;
		}
	}
	d->lapses += d->registers && !d->unregisters && now > d->bound_until;
	d->registers += s != 0;
	d->unregisters += s == 0;
	d->bound_until = mono_add(now, SEC((int64_t)s));
	respond(d, ev, &m);
}

static void answer(struct desk *d, const struct sip_event *ev)
{
	static const char sdp[] = "v=0\r\no=- 1 1 IN IP4 10.0.0.3\r\ns=-\r\n"
		"c=IN IP4 10.0.0.3\r\nt=0 0\r\nm=audio 30000 RTP/AVP 0\r\n";
	struct sip_msg m;

	sip_msg_response(&m, 200, S(""));
	if (sip_msg_add(&m, SIP_HDR_CONTACT, S("<sip:desk@10.0.0.3>")) ||
	    sip_msg_add(&m, SIP_HDR_CONTENT_TYPE, S("application/sdp")))
		return;
	m.body = slice_str(sdp);
	d->invites++;
	d->invite = ev->txn;
	d->repeats = 0;
	respond(d, ev, &m);
	reactor_timer_at(d->r, &d->timer,
			 mono_add(reactor_now(d->r).m, MS(500)));
}

/* 13.3.1.4, but simpler: each 500 ms for 32 s. */
static void on_timer(void *arg)
{
	struct desk *d = arg;
	struct instant now = reactor_now(d->r);

	if (!d->invite || d->repeats++ == 64)
		return;
	if (sip_core_respond_again(sip_port_core(d->port), d->invite, now))
		return;
	sip_port_flush(d->port);
	reactor_timer_at(d->r, &d->timer, mono_add(now.m, MS(500)));
}

static void on_event(void *arg, const struct sip_event *ev)
{
	struct desk *d = arg;

	if (ev->kind == SIP_EV_ACK && !ev->txn) {
		d->acks++;
		d->invite = 0;
	}
	if (ev->kind == SIP_EV_CANCEL)
		status(d, ev, 487);
	if (ev->kind != SIP_EV_REQUEST)
		return;
	if (ev->method == SIP_REGISTER) {
		on_register(d, ev);
	} else if (known(d, ev, true)) {
		if (ev->method == SIP_INVITE) {
			answer(d, ev);
		} else {
			d->byes++;
			status(d, ev, 200);
		}
	}
}

/* With port 0 the one that UDP got may be taken for TCP: another try. */
static int desk_listen(struct desk *d, const struct addr *at)
{
	uint32_t udp, tcp;
	int rc = -EADDRINUSE;

	for (int tries = 0; tries < 8 && rc == -EADDRINUSE; tries++) {
		rc = sip_port_listen(d->port, SIP_UDP, at, NULL, &udp);
		if (rc)
			break;
		d->at = sip_port_local(d->port, udp);
		rc = sip_port_listen(d->port, SIP_TCP, &d->at, NULL, &tcp);
		if (rc)
			sip_port_unlisten(d->port, udp);
		if (at->port)
			break;
	}
	return rc;
}

int desk_begin(struct desk *d, struct reactor *r, const struct addr *at)
{
	static const struct sip_port_ops ops = { .on_event = on_event };
	struct limits limits = limits_default;
	int rc;

	d->r = r;
	d->timer.fn = on_timer;
	d->timer.arg = d;
	rc = sip_port_new(d->r, &limits, &ops, d, &d->port);
	if (rc == 0)
		rc = desk_listen(d, at);
	if (rc == 0)
		rc = sip_core_add_match(sip_port_core(d->port),
			&(struct sip_match){ .user = 1,
			.methods = SIP_METHOD_BIT(SIP_REGISTER) |
				   SIP_METHOD_BIT(SIP_INVITE) |
				   SIP_METHOD_BIT(SIP_BYE) });
	return rc;
}

void desk_end(struct desk *d)
{
	if (!d->r)
		return;
	reactor_timer_stop(d->r, &d->timer);
	sip_port_free(d->port);
}
