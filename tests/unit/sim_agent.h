/* SPDX-License-Identifier: BSD-2-Clause
 * tests/unit/sim_agent.h - an agent on a simulated host of its own.
 */
#ifndef TESTS_UNIT_SIM_AGENT_H
#define TESTS_UNIT_SIM_AGENT_H
#include "client/client_port.h"
#include "platform/sim/sim.h"
#include "tests/unit/suites.h"

/* At 10.0.0.HOST:5060, 20 ms from the others; config has the callbacks, m is
 * its memory from then on. */
static inline struct parley *sim_agent(struct sim *net, uint8_t host,
				       struct mem *m,
				       const struct parley_config *config,
				       uint32_t *account)
{
	struct addr ip = addr_v4(10, 0, 0, host, 0);
	struct sim_host *h = sim_host_new(net, "h", &ip, 1);
	struct sim_link l = { .delay = MS(20) };
	struct parley_config c = *config;
	char text[ADDR_TEXT];
	struct parley *p;

	ck_assert_ptr_nonnull(h);
	mem_init(m, 0);
	sim_host_mem(h, m);
	sim_host_link(h, &l);
	ip.port = 5060;
	c.size = sizeof(c);
	c.local = addr_text(&ip, text);
	ck_assert_int_eq(client_new(sim_host_reactor(h), NULL, &c, &p), 0);
	ck_assert_int_eq(parley_account_add(p, "sip:x@localhost", account), 0);
	return p;
}
#endif
