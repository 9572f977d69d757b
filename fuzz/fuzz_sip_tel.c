/* SPDX-License-Identifier: BSD-2-Clause
 * One or two tel URIs, parted by LF.  What is written reads the same, and to be
 * the same works both ways. */
#include "fuzz/fuzz.h"
#include "sip/msg/sip_tel.h"

static bool parsed(struct slice in, struct sip_tel *t)
{
	struct parse_error e = { 0 };

	if (sip_tel_parse(in, t, &e)) {
		INVARIANT(e.reason && e.offset <= in.n);
		return false;
	}
	INVARIANT(t->number.n && slice_inside(t->number, in) &&
		  slice_inside(t->params, in) && slice_inside(t->ext, in) &&
		  slice_inside(t->isub, in) && slice_inside(t->context, in));
	/* RFC 3966 3: a local number says where it is one */
	INVARIANT(t->global ? t->number.p[0] == '+' : t->context.n > 0);
	INVARIANT(sip_tel_same(t, t));
	return true;
}

static void written(const struct sip_tel *t)
{
	static char text[1 << 16], digits[1 << 16];
	struct writer w = writer_begin(text, sizeof(text));
	struct writer d = writer_begin(digits, sizeof(digits));
	struct sip_tel again;

	sip_tel_write(&w, t);
	sip_tel_write_digits(&d, t);
	if (writer_end(&w) < 0)
		return;
	INVARIANT(parsed(writer_done(&w), &again) && sip_tel_same(t, &again));
	INVARIANT(writer_end(&d) > 0 && d.n <= t->number.n);
	for (size_t i = 0; i < d.n; i++)
		INVARIANT(slice_find(S("-.()"), digits[i]) == 4);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice a, b, in = slice_of(data, size);
	struct sip_tel x, y;
	bool two = slice_cut(in, '\n', &a, &b);

	if (!parsed(a, &x))
		return 0;
	written(&x);
	if (two && parsed(b, &y))
		INVARIANT(sip_tel_same(&x, &y) == sip_tel_same(&y, &x));
	return 0;
}
