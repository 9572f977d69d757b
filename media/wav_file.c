/* SPDX-License-Identifier: BSD-2-Clause */
#include "media/wav_file.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BLOCK = 16384 };

/* Bytes of a file or of memory, from the start. */
struct source {
	FILE *f;
	const uint8_t *p;
	size_t n, at;
};

/* A pipe would be waited for, and cannot be begun again. */
static int source_open(struct source *s, const char *path)
{
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	struct stat st;
	int rc = fd < 0 || fstat(fd, &st) < 0 ? -errno :
		 S_ISFIFO(st.st_mode) ? -ESPIPE : 0;

	*s = (struct source){ .f = rc ? NULL : fdopen(fd, "rb") };
	if (rc == 0 && !s->f)
		rc = -errno;
	if (rc && fd >= 0)
		close(fd);
	return rc;
}

static void source_close(struct source *s)
{
	if (s->f)
		fclose(s->f);
	s->f = NULL;
}

static size_t source_read(struct source *s, uint8_t *out, size_t n)
{
	if (s->f)
		return fread(out, 1, n, s->f);
	if (n > s->n - s->at)
		n = s->n - s->at;
	memcpy(out, s->p + s->at, n);
	s->at += n;
	return n;
}

static int source_seek(struct source *s, uint64_t to)
{
	if (s->f)
		return to > LONG_MAX || fseek(s->f, (long)to, SEEK_SET) ?
		       -EIO : 0;
	s->at = to < s->n ? (size_t)to : s->n;
	return 0;
}

/* Reads to the first sample: where that is. */
static int find_data(struct source *s, struct wav_scan *scan, uint64_t *start)
{
	uint8_t block[512];
	uint64_t at = 0;
	bool done = false;

	*scan = (struct wav_scan){ 0 };
	while (!done) {
		size_t n = source_read(s, block, sizeof(block));
		int rc;

		if (!n)
			return -EBADMSG;
		rc = wav_scan_bytes(scan, block, n, &done);
		if (rc < 0)
			return rc;
		at += (uint64_t)rc;
	}
	*start = at;
	return source_seek(s, at);
}

/* -------------------------------------------------------------- player */
struct wav_player {
	struct mem *mem;
	struct player engine;
	struct source src;
	uint64_t start, bytes, left; /* of the samples */
	bool loop, over;
	uint8_t block[BLOCK];
	size_t have, used; /* block[used, have) waits for room */
};

/* The next bytes of the samples; 0: the end of them. */
static size_t next_bytes(struct wav_player *p)
{
	uint64_t want = p->left < BLOCK ? p->left : BLOCK;
	size_t n = source_read(&p->src, p->block, (size_t)want);

	p->left -= n;
	p->have = n - n % p->engine.format.frame;
	p->used = 0;
	return p->have;
}

static bool refill(struct wav_player *p)
{
	if (next_bytes(p))
		return true;
	/* Begun again only if it gave something the last time round. */
	if (p->loop && p->left != p->bytes &&
	    source_seek(&p->src, p->start) == 0) {
		p->left = p->bytes;
		if (next_bytes(p))
			return true;
	}
	p->over = true;
	player_on_end(&p->engine);
	return false;
}

void wav_player_service(struct wav_player *p)
{
	/* Only what is half empty is filled: few and large reads. */
	if (p->over || player_room(&p->engine) < p->engine.cap / 2)
		return;
	for (;;) {
		size_t n;

		if (p->used == p->have && !refill(p))
			return;
		n = player_on_bytes(&p->engine, p->block + p->used,
				    p->have - p->used);
		p->used += n;
		if (p->used < p->have)
			return;
	}
}

static int open_source(struct mem *m, struct source *src, uint32_t rate,
		       bool loop, struct wav_player **out)
{
	struct wav_player *p = mem_new(m, sizeof(*p));
	struct wav_scan scan;
	int rc = p ? 0 : -ENOMEM;

	if (p) {
		p->mem = m;
		p->src = *src;
		p->loop = loop;
		rc = find_data(&p->src, &scan, &p->start);
	}
	if (rc == 0)
		rc = player_init(&p->engine, m, &scan.format, rate);
	if (rc < 0) {
		source_close(src);
		mem_free(m, p);
		return rc;
	}
	p->bytes = p->left = scan.data_bytes;
	wav_player_service(p);
	if (loop && p->over) { /* there is nothing to repeat */
		wav_player_close(p);
		return -EBADMSG;
	}
	*out = p;
	return 0;
}

int wav_player_open(struct mem *m, const char *path, uint32_t rate, bool loop,
		    struct wav_player **out)
{
	struct source src;
	int rc = source_open(&src, path);

	return rc < 0 ? rc : open_source(m, &src, rate, loop, out);
}

int wav_player_open_memory(struct mem *m, const void *bytes, size_t n,
			   uint32_t rate, bool loop, struct wav_player **out)
{
	struct source src = { .p = bytes, .n = n };

	return open_source(m, &src, rate, loop, out);
}

void wav_player_close(struct wav_player *p)
{
	if (!p)
		return;
	source_close(&p->src);
	player_fini(&p->engine);
	mem_free(p->mem, p);
}

struct player *wav_player_engine(struct wav_player *p)
{
	return &p->engine;
}

bool wav_player_done(const struct wav_player *p)
{
	return player_done(&p->engine);
}

/* ------------------------------------------------------------ recorder */
struct wav_recorder {
	struct mem *mem;
	struct recorder engine;
	int fd;
	bool file;       /* else a pipe or a device: no way back to its head */
	uint64_t bytes;  /* of samples written */
	uint64_t stated; /* in the header on disk */
	int error;
};

static bool would_wait(void)
{
	return errno == EAGAIN || errno == EWOULDBLOCK;
}

/* How much of it was written: all, or until it failed.  What a pipe or device
 * does not take now is for later. */
static size_t file_put(struct wav_recorder *r, const void *p, size_t n)
{
	const char *at = p;
	size_t done = 0;

	while (done < n && !r->error) {
		ssize_t k = write(r->fd, at + done, n - done);

		if (k < 0 && would_wait())
			break;
		if (k < 0 && errno != EINTR)
			r->error = -errno;
		if (k > 0)
			done += (size_t)k;
	}
	return done;
}

static void write_header(struct wav_recorder *r)
{
	uint8_t head[WAV_HEADER];
	size_t n = wav_header(&r->engine.format, r->bytes, head);

	if (!r->error &&
	    (lseek(r->fd, 0, SEEK_SET) < 0 || file_put(r, head, n) != n ||
	     lseek(r->fd, 0, SEEK_END) < 0) &&
	    !r->error)
		r->error = -EIO;
	r->stated = r->bytes;
}

/* Of a pipe or a device nobody knows yet how long it gets. */
static void file_begin(struct wav_recorder *r)
{
	uint8_t head[WAV_HEADER];
	size_t n = wav_header(&r->engine.format, UINT64_MAX, head);

	if (r->file)
		write_header(r);
	else if (file_put(r, head, n) != n && !r->error)
		r->error = -EAGAIN;
}

static void file_flush(struct wav_recorder *r)
{
	struct slice s = recorder_bytes(&r->engine);
	size_t n = file_put(r, s.p, s.n);

	r->bytes += n;
	/* After an error: into the void. */
	recorder_written(&r->engine, r->error ? s.n : n);
}

/* Two recordings in one file would spoil each other, those of two processes as
 * well.  What knows no locks goes without. */
static int lock(int fd)
{
	return flock(fd, LOCK_EX | LOCK_NB) < 0 && would_wait() ? -EBUSY : 0;
}

int wav_recorder_check(const char *path)
{
	int fd = open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC), rc;
	bool made = fd < 0 && errno == ENOENT;

	if (made)
		fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return errno == ENXIO ? 0 : -errno; /* a pipe, no reader yet */
	rc = lock(fd);
	close(fd);
	if (made)
		unlink(path);
	return rc;
}

/* What is said is nobody else's, also in a file that was there before. */
static int open_file(struct wav_recorder *r, const char *path)
{
	struct stat st;
	int rc;

	r->fd = open(path, O_WRONLY | O_CREAT | O_NONBLOCK | O_CLOEXEC |
		     O_NOCTTY, 0600);
	if (r->fd < 0 || fstat(r->fd, &st) < 0)
		return -errno;
	r->file = S_ISREG(st.st_mode);
	if (!r->file)
		return 0;
	rc = lock(r->fd);
	if (rc == 0)
		(void)!fchmod(r->fd, 0600); /* another's file that we may use */
	return rc ? rc : ftruncate(r->fd, 0) < 0 ? -errno : 0;
}

int wav_recorder_open(struct mem *m, const char *path, uint32_t rate,
		      const struct wav_format *format,
		      struct wav_recorder **out)
{
	struct wav_format f = { WAV_PCM, rate, 1, 16, 2 };
	struct wav_recorder *r = mem_new(m, sizeof(*r));
	int rc;

	if (!r)
		return -ENOMEM;
	r->mem = m;
	r->fd = -1;
	rc = recorder_init(&r->engine, m, format ? format : &f);
	if (rc == 0)
		rc = open_file(r, path);
	if (rc < 0 && r->fd >= 0) { /* not ours: nothing goes into it */
		close(r->fd);
		r->fd = -1;
	}
	if (rc == 0) {
		file_begin(r);
		rc = r->error;
	}
	if (rc < 0) {
		(void)wav_recorder_close(r);
		return rc;
	}
	*out = r;
	return 0;
}

int wav_recorder_close(struct wav_recorder *r)
{
	bool odd;
	int rc;

	if (!r)
		return 0;
	if (r->fd >= 0) {
		file_flush(r);
		if (!r->error && recorder_bytes(&r->engine).n)
			r->error = -EAGAIN; /* its reader stands still */
		odd = r->bytes & 1;
		if (odd && r->file && file_put(r, "", 1) != 1 && !r->error)
			r->error = -EIO;
		if (r->file)
			write_header(r);
		if (close(r->fd) && !r->error)
			r->error = -errno;
	}
	rc = r->error;
	recorder_fini(&r->engine);
	mem_free(r->mem, r);
	return rc;
}

struct recorder *wav_recorder_engine(struct wav_recorder *r)
{
	return &r->engine;
}

void wav_recorder_service(struct wav_recorder *r)
{
	const struct wav_format *f = &r->engine.format;

	if (recorder_bytes(&r->engine).n < r->engine.cap / 2)
		return;
	file_flush(r);
	if (r->file &&
	    r->bytes - r->stated >= (uint64_t)f->rate * f->frame)
		write_header(r);
}

int wav_recorder_error(const struct wav_recorder *r)
{
	return r->error;
}

/* --------------------------------------------------------- whole files */
enum {
	LOAD_FRAMES_MAX = 1 << 28,
	LOAD = 1024 /* bytes at a time: at least a frame of WAV_CHANNELS_MAX */
};

static int load(struct mem *m, struct source *src, int16_t **pcm, size_t *n,
		uint32_t *rate)
{
	struct wav_scan scan;
	uint8_t block[LOAD];
	uint64_t start, left;
	int16_t *all = NULL;
	size_t have = 0, room = 0, at = 0;
	int rc = find_data(src, &scan, &start);

	for (left = scan.data_bytes; rc == 0 && left; ) {
		size_t want = left < LOAD - at ? (size_t)left : LOAD - at;
		size_t got = source_read(src, block + at, want), frames;
		int16_t *more = all;

		left -= got;
		at += got;
		frames = at / scan.format.frame;
		if (!got || have + frames > LOAD_FRAMES_MAX)
			break;
		if (have + frames > room) {
			room = (have + frames) * 2;
			more = mem_resize(m, all, room * sizeof(*all));
		}
		if (!more) {
			rc = -ENOMEM;
			break;
		}
		all = more;
		wav_to_pcm(&scan.format, block, frames, all + have);
		have += frames;
		at -= frames * scan.format.frame; /* a frame cut in two */
		memmove(block, block + frames * scan.format.frame, at);
	}
	if (rc < 0) {
		mem_free(m, all);
		return rc;
	}
	*pcm = all;
	*n = have;
	*rate = scan.format.rate;
	return 0;
}

int wav_load(struct mem *m, const char *path, int16_t **pcm, size_t *n,
	     uint32_t *rate)
{
	struct source src;
	int rc = source_open(&src, path);

	if (rc < 0)
		return rc;
	rc = load(m, &src, pcm, n, rate);
	source_close(&src);
	return rc;
}

int wav_load_memory(struct mem *m, const void *p, size_t len, int16_t **pcm,
		    size_t *n, uint32_t *rate)
{
	struct source src = { .p = p, .n = len };

	return load(m, &src, pcm, n, rate);
}
