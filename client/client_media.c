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

/* ------------------------------------------------------------ readiness
 * A stream that cannot be described at once waits in p->openings: for its
 * transport, for its kind, or both, but not for ever.  Whoever is ready only
 * says so; what follows is done from the loop. */
static struct opening *find_opening(const struct parley *p, uint32_t stream)
{
	for (struct list *n = p->openings.next; n != &p->openings; n = n->next)
		if (CONTAINER(n, struct opening, link)->stream == stream)
			return CONTAINER(n, struct opening, link);
	return NULL;
}

static void opening_free(struct opening *o)
{
	if (!o)
		return;
	reactor_timer_stop(o->p->r, &o->limit);
	list_remove(&o->link);
	mem_free(o->p->mem, o);
}

static void opening_failed(struct opening *o, int err)
{
	o->err = err;
	o->transport = o->kind = false;
	client_kick(o->p);
}

static void on_limit(void *arg)
{
	opening_failed(arg, -ETIMEDOUT);
}

static void on_ready(void *arg, uint32_t stream, const struct media_address *at,
		     int err)
{
	struct parley *p = arg;
	struct opening *o = find_opening(p, stream);

	if (!o || !o->kind)
		return;
	if (err) {
		opening_failed(o, err);
		return;
	}
	o->kind = false;
	if (!o->t.ports)
		o->at = *at;
	client_kick(p);
}

static void on_transport(void *arg, const struct transport *t)
{
	struct parley *p = arg;

	for (struct list *n = p->openings.next; n != &p->openings;
	     n = n->next) {
		struct opening *o = CONTAINER(n, struct opening, link);

		if (o->t.ports != t->ports || o->t.port != t->port ||
		    !o->transport)
			continue;
		o->transport = false;
		o->at = (struct media_address){ t->rtp, t->rtcp };
		client_kick(p);
	}
}

static void on_failed(void *arg, uint32_t stream, const char *why)
{
	struct parley *p = arg;

	agent_on_stream_failed(p->agent, stream, why, client_now(p));
	client_kick(p);
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
	.on_sending = on_sending, .on_ready = on_ready, .on_failed = on_failed,
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
	ops->watch(p->transports, on_transport, p);
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
		.sip = p->bound, .sips = p->bounds,
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
	known = sip_core_shown(p->core, client_transport(p), 0);
	return known ? *known : p->bound[0];
}

static void tell_open(struct parley *p, enum parley_media media,
		      uint32_t stream, const struct media_address *at, int rc)
{
	if (!agent_on_open(p->agent, stream, &at->rtp, &at->rtcp, rc,
			   client_now(p)) && rc == 0)
		client_kind(media)->close(p->media[media], stream);
}

/* -ENOMEM. */
static int wait_for(struct parley *p, const struct agent_out *o,
		    const struct opening *like)
{
	struct opening *w = mem_new(p->mem, sizeof(*w));
	mono most = SEC(settings_int(agent_settings(p->agent, o->account),
				     SET_READY_TIMEOUT));

	if (!w)
		return -ENOMEM;
	*w = *like;
	w->p = p;
	w->stream = o->stream;
	w->media = o->media;
	w->limit.fn = on_limit;
	w->limit.arg = w;
	list_append(&p->openings, &w->link);
	reactor_timer_at(p->r, &w->limit, mono_add(client_now(p).m, most));
	return 0;
}

/* The kind's half of what is in w: 0, -EINPROGRESS, another failure. */
static int open_kind(struct parley *p, const struct agent_out *o,
		     struct opening *w)
{
	const struct media_place place = {
		.session = o->session, .stream = o->stream,
		.transport = w->t.ports ? &w->t : NULL,
		.local = media_address(p, o),
	};
	struct media_config cfg = media_config(p);
	int rc = client_kind(o->media)->open(p->media[o->media], &cfg, &place,
					     &w->at);

	w->kind = rc == -EINPROGRESS;
	if (w->t.ports)
		w->at = (struct media_address){ w->t.rtp, w->t.rtcp };
	return rc;
}

/* Its transport, if it is to have one. */
static int open_transport(struct parley *p, const struct agent_out *o,
			  struct opening *w)
{
	struct transport_config where = transport_config(p);
	struct addr local = media_address(p, o);
	struct transports *ts;
	int rc;

	if (client_kind(o->media)->alone)
		return 0;
	ts = transports(p);
	rc = ts ? feature_transport[0]->open(ts, &where, &local, &w->t) :
		  -ENOMEM;
	w->transport = rc == -EINPROGRESS;
	return rc;
}

/* True: it runs on there. */
static bool do_move(struct parley *p, struct media *m,
		    const struct agent_out *o)
{
	const struct media_kind *k = client_kind(o->media);
	struct addr local = media_address(p, o);
	struct media_address at = { 0 };

	if (!m || !o->moves || !k->move ||
	    k->move(m, o->stream, &local, &at))
		return false;
	tell_open(p, o->media, o->stream, &at, 0);
	return true;
}

static void do_open(struct parley *p, const struct agent_out *o)
{
	struct media *m = client_media(p, o->media);
	struct opening w = { .err = 0 };
	int rc;

	if (do_move(p, m, o))
		return;
	if (o->anew && m)
		client_kind(o->media)->close(m, o->stream);
	rc = m ? open_transport(p, o, &w) : -ENOMEM;

	if (rc == 0 || rc == -EINPROGRESS) {
		rc = open_kind(p, o, &w);
		if (rc && rc != -EINPROGRESS && w.t.ports)
			feature_transport[0]->close(p->transports, &w.t);
		if ((rc == 0 && w.transport) || rc == -EINPROGRESS) {
			rc = wait_for(p, o, &w);
			if (rc == 0)
				return;
			client_kind(o->media)->close(m, o->stream);
		}
	}
	tell_open(p, o->media, o->stream, &w.at, rc);
}

void client_media_settle(struct parley *p)
{
	struct list *next;

	for (struct list *n = p->openings.next; n != &p->openings; n = next) {
		struct opening *o = CONTAINER(n, struct opening, link), done;

		next = n->next;
		if (o->transport || o->kind)
			continue;
		done = *o;
		opening_free(o);
		if (done.err)
			client_kind(done.media)->close(p->media[done.media],
						       done.stream);
		tell_open(p, done.media, done.stream, &done.at, done.err);
	}
}

static void do_start(struct parley *p, const struct agent_out *o)
{
	struct media *m = client_media(p, o->media);
	int rc = m ? client_kind(o->media)->start(m, o->stream, o->agreed) :
		     -ENOMEM;

	if (rc)
		agent_on_media_failed(p->agent, o->stream, rc, client_now(p));
}

static void do_close(struct parley *p, const struct agent_out *o)
{
	opening_free(find_opening(p, o->stream));
	client_kind(o->media)->close(p->media[o->media], o->stream);
}

/* What all kinds that are at work are to do for a session. */
static void for_session(struct parley *p, const struct agent_out *o)
{
	for (size_t i = 0; feature_media[i]; i++) {
		const struct media_kind *k = feature_media[i];
		struct media *m = p->media[k->media];

		void (*what)(struct media *m, uint32_t session) =
			o->kind == AGENT_ROOM ? k->room :
			o->kind == AGENT_FINISH ? k->finish : k->forget;

		if (m && what)
			what(m, o->session);
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
	else if (m && o->kind == AGENT_PROVED && k->proved)
		k->proved(m, o->stream);
	else if (m && o->kind == AGENT_STOP && k->stop)
		k->stop(m, o->stream);
	else if (m && o->kind == AGENT_CLOSE)
		do_close(p, o);
}

void client_media_fini(struct parley *p)
{
	while (!list_empty(&p->openings))
		opening_free(CONTAINER(p->openings.next, struct opening, link));
	for (size_t i = 0; feature_media[i]; i++)
		if (p->media[feature_media[i]->media])
			feature_media[i]->free(
				p->media[feature_media[i]->media]);
	if (p->transports)
		feature_transport[0]->free(p->transports);
}
