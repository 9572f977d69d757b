/* SPDX-License-Identifier: BSD-2-Clause
 * rtp/rtp_dtmf.h - sending and receiving telephone events, RFC 4733 2.5.
 * Ownership: the caller's structs; no pointers inside, so no destructors.
 *
 * Sender: told of each packet time of the media clock; while a digit is out
 * its packets replace the audio's.  The final report goes out three times
 * (2.5.1.4); digits are kept apart by a pause; an event longer than 0xFFFF
 * units becomes segments (2.5.1.3).
 * Receiver: one RTP_DTMF_BEGIN and one RTP_DTMF_END a digit, with its whole
 * duration, whichever of its packets are lost.
 */
#ifndef RTP_RTP_DTMF_H
#define RTP_RTP_DTMF_H
#include "rtp/rtp_event.h"

enum { RTP_DTMF_QUEUE = 64 };

struct rtp_dtmf_tx { /* private; rtp_dtmf_tx_init before use */
	struct {
		uint8_t code;
		uint32_t duration;
	} queue[RTP_DTMF_QUEUE];
	uint8_t head, count;
	enum { RTP_DTMF_TX_IDLE, RTP_DTMF_TX_TONE, RTP_DTMF_TX_REPEAT,
	       RTP_DTMF_TX_PAUSE } state;
	uint32_t segment; /* timestamp of the segment's start */
	uint32_t until;   /* timestamp of the end of tone or pause */
	uint32_t pause;
	uint16_t last;    /* duration in the last report sent */
	uint8_t volume, ends;
	bool fresh;       /* no packet of this event went out yet */
};

struct rtp_dtmf_packet {
	uint32_t ts;
	bool marker;
	uint8_t payload[RTP_EVENT_SIZE];
};

enum rtp_dtmf_tx_out {
	RTP_DTMF_SEND = 1 << 0, /* *p is to be sent */
	RTP_DTMF_BUSY = 1 << 1, /* send no audio for this packet time */
};

/* pause: silence between two digits, timestamp units; volume in -dBm0. */
void rtp_dtmf_tx_init(struct rtp_dtmf_tx *t, uint32_t pause, uint8_t volume);
/* -ENOSPC: RTP_DTMF_QUEUE digits wait already; -EINVAL: duration 0. */
MUST_USE int rtp_dtmf_tx_add(struct rtp_dtmf_tx *t, uint8_t code,
			     uint32_t duration);
/* A packet time that begins at now and lasts samples > 0, both in timestamp
 * units of the stream. */
MUST_USE unsigned rtp_dtmf_tx_on_tick(struct rtp_dtmf_tx *t, uint32_t now,
				      uint32_t samples,
				      struct rtp_dtmf_packet *p);
bool rtp_dtmf_tx_idle(const struct rtp_dtmf_tx *t);

struct rtp_dtmf_rx { /* private; zeroed is idle */
	bool active, known; /* known: newest is meaningful */
	uint8_t code, volume;
	uint32_t ts;      /* of the segment under way */
	uint32_t before;  /* duration of the segments before it */
	uint32_t length;  /* longest duration reported in this segment */
	uint32_t newest;  /* timestamp up to which all is reported */
	uint32_t full, full_ts; /* 0: 0xFFFF */
	mono timeout;
};

/* Durations count by another clock than timestamps (RFC 4733 2.1, 2.4): what a
 * full segment, 0xFFFF units of the wire, is in those of each, as they are
 * given to rtp_dtmf_rx_on_event from now on. */
void rtp_dtmf_rx_full(struct rtp_dtmf_rx *r, uint32_t duration, uint32_t ts);

enum rtp_dtmf_rx_out { /* act on them from the lowest bit up */
	RTP_DTMF_END_BEFORE = 1 << 0, /* an older digit ended: *before */
	RTP_DTMF_BEGIN = 1 << 1,      /* of *now */
	RTP_DTMF_END = 1 << 2,        /* of *now */
};

struct rtp_dtmf_digit {
	uint8_t code, volume;
	uint32_t duration; /* timestamp units; so far, at RTP_DTMF_BEGIN */
};

/* One report; a payload of several is fed one by one, ts advanced by each
 * duration, marker with the first.  Either pointer may not be NULL. */
MUST_USE unsigned rtp_dtmf_rx_on_event(struct rtp_dtmf_rx *r,
				       const struct rtp_event *v, uint32_t ts,
				       bool marker, mono now,
				       struct rtp_dtmf_digit *before,
				       struct rtp_dtmf_digit *digit);
/* RTP_DTMF_END of *digit when its end packets were lost. */
MUST_USE unsigned rtp_dtmf_rx_on_time(struct rtp_dtmf_rx *r, mono now,
				      struct rtp_dtmf_digit *digit);
mono rtp_dtmf_rx_deadline(const struct rtp_dtmf_rx *r);
#endif
