/* SPDX-License-Identifier: BSD-2-Clause
 * client/sip_log.h - the SIP messages that cross the wire, as lines for people:
 * "-> udp 192.0.2.1:5060 INVITE sip:bob@example.org SIP/2.0", and when all of a
 * message is wanted the rest of it, each line behind three blanks, with its
 * secrets as *** (sip_mask.h).
 * Of a connection messages come in pieces: those that are not whole yet are
 * kept, at most SIP_LOG_PIECES of SIP_LOG_MAX octets; what is beyond is not
 * shown.
 */
#ifndef CLIENT_SIP_LOG_H
#define CLIENT_SIP_LOG_H
#include "platform/list.h"
#include "platform/mem.h"
#include "sip/core/sip_flow.h"

/* Connections with half a message at a time are few; a message that is longer
 * is hardly read. */
enum { SIP_LOG_PIECES = 16, SIP_LOG_MAX = 65536 };

struct sip_log {
	struct mem *mem;
	void (*line)(void *arg, const char *text);
	void *arg;
	struct list pieces; /* the one used last comes last */
	unsigned n;
};

void sip_log_init(struct sip_log *l, struct mem *m,
		  void (*line)(void *arg, const char *text), void *arg);
void sip_log_fini(struct sip_log *l); /* a zeroed one is ignored */
/* As sip_port's on_packet tells it; whole: not the first line alone. */
void sip_log_packet(struct sip_log *l, bool sent, const struct sip_path *path,
		    struct slice bytes, bool whole);
#endif
