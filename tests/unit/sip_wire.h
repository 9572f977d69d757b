/* SPDX-License-Identifier: BSD-2-Clause
 * tests/unit/sip_wire.h - a core on a wire of text: what goes out is kept in
 * a log, what comes in is written by the test, time is a variable.
 */
#ifndef TESTS_UNIT_SIP_WIRE_H
#define TESTS_UNIT_SIP_WIRE_H
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "sip/core/sip_core.h"
#include "tests/unit/suites.h"

struct wire_out {
	enum sip_out_kind kind;
	uint32_t flow;
	struct sip_path path;
	char bytes[12288]; /* terminated; also the text of an event's message */
	size_t n;
	uint64_t lookup;
	bool reset;
	struct sip_locate where;
	char host[256];
	struct sip_event event;
	unsigned status;
};

enum { WIRE_LOG = 256 };

struct wire {
	struct mem mem;
	struct sip_core *c;
	struct instant now;
	uint32_t udp, tcp;          /* listening points */
	struct addr us, peer;
	struct wire_out log[WIRE_LOG];
	size_t n;
	/* Answers events; may be NULL. */
	void (*user)(struct wire *w, const struct sip_event *ev);
	unsigned answer;            /* status that wire_answer gives */
};

enum { WIRE_USER = 7 };

static inline void wire_log(struct wire *w, const struct sip_out *o)
{
	struct wire_out *l = &w->log[w->n++];
	struct writer wr = writer_begin(l->bytes, sizeof(l->bytes) - 1);

	ck_assert(w->n < WIRE_LOG);
	*l = (struct wire_out){ .kind = o->kind, .flow = o->flow,
				.path = o->path, .lookup = o->lookup,
				.reset = o->reset };
	writer_put(&wr, o->bytes);
	if (o->locate) {
		l->where = *o->locate;
		memcpy(l->host, o->locate->host.p, o->locate->host.n);
		l->host[o->locate->host.n] = 0;
	}
	if (o->event) {
		l->event = *o->event;
		if (o->event->msg) {
			l->status = o->event->msg->status;
			sip_msg_write(&wr, o->event->msg);
		}
		l->event.msg = NULL;
	}
	ck_assert(!wr.full);
	l->n = wr.n;
	l->bytes[wr.n] = 0;
}

static inline void wire_drain(struct wire *w)
{
	struct sip_out o;

	while (sip_core_poll(w->c, &o)) {
		wire_log(w, &o);
		if (o.kind == SIP_OUT_EVENT && w->user)
			w->user(w, o.event);
	}
}

static inline int wire_start_with(struct wire *w, const struct limits *limits)
{
	static const uint8_t seed[32] = "wire";
	int rc;

	w->now = (struct instant){ SEC(1000), 0 };
	w->us = addr_v4(192, 0, 2, 4, 5060);
	w->peer = addr_v4(192, 0, 2, 1, 5060);
	rc = sip_core_new(&w->mem, limits, seed, w->now, &w->c);
	if (!rc)
		rc = sip_core_add_local(w->c, SIP_UDP, &w->us, &w->us,
					&w->udp);
	if (!rc)
		rc = sip_core_add_local(w->c, SIP_TCP, &w->us, &w->us,
					&w->tcp);
	if (!rc)
		rc = sip_core_add_match(w->c, &(struct sip_match){
			.user = WIRE_USER, .methods =
			SIP_METHOD_BIT(SIP_INVITE) | SIP_METHOD_BIT(SIP_ACK) |
			SIP_METHOD_BIT(SIP_BYE) |
			SIP_METHOD_BIT(SIP_OPTIONS) });
	return rc;
}

static inline int wire_start(struct wire *w)
{
	return wire_start_with(w, &limits_default);
}

static inline struct wire *wire_new_with(const struct limits *limits)
{
	struct wire *w = calloc(1, sizeof(*w));

	mem_init(&w->mem, 0);
	ck_assert_int_eq(wire_start_with(w, limits), 0);
	return w;
}

static inline struct wire *wire_new(void)
{
	return wire_new_with(&limits_default);
}

static inline void wire_free(struct wire *w)
{
	sip_core_free(w->c);
	ck_assert_uint_eq(w->mem.blocks, 0);
	free(w);
}

static inline void wire_clear(struct wire *w)
{
	w->n = 0;
}

static inline void wire_udp(struct wire *w, const char *text)
{
	/* Its exact size on the heap: a byte too far is seen. */
	size_t n = strlen(text);
	char *p = malloc(n);

	memcpy(p, text, n);
	sip_core_on_datagram(w->c, w->udp, &w->us, &w->peer, slice_of(p, n),
			     w->now);
	wire_drain(w);
	free(p);
}

static inline void wire_bytes(struct wire *w, uint32_t flow, const char *p,
			      size_t n)
{
	char *copy = malloc(n);

	memcpy(copy, p, n);
	sip_core_on_stream(w->c, flow, slice_of(copy, n), w->now);
	wire_drain(w);
	free(copy);
}

static inline uint32_t wire_accept(struct wire *w)
{
	struct addr remote = addr_v4(192, 0, 2, 1, 40000);
	uint32_t flow = 0;

	ck_assert_int_eq(sip_core_on_accept(w->c, w->tcp, &w->us, &remote,
					    w->now, &flow), 0);
	return flow;
}

/* Goes through time, stopping at each deadline. */
static inline void wire_until(struct wire *w, mono t)
{
	for (;;) {
		mono d = sip_core_deadline(w->c);

		if (d > t)
			break;
		if (d > w->now.m)
			w->now.m = d;
		sip_core_on_time(w->c, w->now);
		wire_drain(w);
	}
	w->now.m = t;
	sip_core_on_time(w->c, w->now);
	wire_drain(w);
}

static inline void wire_wait(struct wire *w, mono d)
{
	wire_until(w, w->now.m + d);
}

/* How many entries of a kind; and of events of a kind. */
static inline unsigned wire_count(const struct wire *w, enum sip_out_kind k)
{
	unsigned n = 0;

	for (size_t i = 0; i < w->n; i++)
		n += w->log[i].kind == k;
	return n;
}

static inline struct wire_out *wire_nth(struct wire *w, enum sip_out_kind k,
					unsigned nth)
{
	for (size_t i = 0; i < w->n; i++)
		if (w->log[i].kind == k && nth-- == 0)
			return &w->log[i];
	ck_abort_msg("no such output (kind %d) among %zu", (int)k, w->n);
	return NULL;
}

static inline unsigned wire_events(const struct wire *w,
				   enum sip_event_kind k)
{
	unsigned n = 0;

	for (size_t i = 0; i < w->n; i++)
		n += w->log[i].kind == SIP_OUT_EVENT &&
		     w->log[i].event.kind == k;
	return n;
}

static inline struct wire_out *wire_event(struct wire *w,
					  enum sip_event_kind k)
{
	for (size_t i = 0; i < w->n; i++)
		if (w->log[i].kind == SIP_OUT_EVENT &&
		    w->log[i].event.kind == k)
			return &w->log[i];
	ck_abort_msg("no such event: %d", (int)k);
	return NULL;
}

/* The value of a header line "Name: value" in a message's text; the last 16
 * answers are good. */
static inline char *wire_header(const char *text, const char *name)
{
	static char values[16][512];
	static unsigned turn;
	size_t n = strlen(name);
	const char *p = text;
	char *value = values[turn++ % 16];

	for (; (p = strchr(p, '\n')); ) {
		p++;
		if (strncmp(p, name, n) == 0 && p[n] == ':') {
			snprintf(value, sizeof(values[0]), "%.*s",
				 (int)strcspn(p + n + 2, "\r"), p + n + 2);
			return value;
		}
	}
	return NULL;
}

#define ck_text_has(text, part) \
	ck_assert_msg(strstr(text, part) != NULL, "no '%s' in:\n%s", part, text)
#define ck_text_lacks(text, part) \
	ck_assert_msg(strstr(text, part) == NULL, "'%s' in:\n%s", part, text)

/* A user that answers each request with w->answer. */
static inline void wire_answer(struct wire *w, const struct sip_event *ev)
{
	struct sip_msg m;

	if (ev->kind != SIP_EV_REQUEST)
		return;
	sip_msg_response(&m, w->answer, S(""));
	ck_assert_int_eq(sip_core_respond(w->c, ev->txn, &m, S("bobtag"),
					  w->now), 0);
}

/* Text of requests from the peer; what is not given stays as in the first
 * example of RFC 3261 section 24.2. */
#define WIRE_REQUEST(method, branch, totag, extra)                          \
	method " sip:bob@192.0.2.4 SIP/2.0\r\n"                             \
	"Via: SIP/2.0/UDP 192.0.2.1:5060;branch=" branch "\r\n"             \
	"Max-Forwards: 70\r\n"                                              \
	"To: Bob <sip:bob@biloxi.com>" totag "\r\n"                         \
	"From: Alice <sip:alice@atlanta.com>;tag=1928301774\r\n"            \
	"Call-ID: a84b4c76e66710@pc33.atlanta.com\r\n"                      \
	"CSeq: 314159 " method "\r\n" extra                                 \
	"Content-Length: 0\r\n\r\n"

/* An index of a request of ours. */
static inline void wire_request(struct sip_msg *m, const char *method,
				const char *uri)
{
	static char cseq[64];

	snprintf(cseq, sizeof(cseq), "1 %s", method);
	sip_msg_request(m, slice_str(method), slice_str(uri));
	ck_assert_int_eq(0, sip_msg_add(m, SIP_HDR_MAX_FORWARDS, S("70")));
	ck_assert_int_eq(0, sip_msg_add(m, SIP_HDR_FROM,
		S("<sip:bob@biloxi.com>;tag=456248")));
	ck_assert_int_eq(0, sip_msg_add(m, SIP_HDR_TO,
		S("<sip:alice@atlanta.com>")));
	ck_assert_int_eq(0, sip_msg_add(m, SIP_HDR_CALL_ID,
		S("843817637684230@998sdasdh09")));
	ck_assert_int_eq(0, sip_msg_add(m, SIP_HDR_CSEQ, slice_str(cseq)));
}

/* The peer's response to a request of ours, as a server would make it. */
static inline const char *wire_response(const char *request,
					const char *status_line,
					const char *totag, const char *extra)
{
	static char text[4096];

	snprintf(text, sizeof(text), "SIP/2.0 %s\r\nVia: %s\r\nFrom: %s\r\n"
		 "To: %s%s\r\nCall-ID: %s\r\nCSeq: %s\r\n%s"
		 "Content-Length: 0\r\n\r\n", status_line,
		 wire_header(request, "Via"), wire_header(request, "From"),
		 wire_header(request, "To"), totag,
		 wire_header(request, "Call-ID"),
		 wire_header(request, "CSeq"), extra);
	return text;
}
#endif
