/* SPDX-License-Identifier: BSD-2-Clause
 * platform/crypto.h - hashes, HMAC and a stream cipher, through mbedtls.
 * Nothing here allocates or fails.  The structs are the caller's, hold no
 * pointer, may be copied by assignment (to go on twice from one prefix, or to
 * keep a keyed struct hmac ready), and are wiped by their end function.
 */
#ifndef PLATFORM_CRYPTO_H
#define PLATFORM_CRYPTO_H
#include "platform/slice.h"

enum hash_alg {
	HASH_MD5,       /* RFC 1321 */
	HASH_SHA1,      /* FIPS 180-4, as all below */
	HASH_SHA224,
	HASH_SHA256,
	HASH_SHA384,
	HASH_SHA512,
	HASH_SHA512_256 /* its own initial state: not SHA-512 cut short */
};

enum {
	HASH_MAX = 64,        /* bytes of the longest hash */
	HASH_BLOCK_MAX = 128, /* bytes of the longest block */
	HASH_HEX_MAX = 2 * HASH_MAX
};

struct hash { /* private */
	enum hash_alg alg;
	uint64_t state[32];
};

size_t hash_size(enum hash_alg alg); /* bytes of the result */

void hash_init(struct hash *h, enum hash_alg alg);
void hash_add(struct hash *h, struct slice s);
void hash_end(struct hash *h, uint8_t *out); /* out: hash_size bytes */
/* All at once, over n pieces. */
void hash_of(enum hash_alg alg, const struct slice *part, size_t n,
	     uint8_t *out);

/* RFC 2104 over any of the above. */
struct hmac { /* private */
	struct hash inner, outer;
};

void hmac_init(struct hmac *h, enum hash_alg alg, struct slice key);
void hmac_add(struct hmac *h, struct slice s);
void hmac_end(struct hmac *h, uint8_t *out); /* out: hash_size bytes */
void hmac_of(enum hash_alg alg, struct slice key, const struct slice *part,
	     size_t n, uint8_t *out);

/* ChaCha20 (RFC 8439 2.4): turns n bytes of buf into their cipher text. */
void chacha20_xor(const uint8_t key[32], const uint8_t nonce[12],
		  uint32_t counter, void *buf, size_t n);

/* Equality in a time that depends on n alone. */
bool crypto_same(const void *a, const void *b, size_t n);
/* Zeroes, and is never optimised away. */
void crypto_wipe(void *p, size_t n);
#endif
