/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/suites.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "platform/store/store.h"

struct place {
	struct mem mem;
	struct store *s;
	char path[64];
};

/* 0: memory, 1: a folder */
static void place_open(struct place *p, int which)
{
	*p = (struct place){ 0 };
	mem_init(&p->mem, 0);
	if (which == 0) {
		p->s = store_open_mem(&p->mem);
		ck_assert_ptr_nonnull(p->s);
		return;
	}
	snprintf(p->path, sizeof(p->path), "/tmp/parley-store-%d",
		 (int)getpid());
	ck_assert_int_eq(store_open_folder(&p->mem, p->path, &p->s), 0);
}

static void place_close(struct place *p)
{
	char names[16][STORE_NAME + 1];
	size_t n = store_names(p->s, names, COUNT(names));

	for (size_t i = 0; i < n; i++)
		ck_assert_int_eq(store_remove(p->s, slice_str(names[i])), 0);
	store_free(p->s);
	ck_assert_uint_eq(p->mem.blocks, 0);
	if (p->path[0]) /* fails if anything was left aside */
		ck_assert_int_eq(rmdir(p->path), 0);
}

static bool holds(struct store *s, const char *name, const char *what)
{
	char buf[100];
	int n = store_get(s, slice_str(name), buf, sizeof(buf));

	return n >= 0 && slice_eq(slice_of(buf, (size_t)n), what);
}

START_TEST(blobs_are_put_got_replaced_removed)
{
	struct place p;
	char buf[4], names[3][STORE_NAME + 1];

	place_open(&p, _i);
	ck_assert_int_eq(store_get(p.s, S("a"), buf, 4), -ENOENT);
	ck_assert_int_eq(store_remove(p.s, S("a")), -ENOENT);
	ck_assert_int_eq(store_put(p.s, S("a"), S("one")), 0);
	ck_assert_int_eq(store_put(p.s, S("b.txt"), S("")), 0);
	ck_assert_int_eq(store_put(p.s, S("a"), S("three")), 0);
	ck_assert(holds(p.s, "a", "three"));
	ck_assert(holds(p.s, "b.txt", ""));
	memcpy(buf, "same", 4);
	ck_assert_int_eq(store_get(p.s, S("a"), buf, 4), 5);
	ck_assert_mem_eq(buf, "same", 4);
	ck_assert_uint_eq(store_names(p.s, names, 3), 2);
	ck_assert_uint_eq(store_names(p.s, names, 0), 2);
	ck_assert_int_eq(store_remove(p.s, S("a")), 0);
	ck_assert_uint_eq(store_names(p.s, names, 3), 1);
	ck_assert_str_eq(names[0], "b.txt");
	place_close(&p);
}
END_TEST

START_TEST(names_and_sizes_have_limits)
{
	static const char *const bad[] = { "", ".", "..", ".a", "-a", "a/b",
					   "A", "a b", "\xC3\xA4" };
	static char big[STORE_BLOB + 1], name[STORE_NAME + 1];
	struct place p;

	place_open(&p, _i);
	for (size_t i = 0; i < COUNT(bad); i++)
		ck_assert_int_eq(store_put(p.s, slice_str(bad[i]), S("x")),
				 -EINVAL);
	ck_assert_int_eq(store_put(p.s, slice_of("a\0b", 3), S("x")), -EINVAL);
	memset(name, 'a', sizeof(name));
	ck_assert_int_eq(store_put(p.s, slice_of(name, STORE_NAME), S("x")), 0);
	ck_assert_int_eq(store_put(p.s, slice_of(name, STORE_NAME + 1),
				   S("x")), -EINVAL);
	ck_assert_int_eq(store_put(p.s, S("big"), slice_of(big, STORE_BLOB)),
			 0);
	ck_assert_int_eq(store_put(p.s, S("big"),
				   slice_of(big, STORE_BLOB + 1)), -E2BIG);
	place_close(&p);
}
END_TEST

START_TEST(a_folder_keeps_them_and_is_private)
{
	struct place p;
	struct store *other;
	char file[100];
	struct stat st;
	FILE *f;

	place_open(&p, 1);
	ck_assert_int_eq(store_put(p.s, S("key"), S("secret")), 0);
	ck_assert_int_eq(store_open_folder(&p.mem, p.path, &other), 0);
	ck_assert(holds(other, "key", "secret"));
	store_free(other);
	ck_assert_int_eq(stat(p.path, &st), 0);
	ck_assert_uint_eq(st.st_mode & 0777, 0700);
	snprintf(file, sizeof(file), "%s/key", p.path);
	ck_assert_int_eq(stat(file, &st), 0);
	ck_assert_uint_eq(st.st_mode & 0777, 0600);
	/* What one left aside who is gone: no process has such a number. */
	snprintf(file, sizeof(file), "%s/.key.2147483647", p.path);
	f = fopen(file, "w");
	ck_assert_ptr_nonnull(f);
	fclose(f);
	ck_assert_int_eq(store_open_folder(&p.mem, p.path, &other), 0);
	store_free(other);
	ck_assert_int_lt(stat(file, &st), 0);
	ck_assert_int_eq(store_open_folder(&p.mem, "/proc/none/x", &other),
			 -ENOENT);
	place_close(&p);
}
END_TEST

/* A limit on the size of files stands for the full disk: a write is short,
 * the next fails. */
START_TEST(a_full_disk_leaves_what_was_there)
{
	static char big[20000];
	struct rlimit was, now;
	struct place p;

	place_open(&p, 1);
	ck_assert_int_eq(store_put(p.s, S("a"), S("old")), 0);
	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &was);
	now = was;
	now.rlim_cur = 8192;
	setrlimit(RLIMIT_FSIZE, &now);
	ck_assert_int_eq(store_put(p.s, S("a"), slice_of(big, sizeof(big))),
			 -EFBIG);
	setrlimit(RLIMIT_FSIZE, &was);
	ck_assert(holds(p.s, "a", "old"));
	place_close(&p);
}
END_TEST

/* Each step of a replacement fails once. */
START_TEST(a_failed_step_leaves_old_or_new)
{
	bool done = false;

	for (uint64_t n = 1; !done; n++) {
		struct place p;
		int rc;

		place_open(&p, 0);
		ck_assert_int_eq(store_put(p.s, S("a"), S("old")), 0);
		store_mem_fail(p.s, n, ENOSPC, false);
		rc = store_put(p.s, S("a"), S("new"));
		done = rc == 0;
		store_mem_fail(p.s, 0, 0, false);
		ck_assert(rc == 0 || rc == -ENOSPC);
		ck_assert(holds(p.s, "a", "new") ||
			  (rc < 0 && holds(p.s, "a", "old")));
		ck_assert_int_eq(store_put(p.s, S("a"), S("newer")), 0);
		place_close(&p);
	}
}
END_TEST

/* Power goes at each step, and chance decides what the disk still knows. */
START_TEST(a_power_failure_leaves_old_or_new)
{
	unsigned olds = 0, news = 0;

	for (uint64_t seed = 0; seed < 400; seed++) {
		struct place p;
		int rc;

		place_open(&p, 0);
		ck_assert_int_eq(store_put(p.s, S("a"), S("old")), 0);
		store_mem_fail(p.s, 1 + seed % 5, EIO, true);
		rc = store_put(p.s, S("a"), S("new"));
		if (rc == 0)
			ck_assert_int_eq(store_get(p.s, S("a"), NULL, 0),
					 -EIO);
		store_mem_reboot(p.s, seed);
		if (holds(p.s, "a", "old"))
			olds++;
		else
			news++;
		ck_assert(holds(p.s, "a", "new") ||
			  (rc < 0 && holds(p.s, "a", "old")));
		place_close(&p);
	}
	ck_assert_uint_gt(olds, 100);
	ck_assert_uint_gt(news, 100);
}
END_TEST

START_TEST(any_allocation_may_fail)
{
	for (uint64_t nth = 1, more = 1; more; nth++) {
		struct place p;

		place_open(&p, 0);
		ck_assert_int_eq(store_put(p.s, S("a"), S("old")), 0);
		p.mem.fail_at = p.mem.calls + nth;
		if (store_put(p.s, S("a"), S("new")) == 0)
			ck_assert(holds(p.s, "a", "new"));
		else
			ck_assert(holds(p.s, "a", "old"));
		(void)!store_put(p.s, S("b"), S("x"));
		more = p.mem.calls >= p.mem.fail_at;
		p.mem.fail_at = 0;
		place_close(&p);
	}
}
END_TEST

Suite *suite_store(void);
Suite *suite_store(void)
{
	Suite *s = suite_create("store");
	TCase *tc = tcase_create("store");

	tcase_add_loop_test(tc, blobs_are_put_got_replaced_removed, 0, 2);
	tcase_add_loop_test(tc, names_and_sizes_have_limits, 0, 2);
	tcase_add_test(tc, a_folder_keeps_them_and_is_private);
	tcase_add_test(tc, a_full_disk_leaves_what_was_there);
	tcase_add_test(tc, a_failed_step_leaves_old_or_new);
	tcase_add_test(tc, a_power_failure_leaves_old_or_new);
	tcase_add_test(tc, any_allocation_may_fail);
	suite_add_tcase(s, tc);
	return s;
}
