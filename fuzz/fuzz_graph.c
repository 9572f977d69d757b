/* SPDX-License-Identifier: BSD-2-Clause
 * A script of two-byte steps: ports come, go, change their rate and who hears
 * them, between ticks.  Everyone is asked and told once a tick. */
#include "fuzz/fuzz.h"
#include "media/graph.h"

enum { PORTS = 8 };

struct leg {
	struct graph_port port;
	unsigned asked, told;
	size_t n;
};

static bool source(void *arg, int16_t *pcm, size_t n, mono now)
{
	struct leg *l = arg;

	l->asked++;
	l->n = n;
	for (size_t i = 0; i < n; i++)
		pcm[i] = (int16_t)(i * 977 + (size_t)now);
	return l->asked % 3 != 0;
}

static void sink(void *arg, const int16_t *pcm, size_t n, mono now)
{
	struct leg *l = arg;
	static volatile int16_t last;

	(void)now;
	l->told++;
	INVARIANT(n == l->n || !l->n);
	last = pcm ? pcm[n - 1] : 0; /* readable to the end */
	(void)last;
}

static const struct graph_ops ops = { source, sink };
static const uint32_t rates[] = { 8000, 16000, 44100, 48000 };

static void tick(struct graph *g, struct leg *leg, unsigned t)
{
	for (int i = 0; i < PORTS; i++)
		leg[i].asked = leg[i].told = t; /* silence now and then */
	graph_tick(g, t);
	for (int i = 0; i < PORTS; i++) {
		unsigned want = leg[i].port.graph ? t + 1 : t;

		INVARIANT(leg[i].asked == want && leg[i].told == want);
	}
}

static void act(struct graph *g, struct leg *l, uint8_t what, uint8_t how)
{
	struct graph_port *p = &l->port;

	l->n = 0;
	if (what == 0)
		graph_detach(p);
	else if (what == 1 && !p->graph)
		INVARIANT(graph_attach(g, p, &ops, l, rates[how % 4],
				       how / 4 % 8, how / 32 % 4) == 0);
	else if (what == 2)
		graph_connect(p, how % 8, how / 8);
	else if (what == 3 && p->graph)
		INVARIANT(graph_port_rate(p, rates[how % 4]) == 0);
	else if (what == 4)
		INVARIANT(graph_set_rate(g, rates[how % 4]) == 0);
	else if (what == 5)
		p->gain_source = p->gain_sink = (uint16_t)(how * 64);
	else if (what == 6)
		p->mute_sink = !(p->mute_source = how % 2);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct leg leg[PORTS];
	struct graph g;
	struct mem m;

	memset(leg, 0, sizeof(leg));
	mem_init(&m, 0);
	INVARIANT(graph_init(&g, &m, 16000) == 0);
	for (size_t i = 0; i + 1 < size && i < 300; i += 2) {
		act(&g, &leg[data[i] % PORTS], data[i] / PORTS % 8,
		    data[i + 1]);
		tick(&g, leg, (unsigned)i);
	}
	graph_fini(&g);
	INVARIANT(m.blocks == 0);
	return 0;
}
