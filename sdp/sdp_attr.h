/* SPDX-License-Identifier: BSD-2-Clause
 * sdp/sdp_attr.h - typed attributes and what they say of a media section.
 * Slices borrow the description's text or are static (payload types of
 * RFC 3551).  Parsers: -EBADMSG.
 */
#ifndef SDP_SDP_ATTR_H
#define SDP_SDP_ATTR_H
#include "platform/addr.h"
#include "sdp/sdp.h"

/* Bits, from the side of the one who says so. */
enum sdp_dir {
	SDP_INACTIVE = 0,
	SDP_SENDONLY = 1,
	SDP_RECVONLY = 2,
	SDP_SENDRECV = 3
};

const char *sdp_dir_name(enum sdp_dir d);    /* "sendonly" */
enum sdp_dir sdp_dir_reverse(enum sdp_dir d); /* the same from the far side */
/* Of the media, else of the session, else sendrecv (RFC 8866 6.7). */
enum sdp_dir sdp_media_dir(const struct sdp *d, const struct sdp_media *m);

enum { SDP_NO_PT = 255 };

struct sdp_format {
	struct slice text; /* as on the m= line; to write: empty is pt's */
	struct slice name; /* encoding name; empty: no mapping is known */
	struct slice fmtp; /* parameters; empty: none */
	uint32_t rate;     /* clock rate in Hz */
	uint8_t channels;  /* 1 when absent; 0 without a mapping */
	uint8_t pt;        /* RTP payload type 0..127, or SDP_NO_PT */
};

/* rtpmap-value = payload-type SP encoding-name "/" clock-rate [ "/" channels ]
 * (RFC 8866 6.6).  Fills all but text and fmtp; other encoding parameters
 * than a number are taken for one channel. */
MUST_USE int sdp_rtpmap_parse(struct slice value, struct sdp_format *out);
/* Static payload types of RFC 3551 6: as above; false: none such. */
bool sdp_static_format(uint8_t pt, struct sdp_format *out);

/* fmtp-value = fmt SP format-specific-params (RFC 8866 6.15). */
MUST_USE int sdp_fmtp_parse(struct slice value, struct slice *fmt,
			    struct slice *params);
/* Parameters are NAME[=VALUE] with ";" between them; names fold case.
 * sdp_param_next: begin with a copy of params. */
bool sdp_param_next(struct slice *params, struct slice *name,
		    struct slice *value);
bool sdp_fmtp_param(struct slice params, const char *name,
		    struct slice *value);
/* As a number; otherwise, also when absent or no number at all, alt. */
uint32_t sdp_fmtp_u32(struct slice params, const char *name, uint32_t alt);

/* The formats of a media section in order of preference, with mapping and
 * parameters; repeated ones once.  Returns how many, at most max (the rest is
 * left out). */
size_t sdp_formats(const struct sdp_media *m, struct sdp_format *out,
		   size_t max);

/* a=ptime, a=maxptime in ms, fractions rounded up (RFC 7587 6.1); 0: none. */
uint32_t sdp_ptime(const struct sdp_media *m);
uint32_t sdp_maxptime(const struct sdp_media *m);

/* rtcp-attribute = port [ SP nettype SP addrtype SP address ] (RFC 3605). */
struct sdp_rtcp {
	uint16_t port;
	struct sdp_conn c; /* empty: that of the media */
};
MUST_USE int sdp_rtcp_parse(struct slice value, struct sdp_rtcp *out);

/* IN IP4 and IN IP6 literals.  -EBADMSG: another network or family;
 * -ENOTSUP: a domain name, to be looked up. */
MUST_USE int sdp_conn_addr(const struct sdp_conn *c, struct addr *out);
/* The family that it names, whatever its address: 4, 6, or 0 for another
 * network. */
uint8_t sdp_conn_family(const struct sdp_conn *c);
/* Is it an address that nobody has: 0.0.0.0, ::, a name under .invalid (RFC
 * 2543 B.5, RFC 3264 8.4, RFC 6157 4.1)? */
bool sdp_conn_is_nobody(const struct sdp_conn *c);

/* Where a media section's owner wants RTP and RTCP: c= and a=rtcp (when that is
 * of the same family), else the next port.  Fails as sdp_conn_addr: family 0
 * then, but the ports stand.  An IPv6 scope is left out: it means nothing
 * here. */
MUST_USE int sdp_media_addr(const struct sdp *d, const struct sdp_media *m,
			    struct addr *rtp, struct addr *rtcp);

bool sdp_proto_is_rtp(struct slice proto); /* RTP/... and .../RTP/... */
#endif
