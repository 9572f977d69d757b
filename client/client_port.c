/* SPDX-License-Identifier: BSD-2-Clause
 * client/client_port.c - parley.h on the reactor: hands the engine its inputs
 * and carries out what it says.
 *
 * The application's callback runs from on_kick alone, which the reactor calls
 * as a timer: no engine and no port is on the stack then.  Whatever happens
 * elsewhere only asks for a kick.  An agent that is freed from its callback
 * goes when the callback, and the loop that it ran in, have returned. */
#include "client/client_port.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/client_port_priv.h"

static void destroy(struct parley *p);

static mono ms_to_mono(int64_t ms)
{
	return ms < 0 || ms > MONO_NEVER / MS(1) ? MONO_NEVER : MS(ms);
}

struct instant client_now(struct parley *p)
{
	return reactor_now(p->r);
}

/* At the very beginning and end there is no agent to ask. */
static int64_t log_level(const struct parley *p)
{
	return !p->agent ? 1 :
	       settings_int(agent_settings(p->agent, 0), SET_LOG);
}

void client_log(struct parley *p, int level, const char *what,
		const char *detail)
{
	char line[256];

	if (!p->cfg.on_log || level > log_level(p))
		return;
	snprintf(line, sizeof(line), "%s%s", what, detail);
	p->cfg.on_log(p->cfg.app, level, line);
}

/* What the disk refuses ends the trace, not the calls; it is told once. */
void client_judge_trace(struct parley *p)
{
	int rc = trace_error(p->trace);

	if (!rc || p->trace_failed)
		return;
	p->trace_failed = true;
	client_log(p, 0, "the trace is cut off: ", strerror(-rc));
}

void client_kick(struct parley *p)
{
	reactor_timer_at(p->r, &p->kick, client_now(p).m);
}

/* The first of that family; NULL: none. */
static const struct addr *bound_to(const struct parley *p, uint8_t family)
{
	for (size_t i = 0; i < p->bounds; i++)
		if (p->bound[i].family == family)
			return &p->bound[i];
	return NULL;
}

/* Our address as those see it who are at uri: what we are bound to, or what
 * the route there says.  Family 0: it is not known. */
static struct addr here(struct parley *p, const char *uri)
{
	enum { TRIES = 8 };
	struct addr peer[TRIES], local = p->bound[0];
	char host[256];
	size_t n = 1;

	local.port = 0;
	if (p->bounds == 1 && !addr_is_any(&local))
		return local;
	if (agent_first_hop(p->agent, 0, slice_str(uri), host, sizeof(host)))
		return (struct addr){ 0 };
	if (addr_parse_ip(slice_str(host), &peer[0]))
		n = reactor_hosts(p->r, slice_str(host), peer, TRIES);
	for (size_t i = 0; i < n && i < TRIES; i++)
		if (bound_to(p, peer[i].family) &&
		    reactor_route(p->r, &peer[i], &local) == 0) {
			local.port = bound_to(p, peer[i].family)->port;
			return local;
		}
	return (struct addr){ 0 };
}

/* The same names as those of SIP URIs (sip_port.c). */
static void do_locate(struct parley *p, const struct agent_out *o)
{
	enum { HOSTS = 8 };
	struct addr found[HOSTS];
	size_t n = reactor_hosts(p->r, o->host, found, HOSTS);

	if (!n && sip_port_find(p->sip, o->host, o->stream) == 0)
		return;
	agent_on_located(p->agent, o->stream, found, n < HOSTS ? n : HOSTS,
			 client_now(p));
}

static void on_found(void *arg, uint64_t stream, const struct addr *addr,
		     size_t n)
{
	struct parley *p = arg;

	agent_on_located(p->agent, (uint32_t)stream, addr, n, client_now(p));
	client_kick(p);
}

int client_set(struct parley *p, uint32_t owner, struct slice key)
{
	const struct settings *s = agent_settings(p->agent, 0);
	struct addr server[SETTINGS_SERVERS];
	int n;

	if (owner && client_tls_is(settings_find(key)))
		return client_tls_account(p, owner);
	if (!owner && settings_find(key) == SET_WS_PATH)
		return sip_port_ws_path(p->sip, settings_text(s, SET_WS_PATH));
	if (owner || settings_find(key) != SET_DNS_SERVERS)
		return 0;
	n = settings_servers(settings_text(s, SET_DNS_SERVERS), server);
	sip_port_servers(p->sip, server, n > 0 ? (size_t)n : 0);
	return 0;
}

/* ----------------------------------------------------------- the outputs */
/* False: the application freed the agent. */
static bool deliver(struct parley *p)
{
	p->busy = true;
	if (p->cfg.on_event)
		p->cfg.on_event(p->cfg.app, &p->event);
	p->busy = false;
	return !p->dead;
}

static bool carry_out(struct parley *p, const struct agent_out *o)
{
	switch (o->kind) {
	case AGENT_OPEN:
	case AGENT_START:
	case AGENT_PROVED:
	case AGENT_STOP:
	case AGENT_CLOSE:
	case AGENT_FORGET:
	case AGENT_FINISH:
	case AGENT_ROOM:
		client_media_carry_out(p, o);
		break;
	case AGENT_LOCATE:
		do_locate(p, o);
		break;
	case AGENT_EVENT:
		event_from_out(&p->event, o);
		return deliver(p);
	case AGENT_NOTE: /* static text, with a NUL */
		client_log(p, 1, o->reason.p, "");
		break;
	}
	return true;
}

static void arm(struct parley *p)
{
	client_network_watch(p);
	reactor_timer_at(p->r, &p->timer, agent_deadline(p->agent));
}

/* The callback freed the agent. */
static void leave(struct parley *p)
{
	if (p->owner)
		reactor_stop(p->r);
	if (!p->running)
		destroy(p);
}

bool client_tell(struct parley *p)
{
	if (deliver(p))
		return true;
	leave(p);
	return false;
}

void client_leave_link(struct parley *p)
{
	struct bonjour *b = p->bonjour;

	p->bonjour = NULL;
	if (b)
		feature_bonjour[0]->close(b);
}

static void on_kick(void *arg)
{
	struct parley *p = arg;
	struct agent_out o;
	bool alive = true;

	if (p->dead) /* freed earlier in this turn */
		return;
	do {
		sip_port_flush(p->sip);
		client_media_settle(p);
		while (alive && agent_poll(p->agent, &o))
			alive = carry_out(p, &o);
		if (alive)
			sip_port_flush(p->sip);
	} while (alive && agent_has_output(p->agent));
	if (alive) {
		arm(p);
		return;
	}
	leave(p);
}

static void client_on_timer(void *arg)
{
	struct parley *p = arg;

	agent_on_time(p->agent, client_now(p));
	client_kick(p);
}

static void on_sip(void *arg, const struct sip_result *result)
{
	struct parley *p = arg;

	agent_on_sip(p->agent, result, client_now(p));
	client_kick(p);
}

static void on_sip_line(void *arg, const char *text)
{
	struct parley *p = arg;

	p->cfg.on_log(p->cfg.app, text[0] == ' ' ? 3 : 2, text);
}

/* A connection of ours has a port of its own; one that was accepted, ours. */
static bool is_ours(const struct parley *p, const struct addr *local)
{
	for (size_t i = 0; i < p->bounds; i++)
		if (p->bound[i].family == local->family &&
		    (p->bound[i].port == local->port ||
		     p->secure[i].port == local->port ||
		     p->ws[i].port == local->port ||
		     p->wss[i].port == local->port))
			return true;
	return false;
}

static void on_sip_packet(void *arg, bool sent, const struct sip_path *path,
			  struct slice bytes, struct instant when)
{
	struct parley *p = arg;
	struct addr local = path->local;
	struct datagram d = { .remote = path->remote, .when = when };

	if (p->cfg.on_log && log_level(p) > 1)
		sip_log_packet(&p->sip_log, sent, path, bytes,
			       log_level(p) > 2);
	if (!p->trace)
		return;
	if (sip_transport_row(path->transport)->secure &&
	    trace_has_keys(p->trace)) { /* its records are there already */
		client_judge_trace(p);
		return;
	}
	if (addr_is_any(&local) &&
	    reactor_route(p->r, &path->remote, &local) == 0)
		local.port = path->local.port;
	if (sip_transport_row(path->transport)->connected) {
		trace_stream(p->trace, &local, &path->remote,
			     !is_ours(p, &local), sent, bytes,
			     when.wall_ns);
	} else {
		/* The trace only looks. */
		memcpy(&d.p, &bytes.p, sizeof(d.p));
		d.n = bytes.n;
		d.local = local;
		trace_datagram(p->trace, &d, sent);
	}
	client_judge_trace(p);
}

static const struct sip_port_ops sip_ops = {
	.on_result = on_sip, .on_packet = on_sip_packet, .on_found = on_found,
};

/* --------------------------------------------------------------- timers */
static void timer_free(struct app_timer *t)
{
	reactor_timer_stop(t->p->r, &t->t);
	list_remove(&t->link);
	mem_free(t->p->mem, t);
}

static void on_app_timer(void *arg)
{
	struct app_timer *t = arg;
	struct parley *p = t->p;
	void (*fn)(void *arg) = t->fn;

	if (p->dead) /* freed earlier in this turn */
		return;
	arg = t->arg;
	timer_free(t);
	p->busy = true;
	fn(arg);
	p->busy = false;
	if (p->dead)
		leave(p);
}

int parley_timer_start(struct parley *p, int64_t ms, void (*fn)(void *arg),
		       void *arg, uint32_t *timer)
{
	ON_ITS_THREAD(p);
	struct app_timer *t = fn && ms >= 0 ? mem_new(p->mem, sizeof(*t)) :
					      NULL;
	bool sense = fn && ms >= 0;

	p->error = t ? "" : sense ? "out of memory" : "no function, or ms < 0";
	if (!t)
		return sense ? -ENOMEM : -EINVAL;
	*t = (struct app_timer){ .p = p, .id = ++p->last_timer, .fn = fn,
				 .arg = arg };
	t->t.fn = on_app_timer;
	t->t.arg = t;
	list_append(&p->timers, &t->link);
	reactor_timer_at(p->r, &t->t,
			 mono_add(client_now(p).m, ms_to_mono(ms)));
	*timer = t->id;
	return 0;
}

int parley_timer_stop(struct parley *p, uint32_t timer)
{
	ON_ITS_THREAD(p);
	for (struct list *l = p->timers.next; l != &p->timers; l = l->next) {
		struct app_timer *t = CONTAINER(l, struct app_timer, link);

		if (t->id != timer)
			continue;
		timer_free(t);
		p->error = "";
		return 0;
	}
	p->error = "no such timer";
	return -ENOENT;
}

/* ----------------------------------------------------------------- life */
static int listen_one(struct parley *p, enum sip_transport t,
		      struct addr *bound, uint32_t *point)
{
	int rc = sip_port_listen(p->sip, t, bound, NULL, point);

	if (rc)
		return rc;
	bound->port = sip_port_local(p->sip, *point).port;
	return 0;
}

/* With port 0 the one that UDP got may be taken for TCP: another try. */
static int listen_at(struct parley *p, struct addr *bound)
{
	struct addr asked = *bound;
	uint32_t udp = 0, tcp;
	int rc = -EADDRINUSE;

	for (int tries = 0; tries < 8 && rc == -EADDRINUSE; tries++) {
		*bound = asked;
		rc = p->cfg.no_udp ? 0 : listen_one(p, SIP_UDP, bound, &udp);
		if (rc == 0 && !p->cfg.no_tcp)
			rc = listen_one(p, SIP_TCP, bound, &tcp);
		if (rc && udp)
			sip_port_unlisten(p->sip, udp);
		udp = 0;
		if (asked.port)
			break;
	}
	return rc;
}

enum sip_transport client_transport(const struct parley *p)
{
	return !p->cfg.no_udp ? SIP_UDP : !p->cfg.no_tcp ? SIP_TCP : SIP_TLS;
}

void client_show_local(struct parley *p)
{
	struct addr shown = *sip_core_shown(p->core, client_transport(p), 0);
	char text[ADDR_TEXT];

	memcpy(p->local, addr_text(&shown, text), sizeof(p->local));
}

/* Without a certificate nobody can connect there, and requests go out from it.
 * RFC 3261 19.1.2: 5061 beside 5060. */
static int listen_secure(struct parley *p, size_t i, uint16_t asked)
{
	bool alone = p->cfg.no_udp && p->cfg.no_tcp;
	struct addr *at = &p->secure[i];
	uint32_t point;
	int rc;

	*at = p->bound[i];
	if (p->cfg.tls_cert && !alone)
		at->port = asked ? (uint16_t)(asked + 1) : 0;
	else if (!p->cfg.tls_cert && !at->port)
		at->port = 5061;
	rc = listen_one(p, SIP_TLS, at, &point);
	if (alone)
		p->bound[i].port = at->port;
	return rc == -ENOTSUP && !alone && !p->cfg.tls_cert ? 0 : rc;
}

/* Without a port nobody can connect, and requests go out from there. */
static int listen_at_port(struct parley *p, enum sip_transport t, int port,
			  struct addr *at)
{
	uint32_t point;

	if (!port)
		return sip_port_from(p->sip, t, at, NULL, &point);
	at->port = port > 0 ? (uint16_t)port : 0;
	return listen_one(p, t, at, &point);
}

static int listen_ws(struct parley *p, size_t i)
{
	int rc;

	p->ws[i] = p->wss[i] = p->bound[i];
	rc = listen_at_port(p, SIP_WS, p->cfg.ws_port, &p->ws[i]);
	if (rc || p->cfg.no_tls)
		return rc;
	rc = listen_at_port(p, SIP_WSS, p->cfg.wss_port, &p->wss[i]);
	return rc == -ENOTSUP && !p->cfg.wss_port ? 0 : rc;
}

static int listen_all(struct parley *p)
{
	struct sip_identity own;
	const char *why = NULL;
	int rc = client_tls_own(p, &own);

	sip_port_own(p->sip, p->cfg.tls_cert ? &own : NULL, &why);
	for (size_t i = 0; i < p->bounds && rc == 0; i++) {
		uint16_t asked = p->bound[i].port;

		if (!p->cfg.no_udp || !p->cfg.no_tcp)
			rc = listen_at(p, &p->bound[i]);
		if (rc == 0 && !p->cfg.no_tls)
			rc = listen_secure(p, i, asked);
		if (rc == 0)
			rc = listen_ws(p, i);
	}
	sip_port_own(p->sip, NULL, NULL);
	client_tls_wipe(p, &own);
	if (rc && why)
		client_log(p, 0, "TLS: ", why);
	if (rc == 0) {
		client_show_local(p);
		client_network_watch(p);
	}
	return rc;
}

static int bind_to(struct parley *p, const char *text)
{
	if (p->bounds == PARLEY_LOCALS)
		return -EINVAL;
	return addr_parse(slice_str(text), &p->bound[p->bounds++]);
}

static int read_locals(struct parley *p)
{
	int rc = 0;

	if (p->cfg.local || !p->cfg.locals_n)
		rc = bind_to(p, p->cfg.local ? p->cfg.local : "0.0.0.0:0");
	for (size_t i = 0; i < p->cfg.locals_n && rc == 0; i++)
		rc = bind_to(p, p->cfg.locals[i]);
	return rc;
}

static int build(struct parley *p, const struct limits *limits)
{
	uint8_t seed[2][32];
	int rc = reactor_entropy(p->r, seed, sizeof(seed));

	if (rc)
		return rc;
	drbg_init(&p->drbg, seed[0]);
	rc = sip_port_new(p->r, limits, &sip_ops, p, &p->sip);
	if (rc)
		return rc;
	p->core = sip_port_core(p->sip);
	rc = agent_new(p->mem, sip_port_users(p->sip), limits, seed[1],
		       client_now(p), &p->agent);
	if (rc == 0 && p->cfg.trace)
		rc = trace_open(p->mem, p->cfg.trace, p->cfg.trace_keys,
				S("parley"), &p->trace);
	if (rc == 0)
		sip_port_trace(p->sip, p->trace);
	return rc ? rc : listen_all(p);
}

static void destroy(struct parley *p)
{
	struct owner *owner = p->owner;

	client_leave_link(p);
	client_media_fini(p);
	netwatch_close(p->netwatch);
	while (!list_empty(&p->timers))
		timer_free(CONTAINER(p->timers.next, struct app_timer, link));
	reactor_timer_stop(p->r, &p->kick);
	reactor_timer_stop(p->r, &p->timer);
	agent_free(p->agent);
	p->agent = NULL;
	sip_port_free(p->sip);
	sip_log_fini(&p->sip_log);
	trace_flush(p->trace);
	client_judge_trace(p);
	trace_close(p->trace);
	drbg_wipe(&p->drbg);
	mem_free(p->mem, p);
	if (owner) {
		reactor_free(owner->reactor);
		free(owner);
	}
}

/* What the application's header did not know yet is 0. */
static int config_read(struct parley_config *c,
		       const struct parley_config *config)
{
	size_t n = config->size;

	if (n < sizeof(config->size))
		return -EINVAL;
	*c = (struct parley_config){ 0 };
	memcpy(c, config, n < sizeof(*c) ? n : sizeof(*c));
	c->size = sizeof(*c);
	return 0;
}

static bool no_port(int n)
{
	return n < -1 || n > UINT16_MAX;
}

int client_new(struct reactor *r, const struct limits *limits,
	       const struct parley_config *config, struct parley **out)
{
	struct mem *m = reactor_mem(r);
	struct parley *p = mem_new(m, sizeof(*p));
	struct limits l = limits ? *limits : limits_default;
	size_t fds = reactor_descriptors(r);
	int rc;

	if (!p)
		return -ENOMEM;
	p->mem = m;
	p->r = r;
	p->thread = pthread_self();
	l.descriptors = fds < UINT32_MAX ? (uint32_t)fds : UINT32_MAX;
	sip_log_init(&p->sip_log, m, on_sip_line, p);
	rc = config_read(&p->cfg, config);
	if (p->cfg.memory)
		m->budget = p->cfg.memory;
	p->kick.fn = on_kick;
	p->timer.fn = client_on_timer;
	p->kick.arg = p->timer.arg = p;
	p->error = "";
	list_init(&p->timers);
	list_init(&p->openings);
	if ((p->cfg.no_udp && p->cfg.no_tcp && p->cfg.no_tls) ||
	    no_port(p->cfg.ws_port) || no_port(p->cfg.wss_port))
		rc = -EINVAL;
	if (rc == 0)
		rc = read_locals(p);
	if (rc == 0)
		rc = build(p, &l);
	if (rc) {
		destroy(p);
		return rc;
	}
	*out = p;
	return 0;
}

static const char *why_not_new(int rc)
{
	switch (rc) {
	case -EINVAL:
		return "the configuration makes no sense";
	case -EBADMSG:
		return "local is no address with a port";
	case -EADDRINUSE:
		return "another program uses that port";
	case -EADDRNOTAVAIL:
		return "that address is none of this host's";
	default:
		return strerror(-rc);
	}
}

static int explain(const struct parley_config *c, int rc)
{
	if (c->error && c->error_cap)
		snprintf(c->error, c->error_cap, "%s",
			 rc ? why_not_new(rc) : "");
	return rc;
}

static int new_agent(const struct parley_config *config, struct parley **out)
{
	struct parley_config c;
	struct owner *o;
	int rc = config && out ? config_read(&c, config) : -EINVAL;

	if (rc)
		return rc;
	o = calloc(1, sizeof(*o));
	if (!o)
		return -ENOMEM;
	mem_init(&o->mem, c.memory ? c.memory : limits_default.memory);
	o->reactor = reactor_new_poll(&o->mem);
	rc = o->reactor ? client_new(o->reactor, NULL, &c, out) : -errno;
	if (rc) {
		reactor_free(o->reactor);
		free(o);
		return rc;
	}
	(*out)->owner = o;
	return 0;
}

int parley_new(const struct parley_config *config, struct parley **out)
{
	struct parley_config c = { 0 };
	int rc = config && out ? config_read(&c, config) : -EINVAL;

	return rc ? rc : explain(&c, new_agent(config, out));
}

void parley_free(struct parley *p)
{
	if (!p)
		return;
	TAKES_OVER(p);
	if (p->dead)
		return;
	p->dead = true;
	if (p->busy || p->running) { /* from its own callback */
		if (p->owner)
			reactor_stop(p->r);
		return;
	}
	destroy(p);
}

void parley_shutdown(struct parley *p, int64_t timeout_ms)
{
	ON_ITS_THREAD(p);
	mono span = timeout_ms < 0 ? MS(SHUTDOWN_MS) : ms_to_mono(timeout_ms);
	struct instant now = client_now(p);

	client_leave_link(p);
	agent_shutdown(p->agent, mono_add(now.m, span), now);
	client_kick(p);
}

extern const char *const feature_version;

const char *parley_version(void)
{
	return feature_version;
}

const char *parley_error(const struct parley *p)
{
	ON_ITS_THREAD(p);
	return p->error ? p->error : agent_error(p->agent);
}

const char *parley_local(struct parley *p)
{
	ON_ITS_THREAD(p);
	return p->local;
}

const char *parley_local_to(struct parley *p, const char *uri)
{
	ON_ITS_THREAD(p);
	struct addr at = here(p, uri), local;

	if (!at.family || addr_parse(slice_str(p->local), &local))
		return p->local;
	if (!at.port)
		at.port = local.port;
	return addr_text(&at, p->local_to);
}

/* ----------------------------------------------------------------- loop */
/* Turns do not nest: an outer one may hold what an inner one would free. */
static void returned(struct parley *p)
{
	p->running = false;
	if (p->dead)
		destroy(p);
}

void parley_run(struct parley *p)
{
	TAKES_OVER(p);
	if (p->running)
		return;
	p->running = true;
	reactor_run(p->r);
	returned(p);
}

void parley_stop(struct parley *p)
{
	ON_ITS_THREAD(p);
	reactor_stop(p->r);
}

int parley_step(struct parley *p, int64_t max_wait_ms)
{
	TAKES_OVER(p);
	int rc;

	if (p->running)
		return -EBUSY;
	p->running = true;
	rc = reactor_step(p->r, ms_to_mono(max_wait_ms));
	returned(p);
	return rc;
}

int parley_post(struct parley *p, void (*fn)(void *arg), void *arg)
{
	return fn ? reactor_post(p->r, fn, arg) : -EINVAL;
}

_Static_assert(sizeof(struct parley_fd) == sizeof(struct reactor_fd) &&
	       (int)PARLEY_READ == (int)REACTOR_READ &&
	       (int)PARLEY_WRITE == (int)REACTOR_WRITE,
	       "the two are handed through as one");

size_t parley_poll_set(struct parley *p, struct parley_fd *fds, size_t cap,
		       int64_t *timeout_ms)
{
	TAKES_OVER(p);
	mono t;
	size_t n = reactor_poll_set(p->r, (struct reactor_fd *)(void *)fds,
				    cap, &t);

	/* Rounded up: a loop that wakes too early would only spin. */
	*timeout_ms = t == MONO_NEVER ? -1 : (t + MS(1) - 1) / MS(1);
	return n;
}

void parley_dispatch(struct parley *p, const struct parley_fd *fds, size_t n)
{
	TAKES_OVER(p);
	if (p->running)
		return;
	p->running = true;
	reactor_dispatch(p->r, (const struct reactor_fd *)(const void *)fds,
			 n);
	returned(p);
}
