/* SPDX-License-Identifier: BSD-2-Clause
 * Streams come and go in a session that is up. */
#include "tests/unit/suites.h"

#include "tests/unit/agent_rig.h"

#define ck_has(text, part) \
	ck_assert_msg(strstr(text, part) != NULL, "no '%s' in:\n%s", part, text)

static void done(struct ag_rig *w)
{
	ck_assert_uint_eq(ag_rig_free(w), 0);
}

/* a has called b, with n streams. */
static struct ag_rig *up(size_t n)
{
	static const enum parley_media m[] = { PARLEY_AUDIO, PARLEY_AUDIO,
					       PARLEY_AUDIO };
	struct ag_rig *w = ag_rig_new(0);

	ck_assert_ptr_nonnull(w);
	/* Short descriptions: the log cuts long messages. */
	ck_assert_int_eq(ag_set(&w->a, w->a.account, "rtp.codecs", "PCMU"), 0);
	ck_assert_int_eq(ag_set(&w->b, w->b.account, "rtp.codecs", "PCMU"), 0);
	ck_assert_int_eq(ag_call_to(w, &w->a, "sip:bob@192.0.2.2", m, n), 0);
	ck_assert_uint_eq(ag_count(&w->b, PARLEY_EV_CONFIRMED), 1);
	ck_assert_uint_eq(ag_streams(&w->a, NULL, 0), n);
	return w;
}

static uint32_t add(struct ag *g)
{
	uint32_t s = 0;

	ck_assert_int_eq(agent_stream_add(g->agent, g->session, PARLEY_AUDIO,
					  &s), 0);
	return s;
}

static uint32_t nth(const struct ag *g, size_t i)
{
	uint32_t s[16] = { 0 };

	(void)ag_streams(g, s, 16);
	return s[i];
}

static void propose(struct ag_rig *w, struct ag *g)
{
	ck_assert_int_eq(agent_propose(g->agent, g->session, w->r->now), 0);
	ag_run(w);
}

static const struct agent_out *outcome(const struct ag *g)
{
	const struct ag_event *e = ag_last(g, PARLEY_EV_PROPOSAL_ANSWERED);

	ck_assert_ptr_nonnull(e);
	return &e->o;
}

START_TEST(streams_are_added_and_removed_in_one_proposal)
{
	struct ag_rig *w = up(2);
	uint32_t first = nth(&w->a, 0);
	const char *sdp;

	w->b.accept_more = true;
	add(&w->a);
	ck_assert_int_eq(agent_stream_remove(w->a.agent, first), 0);
	propose(w, &w->a);
	sdp = ag_sdp(w, &w->a, "INVITE");
	ck_assert_uint_eq(ag_mlines(sdp), 3);
	ck_has(ag_mline(sdp, 0), "m=audio 0 ");
	ck_has(ag_mline(sdp, 1), "m=audio 4002 ");
	ck_has(ag_mline(sdp, 2), "m=audio 4004 ");
	ck_assert_int_eq(outcome(&w->a)->code, 200);
	ck_assert_uint_eq(ag_streams(&w->a, NULL, 0), 2);
	ck_assert_uint_eq(ag_streams(&w->b, NULL, 0), 2);
	ck_slice_eq(ag_last(&w->a, PARLEY_EV_STREAM_ENDED)->o.reason,
		    "removed");
	ck_slice_eq(ag_last(&w->b, PARLEY_EV_STREAM_ENDED)->o.reason,
		    "removed by the peer");
	ck_assert_uint_eq(w->a.open, 2);
	ck_assert_uint_eq(w->b.open, 2);
	done(w);
}
END_TEST

static void accept_second(struct ag *g, const struct agent_out *o)
{
	uint32_t s[8];

	if (o->event != PARLEY_EV_PROPOSED)
		return;
	ck_assert_uint_eq(agent_streams(g->agent, o->session, s, 8), 3);
	ck_assert_int_eq(agent_proposal_accept(g->agent, o->session, &s[2], 1,
					       g->ua->rig->now), 0);
}

START_TEST(a_part_of_a_proposal_is_accepted)
{
	struct ag_rig *w = up(1);
	uint32_t x = add(&w->a), y = add(&w->a);

	w->b.on_event = accept_second;
	propose(w, &w->a);
	ck_assert_int_eq(outcome(&w->a)->code, 200);
	ck_assert_uint_eq(ag_streams(&w->a, NULL, 0), 2);
	ck_assert_uint_eq(nth(&w->a, 1), y);
	ck_assert_uint_eq(agent_stream_session(w->a.agent, x), 0);
	ck_slice_eq(ag_last(&w->a, PARLEY_EV_STREAM_ENDED)->o.reason,
		    "refused by the peer");
	ck_assert_uint_eq(w->b.open, 2);
	done(w);
}
END_TEST

START_TEST(a_refused_proposal_leaves_all_as_it_was)
{
	struct ag_rig *w = up(1);
	unsigned long long v;

	w->b.reject_more = true;
	v = ag_version(ag_sdp(w, &w->a, "INVITE"));
	add(&w->a);
	propose(w, &w->a);
	ck_assert_int_eq(outcome(&w->a)->code, 488);
	ck_assert_uint_eq(ag_streams(&w->a, NULL, 0), 1);
	ck_assert_uint_eq(ag_streams(&w->b, NULL, 0), 1);
	ck_assert_uint_eq(w->a.open + w->b.open, 2);
	/* The peer's offers of one line are good as before. */
	ck_assert_int_eq(agent_hold(w->b.agent, w->b.session, true,
				    w->r->now), 0);
	ag_run(w);
	ck_assert_int_eq(outcome(&w->b)->code, 200);
	ck_assert_uint_eq(ag_mlines(ag_sdp(w, &w->a, "SIP/2.0 200")), 1);
	ck_assert_uint_eq(ag_version(ag_sdp(w, &w->a, "SIP/2.0 200")), v + 1);
	/* And ours. */
	w->b.reject_more = false;
	w->b.accept_more = true;
	add(&w->a);
	propose(w, &w->a);
	ck_assert_int_eq(outcome(&w->a)->code, 200);
	ck_assert_uint_eq(ag_streams(&w->b, NULL, 0), 2);
	done(w);
}
END_TEST

START_TEST(a_refused_hold_is_no_hold)
{
	struct ag_rig *w = up(1);
	struct parley_session_info i = { 0 };
	const struct rig_packet *p;

	ck_assert_int_eq(agent_end(w->a.agent, w->a.session, w->r->now), 0);
	ag_run(w);
	/* A peer by script, that refuses. */
	ck_assert_int_eq(ag_call_to(w, &w->a, "sip:x@192.0.2.77", NULL, 0), 0);
	p = rig_packet(w->r, w->a.ua, "INVITE");
	rig_reply(w->r, w->a.ua, p, "200 OK", ";tag=x",
		  "Contact: <sip:x@192.0.2.77>\r\n" AG_TYPE AG_SDP_HEAD
		  AG_PCMU);
	ck_assert_int_eq(agent_hold(w->a.agent, w->a.session, true,
				    w->r->now), 0);
	ag_run(w);
	p = rig_packet(w->r, w->a.ua, "INVITE");
	rig_reply(w->r, w->a.ua, p, "488 Not Acceptable Here", "", "");
	ag_run(w);
	ck_assert_int_eq(outcome(&w->a)->code, 488);
	ck_assert_int_eq(agent_session_info(w->a.agent, w->a.session,
					    w->r->now, &i), 0);
	ck_assert(!i.held_here);
	ck_assert_int_eq(w->a.agreed.dir, SDP_SENDRECV);
	done(w);
}
END_TEST

START_TEST(a_proposal_is_taken_back)
{
	struct ag_rig *w = up(1);

	add(&w->a); /* b's application does not answer */
	propose(w, &w->a);
	ck_assert_uint_eq(ag_count(&w->b, PARLEY_EV_PROPOSED), 1);
	ck_assert_uint_eq(ag_streams(&w->b, NULL, 0), 2);
	ck_assert_int_eq(agent_stream_add(w->a.agent, w->a.session,
					  PARLEY_AUDIO, &(uint32_t){ 0 }),
			 -EALREADY);
	ck_assert_int_eq(agent_propose_cancel(w->a.agent, w->a.session,
					      w->r->now), 0);
	ag_wait(w, SEC(1));
	ck_assert_int_eq(outcome(&w->a)->code, 487);
	ck_assert_uint_eq(ag_streams(&w->a, NULL, 0), 1);
	ck_assert_uint_eq(ag_streams(&w->b, NULL, 0), 1);
	ck_slice_eq(ag_last(&w->b, PARLEY_EV_STREAM_ENDED)->o.reason,
		    "the peer took it back");
	ck_assert_int_eq(agent_proposal_accept(w->b.agent, w->b.session, NULL,
					       0, w->r->now), -EALREADY);
	ck_assert_int_eq(agent_propose_cancel(w->a.agent, w->a.session,
					      w->r->now), -EALREADY);
	ck_assert_uint_eq(w->a.open + w->b.open, 2);
	done(w);
}
END_TEST

START_TEST(a_proposal_is_taken_back_while_sockets_open)
{
	struct ag_rig *w = up(1);

	w->a.late = true;
	add(&w->a);
	propose(w, &w->a);
	ck_assert_uint_eq(w->a.waits, 1);
	ck_assert_int_eq(agent_propose_cancel(w->a.agent, w->a.session,
					      w->r->now), 0);
	ag_poll(&w->a);
	ck_assert_int_eq(outcome(&w->a)->code, 487);
	ag_open(&w->a); /* nobody wants them now */
	ag_run(w);
	ck_assert_uint_eq(ag_streams(&w->a, NULL, 0), 1);
	ck_assert_uint_eq(w->a.open, 1);
	ck_assert_uint_eq(rig_sent(w->r, w->a.ua, "INVITE"), 1);
	/* and the next change does not wait for it */
	w->a.late = false;
	ck_assert_int_eq(agent_hold(w->a.agent, w->a.session, true,
				    w->r->now), 0);
	ag_run(w);
	ck_assert_uint_eq(rig_sent(w->r, w->a.ua, "INVITE"), 2);
	done(w);
}
END_TEST

START_TEST(nobody_answers_a_proposal)
{
	struct ag_rig *w = up(1);

	ck_assert_int_eq(ag_set(&w->b, w->b.account, "session.ring_timeout",
				"15"), 0);
	add(&w->a);
	propose(w, &w->a);
	ag_wait(w, SEC(16));
	ck_assert_int_eq(outcome(&w->a)->code, 480);
	ck_assert_uint_eq(ag_streams(&w->b, NULL, 0), 1);
	ck_assert_uint_eq(ag_count(&w->a, PARLEY_EV_ENDED), 0);
	done(w);
}
END_TEST

START_TEST(a_draft_is_carried_by_no_other_change)
{
	struct ag_rig *w = up(2);

	w->b.accept_more = true;
	add(&w->a);
	ck_assert_int_eq(agent_stream_remove(w->a.agent, nth(&w->a, 0)), 0);
	ck_assert_int_eq(agent_hold(w->a.agent, w->a.session, true,
				    w->r->now), 0);
	ag_run(w);
	ck_assert_uint_eq(ag_mlines(ag_sdp(w, &w->a, "INVITE")), 2);
	ck_has(ag_mline(ag_sdp(w, &w->a, "INVITE"), 0), "m=audio 4000 ");
	/* Nor by the peer's, nor does one end it. */
	ck_assert_int_eq(agent_hold(w->b.agent, w->b.session, true,
				    w->r->now), 0);
	ag_run(w);
	ck_assert_uint_eq(ag_streams(&w->a, NULL, 0), 3);
	ck_assert_uint_eq(ag_streams(&w->b, NULL, 0), 2);
	propose(w, &w->a);
	ck_assert_uint_eq(ag_streams(&w->a, NULL, 0), 2);
	ck_assert_uint_eq(ag_streams(&w->b, NULL, 0), 2);
	ck_has(ag_mline(ag_sdp(w, &w->a, "INVITE"), 0), "m=audio 0 ");
	done(w);
}
END_TEST

START_TEST(a_hold_waits_for_the_proposal_under_way)
{
	struct ag_rig *w = up(1);
	struct parley_session_info i = { 0 };

	add(&w->a);
	propose(w, &w->a); /* b thinks */
	ck_assert_int_eq(agent_hold(w->a.agent, w->a.session, true,
				    w->r->now), 0);
	ag_run(w);
	ck_assert_uint_eq(rig_sent(w->r, w->a.ua, "INVITE"), 2);
	ck_assert_int_eq(agent_proposal_accept(w->b.agent, w->b.session, NULL,
					       0, w->r->now), 0);
	ag_wait(w, SEC(1));
	ck_assert_uint_eq(rig_sent(w->r, w->a.ua, "INVITE"), 3);
	ck_has(ag_mline(ag_sdp(w, &w->a, "INVITE"), 1), "a=sendonly");
	ck_assert_int_eq(agent_session_info(w->b.agent, w->b.session,
					    w->r->now, &i), 0);
	ck_assert(i.held_there);
	ck_assert_uint_eq(ag_streams(&w->b, NULL, 0), 2);
	done(w);
}
END_TEST

/* RFC 3261 14.1: both are answered 491; both go again, one after the other. */
START_TEST(proposals_that_cross_both_come_through)
{
	struct ag_rig *w = up(1);

	w->a.accept_more = w->b.accept_more = true;
	add(&w->a);
	add(&w->b);
	ck_assert_int_eq(agent_propose(w->a.agent, w->a.session, w->r->now),
			 0);
	ag_poll(&w->a);
	ck_assert_int_eq(agent_propose(w->b.agent, w->b.session, w->r->now),
			 0);
	ag_poll(&w->b);
	ag_run(w);
	ck_assert_uint_ge(rig_sent(w->r, w->a.ua, "SIP/2.0 491") +
			  rig_sent(w->r, w->b.ua, "SIP/2.0 491"), 1);
	ag_wait(w, SEC(10));
	ck_assert_int_eq(outcome(&w->a)->code, 200);
	ck_assert_int_eq(outcome(&w->b)->code, 200);
	ck_assert_uint_eq(ag_streams(&w->a, NULL, 0), 3);
	ck_assert_uint_eq(ag_streams(&w->b, NULL, 0), 3);
	ck_assert_uint_eq(ag_count(&w->a, PARLEY_EV_STREAM_STARTED), 3);
	ck_assert_uint_eq(ag_count(&w->b, PARLEY_EV_STREAM_STARTED), 3);
	done(w);
}
END_TEST

/* The peer by script refuses with 491; then its own offer comes first. */
static struct ag_rig *glare(char tag[64])
{
	struct ag_rig *w = ag_rig_new(0);
	const struct rig_packet *p;

	ck_assert_ptr_nonnull(w);
	ck_assert_int_eq(ag_set(&w->b, w->b.account, "rtp.codecs", "PCMU"), 0);
	ag_request(w, &w->b, "INVITE", 1, "", AG_TYPE AG_SDP_HEAD AG_PCMU);
	snprintf(tag, 64, "%s", ag_tag(w, &w->b));
	ag_request(w, &w->b, "ACK", 1, tag, "");
	add(&w->b);
	propose(w, &w->b);
	p = rig_packet(w->r, w->b.ua, "INVITE");
	rig_reply(w->r, w->b.ua, p, "491 Request Pending", "", "");
	return w;
}

START_TEST(what_met_the_peers_offer_is_not_what_the_answer_builds_on)
{
	char tag[64];
	struct ag_rig *w = glare(tag);
	unsigned long long v, was;
	const char *sdp;

	w->b.accept_more = true;
	was = ag_version(ag_sdp(w, &w->b, "SIP/2.0 200"));
	ag_request(w, &w->b, "INVITE", 2, tag, AG_TYPE AG_SDP_HEAD AG_PCMU
		   "m=audio 9002 RTP/AVP 0\r\n");
	sdp = ag_sdp(w, &w->b, "SIP/2.0 200");
	v = ag_version(sdp);
	ck_assert_uint_eq(v, was + 1); /* ours was never agreed on */
	ck_assert_uint_eq(ag_mlines(sdp), 2);
	ck_has(ag_mline(sdp, 1), "m=audio 40"); /* not refused */
	ag_request(w, &w->b, "ACK", 2, tag, "");
	ag_wait(w, SEC(3)); /* ours goes again, behind it */
	sdp = ag_sdp(w, &w->b, "INVITE");
	ck_assert_uint_eq(ag_mlines(sdp), 3);
	ck_assert_uint_eq(ag_version(sdp), v + 1);
	done(w);
}
END_TEST

START_TEST(what_waits_to_go_again_is_taken_back)
{
	char tag[64];
	struct ag_rig *w = glare(tag);
	unsigned sent = rig_sent(w->r, w->b.ua, "INVITE");

	ck_assert_int_eq(agent_propose_cancel(w->b.agent, w->b.session,
					      w->r->now), 0);
	ag_run(w);
	ck_assert_int_eq(outcome(&w->b)->code, 487);
	ag_wait(w, SEC(5));
	ck_assert_uint_eq(rig_sent(w->r, w->b.ua, "INVITE"), sent);
	ck_assert_uint_eq(ag_streams(&w->b, NULL, 0), 1);
	/* Nothing is stuck. */
	add(&w->b);
	propose(w, &w->b);
	ck_assert_uint_eq(rig_sent(w->r, w->b.ua, "INVITE"), sent + 1);
	done(w);
}
END_TEST

START_TEST(an_offerless_reinvite_gets_all_that_runs)
{
	char tag[64];
	struct ag_rig *w = ag_rig_new(0);
	const char *sdp;

	ag_request(w, &w->b, "INVITE", 1, "", AG_TYPE AG_SDP_HEAD AG_PCMU
		   "m=video 9002 RTP/AVP 31\r\n");
	snprintf(tag, sizeof(tag), "%s", ag_tag(w, &w->b));
	ag_request(w, &w->b, "ACK", 1, tag, "");
	add(&w->b); /* a draft is not in it, and stays one */
	ag_request(w, &w->b, "INVITE", 2, tag, "");
	sdp = ag_sdp(w, &w->b, "SIP/2.0 200");
	ck_assert_uint_eq(ag_mlines(sdp), 2);
	ck_has(ag_mline(sdp, 0), "m=audio 4000 ");
	ck_has(ag_mline(sdp, 1), "m=video 0 ");
	ag_request(w, &w->b, "ACK", 2, tag, AG_TYPE AG_SDP_HEAD
		   "m=audio 9100 RTP/AVP 0\r\na=sendonly\r\n"
		   "m=video 0 RTP/AVP 31\r\n");
	ck_assert_uint_eq(w->b.agreed.rtp.port, 9100);
	ck_assert_uint_eq(ag_count(&w->b, PARLEY_EV_HELD), 1);
	ck_assert_uint_eq(ag_streams(&w->b, NULL, 0), 2);
	propose(w, &w->b);
	ck_assert_uint_eq(ag_mlines(ag_sdp(w, &w->b, "INVITE")), 2);
	done(w);
}
END_TEST

START_TEST(an_answer_that_cannot_be_read_ends_the_session)
{
	char tag[64];
	struct ag_rig *w = glare(tag);

	ag_wait(w, SEC(3)); /* it goes again */
	rig_reply(w->r, w->b.ua, rig_packet(w->r, w->b.ua, "INVITE"), "200 OK",
		  "", "Contact: <sip:peer@192.0.2.77>\r\n" AG_TYPE "m=\r\n");
	ag_run(w);
	ck_assert_uint_eq(rig_sent(w->r, w->b.ua, "BYE"), 1);
	ag_wait(w, SEC(40));
	ck_assert_int_eq(ag_last(&w->b, PARLEY_EV_ENDED)->o.end,
			 PARLEY_FAILED);
	ck_slice_eq(ag_last(&w->b, PARLEY_EV_ENDED)->o.reason,
		    "nothing usable in the answer");
	done(w);
}
END_TEST

START_TEST(the_end_comes_while_a_change_is_under_way)
{
	struct ag_rig *w = up(1);

	add(&w->a);
	propose(w, &w->a); /* b thinks */
	ck_assert_int_eq(agent_end(w->b.agent, w->b.session, w->r->now), 0);
	ag_wait(w, SEC(40));
	ck_assert_uint_eq(ag_count(&w->a, PARLEY_EV_ENDED), 1);
	ck_assert_uint_eq(ag_count(&w->b, PARLEY_EV_ENDED), 1);
	ck_assert_uint_eq(agent_load(w->a.agent).sessions, 0);
	ck_assert_uint_eq(agent_load(w->b.agent).sessions, 0);
	ck_assert_uint_eq(w->a.open + w->b.open, 0);
	done(w);
}
END_TEST

START_TEST(the_last_stream_may_go_and_come_back)
{
	struct ag_rig *w = up(1);

	w->b.accept_more = true;
	ck_assert_int_eq(agent_stream_remove(w->a.agent, nth(&w->a, 0)), 0);
	propose(w, &w->a);
	ck_assert_uint_eq(ag_streams(&w->a, NULL, 0), 0);
	ck_assert_uint_eq(ag_count(&w->b, PARLEY_EV_ENDED), 0);
	add(&w->a);
	propose(w, &w->a);
	ck_assert_uint_eq(ag_mlines(ag_sdp(w, &w->a, "INVITE")), 1);
	ck_assert_uint_eq(ag_streams(&w->b, NULL, 0), 1);
	done(w);
}
END_TEST

START_TEST(what_does_not_fit_the_state_is_said)
{
	struct ag_rig *w = up(1);
	struct agent *a = w->a.agent;
	uint32_t s = w->a.session, no = 4711;

	ck_assert_int_eq(agent_propose(a, s, w->r->now), -EALREADY);
	ck_assert_int_eq(agent_propose_cancel(a, s, w->r->now), -EALREADY);
	ck_assert_int_eq(agent_proposal_accept(a, s, NULL, 0, w->r->now),
			 -EALREADY);
	ck_assert_int_eq(agent_proposal_reject(a, s, w->r->now), -EALREADY);
	ck_assert_int_eq(agent_stream_remove(a, no), -ENOENT);
	ck_assert_int_eq(agent_stream_add(a, s, (enum parley_media)99, &no),
			 -ENOTSUP);
	ck_assert_int_eq(agent_ring(a, s, w->r->now), -EALREADY);
	ck_assert_int_eq(agent_accept(a, s, NULL, 0, w->r->now), -EALREADY);
	ck_assert_int_eq(agent_reject(a, s, 486, S(""), w->r->now), -EALREADY);
	/* A draft that is given up again is no proposal. */
	ck_assert_int_eq(agent_stream_remove(a, add(&w->a)), 0);
	ck_assert_int_eq(agent_propose(a, s, w->r->now), -EALREADY);
	/* Streams that are not in the peer's proposal. */
	add(&w->b);
	propose(w, &w->b);
	ck_assert_int_eq(agent_proposal_accept(a, s, &no, 1, w->r->now),
			 -ENOENT);
	ck_assert_int_eq(agent_proposal_accept(a, s, NULL, 0, w->r->now), 0);
	ag_run(w);
	ck_assert_uint_eq(ag_streams(&w->b, NULL, 0), 2);
	done(w);
}
END_TEST

START_TEST(a_stream_that_is_removed_twice_is_removed)
{
	struct ag_rig *w = up(2);
	uint32_t gone = nth(&w->a, 0);

	for (unsigned i = 0; i < 3; i++)
		ck_assert_int_eq(agent_stream_remove(w->a.agent, gone), 0);
	propose(w, &w->a);
	ck_assert_int_eq(outcome(&w->a)->code, 200);
	ck_assert_uint_eq(ag_streams(&w->a, NULL, 0), 1);
	ck_assert_uint_eq(ag_streams(&w->b, NULL, 0), 1);
	done(w);
}
END_TEST

/* Ours is not offered yet: the peer's comes first, then ours by itself. */
START_TEST(the_peer_changes_the_session_while_sockets_open)
{
	struct ag_rig *w = up(1);

	w->a.late = true;
	w->b.accept_more = true;
	add(&w->a);
	propose(w, &w->a);
	ck_assert_uint_eq(w->a.waits, 1);
	ck_assert_int_eq(agent_hold(w->b.agent, w->b.session, true,
				    w->r->now), 0);
	ag_wait(w, SEC(1));
	ck_assert_int_eq(outcome(&w->b)->code, 200);
	ck_assert_uint_eq(ag_count(&w->a, PARLEY_EV_HELD), 1);
	ck_assert_uint_eq(rig_sent(w->r, w->a.ua, "INVITE"), 1);
	ck_assert_uint_eq(w->a.waits, 1); /* asked for once */
	ag_open(&w->a);
	ag_wait(w, SEC(1));
	ck_assert_int_eq(outcome(&w->a)->code, 200);
	ck_assert_uint_eq(ag_streams(&w->a, NULL, 0), 2);
	ck_assert_uint_eq(ag_streams(&w->b, NULL, 0), 2);
	ck_assert_uint_eq(w->a.open, 2);
	done(w);
}
END_TEST

/* What is ours and fails meanwhile is no matter of the peer's proposal; in its
 * turn it is tried anew. */
START_TEST(sockets_of_ours_fail_while_the_peer_proposes)
{
	struct ag_rig *w = up(1);

	w->a.late = true;
	w->a.accept_more = w->b.accept_more = true;
	add(&w->a);
	propose(w, &w->a);
	add(&w->b);
	propose(w, &w->b);
	ag_poll(&w->a);
	ck_assert_uint_eq(w->a.waits, 2);
	w->a.open_error = -EMFILE;
	ag_opened(&w->a, &w->a.waiting[0]);
	w->a.open_error = 0;
	w->a.late = false;
	w->a.waiting[0] = w->a.waiting[1];
	w->a.waits = 1;
	ag_open(&w->a);
	ag_wait(w, SEC(1));
	ck_assert_int_eq(outcome(&w->b)->code, 200);
	ck_assert_int_eq(outcome(&w->a)->code, 200);
	ck_assert_uint_eq(ag_streams(&w->a, NULL, 0), 3);
	ck_assert_uint_eq(ag_streams(&w->b, NULL, 0), 3);
	ck_assert_uint_eq(w->a.open, 3);
	done(w);
}
END_TEST

/* 0: the proposal is taken back, 1: its owner hangs up, 2: we do, 3: we shut
 * down. */
static void end_while_opening(int how)
{
	struct ag_rig *w = up(1);

	w->b.late = true;
	w->b.accept_more = true;
	add(&w->a);
	propose(w, &w->a);
	ag_poll(&w->b);
	ck_assert_uint_eq(w->b.waits, 1);
	if (how == 0)
		ck_assert_int_eq(agent_propose_cancel(w->a.agent, w->a.session,
						      w->r->now), 0);
	else if (how == 3)
		agent_shutdown(w->b.agent, w->r->now.m + SEC(3), w->r->now);
	else
		ck_assert_int_eq(how == 1 ?
			agent_end(w->a.agent, w->a.session, w->r->now) :
			agent_end(w->b.agent, w->b.session, w->r->now), 0);
	ag_wait(w, SEC(1));
	ck_assert_uint_eq(w->b.offs, 1);
	ck_assert_uint_eq(w->b.open, how == 0);
	ag_open(&w->b); /* nobody wants them now */
	ck_assert_uint_eq(w->b.open, how == 0);
	ck_assert_uint_eq(ag_streams(&w->b, NULL, 0), how == 0);
	done(w);
}

START_TEST(a_proposal_ends_while_sockets_open_for_its_answer)
{
	for (int how = 0; how < 4; how++)
		end_while_opening(how);
}
END_TEST

START_TEST(a_broken_stream_ends_and_leaves_the_others_alone)
{
	struct ag_rig *w = up(2);

	agent_on_stream_failed(w->a.agent, nth(&w->a, 1), "it broke",
			       w->r->now);
	ag_wait(w, SEC(1));
	ck_slice_eq(ag_last(&w->a, PARLEY_EV_STREAM_ENDED)->o.reason,
		    "it broke");
	ck_has(ag_mline(ag_sdp(w, &w->a, "INVITE"), 0), "m=audio 4000 ");
	ck_has(ag_mline(ag_sdp(w, &w->a, "INVITE"), 1), "m=audio 0 ");
	ck_assert_uint_eq(ag_streams(&w->a, NULL, 0), 1);
	ck_assert_uint_eq(ag_streams(&w->b, NULL, 0), 1);
	ck_assert_uint_eq(w->a.open, 1);
	/* and the last takes the session along */
	agent_on_stream_failed(w->b.agent, nth(&w->b, 0), "it broke as well",
			       w->r->now);
	ag_wait(w, SEC(1));
	ck_assert_int_eq(ag_last(&w->b, PARLEY_EV_ENDED)->o.end,
			 PARLEY_FAILED);
	ck_slice_eq(ag_last(&w->b, PARLEY_EV_ENDED)->o.reason,
		    "it broke as well");
	ck_assert_uint_eq(w->a.open + w->b.open, 0);
	done(w);
}
END_TEST

SUITE(session_change, a_stream_that_is_removed_twice_is_removed,
      streams_are_added_and_removed_in_one_proposal,
      a_part_of_a_proposal_is_accepted, a_refused_proposal_leaves_all_as_it_was,
      a_refused_hold_is_no_hold, a_proposal_is_taken_back,
      a_proposal_is_taken_back_while_sockets_open, nobody_answers_a_proposal,
      a_draft_is_carried_by_no_other_change,
      a_hold_waits_for_the_proposal_under_way,
      proposals_that_cross_both_come_through,
      what_met_the_peers_offer_is_not_what_the_answer_builds_on,
      what_waits_to_go_again_is_taken_back,
      an_offerless_reinvite_gets_all_that_runs,
      an_answer_that_cannot_be_read_ends_the_session,
      the_end_comes_while_a_change_is_under_way,
      the_peer_changes_the_session_while_sockets_open,
      sockets_of_ours_fail_while_the_peer_proposes,
      a_proposal_ends_while_sockets_open_for_its_answer,
      a_broken_stream_ends_and_leaves_the_others_alone,
      the_last_stream_may_go_and_come_back,
      what_does_not_fit_the_state_is_said);
