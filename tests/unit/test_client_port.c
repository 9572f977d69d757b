/* SPDX-License-Identifier: BSD-2-Clause
 * What client/parley.h says of errors and of objects that are gone. */
#include "tests/unit/suites.h"

#include <errno.h>

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
	c.no_udp = c.no_tcp = true;
	ck_assert_int_eq(parley_new(&c, &p), -EINVAL);
	c.no_tcp = false;
	c.local = "somewhere";
	ck_assert_int_eq(parley_new(&c, &p), -EBADMSG);
	ck_assert_ptr_null(p);
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

SUITE(client_port, a_configuration_that_makes_no_sense,
      a_port_in_use_is_refused, what_is_gone_answers_ENOENT,
      the_reason_is_that_of_the_last_call);
