/* SPDX-License-Identifier: BSD-2-Clause
 * platform/writer.h - writes into a buffer of fixed size.
 * What does not fit is dropped and remembered, so that a writer is checked
 * once, at its end.  The buffer is the caller's and must outlive the slices.
 */
#ifndef PLATFORM_WRITER_H
#define PLATFORM_WRITER_H
#include "platform/slice.h"

struct writer {
	char *buf;
	size_t cap, n;
	bool full; /* something did not fit: n stands before it */
};

struct writer writer_begin(void *buf, size_t cap);
/* Bytes written, or -ENOSPC when anything was dropped. */
MUST_USE int writer_end(const struct writer *w);
struct slice writer_done(const struct writer *w); /* what is there so far */

void writer_put(struct writer *w, struct slice s); /* all of s or none */
void writer_str(struct writer *w, const char *s);  /* NUL-terminated */
void writer_char(struct writer *w, char c);
void writer_u64(struct writer *w, uint64_t v);     /* decimal */
void writer_i64(struct writer *w, int64_t v);
void writer_pad(struct writer *w, uint64_t v, unsigned digits); /* 007 */
void writer_hex(struct writer *w, const void *p, size_t n);     /* lower case */

/* Binary, network byte order. */
void writer_be8(struct writer *w, uint8_t v);
void writer_be16(struct writer *w, uint16_t v);
void writer_be32(struct writer *w, uint32_t v);

static inline uint16_t read_be16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

static inline uint32_t read_be32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
	       (uint32_t)p[2] << 8 | p[3];
}
#endif
