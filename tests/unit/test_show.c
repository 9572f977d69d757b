/* SPDX-License-Identifier: BSD-2-Clause
 * What was decoded, as indented text and as JSON. */
#include "tests/unit/suites.h"

#include "tools/decode.h"

static const char *shown(bool json)
{
	static char text[512];
	struct show s = { .json = json };

	s.w = writer_begin(text, sizeof(text) - 1);
	show_begin(&s, NULL);
	show_str(&s, "name", "a\"\x1b[31m");
	show_int(&s, "number", -5);
	show_bool(&s, "yes", true);
	show_hex(&s, "bytes", S("\x01\xab"));
	show_list(&s, "list");
	show_str(&s, NULL, "one");
	show_begin(&s, NULL);
	show_int(&s, "in", 1);
	show_end(&s);
	show_list_end(&s);
	show_list(&s, "empty");
	show_list_end(&s);
	show_str(&s, "body", "v=0\r\no=\x1b\r\n");
	show_end(&s);
	ck_assert_int_ge(writer_end(&s.w), 0);
	text[s.w.n] = '\0';
	return text;
}

START_TEST(json_is_one_object)
{
	ck_assert_str_eq(shown(true),
		"{\"name\":\"a\\\"\\u001b[31m\",\"number\":-5,\"yes\":true,"
		"\"bytes\":\"01ab\",\"list\":[\"one\",{\"in\":1}],"
		"\"empty\":[],"
		"\"body\":\"v=0\\u000d\\u000ao=\\u001b\\u000d\\u000a\"}");
}
END_TEST

START_TEST(text_is_indented_and_drives_no_terminal)
{
	const char *text = shown(false);

	ck_assert_ptr_nonnull(strstr(text, "name: a\"\\x1b[31m\n"));
	ck_assert_ptr_nonnull(strstr(text, "number: -5\n"));
	ck_assert_ptr_nonnull(strstr(text, "  - one\n"));
	ck_assert_ptr_nonnull(strstr(text, "  body:\n    v=0\n    o=\\x1b\n"));
	ck_assert_ptr_nonnull(strstr(text, "  empty:\n"));
	ck_assert_ptr_null(strchr(text, '\x1b'));
	ck_assert_ptr_null(strstr(text, " \n"));
}
END_TEST

/* U+009B is CSI to some terminals, 0x9B alone to others; U+202E and U+2066 turn
 * around what follows.  A letter with two bytes stays. */
START_TEST(no_byte_that_drives_a_terminal_is_shown)
{
	static const struct {
		const char *in, *out;
	} row[] = {
		{ "x\xC2\x9B" "31m", "x\\xc2\\x9b31m" },
		{ "x\x9B" "31m", "x\\x9b31m" },
		{ "x\xE2\x80\xAEy", "x\\xe2\\x80\\xaey" },
		{ "x\xE2\x81\xA6y", "x\\xe2\\x81\\xa6y" },
		{ "x\xE2\x80\x8Fy", "x\\xe2\\x80\\x8fy" },
		{ "x\xE2\x80\xA8y", "x\\xe2\\x80\\xa8y" },
		{ "x\x7Fy", "x\\x7fy" },
		{ "J\xC3\xB6rg", "J\xC3\xB6rg" },
		{ "J\xF6rg", "J\\xf6rg" },
	};
	char text[64];

	for (size_t i = 0; i < COUNT(row); i++) {
		struct show s = { .json = false };

		s.w = writer_begin(text, sizeof(text) - 1);
		show_str(&s, NULL, row[i].in);
		text[s.w.n] = '\0';
		ck_assert_int_eq(strncmp(text, "- ", 2), 0);
		text[s.w.n - 1] = '\0'; /* without its end */
		ck_assert_str_eq(text + 2, row[i].out);
	}
}
END_TEST

SUITE(show, json_is_one_object, text_is_indented_and_drives_no_terminal,
      no_byte_that_drives_a_terminal_is_shown);
