/* SPDX-License-Identifier: BSD-2-Clause
 * sdp/sdp.h - session description: parse, walk, write.  RFC 8866, taking
 * RFC 4566 as well.
 * Ownership: struct sdp is the caller's (about 2 kB) and borrows the text it
 * was parsed from: all slices die with that.  Nothing allocates.
 * One pass checks every line; what stands in a= and b= lines is walked when it
 * is asked for.  Typed attributes: sdp/sdp_attr.h; offer and answer:
 * sdp/sdp_offer.h.
 */
#ifndef SDP_SDP_H
#define SDP_SDP_H
#include "platform/limits.h"
#include "platform/slice.h"
#include "platform/writer.h"

/* Leniency, by name.  With 0 a description is as RFC 8866 9 has it (and lines
 * may end in LF alone, as its section 5 asks for). */
enum sdp_flags {
	SDP_SHORT = 1 << 0,     /* o= s= t= may be absent, s= i= empty, and
				 * c= be absent where it is required, and m=
				 * with port 0 lack its formats */
	SDP_ANY_ORDER = 1 << 1, /* lines out of order, or twice: first wins */
	SDP_SPACES = 1 << 2,    /* runs of blanks, blanks at a line's end,
				 * empty lines, no end after the last line */
	SDP_ODD = 1 << 3,       /* lines of known type whose value is odd are
				 * kept as text (but for v= m=) */
	SDP_WILD = SDP_SHORT | SDP_ANY_ORDER | SDP_SPACES | SDP_ODD
};

/* c=: address without "/ttl/number"; all empty: no such line. */
struct sdp_conn {
	struct slice nettype, addrtype, address;
};

/* o=: id and version are 1*DIGIT (SDP_ODD: whatever stands there). */
struct sdp_origin {
	struct slice user, id, version;
	struct sdp_conn c;
};

struct sdp_media {
	struct slice type;    /* "audio" */
	struct slice proto;   /* "RTP/AVP" */
	struct slice formats; /* "0 8 101": sdp_format_next */
	uint16_t port;        /* 0: disabled or rejected */
	uint16_t ports;       /* "/" integer of multicast layers, else 1 */
	uint32_t attributes;  /* number of its a= lines */
	struct sdp_conn c;    /* its first c= line; sdp_media_conn */
	struct slice lines;   /* all after the m= line: sdp_attr_next */
};

struct sdp {
	struct sdp_origin origin;
	struct slice name;    /* s= */
	struct slice time;    /* value of the first t= line, "0 0"; empty: none
			       * that an answer could repeat */
	struct sdp_conn c;
	uint32_t attributes;  /* number of session-level a= lines */
	struct slice lines;   /* all session-level lines after v= */
	size_t media_count;
	struct sdp_media media[LIMIT_SDP_MEDIA];
};

/* -EBADMSG; -E2BIG: longer than LIMIT_SDP_BYTES or more media than
 * LIMIT_SDP_MEDIA.  media[] is written up to media_count only. */
MUST_USE int sdp_parse(struct slice in, unsigned flags, struct sdp *out,
		       struct parse_error *e);

/* The octets of it that hold something: a copy of these alone may stand for it
 * where media[] is looked at up to media_count only. */
size_t sdp_size(const struct sdp *d);

/* Writes what was parsed: the same lines, each with CRLF. */
void sdp_write(struct writer *w, const struct sdp *d);

/* Walks lines: begin with a copy of .lines; false at the end. */
bool sdp_line_next(struct slice *lines, char *type, struct slice *value);

struct sdp_attr {
	struct slice name, value; /* value.p NULL: no ":" */
};

/* The next a= line.  Names are case-sensitive (RFC 8866 5). */
bool sdp_attr_next(struct slice *lines, struct sdp_attr *out);
/* The first of this name; value may be NULL. */
bool sdp_attr_find(struct slice lines, const char *name, struct slice *value);
/* Of the media or, where it has none, of the session. */
bool sdp_media_attr(const struct sdp *d, const struct sdp_media *m,
		    const char *name, struct slice *value);

/* The next format of an m= line: begin with a copy of .formats. */
bool sdp_format_next(struct slice *formats, struct slice *out);

/* b=TYPE:value of the media or, where it has none, of the session. */
bool sdp_bandwidth(const struct sdp *d, const struct sdp_media *m,
		   const char *type, uint64_t *out);

/* The c= that holds for the media: its own or the session's. */
struct sdp_conn sdp_media_conn(const struct sdp *d, const struct sdp_media *m);
#endif
