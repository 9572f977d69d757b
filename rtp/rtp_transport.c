/* SPDX-License-Identifier: BSD-2-Clause */
#include "rtp/rtp_transport.h"

#include "rtp/rtcp.h"

enum {
	MTU = 1500,
	IPV4_UDP = 20 + 8,
	IPV6_UDP = 40 + 8,
};

void rtp_transport_init(struct rtp_transport *t, const struct rtp_path *path,
			uint16_t mtu, mono now)
{
	*t = (struct rtp_transport){ .path = *path, .mtu = mtu ? mtu : MTU };
	for (unsigned i = 0; i < RTP_COMPONENTS; i++)
		t->sent[i] = now;
}

void rtp_transport_fini(struct rtp_transport *t)
{
	rtp_stages_free(&t->stages);
}

void rtp_transport_set_path(struct rtp_transport *t,
			    const struct rtp_path *path)
{
	t->path = *path;
}

int rtp_transport_add_stage(struct rtp_transport *t,
			    const struct rtp_stage *stage)
{
	return rtp_stages_add(&t->stages, stage);
}

void rtp_transport_set_mux(struct rtp_transport *t, bool mux)
{
	t->mux = mux;
}

struct rtp_routes *rtp_transport_routes(struct rtp_transport *t)
{
	return &t->routes;
}

/* ---------------------------------------------------------------- the path */

void rtp_transport_set_remote(struct rtp_transport *t, unsigned component,
			      const struct addr *remote, mono now)
{
	if (component < RTP_COMPONENTS &&
	    t->path.ops->signal(t->path.state, component, remote, now))
		t->sent[component] = now;
}

void rtp_transport_set_host(struct rtp_transport *t, const struct addr *host)
{
	t->path.ops->host(t->path.state, host);
}

struct addr rtp_transport_remote(const struct rtp_transport *t,
				 unsigned component)
{
	return component < RTP_COMPONENTS ?
	       t->path.ops->remote(t->path.state, component) :
	       (struct addr){ 0 };
}

bool rtp_transport_is_proved(const struct rtp_transport *t)
{
	return t->path.ops->proved(t->path.state);
}

/* An address that can be sent to, not one that says "nowhere" (hold). */
static bool is_place(const struct addr *a)
{
	return a->family && a->port && !addr_is_any(a);
}

/* --------------------------------------------------------------- receiving */

static bool accept_rtp(struct rtp_transport *t, unsigned component, mono now,
		       struct rtp_transport_in *in)
{
	if (rtp_packet_parse(in->datagram, &in->packet, NULL) ||
	    !t->path.ops->admit(t->path.state, component, &in->from,
				in->packet.ssrc, &in->packet.seq, now,
				&in->moved))
		return false;
	in->route = rtp_routes_rtp(&t->routes, &in->packet);
	return true;
}

static bool accept_rtcp(struct rtp_transport *t, unsigned component, mono now,
			struct rtp_transport_in *in)
{
	if (rtcp_check(in->datagram, NULL) ||
	    !t->path.ops->admit(t->path.state, component, &in->from,
				read_be32((const uint8_t *)in->datagram.p + 4),
				NULL, now, &in->moved))
		return false;
	rtp_routes_on_rtcp(&t->routes, in->datagram);
	return true;
}

void rtp_transport_on_datagram(struct rtp_transport *t, unsigned component,
			       uint8_t *p, size_t n, const struct addr *from,
			       mono now, struct rtp_transport_in *in)
{
	struct addr known = rtp_transport_remote(t, component);
	struct rtp_datagram d = { .component = component, .p = p, .n = n,
				  .cap = n, .peer = *from };
	enum rtp_verdict v = RTP_PASS;
	bool good = false;

	*in = (struct rtp_transport_in){ .kind = RTP_KIND_NONE };
	if (component >= RTP_COMPONENTS)
		return;
	v = rtp_stages_receive(&t->stages, &d, t->mux, now);
	INVARIANT(d.p >= p && d.p + d.n <= p + n);
	in->from = d.peer;
	in->alive = known.family && addr_same(&known, &d.peer);
	if (v == RTP_TAKEN || (v == RTP_PASS && !d.n))
		return; /* an empty one is a keep-alive (RFC 6263 4.1) */
	in->datagram = slice_of(d.p, d.n);
	if (v == RTP_PASS && d.kind == RTP_KIND_RTP)
		good = accept_rtp(t, component, now, in);
	else if (v == RTP_PASS && d.kind == RTP_KIND_RTCP)
		good = accept_rtcp(t, component, now, in);
	if (good)
		in->kind = d.kind;
	else
		t->refused++;
}

/* ----------------------------------------------------------------- sending */

bool rtp_transport_is_gathered(const struct rtp_transport *t)
{
	return rtp_stages_gathered(&t->stages);
}

bool rtp_transport_is_ready(const struct rtp_transport *t)
{
	return rtp_stages_ready(&t->stages);
}

/* What a peer that reports on it will call it. */
static void learn_own(struct rtp_transport *t, uint32_t route,
		      const struct rtp_datagram *d)
{
	size_t at = d->kind == RTP_KIND_RTP ? 8 : 4;

	if (route && d->n >= RTP_HEADER)
		rtp_routes_own(&t->routes, route, read_be32(d->p + at));
}

int rtp_transport_send(struct rtp_transport *t, uint32_t route,
		       enum rtp_kind kind, uint8_t *p, size_t n, size_t cap,
		       mono now, unsigned *component, struct addr *to)
{
	unsigned c = kind == RTP_KIND_RTCP && !t->mux ? 1 : 0;
	struct rtp_datagram d = { .component = c, .kind = kind, .p = p, .n = n,
				  .cap = cap,
				  .peer = rtp_transport_remote(t, c) };
	int rc;

	if (!is_place(&d.peer) || !rtp_stages_ready(&t->stages))
		return -ENOTCONN;
	learn_own(t, route, &d);
	rc = rtp_stages_send(&t->stages, t->stages.n, &d, now);
	if (rc)
		return rc;
	if (d.n > INT32_MAX)
		return -E2BIG;
	*component = c;
	*to = d.peer;
	t->sent[c] = now;
	return (int)d.n;
}

static unsigned transport_in_use(const struct rtp_transport *t)
{
	return t->mux ? 1 : RTP_COMPONENTS;
}

/* The next component that was silent for too long. */
static bool keepalive(struct rtp_transport *t, mono now,
		      struct rtp_datagram *out)
{
	for (unsigned i = 0; i < transport_in_use(t); i++) {
		struct addr a = rtp_transport_remote(t, i);

		if (!is_place(&a) || now - t->sent[i] < RTP_KEEPALIVE)
			continue;
		t->sent[i] = now;
		out->component = i;
		out->peer = a;
		return true;
	}
	return false;
}

/* A stage's own counts as sent where it goes to the peer itself. */
static bool transport_address(struct rtp_transport *t, struct rtp_datagram *d,
			      mono now)
{
	struct addr remote = rtp_transport_remote(t, d->component);

	if (d->component >= RTP_COMPONENTS)
		return false;
	if (!d->peer.family)
		d->peer = remote;
	if (addr_same(&d->peer, &remote))
		t->sent[d->component] = now;
	return is_place(&d->peer);
}

void rtp_transport_on_time(struct rtp_transport *t, mono now)
{
	rtp_stages_on_time(&t->stages, now);
}

bool rtp_transport_poll(struct rtp_transport *t, uint8_t *room, size_t cap,
			mono now, struct rtp_datagram *out)
{
	for (;;) { /* each turn has a stage or a component say one thing less */
		unsigned from = t->stages.n;

		*out = (struct rtp_datagram){ .p = room, .cap = cap };
		if (rtp_stages_poll(&t->stages, out, &from, now)) {
			out->kind = rtp_kind_of(slice_of(out->p, out->n),
						t->mux, out->component);
			if (!transport_address(t, out, now))
				continue;
		} else if (!rtp_stages_ready(&t->stages) ||
			   !keepalive(t, now, out)) {
			return false;
		}
		if (rtp_stages_send(&t->stages, from, out, now) == 0)
			return true;
	}
}

mono rtp_transport_deadline(const struct rtp_transport *t)
{
	mono first = rtp_stages_deadline(&t->stages);

	for (unsigned i = 0; i < transport_in_use(t); i++) {
		struct addr a = rtp_transport_remote(t, i);

		if (is_place(&a) && rtp_stages_ready(&t->stages))
			first = mono_min(first, mono_add(t->sent[i],
							 RTP_KEEPALIVE));
	}
	return first;
}

size_t rtp_transport_room(const struct rtp_transport *t)
{
	struct addr to = rtp_transport_remote(t, 0);
	size_t used = (to.family == 4 ? IPV4_UDP : IPV6_UDP) +
		      rtp_stages_overhead(&t->stages);

	return used < t->mtu ? t->mtu - used : 0;
}
