/* SPDX-License-Identifier: BSD-2-Clause
 * client/audio_priv.h - what the files of audio at work share: media_audio.c
 * (streams on transports), audio_session.c (their graph and its clock),
 * audio_route.c (sources, sinks, devices).
 */
#ifndef CLIENT_AUDIO_PRIV_H
#define CLIENT_AUDIO_PRIV_H
#include "client/media.h"
#include "media/audio_stream.h"
#include "media/device/device.h"
#include "media/media_clock.h"
#include "media/wav_file.h"
#include "platform/drbg.h"
#include "platform/htab.h"

struct rtp_ports;

enum { AUDIO_RATE = 48000 }; /* of a graph without a stream */

struct source {
	struct graph_port port;
	struct graph_echo echo;
	struct tone tone;
	struct wav_player *player;
	bool once; /* it is played to its end, not in a loop */
};

struct audio_session {
	struct list link;          /* of those that the shared clock drives */
	struct htab_node node;     /* by session */
	struct media *m;
	uint32_t session;
	bool running, muted;
	struct graph graph;
	struct list streams;
	char *source_spec, *sink_spec; /* NULL: null */
	struct source source;
	struct parley_pcm pcm_in, pcm_out; /* where the specs say "pcm" */
	struct consent_call consent;
	struct graph_port recorder_port, device_port;
	struct wav_recorder *recorder;
	struct device *device;
};

struct audio_media { /* one stream */
	struct htab_node node;     /* by stream */
	struct list link;          /* of the session */
	struct audio_session *s;
	uint32_t stream;
	uint32_t port, route;
	unsigned leg;       /* of the peers that our call reached */
	struct addr remote; /* as signalled */
	struct addr host;   /* where signalling comes from */
	struct consent_stream consent;
	enum consent_why told; /* of what is not sent */
	struct audio_stream_config *expected; /* of our offer; until it is
					       * answered */
	bool started; /* a is one */
	bool stopped; /* for good: a is kept for its figures */
	struct audio_stream a;
	struct reactor_timer timer;
};

struct media {
	struct reactor *r;
	struct mem *mem;
	const struct media_events *ev;
	void *arg;
	struct drbg drbg;
	struct htab sessions, streams;
	struct list ticking;       /* sessions on the shared clock */
	struct media_clock clock;
	bool clock_runs;
	struct rtp_ports *ports; /* of the streams that are open */
	struct media_config cfg;
	struct consent consent;
	char cname[RTP_CNAME_MAX];
};

/* media_audio.c: what the stream has to say; and when it wants to be called. */
void audio_media_say(struct audio_media *a);
void audio_media_drain(struct audio_media *a);

/* audio_session.c; an id's place in either table. */
uint64_t audio_key(const struct htab *t, uint32_t id);
struct audio_session *audio_session_find(struct media *m, uint32_t id);
/* NULL: no memory. */
struct audio_session *audio_session_get(struct media *m, uint32_t id);
void audio_session_free(struct audio_session *s);
/* The graph runs, at the rate of the streams that are started. */
MUST_USE int audio_session_run(struct audio_session *s);
void audio_session_tick(struct audio_session *s);
/* Without its streams: sources, sinks and clock end. */
void audio_session_halt(struct audio_session *s);
void audio_clock_follow(struct media *m); /* runs for those in m->ticking */
void audio_room(struct media *m, uint32_t session);
void audio_finish(struct media *m, uint32_t session);
void audio_forget(struct media *m, uint32_t session);
int audio_mute(struct media *m, uint32_t session, bool on);

/* audio_route.c; what fails is told to the application. */
void audio_routes_open(struct audio_session *s); /* what the specs say */
void audio_routes_follow(struct audio_session *s); /* the graph's rate */
void audio_routes_service(struct audio_session *s); /* after each tick */
void audio_routes_close(struct audio_session *s);
int audio_pcm(struct media *m, uint32_t session,
	      const struct parley_pcm *pcm, const char **why);
int audio_route(struct media *m, uint32_t session, const char *source,
		const char *sink, const char **why);
#endif
