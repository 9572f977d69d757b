/* SPDX-License-Identifier: BSD-2-Clause
 * rtp/rtp_latch.h - symmetric RTP (RFC 4961): whom a component takes packets
 * from, and where it sends.
 *
 * Sources have a rank:
 *   SIGNALLED  the address and port of the description
 *   NEAR       the IP address of the description, or the one that signalling
 *              comes from, with any port
 *   STRANGER   all others
 * A source of a higher rank than the latched one takes its place with its first
 * packet.  Within the same rank, or below, a latched source keeps its place for
 * RTP_LATCH_SILENCE after it was last heard; then a NAT may have given it
 * another port, and RTP_LATCH_PACKETS packets of one source that hold together
 * (one SSRC, rising numbers) take it.  A stranger needs as many, and has no
 * chance at all once a source of a higher rank was heard: a peer that
 * is where it said it is, or where its signalling comes from, is not behind
 * the kind of NAT that strangers are let in for.
 *
 * The component of RTCP alone takes what was signalled for it, and any port of
 * the IP address that RTP is sent to; it is never latched to another one.
 *
 * Source addresses can be forged: who can send as the peer is taken for it, as
 * with all RTP that is not authenticated.
 *
 * Ownership: the caller's struct; no allocation.  Threads: one.
 */
#ifndef RTP_RTP_LATCH_H
#define RTP_RTP_LATCH_H
#include "platform/addr.h"

enum { RTP_LATCH_PACKETS = 3 };
#define RTP_LATCH_SILENCE  MS(2000)
#define RTCP_LATCH_SILENCE SEC(15) /* reports come every few seconds */

enum rtp_rank { RTP_NOBODY, RTP_STRANGER, RTP_NEAR, RTP_SIGNALLED };

struct rtp_latch { /* private; zeroed: nothing signalled, nobody heard */
	struct addr signalled, latched, former;
	struct addr host;  /* signalling's; family 0: not known */
	struct addr place; /* the last IP address that was signalled */
	mono heard, former_until;
	struct addr candidate;
	uint32_t ssrc;
	uint16_t seq;
	uint8_t run;
	uint8_t best; /* enum rtp_rank: the highest heard there */
};

/* As signalled (SDP).  Another address than before ends the latch, and the
 * former source, if it is not that address, cannot latch again for
 * RTP_LATCH_SILENCE.  False: it is the same. */
bool rtp_latch_signal(struct rtp_latch *l, const struct addr *remote, mono now);
/* Where signalling comes from; its port does not matter. */
void rtp_latch_set_host(struct rtp_latch *l, const struct addr *host);
enum rtp_rank rtp_latch_rank(const struct rtp_latch *l,
			     const struct addr *from);
/* May a valid packet from there pass?  seq NULL: it has none (RTCP).
 * *now_latched: it moved the latch. */
bool rtp_latch_admit(struct rtp_latch *l, const struct addr *from,
		     uint32_t ssrc, const uint16_t *seq, mono now,
		     bool *now_latched);
/* The same for RTCP on a component of its own; rtp is where RTP is sent to,
 * family 0: nowhere yet. */
bool rtp_latch_admit_rtcp(struct rtp_latch *l, const struct addr *rtp,
			  const struct addr *from, mono now,
			  bool *now_latched);
/* RTP is sent to rtp now: a latch of RTCP to another IP address ends, unless it
 * is the signalled one. */
void rtp_latch_follow(struct rtp_latch *l, const struct addr *rtp);
/* Something valid came from there by the other component: it tells where the
 * peer is, and puts a stranger out. */
void rtp_latch_note(struct rtp_latch *l, const struct addr *from);
/* Who is sent to now; family 0: nobody. */
struct addr rtp_latch_remote(const struct rtp_latch *l);
#endif
