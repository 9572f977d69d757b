/* SPDX-License-Identifier: BSD-2-Clause
 * A caller beside a peer written by hand: where its requests go, and what a
 * BYE before the answer does. */
#include "tests/unit/suites.h"

#include "tests/unit/sip_rig.h"

static struct rig *rig;
static struct rig_ua *a;
static struct rig_packet invite;

static void call(struct slice routes)
{
	struct sip_call c = rig_call(RIG_OFFER);

	rig = rig_new(0, true);
	ck_assert(rig);
	a = &rig->ua[0];
	a->user = rig_answer_user;
	c.target = S("sip:fork@192.0.2.9");
	c.to = S("");
	c.routes = routes;
	ck_assert_int_eq(sip_session_invite(a->calls, &c, rig->now, &a->call),
			 0);
	rig_run(rig);
	invite = *rig_packet(rig, a, "INVITE");
}

static void end(void)
{
	ck_assert_uint_eq(rig_free(rig), 0);
}

static void ck_ended(enum sip_session_end how, unsigned status)
{
	const struct rig_event *e = rig_last(a, SIP_SESSION_ENDED);

	ck_assert(e);
	ck_assert_uint_eq(rig_count(a, SIP_SESSION_ENDED), 1);
	ck_assert_int_eq((int)e->e.end, (int)how);
	ck_assert_uint_eq(e->e.status, status);
	ck_assert_uint_eq(sip_sessions_count(a->calls), 0);
}

/* The last message that begins so: where it went, and a part of it. */
static void ck_sent(const char *begin, const char *to, const char *part)
{
	const struct rig_packet *p = rig_packet(rig, a, begin);
	struct addr at;

	ck_assert_msg(p, "no %s", begin);
	ck_assert_int_eq(addr_parse(slice_str(to), &at), 0);
	ck_assert_msg(addr_same(&p->to, &at), "not to %s: %s", to, p->text);
	ck_assert_msg(strstr(p->text, part), "no '%s' in %s", part, p->text);
}

/* --------------------------------------------------- where requests go */
/* RFC 3261 8.1.2, 12.2.1.1, 16.12.1: each as caller, whose Record-Route comes
 * in the reverse order, and as callee. */
static const struct {
	const char *recorded[3]; /* nearest to us first */
	const char *contact;     /* the peer's */
	const char *uri, *route; /* of our requests */
	const char *to;
} ways[] = {
	{ { NULL }, "sip:x@192.0.2.77:5071",
	  "sip:x@192.0.2.77:5071", NULL, "192.0.2.77:5071" },
	{ { "<sip:192.0.2.81;lr>" }, "sip:x@192.0.2.77",
	  "sip:x@192.0.2.77", "<sip:192.0.2.81;lr>", "192.0.2.81:5060" },
	{ { "<sip:192.0.2.81>" }, "sip:x@192.0.2.77",
	  "sip:192.0.2.81", "<sip:x@192.0.2.77>", "192.0.2.81:5060" },
	/* A target with lr is no route. */
	{ { "<sip:192.0.2.81>" }, "sip:x@192.0.2.77;lr",
	  "sip:192.0.2.81", "<sip:x@192.0.2.77;lr>", "192.0.2.81:5060" },
	{ { "<sip:gw@192.0.2.81:5081;lrx=1>", "<sip:192.0.2.82;lr>" },
	  "sip:x@192.0.2.77", "sip:gw@192.0.2.81:5081;lrx=1",
	  "<sip:192.0.2.82;lr>\r\nRoute: <sip:x@192.0.2.77>",
	  "192.0.2.81:5081" },
	{ { "<sip:192.0.2.81;lr>", "<sip:192.0.2.82>" },
	  "sip:x@192.0.2.77;lr", "sip:x@192.0.2.77;lr",
	  "<sip:192.0.2.81;lr>,<sip:192.0.2.82>", "192.0.2.81:5060" },
	{ { "<sip:192.0.2.81>", "<sip:192.0.2.82>", "<sip:192.0.2.83;lr>" },
	  "sip:x@192.0.2.77", "sip:192.0.2.81",
	  "<sip:192.0.2.82>,<sip:192.0.2.83;lr>\r\n"
	  "Route: <sip:x@192.0.2.77>", "192.0.2.81:5060" },
	{ { "<sip:192.0.2.81;lr;maddr=192.0.2.84>", "<sip:192.0.2.82>" },
	  "sip:x@192.0.2.77", "sip:x@192.0.2.77",
	  "<sip:192.0.2.81;lr;maddr=192.0.2.84>,<sip:192.0.2.82>",
	  "192.0.2.84:5060" },
};

/* Record-Route and Contact of way i, the nearest last or first. */
static const char *recorded(size_t i, bool nearest_last)
{
	static char text[512];
	struct writer w = writer_begin(text, sizeof(text) - 1);

	for (size_t k = 0; k < COUNT(ways[i].recorded); k++) {
		size_t at = nearest_last ? COUNT(ways[i].recorded) - 1 - k : k;

		if (!ways[i].recorded[at])
			continue;
		writer_str(&w, "Record-Route: ");
		writer_str(&w, ways[i].recorded[at]);
		writer_str(&w, "\r\n");
	}
	writer_str(&w, "Contact: <");
	writer_str(&w, ways[i].contact);
	writer_str(&w, ">\r\nContent-Type: application/sdp\r\n"
		   "Content-Length: 5\r\n\r\nv=0\r\n");
	text[w.n] = 0;
	return text;
}

static void ck_way(size_t i, const char *method)
{
	char line[256], route[256] = "\r\nMax-Forwards";

	snprintf(line, sizeof(line), "%s %s SIP/2.0\r\n", method, ways[i].uri);
	ck_sent(line, ways[i].to, "\r\nMax-Forwards: 70\r\n");
	if (ways[i].route)
		snprintf(route, sizeof(route), "\r\nRoute: %s\r\nMax-Forwards",
			 ways[i].route);
	else
		ck_assert(!strstr(rig_packet(rig, a, line)->text, "Route:"));
	ck_sent(line, ways[i].to, route);
}

/* A re-INVITE and the BYE go that way. */
static void ck_requests_to_the_end(size_t i)
{
	ck_assert_int_eq(rig_reinvite(a, RIG_OFFER), 0);
	rig_run(rig);
	ck_way(i, "INVITE");
	ck_assert_int_eq(rig_hangup(a), 0);
	ck_way(i, "BYE");
	end();
}

START_TEST(a_callers_requests_take_the_route_set)
{
	for (size_t i = 0; i < COUNT(ways); i++) {
		call(S(""));
		rig_reply(rig, a, &invite, "180 Ringing", ";tag=t",
			  "Contact: <sip:early@192.0.2.99>\r\n");
		rig_reply(rig, a, &invite, "200 OK", ";tag=t",
			  recorded(i, true));
		ck_way(i, "ACK");
		ck_requests_to_the_end(i);
	}
}
END_TEST

static const struct addr stranger = { .family = 4, .port = 5060,
				      .ip = { 192, 0, 2, 77 } };

#define REQ(method, to_tag, cseq, more)                                 \
	method " sip:alice@192.0.2.1 SIP/2.0\r\n"                       \
	"Via: SIP/2.0/UDP 192.0.2.77;branch=z9hG4bK" method cseq "\r\n" \
	"Max-Forwards: 70\r\nFrom: <sip:x@y.example>;tag=xtag\r\n"      \
	"To: <sip:alice@atlanta.example>" to_tag "\r\n"                 \
	"Call-ID: hand\r\nCSeq: " cseq " " method "\r\n" more

START_TEST(a_callees_requests_take_the_route_set)
{
	char text[RIG_TEXT];

	for (size_t i = 0; i < COUNT(ways); i++) {
		const char *at;

		rig = rig_new(0, true);
		a = &rig->ua[0];
		a->user = rig_answer_user;
		a->accept = 1;
		snprintf(text, sizeof(text), REQ("INVITE", "", "5", "%s"),
			 recorded(i, false));
		rig_send(rig, a, &stranger, text);
		at = strstr(rig_packet(rig, a, "SIP/2.0 200")->text, "\r\nTo:");
		at = strstr(at, ";tag=");
		snprintf(text, sizeof(text), REQ("ACK", "%.*s", "5", "\r\n"),
			 (int)strcspn(at, "\r"), at);
		rig_send(rig, a, &stranger, text);
		ck_assert(rig_last(a, SIP_SESSION_ACKED));
		ck_requests_to_the_end(i);
	}
}
END_TEST

/* 8.1.1.1, 9.1, 17.1.1.3: a pre-loaded Route is in what belongs to the INVITE,
 * and 12.1.2: in nothing of a dialog that has recorded none. */
START_TEST(an_outbound_proxy_is_the_invites_route_not_the_dialogs)
{
	static const char proxy[] = "<sip:192.0.2.88:5070;lr;x=y>";
	static const char route[] =
		"\r\nRoute: <sip:192.0.2.88:5070;lr;x=y>\r\n";
	static const char at[] = "192.0.2.88:5070";

	call(slice_str(proxy));
	ck_sent("INVITE sip:fork@192.0.2.9 ", at, route);
	ck_sent("INVITE sip:fork@192.0.2.9 ", at,
		"\r\nTo: <sip:fork@192.0.2.9>\r\n");
	rig_reply(rig, a, &invite, "486 Busy", ";tag=t", "");
	ck_sent("ACK sip:fork@192.0.2.9 ", at, route);
	ck_ended(SIP_END_REFUSED, 486);
	end();

	call(slice_str(proxy));
	rig_reply(rig, a, &invite, "180 Ringing", ";tag=t",
		  "Contact: <sip:x@192.0.2.77>\r\n");
	ck_assert_int_eq(rig_hangup(a), 0);
	ck_sent("CANCEL sip:fork@192.0.2.9 ", at, route);
	end();

	call(slice_str(proxy));
	rig_reply(rig, a, &invite, "200 OK", ";tag=t", recorded(0, true));
	ck_way(0, "ACK");
	ck_assert_int_eq(rig_hangup(a), 0);
	ck_way(0, "BYE");
	end();
}
END_TEST

/* ------------------------------------------- BYE in an early dialog */
static const char contact[] = "Contact: <sip:x@192.0.2.77>\r\n";
static const char sdp[] = "Contact: <sip:x@192.0.2.77>\r\n"
	"Content-Type: application/sdp\r\nContent-Length: 5\r\n\r\nv=0\r\n";

/* A BYE of the leg with that tag, numbered so; its final response. */
static unsigned bye(const char *tag, unsigned cseq)
{
	const char *us = strstr(invite.text, "\r\nFrom:") + strlen("\r\nFrom:");
	char text[RIG_TEXT];
	const struct rig_packet *p;
	struct writer w = writer_begin(text, sizeof(text) - 1);
	unsigned before = rig->n, status = 0;

	writer_str(&w, "BYE sip:alice@192.0.2.1 SIP/2.0\r\n"
		   "Via: SIP/2.0/UDP 192.0.2.77;branch=z9hG4bK");
	writer_str(&w, tag);
	writer_u64(&w, cseq);
	writer_str(&w, "\r\nFrom: <sip:x@y.example>;tag=");
	writer_str(&w, tag);
	writer_str(&w, "\r\nTo:");
	writer_put(&w, slice_of(us, strcspn(us, "\r")));
	writer_str(&w, "\r\n");
	rig_copy(&w, invite.text, "Call-ID:", "");
	writer_str(&w, "Max-Forwards: 70\r\nCSeq: ");
	writer_u64(&w, cseq);
	writer_str(&w, " BYE\r\n\r\n");
	text[w.n] = 0;
	rig_send(rig, a, &stranger, text);
	for (unsigned i = before; i < rig->n; i++) {
		p = &rig->log[i];
		if (strncmp(p->text, "SIP/2.0 ", 8) == 0)
			status = (unsigned)strtoul(p->text + 8, NULL, 10);
	}
	return status;
}

/* 15.1.2, 13.2.2.4 */
START_TEST(bye_before_the_answer_ends_the_attempt)
{
	call(S(""));
	rig_reply(rig, a, &invite, "180 Ringing", ";tag=one", contact);
	ck_assert_uint_eq(bye("none", 1), 481);
	ck_assert(!rig_packet(rig, a, "CANCEL"));
	ck_assert_uint_eq(bye("one", 1), 200);
	ck_assert_uint_eq(rig_last(a, SIP_SESSION_LEG_GONE)->e.leg, 1);
	ck_sent("CANCEL sip:fork@192.0.2.9 ", "192.0.2.9:5060", "CANCEL");
	/* Its dialog is over, for requests and for what was on its way. */
	ck_assert_uint_eq(bye("one", 2), 481);
	rig_reply(rig, a, &invite, "180 Ringing", ";tag=one", contact);
	ck_assert_uint_eq(rig_count(a, SIP_SESSION_PROGRESS), 1);
	rig_reply(rig, a, rig_packet(rig, a, "CANCEL"), "200 OK", ";tag=one",
		  "");
	rig_reply(rig, a, &invite, "487 Request Terminated", ";tag=one", "");
	ck_ended(SIP_END_REMOTE, 487);
	rig_wait(rig, SEC(70));
	end();
}
END_TEST

START_TEST(a_2xx_after_the_early_bye_is_acked_and_hung_up)
{
	struct rig_packet p;

	call(S(""));
	rig_reply(rig, a, &invite, "183 Session Progress", ";tag=one", sdp);
	ck_assert_uint_eq(bye("one", 1), 200);
	rig_reply(rig, a, &invite, "200 OK", ";tag=one", sdp);
	ck_assert_uint_eq(rig_sent(rig, a, "ACK sip:x@192.0.2.77 "), 1);
	ck_assert_uint_eq(rig_sent(rig, a, "BYE sip:x@192.0.2.77 "), 1);
	ck_assert(!rig_last(a, SIP_SESSION_ANSWERED));
	p = *rig_packet(rig, a, "BYE ");
	rig_reply(rig, a, &p, "481 Gone", "", "");
	ck_ended(SIP_END_REMOTE, 487);
	rig_reply(rig, a, &invite, "200 OK", ";tag=one", sdp);
	ck_assert_uint_eq(rig_sent(rig, a, "ACK sip:x@192.0.2.77 "), 2);
	rig_wait(rig, SEC(70));
	end();
}
END_TEST

START_TEST(the_others_of_a_fork_ring_on)
{
	call(S(""));
	rig_reply(rig, a, &invite, "180 Ringing", ";tag=one", contact);
	rig_reply(rig, a, &invite, "180 Ringing", ";tag=two", contact);
	ck_assert_uint_eq(bye("one", 1), 200);
	ck_assert_uint_eq(rig_last(a, SIP_SESSION_LEG_GONE)->e.leg, 1);
	ck_assert(!rig_packet(rig, a, "CANCEL"));
	rig_reply(rig, a, &invite, "180 Ringing", ";tag=two", contact);
	ck_assert_uint_eq(rig_count(a, SIP_SESSION_PROGRESS), 3);
	/* Who is gone cannot win, whoever else still can. */
	rig_reply(rig, a, &invite, "200 OK", ";tag=one", sdp);
	ck_assert(!rig_last(a, SIP_SESSION_ANSWERED));
	ck_sent("BYE ", "192.0.2.77:5060", ";tag=one\r\n");
	rig_reply(rig, a, &invite, "200 OK", ";tag=two", sdp);
	ck_assert_uint_eq(rig_last(a, SIP_SESSION_ANSWERED)->e.leg, 2);
	ck_assert_uint_eq(rig_count(a, SIP_SESSION_LEG_GONE), 1);
	rig_wait(rig, SEC(70));
	ck_assert(!rig_last(a, SIP_SESSION_ENDED));
	ck_assert_uint_eq(bye("two", 1), 200);
	ck_ended(SIP_END_REMOTE, 200);
	end();
}
END_TEST

START_TEST(all_of_a_fork_may_go_one_after_the_other)
{
	call(S(""));
	rig_reply(rig, a, &invite, "180 Ringing", ";tag=one", contact);
	rig_reply(rig, a, &invite, "180 Ringing", ";tag=two", contact);
	ck_assert_uint_eq(bye("two", 7), 200);
	ck_assert(!rig_packet(rig, a, "CANCEL"));
	ck_assert_uint_eq(bye("one", 9), 200);
	ck_assert_uint_eq(rig_sent(rig, a, "CANCEL "), 1);
	rig_reply(rig, a, &invite, "487 Request Terminated", ";tag=x", "");
	ck_ended(SIP_END_REMOTE, 487);
	end();
}
END_TEST

/* 13.2.2.4: who is not answered 64*T1 after the first 2xx never is. */
START_TEST(after_a_2xx_that_does_not_count_others_have_64_T1)
{
	call(S(""));
	rig_reply(rig, a, &invite, "180 Ringing", ";tag=one", contact);
	rig_reply(rig, a, &invite, "180 Ringing", ";tag=two", contact);
	ck_assert_uint_eq(bye("one", 1), 200);
	rig_reply(rig, a, &invite, "200 OK", ";tag=one", sdp);
	rig_reply(rig, a, rig_packet(rig, a, "BYE "), "200 OK", "", "");
	rig_wait(rig, MS(31999));
	ck_assert(!rig_last(a, SIP_SESSION_ENDED));
	rig_wait(rig, MS(1));
	ck_ended(SIP_END_REMOTE, 487);
	end();
	/* ... or until the last of them is gone as well */
	call(S(""));
	rig_reply(rig, a, &invite, "180 Ringing", ";tag=one", contact);
	rig_reply(rig, a, &invite, "180 Ringing", ";tag=two", contact);
	ck_assert_uint_eq(bye("one", 1), 200);
	rig_reply(rig, a, &invite, "200 OK", ";tag=one", sdp);
	ck_assert_uint_eq(bye("two", 1), 200);
	rig_reply(rig, a, rig_packet(rig, a, "BYE "), "200 OK", "", "");
	ck_ended(SIP_END_REMOTE, 487);
	end();
}
END_TEST

/* Those beyond the limit have no leg here, and may answer all the same. */
START_TEST(early_dialogs_that_are_not_counted_keep_the_attempt)
{
	char tag[32];

	call(S(""));
	for (unsigned i = 0; i <= limits_default.forks; i++) {
		snprintf(tag, sizeof(tag), ";tag=t%u", i);
		rig_reply(rig, a, &invite, "180 Ringing", tag, contact);
	}
	for (unsigned i = 0; i < limits_default.forks; i++) {
		snprintf(tag, sizeof(tag), "t%u", i);
		ck_assert_uint_eq(bye(tag, 1), 200);
	}
	ck_assert(!rig_packet(rig, a, "CANCEL"));
	rig_reply(rig, a, &invite, "200 OK", ";tag=last", sdp);
	ck_assert(rig_last(a, SIP_SESSION_ANSWERED));
	end();
}
END_TEST

START_TEST(an_early_bye_crosses_our_cancel)
{
	call(S(""));
	rig_reply(rig, a, &invite, "180 Ringing", ";tag=one", contact);
	ck_assert_int_eq(rig_hangup(a), 0);
	ck_assert_uint_eq(bye("one", 1), 200);
	ck_assert_uint_eq(rig_sent(rig, a, "CANCEL "), 1);
	rig_reply(rig, a, &invite, "487 Request Terminated", ";tag=one", "");
	ck_ended(SIP_END_CANCELLED, 487);
	end();
}
END_TEST

static void two_hops(struct rig_ua *ua)
{
	ua->hop[0] = (struct sip_hop){ .transport = SIP_UDP,
		.addr = addr_v4(192, 0, 2, 9, 5060) };
	ua->hop[1] = (struct sip_hop){ .transport = SIP_UDP,
		.addr = addr_v4(192, 0, 2, 10, 5060) };
	ua->hops = 2;
	sip_core_set_target_timeout(ua->core, SEC(4));
}

static const struct rig_packet *sent_to_host(struct rig *r, uint8_t last,
				       const char *begin)
{
	struct addr to = addr_v4(192, 0, 2, last, 5060);

	for (unsigned i = r->n; i-- > 0;)
		if (addr_same(&r->log[i].to, &to) &&
		    slice_starts(slice_str(r->log[i].text), begin))
			return &r->log[i];
	return NULL;
}

static void call_by_name(struct rig *r, struct rig_ua *ua, bool composes)
{
	struct sip_call c = { .target = S("sip:bob@example.com"),
		.from = S("<sip:alice@192.0.2.1>"),
		.contact = S("<sip:alice@192.0.2.1>"), .offer = RIG_OFFER,
		.compose = composes };

	ck_assert_int_eq(sip_session_invite(ua->calls, &c, r->now, &ua->call),
			 0);
	(void)rig_drain(ua);
	rig_run(r);
}

/* Who was left behind answers late, is hung up on and hangs up itself. */
START_TEST(the_bye_of_a_late_answer_ends_no_attempt)
{
	struct rig *r = rig_new(0, true);
	struct rig_ua *ua = &r->ua[0];
	struct addr from = addr_v4(192, 0, 2, 9, 5060);
	char text[1500];
	struct writer w = writer_begin(text, sizeof(text) - 1);
	const struct rig_packet *first;
	char *p;

	two_hops(ua);
	call_by_name(r, ua, false);
	first = sent_to_host(r, 9, "INVITE");
	ck_assert(first);
	rig_wait(r, SEC(5));
	ck_assert(sent_to_host(r, 10, "INVITE"));
	rig_reply(r, ua, sent_to_host(r, 10, "INVITE"), "100 Trying", "", "");
	rig_reply(r, ua, first, "200 OK", ";tag=late",
		  "Contact: <sip:bob@192.0.2.9>\r\n");
	ck_assert_uint_eq(rig_sent(r, ua, "ACK "), 1);
	ck_assert_uint_eq(rig_sent(r, ua, "BYE "), 1);
	writer_str(&w, "BYE sip:alice@192.0.2.1 SIP/2.0\r\n"
		   "Via: SIP/2.0/UDP 192.0.2.9;branch=z9hG4bKq\r\n"
		   "Max-Forwards: 70\r\nCSeq: 1 BYE\r\n"
		   "From: <sip:bob@example.com>;tag=late\r\n");
	p = strstr(first->text, "From:");
	writer_str(&w, "To:");
	writer_put(&w, slice_of(p + 5, strcspn(p + 5, "\r")));
	writer_str(&w, "\r\n");
	rig_copy(&w, first->text, "Call-ID:", "");
	writer_str(&w, "\r\n");
	text[w.n] = 0;
	rig_send(r, ua, &from, text);
	ck_assert_uint_eq(rig_sent(r, ua, "SIP/2.0 200"), 1);
	ck_assert_uint_eq(rig_sent(r, ua, "CANCEL"), 0);
	(void)rig_free(r);
}
END_TEST

static void with_secret(struct rig_ua *ua, const struct sip_session_event *ev)
{
	static const struct sip_secret secret = {
		.user = SLICE("alice"), .password = SLICE("secret"),
	};
	int rc = 0;

	if (ev->kind == SIP_SESSION_CHALLENGE)
		rc = sip_session_authorize(ua->calls, ev->session, &secret, 1,
					   ua->rig->now);
	if (ev->kind == SIP_SESSION_COMPOSE)
		rc = sip_session_compose(ua->calls, ev->session,
					 S("<sip:alice@192.0.2.1>"), RIG_OFFER,
					 NULL, ua->rig->now);
	ck_assert_int_ge(rc, 0);
}

/* RFC 3263 4.3, for what is sent again as well: who asked for credentials is
 * gone when they come, and the next address gets the request, with them and
 * the same number. */
START_TEST(an_answer_to_a_challenge_goes_on_to_the_next_address)
{
	for (unsigned composes = 0; composes < 2; composes++) {
		struct rig *r = rig_new(0, true);
		struct rig_ua *ua = &r->ua[0];
		const struct rig_packet *one, *two;
		unsigned n[2] = { 0, 1 };

		two_hops(ua);
		ua->user = with_secret;
		ua->composes = composes;
		call_by_name(r, ua, composes);
		rig_reply(r, ua, sent_to_host(r, 9, "INVITE"),
			  "401 Unauthorized", ";tag=p", "WWW-Authenticate: "
			  "Digest realm=\"biloxi\", nonce=\"n\"\r\n");
		one = sent_to_host(r, 9, "INVITE");
		ck_assert(one && strstr(one->text, "\r\nAuthorization: "));
		rig_wait(r, SEC(5));
		two = sent_to_host(r, 10, "INVITE");
		ck_assert(two && strstr(two->text, "\r\nAuthorization: "));
		sscanf(strstr(one->text, "CSeq:"), "CSeq: %u", &n[0]);
		sscanf(strstr(two->text, "CSeq:"), "CSeq: %u", &n[1]);
		ck_assert_uint_eq(n[0], n[1]);
		rig_reply(r, ua, two, "486 Busy", ";tag=b", "");
		ck_assert(rig_last(ua, SIP_SESSION_ENDED));
		rig_wait(r, SEC(70));
		ck_assert_uint_eq(rig_free(r), 0);
	}
}
END_TEST

#define ANSWER_SDP "Content-Type: application/sdp\r\n" \
	"Content-Length: 15\r\n\r\nv=0\r\no=answer\r\n"

/* RFC 3261 13.3.1.4: without its ACK the peer would end a good call. */
START_TEST(a_late_2xx_of_a_reinvite_is_acknowledged)
{
	struct rig *r = rig_new(0, true);
	struct rig_ua *ua = &r->ua[0];
	const struct rig_packet *first;
	unsigned acks;

	two_hops(ua);
	call_by_name(r, ua, false);
	rig_reply(r, ua, sent_to_host(r, 9, "INVITE"), "200 OK", ";tag=t",
		  "Contact: <sip:bob@192.0.2.77>\r\n"
		  "Record-Route: <sip:p1.example.com;lr>\r\n" ANSWER_SDP);
	ck_assert(rig_last(ua, SIP_SESSION_ANSWERED));
	rig_wait(r, SEC(40));
	acks = rig_sent(r, ua, "ACK ");
	ck_assert_int_eq(rig_reinvite(ua, RIG_OFFER), 0);
	(void)rig_drain(ua);
	rig_run(r);
	first = sent_to_host(r, 9, "INVITE");
	rig_wait(r, SEC(5));
	ck_assert(sent_to_host(r, 10, "INVITE"));
	rig_reply(r, ua, first, "200 OK", "",
		  "Contact: <sip:bob@192.0.2.77>\r\n" ANSWER_SDP);
	ck_assert_uint_gt(rig_sent(r, ua, "ACK "), acks);
	(void)rig_free(r);
}
END_TEST

/* The call is over by then, and still nobody is left in it alone. */
START_TEST(a_late_2xx_after_a_refusal_is_hung_up_on)
{
	struct rig *r = rig_new(0, true);
	struct rig_ua *ua = &r->ua[0];
	const struct rig_packet *first;

	two_hops(ua);
	call_by_name(r, ua, false);
	first = sent_to_host(r, 9, "INVITE");
	rig_wait(r, SEC(5));
	rig_reply(r, ua, sent_to_host(r, 10, "INVITE"), "486 Busy", ";tag=b",
		  "");
	ck_assert(rig_last(ua, SIP_SESSION_ENDED));
	rig_wait(r, SEC(1));
	rig_reply(r, ua, first, "200 OK", ";tag=late",
		  "Contact: <sip:bob@192.0.2.9>\r\n");
	ck_assert_uint_eq(rig_sent(r, ua, "BYE "), 1);
	(void)rig_free(r);
}
END_TEST

SUITE(sip_session_uac,
      an_answer_to_a_challenge_goes_on_to_the_next_address,
      a_late_2xx_after_a_refusal_is_hung_up_on,
      the_bye_of_a_late_answer_ends_no_attempt,
      a_late_2xx_of_a_reinvite_is_acknowledged,
      a_callers_requests_take_the_route_set,
      a_callees_requests_take_the_route_set,
      an_outbound_proxy_is_the_invites_route_not_the_dialogs,
      bye_before_the_answer_ends_the_attempt,
      a_2xx_after_the_early_bye_is_acked_and_hung_up,
      the_others_of_a_fork_ring_on, all_of_a_fork_may_go_one_after_the_other,
      after_a_2xx_that_does_not_count_others_have_64_T1,
      early_dialogs_that_are_not_counted_keep_the_attempt,
      an_early_bye_crosses_our_cancel);
