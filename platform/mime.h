/* SPDX-License-Identifier: BSD-2-Clause
 * platform/mime.h - the parts of a multipart body, RFC 2046 5.1, and the
 * header fields of each, RFC 2045 3.  Lines end in CRLF, as in SIP and MSRP;
 * parts may hold any bytes.  What a type and a boundary parameter are is their
 * protocol's to parse; a part may be a multipart itself, which its user walks
 * with another struct mime_parts, as deep as LIMIT_MIME_DEPTH.
 * Ownership: slices borrow the body and the boundary.  Nothing allocates.
 * Limits: MIME_BOUNDARY, LIMIT_MIME_PARTS of one multipart.
 */
#ifndef PLATFORM_MIME_H
#define PLATFORM_MIME_H
#include "platform/limits.h"
#include "platform/slice.h"

enum { MIME_BOUNDARY = 70 }; /* characters at most: RFC 2046 5.1.1 */

struct mime_parts { /* private; zeroed: none are left */
	struct slice boundary, rest;
	unsigned n;
};

struct mime_part {
	struct slice fields; /* its header lines: mime_field */
	struct slice body;   /* without the CRLF of the delimiter behind it */
};

/* Goes behind the first delimiter; what stands before it is nobody's.
 * -EBADMSG: the boundary is none, or the body has no delimiter. */
MUST_USE int mime_begin(struct mime_parts *p, struct slice boundary,
			struct slice body);
/* 1: the next part; 0: the last delimiter was reached.  -EBADMSG: the body ends
 * before it; -E2BIG: more parts than LIMIT_MIME_PARTS. */
MUST_USE int mime_next(struct mime_parts *p, struct mime_part *out);
/* The value of the first field of that name, whatever its case, without the
 * blanks around it; folded lines stay folded. */
bool mime_field(struct slice fields, const char *name, struct slice *value);
#endif
