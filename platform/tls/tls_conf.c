/* SPDX-License-Identifier: BSD-2-Clause
 * Stores and confs: what connections share. */
#include "platform/tls/tls_priv.h"

#include "platform/crypto.h"
#include "platform/tls/pem.h"

/* What has changed its form since 2.28. */
#if MBEDTLS_VERSION_NUMBER < 0x03000000
static int parse_key(struct tls_conf *c, const uint8_t *p, size_t n)
{
	return mbedtls_pk_parse_key(&c->key, p, n, NULL, 0);
}

static int check_pair(struct tls_conf *c)
{
	return mbedtls_pk_check_pair(&c->cert.pk, &c->key);
}

static int prepare(void)
{
	return 0;
}
#else
#include <psa/crypto.h>

static int parse_key(struct tls_conf *c, const uint8_t *p, size_t n)
{
	return mbedtls_pk_parse_key(&c->key, p, n, NULL, 0, tls_random,
				    &c->drbg);
}

static int check_pair(struct tls_conf *c)
{
	return mbedtls_pk_check_pair(&c->cert.pk, &c->key, tls_random,
				     &c->drbg);
}

static int prepare(void) /* TLS 1.3 of the library works with PSA */
{
	return psa_crypto_init() == PSA_SUCCESS ? 0 : -1;
}
#endif

/* A ticket lives so long (RFC 5077 5.6: limited); both ends forget it when
 * their conf changes. */
enum { TICKET_SECONDS = 3600 };

static const mono HANDSHAKE = SEC(10);

int tls_random(void *drbg, unsigned char *out, size_t n)
{
	drbg_bytes(drbg, out, n);
	return 0;
}

/* ------------------------------------------------------------- blocks */
static bool is_nomem(int rc)
{
	/* The low-level code is added to X.509's, or comes alone. */
	return rc == MBEDTLS_ERR_X509_ALLOC_FAILED ||
	       rc == MBEDTLS_ERR_PK_ALLOC_FAILED ||
	       (-rc & 0x7f) == -MBEDTLS_ERR_ASN1_ALLOC_FAILED ||
	       (-rc & 0x7f) == -MBEDTLS_ERR_MPI_ALLOC_FAILED ||
	       rc == MBEDTLS_ERR_ECP_ALLOC_FAILED;
}

/* Hands each block with a fitting label, or a file that is DER, to one:
 * how many it took, or -ENOMEM. */
static int each(struct mem *m, struct slice file, const char *label,
		int (*one)(void *arg, const uint8_t *p, size_t n), void *arg)
{
	struct pem block;
	int taken = 0;

	if (file.n && (uint8_t)file.p[0] == DER_SEQUENCE) {
		int rc = one(arg, (const uint8_t *)file.p, file.n);

		return rc == 0 ? 1 : is_nomem(rc) ? -ENOMEM : 0;
	}
	while (pem_next(&file, &block)) {
		size_t cap = pem_room(&block);
		uint8_t *der;
		int n, rc = -1;

		if (!slice_eq(block.label, label))
			continue;
		der = mem_new(m, cap);
		if (!der)
			return -ENOMEM;
		n = pem_decode(&block, der, cap);
		if (n > 0)
			rc = one(arg, der, (size_t)n);
		mem_free(m, der);
		taken += rc == 0;
		if (rc && n > 0 && is_nomem(rc))
			return -ENOMEM;
	}
	return taken;
}

/* Roots, and what we show ourselves, may have critical extensions that the
 * library does not know, name constraints above all: of roots cert_judge knows
 * more, and refuses the others; ours are the peer's to judge. */
static int any_extension(void *arg, const mbedtls_x509_crt *crt,
			 const mbedtls_x509_buf *oid, int critical,
			 const unsigned char *p, const unsigned char *end)
{
	(void)arg;
	(void)crt;
	(void)oid;
	(void)critical;
	(void)p;
	(void)end;
	return 0;
}

/* -------------------------------------------------------------- store */
struct tls_store *tls_store_new(struct mem *m, struct tls_store *more)
{
	struct tls_store *s = mem_new(m, sizeof(*s));

	if (!s)
		return NULL;
	s->m = m;
	mbedtls_x509_crt_init(&s->ca);
	mbedtls_x509_crl_init(&s->crl);
	s->more = more;
	if (more)
		more->users++;
	return s;
}

void tls_store_drop(struct tls_store *s)
{
	struct tls_store *more = s->more;

	if (--s->users == 0 && s->freed) {
		s->users = 1;
		s->freed = false;
		/* What stands behind the last ones is the other store's. */
		if (s->last)
			s->last->next = NULL;
		if (s->last_crl)
			s->last_crl->next = NULL;
		mbedtls_x509_crt_free(&s->ca);
		mbedtls_x509_crl_free(&s->crl);
		mem_free(s->m, s);
		if (more)
			tls_store_drop(more);
	}
}

void tls_store_free(struct tls_store *s)
{
	if (!s)
		return;
	s->freed = true;
	s->users++;
	tls_store_drop(s);
}

static int add_ca(void *arg, const uint8_t *p, size_t n)
{
	struct tls_store *s = arg;
	int rc = mbedtls_x509_crt_parse_der_with_ext_cb(&s->ca, p, n, 1,
							any_extension, NULL);

	if (rc == 0)
		for (s->last = &s->ca; s->last->next; s->last = s->last->next)
			;
	return rc;
}

static int add_crl(void *arg, const uint8_t *p, size_t n)
{
	struct tls_store *s = arg;
	struct cert_crl ours;
	int rc = cert_crl_parse(slice_of(p, n), &ours, NULL) < 0 ?
			 -1 : mbedtls_x509_crl_parse_der(&s->crl, p, n);

	if (rc == 0)
		for (s->last_crl = &s->crl; s->last_crl->next;
		     s->last_crl = s->last_crl->next)
			;
	return rc;
}

static int tls_conf_add(struct tls_store *s, struct slice file,
			const char *label,
			int (*one)(void *arg, const uint8_t *p, size_t n))
{
	int n = s->users ? -EBUSY : each(s->m, file, label, one, s);

	return n == 0 ? -EBADMSG : n;
}

int tls_store_add(struct tls_store *s, struct slice file)
{
	return tls_conf_add(s, file, "CERTIFICATE", add_ca);
}

int tls_store_add_crl(struct tls_store *s, struct slice file)
{
	return tls_conf_add(s, file, "X509 CRL", add_crl);
}

mbedtls_x509_crt *tls_store_cas(struct tls_store *s)
{
	while (s && !s->last)
		s = s->more;
	return s ? &s->ca : NULL;
}

mbedtls_x509_crl *tls_store_crls(struct tls_store *s)
{
	while (s && !s->last_crl)
		s = s->more;
	return s ? &s->crl : NULL;
}

/* Chains the lists of the stores beneath behind ours.  They are complete: who
 * has a user takes no more. */
static void tls_conf_join(struct tls_store *s)
{
	for (; s; s = s->more) {
		if (s->last)
			s->last->next = tls_store_cas(s->more);
		if (s->last_crl)
			s->last_crl->next = tls_store_crls(s->more);
	}
}

void tls_store_judge(const struct tls_store *s, const struct cert *c,
		     int64_t now, struct cert_fault *f)
{
	for (; s; s = s->more)
		for (const mbedtls_x509_crl *l = &s->crl; l && l->raw.p;
		     l = l == s->last_crl ? NULL : l->next) {
			struct cert_crl crl;

			if (cert_crl_parse(slice_of(l->raw.p, l->raw.len),
					   &crl, NULL) == 0 &&
			    cert_same_name(crl.issuer, c->issuer) &&
			    now > crl.until)
				cert_blame(f, CERT_CRL_OLD, NULL, crl.until);
		}
}

/* --------------------------------------------------------------- conf */
static int add_cert(void *arg, const uint8_t *p, size_t n)
{
	struct tls_conf *c = arg;

	c->cert_bytes += n;
	return mbedtls_x509_crt_parse_der_with_ext_cb(&c->cert, p, n, 1,
						      any_extension, NULL);
}

/* The library wants its PEM with a NUL behind it. */
static int add_key(struct tls_conf *c, struct slice file)
{
	bool der = file.n && (uint8_t)file.p[0] == DER_SEQUENCE;
	uint8_t *p = mem_new(c->m, file.n + 1);
	int rc;

	if (!p)
		return -ENOMEM;
	memcpy(p, file.p, file.n);
	rc = parse_key(c, p, file.n + !der);
	crypto_wipe(p, file.n);
	mem_free(c->m, p);
	return rc == 0 ? 0 : is_nomem(rc) ? -ENOMEM : -EINVAL;
}

/* One that is for clients alone the library would not show. */
static bool is_for_servers(const mbedtls_x509_crt *crt)
{
	struct cert c;

	return cert_parse(slice_of(crt->raw.p, crt->raw.len), &c, NULL) == 0 &&
	       c.purposes & (CERT_SERVER | CERT_ANY | CERT_NO_EKU);
}

static int own(struct tls_conf *c, const struct tls_setup *s, const char **why)
{
	int rc;

	*why = "a certificate wants its key, and a key its certificate";
	if (!s->cert.n != !s->key.n)
		return -EINVAL;
	*why = "a server needs a certificate";
	if (!s->cert.n)
		return s->server ? -EINVAL : 0;
	*why = "the certificate cannot be read";
	rc = each(c->m, s->cert, "CERTIFICATE", add_cert, c);
	if (rc <= 0)
		return rc ? rc : -EINVAL;
	*why = "the key cannot be read (one with a password is not supported)";
	rc = add_key(c, s->key);
	if (rc < 0)
		return rc;
	*why = "the key is another certificate's";
	if (check_pair(c))
		return -EINVAL;
	*why = "the certificate is not for servers (extendedKeyUsage)";
	if (s->server && !is_for_servers(&c->cert))
		return -EINVAL;
	c->has_cert = true;
	return 0;
}

/* Tickets, and no cache: what a server must know the clients keep. */
static int start_tickets(struct tls_conf *c)
{
	uint8_t seed[32];
	int rc;

	if (!c->server)
		return 0;
	drbg_bytes(&c->drbg, seed, sizeof(seed));
	drbg_init(&c->ticket_drbg, seed);
	crypto_wipe(seed, sizeof(seed));
	mbedtls_ssl_ticket_init(&c->tickets);
	c->has_tickets = true;
	rc = mbedtls_ssl_ticket_setup(&c->tickets, tls_random,
				      &c->ticket_drbg,
				      MBEDTLS_CIPHER_AES_256_GCM,
				      TICKET_SECONDS);
	return rc ? -ENOMEM : 0;
}

int tls_conf_new(struct mem *m, const struct tls_setup *s,
		 const uint8_t seed[32], struct tls_conf **out,
		 const char **why)
{
	struct tls_conf *c = mem_new(m, sizeof(*c));
	int rc;

	*why = "no memory";
	if (!c)
		return -ENOMEM;
	c->m = m;
	c->server = s->server;
	c->verify = s->verify;
	c->handshake = s->handshake ? s->handshake : HANDSHAKE;
	drbg_init(&c->drbg, seed);
	mbedtls_x509_crt_init(&c->cert);
	mbedtls_pk_init(&c->key);
	c->store = s->store;
	if (c->store) {
		c->store->users++;
		tls_conf_join(c->store);
	}
	rc = prepare() ? -ENOMEM : own(c, s, why);
	if (rc == 0) {
		*why = "no memory";
		rc = start_tickets(c);
	}
	if (rc < 0) {
		tls_conf_free(c);
		return rc;
	}
	*why = NULL;
	*out = c;
	return 0;
}

static void tls_conf_forget(struct tls_conf *c, struct tls_ticket *k)
{
	if (k->p)
		crypto_wipe(k->p, k->n);
	mem_free(c->m, k->p);
	*k = (struct tls_ticket){ .p = NULL };
}

void tls_conf_drop(struct tls_conf *c)
{
	if (--c->users > 0 || !c->freed)
		return;
	for (size_t i = 0; i < TLS_SESSIONS; i++)
		tls_conf_forget(c, &c->kept[i]);
	if (c->has_tickets)
		mbedtls_ssl_ticket_free(&c->tickets);
	mbedtls_x509_crt_free(&c->cert);
	mbedtls_pk_free(&c->key);
	if (c->store)
		tls_store_drop(c->store);
	drbg_wipe(&c->drbg);
	drbg_wipe(&c->ticket_drbg);
	mem_free(c->m, c);
}

void tls_conf_free(struct tls_conf *c)
{
	if (!c)
		return;
	c->freed = true;
	c->users++;
	tls_conf_drop(c);
}

/* ------------------------------------------------------------ sessions */
static bool is_of(const struct tls_ticket *k, enum cert_rules rules,
		  const char *name)
{
	return k->p && k->rules == rules &&
	       slice_ieq(slice_str(k->name), name);
}

const struct tls_ticket *tls_ticket_find(const struct tls_conf *c,
					 enum cert_rules rules,
					 const char *name, int64_t now)
{
	for (size_t i = 0; i < TLS_SESSIONS; i++)
		if (is_of(&c->kept[i], rules, name))
			return now <= c->kept[i].until ? &c->kept[i] : NULL;
	return NULL;
}

void tls_ticket_keep(struct tls_conf *c, enum cert_rules rules,
		     const char *name, int64_t until, uint8_t *p, size_t n)
{
	struct tls_ticket *k = NULL;

	for (size_t i = 0; i < TLS_SESSIONS && !k; i++)
		if (is_of(&c->kept[i], rules, name))
			k = &c->kept[i];
	if (!k && !p)
		return;
	if (!k)
		k = &c->kept[c->next++ % TLS_SESSIONS];
	tls_conf_forget(c, k);
	if (!p)
		return;
	*k = (struct tls_ticket){ .rules = rules, .until = until, .p = p,
				  .n = n };
	memcpy(k->name, name, strlen(name) + 1);
}
