/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/suites.h"

#include "tests/unit/sip_rig.h"

#include "sip/usage/sip_exchange.h"

static struct rig *rig;
static struct rig_ua *a, *b;

static void begin(void)
{
	rig = rig_new(0, true);
	ck_assert(rig);
	a = &rig->ua[0];
	b = &rig->ua[1];
	a->user = b->user = rig_answer_user;
	b->ring = 180;
	b->accept = 1;
}

static void end(void)
{
	ck_assert_uint_eq(rig_free(rig), 0);
}

static void up(struct slice offer)
{
	begin();
	ck_assert_int_eq(rig_invite(rig, offer), 0);
	ck_assert(rig_last(a, SIP_SESSION_ANSWERED));
	ck_assert(rig_last(b, SIP_SESSION_ACKED));
}

static void ck_ended(const struct rig_ua *ua, enum sip_session_end how,
		     unsigned status, const char *reason)
{
	const struct rig_event *e = rig_last(ua, SIP_SESSION_ENDED);

	ck_assert(e);
	ck_assert_uint_eq(rig_count(ua, SIP_SESSION_ENDED), 1);
	ck_assert_int_eq((int)e->e.end, (int)how);
	ck_assert_uint_eq(e->e.status, status);
	ck_slice_eq(e->e.reason, reason);
	ck_assert_uint_eq(sip_sessions_count(ua->calls), 0);
}

/* The messages of RFC 3665 3.1 (without its 100). */
START_TEST(a_call_is_six_messages)
{
	static const char *const flow[] = {
		"INVITE sip:bob@192.0.2.2 SIP/2.0\r\n",
		"SIP/2.0 180 Ringing\r\n",
		"SIP/2.0 200 OK\r\n",
		"ACK sip:bob@192.0.2.2:5060 SIP/2.0\r\n",
		"BYE sip:bob@192.0.2.2:5060 SIP/2.0\r\n",
		"SIP/2.0 200 OK\r\n",
	};

	up(RIG_OFFER);
	ck_slice_eq(rig_last(b, SIP_SESSION_INCOMING)->e.body,
		    "v=0\r\no=offer\r\n");
	ck_slice_eq(rig_last(a, SIP_SESSION_ANSWERED)->e.body,
		    "v=0\r\no=answer\r\n");
	ck_assert_int_eq((int)rig_last(a, SIP_SESSION_ANSWERED)->e.role,
			 (int)SIP_OA_ANSWER);
	rig_wait(rig, SEC(60));
	ck_assert_int_eq(rig_hangup(a), 0);
	ck_assert_uint_eq(rig->n, COUNT(flow));
	for (unsigned i = 0; i < rig->n; i++)
		ck_assert_msg(strncmp(rig->log[i].text, flow[i],
				      strlen(flow[i])) == 0, "%u: %s", i,
			      rig->log[i].text);
	ck_ended(a, SIP_END_LOCAL, 200, "OK");
	ck_ended(b, SIP_END_REMOTE, 200, "OK");
	ck_assert_int_eq(rig_hangup(a), -ENOENT);
	end();
}
END_TEST

START_TEST(the_callee_may_hang_up_too)
{
	up(RIG_OFFER);
	ck_assert_int_eq(rig_hangup(b), 0);
	ck_ended(b, SIP_END_LOCAL, 200, "OK");
	ck_ended(a, SIP_END_REMOTE, 200, "OK");
	end();
}
END_TEST

static bool drop_all(const struct rig *r, const struct rig_packet *p)
{
	(void)r;
	(void)p;
	return true;
}

/* Of another usage on the call's dialog. */
static struct sip_exchange info;

static void on_info(struct rig_ua *ua, const struct sip_event *ev)
{
	struct sip_outcome o;
	char room[SIP_DIALOG_ROOM];
	struct writer w = writer_begin(room, sizeof(room));
	struct sip_msg m;

	if (sip_exchange_on_event(&info, ev, &o) != SIP_EXCHANGE_COMPOSE)
		return;
	ck_assert_int_eq(sip_exchange_write(&info, &info.on->d, S("INFO"), &w,
					    &m), 0);
	ck_assert_int_eq(sip_exchange_compose(&info, ua->core, &m,
					      ua->rig->now), 0);
}

static void send_info(void)
{
	struct sip_request q = { .user = 77 };

	a->event = on_info;
	ck_assert_int_eq(sip_exchange_begin_on(&info,
		sip_session_shared(a->calls, a->call), SIP_INFO, &q,
		rig->now), 0);
	(void)rig_drain(a);
}

static unsigned number_of(const char *begin)
{
	unsigned n = 0;

	sscanf(strstr(rig_packet(rig, a, begin)->text, "CSeq:"), "CSeq: %u",
	       &n);
	return n;
}

/* 12.2.2: the peer takes no number below one that it has seen, so nothing of a
 * dialog goes out while it may overtake what is under way. */
START_TEST(requests_of_a_dialog_take_turns)
{
	up(RIG_OFFER);
	rig->drop = drop_all;
	send_info();
	ck_assert_uint_eq(rig_sent(rig, a, "INFO"), 1);
	ck_assert_int_eq(rig_reinvite(a, RIG_OFFER), 0);
	ck_assert_int_eq(rig_hangup(a), 0);
	ck_assert_uint_eq(rig_sent(rig, a, "INVITE"), 1); /* the first */
	ck_assert_uint_eq(rig_sent(rig, a, "BYE"), 0);
	rig_reply(rig, a, rig_packet(rig, a, "INFO"), "100 Trying", "", "");
	ck_assert_uint_eq(rig_sent(rig, a, "BYE"), 1);
	ck_assert_uint_eq(number_of("BYE"), number_of("INFO") + 1);
	/* What nobody wants any more was not sent at all. */
	ck_assert_uint_eq(rig_sent(rig, a, "INVITE"), 1);
	rig_reply(rig, a, rig_packet(rig, a, "BYE"), "200 OK", "", "");
	ck_ended(a, SIP_END_LOCAL, 200, "OK");
	sip_exchange_forget(&info, a->core, rig->now);
	end();
}
END_TEST

/* What holds the others up is given up, or is silent for 64*T1: they go. */
START_TEST(a_turn_comes_when_the_one_before_is_over)
{
	for (unsigned forgotten = 0; forgotten < 2; forgotten++) {
		up(RIG_OFFER);
		rig->drop = drop_all;
		send_info();
		ck_assert_int_eq(rig_reinvite(a, RIG_OFFER), 0);
		ck_assert_uint_eq(rig_sent(rig, a, "INVITE"), 1);
		if (forgotten)
			sip_exchange_forget(&info, a->core, rig->now);
		else
			rig_wait(rig, SEC(32));
		(void)rig_drain(a);
		ck_assert_uint_ge(rig_sent(rig, a, "INVITE"), 2);
		ck_assert_uint_eq(number_of("INVITE"), number_of("INFO") + 1);
		end();
	}
}
END_TEST

START_TEST(a_bye_waits_for_no_invite)
{
	up(RIG_OFFER);
	rig->drop = drop_all;
	ck_assert_int_eq(rig_reinvite(a, RIG_OFFER), 0);
	ck_assert_uint_eq(rig_sent(rig, a, "INVITE"), 2);
	send_info();
	ck_assert_uint_eq(rig_sent(rig, a, "INFO"), 0);
	ck_assert_int_eq(rig_hangup(a), 0);
	ck_assert_uint_eq(rig_sent(rig, a, "BYE"), 1);
	sip_exchange_forget(&info, a->core, rig->now);
	end();
}
END_TEST

/* The peer's change comes before ours is written. */
START_TEST(a_change_that_is_not_written_yields)
{
	up(RIG_OFFER);
	a->accept = 1;
	a->composes = true;
	ck_assert_int_eq(rig_reinvite(a, RIG_OFFER), 0);
	ck_assert(rig_last(a, SIP_SESSION_COMPOSE));
	ck_assert_int_eq(rig_reinvite(a, RIG_OFFER), -EAGAIN);
	ck_assert_int_eq(rig_reinvite(b, RIG_OFFER), 0);
	rig_run(rig);
	ck_assert_uint_eq(rig_last(b, SIP_SESSION_CHANGED)->e.status, 200);
	ck_assert_int_eq(sip_session_compose(a->calls, a->call, S(""),
					     RIG_OFFER, NULL, rig->now),
			 -EINVAL);
	ck_assert_uint_eq(rig_sent(rig, a, "INVITE"), 1);
	end();
}
END_TEST

/* It comes to nothing, and to no peer. */
START_TEST(a_change_that_is_not_written_can_be_taken_back)
{
	up(RIG_OFFER);
	a->composes = true;
	ck_assert_int_eq(rig_reinvite(a, RIG_OFFER), 0);
	ck_assert_int_eq(sip_session_withdraw(a->calls, a->call, rig->now), 0);
	rig_run(rig);
	ck_assert_uint_eq(rig_last(a, SIP_SESSION_CHANGED)->e.status, 487);
	ck_assert(!rig_last(a, SIP_SESSION_ENDED));
	ck_assert_uint_eq(rig_sent(rig, a, "INVITE"), 1);
	a->composes = false;
	ck_assert_int_eq(rig_reinvite(a, RIG_OFFER), 0);
	rig_run(rig);
	ck_assert_uint_eq(rig_last(a, SIP_SESSION_CHANGED)->e.status, 200);
	end();
}
END_TEST

/* RFC 3261 13.2.1: offer in the 2xx, answer in the ACK. */
START_TEST(an_offerless_invite_is_offered_by_its_200)
{
	up((struct slice){ 0 });
	ck_assert_int_eq((int)rig_last(b, SIP_SESSION_INCOMING)->e.role,
			 (int)SIP_OA_NONE);
	ck_assert_int_eq((int)rig_last(a, SIP_SESSION_ANSWERED)->e.role,
			 (int)SIP_OA_OFFER);
	ck_assert_int_eq((int)rig_last(b, SIP_SESSION_ACKED)->e.role,
			 (int)SIP_OA_ANSWER);
	ck_slice_eq(rig_last(b, SIP_SESSION_ACKED)->e.body,
		    "v=0\r\no=answer\r\n");
	rig_hangup(a);
	end();
}
END_TEST

START_TEST(a_preview_comes_with_183)
{
	begin();
	b->ring = b->accept = 0;
	ck_assert_int_eq(rig_invite(rig, RIG_OFFER), 0);
	ck_assert_int_eq(sip_session_ring(b->calls, b->call, 183, RIG_ANSWER,
					  NULL, rig->now), 0);
	rig_run(rig);
	ck_assert_int_eq((int)rig_last(a, SIP_SESSION_PROGRESS)->e.role,
			 (int)SIP_OA_PREVIEW);
	ck_assert_uint_eq(rig_last(a, SIP_SESSION_PROGRESS)->e.leg, 1);
	/* 13.3.1.1: said again every minute. */
	rig_wait(rig, SEC(130));
	ck_assert_uint_eq(rig_sent(rig, b, "SIP/2.0 183"), 3);
	ck_assert_int_eq(sip_session_accept(b->calls, b->call, RIG_ANSWER,
					    NULL, rig->now), 0);
	rig_run(rig);
	ck_assert_int_eq((int)rig_last(a, SIP_SESSION_ANSWERED)->e.role,
			 (int)SIP_OA_ANSWER);
	end();
}
END_TEST

START_TEST(actions_that_do_not_fit_change_nothing)
{
	struct slice none = { 0 };

	begin();
	b->ring = b->accept = 0;
	ck_assert_int_eq(rig_invite(rig, RIG_OFFER), 0);
	ck_assert_int_eq(sip_session_accept(b->calls, b->call, none, NULL,
					    rig->now), -EINVAL);
	ck_assert_int_eq(sip_session_reject(b->calls, b->call, 200, none, NULL,
					    rig->now), -EINVAL);
	ck_assert_int_eq(sip_session_ring(b->calls, b->call, 100, none, NULL,
					  rig->now), -EINVAL);
	ck_assert_int_eq(rig_reinvite(b, RIG_OFFER), -EINVAL);
	ck_assert_int_eq(sip_session_ack(a->calls, a->call, RIG_ANSWER,
					 rig->now), -EINVAL);
	ck_assert_int_eq(sip_session_accept(a->calls, a->call, RIG_ANSWER,
					    NULL, rig->now), -EINVAL);
	ck_assert_int_eq(sip_session_accept(b->calls, b->call + 1, RIG_ANSWER,
					    NULL, rig->now), -ENOENT);
	ck_assert_int_eq(sip_session_accept(b->calls, b->call, RIG_ANSWER,
					    NULL, rig->now), 0);
	rig_run(rig);
	ck_assert(rig_last(a, SIP_SESSION_ANSWERED));
	end();
}
END_TEST

START_TEST(busy_ends_both_sides_with_its_code)
{
	begin();
	b->accept = b->ring = 0;
	b->reject = 486;
	ck_assert_int_eq(rig_invite(rig, RIG_OFFER), 0);
	rig_run(rig);
	ck_ended(a, SIP_END_REFUSED, 486, "Busy Here");
	ck_ended(b, SIP_END_LOCAL, 486, "Busy Here");
	rig_wait(rig, SEC(40));
	ck_assert_uint_eq(rig_sent(rig, a, "ACK "), 1);
	end();
}
END_TEST

static struct slice redirect_to;

static void see_redirect(struct rig_ua *ua, const struct sip_session_event *e)
{
	static char text[64];
	struct sip_values v;
	struct slice value;

	(void)ua;
	if (e->kind != SIP_SESSION_ENDED)
		return;
	v = sip_values_begin(e->msg, SIP_HDR_CONTACT);
	ck_assert(sip_values_next(&v, &value) && value.n < sizeof(text));
	memcpy(text, value.p, value.n);
	redirect_to = slice_of(text, value.n);
}

START_TEST(a_redirect_brings_its_contacts)
{
	struct sip_msg extra;

	begin();
	b->accept = b->ring = 0;
	a->user = see_redirect;
	ck_assert_int_eq(rig_invite(rig, RIG_OFFER), 0);
	sip_msg_response(&extra, 302, S(""));
	ck_assert_int_eq(sip_msg_add(&extra, SIP_HDR_CONTACT,
				     S("<sip:carol@chicago.example>")), 0);
	ck_assert_int_eq(sip_session_reject(b->calls, b->call, 302, S(""),
					    &extra, rig->now), 0);
	rig_run(rig);
	ck_ended(a, SIP_END_REFUSED, 302, "Moved Temporarily");
	ck_slice_eq(redirect_to, "<sip:carol@chicago.example>");
	end();
}
END_TEST

START_TEST(cancel_while_ringing)
{
	begin();
	b->accept = 0;
	ck_assert_int_eq(rig_invite(rig, RIG_OFFER), 0);
	ck_assert_int_eq(rig_hangup(a), 0);
	rig_run(rig);
	ck_assert_uint_eq(rig_sent(rig, a, "CANCEL "), 1);
	ck_assert_uint_eq(rig_sent(rig, b, "SIP/2.0 487"), 1);
	ck_ended(a, SIP_END_CANCELLED, 487, "Request Terminated");
	ck_ended(b, SIP_END_CANCELLED, 487, "Request Terminated");
	end();
}
END_TEST

/* 9.1: no CANCEL before a provisional response. */
START_TEST(cancel_waits_for_a_provisional_response)
{
	begin();
	b->accept = b->ring = 0;
	ck_assert_int_eq(rig_invite(rig, RIG_OFFER), 0);
	ck_assert_int_eq(rig_hangup(a), 0);
	ck_assert_uint_eq(rig_sent(rig, a, "CANCEL "), 0);
	rig_wait(rig, MS(300)); /* b's 100 goes out at 200 ms */
	ck_assert_uint_eq(rig_sent(rig, a, "CANCEL "), 1);
	ck_ended(a, SIP_END_CANCELLED, 487, "Request Terminated");
	end();
}
END_TEST

/* 9.1, 15: a 2xx that crosses the CANCEL is acknowledged, then ended. */
START_TEST(a_200_that_crosses_the_cancel_is_acked_and_ended)
{
	begin();
	b->accept = 0;
	ck_assert_int_eq(rig_invite(rig, RIG_OFFER), 0);
	ck_assert_int_eq(sip_session_accept(b->calls, b->call, RIG_ANSWER,
					    NULL, rig->now), 0);
	ck_assert_int_eq(sip_session_hangup(a->calls, a->call, NULL,
					    rig->now), 0);
	rig_run(rig);
	rig_run(rig);
	ck_assert_uint_eq(rig_sent(rig, a, "ACK "), 1);
	ck_assert_uint_eq(rig_sent(rig, a, "BYE "), 1);
	ck_ended(a, SIP_END_CANCELLED, 487, "Request Terminated");
	ck_ended(b, SIP_END_REMOTE, 200, "OK");
	end();
}
END_TEST

START_TEST(nobody_there_ends_after_32_s)
{
	struct sip_call call = rig_call(RIG_OFFER);

	begin();
	call.target = S("sip:nobody@192.0.2.9");
	ck_assert_int_eq(sip_session_invite(a->calls, &call, rig->now,
					    &a->call), 0);
	rig_wait(rig, SEC(31));
	ck_assert(!rig_last(a, SIP_SESSION_ENDED));
	rig_wait(rig, SEC(2));
	ck_ended(a, SIP_END_FAILED, 408, "Request Timeout");
	end();
}
END_TEST

START_TEST(unknown_host_ends_with_a_reason)
{
	struct sip_call call = rig_call(RIG_OFFER);

	begin();
	call.target = S("sip:nobody@nowhere.example");
	ck_assert_int_eq(sip_session_invite(a->calls, &call, rig->now,
					    &a->call), 0);
	rig_run(rig);
	ck_ended(a, SIP_END_FAILED, 503, "its host was not found");
	call.target = S("http://nowhere.example");
	ck_assert_int_eq(sip_session_invite(a->calls, &call, rig->now,
					    &a->call), -EINVAL);
	call = rig_call(RIG_OFFER);
	call.from = S("Alice <sip:");
	ck_assert_int_eq(sip_session_invite(a->calls, &call, rig->now,
					    &a->call), -EINVAL);
	end();
}
END_TEST

/* 13.2.1, 13.3.1: both sides let go after Expires. */
START_TEST(an_invitation_expires)
{
	struct sip_call call = rig_call(RIG_OFFER);

	begin();
	b->accept = 0;
	call.expires = 20;
	ck_assert_int_eq(sip_session_invite(a->calls, &call, rig->now,
					    &a->call), 0);
	rig_wait(rig, SEC(19));
	ck_assert(strstr(rig_packet(rig, a, "INVITE")->text,
			 "\r\nExpires: 20\r\n"));
	ck_assert(!rig_last(a, SIP_SESSION_ENDED));
	rig_wait(rig, SEC(2));
	ck_ended(a, SIP_END_EXPIRED, 408, "No answer in time");
	ck_assert_uint_eq(rig_count(b, SIP_SESSION_ENDED), 1);
	end();
}
END_TEST

START_TEST(a_callee_of_a_lost_caller_gives_up_at_expires)
{
	struct sip_call call = rig_call(RIG_OFFER);

	begin();
	b->accept = 0;
	call.expires = 20;
	ck_assert_int_eq(sip_session_invite(a->calls, &call, rig->now,
					    &a->call), 0);
	rig_run(rig);
	sip_sessions_free(a->calls);
	a->calls = NULL;
	rig_wait(rig, SEC(21));
	ck_assert_uint_eq(rig_count(b, SIP_SESSION_ENDED), 1);
	end();
}
END_TEST

static bool drop_acks(const struct rig *r, const struct rig_packet *p)
{
	(void)r;
	return slice_starts(slice_str(p->text), "ACK ");
}

/* 13.3.1.4: 2xx at 0, then gaps of 0.5 1 2 4 4 4 ... s; BYE at 64*T1. */
START_TEST(a_200_without_ack_is_repeated_then_the_call_ends)
{
	begin();
	rig->drop = drop_acks;
	ck_assert_int_eq(rig_invite(rig, RIG_OFFER), 0);
	rig_wait(rig, MS(3600));
	ck_assert_uint_eq(rig_sent(rig, b, "SIP/2.0 200"), 4);
	ck_assert_uint_eq(rig_sent(rig, a, "ACK "), 4);
	rig_wait(rig, MS(28300));
	ck_assert_uint_eq(rig_sent(rig, b, "SIP/2.0 200"), 11);
	ck_assert_uint_eq(rig_sent(rig, b, "BYE "), 0);
	rig_wait(rig, MS(200));
	ck_assert_uint_eq(rig_sent(rig, b, "BYE "), 1);
	ck_ended(b, SIP_END_FAILED, 408, "No ACK");
	ck_ended(a, SIP_END_REMOTE, 200, "OK");
	ck_assert_uint_eq(rig_count(a, SIP_SESSION_ANSWERED), 1);
	end();
}
END_TEST

/* 15: no BYE from the callee before the ACK. */
START_TEST(a_callee_hangs_up_after_the_ack)
{
	begin();
	rig->drop = drop_acks;
	ck_assert_int_eq(rig_invite(rig, RIG_OFFER), 0);
	ck_assert_int_eq(rig_hangup(b), 0);
	rig_wait(rig, MS(100));
	ck_assert_uint_eq(rig_sent(rig, b, "BYE "), 0);
	rig->drop = NULL;
	rig_wait(rig, MS(500));
	ck_assert_uint_eq(rig_sent(rig, b, "BYE "), 1);
	ck_ended(b, SIP_END_LOCAL, 200, "OK");
	end();
}
END_TEST

START_TEST(byes_may_cross)
{
	up(RIG_OFFER);
	ck_assert_int_eq(sip_session_hangup(a->calls, a->call, NULL, rig->now),
			 0);
	ck_assert_int_eq(sip_session_hangup(b->calls, b->call, NULL, rig->now),
			 0);
	rig_run(rig);
	rig_run(rig);
	ck_ended(a, SIP_END_LOCAL, 200, "OK");
	ck_ended(b, SIP_END_LOCAL, 200, "OK");
	end();
}
END_TEST

/* 15.1.1: without any answer the call is over all the same. */
START_TEST(a_bye_that_nobody_answers_ends_the_call_at_64_T1)
{
	up(RIG_OFFER);
	rig->drop = drop_all;
	ck_assert_int_eq(rig_hangup(a), 0);
	rig_wait(rig, SEC(33));
	ck_ended(a, SIP_END_LOCAL, 200, "OK");
	end();
}
END_TEST

/* ------------------------------------------------------------- forking */
static const char contact2[] = "Contact: <sip:two@192.0.2.92>\r\n";
static const char sdp2[] =
	"Contact: <sip:two@192.0.2.92>\r\nContent-Type: application/sdp\r\n"
	"Content-Length: 14\r\n\r\nv=0\r\no=two\r\n\r\n";

static const struct rig_packet *fork_begin(void)
{
	struct sip_call call = rig_call(RIG_OFFER);

	begin();
	call.target = S("sip:fork@192.0.2.9");
	ck_assert_int_eq(sip_session_invite(a->calls, &call, rig->now,
					    &a->call), 0);
	rig_run(rig);
	return rig_packet(rig, a, "INVITE");
}

START_TEST(the_first_2xx_of_a_fork_wins)
{
	struct rig_packet invite = *fork_begin();
	const struct rig_packet *p;

	rig_reply(rig, a, &invite, "180 Ringing", ";tag=one",
		  "Contact: <sip:one@192.0.2.91>\r\n");
	rig_reply(rig, a, &invite, "183 Session Progress", ";tag=two", sdp2);
	ck_assert_uint_eq(rig_last(a, SIP_SESSION_PROGRESS)->e.leg, 2);
	ck_assert_int_eq((int)rig_last(a, SIP_SESSION_PROGRESS)->e.role,
			 (int)SIP_OA_PREVIEW);
	rig_reply(rig, a, &invite, "200 OK", ";tag=two", sdp2);
	ck_assert_uint_eq(rig_last(a, SIP_SESSION_ANSWERED)->e.leg, 2);
	ck_assert_uint_eq(rig_last(a, SIP_SESSION_LEG_GONE)->e.leg, 1);
	p = rig_packet(rig, a, "ACK ");
	ck_assert(strstr(p->text, "ACK sip:two@192.0.2.92 "));
	ck_assert(strstr(p->text, ";tag=two\r\n"));
	/* The other answers as well: ACK, then BYE, on its own dialog. */
	rig_reply(rig, a, &invite, "200 OK", ";tag=one",
		  "Contact: <sip:one@192.0.2.91>\r\n");
	ck_assert(strstr(rig_packet(rig, a, "ACK ")->text, ";tag=one\r\n"));
	p = rig_packet(rig, a, "BYE ");
	ck_assert(strstr(p->text, "BYE sip:one@192.0.2.91 "));
	ck_assert(strstr(p->text, ";tag=one\r\n"));
	rig_reply(rig, a, p, "200 OK", "", "");
	ck_assert(!rig_last(a, SIP_SESSION_ENDED));
	/* The winner's 2xx again: its ACK again. */
	rig_reply(rig, a, &invite, "200 OK", ";tag=two", sdp2);
	ck_assert_uint_eq(rig_sent(rig, a, "ACK sip:two@"), 2);
	ck_assert_uint_eq(rig_count(a, SIP_SESSION_ANSWERED), 1);
	ck_assert_uint_eq(rig_sent(rig, a, "BYE "), 1);
	end();
}
END_TEST

START_TEST(failure_ends_all_early_dialogs)
{
	struct rig_packet invite = *fork_begin();

	rig_reply(rig, a, &invite, "180 Ringing", ";tag=one", contact2);
	rig_reply(rig, a, &invite, "180 Ringing", ";tag=two", contact2);
	rig_reply(rig, a, &invite, "180 Ringing", ";tag=two", contact2);
	rig_reply(rig, a, &invite, "603 No Thanks", ";tag=x", "");
	ck_assert_uint_eq(rig_count(a, SIP_SESSION_LEG_GONE), 2);
	ck_ended(a, SIP_END_REFUSED, 603, "No Thanks");
	end();
}
END_TEST

START_TEST(early_dialogs_are_limited_answers_are_not)
{
	struct rig_packet invite = *fork_begin();
	char tag[32];

	for (unsigned i = 0; i < 2 * limits_default.forks; i++) {
		snprintf(tag, sizeof(tag), ";tag=t%u", i);
		rig_reply(rig, a, &invite, "180 Ringing", tag, contact2);
	}
	ck_assert_uint_eq(rig_last(a, SIP_SESSION_PROGRESS)->e.leg, 0);
	rig_reply(rig, a, &invite, "200 OK", ";tag=last", sdp2);
	ck_assert(rig_last(a, SIP_SESSION_ANSWERED));
	ck_assert_uint_eq(rig_count(a, SIP_SESSION_LEG_GONE),
			  limits_default.forks);
	end();
}
END_TEST

START_TEST(a_200_without_description_is_acked_and_ended)
{
	struct rig_packet invite = *fork_begin();

	rig_reply(rig, a, &invite, "200 OK", ";tag=one", contact2);
	ck_assert_uint_eq(rig_sent(rig, a, "ACK "), 1);
	rig_reply(rig, a, rig_packet(rig, a, "BYE "), "200 OK", "", "");
	ck_ended(a, SIP_END_FAILED, 488,
		 "The 2xx had no session description");
	end();
}
END_TEST

/* 12.1.2 wants a SIP URI there; the ACK goes all the same, to where the INVITE
 * went. */
static void acked_with(const char *fields)
{
	struct rig_packet invite = *fork_begin();
	char more[256], ack[160], line[128];

	snprintf(more, sizeof(more), "%s\r\nContent-Type: application/sdp\r\n"
		 "Content-Length: 15\r\n\r\nv=0\r\no=answer\r\n", fields);
	rig_reply(rig, a, &invite, "200 OK", ";tag=one", more);
	ck_assert(rig_last(a, SIP_SESSION_ANSWERED));
	ck_assert_int_eq(sscanf(invite.text, "INVITE %120s", line), 1);
	snprintf(ack, sizeof(ack), "ACK %s ", line);
	ck_assert_uint_eq(rig_sent(rig, a, ack), 1);
	end();
}

START_TEST(a_200_with_a_contact_of_no_use_is_acked)
{
	acked_with("Contact: <tel:+15551212>");
	acked_with("Contact:");
	acked_with("Contact: *");
	acked_with("Contact: <sip:a b@192.0.2.91>");
	acked_with("Record-Route: <>");
}
END_TEST

START_TEST(a_refusal_is_one_whatever_its_contact)
{
	struct rig_packet invite = *fork_begin();

	rig_reply(rig, a, &invite, "486 Busy Here", ";tag=one",
		  "Contact:\r\nRecord-Route: <>\r\n");
	ck_assert_uint_eq(rig_sent(rig, a, "ACK "), 1);
	ck_ended(a, SIP_END_REFUSED, 486, "Busy Here");
	end();
}
END_TEST

START_TEST(three_silent_minutes_end_the_attempt)
{
	struct rig_packet invite = *fork_begin();

	rig_reply(rig, a, &invite, "180 Ringing", ";tag=one", contact2);
	rig_wait(rig, SEC(179));
	ck_assert_uint_eq(rig_sent(rig, a, "CANCEL "), 0);
	rig_wait(rig, SEC(2));
	ck_assert(rig_sent(rig, a, "CANCEL ") > 0);
	rig_wait(rig, SEC(33)); /* 9.1: 64*T1 */
	ck_ended(a, SIP_END_FAILED, 408, "No response for 3 minutes");
	end();
}
END_TEST

/* ------------------------------------------------------------ re-INVITE */
START_TEST(either_side_may_change_the_session)
{
	up(RIG_OFFER);
	a->accept = 1;
	for (unsigned i = 0; i < 6; i++) {
		struct rig_ua *one = i & 1 ? b : a, *two = i & 1 ? a : b;
		unsigned acked = rig_count(two, SIP_SESSION_ACKED);

		ck_assert_int_eq(rig_reinvite(one, i & 2 ?
					      (struct slice){ 0 } : RIG_OFFER),
				 0);
		ck_assert_int_eq(rig_reinvite(one, RIG_OFFER), -EAGAIN);
		rig_run(rig);
		ck_assert_uint_eq(rig_last(one, SIP_SESSION_CHANGED)->e.status,
				  200);
		ck_assert_uint_eq(rig_count(two, SIP_SESSION_ACKED),
				  acked + 1);
	}
	rig_hangup(a);
	ck_ended(a, SIP_END_LOCAL, 200, "OK");
	end();
}
END_TEST

/* 14.1: 2.1..4 s for who made the Call-ID, 0..2 s for the other. */
START_TEST(glare_is_491_for_both_and_told_when_to_retry)
{
	mono begun;

	up(RIG_OFFER);
	a->accept = 1;
	begun = rig->now.m;
	ck_assert_int_eq(rig_reinvite(a, RIG_OFFER), 0);
	ck_assert_int_eq(rig_reinvite(b, RIG_OFFER), 0);
	rig_run(rig);
	ck_assert_uint_eq(rig_sent(rig, a, "SIP/2.0 491"), 1);
	ck_assert_uint_eq(rig_sent(rig, b, "SIP/2.0 491"), 1);
	ck_assert(!rig_last(a, SIP_SESSION_CHANGED));
	while (!rig_last(b, SIP_SESSION_RETRY))
		rig_wait(rig, MS(10));
	ck_assert_int_le(rig->now.m, begun + MS(2010));
	ck_assert(!rig_last(a, SIP_SESSION_RETRY));
	ck_assert_int_eq(rig_reinvite(b, RIG_OFFER), 0);
	rig_run(rig);
	ck_assert_uint_eq(rig_last(b, SIP_SESSION_CHANGED)->e.status, 200);
	while (!rig_last(a, SIP_SESSION_RETRY))
		rig_wait(rig, MS(10));
	ck_assert_int_ge(rig->now.m, begun + MS(2100));
	ck_assert_int_le(rig->now.m, begun + MS(4010));
	end();
}
END_TEST

/* 14.2 lets a UAS say Retry-After: 0, which must not make a loop. */
START_TEST(retry_after_0_is_not_at_once)
{
	struct rig_packet p;

	up(RIG_OFFER);
	b->user = NULL;
	ck_assert_int_eq(rig_reinvite(a, RIG_OFFER), 0);
	rig_run(rig);
	p = *rig_packet(rig, a, "INVITE");
	rig_reply(rig, a, &p, "500 Busy", "", "Retry-After: 0\r\n");
	rig_wait(rig, MS(499));
	ck_assert(!rig_last(a, SIP_SESSION_RETRY));
	rig_wait(rig, MS(2));
	ck_assert(rig_last(a, SIP_SESSION_RETRY));
	end();
}
END_TEST

START_TEST(a_refused_change_leaves_the_call_up)
{
	up(RIG_OFFER);
	b->reject = 488;
	ck_assert_int_eq(rig_reinvite(a, RIG_OFFER), 0);
	rig_run(rig);
	ck_assert_uint_eq(rig_last(a, SIP_SESSION_CHANGED)->e.status, 488);
	ck_slice_eq(rig_last(a, SIP_SESSION_CHANGED)->e.reason,
		    "Not Acceptable Here");
	ck_assert(!rig_last(a, SIP_SESSION_ENDED));
	b->reject = 0;
	ck_assert_int_eq(rig_reinvite(a, RIG_OFFER), 0);
	rig_run(rig);
	ck_assert_uint_eq(rig_last(a, SIP_SESSION_CHANGED)->e.status, 200);
	end();
}
END_TEST

/* 12.2.1.2: the peer knows nothing of it any more. */
START_TEST(a_change_answered_481_ends_the_call)
{
	up(RIG_OFFER);
	sip_sessions_free(b->calls);
	b->calls = NULL;
	ck_assert_int_eq(sip_sessions_new(&b->mem, &b->users, &limits_default,
					  S(""), rig->now, &b->calls), 0);
	ck_assert_int_eq(rig_reinvite(a, RIG_OFFER), 0);
	rig_wait(rig, SEC(1));
	ck_assert_uint_eq(rig_sent(rig, a, "BYE "), 1);
	ck_ended(a, SIP_END_FAILED, 481, "Call/Transaction Does Not Exist");
	end();
}
END_TEST

START_TEST(a_proposal_can_be_taken_back)
{
	up(RIG_OFFER);
	b->accept = 0;
	ck_assert_int_eq(rig_reinvite(a, RIG_OFFER), 0);
	rig_wait(rig, MS(300));
	ck_assert(rig_last(b, SIP_SESSION_OFFER));
	ck_assert_int_eq(sip_session_withdraw(a->calls, a->call, rig->now), 0);
	rig_run(rig);
	ck_assert(rig_last(b, SIP_SESSION_WITHDRAWN));
	ck_assert_uint_eq(rig_last(a, SIP_SESSION_CHANGED)->e.status, 487);
	ck_assert(!rig_last(a, SIP_SESSION_ENDED));
	ck_assert_int_eq(sip_session_withdraw(a->calls, a->call, rig->now),
			 -EINVAL);
	rig_hangup(b);
	ck_ended(a, SIP_END_REMOTE, 200, "OK");
	end();
}
END_TEST

START_TEST(bye_ends_a_pending_change_with_487)
{
	up(RIG_OFFER);
	b->accept = 0;
	ck_assert_int_eq(rig_reinvite(a, RIG_OFFER), 0);
	rig_run(rig);
	rig_hangup(a);
	ck_assert_uint_eq(rig_sent(rig, b, "SIP/2.0 487"), 1);
	ck_ended(a, SIP_END_LOCAL, 200, "OK");
	ck_ended(b, SIP_END_REMOTE, 200, "OK");
	end();
}
END_TEST

/* ------------------------------------------------------------- challenges */
#define CHALLENGED(nonce) "WWW-Authenticate: Digest " \
	"realm=\"biloxi.example\", nonce=\"" nonce "\"\r\n"

static int authorized;

static void authorize(struct rig_ua *ua, const struct sip_session_event *ev)
{
	static const struct sip_secret secret = {
		.realm = SLICE("biloxi.example"), .user = SLICE("alice"),
		.password = SLICE("secret"),
	};

	if (ev->kind == SIP_SESSION_CHALLENGE)
		authorized = sip_session_authorize(ua->calls, ev->session,
						   &secret, 1, ua->rig->now);
}

/* MD5 by Python's hashlib, no qop: INVITE and BYE with these URIs. */
START_TEST(challenges_to_invite_and_bye_are_answered)
{
	struct rig_packet invite = *fork_begin();
	const struct rig_packet *p;
	unsigned one, two;

	a->user = authorize;
	rig_reply(rig, a, &invite, "180 Ringing", ";tag=zero", contact2);
	rig_reply(rig, a, &invite, "401 Unauthorized", ";tag=p",
		  CHALLENGED("abc"));
	ck_assert_int_eq(authorized, 1); /* it has no qop */
	ck_assert_uint_eq(rig_count(a, SIP_SESSION_LEG_GONE), 1);
	p = rig_packet(rig, a, "INVITE");
	ck_assert_uint_eq(rig_sent(rig, a, "INVITE"), 2);
	ck_assert(strstr(p->text,
			 "response=\"e8f2c102d6c11678d9e1d94df6d091e2\""));
	ck_assert(strstr(p->text, "\r\n\r\nv=0\r\no=offer\r\n"));
	sscanf(strstr(invite.text, "CSeq:"), "CSeq: %u", &one);
	sscanf(strstr(p->text, "CSeq:"), "CSeq: %u", &two);
	ck_assert_uint_eq(two, one + 1); /* 22.2 */
	invite = *p;
	rig_reply(rig, a, &invite, "200 OK", ";tag=two", sdp2);
	p = rig_packet(rig, a, "ACK sip:two@"); /* 22.1: as its INVITE's */
	ck_assert(strstr(p->text,
			 "response=\"e8f2c102d6c11678d9e1d94df6d091e2\""));
	ck_assert_int_eq(rig_hangup(a), 0);
	rig_reply(rig, a, rig_packet(rig, a, "BYE "), "401 Unauthorized", "",
		  CHALLENGED("def"));
	ck_assert_int_eq(authorized, 1); /* it has no qop */
	p = rig_packet(rig, a, "BYE ");
	ck_assert(strstr(p->text,
			 "response=\"2b59cdf27899d0039d8eaffbf36783b1\""));
	rig_reply(rig, a, p, "200 OK", "", "");
	ck_ended(a, SIP_END_LOCAL, 200, "OK");
	end();
}
END_TEST

START_TEST(credentials_that_are_refused_end_the_attempt)
{
	struct rig_packet invite = *fork_begin();

	a->user = authorize;
	rig_reply(rig, a, &invite, "401 Unauthorized", ";tag=p",
		  CHALLENGED("abc"));
	invite = *rig_packet(rig, a, "INVITE");
	rig_reply(rig, a, &invite, "401 Unauthorized", ";tag=p",
		  CHALLENGED("abc"));
	ck_assert_int_eq(authorized, -EACCES);
	ck_ended(a, SIP_END_REFUSED, 401, "Unauthorized");
	end();
}
END_TEST

START_TEST(a_challenge_that_nobody_answers_is_a_refusal)
{
	struct rig_packet invite = *fork_begin();

	rig_reply(rig, a, &invite, "407 Proxy Authentication Required",
		  ";tag=p", "Proxy-Authenticate: Digest realm=\"r\", "
		  "nonce=\"n\"\r\n");
	ck_assert_uint_eq(rig_count(a, SIP_SESSION_CHALLENGE), 1);
	ck_ended(a, SIP_END_REFUSED, 407, "Proxy Authentication Required");
	ck_assert_int_eq(sip_session_authorize(a->calls, a->call, NULL, 0,
					       rig->now), -ENOENT);
	end();
}
END_TEST

/* -------------------------------------------------- a peer by hand (callee) */
static const struct addr stranger = { .family = 4, .port = 5060,
				      .ip = { 192, 0, 2, 77 } };

#define REQ(method, branch, to_tag, cseq, more)                         \
	method " sip:bob@192.0.2.2 SIP/2.0\r\n"                         \
	"Via: SIP/2.0/UDP 192.0.2.77;branch=z9hG4bK" branch "\r\n"      \
	"Max-Forwards: 70\r\n"                                          \
	"From: <sip:x@y.example>;tag=xtag\r\n"                          \
	"To: <sip:bob@biloxi.example>" to_tag "\r\n"                    \
	"Call-ID: hand\r\nCSeq: " cseq " " method "\r\n"                \
	"Contact: <sip:x@192.0.2.77>\r\n" more

#define SDP "Content-Type: application/sdp\r\nContent-Length: 5\r\n\r\nv=0\r\n"

static void hand(const char *text)
{
	rig_send(rig, b, &stranger, text);
}

/* Sends with the To tag that b chose. */
static void hand_in(const char *before, const char *after)
{
	char text[RIG_TEXT], tag[64];
	const char *at = strstr(rig_packet(rig, b, "SIP/2.0 200")->text,
				"To: ");

	at = strstr(at, ";tag=");
	snprintf(tag, sizeof(tag), "%.*s", (int)strcspn(at, "\r"), at);
	snprintf(text, sizeof(text), "%s%s%s", before, tag, after);
	hand(text);
}

static void hand_up(void)
{
	begin();
	b->ring = 0;
	hand(REQ("INVITE", "1", "", "5", SDP));
	ck_assert(rig_last(b, SIP_SESSION_INCOMING));
}

#define IN_HEAD(method, branch)                                         \
	method " sip:bob@192.0.2.2 SIP/2.0\r\n"                         \
	"Via: SIP/2.0/UDP 192.0.2.77;branch=z9hG4bK" branch "\r\n"      \
	"Max-Forwards: 70\r\n"                                          \
	"From: <sip:x@y.example>;tag=xtag\r\n"                          \
	"To: <sip:bob@biloxi.example>"
#define IN_TAIL(method, cseq, more)                                     \
	"\r\nCall-ID: hand\r\nCSeq: " cseq " " method "\r\n"            \
	"Contact: <sip:x@192.0.2.77:5090>\r\n" more

START_TEST(cseq_out_of_order_is_500)
{
	hand_up();
	hand_in(IN_HEAD("ACK", "2"), IN_TAIL("ACK", "5", "\r\n"));
	ck_assert(rig_last(b, SIP_SESSION_ACKED));
	hand_in(IN_HEAD("BYE", "3"), IN_TAIL("BYE", "4", "\r\n"));
	ck_assert(rig_packet(rig, b, "SIP/2.0 500"));
	ck_assert(!rig_last(b, SIP_SESSION_ENDED));
	hand_in(IN_HEAD("BYE", "4"), IN_TAIL("BYE", "99", "\r\n"));
	ck_ended(b, SIP_END_REMOTE, 200, "OK");
	end();
}
END_TEST

static unsigned heard;

static void hear(struct sip_user *u, const struct sip_event *ev,
		 struct sip_shared *on, struct sip_usage *use,
		 struct instant now)
{
	ck_assert_int_eq((int)ev->method, SIP_OPTIONS);
	ck_assert(on && !use);
	sip_core_forget(u->all->core, ev->txn, now);
	heard++;
}

static void ignore(struct sip_user *u, const struct sip_event *ev,
		   struct instant now)
{
	(void)u;
	(void)ev;
	(void)now;
}

START_TEST(others_requests_are_judged_by_the_dialog)
{
	static const struct sip_user_ops ops = {
		.methods = SIP_METHOD_BIT(SIP_OPTIONS),
		.anywhere = SIP_METHOD_BIT(SIP_OPTIONS),
		.request = hear, .event = ignore,
	};
	struct sip_user u = { 0 };

	heard = 0;
	hand_up();
	ck_assert_int_eq(sip_users_add(&b->users, &u, &ops), 0);
	hand_in(IN_HEAD("ACK", "2"), IN_TAIL("ACK", "5", "\r\n"));
	hand_in(IN_HEAD("OPTIONS", "3"), IN_TAIL("OPTIONS", "7", "\r\n"));
	ck_assert_uint_eq(heard, 1);
	ck_assert_uint_eq(rig_sent(rig, b, "SIP/2.0 500"), 1); /* forgotten */
	hand_in(IN_HEAD("OPTIONS", "4"), IN_TAIL("OPTIONS", "6", "\r\n"));
	ck_assert_uint_eq(rig_sent(rig, b, "SIP/2.0 500"), 2);
	hand(REQ("OPTIONS", "5", ";tag=other", "8", "\r\n"));
	ck_assert_uint_eq(rig_sent(rig, b, "SIP/2.0 481"), 1);
	ck_assert_uint_eq(heard, 1);
	hand_in(IN_HEAD("BYE", "6"), IN_TAIL("BYE", "6", "\r\n"));
	ck_assert(!rig_last(b, SIP_SESSION_ENDED)); /* 7 was taken */
	hand_in(IN_HEAD("BYE", "7"), IN_TAIL("BYE", "8", "\r\n"));
	ck_ended(b, SIP_END_REMOTE, 200, "OK");
	end();
}
END_TEST

/* 14.2: 500 with Retry-After of 0..10 s. */
START_TEST(an_overlapping_invite_is_500_with_retry_after)
{
	const char *at;
	unsigned seconds = 99;

	hand_up();
	hand_in(IN_HEAD("ACK", "2"), IN_TAIL("ACK", "5", "\r\n"));
	b->accept = 0;
	hand_in(IN_HEAD("INVITE", "3"), IN_TAIL("INVITE", "6", SDP));
	hand_in(IN_HEAD("INVITE", "4"), IN_TAIL("INVITE", "7", SDP));
	ck_assert(rig_packet(rig, b, "SIP/2.0 500"));
	at = strstr(rig_packet(rig, b, "SIP/2.0 500")->text, "Retry-After: ");
	ck_assert(at && sscanf(at, "Retry-After: %u", &seconds) == 1);
	ck_assert_uint_le(seconds, 10);
	ck_assert_uint_eq(rig_count(b, SIP_SESSION_OFFER), 1);
	end();
}
END_TEST

START_TEST(target_refresh_counts_when_accepted)
{
	hand_up();
	hand_in(IN_HEAD("ACK", "2"), IN_TAIL("ACK", "5", "\r\n"));
	b->reject = 488;
	hand_in(IN_HEAD("INVITE", "3"), IN_TAIL("INVITE", "6", SDP));
	ck_slice_eq(sip_dialog_text(sip_session_dialog(b->calls, b->call),
				    SIP_DIALOG_TARGET), "sip:x@192.0.2.77");
	b->reject = 0;
	hand_in(IN_HEAD("INVITE", "4"), IN_TAIL("INVITE", "7", SDP));
	ck_slice_eq(sip_dialog_text(sip_session_dialog(b->calls, b->call),
				    SIP_DIALOG_TARGET),
		    "sip:x@192.0.2.77:5090");
	end();
}
END_TEST

START_TEST(a_new_invite_stands_for_a_lost_ack)
{
	hand_up();
	hand_in(IN_HEAD("INVITE", "3"), IN_TAIL("INVITE", "6", SDP));
	ck_assert_uint_eq(rig_count(b, SIP_SESSION_ACKED), 1);
	ck_assert_uint_eq(rig_count(b, SIP_SESSION_OFFER), 1);
	hand_in(IN_HEAD("ACK", "4"), IN_TAIL("ACK", "5", "\r\n"));
	ck_assert_uint_eq(rig_count(b, SIP_SESSION_ACKED), 1);
	hand_in(IN_HEAD("ACK", "5"), IN_TAIL("ACK", "6", "\r\n"));
	ck_assert_uint_eq(rig_count(b, SIP_SESSION_ACKED), 2);
	rig_wait(rig, SEC(70));
	ck_assert(!rig_last(b, SIP_SESSION_ENDED));
	end();
}
END_TEST

START_TEST(an_ack_without_the_answer_ends_the_call)
{
	begin();
	hand(REQ("INVITE", "1", "", "5", "\r\n"));
	hand_in(IN_HEAD("ACK", "2"), IN_TAIL("ACK", "5", "\r\n"));
	ck_assert_uint_eq(rig_sent(rig, b, "BYE "), 1);
	rig_wait(rig, SEC(33));
	ck_ended(b, SIP_END_FAILED, 488, "The ACK had no session description");
	end();
}
END_TEST

START_TEST(what_matches_no_dialog_is_481)
{
	begin();
	hand(REQ("BYE", "1", ";tag=other", "5", "\r\n"));
	ck_assert(rig_packet(rig, b, "SIP/2.0 481"));
	hand(REQ("BYE", "2", "", "5", "\r\n"));
	hand(REQ("INVITE", "3", ";tag=other", "5", SDP));
	ck_assert_uint_eq(rig_sent(rig, b, "SIP/2.0 481"), 3);
	ck_assert_uint_eq(b->n, 0);
	end();
}
END_TEST

START_TEST(unknown_extensions_and_bodies_are_refused)
{
	static const unsigned status[] = { 420, 415, 415, 406 };

	begin();
	hand(REQ("INVITE", "1", "", "5", "Require: 100rel, foo\r\n" SDP));
	ck_assert(strstr(rig_packet(rig, b, "SIP/2.0 420")->text,
			 "Unsupported: 100rel\r\nUnsupported: foo\r\n"));
	hand(REQ("INVITE", "2", "", "6", "Content-Type: text/plain\r\n"
		 "Content-Length: 2\r\n\r\nhi"));
	ck_assert(strstr(rig_packet(rig, b, "SIP/2.0 415")->text,
			 "\r\nAccept: application/sdp, multipart/mixed, "
			 "multipart/alternative\r\n"));
	hand(REQ("INVITE", "3", "", "7", "Content-Encoding: gzip\r\n" SDP));
	ck_assert(strstr(rig_packet(rig, b, "SIP/2.0 415")->text,
			 "\r\nAccept-Encoding: identity\r\n"));
	/* 20.1, 21.4.7: what the 200 would carry is not welcome */
	hand(REQ("INVITE", "3b", "", "9", "Accept: text/plain\r\n" SDP));
	ck_assert(rig_packet(rig, b, "SIP/2.0 406"));
	ck_assert_uint_eq(b->n, 4); /* each is told, and none is a session */
	for (size_t i = 0; i < 4; i++) {
		ck_assert_int_eq((int)b->ev[i].e.kind,
				 (int)SIP_SESSION_REFUSED);
		ck_assert_uint_eq(b->ev[i].e.status, status[i]);
	}
	hand(REQ("INVITE", "4", "", "8", "Accept: application/*;q=0.1\r\n"
		 "Content-Type: text/plain\r\n"
		 "Content-Disposition: render;handling=optional\r\n"
		 "Content-Length: 2\r\n\r\nhi"));
	ck_assert_int_eq((int)rig_last(b, SIP_SESSION_INCOMING)->e.role,
			 (int)SIP_OA_NONE);
	end();
}
END_TEST

/* 8.2.2.3 holds for each request but ACK and CANCEL. */
START_TEST(a_bye_that_requires_an_extension_ends_nothing)
{
	hand_up();
	hand_in(IN_HEAD("ACK", "2"), IN_TAIL("ACK", "5", "\r\n"));
	hand_in(IN_HEAD("BYE", "3"),
		IN_TAIL("BYE", "6", "Require: foo\r\n\r\n"));
	ck_assert(strstr(rig_packet(rig, b, "SIP/2.0 420")->text,
			 "\r\nUnsupported: foo\r\n"));
	ck_assert(!rig_last(b, SIP_SESSION_ENDED));
	hand_in(IN_HEAD("BYE", "4"), IN_TAIL("BYE", "7", "\r\n"));
	ck_ended(b, SIP_END_REMOTE, 200, "OK");
	end();
}
END_TEST

START_TEST(calls_wait_beside_each_other)
{
	up(RIG_OFFER);
	b->accept = 0;
	hand(REQ("INVITE", "1", "", "5", SDP));
	ck_assert_uint_eq(sip_sessions_count(b->calls), 2);
	ck_assert_uint_eq(rig_count(b, SIP_SESSION_INCOMING), 2);
	ck_assert_int_eq(rig_hangup(b), 0);
	ck_assert(rig_packet(rig, b, "SIP/2.0 603"));
	ck_assert_uint_eq(sip_sessions_count(b->calls), 1);
	end();
}
END_TEST

/* --------------------------------------------------------------- a bad wire */
static struct drbg dice;

static bool drop_30_percent(const struct rig *r, const struct rig_packet *p)
{
	(void)r;
	(void)p;
	return drbg_below(&dice, 100) < 30;
}

static void act(struct rig_ua *ua)
{
	struct slice offer = drbg_below(&dice, 2) ? RIG_OFFER :
			     (struct slice){ 0 };
	int rc = rig_reinvite(ua, offer);

	ck_assert(rc == 0 || rc == -EAGAIN || rc == -EINVAL || rc == -ENOENT);
}

/* Whatever is lost, both sides end, each once; an answer is told at most
 * once; nothing is left. */
START_TEST(both_sides_agree_under_loss)
{
	unsigned answered = 0;

	for (uint8_t seed = 0; seed < 100; seed++) {
		const uint8_t bytes[32] = { seed, 77 };

		drbg_init(&dice, bytes);
		begin();
		a->accept = 1;
		rig->drop = drop_30_percent;
		ck_assert_int_eq(rig_invite(rig, RIG_OFFER), 0);
		for (unsigned i = 0; i < 4; i++) {
			rig_wait(rig, MS(drbg_below(&dice, 4000)));
			act(drbg_below(&dice, 2) ? a : b);
			if (drbg_below(&dice, 2))
				act(drbg_below(&dice, 2) ? a : b);
		}
		rig_wait(rig, MS(drbg_below(&dice, 20000)));
		(void)rig_hangup(drbg_below(&dice, 2) && b->n ? b : a);
		rig_wait(rig, SEC(200));
		answered += rig_count(a, SIP_SESSION_ANSWERED);
		ck_assert_uint_le(rig_count(a, SIP_SESSION_ANSWERED), 1);
		ck_assert_uint_eq(rig_count(a, SIP_SESSION_ENDED), 1);
		ck_assert_uint_eq(rig_count(b, SIP_SESSION_ENDED),
				  rig_count(b, SIP_SESSION_INCOMING));
		ck_assert_uint_eq(sip_sessions_count(a->calls), 0);
		ck_assert_uint_eq(sip_sessions_count(b->calls), 0);
		end();
	}
	ck_assert_uint_gt(answered, 80);
}
END_TEST

/* ---------------------------------------------------------------- memory */
START_TEST(a_settled_call_is_small)
{
	size_t before_a, before_b;

	begin();
	before_a = a->mem.used;
	before_b = b->mem.used;
	for (unsigned i = 0; i < 100; i++)
		ck_assert_int_eq(rig_invite(rig, RIG_OFFER), 0);
	rig_wait(rig, SEC(40));
	/* Tables and room of the queue count once. */
	ck_assert_uint_le((a->mem.used - before_a) / 100, 1536);
	ck_assert_uint_le((b->mem.used - before_b) / 100, 1536);
	end();
}
END_TEST

/* Whatever allocation fails, every call that was begun ends, once. */
static bool survive(uint64_t n, bool caller, struct slice offer)
{
	bool through;
	struct rig_ua *ua;

	rig = rig_new(caller ? n : 0, true);
	if (!rig)
		return false;
	a = &rig->ua[0];
	b = &rig->ua[1];
	ua = caller ? a : b;
	if (!caller)
		b->mem.fail_at = b->mem.calls + n;
	a->user = b->user = rig_answer_user;
	a->accept = b->accept = 1;
	b->ring = 180;
	if (rig_invite(rig, offer) == 0) {
		rig_wait(rig, SEC(10));
		if (rig_reinvite(a, RIG_OFFER) == 0)
			rig_wait(rig, SEC(1));
		if (rig_reinvite(b, RIG_OFFER) == 0)
			rig_wait(rig, SEC(1));
		if (sip_session_hangup(a->calls, a->call, NULL, rig->now) == 0)
			rig_wait(rig, SEC(200));
		ck_assert_uint_eq(rig_count(a, SIP_SESSION_ENDED), 1);
		if (b->n)
			(void)rig_hangup(b);
		rig_wait(rig, SEC(400));
		ck_assert_uint_eq(rig_count(b, SIP_SESSION_ENDED),
				  rig_count(b, SIP_SESSION_INCOMING));
		ck_assert_uint_eq(sip_sessions_count(a->calls), 0);
		ck_assert_uint_eq(sip_sessions_count(b->calls), 0);
	}
	through = ua->mem.calls < ua->mem.fail_at;
	ck_assert_msg(rig_free(rig) == 0, "leak at allocation %u",
		      (unsigned)n);
	return through;
}

START_TEST(any_allocation_may_fail_in_a_call)
{
	for (int offer = 0; offer < 2; offer++)
		for (int caller = 0; caller < 2; caller++)
			for (uint64_t n = 1; !survive(n, caller, offer ?
				RIG_OFFER : (struct slice){ 0 }); n++)
				ck_assert_uint_lt(n, 1000);
}
END_TEST

SUITE(sip_session, a_call_is_six_messages, the_callee_may_hang_up_too,
      requests_of_a_dialog_take_turns,
      a_turn_comes_when_the_one_before_is_over, a_bye_waits_for_no_invite,
      a_change_that_is_not_written_yields,
      a_change_that_is_not_written_can_be_taken_back,
      an_offerless_invite_is_offered_by_its_200, a_preview_comes_with_183,
      actions_that_do_not_fit_change_nothing,
      busy_ends_both_sides_with_its_code, a_redirect_brings_its_contacts,
      cancel_while_ringing, cancel_waits_for_a_provisional_response,
      a_200_that_crosses_the_cancel_is_acked_and_ended,
      nobody_there_ends_after_32_s, unknown_host_ends_with_a_reason,
      an_invitation_expires, a_callee_of_a_lost_caller_gives_up_at_expires,
      a_200_without_ack_is_repeated_then_the_call_ends,
      a_callee_hangs_up_after_the_ack, byes_may_cross,
      a_bye_that_nobody_answers_ends_the_call_at_64_T1,
      the_first_2xx_of_a_fork_wins, failure_ends_all_early_dialogs,
      early_dialogs_are_limited_answers_are_not,
      a_200_without_description_is_acked_and_ended,
      a_200_with_a_contact_of_no_use_is_acked,
      a_refusal_is_one_whatever_its_contact,
      three_silent_minutes_end_the_attempt, either_side_may_change_the_session,
      glare_is_491_for_both_and_told_when_to_retry,
      retry_after_0_is_not_at_once,
      a_refused_change_leaves_the_call_up,
      a_change_answered_481_ends_the_call, a_proposal_can_be_taken_back,
      bye_ends_a_pending_change_with_487,
      challenges_to_invite_and_bye_are_answered,
      credentials_that_are_refused_end_the_attempt,
      a_challenge_that_nobody_answers_is_a_refusal, cseq_out_of_order_is_500,
      others_requests_are_judged_by_the_dialog,
      an_overlapping_invite_is_500_with_retry_after,
      target_refresh_counts_when_accepted, a_new_invite_stands_for_a_lost_ack,
      an_ack_without_the_answer_ends_the_call, what_matches_no_dialog_is_481,
      unknown_extensions_and_bodies_are_refused,
      a_bye_that_requires_an_extension_ends_nothing,
      calls_wait_beside_each_other,
      both_sides_agree_under_loss, a_settled_call_is_small,
      any_allocation_may_fail_in_a_call);
