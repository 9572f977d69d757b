/* SPDX-License-Identifier: BSD-2-Clause
 * A WAV file played in a loop as the microphone, another one recorded as the
 * loudspeaker; the clock is the reactor's. */
#include "media/device/device.h"
#include "media/graph.h"
#include "media/media_clock.h"
#include "media/wav_file.h"

struct wav_device {
	struct device base;
	struct mem *mem;
	struct media_clock clock;
	void (*tick)(void *arg);
	void *arg;
	struct wav_player *in;
	struct wav_recorder *out;
	bool *gone;
};

extern const struct device_kind device_wav;

static void wav_close(struct device *dev)
{
	struct wav_device *d = CONTAINER(dev, struct wav_device, base);

	if (d->gone)
		*d->gone = true;
	media_clock_stop(&d->clock);
	wav_player_close(d->in);
	(void)wav_recorder_close(d->out);
	mem_free(d->mem, d);
}

static void on_tick(void *arg)
{
	struct wav_device *d = arg;
	bool gone = false;

	d->gone = &gone;
	d->tick(d->arg);
	if (gone)
		return;
	d->gone = NULL;
	if (d->in)
		wav_player_service(d->in);
	if (d->out)
		wav_recorder_service(d->out);
}

static int files_open(struct wav_device *d, const struct device_config *c)
{
	int rc = 0;

	if (c->capture && *c->capture)
		rc = wav_player_open(d->mem, c->capture, d->base.rate, true,
				     &d->in);
	if (rc == 0 && c->playback != c->capture && c->playback &&
	    *c->playback)
		rc = wav_recorder_open(d->mem, c->playback, d->base.rate, NULL,
				       &d->out);
	return rc;
}

static int wav_open(struct reactor *r, const struct device_config *c,
		    void (*tick)(void *arg), void *arg, struct device **out)
{
	struct wav_device *d = mem_new(reactor_mem(r), sizeof(*d));
	int rc;

	if (!d)
		return -ENOMEM;
	d->base.kind = &device_wav;
	d->base.rate = c->rate ? c->rate : 16000;
	d->mem = reactor_mem(r);
	d->tick = tick;
	d->arg = arg;
	rc = files_open(d, c);
	if (rc < 0) {
		wav_close(&d->base);
		return rc;
	}
	d->base.captures = d->in != NULL;
	d->base.plays = d->out != NULL;
	media_clock_start(&d->clock, r, on_tick, d);
	*out = &d->base;
	return 0;
}

static int wav_check(struct reactor *r, const struct device_config *c)
{
	struct wav_player *p;
	int rc = 0;

	if (c->capture && *c->capture) {
		rc = wav_player_open(reactor_mem(r), c->capture, 16000, true,
				     &p);
		if (rc == 0)
			wav_player_close(p);
	}
	if (rc == 0 && c->playback != c->capture && c->playback &&
	    *c->playback)
		rc = wav_recorder_check(c->playback);
	return rc;
}

static bool wav_read(struct device *dev, int16_t *pcm, size_t n)
{
	struct wav_device *d = CONTAINER(dev, struct wav_device, base);

	return player_ops.source(wav_player_engine(d->in), pcm, n, 0);
}

static void wav_write(struct device *dev, const int16_t *pcm, size_t n)
{
	struct wav_device *d = CONTAINER(dev, struct wav_device, base);

	recorder_ops.sink(wav_recorder_engine(d->out), pcm, n, 0);
}

static void wav_stats(const struct device *dev, struct device_stats *out)
{
	const struct wav_device *d =
		(const struct wav_device *)(const void *)dev;

	out->ticks = d->clock.ticks;
	out->skipped = d->clock.skipped;
	if (d->in)
		out->underruns = wav_player_engine(d->in)->underruns;
	if (d->out) {
		out->overruns = wav_recorder_engine(d->out)->dropped;
		out->error = -wav_recorder_error(d->out);
	}
}

const struct device_kind device_wav = {
	"wav", "IN.wav in a loop, OUT.wav recorded: wav:IN,OUT",
	wav_open, wav_check, wav_close, wav_read, wav_write, wav_stats
};
