/* SPDX-License-Identifier: BSD-2-Clause */
#include "platform/base64.h"

static const char letters[] =
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void base64_write(struct writer *w, const void *p, size_t n)
{
	const uint8_t *b = p;

	if (w->full || BASE64_TEXT(n) > w->cap - w->n) {
		w->full = true;
		return;
	}
	for (; n; b += n < 3 ? n : 3, n -= n < 3 ? n : 3) {
		uint32_t v = (uint32_t)b[0] << 16 |
			     (n > 1 ? (uint32_t)b[1] << 8 : 0) |
			     (n > 2 ? b[2] : 0u);

		writer_char(w, letters[v >> 18]);
		writer_char(w, letters[v >> 12 & 63]);
		writer_char(w, n > 1 ? letters[v >> 6 & 63] : '=');
		writer_char(w, n > 2 ? letters[v & 63] : '=');
	}
}

/* 0..63, or -1 */
static int letter_value(char c)
{
	return c >= 'A' && c <= 'Z' ? c - 'A' :
	       c >= 'a' && c <= 'z' ? c - 'a' + 26 :
	       is_digit(c) ? c - '0' + 52 :
	       c == '+' ? 62 : c == '/' ? 63 : -1;
}

int base64_read(struct slice text, uint8_t *out, size_t cap)
{
	size_t n = text.n, pad = 0, bytes, at = 0;
	uint32_t v = 0;

	if (n % 4)
		return -EBADMSG;
	while (pad < 2 && n && text.p[n - 1] == '=') {
		n--;
		pad++;
	}
	bytes = text.n / 4 * 3 - pad;
	for (size_t i = 0; i < n; i++)
		if (letter_value(text.p[i]) < 0)
			return -EBADMSG;
	if (pad && (unsigned)letter_value(text.p[n - 1]) &
		   (pad == 2 ? 15u : 3u))
		return -EBADMSG;
	if (bytes > cap)
		return -ENOSPC;
	for (size_t i = 0; i < text.n; i++) {
		v = v << 6 | (i < n ? (uint32_t)letter_value(text.p[i]) : 0);
		for (size_t k = 0; i % 4 == 3 && k < 3 && at < bytes; k++)
			out[at++] = (uint8_t)(v >> (16 - 8 * k));
	}
	return (int)bytes;
}
