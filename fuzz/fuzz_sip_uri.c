/* SPDX-License-Identifier: BSD-2-Clause
 * One or two URIs, parted by LF.  What is written reads the same, and to be
 * the same works both ways. */
#include "fuzz/fuzz.h"
#include "sip/msg/sip_uri.h"

static bool parsed(struct slice in, struct sip_uri *u)
{
	struct parse_error e = { 0 };

	if (sip_uri_parse(in, u, &e)) {
		INVARIANT(e.reason && e.offset <= in.n);
		return false;
	}
	INVARIANT(slice_inside(u->user, in) && slice_inside(u->host, in) &&
		  slice_inside(u->params, in) && slice_inside(u->headers, in) &&
		  slice_inside(u->opaque, in) && slice_same(u->text, in));
	INVARIANT(sip_uri_same(u, u));
	return true;
}

static void written(const struct sip_uri *u)
{
	static char text[2][1 << 17], user[1 << 17];
	struct writer w = writer_begin(text[0], sizeof(text[0]));
	struct sip_uri again;
	struct slice one;
	int n;

	sip_uri_write(&w, u);
	if (writer_end(&w) < 0)
		return;
	one = writer_done(&w);
	INVARIANT(parsed(one, &again) && sip_uri_same(u, &again));
	w = writer_begin(text[1], sizeof(text[1]));
	sip_uri_write(&w, &again);
	INVARIANT(slice_same(one, writer_done(&w)));
	n = sip_unescape(u->user, user, sizeof(user));
	INVARIANT(n >= 0 && (size_t)n <= u->user.n);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice a, b, in = slice_of(data, size);
	struct sip_uri x, y;
	bool two = slice_cut(in, '\n', &a, &b);

	if (!parsed(a, &x))
		return 0;
	written(&x);
	if (two && parsed(b, &y))
		INVARIANT(sip_uri_same(&x, &y) == sip_uri_same(&y, &x));
	return 0;
}
