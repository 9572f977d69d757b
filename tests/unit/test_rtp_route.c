/* SPDX-License-Identifier: BSD-2-Clause
 * Who gets which packet: RFC 8843 9.2.  Two streams, "a" and "v", share payload
 * type 96 where nothing else is said. */
#include "tests/unit/suites.h"

#include "rtp/rtcp.h"
#include "rtp/rtp_route.h"

enum { MID_EXT = 4, OWN_A = 0xA0, OWN_V = 0xB0 };

static const uint64_t pt96[2] = { 0, UINT64_C(1) << (96 - 64) };

struct pair {
	struct rtp_routes r;
	uint32_t a, v;
};

static void begin(struct pair *p)
{
	memset(p, 0, sizeof(*p));
	p->a = rtp_routes_add(&p->r, pt96);
	p->v = rtp_routes_add(&p->r, pt96);
	ck_assert_int_eq(rtp_routes_set_mid(&p->r, p->a, S("a")), 0);
	ck_assert_int_eq(rtp_routes_set_mid(&p->r, p->v, S("v")), 0);
	rtp_routes_set_mid_ext(&p->r, MID_EXT);
}

/* mid NULL: without; an element of another kind stands before it. */
static uint32_t route(struct pair *p, uint32_t ssrc, uint16_t seq, uint8_t pt,
		      const char *mid)
{
	char ext[24] = { 0x10, 0x7F, (char)(MID_EXT << 4) };
	struct rtp_packet out = { .ssrc = ssrc, .seq = seq, .pt = pt }, in;
	char room[64];
	struct writer w = writer_begin(room, sizeof(room));

	if (mid) {
		size_t n = strlen(mid);

		ext[2] = (char)(ext[2] | (char)(n - 1));
		memcpy(ext + 3, mid, n);
		out.has_ext = true;
		out.ext_profile = RTP_EXT_ONE;
		out.ext = slice_of(ext, (3 + n + 3) / 4 * 4);
	}
	ck_assert_int_eq(rtp_packet_write(&w, &out), 0);
	ck_assert_int_eq(rtp_packet_parse(writer_done(&w), &in, NULL), 0);
	return rtp_routes_rtp(&p->r, &in);
}

START_TEST(a_mid_names_the_stream_and_binds_its_source)
{
	struct pair p;

	begin(&p);
	ck_assert_uint_eq(route(&p, 1, 1, 96, "v"), p.v);
	ck_assert_uint_eq(route(&p, 2, 1, 96, "a"), p.a);
	/* once told it may be left out */
	ck_assert_uint_eq(route(&p, 1, 2, 96, NULL), p.v);
	ck_assert_uint_eq(route(&p, 2, 2, 96, NULL), p.a);
	/* nobody's name is nobody's packet, and changes nothing */
	ck_assert_uint_eq(route(&p, 1, 3, 96, "x"), 0);
	ck_assert_uint_eq(route(&p, 1, 4, 96, NULL), p.v);
	ck_assert_uint_eq(route(&p, 1, 5, 96, "va"), 0);
	/* without any, a payload type of both says nothing */
	ck_assert_uint_eq(route(&p, 3, 1, 96, NULL), 0);
	/* an id that was not agreed on is none */
	rtp_routes_set_mid_ext(&p.r, 0);
	ck_assert_uint_eq(route(&p, 1, 6, 96, "a"), p.v);
	/* and a name that was taken away is nobody's */
	rtp_routes_set_mid_ext(&p.r, MID_EXT);
	ck_assert_int_eq(rtp_routes_set_mid(&p.r, p.v,
					    (struct slice){ 0 }), 0);
	ck_assert_uint_eq(route(&p, 1, 7, 96, "v"), 0);
}
END_TEST

/* RFC 7941 4.2.6: a source moves to where its newest packet says; what was
 * overtaken does not move it back. */
START_TEST(a_source_moves_with_its_newest_mid)
{
	struct pair p;

	begin(&p);
	ck_assert_uint_eq(route(&p, 1, 65534, 96, "a"), p.a);
	ck_assert_uint_eq(route(&p, 1, 1, 96, "v"), p.v);
	ck_assert_uint_eq(route(&p, 1, 65535, 96, "a"), p.v);
	ck_assert_uint_eq(route(&p, 1, 2, 96, NULL), p.v);
	ck_assert_uint_eq(route(&p, 1, 3, 96, "a"), p.a);
}
END_TEST

START_TEST(signalled_sources_need_no_mid)
{
	struct pair p;

	begin(&p);
	rtp_routes_bind(&p.r, p.a, 10);
	rtp_routes_bind(&p.r, p.v, 11);
	ck_assert_uint_eq(route(&p, 10, 1, 96, NULL), p.a);
	ck_assert_uint_eq(route(&p, 11, 1, 96, NULL), p.v);
	rtp_routes_bind(&p.r, p.v, 10); /* signalled anew */
	ck_assert_uint_eq(route(&p, 10, 2, 96, NULL), p.v);
	rtp_routes_bind(&p.r, 0, 12);
	rtp_routes_bind(&p.r, p.v + 256, 12);
	ck_assert_uint_eq(route(&p, 12, 1, 96, NULL), 0);
}
END_TEST

START_TEST(a_payload_type_of_one_stream_alone_tells)
{
	static const uint64_t pt0[2] = { 1, 0 };
	struct pair p;

	begin(&p);
	rtp_routes_set_pts(&p.r, p.a, pt0);
	ck_assert_uint_eq(route(&p, 5, 1, 0, NULL), p.a);
	ck_assert_uint_eq(route(&p, 6, 1, 96, NULL), p.v);
	/* the source is known by it from then on */
	rtp_routes_set_pts(&p.r, p.a, pt96);
	ck_assert_uint_eq(route(&p, 5, 2, 96, NULL), p.a);
	ck_assert_uint_eq(route(&p, 6, 2, 96, NULL), p.v);
}
END_TEST

/* Nine sources of one stream: the first is forgotten, no other. */
START_TEST(a_stream_remembers_eight_sources)
{
	struct pair p;

	begin(&p);
	for (uint32_t i = 0; i <= RTP_ROUTE_SSRCS; i++)
		ck_assert_uint_eq(route(&p, 100 + i, 1, 96, "a"), p.a);
	ck_assert_uint_eq(route(&p, 100, 2, 96, NULL), 0);
	for (uint32_t i = 1; i <= RTP_ROUTE_SSRCS; i++)
		ck_assert_uint_eq(route(&p, 100 + i, 2, 96, NULL), p.a);
	/* what goes to another stream leaves a place */
	ck_assert_uint_eq(route(&p, 104, 3, 96, "v"), p.v);
	ck_assert_uint_eq(route(&p, 200, 1, 96, "a"), p.a);
	ck_assert_uint_eq(route(&p, 101, 3, 96, NULL), p.a);
}
END_TEST

START_TEST(mids_and_handles_have_their_limits)
{
	struct pair p;

	begin(&p);
	ck_assert_int_eq(rtp_routes_set_mid(&p.r, p.a,
					    S("0123456789abcdef")), 0);
	ck_assert_uint_eq(route(&p, 1, 1, 96, "0123456789abcdef"), p.a);
	ck_assert_int_eq(rtp_routes_set_mid(&p.r, p.a,
					    S("0123456789abcdefg")), -EINVAL);
	ck_assert_int_eq(rtp_routes_set_mid(&p.r, p.a, S("")), 0);
	ck_assert_uint_eq(route(&p, 1, 2, 96, "0123456789abcdef"), 0);
	rtp_routes_remove(&p.r, p.a);
	ck_assert_int_eq(rtp_routes_set_mid(&p.r, p.a, S("a")), -ESTALE);
	rtp_routes_own(&p.r, p.a, 1);
	/* alone: all but what names another */
	ck_assert_uint_eq(route(&p, 9, 1, 0, NULL), p.v);
	ck_assert_uint_eq(route(&p, 9, 2, 0, "a"), 0);
	for (unsigned i = 1; i < RTP_ROUTES; i++)
		ck_assert_uint_ne(rtp_routes_add(&p.r, pt96), 0);
	ck_assert_uint_eq(rtp_routes_add(&p.r, pt96), 0);
}
END_TEST

/* ----------------------------------------------------------------- RTCP */
static void put(char text[32], char c)
{
	size_t n = strlen(text);

	ck_assert_uint_lt(n, 31);
	text[n] = c;
	text[n + 1] = '\0';
}

/* What each stream gets of a compound, as the types of its packets: one letter
 * each (S R D B A F), "|" between what comes at a time. */
static void check(struct pair *p, struct slice compound, const char *a,
		  const char *v)
{
	char got[2][32] = { "", "" };
	struct rtp_rtcp_walk w = { 0 };
	struct slice packets;
	uint32_t to;

	ck_assert_int_eq(rtcp_check(compound, NULL), 0);
	rtp_routes_on_rtcp(&p->r, compound);
	while (rtp_routes_rtcp(&p->r, compound, &w, &to, &packets)) {
		char *out = got[to == p->v];
		struct rtcp_packet x;

		ck_assert(to == p->a || to == p->v);
		ck_assert(slice_inside(packets, compound));
		ck_assert_int_eq(rtcp_check_part(packets, NULL), 0);
		if (*out)
			put(out, '|');
		while (rtcp_next(&packets, &x, NULL) > 0)
			put(out, "SRDBAFFX"[x.type - RTCP_SR]);
	}
	ck_assert_str_eq(got[0], a);
	ck_assert_str_eq(got[1], v);
}

static void report(struct writer *w, uint32_t ssrc, uint32_t about)
{
	struct rtcp_block b = { .ssrc = about };

	rtcp_write_report(w, &(struct rtcp_report){ .ssrc = ssrc }, &b,
			  about != 0);
}

static void sender(struct writer *w, uint32_t ssrc)
{
	rtcp_write_report(w, &(struct rtcp_report){ .ssrc = ssrc,
						    .sender = true }, NULL, 0);
}

/* Sources 1 and 2 are the peer's of "a" and "v". */
static void talk(struct pair *p)
{
	begin(p);
	ck_assert_uint_eq(route(p, 1, 1, 96, "a"), p->a);
	ck_assert_uint_eq(route(p, 2, 1, 96, "v"), p->v);
	rtp_routes_own(&p->r, p->a, OWN_A);
	rtp_routes_own(&p->r, p->v, OWN_V);
}

START_TEST(each_packet_of_a_compound_goes_to_whom_it_concerns)
{
	struct pair p;
	char room[512];
	struct writer w = writer_begin(room, sizeof(room));

	talk(&p);
	/* as a bundled endpoint sends: both sources, one datagram */
	sender(&w, 1);
	rtcp_write_cname(&w, 1, S("x@y"));
	sender(&w, 2);
	rtcp_write_cname(&w, 2, S("x@y"));
	check(&p, writer_done(&w), "SD", "SD");
	/* a source of "a" that reports on what "v" sends concerns both */
	w = writer_begin(room, sizeof(room));
	report(&w, 1, OWN_V);
	rtcp_write_cname(&w, 1, S("x@y"));
	rtcp_write_bye(&w, 2, S(""));
	check(&p, writer_done(&w), "RD", "R|B");
	/* ours are by what we sent last */
	rtp_routes_own(&p.r, p.v, OWN_V + 1);
	w = writer_begin(room, sizeof(room));
	report(&w, 1, OWN_V);
	report(&w, 1, OWN_V + 1);
	check(&p, writer_done(&w), "RR", "R");
}
END_TEST

START_TEST(feedback_and_others_go_by_their_sources)
{
	/* RFC 4585 6.1: PLI of source 1 about what we send on "v"; XR of 2. */
	static const uint8_t pli[] = { 0x81, 206, 0, 2, 0, 0, 0, 1,
				       0, 0, 0, OWN_V };
	static const uint8_t xr[] = { 0x80, 207, 0, 1, 0, 0, 0, 2 };
	struct rtcp_app app = { .ssrc = 2, .name = S("test") };
	struct pair p;
	char room[512];
	struct writer w = writer_begin(room, sizeof(room));

	talk(&p);
	report(&w, 1, 0);
	writer_put(&w, slice_of(pli, sizeof(pli)));
	writer_put(&w, slice_of(xr, sizeof(xr)));
	ck_assert_int_eq(rtcp_write_app(&w, 0, &app), 0);
	check(&p, writer_done(&w), "RF", "FXA");
}
END_TEST

/* A peer that receives only: nobody has its source, and somebody is there. */
START_TEST(what_concerns_nobody_known_goes_to_the_first)
{
	struct pair p;
	char room[512];
	struct writer w = writer_begin(room, sizeof(room));

	talk(&p);
	report(&w, 77, 0);
	rtcp_write_cname(&w, 77, S("x@y"));
	check(&p, writer_done(&w), "RD", "");
	rtp_routes_remove(&p.r, p.a);
	p.a = 0;
	check(&p, writer_done(&w), "", "RD");
}
END_TEST

/* RFC 8843 15.1: item 15 of SDES; what comes ahead of the first RTP packet. */
START_TEST(sdes_tells_the_mid_as_well)
{
	static const uint8_t sdes[] = { 0x81, 202, 0, 2, 0, 0, 0, 9,
					15, 1, 'v', 0 };
	struct pair p;
	char room[512];
	struct writer w = writer_begin(room, sizeof(room));

	talk(&p);
	report(&w, 9, 0);
	writer_put(&w, slice_of(sdes, sizeof(sdes)));
	check(&p, writer_done(&w), "", "RD");
	ck_assert_uint_eq(route(&p, 9, 1, 96, NULL), p.v);
}
END_TEST

START_TEST(a_stream_alone_gets_all_of_it_at_once)
{
	struct pair p;
	char room[512];
	struct writer w = writer_begin(room, sizeof(room));

	talk(&p);
	rtp_routes_remove(&p.r, p.v);
	p.v = 0;
	sender(&w, 2);
	rtcp_write_cname(&w, 77, S("x@y"));
	report(&w, 1, OWN_V);
	check(&p, writer_done(&w), "SDR", "");
}
END_TEST

SUITE(rtp_route, a_mid_names_the_stream_and_binds_its_source,
      a_source_moves_with_its_newest_mid, signalled_sources_need_no_mid,
      a_payload_type_of_one_stream_alone_tells,
      a_stream_remembers_eight_sources, mids_and_handles_have_their_limits,
      each_packet_of_a_compound_goes_to_whom_it_concerns,
      feedback_and_others_go_by_their_sources,
      what_concerns_nobody_known_goes_to_the_first,
      sdes_tells_the_mid_as_well, a_stream_alone_gets_all_of_it_at_once);
