/* SPDX-License-Identifier: BSD-2-Clause
 * Calls and registrations of the program by TLS in the simulated network, times
 * seeds: under loss, against each bad certificate of tests/certs, at peers that
 * stall or speak something else.  Held to: a call is a call; each refusal tells
 * its own reason where a person would look for it; nothing is left behind.
 * usage: sim_secure [SCENARIO SEED]; else as many seeds as SEEDS says, 20 at
 * most: public keys take real time. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/certs/certs.h"
#include "tests/sim/scene.h"

#define CERT(name) " --tls-cert tests/certs/" name ".pem"
#define LEAF " --tls-key tests/certs/leaf.key"
#define LISTEN "listen --auto-answer --json --codec PCMU --local 10.0.0.2:5060"
#define CA " --tls-ca tests/certs/ca.pem"

static bool begin(struct scene *w, uint64_t seed)
{
	struct addr two = addr_v4(10, 0, 0, 2, 0);

	if (!scene_begin(w, seed, 2))
		return false;
	if (sim_name(w->sim, "example.com", &two) ||
	    sim_name(w->sim, "example.org", &two))
		return scene_fail(w, "no name");
	for (size_t i = 0; i < 2; i++) {
		struct instant now = reactor_now(
			sim_host_reactor(w->host[i]));

		sim_host_wall(w->host[i], SEC(CERTS_NOW) - now.wall_ns);
	}
	return true;
}

static bool status(struct scene *w, const struct actor *a, int wanted)
{
	return a->status == wanted ||
	       scene_fail(w, "exit status %d, not %d: %s", a->status, wanted,
			  a->err);
}

static bool says(struct scene *w, const struct actor *a, const char *why)
{
	return strstr(a->err, why) ||
	       scene_fail(w, "'%s' is not in '%s'", why, a->err);
}

/* ------------------------------------------------------------------ calls */
static bool call_by(struct scene *w, const char *uri, double loss)
{
	struct actor *a, *b;
	char text[256];

	b = scene_run(w, 1, LISTEN " --count 1" CERT("good") LEAF);
	scene_loss(w, loss);
	snprintf(text, sizeof(text), "call %s --json --codec PCMU --duration 3"
		 CA, uri);
	a = scene_run(w, 0, text);
	return a && b && scene_over(w, 90000) && status(w, a, 0) &&
	       status(w, b, 0) &&
	       scene_said(w, a, "\"state\":\"ended\"", 1) &&
	       scene_said(w, b, "\"state\":\"ended\"", 1);
}

static bool call_sips(struct scene *w)
{
	return call_by(w, "sips:bob@example.com", 0);
}

static bool call_under_loss(struct scene *w)
{
	return call_by(w, "sip:bob@example.com --transport tls", 0.05);
}

/* RFC 7118 by TLS: sips with transport=ws, at 443. */
static bool call_wss(struct scene *w)
{
	struct actor *a, *b;

	b = scene_run(w, 1, LISTEN " --count 1 --wss-port 443" CERT("good")
		      LEAF);
	scene_loss(w, 0.03);
	a = scene_run(w, 0, "call sips:bob@example.com;transport=ws --json "
		      "--codec PCMU --duration 3" CA);
	return a && b && scene_over(w, 90000) && status(w, a, 0) &&
	       status(w, b, 0) &&
	       scene_said(w, a, "\"state\":\"ended\"", 1) &&
	       scene_said(w, b, "\"state\":\"ended\"", 1);
}

/* What TLS finds is told through the WebSocket above it. */
static bool wss_refused(struct scene *w)
{
	struct actor *a, *b;

	b = scene_run(w, 1, LISTEN " --wss-port 443" CERT("othername") LEAF);
	a = scene_run(w, 0, "register --once --aor sip:bob@example.com "
		      "--transport wss" CA);
	scene_until(w, 5000);
	actor_interrupt(b);
	return a && b && scene_over(w, 60000) && status(w, a, 1) &&
	       says(w, a, "name mismatch: wanted example.com, got ");
}

/* ---------------------------------------------------------------- refusals */
static const struct {
	const char *cert, *key, *more, *uri, *why;
} bad[] = {
	{ "expired", LEAF, "", "", "certificate expired on 2026-07-01" },
	{ "notyet", LEAF, "", "", "certificate is not valid before "
	  "2030-01-01" },
	{ "othername", LEAF, "", "",
	  "name mismatch: wanted example.com, got " },
	{ "wildcard", LEAF, "", "", "name mismatch: wanted example.com, got " },
	{ "selfsigned", LEAF, "", "", "self-signed certificate" },
	{ "unknown", LEAF, "", "", "unknown issuer" },
	{ "revoked", LEAF, " --tls-crl tests/certs/ca.crl", "",
	  "certificate is revoked" },
	{ "good", LEAF, " --tls-crl tests/certs/old.crl", "",
	  "revocation list is out of date since 2026-07-01" },
	{ "sha1", LEAF, "", "", "signed with a broken hash" },
	{ "weak", " --tls-key tests/certs/weak.key", "", "",
	  "key is too weak" },
	{ "constrained", LEAF, "", "example.org",
	  "outside the name constraints of its issuer" },
	{ "critical", LEAF, "", "", "critical extension" },
	{ "good", LEAF, "", "10.0.0.2",
	  "name mismatch: wanted 10.0.0.2, got " },
	{ "good", LEAF, " --tls-name sip.example.org", "",
	  "name mismatch: wanted sip.example.org, got " },
};

/* One a seed, by a call or by a registration. */
static bool refused(struct scene *w)
{
	static unsigned next;
	size_t i = next++ % COUNT(bad);
	struct actor *a, *b;
	char text[256];
	bool call = next & 16;

	snprintf(text, sizeof(text), LISTEN
		 " --tls-cert tests/certs/%s.pem%s", bad[i].cert, bad[i].key);
	b = scene_run(w, 1, text);
	snprintf(text, sizeof(text), "%s sip:bob@%s --transport tls%s" CA,
		 call ? "call" : "register --once --aor",
		 bad[i].uri[0] ? bad[i].uri : "example.com", bad[i].more);
	a = scene_run(w, 0, text);
	scene_until(w, 5000);
	if (!a || !b || !a->over)
		return scene_fail(w, "%s: not over", bad[i].cert);
	actor_interrupt(b);
	return scene_over(w, 60000) && status(w, a, 1) &&
	       says(w, a, bad[i].why);
}

/* Who connects has to be known: one comes with a certificate, one without. */
static bool clients_are_asked(struct scene *w)
{
	struct actor *a, *b, *c;

	b = scene_run(w, 1, LISTEN " --count 1" CERT("good") LEAF
		      " --tls-clients tests/certs/ca.pem");
	a = scene_run(w, 0, "call sips:bob@example.com --codec PCMU" CA);
	scene_until(w, 3000);
	c = scene_run(w, 0, "call sips:bob@example.com --codec PCMU "
		      "--duration 1" CA CERT("client")
		      " --tls-key tests/certs/client.key");
	return a && b && c && scene_over(w, 60000) && status(w, a, 1) &&
	       says(w, a, "it wants a client certificate") && status(w, c, 0) &&
	       status(w, b, 0);
}

/* What is wrong with a certificate is not asked for, and that is said. */
static bool insecure(struct scene *w)
{
	struct actor *a, *b;

	b = scene_run(w, 1, LISTEN " --count 1" CERT("selfsigned") LEAF);
	a = scene_run(w, 0, "call sips:bob@example.com --insecure --codec "
		      "PCMU --duration 1");
	return a && b && scene_over(w, 60000) && status(w, a, 0) &&
	       says(w, a, "WHOEVER ANSWERS IS BELIEVED TO BE THE SERVER");
}

/* ------------------------------------------------------------ other peers */
struct odd {
	struct tcp_listener *l;
	struct tcp *t[8];
	size_t n;
	bool talks; /* no TLS */
};

static void nothing(void *arg)
{
	(void)arg;
}

static void odd_bytes(void *arg, uint8_t *p, size_t n)
{
	struct odd *o = arg;
	int rc;

	(void)p;
	(void)n;
	for (size_t i = 0; o->talks && i < o->n; i++) {
		rc = tcp_write(o->t[i], "SIP/2.0 400 What\r\n\r\n", 20);
		(void)rc;
	}
}

static void odd_closed(void *arg, int err)
{
	(void)arg;
	(void)err;
}

static void odd_accept(void *arg, struct tcp *t)
{
	static const struct tcp_ops ops = { .on_open = nothing,
		.on_bytes = odd_bytes, .on_room = nothing, .on_end = nothing,
		.on_closed = odd_closed };
	struct odd *o = arg;

	if (o->n < COUNT(o->t)) {
		o->t[o->n++] = t;
		tcp_set_ops(t, &ops, o);
	}
}

static bool beside(struct scene *w, bool talks, const char *why, int64_t ms)
{
	struct addr at = addr_v4(10, 0, 0, 2, 5061);
	struct odd o = { .talks = talks };
	struct actor *a;
	bool ok;

	if (tcp_listen(sim_host_reactor(w->host[1]), &at, odd_accept, &o,
		       &o.l))
		return scene_fail(w, "no peer");
	a = scene_run(w, 0, "register --once --aor sips:a@example.com" CA);
	ok = a && scene_over(w, ms) && status(w, a, 1) && says(w, a, why);
	scene_until(w, scene_ms(w) + 60000);
	tcp_listener_close(o.l);
	return ok;
}

static bool stalls(struct scene *w)
{
	return beside(w, false, "handshake", 11000);
}

static bool speaks_no_tls(struct scene *w)
{
	return beside(w, true, "TLS", 2000);
}

/* A file that is not there, or is no certificate. */
static bool wrong_files(struct scene *w)
{
	struct actor *a, *b, *c;

	a = scene_run(w, 0, "register --once --aor sips:a@example.com "
		      "--tls-ca tests/certs/none.pem");
	b = scene_run(w, 0, "register --once --aor sips:a@example.com "
		      "--tls-ca tests/certs/leaf.key");
	c = scene_run(w, 0, "register --once --aor sips:a@example.com"
		      CERT("client") LEAF);
	return a && b && c && scene_over(w, 5000) &&
	       says(w, a, "none.pem: No such file") && status(w, b, 1) &&
	       says(w, b, "there is no certificate in the CA file") &&
	       says(w, c, "the key is another certificate's");
}

static const struct scenario {
	const char *name;
	bool (*fn)(struct scene *w);
	unsigned most;
} scenarios[] = {
	{ "call_sips", call_sips, 3 },
	{ "call_under_loss", call_under_loss, 12 },
	{ "call_wss", call_wss, 3 },
	{ "wss_refused", wss_refused, 1 },
	{ "refused", refused, 20 + 12 }, /* each, by both */
	{ "insecure", insecure, 1 },
	{ "clients_are_asked", clients_are_asked, 2 },
	{ "stalls", stalls, 2 },
	{ "speaks_no_tls", speaks_no_tls, 2 },
	{ "wrong_files", wrong_files, 1 },
};

static bool one(const struct scenario *s, uint64_t seed, bool show)
{
	static struct scene w;
	bool ok;

	ok = begin(&w, seed) && s->fn(&w);
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

		if (argc > 1 && strcmp(argv[1], s->name) != 0)
			continue;
		for (uint64_t seed = 1; seed <= (argc > 2 ? 1 : s->most);
		     seed++) {
			bool ok = one(s, argc > 2 ? strtoull(argv[2], NULL,
							     10) : seed,
				      argc > 2);

			passed += ok;
			failed += !ok;
		}
	}
	printf("sim_secure: %u passed, %u failed\n", passed, failed);
	return failed != 0 || passed == 0;
}
