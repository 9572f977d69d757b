/* SPDX-License-Identifier: BSD-2-Clause */
#include "rtp/rtp_route.h"

#include "rtp/rtcp.h"

enum { SDES_MID = 15 }; /* RFC 8843 15.1 */

/* A handle: generation above, index + 1 below. */
static struct rtp_route *route_of(struct rtp_routes *r, uint32_t route)
{
	uint32_t i = (route & 0xFF) - 1;

	if (i >= RTP_ROUTES || !r->route[i].used ||
	    r->route[i].generation != route >> 8)
		return NULL;
	return &r->route[i];
}

static uint32_t handle(const struct rtp_routes *r, unsigned i)
{
	return (uint32_t)r->route[i].generation << 8 | (i + 1);
}

uint32_t rtp_routes_add(struct rtp_routes *r, const uint64_t pts[2])
{
	for (unsigned i = 0; i < RTP_ROUTES; i++) {
		struct rtp_route *x = &r->route[i];

		if (x->used)
			continue;
		*x = (struct rtp_route){ .used = true,
					 .generation = x->generation,
					 .pts = { pts[0], pts[1] } };
		return handle(r, i);
	}
	return 0;
}

void rtp_routes_remove(struct rtp_routes *r, uint32_t route)
{
	struct rtp_route *x = route_of(r, route);

	if (!x)
		return;
	x->used = false;
	x->generation++;
}

unsigned rtp_routes_count(const struct rtp_routes *r)
{
	unsigned n = 0;

	for (unsigned i = 0; i < RTP_ROUTES; i++)
		n += r->route[i].used;
	return n;
}

void rtp_routes_set_pts(struct rtp_routes *r, uint32_t route,
			const uint64_t pts[2])
{
	struct rtp_route *x = route_of(r, route);

	if (!x)
		return;
	x->pts[0] = pts[0];
	x->pts[1] = pts[1];
}

int rtp_routes_set_mid(struct rtp_routes *r, uint32_t route, struct slice mid)
{
	struct rtp_route *x = route_of(r, route);

	if (!x)
		return -ESTALE;
	if (mid.n > RTP_MID_MAX)
		return -EINVAL;
	if (mid.n)
		memcpy(x->mid, mid.p, mid.n);
	x->mid_n = (uint8_t)mid.n;
	return 0;
}

void rtp_routes_set_mid_ext(struct rtp_routes *r, uint8_t id)
{
	r->mid_ext = id;
}

/* ------------------------------------------------------------- SSRCs */
static int route_place_of(const struct rtp_route *x, uint32_t ssrc)
{
	for (unsigned k = 0; k < x->ssrcs; k++)
		if (x->of[k].ssrc == ssrc)
			return (int)k;
	return -1;
}

static void unbind(struct rtp_route *x, uint32_t ssrc)
{
	int k = route_place_of(x, ssrc);

	if (k < 0)
		return;
	x->of[k] = x->of[--x->ssrcs];
	x->ssrc_at = (uint8_t)(x->ssrcs % RTP_ROUTE_SSRCS);
}

/* A source is of one stream.  seq NULL: not a packet with a MID told it. */
static void bind(struct rtp_routes *r, struct rtp_route *x, uint32_t ssrc,
		 const uint16_t *seq)
{
	int k = route_place_of(x, ssrc);

	for (unsigned i = 0; k < 0 && i < RTP_ROUTES; i++)
		unbind(&r->route[i], ssrc);
	if (k < 0) {
		k = x->ssrc_at;
		x->ssrc_at = (uint8_t)((k + 1) % RTP_ROUTE_SSRCS);
		if (x->ssrcs < RTP_ROUTE_SSRCS)
			x->ssrcs++;
		x->of[k].ssrc = ssrc;
		x->of[k].told = false;
	}
	if (seq) {
		x->of[k].told = true;
		x->of[k].seq = *seq;
	}
}

void rtp_routes_bind(struct rtp_routes *r, uint32_t route, uint32_t ssrc)
{
	struct rtp_route *x = route_of(r, route);

	if (x)
		bind(r, x, ssrc, NULL);
}

void rtp_routes_own(struct rtp_routes *r, uint32_t route, uint32_t ssrc)
{
	struct rtp_route *x = route_of(r, route);

	if (!x)
		return;
	x->has_own = true;
	x->own = ssrc;
}

/* --------------------------------------------------------------- RTP */
static struct rtp_route *named(struct rtp_routes *r, struct slice mid)
{
	for (unsigned i = 0; i < RTP_ROUTES; i++) {
		struct rtp_route *x = &r->route[i];

		if (x->used && x->mid_n &&
		    slice_same(mid, slice_of(x->mid, x->mid_n)))
			return x;
	}
	return NULL;
}

static struct rtp_route *bound(struct rtp_routes *r, uint32_t ssrc, int *k)
{
	for (unsigned i = 0; i < RTP_ROUTES; i++) {
		*k = r->route[i].used ? route_place_of(&r->route[i], ssrc) : -1;
		if (*k >= 0)
			return &r->route[i];
	}
	return NULL;
}

static bool takes(const struct rtp_route *x, uint8_t pt)
{
	return x->used && (x->pts[pt / 64] >> (pt % 64) & 1);
}

/* Who alone has this payload type, or is alone at all. */
static struct rtp_route *typed(struct rtp_routes *r, uint8_t pt)
{
	struct rtp_route *fits = NULL, *used = NULL;
	unsigned fit = 0, all = 0;

	for (unsigned i = 0; i < RTP_ROUTES; i++) {
		if (takes(&r->route[i], pt)) {
			fits = &r->route[i];
			fit++;
		}
		if (r->route[i].used) {
			used = &r->route[i];
			all++;
		}
	}
	return fit == 1 ? fits : all == 1 ? used : NULL;
}

static bool mid_of(const struct rtp_routes *r, const struct rtp_packet *p,
		   struct slice *mid)
{
	struct rtp_ext x;
	size_t at = 0;

	if (!r->mid_ext || !p->has_ext)
		return false;
	while (rtp_ext_next(p, &at, &x)) /* bounded by the packet */
		if (x.id == r->mid_ext) {
			*mid = x.data;
			return true;
		}
	return false;
}

uint32_t rtp_routes_rtp(struct rtp_routes *r, const struct rtp_packet *p)
{
	struct slice mid;
	bool told = mid_of(r, p, &mid);
	int k;
	struct rtp_route *x = bound(r, p->ssrc, &k);

	/* RFC 7941 4.2.6: what was overtaken changes nothing */
	if (told && x && x->of[k].told &&
	    (uint16_t)(p->seq - x->of[k].seq) > 0x8000)
		told = false;
	if (told) {
		x = named(r, mid);
		if (x)
			bind(r, x, p->ssrc, &p->seq);
	} else if (!x) {
		x = typed(r, p->pt);
		if (x && takes(x, p->pt))
			bind(r, x, p->ssrc, NULL);
	}
	return x ? handle(r, (unsigned)(x - r->route)) : 0;
}

/* -------------------------------------------------------------- RTCP */
static uint32_t first_ssrc(struct slice body)
{
	return body.n >= 4 ? read_be32((const uint8_t *)body.p) : 0;
}

static bool route_has(const struct rtp_route *x, uint32_t ssrc)
{
	return route_place_of(x, ssrc) >= 0;
}

static bool is_own(const struct rtp_route *x, uint32_t ssrc)
{
	return x->has_own && x->own == ssrc;
}

static bool reported(const struct rtp_route *x, const struct rtcp_packet *p)
{
	struct rtcp_report rep;

	if (rtcp_report_parse(p, &rep, NULL))
		return false;
	for (size_t i = 0; i < rep.blocks; i++)
		if (is_own(x, rtcp_block_at(&rep, i).ssrc))
			return true;
	return route_has(x, rep.ssrc);
}

static bool described(const struct rtp_route *x, const struct rtcp_packet *p)
{
	struct rtcp_sdes_walk w = { 0 };
	struct rtcp_sdes_item item;

	while (rtcp_sdes_next(p, &w, &item)) /* bounded by the packet */
		if (route_has(x, item.ssrc))
			return true;
	return false;
}

static bool left(const struct rtp_route *x, const struct rtcp_packet *p)
{
	struct rtcp_bye bye;

	if (rtcp_bye_parse(p, &bye, NULL))
		return false;
	for (size_t i = 0; i + 4 <= bye.ssrc.n; i += 4)
		if (route_has(x, first_ssrc(slice_skip(bye.ssrc, i))))
			return true;
	return false;
}

static bool concerns(const struct rtp_route *x, const struct rtcp_packet *p)
{
	struct rtcp_feedback fb;

	switch (p->type) {
	case RTCP_SR:
	case RTCP_RR:
		return reported(x, p);
	case RTCP_SDES:
		return described(x, p);
	case RTCP_BYE:
		return left(x, p);
	case RTCP_RTPFB:
	case RTCP_PSFB:
		return rtcp_feedback_parse(p, &fb, NULL) == 0 &&
		       (route_has(x, fb.ssrc) || is_own(x, fb.media));
	default: /* not an enum: an octet of the wire */
		return route_has(x, first_ssrc(p->body));
	}
}

/* i is in use; the first of those has what concerns nobody. */
static bool wants(const struct rtp_routes *r, unsigned i,
		  const struct rtcp_packet *p)
{
	if (concerns(&r->route[i], p))
		return true;
	for (unsigned k = 0; k < RTP_ROUTES; k++) {
		const struct rtp_route *other = &r->route[k];

		if (other->used && (k < i || concerns(other, p)))
			return false;
	}
	return true;
}

/* The next packets in a row, from *at on, that i wants. */
static bool route_run(const struct rtp_routes *r, unsigned i,
		      struct slice compound, size_t *at, struct slice *out)
{
	struct slice rest = slice_skip(compound, *at);
	size_t from = compound.n, to = compound.n;
	struct rtcp_packet p;

	while (rest.n) { /* bounded by the datagram */
		size_t here = compound.n - rest.n;

		if (rtcp_next(&rest, &p, NULL) <= 0)
			break;
		if (wants(r, i, &p)) {
			if (from == compound.n)
				from = here;
		} else if (from < compound.n) {
			to = here;
			break;
		}
	}
	*at = to;
	*out = slice_of(compound.p + from, to - from);
	return out->n;
}

bool rtp_routes_rtcp(const struct rtp_routes *r, struct slice compound,
		     struct rtp_rtcp_walk *w, uint32_t *route,
		     struct slice *packets)
{
	for (; w->route < RTP_ROUTES; w->route++, w->at = 0) {
		if (!r->route[w->route].used)
			continue;
		*route = handle(r, w->route);
		if (rtp_routes_count(r) == 1 && !w->at) { /* all of it */
			*packets = compound;
			w->at = compound.n;
			return compound.n;
		}
		if (route_run(r, w->route, compound, &w->at, packets))
			return true;
	}
	return false;
}

void rtp_routes_on_rtcp(struct rtp_routes *r, struct slice compound)
{
	struct slice rest = compound;
	struct rtcp_packet p;

	while (rtcp_next(&rest, &p, NULL) > 0) { /* bounded by the datagram */
		struct rtcp_sdes_walk w = { 0 };
		struct rtcp_sdes_item item;

		while (p.type == RTCP_SDES && rtcp_sdes_next(&p, &w, &item)) {
			struct rtp_route *x = item.type == SDES_MID ?
					      named(r, item.value) : NULL;

			if (x)
				bind(r, x, item.ssrc, NULL);
		}
	}
}
