/* SPDX-License-Identifier: BSD-2-Clause
 * The first byte chooses the header, the rest is its value. */
#include "fuzz/fuzz_sip_row.h"
#include "sip/hdr/sip_info.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const enum sip_hdr ids[] = {
		SIP_HDR_ALERT_INFO,
		SIP_HDR_CALL_INFO,
		SIP_HDR_ERROR_INFO
	};
	struct slice in = slice_of(data, size);
	struct sip_info v;
	struct sip_list l;
	int rc;

	(void)sip_row_holds(ids[sip_row_choice(&in, COUNT(ids))], in);
	l = sip_list_begin(in, NULL);
	while ((rc = sip_info_next(&l, &v)) > 0)
		INVARIANT(v.uri.n && slice_inside(v.uri, in) &&
			  slice_inside(v.params, in) &&
			  slice_inside(v.purpose, v.params));
	INVARIANT(l.n <= LIMIT_SIP_VALUES);
	return 0;
}
