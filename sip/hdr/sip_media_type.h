/* SPDX-License-Identifier: BSD-2-Clause
 * sip/hdr/sip_media_type.h - Content-Type and Accept, RFC 3261 20.15 and 20.1.
 */
#ifndef SIP_MEDIA_TYPE_H
#define SIP_MEDIA_TYPE_H
#include "sip/hdr/sip_param.h"

struct sip_media_type {
	struct slice type, subtype; /* no case; of a range: may be "*" */
	struct slice params;        /* after the first ";": sip_param_find */
};

MUST_USE int sip_media_type_parse(struct slice in, struct sip_media_type *out,
				  struct parse_error *e);
void sip_media_type_write(struct writer *w, const struct sip_media_type *t);
bool sip_media_type_is(const struct sip_media_type *t, const char *type,
		       const char *subtype);
/* The boundary of a multipart (RFC 2046 5.1.1), without quotes; into buf when
 * it has escapes.  False: none, longer than 70 characters, or with one that a
 * boundary may not hold. */
enum { SIP_BOUNDARY_MAX = 70 };
bool sip_media_type_boundary(const struct sip_media_type *t,
			     char buf[SIP_BOUNDARY_MAX], struct slice *out);

/* accept-range of Accept */
struct sip_accept {
	struct sip_media_type range; /* its params are all of the value: of
				      * the media range, q, what follows */
	unsigned q;                  /* thousandths; 1000 when absent */
	bool has_q;
};

MUST_USE int sip_accept_parse(struct slice in, struct sip_accept *out,
			      struct parse_error *e);
/* An empty Accept is valid and accepts nothing (20.1). */
MUST_USE int sip_accept_next(struct sip_list *l, struct sip_accept *out);
void sip_accept_write(struct writer *w, const struct sip_accept *a);
/* How closely the range fits: 0 not at all, 1 any type, 2 any subtype, 3 that
 * very type; the closest one's q counts (RFC 2616 14.1). */
unsigned sip_accept_fits(const struct sip_accept *a, const char *type,
			 const char *subtype);
#endif
