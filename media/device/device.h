/* SPDX-License-Identifier: BSD-2-Clause
 * media/device/device.h - sound devices: one const row a kind, EDGE.
 * An open device is a media clock: it calls tick every 10 ms of its own time
 * (in bursts when its periods are longer), from the reactor's loop.  From
 * within tick, and only there, device_read and device_write take and give the
 * quantum of that tick, at device_rate.
 */
#ifndef MEDIA_DEVICE_H
#define MEDIA_DEVICE_H
#include "platform/mem.h"
#include "platform/reactor.h"
#include "platform/slice.h"

struct device; /* opaque */

struct device_config {
	/* Name behind the kind: an ALSA PCM, a file.  NULL: the kind's default.
	 * "" : this direction is not used. */
	const char *capture, *playback;
	uint32_t rate;      /* wished, multiple of 100; 0: the kind's best */
	unsigned period_ms; /* wished; 0: 10 */
};

struct device_stats {
	uint64_t ticks;
	uint64_t overruns;  /* captured sound lost: we were late */
	uint64_t underruns; /* gaps played: we were late */
	uint64_t restarts;  /* of the device after an error */
	uint64_t skipped;   /* quanta dropped or doubled: clocks apart */
	int error;          /* errno of a device that died; the timer goes on */
	unsigned delay_ms;  /* capture and playback buffers, now */
};

struct device_kind {
	const char *name; /* "alsa", "null", "wav" */
	const char *help;
	int (*open)(struct reactor *r, const struct device_config *c,
		    void (*tick)(void *arg), void *arg, struct device **out);
	/* Could it be opened?  Changes nothing. */
	int (*check)(struct reactor *r, const struct device_config *c);
	void (*close)(struct device *d);
	bool (*read)(struct device *d, int16_t *pcm, size_t n);
	void (*write)(struct device *d, const int16_t *pcm, size_t n);
	void (*stats)(const struct device *d, struct device_stats *out);
};
extern const struct device_kind *const feature_device[]; /* NULL-ended */

struct device { /* how each kind's struct begins */
	const struct device_kind *kind;
	uint32_t rate;
	bool captures, plays; /* what is worth a port of the graph */
};

/* spec is "null", "alsa", "alsa:NAME", "alsa:CAPTURE;PLAYBACK" (either may be
 * empty: not used), "wav:IN[,OUT]".  Where no ":" stands in the names, a ","
 * does for the ";".  -ENOENT: no such kind; or what opening it says. */
MUST_USE int device_open(struct reactor *r, const char *spec, uint32_t rate,
			 void (*tick)(void *arg), void *arg,
			 struct device **out);
/* Whether it could be opened: 0, also where it is but busy now (-EBUSY), or
 * what device_open would say.  No file is made or changed. */
MUST_USE int device_check(struct reactor *r, const char *spec, uint32_t rate);
void device_close(struct device *d); /* NULL is ignored; also from tick */
/* false: silence. */
bool device_read(struct device *d, int16_t *pcm, size_t n);
void device_write(struct device *d, const int16_t *pcm, size_t n);
struct device_stats device_stats(const struct device *d);

/* As a port of the graph: attach with d as arg, at d->rate.  A device that
 * neither captures nor plays needs no port. */
struct graph_ops;
extern const struct graph_ops device_ops;
#endif
