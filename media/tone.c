/* SPDX-License-Identifier: BSD-2-Clause */
#include "media/tone.h"

#include <math.h>
#include <string.h>

const struct tone_spec tone_ringback = { .hz = { 425 }, .dbov = { -13 },
					 .on_ms = 1000, .off_ms = 4000 };
const struct tone_spec tone_busy = { .hz = { 425 }, .dbov = { -13 },
				     .on_ms = 500, .off_ms = 500 };
const struct tone_spec tone_ring = { .hz = { 800, 1000 }, .dbov = { -15, -15 },
				     .on_ms = 1000, .off_ms = 2000 };

/* ITU-T Q.23: rows, then columns. */
static const uint16_t dtmf_hz[8] = { 697, 770, 852, 941,
				     1209, 1336, 1477, 1633 };
static const char dtmf_keys[] = "123A456B789C*0#D"; /* row * 4 + column */
static const char event_keys[] = "0123456789*#ABCD"; /* RFC 4733 3.2 */

void tone_start(struct tone *t, const struct tone_spec *spec, uint32_t rate)
{
	*t = (struct tone){ .spec = *spec, .rate = rate,
			    .endless = !spec->times, .left = spec->times };
	t->on = spec->on_ms * rate / 1000;
	t->period = t->on + spec->off_ms * rate / 1000;
	for (unsigned i = 0; i < 2; i++) {
		double w = 2 * M_PI * spec->hz[i] / rate;

		if (!spec->hz[i] || spec->hz[i] * 2u >= rate)
			continue;
		t->c[i] = 32767 * pow(10, spec->dbov[i] / 20.0);
		t->ds[i] = sin(w);
		t->dc[i] = cos(w);
	}
}

void tone_stop(struct tone *t)
{
	*t = (struct tone){ 0 };
}

bool tone_active(const struct tone *t)
{
	return t->rate && (t->endless || t->left);
}

/* Turns both phasors by one sample. */
static int16_t turn(struct tone *t)
{
	double v = t->s[0] + t->s[1];

	for (unsigned i = 0; i < 2; i++) {
		double s = t->s[i] * t->dc[i] + t->c[i] * t->ds[i];

		t->c[i] = t->c[i] * t->dc[i] - t->s[i] * t->ds[i];
		t->s[i] = s;
	}
	v = v > 32767 ? 32767 : v < -32768 ? -32768 : v;
	return (int16_t)lrint(v);
}

/* One sample of the cadence. */
static int16_t step(struct tone *t, bool *sound)
{
	int16_t v = 0;

	if (!tone_active(t))
		return 0;
	if (t->at < t->on || !t->period) {
		v = turn(t);
		*sound = true;
	}
	if (++t->at >= t->period) {
		t->at = 0;
		if (!t->endless)
			t->left--;
	}
	return v;
}

bool tone_run(struct tone *t, int16_t *pcm, size_t n)
{
	bool sound = false;

	if (!tone_active(t))
		return false;
	for (size_t i = 0; i < n; i++)
		pcm[i] = step(t, &sound);
	return sound;
}

char dtmf_char(unsigned event)
{
	return event < 16 ? event_keys[event] : '\0';
}

int dtmf_event(char c)
{
	const char *at;

	if (c >= 'a' && c <= 'd')
		c = (char)(c - 32);
	at = c ? strchr(event_keys, c) : NULL;
	return at ? (int)(at - event_keys) : -1;
}

struct tone_spec dtmf_tone(unsigned event, unsigned on_ms, unsigned off_ms)
{
	const char *at = event < 16 ? strchr(dtmf_keys, event_keys[event]) :
			 NULL;
	size_t i = at ? (size_t)(at - dtmf_keys) : 0;

	/* Q.24: the higher one a little louder than the lower. */
	return (struct tone_spec){
		.hz = { at ? dtmf_hz[i / 4] : 0, at ? dtmf_hz[4 + i % 4] : 0 },
		.dbov = { -11, -9 }, .times = 1,
		.on_ms = (uint16_t)on_ms, .off_ms = (uint16_t)off_ms };
}

void dtmf_detect_init(struct dtmf_detect *d, uint32_t rate)
{
	*d = (struct dtmf_detect){ .rate = rate, .block = rate * 13 / 1000 };
	for (unsigned i = 0; i < 8; i++)
		d->coef[i] = 2 * cos(2 * M_PI * dtmf_hz[i] / rate);
}

/* Share of the block's energy at frequency i, 0..1. */
static double power(const struct dtmf_detect *d, unsigned i)
{
	double p = d->q1[i] * d->q1[i] + d->q2[i] * d->q2[i] -
		   d->coef[i] * d->q1[i] * d->q2[i];

	return 2 * p / (d->energy * d->n);
}

static unsigned strongest(const double *p)
{
	unsigned best = 0;

	for (unsigned i = 1; i < 4; i++)
		if (p[i] > p[best])
			best = i;
	return best;
}

/* The block's key + 1, 0: none.  The two tones must hold most of its energy
 * and differ by no more than Q.24's twist (8 dB here); -39 dBov at least. */
static int block_key(const struct dtmf_detect *d)
{
	double p[8], low, high;
	unsigned row, col;

	if (d->energy < d->n * 350.0 * 350.0)
		return 0;
	for (unsigned i = 0; i < 8; i++)
		p[i] = power(d, i);
	row = strongest(p);
	col = strongest(p + 4);
	low = p[row];
	high = p[4 + col];
	if (low + high < 0.80 || low > 6.3 * high || high > 6.3 * low)
		return 0;
	return dtmf_event(dtmf_keys[row * 4 + col]) + 1;
}

static bool block_end(struct dtmf_detect *d, char *key)
{
	int now = block_key(d);
	bool found = false;

	d->run = now == d->last ? d->run + 1 : 1;
	d->last = now;
	if (d->run == 2 && now != d->reported) {
		d->reported = now;
		found = now > 0;
		if (found)
			*key = event_keys[now - 1];
	}
	memset(d->q1, 0, sizeof(d->q1));
	memset(d->q2, 0, sizeof(d->q2));
	d->energy = 0;
	d->n = 0;
	return found;
}

size_t dtmf_detect_run(struct dtmf_detect *d, const int16_t *pcm, size_t n,
		       char *keys, size_t cap)
{
	size_t found = 0;

	for (size_t i = 0; i < n; i++) {
		char key;

		for (unsigned k = 0; k < 8; k++) {
			double q = d->coef[k] * d->q1[k] - d->q2[k] + pcm[i];

			d->q2[k] = d->q1[k];
			d->q1[k] = q;
		}
		d->energy += (double)pcm[i] * pcm[i];
		if (++d->n == d->block && block_end(d, &key) && found < cap)
			keys[found++] = key;
	}
	return found;
}
