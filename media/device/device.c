/* SPDX-License-Identifier: BSD-2-Clause */
#include "media/device/device.h"

#include "media/graph.h"

enum { NAME_MAX_BYTES = 1024 };

static const struct device_kind *kind_named(struct slice name)
{
	for (size_t i = 0; feature_device[i]; i++)
		if (slice_eq(name, feature_device[i]->name))
			return feature_device[i];
	return NULL;
}

/* CAPTURE[,PLAYBACK]; one name alone is for both, none is the default.  An
 * ALSA name may hold commas (hw:0,1): then a ";" stands between the two. */
static void device_split(char *text, struct device_config *c)
{
	char *comma = strchr(text, ';');

	if (!comma && !strchr(text, ':'))
		comma = strchr(text, ',');
	c->capture = c->playback = *text ? text : NULL;
	if (comma) {
		*comma = '\0';
		c->capture = text;
		c->playback = comma + 1;
	}
}

/* The kind, and what spec says of the device; its names are in text. */
static int parse(const char *spec, char text[NAME_MAX_BYTES],
		 struct device_config *c, const struct device_kind **kind)
{
	struct slice name, rest;
	int rc;

	(void)slice_cut(slice_str(spec), ':', &name, &rest);
	*kind = kind_named(name);
	if (!*kind)
		return -ENOENT;
	rc = slice_to_str(rest, text, NAME_MAX_BYTES);
	if (rc == 0)
		device_split(text, c);
	return rc;
}

int device_open(struct reactor *r, const char *spec, uint32_t rate,
		void (*tick)(void *arg), void *arg, struct device **out)
{
	struct device_config c = { .rate = rate };
	const struct device_kind *kind;
	char text[NAME_MAX_BYTES];
	int rc = parse(spec, text, &c, &kind);

	return rc < 0 ? rc : kind->open(r, &c, tick, arg, out);
}

int device_check(struct reactor *r, const char *spec, uint32_t rate)
{
	struct device_config c = { .rate = rate };
	const struct device_kind *kind;
	char text[NAME_MAX_BYTES];
	int rc = parse(spec, text, &c, &kind);

	if (rc == 0)
		rc = kind->check(r, &c);
	return rc == -EBUSY ? 0 : rc;
}

void device_close(struct device *d)
{
	if (d)
		d->kind->close(d);
}

bool device_read(struct device *d, int16_t *pcm, size_t n)
{
	return d->captures && d->kind->read(d, pcm, n);
}

void device_write(struct device *d, const int16_t *pcm, size_t n)
{
	if (d->plays)
		d->kind->write(d, pcm, n);
}

struct device_stats device_stats(const struct device *d)
{
	struct device_stats s = { 0 };

	d->kind->stats(d, &s);
	return s;
}

static bool source(void *arg, int16_t *pcm, size_t n, mono now)
{
	(void)now;
	return device_read(arg, pcm, n);
}

static void sink(void *arg, const int16_t *pcm, size_t n, mono now)
{
	(void)now;
	device_write(arg, pcm, n);
}

const struct graph_ops device_ops = { source, sink };
