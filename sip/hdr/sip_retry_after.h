/* SPDX-License-Identifier: BSD-2-Clause
 * sip/hdr/sip_retry_after.h - Retry-After, RFC 3261 20.33.
 */
#ifndef SIP_RETRY_AFTER_H
#define SIP_RETRY_AFTER_H
#include "sip/hdr/sip_param.h"

struct sip_retry_after {
	uint32_t seconds;
	uint32_t duration;    /* reachable for so long from then on */
	bool has_duration;    /* else for ever */
	struct slice comment; /* without the outer parentheses; p NULL: none */
	struct slice params;  /* duration among them */
};

/* -E2BIG: more than 32 bits of seconds. */
MUST_USE int sip_retry_after_parse(struct slice in,
				   struct sip_retry_after *out,
				   struct parse_error *e);
/* Seconds, comment, duration, then what else is in params. */
void sip_retry_after_write(struct writer *w, const struct sip_retry_after *r);
#endif
