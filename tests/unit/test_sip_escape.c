/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/suites.h"

#include "sip/msg/sip_escape.h"
#include "tests/unit/marked.h"

static size_t run(struct slice in, unsigned set, const char *stop)
{
	struct scan s = scan_begin(in, NULL);
	struct slice got = sip_escape_run(&s, set, stop);

	ck_assert(got.p == in.p && got.n == (size_t)(s.p - in.p));
	return got.n;
}

START_TEST(a_run_ends_before_what_is_not_of_it)
{
	ck_assert_uint_eq(run(S("ab;c"), SCAN_ALPHA, NULL), 2);
	ck_assert_uint_eq(run(S("ab%41%4a%4Ac1"), SCAN_ALPHA, NULL), 12);
	ck_assert_uint_eq(run(S("ab%"), SCAN_ALPHA, NULL), 2);
	ck_assert_uint_eq(run(S("ab%4"), SCAN_ALPHA, NULL), 2);
	ck_assert_uint_eq(run(S("ab%4g"), SCAN_ALPHA, NULL), 2);
	ck_assert_uint_eq(run(S("ab%g4"), SCAN_ALPHA, NULL), 2);
	ck_assert_uint_eq(run(S("1"), SCAN_ALPHA, NULL), 0);
	ck_assert_uint_eq(run(S("%41"), SCAN_ALPHA, NULL), 3);
}
END_TEST

START_TEST(a_stop_character_ends_it_too)
{
	ck_assert_uint_eq(run(S("abcd"), SCAN_ALPHA, "xc"), 2);
	ck_assert_uint_eq(run(S("a%63cd"), SCAN_ALPHA, "c"), 4);
	ck_assert_uint_eq(run(S("cab"), SCAN_ALPHA, "c"), 0);
	ck_assert_uint_eq(run(S("ab"), SCAN_ALPHA, "c"), 2);
}
END_TEST

/* Nothing behind either is looked at. */
static bool same(const char *a, const char *b, bool cased)
{
	struct marked p = marked(a), q = marked(b);
	bool ab = sip_escape_same(p.in, q.in, cased);

	ck_assert(sip_escape_same(q.in, p.in, cased) == ab);
	marked_free(&p);
	marked_free(&q);
	return ab;
}

START_TEST(an_escape_is_its_character_unless_that_is_reserved)
{
	ck_assert(same("%61", "a", true));
	ck_assert(same("a%2Db", "a-b", true));
	ck_assert(!same("%3B", ";", true));
	ck_assert(same("%3B", "%3b", true));
	ck_assert(same("%00", "%00", true));
	ck_assert(!same("%00", "%01", true));
	ck_assert(!same("%61", "A", true));
	ck_assert(same("%61", "A", false));
	ck_assert(same("zZ", "Zz", false));
	ck_assert(!same("@", "`", false));
	ck_assert(!same("%5B", "%7B", false)); /* [ and { */
	ck_assert(!same("a", "ab", true));
	ck_assert(same("", "", true));
	ck_assert(sip_escape_same(S(""), (struct slice){ 0 }, true));
	/* No escape: it stands for itself. */
	ck_assert(same("%4", "%4", true));
	ck_assert(!same("%4", "%5", true));
	ck_assert(same("%g1", "%G1", false));
	ck_assert(same("%1g", "%1G", false));
}
END_TEST

SUITE(sip_escape, a_run_ends_before_what_is_not_of_it,
      a_stop_character_ends_it_too,
      an_escape_is_its_character_unless_that_is_reserved);
