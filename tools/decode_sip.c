/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "sip/hdr/sip_grammar.h"
#include "sip/hdr/sip_name_addr.h"
#include "sip/msg/sip_check.h"
#include "sip/msg/sip_msg.h"
#include "sip/msg/sip_tel.h"
#include "sip/msg/sip_uri.h"
#include "sip/msg/sip_verdict.h"
#include "tools/decode.h"

static void show_uri(struct show *s, const struct sip_uri *u)
{
	show_text(s, "scheme", u->name);
	if (u->scheme != SIP_SCHEME_SIP && u->scheme != SIP_SCHEME_SIPS) {
		show_text(s, "opaque", u->opaque);
		return;
	}
	if (u->has_user)
		show_text(s, "user", u->user);
	if (u->has_password)
		show_text(s, "password", u->password);
	show_text(s, "host", u->host);
	if (u->has_port)
		show_int(s, "port", u->port);
	if (u->params.n)
		show_text(s, "parameters", u->params);
	if (u->headers.n)
		show_text(s, "headers", u->headers);
}

/* RFC 3966 */
static int tel(struct slice in, struct show *s, struct parse_error *e)
{
	struct sip_tel t;
	int rc = sip_tel_parse(in, &t, e);

	if (rc)
		return rc;
	show_str(s, "scheme", "tel");
	show_bool(s, "global", t.global);
	show_text(s, "number", t.number);
	if (t.params.n)
		show_text(s, "parameters", t.params);
	return 0;
}

static int uri(struct tool *t, const struct decode_options *o, struct slice in,
	       struct show *s, struct parse_error *e)
{
	struct sip_uri u;
	int rc;

	(void)t;
	(void)o;
	while (in.n && (in.p[in.n - 1] == '\n' || in.p[in.n - 1] == '\r'))
		in.n--; /* a line's end is the file's, not the URI's */
	rc = sip_uri_parse(in, &u, e);
	if (rc == 0 && slice_ieq(u.name, "tel"))
		return tel(in, s, e);
	if (rc == 0)
		show_uri(s, &u);
	return rc;
}

static int values(const struct sip_msg *m, struct slice in, bool lenient,
		  struct show *s, struct parse_error *e)
{
	int rc = 0;

	show_list(s, "fields");
	for (size_t i = 0; i < m->n && rc == 0; i++) {
		const struct sip_field *f = &m->field[i];

		if (!lenient)
			rc = sip_grammar_check((enum sip_hdr)f->id, f->value,
					       e);
		if (rc) {
			e->offset += (size_t)(f->value.p - in.p);
			break;
		}
		show_begin(s, NULL);
		show_text(s, "name", f->id ? sip_hdr_name((enum sip_hdr)f->id) :
					     f->name);
		show_text(s, "value", f->value);
		show_end(s);
	}
	show_list_end(s);
	return rc;
}

static int decode_request_uri(const struct sip_msg *m, struct slice in,
			      struct show *s, struct parse_error *e)
{
	struct sip_uri u;
	int rc = sip_uri_parse(m->uri, &u, e);

	if (rc) {
		e->offset += (size_t)(m->uri.p - in.p);
		return rc;
	}
	show_text(s, "method", m->method_name);
	show_begin(s, "uri");
	show_uri(s, &u);
	show_end(s);
	return 0;
}

/* What a user agent that also takes REGISTER does with it. */
static int verdict(struct tool *t, const struct decode_options *o,
		   struct slice in, struct show *s)
{
	struct sip_msg *m = mem_new(t->mem, sizeof(*m));
	struct sip_ua ua = sip_ua_default;
	struct sip_verdict v;
	struct addr local;
	char word[16];
	struct writer w = writer_begin(word, sizeof(word));

	if (!m)
		return -ENOMEM;
	ua.check.stream = o->transport && !strcmp(o->transport, "tcp");
	ua.check.local = o->local && addr_parse(slice_str(o->local), &local)
			 == 0 ? &local : NULL;
	v = sip_verdict(in, &ua, m);
	mem_free(t->mem, m);
	if (v.code == SIP_ACCEPT || v.code == SIP_DROP)
		writer_str(&w, v.code == SIP_DROP ? "drop" : "accept");
	else
		writer_u64(&w, v.code);
	if (o->json) {
		show_text(s, "verdict", writer_done(&w));
		show_int(s, "offset", (int64_t)v.why.offset);
		show_str(s, "reason", v.why.reason);
	} else {
		writer_char(&w, '\n');
		writer_put(&s->w, writer_done(&w));
		if (v.why.reason)
			tool_err(t, "offset %zu: %s\n", v.why.offset,
				 v.why.reason);
	}
	return 0;
}

static int message(struct tool *t, bool lenient, struct slice in,
		   struct show *s, struct parse_error *e)
{
	struct sip_msg *m = mem_new(t->mem, sizeof(*m));
	struct sip_check how = { .stream = false };
	struct sip_verdict v;
	int rc = m ? 0 : -ENOMEM;

	if (m && lenient) {
		v = sip_check(in, &how, m);
		*e = v.why;
		rc = v.code == SIP_ACCEPT ? 0 : -EBADMSG;
	} else if (m) {
		rc = sip_msg_parse(in, m, e);
	}
	if (rc == 0 && !m->status)
		rc = decode_request_uri(m, in, s, e);
	if (rc == 0 && m->status) {
		show_int(s, "status", m->status);
		show_text(s, "reason", m->reason);
	}
	if (rc == 0)
		rc = values(m, in, lenient, s, e);
	if (rc == 0 && m->body.n)
		show_text(s, "body", m->body);
	mem_free(t->mem, m);
	return rc;
}

/* Text that was pasted: lines before the first are empty, they end in LF alone,
 * the last one perhaps not at all, and the empty line behind the headers may be
 * missing.  The offset of a fault is told as it is in what was given. */
static int pasted(struct tool *t, struct slice in, struct show *s,
		  struct parse_error *e)
{
	static const char end[] = "\r\n\r\n";
	char *text = mem_array(t->mem, 2 * in.n + sizeof(end), 1);
	struct writer w = writer_begin(text, text ? 2 * in.n + sizeof(end) : 0);
	bool head = true; /* no empty line yet */
	size_t at = 0;    /* of the line's beginning in what is written */
	size_t before = 0;
	int rc = text ? 0 : -ENOMEM;

	while (before < in.n && (in.p[before] == '\r' || in.p[before] == '\n'))
		before++;
	in = slice_skip(in, before);
	for (size_t i = 0; rc == 0 && i < in.n; i++) {
		bool lf = in.p[i] == '\n';

		if (lf && (w.n == at || text[w.n - 1] != '\r'))
			writer_char(&w, '\r');
		writer_char(&w, in.p[i]);
		if (lf && w.n == at + 2)
			head = false;
		if (lf)
			at = w.n;
	}
	if (rc == 0 && (head || w.n > at)) /* a body's last line, too */
		writer_str(&w, !head || w.n == at ? end + 2 : end);
	if (rc == 0)
		rc = message(t, true, writer_done(&w), s, e);
	for (size_t i = 0, lf = 0; rc && text && i < in.n &&
	     i + lf < e->offset; i++)
		if (in.p[i] == '\n' && (i == 0 || in.p[i - 1] != '\r')) {
			lf++;
			e->offset--;
		}
	e->offset += rc ? before : 0;
	mem_free(t->mem, text);
	return rc;
}

static int sip(struct tool *t, const struct decode_options *o, struct slice in,
	       struct show *s, struct parse_error *e)
{
	const char *lf = in.n ? memchr(in.p, '\n', in.n) : NULL;

	if (o->verdict)
		return verdict(t, o, in, s);
	if (o->lenient && lf && (lf - in.p < 2 || lf[-1] != '\r'))
		return pasted(t, in, s, e);
	return message(t, o->lenient, in, s, e);
}

extern const struct decoder decode_sip, decode_uri;
const struct decoder decode_sip = { "sip", "SIP message", false, true, sip };
const struct decoder decode_uri = { "uri", "SIP, SIPS, tel or other URI", true,
				    false, uri };
