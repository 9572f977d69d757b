/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/suites.h"

#include "sip/core/sip_ist.h"

/* 17.2.1: "unless it knows that the TU will generate a response in 200 ms" */
START_TEST(trying_after_200_ms_of_silence)
{
	struct sip_ist t;

	ck_assert_uint_eq(sip_ist_start(&t, false, 0), SIP_IST_PASS_UP);
	ck_assert_uint_eq(sip_ist_on_invite(&t), 0);
	ck_assert_uint_eq(sip_ist_on_time(&t, MS(200) - 1), 0);
	ck_assert_uint_eq(sip_ist_on_time(&t, MS(200)), SIP_IST_100);
	ck_assert_uint_eq(sip_ist_on_invite(&t), SIP_IST_SEND);
	ck_assert_int_eq(sip_ist_deadline(&t), MONO_NEVER);
}
END_TEST

START_TEST(a_quick_180_needs_no_100)
{
	struct sip_ist t;

	ck_assert_uint_eq(sip_ist_start(&t, false, 0), SIP_IST_PASS_UP);
	ck_assert_uint_eq(sip_ist_respond(&t, 180, MS(10)), SIP_IST_SEND);
	ck_assert_int_eq(sip_ist_deadline(&t), MONO_NEVER);
	ck_assert_uint_eq(sip_ist_on_transport_error(&t), SIP_IST_FAILED);
	ck_assert_uint_eq(sip_ist_on_invite(&t), SIP_IST_SEND);
}
END_TEST

/* G: 0.5 1 2 4 4 4 ... s within H = 32 s: the first and ten repeats. */
START_TEST(failure_without_ack_is_sent_11_times)
{
	struct sip_ist t;
	mono now = 0;
	unsigned sends = 0, out = sip_ist_start(&t, false, now);

	ck_assert_uint_eq(out, SIP_IST_PASS_UP);
	for (out = sip_ist_respond(&t, 486, now); !(out & SIP_IST_NO_ACK);
	     out = sip_ist_on_time(&t, now)) {
		sends += (out & SIP_IST_SEND) != 0;
		now = sip_ist_deadline(&t);
	}
	ck_assert_uint_eq(sends, 11);
	ck_assert_int_eq(now, SEC(32));
}
END_TEST

/* 17.2.1: I = T4 on UDP, 0 on TCP; no G on TCP. */
START_TEST(ack_confirms_and_is_absorbed_for_t4)
{
	struct sip_ist t;

	ck_assert_uint_eq(sip_ist_start(&t, false, 0), SIP_IST_PASS_UP);
	ck_assert_uint_eq(sip_ist_on_ack(&t, 1), 0);
	ck_assert_uint_eq(sip_ist_respond(&t, 404, 0), SIP_IST_SEND);
	ck_assert_uint_eq(sip_ist_respond(&t, 200, 0), 0);
	ck_assert_uint_eq(sip_ist_on_ack(&t, SEC(1)), 0);
	ck_assert_uint_eq(sip_ist_on_ack(&t, SEC(2)), 0);
	ck_assert_uint_eq(sip_ist_on_invite(&t), 0);
	ck_assert_uint_eq(sip_ist_on_time(&t, SEC(6)), SIP_IST_DONE);

	ck_assert_uint_eq(sip_ist_start(&t, true, 0), SIP_IST_PASS_UP);
	ck_assert_uint_eq(sip_ist_respond(&t, 404, 0), SIP_IST_SEND);
	ck_assert_int_eq(sip_ist_deadline(&t), SEC(32));
	ck_assert_uint_eq(sip_ist_on_ack(&t, SEC(1)), SIP_IST_DONE);
}
END_TEST

/* RFC 6026 8.7: INVITE absorbed, ACK up, 2xx again down, L = 64*T1. */
START_TEST(accepted_lives_for_timer_l)
{
	for (int reliable = 0; reliable < 2; reliable++) {
		struct sip_ist t;

		ck_assert_uint_eq(sip_ist_start(&t, reliable, 0),
				  SIP_IST_PASS_UP);
		ck_assert_uint_eq(sip_ist_respond(&t, 200, SEC(1)),
				  SIP_IST_SEND);
		ck_assert_uint_eq(sip_ist_on_invite(&t), 0);
		ck_assert_uint_eq(sip_ist_respond(&t, 200, SEC(2)),
				  SIP_IST_SEND);
		ck_assert_uint_eq(sip_ist_respond(&t, 486, SEC(2)), 0);
		ck_assert_uint_eq(sip_ist_on_ack(&t, SEC(3)),
				  SIP_IST_PASS_UP);
		ck_assert_uint_eq(sip_ist_on_ack(&t, SEC(4)),
				  SIP_IST_PASS_UP);
		ck_assert_uint_eq(sip_ist_on_transport_error(&t),
				  SIP_IST_FAILED);
		ck_assert_int_eq(sip_ist_deadline(&t), SEC(33));
		ck_assert_uint_eq(sip_ist_on_time(&t, SEC(33)), SIP_IST_DONE);
		ck_assert_uint_eq(sip_ist_on_ack(&t, SEC(34)), 0);
	}
}
END_TEST

SUITE(sip_ist, trying_after_200_ms_of_silence, a_quick_180_needs_no_100,
      failure_without_ack_is_sent_11_times,
      ack_confirms_and_is_absorbed_for_t4, accepted_lives_for_timer_l);
