/* SPDX-License-Identifier: BSD-2-Clause
 * tests/interop/heard.c - how much of a recording came out at the other end.
 *   heard RATE SENT GOT [MS]   both raw, mono, 16 bit in this machine's order
 * prints "correlation C minimum M seconds N lag L gain G": SENT is cut into
 * windows of MS (1000), each window that has speech in it is looked for in GOT
 * near the place where the whole fits best (a jitter buffer may shift it), and
 * C and M are the median and the least of their correlations, N is the time
 * that they cover, L in ms where the whole fits, G in dB.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "media/measure.h"

enum { WINDOWS_MAX = 256, SLACK_MS = 400, BACK_S = 8 };
static const double SPEECH = 300; /* rms of a window worth comparing */

struct sound {
	int16_t *pcm;
	size_t n;
};

static int load(const char *path, struct sound *s)
{
	FILE *f = fopen(path, "rb");
	long size;

	if (!f || fseek(f, 0, SEEK_END) || (size = ftell(f)) < 2)
		return -1;
	rewind(f);
	s->n = (size_t)size / 2;
	s->pcm = malloc(s->n * 2);
	if (!s->pcm || fread(s->pcm, 2, s->n, f) != s->n)
		return -1;
	fclose(f);
	return 0;
}

static double rms(const int16_t *p, size_t n)
{
	double sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += (double)p[i] * p[i];
	return sqrt(sum / (double)n);
}

static int ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* The window of sent at from, looked for in got around lag; false: GOT has
 * not all of it. */
static bool window(struct mem *m, const struct sound *sent,
		   const struct sound *got, size_t from, size_t len,
		   int64_t slack, int64_t lag, double *correlation)
{
	int64_t at = (int64_t)from + lag - slack;
	size_t n = len + 2 * (size_t)slack;
	struct measure best;

	if (at < 0 || (size_t)at + n > got->n ||
	    measure_align(m, sent->pcm + from, len, got->pcm + at, n, 0,
			  &best))
		return false;
	*correlation = best.correlation;
	return true;
}

int main(int argc, char **argv)
{
	struct sound sent, got;
	double c[WINDOWS_MAX];
	struct measure all;
	struct mem m;
	size_t rate, len, n = 0;
	int64_t slack;

	if (argc < 4 || argc > 5 || load(argv[2], &sent) ||
	    load(argv[3], &got)) {
		fprintf(stderr, "usage: heard RATE SENT GOT [MS]\n");
		return 2;
	}
	rate = (size_t)strtoul(argv[1], NULL, 10);
	mem_init(&m, 0);
	if (rate < 8000 || measure_align(&m, sent.pcm, sent.n, got.pcm, got.n,
					 BACK_S * rate, &all)) {
		fprintf(stderr, "heard: too short to compare\n");
		return 1;
	}
	len = rate * (argc == 5 ? strtoul(argv[4], NULL, 10) : 1000) / 1000;
	slack = (int64_t)(rate * SLACK_MS / 1000);
	for (size_t from = 0; len && from + len <= sent.n && n < WINDOWS_MAX;
	     from += len / 2)
		if (rms(sent.pcm + from, len) >= SPEECH &&
		    window(&m, &sent, &got, from, len, slack, all.lag, &c[n]))
			n++;
	qsort(c, n, sizeof(c[0]), ascending);
	printf("correlation %.3f minimum %.3f seconds %.1f "
	       "lag %lld gain %.1f\n",
	       n ? c[n / 2] : 0.0, n ? c[0] : 0.0,
	       (double)n * (double)len / (double)rate / 2,
	       (long long)all.lag * 1000 / (long long)rate, all.gain_db);
	free(sent.pcm);
	free(got.pcm);
	return n ? 0 : 1;
}
