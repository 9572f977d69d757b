/* SPDX-License-Identifier: BSD-2-Clause
 * sdp/sdp_offer.h - offer and answer, RFC 3264, as functions of values.
 *
 * The caller keeps a struct sdp_local with one struct sdp_stream an m= line
 * and decides line by line; nothing here keeps state:
 *   offer    fill the streams, sdp_local_update
 *   answer   parse the offer; for each m= line fill a stream with what we
 *            would take, sdp_meet it with the offer, then sdp_answer_stream
 *            or sdp_reject_stream; then sdp_local_update
 *   answered parse the answer; sdp_read_stream what we offered, sdp_meet
 * Where RTP runs, sdp_find_common after sdp_meet, and sdp_answer_formats.
 * Slices and pointers are the caller's and must outlive the write.
 */
#ifndef SDP_SDP_OFFER_H
#define SDP_SDP_OFFER_H
#include "sdp/sdp_attr.h"

/* An m= section of ours.  Zeroed but for type and proto it is a disabled
 * stream, which keeps its place (RFC 3264 8.2). */
struct sdp_stream {
	struct slice type, proto;
	uint16_t port;         /* 0: disabled; its other fields may be empty */
	struct addr addr;      /* family 0: the session's c=; port unused */
	struct addr rtcp;      /* a=rtcp: port 0 none, family 0 port alone */
	const struct sdp_format *formats; /* in order of preference */
	size_t format_count;
	enum sdp_dir dir;
	uint32_t ptime, maxptime; /* ms; 0: not written */
	uint32_t bandwidth;       /* b=AS, kbit/s; 0: not written */
	const struct slice *attrs; /* further ones: "mid:1", "rtcp-mux" */
	size_t attr_count;
};

struct sdp_local {
	struct slice user;    /* o=; empty: "-" */
	uint64_t id, version; /* below 2^62 (RFC 3264 5) */
	struct addr addr;     /* of o= and c=; its port is unused */
	struct slice name;    /* s=; empty: "-" */
	struct slice time;    /* t=; empty: "0 0"; an answer's: the offer's */
	const struct slice *attrs; /* of the session */
	size_t attr_count;
	const struct sdp_stream *streams;
	size_t stream_count;
};

/* Writes it as it stands. */
void sdp_local_write(struct writer *w, const struct sdp_local *l);
/* Writes it with the version that RFC 3264 8 wants: previous is what we wrote
 * last in this session (offer or answer; empty: nothing yet); the version is
 * one above where anything else differs.  Bytes written, or -ENOSPC. */
MUST_USE int sdp_local_update(struct writer *w, struct sdp_local *l,
			      struct slice previous);

/* A section of ours is read back from the text that it was written to, with
 * the session's address where it has none of its own: what sdp_local_write
 * makes of it again is the same.  formats: LIMIT_SDP_FORMATS of them.  attrs:
 * those that no other member says, at most max (the rest is left out). */
void sdp_read_stream(const struct sdp *d, const struct sdp_media *m,
		     struct sdp_format *formats, struct slice *attrs,
		     size_t max, struct sdp_stream *out);

/* Where to put a new stream: the first disabled place, else the end (count);
 * -E2BIG: that is LIMIT_SDP_MEDIA. */
MUST_USE int sdp_slot(const struct sdp_stream *s, size_t count);

/* A format that both sides have. */
struct sdp_pair {
	uint8_t local, remote; /* indexes into the two lists */
	uint8_t send_pt;       /* the number that the peer expects */
	uint8_t recv_pt;       /* the number that we announced */
};

enum sdp_role { SDP_OFFERER, SDP_ANSWERER }; /* of us */

/* Pairs in the remote list's order, which is the agreed order of preference;
 * prefer_local: in ours.  Encoding name (case folded), clock rate and channels
 * must agree; without a mapping on both sides the format's text (an offerer
 * also takes a bare dynamic number that it gave out itself).  fmtp is the
 * caller's to judge: drop pairs or formats.  Returns how many. */
size_t sdp_match(enum sdp_role role, const struct sdp_format *local, size_t nl,
		 const struct sdp_format *remote, size_t nr, bool prefer_local,
		 struct sdp_pair *out, size_t max);

/* Formats that ride on another one: telephone-event, CN, red, rtx, ulpfec. */
bool sdp_format_is_extra(const struct sdp_format *f);

/* What holds for a line of any kind: ports, direction, addresses. */
struct sdp_meeting {
	bool accepted;      /* all below is valid only then */
	enum sdp_dir dir;   /* of us, as agreed and to be answered */
	bool may_send;      /* and the peer has an address (c= not 0.0.0.0) */
	bool held;          /* by the peer: it takes nothing from us */
	uint8_t family;     /* of its c= line: 4 or 6 */
	bool foreign;       /* ... which is not ours: nothing can flow, and
			     * nothing has to; the answer says nobody's
			     * address of that family (RFC 6157 4.1) */
	struct addr rtp, rtcp; /* where to send; family 0: see host */
	struct slice host;     /* a domain name to look up, else empty: there
				* is none where nothing has to be sent */
	const char *reason; /* static: why not accepted */
	uint16_t warning;   /* the same as a warn-code, RFC 3261 20.43; 0 where
			     * a side wants it so */
};

/* What holds for RTP: formats that both sides have. */
struct sdp_common {
	uint32_t ptime, maxptime; /* what the peer wants; 0: not said */
	size_t remote_count;
	struct sdp_format remote[LIMIT_SDP_FORMATS];
	size_t pair_count;
	struct sdp_pair pair[LIMIT_SDP_FORMATS];
	uint8_t codec;      /* of pair[]: the one to send first */
	uint8_t event;      /* of pair[]: telephone-event at the codec's rate,
			     * else any; SDP_NO_PT: none */
};

/* The domain name that must be looked up before we can send to a line's owner;
 * empty: none, or we need not send: it takes nothing, or the name is nobody's.
 */
struct slice sdp_media_host(const struct sdp *remote,
			    const struct sdp_media *m);

/* One m= line: ours (as offered, or what we would take; the family of its addr,
 * if any, is the one we can use) with m of remote.
 * Not accepted: port 0 on a side, type or proto differ, multicast, and what we
 * would have to send to an address of another network or family, or to none.
 * Where we need not send (the peer takes nothing, holds by 0.0.0.0, :: or a
 * name under .invalid) the address does not matter: it is held. */
void sdp_meet(const struct sdp_stream *ours, const struct sdp *remote,
	      const struct sdp_media *m, struct sdp_meeting *out);

/* The formats of a line of RTP; false: no codec in common, 305 as a
 * warn-code. */
bool sdp_find_common(enum sdp_role role, const struct sdp_stream *ours,
		     const struct sdp_media *m, bool prefer_local,
		     struct sdp_common *out);

/* Our m= section in the answer, met as sdp_meet has it: ours with the offer's
 * type and protocol and the direction that was agreed.  Formats: ours, or where
 * there are none the offer's first, into formats.  When not accepted it is
 * sdp_reject_stream's. */
void sdp_answer_stream(const struct sdp_stream *ours,
		       const struct sdp_media *m, const struct sdp_meeting *met,
		       struct sdp_format *formats, struct sdp_stream *out);
/* ... of RTP: its formats are those in common, in the agreed order with the
 * offer's numbers, into formats (LIMIT_SDP_FORMATS of them), with our
 * parameters. */
void sdp_answer_formats(const struct sdp_stream *ours,
			const struct sdp_common *c, struct sdp_format *formats,
			struct sdp_stream *out);
/* Port 0, with type, protocol and first format of the offer. */
void sdp_reject_stream(const struct sdp_media *m, struct sdp_format *formats,
		       struct sdp_stream *out);

/* Takes the numbers that were agreed into our list, for our next offers: what
 * a number means must not change within a session (RFC 3264 8.3.2).  Other
 * formats that stood on one of them move to a free dynamic number. */
void sdp_keep_numbers(struct sdp_format *ours, size_t n,
		      const struct sdp_common *c);

/* May next follow previous, both offers or answers of one peer?  It may not
 * have fewer m= lines (RFC 3264 8). */
bool sdp_follows(const struct sdp *previous, const struct sdp *next);
#endif
