/* SPDX-License-Identifier: BSD-2-Clause */
#include "fuzz/fuzz.h"
#include "media/codec/opus_fmtp.h"

static bool same(const struct codec_params *a, const struct codec_params *b)
{
	return a->max_playback_rate == b->max_playback_rate &&
	       a->sprop_capture_rate == b->sprop_capture_rate &&
	       a->max_bitrate == b->max_bitrate && a->stereo == b->stereo &&
	       a->sprop_stereo == b->sprop_stereo && a->cbr == b->cbr &&
	       a->fec == b->fec && a->dtx == b->dtx;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct codec_params p = { 0 }, q = { 0 };
	struct parse_error e = { 0 };
	char text[512];
	struct writer w = writer_begin(text, sizeof(text));

	if (opus_fmtp_parse(slice_of(data, size), &p, &e) < 0) {
		INVARIANT(e.reason && e.offset <= size);
		return 0;
	}
	INVARIANT(p.max_playback_rate <= 48000 && p.max_bitrate <= 510000);
	INVARIANT(p.ptime <= 120 && p.maxptime <= 120);
	opus_fmtp_write(&p, &w);
	INVARIANT(writer_end(&w) >= 0);
	INVARIANT(opus_fmtp_parse(writer_done(&w), &q, &e) == 0);
	INVARIANT(same(&p, &q));
	return 0;
}
