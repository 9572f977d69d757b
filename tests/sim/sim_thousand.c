/* SPDX-License-Identifier: BSD-2-Clause
 * A thousand calls at a time between one agent and one listener, with null
 * media, over a lossy link: each is answered and ends, on both sides in the
 * same state; then nothing is left.  usage: sim_thousand [SEED]; else 5 seeds,
 * one where SEEDS is under 200, and a hundred calls where it is under 20. */
#include <stdio.h>
#include <stdlib.h>

#include "client/client_port.h"
#include "tests/sim/scene.h"

enum { CALLS = 1000, FEW = 100, TALK_MS = 6000,
       TABLES = 8 }; /* come with the first call and stay: queues, tables */

struct caller {
	struct parley *agent;
	uint32_t account;
	unsigned calls; /* to make */
	unsigned made, answered, ended, failed, up, most;
};

static void on_event(void *app, const struct parley_event *ev)
{
	struct caller *c = app;

	switch (parley_event_kind(ev)) {
	case PARLEY_EV_ANSWERED:
		c->answered++;
		if (++c->up > c->most)
			c->most = c->up;
		break;
	case PARLEY_EV_ENDED:
		c->up -= c->up > 0;
		if (parley_event_end_state(ev) == PARLEY_ENDED)
			c->ended++;
		else
			c->failed++;
		break;
	default:
		break;
	}
}

static bool call_all(struct scene *w, struct caller *c, uint32_t *session)
{
	for (unsigned i = 0; i < c->calls; i++) {
		if (parley_call(c->agent, c->account, "sip:bob@10.0.0.2", NULL,
				0, &session[i]))
			return scene_fail(w, "call %u: %s", i,
					  parley_error(c->agent));
		c->made++;
		if (i % 20 == 19)
			scene_until(w, scene_ms(w) + 20);
	}
	return true;
}

static bool talk(struct scene *w, struct caller *c, struct actor *b)
{
	uint32_t session[CALLS];
	uint64_t blocks = w->host_mem[0].blocks;

	if (!call_all(w, c, session))
		return false;
	scene_until(w, TALK_MS);
	if (c->most < c->calls)
		return scene_fail(w, "%u calls at a time", c->most);
	for (unsigned i = 0; i < c->calls; i++)
		if (parley_end(c->agent, session[i]))
			return scene_fail(w, "end %u: %s", i,
					  parley_error(c->agent));
	while (scene_ms(w) < 60000 && !(b->over && c->ended == c->calls))
		scene_until(w, scene_ms(w) + 500);
	if (c->ended != c->calls || c->failed)
		return scene_fail(w, "%u ended, %u failed", c->ended,
				  c->failed);
	if (!b->over || b->status != 0)
		return scene_fail(w, "the listener counts other calls: %s",
				  b->err);
	/* Each transaction ends (64*T1) and each dialog: with the agent still
	 * there, nothing of them is left. */
	scene_until(w, scene_ms(w) + 40000);
	return w->host_mem[0].blocks <= blocks + TABLES ||
	       scene_fail(w, "%u blocks left of the calls",
			  (unsigned)(w->host_mem[0].blocks - blocks));
}

static bool one(uint64_t seed, unsigned calls)
{
	struct sim_link l = { .delay = MS(10), .jitter = MS(2),
			      .loss = 0.01 };
	struct caller c = { .calls = calls };
	char listen[128];
	struct parley_config cfg = {
		.size = sizeof(cfg), .local = "10.0.0.1:5060",
		.on_event = on_event, .app = &c,
	};
	struct scene w;
	struct actor *b = NULL;
	bool ok = scene_begin(&w, seed, 2);

	if (ok) {
		scene_link(&w, &l);
		snprintf(listen, sizeof(listen), "listen --local 10.0.0.2:5060 "
			 "--codec PCMU --auto-answer --quiet --count %u "
			 "--calls %u", calls, calls);
		b = scene_run(&w, 1, listen);
		ok = b && client_new(sim_host_reactor(w.host[0]), NULL, &cfg,
				     &c.agent) == 0 &&
		     parley_account_add(c.agent, "sip:alice@10.0.0.1",
					&c.account) == 0 &&
		     parley_set(c.agent, c.account, "rtp.codecs", "PCMU") == 0;
		ok = ok && talk(&w, &c, b);
		parley_free(c.agent);
	}
	return scene_judged(&w, seed, ok);
}

int main(int argc, char **argv)
{
	unsigned long asked = scene_seeds();
	unsigned long seeds = asked >= 200 ? 5 : 1;
	unsigned calls = asked >= 20 || argc > 1 ? CALLS : FEW;
	unsigned passed = 0, failed = 0;

	for (uint64_t seed = 1; seed <= seeds || argc > 1; seed++) {
		bool ok = one(argc > 1 ? strtoull(argv[1], NULL, 10) : seed,
			      calls);

		passed += ok;
		failed += !ok;
		if (argc > 1)
			break;
	}
	printf("thousand: %u passed, %u failed, %u calls at a time\n", passed,
	       failed, calls);
	return failed != 0 || passed == 0;
}
