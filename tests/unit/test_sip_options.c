/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/suites.h"

#include "tests/unit/sip_rig.h"

#include "sip/usage/sip_options.h"

static struct rig *rig;
static struct rig_ua *a, *b;
static struct sip_options answers;
static struct sip_ping ping;
static struct {
	unsigned n;
	struct sip_ping_event last;
	char reason[96];
} seen;

static void on_result(struct rig_ua *ua, const struct sip_result *result)
{
	const struct sip_ping_event *ev = sip_ping_result(result);

	(void)ua;
	ck_assert(ev && result->user == &ping.tu);
	seen.n++;
	seen.last = *ev;
	memcpy(seen.reason, ev->reason.p, ev->reason.n);
	seen.reason[ev->reason.n] = 0;
}

static void ignore(struct sip_user *u, const struct sip_event *ev,
		   struct instant now)
{
	(void)u;
	(void)ev;
	(void)now;
}

/* What an answer says is what all users say. */
static struct sip_user other;
static const struct sip_user_ops other_ops = { .supported = "replaces",
					       .event = ignore };

static void begin(struct slice target, mono interval)
{
	struct sip_ping_config c = {
		.target = target, .from = S("<sip:alice@a.example>"),
		.interval = interval,
	};

	memset(&seen, 0, sizeof(seen));
	rig = rig_new(0, true);
	a = &rig->ua[0];
	b = &rig->ua[1];
	answers = (struct sip_options){ .agent = S("rig") };
	ck_assert_int_eq(sip_options_init(&answers, &b->users), 0);
	other = (struct sip_user){ 0 };
	ck_assert_int_eq(sip_users_add(&b->users, &other, &other_ops), 0);
	ck_assert_int_eq(sip_ping_init(&ping, &a->mem, &a->users, &c,
				       rig->now), 0);
	a->result = on_result;
	rig_wait(rig, 0);
}

static void end(void)
{
	sip_ping_fini(&ping);
	ck_assert_uint_eq(rig_free(rig), 0);
}

/* 11.2: Allow, Accept, Supported; 200 as an INVITE would get it. */
START_TEST(an_answer_tells_what_we_can)
{
	const char *text;

	begin(S("sip:bob@192.0.2.2"), 0);
	text = rig_packet(rig, b, "SIP/2.0 200 OK")->text;
	ck_assert(strstr(text, "\r\nAllow: INVITE, ACK, BYE, CANCEL, "
			 "OPTIONS\r\n"));
	ck_assert(strstr(text, "\r\nAccept: application/sdp, multipart/mixed, "
			 "multipart/alternative\r\n"));
	ck_assert(strstr(text, "\r\nSupported: replaces\r\n"));
	ck_assert(strstr(text, "\r\nServer: rig\r\n"));
	ck_assert_uint_eq(seen.n, 1);
	ck_assert(seen.last.reached);
	ck_assert_uint_eq(seen.last.status, 200);
	rig_wait(rig, SEC(100));
	ck_assert_uint_eq(rig_sent(rig, a, "OPTIONS"), 1);
	end();
}
END_TEST

START_TEST(pings_go_on_after_each_answer)
{
	begin(S("sip:bob@192.0.2.2"), SEC(30));
	rig_wait(rig, SEC(100));
	ck_assert_uint_eq(rig_sent(rig, a, "OPTIONS"), 4);
	ck_assert_uint_eq(seen.n, 4);
	end();
}
END_TEST

START_TEST(silence_is_told_at_64_T1)
{
	begin(S("sip:bob@192.0.2.99"), SEC(30));
	rig_wait(rig, SEC(33));
	ck_assert_uint_eq(seen.n, 1);
	ck_assert(!seen.last.reached);
	ck_assert_uint_eq(seen.last.status, 408);
	ck_assert_str_eq(seen.reason, "Request Timeout");
	end();
}
END_TEST

START_TEST(no_route_is_told_with_its_reason)
{
	begin(S("sip:bob@nowhere.example"), 0);
	ck_assert_uint_eq(seen.last.status, 503);
	ck_assert_str_eq(seen.reason, "its host was not found");
	end();
	begin(S("tel:+15551212"), 0);
	ck_assert_uint_eq(seen.last.status, 416);
	end();
}
END_TEST

#define OPTIONS(uri, n, more) \
	"OPTIONS " uri " SIP/2.0\r\n" \
	"Via: SIP/2.0/UDP 192.0.2.77;branch=z9hG4bKo" n "\r\n" \
	"From: <sip:x@y.example>;tag=xtag\r\nTo: <sip:bob@biloxi.example>\r\n" \
	"Call-ID: opt" n "\r\nCSeq: 1 OPTIONS\r\nMax-Forwards: 70\r\n" \
	more "\r\n"

/* 8.2.2.1, 8.2.2.3: as an INVITE is refused; bext01, unkscm, novelsc of
 * RFC 4475 are of this kind. */
START_TEST(what_no_invite_could_ask_is_refused)
{
	static const struct addr stranger = { .family = 4, .port = 5060,
					      .ip = { 192, 0, 2, 77 } };
	const char *text;

	begin(S("sip:bob@192.0.2.2"), 0);
	rig_send(rig, b, &stranger, OPTIONS("sip:bob@192.0.2.2", "1",
		 "Require: nothingSupportsThis, nor-this\r\n"));
	text = rig_packet(rig, b, "SIP/2.0 420")->text;
	ck_assert(strstr(text, "\r\nUnsupported: nothingSupportsThis\r\n"));
	ck_assert(strstr(text, "\r\nUnsupported: nor-this\r\n"));
	rig_send(rig, b, &stranger, OPTIONS("unknown:opaque", "2", ""));
	rig_packet(rig, b, "SIP/2.0 416");
	rig_send(rig, b, &stranger, OPTIONS("tel:+15551212", "3", ""));
	ck_assert_uint_eq(rig_sent(rig, b, "SIP/2.0 200"), 2);
	end();
}
END_TEST

START_TEST(info_and_update_are_405_with_allow)
{
	static const struct addr stranger = { .family = 4, .port = 5060,
					      .ip = { 192, 0, 2, 77 } };
	const char *text;

	begin(S("sip:bob@192.0.2.2"), 0);
	rig_send(rig, b, &stranger,
		 "INFO sip:bob@192.0.2.2 SIP/2.0\r\n"
		 "Via: SIP/2.0/UDP 192.0.2.77;branch=z9hG4bK1\r\n"
		 "From: <sip:x@y.example>;tag=xtag\r\n"
		 "To: <sip:bob@biloxi.example>;tag=z\r\n"
		 "Call-ID: hand\r\nCSeq: 1 INFO\r\n\r\n");
	text = rig_packet(rig, b, "SIP/2.0 405")->text;
	ck_assert(strstr(text, "\r\nAllow: INVITE, ACK, BYE, CANCEL, "
			 "OPTIONS\r\n"));
	rig_send(rig, b, &stranger,
		 "DANCE sip:bob@192.0.2.2 SIP/2.0\r\n"
		 "Via: SIP/2.0/UDP 192.0.2.77;branch=z9hG4bK2\r\n"
		 "From: <sip:x@y.example>;tag=xtag\r\n"
		 "To: <sip:bob@biloxi.example>\r\n"
		 "Call-ID: hand\r\nCSeq: 2 DANCE\r\n\r\n");
	ck_assert(rig_packet(rig, b, "SIP/2.0 501"));
	end();
}
END_TEST

SUITE(sip_options, an_answer_tells_what_we_can, pings_go_on_after_each_answer,
      silence_is_told_at_64_T1, no_route_is_told_with_its_reason,
      info_and_update_are_405_with_allow,
      what_no_invite_could_ask_is_refused);
