/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/suites.h"

#include <stdio.h>

#include "sip/msg/sip_check.h"
#include "tests/unit/marked.h"

static struct sip_msg m;
static const struct sip_check udp = { 0 }, tcp = { .stream = true },
			      proxy = { .proxy = true };

#define VIA  "Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1\r\n"
#define REST "From: <sip:a@b>;tag=1\r\nTo: <sip:c@d>\r\nCall-ID: x\r\n"
#define REQ  "OPTIONS sip:c@d SIP/2.0\r\n" VIA REST "CSeq: 1 OPTIONS\r\n"
#define RESP "SIP/2.0 200 OK\r\n" VIA REST "CSeq: 1 OPTIONS\r\n"

/* The verdict, and its offset where the text is marked. */
static bool gives(const struct sip_check *c, const char *text, unsigned code)
{
	static struct marked k; /* m points into it until the next call */
	struct sip_verdict v;
	bool ok;

	if (k.block)
		marked_free(&k);
	k = marked(text);
	v = sip_check(k.in, c, &m);
	ok = v.code == code &&
	     (code == SIP_ACCEPT ? !v.why.reason && !v.why.offset :
				   v.why.reason && v.why.offset == k.at);

	if (!ok)
		fprintf(stderr, "%s: %u at %zu (%s)\n", text, v.code,
			v.why.offset, v.why.reason ? v.why.reason : "-");
	return ok;
}

START_TEST(what_is_whole_is_accepted)
{
	ck_assert(gives(&udp, REQ "\r\n", SIP_ACCEPT));
	ck_assert(gives(&udp, REQ "Max-Forwards: 0\r\n\r\n", SIP_ACCEPT));
	ck_assert(gives(&udp, REQ "Max-Forwards: 255\r\n\r\n", SIP_ACCEPT));
	ck_assert(gives(&udp, RESP "\r\n", SIP_ACCEPT));
	ck_assert(gives(&tcp, REQ "l: 0\r\n\r\n", SIP_ACCEPT));
	ck_assert(gives(&tcp, RESP "l: 0\r\n\r\n", SIP_ACCEPT));
	/* Not needed, so not looked at (8.2.2). */
	ck_assert(gives(&udp, REQ "Date: x\r\nDate: y\r\nSubject: \x01\r\n"
			"User-Agent: (\r\n\r\n", SIP_ACCEPT));
	ck_assert(gives(&udp, RESP "Max-Forwards: x\r\nExpires: y\r\n\r\n",
			SIP_ACCEPT));
}
END_TEST

START_TEST(five_headers_have_to_be_there)
{
	ck_assert(gives(&udp, "OPTIONS sip:c@d SIP/2.0\r\n" VIA
		"To: <sip:c@d>\r\nCall-ID: x\r\nCSeq: 1 OPTIONS\r\n^\r\n",
		400));
	ck_assert(gives(&udp, "OPTIONS sip:c@d SIP/2.0\r\n" VIA
		"From: <sip:c@d>\r\nCall-ID: x\r\nCSeq: 1 OPTIONS\r\n^\r\n",
		400));
	ck_assert(gives(&udp, "OPTIONS sip:c@d SIP/2.0\r\n" VIA
		"f: <sip:a@b>\r\nt: <sip:c@d>\r\nCSeq: 1 OPTIONS\r\n^\r\n",
		400));
	ck_assert(gives(&udp, "OPTIONS sip:c@d SIP/2.0\r\n" VIA REST "^\r\n",
			400));
	/* Nobody can be told without a Via. */
	ck_assert(gives(&udp, "OPTIONS sip:c@d SIP/2.0\r\n" REST
			"CSeq: 1 OPTIONS\r\n^\r\n", SIP_DROP));
	ck_assert(gives(&udp, "SIP/2.0 200 OK\r\n" VIA REST "^\r\n", SIP_DROP));
}
END_TEST

START_TEST(single_headers_stand_once)
{
	static const char *const twice[] = {
		REQ "Max-Forwards: 7\r\n^Max-Forwards: 7\r\n\r\n",
		REQ "^t: <sip:c@d>\r\n\r\n", REQ "^From: <sip:c@d>\r\n\r\n",
		REQ "^i: x\r\n\r\n", REQ "^cseq: 1 OPTIONS\r\n\r\n",
		REQ "l: 0\r\n^Content-Length: 0\r\n\r\n",
		REQ "c: a/b\r\n^Content-Type: a/b\r\n\r\n",
		REQ "Content-Disposition: x\r\n^Content-Disposition: x\r\n\r\n",
		REQ "Expires: 1\r\n^Expires: 1\r\n\r\n",
	};

	for (size_t i = 0; i < COUNT(twice); i++)
		ck_assert(gives(&udp, twice[i], 400));
	ck_assert(gives(&udp, REQ VIA "Route: <sip:r>\r\nRoute: <sip:s>\r\n"
			"Contact: <sip:a>\r\nm: <sip:b>\r\nRequire: a\r\n"
			"Require: b\r\n\r\n", SIP_ACCEPT));
}
END_TEST

START_TEST(values_are_judged)
{
	static const char *const bad[] = {
		"OPTIONS sip:c@d SIP/2.0\r\nVia: SIP/2.0/UDP h;^;\r\n" REST
		"CSeq: 1 OPTIONS\r\n\r\n",
		"OPTIONS sip:c@d SIP/2.0\r\nVia: ^junk SIP/2.0/UDP h\r\n" REST
		"CSeq: 1 OPTIONS\r\n\r\n",
		"OPTIONS sip:^2001:db8::1 SIP/2.0\r\n" VIA REST
		"CSeq: 1 OPTIONS\r\n\r\n",
		"OPTIONS ^<sip:a@b> SIP/2.0\r\n" VIA REST
		"CSeq: 1 OPTIONS\r\n\r\n",
		"OPTIONS sip:c@d SIP/2.0\r\n" VIA REST
		"CSeq: ^4294967296 OPTIONS\r\n\r\n",
		"OPTIONS sip:c@d SIP/2.0\r\n" VIA REST "CSeq: ^x\r\n\r\n",
		"OPTIONS sip:c@d SIP/2.0\r\n" VIA REST
		"CSeq: 8 ^INVITE\r\n\r\n",
		"OPTIONS sip:c@d SIP/2.0\r\n" VIA REST
		"CSeq: 8 ^options\r\n\r\n",
		"OPTIONS sip:c@d SIP/2.0\r\n" VIA
		"From: ^\"x <sip:a@b>\r\nTo: <sip:c@d>\r\nCall-ID: x\r\n"
		"CSeq: 8 OPTIONS\r\n\r\n",
		"OPTIONS sip:c@d SIP/2.0\r\n" VIA
		"From: <sip:a@b>\r\nTo: <sip:c@d>;^;\r\nCall-ID: x\r\n"
		"CSeq: 8 OPTIONS\r\n\r\n",
		"OPTIONS sip:c@d SIP/2.0\r\n" VIA
		"From: <sip:a@b>\r\nTo: <sip:c@d>\r\nCall-ID: x ^y\r\n"
		"CSeq: 8 OPTIONS\r\n\r\n",
		REQ "Max-Forwards: ^256\r\n\r\n", REQ "Max-Forwards: ^\r\n\r\n",
		REQ "Contact: <sip:a>, <sip:^>\r\n\r\n",
		REQ "Contact: ^\r\n\r\n", REQ "Contact: <sip:a>, ^*\r\n\r\n",
		REQ "Contact: sip:a@b^?Route=%3Csip:c%3E\r\n\r\n",
		REQ "Route: ^sip:r\r\n\r\n", REQ "Record-Route: ^sip:r\r\n\r\n",
		REQ "Expires: ^4294967296\r\n\r\n", REQ "Expires: 1 ^x\r\n\r\n",
		REQ "Content-Length: ^-1\r\n\r\n", REQ "c: a^\r\n\r\n",
		REQ "Content-Disposition: ^;\r\n\r\n", REQ "Require: ^\r\n\r\n",
		REQ "Content-Encoding: ^\r\n\r\n", REQ "Accept: a^,\r\n\r\n",
	};
	unsigned wrong = 0;

	for (size_t i = 0; i < COUNT(bad); i++)
		wrong += !gives(&udp, bad[i], 400);
	ck_assert_uint_eq(wrong, 0);
	/* What is not answered: 8.2.6, and any response. */
	ck_assert(gives(&udp, "ACK sip:c@d SIP/2.0\r\n" VIA REST
			"CSeq: 8 ^INVITE\r\n\r\n", SIP_DROP));
	ck_assert(gives(&udp, "SIP/2.0 200 OK\r\n" VIA REST
			"CSeq: 1^\r\n\r\n", SIP_DROP));
	ck_assert(gives(&udp, RESP "l: ^x\r\n\r\n", SIP_DROP));
	/* ... of which the transaction is answered by less (17.1.1.2). */
	ck_assert(gives(&udp, RESP "Contact: x\r\n\r\n", SIP_ACCEPT));
	ck_assert(gives(&udp, RESP "Record-Route: <>\r\nRequire: \r\n"
			"Content-Type: x\r\n\r\n", SIP_ACCEPT));
	ck_assert(gives(&udp, "SIP/2.0 ^1000 OK\r\n" VIA REST
			"CSeq: 1 OPTIONS\r\n\r\n", SIP_DROP));
	ck_assert(gives(&udp, "^<INVITE sip:a SIP/2.0\r\n" VIA "\r\n",
			SIP_DROP));
}
END_TEST

/* A header of n octets before what has k of 'x' in it. */
static const char *with_long(const char *before, const char *name, size_t k,
			     const char *behind)
{
	static char text[4096];
	int n = snprintf(text, sizeof(text), "%s%s", before, name);

	memset(text + n, 'x', k);
	snprintf(text + (size_t)n + k, sizeof(text) - (size_t)n - k, "%s",
		 behind);
	return text;
}

/* What is kept as long as a call lasts is short. */
START_TEST(what_names_something_has_256_octets)
{
	static const struct {
		const char *before, *name, *behind;
		size_t own; /* octets of it in name */
	} row[] = {
		{ "OPTIONS sip:c@d SIP/2.0\r\n", "Via: SIP/2.0/UDP h;branch=z9",
		  "\r\n" REST "CSeq: 1 OPTIONS\r\n\r\n", 2 },
		{ "OPTIONS sip:c@d SIP/2.0\r\n", "Via: SIP/2.0/UDP h;branch=z9",
		  ", SIP/2.0/UDP i\r\n" REST "CSeq: 1 OPTIONS\r\n\r\n", 2 },
		{ "OPTIONS sip:c@d SIP/2.0\r\n" VIA "To: <sip:c@d>\r\n"
		  "Call-ID: 1\r\nCSeq: 1 OPTIONS\r\n", "f: <sip:a@b>;tag=1",
		  "\r\n\r\n", 1 },
		{ "BYE sip:c@d SIP/2.0\r\n" VIA "f: <sip:c@d>;tag=1\r\n"
		  "Call-ID: 1\r\nCSeq: 1 BYE\r\n", "t: <sip:a@b>;tag=1",
		  "\r\n\r\n", 1 },
		{ "OPTIONS sip:c@d SIP/2.0\r\n" VIA "f: <sip:c@d>;tag=1\r\n"
		  "t: <sip:a@b>\r\nCSeq: 1 OPTIONS\r\n", "i: 1@", "\r\n\r\n",
		  2 },
	};

	for (size_t i = 0; i < COUNT(row); i++) {
		size_t most = LIMIT_SIP_ID - row[i].own;
		const char *text = with_long(row[i].before, row[i].name, most,
					     row[i].behind);
		struct sip_verdict v;

		v = sip_check(slice_str(text), &udp, &m);
		ck_assert_msg(v.code == SIP_ACCEPT, "row %zu: %s", i,
			      v.why.reason);
		text = with_long(row[i].before, row[i].name, most + 1,
				 row[i].behind);
		v = sip_check(slice_str(text), &udp, &m);
		ck_assert_uint_eq(v.code, 400);
		ck_assert_str_eq(v.why.reason, "256 octets at most wanted");
		/* It tells the octet that is too much. */
		ck_assert_uint_eq(v.why.offset, strlen(row[i].before) +
				  strlen(row[i].name) + most);
	}
}
END_TEST

START_TEST(the_start_line_decides_first)
{
	static char text[LIMIT_SIP_MESSAGE + 2];
	size_t n = (size_t)snprintf(text, sizeof(text), "%s\r\n", REQ);
	struct sip_verdict v;

	ck_assert(gives(&udp, "OPTIONS sip:c@d ^SIP/7.0\r\nVia: SIP/7.0/UDP h"
			"\r\n\r\n", 505));
	ck_assert(gives(&udp, "ACK sip:c@d ^SIP/7.0\r\n" VIA "\r\n", SIP_DROP));
	ck_assert(gives(&udp, "OPTIONS sip:c@d ^ SIP/2.0\r\n" VIA "\r\n", 400));
	memset(text + n, 'x', sizeof(text) - n);
	v = sip_check(slice_of(text, LIMIT_SIP_MESSAGE), &udp, &m);
	ck_assert_uint_eq(v.code, SIP_ACCEPT);
	v = sip_check(slice_of(text, LIMIT_SIP_MESSAGE + 1), &udp, &m);
	ck_assert_uint_eq(v.code, 513);
	ck_assert_uint_eq(v.why.offset, LIMIT_SIP_MESSAGE);
}
END_TEST

/* 18.3, for a body that is shorter and longer than it should be. */
START_TEST(the_body_has_its_length)
{
	ck_assert(gives(&udp, REQ "l: 3\r\n\r\nabc", SIP_ACCEPT));
	ck_slice_eq(m.body, "abc");
	ck_assert(gives(&udp, REQ "l: 2\r\n\r\nabc", SIP_ACCEPT));
	ck_slice_eq(m.body, "ab");
	ck_assert(gives(&udp, REQ "l: 0\r\n\r\nabc", SIP_ACCEPT));
	ck_assert_uint_eq(m.body.n, 0);
	ck_assert(gives(&udp, REQ "\r\nabc", SIP_ACCEPT));
	ck_slice_eq(m.body, "abc");
	ck_assert(gives(&udp, REQ "l: ^4\r\n\r\nabc", 400));
	ck_assert(gives(&udp, RESP "l: ^4\r\n\r\nabc", SIP_DROP));
	ck_assert(gives(&tcp, REQ "^\r\nabc", 400));
	ck_assert(gives(&tcp, REQ "l: ^4\r\n\r\nabc", 400));
	ck_assert(gives(&tcp, REQ "l: 3\r\n\r\nabc", SIP_ACCEPT));
	ck_assert(gives(&tcp, RESP "^\r\n", SIP_DROP));
}
END_TEST

START_TEST(an_empty_line_may_miss_where_no_body_can)
{
	ck_assert(gives(&udp, REQ "l: 0\r\n", SIP_ACCEPT));
	ck_assert_uint_eq(m.body.n, 0);
	ck_assert(gives(&udp, REQ "l: 1\r\n^", 400));
	ck_assert(gives(&udp, REQ "l: x\r\n^", 400));
	ck_assert(gives(&udp, REQ "^", 400));
	ck_assert(gives(&udp, REQ "l: 0^", 400));
	ck_assert(gives(&tcp, REQ "l: 0\r\n^", 400));
	ck_assert(gives(&udp, RESP "l: 0\r\n", SIP_ACCEPT));
}
END_TEST

START_TEST(a_star_is_for_a_register_with_expires_0)
{
#define REG "REGISTER sip:d SIP/2.0\r\n" VIA REST "CSeq: 1 REGISTER\r\n"
	ck_assert(gives(&udp, REG "Contact: *\r\nExpires: 0\r\n\r\n",
			SIP_ACCEPT));
	ck_assert(gives(&udp, REG "Contact: ^*\r\nExpires: 1\r\n\r\n", 400));
	ck_assert(gives(&udp, REG "Contact: ^*\r\n\r\n", 400));
	ck_assert(gives(&udp, REG "Contact: ^*\r\nm: <sip:a>\r\n"
			"Expires: 0\r\n\r\n", 400));
	ck_assert(gives(&udp, REQ "Contact: ^*\r\nExpires: 0\r\n\r\n", 400));
	ck_assert(gives(&udp, RESP "Contact: *\r\nExpires: 0\r\n\r\n",
			SIP_ACCEPT));
}
END_TEST

START_TEST(a_proxy_looks_at_hops_and_takes_several_vias)
{
	ck_assert(gives(&proxy, REQ "Max-Forwards: ^0\r\n\r\n", 483));
	ck_assert(gives(&proxy, REQ "Max-Forwards: 1\r\n\r\n", SIP_ACCEPT));
	ck_assert(gives(&proxy, REQ "\r\n", SIP_ACCEPT));
	ck_assert(gives(&proxy, RESP "Max-Forwards: 0\r\n\r\n", SIP_ACCEPT));
	ck_assert(gives(&proxy, RESP VIA "\r\n", SIP_ACCEPT));
	/* 8.1.3.3; RFC 4475 3.3.10 */
	ck_assert(gives(&udp, RESP "Via: ^SIP/2.0/UDP 192.0.2.2\r\n\r\n",
			SIP_DROP));
	ck_assert(gives(&udp, "SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP a,"
			"^SIP/2.0/UDP b\r\n" REST "CSeq: 1 OPTIONS\r\n\r\n",
			SIP_DROP));
	ck_assert(gives(&udp, REQ VIA "\r\n", SIP_ACCEPT));
}
END_TEST

static bool is_ours(const char *transport_and_host, const struct addr *local)
{
	char text[512];
	struct sip_check c = { .local = local };
	struct sip_verdict v;

	snprintf(text, sizeof(text), "SIP/2.0 200 OK\r\nVia: SIP/2.0/%s\r\n%s"
		 "CSeq: 1 OPTIONS\r\n\r\n", transport_and_host, REST);
	v = sip_check(slice_str(text), &c, &m);
	ck_assert(v.code == SIP_ACCEPT || (v.code == SIP_DROP &&
		  v.why.offset == strlen("SIP/2.0 200 OK\r\nVia: ")));
	return v.code == SIP_ACCEPT;
}

START_TEST(a_response_comes_to_where_its_request_left)
{
	struct addr a = addr_v4(192, 0, 2, 1, 5060), b = a;

	b.port = 5061;
	ck_assert(is_ours("UDP 192.0.2.1", &a));
	ck_assert(is_ours("UDP 192.0.2.1:5060;rport=9", &a));
	ck_assert(!is_ours("UDP 192.0.2.1:5061", &a));
	ck_assert(!is_ours("UDP 192.0.2.2", &a));
	ck_assert(!is_ours("UDP h", &a));
	ck_assert(!is_ours("TLS 192.0.2.1", &a));
	ck_assert(is_ours("tls 192.0.2.1", &b));
	ck_assert(!is_ours("UDP 192.0.2.1", &b));
	ck_assert(is_ours("UDP 192.0.2.1:5061", &b));
	ck_assert(is_ours("UDP h:1", NULL));
}
END_TEST

static struct sip_seen see(struct slice text, unsigned code)
{
	struct sip_seen seen = { .via_ok = true, .to_ok = true };
	const struct sip_check c = { .seen = &seen };

	ck_assert_uint_eq(sip_check(text, &c, &m).code, code);
	return seen;
}

START_TEST(what_was_parsed_on_the_way_is_told)
{
	struct sip_seen s = see(S(REQ "\r\n"), SIP_ACCEPT);

	ck_assert(s.via_ok && s.to_ok);
	ck_slice_eq(s.via.branch, "z9hG4bK1");
	ck_assert_uint_eq(s.cseq.number, 1);
	ck_slice_eq(s.cseq.method, "OPTIONS");
	ck_slice_eq(s.from_tag, "1");
	ck_assert_uint_eq(s.to_tag.n, 0);
	/* The topmost of several, in one field and in two. */
	s = see(S("OPTIONS sip:c@d SIP/2.0\r\nVia: SIP/2.0/UDP a,SIP/2.0/UDP b"
		  "\r\nv: SIP/2.0/UDP c\r\n" REST "CSeq: 7 OPTIONS\r\n\r\n"),
		SIP_ACCEPT);
	ck_slice_eq(s.via.host, "a");
	s = see(S("OPTIONS sip:c@d SIP/2.0\r\nVia: SIP/2.0/UDP a\r\n"
		  "v: SIP/2.0/UDP b\r\n" REST "CSeq: 7 OPTIONS\r\n\r\n"),
		SIP_ACCEPT);
	ck_slice_eq(s.via.host, "a");
	s = see(S(RESP "\r\n"), SIP_ACCEPT);
	ck_assert(s.via_ok);
	ck_slice_eq(s.via.host, "192.0.2.1");
}
END_TEST

START_TEST(what_is_refused_tells_where_to_answer)
{
	struct sip_seen s = see(S("OPTIONS sip:c@d SIP/2.0 \r\n" VIA REST
				  "\r\n"), 400);

	ck_assert(s.via_ok && !s.to_ok);
	ck_slice_eq(s.via.branch, "z9hG4bK1");
	s = see(S("OPTIONS sip:c@d SIP/2.0\r\nVia: SIP/2.0/UDP a\r\nVia: b\r\n"
		  REST "CSeq: 7 OPTIONS\r\n\r\n"), 400);
	ck_assert(s.via_ok);
	ck_slice_eq(s.via.host, "a");
	s = see(S("OPTIONS sip:c@d SIP/2.0\r\nVia: a\r\nVia: SIP/2.0/UDP b\r\n"
		  REST "CSeq: 7 OPTIONS\r\n\r\n"), 400);
	ck_assert(!s.via_ok);
	s = see(S("OPTIONS sip:c@d SIP/2.0\r\n" VIA "From: x\r\nTo: <sip:a>;"
		  "tag=2\r\nCall-ID: x\r\nCSeq: 7 OPTIONS\r\n\r\n"), 400);
	ck_assert(!s.to_ok); /* it was not come to */
	s = see(S("OPTIONS sip:c@d SIP/2.0\r\n" VIA "To: <sip:a>;tag=2\r\n"
		  "From: x\r\nCall-ID: x\r\nCSeq: 7 OPTIONS\r\n\r\n"), 400);
	ck_assert(s.to_ok);
	ck_slice_eq(s.to_tag, "2");
	s = see((struct slice){ 0 }, SIP_DROP);
	ck_assert(!s.via_ok && !s.to_ok);
	ck_assert_uint_eq(sip_check((struct slice){ 0 }, &udp, &m).why.offset,
			  0);
}
END_TEST

static void prefix(struct slice in)
{
	static const struct sip_check *const all[] = { &udp, &tcp, &proxy };

	for (size_t i = 0; i < COUNT(all); i++) {
		struct sip_verdict v = sip_check(in, all[i], &m);

		ck_assert(v.why.offset <= in.n);
		ck_assert((v.code == SIP_ACCEPT) == !v.why.reason);
	}
}

START_TEST(no_prefix_is_read_beyond)
{
	each_prefix(S(REQ "Max-Forwards: 7\r\nContact: <sip:a>;q=1, sip:b\r\n"
		      "Route: <sip:r;lr>\r\nc: a/b\r\nAccept: */*\r\nl: 2\r\n"
		      "\r\nab"), prefix);
	each_prefix(S(RESP "l: 2\r\n\r\nab"), prefix);
}
END_TEST

SUITE(sip_check, what_is_whole_is_accepted, five_headers_have_to_be_there,
      single_headers_stand_once, values_are_judged,
      what_names_something_has_256_octets,
      the_start_line_decides_first, the_body_has_its_length,
      an_empty_line_may_miss_where_no_body_can,
      a_star_is_for_a_register_with_expires_0,
      a_proxy_looks_at_hops_and_takes_several_vias,
      a_response_comes_to_where_its_request_left,
      what_was_parsed_on_the_way_is_told,
      what_is_refused_tells_where_to_answer, no_prefix_is_read_beyond);
