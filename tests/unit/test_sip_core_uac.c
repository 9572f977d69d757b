/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/sip_wire.h"

static int start(struct wire *w, const char *method, const char *uri,
		 uint64_t *txn)
{
	struct sip_msg m;
	int rc;

	wire_request(&m, method, uri);
	rc = sip_core_request(w->c, &(struct sip_request){ .msg = &m,
		.user = WIRE_USER, .tag = 42 }, w->now, txn);
	wire_drain(w);
	return rc;
}

static uint64_t call(struct wire *w, const char *method)
{
	uint64_t txn = 0;

	ck_assert_int_eq(start(w, method, "sip:alice@192.0.2.1", &txn), 0);
	return txn;
}

static void answer(struct wire *w, unsigned nth, const char *line)
{
	wire_udp(w, wire_response(wire_nth(w, SIP_OUT_DATAGRAM, nth)->bytes,
				  line, ";tag=x", ""));
}

/* 8.1.1.7, RFC 3581 section 3. */
START_TEST(a_request_gets_a_via_with_branch_and_rport)
{
	struct wire *w = wire_new();
	char *via;

	call(w, "OPTIONS");
	ck_assert_uint_eq(w->n, 1);
	ck_text_has(w->log[0].bytes,
		    "OPTIONS sip:alice@192.0.2.1 SIP/2.0\r\nVia: ");
	via = wire_header(w->log[0].bytes, "Via");
	ck_assert_int_eq(strncmp(via, "SIP/2.0/UDP 192.0.2.4:5060;"
				 "branch=z9hG4bK", 41), 0);
	ck_assert_str_eq(via + strlen(via) - 6, ";rport");
	ck_assert(addr_same(&w->log[0].path.remote, &w->peer));
	ck_assert_uint_eq(w->log[0].flow, w->udp);
	wire_free(w);
}
END_TEST

START_TEST(a_final_response_is_told_once_and_repeats_absorbed)
{
	struct wire *w = wire_new();
	uint64_t txn = call(w, "OPTIONS");

	answer(w, 0, "200 OK");
	answer(w, 0, "200 OK");
	ck_assert_uint_eq(wire_events(w, SIP_EV_RESPONSE), 1);
	ck_assert_uint_eq(wire_event(w, SIP_EV_RESPONSE)->event.txn, txn);
	ck_assert_uint_eq(wire_event(w, SIP_EV_RESPONSE)->event.tag, 42);
	ck_assert_uint_eq(wire_event(w, SIP_EV_RESPONSE)->status, 200);
	wire_wait(w, SEC(6));
	ck_assert_uint_eq(sip_core_stats(w->c)->clients, 0);
	answer(w, 0, "200 OK");
	ck_assert_uint_eq(sip_core_stats(w->c)->unmatched, 1);
	wire_free(w);
}
END_TEST

/* 17.1.2.2: 11 sends, then F at 32 s. */
/* 18.1.2: "If the value of the sent-by parameter in that header field value
 * does not correspond to a value that the client transport is configured to
 * insert into requests, the response MUST be silently discarded." */
START_TEST(a_response_to_another_sent_by_is_dropped)
{
	static const char *const wrong[] = { "192.0.2.5:5060",
		"192.0.2.4:5061", "192.0.2.4:15060", "example.com:5060" };
	struct wire *w = wire_new();
	char text[4096], *at;

	call(w, "OPTIONS");
	for (size_t i = 0; i < COUNT(wrong); i++) {
		snprintf(text, sizeof(text), "%s", wire_response(
			w->log[0].bytes, "200 OK", ";tag=y", ""));
		at = strstr(text, "192.0.2.4:5060");
		ck_assert_ptr_nonnull(at);
		memmove(at + strlen(wrong[i]), at + 14, strlen(at + 14) + 1);
		memcpy(at, wrong[i], strlen(wrong[i]));
		wire_udp(w, text);
	}
	ck_assert_uint_eq(wire_events(w, SIP_EV_RESPONSE), 0);
	ck_assert_uint_eq(sip_core_stats(w->c)->unmatched, COUNT(wrong));
	/* the default port may be left out (18.1.1) */
	snprintf(text, sizeof(text), "%s", wire_response(w->log[0].bytes,
		 "200 OK", ";tag=y", ""));
	at = strstr(text, "192.0.2.4:5060") + 9;
	memmove(at, at + 5, strlen(at + 5) + 1);
	wire_udp(w, text);
	ck_assert_uint_eq(wire_events(w, SIP_EV_RESPONSE), 1);
	wire_free(w);
}
END_TEST

START_TEST(silence_is_a_timeout_at_64_T1)
{
	struct wire *w = wire_new();

	call(w, "OPTIONS");
	wire_wait(w, MS(31999));
	ck_assert_uint_eq(wire_count(w, SIP_OUT_DATAGRAM), 11);
	ck_assert_uint_eq(wire_count(w, SIP_OUT_EVENT), 0);
	wire_wait(w, MS(2));
	ck_assert_uint_eq(wire_events(w, SIP_EV_TIMEOUT), 1);
	ck_assert_uint_eq(sip_core_stats(w->c)->clients, 0);
	for (unsigned i = 1; i < 11; i++)
		ck_assert_str_eq(w->log[i].bytes, w->log[0].bytes);
	wire_free(w);
}
END_TEST

/* 17.1.1.3: same branch and Request-URI, To of the response, method ACK. */
START_TEST(a_486_is_acknowledged_here)
{
	struct wire *w = wire_new();
	char *via, *ack;

	call(w, "INVITE");
	answer(w, 0, "180 Ringing");
	answer(w, 0, "486 Busy Here");
	via = wire_header(w->log[0].bytes, "Via");
	ack = wire_nth(w, SIP_OUT_DATAGRAM, 1)->bytes;
	ck_text_has(ack, "ACK sip:alice@192.0.2.1 SIP/2.0\r\n");
	ck_assert_str_eq(wire_header(ack, "Via"), via);
	ck_assert_str_eq(wire_header(ack, "To"),
			 "<sip:alice@atlanta.com>;tag=x");
	ck_assert_str_eq(wire_header(ack, "CSeq"), "1 ACK");
	ck_assert_str_eq(wire_header(ack, "From"),
			 "<sip:bob@biloxi.com>;tag=456248");
	ck_assert_str_eq(wire_header(ack, "Content-Length"), "0");
	answer(w, 0, "486 Busy Here");
	ck_assert_str_eq(ack, wire_nth(w, SIP_OUT_DATAGRAM, 2)->bytes);
	ck_assert_uint_eq(wire_events(w, SIP_EV_RESPONSE), 2);
	wire_wait(w, SEC(33));
	ck_assert_uint_eq(sip_core_stats(w->c)->clients, 0);
	wire_free(w);
}
END_TEST

/* 13.2.2.4: each 2xx is the user's to acknowledge, forked ones too. */
START_TEST(every_2xx_to_invite_is_passed_up)
{
	struct wire *w = wire_new();
	const char *invite;

	call(w, "INVITE");
	invite = w->log[0].bytes;
	wire_udp(w, wire_response(invite, "200 OK", ";tag=a", ""));
	wire_udp(w, wire_response(invite, "200 OK", ";tag=b", ""));
	wire_udp(w, wire_response(invite, "200 OK", ";tag=a", ""));
	ck_assert_uint_eq(wire_events(w, SIP_EV_RESPONSE), 3);
	ck_assert_uint_eq(wire_count(w, SIP_OUT_DATAGRAM), 1);
	wire_wait(w, SEC(33));
	ck_assert_uint_eq(sip_core_stats(w->c)->clients, 0);
	ck_assert_uint_eq(wire_events(w, SIP_EV_TIMEOUT), 0);
	wire_free(w);
}
END_TEST

START_TEST(the_ack_of_a_2xx_goes_along_its_route)
{
	struct wire *w = wire_new();
	struct sip_msg m;

	wire_request(&m, "ACK", "sip:alice@pc33.atlanta.com");
	ck_assert_int_eq(sip_msg_add(&m, SIP_HDR_ROUTE,
		S("<sip:192.0.2.77:5070;lr>, <sip:192.0.2.78;lr>")), 0);
	for (int i = 0; i < 2; i++)
		ck_assert_int_eq(sip_core_ack(w->c, &(struct sip_request){
			.msg = &m }, w->now), 0);
	wire_drain(w);
	ck_assert_uint_eq(w->n, 2);
	ck_assert(w->log[0].path.remote.port == 5070 &&
		  w->log[0].path.remote.ip[3] == 77);
	ck_assert_uint_eq(sip_core_stats(w->c)->clients, 0);
	wire_free(w);
}
END_TEST

/* 8.1.2: a strict router on top has no say in the next hop. */
START_TEST(without_lr_the_request_uri_leads)
{
	struct wire *w = wire_new();
	struct sip_msg m;
	uint64_t txn;

	wire_request(&m, "BYE", "sip:alice@192.0.2.9");
	ck_assert_int_eq(sip_msg_add(&m, SIP_HDR_ROUTE,
				     S("<sip:192.0.2.77:5070>")), 0);
	ck_assert_int_eq(sip_core_request(w->c, &(struct sip_request){
		.msg = &m, .user = 1 }, w->now, &txn), 0);
	ck_assert_int_eq(sip_core_request(w->c, &(struct sip_request){
		.msg = &m, .user = 1, .uri = S("sip:192.0.2.10:6000") },
		w->now, &txn), 0);
	wire_drain(w);
	ck_assert_uint_eq(w->log[0].path.remote.ip[3], 9);
	ck_assert_uint_eq(w->log[1].path.remote.ip[3], 10);
	ck_assert_uint_eq(w->log[1].path.remote.port, 6000);
	wire_free(w);
}
END_TEST

START_TEST(cancel_waits_for_the_first_1xx)
{
	struct wire *w = wire_new();
	uint64_t txn = call(w, "INVITE");
	struct sip_msg extra;
	char *via, *cancel;

	sip_msg_request(&extra, S("CANCEL"), S("sip:x"));
	ck_assert_int_eq(sip_msg_add_named(&extra, S("Reason"),
		S("SIP;cause=200")), 0);
	ck_assert_int_eq(sip_core_cancel(w->c, txn, &extra, w->now), 0);
	ck_assert_int_eq(sip_core_cancel(w->c, txn, NULL, w->now), -EALREADY);
	wire_drain(w);
	ck_assert_uint_eq(w->n, 1);
	answer(w, 0, "100 Trying");
	via = wire_header(w->log[0].bytes, "Via");
	cancel = wire_nth(w, SIP_OUT_DATAGRAM, 1)->bytes;
	ck_text_has(cancel, "CANCEL sip:alice@192.0.2.1 SIP/2.0\r\n");
	ck_assert_str_eq(wire_header(cancel, "Via"), via);
	ck_assert_str_eq(wire_header(cancel, "CSeq"), "1 CANCEL");
	ck_assert_str_eq(wire_header(cancel, "To"),
			 "<sip:alice@atlanta.com>");
	ck_assert_str_eq(wire_header(cancel, "Reason"), "SIP;cause=200");
	answer(w, 1, "200 OK");
	answer(w, 0, "487 Request Terminated");
	ck_assert_uint_eq(wire_events(w, SIP_EV_RESPONSE), 2);
	ck_text_has(wire_nth(w, SIP_OUT_DATAGRAM, 2)->bytes, "ACK sip:");
	wire_wait(w, SEC(40));
	ck_assert_uint_eq(sip_core_stats(w->c)->clients, 0);
	wire_free(w);
}
END_TEST

/* 9.1: without a final response the INVITE is over 64*T1 after the CANCEL. */
START_TEST(a_cancelled_invite_ends_though_nobody_answers)
{
	struct wire *w = wire_new();
	uint64_t txn = call(w, "INVITE");

	answer(w, 0, "180 Ringing");
	ck_assert_int_eq(sip_core_cancel(w->c, txn, NULL, w->now), 0);
	wire_wait(w, MS(31900));
	ck_assert_uint_eq(wire_events(w, SIP_EV_TIMEOUT), 0);
	wire_wait(w, MS(200));
	ck_assert_uint_eq(wire_events(w, SIP_EV_TIMEOUT), 1);
	ck_assert_uint_eq(sip_core_stats(w->c)->clients, 0);
	wire_free(w);
}
END_TEST

START_TEST(a_2xx_that_crosses_the_cancel_is_told)
{
	struct wire *w = wire_new();
	uint64_t txn = call(w, "INVITE");

	ck_assert_int_eq(sip_core_cancel(w->c, txn, NULL, w->now), 0);
	answer(w, 0, "200 OK");
	ck_assert_uint_eq(wire_events(w, SIP_EV_RESPONSE), 1);
	wire_wait(w, SEC(40));
	ck_assert_uint_eq(wire_count(w, SIP_OUT_DATAGRAM), 1);
	ck_assert_uint_eq(sip_core_stats(w->c)->clients, 0);
	wire_free(w);
}
END_TEST

START_TEST(sent_gives_the_request_for_a_second_try)
{
	struct wire *w = wire_new();
	uint64_t txn = call(w, "OPTIONS");
	const struct sip_msg *m = sip_core_sent(w->c, txn);

	ck_assert_ptr_nonnull(m);
	ck_slice_eq(m->uri, "sip:alice@192.0.2.1");
	ck_slice_eq(sip_msg_get(m, SIP_HDR_CALL_ID),
		    "843817637684230@998sdasdh09");
	ck_assert(!sip_msg_has(m, SIP_HDR_VIA));
	ck_assert_ptr_null(sip_core_sent(w->c, txn + 1));
	wire_free(w);
}
END_TEST

/* ------------------------------------------------------ lookup, failover */
static void located(struct wire *w, unsigned n)
{
	struct sip_hop hops[3] = {
		{ .transport = SIP_UDP,
		  .addr = addr_v4(192, 0, 2, 11, 5060) },
		{ .transport = SIP_UDP,
		  .addr = addr_v4(192, 0, 2, 12, 5060) },
		{ .transport = SIP_UDP,
		  .addr = addr_v4(192, 0, 2, 13, 5060) },
	};

	sip_core_on_located(w->c, wire_nth(w, SIP_OUT_LOCATE, 0)->lookup,
			    hops, n, n ? NULL : "nothing is known of it",
			    w->now);
	wire_drain(w);
}

START_TEST(a_name_is_asked_for)
{
	struct wire *w = wire_new();
	struct wire_out *l;
	uint64_t txn;

	ck_assert_int_eq(start(w, "OPTIONS",
			       "sip:a@example.com:5070;transport=tcp", &txn),
			 0);
	ck_assert_uint_eq(w->n, 1);
	l = wire_nth(w, SIP_OUT_LOCATE, 0);
	ck_assert_str_eq(l->host, "example.com");
	ck_assert_uint_eq(l->where.port, 5070);
	ck_assert_int_eq(l->where.transport, SIP_TCP);
	ck_assert(!l->where.secure);
	located(w, 0);
	ck_assert_str_eq(wire_event(w, SIP_EV_UNREACHABLE)->event.reason,
			 "nothing is known of it");
	ck_assert_uint_eq(sip_core_stats(w->c)->clients, 0);
	wire_free(w);
}
END_TEST

START_TEST(a_lookup_without_answer_ends)
{
	struct wire *w = wire_new();
	uint64_t txn;

	ck_assert_int_eq(start(w, "OPTIONS", "sips:a@example.com", &txn), 0);
	ck_assert(wire_nth(w, SIP_OUT_LOCATE, 0)->where.secure);
	wire_wait(w, SEC(33));
	ck_assert_uint_eq(wire_events(w, SIP_EV_UNREACHABLE), 1);
	located(w, 2); /* too late */
	ck_assert_uint_eq(wire_count(w, SIP_OUT_DATAGRAM), 0);
	wire_free(w);
}
END_TEST

/* RFC 3263 4.3: failure, timeout and 503 lead to the next, by a new branch. */
START_TEST(addresses_are_tried_in_turn)
{
	struct wire *w = wire_new();
	struct addr first = addr_v4(192, 0, 2, 11, 5060);
	uint64_t txn;
	char *via;

	ck_assert_int_eq(start(w, "OPTIONS", "sip:a@example.com", &txn), 0);
	located(w, 3);
	via = wire_header(wire_nth(w, SIP_OUT_DATAGRAM, 0)->bytes, "Via");
	sip_core_on_datagram_error(w->c, w->udp, &first, 0, w->now);
	wire_drain(w);
	ck_assert_uint_eq(wire_nth(w, SIP_OUT_DATAGRAM, 1)->path.remote.ip[3],
			  12);
	ck_assert_str_ne(via, wire_header(
		wire_nth(w, SIP_OUT_DATAGRAM, 1)->bytes, "Via"));
	answer(w, 1, "503 Service Unavailable");
	ck_assert_uint_eq(wire_nth(w, SIP_OUT_DATAGRAM, 2)->path.remote.ip[3],
			  13);
	ck_assert_uint_eq(wire_count(w, SIP_OUT_EVENT), 0);
	answer(w, 2, "503 Service Unavailable");
	ck_assert_uint_eq(wire_event(w, SIP_EV_RESPONSE)->status, 503);
	wire_free(w);
}
END_TEST

/* 17.1.1.3: each address's INVITE is a transaction with an ACK of its own. */
START_TEST(a_refusal_by_the_second_address_gets_its_own_ack)
{
	struct wire *w = wire_new();
	const char *ack, *invite;
	uint64_t txn;

	ck_assert_int_eq(start(w, "INVITE", "sip:a@example.com", &txn), 0);
	located(w, 2);
	answer(w, 0, "503 Service Unavailable");
	invite = wire_nth(w, SIP_OUT_DATAGRAM, 2)->bytes;
	ck_text_has(invite, "INVITE sip:a@example.com ");
	wire_udp(w, wire_response(invite, "486 Busy Here", ";tag=y", ""));
	ack = wire_nth(w, SIP_OUT_DATAGRAM, 3)->bytes;
	ck_text_has(ack, "ACK sip:a@example.com ");
	ck_assert_str_eq(wire_header(ack, "Via"), wire_header(invite, "Via"));
	ck_assert_str_eq(wire_header(ack, "To"),
			 "<sip:alice@atlanta.com>;tag=y");
	wire_free(w);
}
END_TEST

START_TEST(no_more_than_eight_addresses_are_tried)
{
	struct wire *w = wire_new();
	struct sip_hop hop[9] = { { .transport = SIP_UDP } };
	uint64_t txn;

	ck_assert_int_eq(start(w, "OPTIONS", "sip:a@example.com", &txn), 0);
	for (unsigned i = 0; i < COUNT(hop); i++)
		hop[i] = (struct sip_hop){ .transport = SIP_UDP,
			.addr = addr_v4(192, 0, 2, (uint8_t)(11 + i), 5060) };
	sip_core_on_located(w->c, wire_nth(w, SIP_OUT_LOCATE, 0)->lookup, hop,
			    COUNT(hop), NULL, w->now);
	wire_drain(w);
	for (unsigned i = 0; i < 8; i++)
		answer(w, i, "503 Service Unavailable");
	ck_assert_uint_eq(wire_count(w, SIP_OUT_DATAGRAM), 8);
	ck_assert_uint_eq(wire_event(w, SIP_EV_RESPONSE)->status, 503);
	wire_free(w);
}
END_TEST

START_TEST(a_silent_address_costs_its_timeout)
{
	struct wire *w = wire_new();
	uint64_t txn;

	ck_assert_int_eq(start(w, "INVITE", "sip:a@example.com", &txn), 0);
	located(w, 2);
	wire_wait(w, SEC(33));
	ck_assert_uint_eq(wire_count(w, SIP_OUT_EVENT), 0);
	wire_wait(w, SEC(33));
	ck_assert_uint_eq(wire_events(w, SIP_EV_TIMEOUT), 1);
	/* 7 sends of an INVITE each: 0 0.5 1.5 3.5 7.5 15.5 31.5 s */
	ck_assert_uint_eq(wire_count(w, SIP_OUT_DATAGRAM), 14);
	wire_free(w);
}
END_TEST

START_TEST(what_cannot_go_anywhere_is_refused_at_once)
{
	struct wire *w = wire_new();
	uint64_t txn;

	ck_assert_int_eq(start(w, "OPTIONS", "tel:+123", &txn), -EINVAL);
	ck_assert_int_eq(start(w, "OPTIONS", "sip:a@192.0.2.1;transport=x",
			       &txn), -EADDRNOTAVAIL);
	ck_assert_int_eq(start(w, "CANCEL", "sip:a@192.0.2.1", &txn),
			 -EINVAL);
	ck_assert_uint_eq(w->n, 0);
	/* a family without a point */
	ck_assert_int_eq(start(w, "OPTIONS", "sip:a@[2001:db8::1]", &txn), 0);
	ck_assert_str_eq(wire_event(w, SIP_EV_UNREACHABLE)->event.reason,
			 "no transport of ours reaches it");
	ck_assert_uint_eq(sip_core_stats(w->c)->clients, 0);
	wire_free(w);
}
END_TEST

/* ------------------------------------------------------------------ TCP */
static void open_flow(struct wire *w, uint32_t flow)
{
	struct addr local = addr_v4(192, 0, 2, 4, 50001);

	sip_core_on_open(w->c, flow, &local, w->now);
	wire_drain(w);
}

START_TEST(tcp_connects_on_demand_and_is_used_again)
{
	struct wire *w = wire_new();
	struct wire_out *o;
	uint64_t a, b;
	uint32_t flow;

	ck_assert_int_eq(start(w, "OPTIONS", "sip:a@192.0.2.1;transport=tcp",
			       &a), 0);
	ck_assert_int_eq(start(w, "OPTIONS", "sip:b@192.0.2.1;transport=tcp",
			       &b), 0);
	ck_assert_uint_eq(w->n, 1);
	o = wire_nth(w, SIP_OUT_CONNECT, 0);
	ck_assert(addr_same(&o->path.remote, &w->peer));
	ck_assert_uint_eq(o->path.local.port, 0);
	flow = o->flow;
	open_flow(w, flow);
	ck_assert_uint_eq(wire_count(w, SIP_OUT_STREAM), 2);
	o = wire_nth(w, SIP_OUT_STREAM, 0);
	ck_text_has(o->bytes, "\r\nVia: SIP/2.0/TCP 192.0.2.4:5060;");
	ck_text_has(o->bytes, "OPTIONS sip:a@");
	ck_assert_int_eq(start(w, "OPTIONS", "sip:c@192.0.2.1;transport=tcp",
			       &b), 0);
	ck_assert_uint_eq(wire_count(w, SIP_OUT_STREAM), 3);
	ck_assert_uint_eq(wire_count(w, SIP_OUT_CONNECT), 1);
	wire_wait(w, SEC(5));
	ck_assert_uint_eq(wire_count(w, SIP_OUT_STREAM), 3);
	o = wire_nth(w, SIP_OUT_STREAM, 0);
	wire_bytes(w, flow, wire_response(o->bytes, "200 OK", ";tag=z", ""),
		   strlen(wire_response(o->bytes, "200 OK", ";tag=z", "")));
	ck_assert_uint_eq(wire_event(w, SIP_EV_RESPONSE)->event.txn, a);
	ck_assert_uint_eq(sip_core_stats(w->c)->clients, 2); /* K is 0 */
	wire_free(w);
}
END_TEST

START_TEST(a_refused_connection_is_unreachable)
{
	struct wire *w = wire_new();
	uint64_t a;

	ck_assert_int_eq(start(w, "INVITE", "sip:a@192.0.2.1;transport=tcp",
			       &a), 0);
	sip_core_on_closed(w->c, w->log[0].flow, 0, w->now);
	wire_drain(w);
	ck_assert_uint_eq(wire_event(w, SIP_EV_UNREACHABLE)->event.txn, a);
	ck_assert_uint_eq(w->n, 2);
	ck_assert_uint_eq(sip_core_stats(w->c)->flows, 0);
	wire_free(w);
}
END_TEST

/* What the system says of a path becomes the reason, for UDP and for TCP. */
START_TEST(why_a_peer_is_not_reached_is_told)
{
	static const struct {
		int err;
		const char *reason;
	} row[] = {
		{ ECONNREFUSED, "refused: nobody listens there" },
		{ EHOSTUNREACH, "unreachable: the host does not react" },
		{ ENETUNREACH, "no route to that network" },
		{ ETIMEDOUT, "timed out: no connection" },
		{ ECONNRESET, "the peer broke the connection" },
		{ 0, "the connection failed" },
	};
	struct addr peer = addr_v4(192, 0, 2, 1, 5060);
	uint64_t a;

	for (size_t i = 0; i < 2 * COUNT(row); i++) {
		struct wire *w = wire_new();
		bool udp = i % 2;

		ck_assert_int_eq(start(w, "INVITE", udp ? "sip:a@192.0.2.1" :
				       "sip:a@192.0.2.1;transport=tcp", &a), 0);
		if (udp)
			sip_core_on_datagram_error(w->c, w->udp, &peer,
						   row[i / 2].err, w->now);
		else
			sip_core_on_closed(w->c, w->log[0].flow,
					   row[i / 2].err, w->now);
		wire_drain(w);
		ck_assert_str_eq(wire_event(w, SIP_EV_UNREACHABLE)
				 ->event.reason, row[i / 2].reason);
		wire_free(w);
	}
}
END_TEST

START_TEST(a_connection_that_does_not_come_up_is_given_up_after_10_s)
{
	struct wire *w = wire_new();
	uint64_t a;

	ck_assert_int_eq(start(w, "INVITE", "sip:a@192.0.2.1;transport=tcp",
			       &a), 0);
	wire_wait(w, MS(9990));
	ck_assert_uint_eq(w->n, 1);
	wire_wait(w, MS(20));
	ck_assert_uint_eq(wire_count(w, SIP_OUT_CLOSE), 1);
	ck_assert_uint_eq(wire_events(w, SIP_EV_UNREACHABLE), 1);
	wire_free(w);
}
END_TEST

/* 9.1: to the same address, so over a new one; else the peer rings on. */
START_TEST(a_cancel_does_not_need_the_connection_of_its_invite)
{
	struct wire *w = wire_new();
	const char *r, *via;
	uint64_t txn;

	ck_assert_int_eq(start(w, "INVITE", "sip:a@192.0.2.1;transport=tcp",
			       &txn), 0);
	open_flow(w, w->log[0].flow);
	via = wire_header(w->log[1].bytes, "Via");
	r = wire_response(w->log[1].bytes, "180 Ringing", ";tag=z", "");
	wire_bytes(w, w->log[0].flow, r, strlen(r));
	sip_core_on_closed(w->c, w->log[0].flow, 0, w->now);
	wire_drain(w);
	wire_clear(w);
	ck_assert_int_eq(sip_core_cancel(w->c, txn, NULL, w->now), 0);
	wire_drain(w);
	ck_assert(addr_same(&wire_nth(w, SIP_OUT_CONNECT, 0)->path.remote,
			    &w->peer));
	open_flow(w, wire_nth(w, SIP_OUT_CONNECT, 0)->flow);
	r = wire_nth(w, SIP_OUT_STREAM, 0)->bytes;
	ck_text_has(r, "CANCEL sip:a@192.0.2.1;transport=tcp SIP/2.0\r\n");
	ck_assert_str_eq(wire_header(r, "Via"), via);
	wire_wait(w, SEC(70));
	ck_assert_uint_eq(wire_events(w, SIP_EV_TIMEOUT), 1);
	ck_assert_uint_eq(sip_core_stats(w->c)->clients, 0);
	wire_free(w);
}
END_TEST

/* The peer closed an idle connection just as we sent: once more, anew. */
START_TEST(a_stale_connection_is_replaced_once)
{
	struct wire *w = wire_new();
	uint64_t a;
	uint32_t flow;
	const char *r;

	ck_assert_int_eq(start(w, "OPTIONS", "sip:a@192.0.2.1;transport=tcp",
			       &a), 0);
	flow = w->log[0].flow;
	open_flow(w, flow);
	r = wire_response(w->log[1].bytes, "200 OK", ";tag=z", "");
	wire_bytes(w, flow, r, strlen(r));
	wire_clear(w);
	ck_assert_int_eq(start(w, "OPTIONS", "sip:a@192.0.2.1;transport=tcp",
			       &a), 0);
	ck_assert_uint_eq(wire_count(w, SIP_OUT_STREAM), 1);
	sip_core_on_closed(w->c, flow, 0, w->now);
	wire_drain(w);
	ck_assert_uint_eq(wire_events(w, SIP_EV_FLOW_GONE), 1);
	ck_assert_uint_eq(wire_count(w, SIP_OUT_CONNECT), 1);
	flow = wire_nth(w, SIP_OUT_CONNECT, 0)->flow;
	open_flow(w, flow);
	ck_assert_uint_eq(wire_count(w, SIP_OUT_STREAM), 2);
	sip_core_on_closed(w->c, flow, 0, w->now);
	wire_drain(w);
	ck_assert_uint_eq(wire_events(w, SIP_EV_UNREACHABLE), 1);
	ck_assert_uint_eq(sip_core_stats(w->c)->clients, 0);
	wire_free(w);
}
END_TEST

/* 18.1.1: larger than 1300 bytes goes by TCP, by UDP where that is refused. */
START_TEST(size_decides_the_transport)
{
	struct wire *w = wire_new();
	static char body[1300];
	struct sip_msg m;
	uint64_t txn;

	memset(body, 'x', sizeof(body));
	wire_request(&m, "MESSAGE", "sip:alice@192.0.2.1;transport=udp");
	m.body = slice_of(body, sizeof(body));
	ck_assert_int_eq(sip_core_request(w->c, &(struct sip_request){
		.msg = &m, .user = 1 }, w->now, &txn), 0);
	wire_drain(w);
	ck_assert_int_eq(w->log[0].kind, SIP_OUT_CONNECT);
	ck_assert_int_eq(w->log[0].path.transport, SIP_TCP);
	sip_core_on_closed(w->c, w->log[0].flow, 0, w->now);
	wire_drain(w);
	ck_assert_int_eq(w->log[1].kind, SIP_OUT_DATAGRAM);
	ck_text_has(w->log[1].bytes, "Via: SIP/2.0/UDP ");
	sip_core_on_datagram_error(w->c, w->udp, &w->peer, 0, w->now);
	wire_drain(w);
	ck_assert_uint_eq(wire_events(w, SIP_EV_UNREACHABLE), 1);
	ck_assert_uint_eq(wire_count(w, SIP_OUT_CONNECT), 1);
	wire_free(w);
}
END_TEST

START_TEST(forget_cancels_and_keeps_silent)
{
	struct wire *w = wire_new();
	uint64_t txn = call(w, "INVITE");

	answer(w, 0, "180 Ringing");
	wire_clear(w);
	sip_core_forget(w->c, txn, w->now);
	wire_drain(w);
	ck_text_has(w->log[0].bytes, "CANCEL sip:");
	wire_wait(w, SEC(70));
	ck_assert_uint_eq(wire_count(w, SIP_OUT_EVENT), 0);
	ck_assert_uint_eq(sip_core_stats(w->c)->clients, 0);
	wire_free(w);
}
END_TEST

/* -------------------------------------------- where to first, then written */
static struct addr six(const char *text)
{
	struct addr a;

	ck_assert_int_eq(addr_parse(slice_str(text), &a), 0);
	return a;
}

/* A wire with points of both families. */
static struct wire *both(uint32_t *point)
{
	struct wire *w = wire_new();
	struct addr us = six("[2001:db8::4]:5060");

	ck_assert_int_eq(sip_core_add_local(w->c, SIP_UDP, &us, &us, point),
			 0);
	return w;
}

static uint64_t begin(struct wire *w, enum sip_method method)
{
	uint64_t txn = 0;

	ck_assert_int_eq(sip_core_request(w->c, &(struct sip_request){
		.method = method, .uri = S("sip:a@example.com"),
		.user = WIRE_USER, .tag = 42 }, w->now, &txn), 0);
	wire_drain(w);
	return txn;
}

static void at(struct wire *w, const char *first, const char *second)
{
	struct sip_hop hop[2] = {
		{ .transport = SIP_UDP, .addr = six(first) },
		{ .transport = SIP_UDP, .addr = six(second) } };

	sip_core_on_located(w->c, wire_nth(w, SIP_OUT_LOCATE, 0)->lookup, hop,
			    2, NULL, w->now);
	wire_drain(w);
}

static void compose(struct wire *w, uint64_t txn, const char *method,
		    const char *body)
{
	struct sip_msg m;

	wire_request(&m, method, "sip:a@example.com");
	m.body = slice_str(body);
	ck_assert_int_eq(sip_core_compose(w->c, txn, &m, w->now), 0);
	wire_drain(w);
}

static const struct sip_path *asked(struct wire *w, unsigned n)
{
	const struct wire_out *found = NULL;

	for (unsigned i = 0; i < w->n; i++)
		if (w->log[i].kind == SIP_OUT_EVENT &&
		    w->log[i].event.kind == SIP_EV_COMPOSE && n-- == 0)
			found = &w->log[i];
	ck_assert_ptr_nonnull(found);
	return &found->event.path;
}

static void dead(struct wire *w, uint32_t point, const char *remote, int err)
{
	struct addr a = six(remote);

	sip_core_on_datagram_error(w->c, point, &a, err, w->now);
	wire_drain(w);
}

/* RFC 3263 4.3: the request once more, in a new transaction; what it says of us
 * is of the family that it goes by. */
START_TEST(a_request_is_written_for_each_address_that_it_goes_out_from)
{
	uint32_t point;
	struct wire *w = both(&point);
	uint64_t txn = begin(w, SIP_OPTIONS);
	struct addr us6 = six("[2001:db8::4]:5060");
	char *a, *b;

	ck_assert_uint_eq(wire_count(w, SIP_OUT_DATAGRAM), 0);
	at(w, "[2001:db8::1]:5060", "192.0.2.1:5060");
	ck_assert_uint_eq(wire_events(w, SIP_EV_COMPOSE), 1);
	ck_assert(addr_same(&asked(w, 0)->local, &us6));
	ck_assert_int_eq(asked(w, 0)->remote.family, 6);
	compose(w, txn, "OPTIONS", "six");
	a = wire_header(wire_nth(w, SIP_OUT_DATAGRAM, 0)->bytes, "Via");
	ck_assert_int_eq(strncmp(a, "SIP/2.0/UDP [2001:db8::4]:5060;", 31), 0);
	dead(w, point, "[2001:db8::1]:5060", ECONNREFUSED);
	ck_assert_uint_eq(wire_events(w, SIP_EV_COMPOSE), 2);
	ck_assert(addr_same(&asked(w, 1)->local, &w->us));
	ck_assert_uint_eq(wire_event(w, SIP_EV_COMPOSE)->event.txn, txn);
	compose(w, txn, "OPTIONS", "four");
	ck_assert_uint_eq(wire_nth(w, SIP_OUT_DATAGRAM, 1)->flow, w->udp);
	ck_text_has(wire_nth(w, SIP_OUT_DATAGRAM, 1)->bytes, "\r\n\r\nfour");
	b = wire_header(wire_nth(w, SIP_OUT_DATAGRAM, 1)->bytes, "Via");
	ck_assert_int_eq(strncmp(b, "SIP/2.0/UDP 192.0.2.4:5060;", 27), 0);
	ck_assert_str_ne(strstr(a, "branch="), strstr(b, "branch="));
	answer(w, 1, "200 OK");
	ck_assert_uint_eq(wire_event(w, SIP_EV_RESPONSE)->event.txn, txn);
	wire_free(w);
}
END_TEST

START_TEST(what_goes_out_from_the_same_address_is_written_once)
{
	uint32_t point;
	struct wire *w = both(&point);
	uint64_t txn = begin(w, SIP_OPTIONS);

	at(w, "192.0.2.1:5060", "192.0.2.2:5060");
	compose(w, txn, "OPTIONS", "once");
	dead(w, w->udp, "192.0.2.1:5060", ECONNREFUSED);
	ck_assert_uint_eq(wire_events(w, SIP_EV_COMPOSE), 1);
	ck_text_has(wire_nth(w, SIP_OUT_DATAGRAM, 1)->bytes, "\r\n\r\nonce");
	dead(w, w->udp, "192.0.2.2:5060", ECONNREFUSED);
	ck_assert_uint_eq(wire_events(w, SIP_EV_UNREACHABLE), 1);
	wire_free(w);
}
END_TEST

START_TEST(a_request_that_nobody_writes_ends)
{
	uint32_t point;
	struct wire *w = both(&point);
	uint64_t txn = begin(w, SIP_OPTIONS);
	struct sip_msg m;

	wire_request(&m, "OPTIONS", "sip:a@example.com");
	ck_assert_int_eq(sip_core_compose(w->c, txn, &m, w->now), -ENOENT);
	at(w, "192.0.2.1:5060", "192.0.2.2:5060");
	wire_request(&m, "MESSAGE", "sip:a@example.com");
	ck_assert_int_eq(sip_core_compose(w->c, txn, &m, w->now), -EINVAL);
	wire_wait(w, MS(63999));
	ck_assert_uint_eq(wire_events(w, SIP_EV_UNREACHABLE), 0);
	wire_wait(w, MS(1));
	ck_assert_uint_eq(wire_events(w, SIP_EV_UNREACHABLE), 1);
	wire_clear(w);
	txn = begin(w, SIP_OPTIONS);
	at(w, "192.0.2.1:5060", "192.0.2.2:5060");
	sip_core_forget(w->c, txn, w->now);
	wire_drain(w);
	ck_assert_int_eq(sip_core_compose(w->c, txn, &m, w->now), -ENOENT);
	ck_assert_uint_eq(wire_count(w, SIP_OUT_DATAGRAM), 0);
	wire_free(w);
}
END_TEST

/* 9.1: nothing is to be cancelled of what nobody has. */
START_TEST(an_invite_is_cancelled_before_it_is_written)
{
	uint32_t point;
	struct wire *w = both(&point);
	uint64_t txn = begin(w, SIP_INVITE);

	at(w, "192.0.2.1:5060", "192.0.2.2:5060");
	ck_assert_int_eq(sip_core_cancel(w->c, txn, NULL, w->now), 0);
	wire_drain(w);
	ck_assert_uint_eq(wire_events(w, SIP_EV_TIMEOUT), 1);
	ck_assert_uint_eq(wire_count(w, SIP_OUT_DATAGRAM), 0);
	wire_free(w);
}
END_TEST

/* Where the challenge came from, not once more to the first address. */
START_TEST(what_repeats_a_request_goes_where_that_went)
{
	uint32_t point;
	struct wire *w = both(&point);
	uint64_t txn = begin(w, SIP_OPTIONS), again = 0;
	struct sip_msg m;

	at(w, "[2001:db8::1]:5060", "192.0.2.1:5060");
	compose(w, txn, "OPTIONS", "six");
	dead(w, point, "[2001:db8::1]:5060", ECONNREFUSED);
	compose(w, txn, "OPTIONS", "four");
	answer(w, 1, "401 Unauthorized");
	wire_request(&m, "OPTIONS", "sip:a@example.com");
	ck_assert_int_eq(sip_core_request(w->c, &(struct sip_request){
		.msg = &m, .uri = S("sip:a@example.com"), .like = txn,
		.user = WIRE_USER }, w->now, &again), 0);
	wire_drain(w);
	ck_assert_uint_eq(wire_count(w, SIP_OUT_LOCATE), 1);
	ck_assert(addr_same(&wire_nth(w, SIP_OUT_DATAGRAM, 2)->path.remote,
			    &w->peer));
	wire_free(w);
}
END_TEST

/* ----------------------------------------------------- silent addresses */
/* A request that waits for the first of two. */
static struct wire *silent(enum sip_method method, const char *name,
			   uint64_t *txn)
{
	uint32_t point;
	struct wire *w = both(&point);

	sip_core_set_target_timeout(w->c, SEC(4));
	*txn = begin(w, method);
	at(w, "192.0.2.1:5060", "192.0.2.2:5060");
	compose(w, *txn, name, "");
	return w;
}

static unsigned sent_to(struct wire *w, uint8_t last, const char *begin)
{
	struct addr to = addr_v4(192, 0, 2, last, 5060);
	unsigned n = 0;

	for (unsigned i = 0; i < w->n; i++)
		n += w->log[i].kind == SIP_OUT_DATAGRAM &&
		     addr_same(&w->log[i].path.remote, &to) &&
		     strncmp(w->log[i].bytes, begin, strlen(begin)) == 0;
	return n;
}

/* Copies at 0, 0.5, 1.5 and 3.5 s (timer A); then the other address. */
START_TEST(a_silent_address_does_not_cost_timer_b)
{
	uint64_t txn;
	struct wire *w = silent(SIP_INVITE, "INVITE", &txn);
	const struct wire_out *e;

	wire_wait(w, MS(3999));
	ck_assert_uint_eq(sent_to(w, 1, "INVITE"), 4);
	ck_assert_uint_eq(sent_to(w, 2, "INVITE"), 0);
	wire_wait(w, MS(1));
	ck_assert_uint_eq(sent_to(w, 2, "INVITE"), 1);
	answer(w, 4, "200 OK");
	e = wire_event(w, SIP_EV_RESPONSE);
	ck_assert_uint_eq(e->event.txn, txn);
	ck_assert_uint_eq(e->event.tag, 42);
	wire_free(w);
}
END_TEST

/* 9.1: only after its 1xx, with its own branch; what it says then is of no
 * interest to anybody, and acknowledged. */
START_TEST(what_was_left_behind_is_cancelled_when_it_shows_up)
{
	uint64_t txn;
	struct wire *w = silent(SIP_INVITE, "INVITE", &txn);
	char *invite, *cancel;
	unsigned n;

	wire_wait(w, SEC(5));
	ck_assert_uint_eq(sent_to(w, 1, "CANCEL"), 0);
	answer(w, 0, "180 Ringing");
	ck_assert_uint_eq(sent_to(w, 1, "CANCEL"), 1);
	ck_assert_uint_eq(sent_to(w, 2, "CANCEL"), 0);
	n = wire_count(w, SIP_OUT_DATAGRAM) - 1;
	invite = wire_header(wire_nth(w, SIP_OUT_DATAGRAM, 0)->bytes, "Via");
	cancel = wire_header(wire_nth(w, SIP_OUT_DATAGRAM, n)->bytes, "Via");
	ck_assert_str_eq(strstr(invite, "branch="), strstr(cancel, "branch="));
	answer(w, 0, "487 Request Terminated");
	ck_assert_uint_eq(sent_to(w, 1, "ACK"), 1);
	ck_assert_uint_eq(wire_events(w, SIP_EV_RESPONSE), 0);
	wire_wait(w, SEC(70));
	ck_assert_uint_eq(wire_events(w, SIP_EV_TIMEOUT), 1);
	ck_assert_uint_eq(wire_event(w, SIP_EV_TIMEOUT)->event.txn, txn);
	wire_free(w);
}
END_TEST

/* 13.2.2.4: somebody there has taken the call. */
START_TEST(a_late_2xx_of_what_was_left_behind_is_told)
{
	uint64_t txn;
	struct wire *w = silent(SIP_INVITE, "INVITE", &txn);

	wire_wait(w, SEC(5));
	answer(w, 0, "200 OK");
	ck_assert_uint_eq(wire_events(w, SIP_EV_RESPONSE), 1);
	ck_assert_uint_ne(wire_event(w, SIP_EV_RESPONSE)->event.txn, txn);
	ck_assert_uint_eq(wire_event(w, SIP_EV_RESPONSE)->event.tag, 42);
	answer(w, 4, "200 OK");
	ck_assert_uint_eq(wire_events(w, SIP_EV_RESPONSE), 2);
	wire_free(w);
}
END_TEST

START_TEST(who_has_answered_and_the_last_address_keep_their_time)
{
	uint64_t txn;
	struct wire *w = silent(SIP_INVITE, "INVITE", &txn);

	wire_wait(w, SEC(3));
	answer(w, 0, "100 Trying");
	wire_wait(w, SEC(60));
	ck_assert_uint_eq(sent_to(w, 2, "INVITE"), 0);
	wire_free(w);
	w = silent(SIP_INVITE, "INVITE", &txn);
	wire_wait(w, MS(35999)); /* 4 s, and timer B of the second */
	ck_assert_uint_eq(wire_events(w, SIP_EV_TIMEOUT), 0);
	wire_wait(w, MS(1));
	ck_assert_uint_eq(wire_events(w, SIP_EV_TIMEOUT), 1);
	wire_free(w);
}
END_TEST

/* 17.1.2: nothing of it is left: what it says is not this request's. */
START_TEST(another_request_leaves_nothing_behind)
{
	uint64_t txn;
	struct wire *w = silent(SIP_OPTIONS, "OPTIONS", &txn);

	wire_wait(w, SEC(5));
	ck_assert_uint_eq(sent_to(w, 1, "OPTIONS"), 4);
	answer(w, 0, "200 OK");
	ck_assert_uint_eq(wire_events(w, SIP_EV_RESPONSE), 0);
	ck_assert_uint_eq(sip_core_stats(w->c)->unmatched, 1);
	answer(w, 4, "200 OK");
	ck_assert_uint_eq(wire_events(w, SIP_EV_RESPONSE), 1);
	wire_free(w);
}
END_TEST

/* A connection that is not made is as silent. */
START_TEST(a_connection_that_does_not_come_is_not_waited_for)
{
	uint32_t point;
	struct wire *w = both(&point);
	struct sip_hop hop[2] = {
		{ .transport = SIP_TCP, .addr = six("192.0.2.1:5060") },
		{ .transport = SIP_UDP, .addr = six("192.0.2.2:5060") } };
	uint64_t txn;

	sip_core_set_target_timeout(w->c, SEC(4));
	txn = begin(w, SIP_OPTIONS);
	sip_core_on_located(w->c, wire_nth(w, SIP_OUT_LOCATE, 0)->lookup, hop,
			    2, NULL, w->now);
	wire_drain(w);
	ck_assert_int_eq(asked(w, 0)->transport, SIP_TCP);
	compose(w, txn, "OPTIONS", "");
	ck_assert_uint_eq(wire_count(w, SIP_OUT_CONNECT), 1);
	wire_wait(w, MS(250)); /* RFC 8305 5 */
	ck_assert_int_eq(asked(w, 1)->transport, SIP_UDP);
	compose(w, txn, "OPTIONS", "");
	ck_assert_uint_eq(sent_to(w, 2, "OPTIONS"), 1);
	wire_free(w);
}
END_TEST

/* What the hop before said does not count for the next. */
START_TEST(after_a_503_a_silent_connection_costs_as_much)
{
	uint32_t point;
	struct wire *w = both(&point);
	struct sip_hop hop[3] = {
		{ .transport = SIP_UDP, .addr = six("192.0.2.1:5060") },
		{ .transport = SIP_TCP, .addr = six("192.0.2.2:5060") },
		{ .transport = SIP_UDP, .addr = six("192.0.2.3:5060") } };
	uint64_t txn;

	sip_core_set_target_timeout(w->c, SEC(4));
	txn = begin(w, SIP_OPTIONS);
	sip_core_on_located(w->c, wire_nth(w, SIP_OUT_LOCATE, 0)->lookup, hop,
			    3, NULL, w->now);
	wire_drain(w);
	compose(w, txn, "OPTIONS", "");
	answer(w, 0, "503 No");
	compose(w, txn, "OPTIONS", "");
	ck_assert_uint_eq(wire_count(w, SIP_OUT_CONNECT), 1);
	for (int s = 1; s < 40; s++) {
		wire_wait(w, MS(50));
		if (wire_events(w, SIP_EV_COMPOSE) == 3) {
			ck_assert_int_eq(s, 5);
			break;
		}
	}
	ck_assert_uint_eq(wire_events(w, SIP_EV_COMPOSE), 3);
	wire_free(w);
}
END_TEST

/* Else a 1xx would make it live for ever: no timer, and nobody hears of it. */
START_TEST(left_without_memory_for_its_cancel_it_ends)
{
	unsigned immortal = 0;

	for (unsigned f = 1; f < 12; f++) {
		uint64_t txn;
		struct wire *w = silent(SIP_INVITE, "INVITE", &txn);

		wire_wait(w, MS(3999));
		w->mem.fail_at = w->mem.calls + f;
		wire_wait(w, MS(1));
		w->mem.fail_at = 0;
		answer(w, 0, "180 Ringing");
		wire_wait(w, SEC(600));
		immortal += sip_core_stats(w->c)->clients &&
			    sent_to(w, 2, "INVITE");
		wire_free(w);
	}
	ck_assert_uint_eq(immortal, 0);
}
END_TEST

SUITE(sip_core_uac,
      after_a_503_a_silent_connection_costs_as_much,
      left_without_memory_for_its_cancel_it_ends,
      a_silent_address_does_not_cost_timer_b,
      what_was_left_behind_is_cancelled_when_it_shows_up,
      a_late_2xx_of_what_was_left_behind_is_told,
      who_has_answered_and_the_last_address_keep_their_time,
      another_request_leaves_nothing_behind,
      a_connection_that_does_not_come_is_not_waited_for,
      a_request_is_written_for_each_address_that_it_goes_out_from,
      what_goes_out_from_the_same_address_is_written_once,
      a_request_that_nobody_writes_ends,
      an_invite_is_cancelled_before_it_is_written,
      what_repeats_a_request_goes_where_that_went,
      a_request_gets_a_via_with_branch_and_rport,
      a_final_response_is_told_once_and_repeats_absorbed,
      a_response_to_another_sent_by_is_dropped,
      silence_is_a_timeout_at_64_T1, a_486_is_acknowledged_here,
      every_2xx_to_invite_is_passed_up, the_ack_of_a_2xx_goes_along_its_route,
      without_lr_the_request_uri_leads, cancel_waits_for_the_first_1xx,
      a_cancelled_invite_ends_though_nobody_answers,
      a_2xx_that_crosses_the_cancel_is_told,
      sent_gives_the_request_for_a_second_try, a_name_is_asked_for,
      a_lookup_without_answer_ends, addresses_are_tried_in_turn,
      a_refusal_by_the_second_address_gets_its_own_ack,
      no_more_than_eight_addresses_are_tried,
      a_silent_address_costs_its_timeout,
      what_cannot_go_anywhere_is_refused_at_once,
      tcp_connects_on_demand_and_is_used_again,
      a_refused_connection_is_unreachable, why_a_peer_is_not_reached_is_told,
      a_connection_that_does_not_come_up_is_given_up_after_10_s,
      a_cancel_does_not_need_the_connection_of_its_invite,
      a_stale_connection_is_replaced_once, size_decides_the_transport,
      forget_cancels_and_keeps_silent);
