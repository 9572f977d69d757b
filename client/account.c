/* SPDX-License-Identifier: BSD-2-Clause
 * client/account.c - identities: who calls, who is called, who registers. */
#include "client/agent_priv.h"

struct account *account_find(const struct agent *a, uint32_t id)
{
	for (struct list *n = a->accounts.next; n != &a->accounts; n = n->next)
		if (CONTAINER(n, struct account, link)->id == id)
			return CONTAINER(n, struct account, link);
	return NULL;
}

/* A bare URI, whose ";", "," and "?" are its own (nobody writes a tag here),
 * or a name-addr.  No From or To has headers in it (RFC 3261 19.1.1). */
static int address(struct slice text, struct sip_name_addr *who)
{
	struct parse_error e;
	int rc;

	*who = (struct sip_name_addr){ 0 };
	rc = sip_uri_parse(text, &who->uri, &e) ?
	     sip_name_addr_parse(text, who, &e) : 0;
	if (rc == 0 && ((who->uri.scheme != SIP_SCHEME_SIP &&
			 who->uri.scheme != SIP_SCHEME_SIPS) ||
			who->uri.headers.n))
		rc = -EBADMSG;
	return rc;
}

int agent_account_add(struct agent *a, struct slice aor, uint32_t *account)
{
	struct account *acc;
	int rc;

	if (aor.n > AGENT_AOR)
		return agent_fail(a, -EINVAL, "the address is too long", S(""));
	acc = mem_new(a->mem, sizeof(*acc));
	rc = acc ? 0 : -ENOMEM;

	if (rc == 0) {
		acc->aor = mem_new(a->mem, aor.n + 1);
		rc = acc->aor ? 0 : -ENOMEM;
	}
	if (rc == 0) {
		memcpy(acc->aor, aor.p, aor.n);
		rc = address(slice_of(acc->aor, aor.n), &acc->who);
	}
	if (rc) {
		if (acc)
			mem_free(a->mem, acc->aor);
		mem_free(a->mem, acc);
		return agent_fail(a, rc, rc == -ENOMEM ? "out of memory" :
				  "not a SIP address: ", rc == -ENOMEM ?
				  S("") : aor);
	}
	settings_init(&acc->settings, a->mem, true);
	acc->id = ++a->last_id;
	list_append(&a->accounts, &acc->link);
	*account = acc->id;
	return 0;
}

void account_free(struct agent *a, struct account *acc)
{
	list_remove(&acc->link);
	if (acc->reg)
		sip_register_fini(acc->reg);
	mem_free(a->mem, acc->reg);
	settings_fini(&acc->settings);
	mem_free(a->mem, acc->aor);
	mem_free(a->mem, acc);
}

int agent_account_remove(struct agent *a, uint32_t account, struct instant now)
{
	struct account *acc = account_find(a, account);

	(void)now;
	if (!acc)
		return agent_fail(a, -ENOENT, "no such account", S(""));
	if (acc->calls || acc->reg)
		return agent_fail(a, -EALREADY,
				  "end its calls and registration first",
				  S(""));
	account_free(a, acc);
	return 0;
}

/* ----------------------------------------------------- who is called */
/* User parts may be escaped in other ways and mean the same (19.1.4). */
static bool same_user(struct slice a, struct slice b)
{
	char x[AGENT_AOR + 1], y[AGENT_AOR + 1];
	int n = sip_unescape(a, x, sizeof(x));
	int m = sip_unescape(b, y, sizeof(y));

	return n > 0 && n == m && memcmp(x, y, (size_t)n) == 0;
}

static struct account *by_uri(const struct agent *a, const struct sip_uri *u,
			      bool host)
{
	for (struct list *n = a->accounts.next; n != &a->accounts;
	     n = n->next) {
		struct account *acc = CONTAINER(n, struct account, link);

		if (same_user(acc->who.uri.user, u->user) &&
		    (!host || slice_isame(acc->who.uri.host, u->host)))
			return acc;
	}
	return NULL;
}

struct account *account_of_request(const struct agent *a,
				   const struct sip_msg *m)
{
	struct sip_uri u = { 0 };
	struct sip_name_addr to = { 0 };
	struct parse_error e;
	struct account *acc;

	if (sip_uri_parse(m->uri, &u, &e))
		u = (struct sip_uri){ 0 };
	if (sip_name_addr_parse(sip_msg_get(m, SIP_HDR_TO), &to, &e))
		to.uri = (struct sip_uri){ 0 };
	/* An address-of-record has the domain; our Contact has the user with
	 * an address for host: then the user tells. */
	acc = by_uri(a, &u, true);
	if (!acc)
		acc = by_uri(a, &to.uri, true);
	if (!acc)
		acc = by_uri(a, &u, false);
	if (!acc)
		acc = by_uri(a, &to.uri, false);
	if (!acc && settings_bool(&a->settings, SET_UNKNOWN) &&
	    !list_empty(&a->accounts))
		acc = CONTAINER(a->accounts.next, struct account, link);
	return acc;
}

/* ---------------------------------------------------------- who calls */
struct slice account_user(const struct account *acc)
{
	struct slice user = settings_text(&acc->settings, SET_AUTH_USER);

	return user.n ? user : acc->who.uri.user;
}

void account_from(const struct account *acc, struct writer *w)
{
	struct slice name = settings_text(&acc->settings, SET_DISPLAY_NAME);
	struct sip_name_addr na = acc->who;

	na.params = (struct slice){ 0 };
	if (name.n) {
		writer_char(w, '"');
		for (size_t i = 0; i < name.n; i++) {
			if (name.p[i] == '"' || name.p[i] == '\\')
				writer_char(w, '\\');
			writer_char(w, name.p[i]);
		}
		writer_str(w, "\" ");
		na.display = (struct slice){ 0 };
	}
	sip_name_addr_write(w, &na);
}

/* The outbound proxy is a loose router, whether its URI says so or not: a
 * strict one would have the target in Route (8.1.2, 16.12). */
void account_route(const struct account *acc, struct writer *w)
{
	struct slice proxy = settings_text(&acc->settings, SET_PROXY), lr;
	struct sip_uri u;
	struct parse_error e;

	if (!proxy.n || sip_uri_parse(proxy, &u, &e))
		return;
	writer_char(w, '<');
	writer_put(w, proxy);
	if (!sip_uri_param(&u, "lr", &lr))
		writer_str(w, ";lr");
	writer_char(w, '>');
}

enum sip_transport account_transport(const struct account *acc,
				     const struct sip_uri *target)
{
	struct slice proxy = settings_text(&acc->settings, SET_PROXY), value;
	enum sip_transport set = sip_transport_find(
		settings_text(&acc->settings, SET_TRANSPORT));
	struct sip_uri hop = *target;
	struct parse_error e;

	if (proxy.n && sip_uri_parse(proxy, &hop, &e))
		hop = *target;
	if (sip_uri_param(&hop, "transport", &value))
		return sip_transport_find(value);
	return set; /* "auto" is none that there is: ANY */
}

/* ------------------------------------------------------------ whereto */
/* "bob", "bob@host" and "host:port" are taken for SIP URIs, as people write
 * them. */
void account_complete(const struct account *acc, struct slice uri,
		      struct writer *w)
{
	struct sip_name_addr who;
	struct sip_uri u;
	struct slice scheme, rest;
	struct parse_error e;

	/* A telephone's number is no port of a host named tel. */
	if ((slice_cut(uri, ':', &scheme, &rest) && slice_ieq(scheme, "tel")) ||
	    (sip_uri_parse(uri, &u, &e) == 0 &&
	     u.scheme != SIP_SCHEME_OTHER)) {
		writer_put(w, uri);
		return;
	}
	if (sip_name_addr_parse(uri, &who, &e) == 0 && who.brackets) {
		sip_uri_write(w, &who.uri);
		return;
	}
	writer_str(w, "sip:");
	writer_put(w, uri);
	if (acc && slice_find(uri, '@') == uri.n &&
	    slice_find(uri, '.') == uri.n && slice_find(uri, ':') == uri.n) {
		writer_char(w, '@');
		writer_put(w, acc->who.uri.host);
	}
}

/* The registrar as set, or the address's domain (10.2). */
static void registrar(const struct account *acc, struct writer *w)
{
	struct slice set = settings_text(&acc->settings, SET_REGISTRAR);
	const struct sip_uri *u = &acc->who.uri;

	if (set.n) {
		writer_put(w, set);
		return;
	}
	writer_put(w, u->name);
	writer_char(w, ':');
	writer_put(w, u->host);
	if (u->has_port) {
		writer_char(w, ':');
		writer_u64(w, u->port);
	}
}

int agent_first_hop(const struct agent *a, uint32_t account, struct slice uri,
		    char *host, size_t cap)
{
	struct account *acc = account ? account_find(a, account) : NULL;
	char text[AGENT_TEXT];
	struct writer w = writer_begin(text, sizeof(text));
	struct slice proxy = { 0 };
	struct sip_uri u;
	struct parse_error e;

	if (account && !acc)
		return -ENOENT;
	if (acc)
		proxy = settings_text(&acc->settings, SET_PROXY);
	if (proxy.n)
		writer_put(&w, proxy);
	else if (uri.n)
		account_complete(acc, uri, &w);
	else if (acc)
		registrar(acc, &w);
	if (writer_end(&w) < 0)
		return -ENOSPC;
	if (sip_uri_parse(writer_done(&w), &u, &e) || !u.host.n)
		return -EBADMSG;
	return slice_to_str(u.host, host, cap);
}

/* --------------------------------------------------------- who registers */
void account_secret(struct account *acc)
{
	/* Checked when it was set; were it not, all would be answered. */
	if (sip_digest_choice_parse(settings_text(&acc->settings,
						  SET_AUTH_ALGORITHMS),
				    &acc->choice))
		acc->choice = (struct sip_digest_choice){ 0 };
	acc->choice.require_qop = settings_bool(&acc->settings,
						SET_AUTH_REQUIRE_QOP);
	acc->secret = (struct sip_secret){
		.realm = settings_text(&acc->settings, SET_AUTH_REALM),
		.user = account_user(acc),
		.password = settings_text(&acc->settings, SET_AUTH_PASSWORD),
		.choice = &acc->choice,
	};
	if (acc->reg)
		sip_register_set_secrets(acc->reg, &acc->secret,
					 acc->secret.password.n ? 1 : 0);
}

/* The first secret once for every realm that took it, when who asks is where
 * they took it: anybody can name a realm.  How many. */
static size_t accepted(const struct account *acc, const struct addr *who,
		       struct sip_secret *secret)
{
	const struct sip_secret any = secret[0];
	struct addr known;
	size_t n = 0;

	if (!acc->reg)
		return 0;
	known = sip_register_peer(acc->reg);
	if (!addr_same_ip(&known, who))
		return 0;
	for (; n < SIP_DIGEST_REALMS; n++) {
		secret[n] = any;
		secret[n].realm = sip_register_realm(acc->reg, (unsigned)n);
		if (!secret[n].realm.n)
			break;
	}
	return n;
}

/* A challenge without qop was answered: said once. */
static void note_qop(struct account *acc, bool no_qop)
{
	if (no_qop && !acc->no_qop)
		acc->pending |= ACCOUNT_NO_QOP;
	acc->no_qop |= no_qop;
}

/* Whoever calls us could take a challenge's answer and guess the password at
 * leisure: it is for those who know it already. */
int account_authorize(const struct session *s, const struct addr *who,
		      struct instant now)
{
	struct account *acc = s->account;
	struct sip_secret secret[SIP_DIGEST_REALMS];
	size_t n = 1;
	int rc;

	account_secret(acc);
	secret[0] = acc->secret;
	if (s->incoming && !acc->secret.realm.n)
		n = accepted(acc, who, secret);
	if (!acc->secret.password.n || !n)
		return -EACCES;
	rc = sip_session_authorize(s->agent->calls, s->sip, secret, n, now);
	note_qop(acc, rc > 0);
	return rc < 0 ? rc : 0;
}

static int register_init(struct agent *a, struct account *acc)
{
	struct writer p = agent_part(a, PART_ROUTE);
	struct writer r = agent_part(a, PART_TARGET);
	struct writer f = agent_part(a, PART_FROM);
	struct sip_register_config cfg = { 0 };
	struct sip_uri target;
	struct parse_error e;
	int rc;

	registrar(acc, &r);
	account_from(acc, &f);
	cfg.registrar = writer_done(&r);
	cfg.aor = writer_done(&f);
	if (writer_end(&r) < 0 || writer_end(&f) < 0 ||
	    sip_uri_parse(cfg.registrar, &target, &e))
		return -EBADMSG;
	cfg.here = true;
	cfg.user = acc->who.uri.user;
	account_route(acc, &p);
	cfg.routes = writer_done(&p);
	cfg.transport = account_transport(acc, &target);
	cfg.agent = settings_text(&a->settings, SET_AGENT_NAME);
	cfg.expires = (uint32_t)settings_int(&acc->settings, SET_EXPIRES);
	rc = sip_register_init(acc->reg, a->mem, a->users, &cfg);
	if (rc)
		return rc;
	acc->reg->tu.owner = acc;
	account_secret(acc);
	return 0;
}

static void register_free(struct agent *a, struct account *acc)
{
	sip_register_fini(acc->reg);
	mem_free(a->mem, acc->reg);
	acc->reg = NULL;
}

int agent_register(struct agent *a, uint32_t account, bool on,
		   struct instant now)
{
	struct account *acc = account_find(a, account);
	int rc;

	if (!acc)
		return agent_fail(a, -ENOENT, "no such account", S(""));
	if (!on && !acc->reg)
		return agent_fail(a, -EINVAL, "not registered", S(""));
	if (!on) {
		acc->unregistering = true;
		sip_register_stop(acc->reg, now);
		return 0;
	}
	if (a->shutting) /* it would keep the agent from coming to rest */
		return agent_fail(a, -EALREADY, "shutting down", S(""));
	acc->unregistering = false;
	if (!acc->reg) {
		acc->reg = mem_new(a->mem, sizeof(*acc->reg));
		if (!acc->reg)
			return agent_fail(a, -ENOMEM, "out of memory", S(""));
		rc = register_init(a, acc);
		if (rc) {
			register_free(a, acc);
			return agent_fail(a, rc, rc == -ENOMEM ?
					  "out of memory" :
					  "not a registrar's URI", S(""));
		}
	}
	sip_register_start(acc->reg, now);
	return 0;
}

static void told(struct account *acc, const struct sip_register_event *ev)
{
	static const unsigned bit[] = {
		[SIP_REGISTER_OK] = ACCOUNT_REGISTERED,
		[SIP_REGISTER_GONE] = ACCOUNT_UNREGISTERED,
		[SIP_REGISTER_FAILED] = ACCOUNT_REGISTER_FAILED,
	};

	/* The latest is what counts. */
	acc->pending = (acc->pending & ACCOUNT_NO_QOP) | bit[ev->kind];
	note_qop(acc, ev->no_qop);
	/* What no peer has said has a reason, and no code. */
	acc->code = ev->msg || ev->kind != SIP_REGISTER_FAILED ?
		    (int)ev->status : 0;
	acc->expires = ev->kind == SIP_REGISTER_FAILED ? ev->retry :
							 ev->expires;
	(void)agent_line(acc->reason, sizeof(acc->reason), ev->reason);
}

void account_on_register(struct agent *a, struct account *acc,
			 const struct sip_register_event *ev)
{
	told(acc, ev);
	if (ev->kind == SIP_REGISTER_GONE ||
	    (ev->kind == SIP_REGISTER_FAILED && acc->unregistering))
		register_free(a, acc);
}

bool account_pending(const struct agent *a)
{
	for (struct list *n = a->accounts.next; n != &a->accounts; n = n->next)
		if (CONTAINER(n, struct account, link)->pending)
			return true;
	return false;
}

bool account_poll(struct agent *a, struct agent_out *out)
{
	for (struct list *n = a->accounts.next; n != &a->accounts;
	     n = n->next) {
		struct account *acc = CONTAINER(n, struct account, link);
		unsigned bit = acc->pending & (0u - acc->pending);

		if (!bit)
			continue;
		acc->pending &= ~bit;
		if (bit == ACCOUNT_NO_QOP) {
			*out = (struct agent_out){
				.kind = AGENT_NOTE, .account = acc->id,
				.reason = S("a challenge without qop was "
					    "answered (RFC 2069; "
					    "auth.require_qop refuses it)"),
			};
			return true;
		}
		*out = (struct agent_out){
			.kind = AGENT_EVENT, .account = acc->id,
			.code = acc->code, .reason = slice_str(acc->reason),
			.ms = (int64_t)acc->expires * 1000,
			.from = slice_str(acc->aor),
			.to = settings_text(&acc->settings, SET_REGISTRAR),
			.event = bit == ACCOUNT_REGISTERED ?
				 PARLEY_EV_REGISTERED :
				 bit == ACCOUNT_UNREGISTERED ?
				 PARLEY_EV_UNREGISTERED :
				 PARLEY_EV_REGISTER_FAILED,
		};
		return true;
	}
	return false;
}
