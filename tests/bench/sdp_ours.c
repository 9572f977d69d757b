/* SPDX-License-Identifier: BSD-2-Clause
 * Plug-in of the peers' SDP benchmark: what it touches, in our API.  Built by
 * the benchmark beside its sdp.h and driver. */
#include "sdp.h"

#include <sdp/sdp.h>

static char out[2 * LIMIT_SDP_BYTES];

static int go(const char *doc, size_t len, struct sdp_touch *t, int print)
{
	struct slice list, format;
	struct parse_error e;
	struct writer w;
	struct sdp d;

	if (sdp_parse(slice_of(doc, len), SDP_WILD, &d, &e))
		return -1;
	t->attrs = (int)d.attributes;
	t->medias = (int)d.media_count;
	for (size_t i = 0; i < d.media_count; i++) {
		list = d.media[i].formats;
		while (sdp_format_next(&list, &format))
			t->formats++;
		t->attrs += (int)d.media[i].attributes;
	}
	if (!print)
		return 0;
	w = writer_begin(out, sizeof(out));
	sdp_write(&w, &d);
	t->printed = writer_end(&w);
	return t->printed < 0;
}

static int parse(const char *doc, size_t len, struct sdp_touch *t)
{
	return go(doc, len, t, 0);
}

static int round_trip(const char *doc, size_t len, struct sdp_touch *t)
{
	return go(doc, len, t, 1);
}

const struct sdp_peer sdp_peer = { "parley", NULL, parse, round_trip };
