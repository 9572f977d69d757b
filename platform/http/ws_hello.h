/* SPDX-License-Identifier: BSD-2-Clause
 * platform/http/ws_hello.h - the opening handshake of WebSocket, RFC 6455 4:
 * what client and server say, and what each wants to hear.  One sub-protocol is
 * asked for and one is spoken ("sip": RFC 7118 4.1); no extension is.
 */
#ifndef PLATFORM_HTTP_WS_HELLO_H
#define PLATFORM_HTTP_WS_HELLO_H
#include "platform/base64.h"
#include "platform/http/http_msg.h"

enum {
	WS_NONCE = 16,                    /* octets: 4.1 */
	WS_KEY = BASE64_TEXT(WS_NONCE),   /* characters of Sec-WebSocket-Key */
	WS_ACCEPT = BASE64_TEXT(20),      /* and of Sec-WebSocket-Accept */
	LIMIT_WS_PROTOCOL = 64,           /* octets of a protocol's name, */
	LIMIT_WS_TARGET = 1024            /* of path, Host and Origin */
};

/* What both sides know of it; slices are the caller's. */
struct ws_hello {
	struct slice host;     /* client: what Host says */
	struct slice path;     /* client: what it asks for; server: what alone
				* is here, empty: whatever is asked for */
	struct slice protocol; /* empty: none is asked for, and any is left
				* unanswered */
	struct slice origin;   /* client: what Origin says, empty: nothing;
				* server: whose pages alone may come here,
				* empty: all.  Who is no browser sends none */
};

/* May it be written and asked for? */
bool ws_hello_ok(const struct ws_hello *h);

void ws_key_write(struct writer *w, const uint8_t nonce[WS_NONCE]);
/* base64(SHA-1(key + the GUID of RFC 6455 1.3)) */
void ws_accept_write(struct writer *w, struct slice key);

void ws_hello_request(struct writer *w, const struct ws_hello *h,
		      const uint8_t nonce[WS_NONCE]);
/* 0, or why the server's answer is none to it: static words. */
const char *ws_hello_answered(const struct http_head *head,
			      const struct ws_hello *h,
			      const uint8_t nonce[WS_NONCE]);

/* What a server says to a request: 101, or the status to refuse it by: 400,
 * 403 Origin, 404 path, 405 method, 426 no upgrade or another version. */
unsigned ws_hello_judge(const struct http_head *head,
			const struct ws_hello *h, const char **why);
/* The response; head may be NULL where status is not 101. */
void ws_hello_response(struct writer *w, unsigned status,
		       const struct http_head *head, const struct ws_hello *h);
#endif
