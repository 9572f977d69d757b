/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/suites.h"

#include "tests/unit/sip_rig.h"

static struct rig *rig;
static struct rig_ua *b;

/* A user that answers 200 to all that it gets, or nothing. */
struct taker {
	struct sip_user tu;
	struct sip_usage use;
	bool keeps_quiet, joins;
	unsigned requests, acks, events, in_usage, times;
	enum sip_event_kind last;
};
static struct taker one, two;

static void on_request(struct sip_user *u, const struct sip_event *ev,
		       struct sip_shared *on, struct sip_usage *use,
		       struct instant now)
{
	struct taker *t = CONTAINER(u, struct taker, tu);
	struct sip_msg m;

	t->requests += ev->kind == SIP_EV_REQUEST;
	t->acks += ev->kind == SIP_EV_ACK;
	t->in_usage += use != NULL;
	ck_assert(!use || (use->on == on && use->user == u));
	if (on && !use && t->joins)
		sip_usage_join(&t->use, on, u);
	if (ev->kind != SIP_EV_REQUEST || t->keeps_quiet)
		return;
	sip_msg_response(&m, 200, S(""));
	ck_assert_int_eq(sip_core_respond(u->all->core, ev->txn, &m, S("us"),
					  now), 0);
}

static void on_event(struct sip_user *u, const struct sip_event *ev,
		     struct instant now)
{
	struct taker *t = CONTAINER(u, struct taker, tu);

	(void)now;
	t->events++;
	t->last = ev->kind;
}

static void on_time(struct sip_user *u, struct instant now)
{
	struct taker *t = CONTAINER(u, struct taker, tu);

	t->times++;
	sip_user_wake(u, mono_add(now.m, SEC(10)));
}

enum { SUB = SIP_METHOD_BIT(SIP_SUBSCRIBE) };
static const char *const packages_one[] = { "one", "uno", NULL };
static const char *const packages_two[] = { "two", NULL };
static const struct sip_user_ops ops_one = {
	.methods = SUB, .anywhere = SUB, .packages = packages_one,
	.accept = "text/one", .supported = "first",
	.request = on_request, .event = on_event,
};
static const struct sip_user_ops ops_two = {
	.methods = SUB | SIP_METHOD_BIT(SIP_MESSAGE), .packages = packages_two,
	.accept = "text/two", .request = on_request, .event = on_event,
	.on_time = on_time,
};

static void begin(void)
{
	rig = rig_new(0, true);
	b = &rig->ua[1];
	b->user = rig_answer_user;
	b->accept = 1;
	one = two = (struct taker){ 0 };
	ck_assert_int_eq(sip_users_add(&b->users, &one.tu, &ops_one), 0);
	ck_assert_int_eq(sip_users_add(&b->users, &two.tu, &ops_two), 0);
}

static void end(void)
{
	sip_usage_leave(&one.use);
	sip_users_remove(&one.tu);
	sip_users_remove(&two.tu);
	ck_assert_uint_eq(rig_free(rig), 0);
}

static const struct addr stranger = { .family = 4, .port = 5060,
				      .ip = { 192, 0, 2, 77 } };

/* in: a tag of To, or "". */
static void ask(const char *method, const char *branch, const char *tag,
		unsigned cseq, const char *more)
{
	char text[RIG_TEXT];

	snprintf(text, sizeof(text), "%s sip:bob@192.0.2.2 SIP/2.0\r\n"
		 "Via: SIP/2.0/UDP 192.0.2.77;branch=z9hG4bK%s\r\n"
		 "Max-Forwards: 70\r\nFrom: <sip:x@y.example>;tag=xtag\r\n"
		 "To: <sip:bob@biloxi.example>%s%s\r\nCall-ID: hand\r\n"
		 "CSeq: %u %s\r\nContact: <sip:x@192.0.2.77>\r\n%s", method,
		 branch, *tag ? ";tag=" : "", tag, cseq, method, more);
	rig_send(rig, b, &stranger, text);
}

static const char *last(void)
{
	return rig_packet(rig, b, "SIP/2.0 ")->text;
}

static void ck_status(const char *status)
{
	ck_assert_msg(strncmp(last() + 8, status, 3) == 0, "%s", last());
}

/* RFC 6665 8.2.1, 7.2.1: the same method, told apart by Event. */
START_TEST(a_package_finds_its_user)
{
	begin();
	ask("SUBSCRIBE", "1", "", 1, "Event: one\r\n\r\n");
	ask("SUBSCRIBE", "2", "", 2, "Event: two;id=4\r\n\r\n");
	ask("SUBSCRIBE", "3", "", 3, "o: uno\r\n\r\n"); /* compact form */
	ck_assert_uint_eq(one.requests, 2);
	ck_assert_uint_eq(two.requests, 1);
	ck_status("200");
	end();
}
END_TEST

/* RFC 6665 8.3.2; names are compared with case (7.2.1). */
START_TEST(a_package_that_nobody_has_is_489)
{
	static const char *const none[] = { "Event: three\r\n\r\n",
					    "Event: ONE\r\n\r\n", "\r\n" };
	char branch[] = "1";

	begin();
	for (size_t i = 0; i < COUNT(none); i++, branch[0]++) {
		ask("SUBSCRIBE", branch, "", 1, none[i]);
		ck_status("489");
		ck_assert(strstr(last(),
				 "\r\nAllow-Events: one, uno, two\r\n"));
	}
	ck_assert_uint_eq(one.requests + two.requests, 0);
	end();
}
END_TEST

/* What the core tells of a request later is for who has it. */
START_TEST(events_go_to_whose_request_it_is)
{
	static const struct sip_path path = { .transport = SIP_TCP,
					      .flow = 7 };

	begin();
	two.keeps_quiet = true;
	ask("SUBSCRIBE", "1", "", 1, "Event: two\r\n\r\n");
	ck_assert_uint_eq(two.requests, 1);
	sip_users_on_event(&b->users, &(struct sip_event){
		.kind = SIP_EV_UNSENT, .user = two.tu.id }, rig->now);
	ck_assert_uint_eq(two.events, 1);
	ck_assert_uint_eq(one.events, 0);
	sip_users_on_event(&b->users, &(struct sip_event){
		.kind = SIP_EV_FLOW_GONE, .path = path }, rig->now);
	ck_assert_uint_eq(two.events, 2);
	ck_assert_uint_eq(one.events, 1);
	ck_assert_int_eq((int)one.last, (int)SIP_EV_FLOW_GONE);
	end();
}
END_TEST

static void call_up(char tag[32])
{
	const char *at;

	ask("INVITE", "i", "", 5, "Content-Type: application/sdp\r\n"
	    "\r\nv=0\r\no=offer\r\n");
	ck_status("200");
	at = strstr(last(), "biloxi.example>;tag=");
	ck_assert(at);
	ck_assert_int_eq(sscanf(at, "biloxi.example>;tag=%31[^\r]", tag), 1);
	ask("ACK", "a", tag, 5, "\r\n");
	ck_assert(rig_last(b, SIP_SESSION_ACKED));
}

/* RFC 5057 5.1: the BYE ends the INVITE usage, not the dialog. */
START_TEST(a_subscription_outlives_the_call)
{
	char tag[32];

	begin();
	one.joins = true;
	call_up(tag);
	ask("SUBSCRIBE", "1", tag, 6, "Event: one\r\n\r\n");
	ck_assert_uint_eq(one.requests, 1);
	ck_assert_uint_eq(one.in_usage, 0);
	ask("BYE", "2", tag, 7, "\r\n");
	ck_assert(rig_last(b, SIP_SESSION_ENDED));
	rig_wait(rig, SEC(40));
	ask("SUBSCRIBE", "3", tag, 8, "Event: one\r\n\r\n");
	ck_status("200");
	ck_assert_uint_eq(one.in_usage, 1);
	/* ... but has no place for the call's requests, and one order. */
	ask("INVITE", "4", tag, 9, "\r\n");
	ck_status("481");
	ask("SUBSCRIBE", "5", tag, 8, "Event: one\r\n\r\n");
	ck_status("500");
	sip_usage_leave(&one.use);
	ask("SUBSCRIBE", "6", tag, 10, "Event: one\r\n\r\n");
	ck_status("481");
	ck_assert_uint_eq(b->users.dialogs.table.count, 0);
	end();
}
END_TEST

/* The core's row for INVITE is the calls'; the dialog says whose it is, and
 * who is to hear of its CANCEL (RFC 3261 9.2). */
START_TEST(what_comes_of_a_request_is_for_who_has_it)
{
	static const struct sip_user_ops ops = {
		.methods = SIP_METHOD_BIT(SIP_INVITE),
		.request = on_request, .event = on_event,
	};
	struct taker third = { .keeps_quiet = true };
	char tag[32];

	begin();
	ck_assert_int_eq(sip_users_add(&b->users, &third.tu, &ops), 0);
	call_up(tag);
	sip_usage_join(&third.use, sip_session_shared(b->calls, b->call),
		       &third.tu); /* the latest is asked first */
	ask("INVITE", "2", tag, 6, "\r\n");
	ck_assert_uint_eq(third.in_usage, 1);
	ask("CANCEL", "2", tag, 6, "\r\n");
	ck_assert_uint_eq(third.events, 1);
	ck_assert_int_eq((int)third.last, (int)SIP_EV_CANCEL);
	sip_usage_leave(&third.use);
	sip_users_remove(&third.tu);
	end();
}
END_TEST

/* two takes SUBSCRIBE in no dialog but its own. */
START_TEST(what_needs_a_usage_is_481_without)
{
	char tag[32];

	begin();
	call_up(tag);
	ask("SUBSCRIBE", "1", tag, 6, "Event: two\r\n\r\n");
	ck_status("481");
	ck_assert_uint_eq(two.requests, 0);
	end();
}
END_TEST

START_TEST(deadlines_are_one)
{
	mono at;

	begin();
	at = mono_add(rig->now.m, SEC(5));
	sip_user_wake(&two.tu, at);
	ck_assert_int_eq(sip_user_wakes(&two.tu), at);
	ck_assert_int_le(sip_users_deadline(&b->users), at);
	rig_wait(rig, SEC(31));
	ck_assert_uint_eq(two.times, 3); /* at 5, 15 and 25 s */
	end();
}
END_TEST

/* Whoever is not due is not looked at: of 2000 that wake in as many different
 * milliseconds each turn wakes one, and an event goes to one. */
START_TEST(two_thousand_cost_what_one_does)
{
	enum { MANY = 2000 };
	static const struct sip_user_ops ops = { .event = on_event,
						 .on_time = on_time };
	static struct taker many[MANY];
	unsigned turns = 0, before = 0, woken, events = 0;
	struct sip_users_out out;

	begin();
	memset(many, 0, sizeof(many));
	for (unsigned i = 0; i < MANY; i++) {
		ck_assert_int_eq(sip_users_add(&b->users, &many[i].tu, &ops),
				 0);
		sip_user_wake(&many[i].tu, mono_add(rig->now.m,
						    MS(1 + i * 7 % MANY)));
	}
	for (unsigned ms = 1; ms <= MANY; ms++, before = woken) {
		rig->now.m += MS(1);
		ck_assert_int_le(sip_users_deadline(&b->users), rig->now.m);
		sip_users_on_time(&b->users, rig->now);
		while (sip_users_poll(&b->users, &out, rig->now))
			turns++;
		woken = 0;
		for (unsigned i = 0; i < MANY; i++)
			woken += many[i].times;
		ck_assert_uint_eq(woken, before + 1);
	}
	ck_assert_uint_eq(turns, 0);
	sip_users_on_event(&b->users, &(struct sip_event){
		.kind = SIP_EV_TIMEOUT, .user = many[1234].tu.id }, rig->now);
	for (unsigned i = 0; i < MANY; i++)
		events += many[i].events;
	ck_assert_uint_eq(events, 1);
	ck_assert_uint_eq(many[1234].events, 1);
	for (unsigned i = 0; i < MANY; i++)
		sip_users_remove(&many[i].tu);
	/* Who is gone hears nothing, nor does who has the place after him. */
	sip_users_on_event(&b->users, &(struct sip_event){
		.kind = SIP_EV_TIMEOUT, .user = many[1234].tu.id }, rig->now);
	ck_assert_uint_eq(many[1234].events, 1);
	end();
}
END_TEST

/* What came first is told first, each until it has no more, and all of it
 * before the core is asked for more. */
struct teller {
	struct sip_user tu;
	unsigned left;
	const char *name;
};

static const void *tell(struct sip_user *u, struct instant now)
{
	struct teller *t = CONTAINER(u, struct teller, tu);

	(void)now;
	return t->left && t->left-- ? t->name : NULL;
}

START_TEST(results_come_out_in_their_order)
{
	static const struct sip_user_ops ops = { .event = on_event,
						 .poll = tell };
	struct teller t[2] = { { .left = 2, .name = "a" },
			       { .left = 1, .name = "b" } };
	struct sip_users_out out;
	char said[8] = "";

	begin();
	for (unsigned i = 0; i < 2; i++) {
		ck_assert_int_eq(sip_users_add(&b->users, &t[i].tu, &ops), 0);
		ck_assert_int_ne(sip_users_deadline(&b->users), 0);
	}
	sip_user_tells(&t[1].tu);
	sip_user_tells(&t[0].tu);
	sip_user_tells(&t[1].tu); /* again: once is enough */
	ck_assert_int_eq(sip_users_deadline(&b->users), 0);
	while (sip_users_poll(&b->users, &out, rig->now)) {
		ck_assert(out.is_result);
		ck_assert(!sip_session_result(&out.result));
		said[strlen(said)] = *(const char *)out.result.event;
	}
	ck_assert_str_eq(said, "baa");
	t[0].left = 1; /* who goes takes what he had to tell along */
	sip_user_tells(&t[0].tu);
	sip_users_remove(&t[0].tu);
	sip_users_remove(&t[1].tu);
	ck_assert(!sip_users_poll(&b->users, &out, rig->now));
	end();
}
END_TEST

START_TEST(all_say_what_they_take)
{
	char room[128];
	struct writer w = writer_begin(room, sizeof(room));

	begin();
	sip_users_write_accept(&b->users, &w);
	ck_slice_eq(writer_done(&w), "application/sdp, multipart/mixed, "
		    "multipart/alternative, text/one, text/two");
	w = writer_begin(room, sizeof(room));
	sip_users_write_supported(&b->users, &w);
	ck_slice_eq(writer_done(&w), "first");
	end();
}
END_TEST

SUITE(sip_users, a_package_finds_its_user, a_package_that_nobody_has_is_489,
      events_go_to_whose_request_it_is, a_subscription_outlives_the_call,
      what_comes_of_a_request_is_for_who_has_it,
      what_needs_a_usage_is_481_without, deadlines_are_one,
      two_thousand_cost_what_one_does, results_come_out_in_their_order,
      all_say_what_they_take);
