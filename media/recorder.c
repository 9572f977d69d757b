/* SPDX-License-Identifier: BSD-2-Clause */
#include "media/recorder.h"

#include <string.h>


int recorder_init(struct recorder *r, struct mem *m,
		  const struct wav_format *f)
{
	struct recorder out = { .mem = m, .format = *f };

	if (!wav_format_ok(f) || f->rate % 100 || f->rate > GRAPH_RATE_MAX)
		return -EINVAL;
	out.cap = (size_t)f->rate / 10 * RECORDER_BUFFER_MS / 100 * f->frame;
	out.buf = mem_array(m, out.cap, 1);
	if (!out.buf)
		return -ENOMEM;
	*r = out;
	return 0;
}

void recorder_fini(struct recorder *r)
{
	if (!r->mem)
		return;
	mem_free(r->mem, r->buf);
	*r = (struct recorder){ 0 };
}

struct slice recorder_bytes(const struct recorder *r)
{
	return slice_of(r->buf, r->n);
}

void recorder_written(struct recorder *r, size_t n)
{
	if (n > r->n)
		n = r->n;
	memmove(r->buf, r->buf + n, r->n - n);
	r->n -= n;
}

static void sink(void *arg, const int16_t *pcm, size_t n, mono now)
{
	static const int16_t silence[GRAPH_SAMPLES_MAX];
	struct recorder *r = arg;
	size_t room = (r->cap - r->n) / r->format.frame;

	(void)now;
	r->frames += n;
	if (n > room) { /* whole quanta are lost, so that what follows fits */
		r->dropped += n;
		return;
	}
	wav_from_pcm(&r->format, pcm ? pcm : silence, n, r->buf + r->n);
	r->n += n * r->format.frame;
}

const struct graph_ops recorder_ops = { NULL, sink };
