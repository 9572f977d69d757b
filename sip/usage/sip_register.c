/* SPDX-License-Identifier: BSD-2-Clause */
#include "sip/usage/sip_register.h"

#include "sip/core/sip_reason.h"
#include "sip/hdr/sip_name_addr.h"
#include "sip/hdr/sip_number.h"
#include "sip/usage/sip_binding.h"

enum {
	BRIEF = 30,             /* seconds: a connection that did not last */
	EXPIRES = 3600,         /* 10.2: what to ask for by default */
	CONTACT = 640,          /* room for one of ours */
	GONE = 2048,            /* most of what is still to be unbound: some
				 * addresses that came and went unanswered */
	/* Of the routes and GRUUs that a 2xx brings, each: four routes of 250
	 * bytes, more than any provider has; no more than a Route header of
	 * ours has room for.  What is longer is left out. */
	KEPT = 1024
};

/* ------------------------------------------------------------------ life */
/* Copies the strings into one block; false: no memory. */
static bool keep_text(struct sip_register *r)
{
	struct slice *all[] = { &r->c.registrar, &r->c.aor, &r->c.contacts,
				&r->c.routes, &r->c.agent, &r->c.user,
				&r->c.instance };
	size_t n = 1, at = 0;

	for (size_t i = 0; i < COUNT(all); i++)
		n += all[i]->n;
	r->text = mem_new(r->mem, n);
	if (!r->text)
		return false;
	for (size_t i = 0; i < COUNT(all); i++) {
		if (all[i]->n)
			memcpy(r->text + at, all[i]->p, all[i]->n);
		all[i]->p = r->text + at;
		at += all[i]->n;
	}
	return true;
}

static int contacts_check(struct slice contacts)
{
	struct sip_values v = sip_values_of(SIP_HDR_CONTACT, contacts);
	struct sip_name_addr a;
	struct parse_error e;
	struct slice value;

	while (sip_values_next(&v, &value))
		if (sip_contact_parse(value, &a, &e) < 0 || a.star)
			return -EINVAL;
	return 0;
}

static int identity(struct sip_register *r)
{
	return sip_exchange_identity(&r->d, r->mem, r->core,
		&(struct sip_dialog_base){
			.call_id = r->c.call_id, .seq = r->c.seq,
			.identity = r->c.identity,
			.local = r->c.aor, .remote = r->c.aor,
			.target = r->c.registrar, .routes = r->c.routes });
}

static const struct sip_user_ops user_ops;

int sip_register_init(struct sip_register *r, struct mem *m,
		      struct sip_users *users,
		      const struct sip_register_config *config)
{
	struct sip_uri uri;
	struct parse_error e;
	int rc = contacts_check(config->contacts);

	if (rc < 0 || sip_uri_parse(config->registrar, &uri, &e) < 0)
		return -EINVAL;
	*r = (struct sip_register){ .mem = m, .core = users->core,
				    .c = *config };
	r->expires = config->expires ? config->expires : EXPIRES;
	sip_digest_init(&r->digest, m);
	if (!r->c.instance.n || !r->c.here) {
		r->c.reg_id = 0;
		r->c.gruu = false;
	}
	rc = keep_text(r) ? identity(r) : -ENOMEM;
	if (rc == 0)
		rc = sip_users_add(users, &r->tu, &user_ops);
	if (rc < 0)
		sip_register_fini(r);
	return rc;
}

void sip_register_fini(struct sip_register *r)
{
	if (!r->mem)
		return;
	sip_exchange_forget(&r->x, r->core, r->now);
	sip_core_unkeep(r->core, r->keep);
	sip_users_remove(&r->tu);
	sip_digest_fini(&r->digest);
	sip_dialog_fini(&r->d);
	mem_free(r->mem, r->gone);
	mem_free(r->mem, r->kept);
	mem_free(r->mem, r->text);
	*r = (struct sip_register){ 0 };
}

/* --------------------------------------------------------------- outcomes */
static void register_tell(struct sip_register *r,
			  enum sip_register_event_kind kind,
			  const struct sip_outcome *o)
{
	r->event = (struct sip_register_event){ .kind = kind,
		.status = o->status, .reason = o->reason, .msg = o->msg,
		.path = o->path, .no_qop = sip_digest_had_no_qop(&r->digest) };
	r->raised = false;
	r->told = true;
	sip_user_tells(&r->tu);
}

/* Whoever a 3xx has named is not the registrar for ever. */
static void back_home(struct sip_register *r)
{
	/* Without memory it goes there once more, and back the next time. */
	if (sip_dialog_set_target(&r->d, r->c.registrar) == 0)
		r->redirected = 0;
}

static void failed(struct sip_register *r, const struct sip_outcome *o,
		   struct instant now)
{
	uint32_t wait = r->asked == SIP_REGISTER_BIND ?
			sip_exchange_retry(r->core, o, r->failures + 1) : 0;

	/* 430: the flow is gone, which a new one mends (RFC 5626 11.5). */
	if (o->status == 430 && r->asked == SIP_REGISTER_BIND && !wait)
		wait = sip_exchange_backoff(r->core, r->failures + 1);
	if (o->status == 430)
		r->flow = 0;
	r->failures++;
	r->state = SIP_REGISTER_IDLE;
	if (r->redirected) /* once more from where it began */
		back_home(r);
	sip_user_wake(&r->tu, MONO_NEVER);
	register_tell(r, SIP_REGISTER_FAILED, o);
	if (!wait)
		return;
	r->event.retry = wait;
	r->state = SIP_REGISTER_WAITING;
	sip_user_wake(&r->tu, mono_add(now.m, SEC(wait)));
}

/* ----------------------------------------------------------------- sending */
/* An address that has come back is not to go. */
static bool is_bound_to(const struct sip_register *r,
			const struct sip_name_addr *who)
{
	struct sip_values v = sip_values_of(SIP_HDR_CONTACT, r->c.contacts);
	struct sip_name_addr a;
	struct parse_error e;
	struct slice value;

	while (sip_values_next(&v, &value))
		if (sip_contact_parse(value, &a, &e) == 0 &&
		    sip_uri_same(&a.uri, &who->uri))
			return true;
	return false;
}

/* The contacts that are to go, each with expires=0, then those to stay. */
static void write_contacts(struct sip_register *r, struct writer *w)
{
	/* A flow's new contact takes the old one's place (RFC 5626 6). */
	struct sip_values v = sip_values_of(SIP_HDR_CONTACT,
				slice_of(r->gone, r->agreed ? 0 : r->gone_n));
	struct sip_name_addr a;
	struct parse_error e;
	struct slice value;

	while (sip_values_next(&v, &value)) {
		if (sip_contact_parse(value, &a, &e) < 0 || is_bound_to(r, &a))
			continue;
		writer_char(w, '<');
		writer_put(w, a.uri.text);
		writer_str(w, ">;expires=0,");
	}
	writer_put(w, r->c.contacts);
}

static bool is_flow(const struct sip_register *r)
{
	return r->c.reg_id && !r->plain;
}

/* RFC 3327 5.1, RFC 5626 4.2.1, RFC 5627 4.1. */
static struct slice supported(const struct sip_register *r)
{
	static const struct slice tags[] = {
		SLICE("path"), SLICE("path, gruu"), SLICE("path, outbound"),
		SLICE("path, outbound, gruu"),
	};

	return tags[(r->c.gruu ? 1 : 0) | (is_flow(r) ? 2 : 0)];
}

static int register_fill(struct sip_register *r, struct sip_msg *m,
			 struct writer *w)
{
	size_t at = w->n;
	int rc = 0;

	if (r->asked == SIP_REGISTER_CLEAR) {
		rc = sip_msg_add(m, SIP_HDR_CONTACT, S("*")); /* 10.2.2 */
	} else if (r->c.contacts.n) {
		write_contacts(r, w);
		rc = sip_msg_add(m, SIP_HDR_CONTACT,
				 slice_of(w->buf + at, w->n - at));
	}
	at = w->n;
	writer_u64(w, r->asked == SIP_REGISTER_BIND ? r->expires : 0);
	if (rc == 0)
		rc = sip_msg_add(m, SIP_HDR_EXPIRES,
				 slice_of(w->buf + at, w->n - at));
	if (rc == 0)
		rc = sip_msg_add(m, SIP_HDR_SUPPORTED, supported(r));
	if (rc == 0 && r->c.agent.n)
		rc = sip_msg_add(m, SIP_HDR_USER_AGENT, r->c.agent);
	return rc < 0 ? rc : w->full ? -ENOSPC : 0;
}

static struct sip_exchange_auth auth_of(struct sip_register *r)
{
	return (struct sip_exchange_auth){ &r->digest, r->c.secret,
					   r->c.secrets };
}

static struct sip_request request_of(struct sip_register *r,
				     struct instant now)
{
	r->now = now;
	sip_user_wake(&r->tu, MONO_NEVER);
	r->state = SIP_REGISTER_SENT;
	return (struct sip_request){ .user = r->tu.id, .flow = r->flow,
				     .transport = r->c.transport };
}

/* It is under way; or tells why not. */
static void judge_sent(struct sip_register *r, int rc, struct instant now)
{
	struct sip_outcome o;

	if (rc == 0)
		return;
	o = sip_exchange_unsent(rc, S("The registrar's URI cannot be used"));
	failed(r, &o, now);
}

/* Sends what has been written, or tells why not. */
static void send_off(struct sip_register *r, int rc, const struct sip_msg *m,
		     struct instant now)
{
	struct sip_request q = request_of(r, now);

	q.msg = m;
	judge_sent(r, rc ? rc : sip_exchange_send(&r->x, r->core, &r->d, &q,
						  now), now);
}

static void register_send_request(struct sip_register *r, struct instant now)
{
	struct sip_request q = request_of(r, now);

	r->again = false;
	r->asked = r->wanted;
	judge_sent(r, sip_exchange_begin(&r->x, r->core, &r->d, SIP_REGISTER,
					 &q, now), now);
}

/* What is to be unbound, with those as well; NULL: no memory. */
static char *add_gone(struct sip_register *r, struct slice more, size_t *n)
{
	size_t had = r->gone_n && r->gone_n + more.n < GONE ? r->gone_n : 0;
	char *gone = mem_new(r->mem, had + more.n + 2);
	struct writer w = writer_begin(gone, had + more.n + 2);

	if (!gone)
		return NULL;
	if (had) {
		writer_put(&w, slice_of(r->gone, had));
		writer_char(&w, ',');
	}
	writer_put(&w, more);
	*n = w.n;
	return gone;
}

/* Those bound so far, if they are others, go with the same request; so do those
 * that may be: they were asked for, and no answer came. */
static int bind_to(struct sip_register *r, struct slice contacts,
		   struct instant now)
{
	struct sip_register_config was = r->c;
	char *text = r->text, *gone = NULL;
	size_t gone_n = 0;

	if (slice_same(contacts, was.contacts))
		return 0;
	if (was.contacts.n && (sip_register_is_bound(r, now) || r->doubt)) {
		gone = add_gone(r, was.contacts, &gone_n);
		if (!gone)
			return -ENOMEM;
	}
	r->c.contacts = contacts;
	if (!keep_text(r)) {
		r->c = was;
		r->text = text;
		mem_free(r->mem, gone);
		return -ENOMEM;
	}
	if (gone) {
		mem_free(r->mem, r->gone);
		r->gone = gone;
		r->gone_n = gone_n;
	}
	mem_free(r->mem, text);
	return 0;
}

/* Which of a device's flows it is (RFC 5626 4.2.1), or whose GRUUs. */
static void write_instance(const struct sip_register *r, struct writer *w)
{
	if (!is_flow(r) && !r->c.gruu)
		return;
	if (is_flow(r) && w->n && !w->full) {
		w->n--; /* the bracket: it is the URI's */
		writer_str(w, ";ob>");
	}
	writer_str(w, ";+sip.instance=\"<");
	writer_put(w, r->c.instance);
	writer_str(w, ">\"");
	if (is_flow(r)) {
		writer_str(w, ";reg-id=");
		writer_u64(w, r->c.reg_id);
	}
}

/* Ours at that address; what is to be unbound is where it was bound. */
static int bind_here(struct sip_register *r, const struct sip_path *path,
		     struct instant now)
{
	char room[CONTACT];
	struct writer w = writer_begin(room, sizeof(room));
	struct addr shown;

	if (!r->c.here || (r->asked != SIP_REGISTER_BIND && r->c.contacts.n))
		return 0;
	if (r->via != path->transport ||
	    !addr_same(&r->behind, &path->local))
		r->seen = (struct addr){ 0 }; /* we are somewhere else */
	r->behind = path->local;
	r->via = path->transport;
	shown = sip_register_shown(r, &path->local, path->transport);
	sip_contact_write(&w, false, r->c.user, &shown, path->transport);
	write_instance(r, &w);
	if (writer_end(&w) < 0)
		return -ENOSPC;
	return bind_to(r, writer_done(&w), now);
}

static void register_compose(struct sip_register *r,
			     const struct sip_path *path, struct instant now)
{
	struct writer w = sip_core_draft_text(r->core, SIP_EXCHANGE_ROOM +
							SIP_DIALOG_ROOM);
	struct sip_exchange_auth auth = auth_of(r);
	struct sip_msg *m = sip_core_draft(r->core);
	int rc = bind_here(r, path, now);

	r->here = path->local;
	r->there = path->remote;
	if (rc == 0)
		rc = sip_exchange_write(&r->x, &r->d, S("REGISTER"), &w, m);
	if (rc == 0)
		rc = register_fill(r, m, &w);
	if (rc == 0)
		rc = sip_exchange_authorize(r->core, &auth, m, &w);
	if (rc == 0)
		rc = sip_exchange_compose(&r->x, r->core, m, now);
	if (rc < 0)
		sip_exchange_forget(&r->x, r->core, now);
	judge_sent(r, rc, now);
}

/* 10.2: never two at a time. */
static void want(struct sip_register *r, unsigned what, struct instant now)
{
	r->wanted = what;
	r->failures = 0;
	if (r->state == SIP_REGISTER_SENT)
		r->again = true;
	else
		register_send_request(r, now);
}

void sip_register_set_secrets(struct sip_register *r,
			      const struct sip_secret *secret, size_t n)
{
	r->c.secret = secret;
	r->c.secrets = n;
}

void sip_register_start(struct sip_register *r, struct instant now)
{
	want(r, SIP_REGISTER_BIND, now);
}

void sip_register_stop(struct sip_register *r, struct instant now)
{
	want(r, SIP_REGISTER_UNBIND, now);
}

void sip_register_clear(struct sip_register *r, struct instant now)
{
	want(r, SIP_REGISTER_CLEAR, now);
}

void sip_register_renew(struct sip_register *r, struct instant now)
{
	if (!r->mem || r->state == SIP_REGISTER_IDLE)
		return;
	r->doubt |= r->state == SIP_REGISTER_SENT;
	sip_exchange_forget(&r->x, r->core, now);
	r->failures = 0;
	register_send_request(r, now);
}

int sip_register_set_contacts(struct sip_register *r, struct slice contacts,
			      struct instant now)
{
	struct sip_register_config was = r->c;
	char *text = r->text, *gone;

	if (contacts_check(contacts) < 0)
		return -EINVAL;
	gone = mem_new(r->mem, r->c.contacts.n + 1);
	if (!gone)
		return -ENOMEM;
	memcpy(gone, r->c.contacts.p, r->c.contacts.n);
	r->c.contacts = contacts;
	if (!keep_text(r)) {
		r->c = was;
		r->text = text;
		mem_free(r->mem, gone);
		return -ENOMEM;
	}
	mem_free(r->mem, r->gone);
	r->gone = gone;
	r->gone_n = was.contacts.n;
	mem_free(r->mem, text);
	if (r->state != SIP_REGISTER_IDLE)
		want(r, r->wanted, now);
	return 0;
}

/* -------------------------------------------------------------- responses */
/* Of a connection our end's port is any: who sees it sees no NAT. */
static bool is_moved(const struct addr *ours, const struct addr *seen,
		     enum sip_transport t)
{
	return !addr_same_ip(ours, seen) ||
	       (!sip_transport_row(t)->connected && ours->port != seen->port);
}

struct addr sip_register_shown(const struct sip_register *r,
			       const struct addr *shown, enum sip_transport t)
{
	if (!r->c.nat || r->agreed || !r->seen.family ||
	    r->via != t || !addr_same(&r->behind, shown))
		return *shown;
	return r->seen;
}

/* Our contact as it is bound; the first, if it was given. */
static bool is_contact(const struct sip_register *r, const struct addr *at)
{
	struct sip_values v = sip_values_of(SIP_HDR_CONTACT, r->c.contacts);
	struct sip_name_addr a;
	struct parse_error e;
	struct slice value;
	struct addr host;

	if (!sip_values_next(&v, &value) ||
	    sip_contact_parse(value, &a, &e) < 0 ||
	    addr_parse_ip(a.uri.host, &host) < 0)
		return false;
	host.port = a.uri.port;
	return addr_same(&host, at);
}

/* Is it to be bound anew where it was seen? */
static bool register_look(struct sip_register *r, const struct sip_binding *b)
{
	bool again = false;

	if (!r->c.here || !r->c.nat || !b->seen.family)
		return false;
	r->seen = (struct addr){ 0 };
	if (is_moved(&r->behind, &b->seen, r->via))
		r->seen = b->seen;
	if (r->agreed || (r->seen.family ? is_contact(r, &r->seen) :
					   is_contact(r, &r->behind)))
		r->moved = false;
	else
		again = !r->moved;
	r->moved |= again;
	return again;
}

/* Without memory, or without room, it is left out. */
static void register_keep(struct sip_register *r, const struct sip_msg *m,
		 const struct sip_binding *b)
{
	struct writer w = sip_core_draft_text(r->core,
					      SIP_REGISTER_KEPT * KEPT);

	for (unsigned i = 0; i < SIP_REGISTER_KEPT; i++) {
		size_t at = w.n, most = at + KEPT;
		bool ok = true;

		if (i == SIP_REGISTER_SERVICE_ROUTE)
			ok = sip_binding_routes(m, SIP_HDR_SERVICE_ROUTE, &w);
		else if (i == SIP_REGISTER_PATH)
			ok = sip_binding_routes(m, SIP_HDR_PATH, &w);
		else
			writer_put(&w, i == SIP_REGISTER_PUB_GRUU ?
				   b->pub_gruu : b->temp_gruu);
		if (!ok || w.full || w.n > most) {
			w.n = at;
			w.full = false;
		}
		r->kept_end[i] = (uint16_t)w.n;
	}
	mem_free(r->mem, r->kept);
	r->kept = w.n ? mem_copy(r->mem, w.buf, w.n) : NULL;
}

struct slice sip_register_kept(const struct sip_register *r,
			       enum sip_register_kept what, struct instant now)
{
	size_t at = what ? r->kept_end[what - 1] : 0;

	if (!r->kept || !sip_register_is_bound(r, now))
		return (struct slice){ 0 };
	return slice_of(r->kept + at, r->kept_end[what] - at);
}

/* 4.4: a flow as it was promised; the way through a NAT, whoever is there. */
static void keep_open(struct sip_register *r, const struct sip_path *path,
		      struct instant now)
{
	bool wanted = r->agreed || r->seen.family;
	uint64_t was = r->keep;

	r->keep = 0;
	r->kept_flow = path->flow;
	if (wanted && sip_core_keep(r->core, path, r->flow_timer, r->agreed,
				    now, &r->keep) < 0)
		r->keep = 0; /* no memory: until the next refresh */
	sip_core_unkeep(r->core, was);
}

static void forget_gone(struct sip_register *r)
{
	mem_free(r->mem, r->gone);
	r->gone = NULL;
	r->gone_n = 0;
	r->doubt = false;
}

static void bound(struct sip_register *r, const struct sip_outcome *o,
		  struct instant now)
{
	const struct sip_binding_ours ours = {
		.contacts = r->c.contacts, .instance = r->c.instance,
		.reg_id = is_flow(r) ? r->c.reg_id : 0, .expires = r->expires,
	};
	struct sip_outcome none = *o;
	struct sip_binding b;

	sip_binding_read(o->msg, &ours, &b);
	if (!b.expires) {
		r->until = 0;
		none.status = 480;
		none.reason = S("The registrar kept no binding");
		failed(r, &none, now);
		return;
	}
	r->agreed = b.outbound;
	r->flow_timer = b.flow_timer;
	register_keep(r, o->msg, &b);
	r->state = SIP_REGISTER_BOUND;
	r->until = mono_add(now.m, SEC(b.expires));
	forget_gone(r);
	if (register_look(r, &b)) {
		register_send_request(r, now);
		return;
	}
	keep_open(r, &o->path, now);
	sip_user_wake(&r->tu, mono_add(now.m,
			sip_exchange_refresh(r->core, b.expires)));
	register_tell(r, SIP_REGISTER_OK, o);
	r->event.reason = sip_reason(o->status);
	r->event.expires = b.expires;
}

static void on_success(struct sip_register *r, const struct sip_outcome *o,
		       struct instant now)
{
	r->failures = 0;
	r->peer = o->path.remote;
	r->flow = sip_transport_row(o->path.transport)->connected ?
		  o->path.flow : 0;
	if (r->asked == SIP_REGISTER_BIND && r->c.contacts.n) {
		bound(r, o, now);
		return;
	}
	r->state = SIP_REGISTER_IDLE;
	r->until = 0;
	r->agreed = false;
	sip_core_unkeep(r->core, r->keep);
	r->keep = 0;
	register_tell(r, SIP_REGISTER_GONE, o);
	r->event.reason = sip_reason(o->status);
}

/* 439: the first hop knows no flows; without one, then (RFC 5626 4.2.1). */
static bool plainly(struct sip_register *r, unsigned status,
		    struct instant now)
{
	if (status != 439 || !is_flow(r))
		return false;
	r->plain = true;
	register_send_request(r, now);
	return true;
}

/* 8.1.3.4: to where a 3xx says, with no credentials that were for another. */
static bool register_redirect(struct sip_register *r,
			      const struct sip_outcome *o, struct instant now)
{
	struct writer w = sip_core_draft_text(r->core, SIP_EXCHANGE_ROOM +
							SIP_DIALOG_ROOM);

	if (o->status < 300 || o->status > 399 ||
	    r->redirected >= r->c.redirects ||
	    sip_exchange_redirect(r->core, &r->d, o, sip_core_draft(r->core),
				  &w) < 0)
		return false;
	r->redirected++;
	r->flow = 0;
	sip_digest_fini(&r->digest);
	sip_digest_init(&r->digest, r->mem);
	register_send_request(r, now);
	return true;
}

/* 10.2.8: 423 names the least that it takes; once, or who names ever more
 * would be asked for ever. */
static bool brief(struct sip_register *r, const struct sip_msg *m,
		  struct instant now)
{
	struct parse_error e;
	uint32_t least;

	if (r->asked != SIP_REGISTER_BIND || r->raised ||
	    sip_min_expires_parse(sip_msg_get(m, SIP_HDR_MIN_EXPIRES), &least,
				  &e) < 0 || least <= r->expires)
		return false;
	r->expires = least;
	r->raised = true;
	register_send_request(r, now);
	return true;
}

/* A challenge that is not answered is the outcome, with why. */
static void not_answered(struct sip_register *r, const struct sip_outcome *o,
			 int rc, struct instant now)
{
	struct sip_outcome out = *o;

	sip_exchange_forget(&r->x, r->core, now);
	if (rc == -EACCES)
		out.reason = S("The credentials were refused");
	else if (rc == -EPERM)
		out.reason = S("Its challenge has no qop");
	else if (rc == -ENOKEY)
		out.reason = S("No credentials for its realm");
	else if (rc == -ENOTSUP)
		out.reason = S("No challenge that is understood");
	else
		out = (struct sip_outcome){ .status = 500,
					    .reason = S("No memory") };
	failed(r, &out, now);
}

static void on_challenge(struct sip_register *r, const struct sip_outcome *o,
			 struct instant now)
{
	struct writer w = sip_core_draft_text(r->core, SIP_EXCHANGE_ROOM +
							SIP_DIALOG_ROOM);
	struct sip_exchange_auth auth = auth_of(r);
	struct sip_msg *m = sip_core_draft(r->core);
	int rc = sip_exchange_renew(&r->x, r->core, &r->d, o->msg, &auth, m,
				    &w);

	if (rc < 0)
		not_answered(r, o, rc, now);
	else if (r->again) /* what was wanted meanwhile goes instead */
		register_send_request(r, now);
	else
		send_off(r, rc, m, now);
}

static void on_answer(struct sip_register *r, const struct sip_event *ev,
		      const struct sip_outcome *o, struct instant now)
{
	const struct sip_msg *sent = r->digest.first ?
		sip_core_sent(r->core, ev->txn) : NULL;

	if (sent && sip_digest_on_answer(&r->digest, sent, ev->msg,
					 r->c.secret, r->c.secrets) < 0) {
		sip_digest_fini(&r->digest); /* asked anew next time */
		sip_digest_init(&r->digest, r->mem);
	}
	if (o->status < 300)
		on_success(r, o, now);
	else if (!(o->status == 423 && brief(r, ev->msg, now)) &&
		 !plainly(r, o->status, now) && !register_redirect(r, o, now))
		failed(r, o, now);
}

/* The connection that the bindings came over is gone: anew, at once; if that
 * fails, with growing delays (RFC 5626 4.5).  One that did not last was no
 * good either: some registrars close behind each response, which would go
 * round without end. */
static void on_flow_gone(struct sip_register *r, const struct sip_event *ev,
			 struct instant now)
{
	bool kept = r->keep && ev->path.flow == r->kept_flow &&
		    addr_same(&ev->path.remote, &r->peer);

	if (!kept && (!r->flow || ev->path.flow != r->flow))
		return;
	r->flow = 0;
	if (kept) { /* it is gone already */
		sip_core_unkeep(r->core, r->keep);
		r->keep = 0;
	}
	if (r->state != SIP_REGISTER_BOUND)
		return;
	if (now.m - r->now.m < SEC(BRIEF))
		sip_user_wake(&r->tu, mono_min(sip_user_wakes(&r->tu),
			mono_add(now.m, SEC(sip_exchange_backoff(r->core,
							r->failures)))));
	else
		register_send_request(r, now);
}

static void user_event(struct sip_user *u, const struct sip_event *ev,
		       struct instant now)
{
	struct sip_register *r = CONTAINER(u, struct sip_register, tu);
	struct sip_outcome o;

	if (ev->kind == SIP_EV_FLOW_GONE) {
		on_flow_gone(r, ev, now);
		return;
	}
	switch (sip_exchange_on_event(&r->x, ev, &o)) {
	case SIP_EXCHANGE_NOTHING:
	case SIP_EXCHANGE_PROGRESS:
		return;
	case SIP_EXCHANGE_COMPOSE:
		register_compose(r, &o.path, now);
		break;
	case SIP_EXCHANGE_CHALLENGED:
		on_challenge(r, &o, now);
		break;
	case SIP_EXCHANGE_ANSWERED:
		on_answer(r, ev, &o, now);
		break;
	case SIP_EXCHANGE_UNANSWERED:
		failed(r, &o, now);
		break;
	}
	if (r->again && r->state != SIP_REGISTER_SENT)
		register_send_request(r, now);
}

static void user_on_time(struct sip_user *u, struct instant now)
{
	register_send_request(CONTAINER(u, struct sip_register, tu), now);
}

/* Only the latest is told: what it is now. */
static const void *user_poll(struct sip_user *u, struct instant now)
{
	struct sip_register *r = CONTAINER(u, struct sip_register, tu);

	(void)now;
	if (!r->told)
		return NULL;
	r->told = false;
	r->out = r->event;
	return &r->out;
}

static const struct sip_user_ops user_ops = {
	.event = user_event, .on_time = user_on_time, .poll = user_poll,
};

const struct sip_register_event *sip_register_result(
					const struct sip_result *result)
{
	return result->user->ops == &user_ops ? result->event : NULL;
}
