/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/vectors/files.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

struct walk {
	const char *dir;
	bool (*one)(const char *name, struct slice data);
	unsigned files, passed, *failed;
};

static void file(struct walk *w, const char *name, size_t size)
{
	char path[4096];
	char *p = malloc(size ? size : 1);
	bool ok = false;
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", w->dir, name);
	f = fopen(path, "rb");
	/* the block ends where the file does, for sanitizers */
	if (f && p && fread(p, 1, size, f) == size)
		ok = w->one(name, slice_of(size ? p : p + 1, size));
	if (f)
		fclose(f);
	free(p);
	w->files++;
	if (ok) {
		w->passed++;
	} else {
		(*w->failed)++;
		printf("%s: failed\n", path);
	}
}

static bool wanted(const char *name)
{
	return name[0] != '.' && strcmp(name, "MANIFEST.tsv") != 0 &&
	       strcmp(name, "ORIGIN") != 0 && strcmp(name, "README.md") != 0;
}

static void folder(struct walk *w, const char *below)
{
	char path[4096], name[2048];
	struct dirent **list;
	struct stat st;
	int n;

	snprintf(path, sizeof(path), "%s/%s", w->dir, below);
	n = scandir(path, &list, NULL, alphasort);
	for (int i = 0; i < n; i++) {
		snprintf(name, sizeof(name), "%s%s%s", below,
			 below[0] ? "/" : "", list[i]->d_name);
		snprintf(path, sizeof(path), "%s/%s", w->dir, name);
		if (wanted(list[i]->d_name) && stat(path, &st) == 0) {
			if (S_ISDIR(st.st_mode))
				folder(w, name);
			else
				file(w, name, (size_t)st.st_size);
		}
		free(list[i]);
	}
	if (n >= 0)
		free(list);
}

unsigned files_each(const char *dir,
		    bool (*one)(const char *name, struct slice data),
		    unsigned *failed)
{
	struct walk w = { .dir = dir, .one = one, .failed = failed };

	folder(&w, "");
	if (!w.files) {
		(*failed)++;
		printf("%s: no file below it\n", dir);
	}
	return w.passed;
}

unsigned files_extra(const char *below,
		     bool (*one)(const char *name, struct slice data),
		     unsigned *failed)
{
	const char *vectors = getenv("VECTORS");
	char dir[4096];

	if (!vectors || !vectors[0])
		return 0;
	snprintf(dir, sizeof(dir), "%s/%s", vectors, below);
	return files_each(dir, one, failed);
}
