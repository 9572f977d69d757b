/* SPDX-License-Identifier: BSD-2-Clause */
#include "platform/writer.h"

#include <limits.h>

struct writer writer_begin(void *buf, size_t cap)
{
	return (struct writer){ .buf = buf, .cap = cap };
}

int writer_end(const struct writer *w)
{
	return w->full || w->n > INT_MAX ? -ENOSPC : (int)w->n;
}

struct slice writer_done(const struct writer *w)
{
	return slice_of(w->buf, w->n);
}

void writer_put(struct writer *w, struct slice s)
{
	if (w->full || s.n > w->cap - w->n) {
		w->full = true;
		return;
	}
	if (s.n)
		memcpy(w->buf + w->n, s.p, s.n);
	w->n += s.n;
}

void writer_str(struct writer *w, const char *s)
{
	writer_put(w, slice_str(s));
}

void writer_char(struct writer *w, char c)
{
	writer_put(w, slice_of(&c, 1));
}

void writer_pad(struct writer *w, uint64_t v, unsigned digits)
{
	char tmp[20]; /* 2^64 - 1 has 20 digits */
	size_t at = sizeof(tmp);

	do {
		tmp[--at] = (char)('0' + v % 10);
		v /= 10;
	} while (v);
	while (at > 0 && sizeof(tmp) - at < digits)
		tmp[--at] = '0';
	writer_put(w, slice_of(tmp + at, sizeof(tmp) - at));
}

void writer_u64(struct writer *w, uint64_t v)
{
	writer_pad(w, v, 1);
}

void writer_i64(struct writer *w, int64_t v)
{
	if (v < 0)
		writer_char(w, '-');
	writer_u64(w, v < 0 ? 0 - (uint64_t)v : (uint64_t)v);
}

void writer_hex(struct writer *w, const void *p, size_t n)
{
	static const char digit[] = "0123456789abcdef";
	const uint8_t *b = p;

	for (size_t i = 0; i < n; i++) {
		char two[2] = { digit[b[i] >> 4], digit[b[i] & 15] };

		writer_put(w, slice_of(two, 2));
	}
}

void writer_be8(struct writer *w, uint8_t v)
{
	writer_put(w, slice_of(&v, 1));
}

void writer_be16(struct writer *w, uint16_t v)
{
	uint8_t b[2] = { (uint8_t)(v >> 8), (uint8_t)v };

	writer_put(w, slice_of(b, sizeof(b)));
}

void writer_be32(struct writer *w, uint32_t v)
{
	uint8_t b[4] = { (uint8_t)(v >> 24), (uint8_t)(v >> 16),
			 (uint8_t)(v >> 8), (uint8_t)v };

	writer_put(w, slice_of(b, sizeof(b)));
}
