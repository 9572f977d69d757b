/* SPDX-License-Identifier: BSD-2-Clause */
#include "fuzz/fuzz_sip_row.h"
#include "sip/hdr/sip_cseq.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice in = slice_of(data, size);
	struct sip_cseq v;

	if (sip_row_holds(SIP_HDR_CSEQ, in)) {
		INVARIANT(sip_cseq_parse(in, &v, NULL) == 0);
		INVARIANT(v.method.n && slice_inside(v.method, in));
	}
	return 0;
}
