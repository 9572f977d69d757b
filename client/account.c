/* SPDX-License-Identifier: BSD-2-Clause
 * client/account.c - identities: who calls, who is called, and who has duties
 * (duty.h). */
#include "client/agent_priv.h"
#include "client/duty.h"

/* The account goes when its duties are over, or so long after it was removed:
 * one last request, and once more with credentials (64*T1 each). */
static const mono LEAVE = SEC(64);

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
	list_init(&acc->duties);
	acc->end_at = MONO_NEVER;
	acc->id = ++a->last_id;
	list_append(&a->accounts, &acc->link);
	*account = acc->id;
	return 0;
}

void account_free(struct agent *a, struct account *acc)
{
	duties_free(acc);
	list_remove(&acc->link);
	list_remove(&acc->ending);
	list_remove(&acc->changed);
	list_remove(&acc->noted);
	settings_fini(&acc->settings);
	mem_free(a->mem, acc->aor);
	mem_free(a->mem, acc);
}

int agent_account_remove(struct agent *a, uint32_t account, struct instant now)
{
	struct account *acc = account_find(a, account);

	if (!acc)
		return agent_fail(a, -ENOENT, "no such account", S(""));
	if (acc->calls || duties_hold(acc))
		return agent_fail(a, -EALREADY,
				  "end its calls and registration first",
				  S(""));
	list_remove(&acc->link);
	list_append(&a->leaving, &acc->link);
	acc->leaving = true;
	account_end(a, acc, mono_add(now.m, LEAVE), now);
	return 0;
}

/* ------------------------------------------------------ the end of duties */
/* Nothing is left to wait for. */
void account_settle(struct agent *a, struct account *acc)
{
	if (!list_empty(&acc->duties))
		return;
	list_remove(&acc->ending);
	if (acc->leaving)
		account_free(a, acc);
}

void account_end(struct agent *a, struct account *acc, mono until,
		 struct instant now)
{
	struct list *at;

	list_remove(&acc->ending); /* it may be ending already, for longer */
	at = a->ending.prev;
	acc->end_at = until;
	while (at != &a->ending &&
	       CONTAINER(at, struct account, ending)->end_at > until)
		at = at->prev;
	list_append(at->next, &acc->ending);
	duties_stop(acc, now);
	account_settle(a, acc);
}

void account_changed(struct agent *a, struct account *acc)
{
	if (!list_empty(&acc->duties) && !list_linked(&acc->changed))
		list_append(&a->changed, &acc->changed);
}

void account_on_time(struct agent *a, struct instant now)
{
	struct list *n;

	while ((n = list_take(&a->changed)))
		duties_changed(CONTAINER(n, struct account, changed), now);
	while (!list_empty(&a->ending) && account_deadline(a) <= now.m) {
		struct account *acc = CONTAINER(a->ending.next, struct account,
						ending);

		duties_free(acc);
		account_settle(a, acc);
	}
}

mono account_deadline(const struct agent *a)
{
	if (!list_empty(&a->changed))
		return 0;
	return list_empty(&a->ending) ? MONO_NEVER :
	       CONTAINER(a->ending.next, struct account, ending)->end_at;
}

bool account_at_rest(const struct agent *a)
{
	for (struct list *n = a->accounts.next; n != &a->accounts; n = n->next)
		if (!list_empty(&CONTAINER(n, struct account, link)->duties))
			return false;
	return list_empty(&a->leaving);
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

static struct account *by_gruu(const struct agent *a, const struct sip_uri *u,
			       struct instant now)
{
	for (struct list *n = a->accounts.next; n != &a->accounts; n = n->next)
		if (account_is_gruu(CONTAINER(n, struct account, link), u,
				    now))
			return CONTAINER(n, struct account, link);
	return NULL;
}

struct account *account_of_request(const struct agent *a,
				   const struct sip_msg *m,
				   const struct sip_uri *u,
				   struct instant now)
{
	struct sip_name_addr to = { 0 };
	struct parse_error e;
	struct account *acc;

	if (sip_name_addr_parse(sip_msg_get(m, SIP_HDR_TO), &to, &e))
		to.uri = (struct sip_uri){ 0 };
	/* An address-of-record has the domain; our Contact has the user with
	 * an address for host: then the user tells. */
	acc = by_uri(a, u, true);
	if (!acc)
		acc = by_gruu(a, u, now);
	if (!acc)
		acc = by_uri(a, &to.uri, true);
	if (!acc)
		acc = by_uri(a, u, false);
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
void account_proxy(const struct account *acc, struct writer *w)
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

uint32_t account_identity(const struct account *acc)
{
	for (unsigned i = SET_TLS_CA; i <= SET_TLS_NAME; i++)
		if (acc->settings.value[i])
			return acc->id;
	return 0; /* of all that have no settings of their own */
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
void account_registrar(const struct account *acc, struct writer *w)
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
		account_registrar(acc, &w);
	if (writer_end(&w) < 0)
		return -ENOSPC;
	if (sip_uri_parse(writer_done(&w), &u, &e) || !u.host.n)
		return -EBADMSG;
	return slice_to_str(u.host, host, cap);
}

/* ----------------------------------------------------- what it proves by */
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
	duties_secret(acc);
}

/* The first secret once for every realm that took it, when who asks is where
 * they took it: anybody can name a realm.  How many. */
static size_t accepted(const struct account *acc, const struct addr *who,
		       struct sip_secret *secret)
{
	const struct sip_secret any = secret[0];
	size_t n = 0;

	for (; n < SIP_DIGEST_REALMS; n++) {
		secret[n] = any;
		secret[n].realm = duties_realm(acc, who, (unsigned)n);
		if (!secret[n].realm.n)
			break;
	}
	return n;
}

/* A challenge without qop was answered: said once. */
void account_note_qop(struct agent *a, struct account *acc, bool no_qop)
{
	if (no_qop && !acc->no_qop)
		list_append(&a->noted, &acc->noted);
	acc->no_qop |= no_qop;
}

/* Whoever calls us, or has us redirected to him, could take a challenge's
 * answer and guess the password at leisure: it is for those who know it
 * already. */
int account_authorize(const struct session *s, const struct addr *who,
		      struct instant now)
{
	struct account *acc = s->account;
	struct sip_secret secret[SIP_DIGEST_REALMS];
	size_t n = 1;
	int rc;

	account_secret(acc);
	secret[0] = acc->secret;
	if ((s->incoming || s->redirected) && !acc->secret.realm.n)
		n = accepted(acc, who, secret);
	if (!acc->secret.password.n || !n)
		return -EACCES;
	rc = sip_session_authorize(s->agent->calls, s->sip, secret, n, now);
	account_note_qop(s->agent, acc, rc > 0);
	return rc < 0 ? rc : 0;
}

/* --------------------------------------------------------- who registers */
int agent_register(struct agent *a, uint32_t account, bool on,
		   struct instant now)
{
	struct account *acc = account_find(a, account);
	struct duty *d = acc ? duty_find(acc, &duty_register) : NULL;
	const char *why = "out of memory";
	bool found = d && !d->over;
	int rc;

	if (!acc)
		return agent_fail(a, -ENOENT, "no such account", S(""));
	if (!on && !found)
		return agent_fail(a, -EINVAL, "not registered", S(""));
	if (!on) {
		duty_stop(d, now);
		return 0;
	}
	if (a->shutting) /* it would keep the agent from coming to rest */
		return agent_fail(a, -EALREADY, "shutting down", S(""));
	if (!d)
		d = duty_add(a, acc, &duty_register);
	rc = d ? duty_start(d, now, &why) : -ENOMEM;
	if (rc && d && !found)
		duty_over(d);
	return rc ? agent_fail(a, rc, why, S("")) : 0;
}

/* ------------------------------------------------------------- outputs */
bool account_poll(struct agent *a, struct agent_out *out)
{
	struct list *n = list_take(&a->noted);

	if (!n)
		return duty_poll(a, out);
	*out = (struct agent_out){
		.kind = AGENT_NOTE,
		.account = CONTAINER(n, struct account, noted)->id,
		.reason = S("a challenge without qop was answered (RFC 2069; "
			    "auth.require_qop refuses it)"),
	};
	return true;
}
