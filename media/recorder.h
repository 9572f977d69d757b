/* SPDX-License-Identifier: BSD-2-Clause
 * media/recorder.h - turns what a port hears into the bytes of a WAV file.
 */
#ifndef MEDIA_RECORDER_H
#define MEDIA_RECORDER_H
#include "media/graph.h"
#include "media/wav.h"
#include "platform/slice.h"

enum { RECORDER_BUFFER_MS = 500 };

struct recorder { /* private */
	struct mem *mem;
	struct wav_format format;
	uint8_t *buf;
	size_t cap, n;
	uint64_t frames;  /* heard so far, those dropped included */
	uint64_t dropped; /* frames that nobody fetched in time */
};

/* format.rate is the port's: a multiple of 100.  -EINVAL, -ENOMEM. */
MUST_USE int recorder_init(struct recorder *r, struct mem *m,
			   const struct wav_format *f);
void recorder_fini(struct recorder *r);
/* What is to be written next: borrowed until recorder_written. */
struct slice recorder_bytes(const struct recorder *r);
void recorder_written(struct recorder *r, size_t n);
extern const struct graph_ops recorder_ops;
#endif
