/* SPDX-License-Identifier: BSD-2-Clause
 * Connections to the addresses of a request beside each other, RFC 8305 5. */
#include "tests/unit/sip_wire.h"

static struct wire *w;
static uint64_t txn;

static struct addr of_text(const char *text)
{
	struct addr a;

	ck_assert_int_eq(addr_parse(slice_str(text), &a), 0);
	return a;
}

/* An OPTIONS to n addresses, 192.0.2.11 on, all by TCP. */
static void begin(unsigned n)
{
	struct sip_hop hop[4];
	struct sip_msg m;

	w = wire_new();
	for (unsigned i = 0; i < n; i++)
		hop[i] = (struct sip_hop){ .transport = SIP_TCP,
			.addr = addr_v4(192, 0, 2, (uint8_t)(11 + i), 5060) };
	wire_request(&m, "OPTIONS", "sip:a@example.com");
	ck_assert_int_eq(sip_core_request(w->c, &(struct sip_request){
		.msg = &m, .user = WIRE_USER }, w->now, &txn), 0);
	wire_drain(w);
	sip_core_on_located(w->c, wire_nth(w, SIP_OUT_LOCATE, 0)->lookup, hop,
			    n, NULL, w->now);
	wire_drain(w);
}

static void opens(unsigned nth)
{
	struct addr local = addr_v4(192, 0, 2, 4, 50001);

	sip_core_on_open(w->c, wire_nth(w, SIP_OUT_CONNECT, nth)->flow, &local,
			 w->now);
	wire_drain(w);
}

static void fails(unsigned nth)
{
	sip_core_on_closed(w->c, wire_nth(w, SIP_OUT_CONNECT, nth)->flow,
			   ECONNREFUSED, w->now);
	wire_drain(w);
}

/* The request went out once, on that connection, and is answered there. */
static void ck_went_by(unsigned nth)
{
	const struct wire_out *o;
	const char *r;

	ck_assert_uint_eq(wire_count(w, SIP_OUT_STREAM), 1);
	o = wire_nth(w, SIP_OUT_STREAM, 0);
	ck_assert_uint_eq(o->flow, wire_nth(w, SIP_OUT_CONNECT, nth)->flow);
	r = wire_response(o->bytes, "200 OK", ";tag=z", "");
	wire_bytes(w, o->flow, r, strlen(r));
	ck_assert_uint_eq(wire_events(w, SIP_EV_RESPONSE), 1);
	wire_wait(w, SEC(40));
	ck_assert_uint_eq(wire_count(w, SIP_OUT_STREAM), 1);
	ck_assert_uint_eq(sip_core_stats(w->c)->clients, 0);
	wire_free(w);
}

START_TEST(the_next_is_tried_beside_after_250_ms)
{
	begin(3);
	ck_assert_uint_eq(wire_count(w, SIP_OUT_CONNECT), 1);
	wire_wait(w, MS(249));
	ck_assert_uint_eq(wire_count(w, SIP_OUT_CONNECT), 1);
	wire_wait(w, MS(1));
	ck_assert_uint_eq(wire_count(w, SIP_OUT_CONNECT), 2);
	wire_wait(w, MS(250));
	ck_assert_uint_eq(wire_count(w, SIP_OUT_CONNECT), 3);
	ck_assert_uint_eq(wire_count(w, SIP_OUT_CLOSE), 0);
	opens(2);
	ck_went_by(2);
}
END_TEST

START_TEST(the_first_that_is_there_is_gone_by)
{
	begin(3);
	wire_wait(w, MS(500));
	opens(0);
	opens(2);
	opens(1);
	ck_went_by(0);
}
END_TEST

START_TEST(a_refusal_goes_on_at_once)
{
	begin(2);
	wire_wait(w, MS(10));
	fails(0);
	ck_assert_uint_eq(wire_count(w, SIP_OUT_CONNECT), 2);
	opens(1);
	ck_went_by(1);
}
END_TEST

/* The last one fails while an earlier one is still being made. */
START_TEST(what_is_still_being_made_is_waited_for)
{
	begin(3);
	wire_wait(w, MS(500));
	fails(2);
	ck_assert_uint_eq(wire_events(w, SIP_EV_UNREACHABLE), 0);
	fails(0);
	ck_assert_uint_eq(wire_events(w, SIP_EV_UNREACHABLE), 0);
	ck_assert_uint_eq(wire_count(w, SIP_OUT_CONNECT), 3);
	opens(1);
	ck_went_by(1);
}
END_TEST

START_TEST(all_of_them_may_fail)
{
	begin(3);
	wire_wait(w, MS(500));
	fails(1);
	fails(2);
	ck_assert_uint_eq(wire_events(w, SIP_EV_UNREACHABLE), 0);
	fails(0);
	ck_assert_uint_eq(wire_events(w, SIP_EV_UNREACHABLE), 1);
	ck_assert_uint_eq(wire_count(w, SIP_OUT_CONNECT), 3);
	ck_assert_uint_eq(sip_core_stats(w->c)->clients, 0);
	wire_free(w);
}
END_TEST

/* 10 s each, which are over one after the other; none is tried twice. */
START_TEST(all_of_them_may_be_silent)
{
	begin(3);
	wire_wait(w, SEC(12));
	ck_assert_uint_eq(wire_events(w, SIP_EV_UNREACHABLE), 1);
	ck_assert_uint_eq(wire_count(w, SIP_OUT_CONNECT), 3);
	wire_free(w);
}
END_TEST

/* What it went by breaks before the answer: that one is not taken again, and
 * those that came meanwhile are there. */
START_TEST(what_breaks_is_followed_by_another)
{
	begin(3);
	wire_wait(w, MS(250));
	opens(1);
	ck_assert_uint_eq(wire_count(w, SIP_OUT_STREAM), 1);
	fails(1);
	ck_assert_uint_eq(wire_count(w, SIP_OUT_CONNECT), 3);
	opens(2);
	ck_assert_uint_eq(wire_count(w, SIP_OUT_STREAM), 2);
	ck_assert_uint_eq(wire_nth(w, SIP_OUT_STREAM, 1)->flow,
			  wire_nth(w, SIP_OUT_CONNECT, 2)->flow);
	wire_free(w);
}
END_TEST

static void compose(const char *body)
{
	struct sip_msg m;

	wire_request(&m, "OPTIONS", "sip:a@example.com");
	m.body = slice_str(body);
	ck_assert_int_eq(sip_core_compose(w->c, txn, &m, w->now), 0);
	wire_drain(w);
}

/* One of each family: what goes out is of the family that it goes by. */
START_TEST(the_winner_has_a_text_of_its_own)
{
	struct addr six = of_text("[2001:db8::4]:5060");
	struct sip_hop hop[2] = {
		{ .transport = SIP_TCP, .addr = of_text("[2001:db8::1]:5060") },
		{ .transport = SIP_TCP, .addr = of_text("192.0.2.1:5060") } };
	uint32_t point;

	w = wire_new();
	ck_assert_int_eq(sip_core_add_local(w->c, SIP_TCP, &six, &six, &point),
			 0);
	ck_assert_int_eq(sip_core_request(w->c, &(struct sip_request){
		.method = SIP_OPTIONS, .uri = S("sip:a@example.com"),
		.user = WIRE_USER }, w->now, &txn), 0);
	wire_drain(w);
	sip_core_on_located(w->c, wire_nth(w, SIP_OUT_LOCATE, 0)->lookup, hop,
			    2, NULL, w->now);
	wire_drain(w);
	compose("six");
	wire_wait(w, MS(250));
	compose("four");
	ck_assert_uint_eq(wire_count(w, SIP_OUT_CONNECT), 2);
	opens(0);
	ck_assert_uint_eq(wire_count(w, SIP_OUT_STREAM), 0);
	compose("six again");
	ck_text_has(wire_nth(w, SIP_OUT_STREAM, 0)->bytes, "six again");
	ck_went_by(0);
}
END_TEST

/* ------------------------------------------------------ who has failed */
/* An OPTIONS to 192.0.2.11 and .12 by UDP; the last octet of where it went. */
static unsigned goes_to(void)
{
	struct sip_hop hop[2] = {
		{ .transport = SIP_UDP, .addr = of_text("192.0.2.11:5060") },
		{ .transport = SIP_UDP, .addr = of_text("192.0.2.12:5060") } };
	struct sip_msg m;

	wire_clear(w);
	wire_request(&m, "OPTIONS", "sip:a@example.com");
	ck_assert_int_eq(sip_core_request(w->c, &(struct sip_request){
		.msg = &m, .user = WIRE_USER }, w->now, &txn), 0);
	wire_drain(w);
	sip_core_on_located(w->c, wire_nth(w, SIP_OUT_LOCATE, 0)->lookup, hop,
			    2, NULL, w->now);
	wire_drain(w);
	return wire_nth(w, SIP_OUT_DATAGRAM, 0)->path.remote.ip[3];
}

static unsigned went_on_to(void)
{
	return wire_nth(w, SIP_OUT_DATAGRAM,
			wire_count(w, SIP_OUT_DATAGRAM) - 1)->path.remote.ip[3];
}

static void replies(unsigned nth, const char *status, const char *more)
{
	const struct wire_out *o = wire_nth(w, SIP_OUT_DATAGRAM, nth);
	const char *r = wire_response(o->bytes, status, ";tag=z", more);

	sip_core_on_datagram(w->c, w->udp, &w->us, &o->path.remote,
			     slice_str(r), w->now);
	wire_drain(w);
}

START_TEST(who_was_refused_is_tried_last_for_half_a_minute)
{
	struct addr first = of_text("192.0.2.11:5060");

	w = wire_new();
	ck_assert_uint_eq(goes_to(), 11);
	sip_core_on_datagram_error(w->c, w->udp, &first, ECONNREFUSED, w->now);
	wire_drain(w);
	ck_assert_uint_eq(went_on_to(), 12);
	replies(1, "200 OK", "");
	ck_assert_uint_eq(goes_to(), 12);
	replies(0, "200 OK", "");
	wire_wait(w, SEC(31));
	ck_assert_uint_eq(goes_to(), 11);
	wire_free(w);
}
END_TEST

START_TEST(who_was_silent_is_tried_last_until_it_answers)
{
	w = wire_new();
	sip_core_set_target_timeout(w->c, SEC(4));
	ck_assert_uint_eq(goes_to(), 11);
	wire_wait(w, SEC(4)); /* and the second one is silent, too: 32 s */
	ck_assert_uint_eq(went_on_to(), 12);
	wire_wait(w, SEC(33));
	ck_assert_uint_eq(goes_to(), 11); /* the other is shunned still */
	replies(0, "200 OK", "");
	ck_assert_uint_eq(goes_to(), 11);
	wire_free(w);
}
END_TEST

/* RFC 3261 21.5.4 */
START_TEST(a_503_says_how_long)
{
	w = wire_new();
	ck_assert_uint_eq(goes_to(), 11);
	replies(0, "503 Busy", "Retry-After: 120\r\n");
	ck_assert_uint_eq(went_on_to(), 12);
	replies(1, "200 OK", "");
	wire_wait(w, SEC(119));
	ck_assert_uint_eq(goes_to(), 12);
	replies(0, "200 OK", "");
	wire_wait(w, SEC(2));
	ck_assert_uint_eq(goes_to(), 11);
	wire_free(w);
}
END_TEST

/* Where all have failed the order is as it was found. */
START_TEST(who_has_failed_is_tried_all_the_same)
{
	w = wire_new();
	ck_assert_uint_eq(goes_to(), 11);
	replies(0, "503 Busy", "");
	ck_assert_uint_eq(went_on_to(), 12);
	replies(1, "503 Busy", "");
	ck_assert_uint_eq(wire_events(w, SIP_EV_RESPONSE), 1);
	ck_assert_uint_eq(goes_to(), 11);
	wire_free(w);
}
END_TEST

/* More than are remembered: no overrun, and the newest count. */
START_TEST(as_many_as_fail_the_last_are_remembered)
{
	w = wire_new();
	for (uint8_t i = 0; i < 60; i++) {
		struct sip_hop hop = { .transport = SIP_UDP,
			.addr = addr_v4(198, 51, 100, i, 5060) };
		struct sip_msg m;

		wire_clear(w);
		wire_request(&m, "OPTIONS", "sip:a@example.com");
		ck_assert_int_eq(sip_core_request(w->c, &(struct sip_request){
			.msg = &m, .user = WIRE_USER, .hop = hop }, w->now,
			&txn), 0);
		wire_drain(w);
		sip_core_on_datagram_error(w->c, w->udp, &hop.addr,
					   ECONNREFUSED, w->now);
		wire_wait(w, MS(1));
	}
	ck_assert_uint_eq(goes_to(), 11);
	replies(0, "503 Busy", "");
	ck_assert_uint_eq(goes_to(), 12);
	wire_free(w);
}
END_TEST

SUITE(sip_core_hops, who_was_refused_is_tried_last_for_half_a_minute,
      who_was_silent_is_tried_last_until_it_answers, a_503_says_how_long,
      who_has_failed_is_tried_all_the_same,
      as_many_as_fail_the_last_are_remembered,
      the_next_is_tried_beside_after_250_ms,
      the_first_that_is_there_is_gone_by, a_refusal_goes_on_at_once,
      what_is_still_being_made_is_waited_for, all_of_them_may_fail,
      all_of_them_may_be_silent, what_breaks_is_followed_by_another,
      the_winner_has_a_text_of_its_own);
