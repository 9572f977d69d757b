/* SPDX-License-Identifier: BSD-2-Clause */
#include "client/agent_line.h"
#include "platform/scan.h"

/* Most text is this all through. */
static size_t printable_ascii(struct slice s)
{
	size_t n = 0;

	while (n < s.n && s.p[n] >= ' ' && s.p[n] <= '~')
		n++;
	return n;
}

size_t agent_line(char *out, size_t cap, struct slice s)
{
	size_t n = 0;

	while (s.n) {
		size_t plain = printable_ascii(slice_head(s, cap - 1 - n));
		size_t len = plain ? plain : utf8_first(s);
		struct slice c = len ? slice_head(s, len) : S("?");

		if (!plain && utf8_is_control(c))
			c = S(" ");
		if (c.n > cap - 1 - n)
			break;
		memcpy(out + n, c.p, c.n);
		n += c.n;
		s = slice_skip(s, len ? len : 1);
	}
	out[n] = '\0';
	return n;
}
