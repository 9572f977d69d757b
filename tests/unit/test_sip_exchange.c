/* SPDX-License-Identifier: BSD-2-Clause
 * A usage that the library has not: a MESSAGE (RFC 3428), by the engine that
 * registrations and calls send their requests with. */
#include "tests/unit/suites.h"

#include "tests/unit/sip_rig.h"

#include "sip/usage/sip_exchange.h"

enum { PAGER = 9 };

static struct rig *rig;
static struct rig_ua *a;
static struct {
	struct sip_dialog d;
	struct sip_exchange x;
	struct sip_digest digest;
	bool answers;           /* challenges */
	bool follows;           /* redirections */
	int redirected;         /* what that said last */
	int renewed;            /* what that said last */
	unsigned n;
	enum sip_exchange_step last;
	unsigned status;
	char reason[64];
	uint32_t retry;
} pager;

static const struct sip_secret secret = {
	.realm = SLICE("biloxi.example"), .user = SLICE("bob"),
	.password = SLICE("zanzibar"),
};

static struct sip_request request(const struct sip_msg *m)
{
	return (struct sip_request){ .msg = m, .user = PAGER, .tag = 1 };
}

static void again(const struct sip_msg *challenge)
{
	static char room[SIP_EXCHANGE_ROOM];
	struct writer w = writer_begin(room, sizeof(room));
	struct sip_exchange_auth auth = { &pager.digest, &secret, 1 };
	struct sip_msg m;
	struct sip_request q = request(&m);

	pager.renewed = sip_exchange_renew(&pager.x, a->core, &pager.d,
					   challenge, &auth, &m, &w);
	if (pager.renewed)
		sip_exchange_forget(&pager.x, a->core, rig->now);
	else
		ck_assert_int_eq(sip_exchange_send(&pager.x, a->core, &pager.d,
						   &q, rig->now), 0);
}

static void elsewhere(const struct sip_outcome *o)
{
	static char room[SIP_EXCHANGE_ROOM];
	struct writer w = writer_begin(room, sizeof(room));
	struct sip_msg m;
	struct sip_request q = request(&m);

	pager.redirected = sip_exchange_redirect(a->core, &pager.d, o, &m, &w);
	if (pager.redirected == 0)
		ck_assert_int_eq(sip_exchange_send(&pager.x, a->core, &pager.d,
						   &q, rig->now), 0);
}

static void on_event(struct rig_ua *ua, const struct sip_event *ev)
{
	struct sip_outcome o;
	enum sip_exchange_step step = sip_exchange_on_event(&pager.x, ev, &o);

	(void)ua;
	if (step == SIP_EXCHANGE_NOTHING)
		return;
	pager.n++;
	pager.last = step;
	pager.status = o.status;
	memcpy(pager.reason, o.reason.p, o.reason.n);
	pager.reason[o.reason.n] = 0;
	pager.retry = UINT32_MAX;
	if (o.msg)
		(void)sip_exchange_retry_after(o.msg, &pager.retry);
	if (step == SIP_EXCHANGE_CHALLENGED && pager.answers)
		again(o.msg);
	if (o.status / 100 == 3 && pager.follows)
		elsewhere(&o);
}

static int page(struct slice target)
{
	char room[SIP_DIALOG_ROOM];
	struct writer w = writer_begin(room, sizeof(room));
	struct sip_msg m;
	struct sip_request q = request(&m);
	int rc = sip_exchange_identity(&pager.d, &a->mem, a->core,
		&(struct sip_dialog_base){
			.local = S("<sip:bob@biloxi.example>"),
			.target = target, .seq = 41 });

	if (rc == 0)
		rc = sip_dialog_request(&pager.d, S("MESSAGE"), &w, &m);
	m.body = S("Watson, come here.");
	if (rc == 0)
		rc = sip_msg_add(&m, SIP_HDR_CONTENT_TYPE, S("text/plain"));
	if (rc == 0)
		rc = sip_exchange_send(&pager.x, a->core, &pager.d, &q,
				       rig->now);
	return rc;
}

static void begin(void)
{
	memset(&pager, 0, sizeof(pager));
	rig = rig_new(0, false);
	a = &rig->ua[0];
	a->event = on_event;
	sip_digest_init(&pager.digest, &a->mem);
	pager.answers = true;
	ck_assert_int_eq(page(S("sip:192.0.2.9")), 0);
	rig_run(rig);
}

static void end(void)
{
	sip_exchange_forget(&pager.x, a->core, rig->now);
	sip_digest_fini(&pager.digest);
	sip_dialog_fini(&pager.d);
	ck_assert_uint_eq(rig_free(rig), 0);
}

static const char *last(void)
{
	return rig_packet(rig, a, "MESSAGE")->text;
}

static void reply(const char *status, const char *more)
{
	struct rig_packet p = *rig_packet(rig, a, "MESSAGE");

	rig_reply(rig, a, &p, status, ";tag=x", more);
}

#define CHALLENGE(nonce)						\
	"Digest realm=\"biloxi.example\", nonce=\"" nonce "\"\r\n"

/* RFC 3261 22.2: the same request, body and all, but for number, branch and
 * credentials. */
START_TEST(a_challenged_request_goes_again)
{
	begin();
	ck_assert(strstr(last(), "\r\nCSeq: 42 MESSAGE\r\n"));
	ck_assert_uint_eq(pager.x.seq, 42);
	reply("100 Trying", "");
	ck_assert_int_eq((int)pager.last, (int)SIP_EXCHANGE_PROGRESS);
	reply("401 Unauthorized", "WWW-Authenticate: " CHALLENGE("one"));
	ck_assert_int_eq((int)pager.last, (int)SIP_EXCHANGE_CHALLENGED);
	ck_assert(strstr(last(), "\r\nCSeq: 43 MESSAGE\r\n"));
	ck_assert(strstr(last(), "\r\nAuthorization: Digest username=\"bob\""));
	ck_assert(strstr(last(), "\r\n\r\nWatson, come here."));
	reply("407 Proxy", "Proxy-Authenticate: " CHALLENGE("two"));
	ck_assert(strstr(last(), "\r\nCSeq: 44 MESSAGE\r\n"));
	ck_assert(strstr(last(), "\r\nAuthorization: "));
	ck_assert(strstr(last(), "\r\nProxy-Authorization: "));
	ck_assert_uint_eq(rig_sent(rig, a, "MESSAGE"), 3);
	reply("200 ", "");
	ck_assert_int_eq((int)pager.last, (int)SIP_EXCHANGE_ANSWERED);
	ck_assert_uint_eq(pager.status, 200);
	ck_assert_str_eq(pager.reason, "OK");
	ck_assert(!pager.x.txn);
	end();
}
END_TEST

/* RFC 3261 8.1.3.4: the same To, From and Call-ID, another Request-URI. */
START_TEST(a_redirected_request_goes_there)
{
	begin();
	pager.follows = true;
	reply("407 Proxy", "Proxy-Authenticate: " CHALLENGE("one"));
	ck_assert(strstr(last(), "\r\nProxy-Authorization: "));
	reply("302 Moved", "Contact: <mailto:bob@biloxi.example>, "
	      "<sip:192.0.2.9>, \"Bob\" <sip:bob@192.0.2.10:5070>;q=0.3\r\n");
	ck_assert_int_eq(pager.redirected, 0);
	ck_assert_msg(slice_starts(slice_str(last()),
				   "MESSAGE sip:bob@192.0.2.10:5070 SIP/2.0"),
		      "%s", last());
	ck_assert_uint_eq(rig_packet(rig, a, "MESSAGE")->to.port, 5070);
	ck_assert(strstr(last(), "\r\nTo: <sip:192.0.2.9>\r\n"));
	ck_assert(strstr(last(), "\r\nCSeq: 44 MESSAGE\r\n"));
	ck_assert(strstr(last(), "\r\n\r\nWatson, come here."));
	ck_assert(!strstr(last(), "Authorization"));
	/* Round in a circle: not to where it was. */
	reply("302 Moved", "Contact: <sip:bob@192.0.2.10:5070>\r\n");
	ck_assert_int_eq(pager.redirected, -ENOENT);
	ck_assert_uint_eq(rig_sent(rig, a, "MESSAGE"), 3);
	ck_assert(!pager.x.txn);
	end();
}
END_TEST

/* 8.1.3.4: nobody would be told that it is not secure any more. */
START_TEST(what_is_secure_is_not_redirected_into_the_clear)
{
	begin();
	pager.follows = true;
	ck_assert_int_eq(sip_dialog_set_target(&pager.d,
					       S("sips:192.0.2.9")), 0);
	reply("302 Moved", "Contact: <sip:192.0.2.10>, "
	      "<sip:192.0.2.11;transport=tls>\r\n");
	ck_assert_int_eq(pager.redirected, -ENOENT);
	ck_assert_uint_eq(rig_sent(rig, a, "MESSAGE"), 1);
	end();
}
END_TEST

START_TEST(refused_credentials_end_it)
{
	begin();
	reply("401 Unauthorized", "WWW-Authenticate: " CHALLENGE("one"));
	reply("401 Unauthorized", "WWW-Authenticate: " CHALLENGE("one"));
	ck_assert_int_eq(pager.renewed, -EACCES);
	ck_assert_uint_eq(rig_sent(rig, a, "MESSAGE"), 2);
	ck_assert(!pager.x.txn);
	end();
}
END_TEST

/* 8.1.3.1: as if 408 had come. */
START_TEST(silence_is_408)
{
	begin();
	rig_wait(rig, SEC(33));
	ck_assert_int_eq((int)pager.last, (int)SIP_EXCHANGE_UNANSWERED);
	ck_assert_uint_eq(pager.status, 408);
	ck_assert_str_eq(pager.reason, "Request Timeout");
	ck_assert(!pager.x.txn);
	end();
}
END_TEST

/* The rig finds no address for a name: 503, with why. */
START_TEST(no_way_is_503)
{
	begin();
	reply("200 OK", "");
	sip_dialog_fini(&pager.d);
	ck_assert_int_eq(page(S("sip:nowhere.example")), 0);
	rig_run(rig);
	ck_assert_int_eq((int)pager.last, (int)SIP_EXCHANGE_UNANSWERED);
	ck_assert_uint_eq(pager.status, 503);
	ck_assert_uint_ne(strlen(pager.reason), 0);
	end();
}
END_TEST

START_TEST(an_answer_says_when_to_ask_again)
{
	begin();
	reply("486 Not Now", "Retry-After: 7\r\n");
	ck_assert_uint_eq(pager.status, 486);
	ck_assert_str_eq(pager.reason, "Not Now");
	ck_assert_uint_eq(pager.retry, 7);
	end();
}
END_TEST

START_TEST(one_that_is_forgotten_tells_nothing)
{
	begin();
	sip_exchange_forget(&pager.x, a->core, rig->now);
	reply("200 OK", "");
	ck_assert_uint_eq(pager.n, 0);
	end();
}
END_TEST

START_TEST(what_cannot_be_sent_says_why)
{
	struct sip_outcome o = sip_exchange_unsent(-EINVAL, S("Bad URI"));

	ck_assert_uint_eq(o.status, 416);
	ck_slice_eq(o.reason, "Bad URI");
	o = sip_exchange_unsent(-EADDRNOTAVAIL, S("Bad URI"));
	ck_assert_uint_eq(o.status, 416);
	o = sip_exchange_unsent(-ENOMEM, S("Bad URI"));
	ck_assert_uint_eq(o.status, 500);
}
END_TEST

SUITE(sip_exchange, a_challenged_request_goes_again,
      a_redirected_request_goes_there,
      what_is_secure_is_not_redirected_into_the_clear,
      refused_credentials_end_it, silence_is_408, no_way_is_503,
      an_answer_says_when_to_ask_again, one_that_is_forgotten_tells_nothing,
      what_cannot_be_sent_says_why);
