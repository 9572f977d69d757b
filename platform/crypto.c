/* SPDX-License-Identifier: BSD-2-Clause */
#define MBEDTLS_ALLOW_PRIVATE_ACCESS /* SHA-512/256 sets a state's words */
#include "platform/crypto.h"

#include <mbedtls/chacha20.h>
#include <mbedtls/md5.h>
#include <mbedtls/platform_util.h>
#include <mbedtls/sha1.h>
#include <mbedtls/sha256.h>
#include <mbedtls/sha512.h>
#include <mbedtls/version.h>

/* 2.28 has the functions that report an error under names of their own. */
#if MBEDTLS_VERSION_NUMBER < 0x03000000
#define mbedtls_md5_starts    mbedtls_md5_starts_ret
#define mbedtls_md5_update    mbedtls_md5_update_ret
#define mbedtls_md5_finish    mbedtls_md5_finish_ret
#define mbedtls_sha1_starts   mbedtls_sha1_starts_ret
#define mbedtls_sha1_update   mbedtls_sha1_update_ret
#define mbedtls_sha1_finish   mbedtls_sha1_finish_ret
#define mbedtls_sha256_starts mbedtls_sha256_starts_ret
#define mbedtls_sha256_update mbedtls_sha256_update_ret
#define mbedtls_sha256_finish mbedtls_sha256_finish_ret
#define mbedtls_sha512_starts mbedtls_sha512_starts_ret
#define mbedtls_sha512_update mbedtls_sha512_update_ret
#define mbedtls_sha512_finish mbedtls_sha512_finish_ret
#endif

/* Which of the library's four contexts stands in struct hash. */
enum family { MD5, SHA1, SHA2_32, SHA2_64 };

static const struct {
	enum family family;
	uint8_t size, block;
} algs[] = {
	[HASH_MD5] = { MD5, 16, 64 },
	[HASH_SHA1] = { SHA1, 20, 64 },
	[HASH_SHA224] = { SHA2_32, 28, 64 },
	[HASH_SHA256] = { SHA2_32, 32, 64 },
	[HASH_SHA384] = { SHA2_64, 48, 128 },
	[HASH_SHA512] = { SHA2_64, 64, 128 },
	[HASH_SHA512_256] = { SHA2_64, 32, 128 },
};

#define FITS(ctx) (sizeof(ctx) <= sizeof(((struct hash *)0)->state))
_Static_assert(FITS(mbedtls_md5_context) && FITS(mbedtls_sha1_context) &&
	       FITS(mbedtls_sha256_context) && FITS(mbedtls_sha512_context),
	       "struct hash is too small for this mbedtls");

/* The software hashes cannot fail, and no accelerated one may. */
static void must(int rc)
{
	INVARIANT(rc == 0);
	(void)rc;
}

size_t hash_size(enum hash_alg alg)
{
	return algs[alg].size;
}

/* FIPS 180-4 section 5.3.6.2. */
static void start_sha512_256(mbedtls_sha512_context *c)
{
	static const uint64_t iv[8] = {
		0x22312194FC2BF72C, 0x9F555FA3C84C64C2,
		0x2393B86B6F53B151, 0x963877195940EABD,
		0x96283EE2A88EFFE3, 0xBE5E1E2553863992,
		0x2B0199FC2C85B8AA, 0x0EB72DDC81C52CA2,
	};

	memcpy(c->state, iv, sizeof(iv));
}

void hash_init(struct hash *h, enum hash_alg alg)
{
	void *c;

	*h = (struct hash){ .alg = alg };
	c = h->state;
	switch (algs[alg].family) {
	case MD5:
		mbedtls_md5_init(c);
		must(mbedtls_md5_starts(c));
		break;
	case SHA1:
		mbedtls_sha1_init(c);
		must(mbedtls_sha1_starts(c));
		break;
	case SHA2_32:
		mbedtls_sha256_init(c);
		must(mbedtls_sha256_starts(c, alg == HASH_SHA224));
		break;
	case SHA2_64:
		mbedtls_sha512_init(c);
		must(mbedtls_sha512_starts(c, alg == HASH_SHA384));
		if (alg == HASH_SHA512_256)
			start_sha512_256(c);
		break;
	}
}

void hash_add(struct hash *h, struct slice s)
{
	const uint8_t *p = (const uint8_t *)s.p;
	void *c = h->state;

	if (s.n == 0)
		return;
	switch (algs[h->alg].family) {
	case MD5:
		must(mbedtls_md5_update(c, p, s.n));
		break;
	case SHA1:
		must(mbedtls_sha1_update(c, p, s.n));
		break;
	case SHA2_32:
		must(mbedtls_sha256_update(c, p, s.n));
		break;
	case SHA2_64:
		must(mbedtls_sha512_update(c, p, s.n));
		break;
	}
}

void hash_end(struct hash *h, uint8_t *out)
{
	uint8_t full[HASH_MAX];
	void *c = h->state;

	switch (algs[h->alg].family) {
	case MD5:
		must(mbedtls_md5_finish(c, full));
		break;
	case SHA1:
		must(mbedtls_sha1_finish(c, full));
		break;
	case SHA2_32:
		must(mbedtls_sha256_finish(c, full));
		break;
	case SHA2_64:
		must(mbedtls_sha512_finish(c, full));
		break;
	}
	memcpy(out, full, algs[h->alg].size);
	crypto_wipe(full, sizeof(full));
	crypto_wipe(h->state, sizeof(h->state));
}

void hash_of(enum hash_alg alg, const struct slice *part, size_t n,
	     uint8_t *out)
{
	struct hash h;

	hash_init(&h, alg);
	for (size_t i = 0; i < n; i++)
		hash_add(&h, part[i]);
	hash_end(&h, out);
}

void hmac_init(struct hmac *h, enum hash_alg alg, struct slice key)
{
	uint8_t pad[HASH_BLOCK_MAX] = { 0 };
	size_t block = algs[alg].block;

	if (key.n > block)
		hash_of(alg, &key, 1, pad);
	else if (key.n)
		memcpy(pad, key.p, key.n);
	for (size_t i = 0; i < block; i++)
		pad[i] ^= 0x36;
	hash_init(&h->inner, alg);
	hash_add(&h->inner, slice_of(pad, block));
	for (size_t i = 0; i < block; i++)
		pad[i] ^= 0x36 ^ 0x5C;
	hash_init(&h->outer, alg);
	hash_add(&h->outer, slice_of(pad, block));
	crypto_wipe(pad, sizeof(pad));
}

void hmac_add(struct hmac *h, struct slice s)
{
	hash_add(&h->inner, s);
}

void hmac_end(struct hmac *h, uint8_t *out)
{
	uint8_t inner[HASH_MAX];

	hash_end(&h->inner, inner);
	hash_add(&h->outer, slice_of(inner, algs[h->outer.alg].size));
	hash_end(&h->outer, out);
	crypto_wipe(inner, sizeof(inner));
}

void hmac_of(enum hash_alg alg, struct slice key, const struct slice *part,
	     size_t n, uint8_t *out)
{
	struct hmac h;

	hmac_init(&h, alg, key);
	for (size_t i = 0; i < n; i++)
		hmac_add(&h, part[i]);
	hmac_end(&h, out);
}

void chacha20_xor(const uint8_t key[32], const uint8_t nonce[12],
		  uint32_t counter, void *buf, size_t n)
{
	must(mbedtls_chacha20_crypt(key, nonce, counter, n, buf, buf));
}

bool crypto_same(const void *a, const void *b, size_t n)
{
	const volatile uint8_t *x = a, *y = b;
	uint8_t differ = 0;

	for (size_t i = 0; i < n; i++)
		differ |= (uint8_t)(x[i] ^ y[i]);
	return differ == 0;
}

void crypto_wipe(void *p, size_t n)
{
	mbedtls_platform_zeroize(p, n);
}
