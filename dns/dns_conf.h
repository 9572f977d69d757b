/* SPDX-License-Identifier: BSD-2-Clause
 * dns/dns_conf.h - whom to ask, and how: the host's resolv.conf.
 * As resolv.conf(5) has it, and as the C library reads it: what is not
 * understood is passed over, numbers beyond their range are its end.
 */
#ifndef DNS_DNS_CONF_H
#define DNS_DNS_CONF_H
#include "dns/dns_name.h"
#include "platform/addr.h"

enum {
	DNS_SERVERS = 8,  /* name servers: more are passed over (the C library
			   * takes three) */
	DNS_SEARCH = 6,   /* domains of the search list, the same */
	DNS_PORT = 53,
	/* A call waits for it, so less than resolv.conf's 5 s unless that is
	 * written there; the second try waits twice as long. */
	DNS_TIMEOUT_MS = 2000,
	DNS_ATTEMPTS = 2
};

struct dns_conf {
	struct addr server[DNS_SERVERS]; /* with port */
	unsigned servers;
	struct dns_name search[DNS_SEARCH];
	unsigned searches;
	unsigned ndots;      /* so many dots: first as it is; 1 */
	unsigned timeout_ms; /* of a server's first try */
	unsigned attempts;   /* at each server */
	bool rotate;         /* begin with any server, not with the first */
};

/* How many lines were not understood.  Empty text gives the defaults and no
 * server: resolv.conf(5) means the host's own then. */
unsigned dns_conf_parse(struct slice text, struct dns_conf *out);
#endif
