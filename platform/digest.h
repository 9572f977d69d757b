/* SPDX-License-Identifier: BSD-2-Clause
 * platform/digest.h - digest access authentication, both sides: RFC 7616, and
 * RFC 8760 2 for SIP; RFC 2617 and 2069 peers are understood.
 * No header syntax here: SIP and HTTP parse and write their fields.  Every
 * slice is a value as unq() of RFC 7616 3.3 gives it: no quotes, no quoting
 * backslashes (scan_unquote).  A parameter that is absent is a zeroed slice;
 * one that is present and empty has p set and n 0.  Slices are the caller's.
 */
#ifndef PLATFORM_DIGEST_H
#define PLATFORM_DIGEST_H
#include "platform/crypto.h"

enum digest_alg {
	DIGEST_MD5,
	DIGEST_MD5_SESS,
	DIGEST_SHA256,
	DIGEST_SHA256_SESS,
	DIGEST_SHA512_256,
	DIGEST_SHA512_256_SESS
};

enum digest_qop {
	DIGEST_QOP_NONE, /* RFC 2069: no qop parameter, no cnonce, no nc */
	DIGEST_QOP_AUTH,
	DIGEST_QOP_AUTH_INT
};

enum {
	DIGEST_HEX = 64,       /* longest response, in characters */
	DIGEST_NONCE_HEX = 64, /* a nonce of digest_nonce_make */
	DIGEST_NC_HEX = 8
};

/* Absent: MD5 (RFC 7616 3.3).  -ENOTSUP: unknown. */
MUST_USE int digest_alg_parse(struct slice s, enum digest_alg *out);
const char *digest_alg_name(enum digest_alg a); /* "SHA-256-sess" */
/* Its hash alone: MD5, SHA-256 or SHA-512-256, never -sess. */
enum digest_alg digest_alg_base(enum digest_alg a);
size_t digest_hex_size(enum digest_alg a);      /* 32 or 64 */

struct digest_user {
	struct slice user, password;
	/* Instead of the password: H(user ":" realm ":" password) in lower
	 * case hex, made with the algorithm in use (without -sess). */
	struct slice ha1;
};

struct digest_request {
	struct slice method, uri; /* uri as the parameter of that name has it */
	struct slice body;        /* the entity body; for auth-int */
};

/* A challenge's parameters; qop is the list between the quotes. */
struct digest_challenge {
	struct slice realm, nonce, opaque, algorithm, qop, stale, userhash;
};

/* A response's parameters, as received or to be sent. */
struct digest_credentials {
	struct slice username, realm, nonce, uri, response;
	struct slice algorithm, cnonce, opaque, qop, nc, userhash;
};

/* ---- client */

/* Can the challenge be answered?  0, -ENOTSUP (algorithm or qop unknown),
 * -EBADMSG (realm or nonce absent).  Of those of a realm that can, one is
 * taken: the topmost, or the best by a policy (RFC 8760 2.4). */
MUST_USE int digest_usable(const struct digest_challenge *c);
bool digest_is_stale(const struct digest_challenge *c);

struct digest_answer {
	struct digest_credentials c; /* its slices: the inputs', and below */
	enum digest_alg alg;
	enum digest_qop qop;
	char response[DIGEST_HEX], username[DIGEST_HEX], nc[DIGEST_NC_HEX];
};

/* Fills out->c: write each parameter whose p is set.  cnonce is fresh random
 * text, which must outlive out; nc counts from 1 for each new nonce.  integrity
 * prefers auth-int where both are offered.  The username is hashed (RFC 7616
 * 3.4.4) when the challenge asks for it and the user is given in clear.
 * Fails as digest_usable and digest_response.
 * out->c points into *out: do not copy it. */
MUST_USE int digest_answer(struct digest_answer *out,
			   const struct digest_challenge *c,
			   const struct digest_user *u,
			   const struct digest_request *r, struct slice cnonce,
			   uint32_t nc, bool integrity);

/* The response to c, into hex (digest_hex_size characters).  With an empty
 * method in r this is rspauth of RFC 7616 3.5.  -EINVAL: ha1 has not the right
 * length, so it is of another algorithm. */
MUST_USE int digest_response(enum digest_alg a, enum digest_qop q,
			     const struct digest_credentials *c,
			     const struct digest_user *u,
			     const struct digest_request *r, char *hex);

/* H(user ":" realm ":" password), and H(user ":" realm) as 3.4.4 wants it. */
void digest_ha1(enum digest_alg a, struct slice user, struct slice realm,
		struct slice password, char *hex);
void digest_userhash(enum digest_alg a, struct slice user, struct slice realm,
		     char *hex);

/* ---- server */

/* Stateless nonces: time, salt and a MAC over both and scope (the realm, say)
 * under a secret key.  Different salts make different nonces. */
void digest_nonce_make(const uint8_t key[32], struct slice scope,
		       int64_t wall_ns, uint64_t salt,
		       char out[DIGEST_NONCE_HEX]);
/* 0; -ETIMEDOUT ours, but older than lifetime_ns (or from the future): send
 * stale=true; -EBADMSG not ours. */
MUST_USE int digest_nonce_check(const uint8_t key[32], struct slice scope,
				struct slice nonce, int64_t wall_ns,
				int64_t lifetime_ns);

/* 0: u knows the secret.  -EACCES: wrong response.  -EBADMSG: a parameter is
 * absent or malformed (400).  -ENOTSUP: algorithm or qop unknown.  -EINVAL:
 * u's ha1 is of another algorithm.
 * The caller has seen to it that the nonce is good, realm, algorithm and qop
 * are what it offered, the uri fits the request, and u is of c's username. */
MUST_USE int digest_verify(const struct digest_credentials *c,
			   const struct digest_user *u, struct slice method,
			   struct slice body);

/* Replays: one of these a nonce, zeroed at first.  True once for each nc, in
 * any order within the last 64. */
struct digest_nc { /* private */
	uint32_t highest;
	uint64_t seen; /* bit i: highest - i */
};

bool digest_nc_fresh(struct digest_nc *n, uint32_t nc);
/* nc = 8LHEX; -EBADMSG. */
MUST_USE int digest_nc_parse(struct slice s, uint32_t *out);
#endif
