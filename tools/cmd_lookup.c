/* SPDX-License-Identifier: BSD-2-Clause
 * parley lookup: what RFC 3263 makes of a URI, step by step. */
#include <string.h>

#include "dns/dns_port.h"
#include "dns/mdns_port.h"
#include "sip/msg/sip_uri.h"
#include "tools/decode.h"

enum { ROOM = 256 << 10 };

/* Who is on the link answers within 120 ms, asked twice; the other family's
 * address comes with the first, or soon after. */
static const mono LINK_WAIT = SEC(3), FAMILY_WAIT = MS(100);

struct looking {
	struct tool *tool;
	struct dns_port *port;
	struct dns_lookup *lookup;
	struct trace *wire;
	struct slice name; /* to be verified */
	const char *uri, *dns, *trace, *transports;
	bool json, force, trace_keys, v4, v6;
	mono begun;
	/* Of a name of the link, local: */
	struct mdns_port *link;
	struct dns_target target;
	struct addr near[MDNS_ADDRS];
	size_t near_n;
	struct reactor_timer wait;
};

static const struct option options[] = {
	{ "--dns", OPTION_TEXT, offsetof(struct looking, dns), 0, 0,
	  "ADDR:PORT", "ask this name server (those of resolv.conf)" },
	{ "--transports", OPTION_TEXT, offsetof(struct looking, transports), 0,
	  0, "LIST", "of udp, tcp, tls, ws, wss, best first (udp,tcp,tls)" },
	{ "--ipv4", OPTION_FLAG, offsetof(struct looking, v4), 0, 0, NULL,
	  "no IPv6 addresses" },
	{ "--ipv6", OPTION_FLAG, offsetof(struct looking, v6), 0, 0, NULL,
	  "no IPv4 addresses" },
	TRACE_OPTIONS(struct looking, ),
	{ "--force", OPTION_FLAG, offsetof(struct looking, force), 0, 0, NULL,
	  "replace a trace that is there already" },
	{ "--json", OPTION_FLAG, offsetof(struct looking, json), 0, 0, NULL,
	  "as one JSON object" },
	{ 0 },
};

static const char *const transport_name[DNS_TRANSPORTS] = {
	[DNS_UDP] = "udp", [DNS_TCP] = "tcp", [DNS_TLS] = "tls",
	[DNS_WS] = "ws", [DNS_WSS] = "wss",
};

static enum dns_transport transport_of(struct slice s)
{
	for (unsigned i = DNS_UDP; i < DNS_TRANSPORTS; i++)
		if (slice_ieq(s, transport_name[i]))
			return (enum dns_transport)i;
	return DNS_NO_TRANSPORT;
}

/* ------------------------------------------------------------ what is said */
static void write_text(struct writer *w, struct slice s)
{
	writer_char(w, '"');
	writer_put(w, s);
	writer_str(w, "\" ");
}

/* rdata as a zone file has it; show_text keeps it from the terminal. */
static void write_record(struct writer *w, const struct dns_msg *m,
			 const struct dns_rr *r)
{
	union {
		struct addr addr;
		struct dns_srv srv;
		struct dns_naptr naptr;
	} v;

	if (dns_rr_addr(m, r, &v.addr)) {
		addr_write_ip(w, &v.addr, false);
	} else if (dns_rr_srv(m, r, &v.srv)) {
		writer_u64(w, v.srv.priority);
		writer_char(w, ' ');
		writer_u64(w, v.srv.weight);
		writer_char(w, ' ');
		writer_u64(w, v.srv.port);
		writer_char(w, ' ');
		dns_name_write(w, &v.srv.target);
	} else if (dns_rr_naptr(m, r, &v.naptr)) {
		writer_u64(w, v.naptr.order);
		writer_char(w, ' ');
		writer_u64(w, v.naptr.preference);
		writer_char(w, ' ');
		write_text(w, v.naptr.flags);
		write_text(w, v.naptr.service);
		write_text(w, v.naptr.regexp);
		dns_name_write(w, &v.naptr.replacement);
	}
}

static void show_records(struct show *s, const struct dns_answer *a)
{
	struct dns_walk w = { 0 };
	struct dns_msg m;
	struct dns_rr r;
	char text[1024];

	show_list(s, "records");
	if (a->status == DNS_FOUND && dns_msg_parse(a->bytes, &m, NULL) == 0)
		while (dns_rr_next(&m, DNS_ANSWER, &w, &r)) {
			struct writer o = writer_begin(text, sizeof(text));

			write_record(&o, &m, &r);
			show_text(s, NULL, writer_done(&o));
		}
	show_list_end(s);
}

static void show_step(struct show *s, const struct dns_step *step,
		      const struct looking *k)
{
	const struct dns_answer *a = &step->answer;
	char text[DNS_NAME_TEXT];

	show_begin(s, NULL);
	show_str(s, "type", dns_type_name(step->type));
	show_str(s, "name", dns_name_text(&step->name, text));
	show_int(s, "asked_us", (step->began - k->begun) / 1000);
	if (step->over) {
		show_int(s, "took_us", step->took / 1000);
		show_str(s, "status", dns_status_text(a->status));
		show_int(s, "ttl", a->ttl);
		if (a->server.family)
			show_str(s, "server", addr_text(&a->server, text));
		show_records(s, a);
	} else {
		show_str(s, "status", "not waited for");
	}
	show_end(s);
}

static void show_hop(struct show *s, const struct dns_hop *h)
{
	char text[ADDR_TEXT] = { 0 };
	struct writer w = writer_begin(text, sizeof(text) - 1);

	addr_write_ip(&w, &h->addr, false);
	show_begin(s, NULL);
	show_str(s, "transport", transport_name[h->service->transport]);
	show_str(s, "address", text);
	show_int(s, "port", h->addr.port);
	show_end(s);
}

static void show_all(struct show *s, const struct looking *k,
		     const struct dns_locate *l)
{
	const struct dns_hop *hop;
	enum dns_status status;
	size_t n = dns_locate_hops(l, &hop);

	(void)dns_locate_over(l, &status);
	show_begin(s, NULL);
	show_str(s, "uri", k->uri);
	show_text(s, "verify", k->name);
	show_str(s, "status", dns_status_text(status));
	show_list(s, "steps");
	for (size_t i = 0; i < dns_locate_steps(l); i++)
		show_step(s, dns_locate_step(l, i), k);
	show_list_end(s);
	show_list(s, "hops");
	for (size_t i = 0; i < n; i++)
		show_hop(s, &hop[i]);
	show_list_end(s);
	show_end(s);
}

static void located(void *arg, const struct dns_locate *l)
{
	struct looking *k = arg;
	struct show s = { .json = k->json };
	char *room = mem_new(k->tool->mem, ROOM);
	enum dns_status status;
	int rc = TOOL_OK;

	k->lookup = NULL;
	(void)dns_locate_over(l, &status);
	s.w = writer_begin(room, room ? ROOM : 0);
	if (room)
		show_all(&s, k, l);
	if (k->json)
		writer_char(&s.w, '\n');
	if (writer_end(&s.w) < 0)
		rc = tool_fail(k->tool, TOOL_FAILED, "%s: too long to show",
			       k->uri);
	else
		k->tool->put(k->tool->ctx, false, writer_done(&s.w));
	mem_free(k->tool->mem, room);
	if (rc == TOOL_OK && status != DNS_FOUND)
		rc = tool_fail(k->tool, TOOL_FAILED, "%s: %s", k->uri,
			       dns_status_text(status));
	if (trace_error(k->wire))
		rc = tool_fail(k->tool, TOOL_FAILED, "%s: %s", k->trace,
			       strerror(-trace_error(k->wire)));
	k->tool->done(k->tool->ctx, rc);
}

/* ------------------------------------------------------------------ begin */
static int read_uri(struct looking *k, struct dns_target *t,
		    struct dns_sip_wish *w)
{
	struct parse_error e = { 0 };
	struct addr numeric;
	struct sip_uri u;
	struct slice v;

	if (sip_uri_parse(slice_str(k->uri), &u, &e) ||
	    (u.scheme != SIP_SCHEME_SIP && u.scheme != SIP_SCHEME_SIPS))
		return tool_fail(k->tool, TOOL_USAGE, "not a SIP URI: %s",
				 k->uri);
	t->host = u.host;
	if (sip_uri_param(&u, "maddr", &v) && v.n)
		t->host = v; /* RFC 3263 4: TARGET */
	t->port = u.has_port ? u.port : 0;
	if (u.host.n > 2 && u.host.p[0] == '[')
		t->host = slice_of(u.host.p + 1, u.host.n - 2);
	w->secure = u.scheme == SIP_SCHEME_SIPS;
	w->settled = t->port || addr_parse_ip(t->host, &numeric) == 0;
	if (sip_uri_param(&u, "transport", &v)) {
		w->transport = transport_of(v);
		if (w->transport == DNS_NO_TRANSPORT)
			return tool_fail(k->tool, TOOL_FAILED,
					 "%s: no such transport", k->uri);
	}
	k->name = t->host;
	return TOOL_RUNNING;
}

static int read_transports(struct looking *k, enum dns_transport *use,
			   size_t *n)
{
	struct slice rest = slice_str(k->transports), one;

	for (*n = 0; rest.n;) {
		(void)slice_cut(rest, ',', &one, &rest);
		if (*n == DNS_TRANSPORTS ||
		    !(use[*n] = transport_of(slice_trim(one))))
			return tool_fail(k->tool, TOOL_USAGE, "--transports "
					 "%s: udp, tcp, tls, ws and wss are "
					 "there", k->transports);
		(*n)++;
	}
	return TOOL_RUNNING;
}

static int open_port(struct looking *k)
{
	struct dns_port_config cfg = { 0 };
	struct addr server;
	int rc;

	if (k->dns) {
		if (addr_parse(slice_str(k->dns), &server) || !server.port)
			return tool_fail(k->tool, TOOL_USAGE, "--dns %s: "
					 "ADDR:PORT wanted", k->dns);
		cfg.servers = &server;
		cfg.n = 1;
	}
	rc = tool_trace(k->tool, k->trace, k->trace_keys, k->force);
	if (rc != TOOL_RUNNING)
		return rc;
	if (k->trace) {
		rc = trace_open(k->tool->mem, k->trace, k->trace_keys,
				S("parley"), &k->wire);
		if (rc)
			return tool_fail(k->tool, TOOL_FAILED, "%s: %s",
					 k->trace, strerror(-rc));
	}
	cfg.trace = k->wire;
	rc = dns_port_new(k->tool->reactor, k->tool->mem, &cfg, &k->port);
	return rc ? tool_fail(k->tool, TOOL_FAILED, "%s", strerror(-rc)) :
		    TOOL_RUNNING;
}

static int lookup_locate(struct looking *k)
{
	int rc;

	k->target.hosts = k->near;
	k->target.n = k->near_n;
	rc = dns_port_locate(k->port, &k->target, located, k, &k->lookup);
	return rc ? tool_fail(k->tool, TOOL_FAILED, "%s", strerror(-rc)) :
		    TOOL_RUNNING;
}

/* ------------------------------------------- names of the link: RFC 6762 3 */
static bool is_local(struct slice host)
{
	return host.n > 6 && slice_ieq(slice_skip(host, host.n - 6), ".local");
}

static void on_link(void *arg, const struct mdns_out *o)
{
	struct looking *k = arg;

	if (o->kind != MDNS_OUT_ADDRS)
		return;
	if (!k->near_n)
		reactor_timer_at(k->tool->reactor, &k->wait,
				 mono_add(reactor_now(k->tool->reactor).m,
					  FAMILY_WAIT));
	k->near_n = o->found.n;
	memcpy(k->near, o->found.addr, sizeof(k->near));
}

static void on_waited(void *arg)
{
	struct looking *k = arg;
	int rc = k->near_n ? lookup_locate(k) :
		 tool_fail(k->tool, TOOL_FAILED, "%s: nobody on the link has "
			   "that name", k->uri);

	if (rc != TOOL_RUNNING)
		k->tool->done(k->tool->ctx, rc);
}

/* No name server is asked for it. */
static int ask_link(struct looking *k)
{
	struct mdns_port_config cfg = { .trace = k->wire, .on_out = on_link,
					.arg = k };
	struct dns_name name;
	uint32_t handle;
	int rc = dns_name_parse(k->target.host, &name, NULL);

	if (rc == 0)
		rc = mdns_port_new(k->tool->reactor, k->tool->mem, &cfg,
				   &k->link);
	if (rc == 0)
		rc = mdns_lookup(mdns_port_engine(k->link), &name,
				 mdns_port_now(k->link), &handle);
	if (rc)
		return tool_fail(k->tool, TOOL_FAILED, "%s: %s", k->uri,
				 strerror(-rc));
	mdns_port_kick(k->link);
	k->wait.fn = on_waited;
	k->wait.arg = k;
	reactor_timer_at(k->tool->reactor, &k->wait,
			 mono_add(reactor_now(k->tool->reactor).m, LINK_WAIT));
	return TOOL_RUNNING;
}

static int lookup_begin(struct looking *k)
{
	enum dns_transport use[DNS_TRANSPORTS];
	struct dns_sip_wish w = { .use = use };
	struct dns_target t = { .no_v4 = k->v6, .no_v6 = k->v4 };
	int rc = read_transports(k, use, &w.n);

	if (rc == TOOL_RUNNING)
		rc = read_uri(k, &t, &w);
	if (rc != TOOL_RUNNING)
		return rc;
	if (dns_sip_choose(&w, &t.choice))
		return tool_fail(k->tool, TOOL_FAILED, "%s: not by %s", k->uri,
				 k->transports);
	rc = open_port(k);
	if (rc != TOOL_RUNNING)
		return rc;
	k->begun = reactor_now(k->tool->reactor).m;
	k->target = t;
	return is_local(t.host) ? ask_link(k) : lookup_locate(k);
}

static int lookup_start(struct tool *t, const struct command *cmd, int argc,
			char **argv, void **run)
{
	struct looking *k = mem_new(t->mem, sizeof(*k));
	size_t n;
	int rc;

	if (!k)
		return tool_fail(t, TOOL_FAILED, "out of memory");
	*run = k;
	k->tool = t;
	k->transports = "udp,tcp,tls";
	rc = options_parse(t, cmd, argc, argv, k, &k->uri, 1, &n);
	if (rc != TOOL_RUNNING)
		return rc;
	if (!n)
		return tool_fail(t, TOOL_USAGE, "lookup: what? (parley lookup "
				 "sip:example.com)");
	if (k->v4 && k->v6)
		return tool_fail(t, TOOL_USAGE, "lookup: --ipv4 and --ipv6 "
				 "leave nothing");
	return lookup_begin(k);
}

static void lookup_interrupt(void *run)
{
	struct looking *k = run;

	dns_lookup_cancel(k->lookup);
	k->lookup = NULL;
	k->tool->done(k->tool->ctx, tool_fail(k->tool, TOOL_FAILED,
					      "%s: interrupted", k->uri));
}

static void done(void *run)
{
	struct looking *k = run;

	reactor_timer_stop(k->tool->reactor, &k->wait);
	mdns_port_free(k->link);
	dns_port_free(k->port);
	trace_close(k->wire);
	mem_free(k->tool->mem, k);
}

extern const struct command cmd_lookup;
const struct command cmd_lookup = {
	.name = "lookup",
	.summary = "Finds a SIP URI's servers, and tells each step (RFC 3263).",
	.usage = "URI [options]",
	.notes = "Hops are in the order in which a request tries them; verify "
		 "is the name\nthat a server has to prove by TLS.\n",
	.options = options,
	.needs_reactor = true,
	.start = lookup_start,
	.interrupt = lookup_interrupt,
	.free = done,
};
