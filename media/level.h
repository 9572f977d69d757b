/* SPDX-License-Identifier: BSD-2-Clause
 * media/level.h - level meter and the plain arithmetic on samples.
 */
#ifndef MEDIA_LEVEL_H
#define MEDIA_LEVEL_H
#include "platform/base.h"

/* A meter over what passed since it was last read; zeroed is empty. */
struct level {
	double energy; /* sum of squares */
	uint32_t n;
	uint16_t peak;
};

void level_add(struct level *l, const int16_t *pcm, size_t n);
void level_add_silence(struct level *l, size_t n);
/* dBov, 0 for a full-scale square wave and LEVEL_SILENT when nothing passed
 * (RFC 6464 3); starts anew. */
double level_take(struct level *l);
#define LEVEL_SILENT (-127.0)

/* sum += pcm; out = saturate(sum - own); own NULL is silence. */
void mix_add(int32_t *restrict sum, const int16_t *restrict pcm, size_t n);
void mix_out(int16_t *restrict out, const int32_t *restrict sum,
	     const int16_t *restrict own, size_t n);
/* Gain in 1/256; saturates. */
void mix_gain(int16_t *pcm, size_t n, unsigned gain);

static inline int16_t mix_clip(int32_t v)
{
	v = v > INT16_MAX ? INT16_MAX : v;
	return (int16_t)(v < INT16_MIN ? INT16_MIN : v);
}
#endif
