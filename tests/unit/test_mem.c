/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/suites.h"

#include <string.h>

#include "platform/mem.h"

START_TEST(the_budget_is_exact)
{
	struct mem m;
	void *a, *b;

	mem_init(&m, 0);
	a = mem_new(&m, 100);
	ck_assert_ptr_nonnull(a);
	m.budget = m.used;
	ck_assert_ptr_null(mem_new(&m, 1));
	mem_free(&m, a);
	a = mem_new(&m, 100);
	ck_assert_ptr_nonnull(a);
	ck_assert_ptr_null(mem_resize(&m, a, 101));
	b = mem_resize(&m, a, 50);
	ck_assert_ptr_nonnull(b);
	mem_free(&m, b);
	ck_assert_uint_eq(m.used, 0);
	ck_assert_uint_eq(m.blocks, 0);
	ck_assert_uint_eq(m.peak, m.budget);
}
END_TEST

START_TEST(the_nth_call_fails)
{
	struct mem m;
	void *a, *b;

	mem_init(&m, 0);
	m.fail_at = 2;
	a = mem_new(&m, 8);
	ck_assert_ptr_nonnull(a);
	ck_assert_ptr_null(mem_new(&m, 8));
	b = mem_new(&m, 8);
	ck_assert_ptr_nonnull(b);
	mem_free(&m, a);
	mem_free(&m, b);
	m = (struct mem){ .resize = m.resize, .fail_at = 1, .fail_on = true };
	ck_assert_ptr_null(mem_new(&m, 8));
	ck_assert_ptr_null(mem_new(&m, 8));
}
END_TEST

START_TEST(sizes_that_overflow_are_refused)
{
	struct mem m;

	mem_init(&m, 0);
	ck_assert_ptr_null(mem_array(&m, SIZE_MAX / 2, 3));
	ck_assert_ptr_null(mem_new(&m, SIZE_MAX));
	ck_assert_ptr_null(mem_new(&m, 0));
	ck_assert_uint_eq(m.used, 0);
	mem_free(&m, NULL);
}
END_TEST

START_TEST(resizing_keeps_what_was_there)
{
	struct mem m;
	char *p;

	mem_init(&m, 0);
	p = mem_copy(&m, "hello", 6);
	ck_assert_ptr_nonnull(p);
	p = mem_resize(&m, p, 1000);
	ck_assert_ptr_nonnull(p);
	ck_assert_str_eq(p, "hello");
	mem_free(&m, p);
	ck_assert_uint_eq(m.used, 0);
}
END_TEST

static void busy_time(struct mem *m)
{
	void *p[100];

	for (unsigned i = 0; i < 100; i++) {
		p[i] = mem_new(m, 1000);
		ck_assert_ptr_nonnull(p[i]);
	}
	for (unsigned i = 0; i < 100; i++)
		mem_free(m, p[i]);
}

/* Around every step of the sizes that the allocator really takes. */
START_TEST(each_size_is_all_there)
{
	struct mem m;
	unsigned char *p;

	mem_init(&m, 0);
	for (size_t n = 1; n < 1200; n++) {
		p = mem_new(&m, n);
		ck_assert_ptr_nonnull(p);
		for (size_t i = 0; i < n; i++)
			ck_assert_uint_eq(p[i], 0);
		memset(p, 0xa5, n);
		p = mem_resize(&m, p, 1200 - n);
		ck_assert_ptr_nonnull(p);
		for (size_t i = 0; i < n && i < 1200 - n; i++)
			ck_assert_uint_eq(p[i], 0xa5);
		memset(p, 0x5a, 1200 - n);
		mem_free(&m, p);
	}
	ck_assert_uint_eq(m.blocks, 0);
}
END_TEST

START_TEST(an_eighth_that_is_free_is_worth_giving_back)
{
	struct mem m;
	void *stays[9], *small;

	mem_init(&m, 0);
	for (unsigned i = 0; i < 9; i++) {
		stays[i] = mem_new(&m, 60000);
		ck_assert_ptr_nonnull(stays[i]);
	}
	ck_assert(!mem_has_idle(&m));
	mem_free(&m, stays[8]); /* a ninth */
	ck_assert(!mem_has_idle(&m));
	small = mem_new(&m, 30000);
	mem_free(&m, small);
	ck_assert(!mem_has_idle(&m));
	mem_free(&m, stays[7]);
	ck_assert(mem_has_idle(&m));
	mem_give_back(&m);
	ck_assert(!mem_has_idle(&m));
	for (unsigned i = 0; i < 7; i++)
		mem_free(&m, stays[i]);
	ck_assert(mem_has_idle(&m));
	mem_give_back(&m);
	busy_time(&m);
	ck_assert(mem_has_idle(&m));
	/* what is large has a mapping of its own */
	mem_give_back(&m);
	small = mem_new(&m, MEM_LARGE);
	mem_free(&m, small);
	ck_assert(!mem_has_idle(&m));
}
END_TEST

START_TEST(what_a_library_takes_is_charged)
{
	struct mem m;

	mem_init(&m, 1000);
	ck_assert_int_eq(mem_charge(&m, 600), 0);
	ck_assert_uint_eq(m.used, 600);
	ck_assert_uint_eq(m.blocks, 1);
	ck_assert_int_eq(mem_charge(&m, 600), -ENOMEM);
	m.fail_at = m.calls + 1;
	ck_assert_int_eq(mem_charge(&m, 1), -ENOMEM);
	mem_uncharge(&m, 600);
	ck_assert_uint_eq(m.used, 0);
	ck_assert_uint_eq(m.blocks, 0);
}
END_TEST

SUITE(mem, what_a_library_takes_is_charged, the_budget_is_exact,
      the_nth_call_fails,
      sizes_that_overflow_are_refused, resizing_keeps_what_was_there,
      each_size_is_all_there, an_eighth_that_is_free_is_worth_giving_back);
