/* SPDX-License-Identifier: BSD-2-Clause
 * sip/msg/sip_escape.h - %XX in URIs, RFC 3261 19.1.2 and 19.1.4, RFC 3966 3.
 */
#ifndef SIP_ESCAPE_H
#define SIP_ESCAPE_H
#include "platform/scan.h"

/* *( set / escaped ) at the cursor; stops at any character of stop, too,
 * if that is not NULL. */
struct slice sip_escape_run(struct scan *s, unsigned set, const char *stop);

/* Are two texts equivalent?  An escape stands for its character, but that of a
 * reserved character is not the same as the plain one.  Without cased, ASCII
 * case makes no difference. */
bool sip_escape_same(struct slice a, struct slice b, bool cased);
#endif
