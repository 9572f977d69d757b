/* SPDX-License-Identifier: BSD-2-Clause
 * The first byte chooses the header, the rest is its value. */
#include "fuzz/fuzz_sip_row.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice in = slice_of(data, size);
	enum sip_hdr id = (enum sip_hdr)sip_row_choice(&in, SIP_HDR_COUNT);

	(void)sip_row_holds(id, in);
	return 0;
}
