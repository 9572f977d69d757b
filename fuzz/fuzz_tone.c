/* SPDX-License-Identifier: BSD-2-Clause
 * Samples for the DTMF detector, in pieces and at once: the same keys, at most
 * one in each two of its blocks.  The first byte says the rate and the size of
 * the pieces. */
#include <string.h>

#include "fuzz/fuzz.h"
#include "media/tone.h"

enum { SAMPLES = 4096 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint32_t rates[] = { 8000, 16000, 44100, 48000 };
	static int16_t pcm[SAMPLES];
	struct dtmf_detect a, b;
	char one[SAMPLES], two[SAMPLES];
	size_t n, piece, at, keys = 0, all;

	if (!size)
		return 0;
	n = (size - 1) / 2 < SAMPLES ? (size - 1) / 2 : SAMPLES;
	memcpy(pcm, data + 1, 2 * n);
	piece = (size_t)(data[0] >> 2) + 1;
	dtmf_detect_init(&a, rates[data[0] & 3]);
	dtmf_detect_init(&b, rates[data[0] & 3]);
	all = dtmf_detect_run(&a, pcm, n, one, sizeof(one));
	for (at = 0; at < n; at += piece)
		keys += dtmf_detect_run(&b, pcm + at,
					n - at < piece ? n - at : piece,
					two + keys, sizeof(two) - keys);
	INVARIANT(all == keys && memcmp(one, two, all) == 0);
	INVARIANT(all <= n / a.block / 2);
	for (at = 0; at < all; at++)
		INVARIANT(one[at] && strchr("0123456789*#ABCD", one[at]));
	return 0;
}
