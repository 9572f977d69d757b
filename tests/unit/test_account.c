/* SPDX-License-Identifier: BSD-2-Clause
 * Who is called, who calls, who registers. */
#include "tests/unit/suites.h"

#include "tests/unit/agent_rig.h"

#define ck_has(text, part) \
	ck_assert_msg(strstr(text, part) != NULL, "no '%s' in:\n%s", part, text)

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

static uint32_t add(struct ag *g, const char *aor)
{
	uint32_t account = 0;

	ck_assert_int_eq(agent_account_add(g->agent, slice_str(aor),
					   &account), 0);
	return account;
}

/* A stranger's INVITE with this Request-URI and To. */
static void invited_by(struct ag_rig *w, struct ag *g, const char *uri,
		       const char *to, const char *route)
{
	static unsigned n;
	struct addr peer = addr_v4(192, 0, 2, AG_PEER, 5060);
	char text[2048];

	snprintf(text, sizeof(text), "INVITE %s SIP/2.0\r\n"
		 "Via: SIP/2.0/UDP 192.0.2.77;branch=z9hG4bK%u\r\n"
		 "Max-Forwards: 70\r\nTo: <%s>\r\n"
		 "From: <sip:x@y.example>;tag=1\r\nCall-ID: %u\r\n"
		 "CSeq: 1 INVITE\r\nContact: <sip:x@192.0.2.77>\r\n%s"
		 AG_TYPE AG_SDP_HEAD AG_PCMU, uri, n, to, n, route);
	n++;
	rig_send(w->r, g->ua, &peer, text);
	ag_run(w);
}

static void invited(struct ag_rig *w, struct ag *g, const char *uri,
		    const char *to)
{
	invited_by(w, g, uri, to, "");
}

/* The account that it finds at b. */
static uint32_t found(struct ag_rig *w, const char *uri, const char *to)
{
	unsigned before = w->b.n;

	invited(w, &w->b, uri, to);
	return w->b.n > before ? w->b.ev[before].o.account : 0;
}

START_TEST(a_call_finds_its_account_by_request_uri_then_to)
{
	struct ag_rig *w = begin();
	uint32_t bob = w->b.account, carol, other, phone;

	carol = add(&w->b, "sip:carol@biloxi.example");
	other = add(&w->b, "sip:bob@other.example");
	phone = add(&w->b, "sip:%63arla@biloxi.example");
	w->b.accept = false;
	ck_assert_int_eq(ag_set(&w->b, 0, "agent.unknown", "false"), 0);
	/* The address-of-record, whole. */
	ck_assert_uint_eq(found(w, "sip:carol@biloxi.example",
				"sip:bob@biloxi.example"), carol);
	ck_assert_uint_eq(found(w, "sip:bob@OTHER.example", "sip:z@z.example"),
			  other);
	/* Our Contact: the user tells, or To when that is ambiguous. */
	ck_assert_uint_eq(found(w, "sip:carol@192.0.2.2", "sip:z@z.example"),
			  carol);
	ck_assert_uint_eq(found(w, "sip:bob@192.0.2.2",
				"sip:bob@other.example"), other);
	ck_assert_uint_eq(found(w, "sip:bob@192.0.2.2", "sip:z@z.example"),
			  bob);
	/* A Contact that somebody else made, forwarded to us. */
	ck_assert_uint_eq(found(w, "sip:line7@192.0.2.2",
				"sip:carol@biloxi.example"), carol);
	/* RFC 3261 19.1.4: %63 is c; case counts in a user part. */
	ck_assert_uint_eq(found(w, "sip:carla@192.0.2.2", "sip:z@z.example"),
			  phone);
	ck_assert_uint_eq(found(w, "sip:Carol@192.0.2.2", "sip:z@z.example"),
			  0);
	ck_assert_ptr_nonnull(rig_packet(w->r, w->b.ua, "SIP/2.0 404"));
	done(w);
}
END_TEST

START_TEST(an_account_is_a_sip_address)
{
	static const char *const bad[] = { "", "bob", "tel:+1", "sip:", "<",
		"http://x.example", "sip:bob@x example",
		/* 19.1.1, Table 1: no headers in From and To */
		"sip:bob@x.example?Subject=a", "<sip:b@x.example?Subject=a>" };
	struct ag_rig *w = begin();
	uint32_t account = 7;

	for (size_t i = 0; i < COUNT(bad); i++)
		ck_assert_msg(agent_account_add(w->a.agent, slice_str(bad[i]),
						&account) == -EBADMSG, "%s",
			      bad[i]);
	ck_assert_uint_eq(account, 7);
	account = add(&w->a, "\"A. \\\" B\" <sips:ab@secure.example>");
	ck_assert_int_eq(agent_account_remove(w->a.agent, account, w->r->now),
			 0);
	ck_assert_int_eq(agent_account_remove(w->a.agent, account, w->r->now),
			 -ENOENT);
	done(w);
}
END_TEST

/* RFC 3261 19.1.6, 20.10: ";", "," and "?" before the "@" are the user's, and
 * what is behind the host is the URI's; in angle brackets wherever it goes. */
START_TEST(an_address_keeps_what_is_its_own)
{
	static const char *const row[][3] = { /* as given, its URI, its user */
		{ "sip:+358-555;postd=pp22@example.org",
		  "<sip:+358-555;postd=pp22@example.org>",
		  "+358-555;postd=pp22" },
		{ "sip:a,b@example.org", "<sip:a,b@example.org>", "a,b" },
		{ "sip:what?@example.org", "<sip:what?@example.org>",
		  "what?" },
		{ "sip:carl@example.org;user=phone;x=1",
		  "<sip:carl@example.org;user=phone;x=1>", "carl" },
		{ "<sip:a;b@example.org;user=phone>",
		  "<sip:a;b@example.org;user=phone>", "a;b" },
		{ "\"A, B\" <sip:a,b@example.org>",
		  "\"A, B\" <sip:a,b@example.org>", "a,b" },
	};
	char line[256], uri[256];

	for (size_t i = 0; i < COUNT(row); i++) {
		struct ag_rig *w = begin();
		const struct rig_packet *p;
		uint32_t own = add(&w->a, row[i][0]), his = add(&w->b,
								 row[i][0]);

		/* from it */
		ck_assert_int_eq(agent_call(w->a.agent, own,
					    S("sip:x@192.0.2.88"), NULL,
					    w->r->now, &w->a.session), 0);
		ag_run(w);
		p = rig_packet(w->r, w->a.ua, "INVITE");
		snprintf(line, sizeof(line), "\r\nFrom: %s;tag=", row[i][1]);
		ck_has(p->text, line);
		snprintf(line, sizeof(line),
			 "\r\nContact: <sip:%s@192.0.2.1:5060>\r\n",
			 row[i][2]);
		ck_has(p->text, line);
		ck_assert_int_eq(agent_end(w->a.agent, w->a.session,
					   w->r->now), 0);
		/* registered */
		ck_assert_int_eq(ag_set(&w->a, own, "sip.registrar",
					"sip:192.0.2.88"), 0);
		ck_assert_int_eq(agent_register(w->a.agent, own, true,
						w->r->now), 0);
		ag_run(w);
		p = rig_packet(w->r, w->a.ua, "REGISTER");
		snprintf(line, sizeof(line), "\r\nTo: %s\r\n", row[i][1]);
		ck_has(p->text, line);
		ck_has(p->text, "\r\nFrom: ");
		ck_assert_int_eq(agent_register(w->a.agent, own, false,
						w->r->now), 0);
		/* called */
		w->b.accept = false;
		snprintf(uri, sizeof(uri), "sip:%s@192.0.2.2", row[i][2]);
		ck_assert_uint_eq(found(w, uri, "sip:z@z.example"), his);
		done(w);
	}
}
END_TEST

/* 8.1.1.1, 8.1.2: a Route with what the setting says, and lr in any case. */
START_TEST(the_outbound_proxy_is_a_loose_route)
{
	static const char *const row[][2] = {
		{ "sip:192.0.2.88:5070", "<sip:192.0.2.88:5070;lr>" },
		{ "sip:192.0.2.88:5070;lr;x=y",
		  "<sip:192.0.2.88:5070;lr;x=y>" },
		{ "sip:p,q@192.0.2.88:5070;LR=on;lrx",
		  "<sip:p,q@192.0.2.88:5070;LR=on;lrx>" },
		{ "sip:192.0.2.88:5070;lrx", "<sip:192.0.2.88:5070;lrx;lr>" },
	};
	static const char *const method[] = { "INVITE", "REGISTER" };
	const struct addr proxy = addr_v4(192, 0, 2, 88, 5070);

	for (size_t i = 0; i < COUNT(row); i++) {
		struct ag_rig *w = begin();
		char line[128];

		ck_assert_int_eq(ag_set(&w->a, w->a.account,
					"sip.outbound_proxy", row[i][0]), 0);
		ck_assert_int_eq(agent_call(w->a.agent, w->a.account,
					    S("sip:x@example.org"), NULL,
					    w->r->now, &w->a.session), 0);
		ck_assert_int_eq(agent_register(w->a.agent, w->a.account, true,
						w->r->now), 0);
		ag_run(w);
		snprintf(line, sizeof(line), "\r\nRoute: %s\r\n", row[i][1]);
		for (size_t k = 0; k < COUNT(method); k++) {
			const struct rig_packet *p = rig_packet(w->r, w->a.ua,
								method[k]);

			ck_has(p->text, line);
			ck_assert(addr_same(&p->to, &proxy));
		}
		ck_has(rig_packet(w->r, w->a.ua, "INVITE sip:x@example.org ")
		       ->text, "\r\nTo: <sip:x@example.org>\r\n");
		ck_assert_int_eq(agent_end(w->a.agent, w->a.session,
					   w->r->now), 0);
		ck_assert_int_eq(agent_register(w->a.agent, w->a.account,
						false, w->r->now), 0);
		done(w);
	}
}
END_TEST

START_TEST(an_account_in_use_stays)
{
	struct ag_rig *w = begin();

	ck_assert_int_eq(ag_call(w), 0);
	ck_assert_int_eq(agent_account_remove(w->a.agent, w->a.account,
					      w->r->now), -EALREADY);
	ck_assert_int_eq(agent_end(w->a.agent, w->a.session, w->r->now), 0);
	ag_wait(w, SEC(1));
	ck_assert_int_eq(agent_account_remove(w->a.agent, w->a.account,
					      w->r->now), 0);
	done(w);
}
END_TEST

START_TEST(contact_is_where_the_peer_sees_us)
{
	struct ag_rig *w = begin();
	const struct sip_hop way = { .transport = SIP_UDP,
		.addr = addr_v4(192, 0, 2, 88, 5060),
		.local = addr_v4(198, 51, 100, 1, 0) };

	/* Bound to any address: the route to there says which it is. */
	sip_core_guess_shown(w->a.ua->core, w->a.ua->point);
	w->a.ua->hop[0] = way;
	w->a.ua->hops = 1;
	ck_assert_int_eq(agent_call(w->a.agent, w->a.account,
				    S("sip:x@192.0.2.88"), NULL,
				    w->r->now, &w->a.session), 0);
	ag_run(w);
	ck_has(rig_packet(w->r, w->a.ua, "INVITE")->text,
	       "Contact: <sip:alice@198.51.100.1:5060>\r\n");
	ck_assert_str_eq(w->a.ua->asked, "192.0.2.88");
	ck_has(rig_packet(w->r, w->a.ua, "INVITE")->text,
	       "\r\nc=IN IP4 198.51.100.1\r\n");
	/* It does not: what we have is shown. */
	w->a.ua->hop[0].local = (struct addr){ 0 };
	ck_assert_int_eq(agent_call(w->a.agent, w->a.account,
				    S("sip:x@192.0.2.88"), NULL,
				    w->r->now, &w->a.session), 0);
	ag_run(w);
	ck_has(rig_packet(w->r, w->a.ua, "INVITE")->text,
	       "Contact: <sip:alice@192.0.2.1:5060>\r\n");
	done(w);
}
END_TEST

START_TEST(the_first_hop_is_the_proxy_or_the_target_or_the_registrar)
{
	struct ag_rig *w = begin();
	struct agent *a = w->a.agent;
	char host[64];

	ck_assert_int_eq(agent_first_hop(a, 0, S("sip:x@192.0.2.9:99"), host,
					 sizeof(host)), 0);
	ck_assert_str_eq(host, "192.0.2.9");
	ck_assert_int_eq(agent_first_hop(a, w->a.account, S("x@[2001:db8::1]"),
					 host, sizeof(host)), 0);
	ck_assert_str_eq(host, "[2001:db8::1]");
	ck_assert_int_eq(agent_first_hop(a, w->a.account, S("bob"), host,
					 sizeof(host)), 0);
	ck_assert_str_eq(host, "atlanta.example");
	ck_assert_int_eq(agent_first_hop(a, w->a.account, S(""), host,
					 sizeof(host)), 0);
	ck_assert_str_eq(host, "atlanta.example");
	ck_assert_int_eq(ag_set(&w->a, w->a.account, "sip.registrar",
				"sip:reg.example"), 0);
	ck_assert_int_eq(agent_first_hop(a, w->a.account, S(""), host,
					 sizeof(host)), 0);
	ck_assert_str_eq(host, "reg.example");
	ck_assert_int_eq(ag_set(&w->a, w->a.account, "sip.outbound_proxy",
				"sip:out.example;lr"), 0);
	ck_assert_int_eq(agent_first_hop(a, w->a.account, S("bob"), host,
					 sizeof(host)), 0);
	ck_assert_str_eq(host, "out.example");
	ck_assert_int_eq(agent_first_hop(a, 99, S("bob"), host, sizeof(host)),
			 -ENOENT);
	ck_assert_int_eq(agent_first_hop(a, 0, S("a b"), host, sizeof(host)),
			 -EBADMSG);
	ck_assert_int_eq(agent_first_hop(a, 0, S("sip:x@192.0.2.9"), host, 3),
			 -ENOSPC);
	done(w);
}
END_TEST

/* --------------------------------------------------------- registration */
#define CHALLENGE_OF(realm) \
	"WWW-Authenticate: Digest realm=\"" realm "\", nonce=\"n1\"\r\n"
#define CHALLENGE CHALLENGE_OF("r")
#define BY_REGISTRAR "Record-Route: <sip:192.0.2.99;lr>\r\n"

static void registers(struct ag_rig *w, bool on)
{
	ck_assert_int_eq(ag_set(&w->a, w->a.account, "sip.registrar",
				"sip:192.0.2.99"), 0);
	ck_assert_int_eq(agent_register(w->a.agent, w->a.account, on,
					w->r->now), 0);
	ag_run(w);
}

static void answer(struct ag_rig *w, const char *status, const char *more)
{
	rig_reply(w->r, w->a.ua, rig_packet(w->r, w->a.ua, "REGISTER"), status,
		  ";tag=reg", more);
	ag_run(w);
}

/* On to the next REGISTER. */
static void refreshed(struct ag_rig *w)
{
	unsigned sent = rig_sent(w->r, w->a.ua, "REGISTER");

	for (unsigned i = 0; i < 700; i++) {
		ag_wait(w, SEC(1));
		if (rig_sent(w->r, w->a.ua, "REGISTER") > sent)
			return;
	}
	ck_abort_msg("no refresh");
}

START_TEST(a_registration_is_told_refreshed_and_ended)
{
	struct ag_rig *w = begin();

	ck_assert_int_eq(agent_register(w->a.agent, w->a.account, false,
					w->r->now), -EINVAL);
	registers(w, true);
	ck_has(rig_packet(w->r, w->a.ua, "REGISTER")->text,
	       "Contact: <sip:alice@192.0.2.1:5060;ob>;+sip.instance=");
	answer(w, "200 OK",
	       "Contact: <sip:alice@192.0.2.1:5060>;expires=600\r\n");
	ck_assert_int_eq(ag_last(&w->a, PARLEY_EV_REGISTERED)->o.code, 200);
	ck_assert_int_eq(ag_last(&w->a, PARLEY_EV_REGISTERED)->o.ms, 600000);
	ck_assert_int_eq(agent_account_remove(w->a.agent, w->a.account,
					      w->r->now), -EALREADY);
	refreshed(w);
	answer(w, "200 OK",
	       "Contact: <sip:alice@192.0.2.1:5060>;expires=600\r\n");
	registers(w, false);
	ck_has(rig_packet(w->r, w->a.ua, "REGISTER")->text, "xpires");
	answer(w, "200 OK", "");
	ck_assert_uint_eq(ag_count(&w->a, PARLEY_EV_UNREGISTERED), 1);
	ck_assert_int_eq(agent_account_remove(w->a.agent, w->a.account,
					      w->r->now), 0);
	done(w);
}
END_TEST

/* Taken back before the registrar has answered: it is bound anew, and stays. */
START_TEST(a_registration_may_be_wanted_again_while_it_ends)
{
	struct ag_rig *w = begin();
	unsigned sent;

	registers(w, true);
	answer(w, "200 OK",
	       "Contact: <sip:alice@192.0.2.1:5060>;expires=100\r\n");
	registers(w, false);
	registers(w, true);
	sent = rig_sent(w->r, w->a.ua, "REGISTER");
	answer(w, "200 OK", ""); /* to the one that unbinds */
	ck_assert_uint_eq(rig_sent(w->r, w->a.ua, "REGISTER"), sent + 1);
	answer(w, "200 OK",
	       "Contact: <sip:alice@192.0.2.1:5060>;expires=100\r\n");
	ck_assert_uint_eq(ag_count(&w->a, PARLEY_EV_REGISTERED), 2);
	refreshed(w);
	done(w);
}
END_TEST

/* Another registrar: unbound at the old one first (10.2.2), then bound. */
START_TEST(a_registration_follows_its_settings)
{
	struct ag_rig *w = begin();
	unsigned sent;

	registers(w, true);
	answer(w, "200 OK",
	       "Contact: <sip:alice@192.0.2.1:5060>;expires=600\r\n");
	sent = rig_sent(w->r, w->a.ua, "REGISTER");
	ck_assert_int_eq(ag_set(&w->a, w->a.account, "sip.expires", "3600"),
			 0);
	ag_wait(w, SEC(1)); /* the same as before */
	ck_assert_uint_eq(rig_sent(w->r, w->a.ua, "REGISTER"), sent);
	ck_assert_int_eq(ag_set(&w->a, w->a.account, "sip.registrar",
				"sip:192.0.2.98"), 0);
	ck_assert_int_eq(ag_set(&w->a, w->a.account, "sip.outbound_proxy",
				"sip:192.0.2.97"), 0);
	ag_wait(w, 0);
	ck_assert_uint_eq(rig_sent(w->r, w->a.ua, "REGISTER sip:192.0.2.99"),
			  sent + 1);
	ck_has(rig_packet(w->r, w->a.ua, "REGISTER")->text,
	       "\r\nExpires: 0\r\n");
	answer(w, "200 OK", "");
	ck_assert_uint_eq(ag_count(&w->a, PARLEY_EV_UNREGISTERED), 0);
	ck_has(rig_packet(w->r, w->a.ua, "REGISTER sip:192.0.2.98")->text,
	       "\r\nRoute: <sip:192.0.2.97;lr>\r\n");
	answer(w, "200 OK",
	       "Contact: <sip:alice@192.0.2.1:5060>;expires=600\r\n");
	ck_assert_uint_eq(ag_count(&w->a, PARLEY_EV_REGISTERED), 2);
	refreshed(w);
	ck_has(rig_packet(w->r, w->a.ua, "REGISTER")->text,
	       "REGISTER sip:192.0.2.98 ");
	done(w);
}
END_TEST

/* Nothing is bound, so nothing is unbound: at once. */
START_TEST(a_registration_that_failed_follows_at_once)
{
	struct ag_rig *w = begin();

	registers(w, true);
	answer(w, "403 No", "");
	ck_assert_int_eq(ag_set(&w->a, w->a.account, "sip.registrar",
				"sip:192.0.2.98"), 0);
	ag_wait(w, 0);
	ck_assert_ptr_nonnull(rig_packet(w->r, w->a.ua,
					 "REGISTER sip:192.0.2.98"));
	answer(w, "200 OK",
	       "Contact: <sip:alice@192.0.2.1:5060>;expires=600\r\n");
	ck_assert_uint_eq(ag_count(&w->a, PARLEY_EV_REGISTERED), 1);
	/* Who takes it back now is done with both. */
	ck_assert_int_eq(ag_set(&w->a, w->a.account, "sip.registrar",
				"sip:192.0.2.96"), 0);
	ag_wait(w, 0);
	ck_assert_int_eq(agent_register(w->a.agent, w->a.account, false,
					w->r->now), 0);
	answer(w, "200 OK", "");
	answer(w, "200 OK", "");
	ck_assert_uint_eq(ag_count(&w->a, PARLEY_EV_UNREGISTERED), 1);
	ck_assert_ptr_null(rig_packet(w->r, w->a.ua,
				      "REGISTER sip:192.0.2.96"));
	done(w);
}
END_TEST

START_TEST(credentials_may_change_while_registered)
{
	struct ag_rig *w = begin();
	const char *text;

	ck_assert_int_eq(ag_set(&w->a, w->a.account, "auth.username", "one"),
			 0);
	ck_assert_int_eq(ag_set(&w->a, w->a.account, "auth.password", "p1"),
			 0);
	registers(w, true);
	answer(w, "200 OK",
	       "Contact: <sip:alice@192.0.2.1:5060>;expires=100\r\n");
	/* The old values are freed here. */
	ck_assert_int_eq(ag_set(&w->a, w->a.account, "auth.username",
				"another-user"), 0);
	ck_assert_int_eq(ag_set(&w->a, w->a.account, "auth.password",
				"another-password"), 0);
	refreshed(w);
	answer(w, "401 Unauthorized", CHALLENGE);
	text = rig_packet(w->r, w->a.ua, "REGISTER")->text;
	ck_has(text, "username=\"another-user\"");
	done(w);
}
END_TEST

START_TEST(a_password_that_comes_late_is_used)
{
	struct ag_rig *w = begin();

	registers(w, true);
	ck_assert_int_eq(ag_set(&w->a, w->a.account, "auth.password", "p"), 0);
	answer(w, "401 Unauthorized", CHALLENGE);
	ck_has(rig_packet(w->r, w->a.ua, "REGISTER")->text,
	       "username=\"alice\"");
	/* And one that is taken away is not. */
	ck_assert_int_eq(ag_set(&w->a, w->a.account, "auth.password", ""), 0);
	answer(w, "200 OK",
	       "Contact: <sip:alice@192.0.2.1:5060>;expires=100\r\n");
	refreshed(w);
	answer(w, "401 Unauthorized",
	       "WWW-Authenticate: Digest realm=\"r\", nonce=\"n2\"\r\n");
	ck_assert_int_eq(ag_last(&w->a, PARLEY_EV_REGISTER_FAILED)->o.code,
			 401);
	done(w);
}
END_TEST

/* a is called by a stranger, hangs up, and the stranger challenges the BYE:
 * how many BYEs does he get? */
static unsigned byes_for(struct ag_rig *w, const char *challenge,
			 const char *route)
{
	unsigned before = rig_sent(w->r, w->a.ua, "BYE ");
	const char *ok, *tag;
	char ack[1024];
	struct addr peer = addr_v4(192, 0, 2, AG_PEER, 5060);
	unsigned sent;

	w->a.accept = true;
	invited_by(w, &w->a, "sip:alice@192.0.2.1",
		   "sip:alice@atlanta.example", route);
	ok = rig_packet(w->r, w->a.ua, "SIP/2.0 200")->text;
	tag = strstr(strstr(ok, "To: "), ";tag=");
	snprintf(ack, sizeof(ack), "ACK sip:alice@192.0.2.1 SIP/2.0\r\n"
		 "Via: SIP/2.0/UDP 192.0.2.77;branch=z9hG4bKack%u\r\n"
		 "Max-Forwards: 70\r\nTo: <sip:alice@atlanta.example>%.*s\r\n"
		 "From: <sip:x@y.example>;tag=1\r\n%.*s\r\n"
		 "CSeq: 1 ACK\r\n\r\n", before,
		 (int)strcspn(tag, "\r"), tag,
		 (int)strcspn(strstr(ok, "Call-ID:"), "\r"),
		 strstr(ok, "Call-ID:"));
	rig_send(w->r, w->a.ua, &peer, ack);
	ag_run(w);
	ck_assert_int_eq(agent_end(w->a.agent, w->a.session, w->r->now), 0);
	ag_run(w);
	rig_reply(w->r, w->a.ua, rig_packet(w->r, w->a.ua, "BYE "),
		  "401 Unauthorized", "", challenge);
	ag_run(w);
	sent = rig_sent(w->r, w->a.ua, "BYE ") - before;
	if (sent > 1) {
		ck_has(rig_packet(w->r, w->a.ua, "BYE ")->text,
		       "\r\nAuthorization: Digest ");
		rig_reply(w->r, w->a.ua, rig_packet(w->r, w->a.ua, "BYE "),
			  "200 OK", "", "");
		ag_run(w);
	}
	return sent;
}

static unsigned byes(struct ag_rig *w)
{
	return byes_for(w, CHALLENGE, "");
}

/* Who only has to call us to be told a digest of our password can guess it at
 * leisure. */
START_TEST(a_caller_gets_no_credentials_but_of_his_realm)
{
	struct ag_rig *w = begin();

	ck_assert_int_eq(ag_set(&w->a, w->a.account, "auth.password", "p"), 0);
	ck_assert_uint_eq(byes(w), 1);
	ck_assert_int_eq(ag_set(&w->a, w->a.account, "auth.realm", "else"), 0);
	ck_assert_uint_eq(byes(w), 1);
	ck_assert_int_eq(ag_set(&w->a, w->a.account, "auth.realm", "r"), 0);
	ck_assert_uint_eq(byes(w), 2);
	/* or where the registrar has accepted them */
	ck_assert_int_eq(ag_set(&w->a, w->a.account, "auth.realm", ""), 0);
	registers(w, true);
	answer(w, "401 Unauthorized", CHALLENGE);
	ck_assert_uint_eq(byes_for(w, CHALLENGE, BY_REGISTRAR), 1);
	answer(w, "200 OK",
	       "Contact: <sip:alice@192.0.2.1:5060>;expires=100\r\n");
	ck_assert_uint_eq(byes_for(w, CHALLENGE, BY_REGISTRAR), 2);
	/* which is not where anybody else is, whatever realm he names */
	ck_assert_uint_eq(byes(w), 1);
	/* A new challenge that nobody has taken yet changes nothing. */
	refreshed(w);
	answer(w, "401 Unauthorized",
	       "WWW-Authenticate: Digest realm=\"r\", nonce=\"n2\"\r\n");
	ck_assert_uint_eq(byes_for(w, CHALLENGE, BY_REGISTRAR), 2);
	answer(w, "403 Forbidden", "");
	ck_assert_uint_eq(byes_for(w, CHALLENGE, BY_REGISTRAR), 1);
	done(w);
}
END_TEST

START_TEST(each_realm_on_the_way_to_the_registrar_is_trusted)
{
	struct ag_rig *w = begin();

	ck_assert_int_eq(ag_set(&w->a, w->a.account, "auth.password", "p"), 0);
	registers(w, true);
	answer(w, "401 Unauthorized", CHALLENGE
	       "Proxy-Authenticate: Digest realm=\"q\", nonce=\"n1\"\r\n");
	answer(w, "200 OK",
	       "Contact: <sip:alice@192.0.2.1:5060>;expires=100\r\n");
	ck_assert_uint_eq(byes_for(w, CHALLENGE, BY_REGISTRAR), 2);
	ck_assert_uint_eq(byes_for(w, CHALLENGE_OF("q"), BY_REGISTRAR), 2);
	ck_assert_uint_eq(byes_for(w, CHALLENGE_OF("s"), BY_REGISTRAR), 1);
	done(w);
}
END_TEST

START_TEST(a_realm_that_is_set_is_the_only_one)
{
	struct ag_rig *w = begin();

	ck_assert_int_eq(ag_set(&w->a, w->a.account, "auth.password", "p"), 0);
	ck_assert_int_eq(ag_set(&w->a, w->a.account, "auth.realm", "x"), 0);
	registers(w, true);
	answer(w, "401 Unauthorized", CHALLENGE);
	ck_assert_uint_eq(rig_sent(w->r, w->a.ua, "REGISTER"), 1);
	ck_assert_int_eq(ag_last(&w->a, PARLEY_EV_REGISTER_FAILED)->o.code,
			 401);
	done(w);
}
END_TEST

START_TEST(algorithms_are_chosen_by_a_setting)
{
	struct ag_rig *w = begin();

	ck_assert_int_eq(ag_set(&w->a, w->a.account, "auth.password", "p"), 0);
	ck_assert_int_eq(ag_set(&w->a, w->a.account, "auth.algorithms", "SHA1"),
			 -EBADMSG);
	ck_assert_int_eq(ag_set(&w->a, w->a.account, "auth.algorithms",
				"SHA-256"), 0);
	registers(w, true);
	answer(w, "401 Unauthorized", "WWW-Authenticate: Digest realm=\"r\","
	       "nonce=\"1\",qop=\"auth\"\r\nWWW-Authenticate: Digest "
	       "realm=\"r\",nonce=\"2\",qop=\"auth\",algorithm=SHA-256\r\n");
	ck_has(rig_packet(w->r, w->a.ua, "REGISTER")->text,
	       "algorithm=SHA-256");
	answer(w, "200 OK",
	       "Contact: <sip:alice@192.0.2.1:5060>;expires=100\r\n");
	refreshed(w);
	answer(w, "401 Unauthorized", CHALLENGE); /* MD5 */
	ck_assert_int_eq(ag_last(&w->a, PARLEY_EV_REGISTER_FAILED)->o.code,
			 401);
	done(w);
}
END_TEST

#define OLD(nonce) "WWW-Authenticate: Digest realm=\"r\", nonce=\"" nonce \
	"\"\r\n"

START_TEST(a_challenge_without_qop_is_noted_once_or_refused)
{
	struct ag_rig *w = begin();

	ck_assert_int_eq(ag_set(&w->a, w->a.account, "auth.password", "p"), 0);
	registers(w, true);
	answer(w, "401 Unauthorized", OLD("1"));
	answer(w, "200 OK",
	       "Contact: <sip:alice@192.0.2.1:5060>;expires=100\r\n");
	ck_assert_uint_eq(w->a.notes, 1);
	refreshed(w);
	answer(w, "401 Unauthorized", OLD("2"));
	answer(w, "200 OK",
	       "Contact: <sip:alice@192.0.2.1:5060>;expires=100\r\n");
	ck_assert_uint_eq(w->a.notes, 1);
	ck_assert_int_eq(ag_set(&w->a, w->a.account, "auth.require_qop",
				"true"), 0);
	refreshed(w);
	answer(w, "401 Unauthorized", OLD("3"));
	ck_assert_int_eq(ag_last(&w->a, PARLEY_EV_REGISTER_FAILED)->o.code,
			 401);
	ck_slice_eq(ag_last(&w->a, PARLEY_EV_REGISTER_FAILED)->o.reason,
		    "Its challenge has no qop");
	done(w);
}
END_TEST

START_TEST(what_no_registrar_said_has_no_code)
{
	struct ag_rig *w = begin();
	const struct ag_event *e;

	ck_assert_int_eq(ag_set(&w->a, w->a.account, "sip.registrar",
				"not a uri"), -EBADMSG);
	ck_assert_int_eq(ag_set(&w->a, w->a.account, "sip.registrar",
				"sip:no.such.example"), 0);
	ck_assert_int_eq(agent_register(w->a.agent, w->a.account, true,
					w->r->now), 0);
	ag_wait(w, SEC(1));
	e = ag_last(&w->a, PARLEY_EV_REGISTER_FAILED);
	ck_assert_ptr_nonnull(e);
	ck_assert_int_eq(e->o.code, 0);
	ck_assert_uint_gt(e->o.reason.n, 0);
	done(w);
}
END_TEST

SUITE(account, a_call_finds_its_account_by_request_uri_then_to,
      an_account_is_a_sip_address,
      an_address_keeps_what_is_its_own, the_outbound_proxy_is_a_loose_route,
      an_account_in_use_stays,
      contact_is_where_the_peer_sees_us,
      the_first_hop_is_the_proxy_or_the_target_or_the_registrar,
      a_registration_is_told_refreshed_and_ended,
      a_registration_may_be_wanted_again_while_it_ends,
      a_registration_follows_its_settings,
      a_registration_that_failed_follows_at_once,
      credentials_may_change_while_registered,
      a_password_that_comes_late_is_used,
      a_caller_gets_no_credentials_but_of_his_realm,
      each_realm_on_the_way_to_the_registrar_is_trusted,
      a_realm_that_is_set_is_the_only_one,
      algorithms_are_chosen_by_a_setting,
      a_challenge_without_qop_is_noted_once_or_refused,
      what_no_registrar_said_has_no_code);
