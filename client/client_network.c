/* SPDX-License-Identifier: BSD-2-Clause
 * client/client_network.c - an agent and the network that its host is on: what
 * has changed is found out here, and what moves along is for the engine to say.
 */
#include "client/client_port_priv.h"

enum { INTERFACES = 32 };

struct host {
	struct host_if all[INTERFACES];
	size_t n; /* of these: what is beyond counts as gone */
};

/* May a request go out from that address?  Family 0: none is known. */
static bool is_bound(const struct parley *p, const struct addr *local)
{
	for (size_t i = 0; i < p->bounds; i++)
		if (p->bound[i].family == local->family &&
		    (addr_is_any(&p->bound[i]) ||
		     addr_same_ip(&p->bound[i], local)))
			return true;
	return false;
}

/* The address that its next request would go from is another, or that of its
 * last is gone. */
static bool is_moved(struct parley *p, const struct host *h,
		     const struct agent_way *way, struct addr *local)
{
	bool known = way->remote.family &&
		     reactor_route(p->r, &way->remote, local) == 0 &&
		     is_bound(p, local);

	if (!known)
		*local = p->network;
	if (!way->local.family || !host_has(h->all, h->n, &way->local))
		return true;
	return known && !addr_same_ip(local, &way->local);
}

/* The first that others may reach, of the families that we are bound to: as
 * long as there is none, all waits. */
static struct addr first_address(const struct parley *p, const struct host *h)
{
	for (size_t i = 0; i < h->n; i++) {
		const struct host_if *f = &h->all[i];

		if (f->up && !f->loopback && !addr_is_link_local(&f->addr) &&
		    is_bound(p, &f->addr))
			return f->addr;
	}
	return (struct addr){ 0 };
}

static void look(struct parley *p, struct host *h)
{
	h->n = reactor_interfaces(p->r, h->all, INTERFACES);
	if (h->n > INTERFACES)
		h->n = INTERFACES;
}

static void move_along(struct parley *p, const struct host *h)
{
	struct agent_ways at = { 0 };
	struct agent_way way;
	struct addr local;

	while (agent_next_way(p->agent, &at, &way))
		if (is_moved(p, h, &way, &local))
			agent_on_moved(p->agent, &way, &local, client_now(p));
}

static void on_network(void *arg, unsigned news)
{
	struct parley *p = arg;
	struct addr is, was = p->network;
	bool slept = news & NETWATCH_SLEPT;
	struct host h;

	if (p->dead)
		return;
	look(p, &h);
	p->network = is = first_address(p, &h);
	if (slept || !addr_same(&was, &is))
		agent_on_network(p->agent, slept ? "the host has slept" :
				 is.family ? "the address has changed" :
				 "there is no network", &was, &is);
	if (is.family) {
		sip_port_readdress(p->sip, h.all, h.n);
		client_show_local(p);
		move_along(p, &h);
	}
	if (slept)
		agent_on_slept(p->agent, client_now(p));
	client_kick(p);
}

void client_network_watch(struct parley *p)
{
	const struct settings *s = agent_settings(p->agent, 0);
	mono quiet = MS(settings_int(s, SET_NET_QUIET));
	struct netwatch_config c = {
		.quiet = quiet, .most = 10 * quiet,
		.poll = SEC(settings_int(s, SET_NET_POLL)),
		.deaf = !settings_bool(s, SET_NET_WATCH),
	};
	struct host h;

	if (p->netwatch && p->watched.quiet == c.quiet &&
	    p->watched.poll == c.poll && p->watched.deaf == c.deaf)
		return;
	if (!p->netwatch) {
		look(p, &h);
		p->network = first_address(p, &h);
	}
	netwatch_close(p->netwatch);
	p->netwatch = NULL;
	p->watched = c;
	if (netwatch_open(p->r, &c, on_network, p, &p->netwatch))
		p->netwatch = NULL; /* no memory: when something is next done */
}

void parley_network_changed(struct parley *p)
{
	ON_ITS_THREAD(p);
	client_network_watch(p);
	if (p->netwatch)
		netwatch_poke(p->netwatch);
}
