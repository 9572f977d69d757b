/* SPDX-License-Identifier: BSD-2-Clause
 * A script of (input, time step).  What must hold: one end, silence after it,
 * no timer in the past once served, bounded sends. */
#include "fuzz/fuzz.h"
#include "sip/core/sip_nict.h"
#include "sip/core/sip_timers.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sip_nict t = { 0 };
	mono now = 0;
	unsigned sends = 0, ended = 0;
	const unsigned ends = SIP_NICT_TIMED_OUT | SIP_NICT_UNREACHABLE |
			      SIP_NICT_DONE;

	if (!size)
		return 0;
	INVARIANT(sip_nict_start(&t, data[0] & 1, now) == SIP_NICT_SEND);
	for (size_t i = 1; i + 2 <= size; i += 2) {
		unsigned out = 0;

		now = mono_add(now, MS(100) * data[i + 1]);
		switch (data[i] % 8) {
		case 7:
			out = sip_nict_on_transport_error(&t);
			break;
		case 0:
			out = sip_nict_on_time(&t, now);
			INVARIANT(sip_nict_deadline(&t) > now);
			break;
		default:
			out = sip_nict_on_response(&t, 100u * (data[i] % 8),
						   now);
		}
		INVARIANT(!ended || !out);
		ended += (out & ends) != 0;
		sends += (out & SIP_NICT_SEND) != 0;
		INVARIANT(sends <= 10);
		INVARIANT((sip_nict_deadline(&t) == MONO_NEVER) == (ended > 0));
	}
	return 0;
}
