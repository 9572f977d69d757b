/* SPDX-License-Identifier: BSD-2-Clause
 * client/said.h - what a request said, kept for the application: Request-URI
 * and header fields as printable lines, in one block.  An ENGINE's part.
 */
#ifndef CLIENT_SAID_H
#define CLIENT_SAID_H
#include "platform/mem.h"
#include "sip/msg/sip_msg.h"

struct said {
	unsigned fields;
	char text[]; /* URI NUL, then name NUL value NUL of each field */
};

/* -ENOMEM.  Free it with mem_free. */
MUST_USE int said_keep(struct mem *m, const struct sip_msg *msg,
		       struct said **out);
const char *said_uri(const struct said *s); /* NULL: "" */
/* The i-th field of that name, full or compact, without case; NULL: none. */
const char *said_header(const struct said *s, const char *name, size_t i);
#endif
