/* SPDX-License-Identifier: BSD-2-Clause
 * tests/certs/certs.h - what tests/certs/make.sh made, by its name.
 */
#ifndef TESTS_CERTS_CERTS_H
#define TESTS_CERTS_CERTS_H
#include "platform/slice.h"

/* 2027-01-01 00:00:00 UTC, when the good ones are valid. */
#define CERTS_NOW INT64_C(1798761600)

/* The file, from the heap; ends the process where it is not there. */
struct slice certs_file(const char *name);
/* The first certificate of the file, as DER, from the heap. */
struct slice certs_der(const char *name);
void certs_free(struct slice s);
#endif
