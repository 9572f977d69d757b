/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/certs/certs.h"

#include <stdio.h>
#include <stdlib.h>

#include "platform/tls/pem.h"

enum { LARGEST = 16384 };

struct slice certs_file(const char *name)
{
	char path[256];
	char *p = malloc(LARGEST);
	size_t n;
	FILE *f;

	snprintf(path, sizeof(path), "tests/certs/%s", name);
	f = fopen(path, "rb");
	if (!p || !f) {
		fprintf(stderr, "%s: cannot read\n", path);
		exit(1);
	}
	n = fread(p, 1, LARGEST, f);
	fclose(f);
	return slice_of(p, n);
}

struct slice certs_der(const char *name)
{
	struct slice file = certs_file(name), in = file;
	struct pem block;
	uint8_t *der;
	int n;

	if (!pem_next(&in, &block))
		exit(1);
	der = malloc(pem_room(&block));
	n = der ? pem_decode(&block, der, pem_room(&block)) : -1;
	if (n < 0)
		exit(1);
	certs_free(file);
	return slice_of(der, (size_t)n);
}

void certs_free(struct slice s)
{
	free((void *)(uintptr_t)s.p);
}
