/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/suites.h"

#include "platform/htab.h"

static const uint8_t key[16] = { 0, 1, 2, 3, 4, 5, 6, 7,
				 8, 9, 10, 11, 12, 13, 14, 15 };
static const char bytes[] = "\0\1\2\3\4\5\6\7\10\11\12\13\14\15\16";

struct item {
	int value;
	struct htab_node node;
};

static struct mem heap;
static struct htab table;

static void start(void)
{
	mem_init(&heap, 0);
	ck_assert_int_eq(htab_init(&table, &heap, key), 0);
}

/* 15 bytes: the SipHash paper, appendix A.  The others: OpenSSL's SIPHASH
 * with size:8 over the same key, its bytes read as little-endian. */
START_TEST(hash_is_siphash_2_4)
{
	start();
	ck_assert(htab_hash(&table, slice_of(bytes, 15)) ==
		  0xa129ca6149be45e5);
	ck_assert(htab_hash(&table, slice_of(NULL, 0)) == 0x726fdb47dd0e0e31);
	ck_assert(htab_hash(&table, slice_of(bytes, 1)) == 0x74f839c593dc67fd);
	ck_assert(htab_hash(&table, slice_of(bytes, 2)) == 0x0d6c8009d9a94f5a);
	ck_assert(htab_hash(&table, slice_of(bytes, 8)) == 0x93f5f5799a932462);
	htab_fini(&table);
}
END_TEST

START_TEST(parts_are_told_apart)
{
	struct slice a[] = { S("ab"), S("c") }, b[] = { S("a"), S("bc") };
	struct slice c[] = { S("ab"), S("c"), S("") };

	start();
	ck_assert(htab_hash_n(&table, a, 2) != htab_hash_n(&table, b, 2));
	ck_assert(htab_hash_n(&table, a, 2) != htab_hash_n(&table, c, 3));
	ck_assert(htab_hash_n(&table, a, 2) == htab_hash_n(&table, a, 2));
	htab_fini(&table);
}
END_TEST

START_TEST(a_thousand_are_found_and_removed)
{
	static struct item item[1000];
	struct htab_node *n;

	start();
	for (int i = 0; i < 1000; i++) {
		item[i].value = i;
		htab_add(&table, &item[i].node,
			 htab_hash(&table, slice_of(&i, sizeof(i))));
	}
	ck_assert_uint_ge(table.mask + 1, table.count); /* it has grown */
	for (int i = 0; i < 1000; i++) {
		n = htab_find(&table,
			      htab_hash(&table, slice_of(&i, sizeof(i))));
		ck_assert_ptr_eq(n, &item[i].node);
		ck_assert_int_eq(CONTAINER(n, struct item, node)->value, i);
	}
	for (int i = 0; i < 1000; i += 2) {
		htab_remove(&table, &item[i].node);
		ck_assert_ptr_null(htab_find(&table, item[i].node.hash));
	}
	for (int left = 500; left > 0; left--) {
		n = htab_any(&table);
		ck_assert_ptr_nonnull(n);
		htab_remove(&table, n);
	}
	ck_assert_ptr_null(htab_any(&table));
	htab_add(&table, &item[3].node, item[3].node.hash);
	ck_assert_ptr_eq(htab_any(&table), &item[3].node);
	htab_fini(&table);
	htab_fini(&table);
	ck_assert_uint_eq(heap.blocks, 0);
}
END_TEST

START_TEST(same_hash_gives_each_candidate_once)
{
	struct item item[3] = { { 0 } };
	struct htab_node *n;
	int seen = 0;

	start();
	htab_add(&table, &item[0].node, 5);
	htab_add(&table, &item[1].node, 5 + 16); /* the same bucket */
	htab_add(&table, &item[2].node, 5);
	for (n = htab_find(&table, 5); n; n = htab_next(n))
		seen += n == &item[0].node || n == &item[2].node ? 1 : 10;
	ck_assert_int_eq(seen, 2);
	htab_fini(&table);
}
END_TEST

/* The first allocation is the table; later ones only make it faster. */
START_TEST(nth_allocation_fails)
{
	for (unsigned nth = 1; nth < 8; nth++) {
		struct item item[200] = { { 0 } };
		int rc;

		mem_init(&heap, 0);
		heap.fail_at = nth;
		heap.fail_on = true;
		rc = htab_init(&table, &heap, key);
		ck_assert_int_eq(rc, nth == 1 ? -ENOMEM : 0);
		for (int i = 0; rc == 0 && i < 200; i++)
			htab_add(&table, &item[i].node, (uint64_t)i);
		for (int i = 0; rc == 0 && i < 200; i++)
			ck_assert_ptr_eq(htab_find(&table, (uint64_t)i),
					 &item[i].node);
		if (rc == 0)
			htab_fini(&table);
		ck_assert_uint_eq(heap.blocks, 0);
	}
}
END_TEST

SUITE(htab, hash_is_siphash_2_4, parts_are_told_apart,
      a_thousand_are_found_and_removed, same_hash_gives_each_candidate_once,
      nth_allocation_fails);
