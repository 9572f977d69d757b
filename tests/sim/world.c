/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/sim/world.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

bool world_fail(struct world *w, const char *fmt, ...)
{
	va_list args;

	if (w->why[0]) /* the first reason is the one that counts */
		return false;
	va_start(args, fmt);
	vsnprintf(w->why, sizeof(w->why), fmt, args);
	va_end(args);
	return false;
}

bool world_begin(struct world *w, uint64_t seed, size_t n)
{
	static const char *const name[] = { "one", "two", "three", "four" };
	struct sim_link l = { .delay = MS(20) };

	memset(w, 0, sizeof(*w));
	mem_init(&w->mem, 0);
	w->sim = sim_new(&w->mem, seed);
	if (!w->sim)
		return world_fail(w, "no memory");
	for (size_t i = 0; i < n; i++) {
		struct addr a = addr_v4(10, 0, 0, (uint8_t)(i + 1), 0);

		w->host[i] = sim_host_new(w->sim, name[i], &a, 1);
		if (!w->host[i] || sim_name(w->sim, name[i], &a))
			return world_fail(w, "no memory");
	}
	world_link(w, &l);
	return true;
}

bool world_end(struct world *w)
{
	bool clean = true;

	for (size_t i = 0; i < w->actors; i++)
		clean &= actor_free(w->actor[i]);
	sim_free(w->sim);
	if (!clean)
		return world_fail(w, "an actor left memory behind");
	if (w->mem.blocks)
		return world_fail(w, "the world left %u blocks behind",
				  (unsigned)w->mem.blocks);
	return w->why[0] == '\0';
}

void world_link(struct world *w, const struct sim_link *l)
{
	for (size_t i = 0; i < COUNT(w->host) && w->host[i]; i++)
		sim_host_link(w->host[i], l);
}

void world_loss(struct world *w, double loss)
{
	struct sim_link l = { .delay = MS(20), .loss = loss };

	world_link(w, &l);
}

struct actor *world_run(struct world *w, size_t host, const char *words)
{
	struct actor *a = w->actors < COUNT(w->actor) ?
		actor_start(w->host[host], words) : NULL;

	if (a)
		w->actor[w->actors++] = a;
	else
		(void)world_fail(w, "cannot start: %s", words);
	return a;
}

void world_until(struct world *w, int64_t ms)
{
	sim_run(w->sim, MS(ms));
}

static bool all_over(const struct world *w)
{
	for (size_t i = 0; i < w->actors; i++)
		if (!w->actor[i]->over)
			return false;
	return true;
}

bool world_over(struct world *w, int64_t ms)
{
	while (!all_over(w) && sim_now(w->sim) < MS(ms))
		sim_run(w->sim, mono_min(sim_now(w->sim) + MS(100), MS(ms)));
	if (all_over(w))
		return true;
	return world_fail(w, "not over after %lld ms", (long long)ms);
}

bool world_said(struct world *w, const struct actor *a, const char *text,
		unsigned times)
{
	unsigned n = a ? actor_said(a, text) : 0;

	if (n == times)
		return true;
	return world_fail(w, "'%s' said %u times, not %u", text, n, times);
}
