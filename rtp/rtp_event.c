/* SPDX-License-Identifier: BSD-2-Clause */
#include "rtp/rtp_event.h"

#include "platform/writer.h"

static const char digits[] = "0123456789*#ABCD!";

static int event_fail(struct parse_error *e, size_t offset, int code,
		      const char *reason)
{
	if (e)
		*e = (struct parse_error){ offset, reason };
	return code;
}

int rtp_event_parse(struct slice in, struct rtp_event out[RTP_EVENTS_MAX],
		    struct parse_error *e)
{
	const uint8_t *p = (const uint8_t *)in.p;
	size_t n = in.n / RTP_EVENT_SIZE;

	if (!n || in.n % RTP_EVENT_SIZE)
		return event_fail(e, in.n, -EBADMSG,
				  "4 octets an event wanted");
	if (n > RTP_EVENTS_MAX)
		return event_fail(e, RTP_EVENTS_MAX * RTP_EVENT_SIZE, -E2BIG,
				  "too many events");
	for (size_t i = 0; i < n; i++, p += RTP_EVENT_SIZE)
		out[i] = (struct rtp_event){ /* 2.3.3: R is ignored */
			.code = p[0],
			.end = p[1] >> 7,
			.volume = p[1] & 0x3F,
			.duration = read_be16(p + 2),
		};
	return (int)n;
}

void rtp_event_write(uint8_t out[RTP_EVENT_SIZE], const struct rtp_event *v)
{
	out[0] = v->code;
	out[1] = (uint8_t)((v->end ? 0x80 : 0) | (v->volume & 0x3F));
	out[2] = (uint8_t)(v->duration >> 8);
	out[3] = (uint8_t)v->duration;
}

int rtp_event_of_char(char c)
{
	const char *at;

	if (c >= 'a' && c <= 'd')
		c = (char)(c - 'a' + 'A');
	at = c ? strchr(digits, c) : NULL;
	return at ? (int)(at - digits) : -1;
}

char rtp_event_to_char(unsigned code)
{
	return code < sizeof(digits) - 1 ? digits[code] : 0;
}
