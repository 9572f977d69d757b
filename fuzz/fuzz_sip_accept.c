/* SPDX-License-Identifier: BSD-2-Clause
 * The first byte chooses the header, the rest is its value. */
#include "fuzz/fuzz_sip_row.h"
#include "sip/hdr/sip_accept.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const enum sip_hdr ids[] = {
		SIP_HDR_ACCEPT_ENCODING,
		SIP_HDR_ACCEPT_LANGUAGE,
		SIP_HDR_CONTENT_ENCODING,
		SIP_HDR_CONTENT_LANGUAGE
	};
	struct slice in = slice_of(data, size);
	struct sip_preference v;
	struct sip_list l;
	unsigned q = 0;
	int rc;

	if (sip_qvalue_parse(in, &q) == 0)
		INVARIANT(q <= 1000 && in.n <= 5);
	(void)sip_row_holds(ids[sip_row_choice(&in, COUNT(ids))], in);
	l = sip_list_begin(in, NULL);
	while ((rc = sip_accept_language_next(&l, &v)) > 0)
		INVARIANT(v.q <= 1000 && v.value.n &&
			  slice_inside(v.value, in) &&
			  slice_inside(v.params, in));
	INVARIANT(l.n <= LIMIT_SIP_VALUES);
	return 0;
}
