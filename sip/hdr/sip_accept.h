/* SPDX-License-Identifier: BSD-2-Clause
 * sip/hdr/sip_accept.h - Accept-Encoding (RFC 3261 20.2), Accept-Language
 * (20.3), Content-Encoding (20.12) and Content-Language (20.13).  Accept itself
 * is in sip_media_type.h.  Codings and languages are compared without case.
 */
#ifndef SIP_ACCEPT_H
#define SIP_ACCEPT_H
#include "sip/hdr/sip_tokens.h"

struct sip_preference {
	struct slice value;  /* content-coding or language-range; may be "*" */
	struct slice params; /* q among them */
	unsigned q;          /* thousandths; 1000 when absent */
	bool has_q;
};

/* Both lists may be empty: then identity, and any language, is meant. */
MUST_USE int sip_accept_encoding_next(struct sip_list *l,
				      struct sip_preference *out);
MUST_USE int sip_accept_language_next(struct sip_list *l,
				      struct sip_preference *out);
void sip_preference_write(struct writer *w, const struct sip_preference *p);

/* One or more; written with sip_tokens_write.  The codings stand in the order
 * in which they were applied (20.12). */
MUST_USE int sip_content_encoding_parse(struct slice in,
					struct sip_tokens *out,
					struct parse_error *e);
MUST_USE int sip_content_language_parse(struct slice in,
					struct sip_tokens *out,
					struct parse_error *e);
#endif
