/* SPDX-License-Identifier: BSD-2-Clause
 * client/transport_rtp.c - media transports for RTP: pairs of UDP ports. */
#include "client/transport.h"

#include <string.h>

#include "platform/drbg.h"
#include "rtp/rtp_port.h"

struct transports {
	struct reactor *r;
	struct mem *mem;
	struct drbg drbg;
	struct rtp_ports *ports; /* NULL: none was opened yet */
	uint16_t port_low, port_high; /* of ports */
	void (*tap)(void *arg, bool sent, const struct datagram *d);
	void *tap_arg;
	transport_dress *dress;
	void *dress_arg;
};

static int make(struct reactor *r, struct mem *mem, const uint8_t seed[32],
		struct transports **out)
{
	struct transports *ts = mem_new(mem, sizeof(*ts));

	if (!ts)
		return -ENOMEM;
	ts->r = r;
	ts->mem = mem;
	drbg_init(&ts->drbg, seed);
	*out = ts;
	return 0;
}

static void transports_free(struct transports *ts)
{
	if (!ts)
		return;
	rtp_ports_free(ts->ports);
	drbg_wipe(&ts->drbg);
	mem_free(ts->mem, ts);
}

static void set_tap(struct transports *ts,
		    void (*fn)(void *arg, bool sent, const struct datagram *d),
		    void *arg)
{
	ts->tap = fn;
	ts->tap_arg = arg;
}

static void set_dress(struct transports *ts, transport_dress *fn, void *arg)
{
	ts->dress = fn;
	ts->dress_arg = arg;
}

/* Ports of the range that is asked for; those that are open keep theirs only
 * with their owner. */
static int follow(struct transports *ts, const struct transport_config *cfg)
{
	struct rtp_ports *p;
	uint8_t seed[32];

	if (ts->ports && ((cfg->port_low == ts->port_low &&
			   cfg->port_high == ts->port_high) ||
			  rtp_ports_any(ts->ports)))
		return 0;
	drbg_bytes(&ts->drbg, seed, sizeof(seed));
	p = rtp_ports_new(ts->r, ts->mem, cfg->port_low, cfg->port_high, seed);
	if (!p)
		return -ENOMEM;
	rtp_ports_free(ts->ports);
	ts->ports = p;
	ts->port_low = cfg->port_low;
	ts->port_high = cfg->port_high;
	rtp_ports_tap(p, ts->tap, ts->tap_arg);
	return 0;
}

static int open(struct transports *ts, const struct transport_config *cfg,
		const struct addr *local, struct transport *out)
{
	struct transport t;
	int rc = follow(ts, cfg);

	if (rc)
		return rc;
	t.ports = ts->ports;
	rc = rtp_port_open(t.ports, local, false, &t.port);
	if (rc)
		return rc;
	rtp_port_set_dscp(t.ports, t.port, cfg->dscp);
	t.rtp = rtp_port_local(t.ports, t.port, 0);
	t.rtcp = rtp_port_local(t.ports, t.port, 1);
	rc = ts->dress ? ts->dress(ts->dress_arg, &t) : 0;
	if (rc)
		rtp_port_close(t.ports, t.port);
	else
		*out = t;
	return rc;
}

static void close_one(struct transports *ts, const struct transport *t)
{
	(void)ts;
	rtp_port_close(t->ports, t->port);
}

extern const struct transport_ops transport_rtp;
const struct transport_ops transport_rtp = {
	.make = make, .free = transports_free, .tap = set_tap,
	.dress = set_dress, .open = open, .close = close_one,
};
