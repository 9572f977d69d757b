/* SPDX-License-Identifier: BSD-2-Clause
 * media/player.h - plays the bytes of a WAV file into the graph.
 * An engine: it is fed bytes (wav_file.c, or memory) ahead of time and gives
 * samples at the graph's rate, whatever the file's.
 */
#ifndef MEDIA_PLAYER_H
#define MEDIA_PLAYER_H
#include "media/graph.h"
#include "media/wav.h"

enum { PLAYER_BUFFER_MS = 500 };

struct player { /* private */
	struct mem *mem;
	struct wav_format format;
	uint32_t rate;
	struct resample *r; /* NULL: equal rates */
	uint8_t *buf;       /* whole frames: [at, at + n) are to be played */
	size_t cap, at, n;
	bool ended;         /* no more bytes will come */
	bool started;
	uint64_t played;    /* samples at rate */
	uint64_t underruns;
};

/* -EINVAL, -ENOMEM. */
MUST_USE int player_init(struct player *p, struct mem *m,
			 const struct wav_format *f, uint32_t rate);
void player_fini(struct player *p);
/* The graph runs at another rate: plays on from where it is.  -EINVAL,
 * -ENOMEM: all is as before. */
MUST_USE int player_set_rate(struct player *p, uint32_t rate);
/* Bytes that player_on_bytes would take now: whole frames. */
size_t player_room(const struct player *p);
/* Takes what fits, in whole frames: returns the bytes taken. */
size_t player_on_bytes(struct player *p, const uint8_t *bytes, size_t n);
void player_on_end(struct player *p);
bool player_done(const struct player *p); /* ended and all played */
/* Attach with the struct as arg, at the rate given above. */
extern const struct graph_ops player_ops;
#endif
