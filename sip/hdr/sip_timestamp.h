/* SPDX-License-Identifier: BSD-2-Clause
 * sip/hdr/sip_timestamp.h - Timestamp, RFC 3261 20.38 and 8.2.6.1.
 */
#ifndef SIP_TIMESTAMP_H
#define SIP_TIMESTAMP_H
#include "platform/slice.h"
#include "platform/writer.h"

/* Kept as text, since a response must echo the request's bytes. */
struct sip_timestamp {
	struct slice time;  /* "54", "54.21" */
	struct slice delay; /* p NULL: none; else has a digit or a dot */
};

MUST_USE int sip_timestamp_parse(struct slice in, struct sip_timestamp *out,
				 struct parse_error *e);
void sip_timestamp_write(struct writer *w, const struct sip_timestamp *t);
/* Either of the two in nanoseconds; what is finer is cut off.  -ERANGE. */
MUST_USE int sip_timestamp_ns(struct slice seconds, int64_t *ns);
#endif
