/* SPDX-License-Identifier: BSD-2-Clause
 * Packets, each behind a length octet; a length of 0 is a lost one.  What the
 * decoder says of a packet's duration it must then give. */
#include "fuzz/fuzz.h"
#include "media/codec/codec.h"

static void packet(const struct codec *c, void *dec, const uint8_t *p,
		   size_t n, uint32_t rate)
{
	static int16_t pcm[CODEC_PACKET_SAMPLES];
	int d = c->duration(c, p, n), got;

	got = c->decode_fec(dec, p, n, pcm, rate / 50);
	INVARIANT(got == 0 || got == (int)(rate / 50));
	got = c->decode(dec, p, n, pcm, COUNT(pcm));
	INVARIANT(d > 0 || got < 0);
	INVARIANT(got < 0 || (uint64_t)got * 48000 == (uint64_t)d * rate);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct codec *c = codec_named(S("opus"));
	int16_t pcm[960];
	struct mem m;
	size_t at = 1;
	uint32_t rate;
	void *dec;

	if (!c || !size)
		return 0;
	mem_init(&m, 0);
	rate = c->rates[data[0] % 5];
	INVARIANT(c->decoder_open(&m, rate, &dec) == 0);
	for (int i = 0; at < size && i < 40; i++) {
		size_t n = data[at++];

		n = n < size - at ? n : size - at;
		if (n)
			packet(c, dec, data + at, n, rate);
		else
			INVARIANT(c->conceal(dec, pcm, rate / 50) ==
				  (int)(rate / 50));
		at += n;
	}
	c->decoder_close(&m, dec);
	INVARIANT(m.blocks == 0);
	return 0;
}
