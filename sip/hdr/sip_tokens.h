/* SPDX-License-Identifier: BSD-2-Clause
 * sip/hdr/sip_tokens.h - lists of tokens: Allow (RFC 3261 20.5), Supported
 * (20.37), Require (20.32), Proxy-Require (20.29), Unsupported (20.40).
 * Methods are compared with case (7.1), option tags without (7.3.1).
 */
#ifndef SIP_TOKENS_H
#define SIP_TOKENS_H
#include "sip/hdr/sip_param.h"

struct sip_tokens {
	struct slice token[LIMIT_SIP_VALUES];
	unsigned n;
};

/* Allow and Supported may be empty; the three others hold one at least. */
MUST_USE int sip_allow_parse(struct slice in, struct sip_tokens *out,
			     struct parse_error *e);
MUST_USE int sip_supported_parse(struct slice in, struct sip_tokens *out,
				 struct parse_error *e);
MUST_USE int sip_require_parse(struct slice in, struct sip_tokens *out,
			       struct parse_error *e);
MUST_USE int sip_proxy_require_parse(struct slice in, struct sip_tokens *out,
				     struct parse_error *e);
MUST_USE int sip_unsupported_parse(struct slice in, struct sip_tokens *out,
				   struct parse_error *e);
void sip_tokens_write(struct writer *w, const struct sip_tokens *t);

/* What all of these are made of: item *(COMMA item).  wanted is the reason
 * given when there is none where one must be; empty as for sip_list_step. */
MUST_USE int sip_tokens_parse(struct slice in,
			      bool (*item)(struct scan *, struct slice *),
			      const char *empty, const char *wanted,
			      struct sip_tokens *out, struct parse_error *e);

bool sip_allow_has(const struct sip_tokens *t, const char *method);
bool sip_tokens_have(const struct sip_tokens *t, const char *option_tag);
#endif
