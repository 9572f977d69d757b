/* SPDX-License-Identifier: BSD-2-Clause
 * media/codec/plc.h - concealment of lost sound for codecs that have none.
 * The purpose of ITU-T G.711 Appendix I by our own means: a gap is filled with
 * the last pitch period, repeated, faded out within 60 ms; what is received
 * after it is faded in over the continued repetition.  No delay is added.
 */
#ifndef MEDIA_PLC_H
#define MEDIA_PLC_H
#include "platform/base.h"

enum { PLC_HISTORY_MS = 50, PLC_ROOM_MAX = 48 * PLC_HISTORY_MS };

struct plc { /* private */
	int16_t *history; /* the caller's: the last PLC_HISTORY_MS played */
	uint32_t rate;
	size_t size;      /* of history, samples */
	size_t filled;
	size_t pitch;     /* of the gap being filled */
	size_t at;        /* position within the repeated period */
	size_t lost;      /* samples concealed since the last good one */
};

/* Samples of room that plc_init wants at this rate (8000 .. 48000). */
size_t plc_room(uint32_t rate);
void plc_init(struct plc *p, int16_t *room, uint32_t rate);
/* What was received, about to be played: the seam after a gap is smoothed in
 * place. */
void plc_good(struct plc *p, int16_t *pcm, size_t n);
/* n samples in place of what is missing. */
void plc_lost(struct plc *p, int16_t *pcm, size_t n);
#endif
