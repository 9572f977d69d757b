/* SPDX-License-Identifier: BSD-2-Clause
 * platform/tls/pem.h - the blocks of a PEM file (RFC 7468).
 * What stands around blocks is skipped, as is a block that is none.
 */
#ifndef PLATFORM_PEM_H
#define PLATFORM_PEM_H
#include "platform/slice.h"

struct pem {
	struct slice label;   /* "CERTIFICATE"; in the input */
	struct slice base64;  /* still encoded; in the input */
	struct slice whole;   /* from BEGIN to END's line; in the input */
};

/* The next block; *in goes on behind it.  False: there is none. */
bool pem_next(struct slice *in, struct pem *out);

/* Bytes that decoding needs at most. */
size_t pem_room(const struct pem *p);
/* Into out[pem_room]: how many, or -EBADMSG.  Headers of old encrypted keys
 * are no base64. */
MUST_USE int pem_decode(const struct pem *p, uint8_t *out, size_t cap);
#endif
