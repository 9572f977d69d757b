/* SPDX-License-Identifier: BSD-2-Clause */
#include "media/level.h"

#include <math.h>
#include <string.h>

void level_add(struct level *l, const int16_t *pcm, size_t n)
{
	int32_t low = 0, high = 0;
	uint64_t energy = 0;

	for (size_t i = 0; i < n; i++) {
		int32_t v = pcm[i];

		energy += (uint32_t)(v * v);
		low = v < low ? v : low;
		high = v > high ? v : high;
	}
	if (-low > high)
		high = -low;
	if (high > l->peak)
		l->peak = (uint16_t)high;
	level_add_silence(l, n);
	l->energy += energy;
}

void level_add_silence(struct level *l, size_t n)
{
	if (l->n > UINT32_MAX / 2) { /* nobody reads it: keep the recent half */
		l->n /= 2;
		l->energy /= 2;
	}
	l->n += (uint32_t)n;
}

double level_take(struct level *l)
{
	double db = LEVEL_SILENT;

	if (l->energy)
		db = 10 * log10((double)l->energy / l->n) -
		     20 * log10(32768);
	*l = (struct level){ 0 };
	return db < LEVEL_SILENT ? LEVEL_SILENT : db;
}

void mix_add(int32_t *restrict sum, const int16_t *restrict pcm, size_t n)
{
	for (size_t i = 0; i < n; i++)
		sum[i] += pcm[i];
}

static void clip_all(int16_t *restrict out, const int32_t *restrict sum,
		     size_t n)
{
	for (size_t i = 0; i < n; i++)
		out[i] = mix_clip(sum[i]);
}

void mix_out(int16_t *restrict out, const int32_t *restrict sum,
	     const int16_t *restrict own, size_t n)
{
	if (!own) {
		clip_all(out, sum, n);
		return;
	}
	for (size_t i = 0; i < n; i++)
		out[i] = mix_clip(sum[i] - own[i]);
}

void mix_gain(int16_t *pcm, size_t n, unsigned gain)
{
	int32_t g = (int32_t)(gain > 16 * 256 ? 16 * 256 : gain);

	for (size_t i = 0; i < n; i++)
		pcm[i] = mix_clip(pcm[i] * g >> 8);
}
