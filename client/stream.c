/* SPDX-License-Identifier: BSD-2-Clause */
#include "client/stream.h"

void stream_room_reset(struct stream_room *r)
{
	r->formats = 0;
	r->text_n = 0;
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
