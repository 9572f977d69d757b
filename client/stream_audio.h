/* SPDX-License-Identifier: BSD-2-Clause
 * client/stream_audio.h - what audio agreed on: between stream_audio.c, which
 * makes it of two sections, and media_audio.c, which runs it.
 */
#ifndef CLIENT_STREAM_AUDIO_H
#define CLIENT_STREAM_AUDIO_H
#include "client/stream.h"

enum { AUDIO_PAIRS = 8, AUDIO_EVENTS = 4 };

/* The codec's row is looked up by name where media runs.  While it is only
 * offered, our numbers alone are known, and all of it may come (RFC 3264
 * 5.1). */
struct audio_agreed {
	struct stream_agreed head; /* first */
	uint32_t ptime, maxptime; /* what the peer wants; 0: not said */
	size_t pairs;             /* in order of preference; 0 is sent first */
	struct {
		struct slice name; /* static */
		struct slice fmtp; /* the peer's parameters, behind the
				    * struct */
		uint32_t rate;
		uint8_t channels, send_pt, recv_pt;
	} pair[AUDIO_PAIRS];
	size_t events;            /* telephone-event; 0 is what is sent */
	struct {
		uint32_t rate;
		uint8_t send_pt, recv_pt;
	} event[AUDIO_EVENTS];
};

static inline const struct audio_agreed *
audio_agreed(const struct stream_agreed *a)
{
	return (const struct audio_agreed *)(const void *)a; /* its beginning */
}
#endif
