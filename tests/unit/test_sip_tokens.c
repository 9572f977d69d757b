/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/expect.h"

#include "sip/hdr/sip_tokens.h"

START_TEST(example_of_20_5)
{
	struct sip_tokens t;

	ck_parses(sip_allow_parse(S("INVITE, ACK,OPTIONS ,\r\n CANCEL, BYE"),
				  &t, &e));
	ck_assert_uint_eq(t.n, 5);
	ck_slice_eq(t.token[0], "INVITE");
	ck_slice_eq(t.token[4], "BYE");
	ck_writes(sip_tokens_write, &t, "INVITE, ACK, OPTIONS, CANCEL, BYE");
	ck_assert(sip_allow_has(&t, "INVITE"));
	ck_assert(sip_allow_has(&t, "BYE"));
	ck_assert(!sip_allow_has(&t, "bye"));
	ck_assert(sip_tokens_have(&t, "bye"));
	ck_assert(!sip_tokens_have(&t, "by"));
	/* what a longer list left behind does not count */
	ck_parses(sip_allow_parse(S("ACK"), &t, &e));
	t.token[1] = S("BYE");
	ck_assert(!sip_allow_has(&t, "BYE"));
	ck_assert(!sip_tokens_have(&t, "bye"));
}
END_TEST

typedef int (*parse_fn)(struct slice, struct sip_tokens *,
			struct parse_error *);

START_TEST(which_may_be_empty)
{
	static const parse_fn some[] = { sip_require_parse,
					 sip_proxy_require_parse,
					 sip_unsupported_parse };
	struct sip_tokens t = { .n = 7 };

	ck_parses(sip_allow_parse(S(""), &t, &e));
	ck_assert_uint_eq(t.n, 0);
	ck_writes(sip_tokens_write, &t, "");
	t.n = 7;
	ck_parses(sip_supported_parse(S(" "), &t, &e));
	ck_assert_uint_eq(t.n, 0);
	for (size_t i = 0; i < COUNT(some); i++) {
		t.n = 7;
		ck_fails(some[i](S(""), &t, &e), 0, "option tag wanted");
		ck_fails(some[i](S("100rel,"), &t, &e), 7,
			 "option tag wanted");
		ck_assert_uint_eq(t.n, 7);
		ck_parses(some[i](S("100rel"), &t, &e)); /* 20.32 */
		ck_assert_uint_eq(t.n, 1);
		ck_slice_eq(t.token[0], "100rel");
	}
	ck_fails(sip_supported_parse(S("a;b"), &t, &e), 1,
		 "comma or end wanted");
	ck_fails(sip_supported_parse(S("a,\"b\""), &t, &e), 2,
		 "option tag wanted");
	ck_fails(sip_allow_parse(S("A,,B"), &t, &e), 2, "method wanted");
}
END_TEST

START_TEST(as_many_as_the_limit)
{
	char text[2 * LIMIT_SIP_VALUES + 1];
	struct sip_tokens t = { .n = 7 };

	memset(text, ',', sizeof(text));
	for (unsigned i = 0; i < sizeof(text); i += 2)
		text[i] = 'a';
	ck_fails_code(sip_allow_parse(slice_of(text, sizeof(text)), &t, &e),
		      -E2BIG, 2 * LIMIT_SIP_VALUES, "too many values");
	ck_assert_uint_eq(t.n, 7);
	ck_parses(sip_allow_parse(slice_of(text, sizeof(text) - 2), &t, &e));
	ck_assert_uint_eq(t.n, LIMIT_SIP_VALUES);
}
END_TEST

SUITE(sip_tokens, example_of_20_5, which_may_be_empty, as_many_as_the_limit);
