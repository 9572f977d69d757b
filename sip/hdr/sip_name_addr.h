/* SPDX-License-Identifier: BSD-2-Clause
 * sip/hdr/sip_name_addr.h - name-addr / addr-spec with parameters: From, To,
 * Contact, Route, Record-Route, Reply-To (RFC 3261 20.10, 20.20, 20.30 ...).
 */
#ifndef SIP_NAME_ADDR_H
#define SIP_NAME_ADDR_H
#include "sip/msg/sip_uri.h"

struct sip_name_addr {
	struct slice display; /* tokens, or quoted with its quotes; or empty */
	struct sip_uri uri;
	bool brackets;        /* <...>: else ";" is the header's (20.10) */
	bool star;            /* Contact: "*" and nothing else is set */
	struct slice params;  /* of the header, after the first ";" */
	struct slice tag;     /* From, To; empty: none */
};

/* One value each; sip_contact_parse takes "*" too, sip_route_parse (Route,
 * Record-Route) name-addr only. */
MUST_USE int sip_name_addr_parse(struct slice in, struct sip_name_addr *out,
				 struct parse_error *e);
MUST_USE int sip_contact_parse(struct slice in, struct sip_name_addr *out,
			       struct parse_error *e);
MUST_USE int sip_route_parse(struct slice in, struct sip_name_addr *out,
			     struct parse_error *e);
/* The tag alone of a From or To, without a look at the URI: what matching a
 * message to its transaction or dialog needs.  Empty: none. */
MUST_USE int sip_tag_parse(struct slice in, struct slice *out,
			   struct parse_error *e);
bool sip_name_addr_param(const struct sip_name_addr *a, const char *name,
			 struct slice *value);
/* c-p-expires and c-p-q of a Contact; false: absent or unreadable. */
bool sip_contact_expires(const struct sip_name_addr *a, uint32_t *seconds);
bool sip_contact_q(const struct sip_name_addr *a, unsigned *thousandths);
/* Always with brackets. */
void sip_name_addr_write(struct writer *w, const struct sip_name_addr *a);
#endif
