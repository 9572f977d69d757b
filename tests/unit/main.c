/* SPDX-License-Identifier: BSD-2-Clause
 * Runs all suites and ends with "unit: N passed, N failed". */
#include "tests/unit/suites.h"

#include <stdio.h>

typedef Suite *(*suite_fn)(void);
extern const suite_fn all_suites[];

Suite *suite_make(const char *name, const TTest *const *tests, size_t n)
{
	Suite *s = suite_create(name);
	TCase *tc = tcase_create(name);

	for (size_t i = 0; i < n; i++)
		tcase_add_test(tc, tests[i]);
	suite_add_tcase(s, tc);
	return s;
}

int main(void)
{
	SRunner *sr = srunner_create(all_suites[0]());
	int failed, run;

	for (size_t i = 1; all_suites[i]; i++)
		srunner_add_suite(sr, all_suites[i]());
	srunner_run_all(sr, CK_ENV);
	failed = srunner_ntests_failed(sr);
	run = srunner_ntests_run(sr);
	srunner_free(sr);
	printf("unit: %d passed, %d failed\n", run - failed, failed);
	return failed != 0 || run == 0;
}
