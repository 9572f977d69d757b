/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/suites.h"

#include <stdio.h>

#include "sdp/sdp_offer.h"
#include "tests/unit/marked.h"

#define HEAD "v=0\r\no=- 1 1 IN IP4 192.0.2.9\r\ns=-\r\n" \
	     "c=IN IP4 192.0.2.9\r\nt=0 0\r\n"

static const struct sdp_format audio[] = {
	{ .pt = 111, .name = SLICE("opus"), .rate = 48000, .channels = 2,
	  .fmtp = SLICE("useinbandfec=1") },
	{ .pt = 0, .name = SLICE("PCMU"), .rate = 8000, .channels = 1 },
	{ .pt = 8, .name = SLICE("PCMA"), .rate = 8000, .channels = 1 },
	{ .pt = 101, .name = SLICE("telephone-event"), .rate = 8000,
	  .channels = 1, .fmtp = SLICE("0-15") },
};

static struct sdp_stream audio_stream(enum sdp_dir dir)
{
	return (struct sdp_stream){
		.type = S("audio"), .proto = S("RTP/AVP"), .port = 5004,
		.formats = audio, .format_count = COUNT(audio), .dir = dir,
	};
}

static struct sdp parse(const char *text)
{
	struct parse_error e = { 0 };
	struct sdp d;

	ck_assert_msg(sdp_parse(slice_str(text), 0, &d, &e) == 0, "%zu %s",
		      e.offset, e.reason);
	return d;
}

struct negotiated { /* a line of both sides, whole */
	struct sdp_meeting met;
	struct sdp_common common;
};

static void negotiate(enum sdp_role role, const struct sdp_stream *ours,
		      const struct sdp *remote, const struct sdp_media *m,
		      bool prefer_local, struct negotiated *n)
{
	*n = (struct negotiated){ .common.event = SDP_NO_PT };
	sdp_meet(ours, remote, m, &n->met);
	if (!n->met.accepted || !sdp_proto_is_rtp(m->proto) ||
	    sdp_find_common(role, ours, m, prefer_local, &n->common))
		return;
	n->met.accepted = false;
	n->met.warning = 305;
	n->met.reason = "no codec in common";
}

static void answer(const struct sdp_stream *ours, const struct sdp_media *m,
		   const struct negotiated *n, struct sdp_format *f,
		   struct sdp_stream *out)
{
	sdp_answer_stream(ours, m, &n->met, f, out);
	if (n->met.accepted && n->common.pair_count)
		sdp_answer_formats(ours, &n->common, f, out);
}

static struct negotiated answer_to(const char *offer, enum sdp_dir dir)
{
	struct sdp d = parse(offer);
	struct sdp_stream ours = audio_stream(dir);
	struct negotiated n;

	negotiate(SDP_ANSWERER, &ours, &d, &d.media[0], false, &n);
	return n;
}

START_TEST(an_offer_says_all_that_its_streams_say)
{
	struct slice session[] = { S("group:LS 1") };
	struct slice attrs[] = { S("mid:1"), S("rtcp-mux") };
	struct sdp_format any[] = { { .text = S("*"), .pt = SDP_NO_PT } };
	struct sdp_stream s[4] = { audio_stream(SDP_SENDRECV) };
	struct sdp_local l = {
		.user = S("alice"), .id = 7, .version = 9,
		.addr = addr_v4(192, 0, 2, 1, 0), .name = S("call"),
		.attrs = session, .attr_count = 1,
		.streams = s, .stream_count = 4,
	};
	char out[2048];
	struct writer w = writer_begin(out, sizeof(out));

	s[0].ptime = 20;
	s[0].maxptime = 60;
	s[0].bandwidth = 64;
	s[0].rtcp = addr_v4(192, 0, 2, 3, 5009);
	s[0].attrs = attrs;
	s[0].attr_count = 2;
	s[1] = (struct sdp_stream){ .type = S("message"), .port = 2855,
		.proto = S("TCP/TLS/MSRP"), .formats = any, .format_count = 1,
		.dir = SDP_SENDRECV };
	ck_assert_int_eq(addr_parse_ip(S("2001:db8::5"), &s[1].addr), 0);
	s[2] = (struct sdp_stream){ .type = S("video"),
				    .proto = S("RTP/AVP") };
	s[3] = (struct sdp_stream){ .type = S("message"), .port = 1,
		.proto = S("TCP/MSRP"), .rtcp = { .port = 4 },
		.addr = addr_v4(192, 0, 2, 1, 0) };
	sdp_local_write(&w, &l);
	ck_slice_eq(writer_done(&w),
		"v=0\r\no=alice 7 9 IN IP4 192.0.2.1\r\ns=call\r\n"
		"c=IN IP4 192.0.2.1\r\nt=0 0\r\na=group:LS 1\r\n"
		"m=audio 5004 RTP/AVP 111 0 8 101\r\nb=AS:64\r\n"
		"a=rtpmap:111 opus/48000/2\r\na=fmtp:111 useinbandfec=1\r\n"
		"a=rtpmap:0 PCMU/8000\r\na=rtpmap:8 PCMA/8000\r\n"
		"a=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\n"
		"a=ptime:20\r\na=maxptime:60\r\n"
		"a=rtcp:5009 IN IP4 192.0.2.3\r\na=mid:1\r\na=rtcp-mux\r\n"
		"a=sendrecv\r\n"
		"m=message 2855 TCP/TLS/MSRP *\r\nc=IN IP6 2001:db8::5\r\n"
		"a=sendrecv\r\n"
		"m=video 0 RTP/AVP 0\r\n"
		"m=message 1 TCP/MSRP *\r\na=rtcp:4\r\na=inactive\r\n");
	(void)parse("v=0\r\no=alice 7 9 IN IP4 192.0.2.1\r\ns=call\r\n"
		    "c=IN IP4 192.0.2.1\r\nt=0 0\r\n");
	/* without addresses and names, hold of RFC 2543 included */
	l = (struct sdp_local){ .id = 1 };
	w = writer_begin(out, sizeof(out));
	sdp_local_write(&w, &l);
	ck_slice_eq(writer_done(&w), "v=0\r\no=- 1 0 IN IP4 0.0.0.0\r\ns=-\r\n"
				     "c=IN IP4 0.0.0.0\r\nt=0 0\r\n");
}
END_TEST

/* RFC 3264 8: one up with any change, and only then. */
START_TEST(the_version_counts_changes)
{
	struct sdp_stream s = audio_stream(SDP_SENDRECV);
	struct sdp_local l = { .id = 7, .version = 41, .streams = &s,
			       .addr = addr_v4(192, 0, 2, 1, 0),
			       .stream_count = 1 };
	char first[1024], second[1024];
	struct writer w = writer_begin(first, sizeof(first));
	struct slice was, now;

	ck_assert_int_gt(sdp_local_update(&w, &l, S("")), 0);
	was = writer_done(&w);
	ck_assert_uint_eq(l.version, 41);
	w = writer_begin(second, sizeof(second));
	ck_assert_int_gt(sdp_local_update(&w, &l, was), 0);
	now = writer_done(&w);
	ck_assert_uint_eq(l.version, 41);
	ck_assert(slice_same(was, now));

	s.dir = SDP_SENDONLY;
	l.version = 3; /* the text counts, not what stands here */
	w = writer_begin(second, sizeof(second));
	writer_str(&w, "x"); /* what stands before is left alone */
	ck_assert_int_eq(sdp_local_update(&w, &l, was), (int)w.n - 1);
	ck_assert_uint_eq(l.version, 42);
	ck_assert(slice_starts(writer_done(&w), "xv=0\r\no=- 7 42 "));

	w = writer_begin(second, 100);
	ck_assert_int_eq(sdp_local_update(&w, &l, was), -ENOSPC);
	ck_assert_int_eq(sdp_local_update(&w, &l, S("o=- 1\r\n")), -ENOSPC);
}
END_TEST

START_TEST(a_new_stream_takes_a_free_place)
{
	struct sdp_stream s[LIMIT_SDP_MEDIA];

	for (size_t i = 0; i < COUNT(s); i++)
		s[i] = audio_stream(SDP_SENDRECV);
	ck_assert_int_eq(sdp_slot(s, 0), 0);
	ck_assert_int_eq(sdp_slot(s, 2), 2);
	ck_assert_int_eq(sdp_slot(s, COUNT(s)), -E2BIG);
	s[3].port = s[5].port = 0;
	ck_assert_int_eq(sdp_slot(s, COUNT(s)), 3);
}
END_TEST

/* RFC 4317 2.1: alice offers 0 8 97, bob answers with 0 alone. */
START_TEST(the_answer_has_what_both_have_in_the_offers_order)
{
	struct sdp_format f[LIMIT_SDP_FORMATS];
	struct sdp d = parse(HEAD "m=audio 49170 RTP/AVP 97 8 96 0 110\r\n"
			     "a=rtpmap:97 iLBC/8000\r\n"
			     "a=rtpmap:8 PCMA/8000\r\n"
			     "a=rtpmap:96 telephone-event/8000\r\n"
			     "a=rtpmap:110 OPUS/48000/2\r\n"
			     "a=ptime:30\r\na=maxptime:40\r\n");
	struct sdp_stream ours = audio_stream(SDP_SENDRECV), out;
	struct sdp_local l = { .id = 1, .streams = &out, .stream_count = 1,
			       .addr = addr_v4(192, 0, 2, 1, 0) };
	struct negotiated n;
	char text[1024], t[ADDR_TEXT];
	struct writer w = writer_begin(text, sizeof(text));

	negotiate(SDP_ANSWERER, &ours, &d, &d.media[0], false, &n);
	ck_assert(n.met.accepted);
	ck_assert_uint_eq(n.common.pair_count, 4);
	ck_assert_uint_eq(n.common.codec, 0);
	ck_slice_eq(n.common.remote[n.common.pair[0].remote].name, "PCMA");
	ck_assert_uint_eq(n.common.event, 1);
	ck_assert_uint_eq(n.common.pair[1].send_pt, 96);
	ck_assert_uint_eq(n.common.pair[1].recv_pt, 96);
	ck_assert_uint_eq(n.common.pair[3].local, 0);
	ck_assert_uint_eq(n.common.pair[3].send_pt, 110);
	ck_assert_int_eq(n.met.dir, SDP_SENDRECV);
	ck_assert(n.met.may_send && !n.met.held);
	ck_assert_str_eq(addr_text(&n.met.rtp, t), "192.0.2.9:49170");
	ck_assert_str_eq(addr_text(&n.met.rtcp, t), "192.0.2.9:49171");
	ck_assert_uint_eq(n.common.ptime, 30);
	ck_assert_uint_eq(n.common.maxptime, 40);

	answer(&ours, &d.media[0], &n, f, &out);
	l.time = d.time;
	sdp_local_write(&w, &l);
	ck_slice_eq(writer_done(&w),
		"v=0\r\no=- 1 0 IN IP4 192.0.2.1\r\ns=-\r\n"
		"c=IN IP4 192.0.2.1\r\nt=0 0\r\n"
		"m=audio 5004 RTP/AVP 8 96 0 110\r\n"
		"a=rtpmap:8 PCMA/8000\r\na=rtpmap:96 telephone-event/8000\r\n"
		"a=fmtp:96 0-15\r\na=rtpmap:0 PCMU/8000\r\n"
		"a=rtpmap:110 opus/48000/2\r\na=fmtp:110 useinbandfec=1\r\n"
		"a=sendrecv\r\n");

	negotiate(SDP_ANSWERER, &ours, &d, &d.media[0], true, &n);
	ck_slice_eq(n.common.remote[n.common.pair[n.common.codec].remote].name,
		    "OPUS");
	ck_assert_uint_eq(n.common.pair[n.common.codec].send_pt, 110);
}
END_TEST

/* RFC 3264 7: send with the answer's numbers, receive on those offered. */
START_TEST(an_offerer_has_a_number_for_each_direction)
{
	struct sdp d = parse(HEAD "m=audio 6000 RTP/AVP 96 101 50\r\n"
			     "a=rtpmap:96 opus/48000/2\r\n"
			     "a=sendonly\r\n");
	struct sdp_stream ours = audio_stream(SDP_SENDRECV);
	struct negotiated n;

	negotiate(SDP_OFFERER, &ours, &d, &d.media[0], false, &n);
	ck_assert(n.met.accepted);
	ck_assert_uint_eq(n.common.pair_count, 2);
	ck_assert_uint_eq(n.common.pair[0].send_pt, 96);
	ck_assert_uint_eq(n.common.pair[0].recv_pt, 111);
	/* 101 came without a mapping: it is what we said it is */
	ck_assert_uint_eq(n.common.pair[1].local, 3);
	ck_assert_int_eq(n.met.dir, SDP_RECVONLY);
	ck_assert(!n.met.may_send && n.met.held);
}
END_TEST

START_TEST(directions_are_what_both_want)
{
	static const struct {
		const char *theirs;
		enum sdp_dir ours, agreed;
	} c[] = { /* RFC 3264 6.1 */
		{ "a=sendonly\r\n", SDP_SENDRECV, SDP_RECVONLY },
		{ "a=sendonly\r\n", SDP_SENDONLY, SDP_INACTIVE },
		{ "a=recvonly\r\n", SDP_SENDRECV, SDP_SENDONLY },
		{ "a=inactive\r\n", SDP_SENDRECV, SDP_INACTIVE },
		{ "a=sendrecv\r\n", SDP_SENDONLY, SDP_SENDONLY },
		{ "", SDP_SENDRECV, SDP_SENDRECV },
		{ "", SDP_INACTIVE, SDP_INACTIVE },
	};

	for (size_t i = 0; i < COUNT(c); i++) {
		char text[256];
		struct writer w = writer_begin(text, sizeof(text) - 1);
		struct negotiated n;

		writer_str(&w, HEAD "m=audio 6000 RTP/AVP 0\r\n");
		writer_str(&w, c[i].theirs);
		text[w.n] = '\0';
		n = answer_to(text, c[i].ours);
		ck_assert(n.met.accepted);
		ck_assert_int_eq(n.met.dir, c[i].agreed);
		ck_assert_int_eq(n.met.may_send,
				 (c[i].agreed & SDP_SENDONLY) != 0);
		ck_assert_int_eq(n.met.held, i == 0 || i == 1 || i == 3);
	}
}
END_TEST

/* RFC 3264 8.4: both ways of holding. */
START_TEST(nobody_sends_to_0_0_0_0)
{
	struct negotiated n =
		answer_to("v=0\r\no=- 1 1 IN IP4 192.0.2.9\r\ns=-\r\n"
			  "c=IN IP4 0.0.0.0\r\nt=0 0\r\n"
			  "m=audio 6000 RTP/AVP 0\r\n", SDP_SENDRECV);

	ck_assert(n.met.accepted && n.met.held && !n.met.may_send);
	ck_assert_int_eq(n.met.dir, SDP_SENDRECV);
	n = answer_to(HEAD "m=audio 6000 RTP/AVP 0\r\nc=IN IP6 ::\r\n",
		      SDP_SENDRECV);
	ck_assert(n.met.held && !n.met.may_send);
}
END_TEST

START_TEST(lines_are_refused_one_by_one)
{
	static const struct {
		const char *m, *reason;
	} c[] = {
		{ "m=audio 0 RTP/AVP 0\r\n", "disabled by the peer" },
		{ "m=video 5 RTP/AVP 0\r\n", "another media type" },
		{ "m=audio 5 RTP/SAVP 0\r\n", "another transport protocol" },
		{ "m=audio 5 RTP/AVP 3 18\r\n", "no codec in common" },
		{ "m=audio 5 RTP/AVP 101 13\r\n"
		  "a=rtpmap:101 telephone-event/8000\r\n",
		  "no codec in common" },
		{ "m=audio 5 RTP/AVP 111\r\n", "no codec in common" },
		{ "m=audio 5 RTP/AVP 96\r\na=rtpmap:96 opus/48000/1\r\n",
		  "no codec in common" },
		{ "m=audio 5 RTP/AVP 96\r\na=rtpmap:96 PCMU/16000\r\n",
		  "no codec in common" },
		{ "m=audio 5 RTP/AVP 0\r\nc=IN IP4 233.252.0.1/127\r\n",
		  "multicast" },
		{ "m=audio 5 RTP/AVP 0\r\nc=ATM NSAP x\r\n",
		  "no usable connection address" },
	};
	struct sdp_format f[LIMIT_SDP_FORMATS];

	for (size_t i = 0; i < COUNT(c); i++) {
		struct sdp_stream ours = audio_stream(SDP_SENDRECV), out;
		struct negotiated n;
		char text[512];
		struct writer w = writer_begin(text, sizeof(text) - 1);
		struct sdp d;

		writer_str(&w, HEAD);
		writer_str(&w, c[i].m);
		text[w.n] = '\0';
		d = parse(text);
		negotiate(SDP_ANSWERER, &ours, &d, &d.media[0], false, &n);
		ck_assert(!n.met.accepted);
		ck_assert_str_eq(n.met.reason, c[i].reason);
		answer(&ours, &d.media[0], &n, f, &out);
		ck_assert_uint_eq(out.port, 0);
		ck_assert(slice_same(out.type, d.media[0].type));
		ck_assert(slice_same(out.proto, d.media[0].proto));
		ck_assert_uint_eq(out.format_count, 1);
	}
}
END_TEST

START_TEST(a_disabled_stream_of_ours_stays_so)
{
	struct sdp d = parse(HEAD "m=audio 5 RTP/AVP 0\r\n");
	struct sdp_stream ours = audio_stream(SDP_SENDRECV);
	struct negotiated n;

	ours.port = 0;
	negotiate(SDP_ANSWERER, &ours, &d, &d.media[0], false, &n);
	ck_assert(!n.met.accepted);
	ck_assert_str_eq(n.met.reason, "disabled here");
}
END_TEST

/* Unknown and unwanted lines keep their places (RFC 3264 6). */
START_TEST(the_answer_has_the_offers_lines)
{
	struct sdp d = parse(HEAD "m=video 51372 RTP/AVP 31 32\r\n"
			     "m=audio 49920 RTP/AVP 0\r\n"
			     "m=x-new 9 UDP/NEW a b\r\n"
			     "m=message 7 TCP/MSRP *\r\n"
			     "a=path:msrp://192.0.2.9:7/a;tcp\r\n"
			     "m=image 9 udptl t38\r\n");
	struct sdp_format f[5][LIMIT_SDP_FORMATS];
	struct slice path[] = { S("path:msrp://192.0.2.1:9/b;tcp") };
	struct sdp_stream ours = audio_stream(SDP_SENDRECV), out[5];
	struct sdp_stream chat = { .type = S("message"), .port = 9,
				   .proto = S("TCP/MSRP"), .attrs = path,
				   .attr_count = 1, .dir = SDP_SENDRECV };
	struct sdp_stream fax = { .type = S("image"), .port = 4000,
				  .proto = S("udptl"), .dir = SDP_SENDRECV };
	const struct sdp_stream *streams[] = { &ours, &ours, &ours, &chat,
					       &fax };
	struct sdp_local l = { .id = 1, .streams = out, .stream_count = 5,
			       .addr = addr_v4(192, 0, 2, 1, 0) };
	struct negotiated n;
	char text[1024];
	struct writer w = writer_begin(text, sizeof(text));

	for (size_t i = 0; i < 5; i++) {
		const struct sdp_stream *s = streams[i];

		negotiate(SDP_ANSWERER, s, &d, &d.media[i], false, &n);
		answer(s, &d.media[i], &n, f[i], &out[i]);
	}
	ck_assert(n.met.accepted);
	ck_assert_uint_eq(n.common.pair_count, 0);
	sdp_local_write(&w, &l);
	ck_slice_eq(writer_done(&w),
		"v=0\r\no=- 1 0 IN IP4 192.0.2.1\r\ns=-\r\n"
		"c=IN IP4 192.0.2.1\r\nt=0 0\r\n"
		"m=video 0 RTP/AVP 31\r\n"
		"m=audio 5004 RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\n"
		"a=sendrecv\r\n"
		"m=x-new 0 UDP/NEW a\r\n"
		"m=message 9 TCP/MSRP *\r\n"
		"a=path:msrp://192.0.2.1:9/b;tcp\r\na=sendrecv\r\n"
		"m=image 4000 udptl t38\r\na=sendrecv\r\n");
}
END_TEST

/* RFC 6157 4.1: the answer's network type is the offer's. */
START_TEST(another_family_is_refused_or_held)
{
	static const struct {
		const char *conn, *dir; /* of the peer */
		enum sdp_dir ours;
		unsigned warning;       /* 0: accepted */
	} c[] = {
		{ "IN IP6 2001:db8::1", "sendrecv", SDP_SENDRECV, 301 },
		{ "IN IP6 2001:db8::1", "recvonly", SDP_SENDRECV, 301 },
		{ "IN IP6 2001:db8::1", "sendrecv", SDP_SENDONLY, 301 },
		{ "IN IP6 six.example", "sendrecv", SDP_SENDRECV, 301 },
		{ "IN IP6 192.0.2.7", "sendrecv", SDP_SENDRECV, 301 },
		{ "IN IP4 2001:db8::1", "sendrecv", SDP_SENDRECV, 301 },
		{ "TN E164 +15551234", "inactive", SDP_SENDRECV, 300 },
		/* what need not be sent to */
		{ "IN IP6 2001:db8::1", "sendonly", SDP_SENDRECV, 0 },
		{ "IN IP6 2001:db8::1", "inactive", SDP_SENDRECV, 0 },
		{ "IN IP6 2001:db8::1", "sendrecv", SDP_RECVONLY, 0 },
		{ "IN IP6 ::", "sendrecv", SDP_SENDRECV, 0 },
		{ "IN IP6 hold.invalid", "sendrecv", SDP_SENDRECV, 0 },
	};
	struct sdp_format f[LIMIT_SDP_FORMATS];

	for (size_t i = 0; i < COUNT(c); i++) {
		struct sdp_stream ours = audio_stream(c[i].ours), out;
		char text[256];
		struct writer w = writer_begin(text, sizeof(text));
		struct negotiated n;
		struct sdp d;

		writer_str(&w, HEAD "m=audio 5 RTP/AVP 0\r\nc=");
		writer_str(&w, c[i].conn);
		writer_str(&w, "\r\na=");
		writer_str(&w, c[i].dir);
		writer_str(&w, "\r\n");
		ours.addr = addr_v4(192, 0, 2, 1, 0);
		ck_assert_int_eq(sdp_parse(writer_done(&w), 0, &d, NULL), 0);
		negotiate(SDP_ANSWERER, &ours, &d, &d.media[0], false, &n);
		ck_assert_msg(n.met.warning == c[i].warning, "%zu: %u", i,
			      n.met.warning);
		ck_assert(n.met.accepted == !n.met.warning);
		answer(&ours, &d.media[0], &n, f, &out);
		if (n.met.warning) {
			ck_assert_uint_eq(out.port, 0);
			continue;
		}
		ck_assert(n.met.foreign && !n.met.may_send && !n.met.host.n);
		ck_assert_int_eq((int)n.met.dir, (int)SDP_INACTIVE);
		ck_assert_uint_eq(n.met.rtp.family, 0);
		ck_assert_uint_eq(out.addr.family, 6);
		ck_assert(addr_is_any(&out.addr));
	}
}
END_TEST

/* Where nothing is to be sent an address does not matter, nor a name. */
START_TEST(what_need_not_be_sent_to_needs_no_address)
{
	static const char *const c[] = {
		"c=IN IP4 media.example.com\r\na=sendonly\r\n",
		"c=IN IP4 media.example.com\r\na=inactive\r\n",
		"c=IN IP4 unknown.invalid\r\n",
		"c=IN IP4 a_b\r\na=sendonly\r\n",
		"c=IN IP4 0.0.0.0\r\n",
	};

	for (size_t i = 0; i < COUNT(c); i++) {
		char text[256];
		struct negotiated n;

		snprintf(text, sizeof(text), "%sm=audio 5 RTP/AVP 0\r\n%s",
			 HEAD, c[i]);
		n = answer_to(text, SDP_SENDRECV);
		ck_assert_msg(n.met.accepted && n.met.held && !n.met.may_send &&
			      !n.met.host.n && !n.met.foreign, "%s", c[i]);
	}
}
END_TEST

START_TEST(a_domain_name_is_handed_on)
{
	struct negotiated n = answer_to(HEAD "m=audio 5 RTP/AVP 0\r\n"
		"c=IN IP4 media.example.com\r\n", SDP_SENDRECV);

	ck_assert(n.met.accepted && n.met.may_send && !n.met.held);
	ck_assert_uint_eq(n.met.rtp.family, 0);
	ck_assert_uint_eq(n.met.rtp.port, 5);
	ck_slice_eq(n.met.host, "media.example.com");
}
END_TEST

START_TEST(same_parameters_make_the_better_pair)
{
	static const struct sdp_format ours[] = {
		{ .pt = 97, .name = SLICE("H264"), .rate = 90000,
		  .channels = 1, .fmtp = SLICE("packetization-mode=1") },
		{ .pt = 98, .name = SLICE("H264"), .rate = 90000,
		  .channels = 1, .fmtp = SLICE("packetization-mode=0") },
	};
	struct sdp d = parse(HEAD "m=video 5 RTP/AVP 100 101 102\r\n"
			     "a=rtpmap:100 h264/90000\r\n"
			     "a=fmtp:100 packetization-mode=0\r\n"
			     "a=rtpmap:101 h264/90000\r\n"
			     "a=fmtp:101 packetization-mode=1\r\n"
			     "a=rtpmap:102 h264/90000\r\n");
	struct sdp_format f[3];
	struct sdp_pair p[3];

	ck_assert_uint_eq(sdp_formats(&d.media[0], f, 3), 3);
	ck_assert_uint_eq(sdp_match(SDP_ANSWERER, ours, 2, f, 3, false, p, 3),
			  2);
	ck_assert_uint_eq(p[0].local, 1);
	ck_assert_uint_eq(p[1].local, 0);
	ck_assert_uint_eq(sdp_match(SDP_ANSWERER, ours, 2, f, 3, false, p, 1),
			  1);
	ck_assert_uint_eq(sdp_match(SDP_OFFERER, ours, 2, f, 3, true, p, 3),
			  2);
	ck_assert_uint_eq(p[0].remote, 1);
	ck_assert_uint_eq(p[0].send_pt, 101);
	ck_assert_uint_eq(p[0].recv_pt, 97);
}
END_TEST

START_TEST(plain_formats_match_by_their_text)
{
	static const struct sdp_format ours[] = {
		{ .text = SLICE("t38"), .pt = SDP_NO_PT },
	};
	struct sdp d = parse(HEAD "m=image 5 udptl x t38\r\n");
	struct sdp_format f[2];
	struct sdp_pair p[2];

	ck_assert_uint_eq(sdp_formats(&d.media[0], f, 2), 2);
	ck_assert_uint_eq(sdp_match(SDP_ANSWERER, ours, 1, f, 2, false, p, 2),
			  1);
	ck_assert_uint_eq(p[0].remote, 1);
}
END_TEST

START_TEST(events_of_the_codecs_rate_are_preferred)
{
	static const struct sdp_format ours[] = {
		{ .pt = 111, .name = SLICE("opus"), .rate = 48000,
		  .channels = 2 },
		{ .pt = 101, .name = SLICE("telephone-event"), .rate = 8000,
		  .channels = 1 },
		{ .pt = 110, .name = SLICE("telephone-event"), .rate = 48000,
		  .channels = 1 },
	};
	static const char text[] = HEAD
		"m=audio 5 RTP/AVP 101 110 111\r\n"
		"a=rtpmap:101 telephone-event/8000\r\n"
		"a=rtpmap:110 telephone-event/48000\r\n"
		"a=rtpmap:111 opus/48000/2\r\n";
	struct sdp d = parse(text);
	struct sdp_stream s = audio_stream(SDP_SENDRECV);
	struct negotiated n;

	s.formats = ours;
	s.format_count = 3;
	negotiate(SDP_ANSWERER, &s, &d, &d.media[0], false, &n);
	ck_assert_uint_eq(n.common.pair[n.common.codec].send_pt, 111);
	ck_assert_uint_eq(n.common.pair[n.common.event].send_pt, 110);
	s.format_count = 2;
	negotiate(SDP_ANSWERER, &s, &d, &d.media[0], false, &n);
	ck_assert_uint_eq(n.common.pair[n.common.event].send_pt, 101);
	s.format_count = 1;
	negotiate(SDP_ANSWERER, &s, &d, &d.media[0], false, &n);
	ck_assert_uint_eq(n.common.event, SDP_NO_PT);
}
END_TEST

/* RFC 3264 8.3.2 */
START_TEST(a_number_keeps_its_meaning)
{
	struct sdp_format ours[] = {
		{ .pt = 96, .name = S("opus"), .rate = 48000, .channels = 2 },
		{ .pt = 97, .name = S("speex"), .rate = 8000, .channels = 1 },
		{ .pt = 98, .name = S("iLBC"), .rate = 8000, .channels = 1 },
		{ .pt = 0, .name = S("PCMU"), .rate = 8000, .channels = 1 },
		{ .text = S("x"), .pt = SDP_NO_PT },
	};
	struct sdp_common n = {
		.pair_count = 1,
		.pair = { { .local = 0, .recv_pt = 97, .send_pt = 97 } },
	};

	sdp_keep_numbers(ours, COUNT(ours), &n);
	ck_assert_uint_eq(ours[0].pt, 97);
	ck_assert_uint_eq(ours[1].pt, 96); /* moved out of the way */
	ck_assert_uint_eq(ours[2].pt, 98);
	ck_assert_uint_eq(ours[3].pt, 0);
	ck_assert_uint_eq(ours[4].pt, SDP_NO_PT);
}
END_TEST

START_TEST(numbers_run_out_in_order)
{
	struct sdp_format ours[LIMIT_SDP_FORMATS];
	struct sdp_common n = { .pair_count = 0 };

	for (size_t i = 0; i < COUNT(ours); i++)
		ours[i] = (struct sdp_format){ .pt = (uint8_t)(96 + i) };
	ours[1].pt = 96; /* twice: one must go below, all dynamic but 97 */
	n.pair_count = 1;
	n.pair[0] = (struct sdp_pair){ .local = 0, .recv_pt = 97 };
	sdp_keep_numbers(ours, COUNT(ours), &n);
	ck_assert_uint_eq(ours[0].pt, 97);
	ck_assert_uint_eq(ours[1].pt, 96);
	ours[1].pt = 97;
	ours[2].pt = 96;
	n.pair[0] = (struct sdp_pair){ .local = 3, .recv_pt = 98 };
	ours[0].pt = 96;
	sdp_keep_numbers(ours, COUNT(ours), &n);
	ck_assert_uint_eq(ours[3].pt, 98);
	ck_assert_uint_eq(ours[0].pt, 96);
	ck_assert_uint_eq(ours[1].pt, 97);
	ck_assert_uint_eq(ours[2].pt, 99);
	n.pair[0] = (struct sdp_pair){ .local = 0, .recv_pt = 3 };
	for (size_t i = 0; i < COUNT(ours); i++)
		ours[i].pt = (uint8_t)(i == 1 ? 3 : 96 + i);
	ours[2].pt = 96;
	sdp_keep_numbers(ours, COUNT(ours), &n);
	ck_assert_uint_eq(ours[1].pt, 97);
	n.pair[0] = (struct sdp_pair){ .local = 40, .recv_pt = 3 };
	sdp_keep_numbers(ours, COUNT(ours), &n); /* no such format: nothing */
	ck_assert_uint_eq(ours[0].pt, 3);
}
END_TEST

/* Two that move get two numbers; what is no number moves nobody. */
START_TEST(no_number_is_given_twice)
{
	struct sdp_format *ours =
		(struct sdp_format *)(void *)fenced(3 * sizeof(*ours));
	struct sdp_common n = { .pair_count = 0 };

	for (size_t i = 0; i < 3; i++)
		ours[i] = (struct sdp_format){ .pt = 96 };
	sdp_keep_numbers(ours, 3, &n);
	for (size_t i = 0; i < 3; i++)
		ck_assert_uint_eq(ours[i].pt, 96 + i);
	ours[2].pt = 128;
	sdp_keep_numbers(ours, 3, &n);
	ck_assert_uint_eq(ours[2].pt, 128);
	ours[2].pt = 98;
	n.pair_count = 2;
	n.pair[0] = (struct sdp_pair){ .local = 3, .recv_pt = 96 };
	n.pair[1] = (struct sdp_pair){ .local = 1, .recv_pt = 128 };
	sdp_keep_numbers(ours, 3, &n);
	for (size_t i = 0; i < 3; i++)
		ck_assert_uint_eq(ours[i].pt, 96 + i);
	fenced_free((char *)ours, 3 * sizeof(*ours));
}
END_TEST

/* What we wrote is read back as it was: our own text is all that is kept of an
 * offer until its answer. */
START_TEST(a_section_of_ours_is_read_back_whole)
{
	static const char *const text[] = {
		HEAD "m=audio 4000 RTP/AVP 0 97\r\nb=AS:80\r\n"
		"a=rtpmap:0 PCMU/8000\r\na=rtpmap:97 opus/48000/2\r\n"
		"a=fmtp:97 useinbandfec=1\r\na=ptime:20\r\na=maxptime:40\r\n"
		"a=rtcp:4008 IN IP4 192.0.2.9\r\na=mid:1\r\na=rtcp-mux\r\n"
		"a=sendonly\r\n",
		HEAD "m=message 4000 TCP/MSRP *\r\n"
		"a=path:msrp://192.0.2.1:4000/x;tcp\r\na=setup:active\r\n"
		"a=accept-types:text/plain 0\r\na=sendrecv\r\n",
		HEAD "m=text 4000 TCP/LINES 0 y\r\na=recvonly\r\n",
	};

	for (size_t i = 0; i < COUNT(text); i++) {
		struct sdp d = parse(text[i]);
		struct sdp_format f[LIMIT_SDP_FORMATS];
		struct slice attrs[8];
		struct sdp_stream s;
		struct sdp_local l = {
			.id = 1, .version = 1, .addr = addr_v4(192, 0, 2, 9, 0),
			.streams = &s, .stream_count = 1,
		};
		char out[1024];
		struct writer w = writer_begin(out, sizeof(out));

		sdp_read_stream(&d, &d.media[0], f, attrs, COUNT(attrs), &s);
		ck_assert(addr_same(&s.addr, &l.addr));
		sdp_local_write(&w, &l);
		ck_slice_eq(writer_done(&w), text[i]);
		sdp_read_stream(&d, &d.media[0], f, attrs, 1, &s);
		ck_assert_uint_eq(s.attr_count, i < 2);
	}
}
END_TEST

START_TEST(lines_never_become_fewer)
{
	struct sdp one = parse(HEAD "m=audio 5 RTP/AVP 0\r\n");
	struct sdp none = parse(HEAD);

	ck_assert(sdp_follows(&none, &one));
	ck_assert(sdp_follows(&one, &one));
	ck_assert(!sdp_follows(&one, &none));
}
END_TEST

SUITE(sdp_offer, an_offer_says_all_that_its_streams_say,
      the_version_counts_changes, a_new_stream_takes_a_free_place,
      the_answer_has_what_both_have_in_the_offers_order,
      an_offerer_has_a_number_for_each_direction,
      directions_are_what_both_want, nobody_sends_to_0_0_0_0,
      lines_are_refused_one_by_one, a_disabled_stream_of_ours_stays_so,
      the_answer_has_the_offers_lines, a_domain_name_is_handed_on,
      another_family_is_refused_or_held,
      what_need_not_be_sent_to_needs_no_address,
      same_parameters_make_the_better_pair, plain_formats_match_by_their_text,
      events_of_the_codecs_rate_are_preferred, a_number_keeps_its_meaning,
      numbers_run_out_in_order, no_number_is_given_twice,
      a_section_of_ours_is_read_back_whole,
      lines_never_become_fewer);
