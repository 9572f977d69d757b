/* SPDX-License-Identifier: BSD-2-Clause */
#include "client/redirect.h"

#include <string.h>

struct redirect_target {
	struct redirect_target *next;
	unsigned q;
	bool tried;
	size_t n;
	char uri[]; /* without headers and method, NUL-terminated */
};

/* --------------------------------------------------------- what it named */
/* Behind those that are as good: they came before. */
static void put(struct redirect_contact *out, size_t n,
		const struct redirect_contact *c)
{
	for (; n && out[n - 1].q < c->q; n--)
		out[n] = out[n - 1];
	out[n] = *c;
}

static bool read_contact(struct slice value, struct redirect_contact *c)
{
	struct sip_name_addr a;
	struct parse_error e;

	*c = (struct redirect_contact){ .q = 1000 }; /* 16.7, item 4 */
	if (sip_contact_parse(value, &a, &e) < 0 || a.star)
		return false;
	c->uri = a.uri.text;
	if (!sip_contact_q(&a, &c->q))
		c->q = 1000;
	c->has_expires = sip_contact_expires(&a, &c->expires);
	return true;
}

size_t redirect_contacts(const struct said *said,
			 struct redirect_contact out[LIMIT_SIP_CONTACTS])
{
	struct redirect_contact c;
	const char *field;
	size_t n = 0;

	for (size_t i = 0; (field = said_header(said, "Contact", i)); i++) {
		struct sip_values v = sip_values_of(SIP_HDR_CONTACT,
						    slice_str(field));
		struct slice value;

		while (sip_values_next(&v, &value)) {
			if (n == LIMIT_SIP_CONTACTS)
				return n;
			if (read_contact(value, &c))
				put(out, n++, &c);
		}
	}
	return n;
}

bool redirect_names(unsigned status)
{
	return status >= 300 && status < 400 && status != 305 && status != 380;
}

/* ----------------------------------------------------------- where it goes */
/* As it is called.  Headers may be asked for, and are honoured one by one: none
 * are here (19.1.5); no Request-URI has them, or a method (19.1.1).  False: it
 * is for another method, or too long. */
static bool write_target(const struct sip_uri *uri, struct writer *w)
{
	struct sip_uri u = *uri;
	struct slice rest = uri->params, one, name, value;

	u.params = u.headers = (struct slice){ 0 };
	sip_uri_write(w, &u);
	while (rest.n) {
		(void)slice_cut(rest, ';', &one, &rest);
		(void)slice_cut(one, '=', &name, &value);
		if (slice_ieq(name, "method")) {
			if (!slice_eq(value, "INVITE"))
				return false;
			continue;
		}
		writer_char(w, ';');
		writer_put(w, one);
	}
	return !w->full;
}

static bool redirect_had(const struct redirect *r, const struct sip_uri *uri)
{
	struct parse_error e;
	struct sip_uri u;

	for (const struct redirect_target *t = r->first; t; t = t->next)
		if (sip_uri_parse(slice_of(t->uri, t->n), &u, &e) == 0 &&
		    sip_uri_same(&u, uri))
			return true;
	return false;
}

static int add(struct redirect *r, struct mem *m, struct slice uri,
	       unsigned q, bool tried)
{
	struct redirect_target **at = &r->first;
	struct redirect_target *t = mem_new(m, sizeof(*t) + uri.n + 1);

	if (!t)
		return -ENOMEM;
	t->q = q;
	t->tried = tried;
	t->n = uri.n;
	memcpy(t->uri, uri.p, uri.n);
	while (*at && (*at)->q >= q)
		at = &(*at)->next;
	t->next = *at;
	*at = t;
	return 0;
}

/* The first that was called stays in To (8.1.3.4), and is not called again. */
static int keep_first(struct redirect *r, struct mem *m, struct slice peer)
{
	struct writer w;

	if (r->to)
		return 0;
	r->to = mem_new(m, peer.n + 3);
	if (!r->to)
		return -ENOMEM;
	w = writer_begin(r->to, peer.n + 2);
	writer_char(&w, '<');
	writer_put(&w, peer);
	writer_char(&w, '>');
	return add(r, m, peer, 0, true);
}

static int consider(struct redirect *r, struct mem *m, bool secure,
		    const struct redirect_contact *c)
{
	size_t room = c->uri.n + 16;
	char *text;
	struct writer w;
	struct sip_uri u;
	struct parse_error e;
	int rc = 0;

	if (sip_uri_parse(c->uri, &u, &e) < 0 ||
	    (u.scheme != SIP_SCHEME_SIPS &&
	     (secure || u.scheme != SIP_SCHEME_SIP)))
		return 0;
	text = mem_new(m, room);
	if (!text)
		return -ENOMEM;
	w = writer_begin(text, room);
	if (write_target(&u, &w) &&
	    sip_uri_parse(writer_done(&w), &u, &e) == 0 &&
	    !redirect_had(r, &u))
		rc = add(r, m, writer_done(&w), c->q, false);
	mem_free(m, text);
	return rc;
}

int redirect_take(struct redirect *r, struct mem *m, struct slice peer,
		  const struct said *said)
{
	struct redirect_contact c[LIMIT_SIP_CONTACTS];
	size_t n = redirect_contacts(said, c);
	struct sip_uri u;
	struct parse_error e;
	int rc = sip_uri_parse(peer, &u, &e);

	if (rc == 0)
		rc = keep_first(r, m, peer);
	for (size_t i = 0; i < n && rc == 0; i++)
		rc = consider(r, m, u.scheme == SIP_SCHEME_SIPS, &c[i]);
	return rc;
}

const char *redirect_next(struct redirect *r, unsigned most)
{
	struct redirect_target *t = r->first;

	while (t && t->tried)
		t = t->next;
	if (!t || r->tries >= most)
		return NULL;
	t->tried = true;
	r->tries++;
	return t->uri;
}

void redirect_fini(struct redirect *r, struct mem *m)
{
	while (r->first) {
		struct redirect_target *t = r->first;

		r->first = t->next;
		mem_free(m, t);
	}
	mem_free(m, r->to);
	*r = (struct redirect){ 0 };
}
