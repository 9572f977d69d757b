/* SPDX-License-Identifier: BSD-2-Clause
 * rtp/rtcp.h - RTCP compound packets: SR, RR, SDES, BYE, APP; others are
 * walked over and handed out as they are.  RFC 3550 6.4 to 6.7, A.2.
 * Reduced-size RTCP (RFC 5506) is refused by rtcp_check and walked by
 * rtcp_next.  Slices point into the compound packet.
 */
#ifndef RTP_RTCP_H
#define RTP_RTCP_H
#include "platform/slice.h"
#include "platform/writer.h"

enum rtcp_type {
	RTCP_SR = 200,
	RTCP_RR = 201,
	RTCP_SDES = 202,
	RTCP_BYE = 203,
	RTCP_APP = 204,
	RTCP_RTPFB = 205, /* RFC 4585 */
	RTCP_PSFB = 206,  /* RFC 4585 */
	RTCP_XR = 207,    /* RFC 3611; body kept */
};

enum rtcp_sdes_type {
	RTCP_SDES_END, RTCP_SDES_CNAME, RTCP_SDES_NAME, RTCP_SDES_EMAIL,
	RTCP_SDES_PHONE, RTCP_SDES_LOC, RTCP_SDES_TOOL, RTCP_SDES_NOTE,
	RTCP_SDES_PRIV
};

enum {
	RTCP_HEADER = 4,
	RTCP_BLOCK = 24,      /* octets of a report block */
	RTCP_BLOCKS_MAX = 31, /* 5-bit count */
};

struct rtcp_packet { /* one of a compound */
	uint8_t type, count; /* count is FMT in feedback, subtype in APP */
	struct slice body;   /* after the header, without padding */
};

struct rtcp_block { /* 6.4.1 report block */
	uint32_t ssrc;
	uint8_t fraction; /* lost in the last interval, in 1/256 */
	int32_t lost;     /* cumulative, -0x800000..0x7fffff */
	uint32_t max_seq; /* extended */
	uint32_t jitter;  /* timestamp units */
	uint32_t lsr, dlsr;
};

struct rtcp_report { /* SR, or RR with the sender's part zeroed */
	uint32_t ssrc;
	bool sender;
	uint64_t ntp; /* 32.32 fixed point since 1900 */
	uint32_t ts, packets, octets;
	uint8_t blocks;     /* how many rtcp_block_at knows */
	struct slice block; /* their octets */
	struct slice ext;   /* profile-specific extension (6.4.3) */
};

struct rtcp_sdes_item {
	uint32_t ssrc; /* of its chunk */
	uint8_t type;  /* never RTCP_SDES_END */
	struct slice value;
};

struct rtcp_bye {
	struct slice ssrc; /* 4 octets each */
	struct slice reason;
};

struct rtcp_app {
	uint32_t ssrc;
	struct slice name; /* 4 octets */
	struct slice data;
};

struct rtcp_feedback { /* RFC 4585 6.1: RTPFB and PSFB; FMT is count */
	uint32_t ssrc, media;
	struct slice fci;
};

/* A.2: version 2 all over, first is SR or RR without padding, the lengths add
 * up, padding in the last alone and well formed.  -EBADMSG. */
MUST_USE int rtcp_check(struct slice compound, struct parse_error *e);
/* The same of packets out of a compound: any may be first. */
MUST_USE int rtcp_check_part(struct slice packets, struct parse_error *e);
/* The next packet, cut off *rest.  0: there is none; 1; -EBADMSG. */
MUST_USE int rtcp_next(struct slice *rest, struct rtcp_packet *out,
		       struct parse_error *e);

/* Each takes a packet of its type; -EBADMSG. */
MUST_USE int rtcp_report_parse(const struct rtcp_packet *p,
			       struct rtcp_report *out, struct parse_error *e);
/* i < r->blocks */
struct rtcp_block rtcp_block_at(const struct rtcp_report *r, size_t i);
MUST_USE int rtcp_bye_parse(const struct rtcp_packet *p, struct rtcp_bye *out,
			    struct parse_error *e);
MUST_USE int rtcp_app_parse(const struct rtcp_packet *p, struct rtcp_app *out,
			    struct parse_error *e);
MUST_USE int rtcp_feedback_parse(const struct rtcp_packet *p,
				 struct rtcp_feedback *out,
				 struct parse_error *e);
/* Checks all chunks; then rtcp_sdes_next cannot fail. */
MUST_USE int rtcp_sdes_check(const struct rtcp_packet *p,
			     struct parse_error *e);
struct rtcp_sdes_walk { /* zeroed before the first call */
	size_t at;
	uint32_t ssrc;
	unsigned chunk; /* begun */
	bool inside;
};
/* The next item of any chunk; false: the end, or a packet that the check
 * refuses. */
bool rtcp_sdes_next(const struct rtcp_packet *p, struct rtcp_sdes_walk *w,
		    struct rtcp_sdes_item *out);

/* Writers: each adds one packet to a compound.  n <= RTCP_BLOCKS_MAX; what
 * does not fit leaves the writer full. */
void rtcp_write_report(struct writer *w, const struct rtcp_report *r,
		       const struct rtcp_block *blocks, size_t n);
/* One chunk with one CNAME of at most 255 octets (longer is cut). */
void rtcp_write_cname(struct writer *w, uint32_t ssrc, struct slice cname);
/* reason may be empty; at most 255 octets of it are written. */
void rtcp_write_bye(struct writer *w, uint32_t ssrc, struct slice reason);
/* data in whole words, name of 4 octets, subtype < 32; else -EINVAL. */
MUST_USE int rtcp_write_app(struct writer *w, uint8_t subtype,
			    const struct rtcp_app *app);

/* Seconds since 1900 and fraction, RFC 3550 4, of nanoseconds since 1970. */
uint64_t rtcp_ntp(int64_t wall_ns);
/* The middle 32 bits: the form of LSR. */
static inline uint32_t rtcp_ntp_middle(uint64_t ntp)
{
	return (uint32_t)(ntp >> 16);
}
#endif
