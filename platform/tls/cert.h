/* SPDX-License-Identifier: BSD-2-Clause
 * platform/tls/cert.h - an X.509 certificate (RFC 5280) as slices of its DER,
 * for what is judged of it (cert_check.h).  Signatures are the library's
 * affair.
 *
 * All slices borrow the DER that was parsed.
 */
#ifndef PLATFORM_CERT_H
#define PLATFORM_CERT_H
#include "platform/tls/der.h"

enum cert_hash { /* that the certificate was signed with */
	CERT_HASH_OTHER,
	CERT_HASH_BROKEN, /* MD2, MD5, SHA-1 */
	CERT_HASH_SHA2
};

enum cert_key { CERT_KEY_OTHER, CERT_KEY_RSA, CERT_KEY_EC };

/* Of RFC 5280 4.2.1.12 and RFC 5924. */
enum cert_purpose {
	CERT_SERVER = 1 << 0,
	CERT_CLIENT = 1 << 1,
	CERT_SIP = 1 << 2,     /* id-kp-sipDomain */
	CERT_ANY = 1 << 3,
	CERT_NO_EKU = 1 << 4   /* not restricted */
};

struct cert {
	struct slice der;
	struct slice serial;
	struct slice issuer, subject; /* elements whole, for comparing */
	int64_t from, until;          /* seconds since 1970, both included */
	enum cert_hash hash;
	enum cert_key key;
	unsigned bits;                /* of the key; 0: unknown */
	unsigned purposes;            /* of enum cert_purpose */
	bool ca;
	struct slice alt_names;       /* GeneralNames; p NULL: no extension */
	struct slice permitted, excluded; /* subtrees; p NULL: none */
	bool constrained;             /* nameConstraints are there */
	struct slice unknown;         /* OID of a critical extension that is
				       * not judged; p NULL: none */
};

enum { LIMIT_CERT_EXTENSIONS = 64 }; /* in one certificate: -E2BIG */

MUST_USE int cert_parse(struct slice der, struct cert *out,
			struct parse_error *e);

/* A revocation list (RFC 5280 5): whose it is, and until when. */
struct cert_crl {
	struct slice issuer;
	int64_t from, until; /* until INT64_MAX: for ever */
};

MUST_USE int cert_crl_parse(struct slice der, struct cert_crl *out,
			    struct parse_error *e);

/* RFC 5280 4.2.1.6, by its tags. */
enum cert_general {
	CERT_OTHER_NAME = 0,
	CERT_EMAIL = 1,
	CERT_DNS = 2,
	CERT_X400 = 3,
	CERT_DIRECTORY = 4,
	CERT_EDI = 5,
	CERT_URI = 6,
	CERT_IP = 7,
	CERT_OID = 8
};

/* Takes the first of the names (cert.alt_names).  False: none is left. */
bool cert_name_next(struct slice *names, enum cert_general *kind,
		    struct slice *value);
/* The same of permitted and excluded: their bases. */
bool cert_subtree_next(struct slice *trees, enum cert_general *kind,
		       struct slice *value);

/* The last commonName of a subject or issuer; else its last value; empty when
 * there is neither.  UTF-8 or narrower, unchecked. */
struct slice cert_common_name(struct slice name, bool only_common);

/* Two issuers or subjects that are one: letters in any case, whatever kind of
 * string they are written as (RFC 5280 7.1, as far as both say the same
 * octets).  False where either is malformed. */
bool cert_same_name(struct slice a, struct slice b);
/* Issued by its own subject. */
bool cert_is_self_issued(const struct cert *c);
#endif
