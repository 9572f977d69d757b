/* SPDX-License-Identifier: BSD-2-Clause
 * platform/tls/cert_check.h - who a certificate is for, and whether to believe
 * it: RFC 5922 (domain certificates of SIP), RFC 6125 (other servers), RFC 5280
 * 6 and RFC 9325 4.5, but for signatures, keyUsage and path building, which are
 * the TLS library's.
 *
 * No state and no clock: the time is the caller's.
 */
#ifndef PLATFORM_CERT_CHECK_H
#define PLATFORM_CERT_CHECK_H
#include "platform/addr.h"
#include "platform/tls/cert.h"

/* Why a certificate was refused.  The order is that of weight: of several
 * reasons the last in this list is the one told. */
enum cert_code {
	CERT_OK,
	CERT_USAGE,        /* keyUsage or a library's own rule */
	CERT_PURPOSE,      /* not for servers (clients) */
	CERT_WEAK_KEY,
	CERT_WEAK_HASH,
	CERT_NAME,         /* for another name */
	CERT_NO_NAME,      /* for no name at all */
	CERT_CONSTRAINED,  /* its issuer may not issue it */
	CERT_CRL_OLD,      /* the revocation list itself is out of date */
	CERT_NOT_YET,
	CERT_EXPIRED,
	CERT_UNKNOWN_ISSUER,
	CERT_SELF_SIGNED,
	CERT_SIGNATURE,    /* or a chain that is none */
	CERT_REVOKED,
	CERT_CRITICAL,     /* a critical extension that nobody judges */
	CERT_MALFORMED,
	CERT_MISSING       /* none was shown where one is wanted */
};

enum { CERT_TEXT = 320 };

struct cert_fault {
	enum cert_code code;
	char text[CERT_TEXT]; /* "certificate expired on ..."; printable */
};

/* Which rules a name is compared by. */
enum cert_rules {
	CERT_NAME_NONE, /* any: of a client, that is looked at later */
	CERT_NAME_SIP,  /* RFC 5922: no wildcards */
	CERT_NAME_WEB   /* RFC 6125: XCAP, MSRP */
};

struct cert_want {
	enum cert_rules rules;
	struct slice name;     /* a domain, or an IP address as text */
	unsigned purposes;     /* one of these (enum cert_purpose) */
	int64_t now;           /* seconds since 1970 */
};

enum { CERT_CHAIN = 10 }; /* certificates in a chain, the trusted one too */

/* Has the certificate the name?  RFC 5922 7.2, RFC 6125 6.4; an IP address by
 * an iPAddress alone. */
bool cert_has_name(const struct cert *c, enum cert_rules rules,
		   struct slice name);
/* The n-th domain that the certificate stands for (RFC 5922 7.1), from 0.
 * False: there are no more. */
bool cert_sip_identity(const struct cert *c, unsigned n, struct slice *out);

/* chain[0] is whom the certificate is for, chain[n - 1] is trusted.  Keeps the
 * weightiest fault in *f, which may hold one already. */
void cert_judge(const struct cert *chain, size_t n, const struct cert_want *w,
		struct cert_fault *f);

/* Remembers a fault of the certificate c (NULL: of none) unless *f holds a
 * weightier one.  when is the date of CERT_EXPIRED, CERT_NOT_YET and
 * CERT_CRL_OLD. */
void cert_blame(struct cert_fault *f, enum cert_code code, const struct cert *c,
		int64_t when);
/* A word for programs: "expired", "name". */
const char *cert_code_word(enum cert_code code);
/* 2026-11-29 15:04:05 UTC */
void cert_date_write(struct writer *w, int64_t seconds);
#endif
