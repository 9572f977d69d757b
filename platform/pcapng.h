/* SPDX-License-Identifier: BSD-2-Clause
 * platform/pcapng.h - packets as Wireshark reads them
 * (draft-ietf-opsawg-pcapng: 4.1 section header, 4.2 interface description,
 * 4.3 enhanced packet, 4.7 decryption secrets), big-endian, nanoseconds.
 *
 * What we hold are payloads with their addresses; the IP, UDP and TCP headers
 * before them are made here, checksums included.  Each function writes whole
 * blocks: 0, or -ENOSPC with the writer as it was.
 */
#ifndef PLATFORM_PCAPNG_H
#define PLATFORM_PCAPNG_H
#include "platform/addr.h"

enum {
	PCAPNG_ROOM = 1024,   /* beside payload and comment: enough for all the
			       * blocks of one call */
	PCAPNG_UDP = 65507,   /* bytes of one datagram: -EMSGSIZE */
	PCAPNG_TCP = 32768    /* bytes of one call: -EMSGSIZE */
};

struct pcapng_packet {
	uint32_t interface;         /* in the order of pcapng_interface */
	struct addr local, remote;  /* of one family */
	bool out;                   /* from local to remote */
	uint8_t ttl;                /* 0: 64 */
	uint8_t dscp;
	int64_t wall_ns;
	struct slice bytes;
	struct slice comment;       /* may be empty */
};

struct pcapng_stream { /* zeroed: not seen yet */
	uint32_t sent, received; /* bytes, counted as TCP does */
	bool open;
};

/* The file's first block, then one per interface (raw IP). */
MUST_USE int pcapng_begin(struct writer *w, struct slice application);
MUST_USE int pcapng_interface(struct writer *w, struct slice name);

MUST_USE int pcapng_udp(struct writer *w, const struct pcapng_packet *p);
/* The first of a stream writes its handshake before it, from the side that
 * connected.  bytes may be empty to write just that. */
MUST_USE int pcapng_tcp(struct writer *w, struct pcapng_stream *s,
			bool we_connected, const struct pcapng_packet *p);
/* The end in one direction, or a reset. */
MUST_USE int pcapng_tcp_end(struct writer *w, struct pcapng_stream *s,
			    bool reset, const struct pcapng_packet *p);
/* Lines in the NSS key log format, for the packets that follow. */
MUST_USE int pcapng_secrets(struct writer *w, struct slice lines);
#endif
