/* SPDX-License-Identifier: BSD-2-Clause
 * Descriptions as they cross the wire; the rules are RFC 3264's. */
#include "tests/unit/suites.h"

#include "sdp/sdp_attr.h"
#include "tests/unit/agent_rig.h"

#define ck_has(text, part) \
	ck_assert_msg(strstr(text, part) != NULL, "no '%s' in:\n%s", part, text)
#define ck_lacks(text, part) \
	ck_assert_msg(strstr(text, part) == NULL, "'%s' in:\n%s", part, text)

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

/* A call from the scripted peer to b, with this description. */
static struct ag_rig *called(const char *sdp)
{
	struct ag_rig *w = begin();

	ag_request(w, &w->b, "INVITE", 1, "", sdp);
	return w;
}

static void ack(struct ag_rig *w, unsigned cseq, const char *more)
{
	char tag[64];

	snprintf(tag, sizeof(tag), "%s", ag_tag(w, &w->b));
	ag_request(w, &w->b, "ACK", cseq, tag, more);
}

static void reinvite(struct ag_rig *w, unsigned cseq, const char *sdp)
{
	char tag[64];

	snprintf(tag, sizeof(tag), "%s", ag_tag(w, &w->b));
	ag_request(w, &w->b, "INVITE", cseq, tag, sdp);
}

/* The number that a name has in a description; -1: none. */
static int number_of(const char *sdp, const char *name)
{
	char want[64];
	const char *at = sdp;

	snprintf(want, sizeof(want), " %s", name);
	while ((at = strstr(at, "a=rtpmap:"))) {
		if (strncmp(at + 9 + strcspn(at + 9, " "), want,
			    strlen(want)) == 0)
			return (int)strtoul(at + 9, NULL, 10);
		at++;
	}
	return -1;
}

START_TEST(an_offer_has_what_rfc3264_5_asks_for)
{
	struct ag_rig *w = begin();
	const char *sdp;

	ck_assert_int_eq(ag_set(&w->a, w->a.account, "rtp.codecs",
				"PCMA,PCMU"), 0);
	ck_assert_int_eq(ag_call(w), 0);
	sdp = ag_sdp(w, &w->a, "INVITE");
	ck_has(sdp, "v=0\r\no=- ");
	ck_has(sdp, " IN IP4 192.0.2.1\r\n");
	ck_has(sdp, "c=IN IP4 192.0.2.1\r\n");
	ck_has(sdp, "m=audio 4000 RTP/AVP 8 0 ");
	ck_has(sdp, "a=rtpmap:8 PCMA/8000\r\n");
	ck_has(sdp, "a=sendrecv\r\n");
	ck_has(sdp, "a=ptime:20\r\n");
	ck_lacks(sdp, "a=rtcp:"); /* the next port needs no words */
	/* The answer: the same line, what both have. */
	sdp = ag_sdp(w, &w->b, "SIP/2.0 200");
	ck_assert_uint_eq(ag_mlines(sdp), 1);
	ck_has(sdp, "m=audio 4000 RTP/AVP ");
	done(w);
}
END_TEST

START_TEST(an_answer_uses_the_offers_numbers_and_order)
{
	struct ag_rig *w = called(AG_TYPE AG_SDP_HEAD
		"m=audio 9000 RTP/AVP 113 8 0 110 101\r\n"
		"a=rtpmap:113 no-such-codec/16000\r\n"
		"a=rtpmap:110 speex/8000\r\n"
		"a=rtpmap:101 telephone-event/8000\r\n");
	const char *sdp = ag_sdp(w, &w->b, "SIP/2.0 200");

	ck_has(sdp, "m=audio 4000 RTP/AVP 8 0 101\r\n");
	ck_assert_uint_eq(w->b.audio.pair[0].send_pt, 8);
	ck_assert_uint_eq(w->b.audio.event[0].send_pt, 101);
	ck_assert_uint_eq(w->b.agreed.rtp.port, 9000);
	ck_assert_uint_eq(w->b.agreed.rtcp.port, 9001);
	done(w);
}
END_TEST

/* 8.3.2: a number keeps its meaning; we offer with the peer's numbers. */
START_TEST(payload_types_are_stable_across_our_offers)
{
	struct ag_rig *w = called(AG_TYPE AG_SDP_HEAD
		"m=audio 9000 RTP/AVP 0 99\r\n"
		"a=rtpmap:99 telephone-event/8000\r\n");
	char first[4096];
	const char *sdp;

	ack(w, 1, "");
	ck_assert_int_eq(agent_hold(w->b.agent, w->b.session, true,
				    w->r->now), 0);
	ag_run(w);
	sdp = ag_sdp(w, &w->b, "INVITE");
	ck_assert_int_eq(number_of(sdp, "telephone-event/8000"), 99);
	snprintf(first, sizeof(first), "%s", sdp);
	rig_reply(w->r, w->b.ua, rig_packet(w->r, w->b.ua, "INVITE"),
		  "200 OK", "", "Contact: <sip:peer@192.0.2.77>\r\n" AG_TYPE
		  AG_SDP_HEAD "m=audio 9000 RTP/AVP 0 99\r\na=recvonly\r\n"
		  "a=rtpmap:99 telephone-event/8000\r\n");
	ck_assert_int_eq(agent_hold(w->b.agent, w->b.session, false,
				    w->r->now), 0);
	ag_run(w);
	sdp = ag_sdp(w, &w->b, "INVITE");
	for (const char *const *n = (const char *const[]){
		"PCMU/8000", "PCMA/8000", "telephone-event/8000", NULL };
	     *n; n++)
		ck_assert_int_eq(number_of(sdp, *n), number_of(first, *n));
	ck_assert_uint_eq(ag_version(sdp), ag_version(first) + 1);
	done(w);
}
END_TEST

/* 8: one above when something differs, else the same. */
START_TEST(the_version_counts_changes)
{
	struct ag_rig *w = called(AG_TYPE AG_SDP_HEAD AG_PCMU);
	unsigned long long v0 = ag_version(ag_sdp(w, &w->b, "SIP/2.0 200"));

	ack(w, 1, "");
	reinvite(w, 2, AG_TYPE AG_SDP_HEAD AG_PCMU);
	ck_assert_uint_eq(ag_version(ag_sdp(w, &w->b, "SIP/2.0 200")), v0);
	ack(w, 2, "");
	reinvite(w, 3, AG_TYPE AG_SDP_HEAD AG_PCMU "a=sendonly\r\n");
	ck_has(ag_sdp(w, &w->b, "SIP/2.0 200"), "a=recvonly\r\n");
	ck_assert_uint_eq(ag_version(ag_sdp(w, &w->b, "SIP/2.0 200")), v0 + 1);
	ack(w, 3, "");
	done(w);
}
END_TEST

START_TEST(lines_of_unknown_kinds_are_refused_in_their_place)
{
	struct ag_rig *w = called(AG_TYPE AG_SDP_HEAD
		"m=video 9002 RTP/AVP 31\r\n" AG_PCMU
		"m=message 2855 TCP/MSRP *\r\na=path:msrp://x.example/1;tcp\r\n"
		"m=audio 9006 RTP/SAVP 0\r\n");
	const char *sdp = ag_sdp(w, &w->b, "SIP/2.0 200");

	ck_assert_uint_eq(ag_mlines(sdp), 4);
	ck_has(ag_mline(sdp, 0), "m=video 0 RTP/AVP 31\r\n");
	ck_has(ag_mline(sdp, 1), "m=audio 4000 RTP/AVP 0");
	ck_has(ag_mline(sdp, 2), "m=message 0 TCP/MSRP *\r\n");
	ck_has(ag_mline(sdp, 3), "m=audio 0 RTP/SAVP 0\r\n");
	ck_assert_uint_eq(ag_streams(&w->b, NULL, 0), 1);
	/* Our own offer keeps them all in place (8). */
	ack(w, 1, "");
	ck_assert_int_eq(agent_hold(w->b.agent, w->b.session, true,
				    w->r->now), 0);
	ag_run(w);
	sdp = ag_sdp(w, &w->b, "INVITE");
	ck_assert_uint_eq(ag_mlines(sdp), 4);
	ck_has(ag_mline(sdp, 0), "m=video 0 ");
	ck_has(ag_mline(sdp, 2), "m=message 0 TCP/MSRP *\r\n");
	done(w);
}
END_TEST

/* RFC 4585 4: the profile is the offerer's to choose. */
START_TEST(the_feedback_profile_is_answered_as_offered)
{
	struct ag_rig *w = called(AG_TYPE AG_SDP_HEAD
				  "m=audio 9000 RTP/AVPF 0\r\n");

	ck_has(ag_sdp(w, &w->b, "SIP/2.0 200"), "m=audio 4000 RTP/AVPF 0");
	ack(w, 1, "");
	ck_assert_int_eq(agent_hold(w->b.agent, w->b.session, true,
				    w->r->now), 0);
	ag_run(w);
	ck_has(ag_sdp(w, &w->b, "INVITE"), "m=audio 4000 RTP/AVPF ");
	done(w);
}
END_TEST

START_TEST(what_has_nothing_for_us_is_a_488)
{
	static const char *const bad[] = {
		AG_SDP_HEAD "m=video 9002 RTP/AVP 31\r\n",
		AG_SDP_HEAD "m=audio 0 RTP/AVP 0\r\n",
		AG_SDP_HEAD "m=audio 9000 RTP/AVP 96\r\n"
			"a=rtpmap:96 nothing/8000\r\n",
		AG_SDP_HEAD,
	};

	for (size_t i = 0; i < COUNT(bad); i++) {
		char text[2048];
		struct ag_rig *w;

		snprintf(text, sizeof(text), AG_TYPE "%s", bad[i]);
		w = called(text);
		ck_assert_msg(rig_packet(w->r, w->b.ua, "SIP/2.0 488"),
			      "%zu", i);
		ag_wait(w, SEC(40));
		ck_assert_uint_eq(agent_load(w->b.agent).sessions, 0);
		done(w);
	}
}
END_TEST

#define AG_L16 "m=audio 9000 RTP/AVP 96\r\na=rtpmap:96 L16/16000\r\n"

/* RFC 3261 13.3.1.3: nobody is asked to take what cannot be taken, whether a
 * person or a machine would answer; both ends are told why. */
START_TEST(what_has_nothing_for_us_does_not_ring)
{
	static const struct {
		const char *sdp, *warning, *codecs, *external;
		bool rings;
	} c[] = {
		{ AG_SDP_HEAD AG_L16, "305 192.0.2.2 \"no codec in common\"",
		  "", "", false },
		{ AG_SDP_HEAD AG_L16, "", "L16", "", true },
		{ AG_SDP_HEAD AG_PCMU, "305 192.0.2.2 \"no codec in common\"",
		  "PCMA", "", false },
		{ AG_SDP_HEAD "m=audio 9000 RTP/AVP 96\r\n"
		  "a=rtpmap:96 nothing/8000\r\n",
		  "305 192.0.2.2 \"no codec in common\"", "", "", false },
		{ AG_SDP_HEAD "m=video 9002 RTP/AVP 31\r\n",
		  "304 192.0.2.2 \"no such stream is known here\"",
		  "", "", false },
		{ AG_SDP_HEAD "m=video 9002 RTP/AVP 31\r\n" AG_L16,
		  "305 192.0.2.2 \"no codec in common\"", "", "", false },
		/* one of them is enough */
		{ AG_SDP_HEAD "m=video 9002 RTP/AVP 31\r\n" AG_PCMU,
		  "", "", "", true },
		{ AG_SDP_HEAD AG_L16 AG_PCMU, "", "", "", true },
		/* an engine elsewhere has the settings' codecs, too */
		{ AG_SDP_HEAD AG_PCMU, "", "", "198.51.100.9:7000", true },
		{ AG_SDP_HEAD AG_L16, "305 192.0.2.2 \"no codec in common\"",
		  "", "198.51.100.9:7000", false },
		/* RFC 6157 4.1: its own address says which family it speaks */
		{ AG_SDP_HEAD AG_PCMU, "301 192.0.2.2 \"another address "
		  "family\"", "", "[2001:db8::9]:7000", false },
		{ NULL, "", "", "", true }, /* the offer is ours */
	};

	for (size_t i = 0; i < 2 * COUNT(c); i++) {
		const struct ag_event *e;
		const struct rig_packet *p;
		struct ag_rig *w = begin();
		size_t n = i / 2;
		char text[2048] = "Content-Length: 0\r\n\r\n", want[192];

		w->b.accept = i & 1;
		w->b.ring = true;
		if (*c[n].codecs)
			ck_assert_int_eq(ag_set(&w->b, w->b.account,
						"rtp.codecs", c[n].codecs), 0);
		if (*c[n].external)
			ck_assert_int_eq(ag_set(&w->b, w->b.account,
						"rtp.external", c[n].external),
					 0);
		if (c[n].sdp)
			snprintf(text, sizeof(text), AG_TYPE "%s", c[n].sdp);
		ag_request(w, &w->b, "INVITE", 1, "", text);
		ck_assert_msg(ag_count(&w->b, PARLEY_EV_INCOMING) ==
			      c[n].rings, "%zu", n);
		ck_assert_uint_eq(rig_sent(w->r, w->b.ua, "SIP/2.0 180"),
				  c[n].rings);
		e = ag_last(&w->b, PARLEY_EV_REFUSED);
		ck_assert(c[n].rings == !e);
		p = rig_packet(w->r, w->b.ua, "SIP/2.0 488");
		ck_assert(c[n].rings == !p);
		if (e) {
			ck_assert_int_eq(e->o.code, 488);
			ck_slice_eq(e->o.from,
				    "\"Peer\" <sip:peer@there.example>");
			snprintf(want, sizeof(want), "%s\"", e->reason);
			ck_has(c[n].warning, want);
			snprintf(want, sizeof(want), "\r\nWarning: %s\r\n",
				 c[n].warning);
			ck_has(p->text, want);
			ag_wait(w, SEC(40));
			ck_assert_uint_eq(agent_load(w->b.agent).sessions, 0);
		}
		done(w);
	}
}
END_TEST

/* By its callee's settings as they are when it comes. */
START_TEST(a_call_that_cannot_be_taken_ends_at_both_ends)
{
	struct ag_rig *w = begin();
	const struct ag_event *e;

	w->b.accept = false;
	w->b.ring = true;
	ck_assert_int_eq(ag_set(&w->a, w->a.account, "rtp.codecs", "L16"), 0);
	ck_assert_int_eq(ag_call(w), 0);
	e = ag_last(&w->a, PARLEY_EV_ENDED);
	ck_assert_ptr_nonnull(e);
	ck_assert_int_eq(e->o.code, 488);
	ck_slice_eq(e->o.warning, "305 no codec in common");
	ck_assert_uint_eq(ag_count(&w->a, PARLEY_EV_PROGRESS), 0);
	ck_assert_uint_eq(w->b.n, 1);
	ck_slice_eq(ag_last(&w->b, PARLEY_EV_REFUSED)->o.reason,
		    "no codec in common");
	ck_assert_int_eq(ag_set(&w->b, w->b.account, "rtp.codecs", "L16"), 0);
	ck_assert_int_eq(ag_call(w), 0);
	ck_assert_uint_eq(ag_count(&w->a, PARLEY_EV_PROGRESS), 1);
	ck_assert_uint_eq(ag_count(&w->b, PARLEY_EV_INCOMING), 1);
	done(w);
}
END_TEST

START_TEST(what_is_no_description_is_a_400)
{
	struct ag_rig *w = called(AG_TYPE "m=audio\r\n");

	ck_assert_ptr_nonnull(rig_packet(w->r, w->b.ua, "SIP/2.0 400"));
	ck_assert_uint_eq(ag_count(&w->b, PARLEY_EV_INCOMING), 0);
	ck_assert_uint_eq(agent_load(w->b.agent).sessions, 0);
	done(w);
}
END_TEST

START_TEST(the_peer_holds_in_both_styles)
{
	static const char *const held[] = {
		AG_TYPE AG_SDP_HEAD AG_PCMU "a=sendonly\r\n",
		AG_TYPE AG_SDP_HEAD AG_PCMU "a=inactive\r\n",
		/* RFC 2543's way, see RFC 3264 8.4 */
		AG_TYPE "v=0\r\no=- 7 8 IN IP4 192.0.2.77\r\ns=-\r\n"
			"c=IN IP4 0.0.0.0\r\nt=0 0\r\n" AG_PCMU,
	};

	for (unsigned i = 0; i < COUNT(held); i++) {
		struct ag_rig *w = called(AG_TYPE AG_SDP_HEAD AG_PCMU);

		ack(w, 1, "");
		reinvite(w, 2, held[i]);
		ack(w, 2, "");
		ck_assert_msg(ag_count(&w->b, PARLEY_EV_HELD) == 1, "%u", i);
		ck_assert(!(w->b.agreed.dir & SDP_SENDONLY) ||
			  !w->b.agreed.may_send);
		reinvite(w, 3, AG_TYPE AG_SDP_HEAD AG_PCMU);
		ack(w, 3, "");
		ck_assert_uint_eq(ag_count(&w->b, PARLEY_EV_RESUMED), 1);
		ck_assert(w->b.agreed.may_send);
		ck_assert_int_eq(w->b.agreed.dir, SDP_SENDRECV);
		done(w);
	}
}
END_TEST

START_TEST(holding_offers_sendonly_and_plays_nothing)
{
	struct ag_rig *w = begin();
	struct parley_session_info i = { 0 };

	ck_assert_int_eq(ag_call(w), 0);
	ck_assert_int_eq(agent_hold(w->a.agent, w->a.session, true,
				    w->r->now), 0);
	ag_run(w);
	ck_has(ag_sdp(w, &w->a, "INVITE"), "a=sendonly\r\n");
	ck_has(ag_sdp(w, &w->b, "SIP/2.0 200"), "a=recvonly\r\n");
	ck_assert_int_eq(w->a.agreed.dir, SDP_INACTIVE);
	ck_assert_int_eq(w->b.agreed.dir, SDP_RECVONLY);
	ck_assert_uint_eq(ag_count(&w->b, PARLEY_EV_HELD), 1);
	ck_assert_int_eq(agent_session_info(w->a.agent, w->a.session,
					    w->r->now, &i), 0);
	ck_assert(i.held_here && !i.held_there);
	/* Held from both sides: nobody sends (RFC 3264 6.1). */
	ck_assert_int_eq(agent_hold(w->b.agent, w->b.session, true,
				    w->r->now), 0);
	ag_run(w);
	ck_has(ag_sdp(w, &w->a, "SIP/2.0 200"), "a=inactive\r\n");
	ck_assert_uint_eq(ag_count(&w->a, PARLEY_EV_HELD), 1);
	ck_assert_int_eq(agent_hold(w->a.agent, w->a.session, false,
				    w->r->now), 0);
	ag_run(w);
	ck_assert_int_eq(agent_hold(w->b.agent, w->b.session, false,
				    w->r->now), 0);
	ag_run(w);
	ck_assert_int_eq(w->a.agreed.dir, SDP_SENDRECV);
	ck_assert_int_eq(w->b.agreed.dir, SDP_SENDRECV);
	ck_assert_uint_eq(ag_count(&w->a, PARLEY_EV_RESUMED), 1);
	ck_assert_uint_eq(ag_count(&w->b, PARLEY_EV_RESUMED), 1);
	done(w);
}
END_TEST

START_TEST(settings_between_offer_and_answer_change_nothing)
{
	struct ag_rig *w = begin();
	const struct rig_packet *invite;

	ck_assert_int_eq(ag_set(&w->a, w->a.account, "rtp.codecs", "PCMU"), 0);
	ck_assert_int_eq(ag_call_to(w, &w->a, "sip:x@192.0.2.77", NULL, 0), 0);
	invite = rig_packet(w->r, w->a.ua, "INVITE");
	ck_assert_int_eq(ag_set(&w->a, w->a.account, "rtp.codecs", "PCMA"), 0);
	rig_reply(w->r, w->a.ua, invite, "200 OK", ";tag=x",
		  "Contact: <sip:x@192.0.2.77>\r\n" AG_TYPE AG_SDP_HEAD
		  AG_PCMU);
	ag_run(w);
	ck_assert_uint_eq(ag_count(&w->a, PARLEY_EV_CONFIRMED), 1);
	ck_slice_eq(w->a.audio.pair[0].name, "PCMU");
	done(w);
}
END_TEST

START_TEST(the_peers_parameters_outlive_its_description)
{
	struct ag_rig *w = begin();
	char tag[64];

	w->b.late = true; /* several messages come before outputs are seen */
	ag_request(w, &w->b, "INVITE", 1, "", AG_TYPE AG_SDP_HEAD
		   AG_PCMU "a=fmtp:0 of=the-first\r\n");
	ag_opened(&w->b, &w->b.waiting[0]);
	rig_run(w->r); /* 200 is out, media has not been told */
	snprintf(tag, sizeof(tag), "%s", ag_tag(w, &w->b));
	ag_send(w, &w->b, "ACK", 1, tag, "");
	ag_send(w, &w->b, "INVITE", 2, tag, AG_TYPE AG_SDP_HEAD AG_PCMU
		"a=fmtp:0 of=another\r\nm=audio 9002 RTP/AVP 0\r\n");
	ck_assert_uint_eq(w->b.starts, 0);
	ag_poll(&w->b);
	ck_assert_uint_eq(w->b.starts, 1);
	ck_assert_str_eq(w->b.fmtp, "of=the-first");
	done(w);
}
END_TEST

START_TEST(an_engine_elsewhere_takes_the_media)
{
	struct ag_rig *w = begin();
	enum parley_media two[] = { PARLEY_AUDIO, PARLEY_AUDIO };
	const char *sdp;

	ck_assert_int_eq(ag_set(&w->a, w->a.account, "rtp.external",
				"198.51.100.9:7000"), 0);
	ck_assert_int_eq(ag_call_to(w, &w->a, "sip:bob@192.0.2.2", two, 2), 0);
	sdp = ag_sdp(w, &w->a, "INVITE");
	ck_has(sdp, "c=IN IP4 198.51.100.9\r\n");
	ck_has(ag_mline(sdp, 0), "m=audio 7000 ");
	ck_has(ag_mline(sdp, 1), "m=audio 7002 ");
	ck_assert_uint_eq(w->a.opens + w->a.starts, 0);
	ck_assert_uint_eq(w->b.starts, 2);
	ck_assert_uint_eq(ag_count(&w->a, PARLEY_EV_STREAM_STARTED), 2);
	ck_assert_uint_eq(w->b.agreed.rtp.port, 7002);
	done(w);
}
END_TEST

START_TEST(an_engine_elsewhere_takes_a_call)
{
	struct ag_rig *w = begin();

	ck_assert_int_eq(ag_set(&w->b, w->b.account, "rtp.external",
				"198.51.100.9:7000"), 0);
	ck_assert_int_eq(ag_call(w), 0);
	ck_assert_uint_eq(ag_count(&w->a, PARLEY_EV_ANSWERED), 1);
	ck_has(ag_sdp(w, &w->b, "SIP/2.0 200"), "c=IN IP4 198.51.100.9\r\n");
	ck_assert_uint_eq(w->b.opens + w->b.starts, 0);
	ck_assert_uint_eq(w->a.starts, 1);
	done(w);
}
END_TEST

/* RFC 3264 6: a line that is not wanted has port 0 in the answer. */
START_TEST(lines_beyond_session_streams_are_refused_in_place)
{
	struct ag_rig *w = begin();
	const char *sdp;
	unsigned zero = 0;

	ag_request(w, &w->b, "INVITE", 1, "", AG_TYPE AG_SDP_HEAD AG_PCMU
		   AG_PCMU AG_PCMU AG_PCMU AG_PCMU AG_PCMU);
	ack(w, 1, "");
	sdp = ag_sdp(w, &w->b, "SIP/2.0 200");
	ck_assert_uint_eq(ag_mlines(sdp), 6);
	ck_assert_uint_eq(ag_streams(&w->b, NULL, 0), 4);
	for (const char *p = sdp; (p = strstr(p, "m=audio 0 ")); p++)
		zero++;
	ck_assert_uint_eq(zero, 2);
	done(w);
}
END_TEST

START_TEST(sixteen_lines_fit_the_seventeenth_is_refused)
{
	struct ag_rig *w = begin();
	enum parley_media m[17];
	char text[2048] = AG_TYPE AG_SDP_HEAD;
	uint32_t s;

	for (size_t i = 0; i < COUNT(m); i++)
		m[i] = PARLEY_AUDIO;
	ck_assert_int_eq(ag_call_to(w, &w->a, "sip:bob@192.0.2.2", m, 17),
			 -EINVAL);
	ck_assert_int_eq(ag_set(&w->b, w->b.account, "rtp.codecs", ""), 0);
	ck_assert_int_eq(ag_set(&w->b, w->b.account, "session.streams", "16"),
			 0);
	for (size_t i = 0, n = strlen(text); i < 16; i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n, AG_PCMU);
	ag_request(w, &w->b, "INVITE", 1, "", text);
	ack(w, 1, "");
	ck_assert_uint_eq(ag_mlines(ag_sdp(w, &w->b, "SIP/2.0 200")), 16);
	ck_assert_uint_eq(ag_streams(&w->b, NULL, 0), 16);
	ck_assert_uint_eq(w->b.starts, 16);
	ck_assert_int_eq(agent_stream_add(w->b.agent, w->b.session,
					  PARLEY_AUDIO, &s), -EINVAL);
	/* All that we have, on all lines. */
	ck_assert_int_eq(agent_hold(w->b.agent, w->b.session, true,
				    w->r->now), 0);
	done(w);
}
END_TEST

START_TEST(an_offer_may_not_lose_lines)
{
	struct ag_rig *w = called(AG_TYPE AG_SDP_HEAD AG_PCMU
				  "m=audio 9002 RTP/AVP 0\r\n");

	ack(w, 1, "");
	reinvite(w, 2, AG_TYPE AG_SDP_HEAD AG_PCMU);
	ck_assert_ptr_nonnull(rig_packet(w->r, w->b.ua, "SIP/2.0 488"));
	ck_assert_uint_eq(ag_streams(&w->b, NULL, 0), 2);
	done(w);
}
END_TEST

START_TEST(a_line_that_ended_is_used_again)
{
	struct ag_rig *w = called(AG_TYPE AG_SDP_HEAD AG_PCMU
				  "m=audio 9002 RTP/AVP 0\r\n");
	uint32_t s;
	const char *sdp;

	ack(w, 1, "");
	reinvite(w, 2, AG_TYPE AG_SDP_HEAD AG_PCMU "m=audio 0 RTP/AVP 0\r\n");
	ack(w, 2, "");
	ck_assert_uint_eq(ag_streams(&w->b, NULL, 0), 1);
	ck_slice_eq(ag_last(&w->b, PARLEY_EV_STREAM_ENDED)->o.reason,
		    "removed by the peer");
	ck_assert_int_eq(agent_stream_add(w->b.agent, w->b.session,
					  PARLEY_AUDIO, &s), 0);
	ck_assert_int_eq(agent_propose(w->b.agent, w->b.session, w->r->now),
			 0);
	ag_run(w);
	sdp = ag_sdp(w, &w->b, "INVITE"); /* RFC 3264 8.1 */
	ck_assert_uint_eq(ag_mlines(sdp), 2);
	ck_has(ag_mline(sdp, 1), "m=audio 4004 ");
	done(w);
}
END_TEST

/* ----------------------------------------------------- RFC 5621: multiparts */
#define MULTI "MIME-Version: 1.0\r\n" \
	"Content-Type: multipart/mixed;boundary=\"b\"\r\n\r\n"
#define PART AG_TYPE AG_SDP_HEAD AG_PCMU
#define ISUP "Content-Type: application/isup;version=itu-t92+\r\n" \
	"Content-Disposition: signal;handling="
#define WITH_ISUP(handling) MULTI "--b\r\n" ISUP handling "\r\n\r\n\x01\x02" \
	"\r\n--b\r\n" PART "\r\n--b--\r\n"

START_TEST(an_offer_is_found_beside_other_parts)
{
	static const char *const offer[] = {
		WITH_ISUP("optional"),
		MULTI "--b\r\n" PART "\r\n--b\r\nContent-Type: application/"
		"pidf+xml\r\n\r\n<presence/>\r\n--b--\r\n",
		MULTI "--b\r\nContent-Type: multipart/alternative;boundary=i"
		"\r\n\r\n--i\r\n" PART "\r\n--i\r\nContent-Type: text/x\r\n"
		"\r\nx\r\n--i--\r\n--b--",
	};

	for (size_t i = 0; i < COUNT(offer); i++) {
		struct ag_rig *w = called(offer[i]);

		ck_has(ag_sdp(w, &w->b, "SIP/2.0 200"),
		       "m=audio 4000 RTP/AVP 0\r\n");
		ck_assert_uint_eq(w->b.agreed.rtp.port, 9000);
		done(w);
	}
}
END_TEST

START_TEST(a_part_that_is_required_and_unknown_is_415)
{
	struct ag_rig *w = called(WITH_ISUP("required"));
	const struct rig_packet *p = rig_packet(w->r, w->b.ua, "SIP/2.0 4");

	ck_assert_ptr_nonnull(p);
	ck_has(p->text, "SIP/2.0 415 ");
	ck_has(p->text, "\r\nAccept: application/sdp, multipart/mixed, ");
	ck_assert_uint_eq(ag_count(&w->b, PARLEY_EV_ANSWERED), 0);
	done(w);
	w = called(MULTI "no part at all");
	ck_assert_ptr_nonnull(rig_packet(w->r, w->b.ua, "SIP/2.0 400 "));
	done(w);
}
END_TEST

/* In an answer nothing can be refused: the description is what counts. */
START_TEST(an_answer_is_found_beside_other_parts)
{
	struct ag_rig *w = begin();
	const struct rig_packet *p;

	ck_assert_int_eq(ag_call_to(w, &w->a, "sip:x@192.0.2.77", NULL, 0), 0);
	p = rig_packet(w->r, w->a.ua, "INVITE");
	rig_reply(w->r, w->a.ua, p, "183 Session Progress", ";tag=x",
		  WITH_ISUP("required"));
	ag_run(w);
	ck_assert_uint_eq(ag_count(&w->a, PARLEY_EV_EARLY_MEDIA), 1);
	rig_reply(w->r, w->a.ua, p, "200 OK", ";tag=x",
		  "Contact: <sip:x@192.0.2.77>\r\n" WITH_ISUP("required"));
	ag_run(w);
	ck_assert_uint_eq(ag_count(&w->a, PARLEY_EV_CONFIRMED), 1);
	ck_assert_uint_eq(w->a.agreed.rtp.port, 9000);
	done(w);
	/* In the ACK of a call that was offered by our 200. */
	w = called("");
	ack(w, 1, WITH_ISUP("optional"));
	ck_assert_uint_eq(ag_count(&w->b, PARLEY_EV_CONFIRMED), 1);
	ck_assert_uint_eq(w->b.agreed.rtp.port, 9000);
	ck_assert_uint_eq(rig_sent(w->r, w->b.ua, "BYE"), 0);
	done(w);
}
END_TEST

SUITE(session_sdp, an_offer_is_found_beside_other_parts,
      a_part_that_is_required_and_unknown_is_415,
      an_answer_is_found_beside_other_parts,
      an_offer_has_what_rfc3264_5_asks_for,
      an_answer_uses_the_offers_numbers_and_order,
      payload_types_are_stable_across_our_offers, the_version_counts_changes,
      lines_of_unknown_kinds_are_refused_in_their_place,
      the_feedback_profile_is_answered_as_offered,
      what_has_nothing_for_us_is_a_488, what_has_nothing_for_us_does_not_ring,
      a_call_that_cannot_be_taken_ends_at_both_ends,
      what_is_no_description_is_a_400,
      the_peer_holds_in_both_styles,
      holding_offers_sendonly_and_plays_nothing,
      settings_between_offer_and_answer_change_nothing,
      the_peers_parameters_outlive_its_description,
      an_engine_elsewhere_takes_the_media,
      an_engine_elsewhere_takes_a_call,
      lines_beyond_session_streams_are_refused_in_place,
      sixteen_lines_fit_the_seventeenth_is_refused,
      an_offer_may_not_lose_lines, a_line_that_ended_is_used_again);
