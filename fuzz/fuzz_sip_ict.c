/* SPDX-License-Identifier: BSD-2-Clause
 * A script of (input, time step).  What must hold: one end and silence after
 * it, no ACK of a 2xx, nothing passed up after a failure. */
#include "fuzz/fuzz.h"
#include "sip/core/sip_ict.h"

static const unsigned ENDS = SIP_ICT_TIMED_OUT | SIP_ICT_UNREACHABLE |
			     SIP_ICT_DONE;

static unsigned feed(struct sip_ict *t, unsigned op, mono now)
{
	switch (op) {
	case 0:
		return sip_ict_on_time(t, now);
	case 7:
		return sip_ict_on_transport_error(t);
	case 8:
		sip_ict_on_cancel(t, now);
		return 0;
	default:
		return sip_ict_on_response(t, 100 * op, now);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sip_ict t = { 0 };
	mono now = 0;
	unsigned sends = 0;
	bool ended = false, failed = false, accepted = false;

	if (!size)
		return 0;
	INVARIANT(sip_ict_start(&t, data[0] & 1, now) == SIP_ICT_SEND);
	for (size_t i = 1; i + 2 <= size; i += 2) {
		unsigned op = data[i] % 9, out;

		now = mono_add(now, MS(100) * data[i + 1]);
		out = feed(&t, op, now);
		INVARIANT(op != 0 || sip_ict_deadline(&t) > now);
		INVARIANT(!ended || !out);
		if (out & SIP_ICT_ACK)
			INVARIANT(op >= 3 && op <= 6 && !accepted);
		if (out & SIP_ICT_PASS_UP) {
			INVARIANT(!failed && (!accepted || op == 2));
			failed = op > 2;
			accepted = op == 2;
		}
		ended |= (out & ENDS) != 0;
		sends += (out & SIP_ICT_SEND) != 0;
		INVARIANT(sends <= 6);
	}
	return 0;
}
