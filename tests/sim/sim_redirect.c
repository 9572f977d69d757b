/* SPDX-License-Identifier: BSD-2-Clause
 * A call by the program that is redirected (RFC 3261 8.1.3.4): from 10.0.0.2,
 * who answers 302, to 10.0.0.3, over a network that loses, doubles and
 * reorders.  By seed the one there takes the call; or sends it back, where it
 * is not called again; or does not exist; or the program has not been told to
 * follow.
 * Held to: each is called once, both sides see the same end, and nothing is
 * left.  usage: sim_redirect [SEED]; SEEDS=n sets how many (200). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/client_port.h"
#include "tests/sim/scene.h"

enum { TAKEN, SENT_BACK, GONE, NOT_FOLLOWED, WAYS };

/* Who answers each call so. */
struct callee {
	struct parley *agent;
	const char *contact; /* of a 302; NULL: takes it */
	uint32_t account;
	unsigned calls, ended, failed;
};

static void on_event(void *app, const struct parley_event *ev)
{
	struct callee *c = app;
	uint32_t id = parley_event_session(ev);

	if (parley_event_kind(ev) == PARLEY_EV_INCOMING) {
		c->calls++;
		c->failed += (c->contact ?
			      parley_reject(c->agent, id, 302, c->contact) :
			      parley_accept(c->agent, id, NULL, 0)) != 0;
	}
	if (parley_event_kind(ev) == PARLEY_EV_ENDED)
		c->ended += parley_event_end_state(ev) == PARLEY_ENDED;
}

static bool callee_begin(struct callee *c, struct scene *w, size_t host)
{
	struct parley_config cfg = {
		.size = sizeof(cfg), .on_event = on_event, .app = c,
		.local = host == 1 ? "10.0.0.2:5060" : "10.0.0.3:5060",
	};

	if (client_new(sim_host_reactor(w->host[host]), NULL, &cfg,
		       &c->agent) ||
	    parley_account_add(c->agent, "sip:bob@10.0.0.2", &c->account))
		return scene_fail(w, "no agent");
	return true;
}

static bool as_wanted(struct scene *w, const struct actor *a, unsigned way,
		      const struct callee *c)
{
	static const struct {
		unsigned redirected, calls;
		int status;
		const char *says;
	} want[WAYS] = {
		[TAKEN] = { 1, 1, TOOL_OK, "" },
		[SENT_BACK] = { 1, 1, TOOL_FAILED, "302 Moved" },
		[GONE] = { 1, 0, TOOL_FAILED, "10.0.0.3" },
		[NOT_FOLLOWED] = { 0, 0, TOOL_FAILED, "302 Moved" },
	};
	unsigned named = actor_said(a, "to be reached at sip:bob@10.0.0.3");

	if (a->status != want[way].status || !strstr(a->err, want[way].says))
		return scene_fail(w, "status %d: %s%s", a->status, a->out,
				  a->err);
	if (c[0].calls != 1 || c[1].calls != want[way].calls ||
	    c[0].failed + c[1].failed)
		return scene_fail(w, "called %u and %u times", c[0].calls,
				  c[1].calls);
	if (c[1].ended != (way == TAKEN))
		return scene_fail(w, "the other side sees another end");
	if (named != (way == NOT_FOLLOWED))
		return scene_fail(w, "named so often: %u", named);
	return scene_said(w, a, "redirected: sip:bob@10.0.0.3",
			  want[way].redirected);
}

static bool run(struct scene *w, unsigned way, struct callee *c)
{
	struct sim_link l = w->link;
	struct actor *a;

	l.loss = 0.1;
	l.duplicate = l.reorder = 0.05;
	l.reorder_by = MS(60);
	scene_link(w, &l);
	c[0].contact = "sip:bob@10.0.0.3";
	c[1].contact = way == SENT_BACK ? "sip:bob@10.0.0.2" : NULL;
	if (!callee_begin(&c[0], w, 1) ||
	    (way != GONE && !callee_begin(&c[1], w, 2)))
		return false;
	a = scene_run(w, 0, way == NOT_FOLLOWED ?
		      "call sip:bob@10.0.0.2 --duration 2" :
		      "call sip:bob@10.0.0.2 --duration 2 --redirects 5");
	if (!a || !scene_over(w, 120000))
		return false;
	scene_until(w, scene_ms(w) + 40000); /* 64*T1, and a little */
	return as_wanted(w, a, way, c);
}

static bool one(uint64_t seed)
{
	struct callee c[2] = { 0 };
	struct scene w;
	bool ok = scene_begin(&w, seed, 3);

	if (ok) {
		ok = run(&w, seed % WAYS, c);
		parley_free(c[0].agent);
		parley_free(c[1].agent);
	}
	return scene_judged(&w, seed, ok);
}

int main(int argc, char **argv)
{
	unsigned long n = scene_seeds(), passed = 0;

	if (argc > 1)
		return !one(strtoull(argv[1], NULL, 10));
	for (unsigned long i = 1; i <= n; i++)
		passed += one(i);
	printf("sim: %lu passed, %lu failed\n", passed, n - passed);
	return passed != n;
}
