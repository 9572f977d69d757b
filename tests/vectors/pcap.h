/* SPDX-License-Identifier: BSD-2-Clause
 * tests/vectors/pcap.h - UDP payloads of a pcap or pcapng capture: Ethernet
 * (with or without a VLAN tag), Linux cooked and raw IP, IPv4 and IPv6.
 */
#ifndef TESTS_VECTORS_PCAP_H
#define TESTS_VECTORS_PCAP_H
#include "platform/addr.h"

struct pcap {
	struct slice all;
	size_t at;
	bool ng, big;
	uint32_t link[16], links; /* link[0] alone in the older form */
};

struct pcap_datagram {
	mono when; /* the capture's clock */
	struct addr from, to;
	struct slice payload;
};

/* False: no capture. */
bool pcap_open(struct pcap *p, struct slice file);
/* Packets that are no whole UDP datagram are passed over; false: the end. */
bool pcap_next(struct pcap *p, struct pcap_datagram *d);
#endif
