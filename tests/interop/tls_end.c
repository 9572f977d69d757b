/* SPDX-License-Identifier: BSD-2-Clause
 * One end of TLS for the interoperability tests: a server that says back what
 * it hears, or a client that says hello, with one line for what happens.
 * usage: tls_end server PORT CERT KEY [CA]    CA: clients must show a
 *                                             certificate that it issued
 *        tls_end client PORT NAME CA [CERT KEY]    0: it was answered */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "platform/tls/tls_stream.h"

struct end {
	struct mem m;
	struct reactor *r;
	struct jobs *jobs;
	struct tls_store *store;
	struct tls_conf *conf;
	struct tls_streams *s;
	struct tcp *t; /* the client's */
	bool answered;
};

static struct slice file(const char *path)
{
	static char buf[4][32768];
	static unsigned used;
	FILE *f = path && used < 4 ? fopen(path, "rb") : NULL;
	size_t n;

	if (!f)
		return S("");
	n = fread(buf[used], 1, sizeof(buf[0]), f);
	fclose(f);
	return slice_of(buf[used++], n);
}

static void say_open(const struct tcp *t)
{
	const struct tls *m = tls_of(t);
	struct slice der = tls_peer_cert(m), name = S("-");
	struct cert c;

	if (der.n && cert_parse(der, &c, NULL) == 0)
		name = cert_common_name(c.subject, true);
	printf("open %s %s %s %.*s\n", tls_version(m), tls_suite(m),
	       tls_resumed(m) ? "resumed" : "full", (int)name.n, name.p);
	fflush(stdout);
}

static void say(const char *what, const struct tcp *t)
{
	printf("%s %s\n", what, tls_fault(tls_of(t))->cert.text);
	fflush(stdout);
}

struct echo {
	struct tcp *t;
	struct end *e;
};

static void nothing(void *arg)
{
	(void)arg;
}

static void echo_bytes(void *arg, uint8_t *p, size_t n)
{
	struct echo *c = arg;

	(void)!tcp_write(c->t, p, n);
}

static void echo_end(void *arg)
{
	struct echo *c = arg;

	tcp_shutdown(c->t);
}

static void echo_closed(void *arg, int err)
{
	struct echo *c = arg;

	(void)err;
	say("closed", c->t);
	mem_free(&c->e->m, c);
}

static const struct tcp_ops ECHO = { nothing, echo_bytes, nothing, echo_end,
				     echo_closed };

static void on_accept(void *arg, struct tcp *t)
{
	struct end *e = arg;
	struct echo *c = mem_new(&e->m, sizeof(*c));

	if (!c)
		return;
	*c = (struct echo){ t, e };
	tcp_set_ops(t, &ECHO, c);
	say_open(t);
}

static void on_refused(void *arg, const struct tcp *t)
{
	(void)arg;
	say("refused", t);
}

static const struct tls_listen_ops LISTEN = { on_accept, on_refused };

static void on_open(void *arg)
{
	struct end *e = arg;

	say_open(e->t);
	(void)!tcp_write(e->t, "hello\n", 6);
	tcp_shutdown(e->t);
	e->answered = true;
}

static void on_bytes(void *arg, uint8_t *p, size_t n)
{
	(void)arg;
	printf("got %.*s", (int)n, (char *)p);
}

static void on_closed(void *arg, int err)
{
	struct end *e = arg;

	(void)err;
	say("closed", e->t);
	reactor_stop(e->r);
}

static const struct tcp_ops CLIENT = { on_open, on_bytes, nothing, nothing,
				       on_closed };

static bool begin(struct end *e, const struct tls_setup *s)
{
	uint8_t seed[32];
	const char *why = "no memory";

	e->jobs = jobs_new(e->r, 1);
	if (!e->jobs || reactor_entropy(e->r, seed, sizeof(seed)) ||
	    tls_conf_new(&e->m, s, seed, &e->conf, &why)) {
		fprintf(stderr, "tls_end: %s\n", why);
		return false;
	}
	e->s = tls_streams_new(e->r, e->jobs);
	return e->s != NULL;
}

int main(int argc, char **argv)
{
	bool server = argc > 4 && strcmp(argv[1], "server") == 0;
	const char *ca = server ? argv[5] : argc > 4 ? argv[4] : NULL;
	bool own = !server && argc > 6;
	struct tls_setup s = { .server = server };
	struct tcp_listener *l;
	struct addr at;
	struct end e = { .answered = false };
	int rc = -EINVAL;

	if (argc < 5)
		return 2;
	mem_init(&e.m, 0);
	e.r = reactor_new_poll(&e.m);
	e.store = tls_store_new(&e.m, NULL);
	at = addr_v4(127, 0, 0, 1, (uint16_t)strtoul(argv[2], NULL, 10));
	if (!e.r || !e.store || (ca && tls_store_add(e.store, file(ca)) < 1))
		return 1;
	s.store = e.store;
	s.verify = !server ? TLS_VERIFY : ca ? TLS_VERIFY_MUST :
					       TLS_VERIFY_NOT;
	s.cert = file(server ? argv[3] : own ? argv[5] : NULL);
	s.key = file(server ? argv[4] : own ? argv[6] : NULL);
	if (begin(&e, &s)) {
		struct tls_peer who = { CERT_NAME_SIP, slice_str(argv[3]) };

		rc = server ? tls_listen(e.s, e.conf, &at, &LISTEN, &e, &l) :
			      tls_connect(e.s, e.conf, NULL, &at, &who,
					  &CLIENT, &e, &e.t);
	}
	if (rc == 0 && server)
		puts("ready");
	fflush(stdout);
	if (rc == 0)
		reactor_run(e.r);
	tls_streams_free(e.s);
	jobs_free(e.jobs);
	tls_conf_free(e.conf);
	tls_store_free(e.store);
	reactor_free(e.r);
	return rc || !(server || e.answered);
}
