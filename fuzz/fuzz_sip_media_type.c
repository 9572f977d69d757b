/* SPDX-License-Identifier: BSD-2-Clause
 * The first byte chooses the header, the rest is its value. */
#include "fuzz/fuzz_sip_row.h"
#include "sip/hdr/sip_media_type.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const enum sip_hdr ids[] = {
		SIP_HDR_CONTENT_TYPE,
		SIP_HDR_ACCEPT
	};
	struct slice in = slice_of(data, size), boundary;
	char buf[SIP_BOUNDARY_MAX];
	struct sip_media_type t;
	struct sip_accept a;

	(void)sip_row_holds(ids[sip_row_choice(&in, COUNT(ids))], in);
	if (sip_media_type_parse(in, &t, NULL) == 0) {
		INVARIANT(t.type.n && t.subtype.n &&
			  slice_inside(t.type, in) &&
			  slice_inside(t.subtype, in) &&
			  slice_inside(t.params, in));
		if (sip_media_type_boundary(&t, buf, &boundary))
			INVARIANT(boundary.n && boundary.n <= sizeof(buf));
	}
	if (sip_accept_parse(in, &a, NULL) == 0)
		INVARIANT(a.q <= 1000 && slice_inside(a.range.params, in));
	return 0;
}
