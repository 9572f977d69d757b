/* SPDX-License-Identifier: BSD-2-Clause
 * sip/hdr/sip_warning.h - Warning, RFC 3261 20.43.
 */
#ifndef SIP_WARNING_H
#define SIP_WARNING_H
#include "sip/hdr/sip_param.h"

struct sip_warning {
	uint16_t code;      /* 0..999 */
	struct slice agent; /* host with port, or a pseudonym */
	struct slice text;  /* between the quotes, escapes kept */
};

/* One or more. */
MUST_USE int sip_warning_next(struct sip_list *l, struct sip_warning *out);
void sip_warning_write(struct writer *w, const struct sip_warning *v);
#endif
