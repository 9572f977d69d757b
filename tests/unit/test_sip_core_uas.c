/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/sip_wire.h"

#define INVITE WIRE_REQUEST("INVITE", "z9hG4bK776asdhds", "", "")
#define BYE WIRE_REQUEST("BYE", "z9hG4bKnashds10", ";tag=bobtag", "")

static uint64_t invite(struct wire *w)
{
	wire_udp(w, INVITE);
	return wire_event(w, SIP_EV_REQUEST)->event.txn;
}

static int respond(struct wire *w, uint64_t txn, unsigned status)
{
	struct sip_msg m;
	int rc;

	sip_msg_response(&m, status, S(""));
	rc = sip_core_respond(w->c, txn, &m, S("a6c85cf"), w->now);
	wire_drain(w);
	return rc;
}

/* RFC 3261 8.2.6.2: Via, From, To, Call-ID and CSeq are the request's. */
START_TEST(a_response_copies_what_the_request_was_known_by)
{
	struct wire *w = wire_new();
	char *text;

	w->user = wire_answer;
	w->answer = 200;
	wire_udp(w, BYE);
	ck_assert_uint_eq(w->n, 2);
	text = wire_nth(w, SIP_OUT_DATAGRAM, 0)->bytes;
	ck_text_has(text, "SIP/2.0 200 OK\r\n");
	ck_assert_str_eq(wire_header(text, "Via"),
			 "SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKnashds10");
	ck_assert_str_eq(wire_header(text, "From"),
			 "Alice <sip:alice@atlanta.com>;tag=1928301774");
	ck_assert_str_eq(wire_header(text, "To"),
			 "Bob <sip:bob@biloxi.com>;tag=bobtag");
	ck_assert_str_eq(wire_header(text, "Call-ID"),
			 "a84b4c76e66710@pc33.atlanta.com");
	ck_assert_str_eq(wire_header(text, "CSeq"), "314159 BYE");
	ck_assert(addr_same(&w->log[1].path.remote, &w->peer));
	wire_free(w);
}
END_TEST

/* 17.2.1: 100 within 200 ms unless answered; repeats get the last 1xx. */
START_TEST(an_unanswered_invite_gets_100_after_200_ms)
{
	struct wire *w = wire_new();

	invite(w);
	wire_wait(w, MS(199));
	ck_assert_uint_eq(wire_count(w, SIP_OUT_DATAGRAM), 0);
	wire_wait(w, MS(2));
	ck_text_has(wire_nth(w, SIP_OUT_DATAGRAM, 0)->bytes,
		    "SIP/2.0 100 Trying\r\n");
	ck_text_lacks(wire_header(wire_nth(w, SIP_OUT_DATAGRAM, 0)->bytes,
				  "To"), "tag");
	wire_udp(w, INVITE);
	ck_assert_str_eq(wire_nth(w, SIP_OUT_DATAGRAM, 0)->bytes,
			 wire_nth(w, SIP_OUT_DATAGRAM, 1)->bytes);
	ck_assert_uint_eq(wire_events(w, SIP_EV_REQUEST), 1);
	wire_free(w);
}
END_TEST

START_TEST(later_answers_still_know_the_request)
{
	struct wire *w = wire_new();
	uint64_t txn = invite(w);
	char *text;

	wire_wait(w, SEC(3));
	wire_udp(w, WIRE_REQUEST("OPTIONS", "z9hG4bKother", "", ""));
	wire_clear(w);
	ck_assert_int_eq(respond(w, txn, 180), 0);
	ck_assert_int_eq(respond(w, txn, 200), 0);
	for (unsigned i = 0; i < 2; i++) {
		text = wire_nth(w, SIP_OUT_DATAGRAM, i)->bytes;
		ck_assert_str_eq(wire_header(text, "To"),
				 "Bob <sip:bob@biloxi.com>;tag=a6c85cf");
		ck_assert_str_eq(wire_header(text, "CSeq"), "314159 INVITE");
		ck_text_has(text, "z9hG4bK776asdhds");
	}
	ck_assert_int_eq(respond(w, txn, 486), -EALREADY);
	wire_free(w);
}
END_TEST

/* 17.2.1: G at T1, doubling to T2; H at 64*T1: 0.5 1.5 3.5 7.5 11.5 ... */
START_TEST(a_486_is_repeated_until_its_ack)
{
	struct wire *w = wire_new();
	uint64_t txn = invite(w);

	wire_clear(w);
	ck_assert_int_eq(respond(w, txn, 486), 0);
	wire_wait(w, MS(3600));
	ck_assert_uint_eq(wire_count(w, SIP_OUT_DATAGRAM), 4);
	wire_udp(w, WIRE_REQUEST("ACK", "z9hG4bK776asdhds", ";tag=a6c85cf",
				 ""));
	wire_wait(w, SEC(60));
	ck_assert_uint_eq(wire_count(w, SIP_OUT_DATAGRAM), 4);
	ck_assert_uint_eq(wire_count(w, SIP_OUT_EVENT), 0);
	ck_assert_uint_eq(sip_core_stats(w->c)->servers, 0);
	wire_free(w);
}
END_TEST

START_TEST(a_486_without_ack_is_told_at_64_T1)
{
	struct wire *w = wire_new();
	uint64_t txn = invite(w);

	ck_assert_int_eq(sip_core_set_tag(w->c, txn, 99), 0);
	wire_clear(w);
	ck_assert_int_eq(respond(w, txn, 486), 0);
	wire_wait(w, MS(31990));
	ck_assert_uint_eq(wire_count(w, SIP_OUT_EVENT), 0);
	wire_wait(w, MS(20));
	/* 1 + 10 repeats: 0.5 1.5 3.5 7.5 11.5 15.5 19.5 23.5 27.5 31.5 s */
	ck_assert_uint_eq(wire_count(w, SIP_OUT_DATAGRAM), 11);
	ck_assert_uint_eq(wire_event(w, SIP_EV_NO_ACK)->event.tag, 99);
	ck_assert_uint_eq(sip_core_stats(w->c)->servers, 0);
	ck_assert_int_eq(respond(w, txn, 200), -ENOENT);
	wire_free(w);
}
END_TEST

/* RFC 6026: in Accepted repeats of the INVITE are absorbed, 2xx repeated by
 * the user go out, the ACK is the user's. */
START_TEST(after_200_repeats_are_absorbed_for_64_T1)
{
	struct wire *w = wire_new();
	uint64_t txn = invite(w);

	wire_clear(w);
	ck_assert_int_eq(respond(w, txn, 200), 0);
	wire_udp(w, INVITE);
	ck_assert_uint_eq(w->n, 1);
	ck_assert_int_eq(sip_core_respond_again(w->c, txn, w->now), 0);
	wire_drain(w);
	ck_assert_str_eq(w->log[0].bytes, w->log[1].bytes);
	wire_udp(w, WIRE_REQUEST("ACK", "z9hG4bKack", ";tag=a6c85cf", ""));
	ck_assert_uint_eq(wire_event(w, SIP_EV_ACK)->event.txn, 0);
	wire_wait(w, SEC(31));
	ck_assert_uint_eq(sip_core_stats(w->c)->servers, 1);
	wire_wait(w, SEC(1));
	ck_assert_uint_eq(sip_core_stats(w->c)->servers, 0);
	ck_assert_int_eq(sip_core_respond_again(w->c, txn, w->now), -ENOENT);
	wire_free(w);
}
END_TEST

/* What is taken on can be answered: a request of which nothing could be kept is
 * refused while it is in hand. */
START_TEST(what_cannot_be_kept_is_refused_at_once)
{
	bool hit = true;

	for (uint64_t nth = 1; hit; nth++) {
		struct wire *w = wire_new();

		w->mem.fail_at = w->mem.calls + nth;
		wire_udp(w, INVITE);
		hit = w->mem.calls >= w->mem.fail_at;
		w->mem.fail_at = 0;
		if (sip_core_stats(w->c)->servers)
			ck_assert_int_eq(respond(w, wire_event(w,
				SIP_EV_REQUEST)->event.txn, 180), 0);
		else if (wire_count(w, SIP_OUT_DATAGRAM))
			ck_text_has(wire_nth(w, SIP_OUT_DATAGRAM, 0)->bytes,
				    "SIP/2.0 503 ");
		/* Somebody hears of it, if it was answered, and once. */
		ck_assert_uint_eq(wire_events(w, SIP_EV_REQUEST) +
				  wire_events(w, SIP_EV_REFUSED), w->n > 0);
		ck_assert(hit || sip_core_stats(w->c)->servers == 1);
		wire_free(w);
	}
}
END_TEST

START_TEST(cancel_is_answered_here_and_told_once)
{
	struct wire *w = wire_new();
	uint64_t txn = invite(w);
	const char *cancel = WIRE_REQUEST("CANCEL", "z9hG4bK776asdhds", "",
					  "");

	ck_assert_int_eq(sip_core_set_tag(w->c, txn, 5), 0);
	wire_clear(w);
	wire_udp(w, cancel);
	wire_udp(w, cancel);
	ck_assert_uint_eq(wire_events(w, SIP_EV_CANCEL), 1);
	ck_assert_uint_eq(wire_event(w, SIP_EV_CANCEL)->event.txn, txn);
	ck_assert_uint_eq(wire_event(w, SIP_EV_CANCEL)->event.tag, 5);
	ck_assert_uint_eq(wire_count(w, SIP_OUT_DATAGRAM), 2);
	ck_text_has(wire_nth(w, SIP_OUT_DATAGRAM, 0)->bytes, "SIP/2.0 200 ");
	ck_assert_str_eq(wire_header(wire_nth(w, SIP_OUT_DATAGRAM, 0)->bytes,
				     "CSeq"), "314159 CANCEL");
	ck_assert_int_eq(respond(w, txn, 487), 0);
	ck_text_has(wire_nth(w, SIP_OUT_DATAGRAM, 2)->bytes,
		    "SIP/2.0 487 Request Terminated");
	wire_free(w);
}
END_TEST

/* 9.2: "the To tag of the response to the CANCEL and the To tag in the
 * response to the original request SHOULD be the same". */
START_TEST(cancel_is_answered_with_the_tag_of_the_invite)
{
	struct wire *w = wire_new();
	uint64_t txn = invite(w);
	struct sip_msg m;

	sip_msg_response(&m, 180, S(""));
	ck_assert_int_eq(sip_core_respond(w->c, txn, &m, S("bobtag"), w->now),
			 0);
	wire_drain(w);
	wire_clear(w);
	wire_udp(w, WIRE_REQUEST("CANCEL", "z9hG4bK776asdhds", "", ""));
	ck_text_has(w->log[0].bytes, "SIP/2.0 200 ");
	ck_assert_str_eq(wire_header(w->log[0].bytes, "To"),
			 "Bob <sip:bob@biloxi.com>;tag=bobtag");
	wire_free(w);
}
END_TEST

/* 9.2: no effect on it, and 200 all the same. */
START_TEST(cancel_of_another_method_is_answered_200)
{
	struct wire *w = wire_new();

	wire_udp(w, WIRE_REQUEST("OPTIONS", "z9hG4bKopt", "", ""));
	wire_clear(w);
	wire_udp(w, WIRE_REQUEST("CANCEL", "z9hG4bKopt", "", ""));
	ck_assert_uint_eq(w->n, 1);
	ck_text_has(w->log[0].bytes, "SIP/2.0 200 ");
	ck_assert_str_eq(wire_header(w->log[0].bytes, "CSeq"),
			 "314159 CANCEL");
	wire_free(w);
}
END_TEST

/* 17.2.2: the CANCEL's transaction outlives the INVITE's, which ends T4 after
 * the ACK of its 487; a 481 then would contradict the 200. */
START_TEST(a_late_repeat_of_a_cancel_gets_the_same_200)
{
	struct wire *w = wire_new();
	uint64_t txn = invite(w);
	const char *cancel = WIRE_REQUEST("CANCEL", "z9hG4bK776asdhds", "",
					  "");
	struct wire_out *first;

	wire_clear(w);
	wire_udp(w, cancel);
	ck_assert_int_eq(respond(w, txn, 487), 0);
	wire_udp(w, WIRE_REQUEST("ACK", "z9hG4bK776asdhds", ";tag=x", ""));
	wire_wait(w, SEC(10));
	ck_assert_uint_eq(sip_core_stats(w->c)->servers, 1);
	wire_udp(w, cancel);
	first = wire_nth(w, SIP_OUT_DATAGRAM, 0);
	ck_text_has(first->bytes, "SIP/2.0 200 ");
	ck_assert_str_eq(wire_nth(w, SIP_OUT_DATAGRAM, 2)->bytes,
			 first->bytes);
	ck_assert_uint_eq(wire_events(w, SIP_EV_CANCEL), 1);
	wire_wait(w, SEC(22));
	ck_assert_uint_eq(sip_core_stats(w->c)->servers, 0);
	wire_free(w);
}
END_TEST

START_TEST(cancel_after_the_answer_changes_nothing)
{
	struct wire *w = wire_new();

	w->user = wire_answer;
	w->answer = 200;
	invite(w);
	wire_clear(w);
	wire_udp(w, WIRE_REQUEST("CANCEL", "z9hG4bK776asdhds", "", ""));
	ck_assert_uint_eq(w->n, 1);
	ck_text_has(w->log[0].bytes, "SIP/2.0 200 ");
	wire_udp(w, WIRE_REQUEST("CANCEL", "z9hG4bKunknown", "", ""));
	ck_text_has(w->log[1].bytes, "SIP/2.0 481 ");
	wire_free(w);
}
END_TEST

/* 8.2.2.2 asks for ongoing transactions: one whose refusal is acknowledged is
 * over, and a proxy that hunts may come to us again with the same Call-ID,
 * From tag and CSeq.  Until the ACK, and in a call that is up, it is merged. */
START_TEST(the_same_invite_after_a_refusal_is_a_new_call)
{
	static const char ack[] = WIRE_REQUEST("ACK", "z9hG4bK776asdhds",
					       ";tag=bobtag", "");
	struct wire *w = wire_new();

	w->user = wire_answer;
	w->answer = 486;
	invite(w);
	wire_clear(w);
	wire_udp(w, WIRE_REQUEST("INVITE", "z9hG4bKhunt0", "", ""));
	ck_assert_uint_eq(w->n, 1);
	ck_text_has(w->log[0].bytes, "SIP/2.0 482 ");
	wire_udp(w, ack);
	wire_clear(w);
	wire_udp(w, WIRE_REQUEST("INVITE", "z9hG4bKhunt1", "", ""));
	ck_assert_uint_eq(wire_events(w, SIP_EV_REQUEST), 1);
	ck_text_has(wire_nth(w, SIP_OUT_DATAGRAM, 0)->bytes, "SIP/2.0 486 ");
	/* The first is still there, to absorb its ACK's repeats. */
	ck_assert_uint_eq(sip_core_stats(w->c)->servers, 2);
	wire_udp(w, ack);
	wire_udp(w, WIRE_REQUEST("INVITE", "z9hG4bKhunt2", "", ""));
	ck_text_has(wire_nth(w, SIP_OUT_DATAGRAM, 1)->bytes, "SIP/2.0 482 ");
	wire_wait(w, SEC(40));
	ck_assert_uint_eq(sip_core_stats(w->c)->servers, 0);
	wire_free(w);
}
END_TEST

START_TEST(a_merged_invite_of_a_call_that_is_up_gets_482)
{
	struct wire *w = wire_new();

	w->user = wire_answer;
	w->answer = 200;
	invite(w);
	wire_udp(w, WIRE_REQUEST("ACK", "z9hG4bKack", ";tag=b", ""));
	wire_clear(w);
	wire_udp(w, WIRE_REQUEST("INVITE", "z9hG4bKforked", "", ""));
	ck_assert_uint_eq(w->n, 1);
	ck_text_has(w->log[0].bytes, "SIP/2.0 482 ");
	wire_free(w);
}
END_TEST

/* 8.2.2.2: the same request over another path. */
START_TEST(a_merged_request_gets_482)
{
	struct wire *w = wire_new();
	char *text;

	invite(w);
	wire_clear(w);
	wire_udp(w, WIRE_REQUEST("INVITE", "z9hG4bKforked", "", ""));
	ck_assert_uint_eq(w->n, 1);
	text = w->log[0].bytes;
	ck_text_has(text, "SIP/2.0 482 ");
	ck_text_has(wire_header(text, "To"), ";tag=");
	/* within a dialog it is no merge */
	wire_udp(w, WIRE_REQUEST("INVITE", "z9hG4bKforked2", ";tag=1", ""));
	ck_assert_uint_eq(wire_events(w, SIP_EV_REQUEST), 1);
	wire_free(w);
}
END_TEST

/* 8.2.7: the same tag for a repeat, though nothing was kept. */
START_TEST(stateless_answers_to_repeats_are_the_same)
{
	struct wire *w = wire_new();
	const char *text = WIRE_REQUEST("REFER", "z9hG4bKr", "", "");

	wire_udp(w, text);
	wire_udp(w, text);
	ck_assert_uint_eq(w->n, 2);
	ck_text_has(w->log[0].bytes, "SIP/2.0 405 Method Not Allowed\r\n");
	ck_assert_str_eq(wire_header(w->log[0].bytes, "Allow"),
			 "INVITE, ACK, BYE, CANCEL, OPTIONS");
	ck_assert_str_eq(w->log[0].bytes, w->log[1].bytes);
	ck_assert_uint_eq(sip_core_stats(w->c)->servers, 0);
	wire_udp(w, WIRE_REQUEST("FOO", "z9hG4bKf", "", ""));
	ck_text_has(w->log[2].bytes, "SIP/2.0 501 ");
	wire_free(w);
}
END_TEST

static void stateless(struct wire *w, const struct sip_event *ev)
{
	struct sip_msg m;

	sip_msg_response(&m, 404, S("Nobody"));
	ck_assert_int_eq(sip_core_respond_stateless(w->c, ev, &m, w->now), 0);
}

START_TEST(a_user_may_answer_without_state)
{
	struct wire *w = wire_new();

	w->user = stateless;
	wire_udp(w, INVITE);
	ck_text_has(w->log[1].bytes, "SIP/2.0 404 Nobody\r\n");
	ck_assert_uint_eq(sip_core_stats(w->c)->servers, 0);
	wire_udp(w, INVITE);
	ck_assert_uint_eq(wire_events(w, SIP_EV_REQUEST), 2);
	wire_free(w);
}
END_TEST

/* RFC 4320 4.1: no 1xx to non-INVITE, but 100 once the client has slowed. */
START_TEST(non_invite_gets_100_after_7_T1_only)
{
	struct wire *w = wire_new();
	uint64_t txn;

	wire_udp(w, BYE);
	txn = wire_event(w, SIP_EV_REQUEST)->event.txn;
	wire_clear(w);
	ck_assert_int_eq(respond(w, txn, 180), 0);
	wire_wait(w, MS(3499));
	ck_assert_uint_eq(w->n, 0);
	wire_wait(w, MS(2));
	ck_text_has(w->log[0].bytes, "SIP/2.0 100 ");
	/* 4.2: after 64*T1 no answer goes out */
	wire_wait(w, SEC(29));
	ck_assert_int_eq(respond(w, txn, 200), -ENOENT);
	ck_assert_uint_eq(w->n, 1);
	wire_free(w);
}
END_TEST

START_TEST(completed_bye_answers_repeats_for_64_T1)
{
	struct wire *w = wire_new();

	w->user = wire_answer;
	w->answer = 200;
	wire_udp(w, BYE);
	wire_wait(w, SEC(31));
	wire_udp(w, BYE);
	ck_assert_uint_eq(wire_events(w, SIP_EV_REQUEST), 1);
	ck_assert_uint_eq(wire_count(w, SIP_OUT_DATAGRAM), 2);
	wire_wait(w, SEC(2));
	wire_udp(w, BYE);
	ck_assert_uint_eq(wire_events(w, SIP_EV_REQUEST), 2);
	wire_free(w);
}
END_TEST

START_TEST(a_forgotten_invite_is_answered_500)
{
	struct wire *w = wire_new();
	uint64_t txn = invite(w);

	wire_clear(w);
	sip_core_forget(w->c, txn, w->now);
	wire_drain(w);
	ck_text_has(w->log[0].bytes, "SIP/2.0 500 ");
	wire_wait(w, SEC(40));
	ck_assert_uint_eq(wire_count(w, SIP_OUT_EVENT), 0);
	wire_free(w);
}
END_TEST

/* RFC 2543 had no branches to tell transactions by (17.2.3). */
START_TEST(old_clients_are_matched_by_all_that_they_send)
{
	struct wire *w = wire_new();

	w->user = wire_answer;
	w->answer = 486;
	wire_udp(w, WIRE_REQUEST("INVITE", "1", "", ""));
	wire_udp(w, WIRE_REQUEST("INVITE", "1", "", ""));
	ck_assert_uint_eq(wire_events(w, SIP_EV_REQUEST), 1);
	wire_udp(w, WIRE_REQUEST("ACK", "1", ";tag=bobtag", ""));
	wire_clear(w);
	wire_wait(w, SEC(4));
	ck_assert_uint_eq(w->n, 0); /* acknowledged: nothing is repeated */
	wire_free(w);
}
END_TEST

START_TEST(record_route_is_copied_into_2xx_alone)
{
	struct wire *w = wire_new();
	const char *rr = "Record-Route: <sip:p1.example.com;lr>\r\n"
			 "Record-Route: <sip:p2.example.com;lr>\r\n";
	char text[1024];

	snprintf(text, sizeof(text), WIRE_REQUEST("INVITE", "z9hG4bK1", "",
						  "%s"), rr);
	w->user = wire_answer;
	w->answer = 200;
	wire_udp(w, text);
	ck_text_has(w->log[1].bytes, rr);
	snprintf(text, sizeof(text), WIRE_REQUEST("INVITE", "z9hG4bK2",
						  ";tag=x", "%s"), rr);
	w->answer = 486;
	wire_udp(w, text);
	ck_text_lacks(w->log[3].bytes, "Record-Route");
	wire_free(w);
}
END_TEST

/* With so many of them at most. */
static struct wire *transactions(uint32_t most)
{
	struct limits small = limits_default;

	small.transactions = most;
	return wire_new_with(&small);
}

START_TEST(beyond_the_limit_503_without_state)
{
	struct wire *w = transactions(1);

	wire_udp(w, INVITE);
	wire_udp(w, WIRE_REQUEST("INVITE", "z9hG4bKtwo", ";tag=b", ""));
	ck_text_has(w->log[1].bytes, "SIP/2.0 503 ");
	ck_assert_str_eq(wire_header(w->log[1].bytes, "Retry-After"), "10");
	ck_assert_uint_eq(sip_core_stats(w->c)->servers, 1);
	ck_assert_uint_eq(sip_core_stats(w->c)->refused, 1);
	wire_free(w);
}
END_TEST

/* A request with its own branch and Call-ID, and n octets of Record-Route in
 * pieces. */
static const char *heavy(const char *method, unsigned id, const char *to_tag,
			 size_t n)
{
	static char text[65000];
	size_t at = (size_t)snprintf(text, sizeof(text), "%s sip:b@192.0.2.4 "
		"SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK%u\r\n"
		"From: <sip:a@a>;tag=1\r\nTo: <sip:b@b>%s\r\nCall-ID: %u\r\n"
		"CSeq: 1 %s\r\nContact: <sip:a@192.0.2.1>\r\n", method, id,
		to_tag, id, method);

	for (; n >= 1000; n -= 1000)
		at += (size_t)snprintf(text + at, sizeof(text) - at,
				       "Record-Route: <sip:%0*u@p;lr>\r\n",
				       989, 1);
	snprintf(text + at, sizeof(text) - at, "\r\n");
	return text;
}

static unsigned count_of(struct wire *w, const char *line)
{
	unsigned n = 0;

	for (size_t i = 0; i < w->n; i++)
		n += strncmp(w->log[i].bytes, line, strlen(line)) == 0;
	return n;
}

/* INVITEs that ring fill their half of the budget, and no more: then a stranger
 * gets 503 without state, and who is in a dialog is heard. */
START_TEST(strangers_get_half_of_the_budget)
{
	struct wire *w = wire_new();
	unsigned id = 0, refused = 0;
	size_t held;

	w->mem.budget = w->mem.used + 400000;
	while (!refused && id < 1000) {
		wire_clear(w);
		wire_udp(w, heavy("INVITE", id++, "", 3000));
		refused = count_of(w, "SIP/2.0 503 ");
	}
	ck_assert_uint_eq(refused, 1);
	held = sip_core_stats(w->c)->held;
	ck_assert_uint_le(held, w->mem.budget / 2 + 5000);
	ck_assert_uint_gt(held, w->mem.budget / 4);
	ck_assert_uint_le(w->mem.used, w->mem.budget * 7 / 8 + 5000);
	wire_clear(w);
	for (unsigned i = 0; i < 100; i++)
		wire_udp(w, heavy("INVITE", id++, "", 3000));
	ck_assert_uint_eq(count_of(w, "SIP/2.0 503 "), 100);
	ck_assert_uint_eq(sip_core_stats(w->c)->held, held);
	wire_clear(w);
	wire_udp(w, heavy("BYE", id++, ";tag=ours", 0));
	ck_assert_uint_eq(wire_events(w, SIP_EV_REQUEST), 1);
	ck_assert_int_eq(respond(w, wire_event(w, SIP_EV_REQUEST)->event.txn,
				 200), 0);
	wire_drain(w);
	wire_free(w);
}
END_TEST

START_TEST(what_a_transaction_held_is_given_back)
{
	struct wire *w = wire_new();

	wire_udp(w, heavy("INVITE", 1, "", 3000));
	ck_assert_uint_gt(sip_core_stats(w->c)->held, 3000);
	ck_assert_int_eq(respond(w, wire_event(w, SIP_EV_REQUEST)->event.txn,
				 180), 0);
	ck_assert_int_eq(respond(w, wire_event(w, SIP_EV_REQUEST)->event.txn,
				 486), 0);
	wire_drain(w);
	wire_wait(w, SEC(33)); /* timer H */
	ck_assert_uint_eq(sip_core_stats(w->c)->servers, 0);
	ck_assert_uint_eq(sip_core_stats(w->c)->held, 0);
	wire_free(w);
}
END_TEST

/* An eighth of the transactions is for requests in dialogs. */
START_TEST(strangers_do_not_take_all_transactions)
{
	struct wire *w = transactions(16);

	for (unsigned i = 0; i < 20; i++)
		wire_udp(w, heavy("INVITE", i, "", 0));
	ck_assert_uint_eq(sip_core_stats(w->c)->servers, 14);
	ck_assert_uint_eq(count_of(w, "SIP/2.0 503 "), 6);
	for (unsigned i = 20; i < 24; i++)
		wire_udp(w, heavy("BYE", i, ";tag=ours", 0));
	ck_assert_uint_eq(sip_core_stats(w->c)->servers, 16);
	ck_assert_uint_eq(count_of(w, "SIP/2.0 503 "), 8);
	ck_assert_uint_eq(wire_events(w, SIP_EV_REFUSED), 6);
	ck_assert_uint_eq(wire_event(w, SIP_EV_REFUSED)->event.status, 503);
	ck_assert_uint_eq(wire_event(w, SIP_EV_REFUSED)->event.user, 0);
	wire_free(w);
}
END_TEST

/* Without state, but not unheard: who asked, and what it got. */
START_TEST(who_is_refused_a_call_by_the_core_is_told_once)
{
	static const struct {
		const char *text, *answer; /* "": none */
		unsigned told;
	} c[] = {
		{ WIRE_REQUEST("INVITE", "z9hG4bK1", "", "CSeq: 1 INVITE\r\n"),
		  "SIP/2.0 400 ", 400 },
		{ WIRE_REQUEST("INVITE", "z9hG4bK2", "", "Contact: <\r\n"),
		  "SIP/2.0 400 ", 400 },
		/* no call would have begun */
		{ WIRE_REQUEST("INVITE", "z9hG4bK3", ";tag=b",
			       "CSeq: 1 INVITE\r\n"), "SIP/2.0 400 ", 0 },
		{ WIRE_REQUEST("BYE", "z9hG4bK4", "", "CSeq: 1 BYE\r\n"),
		  "SIP/2.0 400 ", 0 },
		{ WIRE_REQUEST("ACK", "z9hG4bK5", "", "CSeq: 1 ACK\r\n"),
		  "", 0 },
		/* nobody knows who */
		{ "INVITE sip:bob@192.0.2.4 SIP/2.0\r\n"
		  "Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK6\r\n"
		  "To: <sip:bob@biloxi.com>\r\nCall-ID: 6\r\n"
		  "CSeq: 1 INVITE\r\n\r\n", "SIP/2.0 400 ", 0 },
		{ "INVITE sip:bob@192.0.2.4 SIP/2.0\r\n\r\n", "", 0 },
	};

	for (size_t i = 0; i < COUNT(c); i++) {
		struct wire *w = wire_new();
		const struct sip_event *ev;

		wire_udp(w, c[i].text);
		ck_assert_uint_eq(wire_count(w, SIP_OUT_DATAGRAM),
				  *c[i].answer != '\0');
		if (*c[i].answer)
			ck_text_has(wire_nth(w, SIP_OUT_DATAGRAM, 0)->bytes,
				    c[i].answer);
		ck_assert_uint_eq(wire_events(w, SIP_EV_REFUSED),
				  c[i].told != 0);
		if (c[i].told) {
			ev = &wire_event(w, SIP_EV_REFUSED)->event;
			ck_assert_uint_eq(ev->status, c[i].told);
			ck_assert_uint_eq(ev->user, 0);
			ck_assert(addr_same(&ev->path.remote, &w->peer));
			ck_text_has(wire_event(w, SIP_EV_REFUSED)->bytes,
				    "alice@atlanta.com");
		}
		wire_clear(w);
		/* 17.1.1.2: repeats are answered anew and not told; what comes
		 * after 64*T1 is no repeat. */
		wire_wait(w, SEC(31));
		wire_udp(w, c[i].text);
		ck_assert_uint_eq(wire_events(w, SIP_EV_REFUSED), 0);
		wire_wait(w, SEC(1));
		wire_udp(w, c[i].text);
		ck_assert_uint_eq(wire_events(w, SIP_EV_REFUSED),
				  c[i].told != 0);
		ck_assert_uint_eq(wire_count(w, SIP_OUT_DATAGRAM),
				  *c[i].answer ? 2 : 0);
		ck_assert_uint_eq(sip_core_stats(w->c)->servers, 0);
		ck_assert_uint_eq(sip_core_stats(w->c)->held, 0);
		wire_free(w);
	}
}
END_TEST

/* Record-Routes of 9 kB would stand in each response, and be kept for it. */
START_TEST(more_headers_to_copy_than_any_route_has_get_513)
{
	struct wire *w = wire_new();

	wire_udp(w, heavy("INVITE", 1, "", 7000));
	ck_assert_uint_eq(wire_events(w, SIP_EV_REQUEST), 1);
	wire_clear(w);
	wire_udp(w, heavy("INVITE", 2, "", 9000));
	ck_assert_uint_eq(wire_events(w, SIP_EV_REQUEST), 0);
	ck_text_has(w->log[0].bytes, "SIP/2.0 513 ");
	ck_assert_uint_eq(wire_event(w, SIP_EV_REFUSED)->event.status, 513);
	ck_assert_uint_eq(sip_core_stats(w->c)->servers, 1);
	wire_free(w);
}
END_TEST

START_TEST(a_proxy_answers_483_and_no_482)
{
	struct wire *w = wire_new();

	sip_core_remove_user(w->c, WIRE_USER);
	ck_assert_int_eq(sip_core_add_match(w->c, &(struct sip_match){
		.user = 2, .methods = ~0u, .proxy = true,
		.host = S("192.0.2.4") }), 0);
	wire_udp(w, INVITE);
	wire_udp(w, WIRE_REQUEST("INVITE", "z9hG4bKforked", "", ""));
	ck_assert_uint_eq(wire_events(w, SIP_EV_REQUEST), 2);
	wire_udp(w, "OPTIONS sip:bob@192.0.2.4 SIP/2.0\r\n"
		 "Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKo\r\n"
		 "Max-Forwards: 0\r\nTo: <sip:bob@192.0.2.4>\r\n"
		 "From: <sip:a@b>;tag=1\r\nCall-ID: 1\r\nCSeq: 1 OPTIONS\r\n"
		 "\r\n");
	ck_text_has(w->log[2].bytes, "SIP/2.0 483 ");
	wire_free(w);
}
END_TEST

START_TEST(rows_are_asked_in_their_order)
{
	struct wire *w = wire_new();
	const struct sip_match rows[] = {
		{ .user = 1, .methods = SIP_METHOD_BIT(SIP_INVITE),
		  .name = S("carol") },
		{ .user = 2, .methods = SIP_METHOD_BIT(SIP_INVITE),
		  .name = S("bob") },
		{ .user = 3, .methods = SIP_METHOD_BIT(SIP_BYE),
		  .host = S("EXAMPLE.com") },
	};

	sip_core_remove_user(w->c, WIRE_USER);
	wire_udp(w, INVITE);
	ck_text_has(w->log[0].bytes, "SIP/2.0 404 ");
	for (size_t i = 0; i < COUNT(rows); i++)
		ck_assert_int_eq(sip_core_add_match(w->c, &rows[i]), 0);
	wire_udp(w, WIRE_REQUEST("INVITE", "z9hG4bKb", "", ""));
	ck_assert_uint_eq(wire_event(w, SIP_EV_REQUEST)->event.user, 2);
	wire_udp(w, BYE); /* somebody else's method */
	ck_text_has(wire_nth(w, SIP_OUT_DATAGRAM, 1)->bytes, "SIP/2.0 405 ");
	sip_core_remove_user(w->c, 2);
	wire_udp(w, BYE);
	ck_text_has(wire_nth(w, SIP_OUT_DATAGRAM, 2)->bytes, "SIP/2.0 404 ");
	wire_free(w);
}
END_TEST

SUITE(sip_core_uas, a_response_copies_what_the_request_was_known_by,
      an_unanswered_invite_gets_100_after_200_ms,
      later_answers_still_know_the_request, a_486_is_repeated_until_its_ack,
      a_486_without_ack_is_told_at_64_T1,
      after_200_repeats_are_absorbed_for_64_T1,
      what_cannot_be_kept_is_refused_at_once,
      cancel_is_answered_here_and_told_once,
      cancel_is_answered_with_the_tag_of_the_invite,
      cancel_of_another_method_is_answered_200,
      a_late_repeat_of_a_cancel_gets_the_same_200,
      cancel_after_the_answer_changes_nothing, a_merged_request_gets_482,
      the_same_invite_after_a_refusal_is_a_new_call,
      a_merged_invite_of_a_call_that_is_up_gets_482,
      stateless_answers_to_repeats_are_the_same,
      a_user_may_answer_without_state, non_invite_gets_100_after_7_T1_only,
      completed_bye_answers_repeats_for_64_T1,
      a_forgotten_invite_is_answered_500,
      old_clients_are_matched_by_all_that_they_send,
      record_route_is_copied_into_2xx_alone,
      strangers_get_half_of_the_budget, what_a_transaction_held_is_given_back,
      strangers_do_not_take_all_transactions,
      more_headers_to_copy_than_any_route_has_get_513,
      who_is_refused_a_call_by_the_core_is_told_once,
      beyond_the_limit_503_without_state, a_proxy_answers_483_and_no_482,
      rows_are_asked_in_their_order);
