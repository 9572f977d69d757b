/* SPDX-License-Identifier: BSD-2-Clause
 * platform/drbg.h - deterministic random bits from 32 bytes of seed.
 * Forward secret: what was handed out cannot be found from a later state.
 * Same seed, same calls, same bytes: so simulations replay.
 */
#ifndef PLATFORM_DRBG_H
#define PLATFORM_DRBG_H
#include "platform/base.h"

struct drbg { /* private; no pointers, so no destructor but drbg_wipe */
	uint8_t key[32];
	uint8_t pool[224];
	size_t left; /* unused bytes at the pool's end */
};

void drbg_init(struct drbg *d, const uint8_t seed[32]);
void drbg_bytes(struct drbg *d, void *out, size_t n);
uint32_t drbg_u32(struct drbg *d);
uint32_t drbg_below(struct drbg *d, uint32_t n); /* 0..n-1, unbiased; n > 0 */
/* n characters of [0-9a-v]: 5 bits each, valid in any SIP token. */
void drbg_token(struct drbg *d, char *out, size_t n);
void drbg_wipe(struct drbg *d);
#endif
