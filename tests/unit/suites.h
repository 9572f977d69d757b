/* SPDX-License-Identifier: BSD-2-Clause
 * tests/unit/suites.h - what every unit test includes first.
 * tests/unit/test_NAME.c defines Suite *suite_NAME(void); the build collects
 * them.  CK_RUN_SUITE=NAME build/<variant>/unit runs one.
 */
#ifndef TESTS_UNIT_SUITES_H
#define TESTS_UNIT_SUITES_H
#include <check.h>

#include "platform/base.h"

/* A suite of one test case from a table of tests. */
Suite *suite_make(const char *name, const TTest *const *tests, size_t n);

#define SUITE(name, ...)                                                \
	Suite *suite_##name(void);                                      \
	Suite *suite_##name(void)                                       \
	{                                                               \
		const TTest *const tests[] = { __VA_ARGS__ };           \
		return suite_make(#name, tests, COUNT(tests));          \
	}                                                               \
	_Static_assert(1, "")

/* Assert on slices, showing both. */
#define ck_slice_eq(s, lit)                                             \
	do {                                                            \
		struct slice ck_s_ = (s);                               \
		ck_assert_msg(slice_eq(ck_s_, lit),                     \
			      "%s is '%.*s', wanted '%s'", #s,          \
			      (int)ck_s_.n, ck_s_.p ? ck_s_.p : "",     \
			      lit);                                     \
	} while (0)
#endif
