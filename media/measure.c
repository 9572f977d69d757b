/* SPDX-License-Identifier: BSD-2-Clause */
#include "media/measure.h"

#include <math.h>
#include <string.h>

/* Samples averaged to one for the first search, whose work is the square of
 * what remains: an eighth of 16 kHz, up to a 24th of 48. */
enum { COARSE_MIN = 8, COARSE_MAX = 24, COARSE_SAMPLES = 12000 };

struct sums {
	double ab, aa, bb;
};

static struct sums correlate(const int16_t *a, const int16_t *b, size_t n)
{
	struct sums s = { 0 };
	size_t i = 0;

	while (i < n) { /* in runs, exactly in integers */
		size_t end = n - i > 4096 ? i + 4096 : n;
		int64_t ab = 0, aa = 0, bb = 0;

		for (; i < end; i++) {
			ab += a[i] * b[i];
			aa += a[i] * a[i];
			bb += b[i] * b[i];
		}
		s.ab += (double)ab;
		s.aa += (double)aa;
		s.bb += (double)bb;
	}
	return s;
}

static double normal(const struct sums *s)
{
	return s->aa > 0 && s->bb > 0 ? s->ab / sqrt(s->aa * s->bb) : 0;
}

double measure_correlation(const int16_t *a, const int16_t *b, size_t n)
{
	struct sums s = correlate(a, b, n);

	return normal(&s);
}

double measure_snr(const int16_t *a, const int16_t *b, size_t n)
{
	double signal = 0, noise = 1e-3;

	for (size_t i = 0; i < n; i++) {
		double d = (double)b[i] - a[i];

		signal += (double)a[i] * a[i];
		noise += d * d;
	}
	return 10 * log10((signal + 1e-3) / noise);
}

struct pair {
	const int16_t *a, *b; /* sent, got */
	size_t na, nb;
	size_t least; /* overlap */
};

/* Overlap at a lag: [*from, *from + n) of a; 0 when too little. */
static size_t overlap(const struct pair *p, int64_t lag, size_t *from)
{
	int64_t low = lag < 0 ? -lag : 0;
	int64_t high = (int64_t)p->nb - lag;

	if (high > (int64_t)p->na)
		high = (int64_t)p->na;
	if (high - low < (int64_t)p->least)
		return 0;
	*from = (size_t)low;
	return (size_t)(high - low);
}

/* Likeness times the root of the overlap's share of energy: a short overlap
 * that fits by chance shall not beat a long one. */
static void search(const struct pair *p, int64_t first, int64_t last,
		   double total, struct measure *best, double *score)
{
	for (int64_t lag = first; lag <= last; lag++) {
		size_t from, n = overlap(p, lag, &from);
		struct sums s;
		double v;

		if (!n)
			continue;
		s = correlate(p->a + from, p->b + ((int64_t)from + lag), n);
		v = normal(&s) * sqrt(s.aa / total);
		if (v > *score) {
			*score = v;
			best->correlation = normal(&s);
			best->lag = lag;
			best->overlap = n;
			best->gain_db = s.aa > 0 && s.bb > 0 ?
					10 * log10(s.bb / s.aa) : 0;
		}
	}
}

static size_t step_of(size_t n)
{
	size_t step = n / COARSE_SAMPLES;

	if (step < COARSE_MIN)
		return COARSE_MIN;
	return step > COARSE_MAX ? COARSE_MAX : step;
}

static int16_t *coarse(struct mem *m, const int16_t *p, size_t n, size_t step)
{
	int16_t *out = mem_array(m, n / step, sizeof(*out));

	for (size_t i = 0; out && i < n / step; i++) {
		int32_t sum = 0;

		for (size_t k = 0; k < step; k++)
			sum += p[i * step + k];
		out[i] = (int16_t)(sum / (int32_t)step);
	}
	return out;
}

static size_t least_overlap(size_t na, size_t nb)
{
	size_t n = (na < nb ? na : nb) / 4;

	return n < 100 ? 100 : n;
}

int measure_align(struct mem *m, const int16_t *sent, size_t nsent,
		  const int16_t *got, size_t ngot, size_t max_back,
		  struct measure *out)
{
	struct pair fine = { sent, got, nsent, ngot,
			     least_overlap(nsent, ngot) };
	size_t step = step_of(nsent);
	struct pair rough = { NULL, NULL, nsent / step, ngot / step,
			      fine.least / step };
	struct measure best = { 0 };
	double score = -2;
	int16_t *a, *b;
	int64_t near;

	if (nsent < fine.least || ngot < fine.least ||
	    nsent > INT32_MAX || ngot > INT32_MAX || max_back > INT32_MAX)
		return -EINVAL;
	rough.a = a = coarse(m, sent, nsent, step);
	rough.b = b = coarse(m, got, ngot, step);
	if (a && b)
		search(&rough, -(int64_t)(max_back / step),
		       (int64_t)rough.nb,
		       correlate(a, a, rough.na).aa + 1, &best, &score);
	mem_free(m, a);
	mem_free(m, b);
	if (!a || !b)
		return -ENOMEM;
	near = best.lag * (int64_t)step;
	score = -2;
	best = (struct measure){ 0 };
	search(&fine, near - (int64_t)step, near + (int64_t)step,
	       correlate(sent, sent, nsent).aa + 1, &best, &score);
	*out = best;
	return 0;
}
