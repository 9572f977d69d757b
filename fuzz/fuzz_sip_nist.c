/* SPDX-License-Identifier: BSD-2-Clause
 * A script of (input, time step).  What must hold: at most one final response,
 * never a 408 and never a 1xx of the user's, one end, silence after it. */
#include "fuzz/fuzz.h"
#include "sip/core/sip_nist.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sip_nist t = { 0 };
	mono now = 0;
	unsigned finals = 0, ended = 0, trying = 0;

	if (!size)
		return 0;
	INVARIANT(sip_nist_start(&t, data[0] & 1, now) == SIP_NIST_PASS_UP);
	for (size_t i = 1; i + 2 <= size; i += 2) {
		unsigned op = data[i] % 10, out;
		unsigned status = op == 9 ? 408 : 100 * op;

		now = mono_add(now, MS(100) * data[i + 1]);
		if (op == 0)
			out = sip_nist_on_time(&t, now);
		else if (op == 7)
			out = sip_nist_on_transport_error(&t);
		else if (op == 8)
			out = sip_nist_on_request(&t);
		else
			out = sip_nist_respond(&t, status, now);
		INVARIANT(!ended || !out);
		if (op != 0 && op != 7 && op != 8 && out) {
			INVARIANT(status >= 200 && status != 408);
			INVARIANT(++finals == 1);
		}
		trying += (out & SIP_NIST_100) != 0;
		INVARIANT(trying <= 1 && !(out & SIP_NIST_PASS_UP));
		ended += (out & (SIP_NIST_FAILED | SIP_NIST_DONE)) != 0;
		INVARIANT((sip_nist_deadline(&t) == MONO_NEVER) == (ended > 0));
	}
	return 0;
}
