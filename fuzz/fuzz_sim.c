/* SPDX-License-Identifier: BSD-2-Clause
 * The input is a seed and a script of what users do on two hosts of a bad
 * network, from outside and from within callbacks.  What must hold: a stream's
 * bytes are a beginning of what was written, nothing is called back after its
 * end, and nothing leaks.  */
#include "fuzz/fuzz.h"

#include "platform/sim/sim.h"

enum { PEERS = 8, OPS = 400 };

struct peer {
	struct game *g;
	struct tcp *t;
	struct peer *other; /* known for those who connected */
	uint32_t tag;       /* of the stream that it writes */
	uint32_t wrote, read;
	uint32_t read_tag;
	bool used, accepted;
	uint8_t in_callback; /* what to do in the next one */
};

struct game {
	struct mem mem;
	struct sim *s;
	struct sim_host *h[2];
	struct addr ip[2];
	struct tcp_listener *l[2];
	struct udp *u[2];
	struct peer p[2 * PEERS];
	struct reactor_timer timer;
};

/* Byte i of a stream: its writer's tag in the first four. */
static uint8_t octet(uint32_t tag, uint32_t i)
{
	return (uint8_t)(i < 1 ? tag : tag * 31 + i * 7 + (i >> 8));
}

static void act(struct peer *p, uint8_t what)
{
	uint8_t b[600];
	int rc;

	if (!p->t)
		return;
	switch (what % 8) {
	case 0: case 1:
		for (uint32_t i = 0; i < sizeof(b); i++)
			b[i] = octet(p->tag, p->wrote + i);
		rc = tcp_write(p->t, b, (size_t)what * 2 + 1);
		INVARIANT(rc <= what * 2 + 1);
		p->wrote += rc > 0 ? (uint32_t)rc : 0;
		break;
	case 2:
		tcp_shutdown(p->t);
		break;
	case 3:
		tcp_pause(p->t, what & 8);
		break;
	case 4:
		tcp_close(p->t);
		p->t = NULL;
		break;
	case 5:
		tcp_abort(p->t);
		p->t = NULL;
		break;
	case 6:
		tcp_set_buffer(p->t, what * 16u);
		break;
	case 7:
		break;
	}
}

static void callback(struct peer *p)
{
	uint8_t what = p->in_callback;

	INVARIANT(p->t && p->used);
	p->in_callback = 7;
	act(p, what);
}

static void on_open(void *arg)
{
	callback(arg);
}

static void on_bytes(void *arg, uint8_t *b, size_t n)
{
	struct peer *p = arg;

	INVARIANT(p->t && n);
	if (!p->read)
		p->read_tag = b[0];
	for (size_t i = 0; i < n; i++)
		INVARIANT(b[i] == octet(p->read_tag, p->read + (uint32_t)i));
	p->read += (uint32_t)n;
	callback(p);
}

static void on_closed(void *arg, int err)
{
	struct peer *p = arg;

	INVARIANT(p->t && err >= 0);
	callback(p);
	p->t = NULL;
}

static const struct tcp_ops TCP = { on_open, on_bytes, on_open, on_open,
				    on_closed };

static struct peer *unused(struct game *g)
{
	for (size_t i = 0; i < COUNT(g->p); i++)
		if (!g->p[i].used) {
			g->p[i] = (struct peer){ .g = g, .used = true,
						 .tag = (uint32_t)i + 1,
						 .in_callback = 7 };
			return &g->p[i];
		}
	return NULL;
}

static void on_accept(void *arg, struct tcp *t)
{
	struct peer *p = unused(arg);

	if (!p)
		return; /* closed for us */
	p->t = t;
	p->accepted = true;
	tcp_set_ops(t, &TCP, p);
}

static void on_datagrams(void *arg, struct datagram *d, size_t n)
{
	struct game *g = arg;

	INVARIANT(n > 0);
	for (size_t i = 0; i < n; i++)
		if (d[i].n & 1)
			for (int k = 0; k < 2; k++) {
				udp_close(g->u[k]);
				g->u[k] = NULL;
			}
}

static void on_error(void *arg, const struct addr *remote, int err)
{
	(void)arg;
	INVARIANT(remote->family && err > 0);
}

static const struct udp_ops UDP = { on_datagrams, on_error };

static void on_tick(void *arg)
{
	struct game *g = arg;

	reactor_timer_at(sim_host_reactor(g->h[0]), &g->timer,
			 sim_now(g->s) + MS(300));
}

static void open_all(struct game *g, int i)
{
	struct reactor *r = sim_host_reactor(g->h[i]);

	if (!g->l[i])
		(void)!tcp_listen(r, &g->ip[i], on_accept, g, &g->l[i]);
	if (!g->u[i])
		(void)!udp_open(r, &g->ip[i], &UDP, g, &g->u[i]);
}

/* What a test does after a crash: the users of the host end too. */
static void restart(struct game *g, int i)
{
	sim_restart(g->h[i]);
	tcp_listener_close(g->l[i]);
	udp_close(g->u[i]);
	g->l[i] = NULL;
	g->u[i] = NULL;
	for (size_t k = 0; k < COUNT(g->p); k++)
		if (g->p[k].t) {
			struct addr a = tcp_local(g->p[k].t);

			if (!addr_same_ip(&a, &g->ip[i]) || a.family == 0)
				continue;
			tcp_close(g->p[k].t);
			g->p[k].t = NULL;
		}
	open_all(g, i);
}

static void connect_to(struct game *g, int i)
{
	struct peer *p = unused(g);

	if (p && tcp_connect(sim_host_reactor(g->h[1 - i]), NULL, &g->ip[i],
			     &TCP, p, &p->t) < 0)
		p->used = false;
}

static void send_datagrams(struct game *g, int i, uint8_t n)
{
	uint8_t bytes[300] = { 0 };
	struct datagram d[4];

	for (size_t k = 0; k < COUNT(d); k++)
		d[k] = (struct datagram){ .remote = g->ip[1 - i], .p = bytes,
					  .n = n };
	if (g->u[i])
		(void)!udp_send(g->u[i], d, COUNT(d));
}

static void step(struct game *g, uint8_t op, uint8_t x)
{
	struct peer *p = &g->p[op % (2 * PEERS)];

	switch (op >> 5) {
	case 0:
		act(p, x);
		break;
	case 1:
		p->in_callback = x;
		break;
	case 2:
		sim_run(g->s, sim_now(g->s) + MS(x));
		break;
	case 3:
		sim_run(g->s, sim_now(g->s) + SEC(x));
		break;
	case 4:
		connect_to(g, x & 1);
		break;
	case 5:
		send_datagrams(g, x & 1, x);
		break;
	case 6:
		sim_group(g->h[0], x & 1);
		break;
	case 7:
		if (x < 64)
			restart(g, x & 1);
		else if (x < 128)
			sim_unplug(g->h[x & 1], 1, x & 2);
		else
			g->mem.fail_at = g->mem.calls + x % 32;
		break;
	}
}

static bool begin(struct game *g, uint8_t seed)
{
	struct sim_link bad = { .delay = MS(seed % 20), .jitter = MS(seed % 7),
				.loss = seed % 3 * 0.1, .reorder = 0.05,
				.duplicate = 0.05, .mtu = 300,
				.bandwidth = seed % 5 ? 0 : 100000 };

	mem_init(&g->mem, 0);
	g->s = sim_new(&g->mem, seed);
	for (int i = 0; g->s && i < 2; i++) {
		g->ip[i] = addr_v4(192, 0, 2, (uint8_t)(i + 1), 99);
		g->h[i] = sim_host_new(g->s, "h", &g->ip[i], 1);
		if (!g->h[i])
			return false;
		sim_host_link(g->h[i], &bad);
		open_all(g, i);
	}
	g->timer = (struct reactor_timer){ .fn = on_tick, .arg = g };
	on_tick(g);
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct game g; /* large; begins anew with each input */

	memset(&g, 0, sizeof(g));
	if (size < 1 || !begin(&g, data[0])) {
		sim_free(g.s);
		return 0;
	}
	for (size_t i = 1; i + 2 <= size && i < 2 * OPS; i += 2)
		step(&g, data[i], data[i + 1]);
	g.mem.fail_at = 0;
	sim_free(g.s);
	INVARIANT(g.mem.blocks == 0);
	return 0;
}
