/* SPDX-License-Identifier: BSD-2-Clause
 * platform/tls/tls_priv.h - what the files of the door to mbedtls share.
 */
#ifndef PLATFORM_TLS_TLS_PRIV_H
#define PLATFORM_TLS_TLS_PRIV_H
#define MBEDTLS_ALLOW_PRIVATE_ACCESS /* the alert that came is told nowhere */
#include "platform/tls/tls.h"

#include <mbedtls/pk.h>
#include <mbedtls/ssl.h>
#include <mbedtls/ssl_ticket.h>
#include <mbedtls/version.h>
#include <mbedtls/x509_crl.h>
#include <mbedtls/x509_crt.h>

struct tls_store {
	struct mem *m;
	struct tls_store *more; /* whose lists ours go on with */
	unsigned users;         /* stores and confs that stand on it */
	bool freed;
	mbedtls_x509_crt ca;    /* and the next ones, then those of more */
	mbedtls_x509_crt *last; /* our last one; NULL: there is none */
	mbedtls_x509_crl crl;
	mbedtls_x509_crl *last_crl;
};

/* A session of a client's, as the library writes it. */
struct tls_ticket {
	char name[TLS_NAME + 1];
	enum cert_rules rules;
	int64_t until;   /* of the certificate that was seen: seconds */
	uint8_t *p;
	size_t n;
};

struct tls_conf {
	struct mem *m;
	struct tls_store *store;
	unsigned users;
	bool freed, server;
	enum tls_verify verify;
	mono handshake;
	struct drbg drbg;
	mbedtls_x509_crt cert;
	mbedtls_pk_context key;
	bool has_cert;
	size_t cert_bytes;         /* of the own chain */
	mbedtls_ssl_ticket_context tickets; /* of a server */
	struct drbg ticket_drbg; /* theirs: tls_work writes tickets, maybe
				  * beside a tls_new that draws from drbg */
	bool has_tickets;
	struct tls_ticket kept[TLS_SESSIONS];
	unsigned next;             /* kept: which is replaced */
};

/* Of one connection, four lines of at most 200 octets each by TLS 1.3. */
struct tls_secrets {
	size_t n;
	char lines[800];
};

/* The library writes them there; before the handshake. */
void tls_secrets_want(struct tls_secrets *s, mbedtls_ssl_config *c,
		      mbedtls_ssl_context *ssl);

/* mbedtls asks for random octets in this form. */
int tls_random(void *drbg, unsigned char *out, size_t n);

/* The lists that the library walks, those of the stores beneath included;
 * NULL: empty. */
mbedtls_x509_crt *tls_store_cas(struct tls_store *s);
mbedtls_x509_crl *tls_store_crls(struct tls_store *s);
void tls_store_drop(struct tls_store *s);
void tls_conf_drop(struct tls_conf *c);
/* Is a revocation list of c's issuer out of date? */
void tls_store_judge(const struct tls_store *s, const struct cert *c,
		     int64_t now, struct cert_fault *f);

/* Sessions: NULL when there is none for the peer. */
const struct tls_ticket *tls_ticket_find(const struct tls_conf *c,
					 enum cert_rules rules,
					 const char *name, int64_t now);
/* Takes p over (from c->m); NULL forgets what is kept for the peer. */
void tls_ticket_keep(struct tls_conf *c, enum cert_rules rules,
		     const char *name, int64_t until, uint8_t *p, size_t n);
#endif
