/* SPDX-License-Identifier: BSD-2-Clause
 * tests/vectors/files.h - every file below a folder, for the vector programs.
 */
#ifndef TESTS_VECTORS_FILES_H
#define TESTS_VECTORS_FILES_H
#include "platform/slice.h"

/* Calls one for each file in sorted order, folders included: name is its path
 * below dir, data a heap block of its exact size, which is freed afterwards.
 * MANIFEST.tsv, ORIGIN and README.md are left out.  Returns how many files
 * one accepted and adds the others to *failed, printing their names; a folder
 * without any file, or that is not there, has failed too. */
unsigned files_each(const char *dir, bool (*one)(const char *name,
						 struct slice data),
		    unsigned *failed);
/* The same for $VECTORS/below; 0 where VECTORS is not set. */
unsigned files_extra(const char *below,
		     bool (*one)(const char *name, struct slice data),
		     unsigned *failed);
#endif
