/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/suites.h"

#include <string.h>

#include "platform/log.h"

struct lines {
	unsigned n;
	enum log_level level;
	char last[LOG_LINE];
};

static void sink(void *ctx, enum log_level level, const char *line)
{
	struct lines *l = ctx;

	l->n++;
	l->level = level;
	ck_assert_uint_lt(strlen(line), LOG_LINE);
	memcpy(l->last, line, strlen(line) + 1);
}

START_TEST(what_is_wanted_is_written_and_cannot_forge)
{
	static char longer[2 * LOG_LINE];
	struct lines l = { 0 };
	struct log log = { .level = LOG_NOTED, .sink = sink, .ctx = &l };

	log_write(NULL, LOG_FAILED, "x");
	log_write(&(struct log){ 0 }, LOG_FAILED, "x");
	log_write(&log, LOG_DETAIL, "x");
	ck_assert_uint_eq(l.n, 0);
	log_write(&log, LOG_FAILED, "from %s: %d", "a\r\n\x1b[2Jb\x7f", 7);
	ck_assert_uint_eq(l.n, 1);
	ck_assert_uint_eq(l.level, LOG_FAILED);
	ck_assert_str_eq(l.last, "from a???[2Jb?: 7");
	memset(longer, 'x', sizeof(longer) - 1);
	log_write(&log, LOG_NOTED, "%s", longer);
	ck_assert_uint_eq(strlen(l.last), LOG_LINE - 1);
}
END_TEST

SUITE(log, what_is_wanted_is_written_and_cannot_forge);
