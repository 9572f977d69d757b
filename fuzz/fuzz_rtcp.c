/* SPDX-License-Identifier: BSD-2-Clause
 * Every packet of a compound, whether rtcp_check likes it or not: all parts
 * stay inside, and a report is written as it was read. */
#include "fuzz/fuzz.h"
#include "rtp/rtcp.h"

static void report(const struct rtcp_packet *p)
{
	struct rtcp_block b[RTCP_BLOCKS_MAX];
	struct rtcp_report r;
	static char buf[1 << 18];
	struct writer w = writer_begin(buf, sizeof(buf));

	if (rtcp_report_parse(p, &r, NULL))
		return;
	INVARIANT(slice_inside(r.block, p->body) &&
		  slice_inside(r.ext, p->body));
	for (size_t i = 0; i < r.blocks; i++) {
		b[i] = rtcp_block_at(&r, i);
		INVARIANT(b[i].lost >= -0x800000 && b[i].lost <= 0x7fffff);
	}
	if (r.ext.n % 4)
		return; /* padding of an odd count took a part of a word */
	rtcp_write_report(&w, &r, b, r.blocks);
	INVARIANT(writer_end(&w) == (int)(RTCP_HEADER + p->body.n));
	INVARIANT(memcmp(buf + RTCP_HEADER, p->body.p, p->body.n) == 0);
}

static void sdes(const struct rtcp_packet *p)
{
	struct rtcp_sdes_walk w = { 0 };
	struct rtcp_sdes_item item;
	size_t steps = 0;

	(void)!rtcp_sdes_check(p, NULL);
	while (rtcp_sdes_next(p, &w, &item)) {
		INVARIANT(slice_inside(item.value, p->body) && item.type);
		INVARIANT(++steps <= p->body.n);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice in = slice_of(data, size), rest = in;
	struct parse_error e = { 0 };
	struct rtcp_feedback fb;
	struct rtcp_packet p;
	struct rtcp_bye b;
	struct rtcp_app a;
	int rc;

	if (size > 65535)
		return 0;
	rc = rtcp_check(in, &e);
	INVARIANT(rc == 0 || (e.reason && e.offset <= size));
	while ((rc = rtcp_next(&rest, &p, &e)) > 0) {
		INVARIANT(slice_inside(p.body, in) && slice_inside(rest, in));
		report(&p);
		sdes(&p);
		if (rtcp_bye_parse(&p, &b, NULL) == 0)
			INVARIANT(slice_inside(b.ssrc, p.body) &&
				  slice_inside(b.reason, p.body));
		if (rtcp_app_parse(&p, &a, NULL) == 0)
			INVARIANT(a.name.n == 4 &&
				  slice_inside(a.data, p.body));
		if (rtcp_feedback_parse(&p, &fb, NULL) == 0)
			INVARIANT(slice_inside(fb.fci, p.body));
	}
	INVARIANT(rc == 0 || (e.reason && e.offset <= rest.n));
	return 0;
}
