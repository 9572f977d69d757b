/* SPDX-License-Identifier: BSD-2-Clause */
#include "media/level.h"

#include <math.h>
#include <string.h>

enum { LANES = 8 };

/* Eight sums apart, so that the compiler may use vectors; 24 bits of each
 * partial sum are plenty for decibels. */
static double energy_of(const int16_t *pcm, size_t n)
{
	float sum[LANES] = { 0 };
	double all = 0;
	size_t i = 0;

	for (; n - i >= LANES; i += LANES)
		for (size_t k = 0; k < LANES; k++)
			sum[k] += (float)pcm[i + k] * (float)pcm[i + k];
	for (; i < n; i++)
		all += (double)(pcm[i] * pcm[i]);
	for (size_t k = 0; k < LANES; k++)
		all += (double)sum[k];
	return all;
}

void level_add(struct level *l, const int16_t *pcm, size_t n)
{
	int16_t low = 0, high = 0;
	int32_t peak;

	for (size_t i = 0; i < n; i++) {
		low = pcm[i] < low ? pcm[i] : low;
		high = pcm[i] > high ? pcm[i] : high;
	}
	peak = -low > high ? -low : high;
	if (peak > l->peak)
		l->peak = (uint16_t)peak;
	level_add_silence(l, n);
	l->energy += energy_of(pcm, n);
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

	if (l->energy > 0)
		db = 10 * log10(l->energy / l->n) -
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
