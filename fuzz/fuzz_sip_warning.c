/* SPDX-License-Identifier: BSD-2-Clause */
#include "fuzz/fuzz_sip_row.h"
#include "sip/hdr/sip_warning.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice in = slice_of(data, size);
	struct sip_warning v;
	struct sip_list l;
	int rc;

	(void)sip_row_holds(SIP_HDR_WARNING, in);
	l = sip_list_begin(in, NULL);
	while ((rc = sip_warning_next(&l, &v)) > 0)
		INVARIANT(v.code <= 999 && v.agent.n &&
			  slice_inside(v.agent, in) &&
			  slice_inside(v.text, in));
	INVARIANT(l.n <= LIMIT_SIP_VALUES);
	return 0;
}
