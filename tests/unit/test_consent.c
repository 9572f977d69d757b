/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/suites.h"

#include "client/consent.h"

enum { PACKET = 172, ON_WIRE = PACKET + 28, TICK = 20 };

static const struct consent_rules rules = {
	.unproven = MS(4000), .octets = 40000, .timeout = SEC(30),
};

static struct consent ledger;

static struct addr at(unsigned host)
{
	return addr_v4(192, 0, (uint8_t)(host / 200), (uint8_t)(host % 200),
		       4000);
}

static struct consent_stream agreed(struct consent_call *call, unsigned host,
				    mono now)
{
	struct consent_stream s = { 0 };
	struct consent_terms t = { .to = at(host) };

	consent_agree(call, &s, &t, now);
	return s;
}

/* A packet each 20 ms from then, for ms; how many went out. */
static unsigned speak(struct consent_call *call, struct consent_stream *s,
		      mono from, unsigned ms)
{
	unsigned n = 0;

	for (unsigned t = 0; t < ms; t += TICK)
		n += consent_send(&ledger, call, s, &rules, PACKET,
				  from + MS(t));
	return n;
}

/* 40 000 octets are 200 packets of G.711, or what goes out in 4 s. */
START_TEST(an_unproved_address_gets_four_seconds)
{
	struct consent_call call = { 0 };
	struct consent_stream s;
	unsigned n = 0;

	consent_init(&ledger);
	s = agreed(&call, 1, 0);
	ck_assert_uint_eq(speak(&call, &s, 0, 60000), 40000 / ON_WIRE);
	ck_assert_int_eq(s.why, CONSENT_UNPROVED);
	consent_end(&s, SEC(60));
	/* few octets: by time */
	consent_init(&ledger);
	call = (struct consent_call){ 0 };
	s = agreed(&call, 1, 0);
	for (unsigned t = 0; t < 10000; t += TICK)
		n += consent_send(&ledger, &call, &s, &rules, 10, MS(t));
	ck_assert_uint_eq(n, 4000 / TICK);
	consent_end(&s, SEC(60));
}
END_TEST

/* The first valid packet resumes, and what was spent on the right address is
 * not held against others. */
START_TEST(a_packet_proves_and_gives_back)
{
	struct consent_call call = { 0 }, other = { 0 };
	struct consent_stream s, o;
	struct addr a = at(1);

	consent_init(&ledger);
	s = agreed(&call, 1, 0);
	o = agreed(&other, 1, 0);
	(void)speak(&call, &s, 0, 5000);
	ck_assert_uint_eq(speak(&other, &o, SEC(1), 1000), 0);
	consent_on_packet(&call, &s, &a, SEC(6));
	ck_assert_int_eq(s.why, CONSENT_GIVEN);
	ck_assert_uint_eq(speak(&call, &s, SEC(6), 20000), 1000);
	ck_assert_uint_eq(call.octets, 0);
	/* the other call's address is not proved by this */
	ck_assert_int_eq(o.why, CONSENT_UNPROVED);
	o = agreed(&other, 1, SEC(30));
	ck_assert_uint_eq(speak(&other, &o, SEC(30), 9000), 200);
	consent_end(&s, SEC(60));
	consent_end(&o, SEC(60));
}
END_TEST

/* Streams of a call, to whatever addresses; calls to one address; one after the
 * other; and a description that goes to and fro. */
START_TEST(all_that_is_unproved_is_counted_together)
{
	struct consent_call call[4] = { 0 };
	struct consent_stream s[4];
	unsigned n = 0;
	struct consent_terms to[2] = { { .to = at(1) }, { .to = at(2) } };

	consent_init(&ledger); /* four streams of one call */
	for (unsigned i = 0; i < 4; i++)
		s[i] = agreed(&call[0], 1 + i, 0);
	for (unsigned t = 0; t < 9000; t += TICK)
		for (unsigned i = 0; i < 4; i++)
			n += consent_send(&ledger, &call[0], &s[i], &rules,
					  PACKET, MS(t));
	ck_assert_uint_eq(n, 200);
	for (unsigned i = 0; i < 4; i++)
		consent_end(&s[i], SEC(9));

	consent_init(&ledger); /* a stream of each of four calls */
	n = 0;
	for (unsigned i = 0; i < 4; i++) {
		call[i] = (struct consent_call){ 0 };
		s[i] = agreed(&call[i], 1, 0);
		n += speak(&call[i], &s[i], SEC(i), 900);
	}
	ck_assert_uint_eq(n, 4 * 45);
	ck_assert_uint_eq(speak(&call[3], &s[3], SEC(4), 900), 0);
	for (unsigned i = 0; i < 4; i++)
		consent_end(&s[i], SEC(9));

	consent_init(&ledger); /* one after the other: for 64 s */
	n = 0;
	for (unsigned i = 0; i < 60; i++) {
		call[0] = (struct consent_call){ 0 };
		s[0] = agreed(&call[0], 1, SEC(i));
		n += speak(&call[0], &s[0], SEC(i), 900);
		consent_end(&s[0], SEC(i) + MS(950));
	}
	ck_assert_uint_eq(n, 4 * 45);
	call[0] = (struct consent_call){ 0 };
	s[0] = agreed(&call[0], 1, SEC(200));
	ck_assert_uint_eq(speak(&call[0], &s[0], SEC(200), 9000), 200);

	for (unsigned i = 0; i < 20; i++) { /* to and fro */
		consent_agree(&call[0], &s[0], &to[i & 1], SEC(210 + i));
		ck_assert_uint_eq(speak(&call[0], &s[0], SEC(210 + i), 900),
				  0);
	}
	consent_end(&s[0], SEC(300));
}
END_TEST

/* Each is acknowledged after 300 ms, and what it sent until then does not count
 * any more. */
START_TEST(calls_that_are_acknowledged_do_not_wear_the_budget_out)
{
	consent_init(&ledger);
	for (unsigned i = 0; i < 1000; i++) {
		struct consent_call call = { 0 };
		struct consent_stream s = agreed(&call, 1, MS(200) * i);

		ck_assert_uint_eq(speak(&call, &s, MS(200) * i, 300), 15);
		consent_on_ack(&call, &s);
		ck_assert_uint_eq(speak(&call, &s, MS(200) * i + MS(300), 9000),
				  450);
		consent_end(&s, MS(200) * i + SEC(10));
	}
}
END_TEST

/* With all places taken by calls that prove nothing, what proves itself is
 * heard, and the others wait. */
START_TEST(the_ledger_is_bounded)
{
	static struct consent_stream s[CONSENT_PLACES + 1];
	static struct consent_call call[CONSENT_PLACES + 1];
	struct addr last = at(CONSENT_PLACES);

	consent_init(&ledger);
	for (unsigned i = 0; i <= CONSENT_PLACES; i++) {
		call[i] = (struct consent_call){ 0 };
		s[i] = agreed(&call[i], i, 0);
		ck_assert_uint_eq(speak(&call[i], &s[i], 0, TICK),
				  i < CONSENT_PLACES);
	}
	consent_on_packet(&call[CONSENT_PLACES], &s[CONSENT_PLACES], &last, 0);
	ck_assert_uint_eq(speak(&call[CONSENT_PLACES], &s[CONSENT_PLACES], 0,
				200), 10);
	/* one that proves itself makes room at once */
	last = at(0);
	consent_on_packet(&call[0], &s[0], &last, 0);
	s[CONSENT_PLACES] = agreed(&call[CONSENT_PLACES], 399, 0);
	ck_assert_uint_eq(speak(&call[CONSENT_PLACES], &s[CONSENT_PLACES], 0,
				200), 10);
	for (unsigned i = 0; i <= CONSENT_PLACES; i++)
		consent_end(&s[i], SEC(1));
}
END_TEST

/* rtp.timeout after the agreement; not for one that may be silent; until the
 * first packet. */
START_TEST(a_peer_never_heard_is_left_alone_after_the_timeout)
{
	struct consent_call call = { 0 };
	struct consent_terms t = { .to = at(1), .acked = true };
	struct consent_stream s = { 0 };
	struct addr a = at(1);

	consent_init(&ledger);
	consent_agree(&call, &s, &t, SEC(5));
	ck_assert_uint_eq(speak(&call, &s, SEC(5), 90000), 1500);
	ck_assert_int_eq(s.why, CONSENT_UNHEARD);
	consent_agree(&call, &s, &t, SEC(100)); /* described anew */
	ck_assert_uint_eq(speak(&call, &s, SEC(100), 90000), 1500);
	t.quiet = true;
	consent_agree(&call, &s, &t, SEC(200));
	ck_assert_uint_eq(speak(&call, &s, SEC(200), 90000), 4500);
	t.quiet = false;
	consent_agree(&call, &s, &t, SEC(300));
	ck_assert_uint_eq(speak(&call, &s, SEC(300), 90000), 1500);
	consent_on_packet(&call, &s, &a, SEC(400));
	ck_assert_uint_eq(speak(&call, &s, SEC(400), 90000), 4500);
	/* our own call, answered from elsewhere: as long, and no budget */
	s = (struct consent_stream){ 0 };
	t = (struct consent_terms){ .to = at(2), .asked = true };
	consent_agree(&call, &s, &t, SEC(500));
	ck_assert_uint_eq(speak(&call, &s, SEC(500), 90000), 1500);
	/* ... until the peer moves it */
	t = (struct consent_terms){ .to = at(3) };
	consent_agree(&call, &s, &t, SEC(600));
	ck_assert_uint_eq(speak(&call, &s, SEC(600), 90000), 200);
	consent_end(&s, SEC(700));
}
END_TEST

START_TEST(three_icmp_errors_in_a_row_stop_it)
{
	struct consent_call call = { 0 };
	struct consent_stream s;
	struct addr a = at(1);

	consent_init(&ledger);
	s = agreed(&call, 1, 0);
	consent_on_error(&s);
	consent_on_error(&s);
	ck_assert_uint_eq(speak(&call, &s, 0, 200), 10);
	consent_on_packet(&call, &s, &a, MS(200)); /* it is there */
	consent_on_error(&s);
	consent_on_error(&s);
	ck_assert_uint_eq(speak(&call, &s, MS(200), 200), 10);
	consent_on_error(&s);
	ck_assert_uint_eq(speak(&call, &s, MS(400), 200), 0);
	ck_assert_int_eq(s.why, CONSENT_REFUSED);
	consent_on_packet(&call, &s, &a, MS(600));
	ck_assert_uint_eq(speak(&call, &s, MS(600), 200), 10);
}
END_TEST

/* RFC 8083 4.1: 15 s without a report of one that reported; the first packet
 * resumes.  4.2: five reports of the same number, 5 s apart; then packets
 * resume after as long again, or a new description at once. */
START_TEST(what_the_peer_reports_stops_it)
{
	struct consent_call call = { 0 };
	struct consent_terms t = { .to = at(1) };
	struct rtp_report r = { .on_us = true, .highest = 1, .rtt = MS(40) };
	struct consent_stream s;
	struct addr a = at(1);

	consent_init(&ledger);
	s = agreed(&call, 1, 0);
	consent_on_packet(&call, &s, &a, 0);
	ck_assert_uint_eq(speak(&call, &s, 0, 60000), 3000); /* never did */
	consent_on_packet(&call, &s, &a, SEC(60));
	consent_on_report(&s, &r, SEC(60));
	ck_assert_uint_eq(speak(&call, &s, SEC(60), 60000), 750);
	ck_assert_int_eq(s.why, CONSENT_UNREPORTED);
	consent_on_packet(&call, &s, &a, SEC(120));
	ck_assert_int_eq(s.why, CONSENT_GIVEN);
	for (unsigned i = 0; i < 5; i++) {
		ck_assert_uint_eq(speak(&call, &s, SEC(120 + 5 * i), 5000),
				  250);
		consent_on_report(&s, &r, SEC(125 + 5 * i));
		consent_on_packet(&call, &s, &a, SEC(125 + 5 * i));
	}
	ck_assert_uint_eq(speak(&call, &s, SEC(145), 5000), 0);
	ck_assert_int_eq(s.why, CONSENT_UNRECEIVED);
	consent_on_packet(&call, &s, &a, SEC(170) - 1); /* 145 + 25 s */
	ck_assert_int_eq(s.why, CONSENT_UNRECEIVED);
	consent_on_packet(&call, &s, &a, SEC(170));
	ck_assert_int_eq(s.why, CONSENT_GIVEN);
	for (unsigned i = 0; i < 5; i++) {
		ck_assert_uint_eq(speak(&call, &s, SEC(170 + 5 * i), 5000),
				  250);
		consent_on_report(&s, &r, SEC(175 + 5 * i));
	}
	ck_assert_uint_eq(speak(&call, &s, SEC(195), 5000), 0);
	consent_agree(&call, &s, &t, SEC(200));
	ck_assert_uint_eq(speak(&call, &s, SEC(200), 5000), 250);
	/* elsewhere somebody else is, who never reported */
	t.to = at(2);
	t.acked = true;
	consent_agree(&call, &s, &t, SEC(205));
	ck_assert_uint_eq(speak(&call, &s, SEC(205), 29000), 1450);
	consent_end(&s, SEC(300));
}
END_TEST

START_TEST(some_addresses_are_no_peers)
{
	static const struct {
		const char *to, *host;
		bool may;
	} row[] = {
		{ "192.0.2.1", "198.51.100.1", true },
		{ "0.0.0.0", "198.51.100.1", true }, /* hold: goes nowhere */
		{ "0.1.2.3", "198.51.100.1", false },
		{ "255.255.255.255", "198.51.100.1", false },
		{ "224.0.0.1", "198.51.100.1", false },
		{ "239.255.255.255", "198.51.100.1", false },
		{ "ff02::1", "2001:db8::1", false },
		{ "169.254.1.1", "198.51.100.1", false },
		{ "169.254.1.1", "169.254.7.7", true },
		{ "fe80::1", "2001:db8::1", false },
		{ "fe80::1", "fe80::2", true },
		{ "127.0.0.1", "198.51.100.1", false },
		{ "127.0.0.1", "127.0.0.2", true },
		{ "::1", "2001:db8::1", false },
		{ "127.0.0.1", "10.0.0.2", true }, /* from this very host */
	};
	struct consent_call call = { 0 };
	struct consent_stream s = { 0 };
	struct consent_terms t = { .to = at(1), .forbidden = true,
				   .acked = true };
	struct addr here = addr_v4(10, 0, 0, 2, 0), true_one = at(2);

	for (size_t i = 0; i < COUNT(row); i++) {
		struct addr to, host;

		ck_assert_int_eq(addr_parse_ip(slice_str(row[i].to), &to), 0);
		ck_assert_int_eq(addr_parse_ip(slice_str(row[i].host), &host),
				 0);
		ck_assert_msg(consent_allows(&to, &host, &here) == row[i].may,
			      "%s for %s", row[i].to, row[i].host);
	}
	consent_init(&ledger);
	consent_agree(&call, &s, &t, 0);
	ck_assert_uint_eq(speak(&call, &s, 0, 9000), 0);
	ck_assert_int_eq(s.why, CONSENT_NO_TARGET);
	consent_on_packet(&call, &s, &true_one, SEC(9));
	ck_assert_uint_eq(speak(&call, &s, SEC(9), 9000), 450);
}
END_TEST

START_TEST(a_closed_network_asks_nobody)
{
	const struct consent_rules off = { .off = true };
	struct consent_call call = { 0 };
	struct consent_stream s;

	consent_init(&ledger);
	s = agreed(&call, 1, 0);
	for (unsigned i = 0; i < 9; i++)
		consent_on_error(&s);
	for (unsigned i = 0; i < 9999; i++)
		ck_assert(consent_send(&ledger, &call, &s, &off, PACKET,
				       MS(20) * i));
}
END_TEST

SUITE(consent, an_unproved_address_gets_four_seconds,
      a_packet_proves_and_gives_back,
      all_that_is_unproved_is_counted_together,
      calls_that_are_acknowledged_do_not_wear_the_budget_out,
      the_ledger_is_bounded,
      a_peer_never_heard_is_left_alone_after_the_timeout,
      three_icmp_errors_in_a_row_stop_it,
      what_the_peer_reports_stops_it,
      some_addresses_are_no_peers, a_closed_network_asks_nobody);
