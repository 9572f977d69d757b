/* SPDX-License-Identifier: BSD-2-Clause */
#include "sip/msg/sip_msg.h"

#include "platform/bytes.h"
#include "platform/scan.h"

static const struct slice methods[SIP_METHOD_COUNT] = {
	[SIP_INVITE] = SLICE("INVITE"),
	[SIP_ACK] = SLICE("ACK"),
	[SIP_BYE] = SLICE("BYE"),
	[SIP_CANCEL] = SLICE("CANCEL"),
	[SIP_OPTIONS] = SLICE("OPTIONS"),
	[SIP_REGISTER] = SLICE("REGISTER"),
	[SIP_PRACK] = SLICE("PRACK"),
	[SIP_UPDATE] = SLICE("UPDATE"),
	[SIP_INFO] = SLICE("INFO"),
	[SIP_MESSAGE] = SLICE("MESSAGE"),
	[SIP_REFER] = SLICE("REFER"),
	[SIP_SUBSCRIBE] = SLICE("SUBSCRIBE"),
	[SIP_NOTIFY] = SLICE("NOTIFY"),
	[SIP_PUBLISH] = SLICE("PUBLISH"),
};

enum sip_method sip_method_find(struct slice name)
{
	for (unsigned m = 1; m < SIP_METHOD_COUNT; m++)
		if (name.n == methods[m].n && name.p[0] == methods[m].p[0] &&
		    slice_same(methods[m], name))
			return (enum sip_method)m;
	return SIP_METHOD_OTHER;
}

struct slice sip_method_name(enum sip_method m)
{
	return methods[m];
}

/* ------------------------------------------------------------ reading */

/* A message under way, and its first fault.  The cursor is handed from
 * function to function, so that it can stay in a register. */
struct reader {
	const char *begin, *end;
	int rc;
	struct parse_error *e;
};

static void fault(struct reader *r, int rc, const char *at, const char *why)
{
	if (r->rc)
		return;
	r->rc = rc;
	if (r->e)
		*r->e = (struct parse_error){ (size_t)(at - r->begin), why };
}

static bool is_wsp(char c)
{
	return c == ' ' || c == '\t';
}

static inline bool is_blank(char c)
{
	return (unsigned char)c <= ' ' &&
	       (is_wsp(c) || c == '\r' || c == '\n');
}

/* The first byte below limit at or after p, or the end. */
static inline const char *first_below(const char *p, const char *end,
				      uint8_t limit)
{
	for (; end - p >= 16; p += 16) {
		unsigned at = bytes16_below(p, limit);

		if (at < 16)
			return p + at;
	}
	while (p < end && (unsigned char)*p >= limit)
		p++;
	return p;
}

/* The CRLF that ends the line at p, or where one would have to be: at a lone
 * CR or LF, or at the end.  With folds, one that a continuation follows (7.3.1)
 * is passed over.  Control characters stay: a quoted-pair may hold them. */
static inline const char *line_end(const char *p, const char *end, bool folds)
{
	for (;;) {
		p = first_below(p, end, ' ');
		if (p == end || *p == '\n')
			return p;
		if (*p != '\r') {
			p++;
			continue;
		}
		if (!folds || end - p < 3 || p[1] != '\n' || !is_wsp(p[2]))
			return p;
		p += 3;
	}
}

static bool at_crlf(const char *p, const char *end)
{
	return end - p >= 2 && p[0] == '\r' && p[1] == '\n';
}

/* Behind the line that has no CRLF at p, where it should be: after the next
 * one. */
static const char *skip_line(struct reader *r, const char *p)
{
	do {
		fault(r, -EBADMSG, p, "CRLF wanted");
		if (p == r->end)
			return p;
		p = line_end(p + 1, r->end, false);
	} while (!at_crlf(p, r->end));
	return p + 2;
}

static inline const char *next_line(struct reader *r, const char *p)
{
	return at_crlf(p, r->end) ? p + 2 : skip_line(r, p);
}

/* SIP-Version = "SIP" "/" 1*DIGIT "." 1*DIGIT, case-insensitive (7.1) */
static bool version(struct reader *r, struct scan *s)
{
	const char *at = s->p;

	if (scan_left(s) >= 7 && memcmp(s->p, "SIP/2.0", 7) == 0) {
		s->p += 7;
		if (scan_end(s) || !scan_is(*s->p, SCAN_DIGIT))
			return true;
		s->p = at;
	}
	if (!scan_istr(s, "SIP/") || !scan_run(s, SCAN_DIGIT, NULL) ||
	    !scan_char(s, '.') || !scan_run(s, SCAN_DIGIT, NULL)) {
		fault(r, -EBADMSG, at, "SIP-Version wanted");
		return false;
	}
	if (!slice_eq(slice_of(at + 4, (size_t)(s->p - at - 4)), "2.0"))
		fault(r, -EPROTONOSUPPORT, at, "SIP/2.0 wanted");
	return true;
}

/* Status-Line = SIP-Version SP Status-Code SP Reason-Phrase CRLF
 * The phrase is for people (7.2): of its grammar only the absence of control
 * characters is asked for. */
static void status_line(struct reader *r, struct scan *s, struct sip_msg *m)
{
	struct slice digits = { 0 };
	uint32_t code = 0;
	const char *at;

	m->status = 999; /* not a request, whatever follows */
	if (!version(r, s))
		return;
	if (!scan_char(s, ' ')) {
		fault(r, -EBADMSG, s->p, "SP wanted");
		return;
	}
	at = s->p;
	(void)scan_run(s, SCAN_DIGIT, &digits);
	if (digits.n != 3 || slice_u32(digits, 699, &code) || code < 100) {
		fault(r, -EBADMSG, at, "Status-Code 100 to 699 wanted");
		return;
	}
	m->status = code;
	if (!scan_char(s, ' ')) {
		fault(r, -EBADMSG, s->p, "SP wanted");
		return;
	}
	m->reason = scan_rest(s);
	at = scan_span(m->reason.p, s->end, /* all but controls */
		       SCAN_QDTEXT | SCAN_WORD_MARK | SCAN_UTF8);
	if (at != s->end)
		fault(r, -EBADMSG, at, "Reason-Phrase wanted");
}

/* Request-Line = Method SP Request-URI SP SIP-Version CRLF
 * The URI is parsed by sip_uri.h; here it only has no white space. */
static void request_line(struct reader *r, struct scan *s, struct sip_msg *m)
{
	struct slice uri;

	if (!scan_token(s, &m->method_name)) {
		fault(r, -EBADMSG, s->p, "Method wanted");
		return;
	}
	m->method = sip_method_find(m->method_name);
	if (!scan_char(s, ' ')) {
		fault(r, -EBADMSG, s->p, "SP wanted");
		return;
	}
	uri.p = s->p;
	s->p = first_below(s->p, s->end, ' ' + 1);
	uri.n = (size_t)(s->p - uri.p);
	if (uri.n == 0) {
		fault(r, -EBADMSG, s->p, "Request-URI wanted");
		return;
	}
	m->uri = uri;
	if (!scan_char(s, ' ')) {
		fault(r, -EBADMSG, s->p, "SP wanted");
		return;
	}
	if (version(r, s) && !scan_end(s))
		fault(r, -EBADMSG, s->p, "CRLF wanted");
}

static const char *start_line(struct reader *r, struct sip_msg *m)
{
	const char *end = line_end(r->begin, r->end, false);
	struct scan s = { .p = r->begin, .end = end, .begin = r->begin };

	if (slice_istarts(slice_of(s.p, scan_left(&s)), "SIP/"))
		status_line(r, &s, m);
	else
		request_line(r, &s, m);
	return next_line(r, end);
}

/* message-header = token HCOLON value CRLF; the value's begin, or NULL.  f is
 * given its name and id. */
static const char *any_name(struct reader *r, const char *p,
			    struct sip_field *f)
{
	const char *at = p;

	p = scan_span(p, r->end, SCAN_TOKEN);
	f->name = slice_of(at, (size_t)(p - at));
	if (p == at) {
		fault(r, -EBADMSG, p, "header name wanted");
		return NULL;
	}
	p = scan_span(p, r->end, SCAN_WSP);
	if (p == r->end || *p != ':') {
		fault(r, -EBADMSG, p, "':' wanted");
		return NULL;
	}
	f->id = (uint8_t)sip_hdr_find(f->name);
	return p + 1;
}

/* The common case: a known name with the colon right behind it. */
static inline const char *field_name(struct reader *r, const char *p,
				     struct sip_field *f)
{
	unsigned n;

	if (r->end - p < 32)
		return any_name(r, p, f);
	n = bytes16_equal(p, ':');
	if (n == 16)
		n += bytes16_equal(p + 16, ':');
	f->name = slice_of(p, n);
	f->id = (uint8_t)sip_hdr_find_wide(p, n);
	return f->id ? p + n + 1 : any_name(r, p, f);
}

static void link_last(struct sip_msg *m, unsigned at)
{
	struct sip_field *f = &m->field[at];
	uint8_t number = (uint8_t)(at + 1);

	f->next = 0;
	if (f->id == SIP_HDR_OTHER)
		return;
	if (m->first[f->id])
		m->field[m->last[f->id] - 1].next = number;
	else
		m->first[f->id] = number;
	m->last[f->id] = number;
}

/* The line's end is looked for from its start, so that a processor can do that
 * and the name side by side. */
static inline const char *one_field(struct reader *r, const char *p,
				    struct sip_msg *m)
{
	struct sip_field *f = &m->field[m->n];
	const char *end = line_end(p, r->end, true), *last = end;
	const char *v = field_name(r, p, f);

	if (!v)
		return next_line(r, end);
	while (v < last && is_blank(*v))
		v++;
	while (last > v && is_blank(last[-1]))
		last--;
	f->value = slice_of(v, (size_t)(last - v));
	link_last(m, m->n++);
	return next_line(r, end);
}

static void msg_clear(struct sip_msg *m)
{
	m->status = 0;
	m->method = SIP_METHOD_OTHER;
	m->method_name = m->uri = m->reason = m->body = (struct slice){ 0 };
	m->n = 0;
	memset(m->first, 0, sizeof(m->first));
	memset(m->last, 0, sizeof(m->last));
}

int sip_msg_parse(struct slice in, struct sip_msg *m, struct parse_error *e)
{
	struct scan s = scan_begin(in, e); /* gives even an empty one a p */
	struct reader r = { s.p, s.end, 0, e };
	const char *p;

	msg_clear(m);
	if (in.n > LIMIT_SIP_MESSAGE) {
		r.end = r.begin + LIMIT_SIP_MESSAGE;
		fault(&r, -E2BIG, r.end, "message too long");
	}
	p = start_line(&r, m);
	while (!at_crlf(p, r.end)) {
		if (p == r.end) {
			fault(&r, -EAGAIN, p, "empty line wanted");
			m->body = slice_of(p, 0);
			return r.rc;
		}
		if (m->n == LIMIT_SIP_FIELDS) {
			fault(&r, -E2BIG, p, "too many header fields");
			return r.rc;
		}
		p = one_field(&r, p, m);
	}
	m->body = slice_of(p + 2, (size_t)(r.end - p - 2));
	return r.rc;
}

struct slice sip_msg_get(const struct sip_msg *m, enum sip_hdr id)
{
	return m->first[id] ? m->field[m->first[id] - 1].value :
			      (struct slice){ 0 };
}

const struct sip_field *sip_msg_find(const struct sip_msg *m, const char *name)
{
	struct slice want = slice_str(name);
	enum sip_hdr id = sip_hdr_find(want);

	if (id != SIP_HDR_OTHER)
		return m->first[id] ? &m->field[m->first[id] - 1] : NULL;
	for (unsigned i = 0; i < m->n; i++)
		if (slice_isame(m->field[i].name, want))
			return &m->field[i];
	return NULL;
}

/* ------------------------------------------------------------- values */

/* The first comma outside quotes and angle brackets, or the end.  In-Reply-To
 * has neither: its words may hold quotes and brackets of their own. */
static size_t comma(struct slice v, enum sip_hdr id)
{
	size_t at = slice_find(v, ',');
	bool quoted = false, angle = false;

	if (at == v.n || id == SIP_HDR_IN_REPLY_TO)
		return at;
	for (at = 0; at < v.n; at++) {
		char c = v.p[at];

		if (quoted) {
			if (c == '\\')
				at++;
			else if (c == '"')
				quoted = false;
		} else if (c == '"') {
			quoted = true;
		} else if (c == '<' || c == '>') {
			angle = c == '<';
		} else if (c == ',' && !angle) {
			return at;
		}
	}
	return v.n;
}

struct sip_values sip_values_begin(const struct sip_msg *m, enum sip_hdr id)
{
	return (struct sip_values){ .m = m, .id = id, .next = m->first[id] };
}

struct sip_values sip_values_of(enum sip_hdr id, struct slice field)
{
	INVARIANT(sip_hdr_is_list(id));
	return (struct sip_values){ .id = id, .rest = field,
				    .more = field.n != 0 };
}

bool sip_values_next(struct sip_values *v, struct slice *value)
{
	size_t at;

	while (!v->more) { /* at most once for each field */
		const struct sip_field *f;

		if (v->next == 0)
			return false;
		f = &v->m->field[v->next - 1];
		v->next = f->next;
		v->rest = f->value;
		if (!sip_hdr_is_list(v->id)) {
			*value = f->value;
			return true;
		}
		v->more = f->value.n != 0;
	}
	at = comma(v->rest, v->id);
	v->more = at < v->rest.n;
	*value = slice_trim(slice_head(v->rest, at));
	v->rest = slice_skip(v->rest, at + 1);
	return true;
}

/* --------------------------------------------------- building, editing */

void sip_msg_request(struct sip_msg *m, struct slice method, struct slice uri)
{
	msg_clear(m);
	m->method = sip_method_find(method);
	m->method_name = method;
	m->uri = uri;
}

void sip_msg_response(struct sip_msg *m, unsigned status, struct slice reason)
{
	msg_clear(m);
	m->status = status;
	m->reason = reason;
}

static int insert(struct sip_msg *m, unsigned at, struct sip_field f)
{
	if (m->n == LIMIT_SIP_FIELDS)
		return -E2BIG;
	memmove(&m->field[at + 1], &m->field[at],
		(m->n - at) * sizeof(m->field[0]));
	m->field[at] = f;
	m->n++;
	return 0;
}

/* Chains all fields anew. */
static void relink(struct sip_msg *m)
{
	memset(m->first, 0, sizeof(m->first));
	memset(m->last, 0, sizeof(m->last));
	for (unsigned i = 0; i < m->n; i++)
		link_last(m, i);
}

static int append(struct sip_msg *m, enum sip_hdr id, struct slice name,
		  struct slice value)
{
	int rc = insert(m, m->n, (struct sip_field){
		.name = name, .value = value, .id = (uint8_t)id });

	if (rc == 0)
		link_last(m, m->n - 1u);
	return rc;
}

int sip_msg_add_named(struct sip_msg *m, struct slice name, struct slice value)
{
	return append(m, sip_hdr_find(name), name, value);
}

int sip_msg_add(struct sip_msg *m, enum sip_hdr id, struct slice value)
{
	return append(m, id, sip_hdr_name(id), value);
}

int sip_msg_push(struct sip_msg *m, enum sip_hdr id, struct slice value)
{
	int rc = insert(m, m->first[id] ? m->first[id] - 1u : 0,
			(struct sip_field){ .name = sip_hdr_name(id),
					    .value = value,
					    .id = (uint8_t)id });

	if (rc == 0)
		relink(m);
	return rc;
}

void sip_msg_remove(struct sip_msg *m, enum sip_hdr id)
{
	unsigned kept = 0;

	for (unsigned i = 0; i < m->n; i++)
		if (m->field[i].id != id)
			m->field[kept++] = m->field[i];
	m->n = (uint8_t)kept;
	relink(m);
}

void sip_msg_pop(struct sip_msg *m, enum sip_hdr id)
{
	struct sip_field *f;
	size_t at;

	if (!m->first[id])
		return;
	f = &m->field[m->first[id] - 1];
	at = sip_hdr_is_list(id) ? comma(f->value, id) : f->value.n;
	if (at < f->value.n) {
		f->value = slice_trim(slice_skip(f->value, at + 1));
		return;
	}
	m->n--;
	memmove(f, f + 1, (size_t)(&m->field[m->n] - f) * sizeof(*f));
	relink(m);
}

void sip_field_write(struct writer *w, struct slice name, struct slice value)
{
	size_t n = name.n + value.n + 4;
	char *p = w->buf + w->n;

	if (w->full || n > w->cap - w->n) {
		w->full = true;
		return;
	}
	memcpy(p, name.p, name.n);
	p += name.n;
	*p++ = ':';
	*p++ = ' ';
	if (value.n)
		memcpy(p, value.p, value.n);
	p += value.n;
	*p++ = '\r';
	*p = '\n';
	w->n += n;
}

void sip_body_write(struct writer *w, struct slice body)
{
	writer_str(w, "Content-Length: ");
	writer_u64(w, body.n);
	writer_str(w, "\r\n\r\n");
	writer_put(w, body);
}

void sip_msg_write(struct writer *w, const struct sip_msg *m)
{
	if (m->status) {
		writer_str(w, "SIP/2.0 ");
		writer_u64(w, m->status);
		writer_char(w, ' ');
		writer_put(w, m->reason);
	} else {
		writer_put(w, m->method_name);
		writer_char(w, ' ');
		writer_put(w, m->uri);
		writer_str(w, " SIP/2.0");
	}
	writer_str(w, "\r\n");
	for (unsigned i = 0; i < m->n; i++) {
		if (m->field[i].id == SIP_HDR_CONTENT_LENGTH)
			continue;
		sip_field_write(w, m->field[i].name, m->field[i].value);
	}
	sip_body_write(w, m->body);
}
