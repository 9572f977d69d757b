/* SPDX-License-Identifier: BSD-2-Clause
 * A message for human eyes: its lines stay, and what was masked once is masked
 * for good. */
#include "fuzz/fuzz.h"
#include "sip/msg/sip_mask.h"

static size_t lines(struct slice s)
{
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++)
		n += s.p[i] == '\n';
	return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char text[2][1 << 18];
	struct slice in = { (const char *)data, size };
	struct writer once = writer_begin(text[0], sizeof(text[0]));
	struct writer twice = writer_begin(text[1], sizeof(text[1]));

	if (size > sizeof(text[0]) / 4)
		return 0;
	sip_mask(in, &once);
	sip_mask(writer_done(&once), &twice);
	INVARIANT(writer_end(&once) >= 0 && writer_end(&twice) >= 0);
	INVARIANT(lines(in) == lines(writer_done(&once)));
	INVARIANT(slice_same(writer_done(&once), writer_done(&twice)));
	return 0;
}
