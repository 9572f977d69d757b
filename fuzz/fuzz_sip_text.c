/* SPDX-License-Identifier: BSD-2-Clause
 * The first byte chooses the header, the rest is its value. */
#include "fuzz/fuzz_sip_row.h"
#include "sip/hdr/sip_text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const enum sip_hdr ids[] = {
		SIP_HDR_SUBJECT,
		SIP_HDR_ORGANIZATION,
		SIP_HDR_SERVER,
		SIP_HDR_USER_AGENT,
		SIP_HDR_PRIORITY,
		SIP_HDR_OTHER
	};
	struct slice in = slice_of(data, size);
	struct sip_product v;
	struct sip_list l;
	int rc;

	(void)sip_row_holds(ids[sip_row_choice(&in, COUNT(ids))], in);
	l = sip_list_begin(in, NULL);
	while ((rc = sip_product_next(&l, &v)) > 0)
		INVARIANT(slice_inside(v.name, in) &&
			  slice_inside(v.version, in) &&
			  slice_inside(v.comment, in) &&
			  !v.name.p != !v.comment.p);
	INVARIANT(l.n <= LIMIT_SIP_VALUES);
	return 0;
}
