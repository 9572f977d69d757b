/* SPDX-License-Identifier: BSD-2-Clause
 * What the running agent answers to messages that others published: `parley
 * listen --auto-answer` on a simulated host gets each of them in a world of its
 * own, once over UDP and once over TCP (18.3: there Content-Length is needed).
 * usage: sim_torture DIR [CORPUS]: the torture messages of RFC 4475 and RFC
 * 5118 below DIR get the status of their row; of those in CORPUS, and with
 * VECTORS=V in the environment below V/sip, it is asked that the agent lives
 * on, answers with well-formed messages, and keeps nothing. */
#include <stdio.h>
#include <stdlib.h>

#include "sip/msg/sip_check.h"
#include "tests/sim/actor.h"
#include "tests/vectors/files.h"

enum { NONE = 0 }; /* no answer */

struct row {
	const char *name;
	unsigned udp, tcp; /* the first status above 100 */
	const char *why; /* where the RFC asks for no status of this agent's */
};

static const struct row rows[] = {
	/* RFC 4475 3.1: valid messages */
	{ "rfc4475/wsinv.dat", 481, 481,
	  "its To has a tag, and no such call is known here (12.2.2)" },
	{ "rfc4475/intmeth.dat", 501, 501, "a method nobody knows (8.2.1)" },
	{ "rfc4475/esc01.dat", 200, 200, NULL },
	{ "rfc4475/escnull.dat", 405, 405, "REGISTER: no registrar here" },
	{ "rfc4475/esc02.dat", 501, 501, "its method is RE%47IST%45R" },
	{ "rfc4475/lwsdisp.dat", 200, 200, "an OPTIONS" },
	{ "rfc4475/longreq.dat", 200, 200, NULL },
	{ "rfc4475/dblreq.dat", 405, 405,
	  "REGISTER; the INVITE behind it is not looked at over UDP, and its "
	  "own message over TCP" },
	{ "rfc4475/semiuri.dat", 200, 200, "an OPTIONS" },
	{ "rfc4475/transports.dat", 200, 200, "an OPTIONS" },
	{ "rfc4475/mpart01.dat", 405, 405, "MESSAGE is not taken" },
	{ "rfc4475/unreason.dat", NONE, NONE, "a response to nothing" },
	{ "rfc4475/noreason.dat", NONE, NONE, "a response to nothing" },
	/* 3.1.2: invalid ones */
	{ "rfc4475/badinv01.dat", 400, 400, NULL },
	{ "rfc4475/clerr.dat", 400, NONE,
	  "over TCP the end of the body never comes (18.3)" },
	{ "rfc4475/ncl.dat", 400, 400, NULL },
	{ "rfc4475/scalar02.dat", 400, 400, NULL },
	{ "rfc4475/scalarlg.dat", NONE, NONE, "a response: dropped" },
	{ "rfc4475/quotbal.dat", 400, 400, NULL },
	{ "rfc4475/ltgtruri.dat", 400, 400, NULL },
	{ "rfc4475/lwsruri.dat", 400, 400, NULL },
	{ "rfc4475/lwsstart.dat", 400, 400, NULL },
	{ "rfc4475/trws.dat", 400, 400, NULL },
	{ "rfc4475/escruri.dat", 200, 200,
	  "400 or accept; 19.1.1: headers in a Request-URI are ignored" },
	{ "rfc4475/baddate.dat", 200, 200,
	  "a header that is not needed is ignored (8.2.2)" },
	{ "rfc4475/regbadct.dat", 400, 400, NULL },
	{ "rfc4475/badaspec.dat", 400, 400, NULL },
	{ "rfc4475/baddn.dat", 400, NONE,
	  "over TCP its end, the empty line, never comes" },
	{ "rfc4475/badvers.dat", 505, 505, NULL },
	{ "rfc4475/mismatch01.dat", 400, 400, NULL },
	{ "rfc4475/mismatch02.dat", 400, 400,
	  "501 or 400: its form is judged before its method" },
	{ "rfc4475/bigcode.dat", NONE, NONE, "a response: dropped" },
	/* 3.2: transaction layer */
	{ "rfc4475/badbranch.dat", 200, 200,
	  "400 or accept: a bare cookie is a branch of RFC 2543" },
	/* 3.3: application layer */
	{ "rfc4475/insuf.dat", 400, 400, NULL },
	{ "rfc4475/unkscm.dat", 416, 416, NULL },
	{ "rfc4475/novelsc.dat", 416, 416, "416 or 404" },
	{ "rfc4475/unksm2.dat", 405, 405,
	  "REGISTER: its method is judged (8.2.1) before its To (10.3)" },
	{ "rfc4475/bext01.dat", 420, 420, NULL },
	{ "rfc4475/invut.dat", 415, 415, NULL },
	{ "rfc4475/regaut01.dat", 405, 405, "405 where none is a registrar" },
	{ "rfc4475/multi01.dat", 400, 400, NULL },
	{ "rfc4475/mcl01.dat", 400, 400, NULL },
	{ "rfc4475/bcast.dat", NONE, NONE,
	  "the response came to where no request had left (8.1.3.3)" },
	{ "rfc4475/zeromf.dat", 200, 200, "no hop is needed: it is here" },
	{ "rfc4475/cparam01.dat", 405, 405, "REGISTER" },
	{ "rfc4475/cparam02.dat", 405, 405, "REGISTER" },
	{ "rfc4475/regescrt.dat", 405, 405, "REGISTER" },
	{ "rfc4475/sdp01.dat", 406, 406, NULL },
	/* 3.4: backward compatibility */
	{ "rfc4475/inv2543.dat", 200, 400,
	  "a stream needs Content-Length in RFC 3261 (18.3)" },
	{ "rfc4475/test.dat", NONE, NONE, "no Via: nobody to answer" },
	/* RFC 5118 */
	{ "rfc5118/ipv6-good.sip", 405, 405, "4.1: REGISTER" },
	{ "rfc5118/ipv6-bad.sip", 400, 400, "4.2" },
	{ "rfc5118/port-ambiguous.sip", 405, 405, "4.3: REGISTER" },
	{ "rfc5118/port-unambiguous.sip", 405, 405, "4.4: REGISTER" },
	{ "rfc5118/via-received-param-with-delim.sip", 481, 481,
	  "4.5: well taken, and a BYE of no call known here" },
	{ "rfc5118/via-received-param-no-delim.sip", 200, 200,
	  "4.5: an OPTIONS" },
	{ "rfc5118/ipv6-in-sdp.sip", 488, 488,
	  "4.6: well formed; G.726 and H.263 are all that it offers" },
	{ "rfc5118/mult-ip-in-header.sip", 481, 481,
	  "4.7: a BYE of no call known here" },
	{ "rfc5118/mult-ip-in-sdp.sip", 488, 488,
	  "4.8: well formed; its audio is at an IPv4 address, which an agent "
	  "at an IPv6 one does not answer (RFC 6157 4.1)" },
	{ "rfc5118/ipv4-mapped-ipv6.sip", 488, 488,
	  "4.9: well formed; its codecs are not known here" },
	{ "rfc5118/ipv6-bug-abnf-3-colons.sip", 200, NONE,
	  "4.10: accepted; over TCP its end, the empty line, never comes" },
	{ "rfc5118/ipv6-correct-abnf-2-colons.sip", 200, NONE,
	  "4.10: the same" },
};

static unsigned seen[COUNT(rows)];

/* ------------------------------------------------------------------ a world */
struct world {
	struct mem mem, host_mem;
	struct sim *sim;
	struct sim_host *agent, *peer;
	struct addr at, from;
	struct actor *actor;
	struct udp *udp;
	struct tcp *tcp;
	struct tcp_listener *back[2]; /* 18.2.2: where it may be answered when
				       * the connection is gone */
	struct slice text;    /* what goes to the agent by TCP */
	unsigned first, last; /* status of its answers */
	const char *bad;      /* about one of them */
};

/* Reads what leaves the agent, wherever it goes. */
static void on_packet(void *arg, mono now, enum sim_fate fate,
		      const struct sim_packet *p)
{
	static struct sip_msg m;
	struct world *w = arg;
	struct sip_check proxy = { .proxy = true };
	struct slice s = slice_of(p->p, p->n);
	struct sip_verdict v;

	(void)now;
	if (fate != SIM_SENT || !addr_same_ip(&p->src, &w->at))
		return;
	while (s.n && *s.p == '\r') /* a pong */
		s = slice_skip(s, 2);
	if (!slice_starts(s, "SIP/2.0 "))
		return;
	v = sip_check(s, &proxy, &m);
	if (p->proto == SIM_TCP && v.code != SIP_ACCEPT)
		v.code = SIP_ACCEPT; /* the rest is in another segment */
	/* To and its like are copies of the request's (8.2.6.2), faults
	 * included, when it is refused. */
	if (v.code != SIP_ACCEPT && m.status < 300)
		w->bad = v.why.reason ? v.why.reason : "?";
	if (m.status <= 100)
		return;
	if (!w->first)
		w->first = m.status;
	w->last = m.status;
}

static void on_datagrams(void *arg, struct datagram *d, size_t n)
{
	(void)arg;
	(void)d;
	(void)n;
}

static void on_error(void *arg, const struct addr *remote, int err)
{
	(void)arg;
	(void)remote;
	(void)err;
}

static void on_open(void *arg)
{
	struct world *w = arg;
	int rc = tcp_write(w->tcp, w->text.p, w->text.n);

	if (rc < 0 || (size_t)rc != w->text.n)
		w->bad = "not all of it could be written";
}

static void on_bytes(void *arg, uint8_t *p, size_t n)
{
	(void)arg;
	(void)p;
	(void)n;
}

static void on_room(void *arg)
{
	(void)arg;
}

static void on_closed(void *arg, int err)
{
	struct world *w = arg;

	(void)err;
	w->tcp = NULL;
}

static const struct udp_ops udp_ops = { .on_datagrams = on_datagrams,
					.on_error = on_error };
static const struct tcp_ops tcp_ops = { .on_open = on_open,
	.on_bytes = on_bytes, .on_room = on_room, .on_end = on_room,
	.on_closed = on_closed };

static void on_accept(void *arg, struct tcp *t)
{
	(void)arg;
	(void)t; /* on_packet has seen what came; it is closed */
}

static bool listens(struct world *w)
{
	static const uint16_t port[] = { 5060, 19823 };

	for (size_t i = 0; i < COUNT(port); i++) {
		struct addr a = w->from;

		a.port = port[i];
		if (tcp_listen(sim_host_reactor(w->peer), &a, on_accept, w,
			       &w->back[i]))
			return false;
	}
	return true;
}

static bool begin(struct world *w, bool v6)
{
	*w = (struct world){ .at = addr_v4(10, 0, 0, 2, 5060),
			     .from = addr_v4(10, 0, 0, 1, 5060) };
	if (v6 && (addr_parse(S("[2001:db8::2]:5060"), &w->at) ||
		   addr_parse(S("[2001:db8::1]:5060"), &w->from)))
		return false;
	mem_init(&w->mem, 0);
	mem_init(&w->host_mem, 0);
	w->sim = sim_new(&w->mem, 1);
	if (!w->sim)
		return false;
	sim_tap(w->sim, on_packet, w);
	w->peer = sim_host_new(w->sim, "peer", &w->from, 1);
	w->agent = sim_host_new(w->sim, "agent", &w->at, 1);
	if (!w->peer || !w->agent)
		return false;
	sim_host_mem(w->agent, &w->host_mem);
	w->actor = actor_start(w->agent, v6 ?
		"listen --local [2001:db8::2]:5060 --auto-answer --quiet" :
		"listen --local 10.0.0.2:5060 --auto-answer --quiet");
	return w->actor && !w->actor->over && listens(w) &&
	       !udp_open(sim_host_reactor(w->peer), &w->from, &udp_ops, w,
			 &w->udp);
}

static void wait_for(struct world *w, int64_t ms)
{
	sim_run(w->sim, mono_add(sim_now(w->sim), MS(ms)));
}

static bool send(struct world *w, struct slice s)
{
	struct datagram d = { .remote = w->at, .p = (uint8_t *)malloc(s.n + 1),
			      .n = s.n };
	int rc = -ENOMEM;

	if (d.p) {
		memcpy(d.p, s.p ? s.p : "", s.n);
		rc = udp_send(w->udp, &d, 1);
	}
	free(d.p);
	return rc == 1;
}

/* Is it still there for others? */
static bool lives(struct world *w)
{
	static const char ask[] =
		"OPTIONS sip:bob@10.0.0.2 SIP/2.0\r\n"
		"Via: SIP/2.0/UDP 10.0.0.1;rport;branch=z9hG4bKlives\r\n"
		"From: <sip:alice@10.0.0.1>;tag=lives\r\n"
		"To: <sip:bob@10.0.0.2>\r\nCall-ID: lives\r\n"
		"CSeq: 1 OPTIONS\r\nMax-Forwards: 70\r\n\r\n";

	w->last = 0;
	if (!send(w, slice_str(ask)))
		return false;
	wait_for(w, 50);
	if (w->last != 200 || w->actor->over)
		w->bad = "the agent answers nobody any more";
	return !w->bad;
}

static bool end(struct world *w)
{
	bool clean = actor_free(w->actor);

	udp_close(w->udp);
	if (w->tcp)
		tcp_abort(w->tcp);
	for (size_t i = 0; i < COUNT(w->back); i++)
		if (w->back[i])
			tcp_listener_close(w->back[i]);
	sim_free(w->sim);
	if (!clean || w->host_mem.blocks || w->mem.blocks)
		w->bad = "something is left behind";
	if (w->bad)
		printf("  %s\n", w->bad);
	return !w->bad;
}

/* The first status, or -1: the world went wrong. */
static int answer(struct slice text, bool v6, bool stream)
{
	struct world w;
	bool ok = begin(&w, v6);
	unsigned first;

	w.text = text;
	if (ok && stream)
		ok = tcp_connect(sim_host_reactor(w.peer), NULL, &w.at,
				 &tcp_ops, &w, &w.tcp) == 0;
	else if (ok && text.n <= 65000)
		ok = send(&w, text);
	wait_for(&w, 200);
	if (w.tcp)
		tcp_shutdown(w.tcp); /* the end of it: nothing more comes */
	wait_for(&w, 200);
	first = w.first;
	ok = ok && lives(&w);
	return end(&w) && ok ? (int)first : -1;
}

/* ----------------------------------------------------------------- the rows */
/* RFC 5118's archive has LF line ends. */
static struct slice crlf(struct slice in, char *room)
{
	size_t n = 0;

	for (size_t i = 0; i < in.n; i++) {
		if (in.p[i] == '\n' && (i == 0 || in.p[i - 1] != '\r'))
			room[n++] = '\r';
		room[n++] = in.p[i];
	}
	return slice_of(room, n);
}

/* RFC 5118 4.6 says Content-Length 268, and the body has 251 bytes. */
static void repair(const char *name, struct slice in, char *room)
{
	if (!slice_eq(slice_str(name), "rfc5118/ipv6-in-sdp.sip"))
		return;
	for (size_t at = 0; at < in.n; at++)
		if (slice_starts(slice_skip(in, at), "268")) {
			memcpy(room + at, "251", 3);
			return;
		}
}

static bool check(const struct row *r, struct slice text, bool v6, bool stream)
{
	unsigned want = stream ? r->tcp : r->udp;
	int got = answer(text, v6, stream);

	if (got == (int)want)
		return true;
	printf("  %s over %s: %d, wanted %u\n", r->name,
	       stream ? "TCP" : "UDP", got, want);
	return false;
}

static bool torture(const char *name, struct slice data)
{
	bool v6 = slice_starts(slice_str(name), "rfc5118/"), ok = false;
	char *room = malloc(2 * data.n + 1);
	struct slice text = room && v6 ? crlf(data, room) : data;

	if (room && v6)
		repair(name, text, room);
	for (size_t i = 0; room && i < COUNT(rows); i++)
		if (slice_eq(slice_str(name), rows[i].name)) {
			seen[i]++;
			ok = check(&rows[i], text, v6, false);
			ok = check(&rows[i], text, v6, true) && ok;
			free(room);
			return ok;
		}
	printf("  %s: no row\n", name);
	free(room);
	return false;
}

static bool survives(const char *name, struct slice data)
{
	(void)name;
	return answer(data, false, false) >= 0 &&
	       answer(data, false, true) >= 0;
}

int main(int argc, char **argv)
{
	unsigned failed = 0, passed = 0;

	if (argc > 1)
		passed += files_each(argv[1], torture, &failed);
	for (size_t i = 0; argc > 1 && i < COUNT(rows); i++)
		if (!seen[i]) {
			printf("%s was skipped\n", rows[i].name);
			failed++;
		}
	if (argc > 2)
		passed += files_each(argv[2], survives, &failed);
	passed += files_extra("sip", survives, &failed);
	printf("torture: %u passed, %u failed\n", passed, failed);
	return failed != 0 || passed == 0;
}
