/* SPDX-License-Identifier: BSD-2-Clause
 * client/client_media.c - an agent and its media: what media has to say goes to
 * the engine, what the engine wants of it is done. */
#include "client/client_port_priv.h"

static int on_news(void *arg, const struct news *n)
{
	struct parley *p = arg;
	int rc = agent_on_news(p->agent, n, client_now(p));

	client_kick(p);
	return rc;
}

static void on_heard(void *arg, uint32_t stream, bool heard)
{
	struct parley *p = arg;

	agent_on_heard(p->agent, stream, heard, client_now(p));
	client_kick(p);
}

static void on_sending(void *arg, uint32_t stream, const char *unsent)
{
	struct parley *p = arg;

	agent_on_sending(p->agent, stream, unsent);
	client_kick(p);
}

static void on_clock(void *arg, mono late)
{
	struct parley *p = arg;

	agent_on_clock(p->agent, late, client_now(p));
}

static void on_packet(void *arg, bool sent, const struct datagram *d)
{
	struct parley *p = arg;

	trace_datagram(p->trace, d, sent);
	client_judge_trace(p);
}

static const struct media_events media_events = {
	.on_news = on_news, .on_heard = on_heard,
	.on_sending = on_sending,
	.on_clock = on_clock,
};

const struct media_kind *client_kind(enum parley_media media)
{
	for (size_t i = 0; feature_media[i]; i++)
		if (feature_media[i]->media == media)
			return feature_media[i];
	return NULL;
}

/* Made when it is first needed: an agent that only registers has none. */
struct media *client_media(struct parley *p, enum parley_media media)
{
	const struct media_kind *k = client_kind(media);
	uint8_t seed[32];

	if (!k || (unsigned)media >= KINDS)
		return NULL;
	drbg_bytes(&p->drbg, seed, sizeof(seed));
	if (!p->media[media] && k->make(p->r, p->mem, &media_events, p, seed,
					&p->media[media]))
		p->media[media] = NULL;
	return p->media[media];
}

void client_dress(struct parley *p, transport_dress *fn, void *arg)
{
	p->dress = fn;
	p->dress_arg = arg;
}

/* The same of the transports. */
static struct transports *transports(struct parley *p)
{
	const struct transport_ops *ops = feature_transport[0];
	uint8_t seed[32];

	if (p->transports || !ops)
		return p->transports;
	drbg_bytes(&p->drbg, seed, sizeof(seed));
	if (ops->make(p->r, p->mem, seed, &p->transports))
		return NULL;
	ops->tap(p->transports, on_packet, p);
	ops->dress(p->transports, p->dress, p->dress_arg);
	return p->transports;
}

static struct transport_config transport_config(struct parley *p)
{
	const struct settings *s = agent_settings(p->agent, 0);
	struct transport_config c = {
		.dscp = (unsigned)settings_int(s, SET_RTP_DSCP),
	};
	struct slice low, high;
	uint32_t v;

	(void)slice_cut(settings_text(s, SET_RTP_PORTS), '-', &low, &high);
	if (slice_u32(low, 65535, &v) == 0)
		c.port_low = (uint16_t)v;
	if (slice_u32(high, 65535, &v) == 0)
		c.port_high = (uint16_t)v;
	return c;
}

static struct media_config media_config(struct parley *p)
{
	const struct settings *s = agent_settings(p->agent, 0);
	struct media_config c = {
		.jitter_min_ms = (uint16_t)settings_int(s, SET_JITTER_MIN),
		.jitter_max_ms = (uint16_t)settings_int(s, SET_JITTER_MAX),
		.rules = {
			.off = settings_bool(s, SET_CLOSED_NETWORK),
			.unproven = MS(settings_int(s, SET_UNPROVEN_MS)),
			.octets = (uint64_t)settings_int(s,
							 SET_UNPROVEN_BYTES),
			.timeout = SEC(settings_int(s, SET_RTP_TIMEOUT)),
		},
		.sip = p->bound,
		.cname = slice_str(p->local),
	};

	return c;
}

/* The address that media is received on. */
static struct addr media_address(struct parley *p, const struct agent_out *o)
{
	const struct addr *known;

	if (o->local.family)
		return o->local;
	known = sip_core_shown(p->core, p->cfg.no_udp ? SIP_TCP : SIP_UDP, 0);
	return known ? *known : p->bound;
}

/* A transport, and the stream on it. */
static int open_stream(struct parley *p, const struct agent_out *o,
		       struct transport *t)
{
	const struct transport_ops *ops = feature_transport[0];
	struct transports *ts = transports(p);
	struct media *m = ts ? client_media(p, o->media) : NULL;
	struct transport_config where = transport_config(p);
	struct media_config cfg = media_config(p);
	struct addr local = media_address(p, o);
	int rc = m ? ops->open(ts, &where, &local, t) : -ENOMEM;

	if (rc)
		return rc;
	rc = client_kind(o->media)->open(m, &cfg, o->session, o->stream, t);
	if (rc)
		ops->close(ts, t);
	return rc;
}

static void do_open(struct parley *p, const struct agent_out *o)
{
	struct transport t = { .port = 0 };
	int rc;

	if (o->anew && p->media[o->media])
		client_kind(o->media)->close(p->media[o->media], o->stream);
	rc = open_stream(p, o, &t);

	if (!agent_on_open(p->agent, o->stream, &t.rtp, &t.rtcp, rc,
			   client_now(p)) && rc == 0)
		client_kind(o->media)->close(p->media[o->media], o->stream);
}

static void do_start(struct parley *p, const struct agent_out *o)
{
	struct media *m = client_media(p, o->media);
	int rc = m ? client_kind(o->media)->start(m, o->stream, o->agreed) :
		     -ENOMEM;

	if (rc)
		agent_on_media_failed(p->agent, o->stream, rc, client_now(p));
}

/* What all kinds that are at work are to do for a session. */
static void for_session(struct parley *p, const struct agent_out *o)
{
	for (size_t i = 0; feature_media[i]; i++) {
		const struct media_kind *k = feature_media[i];
		struct media *m = p->media[k->media];

		if (m && o->kind == AGENT_ROOM)
			k->room(m, o->session);
		else if (m && o->kind == AGENT_FINISH)
			k->finish(m, o->session);
		else if (m)
			k->forget(m, o->session);
	}
}

void client_media_carry_out(struct parley *p, const struct agent_out *o)
{
	const struct media_kind *k = client_kind(o->media);
	struct media *m = k ? p->media[o->media] : NULL;

	if (o->kind == AGENT_OPEN)
		do_open(p, o);
	else if (o->kind == AGENT_START)
		do_start(p, o);
	else if (o->kind == AGENT_FORGET || o->kind == AGENT_FINISH ||
		 o->kind == AGENT_ROOM)
		for_session(p, o);
	else if (m && o->kind == AGENT_PROVED)
		k->proved(m, o->stream);
	else if (m && o->kind == AGENT_STOP)
		k->stop(m, o->stream);
	else if (m && o->kind == AGENT_CLOSE)
		k->close(m, o->stream);
}

void client_media_fini(struct parley *p)
{
	for (size_t i = 0; feature_media[i]; i++)
		if (p->media[feature_media[i]->media])
			feature_media[i]->free(
				p->media[feature_media[i]->media]);
	if (p->transports)
		feature_transport[0]->free(p->transports);
}
