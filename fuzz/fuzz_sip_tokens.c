/* SPDX-License-Identifier: BSD-2-Clause
 * The first byte chooses the header, the rest is its value; all of them are
 * read by sip_tokens_parse(). */
#include "fuzz/fuzz_sip_row.h"
#include "sip/hdr/sip_tokens.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const enum sip_hdr ids[] = {
		SIP_HDR_ALLOW,
		SIP_HDR_SUPPORTED,
		SIP_HDR_REQUIRE,
		SIP_HDR_PROXY_REQUIRE,
		SIP_HDR_UNSUPPORTED
	};
	struct slice in = slice_of(data, size);
	struct sip_tokens v;

	(void)sip_row_holds(ids[sip_row_choice(&in, COUNT(ids))], in);
	if (sip_supported_parse(in, &v, NULL) == 0)
		for (unsigned i = 0; i < v.n; i++)
			INVARIANT(v.token[i].n &&
				  slice_inside(v.token[i], in));
	return 0;
}
