/* SPDX-License-Identifier: BSD-2-Clause */
#include "sip/msg/sip_mask.h"

#include <string.h>

struct mask {
	struct writer *w;
	bool body;    /* the empty line has come */
	bool secrets; /* the header in hand has some; folded lines go on */
	bool open;    /* in a value that began on the line before */
	bool all;     /* nothing but secrets from here on */
};

static bool mask_is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static struct slice blanks(struct slice s)
{
	size_t n = 0;

	while (n < s.n && mask_is_blank(s.p[n]))
		n++;
	return slice_head(s, n);
}

static bool is_one_of(struct slice s, const char *const *name)
{
	for (; *name; name++)
		if (slice_ieq(s, *name))
			return true;
	return false;
}

/* ------------------------------------------------------------- passwords */
/* What stands between the user and the "@"; without it nothing is masked. */
static size_t userinfo(struct slice s, size_t *password)
{
	size_t i = 0;

	*password = s.n;
	for (; i < s.n && !strchr("@<> \t\",", s.p[i]); i++)
		if (s.p[i] == ':' && *password == s.n)
			*password = i + 1;
	return i < s.n && s.p[i] == '@' && *password < i ? i : 0;
}

static void uris(struct mask *m, struct slice s)
{
	while (s.n) {
		size_t scheme = slice_istarts(s, "sip:") ? 4 :
				slice_istarts(s, "sips:") ? 5 : 0;
		size_t at, password;

		if (!scheme) {
			writer_char(m->w, *s.p);
			s = slice_skip(s, 1);
			continue;
		}
		writer_put(m->w, slice_head(s, scheme));
		s = slice_skip(s, scheme);
		at = userinfo(s, &password);
		if (!at)
			continue;
		writer_put(m->w, slice_head(s, password));
		writer_str(m->w, "***");
		s = slice_skip(s, at);
	}
}

/* ------------------------------------------------------------ credentials */
/* Behind the "=": the value, quoted or not.  One that this line does not end
 * goes on in the next. */
static struct slice mask_value(struct mask *m, struct slice s)
{
	struct slice lead = blanks(s);
	size_t n = 0;
	bool quoted;

	writer_put(m->w, lead);
	s = slice_skip(s, lead.n);
	quoted = s.n && *s.p == '"';
	for (n = quoted; quoted && n < s.n; n++) {
		if (s.p[n] == '\\' && n + 1 < s.n)
			n++;
		else if (s.p[n] == '"')
			quoted = false;
	}
	m->open = s.n == 0 || quoted;
	while (n < s.n && s.p[n] != ',' && !mask_is_blank(s.p[n]))
		n++; /* a token, or what wrongly follows a quoted one */
	if (n)
		writer_str(m->w, "***");
	return slice_skip(s, n);
}

/* The length of "response =" or "rspauth =" where it stands; 0: something
 * else. */
static size_t secret_name(struct slice s)
{
	size_t n = slice_istarts(s, "response") ? 8 :
		   slice_istarts(s, "rspauth") ? 7 : 0;

	if (n)
		n += blanks(slice_skip(s, n)).n;
	return n && n < s.n && s.p[n] == '=' ? n + 1 : 0;
}

static void parameters(struct mask *m, struct slice s)
{
	bool begins = true; /* a name may */

	while (s.n) {
		size_t n = begins ? secret_name(s) : 0;

		begins = mask_is_blank(*s.p) || *s.p == ',';
		if (n) {
			writer_put(m->w, slice_head(s, n));
			s = mask_value(m, slice_skip(s, n));
			begins = true;
		} else {
			writer_char(m->w, *s.p);
			s = slice_skip(s, 1);
		}
	}
}

static void more(struct mask *m, struct slice line)
{
	struct slice lead = blanks(line);

	if (m->all || m->open) {
		writer_put(m->w, lead);
		line = slice_skip(line, lead.n);
		/* Where in the line an open value ends is not looked for. */
		if (line.n)
			writer_str(m->w, "***");
		m->open &= line.n == 0;
		return;
	}
	parameters(m, line);
}

/* Scheme, then what is for it alone. */
static void mask_credentials(struct mask *m, struct slice s)
{
	struct slice lead = blanks(s);
	size_t n = lead.n;

	while (n < s.n && !mask_is_blank(s.p[n]))
		n++;
	if (n == lead.n || n == s.n ||
	    slice_ieq(slice_skip(slice_head(s, n), lead.n), "Digest")) {
		parameters(m, s);
		return;
	}
	m->all = true;
	writer_put(m->w, slice_head(s, n));
	more(m, slice_skip(s, n));
}

static void field(struct mask *m, struct slice line)
{
	static const char *const answers[] = {
		"Authorization", "Proxy-Authorization", NULL
	}, *const proofs[] = {
		"Authentication-Info", "Proxy-Authentication-Info", NULL
	};
	struct slice name, rest;
	bool colon = slice_cut(line, ':', &name, &rest);

	while (name.n && mask_is_blank(name.p[name.n - 1]))
		name.n--;
	m->open = m->all = false;
	m->secrets = colon && (is_one_of(name, answers) ||
			       is_one_of(name, proofs));
	if (!m->secrets) {
		uris(m, line);
		return;
	}
	writer_put(m->w, slice_head(line, line.n - rest.n));
	if (is_one_of(name, answers))
		mask_credentials(m, rest);
	else
		parameters(m, rest);
}

/* -------------------------------------------------------------------- body */
static void body(struct mask *m, struct slice line)
{
	static const char *const key[] = { "k=", "a=crypto:", "a=key-mgmt:",
					   "a=ice-pwd:" };

	for (size_t i = 0; i < COUNT(key); i++)
		if (slice_istarts(line, key[i])) {
			writer_put(m->w, slice_head(line, strlen(key[i])));
			writer_str(m->w, "***");
			return;
		}
	uris(m, line);
}

void sip_mask(struct slice message, struct writer *w)
{
	struct mask m = { .w = w };

	while (message.n) {
		struct slice line, rest;
		bool lf = slice_cut(message, '\n', &line, &rest);
		bool cr = line.n && line.p[line.n - 1] == '\r';

		line.n -= cr;
		if (m.body)
			body(&m, line);
		else if (m.secrets && line.n && mask_is_blank(*line.p))
			more(&m, line);
		else
			field(&m, line);
		m.body |= !line.n;
		if (cr)
			writer_char(w, '\r');
		if (lf)
			writer_char(w, '\n');
		message = lf ? rest : (struct slice){ 0 };
	}
}
