/* SPDX-License-Identifier: BSD-2-Clause
 * A tick: all sources speak, the buses are summed, all sinks hear.  A bus with
 * one speaker is not summed: its samples are handed on. */
#include "media/graph.h"

#include <string.h>

static size_t quantum(uint32_t rate)
{
	return rate / 100;
}

static bool rate_ok(uint32_t rate)
{
	return rate && rate <= GRAPH_RATE_MAX && rate % 100 == 0;
}

int graph_init(struct graph *g, struct mem *m, uint32_t rate)
{
	if (!rate_ok(rate))
		return -EINVAL;
	*g = (struct graph){ .mem = m, .rate = rate };
	list_init(&g->ports);
	return 0;
}

void graph_fini(struct graph *g)
{
	struct list *node;

	if (!g->ports.next) /* zeroed */
		return;
	while ((node = list_take(&g->ports)) != NULL) {
		struct graph_port *p = CONTAINER(node, struct graph_port, node);

		resample_close(p->up);
		resample_close(p->down);
		p->up = p->down = NULL;
		p->graph = NULL;
	}
}

/* Both ways between a port at rate and a graph at other; NULL where equal or
 * not used. */
static int pair_open(struct mem *m, const struct graph_ops *ops, uint32_t rate,
		     uint32_t other, struct resample **up,
		     struct resample **down)
{
	int rc = 0;

	*up = *down = NULL;
	if (rate == other)
		return 0;
	if (ops->source)
		rc = resample_open(m, rate, other, up);
	if (rc == 0 && ops->sink)
		rc = resample_open(m, other, rate, down);
	if (rc < 0) {
		resample_close(*up);
		*up = NULL;
	}
	return rc;
}

static void pair_set(struct graph_port *p, struct resample *up,
		     struct resample *down)
{
	resample_close(p->up);
	resample_close(p->down);
	p->up = up;
	p->down = down;
	p->up_tail = p->down_tail = false;
	p->speaking = false;
}

int graph_set_rate(struct graph *g, uint32_t rate)
{
	struct mem *m = g->mem;
	struct resample *up, *down;
	struct list *node;
	int rc = 0;

	if (!rate_ok(rate))
		return -EINVAL;
	/* Try first: what would fail must fail before anything changed.  The
	 * second opening may still fail: that port falls silent. */
	for (node = g->ports.next; node != &g->ports && rc == 0;
	     node = node->next) {
		struct graph_port *p = CONTAINER(node, struct graph_port, node);

		rc = pair_open(m, p->ops, p->rate, rate, &up, &down);
		resample_close(up);
		resample_close(down);
	}
	if (rc < 0)
		return rc;
	g->rate = rate;
	for (node = g->ports.next; node != &g->ports; node = node->next) {
		struct graph_port *p = CONTAINER(node, struct graph_port, node);

		if (pair_open(m, p->ops, p->rate, rate, &up, &down) < 0)
			up = down = NULL;
		pair_set(p, up, down);
	}
	return 0;
}

int graph_attach(struct graph *g, struct graph_port *p,
		 const struct graph_ops *ops, void *arg, uint32_t rate,
		 unsigned speaks, unsigned hears)
{
	struct resample *up, *down;
	int rc;

	if (!rate_ok(rate) || hears > GRAPH_DEAF || p->graph)
		return -EINVAL;
	rc = pair_open(g->mem, ops, rate, g->rate, &up, &down);
	if (rc < 0)
		return rc;
	*p = (struct graph_port){ .graph = g, .ops = ops, .arg = arg,
				  .rate = rate, .up = up, .down = down,
				  .gain_source = GRAPH_UNITY,
				  .gain_sink = GRAPH_UNITY,
				  .hears = GRAPH_DEAF };
	list_append(&g->ports, &p->node);
	graph_connect(p, speaks, hears);
	return 0;
}

void graph_detach(struct graph_port *p)
{
	if (!p->graph)
		return;
	graph_connect(p, 0, GRAPH_DEAF);
	list_remove(&p->node);
	pair_set(p, NULL, NULL);
	p->graph = NULL;
}

void graph_connect(struct graph_port *p, unsigned speaks, unsigned hears)
{
	if (!p->graph || hears > GRAPH_DEAF)
		return;
	p->speaks = p->ops->source ? speaks & (GRAPH_BUS(GRAPH_BUSES) - 1) : 0;
	if (!p->ops->sink)
		hears = GRAPH_DEAF;
	if (p->hears < GRAPH_BUSES)
		p->graph->listeners[p->hears]--;
	p->hears = hears;
	if (p->hears < GRAPH_BUSES)
		p->graph->listeners[p->hears]++;
}

int graph_port_rate(struct graph_port *p, uint32_t rate)
{
	struct resample *up, *down;
	int rc;

	if (!p->graph || !rate_ok(rate))
		return -EINVAL;
	if (rate == p->rate)
		return 0;
	rc = pair_open(p->graph->mem, p->ops, rate, p->graph->rate, &up, &down);
	if (rc < 0)
		return rc;
	p->rate = rate;
	pair_set(p, up, down);
	return 0;
}

/* Does anybody hear what this port says? */
static bool is_heard(const struct graph *g, const struct graph_port *p)
{
	for (unsigned b = 0; b < GRAPH_BUSES; b++) {
		unsigned self = p->hears == b;

		if (p->speaks & GRAPH_BUS(b) && g->listeners[b] > self)
			return true;
	}
	return false;
}

/* Meters look at one quantum in four: enough for the eye, and it is they that
 * would cost most of a mixer's time. */
static void meter(const struct graph *g, struct level *l, const int16_t *pcm,
		  size_t n)
{
	if (g->ticks % 4)
		return;
	if (pcm)
		level_add(l, pcm, n);
	else
		level_add_silence(l, n);
}

/* The port's quantum, at its own rate, to own at the graph's. */
static void speak(struct graph *g, struct graph_port *p, mono now)
{
	int16_t low[GRAPH_SAMPLES_MAX], *pcm = p->up ? low : p->own;
	size_t n = quantum(p->rate);
	bool sound = p->ops->source(p->arg, pcm, n, now);

	meter(g, &p->said, sound ? pcm : NULL, n);
	p->speaking = false;
	if (p->mute_source || !is_heard(g, p) || (!sound && !p->up_tail))
		return;
	if (p->rate != g->rate && !p->up)
		return;
	if (sound && p->gain_source != GRAPH_UNITY)
		mix_gain(pcm, n, p->gain_source);
	if (p->up)
		resample_quantum(p->up, sound ? pcm : NULL, n, p->own,
				 quantum(g->rate));
	/* One quantum of silence pushes out what the filter still holds. */
	p->up_tail = sound && p->up;
	p->speaking = true;
}

static void graph_add(struct graph *g, struct graph_port *p)
{
	size_t bytes = quantum(g->rate) * sizeof(g->sum[0][0]);

	for (unsigned b = 0; b < GRAPH_BUSES; b++) {
		if (!(p->speaks & GRAPH_BUS(b)) || !g->listeners[b])
			continue;
		if (g->speakers[b]++ == 0) {
			g->only[b] = p;
			continue;
		}
		if (g->speakers[b] == 2) { /* the first one waited */
			memset(g->sum[b], 0, bytes);
			mix_add(g->sum[b], g->only[b]->own, quantum(g->rate));
		}
		mix_add(g->sum[b], p->own, quantum(g->rate));
	}
}

/* What the port hears, at the graph's rate: NULL silence, else maybe buf. */
static const int16_t *mixed(struct graph *g, struct graph_port *p,
			    int16_t *buf)
{
	unsigned b = p->hears;
	bool own = p->speaking && p->speaks & GRAPH_BUS(b);

	if (p->mute_sink || g->speakers[b] == 0 ||
	    (own && g->speakers[b] == 1))
		return NULL;
	if (g->speakers[b] == 1)
		return g->only[b]->own;
	mix_out(buf, g->sum[b], own ? p->own : NULL, quantum(g->rate));
	return buf;
}

static void hear(struct graph *g, struct graph_port *p, mono now)
{
	int16_t buf[GRAPH_SAMPLES_MAX], low[GRAPH_SAMPLES_MAX];
	const int16_t *pcm = mixed(g, p, buf);
	size_t n = quantum(p->rate);
	bool sound = pcm != NULL;

	if (p->rate != g->rate && (!p->down || (!sound && !p->down_tail))) {
		pcm = NULL;
	} else if (p->down) {
		resample_quantum(p->down, pcm, quantum(g->rate), low, n);
		pcm = low;
	}
	p->down_tail = sound && p->down;
	meter(g, &p->heard, pcm, n);
	if (!pcm) {
		p->ops->sink(p->arg, NULL, n, now);
		return;
	}
	if (p->gain_sink != GRAPH_UNITY) {
		if (pcm != low)
			memcpy(low, pcm, n * sizeof(*pcm));
		mix_gain(low, n, p->gain_sink);
		pcm = low;
	}
	p->ops->sink(p->arg, pcm, n, now);
}

void graph_tick(struct graph *g, mono now)
{
	struct list *node;

	memset(g->speakers, 0, sizeof(g->speakers));
	for (node = g->ports.next; node != &g->ports; node = node->next) {
		struct graph_port *p = CONTAINER(node, struct graph_port, node);

		if (!p->ops->source)
			continue;
		speak(g, p, now);
		if (p->speaking)
			graph_add(g, p);
	}
	for (node = g->ports.next; node != &g->ports; node = node->next) {
		struct graph_port *p = CONTAINER(node, struct graph_port, node);

		if (p->hears < GRAPH_BUSES)
			hear(g, p, now);
		else if (p->ops->sink)
			p->ops->sink(p->arg, NULL, quantum(p->rate), now);
	}
	g->ticks++;
}

static bool echo_source(void *arg, int16_t *pcm, size_t n, mono now)
{
	struct graph_echo *e = arg;
	bool full = e->full;

	(void)now;
	if (full)
		memcpy(pcm, e->pcm, n * sizeof(*pcm));
	e->full = false;
	return full;
}

static void echo_sink(void *arg, const int16_t *pcm, size_t n, mono now)
{
	struct graph_echo *e = arg;

	(void)now;
	e->full = pcm != NULL;
	if (pcm)
		memcpy(e->pcm, pcm, n * sizeof(*pcm));
}

const struct graph_ops graph_echo_ops = { echo_source, echo_sink };
