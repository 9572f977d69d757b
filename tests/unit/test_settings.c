/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/suites.h"

#include <stdlib.h>

#include "client/settings.h"

START_TEST(every_default_is_a_valid_value)
{
	for (size_t i = 0; i < SET_COUNT; i++) {
		const struct parley_setting *r = &settings_table[i].row;
		const char *why = "";

		ck_assert_msg(r->key && r->help && r->initial, "row %zu", i);
		ck_assert_msg(settings_check((enum setting)i,
					     slice_str(r->initial), &why) == 0,
			      "%s: %s", r->key, why);
		ck_assert_uint_eq(settings_find(slice_str(r->key)), i);
	}
	ck_assert_uint_eq(settings_find(S("no.such")), SET_COUNT);
}
END_TEST

START_TEST(values_are_checked_against_their_row)
{
	struct mem m;
	struct settings s;
	const char *why = NULL;

	mem_init(&m, 0);
	settings_init(&s, &m, true);
	ck_assert_int_eq(settings_set(&s, SET_EXPIRES, S("9"), &why), -ERANGE);
	ck_assert_int_eq(settings_set(&s, SET_EXPIRES, S("86401"), &why),
			 -ERANGE);
	ck_assert_int_eq(settings_set(&s, SET_EXPIRES,
				      S("99999999999999999999999"), &why),
			 -ERANGE);
	ck_assert_str_eq(why, "number out of range");
	ck_assert_int_eq(settings_set(&s, SET_EXPIRES, S(""), &why), -EBADMSG);
	ck_assert_int_eq(settings_set(&s, SET_EXPIRES, S("60s"), &why),
			 -EBADMSG);
	ck_assert_str_eq(why, "a whole number wanted");
	ck_assert_int_eq(settings_set(&s, SET_EXPIRES, S("10"), &why), 0);
	ck_assert_int_eq(settings_set(&s, SET_EXPIRES, S("86400"), &why), 0);
	ck_assert_int_eq(settings_int(&s, SET_EXPIRES), 86400);
	ck_assert_int_eq(settings_set(&s, SET_TRANSPORT, S("sctp"), &why),
			 -EBADMSG);
	ck_assert_int_eq(settings_set(&s, SET_TRANSPORT, S("tcp"), &why), 0);
	ck_slice_eq(settings_text(&s, SET_TRANSPORT), "tcp");
	ck_assert_int_eq(settings_set(&s, SET_RTP_EXTERNAL, S("1.2.3.4"), &why),
			 -EBADMSG);
	ck_assert_int_eq(settings_set(&s, SET_RTP_EXTERNAL, S("1.2.3.4:50"),
				      &why), 0);
	ck_assert_int_eq(settings_set(&s, SET_RTP_PORTS, S("4000-4001"), &why),
			 -EINVAL); /* of the agent */
	ck_assert_int_eq(settings_check(SET_DNS_SERVERS,
					S("192.0.2.1:53, [::1]:5353,::1"),
					&why), 0);
	ck_assert_int_eq(settings_check(SET_DNS_SERVERS, S("ns.example:53"),
					&why), -EBADMSG);
	ck_assert_int_eq(settings_check(SET_DNS_SERVERS,
					S("1.1.1.1,1.1.1.2,1.1.1.3,1.1.1.4,"
					  "1.1.1.5,1.1.1.6,1.1.1.7,1.1.1.8,"
					  "1.1.1.9"), &why), -EBADMSG);
	ck_assert_int_eq(settings_check(SET_RTP_PORTS, S("4000-4000"), &why),
			 -EBADMSG);
	ck_assert_int_eq(settings_check(SET_RTP_PORTS, S("4001-4000"), &why),
			 -EBADMSG);
	ck_assert_int_eq(settings_check(SET_RTP_PORTS, S("1-65536"), &why),
			 -EBADMSG);
	/* RFC 3550 11: RTP is on an even port, RTCP on the next. */
	ck_assert_int_eq(settings_check(SET_RTP_PORTS, S("4001-4002"), &why),
			 -EBADMSG);
	ck_assert_int_eq(settings_check(SET_RTP_PORTS, S("4001-4003"), &why),
			 0);
	ck_assert_int_eq(settings_check(SET_RTP_PORTS, S("4000-4001"), &why),
			 0);
	ck_assert_int_eq(settings_set(&s, SET_PROXY, S("192.0.2.1"), &why),
			 -EBADMSG);
	ck_assert_str_eq(why, "a SIP URI wanted");
	ck_assert_int_eq(settings_set(&s, SET_PROXY, S("tel:+1"), &why),
			 -EBADMSG);
	ck_assert_int_eq(settings_set(&s, SET_PROXY, S("sip:192.0.2.1;lr"),
				      &why), 0);
	ck_assert_int_eq(settings_set(&s, SET_PROXY, S(""), &why), 0);
	settings_fini(&s);
	ck_assert_uint_eq(m.blocks, 0);
}
END_TEST

/* Sees each block before it is freed. */
static void *watched(void *ctx, void *p, size_t n)
{
	static size_t size[8];
	static char *block[8];
	void *q = n ? calloc(1, n) : NULL; /* its padding is looked at too */

	for (size_t i = 0; i < 8; i++)
		if (p && block[i] == p) {
			for (size_t k = 0; k + 6 <= size[i]; k++)
				*(unsigned *)ctx += !memcmp(block[i] + k,
							    "secret", 6);
			block[i] = NULL;
		}
	for (size_t i = 0; q && i < 8; i++)
		if (!block[i]) {
			block[i] = q;
			size[i] = n;
			break;
		}
	free(p);
	return q;
}

START_TEST(a_secret_is_wiped_when_replaced_and_freed)
{
	unsigned seen = 0;
	struct mem m;
	struct settings s;

	mem_init(&m, 0);
	m.resize = watched;
	m.ctx = &seen;
	settings_init(&s, &m, true);
	/* That the watcher sees one that is not wiped: */
	ck_assert_int_eq(settings_set(&s, SET_AUTH_USER, S("secret-user"),
				      NULL), 0);
	ck_assert_int_eq(settings_set(&s, SET_AUTH_USER, S("u"), NULL), 0);
	ck_assert_uint_eq(seen, 1);
	ck_assert_int_eq(settings_set(&s, SET_AUTH_PASSWORD, S("my secret"),
				      NULL), 0);
	ck_assert_int_eq(settings_set(&s, SET_AUTH_PASSWORD, S("secret 2"),
				      NULL), 0);
	ck_assert_uint_eq(seen, 1);
	settings_fini(&s);
	ck_assert_uint_eq(seen, 1);
	ck_assert_uint_eq(m.blocks, 0);
}
END_TEST

START_TEST(a_line_break_cannot_enter_a_header)
{
	const char *why = NULL;

	/* RFC 3261 19.1.1: no Request-URI and no Route has headers. */
	ck_assert_int_eq(settings_check(SET_PROXY, S("sip:p.example?a=b"),
					&why), -EBADMSG);
	ck_assert_int_eq(settings_check(SET_REGISTRAR, S("sip:r.example?a=b"),
					&why), -EBADMSG);
	ck_assert_int_eq(settings_check(SET_PROXY, S("sip:p;q@p.example;lr"),
					&why), 0);
	ck_assert_int_eq(settings_check(SET_AGENT_NAME, S("a\r\nVia: x"), &why),
			 -EBADMSG);
	ck_assert_int_eq(settings_check(SET_DISPLAY_NAME, S("J\xC3\xB6rg"),
					&why), 0);
	ck_assert_int_eq(settings_check(SET_DISPLAY_NAME, S("J\xC3"), &why),
			 -EBADMSG);
}
END_TEST

START_TEST(a_delay_of_nothing_is_no_jitter_buffer)
{
	const char *why = NULL;

	/* rtp_jitter.h takes 0 for its own default of 20 ms. */
	ck_assert_int_eq(settings_check(SET_JITTER_MIN, S("0"), &why),
			 -ERANGE);
	ck_assert_int_eq(settings_check(SET_JITTER_MIN, S("1"), &why), 0);
}
END_TEST

/* Said where it is set, not of the first call that would use it. */
START_TEST(an_address_that_cannot_be_used_is_refused)
{
	static const enum setting uri[] = { SET_REGISTRAR, SET_PROXY };
	const char *why = NULL;

	for (size_t i = 0; i < COUNT(uri); i++) {
		ck_assert_int_eq(settings_check(uri[i], S("nonsense"), &why),
				 -EBADMSG);
		ck_assert_str_eq(why, "a SIP URI wanted");
		ck_assert_int_eq(settings_check(uri[i], S("sip:p x"), &why),
				 -EBADMSG);
		ck_assert_int_eq(settings_check(uri[i], S("sip:p:5070;lr"),
						&why), 0);
		ck_assert_int_eq(settings_check(uri[i], S(""), &why), 0);
	}
	ck_assert_int_eq(settings_check(SET_RTP_EXTERNAL, S("192.0.2.1:0"),
					&why), -EBADMSG);
	ck_assert_int_eq(settings_check(SET_RTP_EXTERNAL, S("192.0.2.1:9"),
					&why), 0);
}
END_TEST

START_TEST(when_memory_runs_out_the_old_value_stays)
{
	struct mem m;
	struct settings s;

	mem_init(&m, 0);
	settings_init(&s, &m, true);
	ck_assert_int_eq(settings_set(&s, SET_PTIME, S("30"), NULL), 0);
	m.fail_at = m.calls + 1;
	ck_assert_int_eq(settings_set(&s, SET_PTIME, S("40"), NULL), -ENOMEM);
	ck_assert_int_eq(settings_int(&s, SET_PTIME), 30);
	settings_fini(&s);
	ck_assert_uint_eq(m.blocks, 0);
}
END_TEST

SUITE(settings, every_default_is_a_valid_value,
      a_secret_is_wiped_when_replaced_and_freed,
      an_address_that_cannot_be_used_is_refused,
      a_delay_of_nothing_is_no_jitter_buffer,
      values_are_checked_against_their_row,
      a_line_break_cannot_enter_a_header,
      when_memory_runs_out_the_old_value_stays);
