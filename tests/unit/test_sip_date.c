/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/expect.h"

#include "sip/hdr/sip_date.h"

/* The seconds are what GNU date +%s says of the same dates. */
static const struct {
	const char *text;
	int64_t unix_time;
} known[] = {
	{ "Sat, 13 Nov 2010 23:29:00 GMT", 1289690940 }, /* 20.17 */
	{ "Thu, 21 Feb 2002 13:02:03 GMT", 1014296523 },
	{ "Thu, 01 Jan 1970 00:00:00 GMT", 0 },
	{ "Wed, 31 Dec 1969 23:59:59 GMT", -1 },
	{ "Tue, 29 Feb 2000 12:00:00 GMT", 951825600 },
	{ "Wed, 01 Mar 2000 00:00:00 GMT", 951868800 },
	{ "Wed, 28 Feb 1900 23:59:59 GMT", -2203891201 },
	{ "Thu, 01 Mar 1900 00:00:00 GMT", -2203891200 },
	{ "Sun, 31 Dec 2000 23:59:59 GMT", 978307199 },
	{ "Mon, 01 Jan 2001 00:00:00 GMT", 978307200 },
	{ "Fri, 31 Dec 9999 23:59:59 GMT", 253402300799 },
	{ "Sat, 01 Jan 0000 00:00:00 GMT", -62167219200 },
	{ "Mon, 31 Dec 0103 23:59:59 GMT", -58885315201 },
	{ "Tue, 01 Jan 0104 00:00:00 GMT", -58885315200 },
};

START_TEST(known_dates_both_ways)
{
	for (size_t i = 0; i < COUNT(known); i++) {
		struct sip_date d, back;

		ck_parses(sip_date_parse(slice_str(known[i].text), &d, &e));
		ck_assert_int_eq(sip_date_to_unix(&d), known[i].unix_time);
		ck_writes(sip_date_write, &d, known[i].text);
		ck_assert_int_eq(sip_date_from_unix(known[i].unix_time,
						    &back), 0);
		ck_writes(sip_date_write, &back, known[i].text);
	}
}
END_TEST

/* Each day of 800 years follows the one before, on the next weekday. */
START_TEST(every_day)
{
	static const unsigned days[] = { 31, 28, 31, 30, 31, 30,
					 31, 31, 30, 31, 30, 31 };
	struct sip_date d, want = { 1600, 1, 1, 5, 6, 7 };
	int64_t t = -11676077633; /* date -u -d '1600-01-01 05:06:07' +%s */

	for (; want.year < 2400; t += 86400) {
		unsigned n = days[want.month - 1];

		/* one check for all: a hundred thousand times six are slow */
		bool ok = sip_date_from_unix(t, &d) == 0 &&
			  d.year == want.year && d.month == want.month &&
			  d.day == want.day && d.hour == 5 &&
			  d.minute == 6 && d.second == 7 &&
			  sip_date_to_unix(&d) == t;

		if (!ok)
			ck_abort_msg("%u-%u-%u", want.year, want.month,
				     want.day);
		if (want.month == 2 && want.year % 4 == 0 &&
		    (want.year % 100 || want.year % 400 == 0))
			n = 29;
		if (want.day++ == n) {
			want.day = 1;
			if (want.month++ == 12) {
				want.month = 1;
				want.year++;
			}
		}
	}
}
END_TEST

START_TEST(times_out_of_range)
{
	struct sip_date d = { .year = 7 };

	ck_assert_int_eq(sip_date_from_unix(253402300800, &d), -ERANGE);
	ck_assert_int_eq(sip_date_from_unix(-62167219201, &d), -ERANGE);
	ck_assert_int_eq(sip_date_from_unix(INT64_MAX, &d), -ERANGE);
	ck_assert_int_eq(sip_date_from_unix(INT64_MIN, &d), -ERANGE);
	ck_assert_uint_eq(d.year, 7);
}
END_TEST

START_TEST(all_months_and_weekdays)
{
	/* date -u -d '2024-MM-15' "+%a, %d %b %Y" */
	static const char *const text[] = {
		"Mon, 15 Jan 2024 01:02:03 GMT",
		"Thu, 15 Feb 2024 01:02:03 GMT",
		"Fri, 15 Mar 2024 01:02:03 GMT",
		"Mon, 15 Apr 2024 01:02:03 GMT",
		"Wed, 15 May 2024 01:02:03 GMT",
		"Sat, 15 Jun 2024 01:02:03 GMT",
		"Mon, 15 Jul 2024 01:02:03 GMT",
		"Thu, 15 Aug 2024 01:02:03 GMT",
		"Sun, 15 Sep 2024 01:02:03 GMT",
		"Tue, 15 Oct 2024 01:02:03 GMT",
		"Fri, 15 Nov 2024 01:02:03 GMT",
		"Sun, 15 Dec 2024 01:02:03 GMT",
	};

	for (size_t i = 0; i < COUNT(text); i++) {
		struct sip_date d;

		ck_parses(sip_date_parse(slice_str(text[i]), &d, &e));
		ck_assert_uint_eq(d.month, i + 1);
		ck_writes(sip_date_write, &d, text[i]);
	}
}
END_TEST

START_TEST(what_is_no_date)
{
	static const struct {
		const char *in;
		size_t at;
		const char *why;
	} bad[] = {
		{ "", 0, "weekday wanted" },
		{ "sat, 13 Nov 2010 23:29:00 GMT", 0, "weekday wanted" },
		{ "Sat 13 Nov 2010 23:29:00 GMT", 3,
		  "comma and space wanted" },
		{ "Sat,13 Nov 2010 23:29:00 GMT", 4,
		  "comma and space wanted" },
		{ "Sat, 3 Nov 2010 23:29:00 GMT", 5, "day wanted" },
		{ "Sat, 00 Nov 2010 23:29:00 GMT", 5, "day wanted" },
		{ "Sat, 32 Oct 2010 23:29:00 GMT", 5, "day wanted" },
		{ "Sat, 1:", 5, "day wanted" },
		{ "Sat, 1/", 5, "day wanted" },
		{ "Sat, 1", 5, "day wanted" },
		{ "Sat, 31 Nov 2010 23:29:00 GMT", 5, "no such day" },
		{ "Sat, 31 Apr 2010 23:29:00 GMT", 5, "no such day" },
		{ "Sat, 31 Jun 2010 23:29:00 GMT", 5, "no such day" },
		{ "Sat, 31 Sep 2010 23:29:00 GMT", 5, "no such day" },
		{ "Mon, 29 Feb 2010 23:29:00 GMT", 5, "no such day" },
		{ "Mon, 29 Feb 1900 23:29:00 GMT", 5, "no such day" },
		{ "Tue, 30 Feb 2000 23:29:00 GMT", 5, "no such day" },
		{ "Sat, 13 nov 2010 23:29:00 GMT", 8, "month wanted" },
		{ "Sat, 13Nov 2010 23:29:00 GMT", 7, "month wanted" },
		{ "Sat, 13 Nov 10 23:29:00 GMT", 12, "year wanted" },
		{ "Sat, 13 Nov2010 23:29:00 GMT", 11, "year wanted" },
		{ "Sat, 13 Nov 20101 23:29:00 GMT", 16, "space wanted" },
		{ "Sat, 13 Nov 2010 24:00:00 GMT", 17, "hour wanted" },
		{ "Sat, 13 Nov 2010 2:00:00 GMT", 17, "hour wanted" },
		{ "Sat, 13 Nov 2010 23:60:00 GMT", 20, "minute wanted" },
		{ "Sat, 13 Nov 2010 23.59:00 GMT", 19, "minute wanted" },
		{ "Sat, 13 Nov 2010 23:29:60 GMT", 23, "second wanted" },
		{ "Sat, 13 Nov 2010 23:29 GMT", 22, "second wanted" },
		{ "Sat, 13 Nov 2010 23:29:00 EST", 26, "GMT wanted" },
		{ "Sat, 13 Nov 2010 23:29:00GMT", 25, "GMT wanted" },
		{ "Sat, 13 Nov 2010 23:29:00 GMT+1", 29,
		  "end of date wanted" },
		{ "Sun, 13 Nov 2010 23:29:00 GMT", 0,
		  "date is of another weekday" },
	};
	struct sip_date d = { .year = 7 };

	for (size_t i = 0; i < COUNT(bad); i++)
		ck_fails(sip_date_parse(slice_str(bad[i].in), &d, &e),
			 bad[i].at, bad[i].why);
	ck_assert_uint_eq(d.year, 7);
	ck_parses(sip_date_parse(
		S("Sat,\r\n 13  Nov\t2010 23:29:59  GMT "), &d, &e));
	ck_assert_uint_eq(d.second, 59);
	for (size_t n = 0; n < strlen(known[0].text); n++)
		ck_assert_int_eq(sip_date_parse(slice_of(known[0].text, n),
						&d, NULL), -EBADMSG);
}
END_TEST

SUITE(sip_date, known_dates_both_ways, every_day, times_out_of_range,
      all_months_and_weekdays, what_is_no_date);
