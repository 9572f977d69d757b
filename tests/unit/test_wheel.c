/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/suites.h"

#include "platform/wheel.h"

/* xorshift64: the tests' own numbers, so that the wheel stands alone. */
static uint64_t next(uint64_t *x)
{
	*x ^= *x << 13;
	*x ^= *x >> 7;
	*x ^= *x << 17;
	return *x;
}

struct ref { /* the timer and what a plain sorted list would say of it */
	struct wheel_timer t;
	mono at;
	uint64_t order;
	bool set;
};

enum { REFS = 200 };

static struct ref *first(struct ref *r)
{
	struct ref *best = NULL;

	for (size_t i = 0; i < REFS; i++)
		if (r[i].set &&
		    (!best || r[i].at < best->at ||
		     (r[i].at == best->at && r[i].order < best->order)))
			best = &r[i];
	return best;
}

static void pop_and_compare(struct wheel *w, struct ref *r, mono now)
{
	for (;;) {
		struct ref *want = first(r);
		mono deadline = wheel_deadline(w);
		struct wheel_timer *t = wheel_pop(w, now);

		ck_assert(deadline <= (want ? want->at : MONO_NEVER));
		if (!want || want->at > now)
			want = NULL;
		ck_assert_ptr_eq(t, want ? &want->t : NULL);
		if (!t)
			return;
		ck_assert(!wheel_is_set(t));
		want->set = false;
	}
}

/* A step of up to 2^bits ns: from within a tick to beyond the last level. */
static mono random_span(uint64_t *x)
{
	uint64_t bits = 1 + next(x) % 55;

	return (mono)(next(x) & (((uint64_t)1 << bits) - 1));
}

START_TEST(a_wheel_gives_what_a_sorted_list_gives)
{
	static struct ref r[REFS];
	static struct wheel w;
	uint64_t x = 88172645463325252u + (uint64_t)_i, order = 0;
	mono now = random_span(&x);

	memset(r, 0, sizeof(r));
	wheel_init(&w, now);
	for (int step = 0; step < 20000; step++) {
		struct ref *one = &r[next(&x) % REFS];
		mono span = random_span(&x);
		unsigned kind = next(&x) % 8;

		switch (kind) {
		case 0:
			wheel_cancel(&w, &one->t);
			one->set = false;
			break;
		case 1: case 2:
			now = mono_add(now, span / 8);
			pop_and_compare(&w, r, now);
			break;
		case 3: case 4: case 5: case 6: case 7:
			if (kind == 3) /* exactly on a multiple of a tick */
				span -= span % WHEEL_TICK;
			one->at = next(&x) % 16 ? mono_add(now, span) :
						  now - now % (span + 1);
			if (next(&x) % 4 == 0)
				one->at = r[0].at; /* the same time */
			wheel_set(&w, &one->t, one->at);
			one->set = one->at != MONO_NEVER;
			one->order = ++order;
			break;
		}
		ck_assert(wheel_is_set(&one->t) == one->set);
	}
	pop_and_compare(&w, r, MONO_NEVER - 1);
	ck_assert_uint_eq(w.count, 0);
	ck_assert(wheel_deadline(&w) == MONO_NEVER);
}
END_TEST

START_TEST(deadline_leads_to_the_timer_in_few_steps)
{
	static struct wheel w;
	struct wheel_timer t = { 0 };
	unsigned steps = 0;

	wheel_init(&w, SEC(1) + 17);
	wheel_set(&w, &t, SEC(3600) + 5);
	while (!wheel_pop(&w, wheel_deadline(&w)))
		steps++;
	ck_assert(w.now <= SEC(3600) + 5);
	ck_assert_uint_le(steps, WHEEL_LEVELS);
	ck_assert(!wheel_pop(&w, SEC(7200)));
}
END_TEST

START_TEST(never_cancels_and_the_past_is_due)
{
	static struct wheel w;
	struct wheel_timer a = { 0 }, b = { 0 };

	wheel_init(&w, SEC(5));
	wheel_set(&w, &a, SEC(6));
	wheel_set(&w, &b, SEC(1));
	wheel_set(&w, &a, MONO_NEVER);
	ck_assert(!wheel_is_set(&a));
	ck_assert(wheel_deadline(&w) == SEC(1));
	ck_assert_ptr_eq(wheel_pop(&w, SEC(5)), &b);
	ck_assert_ptr_null(wheel_pop(&w, SEC(5)));
	wheel_cancel(&w, &a); /* twice is harmless */
}
END_TEST

Suite *suite_wheel(void);
Suite *suite_wheel(void)
{
	Suite *s = suite_create("wheel");
	TCase *tc = tcase_create("wheel");

	tcase_add_loop_test(tc, a_wheel_gives_what_a_sorted_list_gives, 0, 8);
	tcase_add_test(tc, deadline_leads_to_the_timer_in_few_steps);
	tcase_add_test(tc, never_cancels_and_the_past_is_due);
	suite_add_tcase(s, tc);
	return s;
}
