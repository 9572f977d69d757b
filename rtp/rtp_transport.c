/* SPDX-License-Identifier: BSD-2-Clause */
#include "rtp/rtp_transport.h"

#include "rtp/rtcp.h"

enum {
	MTU = 1500,
	IPV4_UDP = 20 + 8,
	IPV6_UDP = 40 + 8,
};

enum rtp_kind rtp_kind_of(struct slice datagram, bool mux, unsigned component)
{
	uint8_t b = datagram.n ? (uint8_t)datagram.p[0] : 0xFF;
	uint8_t type;

	if (b <= 3)
		return datagram.n ? RTP_KIND_STUN : RTP_KIND_NONE;
	if (b >= 16 && b <= 19)
		return RTP_KIND_ZRTP;
	if (b >= 20 && b <= 63)
		return RTP_KIND_DTLS;
	if (b >= 64 && b <= 79)
		return RTP_KIND_TURN;
	if (b < 128 || b > 191 || datagram.n < 4)
		return RTP_KIND_NONE;
	type = (uint8_t)datagram.p[1];
	/* RFC 5761 4: payload types 64..95 are not for RTP beside RTCP */
	if (component == 1 || (mux && type >= 192 && type <= 223))
		return RTP_KIND_RTCP;
	return RTP_KIND_RTP;
}

void rtp_transport_init(struct rtp_transport *t, uint16_t mtu, mono now)
{
	*t = (struct rtp_transport){ .mtu = mtu ? mtu : MTU };
	for (unsigned i = 0; i < RTP_COMPONENTS; i++)
		t->sent[i] = now;
}

int rtp_transport_add_stage(struct rtp_transport *t,
			    const struct rtp_stage *stage)
{
	if (t->stages == RTP_STAGES)
		return -ENOSPC;
	t->stage[t->stages++] = *stage;
	return 0;
}

void rtp_transport_set_mux(struct rtp_transport *t, bool mux)
{
	t->mux = mux;
}

/* ----------------------------------------------------------------- routes */

/* A handle: generation above, index + 1 below. */
static int route_of(const struct rtp_transport *t, uint32_t route)
{
	uint32_t i = (route & 0xFF) - 1;

	if (i >= RTP_ROUTES || !t->route[i].used ||
	    t->route[i].generation != route >> 8)
		return -1;
	return (int)i;
}

static uint32_t handle(const struct rtp_transport *t, unsigned i)
{
	return (uint32_t)t->route[i].generation << 8 | (i + 1);
}

uint32_t rtp_transport_attach(struct rtp_transport *t, const uint64_t pts[2])
{
	for (unsigned i = 0; i < RTP_ROUTES; i++) {
		uint16_t generation = t->route[i].generation;

		if (t->route[i].used)
			continue;
		memset(&t->route[i], 0, sizeof(t->route[i]));
		t->route[i].used = true;
		t->route[i].generation = generation;
		t->route[i].pts[0] = pts[0];
		t->route[i].pts[1] = pts[1];
		return handle(t, i);
	}
	return 0;
}

void rtp_transport_set_pts(struct rtp_transport *t, uint32_t route,
			   const uint64_t pts[2])
{
	int i = route_of(t, route);

	if (i < 0)
		return;
	t->route[i].pts[0] = pts[0];
	t->route[i].pts[1] = pts[1];
}

void rtp_transport_detach(struct rtp_transport *t, uint32_t route)
{
	int i = route_of(t, route);

	if (i < 0)
		return;
	t->route[i].used = false;
	t->route[i].generation++;
}

unsigned rtp_transport_streams(const struct rtp_transport *t)
{
	unsigned n = 0;

	for (unsigned i = 0; i < RTP_ROUTES; i++)
		n += t->route[i].used;
	return n;
}

/* RFC 8843 9.2: by SSRC once it is known, before by payload type. */
static uint32_t route_rtp(struct rtp_transport *t, const struct rtp_packet *p)
{
	int fits = -1, used = -1;

	for (unsigned i = 0; i < RTP_ROUTES; i++) {
		if (!t->route[i].used)
			continue;
		used = (int)i;
		for (unsigned k = 0; k < t->route[i].ssrcs; k++)
			if (t->route[i].ssrc[k] == p->ssrc)
				return handle(t, i);
		if (fits < 0 &&
		    (t->route[i].pts[p->pt / 64] >> (p->pt % 64) & 1))
			fits = (int)i;
	}
	if (fits < 0) /* a stream alone judges its payload types itself */
		return rtp_transport_streams(t) == 1 ?
			       handle(t, (unsigned)used) : 0;
	t->route[fits].ssrc[t->route[fits].ssrc_at] = p->ssrc;
	t->route[fits].ssrc_at = (uint8_t)((t->route[fits].ssrc_at + 1) %
					   RTP_ROUTE_SSRCS);
	if (t->route[fits].ssrcs < RTP_ROUTE_SSRCS)
		t->route[fits].ssrcs++;
	return handle(t, (unsigned)fits);
}

/* By the reporter's SSRC; of a stranger, whoever is first has it. */
static uint32_t route_rtcp(const struct rtp_transport *t, struct slice c)
{
	uint32_t ssrc = c.n >= 8 ? read_be32((const uint8_t *)c.p + 4) : 0;
	int first = -1;

	for (unsigned i = 0; i < RTP_ROUTES; i++) {
		if (!t->route[i].used)
			continue;
		if (first < 0)
			first = (int)i;
		for (unsigned k = 0; k < t->route[i].ssrcs; k++)
			if (t->route[i].ssrc[k] == ssrc)
				return handle(t, i);
	}
	return first < 0 ? 0 : handle(t, (unsigned)first);
}

/* ----------------------------------------------------------- symmetric RTP */

void rtp_transport_set_remote(struct rtp_transport *t, unsigned component,
			      const struct addr *remote, mono now)
{
	if (component >= RTP_COMPONENTS ||
	    !rtp_latch_signal(&t->comp[component], remote, now))
		return;
	t->sent[component] = now;
	if (component == 0)
		rtp_latch_follow(&t->comp[1], remote);
}

void rtp_transport_set_host(struct rtp_transport *t, const struct addr *host)
{
	for (unsigned i = 0; i < RTP_COMPONENTS; i++)
		rtp_latch_set_host(&t->comp[i], host);
}

/* May a valid packet from there pass?  *now_latched: it moved the latch. */
static bool admit(struct rtp_transport *t, unsigned component,
		  const struct addr *from, uint32_t ssrc, const uint16_t *seq,
		  mono now, bool *now_latched)
{
	struct rtp_latch *l = &t->comp[component];
	struct addr rtp = rtp_transport_remote(t, 0);
	bool pass = component ?
		    rtp_latch_admit_rtcp(l, &rtp, from, now, now_latched) :
		    rtp_latch_admit(l, from, ssrc, seq, now, now_latched);

	if (!pass)
		return false;
	t->heard = *from;
	if (component)
		rtp_latch_note(&t->comp[0], from);
	else if (*now_latched)
		rtp_latch_follow(&t->comp[1], from);
	return true;
}

/* --------------------------------------------------------------- receiving */

/* Outermost stage first.  False: a stage took it or refused it. */
static bool through_stages(struct rtp_transport *t, unsigned component,
			   enum rtp_kind kind, uint8_t *p, size_t *n,
			   const struct addr *from, mono now)
{
	for (unsigned i = 0; i < t->stages; i++) {
		const struct rtp_stage *s = &t->stage[i];

		if (s->ops->kinds & 1u << kind) {
			if (s->ops->take && s->ops->take(s->state, component, p,
							 *n, from, now))
				t->refused++;
			return false;
		}
		if ((kind == RTP_KIND_RTP || kind == RTP_KIND_RTCP) &&
		    s->ops->unprotect &&
		    s->ops->unprotect(s->state, kind, p, n)) {
			t->refused++;
			return false;
		}
	}
	return true;
}

static bool accept_rtp(struct rtp_transport *t, unsigned component,
		       const struct addr *from, mono now,
		       struct rtp_transport_in *in)
{
	if (rtp_packet_parse(in->datagram, &in->packet, NULL) ||
	    !admit(t, component, from, in->packet.ssrc, &in->packet.seq, now,
		   &in->latched_now))
		return false;
	in->route = route_rtp(t, &in->packet);
	return true;
}

static bool accept_rtcp(struct rtp_transport *t, unsigned component,
			const struct addr *from, mono now,
			struct rtp_transport_in *in)
{
	if (rtcp_check(in->datagram, NULL) ||
	    !admit(t, component, from,
		   read_be32((const uint8_t *)in->datagram.p + 4), NULL, now,
		   &in->latched_now))
		return false;
	in->route = route_rtcp(t, in->datagram);
	return true;
}

void rtp_transport_on_datagram(struct rtp_transport *t, unsigned component,
			       uint8_t *p, size_t n, const struct addr *from,
			       mono now, struct rtp_transport_in *in)
{
	struct addr known = rtp_transport_remote(t, component);
	enum rtp_kind kind;
	bool good = false;

	*in = (struct rtp_transport_in){ .kind = RTP_KIND_NONE };
	in->alive = known.family && addr_same(&known, from);
	if (component >= RTP_COMPONENTS || !n)
		return; /* an empty one is a keep-alive (RFC 6263 4.1) */
	kind = rtp_kind_of(slice_of(p, n), t->mux, component);
	if (kind == RTP_KIND_NONE) {
		t->refused++;
		return;
	}
	if (!through_stages(t, component, kind, p, &n, from, now))
		return;
	in->datagram = slice_of(p, n);
	if (kind == RTP_KIND_RTP)
		good = accept_rtp(t, component, from, now, in);
	else if (kind == RTP_KIND_RTCP)
		good = accept_rtcp(t, component, from, now, in);
	if (good)
		in->kind = kind;
	else
		t->refused++;
}

/* ----------------------------------------------------------------- sending */

struct addr rtp_transport_remote(const struct rtp_transport *t,
				 unsigned component)
{
	return component < RTP_COMPONENTS ?
	       rtp_latch_remote(&t->comp[component]) : (struct addr){ 0 };
}

bool rtp_transport_is_proved(const struct rtp_transport *t)
{
	struct addr to = rtp_transport_remote(t, 0);

	return t->heard.family && addr_same_ip(&t->heard, &to);
}

bool rtp_transport_is_latched(const struct rtp_transport *t,
			      unsigned component)
{
	return component < RTP_COMPONENTS &&
	       t->comp[component].latched.family != 0;
}

int rtp_transport_send(struct rtp_transport *t, enum rtp_kind kind, uint8_t *p,
		       size_t n, size_t cap, mono now, unsigned *component,
		       struct addr *to)
{
	unsigned c = kind == RTP_KIND_RTCP && !t->mux ? 1 : 0;
	int rc;

	*to = rtp_transport_remote(t, c);
	if (!to->family || !to->port || addr_is_any(to))
		return -ENOTCONN;
	for (unsigned i = t->stages; i-- > 0;) { /* innermost first */
		const struct rtp_stage *s = &t->stage[i];

		if (!s->ops->protect)
			continue;
		rc = s->ops->protect(s->state, kind, p, &n, cap);
		if (rc)
			return rc;
	}
	if (n > INT32_MAX)
		return -E2BIG;
	*component = c;
	t->sent[c] = now;
	return (int)n;
}

static unsigned in_use(const struct rtp_transport *t)
{
	return t->mux ? 1 : RTP_COMPONENTS;
}

bool rtp_transport_on_time(struct rtp_transport *t, mono now,
			   unsigned *component, struct addr *to)
{
	for (unsigned i = 0; i < in_use(t); i++) {
		struct addr a = rtp_transport_remote(t, i);

		if (!a.family || !a.port || addr_is_any(&a) ||
		    now - t->sent[i] < RTP_KEEPALIVE)
			continue;
		t->sent[i] = now;
		*component = i;
		*to = a;
		return true;
	}
	return false;
}

mono rtp_transport_deadline(const struct rtp_transport *t)
{
	mono first = MONO_NEVER;

	for (unsigned i = 0; i < in_use(t); i++) {
		struct addr a = rtp_transport_remote(t, i);

		if (a.family && a.port && !addr_is_any(&a))
			first = mono_min(first, mono_add(t->sent[i],
							 RTP_KEEPALIVE));
	}
	return first;
}

size_t rtp_transport_room(const struct rtp_transport *t)
{
	struct addr to = rtp_transport_remote(t, 0);
	size_t used = to.family == 4 ? IPV4_UDP : IPV6_UDP;

	for (unsigned i = 0; i < t->stages; i++)
		used += t->stage[i].ops->overhead;
	return used < t->mtu ? t->mtu - used : 0;
}
