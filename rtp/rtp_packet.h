/* SPDX-License-Identifier: BSD-2-Clause
 * rtp/rtp_packet.h - RTP data packets, RFC 3550 5.1, 5.3.1 and A.1, and the
 * elements of a header extension, RFC 8285 4.2 and 4.3.
 * Slices point into the packet that was parsed.
 */
#ifndef RTP_RTP_PACKET_H
#define RTP_RTP_PACKET_H
#include "platform/slice.h"
#include "platform/writer.h"

enum {
	RTP_HEADER = 12,   /* octets of the fixed header */
	RTP_CSRC_MAX = 15,
	RTP_EXT_ONE = 0xBEDE, /* RFC 8285 4.2: one-octet element headers */
	RTP_EXT_TWO = 0x1000, /* RFC 8285 4.3: two-octet; low 4 bits: appbits */
};

struct rtp_packet {
	uint32_t ts, ssrc;
	uint16_t seq;
	uint8_t pt; /* 0..127 without 72..76, which RTCP would be taken for */
	bool marker;
	bool has_ext;
	uint16_t ext_profile;
	uint8_t padding;      /* octets after the payload, 0: P bit clear */
	struct slice csrc;    /* 4 octets each, at most RTP_CSRC_MAX */
	struct slice ext;     /* the extension without its 4-octet header */
	struct slice payload; /* may be empty */
};

/* All of A.1's checks that need no state.  -EBADMSG. */
MUST_USE int rtp_packet_parse(struct slice in, struct rtp_packet *out,
			      struct parse_error *e);
/* i < csrc.n / 4 */
uint32_t rtp_packet_csrc(const struct rtp_packet *p, size_t i);

/* The fixed header alone (no CSRC, extension, padding): the sender's hot
 * path, which has the payload at out + RTP_HEADER already.  pt < 128. */
void rtp_header_write(uint8_t out[RTP_HEADER], uint8_t pt, bool marker,
		      uint16_t seq, uint32_t ts, uint32_t ssrc);
/* The whole packet.  -EINVAL: not what rtp_packet_parse could have given
 * (csrc and ext in whole words); -ENOSPC. */
MUST_USE int rtp_packet_write(struct writer *w, const struct rtp_packet *p);

struct rtp_ext { /* one element of a header extension */
	uint8_t id;  /* 1..14 in the one-octet form, 1..255 in the other */
	struct slice data;
};

/* Walks p's extension: *at is 0 at first.  False: no more, a broken element,
 * id 15 of the one-octet form (which ends it), or no RFC 8285 extension. */
bool rtp_ext_next(const struct rtp_packet *p, size_t *at, struct rtp_ext *out);
#endif
