/* SPDX-License-Identifier: BSD-2-Clause
 * sip/hdr/sip_disposition.h - Content-Disposition, RFC 3261 20.11.
 */
#ifndef SIP_DISPOSITION_H
#define SIP_DISPOSITION_H
#include "sip/hdr/sip_param.h"

struct sip_disposition {
	struct slice type;     /* "session", "render", "icon", "alert", other */
	struct slice params;
	struct slice handling; /* p NULL: none, which means "required" */
	bool optional;         /* handling is "optional": a body that is not
				* understood may be ignored, else 415 */
};

MUST_USE int sip_disposition_parse(struct slice in,
				   struct sip_disposition *out,
				   struct parse_error *e);
void sip_disposition_write(struct writer *w, const struct sip_disposition *d);
#endif
