/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/expect.h"

#include "sip/hdr/sip_warning.h"

START_TEST(examples_of_20_43)
{
	struct parse_error e = { 0 };
	struct sip_warning v;
	struct sip_list l = sip_list_begin(
		S("307 isi.edu \"Session parameter 'foo' not understood\",\r\n"
		  " 301\tisi.edu:5060 \"Incompatible \\\"E.164\\\"\", "
		  "000 1.2.3.4_x\"\""), &e);

	ck_assert_int_eq(sip_warning_next(&l, &v), 1);
	ck_assert_uint_eq(v.code, 307);
	ck_slice_eq(v.agent, "isi.edu");
	ck_slice_eq(v.text, "Session parameter 'foo' not understood");
	ck_writes(sip_warning_write, &v, "307 isi.edu \"Session parameter "
		  "'foo' not understood\"");
	ck_assert_int_eq(sip_warning_next(&l, &v), 1);
	ck_slice_eq(v.agent, "isi.edu:5060");
	ck_writes(sip_warning_write, &v,
		  "301 isi.edu:5060 \"Incompatible \\\"E.164\\\"\"");
	ck_assert_int_eq(sip_warning_next(&l, &v), -EBADMSG);
	ck_assert_str_eq(e.reason, "warn-agent wanted");
}
END_TEST

static int all(struct slice in, struct sip_warning *v, struct parse_error *e)
{
	struct sip_list l = sip_list_begin(in, e);
	int rc;

	while ((rc = sip_warning_next(&l, v)) > 0)
		continue;
	return rc;
}

START_TEST(agents)
{
	struct sip_warning v;

	ck_parses(all(S("399 [2001:db8::1]:65535 \"a\""), &v, &e));
	ck_slice_eq(v.agent, "[2001:db8::1]:65535");
	ck_parses(all(S("399 1.2.3.4_x \"a\""), &v, &e));
	ck_slice_eq(v.agent, "1.2.3.4_x");
	ck_parses(all(S("399 _x \"\""), &v, &e));
	ck_slice_eq(v.agent, "_x");
	ck_assert_uint_eq(v.text.n, 0);
	ck_writes(sip_warning_write, &v, "399 _x \"\"");
	v = (struct sip_warning){ .code = 7 };
	ck_writes(sip_warning_write, &v, "007  \"\"");
	ck_fails(all(S("399 a:65536 \"a\""), &v, &e), 4,
		 "warn-agent wanted");
	ck_fails(all(S("399 a: \"a\""), &v, &e), 4, "warn-agent wanted");
	ck_fails(all(S("399 \"a\""), &v, &e), 4, "warn-agent wanted");
	ck_fails(all(S("399 a"), &v, &e), 4, "warn-agent wanted");
	ck_fails(all(S("399 a\"b\""), &v, &e), 4, "warn-agent wanted");
	ck_fails(all(S("399 _a\"b\""), &v, &e), 4, "warn-agent wanted");
}
END_TEST

START_TEST(what_it_is_not)
{
	struct sip_warning v = { .code = 7 };

	ck_fails(all(S(""), &v, &e), 0, "warn-code wanted");
	ck_fails(all(S("30 a \"b\""), &v, &e), 0, "warn-code wanted");
	/* RFC 4475 3.1.2.5 */
	ck_fails(all(S("1812 overture \"In Progress\""), &v, &e), 0,
		 "warn-code wanted");
	ck_fails(all(S("301"), &v, &e), 0, "warn-code wanted");
	ck_fails(all(S("30a a \"b\""), &v, &e), 0, "warn-code wanted");
	ck_fails(all(S("301 a b"), &v, &e), 6, "warn-text in quotes wanted");
	ck_fails(all(S("301 a \"b"), &v, &e), 6,
		 "warn-text in quotes wanted");
	ck_assert_uint_eq(v.code, 7);
	ck_fails(all(S("301 a \"b\" c"), &v, &e), 10, "comma or end wanted");
	ck_fails(all(S("301 a \"b\","), &v, &e), 10, "warn-code wanted");
}
END_TEST

SUITE(sip_warning, examples_of_20_43, agents, what_it_is_not);
