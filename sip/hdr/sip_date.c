/* SPDX-License-Identifier: BSD-2-Clause */
#include "sip/hdr/sip_date.h"

#include "platform/scan.h"

static const char *const wkdays[] = { "Sun", "Mon", "Tue", "Wed",
				      "Thu", "Fri", "Sat" };
static const char *const months[] = { "Jan", "Feb", "Mar", "Apr",
				      "May", "Jun", "Jul", "Aug",
				      "Sep", "Oct", "Nov", "Dec" };

enum { DAY = 86400, DAYS_400_YEARS = 146097, DAYS_TO_1970 = 719468 };

static unsigned month_days(unsigned year, unsigned month)
{
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	if (month == 2)
		return leap ? 29 : 28;
	return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

/* Days since 1 March of year 0, in the calendar of today: with the year
 * beginning in March its leap day comes last, and the months before any other
 * have (153 * m + 2) / 5 days. */
static int64_t day_number(const struct sip_date *d)
{
	bool early = d->month <= 2; /* of the year before */
	/* 400 years more, so that nothing is negative */
	int64_t y = d->year + 400 - early, m = d->month + (early ? 9 : -3);

	return 365 * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 +
	       d->day - 1 - DAYS_400_YEARS;
}

/* 1 March of year 0 was a Wednesday; the sum is not negative. */
static unsigned weekday(const struct sip_date *d)
{
	return (unsigned)((day_number(d) + DAYS_400_YEARS + 3) % 7);
}

int64_t sip_date_to_unix(const struct sip_date *d)
{
	return (day_number(d) - DAYS_TO_1970) * DAY + d->hour * 3600 +
	       d->minute * 60 + d->second;
}

int sip_date_from_unix(int64_t seconds, struct sip_date *out)
{
	static const struct sip_date first = { 0, 1, 1, 0, 0, 0 };
	static const struct sip_date last = { 9999, 12, 31, 23, 59, 59 };
	struct sip_date d = { .month = 1, .day = 1 };
	int64_t days, rest;

	if (seconds < sip_date_to_unix(&first) ||
	    seconds > sip_date_to_unix(&last))
		return -ERANGE;
	/* Since 1 January of year 0, so not negative */
	seconds -= sip_date_to_unix(&first);
	days = seconds / DAY;
	rest = seconds % DAY;
	/* The mean year gives a guess that is late, by two at most */
	d.year = (uint16_t)(days * 400 / DAYS_400_YEARS + 1);
	while (day_number(&d) - day_number(&first) > days)
		d.year--;
	days -= day_number(&d) - day_number(&first);
	while (days >= (int64_t)month_days(d.year, d.month))
		days -= month_days(d.year, d.month++);
	d.day = (uint8_t)(days + 1);
	d.hour = (uint8_t)(rest / 3600);
	d.minute = (uint8_t)(rest / 60 % 60);
	d.second = (uint8_t)(rest % 60);
	*out = d;
	return 0;
}

/* nDIGIT within low..high */
static bool date_digits(struct scan *s, size_t n, unsigned low, unsigned high,
			unsigned *out)
{
	unsigned v = 0;

	if (scan_left(s) < n)
		return false;
	for (size_t i = 0; i < n; i++) {
		if (!is_digit(s->p[i]))
			return false;
		v = v * 10 + (unsigned)(s->p[i] - '0');
	}
	if (v < low || v > high)
		return false;
	s->p += n;
	*out = v;
	return true;
}

static bool word(struct scan *s, const char *const *table, unsigned n,
		 unsigned *out)
{
	for (unsigned i = 0; i < n; i++) {
		if (scan_str(s, table[i])) {
			*out = i;
			return true;
		}
	}
	return false;
}

/* date1 = 2DIGIT SP month SP 4DIGIT */
static int date1(struct scan *s, struct sip_date *d)
{
	const char *start = s->p;
	unsigned day, month, year;

	if (!date_digits(s, 2, 1, 31, &day))
		return scan_fail(s, "day wanted");
	if (!scan_lws(s) || !word(s, months, 12, &month))
		return scan_fail(s, "month wanted");
	if (!scan_lws(s) || !date_digits(s, 4, 0, 9999, &year))
		return scan_fail(s, "year wanted");
	d->year = (uint16_t)year;
	d->month = (uint8_t)(month + 1);
	d->day = (uint8_t)day;
	if (day > month_days(year, month + 1)) {
		s->p = start;
		return scan_fail(s, "no such day");
	}
	return 0;
}

/* time = 2DIGIT ":" 2DIGIT ":" 2DIGIT ; 00:00:00 - 23:59:59 */
static int time_of_day(struct scan *s, struct sip_date *d)
{
	unsigned hour, minute, second;

	if (!date_digits(s, 2, 0, 23, &hour))
		return scan_fail(s, "hour wanted");
	if (!scan_char(s, ':') || !date_digits(s, 2, 0, 59, &minute))
		return scan_fail(s, "minute wanted");
	if (!scan_char(s, ':') || !date_digits(s, 2, 0, 59, &second))
		return scan_fail(s, "second wanted");
	d->hour = (uint8_t)hour;
	d->minute = (uint8_t)minute;
	d->second = (uint8_t)second;
	return 0;
}

/* rfc1123-date = wkday "," SP date1 SP time SP "GMT"
 * Any white space is the same as SP (25.1). */
int sip_date_parse(struct slice in, struct sip_date *out,
		   struct parse_error *e)
{
	struct scan s = scan_begin(in, e);
	struct sip_date d = { 0 };
	unsigned wkday;
	int rc;

	if (!word(&s, wkdays, 7, &wkday))
		return scan_fail(&s, "weekday wanted");
	if (!scan_char(&s, ',') || !scan_lws(&s))
		return scan_fail(&s, "comma and space wanted");
	rc = date1(&s, &d);
	if (rc)
		return rc;
	if (!scan_lws(&s))
		return scan_fail(&s, "space wanted");
	rc = time_of_day(&s, &d);
	if (rc)
		return rc;
	if (!scan_lws(&s) || !scan_str(&s, "GMT"))
		return scan_fail(&s, "GMT wanted");
	if (!scan_done(&s))
		return scan_fail(&s, "end of date wanted");
	if (weekday(&d) != wkday) {
		s.p = s.begin;
		return scan_fail(&s, "date is of another weekday");
	}
	*out = d;
	return 0;
}

void sip_date_write(struct writer *w, const struct sip_date *d)
{
	writer_str(w, wkdays[weekday(d)]);
	writer_str(w, ", ");
	writer_pad(w, d->day, 2);
	writer_char(w, ' ');
	writer_str(w, months[d->month - 1]);
	writer_char(w, ' ');
	writer_pad(w, d->year, 4);
	writer_char(w, ' ');
	writer_pad(w, d->hour, 2);
	writer_char(w, ':');
	writer_pad(w, d->minute, 2);
	writer_char(w, ':');
	writer_pad(w, d->second, 2);
	writer_str(w, " GMT");
}
