/* SPDX-License-Identifier: BSD-2-Clause */
#include "sip/core/sip_slots.h"

#include "tests/unit/suites.h"

START_TEST(a_stale_handle_finds_nothing)
{
	struct sip_slots s;
	struct mem m;
	int a, b;
	uint64_t ha, hb;

	mem_init(&m, 0);
	sip_slots_init(&s, &m, 16);
	ck_assert_ptr_null(sip_slots_get(&s, 0));
	ha = sip_slots_add(&s, &a);
	hb = sip_slots_add(&s, &b);
	ck_assert(ha && hb && ha != hb && ha <= UINT32_MAX);
	ck_assert_ptr_eq(sip_slots_get(&s, ha), &a);
	sip_slots_remove(&s, ha);
	sip_slots_remove(&s, ha);
	ck_assert_ptr_null(sip_slots_get(&s, ha));
	ck_assert_ptr_eq(sip_slots_get(&s, hb), &b);
	sip_slots_fini(&s);
	ck_assert_uint_eq(m.blocks, 0);
}
END_TEST

START_TEST(no_handle_comes_back_soon)
{
	struct sip_slots s;
	struct mem m;
	int a;
	uint64_t first;
	unsigned bad = 0;

	mem_init(&m, 0);
	sip_slots_init(&s, &m, 16);
	first = sip_slots_add(&s, &a);
	sip_slots_remove(&s, first);
	for (int i = 0; i < 1000000; i++) {
		uint64_t h = sip_slots_add(&s, &a);

		bad += !h || h == first;
		sip_slots_remove(&s, h);
	}
	ck_assert_uint_eq(bad, 0);
	sip_slots_fini(&s);
}
END_TEST

START_TEST(a_walk_meets_each_once)
{
	struct sip_slots s;
	struct mem m;
	int obj[100];
	uint64_t h[100];
	uint32_t at = 0;
	unsigned met = 0;
	int *p;

	mem_init(&m, 0);
	sip_slots_init(&s, &m, 32);
	for (int i = 0; i < 100; i++) {
		obj[i] = 0;
		h[i] = sip_slots_add(&s, &obj[i]);
		ck_assert_uint_gt(h[i], UINT32_MAX);
	}
	for (int i = 0; i < 100; i += 2)
		sip_slots_remove(&s, h[i]);
	while ((p = sip_slots_walk(&s, &at))) {
		ck_assert_int_eq((*p)++, 0);
		met++;
	}
	ck_assert_uint_eq(met, 50);
	sip_slots_fini(&s);
}
END_TEST

START_TEST(full_is_full)
{
	struct sip_slots s;
	struct mem m;
	int a;
	uint64_t h = 0;

	mem_init(&m, 0);
	sip_slots_init(&s, &m, 16);
	for (int i = 0; i < 65535; i++)
		h = sip_slots_add(&s, &a);
	ck_assert_uint_ne(h, 0);
	ck_assert_uint_eq(sip_slots_add(&s, &a), 0);
	sip_slots_remove(&s, h);
	ck_assert_uint_ne(sip_slots_add(&s, &a), 0);
	sip_slots_fini(&s);
}
END_TEST

/* After a busy time the memory goes back, and no handle becomes good again. */
START_TEST(an_empty_table_holds_nothing)
{
	struct sip_slots s;
	struct mem m;
	uint64_t h[1000];
	int a;

	mem_init(&m, 0);
	sip_slots_init(&s, &m, 32);
	for (int i = 0; i < 1000; i++)
		h[i] = sip_slots_add(&s, &a);
	for (int i = 0; i < 1000; i++)
		sip_slots_remove(&s, h[i]);
	ck_assert_uint_eq(m.blocks, 0);
	for (int i = 0; i < 1000; i++) {
		ck_assert_uint_ne(sip_slots_add(&s, &a), 0);
		ck_assert_ptr_null(sip_slots_get(&s, h[i]));
	}
	sip_slots_fini(&s);
	ck_assert_uint_eq(m.blocks, 0);
}
END_TEST

SUITE(sip_slots, a_stale_handle_finds_nothing, no_handle_comes_back_soon,
      a_walk_meets_each_once, full_is_full, an_empty_table_holds_nothing);
