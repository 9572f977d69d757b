/* SPDX-License-Identifier: BSD-2-Clause
 * Calls and registrations of the program by WebSocket (RFC 7118) in the
 * simulated network, times seeds: under loss, duplication and reordering, at
 * peers that stall at every octet of handshake and message, that refuse, speak
 * something else, or go away.  Held to: a call is a call; each refusal is told
 * where a person would look for it; nothing is left behind, and what stalls is
 * ended in time.
 * usage: sim_ws [SCENARIO SEED]; else as many seeds as SEEDS says. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "platform/http/ws_stream.h"
#include "tests/sim/scene.h"

#define LISTEN "listen --auto-answer --json --codec PCMU --local " \
	       "10.0.0.2:5060 --ws-port 80"
#define CALL   "call sip:bob@10.0.0.2;transport=ws --json --codec PCMU"
#define REGISTER "register --aor sip:alice@10.0.0.2 --transport ws --json"

static bool status(struct scene *w, const struct actor *a, int wanted)
{
	return a->status == wanted ||
	       scene_fail(w, "exit status %d, not %d: %s", a->status, wanted,
			  a->err);
}

/* ------------------------------------------------------------------ calls */
static bool call_under(struct scene *w, const struct sim_link *l)
{
	struct actor *a, *b;

	b = scene_run(w, 1, LISTEN " --count 1");
	scene_link(w, l);
	a = scene_run(w, 0, CALL " --duration 3");
	return a && b && scene_over(w, 90000) && status(w, a, 0) &&
	       status(w, b, 0) &&
	       scene_said(w, a, "\"state\":\"ended\"", 1) &&
	       scene_said(w, b, "\"state\":\"ended\"", 1);
}

static bool call_quiet(struct scene *w)
{
	const struct sim_link l = { .delay = MS(20) };

	return call_under(w, &l);
}

static bool call_under_loss(struct scene *w)
{
	const struct sim_link l = { .delay = MS(20), .loss = 0.1 };

	return call_under(w, &l);
}

static bool call_in_disorder(struct scene *w)
{
	const struct sim_link l = { .delay = MS(20), .jitter = MS(30),
				    .duplicate = 0.3, .reorder = 0.3,
				    .reorder_by = MS(40), .loss = 0.02,
				    .mtu = 400 };

	return call_under(w, &l);
}

/* Hung up by who was called: the request goes back by the connection. */
static bool ended_by_the_called(struct scene *w)
{
	struct actor *b = scene_run(w, 1, LISTEN " --count 1 --duration 2");
	struct actor *a = scene_run(w, 0, CALL);

	return a && b && scene_over(w, 30000) && status(w, b, 0) &&
	       scene_said(w, a, "\"state\":\"ended\"", 1) &&
	       scene_said(w, b, "\"state\":\"ended\"", 1);
}

/* ------------------------------------------------- a registrar by WebSocket */
struct server {
	struct scene *w;
	struct ws_streams *ws;
	struct ws_listener *l;
	struct tcp_listener *tcp;
	struct tcp *t;         /* the last */
	unsigned registered, opened;
	bool wrong;
	char text[4096];
};

static void copy_line(struct writer *w, struct slice msg, const char *name)
{
	struct slice line;

	while (slice_cut(msg, '\n', &line, &msg))
		if (slice_istarts(line, name)) {
			writer_put(w, line);
			writer_char(w, '\n');
		}
}

static void server_bytes(void *arg, uint8_t *p, size_t n)
{
	static const char *const names[] = { "Via:", "From:", "To:",
					     "Call-ID:", "CSeq:", "Contact:" };
	struct server *s = arg;
	struct slice msg = slice_of(p, n);
	struct writer w = writer_begin(s->text, sizeof(s->text));

	if (!slice_starts(msg, "REGISTER ")) {
		s->wrong = s->wrong || n > 4;
		return;
	}
	s->registered++;
	writer_str(&w, "SIP/2.0 200 OK\r\n");
	for (size_t i = 0; i < COUNT(names); i++)
		copy_line(&w, msg, names[i]);
	writer_str(&w, "Expires: 60\r\n\r\n"); /* no Content-Length: framed */
	if (slice_find(msg, '\0') < n || tcp_write(s->t, w.buf, w.n) <= 0)
		s->wrong = true;
}

static void server_nothing(void *arg)
{
	(void)arg;
}

static void server_closed(void *arg, int err)
{
	struct server *s = arg;

	(void)err;
	s->t = NULL;
}

static const struct tcp_ops SERVER = { server_nothing, server_bytes,
	server_nothing, server_nothing, server_closed };

static void server_accept(void *arg, struct tcp *t)
{
	struct server *s = arg;

	s->t = t;
	s->opened++;
	tcp_set_ops(t, &SERVER, s);
}

static void server_take(void *arg, struct tcp *t)
{
	ws_listener_take(((struct server *)arg)->l, t);
}

static bool server_begin(struct server *s, struct scene *w, const char *path)
{
	static const struct ws_listen_ops ops = { server_accept, NULL };
	struct reactor *r = sim_host_reactor(w->host[1]);
	struct addr at = addr_v4(10, 0, 0, 2, 80);
	struct ws_setup setup = { .server = true, .hello = {
		.path = slice_str(path), .protocol = S("sip") } };

	*s = (struct server){ .w = w };
	s->ws = ws_streams_new(r);
	return (s->ws && !ws_listener_new(s->ws, &setup, &ops, s, &s->l) &&
		!tcp_listen(r, &at, server_take, s, &s->tcp)) ||
	       scene_fail(w, "no server");
}

static bool server_end(struct server *s, bool ok)
{
	ws_streams_free(s->ws);
	if (s->tcp)
		tcp_listener_close(s->tcp);
	return ok && (!s->wrong || scene_fail(s->w, "no REGISTER came"));
}

static bool registers(struct scene *w)
{
	struct server s;
	struct actor *a;
	bool ok = server_begin(&s, w, "/ws");

	scene_loss(w, 0.05);
	a = scene_run(w, 0, REGISTER " --once --ws-path /ws");
	ok = ok && a && scene_over(w, 60000) && status(w, a, 0) &&
	     scene_said(w, a, "\"state\":\"registered\"", 1);
	return server_end(&s, ok && s.registered >= 1);
}

/* The server goes away and comes back: it is registered again. */
static bool comes_back(struct scene *w)
{
	struct server s;
	struct actor *a;
	bool ok = server_begin(&s, w, "/");

	a = scene_run(w, 0, REGISTER " --expires 60");
	scene_until(w, 5000);
	ok = ok && s.registered == 1 && s.t;
	if (s.t)
		tcp_abort(s.t);
	s.t = NULL;
	scene_until(w, 130000);
	ok = (ok && s.registered > 1 && s.opened > 1) ||
	     scene_fail(w, "registered %u times", s.registered);
	if (a)
		actor_interrupt(a);
	return server_end(&s, a && ok && scene_over(w, 200000) &&
			      status(w, a, 0));
}

static bool another_path(struct scene *w)
{
	struct server s;
	struct actor *a;
	bool ok = server_begin(&s, w, "/other");

	a = scene_run(w, 0, REGISTER " --once");
	ok = ok && a && scene_over(w, 60000) && status(w, a, 1);
	return server_end(&s, ok && !s.opened);
}

/* ------------------------------------------------------------- raw peers */
static const char ANSWER[] = /* is right but for the key */
	"HTTP/1.1 101 x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
	"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"
	"Sec-WebSocket-Protocol: sip\r\n\r\n";

struct raw {
	struct tcp_listener *l;
	struct tcp *t;
	const char *says;
	size_t n, got;
	bool closed;
};

static void raw_open(void *arg)
{
	struct raw *r = arg;

	if (tcp_write(r->t, r->says, r->n) != (int)r->n)
		r->closed = true;
}

static void raw_bytes(void *arg, uint8_t *p, size_t n)
{
	struct raw *r = arg;

	(void)p;
	if (!r->got && r->l)
		raw_open(r);
	r->got += n;
}

static void raw_end(void *arg)
{
	struct raw *r = arg;

	tcp_close(r->t);
	r->t = NULL;
	r->closed = true;
}

static void raw_closed(void *arg, int err)
{
	struct raw *r = arg;

	(void)err;
	r->t = NULL;
	r->closed = true;
}

static void raw_accept(void *arg, struct tcp *t)
{
	static const struct tcp_ops ops = { server_nothing, raw_bytes,
		server_nothing, raw_end, raw_closed };
	struct raw *r = arg;

	r->t = t;
	tcp_set_ops(t, &ops, r);
}

static bool server_says(struct scene *w, const char *text, size_t n,
			int64_t within_ms, const char *why)
{
	struct addr at = addr_v4(10, 0, 0, 2, 80);
	struct raw r = { .says = text, .n = n };
	struct actor *a;
	bool ok;

	if (tcp_listen(sim_host_reactor(w->host[1]), &at, raw_accept, &r,
		       &r.l))
		return scene_fail(w, "no peer");
	a = scene_run(w, 0, REGISTER " --once");
	ok = a && scene_over(w, within_ms) && status(w, a, 1) &&
	     (!why || strstr(a->err, why) ||
	      scene_fail(w, "'%s' is not in '%s'", why, a->err));
	tcp_listener_close(r.l);
	tcp_close(r.t);
	return ok;
}

/* Each of its octets is the last in some seed. */
static bool server_stalls(struct scene *w)
{
	static size_t next;

	return server_says(w, ANSWER, 7 * next++ % sizeof(ANSWER), 11500,
			   NULL);
}

static bool wrong_answers(struct scene *w)
{
	static const char *const text[][2] = {
		{ ANSWER, "Sec-WebSocket-Accept does not answer our key" },
		{ "HTTP/1.1 404 Not Found\r\n\r\n",
		  "the server does not upgrade" },
		{ "SIP/2.0 400 What\r\n\r\n",
		  "blank wanted behind the method" },
		{ "\x16\x03\x01\r\n\r\n", "method or HTTP/1 wanted" },
		{ "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic "
		  "realm=\"a\"\r\n\r\n", "the server does not upgrade" },
	};
	static size_t next;
	size_t i = next++ % COUNT(text);

	return server_says(w, text[i][0], strlen(text[i][0]), 2000,
			   text[i][1]);
}

/* A client that stalls after each octet of a handshake and a message in
 * fragments is ended in time: 10 s for the one, 32 s for the other. */
static bool client_stalls(struct scene *w)
{
	static const char all[] = "GET / HTTP/1.1\r\nHost: a\r\n"
		"Upgrade: websocket\r\nConnection: Upgrade\r\n"
		"Sec-WebSocket-Protocol: sip\r\n"
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
		"Sec-WebSocket-Version: 13\r\n\r\n"
		"\x01\x88\0\0\0\0OPTIONS \x80\x85\0\0\0\0sip:";
	static const struct tcp_ops ops = { raw_open, raw_bytes,
		server_nothing, raw_end, raw_closed };
	static size_t next;
	struct addr to = addr_v4(10, 0, 0, 2, 80);
	struct raw r = { .says = all, .n = 11 * next++ % sizeof(all) };
	struct actor *b = scene_run(w, 1, LISTEN);
	bool ok;

	if (!b || tcp_connect(sim_host_reactor(w->host[0]), NULL, &to, &ops,
			      &r, &r.t))
		return scene_fail(w, "no peer");
	/* What is open and silent is missed by a ping after 90 s. */
	scene_until(w, 100000);
	ok = r.closed || scene_fail(w, "%zu octets: still open", r.n);
	tcp_close(r.t);
	actor_interrupt(b);
	return ok && scene_over(w, 110000) && status(w, b, 0);
}

static const struct scenario {
	const char *name;
	bool (*fn)(struct scene *w);
	unsigned most; /* seeds; 0: as many as asked for */
} scenarios[] = {
	{ "call_quiet", call_quiet, 3 },
	{ "call_under_loss", call_under_loss, 0 },
	{ "call_in_disorder", call_in_disorder, 0 },
	{ "ended_by_the_called", ended_by_the_called, 3 },
	{ "registers", registers, 0 },
	{ "comes_back", comes_back, 5 },
	{ "another_path", another_path, 1 },
	{ "wrong_answers", wrong_answers, 5 },
	{ "server_stalls", server_stalls, 0 },
	{ "client_stalls", client_stalls, 0 },
};

static bool one(const struct scenario *s, uint64_t seed, bool show)
{
	static struct scene w;
	bool ok = scene_begin(&w, seed, 2) && s->fn(&w);

	for (size_t i = 0; show && i < w.actors; i++)
		printf("---- actor %zu\n%s%s", i, w.actor[i]->out,
		       w.actor[i]->err);
	ok = scene_end(&w) && ok;
	if (!ok)
		printf("FAILED: %s seed %llu: %s\n", s->name,
		       (unsigned long long)seed, w.why);
	return ok;
}

int main(int argc, char **argv)
{
	unsigned passed = 0, failed = 0;

	for (size_t i = 0; i < COUNT(scenarios); i++) {
		const struct scenario *s = &scenarios[i];
		uint64_t most = scene_seeds();

		if (argc > 1 && strcmp(argv[1], s->name) != 0)
			continue;
		if (s->most && most > s->most)
			most = s->most;
		for (uint64_t seed = 1; seed <= (argc > 2 ? 1 : most);
		     seed++) {
			bool ok = one(s, argc > 2 ? strtoull(argv[2], NULL,
							     10) : seed,
				      argc > 2);

			passed += ok;
			failed += !ok;
		}
	}
	printf("sim_ws: %u passed, %u failed\n", passed, failed);
	return failed != 0 || passed == 0;
}
