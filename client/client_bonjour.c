/* SPDX-License-Identifier: BSD-2-Clause
 * client/client_bonjour.c - an agent on its link, on the reactor: what is
 * published of it, by the names that the SIP SIMPLE SDK gave these things, and
 * its neighbours as events. */
#include "client/bonjour.h"

#include <stdio.h>
#include <string.h>

#include "client/client_port_priv.h"
#include "client/neighbours.h"
#include "dns/dns_sd.h"
#include "dns/mdns_port.h"

enum { USER = 8, KINDS_OF = 2, CONTACT = 160, INTERFACES = 64, TEXT = 128 };

static const char *const browsed[] = { "_sipuri._udp", "_sipuri._tcp",
				       "_sip._udp", "_sip._tcp" };

struct bonjour {
	struct parley *p;
	struct mdns_port *port;
	struct neighbours near;
	struct fdwatch *watch;
	uint32_t account, service[KINDS_OF];
	struct addr shown; /* in what is published */
	char user[USER + 1], name[TEXT], id[NEIGHBOUR_ID];
	char state[TEXT], note[TEXT];
};

/* ------------------------------------------------------------- publishing */
/* What we are bound to; or, when that is all there is, the first address of an
 * interface on which we can be seen.  Family 0: there is none. */
static struct addr shown_address(const struct bonjour *b)
{
	const struct parley *p = b->p;
	struct host_if *all = mem_array(p->mem, INTERFACES, sizeof(*all));
	size_t n = all ? reactor_interfaces(p->r, all, INTERFACES) : 0;
	struct addr a = p->bound[0];

	for (size_t i = 0; i < n && i < INTERFACES && addr_is_any(&a); i++) {
		if (!all[i].up || !all[i].multicast ||
		    all[i].addr.family != a.family ||
		    (a.family == 6 && addr_is_link_local(&all[i].addr)))
			continue;
		a = all[i].addr;
		a.port = p->bound[0].port;
	}
	mem_free(p->mem, all);
	if (addr_is_any(&a))
		a = (struct addr){ 0 };
	return a;
}

static struct slice contact_of(const struct bonjour *b, bool tcp, char *room)
{
	struct writer w = writer_begin(room, CONTACT);

	writer_str(&w, "sip:");
	writer_str(&w, b->user);
	writer_char(&w, '@');
	addr_write(&w, &b->shown);
	writer_str(&w, tcp ? ";transport=tcp" : "");
	return writer_done(&w);
}

static void put_text(struct writer *w, const char *key, const char *value)
{
	if (value[0])
		dns_sd_txt_put(w, key, slice_str(value));
}

static struct slice txt_of(const struct bonjour *b, bool tcp, char *room,
			   size_t cap)
{
	struct writer w = writer_begin(room, cap);
	char contact[CONTACT], quoted[CONTACT + 3];
	struct slice c = contact_of(b, tcp, contact);

	snprintf(quoted, sizeof(quoted), "<%.*s>", (int)c.n, c.p);
	put_text(&w, "txtvers", "1");
	put_text(&w, "name", b->name);
	put_text(&w, "contact", quoted);
	put_text(&w, "instance_id", b->id);
	put_text(&w, "state", b->state);
	put_text(&w, "note", b->note);
	return writer_done(&w);
}

static bool has_transport(const struct bonjour *b, bool tcp)
{
	return tcp ? !b->p->cfg.no_tcp : !b->p->cfg.no_udp;
}

/* The instance is the URI, as the SDK has it; one that is too long is cut, and
 * the URI stands in TXT. */
static int publish_one(struct bonjour *b, bool tcp)
{
	char contact[CONTACT], txt[1024];
	struct slice c = contact_of(b, tcp, contact);

	return mdns_publish(mdns_port_engine(b->port),
			    slice_head(c, DNS_LABEL_MAX),
			    tcp ? S("_sipuri._tcp") : S("_sipuri._udp"),
			    b->shown.port, txt_of(b, tcp, txt, sizeof(txt)),
			    mdns_port_now(b->port), &b->service[tcp]);
}

static int publish(struct bonjour *b)
{
	int rc = 0;

	for (unsigned tcp = 0; tcp < KINDS_OF && rc == 0; tcp++)
		if (has_transport(b, tcp) && b->shown.family)
			rc = publish_one(b, tcp);
	mdns_port_kick(b->port);
	return rc;
}

/* Another address is another URI: published anew. */
static void bonjour_on_change(void *arg)
{
	struct bonjour *b = arg;
	struct addr now = shown_address(b);

	if (!b->account || addr_same(&now, &b->shown))
		return;
	for (unsigned i = 0; i < KINDS_OF; i++) {
		mdns_withdraw(mdns_port_engine(b->port), b->service[i],
			      mdns_port_now(b->port));
		b->service[i] = 0;
	}
	b->shown = now;
	if (publish(b))
		client_log(b->p, 0, "the link is not told of us: ",
			   "no memory, or too many services");
}

static int bonjour_status(struct bonjour *b, const char *state,
			  const char *note)
{
	char txt[1024];
	int rc = 0;

	if (strlen(state) >= sizeof(b->state) ||
	    strlen(note) >= sizeof(b->note))
		return -ENOSPC;
	memcpy(b->state, state, strlen(state) + 1);
	memcpy(b->note, note, strlen(note) + 1);
	for (unsigned tcp = 0; tcp < KINDS_OF && rc == 0; tcp++)
		if (b->service[tcp])
			rc = mdns_update(mdns_port_engine(b->port),
					 b->service[tcp],
					 txt_of(b, tcp, txt, sizeof(txt)),
					 mdns_port_now(b->port));
	mdns_port_kick(b->port);
	return rc;
}

/* -------------------------------------------------------------- neighbours */
static void fill(struct parley_event *ev, const struct neighbour_out *o,
		 uint32_t account)
{
	static const enum parley_event_kind kind[] = {
		[NEIGHBOUR_FOUND] = PARLEY_EV_NEIGHBOUR_FOUND,
		[NEIGHBOUR_CHANGED] = PARLEY_EV_NEIGHBOUR_CHANGED,
		[NEIGHBOUR_GONE] = PARLEY_EV_NEIGHBOUR_GONE,
	};
	const struct agent_out plain = { .kind = AGENT_EVENT,
					 .event = kind[o->kind],
					 .account = account };
	const struct slice text[] = { o->name, o->uri, o->id, o->state,
				      o->note, o->service };

	event_from_out(ev, &plain);
	for (size_t i = 0; i < COUNT(text); i++)
		event_text(ev->near[i], text[i]);
	ev->neighbour = (struct parley_neighbour){
		.size = sizeof(ev->neighbour), .name = ev->near[0],
		.uri = ev->near[1], .instance_id = ev->near[2],
		.state = ev->near[3], .note = ev->near[4],
		.service = ev->near[5], .ifindex = o->ifindex,
	};
}

/* From the loop, with no engine on the stack; the application may free all. */
static void on_out(void *arg, const struct mdns_out *o)
{
	struct bonjour *b = arg;
	struct parley *p = b->p;
	struct neighbour_out n;

	if (p->dead || (o->kind != MDNS_OUT_FOUND &&
			o->kind != MDNS_OUT_CHANGED &&
			o->kind != MDNS_OUT_GONE))
		return;
	neighbours_on(&b->near, o);
	while (p->bonjour == b && neighbours_poll(&b->near, &n)) {
		fill(&p->event, &n, b->account);
		if (!client_tell(p))
			return;
	}
}

/* -------------------------------------------------------------------- life */
static void bonjour_close(struct bonjour *b)
{
	struct mem *m;

	if (!b)
		return;
	m = b->p->mem;
	fdwatch_close(b->watch);
	mdns_port_free(b->port);
	neighbours_fini(&b->near);
	mem_free(m, b);
}

/* RFC 9562 5.4 */
static void random_uuid(struct drbg *d, char *out)
{
	uint8_t u[16];
	struct writer w = writer_begin(out, NEIGHBOUR_ID - 1);

	drbg_bytes(d, u, sizeof(u));
	u[6] = (uint8_t)((u[6] & 0x0F) | 0x40);
	u[8] = (uint8_t)((u[8] & 0x3F) | 0x80);
	for (size_t i = 0; i < sizeof(u); i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			writer_char(&w, '-');
		writer_hex(&w, u + i, 1);
	}
	out[w.n] = '\0';
}

static int copy(char *to, size_t cap, const char *from)
{
	return slice_to_str(slice_str(from), to, cap) ? -EINVAL : 0;
}

/* An account of its own: calls to the published URI find it by its user. */
static int add_account(struct bonjour *b, const char *host, uint32_t *account)
{
	struct parley *p = b->p;
	char aor[TEXT];
	int rc;

	for (size_t i = 0; i < USER; i++)
		b->user[i] = (char)('0' + drbg_below(&p->drbg, 10));
	snprintf(aor, sizeof(aor), "sip:%s@%s.local", b->user, host);
	rc = agent_account_add(p->agent, slice_str(aor), account);
	if (rc == 0)
		rc = agent_set(p->agent, *account, S("account.display_name"),
			       slice_str(b->name));
	return rc;
}

static int bonjour_begin(struct bonjour *b, const struct parley_bonjour *o,
			 uint32_t *account)
{
	struct parley *p = b->p;
	struct mdns_port_config cfg = { .trace = p->trace, .on_out = on_out,
					.arg = b };
	char host[24] = "parley-";
	uint32_t browse;
	int rc = copy(b->name, sizeof(b->name), o->name);

	drbg_token(&p->drbg, host + 7, 8);
	random_uuid(&p->drbg, b->id);
	if (rc == 0)
		rc = copy(b->state, sizeof(b->state), o->state);
	if (rc == 0)
		rc = copy(b->note, sizeof(b->note), o->note);
	if (rc == 0 && o->instance_id)
		rc = copy(b->id, sizeof(b->id), o->instance_id);
	memcpy(b->near.own, b->id, sizeof(b->id));
	if (rc == 0)
		rc = mdns_port_new(p->r, p->mem, &cfg, &b->port);
	for (size_t i = 0; i < COUNT(browsed) && rc == 0; i++)
		rc = mdns_browse(mdns_port_engine(b->port),
				 slice_str(browsed[i]), mdns_port_now(b->port),
				 &browse);
	if (rc == 0)
		mdns_port_kick(b->port);
	if (rc || !b->name[0])
		return rc;
	rc = mdns_host(mdns_port_engine(b->port), slice_str(host),
		       mdns_port_now(b->port));
	if (rc == 0)
		rc = reactor_watch_interfaces(p->r, bonjour_on_change, b,
					      &b->watch);
	if (rc == 0)
		rc = add_account(b, host, account);
	if (rc)
		return rc;
	b->account = *account;
	b->shown = shown_address(b);
	return publish(b);
}

static const char *bonjour_why(int rc)
{
	return rc == -EINVAL ? "a text is too long" :
	       rc == -ENOMEM ? "out of memory" :
	       rc == -EADDRINUSE ? "port 5353 is taken, and not shared" :
	       "no multicast DNS here";
}

static int bonjour_open(struct parley *p, const struct parley_bonjour *o,
			uint32_t *account, struct bonjour **out,
			const char **why)
{
	struct bonjour *b = mem_new(p->mem, sizeof(*b));
	int rc = b ? 0 : -ENOMEM, left;

	*account = 0;
	if (b) {
		b->p = p;
		neighbours_init(&b->near, p->mem);
		rc = bonjour_begin(b, o, account);
	}
	if (rc == 0) {
		*out = b;
		return 0;
	}
	*why = bonjour_why(rc);
	bonjour_close(b);
	left = *account ? agent_account_remove(p->agent, *account,
					       client_now(p)) : 0;
	(void)left; /* it was made here, and nobody calls yet */
	*account = 0;
	return rc;
}

extern const struct bonjour_ops bonjour_mdns;
const struct bonjour_ops bonjour_mdns = {
	.open = bonjour_open,
	.status = bonjour_status,
	.close = bonjour_close,
};
