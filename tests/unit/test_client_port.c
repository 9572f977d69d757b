/* SPDX-License-Identifier: BSD-2-Clause
 * What client/parley.h says of errors and of objects that are gone. */
#include "tests/unit/suites.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "client/parley.h"

enum { NOBODY = 12345 };

static struct parley *agent(void)
{
	const struct parley_config c = { .size = sizeof(c),
					 .local = "127.0.0.1:0" };
	struct parley *p = NULL;

	ck_assert_int_eq(parley_new(&c, &p), 0);
	return p;
}

START_TEST(a_configuration_that_makes_no_sense)
{
	struct parley_config c = { .size = 0 };
	struct parley *p = NULL;

	ck_assert_int_eq(parley_new(&c, &p), -EINVAL);
	c.size = sizeof(c);
	c.no_udp = c.no_tcp = c.no_tls = true;
	ck_assert_int_eq(parley_new(&c, &p), -EINVAL);
	c.no_tls = false;
	c.tls_cert = "/no/such.pem";
	ck_assert_int_eq(parley_new(&c, &p), -ENOENT);
	c.tls_cert = NULL;
	c.no_tcp = false;
	c.local = "somewhere";
	ck_assert_int_eq(parley_new(&c, &p), -EBADMSG);
	ck_assert_ptr_null(p);
}
END_TEST

/* An application built with an earlier header gives less, a later one more. */
START_TEST(a_configuration_may_be_shorter_or_longer)
{
	static const size_t shorter = offsetof(struct parley_config, no_udp),
			    longer = sizeof(struct parley_config) + 64;
	struct parley_config c = { .local = "127.0.0.1:0" };
	struct parley *p = NULL;
	void *block = calloc(1, longer), *exact = malloc(shorter);

	ck_assert(block && exact);
	ck_assert_int_eq(parley_new(NULL, &p), -EINVAL);
	ck_assert_int_eq(parley_new(&c, NULL), -EINVAL);
	c.size = sizeof(c.size) - 1;
	ck_assert_int_eq(parley_new(&c, &p), -EINVAL);
	c.size = shorter; /* what is behind it is not read */
	memcpy(exact, &c, shorter);
	ck_assert_int_eq(parley_new(exact, &p), 0);
	parley_free(p);
	c.size = longer;
	memcpy(block, &c, sizeof(c));
	ck_assert_int_eq(parley_new(block, &p), 0);
	parley_free(p);
	free(exact);
	free(block);
}
END_TEST

START_TEST(out_of_descriptors_says_so)
{
	const struct parley_config c = { .size = sizeof(c),
					 .local = "127.0.0.1:0" };
	struct parley *p = NULL;
	struct rlimit was, none;
	int rc;

	ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &was), 0);
	none = was;
	none.rlim_cur = 0;
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &none), 0);
	rc = parley_new(&c, &p);
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &was), 0);
	ck_assert_int_eq(rc, -EMFILE);
}
END_TEST

static void turn_in_a_turn(void *arg)
{
	struct parley *p = arg;

	ck_assert_int_eq(parley_step(p, 0), -EBUSY);
	parley_run(p); /* returns at once */
	parley_dispatch(p, NULL, 0);
	parley_stop(p);
}

START_TEST(turns_do_not_nest)
{
	struct parley *p = agent();

	ck_assert_int_eq(parley_post(p, NULL, NULL), -EINVAL);
	ck_assert_int_eq(parley_post(p, turn_in_a_turn, p), 0);
	parley_run(p);
	ck_assert_int_ge(parley_step(p, 0), 0);
	parley_free(p);
}
END_TEST

static void on_log(void *app, int level, const char *line)
{
	unsigned *lines = app;

	ck_assert_int_eq(level, 0);
	ck_assert_str_eq(line,
			 "the trace is cut off: No space left on device");
	++*lines;
}

START_TEST(a_trace_that_a_full_disk_cuts_off_is_told_once)
{
	unsigned lines = 0;
	const struct parley_config c = {
		.size = sizeof(c), .local = "127.0.0.1:0",
		.on_log = on_log, .app = &lines, .trace = "/dev/full",
	};
	struct parley *p = NULL;

	ck_assert_int_eq(parley_new(&c, &p), 0);
	parley_free(p);
	ck_assert_uint_eq(lines, 1);
}
END_TEST

/* RFC 3263 4.3 wants an address of ours for each family that it may come to. */
START_TEST(an_agent_has_addresses_of_both_families)
{
	static const char *const more[] = { "127.0.0.1:0", "[::1]:0",
		"127.0.0.2:0", "127.0.0.3:0", "127.0.0.4:0", "127.0.0.5:0",
		"127.0.0.6:0", "127.0.0.7:0" };
	struct parley_config c = { .size = sizeof(c), .locals = more,
				   .locals_n = 3 };
	struct parley *p = NULL;
	int rc = parley_new(&c, &p);

	if (rc == -EADDRNOTAVAIL) /* no IPv6 here */
		return;
	ck_assert_int_eq(rc, 0);
	ck_assert_int_eq(strncmp(parley_local(p), "127.0.0.1:", 10), 0);
	ck_assert_int_eq(strncmp(parley_local_to(p, "sip:x@[::1]"), "[::1]:",
				 6), 0);
	ck_assert_int_eq(strncmp(parley_local_to(p, "sip:x@127.0.0.9"),
				 "127.0.0.1:", 10), 0);
	parley_free(p);
	c.locals_n = PARLEY_LOCALS;
	ck_assert_int_eq(parley_new(&c, &p), 0);
	parley_free(p);
	c.local = "127.0.0.8:0"; /* with it they are too many */
	ck_assert_int_eq(parley_new(&c, &p), -EINVAL);
	c.locals = &c.local;
	c.local = "nowhere";
	c.locals_n = 1;
	ck_assert_int_eq(parley_new(&c, &p), -EBADMSG);
}
END_TEST

START_TEST(a_port_in_use_is_refused)
{
	struct parley *p = agent(), *q = NULL;
	const struct parley_config c = { .size = sizeof(c),
					 .local = parley_local(p) };

	ck_assert_int_eq(parley_new(&c, &q), -EADDRINUSE);
	parley_free(p);
}
END_TEST

START_TEST(what_is_gone_answers_ENOENT)
{
	struct parley *p = agent();
	struct parley_stats s = { .size = sizeof(s) };
	struct parley_session_info i = { .size = sizeof(i) };
	uint32_t x;
	char text[8];

	ck_assert_int_eq(parley_get(p, NOBODY, "sip.expires", text, 8),
			 -ENOENT);
	ck_assert_int_eq(parley_set(p, NOBODY, "sip.expires", "60"), -ENOENT);
	ck_assert_int_eq(parley_register(p, NOBODY), -ENOENT);
	ck_assert_int_eq(parley_account_remove(p, NOBODY), -ENOENT);
	ck_assert_int_eq(parley_call(p, NOBODY, "sip:b@127.0.0.1", NULL, 0,
				     &x), -ENOENT);
	ck_assert_int_eq(parley_ring(p, NOBODY), -ENOENT);
	ck_assert_int_eq(parley_accept(p, NOBODY, NULL, 0), -ENOENT);
	ck_assert_int_eq(parley_reject(p, NOBODY, 486, NULL), -ENOENT);
	ck_assert_int_eq(parley_end(p, NOBODY), -ENOENT);
	ck_assert_int_eq(parley_hold(p, NOBODY, true), -ENOENT);
	ck_assert_int_eq(parley_stream_add(p, NOBODY, PARLEY_AUDIO, &x),
			 -ENOENT);
	ck_assert_int_eq(parley_stream_remove(p, NOBODY), -ENOENT);
	ck_assert_int_eq(parley_propose(p, NOBODY), -ENOENT);
	ck_assert_int_eq(parley_propose_cancel(p, NOBODY), -ENOENT);
	ck_assert_int_eq(parley_proposal_accept(p, NOBODY, NULL, 0), -ENOENT);
	ck_assert_int_eq(parley_proposal_reject(p, NOBODY), -ENOENT);
	ck_assert_int_eq(parley_dtmf(p, NOBODY, "1"), -ENOENT);
	ck_assert_int_eq(parley_mute(p, NOBODY, true), -ENOENT);
	ck_assert_int_eq(parley_audio(p, NOBODY, "tone:440", NULL), -ENOENT);
	ck_assert_int_eq(parley_stream_stats(p, NOBODY, &s), -ENOENT);
	ck_assert_int_eq(parley_session_get(p, NOBODY, &i), -ENOENT);
	ck_assert_str_eq(parley_error(p), "no such session");
	ck_assert_int_eq(parley_accept(p, NOBODY, NULL, 2), -EINVAL);
	ck_assert_int_eq(parley_call(p, NOBODY, "sip:b@127.0.0.1", NULL, 2,
				     &x), -EINVAL);
	s.size = i.size = 0;
	ck_assert_int_eq(parley_stream_stats(p, NOBODY, &s), -EINVAL);
	ck_assert_int_eq(parley_session_get(p, NOBODY, &i), -EINVAL);
	ck_assert_uint_eq(parley_streams(p, NOBODY, NULL, 2), 0);
	ck_assert_int_eq(parley_get(p, 0, "agent.name", NULL, 0), -ENOSPC);
	parley_free(p);
}
END_TEST

START_TEST(sound_is_looked_at_before_there_is_a_call)
{
	static const struct {
		const char *source, *sink, *why;
	} wrong[] = {
		{ "rubbish", NULL, "no such kind of source" },
		{ "file", NULL, "no such kind of source" },
		{ "files:x", NULL, "no such kind of source" },
		{ "tone", NULL, "a tone is 1 to 20000 Hz" },
		{ "tone:0", NULL, "a tone is 1 to 20000 Hz" },
		{ "tone:20001", NULL, "a tone is 1 to 20000 Hz" },
		{ "tone:4x", NULL, "a tone is 1 to 20000 Hz" },
		{ NULL, "rubbish", "no such kind of sink" },
		{ NULL, "file", "no such kind of sink" },
		{ NULL, "tone:440", "no such kind of sink" },
		{ "device:a", "device:b", "source and sink are one device" },
	};
	struct parley *p = agent();
	int rc = parley_audio(p, 0, "tone:440", "null");

	if (rc == -ENOTSUP) { /* a build without audio */
		parley_free(p);
		return;
	}
	ck_assert_int_eq(rc, 0);
	ck_assert_int_eq(parley_audio(p, 0, "file:/no/such.wav", NULL),
			 -ENOENT);
	ck_assert_str_eq(parley_error(p), "No such file or directory");
	ck_assert_int_eq(parley_audio(p, 0, NULL, "file:/no/such.wav"),
			 -ENOENT);
	for (size_t i = 0; i < COUNT(wrong); i++) {
		ck_assert_int_eq(parley_audio(p, 0, wrong[i].source,
					      wrong[i].sink), -EINVAL);
		ck_assert_str_eq(parley_error(p), wrong[i].why);
	}
	ck_assert_int_eq(parley_audio(p, 0, "tone:1", NULL), 0);
	ck_assert_int_eq(parley_audio(p, 0, "tone:20000", NULL), 0);
	parley_free(p);
}
END_TEST

START_TEST(the_reason_is_that_of_the_last_call)
{
	struct parley *p = agent();
	char text[4];
	uint32_t account;

	ck_assert_str_eq(parley_error(p), "");
	ck_assert_int_eq(parley_account_add(p, "nonsense", &account),
			 -EBADMSG);
	ck_assert_str_eq(parley_error(p), "not a SIP address: nonsense");
	ck_assert_int_eq(parley_account_add(p, "sip:a@b", &account), 0);
	ck_assert_str_eq(parley_error(p), "");
	ck_assert_int_eq(parley_set(p, account, "sip.expires", "1"), -ERANGE);
	ck_assert_str_ne(parley_error(p), "");
	ck_assert_int_eq(parley_get(p, 0, "agent.name", text, 4), -ENOSPC);
	ck_assert_str_eq(parley_error(p), "no room for the value");
	ck_assert_int_eq(parley_set(p, account, "sip.expires", "60"), 0);
	ck_assert_str_eq(parley_error(p), "");
	parley_free(p);
}
END_TEST

struct bell {
	struct parley *p;
	unsigned rung;
	uint32_t next;
};

static void ring(void *arg)
{
	struct bell *b = arg;

	if (++b->rung < 3) {
		ck_assert_int_eq(parley_timer_start(b->p, 1, ring, b,
						    &b->next), 0);
		return;
	}
	parley_free(b->p); /* with those that wait */
}

START_TEST(timers_run_once_unless_they_are_stopped)
{
	struct bell b = { .p = agent() };
	struct parley *p = b.p;
	uint32_t one, never, late;

	ck_assert_int_eq(parley_timer_start(p, 1, NULL, &b, &one), -EINVAL);
	ck_assert_int_eq(parley_timer_start(p, -1, ring, &b, &one), -EINVAL);
	ck_assert_int_eq(parley_timer_start(p, 1, ring, &b, &one), 0);
	ck_assert_int_eq(parley_timer_start(p, 0, ring, &b, &never), 0);
	ck_assert_int_eq(parley_timer_start(p, 60000, ring, &b, &late), 0);
	ck_assert_int_eq(parley_timer_stop(p, never), 0);
	ck_assert_int_eq(parley_timer_stop(p, never), -ENOENT);
	ck_assert_str_eq(parley_error(p), "no such timer");
	parley_run(p); /* until it is freed */
	ck_assert_uint_eq(b.rung, 3);
	ck_assert_uint_ne(b.next, one);
}
END_TEST

START_TEST(a_failing_start_says_why)
{
	char why[80] = "x";
	struct parley_config c = { .size = sizeof(c), .local = "somewhere",
				   .error = why, .error_cap = sizeof(why) };
	struct parley *p = NULL, *q = NULL;

	ck_assert_int_eq(parley_new(&c, &p), -EBADMSG);
	ck_assert_str_eq(why, "local is no address with a port");
	c.local = "127.0.0.1:0";
	ck_assert_int_eq(parley_new(&c, &p), 0);
	ck_assert_str_eq(why, "");
	c.local = parley_local(p);
	ck_assert_int_eq(parley_new(&c, &q), -EADDRINUSE);
	ck_assert_str_eq(why, "another program uses that port");
	parley_free(p);
}
END_TEST

START_TEST(the_version_is_that_of_the_header)
{
	char text[32];

	ck_assert_str_eq(parley_version(), PARLEY_VERSION);
	snprintf(text, sizeof(text), "%d.%d.%d", PARLEY_VERSION_MAJOR,
		 PARLEY_VERSION_MINOR, PARLEY_VERSION_PATCH);
	ck_assert_str_eq(text, PARLEY_VERSION);
}
END_TEST

START_TEST(objects_carry_a_pointer_of_the_applications)
{
	struct parley *p = agent();
	uint32_t account, session = 0;
	int x, y, z;

	ck_assert_int_eq(parley_account_add(p, "sip:a@b", &account), 0);
	ck_assert_ptr_null(parley_app(p, account));
	ck_assert_int_eq(parley_set_app(p, account, &x), 0);
	ck_assert_ptr_eq(parley_app(p, account), &x);
	ck_assert_int_eq(parley_set_app(p, 0, &z), 0);
	ck_assert_ptr_eq(parley_app(p, 0), &z);
	if (parley_call(p, account, "sip:b@127.0.0.1:9", NULL, 0,
			&session) == 0) { /* else a build without audio */
		uint32_t stream;

		ck_assert_int_eq(parley_set_app(p, session, &y), 0);
		ck_assert_ptr_eq(parley_app(p, session), &y);
		ck_assert_uint_eq(parley_streams(p, session, &stream, 1), 1);
		ck_assert_int_eq(parley_set_app(p, stream, &z), 0);
		ck_assert_ptr_eq(parley_app(p, stream), &z);
	}
	ck_assert_ptr_eq(parley_app(p, account), &x);
	ck_assert_int_eq(parley_set_app(p, NOBODY, &x), -ENOENT);
	ck_assert_ptr_null(parley_app(p, NOBODY));
	parley_free(p);
}
END_TEST

SUITE(client_port, an_agent_has_addresses_of_both_families,
      timers_run_once_unless_they_are_stopped,
      a_failing_start_says_why,
      the_version_is_that_of_the_header,
      objects_carry_a_pointer_of_the_applications,
      a_configuration_that_makes_no_sense,
      a_configuration_may_be_shorter_or_longer, out_of_descriptors_says_so,
      turns_do_not_nest, a_trace_that_a_full_disk_cuts_off_is_told_once,
      a_port_in_use_is_refused, what_is_gone_answers_ENOENT,
      sound_is_looked_at_before_there_is_a_call,
      the_reason_is_that_of_the_last_call);
