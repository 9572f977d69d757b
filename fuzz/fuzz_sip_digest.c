/* SPDX-License-Identifier: BSD-2-Clause
 * The input is a script of lines: an operation, and a header's value.
 *	W, P  a challenge in the response      I  its Authentication-Info
 *	C     the response is a 401            O  it is a 200
 *	A     the request is sent, with credentials
 *	S     a server gets a request with that Authorization
 *	L, Q  the algorithms that are answered, in that order; Q: with qop alone
 */
#include "fuzz/fuzz.h"
#include "sip/usage/sip_digest.h"
#include "sip/usage/sip_digest_uas.h"

static const struct sip_secret keys[] = {
	{ .realm = SLICE("b"), .user = SLICE("u\"b"), .password = SLICE("2") },
	{ .user = SLICE("any"), .password = SLICE("1") },
};

struct client {
	struct sip_secret keys[COUNT(keys)];
	struct sip_digest_choice choice;
	struct mem mem;
	struct sip_digest d;
	struct sip_msg req, res;
	char text[16384];
};

static void choose(struct client *c, bool qop, struct slice list)
{
	if (sip_digest_choice_parse(list, &c->choice))
		return;
	INVARIANT(c->choice.n && c->choice.n <= SIP_DIGEST_ALGORITHMS);
	c->choice.require_qop = qop;
	for (size_t i = 0; i < COUNT(keys); i++)
		c->keys[i].choice = &c->choice;
}

static void authorize(struct client *c)
{
	struct writer room = writer_begin(c->text, sizeof(c->text));
	struct sip_credentials k;
	int rc = sip_digest_authorize(&c->d, &c->req, c->keys,
				      COUNT(keys), S("cafecafe"), false,
				      &room);

	INVARIANT(rc <= (int)c->d.n && rc <= SIP_DIGEST_REALMS);
	INVARIANT(c->req.n == (rc > 0 ? rc : 0));
	for (unsigned i = 0; i < c->req.n; i++)
		INVARIANT(sip_credentials_parse(c->req.field[i].value, &k,
						NULL) == 0 && k.digest);
}

static void serve(struct slice value)
{
	struct sip_digest_policy p = { .realm = S("b"),
				       .alg = { DIGEST_MD5, DIGEST_SHA256 },
				       .algs = 2, .integrity = true };
	struct digest_user u = { .user = S("u"), .password = S("p") };
	struct sip_digest_claim claim;
	struct sip_msg m;

	sip_msg_request(&m, S("BYE"), S("sip:a"));
	if (sip_msg_add(&m, SIP_HDR_AUTHORIZATION, value) ||
	    sip_digest_claim(&p, &m, SEC(1), &claim))
		return;
	INVARIANT(slice_eq(claim.c.realm, "b") && claim.c.username.n);
	/* No key of ours made that nonce */
	INVARIANT(sip_digest_verify(&claim, &u, &m) != 0);
}

static void step(struct client *c, char op, struct slice value)
{
	static const enum sip_hdr id[] = { SIP_HDR_WWW_AUTHENTICATE,
					   SIP_HDR_PROXY_AUTHENTICATE,
					   SIP_HDR_AUTHENTICATION_INFO };
	bool field = op == 'W' || op == 'P' || op == 'I';
	int rc = 0;

	if (field)
		rc = sip_msg_add(&c->res, id[op == 'W' ? 0 : op == 'P' ? 1 : 2],
				 value);
	else if (op == 'A')
		authorize(c);
	else if (op == 'L' || op == 'Q')
		choose(c, op == 'Q', value);
	else if (op == 'S')
		serve(value);
	else if (op == 'C')
		rc = sip_digest_on_challenge(&c->d, &c->req, &c->res,
					     c->keys, COUNT(keys));
	else if (op == 'O')
		rc = sip_digest_on_answer(&c->d, &c->req, &c->res, c->keys,
					  COUNT(keys));
	INVARIANT(rc <= LIMIT_SIP_FIELDS && rc != -ENOMEM);
	if (op == 'C' || op == 'O')
		sip_msg_response(&c->res, 401, S("Unauthorized"));
	INVARIANT(c->d.n <= SIP_DIGEST_REALMS && c->mem.blocks == c->d.n);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice rest = slice_of(data, size), line;
	struct client c = { .choice = { .n = 0 } };
	bool more = true;

	memcpy(c.keys, keys, sizeof(keys));
	mem_init(&c.mem, 0);
	sip_digest_init(&c.d, &c.mem);
	sip_msg_request(&c.req, S("REGISTER"), S("sip:example.com"));
	sip_msg_response(&c.res, 401, S("Unauthorized"));
	while (more) {
		more = slice_cut(rest, '\n', &line, &rest);
		if (line.n)
			step(&c, line.p[0], slice_skip(line, 1));
	}
	sip_digest_fini(&c.d);
	INVARIANT(c.mem.blocks == 0);
	return 0;
}
