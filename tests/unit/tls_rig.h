/* SPDX-License-Identifier: BSD-2-Clause
 * tests/unit/tls_rig.h - two ends of TLS with a pipe of octets between them.
 */
#ifndef TESTS_UNIT_TLS_RIG_H
#define TESTS_UNIT_TLS_RIG_H
#include "platform/tls/tls.h"
#include "tests/certs/certs.h"

enum rig_end { CLIENT, SERVER };

struct rig {
	struct mem m;
	struct tls_store *store[2];
	struct tls_conf *conf[2];
	struct tls *t[2];
	struct instant now;
	unsigned confs;    /* made so far */
	size_t chunk;      /* octets that cross at a time; 0: as they come */
	size_t crossed[2]; /* from each end */
	size_t stop[2];    /* no more than so many cross from it; 0: all */
	size_t flip[2];    /* its n-th octet, from 1, is changed; 0: none */
};

struct rig_setup {
	const char *cert, *key; /* the server's; NULL: good.pem, leaf.key */
	const char *client_cert, *client_key;
	const char *ca;  /* that the client believes; NULL: ca.pem; "": none */
	const char *crl; /* of the client's */
	enum tls_verify client, server;
	enum cert_rules rules;
	const char *name; /* NULL: example.com by the rules of SIP */
};

static inline struct slice rig_file(const char *name)
{
	return name && name[0] ? certs_file(name) : S("");
}

static inline void rig_free(struct slice s)
{
	if (s.n)
		certs_free(s);
}

static inline struct tls_store *rig_store(struct rig *r, const char *ca,
					  const char *crl)
{
	struct tls_store *s = tls_store_new(&r->m, NULL);
	struct slice a = rig_file(ca), l = rig_file(crl);
	int rc = s && a.n ? tls_store_add(s, a) : 0;

	if (s && l.n && rc >= 0)
		rc = tls_store_add_crl(s, l);
	rig_free(a);
	rig_free(l);
	if (rc >= 0)
		return s;
	tls_store_free(s);
	return NULL;
}

static inline int rig_conf(struct rig *r, enum rig_end e, const char *cert,
			   const char *key, enum tls_verify verify)
{
	uint8_t seed[32] = { (uint8_t)++r->confs }; /* a new one for each */
	struct tls_setup s = { .server = e == SERVER, .verify = verify,
			       .store = r->store[e], .cert = rig_file(cert),
			       .key = rig_file(key), .handshake = SEC(10) };
	const char *why;
	int rc = tls_conf_new(&r->m, &s, seed, &r->conf[e], &why);

	rig_free(s.cert);
	rig_free(s.key);
	return rc;
}

static inline int rig_meet(struct rig *r, enum cert_rules rules,
			   const char *name)
{
	struct tls_peer who = { .rules = rules, .name = slice_str(name) };
	struct tls_peer any = { 0 };
	int rc;

	r->crossed[CLIENT] = r->crossed[SERVER] = 0;
	rc = tls_new(r->conf[CLIENT], &who, r->now, &r->t[CLIENT]);
	return rc ? rc : tls_new(r->conf[SERVER], &any, r->now,
				 &r->t[SERVER]);
}

/* 0 or -ENOMEM; ended by rig_end in any case. */
static inline int rig_begin(struct rig *r, const struct rig_setup *s)
{
	int rc;

	*r = (struct rig){ .now = { SEC(1), CERTS_NOW * SEC(1) } };
	mem_init(&r->m, 0);
	r->store[CLIENT] = rig_store(r, s->ca ? s->ca : "ca.pem", s->crl);
	r->store[SERVER] = rig_store(r, "ca.pem", NULL);
	if (!r->store[CLIENT] || !r->store[SERVER])
		return -ENOMEM;
	rc = rig_conf(r, CLIENT, s->client_cert, s->client_key, s->client);
	if (rc == 0)
		rc = rig_conf(r, SERVER, s->cert ? s->cert : "good.pem",
			      s->key ? s->key : "leaf.key", s->server);
	return rc ? rc : rig_meet(r, s->name ? s->rules : CERT_NAME_SIP,
				  s->name ? s->name : "example.com");
}

static inline void rig_part(struct rig *r)
{
	for (int i = 0; i < 2; i++) {
		tls_free(r->t[i]);
		r->t[i] = NULL;
	}
}

static inline void rig_end(struct rig *r)
{
	rig_part(r);
	for (int i = 0; i < 2; i++) {
		tls_conf_free(r->conf[i]);
		tls_store_free(r->store[i]);
	}
}

/* What one end has to send, to the other; false: nothing crossed. */
static inline bool rig_cross(struct rig *r, enum rig_end from)
{
	struct tls *to = r->t[!from];
	struct slice s = tls_unsent(r->t[from]);
	size_t n = r->chunk && r->chunk < s.n ? r->chunk : s.n;
	size_t at = r->crossed[from];
	char piece[4096];
	int rc;

	n = n < sizeof(piece) ? n : sizeof(piece);
	if (r->stop[from] && n > r->stop[from] - at)
		n = r->stop[from] - at;
	if (n == 0)
		return false;
	memcpy(piece, s.p, n);
	if (r->flip[from] > at && r->flip[from] <= at + n)
		piece[r->flip[from] - at - 1] ^= 0x20;
	r->crossed[from] += n;
	rc = tls_on_bytes(to, piece, n);
	tls_sent(r->t[from], n);
	if (rc == 0 && tls_wants_work(to))
		tls_work(to);
	tls_settle(to);
	return rc == 0;
}

static inline void rig_run(struct rig *r)
{
	if (tls_wants_work(r->t[CLIENT]))
		tls_work(r->t[CLIENT]);
	for (bool more = true; more;) {
		more = rig_cross(r, CLIENT);
		more = rig_cross(r, SERVER) || more;
	}
}
#endif
