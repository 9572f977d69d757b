/* SPDX-License-Identifier: BSD-2-Clause
 * platform/base64.h - base64, RFC 4648 4, with padding and without line breaks.
 */
#ifndef PLATFORM_BASE64_H
#define PLATFORM_BASE64_H
#include "platform/writer.h"

/* Octets of the text that n octets make. */
#define BASE64_TEXT(n) (((n) + 2) / 3 * 4)

void base64_write(struct writer *w, const void *p, size_t n); /* all or none */
/* How many octets text is of.  -EBADMSG: it is no base64, its padding is wrong,
 * or bits beyond the last octet are set (3.5); -ENOSPC: more than cap.  out is
 * as before when it fails. */
MUST_USE int base64_read(struct slice text, uint8_t *out, size_t cap);
#endif
