/* SPDX-License-Identifier: BSD-2-Clause
 * rtp/rtp_breaker.h - circuit breakers of a stream that is sent, RFC 8083: its
 * peer's reports cease (4.1, RTCP timeout), or they say that nothing arrives
 * (4.2, media timeout).
 *
 * Both need a peer that reports: one that never had a report block for us may
 * have no RTCP at all, and breaks nothing (4: such need to be told from others;
 * no signalling tells).  After it once had:
 *   SILENT  no block for RTP_BREAKER_TIMEOUT, and no packet of any kind, either
 *   LOST    no block for as long, while its reports come and are on nobody: RFC
 *           3550 6.4 leaves out who was not heard since the report before; or
 *           RTP_BREAKER_REPORTS blocks in a row with the highest number that
 *           the one before had
 * A peer whose RTP comes and whose RTCP has ceased altogether breaks nothing:
 * its path to us is whole, so it does not report any more, as behind a PBX that
 * connects it to another one.  4.1 would have it cut off; this is a deviation.
 *
 * A block counts for 4.2 when a packet was sent a round trip or longer before
 * it, and after the one that counted last.  So each takes the longest of the
 * sender's interval, the round trip and the reports' interval, and five of them
 * what MEDIA_TIMEOUT is in 4.2.
 *
 * Who was LOST is not sent to again (4.5) until as much time has passed as the
 * breaker took: rtp_breaker_rests.
 *
 * Ownership: the caller's struct; no allocation.  Threads: one.
 */
#ifndef RTP_RTP_BREAKER_H
#define RTP_RTP_BREAKER_H
#include "platform/base.h"

enum { RTP_BREAKER_REPORTS = 5 };      /* 4.2: k */
#define RTP_BREAKER_TIMEOUT SEC(3 * 5) /* 4.1: three times Td, of 5 s */

enum rtp_breaker_state {
	RTP_BREAKER_CLOSED, /* as with electricity: it flows */
	RTP_BREAKER_SILENT,
	RTP_BREAKER_LOST
};

struct rtp_report { /* SR or RR, as far as the breaker is concerned */
	bool on_us;       /* has a block for what we send, else for nobody */
	uint32_t highest; /* extended number received, of the block */
	mono rtt;         /* round trip; < 0: not known */
};

struct rtp_breaker { /* private; zeroed: the peer is not known to report */
	bool reports;    /* it once had a block for us */
	bool on_nobody;  /* since the last block reports without one came */
	bool waits;      /* a packet was sent since the last that counted */
	uint8_t stuck;   /* blocks in a row in which nothing arrived */
	uint32_t highest;
	mono reported;   /* last block, or begin of sending */
	mono arrived;    /* last block that told of something new */
	mono sent, unseen; /* last packet; the first that waits */
	mono rests;
};

/* Described anew, or sent to again: what comes is counted from now. */
void rtp_breaker_renew(struct rtp_breaker *b, mono now);
void rtp_breaker_on_report(struct rtp_breaker *b, const struct rtp_report *r,
			   mono now);
/* A packet is about to be sent; heard: when the last of any kind came. */
MUST_USE enum rtp_breaker_state rtp_breaker_on_send(struct rtp_breaker *b,
						    mono heard, mono now);
bool rtp_breaker_rests(const struct rtp_breaker *b, mono now);
#endif
