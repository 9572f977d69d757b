/* SPDX-License-Identifier: BSD-2-Clause
 * media/measure.h - how much of what was sent came out at the other end.
 */
#ifndef MEDIA_MEASURE_H
#define MEDIA_MEASURE_H
#include "platform/mem.h"

struct measure {
	double correlation; /* -1 .. 1, normalised, at the best lag */
	int64_t lag;        /* got[i + lag] goes with sent[i] */
	double gain_db;     /* of got over sent */
	size_t overlap;     /* samples compared */
};

/* Searches lags from -max_back to ngot for the one where got is most like
 * sent, both at the same rate; at least a quarter of the shorter one (and
 * 100 samples) must overlap.
 * Work: coarse at an eighth of the rate or less, then fine.  -ENOMEM,
 * -EINVAL. */
MUST_USE int measure_align(struct mem *m, const int16_t *sent, size_t nsent,
			   const int16_t *got, size_t ngot, size_t max_back,
			   struct measure *out);
/* Correlation of two runs of the same length, as they stand. */
double measure_correlation(const int16_t *a, const int16_t *b, size_t n);
/* Signal to noise in dB of b against a. */
double measure_snr(const int16_t *a, const int16_t *b, size_t n);
#endif
