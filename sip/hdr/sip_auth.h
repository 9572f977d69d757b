/* SPDX-License-Identifier: BSD-2-Clause
 * sip/hdr/sip_auth.h - the authentication headers: WWW-Authenticate (RFC 3261
 * 20.44), Proxy-Authenticate (20.27), Authorization (20.7),
 * Proxy-Authorization (20.28) and Authentication-Info (20.6), with the
 * parameters of RFC 7616 and the sizes of RFC 8760 2.7.  Syntax alone:
 * sip_digest.h computes.
 *
 * A parameter that is absent is a zeroed slice; one that is present and empty
 * has p set and n 0.  What stands in quotes is given without them, its escapes
 * kept: what is written again is what was read, and scan_unquote of the quoted
 * text, or sip_auth_unescape, tells what it says.  Each field holds one
 * challenge or one set of credentials; they never combine (7.3.1).  What
 * RFC 7616 wants to be there is for who uses it to see: the grammar asks for
 * one parameter, and RFC 3261's own example in 20.7 has no uri.
 * Parsers: -EBADMSG; -E2BIG: more than LIMIT_SIP_PARAMS parameters.
 */
#ifndef SIP_AUTH_H
#define SIP_AUTH_H
#include "sip/hdr/sip_param.h"

struct sip_challenge {
	struct slice scheme;
	bool digest;             /* scheme is Digest; else only scheme and
				  * params are set */
	struct slice realm, domain, nonce, opaque;
	struct slice stale;      /* sip_challenge_is_stale */
	struct slice algorithm;  /* absent: MD5 */
	struct slice qop;        /* "auth,auth-int": sip_challenge_offers */
	struct slice userhash, charset; /* RFC 7616 3.3 */
	struct slice params;     /* all of them as they came; what is none of
				  * the above is written behind those */
};

MUST_USE int sip_challenge_parse(struct slice in, struct sip_challenge *out,
				 struct parse_error *e);
void sip_challenge_write(struct writer *w, const struct sip_challenge *c);
bool sip_challenge_is_stale(const struct sip_challenge *c);
/* Is it among the values of qop? */
bool sip_challenge_offers(const struct sip_challenge *c, const char *qop);

struct sip_credentials {
	struct slice scheme;
	bool digest;
	struct slice username, realm, nonce, uri;
	struct slice response;   /* lower case hex; may be empty (RFC 8760) */
	struct slice algorithm, cnonce, opaque, qop;
	struct slice nc;         /* 8LHEX */
	struct slice userhash;   /* RFC 7616 3.4: "true" or not */
	struct slice params;     /* as in a challenge */
};

MUST_USE int sip_credentials_parse(struct slice in,
				   struct sip_credentials *out,
				   struct parse_error *e);
void sip_credentials_write(struct writer *w, const struct sip_credentials *c);

struct sip_auth_info {
	struct slice nextnonce, qop, rspauth, cnonce;
	struct slice nc;         /* 8LHEX */
	struct slice params;
};

MUST_USE int sip_auth_info_parse(struct slice in, struct sip_auth_info *out,
				 struct parse_error *e);
void sip_auth_info_write(struct writer *w, const struct sip_auth_info *a);

/* Walks params: COMMA between them, value with its quotes. */
bool sip_auth_param_next(struct slice *rest, struct slice *name,
			 struct slice *value);
/* What a field above says: without escapes.  Only one with escapes is copied,
 * into dst; -ENOSPC when cap is less than its length. */
MUST_USE int sip_auth_unescape(struct slice field, char *dst, size_t cap,
			       struct slice *out);
#endif
