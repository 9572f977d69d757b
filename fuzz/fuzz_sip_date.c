/* SPDX-License-Identifier: BSD-2-Clause */
#include "fuzz/fuzz_sip_row.h"
#include "sip/hdr/sip_date.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice in = slice_of(data, size);
	struct sip_date v, back;

	if (sip_row_holds(SIP_HDR_DATE, in)) {
		INVARIANT(sip_date_parse(in, &v, NULL) == 0);
		INVARIANT(sip_date_from_unix(sip_date_to_unix(&v), &back) ==
			  0);
		INVARIANT(memcmp(&v, &back, offsetof(struct sip_date, second) +
				 1) == 0);
	}
	if (size >= 8) {
		int64_t t;

		memcpy(&t, data, sizeof(t));
		INVARIANT(sip_date_from_unix(t, &v) ||
			  sip_date_to_unix(&v) == t);
	}
	return 0;
}
