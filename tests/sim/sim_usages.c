/* SPDX-License-Identifier: BSD-2-Clause
 * A usage that the library has not: a subscription on the dialog of a call
 * (RFC 5057), that is challenged, notified, refreshed, and outlives the call's
 * BYE by more than a minute, over a link that loses, doubles and overtakes.
 * It is one transaction user with its own requests, beside the calls, on two
 * SIP ports.  Held to: each notification comes once and in order, call and
 * subscription end on both sides, no dialog and no memory is left.
 * usage: sim_usages [SEED]; else as many seeds as SEEDS says. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "platform/scan.h"
#include "platform/sim/sim.h"
#include "sip/sip_port.h"
#include "sip/usage/sip_exchange.h"
#include "sip/usage/sip_session.h"

enum { EXPIRES = 60, REFRESH = 40, EVERY = 2 }; /* seconds */

struct watch {
	struct sip_user tu;
	struct sip_usage use;
	struct sip_exchange x;  /* one at a time */
	struct sip_digest digest;
	struct mem *mem;
	bool notifier;
	bool asks;              /* notifier: for credentials first */
	uint32_t expires;       /* subscriber: to ask for */
	mono at;                /* the next request is due, once x is idle */
	unsigned number;        /* of the last NOTIFY, sent or received */
	unsigned challenged, refreshed;
	bool last, last_sent;   /* notifier: it is to end; and says so now */
	bool over;
	const char *wrong;
};

struct end {
	struct mem mem;
	struct reactor *r;
	struct sip_port *port;
	struct sip_sessions *calls;
	struct watch w;
	uint64_t call;
	unsigned number_at_end; /* of NOTIFY, when the call ended */
	bool up, ended;
};

struct world {
	struct mem mem;
	struct sim *sim;
	struct end a, b;
	char why[160];
};

static const struct sip_secret secret = {
	.user = SLICE("alice"), .password = SLICE("wonderland"),
};

static bool fail(struct world *w, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	vsnprintf(w->why, sizeof(w->why), format, ap);
	va_end(ap);
	return false;
}

/* --------------------------------------------------------- the subscription */
static void arm(struct watch *w)
{
	sip_user_wake(&w->tu, w->x.txn ? MONO_NEVER : w->at);
}

static void leave(struct watch *w, struct instant now)
{
	sip_exchange_forget(&w->x, w->tu.all->core, now);
	sip_usage_leave(&w->use);
	w->at = MONO_NEVER;
	w->over = true;
}

static int add_number(struct sip_msg *m, enum sip_hdr id, uint32_t n,
		      struct writer *w)
{
	size_t at = w->n;

	writer_u64(w, n);
	return sip_msg_add(m, id, slice_of(w->buf + at, w->n - at));
}

static int fill(struct watch *w, struct sip_msg *m, struct writer *out)
{
	size_t at = out->n;
	int rc = sip_msg_add_named(m, S("Event"), S("watch"));

	if (rc == 0 && !w->notifier)
		return add_number(m, SIP_HDR_EXPIRES, w->expires, out);
	if (rc == 0)
		rc = sip_msg_add_named(m, S("Subscription-State"), w->last ?
				       S("terminated;reason=timeout") :
				       S("active"));
	if (rc == 0)
		rc = sip_msg_add(m, SIP_HDR_CONTENT_TYPE, S("text/plain"));
	at = out->n;
	writer_u64(out, w->number + 1);
	m->body = slice_of(out->buf + at, out->n - at);
	return rc;
}

static void judge(struct watch *w, int rc)
{
	if (rc < 0)
		w->wrong = "a request could not be sent";
}

static void send_next(struct watch *w, struct instant now)
{
	struct sip_request q = { .user = w->tu.id };

	w->at = MONO_NEVER;
	judge(w, sip_exchange_begin_on(&w->x, w->use.on, w->notifier ?
				       SIP_NOTIFY : SIP_SUBSCRIBE, &q, now));
}

/* Its turn has come, which may be a while later. */
static void write_it(struct watch *w, struct instant now)
{
	struct sip_msg *m = sip_core_draft(w->tu.all->core);
	char room[SIP_DIALOG_ROOM + 128];
	struct writer out = writer_begin(room, sizeof(room));
	int rc = sip_exchange_write(&w->x, &w->use.on->d, w->notifier ?
				    S("NOTIFY") : S("SUBSCRIBE"), &out, m);

	w->last_sent = w->last;
	if (rc == 0)
		rc = fill(w, m, &out);
	if (rc == 0)
		rc = sip_exchange_compose(&w->x, w->tu.all->core, m, now);
	judge(w, rc);
}

static void on_challenge(struct watch *w, const struct sip_outcome *o,
			 struct instant now)
{
	struct sip_msg *m = sip_core_draft(w->tu.all->core);
	char room[SIP_EXCHANGE_ROOM];
	struct writer out = writer_begin(room, sizeof(room));
	struct sip_exchange_auth auth = { &w->digest, &secret, 1 };
	int rc = sip_exchange_renew(&w->x, w->tu.all->core, &w->use.on->d,
				    o->msg, &auth, m, &out);

	struct sip_request q = { .msg = m, .user = w->tu.id };

	w->challenged++;
	if (rc == 0)
		rc = sip_exchange_send(&w->x, w->tu.all->core, &w->use.on->d,
				       &q, now);
	judge(w, rc);
}

static void on_answer(struct watch *w, unsigned status, struct instant now)
{
	/* 500 would say that another of this dialog has overtaken it. */
	if (status >= 300)
		w->wrong = "a request was refused";
	if (!w->notifier) {
		w->refreshed++;
		if (w->expires && w->at == MONO_NEVER)
			w->at = mono_add(now.m, SEC(REFRESH));
		return;
	}
	w->number++;
	if (w->last_sent)
		leave(w, now);
	else if (w->at == MONO_NEVER)
		w->at = mono_add(now.m, SEC(EVERY));
}

static void on_event(struct sip_user *u, const struct sip_event *ev,
		     struct instant now)
{
	struct watch *w = CONTAINER(u, struct watch, tu);
	struct sip_outcome o;

	switch (sip_exchange_on_event(&w->x, ev, &o)) {
	case SIP_EXCHANGE_NOTHING:
	case SIP_EXCHANGE_PROGRESS:
		break;
	case SIP_EXCHANGE_COMPOSE:
		write_it(w, now);
		break;
	case SIP_EXCHANGE_CHALLENGED:
		on_challenge(w, &o, now);
		break;
	case SIP_EXCHANGE_ANSWERED:
		on_answer(w, o.status, now);
		break;
	case SIP_EXCHANGE_UNANSWERED:
		w->wrong = "a request had no answer";
		break;
	}
	arm(w);
}

/* 0: it has none, or that is it. */
static uint32_t number_of(struct slice text)
{
	uint64_t n = 0;

	for (size_t i = 0; i < text.n; i++)
		n = n * 10 + (uint64_t)(text.p[i] - '0');
	return (uint32_t)n;
}

static void answer(struct watch *w, const struct sip_event *ev,
		   const struct sip_shared *on, unsigned status,
		   struct instant now)
{
	struct sip_core *core = w->tu.all->core;
	struct sip_msg *m = sip_core_draft(core);
	int rc;

	sip_msg_response(m, status, S(""));
	if (status == 401)
		rc = sip_msg_add(m, SIP_HDR_WWW_AUTHENTICATE,
				 S("Digest realm=\"watch\", nonce=\"n\", "
				   "qop=\"auth\""));
	else
		rc = sip_msg_add(m, SIP_HDR_CONTACT,
				 sip_dialog_text(&on->d, SIP_DIALOG_CONTACT));
	if (rc == 0)
		rc = sip_core_respond(core, ev->txn, m, S(""), now);
	if (rc < 0)
		w->wrong = "a response could not be sent";
}

static void on_subscribe(struct watch *w, const struct sip_event *ev,
			 struct sip_shared *on, const struct sip_usage *use,
			 struct instant now)
{
	if (w->asks && !sip_msg_has(ev->msg, SIP_HDR_AUTHORIZATION)) {
		answer(w, ev, on, 401, now);
		return;
	}
	if (!use)
		sip_usage_join(&w->use, on, &w->tu);
	answer(w, ev, on, 200, now);
	w->last = !number_of(sip_msg_get(ev->msg, SIP_HDR_EXPIRES));
	w->refreshed++;
	w->at = now.m; /* RFC 6665 4.2.1.2: at once, when its turn comes */
}

static void on_notify(struct watch *w, const struct sip_event *ev,
		      const struct sip_shared *on, struct instant now)
{
	const struct sip_field *f = sip_msg_find(ev->msg,
						 "Subscription-State");

	if (number_of(ev->msg->body) != w->number + 1)
		w->wrong = "a NOTIFY is missing, or came twice";
	w->number++;
	answer(w, ev, on, 200, now);
	if (f && slice_starts(f->value, "terminated"))
		leave(w, now);
}

static void on_request(struct sip_user *u, const struct sip_event *ev,
		       struct sip_shared *on, struct sip_usage *use,
		       struct instant now)
{
	struct watch *w = CONTAINER(u, struct watch, tu);

	if (w->notifier && on)
		on_subscribe(w, ev, on, use, now);
	else if (use)
		on_notify(w, ev, on, now);
	else
		w->wrong = "a request outside of its dialog";
	arm(w);
}

static void on_time(struct sip_user *u, struct instant now)
{
	struct watch *w = CONTAINER(u, struct watch, tu);

	send_next(w, now);
}

static const char *const packages[] = { "watch", NULL };

static const struct sip_user_ops subscriber = {
	.methods = SIP_METHOD_BIT(SIP_NOTIFY), .packages = packages,
	.request = on_request, .event = on_event, .on_time = on_time,
};

static const struct sip_user_ops notifier = {
	.methods = SIP_METHOD_BIT(SIP_SUBSCRIBE),
	.anywhere = SIP_METHOD_BIT(SIP_SUBSCRIBE), .packages = packages,
	.request = on_request, .event = on_event, .on_time = on_time,
};

/* ----------------------------------------------------------------- the call */
static void on_call(struct end *e, const struct sip_session_event *ev)
{
	int rc = 0;

	if (ev->kind == SIP_SESSION_INCOMING) {
		e->call = ev->session;
		rc = sip_session_accept(e->calls, ev->session,
					S("v=0\r\no=answer\r\n"), NULL,
					reactor_now(e->r));
	}
	e->up |= ev->kind == SIP_SESSION_ANSWERED ||
		 ev->kind == SIP_SESSION_ACKED;
	if (ev->kind == SIP_SESSION_ENDED) {
		e->ended = true;
		e->number_at_end = e->w.number;
	}
	if (rc)
		e->w.wrong = "the call could not be accepted";
}

static void on_result(void *arg, const struct sip_result *result)
{
	on_call(arg, sip_session_result(result));
}

static bool end_open(struct end *e, struct sim_host *h, struct addr at,
		     bool notifies, bool asks)
{
	const struct sip_port_ops ops = { .on_result = on_result };
	struct sip_users *users;
	uint32_t point;

	mem_init(&e->mem, 0);
	sim_host_mem(h, &e->mem);
	e->r = sim_host_reactor(h);
	e->w = (struct watch){ .mem = &e->mem, .notifier = notifies,
			       .asks = asks, .at = MONO_NEVER,
			       .expires = EXPIRES };
	sip_digest_init(&e->w.digest, &e->mem);
	at.port = 5060;
	if (sip_port_new(e->r, &limits_default, &ops, e, &e->port))
		return false;
	users = sip_port_users(e->port);
	return sip_port_listen(e->port, SIP_UDP, &at, NULL, &point) == 0 &&
	       sip_sessions_new(&e->mem, users, &limits_default, S("sim"),
				reactor_now(e->r), &e->calls) == 0 &&
	       sip_users_add(users, &e->w.tu, notifies ? &notifier :
			     &subscriber) == 0;
}

/* How many blocks it leaves. */
static uint64_t end_close(struct end *e)
{
	if (e->w.tu.all) {
		leave(&e->w, reactor_now(e->r));
		sip_users_remove(&e->w.tu);
	}
	sip_digest_fini(&e->w.digest);
	sip_sessions_free(e->calls);
	e->calls = NULL;
	sip_port_free(e->port);
	return e->mem.blocks;
}

/* ------------------------------------------------------------- the scenario */
static void run_for(struct world *w, mono span)
{
	sim_run(w->sim, mono_add(sim_now(w->sim), span));
}

static bool invite(struct world *w)
{
	struct sip_call call = {
		.target = S("sip:bob@10.0.0.2:5060"),
		.from = S("<sip:alice@10.0.0.1>"),
		.contact = S("<sip:alice@10.0.0.1:5060>"),
		.offer = S("v=0\r\no=offer\r\n"),
	};

	if (sip_session_invite(w->a.calls, &call, reactor_now(w->a.r),
			       &w->a.call))
		return fail(w, "no INVITE");
	sip_port_flush(w->a.port);
	run_for(w, SEC(20));
	return (w->a.up && w->b.up) || fail(w, "the call is not up");
}

/* Both usages on it, then one. */
static bool share(struct world *w)
{
	struct watch *watch = &w->a.w;
	struct sip_shared *on = sip_session_shared(w->a.calls, w->a.call);

	if (!on)
		return fail(w, "the call has no dialog");
	sip_usage_join(&watch->use, on, &watch->tu);
	send_next(watch, reactor_now(w->a.r));
	sip_port_flush(w->a.port);
	run_for(w, SEC(15));
	if (!watch->number || !w->b.w.use.on)
		return fail(w, "no NOTIFY in the call");
	if (sip_session_hangup(w->a.calls, w->a.call, NULL,
			       reactor_now(w->a.r)))
		return fail(w, "no BYE");
	/* A refresh at its heels, which may overtake it. */
	if (!watch->x.txn)
		send_next(watch, reactor_now(w->a.r));
	sip_port_flush(w->a.port);
	run_for(w, SEC(80)); /* the call's last state goes, a refresh comes */
	if (!w->a.ended || !w->b.ended)
		return fail(w, "the call has not ended");
	if (watch->refreshed < 2 || watch->number < w->a.number_at_end + 10)
		return fail(w, "it ended with the call: %u refreshes, %u of "
			    "%u NOTIFYs", watch->refreshed, watch->number,
			    w->a.number_at_end);
	return true;
}

static bool unsubscribe(struct world *w)
{
	struct watch *watch = &w->a.w;

	watch->expires = 0;
	watch->at = reactor_now(w->a.r).m;
	arm(watch);
	sip_port_flush(w->a.port);
	run_for(w, SEC(60));
	if (!watch->over || !w->b.w.over)
		return fail(w, "the subscription has not ended");
	if (watch->number != w->b.w.number)
		return fail(w, "%u NOTIFYs sent, %u came", w->b.w.number,
			    watch->number);
	if ((watch->challenged != 0) != w->b.w.asks)
		return fail(w, "%u challenges", watch->challenged);
	if (sip_port_users(w->a.port)->dialogs.table.count ||
	    sip_port_users(w->b.port)->dialogs.table.count)
		return fail(w, "a dialog is left");
	return true;
}

static bool play(struct world *w, uint64_t seed)
{
	const struct sim_link l = { .delay = MS(20), .jitter = MS(20),
		.loss = 0.1, .duplicate = 0.1, .reorder = 0.1,
		.reorder_by = MS(700) };
	struct addr at[2] = { addr_v4(10, 0, 0, 1, 0),
			      addr_v4(10, 0, 0, 2, 0) };
	struct sim_host *h[2];

	for (unsigned i = 0; i < 2; i++) {
		h[i] = sim_host_new(w->sim, i ? "b" : "a", &at[i], 1);
		if (!h[i])
			return fail(w, "no host");
		sim_host_link(h[i], &l);
	}
	if (!end_open(&w->a, h[0], at[0], false, false) ||
	    !end_open(&w->b, h[1], at[1], true, seed % 2))
		return fail(w, "no port");
	return invite(w) && share(w) && unsubscribe(w);
}

static bool one(uint64_t seed)
{
	static struct world w;
	uint64_t blocks;
	bool ok;

	w = (struct world){ 0 };
	mem_init(&w.mem, 0);
	w.sim = sim_new(&w.mem, seed);
	ok = w.sim && play(&w, seed);
	if (w.a.w.wrong || w.b.w.wrong)
		ok = fail(&w, "%s", w.a.w.wrong ? w.a.w.wrong : w.b.w.wrong);
	blocks = end_close(&w.a) + end_close(&w.b);
	sim_free(w.sim);
	if (ok && blocks)
		ok = fail(&w, "%u blocks are left", (unsigned)blocks);
	if (!ok)
		printf("FAILED: seed %llu: %s\n", (unsigned long long)seed,
		       w.why);
	return ok;
}

int main(int argc, char **argv)
{
	const char *seeds = getenv("SEEDS");
	unsigned n = seeds ? (unsigned)strtoul(seeds, NULL, 10) : 200;
	unsigned passed = 0, failed = 0;

	if (argc > 1)
		return !one(strtoull(argv[1], NULL, 10));
	for (unsigned i = 1; i <= n; i++) {
		bool ok = one(i);

		passed += ok;
		failed += !ok;
	}
	printf("usages: %u passed, %u failed\n", passed, failed);
	return failed != 0 || passed == 0;
}
