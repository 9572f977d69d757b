/* SPDX-License-Identifier: BSD-2-Clause
 * The input is a script: an octet of what, one of time, one of length, and
 * that many octets of a datagram.  What must hold: a datagram that passes is
 * whole and came from the address that is sent to afterwards; while a latched
 * source is heard its place is its own, but for those of a higher rank; no
 * stranger passes once a higher rank was heard; keep-alives come at their
 * time. */
#include "fuzz/fuzz.h"
#include "rtp/rtcp.h"
#include "rtp/rtp_transport.h"

static struct addr who(uint8_t what)
{
	return addr_v4(192, 0, 2, 1 + (what >> 6), 4000);
}

static void arrive(struct rtp_transport *t, uint8_t what, const uint8_t *p,
		   size_t n, mono now)
{
	static uint8_t copy[256];
	unsigned c = what >> 2 & 1;
	struct addr from = who(what), was = rtp_transport_remote(t, c), is;
	bool latched = rtp_transport_is_latched(t, c);
	mono heard = t->comp[c].heard;
	enum rtp_rank rank = rtp_latch_rank(&t->comp[c], &from), had;
	uint8_t best = t->comp[c].best;
	struct rtp_transport_in in;

	had = latched ? rtp_latch_rank(&t->comp[c], &t->comp[c].latched) :
			RTP_NOBODY;
	memcpy(copy, p, n);
	rtp_transport_on_datagram(t, c, copy, n, &from, now, &in);
	is = rtp_transport_remote(t, c);
	if (in.kind == RTP_KIND_NONE) {
		INVARIANT(addr_same(&was, &is));
		return;
	}
	INVARIANT(addr_same(&t->comp[c].latched, &from) &&
		  rtp_transport_is_latched(t, c));
	/* nobody is sent to before the peer has said where it is */
	INVARIANT(t->comp[c].signalled.family ? addr_same(&is, &from) :
						is.family == 0);
	INVARIANT(slice_inside(in.datagram, slice_of(copy, n)));
	if (in.kind == RTP_KIND_RTP)
		INVARIANT(slice_inside(in.packet.payload, in.datagram));
	else
		INVARIANT(rtcp_check(in.datagram, NULL) == 0);
	if (c == 0 && latched && now - heard < RTP_LATCH_SILENCE &&
	    rank <= had)
		INVARIANT(addr_same(&was, &is) && !in.latched_now);
	INVARIANT(c || rank > RTP_STRANGER || best <= RTP_STRANGER);
	INVARIANT(!t->comp[0].signalled.family || rtp_transport_is_proved(t) ||
		  c);
}

static void other(struct rtp_transport *t, uint8_t what, uint32_t *route,
		  mono now)
{
	uint64_t pts[2] = { what, what };
	struct addr a = who(what);

	switch (what >> 2 & 7) {
	case 0:
		if (what & 0x40 && !t->comp[0].host.family)
			rtp_transport_set_host(t, &a);
		rtp_transport_set_remote(t, what >> 5 & 1, &a, now);
		break;
	case 1:
		rtp_transport_set_mux(t, what >> 5 & 1);
		break;
	case 2:
		*route = rtp_transport_attach(t, pts);
		break;
	case 3:
		rtp_transport_detach(t, *route);
		break;
	default:
		rtp_transport_set_pts(t, *route, pts);
		break;
	}
	INVARIANT(rtp_transport_streams(t) <= RTP_ROUTES);
}

static void send_one(struct rtp_transport *t, uint8_t what, mono now)
{
	uint8_t p[32] = { 0x80 };
	enum rtp_kind kind = what & 8 ? RTP_KIND_RTCP : RTP_KIND_RTP;
	struct addr to, is;
	unsigned c;
	int n = rtp_transport_send(t, kind, p, 20, sizeof(p), now, &c, &to);

	if (n < 0)
		return;
	is = rtp_transport_remote(t, c);
	INVARIANT(n == 20 && c < RTP_COMPONENTS && addr_same(&to, &is));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rtp_transport t;
	uint32_t route = 0;
	struct addr to;
	mono now = 0;
	unsigned c;

	if (size > 8192)
		return 0;
	rtp_transport_init(&t, 0, now);
	for (size_t i = 0; i + 3 <= size;) {
		uint8_t what = data[i];
		size_t n = 0;

		now += MS(data[i + 1]) * (what & 0x20 ? 20 : 1);
		for (unsigned k = 0; rtp_transport_on_time(&t, now, &c, &to);
		     k++)
			INVARIANT(k < RTP_COMPONENTS && to.family);
		INVARIANT(rtp_transport_deadline(&t) > now);
		switch (what & 3) {
		case 0:
			other(&t, what, &route, now);
			break;
		case 1:
			send_one(&t, what, now);
			break;
		default:
			n = data[i + 2];
			if (n > size - i - 3)
				n = size - i - 3;
			arrive(&t, what, data + i + 3, n, now);
			break;
		}
		i += 3 + n;
	}
	return 0;
}
