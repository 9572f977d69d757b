/* SPDX-License-Identifier: BSD-2-Clause
 * client/stream.h - what a kind of stream says in SDP and makes of an answer:
 * one const row a kind, collected into feature_stream[].  Sockets and devices
 * of a kind are its other half, client/media.h.
 */
#ifndef CLIENT_STREAM_H
#define CLIENT_STREAM_H
#include "client/settings.h"
#include "platform/addr.h"
#include "sdp/sdp_offer.h"

enum { STREAM_ROOM_FORMATS = 256, STREAM_ROOM_TEXT = 4096 };

/* Where descriptions are put together: formats and their parameters borrow
 * from it until the next stream_room_reset. */
struct stream_room {
	struct sdp_format format[STREAM_ROOM_FORMATS];
	size_t formats;
	size_t text_n;
	char text[STREAM_ROOM_TEXT];
};

void stream_room_reset(struct stream_room *r);

enum { STREAM_PAIRS = 8, STREAM_EVENTS = 4 };

/* What both sides agreed on for one stream; the codec's row is looked up by
 * name where media runs.  offered: the peer has not answered yet, so nothing is
 * sent, but all that we offered may come, from wherever it is (RFC 3264 5.1);
 * of pairs and events our numbers alone are known. */
struct stream_agreed {
	bool offered;
	enum sdp_dir dir;      /* of us */
	bool may_send, held;   /* see struct sdp_negotiated */
	struct addr rtp, rtcp; /* the peer's */
	struct addr host;      /* where its signalling comes from */
	bool host_proved;      /* by an ACK, or by its answering us */
	bool asked;            /* its answer to a call of ours */
	uint32_t ptime, maxptime;
	size_t pairs;          /* in order of preference; 0 is sent first */
	struct {
		struct slice name; /* static */
		struct slice fmtp; /* the peer's parameters; borrowed, until
				    * the agent has copied them */
		uint32_t rate;
		uint8_t channels, send_pt, recv_pt;
	} pair[STREAM_PAIRS];
	size_t events;         /* telephone-event; 0 is what is sent */
	struct {
		uint32_t rate;
		uint8_t send_pt, recv_pt;
	} event[STREAM_EVENTS];
};

struct stream_kind {
	const char *name; /* of the m= line */
	enum parley_media media;
	/* May a setting have this value, which its row takes?  -EINVAL with
	 * the reason.  NULL: no opinion. */
	int (*check)(enum setting key, struct slice value, const char **why);
	/* Would this kind take the m= line of an offer? */
	bool (*fits)(const struct sdp_media *m);
	/* Fills type, proto, formats, ptime of an m= section by the account's
	 * settings.  previous, which may be NULL, is the section of our last
	 * description: payload types keep their meaning (RFC 3264 8.3.2).
	 * -ENOSPC: the room is full; -ENOENT: no format is left. */
	int (*describe)(const struct settings *account,
			const struct sdp_media *previous,
			struct stream_room *room, struct sdp_stream *out);
	/* What may come of our offer before its answer. */
	void (*expect)(const struct sdp_stream *ours,
		       struct stream_agreed *out);
	/* -ENOTSUP: nothing in common that can be used. */
	int (*agree)(const struct sdp_stream *ours,
		     const struct sdp_negotiated *n,
		     struct stream_agreed *out);
};

extern const struct stream_kind *const feature_stream[]; /* NULL-ended */

const struct stream_kind *stream_kind_find(enum parley_media media);
const struct stream_kind *stream_kind_fits(const struct sdp_media *m);
#endif
