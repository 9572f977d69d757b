/* SPDX-License-Identifier: BSD-2-Clause
 * rtp/rtp_route.h - which of the streams that share a transport a packet is
 * for: RFC 8843 9.2.
 *
 * An RTP packet: by the MID that it carries; else by its SSRC, which a MID, a
 * payload type, SDES or signalling told before; else by a payload type that one
 * stream alone has.  A stream alone gets whatever names no other.  Against 9.2
 * a payload type that a stream found by MID or SSRC does not have is the
 * stream's to refuse.
 *
 * Each packet of an RTCP compound goes to every stream it concerns: those whose
 * source sent or is described by it, and those whose own source it reports on.
 * What concerns none that is known goes to the first: it shows that somebody is
 * there.
 *
 * Ownership: the caller's struct; no allocation.  Threads: one.
 */
#ifndef RTP_RTP_ROUTE_H
#define RTP_RTP_ROUTE_H
#include "rtp/rtp_packet.h"

enum {
	RTP_ROUTES = 8,      /* streams that share a transport */
	RTP_ROUTE_SSRCS = 8, /* of a stream; the oldest goes */
	RTP_MID_MAX = 16,    /* octets: what a one-octet element holds */
};

struct rtp_route { /* private */
	bool used, has_own;
	uint16_t generation;
	uint8_t ssrcs, ssrc_at, mid_n;
	char mid[RTP_MID_MAX];
	uint32_t own; /* what we send with */
	uint64_t pts[2];
	struct {
		uint32_t ssrc;
		uint16_t seq; /* of the packet that told its MID last */
		bool told;
	} of[RTP_ROUTE_SSRCS];
};

struct rtp_routes { /* private; zeroed: none */
	struct rtp_route route[RTP_ROUTES];
	uint8_t mid_ext; /* id of the header extension; 0: none agreed */
};

/* A stream joins; payload types are bits of pts.  Its handle, > 0; 0: no
 * room. */
uint32_t rtp_routes_add(struct rtp_routes *r, const uint64_t pts[2]);
void rtp_routes_remove(struct rtp_routes *r, uint32_t route);
unsigned rtp_routes_count(const struct rtp_routes *r);
void rtp_routes_set_pts(struct rtp_routes *r, uint32_t route,
			const uint64_t pts[2]);
/* Its a=mid, copied; empty: none.  -EINVAL: over RTP_MID_MAX; -ESTALE. */
MUST_USE int rtp_routes_set_mid(struct rtp_routes *r, uint32_t route,
				struct slice mid);
/* The id that urn:ietf:params:rtp-hdrext:sdes:mid was agreed to have. */
void rtp_routes_set_mid_ext(struct rtp_routes *r, uint8_t id);
/* The peer sends it with this source (a=ssrc). */
void rtp_routes_bind(struct rtp_routes *r, uint32_t route, uint32_t ssrc);
/* We send it with this source. */
void rtp_routes_own(struct rtp_routes *r, uint32_t route, uint32_t ssrc);

/* The stream of a packet that came; 0: none. */
uint32_t rtp_routes_rtp(struct rtp_routes *r, const struct rtp_packet *p);

/* A compound that came, checked: learns what its SDES tell. */
void rtp_routes_on_rtcp(struct rtp_routes *r, struct slice compound);
struct rtp_rtcp_walk { /* zeroed before the first call */
	unsigned route;
	size_t at;
};
/* The next packets in a row that one stream is concerned by, stream after
 * stream.  Streams may come and go in between.  False: no more. */
bool rtp_routes_rtcp(const struct rtp_routes *r, struct slice compound,
		     struct rtp_rtcp_walk *w, uint32_t *route,
		     struct slice *packets);
#endif
