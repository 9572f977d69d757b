/* SPDX-License-Identifier: BSD-2-Clause
 * rtp/rtp_seq.h - one source's sequence numbers, loss and jitter: RFC 3550
 * A.1 (probation, wrap, restart), A.3 (expected and lost) and A.8 (jitter).
 * A.1 lets the packets of the probation be kept until it is over; they are
 * counted here once it is.
 * Ownership: the caller's struct; no pointers inside.
 */
#ifndef RTP_RTP_SEQ_H
#define RTP_RTP_SEQ_H
#include "platform/base.h"

enum {
	RTP_MIN_SEQUENTIAL = 2,
	RTP_MAX_DROPOUT = 3000,
	RTP_MAX_MISORDER = 100,
};

enum rtp_seq_verdict {
	RTP_SEQ_PROBATION, /* counted only if the next ones follow */
	RTP_SEQ_JUMPED,    /* far off: the first of its kind is not counted */
	RTP_SEQ_VALID,     /* this one ended the probation */
	RTP_SEQ_RESTARTED, /* second after a jump: counters begin anew */
	RTP_SEQ_NEXT,      /* in order, maybe after a gap */
	RTP_SEQ_REORDERED, /* older than the newest, not seen before */
	RTP_SEQ_DUPLICATE, /* seen before; A.1 counts it as received */
};

struct rtp_seq { /* private but for reading */
	uint64_t seen[2];   /* bit i: max - i was seen; RTP_MAX_MISORDER fit */
	uint32_t base, max; /* extended: first counted and highest */
	uint32_t bad;       /* next of a jump, > 0xFFFF: none */
	uint32_t received, received_prior, expected_prior;
	uint32_t transit, jitter; /* jitter is 16 times the estimate (A.8) */
	uint8_t probation;
	bool has_transit;
	bool counting; /* base and received are meaningful */
};

/* Before the first packet, whose number is seq. */
void rtp_seq_init(struct rtp_seq *s, uint16_t seq);
enum rtp_seq_verdict rtp_seq_on_packet(struct rtp_seq *s, uint16_t seq);
/* arrival in timestamp units from any start.  Packets that repeat a
 * timestamp count too (RFC 4733 2.5.2.2). */
void rtp_seq_on_transit(struct rtp_seq *s, uint32_t arrival, uint32_t ts);

/* Another clock from here on (RFC 7160): transit is the last packet's by it. */
void rtp_seq_set_rate(struct rtp_seq *s, uint32_t from, uint32_t to,
		      uint32_t transit);

uint32_t rtp_seq_expected(const struct rtp_seq *s);
int32_t rtp_seq_lost(const struct rtp_seq *s); /* clamped to 24 bits, A.3 */
uint32_t rtp_seq_jitter(const struct rtp_seq *s); /* timestamp units */
/* Of the interval since the last call, in 1/256; begins the next. */
uint8_t rtp_seq_fraction(struct rtp_seq *s);

/* The extended number nearest to near. */
static inline uint32_t rtp_seq_extend(uint32_t near, uint16_t seq)
{
	int32_t ahead = (int16_t)(uint16_t)(seq - (uint16_t)near);

	return near + (uint32_t)ahead;
}
#endif
