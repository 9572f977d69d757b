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
	void (*watch)(void *arg, const struct transport *t);
	void *watch_arg;
	transport_dress *dress;
	void *dress_arg;
};

static int transport_make(struct reactor *r, struct mem *mem,
			  const uint8_t seed[32], struct transports **out)
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

static void set_watch(struct transports *ts,
		      void (*fn)(void *arg, const struct transport *t),
		      void *arg)
{
	ts->watch = fn;
	ts->watch_arg = arg;
}

static struct transport describe(struct rtp_ports *ports, uint32_t port)
{
	return (struct transport){
		.ports = ports, .port = port,
		.rtp = rtp_port_local(ports, port, 0),
		.rtcp = rtp_port_local(ports, port, 1),
	};
}

static void on_gathered(void *arg, uint32_t port)
{
	struct transports *ts = arg;
	struct transport t = describe(ts->ports, port);

	if (ts->watch)
		ts->watch(ts->watch_arg, &t);
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
	rtp_ports_on_gathered(p, on_gathered, ts);
	return 0;
}

static int open(struct transports *ts, const struct transport_config *cfg,
		const struct addr *local, struct transport *out)
{
	struct transport t;
	uint32_t port;
	int rc = follow(ts, cfg);

	if (rc == 0)
		rc = rtp_port_open(ts->ports, local, false, &port);
	if (rc)
		return rc;
	rtp_port_set_dscp(ts->ports, port, cfg->dscp);
	t = describe(ts->ports, port);
	rc = ts->dress ? ts->dress(ts->dress_arg, &t) : 0;
	if (rc) {
		rtp_port_close(t.ports, port);
		return rc;
	}
	*out = t;
	if (rtp_transport_is_gathered(rtp_port_transport(t.ports, port)))
		return 0;
	return -EINPROGRESS;
}

static void close_one(struct transports *ts, const struct transport *t)
{
	(void)ts;
	rtp_port_close(t->ports, t->port);
}

extern const struct transport_ops transport_rtp;
const struct transport_ops transport_rtp = {
	.make = transport_make,
	.free = transports_free,
	.tap = set_tap,
	.dress = set_dress,
	.watch = set_watch,
	.open = open,
	.close = close_one,
};
