/* SPDX-License-Identifier: BSD-2-Clause
 * rtp/rtp_jitter.h - adaptive jitter buffer of one source.
 * Ownership: the caller's struct; slots come from mem as they are needed and
 * are freed by rtp_jitter_fini.  Threads: one at a time.
 *
 * Packets come out in the order of their sequence numbers, each at most once.
 * The consumer pulls by its own clock: it calls rtp_jitter_get when its output
 * runs dry, does what the verdict says, and then tells rtp_jitter_advance how
 * many samples (timestamp units) became of it.  While nothing is there to be
 * played the timeline stands still, so that packets which are merely late play
 * after all, with a delay grown by just as much; over a hole with packets
 * behind it the timeline runs on.  The delay aims at what nearly all packets
 * of the last few seconds needed: it grows by RTP_JITTER_STRETCH and falls
 * slowly by RTP_JITTER_SHRINK, sooner while the output is quiet, and for free
 * in the pause before a talk spurt.
 *
 * Reordering, duplicates, wraps, DTX and jumps of the timestamp are handled
 * here; telephone-event packets are not put in but announced by
 * rtp_jitter_skip, lest they count as lost.
 */
#ifndef RTP_RTP_JITTER_H
#define RTP_RTP_JITTER_H
#include "platform/mem.h"
#include "rtp/rtp_packet.h"

enum {
	RTP_JITTER_SLOTS = 128, /* packets held at most; a power of two */
	RTP_JITTER_WINDOW = 256 /* packets that the delay is judged from */
};

struct rtp_jitter_config {
	uint32_t rate;   /* timestamp units a second */
	uint32_t frame;  /* samples a packet likely holds; refined by use */
	uint16_t min_ms; /* of delay; 0: 20 */
	uint16_t max_ms; /* 0: 500 */
	uint16_t slots;  /* 0: RTP_JITTER_SLOTS; rounded up to 2^n */
};

enum rtp_jitter_verdict {
	/* Silence or comfort noise for as long as the caller likes (a
	 * quantum): before the first packet, in a pause, while filling up. */
	RTP_JITTER_WAIT,
	RTP_JITTER_PLAY, /* decode and play the packet */
	/* A packet is missing: conceal up to samples of it.  payload is that
	 * of the packet after the hole, if it is there; adjacent: what is
	 * left of the hole is one frame, which in-band FEC in that payload
	 * may describe.  The packet itself is played later. */
	RTP_JITTER_CONCEAL,
	/* The delay must grow: make samples out of nothing, as for a loss, or
	 * by stretching what was played. */
	RTP_JITTER_STRETCH,
	/* The delay must fall: decode the packet, throw its sound away or
	 * squeeze it into what is near, and call rtp_jitter_get again. */
	RTP_JITTER_SHRINK
};

struct rtp_jitter_frame {
	struct slice payload; /* borrowed until the next put, get or reset */
	uint32_t ts;          /* as it was on the wire */
	uint32_t samples;     /* CONCEAL: length of the hole, 0 unknown (no
			       * packet after it yet); STRETCH: wanted */
	uint16_t seq;
	uint8_t pt;
	bool marker;
	bool adjacent;        /* CONCEAL: recover from payload, if it can */
};

enum rtp_jitter_put {
	RTP_JITTER_STORED,
	RTP_JITTER_DUPLICATE,
	RTP_JITTER_LATE,   /* its time is over; the target delay learns of it */
	RTP_JITTER_NO_ROOM /* no memory for it */
};

struct rtp_jitter_stats {
	uint64_t played;
	uint32_t duplicate, late;
	uint32_t overflow;  /* thrown out to make room, or no memory */
	uint32_t shrunk;    /* packets given out by RTP_JITTER_SHRINK */
	uint32_t resyncs;   /* timestamp jumps and resets */
	uint64_t concealed; /* samples, stretching included */
	uint32_t delay_ms;  /* of the last packet played, above the fastest */
	uint32_t target_ms;
};

struct rtp_jitter_slot;
struct rtp_jitter { /* private */
	struct mem *mem;
	struct rtp_jitter_config cfg;
	struct rtp_jitter_slot *slot;
	uint32_t slots;             /* allocated, 2^n */
	uint32_t next, high;        /* extended: to be played, highest put */
	uint32_t held;
	uint32_t play;              /* timeline position, inner timestamp */
	uint32_t stalled;           /* made while nothing was there */
	uint32_t shift;             /* inner minus wire timestamp */
	uint32_t target;            /* delay aimed at, samples */
	int32_t base;               /* least transit of the window */
	int32_t transit[RTP_JITTER_WINDOW];
	uint16_t transits, transit_at;
	uint32_t frame;
	mono over_since, under_since, slow_since; /* MONO_NEVER: not so */
	mono epoch;
	bool started;               /* next and high are meaningful */
	bool begun;                 /* a packet was played since the start */
	bool playing;               /* else filling up */
	bool urgent;                /* a late packet was seen: grow now */
	enum rtp_jitter_verdict last;
	uint32_t hole;              /* samples of the last CONCEAL */
	struct rtp_jitter_stats stats;
};

/* cfg->rate > 0. */
void rtp_jitter_init(struct rtp_jitter *j, struct mem *m,
		     const struct rtp_jitter_config *cfg, mono now);
void rtp_jitter_fini(struct rtp_jitter *j);
/* Forgets packets and timing, keeps memory and statistics: another source,
 * or this one began anew. */
void rtp_jitter_reset(struct rtp_jitter *j);

enum rtp_jitter_put rtp_jitter_put(struct rtp_jitter *j,
				   const struct rtp_packet *p, mono arrival);
/* A packet of the source that is not for playing (telephone-event). */
void rtp_jitter_skip(struct rtp_jitter *j, uint16_t seq);

/* quiet: what was last played is silence or near it. */
MUST_USE enum rtp_jitter_verdict
rtp_jitter_get(struct rtp_jitter *j, mono now, bool quiet,
	       struct rtp_jitter_frame *f);
void rtp_jitter_advance(struct rtp_jitter *j, uint32_t samples);

struct rtp_jitter_stats rtp_jitter_stats(const struct rtp_jitter *j);
#endif
