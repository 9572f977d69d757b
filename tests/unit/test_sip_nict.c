/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/suites.h"

#include "sip/core/sip_nict.h"

/* RFC 3261 17.1.2.2: gaps of 0.5 1 2 4 4 4 ... s; F at 64*T1 = 32 s. */
START_TEST(silent_peer_gets_11_sends_then_timeout_at_32s)
{
	struct sip_nict t;
	mono now = 0;
	unsigned sends = 0, out = sip_nict_start(&t, false, now);

	for (; !(out & SIP_NICT_TIMED_OUT); out = sip_nict_on_time(&t, now)) {
		sends += (out & SIP_NICT_SEND) != 0;
		now = sip_nict_deadline(&t);
	}
	ck_assert_uint_eq(sends, 11);
	ck_assert_int_eq(now, MS(32000));
	ck_assert_int_eq(sip_nict_deadline(&t), MONO_NEVER);
}
END_TEST

START_TEST(reliable_transport_sends_once)
{
	struct sip_nict t;

	ck_assert_uint_eq(sip_nict_start(&t, true, 0), SIP_NICT_SEND);
	ck_assert_int_eq(sip_nict_deadline(&t), SEC(32));
	ck_assert_uint_eq(sip_nict_on_time(&t, SEC(31)), 0);
	ck_assert_uint_eq(sip_nict_on_time(&t, SEC(32)), SIP_NICT_TIMED_OUT);
}
END_TEST

/* 17.1.2.2: in Proceeding E is always reset to T2. */
START_TEST(provisional_slows_to_t2)
{
	struct sip_nict t;

	ck_assert_uint_eq(sip_nict_start(&t, false, 0), SIP_NICT_SEND);
	ck_assert_uint_eq(sip_nict_on_response(&t, 100, MS(100)),
			  SIP_NICT_PASS_UP);
	ck_assert_uint_eq(sip_nict_on_time(&t, MS(500)), SIP_NICT_SEND);
	ck_assert_int_eq(sip_nict_deadline(&t), MS(4500));
}
END_TEST

/* 17.1.2.2: K = T4 on UDP, 0 on TCP. */
START_TEST(completed_absorbs_for_t4)
{
	struct sip_nict t;

	ck_assert_uint_eq(sip_nict_start(&t, false, 0), SIP_NICT_SEND);
	ck_assert_uint_eq(sip_nict_on_response(&t, 200, SEC(1)),
			  SIP_NICT_PASS_UP);
	ck_assert_uint_eq(sip_nict_on_response(&t, 200, SEC(2)), 0);
	ck_assert_uint_eq(sip_nict_on_response(&t, 100, SEC(2)), 0);
	ck_assert_uint_eq(sip_nict_on_transport_error(&t), 0);
	ck_assert_uint_eq(sip_nict_on_time(&t, SEC(6) - 1), 0);
	ck_assert_uint_eq(sip_nict_on_time(&t, SEC(6)), SIP_NICT_DONE);

	ck_assert_uint_eq(sip_nict_start(&t, true, 0), SIP_NICT_SEND);
	ck_assert_uint_eq(sip_nict_on_response(&t, 404, SEC(1)),
			  SIP_NICT_PASS_UP | SIP_NICT_DONE);
}
END_TEST

START_TEST(transport_error_ends_it)
{
	struct sip_nict t;

	ck_assert_uint_eq(sip_nict_start(&t, false, 0), SIP_NICT_SEND);
	ck_assert_uint_eq(sip_nict_on_transport_error(&t),
			  SIP_NICT_UNREACHABLE);
	ck_assert_uint_eq(sip_nict_on_response(&t, 200, 1), 0);
	ck_assert_uint_eq(sip_nict_on_transport_error(&t), 0);
	ck_assert_uint_eq(sip_nict_on_time(&t, SEC(99)), 0);
}
END_TEST

SUITE(sip_nict, silent_peer_gets_11_sends_then_timeout_at_32s,
      reliable_transport_sends_once, provisional_slows_to_t2,
      completed_absorbs_for_t4, transport_error_ends_it);
