/* SPDX-License-Identifier: BSD-2-Clause
 * The history is one run of samples, the newest last.  During a gap it stays
 * as it was, so that the repetition and the seam after it are read from it.
 */
#include "media/codec/plc.h"

#include <math.h>
#include <string.h>

static size_t ms(const struct plc *p, size_t n)
{
	return n * p->rate / 1000;
}

size_t plc_room(uint32_t rate)
{
	return (size_t)rate * PLC_HISTORY_MS / 1000;
}

void plc_init(struct plc *p, int16_t *room, uint32_t rate)
{
	*p = (struct plc){ .history = room, .rate = rate,
			   .size = plc_room(rate) };
	memset(room, 0, p->size * sizeof(*room));
}

static void plc_remember(struct plc *p, const int16_t *pcm, size_t n)
{
	if (n >= p->size) {
		memcpy(p->history, pcm + n - p->size,
		       p->size * sizeof(*pcm));
	} else {
		memmove(p->history, p->history + n,
			(p->size - n) * sizeof(*pcm));
		memcpy(p->history + p->size - n, pcm, n * sizeof(*pcm));
	}
	p->filled = n < p->size - p->filled ? p->filled + n : p->size;
}

/* Normalised correlation of the last n samples with those lag before. */
static double likeness(const int16_t *end, size_t n, size_t lag, size_t step)
{
	double cross = 0, energy = 1;

	for (size_t i = 1; i <= n; i += step) {
		double a = *(end - i), b = *(end - i - lag);

		cross += a * b;
		energy += b * b;
	}
	return cross > 0 ? cross / sqrt(energy) : 0;
}

/* Pitch of speech is 66 to 400 Hz: lags of 2.5 to 15 ms, found on every
 * (rate / 8000)th sample first. */
static size_t find_pitch(const struct plc *p)
{
	const int16_t *end = p->history + p->size;
	size_t step = p->rate / 8000 ? p->rate / 8000 : 1;
	size_t low = ms(p, 5) / 2, high = ms(p, 15), best = high;
	size_t from, to;
	double most = 0;

	for (size_t lag = low; lag <= high; lag += step) {
		double v = likeness(end, ms(p, 20), lag, step);

		if (v > most) {
			most = v;
			best = lag;
		}
	}
	from = best > low + step ? best - step : low;
	to = best + step < high ? best + step : high;
	most = 0;
	for (size_t lag = from; step > 1 && lag <= to; lag++) {
		double v = likeness(end, ms(p, 20), lag, 1);

		if (v > most) {
			most = v;
			best = lag;
		}
	}
	return best;
}

/* The next sample of the repeated period.  Its last quarter is blended into
 * what stood before the period, which leads over to its first sample. */
static int16_t repeat(struct plc *p)
{
	const int16_t *end = p->history + p->size;
	size_t quarter = p->pitch / 4, from = p->pitch - quarter;
	size_t at = p->at;
	int32_t v = *(end - p->pitch + at);

	if (at >= from && quarter) {
		int32_t w = (int32_t)(((at - from + 1) << 8) / quarter);
		int32_t before = *(end - 2 * p->pitch + at);

		v = (v * (256 - w) + before * w) >> 8;
	}
	p->at = at + 1 < p->pitch ? at + 1 : 0;
	return (int16_t)v;
}

/* Full for 10 ms, then down to nothing at 60 ms. */
static int32_t fade(const struct plc *p, size_t lost)
{
	size_t full = ms(p, 10), none = ms(p, 60);

	if (lost <= full)
		return 256;
	return lost >= none ? 0 :
	       (int32_t)(((none - lost) << 8) / (none - full));
}

static int16_t plc_next(struct plc *p)
{
	int32_t v;

	if (!p->filled || p->lost >= ms(p, 60))
		return 0;
	v = repeat(p) * fade(p, p->lost) / 256;
	p->lost++;
	return (int16_t)v;
}

void plc_lost(struct plc *p, int16_t *pcm, size_t n)
{
	if (!p->lost && p->filled) {
		p->pitch = find_pitch(p);
		p->at = 0;
	}
	for (size_t i = 0; i < n; i++)
		pcm[i] = plc_next(p);
}

/* The seam is 4 ms long, and longer after a long gap (up to 10 ms). */
void plc_good(struct plc *p, int16_t *pcm, size_t n)
{
	size_t seam = ms(p, 4) + p->lost / 8;

	if (p->lost) {
		if (seam > ms(p, 10))
			seam = ms(p, 10);
		if (seam > n)
			seam = n;
		for (size_t i = 0; i < seam; i++) {
			int32_t w = (int32_t)(((i + 1) << 8) / (seam + 1));

			pcm[i] = (int16_t)((pcm[i] * w +
					    plc_next(p) * (256 - w)) >>
					   8);
		}
		p->lost = 0;
	}
	plc_remember(p, pcm, n);
}
