/* SPDX-License-Identifier: BSD-2-Clause */
#include "fuzz/fuzz_sip_row.h"
#include "sip/hdr/sip_retry_after.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice in = slice_of(data, size);
	struct sip_retry_after v;

	if (sip_row_holds(SIP_HDR_RETRY_AFTER, in)) {
		INVARIANT(sip_retry_after_parse(in, &v, NULL) == 0);
		INVARIANT(slice_inside(v.comment, in) &&
			  slice_inside(v.params, in));
	}
	return 0;
}
