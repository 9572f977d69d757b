/* SPDX-License-Identifier: BSD-2-Clause
 * client/media.h - the half of a kind of stream that has sockets, files and
 * devices, and sends and receives: one const row a kind of media, collected
 * into feature_media[].  EDGE.  A row's object serves all sessions of one
 * agent.
 *
 * What only one kind can do (audio: digits, sources and sinks) stands in an
 * interface of its own (client/audio.h), to which its object is handed.
 */
#ifndef CLIENT_MEDIA_H
#define CLIENT_MEDIA_H
#include "client/consent.h"
#include "client/news.h"
#include "client/stream.h"
#include "client/transport.h"
#include "platform/reactor.h"

struct media; /* opaque: each kind has its own */

struct media_address { /* where the peer reaches a stream */
	struct addr rtp, rtcp; /* rtcp family 0: there is no such thing */
};

/* From any of the functions' own callbacks on the reactor, never from within
 * one of them. */
struct media_events {
	/* As agent_on_news: a digit, a failure, that a source "once:PATH.wav"
	 * is played to its end.  What is not taken stays with the kind. */
	int (*on_news)(void *arg, const struct news *n);
	/* The peer is heard, or is not any more: media_config's timeout. */
	void (*on_heard)(void *arg, uint32_t stream, bool heard);
	/* A stream whose open answered -EINPROGRESS is ready now, and may be
	 * reached there; or, err < 0, it cannot be, and is closed.  Once. */
	void (*on_ready)(void *arg, uint32_t stream,
			 const struct media_address *at, int err);
	/* It is broken, for this reason (static): it is closed soon, and the
	 * session's other streams go on. */
	void (*on_failed)(void *arg, uint32_t stream, const char *why);
	/* Nothing is sent any more, for this reason (static); NULL: it is
	 * again. */
	void (*on_sending)(void *arg, uint32_t stream, const char *unsent);
	/* The clock of all sessions without a device: how late its turn came;
	 * 0 as well when it stops.  NULL: nobody asks. */
	void (*on_clock)(void *arg, mono late);
};

struct media_config { /* read at each open: settings may change */
	uint16_t jitter_min_ms, jitter_max_ms;
	struct consent_rules rules; /* also of a peer that was heard: timeout */
	const struct addr *sip; /* ours, with their ports; borrowed */
	size_t sips;
	struct slice cname;
};

struct media_place { /* of a stream that is to open */
	uint32_t session, stream;
	/* Which it joins.  NULL: the row says that it wants none. */
	const struct transport *transport;
	/* Without one: our address for what it opens itself, and connects
	 * from; the port is ignored. */
	struct addr local;
};

struct media_kind {
	enum parley_media media;
	bool alone; /* it wants no media transport: what it needs (TCP, say) it
		     * opens itself */
	int (*make)(struct reactor *r, struct mem *m,
		    const struct media_events *ev, void *arg,
		    const uint8_t seed[32], struct media **out);
	void (*free)(struct media *m);
	/* A stream opens; the peer is told of it (in an offer, an answer) when
	 * it is ready.  0: it is, *at is where; -EINPROGRESS: on_ready comes
	 * later, unless it is closed first, which the owner does when that
	 * takes too long.  Another failure: it is not open.  Who joins a
	 * transport leaves *at to it. */
	int (*open)(struct media *m, const struct media_config *cfg,
		    const struct media_place *place, struct media_address *at);
	/* Our address is another, local: where the stream is reached now; it
	 * runs on.  On failure all is as it was.  NULL: it is closed, and
	 * opened and started anew. */
	int (*move)(struct media *m, uint32_t stream, const struct addr *local,
		    struct media_address *at);
	/* Runs as agreed; again after each new agreement.  Offered: plays what
	 * comes and sends nothing; a stream that runs is left as it is. */
	int (*start)(struct media *m, uint32_t stream,
		     const struct stream_agreed *a);
	/* The ACK came: the peer is where its signalling comes from.  This,
	 * stop, room, finish, forget and stats may be NULL: nothing to do. */
	void (*proved)(struct media *m, uint32_t stream);
	/* Says goodbye and is silent and deaf from now on; a sink is closed
	 * with the session's last stream.  What stats tells stays as it is. */
	void (*stop)(struct media *m, uint32_t stream);
	/* Also of one that is not ready yet, or is not known. */
	void (*close)(struct media *m, uint32_t stream);
	/* There is room again for news of the session that was not taken. */
	void (*room)(struct media *m, uint32_t session);
	/* The session is over: what was kept of its news, as room; its files
	 * and its device are closed, so that what fails of that is told before
	 * it is said to have ended. */
	void (*finish)(struct media *m, uint32_t session);
	void (*forget)(struct media *m, uint32_t session); /* its routes */
	/* What media knows of itself; direction and remote are the caller's. */
	void (*stats)(struct media *m, uint32_t stream,
		      struct parley_stats *out);
};

extern const struct media_kind *const feature_media[]; /* NULL-ended */
#endif
