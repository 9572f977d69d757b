/* SPDX-License-Identifier: BSD-2-Clause
 * A file in two ways: its header in pieces of one byte and at once, which must
 * agree, and all of it through the player into a graph. */
#include "fuzz/fuzz.h"
#include "media/wav_file.h"

static void scan(const uint8_t *p, size_t n)
{
	struct wav_scan a = { 0 }, b = { 0 };
	bool da = false, db = false;
	int ra = wav_scan_bytes(&a, p, n, &da), rb = 0;
	size_t at = 0;

	INVARIANT(ra <= (int)n);
	while (at < n && rb >= 0 && !db) {
		rb = wav_scan_bytes(&b, p + at, 1, &db);
		at += rb > 0 ? (size_t)rb : 0;
	}
	INVARIANT((ra < 0) == (rb < 0) && da == db);
	if (ra < 0 || !da)
		return;
	INVARIANT((size_t)ra == at);
	INVARIANT(wav_format_ok(&a.format));
	INVARIANT(memcmp(&a.format, &b.format, sizeof(a.format)) == 0);
	INVARIANT(a.data_bytes == b.data_bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct wav_player *p;
	int16_t pcm[480], *all;
	struct mem m;
	uint32_t rate;
	size_t n;

	scan(data, size);
	mem_init(&m, 0);
	if (wav_player_open_memory(&m, data, size, 48000, size % 2, &p) == 0) {
		for (int i = 0; i < 60; i++) {
			player_ops.source(wav_player_engine(p), pcm, 480, 0);
			wav_player_service(p);
		}
		wav_player_close(p);
	}
	if (wav_load_memory(&m, data, size, &all, &n, &rate) == 0) {
		INVARIANT(n <= size);
		mem_free(&m, all);
	}
	INVARIANT(m.blocks == 0);
	return 0;
}
