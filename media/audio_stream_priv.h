/* SPDX-License-Identifier: BSD-2-Clause
 * media/audio_stream_priv.h - what the stream's three files share:
 * audio_stream.c (life, poll), _send.c (sink to packets), _recv.c (packets to
 * source).
 */
#ifndef MEDIA_AUDIO_STREAM_PRIV_H
#define MEDIA_AUDIO_STREAM_PRIV_H
#include "media/audio_stream.h"

/* The stream's wall clock runs along with the monotonic one from its start. */
void stream_now(struct audio_stream *s, mono m);
void stream_say(struct audio_stream *s, enum audio_stream_out_kind what);

/* Sending.  open: the encoder that cfg wants; swap: begins with it. */
MUST_USE int stream_send_open(struct mem *m,
			      const struct audio_stream_config *cfg,
			      uint32_t rate, void **enc);
void stream_send_swap(struct audio_stream *s,
		      const struct audio_stream_config *cfg, uint32_t rate,
		      void *enc);
void stream_send_fini(struct audio_stream *s);
void stream_sink(void *arg, const int16_t *pcm, size_t n, mono now);

/* Receiving. */
void stream_recv_init(struct audio_stream *s);
void stream_recv_fini(struct audio_stream *s);
/* Another source, or another rate: forgets what is under way. */
void stream_recv_reset(struct audio_stream *s);
/* Timestamp units a second of this payload type. */
uint32_t stream_recv_clock(const struct audio_stream *s, unsigned pt);
void stream_recv_put(struct audio_stream *s, const struct rtp_packet *p);
void stream_recv_on_time(struct audio_stream *s);
bool stream_source(void *arg, int16_t *pcm, size_t n, mono now);
#endif
