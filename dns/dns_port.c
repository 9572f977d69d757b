/* SPDX-License-Identifier: BSD-2-Clause */
#include "dns/dns_port.h"

#include "platform/list.h"

enum { CONF_TEXT = 4096, HOSTS = 8 };

static const mono REREAD = SEC(1);

struct sock { /* of one try */
	struct list link;
	struct dns_port *port;
	uint32_t number;
	struct addr to;
	struct udp *udp;
	struct tcp *tcp;
	size_t n;
	uint8_t query[320]; /* for TCP to open */
};

struct dns_lookup {
	struct list link;
	struct dns_port *port;
	struct dns_locate *l; /* or a question */
	uint32_t handle;
	bool answered;
	struct dns_answer answer;
	void (*located)(void *arg, const struct dns_locate *l);
	void (*done)(void *arg, const struct dns_answer *a);
	void *arg;
};

struct dns_port {
	struct reactor *r;
	struct mem *mem;
	struct trace *trace;
	struct dns_resolver *resolver;
	struct dns_conf conf;
	bool given;       /* the servers are not the host's */
	mono read_at;
	size_t text_n;
	char text[CONF_TEXT], fresh[CONF_TEXT];
	struct list lookups, socks;
	struct reactor_timer timer;
	bool telling, over; /* over: freed by who is told; tell() ends it */
};

static mono now_of(const struct dns_port *p)
{
	return reactor_now(p->r).m;
}

static void kick(struct dns_port *p)
{
	reactor_timer_at(p->r, &p->timer, now_of(p));
}

/* --------------------------------------------------------------- sockets */
static void sock_free(struct sock *s)
{
	list_remove(&s->link);
	udp_close(s->udp);
	tcp_close(s->tcp);
	mem_free(s->port->mem, s);
}

static struct sock *find_sock(struct dns_port *p, uint32_t number)
{
	for (struct list *l = p->socks.next; l != &p->socks; l = l->next) {
		struct sock *s = CONTAINER(l, struct sock, link);

		if (s->number == number)
			return s;
	}
	return NULL;
}

static void trace_udp(const struct sock *s, const struct datagram *d, bool out)
{
	struct datagram c = *d;

	if (!s->port->trace)
		return;
	c.when = reactor_now(s->port->r);
	if (reactor_route(s->port->r, &s->to, &c.local))
		return;
	c.local.port = udp_local(s->udp).port;
	trace_datagram(s->port->trace, &c, out);
}

static void trace_tcp(const struct sock *s, struct slice bytes, bool out)
{
	struct addr local = tcp_local(s->tcp);

	trace_stream(s->port->trace, &local, &s->to, true, out, bytes,
		     reactor_now(s->port->r).wall_ns);
}

static void port_on_datagrams(void *arg, struct datagram *d, size_t n)
{
	struct sock *s = arg;

	for (size_t i = 0; i < n; i++) {
		trace_udp(s, &d[i], false);
		dns_resolver_on_datagram(s->port->resolver, s->number,
					 &d[i].remote,
					 slice_of(d[i].p, d[i].n),
					 now_of(s->port));
	}
	kick(s->port);
}

static void port_fail(void *arg)
{
	struct sock *s = arg;

	dns_resolver_on_error(s->port->resolver, s->number, now_of(s->port));
	kick(s->port);
}

/* ICMP: of where we sent, or it is none of ours. */
static void on_icmp(void *arg, const struct addr *remote, int err)
{
	struct sock *s = arg;

	(void)err;
	if (addr_same(remote, &s->to))
		port_fail(s);
}

static void on_open(void *arg)
{
	struct sock *s = arg;
	int rc = tcp_write(s->tcp, s->query, s->n);

	if (rc < 0 || (size_t)rc < s->n)
		port_fail(s);
	else
		trace_tcp(s, slice_of(s->query, s->n), true);
}

static void on_bytes(void *arg, uint8_t *b, size_t n)
{
	struct sock *s = arg;

	trace_tcp(s, slice_of(b, n), false);
	dns_resolver_on_stream(s->port->resolver, s->number, slice_of(b, n),
			       now_of(s->port));
	kick(s->port);
}

static void on_room(void *arg)
{
	(void)arg; /* a query fits into any buffer */
}

static void on_closed(void *arg, int err)
{
	struct sock *s = arg;

	(void)err;
	s->tcp = NULL;
	port_fail(s);
}

static const struct udp_ops udp_ops = { port_on_datagrams, on_icmp };
static const struct tcp_ops tcp_ops = { on_open, on_bytes, on_room,
					port_fail, on_closed };

static int open_udp(struct sock *s)
{
	struct addr any = { .family = s->to.family };
	struct datagram d = { .remote = s->to, .p = s->query, .n = s->n };
	int rc = udp_open(s->port->r, &any, &udp_ops, s, &s->udp);

	if (rc == 0)
		rc = udp_send(s->udp, &d, 1);
	if (rc >= 0)
		trace_udp(s, &d, true);
	return rc < 0 ? rc : 0;
}

static void open_sock(struct dns_port *p, const struct dns_out *o)
{
	struct sock *s = o->bytes.n > sizeof(s->query) ? NULL :
			 mem_new(p->mem, sizeof(*s));
	int rc;

	if (!s) {
		dns_resolver_on_error(p->resolver, o->socket, now_of(p));
		return;
	}
	s->port = p;
	s->number = o->socket;
	s->to = o->to;
	s->n = o->bytes.n;
	memcpy(s->query, o->bytes.p, o->bytes.n);
	list_append(&p->socks, &s->link);
	rc = o->kind == DNS_OUT_UDP ? open_udp(s) :
	     tcp_connect(p->r, NULL, &s->to, &tcp_ops, s, &s->tcp);
	if (rc)
		dns_resolver_on_error(p->resolver, o->socket, now_of(p));
}

/* ---------------------------------------------------------------- answers */
static void answered(struct dns_port *p, const struct dns_out *o)
{
	for (struct list *l = p->lookups.next; l != &p->lookups; l = l->next) {
		struct dns_lookup *k = CONTAINER(l, struct dns_lookup, link);
		void *copy;

		if (k->l) {
			dns_locate_on_answer(k->l, o->handle, &o->answer,
					     now_of(p));
			continue;
		}
		if (k->handle != o->handle || k->answered)
			continue;
		k->answered = true;
		k->answer = o->answer;
		copy = o->answer.bytes.n ? mem_copy(p->mem, o->answer.bytes.p,
						    o->answer.bytes.n) : NULL;
		if (o->answer.bytes.n && !copy)
			k->answer.status = DNS_NO_MEMORY;
		k->answer.bytes = slice_of(copy, copy ? o->answer.bytes.n : 0);
	}
}

static void drain(struct dns_port *p)
{
	struct dns_out o;
	struct sock *s;

	while (dns_resolver_poll(p->resolver, &o)) {
		switch (o.kind) {
		case DNS_OUT_UDP:
		case DNS_OUT_TCP:
			open_sock(p, &o);
			break;
		case DNS_OUT_CLOSE:
			s = find_sock(p, o.socket);
			if (s)
				sock_free(s);
			break;
		case DNS_OUT_ANSWER:
			answered(p, &o);
			break;
		}
	}
}

static void lookup_free(struct dns_lookup *k)
{
	struct mem *m = k->port->mem;

	list_remove(&k->link);
	dns_locate_free(k->l);
	mem_free(m, (void *)(uintptr_t)k->answer.bytes.p);
	mem_free(m, k);
}

static struct dns_lookup *finished(struct dns_port *p)
{
	enum dns_status s;

	for (struct list *l = p->lookups.next; l != &p->lookups; l = l->next) {
		struct dns_lookup *k = CONTAINER(l, struct dns_lookup, link);

		if (k->l ? dns_locate_over(k->l, &s) : k->answered)
			return k;
	}
	return NULL;
}

/* A callback may free the port, and its lookup with it. */
static bool port_tell(struct dns_port *p, struct dns_lookup *k)
{
	p->telling = true;
	if (k->l)
		k->located(k->arg, k->l);
	else
		k->done(k->arg, &k->answer);
	p->telling = false;
	if (p->over) {
		mem_free(p->mem, p);
		return false;
	}
	lookup_free(k);
	return true;
}

static void arm(struct dns_port *p)
{
	mono at = dns_resolver_deadline(p->resolver);

	for (struct list *l = p->lookups.next; l != &p->lookups; l = l->next) {
		struct dns_lookup *k = CONTAINER(l, struct dns_lookup, link);

		if (k->l)
			at = mono_min(at, dns_locate_deadline(k->l));
	}
	reactor_timer_at(p->r, &p->timer, at);
}

static void on_time(void *arg)
{
	struct dns_port *p = arg;
	struct dns_lookup *k;

	dns_resolver_on_time(p->resolver, now_of(p));
	drain(p);
	for (struct list *l = p->lookups.next; l != &p->lookups; l = l->next) {
		k = CONTAINER(l, struct dns_lookup, link);
		if (k->l)
			dns_locate_on_time(k->l, now_of(p));
	}
	drain(p);
	arm(p);
	do
		k = finished(p);
	while (k && port_tell(p, k));
}

/* ------------------------------------------------------------------- life */
/* resolv.conf(5): no nameserver is one on this host; no text is nobody. */
static bool read_conf(struct dns_port *p)
{
	size_t n = reactor_resolv(p->r, p->fresh, sizeof(p->fresh));

	p->read_at = now_of(p);
	if (n > sizeof(p->fresh))
		n = sizeof(p->fresh); /* what is beyond is not read */
	if (n == p->text_n && memcmp(p->fresh, p->text, n) == 0)
		return false;
	memcpy(p->text, p->fresh, n);
	p->text_n = n;
	(void)dns_conf_parse(slice_of(p->text, n), &p->conf);
	if (n && !p->conf.servers)
		p->conf.server[p->conf.servers++] =
			addr_v4(127, 0, 0, 1, DNS_PORT);
	return true;
}

static void refresh(struct dns_port *p)
{
	if (!p->given && now_of(p) >= mono_add(p->read_at, REREAD) &&
	    read_conf(p))
		dns_resolver_configure(p->resolver, &p->conf, now_of(p));
}

static void take_servers(struct dns_port *p, const struct addr *servers,
			 size_t n)
{
	(void)dns_conf_parse(S(""), &p->conf);
	p->text_n = 0;
	p->given = n != 0;
	for (size_t i = 0; i < n && i < DNS_SERVERS; i++)
		p->conf.server[p->conf.servers++] = servers[i];
	if (!p->given)
		(void)read_conf(p);
}

void dns_port_servers(struct dns_port *p, const struct addr *servers, size_t n)
{
	take_servers(p, servers, n);
	dns_resolver_configure(p->resolver, &p->conf, now_of(p));
	kick(p);
}

void dns_port_trace(struct dns_port *p, struct trace *t)
{
	p->trace = t;
}

int dns_port_new(struct reactor *r, struct mem *m,
		 const struct dns_port_config *cfg, struct dns_port **out)
{
	struct dns_port *p = mem_new(m, sizeof(*p));
	uint8_t seed[32];
	int rc = p ? reactor_entropy(r, seed, sizeof(seed)) : -ENOMEM;

	if (rc) {
		mem_free(m, p);
		return rc;
	}
	p->r = r;
	p->mem = m;
	p->trace = cfg->trace;
	p->timer.fn = on_time;
	p->timer.arg = p;
	list_init(&p->lookups);
	list_init(&p->socks);
	take_servers(p, cfg->servers, cfg->n);
	p->resolver = dns_resolver_new(m, &p->conf, cfg->limits ? cfg->limits :
				       &limits_default, seed);
	if (!p->resolver) {
		mem_free(m, p);
		return -ENOMEM;
	}
	*out = p;
	return 0;
}

void dns_port_free(struct dns_port *p)
{
	if (!p)
		return;
	reactor_timer_stop(p->r, &p->timer);
	while (!list_empty(&p->lookups))
		lookup_free(CONTAINER(p->lookups.next, struct dns_lookup,
				      link));
	while (!list_empty(&p->socks))
		sock_free(CONTAINER(p->socks.next, struct sock, link));
	dns_resolver_free(p->resolver);
	p->over = true;
	if (!p->telling)
		mem_free(p->mem, p);
}

static struct dns_lookup *new_lookup(struct dns_port *p, void *arg)
{
	struct dns_lookup *k = mem_new(p->mem, sizeof(*k));

	if (!k)
		return NULL;
	k->port = p;
	k->arg = arg;
	list_append(&p->lookups, &k->link);
	refresh(p);
	kick(p);
	return k;
}

int dns_port_locate(struct dns_port *p, const struct dns_target *t,
		    void (*done)(void *arg, const struct dns_locate *l),
		    void *arg, struct dns_lookup **out)
{
	struct addr hosts[HOSTS];
	struct dns_target to = *t;
	struct dns_lookup *k;
	uint8_t seed[32];
	int rc = reactor_entropy(p->r, seed, sizeof(seed));

	if (rc)
		return rc;
	k = new_lookup(p, arg);
	if (!k)
		return -ENOMEM;
	if (!t->n) {
		to.hosts = hosts;
		to.n = reactor_hosts(p->r, t->host, hosts, COUNT(hosts));
		to.n = to.n > COUNT(hosts) ? COUNT(hosts) : to.n;
	}
	k->located = done;
	k->l = dns_locate_new(p->mem, p->resolver, &to, 0, seed, now_of(p));
	if (!k->l) {
		lookup_free(k);
		return -ENOMEM;
	}
	*out = k;
	return 0;
}

int dns_port_ask(struct dns_port *p, const struct dns_name *name,
		 unsigned type, bool search,
		 void (*done)(void *arg, const struct dns_answer *a),
		 void *arg, struct dns_lookup **out)
{
	struct dns_lookup *k = new_lookup(p, arg);
	int rc;

	if (!k)
		return -ENOMEM;
	k->done = done;
	rc = dns_resolver_ask(p->resolver, name, type, search, 0, now_of(p),
			      &k->handle);
	if (rc) {
		lookup_free(k);
		return rc;
	}
	*out = k;
	return 0;
}

void dns_lookup_cancel(struct dns_lookup *k)
{
	if (!k)
		return;
	if (!k->l && !k->answered)
		dns_resolver_cancel(k->port->resolver, k->handle);
	kick(k->port);
	lookup_free(k);
}
