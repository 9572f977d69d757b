/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/suites.h"

#include "client/event.h"

/* What a peer sent may end in a terminal.  RFC 3261 25.1: a quoted-pair may
 * hold any control character but CR and LF; U+009B is C1's CSI. */
START_TEST(control_characters_do_not_get_through)
{
	char out[EVENT_TEXT];

	event_text(out, S("\"a\\\x1B[31m\x7F\x07\" <sip:a@b>"));
	ck_assert_str_eq(out, "\"a\\ [31m  \" <sip:a@b>");
	event_text(out, S("\xC2\x9B" "31m \xC2\xA0 \xC3\xA4"));
	ck_assert_str_eq(out, " 31m \xC2\xA0 \xC3\xA4");
	event_text(out, S("x\\\0y"));
	ck_assert_str_eq(out, "x\\ y");
}
END_TEST

START_TEST(a_long_text_is_cut_between_characters)
{
	char in[2 * EVENT_TEXT], out[EVENT_TEXT];

	for (size_t i = 0; i < sizeof(in); i += 2)
		memcpy(in + i, "\xC3\xA4", 2);
	event_text(out, slice_of(in, sizeof(in)));
	ck_assert_uint_eq(strlen(out), EVENT_TEXT - 2);
	event_text(out, slice_of(NULL, 0));
	ck_assert_str_eq(out, "");
}
END_TEST

SUITE(event, control_characters_do_not_get_through,
      a_long_text_is_cut_between_characters);
