/* SPDX-License-Identifier: BSD-2-Clause
 * sip/usage/sip_digest.h - digest authentication of a user agent client: RFC
 * 3261 22.1 to 22.4, RFC 8760, RFC 7616.  The server's side is
 * sip_digest_uas.h.
 *
 * One struct sip_digest remembers the nonces of the realms that challenged
 * one registration or one call: credentials for a proxy must not go into
 * other dialogs (22.3), unless all of them pass the same outbound proxy.  It
 * holds no password: secrets are handed in.  Usage:
 *
 *	response 401 or 407:
 *		sip_digest_on_challenge(d, request, response, secrets, n);
 *		new CSeq and branch, then sip_digest_authorize(d, request ...)
 *	any other final response:
 *		sip_digest_on_answer(d, request, response, secrets, n);
 *	each later request: sip_digest_authorize, which answers beforehand.
 *
 * ACK and CANCEL cannot be challenged: they repeat the INVITE's credentials
 * (22.1), so copy those fields and do not call sip_digest_authorize for them.
 *
 * Ownership: the caller's struct; its blocks come from mem and go with
 * sip_digest_fini.  Threads: one caller at a time.
 */
#ifndef SIP_DIGEST_H
#define SIP_DIGEST_H
#include "platform/digest.h"
#include "platform/mem.h"
#include "sip/hdr/sip_auth.h"
#include "sip/msg/sip_msg.h"

enum {
	SIP_DIGEST_ALGORITHMS = 3, /* MD5, SHA-256, SHA-512-256 */
	SIP_DIGEST_REALMS = 4,  /* remembered; the oldest makes room */
	SIP_DIGEST_TEXT = 2048, /* bytes of a challenge: a longer one is not
				 * understood */
	SIP_DIGEST_TRIES = 3,   /* answers refused in a row, for whatever
				 * reason: then no more */
	SIP_DIGEST_ROUNDS = 8   /* challenges answered in a row, of whatever
				 * realms: one that is made up each time
				 * would go on for ever */
};

/* What is answered at all, and with what. */
struct sip_digest_choice {
	/* The best first, none of them -sess, which goes with its own; what is
	 * not named is not answered.  n 0: all, SHA-512-256 first, MD5 last. */
	enum digest_alg order[SIP_DIGEST_ALGORITHMS];
	unsigned n;
	/* A challenge without qop (RFC 2069) has no cnonce in its answer: who
	 * chose the nonce may have tables for it, and an answer that was heard
	 * serves for other bodies and, with that nonce, again. */
	bool require_qop;
};

/* "SHA-256,MD5": names in any case, commas, white space around them.
 * -EBADMSG: one is unknown, of a -sess or there twice, or there is none. */
MUST_USE int sip_digest_choice_parse(struct slice list,
				     struct sip_digest_choice *out);

/* Who we are in a realm. */
struct sip_secret {
	struct slice realm; /* empty: in any that no other secret names */
	struct slice user, password;
	/* Instead of the password: H(user:realm:password) in lower case hex,
	 * of ha1_alg, which is none of -sess and serves that one too. */
	struct slice ha1;
	enum digest_alg ha1_alg;
	const struct sip_digest_choice *choice; /* NULL: a zeroed one */
};

struct sip_digest_realm; /* private */
struct sip_digest {      /* private; zeroed but for mem is empty */
	struct mem *mem;
	struct sip_digest_realm *first; /* the newest */
	unsigned n;
	unsigned round;
	unsigned in_a_row; /* challenges taken, and no other answer */
	bool no_qop;       /* one without qop was answered */
};

void sip_digest_init(struct sip_digest *d, struct mem *mem);
void sip_digest_fini(struct sip_digest *d);

/* Takes the challenges of a 401 or 407 to request: of each realm the one whose
 * algorithm the secret's choice names first, and of several of that the topmost
 * (RFC 8760 2.4 leaves the choice to local policy: else who can write a
 * challenge above the others' has us use MD5); others are ignored.  Returns how
 * many realms can be answered, so that the request is worth sending again; else
 *	-EACCES   our credentials were refused: the same nonce without stale,
 *	          or a new nonce for credentials that never were any good, or
 *	          SIP_DIGEST_ROUNDS are over (then all realms are forgotten)
 *	-EPERM    the choice wants a qop, and it has none
 *	-ENOKEY   no secret for any realm that can be answered
 *	-ENOTSUP  no challenge that we understand
 *	-ENOMEM */
MUST_USE int sip_digest_on_challenge(struct sip_digest *d,
				     const struct sip_msg *request,
				     const struct sip_msg *response,
				     const struct sip_secret *secret,
				     size_t n);

/* A challenge without qop is among those answered since init. */
static inline bool sip_digest_had_no_qop(const struct sip_digest *d)
{
	return d->no_qop;
}

/* Puts Authorization and Proxy-Authorization for every remembered realm into
 * the request, in place of those that it had; returns how many.  Their text
 * goes into room, which the request then borrows.  Method, URI and body must
 * be what will be sent.  cnonce: fresh random text without quotes, at least 8
 * characters.  integrity prefers qop auth-int where it is offered.
 * -ENOSPC, -E2BIG (fields), -EINVAL (a user's name with CR, LF or NUL): the
 * request then has no credentials. */
MUST_USE int sip_digest_authorize(struct sip_digest *d, struct sip_msg *request,
				  const struct sip_secret *secret, size_t n,
				  struct slice cnonce, bool integrity,
				  struct writer *room);

/* A final response other than 401 and 407: the credentials were good, and the
 * nextnonce of an Authentication-Info is used from now on.
 * -EACCES: its rspauth is wrong, so the server does not know the secret: who
 * wants mutual authentication discards the response.  -ENOMEM. */
MUST_USE int sip_digest_on_answer(struct sip_digest *d,
				  const struct sip_msg *request,
				  const struct sip_msg *response,
				  const struct sip_secret *secret, size_t n);

/* The i-th realm whose credentials went with a request that had a 2xx, latest
 * challenged first; empty: no more.  Dies with the next call of one of the
 * above. */
struct slice sip_digest_accepted(const struct sip_digest *d, unsigned i);

/* The values without escapes.  Those that have any are copied into room,
 * which must outlive out.  -E2BIG: does not fit; -EBADMSG: a control character
 * that has no business there (CR, LF, NUL). */
MUST_USE int sip_digest_read(const struct sip_credentials *c,
			     struct writer *room,
			     struct digest_credentials *out);
/* The opposite for one value: with escapes where needed, into room. */
struct slice sip_digest_escape(struct slice text, struct writer *room);
#endif
