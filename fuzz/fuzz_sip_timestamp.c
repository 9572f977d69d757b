/* SPDX-License-Identifier: BSD-2-Clause */
#include "fuzz/fuzz_sip_row.h"
#include "sip/hdr/sip_timestamp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice in = slice_of(data, size);
	struct sip_timestamp v;
	int64_t ns = 0;

	if (sip_row_holds(SIP_HDR_TIMESTAMP, in)) {
		INVARIANT(sip_timestamp_parse(in, &v, NULL) == 0);
		INVARIANT(slice_inside(v.time, in) &&
			  slice_inside(v.delay, in));
		INVARIANT(sip_timestamp_ns(v.time, &ns) || ns >= 0);
		INVARIANT(sip_timestamp_ns(v.delay, &ns) || ns >= 0);
	}
	return 0;
}
