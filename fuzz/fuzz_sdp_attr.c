/* SPDX-License-Identifier: BSD-2-Clause
 * The value of a typed attribute: each of the grammars reads it, keeps inside
 * it, and reads what was written of it the same. */
#include "fuzz/fuzz.h"
#include "platform/writer.h"
#include "sdp/sdp_attr.h"

static void rtpmap(struct slice in)
{
	struct sdp_format f = { .pt = SDP_NO_PT }, g = f;
	char text[4096];
	struct writer w = writer_begin(text, sizeof(text));

	if (sdp_rtpmap_parse(in, &f)) {
		INVARIANT(f.pt == SDP_NO_PT && !f.name.n);
		return;
	}
	INVARIANT(f.name.n && slice_inside(f.name, in) && f.pt < 128 &&
		  f.rate && f.channels);
	writer_u64(&w, f.pt);
	writer_char(&w, ' ');
	writer_put(&w, f.name);
	writer_char(&w, '/');
	writer_u64(&w, f.rate);
	writer_char(&w, '/');
	writer_u64(&w, f.channels);
	if (writer_end(&w) < 0)
		return;
	INVARIANT(sdp_rtpmap_parse(writer_done(&w), &g) == 0);
	INVARIANT(g.pt == f.pt && g.rate == f.rate &&
		  g.channels == f.channels && slice_same(g.name, f.name));
}

static void fmtp(struct slice in)
{
	struct slice fmt, params, name, value, found;
	size_t n = 0;

	if (sdp_fmtp_parse(in, &fmt, &params))
		return;
	INVARIANT(fmt.n && slice_inside(fmt, in) && slice_inside(params, in));
	for (struct slice p = params; sdp_param_next(&p, &name, &value); n++) {
		INVARIANT(n <= in.n && slice_inside(name, in) &&
			  slice_inside(value, in));
		INVARIANT(p.n < params.n);
	}
	INVARIANT(!sdp_fmtp_param(params, "useinbandfec", &found) ||
		  slice_inside(found, in));
	(void)sdp_fmtp_u32(params, "maxplaybackrate", 48000);
}

static void rtcp(struct slice in)
{
	struct sdp_rtcp r = { 0 };
	struct addr a;

	if (sdp_rtcp_parse(in, &r)) {
		INVARIANT(!r.port && !r.c.address.n);
		return;
	}
	INVARIANT(slice_inside(r.c.address, in));
	if (r.c.address.n && sdp_conn_addr(&r.c, &a) == 0)
		INVARIANT(a.family == 4 || a.family == 6);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice in = slice_of(data, size);

	rtpmap(in);
	fmtp(in);
	rtcp(in);
	return 0;
}
