/* SPDX-License-Identifier: BSD-2-Clause
 * Who gets in when many want to: calls that nobody acknowledges, a clock that
 * does not keep up. */
#include "tests/unit/agent_rig.h"
#include "tests/unit/suites.h"

/* INVITE or ACK of the n-th call, from 192.0.2.who; status of the answer. */
static int from(struct ag_rig *w, const char *what, unsigned who, unsigned n)
{
	struct addr peer = addr_v4(192, 0, 2, (uint8_t)who, 5060);
	const char *tag = *what == 'A' ? ag_tag(w, &w->b) : "";
	const struct rig_packet *p;
	char text[RIG_TEXT];
	const char *body = "v=0\r\no=- 7 7 IN IP4 192.0.2.77\r\ns=-\r\n"
			   "c=IN IP4 192.0.2.77\r\nt=0 0\r\n" AG_PCMU;

	snprintf(text, sizeof(text), "%s sip:bob@192.0.2.2:5060 SIP/2.0\r\n"
		 "Via: SIP/2.0/UDP 192.0.2.%u:5060;branch=z9hG4bK%s%u\r\n"
		 "Max-Forwards: 70\r\nTo: <sip:bob@here.example>%s\r\n"
		 "From: <sip:peer@there.example>;tag=t%u\r\n"
		 "Call-ID: c%u\r\nCSeq: 1 %s\r\n"
		 "Contact: <sip:peer@192.0.2.%u:5060>\r\n%s%s", what, who,
		 what, n, tag, n, n, what, who,
		 *what == 'A' ? "Content-Length: 0\r\n\r\n" : AG_TYPE,
		 *what == 'A' ? "" : body);
	rig_send(w->r, w->b.ua, &peer, text);
	ag_run(w);
	p = rig_packet(w->r, w->b.ua, "SIP/2.0 ");
	return p ? (p->text[8] - '0') * 100 + (p->text[9] - '0') * 10 +
	       (p->text[10] - '0') : 0;
}

static struct ag_rig *begin(void)
{
	struct ag_rig *w = ag_rig_new(0);

	ck_assert_ptr_nonnull(w);
	w->b.accept = true;
	return w;
}

static void done(struct ag_rig *w)
{
	ag_wait(w, SEC(120));
	ck_assert_uint_eq(agent_load(w->b.agent).sessions, 0);
	ck_assert_uint_eq(w->b.open, 0);
	ck_assert_uint_eq(ag_rig_free(w), 0);
}

/* Of 16, an eighth is for who has acknowledged before. */
START_TEST(calls_without_ack_are_so_many_and_who_acknowledged_goes_first)
{
	struct ag_rig *w = begin();
	unsigned n = 0;

	ck_assert_int_eq(ag_set(&w->b, 0, "agent.unacked", "16"), 0);
	ck_assert_int_eq(from(w, "INVITE", 50, 100), 200);
	from(w, "ACK", 50, 100);
	for (; n < 14; n++)
		ck_assert_int_eq(from(w, "INVITE", 60 + n, n), 200);
	ck_assert_int_eq(from(w, "INVITE", 90, n++), 503);
	ck_assert_ptr_nonnull(strstr(rig_packet(w->r, w->b.ua,
						"SIP/2.0 503")->text,
				     "\r\nRetry-After: "));
	ck_assert_int_eq(from(w, "INVITE", 50, 101), 200);
	ck_assert_int_eq(from(w, "INVITE", 50, 102), 200);
	ck_assert_int_eq(from(w, "INVITE", 50, 103), 503);
	from(w, "ACK", 50, 103); /* of the 503 */
	ck_assert_uint_eq(w->b.open, 17);
	/* 64*T1 later they are given up, and strangers come in again. */
	ag_wait(w, SEC(70));
	ck_assert_int_eq(from(w, "INVITE", 91, n++), 200);
	ck_assert_int_eq(agent_end(w->b.agent, w->b.session, w->r->now), 0);
	agent_shutdown(w->b.agent, mono_add(w->r->now.m, SEC(1)), w->r->now);
	done(w);
}
END_TEST

/* Far over the limit a refusal costs one datagram and no state: were it kept,
 * it would be repeated 10 times in 32 s (17.2.1), whoever the source is. */
START_TEST(a_refusal_for_want_of_room_is_one_datagram)
{
	struct ag_rig *w = begin();
	uint32_t held;

	ck_assert_int_eq(ag_set(&w->b, 0, "agent.unacked", "8"), 0);
	for (unsigned n = 0; n < 7; n++)
		ck_assert_int_eq(from(w, "INVITE", 60 + n, n), 200);
	held = sip_core_stats(w->b.ua->core)->servers;
	for (unsigned n = 7; n < 107; n++)
		ck_assert_int_eq(from(w, "INVITE", 60 + n, n), 503);
	ck_assert_uint_eq(rig_sent(w->r, w->b.ua, "SIP/2.0 503"), 100);
	ck_assert_uint_eq(sip_core_stats(w->b.ua->core)->servers, held);
	ag_wait(w, SEC(5));
	ck_assert_uint_eq(rig_sent(w->r, w->b.ua, "SIP/2.0 503"), 100);
	/* The INVITE again: the same answer, the same To tag. */
	ck_assert_int_eq(from(w, "INVITE", 60 + 50, 50), 503);
	agent_shutdown(w->b.agent, mono_add(w->r->now.m, SEC(1)), w->r->now);
	done(w);
}
END_TEST

/* 600 calls a second, 300 ms of round trip: 180 at a time, by the default. */
START_TEST(a_proxy_far_away_gets_600_calls_a_second_in)
{
	struct ag_rig *w = begin();

	for (unsigned n = 0; n < 180; n++)
		ck_assert_int_eq(from(w, "INVITE", 50, n), 200);
	agent_shutdown(w->b.agent, mono_add(w->r->now.m, SEC(1)), w->r->now);
	done(w);
}
END_TEST

START_TEST(calls_are_turned_away_while_the_media_clock_is_late)
{
	struct ag_rig *w = begin();
	struct instant t = w->r->now;

	ck_assert_int_eq(from(w, "INVITE", 50, 1), 200);
	from(w, "ACK", 50, 1);
	t.m -= MS(999); /* 999 ms are no second */
	agent_on_clock(w->b.agent, MS(101), t);
	ck_assert_int_eq(from(w, "INVITE", 50, 2), 200);
	from(w, "ACK", 50, 2);
	agent_on_clock(w->b.agent, MS(100), w->r->now);
	t.m -= MS(1);
	agent_on_clock(w->b.agent, MS(101), t);
	ck_assert_int_eq(from(w, "INVITE", 50, 3), 503);
	agent_on_clock(w->b.agent, MS(100), w->r->now); /* it has caught up */
	ck_assert_int_eq(from(w, "INVITE", 50, 4), 200);
	ck_assert_int_eq(ag_set(&w->b, 0, "agent.late_ms", "0"), 0);
	agent_on_clock(w->b.agent, SEC(9), t);
	ck_assert_int_eq(from(w, "INVITE", 50, 5), 200);
	agent_shutdown(w->b.agent, mono_add(w->r->now.m, SEC(1)), w->r->now);
	done(w);
}
END_TEST

SUITE(room, calls_without_ack_are_so_many_and_who_acknowledged_goes_first,
      a_refusal_for_want_of_room_is_one_datagram,
      a_proxy_far_away_gets_600_calls_a_second_in,
      calls_are_turned_away_while_the_media_clock_is_late);
