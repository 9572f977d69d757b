/* SPDX-License-Identifier: BSD-2-Clause
 * RFC 9112: heads of messages, and what two readers might take differently. */
#include "tests/unit/suites.h"

#include <stdio.h>
#include <stdlib.h>

#include "platform/http/http_msg.h"

#define REQUEST                                                             \
	"GET /chat?a=b HTTP/1.1\r\nHost: server.example.com\r\n"            \
	"Connection: keep-alive, Upgrade\r\nconnection:,, x ,\t\r\n"        \
	"Empty:\r\nX-Text: \t a \xc3\xa9 b \t\r\n\r\n"

static int parse(const char *text, struct http_head *h, struct parse_error *e)
{
	*e = (struct parse_error){ 0 };
	return http_head_parse(slice_str(text), h, e);
}

START_TEST(a_request_and_its_fields)
{
	struct http_head h;
	struct parse_error e;
	struct slice v, name;
	size_t at = 0;

	ck_assert_int_eq(parse(REQUEST "body", &h, &e), 0);
	ck_assert(h.request);
	ck_slice_eq(h.method, "GET");
	ck_slice_eq(h.target, "/chat?a=b");
	ck_assert_uint_eq(h.minor, 1);
	ck_assert_uint_eq(h.size, strlen(REQUEST));
	ck_assert_uint_eq(h.n, 5);
	ck_assert_uint_eq(http_get(&h, "host", &v), 1);
	ck_slice_eq(v, "server.example.com");
	ck_assert_uint_eq(http_get(&h, "Connection", &v), 2);
	ck_slice_eq(v, "keep-alive, Upgrade");
	ck_assert_uint_eq(http_get(&h, "Empty", &v), 1);
	ck_slice_eq(v, "");
	ck_assert_uint_eq(http_get(&h, "X-Text", &v), 1);
	ck_slice_eq(v, "a \xc3\xa9 b");
	ck_assert_uint_eq(http_get(&h, "Hos", &v), 0);
	ck_assert(http_has(&h, "Connection", "upgrade"));
	ck_assert(http_has(&h, "Connection", "X"));
	ck_assert(!http_has(&h, "Connection", "keep"));
	for (unsigned i = 0; i < 5; i++)
		ck_assert(http_next(&h, &at, &name, &v));
	ck_slice_eq(name, "X-Text");
	ck_assert(!http_next(&h, &at, &name, &v));
}
END_TEST

START_TEST(a_response_with_and_without_words)
{
	struct http_head h;
	struct parse_error e;

	ck_assert_int_eq(parse("HTTP/1.1 404 Not \xe9 Found\r\n\r\n", &h, &e),
			 0);
	ck_assert(!h.request);
	ck_assert_uint_eq(h.status, 404);
	ck_slice_eq(h.reason, "Not \xe9 Found");
	ck_assert_uint_eq(h.n, 0);
	ck_assert_int_eq(parse("HTTP/1.0 200 \r\nA:b\r\n\r\n", &h, &e), 0);
	ck_slice_eq(h.reason, "");
	ck_assert_uint_eq(h.minor, 0);
}
END_TEST

/* RFC 9112 2.2: before a request, and before no response. */
START_TEST(empty_lines_before_a_request_are_skipped)
{
	struct http_head h;
	struct parse_error e;

	ck_assert_int_eq(parse("\r\n\r\nGET / HTTP/1.1\r\n\r\nX", &h, &e), 0);
	ck_assert_uint_eq(h.size, 4 + 18);
	ck_assert_int_eq(parse("\r\nHTTP/1.1 200 \r\n\r\n", &h, &e),
			 -EBADMSG);
	ck_assert_int_eq(parse("\r\n\r\n\r\n\r\n\r\nGET / HTTP/1.1\r\n\r\n",
			       &h, &e), -EBADMSG);
}
END_TEST

START_TEST(what_is_wrong_is_named_with_its_place)
{
	static const struct {
		const char *text;
		size_t at;
		const char *why;
	} bad[] = {
		{ "\x16\x03\x01\r\n\r\n", 0, "method or HTTP/1 wanted" },
		{ "GET\r\n\r\n", 3, "blank wanted behind the method" },
		{ "GET  / HTTP/1.1\r\n\r\n", 4, "request target wanted" },
		{ "GET /\r\n\r\n", 5, "blank wanted behind the target" },
		{ "GET / HTTP/2.0\r\n\r\n", 6, "HTTP/1 wanted" },
		{ "GET / SIP/2.0\r\n\r\n", 6, "HTTP/1 wanted" },
		{ "GET / HTTP/1.1 \r\n\r\n", 14,
		  "end of the first line wanted: CRLF" },
		{ "GET / HTTP/1.1\nA: b\r\n\r\n", 14,
		  "end of the first line wanted: CRLF" },
		{ "GET / HTTP/1.1\r\nA : b\r\n\r\n", 17,
		  "colon wanted behind the name" },
		{ "GET / HTTP/1.1\r\nA\r\n\r\n", 17,
		  "colon wanted behind the name" },
		{ "GET / HTTP/1.1\r\nA: b\r\n c\r\n\r\n", 22,
		  "name of a field wanted" },
		{ "GET / HTTP/1.1\r\n: b\r\n\r\n", 16,
		  "name of a field wanted" },
		{ "GET / HTTP/1.1\r\nA: b\rc\r\n\r\n", 20,
		  "end of the field wanted: CRLF" },
		{ "GET / HTTP/1.1\r\nA: b\nC: d\r\n\r\n", 20,
		  "end of the field wanted: CRLF" },
		{ "GET / HTTP/1.1\r\nA: \x7f\r\n\r\n", 19,
		  "end of the field wanted: CRLF" },
		{ "HTTP/1.1\r\n\r\n", 8,
		  "blank wanted before the status code" },
		{ "HTTP/1.1 20\r\n\r\n", 9,
		  "status code of three digits wanted" },
		{ "HTTP/1.1 099 x\r\n\r\n", 9,
		  "status code of three digits wanted" },
		{ "HTTP/1.1 2000\r\n\r\n", 12,
		  "blank wanted behind the status code" },
	};

	for (size_t i = 0; i < COUNT(bad); i++) {
		struct parse_error e;
		struct http_head h;

		ck_assert_int_eq(parse(bad[i].text, &h, &e), -EBADMSG);
		ck_assert_str_eq(e.reason, bad[i].why);
		ck_assert_uint_eq(e.offset, bad[i].at);
	}
}
END_TEST

START_TEST(a_head_that_is_not_whole_wants_more)
{
	static const char text[] = "\r\n" REQUEST;
	size_t from = 0;

	for (size_t n = 0; n < sizeof(text) - 1; n++) {
		struct parse_error e = { 0 };
		struct http_head h;
		char *copy = malloc(n + 1);

		ck_assert_ptr_nonnull(copy);
		memcpy(copy, text, n);
		ck_assert_int_eq(http_head_parse(slice_of(copy, n), &h, &e),
				 -EAGAIN);
		ck_assert_uint_eq(e.offset, n);
		ck_assert_uint_eq(http_head_size(slice_of(copy, n), &from),
				  0);
		ck_assert_uint_eq(from, n);
		free(copy);
	}
	ck_assert_uint_eq(http_head_size(slice_of(text, sizeof(text) - 1),
					 &from), sizeof(text) - 1);
}
END_TEST

START_TEST(a_head_has_its_limits)
{
	static char text[LIMIT_HTTP_HEAD + 64];
	struct parse_error e = { 0 };
	struct http_head h;
	struct writer w = writer_begin(text, sizeof(text));

	http_write_request(&w, "GET", S("/"));
	for (unsigned i = 0; i < LIMIT_HTTP_FIELDS; i++)
		http_write_field(&w, "A", S("b"));
	http_write_end(&w);
	ck_assert_int_eq(http_head_parse(writer_done(&w), &h, &e), 0);
	ck_assert_uint_eq(h.n, LIMIT_HTTP_FIELDS);
	w.n -= 2;
	http_write_field(&w, "A", S("b"));
	http_write_end(&w);
	ck_assert_int_eq(http_head_parse(writer_done(&w), &h, &e), -E2BIG);
	ck_assert_str_eq(e.reason, "too many fields");

	memset(text, 'x', sizeof(text));
	memcpy(text, "GET /", 5);
	memcpy(text + LIMIT_HTTP_HEAD - 13, " HTTP/1.1\r\n\r\n", 13);
	ck_assert_int_eq(http_head_parse(slice_of(text, LIMIT_HTTP_HEAD), &h,
					 &e), 0);
	ck_assert_uint_eq(h.size, LIMIT_HTTP_HEAD);
	memcpy(text + LIMIT_HTTP_HEAD - 13, "x HTTP/1.1\r\n\r\n", 14);
	ck_assert_int_eq(http_head_parse(slice_of(text, LIMIT_HTTP_HEAD + 1),
					 &h, &e), -E2BIG);
	ck_assert_int_eq(http_head_parse(slice_of(text, LIMIT_HTTP_HEAD), &h,
					 &e), -E2BIG);
	ck_assert_int_eq(http_head_parse(slice_of(text, LIMIT_HTTP_HEAD - 1),
					 &h, &e), -EAGAIN);
}
END_TEST

START_TEST(what_is_written_is_read)
{
	char text[256];
	struct parse_error e;
	struct http_head h;
	struct slice v;
	struct writer w = writer_begin(text, sizeof(text));

	http_write_status(&w, 426);
	http_write_field(&w, "Upgrade", S("websocket"));
	http_write_end(&w);
	ck_slice_eq(writer_done(&w), "HTTP/1.1 426 Upgrade Required\r\n"
				     "Upgrade: websocket\r\n\r\n");
	ck_assert_int_eq(http_head_parse(writer_done(&w), &h, &e), 0);
	ck_assert_uint_eq(http_get(&h, "UPGRADE", &v), 1);
	ck_assert_str_eq(http_reason(799), "");
	ck_assert(http_is_target(S("/a?b#c")) && !http_is_target(S("/a b")) &&
		  !http_is_target(S("")) && !http_is_target(S("/\xc3\xa9")));
	ck_assert(http_is_value(S("a b\xff")) &&
		  !http_is_value(S("a\r\nB: c")) && !http_is_value(S("\0")));
}
END_TEST

SUITE(http_msg, a_request_and_its_fields, a_response_with_and_without_words,
      empty_lines_before_a_request_are_skipped,
      what_is_wrong_is_named_with_its_place,
      a_head_that_is_not_whole_wants_more, a_head_has_its_limits,
      what_is_written_is_read);
