/* SPDX-License-Identifier: BSD-2-Clause
 * rtp/rtp_transport.h - a media transport: one or two components, told apart
 * packet by packet by the first octet (RFC 7983, RFC 5761 4).  It joins a stack
 * of stages (rtp_stage.h), a way of finding the peer (rtp_path.h), the routes
 * of the streams that share it (rtp_route.h), and keep-alive (RFC 6263).
 * Ownership: the caller's struct; no allocation.  Threads: one.
 */
#ifndef RTP_RTP_TRANSPORT_H
#define RTP_RTP_TRANSPORT_H
#include "rtp/rtp_path.h"
#include "rtp/rtp_route.h"
#include "rtp/rtp_stage.h"

#define RTP_KEEPALIVE SEC(15) /* RFC 6263 7: Tr for UDP */

struct rtp_transport { /* private */
	struct rtp_path path;
	mono sent[RTP_COMPONENTS];
	struct rtp_stages stages;
	struct rtp_routes routes;
	bool mux;
	uint16_t mtu;
	uint32_t refused; /* datagrams dropped: kind, source, stage, parser */
};

struct rtp_transport_in {
	enum rtp_kind kind;       /* RTP or RTCP, else nothing to deliver */
	uint32_t route;           /* RTP: the stream's handle; 0: none fits */
	struct slice datagram;    /* as the innermost stage left it */
	struct rtp_packet packet; /* kind RTP */
	struct addr from;         /* the same */
	bool moved;               /* where to send has just changed */
	bool alive;               /* whatever it is, it came from there */
};

/* mtu of the path: 0 is 1500. */
void rtp_transport_init(struct rtp_transport *t, const struct rtp_path *path,
			uint16_t mtu, mono now);
/* Frees the stages. */
void rtp_transport_fini(struct rtp_transport *t);
/* Another way of finding the peer: it has yet to be told what was signalled. */
void rtp_transport_set_path(struct rtp_transport *t,
			    const struct rtp_path *path);
/* See rtp_stages_add. */
MUST_USE int rtp_transport_add_stage(struct rtp_transport *t,
				     const struct rtp_stage *stage);
void rtp_transport_set_mux(struct rtp_transport *t, bool mux);
/* As signalled (SDP), and where signalling comes from. */
void rtp_transport_set_remote(struct rtp_transport *t, unsigned component,
			      const struct addr *remote, mono now);
void rtp_transport_set_host(struct rtp_transport *t, const struct addr *host);
/* Who is told apart how, and streams that come and go: see rtp_route.h. */
struct rtp_routes *rtp_transport_routes(struct rtp_transport *t);

/* A datagram arrived: p may be changed in place.  RTCP goes where
 * rtp_routes_rtcp says. */
void rtp_transport_on_datagram(struct rtp_transport *t, unsigned component,
			       uint8_t *p, size_t n, const struct addr *from,
			       mono now, struct rtp_transport_in *in);

/* All stages have what descriptions are to say. */
bool rtp_transport_is_gathered(const struct rtp_transport *t);
/* All stages are: streams may send. */
bool rtp_transport_is_ready(const struct rtp_transport *t);
/* A stream is about to send n octets of cap: runs the stages over them.
 * Returns the octets to send, *component and *to where; -ENOTCONN: no address
 * yet, or not ready.  route 0: of no stream. */
MUST_USE int rtp_transport_send(struct rtp_transport *t, uint32_t route,
				enum rtp_kind kind, uint8_t *p, size_t n,
				size_t cap, mono now, unsigned *component,
				struct addr *to);
void rtp_transport_on_time(struct rtp_transport *t, mono now);
/* After any of these, until it says false: the next datagram of the stages'
 * own, or the empty one of a component that was silent for RTP_KEEPALIVE (RFC
 * 6263 4.1).  It stands in room; out has n, component and peer. */
bool rtp_transport_poll(struct rtp_transport *t, uint8_t *room, size_t cap,
			mono now, struct rtp_datagram *out);
mono rtp_transport_deadline(const struct rtp_transport *t);

/* The most that a datagram may hold before the stages see it. */
size_t rtp_transport_room(const struct rtp_transport *t);
/* Who is sent to now; family 0: nobody. */
struct addr rtp_transport_remote(const struct rtp_transport *t,
				 unsigned component);
/* Something shows that the peer is where RTP is sent to. */
bool rtp_transport_is_proved(const struct rtp_transport *t);
#endif
