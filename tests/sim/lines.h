/* SPDX-License-Identifier: BSD-2-Clause
 * tests/sim/lines.h - a kind of stream without RTP: lines of text over TCP.
 *
 *	m=message 40001 TCP/LINES *
 *	a=path:lines://10.0.0.1:40001
 *	a=setup:actpass
 *
 * Who connects is settled as in RFC 4145 4; a connection stays as long as its
 * address does.  Lines wait while one side holds; what is not taken of those
 * that came makes us read no more.
 */
#ifndef TESTS_SIM_LINES_H
#define TESTS_SIM_LINES_H
#include "client/media.h"

enum { LINES_MEDIA = 7, LINES_EVENT = 100, LINES_NEVER = -1 };

/* What a test wants of all streams that open from now on: ready so much later
 * (0: at once, LINES_NEVER), with that outcome; deaf: once it is ready nobody
 * listens. */
void lines_plan(struct media *m, int ready_ms, int err, bool deaf);
/* The line, without its end.  -ENOENT, -ENOSPC. */
MUST_USE int lines_say(struct media *m, uint32_t stream, const char *text);
#endif
