/* SPDX-License-Identifier: BSD-2-Clause
 * No sound, real time: the media clock alone. */
#include "media/device/device.h"
#include "media/media_clock.h"

struct null_device {
	struct device base;
	struct mem *mem;
	struct media_clock clock;
};

extern const struct device_kind device_null;

static int null_open(struct reactor *r, const struct device_config *c,
		     void (*tick)(void *arg), void *arg, struct device **out)
{
	struct null_device *d = mem_new(reactor_mem(r), sizeof(*d));

	if (!d)
		return -ENOMEM;
	d->base.kind = &device_null;
	d->base.rate = c->rate ? c->rate : 8000;
	d->mem = reactor_mem(r);
	media_clock_start(&d->clock, r, tick, arg);
	*out = &d->base;
	return 0;
}

static int null_check(struct reactor *r, const struct device_config *c)
{
	(void)r;
	(void)c;
	return 0;
}

static void null_close(struct device *dev)
{
	struct null_device *d = CONTAINER(dev, struct null_device, base);

	media_clock_stop(&d->clock);
	mem_free(d->mem, d);
}

static bool null_read(struct device *dev, int16_t *pcm, size_t n)
{
	(void)dev;
	(void)pcm;
	(void)n;
	return false;
}

static void null_write(struct device *dev, const int16_t *pcm, size_t n)
{
	(void)dev;
	(void)pcm;
	(void)n;
}

static void null_stats(const struct device *dev, struct device_stats *out)
{
	const struct null_device *d =
		(const struct null_device *)(const void *)dev;

	out->ticks = d->clock.ticks;
	out->skipped = d->clock.skipped;
}

const struct device_kind device_null = {
	"null", "silence in real time", null_open, null_check, null_close,
	null_read, null_write, null_stats
};
