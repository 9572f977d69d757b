/* SPDX-License-Identifier: BSD-2-Clause
 * How an account's calls go out, what they show, and who is found by it. */
#include "tests/unit/suites.h"

#include "tests/unit/agent_rig.h"

#define ck_has(text, part) \
	ck_assert_msg(strstr(text, part) != NULL, "no '%s' in:\n%s", part, text)
#define ck_lacks(text, part) \
	ck_assert_msg(!strstr(text, part), "'%s' in:\n%s", part, text)

#define URN "urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6"
#define BOUND "Contact: <sip:alice@192.0.2.1:5060;ob>;expires=600\r\n"
#define GRUUS "Contact: <sip:alice@192.0.2.1:5060;ob>;expires=600" \
	";+sip.instance=\"<" URN ">\";reg-id=1" \
	";pub-gruu=\"sip:alice@atlanta.example;gr=hha9s8d-999a\"" \
	";temp-gruu=\"sip:tgruu.7hs==jd7vnz@atlanta.example;gr\"\r\n"

static void done(struct ag_rig *w)
{
	ag_wait(w, SEC(100));
	ck_assert_uint_eq(ag_rig_free(w), 0);
}

static void set(struct ag_rig *w, const char *key, const char *value)
{
	ck_assert_int_eq(ag_set(&w->a, w->a.account, key, value), 0);
}

static struct ag_rig *begin(void)
{
	struct ag_rig *w = ag_rig_new(0);

	ck_assert_ptr_nonnull(w);
	set(w, "sip.registrar", "sip:192.0.2.99");
	ck_assert_int_eq(ag_set(&w->a, 0, "agent.instance", URN), 0);
	return w;
}

/* Sends a REGISTER, answered so. */
static const char *registered(struct ag_rig *w, const char *more)
{
	const struct rig_packet *p;

	ck_assert_int_eq(agent_register(w->a.agent, w->a.account, true,
					w->r->now), 0);
	ag_run(w);
	p = rig_packet(w->r, w->a.ua, "REGISTER");
	rig_reply(w->r, w->a.ua, p, "200 OK", ";tag=reg", more);
	ag_run(w);
	return p->text;
}

/* The INVITE of a call. */
static const struct rig_packet *called(struct ag_rig *w)
{
	const struct rig_packet *p;

	ck_assert_int_eq(agent_call(w->a.agent, w->a.account,
				    S("sip:x@192.0.2.88"), NULL, w->r->now,
				    &w->a.session), 0);
	ag_run(w);
	p = rig_packet(w->r, w->a.ua, "INVITE");
	ck_assert_ptr_nonnull(p);
	ck_assert_int_eq(agent_end(w->a.agent, w->a.session, w->r->now), 0);
	return p;
}

static void ck_goes(const struct rig_packet *p, uint8_t host,
		    const char *route)
{
	const struct addr to = addr_v4(192, 0, 2, host, 5060);

	ck_assert_msg(addr_same(&p->to, &to), "not to .%u:\n%s", host,
		      p->text);
	if (route)
		ck_has(p->text, route);
	else
		ck_lacks(p->text, "\r\nRoute: ");
}

/* RFC 3608 6.1: behind the configured route; a 2xx without one clears it; no
 * REGISTER goes by it. */
START_TEST(calls_go_by_the_service_route)
{
	struct ag_rig *w = begin();
	const char *text;

	ck_goes(called(w), 88, NULL);
	registered(w, BOUND "Service-Route: <sip:192.0.2.70;lr>,"
		   "<sip:home.example;lr>\r\n");
	ck_goes(called(w), 70, "\r\nRoute: <sip:192.0.2.70;lr>,"
		"<sip:home.example;lr>\r\n");
	text = registered(w, BOUND);
	ck_lacks(text, "\r\nRoute: ");
	ck_goes(called(w), 88, NULL);
	done(w);
}
END_TEST

START_TEST(the_outbound_proxy_stands_before_the_service_route)
{
	struct ag_rig *w = begin();

	set(w, "sip.outbound_proxy", "sip:192.0.2.71");
	ck_has(registered(w, BOUND "Service-Route: <sip:192.0.2.70;lr>\r\n"),
	       "\r\nRoute: <sip:192.0.2.71;lr>\r\n");
	ck_goes(called(w), 71,
		"\r\nRoute: <sip:192.0.2.71;lr>,<sip:192.0.2.70;lr>\r\n");
	/* It begins with it itself. */
	registered(w, BOUND "Service-Route: <sip:192.0.2.71;lr;x>,"
		   "<sip:192.0.2.70;lr>\r\n");
	ck_goes(called(w), 71,
		"\r\nRoute: <sip:192.0.2.71;lr;x>,<sip:192.0.2.70;lr>\r\n");
	done(w);
}
END_TEST

/* RFC 5627 4.4: while registered, the one that was chosen. */
START_TEST(a_gruu_is_the_contact_if_one_is_wanted)
{
	static const char *const row[][2] = {
		{ "none", "\r\nContact: <sip:alice@192.0.2.1:5060>\r\n" },
		{ "public", "\r\nContact: "
		  "<sip:alice@atlanta.example;gr=hha9s8d-999a>\r\n" },
		{ "temporary", "\r\nContact: "
		  "<sip:tgruu.7hs==jd7vnz@atlanta.example;gr>\r\n" },
	};

	for (size_t i = 0; i < COUNT(row); i++) {
		struct ag_rig *w = begin();
		const char *text;

		set(w, "sip.gruu", row[i][0]);
		ck_has(called(w)->text, row[0][1]); /* there is none yet */
		text = registered(w, GRUUS);
		ck_has(text, ";+sip.instance=\"<" URN ">\";reg-id=1\r\n");
		ck_has(text, i ? "\r\nSupported: path, outbound, gruu\r\n" :
				 "\r\nSupported: path, outbound\r\n");
		ck_has(called(w)->text, row[i][1]);
		done(w);
	}
}
END_TEST

static void invited(struct ag_rig *w, const char *uri)
{
	struct addr peer = addr_v4(192, 0, 2, AG_PEER, 5060);
	char text[2048];

	snprintf(text, sizeof(text), "INVITE %s SIP/2.0\r\n"
		 "Via: SIP/2.0/UDP 192.0.2.77;branch=z9hG4bK1\r\n"
		 "Max-Forwards: 70\r\nTo: <sip:z@z.example>\r\n"
		 "From: <sip:x@y.example>;tag=1\r\nCall-ID: 1\r\n"
		 "CSeq: 1 INVITE\r\nContact: <sip:x@192.0.2.77>\r\n"
		 AG_TYPE AG_SDP_HEAD AG_PCMU, uri);
	rig_send(w->r, w->a.ua, &peer, text);
	ag_run(w);
}

/* RFC 5627 5.5: a temporary one has nothing of the account's name; the answer
 * shows the one that is wanted. */
START_TEST(who_calls_a_gruu_finds_its_account)
{
	struct ag_rig *w = begin();
	uint32_t other;

	ck_assert_int_eq(agent_account_add(w->a.agent,
					   S("sip:carol@atlanta.example"),
					   &other), 0);
	ck_assert_int_eq(ag_set(&w->a, 0, "agent.unknown", "false"), 0);
	set(w, "sip.gruu", "temporary");
	registered(w, GRUUS);
	invited(w, "sip:tgruu.7hs==jd7vnz@atlanta.example;gr");
	ck_assert_ptr_nonnull(ag_last(&w->a, PARLEY_EV_INCOMING));
	ck_assert_uint_eq(ag_last(&w->a, PARLEY_EV_INCOMING)->o.account,
			  w->a.account);
	ck_has(rig_packet(w->r, w->a.ua, "SIP/2.0 200")->text, "\r\nContact: "
	       "<sip:tgruu.7hs==jd7vnz@atlanta.example;gr>\r\n");
	done(w);
}
END_TEST

/* RFC 5626 4.3: where the registrar keeps flows, calls come by them. */
START_TEST(a_call_asks_for_the_flow_where_flows_are_kept)
{
	struct ag_rig *w = begin();

	registered(w, "Require: outbound\r\n" BOUND);
	ck_has(called(w)->text,
	       "\r\nContact: <sip:alice@192.0.2.1:5060;ob>\r\n");
	done(w);
	w = begin();
	registered(w, BOUND);
	ck_has(called(w)->text,
	       "\r\nContact: <sip:alice@192.0.2.1:5060>\r\n");
	set(w, "sip.outbound", "false"); /* the registrar hears of it */
	ag_wait(w, MS(1));
	rig_reply(w->r, w->a.ua, rig_packet(w->r, w->a.ua, "REGISTER"),
		  "200 OK", ";tag=reg", "");
	ag_run(w);
	ck_has(rig_packet(w->r, w->a.ua, "REGISTER")->text,
	       "\r\nContact: <sip:alice@192.0.2.1:5060>\r\n");
	done(w);
}
END_TEST

/* RFC 3323 4.1, 4.2; RFC 3325 9.2, 9.3: whoever we are is for the proxy alone,
 * that takes it away. */
START_TEST(an_anonymous_call_tells_the_proxy_alone)
{
	struct ag_rig *w = begin();
	const char *text;

	set(w, "sip.privacy", "id,critical");
	text = called(w)->text;
	ck_has(text, "\r\nFrom: \"Anonymous\" "
	       "<sip:anonymous@anonymous.invalid>;tag=");
	ck_has(text, "\r\nPrivacy: id;critical\r\n");
	ck_has(text, "\r\nContact: <sip:anonymous@192.0.2.1:5060>\r\n");
	ck_lacks(text, "lice");
	set(w, "sip.outbound_proxy", "sip:192.0.2.71");
	ck_has(called(w)->text, "\r\nP-Preferred-Identity: "
	       "Alice <sip:alice@atlanta.example>\r\n");
	set(w, "sip.identity", "sip:front-desk@atlanta.example");
	ck_has(called(w)->text, "\r\nP-Preferred-Identity: "
	       "<sip:front-desk@atlanta.example>\r\n");
	ck_has(registered(w, BOUND),
	       "\r\nFrom: Alice <sip:alice@atlanta.example>;tag=");
	done(w);
}
END_TEST

START_TEST(who_asks_for_no_privacy_is_named)
{
	struct ag_rig *w = begin();
	const char *text = called(w)->text;

	ck_lacks(text, "\r\nPrivacy: ");
	ck_lacks(text, "\r\nP-Preferred-Identity: ");
	set(w, "sip.privacy", "none");
	text = called(w)->text;
	ck_has(text, "\r\nPrivacy: none\r\n");
	ck_has(text, "\r\nFrom: Alice <sip:alice@atlanta.example>;tag=");
	ck_assert_int_eq(ag_set(&w->a, w->a.account, "sip.privacy", "full"),
			 -EBADMSG);
	done(w);
}
END_TEST

/* RFC 5626 4.1: the same for the agent's life, another for another agent. */
START_TEST(an_agent_is_one_instance)
{
	static const char *const bad[] = { "f81d4fae", "urn:uuid:",
		"urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf",
		"urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf61",
		"urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bfg",
		"urn:uuid:f81d4fae07dec-11d0-a765-00a0c91e6bf6",
		"urn:isbn:f81d4fae-7dec-11d0-a765-00a0c91e6bf6" };
	struct ag_rig *w = begin();
	char first[64], text[64];

	for (size_t i = 0; i < COUNT(bad); i++)
		ck_assert_int_lt(ag_set(&w->a, 0, "agent.instance", bad[i]),
				 0);
	ck_assert_int_eq(ag_set(&w->a, 0, "agent.instance", ""), 0);
	snprintf(first, sizeof(first), "%.45s",
		 strstr(registered(w, BOUND), "urn:uuid:"));
	ck_assert_int_eq(ag_set(&w->b, 0, "agent.instance", first), 0);
	ck_assert_int_eq(first[23], '4'); /* RFC 4122 4.4 */
	ck_assert_ptr_nonnull(strchr("89ab", first[28]));
	snprintf(text, sizeof(text), "%.45s",
		 strstr(registered(w, BOUND), "urn:uuid:"));
	ck_assert_str_eq(text, first);
	done(w);
}
END_TEST

SUITE(account_reach, calls_go_by_the_service_route,
      the_outbound_proxy_stands_before_the_service_route,
      a_gruu_is_the_contact_if_one_is_wanted,
      who_calls_a_gruu_finds_its_account,
      a_call_asks_for_the_flow_where_flows_are_kept,
      an_anonymous_call_tells_the_proxy_alone,
      who_asks_for_no_privacy_is_named, an_agent_is_one_instance);
