/* SPDX-License-Identifier: BSD-2-Clause
 * media/resample.h - one channel from one rate to another.
 * Behind it stands speexdsp (resample_speex.c), or where that is left out
 * resample_sinc.c.  Ownership: resample_open and resample_close.
 */
#ifndef MEDIA_RESAMPLE_H
#define MEDIA_RESAMPLE_H
#include "platform/mem.h"

struct resample; /* the door's own */

struct resampler {
	const char *name;
	int (*open)(struct mem *m, uint32_t from, uint32_t to, void **out);
	void (*close)(struct mem *m, void *r);
	void (*run)(void *r, const int16_t *in, size_t *n_in, int16_t *out,
		    size_t *n_out);
	void (*adjust)(void *r, uint32_t from_ppm); /* 1000000: nominal */
};
extern const struct resampler *const feature_resampler[]; /* NULL-ended */

/* Rates of 1000 .. 384000; -EINVAL, -ENOMEM. */
MUST_USE int resample_open(struct mem *m, uint32_t from, uint32_t to,
			   struct resample **out);
void resample_close(struct resample *r); /* NULL is ignored */
/* Takes up to *n_in and gives up to *n_out; both are then what was done.  One
 * of the two is used up.  in NULL is silence. */
void resample_run(struct resample *r, const int16_t *in, size_t *n_in,
		  int16_t *out, size_t *n_out);
/* The source's clock runs at ppm millionths of nominal (1000000): follows
 * drift without a click.  Within 2 %; more is cut. */
void resample_adjust(struct resample *r, uint32_t ppm);

/* Gives exactly n_out samples for exactly n_in, where n_in / n_out are 10 ms at
 * both rates: what the filter lacks at its start is silence in front. */
void resample_quantum(struct resample *r, const int16_t *in, size_t n_in,
		      int16_t *out, size_t n_out);
/* A whole recording at once: *out from m, *n_out samples. */
MUST_USE int resample_all(struct mem *m, const int16_t *in, size_t n,
			  uint32_t from, uint32_t to, int16_t **out,
			  size_t *n_out);
#endif
