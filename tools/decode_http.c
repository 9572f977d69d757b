/* SPDX-License-Identifier: BSD-2-Clause */
#include "platform/http/http_msg.h"
#include "platform/http/ws_frame.h"
#include "platform/scan.h"
#include "tools/decode.h"

/* As text, if it is some. */
static void show_octets(struct show *s, const char *name, struct slice v)
{
	if (utf8_valid(v))
		show_text(s, name, v);
	else
		show_hex(s, name, v);
}

static int show_head(struct slice in, struct show *s, size_t *size,
		     struct parse_error *e)
{
	struct slice name, value;
	struct http_head h;
	size_t at = 0;
	int rc = http_head_parse(in, &h, e);

	if (rc)
		return rc;
	if (h.request) {
		show_text(s, "method", h.method);
		show_text(s, "target", h.target);
	} else {
		show_int(s, "status", h.status);
		show_text(s, "reason", h.reason);
	}
	show_int(s, "minor_version", h.minor);
	show_list(s, "fields");
	while (http_next(&h, &at, &name, &value)) {
		show_begin(s, NULL);
		show_text(s, "name", name);
		show_octets(s, "value", value);
		show_end(s);
	}
	show_list_end(s);
	*size = h.size;
	return 0;
}

static int http(struct tool *t, const struct decode_options *o,
		struct slice in, struct show *s, struct parse_error *e)
{
	size_t size;
	int rc = show_head(in, s, &size, e);

	(void)t;
	(void)o;
	if (rc == 0 && size < in.n)
		show_octets(s, "body", slice_skip(in, size));
	return rc;
}

/* ------------------------------------------------------------- websocket */
static const char *opcode_name(enum ws_opcode op)
{
	switch (op) {
	case WS_CONT:
		return "continuation";
	case WS_TEXT:
		return "text";
	case WS_BINARY:
		return "binary";
	case WS_CLOSE:
		return "close";
	case WS_PING:
		return "ping";
	case WS_PONG:
		return "pong";
	}
	return "";
}

static int close_frame(struct slice payload, struct show *s,
		       struct parse_error *e)
{
	struct slice words;
	unsigned code;
	int rc = ws_close_parse(payload, &code, &words);

	if (rc) {
		*e = (struct parse_error){ 0, rc == -EILSEQ ?
			"words of a close that are no UTF-8" :
			"a code that a close may have wanted" };
		return -EBADMSG;
	}
	if (code != WS_NO_CODE)
		show_int(s, "code", code);
	show_text(s, "words", words);
	return 0;
}

/* payload is a copy, which may be unmasked. */
static int show_frame(const struct ws_frame *f, uint8_t *payload,
		      struct show *s, struct parse_error *e)
{
	struct slice v = slice_of(payload, (size_t)f->n);
	int rc = 0;

	ws_mask(payload, v.n, f->key, 0);
	show_begin(s, NULL);
	show_str(s, "opcode", opcode_name(f->op));
	show_bool(s, "final", f->fin);
	show_bool(s, "masked", f->masked);
	show_int(s, "length", (int64_t)f->n);
	if (f->op == WS_CLOSE)
		rc = close_frame(v, s, e);
	else
		show_octets(s, "payload", v);
	show_end(s);
	return rc;
}

static int show_frames(uint8_t *p, size_t n, size_t begin, struct show *s,
		       struct parse_error *e)
{
	size_t at = begin;
	int rc = 0;

	show_list(s, "frames");
	while (rc == 0 && at < n) {
		struct ws_frame f;

		rc = ws_frame_parse(slice_of(p + at, n - at), &f, e);
		if (rc == 0 && f.n > n - at - f.head) {
			*e = (struct parse_error){ n - at,
				"rest of a frame's payload wanted" };
			rc = -EAGAIN;
		}
		if (rc) {
			e->offset += at;
			break;
		}
		at += f.head;
		rc = show_frame(&f, p + at, s, e);
		e->offset += rc ? at : 0;
		at += (size_t)f.n;
	}
	show_list_end(s);
	return rc;
}

/* One direction of a connection: with the handshake in front or without it. */
static int websocket(struct tool *t, const struct decode_options *o,
		     struct slice in, struct show *s, struct parse_error *e)
{
	size_t begin = 0;
	uint8_t *copy;
	int rc = 0;

	(void)o;
	if (slice_starts(in, "GET ") || slice_starts(in, "HTTP/")) {
		show_begin(s, "handshake");
		rc = show_head(in, s, &begin, e);
		show_end(s);
	}
	copy = rc || !in.n ? NULL : mem_copy(t->mem, in.p, in.n);
	if (!rc && in.n && !copy)
		return -ENOMEM;
	if (!rc)
		rc = show_frames(copy, in.n, begin, s, e);
	mem_free(t->mem, copy);
	return rc;
}

extern const struct decoder decode_http, decode_websocket;
const struct decoder decode_http = { "http", "HTTP message: its head",
				     false, false, http };
const struct decoder decode_websocket = { "websocket",
	"frames of one side of a WebSocket, with the handshake or without",
	false, false, websocket };
