/* SPDX-License-Identifier: BSD-2-Clause
 * tests/unit/expect.h - a parser's refusal, to the byte.
 */
#ifndef TESTS_UNIT_EXPECT_H
#define TESTS_UNIT_EXPECT_H
#include "tests/unit/suites.h"

/* call is a parse function's call with &e as its last argument. */
#define ck_fails_code(call, code, at, why)                              \
	do {                                                            \
		struct parse_error e = { 9999, NULL };                  \
		int ck_rc_ = (call);                                    \
		ck_assert_msg(ck_rc_ == (code) && e.offset == (at) &&   \
			      e.reason && strcmp(e.reason, why) == 0,   \
			      "%s: %d at %zu: %s", #call, ck_rc_,       \
			      e.offset, e.reason ? e.reason : "-");     \
	} while (0)
#define ck_fails(call, at, why) ck_fails_code(call, -EBADMSG, at, why)

#define ck_parses(call)                                                 \
	do {                                                            \
		struct parse_error e = { 9999, NULL };                  \
		int ck_rc_ = (call);                                    \
		ck_assert_msg(ck_rc_ == 0, "%s: %d at %zu: %s", #call,  \
			      ck_rc_, e.offset,                         \
			      e.reason ? e.reason : "-");               \
	} while (0)

/* What fn writes of *v. */
#define ck_writes(fn, v, text)                                          \
	do {                                                            \
		char ck_buf_[2048];                                     \
		struct writer ck_w_ =                                   \
			writer_begin(ck_buf_, sizeof(ck_buf_));         \
		fn(&ck_w_, v);                                          \
		ck_assert_int_ge(writer_end(&ck_w_), 0);                \
		ck_slice_eq(writer_done(&ck_w_), text);                 \
	} while (0)
#endif
