/* SPDX-License-Identifier: BSD-2-Clause
 * ChaCha20 key stream with fast key erasure: each block of 256 bytes starts
 * with the key of the next one, and what was handed out is zeroed, so that a
 * state tells nothing of the past. */
#include "platform/drbg.h"

#include "platform/crypto.h"

static void refill(struct drbg *d)
{
	static const uint8_t nonce[12]; /* a key is used for one stream */
	uint8_t block[sizeof(d->key) + sizeof(d->pool)] = { 0 };

	chacha20_xor(d->key, nonce, 0, block, sizeof(block));
	memcpy(d->key, block, sizeof(d->key));
	memcpy(d->pool, block + sizeof(d->key), sizeof(d->pool));
	crypto_wipe(block, sizeof(block));
	d->left = sizeof(d->pool);
}

void drbg_init(struct drbg *d, const uint8_t seed[32])
{
	*d = (struct drbg){ .left = 0 };
	memcpy(d->key, seed, sizeof(d->key));
	refill(d);
}

void drbg_bytes(struct drbg *d, void *out, size_t n)
{
	uint8_t *to = out;

	while (n) {
		uint8_t *from;
		size_t take;

		if (d->left == 0)
			refill(d);
		take = n < d->left ? n : d->left;
		from = d->pool + sizeof(d->pool) - d->left;
		memcpy(to, from, take);
		crypto_wipe(from, take);
		d->left -= take;
		to += take;
		n -= take;
	}
}

uint32_t drbg_u32(struct drbg *d)
{
	uint8_t b[4];

	drbg_bytes(d, b, sizeof(b));
	return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 |
	       (uint32_t)b[2] << 8 | b[3];
}

uint32_t drbg_below(struct drbg *d, uint32_t n)
{
	uint32_t skip = (uint32_t)(-n) % n; /* 2^32 mod n */
	uint32_t v;

	/* Each round fails with less than 1/2. */
	do
		v = drbg_u32(d);
	while (v < skip);
	return v % n;
}

void drbg_token(struct drbg *d, char *out, size_t n)
{
	static const char digit[] = "0123456789abcdefghijklmnopqrstuv";

	drbg_bytes(d, out, n);
	for (size_t i = 0; i < n; i++)
		out[i] = digit[(unsigned char)out[i] & 31];
}

void drbg_wipe(struct drbg *d)
{
	crypto_wipe(d, sizeof(*d));
}
