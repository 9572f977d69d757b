/* SPDX-License-Identifier: BSD-2-Clause
 * Allocation fails at every point of a whole call, one at a time, on either
 * side: the call ends on both sides, nothing leaks, and the next call works.
 * usage: fault_call [caller|callee|start [N]]; FAULT_STEP=n tries every n-th
 * only, and so does a small SEEDS. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/sim/scene.h"

enum { STARTING = 2 }; /* of the sweeps; 0 and 1 are hosts */

#define LISTEN "listen --local 10.0.0.2:5060 --auto-answer --json"
#define CALL   "call sip:bob@10.0.0.2 --json --duration 1 --dtmf 1 --local "

/* One call with the n-th allocation of a host failing, then a sound one.
 * *reached: the failure was met at all. */
static bool one(size_t host, uint64_t n, bool *reached, struct scene *w)
{
	struct actor *b, *a, *again;
	struct mem *m;

	if (!scene_begin(w, n, 2))
		return false;
	m = &w->host_mem[host];
	if (host == 0)
		m->fail_at = m->calls + n;
	b = scene_run(w, 1, LISTEN);
	if (host == 1)
		m->fail_at = m->calls + n;
	a = scene_run(w, 0, CALL "10.0.0.1:5060");
	if (!a || !b)
		return false;
	scene_until(w, 500);
	actor_key(a, '+'); /* the answer of a change fails, too */
	/* 64*T1 and more: whatever was lost has timed out by then. */
	while (!a->over && scene_ms(w) < 80000)
		scene_until(w, scene_ms(w) + 100);
	if (!a->over)
		return scene_fail(w, "the caller did not end");
	*reached = m->calls >= m->fail_at;
	m->fail_at = 0;
	scene_until(w, scene_ms(w) + 40000);
	if (b->over)
		return scene_fail(w, "the listener ended: %s", b->err);
	again = scene_run(w, 0, CALL "10.0.0.1:5062");
	if (!again)
		return false;
	while (!again->over && scene_ms(w) < 200000)
		scene_until(w, scene_ms(w) + 100);
	if (again->status != 0)
		return scene_fail(w, "the next call failed: %s", again->err);
	scene_until(w, scene_ms(w) + 2000);
	/* Every call that the listener began has ended. */
	if (actor_said(b, "\"state\":\"ended\"") < 1)
		return scene_fail(w, "the listener's last call did not end");
	actor_interrupt(b);
	scene_until(w, scene_ms(w) + 5000);
	return b->over || scene_fail(w, "the listener does not end");
}

/* The command's own start: it says that it cannot, or it works. */
static bool start_only(uint64_t n, bool *reached, struct scene *w)
{
	struct actor *b;

	if (!scene_begin(w, n, 1))
		return false;
	w->host_mem[0].fail_at = w->host_mem[0].calls + n;
	b = scene_run(w, 0, "listen --local 10.0.0.1:5060 --auto-answer");
	*reached = w->host_mem[0].calls >= w->host_mem[0].fail_at;
	w->host_mem[0].fail_at = 0;
	scene_until(w, 1000);
	return b && (!b->over || (b->status == TOOL_FAILED && b->err_n) ||
		     scene_fail(w, "status %d, '%s'", b->status, b->err));
}

static void sweep(const char *name, size_t host, uint64_t step,
		  unsigned *passed, unsigned *failed)
{
	bool reached = true;

	for (uint64_t n = 1; reached && n < 100000; n += step) {
		struct scene w;
		bool ok;

		reached = false;
		ok = host == STARTING ? start_only(n, &reached, &w) :
					one(host, n, &reached, &w);
		ok = scene_end(&w) && ok;
		if (!ok)
			printf("FAILED: %s, allocation %llu: %s\n", name,
			       (unsigned long long)n, w.why);
		*passed += ok;
		*failed += !ok;
	}
}

int main(int argc, char **argv)
{
	static const char *const name[] = { "caller", "callee",
					    [STARTING] = "start" };
	const char *env = getenv("FAULT_STEP");
	const char *seeds = getenv("SEEDS");
	uint64_t step = env ? strtoull(env, NULL, 10) :
			seeds && strtoul(seeds, NULL, 10) < 20 ? 16 :
			seeds && strtoul(seeds, NULL, 10) < 200 ? 4 : 1;
	unsigned passed = 0, failed = 0;

	for (size_t host = 0; host <= STARTING; host++) {
		if (argc > 1 && strcmp(argv[1], name[host]) != 0)
			continue;
		if (argc > 2) {
			struct scene w;
			bool reached = false;
			uint64_t n = strtoull(argv[2], NULL, 10);
			bool ok = host == STARTING ?
				  start_only(n, &reached, &w) :
				  one(host, n, &reached, &w);

			for (size_t i = 0; i < w.actors; i++)
				printf("---- actor %zu\n%s%s", i,
				       w.actor[i]->out, w.actor[i]->err);
			ok = scene_end(&w) && ok;
			printf("%s\n", w.why);
			return !ok;
		}
		sweep(name[host], host, step ? step : 1, &passed, &failed);
	}
	printf("fault: %u passed, %u failed\n", passed, failed);
	return failed != 0 || passed == 0;
}
