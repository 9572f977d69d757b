/* SPDX-License-Identifier: BSD-2-Clause
 * media/tone.h - tones and DTMF (ITU-T Q.23), made and detected (Q.24).
 */
#ifndef MEDIA_TONE_H
#define MEDIA_TONE_H
#include "platform/base.h"

struct tone_spec {
	uint16_t hz[2];      /* 0: unused */
	int8_t dbov[2];      /* level of each, 0 is a full-scale sine */
	uint16_t on_ms, off_ms; /* cadence; off 0: continuous while on */
	uint16_t times;      /* of the cadence; 0: for ever */
};

/* Call progress as in ITU-T E.180 and its European plan (425 Hz). */
extern const struct tone_spec tone_ringback; /* 1 s in 5 s */
extern const struct tone_spec tone_busy;     /* 0.5 s in 1 s */
extern const struct tone_spec tone_ring;     /* for the called side */

/* A generator; zeroed is silent. */
struct tone {
	struct tone_spec spec;
	uint32_t rate;
	uint32_t at, on, period; /* samples */
	uint32_t left;           /* times still to go; 0 and !endless: done */
	bool endless;
	double s[2], c[2], ds[2], dc[2]; /* phasor and its step */
};

/* rate 8000 .. 48000; frequencies are below half of it or left out. */
void tone_start(struct tone *t, const struct tone_spec *spec, uint32_t rate);
void tone_stop(struct tone *t);
bool tone_active(const struct tone *t);
/* n samples; false: silence (and pcm untouched). */
bool tone_run(struct tone *t, int16_t *pcm, size_t n);

/* DTMF: events 0..15 of RFC 4733 3.2: 0-9 * # A-D. */
char dtmf_char(unsigned event);  /* NUL above 15 */
int dtmf_event(char c);          /* -1: not a key; a-d too */
struct tone_spec dtmf_tone(unsigned event, unsigned on_ms, unsigned off_ms);

/* Goertzel detector, blocks of about 13 ms; reports a key when it has lasted
 * for two blocks, and again only after a pause. */
struct dtmf_detect {
	uint32_t rate;
	uint32_t block, n;
	double coef[8], q1[8], q2[8];
	double energy;
	int last, run, reported; /* events + 1 */
};
void dtmf_detect_init(struct dtmf_detect *d, uint32_t rate);
/* Keys found in these samples go to keys (up to cap); how many. */
size_t dtmf_detect_run(struct dtmf_detect *d, const int16_t *pcm, size_t n,
		       char *keys, size_t cap);
#endif
