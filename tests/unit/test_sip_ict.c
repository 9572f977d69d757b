/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/suites.h"

#include "sip/core/sip_ict.h"

/* RFC 3261 17.1.1.2: A doubles from T1, B at 64*T1, "the amount of time
 * required to send seven requests". */
START_TEST(silent_peer_gets_7_sends_then_timeout_at_32s)
{
	struct sip_ict t;
	mono now = 0;
	unsigned sends = 0, out = sip_ict_start(&t, false, now);

	for (; !(out & SIP_ICT_TIMED_OUT); out = sip_ict_on_time(&t, now)) {
		sends += (out & SIP_ICT_SEND) != 0;
		now = sip_ict_deadline(&t);
	}
	ck_assert_uint_eq(sends, 7);
	ck_assert_int_eq(now, SEC(32));
	ck_assert_int_eq(sip_ict_deadline(&t), MONO_NEVER);
}
END_TEST

START_TEST(provisional_stops_all_timers)
{
	struct sip_ict t;

	ck_assert_uint_eq(sip_ict_start(&t, false, 0), SIP_ICT_SEND);
	ck_assert_uint_eq(sip_ict_on_response(&t, 100, 1), SIP_ICT_PASS_UP);
	ck_assert_uint_eq(sip_ict_on_response(&t, 180, 2), SIP_ICT_PASS_UP);
	ck_assert_int_eq(sip_ict_deadline(&t), MONO_NEVER);
	ck_assert_uint_eq(sip_ict_on_time(&t, SEC(4000)), 0);
	ck_assert_uint_eq(sip_ict_on_transport_error(&t), 0);
}
END_TEST

START_TEST(failure_is_acked_once_for_each_repeat_during_timer_d)
{
	struct sip_ict t;

	ck_assert_uint_eq(sip_ict_start(&t, false, 0), SIP_ICT_SEND);
	ck_assert_uint_eq(sip_ict_on_response(&t, 486, SEC(1)),
			  SIP_ICT_ACK | SIP_ICT_PASS_UP);
	ck_assert_uint_eq(sip_ict_on_response(&t, 486, SEC(2)), SIP_ICT_ACK);
	ck_assert_uint_eq(sip_ict_on_response(&t, 180, SEC(2)), 0);
	ck_assert_uint_eq(sip_ict_on_response(&t, 200, SEC(2)), 0);
	ck_assert_uint_eq(sip_ict_on_time(&t, SEC(33) - 1), 0);
	ck_assert_uint_eq(sip_ict_on_time(&t, SEC(33)), SIP_ICT_DONE);
}
END_TEST

START_TEST(failure_over_tcp_ends_at_once)
{
	struct sip_ict t;

	ck_assert_uint_eq(sip_ict_start(&t, true, 0), SIP_ICT_SEND);
	ck_assert_int_eq(sip_ict_deadline(&t), SEC(32));
	ck_assert_uint_eq(sip_ict_on_response(&t, 302, SEC(1)),
			  SIP_ICT_ACK | SIP_ICT_PASS_UP | SIP_ICT_DONE);
}
END_TEST

/* RFC 6026 8.4: every 2xx goes up during M = 64*T1, on any transport. */
START_TEST(accepted_passes_each_2xx_up)
{
	for (int reliable = 0; reliable < 2; reliable++) {
		struct sip_ict t;

		ck_assert_uint_eq(sip_ict_start(&t, reliable, 0),
				  SIP_ICT_SEND);
		ck_assert_uint_eq(sip_ict_on_response(&t, 200, SEC(1)),
				  SIP_ICT_PASS_UP);
		ck_assert_uint_eq(sip_ict_on_response(&t, 202, SEC(2)),
				  SIP_ICT_PASS_UP);
		ck_assert_uint_eq(sip_ict_on_response(&t, 180, SEC(2)), 0);
		ck_assert_uint_eq(sip_ict_on_response(&t, 486, SEC(2)), 0);
		ck_assert_uint_eq(sip_ict_on_transport_error(&t), 0);
		ck_assert_int_eq(sip_ict_deadline(&t), SEC(33));
		ck_assert_uint_eq(sip_ict_on_time(&t, SEC(33)), SIP_ICT_DONE);
	}
}
END_TEST

/* 9.1: no final response within 64*T1 of the CANCEL. */
START_TEST(cancelled_without_final_response_times_out)
{
	struct sip_ict t;

	ck_assert_uint_eq(sip_ict_start(&t, false, 0), SIP_ICT_SEND);
	ck_assert_uint_eq(sip_ict_on_response(&t, 180, 1), SIP_ICT_PASS_UP);
	sip_ict_on_cancel(&t, SEC(10));
	sip_ict_on_cancel(&t, SEC(20)); /* no later for asking twice */
	ck_assert_uint_eq(sip_ict_on_time(&t, SEC(42)), SIP_ICT_TIMED_OUT);
}
END_TEST

START_TEST(transport_error_while_calling_or_acking)
{
	struct sip_ict t;

	ck_assert_uint_eq(sip_ict_start(&t, false, 0), SIP_ICT_SEND);
	ck_assert_uint_eq(sip_ict_on_transport_error(&t), SIP_ICT_UNREACHABLE);
	ck_assert_uint_eq(sip_ict_on_transport_error(&t), 0);
	ck_assert_uint_eq(sip_ict_on_response(&t, 200, 0), 0);
	ck_assert_uint_eq(sip_ict_start(&t, false, 0), SIP_ICT_SEND);
	ck_assert_uint_eq(sip_ict_on_response(&t, 500, 0),
			  SIP_ICT_ACK | SIP_ICT_PASS_UP);
	ck_assert_uint_eq(sip_ict_on_transport_error(&t), SIP_ICT_UNREACHABLE);
}
END_TEST

SUITE(sip_ict, silent_peer_gets_7_sends_then_timeout_at_32s,
      provisional_stops_all_timers,
      failure_is_acked_once_for_each_repeat_during_timer_d,
      failure_over_tcp_ends_at_once, accepted_passes_each_2xx_up,
      cancelled_without_final_response_times_out,
      transport_error_while_calling_or_acking);
