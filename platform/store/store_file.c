/* SPDX-License-Identifier: BSD-2-Clause
 * A store in a folder of files. */
#include "platform/store/store_priv.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

struct folder {
	struct store base;
	int fd;
};

static int fd_of(struct store *s)
{
	return CONTAINER(s, struct folder, base)->fd;
}

static int write_all(int fd, struct slice bytes)
{
	while (bytes.n) {
		ssize_t n = write(fd, bytes.p, bytes.n);

		if (n < 0 && errno != EINTR)
			return -errno;
		if (n > 0)
			bytes = slice_skip(bytes, (size_t)n);
	}
	return 0;
}

static int file_write(struct store *s, const char *file, struct slice bytes)
{
	int fd = openat(fd_of(s), file,
			O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW,
			0600);
	int rc;

	if (fd < 0)
		return -errno;
	rc = write_all(fd, bytes);
	if (close(fd) < 0 && rc == 0)
		rc = -errno;
	return rc;
}

static int file_sync(struct store *s, const char *file)
{
	int fd = openat(fd_of(s), file, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
	int rc;

	if (fd < 0)
		return -errno;
	rc = fsync(fd) < 0 ? -errno : 0;
	close(fd);
	return rc;
}

static int file_rename(struct store *s, const char *from, const char *to)
{
	return renameat(fd_of(s), from, fd_of(s), to) < 0 ? -errno : 0;
}

static int file_sync_names(struct store *s)
{
	/* Some file systems cannot sync a folder, and say so. */
	return fsync(fd_of(s)) < 0 && errno != EINVAL ? -errno : 0;
}

static int file_remove(struct store *s, const char *file)
{
	return unlinkat(fd_of(s), file, 0) < 0 ? -errno : 0;
}

static int read_all(int fd, uint8_t *p, size_t n)
{
	while (n) {
		ssize_t got = read(fd, p, n);

		if (got < 0 && errno != EINTR)
			return -errno;
		if (got == 0)
			return -EIO; /* it was longer a moment ago */
		if (got > 0) {
			p += got;
			n -= (size_t)got;
		}
	}
	return 0;
}

static int file_read(struct store *s, const char *file, void *buf, size_t cap)
{
	int fd = openat(fd_of(s), file, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	struct stat st;
	int rc = 0;

	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) < 0)
		rc = -errno;
	else if (!S_ISREG(st.st_mode))
		rc = -EIO;
	else if (st.st_size > STORE_BLOB)
		rc = -E2BIG;
	else if ((size_t)st.st_size <= cap)
		rc = read_all(fd, buf, (size_t)st.st_size);
	close(fd);
	return rc < 0 ? rc : (int)st.st_size;
}

static DIR *open_names(struct store *s)
{
	int fd = openat(fd_of(s), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);

	if (!d && fd >= 0)
		close(fd);
	return d;
}

static size_t file_names(struct store *s, char (*out)[STORE_NAME + 1],
			 size_t cap)
{
	DIR *d = open_names(s);
	struct dirent *e;
	size_t n = 0;

	while (d && (e = readdir(d))) {
		struct slice name = slice_str(e->d_name);

		if (!store_name_valid(name))
			continue;
		if (n < cap)
			(void)!slice_to_str(name, out[n], STORE_NAME + 1);
		n++;
	}
	if (d)
		closedir(d);
	return n;
}

/* What a process that is gone left aside: ".name.pid". */
static bool left_over(struct slice file)
{
	uint32_t pid;
	size_t dot = file.n;

	while (dot && file.p[dot - 1] != '.')
		dot--;
	if (dot < 3 || file.p[0] != '.' ||
	    slice_u32(slice_skip(file, dot), INT32_MAX, &pid) < 0)
		return false;
	return store_name_valid(slice_of(file.p + 1, dot - 2)) &&
	       kill((pid_t)pid, 0) < 0 && errno == ESRCH;
}

static void sweep(struct store *s)
{
	DIR *d = open_names(s);
	struct dirent *e;

	while (d && (e = readdir(d)))
		if (left_over(slice_str(e->d_name)))
			(void)file_remove(s, e->d_name);
	if (d)
		closedir(d);
}

static void file_free(struct store *s)
{
	close(fd_of(s));
	mem_free(s->mem, CONTAINER(s, struct folder, base));
}

static const struct disk files = {
	.write = file_write,
	.sync = file_sync,
	.rename = file_rename,
	.sync_names = file_sync_names,
	.remove = file_remove,
	.read = file_read,
	.names = file_names,
	.free = file_free,
};

int store_open_folder(struct mem *m, const char *path, struct store **out)
{
	struct folder *f = mem_new(m, sizeof(*f));
	int rc = 0;

	if (!f)
		return -ENOMEM;
	f->base = (struct store){ .disk = &files, .mem = m,
				  .writer = (uint32_t)getpid() };
	if (mkdir(path, 0700) < 0 && errno != EEXIST)
		rc = -errno;
	f->fd = rc ? -1 : open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (!rc && f->fd < 0)
		rc = -errno;
	if (rc < 0) {
		mem_free(m, f);
		return rc;
	}
	sweep(&f->base);
	*out = &f->base;
	return 0;
}
