/* SPDX-License-Identifier: BSD-2-Clause
 * RFC 6455: one end against octets written by hand, and two ends with each
 * other. */
#include "tests/unit/suites.h"

#include <stdio.h>
#include <stdlib.h>

#include "platform/http/ws.h"
#include "platform/limits.h"

#define ASK                                                                  \
	"GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n"                \
	"Connection: Upgrade\r\nSec-WebSocket-Protocol: sip\r\n"             \
	"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"                    \
	"Sec-WebSocket-Version: 13\r\n\r\n"
#define ANSWER                                                               \
	"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"         \
	"Connection: Upgrade\r\n"                                            \
	"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"             \
	"Sec-WebSocket-Protocol: sip\r\n\r\n"
/* Of 5.7: "Hello" masked, alone and in two fragments, and a Ping. */
#define HELLO "\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58"
/* With a mask of zeros nothing changes. */
#define ZEROS "\0\0\0\0"
#define HEL   "\x01\x83" ZEROS "Hel"
#define LO    "\x80\x82" ZEROS "lo"
#define PING  "\x89\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58"
#define CLOSE "\x88\x82" ZEROS "\x03\xe8"

static const uint8_t seeds[2][32] = { { 1 }, { 2 } };

struct rig {
	struct mem m;
	struct ws_setup setup;
	struct ws *w;
	mono now;
	char said[256 << 10]; /* messages that came, each in brackets */
	size_t said_n;
	char sent[512 << 10]; /* what went out */
	size_t sent_n;
};

static void rig_begin(struct rig *r, bool server)
{
	memset(r, 0, sizeof(*r));
	mem_init(&r->m, 0);
	r->now = SEC(100);
	r->setup = (struct ws_setup){ .server = server,
		.hello = { .host = S("a"), .path = S("/"),
			   .protocol = S("sip") } };
}

static void rig_open(struct rig *r)
{
	ck_assert_int_eq(ws_new(&r->m, &r->setup, seeds[r->setup.server],
				r->now, &r->w), 0);
}

static void rig_end(struct rig *r)
{
	ws_free(r->w);
	ck_assert_uint_eq(r->m.blocks, 0);
	ck_assert_uint_eq(r->m.used, 0);
}

static void take(struct rig *r)
{
	for (;;) {
		struct slice s = ws_unsent(r->w);
		size_t n = s.n < 7 ? s.n : 7; /* in pieces */

		if (!s.n)
			return;
		ck_assert_uint_le(n, sizeof(r->sent) - r->sent_n);
		memcpy(r->sent + r->sent_n, s.p, n);
		r->sent_n += n;
		ws_sent(r->w, n);
	}
}

/* As a stream does: on until all is taken.  Octets are copied into a block of
 * their size, in pieces of step. */
static void feed(struct rig *r, const char *p, size_t n, size_t step)
{
	while (n) {
		size_t k = n < step ? n : step, at = 0;
		uint8_t *copy = malloc(k);

		ck_assert_ptr_nonnull(copy);
		memcpy(copy, p, k);
		while (at < k) {
			struct ws_msg msg;

			at += ws_on_bytes(r->w, copy + at, k - at, r->now,
					  &msg);
			if (!msg.p)
				continue;
			ck_assert_uint_le(msg.n + 2, sizeof(r->said) -
						     r->said_n);
			r->said[r->said_n++] = msg.text ? '[' : '{';
			memcpy(r->said + r->said_n, msg.p, msg.n);
			r->said_n += msg.n;
			r->said[r->said_n++] = msg.text ? ']' : '}';
		}
		free(copy);
		p += k;
		n -= k;
	}
	take(r);
}

#define FEED(r, lit) feed(r, lit, sizeof(lit) - 1, SIZE_MAX)

static void said(const struct rig *r, const char *what)
{
	ck_slice_eq(slice_of(r->said, r->said_n), what);
}

#define SENT(r, lit)                                                         \
	do {                                                                 \
		ck_assert_uint_eq((r)->sent_n, sizeof(lit) - 1);             \
		ck_assert_mem_eq((r)->sent, lit, sizeof(lit) - 1);           \
		(r)->sent_n = 0;                                             \
	} while (0)

static struct rig *serving(void)
{
	static struct rig r;

	rig_begin(&r, true);
	rig_open(&r);
	FEED(&r, ASK);
	ck_assert_int_eq(ws_state(r.w), WS_OPEN);
	SENT(&r, ANSWER);
	return &r;
}

START_TEST(a_server_hears_the_examples_and_answers)
{
	struct rig *r = serving();

	FEED(r, HELLO HEL PING LO HELLO);
	said(r, "[Hello][Hello][Hello]");
	SENT(r, "\x8a\x05Hello");
	ck_assert_int_eq(ws_write(r->w, "Hello", 5), 5);
	ck_assert_int_eq(ws_write(r->w, "\xff", 1), 1);
	take(r);
	SENT(r, "\x81\x05Hello\x82\x01\xff");
	FEED(r, CLOSE HELLO);
	SENT(r, "\x88\x02\x03\xe8");
	ck_assert_int_eq(ws_state(r->w), WS_ENDED);
	ck_assert_uint_eq(ws_fault(r->w)->code, 1000);
	ck_assert_int_eq(ws_write(r->w, "x", 1), -EPIPE);
	said(r, "[Hello][Hello][Hello]");
	ws_on_end(r->w);
	ck_assert_int_eq(ws_fault(r->w)->cause, WS_FINE);
	rig_end(r);
}
END_TEST

/* In pieces of every size the same comes out as at once. */
START_TEST(every_split_gives_the_same)
{
	static const char all[] = ASK HELLO HEL PING "\x82\x80" ZEROS
		"\x02\x80" ZEROS "\x00\x80" ZEROS "\x80\xfe\x00\x7e" ZEROS
		"0123456789012345678901234567890123456789"
		"0123456789012345678901234567890123456789"
		"0123456789012345678901234567890123456789abcdef" CLOSE;
	/* The one above never ends the text that HEL begins: 1002. */
	static const char good[] = ASK HELLO HEL PING LO "\x82\x80" ZEROS
		"\x02\x80" ZEROS "\x00\x80" ZEROS "\x80\xfe\x00\x7e" ZEROS
		"0123456789012345678901234567890123456789"
		"0123456789012345678901234567890123456789"
		"0123456789012345678901234567890123456789abcdef" CLOSE;
	static struct rig r;
	struct ws_room room = { .most = 1 << 20 };

	for (size_t step = 1; step < sizeof(good); step++) {
		rig_begin(&r, true);
		r.setup.room = &room;
		rig_open(&r);
		feed(&r, good, sizeof(good) - 1, step);
		said(&r, "[Hello][Hello]{}{01234567890123456789012345678901234"
			 "567890123456789012345678901234567890123456789"
			 "0123456789012345678901234567890123456789abcdef}");
		SENT(&r, ANSWER "\x8a\x05Hello\x88\x02\x03\xe8");
		ck_assert_int_eq(ws_state(r.w), WS_ENDED);
		rig_end(&r);
		ck_assert_uint_eq(room.used, 0);

		rig_begin(&r, true);
		rig_open(&r);
		feed(&r, all, sizeof(all) - 1, step);
		said(&r, "[Hello]");
		ck_assert_int_eq(ws_state(r.w), WS_FAILED);
		SENT(&r, ANSWER "\x8a\x05Hello\x88\x02\x03\xea");
		rig_end(&r);
	}
}
END_TEST

START_TEST(what_breaks_a_rule_is_told_by_its_code)
{
	static const struct {
		const char *p;
		size_t n;
		unsigned code;
	} row[] = {
#define ROW(lit, code) { lit, sizeof(lit) - 1, code }
		ROW("\x81\x00", WS_PROTOCOL), /* not masked */
		ROW("\xc1\x80" ZEROS, WS_PROTOCOL),
		ROW("\x83\x80" ZEROS, WS_PROTOCOL),
		ROW("\x09\x80" ZEROS, WS_PROTOCOL),
		ROW("\x80\x80" ZEROS, WS_PROTOCOL), /* goes on with nothing */
		ROW(HEL HELLO, WS_PROTOCOL),
		ROW("\x88\x81" ZEROS "\x03", WS_PROTOCOL),
		ROW("\x88\x82" ZEROS "\x03\xee", WS_PROTOCOL),
		ROW("\x88\x83" ZEROS "\x03\xe8\xff", WS_NOT_UTF8),
		ROW("\x81\x81" ZEROS "\xff", WS_NOT_UTF8),
		ROW("\x01\x81" ZEROS "\xc3\x80\x81" ZEROS "x", WS_NOT_UTF8),
		ROW("\x81\xff\0\0\0\0\0\x01\0\0" ZEROS, WS_TOO_BIG),
		ROW("\x01\xfe\xff\xff" ZEROS, 0),
#undef ROW
	};

	for (size_t i = 0; i < COUNT(row); i++) {
		struct rig *r = serving();
		uint8_t want[] = { 0x88, 2, (uint8_t)(row[i].code >> 8),
				   (uint8_t)row[i].code };

		feed(r, row[i].p, row[i].n, SIZE_MAX);
		ck_assert_uint_eq(r->said_n, 0);
		if (row[i].code) {
			ck_assert_int_eq(ws_state(r->w), WS_FAILED);
			ck_assert_int_eq(ws_fault(r->w)->cause, WS_BROKEN);
			ck_assert_uint_eq(ws_fault(r->w)->code, row[i].code);
			ck_assert_uint_eq(r->sent_n, sizeof(want));
			ck_assert_mem_eq(r->sent, want, sizeof(want));
			FEED(r, HELLO);
			ck_assert_uint_eq(r->said_n, 0);
			ck_assert_int_eq(ws_write(r->w, "x", 1), -EPIPE);
		} else {
			ck_assert_int_eq(ws_state(r->w), WS_OPEN);
		}
		rig_end(r);
	}
}
END_TEST

/* A character in two fragments is one character (8.1: the whole is UTF-8). */
START_TEST(utf8_may_be_cut_anywhere)
{
	struct rig *r = serving();

	FEED(r, "\x01\x81" ZEROS "\xc3" "\x80\x81" ZEROS "\xa9");
	said(r, "[\xc3\xa9]");
	rig_end(r);
}
END_TEST

START_TEST(requests_are_refused_with_their_status)
{
	static const struct {
		const char *ask;
		unsigned status;
	} row[] = {
		{ "OPTIONS sip:a SIP/2.0\r\nVia: x\r\n\r\n", 400 },
		{ "GET / HTTP/1.1\r\nHost: a\r\n\r\n", 426 },
		{ "GET /b HTTP/1.1\r\nHost: a\r\n\r\n", 404 },
	};
	static struct rig r;
	static char big[LIMIT_HTTP_HEAD + 10];

	for (size_t i = 0; i < COUNT(row); i++) {
		struct http_head head;

		rig_begin(&r, true);
		rig_open(&r);
		feed(&r, row[i].ask, strlen(row[i].ask), 1);
		ck_assert_int_eq(ws_state(r.w), WS_FAILED);
		ck_assert_int_eq(ws_fault(r.w)->cause, WS_REFUSED);
		ck_assert_uint_eq(ws_fault(r.w)->status, row[i].status);
		ck_assert_int_eq(http_head_parse(slice_of(r.sent, r.sent_n),
						 &head, NULL), 0);
		ck_assert_uint_eq(head.status, row[i].status);
		rig_end(&r);
	}
	rig_begin(&r, true);
	rig_open(&r);
	memset(big, 'x', sizeof(big));
	feed(&r, big, sizeof(big), 1000);
	ck_assert_uint_eq(ws_fault(r.w)->status, 431);
	rig_end(&r);
}
END_TEST

/* -------------------------------------------------------------- two ends */
struct pair {
	struct rig end[2]; /* client, server */
};

/* All that one has to say is fed to the other, until both are silent. */
static void cross(struct pair *p, size_t step)
{
	for (bool more = true; more;) {
		more = false;
		for (unsigned i = 0; i < 2; i++) {
			struct rig *from = &p->end[i], *to = &p->end[!i];
			static char wire[sizeof(from->sent)];
			size_t n;

			take(from);
			n = from->sent_n;
			memcpy(wire, from->sent, n);
			from->sent_n = 0;
			feed(to, wire, n, step);
			more = more || n;
		}
	}
}

static struct pair *pair_begin(void)
{
	static struct pair p;

	for (unsigned i = 0; i < 2; i++)
		rig_begin(&p.end[i], i);
	return &p;
}

static struct pair *pair_open(void)
{
	struct pair *p = pair_begin();

	for (unsigned i = 0; i < 2; i++)
		rig_open(&p->end[i]);
	return p;
}

static void pair_end(struct pair *p)
{
	rig_end(&p->end[0]);
	rig_end(&p->end[1]);
}

START_TEST(two_ends_talk_and_part)
{
	static char big[LIMIT_SIP_MESSAGE];
	struct pair *p = pair_open();

	memset(big, 'b', sizeof(big));
	/* What is written before it is open waits. */
	ck_assert_int_eq(ws_write(p->end[0].w, "early", 5), 5);
	ck_assert_int_eq(ws_write(p->end[1].w, "x", 1), -EPIPE);
	cross(p, SIZE_MAX);
	ck_assert_int_eq(ws_state(p->end[0].w), WS_OPEN);
	said(&p->end[1], "[early]");
	ck_assert_int_eq(ws_write(p->end[1].w, "one", 3), 3);
	ck_assert_int_eq(ws_write(p->end[1].w, "", 0), 0);
	ck_assert_int_eq(ws_write(p->end[1].w, "\x80two", 4), 4);
	ck_assert_int_eq(ws_write(p->end[0].w, big, sizeof(big)),
			 (int)sizeof(big));
	ck_assert_int_eq(ws_write(p->end[0].w, big, sizeof(big) + 1),
			 -EMSGSIZE);
	cross(p, 1000);
	said(&p->end[0], "[one][]{\x80two}");
	ck_assert_uint_eq(p->end[1].said_n, 7 + sizeof(big) + 2);
	ws_shutdown(p->end[0].w, WS_GOING_AWAY, 0);
	ck_assert_int_eq(ws_write(p->end[0].w, "x", 1), -EPIPE);
	cross(p, 1);
	for (unsigned i = 0; i < 2; i++) {
		ck_assert_int_eq(ws_state(p->end[i].w), WS_ENDED);
		ck_assert_uint_eq(ws_fault(p->end[i].w)->code, 1001);
		ck_assert_int_eq(ws_deadline(p->end[i].w), MONO_NEVER);
	}
	pair_end(p);
}
END_TEST

/* No message comes before the answer to the handshake, or after a Close. */
START_TEST(a_server_may_write_at_once)
{
	struct pair *p = pair_open();
	struct rig *c = &p->end[0], *s = &p->end[1];
	struct ws_msg msg;

	take(c);
	ck_assert_uint_eq(ws_on_bytes(s->w, (uint8_t *)c->sent, c->sent_n, 0,
				      &msg), c->sent_n);
	c->sent_n = 0;
	ck_assert_int_eq(ws_write(s->w, "at once", 7), 7);
	ws_shutdown(s->w, WS_NORMAL, 0);
	cross(p, 3);
	said(c, "[at once]");
	ck_assert_int_eq(ws_state(c->w), WS_ENDED);
	ck_assert_int_eq(ws_state(s->w), WS_ENDED);
	pair_end(p);
}
END_TEST

START_TEST(closing_before_it_is_open_closes_when_it_is)
{
	struct pair *p = pair_open();

	ck_assert_int_eq(ws_write(p->end[0].w, "last", 4), 4);
	ws_shutdown(p->end[0].w, WS_NORMAL, 0);
	cross(p, 1);
	said(&p->end[1], "[last]");
	ck_assert_int_eq(ws_state(p->end[0].w), WS_ENDED);
	pair_end(p);
}
END_TEST

START_TEST(a_client_hears_why_it_is_refused)
{
	struct pair *p = pair_begin();

	p->end[1].setup.hello.path = S("/sip");
	rig_open(&p->end[0]);
	rig_open(&p->end[1]);
	cross(p, 1);
	ck_assert_int_eq(ws_state(p->end[0].w), WS_FAILED);
	ck_assert_int_eq(ws_fault(p->end[0].w)->cause, WS_REFUSED);
	ck_assert_uint_eq(ws_fault(p->end[0].w)->status, 404);
	pair_end(p);

	p = pair_begin();
	rig_open(&p->end[0]);
	FEED(&p->end[0], "SSH-2.0-x\r\n\r\n\r\n");
	ck_assert_int_eq(ws_fault(p->end[0].w)->cause, WS_BROKEN);
	rig_end(&p->end[0]);
}
END_TEST

/* 10.3: each frame has a mask of its own, and two connections other ones. */
START_TEST(masks_of_a_client_differ)
{
	struct pair *p = pair_open();
	struct rig *c = &p->end[0];

	cross(p, SIZE_MAX);
	for (unsigned i = 0; i < 2; i++)
		ck_assert_int_eq(ws_write(c->w, "abcd", 4), 4);
	take(c);
	ck_assert_uint_eq(c->sent_n, 20);
	ck_assert(memcmp(c->sent + 2, c->sent + 12, 4) != 0);
	ck_assert(memcmp(c->sent + 2, ZEROS, 4) != 0);
	pair_end(p);
}
END_TEST

/* --------------------------------------------------------- time and room */
START_TEST(a_handshake_has_ten_seconds)
{
	struct pair *p = pair_open();

	for (unsigned i = 0; i < 2; i++) {
		struct rig *r = &p->end[i];

		take(r);
		r->sent_n = 0;
		ck_assert_int_eq(ws_deadline(r->w), SEC(110));
		ws_on_time(r->w, SEC(110) - 1);
		ck_assert_int_eq(ws_state(r->w), WS_HANDSHAKE);
		ws_on_time(r->w, SEC(110));
		ck_assert_int_eq(ws_state(r->w), WS_FAILED);
		ck_assert_int_eq(ws_fault(r->w)->cause, WS_TIMEOUT);
		take(r);
	}
	ck_assert_uint_eq(p->end[0].sent_n, 0);
	ck_assert(slice_starts(slice_of(p->end[1].sent, p->end[1].sent_n),
			       "HTTP/1.1 408 "));
	pair_end(p);
}
END_TEST

START_TEST(silence_is_asked_and_then_ended)
{
	struct pair *p = pair_begin();
	struct rig *s = &p->end[1];

	s->setup.ping = SEC(30);
	rig_open(&p->end[0]);
	rig_open(s);
	cross(p, SIZE_MAX);
	ck_assert_int_eq(ws_deadline(s->w), SEC(130));
	ws_on_time(s->w, SEC(130));
	s->now = SEC(131);
	cross(p, 1); /* Ping and Pong */
	ck_assert_int_eq(ws_deadline(s->w), SEC(161));
	ws_on_time(s->w, SEC(161));
	take(s);
	SENT(s, "\x89\x00");
	ck_assert_int_eq(ws_deadline(s->w), SEC(191));
	ws_on_time(s->w, SEC(191));
	ck_assert_int_eq(ws_fault(s->w)->cause, WS_TIMEOUT);
	take(s);
	ck_assert_uint_eq(s->sent_n, 0);
	pair_end(p);
}
END_TEST

START_TEST(who_does_not_answer_a_close_is_left_after_five_seconds)
{
	struct rig *r = serving();

	ws_shutdown(r->w, WS_NORMAL, r->now);
	take(r);
	SENT(r, "\x88\x02\x03\xe8");
	FEED(r, HELLO PING); /* is still heard, and not answered */
	said(r, "[Hello]");
	ck_assert_uint_eq(r->sent_n, 0);
	ck_assert_int_eq(ws_deadline(r->w), SEC(105));
	ws_on_time(r->w, SEC(105));
	ck_assert_int_eq(ws_fault(r->w)->cause, WS_TIMEOUT);
	rig_end(r);
}
END_TEST

START_TEST(a_message_has_to_become_whole)
{
	struct rig *r = serving();

	FEED(r, HEL);
	r->now += SEC(20);
	FEED(r, "\x00\x81" ZEROS "l" PING);
	r->sent_n = 0;
	ck_assert_int_eq(ws_deadline(r->w), SEC(100) + LIMIT_WS_WHOLE);
	ws_on_time(r->w, SEC(100) + LIMIT_WS_WHOLE);
	ck_assert_uint_eq(ws_fault(r->w)->code, WS_POLICY);
	take(r);
	SENT(r, "\x88\x02\x03\xf0");
	rig_end(r);
}
END_TEST

START_TEST(unfinished_messages_share_one_room)
{
	static struct rig r[3];
	struct ws_room room = { .most = 1500 };

	for (unsigned i = 0; i < 3; i++) {
		rig_begin(&r[i], true);
		r[i].setup.room = &room;
		rig_open(&r[i]);
		FEED(&r[i], ASK);
		r[i].sent_n = 0;
	}
	for (unsigned i = 0; i < 3; i++)
		FEED(&r[i], HEL);
	/* Two blocks of 512 octets fit, and what needs none goes on. */
	ck_assert_int_eq(ws_state(r[1].w), WS_OPEN);
	ck_assert_uint_eq(ws_fault(r[2].w)->code, WS_AGAIN);
	SENT(&r[2], "\x88\x02\x03\xf5");
	FEED(&r[0], LO HELLO);
	said(&r[0], "[Hello][Hello]");
	for (unsigned i = 0; i < 3; i++)
		rig_end(&r[i]);
	ck_assert_uint_eq(room.used, 0);
}
END_TEST

/* 5.5.3: pings whose answers nobody takes are answered once, by the last. */
START_TEST(a_flood_of_pings_needs_no_memory)
{
	struct rig *r = serving();
	struct ws_msg msg;
	uint8_t ping[] = { 0x89, 0x81, 0, 0, 0, 0, 0 };
	size_t used = r->m.used;

	for (unsigned i = 0; i < 1000; i++) {
		ping[6] = (uint8_t)i;
		ck_assert_uint_eq(ws_on_bytes(r->w, ping, sizeof(ping), 0,
					      &msg), sizeof(ping));
	}
	ck_assert_uint_eq(r->m.used, used);
	take(r);
	SENT(r, "\x8a\x01\xe7"); /* 999 */
	rig_end(r);
}
END_TEST

START_TEST(a_stream_that_ends_without_close_is_cut)
{
	struct rig *r = serving();

	ws_on_end(r->w);
	ck_assert_int_eq(ws_fault(r->w)->cause, WS_CUT);
	take(r);
	ck_assert_uint_eq(r->sent_n, 0);
	rig_end(r);
}
END_TEST

START_TEST(every_allocation_may_fail)
{
	bool failed = true;

	for (uint64_t at = 1; failed; at++) {
		struct pair *p = pair_begin();

		failed = false;
		for (unsigned i = 0; i < 2; i++) {
			struct rig *r = &p->end[i];

			r->m.fail_at = at;
			failed |= ws_new(&r->m, &r->setup, seeds[i], 0,
					 &r->w) == -ENOMEM;
		}
		if (!failed) {
			(void)!ws_write(p->end[0].w, "a", 1);
			cross(p, 9);
			(void)!ws_write(p->end[1].w, "b", 1);
			cross(p, 1);
			failed = p->end[0].m.calls >= at ||
				 p->end[1].m.calls >= at;
		}
		if (!failed) {
			said(&p->end[0], "[b]");
			said(&p->end[1], "[a]");
		}
		pair_end(p);
	}
}
END_TEST

SUITE(ws, a_server_hears_the_examples_and_answers, every_split_gives_the_same,
      what_breaks_a_rule_is_told_by_its_code, utf8_may_be_cut_anywhere,
      requests_are_refused_with_their_status, two_ends_talk_and_part,
      a_server_may_write_at_once, closing_before_it_is_open_closes_when_it_is,
      a_client_hears_why_it_is_refused, masks_of_a_client_differ,
      a_handshake_has_ten_seconds, silence_is_asked_and_then_ended,
      who_does_not_answer_a_close_is_left_after_five_seconds,
      a_message_has_to_become_whole, unfinished_messages_share_one_room,
      a_flood_of_pings_needs_no_memory,
      a_stream_that_ends_without_close_is_cut, every_allocation_may_fail);
