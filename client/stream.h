/* SPDX-License-Identifier: BSD-2-Clause
 * client/stream.h - what a kind of stream says in SDP and makes of an answer:
 * one const row a kind, collected into feature_stream[].  Sockets and devices
 * of a kind are its other half, client/media.h.
 *
 * What holds for every m= line whatever its kind stands outside of the kinds
 * (negotiation.h): its place, its port and address, direction and hold, names
 * that are looked up.  A kind says what its section has beyond that - formats
 * and attributes, of RTP or not - and sees the whole of both sides' sections
 * when it comes to agree.  Nothing here needs RTP: a kind whose formats are
 * words ("*") and whose terms are attributes (a=path, a=setup) writes the
 * former as text and the latter as attributes.
 *
 * What was agreed is a block of the kind's own, which begins with what everyone
 * may read (struct stream_agreed).  It is handed to the kind's media half
 * (media_kind.start) and is otherwise looked at by nobody.
 */
#ifndef CLIENT_STREAM_H
#define CLIENT_STREAM_H
#include "client/settings.h"
#include "platform/addr.h"
#include "sdp/sdp_offer.h"

enum {
	STREAM_ROOM_FORMATS = 256,
	STREAM_ROOM_ATTRS = 256,
	STREAM_ROOM_TEXT = 4096
};

/* Where descriptions are put together: formats, attributes and their texts
 * borrow from it until the next stream_room_reset. */
struct stream_room {
	struct sdp_format format[STREAM_ROOM_FORMATS];
	struct slice attr[STREAM_ROOM_ATTRS];
	size_t formats, attrs;
	size_t text_n;
	char text[STREAM_ROOM_TEXT];
	/* Scratch of kinds of RTP, within one call of theirs. */
	struct sdp_format before[LIMIT_SDP_FORMATS];
	struct sdp_common common;
};

void stream_room_reset(struct stream_room *r);
/* The next n formats; NULL: the room is full. */
struct sdp_format *stream_room_formats(struct stream_room *r, size_t n);
/* Puts an attribute into out, whose others it moves if another section's are
 * in the way; text outlives the room's use (stream_room_text).  -ENOSPC. */
MUST_USE int stream_room_attr(struct stream_room *r, struct sdp_stream *out,
			      struct slice text);
/* A text is written at the room's end: begin, write, then keep what writer_done
 * gives.  -ENOSPC: it was full. */
struct writer stream_room_text(struct stream_room *r);
MUST_USE int stream_room_keep(struct stream_room *r, struct writer *w,
			      struct slice *text);

/* What both sides agreed on for one stream, as far as it is no matter of its
 * kind: the beginning of the kind's block.  All but its memory is filled by who
 * asked the kind. */
struct stream_agreed {
	bool offered;          /* the peer has not answered yet: nothing is
				* sent, and what comes may be anybody's */
	unsigned leg;          /* which of the peers that our call reached
				* (from 1; 0: the only one, or not known).
				* Another one than before is another peer:
				* what runs begins anew */
	enum sdp_dir dir;      /* of us */
	bool may_send, held;   /* see struct sdp_meeting */
	struct addr rtp, rtcp; /* where the peer takes it; a kind without a
				* second component has no use for rtcp */
	struct addr host;      /* where its signalling comes from */
	bool host_proved;      /* by an ACK, or by its answering us */
	bool asked;            /* its answer to a call of ours */
};

/* What a section of ours is written from. */
struct stream_ask {
	const struct settings *account;
	/* Our last description and the section's place in it, so that what was
	 * said keeps its meaning (RFC 3264 8.3.2); previous NULL: it is new. */
	const struct sdp *last;
	const struct sdp_media *previous;
	/* The offer that it answers, and its section there; theirs NULL: it is
	 * an offer of ours. */
	const struct sdp *remote;
	const struct sdp_media *theirs;
};

/* A line of both sides, when they are brought together. */
struct stream_line {
	enum sdp_role role;   /* of us */
	/* Ours: as it was offered, read back from our text with all of its
	 * attributes; or as describe would have it. */
	const struct sdp_stream *ours;
	const struct sdp *remote; /* theirs, whole */
	const struct sdp_media *theirs;
	struct sdp_meeting met;   /* port, direction and addresses, settled;
				   * a kind that refuses says why there */
};

struct stream_kind {
	const char *name; /* of the m= line */
	enum parley_media media;
	/* May a setting have this value, which its row takes?  -EINVAL with
	 * the reason.  NULL: no opinion. */
	int (*check)(enum setting key, struct slice value, const char **why);
	/* Would this kind take the m= line of an offer? */
	bool (*fits)(const struct sdp_media *m);
	/* Fills type, proto, formats and further attributes of a section of
	 * ours.  Port, addresses and direction stand there already: those of
	 * the stream's transport, and as the session is held; a kind may
	 * change them.  -ENOSPC: the room is full; -ENOENT: the settings leave
	 * no format. */
	int (*describe)(const struct stream_ask *ask, struct stream_room *room,
			struct sdp_stream *out);
	/* What may come of our offer before its answer, as agree makes it.
	 * NULL: nothing does. */
	int (*expect)(const struct sdp_stream *ours, struct mem *m,
		      struct stream_agreed **out);
	/* Ports, direction and addresses are settled: is the rest?  As answerer
	 * it also shapes answer, which comes as ours with the offer's type,
	 * protocol and the direction that was agreed: formats and attributes
	 * are the kind's.  *out: one block of m's, all texts in it; who has it
	 * frees it with mem_free.  out NULL: it is only asked, and allocates
	 * nothing.  -ENOTSUP: nothing in common that can be used, with warning
	 * and reason in l->met; -ENOSPC; -ENOMEM. */
	int (*agree)(struct stream_line *l, struct stream_room *room,
		     struct sdp_stream *answer, struct mem *m,
		     struct stream_agreed **out);
};

extern const struct stream_kind *const feature_stream[]; /* NULL-ended */

const struct stream_kind *stream_kind_find(enum parley_media media);
const struct stream_kind *stream_kind_fits(const struct sdp_media *m);
#endif
