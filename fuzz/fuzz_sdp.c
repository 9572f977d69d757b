/* SPDX-License-Identifier: BSD-2-Clause
 * A description, strictly and leniently: slices stay inside, what is strict is
 * lenient, and writing what was read and reading that changes nothing. */
#include "fuzz/fuzz.h"
#include "sdp/sdp_attr.h"

static void typed(const struct sdp *d, struct slice in)
{
	struct sdp_format f[LIMIT_SDP_FORMATS];
	struct addr rtp, rtcp;
	struct slice params, name, value;
	uint64_t v;

	for (size_t i = 0; i < d->media_count; i++) {
		const struct sdp_media *m = &d->media[i];
		size_t n = sdp_formats(m, f, COUNT(f));

		for (size_t k = 0; k < n; k++) {
			INVARIANT(slice_inside(f[k].text, in));
			INVARIANT(f[k].pt < 128 || f[k].pt == SDP_NO_PT);
			INVARIANT(!f[k].name.n || f[k].rate);
			params = f[k].fmtp;
			while (sdp_param_next(&params, &name, &value))
				INVARIANT(name.n && slice_inside(name, in) &&
					  slice_inside(value, in));
		}
		if (sdp_media_addr(d, m, &rtp, &rtcp) == 0)
			INVARIANT(rtp.family && rtp.port == m->port);
		INVARIANT(sdp_media_dir(d, m) <= SDP_SENDRECV);
		(void)sdp_bandwidth(d, m, "AS", &v);
		INVARIANT(sdp_ptime(m) <= 65536);
	}
}

static void walked(const struct sdp *d, unsigned flags, struct slice in)
{
	struct slice at = d->lines;
	struct sdp_attr a;
	uint32_t n = 0;

	while (sdp_attr_next(&at, &a)) {
		INVARIANT(slice_inside(a.name, in) &&
			  slice_inside(a.value, in));
		n++;
	}
	INVARIANT(n == d->attributes);
	for (size_t i = 0; i < d->media_count; i++) {
		const struct sdp_media *m = &d->media[i];
		struct slice list = m->formats, one;

		INVARIANT(slice_inside(m->lines, in) && m->type.n &&
			  m->proto.n);
		INVARIANT(sdp_format_next(&list, &one) ||
			  (!m->port && (flags & SDP_SHORT)));
		at = m->lines;
		for (n = 0; sdp_attr_next(&at, &a); n++)
			INVARIANT(slice_inside(a.value, in));
		INVARIANT(n == m->attributes);
	}
}

static void stable(const struct sdp *d, unsigned flags)
{
	static char text[2][2 * LIMIT_SDP_BYTES];
	struct writer w[2];
	struct sdp again;

	w[0] = writer_begin(text[0], sizeof(text[0]));
	sdp_write(&w[0], d);
	INVARIANT(!w[0].full);
	if (w[0].n > LIMIT_SDP_BYTES)
		return; /* LF became CRLF */
	INVARIANT(sdp_parse(writer_done(&w[0]), flags, &again, NULL) == 0);
	INVARIANT(again.media_count == d->media_count &&
		  again.attributes == d->attributes);
	w[1] = writer_begin(text[1], sizeof(text[1]));
	sdp_write(&w[1], &again);
	INVARIANT(slice_same(writer_done(&w[0]), writer_done(&w[1])));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const unsigned flags[] = { 0, SDP_WILD };
	struct slice in = slice_of(data, size);
	int rc[2];

	for (int i = 0; i < 2; i++) {
		struct parse_error e = { 0 };
		struct sdp d;

		rc[i] = sdp_parse(in, flags[i], &d, &e);
		if (rc[i]) {
			INVARIANT(e.reason && e.offset <= size);
			continue;
		}
		walked(&d, flags[i], in);
		typed(&d, in);
		stable(&d, flags[i]);
	}
	INVARIANT(rc[0] || !rc[1]);
	return 0;
}
