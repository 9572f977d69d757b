/* SPDX-License-Identifier: BSD-2-Clause
 * rtp/rtp_symmetric.h - symmetric RTP (RFC 4961) as a way of finding the path:
 * one rtp_latch a component, and what each tells the other.
 * Ownership: the caller's struct; no allocation.  Threads: one.
 */
#ifndef RTP_RTP_SYMMETRIC_H
#define RTP_RTP_SYMMETRIC_H
#include "rtp/rtp_latch.h"
#include "rtp/rtp_path.h"

struct rtp_symmetric { /* private; zeroed: nothing signalled, nobody heard */
	struct rtp_latch comp[RTP_COMPONENTS];
	struct addr heard; /* where the last packet that passed came from */
};

struct rtp_path rtp_symmetric_path(struct rtp_symmetric *s);
bool rtp_symmetric_is_latched(const struct rtp_symmetric *s,
			      unsigned component);
#endif
