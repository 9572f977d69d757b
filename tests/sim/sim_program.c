/* SPDX-License-Identifier: BSD-2-Clause
 * sim_program [SCENARIO] - what the program says and does where a person or a
 * script waits for it: registered calls, refusals, peers that do not react,
 * keys.  Exact to the millisecond, so that one run of each is enough. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/sim/forker.h"
#include "tests/sim/registrar.h"
#include "tests/sim/scene.h"

#define ALICE " --local 10.0.0.1:5060 --codec PCMU"
#define BOB   " --local 10.0.0.2:5060 --codec PCMU"

struct scenario {
	const char *name;
	bool (*fn)(struct scene *w);
};

static bool status(struct scene *w, const struct actor *a, int wanted)
{
	return a->status == wanted ||
	       scene_fail(w, "exit status %d, not %d: %s", a->status, wanted,
			  a->err);
}

/* On standard error. */
static bool complained(struct scene *w, const struct actor *a,
		       const char *text)
{
	return strstr(a->err, text) ||
	       scene_fail(w, "'%s' is not in '%s'", text, a->err);
}

static bool silent(struct scene *w, const struct actor *a)
{
	return !a->err_n || scene_fail(w, "complains: %s", a->err);
}

/* ------------------------------------------------------------ registered */
static bool beside_registrar(struct scene *w,
			     bool (*run)(struct scene *w, struct registrar *r))
{
	struct registrar r = { 0 };
	bool ok;

	if (registrar_begin(&r, w->host[2]))
		return scene_fail(w, "no registrar");
	w->wire.foreign = addr_v4(10, 0, 0, 3, 0);
	ok = run(w, &r);
	registrar_end(&r);
	return ok;
}

static bool registered_run(struct scene *w, struct registrar *r)
{
	struct actor *b, *a;

	b = scene_run(w, 1, "listen --aor sip:bob@10.0.0.3 --auto-answer "
		      "--count 1 --json" BOB);
	scene_until(w, 1000);
	if (!b || !r->registered)
		return scene_fail(w, "listen has not registered");
	a = scene_run(w, 0, "call sip:bob@10.0.0.2 --aor sip:alice@10.0.0.3 "
		      "--duration 3 --json" ALICE);
	scene_until(w, 3000);
	if (!a || r->requests != 2 || !r->registered)
		return scene_fail(w, "call has not registered");
	return scene_over(w, 10000) && status(w, a, 0) && status(w, b, 0) &&
	       scene_said(w, a, "\"state\":\"registered\"", 1) &&
	       scene_said(w, a, "\"state\":\"ended\"", 1) &&
	       scene_said(w, a, "\"state\":\"unregistered\"", 1) &&
	       scene_said(w, a, "\"digits_as\":\"events\"", 1) &&
	       scene_said(w, b, "\"expires_s\":600", 1) &&
	       scene_said(w, b, "\"state\":\"ended\"", 1) &&
	       scene_said(w, b, "sip:alice@10.0.0.3", 1) &&
	       scene_said(w, b, "\"state\":\"unregistered\"", 1) &&
	       silent(w, a) && silent(w, b) &&
	       (r->requests == 4 || scene_fail(w, "%u REGISTER, not 4",
					       r->requests)) &&
	       (!r->registered || scene_fail(w, "still registered"));
}

static bool registered(struct scene *w)
{
	return beside_registrar(w, registered_run);
}

/* A registration that is refreshed during the call begins no second one. */
static bool registered_again_run(struct scene *w, struct registrar *r)
{
	struct actor *b, *a;

	r->expires = 20;
	if (registrar_begin(r, w->host[2]))
		return scene_fail(w, "no registrar");
	w->wire.foreign = addr_v4(10, 0, 0, 3, 0);
	b = scene_run(w, 1, "listen --auto-answer --json" BOB);
	a = scene_run(w, 0, "call sip:bob@10.0.0.2 --aor sip:alice@10.0.0.3 "
		      "--duration 60 --json" ALICE);
	scene_until(w, 59000);
	/* Each within its 20 s: three at least beside the first. */
	if (!a || !b || r->requests < 4)
		return scene_fail(w, "%u REGISTER", r->requests);
	scene_until(w, 65000);
	if (!a->over || !status(w, a, 0))
		return scene_fail(w, "the call has not ended");
	actor_interrupt(b);
	return scene_over(w, 70000) &&
	       scene_said(w, b, "\"state\":\"ended\"", 1) &&
	       scene_said(w, a, "\"state\":\"ended\"", 1) && silent(w, a);
}

static bool registered_again(struct scene *w)
{
	struct registrar r = { 0 };
	bool ok = registered_again_run(w, &r);

	registrar_end(&r);
	return ok;
}

/* Nobody could call: both say why, once, and do not wait. */
static bool not_registered_run(struct scene *w, struct registrar *r)
{
	struct actor *b, *a;

	r->refuse = "403 Forbidden";
	b = scene_run(w, 1, "listen --aor sip:bob@10.0.0.3 --count 1" BOB);
	a = scene_run(w, 0, "call sip:bob@10.0.0.2 --aor sip:alice@10.0.0.3"
		      ALICE);
	return a && b && scene_over(w, 5000) && status(w, a, 1) &&
	       status(w, b, 1) &&
	       complained(w, a, "403 Forbidden from sip:alice@10.0.0.3\n") &&
	       complained(w, b, "403 Forbidden from sip:bob@10.0.0.3\n");
}

static bool not_registered(struct scene *w)
{
	return beside_registrar(w, not_registered_run);
}

/* Who only registers has nobody to answer. */
static bool register_takes_no_calls_run(struct scene *w, struct registrar *r)
{
	struct actor *b, *a;

	(void)r;
	b = scene_run(w, 1, "register --aor sip:bob@10.0.0.3 --local "
		      "10.0.0.2:5060");
	scene_until(w, 1000);
	a = scene_run(w, 0, "call sip:bob@10.0.0.2 --json" ALICE);
	scene_until(w, 2000);
	if (!a || !b || !a->over)
		return scene_fail(w, "the call is not answered at once");
	actor_interrupt(b);
	return scene_over(w, 5000) && status(w, b, 0) &&
	       scene_said(w, a, "\"code\":480", 1);
}

static bool register_takes_no_calls(struct scene *w)
{
	return beside_registrar(w, register_takes_no_calls_run);
}

/* -------------------------------------------------------------- refusals */
/* RFC 3261 17.2.1: a 486 that got lost comes again after T1, and again: who
 * counts to one must still be there. */
static bool last_refusal_is_repeated(struct scene *w)
{
	struct actor *b, *a;

	scene_drop(w, "SIP/2.0 486", 2);
	b = scene_run(w, 1, "listen --reject 486 --count 1 --json" BOB);
	a = scene_run(w, 0, "call sip:bob@10.0.0.2 --json" ALICE);
	scene_until(w, 400);
	if (!a || !b || b->over)
		return scene_fail(w, "it has left");
	return scene_over(w, 3000) && status(w, b, 0) &&
	       scene_said(w, a, "\"code\":486", 1);
}

/* A caller that is gone is not waited for beyond timer H, 32 s. */
static bool refusal_without_ack(struct scene *w)
{
	struct actor *b, *a;

	b = scene_run(w, 1, "listen --reject 603 --count 1 --json" BOB);
	a = scene_run(w, 0, "call sip:bob@10.0.0.2 --json" ALICE);
	scene_drop(w, "ACK ", 1000);
	scene_until(w, 31000);
	if (!a || !b || b->over)
		return scene_fail(w, "it has left");
	return scene_over(w, 33500) && status(w, b, 0);
}

/* An INVITE that asks for what nobody here has, and the ACK of its refusal. */
struct stranger {
	struct udp *u;
	uint16_t port; /* of whom it talks to */
	unsigned refused;
};

static void say(struct stranger *x, const char *method, const char *extra)
{
	char text[1024];
	struct datagram d = { .remote = addr_v4(10, 0, 0, 2, x->port) };
	int rc;

	d.n = (size_t)snprintf(text, sizeof(text),
		"%s sip:bob@10.0.0.2 SIP/2.0\r\n"
		"Via: SIP/2.0/UDP 10.0.0.3:5060;branch=z9hG4bK%u\r\n"
		"From: \"Mallory\" <sip:m@atlanta>;tag=m\r\n"
		"To: <sip:bob@10.0.0.2>%s\r\nCall-ID: %u\r\nCSeq: 1 %s\r\n"
		"Contact: <sip:m@10.0.0.3>\r\nMax-Forwards: 70\r\n"
		"Content-Length: 0\r\n\r\n", method, x->port, extra, x->port,
		method);
	d.p = (uint8_t *)text;
	rc = udp_send(x->u, &d, 1);
	(void)rc;
}

static void on_refusal(void *arg, struct datagram *d, size_t n)
{
	struct stranger *x = arg;

	for (size_t i = 0; i < n; i++)
		if (slice_starts(slice_of(d[i].p, d[i].n), "SIP/2.0 420")) {
			x->refused++;
			say(x, "ACK", ""); /* to whatever tag */
		}
}

static void on_stranger_error(void *arg, const struct addr *remote, int err)
{
	(void)arg;
	(void)remote;
	(void)err;
}

static const struct udp_ops stranger_ops = {
	.on_datagrams = on_refusal, .on_error = on_stranger_error
};

/* 420 is told and counted, for a script and for a person. */
static bool refused_before_it_is_a_call(struct scene *w)
{
	struct addr at = addr_v4(10, 0, 0, 3, 5060);
	struct stranger x = { .port = 5060 };
	struct actor *b, *c;
	bool ok;

	b = scene_run(w, 1, "listen --count 1 --json" BOB);
	if (!b || udp_open(sim_host_reactor(w->host[2]), &at, &stranger_ops,
			   &x, &x.u))
		return scene_fail(w, "no stranger");
	say(&x, "INVITE", "\r\nRequire: foo");
	scene_until(w, 1000);
	c = scene_run(w, 1, "listen --count 1 --local 10.0.0.2:5070");
	x.port = 5070;
	say(&x, "INVITE", "\r\nRequire: bar");
	scene_until(w, 2000);
	udp_close(x.u);
	ok = c && x.refused == 2 && b->over && c->over;
	if (!ok)
		return scene_fail(w, "%u refused, over: %d %d", x.refused,
				  b->over, c && c->over);
	return status(w, b, 0) && status(w, c, 0) &&
	       scene_said(w, b, "{\"state\":\"refused\",\"reason\":\"Bad "
			  "Extension\",\"code\":420,\"call\":1,\"by\":"
			  "\"us\",\"remote\":\"\\\"Mallory\\\" "
			  "<sip:m@atlanta>\"}\n", 1) &&
	       scene_said(w, c, "call 1 from \"Mallory\" <sip:m@atlanta> "
			  "refused: 420 Bad Extension\n", 1);
}

static bool no_codec_in_common(struct scene *w)
{
	struct actor *b, *a;

	b = scene_run(w, 1, "listen --count 1 --auto-answer --local "
		      "10.0.0.2:5060");
	a = scene_run(w, 0, "call sip:bob@10.0.0.2 --local 10.0.0.1:5060 "
		      "--codec L16");
	return a && b && scene_over(w, 5000) && status(w, b, 0) &&
	       status(w, a, 1) &&
	       complained(w, a, "488 Not Acceptable Here from sip:bob@") &&
	       complained(w, a, ": 305 no codec in common\n") &&
	       scene_said(w, b, " refused: 488 no codec in common (--codec "
			  "names what is taken)\n", 1);
}

/* RFC 3261 13.3.1.3: why, for a script. */
static bool warning_in_json(struct scene *w)
{
	struct actor *b, *a;

	b = scene_run(w, 1, "listen --count 1 --auto-answer --json --local "
		      "10.0.0.2:5060");
	a = scene_run(w, 0, "call sip:bob@10.0.0.2 --local 10.0.0.1:5060 "
		      "--codec L16 --json");
	return a && b && scene_over(w, 5000) && status(w, a, 1) &&
	       scene_said(w, a, "\"reason\":\"Not Acceptable Here\","
			  "\"warning\":\"305 no codec in common\","
			  "\"code\":488", 1);
}

/* ------------------------------------------------------- names in answers */
/* A peer that answers with a name in c=, and what it gets of the sound. */
struct namer {
	struct udp *sip, *rtp;
	const char *name;
	unsigned packets;
};

static void put_field(struct writer *w, struct slice msg, const char *name)
{
	struct slice line;

	while (slice_cut(msg, '\n', &line, &msg) && line.n > 1)
		if (slice_istarts(line, name)) {
			writer_put(w, line);
			writer_char(w, '\n');
		}
}

static void on_named_request(void *arg, struct datagram *d, size_t n)
{
	static const char *const fields[] = { "Via:", "From:", "To:",
					      "Call-ID:", "CSeq:" };
	struct namer *x = arg;

	for (size_t i = 0; i < n; i++) {
		struct slice msg = slice_of(d[i].p, d[i].n);
		char text[2048], sdp[256];
		struct writer w = writer_begin(text, sizeof(text));
		struct datagram out = { .remote = d[i].remote };
		int rc;

		if (slice_starts(msg, "ACK"))
			continue;
		writer_str(&w, "SIP/2.0 200 OK\r\n");
		for (size_t k = 0; k < COUNT(fields); k++) {
			put_field(&w, msg, fields[k]);
			if (k == 2 && slice_starts(msg, "INVITE")) {
				w.n -= 2; /* behind To */
				writer_str(&w, ";tag=named\r\n");
			}
		}
		writer_str(&w, "Contact: <sip:x@10.0.0.3>\r\n");
		if (slice_starts(msg, "INVITE")) {
			snprintf(sdp, sizeof(sdp), "v=0\r\no=- 1 1 IN IP4 %s"
				 "\r\ns=-\r\nc=IN IP4 %s\r\nt=0 0\r\n"
				 "m=audio 7000 RTP/AVP 0\r\n", x->name,
				 x->name);
			writer_str(&w, "Content-Type: application/sdp\r\n");
			writer_str(&w, "\r\n");
			writer_str(&w, sdp);
		} else {
			writer_str(&w, "Content-Length: 0\r\n\r\n");
		}
		out.p = (uint8_t *)text;
		out.n = w.n;
		rc = udp_send(x->sip, &out, 1);
		(void)rc;
	}
}

static void on_named_rtp(void *arg, struct datagram *d, size_t n)
{
	struct namer *x = arg;

	(void)d;
	x->packets += (unsigned)n;
}

/* A second of sound is 50 packets of 20 ms. */
static bool name_in_an_answer(struct scene *w)
{
	static const struct udp_ops sip_ops = { .on_datagrams =
		on_named_request, .on_error = on_stranger_error };
	static const struct udp_ops rtp_ops = { .on_datagrams = on_named_rtp,
		.on_error = on_stranger_error };
	struct addr at = addr_v4(10, 0, 0, 3, 5060);
	struct reactor *r = sim_host_reactor(w->host[2]);
	struct namer x = { .name = "three" };
	struct actor *a, *c;
	bool ok;

	w->wire.foreign = addr_v4(10, 0, 0, 3, 0);
	if (udp_open(r, &at, &sip_ops, &x, &x.sip))
		return scene_fail(w, "no peer");
	at.port = 7000;
	if (udp_open(r, &at, &rtp_ops, &x, &x.rtp))
		return scene_fail(w, "no peer");
	a = scene_run(w, 0, "call sip:x@10.0.0.3 --duration 1" ALICE);
	scene_until(w, 3000);
	ok = a && a->over && x.packets >= 45 && x.packets <= 55;
	x.name = "nobody.example";
	c = scene_run(w, 0, "call sip:x@10.0.0.3 --duration 1 --local "
		      "10.0.0.1:5070");
	scene_until(w, 6000);
	udp_close(x.sip);
	udp_close(x.rtp);
	if (!ok)
		return scene_fail(w, "%u packets", x.packets);
	return c && c->over && status(w, a, 0) && status(w, c, 1) &&
	       complained(w, c, "a name in the answer is not found");
}

/* ------------------------------------------------------- who does not react */
/* The person is told when --ring is over; the process awaits timer B (32 s,
 * 17.1.1.2), or the next Ctrl-C. */
static bool given_up(struct scene *w)
{
	struct actor *a, *c;

	sim_group(w->host[1], 1);
	a = scene_run(w, 0, "call sip:bob@10.0.0.2 --ring 3" ALICE);
	c = scene_run(w, 0, "call sip:bob@10.0.0.2 --ring 3 --local "
		      "10.0.0.1:5062 --json");
	scene_until(w, 2900);
	if (!a || !c || !silent(w, a))
		return false;
	scene_until(w, 3100);
	if (!complained(w, a, "sip:bob@10.0.0.2: not answered in 3 s\n") ||
	    !complained(w, c, "sip:bob@10.0.0.2: not answered in 3 s\n") ||
	    !scene_said(w, a, "Ctrl-C leaves at once", 1) || a->over)
		return scene_fail(w, "it is not given up after 3 s");
	actor_interrupt(a);
	scene_until(w, 3200);
	if (!a->over || !status(w, a, 1))
		return scene_fail(w, "it does not leave when it is asked to");
	return scene_over(w, 33000) && status(w, c, 1) &&
	       (strchr(c->err, '\n') == c->err + c->err_n - 1 ||
		scene_fail(w, "more than one line: %s", c->err)) &&
	       scene_said(w, c, "\"state\":\"failed\"", 1);
}

/* 17.1.1.2, timer B. */
static bool timed_out(struct scene *w)
{
	struct actor *a;

	sim_group(w->host[1], 1);
	a = scene_run(w, 0, "call sip:bob@10.0.0.2" ALICE);
	return a && scene_over(w, 33000) && status(w, a, 1) &&
	       complained(w, a, "sip:bob@10.0.0.2: timed out: nobody "
			  "answers\n");
}

static bool interrupted(struct scene *w)
{
	struct actor *a;

	sim_group(w->host[1], 1);
	a = scene_run(w, 0, "call sip:bob@10.0.0.2" ALICE);
	scene_until(w, 1000);
	if (!a)
		return false;
	actor_interrupt(a);
	if (!scene_said(w, a, "ending; once more leaves at once\n", 1))
		return false;
	scene_until(w, 2000);
	if (a->over)
		return scene_fail(w, "the CANCEL has no time");
	actor_interrupt(a);
	scene_until(w, 2100);
	return scene_over(w, 2100) && status(w, a, 1) &&
	       complained(w, a, "cancelled");
}

/* The report of a call that is cut short has the code that it counts as. */
static bool cut_short(struct scene *w)
{
	struct actor *b = scene_run(w, 1, "listen --auto-answer --json" BOB);
	struct actor *a = scene_run(w, 0, "call sip:bob@10.0.0.2 --json"
				    ALICE);
	struct actor *c;

	scene_until(w, 2000);
	sim_group(w->host[1], 1);
	c = scene_run(w, 0, "call sip:bob@10.0.0.2 --json --local "
		      "10.0.0.1:5062");
	if (!a || !b || !c)
		return false;
	for (int i = 0; i < 2; i++) {
		actor_interrupt(a);
		actor_interrupt(b);
		actor_interrupt(c);
		scene_until(w, scene_ms(w) + 100);
	}
	return scene_over(w, 3000) &&
	       scene_said(w, a, "\"state\":\"ended\"", 1) &&
	       scene_said(w, a, "\"code\":408", 1) &&
	       scene_said(w, b, "\"code\":408", 1) &&
	       scene_said(w, c, "\"state\":\"cancelled\"", 1) &&
	       scene_said(w, c, "\"code\":487", 1);
}

/* ------------------------------------------------------------------- keys */
static bool keys(struct scene *w)
{
	struct actor *b = scene_run(w, 1, "listen --auto-answer --count 1"
				    BOB);
	struct actor *a = scene_run(w, 0, "call sip:bob@10.0.0.2" ALICE);

	scene_until(w, 1000);
	if (!a || !b)
		return false;
	for (const char *k = "?m5+"; *k; k++)
		actor_key(a, *k);
	scene_until(w, 2000);
	for (const char *k = "-mx"; *k; k++)
		actor_key(a, *k);
	scene_until(w, 3000);
	actor_key(a, '-');
	actor_key(a, 'q');
	return scene_over(w, 5000) && status(w, a, 0) && silent(w, a) &&
	       scene_said(w, a, "keys: h hold", 1) &&
	       scene_said(w, a, "\nmuted\n", 1) &&
	       scene_said(w, a, "digits: 5\n", 1) &&
	       scene_said(w, b, "digit: 5 ", 1) &&
	       scene_said(w, a, "adding a stream\n", 1) &&
	       scene_said(w, a, "streams: 2\n", 1) &&
	       scene_said(w, a, "removing a stream\n", 1) &&
	       scene_said(w, a, "streams: 1\n", 1) &&
	       scene_said(w, a, "no longer muted\n", 1) &&
	       scene_said(w, a, "? lists the keys\n", 1) &&
	       scene_said(w, a, "not now: the last stream stays\n", 1) &&
	       scene_said(w, a, "hanging up\n", 1);
}

/* Who described no telephone-event gets tones, and that is said. */
static bool tones(struct scene *w)
{
	struct forker f = { 0 };
	struct actor *a, *c;
	bool ok;

	f.leg[1].answers_at = 5;
	w->wire.foreign = addr_v4(10, 0, 0, 3, 0);
	if (forker_begin(&f, w->host[2]))
		return scene_fail(w, "no forker");
	a = scene_run(w, 0, "call sip:bob@10.0.0.3 --dtmf 5 --duration 2"
		      ALICE);
	ok = a && scene_over(w, 20000);
	forker_end(&f);
	f = (struct forker){ .leg[1].answers_at = 5 };
	if (forker_begin(&f, w->host[2]))
		return scene_fail(w, "no forker");
	c = scene_run(w, 0, "call sip:bob@10.0.0.3 --json --duration 2 "
		      "--local 10.0.0.1:5062 --codec PCMU");
	ok = c && scene_over(w, 40000) && ok;
	forker_end(&f);
	return ok && scene_said(w, a, "digits: 5 (as tones: the peer takes no "
				"events)\n", 1) &&
	       scene_said(w, c, "\"digits_as\":\"tones\"", 1);
}

/* From the second call on each line says whose it is. */
static bool call_numbers(struct scene *w)
{
	struct actor *b, *a, *c;

	b = scene_run(w, 1, "listen --auto-answer --count 2" BOB);
	a = scene_run(w, 0, "call sip:bob@10.0.0.2 --duration 4" ALICE);
	scene_until(w, 1000);
	c = scene_run(w, 0, "call sip:bob@10.0.0.2 --duration 2 --dtmf 7 "
		      "--local 10.0.0.1:5062 --codec PCMU");
	return a && b && c && scene_over(w, 8000) && status(w, b, 0) &&
	       scene_said(w, b, "\nanswered\n", 1) &&
	       scene_said(w, b, "call 2: answered\n", 1) &&
	       scene_said(w, b, "call 2: digit: 7 ", 1);
}

static bool where_it_listens(struct scene *w)
{
	struct actor *b = scene_run(w, 1, "listen --json" BOB);

	if (!b || !scene_said(w, b, "{\"listening\":\"10.0.0.2:5060\","
			      "\"port\":5060}\n", 1))
		return false;
	actor_interrupt(b);
	return scene_over(w, 1000) && status(w, b, 0);
}

/* ------------------------------------------------------- the --json figures
 * Fields in their order, each with its text; "<A B" is a number from A to B. */
struct figure {
	const char *name, *want;
};

static bool figure_is(struct scene *w, const struct figure *f, const char *at)
{
	double low, high, got;
	char *end;

	if (f->want[0] != '<')
		return strncmp(at, f->want, strlen(f->want)) == 0 ||
		       scene_fail(w, "%s is %.40s, not %s", f->name, at,
				  f->want);
	low = strtod(f->want + 1, &end);
	high = strtod(end, NULL);
	got = strtod(at, NULL);
	return (got >= low && got <= high) ||
	       scene_fail(w, "%s is %.40s, not %s", f->name, at, f->want);
}

/* The object of a call that ended: these fields, in this order, no other. */
static bool figures(struct scene *w, const struct actor *a,
		    const struct figure *f, size_t n)
{
	const char *at = strstr(a->out, "{\"state\":\"ended\"");
	size_t names = 0;

	if (!at)
		return scene_fail(w, "no report: %s", a->out);
	for (const char *p = at; *p && *p != '\n'; p++)
		names += p[0] == '"' && p[1] == ':';
	if (names != n)
		return scene_fail(w, "%zu fields, not %zu: %s", names, n, at);
	for (size_t i = 0; i < n; i++) {
		char name[40];
		size_t len = (size_t)snprintf(name, sizeof(name), "\"%s\":",
					      f[i].name);

		at = strstr(at, name);
		if (!at)
			return scene_fail(w, "no %s where it was", name);
		at += len;
		if (!figure_is(w, &f[i], at))
			return false;
	}
	return true;
}

/* One way takes 40 ms (scene.c), the callee rings for 1 s, the caller hangs up
 * 12 s after the answer came: by hand, packets of 20 ms and 160 octets.  So
 * long because a round trip needs a report and one that answers it, of which
 * the first is sent within 3.1 s and the next within 6.2 s (RFC 3550 6.3.1). */
static bool every_figure(struct scene *w)
{
	static const struct figure caller[] = {
		{ "state", "\"ended\"," }, { "reason", "\"OK\"," },
		{ "warning", "\"\"," }, { "code", "200," },
		{ "setup_ms", "1080," },    /* there, 1 s, and back */
		{ "duration_s", "12.00," },
		{ "call", "1," }, { "by", "\"us\"," },
		{ "remote", "\"sip:bob@10.0.0.2\"," },
		{ "digits", "\"\"," },       /* none came; it sent 12 */
		{ "moved", "0," },
		{ "streams", "[{" }, { "type", "\"audio\"," },
		{ "ended", "false," }, { "codec", "\"PCMU/8000\"," },
		{ "direction", "\"sendrecv\"," },
		{ "packets_sent", "600," },   /* digits instead of audio */
		{ "packets_received", "600," },
		{ "packets_lost", "0," }, { "jitter_ms", "<0 1" },
		{ "rtt_ms", "<79.9 80.1" },  /* twice 40 */
		/* G.107: R = 93.2 - Id, where 120 ms or so cost up to 4:
		 * MOS of R 89 is 4.30, of 93.2 4.41. */
		{ "mos", "<4.30 4.41" },
		{ "security", "\"none\"," }, { "digits_as", "\"events\"," },
		{ "packets_late", "0," },
		/* A digit of 120 ms is 6 packets, its end is repeated twice
		 * (RFC 4733 2.5.1.4): 16 of 4 octets, 584 of 160. */
		{ "bytes_sent", "93504," },
		{ "bytes_received", "96000," }, /* 600 of 160 */
		{ "buffer_ms", "<20 100" },
		{ "remote", "\"10.0.0.2:" },
	};
	static const struct figure callee[] = {
		{ "state", "\"ended\"," }, { "reason", "\"OK\"," },
		{ "warning", "\"\"," }, { "code", "200," },
		{ "setup_ms", "1000," },
		{ "duration_s", "12.08," },   /* its 200 there, the BYE back */
		{ "call", "1," }, { "by", "\"peer\"," },
		{ "remote", "\"<sip:parley@10.0.0.1:5060>\"," },
		{ "digits", "\"12\"," },
		{ "moved", "0," },
		{ "streams", "[{" }, { "type", "\"audio\"," },
		{ "ended", "false," }, { "codec", "\"PCMU/8000\"," },
		{ "direction", "\"sendrecv\"," },
		{ "packets_sent", "604," },   /* 12.08 s */
		{ "packets_received", "600," },
		{ "packets_lost", "0," }, { "jitter_ms", "<0 1" },
		{ "rtt_ms", "<79.9 80.1" }, { "mos", "<4.30 4.41" },
		{ "security", "\"none\"," }, { "digits_as", "\"events\"," },
		{ "packets_late", "0," },
		{ "bytes_sent", "96640," },   /* 604 of 160 */
		{ "bytes_received", "93504," },
		{ "buffer_ms", "<20 100" },
		{ "remote", "\"10.0.0.1:" },
	};
	struct actor *b = scene_run(w, 1, "listen --json --ring 1 --count 1 "
				    "--auto-answer" BOB);
	struct actor *a = scene_run(w, 0, "call sip:bob@10.0.0.2 --duration 12 "
				    "--dtmf 12 --json" ALICE);

	return a && b && scene_over(w, 30000) && status(w, a, 0) &&
	       status(w, b, 0) && figures(w, a, caller, COUNT(caller)) &&
	       figures(w, b, callee, COUNT(callee));
}

/* --ring 0 rings and answers in the same instant; without, nothing rings. */
static bool ring_for_no_time(struct scene *w)
{
	struct actor *b = scene_run(w, 1, "listen --json --ring 0 --count 2 "
				    "--auto-answer" BOB);
	struct actor *c = scene_run(w, 2, "listen --json --count 2 "
				    "--auto-answer --local 10.0.0.3:5060");
	struct actor *a = scene_run(w, 0, "call sip:bob@10.0.0.2 --duration 1"
				    ALICE);
	struct actor *d = scene_run(w, 0, "call sip:bob@10.0.0.3 --duration 1 "
				    "--local 10.0.0.1:5062");

	scene_until(w, 5000);
	if (!a || !b || !c || !d || !a->over || !d->over)
		return scene_fail(w, "not both were answered");
	actor_interrupt(b);
	actor_interrupt(c);
	return scene_over(w, 10000) && status(w, a, 0) && status(w, d, 0) &&
	       scene_said(w, a, "progress: 180 Ringing", 1) &&
	       scene_said(w, d, "progress: 180 Ringing", 0);
}

/* What did not come is what was lost: each side's count against the other's. */
static unsigned long figure(const struct actor *a, const char *name)
{
	const char *at = strstr(a->out, name);

	return at ? strtoul(at + strlen(name), NULL, 10) : 0;
}

static bool what_was_lost(struct scene *w)
{
	struct actor *b = scene_run(w, 1, "listen --json --auto-answer --count "
				    "1" BOB);
	struct actor *a = scene_run(w, 0, "call sip:bob@10.0.0.2 --duration 9 "
				    "--json" ALICE);
	unsigned long sent, got, lost;

	scene_until(w, 2000);
	scene_loss(w, 0.2);
	/* 300 packets over two links: 36 of 100 go, 108 or so. */
	scene_until(w, 8000);
	scene_loss(w, 0);
	if (!a || !b || !scene_over(w, 20000))
		return false;
	sent = figure(b, "\"packets_sent\":");
	got = figure(a, "\"packets_received\":");
	lost = figure(a, "\"packets_lost\":");
	return ((lost > 75 && lost < 140) ||
		scene_fail(w, "%lu lost", lost)) &&
	       /* The last few were still on their way. */
	       ((sent >= got + lost && sent <= got + lost + 5) ||
		scene_fail(w, "%lu sent, %lu received, %lu lost", sent, got,
			   lost));
}

/* The demonstration, to the last line of its report: two agents on a host that
 * has the loopback's address too. */
static bool demo_run(struct scene *w, const char *dir)
{
	struct addr lo = addr_v4(127, 0, 0, 1, 0);
	char words[64];
	struct actor *a;

	if (sim_addr_add(w->host[0], 1, &lo))
		return scene_fail(w, "no loopback");
	snprintf(words, sizeof(words), "demo --dir %s", dir);
	a = scene_run(w, 0, words);
	return a && scene_over(w, 60000) && status(w, a, 0) && silent(w, a) &&
	       scene_said(w, a, " ok\n", 13) && /* each line of it */
	       scene_said(w, a, "packets lost                       0 ", 1) &&
	       scene_said(w, a, "keys received                      123# ",
			  1) &&
	       scene_said(w, a, "held and resumed                   1 and 1 ",
			  1) &&
	       scene_said(w, a, "streams added and removed          1 and 1 ",
			  1);
}

static bool demo(struct scene *w)
{
	static const char *const names[] = { "sent", "heard-by-callee",
					     "heard-by-caller" };
	char dir[] = "/tmp/parley-demo-XXXXXX", path[64];
	bool ok = mkdtemp(dir) && demo_run(w, dir);

	for (size_t i = 0; i < COUNT(names); i++) {
		snprintf(path, sizeof(path), "%s/%s.wav", dir, names[i]);
		ok = unlink(path) == 0 && ok;
	}
	return rmdir(dir) == 0 && ok;
}

static const struct scenario scenarios[] = {
	{ "demo", demo },
	{ "every_figure", every_figure },
	{ "what_was_lost", what_was_lost },
	{ "registered", registered },
	{ "registered_again", registered_again },
	{ "ring_for_no_time", ring_for_no_time },
	{ "not_registered", not_registered },
	{ "register_takes_no_calls", register_takes_no_calls },
	{ "last_refusal_is_repeated", last_refusal_is_repeated },
	{ "refusal_without_ack", refusal_without_ack },
	{ "refused_before_it_is_a_call", refused_before_it_is_a_call },
	{ "no_codec_in_common", no_codec_in_common },
	{ "warning_in_json", warning_in_json },
	{ "name_in_an_answer", name_in_an_answer },
	{ "given_up", given_up },
	{ "timed_out", timed_out },
	{ "interrupted", interrupted },
	{ "cut_short", cut_short },
	{ "keys", keys },
	{ "tones", tones },
	{ "call_numbers", call_numbers },
	{ "where_it_listens", where_it_listens },
};

static bool one(const struct scenario *s, bool show)
{
	struct scene w;
	bool ok = scene_begin(&w, 1, 3) && s->fn(&w);

	if (show || !ok)
		for (size_t i = 0; i < w.actors; i++)
			printf("---- actor %zu\n%s%s", i, w.actor[i]->out,
			       w.actor[i]->err);
	ok = scene_end(&w) && ok;
	if (!ok)
		printf("FAILED: %s: %s\n", s->name, w.why);
	return ok;
}

int main(int argc, char **argv)
{
	unsigned passed = 0, failed = 0;

	for (size_t i = 0; i < COUNT(scenarios); i++) {
		bool ok;

		if (argc > 1 && strcmp(argv[1], scenarios[i].name) != 0)
			continue;
		ok = one(&scenarios[i], argc > 1);
		passed += ok;
		failed += !ok;
	}
	printf("sim_program: %u passed, %u failed\n", passed, failed);
	return failed != 0 || passed == 0;
}
