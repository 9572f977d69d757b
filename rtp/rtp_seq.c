/* SPDX-License-Identifier: BSD-2-Clause */
#include "rtp/rtp_seq.h"

enum { NO_BAD = 0x10000 };

/* The first number that counts is base, and got of them came in. */
static void seq_begin(struct rtp_seq *s, uint32_t base, uint32_t got)
{
	s->base = base;
	s->max = base + got - 1;
	s->seen[0] = (UINT64_C(1) << got) - 1;
	s->seen[1] = 0;
	s->received = got;
	s->received_prior = s->expected_prior = 0;
	s->bad = NO_BAD;
	s->counting = true;
}

void rtp_seq_init(struct rtp_seq *s, uint16_t seq)
{
	/* 65536 in front, so that numbers before the first stay positive */
	*s = (struct rtp_seq){ .max = 0x10000u + seq - 1, .bad = NO_BAD,
			       .probation = RTP_MIN_SEQUENTIAL };
}

/* A.1: not valid until RTP_MIN_SEQUENTIAL in sequence. */
static enum rtp_seq_verdict probation(struct rtp_seq *s, uint16_t seq)
{
	if (seq == (uint16_t)(s->max + 1)) {
		s->max++;
		if (--s->probation)
			return RTP_SEQ_PROBATION;
		seq_begin(s, s->max + 1 - RTP_MIN_SEQUENTIAL,
			  RTP_MIN_SEQUENTIAL);
		return RTP_SEQ_VALID;
	}
	s->probation = RTP_MIN_SEQUENTIAL - 1;
	s->max = 0x10000u + seq;
	return RTP_SEQ_PROBATION;
}

/* Moves the window of seen numbers n > 0 ahead; the newest is seen. */
static void shift(struct rtp_seq *s, uint32_t n)
{
	if (n >= 128)
		s->seen[0] = s->seen[1] = 0;
	else if (n >= 64) {
		s->seen[1] = s->seen[0] << (n - 64);
		s->seen[0] = 0;
	} else {
		s->seen[1] = s->seen[1] << n | s->seen[0] >> (64 - n);
		s->seen[0] <<= n;
	}
	s->seen[0] |= 1;
}

static enum rtp_seq_verdict behind(struct rtp_seq *s, uint32_t n)
{
	uint64_t bit = UINT64_C(1) << (n % 64);
	bool again = s->seen[n / 64] & bit;

	s->seen[n / 64] |= bit;
	s->received++;
	return again ? RTP_SEQ_DUPLICATE : RTP_SEQ_REORDERED;
}

enum rtp_seq_verdict rtp_seq_on_packet(struct rtp_seq *s, uint16_t seq)
{
	uint16_t ahead = (uint16_t)(seq - (uint16_t)s->max);

	if (s->probation)
		return probation(s, seq);
	if (ahead && ahead < RTP_MAX_DROPOUT) {
		s->max += ahead;
		shift(s, ahead);
		s->received++;
		return RTP_SEQ_NEXT;
	}
	if (ahead && ahead <= NO_BAD - RTP_MAX_MISORDER) {
		if (seq != s->bad) {
			s->bad = (uint16_t)(seq + 1);
			return RTP_SEQ_JUMPED;
		}
		seq_begin(s, 0x10000u + seq, 1);
		s->has_transit = false;
		return RTP_SEQ_RESTARTED;
	}
	return behind(s, (uint16_t)(0u - ahead));
}

void rtp_seq_on_transit(struct rtp_seq *s, uint32_t arrival, uint32_t ts)
{
	uint32_t transit = arrival - ts;
	int32_t d = (int32_t)(transit - s->transit);
	uint32_t size = d < 0 ? 0u - (uint32_t)d : (uint32_t)d;

	s->transit = transit;
	if (!s->has_transit) { /* the first has nothing to differ from */
		s->has_transit = true;
		return;
	}
	/* A.8 in integers; a jump of the clock is no jitter, and would take
	 * the estimate out of its range */
	if (size < UINT32_MAX / 64)
		s->jitter += size - ((s->jitter + 8) >> 4);
}

void rtp_seq_set_rate(struct rtp_seq *s, uint32_t from, uint32_t to,
		      uint32_t transit)
{
	uint64_t jitter = (uint64_t)s->jitter * to / from;

	/* within what rtp_seq_on_transit lets it grow to */
	s->jitter = jitter < UINT32_MAX / 4 ? (uint32_t)jitter :
					      UINT32_MAX / 4;
	s->transit = transit;
}

uint32_t rtp_seq_expected(const struct rtp_seq *s)
{
	return s->counting ? s->max - s->base + 1 : 0;
}

int32_t rtp_seq_lost(const struct rtp_seq *s)
{
	int64_t lost = (int64_t)rtp_seq_expected(s) - s->received;

	if (lost > 0x7FFFFF)
		return 0x7FFFFF;
	return lost < -0x800000 ? -0x800000 : (int32_t)lost;
}

uint32_t rtp_seq_jitter(const struct rtp_seq *s)
{
	return s->jitter >> 4;
}

uint8_t rtp_seq_fraction(struct rtp_seq *s)
{
	uint32_t expected = rtp_seq_expected(s) - s->expected_prior;
	uint32_t received = s->received - s->received_prior;

	s->expected_prior += expected;
	s->received_prior += received;
	if (!expected || received >= expected)
		return 0;
	/* all lost is 256/256, which the octet cannot say */
	if (!received)
		return 255;
	return (uint8_t)((uint64_t)(expected - received) * 256 / expected);
}
