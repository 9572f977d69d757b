/* SPDX-License-Identifier: BSD-2-Clause
 * rtp/rtp_stage.h - what stands between the socket and the streams of a media
 * transport: ICE, TURN, DTLS, ZRTP, SRTP.  Each is a row of operations and a
 * state; a stack of them is passed from the outermost inwards by what arrives,
 * the other way by what is sent.
 *
 * A stage is an engine: its functions touch its state alone and call nobody
 * back.  What it wants to send itself it hands out when polled; that goes
 * through the stages outside of it.
 *
 * Ownership: a stage's state is its maker's until it is added, then the
 * transport's, which calls free.  Threads: one.
 */
#ifndef RTP_RTP_STAGE_H
#define RTP_RTP_STAGE_H
#include "platform/addr.h"

enum { RTP_STAGES = 5 }; /* one of each kind above */

enum rtp_kind { /* RFC 7983 7, figure 3; RTCP by RFC 5761 4 */
	RTP_KIND_NONE, /* none of these */
	RTP_KIND_STUN, /* 0..3 */
	RTP_KIND_ZRTP, /* 16..19 */
	RTP_KIND_DTLS, /* 20..63 */
	RTP_KIND_TURN, /* 64..79 */
	RTP_KIND_RTP,  /* 128..191 */
	RTP_KIND_RTCP, /* the same with a packet type of 192..223 */
};

/* mux: RTP and RTCP come by one component. */
enum rtp_kind rtp_kind_of(struct slice datagram, bool mux, unsigned component);

struct rtp_datagram { /* on its way in or out */
	unsigned component;
	enum rtp_kind kind;
	uint8_t *p;       /* n octets, in which all may be changed */
	size_t n, cap;    /* cap: room at p */
	struct addr peer; /* whom it is from, or goes to */
};

enum rtp_verdict {
	RTP_PASS,    /* it goes on inwards */
	RTP_AGAIN,   /* what is left is another datagram: its kind is told anew,
		      * and then it goes on inwards */
	RTP_TAKEN,   /* it was for this stage */
	RTP_REFUSED, /* dropped, and counted */
};

/* Any function may be NULL: what passes is not changed, nothing is due, it is
 * ready. */
struct rtp_stage_ops {
	const char *name;
	size_t overhead; /* octets that send may add */
	/* A datagram arrived, of any kind, not empty.  p, n and peer may be
	 * changed; p + n stays within what it was. */
	enum rtp_verdict (*receive)(void *state, struct rtp_datagram *d,
				    mono now);
	/* A datagram is sent, of the streams or of a stage further in; or it is
	 * an empty keep-alive (RFC 6263 4.1; kind none).  n and peer may be
	 * changed, within cap.  0, or a negative errno: it is not sent. */
	int (*send)(void *state, struct rtp_datagram *d, mono now);
	/* The next datagram of its own: filled are p (out->cap octets of room,
	 * leave some for the stages outside), n, and component and peer, which
	 * begin as 0: peer's family 0 is where the streams are sent to.
	 * False: no more. */
	bool (*poll)(void *state, struct rtp_datagram *out, mono now);
	void (*on_time)(void *state, mono now);
	/* When to call on_time and then poll; also when something waits to be
	 * polled.  MONO_NEVER: not. */
	mono (*deadline)(const void *state);
	/* Is all known that the descriptions say of the transport: addresses
	 * gathered (ICE, TURN), keys made?  Offers and answers wait for it.
	 * Once it was, it stays so. */
	bool (*gathered)(const void *state);
	/* May the streams send?  It may change at any input, and back. */
	bool (*ready)(const void *state);
	void (*free)(void *state); /* the transport is closed */
};

struct rtp_stage {
	const struct rtp_stage_ops *ops;
	void *state;
};

struct rtp_stages { /* private; zeroed: none */
	struct rtp_stage stage[RTP_STAGES]; /* the outermost first */
	uint8_t n;
};

/* Further in than all others.  -ENOSPC: beyond RTP_STAGES; it stays its
 * maker's. */
MUST_USE int rtp_stages_add(struct rtp_stages *s,
			    const struct rtp_stage *stage);
void rtp_stages_free(struct rtp_stages *s);
/* Tells d's kind and takes it through all.  RTP_PASS, with d as the innermost
 * left it (empty: a keep-alive), RTP_TAKEN or RTP_REFUSED. */
enum rtp_verdict rtp_stages_receive(struct rtp_stages *s,
				    struct rtp_datagram *d, bool mux, mono now);
/* Takes d through those outside of number from; from n: all.  0, or a negative
 * errno. */
MUST_USE int rtp_stages_send(struct rtp_stages *s, unsigned from,
			     struct rtp_datagram *d, mono now);
/* The next datagram of a stage's own, of number *from; false: none. */
bool rtp_stages_poll(struct rtp_stages *s, struct rtp_datagram *out,
		     unsigned *from, mono now);
void rtp_stages_on_time(struct rtp_stages *s, mono now);
mono rtp_stages_deadline(const struct rtp_stages *s);
bool rtp_stages_gathered(const struct rtp_stages *s);
bool rtp_stages_ready(const struct rtp_stages *s);
size_t rtp_stages_overhead(const struct rtp_stages *s);
#endif
