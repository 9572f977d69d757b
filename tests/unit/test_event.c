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

/* Of a peer's refusal: its words, and what it warned of. */
START_TEST(an_event_has_the_reason_and_the_warning)
{
	static struct parley_event ev;
	struct agent_out o = { .event = PARLEY_EV_ENDED, .code = 488,
			       .reason = S("Not\nhere"),
			       .warning = S("305 no \x1B codec") };

	event_from_out(&ev, &o);
	ck_assert_int_eq((int)parley_event_kind(&ev), (int)PARLEY_EV_ENDED);
	ck_assert_int_eq(parley_event_code(&ev), 488);
	ck_assert_str_eq(parley_event_reason(&ev), "Not here");
	ck_assert_str_eq(parley_event_warning(&ev), "305 no   codec");
}
END_TEST

SUITE(event, control_characters_do_not_get_through,
      a_long_text_is_cut_between_characters,
      an_event_has_the_reason_and_the_warning);
