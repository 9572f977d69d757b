/* SPDX-License-Identifier: BSD-2-Clause
 * client/media.h - the half of a kind of stream that has files and devices, and
 * sends and receives: one const row a kind of media, collected into
 * feature_media[].  EDGE.  A row's object serves all sessions of one agent.
 */
#ifndef CLIENT_MEDIA_H
#define CLIENT_MEDIA_H
#include "client/consent.h"
#include "client/news.h"
#include "client/stream.h"
#include "client/transport.h"
#include "platform/reactor.h"

struct media; /* opaque: audio_priv.h has it */

/* From any of the functions' own callbacks on the reactor, never from within
 * one of them. */
struct media_events {
	/* As agent_on_news: a digit, a failure, that a source "once:PATH.wav"
	 * is played to its end.  What is not taken stays with the kind. */
	int (*on_news)(void *arg, const struct news *n);
	/* The peer is heard, or is not any more: media_config's timeout. */
	void (*on_heard)(void *arg, uint32_t stream, bool heard);
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
	struct addr sip; /* ours, with its port */
	struct slice cname;
};

struct media_kind {
	enum parley_media media;
	int (*make)(struct reactor *r, struct mem *m,
		    const struct media_events *ev, void *arg,
		    const uint8_t seed[32], struct media **out);
	void (*free)(struct media *m);
	/* A stream joins a transport; on failure it has not. */
	int (*open)(struct media *m, const struct media_config *cfg,
		    uint32_t session, uint32_t stream,
		    const struct transport *t);
	/* Runs as agreed; again after each new agreement.  Offered: plays what
	 * comes and sends nothing; a stream that runs is left as it is. */
	int (*start)(struct media *m, uint32_t stream,
		     const struct stream_agreed *a);
	/* The ACK came: the peer is where its signalling comes from. */
	void (*proved)(struct media *m, uint32_t stream);
	/* Says goodbye and is silent and deaf from now on; a sink is closed
	 * with the session's last stream.  What stats tells stays as it is. */
	void (*stop)(struct media *m, uint32_t stream);
	void (*close)(struct media *m, uint32_t stream);
	/* See parley_audio; session 0: only checks. */
	int (*route)(struct media *m, uint32_t session, const char *source,
		     const char *sink, const char **reason);
	/* See parley_audio_pcm; checked. */
	int (*pcm)(struct media *m, uint32_t session,
		   const struct parley_pcm *pcm, const char **reason);
	/* There is room again for news of the session that was not taken. */
	void (*room)(struct media *m, uint32_t session);
	/* The session is over: what was kept of its news, as room; its files
	 * and its device are closed, so that what fails of that is told before
	 * it is said to have ended. */
	void (*finish)(struct media *m, uint32_t session);
	void (*forget)(struct media *m, uint32_t session); /* its routes */
	int (*digits)(struct media *m, uint32_t stream, const char *digits);
	/* Also before its first stream is open. */
	int (*mute)(struct media *m, uint32_t session, bool mute);
	/* What media knows of itself; direction and remote are the caller's. */
	void (*stats)(struct media *m, uint32_t stream,
		      struct parley_stats *out);
};

extern const struct media_kind *const feature_media[]; /* NULL-ended */
#endif
