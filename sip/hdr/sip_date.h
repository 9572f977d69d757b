/* SPDX-License-Identifier: BSD-2-Clause
 * sip/hdr/sip_date.h - Date, RFC 3261 20.17: an RFC 1123 date in GMT.
 */
#ifndef SIP_DATE_H
#define SIP_DATE_H
#include "platform/slice.h"
#include "platform/writer.h"

struct sip_date {
	uint16_t year;               /* 0..9999 */
	uint8_t month, day;          /* 1..12, 1..31 and in that month */
	uint8_t hour, minute, second; /* 0..23, 0..59, 0..59 */
};

/* Case matters (20.17).  -EBADMSG also when there is no such day, or it was
 * another day of the week. */
MUST_USE int sip_date_parse(struct slice in, struct sip_date *out,
			    struct parse_error *e);
void sip_date_write(struct writer *w, const struct sip_date *d);

/* Seconds since 1970-01-01 00:00:00 UTC; -ERANGE: not in years 0..9999. */
int64_t sip_date_to_unix(const struct sip_date *d);
MUST_USE int sip_date_from_unix(int64_t seconds, struct sip_date *out);
#endif
