/* SPDX-License-Identifier: BSD-2-Clause
 * What a server reads of credentials, and its count of nonces: the input is a
 * nonce of DIGEST_NONCE_HEX bytes at most, a line of parameters, and numbers.
 * What must hold: no count is fresh twice, no nonce of another's is ours, and
 * who does not know the secret is not let in. */
#include "fuzz/fuzz.h"
#include "platform/digest.h"

static void counts(struct slice in)
{
	struct digest_nc n = { 0 };
	uint32_t taken[64];
	size_t count = 0;

	for (; in.n && count < COUNT(taken); in = slice_skip(in, 1)) {
		/* near the highest, behind it, and far ahead */
		uint32_t step = (uint8_t)in.p[0];
		uint32_t nc = step & 0x80 ? n.highest - (step & 0x7F) :
			      step & 0x40 ? n.highest + (step << 20) :
					    n.highest + (step & 0x3F);

		if (!digest_nc_fresh(&n, nc))
			continue;
		for (size_t i = 0; i < count; i++)
			INVARIANT(taken[i] != nc);
		taken[count++] = nc;
	}
}

static void names(struct slice in)
{
	enum digest_alg alg = DIGEST_MD5;
	uint32_t nc = 0;

	if (digest_alg_parse(in, &alg) == 0)
		INVARIANT(!in.n || slice_ieq(in, digest_alg_name(alg)));
	if (digest_nc_parse(in, &nc) == 0)
		INVARIANT(in.n == DIGEST_NC_HEX);
	else
		INVARIANT(nc == 0);
}

static void verify(struct slice nonce, struct slice line)
{
	static const struct digest_user u = { .user = SLICE("u"),
					      .password = SLICE("secret") };
	static const uint8_t key[32] = { 1 };
	struct digest_credentials c = { .nonce = nonce, .username = S("u"),
					.realm = S("r"), .uri = S("sip:a") };
	struct slice *part[] = { &c.response, &c.algorithm, &c.qop, &c.nc,
				 &c.cnonce };
	int rc;

	for (size_t i = 0; i < COUNT(part); i++) {
		struct slice rest = { 0 };

		(void)slice_cut(line, ',', part[i], &rest);
		line = rest;
	}
	/* a hash that fits by chance is not to be found here */
	rc = digest_verify(&c, &u, S("BYE"), S(""));
	INVARIANT(rc == -EACCES || rc == -EBADMSG || rc == -ENOTSUP);
	rc = digest_nonce_check(key, S("r"), nonce, SEC(100), SEC(60));
	INVARIANT(rc == -EBADMSG);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice nonce, line, rest = slice_of(data, size);

	(void)slice_cut(rest, '\n', &nonce, &rest);
	(void)slice_cut(rest, '\n', &line, &rest);
	names(nonce);
	names(line);
	verify(nonce, line);
	counts(rest);
	return 0;
}
