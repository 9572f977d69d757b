/* SPDX-License-Identifier: BSD-2-Clause
 * sip/msg/sip_frame.h - where a message of a stream ends, RFC 3261 18.3.
 */
#ifndef SIP_FRAME_H
#define SIP_FRAME_H
#include "platform/slice.h"

struct sip_frame {
	size_t skip;    /* CRLF bytes before the message (7.5): drop first */
	unsigned pings; /* double CRLFs among them: one CRLF is due for each as
			 * pong (RFC 5626 3.5.1) */
	size_t total;   /* bytes of the message behind them; with -EAGAIN 0, or
			 * what it will have once head is known */
	size_t head;    /* of these, start line to empty line; 0: not yet */
};

/* Looks for the first message.  Its Content-Length must be there and single.
 * 0; -EAGAIN: not all is there yet (skip and pings are valid; a lone CRLF at
 * the end stays, since it may be half a ping; who awaits a pong takes it);
 * -EBADMSG: this is no SIP or has no usable Content-Length, so that the stream
 * cannot be followed any more; -E2BIG: larger than max.  After the last two
 * skip and, if it was reached, head are valid: answer what in[skip..] says
 * through sip_check.h, then close.  Offsets in e count from the start of in.
 * The outcome does not depend on how the stream was cut. */
MUST_USE int sip_frame(struct slice in, size_t max, struct sip_frame *out,
		       struct parse_error *e);
#endif
