/* SPDX-License-Identifier: BSD-2-Clause
 * The first byte chooses the header, the rest is its value. */
#include "fuzz/fuzz_sip_row.h"
#include "sip/hdr/sip_number.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const enum sip_hdr ids[] = {
		SIP_HDR_MAX_FORWARDS,
		SIP_HDR_EXPIRES,
		SIP_HDR_MIN_EXPIRES,
		SIP_HDR_CONTENT_LENGTH,
		SIP_HDR_MIME_VERSION,
		SIP_HDR_FLOW_TIMER
	};
	struct slice in = slice_of(data, size);
	uint32_t hops = 0, seconds = 0;

	(void)sip_row_holds(ids[sip_row_choice(&in, COUNT(ids))], in);
	if (sip_max_forwards_parse(in, &hops, NULL) == 0)
		INVARIANT(hops <= 255 &&
			  sip_expires_parse(in, &seconds, NULL) == 0 &&
			  hops == seconds);
	return 0;
}
