/* SPDX-License-Identifier: BSD-2-Clause
 * rtp/rtp_session.h - an RTP session: own source, table of the others, RTCP.
 * RFC 3550 5.1 (header), 6.2, 6.3, A.7 (RTCP timing with reconsideration),
 * 6.4 (reports, round trip), 6.5 (CNAME), 6.6 (BYE), 8.2 (collisions, loops).
 * Ownership: the caller's struct; the table comes from mem.  Threads: one.
 *
 * Of the sources heard one is played: the first, until another has sent
 * RTP_SWITCH_RUN packets in a row (a peer that begins a new source in
 * mid-call; RTP_RETURN_RUN to go back to one played before).
 *
 * The wall clock of the inputs must run along with the monotonic one: who lets
 * it be set in mid-call gets one wrong round trip.
 *
 * Use: for each data packet rtp_session_on_rtp, for each compound
 * rtp_session_on_rtcp; rtp_session_on_time at rtp_session_deadline; whenever
 * one of them says RTP_SESSION_RTCP, rtp_session_write_rtcp and send it.
 */
#ifndef RTP_RTP_SESSION_H
#define RTP_RTP_SESSION_H
#include "platform/addr.h"
#include "platform/drbg.h"
#include "platform/mem.h"
#include "rtp/rtcp.h"
#include "rtp/rtp_packet.h"
#include "rtp/rtp_seq.h"

enum {
	RTP_SWITCH_RUN = 2,
	RTP_RETURN_RUN = 50,
	RTP_CONFLICTS = 4,     /* remembered addresses of loops */
	RTP_RTCP_MAX = 1200,   /* octets of a compound that is written */
	RTP_CNAME_MAX = 64
};

enum rtp_session_out { /* act on them from the lowest bit up */
	RTP_SESSION_SWITCHED = 1 << 0, /* another source is played: reset the
					* jitter buffer and decoder */
	RTP_SESSION_RESTARTED = 1 << 1, /* its numbers began anew: the same */
	RTP_SESSION_PLAY = 1 << 2,   /* the packet is for the jitter buffer */
	RTP_SESSION_REPORTED = 1 << 3, /* a report on what we send came in */
	RTP_SESSION_BYE = 1 << 4,    /* the source that was played left */
	RTP_SESSION_NEW_SSRC = 1 << 5, /* ours collided and was changed */
	RTP_SESSION_RTCP = 1 << 6,   /* call rtp_session_write_rtcp now */
	RTP_SESSION_ENDED = 1 << 7,  /* with RTP_SESSION_RTCP: that will be
				      * the BYE; nothing comes after */
	RTP_SESSION_ON_NOBODY = 1 << 8 /* a report without blocks came in */
};

struct rtp_session_config {
	uint32_t rate;       /* timestamp units a second */
	uint32_t bandwidth;  /* of the session, bit/s; RTCP takes 5 % */
	bool unicast;        /* two parties: first report early, interval
			      * scaled to the bandwidth (6.2) */
	bool no_rtcp;        /* never write any */
	uint16_t sources;    /* limit; 0: LIMIT_RTP_SOURCES */
	struct slice cname;  /* copied, at most RTP_CNAME_MAX octets */
};

struct rtp_stats {
	uint32_t ssrc, remote_ssrc; /* 0: no source is played */
	uint64_t packets_sent, octets_sent; /* payload octets, 6.4.1 */
	/* Of all sources that were played, together. */
	uint64_t packets_received, octets_received;
	int64_t packets_lost;
	uint32_t duplicates, reordered;
	uint32_t jitter_us;
	uint8_t fraction_lost; /* in our last report, 1/256 */
	uint32_t invalid;      /* refused: wrong source, loop, no room */
	uint32_t collisions, loops, switches;
	/* What the peer reports of us. */
	bool reported;
	int32_t remote_lost;
	uint8_t remote_fraction;
	uint32_t remote_jitter_us, remote_seq; /* extended, the highest */
	int64_t rtt_us;        /* -1: unknown */
	uint32_t rtcp_sent, rtcp_received;
};

struct rtp_source { /* private */
	uint32_t ssrc;
	struct rtp_seq seq;
	uint32_t rate; /* of its timestamps; jitter is in these units */
	struct addr rtp_from, rtcp_from;
	mono last_rtp, last_rtcp; /* MONO_NEVER: never */
	uint32_t lsr; /* middle of the NTP time of its last SR */
	mono sr_at;
	uint32_t run; /* packets since the played source was last heard */
	uint64_t octets;
	uint32_t duplicates, reordered;
	bool heard; /* since our last report */
	bool valid, bye, was_played;
	uint8_t cname_n;
	char cname[RTP_CNAME_MAX];
};

struct rtp_session { /* private */
	struct mem *mem;
	struct rtp_session_config cfg;
	struct drbg drbg;
	char cname[RTP_CNAME_MAX];
	uint8_t cname_n;
	uint32_t ssrc, ts_base;
	uint32_t clock; /* of what is heard */
	uint16_t seq;
	uint32_t packets_sent, octets_sent; /* of this SSRC, as in SR */
	uint32_t last_ts;
	mono last_sent;
	bool we_sent, ever_sent, initial, rtcp_due;
	mono epoch;
	enum { RTP_SESSION_OPEN, RTP_SESSION_LEAVING,
	       RTP_SESSION_LEFT } state;
	uint32_t bye_ssrc; /* a collided one that must say BYE */
	bool has_bye_ssrc;
	mono tp, tn, td; /* td: the deterministic interval last computed */
	uint32_t members, pmembers, senders;
	uint32_t avg_size; /* 16 times the octets */
	struct rtp_source *source;
	uint16_t sources, room;
	int played; /* index, -1: none */
	struct {
		struct addr from;
		mono last;
	} conflict[RTP_CONFLICTS];
	struct rtp_stats stats; /* of what is gone, and counters */
};

/* seed: 32 random octets.  Allocates nothing. */
void rtp_session_init(struct rtp_session *s, struct mem *m,
		      const struct rtp_session_config *cfg,
		      const uint8_t seed[32], struct instant now);
void rtp_session_fini(struct rtp_session *s);

/* Writes the header in front of a payload of n octets that stands at
 * packet + RTP_HEADER; the whole is to be sent.  ts counts from 0: the random
 * start (5.1) is added. */
void rtp_session_stamp(struct rtp_session *s, uint8_t *packet, size_t n,
		       uint8_t pt, bool marker, uint32_t ts,
		       struct instant now);
/* The packet that was stamped last could not be sent: it is not counted.  Its
 * number stays used, so that the peer sees the hole. */
void rtp_session_unsent(struct rtp_session *s, size_t n);
/* Our wire timestamp of ts. */
uint32_t rtp_session_ts(const struct rtp_session *s, uint32_t ts);

/* Timestamp units a second of the packets that come next, where a payload type
 * says so (RFC 7160 4.3); cfg->rate before. */
void rtp_session_set_clock(struct rtp_session *s, uint32_t rate);
/* The peer was signalled somewhere else: the sources may come from there at
 * once, which else would be a loop for a while (8.2). */
void rtp_session_moved(struct rtp_session *s);
MUST_USE unsigned rtp_session_on_rtp(struct rtp_session *s,
				     const struct rtp_packet *p,
				     const struct addr *from,
				     struct instant now);
/* A compound, checked by rtcp_check, or what of it concerns this session; what
 * rtcp_check_part refuses is counted and ignored. */
MUST_USE unsigned rtp_session_on_rtcp(struct rtp_session *s,
				      struct slice compound,
				      const struct addr *from,
				      struct instant now);
MUST_USE unsigned rtp_session_on_time(struct rtp_session *s,
				      struct instant now);
mono rtp_session_deadline(const struct rtp_session *s);

/* Leaves.  RTP_SESSION_RTCP and RTP_SESSION_ENDED at once when there are less
 * than 50 members, from on_time later else (6.3.7); RTP_SESSION_ENDED alone
 * when nothing was ever sent, so that no BYE may be. */
MUST_USE unsigned rtp_session_leave(struct rtp_session *s, struct instant now);
/* Octets of the compound, at most RTP_RTCP_MAX; 0: nothing is due.  -ENOSPC
 * when cap is too small (168 are enough with one source). */
MUST_USE int rtp_session_write_rtcp(struct rtp_session *s, uint8_t *out,
				    size_t cap, struct instant now);

struct rtp_stats rtp_session_stats(const struct rtp_session *s);
#endif
