/* SPDX-License-Identifier: BSD-2-Clause
 * What goes out stands in two places.  out has messages, whole frames, behind a
 * client's request; tail has one control frame or a server's answer to the
 * request, and needs no memory.  tail is filled when both are empty, so that
 * no frame gets into another, and a Close comes behind all messages. */
#include "platform/http/ws.h"

#include "platform/drbg.h"
#include "platform/limits.h"
#include "platform/scan.h"

enum {
	TAIL = 320,     /* the longest answer to a request: 101 */
	FIRST = 512,    /* octets of a buffer at first */
	REQUEST = 3 * LIMIT_WS_TARGET + LIMIT_WS_PROTOCOL + 256
};

static const mono HANDSHAKE = SEC(10), CLOSING = SEC(5);

struct octets {
	uint8_t *p;
	size_t at, n, cap; /* at..n is what is there */
};

struct ws {
	struct mem *m;
	struct ws_setup setup;
	struct drbg drbg; /* a client's masks */
	struct ws_fault fault;
	mono heard;         /* when octets came last */
	mono limit;         /* of handshake and closing, else never */
	mono whole;         /* until when the message must be whole */

	/* in: the head of the handshake, and of a frame; the message so far */
	size_t looked;      /* into the handshake's head: http_head_size */
	size_t head_n;
	struct ws_frame frame;
	uint64_t at;        /* octets of its payload that came */
	struct octets part;

	/* out */
	struct octets out;
	size_t gate;        /* these octets of out are the request, if held */
	size_t tail_at, tail_n; /* tail_n 0: it is empty */
	size_t pong_n;

	enum ws_state state;
	unsigned close_code;
	bool in_frame;
	bool in_message;    /* a data frame without FIN came */
	bool text;
	bool spent;         /* part was handed out: it goes at the next call */
	bool held;          /* a client's frames: behind the server's answer */
	bool answer;        /* to the request: before all messages */
	bool pong_due, ping_due, close_due, pinged;
	bool shut;          /* no more is written: Close is said or to be */
	uint8_t nonce[WS_NONCE];
	uint8_t head[WS_FRAME_HEAD];
	uint8_t control[WS_CONTROL];
	uint8_t tail[TAIL];
	uint8_t pong[WS_CONTROL];
};

enum ws_state ws_state(const struct ws *w)
{
	return w->state;
}

const struct ws_fault *ws_fault(const struct ws *w)
{
	return &w->fault;
}

/* ------------------------------------------------------------------ ends */
static void part_drop(struct ws *w)
{
	if (w->setup.room)
		w->setup.room->used -= w->part.cap;
	mem_free(w->m, w->part.p);
	w->part = (struct octets){ 0 };
	w->whole = MONO_NEVER;
	w->in_message = false;
}

/* ------------------------------------------------------------------- out */
static size_t octets_cap(const struct octets *o, size_t n)
{
	size_t cap = o->cap ? o->cap : FIRST;

	while (cap - o->n < n)
		cap *= 2;
	return cap;
}

/* Room for n more; what was taken away in front of them goes. */
static bool octets_grow(struct mem *m, struct octets *o, size_t n)
{
	size_t cap;
	uint8_t *p;

	if (o->at) {
		memmove(o->p, o->p + o->at, o->n - o->at);
		o->n -= o->at;
		o->at = 0;
	}
	cap = octets_cap(o, n);
	p = cap > o->cap ? mem_resize(m, o->p, cap) : o->p;
	if (!p)
		return false;
	o->p = p;
	o->cap = cap;
	return true;
}

static void tail_frame(struct ws *w, enum ws_opcode op, const uint8_t *p,
		       size_t n)
{
	struct ws_frame f = { .op = op, .fin = true, .n = n,
			      .masked = !w->setup.server };
	struct writer o = writer_begin(w->tail, sizeof(w->tail));

	if (f.masked)
		drbg_bytes(&w->drbg, f.key, sizeof(f.key));
	ws_frame_write(&o, &f);
	writer_put(&o, slice_of(p, n));
	ws_mask(w->tail + o.n - n, n, f.key, 0);
	w->tail_at = 0;
	w->tail_n = o.n;
}

static void tail_next(struct ws *w)
{
	const uint8_t code[] = { (uint8_t)(w->close_code >> 8),
				 (uint8_t)w->close_code };

	if (w->pong_due) {
		w->pong_due = false;
		tail_frame(w, WS_PONG, w->pong, w->pong_n);
	} else if (w->ping_due) {
		w->ping_due = false;
		tail_frame(w, WS_PING, NULL, 0);
	} else if (w->close_due) {
		w->close_due = false;
		/* 5.5.1: a Close without a code is answered by such a one. */
		tail_frame(w, WS_CLOSE, code,
			   w->close_code == WS_NO_CODE ? 0 : sizeof(code));
	}
}

/* Octets of out that may go now. */
static size_t out_ready(const struct ws *w)
{
	return w->held ? w->gate : w->out.n - w->out.at;
}

/* Begun is ended; else messages come first. */
static bool tail_first(const struct ws *w)
{
	return w->tail_n && (w->tail_at || w->answer || !out_ready(w));
}

struct slice ws_unsent(struct ws *w)
{
	if (!w->tail_n && !out_ready(w) && !w->held)
		tail_next(w);
	if (tail_first(w))
		return slice_of(w->tail + w->tail_at, w->tail_n - w->tail_at);
	return out_ready(w) ? slice_of(w->out.p + w->out.at, out_ready(w)) :
	       slice_of(NULL, 0);
}

void ws_sent(struct ws *w, size_t n)
{
	if (tail_first(w)) {
		w->tail_at += n;
		if (w->tail_at == w->tail_n) {
			w->tail_at = w->tail_n = 0;
			w->answer = false;
		}
		return;
	}
	w->out.at += n;
	w->gate -= w->held ? n : 0;
	if (w->out.at == w->out.n) {
		mem_free(w->m, w->out.p);
		w->out = (struct octets){ 0 };
	}
}

size_t ws_waiting(const struct ws *w)
{
	return w->out.n - w->out.at + w->tail_n - w->tail_at;
}

int ws_write(struct ws *w, const void *p, size_t n)
{
	struct ws_frame f = { .fin = true, .n = n,
			      .masked = !w->setup.server };
	struct writer o;

	if (w->shut || !(w->state == WS_OPEN || w->held))
		return -EPIPE;
	if (n > w->setup.message)
		return -EMSGSIZE;
	if (!octets_grow(w->m, &w->out, n + WS_FRAME_HEAD))
		return -ENOMEM;
	f.op = utf8_valid(slice_of(p, n)) ? WS_TEXT : WS_BINARY;
	if (f.masked)
		drbg_bytes(&w->drbg, f.key, sizeof(f.key));
	o = writer_begin(w->out.p + w->out.n, n + WS_FRAME_HEAD);
	ws_frame_write(&o, &f);
	writer_put(&o, slice_of(p, n));
	if (f.masked)
		ws_mask(w->out.p + w->out.n + o.n - n, n, f.key, 0);
	w->out.n += o.n;
	return (int)n;
}

/* --------------------------------------------------------------- closing */
static void say_close(struct ws *w, unsigned code)
{
	w->shut = true;
	w->close_due = true;
	w->close_code = code;
}

void ws_shutdown(struct ws *w, enum ws_code code, mono now)
{
	if (w->shut || w->state > WS_OPEN)
		return;
	say_close(w, code);
	if (w->state == WS_OPEN) {
		w->state = WS_CLOSING;
		w->limit = mono_add(now, w->setup.closing);
		w->ping_due = false;
	}
}

/* What waits to be sent goes out; nothing is heard any more. */
static void ws_over(struct ws *w, enum ws_state state)
{
	part_drop(w);
	w->state = state;
	w->limit = MONO_NEVER;
	w->ping_due = false;
}

static void ws_fail(struct ws *w, enum ws_cause cause, unsigned code,
		    const char *text)
{
	bool tell = w->state == WS_OPEN && cause != WS_CUT;

	w->fault.cause = cause;
	w->fault.code = code;
	w->fault.text = text;
	if (tell)
		say_close(w, code);
	ws_over(w, WS_FAILED);
	w->shut = true;
}

static void on_close_frame(struct ws *w, struct slice payload)
{
	struct slice words;
	unsigned code;
	int rc = ws_close_parse(payload, &code, &words);

	if (rc) {
		ws_fail(w, WS_BROKEN, rc == -EILSEQ ? WS_NOT_UTF8 :
			WS_PROTOCOL, "a Close that is none");
		return;
	}
	w->fault.code = code;
	w->fault.text = "closed by the peer";
	if (!w->shut)
		say_close(w, code);
	ws_over(w, WS_ENDED);
}

/* ------------------------------------------------------------- handshake */
static void ws_refuse(struct ws *w, unsigned status, const char *why)
{
	struct writer o = writer_begin(w->tail, sizeof(w->tail));

	w->fault.status = status;
	ws_fail(w, WS_REFUSED, 0, why);
	if (!w->setup.server)
		return;
	ws_hello_response(&o, status, NULL, &w->setup.hello);
	w->tail_n = o.n;
	w->answer = true;
}

static void open_now(struct ws *w)
{
	part_drop(w);
	w->fault.status = 101;
	w->state = WS_OPEN;
	w->held = false;
	w->limit = MONO_NEVER;
	if (w->shut) { /* it was said before: ws_shutdown */
		w->state = WS_CLOSING;
		w->limit = mono_add(w->heard, w->setup.closing);
	}
}

static void serve(struct ws *w, const struct http_head *head)
{
	const char *why;
	unsigned status = ws_hello_judge(head, &w->setup.hello, &why);
	struct writer o = writer_begin(w->tail, sizeof(w->tail));

	if (status != 101) {
		ws_refuse(w, status, why);
		return;
	}
	ws_hello_response(&o, 101, head, &w->setup.hello);
	w->tail_n = o.n;
	w->answer = true;
	open_now(w);
}

static void hear_answer(struct ws *w, const struct http_head *head)
{
	const char *why = ws_hello_answered(head, &w->setup.hello, w->nonce);

	if (why && !head->request && head->status != 101)
		ws_refuse(w, head->status, why);
	else if (why)
		ws_fail(w, WS_BROKEN, 0, why);
	else
		open_now(w);
}

static void on_head(struct ws *w)
{
	struct parse_error e = { 0 };
	struct http_head head;
	int rc = http_head_parse(slice_of(w->part.p, w->part.n), &head, &e);

	if (rc && w->setup.server)
		ws_refuse(w, rc == -E2BIG ? 431 : 400, e.reason);
	else if (rc)
		ws_fail(w, WS_BROKEN, 0, e.reason);
	else if (w->setup.server)
		serve(w, &head);
	else
		hear_answer(w, &head);
}

/* -------------------------------------------------------------------- in */
/* False: it has failed. */
static bool part_add(struct ws *w, const uint8_t *p, size_t n)
{
	struct ws_room *room = w->setup.room;
	size_t more = octets_cap(&w->part, n) - w->part.cap;
	bool full = room && more > room->most - room->used;

	if (full || !octets_grow(w->m, &w->part, n)) {
		if (w->state == WS_HANDSHAKE && w->setup.server)
			ws_refuse(w, 503, "no memory");
		else
			ws_fail(w, WS_NO_MEMORY, full ? WS_AGAIN :
				WS_INTERNAL, "no memory for a message");
		return false;
	}
	if (room)
		room->used += more;
	if (n)
		memcpy(w->part.p + w->part.n, p, n);
	w->part.n += n;
	return true;
}

static size_t hello_bytes(struct ws *w, const uint8_t *p, size_t n)
{
	size_t had = w->part.n, room = LIMIT_HTTP_HEAD + 1 - had, size;

	n = n < room ? n : room;
	if (!part_add(w, p, n))
		return n;
	size = http_head_size(slice_of(w->part.p, w->part.n), &w->looked);
	if (size) {
		w->part.n = size;
		on_head(w);
		return size - had;
	}
	if (w->part.n > LIMIT_HTTP_HEAD)
		on_head(w);
	return n;
}

/* What is wrong with a frame at this place: NULL, and the code to say it by. */
static const char *misplaced(const struct ws *w, const struct ws_frame *f,
			     unsigned *code)
{
	*code = WS_PROTOCOL;
	if (f->masked != w->setup.server) /* 5.1 */
		return f->masked ? "a server's frame is masked" :
		       "a client's frame is not masked";
	if (f->op >= WS_CLOSE)
		return NULL;
	if ((f->op == WS_CONT) != w->in_message)
		return w->in_message ? "a message within another" :
		       "a continuation of no message";
	*code = WS_TOO_BIG;
	return f->n > w->setup.message - (w->in_message ? w->part.n : 0) ?
	       "a message is too long" : NULL;
}

static size_t frame_head(struct ws *w, const uint8_t *p, size_t n, mono now)
{
	size_t room = sizeof(w->head) - w->head_n, used;
	struct parse_error e = { 0 };
	const char *why;
	unsigned code = WS_PROTOCOL;
	int rc;

	n = n < room ? n : room;
	memcpy(w->head + w->head_n, p, n);
	rc = ws_frame_parse(slice_of(w->head, w->head_n + n), &w->frame, &e);
	if (rc == -EAGAIN) {
		w->head_n += n;
		return n;
	}
	why = rc ? e.reason : misplaced(w, &w->frame, &code);
	if (why) {
		ws_fail(w, WS_BROKEN, code, why);
		return n;
	}
	used = w->frame.head - w->head_n;
	w->head_n = 0;
	w->in_frame = true;
	w->at = 0;
	if (w->frame.op == WS_TEXT || w->frame.op == WS_BINARY) {
		w->text = w->frame.op == WS_TEXT;
		w->whole = mono_add(now, LIMIT_WS_WHOLE);
	}
	return used;
}

static void give_message(struct ws *w, uint8_t *p, size_t n,
			 struct ws_msg *msg)
{
	w->in_message = false;
	w->whole = MONO_NEVER;
	if (w->text && !utf8_valid(slice_of(p, n))) /* 8.1 */
		ws_fail(w, WS_BROKEN, WS_NOT_UTF8, "a text is no UTF-8");
	else
		*msg = (struct ws_msg){ p, n, w->text };
}

static void data_bytes(struct ws *w, uint8_t *p, size_t n, struct ws_msg *msg)
{
	const struct ws_frame *f = &w->frame;
	bool whole = f->fin && !w->in_message && n == f->n;
	bool last = w->at + n == f->n;

	if (w->at == 0 && whole) { /* the usual case: in place */
		ws_mask(p, n, f->key, 0);
		give_message(w, p, n, msg);
		return;
	}
	if (!part_add(w, p, n))
		return;
	ws_mask(w->part.p + w->part.n - n, n, f->key, w->at);
	if (last && f->fin) {
		w->spent = true;
		give_message(w, w->part.p, w->part.n, msg);
	} else if (last) {
		w->in_message = true;
	}
}

static void control_bytes(struct ws *w, const uint8_t *p, size_t n)
{
	const struct ws_frame *f = &w->frame;

	memcpy(w->control + w->at, p, n);
	ws_mask(w->control + w->at, n, f->key, w->at);
	if (w->at + n < f->n)
		return;
	if (f->op == WS_CLOSE) {
		on_close_frame(w, slice_of(w->control, (size_t)f->n));
	} else if (f->op == WS_PING && w->state == WS_OPEN) {
		w->pong_due = true;
		w->pong_n = (size_t)f->n;
		memcpy(w->pong, w->control, w->pong_n);
	}
}

static size_t frame_bytes(struct ws *w, uint8_t *p, size_t n, mono now,
			  struct ws_msg *msg)
{
	size_t used = 0, k;

	if (!w->in_frame) {
		used = frame_head(w, p, n, now);
		if (!w->in_frame)
			return used;
	}
	k = n - used;
	k = k < w->frame.n - w->at ? k : (size_t)(w->frame.n - w->at);
	if (!k && w->frame.n > w->at)
		return used;
	w->in_frame = w->at + k < w->frame.n;
	if (w->frame.op >= WS_CLOSE)
		control_bytes(w, p + used, k);
	else
		data_bytes(w, p + used, k, msg);
	w->at += k;
	return used + k;
}

size_t ws_on_bytes(struct ws *w, uint8_t *p, size_t n, mono now,
		   struct ws_msg *msg)
{
	size_t used = 0;

	*msg = (struct ws_msg){ 0 };
	if (w->spent)
		part_drop(w);
	w->spent = false;
	if (n) {
		w->heard = now;
		w->pinged = false;
	}
	if (w->state == WS_HANDSHAKE && n)
		return hello_bytes(w, p, n);
	while (used < n && !msg->p &&
	       (w->state == WS_OPEN || w->state == WS_CLOSING))
		used += frame_bytes(w, p + used, n - used, now, msg);
	return w->state > WS_CLOSING ? n : used;
}

/* ------------------------------------------------------------------ time */
void ws_on_open(struct ws *w, mono now)
{
	if (w->state == WS_HANDSHAKE)
		w->limit = mono_add(now, w->setup.handshake);
}

void ws_on_resume(struct ws *w, mono now)
{
	w->heard = now;
	w->pinged = false;
	if (w->whole != MONO_NEVER)
		w->whole = mono_add(now, LIMIT_WS_WHOLE);
}

void ws_on_end(struct ws *w)
{
	if (w->state <= WS_CLOSING)
		ws_fail(w, WS_CUT, WS_ABNORMAL,
			"the connection ended without a Close");
}

static mono ping_at(const struct ws *w)
{
	mono due = mono_add(w->heard, w->setup.ping);

	if (w->state != WS_OPEN || !w->setup.ping)
		return MONO_NEVER;
	return w->pinged ? mono_add(due, w->setup.ping) : due;
}

mono ws_deadline(const struct ws *w)
{
	return w->state > WS_CLOSING ? MONO_NEVER :
	       mono_min(w->limit, mono_min(w->whole, ping_at(w)));
}

void ws_on_time(struct ws *w, mono now)
{
	if (now < ws_deadline(w))
		return;
	if (now >= w->limit) {
		if (w->state == WS_HANDSHAKE && w->setup.server)
			ws_refuse(w, 408, "no whole request in time");
		else
			ws_fail(w, WS_TIMEOUT, WS_ABNORMAL,
				w->state == WS_HANDSHAKE ?
				"no answer to the handshake in time" :
				"no Close in time");
		w->fault.cause = WS_TIMEOUT;
	} else if (now >= w->whole) {
		ws_fail(w, WS_BROKEN, WS_POLICY,
			"a message is not whole in time");
	} else if (!w->pinged) {
		w->pinged = true;
		w->ping_due = true;
	} else {
		ws_fail(w, WS_TIMEOUT, WS_ABNORMAL, "no answer to a ping");
		w->close_due = false;
	}
}

/* ------------------------------------------------------------------ life */
static int put_request(struct ws *w)
{
	struct writer o;

	if (!octets_grow(w->m, &w->out, REQUEST))
		return -ENOMEM;
	o = writer_begin(w->out.p, REQUEST);
	ws_hello_request(&o, &w->setup.hello, w->nonce);
	w->gate = w->out.n = o.n;
	w->held = true;
	return 0;
}

int ws_new(struct mem *m, const struct ws_setup *s, const uint8_t seed[32],
	   mono now, struct ws **out)
{
	struct ws *w;

	if (!ws_hello_ok(&s->hello))
		return -EINVAL;
	w = mem_new(m, sizeof(*w));
	if (!w)
		return -ENOMEM;
	w->m = m;
	w->setup = *s;
	w->setup.message = s->message ? s->message : LIMIT_SIP_MESSAGE;
	w->setup.handshake = s->handshake ? s->handshake : HANDSHAKE;
	w->setup.closing = s->closing ? s->closing : CLOSING;
	drbg_init(&w->drbg, seed);
	drbg_bytes(&w->drbg, w->nonce, sizeof(w->nonce));
	w->limit = mono_add(now, w->setup.handshake);
	w->whole = MONO_NEVER;
	w->heard = now;
	w->fault.text = "";
	if (!s->server && put_request(w)) {
		ws_free(w);
		return -ENOMEM;
	}
	*out = w;
	return 0;
}

void ws_free(struct ws *w)
{
	if (!w)
		return;
	part_drop(w);
	mem_free(w->m, w->out.p);
	drbg_wipe(&w->drbg);
	mem_free(w->m, w);
}
