/* SPDX-License-Identifier: BSD-2-Clause
 * A script: each byte is a length of up to 255 samples, received (odd, samples
 * from the following bytes) or lost.  First byte: the rate. */
#include "fuzz/fuzz.h"
#include "media/codec/plc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint32_t rates[] = { 8000, 16000, 44100, 48000 };
	static int16_t room[PLC_ROOM_MAX];
	int16_t pcm[2048];
	size_t lost = 0;
	struct plc p;

	if (!size)
		return 0;
	plc_init(&p, room, rates[data[0] % 4]);
	for (size_t i = 1; i < size && i < 400; i++) {
		size_t n = (size_t)data[i] * (data[0] / 64 + 1);

		for (size_t k = 0; k < n; k++)
			pcm[k] = (int16_t)((data[(i + k) % size] - 128) * 256);
		if (data[i] % 2) {
			plc_good(&p, pcm, n);
			lost = 0;
			continue;
		}
		plc_lost(&p, pcm, n);
		lost += n;
		/* 60 ms on: silence */
		if (n && lost > rates[data[0] % 4] * 60 / 1000 + n)
			INVARIANT(pcm[n - 1] == 0);
	}
	return 0;
}
