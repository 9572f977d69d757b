/* SPDX-License-Identifier: BSD-2-Clause
 * resolv.conf: whatever it says, what comes of it is within bounds. */
#include "dns/dns_conf.h"
#include "fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct dns_conf c;

	INVARIANT(dns_conf_parse(slice_of(data, size), &c) <= size);
	INVARIANT(c.servers <= DNS_SERVERS && c.searches <= DNS_SEARCH);
	INVARIANT(c.ndots <= 15 && c.attempts >= 1 && c.attempts <= 5);
	INVARIANT(c.timeout_ms >= 1000 && c.timeout_ms <= 30000);
	for (unsigned i = 0; i < c.servers; i++)
		INVARIANT(c.server[i].family && c.server[i].port == DNS_PORT);
	for (unsigned i = 0; i < c.searches; i++)
		INVARIANT(c.search[i].n >= 1);
	return 0;
}
