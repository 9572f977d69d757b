/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/suites.h"

#include "sip/core/sip_nist.h"

START_TEST(retransmissions_before_a_response_are_discarded)
{
	struct sip_nist t;

	ck_assert_uint_eq(sip_nist_start(&t, false, 0), SIP_NIST_PASS_UP);
	ck_assert_uint_eq(sip_nist_on_request(&t), 0);
	ck_assert_uint_eq(sip_nist_on_transport_error(&t), 0);
}
END_TEST

/* RFC 4320 4.1: 100 once E was reset to T2: 0.5 + 1 + 2 s; no other 1xx. */
START_TEST(trying_is_sent_at_3500_ms_and_no_other_provisional)
{
	struct sip_nist t;

	ck_assert_uint_eq(sip_nist_start(&t, false, 0), SIP_NIST_PASS_UP);
	ck_assert_uint_eq(sip_nist_respond(&t, 180, 1), 0);
	ck_assert_uint_eq(sip_nist_respond(&t, 100, 1), 0);
	ck_assert_uint_eq(sip_nist_on_time(&t, MS(3500) - 1), 0);
	ck_assert_uint_eq(sip_nist_on_time(&t, MS(3500)), SIP_NIST_100);
	ck_assert_uint_eq(sip_nist_on_request(&t), SIP_NIST_SEND);
	ck_assert_int_eq(sip_nist_deadline(&t), SEC(32));
}
END_TEST

/* RFC 4320 4.2: no 408, and nothing after the client's timer F. */
START_TEST(no_408_and_no_late_answer)
{
	struct sip_nist t;

	ck_assert_uint_eq(sip_nist_start(&t, false, 0), SIP_NIST_PASS_UP);
	ck_assert_uint_eq(sip_nist_respond(&t, 408, 1), 0);
	ck_assert_uint_eq(sip_nist_on_time(&t, SEC(32)), SIP_NIST_DONE);
	ck_assert_uint_eq(sip_nist_respond(&t, 200, SEC(33)), 0);
}
END_TEST

/* 17.2.2: J = 64*T1 on UDP, 0 on TCP. */
START_TEST(final_response_is_repeated_for_timer_j)
{
	struct sip_nist t;

	ck_assert_uint_eq(sip_nist_start(&t, false, 0), SIP_NIST_PASS_UP);
	ck_assert_uint_eq(sip_nist_respond(&t, 200, SEC(1)), SIP_NIST_SEND);
	ck_assert_uint_eq(sip_nist_respond(&t, 404, SEC(1)), 0);
	ck_assert_uint_eq(sip_nist_on_request(&t), SIP_NIST_SEND);
	ck_assert_uint_eq(sip_nist_on_time(&t, SEC(33) - 1), 0);
	ck_assert_uint_eq(sip_nist_on_time(&t, SEC(33)), SIP_NIST_DONE);
	ck_assert_uint_eq(sip_nist_on_request(&t), 0);

	ck_assert_uint_eq(sip_nist_start(&t, true, 0), SIP_NIST_PASS_UP);
	ck_assert_uint_eq(sip_nist_respond(&t, 500, 1),
			  SIP_NIST_SEND | SIP_NIST_DONE);
}
END_TEST

START_TEST(transport_error_after_a_response_ends_it)
{
	struct sip_nist t;

	ck_assert_uint_eq(sip_nist_start(&t, false, 0), SIP_NIST_PASS_UP);
	ck_assert_uint_eq(sip_nist_respond(&t, 200, 1), SIP_NIST_SEND);
	ck_assert_uint_eq(sip_nist_on_transport_error(&t), SIP_NIST_FAILED);
	ck_assert_int_eq(sip_nist_deadline(&t), MONO_NEVER);
}
END_TEST

SUITE(sip_nist, retransmissions_before_a_response_are_discarded,
      trying_is_sent_at_3500_ms_and_no_other_provisional,
      no_408_and_no_late_answer, final_response_is_repeated_for_timer_j,
      transport_error_after_a_response_ends_it);
