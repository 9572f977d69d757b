/* SPDX-License-Identifier: BSD-2-Clause
 * client/agent_line.h - what peers wrote, as a line that can be shown.
 */
#ifndef CLIENT_AGENT_LINE_H
#define CLIENT_AGENT_LINE_H
#include "platform/slice.h"

/* s as one printable line of UTF-8, cut to cap - 1 bytes: control characters
 * become blanks, other bytes "?".  Returns its length. */
size_t agent_line(char *out, size_t cap, struct slice s);
#endif
