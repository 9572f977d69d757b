/* SPDX-License-Identifier: BSD-2-Clause
 * WebSocket above TLS (wss), in both worlds. */
#include "tests/unit/suites.h"

#include "platform/http/ws_stream.h"
#include "platform/tls/tls_stream.h"
#include "tests/certs/certs.h"
#include "tests/unit/worlds.h"

struct end {
	struct tcp *t;
	struct ws_streams *ws;
	struct tls_streams *tls;
	struct tls_conf *conf;
	unsigned opened, messages, closed;
	int err;
	char why[CERT_TEXT];
};

struct both {
	struct world w;
	struct tls_store *ca;
	struct end a, b;
	struct tcp_listener *tcp;
	struct ws_listener *l;
};

static void on_open(void *arg)
{
	struct end *e = arg;

	e->opened++;
	ck_assert_int_eq(tcp_write(e->t, "hello", 5), 5);
}

static void on_bytes(void *arg, uint8_t *p, size_t n)
{
	struct end *e = arg;

	ck_slice_eq(slice_of(p, n), "hello");
	e->messages++;
}

static void nothing(void *arg)
{
	(void)arg;
}

static void on_closed(void *arg, int err)
{
	struct end *e = arg;
	const struct tls *t = ws_under(e->t) ? tls_of(ws_under(e->t)) : NULL;

	if (t)
		memcpy(e->why, tls_fault(t)->cert.text, CERT_TEXT);
	e->closed++;
	e->err = err;
}

static const struct tcp_ops OPS = { on_open, on_bytes, nothing, nothing,
				    on_closed };

static void on_accept(void *arg, struct tcp *t)
{
	struct both *p = arg;

	p->b.t = t;
	tcp_set_ops(t, &OPS, &p->b);
	on_open(&p->b);
}

static void on_tls(void *arg, struct tcp *t)
{
	ws_listener_take(((struct both *)arg)->l, t);
}

static const struct ws_listen_ops LISTEN = { on_accept, NULL };
static const struct tls_listen_ops LISTEN_TLS = { on_tls, NULL };

static void end_open(struct both *p, struct end *e, struct reactor *r)
{
	bool server = e == &p->b;
	struct slice cert = certs_file("good.pem");
	struct slice key = certs_file("leaf.key");
	struct tls_setup s = { .server = server, .store = p->ca,
		.verify = server ? TLS_VERIFY_NOT : TLS_VERIFY };
	uint8_t seed[32] = { server };
	const char *why;

	if (server) {
		s.cert = cert;
		s.key = key;
	}
	ck_assert_int_eq(tls_conf_new(&p->w.mem, &s, seed, &e->conf, &why), 0);
	certs_free(cert);
	certs_free(key);
	e->tls = tls_streams_new(r, NULL);
	e->ws = ws_streams_new(r);
	ck_assert(e->tls && e->ws);
}

static void meet(struct both *p, const char *name)
{
	struct tls_peer who = { CERT_NAME_SIP, slice_str(name) };
	struct ws_setup s = { .hello = { .host = slice_str(name),
					 .protocol = S("sip") } };
	struct addr remote = tcp_listener_local(p->tcp);
	struct tcp *under;

	ck_assert_int_eq(tls_connect(p->a.tls, p->a.conf, NULL, &remote, &who,
				     &OPS, NULL, &under), 0);
	ck_assert_int_eq(ws_connect(p->a.ws, &s, under, &OPS, &p->a, &p->a.t),
			 0);
}

START_TEST(messages_over_tls)
{
	struct both p = { .ca = NULL };
	struct slice ca = certs_file("ca.pem");
	struct ws_setup s = { .server = true,
		.hello = { .path = S("/"), .protocol = S("sip") } };

	world_open(&p.w, _i);
	p.ca = tls_store_new(&p.w.mem, NULL);
	ck_assert_int_eq(tls_store_add(p.ca, ca), 1);
	certs_free(ca);
	end_open(&p, &p.a, p.w.a);
	end_open(&p, &p.b, p.w.b);
	ck_assert_int_eq(ws_listener_new(p.b.ws, &s, &LISTEN, &p, &p.l), 0);
	ck_assert_int_eq(tls_listen(p.b.tls, p.b.conf, &p.w.ip_b, &LISTEN_TLS,
				    &p, &p.tcp), 0);
	meet(&p, "example.com");
	world_until(&p.w, &p.a.messages, 1);
	world_until(&p.w, &p.b.messages, 1);
	ck_assert_ptr_nonnull(tls_of(ws_under(p.a.t)));
	ck_assert_ptr_null(tls_of(p.a.t));
	tcp_close(p.b.t);
	world_until(&p.w, &p.a.closed, 1);
	ck_assert_int_eq(p.a.err, 0);

	meet(&p, "example.net"); /* the reason is TLS's own */
	world_until(&p.w, &p.a.closed, 2);
	ck_assert_int_eq(p.a.err, EACCES);
	ck_assert(slice_starts(slice_str(p.a.why), "name mismatch: wanted "
					   "example.net"));
	ws_streams_free(p.a.ws);
	ws_streams_free(p.b.ws);
	tls_streams_free(p.a.tls);
	tls_streams_free(p.b.tls);
	tls_conf_free(p.a.conf);
	tls_conf_free(p.b.conf);
	tls_store_free(p.ca);
	world_close(&p.w);
}
END_TEST

WORLD_SUITE(ws_tls, WORLD_TESTS(messages_over_tls), WORLD_TESTS(NULL));
