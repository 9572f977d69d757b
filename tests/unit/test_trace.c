/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/suites.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "platform/trace.h"

#define SIP_HEAD " sip:bob@192.0.2.2 SIP/2.0\r\n" \
	"Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKtrace\r\n" \
	"From: <sip:alice@192.0.2.1>;tag=1\r\nTo: <sip:bob@192.0.2.2>\r\n" \
	"Call-ID: trace\r\nCSeq: 1 OPTIONS\r\nMax-Forwards: 70\r\n"
static const char OPTIONS[] = "OPTIONS" SIP_HEAD "Content-Length: 0\r\n\r\n";
/* An RTP packet: version 2, PCMU, then 160 bytes of silence. */
static uint8_t rtp[172] = { 0x80, 0, 0, 1, 0, 0, 0, 160, 1, 2, 3, 4 };

static const char *file_name(char *path, size_t cap)
{
	const char *keep = getenv("TRACE_FILE"); /* to look at with tshark */

	if (keep)
		snprintf(path, cap, "%s", keep);
	else
		snprintf(path, cap, "/tmp/parley-trace-%d", (int)getpid());
	return path;
}

static struct datagram datagram(const void *p, size_t n, uint16_t port)
{
	struct datagram d = { .local = addr_v4(192, 0, 2, 1, port),
			      .remote = addr_v4(192, 0, 2, 2, port),
			      .when = { 0, SEC(1767225600) },
			      .n = n };

	d.p = (uint8_t *)(uintptr_t)p;
	return d;
}

static void write_all(struct trace *t)
{
	struct addr a = addr_v4(192, 0, 2, 1, 49152);
	struct addr b = addr_v4(192, 0, 2, 2, 5060);
	struct slice sip = slice_str(OPTIONS);
	struct datagram d = datagram(OPTIONS, sip.n, 5060);
	static char much[100000];

	trace_datagram(t, &d, true);
	d.when.wall_ns += MS(1);
	trace_datagram(t, &d, false);
	trace_stream(t, &a, &b, true, true, slice_head(sip, 100),
		     d.when.wall_ns + MS(2));
	trace_stream(t, &a, &b, true, true, slice_skip(sip, 100),
		     d.when.wall_ns + MS(3));
	d = datagram(rtp, sizeof(rtp), 40000);
	trace_datagram(t, &d, true);
	trace_clear(t, &d, true);
	trace_secret(t, S("CLIENT_RANDOM 00 11\n"));
	a.port++;
	b.port = 2855;
	trace_stream(t, &a, &b, true, false, slice_of(much, sizeof(much)),
		     d.when.wall_ns);
	trace_stream_end(t, &a, &b, false, false, d.when.wall_ns);
	trace_stream_end(t, &a, &b, true, true, d.when.wall_ns);
	trace_stream_end(t, &a, &b, true, true, d.when.wall_ns); /* unknown */
}

/* Blocks of each type, up to 15; each says its length at both ends. */
static void count_blocks(const char *path, unsigned *types)
{
	FILE *f = fopen(path, "rb");
	static uint8_t block[100000];

	ck_assert_ptr_nonnull(f);
	memset(types, 0, 16 * sizeof(*types));
	while (fread(block, 1, 8, f) == 8) {
		size_t n = read_be32(block + 4);

		ck_assert(n >= 12 && n % 4 == 0 && n <= sizeof(block));
		ck_assert_uint_eq(fread(block + 8, 1, n - 8, f), n - 8);
		ck_assert_uint_eq(read_be32(block + n - 4), n);
		types[block[3] & 15]++;
	}
	fclose(f);
}

START_TEST(what_was_traced_is_in_the_file)
{
	char path[64];
	struct mem m;
	struct trace *t;
	struct stat st;
	unsigned types[16];

	mem_init(&m, 0);
	for (int keys = 0; keys < 2; keys++) {
		ck_assert_int_eq(trace_open(&m, file_name(path, sizeof(path)),
					    keys, S("test"), &t), 0);
		write_all(t);
		ck_assert_int_eq(trace_error(t), 0);
		/* As it is found when the process is killed now. */
		count_blocks(path, types);
		ck_assert_uint_eq(types[6], 17 + (keys != 0));
		trace_close(t);
		ck_assert_int_eq(stat(path, &st), 0);
		ck_assert_uint_eq(st.st_mode & 0777, 0600);
		ck_assert_int_eq(chmod(path, 0644), 0); /* for the next */
		count_blocks(path, types);
		ck_assert_uint_eq(types[10], 1 + (keys != 0));
		ck_assert_uint_eq(types[1], 1 + (keys != 0));
		/* 2 SIP, 3 + 2 of a stream, RTP; 3 + 4 + 2 of the other */
		ck_assert_uint_eq(types[6], 17 + (keys != 0));
	}
	ck_assert_uint_eq(m.blocks, 0);
	write_all(NULL);
	trace_close(NULL);
	if (!getenv("TRACE_FILE"))
		unlink(path);
}
END_TEST

START_TEST(failures_are_kept_and_end_it)
{
	struct mem m;
	struct trace *t;

	mem_init(&m, 0);
	ck_assert_int_eq(trace_open(&m, "/nonexistent/x", false, S("x"), &t),
			 -ENOENT);
	ck_assert_int_eq(trace_open(&m, "/dev/full", false, S("x"), &t), 0);
	write_all(t);
	trace_flush(t);
	ck_assert_int_eq(trace_error(t), -ENOSPC);
	write_all(t);
	trace_close(t);
	m.fail_at = m.calls + 1;
	ck_assert_int_eq(trace_open(&m, "/dev/null", false, S("x"), &t),
			 -ENOMEM);
	ck_assert_int_eq(trace_open(&m, "/dev/null", false, S("x"), &t), 0);
	m.fail_at = m.calls + 1;
	write_all(t); /* the stream is not traced */
	trace_close(t);
	ck_assert_uint_eq(m.blocks, 0);
}
END_TEST

START_TEST(streams_are_bounded)
{
	struct mem m;
	struct trace *t;
	struct addr a = addr_v4(192, 0, 2, 1, 1), b = a;

	mem_init(&m, 0);
	ck_assert_int_eq(trace_open(&m, "/dev/null", false, S("x"), &t), 0);
	for (unsigned i = 0; i < 2 * TRACE_STREAMS; i++) {
		b.port = (uint16_t)(1000 + i);
		trace_stream(t, &a, &b, false, true, S("x"), 0);
		ck_assert_uint_le(m.blocks, 1 + TRACE_STREAMS);
	}
	trace_close(t);
	ck_assert_uint_eq(m.blocks, 0);
}
END_TEST

/* fifo(7): 64 kB fit, then a write would wait for the reader. */
START_TEST(a_pipe_that_nobody_empties_stops_nothing)
{
	char path[64];
	static uint8_t got[1 << 17];
	struct mem m;
	struct trace *t;
	struct datagram d = datagram(rtp, sizeof(rtp), 40000);
	ssize_t n;
	size_t have = 0, at = 0;
	int fd;

	mem_init(&m, 0);
	snprintf(path, sizeof(path), "/tmp/parley-pipe-%d", (int)getpid());
	ck_assert_int_eq(mkfifo(path, 0600), 0);
	ck_assert_int_eq(trace_open(&m, path, false, S("x"), &t), -ENXIO);
	fd = open(path, O_RDONLY | O_NONBLOCK);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(trace_open(&m, path, false, S("x"), &t), 0);
	for (unsigned i = 0; i < 200; i++)
		trace_datagram(t, &d, true); /* about 60 kB */
	ck_assert_int_eq(trace_error(t), 0);
	for (unsigned i = 0; i < 1000; i++)
		trace_datagram(t, &d, true);
	ck_assert_int_eq(trace_error(t), -EAGAIN);
	while ((n = read(fd, got + have, sizeof(got) - have)) > 0)
		have += (size_t)n;
	while (have - at >= 12 && read_be32(got + at + 4) <= have - at) {
		ck_assert_uint_ge(read_be32(got + at + 4), 12);
		at += read_be32(got + at + 4);
	}
	ck_assert_uint_gt(at, 60000);
	trace_close(t);
	close(fd);
	unlink(path);
	ck_assert_uint_eq(m.blocks, 0);
}
END_TEST

SUITE(trace, what_was_traced_is_in_the_file, failures_are_kept_and_end_it,
      streams_are_bounded, a_pipe_that_nobody_empties_stops_nothing);
