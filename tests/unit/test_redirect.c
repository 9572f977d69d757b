/* SPDX-License-Identifier: BSD-2-Clause
 * Calls that are redirected, RFC 3261 8.1.3.4; a peer by script at
 * 192.0.2.77. */
#include "tests/unit/suites.h"

#include "client/event.h"
#include "client/redirect.h"
#include "tests/unit/agent_rig.h"

#define ck_has(text, part) \
	ck_assert_msg(strstr(text, part) != NULL, "no '%s' in:\n%s", part, text)

#define ANSWER "Contact: <sip:x@192.0.2.77>\r\n" AG_TYPE AG_SDP_HEAD AG_PCMU

static struct ag_rig *begin(const char *redirects)
{
	struct ag_rig *w = ag_rig_new(0);

	ck_assert_ptr_nonnull(w);
	ck_assert_int_eq(ag_set(&w->a, w->a.account, "sip.redirects",
				redirects), 0);
	return w;
}

static void done(struct ag_rig *w)
{
	ag_wait(w, SEC(40));
	ck_assert_uint_eq(w->a.open, 0);
	ck_assert_uint_eq(ag_rig_free(w), 0);
}

static void call(struct ag_rig *w, const char *uri)
{
	ck_assert_int_eq(ag_call_to(w, &w->a, uri, NULL, 0), 0);
}

/* The last INVITE is answered so, */
static void answer(struct ag_rig *w, const char *line, const char *more)
{
	const struct rig_packet *p = rig_packet(w->r, w->a.ua, "INVITE");

	ck_assert_ptr_nonnull(p);
	rig_reply(w->r, w->a.ua, p, line, ";tag=x", more);
	ag_run(w);
}

/* ... and goes there then. */
static const char *to(struct ag_rig *w, const char *uri)
{
	const struct rig_packet *p = rig_packet(w->r, w->a.ua, "INVITE");
	char line[256];

	snprintf(line, sizeof(line), "INVITE %s SIP/2.0\r\n", uri);
	ck_assert_msg(slice_starts(slice_str(p->text), line), "%s", p->text);
	return p->text;
}

static unsigned invites(const struct ag_rig *w)
{
	return rig_sent(w->r, w->a.ua, "INVITE");
}

static const struct agent_out *last(const struct ag_rig *w,
				    enum parley_event_kind k)
{
	const struct ag_event *e = ag_last(&w->a, k);

	ck_assert_ptr_nonnull(e);
	return &e->o;
}

static struct mem said_mem;

static struct said *said_of(const char *fields)
{
	static struct sip_msg m;
	char text[4096];
	struct parse_error e;
	struct said *s = NULL;

	mem_init(&said_mem, 0);
	snprintf(text, sizeof(text), "SIP/2.0 302 Moved\r\n%s\r\n", fields);
	ck_assert_int_eq(sip_msg_parse(slice_str(text), &m, &e), 0);
	ck_assert_int_eq(said_keep(&said_mem, &m, &s), 0);
	return s;
}

/* 20.10: q and expires; those without q are as good as any (16.7, item 4). */
START_TEST(contacts_are_in_the_order_of_their_q)
{
	struct said *s = said_of(
		"Contact: <sip:c@h>;q=0.2;expires=60, "
		"\"B, b\" <tel:+1>;q=0.5\r\n"
		"m: <sip:a@h?Subject=x>;expires=0\r\n"
		"Contact: *\r\nContact: <sip:b@h>;q=0.5, <sip:z@h>;q=0\r\n");
	static const char *const uri[] = { "sip:a@h?Subject=x", "tel:+1",
					   "sip:b@h", "sip:c@h", "sip:z@h" };
	static const int q[] = { 1000, 500, 500, 200, 0 };
	static const int64_t expires[] = { 0, -1, -1, 60, -1 };
	struct parley_event ev = { .kind = PARLEY_EV_ENDED, .code = 302,
				   .said = s };
	struct parley_contact c = { .size = sizeof(c) };

	for (size_t i = 0; i < COUNT(uri); i++) {
		ck_assert_int_eq(parley_event_contact(&ev, i, &c), 0);
		ck_assert_str_eq(c.uri, uri[i]);
		ck_assert_int_eq(c.q, q[i]);
		ck_assert_int_eq(c.expires, expires[i]);
	}
	ck_assert_int_eq(parley_event_contact(&ev, 5, &c), -ENOENT);
	ev.code = 404;
	ck_assert_int_eq(parley_event_contact(&ev, 0, &c), -ENOENT);
	ev.code = 302;
	c.size = 1;
	ck_assert_int_eq(parley_event_contact(&ev, 0, &c), -EINVAL);
	mem_free(&said_mem, s);
}
END_TEST

START_TEST(there_are_so_many_contacts)
{
	struct said *s;
	struct redirect_contact c[LIMIT_SIP_CONTACTS];
	char text[2048];
	struct writer w = writer_begin(text, sizeof(text) - 1);

	for (unsigned i = 0; i <= LIMIT_SIP_CONTACTS; i++) {
		writer_str(&w, "Contact: <sip:");
		writer_u64(&w, i);
		writer_str(&w, "@h>\r\n");
	}
	text[w.n] = '\0';
	s = said_of(text);
	ck_assert_uint_eq(redirect_contacts(s, c), LIMIT_SIP_CONTACTS);
	ck_slice_eq(c[LIMIT_SIP_CONTACTS - 1].uri, "sip:15@h");
	mem_free(&said_mem, s);
}
END_TEST

START_TEST(by_itself_a_call_goes_nowhere_else)
{
	struct ag_rig *w = begin("0");

	call(w, "sip:x@192.0.2.77");
	answer(w, "302 Moved", "Contact: <sip:y@192.0.2.77>\r\n");
	ck_assert_uint_eq(invites(w), 1);
	ck_assert_int_eq(last(w, PARLEY_EV_ENDED)->code, 302);
	ck_assert_uint_eq(ag_count(&w->a, PARLEY_EV_REDIRECTED), 0);
	done(w);
}
END_TEST

static void see_contact(struct ag *g, const struct agent_out *o)
{
	if (o->event == PARLEY_EV_ENDED)
		g->arg = said_header(o->said, "m", 0) ? g : NULL;
}

START_TEST(the_end_of_a_call_has_the_fields_of_what_refused_it)
{
	struct ag_rig *w = begin("0");

	w->a.on_event = see_contact;
	call(w, "sip:x@192.0.2.77");
	answer(w, "302 Moved", "Contact: <sip:y@192.0.2.77>\r\n");
	ck_assert_ptr_nonnull(w->a.arg);
	done(w);
}
END_TEST

/* 8.1.3.4: To stays, the best is called first, then the next; who answers is
 * whom the call is with. */
START_TEST(a_redirected_call_goes_to_one_after_the_other)
{
	struct ag_rig *w = begin("5");
	const char *invite;

	call(w, "sip:x@192.0.2.77");
	answer(w, "302 Moved", "Contact: <sip:low@192.0.2.77>;q=0.1, "
	       "<mailto:x@y.example>, <sip:high@192.0.2.77;method=INVITE"
	       ";x=1?Subject=no>;q=0.9, <sip:m@192.0.2.77;method=MESSAGE>\r\n");
	invite = to(w, "sip:high@192.0.2.77;x=1");
	ck_has(invite, "\r\nTo: <sip:x@192.0.2.77>\r\n");
	ck_assert_ptr_null(strstr(invite, "Subject"));
	ck_assert_int_eq(last(w, PARLEY_EV_REDIRECTED)->code, 302);
	ck_slice_eq(last(w, PARLEY_EV_REDIRECTED)->to,
		    "sip:high@192.0.2.77;x=1");
	answer(w, "486 Busy Here", "");
	(void)to(w, "sip:low@192.0.2.77");
	ck_assert_int_eq(last(w, PARLEY_EV_REDIRECTED)->code, 486);
	answer(w, "200 OK", ANSWER);
	ck_slice_eq(last(w, PARLEY_EV_ANSWERED)->to, "sip:low@192.0.2.77");
	ck_assert_uint_eq(ag_count(&w->a, PARLEY_EV_CONFIRMED), 1);
	ck_assert_int_eq(agent_end(w->a.agent, w->a.session, w->r->now), 0);
	done(w);
}
END_TEST

START_TEST(nobody_is_called_twice)
{
	struct ag_rig *w = begin("5");

	call(w, "sip:x@192.0.2.77");
	answer(w, "302 Moved", "Contact: <sip:X2@192.0.2.77>, "
	       "<sip:x@192.0.2.77>\r\n");
	(void)to(w, "sip:X2@192.0.2.77");
	answer(w, "301 Moved", "Contact: <sip:x@192.0.2.77>;q=0.3, "
	       "<sip:%582@192.0.2.77>\r\n"); /* %58 is X */
	ck_assert_uint_eq(invites(w), 2);
	ck_assert_int_eq(last(w, PARLEY_EV_ENDED)->code, 301);
	done(w);
}
END_TEST

START_TEST(a_call_goes_to_no_more_than_set)
{
	struct ag_rig *w = begin("2");

	call(w, "sip:x@192.0.2.77");
	answer(w, "302 Moved", "Contact: <sip:a@192.0.2.77>\r\n");
	answer(w, "302 Moved", "Contact: <sip:b@192.0.2.77>\r\n");
	answer(w, "302 Moved", "Contact: <sip:c@192.0.2.77>\r\n");
	ck_assert_uint_eq(invites(w), 3);
	ck_assert_int_eq(last(w, PARLEY_EV_ENDED)->code, 302);
	done(w);
}
END_TEST

/* 21.3.4, 21.3.5, 21.6 */
START_TEST(what_names_no_other_is_the_end)
{
	static const char *const line[] = { "305 Use Proxy", "404 Not Found",
		"380 Alternative Service", "603 Decline" };

	for (size_t i = 0; i < COUNT(line); i++) {
		struct ag_rig *w = begin("5");

		call(w, "sip:x@192.0.2.77");
		answer(w, line[i], "Contact: <sip:a@192.0.2.77>\r\n");
		ck_assert_uint_eq(invites(w), 1);
		done(w);
	}
}
END_TEST

START_TEST(a_6xx_is_the_end_whatever_is_left)
{
	struct ag_rig *w = begin("5");

	call(w, "sip:x@192.0.2.77");
	answer(w, "300 Choose", "Contact: <sip:a@192.0.2.77>, "
	       "<sip:b@192.0.2.77>\r\n");
	answer(w, "600 Busy", "");
	ck_assert_uint_eq(invites(w), 2);
	ck_assert_int_eq(last(w, PARLEY_EV_ENDED)->code, 600);
	done(w);
}
END_TEST

/* From sips: to none that is not. */
START_TEST(a_secure_call_stays_secure)
{
	struct mem mem;
	struct redirect r = { 0 };
	struct said *s = said_of("Contact: <sip:a@h>, <sips:b@h>;q=0.1\r\n");

	mem_init(&mem, 0);
	ck_assert_int_eq(redirect_take(&r, &mem, S("sips:x@h"), s), 0);
	ck_assert_str_eq(redirect_next(&r, 5), "sips:b@h");
	ck_assert_ptr_null(redirect_next(&r, 5));
	redirect_fini(&r, &mem);
	ck_assert_int_eq(redirect_take(&r, &mem, S("sip:x@h"), s), 0);
	ck_assert_str_eq(redirect_next(&r, 5), "sip:a@h");
	ck_assert_str_eq(redirect_next(&r, 5), "sips:b@h");
	redirect_fini(&r, &mem);
	ck_assert_uint_eq(mem.used, 0);
	mem_free(&said_mem, s);
}
END_TEST

#define WANT "WWW-Authenticate: Digest realm=\"r\", nonce=\"n\", " \
	"qop=\"auth\"\r\n"

START_TEST(credentials_do_not_go_along)
{
	struct ag_rig *w = begin("5");

	ck_assert_int_eq(ag_set(&w->a, w->a.account, "auth.password", "p"), 0);
	call(w, "sip:x@192.0.2.77");
	answer(w, "401 Unauthorized", WANT);
	ck_has(to(w, "sip:x@192.0.2.77"), "\r\nAuthorization: ");
	answer(w, "302 Moved", "Contact: <sip:y@192.0.2.77>\r\n");
	ck_assert_ptr_null(strstr(to(w, "sip:y@192.0.2.77"), "Authorization"));
	answer(w, "401 Unauthorized", WANT);
	ck_assert_uint_eq(invites(w), 3);
	ck_assert_int_eq(last(w, PARLEY_EV_ENDED)->code, 401);
	done(w);
}
END_TEST

START_TEST(who_hangs_up_is_not_sent_elsewhere)
{
	struct ag_rig *w = begin("5");

	call(w, "sip:x@192.0.2.77");
	ck_assert_int_eq(agent_end(w->a.agent, w->a.session, w->r->now), 0);
	answer(w, "302 Moved", "Contact: <sip:y@192.0.2.77>\r\n");
	ck_assert_uint_eq(invites(w), 1);
	ck_assert_int_eq(last(w, PARLEY_EV_ENDED)->end, PARLEY_CANCELLED);
	done(w);
}
END_TEST

START_TEST(all_that_are_called_get_the_time_of_one)
{
	struct ag_rig *w = begin("5");

	ck_assert_int_eq(ag_set(&w->a, w->a.account, "session.ring_timeout",
				"10"), 0);
	call(w, "sip:x@192.0.2.77");
	answer(w, "180 Ringing", "");
	ag_wait(w, SEC(6));
	answer(w, "302 Moved", "Contact: <sip:y@192.0.2.77>, "
	       "<sip:z@192.0.2.77>\r\n");
	ck_has(to(w, "sip:y@192.0.2.77"), "\r\nExpires: 4\r\n");
	done(w);
}
END_TEST

START_TEST(without_memory_it_is_refused_or_goes_on)
{
	bool whole = false;

	for (uint64_t n = 1; n < 2000 && !whole; n++) {
		struct ag_rig *w = ag_rig_new(n);
		uint64_t blocks;

		if (!w)
			continue;
		(void)!ag_set(&w->a, w->a.account, "sip.redirects", "2");
		if (ag_call_to(w, &w->a, "sip:x@192.0.2.77", NULL, 0) == 0 &&
		    rig_packet(w->r, w->a.ua, "INVITE"))
			answer(w, "302 Moved", "Contact: <sip:y@192.0.2.77>, "
			       "<sip:z@192.0.2.77>\r\n");
		if (ag_count(&w->a, PARLEY_EV_REDIRECTED))
			answer(w, "486 Busy Here", "");
		whole = ag_count(&w->a, PARLEY_EV_REDIRECTED) == 2 &&
			w->a.ua->mem.fail_at > w->a.ua->mem.calls;
		ag_wait(w, SEC(300));
		blocks = ag_rig_free(w);
		ck_assert_uint_eq(blocks, 0);
	}
	ck_assert(whole);
}
END_TEST

SUITE(redirect, contacts_are_in_the_order_of_their_q,
      there_are_so_many_contacts, by_itself_a_call_goes_nowhere_else,
      the_end_of_a_call_has_the_fields_of_what_refused_it,
      a_redirected_call_goes_to_one_after_the_other, nobody_is_called_twice,
      a_call_goes_to_no_more_than_set, what_names_no_other_is_the_end,
      a_6xx_is_the_end_whatever_is_left, a_secure_call_stays_secure,
      credentials_do_not_go_along, who_hangs_up_is_not_sent_elsewhere,
      all_that_are_called_get_the_time_of_one,
      without_memory_it_is_refused_or_goes_on);
