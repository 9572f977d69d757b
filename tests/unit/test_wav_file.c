/* SPDX-License-Identifier: BSD-2-Clause
 * The files of tests/unit/data/wav were made by SoX; so was what each must
 * give (its README). */
#include "tests/unit/suites.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "media/wav_file.h"

#define DATA "tests/unit/data/wav/"

static const struct {
	const char *name;
	uint32_t rate;
	int off; /* rounding, at most */
} files[] = {
	{ "u8_11025_2", 11025, 1 },   { "s16_8000_1", 8000, 0 },
	{ "s24_48000_3", 48000, 2 },  { "s32_22050_1", 22050, 1 },
	{ "f32_16000_1", 16000, 1 },  { "f64_16000_1", 16000, 1 },
	{ "alaw_8000_1", 8000, 0 },   { "ulaw_8000_2", 8000, 0 },
	{ "comment_8000_1", 8000, 0 }, { "pipe_44100_1", 44100, 0 },
};

static size_t reference(const char *name, int16_t *out, size_t cap)
{
	char path[128];
	FILE *f;
	size_t n = 0;
	int lo, hi;

	snprintf(path, sizeof(path), DATA "%s.s16", name);
	f = fopen(path, "rb");
	ck_assert_ptr_nonnull(f);
	while (n < cap && (lo = getc(f)) != EOF && (hi = getc(f)) != EOF)
		out[n++] = (int16_t)(lo | hi << 8);
	fclose(f);
	return n;
}

START_TEST(files_of_another_program_give_what_it_reads_in_them)
{
	for (size_t i = 0; i < COUNT(files); i++) {
		int16_t want[1000], *pcm;
		size_t n, k = reference(files[i].name, want, COUNT(want));
		char path[128];
		uint32_t rate;
		struct mem m;

		mem_init(&m, 0);
		snprintf(path, sizeof(path), DATA "%s.wav", files[i].name);
		ck_assert_int_eq(wav_load(&m, path, &pcm, &n, &rate), 0);
		ck_assert_uint_eq(rate, files[i].rate);
		ck_assert_msg(n == k, "%s: %zu of %zu", path, n, k);
		for (size_t j = 0; j < n; j++)
			ck_assert_msg(abs(pcm[j] - want[j]) <= files[i].off,
				      "%s: %zu: %d %d", path, j, pcm[j],
				      want[j]);
		mem_free(&m, pcm);
		ck_assert_uint_eq(m.blocks, 0);
	}
}
END_TEST

START_TEST(what_is_no_wav_file_says_so)
{
	struct wav_player *p;
	int16_t *pcm;
	uint32_t rate;
	struct mem m;
	size_t n;

	mem_init(&m, 0);
	ck_assert_int_eq(wav_load(&m, DATA "none.wav", &pcm, &n, &rate),
			 -ENOENT);
	ck_assert_int_eq(wav_load(&m, DATA "README.md", &pcm, &n, &rate),
			 -EBADMSG);
	ck_assert_int_eq(wav_load(&m, DATA "adpcm_8000_1.wav", &pcm, &n,
				  &rate), -ENOTSUP);
	ck_assert_int_lt(wav_load(&m, "tests", &pcm, &n, &rate), 0);
	ck_assert_int_eq(wav_player_open(&m, DATA "README.md", 8000, false,
					 &p), -EBADMSG);
	ck_assert_int_eq(wav_player_open_memory(&m, "RIFF", 4, 8000, false,
						&p), -EBADMSG);
	ck_assert_uint_eq(m.blocks, 0);
}
END_TEST

/* Plays ticks of 10 ms; returns those that had sound. */
static unsigned play(struct wav_player *p, unsigned ticks, int16_t *out,
		     size_t n)
{
	unsigned sound = 0;

	for (unsigned i = 0; i < ticks; i++) {
		sound += player_ops.source(wav_player_engine(p), out, n, 0);
		wav_player_service(p);
	}
	return sound;
}

START_TEST(a_loop_goes_round_without_a_gap)
{
	struct wav_player *p;
	int16_t pcm[80];
	struct mem m;

	mem_init(&m, 0);
	/* 10 ms of it: every tick is one round */
	ck_assert_int_eq(wav_player_open(&m, DATA "s16_8000_1.wav", 8000, true,
					 &p), 0);
	ck_assert_uint_eq(play(p, 500, pcm, 80), 500);
	ck_assert_uint_eq(wav_player_engine(p)->underruns, 0);
	ck_assert(!wav_player_done(p));
	wav_player_close(p);
	ck_assert_int_eq(wav_player_open(&m, DATA "s16_8000_1.wav", 8000,
					 false, &p), 0);
	ck_assert_uint_eq(play(p, 5, pcm, 80), 1);
	ck_assert(wav_player_done(p));
	wav_player_close(p);
	ck_assert_uint_eq(m.blocks, 0);
}
END_TEST

START_TEST(an_empty_file_cannot_be_looped)
{
	static const char empty[] = "RIFF\x24\0\0\0WAVEfmt \x10\0\0\0\x01\0"
		"\x01\0\x40\x1f\0\0\x80\x3e\0\0\x02\0\x10\0data\0\0\0\0";
	struct wav_player *p;
	int16_t pcm[80];
	struct mem m;

	mem_init(&m, 0);
	ck_assert_int_eq(wav_player_open_memory(&m, empty, sizeof(empty) - 1,
						8000, true, &p), -EBADMSG);
	ck_assert_int_eq(wav_player_open_memory(&m, empty, sizeof(empty) - 1,
						8000, false, &p), 0);
	ck_assert_uint_eq(play(p, 3, pcm, 80), 0);
	wav_player_close(p);
	ck_assert_uint_eq(m.blocks, 0);
}
END_TEST

static char *temporary(char *path)
{
	static const char name[] = "/tmp/parley-test-XXXXXX";
	int fd;

	memcpy(path, name, sizeof(name));
	fd = mkstemp(path);
	ck_assert_int_ge(fd, 0);
	close(fd);
	return path;
}

START_TEST(a_recording_is_readable_while_it_is_made_and_afterwards)
{
	char path[40];
	struct wav_recorder *r;
	int16_t pcm[160], *back;
	uint32_t rate;
	struct mem m;
	size_t n;

	mem_init(&m, 0);
	temporary(path);
	ck_assert_int_eq(wav_recorder_open(&m, path, 16000, NULL, &r), 0);
	for (int k = 0; k < 333; k++) {
		for (int i = 0; i < 160; i++)
			pcm[i] = (int16_t)(k * 160 + i);
		/* every tenth quantum is silence */
		recorder_ops.sink(wav_recorder_engine(r), k % 10 ? pcm : NULL,
				  160, 0);
		wav_recorder_service(r);
		if (k == 200) { /* up to the last second */
			ck_assert_int_eq(wav_load(&m, path, &back, &n, &rate),
					 0);
			ck_assert_uint_ge(n, 16000);
			mem_free(&m, back);
		}
	}
	ck_assert_uint_eq(wav_recorder_engine(r)->dropped, 0);
	ck_assert_int_eq(wav_recorder_close(r), 0);
	ck_assert_int_eq(wav_load(&m, path, &back, &n, &rate), 0);
	ck_assert_uint_eq(rate, 16000);
	ck_assert_uint_eq(n, 333 * 160);
	for (int i = 0; i < 333 * 160; i++)
		ck_assert_int_eq(back[i], i / 160 % 10 ? (int16_t)i : 0);
	mem_free(&m, back);
	unlink(path);
	ck_assert_uint_eq(m.blocks, 0);
}
END_TEST

START_TEST(whether_a_file_can_be_recorded_is_asked_without_a_trace)
{
	char dir[] = "/tmp/parley-XXXXXX", path[64], line[8] = "";
	FILE *f;

	ck_assert_ptr_nonnull(mkdtemp(dir));
	ck_assert_int_eq(wav_recorder_check(dir), -EISDIR);
	snprintf(path, sizeof(path), "%s/no/x.wav", dir);
	ck_assert_int_eq(wav_recorder_check(path), -ENOENT);
	snprintf(path, sizeof(path), "%s/x.wav", dir);
	ck_assert_int_eq(wav_recorder_check(path), 0);
	ck_assert_int_ne(access(path, F_OK), 0);
	f = fopen(path, "w"); /* one that is there stays as it is */
	ck_assert_ptr_nonnull(f);
	ck_assert_int_ge(fputs("before", f), 0);
	fclose(f);
	ck_assert_int_eq(wav_recorder_check(path), 0);
	f = fopen(path, "r");
	ck_assert_ptr_nonnull(fgets(line, sizeof(line), f));
	fclose(f);
	ck_assert_str_eq(line, "before");
	unlink(path);
	rmdir(dir);
}
END_TEST

START_TEST(a_full_disk_ends_the_recording_not_the_call)
{
	struct wav_recorder *r;
	int16_t pcm[160] = { 1 };
	struct mem m;
	int rc;

	if (access("/dev/full", W_OK) != 0)
		return;
	mem_init(&m, 0);
	rc = wav_recorder_open(&m, "/dev/full", 16000, NULL, &r);
	if (rc == 0) {
		for (int k = 0; k < 500; k++) {
			recorder_ops.sink(wav_recorder_engine(r), pcm, 160, 0);
			wav_recorder_service(r);
		}
		rc = wav_recorder_close(r);
	}
	ck_assert_int_eq(rc, -ENOSPC);
	ck_assert_int_eq(wav_recorder_open(&m, "/none/such.wav", 8000, NULL,
					   &r), -ENOENT);
	ck_assert_uint_eq(m.blocks, 0);
}
END_TEST

START_TEST(a_recording_is_private_and_has_its_file_alone)
{
	char path[40];
	struct wav_recorder *r, *second;
	struct stat st;
	struct mem m;

	mem_init(&m, 0);
	temporary(path);
	ck_assert_int_eq(chmod(path, 0644), 0); /* also one that was there */
	ck_assert_int_eq(wav_recorder_open(&m, path, 8000, NULL, &r), 0);
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_uint_eq(st.st_mode & 0777, 0600);
	ck_assert_int_eq(wav_recorder_check(path), -EBUSY);
	ck_assert_int_eq(wav_recorder_open(&m, path, 8000, NULL, &second),
			 -EBUSY);
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_int_eq(st.st_size, 44); /* the header is still there */
	ck_assert_int_eq(wav_recorder_close(r), 0);
	ck_assert_int_eq(wav_recorder_check(path), 0);
	unlink(path);
	ck_assert_int_eq(wav_recorder_open(&m, path, 8000, NULL, &r), 0);
	ck_assert_int_eq(wav_recorder_close(r), 0);
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_uint_eq(st.st_mode & 0777, 0600);
	unlink(path);
	ck_assert_uint_eq(m.blocks, 0);
}
END_TEST

/* fifo(7): 64 kB, which are 4.1 s of 8 kHz; then a write would wait. */
START_TEST(a_pipe_that_nobody_reads_is_not_waited_for)
{
	char path[40];
	struct wav_player *p;
	struct wav_recorder *r;
	int16_t pcm[80] = { 1 };
	static uint8_t got[100000];
	struct mem m;
	ssize_t n;
	int fd;

	mem_init(&m, 0);
	temporary(path);
	unlink(path);
	ck_assert_int_eq(mkfifo(path, 0600), 0);
	ck_assert_int_eq(wav_player_open(&m, path, 8000, true, &p), -ESPIPE);
	ck_assert_int_eq(wav_recorder_check(path), 0);
	ck_assert_int_eq(wav_recorder_open(&m, path, 8000, NULL, &r), -ENXIO);
	fd = open(path, O_RDONLY | O_NONBLOCK);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(wav_recorder_open(&m, path, 8000, NULL, &r), 0);
	for (int k = 0; k < 1000; k++) { /* 10 s: 160 kB */
		recorder_ops.sink(wav_recorder_engine(r), pcm, 80, 0);
		wav_recorder_service(r);
	}
	ck_assert_int_eq(wav_recorder_error(r), 0);
	ck_assert_uint_gt(wav_recorder_engine(r)->dropped, 0);
	n = read(fd, got, sizeof(got));
	ck_assert_int_ge(n, 60000);
	/* RIFF of an unknown length, then whole samples. */
	ck_assert_int_eq(memcmp(got, "RIFF\xff\xff\xff\xff", 8), 0);
	ck_assert_int_eq(memcmp(got + 36, "data\xff\xff\xff\xff\1\0\0\0", 12),
			 0);
	ck_assert_int_eq(wav_recorder_close(r), 0);
	close(fd);
	unlink(path);
	ck_assert_uint_eq(m.blocks, 0);
}
END_TEST

START_TEST(every_failed_allocation_is_survived)
{
	for (uint64_t k = 1;; k++) {
		struct wav_player *p;
		struct mem m;
		int rc;

		mem_init(&m, 0);
		m.fail_at = k;
		rc = wav_player_open(&m, DATA "u8_11025_2.wav", 16000, false,
				     &p);
		if (rc == 0)
			wav_player_close(p);
		ck_assert_uint_eq(m.blocks, 0);
		if (rc == 0)
			break;
		ck_assert_int_eq(rc, -ENOMEM);
	}
}
END_TEST

SUITE(wav_file, files_of_another_program_give_what_it_reads_in_them,
      what_is_no_wav_file_says_so, a_loop_goes_round_without_a_gap,
      an_empty_file_cannot_be_looped,
      a_recording_is_readable_while_it_is_made_and_afterwards,
      whether_a_file_can_be_recorded_is_asked_without_a_trace,
      a_full_disk_ends_the_recording_not_the_call,
      a_recording_is_private_and_has_its_file_alone,
      a_pipe_that_nobody_reads_is_not_waited_for,
      every_failed_allocation_is_survived);
