/* SPDX-License-Identifier: BSD-2-Clause
 * media/graph.h - who hears whom: mixes in quanta of 10 ms.
 *
 * Each port may speak (a source), hear (a sink) or both.  What it says is added
 * to the buses in speaks; what it hears is the sum of the bus hears, less its
 * own part of it, saturated.  A call uses GRAPH_TO_NET and GRAPH_TO_USER; in a
 * conference the streams speak to both, so that they hear one another.
 *
 * graph_tick is the media clock's: exactly one clock calls it, every 10 ms.
 * It calls the port's operations: these may queue outputs of their own, never
 * call the graph.  Nothing is allocated in a tick.  Silence costs next to
 * nothing, nobody's bus is not summed, and equal rates are not resampled.
 *
 * Ownership: graph and ports are the caller's structs; a port is attached to
 * one graph and must be detached before either is freed.  Threads: one.
 */
#ifndef MEDIA_GRAPH_H
#define MEDIA_GRAPH_H
#include "media/level.h"
#include "media/resample.h"
#include "platform/list.h"
#include "platform/mem.h"

enum {
	GRAPH_MS = 10,
	GRAPH_RATE_MAX = 48000,
	GRAPH_SAMPLES_MAX = GRAPH_RATE_MAX / 1000 * GRAPH_MS,
	GRAPH_UNITY = 256 /* gain of 1 */
};

enum graph_bus { /* by their usual meaning; the graph treats them alike */
	GRAPH_TO_NET,    /* what streams hear: microphone, player, tones */
	GRAPH_TO_USER,   /* what the loudspeaker hears: streams, rings */
	GRAPH_TO_RECORD, /* what the recorder hears */
	GRAPH_BUSES,
	GRAPH_DEAF = GRAPH_BUSES /* hears nothing */
};

#define GRAPH_BUS(b) (1u << (b))

struct graph_ops {
	/* Fills n samples (10 ms at the port's rate); false: silence, and pcm
	 * is not looked at.  NULL: never speaks. */
	bool (*source)(void *arg, int16_t *pcm, size_t n, mono now);
	/* Takes n samples; pcm NULL is silence.  NULL: never hears. */
	void (*sink)(void *arg, const int16_t *pcm, size_t n, mono now);
};

struct graph_port { /* zeroed is detached */
	/* for all to read and set at any time */
	bool mute_source, mute_sink;
	uint16_t gain_source, gain_sink; /* GRAPH_UNITY; up to 16 times that */
	struct level said, heard;        /* meters, before gain and mute: of
					  * one quantum in four */
	/* private */
	struct list node;
	struct graph *graph;
	const struct graph_ops *ops;
	void *arg;
	uint32_t rate;
	unsigned speaks;      /* GRAPH_BUS bits */
	unsigned hears;       /* enum graph_bus */
	struct resample *up, *down; /* to the graph's rate and back */
	bool speaking;        /* own holds this tick's samples */
	bool up_tail, down_tail; /* the resampler still holds sound */
	int16_t own[GRAPH_SAMPLES_MAX];
};

struct graph { /* private */
	struct mem *mem;
	struct list ports;
	uint32_t rate;
	uint64_t ticks;
	unsigned listeners[GRAPH_BUSES + 1];
	unsigned speakers[GRAPH_BUSES];
	struct graph_port *only[GRAPH_BUSES]; /* when it is one speaker */
	int32_t sum[GRAPH_BUSES][GRAPH_SAMPLES_MAX];
};

/* rate: a multiple of 100, up to GRAPH_RATE_MAX; -EINVAL. */
MUST_USE int graph_init(struct graph *g, struct mem *m, uint32_t rate);
void graph_fini(struct graph *g); /* detaches what is left */
/* All ports keep their own rates; -ENOMEM leaves everything as it was. */
MUST_USE int graph_set_rate(struct graph *g, uint32_t rate);

/* rate as above; -EINVAL, -ENOMEM.  speaks is a set of GRAPH_BUS, hears one
 * bus or GRAPH_DEAF.  Meters, gains and mutes start anew. */
MUST_USE int graph_attach(struct graph *g, struct graph_port *p,
			  const struct graph_ops *ops, void *arg,
			  uint32_t rate, unsigned speaks, unsigned hears);
void graph_detach(struct graph_port *p); /* a detached one is ignored */
void graph_connect(struct graph_port *p, unsigned speaks, unsigned hears);
/* When a port's codec changes; the port keeps everything else. */
MUST_USE int graph_port_rate(struct graph_port *p, uint32_t rate);

void graph_tick(struct graph *g, mono now);

/* The loop-back: says what it heard, one tick later.  Attach it with
 * graph_echo_ops and the struct as arg. */
struct graph_echo {
	int16_t pcm[GRAPH_SAMPLES_MAX];
	bool full;
};
extern const struct graph_ops graph_echo_ops;
#endif
