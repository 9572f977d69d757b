/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/suites.h"

#include "sdp/sdp_attr.h"

/* A session with one media section of these lines. */
static char text[4096];
static struct sdp d;

static const struct sdp_media *media(const char *session, const char *m)
{
	struct writer w = writer_begin(text, sizeof(text));

	writer_str(&w, "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\n");
	writer_str(&w, "c=IN IP4 192.0.2.1\r\nt=0 0\r\n");
	writer_str(&w, session);
	writer_str(&w, m);
	ck_assert_int_eq(sdp_parse(writer_done(&w), 0, &d, NULL), 0);
	return &d.media[0];
}

START_TEST(directions_mirror_and_inherit)
{
	const struct sdp_media *m;

	ck_assert_str_eq(sdp_dir_name(SDP_INACTIVE), "inactive");
	ck_assert_str_eq(sdp_dir_name(SDP_RECVONLY), "recvonly");
	ck_assert_int_eq(sdp_dir_reverse(SDP_SENDONLY), SDP_RECVONLY);
	ck_assert_int_eq(sdp_dir_reverse(SDP_RECVONLY), SDP_SENDONLY);
	ck_assert_int_eq(sdp_dir_reverse(SDP_SENDRECV), SDP_SENDRECV);
	ck_assert_int_eq(sdp_dir_reverse(SDP_INACTIVE), SDP_INACTIVE);

	m = media("", "m=audio 9 RTP/AVP 0\r\na=sendonly:x\r\na=SendOnly\r\n");
	ck_assert_int_eq(sdp_media_dir(&d, m), SDP_SENDRECV);
	m = media("a=inactive\r\n", "m=audio 9 RTP/AVP 0\r\n");
	ck_assert_int_eq(sdp_media_dir(&d, m), SDP_INACTIVE);
	m = media("a=inactive\r\n", "m=audio 9 RTP/AVP 0\r\na=mid:1\r\n"
				    "a=recvonly\r\na=sendonly\r\n");
	ck_assert_int_eq(sdp_media_dir(&d, m), SDP_RECVONLY);
}
END_TEST

START_TEST(rtpmap_values)
{
	struct sdp_format f = { 0 };

	ck_assert_int_eq(sdp_rtpmap_parse(S("111 opus/48000/2"), &f), 0);
	ck_assert_uint_eq(f.pt, 111);
	ck_slice_eq(f.name, "opus");
	ck_assert_uint_eq(f.rate, 48000);
	ck_assert_uint_eq(f.channels, 2);
	ck_assert_int_eq(sdp_rtpmap_parse(S("0 PCMU/8000"), &f), 0);
	ck_assert_uint_eq(f.channels, 1);
	ck_assert_int_eq(sdp_rtpmap_parse(S("98 x/1/stereo"), &f), 0);
	ck_assert_uint_eq(f.channels, 1);
	ck_assert_int_eq(sdp_rtpmap_parse(S("98 x/1/0"), &f), 0);
	ck_assert_uint_eq(f.channels, 1);
	ck_assert_int_eq(sdp_rtpmap_parse(S("128 x/8000"), &f), -EBADMSG);
	ck_assert_int_eq(sdp_rtpmap_parse(S("98 x"), &f), -EBADMSG);
	ck_assert_int_eq(sdp_rtpmap_parse(S("98 /8000"), &f), -EBADMSG);
	ck_assert_int_eq(sdp_rtpmap_parse(S("98 x y/8000"), &f), -EBADMSG);
	ck_assert_int_eq(sdp_rtpmap_parse(S("98 x/0"), &f), -EBADMSG);
	ck_assert_int_eq(sdp_rtpmap_parse(S("98 x/"), &f), -EBADMSG);
	ck_assert_int_eq(sdp_rtpmap_parse(S("98 x/8000 "), &f), -EBADMSG);
	ck_assert_int_eq(sdp_rtpmap_parse(S("x/8000"), &f), -EBADMSG);
	ck_assert_int_eq(sdp_rtpmap_parse(S("98"), &f), -EBADMSG);
	ck_slice_eq(f.name, "x"); /* as the last good one left it */
}
END_TEST

/* RFC 3551, tables 4 and 5. */
START_TEST(static_payload_types)
{
	struct sdp_format f = { 0 };

	ck_assert(sdp_static_format(9, &f));
	ck_slice_eq(f.name, "G722");
	ck_assert_uint_eq(f.rate, 8000); /* 4.5.2: for historical reasons */
	ck_assert(sdp_static_format(10, &f));
	ck_assert_uint_eq(f.channels, 2);
	ck_assert(sdp_static_format(34, &f));
	ck_slice_eq(f.name, "H263");
	ck_assert(!sdp_static_format(1, &f)); /* reserved */
	ck_assert(!sdp_static_format(35, &f));
	ck_assert(!sdp_static_format(96, &f));
	ck_assert(!sdp_static_format(SDP_NO_PT, &f));
}
END_TEST

START_TEST(format_parameters)
{
	struct slice fmt, p, name, v;

	ck_assert_int_eq(sdp_fmtp_parse(S("97 profile-level-id=42e01f; Packet"
					  "ization-Mode = 1;;max-br=5 ;x"),
					&fmt, &p), 0);
	ck_slice_eq(fmt, "97");
	ck_assert(sdp_fmtp_param(p, "packetization-mode", &v));
	ck_slice_eq(v, "1");
	ck_assert_uint_eq(sdp_fmtp_u32(p, "max-br", 7), 5);
	ck_assert_uint_eq(sdp_fmtp_u32(p, "max-fs", 7), 7);
	ck_assert_uint_eq(sdp_fmtp_u32(p, "profile-level-id", 7), 7);
	ck_assert(sdp_fmtp_param(p, "X", &v));
	ck_assert_ptr_null(v.p);
	ck_assert(sdp_fmtp_param(p, "x", NULL));
	ck_assert(!sdp_fmtp_param(p, "max", NULL));

	ck_assert_int_eq(sdp_fmtp_parse(S("101 0-15,66"), &fmt, &p), 0);
	ck_assert(sdp_param_next(&p, &name, &v));
	ck_slice_eq(name, "0-15,66");
	ck_assert(!sdp_param_next(&p, &name, &v));
	ck_assert_int_eq(sdp_fmtp_parse(S("101"), &fmt, &p), -EBADMSG);
	ck_assert_int_eq(sdp_fmtp_parse(S("101 "), &fmt, &p), -EBADMSG);
	ck_assert_int_eq(sdp_fmtp_parse(S(" 0-15"), &fmt, &p), -EBADMSG);
}
END_TEST

START_TEST(formats_come_with_mapping_and_parameters)
{
	const struct sdp_media *m = media("",
		"m=audio 9 RTP/AVP 111 0 0 101 18 96 x x\r\n"
		"a=fmtp:111 useinbandfec=1\r\n"
		"a=fmtp:111 second=1\r\n"
		"a=rtpmap:111 opus/48000/2\r\n"
		"a=rtpmap:111 other/8000\r\n"
		"a=rtpmap:101 telephone-event/8000 \r\n"
		"a=rtpmap:102 not-listed/8000\r\n"
		"a=rtpmap:broken\r\n"
		"a=fmtp:broken\r\n"
		"a=fmtp:18 annexb=no\r\n"
		"a=fmtp:17 no=1\r\n");
	struct sdp_format f[8];

	ck_assert_uint_eq(sdp_formats(m, f, COUNT(f)), 6);
	ck_slice_eq(f[0].text, "111");
	ck_slice_eq(f[0].name, "opus");
	ck_slice_eq(f[0].fmtp, "useinbandfec=1");
	ck_assert_uint_eq(f[0].channels, 2);
	ck_assert_uint_eq(f[1].pt, 0);
	ck_slice_eq(f[1].name, "PCMU");
	ck_slice_eq(f[2].name, "telephone-event");
	ck_slice_eq(f[3].name, "G729");
	ck_slice_eq(f[3].fmtp, "annexb=no");
	ck_assert_uint_eq(f[4].pt, 96);
	ck_slice_eq(f[4].name, "");
	ck_assert_uint_eq(f[4].rate, 0);
	ck_slice_eq(f[5].text, "x");
	ck_assert_uint_eq(f[5].pt, SDP_NO_PT);
	ck_assert_uint_eq(sdp_formats(m, f, 2), 2);

	m = media("", "m=message 9 TCP/MSRP * 0\r\n");
	ck_assert_uint_eq(sdp_formats(m, f, COUNT(f)), 2);
	ck_slice_eq(f[0].text, "*");
	ck_assert_uint_eq(f[1].pt, SDP_NO_PT); /* no payload type here */
	ck_slice_eq(f[1].name, "");
}
END_TEST

START_TEST(packet_times)
{
	static const struct {
		const char *line;
		uint32_t ms;
	} c[] = {
		{ "a=ptime:20\r\n", 20 },     { "a=ptime:2.5\r\n", 3 },
		{ "a=ptime:30.00\r\n", 30 },  { "a=ptime:20 \r\n", 20 },
		{ "a=ptime:x\r\n", 0 },       { "a=ptime:20.\r\n", 0 },
		{ "a=ptime:20.x\r\n", 0 },    { "a=ptime:65536\r\n", 0 },
		{ "a=ptime\r\n", 0 },         { "a=maxptime:20\r\n", 0 },
	};

	for (size_t i = 0; i < COUNT(c); i++) {
		char m[128];
		struct writer w = writer_begin(m, sizeof(m) - 1);

		writer_str(&w, "m=audio 9 RTP/AVP 0\r\n");
		writer_str(&w, c[i].line);
		m[w.n] = '\0';
		ck_assert_uint_eq(sdp_ptime(media("a=ptime:9\r\n", m)),
				  c[i].ms);
	}
	ck_assert_uint_eq(sdp_maxptime(&d.media[0]), 20);
}
END_TEST

/* RFC 3605 2.1's examples. */
START_TEST(rtcp_attribute)
{
	struct sdp_rtcp r;

	ck_assert_int_eq(sdp_rtcp_parse(S("53020"), &r), 0);
	ck_assert_uint_eq(r.port, 53020);
	ck_assert_uint_eq(r.c.nettype.n, 0);
	ck_assert_int_eq(sdp_rtcp_parse(S("53020 IN IP4 126.16.64.4"), &r), 0);
	ck_slice_eq(r.c.address, "126.16.64.4");
	ck_assert_int_eq(sdp_rtcp_parse(S("53020 IN IP6 "
		"2001:2345:6789:ABCD:EF01:2345:6789:ABCD"), &r), 0);
	ck_slice_eq(r.c.addrtype, "IP6");
	ck_assert_int_eq(sdp_rtcp_parse(S("65536"), &r), -EBADMSG);
	ck_assert_int_eq(sdp_rtcp_parse(S(""), &r), -EBADMSG);
	ck_assert_int_eq(sdp_rtcp_parse(S("1 IN IP4"), &r), -EBADMSG);
	ck_assert_int_eq(sdp_rtcp_parse(S("1 IN"), &r), -EBADMSG);
	ck_assert_int_eq(sdp_rtcp_parse(S("1 IN  h"), &r), -EBADMSG);
	ck_assert_int_eq(sdp_rtcp_parse(S("1  IP4 h"), &r), -EBADMSG);
	ck_assert_int_eq(sdp_rtcp_parse(S("1 IN IP4 "), &r), -EBADMSG);
	ck_assert_int_eq(sdp_rtcp_parse(S("1 IN IP4 h x"), &r), -EBADMSG);
}
END_TEST

static int conn_addr(const char *net, const char *type, const char *address,
		     struct addr *out)
{
	struct sdp_conn c = { slice_str(net), slice_str(type),
			      slice_str(address) };

	return sdp_conn_addr(&c, out);
}

START_TEST(connection_addresses)
{
	char t[ADDR_TEXT];
	struct addr a;

	ck_assert_int_eq(conn_addr("IN", "IP4", "192.0.2.7", &a), 0);
	ck_assert_str_eq(addr_text(&a, t), "192.0.2.7:0");
	ck_assert_int_eq(conn_addr("in", "ip6", "2001:DB8::1", &a), 0);
	ck_assert_str_eq(addr_text(&a, t), "[2001:db8::1]:0");
	ck_assert_int_eq(conn_addr("IN", "IP6", "fe80::1%7", &a), 0);
	ck_assert_uint_eq(a.scope, 0);
	ck_assert_int_eq(conn_addr("IN", "IP6", "192.0.2.7", &a), -EBADMSG);
	ck_assert_int_eq(conn_addr("IN", "IP4", "::1", &a), -EBADMSG);
	ck_assert_int_eq(conn_addr("ATM", "IP4", "1.2.3.4", &a), -EBADMSG);
	ck_assert_int_eq(conn_addr("IN", "NSAP", "1.2.3.4", &a), -EBADMSG);
	ck_assert_int_eq(conn_addr("IN", "IP4", "media.example", &a),
			 -ENOTSUP);
	ck_assert_int_eq(conn_addr("IN", "IP4", "a_b.example", &a), -EBADMSG);
	/* FQDN = 4*(...) */
	ck_assert_int_eq(conn_addr("IN", "IP4", "a.be", &a), -ENOTSUP);
	ck_assert_int_eq(conn_addr("IN", "IP4", "abc", &a), -EBADMSG);
	/* Some resolvers take these for addresses. */
	ck_assert_int_eq(conn_addr("IN", "IP4", "192.0.2", &a), -EBADMSG);
	ck_assert_int_eq(conn_addr("IN", "IP4", "3221225985", &a), -EBADMSG);
	ck_assert_int_eq(conn_addr("IN", "IP4", "1.2.3.4.", &a), -EBADMSG);
	ck_assert_int_eq(conn_addr("IN", "IP4", "9.example.2a", &a), -ENOTSUP);
}
END_TEST

/* RFC 2543 B.5, RFC 3264 8.4, RFC 6157 4.1, RFC 6761 6.4. */
START_TEST(addresses_that_nobody_has)
{
	static const struct {
		const char *address;
		bool nobody;
	} c[] = {
		{ "0.0.0.0", true }, { "::", true }, { "0:0::0", true },
		{ "invalid", true }, { "unknown.invalid", true },
		{ "a.b.INVALID.", true }, { "1", false },
		{ "192.0.2.1", false }, { "::1", false }, { "", false },
		{ "notinvalid", false }, { "invalid.example", false },
		{ ".", false }, { "media.example", false },
	};

	for (size_t i = 0; i < COUNT(c); i++) {
		struct sdp_conn conn = { S("IN"), S("IP6"),
					 slice_str(c[i].address) };

		ck_assert_msg(sdp_conn_is_nobody(&conn) == c[i].nobody,
			      "%s", c[i].address);
	}
}
END_TEST

static void where(const char *m, const char *rtp, const char *rtcp)
{
	const struct sdp_media *md = media("", m);
	char t[ADDR_TEXT];
	struct addr a, b;

	ck_assert_int_eq(sdp_media_addr(&d, md, &a, &b), 0);
	ck_assert_str_eq(addr_text(&a, t), rtp);
	ck_assert_str_eq(addr_text(&b, t), rtcp);
}

START_TEST(where_media_and_its_reports_go)
{
	struct addr a, b;

	where("m=audio 4000 RTP/AVP 0\r\n", "192.0.2.1:4000",
	      "192.0.2.1:4001");
	where("m=audio 4000 RTP/AVP 0\r\nc=IN IP6 ::1\r\na=rtcp:7\r\n",
	      "[::1]:4000", "[::1]:7");
	where("m=audio 4000 RTP/AVP 0\r\na=rtcp:7 IN IP4 192.0.2.9\r\n",
	      "192.0.2.1:4000", "192.0.2.9:7");
	where("m=audio 4000 RTP/AVP 0\r\na=rtcp:7 IN IP4 media.example\r\n",
	      "192.0.2.1:4000", "192.0.2.1:4001");
	where("m=audio 4000 RTP/AVP 0\r\na=rtcp:7 IN IP6 2001:db8::1\r\n",
	      "192.0.2.1:4000", "192.0.2.1:4001");
	where("m=audio 4000 RTP/AVP 0\r\na=rtcp:x\r\n", "192.0.2.1:4000",
	      "192.0.2.1:4001");
	where("m=audio 65535 RTP/AVP 0\r\n", "192.0.2.1:65535",
	      "192.0.2.1:0");
	where("m=audio 0 RTP/AVP 0\r\na=rtcp:7\r\n", "192.0.2.1:0",
	      "192.0.2.1:0");
	media("", "m=audio 4000 RTP/AVP 0\r\nc=IN IP4 media.example\r\n");
	ck_assert_int_eq(sdp_media_addr(&d, &d.media[0], &a, &b), -ENOTSUP);
	ck_assert_uint_eq(a.family, 0);
	ck_assert_uint_eq(a.port, 4000);
	ck_assert_uint_eq(b.port, 4001);
}
END_TEST

START_TEST(protocols_that_are_rtp)
{
	ck_assert(sdp_proto_is_rtp(S("RTP/AVP")));
	ck_assert(sdp_proto_is_rtp(S("UDP/TLS/RTP/SAVPF")));
	ck_assert(sdp_proto_is_rtp(S("rtp/savp")));
	ck_assert(!sdp_proto_is_rtp(S("TCP/TLS/MSRP")));
	ck_assert(!sdp_proto_is_rtp(S("xRTP/AVP")));
	ck_assert(!sdp_proto_is_rtp(S("")));
}
END_TEST

SUITE(sdp_attr, directions_mirror_and_inherit, rtpmap_values,
      static_payload_types, format_parameters,
      formats_come_with_mapping_and_parameters, packet_times, rtcp_attribute,
      connection_addresses, addresses_that_nobody_has,
      where_media_and_its_reports_go,
      protocols_that_are_rtp);
