/* SPDX-License-Identifier: BSD-2-Clause
 * client/account_reach.c - how an account's calls go out and what they show of
 * it: the registrar's service route (RFC 3608), a Contact that works behind a
 * NAT, a GRUU (RFC 5627), or who does not want to be known (RFC 3323, 3325). */
#include "client/agent_priv.h"
#include "client/duty.h"
#include "sip/usage/sip_register.h"

/* ---------------------------------------------------------------- the way */
static bool same_place(const struct sip_uri *a, const struct sip_uri *b)
{
	return slice_isame(a->host, b->host) && a->port == b->port;
}

/* RFC 3608 6.1: the service route stands behind the configured one, that leads
 * out of the access network, unless it begins with that itself. */
void account_route(const struct account *acc, struct instant now,
		   struct writer *w)
{
	const struct sip_register *r = duty_registered(acc, now);
	struct slice route = r ? sip_register_kept(r,
			SIP_REGISTER_SERVICE_ROUTE, now) : (struct slice){ 0 };
	struct slice proxy = settings_text(&acc->settings, SET_PROXY), first;
	struct sip_values v = sip_values_of(SIP_HDR_ROUTE, route);
	struct sip_name_addr a;
	struct sip_uri u;
	struct parse_error e;

	if (!route.n || !sip_values_next(&v, &first) ||
	    sip_route_parse(first, &a, &e) < 0) {
		account_proxy(acc, w);
		return;
	}
	if (proxy.n && sip_uri_parse(proxy, &u, &e) == 0 &&
	    !same_place(&u, &a.uri)) {
		account_proxy(acc, w);
		writer_char(w, ',');
	}
	writer_put(w, route);
}

/* ---------------------------------------------------------- what is shown */
static enum sip_register_kept wanted_gruu(const struct account *acc)
{
	struct slice set = settings_text(&acc->settings, SET_GRUU);

	/* RFC 5627 4.4: who is anonymous shows one that tells nothing. */
	return slice_eq(set, "public") && !account_is_private(acc) ?
	       SIP_REGISTER_PUB_GRUU : SIP_REGISTER_TEMP_GRUU;
}

bool account_wants_gruu(const struct account *acc)
{
	return !slice_eq(settings_text(&acc->settings, SET_GRUU), "none");
}

bool account_contact(const struct account *acc, const struct addr *shown,
		     enum sip_transport t, struct instant now,
		     struct writer *w)
{
	const struct sip_register *r = duty_registered(acc, now);
	struct slice gruu = r && account_wants_gruu(acc) ?
			    sip_register_kept(r, wanted_gruu(acc), now) :
			    (struct slice){ 0 };
	struct addr at = r ? sip_register_shown(r, shown, t) : *shown;
	bool flow = r && sip_register_is_flow(r);
	size_t begin = w->n;

	if (gruu.n) {
		writer_char(w, '<');
		writer_put(w, gruu);
		writer_char(w, '>');
		return true;
	}
	sip_contact_write(w, false, account_is_private(acc) ?
			  S("anonymous") : acc->who.uri.user, &at, t);
	/* RFC 5626 4.3: the dialog's requests come by this flow, too. */
	if (flow && w->n > begin && !w->full) {
		w->n--;
		writer_str(w, ";ob>");
	}
	return flow || account_is_private(acc) || !addr_same(&at, shown);
}

/* Our GRUU, whatever its user part says. */
bool account_is_gruu(const struct account *acc, const struct sip_uri *u,
		     struct instant now)
{
	const struct sip_register *r = account_wants_gruu(acc) ?
				       duty_registered(acc, now) : NULL;
	struct parse_error e;
	struct sip_uri ours;

	for (unsigned i = SIP_REGISTER_PUB_GRUU;
	     r && i <= SIP_REGISTER_TEMP_GRUU; i++) {
		struct slice text = sip_register_kept(r,
					(enum sip_register_kept)i, now);

		if (text.n && sip_uri_parse(text, &ours, &e) == 0 &&
		    sip_uri_same(&ours, u))
			return true;
	}
	return false;
}

/* ------------------------------------------------------- who it is not */
/* "none" asks intermediaries for nothing, aloud (RFC 3323 4.2), and "critical"
 * is about the other words: neither hides anybody here. */
bool account_is_private(const struct account *acc)
{
	struct slice rest = settings_text(&acc->settings, SET_PRIVACY), one;

	while (rest.n) {
		(void)slice_cut(rest, ',', &one, &rest);
		if (!slice_ieq(one, "none") && !slice_ieq(one, "critical"))
			return true;
	}
	return false;
}

/* RFC 3323 4.1.1.3 */
void account_caller(const struct account *acc, struct writer *w)
{
	if (account_is_private(acc))
		writer_str(w, "\"Anonymous\" "
			      "<sip:anonymous@anonymous.invalid>");
	else
		account_from(acc, w);
}

/* RFC 3325 9.2: only for a proxy that takes it away again.  A call that goes to
 * its peer at once would tell that peer. */
static int add_identity(const struct account *acc, struct instant now,
			struct sip_msg *m, struct writer *w)
{
	struct slice set = settings_text(&acc->settings, SET_IDENTITY);
	size_t at = w->n;
	bool trusted;

	account_route(acc, now, w);
	trusted = w->n > at;
	w->n = at;
	if (!trusted || (!set.n && !account_is_private(acc)))
		return 0;
	if (set.n) {
		writer_char(w, '<');
		writer_put(w, set);
		writer_char(w, '>');
	} else {
		account_from(acc, w);
	}
	return sip_msg_add_named(m, S("P-Preferred-Identity"),
				 slice_of(w->buf + at, w->n - at));
}

int account_privacy(const struct account *acc, struct instant now,
		    struct sip_msg *m, struct writer *w)
{
	struct slice rest = settings_text(&acc->settings, SET_PRIVACY), one;
	size_t at = w->n;
	int rc = 0;

	while (rest.n) {
		if (w->n > at)
			writer_char(w, ';');
		(void)slice_cut(rest, ',', &one, &rest);
		writer_put(w, one);
	}
	if (w->n > at)
		rc = sip_msg_add_named(m, S("Privacy"),
				       slice_of(w->buf + at, w->n - at));
	if (rc == 0)
		rc = add_identity(acc, now, m, w);
	return rc < 0 ? rc : w->full ? -ENOSPC : 0;
}

/* ------------------------------------------------------------ which device */
/* RFC 5626 4.1, RFC 4122 4.4: a URN that no other device has. */
void agent_make_instance(struct agent *a)
{
	static const uint8_t dash[] = { 4, 6, 8, 10, 16 };
	struct writer w = writer_begin(a->instance, sizeof(a->instance) - 1);
	uint8_t id[16];
	size_t at = 0;

	drbg_bytes(&a->drbg, id, sizeof(id));
	id[6] = (id[6] & 0x0f) | 0x40; /* random, version 4 */
	id[8] = (id[8] & 0x3f) | 0x80;
	writer_str(&w, "urn:uuid:");
	for (size_t i = 0; i < COUNT(dash); i++) {
		writer_hex(&w, id + at, dash[i] - at);
		at = dash[i];
		if (at < sizeof(id))
			writer_char(&w, '-');
	}
}

struct slice agent_instance(const struct agent *a)
{
	struct slice set = settings_text(&a->settings, SET_INSTANCE);

	return set.n ? set : slice_str(a->instance);
}
