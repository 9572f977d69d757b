/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/suites.h"

#include "sip/usage/sip_oa.h"

enum { BODY = 1, EMPTY = 0 };

static void both(struct sip_oa *from, struct sip_oa *to, enum sip_oa_kind k,
		 bool body, enum sip_oa_role role)
{
	ck_assert_int_eq((int)sip_oa_sent(from, k, body), (int)role);
	ck_assert_int_eq((int)sip_oa_received(to, k, body), (int)role);
}

/* RFC 6337 Table 1, pattern 1. */
START_TEST(offer_in_invite_answer_in_2xx)
{
	struct sip_oa a = { 0 }, b = { 0 };

	both(&a, &b, SIP_OA_INVITE, BODY, SIP_OA_OFFER);
	both(&b, &a, SIP_OA_1XX, EMPTY, SIP_OA_NONE);
	both(&b, &a, SIP_OA_1XX, BODY, SIP_OA_PREVIEW);
	both(&b, &a, SIP_OA_2XX, BODY, SIP_OA_ANSWER);
	both(&a, &b, SIP_OA_ACK, EMPTY, SIP_OA_NONE);
	ck_assert(sip_oa_is_up(&a) && sip_oa_is_up(&b));
	both(&b, &a, SIP_OA_INVITE, BODY, SIP_OA_OFFER);
}
END_TEST

/* RFC 3261 13.2.1: the first description counts, also when the 2xx does not
 * repeat it, as who sends it must (RFC 6337 3.1.1); not an older INVITE's. */
START_TEST(a_2xx_without_what_a_1xx_had_is_answered_by_that)
{
	struct sip_oa a = { 0 }, b = { 0 };

	for (int round = 0; round < 2; round++) {
		both(&a, &b, SIP_OA_INVITE, BODY, SIP_OA_OFFER);
		both(&b, &a, SIP_OA_1XX, BODY, SIP_OA_PREVIEW);
		both(&b, &a, SIP_OA_1XX, EMPTY, SIP_OA_NONE);
		ck_assert_int_eq((int)sip_oa_sent(&b, SIP_OA_2XX, EMPTY),
				 (int)SIP_OA_VIOLATION);
		ck_assert_int_eq((int)sip_oa_received(&a, SIP_OA_2XX, EMPTY),
				 (int)SIP_OA_ANSWER);
		ck_assert_int_eq((int)sip_oa_sent(&b, SIP_OA_2XX, BODY),
				 (int)SIP_OA_ANSWER);
		both(&a, &b, SIP_OA_ACK, EMPTY, SIP_OA_NONE);
	}
	both(&a, &b, SIP_OA_INVITE, BODY, SIP_OA_OFFER);
	ck_assert_int_eq((int)sip_oa_received(&a, SIP_OA_2XX, EMPTY),
			 (int)SIP_OA_VIOLATION);
}
END_TEST

/* Pattern 2: offerless INVITE, first and later ones. */
START_TEST(offer_in_2xx_answer_in_ack)
{
	struct sip_oa a = { 0 }, b = { 0 };
	bool due;

	for (int round = 0; round < 2; round++) {
		both(&a, &b, SIP_OA_INVITE, EMPTY, SIP_OA_NONE);
		both(&b, &a, SIP_OA_1XX, BODY, SIP_OA_IGNORE);
		ck_assert_int_eq((int)sip_oa_would(&b, SIP_OA_2XX, &due),
				 (int)SIP_OA_OFFER);
		ck_assert(due);
		both(&b, &a, SIP_OA_2XX, BODY, SIP_OA_OFFER);
		ck_assert_int_eq((int)sip_oa_would(&a, SIP_OA_ACK, &due),
				 (int)SIP_OA_ANSWER);
		ck_assert(due);
		both(&a, &b, SIP_OA_ACK, BODY, SIP_OA_ANSWER);
	}
	ck_assert(sip_oa_is_up(&a) && sip_oa_is_up(&b));
}
END_TEST

START_TEST(what_is_due_and_missing_is_a_violation)
{
	struct sip_oa a = { 0 }, b = { 0 };

	both(&a, &b, SIP_OA_INVITE, BODY, SIP_OA_OFFER);
	both(&b, &a, SIP_OA_2XX, EMPTY, SIP_OA_VIOLATION);
	a = b = (struct sip_oa){ 0 };
	both(&a, &b, SIP_OA_INVITE, EMPTY, SIP_OA_NONE);
	both(&b, &a, SIP_OA_2XX, EMPTY, SIP_OA_VIOLATION);
	both(&b, &a, SIP_OA_2XX, BODY, SIP_OA_OFFER);
	both(&a, &b, SIP_OA_ACK, EMPTY, SIP_OA_VIOLATION);
	ck_assert(!sip_oa_is_up(&a) && !sip_oa_is_up(&b));
}
END_TEST

/* RFC 6337 Figure 1: F1..F13. */
START_TEST(figure_1_reliable_answer_then_prack_offer)
{
	struct sip_oa a = { 0 }, b = { 0 };

	both(&a, &b, SIP_OA_INVITE, BODY, SIP_OA_OFFER);
	both(&b, &a, SIP_OA_1XX, BODY, SIP_OA_PREVIEW);
	both(&b, &a, SIP_OA_1XX_REL, EMPTY, SIP_OA_NONE);
	both(&a, &b, SIP_OA_PRACK, EMPTY, SIP_OA_NONE);
	both(&b, &a, SIP_OA_PRACK_2XX, EMPTY, SIP_OA_NONE);
	both(&b, &a, SIP_OA_1XX_REL, BODY, SIP_OA_ANSWER);
	both(&a, &b, SIP_OA_PRACK, BODY, SIP_OA_OFFER);
	both(&b, &a, SIP_OA_PRACK_2XX, BODY, SIP_OA_ANSWER);
	both(&b, &a, SIP_OA_1XX_REL, BODY, SIP_OA_IGNORE);
	both(&a, &b, SIP_OA_UPDATE, BODY, SIP_OA_OFFER);
	both(&b, &a, SIP_OA_UPDATE_2XX, BODY, SIP_OA_ANSWER);
	both(&b, &a, SIP_OA_2XX, BODY, SIP_OA_IGNORE);
	both(&a, &b, SIP_OA_ACK, EMPTY, SIP_OA_NONE);
}
END_TEST

/* RFC 6337 Figure 2: the first reliable 1xx must have the offer. */
START_TEST(figure_2_reliable_offer_answered_by_prack)
{
	struct sip_oa a = { 0 }, b = { 0 };

	both(&a, &b, SIP_OA_INVITE, EMPTY, SIP_OA_NONE);
	both(&b, &a, SIP_OA_1XX, EMPTY, SIP_OA_NONE);
	both(&b, &a, SIP_OA_1XX_REL, EMPTY, SIP_OA_VIOLATION);
	both(&b, &a, SIP_OA_1XX_REL, BODY, SIP_OA_OFFER);
	both(&a, &b, SIP_OA_PRACK, EMPTY, SIP_OA_VIOLATION);
	both(&a, &b, SIP_OA_PRACK, BODY, SIP_OA_ANSWER);
	/* Figure 6: no UPDATE with an offer before the PRACK's 2xx */
	both(&b, &a, SIP_OA_UPDATE, EMPTY, SIP_OA_NONE);
	both(&a, &b, SIP_OA_UPDATE_2XX, EMPTY, SIP_OA_NONE);
	ck_assert_int_eq((int)sip_oa_sent(&b, SIP_OA_UPDATE, BODY),
			 (int)SIP_OA_VIOLATION);
	both(&b, &a, SIP_OA_PRACK_2XX, EMPTY, SIP_OA_NONE);
	both(&b, &a, SIP_OA_2XX, EMPTY, SIP_OA_NONE);
	both(&a, &b, SIP_OA_ACK, EMPTY, SIP_OA_NONE);
}
END_TEST

/* UAS-IcI and UAS-IsI; RFC 3261 14.2. */
START_TEST(second_invite_is_491_against_ours_and_500_against_theirs)
{
	struct sip_oa a = { .up = true }, b = { .up = true }, x;

	both(&a, &b, SIP_OA_INVITE, BODY, SIP_OA_OFFER);
	ck_assert_int_eq((int)sip_oa_received(&a, SIP_OA_INVITE, BODY),
			 (int)SIP_OA_PENDING);
	ck_assert_int_eq((int)sip_oa_received(&b, SIP_OA_INVITE, BODY),
			 (int)SIP_OA_BUSY);
	ck_assert_int_eq((int)sip_oa_sent(&a, SIP_OA_INVITE, BODY),
			 (int)SIP_OA_VIOLATION);
	ck_assert_int_eq((int)sip_oa_sent(&b, SIP_OA_INVITE, BODY),
			 (int)SIP_OA_VIOLATION);
	both(&b, &a, SIP_OA_2XX, BODY, SIP_OA_ANSWER);
	/* The ACK is lost, a new INVITE stands for it. */
	x = b;
	ck_assert_int_eq((int)sip_oa_received(&x, SIP_OA_INVITE, BODY),
			 (int)SIP_OA_OFFER);
	/* 14.1: but we wait for the ACK before we send one. */
	ck_assert_int_eq((int)sip_oa_sent(&b, SIP_OA_INVITE, BODY),
			 (int)SIP_OA_VIOLATION);
	both(&a, &b, SIP_OA_ACK, EMPTY, SIP_OA_NONE);
	ck_assert_int_eq((int)sip_oa_sent(&b, SIP_OA_INVITE, BODY),
			 (int)SIP_OA_OFFER);
}
END_TEST

START_TEST(ack_with_the_answer_must_come_before_the_next_invite)
{
	struct sip_oa a = { .up = true }, b = { .up = true };

	both(&a, &b, SIP_OA_INVITE, EMPTY, SIP_OA_NONE);
	both(&b, &a, SIP_OA_2XX, BODY, SIP_OA_OFFER);
	ck_assert_int_eq((int)sip_oa_received(&b, SIP_OA_INVITE, BODY),
			 (int)SIP_OA_BUSY);
	ck_assert_int_eq((int)sip_oa_received(&a, SIP_OA_INVITE, BODY),
			 (int)SIP_OA_PENDING);
}
END_TEST

/* UAS-UcU, UAS-UsU, UAS-UcI, UAS-UsI, Figures 7, 12, 14 to 17. */
START_TEST(updates_and_invites_keep_out_of_each_other)
{
	struct sip_oa a = { .up = true }, b = { .up = true };

	both(&a, &b, SIP_OA_UPDATE, BODY, SIP_OA_OFFER);
	ck_assert_int_eq((int)sip_oa_received(&a, SIP_OA_UPDATE, BODY),
			 (int)SIP_OA_PENDING);
	ck_assert_int_eq((int)sip_oa_received(&b, SIP_OA_UPDATE, BODY),
			 (int)SIP_OA_BUSY);
	ck_assert_int_eq((int)sip_oa_received(&a, SIP_OA_INVITE, EMPTY),
			 (int)SIP_OA_PENDING);
	ck_assert_int_eq((int)sip_oa_received(&b, SIP_OA_INVITE, EMPTY),
			 (int)SIP_OA_BUSY);
	both(&b, &a, SIP_OA_UPDATE_FAIL, BODY, SIP_OA_IGNORE);
	both(&a, &b, SIP_OA_INVITE, BODY, SIP_OA_OFFER); /* Figure 7 */
	ck_assert_int_eq((int)sip_oa_received(&a, SIP_OA_UPDATE, BODY),
			 (int)SIP_OA_PENDING);
	both(&b, &a, SIP_OA_FAILURE, EMPTY, SIP_OA_NONE);
	both(&a, &b, SIP_OA_INVITE, EMPTY, SIP_OA_NONE); /* Figure 12 */
	both(&b, &a, SIP_OA_2XX, BODY, SIP_OA_OFFER);
	ck_assert_int_eq((int)sip_oa_received(&b, SIP_OA_UPDATE, BODY),
			 (int)SIP_OA_BUSY);
	ck_assert_int_eq((int)sip_oa_received(&b, SIP_OA_UPDATE, EMPTY),
			 (int)SIP_OA_NONE);
}
END_TEST

START_TEST(failed_invite_leaves_the_session_up)
{
	struct sip_oa a = { .up = true }, b = { .up = true };

	both(&a, &b, SIP_OA_INVITE, BODY, SIP_OA_OFFER);
	both(&b, &a, SIP_OA_FAILURE, BODY, SIP_OA_IGNORE);
	ck_assert(sip_oa_is_up(&a) && sip_oa_is_up(&b));
	both(&b, &a, SIP_OA_INVITE, BODY, SIP_OA_OFFER);
}
END_TEST

START_TEST(update_cannot_be_the_first_offer)
{
	struct sip_oa a = { 0 };
	bool due;

	ck_assert_int_eq((int)sip_oa_sent(&a, SIP_OA_UPDATE, BODY),
			 (int)SIP_OA_VIOLATION);
	ck_assert_int_eq((int)sip_oa_would(&a, SIP_OA_UPDATE, &due),
			 (int)SIP_OA_IGNORE);
	ck_assert(!due);
}
END_TEST

SUITE(sip_oa, offer_in_invite_answer_in_2xx,
      a_2xx_without_what_a_1xx_had_is_answered_by_that,
      offer_in_2xx_answer_in_ack,
      what_is_due_and_missing_is_a_violation,
      figure_1_reliable_answer_then_prack_offer,
      figure_2_reliable_offer_answered_by_prack,
      second_invite_is_491_against_ours_and_500_against_theirs,
      ack_with_the_answer_must_come_before_the_next_invite,
      updates_and_invites_keep_out_of_each_other,
      failed_invite_leaves_the_session_up, update_cannot_be_the_first_offer);
