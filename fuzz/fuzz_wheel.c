/* SPDX-License-Identifier: BSD-2-Clause
 * The input is a script: pairs of an operation and a span of time.  What must
 * hold: timers come out in the order of their times, none early, none late. */
#include "fuzz/fuzz.h"
#include "platform/wheel.h"

enum { TIMERS = 8 };

static void pop_all(struct wheel *w, struct wheel_timer *t, mono now)
{
	struct wheel_timer *out;
	mono last = 0;

	while ((out = wheel_pop(w, now))) {
		INVARIANT(out->at <= now && out->at >= last);
		last = out->at;
	}
	for (size_t i = 0; i < TIMERS; i++)
		INVARIANT(!wheel_is_set(&t[i]) || t[i].at > now);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct wheel w;
	struct wheel_timer t[TIMERS] = { 0 };
	mono now = 0;

	wheel_init(&w, now);
	for (size_t i = 0; i + 2 <= size; i += 2) {
		mono span = (mono)(data[i + 1] & 15) << (data[i + 1] >> 4) * 3;
		struct wheel_timer *one = &t[data[i] % TIMERS];
		mono first = MONO_NEVER;
		size_t set = 0;

		if (data[i] & 0x80) {
			now = mono_add(now, span);
			pop_all(&w, t, now);
		} else if (data[i] & 0x40) {
			wheel_cancel(&w, one);
		} else {
			wheel_set(&w, one, mono_add(now, span));
		}
		for (size_t k = 0; k < TIMERS; k++)
			if (wheel_is_set(&t[k])) {
				first = mono_min(first, t[k].at);
				set++;
			}
		INVARIANT(w.count == set && wheel_deadline(&w) <= first);
		INVARIANT(set || wheel_deadline(&w) == MONO_NEVER);
	}
	return 0;
}
