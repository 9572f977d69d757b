/* SPDX-License-Identifier: BSD-2-Clause
 * What decrypts a connection, as lines of a key log.  The library tells it in
 * the middle of a handshake, so that the room for it is there before. */
#include "platform/tls/tls_priv.h"

/* LABEL SP client_random SP secret LF, both in hexadecimal. */
static void line(struct tls_secrets *s, const char *label,
		 const uint8_t random[32], const uint8_t *secret, size_t n)
{
	struct writer w = writer_begin(s->lines + s->n,
				       sizeof(s->lines) - s->n);

	writer_str(&w, label);
	writer_char(&w, ' ');
	writer_hex(&w, random, 32);
	writer_char(&w, ' ');
	writer_hex(&w, secret, n);
	writer_char(&w, '\n');
	if (!w.full) /* a line that is cut would be a wrong one */
		s->n += w.n;
}

/* What has changed its form since 2.28. */
#if MBEDTLS_VERSION_NUMBER < 0x03000000
enum { MASTER = 48 }; /* RFC 5246 8.1 */

static int on_keys(void *arg, const unsigned char *master,
		   const unsigned char *block, size_t mac, size_t key,
		   size_t iv, const unsigned char client[32],
		   const unsigned char server[32], mbedtls_tls_prf_types prf)
{
	(void)block;
	(void)mac;
	(void)key;
	(void)iv;
	(void)server;
	(void)prf;
	line(arg, "CLIENT_RANDOM", client, master, MASTER);
	return 0;
}

void tls_secrets_want(struct tls_secrets *s, mbedtls_ssl_config *c,
		      mbedtls_ssl_context *ssl)
{
	(void)ssl;
	mbedtls_ssl_conf_export_keys_ext_cb(c, on_keys, s);
}
#else
static const struct {
	mbedtls_ssl_key_export_type type;
	const char *label;
} labels[] = {
	{ MBEDTLS_SSL_KEY_EXPORT_TLS12_MASTER_SECRET, "CLIENT_RANDOM" },
#if MBEDTLS_VERSION_NUMBER >= 0x03020000 && defined(MBEDTLS_SSL_PROTO_TLS1_3)
	{ MBEDTLS_SSL_KEY_EXPORT_TLS1_3_CLIENT_HANDSHAKE_TRAFFIC_SECRET,
	  "CLIENT_HANDSHAKE_TRAFFIC_SECRET" },
	{ MBEDTLS_SSL_KEY_EXPORT_TLS1_3_SERVER_HANDSHAKE_TRAFFIC_SECRET,
	  "SERVER_HANDSHAKE_TRAFFIC_SECRET" },
	{ MBEDTLS_SSL_KEY_EXPORT_TLS1_3_CLIENT_APPLICATION_TRAFFIC_SECRET,
	  "CLIENT_TRAFFIC_SECRET_0" },
	{ MBEDTLS_SSL_KEY_EXPORT_TLS1_3_SERVER_APPLICATION_TRAFFIC_SECRET,
	  "SERVER_TRAFFIC_SECRET_0" },
#endif
};

static void on_keys(void *arg, mbedtls_ssl_key_export_type type,
		    const unsigned char *secret, size_t n,
		    const unsigned char client[32],
		    const unsigned char server[32], mbedtls_tls_prf_types prf)
{
	(void)server;
	(void)prf;
	for (size_t i = 0; i < COUNT(labels); i++)
		if (labels[i].type == type)
			line(arg, labels[i].label, client, secret, n);
}

void tls_secrets_want(struct tls_secrets *s, mbedtls_ssl_config *c,
		      mbedtls_ssl_context *ssl)
{
	(void)c;
	mbedtls_ssl_set_export_keys_cb(ssl, on_keys, s);
}
#endif
