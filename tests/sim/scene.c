/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/sim/scene.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool scene_fail(struct scene *w, const char *fmt, ...)
{
	va_list args;

	if (w->why[0]) /* the first reason is the one that counts */
		return false;
	va_start(args, fmt);
	vsnprintf(w->why, sizeof(w->why), fmt, args);
	va_end(args);
	return false;
}

static void mix(uint64_t *h, const void *p, size_t n)
{
	const uint8_t *b = p;

	for (size_t i = 0; i < n; i++) /* FNV-1a */
		*h = (*h ^ b[i]) * 1099511628211u;
}

/* "INVITE", "SIP/2.0 200"; nothing for what is no SIP. */
static struct slice first_words(const struct sim_packet *p)
{
	struct slice text = slice_of(p->p, p->n);

	if (!text.n || text.p[0] < 'A' || text.p[0] > 'Z')
		return S("");
	return slice_head(text, slice_starts(text, "SIP/2.0 ") ? 11 :
			  slice_find(text, ' '));
}

static void remember(struct scene *w, mono now, enum sim_fate fate,
		     const struct sim_packet *p)
{
	struct slice sip = first_words(p);
	bool sized = p->proto == SIM_UDP && !sip.n;
	int64_t at[4] = { (now - w->start) / MS(1), (int64_t)fate,
			  (int64_t)p->proto, sized ? (int64_t)p->n : 0 };

	if (sized && p->n > 1 && p->p[0] >> 6 == 2 && p->p[1] >= 192 &&
	    p->p[1] < 224)
		return; /* RTCP: sent at random times */
	mix(&w->history, at, sizeof(at));
	mix(&w->history, sip.p, sip.n);
	if (!sip.n)
		return;
	mix(&w->dialogue, &at[1], sizeof(at[1]));
	mix(&w->dialogue, sip.p, sip.n);
}

static bool has(struct slice text, const char *what)
{
	while (text.n && !slice_starts(text, what))
		text = slice_skip(text, 1);
	return text.n;
}

static void look(struct scene *w, mono now, enum sim_fate fate,
		 const struct sim_packet *p)
{
	struct slice text = slice_of(p->p, p->n);

	for (size_t i = 0; i < COUNT(w->mark); i++) {
		struct scene_mark *m = &w->mark[i];
		mono *at = fate == SIM_SENT ? &m->sent :
			   fate == SIM_ARRIVED ? &m->arrived : NULL;

		if (m->head && at && !*at && slice_starts(text, m->head) &&
		    has(text, m->holds))
			*at = now;
	}
}

/* A link that loses just the packet about to cross it. */
static bool same_way(const struct sim_packet *a, const struct sim_packet *b)
{
	return addr_same(&a->src, &b->src) && addr_same(&a->dst, &b->dst);
}

/* Is it of the message that breaks off, but not its first part? */
static bool breaks_off(struct scene *w, const struct sim_packet *p)
{
	struct scene_break *b = &w->brk;
	struct slice text = slice_of(p->p, p->n);

	if (!b->head || b->resets || p->proto != SIM_TCP)
		return false;
	if (!b->left && slice_starts(text, b->head)) {
		b->left = true;
		b->first = *p;
	}
	if (!b->left || !same_way(p, &b->first))
		return false;
	b->acked = p->ack;
	b->lost += p->n && p->seq != b->first.seq;
	return p->n && p->seq != b->first.seq;
}

static void lose_or_not(struct scene *w, const struct sim_packet *p)
{
	struct sim_link up = w->link;
	bool drop = w->drops && slice_starts(slice_of(p->p, p->n), w->drop);
	bool lose = breaks_off(w, p) || drop;

	w->drops -= drop;
	if (lose)
		up.loss = 1;
	if (lose != w->losing) /* a link set anew forgets its order */
		for (size_t i = 0; i < COUNT(w->host) && w->host[i]; i++)
			sim_link(w->host[i], 1, &up, &w->link);
	w->losing = lose;
}

static void on_packet(void *arg, mono now, enum sim_fate fate,
		      const struct sim_packet *p)
{
	struct scene *w = arg;

	remember(w, now, fate, p);
	look(w, now, fate, p);
	wire_packet(&w->wire, now, fate, p);
	if (p->proto == SIM_UDP) {
		w->sip_lost += fate == SIM_LOST && p->n && p->p[0] >= 'A' &&
			       p->p[0] <= 'Z';
		w->cut += fate == SIM_CUT;
		w->sent += fate == SIM_SENT;
		w->arrived += fate == SIM_ARRIVED;
	}
	if (fate == SIM_SENT)
		lose_or_not(w, p);
	if (fate == SIM_ARRIVED && w->brk.left && p->proto == SIM_TCP) {
		w->brk.half |= same_way(p, &w->brk.first) &&
			       p->seq == w->brk.first.seq;
		w->brk.resets += (p->flags & SIM_RST) != 0;
	}
}

void scene_drop(struct scene *w, const char *text, unsigned n)
{
	w->drop = text;
	w->drops = n;
}

void scene_look(struct scene *w, size_t i, const char *head, const char *holds)
{
	w->mark[i] = (struct scene_mark){ .head = head, .holds = holds };
}

bool scene_begin(struct scene *w, uint64_t seed, size_t n)
{
	static const char *const name[] = { "one", "two", "three", "four" };
	struct sim_link l = { .delay = MS(20) };

	memset(w, 0, sizeof(*w));
	mem_init(&w->mem, 0);
	w->sim = sim_new(&w->mem, seed);
	if (!w->sim)
		return scene_fail(w, "no memory");
	sim_tap(w->sim, on_packet, w);
	w->start = sim_now(w->sim);
	for (size_t i = 0; i < n; i++) {
		struct addr a = addr_v4(10, 0, 0, (uint8_t)(i + 1), 0);

		w->host[i] = sim_host_new(w->sim, name[i], &a, 1);
		if (!w->host[i] || sim_name(w->sim, name[i], &a))
			return scene_fail(w, "no memory");
		mem_init(&w->host_mem[i], 0);
		sim_host_mem(w->host[i], &w->host_mem[i]);
	}
	scene_link(w, &l);
	return true;
}

bool scene_end(struct scene *w)
{
	bool clean = true, held = wire_end(&w->wire);

	for (size_t i = 0; i < w->actors; i++)
		clean &= actor_free(w->actor[i]);
	sim_free(w->sim);
	for (size_t i = 0; i < COUNT(w->host); i++)
		clean &= w->host_mem[i].blocks == 0;
	if (!clean)
		return scene_fail(w, "an actor left memory behind");
	if (w->mem.blocks)
		return scene_fail(w, "the world left %u blocks behind",
				  (unsigned)w->mem.blocks);
	if (!held)
		return scene_fail(w, "%s: %s", w->wire.why, w->wire.what);
	return w->why[0] == '\0';
}

bool scene_judged(struct scene *w, uint64_t seed, bool ok)
{
	ok = scene_end(w) && ok;
	if (!ok)
		printf("FAILED: seed %llu: %s\n", (unsigned long long)seed,
		       w->why);
	return ok;
}

unsigned long scene_seeds(void)
{
	const char *env = getenv("SEEDS");

	return env ? strtoul(env, NULL, 10) : 200;
}

void scene_link(struct scene *w, const struct sim_link *l)
{
	w->link = *l;
	for (size_t i = 0; i < COUNT(w->host) && w->host[i]; i++)
		sim_host_link(w->host[i], l);
}

void scene_loss(struct scene *w, double loss)
{
	struct sim_link l = w->link;

	l.loss = loss;
	scene_link(w, &l);
}

struct actor *scene_run(struct scene *w, size_t host, const char *words)
{
	const char *dir = getenv("SIM_TRACE");
	char traced[512];
	struct actor *a;

	if (dir) {
		snprintf(traced, sizeof(traced),
			 "%s --force --trace %s/%zu.pcapng",
			 words, dir, w->actors);
		words = traced;
	}
	a = w->actors == COUNT(w->actor) ? NULL :
	    actor_start_failing(w->host[host], words, w->fail_own);

	if (a)
		w->actor[w->actors++] = a;
	else
		(void)scene_fail(w, "cannot start: %s", words);
	return a;
}

void scene_until(struct scene *w, int64_t ms)
{
	sim_run(w->sim, w->start + MS(ms));
}

int64_t scene_ms(const struct scene *w)
{
	return (sim_now(w->sim) - w->start) / MS(1);
}

static void reset_both(struct scene *w)
{
	const struct scene_break *b = &w->brk;
	struct sim_packet there = { .proto = SIM_TCP, .ttl = 64,
		.src = b->first.src, .dst = b->first.dst,
		.flags = SIM_RST | SIM_ACK, .ack = b->acked,
		.seq = b->first.seq + (uint32_t)b->first.n };
	struct sim_packet back = { .proto = SIM_TCP, .ttl = 64,
		.src = b->first.dst, .dst = b->first.src,
		.flags = SIM_RST | SIM_ACK, .ack = there.seq,
		.seq = b->acked };
	size_t last = 0;

	while (last + 1 < COUNT(w->host) && w->host[last + 1])
		last++;
	sim_forward_packet(w->host[last], 1, &there);
	sim_forward_packet(w->host[last], 1, &back);
}

bool scene_break(struct scene *w, const char *head, int64_t ms)
{
	w->brk = (struct scene_break){ .head = head };
	while (!w->brk.half && scene_ms(w) < ms)
		scene_until(w, scene_ms(w) + 1);
	if (!w->brk.half || !w->brk.lost)
		return scene_fail(w, "no '%s' broke off", head);
	reset_both(w);
	while (w->brk.resets < 2 && scene_ms(w) < ms)
		scene_until(w, scene_ms(w) + 1);
	return w->brk.resets == 2 || scene_fail(w, "%u resets", w->brk.resets);
}

static bool all_over(const struct scene *w)
{
	for (size_t i = 0; i < w->actors; i++)
		if (!w->actor[i]->over)
			return false;
	return true;
}

bool scene_over(struct scene *w, int64_t ms)
{
	while (!all_over(w) && scene_ms(w) < ms)
		scene_until(w, scene_ms(w) + 100 < ms ? scene_ms(w) + 100 : ms);
	if (all_over(w))
		return true;
	return scene_fail(w, "not over after %lld ms", (long long)ms);
}

bool scene_said(struct scene *w, const struct actor *a, const char *text,
		unsigned times)
{
	unsigned n = a ? actor_said(a, text) : 0;

	if (n == times)
		return true;
	return scene_fail(w, "'%s' said %u times, not %u", text, n, times);
}
