/* SPDX-License-Identifier: BSD-2-Clause */
#include "fuzz/fuzz.h"
#include "sip/hdr/sip_via.h"

static bool parsed(struct slice in, struct sip_via *v)
{
	struct parse_error e = { 0 };

	if (sip_via_parse(in, v, &e)) {
		INVARIANT(e.reason && e.offset <= in.n);
		return false;
	}
	INVARIANT(v->transport.n && v->host.n && slice_inside(v->host, in) &&
		  slice_inside(v->branch, in) && slice_inside(v->params, in) &&
		  slice_inside(v->received, in) && v->ttl <= 256);
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char text[2][1 << 17];
	struct writer w = writer_begin(text[0], sizeof(text[0]));
	struct sip_via v, again;
	struct slice one;

	if (!parsed(slice_of(data, size), &v))
		return 0;
	sip_via_write(&w, &v);
	if (writer_end(&w) < 0)
		return 0;
	one = writer_done(&w);
	INVARIANT(parsed(one, &again) && slice_same(v.branch, again.branch) &&
		  slice_same(v.received, again.received) &&
		  slice_same(v.maddr, again.maddr) && v.ttl == again.ttl &&
		  v.port == again.port && v.rport == again.rport &&
		  v.has_rport == again.has_rport);
	w = writer_begin(text[1], sizeof(text[1]));
	sip_via_write(&w, &again);
	INVARIANT(slice_same(one, writer_done(&w)));
	return 0;
}
