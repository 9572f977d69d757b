/* SPDX-License-Identifier: BSD-2-Clause
 * The head of an HTTP message.  What must hold: slices lie inside it, in their
 * order; what is read can be written and is read the same; a prefix of what is
 * good wants more; both sides of WebSocket's handshake can judge it. */
#include "fuzz/fuzz.h"
#include "platform/http/ws_hello.h"

static void written_again(const struct http_head *h)
{
	static char text[2 * LIMIT_HTTP_HEAD];
	struct writer w = writer_begin(text, sizeof(text));
	struct slice name, value, n2, v2;
	struct http_head again;
	char nul[LIMIT_HTTP_HEAD];
	size_t at = 0, at2 = 0;

	INVARIANT(slice_to_str(h->method, nul, sizeof(nul)) == 0);
	if (h->request)
		http_write_request(&w, nul, h->target);
	else
		http_write_status(&w, h->status);
	while (http_next(h, &at, &name, &value)) {
		INVARIANT(slice_to_str(name, nul, sizeof(nul)) == 0);
		INVARIANT(http_is_value(value));
		http_write_field(&w, nul, value);
	}
	http_write_end(&w);
	if (w.n > LIMIT_HTTP_HEAD)
		return; /* with other blanks it is longer */
	INVARIANT(http_head_parse(writer_done(&w), &again, NULL) == 0);
	INVARIANT(again.n == h->n && again.request == h->request &&
		  again.status == h->status &&
		  slice_same(again.method, h->method) &&
		  slice_same(again.target, h->target));
	for (at = 0; http_next(h, &at, &name, &value);) {
		INVARIANT(http_next(&again, &at2, &n2, &v2));
		INVARIANT(slice_same(name, n2) && slice_same(value, v2));
	}
}

static void judged(const struct http_head *h)
{
	static const struct ws_hello hello = { .host = SLICE("a"),
		.path = SLICE("/"), .protocol = SLICE("sip"),
		.origin = SLICE("http://a") };
	static const uint8_t nonce[WS_NONCE] = { 1 };
	const char *why = NULL;
	unsigned status = ws_hello_judge(h, &hello, &why);
	char text[512];
	struct writer w = writer_begin(text, sizeof(text));
	struct http_head answer;

	INVARIANT((status == 101) == !why);
	ws_hello_response(&w, status, h, &hello);
	INVARIANT(http_head_parse(writer_done(&w), &answer, NULL) == 0);
	INVARIANT(answer.status == status);
	INVARIANT(!h->request || ws_hello_answered(h, &hello, nonce));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice in = slice_of(data, size), name, value, one;
	struct parse_error e = { 0 };
	struct http_head h, less;
	size_t at = 0, fields = 0;
	int rc = http_head_parse(in, &h, &e);

	INVARIANT(rc == 0 || (e.reason && e.offset <= size));
	INVARIANT(rc == 0 || rc == -EAGAIN || rc == -EBADMSG || rc == -E2BIG);
	if (rc)
		return 0;
	INVARIANT(h.size <= size && h.size <= LIMIT_HTTP_HEAD);
	INVARIANT(slice_inside(h.method, in) && slice_inside(h.target, in) &&
		  slice_inside(h.reason, in) && slice_inside(h.fields, in));
	while (http_next(&h, &at, &name, &value)) {
		INVARIANT(name.n && slice_inside(name, h.fields) &&
			  slice_inside(value, h.fields));
		while (http_element(&value, &one))
			INVARIANT(one.n && slice_inside(one, h.fields));
		fields++;
	}
	INVARIANT(fields == h.n && h.n <= LIMIT_HTTP_FIELDS);
	INVARIANT(http_head_parse(slice_head(in, h.size - 1), &less, NULL) ==
		  -EAGAIN);
	written_again(&h);
	judged(&h);
	return 0;
}
