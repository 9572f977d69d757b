/* SPDX-License-Identifier: BSD-2-Clause
 * What parses has its parts inside the input, and written again it is the
 * input but for the padding's contents. */
#include "fuzz/fuzz.h"
#include "rtp/rtp_packet.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice in = slice_of(data, size);
	static char buf[1 << 17];
	struct writer w = writer_begin(buf, sizeof(buf));
	struct parse_error e = { 0 };
	struct rtp_packet p;
	struct rtp_ext x;
	size_t at = 0, steps = 0;

	if (size > sizeof(buf))
		return 0;
	if (rtp_packet_parse(in, &p, &e)) {
		INVARIANT(e.reason && e.offset <= size);
		return 0;
	}
	INVARIANT(slice_inside(p.payload, in) && slice_inside(p.ext, in) &&
		  slice_inside(p.csrc, in));
	INVARIANT(RTP_HEADER + p.csrc.n + p.ext.n + (p.has_ext ? 4 : 0) +
			  p.payload.n + p.padding == size);
	for (size_t i = 0; i < p.csrc.n / 4; i++)
		(void)rtp_packet_csrc(&p, i);
	while (rtp_ext_next(&p, &at, &x)) {
		INVARIANT(slice_inside(x.data, p.ext) && x.id);
		INVARIANT(at <= p.ext.n && ++steps <= p.ext.n);
	}
	INVARIANT(rtp_packet_write(&w, &p) == 0);
	INVARIANT(w.n == size && memcmp(buf, data, size - p.padding) == 0);
	return 0;
}
