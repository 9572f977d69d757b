/* SPDX-License-Identifier: BSD-2-Clause
 * sip/hdr/sip_number.h - headers that are a number: Max-Forwards (RFC 3261
 * 20.22), Expires (20.19), Min-Expires (20.23), Content-Length (20.14),
 * MIME-Version (20.24), and Flow-Timer (RFC 5626 11.3).  They are written with
 * writer_u64.  A number that is well formed and too large gives -E2BIG, so that
 * a caller may take the header for absent, as RFC 4475 3.1.2.4 lets it;
 * anything else is -EBADMSG.
 */
#ifndef SIP_NUMBER_H
#define SIP_NUMBER_H
#include "platform/scan.h"
#include "platform/writer.h"

/* 0..255 (20.22). */
MUST_USE int sip_max_forwards_parse(struct slice in, uint32_t *out,
				    struct parse_error *e);
/* Seconds, 0..2^32-1 (20.19); Min-Expires and Flow-Timer have the same
 * form. */
MUST_USE int sip_expires_parse(struct slice in, uint32_t *out,
			       struct parse_error *e);
MUST_USE int sip_min_expires_parse(struct slice in, uint32_t *out,
				   struct parse_error *e);
MUST_USE int sip_flow_timer_parse(struct slice in, uint32_t *out,
				  struct parse_error *e);
/* Bytes, 0..2^32-1: far beyond any message that is taken. */
MUST_USE int sip_content_length_parse(struct slice in, uint32_t *out,
				      struct parse_error *e);

/* 1*DIGIT at the cursor, within max.  -EBADMSG with wanted as the reason: no
 * digit there; -E2BIG: larger than max. */
MUST_USE int sip_number_scan(struct scan *s, uint32_t max, uint32_t *out,
			     const char *wanted);

struct sip_mime_version {
	uint32_t major, minor;
};
MUST_USE int sip_mime_version_parse(struct slice in,
				    struct sip_mime_version *out,
				    struct parse_error *e);
void sip_mime_version_write(struct writer *w,
			    const struct sip_mime_version *v);
#endif
