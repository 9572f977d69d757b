/* SPDX-License-Identifier: BSD-2-Clause
 * Runs a fuzz target over files and folders, each file in a heap block of its
 * exact size, so that a sanitizer or valgrind sees one byte too far. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "fuzz/fuzz.h"

static unsigned done;

static int one(const char *path, long size)
{
	FILE *f = fopen(path, "rb");
	uint8_t *p = malloc(size ? (size_t)size : 1);
	int rc = -1;

	if (f && p && fread(p, 1, (size_t)size, f) == (size_t)size) {
		uint8_t *exact = size ? p : p + 1;

		rc = LLVMFuzzerTestOneInput(exact, (size_t)size);
		done++;
	} else {
		fprintf(stderr, "%s: cannot read\n", path);
	}
	if (f)
		fclose(f);
	free(p);
	return rc;
}

static int folder(const char *path);

static int any(const char *path)
{
	struct stat st;

	if (stat(path, &st))
		return -1;
	return S_ISDIR(st.st_mode) ? folder(path) : one(path, st.st_size);
}

static int folder(const char *path)
{
	struct dirent **names;
	int n = scandir(path, &names, NULL, alphasort), rc = 0;

	for (int i = 0; i < n; i++) {
		char full[4096];

		if (names[i]->d_name[0] != '.') {
			snprintf(full, sizeof(full), "%s/%s", path,
				 names[i]->d_name);
			rc |= any(full);
		}
		free(names[i]);
	}
	if (n >= 0)
		free(names);
	return n < 0 ? -1 : rc;
}

int main(int argc, char **argv)
{
	int rc = 0;

	rc |= LLVMFuzzerTestOneInput((const uint8_t *)"", 0);
	for (int i = 1; i < argc; i++)
		rc |= any(argv[i]);
	printf("replay: %u passed, %d failed\n", done + 1, rc != 0);
	return rc != 0;
}
