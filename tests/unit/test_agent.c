/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/suites.h"

#include "client/agent_priv.h"
#include "tests/unit/agent_rig.h"

static void done(struct ag_rig *w)
{
	ck_assert_uint_eq(ag_rig_free(w), 0);
}

static struct ag_rig *begin(void)
{
	struct ag_rig *w = ag_rig_new(0);

	ck_assert_ptr_nonnull(w);
	return w;
}

#define ck_has(text, part) \
	ck_assert_msg(strstr(text, part) != NULL, "no '%s' in:\n%s", part, text)
#define ck_lacks(text, part) \
	ck_assert_msg(strstr(text, part) == NULL, "'%s' in:\n%s", part, text)

START_TEST(a_call_is_told_in_its_order_and_leaves_nothing)
{
	static const enum parley_event_kind a[] = {
		PARLEY_EV_PROGRESS, PARLEY_EV_ANSWERED,
		PARLEY_EV_STREAM_STARTED, PARLEY_EV_CONFIRMED,
		PARLEY_EV_ENDED };
	static const enum parley_event_kind b[] = {
		PARLEY_EV_INCOMING, PARLEY_EV_ANSWERED,
		PARLEY_EV_STREAM_STARTED, PARLEY_EV_CONFIRMED,
		PARLEY_EV_ENDED };
	struct ag_rig *w = begin();

	w->b.ring = true;
	ck_assert_int_eq(ag_call(w), 0);
	ag_wait(w, SEC(1));
	ck_assert_int_eq(agent_end(w->a.agent, w->a.session, w->r->now), 0);
	ag_wait(w, SEC(40));
	ck_assert_uint_eq(w->a.n, COUNT(a));
	ck_assert_uint_eq(w->b.n, COUNT(b));
	for (size_t i = 0; i < COUNT(a); i++) {
		ck_assert_int_eq(w->a.ev[i].o.event, a[i]);
		ck_assert_int_eq(w->b.ev[i].o.event, b[i]);
	}
	ck_assert_int_eq(w->a.ev[0].o.code, 180);
	ck_assert_int_eq(w->a.ev[4].o.end, PARLEY_ENDED);
	ck_assert_int_eq(w->b.ev[4].o.end, PARLEY_ENDED);
	ck_assert(!w->a.ev[4].o.by_peer && w->b.ev[4].o.by_peer);
	ck_assert_uint_eq(w->a.open + w->b.open, 0);
	ck_assert_uint_eq(w->a.forgets, 1);
	ck_assert_uint_eq(agent_load(w->a.agent).sessions, 0);
	ck_assert_uint_eq(agent_load(w->b.agent).calls, 0);
	done(w);
}
END_TEST

START_TEST(a_handle_of_an_object_that_is_gone_finds_nothing)
{
	struct ag_rig *w = begin();
	struct parley_session_info i;
	struct parley_stats st;
	uint32_t stream, s;

	ck_assert_int_eq(ag_call(w), 0);
	ck_assert_uint_eq(ag_streams(&w->a, &stream, 1), 1);
	ck_assert_int_eq(agent_stream_info(w->a.agent, stream, &st), 0);
	ck_assert_int_eq(agent_end(w->a.agent, w->a.session, w->r->now), 0);
	/* Twice: no effect, whatever it answers. */
	(void)!agent_end(w->a.agent, w->a.session, w->r->now);
	ag_wait(w, SEC(1));
	s = w->a.session;
	ck_assert_int_eq(ag_count(&w->a, PARLEY_EV_ENDED), 1);
	ck_assert_int_eq(agent_end(w->a.agent, s, w->r->now), -ENOENT);
	ck_assert_int_eq(agent_hold(w->a.agent, s, true, w->r->now), -ENOENT);
	ck_assert_int_eq(agent_ring(w->a.agent, s, w->r->now), -ENOENT);
	ck_assert_int_eq(agent_accept(w->a.agent, s, NULL, 0, w->r->now),
			 -ENOENT);
	ck_assert_int_eq(agent_reject(w->a.agent, s, 486, S(""), w->r->now),
			 -ENOENT);
	ck_assert_int_eq(agent_propose(w->a.agent, s, w->r->now), -ENOENT);
	ck_assert_int_eq(agent_stream_remove(w->a.agent, stream), -ENOENT);
	ck_assert_int_eq(agent_stream_info(w->a.agent, stream, &st), -ENOENT);
	ck_assert_int_eq(agent_session_info(w->a.agent, s, w->r->now, &i),
			 -ENOENT);
	ck_assert_uint_eq(agent_streams(w->a.agent, s, &stream, 1), 0);
	ck_assert_int_eq(agent_account_remove(w->a.agent, 99, w->r->now),
			 -ENOENT);
	done(w);
}
END_TEST

START_TEST(limits_turn_calls_away_with_their_status)
{
	struct ag_rig *w = begin();

	ck_assert_int_eq(ag_set(&w->b, w->b.account, "session.calls", "1"), 0);
	ck_assert_int_eq(ag_call(w), 0);
	ck_assert_int_eq(ag_call(w), 0);
	ag_wait(w, SEC(1));
	ck_assert_int_eq(ag_last(&w->a, PARLEY_EV_ENDED)->o.code, 486);
	ck_assert_int_eq(ag_set(&w->b, w->b.account, "session.calls", "9"), 0);
	ck_assert_int_eq(ag_set(&w->b, 0, "agent.sessions", "1"), 0);
	ck_assert_int_eq(ag_call(w), 0);
	ag_wait(w, SEC(1));
	ck_assert_int_eq(ag_last(&w->a, PARLEY_EV_ENDED)->o.code, 503);
	ck_assert_int_eq(ag_set(&w->b, 0, "agent.sessions", "9"), 0);
	/* Unknown users: the first account takes them, unless told not to. */
	ck_assert_int_eq(ag_call_to(w, &w->a, "sip:x@192.0.2.2", NULL, 0), 0);
	ck_assert_int_eq(ag_count(&w->b, PARLEY_EV_INCOMING), 2);
	ck_assert_int_eq(ag_set(&w->b, 0, "agent.unknown", "false"), 0);
	ck_assert_int_eq(ag_call_to(w, &w->a, "sip:x@192.0.2.2", NULL, 0), 0);
	ag_wait(w, SEC(1));
	ck_assert_int_eq(ag_last(&w->a, PARLEY_EV_ENDED)->o.code, 404);
	ck_assert_int_eq(ag_count(&w->b, PARLEY_EV_INCOMING), 2);
	done(w);
}
END_TEST

START_TEST(a_call_that_nobody_answers_ends_when_its_time_is_over)
{
	struct ag_rig *w = begin();

	w->b.accept = false;
	w->b.ring = true;
	/* Only the callee has a limit: the caller's Expires is long. */
	ck_assert_int_eq(ag_set(&w->b, w->b.account, "session.ring_timeout",
				"20"), 0);
	ck_assert_int_eq(ag_call(w), 0);
	ag_wait(w, SEC(19));
	ck_assert_uint_eq(ag_count(&w->a, PARLEY_EV_ENDED), 0);
	ag_wait(w, SEC(2));
	ck_assert_int_eq(ag_last(&w->a, PARLEY_EV_ENDED)->o.code, 480);
	ck_assert_int_eq(ag_last(&w->b, PARLEY_EV_ENDED)->o.end,
			 PARLEY_FAILED);
	ck_slice_eq(ag_last(&w->b, PARLEY_EV_ENDED)->o.reason,
		    "not answered in time");
	done(w);
}
END_TEST

START_TEST(ring_timeouts_of_many_calls_come_in_their_order)
{
	struct ag_rig *w = begin();
	const char *const t[] = { "30", "10", "20" };

	w->b.accept = false;
	for (size_t i = 0; i < COUNT(t); i++) {
		ck_assert_int_eq(ag_set(&w->b, w->b.account,
					"session.ring_timeout", t[i]), 0);
		ck_assert_int_eq(ag_call(w), 0);
	}
	for (unsigned i = 0; i < 3; i++) {
		ag_wait(w, SEC(10) - MS(1));
		ck_assert_uint_eq(ag_count(&w->b, PARLEY_EV_ENDED), i);
		ag_wait(w, MS(1));
		ck_assert_uint_eq(ag_count(&w->b, PARLEY_EV_ENDED), i + 1);
	}
	done(w);
}
END_TEST

START_TEST(the_agents_name_takes_effect_at_once)
{
	struct ag_rig *w = begin();

	ck_assert_int_eq(ag_set(&w->a, 0, "agent.name", "one/1"), 0);
	ck_assert_int_eq(ag_call(w), 0);
	ck_has(rig_packet(w->r, w->a.ua, "INVITE")->text,
	       "User-Agent: one/1\r\n");
	ck_assert_int_eq(ag_set(&w->a, 0, "agent.name", "two"), 0);
	ck_assert_int_eq(agent_end(w->a.agent, w->a.session, w->r->now), 0);
	ag_run(w);
	ck_has(rig_packet(w->r, w->a.ua, "BYE")->text, "User-Agent: two\r\n");
	/* OPTIONS is answered by another part. */
	ag_request(w, &w->a, "OPTIONS", 1, "", "");
	ck_has(rig_packet(w->r, w->a.ua, "SIP/2.0 200")->text,
	       "Server: two\r\n");
	ck_assert_int_eq(ag_set(&w->a, 0, "agent.name", ""), 0);
	ag_request(w, &w->a, "OPTIONS", 2, "", "");
	ck_lacks(rig_packet(w->r, w->a.ua, "SIP/2.0 200")->text, "Server:");
	done(w);
}
END_TEST

START_TEST(shutting_down_ends_calls_and_takes_no_more)
{
	struct ag_rig *w = begin();

	ck_assert_int_eq(ag_call(w), 0);
	agent_shutdown(w->b.agent, mono_add(w->r->now.m, SEC(3)), w->r->now);
	ag_wait(w, SEC(1));
	ck_assert_uint_eq(ag_count(&w->a, PARLEY_EV_ENDED), 1);
	ck_assert_uint_eq(ag_count(&w->b, PARLEY_EV_ENDED), 1);
	ck_assert_uint_eq(ag_count(&w->b, PARLEY_EV_SHUTDOWN), 1);
	ck_assert_int_eq(ag_call(w), 0);
	ag_wait(w, SEC(1));
	ck_assert_int_eq(ag_last(&w->a, PARLEY_EV_ENDED)->o.code, 480);
	ck_assert_int_eq(ag_call_to(w, &w->b, "sip:alice@192.0.2.1", NULL, 0),
			 -EALREADY);
	ck_assert_int_eq(agent_register(w->b.agent, w->b.account, true,
					w->r->now), -EALREADY);
	ag_wait(w, SEC(10));
	ck_assert_uint_eq(ag_count(&w->b, PARLEY_EV_SHUTDOWN), 1);
	done(w);
}
END_TEST

static bool all_lost(const struct rig *r, const struct rig_packet *p)
{
	(void)r;
	(void)p;
	return true;
}

START_TEST(shutting_down_does_not_wait_for_a_dead_peer)
{
	struct ag_rig *w = begin();

	ck_assert_int_eq(ag_call(w), 0);
	w->r->drop = all_lost;
	agent_shutdown(w->a.agent, mono_add(w->r->now.m, SEC(3)), w->r->now);
	ag_wait(w, SEC(2));
	ck_assert_uint_eq(ag_count(&w->a, PARLEY_EV_SHUTDOWN), 0);
	ag_wait(w, SEC(2));
	ck_assert_uint_eq(ag_count(&w->a, PARLEY_EV_ENDED), 1);
	ck_assert_uint_eq(ag_count(&w->a, PARLEY_EV_SHUTDOWN), 1);
	ck_assert_int_eq(w->a.ev[w->a.n - 1].o.event, PARLEY_EV_SHUTDOWN);
	ck_assert_uint_eq(w->a.open, 0);
	done(w);
}
END_TEST

START_TEST(an_idle_agent_shuts_down_at_once)
{
	struct ag_rig *w = begin();

	agent_shutdown(w->a.agent, MONO_NEVER, w->r->now);
	ag_run(w);
	ck_assert_uint_eq(ag_count(&w->a, PARLEY_EV_SHUTDOWN), 1);
	done(w);
}
END_TEST

/* Whatever the build lacks: what is read can be written back. */
START_TEST(every_default_can_be_set)
{
	struct ag_rig *w = begin();

	for (size_t i = 0; i < SET_COUNT; i++) {
		const struct parley_setting *row = &settings_table[i].row;

		ck_assert_int_eq(ag_set(&w->a, row->of_account ?
					w->a.account : 0, row->key,
					row->initial), 0);
	}
	done(w);
}
END_TEST

START_TEST(settings_say_what_is_wrong)
{
	struct ag_rig *w = begin();
	struct agent *a = w->a.agent;

	ck_assert_int_eq(ag_set(&w->a, 0, "no.such", "1"), -EINVAL);
	ck_has(agent_error(a), "no.such");
	ck_assert_int_eq(ag_set(&w->a, 77, "sip.expires", "60"), -ENOENT);
	ck_assert_int_eq(ag_set(&w->a, 0, "sip.expires", "60"), -EINVAL);
	ck_has(agent_error(a), "of an account");
	ck_assert_int_eq(ag_set(&w->a, 0, "sip.expires", "9"), -EINVAL);
	ck_has(agent_error(a), "of an account"); /* not of its value */
	ck_assert_int_eq(ag_set(&w->a, w->a.account, "agent.name", "x"),
			 -EINVAL);
	ck_assert_int_eq(ag_set(&w->a, w->a.account, "rtp.codecs",
				"PCMU,nonsense"), -EINVAL);
	ck_has(agent_error(a), "no such codec");
	ck_assert_int_eq(ag_set(&w->a, w->a.account, "rtp.codecs",
				"PCMA, PCMU"), 0);
	ck_slice_eq(settings_text(agent_settings(a, w->a.account), SET_CODECS),
		    "PCMA, PCMU");
	ck_assert_ptr_null(agent_settings(a, 77));
	done(w);
}
END_TEST

START_TEST(sockets_that_come_too_late_are_given_back)
{
	struct ag_rig *w = begin();

	w->a.late = true;
	ck_assert_int_eq(ag_call(w), 0);
	ag_poll(&w->a);
	ck_assert_uint_eq(w->a.waits, 1);
	ck_assert_int_eq(agent_end(w->a.agent, w->a.session, w->r->now), 0);
	ag_poll(&w->a);
	ck_assert_uint_eq(ag_count(&w->a, PARLEY_EV_ENDED), 1);
	ck_assert_int_eq(ag_last(&w->a, PARLEY_EV_ENDED)->o.end,
			 PARLEY_CANCELLED);
	ck_assert_uint_eq(w->a.offs, 1); /* what was begun is off */
	ag_open(&w->a); /* refused: it is the port's to close them */
	ck_assert_uint_eq(w->a.open, 0);
	ck_assert_uint_eq(w->a.closes, 1);
	done(w);
}
END_TEST

START_TEST(no_socket_ends_the_call_before_it_begins)
{
	struct ag_rig *w = begin();

	w->a.open_error = -EMFILE;
	ck_assert_int_eq(ag_call(w), 0);
	ck_slice_eq(ag_last(&w->a, PARLEY_EV_ENDED)->o.reason,
		    "no port for media");
	ck_assert_uint_eq(rig_sent(w->r, w->a.ua, "INVITE"), 0);
	w->a.open_error = 0;
	w->b.open_error = -EMFILE;
	ck_assert_int_eq(ag_call(w), 0);
	ag_wait(w, SEC(1));
	/* RFC 3261 21.5.4: for now it cannot; elsewhere it might be taken */
	ck_assert_int_eq(ag_last(&w->a, PARLEY_EV_ENDED)->o.code, 503);
	ck_assert_uint_eq(w->a.open + w->b.open, 0);
	done(w);
}
END_TEST

/* RFC 3264 6: port 0 for the stream that cannot be had; both when the call
 * begins and when streams are added. */
START_TEST(sockets_for_one_of_two_streams_take_that_one)
{
	static const enum parley_media two[] = { PARLEY_AUDIO, PARLEY_AUDIO };
	struct ag_rig *w = begin();
	uint32_t more[2];

	w->b.few = 1;
	ck_assert_int_eq(ag_call_to(w, &w->a, "sip:bob@192.0.2.2", two, 2), 0);
	ag_wait(w, SEC(1));
	ck_assert_uint_eq(ag_count(&w->a, PARLEY_EV_CONFIRMED), 1);
	ck_assert_uint_eq(ag_count(&w->a, PARLEY_EV_STREAM_STARTED), 1);
	ck_assert_uint_eq(ag_count(&w->a, PARLEY_EV_STREAM_ENDED), 1);
	ck_assert_uint_eq(ag_count(&w->b, PARLEY_EV_STREAM_STARTED), 1);
	ck_assert_uint_eq(w->a.open, 1);
	ck_assert_uint_eq(w->b.open, 1);
	w->b.few = 2;
	w->b.accept_more = true;
	for (size_t i = 0; i < 2; i++)
		ck_assert_int_eq(agent_stream_add(w->a.agent, w->a.session,
						  PARLEY_AUDIO, &more[i]), 0);
	ck_assert_int_eq(agent_propose(w->a.agent, w->a.session, w->r->now),
			 0);
	ag_wait(w, SEC(1));
	ck_assert_int_eq(ag_last(&w->a, PARLEY_EV_PROPOSAL_ANSWERED)->o.code,
			 200);
	ck_assert_uint_eq(ag_count(&w->a, PARLEY_EV_STREAM_STARTED), 2);
	ck_assert_uint_eq(w->a.open, 2);
	ck_assert_uint_eq(w->b.open, 2);
	done(w);
}
END_TEST

START_TEST(media_that_does_not_start_ends_the_call_as_failed)
{
	struct ag_rig *w = begin();
	const struct ag_event *e;

	w->a.start_fails = true;
	ck_assert_int_eq(ag_call(w), 0);
	ag_wait(w, SEC(1));
	e = ag_last(&w->a, PARLEY_EV_ENDED);
	ck_assert_ptr_nonnull(e);
	ck_assert_int_eq(e->o.end, PARLEY_FAILED);
	ck_slice_eq(e->o.reason, "media could not be started");
	ck_assert_int_eq(ag_last(&w->b, PARLEY_EV_ENDED)->o.end, PARLEY_ENDED);
	/* In the middle of a call: a change that cannot be carried out. */
	w->a.start_fails = false;
	ck_assert_int_eq(ag_call(w), 0);
	w->a.start_fails = true;
	ck_assert_int_eq(agent_hold(w->b.agent, w->b.session, true,
				    w->r->now), 0);
	ag_wait(w, SEC(1));
	e = ag_last(&w->a, PARLEY_EV_ENDED);
	ck_assert_int_eq(e->o.end, PARLEY_FAILED);
	ck_slice_eq(e->o.reason, "media could not be started");
	ck_assert_uint_eq(w->a.open + w->b.open, 0);
	done(w);
}
END_TEST

/* A whole life: two streams, one more, hold, one less, the end. */
static void life(struct ag_rig *w)
{
	enum parley_media two[] = { PARLEY_AUDIO, PARLEY_AUDIO };
	uint32_t more, s[4];
	int rc;

	w->b.ring = w->b.accept_more = true;
	if (ag_call_to(w, &w->a, "sip:bob@192.0.2.2", two, 2))
		return;
	rc = agent_stream_add(w->a.agent, w->a.session, PARLEY_AUDIO, &more);
	if (rc == 0)
		rc = agent_propose(w->a.agent, w->a.session, w->r->now);
	ag_wait(w, SEC(1));
	rc = agent_hold(w->b.agent, w->b.session, true, w->r->now);
	ag_wait(w, SEC(1));
	if (agent_streams(w->a.agent, w->a.session, s, 4) > 1)
		rc = agent_stream_remove(w->a.agent, s[1]);
	rc = agent_propose(w->a.agent, w->a.session, w->r->now);
	ag_wait(w, SEC(1));
	rc = ag_set(&w->a, w->a.account, "auth.password", "p");
	rc = ag_set(&w->a, 0, "agent.name", "n");
	rc = agent_register(w->a.agent, w->a.account, true, w->r->now);
	ag_wait(w, SEC(1));
	rc = agent_end(w->b.agent, w->b.session, w->r->now);
	ag_wait(w, SEC(1));
	rc = agent_end(w->a.agent, w->a.session, w->r->now); /* or a BYE was
		* refused for want of memory */
	(void)rc;
	/* 64*T1 and more: what was lost for want of memory has timed out. */
	ag_wait(w, SEC(120));
}

START_TEST(every_allocation_may_fail)
{
	bool reached = true;

	for (uint64_t n = 1; reached && n < 5000; n++) {
		struct ag_rig *w = ag_rig_new(n);

		if (!w)
			continue;
		life(w);
		reached = w->a.ua->mem.calls >= n;
		ck_assert_msg(agent_load(w->a.agent).sessions == 0 &&
			      agent_load(w->b.agent).sessions == 0,
			      "allocation %u: a session stays", (unsigned)n);
		ck_assert_msg(ag_count(&w->b, PARLEY_EV_INCOMING) ==
			      ag_count(&w->b, PARLEY_EV_ENDED),
			      "allocation %u", (unsigned)n);
		ck_assert_uint_eq(w->a.open + w->b.open, 0);
		ck_assert_uint_eq(ag_rig_free(w), 0);
	}
	ck_assert(!reached);
}
END_TEST

/* Two CSeqs, say: who counts calls does not wait for one that was.  Once,
 * however often it is repeated; in a call it would be none. */
START_TEST(a_call_that_sip_itself_refuses_is_told)
{
	static const char bad[] = "CSeq: 1 INVITE\r\n"
		"Content-Length: 0\r\n\r\n";
	struct ag_rig *w = ag_rig_new(0);
	const struct ag_event *e;

	ck_assert_ptr_nonnull(w);
	ag_request(w, &w->b, "INVITE", 1, "", bad);
	ag_request(w, &w->b, "INVITE", 1, "", bad);
	ck_assert_uint_eq(rig_sent(w->r, w->b.ua, "SIP/2.0 400"), 2);
	ck_assert_uint_eq(w->b.n, 1);
	e = ag_last(&w->b, PARLEY_EV_REFUSED);
	ck_assert_ptr_nonnull(e);
	ck_assert_int_eq(e->o.code, 400);
	ck_slice_eq(e->o.reason, "Bad Request");
	ck_slice_eq(e->o.from, "\"Peer\" <sip:peer@there.example>");
	ag_request(w, &w->b, "INVITE", 2, ";tag=none", bad);
	ck_assert_uint_eq(w->b.n, 1);
	ck_assert_uint_eq(agent_load(w->b.agent).sessions, 0);
	ck_assert_uint_eq(ag_rig_free(w), 0);
}
END_TEST

/* However many come in one turn, each in its order; then nothing is left. */
START_TEST(calls_that_come_to_nothing_are_told_in_their_order)
{
	struct ag_rig *w = ag_rig_new(0);
	struct sip_msg m;
	struct agent_out o;
	char from[64];

	ck_assert_ptr_nonnull(w);
	for (unsigned i = 0; i < 300; i++) {
		snprintf(from, sizeof(from), "<sip:c%u@there.example>;tag=1",
			 i);
		sip_msg_request(&m, S("INVITE"), S("sip:us@here.example"));
		ck_assert_int_eq(sip_msg_add(&m, SIP_HDR_FROM,
					     slice_str(from)), 0);
		session_tell_caller(w->b.agent, &m, 400 + i % 90,
				    i % 2 ? "why" : NULL);
	}
	for (unsigned i = 0; i < 300; i++) {
		ck_assert(agent_has_output(w->b.agent));
		ck_assert(agent_poll(w->b.agent, &o));
		ck_assert_int_eq(o.event, PARLEY_EV_REFUSED);
		ck_assert_int_eq(o.code, (int)(400 + i % 90));
		snprintf(from, sizeof(from), "<sip:c%u@there.example>", i);
		ck_slice_eq(o.from, from);
		if (i % 2)
			ck_slice_eq(o.reason, "why");
	}
	ck_assert(!agent_has_output(w->b.agent));
	/* Without memory who it was is lost, and not that it was. */
	w->b.agent->mem->fail_at = w->b.agent->mem->calls + 1;
	session_tell_caller(w->b.agent, &m, 404, NULL);
	w->b.agent->mem->fail_at = 0;
	ck_assert(agent_poll(w->b.agent, &o));
	ck_assert_int_eq(o.code, 404);
	ck_slice_eq(o.from, "");
	ck_assert_uint_eq(ag_rig_free(w), 0);
}
END_TEST

/* Its caller falls silent, and no call is left over, whatever memory there was
 * to refuse it: each allocation fails in its turn, then there is some again. */
START_TEST(a_call_that_cannot_even_be_refused_is_no_more)
{
	static const char video[] = AG_TYPE AG_SDP_HEAD
		"m=video 9000 RTP/AVP 96\r\n";
	bool reached = true;

	for (unsigned n = 1; reached && n < 200; n++) {
		struct ag_rig *w = begin();
		struct mem *m = w->b.agent->mem;

		m->fail_at = m->calls + n;
		ag_request(w, &w->b, "INVITE", 1, "", video);
		reached = m->calls >= m->fail_at;
		m->fail_at = 0;
		rig_wait(w->r, SEC(600));
		ck_assert_msg(sip_sessions_count(w->b.agent->calls) == 0,
			      "allocation %u: a call stays", n);
		done(w);
	}
	ck_assert(!reached);
}
END_TEST

/* ------------------------------------------------- where to, then written */
/* Hops of both families, and a point of IPv6 that nothing comes back to. */
static uint32_t both_families(struct ag *g)
{
	struct addr us;
	uint32_t point;

	ck_assert_int_eq(addr_parse(S("[2001:db8::1]:5060"), &us), 0);
	ck_assert_int_eq(sip_core_add_local(g->ua->core, SIP_UDP, &us, &us,
					    &point), 0);
	g->ua->hop[0] = (struct sip_hop){ .transport = SIP_UDP };
	ck_assert_int_eq(addr_parse(S("[2001:db8::2]:5060"),
				    &g->ua->hop[0].addr), 0);
	g->ua->hop[1] = (struct sip_hop){ .transport = SIP_UDP,
		.addr = addr_v4(192, 0, 2, 2, 5060) };
	g->ua->hops = 2;
	return point;
}

/* The value of a header, which is written once. */
static const char *header(const struct rig_packet *p, const char *name)
{
	static char out[256];
	const char *at = strstr(p->text, name);

	ck_assert_ptr_nonnull(at);
	snprintf(out, sizeof(out), "%.*s", (int)strcspn(at, "\r"), at);
	return out;
}

/* RFC 3263 4.3: Call-ID and CSeq are the same, Contact, o= and c= those of the
 * address that it goes out from, and so are the sockets of the media. */
START_TEST(a_call_is_written_for_the_family_that_it_goes_by)
{
	struct ag_rig *w = begin();
	uint32_t point = both_families(&w->a);
	const struct rig_packet *p;
	char id[256], seq[256];

	ck_assert_int_eq(ag_call_to(w, &w->a, "sip:bob@example.com", NULL, 0),
			 0);
	ck_assert_str_eq(w->a.ua->asked, "example.com");
	p = rig_packet(w->r, w->a.ua, "INVITE");
	ck_assert_int_eq(p->to.family, 6);
	ck_has(p->text, "\r\nContact: <sip:alice@[2001:db8::1]:5060>\r\n");
	ck_has(p->text, " IN IP6 2001:db8::1\r\ns=");
	ck_has(p->text, "\r\nc=IN IP6 2001:db8::1\r\n");
	snprintf(id, sizeof(id), "%s", header(p, "Call-ID: "));
	snprintf(seq, sizeof(seq), "%s", header(p, "CSeq: "));
	ck_assert_uint_eq(w->a.opens, 1);
	sip_core_on_datagram_error(w->a.ua->core, point, &p->to, ECONNREFUSED,
				   w->r->now);
	ag_run(w);
	p = rig_packet(w->r, w->a.ua, "INVITE");
	ck_assert_int_eq(p->to.family, 4);
	ck_has(p->text, "\r\nContact: <sip:alice@192.0.2.1:5060>\r\n");
	ck_has(p->text, " IN IP4 192.0.2.1\r\ns=");
	ck_has(p->text, "\r\nc=IN IP4 192.0.2.1\r\n");
	ck_assert_ptr_null(strstr(p->text, "IP6"));
	ck_assert_uint_eq(ag_mlines(p->text), 1);
	ck_assert_str_eq(header(p, "Call-ID: "), id);
	ck_assert_str_eq(header(p, "CSeq: "), seq);
	ck_assert_uint_eq(w->a.opens, 2);
	ck_assert_uint_eq(w->a.open, 1);
	ag_run(w);
	ck_assert_uint_eq(ag_count(&w->a, PARLEY_EV_CONFIRMED), 1);
	ck_assert_int_eq(agent_end(w->a.agent, w->a.session, w->r->now), 0);
	done(w);
}
END_TEST

/* The registrar's other family: the binding is of that one. */
START_TEST(a_registration_is_written_for_the_family_that_it_goes_by)
{
	struct ag_rig *w = begin();
	uint32_t point = both_families(&w->a);
	const struct rig_packet *p;
	char seq[256];

	ck_assert_int_eq(agent_register(w->a.agent, w->a.account, true,
					w->r->now), 0);
	ag_run(w);
	p = rig_packet(w->r, w->a.ua, "REGISTER");
	ck_assert_int_eq(p->to.family, 6);
	ck_has(p->text, "\r\nContact: <sip:alice@[2001:db8::1]:5060;ob>;");
	snprintf(seq, sizeof(seq), "%s", header(p, "CSeq: "));
	sip_core_on_datagram_error(w->a.ua->core, point, &p->to, ECONNREFUSED,
				   w->r->now);
	ag_run(w);
	p = rig_packet(w->r, w->a.ua, "REGISTER");
	ck_assert_int_eq(p->to.family, 4);
	ck_has(p->text, "\r\nContact: <sip:alice@192.0.2.1:5060;ob>;");
	ck_assert_str_eq(header(p, "CSeq: "), seq);
	done(w);
}
END_TEST

/* RFC 3261 13.2.2.4: it took the call after all, when another had it. */
START_TEST(who_answers_after_it_was_given_up_is_hung_up_on)
{
	struct ag_rig *w = begin();
	const struct rig_packet *first, *p;
	struct addr there = addr_v4(192, 0, 2, 88, 5060);
	struct addr b = addr_v4(192, 0, 2, 2, 5060);

	ck_assert_int_eq(ag_set(&w->a, 0, "sip.target_timeout", "2"), 0);
	w->a.ua->hop[0] = (struct sip_hop){ .transport = SIP_UDP,
					    .addr = there };
	w->a.ua->hop[1] = (struct sip_hop){ .transport = SIP_UDP, .addr = b };
	w->a.ua->hops = 2;
	ck_assert_int_eq(ag_call_to(w, &w->a, "sip:bob@example.com", NULL, 0),
			 0);
	first = rig_packet(w->r, w->a.ua, "INVITE");
	ck_assert(addr_same(&first->to, &there));
	ag_wait(w, MS(2001));
	ck_assert(addr_same(&rig_packet(w->r, w->a.ua, "INVITE")->to, &b));
	ck_assert_uint_eq(ag_count(&w->a, PARLEY_EV_CONFIRMED), 1);
	rig_reply(w->r, w->a.ua, first, "200 OK", ";tag=late",
		  "Contact: <sip:192.0.2.88>\r\n");
	ag_run(w);
	p = rig_packet(w->r, w->a.ua, "ACK");
	ck_assert(addr_same(&p->to, &there));
	ck_has(p->text, ";tag=late\r\n");
	p = rig_packet(w->r, w->a.ua, "BYE");
	ck_assert(addr_same(&p->to, &there));
	ck_has(p->text, ";tag=late\r\n");
	ck_assert_uint_eq(ag_count(&w->a, PARLEY_EV_ENDED), 0);
	ck_assert_int_eq(agent_end(w->a.agent, w->a.session, w->r->now), 0);
	done(w);
}
END_TEST

SUITE(agent,
      who_answers_after_it_was_given_up_is_hung_up_on,
      a_call_is_written_for_the_family_that_it_goes_by,
      a_registration_is_written_for_the_family_that_it_goes_by,
      a_call_is_told_in_its_order_and_leaves_nothing,
      a_handle_of_an_object_that_is_gone_finds_nothing,
      limits_turn_calls_away_with_their_status,
      a_call_that_nobody_answers_ends_when_its_time_is_over,
      ring_timeouts_of_many_calls_come_in_their_order,
      the_agents_name_takes_effect_at_once,
      shutting_down_ends_calls_and_takes_no_more,
      shutting_down_does_not_wait_for_a_dead_peer,
      an_idle_agent_shuts_down_at_once, every_default_can_be_set,
      settings_say_what_is_wrong,
      sockets_that_come_too_late_are_given_back,
      no_socket_ends_the_call_before_it_begins,
      sockets_for_one_of_two_streams_take_that_one,
      media_that_does_not_start_ends_the_call_as_failed,
      a_call_that_sip_itself_refuses_is_told,
      calls_that_come_to_nothing_are_told_in_their_order,
      a_call_that_cannot_even_be_refused_is_no_more,
      every_allocation_may_fail);
