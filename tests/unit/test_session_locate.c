/* SPDX-License-Identifier: BSD-2-Clause
 * Names in c= lines, and addresses that cannot be used.  What has to be sent to
 * a name is looked up first; all else is held (RFC 3264 8.4, RFC 6157 4.1). */
#include "tests/unit/suites.h"

#include "tests/unit/agent_rig.h"

#define ck_has(text, part) \
	ck_assert_msg(strstr(text, part) != NULL, "no '%s' in:\n%s", part, text)

#define HEAD(c) "v=0\r\no=- 7 7 IN IP4 192.0.2.77\r\ns=-\r\nc=" c \
	"\r\nt=0 0\r\n"
#define NAME HEAD("IN IP4 media.example")
#define GONE HEAD("IN IP4 no.such.example")
#define SIX "IN IP6 2001:db8::7"
#define OK_TO(sdp) "Contact: <sip:x@192.0.2.77>\r\n" AG_TYPE sdp

static struct ag_rig *begin(void)
{
	struct ag_rig *w = ag_rig_new(0);

	ck_assert_ptr_nonnull(w);
	w->a.names[0] = w->b.names[0] = (struct ag_name){
		"media.example", addr_v4(192, 0, 2, 99, 0) };
	/* What is asked for as IP4 and has no such address. */
	w->a.names[1] = w->b.names[1] = (struct ag_name){
		"six.example", { .family = 6, .ip = { 0x20, 1, 0xd, 0xb8 } } };
	return w;
}

static void done(struct ag_rig *w)
{
	ag_wait(w, SEC(100));
	ck_assert_uint_eq(ag_rig_free(w), 0);
}

static const char *reply(struct ag_rig *w, struct ag *g, const char *begins)
{
	const struct rig_packet *p = rig_packet(w->r, g->ua, begins);

	return p ? p->text : "";
}

static void ack(struct ag_rig *w, unsigned cseq, const char *more)
{
	char tag[64];

	snprintf(tag, sizeof(tag), "%s", ag_tag(w, &w->b));
	ag_request(w, &w->b, "ACK", cseq, tag, more);
}

static void within(struct ag_rig *w, const char *method, unsigned cseq,
		   const char *more)
{
	char tag[64];

	snprintf(tag, sizeof(tag), "%s", ag_tag(w, &w->b));
	ag_request(w, &w->b, method, cseq, tag, more);
}

/* A call from the peer to b that is up. */
static struct ag_rig *called(void)
{
	struct ag_rig *w = begin();

	ag_request(w, &w->b, "INVITE", 1, "", AG_TYPE AG_SDP_HEAD AG_PCMU);
	ack(w, 1, "");
	ck_assert_uint_eq(ag_count(&w->b, PARLEY_EV_CONFIRMED), 1);
	return w;
}

/* One from a, answered by the peer with this. */
static void call(struct ag_rig *w, size_t streams, const char *answer)
{
	static const enum parley_media audio[] = { PARLEY_AUDIO,
						   PARLEY_AUDIO };

	ck_assert_int_eq(ag_call_to(w, &w->a, "sip:x@192.0.2.77", audio,
				    streams), 0);
	rig_reply(w->r, w->a.ua, rig_packet(w->r, w->a.ua, "INVITE"),
		  "200 OK", ";tag=x", answer);
	ag_run(w);
}

static void reason_is(const struct ag *g, const char *reason)
{
	const struct ag_event *e = ag_last(g, PARLEY_EV_ENDED);

	ck_assert_ptr_nonnull(e);
	ck_slice_eq(e->o.reason, reason);
	ck_assert_int_eq((int)e->o.end, (int)PARLEY_FAILED);
}

/* --------------------------------------------------------- in their offers */
START_TEST(a_name_is_looked_up_before_anybody_hears_of_the_call)
{
	struct ag_rig *w = begin();

	w->b.slow = true;
	ag_request(w, &w->b, "INVITE", 1, "", AG_TYPE NAME AG_PCMU);
	ag_wait(w, SEC(10));
	ck_assert_uint_eq(w->b.lookups, 1);
	ck_assert_uint_eq(w->b.n, 0);
	ag_found(&w->b);
	ag_run(w);
	ck_assert_uint_eq(ag_count(&w->b, PARLEY_EV_INCOMING), 1);
	ck_has(reply(w, &w->b, "SIP/2.0 200"), "m=audio 4000 RTP/AVP 0\r\n");
	ack(w, 1, "");
	ck_assert_uint_eq(ag_count(&w->b, PARLEY_EV_CONFIRMED), 1);
	ck_assert(w->b.agreed.may_send);
	ck_assert(addr_same(&w->b.agreed.rtp,
			    &(struct addr){ .family = 4, .port = 9000,
					    .ip = { 192, 0, 2, 99 } }));
	ck_assert(addr_same(&w->b.agreed.rtcp,
			    &(struct addr){ .family = 4, .port = 9001,
					    .ip = { 192, 0, 2, 99 } }));
	ck_assert_uint_eq(w->b.lookups, 1);
	done(w);
}
END_TEST

/* 488, with the cause; nobody's phone has rung. */
START_TEST(a_name_that_is_not_found_is_488)
{
	static const char *const c[] = {
		AG_TYPE GONE AG_PCMU,
		AG_TYPE HEAD("IN IP4 six.example") AG_PCMU,
		AG_TYPE GONE AG_PCMU "m=video 9002 RTP/AVP 31\r\n"
			"c=IN IP4 media.example\r\n",
	};

	for (size_t i = 0; i < COUNT(c); i++) {
		struct ag_rig *w = begin();

		ag_request(w, &w->b, "INVITE", 1, "", c[i]);
		ck_assert_uint_eq(w->b.lookups, 1);
		ck_has(reply(w, &w->b, "SIP/2.0 488"), "\r\nWarning: 399 "
		       "192.0.2.2 \"a name in c= is not found\"\r\n");
		ck_assert_uint_eq(w->b.n, 1);
		ck_assert_int_eq(ag_last(&w->b, PARLEY_EV_REFUSED)->o.code,
				 488);
		ck_slice_eq(ag_last(&w->b, PARLEY_EV_REFUSED)->o.from,
			    "\"Peer\" <sip:peer@there.example>");
		ag_wait(w, SEC(1));
		ck_assert_uint_eq(agent_load(w->b.agent).sessions, 0);
		done(w);
	}
}
END_TEST

START_TEST(a_line_whose_name_is_not_found_is_refused)
{
	struct ag_rig *w = begin();
	const char *sdp;

	ag_request(w, &w->b, "INVITE", 1, "", AG_TYPE GONE AG_PCMU
		   "m=audio 9002 RTP/AVP 0\r\nc=IN IP4 media.example\r\n"
		   "m=audio 9004 RTP/AVP 0\r\nc=IN IP4 192.0.2.77\r\n");
	ck_assert_uint_eq(w->b.lookups, 2);
	sdp = ag_sdp(w, &w->b, "SIP/2.0 200");
	ck_has(ag_mline(sdp, 0), "m=audio 0 ");
	ck_has(ag_mline(sdp, 1), "m=audio 4002 ");
	ck_has(ag_mline(sdp, 2), "m=audio 4004 ");
	ck_assert_uint_eq(w->b.starts, 2);
	done(w);
}
END_TEST

/* Never looked up, never an error: hold of RFC 2543, 3PCC (RFC 3725). */
START_TEST(what_need_not_be_sent_to_is_held)
{
	static const struct {
		const char *conn, *dir, *answer;
	} c[] = {
		{ "IN IP4 0.0.0.0", "sendrecv", "c=IN IP4 192.0.2.2\r\n" },
		{ "IN IP4 none.invalid", "sendrecv", "c=IN IP4 192.0.2.2\r\n" },
		{ "IN IP4 no.such.example", "sendonly", "a=recvonly\r\n" },
		{ "IN IP4 no.such.example", "inactive", "a=inactive\r\n" },
		{ "IN IP6 ::", "sendrecv", "c=IN IP6 ::\r\n" },
		{ "IN IP6 none.invalid", "sendrecv", "c=IN IP6 ::\r\n" },
		{ SIX, "sendonly", "c=IN IP6 ::\r\n" },
		{ SIX, "inactive", "c=IN IP6 ::\r\n" },
	};

	for (size_t i = 0; i < COUNT(c); i++) {
		struct ag_rig *w = begin();
		char sdp[512];

		snprintf(sdp, sizeof(sdp), AG_TYPE "v=0\r\no=- 7 7 IN IP4 "
			 "192.0.2.77\r\ns=-\r\nc=%s\r\nt=0 0\r\n" AG_PCMU
			 "a=%s\r\n", c[i].conn, c[i].dir);
		ag_request(w, &w->b, "INVITE", 1, "", sdp);
		ck_has(ag_sdp(w, &w->b, "SIP/2.0 200"), "m=audio 4000 ");
		ck_has(ag_sdp(w, &w->b, "SIP/2.0 200"), c[i].answer);
		ck_has(ag_sdp(w, &w->b, "SIP/2.0 200"),
		       " IN IP4 192.0.2.2\r\n"); /* o= */
		ack(w, 1, "");
		ck_assert_uint_eq(ag_count(&w->b, PARLEY_EV_HELD), 1);
		ck_assert(!w->b.agreed.may_send);
		/* ... and goes on, here or in the call. */
		within(w, "INVITE", 2, AG_TYPE NAME AG_PCMU);
		ck_has(ag_sdp(w, &w->b, "SIP/2.0 200"), "c=IN IP4 192.0.2.2");
		ck_assert_uint_eq(w->b.agreed.rtp.ip[3], 99);
		ck_assert_uint_eq(ag_count(&w->b, PARLEY_EV_RESUMED), 1);
		ck_assert_uint_eq(w->b.lookups, 1);
		ack(w, 2, "");
		within(w, "INVITE", 3, sdp);
		ck_has(ag_sdp(w, &w->b, "SIP/2.0 200"), c[i].answer);
		ack(w, 3, "");
		ck_assert_uint_eq(ag_count(&w->b, PARLEY_EV_HELD), 2);
		ck_assert_uint_eq(w->b.lookups, 1);
		done(w);
	}
}
END_TEST

START_TEST(a_call_that_ends_while_names_are_looked_up_was_none)
{
	for (int how = 0; how < 4; how++) {
		struct ag_rig *w = begin();

		w->b.slow = true;
		ag_send(w, &w->b, "INVITE", 1, "", AG_TYPE NAME AG_PCMU);
		ag_run(w);
		if (how == 0) { /* CANCEL has the INVITE's branch */
			struct addr peer = addr_v4(192, 0, 2, AG_PEER, 5060);

			rig_send(w->r, w->b.ua, &peer,
				"CANCEL sip:bob@192.0.2.2:5060 SIP/2.0\r\n"
				"Via: SIP/2.0/UDP 192.0.2.77:5060;"
				"branch=z9hG4bKINVITE1\r\nMax-Forwards: 70\r\n"
				"To: <sip:bob@here.example>\r\n"
				"From: \"Peer\" <sip:peer@there.example>;"
				"tag=peertag\r\nCall-ID: scripted\r\n"
				"CSeq: 1 CANCEL\r\nContent-Length: 0\r\n\r\n");
			ag_run(w);
			ck_assert_str_ne(reply(w, &w->b, "SIP/2.0 487"), "");
		} else if (how == 1) { /* nobody ever answers */
			ag_wait(w, SEC(31));
			ck_assert_str_eq(reply(w, &w->b, "SIP/2.0 488"), "");
			ag_wait(w, SEC(2));
			ck_assert_str_ne(reply(w, &w->b, "SIP/2.0 488"), "");
		} else if (how == 2) {
			agent_shutdown(w->b.agent, MONO_NEVER, w->r->now);
			ag_run(w);
			ck_assert_str_ne(reply(w, &w->b, "SIP/2.0 480"), "");
		} else { /* given up at once */
			agent_shutdown(w->b.agent, w->r->now.m, w->r->now);
			ag_wait(w, SEC(1));
		}
		ck_assert_uint_eq(ag_count(&w->b, PARLEY_EV_INCOMING), 0);
		ck_assert_uint_eq(ag_count(&w->b, PARLEY_EV_ENDED), 0);
		ck_assert_uint_eq(ag_count(&w->b, PARLEY_EV_REFUSED),
				  how > 0);
		ck_assert_uint_eq(agent_load(w->b.agent).sessions, 0);
		ag_found(&w->b); /* too late */
		ag_run(w);
		ck_assert_uint_eq(ag_count(&w->b, PARLEY_EV_INCOMING), 0);
		done(w);
	}
}
END_TEST

/* RFC 3261 14.2: what cannot be taken leaves all as it was. */
START_TEST(a_reinvite_waits_for_its_names)
{
	struct ag_rig *w = called();

	w->b.slow = true;
	within(w, "INVITE", 2, AG_TYPE NAME AG_PCMU);
	ck_assert_uint_eq(w->b.asks, 1);
	ck_assert_uint_eq(rig_sent(w->r, w->b.ua, "SIP/2.0 200"), 1);
	/* What we want meanwhile waits. */
	ck_assert_int_eq(agent_hold(w->b.agent, w->b.session, true,
				    w->r->now), 0);
	ag_run(w);
	ck_assert_uint_eq(rig_sent(w->r, w->b.ua, "INVITE"), 0);
	ag_found(&w->b);
	ag_run(w);
	ck_assert_uint_eq(rig_sent(w->r, w->b.ua, "SIP/2.0 200"), 2);
	ck_assert_uint_eq(w->b.agreed.rtp.ip[3], 99);
	ack(w, 2, "");
	ck_assert_uint_eq(rig_sent(w->r, w->b.ua, "INVITE"), 1);
	rig_reply(w->r, w->b.ua, rig_packet(w->r, w->b.ua, "INVITE"), "200 OK",
		  "", OK_TO(AG_SDP_HEAD AG_PCMU "a=recvonly\r\n"));
	ag_run(w);
	ck_assert_uint_eq(w->b.agreed.rtp.ip[3], 77);
	/* One that is not found, one that takes too long. */
	w->b.slow = false;
	within(w, "INVITE", 3, AG_TYPE GONE AG_PCMU);
	ck_has(reply(w, &w->b, "SIP/2.0 488"), "\r\nWarning: 399 192.0.2.2 "
	       "\"a name in c= is not found\"\r\n");
	w->b.slow = true;
	within(w, "INVITE", 4, AG_TYPE NAME AG_PCMU);
	ag_wait(w, SEC(33));
	ck_has(reply(w, &w->b, "SIP/2.0 488"), "CSeq: 4 INVITE");
	ck_assert_uint_eq(rig_sent(w->r, w->b.ua, "BYE"), 0);
	ck_assert_uint_eq(w->b.agreed.rtp.ip[3], 77);
	done(w);
}
END_TEST

START_TEST(a_reinvite_may_end_while_its_names_are_looked_up)
{
	struct ag_rig *w = called();
	struct addr peer = addr_v4(192, 0, 2, AG_PEER, 5060);
	char tag[64], text[1024];

	w->b.slow = true;
	snprintf(tag, sizeof(tag), "%s", ag_tag(w, &w->b));
	ag_request(w, &w->b, "INVITE", 2, tag, AG_TYPE NAME AG_PCMU);
	snprintf(text, sizeof(text), "CANCEL sip:bob@192.0.2.2:5060 SIP/2.0\r\n"
		 "Via: SIP/2.0/UDP 192.0.2.77:5060;branch=z9hG4bKINVITE2\r\n"
		 "Max-Forwards: 70\r\nTo: <sip:bob@here.example>%s\r\n"
		 "From: \"Peer\" <sip:peer@there.example>;tag=peertag\r\n"
		 "Call-ID: scripted\r\nCSeq: 2 CANCEL\r\n"
		 "Content-Length: 0\r\n\r\n", tag);
	rig_send(w->r, w->b.ua, &peer, text);
	ag_run(w);
	ck_assert_str_ne(reply(w, &w->b, "SIP/2.0 487"), "");
	ag_found(&w->b);
	ag_run(w);
	ck_assert_uint_eq(w->b.agreed.rtp.ip[3], 77);
	/* The next one is as usual; the peer hangs up in the one after it. */
	w->b.slow = false;
	ag_request(w, &w->b, "INVITE", 3, tag, AG_TYPE NAME AG_PCMU);
	ag_request(w, &w->b, "ACK", 3, tag, "");
	ck_assert_uint_eq(w->b.agreed.rtp.ip[3], 99);
	w->b.slow = true;
	ag_request(w, &w->b, "INVITE", 4, tag, AG_TYPE NAME AG_PCMU);
	ag_request(w, &w->b, "BYE", 5, tag, "");
	ck_assert_uint_eq(ag_count(&w->b, PARLEY_EV_ENDED), 1);
	ag_found(&w->b);
	done(w);
}
END_TEST

/* -------------------------------------------------------- in their answers */
START_TEST(an_answer_waits_for_its_names)
{
	struct ag_rig *w = begin();

	w->a.slow = true;
	call(w, 1, OK_TO(NAME AG_PCMU));
	ck_assert_uint_eq(ag_count(&w->a, PARLEY_EV_ANSWERED), 1);
	ck_assert_uint_eq(ag_count(&w->a, PARLEY_EV_CONFIRMED), 0);
	ck_assert_uint_eq(rig_sent(w->r, w->a.ua, "ACK"), 1);
	ag_found(&w->a);
	ag_run(w);
	ck_assert_uint_eq(ag_count(&w->a, PARLEY_EV_CONFIRMED), 1);
	ck_assert_uint_eq(w->a.agreed.rtp.ip[3], 99);
	/* The answer to a re-INVITE of ours. */
	ck_assert_int_eq(agent_hold(w->a.agent, w->a.session, true,
				    w->r->now), 0);
	ag_run(w);
	rig_reply(w->r, w->a.ua, rig_packet(w->r, w->a.ua, "INVITE"),
		  "200 OK", "", OK_TO(NAME "m=audio 9100 RTP/AVP 0\r\n"
				      "a=recvonly\r\n"));
	ag_run(w);
	ck_assert_uint_eq(ag_count(&w->a, PARLEY_EV_PROPOSAL_ANSWERED), 0);
	ag_found(&w->a);
	ag_run(w);
	ck_assert_int_eq(ag_last(&w->a, PARLEY_EV_PROPOSAL_ANSWERED)->o.code,
			 200);
	ck_assert_uint_eq(w->a.agreed.rtp.port, 9100);
	done(w);
	/* ... and one in an ACK: what we offered in our 200. */
	w = begin();
	w->b.slow = true;
	ag_request(w, &w->b, "INVITE", 1, "", "");
	ack(w, 1, AG_TYPE NAME AG_PCMU);
	ck_assert_uint_eq(ag_count(&w->b, PARLEY_EV_CONFIRMED), 0);
	ag_found(&w->b);
	ag_run(w);
	ck_assert_uint_eq(ag_count(&w->b, PARLEY_EV_CONFIRMED), 1);
	ck_assert_uint_eq(w->b.agreed.rtp.ip[3], 99);
	within(w, "INVITE", 2, "");
	ack(w, 2, AG_TYPE NAME "m=audio 9100 RTP/AVP 0\r\n");
	ck_assert_uint_eq(w->b.agreed.rtp.port, 9000);
	ag_found(&w->b);
	ag_run(w);
	ck_assert_uint_eq(w->b.agreed.rtp.port, 9100);
	done(w);
}
END_TEST

START_TEST(an_answer_nothing_can_be_sent_to_ends_the_call)
{
	static const struct {
		const char *answer, *reason;
	} c[] = {
		{ OK_TO(GONE AG_PCMU), "a name in the answer is not found" },
		{ OK_TO(HEAD(SIX) AG_PCMU),
		  "nothing can be sent to the address in the answer" },
		{ OK_TO(HEAD("IN IP6 six.example") AG_PCMU),
		  "nothing can be sent to the address in the answer" },
		{ OK_TO(HEAD("IN IP4 2001:db8::7") AG_PCMU),
		  "nothing can be sent to the address in the answer" },
		{ OK_TO(HEAD("TN E164 +1555") AG_PCMU),
		  "nothing can be sent to the address in the answer" },
	};

	for (size_t i = 0; i < COUNT(c); i++) {
		struct ag_rig *w = begin();

		call(w, 1, c[i].answer);
		ck_assert_uint_eq(rig_sent(w->r, w->a.ua, "BYE"), 1);
		rig_reply(w->r, w->a.ua, rig_packet(w->r, w->a.ua, "BYE"),
			  "200 OK", "", "");
		ag_run(w);
		reason_is(&w->a, c[i].reason);
		done(w);
		/* The same in the ACK of what our 200 offered, ... */
		w = begin();
		ag_request(w, &w->b, "INVITE", 1, "", "");
		ack(w, 1, strstr(c[i].answer, "Content-Type"));
		ck_assert_uint_eq(rig_sent(w->r, w->b.ua, "BYE"), 1);
		done(w);
		/* ... and to a re-INVITE. */
		w = begin();
		call(w, 1, OK_TO(AG_SDP_HEAD AG_PCMU));
		ck_assert_int_eq(agent_hold(w->a.agent, w->a.session, true,
					    w->r->now), 0);
		ag_run(w);
		rig_reply(w->r, w->a.ua, rig_packet(w->r, w->a.ua, "INVITE"),
			  "200 OK", "", c[i].answer);
		ag_run(w);
		ck_assert_uint_eq(rig_sent(w->r, w->a.ua, "BYE"), 1);
		done(w);
	}
}
END_TEST

/* The peer has taken the line: it is told that it is gone after all. */
START_TEST(one_line_that_nothing_can_be_sent_to_is_proposed_to_go)
{
	struct ag_rig *w = begin();
	const char *sdp;

	call(w, 2, OK_TO(AG_SDP_HEAD AG_PCMU "m=audio 9002 RTP/AVP 0\r\nc="
			 SIX "\r\n"));
	ck_assert_uint_eq(ag_count(&w->a, PARLEY_EV_CONFIRMED), 1);
	ck_slice_eq(ag_last(&w->a, PARLEY_EV_STREAM_ENDED)->o.reason,
		    "nothing can be sent to its address");
	sdp = ag_sdp(w, &w->a, "INVITE");
	ck_assert_uint_eq(rig_sent(w->r, w->a.ua, "INVITE"), 2);
	ck_has(ag_mline(sdp, 0), "m=audio 4000 ");
	ck_has(ag_mline(sdp, 1), "m=audio 0 ");
	done(w);
}
END_TEST

START_TEST(held_answers_need_no_address)
{
	static const char *const c[] = {
		OK_TO(HEAD("IN IP4 0.0.0.0") AG_PCMU),
		OK_TO(HEAD("IN IP6 ::") AG_PCMU),
		OK_TO(HEAD("IN IP4 x.invalid") AG_PCMU),
		OK_TO(GONE AG_PCMU "a=inactive\r\n"),
		OK_TO(GONE AG_PCMU "a=sendonly\r\n"),
		OK_TO(HEAD(SIX) AG_PCMU "a=inactive\r\n"),
	};

	for (size_t i = 0; i < COUNT(c); i++) {
		struct ag_rig *w = begin();

		call(w, 1, c[i]);
		ck_assert_uint_eq(ag_count(&w->a, PARLEY_EV_HELD), 1);
		ck_assert_uint_eq(rig_sent(w->r, w->a.ua, "BYE"), 0);
		ck_assert_uint_eq(w->a.lookups, 0);
		done(w);
	}
}
END_TEST

START_TEST(a_call_may_end_while_its_answer_waits)
{
	for (int how = 0; how < 4; how++) {
		struct ag_rig *w = begin();
		const struct rig_packet *p;
		char text[1024], from[128], to[128], id[64];

		w->a.slow = true;
		call(w, 1, OK_TO(NAME AG_PCMU));
		p = rig_packet(w->r, w->a.ua, "ACK");
		ck_assert_ptr_nonnull(p);
		sscanf(strstr(p->text, "\r\nFrom: ") + 8, "%127[^\r]", from);
		sscanf(strstr(p->text, "\r\nTo: ") + 6, "%127[^\r]", to);
		sscanf(strstr(p->text, "\r\nCall-ID: ") + 11, "%63[^\r]", id);
		snprintf(text, sizeof(text), "%s sip:alice@192.0.2.1 SIP/2.0"
			 "\r\nVia: SIP/2.0/UDP 192.0.2.77;branch=z9hG4bK5\r\n"
			 "Max-Forwards: 70\r\nFrom: %s\r\nTo: %s\r\n"
			 "Call-ID: %s\r\nCSeq: 1 %s\r\n"
			 "Contact: <sip:x@192.0.2.77>\r\n%s",
			 how == 0 ? "BYE" : "INVITE", to, from, id,
			 how == 0 ? "BYE" : "INVITE", how == 0 ?
			 "Content-Length: 0\r\n\r\n" :
			 AG_TYPE AG_SDP_HEAD AG_PCMU);
		if (how == 0 || how == 1)
			rig_send(w->r, w->a.ua,
				 &(struct addr){ .family = 4, .port = 5060,
					.ip = { 192, 0, 2, AG_PEER } }, text);
		if (how == 2)
			ck_assert_int_eq(agent_end(w->a.agent, w->a.session,
						   w->r->now), 0);
		ag_run(w);
		if (how == 0) {
			ck_assert_uint_eq(ag_count(&w->a, PARLEY_EV_ENDED), 1);
		} else if (how == 1) { /* 491: it comes again by itself */
			ck_assert_str_ne(reply(w, &w->a, "SIP/2.0 491"), "");
		} else if (how == 3) {
			ag_wait(w, SEC(33)); /* and for its BYE's timeout */
			ck_assert_str_ne(reply(w, &w->a, "BYE"), "");
			ag_wait(w, SEC(33));
			reason_is(&w->a, "a name in the answer is not found");
		}
		ag_found(&w->a);
		ag_run(w);
		ck_assert_uint_eq(ag_count(&w->a, PARLEY_EV_CONFIRMED),
				  how == 1);
		done(w);
	}
}
END_TEST

/* A preview is only heard: it waits for nothing, and nothing is sent. */
START_TEST(a_preview_waits_for_no_name)
{
	struct ag_rig *w = begin();
	const struct rig_packet *p;

	ck_assert_int_eq(ag_call_to(w, &w->a, "sip:x@192.0.2.77", NULL, 0), 0);
	p = rig_packet(w->r, w->a.ua, "INVITE");
	rig_reply(w->r, w->a.ua, p, "183 Session Progress", ";tag=x",
		  OK_TO(GONE AG_PCMU));
	ag_run(w);
	ck_assert_uint_eq(w->a.lookups, 0);
	ck_assert_uint_eq(ag_count(&w->a, PARLEY_EV_EARLY_MEDIA), 1);
	ck_assert(!w->a.agreed.may_send);
	rig_reply(w->r, w->a.ua, p, "200 OK", ";tag=x", OK_TO(NAME AG_PCMU));
	ag_run(w);
	ck_assert_uint_eq(w->a.agreed.rtp.ip[3], 99);
	done(w);
}
END_TEST

/* --------------------------------------------------------- other families */
/* RFC 6157 4.1: an answer line has the offer's network type, or port 0. */
START_TEST(an_offer_of_another_family_is_refused_line_by_line)
{
	struct ag_rig *w = begin();
	const char *sdp;

	ag_request(w, &w->b, "INVITE", 1, "", AG_TYPE HEAD(SIX) AG_PCMU);
	ck_has(reply(w, &w->b, "SIP/2.0 488"), "\r\nWarning: 301 192.0.2.2 "
	       "\"another address family\"\r\n");
	done(w);
	w = called();
	within(w, "INVITE", 2, AG_TYPE HEAD(SIX) AG_PCMU);
	ck_assert_str_ne(reply(w, &w->b, "SIP/2.0 488"), "");
	within(w, "INVITE", 3, AG_TYPE HEAD(SIX) AG_PCMU
	       "c=IN IP4 192.0.2.77\r\nm=audio 9002 RTP/AVP 0\r\n");
	ck_assert_uint_eq(rig_sent(w->r, w->b.ua, "SIP/2.0 488"), 1);
	done(w);
	w = begin();
	ag_request(w, &w->b, "INVITE", 1, "", AG_TYPE HEAD(SIX) AG_PCMU
		   "m=audio 9002 RTP/AVP 0\r\nc=IN IP4 192.0.2.77\r\n");
	sdp = ag_sdp(w, &w->b, "SIP/2.0 200");
	ck_has(ag_mline(sdp, 0), "m=audio 0 ");
	ck_has(ag_mline(sdp, 1), "m=audio 4002 ");
	done(w);
}
END_TEST

/* ---------------------------------------------------------------- Warning */
/* RFC 3261 13.3.1.3, 20.43: the caller learns why. */
START_TEST(a_refusal_says_why_and_the_caller_sees_it)
{
	static const struct {
		const char *codecs; /* of a */
		unsigned status;    /* of b's application; 0: it accepts */
		const char *warning;
	} c[] = {
		{ "PCMA", 0, "305 no codec in common" },
		{ "PCMU", 606, "399 not acceptable here" },
		{ "PCMU", 488, "399 not acceptable here" },
		{ "PCMU", 486, "" },
	};

	for (size_t i = 0; i < COUNT(c); i++) {
		struct ag_rig *w = begin();
		const struct ag_event *e;

		w->b.reject = c[i].status;
		ck_assert_int_eq(ag_set(&w->a, w->a.account, "rtp.codecs",
					c[i].codecs), 0);
		ck_assert_int_eq(ag_set(&w->b, w->b.account, "rtp.codecs",
					"PCMU"), 0);
		ck_assert_int_eq(ag_call(w), 0);
		e = ag_last(&w->a, PARLEY_EV_ENDED);
		ck_assert_ptr_nonnull(e);
		ck_slice_eq(e->o.warning, c[i].warning);
		done(w);
	}
}
END_TEST

START_TEST(a_refused_proposal_says_why)
{
	struct ag_rig *w = begin();
	uint32_t stream;

	w->b.reject_more = true;
	ck_assert_int_eq(ag_call(w), 0);
	ck_assert_int_eq(agent_stream_add(w->a.agent, w->a.session,
					  PARLEY_AUDIO, &stream), 0);
	ck_assert_int_eq(agent_propose(w->a.agent, w->a.session, w->r->now),
			 0);
	ag_run(w);
	ck_slice_eq(ag_last(&w->a, PARLEY_EV_PROPOSAL_ANSWERED)->o.warning,
		    "399 not acceptable here");
	done(w);
	/* Other people's: escapes are undone, all is one line. */
	w = begin();
	ck_assert_int_eq(ag_call_to(w, &w->a, "sip:x@192.0.2.77", NULL, 0), 0);
	rig_reply(w->r, w->a.ua, rig_packet(w->r, w->a.ua, "INVITE"),
		  "606 Not Acceptable", ";tag=x", "Warning: 370 isi.edu \"say "
		  "\\\"less\\\"\", 399 x \"second\"\r\n");
	ag_run(w);
	ck_slice_eq(ag_last(&w->a, PARLEY_EV_ENDED)->o.warning,
		    "370 say \"less\"");
	done(w);
	w = begin();
	ck_assert_int_eq(ag_call_to(w, &w->a, "sip:x@192.0.2.77", NULL, 0), 0);
	rig_reply(w->r, w->a.ua, rig_packet(w->r, w->a.ua, "INVITE"),
		  "606 Not Acceptable", ";tag=x", "Warning: rubbish\r\n");
	ag_run(w);
	ck_slice_eq(ag_last(&w->a, PARLEY_EV_ENDED)->o.warning, "");
	done(w);
}
END_TEST

/* Whichever allocation fails: it is told or goes on, and nothing stays. */
START_TEST(without_memory_nothing_stays)
{
	bool worked = false;

	for (uint64_t n = 1; !worked; n++) {
		struct ag_rig *w = ag_rig_new(n);

		if (!w)
			continue;
		w->a.names[0] = (struct ag_name){ "media.example",
						  addr_v4(192, 0, 2, 99, 0) };
		ag_request(w, &w->a, "INVITE", 1, "",
			   AG_TYPE NAME AG_PCMU);
		/* ... and an answer of which one line has to go. */
		if (ag_call_to(w, &w->a, "sip:x@192.0.2.77",
			       (const enum parley_media[]){ PARLEY_AUDIO,
							    PARLEY_AUDIO },
			       2) == 0 &&
		    rig_packet(w->r, w->a.ua, "INVITE sip:x@")) {
			rig_reply(w->r, w->a.ua,
				  rig_packet(w->r, w->a.ua, "INVITE sip:x@"),
				  "183 Session Progress", ";tag=x",
				  OK_TO(NAME AG_PCMU "m=audio 0 RTP/AVP\r\n"));
			rig_reply(w->r, w->a.ua,
				  rig_packet(w->r, w->a.ua, "INVITE sip:x@"),
				  "200 OK", ";tag=x", OK_TO(NAME AG_PCMU
				  "m=audio 9002 RTP/AVP 0\r\nc=" SIX "\r\n"));
			ag_run(w);
		}
		worked = w->a.ua->mem.calls < n; /* none failed */
		agent_shutdown(w->a.agent, MONO_NEVER, w->r->now);
		done(w);
		ck_assert_uint_lt(n, 2000);
	}
}
END_TEST

SUITE(session_locate, a_name_is_looked_up_before_anybody_hears_of_the_call,
      a_name_that_is_not_found_is_488,
      a_line_whose_name_is_not_found_is_refused,
      what_need_not_be_sent_to_is_held,
      a_call_that_ends_while_names_are_looked_up_was_none,
      a_reinvite_waits_for_its_names,
      a_reinvite_may_end_while_its_names_are_looked_up,
      an_answer_waits_for_its_names,
      an_answer_nothing_can_be_sent_to_ends_the_call,
      one_line_that_nothing_can_be_sent_to_is_proposed_to_go,
      held_answers_need_no_address, a_call_may_end_while_its_answer_waits,
      a_preview_waits_for_no_name,
      an_offer_of_another_family_is_refused_line_by_line,
      a_refusal_says_why_and_the_caller_sees_it, a_refused_proposal_says_why,
      without_memory_nothing_stays);
