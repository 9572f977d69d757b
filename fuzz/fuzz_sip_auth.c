/* SPDX-License-Identifier: BSD-2-Clause
 * The first byte chooses the header, the rest is its value. */
#include "fuzz/fuzz_sip_row.h"
#include "sip/hdr/sip_auth.h"

static void challenge(struct slice in)
{
	struct sip_challenge c;

	if (sip_challenge_parse(in, &c, NULL))
		return;
	INVARIANT(c.scheme.n && slice_inside(c.scheme, in) &&
		  slice_inside(c.params, in) && c.params.n);
	INVARIANT(slice_inside(c.realm, c.params) &&
		  slice_inside(c.domain, c.params) &&
		  slice_inside(c.nonce, c.params) &&
		  slice_inside(c.opaque, c.params) &&
		  slice_inside(c.stale, c.params) &&
		  slice_inside(c.algorithm, c.params) &&
		  slice_inside(c.qop, c.params) &&
		  slice_inside(c.userhash, c.params) &&
		  slice_inside(c.charset, c.params));
	(void)sip_challenge_offers(&c, "auth");
	(void)sip_challenge_is_stale(&c);
}

static void credentials(struct slice in)
{
	struct sip_credentials c;
	struct slice plain;
	char buf[64];

	if (sip_credentials_parse(in, &c, NULL))
		return;
	INVARIANT(slice_inside(c.username, c.params) &&
		  slice_inside(c.realm, c.params) &&
		  slice_inside(c.nonce, c.params) &&
		  slice_inside(c.uri, c.params) &&
		  slice_inside(c.response, c.params) &&
		  slice_inside(c.algorithm, c.params) &&
		  slice_inside(c.cnonce, c.params) &&
		  slice_inside(c.opaque, c.params) &&
		  slice_inside(c.qop, c.params) &&
		  slice_inside(c.nc, c.params) &&
		  slice_inside(c.userhash, c.params));
	INVARIANT(!c.nc.p || c.nc.n == 8);
	if (sip_auth_unescape(c.username, buf, sizeof(buf), &plain) == 0)
		INVARIANT(plain.n <= c.username.n);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const enum sip_hdr ids[] = {
		SIP_HDR_WWW_AUTHENTICATE,
		SIP_HDR_PROXY_AUTHENTICATE,
		SIP_HDR_AUTHORIZATION,
		SIP_HDR_PROXY_AUTHORIZATION,
		SIP_HDR_AUTHENTICATION_INFO
	};
	struct slice in = slice_of(data, size);

	(void)sip_row_holds(ids[sip_row_choice(&in, COUNT(ids))], in);
	challenge(in);
	credentials(in);
	return 0;
}
