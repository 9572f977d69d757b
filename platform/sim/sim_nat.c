/* SPDX-License-Identifier: BSD-2-Clause */
#include "platform/sim/sim_nat.h"

enum { FIRST_PORT = 40000 };

static bool is_alive(const struct sim_nat *n, const struct sim_nat_map *m)
{
	return m->port && (!n->timeout || sim_now(n->s) - m->last < n->timeout);
}

static struct sim_nat_map *map_out(struct sim_nat *n,
				   const struct sim_packet *p)
{
	struct sim_nat_map *oldest = &n->map[0];

	for (size_t i = 0; i < COUNT(n->map); i++) {
		struct sim_nat_map *m = &n->map[i];

		if (is_alive(n, m) && m->proto == p->proto &&
		    addr_same(&m->from, &p->src) &&
		    (!n->symmetric || addr_same(&m->to, &p->dst)))
			return m;
		if (!is_alive(n, m))
			m->port = 0;
		if (!m->port || (oldest->port && m->last < oldest->last))
			oldest = m;
	}
	*oldest = (struct sim_nat_map){ .proto = p->proto, .from = p->src,
		.port = n->next++ };
	n->made++;
	return oldest;
}

static void on_outgoing(void *arg, unsigned ifindex,
			const struct sim_packet *p)
{
	struct sim_nat *n = arg;
	struct sim_packet out = *p;
	struct sim_nat_map *m;

	(void)ifindex;
	if (p->src.family != 4 || p->proto == SIM_ICMP)
		return;
	m = map_out(n, p);
	m->to = p->dst;
	m->last = sim_now(n->s);
	out.src = n->shown;
	out.src.port = m->port;
	sim_forward_packet(n->h, 1, &out);
}

static void nat_on_incoming(void *arg, unsigned ifindex,
			const struct sim_packet *p)
{
	struct sim_nat *n = arg;
	struct sim_packet in = *p;

	(void)ifindex;
	if (!addr_same_ip(&p->dst, &n->shown) || p->proto == SIM_ICMP)
		return;
	for (size_t i = 0; i < COUNT(n->map); i++) {
		struct sim_nat_map *m = &n->map[i];

		if (!is_alive(n, m) || m->port != p->dst.port ||
		    m->proto != p->proto ||
		    (!n->open && !addr_same(&m->to, &p->src)))
			continue;
		in.dst = m->from;
		sim_forward_packet(n->h, n->inside, &in);
		return;
	}
}

int sim_nat_begin(struct sim_nat *n, struct sim *s, struct sim_net *net,
		  const struct addr *at, const struct addr *gate)
{
	int rc;

	n->s = s;
	n->next = FIRST_PORT;
	n->h = sim_host_new(s, "nat", at, 1);
	if (!n->h)
		return -ENOMEM;
	rc = sim_host_attach(n->h, net, gate, 1);
	if (rc < 0)
		return rc;
	n->inside = (unsigned)rc;
	sim_forward(n->h, 1, nat_on_incoming, n);
	sim_forward(n->h, n->inside, on_outgoing, n);
	return 0;
}

void sim_nat_forget(struct sim_nat *n)
{
	for (size_t i = 0; i < COUNT(n->map); i++)
		n->map[i].port = 0;
}
