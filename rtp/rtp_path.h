/* SPDX-License-Identifier: BSD-2-Clause
 * rtp/rtp_path.h - how a transport finds its way to the peer: whom it takes
 * packets from, and where it sends.  One row of operations a way: rtp_symmetric
 * latches to whom is heard; ICE will be another, and a stage (rtp_stage.h) as
 * well, which takes the STUN.
 *
 * Addresses are the peer's as the innermost stage sees them.
 */
#ifndef RTP_RTP_PATH_H
#define RTP_RTP_PATH_H
#include "platform/addr.h"

enum { RTP_COMPONENTS = 2 }; /* 0: RTP (and RTCP when multiplexed), 1: RTCP */

/* Its functions touch their state alone; component < RTP_COMPONENTS. */
struct rtp_path_ops {
	const char *name;
	/* As signalled (SDP).  False: as before. */
	bool (*signal)(void *state, unsigned component,
		       const struct addr *remote, mono now);
	/* Where signalling comes from; its port does not matter. */
	void (*host)(void *state, const struct addr *host);
	/* May a valid packet from there pass?  seq NULL: RTCP, which has none.
	 * *moved is set when it changed where remote is. */
	bool (*admit)(void *state, unsigned component, const struct addr *from,
		      uint32_t ssrc, const uint16_t *seq, mono now,
		      bool *moved);
	/* Who is sent to now; family 0: nobody. */
	struct addr (*remote)(const void *state, unsigned component);
	/* Something shows that the peer is where RTP is sent to. */
	bool (*proved)(const void *state);
};

struct rtp_path {
	const struct rtp_path_ops *ops;
	void *state; /* the caller's; outlives the transport */
};
#endif
