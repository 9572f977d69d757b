/* SPDX-License-Identifier: BSD-2-Clause
 * The first byte chooses the header, the rest is its value. */
#include "fuzz/fuzz_sip_row.h"
#include "sip/hdr/sip_callid.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const enum sip_hdr ids[] = {
		SIP_HDR_CALL_ID,
		SIP_HDR_IN_REPLY_TO
	};
	struct slice in = slice_of(data, size);
	struct sip_callid v;
	struct sip_list l;
	int rc;

	(void)sip_row_holds(ids[sip_row_choice(&in, COUNT(ids))], in);
	l = sip_list_begin(in, NULL);
	while ((rc = sip_callid_next(&l, &v)) > 0)
		INVARIANT(v.text.n && slice_inside(v.text, in) &&
			  slice_inside(v.local, v.text) &&
			  slice_inside(v.host, v.text));
	INVARIANT(l.n <= LIMIT_SIP_VALUES);
	return 0;
}
