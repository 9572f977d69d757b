/* SPDX-License-Identifier: BSD-2-Clause
 * rtp/rtp_event.h - telephone-event payload, RFC 4733 2.3 and 2.5.1.5.
 */
#ifndef RTP_RTP_EVENT_H
#define RTP_RTP_EVENT_H
#include "platform/slice.h"

enum { RTP_EVENT_SIZE = 4, RTP_EVENTS_MAX = 16 };

struct rtp_event {
	uint8_t code;   /* 0..15: DTMF 0-9 * # A-D, 3.2 */
	bool end;
	uint8_t volume; /* 0..63: -dBm0 */
	uint16_t duration; /* timestamp units */
};

/* One or more reports packed in a payload.  Returns how many; -EBADMSG when
 * they are no whole number, -E2BIG beyond RTP_EVENTS_MAX. */
MUST_USE int rtp_event_parse(struct slice in,
			     struct rtp_event out[RTP_EVENTS_MAX],
			     struct parse_error *e);
/* R is 0; volume is cut to 6 bits. */
void rtp_event_write(uint8_t out[RTP_EVENT_SIZE], const struct rtp_event *v);

/* "0123456789*#ABCD" to 0..15 (small letters too), -1: none; and back, 0:
 * none.  Flash (16) is '!'. */
int rtp_event_of_char(char c);
char rtp_event_to_char(unsigned code);
#endif
