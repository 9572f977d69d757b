/* SPDX-License-Identifier: BSD-2-Clause
 * sip/sip_secure_tls.c - SIP's connections by TLS: RFC 3261 26.3, RFC 5922.
 * Handshakes run on a worker, so that audio does not wait for public keys; it
 * and the host's bundle are there from the first one on. */
#include "sip/sip_secure.h"

#include <stdio.h>
#include <stdlib.h>

#include "platform/list.h"
#include "platform/tls/tls_stream.h"

enum { NAME_MAX_OCTETS = 255, BUNDLE_MAX = 4 << 20 };

/* Where the usual distributions have whom they believe. */
static const char *const bundles[] = {
	"/etc/ssl/certs/ca-certificates.crt",
	"/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/ca-bundle.pem",
	"/etc/ssl/cert.pem",
};

struct identity {
	struct list link;
	uint32_t number;
	struct tls_conf *conf; /* NULL: why not */
	const char *why;
	size_t name_n;
	char name[NAME_MAX_OCTETS];
};

struct ear { /* a listener's */
	struct list link;
	struct tls_conf *conf;
	void (*on_accept)(void *arg, struct tcp *t);
	void *arg;
};

struct sip_secures {
	struct reactor *r;
	struct mem *mem;
	struct jobs *jobs;
	struct tls_streams *streams; /* NULL: nothing was opened yet */
	struct trace *trace;
	struct tls_store *host;
	struct list identities, ears;
};

/* ------------------------------------------------------- whom to believe */
static int read_bundle(struct tls_store *s, const char *path, struct mem *m)
{
	FILE *f = fopen(path, "rb");
	char *p = NULL;
	long n = -1;
	int rc = -ENOENT;

	if (!f)
		return -ENOENT;
	if (fseek(f, 0, SEEK_END) == 0)
		n = ftell(f);
	if (n > 0 && n <= BUNDLE_MAX && fseek(f, 0, SEEK_SET) == 0) {
		p = mem_new(m, (size_t)n);
		rc = -ENOMEM;
	}
	if (p && fread(p, 1, (size_t)n, f) == (size_t)n)
		rc = tls_store_add(s, slice_of(p, (size_t)n));
	mem_free(m, p);
	fclose(f);
	return rc;
}

/* Without any of these files nobody is believed. */
static struct tls_store *host_store(struct sip_secures *s)
{
	int rc = -ENOENT;

	if (s->host)
		return s->host;
	s->host = tls_store_new(s->mem, NULL);
	for (size_t i = 0; s->host && i < COUNT(bundles) && rc == -ENOENT; i++)
		rc = read_bundle(s->host, bundles[i], s->mem);
	if (rc == -ENOMEM) { /* the next one tries it again */
		tls_store_free(s->host);
		s->host = NULL;
	}
	return s->host;
}

/* *why says what cannot be read. */
static int own_store(struct sip_secures *s, const struct sip_identity *id,
		     struct tls_store **out, const char **why)
{
	struct tls_store *more = id->ca.n ? NULL : host_store(s);
	struct tls_store *t = id->ca.n || more ?
			      tls_store_new(s->mem, more) : NULL;
	int rc = t ? 0 : -ENOMEM;

	*why = "no memory";
	if (rc == 0 && id->ca.n)
		rc = tls_store_add(t, id->ca);
	if (rc == -EBADMSG)
		*why = "there is no certificate in the CA file";
	if (rc >= 0 && id->crl.n) {
		rc = tls_store_add_crl(t, id->crl);
		if (rc == -EBADMSG)
			*why = "there is no revocation list in its file";
	}
	if (rc < 0) {
		tls_store_free(t);
		return rc;
	}
	*out = t;
	return 0;
}

/* server: those that connect are believed by id's ca alone. */
static int conf_new(struct sip_secures *s, const struct sip_identity *id,
		    bool server, struct tls_conf **out, const char **why)
{
	struct tls_setup set = { .server = server, .cert = id->cert,
				 .key = id->key };
	struct tls_store *store = NULL;
	uint8_t seed[32];
	int rc = 0;

	if (id->anybody || (server && !id->ca.n))
		set.verify = TLS_VERIFY_NOT;
	else
		set.verify = server ? TLS_VERIFY_MUST : TLS_VERIFY;
	if (set.verify != TLS_VERIFY_NOT && (id->ca.n || id->crl.n))
		rc = own_store(s, id, &store, why);
	else if (set.verify != TLS_VERIFY_NOT)
		set.store = host_store(s);
	if (store)
		set.store = store;
	if (rc == 0 && set.verify != TLS_VERIFY_NOT && !set.store) {
		*why = "no memory";
		rc = -ENOMEM;
	}
	if (rc == 0) {
		*why = "no random bits";
		rc = reactor_entropy(s->r, seed, sizeof(seed));
	}
	if (rc == 0)
		rc = tls_conf_new(s->mem, &set, seed, out, why);
	memset(seed, 0, sizeof(seed));
	tls_store_free(store); /* the conf keeps it */
	return rc;
}

/* ------------------------------------------------------------ identities */
static struct identity *identity_of(struct sip_secures *s, uint32_t number)
{
	for (struct list *l = s->identities.next; l != &s->identities;
	     l = l->next) {
		struct identity *i = CONTAINER(l, struct identity, link);

		if (i->number == number)
			return i;
	}
	return NULL;
}

static void identity_free(struct sip_secures *s, struct identity *i)
{
	list_remove(&i->link);
	tls_conf_free(i->conf);
	mem_free(s->mem, i);
}

/* What is open goes on with the old one. */
static int identify(struct sip_secures *s, uint32_t number,
		    const struct sip_identity *id, const char **why)
{
	struct identity *i = identity_of(s, number);
	struct tls_conf *conf = NULL;
	int rc;

	*why = NULL;
	if (!id) {
		if (i)
			identity_free(s, i);
		return 0;
	}
	if (!i) {
		*why = "no memory";
		i = mem_new(s->mem, sizeof(*i));
		if (!i)
			return -ENOMEM;
		i->number = number;
		list_append(&s->identities, &i->link);
	}
	*why = id->name.n > sizeof(i->name) ? "the name to verify is too long" :
	       id->fault;
	rc = *why ? -EINVAL : conf_new(s, id, false, &conf, why);
	tls_conf_free(i->conf);
	i->conf = rc ? NULL : conf;
	i->why = *why;
	i->name_n = rc ? 0 : id->name.n;
	if (i->name_n)
		memcpy(i->name, id->name.p, i->name_n);
	return rc;
}

static uint32_t secure_next(const struct sip_secures *s, uint32_t number)
{
	uint32_t next = 0;

	for (struct list *l = s->identities.next; l != &s->identities;
	     l = l->next) {
		uint32_t n = CONTAINER(l, struct identity, link)->number;

		if (n > number && (!next || n < next))
			next = n;
	}
	return next;
}

/* ----------------------------------------------------------- connections */
static int start(struct sip_secures *s)
{
	if (!s->streams && !s->jobs)
		s->jobs = jobs_new(s->r, 1);
	if (!s->streams && s->jobs)
		s->streams = tls_streams_new(s->r, s->jobs);
	if (s->streams)
		tls_streams_trace(s->streams, s->trace);
	return s->streams ? 0 : -ENOMEM;
}

static int secure_connect(struct sip_secures *s, uint32_t number,
			  struct slice name, const struct addr *local,
			  const struct addr *remote, const struct tcp_ops *ops,
			  void *arg, struct tcp **out, const char **why)
{
	static const struct sip_identity nobodys = { .anybody = false };
	struct tls_peer peer = { .rules = CERT_NAME_SIP, .name = name };
	struct identity *i = identity_of(s, number);
	int rc = start(s);

	*why = NULL;
	if (!i)
		i = identity_of(s, 0);
	if (rc == 0 && (!i || (!i->number && !i->conf))) {
		rc = identify(s, 0, &nobodys, why);
		i = identity_of(s, 0);
	}
	if (rc)
		return rc;
	if (!i->conf) {
		*why = i->why;
		return -EINVAL;
	}
	if (i->name_n)
		peer.name = slice_of(i->name, i->name_n);
	return tls_connect(s->streams, i->conf, local, remote, &peer, ops,
			   arg, out);
}

static void ear_accept(void *arg, struct tcp *t)
{
	struct ear *e = arg;

	e->on_accept(e->arg, t);
}

static int secure_listen(struct sip_secures *s, const struct sip_identity *id,
			 const struct addr *local,
			 void (*on_accept)(void *arg, struct tcp *t),
			 void *arg, struct tcp_listener **out,
			 const char **why)
{
	static const struct tls_listen_ops ops = { .on_accept = ear_accept };
	struct ear *e = mem_new(s->mem, sizeof(*e));
	int rc = e ? start(s) : -ENOMEM;

	*why = NULL;
	if (rc == 0)
		rc = conf_new(s, id, true, &e->conf, why);
	if (rc == 0) {
		e->on_accept = on_accept;
		e->arg = arg;
		rc = tls_listen(s->streams, e->conf, local, &ops, e, out);
		if (rc)
			tls_conf_free(e->conf);
	}
	if (rc) {
		mem_free(s->mem, e);
		return rc;
	}
	list_append(&s->ears, &e->link);
	return 0;
}

static const char *secure_fault(const struct tcp *t)
{
	const struct tls *k = tls_of(t);
	const struct tls_fault *f = k ? tls_fault(k) : NULL;

	return f && f->cause != TLS_FINE && f->cert.text[0] ? f->cert.text :
	       NULL;
}

static void secure_trace(struct sip_secures *s, struct trace *t)
{
	s->trace = t;
}

/* ------------------------------------------------------------------ life */
static int secure_make(struct reactor *r, struct sip_secures **out)
{
	struct sip_secures *s = mem_new(reactor_mem(r), sizeof(*s));

	if (!s)
		return -ENOMEM;
	s->r = r;
	s->mem = reactor_mem(r);
	list_init(&s->identities);
	list_init(&s->ears);
	*out = s;
	return 0;
}

static void secure_free(struct sip_secures *s)
{
	tls_streams_free(s->streams);
	if (s->jobs)
		jobs_free(s->jobs);
	while (!list_empty(&s->identities))
		identity_free(s, CONTAINER(s->identities.next, struct identity,
					   link));
	while (!list_empty(&s->ears)) {
		struct ear *e = CONTAINER(list_take(&s->ears), struct ear,
					  link);

		tls_conf_free(e->conf);
		mem_free(s->mem, e);
	}
	tls_store_free(s->host);
	mem_free(s->mem, s);
}

extern const struct sip_secure_ops sip_secure_tls;
const struct sip_secure_ops sip_secure_tls = {
	.make = secure_make, .free = secure_free, .identify = identify,
	.next = secure_next, .connect = secure_connect, .listen = secure_listen,
	.fault = secure_fault, .trace = secure_trace,
};
