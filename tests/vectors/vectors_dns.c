/* SPDX-License-Identifier: BSD-2-Clause
 * DNS messages that others sent or broke: tests/vectors/data/dns, and with
 * VECTORS=DIR in the environment all below DIR/dns.  Files are single messages,
 * captures hold datagrams of port 53 or 5353.  What parses is written anew and
 * read as the same; a table says what must be taken and what refused. */
#include <stdio.h>
#include <stdlib.h>

#include "dns/dns_write.h"
#include "tests/vectors/files.h"
#include "tests/vectors/pcap.h"

enum verdict { ANY, TAKEN, REFUSED };

/* The longest prefix that fits decides.  Of a capture TAKEN means all of its
 * datagrams, REFUSED one at least. */
static const struct {
	const char *prefix;
	enum verdict verdict;
	const char *why;
} expected[] = {
	{ "captures/", TAKEN, "what servers and clients sent" },
	{ "captures/arkime-dns-update", REFUSED, "octets behind the last" },
	{ "captures/ndpi-dns-exf", REFUSED, "OPT is an answer" },
	{ "captures/ndpi-malformed", REFUSED, "as named" },
	{ "captures/pcpp-DnsTooManyResources", REFUSED, "as named" },
	{ "captures/suricata-dns-corrupt", REFUSED, "as named" },
	{ "captures/suricata-dns-udp-junk", REFUSED, "as named" },
	{ "captures/tcpdump-dns-badlabel", REFUSED, "as named" },
	{ "captures/tcpdump-dns-zlip", REFUSED, "pointers in a circle" },
	{ "captures/tcpdump-dns_fwdptr", REFUSED, "a pointer forwards" },
	{ "captures/zeek-dns-edns-ecs-bad", REFUSED, "as named" },
	{ "captures/zeek-dns-edns-ecs-weirds", REFUSED, "an option cut off" },
	{ "messages-bind9/dns_message_parse/bind-systemtest", TAKEN,
	  "of the servers' own tests" },
	{ "mdns/a_record_before_srv", TAKEN, "JmDNS sent it" },
	{ "mdns/mdns", TAKEN, "captures" },
};

static enum verdict verdict_of(const char *name)
{
	enum verdict v = ANY;
	size_t best = 0;

	for (size_t i = 0; i < COUNT(expected); i++) {
		size_t n = strlen(expected[i].prefix);

		if (n > best &&
		    slice_starts(slice_str(name), expected[i].prefix)) {
			best = n;
			v = expected[i].verdict;
		}
	}
	return v;
}

static bool no(const char *what)
{
	printf("  %s\n", what);
	return false;
}

static void copy(const struct dns_msg *m, struct dns_write *d)
{
	struct dns_walk w = { 0 };
	struct dns_question q;
	struct dns_rr r;

	while (dns_question_next(m, &w, &q))
		dns_write_question(d, &q.name, q.type, q.class);
	for (unsigned s = DNS_ANSWER; s <= DNS_ADDITIONAL; s++) {
		w = (struct dns_walk){ 0 };
		while (dns_rr_next(m, (enum dns_section)s, &w, &r))
			dns_write_copy(d, (enum dns_section)s, m, &r, r.ttl);
	}
}

/* 1: parses and survives writing; 0: refused; -1: a defect. */
static int message(struct slice data)
{
	static char room[2][DNS_MESSAGE_MAX];
	struct parse_error e = { 0 };
	struct dns_msg m, again;
	struct dns_write d;
	int n, k;

	if (dns_msg_parse(data, &m, &e))
		return e.reason && e.offset <= data.n ? 0 : -1;
	dns_write_begin(&d, room[0], sizeof(room[0]), m.id, m.flags);
	copy(&m, &d);
	n = dns_write_end(&d);
	if (n < 0 || dns_msg_parse(slice_of(room[0], (size_t)n), &again, NULL))
		return -1;
	dns_write_begin(&d, room[1], sizeof(room[1]), again.id, again.flags);
	copy(&again, &d);
	k = dns_write_end(&d);
	return k == n && memcmp(room[0], room[1], (size_t)n) == 0 ? 1 : -1;
}

static bool judged(const char *name, unsigned taken, unsigned refused)
{
	switch (verdict_of(name)) {
	case ANY:
		return true;
	case TAKEN:
		return taken && !refused ? true : no("refused");
	case REFUSED:
		return refused ? true : no("taken");
	}
	return false;
}

static bool of_dns(const struct pcap_datagram *d)
{
	return d->from.port == 53 || d->to.port == 53 ||
	       d->from.port == 5353 || d->to.port == 5353;
}

static bool capture(const char *name, struct slice data)
{
	unsigned n[2] = { 0, 0 };
	struct pcap_datagram d;
	struct pcap p;

	if (!pcap_open(&p, data))
		return no("no capture");
	while (pcap_next(&p, &d)) {
		int rc = of_dns(&d) ? message(d.payload) : 2;

		if (rc < 0)
			return no("broken promise");
		if (rc < 2)
			n[rc]++;
	}
	/* what came by TCP alone, or on other ports, says nothing */
	return n[0] + n[1] == 0 || judged(name, n[1], n[0]);
}

static bool ends(const char *name, const char *with)
{
	size_t n = strlen(name), k = strlen(with);

	return n >= k && strcmp(name + n - k, with) == 0;
}

static bool one(const char *name, struct slice data)
{
	int rc;

	if (ends(name, ".pcap") || ends(name, ".pcapng") || ends(name, ".cap"))
		return capture(name, data);
	rc = message(data);
	if (rc < 0)
		return no("broken promise");
	return judged(name, rc == 1, rc == 0);
}

int main(int argc, char **argv)
{
	unsigned failed = 0, passed = 0;

	if (argc > 1)
		passed += files_each(argv[1], one, &failed);
	passed += files_extra("dns", one, &failed);
	printf("vectors_dns: %u passed, %u failed\n", passed, failed);
	return failed != 0 || (argc > 1 && passed == 0);
}
