/* SPDX-License-Identifier: BSD-2-Clause
 * sip/hdr/sip_info.h - Alert-Info, Call-Info and Error-Info: RFC 3261 20.4,
 * 20.9 and 20.18, which have one form: <absoluteURI> with parameters.
 */
#ifndef SIP_INFO_H
#define SIP_INFO_H
#include "sip/hdr/sip_param.h"

struct sip_info {
	struct slice uri;     /* what sip_absolute_uri_scan takes */
	struct slice params;
	struct slice purpose; /* of Call-Info: "icon", "info", "card", other;
			       * p NULL: none */
};

/* One or more. */
MUST_USE int sip_info_next(struct sip_list *l, struct sip_info *out);
void sip_info_write(struct writer *w, const struct sip_info *i);
#endif
