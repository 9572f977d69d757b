/* SPDX-License-Identifier: BSD-2-Clause
 * platform/trace.h - writes what crosses the wire to a file for Wireshark.
 *
 * Interface 0 of the file is the wire.  The file gets mode 0600.  With keys it
 * gets secrets that decrypt TLS, and interface 1 shows in clear what was
 * protected.  All functions but trace_open accept NULL, which traces nothing.
 * Each packet is in the file when its function returns, so that whatever ends
 * the process leaves a whole trace; into a pipe that is full it goes later,
 * and one that stays full ends it (-EAGAIN).  The first failure ends it and is
 * kept for trace_error.
 */
#ifndef PLATFORM_TRACE_H
#define PLATFORM_TRACE_H
#include "platform/reactor.h"

struct trace; /* opaque */

enum { TRACE_STREAMS = 256 }; /* known at a time; the oldest is forgotten */

/* Replaces the file.  -ENOMEM, and those of open(2): -ENXIO for a pipe that
 * nobody reads. */
MUST_USE int trace_open(struct mem *m, const char *path, bool keys,
			struct slice application, struct trace **out);
void trace_close(struct trace *t);
void trace_flush(struct trace *t);
int trace_error(const struct trace *t); /* 0, or -errno of the first failure */

/* d->local must be known: udp_local, or reactor_route's. */
void trace_datagram(struct trace *t, const struct datagram *d, bool out);
/* Bytes of a TCP connection, in their order. */
void trace_stream(struct trace *t, const struct addr *local,
		  const struct addr *remote, bool we_connected, bool out,
		  struct slice bytes, int64_t wall_ns);
/* Its end in one direction, once, or a reset; what comes after both is another
 * connection. */
void trace_stream_end(struct trace *t, const struct addr *local,
		      const struct addr *remote, bool out, bool reset,
		      int64_t wall_ns);

/* Nothing of these is written without keys. */
bool trace_has_keys(const struct trace *t);
void trace_secret(struct trace *t, struct slice key_log_line);
void trace_clear(struct trace *t, const struct datagram *d, bool out);
#endif
