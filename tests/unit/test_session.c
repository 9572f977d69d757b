/* SPDX-License-Identifier: BSD-2-Clause
 * Sessions from their first message to their last. */
#include "tests/unit/suites.h"

#include "tests/unit/agent_rig.h"

#define ck_has(text, part) \
	ck_assert_msg(strstr(text, part) != NULL, "no '%s' in:\n%s", part, text)

#define ANSWER "Contact: <sip:x@192.0.2.77>\r\n" AG_TYPE AG_SDP_HEAD AG_PCMU

static void done(struct ag_rig *w)
{
	ag_wait(w, SEC(100));
	ck_assert_uint_eq(ag_rig_free(w), 0);
}

static struct ag_rig *begin(void)
{
	struct ag_rig *w = ag_rig_new(0);

	ck_assert_ptr_nonnull(w);
	return w;
}

static const struct agent_out *end_of(const struct ag *g)
{
	const struct ag_event *e = ag_last(g, PARLEY_EV_ENDED);

	ck_assert_ptr_nonnull(e);
	return &e->o;
}

/* a calls the scripted peer; its INVITE. */
static const struct rig_packet *call_script(struct ag_rig *w)
{
	ck_assert_int_eq(ag_call_to(w, &w->a, "sip:x@192.0.2.77", NULL, 0), 0);
	return rig_packet(w->r, w->a.ua, "INVITE");
}

START_TEST(each_refusal_is_told_with_its_words)
{
	static const struct {
		const char *line;
		int code;
		const char *reason;
	} row[] = {
		{ "302 Moved", 302, "Moved" },
		{ "404 Not Found", 404, "Not Found" },
		{ "486 Busy Here", 486, "Busy Here" },
		{ "503 ", 503, "Service Unavailable" },
		{ "603 Nein, danke", 603, "Nein, danke" },
		{ "699 J\xC3\xB6rg", 699, "J\xC3\xB6rg" },
	};

	for (size_t i = 0; i < COUNT(row); i++) {
		struct ag_rig *w = begin();

		rig_reply(w->r, w->a.ua, call_script(w), row[i].line, ";tag=x",
			  "");
		ag_run(w);
		ck_assert_int_eq(end_of(&w->a)->code, row[i].code);
		ck_slice_eq(end_of(&w->a)->reason, row[i].reason);
		ck_assert_int_eq(end_of(&w->a)->end, PARLEY_FAILED);
		ck_assert(end_of(&w->a)->by_peer);
		ck_assert_uint_eq(w->a.open, 0);
		done(w);
	}
}
END_TEST

START_TEST(a_caller_who_changes_its_mind_cancels)
{
	struct ag_rig *w = begin();

	w->b.accept = false;
	w->b.ring = true;
	ck_assert_int_eq(ag_call(w), 0);
	ck_assert_int_eq(agent_end(w->a.agent, w->a.session, w->r->now), 0);
	ag_wait(w, SEC(1));
	ck_assert_int_eq(end_of(&w->a)->end, PARLEY_CANCELLED);
	ck_assert_int_eq(end_of(&w->b)->end, PARLEY_CANCELLED);
	ck_assert(!end_of(&w->a)->by_peer && end_of(&w->b)->by_peer);
	ck_assert_int_eq(end_of(&w->a)->code, 487);
	done(w);
}
END_TEST

START_TEST(a_callee_who_hangs_up_is_unavailable)
{
	struct ag_rig *w = begin();

	w->b.accept = false;
	ck_assert_int_eq(ag_call(w), 0);
	ck_assert_int_eq(agent_end(w->b.agent, w->b.session, w->r->now), 0);
	ag_wait(w, SEC(1));
	ck_assert_int_eq(end_of(&w->a)->code, 480);
	ck_assert_int_eq(end_of(&w->b)->end, PARLEY_FAILED);
	done(w);
}
END_TEST

START_TEST(a_callee_hangs_up_while_sockets_open)
{
	struct ag_rig *w = begin();

	w->b.late = true;
	ck_assert_int_eq(ag_call(w), 0);
	ag_poll(&w->b);
	ck_assert_uint_eq(w->b.waits, 1);
	ck_assert_int_eq(agent_end(w->b.agent, w->b.session, w->r->now), 0);
	rig_run(w->r);
	ag_open(&w->b);
	w->b.late = false;
	ag_wait(w, SEC(1));
	ck_assert_int_eq(end_of(&w->a)->code, 480);
	ck_assert_uint_eq(w->b.open, 0);
	done(w);
}
END_TEST

START_TEST(a_rejection_may_name_another_place)
{
	struct ag_rig *w = begin();

	w->b.accept = false;
	ck_assert_int_eq(ag_call(w), 0);
	ck_assert_int_eq(agent_reject(w->b.agent, w->b.session, 299, S(""),
				      w->r->now), -EINVAL);
	ck_assert_int_eq(agent_reject(w->b.agent, w->b.session, 302,
				      S("not a uri"), w->r->now), -EBADMSG);
	ck_assert_int_eq(agent_reject(w->b.agent, w->b.session, 302,
				      S("sip:else@where.example"),
				      w->r->now), 0);
	ag_run(w);
	ck_has(rig_packet(w->r, w->b.ua, "SIP/2.0 302")->text,
	       "Contact: <sip:else@where.example>\r\n");
	ck_assert_int_eq(end_of(&w->a)->code, 302);
	done(w);
}
END_TEST

/* RFC 3261 13.2.1: the offer is in the 200, the answer in the ACK. */
START_TEST(an_offerless_call_is_answered_with_an_offer)
{
	struct ag_rig *w = begin();
	char tag[64];

	ag_request(w, &w->b, "INVITE", 1, "", "");
	snprintf(tag, sizeof(tag), "%s", ag_tag(w, &w->b));
	ck_assert_uint_eq(ag_mlines(ag_sdp(w, &w->b, "SIP/2.0 200")), 1);
	ck_assert_uint_eq(w->b.starts, 0);
	ag_request(w, &w->b, "ACK", 1, tag, AG_TYPE AG_SDP_HEAD AG_PCMU);
	ck_assert_uint_eq(w->b.starts, 1);
	ck_slice_eq(w->b.audio.pair[0].name, "PCMU");
	ck_assert_uint_eq(ag_count(&w->b, PARLEY_EV_CONFIRMED), 1);
	done(w);
}
END_TEST

START_TEST(an_offerless_call_without_an_answer_is_hung_up)
{
	static const char *const ack[] = {
		"", AG_TYPE AG_SDP_HEAD "m=audio 0 RTP/AVP 0\r\n",
		AG_TYPE "rubbish" };

	for (size_t i = 0; i < COUNT(ack); i++) {
		struct ag_rig *w = begin();
		char tag[64];

		ag_request(w, &w->b, "INVITE", 1, "", "");
		snprintf(tag, sizeof(tag), "%s", ag_tag(w, &w->b));
		ag_request(w, &w->b, "ACK", 1, tag, ack[i]);
		ck_assert_msg(rig_sent(w->r, w->b.ua, "BYE") == 1, "%zu", i);
		ag_wait(w, SEC(40));
		ck_assert_int_eq(end_of(&w->b)->end, PARLEY_FAILED);
		done(w);
	}
}
END_TEST

START_TEST(an_answer_with_nothing_usable_is_hung_up)
{
	struct ag_rig *w = begin();

	rig_reply(w->r, w->a.ua, call_script(w), "200 OK", ";tag=x",
		  "Contact: <sip:x@192.0.2.77>\r\n" AG_TYPE AG_SDP_HEAD
		  "m=audio 0 RTP/AVP 0\r\n");
	ag_run(w);
	ck_assert_uint_eq(rig_sent(w->r, w->a.ua, "ACK"), 1);
	ck_assert_uint_eq(rig_sent(w->r, w->a.ua, "BYE"), 1);
	ag_wait(w, SEC(40));
	ck_assert_int_eq(end_of(&w->a)->end, PARLEY_FAILED);
	ck_slice_eq(end_of(&w->a)->reason, "nothing usable in the answer");
	done(w);
}
END_TEST

#define LEG(port) "Contact: <sip:x@192.0.2.77>\r\n" AG_TYPE AG_SDP_HEAD \
	"m=audio " port " RTP/AVP 0\r\n"

/* A BYE in the early dialog of that tag. */
static void leg_bye(struct ag_rig *w, const struct rig_packet *p,
		    const char *tag)
{
	const struct addr peer = addr_v4(192, 0, 2, AG_PEER, 5060);
	const char *us = strstr(p->text, "\r\nFrom:") + strlen("\r\nFrom:");
	char text[2048];
	struct writer b = writer_begin(text, sizeof(text) - 1);

	writer_str(&b, "BYE sip:alice@192.0.2.1 SIP/2.0\r\n"
		   "Via: SIP/2.0/UDP 192.0.2.77;branch=z9hG4bKb");
	writer_str(&b, tag);
	writer_str(&b, "\r\nFrom: <sip:x@y.example>;tag=");
	writer_str(&b, tag);
	writer_str(&b, "\r\nTo:");
	writer_put(&b, slice_of(us, strcspn(us, "\r")));
	writer_str(&b, "\r\n");
	rig_copy(&b, p->text, "Call-ID:", "");
	writer_str(&b, "Max-Forwards: 70\r\nCSeq: 1 BYE\r\n\r\n");
	text[b.n] = 0;
	rig_send(w->r, w->a.ua, &peer, text);
}

static void preview(struct ag_rig *w, const struct rig_packet *p,
		    const char *tag, const char *leg)
{
	rig_reply(w->r, w->a.ua, p, "183 Session Progress", tag, leg);
	ag_run(w);
}

/* The one that described itself last is heard; who only says again what it has
 * said does not take the place back; when it is gone, the one before it is. */
START_TEST(of_several_early_dialogs_the_latest_is_heard)
{
	struct ag_rig *w = begin();
	struct rig_packet p = *call_script(w);
	unsigned first, second, starts;

	preview(w, &p, ";tag=one", LEG("9100"));
	first = w->a.agreed.leg;
	ck_assert_uint_ne(first, 0);
	preview(w, &p, ";tag=two", LEG("9200"));
	second = w->a.agreed.leg;
	ck_assert_uint_ne(second, first);
	ck_assert_uint_eq(w->a.agreed.rtp.port, 9200);
	starts = w->a.starts;
	preview(w, &p, ";tag=one", LEG("9100"));
	ck_assert_uint_eq(w->a.starts, starts);
	leg_bye(w, &p, "two");
	ag_run(w);
	ck_assert_uint_eq(w->a.agreed.rtp.port, 9100);
	ck_assert_uint_eq(w->a.agreed.leg, first);
	preview(w, &p, ";tag=three", LEG("9300"));
	ck_assert_uint_eq(w->a.agreed.rtp.port, 9300);
	leg_bye(w, &p, "one"); /* which was not heard */
	ag_run(w);
	ck_assert_uint_eq(w->a.agreed.rtp.port, 9300);
	rig_reply(w->r, w->a.ua, &p, "200 OK", ";tag=three", LEG("9300"));
	ag_run(w);
	ck_assert_uint_eq(w->a.agreed.rtp.port, 9300);
	ck_assert_uint_eq(ag_count(&w->a, PARLEY_EV_EARLY_MEDIA), 1);
	ck_assert_uint_eq(ag_count(&w->a, PARLEY_EV_CONFIRMED), 1);
	done(w);
}
END_TEST

/* limits.forks: 8 early dialogs of a call, the ninth is not heard. */
START_TEST(there_are_so_many_early_dialogs)
{
	struct ag_rig *w = begin();
	struct rig_packet p = *call_script(w);

	for (unsigned i = 0; i <= limits_default.forks; i++) {
		char tag[16], leg[256];

		snprintf(tag, sizeof(tag), ";tag=t%u", i);
		snprintf(leg, sizeof(leg), "Contact: <sip:x@192.0.2.77>\r\n"
			 AG_TYPE AG_SDP_HEAD "m=audio %u RTP/AVP 0\r\n",
			 9100 + 2 * i);
		preview(w, &p, tag, leg);
	}
	ck_assert_uint_eq(w->a.starts, limits_default.forks);
	ck_assert_uint_eq(w->a.agreed.rtp.port,
			  9100 + 2 * (limits_default.forks - 1));
	done(w);
}
END_TEST

START_TEST(early_media_of_one_fork_yields_to_the_answer_of_another)
{
	struct ag_rig *w = begin();
	const struct rig_packet *p = call_script(w);

	rig_reply(w->r, w->a.ua, p, "183 Session Progress", ";tag=one",
		  LEG("9100"));
	ag_run(w);
	ck_assert_uint_eq(ag_count(&w->a, PARLEY_EV_EARLY_MEDIA), 1);
	ck_assert_uint_eq(w->a.agreed.rtp.port, 9100);
	rig_reply(w->r, w->a.ua, p, "180 Ringing", ";tag=two", "");
	rig_reply(w->r, w->a.ua, p, "200 OK", ";tag=two", LEG("9200"));
	ag_run(w);
	ck_assert_uint_eq(w->a.agreed.rtp.port, 9200);
	/* A second answer: acknowledged and hung up (13.2.2.4). */
	rig_reply(w->r, w->a.ua, p, "200 OK", ";tag=three", LEG("9300"));
	ag_run(w);
	ck_assert_uint_eq(w->a.agreed.rtp.port, 9200);
	ck_assert_uint_eq(rig_sent(w->r, w->a.ua, "ACK"), 2);
	ck_has(rig_packet(w->r, w->a.ua, "BYE")->text, ";tag=three");
	ck_assert_uint_eq(ag_count(&w->a, PARLEY_EV_ANSWERED), 1);
	ck_assert_uint_eq(ag_count(&w->a, PARLEY_EV_ENDED), 0);
	ck_assert_uint_eq(ag_count(&w->a, PARLEY_EV_STREAM_STARTED), 1);
	done(w);
}
END_TEST

/* RFC 3261 15.1.2: the callee's BYE before his answer, as is told here. */
START_TEST(a_bye_before_the_answer_is_a_failure_by_the_peer)
{
	struct ag_rig *w = begin();
	struct rig_packet p = *call_script(w);

	rig_reply(w->r, w->a.ua, &p, "183 Session Progress", ";tag=one",
		  LEG("9100"));
	leg_bye(w, &p, "one");
	ck_assert_ptr_nonnull(rig_packet(w->r, w->a.ua, "SIP/2.0 200"));
	rig_reply(w->r, w->a.ua, &p, "487 Request Terminated", ";tag=one", "");
	ag_run(w);
	ck_assert_int_eq(end_of(&w->a)->end, PARLEY_FAILED);
	ck_assert_int_eq(end_of(&w->a)->code, 487);
	ck_assert(end_of(&w->a)->by_peer);
	ck_assert_uint_eq(w->a.open, 0);
	done(w);
}
END_TEST

START_TEST(a_preview_that_makes_no_sense_harms_nothing)
{
	struct ag_rig *w = begin();
	const struct rig_packet *p = call_script(w);

	rig_reply(w->r, w->a.ua, p, "183 Session Progress", ";tag=one",
		  AG_TYPE "rubbish");
	rig_reply(w->r, w->a.ua, p, "183 Session Progress", ";tag=one",
		  LEG("0"));
	ag_run(w);
	ck_assert_uint_eq(ag_count(&w->a, PARLEY_EV_EARLY_MEDIA), 0);
	rig_reply(w->r, w->a.ua, p, "200 OK", ";tag=one", LEG("9200"));
	ag_run(w);
	ck_assert_uint_eq(ag_count(&w->a, PARLEY_EV_CONFIRMED), 1);
	done(w);
}
END_TEST

/* RFC 3261 13.2.1: the first description of a dialog is the answer, also when
 * the 200 does not repeat it; the call is up with it, in a re-INVITE too. */
START_TEST(a_200_without_what_a_183_had_runs_by_that)
{
	struct ag_rig *w = begin();
	const struct rig_packet *p = call_script(w);

	rig_reply(w->r, w->a.ua, p, "183 Session Progress", ";tag=one",
		  LEG("9100"));
	rig_reply(w->r, w->a.ua, p, "183 Session Progress", ";tag=two",
		  LEG("9200"));
	rig_reply(w->r, w->a.ua, p, "180 Ringing", ";tag=one", "");
	rig_reply(w->r, w->a.ua, p, "183 Session Progress", ";tag=one",
		  LEG("9300"));
	rig_reply(w->r, w->a.ua, p, "200 OK", ";tag=one",
		  "Contact: <sip:x@192.0.2.77>\r\n");
	ag_run(w);
	ck_assert_uint_eq(ag_count(&w->a, PARLEY_EV_CONFIRMED), 1);
	ck_assert_uint_eq(w->a.agreed.rtp.port, 9100);
	ck_assert_uint_eq(rig_sent(w->r, w->a.ua, "BYE"), 0);
	ck_assert_int_eq(agent_hold(w->a.agent, w->a.session, true,
				    w->r->now), 0);
	ag_run(w);
	p = rig_packet(w->r, w->a.ua, "INVITE");
	rig_reply(w->r, w->a.ua, p, "183 Session Progress", "", LEG("9400"));
	rig_reply(w->r, w->a.ua, p, "200 OK", "",
		  "Contact: <sip:x@192.0.2.77>\r\n");
	ag_run(w);
	ck_assert_uint_eq(w->a.agreed.rtp.port, 9400);
	ck_assert_uint_eq(rig_sent(w->r, w->a.ua, "BYE"), 0);
	done(w);
}
END_TEST

/* A dialog that showed nothing, or whose 1xx was another's: none was given. */
START_TEST(a_200_without_any_description_ends_the_call)
{
	struct ag_rig *w = begin();
	const struct rig_packet *p = call_script(w);

	rig_reply(w->r, w->a.ua, p, "183 Session Progress", ";tag=one",
		  LEG("9100"));
	rig_reply(w->r, w->a.ua, p, "200 OK", ";tag=two",
		  "Contact: <sip:x@192.0.2.77>\r\n");
	ag_run(w);
	ck_assert_uint_eq(rig_sent(w->r, w->a.ua, "BYE"), 1);
	done(w);
}
END_TEST

/* The line is refused, the call goes on. */
START_TEST(a_line_refused_without_a_format_is_refused)
{
	static const enum parley_media two[] = { PARLEY_AUDIO, PARLEY_AUDIO };
	struct ag_rig *w = begin();

	ck_assert_int_eq(ag_call_to(w, &w->a, "sip:x@192.0.2.77", two, 2), 0);
	rig_reply(w->r, w->a.ua, rig_packet(w->r, w->a.ua, "INVITE"), "200 OK",
		  ";tag=x", ANSWER "m=audio 0 RTP/AVP\r\n");
	ag_run(w);
	ck_assert_uint_eq(ag_count(&w->a, PARLEY_EV_CONFIRMED), 1);
	ck_assert_uint_eq(ag_count(&w->a, PARLEY_EV_STREAM_ENDED), 1);
	ck_assert_uint_eq(ag_streams(&w->a, NULL, 0), 1);
	ck_assert_uint_eq(rig_sent(w->r, w->a.ua, "BYE"), 0);
	done(w);
}
END_TEST

START_TEST(a_name_nobody_knows_fails_with_one_line)
{
	struct ag_rig *w = begin();

	ck_assert_int_eq(ag_call_to(w, &w->a, "sip:bob@no.such.example", NULL,
				    0), 0);
	ag_wait(w, SEC(1));
	ck_assert_int_eq(end_of(&w->a)->end, PARLEY_FAILED);
	ck_assert_uint_gt(end_of(&w->a)->reason.n, 0);
	done(w);
}
END_TEST

static bool nobody(const struct rig *r, const struct rig_packet *p)
{
	(void)r;
	(void)p;
	return true;
}

START_TEST(a_silent_peer_is_a_408)
{
	struct ag_rig *w = begin();

	w->r->drop = nobody;
	ck_assert_int_eq(ag_call(w), 0);
	ag_wait(w, SEC(31));
	ck_assert_uint_eq(ag_count(&w->a, PARLEY_EV_ENDED), 0);
	ag_wait(w, SEC(2)); /* timer B: 64*T1 */
	ck_assert_int_eq(end_of(&w->a)->code, 408);
	done(w);
}
END_TEST

/* RFC 3261 9.1: no CANCEL before a response, so it ends with timer B. */
START_TEST(a_call_taken_back_from_a_silent_peer_is_cancelled)
{
	struct ag_rig *w = begin();

	w->r->drop = nobody;
	ck_assert_int_eq(ag_call(w), 0);
	ag_wait(w, SEC(1));
	ck_assert_int_eq(agent_end(w->a.agent, w->a.session, w->r->now), 0);
	ag_wait(w, SEC(32));
	ck_assert_int_eq(end_of(&w->a)->end, PARLEY_CANCELLED);
	done(w);
}
END_TEST

static struct parley_session_info info_of(const struct ag_rig *w,
					  const struct ag *g)
{
	struct parley_session_info i = { 0 };

	ck_assert_int_eq(agent_session_info(g->agent, g->session, w->r->now,
					    &i), 0);
	return i;
}

/* By whomever: its media ends there and then, and its duration with it, while
 * the BYE is repeated for 32 s. */
START_TEST(hanging_up_ends_media_at_once)
{
	struct ag_rig *w = begin();

	ck_assert_int_eq(ag_call(w), 0);
	ag_wait(w, SEC(3));
	w->r->drop = nobody;
	ck_assert_uint_eq(w->a.stops, 0);
	ck_assert_int_eq(agent_end(w->a.agent, w->a.session, w->r->now), 0);
	ag_run(w);
	ck_assert_uint_eq(w->a.stops, 1);
	ck_assert_uint_eq(w->a.closes, 0); /* its figures are yet to be told */
	ag_wait(w, SEC(20));
	ck_assert_int_eq(info_of(w, &w->a).duration_ms, 3000);
	ck_assert(!info_of(w, &w->a).ended);
	ck_assert_uint_eq(ag_count(&w->a, PARLEY_EV_ENDED), 0);
	ag_wait(w, SEC(13));
	ck_assert_int_eq(end_of(&w->a)->end, PARLEY_ENDED);
	ck_assert_uint_eq(w->a.stops, 1);
	ck_assert_uint_eq(w->a.closes, 1);
	done(w);
}
END_TEST

/* A request with our tag, from that host: ACK of the scripted call. */
static void ack_from(struct ag_rig *w, uint8_t host, const char *tag)
{
	struct addr from = addr_v4(192, 0, 2, host, 5060);
	char text[RIG_TEXT];

	snprintf(text, sizeof(text), "ACK sip:bob@192.0.2.2:5060 SIP/2.0\r\n"
		 "Via: SIP/2.0/UDP 192.0.2.77:5060;branch=z9hG4bKack%u\r\n"
		 "Max-Forwards: 70\r\nTo: <sip:bob@here.example>%s\r\n"
		 "From: \"Peer\" <sip:peer@there.example>;tag=peertag\r\n"
		 "Call-ID: scripted\r\nCSeq: 1 ACK\r\n"
		 "Content-Length: 0\r\n\r\n", host, tag);
	rig_send(w->r, w->b.ua, &from, text);
	ag_run(w);
}

/* 13.3.1.4: 64*T1 = 32 s after the 200; its BYE finds nobody either. */
START_TEST(without_an_ack_media_ends_when_the_bye_goes_out)
{
	struct ag_rig *w = begin();

	ag_request(w, &w->b, "INVITE", 1, "", AG_TYPE AG_SDP_HEAD AG_PCMU);
	ck_assert_uint_eq(w->b.starts, 1);
	ag_wait(w, MS(31900));
	ck_assert_uint_eq(w->b.stops, 0);
	ag_wait(w, MS(200));
	ck_assert_uint_eq(w->b.stops, 1);
	ck_assert_uint_eq(ag_count(&w->b, PARLEY_EV_ENDED), 0);
	ck_assert_int_eq(agent_end(w->b.agent, w->b.session, w->r->now),
			 -EALREADY);
	ag_wait(w, SEC(33));
	ck_slice_eq(end_of(&w->b)->reason, "No ACK");
	done(w);
}
END_TEST

/* The ACK of whom the 200 went to proves that it is there, and is heeded by
 * media that runs already.  From elsewhere, or with another tag, it proves
 * nothing, nor does the one of a later INVITE: the tag is known by then. */
START_TEST(the_first_ack_proves_where_its_sender_is)
{
	static const struct {
		uint8_t host;
		const char *tag; /* NULL: ours */
		unsigned proves;
	} row[] = { { 77, NULL, 1 }, { 78, NULL, 0 }, { 77, ";tag=x", 0 } };
	char tag[64];

	for (size_t i = 0; i < COUNT(row); i++) {
		struct ag_rig *w = begin();

		ag_request(w, &w->b, "INVITE", 1, "",
			   AG_TYPE AG_SDP_HEAD AG_PCMU);
		ck_assert_uint_eq(w->b.starts, 1);
		ck_assert_uint_eq(w->b.agreed.host.ip[3], 77);
		ck_assert(!w->b.agreed.host_proved);
		ck_assert(!w->b.agreed.asked);
		snprintf(tag, sizeof(tag), "%s", ag_tag(w, &w->b));
		ack_from(w, row[i].host, row[i].tag ? row[i].tag : tag);
		ck_assert_uint_eq(w->b.proves, row[i].proves);
		if (row[i].tag) {
			done(w);
			continue;
		}
		ag_request(w, &w->b, "INVITE", 2, tag,
			   AG_TYPE AG_SDP_HEAD AG_PCMU);
		ck_assert_uint_eq(w->b.starts, 2);
		ck_assert(w->b.agreed.host_proved == (row[i].proves == 1));
		ag_request(w, &w->b, "ACK", 2, tag, "");
		ck_assert_uint_eq(w->b.proves, row[i].proves);
		done(w);
	}
}
END_TEST

/* Who answers our INVITE has it; what it offers later, we did not ask for. */
START_TEST(the_answer_to_a_call_of_ours_was_asked_for)
{
	struct ag_rig *w = begin();

	ck_assert_int_eq(ag_call(w), 0);
	ck_assert(w->a.agreed.asked && w->a.agreed.host_proved);
	ck_assert_uint_eq(w->a.agreed.host.ip[3], 2);
	ck_assert(!w->b.agreed.asked);
	ck_assert_int_eq(agent_hold(w->b.agent, w->b.session, true, w->r->now),
			 0);
	ag_run(w);
	ck_assert_uint_eq(w->a.starts, 2);
	ck_assert(!w->a.agreed.asked && w->a.agreed.host_proved);
	done(w);
}
END_TEST

/* Told as it is in the end, and once. */
START_TEST(what_is_not_sent_is_told)
{
	struct parley_stats st = { 0 };
	struct ag_rig *w = begin();
	uint32_t stream;

	ck_assert_int_eq(ag_call(w), 0);
	ck_assert_uint_eq(ag_streams(&w->b, &stream, 1), 1);
	agent_on_sending(w->b.agent, stream, "nobody is there");
	ag_run(w);
	agent_on_sending(w->b.agent, stream, "still nobody");
	ag_run(w);
	ck_assert_uint_eq(ag_count(&w->b, PARLEY_EV_SENDING_STOPPED), 1);
	ck_slice_eq(ag_last(&w->b, PARLEY_EV_SENDING_STOPPED)->o.reason,
		    "nobody is there");
	ck_assert_int_eq(agent_stream_info(w->b.agent, stream, &st), 0);
	ck_assert(st.waiting);
	agent_on_sending(w->b.agent, stream, NULL);
	ag_run(w);
	ck_assert_uint_eq(ag_count(&w->b, PARLEY_EV_SENDING_RESUMED), 1);
	ck_assert_int_eq(agent_stream_info(w->b.agent, stream, &st), 0);
	ck_assert(!st.waiting);
	agent_on_sending(w->b.agent, stream, "for a moment");
	agent_on_sending(w->b.agent, stream, NULL);
	ag_run(w);
	ck_assert_uint_eq(ag_count(&w->b, PARLEY_EV_SENDING_STOPPED), 1);
	agent_on_sending(w->b.agent, 4711, "whose?");
	ag_run(w);
	done(w);
}
END_TEST

START_TEST(what_is_no_address_is_refused_at_once)
{
	static const char *const bad[] = {
		"", "sip:", "sip:bob@", "tel:+123", "sip:bob@host name",
		"sip:b\xC3\xB6" "b@192.0.2.2", "<sip:bob@192.0.2.2",
		"bob <192.0.2.2>", "<sip:bob@192.0.2.2> x", "<tel:+123>",
		/* A number is no port of a host named tel. */
		"tel:123", "TEL:123", "<tel:123>" };
	struct ag_rig *w = begin();

	for (size_t i = 0; i < COUNT(bad); i++)
		ck_assert_msg(ag_call_to(w, &w->a, bad[i], NULL, 0) ==
			      -EBADMSG, "%s", bad[i]);
	ck_assert_uint_eq(agent_load(w->a.agent).sessions, 0);
	done(w);
}
END_TEST

START_TEST(addresses_may_be_written_short)
{
	static const char *const row[][2] = {
		{ "bob", "INVITE sip:bob@atlanta.example SIP/2.0\r\n" },
		{ "bob@192.0.2.2", "INVITE sip:bob@192.0.2.2 SIP/2.0\r\n" },
		{ "192.0.2.2:5060", "INVITE sip:192.0.2.2:5060 SIP/2.0\r\n" },
		/* As parley_event_from gives whom to call back. */
		{ "\"B <>\" <sip:bob@192.0.2.2;x=1>",
		  "INVITE sip:bob@192.0.2.2;x=1 SIP/2.0\r\n" },
		{ "+358-5;postd=pp22",
		  "INVITE sip:+358-5;postd=pp22@atlanta.example SIP/2.0\r\n" },
		{ "a,b?@192.0.2.2;user=phone",
		  "INVITE sip:a,b?@192.0.2.2;user=phone SIP/2.0\r\n" },
		{ "sip:bob@192.0.2.2?Subject=hi&Route=%3Csip:192.0.2.9%3E",
		  "INVITE sip:bob@192.0.2.2 SIP/2.0\r\n" },
	};

	for (size_t i = 0; i < COUNT(row); i++) {
		struct ag_rig *w = begin();

		ck_assert_int_eq(ag_set(&w->a, w->a.account,
					"sip.outbound_proxy",
					"sip:192.0.2.88;lr"), 0);
		ck_assert_int_eq(ag_call_to(w, &w->a, row[i][0], NULL, 0), 0);
		ck_has(rig_packet(w->r, w->a.ua, "INVITE")->text, row[i][1]);
		done(w);
	}
}
END_TEST

START_TEST(a_very_long_address_is_called_or_refused_whole)
{
	struct ag_rig *w = begin();
	char uri[3000];
	int n = snprintf(uri, sizeof(uri), "sip:%0900d@192.0.2.2", 7);

	ck_assert_int_eq(ag_call_to(w, &w->a, uri, NULL, 0), 0);
	ck_assert_uint_eq(ag_count(&w->b, PARLEY_EV_INCOMING), 1);
	ck_has(rig_packet(w->r, w->a.ua, "INVITE")->text, uri);
	ck_assert_int_eq(agent_account_add(w->a.agent,
					   slice_of(uri, (size_t)n),
					   &w->a.account), -EINVAL);
	done(w);
}
END_TEST

START_TEST(a_call_to_oneself_is_two_sessions)
{
	struct ag_rig *w = begin();
	uint32_t made;

	w->a.accept = false;
	ck_assert_int_eq(agent_call(w->a.agent, w->a.account,
				    S("sip:alice@192.0.2.1"), NULL,
				    w->r->now, &made), 0);
	ag_run(w);
	ck_assert_uint_eq(ag_count(&w->a, PARLEY_EV_INCOMING), 1);
	ck_assert_uint_eq(agent_load(w->a.agent).sessions, 2);
	ck_assert_int_eq(agent_accept(w->a.agent, w->a.session, NULL, 0,
				      w->r->now), 0);
	ag_run(w);
	ck_assert_uint_eq(ag_count(&w->a, PARLEY_EV_CONFIRMED), 2);
	ck_assert_int_eq(agent_end(w->a.agent, made, w->r->now), 0);
	ag_wait(w, SEC(1));
	ck_assert_uint_eq(ag_count(&w->a, PARLEY_EV_ENDED), 2);
	done(w);
}
END_TEST

START_TEST(names_are_utf8_and_nobodys_terminal_is_driven)
{
	struct ag_rig *w = begin();
	struct parley_session_info i = { 0 };

	ck_assert_int_eq(ag_set(&w->a, w->a.account, "account.display_name",
				"J\xC3\xB6rg \"der\" \\"), 0);
	ck_assert_int_eq(ag_call(w), 0);
	ck_has(rig_packet(w->r, w->a.ua, "INVITE")->text,
	       "From: \"J\xC3\xB6rg \\\"der\\\" \\\\\" "
	       "<sip:alice@atlanta.example>;tag=");
	ck_has(ag_last(&w->b, PARLEY_EV_INCOMING)->from, "J\xC3\xB6rg");
	ck_assert_int_eq(agent_session_info(w->b.agent, w->b.session,
					    w->r->now, &i), 0);
	ck_assert_uint_gt(strlen(i.remote), 0);
	done(w);
}
END_TEST

START_TEST(credentials_are_sent_when_there_are_any)
{
	static const char *const want =
		"WWW-Authenticate: Digest realm=\"x\", nonce=\"n\"\r\n";
	struct ag_rig *w = begin();
	const struct rig_packet *p = call_script(w);

	rig_reply(w->r, w->a.ua, p, "401 Unauthorized", ";tag=x", want);
	ag_run(w);
	ck_assert_int_eq(end_of(&w->a)->code, 401); /* no password */
	ck_assert_uint_eq(rig_sent(w->r, w->a.ua, "INVITE"), 1);
	ck_assert_int_eq(ag_set(&w->a, w->a.account, "auth.password", "p"), 0);
	ck_assert_int_eq(ag_set(&w->a, w->a.account, "auth.username", "u"), 0);
	rig_reply(w->r, w->a.ua, call_script(w), "401 Unauthorized", ";tag=x",
		  want);
	p = rig_packet(w->r, w->a.ua, "INVITE");
	ck_has(p->text, "Authorization: Digest username=\"u\"");
	rig_reply(w->r, w->a.ua, p, "200 OK", ";tag=y", ANSWER);
	ag_run(w);
	ck_assert_uint_eq(ag_count(&w->a, PARLEY_EV_CONFIRMED), 1);
	done(w);
}
END_TEST

/* RFC 3261 7.3.1: in their order, and anew with credentials (22.2); the ACK and
 * a later INVITE have none of them. */
START_TEST(headers_of_the_applications_are_in_the_invite)
{
	static const struct parley_header h[] = {
		{ "P-Preferred-Identity", "<sip:alice@atlanta.example>" },
		{ "s", "J\xC3\xB6rg, again" }, { "X-Empty", "" } };
	static const char *const want = "\r\nP-Preferred-Identity: "
		"<sip:alice@atlanta.example>\r\n"
		"Subject: J\xC3\xB6rg, again\r\nX-Empty:";
	const struct parley_call_options o = { .headers = h,
					       .headers_n = COUNT(h) };
	struct ag_rig *w = begin();
	const struct rig_packet *p;

	ck_assert_int_eq(ag_set(&w->a, w->a.account, "auth.password", "p"), 0);
	ck_assert_int_eq(agent_call(w->a.agent, w->a.account,
				    S("sip:x@192.0.2.77"), &o,
				    w->r->now, &w->a.session), 0);
	ag_run(w);
	p = rig_packet(w->r, w->a.ua, "INVITE");
	ck_has(p->text, want);
	rig_reply(w->r, w->a.ua, p, "401 Unauthorized", ";tag=x",
		  "WWW-Authenticate: Digest realm=\"x\", nonce=\"n\"\r\n");
	ag_run(w);
	p = rig_packet(w->r, w->a.ua, "INVITE");
	ck_has(p->text, "\r\nAuthorization: ");
	ck_has(p->text, want);
	rig_reply(w->r, w->a.ua, p, "200 OK", ";tag=y", ANSWER);
	ag_run(w);
	p = rig_packet(w->r, w->a.ua, "ACK");
	ck_assert_ptr_null(strstr(p->text, "X-Empty"));
	ck_assert_int_eq(agent_hold(w->a.agent, w->a.session, true,
				    w->r->now), 0);
	ag_run(w);
	p = rig_packet(w->r, w->a.ua, "INVITE");
	ck_has(p->text, "a=sendonly");
	ck_assert_ptr_null(strstr(p->text, "X-Empty"));
	done(w);
}
END_TEST

START_TEST(a_subset_of_the_offered_streams_is_accepted)
{
	static const enum parley_media two[] = { PARLEY_AUDIO, PARLEY_AUDIO };
	struct ag_rig *w = begin();
	uint32_t s[4], wrong = 4711;

	w->b.accept = false;
	ck_assert_int_eq(ag_call_to(w, &w->a, "sip:bob@192.0.2.2", two, 2), 0);
	ck_assert_uint_eq(ag_streams(&w->b, s, 4), 2);
	ck_assert_int_eq(agent_accept(w->b.agent, w->b.session, &wrong, 1,
				      w->r->now), -ENOENT);
	ck_assert_int_eq(agent_accept(w->b.agent, w->b.session, &s[1], 1,
				      w->r->now), 0);
	ag_run(w);
	ck_has(ag_mline(ag_sdp(w, &w->b, "SIP/2.0 200"), 0), "m=audio 0 ");
	ck_has(ag_mline(ag_sdp(w, &w->b, "SIP/2.0 200"), 1), "m=audio 4000 ");
	ck_assert_uint_eq(ag_streams(&w->a, NULL, 0), 1);
	ck_assert_uint_eq(ag_streams(&w->b, NULL, 0), 1);
	ck_assert_uint_eq(w->a.open + w->b.open, 2);
	done(w);
}
END_TEST

START_TEST(the_session_says_how_it_is)
{
	struct ag_rig *w = begin();
	struct parley_session_info i = { 0 };

	w->b.accept = false;
	ck_assert_int_eq(ag_call(w), 0);
	ag_wait(w, SEC(3));
	ck_assert_int_eq(agent_session_info(w->a.agent, w->a.session,
					    w->r->now, &i), 0);
	ck_assert(!i.incoming && !i.answered && !i.ended);
	ck_assert_int_eq(i.setup_ms, -1);
	ck_assert_int_eq(i.code, 0);
	ck_assert_int_eq(agent_accept(w->b.agent, w->b.session, NULL, 0,
				      w->r->now), 0);
	ag_wait(w, SEC(5));
	ck_assert_int_eq(agent_session_info(w->a.agent, w->a.session,
					    w->r->now, &i), 0);
	ck_assert(i.answered && !i.ended);
	ck_assert_int_eq(i.setup_ms, 3000);
	ck_assert_int_eq(i.duration_ms, 5000);
	ck_assert_int_eq(i.code, 200);
	ck_assert_str_eq(i.local, "Alice <sip:alice@atlanta.example>");
	ck_assert_str_eq(i.remote, "sip:bob@192.0.2.2");
	done(w);
}
END_TEST

/* RFC 3264 5.1: before any answer, in all formats of the offer. */
START_TEST(what_is_offered_is_expected_at_once)
{
	struct ag_rig *w = begin();
	const struct rig_packet *invite;
	uint32_t st;

	ck_assert_int_eq(ag_set(&w->a, w->a.account, "rtp.codecs",
				"PCMA,PCMU"), 0);
	invite = call_script(w);
	ck_assert_uint_eq(w->a.expects, 1);
	ck_assert_uint_eq(w->a.starts, 0);
	ck_assert_uint_eq(w->a.audio.pairs, 2);
	ck_assert_uint_eq(w->a.audio.pair[0].recv_pt, 8);
	ck_assert_uint_eq(w->a.audio.pair[1].recv_pt, 0);
	ck_assert_uint_eq(w->a.audio.events, 1);
	ck_assert_uint_eq(agent_streams(w->a.agent, w->a.session, &st, 1), 1);
	agent_on_heard(w->a.agent, st, true, w->r->now);
	ag_run(w);
	ck_assert_uint_eq(ag_count(&w->a, PARLEY_EV_EARLY_MEDIA), 1);
	rig_reply(w->r, w->a.ua, invite, "200 OK", ";tag=x", ANSWER);
	ag_run(w);
	ck_assert_uint_eq(w->a.starts, 1);
	ck_assert(!w->a.agreed.offered);
	done(w);
}
END_TEST

/* The peer of a's call is heard in its stream, or is not any more. */
static void hear(struct ag_rig *w, unsigned stream, bool heard)
{
	uint32_t st[4];

	ck_assert_uint_gt(agent_streams(w->a.agent, w->a.session, st, 4),
			  stream);
	agent_on_heard(w->a.agent, st[stream], heard, w->r->now);
	ag_run(w);
}

START_TEST(a_peer_that_vanished_is_given_up)
{
	struct ag_rig *w = begin();

	ck_assert_int_eq(ag_call(w), 0);
	ag_wait(w, SEC(3));
	hear(w, 0, true);
	ag_wait(w, SEC(60));
	ck_assert_uint_eq(ag_count(&w->a, PARLEY_EV_ENDED), 0);
	hear(w, 0, false);
	ag_wait(w, SEC(1));
	ck_assert_int_eq(end_of(&w->a)->end, PARLEY_FAILED);
	ck_assert(!end_of(&w->a)->by_peer);
	ck_has(ag_last(&w->a, PARLEY_EV_ENDED)->reason, "nothing is heard");
	ck_assert_int_eq(end_of(&w->b)->end, PARLEY_ENDED); /* by BYE */
	done(w);
}
END_TEST

/* Of two streams one tells that the peer is there, unless it is held. */
START_TEST(one_stream_that_is_heard_keeps_the_session)
{
	static const enum parley_media two[] = { PARLEY_AUDIO, PARLEY_AUDIO };
	struct ag_rig *w = begin();

	ck_assert_int_eq(ag_call_to(w, &w->a, "sip:bob@192.0.2.2", two, 2), 0);
	ag_wait(w, SEC(1));
	hear(w, 0, true);
	hear(w, 1, true);
	hear(w, 0, false);
	ck_assert_uint_eq(ag_count(&w->a, PARLEY_EV_ENDED), 0);
	hear(w, 1, false);
	ag_wait(w, SEC(1));
	ck_assert_uint_eq(ag_count(&w->a, PARLEY_EV_ENDED), 1);
	done(w);
}
END_TEST

/* Ring-back and announcements end when they like. */
START_TEST(silence_before_the_answer_is_no_failure)
{
	struct ag_rig *w = begin();
	const struct rig_packet *invite = call_script(w);

	rig_reply(w->r, w->a.ua, invite, "183 Progress", ";tag=x", ANSWER);
	ag_run(w);
	hear(w, 0, true);
	hear(w, 0, false);
	ag_wait(w, SEC(5));
	ck_assert_uint_eq(ag_count(&w->a, PARLEY_EV_ENDED), 0);
	rig_reply(w->r, w->a.ua, invite, "200 OK", ";tag=x", ANSWER);
	ag_run(w);
	hear(w, 0, false);
	ag_wait(w, SEC(1));
	ck_assert_ptr_nonnull(rig_packet(w->r, w->a.ua, "BYE"));
	done(w);
}
END_TEST

SUITE(session, hanging_up_ends_media_at_once,
      without_an_ack_media_ends_when_the_bye_goes_out,
      the_first_ack_proves_where_its_sender_is,
      the_answer_to_a_call_of_ours_was_asked_for, what_is_not_sent_is_told,
      each_refusal_is_told_with_its_words,
      a_caller_who_changes_its_mind_cancels,
      a_callee_who_hangs_up_is_unavailable,
      a_callee_hangs_up_while_sockets_open,
      a_rejection_may_name_another_place,
      an_offerless_call_is_answered_with_an_offer,
      an_offerless_call_without_an_answer_is_hung_up,
      an_answer_with_nothing_usable_is_hung_up,
      early_media_of_one_fork_yields_to_the_answer_of_another,
      of_several_early_dialogs_the_latest_is_heard,
      there_are_so_many_early_dialogs,
      a_bye_before_the_answer_is_a_failure_by_the_peer,
      a_preview_that_makes_no_sense_harms_nothing,
      a_200_without_what_a_183_had_runs_by_that,
      a_200_without_any_description_ends_the_call,
      a_line_refused_without_a_format_is_refused,
      a_name_nobody_knows_fails_with_one_line, a_silent_peer_is_a_408,
      a_call_taken_back_from_a_silent_peer_is_cancelled,
      what_is_no_address_is_refused_at_once, addresses_may_be_written_short,
      a_very_long_address_is_called_or_refused_whole,
      a_call_to_oneself_is_two_sessions,
      names_are_utf8_and_nobodys_terminal_is_driven,
      credentials_are_sent_when_there_are_any,
      headers_of_the_applications_are_in_the_invite,
      a_subset_of_the_offered_streams_is_accepted, the_session_says_how_it_is,
      what_is_offered_is_expected_at_once, a_peer_that_vanished_is_given_up,
      one_stream_that_is_heard_keeps_the_session,
      silence_before_the_answer_is_no_failure);
