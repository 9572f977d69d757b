/* SPDX-License-Identifier: BSD-2-Clause */
#include "platform/limits.h"

const struct limits limits_default = {
	.memory = 64u << 20,
	.transactions = 65536,
	.dialogs = 16384,
	.flows = 1024,
	.descriptors = 1024,
	.registrations = 64,
	.tcp_receive = LIMIT_SIP_MESSAGE + 1,
	.tcp_send = 256u << 10,
	.forks = 8,
	/* Twice the longest SIP message, or a thousand digits, of a turn; eight
	 * sessions may be full at a time. */
	.news = 1u << 20,
	.session_news = 128u << 10,
	/* An address takes 350 octets, of a domain all that leads to its
	 * servers some 3000: twenty domains. */
	.dns_cache = 64u << 10,
	/* One location asks for 32 at most at a time. */
	.dns_queries = 256,
	/* A neighbour with both of its services takes some 1500 octets: the
	 * number below twice over. */
	.mdns_cache = 768u << 10,
	/* A large office on one link; each costs 150 octets beside. */
	.mdns_found = 512,
	/* All of these at once, when each answers the same question. */
	.mdns_packets = 1024,
	/* Who asks from another port than mDNS's, or for unicast, may be
	 * somebody else than he says: no more than 100 kB a second. */
	.mdns_answers = 64,
};
