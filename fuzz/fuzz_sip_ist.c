/* SPDX-License-Identifier: BSD-2-Clause
 * A script of (input, time step).  What must hold: no failure after a 2xx or
 * the reverse, bounded repeats, one end and silence after it. */
#include "fuzz/fuzz.h"
#include "sip/core/sip_ist.h"

static unsigned feed(struct sip_ist *t, unsigned op, mono now)
{
	switch (op) {
	case 0:
		return sip_ist_on_time(t, now);
	case 7:
		return sip_ist_on_transport_error(t);
	case 8:
		return sip_ist_on_invite(t);
	case 9:
		return sip_ist_on_ack(t, now);
	default:
		return sip_ist_respond(t, 100 * op, now);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sip_ist t = { 0 };
	mono now = 0;
	unsigned final = 0, repeats = 0;
	bool ended = false;

	if (!size)
		return 0;
	INVARIANT(sip_ist_start(&t, data[0] & 1, now) == SIP_IST_PASS_UP);
	for (size_t i = 1; i + 2 <= size; i += 2) {
		unsigned op = data[i] % 10, out;

		now = mono_add(now, MS(100) * data[i + 1]);
		out = feed(&t, op, now);
		INVARIANT(!ended || !out);
		if (op >= 1 && op <= 6 && out) {
			INVARIANT(!final || (final == 2 && op == 2));
			final = op == 1 ? final : op;
		}
		if (op == 0 && (out & SIP_IST_SEND))
			INVARIANT(++repeats <= 10 && final > 2);
		if (out & SIP_IST_PASS_UP)
			INVARIANT(op == 9 && final == 2);
		ended |= (out & (SIP_IST_NO_ACK | SIP_IST_DONE)) != 0;
		INVARIANT(op != 0 || sip_ist_deadline(&t) > now);
	}
	return 0;
}
