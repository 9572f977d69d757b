/* SPDX-License-Identifier: BSD-2-Clause
 * Registrations that stay reached: an agent behind a NAT that forgets what is
 * silent for a minute, over a link that loses, at a registrar that grants an
 * hour.  By seed: one that keeps flows (RFC 5626: STUN), one that knows none of
 * it (the contact is what it saw, kept open with CRLFs), a NAT that is switched
 * off and on, a registrar that is gone for a while.
 * Held to: whoever asks the registrar reaches the agent, all the time but for
 * what it takes to notice; it is not asked more often than it should be.
 * And once: 2 000 accounts registered for a day, and what one of them takes.
 * usage: sim_reach [SEED]; else as many seeds as SEEDS says. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "client/agent_priv.h"
#include "platform/sim/sim_nat.h"
#include "platform/stun.h"
#include "sip/sip_port.h"

enum { MANY = 2000, BYTES = 16384, EXPIRES = 3600 };

/* A registrar, and edge proxy: a peer by script. */
struct server {
	struct udp *u;
	bool flows;              /* it keeps them */
	bool silent;
	unsigned registers, pings, crlfs, answers;
	struct addr from;        /* of the last REGISTER */
	char contact[256];       /* in it */
};

struct world {
	struct mem mem, agent_mem;
	struct sim *sim;
	struct sim_nat nat;
	struct sim_host *server_host;
	struct server s;
	struct reactor *r;
	struct sip_port *port;
	struct agent *agent;
	struct reactor_timer timer;
	bool busy;
	unsigned registered, failed;
	char why[160];
};

static bool fail(struct world *w, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	vsnprintf(w->why, sizeof(w->why), format, ap);
	va_end(ap);
	return false;
}

/* ------------------------------------------------------------- the server */
static void reply(struct server *s, const struct addr *to, const void *p,
		  size_t n)
{
	struct datagram d = { .remote = *to, .p = (uint8_t *)(uintptr_t)p,
			      .n = n };
	int rc = udp_send(s->u, &d, 1);

	(void)rc; /* lost: it comes again */
}

/* "\r\nName: value", to its end, or as far as stop. */
static void copy(struct writer *w, const char *text, const char *name,
		 const char *stop)
{
	const char *at = strstr(text, name);

	if (at)
		writer_put(w, slice_of(at + 2, strcspn(at + 2, stop)));
}

static void on_register(struct server *s, const char *text,
			const struct addr *from)
{
	char out[4096];
	struct writer w = writer_begin(out, sizeof(out));
	const char *branch = strstr(text, ";branch=");
	bool going = strstr(text, "\r\nExpires: 0\r\n") != NULL;

	s->registers++;
	s->from = *from;
	snprintf(s->contact, sizeof(s->contact), "%.*s",
		 (int)strcspn(strstr(text, "\r\nContact:") + 2, "\r"),
		 strstr(text, "\r\nContact:") + 2);
	writer_str(&w, "SIP/2.0 200 OK\r\n");
	copy(&w, text, "\r\nVia:", ";");
	writer_str(&w, ";received=");
	addr_write_ip(&w, from, false);
	writer_str(&w, ";rport=");
	writer_u64(&w, from->port);
	writer_put(&w, slice_of(branch, strcspn(branch + 1, ";\r") + 1));
	writer_str(&w, "\r\n");
	copy(&w, text, "\r\nFrom:", "\r");
	writer_str(&w, "\r\n");
	copy(&w, text, "\r\nTo:", "\r");
	writer_str(&w, ";tag=r\r\n");
	copy(&w, text, "\r\nCall-ID:", "\r");
	writer_str(&w, "\r\n");
	copy(&w, text, "\r\nCSeq:", "\r");
	writer_str(&w, s->flows ? "\r\nRequire: outbound\r\n" : "\r\n");
	if (!going) {
		copy(&w, text, "\r\nContact:", "\r");
		writer_str(&w, ";expires=3600\r\n");
	}
	writer_str(&w, "Content-Length: 0\r\n\r\n");
	reply(s, from, out, w.n);
}

static void on_datagrams(void *arg, struct datagram *d, size_t n)
{
	struct server *s = arg;

	for (size_t i = 0; i < n && !s->silent; i++) {
		struct slice in = slice_of(d[i].p, d[i].n);
		char text[4096];
		struct writer w = writer_begin(text, sizeof(text));
		struct stun_msg m;

		if (stun_parse(in, &m, NULL) == 0) {
			s->pings++;
			stun_write_success(&w, m.id, &d[i].remote, false);
			reply(s, &d[i].remote, text, w.n);
			continue;
		}
		if (slice_to_str(in, text, sizeof(text)) < 0)
			continue;
		s->crlfs += strcmp(text, "\r\n\r\n") == 0;
		s->answers += strncmp(text, "SIP/2.0 200", 11) == 0;
		if (strncmp(text, "REGISTER ", 9) == 0)
			on_register(s, text, &d[i].remote);
	}
}

static void on_error(void *arg, const struct addr *remote, int err)
{
	(void)arg;
	(void)remote;
	(void)err;
}

static const struct udp_ops ops = { .on_datagrams = on_datagrams,
				    .on_error = on_error };

/* -------------------------------------------------------------- the agent */
static void pump(struct world *w)
{
	struct agent_out o;

	if (!w->agent || w->busy)
		return;
	w->busy = true;
	do {
		sip_port_flush(w->port);
		while (agent_poll(w->agent, &o)) {
			if (o.kind != AGENT_EVENT)
				continue;
			w->registered += o.event == PARLEY_EV_REGISTERED;
			w->failed += o.event == PARLEY_EV_REGISTER_FAILED;
		}
		sip_port_flush(w->port);
	} while (agent_has_output(w->agent));
	w->busy = false;
	reactor_timer_at(w->r, &w->timer, agent_deadline(w->agent));
}

static void on_timer(void *arg)
{
	struct world *w = arg;

	agent_on_time(w->agent, reactor_now(w->r));
	pump(w);
}

static void on_sip(void *arg, const struct sip_result *result)
{
	struct world *w = arg;

	agent_on_sip(w->agent, result, reactor_now(w->r));
	reactor_timer_at(w->r, &w->timer, reactor_now(w->r).m);
}

static bool agent_open(struct world *w, struct sim_host *h, struct addr at)
{
	const struct sip_port_ops sip_ops = { .on_result = on_sip };
	const uint8_t seed[32] = { 1 };
	uint32_t point;

	mem_init(&w->agent_mem, 0);
	sim_host_mem(h, &w->agent_mem);
	w->r = sim_host_reactor(h);
	w->timer.fn = on_timer;
	w->timer.arg = w;
	at.port = 5060;
	return sip_port_new(w->r, &limits_default, &sip_ops, w, &w->port) ==
		       0 &&
	       sip_port_listen(w->port, SIP_UDP, &at, NULL, &point) == 0 &&
	       agent_new(&w->agent_mem, sip_port_users(w->port),
			 &limits_default, seed, reactor_now(w->r),
			 &w->agent) == 0;
}

static bool account(struct world *w, unsigned i)
{
	char aor[64];
	uint32_t id;

	snprintf(aor, sizeof(aor), "sip:user%u@10.0.0.2", i);
	if (agent_account_add(w->agent, slice_str(aor), &id) ||
	    agent_register(w->agent, id, true, reactor_now(w->r)))
		return fail(w, "account %u does not begin", i);
	pump(w);
	return true;
}

static void run_for(struct world *w, mono span)
{
	sim_run(w->sim, mono_add(sim_now(w->sim), span));
}

/* ------------------------------------------------------------ is it reached */
static struct addr where(const struct world *w)
{
	const char *at = strrchr(w->s.contact, '@');
	struct addr a = w->s.from;

	if (!w->s.flows && at &&
	    addr_parse(slice_of(at + 1, strcspn(at + 1, ";>")), &a) < 0)
		a = (struct addr){ 0 };
	return a;
}

/* An OPTIONS to where the registrar has us, repeated as a proxy would. */
static bool reached(struct world *w, const char *when)
{
	struct addr to = where(w);
	unsigned before = w->s.answers;
	char text[512];

	snprintf(text, sizeof(text), "OPTIONS sip:user0@10.0.0.200 SIP/2.0\r\n"
		 "Via: SIP/2.0/UDP 10.0.0.2;branch=z9hG4bK%u\r\n"
		 "Max-Forwards: 70\r\nTo: <sip:user0@10.0.0.2>\r\n"
		 "From: <sip:x@10.0.0.2>;tag=1\r\nCall-ID: %u\r\n"
		 "CSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n",
		 sim_random(w->sim, 1000000), sim_random(w->sim, 1000000));
	for (unsigned i = 0; i < 12 && w->s.answers == before; i++) {
		if (to.family)
			reply(&w->s, &to, text, strlen(text));
		run_for(w, MS(500));
	}
	return w->s.answers > before ||
	       fail(w, "%s: not reached (%s)", when, w->s.contact);
}

static bool begin(struct world *w, bool flows, bool behind)
{
	const struct sim_link lossy = { .delay = MS(20), .jitter = MS(20),
		.loss = 0.05, .duplicate = 0.05, .reorder = 0.05,
		.reorder_by = MS(200) };
	struct addr at = addr_v4(10, 0, 0, 2, 0);
	struct addr own = addr_v4(behind ? 192 : 10, behind ? 168 : 0, 0, 5,
				  0);
	struct addr gate = addr_v4(192, 168, 0, 1, 0);
	struct addr nat = addr_v4(10, 0, 0, 199, 0);
	struct sim_net *lan = behind ? sim_net_new(w->sim, "lan") : NULL;
	struct sim_host *a = behind ? sim_host_new(w->sim, "a", NULL, 0) :
				      sim_host_new(w->sim, "a", &own, 1);

	w->server_host = sim_host_new(w->sim, "registrar", &at, 1);
	if (!w->server_host || !a)
		return fail(w, "no host");
	if (behind) {
		w->nat.shown = addr_v4(10, 0, 0, 200, 0);
		w->nat.timeout = SEC(60);
		sim_host_link(w->server_host, &lossy);
		if (!lan || sim_host_attach(a, lan, &own, 1) < 0 ||
		    sim_nat_begin(&w->nat, w->sim, lan, &nat, &gate))
			return fail(w, "no NAT");
	}
	w->s.flows = flows;
	at.port = 5060;
	return (udp_open(sim_host_reactor(w->server_host), &at, &ops, &w->s,
			 &w->s.u) == 0 && agent_open(w, a, own)) ||
	       fail(w, "no port");
}

/* --------------------------------------------------------------- scenarios */
static bool stays(struct world *w)
{
	unsigned made;

	if (!account(w, 0))
		return false;
	run_for(w, SEC(100));
	made = w->nat.made;
	for (unsigned i = 0; i < 6; i++) {
		if (!reached(w, "while nothing goes wrong"))
			return false;
		run_for(w, SEC(500));
	}
	if (w->nat.made != made)
		return fail(w, "%u mappings more", w->nat.made - made);
	/* One a minute at least, half of what is sent for a third of it. */
	if (w->s.flows ? w->s.pings < 100 || w->s.crlfs :
			 w->s.crlfs < 100 || w->s.pings)
		return fail(w, "%u pings, %u CRLFs", w->s.pings, w->s.crlfs);
	return w->s.registers <= 8 ||
	       fail(w, "%u REGISTERs in an hour", w->s.registers);
}

/* RFC 5626 4.4.2: another address in the next answer, within 29 s. */
static bool forgotten(struct world *w)
{
	unsigned before;

	if (!account(w, 0))
		return false;
	run_for(w, SEC(100));
	before = w->s.registers;
	sim_nat_forget(&w->nat);
	run_for(w, SEC(45));
	if (w->s.registers == before)
		return fail(w, "nobody noticed");
	return reached(w, "after the NAT was switched off and on");
}

/* Silence: noticed within 29 + 39.5 s, told, and over when it is back: 4.5, at
 * most 60 s after the first failure, 120 after the second. */
static bool gone(struct world *w)
{
	unsigned failed, registered;

	if (!account(w, 0))
		return false;
	run_for(w, SEC(100));
	failed = w->failed;
	registered = w->registered;
	w->s.silent = true;
	run_for(w, SEC(110)); /* and timer F of what is asked for anew */
	if (w->failed == failed)
		return fail(w, "nobody noticed");
	w->s.silent = false;
	run_for(w, SEC(240));
	if (w->registered == registered)
		return fail(w, "it did not come back");
	return reached(w, "after the registrar was gone");
}

static bool many(struct world *w)
{
	size_t before = w->agent_mem.used;
	unsigned registers;

	for (unsigned i = 0; i < MANY; i++) {
		if (!account(w, i))
			return false;
		run_for(w, MS(5));
	}
	run_for(w, SEC(60));
	if (w->registered != MANY || w->failed)
		return fail(w, "%u are registered", w->registered);
	registers = w->s.registers;
	run_for(w, SEC(86400));
	registers = w->s.registers - registers;
	printf("reach: %u accounts, %u bytes each, %u refreshes and %u "
	       "keep-alives in a day\n", (unsigned)MANY,
	       (unsigned)((w->agent_mem.used - before) / MANY), registers,
	       w->s.pings);
	if (w->failed || registers < 24 * MANY || registers > 26 * MANY)
		return fail(w, "%u refreshes, %u failures", registers,
			    w->failed);
	if (w->s.pings > 86400 / 23)
		return fail(w, "one flow, %u keep-alives", w->s.pings);
	return (w->agent_mem.used - before) / MANY <= BYTES ||
	       fail(w, "an account takes more than 16 KiB");
}

static bool one(uint64_t seed, bool all)
{
	static bool (*const play[])(struct world *) = { stays, stays,
							forgotten, gone };
	static struct world w;
	uint64_t blocks;
	bool ok;

	w = (struct world){ 0 };
	mem_init(&w.mem, 0);
	w.sim = sim_new(&w.mem, seed);
	ok = w.sim && begin(&w, seed % 4 != 1, !all) &&
	     (all ? many(&w) : play[seed % 4](&w));
	if (w.r)
		reactor_timer_stop(w.r, &w.timer);
	agent_free(w.agent);
	w.agent = NULL;
	sip_port_free(w.port);
	if (w.s.u)
		udp_close(w.s.u);
	blocks = w.agent_mem.blocks;
	sim_free(w.sim);
	if (ok && blocks)
		ok = fail(&w, "%u blocks are left", (unsigned)blocks);
	if (!ok)
		printf("FAILED: seed %llu: %s\n", (unsigned long long)seed,
		       w.why);
	return ok;
}

int main(int argc, char **argv)
{
	const char *seeds = getenv("SEEDS");
	unsigned n = seeds ? (unsigned)strtoul(seeds, NULL, 10) : 200;
	unsigned passed = 0, failed = 0;

	if (argc > 1)
		return !one(strtoull(argv[1], NULL, 10), false);
	for (unsigned i = 0; i <= n; i++) {
		bool ok = one(i, i == 0);

		passed += ok;
		failed += !ok;
	}
	printf("reach: %u passed, %u failed\n", passed, failed);
	return failed != 0 || passed == 0;
}
