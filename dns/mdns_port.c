/* SPDX-License-Identifier: BSD-2-Clause */
#include "dns/mdns_port.h"

enum { ADDRESSES = 64 }; /* of the host that are looked at */

struct iface {
	uint32_t index; /* 0: none */
	unsigned families;
	struct addr from[2]; /* what is sent from, of each family */
	struct mdns_net net[MDNS_ADDRS];
	size_t n;
};

struct mdns_port {
	struct reactor *r;
	struct mem *mem;
	struct mdns_port_config cfg;
	struct mdns *engine;
	struct udp *udp[2];
	struct fdwatch *watch;
	struct iface iface[MDNS_INTERFACES], fresh[MDNS_INTERFACES];
	struct reactor_timer timer;
	bool telling, over;
};

static const struct addr group[2] = {
	{ .family = 4, .port = MDNS_PORT, .ip = { 224, 0, 0, 251 } },
	{ .family = 6, .port = MDNS_PORT, .ip = { 0xFF, 2, [15] = 0xFB } },
};

static unsigned which(const struct addr *a)
{
	return a->family == 6;
}

mono mdns_port_now(struct mdns_port *p)
{
	return reactor_now(p->r).m;
}

void mdns_port_kick(struct mdns_port *p)
{
	reactor_timer_at(p->r, &p->timer, mdns_port_now(p));
}

struct mdns *mdns_port_engine(struct mdns_port *p)
{
	return p->engine;
}

size_t mdns_port_links(const struct mdns_port *p)
{
	size_t n = 0;

	for (size_t i = 0; i < MDNS_INTERFACES; i++)
		n += p->iface[i].families != 0;
	return n;
}

/* ------------------------------------------------------------- interfaces */
static struct iface *iface_of(struct iface *all, uint32_t index)
{
	for (size_t i = 0; i < MDNS_INTERFACES; i++)
		if (all[i].index == index)
			return &all[i];
	return NULL;
}

/* An IPv6 source is link-local, if there is one (RFC 6762 says nothing, all
 * hosts of a link can answer it). */
static void add_addr(struct iface *f, const struct host_if *h)
{
	unsigned w = which(&h->addr);

	if (f->n < MDNS_ADDRS)
		f->net[f->n++] = (struct mdns_net){ .addr = h->addr,
						    .prefix = h->prefix };
	if (!f->from[w].family || (w && addr_is_link_local(&h->addr) &&
				   !addr_is_link_local(&f->from[w])))
		f->from[w] = h->addr;
}

static void read_interfaces(struct mdns_port *p)
{
	struct host_if *all = mem_array(p->mem, ADDRESSES, sizeof(*all));
	size_t n = all ? reactor_interfaces(p->r, all, ADDRESSES) : 0;

	memset(p->fresh, 0, sizeof(p->fresh));
	for (size_t i = 0; i < n && i < ADDRESSES; i++) {
		struct iface *f = iface_of(p->fresh, all[i].index);

		if (!f)
			f = iface_of(p->fresh, 0);
		if (!f || !all[i].up || !all[i].multicast || !all[i].index)
			continue;
		f->index = all[i].index;
		add_addr(f, &all[i]);
	}
	mem_free(p->mem, all);
}

static bool join(struct mdns_port *p, uint32_t index, unsigned w)
{
	int rc = p->udp[w] ? udp_join(p->udp[w], &group[w], index) : -ENODEV;

	return rc == 0 || rc == -EADDRINUSE;
}

static void tell_engine(struct mdns_port *p, struct iface *f)
{
	f->families = 0;
	for (unsigned w = 0; w < 2; w++)
		if (f->from[w].family && join(p, f->index, w))
			f->families |= w ? MDNS_V6 : MDNS_V4;
	/* Without memory it is looked at again when something changes. */
	if (mdns_interface(p->engine, f->index, f->families, f->net, f->n,
			   mdns_port_now(p)))
		f->families = 0;
}

static void interfaces_changed(void *arg)
{
	struct mdns_port *p = arg;

	read_interfaces(p);
	for (size_t i = 0; i < MDNS_INTERFACES; i++) {
		uint32_t index = p->iface[i].index;

		if (!index || iface_of(p->fresh, index))
			continue;
		(void)!mdns_interface(p->engine, index, 0, NULL, 0,
				      mdns_port_now(p));
		for (unsigned w = 0; w < 2; w++)
			if (p->udp[w])
				(void)!udp_leave(p->udp[w], &group[w], index);
	}
	for (size_t i = 0; i < MDNS_INTERFACES; i++)
		if (p->fresh[i].index)
			tell_engine(p, &p->fresh[i]);
	memcpy(p->iface, p->fresh, sizeof(p->iface));
	mdns_port_kick(p);
}

/* ---------------------------------------------------------------- packets */
static void note_packet(struct mdns_port *p, const struct datagram *d, bool out)
{
	struct datagram c = *d;

	if (!p->cfg.trace)
		return;
	if (out)
		c.when = reactor_now(p->r);
	c.local.port = MDNS_PORT;
	trace_datagram(p->cfg.trace, &c, out);
}

static void on_datagrams(void *arg, struct datagram *d, size_t n)
{
	struct mdns_port *p = arg;

	for (size_t i = 0; i < n; i++) {
		note_packet(p, &d[i], false);
		mdns_on_datagram(p->engine, d[i].ifindex, &d[i].remote,
				 !addr_is_multicast(&d[i].local),
				 slice_of(d[i].p, d[i].n), mdns_port_now(p));
	}
	mdns_port_kick(p);
}

static const struct udp_ops ops = { .on_datagrams = on_datagrams };

static void send_out(struct mdns_port *p, const struct mdns_out *o)
{
	const struct iface *f = iface_of(p->iface, o->ifindex);
	unsigned w = which(&o->to);
	struct datagram d = { .remote = o->to, .ifindex = o->ifindex,
			      .ttl = 255, .n = o->bytes.n };

	if (!f || !p->udp[w])
		return;
	memcpy(&d.p, &o->bytes.p, sizeof(d.p)); /* sending only looks */
	d.local = f->from[w];
	if (udp_send(p->udp[w], &d, 1) == 1)
		note_packet(p, &d, true);
}

/* False: who was told has freed it. */
static bool tell(struct mdns_port *p, const struct mdns_out *o)
{
	p->telling = true;
	p->cfg.on_out(p->cfg.arg, o);
	p->telling = false;
	if (!p->over)
		return true;
	mem_free(p->mem, p);
	return false;
}

static void on_timer(void *arg)
{
	struct mdns_port *p = arg;
	struct mdns_out o;

	mdns_on_time(p->engine, mdns_port_now(p));
	while (mdns_poll(p->engine, &o, mdns_port_now(p))) {
		if (o.kind == MDNS_OUT_SEND)
			send_out(p, &o);
		else if (!tell(p, &o))
			return;
	}
	reactor_timer_at(p->r, &p->timer, mdns_deadline(p->engine));
}

/* ------------------------------------------------------------------- life */
static int open_sockets(struct mdns_port *p)
{
	int rc = 0;

	for (unsigned w = 0; w < 2; w++) {
		struct addr any = { .family = group[w].family,
				    .port = MDNS_PORT };
		int err = udp_open_shared(p->r, &any, &ops, p, &p->udp[w]);

		rc = err ? err : rc;
	}
	return p->udp[0] || p->udp[1] ? 0 : rc;
}

int mdns_port_new(struct reactor *r, struct mem *m,
		  const struct mdns_port_config *cfg, struct mdns_port **out)
{
	struct mdns_port *p = mem_new(m, sizeof(*p));
	uint8_t seed[32];
	int rc = p ? reactor_entropy(r, seed, sizeof(seed)) : -ENOMEM;

	if (rc) {
		mem_free(m, p);
		return rc;
	}
	p->r = r;
	p->mem = m;
	p->cfg = *cfg;
	p->timer.fn = on_timer;
	p->timer.arg = p;
	p->engine = mdns_new(m, cfg->limits ? cfg->limits : &limits_default,
			     seed);
	rc = p->engine ? open_sockets(p) : -ENOMEM;
	if (rc == 0)
		rc = reactor_watch_interfaces(r, interfaces_changed, p,
					      &p->watch);
	if (rc) {
		mdns_port_free(p);
		return rc;
	}
	interfaces_changed(p);
	*out = p;
	return 0;
}

static void last_words(struct mdns_port *p)
{
	struct mdns_out o;

	mdns_goodbye(p->engine, mdns_port_now(p));
	while (mdns_poll(p->engine, &o, mdns_port_now(p)))
		if (o.kind == MDNS_OUT_SEND)
			send_out(p, &o);
}

void mdns_port_free(struct mdns_port *p)
{
	if (!p)
		return;
	if (p->engine)
		last_words(p);
	reactor_timer_stop(p->r, &p->timer);
	fdwatch_close(p->watch);
	udp_close(p->udp[0]);
	udp_close(p->udp[1]);
	mdns_free(p->engine);
	p->over = true;
	if (!p->telling)
		mem_free(p->mem, p);
}
