/* SPDX-License-Identifier: BSD-2-Clause */
#include "media/resample.h"

#include <string.h>

struct resample {
	struct mem *mem;
	const struct resampler *kind;
	void *state;
	uint32_t from, to;
};

enum { RATE_MIN = 1000, RATE_MAX = 384000, PPM = 1000000, PPM_OFF = 20000 };

int resample_open(struct mem *m, uint32_t from, uint32_t to,
		  struct resample **out)
{
	struct resample *r;
	int rc;

	if (from < RATE_MIN || from > RATE_MAX || to < RATE_MIN ||
	    to > RATE_MAX)
		return -EINVAL;
	r = mem_new(m, sizeof(*r));
	if (!r)
		return -ENOMEM;
	*r = (struct resample){ .mem = m, .kind = feature_resampler[0],
				.from = from, .to = to };
	rc = r->kind->open(m, from, to, &r->state);
	if (rc < 0) {
		mem_free(m, r);
		return rc;
	}
	*out = r;
	return 0;
}

void resample_close(struct resample *r)
{
	if (!r)
		return;
	r->kind->close(r->mem, r->state);
	mem_free(r->mem, r);
}

void resample_run(struct resample *r, const int16_t *in, size_t *n_in,
		  int16_t *out, size_t *n_out)
{
	r->kind->run(r->state, in, n_in, out, n_out);
}

void resample_adjust(struct resample *r, uint32_t ppm)
{
	if (ppm < PPM - PPM_OFF)
		ppm = PPM - PPM_OFF;
	if (ppm > PPM + PPM_OFF)
		ppm = PPM + PPM_OFF;
	r->kind->adjust(r->state, ppm);
}

void resample_quantum(struct resample *r, const int16_t *in, size_t n_in,
		      int16_t *out, size_t n_out)
{
	size_t taken = 0, given = 0;

	while (taken < n_in && given < n_out) {
		size_t a = n_in - taken, b = n_out - given;

		resample_run(r, in ? in + taken : NULL, &a, out + given, &b);
		if (!a && !b)
			break;
		taken += a;
		given += b;
	}
	if (given < n_out) {
		memmove(out + n_out - given, out, given * sizeof(*out));
		memset(out, 0, (n_out - given) * sizeof(*out));
	}
}

int resample_all(struct mem *m, const int16_t *in, size_t n, uint32_t from,
		 uint32_t to, int16_t **out, size_t *n_out)
{
	size_t want = (size_t)((uint64_t)n * to / (from ? from : 1));
	size_t taken = 0, given = 0;
	struct resample *r;
	int16_t *p;
	int rc = resample_open(m, from, to, &r);

	if (rc < 0)
		return rc;
	p = mem_array(m, want ? want : 1, sizeof(*p));
	if (!p) {
		resample_close(r);
		return -ENOMEM;
	}
	while (given < want) { /* silence behind the end pushes the rest out */
		size_t a = taken < n ? n - taken : 512, b = want - given;

		resample_run(r, taken < n ? in + taken : NULL, &a, p + given,
			     &b);
		if (!a && !b)
			break;
		taken += a;
		given += b;
	}
	resample_close(r);
	*out = p;
	*n_out = given;
	return 0;
}
