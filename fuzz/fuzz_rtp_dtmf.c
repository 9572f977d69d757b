/* SPDX-License-Identifier: BSD-2-Clause
 * The input is a script of eight octets a step: time, then a report.  What
 * must hold: begins and ends alternate, one digit at a time, whatever comes;
 * and a sender of any digits is understood by the receiver through any loss.
 */
#include "fuzz/fuzz.h"
#include "platform/writer.h"
#include "rtp/rtp_dtmf.h"

static void follow(bool *open, unsigned out, unsigned *begun, unsigned *ended)
{
	if (out & RTP_DTMF_END_BEFORE) {
		INVARIANT(*open);
		*open = false;
		++*ended;
	}
	if (out & RTP_DTMF_BEGIN) {
		INVARIANT(!*open);
		*open = true;
		++*begun;
	}
	if (out & RTP_DTMF_END) {
		INVARIANT(*open);
		*open = false;
		++*ended;
	}
}

static void any_reports(const uint8_t *data, size_t size)
{
	struct rtp_dtmf_rx r = { 0 };
	struct rtp_dtmf_digit before, digit;
	unsigned begun = 0, ended = 0;
	bool open = false;
	mono now = 0;

	if (size & 1) /* events at 8000 in a stream at 48000 */
		rtp_dtmf_rx_full(&r, 0xFFFF, 0xFFFF * 6);
	for (; size >= 8; data += 8, size -= 8) {
		struct rtp_event v[RTP_EVENTS_MAX];

		now += MS(data[0]);
		follow(&open, rtp_dtmf_rx_on_time(&r, now, &digit), &begun,
		       &ended);
		if (rtp_event_parse(slice_of(data + 4, 4), v, NULL) != 1)
			continue;
		follow(&open,
		       rtp_dtmf_rx_on_event(&r, &v[0],
					    read_be16(data + 1) * 80u,
					    data[3] & 1, now, &before, &digit),
		       &begun, &ended);
		INVARIANT(open == (rtp_dtmf_rx_deadline(&r) != MONO_NEVER));
	}
	follow(&open, rtp_dtmf_rx_on_time(&r, now + SEC(1), &digit), &begun,
	       &ended);
	INVARIANT(!open && begun == ended);
}

/* Each octet is a digit of up to 1.3 s; its upper bits choose what is lost,
 * but the first report of each digit always comes. */
static void any_loss(const uint8_t *data, size_t size)
{
	struct rtp_dtmf_tx t;
	struct rtp_dtmf_rx r = { 0 };
	struct rtp_dtmf_digit before, digit;
	struct rtp_dtmf_packet p;
	unsigned begun = 0, ended = 0, sent = 0;
	uint32_t now = 0xFFFFF000, loss = 1;
	bool open = false;
	mono m = 0;

	rtp_dtmf_tx_init(&t, 800, 10);
	for (size_t i = 0; i < size && i < RTP_DTMF_QUEUE; i++, sent++) {
		INVARIANT(rtp_dtmf_tx_add(&t, data[i] & 15,
					  (data[i] & 0x3Fu) * 160 + 7) == 0);
		loss = loss * 31 + data[i];
	}
	for (; !rtp_dtmf_tx_idle(&t); now += 160, m += MS(20)) {
		struct rtp_event v[RTP_EVENTS_MAX];
		unsigned out = rtp_dtmf_tx_on_tick(&t, now, 160, &p);

		follow(&open, rtp_dtmf_rx_on_time(&r, m, &digit), &begun,
		       &ended);
		loss = loss * 1103515245 + 12345;
		if (!(out & RTP_DTMF_SEND) || (!p.marker && loss >> 30 == 0))
			continue;
		INVARIANT(rtp_event_parse(slice_of(p.payload, 4), v, NULL) ==
			  1);
		follow(&open,
		       rtp_dtmf_rx_on_event(&r, &v[0], p.ts, p.marker, m,
					    &before, &digit),
		       &begun, &ended);
	}
	follow(&open, rtp_dtmf_rx_on_time(&r, m + SEC(1), &digit), &begun,
	       &ended);
	INVARIANT(begun == sent && ended == sent);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	any_reports(data, size);
	any_loss(data, size);
	return 0;
}
