/* SPDX-License-Identifier: BSD-2-Clause
 * RFC 6455 4: the opening handshake, by the example of 1.2, 1.3 and 4. */
#include "tests/unit/suites.h"

#include "platform/http/ws_hello.h"

static const char KEY[] = "dGhlIHNhbXBsZSBub25jZQ=="; /* 1.3 */
static const struct ws_hello sip = { .host = SLICE("example.com"),
				     .path = SLICE("/"),
				     .protocol = SLICE("sip") };

static struct slice text_of(struct writer *w)
{
	ck_assert_int_ge(writer_end(w), 0);
	return writer_done(w);
}

START_TEST(the_key_of_rfc6455_is_accepted_by_its_answer)
{
	char text[WS_ACCEPT];
	struct writer w = writer_begin(text, sizeof(text));

	ws_accept_write(&w, slice_str(KEY));
	ck_slice_eq(text_of(&w), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
	w = writer_begin(text, sizeof(text));
	ws_key_write(&w, (const uint8_t *)"the sample nonce");
	ck_slice_eq(text_of(&w), "dGhlIHNhbXBsZSBub25jZQ==");
}
END_TEST

START_TEST(a_client_asks)
{
	char text[512];
	struct writer w = writer_begin(text, sizeof(text));
	struct ws_hello h = sip;

	ws_hello_request(&w, &h, (const uint8_t *)"the sample nonce");
	ck_slice_eq(text_of(&w), "GET / HTTP/1.1\r\nHost: example.com\r\n"
		"Upgrade: websocket\r\nConnection: Upgrade\r\n"
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
		"Sec-WebSocket-Version: 13\r\n"
		"Sec-WebSocket-Protocol: sip\r\n\r\n");
	h.origin = S("https://a.example");
	h.protocol = S("");
	h.path = S("/ws?a=b");
	w = writer_begin(text, sizeof(text));
	ws_hello_request(&w, &h, (const uint8_t *)"the sample nonce");
	ck_slice_eq(text_of(&w), "GET /ws?a=b HTTP/1.1\r\n"
		"Host: example.com\r\n"
		"Upgrade: websocket\r\nConnection: Upgrade\r\n"
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
		"Sec-WebSocket-Version: 13\r\n"
		"Origin: https://a.example\r\n\r\n");
}
END_TEST

/* Line i of the request is left out or is another; the whole is judged. */
static unsigned judged(size_t line, const char *instead,
		       const struct ws_hello *h)
{
	static const char *const lines[] = {
		"GET / HTTP/1.1", "Host: a", "Upgrade: WebSocket",
		"Connection: keep-alive, upgrade",
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
		"Sec-WebSocket-Version: 13",
		"Sec-WebSocket-Protocol: chat, sip", "Origin: http://b",
	};
	char text[512];
	struct writer w = writer_begin(text, sizeof(text));
	struct http_head head;
	const char *why = NULL;
	unsigned status;

	for (size_t i = 0; i < COUNT(lines); i++) {
		const char *l = i == line ? instead : lines[i];

		writer_str(&w, l);
		writer_str(&w, *l ? "\r\n" : "");
	}
	writer_str(&w, "\r\n");
	ck_assert_int_eq(http_head_parse(text_of(&w), &head, NULL), 0);
	status = ws_hello_judge(&head, h, &why);
	ck_assert((status == 101) == (why == NULL));
	return status;
}

START_TEST(a_server_judges_every_line)
{
	static const struct {
		size_t line;
		const char *instead;
		unsigned status;
	} row[] = {
		{ 99, "", 101 },
		{ 0, "GET / HTTP/1.2", 101 }, { 0, "GET / HTTP/1.0", 400 },
		{ 0, "HTTP/1.1 200 OK", 400 }, { 0, "POST / HTTP/1.1", 405 },
		{ 0, "GET /x HTTP/1.1", 404 },
		{ 1, "", 400 }, { 1, "Host: a\r\nHost: b", 400 },
		{ 1, "Host: a\r\nContent-Length: 1", 400 },
		{ 1, "Host: a\r\nContent-Length: 0", 101 },
		{ 1, "Host: a\r\nTransfer-Encoding: chunked", 400 },
		{ 2, "", 426 }, { 2, "Upgrade: h2c", 426 },
		{ 2, "Upgrade: h2c, websocket", 101 },
		{ 3, "", 426 }, { 3, "Connection: close", 426 },
		{ 4, "", 400 }, { 4, "Sec-WebSocket-Key: AAAA", 400 },
		{ 4, "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=!", 400 },
		{ 4, "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZSE=", 400 },
		{ 5, "", 426 }, { 5, "Sec-WebSocket-Version: 8", 426 },
		{ 5, "Sec-WebSocket-Version: 13\r\n"
		     "Sec-WebSocket-Version: 13", 426 },
		{ 6, "", 400 }, { 6, "Sec-WebSocket-Protocol: msrp", 400 },
		{ 6, "Sec-WebSocket-Protocol: chat\r\n"
		     "Sec-WebSocket-Protocol: sip", 101 },
	};
	struct ws_hello any = { .protocol = SLICE("") };
	struct ws_hello from = sip;

	for (size_t i = 0; i < COUNT(row); i++)
		ck_assert_uint_eq(judged(row[i].line, row[i].instead, &sip),
				  row[i].status);
	ck_assert_uint_eq(judged(0, "GET /x HTTP/1.1", &any), 101);
	ck_assert_uint_eq(judged(6, "", &any), 101);
	from.origin = S("http://c");
	ck_assert_uint_eq(judged(99, "", &from), 403);
	ck_assert_uint_eq(judged(7, "", &from), 101); /* no browser */
	ck_assert_uint_eq(judged(7, "Origin: HTTP://C", &from), 101);
}
END_TEST

START_TEST(a_server_answers)
{
	char text[512], ask[512];
	struct writer a = writer_begin(ask, sizeof(ask));
	struct writer w = writer_begin(text, sizeof(text));
	struct http_head head;

	ws_hello_request(&a, &sip, (const uint8_t *)"the sample nonce");
	ck_assert_int_eq(http_head_parse(text_of(&a), &head, NULL), 0);
	ws_hello_response(&w, 101, &head, &sip);
	ck_slice_eq(text_of(&w), "HTTP/1.1 101 Switching Protocols\r\n"
		"Upgrade: websocket\r\nConnection: Upgrade\r\n"
		"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"
		"Sec-WebSocket-Protocol: sip\r\n\r\n");
	w = writer_begin(text, sizeof(text));
	ws_hello_response(&w, 426, NULL, &sip);
	ck_slice_eq(text_of(&w), "HTTP/1.1 426 Upgrade Required\r\n"
		"Connection: close, Upgrade\r\nContent-Length: 0\r\n"
		"Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\r\n");
	w = writer_begin(text, sizeof(text));
	ws_hello_response(&w, 405, NULL, &sip);
	ck_slice_eq(text_of(&w), "HTTP/1.1 405 Method Not Allowed\r\n"
		"Connection: close\r\nContent-Length: 0\r\n"
		"Allow: GET\r\n\r\n");
}
END_TEST

static bool answered(const char *text, const struct ws_hello *h)
{
	struct http_head head;

	ck_assert_int_eq(http_head_parse(slice_str(text), &head, NULL), 0);
	return !ws_hello_answered(&head, h,
				  (const uint8_t *)"the sample nonce");
}

#define OK "HTTP/1.1 101 x\r\n"
#define UP "Upgrade: WebSocket\r\nConnection: upgrade\r\n"
#define ACCEPT "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"
#define SIP "Sec-WebSocket-Protocol: sip\r\n"

START_TEST(a_client_judges_the_answer)
{
	struct ws_hello none = { .host = SLICE("a") };

	ck_assert(answered(OK UP ACCEPT SIP "\r\n", &sip));
	ck_assert(!answered("HTTP/1.1 200 x\r\n" UP ACCEPT SIP "\r\n", &sip));
	ck_assert(!answered("GET / HTTP/1.1\r\n" UP ACCEPT SIP "\r\n", &sip));
	ck_assert(!answered(OK "Upgrade: websocket\r\n" ACCEPT SIP "\r\n",
			    &sip));
	ck_assert(!answered(OK "Connection: Upgrade\r\n" ACCEPT SIP "\r\n",
			    &sip));
	ck_assert(!answered(OK UP SIP "\r\n", &sip));
	ck_assert(!answered(OK UP ACCEPT ACCEPT SIP "\r\n", &sip));
	ck_assert(!answered(OK UP "Sec-WebSocket-Accept: "
			    "S3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n" SIP "\r\n",
			    &sip));
	ck_assert(!answered(OK UP ACCEPT "\r\n", &sip));
	ck_assert(!answered(OK UP ACCEPT SIP SIP "\r\n", &sip));
	ck_assert(!answered(OK UP ACCEPT SIP "Sec-WebSocket-Extensions: "
			    "permessage-deflate\r\n\r\n", &sip));
	ck_assert(answered(OK UP ACCEPT "\r\n", &none));
	ck_assert(!answered(OK UP ACCEPT SIP "\r\n", &none));
}
END_TEST

START_TEST(what_would_break_the_request_is_not_written)
{
	struct ws_hello h = sip;

	ck_assert(ws_hello_ok(&h));
	h.path = S("x");
	ck_assert(!ws_hello_ok(&h));
	h.path = S("/a b");
	ck_assert(!ws_hello_ok(&h));
	h.path = S("/a#b");
	ck_assert(!ws_hello_ok(&h));
	h.path = S("/a\r\nB: c");
	ck_assert(!ws_hello_ok(&h));
	h = sip;
	h.host = S("a\r\nB: c");
	ck_assert(!ws_hello_ok(&h));
	h = sip;
	h.protocol = S("sip, msrp");
	ck_assert(!ws_hello_ok(&h));
	h = sip;
	h.origin = S("\n");
	ck_assert(!ws_hello_ok(&h));
}
END_TEST

SUITE(ws_hello, the_key_of_rfc6455_is_accepted_by_its_answer, a_client_asks,
      a_server_judges_every_line, a_server_answers,
      a_client_judges_the_answer,
      what_would_break_the_request_is_not_written);
