/* SPDX-License-Identifier: BSD-2-Clause
 * platform/http/ws_frame.h - frames of WebSocket, RFC 6455 5, and what closes
 * one, RFC 6455 7.4.  No extension is known here, so reserved bits are an
 * error.
 */
#ifndef PLATFORM_HTTP_WS_FRAME_H
#define PLATFORM_HTTP_WS_FRAME_H
#include "platform/writer.h"

enum {
	WS_FRAME_HEAD = 14, /* octets of the longest frame head */
	WS_CONTROL = 125    /* octets of a control frame's payload: 5.5 */
};

enum ws_opcode {
	WS_CONT = 0, WS_TEXT = 1, WS_BINARY = 2,
	WS_CLOSE = 8, WS_PING = 9, WS_PONG = 10
};

struct ws_frame {
	enum ws_opcode op;
	bool fin, masked;
	uint8_t key[4]; /* zero when it is not masked */
	uint64_t n;     /* octets of its payload, */
	size_t head;    /* and before it */
};

/* The head of a frame.  -EAGAIN; -EBADMSG: a reserved bit or opcode, a control
 * frame that is long or not final, a length that is not the shortest way to
 * write it (5.2). */
MUST_USE int ws_frame_parse(struct slice in, struct ws_frame *out,
			    struct parse_error *e);
void ws_frame_write(struct writer *w, const struct ws_frame *f); /* head */

/* Masks and unmasks (5.3): p begins at octets into the payload. */
void ws_mask(uint8_t *p, size_t n, const uint8_t key[4], uint64_t at);

enum ws_code { /* 7.4.1, and the registry of 11.7 */
	WS_NORMAL = 1000, WS_GOING_AWAY = 1001, WS_PROTOCOL = 1002,
	WS_UNACCEPTABLE = 1003, WS_NO_CODE = 1005, WS_ABNORMAL = 1006,
	WS_NOT_UTF8 = 1007, WS_POLICY = 1008, WS_TOO_BIG = 1009,
	WS_INTERNAL = 1011, WS_AGAIN = 1013
};

/* May a peer send it? */
bool ws_code_ok(unsigned code);
/* The payload of a Close frame (5.5.1): nothing, which is WS_NO_CODE, or a code
 * and words.  -EBADMSG: one octet, or a code that none may send; -EILSEQ: words
 * that are no UTF-8. */
MUST_USE int ws_close_parse(struct slice in, unsigned *code,
			    struct slice *words);
#endif
