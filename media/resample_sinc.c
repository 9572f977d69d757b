/* SPDX-License-Identifier: BSD-2-Clause
 * A windowed sinc, for builds without speexdsp: PHASES sets of coefficients,
 * the nearest is used for each output sample.  buf holds taps - 1 samples of
 * history, then what is new; pos is where the next output's first tap stands,
 * in 1/2^32 samples from the start of buf.
 */
#include "media/resample.h"

#include <math.h>
#include <string.h>

enum { PHASES = 64, LOBES = 12, TAPS_MAX = 192, BLOCK = 512 };

struct sinc {
	uint32_t from, to;
	uint64_t step, pos;
	size_t taps, n; /* n: samples in buf */
	int16_t buf[TAPS_MAX + BLOCK];
	float table[]; /* [PHASES][taps] */
};

static void sinc_fill(struct sinc *s, double cutoff)
{
	double half = (double)s->taps / 2;

	for (size_t ph = 0; ph < PHASES; ph++) {
		float *row = s->table + ph * s->taps;
		double sum = 0;

		for (size_t i = 0; i < s->taps; i++) {
			double x = (double)i - half + 1 -
				   ((double)ph + 0.5) / PHASES;
			double w = 0.5 + 0.5 * cos(M_PI * x / half);
			double v = fabs(x) < 1e-9 ? cutoff :
				   sin(M_PI * x * cutoff) / (M_PI * x);

			row[i] = (float)(fabs(x) >= half ? 0 : v * w);
			sum += (double)row[i];
		}
		for (size_t i = 0; i < s->taps; i++)
			row[i] = (float)((double)row[i] / sum);
	}
}

static int open_sinc(struct mem *m, uint32_t from, uint32_t to, void **out)
{
	double ratio = from > to ? (double)to / from : 1;
	size_t taps = (size_t)(2 * LOBES / ratio + 1) & ~(size_t)1;
	struct sinc *s;

	if (taps > TAPS_MAX)
		taps = TAPS_MAX;
	s = mem_new(m, sizeof(*s) + PHASES * taps * sizeof(float));
	if (!s)
		return -ENOMEM;
	s->from = from;
	s->to = to;
	s->taps = taps;
	s->n = taps - 1;
	s->step = ((uint64_t)from << 32) / to;
	sinc_fill(s, ratio * 0.92);
	*out = s;
	return 0;
}

static void close_sinc(struct mem *m, void *arg)
{
	mem_free(m, arg);
}

static int16_t at(const struct sinc *s)
{
	const int16_t *x = s->buf + (size_t)(s->pos >> 32);
	const float *row = s->table +
			   (size_t)((s->pos >> 26) & (PHASES - 1)) * s->taps;
	float v = 0;

	for (size_t i = 0; i < s->taps; i++)
		v += row[i] * (float)x[i];
	v = v > 32767 ? 32767 : v;
	return (int16_t)lrintf(v < -32768 ? -32768 : v);
}

/* Drops what lies before the next output's first tap. */
static void slide(struct sinc *s)
{
	size_t gone = (size_t)(s->pos >> 32);

	if (gone > s->n)
		gone = s->n;
	memmove(s->buf, s->buf + gone, (s->n - gone) * sizeof(*s->buf));
	s->n -= gone;
	s->pos -= (uint64_t)gone << 32;
}

static void sinc_run(void *arg, const int16_t *in, size_t *n_in, int16_t *out,
		     size_t *n_out)
{
	struct sinc *s = arg;
	size_t taken = 0, given = 0;

	for (;;) {
		size_t k;

		while (given < *n_out && (size_t)(s->pos >> 32) + s->taps <=
						 s->n) {
			out[given++] = at(s);
			s->pos += s->step;
		}
		slide(s);
		k = COUNT(s->buf) - s->n;
		if (k > *n_in - taken)
			k = *n_in - taken;
		/* Room for output left over means that all was looked at. */
		if (!k || given == *n_out)
			break;
		if (in)
			memcpy(s->buf + s->n, in + taken, k * sizeof(*in));
		else
			memset(s->buf + s->n, 0, k * sizeof(*in));
		s->n += k;
		taken += k;
	}
	*n_in = taken;
	*n_out = given;
}

static void sinc_adjust(void *arg, uint32_t ppm)
{
	struct sinc *s = arg;

	s->step = (((uint64_t)s->from << 32) / s->to / 1000) * ppm / 1000;
}

const struct resampler resampler_sinc = {
	"sinc", open_sinc, close_sinc,
	sinc_run, sinc_adjust
};
