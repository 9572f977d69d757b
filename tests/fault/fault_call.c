/* SPDX-License-Identifier: BSD-2-Clause
 * Allocation fails at every point of what the program does, one at a time, on
 * one side: what was begun ends on both sides, who failed says so, nothing
 * leaks, and the next try works.
 * usage: fault_call [PATH [N]]; FAULT_STEP=n tries every n-th only, and so
 * does a small SEEDS. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/sim/desk.h"
#include "tests/sim/scene.h"

#define LISTEN "listen --local 10.0.0.2:5060 --auto-answer --json"
#define RINGS  "listen --local 10.0.0.2:5060 --json"
#define CALL   "call sip:bob@10.0.0.2 --json --duration 2 --dtmf 1 --local "
#define PCMU   "call sip:bob@10.0.0.2 --json --codec PCMU --duration 2 " \
	       "--dtmf 1 --local "
#define TCP    "call sip:bob@10.0.0.2;transport=tcp --json --codec PCMU " \
	       "--duration 2 --dtmf 1 --local "
#define DESK   "call sip:desk@10.0.0.3 --codec PCMU --from " \
	       "sip:alice@10.0.0.3 --user alice --password secret --json " \
	       "--duration 1 --local "
#define REG    "register --aor sip:alice@10.0.0.3 --registrar sip:10.0.0.3" \
	       " --user alice --password secret --expires 20 --json --local "
#define REGTCP "register --aor sip:alice@10.0.0.3 --registrar " \
	       "sip:10.0.0.3;transport=tcp --user alice --password secret " \
	       "--expires 20 --json --local "

/* Whose allocations fail: of what the reactor, the stack and media take on the
 * host, or of what the program takes for itself. */
enum who { CALLER, CALLEE, CALLERS_OWN, CALLEES_START, CALLEES_OWN };

struct press { /* a key, or '^' for an interrupt */
	int64_t ms;
	bool callee;
	char key;
};

struct path {
	const char *name;
	enum who who;
	const char *first;       /* words of the caller; an address follows */
	const char *listener;    /* NULL: the desk of 10.0.0.3 */
	const struct press *keys;
};

static const struct press plain[] = { { 500, false, '+' }, { 0 } };
/* Held and resumed by both, streams added and taken away by both. */
static const struct press changes[] = {
	{ 200, false, 'h' }, { 400, false, 'h' }, { 600, true, 'h' },
	{ 800, true, 'h' }, { 1000, true, '+' }, { 1300, false, '-' },
	{ 1500, false, '+' }, { 1700, true, '-' }, { 0 } };
static const struct press cancel[] = { { 500, false, '^' }, { 0 } };
/* Once more by a person whose first key found no memory. */
static const struct press rejects[] = { { 3000, true, 'r' },
					{ 4000, true, 'r' }, { 0 } };
static const struct press nothing[] = { { 0 } };
/* Refreshed twice meanwhile. */
static const struct press unregister[] = { { 30000, false, '^' }, { 0 } };

static const struct path paths[] = {
	{ "caller", CALLER, CALL, LISTEN, plain },
	{ "callee", CALLEE, CALL, LISTEN, plain },
	{ "start", CALLEES_START, CALL, LISTEN, plain },
	{ "caller_changes", CALLER, PCMU, LISTEN, changes },
	{ "callee_changes", CALLEE, PCMU, LISTEN, changes },
	{ "caller_tcp", CALLER, TCP, LISTEN, changes },
	{ "callee_tcp", CALLEE, TCP, LISTEN, changes },
	{ "caller_cancels", CALLER, CALL, RINGS, cancel },
	{ "callee_is_cancelled", CALLEE, CALL, RINGS, cancel },
	{ "caller_is_rejected", CALLER, CALL, RINGS, rejects },
	{ "callee_rejects", CALLEE, CALL, RINGS, rejects },
	{ "caller_digest", CALLER, DESK, NULL, nothing },
	{ "register", CALLER, REG, NULL, unregister },
	{ "register_tcp", CALLER, REGTCP, NULL, unregister },
	{ "callers_own", CALLERS_OWN, PCMU, LISTEN, changes },
	{ "callees_own", CALLEES_OWN, PCMU, LISTEN, changes },
	{ "registers_own", CALLERS_OWN, REG, NULL, unregister },
};

struct run {
	struct scene w;
	struct desk desk;
	const struct path *path;
	uint64_t n;
	struct mem *m;     /* that fails */
	struct actor *a, *b;
};

static struct actor *start(struct run *r, size_t host, const char *words,
			   const char *at)
{
	char text[512];

	snprintf(text, sizeof(text), "%s%s", words, at);
	return scene_run(&r->w, host, text);
}

static void arm(struct run *r, struct mem *m)
{
	r->m = m;
	m->fail_at = m->calls + r->n;
}

/* False: it could not begin; a command that says so has done its duty. */
static bool begin(struct run *r)
{
	static const struct addr at = { .family = 4, .port = 5060,
					.ip = { 10, 0, 0, 3 } };
	enum who who = r->path->who;

	if (!scene_begin(&r->w, r->n, 3))
		return false;
	r->w.wire.poor = true;
	r->w.wire.foreign = addr_v4(10, 0, 0, 3, 0);
	if (!r->path->listener && desk_begin(&r->desk,
						sim_host_reactor(r->w.host[2]),
						&at))
		return scene_fail(&r->w, "no desk");
	r->w.fail_own = who == CALLEES_OWN ? r->n : 0;
	if (who == CALLEES_START)
		arm(r, &r->w.host_mem[1]);
	r->b = r->path->listener ? start(r, 1, r->path->listener, "") : NULL;
	r->w.fail_own = who == CALLERS_OWN ? r->n : 0;
	if (who == CALLER)
		arm(r, &r->w.host_mem[0]);
	if (who == CALLEE)
		arm(r, &r->w.host_mem[1]);
	r->a = start(r, 0, r->path->first, "10.0.0.1:5060");
	r->w.fail_own = 0;
	if (who == CALLERS_OWN && r->a)
		r->m = &r->a->mem;
	if (who == CALLEES_OWN && r->b)
		r->m = &r->b->mem;
	return r->a && (r->b || !r->path->listener);
}

static void press_keys(struct run *r)
{
	for (const struct press *k = r->path->keys; k->key; k++) {
		struct actor *a = k->callee ? r->b : r->a;

		scene_until(&r->w, k->ms);
		if (k->key == '^')
			actor_interrupt(a);
		else
			actor_key(a, k->key);
	}
}

static bool said_why(struct run *r, const struct actor *a)
{
	return !a->over || a->status == TOOL_OK ||
	       (a->status == TOOL_FAILED && a->err_n) ||
	       scene_fail(&r->w, "status %d, '%s'", a->status, a->err);
}

/* The next try of the same, sound. */
static bool again(struct run *r)
{
	struct scene *w = &r->w;
	struct actor *a = start(r, 0, r->path->first, "10.0.0.1:5062");
	int64_t until = scene_ms(w) + 60000;

	if (!a)
		return false;
	if (!r->path->listener && r->path->keys->key) {
		scene_until(w, scene_ms(w) + 2000);
		actor_interrupt(a);
	} else if (r->b && strcmp(r->path->listener, RINGS) == 0) {
		scene_until(w, scene_ms(w) + 1000);
		actor_key(r->b, 'a');
	}
	while (!a->over && scene_ms(w) < until)
		scene_until(w, scene_ms(w) + 100);
	return (a->over && a->status == TOOL_OK) ||
	       scene_fail(w, "the next try failed: %s", a->err);
}

/* The listener goes on, whatever became of its first call. */
static bool listener_sound(struct run *r)
{
	struct scene *w = &r->w;

	if (r->b->over && r->path->who < CALLEES_START)
		return scene_fail(w, "the listener ended: %s", r->b->err);
	if (r->b->over)
		return said_why(r, r->b);
	if (!again(r))
		return false;
	scene_until(w, scene_ms(w) + 2000);
	if (actor_said(r->b, "\"state\":\"ended\"") < 1)
		return scene_fail(w, "the listener's last call did not end");
	actor_interrupt(r->b);
	scene_until(w, scene_ms(w) + 5000);
	return r->b->over || scene_fail(w, "the listener does not end");
}

static bool one(struct run *r, bool *reached)
{
	struct scene *w = &r->w;

	if (!begin(r))
		return false;
	press_keys(r);
	/* 64*T1 and more: whatever was lost has timed out by then. */
	while (!r->a->over && scene_ms(w) < 120000)
		scene_until(w, scene_ms(w) + 100);
	if (!r->a->over)
		return scene_fail(w, "the caller did not end");
	*reached = r->m->calls >= r->m->fail_at;
	r->m->fail_at = 0;
	if (!said_why(r, r->a))
		return false;
	scene_until(w, scene_ms(w) + 40000);
	return r->b ? listener_sound(r) : again(r);
}

static bool try_one(const struct path *p, uint64_t n, bool *reached, bool show)
{
	struct run r = { .path = p, .n = n };
	bool ok;

	*reached = false;
	ok = one(&r, reached);
	for (size_t i = 0; show && i < r.w.actors; i++)
		printf("---- actor %zu\n%s%s", i, r.w.actor[i]->out,
		       r.w.actor[i]->err);
	desk_end(&r.desk);
	ok = scene_end(&r.w) && ok;
	if (!ok)
		printf("FAILED: %s, allocation %llu: %s\n", p->name,
		       (unsigned long long)n, r.w.why);
	return ok;
}

int main(int argc, char **argv)
{
	const char *env = getenv("FAULT_STEP"), *seeds = getenv("SEEDS");
	uint64_t step = env ? strtoull(env, NULL, 10) :
			seeds && strtoul(seeds, NULL, 10) < 20 ? 16 :
			seeds && strtoul(seeds, NULL, 10) < 200 ? 4 : 1;
	unsigned passed = 0, failed = 0;
	bool reached;

	for (size_t i = 0; i < COUNT(paths); i++) {
		if (argc > 1 && strcmp(argv[1], paths[i].name) != 0)
			continue;
		if (argc > 2)
			return !try_one(&paths[i], strtoull(argv[2], NULL, 10),
					&reached, true);
		reached = true;
		for (uint64_t n = 1; reached && n < 100000;
		     n += step ? step : 1) {
			bool ok = try_one(&paths[i], n, &reached, false);

			passed += ok;
			failed += !ok;
			if (getenv("FAULT_VERBOSE"))
				fprintf(stderr, "%s %u\n", paths[i].name,
					(unsigned)n);
		}
	}
	printf("fault: %u passed, %u failed\n", passed, failed);
	return failed != 0 || passed == 0;
}
