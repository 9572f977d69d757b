/* SPDX-License-Identifier: BSD-2-Clause
 * client/audio.h - what audio can do beyond what all kinds of stream do
 * (client/media.h): keys, where its sound comes from and goes, silence.  EDGE.
 *
 * A row, so that an agent without audio links without it: feature_audio[] has
 * one or none.  Its functions want the object that audio's row of media_kind
 * has made.
 */
#ifndef CLIENT_AUDIO_H
#define CLIENT_AUDIO_H
#include "client/parley.h"

struct media; /* audio's, opaque: audio_priv.h has it */

struct audio_ops {
	/* See parley_dtmf.  -EINPROGRESS: the stream does not run, or is not
	 * answered yet; -EINVAL, -ENOSPC. */
	int (*digits)(struct media *m, uint32_t stream, const char *digits);
	/* See parley_audio; session 0: only checks. */
	int (*route)(struct media *m, uint32_t session, const char *source,
		     const char *sink, const char **reason);
	/* See parley_audio_pcm; checked. */
	int (*pcm)(struct media *m, uint32_t session,
		   const struct parley_pcm *pcm, const char **reason);
	/* Also before its first stream is open. */
	int (*mute)(struct media *m, uint32_t session, bool mute);
};

extern const struct audio_ops *const feature_audio[]; /* NULL-ended */
#endif
