/* SPDX-License-Identifier: BSD-2-Clause */
#include "fuzz/fuzz.h"
#include "rtp/rtp_event.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rtp_event v[RTP_EVENTS_MAX];
	struct parse_error e = { 0 };
	uint8_t out[RTP_EVENT_SIZE];
	int n = rtp_event_parse(slice_of(data, size), v, &e);

	if (n < 0) {
		INVARIANT(e.reason && e.offset <= size);
		return 0;
	}
	INVARIANT(n > 0 && (size_t)n * RTP_EVENT_SIZE == size);
	for (int i = 0; i < n; i++, data += RTP_EVENT_SIZE) {
		rtp_event_write(out, &v[i]);
		INVARIANT(out[0] == data[0] && out[1] == (data[1] & 0xBF) &&
			  out[2] == data[2] && out[3] == data[3]);
	}
	return 0;
}
