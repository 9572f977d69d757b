/* SPDX-License-Identifier: BSD-2-Clause */
#include "client/stream.h"

void stream_room_reset(struct stream_room *r)
{
	r->formats = r->attrs = 0;
	r->text_n = 0;
}

struct sdp_format *stream_room_formats(struct stream_room *r, size_t n)
{
	struct sdp_format *f = r->format + r->formats;

	if (n > STREAM_ROOM_FORMATS - r->formats)
		return NULL;
	r->formats += n;
	return f;
}

/* A section's attributes stand in a row: they grow in place as long as they are
 * the last. */
int stream_room_attr(struct stream_room *r, struct sdp_stream *out,
		     struct slice text)
{
	const struct slice *end = r->attr + r->attrs;
	size_t n = out->attr_count;
	bool last = n && out->attrs + n == end;

	if (STREAM_ROOM_ATTRS - r->attrs < (last ? 0 : n) + 1)
		return -ENOSPC;
	if (!last) {
		for (size_t i = 0; i < n; i++)
			r->attr[r->attrs + i] = out->attrs[i];
		out->attrs = end;
		r->attrs += n;
	}
	r->attr[r->attrs++] = text;
	out->attr_count++;
	return 0;
}

struct writer stream_room_text(struct stream_room *r)
{
	return writer_begin(r->text + r->text_n, sizeof(r->text) - r->text_n);
}

int stream_room_keep(struct stream_room *r, struct writer *w,
		     struct slice *text)
{
	if (writer_end(w) < 0)
		return -ENOSPC;
	*text = writer_done(w);
	r->text_n += w->n;
	return 0;
}

const struct stream_kind *stream_kind_find(enum parley_media media)
{
	for (size_t i = 0; feature_stream[i]; i++)
		if (feature_stream[i]->media == media)
			return feature_stream[i];
	return NULL;
}

const struct stream_kind *stream_kind_fits(const struct sdp_media *m)
{
	for (size_t i = 0; feature_stream[i]; i++)
		if (feature_stream[i]->fits(m))
			return feature_stream[i];
	return NULL;
}
