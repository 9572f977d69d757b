/* SPDX-License-Identifier: BSD-2-Clause
 * sip/usage/sip_digest_uas.h - digest authentication by a server: UAS and
 * registrar (401, RFC 3261 22.2), proxy (407, 22.3); RFC 8760, RFC 7616.
 *
 * No state is kept: a nonce carries its time and a MAC.  So one that is still
 * young can be used again by who overheard it; who minds counts claim.nc with
 * a struct digest_nc for each nonce.  Usage:
 *
 *	switch (sip_digest_claim(&policy, request, wall_ns, &claim)) {
 *	case 0:         find the user by claim.c.username, then
 *	                sip_digest_verify(&claim, &user, request)
 *	case -EBADMSG:  400
 *	default:        a 401 or 407 with sip_digest_challenge
 *	}
 *
 * Never challenge ACK or CANCEL (22.1).
 */
#ifndef SIP_DIGEST_UAS_H
#define SIP_DIGEST_UAS_H
#include "platform/digest.h"
#include "sip/msg/sip_msg.h"

enum { SIP_DIGEST_ALGS = 3 };

struct sip_digest_policy {
	struct slice realm;
	bool proxy;          /* 407 and Proxy-*, else 401 and WWW-* */
	bool integrity;      /* offers auth-int beside auth */
	enum digest_alg alg[SIP_DIGEST_ALGS]; /* most preferred first */
	unsigned algs;
	int64_t lifetime_ns; /* of a nonce */
	uint8_t key[32];     /* secret; nonces outlive a restart with it */
};

/* Adds one challenge for each algorithm to the response, the most preferred on
 * top (RFC 8760 2.3); their text goes into room.  salt: random.  -ENOSPC,
 * -E2BIG. */
MUST_USE int sip_digest_challenge(const struct sip_digest_policy *p,
				  struct sip_msg *response, int64_t wall_ns,
				  uint64_t salt, bool stale,
				  struct writer *room);

struct sip_digest_claim { /* do not copy: c may point into text */
	struct digest_credentials c; /* else into the request */
	enum digest_alg alg;
	bool hashed;  /* c.username is digest_userhash of the user's name */
	bool stale;   /* the nonce has had its time, or is of another key */
	uint32_t nc;  /* 0: none, RFC 2069's way */
	char text[512];
};

/* Who the request says it is from, in our realm; credentials for other realms
 * are not looked at (22.3).
 *	-ENOENT   no credentials for our realm
 *	-EACCES   some with an algorithm or qop that we did not offer
 *	-EBADMSG  some that cannot be read, or are not complete */
MUST_USE int sip_digest_claim(const struct sip_digest_policy *p,
			      const struct sip_msg *request, int64_t wall_ns,
			      struct sip_digest_claim *out);

/* 0: proven.  -ETIMEDOUT: so, but with a stale nonce: challenge with stale.
 * -EACCES: wrong; challenge, or 403.  -EBADMSG: 400.  -EINVAL: the user's ha1
 * is not of claim.alg.  user.user is the name in clear, also when hashed.
 * RFC 8760 2.6 item 6: the caller judges whether claim.c.uri may differ from
 * the Request-URI. */
MUST_USE int sip_digest_verify(const struct sip_digest_claim *claim,
			       const struct digest_user *user,
			       const struct sip_msg *request);

/* Adds Authentication-Info to the 2xx (20.6): proof that we know the secret
 * too, when the claim has a qop; and the next nonce, unless that is empty.
 * The response's body must be there.  -ENOSPC, -E2BIG, -EINVAL as above. */
MUST_USE int sip_digest_confirm(const struct sip_digest_claim *claim,
				const struct digest_user *user,
				struct slice nextnonce,
				struct sip_msg *response,
				struct writer *room);
#endif
