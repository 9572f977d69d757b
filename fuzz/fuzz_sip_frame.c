/* SPDX-License-Identifier: BSD-2-Clause
 * A stream, fed whole and in pieces: the messages, the pings and the end are
 * the same however it was cut. */
#include "fuzz/fuzz.h"
#include "sip/msg/sip_frame.h"

enum { MAX = 512, FOUND = 64 };

struct found {
	size_t at[FOUND]; /* where each message ends */
	unsigned n, pings;
	int rc;           /* how it ended: -EAGAIN, or a fault */
	size_t fault;
};

/* What is in the first n bytes, from *base on. */
static void take(struct found *f, struct slice in, size_t *base)
{
	while (f->rc == -EAGAIN && f->n < FOUND) {
		struct slice rest = slice_skip(in, *base);
		struct parse_error e = { 0 };
		struct sip_frame fr;
		int rc = sip_frame(rest, MAX, &fr, &e);

		INVARIANT(fr.skip <= rest.n && fr.total <= MAX &&
			  fr.head <= MAX && fr.pings <= fr.skip / 4);
		f->pings += fr.pings;
		*base += fr.skip;
		if (rc == 0) {
			INVARIANT(fr.total <= rest.n - fr.skip &&
				  fr.head <= fr.total && fr.head >= 4);
			*base += fr.total;
			f->at[f->n++] = *base;
			continue;
		}
		if (rc != -EAGAIN) {
			INVARIANT(e.reason && e.offset <= rest.n);
			f->rc = rc;
			f->fault = *base - fr.skip + e.offset;
		}
		return;
	}
}

static struct found feed(struct slice in, size_t piece)
{
	struct found f = { .rc = -EAGAIN };
	size_t base = 0;

	for (size_t n = piece; n < in.n; n += piece)
		take(&f, slice_head(in, n), &base);
	take(&f, in, &base);
	return f;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice in = slice_of(data, size > 2048 ? 2048 : size);
	struct found whole = feed(in, in.n + 1);
	size_t pieces[] = { 1, 2, 3, 7, in.n ? 1 + data[in.n - 1] : 1 };

	for (size_t i = 0; i < COUNT(pieces); i++) {
		struct found cut = feed(in, pieces[i]);

		INVARIANT(cut.n == whole.n && cut.pings == whole.pings &&
			  cut.rc == whole.rc && cut.fault == whole.fault);
		for (unsigned k = 0; k < whole.n; k++)
			INVARIANT(cut.at[k] == whole.at[k]);
	}
	return 0;
}
