/* SPDX-License-Identifier: BSD-2-Clause
 * Scenarios times seeds: the program's own commands on simulated hosts, under
 * faults.  usage: sim_calls [SCENARIO [SEED]]; SEEDS=n sets how many (200).
 * SIM_TRACE=DIR keeps DIR/0.pcapng ... of the actors, for Wireshark.
 *
 * What must always hold: every actor ends, both sides of a call end in the same
 * state and nothing leaks; what a scenario adds stands in its function. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/sim/desk.h"
#include "tests/sim/forker.h"
#include "tests/sim/registrar.h"
#include "tests/sim/scene.h"

/* What the network must have done to some of a scenario's seeds. */
enum harm { NONE, LOSS, CUTS, COPIES };
enum { WAYS = 2 };

struct scenario {
	const char *name;
	bool (*fn)(struct scene *w);
	size_t hosts;
	unsigned most; /* seeds at most; 0: as many as asked for */
	enum harm harm;
	const char *way[WAYS]; /* what comes to pass in some of its seeds */
};

#define LISTEN "listen --local 10.0.0.2:5060 --auto-answer --json --codec PCMU"
#define RUNS   "\"ended\":false,\"codec\":\"PCMU"
#define CALL   "call sip:bob@10.0.0.2 --local 10.0.0.1:5060 --json --codec PCMU"
#define CALL_TCP "call sip:bob@10.0.0.2;transport=tcp --local 10.0.0.1:5060 " \
		 "--json --codec PCMU"

/* Did both say once that the call ended so? */
static bool both(struct scene *w, struct actor *a, struct actor *b,
		 const char *state)
{
	char text[64];

	snprintf(text, sizeof(text), "\"state\":\"%s\"", state);
	return scene_said(w, a, text, 1) && scene_said(w, b, text, 1);
}

static bool status(struct scene *w, const struct actor *a, int want)
{
	return a->status == want ||
	       scene_fail(w, "exit status %d, not %d: %s", a->status, want,
			  a->err);
}

/* ------------------------------------------------------------ scenarios */
static bool quiet_network(struct scene *w)
{
	struct actor *b = scene_run(w, 1, LISTEN " --count 1");
	struct actor *a = scene_run(w, 0, CALL " --duration 4 --dtmf 12#");

	return a && b && scene_over(w, 20000) && both(w, a, b, "ended") &&
	       status(w, a, 0) && status(w, b, 0) &&
	       scene_said(w, a, "\"packets_lost\":0", 1) &&
	       scene_said(w, b, "\"packets_lost\":0", 1);
}

static bool setup_under_loss(struct scene *w)
{
	struct actor *b, *a;

	scene_loss(w, 0.30);
	b = scene_run(w, 1, LISTEN " --count 1");
	a = scene_run(w, 0, CALL " --duration 3");
	if (!a || !b)
		return false;
	scene_until(w, 12000);
	scene_loss(w, 0);
	return scene_over(w, 30000) && both(w, a, b, "ended") &&
	       status(w, a, 0);
}

static bool lost_ack(struct scene *w)
{
	struct actor *b = scene_run(w, 1, LISTEN " --count 1");
	struct actor *a;

	scene_drop(w, "ACK ", 1 + sim_random(w->sim, 4));
	a = scene_run(w, 0, CALL " --duration 8");
	return a && b && scene_over(w, 30000) && both(w, a, b, "ended") &&
	       status(w, a, 0);
}

static bool lost_bye(struct scene *w)
{
	struct actor *b = scene_run(w, 1, LISTEN " --count 1");
	struct actor *a;

	scene_drop(w, "BYE ", 1 + sim_random(w->sim, 4));
	a = scene_run(w, 0, CALL " --duration 2");
	return a && b && scene_over(w, 30000) && both(w, a, b, "ended") &&
	       status(w, a, 0);
}

static bool duplicated(struct scene *w)
{
	struct sim_link l = { .delay = MS(20), .jitter = MS(30),
			      .duplicate = 0.8, .reorder = 0.3,
			      .reorder_by = MS(40) };
	struct actor *b, *a;

	scene_link(w, &l);
	b = scene_run(w, 1, LISTEN);
	a = scene_run(w, 0, CALL " --duration 3");
	if (!a || !b)
		return false;
	scene_until(w, 15000);
	actor_interrupt(b);
	/* One call and no more, however often its INVITE came. */
	return scene_over(w, 25000) && both(w, a, b, "ended") &&
	       scene_said(w, b, "\"call\":1", 1) &&
	       scene_said(w, b, "\"call\":2", 0) && status(w, a, 0);
}

static bool glare(struct scene *w)
{
	struct actor *b = scene_run(w, 1, LISTEN " --count 1");
	struct actor *a = scene_run(w, 0, CALL " --duration 20");

	if (!a || !b)
		return false;
	scene_until(w, 2000);
	actor_key(a, 'h'); /* at one instant: the re-INVITEs cross */
	actor_key(b, 'h');
	scene_until(w, 12000);
	actor_key(b, 'h');
	actor_key(a, 'h');
	return scene_over(w, 30000) && both(w, a, b, "ended") &&
	       scene_said(w, a, "\"direction\":\"sendrecv\"", 1) &&
	       scene_said(w, b, "\"direction\":\"sendrecv\"", 1);
}

static bool hold_storm(struct scene *w)
{
	struct actor *b = scene_run(w, 1, LISTEN " --count 1");
	struct actor *a = scene_run(w, 0, CALL " --duration 24");
	unsigned n = 8 + 2 * sim_random(w->sim, 8), odd = 0;

	if (!a || !b)
		return false;
	for (unsigned i = 0; i < n; i++) {
		bool ours = sim_random(w->sim, 2);

		scene_until(w, 1000 + i * 300 + sim_random(w->sim, 300));
		actor_key(ours ? a : b, 'h');
		odd ^= ours ? 1u : 2u;
	}
	scene_until(w, 12000);
	if (odd & 1)
		actor_key(a, 'h'); /* everybody resumes */
	if (odd & 2)
		actor_key(b, 'h');
	return scene_over(w, 30000) && both(w, a, b, "ended") &&
	       scene_said(w, a, "\"direction\":\"sendrecv\"", 1) &&
	       scene_said(w, b, "\"direction\":\"sendrecv\"", 1);
}

static bool partition(struct scene *w)
{
	struct actor *b = scene_run(w, 1, LISTEN " --count 1");
	struct actor *a = scene_run(w, 0, CALL " --duration 10");

	if (!a || !b)
		return false;
	scene_until(w, 3000 + sim_random(w->sim, 2000));
	sim_group(w->host[1], 1);
	scene_until(w, 8000 + sim_random(w->sim, 6000));
	sim_heal(w->sim); /* the BYE of ten seconds gets through after it */
	return scene_over(w, 30000) && both(w, a, b, "ended") &&
	       status(w, a, 0);
}

/* The network does not come back: each side misses the other's media, and its
 * BYE finds nobody. */
static bool peer_vanishes(struct scene *w)
{
	struct actor *b = scene_run(w, 1, LISTEN " --count 1 "
				    "--media-timeout 6");
	struct actor *a = scene_run(w, 0, CALL " --media-timeout 4");

	if (!a || !b)
		return false;
	scene_until(w, 2000 + sim_random(w->sim, 3000));
	if (sim_random(w->sim, 2)) { /* who holds hears RTCP at most */
		actor_key(a, 'h');
		scene_until(w, scene_ms(w) + 6000);
		actor_key(a, 'h');
		scene_until(w, scene_ms(w) + 1000);
	}
	sim_group(w->host[1], 1);
	return scene_over(w, 60000) && both(w, a, b, "failed") &&
	       status(w, a, 1) &&
	       scene_said(w, a, "nothing is heard of the peer any more", 1) &&
	       scene_said(w, b, "nothing is heard of the peer any more", 1);
}

static bool streams_under_loss(struct scene *w)
{
	struct actor *b, *a;
	unsigned added = 0;

	b = scene_run(w, 1, LISTEN " --count 1");
	a = scene_run(w, 0, CALL " --duration 25");
	if (!a || !b)
		return false;
	scene_until(w, 1000);
	scene_loss(w, 0.2);
	for (unsigned i = 0; i < 5; i++) {
		scene_until(w, 1500 + i * 3000);
		actor_key(sim_random(w->sim, 2) ? a : b,
			  added && sim_random(w->sim, 3) == 0 ? '-' : '+');
		added = 1;
	}
	scene_until(w, 18000);
	scene_loss(w, 0);
	/* Both have the same streams at the end, whatever got through; what was
	 * still being proposed has no codec. */
	return scene_over(w, 30000) && both(w, a, b, "ended") &&
	       (actor_said(a, RUNS) == actor_said(b, RUNS) ||
		scene_fail(w, "%u streams here, %u there",
			   actor_said(a, RUNS), actor_said(b, RUNS)));
}

static bool restart_over_tcp(struct scene *w)
{
	struct actor *b = scene_run(w, 1, LISTEN), *c, *a, *d;

	a = scene_run(w, 0, "call sip:bob@10.0.0.2;transport=tcp --local "
		      "10.0.0.1:5060 --json --codec PCMU --duration 6");
	if (!a || !b)
		return false;
	scene_until(w, 2000 + sim_random(w->sim, 2000));
	sim_restart(w->host[1]);
	c = scene_run(w, 1, LISTEN " --count 1");
	scene_until(w, 9000);
	d = scene_run(w, 0, "call sip:bob@10.0.0.2;transport=tcp --local "
		      "10.0.0.1:5062 --json --codec PCMU --duration 2");
	if (!c || !d)
		return false;
	while (scene_ms(w) < 30000 && !(a->over && c->over && d->over))
		scene_until(w, scene_ms(w) + 100);
	b->over = true; /* it died with its host */
	if (!a->over || !d->over || !c->over)
		return scene_fail(w, "not over: first %d, second %d, "
				  "listener %d", a->over, d->over, c->over);
	/* The old call is over at the caller's, the new one worked. */
	return scene_said(w, a, "\"state\":", 1) && both(w, d, c, "ended");
}

/* A call over TCP whose message that begins with head comes to its peer in
 * part; then the connection is reset.  Segments are so short that it needs
 * several. */
static bool tcp_breaks(struct scene *w, const char *head, struct actor **a,
		       struct actor **b)
{
	struct sim_link l = w->link;

	l.mtu = 220 + sim_random(w->sim, 80);
	scene_link(w, &l);
	*b = scene_run(w, 1, LISTEN);
	*a = scene_run(w, 0, CALL_TCP " --duration 3");
	return *a && *b && scene_break(w, head, 5000);
}

/* The callee never heard of it, and takes the next call. */
static bool tcp_breaks_in_invite(struct scene *w)
{
	struct actor *a, *b, *c;

	if (!tcp_breaks(w, "INVITE ", &a, &b))
		return false;
	scene_until(w, 1000);
	if (!a->over || !scene_said(w, a, "\"state\":\"failed\"", 1) ||
	    !scene_said(w, a, "\"code\":503", 1) || !status(w, a, 1) ||
	    !scene_said(w, b, "\"call\":", 0))
		return scene_fail(w, "the caller is not told");
	c = scene_run(w, 0, "call sip:bob@10.0.0.2;transport=tcp --local "
		      "10.0.0.1:5062 --json --codec PCMU --duration 2");
	scene_until(w, 6000);
	actor_interrupt(b);
	return c && scene_over(w, 40000) && both(w, c, b, "ended") &&
	       status(w, c, 0) && scene_said(w, b, "\"call\":", 1);
}

/* 17.1.4: to the caller it failed.  The callee says its 200 again over a new
 * connection (18.2.2) until it gives the call up. */
static bool tcp_breaks_in_200(struct scene *w)
{
	struct actor *a, *b;

	if (!tcp_breaks(w, "SIP/2.0 200", &a, &b))
		return false;
	scene_until(w, 40000);
	actor_interrupt(b);
	return scene_over(w, 60000) && both(w, a, b, "failed") &&
	       status(w, a, 1) && scene_said(w, b, "\"call\":", 1);
}

/* The BYE goes once more, over a new connection. */
static bool tcp_breaks_in_bye(struct scene *w)
{
	struct actor *a, *b;

	if (!tcp_breaks(w, "BYE ", &a, &b))
		return false;
	scene_until(w, 10000);
	if (!a->over || !both(w, a, b, "ended"))
		return scene_fail(w, "the call is not over");
	actor_interrupt(b);
	return scene_over(w, 40000) && status(w, a, 0) &&
	       scene_said(w, b, "\"by\":\"peer\"", 1);
}

static bool cancelled(struct scene *w)
{
	struct actor *b = scene_run(w, 1, LISTEN " --ring 20 --count 1");
	struct actor *a;

	scene_loss(w, 0.15);
	a = scene_run(w, 0, CALL);
	if (!a || !b)
		return false;
	scene_until(w, sim_random(w->sim, 6000));
	actor_interrupt(a);
	scene_until(w, 14000);
	scene_loss(w, 0);
	if (!a->over)
		(void)scene_over(w, 30000);
	if (actor_said(b, "\"state\":") == 0) {
		actor_interrupt(b); /* the INVITE never came through */
		return scene_over(w, 30000) &&
		       scene_said(w, a, "\"state\":\"cancelled\"", 1);
	}
	return scene_over(w, 30000) && both(w, a, b, "cancelled");
}

/* 9.1, 15: the CANCEL comes too late for the callee, and the 200 for the
 * caller, who acknowledges it and hangs up. */
static bool cancel_crosses_200(struct scene *w)
{
	const struct scene_mark *cancel = &w->mark[0], *ok = &w->mark[1];
	unsigned answers = sim_random(w->sim, 16);
	unsigned cancels = sim_random(w->sim, 16);
	struct actor *b, *a;

	scene_look(w, 0, "CANCEL ", "");
	scene_look(w, 1, "SIP/2.0 200", " INVITE\r");
	b = scene_run(w, 1, "listen --local 10.0.0.2:5060 --json "
		      "--codec PCMU --count 1");
	a = scene_run(w, 0, CALL);
	if (!a || !b)
		return false;
	for (unsigned ms = 0; ms < 32; ms++) { /* one way takes 36 */
		scene_until(w, 2000 + ms);
		if (ms == 2 * answers)
			actor_key(b, 'a');
		if (ms == 2 * cancels + 1)
			actor_interrupt(a);
	}
	if (!scene_over(w, 30000))
		return false;
	if (!cancel->sent || !ok->sent || cancel->sent >= ok->arrived ||
	    ok->sent >= cancel->arrived)
		return scene_fail(w, "they did not cross");
	w->ways |= cancel->sent < ok->sent ? 1 : 2;
	/* Who cancelled is told at once; the other had a call for 80 ms. */
	return scene_said(w, a, "\"state\":\"cancelled\"", 1) &&
	       scene_said(w, a, "\"state\":", 1) &&
	       scene_said(w, b, "\"state\":\"ended\"", 1) &&
	       scene_said(w, b, "\"by\":\"peer\"", 1) && status(w, b, 0);
}

static bool refused(struct scene *w)
{
	struct actor *b, *a;

	scene_loss(w, 0.25);
	b = scene_run(w, 1, "listen --local 10.0.0.2:5060 --reject 486 --json");
	a = scene_run(w, 0, CALL);
	if (!a || !b)
		return false;
	scene_until(w, 7000);
	scene_loss(w, 0);
	scene_until(w, 20000);
	actor_interrupt(b);
	return scene_over(w, 30000) && status(w, a, 1) &&
	       both(w, a, b, "failed") && scene_said(w, a, "\"code\":486", 1);
}

/* 13.2.2.4: of two answers one becomes the call, the other gets ACK and BYE;
 * early media came from a third. */
static bool forked_run(struct scene *w, struct forker *f)
{
	struct actor *a;
	unsigned lost = 0;

	for (unsigned i = 1; i < FORK_LEGS; i++)
		f->leg[i].answers_at = 1 + sim_random(w->sim, 20);
	scene_loss(w, 0.1);
	w->wire.foreign = addr_v4(10, 0, 0, 3, 0);
	if (forker_begin(f, w->host[2]))
		return scene_fail(w, "no forker");
	a = scene_run(w, 0, "call sip:bob@10.0.0.3 --local 10.0.0.1:5060 "
		      "--json --codec PCMU --duration 12");
	if (!a)
		return false;
	scene_until(w, 12000);
	for (unsigned i = 1; i < FORK_LEGS; i++)
		lost += f->leg[i].byes > 0;
	if (lost != 1)
		return scene_fail(w, "%u of 2 answers were hung up", lost);
	scene_loss(w, 0);
	if (!scene_over(w, 60000) || !status(w, a, 0) ||
	    !scene_said(w, a, "\"state\":\"ended\"", 1))
		return false;
	for (unsigned i = 1; i < FORK_LEGS; i++)
		if (!f->leg[i].acks || !f->leg[i].byes)
			return scene_fail(w, "leg %u: %u ACK, %u BYE", i,
					  f->leg[i].acks, f->leg[i].byes);
	return f->leg[0].acks + f->leg[0].byes == 0 ||
	       scene_fail(w, "the leg that only rang was talked to");
}

/* 15.1.2, 13.2.2.4: legs that hang up before they answer.  The last one wins,
 * or there is none, and the attempt is cancelled; leg 1 may answer after all,
 * and is acknowledged and hung up. */
static bool early_bye_run(struct scene *w, struct forker *f)
{
	bool answered = sim_random(w->sim, 2), late = sim_random(w->sim, 2);
	struct actor *a;

	f->leg[0].hangs_up_at = 12 + (unsigned)sim_random(w->sim, 20);
	f->leg[1].hangs_up_at = 12 + (unsigned)sim_random(w->sim, 20);
	if (answered)
		f->leg[2].answers_at = 50 + (unsigned)sim_random(w->sim, 20);
	else
		f->leg[2].hangs_up_at = 12 + (unsigned)sim_random(w->sim, 20);
	if (answered && late)
		f->leg[1].answers_at = f->leg[1].hangs_up_at + 5;
	w->wire.foreign = addr_v4(10, 0, 0, 3, 0);
	if (forker_begin(f, w->host[2]))
		return scene_fail(w, "no forker");
	a = scene_run(w, 0, "call sip:bob@10.0.0.3 --local 10.0.0.1:5060 "
		      "--json --codec PCMU --duration 6");
	if (!a)
		return false;
	scene_until(w, 500); /* a leg that was never heard of is none */
	scene_loss(w, 0.1);
	scene_until(w, 20000);
	scene_loss(w, 0);
	if (!scene_over(w, 90000) || !status(w, a, !answered))
		return false;
	for (unsigned i = 0; i < FORK_LEGS; i++)
		if (f->leg[i].hangs_up_at && !f->leg[i].hung_up)
			return scene_fail(w, "leg %u: BYE without answer", i);
	if (answered && late && f->leg[1].hung_up == 200 &&
	    (!f->leg[1].acks || !f->leg[1].byes))
		return scene_fail(w, "the late answer: %u ACK, %u BYE",
				  f->leg[1].acks, f->leg[1].byes);
	if (!answered && (!f->cancelled || !f->refused))
		return scene_fail(w, "cancelled %d, refused %d", f->cancelled,
				  f->refused);
	return scene_said(w, a, answered ? "\"state\":\"ended\"" :
			  "\"state\":\"failed\"", 1);
}

/* 10.2.4, 22.2: the binding is kept through lost requests and answers, and
 * through the end of a nonce (the desk's live for 300 s). */
static bool register_run(struct scene *w, struct desk *d)
{
	struct addr at = addr_v4(10, 0, 0, 3, 5060);
	unsigned kept, lost;
	struct actor *a;

	scene_loss(w, 0.1056); /* on two links a way: 20 % */
	if (desk_begin(d, sim_host_reactor(w->host[2]), &at))
		return scene_fail(w, "no desk");
	a = scene_run(w, 0, "register --aor sip:alice@10.0.0.3 --user alice "
		      "--password secret --local 10.0.0.1:5060 --expires 150 "
		      "--json");
	if (!a)
		return false;
	scene_until(w, 420000 + sim_random(w->sim, 5000));
	if (d->registers < 5 || d->lapses ||
	    d->bound_until < sim_now(w->sim))
		return scene_fail(w, "%u REGISTER in time, %u too late",
				  d->registers, d->lapses);
	if (d->challenges < 2 || !d->stale || d->wrong)
		return scene_fail(w, "%u challenges, %u stale, %u wrong",
				  d->challenges, d->stale, d->wrong);
	scene_loss(w, 0);
	scene_until(w, 460000); /* 64*T1: nothing is under way */
	kept = actor_said(a, "\"state\":\"registered\"");
	lost = actor_said(a, "\"state\":\"failed\"");
	if (kept > d->registers || kept + lost < d->registers)
		return scene_fail(w, "%u registered, %u timed out, %u at the "
				  "desk", kept, lost, d->registers);
	actor_interrupt(a);
	return scene_over(w, 470000) && status(w, a, 0) &&
	       (d->unregisters == 1 || scene_fail(w, "%u times removed",
						  d->unregisters)) &&
	       scene_said(w, a, "\"state\":\"unregistered\"", 1);
}

static bool register_under_loss(struct scene *w)
{
	struct desk d = { 0 };
	bool ok = register_run(w, &d);

	desk_end(&d);
	return ok;
}

static bool early_bye(struct scene *w)
{
	struct forker f = { 0 };
	bool ok = early_bye_run(w, &f);

	forker_end(&f);
	return ok;
}

static bool forked(struct scene *w)
{
	struct forker f = { 0 };
	bool ok = forked_run(w, &f);

	forker_end(&f);
	return ok;
}

/* The peer comes back without a memory: our BYE gets 481. */
static bool restart_over_udp(struct scene *w)
{
	struct actor *b = scene_run(w, 1, LISTEN), *c, *a, *d;

	a = scene_run(w, 0, CALL " --duration 6");
	if (!a || !b)
		return false;
	scene_until(w, 2000 + sim_random(w->sim, 2000));
	sim_restart(w->host[1]);
	c = scene_run(w, 1, LISTEN " --count 1");
	scene_until(w, 9000);
	if (!c || !a->over)
		return scene_fail(w, "the BYE was not the end");
	d = scene_run(w, 0, "call sip:bob@10.0.0.2 --local 10.0.0.1:5062 "
		      "--json --codec PCMU --duration 2");
	b->over = true; /* it died with its host */
	return d && scene_over(w, 30000) && both(w, d, c, "ended") &&
	       status(w, a, 0) &&
	       scene_said(w, a, "\"state\":\"ended\"", 1);
}

/* The caller's host gets another address.  On all addresses the call goes on
 * from the new one; bound to the old it is over when its BYE times out. */
static bool address_changes(struct scene *w)
{
	bool bound = sim_random(w->sim, 2);
	struct addr was = addr_v4(10, 0, 0, 1, 0), is = addr_v4(10, 0, 0, 9, 0);
	struct actor *b = scene_run(w, 1, LISTEN " --count 1");
	struct actor *a = scene_run(w, 0, bound ? CALL " --duration 8" :
				    "call sip:bob@10.0.0.2 --local 0.0.0.0:5060"
				    " --json --codec PCMU --duration 8");

	if (!a || !b)
		return false;
	scene_until(w, 1000 + sim_random(w->sim, 6000));
	if (sim_addr_add(w->host[0], 1, &is) ||
	    sim_addr_drop(w->host[0], &was))
		return scene_fail(w, "no address");
	scene_until(w, 45000);
	if (!a->over || !scene_said(w, a, "\"state\":", 1))
		return scene_fail(w, "the caller hangs");
	if (!bound && !both(w, a, b, "ended"))
		return false;
	if (!b->over)
		actor_interrupt(b);
	return scene_over(w, 90000) && scene_said(w, b, "\"state\":", 1);
}

static bool over_ipv6(struct scene *w)
{
	struct addr one, two;
	struct actor *a, *b;

	if (addr_parse_ip(S("2001:db8::1"), &one) ||
	    addr_parse_ip(S("2001:db8::2"), &two) ||
	    sim_addr_add(w->host[0], 1, &one) ||
	    sim_addr_add(w->host[1], 1, &two))
		return scene_fail(w, "no address");
	b = scene_run(w, 1, "listen --local [2001:db8::2]:5060 --auto-answer "
		      "--json --codec PCMU --count 1");
	a = scene_run(w, 0, sim_random(w->sim, 2) ?
		      "call sip:bob@[2001:db8::2] --local [::]:0 --json "
		      "--codec PCMU --duration 3 --dtmf 7" :
		      "call sip:bob@[2001:db8::2];transport=tcp --local "
		      "[2001:db8::1]:5060 --json --codec PCMU --duration 3 "
		      "--dtmf 7");
	return a && b && scene_over(w, 20000) && both(w, a, b, "ended") &&
	       status(w, a, 0) && scene_said(w, b, "\"digits\":\"7\"", 1) &&
	       scene_said(w, a, "\"packets_lost\":0", 1) &&
	       scene_said(w, a, "\"remote\":\"[2001:db8::2]:", 1);
}

/* --------------------------------------------- hops of IPv6, then of IPv4 */
enum { WAY_SILENT = 1 << 0, WAY_REFUSED = 1 << 1 };

/* The name has an IPv6 address first where nobody is, or nobody listens, then
 * the one of IPv4. */
static bool name_both(struct scene *w, const char *name, struct addr four)
{
	struct addr one, two, nobody;
	bool silent = w->ways & WAY_SILENT;

	if (addr_parse_ip(S("2001:db8::1"), &one) ||
	    addr_parse_ip(S("2001:db8::2"), &two) ||
	    addr_parse_ip(S("2001:db8::99"), &nobody) ||
	    sim_addr_add(w->host[0], 1, &one) ||
	    sim_addr_add(w->host[1], 1, &two) ||
	    sim_name(w->sim, name, silent ? &nobody : &two) ||
	    sim_name(w->sim, name, &four))
		return scene_fail(w, "no address");
	return true;
}

/* Did the marks leave, and the second not before an address that is silent had
 * its 4 s (sip.target_timeout)? */
static bool in_order(struct scene *w, const struct scene_mark *six,
		     const struct scene_mark *four)
{
	mono wait = w->ways & WAY_SILENT ? SEC(4) : 0;

	if (!six->sent || !four->sent || four->sent - six->sent < wait)
		return scene_fail(w, "%s: sent at %lld ms and %lld ms",
				  six->head,
				  (long long)((six->sent - w->start) / MS(1)),
				  (long long)((four->sent - w->start) / MS(1)));
	return true;
}

/* Contact, Via and description of the one that gets through are of the family
 * that it went by, and media flows. */
static bool first_hop_dead(struct scene *w)
{
	static const char *const four[] = { "c=IN IP4 10.0.0.1\r\n",
		"Via: SIP/2.0/UDP 10.0.0.1:", "Contact: <sip:" };
	struct actor *a, *b;

	w->ways = sim_random(w->sim, 2) ? WAY_SILENT : WAY_REFUSED;
	if (!name_both(w, "dual", addr_v4(10, 0, 0, 2, 0)))
		return false;
	scene_loss(w, 0.1);
	scene_look(w, 0, "INVITE sip:bob@dual ", "c=IN IP6 2001:db8::1\r\n");
	for (size_t i = 0; i < COUNT(four); i++)
		scene_look(w, i + 1, "INVITE sip:bob@dual ", four[i]);
	b = scene_run(w, 1, LISTEN " --count 1");
	a = scene_run(w, 0, "call sip:bob@dual --json --codec PCMU "
		      "--from sip:alice@10.0.0.1 --duration 5 --dtmf 7");
	if (!a || !b)
		return false;
	scene_until(w, 9000);
	scene_loss(w, 0); /* what digits and BYE need is another scenario's */
	return scene_over(w, 60000) && both(w, a, b, "ended") &&
	       status(w, a, 0) && in_order(w, &w->mark[0], &w->mark[1]) &&
	       in_order(w, &w->mark[0], &w->mark[2]) &&
	       scene_said(w, b, "\"digits\":\"7\"", 1) &&
	       scene_said(w, a, "\"remote\":\"10.0.0.2:", 1);
}

static bool registrar_dead_run(struct scene *w)
{
	struct actor *a = scene_run(w, 0, "register --aor sip:alice@reg "
				    "--json --once");

	/* Of a REGISTER that is refused all ICMP could be lost: then it is
	 * owed an answer. */
	scene_until(w, w->ways & WAY_REFUSED ? 90 : 0);
	scene_loss(w, 0.1);
	return a && scene_over(w, 60000) && status(w, a, 0) &&
	       in_order(w, &w->mark[0], &w->mark[1]);
}

static bool first_registrar_dead(struct scene *w)
{
	struct registrar r = { 0 };
	bool ok;

	w->ways = sim_random(w->sim, 2) ? WAY_SILENT : WAY_REFUSED;
	if (!name_both(w, "reg", addr_v4(10, 0, 0, 3, 0)) ||
	    registrar_begin(&r, w->host[2]))
		return scene_fail(w, "no registrar");
	scene_look(w, 0, "REGISTER ", "Contact: <sip:alice@[2001:db8::1]:");
	scene_look(w, 1, "REGISTER ", "Contact: <sip:alice@10.0.0.1:");
	ok = registrar_dead_run(w);
	registrar_end(&r);
	return ok;
}

/* A second call comes while the first is up: one is held, the other talks. */
static bool call_waiting(struct scene *w)
{
	struct actor *b = scene_run(w, 1, "listen --local 10.0.0.2:5060 --json "
				    "--codec PCMU --count 2");
	struct actor *a = scene_run(w, 0, CALL " --duration 12"), *c;

	if (!a || !b)
		return false;
	scene_until(w, 2000);
	actor_key(b, 'a');
	scene_until(w, 2500); /* up: else the keys below would meet ringing */
	scene_loss(w, 0.1);
	scene_until(w, 3000 + sim_random(w->sim, 2000));
	c = scene_run(w, 2, "call sip:bob@10.0.0.2 --local 10.0.0.3:5060 "
		      "--json --codec PCMU --duration 5");
	scene_until(w, 6500);
	actor_key(b, 'h'); /* the first waits, the second is answered */
	for (int64_t ms = 6500; ms <= 12500; ms += 500) {
		scene_until(w, ms);
		actor_key(b, 'a'); /* once it rings */
		if (ms == 10000)
			actor_key(b, 'h');
	}
	/* What is left of the resumption comes through, before the BYE. */
	scene_loss(w, 0);
	scene_until(w, 15000);
	return c && scene_over(w, 40000) &&
	       scene_said(w, b, "\"state\":\"ended\"", 2) &&
	       both(w, a, c, "ended") && status(w, a, 0) && status(w, c, 0) &&
	       status(w, b, 0) &&
	       scene_said(w, a, "\"direction\":\"sendrecv\"", 1);
}

/* What is late, doubled and overtaken is one digit all the same. */
static bool digits_in_disorder(struct scene *w)
{
	struct sim_link l = { .delay = MS(20), .jitter = MS(40),
			      .duplicate = 0.2, .reorder = 0.2,
			      .reorder_by = MS(60) };
	struct actor *b, *a;

	scene_link(w, &l);
	b = scene_run(w, 1, LISTEN " --count 1");
	a = scene_run(w, 0, CALL " --duration 6 --dtmf 1590#*");
	return a && b && scene_over(w, 30000) && both(w, a, b, "ended") &&
	       scene_said(w, b, "\"digits\":\"1590#*\"", 1) &&
	       scene_said(w, b, "\"packets_lost\":0", 1);
}

static const struct scenario scenarios[] = {
	{ "quiet", quiet_network, 2, .most = 20 },
	{ "setup_under_loss", setup_under_loss, 2, .harm = LOSS },
	{ "lost_ack", lost_ack, 2, .harm = LOSS },
	{ "lost_bye", lost_bye, 2, .harm = LOSS },
	{ "duplicated", duplicated, 2, .harm = COPIES },
	{ "glare", glare, 2, .harm = NONE },
	{ "hold_storm", hold_storm, 2, .harm = NONE },
	{ "partition", partition, 2, .harm = CUTS },
	{ "peer_vanishes", peer_vanishes, 2, .harm = CUTS },
	{ "streams_under_loss", streams_under_loss, 2, .harm = LOSS },
	{ "restart_over_tcp", restart_over_tcp, 2, .harm = NONE },
	{ "tcp_breaks_in_invite", tcp_breaks_in_invite, 3, .harm = NONE },
	{ "tcp_breaks_in_200", tcp_breaks_in_200, 3, .harm = NONE },
	{ "tcp_breaks_in_bye", tcp_breaks_in_bye, 3, .harm = NONE },
	{ "cancelled", cancelled, 2, .harm = LOSS },
	{ "cancel_crosses_200", cancel_crosses_200, 2, .harm = NONE,
	  .way = { "the CANCEL first", "the 200 first" } },
	{ "refused", refused, 2, .harm = LOSS },
	{ "forked", forked, 3, .harm = LOSS },
	{ "early_bye", early_bye, 3, .harm = LOSS },
	{ "register_under_loss", register_under_loss, 3, .harm = LOSS },
	{ "restart_over_udp", restart_over_udp, 2, .harm = NONE },
	{ "address_changes", address_changes, 2, .harm = NONE },
	{ "over_ipv6", over_ipv6, 2, .most = 20 },
	{ "first_hop_dead", first_hop_dead, 2, .harm = LOSS,
	  .way = { "a silent one", "a refusing one" } },
	{ "first_registrar_dead", first_registrar_dead, 3, .harm = LOSS,
	  .way = { "a silent one", "a refusing one" } },
	{ "call_waiting", call_waiting, 3, .harm = LOSS },
	{ "digits_in_disorder", digits_in_disorder, 2, .harm = COPIES },
};

/* ---------------------------------------------------------------- running */
enum { MOST_SEEDS = 10000 }; /* whose histories are counted */

struct runs { /* of one scenario */
	unsigned n, passed, failed;
	unsigned hurt; /* the network did what the scenario's name says */
	unsigned way[WAYS];
	uint64_t history[MOST_SEEDS], dialogue[MOST_SEEDS];
};

static int compare(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static unsigned distinct(uint64_t *h, unsigned n)
{
	unsigned found = n > 0;

	qsort(h, n, sizeof(*h), compare);
	for (unsigned i = 1; i < n; i++)
		found += h[i] != h[i - 1];
	return found;
}

static bool harmed(const struct scene *w, enum harm harm)
{
	return harm == LOSS ? w->sip_lost > 0 :
	       harm == CUTS ? w->cut > 0 :
	       harm == COPIES && w->arrived > w->sent;
}

static bool one(const struct scenario *s, uint64_t seed, bool show,
		struct runs *r)
{
	struct scene w;
	bool ok = scene_begin(&w, seed, s->hosts);

	scene_link(&w, &(struct sim_link){ .delay = MS(18), .jitter = MS(4) });
	ok = ok && s->fn(&w);
	if (show)
		for (size_t i = 0; i < w.actors; i++)
			printf("---- actor %zu\n%s%s", i, w.actor[i]->out,
			       w.actor[i]->err);
	if (ok && w.drops)
		ok = scene_fail(&w, "%u '%s' were never sent to be lost",
				w.drops, w.drop);
	r->hurt += harmed(&w, s->harm);
	for (unsigned i = 0; i < WAYS; i++)
		r->way[i] += w.ways >> i & 1;
	if (r->n < MOST_SEEDS) {
		r->history[r->n] = w.history;
		r->dialogue[r->n++] = w.dialogue;
	}
	ok = scene_end(&w) && ok;
	if (!ok)
		printf("FAILED: %s seed %llu: %s\n", s->name,
		       (unsigned long long)seed, w.why);
	return ok;
}

/* What no seed shows alone.  A few may be lucky, all of ten are not. */
static const char *together(const struct scenario *s, struct runs *r)
{
	unsigned histories = distinct(r->history, r->n);

	printf("%-20s %3u seeds, %3u histories, %3u of SIP alone\n", s->name,
	       r->n, histories, distinct(r->dialogue, r->n));
	for (unsigned i = 0; i < WAYS && s->way[i]; i++)
		printf("%-20s %3u with %s\n", "", r->way[i], s->way[i]);
	for (unsigned i = 0; i < WAYS && s->way[i]; i++)
		if (!r->way[i] && r->n >= 10)
			return "one of its ways was never gone";
	if (2 * histories < r->n)
		return "most seeds repeat the history of another";
	if (s->harm && !r->hurt && r->n >= 10)
		return "the network did no harm";
	return NULL;
}

static void all(const struct scenario *s, uint64_t seeds, struct runs *r)
{
	const char *why;

	r->n = r->hurt = 0;
	memset(r->way, 0, sizeof(r->way));
	if (s->most && s->most < seeds)
		seeds = s->most;
	for (uint64_t seed = 1; seed <= seeds; seed++) {
		bool ok = one(s, seed, false, r);

		r->passed += ok;
		r->failed += !ok;
	}
	why = together(s, r);
	if (!why)
		return;
	printf("FAILED: %s: %s\n", s->name, why);
	r->failed++;
}

int main(int argc, char **argv)
{
	unsigned long seeds = scene_seeds();
	struct runs *r = calloc(1, sizeof(*r));
	bool bad;

	if (!r)
		return 1;
	for (size_t i = 0; i < COUNT(scenarios); i++) {
		const struct scenario *s = &scenarios[i];
		bool ok;

		if (argc > 1 && strcmp(argv[1], s->name) != 0)
			continue;
		if (argc < 3) {
			all(s, seeds, r);
			continue;
		}
		ok = one(s, strtoull(argv[2], NULL, 10), true, r);
		r->passed += ok;
		r->failed += !ok;
	}
	printf("sim: %u passed, %u failed\n", r->passed, r->failed);
	bad = r->failed != 0 || r->passed == 0;
	free(r);
	return bad;
}
