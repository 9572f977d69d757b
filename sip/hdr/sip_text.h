/* SPDX-License-Identifier: BSD-2-Clause
 * sip/hdr/sip_text.h - headers for people to read: Subject (RFC 3261 20.36),
 * Organization (20.25), Server (20.35), User-Agent (20.41), Priority (20.26).
 */
#ifndef SIP_TEXT_H
#define SIP_TEXT_H
#include "sip/hdr/sip_param.h"

/* [TEXT-UTF8-TRIM], the form of Subject and Organization: UTF-8 without
 * controls, without white space at its ends; folding inside is kept and means
 * one space.  May be empty. */
MUST_USE int sip_text_parse(struct slice in, struct slice *out,
			    struct parse_error *e);
/* Each run of white space becomes one space. */
void sip_text_write(struct writer *w, struct slice text);

/* server-val of Server and User-Agent: a product or a comment */
struct sip_product {
	struct slice name, version; /* version: p NULL: none */
	struct slice comment;       /* p not NULL: a comment, and the two above
				     * are empty */
};

/* Walks a value as sip_list_step's users do: 1, 0 at the end, -EBADMSG,
 * -E2BIG after LIMIT_SIP_VALUES of them.  There is one at least. */
MUST_USE int sip_product_next(struct sip_list *l, struct sip_product *out);
/* Alone, without the space between two. */
void sip_product_write(struct writer *w, const struct sip_product *p);

struct sip_priority {
	struct slice value;
	enum sip_urgency {
		SIP_NORMAL, /* and any other value (20.26) */
		SIP_NON_URGENT,
		SIP_URGENT,
		SIP_EMERGENCY
	} urgency;
};

MUST_USE int sip_priority_parse(struct slice in, struct sip_priority *out,
				struct parse_error *e);
void sip_priority_write(struct writer *w, const struct sip_priority *p);
#endif
