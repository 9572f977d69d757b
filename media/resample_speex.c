/* SPDX-License-Identifier: BSD-2-Clause
 * The door to speexdsp's resampler.  It allocates from the C library. */
#include <speex/speex_resampler.h>

#include "media/resample.h"

struct door {
	SpeexResamplerState *s;
	uint32_t from, to;
};

static int open_door(struct mem *m, uint32_t from, uint32_t to, void **out)
{
	struct door *d = mem_new(m, sizeof(*d));
	int err = 0;

	if (!d)
		return -ENOMEM;
	d->s = speex_resampler_init(1, from, to,
				    SPEEX_RESAMPLER_QUALITY_VOIP, &err);
	if (!d->s) {
		mem_free(m, d);
		return -ENOMEM;
	}
	d->from = from;
	d->to = to;
	*out = d;
	return 0;
}

static void close_door(struct mem *m, void *arg)
{
	struct door *d = arg;

	speex_resampler_destroy(d->s);
	mem_free(m, d);
}

static void speex_run(void *arg, const int16_t *in, size_t *n_in, int16_t *out,
		      size_t *n_out)
{
	struct door *d = arg;
	spx_uint32_t a = *n_in > 65536 ? 65536 : (spx_uint32_t)*n_in;
	spx_uint32_t b = *n_out > 65536 ? 65536 : (spx_uint32_t)*n_out;

	if (speex_resampler_process_int(d->s, 0, in, &a, out, &b))
		a = b = 0;
	*n_in = a;
	*n_out = b;
}

static void speex_adjust(void *arg, uint32_t ppm)
{
	struct door *d = arg;
	uint32_t num = d->from / 100 * (ppm / 10), den = d->to / 100 * 100000;

	/* It keeps its old ratio where it cannot allocate a new filter. */
	(void)speex_resampler_set_rate_frac(d->s, num, den, d->from, d->to);
}

const struct resampler resampler_speex = {
	"speexdsp", open_door, close_door,
	speex_run, speex_adjust
};
