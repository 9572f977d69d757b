/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/expect.h"

#include "sip/hdr/sip_disposition.h"

START_TEST(handling_is_required_unless_it_says_optional)
{
	struct sip_disposition d;

	ck_parses(sip_disposition_parse(S("session"), &d, &e)); /* 20.11 */
	ck_slice_eq(d.type, "session");
	ck_assert_ptr_null(d.handling.p);
	ck_assert(!d.optional);
	ck_writes(sip_disposition_write, &d, "session");
	ck_parses(sip_disposition_parse(
		S("by-reference ; x ;handling = Optional "), &d, &e));
	ck_assert(d.optional);
	ck_slice_eq(d.handling, "Optional");
	ck_writes(sip_disposition_write, &d,
		  "by-reference;x;handling=Optional");
	ck_parses(sip_disposition_parse(S("a;handling=required"), &d, &e));
	ck_assert(!d.optional);
	ck_parses(sip_disposition_parse(S("a;handling=other"), &d, &e));
	ck_assert(!d.optional);
}
END_TEST

START_TEST(what_it_is_not)
{
	struct sip_disposition d = { .type = S("kept") };

	ck_fails(sip_disposition_parse(S(""), &d, &e), 0,
		 "disposition type wanted");
	ck_fails(sip_disposition_parse(S("a b"), &d, &e), 2,
		 "end of disposition wanted");
	ck_fails(sip_disposition_parse(S("a;"), &d, &e), 2,
		 "parameter wanted");
	ck_fails(sip_disposition_parse(S("a;handling"), &d, &e), 10,
		 "value of handling wanted");
	ck_fails(sip_disposition_parse(S("a;b=c;B"), &d, &e), 6,
		 "parameter twice");
	ck_slice_eq(d.type, "kept");
}
END_TEST

SUITE(sip_disposition, handling_is_required_unless_it_says_optional,
      what_it_is_not);
