/* SPDX-License-Identifier: BSD-2-Clause
 * rtp/rtp_transport.h - a media transport: one or two components, told apart
 * packet by packet by the first octet (RFC 7983, RFC 5761 4), symmetric RTP
 * (RFC 4961), keep-alive (RFC 6263), stages in between.
 * Ownership: the caller's struct; no allocation.  Threads: one.
 *
 * Where to send, and from whom to take: rtp_latch.h.
 */
#ifndef RTP_RTP_TRANSPORT_H
#define RTP_RTP_TRANSPORT_H
#include "rtp/rtp_latch.h"
#include "rtp/rtp_packet.h"

enum {
	RTP_COMPONENTS = 2, /* 0: RTP (and RTCP when multiplexed), 1: RTCP */
	RTP_STAGES = 5,     /* ICE, TURN, DTLS, ZRTP, SRTP: outermost first */
	RTP_ROUTES = 8,     /* streams that share a transport */
	RTP_ROUTE_SSRCS = 8,
};
#define RTP_KEEPALIVE SEC(15) /* RFC 6263 7: Tr for UDP */

enum rtp_kind { /* RFC 7983 7, figure 3; RTCP by RFC 5761 4 */
	RTP_KIND_NONE, /* to be dropped */
	RTP_KIND_STUN, /* 0..3 */
	RTP_KIND_ZRTP, /* 16..19 */
	RTP_KIND_DTLS, /* 20..63 */
	RTP_KIND_TURN, /* 64..79 */
	RTP_KIND_RTP,  /* 128..191 */
	RTP_KIND_RTCP, /* the same with a packet type of 192..223 */
};

/* mux: RTP and RTCP come by one component. */
enum rtp_kind rtp_kind_of(struct slice datagram, bool mux, unsigned component);

/* A stage sees a datagram in both directions and changes it in place.  Its
 * functions touch their state alone.  Any may be NULL. */
struct rtp_stage_ops {
	const char *name;
	unsigned kinds; /* bits 1 << rtp_kind that end here: take() gets them */
	size_t overhead; /* octets that protect may add */
	/* 0, or a negative errno: dropped. */
	int (*take)(void *state, unsigned component, uint8_t *p, size_t n,
		    const struct addr *from, mono now);
	int (*unprotect)(void *state, enum rtp_kind kind, uint8_t *p,
			 size_t *n);
	int (*protect)(void *state, enum rtp_kind kind, uint8_t *p, size_t *n,
		       size_t cap);
};

struct rtp_stage {
	const struct rtp_stage_ops *ops;
	void *state;
};

struct rtp_transport { /* private */
	struct rtp_latch comp[RTP_COMPONENTS];
	mono sent[RTP_COMPONENTS];
	struct addr heard; /* where the last packet that passed came from */
	struct rtp_stage stage[RTP_STAGES];
	uint8_t stages;
	bool mux;
	uint16_t mtu;
	struct {
		bool used;
		uint16_t generation;
		uint64_t pts[2];
		uint32_t ssrc[RTP_ROUTE_SSRCS];
		uint8_t ssrcs, ssrc_at;
	} route[RTP_ROUTES];
	uint32_t refused; /* datagrams dropped: kind, source, stage, parser */
};

struct rtp_transport_in {
	enum rtp_kind kind;       /* RTP or RTCP, else nothing to deliver */
	uint32_t route;           /* handle of the stream; 0: none fits */
	struct slice datagram;    /* as unprotected */
	struct rtp_packet packet; /* kind RTP */
	bool latched_now;         /* the remote address was just learned */
	bool alive;               /* whatever it is, it came from there */
};

/* mtu of the path: 0 is 1500. */
void rtp_transport_init(struct rtp_transport *t, uint16_t mtu, mono now);
/* -ENOSPC beyond RTP_STAGES. */
MUST_USE int rtp_transport_add_stage(struct rtp_transport *t,
				     const struct rtp_stage *stage);
void rtp_transport_set_mux(struct rtp_transport *t, bool mux);
/* As signalled (SDP): see rtp_latch_signal. */
void rtp_transport_set_remote(struct rtp_transport *t, unsigned component,
			      const struct addr *remote, mono now);
/* Where signalling comes from: see rtp_latch.h. */
void rtp_transport_set_host(struct rtp_transport *t, const struct addr *host);

/* A stream joins; payload types are bits of pts.  Its handle, > 0; 0: no room
 * (RTP_ROUTES).  A stream alone gets all packets, several are told apart by
 * SSRC once heard, before by payload type (RFC 8843 9.2). */
uint32_t rtp_transport_attach(struct rtp_transport *t, const uint64_t pts[2]);
void rtp_transport_set_pts(struct rtp_transport *t, uint32_t route,
			   const uint64_t pts[2]);
void rtp_transport_detach(struct rtp_transport *t, uint32_t route);
unsigned rtp_transport_streams(const struct rtp_transport *t);

/* A datagram arrived: p may be changed in place. */
void rtp_transport_on_datagram(struct rtp_transport *t, unsigned component,
			       uint8_t *p, size_t n, const struct addr *from,
			       mono now, struct rtp_transport_in *in);

/* About to send n octets of cap: runs the stages over them.  Returns the
 * octets to send, *component and *to where; -ENOTCONN: no address yet. */
MUST_USE int rtp_transport_send(struct rtp_transport *t, enum rtp_kind kind,
				uint8_t *p, size_t n, size_t cap, mono now,
				unsigned *component, struct addr *to);
/* The next component that was silent for RTP_KEEPALIVE, and where to send it
 * an empty datagram (RFC 6263 4.1); false: none. */
bool rtp_transport_on_time(struct rtp_transport *t, mono now,
			   unsigned *component, struct addr *to);
mono rtp_transport_deadline(const struct rtp_transport *t);

/* The most that a datagram may hold before the stages see it. */
size_t rtp_transport_room(const struct rtp_transport *t);
/* Who is sent to now; family 0: nobody. */
struct addr rtp_transport_remote(const struct rtp_transport *t,
				 unsigned component);
/* A valid packet came from the IP address that is sent to now. */
bool rtp_transport_is_proved(const struct rtp_transport *t);
bool rtp_transport_is_latched(const struct rtp_transport *t,
			      unsigned component);
#endif
