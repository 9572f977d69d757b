/* SPDX-License-Identifier: BSD-2-Clause
 * sip/msg/sip_uri.h - SIP, SIPS and other URIs, RFC 3261 19.1 and 25.1.
 * RFC 5954 for IPv6 hosts.  All slices borrow the parsed text.  Escapes stay
 * as they were received; comparison and the accessors decode them.
 * A "tel" URI is checked here, sip_tel.h takes it apart.
 */
#ifndef SIP_URI_H
#define SIP_URI_H
#include "platform/slice.h"
#include "platform/writer.h"

enum sip_scheme { SIP_SCHEME_OTHER, SIP_SCHEME_SIP, SIP_SCHEME_SIPS,
		  SIP_SCHEME_TEL };

struct sip_uri {
	enum sip_scheme scheme;
	bool has_port, has_user, has_password;
	uint16_t port;         /* 0 when absent */
	struct slice name;     /* of the scheme, as written */
	struct slice user;     /* SIP(S): before ":" or "@";
				* telephone-subscriber parts of a SIP URI
				* are in here too */
	struct slice password;
	struct slice host;     /* IPv6 with its brackets */
	struct slice params;   /* after the first ";", "a=b;lr" */
	struct slice headers;  /* after "?", "a=b&c=d" */
	struct slice opaque;   /* OTHER, TEL: all after "scheme:" */
	struct slice text;     /* the whole URI */
};

/* The whole of in must be one URI.  -EBADMSG (a parameter twice, too:
 * 19.1.1); -E2BIG: more than LIMIT_SIP_PARAMS parameters or headers.  Of a
 * scheme that is not known only the characters are looked at. */
MUST_USE int sip_uri_parse(struct slice in, struct sip_uri *out,
			   struct parse_error *e);
/* Is the parameter there, and its value (empty when it has none)?  Names are
 * compared without case. */
bool sip_uri_param(const struct sip_uri *u, const char *name,
		   struct slice *value);
/* RFC 3261 19.1.4 for SIP and SIPS, RFC 3966 section 4 for tel, bytes with a
 * scheme folded for others. */
bool sip_uri_same(const struct sip_uri *a, const struct sip_uri *b);
/* From its parts (text is not looked at). */
void sip_uri_write(struct writer *w, const struct sip_uri *u);

/* Decodes %XX, which may give any byte, NUL too.  The length; -ENOSPC;
 * -EBADMSG: a "%" without two digits. */
MUST_USE int sip_unescape(struct slice in, char *dst, size_t cap);
/* Writes s as a SIP user part, escaping what RFC 3261 25.1 asks for. */
void sip_user_write(struct writer *w, struct slice s);
#endif
