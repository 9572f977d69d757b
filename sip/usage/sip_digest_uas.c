/* SPDX-License-Identifier: BSD-2-Clause */
#include "sip/usage/sip_digest_uas.h"

#include "sip/usage/sip_digest.h"

int sip_digest_challenge(const struct sip_digest_policy *p,
			 struct sip_msg *response, int64_t wall_ns,
			 uint64_t salt, bool stale, struct writer *room)
{
	char nonce[DIGEST_NONCE_HEX];
	struct slice realm = sip_digest_escape(p->realm, room);

	digest_nonce_make(p->key, p->realm, wall_ns, salt, nonce);
	for (unsigned i = 0; i < p->algs; i++) {
		struct sip_challenge c = {
			.scheme = S("Digest"), .digest = true, .realm = realm,
			.nonce = slice_of(nonce, sizeof(nonce)),
			.algorithm = slice_str(digest_alg_name(p->alg[i])),
			.qop = p->integrity ? S("auth,auth-int") : S("auth"),
			.stale = stale ? S("true") : (struct slice){ 0 },
		};
		size_t start = room->n;
		int rc;

		sip_challenge_write(room, &c);
		if (writer_end(room) < 0)
			return -ENOSPC;
		rc = sip_msg_add(response, p->proxy ?
				 SIP_HDR_PROXY_AUTHENTICATE :
				 SIP_HDR_WWW_AUTHENTICATE,
				 slice_skip(writer_done(room), start));
		if (rc)
			return rc;
	}
	return 0;
}

/* Is it what we offered?  Absent qop is an old client's (RFC 8760 2.6). */
static bool offered(const struct sip_digest_policy *p,
		    const struct sip_digest_claim *k)
{
	bool known = false;

	for (unsigned i = 0; i < p->algs; i++)
		known |= p->alg[i] == k->alg;
	return known && (!k->c.qop.p || slice_ieq(k->c.qop, "auth") ||
			 (p->integrity && slice_ieq(k->c.qop, "auth-int")));
}

/* The claim of one field; -ENOENT: of another realm or scheme. */
static int read_claim(const struct sip_digest_policy *p, struct slice value,
		      int64_t wall_ns, struct sip_digest_claim *k)
{
	struct writer room = writer_begin(k->text, sizeof(k->text));
	struct sip_credentials c;

	if (sip_credentials_parse(value, &c, NULL))
		return -EBADMSG;
	if (!c.digest)
		return -ENOENT;
	if (sip_digest_read(&c, &room, &k->c))
		return -EBADMSG;
	if (!slice_same(k->c.realm, p->realm))
		return -ENOENT;
	if (!c.username.n || !c.nonce.p || !c.uri.n || !c.response.p)
		return -EBADMSG;
	if (!c.nonce.n || !c.response.n)
		return -ENOENT; /* RFC 8760 2.7: before any challenge */
	if (digest_alg_parse(k->c.algorithm, &k->alg) || !offered(p, k))
		return -EACCES;
	k->nc = 0;
	if (k->c.qop.p && digest_nc_parse(k->c.nc, &k->nc))
		return -EBADMSG;
	k->hashed = slice_ieq(k->c.userhash, "true");
	/* One that we do not know may be from before a restart: stale too,
	 * which sip_digest_verify tells only who knows the secret. */
	k->stale = digest_nonce_check(p->key, p->realm, k->c.nonce, wall_ns,
				      p->lifetime_ns) != 0;
	return 0;
}

int sip_digest_claim(const struct sip_digest_policy *p,
		     const struct sip_msg *request, int64_t wall_ns,
		     struct sip_digest_claim *out)
{
	struct sip_values v = sip_values_begin(request, p->proxy ?
		SIP_HDR_PROXY_AUTHORIZATION : SIP_HDR_AUTHORIZATION);
	struct slice value;
	int rc = -ENOENT;

	while (sip_values_next(&v, &value)) {
		int one = read_claim(p, value, wall_ns, out);

		if (one == 0)
			return 0;
		if (one != -ENOENT)
			rc = one;
	}
	return rc;
}

int sip_digest_verify(const struct sip_digest_claim *claim,
		      const struct digest_user *user,
		      const struct sip_msg *request)
{
	int rc = digest_verify(&claim->c, user, request->method_name,
			       request->body);

	return rc ? rc : claim->stale ? -ETIMEDOUT : 0;
}

int sip_digest_confirm(const struct sip_digest_claim *claim,
		       const struct digest_user *user, struct slice nextnonce,
		       struct sip_msg *response, struct writer *room)
{
	struct digest_request q = { S(""), claim->c.uri, response->body };
	struct sip_auth_info info = { 0 };
	char hex[DIGEST_HEX];
	size_t start;
	int rc;

	if (nextnonce.n)
		info.nextnonce = sip_digest_escape(nextnonce, room);
	if (claim->c.qop.p) {
		rc = digest_response(claim->alg,
				     slice_ieq(claim->c.qop, "auth-int") ?
				     DIGEST_QOP_AUTH_INT : DIGEST_QOP_AUTH,
				     &claim->c, user, &q, hex);
		if (rc)
			return rc;
		info.qop = claim->c.qop;
		info.rspauth = slice_of(hex, digest_hex_size(claim->alg));
		info.cnonce = sip_digest_escape(claim->c.cnonce, room);
		info.nc = claim->c.nc;
	}
	start = room->n;
	sip_auth_info_write(room, &info);
	if (writer_end(room) < 0)
		return -ENOSPC;
	if (room->n == start)
		return 0; /* nothing to say */
	return sip_msg_add(response, SIP_HDR_AUTHENTICATION_INFO,
			   slice_skip(writer_done(room), start));
}
