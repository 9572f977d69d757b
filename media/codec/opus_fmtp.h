/* SPDX-License-Identifier: BSD-2-Clause
 * media/codec/opus_fmtp.h - the parameters of RFC 7587 6.1 in a=fmtp.
 */
#ifndef MEDIA_OPUS_FMTP_H
#define MEDIA_OPUS_FMTP_H
#include "media/codec/codec.h"

/* name=value pairs apart by ";" with white space around it.  What is unknown
 * is skipped (7.1); a flag other than 0 and 1, or a rate that is no number, is
 * -EBADMSG; a bitrate outside 6000..510000 is ignored, a rate outside
 * 8000..48000 is cut to that.  ptime, minptime and maxptime are taken here too,
 * since some stacks put them here; p's other fields stay. */
MUST_USE int opus_fmtp_parse(struct slice in, struct codec_params *p,
			     struct parse_error *e);
/* What differs from the defaults. */
void opus_fmtp_write(const struct codec_params *p, struct writer *w);
#endif
