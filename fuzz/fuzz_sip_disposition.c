/* SPDX-License-Identifier: BSD-2-Clause */
#include "fuzz/fuzz_sip_row.h"
#include "sip/hdr/sip_disposition.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice in = slice_of(data, size);
	struct sip_disposition v;

	if (sip_row_holds(SIP_HDR_CONTENT_DISPOSITION, in)) {
		INVARIANT(sip_disposition_parse(in, &v, NULL) == 0);
		INVARIANT(slice_inside(v.type, in) &&
			  slice_inside(v.params, in) &&
			  slice_inside(v.handling, v.params));
	}
	return 0;
}
