/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/suites.h"

#include "tests/unit/sip_rig.h"

#include "sip/usage/sip_register.h"

static struct rig *rig;
static struct rig_ua *a;
static struct sip_register reg;
static struct {
	unsigned n;
	struct sip_register_event last;
	char reason[96];
} seen;

static void on_result(struct rig_ua *ua, const struct sip_result *result)
{
	const struct sip_register_event *ev = sip_register_result(result);

	(void)ua;
	ck_assert(ev && result->user == &reg.tu);
	seen.n++;
	seen.last = *ev;
	memcpy(seen.reason, ev->reason.p, ev->reason.n);
	seen.reason[ev->reason.n] = 0;
}

static const struct sip_secret secret = {
	.realm = SLICE("biloxi.example"), .user = SLICE("bob"),
	.password = SLICE("zanzibar"),
};

static struct sip_register_config config(void)
{
	return (struct sip_register_config){
		.registrar = S("sip:192.0.2.9"),
		.aor = S("Bob <sip:bob@biloxi.example>"),
		.contacts = S("<sip:bob@192.0.2.1>"),
		.agent = S("rig"),
		.secret = &secret, .secrets = 1,
	};
}

static bool open_with(const struct sip_register_config *c, uint64_t fail_at)
{
	memset(&seen, 0, sizeof(seen));
	rig = rig_new(0, false);
	a = &rig->ua[0];
	a->result = on_result;
	if (fail_at)
		a->mem.fail_at = a->mem.calls + fail_at;
	if (sip_register_init(&reg, &a->mem, &a->users, c) == 0)
		return true;
	a->result = NULL;
	return false;
}

static void begin(void)
{
	struct sip_register_config c = config();

	ck_assert(open_with(&c, 0));
	sip_register_start(&reg, rig->now);
	rig_run(rig);
}

static void end(void)
{
	sip_register_fini(&reg);
	ck_assert_uint_eq(rig_free(rig), 0);
}

static const struct rig_packet *last(void)
{
	return rig_packet(rig, a, "REGISTER");
}

static void reply(const char *status, const char *more)
{
	struct rig_packet p = *last();

	rig_reply(rig, a, &p, status, ";tag=reg", more);
}

static unsigned cseq(void)
{
	unsigned n = 0;

	sscanf(strstr(last()->text, "CSeq: "), "CSeq: %u REGISTER", &n);
	return n;
}

static void ck_has(const char *line)
{
	ck_assert_msg(strstr(last()->text, line), "no %s in\n%s", line,
		      last()->text);
}

START_TEST(what_a_register_looks_like)
{
	begin();
	ck_has("REGISTER sip:192.0.2.9 SIP/2.0\r\n");
	ck_has("\r\nFrom: Bob <sip:bob@biloxi.example>;tag=");
	ck_has("\r\nTo: Bob <sip:bob@biloxi.example>\r\n");
	ck_has("\r\nContact: <sip:bob@192.0.2.1>\r\n");
	ck_has("\r\nExpires: 3600\r\n");
	ck_has("\r\nUser-Agent: rig\r\n");
	reply("200 OK", "Contact: <sip:bob@192.0.2.1>;expires=600\r\n");
	ck_assert_uint_eq(seen.n, 1);
	ck_assert_int_eq((int)seen.last.kind, (int)SIP_REGISTER_OK);
	ck_assert_uint_eq(seen.last.expires, 600);
	ck_assert(sip_register_is_bound(&reg, rig->now));
	end();
}
END_TEST

/* 8.1.1.1, 8.1.2: a proxy on the way is a Route, and gets the request. */
START_TEST(a_route_is_in_each_register_and_is_where_it_goes)
{
	const struct addr proxy = addr_v4(192, 0, 2, 88, 5070);
	struct sip_register_config c = config();

	c.routes = S("<sip:192.0.2.88:5070;lr;x=y>");
	ck_assert(open_with(&c, 0));
	sip_register_start(&reg, rig->now);
	rig_run(rig);
	for (unsigned n = 1; n <= 2; n++) {
		while (rig_sent(rig, a, "REGISTER") < n)
			rig_wait(rig, SEC(1));
		ck_has("REGISTER sip:192.0.2.9 SIP/2.0\r\n");
		ck_has("\r\nRoute: <sip:192.0.2.88:5070;lr;x=y>\r\n");
		ck_assert(addr_same(&last()->to, &proxy));
		reply("200 OK",
		      "Contact: <sip:bob@192.0.2.1>;expires=600\r\n");
	}
	end();
}
END_TEST

/* 10.2.4: before it expires; 10.2: same Call-ID, CSeq higher by one. */
START_TEST(it_is_refreshed_before_it_expires)
{
	char *first;
	unsigned number;
	mono begun;

	begin();
	begun = rig->now.m;
	number = cseq();
	reply("200 OK", "Contact: <sip:bob@192.0.2.1>;expires=600\r\n");
	first = strdup(strstr(last()->text, "Call-ID:"));
	*strchr(first, '\r') = 0;
	rig_wait(rig, SEC(500));
	ck_assert_uint_eq(rig_sent(rig, a, "REGISTER"), 1);
	while (rig_sent(rig, a, "REGISTER") == 1)
		rig_wait(rig, SEC(1));
	ck_assert_int_le(rig->now.m, begun + SEC(541));
	ck_has(first);
	free(first);
	ck_assert_uint_eq(cseq(), number + 1);
	reply("200 OK", "Contact: <sip:bob@192.0.2.1>;expires=600\r\n");
	ck_assert_uint_eq(seen.n, 2);
	end();
}
END_TEST

/* Who grants a second gets no request a second. */
START_TEST(a_binding_of_a_second_is_not_refreshed_each_second)
{
	unsigned number;

	begin();
	reply("200 OK", "Contact: <sip:bob@192.0.2.1>;expires=1\r\n");
	ck_assert_uint_eq(seen.last.expires, 1);
	number = cseq();
	rig_wait(rig, MS(4900));
	ck_assert_uint_eq(cseq(), number);
	rig_wait(rig, MS(200));
	ck_assert_uint_eq(cseq(), number + 1);
	end();
}
END_TEST

START_TEST(the_shortest_expiry_of_our_contacts_counts)
{
	struct sip_register_config c = config();

	c.contacts = S("<sip:bob@192.0.2.1>,<sip:bob@192.0.2.1;transport=tcp>");
	ck_assert(open_with(&c, 0));
	sip_register_start(&reg, rig->now);
	rig_run(rig);
	ck_has("Contact: <sip:bob@192.0.2.1>,"
	       "<sip:bob@192.0.2.1;transport=tcp>\r\n");
	reply("200 OK",
	      "Expires: 999\r\n"
	      "Contact: <sip:other@192.0.2.77>;expires=5\r\n"
	      "Contact: <sip:bob@192.0.2.1:5060;transport=tcp>;expires=77\r\n"
	      "Contact: <sip:bob@192.0.2.1;Transport=TCP>;expires=300, "
	      "<sip:bob@192.0.2.1>\r\n");
	ck_assert_uint_eq(seen.last.expires, 300);
	end();
}
END_TEST

/* 10.2.8 */
START_TEST(the_bindings_of_others_are_in_the_way_of_nothing)
{
	begin();
	reply("200 OK", "Contact: <sip:bad bob@192.0.2.2>;expires=9\r\n"
	      "Contact: <sip:bob@192.0.2.3>;expires=7, "
	      "<sip:bob@192.0.2.1>;expires=600\r\n");
	ck_assert_int_eq((int)seen.last.kind, (int)SIP_REGISTER_OK);
	ck_assert_uint_eq(seen.last.expires, 600);
	end();
}
END_TEST

/* Ours in other words, that of who is on the way: any of these may be it, and
 * the shortest is safe.  One with 0 is gone and is nobody's. */
START_TEST(of_bindings_that_cannot_be_told_the_shortest_counts)
{
	static const struct {
		const char *contacts;
		unsigned expires;
	} row[] = {
		{ "<sip:bob@198.51.100.3:1024>;expires=60, "
		  "<sip:bob@192.0.2.3>;expires=3600", 60 },
		{ "<sip:bob@192.0.2.3>;expires=3600, "
		  "<sip:bob@198.51.100.3:1024>;expires=60", 60 },
		{ "<sip:bob@192.0.2.3>, <sip:bob@192.0.2.4>;expires=900",
		  900 },
		{ "<sip:bob@192.0.2.3>;expires=0, "
		  "<sip:bob@192.0.2.4>;expires=900", 900 },
		{ "<sip:bob@192.0.2.4>;expires=900, "
		  "<sip:bob@192.0.2.3>;expires=0", 900 },
	};
	char line[256];

	for (size_t i = 0; i < COUNT(row); i++) {
		begin();
		snprintf(line, sizeof(line), "Contact: %s\r\n",
			 row[i].contacts);
		reply("200 OK", line);
		ck_assert_int_eq((int)seen.last.kind, (int)SIP_REGISTER_OK);
		ck_assert_uint_eq(seen.last.expires, row[i].expires);
		end();
	}
}
END_TEST

/* RFC 3581: the registrar saw 198.51.100.3:1024, and wrote that in our
 * Contact; the neighbours may have what they like. */
START_TEST(our_binding_is_known_by_where_our_request_was_seen)
{
	struct rig_packet p;
	char *at, *more;

	begin();
	p = *last();
	at = strstr(p.text, ";rport\r\n");
	ck_assert_ptr_nonnull(at);
	more = strdup(at + strlen(";rport"));
	snprintf(at, sizeof(p.text) - (size_t)(at - p.text),
		 ";received=198.51.100.3;rport=1024%s", more);
	free(more);
	rig_reply(rig, a, &p, "200 OK", ";tag=reg",
		  "Contact: <sip:bob@198.51.100.3:1025>;expires=7, "
		  "<sip:carol@198.51.100.3:1024>;expires=8, "
		  "<sip:bob@198.51.100.3:1024;ob>;expires=60, "
		  "<sip:bob@192.0.2.3>;expires=9\r\n");
	ck_assert_int_eq((int)seen.last.kind, (int)SIP_REGISTER_OK);
	ck_assert_uint_eq(seen.last.expires, 60);
	end();
}
END_TEST

START_TEST(a_423_is_followed_once)
{
	begin();
	reply("423 Interval Too Brief", "Min-Expires: 7200\r\n");
	ck_has("\r\nExpires: 7200\r\n");
	ck_assert_uint_eq(seen.n, 0);
	reply("423 Interval Too Brief", "Min-Expires: 7200\r\n");
	ck_assert_int_eq((int)seen.last.kind, (int)SIP_REGISTER_FAILED);
	ck_assert_uint_eq(seen.last.status, 423);
	end();
}
END_TEST

/* Or a registrar that names ever more would be asked for ever. */
START_TEST(a_423_that_follows_a_423_is_a_failure)
{
	begin();
	reply("423 Interval Too Brief", "Min-Expires: 7200\r\n");
	reply("423 Interval Too Brief", "Min-Expires: 7201\r\n");
	ck_assert_int_eq((int)seen.last.kind, (int)SIP_REGISTER_FAILED);
	ck_assert_uint_eq(seen.last.status, 423);
	ck_assert_uint_ge(seen.last.retry, 15);
	rig_wait(rig, SEC(61)); /* and the next try may follow one again */
	ck_has("\r\nExpires: 7200\r\n");
	reply("423 Interval Too Brief", "Min-Expires: 7201\r\n");
	ck_has("\r\nExpires: 7201\r\n");
	end();
}
END_TEST

/* The 200 came over TCP, and the connection is closed then. */
static void bound_and_closed(mono after)
{
	static const struct sip_path tcp = { .transport = SIP_TCP,
					     .flow = 77 };
	struct rig_packet p = *last();
	char text[RIG_TEXT];
	struct sip_msg m;
	struct parse_error e;

	snprintf(text, sizeof(text), "SIP/2.0 200 OK\r\n"
		 "Contact: <sip:bob@192.0.2.1>;expires=600\r\n\r\n");
	ck_assert_int_eq(sip_msg_parse(slice_str(text), &m, &e), 0);
	sip_users_on_event(&a->users, &(struct sip_event){
		.kind = SIP_EV_RESPONSE, .user = reg.tu.id, .txn = reg.x.txn,
		.msg = &m, .path = tcp }, rig->now);
	rig_run(rig);
	rig_wait(rig, after);
	ck_assert_str_eq(last()->text, p.text);
	sip_users_on_event(&a->users, &(struct sip_event){
		.kind = SIP_EV_FLOW_GONE, .path = tcp }, rig->now);
	rig_run(rig);
}

/* RFC 5626 4.5: a flow that was good is replaced at once ... */
START_TEST(a_lost_connection_is_registered_anew)
{
	unsigned number;

	begin();
	number = cseq();
	bound_and_closed(SEC(100));
	ck_assert_uint_eq(cseq(), number + 1);
	end();
}
END_TEST

/* The first one, whose answer never came by the wire, is repeated until 32 s:
 * the last in the log may be that. */
static unsigned highest(void)
{
	unsigned best = 0, n;

	for (unsigned i = 0; i < rig->n; i++)
		if (sscanf(strstr(rig->log[i].text, "CSeq: "),
			   "CSeq: %u REGISTER", &n) == 1 && n > best)
			best = n;
	return best;
}

/* ... one that the registrar closes behind its 200 is not: that would go
 * round without end. */
START_TEST(a_connection_closed_behind_the_200_is_not_replaced_at_once)
{
	unsigned number;

	begin();
	number = cseq();
	bound_and_closed(SEC(1));
	ck_assert_uint_eq(cseq(), number);
	ck_assert(sip_register_is_bound(&reg, rig->now));
	rig_wait(rig, MS(14900));
	ck_assert_uint_eq(cseq(), number);
	rig_wait(rig, SEC(16));
	ck_assert_uint_eq(highest(), number + 1);
	end();
}
END_TEST

/* MD5 by Python's hashlib: H(H(bob:biloxi.example:zanzibar):nonce:
 * H(REGISTER:sip:192.0.2.9)); no qop, so nothing random. */
START_TEST(a_challenge_is_answered)
{
	unsigned number;

	begin();
	number = cseq();
	reply("401 Unauthorized", "WWW-Authenticate: Digest "
	      "realm=\"biloxi.example\", "
	      "nonce=\"ea9c8e88df84f1cec4341ae6cbe5a359\"\r\n");
	ck_assert_uint_eq(seen.n, 0);
	ck_assert_uint_eq(cseq(), number + 1);
	ck_has("response=\"96cb0f42bb1dd44fa534046c26b3b078\"");
	reply("401 Unauthorized", "WWW-Authenticate: Digest "
	      "realm=\"biloxi.example\", "
	      "nonce=\"ea9c8e88df84f1cec4341ae6cbe5a359\"\r\n");
	ck_assert_int_eq((int)seen.last.kind, (int)SIP_REGISTER_FAILED);
	ck_assert_uint_eq(seen.last.status, 401);
	ck_assert_str_eq(seen.reason, "The credentials were refused");
	ck_assert_uint_eq(seen.last.retry, 0);
	end();
}
END_TEST

/* RFC 7616 3.4: nc counts the requests made with one nonce, so a refresh costs
 * no challenge. */
START_TEST(a_refresh_uses_the_nonce_again)
{
	begin();
	reply("401 Unauthorized", "WWW-Authenticate: Digest "
	      "realm=\"biloxi.example\", qop=\"auth\", "
	      "nonce=\"ea9c8e88df84f1cec4341ae6cbe5a359\"\r\n");
	ck_has("nc=00000001");
	reply("200 OK", "Contact: <sip:bob@192.0.2.1>;expires=600\r\n");
	ck_assert_int_eq((int)seen.last.kind, (int)SIP_REGISTER_OK);
	/* The first refresh, whenever within the 600 s chance has put it: it is
	 * not answered, so others follow. */
	for (int s = 0; s < 600 && strstr(last()->text, "nc=00000001"); s++)
		rig_wait(rig, SEC(1));
	ck_has("nonce=\"ea9c8e88df84f1cec4341ae6cbe5a359\"");
	ck_has("nc=00000002");
	end();
}
END_TEST

START_TEST(a_realm_without_secret_fails_with_its_code)
{
	begin();
	reply("407 Proxy Authentication Required", "Proxy-Authenticate: Digest "
	      "realm=\"elsewhere\", nonce=\"x\"\r\n");
	ck_assert_uint_eq(seen.last.status, 407);
	ck_assert_str_eq(seen.reason, "No credentials for its realm");
	end();
}
END_TEST

/* RFC 5626 4.5: 30..60 s after the first failure, 60..120 s after the next,
 * half an hour at the most. */
START_TEST(failures_are_retried_with_growing_delays)
{
	static const uint32_t most[] = { 60, 120, 240, 480, 960, 1800, 1800 };

	begin();
	for (unsigned i = 0; i < COUNT(most); i++) {
		reply("500 Server Internal Error", "");
		ck_assert_uint_eq(seen.n, i + 1);
		ck_assert_uint_ge(seen.last.retry, most[i] / 2);
		ck_assert_uint_le(seen.last.retry, most[i]);
		rig_wait(rig, SEC(seen.last.retry) - MS(10));
		ck_assert_uint_eq(rig_sent(rig, a, "REGISTER"), i + 1);
		rig_wait(rig, MS(20));
		ck_assert_uint_eq(rig_sent(rig, a, "REGISTER"), i + 2);
	}
	reply("200 OK", "Contact: <sip:bob@192.0.2.1>;expires=600\r\n");
	ck_assert(sip_register_is_bound(&reg, rig->now));
	end();
}
END_TEST

START_TEST(retry_after_is_waited_for)
{
	begin();
	reply("503 Service Unavailable", "Retry-After: 1000 (upgrade)\r\n");
	ck_assert_uint_eq(seen.last.retry, 1000);
	end();
}
END_TEST

START_TEST(silence_is_408_and_retried)
{
	begin();
	rig_wait(rig, SEC(33));
	ck_assert_uint_eq(seen.last.status, 408);
	ck_assert_str_eq(seen.reason, "Request Timeout");
	ck_assert_uint_ge(seen.last.retry, 30);
	end();
}
END_TEST

START_TEST(forbidden_is_not_retried)
{
	begin();
	reply("403 Go Away", "");
	ck_assert_uint_eq(seen.last.status, 403);
	ck_assert_str_eq(seen.reason, "Go Away");
	ck_assert_uint_eq(seen.last.retry, 0);
	ck_assert_int_eq(sip_user_wakes(&reg.tu), MONO_NEVER);
	end();
}
END_TEST

START_TEST(our_contact_is_unbound)
{
	begin();
	reply("200 OK", "Contact: <sip:bob@192.0.2.1>;expires=600\r\n");
	sip_register_stop(&reg, rig->now);
	rig_run(rig);
	ck_has("\r\nContact: <sip:bob@192.0.2.1>\r\n");
	ck_has("\r\nExpires: 0\r\n");
	reply("200 OK", "");
	ck_assert_int_eq((int)seen.last.kind, (int)SIP_REGISTER_GONE);
	ck_assert(!sip_register_is_bound(&reg, rig->now));
	ck_assert_int_eq(sip_user_wakes(&reg.tu), MONO_NEVER);
	end();
}
END_TEST

/* 10.2.2: "*" with Expires 0. */
START_TEST(all_contacts_are_unbound)
{
	begin();
	sip_register_clear(&reg, rig->now);
	rig_run(rig); /* 10.2: not before the first is answered */
	ck_assert_uint_eq(rig_sent(rig, a, "REGISTER"), 1);
	reply("200 OK", "Contact: <sip:bob@192.0.2.1>;expires=600\r\n");
	ck_has("\r\nContact: *\r\n");
	ck_has("\r\nExpires: 0\r\n");
	reply("200 OK", "");
	ck_assert_int_eq((int)seen.last.kind, (int)SIP_REGISTER_GONE);
	end();
}
END_TEST

START_TEST(a_new_address_replaces_the_old)
{
	begin();
	reply("200 OK", "Contact: <sip:bob@192.0.2.1>;expires=600\r\n");
	ck_assert_int_eq(sip_register_set_contacts(&reg,
		S("<sip:bob@198.51.100.1>"), rig->now), 0);
	rig_run(rig);
	ck_has("\r\nContact: <sip:bob@192.0.2.1>;expires=0,"
	       "<sip:bob@198.51.100.1>\r\n");
	reply("200 OK", "Contact: <sip:bob@198.51.100.1>;expires=60\r\n");
	ck_assert_uint_eq(seen.last.expires, 60);
	sip_register_start(&reg, rig->now);
	rig_run(rig);
	ck_has("\r\nContact: <sip:bob@198.51.100.1>\r\n");
	ck_assert_int_eq(sip_register_set_contacts(&reg, S("*"), rig->now),
			 -EINVAL);
	end();
}
END_TEST

START_TEST(a_registrar_that_keeps_nothing_is_a_failure)
{
	begin();
	reply("200 OK", "Contact: <sip:bob@192.0.2.1>;expires=0\r\n");
	ck_assert_int_eq((int)seen.last.kind, (int)SIP_REGISTER_FAILED);
	ck_assert_str_eq(seen.reason, "The registrar kept no binding");
	ck_assert_uint_gt(seen.last.retry, 0);
	end();
}
END_TEST

START_TEST(a_bad_configuration_is_refused)
{
	struct sip_register_config c = config();

	c.registrar = S("not a uri");
	ck_assert(!open_with(&c, 0));
	ck_assert_uint_eq(rig_free(rig), 0);
	c = config();
	c.contacts = S("<sip:a@b>, *");
	ck_assert(!open_with(&c, 0));
	ck_assert_uint_eq(rig_free(rig), 0);
	c = config();
	c.aor = S("<sip:");
	ck_assert(!open_with(&c, 0));
	ck_assert_uint_eq(rig_free(rig), 0);
}
END_TEST

START_TEST(any_allocation_may_fail)
{
	bool through = false;

	for (uint64_t n = 1; !through; n++) {
		struct sip_register_config c = config();

		if (!open_with(&c, n)) {
			ck_assert_uint_eq(rig_free(rig), 0);
			continue;
		}
		sip_register_start(&reg, rig->now);
		rig_run(rig);
		for (unsigned i = 0; i < 20 && last() &&
		     !sip_register_is_bound(&reg, rig->now); i++) {
			if (strstr(last()->text, "Authorization"))
				reply("200 OK", "Contact: <sip:bob@192.0.2.1>"
				      ";expires=600\r\n"
				      "Service-Route: <sip:p;lr>\r\n");
			else
				reply("401 Unauthorized",
				      "WWW-Authenticate: Digest "
				      "realm=\"biloxi.example\", "
				      "nonce=\"x\"\r\n");
			if (sip_register_is_bound(&reg, rig->now))
				break;
			rig_wait(rig, SEC(100));
		}
		if (!last()) /* it was the first that found no memory */
			rig_wait(rig, SEC(100));
		ck_assert(rig_sent(rig, a, "REGISTER") > 0);
		through = a->mem.calls < a->mem.fail_at;
		end();
	}
}
END_TEST

/* -------------------------------------------- flows, GRUUs, NATs, routes */
#define URN "urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6"

static struct sip_register_config here(void)
{
	struct sip_register_config c = config();

	c.contacts = (struct slice){ 0 };
	c.here = true;
	c.user = S("bob");
	return c;
}

static void begin_with(const struct sip_register_config *c)
{
	ck_assert(open_with(c, 0));
	sip_register_start(&reg, rig->now);
	rig_run(rig);
}

/* From where the registrar has seen it: received and rport in the Via. */
static void reply_seen(const char *seen_as, const char *more)
{
	struct rig_packet p = *last();
	char *via = strstr(p.text, ";rport"), rest[RIG_TEXT];

	ck_assert_ptr_nonnull(via);
	snprintf(rest, sizeof(rest), "%s", via + 6);
	snprintf(via, sizeof(p.text) - (size_t)(via - p.text), "%s%s", seen_as,
		 rest);
	rig_reply(rig, a, &p, "200 OK", ";tag=reg", more);
}

/* RFC 3327 5.1 always; RFC 5626 4.2.1 for a flow; RFC 5627 4.1 for a GRUU. */
START_TEST(what_a_flow_looks_like)
{
	struct sip_register_config c = here();

	begin_with(&c);
	ck_has("\r\nContact: <sip:bob@192.0.2.1:5060>\r\n");
	ck_has("\r\nSupported: path\r\n");
	end();
	c.instance = S(URN);
	begin_with(&c); /* nobody has asked for either */
	ck_has("\r\nContact: <sip:bob@192.0.2.1:5060>\r\n");
	end();
	c.reg_id = 2;
	begin_with(&c);
	ck_has("\r\nContact: <sip:bob@192.0.2.1:5060;ob>"
	       ";+sip.instance=\"<" URN ">\";reg-id=2\r\n");
	ck_has("\r\nSupported: path, outbound\r\n");
	reply("200 OK", "Require: outbound\r\n"
	      "Contact: <sip:bob@192.0.2.1:5060;ob>;+sip.instance=\"<" URN
	      ">\";reg-id=2;expires=600\r\n");
	ck_assert_uint_eq(seen.last.expires, 600);
	sip_register_stop(&reg, rig->now); /* 4.2.2: with the same values */
	rig_run(rig);
	ck_has(";reg-id=2\r\nExpires: 0\r\n");
	end();
	c.gruu = true;
	c.reg_id = 0;
	begin_with(&c);
	ck_has("\r\nContact: <sip:bob@192.0.2.1:5060>"
	       ";+sip.instance=\"<" URN ">\"\r\n");
	ck_has("\r\nSupported: path, gruu\r\n");
	sip_register_clear(&reg, rig->now); /* 4.2.3: neither */
	reply("200 OK", "Contact: <sip:bob@192.0.2.1:5060>;expires=600\r\n");
	ck_has("\r\nContact: *\r\n");
	end();
}
END_TEST

/* RFC 5626 4.2.1, 11.6 */
START_TEST(a_439_is_followed_by_no_flow)
{
	struct sip_register_config c = here();

	c.instance = S(URN);
	c.reg_id = 1;
	begin_with(&c);
	reply("439 First Hop Lacks Outbound Support", "");
	ck_assert_uint_eq(seen.n, 0);
	ck_has("\r\nContact: <sip:bob@192.0.2.1:5060>\r\n");
	ck_has("\r\nSupported: path\r\n");
	reply("439 First Hop Lacks Outbound Support", "");
	ck_assert_int_eq((int)seen.last.kind, (int)SIP_REGISTER_FAILED);
	ck_assert_uint_eq(seen.last.status, 439);
	end();
}
END_TEST

/* 11.5: the flow is at fault, and another may do; 4.5: 30 to 60 s. */
START_TEST(a_430_is_tried_again)
{
	begin();
	reply("430 Flow Failed", "");
	ck_assert_uint_eq(seen.last.status, 430);
	ck_assert_uint_ge(seen.last.retry, 30);
	ck_assert_uint_le(seen.last.retry, 60);
	end();
}
END_TEST

/* Bound where it was seen, once, the old one gone with the same request. */
START_TEST(behind_a_nat_the_contact_is_what_was_seen)
{
	struct sip_register_config c = here();
	unsigned number;

	c.nat = true;
	begin_with(&c);
	number = cseq();
	reply_seen(";received=198.51.100.7;rport=40001",
		   "Contact: <sip:bob@192.0.2.1:5060>;expires=600\r\n");
	ck_assert_uint_eq(cseq(), number + 1);
	ck_assert_uint_eq(seen.n, 0);
	ck_has("\r\nContact: <sip:bob@192.0.2.1:5060>;expires=0,"
	       "<sip:bob@198.51.100.7:40001>\r\n");
	reply_seen(";received=198.51.100.7;rport=40001",
		   "Contact: <sip:bob@198.51.100.7:40001>;expires=600\r\n");
	ck_assert_uint_eq(cseq(), number + 1);
	ck_assert_int_eq((int)seen.last.kind, (int)SIP_REGISTER_OK);
	/* The NAT has forgotten, and gives another port: the next refresh
	 * shows it, and one more request binds it. */
	while (cseq() == number + 1)
		rig_wait(rig, SEC(1));
	ck_has("\r\nContact: <sip:bob@198.51.100.7:40001>\r\n");
	reply_seen(";received=198.51.100.7;rport=40002",
		   "Contact: <sip:bob@198.51.100.7:40001>;expires=600\r\n");
	ck_assert_uint_eq(cseq(), number + 3);
	ck_has("\r\nContact: <sip:bob@198.51.100.7:40001>;expires=0,"
	       "<sip:bob@198.51.100.7:40002>\r\n");
	/* Another port each time: it does not go round. */
	reply_seen(";received=198.51.100.7;rport=40003",
		   "Contact: <sip:bob@198.51.100.7:40002>;expires=600\r\n");
	ck_assert_uint_eq(cseq(), number + 3);
	ck_assert_uint_eq(seen.n, 2);
	end();
}
END_TEST

START_TEST(where_no_nat_is_the_contact_stays)
{
	static const char *const as[] = {
		"", ";rport=40001", ";received=192.0.2.1;rport=5060",
		";received=nonsense;rport=7", ";received=198.51.100.7;rport",
	};
	struct sip_register_config c = here();

	c.nat = true;
	for (size_t i = 0; i <= COUNT(as); i++) {
		unsigned number;

		if (i == COUNT(as)) /* asked not to look */
			c.nat = false;
		begin_with(&c);
		number = cseq();
		reply_seen(c.nat ? as[i] : ";received=198.51.100.7;rport=9",
			   "Contact: <sip:bob@192.0.2.1:5060>;expires=600\r\n");
		ck_assert_uint_eq(cseq(), number);
		ck_assert_int_eq((int)seen.last.kind, (int)SIP_REGISTER_OK);
		end();
	}
}
END_TEST

/* RFC 5626 5.3: who keeps the flow needs no address of ours. */
START_TEST(a_flow_that_is_kept_needs_no_other_contact)
{
	struct sip_register_config c = here();
	unsigned number;

	c.nat = true;
	c.instance = S(URN);
	c.reg_id = 1;
	begin_with(&c);
	number = cseq();
	reply_seen(";received=198.51.100.7;rport=40001", "Require: outbound\r\n"
		   "Contact: <sip:bob@192.0.2.1:5060;ob>;+sip.instance=\"<"
		   URN ">\";reg-id=1;expires=600\r\n");
	ck_assert_uint_eq(cseq(), number);
	ck_assert_uint_eq(seen.n, 1);
	end();
}
END_TEST

/* 4.4.2 over UDP: a STUN Binding request within the server's time, and when
 * seven of them are lost it is registered anew, by a new flow. */
START_TEST(a_flow_is_kept_and_replaced_when_it_fails)
{
	struct sip_register_config c = here();
	unsigned number, n;
	mono since;

	c.instance = S(URN);
	c.reg_id = 1;
	begin_with(&c);
	number = cseq();
	reply("200 OK", "Require: outbound\r\nFlow-Timer: 100\r\n"
	      "Contact: <sip:bob@192.0.2.1:5060;ob>;expires=3600\r\n");
	n = rig->n;
	since = rig->now.m;
	while (rig->n == n)
		rig_wait(rig, SEC(1));
	ck_assert_int_ge(rig->now.m - since, SEC(80));
	ck_assert_int_le(rig->now.m - since, SEC(101));
	ck_assert_int_eq(memcmp(rig->log[n].text, "\0\1\0\0\x21\x12\xa4\x42",
				8), 0);
	rig_wait(rig, SEC(38));
	ck_assert_uint_eq(cseq(), number);
	rig_wait(rig, SEC(3));
	ck_assert_uint_eq(cseq(), number + 1);
	end();
}
END_TEST

static void ck_kept(enum sip_register_kept what, const char *want)
{
	struct slice is = sip_register_kept(&reg, what, rig->now);

	ck_assert_msg(slice_eq(is, want), "%d: '%.*s', not '%s'", (int)what,
		      (int)is.n, is.p, want);
}

/* RFC 3608 6.1: the latest 2xx tells, in its order, and none is none; RFC 3327
 * 5.1; RFC 5627 4.2, its example's GRUUs. */
START_TEST(routes_and_gruus_are_those_of_the_last_2xx)
{
	struct sip_register_config c = here();

	c.instance = S(URN);
	c.gruu = true;
	begin_with(&c);
	reply("200 OK", "Path: <sip:P3.EXAMPLEHOME.COM;lr>,"
	      "<sip:P1.EXAMPLEVISITED.COM;lr>\r\n"
	      "Service-Route: <sip:P2.HOME.EXAMPLE.COM;lr>\r\n"
	      "Service-Route: <sip:HSP.HOME.EXAMPLE.COM;lr>\r\n"
	      "Contact: <sip:bob@192.0.2.9>;+sip.instance=\"<urn:x:y>\""
	      ";pub-gruu=\"sip:bob@example.com;gr=no\";expires=9,"
	      "<sip:bob@192.0.2.1:5060>;+sip.instance=\"<" URN ">\""
	      ";pub-gruu=\"sip:bob@example.com;gr=hha9s8d-999a\""
	      ";temp-gruu=\"sip:tgruu.7hs==jd7vnzga5w7fajsc7-ajd6fabz0f8g5"
	      "@example.com;gr\";expires=600\r\n");
	ck_kept(SIP_REGISTER_PATH, "<sip:P3.EXAMPLEHOME.COM;lr>,"
		"<sip:P1.EXAMPLEVISITED.COM;lr>");
	ck_kept(SIP_REGISTER_SERVICE_ROUTE, "<sip:P2.HOME.EXAMPLE.COM;lr>,"
		"<sip:HSP.HOME.EXAMPLE.COM;lr>");
	ck_kept(SIP_REGISTER_PUB_GRUU, "sip:bob@example.com;gr=hha9s8d-999a");
	ck_kept(SIP_REGISTER_TEMP_GRUU, "sip:tgruu.7hs==jd7vnzga5w7fajsc7-"
		"ajd6fabz0f8g5@example.com;gr");
	/* What cannot be used is none, and takes nothing else along. */
	sip_register_start(&reg, rig->now);
	rig_run(rig);
	reply("200 OK", "Path: sip:no.brackets\r\n"
	      "Service-Route: <mailto:x@y.example>\r\n"
	      "Contact: <sip:bob@192.0.2.1:5060>;+sip.instance=\"<" URN ">\""
	      ";pub-gruu=\"tel:+1\";temp-gruu=\"sip:t@example.com;gr\""
	      ";expires=600\r\n");
	ck_kept(SIP_REGISTER_PATH, "");
	ck_kept(SIP_REGISTER_SERVICE_ROUTE, "");
	ck_kept(SIP_REGISTER_PUB_GRUU, "");
	ck_kept(SIP_REGISTER_TEMP_GRUU, "sip:t@example.com;gr");
	rig_wait(rig, SEC(700)); /* nobody answers: it is bound no more */
	ck_kept(SIP_REGISTER_TEMP_GRUU, "");
	end();
}
END_TEST

/* A route of 1024 octets is kept, one that is longer is left out. */
START_TEST(what_a_2xx_may_have_kept_is_bounded)
{
	struct sip_register_config c = here();

	for (size_t n = 1024; n <= 1025; n++) {
		char text[2048];
		int at = snprintf(text, sizeof(text), "Contact: "
				  "<sip:bob@192.0.2.1:5060>;expires=600\r\n"
				  "Service-Route: <sip:%0*d@h.example;lr>\r\n"
				  "Path: <sip:p.example;lr>\r\n",
				  (int)(n - strlen("<sip:@h.example;lr>")), 0);

		ck_assert_int_lt(at, (int)sizeof(text));
		begin_with(&c);
		reply("200 OK", text);
		ck_assert_uint_eq(sip_register_kept(&reg,
			SIP_REGISTER_SERVICE_ROUTE, rig->now).n,
			n == 1024 ? n : 0);
		ck_kept(SIP_REGISTER_PATH, "<sip:p.example;lr>");
		end();
	}
}
END_TEST

/* RFC 3261 8.1.3.4: as often as it is told to, without the credentials that
 * were for another; a failure begins again at the first. */
START_TEST(a_3xx_is_followed_as_often_as_asked_for)
{
	struct sip_register_config c = config();

	c.redirects = 2;
	begin_with(&c);
	reply("401 Unauthorized", "WWW-Authenticate: Digest "
	      "realm=\"biloxi.example\", nonce=\"1\"\r\n");
	ck_has("\r\nAuthorization: ");
	reply("302 Moved Temporarily", "Contact: <sip:192.0.2.33>\r\n");
	ck_has("REGISTER sip:192.0.2.33 SIP/2.0\r\n");
	ck_assert_ptr_null(strstr(last()->text, "Authorization: "));
	reply("302 Moved Temporarily", "Contact: <mailto:x@y.example>, "
	      "<sip:192.0.2.34>\r\n");
	ck_has("REGISTER sip:192.0.2.34 SIP/2.0\r\n");
	ck_assert_uint_eq(seen.n, 0);
	reply("302 Moved Temporarily", "Contact: <sip:192.0.2.35>\r\n");
	ck_assert_uint_eq(seen.n, 1);
	ck_assert_uint_eq(seen.last.status, 302);
	ck_assert_ptr_nonnull(seen.last.msg); /* whose Contacts can be read */
	sip_register_start(&reg, rig->now);
	rig_run(rig);
	ck_has("REGISTER sip:192.0.2.9 SIP/2.0\r\n");
	end();
}
END_TEST

/* Nobody has asked for it. */
START_TEST(a_3xx_is_an_outcome_by_itself)
{
	begin();
	reply("301 Moved Permanently", "Contact: <sip:192.0.2.33>\r\n");
	ck_assert_uint_eq(seen.last.status, 301);
	ck_has("REGISTER sip:192.0.2.9 SIP/2.0\r\n");
	end();
}
END_TEST

SUITE(sip_register, what_a_register_looks_like,
      a_route_is_in_each_register_and_is_where_it_goes,
      it_is_refreshed_before_it_expires,
      a_binding_of_a_second_is_not_refreshed_each_second,
      the_shortest_expiry_of_our_contacts_counts,
      the_bindings_of_others_are_in_the_way_of_nothing,
      of_bindings_that_cannot_be_told_the_shortest_counts,
      our_binding_is_known_by_where_our_request_was_seen,
      a_423_is_followed_once,
      a_423_that_follows_a_423_is_a_failure,
      a_lost_connection_is_registered_anew,
      a_connection_closed_behind_the_200_is_not_replaced_at_once,
      a_challenge_is_answered, a_refresh_uses_the_nonce_again,
      a_realm_without_secret_fails_with_its_code,
      failures_are_retried_with_growing_delays, retry_after_is_waited_for,
      silence_is_408_and_retried, forbidden_is_not_retried,
      our_contact_is_unbound, all_contacts_are_unbound,
      a_new_address_replaces_the_old,
      a_registrar_that_keeps_nothing_is_a_failure,
      a_bad_configuration_is_refused, any_allocation_may_fail,
      what_a_flow_looks_like, a_439_is_followed_by_no_flow,
      a_430_is_tried_again, behind_a_nat_the_contact_is_what_was_seen,
      where_no_nat_is_the_contact_stays,
      a_flow_that_is_kept_needs_no_other_contact,
      a_flow_is_kept_and_replaced_when_it_fails,
      routes_and_gruus_are_those_of_the_last_2xx,
      what_a_2xx_may_have_kept_is_bounded,
      a_3xx_is_followed_as_often_as_asked_for,
      a_3xx_is_an_outcome_by_itself);
