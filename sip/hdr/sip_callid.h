/* SPDX-License-Identifier: BSD-2-Clause
 * sip/hdr/sip_callid.h - Call-ID and In-Reply-To, RFC 3261 20.8 and 20.21.
 * Compared byte by byte, with case (20.8).
 */
#ifndef SIP_CALLID_H
#define SIP_CALLID_H
#include "sip/hdr/sip_param.h"

struct sip_callid {
	struct slice text;   /* all of it */
	struct slice local;  /* before "@" */
	struct slice host;   /* after it; p NULL: there is no "@" */
};

MUST_USE int sip_callid_parse(struct slice in, struct sip_callid *out,
			      struct parse_error *e);
/* In-Reply-To: one or more. */
MUST_USE int sip_callid_next(struct sip_list *l, struct sip_callid *out);
void sip_callid_write(struct writer *w, const struct sip_callid *c);
#endif
