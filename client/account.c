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

int agent_account_add(struct agent *a, struct slice aor, uint32_t *account)
{
	struct account *acc = mem_new(a->mem, sizeof(*acc));
	struct parse_error e;
	int rc = acc ? 0 : -ENOMEM;

	if (rc == 0) {
		acc->aor = mem_new(a->mem, aor.n + 1);
		rc = acc->aor ? 0 : -ENOMEM;
	}
	if (rc == 0) {
		memcpy(acc->aor, aor.p, aor.n);
		rc = sip_name_addr_parse(slice_of(acc->aor, aor.n), &acc->who,
					 &e);
	}
	if (rc == 0 && acc->who.uri.scheme != SIP_SCHEME_SIP &&
	    acc->who.uri.scheme != SIP_SCHEME_SIPS)
		rc = -EBADMSG;
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
static struct account *by_uri(const struct agent *a, struct slice text,
			      bool name_addr)
{
	struct sip_name_addr na;
	struct parse_error e;
	int rc = name_addr ? sip_name_addr_parse(text, &na, &e) :
			     sip_uri_parse(text, &na.uri, &e);

	if (rc)
		return NULL;
	for (struct list *n = a->accounts.next; n != &a->accounts;
	     n = n->next) {
		struct account *acc = CONTAINER(n, struct account, link);

		/* Our Contact has the user with an address for host, the
		 * address-of-record has the domain: the user tells. */
		if (slice_same(acc->who.uri.user, na.uri.user) && na.uri.user.n)
			return acc;
	}
	return NULL;
}

struct account *account_of_request(const struct agent *a,
				   const struct sip_msg *m)
{
	struct account *acc = by_uri(a, m->uri, false);

	if (!acc)
		acc = by_uri(a, sip_msg_get(m, SIP_HDR_TO), true);
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

/* 4 or 6 of a literal address; 0: a name. */
static uint8_t host_family(struct slice host)
{
	struct addr a;

	return addr_parse_ip(host, &a) ? 0 : a.family;
}

int account_contact(const struct agent *a, const struct account *acc,
		    const struct sip_uri *target, struct writer *w)
{
	enum sip_transport t = account_transport(acc, target);
	uint8_t family = host_family(target->host);
	const struct addr *shown = sip_core_shown(a->core,
						  t ? t : SIP_UDP, family);

	if (!shown && !t) {
		t = SIP_TCP;
		shown = sip_core_shown(a->core, t, family);
	}
	if (!shown)
		shown = sip_core_shown(a->core, t ? t : SIP_UDP, 0);
	if (!shown)
		return -EADDRNOTAVAIL;
	writer_str(w, "<sip:");
	if (acc->who.uri.user.n) {
		writer_put(w, acc->who.uri.user);
		writer_char(w, '@');
	}
	addr_write(w, shown);
	if (t == SIP_TCP)
		writer_str(w, ";transport=tcp");
	writer_char(w, '>');
	return writer_end(w) < 0 ? -ENOSPC : 0;
}

int agent_register(struct agent *a, uint32_t account, bool on,
		   struct instant now)
{
	(void)account;
	(void)on;
	(void)now;
	return agent_fail(a, -ENOTSUP, "registration is not there yet",
			  S(""));
}

bool account_poll(struct agent *a, struct agent_out *out)
{
	(void)a;
	(void)out;
	return false;
}
