/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/sip_wire.h"

#define TCP_INVITE                                                          \
	"INVITE sip:bob@192.0.2.4 SIP/2.0\r\n"                              \
	"Via: SIP/2.0/TCP 192.0.2.1:5062;branch=z9hG4bKt\r\n"               \
	"To: <sip:bob@biloxi.com>\r\n"                                      \
	"From: <sip:alice@atlanta.com>;tag=1\r\n"                           \
	"Call-ID: a84b4c76e66710\r\nCSeq: 1 INVITE\r\n"                     \
	"Content-Length: 4\r\n\r\nbody"
#define TCP_OPTIONS                                                         \
	"OPTIONS sip:bob@192.0.2.4 SIP/2.0\r\n"                             \
	"Via: SIP/2.0/TCP 192.0.2.1:5062;branch=z9hG4bKo\r\n"               \
	"To: <sip:bob@biloxi.com>\r\n"                                      \
	"From: <sip:alice@atlanta.com>;tag=1\r\n"                           \
	"Call-ID: a84b4c76e66711\r\nCSeq: 1 OPTIONS\r\n"                    \
	"l: 0\r\n\r\n"

static void bytes(struct wire *w, uint32_t flow, const char *text)
{
	wire_bytes(w, flow, text, strlen(text));
}

static struct wire *answering(unsigned status)
{
	struct wire *w = wire_new();

	w->user = wire_answer;
	w->answer = status;
	return w;
}

START_TEST(responses_go_back_on_the_connection)
{
	struct wire *w = answering(486);
	uint32_t flow = wire_accept(w);

	bytes(w, flow, TCP_INVITE TCP_OPTIONS);
	ck_assert_uint_eq(wire_count(w, SIP_OUT_STREAM), 2);
	ck_assert_uint_eq(w->log[1].flow, flow);
	ck_text_has(w->log[1].bytes, "SIP/2.0 486 ");
	ck_text_has(w->log[0].bytes, "\r\n\r\nbody");
	/* reliable: no repeats (17.2.1) */
	wire_clear(w);
	wire_wait(w, SEC(10));
	ck_assert_uint_eq(w->n, 0);
	wire_free(w);
}
END_TEST

START_TEST(a_message_cut_anywhere_is_the_same_message)
{
	static const char text[] = "\r\n\r\n" TCP_INVITE "\r\n" TCP_OPTIONS;
	size_t n = sizeof(text) - 1;

	for (size_t at = 1; at < n; at++) {
		struct wire *w = answering(486);
		uint32_t flow = wire_accept(w);

		wire_bytes(w, flow, text, at);
		wire_bytes(w, flow, text + at, n - at);
		ck_assert_msg(wire_events(w, SIP_EV_REQUEST) == 2,
			      "cut at %zu", at);
		/* the pong (RFC 5626 3.5.1), 486 and 486 */
		ck_assert_uint_eq(wire_count(w, SIP_OUT_STREAM), 3);
		ck_assert_str_eq(wire_nth(w, SIP_OUT_STREAM, 0)->bytes,
				 "\r\n");
		wire_free(w);
	}
}
END_TEST

START_TEST(pieces_of_1_2_3_bytes_give_what_one_gives)
{
	static const char text[] = TCP_INVITE TCP_OPTIONS TCP_INVITE;

	for (size_t piece = 1; piece <= 3; piece++) {
		struct wire *w = answering(200);
		uint32_t flow = wire_accept(w);
		size_t n = sizeof(text) - 1;

		for (size_t at = 0; at < n; at += piece)
			wire_bytes(w, flow, text + at,
				   n - at < piece ? n - at : piece);
		ck_assert_uint_eq(wire_events(w, SIP_EV_REQUEST), 2);
		ck_assert_uint_eq(wire_count(w, SIP_OUT_STREAM), 2);
		wire_free(w);
	}
}
END_TEST

START_TEST(a_stream_that_cannot_be_followed_is_answered_and_closed)
{
	struct wire *w = answering(200);
	uint32_t flow = wire_accept(w);
	const char *no_length = "OPTIONS sip:bob@192.0.2.4 SIP/2.0\r\n"
		"Via: SIP/2.0/TCP 192.0.2.1:5062;branch=z9hG4bKo\r\n"
		"To: <sip:b@b>\r\nFrom: <sip:a@a>;tag=1\r\nCall-ID: 1\r\n"
		"CSeq: 1 OPTIONS\r\n\r\n";

	bytes(w, flow, no_length);
	ck_text_has(wire_nth(w, SIP_OUT_STREAM, 0)->bytes, "SIP/2.0 400 ");
	ck_assert_uint_eq(wire_count(w, SIP_OUT_CLOSE), 1);
	ck_assert_uint_eq(wire_events(w, SIP_EV_FLOW_GONE), 1);
	ck_assert_uint_eq(sip_core_stats(w->c)->flows, 0);
	bytes(w, flow, TCP_OPTIONS); /* stale */
	ck_assert_uint_eq(wire_events(w, SIP_EV_REQUEST), 0);
	flow = wire_accept(w);
	bytes(w, flow, "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
	ck_assert_uint_eq(wire_count(w, SIP_OUT_CLOSE), 2);
	ck_assert_uint_eq(wire_count(w, SIP_OUT_STREAM), 1);
	wire_free(w);
}
END_TEST

START_TEST(a_message_that_is_too_long_gets_513)
{
	struct wire *w = answering(200);
	uint32_t flow = wire_accept(w);

	bytes(w, flow, "OPTIONS sip:bob@192.0.2.4 SIP/2.0\r\n"
	      "Via: SIP/2.0/TCP 192.0.2.1:5062;branch=z9hG4bKo\r\n"
	      "To: <sip:b@b>\r\nFrom: <sip:a@a>;tag=1\r\nCall-ID: 1\r\n"
	      "CSeq: 1 OPTIONS\r\nContent-Length: 70000\r\n\r\n");
	ck_text_has(wire_nth(w, SIP_OUT_STREAM, 0)->bytes, "SIP/2.0 513 ");
	ck_assert_uint_eq(wire_count(w, SIP_OUT_CLOSE), 1);
	flow = wire_accept(w);
	bytes(w, flow, "OPTIONS sip:bob@192.0.2.4 SIP/2.0\r\nX: ");
	for (int i = 0; i < 70; i++) {
		char line[1001];

		memset(line, 'x', 1000);
		line[1000] = 0;
		bytes(w, flow, line);
	}
	ck_assert_uint_eq(wire_count(w, SIP_OUT_CLOSE), 2);
	wire_free(w);
}
END_TEST

/* A header of 64 kB in pieces that might end it: read through for each of
 * them it would take longer than a test may. */
START_TEST(work_is_linear_in_what_comes)
{
	static const char *const piece[] = { "\n\n", "\n\r\n" };
	struct wire *w = answering(200);

	for (size_t i = 0; i < COUNT(piece); i++) {
		uint32_t flow = wire_accept(w);

		wire_clear(w);
		bytes(w, flow, "OPTIONS sip:bob@192.0.2.4 SIP/2.0\r\nX: ");
		for (size_t n = 0; n < 65000; n += strlen(piece[i]))
			bytes(w, flow, piece[i]);
		ck_assert_uint_eq(w->n, 0);
		bytes(w, flow, "\r\n\r\n");
		ck_assert_uint_eq(wire_count(w, SIP_OUT_CLOSE), 1);
	}
	wire_free(w);
}
END_TEST

START_TEST(a_length_that_is_only_announced_takes_no_memory)
{
	struct wire *w = answering(200);
	uint32_t flow = wire_accept(w);
	size_t before = w->mem.used;

	bytes(w, flow, "OPTIONS sip:bob@192.0.2.4 SIP/2.0\r\n"
	      "Content-Length: 60000\r\n\r\n");
	bytes(w, flow, "x");
	ck_assert_uint_lt(w->mem.used - before, 512);
	wire_free(w);
}
END_TEST

START_TEST(half_a_message_may_take_32_s)
{
	struct wire *w = answering(200);
	uint32_t flow = wire_accept(w), silent = wire_accept(w);

	bytes(w, flow, TCP_OPTIONS "INVITE sip:");
	wire_wait(w, MS(31900));
	bytes(w, flow, "bob");
	wire_wait(w, MS(200));
	ck_assert_uint_eq(wire_count(w, SIP_OUT_CLOSE), 2);
	ck_assert_uint_eq(wire_nth(w, SIP_OUT_CLOSE, 0)->flow +
			  wire_nth(w, SIP_OUT_CLOSE, 1)->flow, flow + silent);
	wire_free(w);
}
END_TEST

START_TEST(pings_keep_a_connection_10_minutes_without_close_it)
{
	struct wire *w = answering(200);
	uint32_t flow = wire_accept(w);

	for (int i = 0; i < 20; i++) {
		bytes(w, flow, "\r\n\r\n");
		wire_wait(w, SEC(100));
	}
	ck_assert_uint_eq(wire_count(w, SIP_OUT_STREAM), 20);
	ck_assert_uint_eq(wire_count(w, SIP_OUT_CLOSE), 0);
	wire_wait(w, SEC(501));
	ck_assert_uint_eq(wire_count(w, SIP_OUT_CLOSE), 1);
	wire_free(w);
}
END_TEST

/* Its pong could not be written, which is found before it is told. */
START_TEST(a_message_outlives_its_connection)
{
	static const char rest[] = "\n\r\n" TCP_OPTIONS;
	struct wire *w = answering(200);
	uint32_t flow = wire_accept(w);
	struct sip_out o;

	bytes(w, flow, "\r");
	sip_core_on_stream(w->c, flow, slice_of(rest, sizeof(rest) - 1),
			   w->now);
	ck_assert(sip_core_poll(w->c, &o));
	ck_assert_int_eq(o.kind, SIP_OUT_STREAM);
	ck_slice_eq(o.bytes, "\r\n");
	sip_core_on_closed(w->c, flow, 0, w->now);
	wire_drain(w);
	ck_text_has(wire_event(w, SIP_EV_REQUEST)->bytes,
		    "OPTIONS sip:bob@192.0.2.4 SIP/2.0\r\n"
		    "Via: SIP/2.0/TCP 192.0.2.1:5062;branch=z9hG4bKo\r\n");
	ck_assert_uint_eq(wire_nth(w, SIP_OUT_CONNECT, 0)->path.remote.port,
			  5062);
	wire_free(w);
}
END_TEST

/* 18.2.2: to the source's address, at the port of sent-by. */
START_TEST(a_lost_connection_is_replaced_for_the_response)
{
	struct wire *w = wire_new();
	uint32_t flow = wire_accept(w);
	struct addr local = addr_v4(192, 0, 2, 4, 50001);
	struct wire_out *o;
	struct sip_msg m;
	uint64_t txn;

	bytes(w, flow, TCP_INVITE);
	txn = wire_event(w, SIP_EV_REQUEST)->event.txn;
	sip_core_on_closed(w->c, flow, 0, w->now);
	wire_drain(w);
	sip_msg_response(&m, 200, S(""));
	ck_assert_int_eq(sip_core_respond(w->c, txn, &m, S("b"), w->now), 0);
	wire_drain(w);
	o = wire_nth(w, SIP_OUT_CONNECT, 0);
	ck_assert_uint_eq(o->path.remote.port, 5062);
	ck_assert(addr_same_ip(&o->path.remote, &w->peer));
	sip_core_on_open(w->c, o->flow, &local, w->now);
	wire_drain(w);
	ck_text_has(wire_nth(w, SIP_OUT_STREAM, 0)->bytes, "SIP/2.0 200 ");
	ck_assert_uint_eq(wire_nth(w, SIP_OUT_STREAM, 0)->flow, o->flow);
	wire_free(w);
}
END_TEST

START_TEST(a_response_that_cannot_be_delivered_is_told)
{
	struct wire *w = wire_new();
	uint32_t flow = wire_accept(w);
	struct sip_msg m;
	uint64_t txn;

	bytes(w, flow, TCP_OPTIONS);
	txn = wire_event(w, SIP_EV_REQUEST)->event.txn;
	ck_assert_int_eq(sip_core_set_tag(w->c, txn, 3), 0);
	sip_core_on_closed(w->c, flow, 0, w->now);
	sip_msg_response(&m, 200, S(""));
	ck_assert_int_eq(sip_core_respond(w->c, txn, &m, S("b"), w->now), 0);
	wire_drain(w);
	sip_core_on_closed(w->c, wire_nth(w, SIP_OUT_CONNECT, 0)->flow, 0,
			   w->now);
	wire_drain(w);
	ck_assert_uint_eq(wire_event(w, SIP_EV_UNSENT)->event.tag, 3);
	ck_assert_uint_eq(sip_core_stats(w->c)->servers, 0);
	wire_free(w);
}
END_TEST

static void small_limits(struct wire *w, uint32_t flows)
{
	struct limits l = limits_default;
	static const uint8_t seed[32];

	sip_core_free(w->c);
	l.flows = flows;
	ck_assert_int_eq(sip_core_new(&w->mem, &l, seed, w->now, &w->c), 0);
	sip_core_limit_source(w->c, flows);
	ck_assert_int_eq(sip_core_add_local(w->c, SIP_TCP, &w->us, &w->us,
					    &w->tcp), 0);
}

static int accept_from(struct wire *w, const struct addr *remote)
{
	uint32_t flow;

	return sip_core_on_accept(w->c, w->tcp, &w->us, remote, w->now, &flow);
}

/* Of 32 connections 28 may be accepted, 14 of one source. */
START_TEST(one_source_gets_half_of_the_connections)
{
	struct wire *w = wire_new();
	struct addr a = addr_v4(192, 0, 2, 9, 1), six, other;

	ck_assert_int_eq(addr_parse(S("[2001:db8::1]:1"), &six), 0);
	ck_assert_int_eq(addr_parse(S("[2001:db8:0:1::1]:1"), &other), 0);
	small_limits(w, 32);
	sip_core_limit_source(w->c, 0);
	for (; a.port <= 14; a.port++)
		ck_assert_int_eq(accept_from(w, &a), 0);
	ck_assert_int_eq(accept_from(w, &a), -EMFILE);
	/* A /64 is one, whatever stands behind it. */
	for (; six.port <= 13; six.port++, six.ip[15]++)
		ck_assert_int_eq(accept_from(w, &six), 0);
	sip_core_limit_source(w->c, 13);
	ck_assert_int_eq(accept_from(w, &six), -EMFILE);
	ck_assert_int_eq(accept_from(w, &other), 0);
	ck_assert_int_eq(accept_from(w, &other), -EMFILE);
	/* Who said nothing for 4 s makes place, by a reset. */
	wire_wait(w, SEC(4));
	other.port++;
	ck_assert_int_eq(accept_from(w, &other), 0);
	wire_drain(w);
	ck_assert(wire_nth(w, SIP_OUT_CLOSE, 0)->reset);
	ck_assert_uint_eq(sip_core_stats(w->c)->flows, 28);
	wire_free(w);
}
END_TEST

START_TEST(the_longest_unused_connection_makes_place)
{
	struct wire *w = wire_new();
	struct addr remote = addr_v4(192, 0, 2, 9, 1);
	uint32_t first, second, third;

	small_limits(w, 2);
	first = wire_accept(w);
	bytes(w, first, "\r\n\r\n");
	wire_wait(w, SEC(20));
	second = wire_accept(w);
	bytes(w, second, "\r\n\r\n");
	ck_assert_int_eq(sip_core_on_accept(w->c, w->tcp, &w->us, &remote,
					    w->now, &third), -EMFILE);
	wire_wait(w, SEC(13));
	ck_assert_int_eq(sip_core_on_accept(w->c, w->tcp, &w->us, &remote,
					    w->now, &third), 0);
	wire_drain(w);
	ck_assert_uint_eq(wire_nth(w, SIP_OUT_CLOSE, 0)->flow, first);
	ck_assert_uint_eq(sip_core_stats(w->c)->flows, 2);
	wire_free(w);
}
END_TEST

START_TEST(accepted_connections_leave_room_for_our_own)
{
	struct wire *w = wire_new();
	struct addr remote = addr_v4(192, 0, 2, 9, 1);
	struct sip_msg m;
	uint32_t flow;
	uint64_t txn;

	small_limits(w, 8);
	for (; remote.port <= 7; remote.port++)
		ck_assert_int_eq(sip_core_on_accept(w->c, w->tcp, &w->us,
				 &remote, w->now, &flow), 0);
	ck_assert_int_eq(sip_core_on_accept(w->c, w->tcp, &w->us, &remote,
					    w->now, &flow), -EMFILE);
	wire_request(&m, "OPTIONS", "sip:a@192.0.2.1;transport=tcp");
	ck_assert_int_eq(sip_core_request(w->c, &(struct sip_request){
		.msg = &m, .user = WIRE_USER }, w->now, &txn), 0);
	wire_drain(w);
	ck_assert_uint_eq(wire_count(w, SIP_OUT_CONNECT), 1);
	wire_free(w);
}
END_TEST

/* RFC 3581 section 4, and 18.2.1. */
static const char *options_via(struct wire *w, const char *via)
{
	static char text[1024];

	wire_clear(w);
	snprintf(text, sizeof(text), "OPTIONS sip:bob@192.0.2.4 SIP/2.0\r\n"
		 "Via: %s\r\nTo: <sip:b@b>\r\nFrom: <sip:a@a>;tag=1\r\n"
		 "Call-ID: %zu\r\nCSeq: 1 OPTIONS\r\n\r\n", via,
		 strlen(via));
	wire_udp(w, text);
	return wire_header(wire_nth(w, SIP_OUT_DATAGRAM, 0)->bytes, "Via");
}

START_TEST(received_and_rport_are_filled_in)
{
	struct wire *w = answering(200);
	const char *via;

	w->peer = addr_v4(192, 0, 2, 99, 40001);
	via = options_via(w, "SIP/2.0/UDP 10.1.1.1:4540;rport;"
			  "branch=z9hG4bKkjshdyff");
	ck_text_has(via, ";rport=40001");
	ck_text_has(via, ";received=192.0.2.99");
	ck_text_has(via, "SIP/2.0/UDP 10.1.1.1:4540");
	ck_text_has(via, "branch=z9hG4bKkjshdyff");
	ck_assert(addr_same(&w->log[1].path.remote, &w->peer));
	via = options_via(w, "SIP/2.0/UDP bobspc.biloxi.com:5066;"
			  "branch=z9hG4bKa1, SIP/2.0/TCP p;branch=z9hG4bKb");
	ck_text_has(via, ";received=192.0.2.99");
	ck_text_has(via, ", SIP/2.0/TCP p;branch=z9hG4bKb");
	ck_text_lacks(via, "rport");
	ck_assert_uint_eq(w->log[1].path.remote.port, 5066);
	via = options_via(w, "SIP/2.0/UDP 192.0.2.99;branch=z9hG4bKabcd");
	ck_assert_str_eq(via, "SIP/2.0/UDP 192.0.2.99;branch=z9hG4bKabcd");
	ck_assert_uint_eq(w->log[1].path.remote.port, 5060);
	/* what the client claims of itself is not believed */
	via = options_via(w, "SIP/2.0/UDP 192.0.2.99;received=192.0.2.5;"
			  "branch=z9hG4bKabcdef");
	ck_text_has(via, "received=192.0.2.99");
	ck_text_lacks(via, "192.0.2.5;");
	wire_free(w);
}
END_TEST

/* 18.2.2 would send responses to maddr, whoever that is. */
START_TEST(responses_go_to_no_third_party)
{
	struct wire *w = answering(200);

	w->peer = addr_v4(192, 0, 2, 99, 40001);
	options_via(w, "SIP/2.0/UDP 192.0.2.99;maddr=192.0.2.50;branch="
		    "z9hG4bK1");
	ck_assert_uint_eq(w->log[1].path.remote.ip[3], 99);
	ck_assert_uint_eq(w->log[1].path.remote.port, 5060);
	options_via(w, "SIP/2.0/UDP 192.0.2.99;maddr=224.0.1.75;branch="
		    "z9hG4bK22");
	ck_assert_uint_eq(w->log[1].path.remote.ip[3], 99);
	/* What it may say: who it is, with the port of sent-by ... */
	options_via(w, "SIP/2.0/UDP 192.0.2.99:5070;maddr=192.0.2.99;branch="
		    "z9hG4bK333");
	ck_assert_uint_eq(w->log[1].path.remote.ip[3], 99);
	ck_assert_uint_eq(w->log[1].path.remote.port, 5070);
	/* ... and where a request that came by multicast wants its answer. */
	w->us = addr_v4(224, 0, 1, 75, 5060);
	options_via(w, "SIP/2.0/UDP 192.0.2.99;maddr=224.0.1.75;branch="
		    "z9hG4bK4444");
	ck_assert_uint_eq(w->log[1].path.remote.ip[0], 224);
	ck_assert_uint_eq(w->log[1].path.remote.ip[3], 75);
	options_via(w, "SIP/2.0/UDP 192.0.2.99;maddr=192.0.2.50;branch="
		    "z9hG4bK55555");
	ck_assert_uint_eq(w->log[1].path.remote.ip[3], 99);
	wire_free(w);
}
END_TEST

/* Messages that never become whole, over many connections. */
START_TEST(unfinished_messages_take_half_of_the_budget)
{
	enum { PIECE = 20000, FLOWS = 40 };
	struct wire *w = answering(200);
	struct addr remote = addr_v4(192, 0, 2, 7, 40000);
	char *piece = malloc(PIECE);
	uint32_t flow[FLOWS];
	unsigned closed = 0;

	memset(piece, 'x', PIECE);
	memcpy(piece, "OPTIONS sip:a@b SIP/2.0\r\nSubject: ", 35);
	w->mem.budget = w->mem.used + 800000;
	for (unsigned i = 0; i < FLOWS; i++, remote.port++) {
		ck_assert_int_eq(sip_core_on_accept(w->c, w->tcp, &w->us,
					&remote, w->now, &flow[i]), 0);
		wire_clear(w);
		wire_bytes(w, flow[i], piece, PIECE);
		closed += wire_count(w, SIP_OUT_CLOSE);
		ck_assert_uint_le(sip_core_stats(w->c)->held,
				  w->mem.budget / 2 + 2 * PIECE);
	}
	ck_assert_uint_gt(closed, FLOWS / 4);
	ck_assert_uint_lt(closed, FLOWS);
	/* They give it back when their time is over. */
	wire_wait(w, SEC(33));
	ck_assert_uint_eq(sip_core_stats(w->c)->held, 0);
	free(piece);
	wire_free(w);
}
END_TEST

START_TEST(datagrams_of_nothing_are_ignored)
{
	struct wire *w = answering(200);

	wire_udp(w, "\r\n\r\n");
	wire_udp(w, "\r\n");
	wire_udp(w, "hello");
	wire_udp(w, "SIP/2.0 200 OK\r\n\r\n");
	wire_udp(w, "OPTIONS sip:b@b SIP/2.0\r\n\r\n");
	ck_assert_uint_eq(w->n, 0);
	ck_assert_uint_eq(sip_core_stats(w->c)->malformed, 3);
	wire_free(w);
}
END_TEST

/* 18.3 for datagrams. */
START_TEST(content_length_rules_a_datagram)
{
	struct wire *w = answering(200);

	wire_udp(w, "OPTIONS sip:b@b SIP/2.0\r\n"
		 "Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1\r\n"
		 "To: <sip:b@b>\r\nFrom: <sip:a@a>;tag=1\r\nCall-ID: 1\r\n"
		 "CSeq: 1 OPTIONS\r\nContent-Length: 3\r\n\r\nabcdef");
	ck_text_has(w->log[0].bytes, "Content-Length: 3\r\n\r\nabc");
	ck_text_lacks(w->log[0].bytes, "abcd");
	wire_udp(w, "OPTIONS sip:b@b SIP/2.0\r\n"
		 "Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK2\r\n"
		 "To: <sip:b@b>\r\nFrom: <sip:a@a>;tag=1\r\nCall-ID: 1\r\n"
		 "CSeq: 1 OPTIONS\r\nContent-Length: 7\r\n\r\nabcdef");
	ck_text_has(w->log[2].bytes, "SIP/2.0 400 ");
	wire_free(w);
}
END_TEST

START_TEST(keepalives_and_handles)
{
	struct wire *w = wire_new();
	uint32_t flow = wire_accept(w);
	struct sip_path p;

	ck_assert(sip_core_flow(w->c, flow, &p));
	ck_assert_int_eq(sip_core_keepalive(w->c, &p, w->now), 0);
	wire_drain(w);
	ck_assert_str_eq(w->log[0].bytes, "\r\n\r\n");
	ck_assert_ptr_nonnull(sip_core_shown(w->c, SIP_TCP, 4));
	ck_assert_ptr_null(sip_core_shown(w->c, SIP_TLS, 4));
	sip_core_set_shown(w->c, w->tcp, &w->peer);
	ck_assert(addr_same(sip_core_shown(w->c, SIP_TCP, 0), &w->peer));
	sip_core_on_closed(w->c, flow, 0, w->now);
	wire_drain(w);
	ck_assert(!sip_core_flow(w->c, flow, &p));
	ck_assert_int_eq(sip_core_keepalive(w->c, &p, w->now), -EPIPE);
	sip_core_remove_local(w->c, w->tcp);
	ck_assert_ptr_null(sip_core_shown(w->c, SIP_TCP, 4));
	wire_free(w);
}
END_TEST

/* RFC 7118 5: a WebSocket message is a message, without Content-Length too; a
 * half one is none, and does not end the connection; CRLFs are a keep-alive. */
START_TEST(websocket_messages_come_one_by_one)
{
	static const char options[] = "OPTIONS sip:us@192.0.2.9 SIP/2.0\r\n"
		"Via: SIP/2.0/WS x.invalid;branch=z9hG4bKws%c\r\n"
		"Max-Forwards: 70\r\nFrom: <sip:a@b>;tag=1\r\n"
		"To: <sip:us@b>\r\nCall-ID: %c@ws\r\nCSeq: 1 OPTIONS\r\n\r\n";
	struct wire *w = wire_new();
	struct addr remote = addr_v4(192, 0, 2, 1, 40000);
	uint32_t point, flow;
	char text[512];

	ck_assert_int_eq(sip_core_add_local(w->c, SIP_WS, &w->us, &w->us,
					    &point), 0);
	ck_assert_int_eq(sip_core_on_accept(w->c, point, &w->us, &remote,
					    w->now, &flow), 0);
	for (char i = 'a'; i <= 'b'; i++) {
		snprintf(text, sizeof(text), options, i, i);
		wire_bytes(w, flow, text, strlen(text));
	}
	ck_assert_uint_eq(wire_events(w, SIP_EV_REQUEST), 2);
	ck_assert_uint_eq(wire_count(w, SIP_OUT_CLOSE), 0);
	wire_clear(w);
	wire_bytes(w, flow, text, 40); /* no more of it comes */
	snprintf(text, sizeof(text), options, 'c', 'c');
	wire_bytes(w, flow, text, strlen(text));
	ck_assert_uint_eq(wire_events(w, SIP_EV_REQUEST), 1);
	ck_assert_uint_eq(wire_count(w, SIP_OUT_CLOSE), 0);
	wire_clear(w);
	wire_bytes(w, flow, "\r\n\r\n", 4);
	wire_bytes(w, flow, "\r\n", 2);
	ck_assert_uint_eq(wire_count(w, SIP_OUT_STREAM), 1);
	ck_assert_str_eq(wire_nth(w, SIP_OUT_STREAM, 0)->bytes, "\r\n");
	wire_clear(w);
	wire_wait(w, SEC(3600)); /* its own pings keep it */
	ck_assert_uint_eq(wire_count(w, SIP_OUT_CLOSE), 0);
	wire_free(w);
}
END_TEST

/* ------------------------------------------------- names that are verified */
static uint64_t ask(struct wire *w, const char *uri)
{
	struct sip_msg m;
	uint64_t txn;

	wire_request(&m, "OPTIONS", uri);
	ck_assert_int_eq(sip_core_request(w->c, &(struct sip_request){
		.msg = &m, .user = WIRE_USER }, w->now, &txn), 0);
	wire_drain(w);
	return txn;
}

/* The hop that the last question is answered with. */
static void at_peer(struct wire *w, const char *name)
{
	struct sip_hop hop = { .transport = SIP_TLS, .addr = w->peer,
			       .name = slice_str(name) };

	sip_core_on_located(w->c, wire_nth(w, SIP_OUT_LOCATE,
			    wire_count(w, SIP_OUT_LOCATE) - 1)->lookup, &hop, 1,
			    NULL, w->now);
	wire_drain(w);
}

static struct wire *wire_new_tls(void)
{
	struct wire *w = wire_new();
	uint32_t point;

	ck_assert_int_eq(sip_core_add_local(w->c, SIP_TLS, &w->us, &w->us,
					    &point), 0);
	return w;
}

static const char *name_of(struct wire *w, unsigned connect, char out[256])
{
	struct slice s = sip_core_name(w->c,
			&wire_nth(w, SIP_OUT_CONNECT, connect)->path);

	ck_assert_int_eq(slice_to_str(s, out, 256), 0);
	return out;
}

/* RFC 5922 7.1, 7.2: a connection is verified by the domain of the URI, not by
 * what its lookup led to, so another domain needs another one; the same,
 * however it is written, does not. */
START_TEST(two_domains_at_one_address_are_two_secure_connections)
{
	struct wire *w = wire_new_tls();
	char text[256];

	ask(w, "sips:a@Example.com");
	at_peer(w, "");
	ask(w, "sips:b@example.net");
	at_peer(w, "");
	ask(w, "sips:c@example.COM");
	at_peer(w, "");
	ck_assert_uint_eq(wire_count(w, SIP_OUT_CONNECT), 2);
	ck_assert_str_eq(name_of(w, 0, text), "example.com");
	ck_assert_str_eq(name_of(w, 1, text), "example.net");
	wire_free(w);
}
END_TEST

/* One that says who is there says it for all who are told of it. */
START_TEST(a_hop_may_have_a_name_of_its_own)
{
	struct wire *w = wire_new_tls();
	char text[256];

	ask(w, "sips:a@example.com");
	at_peer(w, "Proxy.example.net");
	ask(w, "sips:a@proxy.example.net");
	at_peer(w, "");
	ck_assert_uint_eq(wire_count(w, SIP_OUT_CONNECT), 1);
	ck_assert_str_eq(name_of(w, 0, text), "proxy.example.net");
	wire_free(w);
}
END_TEST

/* RFC 3261 26.2.2: maddr says where, the URI still who. */
START_TEST(an_address_is_verified_by_the_uri_that_it_stands_in)
{
	struct wire *w = wire_new_tls();
	char text[256];

	ask(w, "sips:a@192.0.2.1");
	ask(w, "sips:a@example.com;maddr=192.0.2.1");
	ck_assert_uint_eq(wire_count(w, SIP_OUT_CONNECT), 2);
	ck_assert_str_eq(name_of(w, 0, text), "192.0.2.1");
	ck_assert_str_eq(name_of(w, 1, text), "example.com");
	wire_free(w);
}
END_TEST

/* Whom nobody verifies is one connection for all; a name goes with the last
 * that has it. */
START_TEST(names_are_of_secure_connections_and_end_with_them)
{
	struct wire *w = wire_new_tls();
	struct sip_path path;

	ask(w, "sip:a@192.0.2.1;transport=tcp");
	ask(w, "sip:a@example.com;maddr=192.0.2.1;transport=tcp");
	ck_assert_uint_eq(wire_count(w, SIP_OUT_CONNECT), 1);
	ck_assert_uint_eq(wire_nth(w, SIP_OUT_CONNECT, 0)->path.name, 0);
	ask(w, "sips:a@192.0.2.1");
	path = wire_nth(w, SIP_OUT_CONNECT, 1)->path;
	ck_slice_eq(sip_core_name(w->c, &path), "192.0.2.1");
	sip_core_on_closed(w->c, path.flow, ECONNREFUSED, w->now);
	wire_drain(w);
	ck_slice_eq(sip_core_name(w->c, &path), "");
	wire_free(w);
}
END_TEST

/* RFC 1035 2.3.4: 255 octets at most. */
START_TEST(no_peer_has_a_name_that_is_too_long)
{
	struct wire *w = wire_new_tls();
	char uri[512];
	struct sip_msg m;
	uint64_t txn;

	for (unsigned n = 255; n < 257; n++) {
		snprintf(uri, sizeof(uri), "sips:%0*d", (int)n, 0);
		uri[5] = 'a';
		uri[4 + n] = 'a';
		wire_request(&m, "OPTIONS", uri);
		ck_assert_int_eq(sip_core_request(w->c, &(struct sip_request){
			.msg = &m, .user = WIRE_USER }, w->now, &txn),
			n == 255 ? 0 : -EINVAL);
		wire_drain(w);
	}
	wire_free(w);
}
END_TEST

/* ----------------------------------------------- several addresses of ours */
/* The one that the system would send from, which the port is asked for even
 * where the host is an address. */
START_TEST(of_several_addresses_the_route_chooses)
{
	struct wire *w = wire_new();
	struct addr other = addr_v4(198, 51, 100, 4, 5060);
	struct sip_hop hop = { .transport = SIP_UDP, .addr = w->peer,
			       .local = other };
	uint32_t point;

	hop.local.port = 0;
	ck_assert_int_eq(sip_core_add_local(w->c, SIP_UDP, &other, &other,
					    &point), 0);
	ask(w, "sip:a@192.0.2.1");
	ck_assert(wire_nth(w, SIP_OUT_LOCATE, 0)->where.route);
	ck_assert_str_eq(wire_nth(w, SIP_OUT_LOCATE, 0)->host, "192.0.2.1");
	sip_core_on_located(w->c, wire_nth(w, SIP_OUT_LOCATE, 0)->lookup, &hop,
			    1, NULL, w->now);
	wire_drain(w);
	ck_assert_uint_eq(wire_nth(w, SIP_OUT_DATAGRAM, 0)->flow, point);
	ck_text_has(wire_nth(w, SIP_OUT_DATAGRAM, 0)->bytes,
		    "Via: SIP/2.0/UDP 198.51.100.4:5060;");
	wire_udp(w, wire_response(wire_nth(w, SIP_OUT_DATAGRAM, 0)->bytes,
				  "200 OK", ";tag=x", ""));
	ck_assert_uint_eq(wire_events(w, SIP_EV_RESPONSE), 1);
	wire_free(w);
}
END_TEST

SUITE(sip_core_transport,
      two_domains_at_one_address_are_two_secure_connections,
      a_hop_may_have_a_name_of_its_own,
      an_address_is_verified_by_the_uri_that_it_stands_in,
      names_are_of_secure_connections_and_end_with_them,
      no_peer_has_a_name_that_is_too_long,
      of_several_addresses_the_route_chooses,
      responses_go_back_on_the_connection,
      a_message_cut_anywhere_is_the_same_message,
      pieces_of_1_2_3_bytes_give_what_one_gives,
      a_stream_that_cannot_be_followed_is_answered_and_closed,
      a_message_that_is_too_long_gets_513, work_is_linear_in_what_comes,
      a_length_that_is_only_announced_takes_no_memory,
      half_a_message_may_take_32_s,
      pings_keep_a_connection_10_minutes_without_close_it,
      a_message_outlives_its_connection,
      a_lost_connection_is_replaced_for_the_response,
      a_response_that_cannot_be_delivered_is_told,
      the_longest_unused_connection_makes_place,
      one_source_gets_half_of_the_connections,
      accepted_connections_leave_room_for_our_own,
      received_and_rport_are_filled_in,
      responses_go_to_no_third_party,
      unfinished_messages_take_half_of_the_budget,
      datagrams_of_nothing_are_ignored,
      content_length_rules_a_datagram, keepalives_and_handles,
      websocket_messages_come_one_by_one);
