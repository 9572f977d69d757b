/* SPDX-License-Identifier: BSD-2-Clause
 * The input is a script: an octet of what, one of time, one of length, and
 * that many octets of a datagram.  What must hold: a datagram that passes is
 * whole and came from the address that is sent to afterwards; while a latched
 * source is heard its place is its own, but for those of a higher rank; no
 * stranger passes once a higher rank was heard; keep-alives come at their
 * time; of a compound each packet goes to somebody, and to nobody twice; a
 * stage sees what arrives once, and all that is sent has passed it. */
#include "fuzz/fuzz.h"
#include "rtp/rtcp.h"
#include "rtp/rtp_symmetric.h"
#include "rtp/rtp_transport.h"

struct world {
	struct rtp_symmetric s;
	struct rtp_transport t;
	struct stage {
		unsigned seen, freed;
		bool busy, says;
	} stage;
	uint32_t route;
};

/* The outermost stage: takes TURN's kind off, four octets of it, and has an
 * answer; not ready for as long as it is busy. */
static enum rtp_verdict stage_receive(void *state, struct rtp_datagram *d,
				      mono now)
{
	struct stage *s = state;

	(void)now;
	s->seen++;
	INVARIANT(d->n);
	if (d->kind != RTP_KIND_TURN)
		return d->kind == RTP_KIND_DTLS ? RTP_REFUSED : RTP_PASS;
	if (d->n < 4 || d->p[0] & 1) {
		s->says = true;
		return RTP_TAKEN;
	}
	d->p += 4;
	d->n -= 4;
	return RTP_AGAIN;
}

static int stage_send(void *state, struct rtp_datagram *d, mono now)
{
	(void)state, (void)now;
	if (d->cap - d->n < 4)
		return -ENOSPC;
	memmove(d->p + 4, d->p, d->n);
	memset(d->p, 0x40, 4);
	d->n += 4;
	return 0;
}

static bool stage_poll(void *state, struct rtp_datagram *out, mono now)
{
	struct stage *s = state;
	bool says = s->says;

	(void)now;
	if (!says)
		return false;
	s->says = false;
	out->p[0] = 0x41;
	out->n = 1;
	return true;
}

static bool stage_ready(const void *state)
{
	return !((const struct stage *)state)->busy;
}

static void stage_free(void *state)
{
	((struct stage *)state)->freed++;
}

static const struct rtp_stage_ops stage_ops = {
	.name = "fuzz", .overhead = 4, .receive = stage_receive,
	.send = stage_send, .poll = stage_poll, .ready = stage_ready,
	.free = stage_free,
};

/* Each packet is somebody's; each run ends where a packet does, and one
 * stream's runs rise. */
static void share_out(const struct rtp_routes *r, struct slice compound)
{
	struct rtp_rtcp_walk w = { 0 };
	struct slice packets;
	uint32_t route, last = 0;
	const char *at = compound.p;
	size_t shared = 0, runs = 0;

	while (rtp_routes_rtcp(r, compound, &w, &route, &packets)) {
		if (route != last)
			at = compound.p;
		last = route;
		INVARIANT(packets.n && slice_inside(packets, compound) &&
			  packets.p >= at);
		at = packets.p + packets.n;
		INVARIANT(rtcp_check_part(packets, NULL) == 0);
		shared += packets.n;
		INVARIANT(++runs <= RTP_ROUTES * compound.n / 4);
	}
	INVARIANT(shared >= compound.n || !rtp_routes_count(r));
}

static struct addr who(uint8_t what)
{
	return addr_v4(192, 0, 2, 1 + (what >> 6), 4000);
}

static void arrive(struct world *w, uint8_t what, const uint8_t *p,
		   size_t n, mono now)
{
	static uint8_t copy[256];
	struct rtp_transport *t = &w->t;
	struct rtp_latch *comp = w->s.comp;
	unsigned seen = w->stage.seen;
	unsigned c = what >> 2 & 1;
	struct addr from = who(what), was = rtp_transport_remote(t, c), is;
	bool latched = rtp_symmetric_is_latched(&w->s, c);
	mono heard = comp[c].heard;
	enum rtp_rank rank = rtp_latch_rank(&comp[c], &from), had;
	uint8_t best = comp[c].best;
	struct rtp_transport_in in;

	had = latched ? rtp_latch_rank(&comp[c], &comp[c].latched) :
			RTP_NOBODY;
	memcpy(copy, p, n);
	rtp_transport_on_datagram(t, c, copy, n, &from, now, &in);
	is = rtp_transport_remote(t, c);
	INVARIANT(w->stage.seen - seen <= 1);
	if (in.kind == RTP_KIND_NONE) {
		INVARIANT(addr_same(&was, &is));
		return;
	}
	INVARIANT(addr_same(&comp[c].latched, &from) &&
		  rtp_symmetric_is_latched(&w->s, c));
	/* nobody is sent to before the peer has said where it is */
	INVARIANT(comp[c].signalled.family ? addr_same(&is, &from) :
						is.family == 0);
	INVARIANT(slice_inside(in.datagram, slice_of(copy, n)));
	if (in.kind == RTP_KIND_RTP)
		INVARIANT(slice_inside(in.packet.payload, in.datagram));
	else
		INVARIANT(rtcp_check(in.datagram, NULL) == 0);
	if (in.kind == RTP_KIND_RTCP)
		share_out(&t->routes, in.datagram);
	if (c == 0 && latched && now - heard < RTP_LATCH_SILENCE &&
	    rank <= had)
		INVARIANT(addr_same(&was, &is) && !in.moved);
	INVARIANT(c || rank > RTP_STRANGER || best <= RTP_STRANGER);
	INVARIANT(!comp[0].signalled.family || rtp_transport_is_proved(t) ||
		  c);
}

static void route_anew(struct world *w, uint8_t what)
{
	struct rtp_routes *r = &w->t.routes;
	uint64_t pts[2] = { what, what };
	const char mid = (char)('0' + (what >> 6));

	switch (what >> 5 & 3) {
	case 0:
		rtp_routes_set_pts(r, w->route, pts);
		break;
	case 1:
		rtp_routes_set_mid_ext(r, 1);
		(void)!rtp_routes_set_mid(r, w->route, slice_of(&mid, 1));
		break;
	case 2:
		rtp_routes_bind(r, w->route, what);
		break;
	default:
		rtp_routes_own(r, w->route, what);
		break;
	}
}

static void other(struct world *w, uint8_t what, mono now)
{
	struct rtp_transport *t = &w->t;
	uint64_t pts[2] = { what, what };
	struct addr a = who(what);

	switch (what >> 2 & 7) {
	case 0:
		if (what & 0x40 && !w->s.comp[0].host.family)
			rtp_transport_set_host(t, &a);
		rtp_transport_set_remote(t, what >> 5 & 1, &a, now);
		break;
	case 1:
		rtp_transport_set_mux(t, what >> 5 & 1);
		break;
	case 2:
		w->route = rtp_routes_add(&t->routes, pts);
		break;
	case 3:
		rtp_routes_remove(&t->routes, w->route);
		break;
	case 4:
		w->stage.busy = what >> 5 & 1;
		if (!t->stages.n)
			INVARIANT(rtp_transport_add_stage(t,
				&(struct rtp_stage){ &stage_ops,
						     &w->stage }) == 0);
		break;
	default:
		route_anew(w, what);
		break;
	}
	INVARIANT(rtp_routes_count(&t->routes) <= RTP_ROUTES);
}

static void send_one(struct world *w, uint8_t what, mono now)
{
	uint8_t p[32] = { 0x80 };
	enum rtp_kind kind = what & 8 ? RTP_KIND_RTCP : RTP_KIND_RTP;
	size_t more = rtp_stages_overhead(&w->t.stages);
	struct addr to, is;
	unsigned c;
	int n = rtp_transport_send(&w->t, w->route, kind, p, 20, sizeof(p),
				   now, &c, &to);

	if (n < 0)
		return;
	is = rtp_transport_remote(&w->t, c);
	INVARIANT(n == 20 + (int)more && c < RTP_COMPONENTS &&
		  addr_same(&to, &is));
	INVARIANT(rtp_transport_is_ready(&w->t));
}

/* Nothing is due any more afterwards. */
static void drain(struct world *w, mono now)
{
	uint8_t room[600];
	struct rtp_datagram out;

	rtp_transport_on_time(&w->t, now);
	for (unsigned k = 0; rtp_transport_poll(&w->t, room, sizeof(room), now,
						&out); k++)
		INVARIANT(k <= RTP_COMPONENTS && out.peer.family &&
			  (out.n == 1 ||
			   out.n == rtp_stages_overhead(&w->t.stages)));
	INVARIANT(rtp_transport_deadline(&w->t) > now && !w->stage.says);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct world w = { .route = 0 };
	struct rtp_path path = rtp_symmetric_path(&w.s);
	mono now = 0;

	if (size > 8192)
		return 0;
	rtp_transport_init(&w.t, &path, 0, now);
	for (size_t i = 0; i + 3 <= size;) {
		uint8_t what = data[i];
		size_t n = 0;

		now += MS(data[i + 1]) * (what & 0x20 ? 20 : 1);
		drain(&w, now);
		switch (what & 3) {
		case 0:
			other(&w, what, now);
			break;
		case 1:
			send_one(&w, what, now);
			break;
		default:
			n = data[i + 2];
			if (n > size - i - 3)
				n = size - i - 3;
			arrive(&w, what, data + i + 3, n, now);
			break;
		}
		i += 3 + n;
	}
	rtp_transport_fini(&w.t);
	INVARIANT(w.stage.freed <= 1);
	return 0;
}
