/* SPDX-License-Identifier: BSD-2-Clause */
#include "media/codec/opus_fmtp.h"

#include "platform/scan.h"

enum kind { FLAG, RATE, BITRATE, TIME };

struct row {
	const char *name;
	enum kind kind;
	size_t at; /* of the member in struct codec_params */
};

#define AT(m) offsetof(struct codec_params, m)

static const struct row rows[] = {
	{ "maxplaybackrate", RATE, AT(max_playback_rate) },
	{ "sprop-maxcapturerate", RATE, AT(sprop_capture_rate) },
	{ "maxaveragebitrate", BITRATE, AT(max_bitrate) },
	{ "stereo", FLAG, AT(stereo) },
	{ "sprop-stereo", FLAG, AT(sprop_stereo) },
	{ "cbr", FLAG, AT(cbr) },
	{ "useinbandfec", FLAG, AT(fec) },
	{ "usedtx", FLAG, AT(dtx) },
	{ "ptime", TIME, AT(ptime) },
	{ "maxptime", TIME, AT(maxptime) },
};

enum { PARAMS_MAX = 32 };

static bool set(const struct row *r, struct slice v, struct codec_params *p)
{
	char *at = (char *)p + r->at;
	uint32_t n;
	uint16_t ms;
	bool on;

	/* An absurd number is a number still: cut to 32 bits. */
	if (slice_u32(v, UINT32_MAX, &n) < 0)
		return false;
	switch (r->kind) {
	case FLAG:
		on = n == 1;
		memcpy(at, &on, sizeof(on));
		return n < 2;
	case RATE:
		n = n < 8000 ? 8000 : n > 48000 ? 48000 : n;
		memcpy(at, &n, sizeof(n));
		return true;
	case BITRATE:
		if (n >= 6000 && n <= 510000)
			memcpy(at, &n, sizeof(n));
		return n > 0;
	case TIME:
		ms = (uint16_t)(n > CODEC_PACKET_MS_MAX ?
				CODEC_PACKET_MS_MAX : n);
		memcpy(at, &ms, sizeof(ms));
		return n > 0;
	}
	return false;
}

static int fmtp_known(struct slice name, struct slice value,
		      struct codec_params *p)
{
	for (size_t i = 0; i < COUNT(rows); i++)
		if (slice_ieq(name, rows[i].name))
			return set(&rows[i], value, p) ? 0 : -EBADMSG;
	return 0;
}

/* A value of an unknown parameter is whatever stands before ";". */
int opus_fmtp_parse(struct slice in, struct codec_params *p,
		    struct parse_error *e)
{
	struct codec_params out = *p;
	struct scan s = scan_begin(in, e);
	struct slice name, value;

	for (unsigned n = 0; !scan_done(&s); n++) {
		if (n == PARAMS_MAX)
			return scan_fail_code(&s, -E2BIG,
					      "too many parameters");
		scan_sws(&s);
		value = S("");
		if (!scan_token(&s, &name))
			return scan_fail(&s, "parameter name wanted");
		if (scan_sep(&s, '=') && !scan_until(&s, ';', &value))
			value = scan_rest(&s);
		if (fmtp_known(name, slice_trim(value), &out) < 0)
			return scan_fail(&s, "value out of range");
		if (!scan_sep(&s, ';') && !scan_done(&s))
			return scan_fail(&s, "; wanted");
	}
	*p = out;
	return 0;
}

static void fmtp_put(struct writer *w, const char *name, uint32_t v,
		     bool *first)
{
	if (!*first)
		writer_char(w, ';');
	*first = false;
	writer_str(w, name);
	writer_char(w, '=');
	writer_u64(w, v);
}

void opus_fmtp_write(const struct codec_params *p, struct writer *w)
{
	bool first = true;

	for (size_t i = 0; i < COUNT(rows); i++) {
		const char *at = (const char *)p + rows[i].at;
		uint32_t n = 0;
		bool on;

		switch (rows[i].kind) {
		case FLAG:
			memcpy(&on, at, sizeof(on));
			n = on;
			break;
		case RATE:
		case BITRATE:
			memcpy(&n, at, sizeof(n));
			break;
		case TIME: /* a=ptime and a=maxptime are SDP's, 7 */
			break;
		}
		if (n)
			fmtp_put(w, rows[i].name, n, &first);
	}
}
