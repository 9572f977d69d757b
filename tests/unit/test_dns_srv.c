/* SPDX-License-Identifier: BSD-2-Clause
 * RFC 2782: priorities, and weights over 10 000 draws. */
#include "tests/unit/suites.h"

#include "dns/dns_srv.h"

enum { DRAWS = 10000 };

static const uint8_t seed[32] = { 7 };

/* How often each stands where, of a set in this order. */
static void draw(const struct dns_srv_rank *set, size_t n,
		 unsigned count[4][4])
{
	struct dns_srv_rank v[4];
	struct drbg d;

	drbg_init(&d, seed);
	memset(count, 0, sizeof(unsigned[4][4]));
	for (unsigned i = 0; i < DRAWS; i++) {
		memcpy(v, set, n * sizeof(*v));
		dns_srv_order(v, n, &d);
		for (size_t k = 0; k < n; k++)
			count[v[k].index][k]++;
	}
}

/* Within five standard deviations of DRAWS * num / den; their squares:
 * 25 * DRAWS * p * (1 - p). */
static void ck_share(unsigned got, double p)
{
	double off = got - DRAWS * p;

	ck_assert_msg(off * off <= 25 * DRAWS * p * (1 - p) + 1e-6,
		      "%u of %u, wanted %g", got, DRAWS, p);
}

START_TEST(lower_priorities_come_first_always)
{
	static const struct dns_srv_rank set[] = {
		{ 20, 1000, 0 }, { 10, 0, 1 }, { 30, 5, 2 }, { 0, 1, 3 } };
	unsigned c[4][4];

	draw(set, 4, c);
	ck_assert(c[3][0] == DRAWS && c[1][1] == DRAWS && c[0][2] == DRAWS &&
		  c[2][3] == DRAWS);
}
END_TEST

/* The sum is 100, a number of 0 .. 100 is drawn: weight 0, which stands first,
 * has 1 of 101, 10 has 10, 90 has 90.  Behind 90 the sum is 10, of 11 numbers
 * weight 0 has 1. */
START_TEST(weights_are_shares)
{
	static const struct dns_srv_rank set[] = {
		{ 1, 10, 0 }, { 1, 90, 1 }, { 1, 0, 2 } };
	unsigned c[4][4];

	draw(set, 3, c);
	ck_share(c[2][0], 1 / 101.);
	ck_share(c[0][0], 10 / 101.);
	ck_share(c[1][0], 90 / 101.);
	/* second: 0 behind 90 and behind 10 (91 numbers) */
	ck_share(c[2][1], 90 / 101. / 11 + 10 / 101. / 91);
}
END_TEST

START_TEST(weights_60_and_40)
{
	static const struct dns_srv_rank set[] = { { 10, 60, 0 },
						   { 10, 40, 1 },
						   { 20, 0, 2 } };
	unsigned c[4][4];

	draw(set, 3, c);
	ck_assert_uint_eq(c[2][2], DRAWS);
	/* of 101 numbers 0 .. 60 are the first's: the 0 is, too */
	ck_share(c[0][0], 61 / 101.);
}
END_TEST

START_TEST(equal_seeds_draw_alike_and_one_record_is_itself)
{
	struct dns_srv_rank a[3] = { { 1, 5, 0 }, { 1, 5, 1 }, { 1, 5, 2 } },
			    b[3];
	struct drbg d;

	memcpy(b, a, sizeof(a));
	drbg_init(&d, seed);
	dns_srv_order(a, 3, &d);
	drbg_init(&d, seed);
	dns_srv_order(b, 3, &d);
	ck_assert(memcmp(a, b, sizeof(a)) == 0);
	dns_srv_order(a, 1, &d);
	dns_srv_order(a, 0, &d);
	ck_assert(memcmp(a, b, sizeof(a)) == 0);
}
END_TEST

SUITE(dns_srv, lower_priorities_come_first_always, weights_are_shares,
      weights_60_and_40, equal_seeds_draw_alike_and_one_record_is_itself);
