/* SPDX-License-Identifier: BSD-2-Clause
 * Two ends of WebSocket and a script of what happens between them: octets
 * cross in pieces, are changed, come from nowhere; ends write, close, wait too
 * long.  What must hold: memory is bounded while it runs and all given back;
 * who failed says why, and neither hears nor writes; what an end says can be
 * parsed; messages that are heard were written, unless octets were changed. */
#include "fuzz/fuzz.h"
#include "platform/http/ws.h"

enum { CLIENT, SERVER, MESSAGE = 3000 };

struct run {
	struct mem m;
	struct ws *w[2];
	struct ws_room room;
	unsigned written[2], heard[2]; /* messages are counted */
	bool flip, foreign;
	mono now;
};

static void begin(struct run *r, uint8_t how)
{
	static const uint8_t seed[2][32] = { { 1 }, { 2 } };

	mem_init(&r->m, 0);
	r->room.most = 3 * MESSAGE;
	for (int e = 0; e < 2; e++) {
		struct ws_setup s = { .server = e == SERVER,
			.hello = { .host = S("a"), .path = S("/"),
				   .protocol = S("sip") },
			.message = MESSAGE, .room = &r->room,
			.ping = how & 1 ? SEC(30) : 0 };

		INVARIANT(ws_new(&r->m, &s, seed[e], 0, &r->w[e]) == 0);
	}
}

static void look(struct run *r, int e)
{
	struct ws *w = r->w[e];

	INVARIANT(r->m.used < 200000 && r->room.used <= r->room.most);
	if (ws_state(w) != WS_FAILED)
		return;
	INVARIANT(ws_fault(w)->cause != WS_FINE && ws_fault(w)->text[0]);
	INVARIANT(ws_write(w, "x", 1) == -EPIPE);
	INVARIANT(ws_deadline(w) == MONO_NEVER);
}

/* Message number k of an end is k octets of k: it comes whole, in order. */
static void hear(struct run *r, int e, uint8_t *p, size_t n)
{
	size_t at = 0;

	while (at < n) {
		struct ws_msg m;
		size_t k = ws_on_bytes(r->w[e], p + at, n - at, r->now, &m);

		INVARIANT(k > 0 && k <= n - at);
		at += k;
		INVARIANT(!m.p || m.n <= MESSAGE);
		if (!m.p || r->foreign)
			continue;
		INVARIANT(m.n == 10u * (r->heard[e] + 1));
		for (size_t i = 0; i < m.n; i++)
			INVARIANT(m.p[i] == (uint8_t)r->heard[e]);
		r->heard[e]++;
		INVARIANT(r->heard[e] <= r->written[!e]);
	}
	look(r, e);
}

static void cross(struct run *r, int from, size_t most)
{
	struct slice s = ws_unsent(r->w[from]);
	size_t n = most < s.n ? most : s.n;
	uint8_t piece[4096];

	n = n < sizeof(piece) ? n : sizeof(piece);
	if (n == 0)
		return;
	memcpy(piece, s.p, n);
	if (r->flip) {
		piece[n / 2] ^= 0x10;
		r->foreign = true;
	}
	r->flip = false;
	ws_sent(r->w[from], n);
	hear(r, !from, piece, n);
}

static void put(struct run *r, int e)
{
	uint8_t buf[300];
	size_t len = 10u * (r->written[e] + 1);
	int n;

	if (len > sizeof(buf) || ws_waiting(r->w[e]) > 4000)
		return;
	memset(buf, (int)r->written[e], len);
	n = ws_write(r->w[e], buf, len);
	INVARIANT(n == (int)len || n == -EPIPE);
	r->written[e] += n > 0;
}

static void special(struct run *r, uint8_t op)
{
	int e = op & 1;

	switch (op >> 1 & 7) {
	case 0:
	case 1:
		put(r, e);
		break;
	case 2:
		ws_shutdown(r->w[e], WS_GOING_AWAY, r->now);
		break;
	case 3:
		ws_on_end(r->w[e]);
		break;
	case 4:
		if (ws_deadline(r->w[e]) != MONO_NEVER)
			r->now = ws_deadline(r->w[e]);
		ws_on_time(r->w[e], r->now);
		break;
	case 5:
		r->flip = true;
		break;
	default:
		cross(r, e, 4096);
		break;
	}
	look(r, e);
}

/* What the whole input is, taken as frames. */
static void frames(struct slice in)
{
	struct parse_error e = { 0 };
	struct ws_frame f, again;
	char text[WS_FRAME_HEAD];
	struct writer w = writer_begin(text, sizeof(text));
	struct slice words;
	unsigned code;
	int rc = ws_frame_parse(in, &f, &e);

	INVARIANT(rc == 0 || (e.reason && e.offset <= in.n));
	if (rc)
		return;
	INVARIANT(f.head <= in.n && (f.op < WS_CLOSE ||
				     (f.fin && f.n <= WS_CONTROL)));
	ws_frame_write(&w, &f);
	INVARIANT(w.n == f.head &&
		  slice_same(writer_done(&w), slice_head(in, f.head)));
	INVARIANT(ws_frame_parse(writer_done(&w), &again, NULL) == 0);
	in = slice_skip(in, f.head);
	if (ws_close_parse(in, &code, &words) == 0)
		INVARIANT(slice_inside(words, in) &&
			  (code == WS_NO_CODE || ws_code_ok(code)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	enum { OPS = 400 };
	struct slice in = slice_of(data, size);
	struct run r = { .now = 0 };

	frames(in);
	if (size == 0)
		return 0;
	begin(&r, data[0]);
	in = slice_skip(in, 1);
	for (unsigned i = 0; i < OPS && in.n; i++) {
		uint8_t op = (uint8_t)in.p[0], raw[64];
		size_t n = (size_t)(op & 0x3f);

		in = slice_skip(in, 1);
		if (op < 0x80) {
			cross(&r, op >> 6, n == 0x3f ? 4096 : 1 + n);
		} else if (op >= 0xe0) {
			special(&r, op & 0x1f);
		} else if (in.n) {
			n = n < in.n ? n : in.n;
			memcpy(raw, in.p, n);
			in = slice_skip(in, n);
			r.foreign = true;
			hear(&r, op & 0x40 ? CLIENT : SERVER, raw, n);
		}
	}
	for (int e = 0; e < 2; e++)
		ws_free(r.w[e]);
	INVARIANT(r.m.blocks == 0 && r.m.used == 0 && r.room.used == 0);
	return 0;
}
