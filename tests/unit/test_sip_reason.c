/* SPDX-License-Identifier: BSD-2-Clause */
#include "sip/core/sip_reason.h"

#include "tests/unit/suites.h"

/* RFC 3261 21.1.1, 21.4.1, 21.4.23, 21.6.4; RFC 6665 8.3.2. */
START_TEST(a_status_has_its_usual_phrase)
{
	ck_slice_eq(sip_reason(100), "Trying");
	ck_slice_eq(sip_reason(400), "Bad Request");
	ck_slice_eq(sip_reason(487), "Request Terminated");
	ck_slice_eq(sip_reason(489), "Bad Event");
	ck_slice_eq(sip_reason(606), "Not Acceptable");
	ck_slice_eq(sip_reason(299), "Unknown");
}
END_TEST

SUITE(sip_reason, a_status_has_its_usual_phrase);
