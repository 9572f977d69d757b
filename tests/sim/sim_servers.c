/* SPDX-License-Identifier: BSD-2-Clause
 * Calls and registrations of the program that find their server by simulated
 * name servers, times seeds: priorities, a first target that is dead, name
 * servers that are silent, slow, truncate, lie, or know no such name.  Held to:
 * it comes to the right one; a target that refuses costs 100 ms at most, one
 * that is silent sip.target_timeout (4 s); what is not found is told with its
 * reason, in bounded time; nothing is left behind.
 * usage: sim_servers [SCENARIO SEED]; else as many seeds as SEEDS says. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/dns/nameserver.h"
#include "tests/sim/registrar.h"
#include "tests/sim/scene.h"

/* The dead target comes first in each domain. */
static const char zone[] =
	"example 60 SOA ns.example hm.example 1 2 3 4 5\n"
	"refuses.example 60 NAPTR 10 50 s SIP+D2U \"\" _sip._udp.one.example\n"
	"_sip._udp.one.example 60 SRV 20 0 5060 good.example\n"
	"_sip._udp.one.example 60 SRV 10 9 5999 good.example\n"
	"_sip._udp.silent.example 60 SRV 2 0 5060 good.example\n"
	"_sip._udp.silent.example 60 SRV 1 0 5060 nobody.example\n"
	"_sip._udp.reg-refuses.example 60 SRV 2 0 5060 reg.example\n"
	"_sip._udp.reg-refuses.example 60 SRV 1 0 5999 reg.example\n"
	"_sip._udp.reg-silent.example 60 SRV 2 0 5060 reg.example\n"
	"_sip._udp.reg-silent.example 60 SRV 1 0 5060 nobody.example\n"
	"_sip._udp.none.example 60 SRV 0 0 0 .\n"
	"_sip._tcp.none.example 60 SRV 0 0 0 .\n"
	"good.example 60 A 10.0.0.2\n"
	"reg.example 60 A 10.0.0.3\n"
	"nobody.example 60 A 10.0.0.99\n";

struct run {
	struct scene w;
	struct nameserver ns[2];
	struct registrar registrar;
	bool good;          /* the link is: times are exact */
	const char *dns;    /* options */
	bool lost;          /* it failed, as the link is poor */
};

struct scenario {
	const char *name;
	bool (*fn)(struct run *r);
	bool dead;      /* no name server is sound */
};

static bool begin(struct run *r, const struct scenario *s, uint64_t seed)
{
	static const unsigned faults[] = { NS_SILENT, NS_TRUNCATES, NS_LAME,
		NS_FAILS, NS_BROKEN, NS_TRUNCATES | NS_NO_TCP,
		NS_WRONG_ID | NS_WRONG_NAME };
	struct sim_link link = { .delay = MS(20) };
	struct scene *w = &r->w;

	if (!scene_begin(w, seed, 4))
		return false;
	w->wire.foreign = addr_v4(10, 0, 0, 3, 0);
	r->good = sim_random(w->sim, 2);
	if (!r->good) {
		link.jitter = MS(10);
		link.duplicate = 0.1;
		link.reorder = 0.1;
		link.loss = 0.05;
	}
	scene_link(w, &link);
	for (unsigned i = 0; i < 2; i++) {
		struct addr at = addr_v4(10, 0, 0, (uint8_t)(4 + i), 53);

		r->ns[i].zone = slice_str(zone);
		r->ns[i].evil = addr_v4(203, 0, 113, 66, 0);
		r->ns[i].faults = i ? faults[sim_random(w->sim,
							COUNT(faults))] :
				  s->dead ? NS_SILENT : NS_WRONG_ID;
		if ((i && sim_addr_add(w->host[3], 1, &at)) ||
		    nameserver_start(&r->ns[i], sim_host_reactor(w->host[3]),
				     &at))
			return scene_fail(w, "no name server");
	}
	/* The odd one is asked first, or is not there at all. */
	if (sim_random(w->sim, 2))
		sim_host_resolv(w->host[0], "nameserver 10.0.0.4\n");
	else
		r->dns = " --dns 10.0.0.5:53 --dns 10.0.0.4:53";
	r->dns = r->dns ? r->dns : "";
	return registrar_begin(&r->registrar, w->host[2]) == 0 ||
	       scene_fail(w, "no registrar");
}

static struct actor *start(struct run *r, const char *words)
{
	char all[256];

	snprintf(all, sizeof(all), "%s%s", words, r->dns);
	return scene_run(&r->w, 0, all);
}

/* From the first request to the answer that it got at last, less the 40 ms of
 * the way there. */
static bool cost(struct run *r, mono least, mono most)
{
	struct scene_mark *m = r->w.mark;
	mono took = m[1].sent - m[0].sent - MS(40);

	if (!m[0].sent || !m[1].sent)
		return scene_fail(&r->w, "never sent, or not answered");
	return !r->good || (took >= least && took <= most) ||
	       scene_fail(&r->w, "the first target cost %lld ms",
			  (long long)(took / MS(1)));
}

/* One question has two tries at the sound server, and a lookup has several, so
 * that on a poor link one of them, or all, may be in vain. */
static bool lost(struct run *r, struct actor *a)
{
	while (!a->over && scene_ms(&r->w) < 60000)
		scene_until(&r->w, scene_ms(&r->w) + 100);
	r->lost = !r->good && a->over && a->status == 1;
	return r->lost;
}

static bool call_to(struct run *r, const char *domain, mono least, mono most)
{
	struct scene *w = &r->w;
	struct actor *a, *b;
	char text[128];

	scene_look(w, 0, "INVITE ", "");
	scene_look(w, 1, "SIP/2.0 ", " INVITE\r\n");
	b = scene_run(w, 1, "listen --auto-answer --count 1 --json --codec "
		      "PCMU --local 10.0.0.2:5060");
	snprintf(text, sizeof(text), "call sip:bob@%s --json --codec PCMU "
		 "--duration 2", domain);
	a = start(r, text);
	if (a && b && lost(r, a)) {
		actor_interrupt(b);
		return scene_over(w, 120000);
	}
	return a && b && scene_over(w, 120000) && cost(r, least, most) &&
	       scene_said(w, a, "\"state\":\"ended\"", 1) &&
	       scene_said(w, b, "\"state\":\"ended\"", 1) &&
	       (a->status == 0 || scene_fail(w, "%s", a->err));
}

static bool register_at(struct run *r, const char *domain, mono least,
			mono most)
{
	struct scene *w = &r->w;
	struct actor *a;
	char text[128];

	scene_look(w, 0, "REGISTER ", "");
	scene_look(w, 1, "SIP/2.0 200", "CSeq: ");
	snprintf(text, sizeof(text), "register --aor sip:alice@%s --once",
		 domain);
	a = start(r, text);
	if (a && lost(r, a))
		return true;
	return a && scene_over(w, 120000) && cost(r, least, most) &&
	       (a->status == 0 || scene_fail(w, "%s", a->err));
}

/* It fails for that reason, within ms. */
static bool told(struct run *r, const char *words, const char *why, int64_t ms)
{
	struct actor *a = start(r, words);

	if (!a || !scene_over(&r->w, r->good ? ms : 33000))
		return false;
	return (a->status == 1 && strstr(a->err, why)) ||
	       lost(r, a) ||
	       scene_fail(&r->w, "'%s' is not in '%s'", why, a->err);
}

static bool call_after_refusal(struct run *r)
{
	return call_to(r, "refuses.example", MS(20), MS(100));
}

static bool call_after_silence(struct run *r)
{
	return call_to(r, "silent.example", SEC(4), MS(4050));
}

static bool register_after_refusal(struct run *r)
{
	return register_at(r, "reg-refuses.example", MS(20), MS(100));
}

static bool register_after_silence(struct run *r)
{
	return register_at(r, "reg-silent.example", SEC(4), MS(4050));
}

static bool sips_has_no_udp(struct run *r)
{
	return told(r, "call sip:bob@good.example;transport=sctp --codec PCMU",
		    "no transport of ours reaches it", 100);
}

/* NAPTR, two SRV and two addresses, each asked of a first server that may be
 * silent: it is once. */
static bool no_such_name(struct run *r)
{
	return told(r, "register --once --aor sip:a@nowhere.example",
		    "no such name", 5000);
}

static bool no_such_service(struct run *r)
{
	return told(r, "call sip:bob@none.example --codec PCMU",
		    "the domain has no such service", 5000);
}

/* 2 + 4 s a question and a tenth, of UDP; more of them have 20 s together. */
static bool nobody_answers(struct run *r)
{
	r->ns[1].faults = NS_SILENT;
	return told(r, "register --once --aor sip:a@refuses.example",
		    "no name server answers", 21000) &&
	       (scene_ms(&r->w) > 5000 || scene_fail(&r->w, "too soon"));
}

static bool no_name_server(struct run *r)
{
	r->dns = "";
	sim_host_resolv(r->w.host[0], NULL);
	return told(r, "call sip:bob@good.example --codec PCMU",
		    "no name server is configured", 200);
}

/* Interrupted in the midst of it: nothing is left. */
static bool given_up(struct run *r)
{
	struct actor *a = start(r, "register --aor sip:a@refuses.example");

	scene_until(&r->w, 1 + sim_random(r->w.sim, 300));
	if (!a)
		return false;
	actor_interrupt(a);
	actor_interrupt(a);
	return scene_over(&r->w, 60000);
}

static const struct scenario scenarios[] = {
	{ "call_after_refusal", call_after_refusal, false },
	{ "call_after_silence", call_after_silence, false },
	{ "register_after_refusal", register_after_refusal, false },
	{ "register_after_silence", register_after_silence, false },
	{ "by_no_transport", sips_has_no_udp, false },
	{ "no_such_name", no_such_name, false },
	{ "no_such_service", no_such_service, false },
	{ "nobody_answers", nobody_answers, true },
	{ "no_name_server", no_name_server, false },
	{ "given_up", given_up, false },
};

static bool one(const struct scenario *s, uint64_t seed, bool show,
		unsigned *vain)
{
	static struct run r;
	bool ok;

	memset(&r, 0, sizeof(r));
	ok = begin(&r, s, seed) && s->fn(&r);
	for (size_t i = 0; show && i < r.w.actors; i++)
		printf("---- actor %zu\n%s%s", i, r.w.actor[i]->out,
		       r.w.actor[i]->err);
	scene_until(&r.w, scene_ms(&r.w) + 40000); /* connections end */
	registrar_end(&r.registrar);
	for (unsigned i = 0; i < 2; i++)
		nameserver_stop(&r.ns[i]);
	ok = scene_end(&r.w) && ok;
	*vain += r.lost;
	if (!ok)
		printf("FAILED: %s seed %llu: %s\n", s->name,
		       (unsigned long long)seed, r.w.why);
	return ok;
}

int main(int argc, char **argv)
{
	unsigned long seeds = scene_seeds();
	unsigned passed = 0, failed = 0, vain = 0;

	for (size_t i = 0; i < COUNT(scenarios); i++) {
		const struct scenario *s = &scenarios[i];

		if (argc > 1 && strcmp(argv[1], s->name) != 0)
			continue;
		for (uint64_t seed = 1; seed <= (argc > 2 ? 1 : seeds);
		     seed++) {
			bool ok = one(s, argc > 2 ? strtoull(argv[2], NULL,
							     10) : seed,
				      argc > 2, &vain);

			passed += ok;
			failed += !ok;
		}
	}
	if (vain * 20 > passed + failed && passed + failed >= 100) {
		printf("FAILED: %u runs were lost to the link\n",
		       vain);
		failed++;
	}
	printf("sim_servers: %u passed, %u failed\n", passed, failed);
	return failed != 0 || passed == 0;
}
