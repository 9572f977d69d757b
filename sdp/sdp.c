/* SPDX-License-Identifier: BSD-2-Clause */
#include "sdp/sdp.h"

#include "platform/scan.h"

struct parser {
	struct slice in;
	unsigned flags;
	struct parse_error *e;
	struct sdp d;
	struct sdp_media *m; /* the section that we are in; NULL: session */
	unsigned rank;       /* of the last line in this section */
	uint32_t seen;       /* letters in this section: bit c - 'a' */
	uint32_t session;    /* letters at session level, anywhere */
	bool begun;          /* a section begins behind this line */
};

static uint32_t bit(char letter)
{
	return (uint32_t)1 << (letter - 'a');
}

/* token-char of RFC 8866 9: more than SIP's. */
static bool is_token(char c)
{
	static const uint64_t set[2] = { 0x3ff6cfa00000000,
					 0x7fffffffc7fffffe };
	unsigned char u = (unsigned char)c;

	return u < 128 && (set[u >> 6] >> (u & 63) & 1);
}

static bool sdp_is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static bool token(struct scan *s, struct slice *out)
{
	const char *start = s->p;

	/* nearly all are of SIP's token, for which there is a table */
	while (s->p < s->end &&
	       (scan_is(*s->p, SCAN_TOKEN) || is_token(*s->p)))
		s->p++;
	*out = slice_of(start, (size_t)(s->p - start));
	return out->n > 0;
}

/* non-ws-string = 1*(VCHAR / %x80-FF) */
static bool non_ws(struct scan *s, struct slice *out)
{
	const char *start = s->p;

	while (s->p < s->end && (unsigned char)*s->p > ' ' && *s->p != 0x7f)
		s->p++;
	*out = slice_of(start, (size_t)(s->p - start));
	return out->n > 0;
}

static bool sdp_digits(struct scan *s, struct slice *out)
{
	return scan_run(s, SCAN_DIGIT, out);
}

/* Between the parts of a value: one SP. */
static bool space(const struct parser *p, struct scan *s)
{
	const char *start = s->p;

	if (!(p->flags & SDP_SPACES))
		return scan_char(s, ' ');
	while (s->p < s->end && sdp_is_blank(*s->p))
		s->p++;
	return s->p != start;
}

static bool at_end(const struct parser *p, struct scan *s)
{
	if (p->flags & SDP_SPACES)
		(void)space(p, s);
	return scan_end(s);
}

/* nettype SP addrtype SP address; the multicast suffix is checked and left
 * out: "/" ttl [ "/" numaddr ] (IP4), "/" numaddr (IP6). */
static bool conn(const struct parser *p, struct scan *s, struct sdp_conn *out)
{
	struct sdp_conn c;
	struct slice suffix, part;

	if (!token(s, &c.nettype) || !space(p, s) || !token(s, &c.addrtype) ||
	    !space(p, s) || !non_ws(s, &c.address))
		return false;
	if (slice_cut(c.address, '/', &c.address, &suffix)) {
		bool more = true;

		for (int i = 0; more && i < 2; i++) {
			more = slice_cut(suffix, '/', &part, &suffix);
			for (size_t k = 0; k < part.n; k++)
				if (!is_digit(part.p[k]))
					return false;
			if (part.n == 0)
				return false;
		}
		if (more)
			return false;
	}
	*out = c;
	return c.address.n > 0;
}

static const char *take_version(struct parser *p, struct scan *s)
{
	p->begun = true;
	return scan_char(s, '0') ? NULL : "version 0 wanted";
}

static const char *take_origin(struct parser *p, struct scan *s)
{
	struct sdp_origin o;

	if (!non_ws(s, &o.user) || !space(p, s))
		return "username wanted";
	if (!sdp_digits(s, &o.id) || !space(p, s))
		return "sess-id wanted";
	if (!sdp_digits(s, &o.version) || !space(p, s))
		return "sess-version wanted";
	if (!conn(p, s, &o.c))
		return "nettype, addrtype, address wanted";
	p->d.origin = o;
	return NULL;
}

static const char *take_text(struct parser *p, struct scan *s)
{
	(void)p;
	return scan_rest(s).n ? NULL : "text wanted";
}

static const char *take_name(struct parser *p, struct scan *s)
{
	p->d.name = scan_rest(s);
	return p->d.name.n || (p->flags & SDP_SHORT) ? NULL : "text wanted";
}

static const char *take_info(struct parser *p, struct scan *s)
{
	return scan_rest(s).n || (p->flags & SDP_SHORT) ? NULL : "text wanted";
}

static const char *take_conn(struct parser *p, struct scan *s)
{
	struct sdp_conn c, *to = p->m ? &p->m->c : &p->d.c;

	if (!conn(p, s, &c))
		return "nettype, addrtype, address wanted";
	if (!to->nettype.n) /* a media section may have several */
		*to = c;
	return NULL;
}

static const char *take_bandwidth(struct parser *p, struct scan *s)
{
	struct slice type, value;

	(void)p;
	if (!token(s, &type) || !scan_char(s, ':'))
		return "bwtype and colon wanted";
	return sdp_digits(s, &value) ? NULL : "bandwidth wanted";
}

/* time = POS-DIGIT 9*DIGIT, or "0" */
static bool time_value(struct scan *s, struct slice *v)
{
	return sdp_digits(s, v) &&
	       (v->n >= 10 ? v->p[0] != '0' : slice_eq(*v, "0"));
}

static const char *take_time(struct parser *p, struct scan *s)
{
	struct slice start, stop;
	const char *begin = s->p;

	if (!time_value(s, &start) || !space(p, s))
		return "start-time wanted";
	if (!time_value(s, &stop))
		return "stop-time wanted";
	/* an answer repeats it, so it must be well formed */
	if (!p->d.time.n && stop.p == begin + start.n + 1 && stop.p[-1] == ' ')
		p->d.time = slice_of(begin, start.n + 1 + stop.n);
	return NULL;
}

/* typed-time = 1*DIGIT [ "d" / "h" / "m" / "s" ] */
static bool typed_time(struct scan *s)
{
	struct slice v;

	if (!sdp_digits(s, &v))
		return false;
	if (scan_at(s, 'd') || scan_at(s, 'h') || scan_at(s, 'm') ||
	    scan_at(s, 's'))
		s->p++;
	return true;
}

/* repeat-interval SP typed-time 1*(SP typed-time) */
static const char *take_repeat(struct parser *p, struct scan *s)
{
	unsigned n = 0;

	if (!(p->session & bit('t')))
		return "t= wanted before r=";
	do {
		if (!typed_time(s))
			return "typed-time wanted";
		n++;
	} while (space(p, s));
	return n < 3 ? "typed-time wanted" : NULL;
}

/* time SP ["-"] typed-time *(SP time SP ["-"] typed-time) */
static const char *take_zone(struct parser *p, struct scan *s)
{
	struct slice v;

	if (!(p->session & bit('t')))
		return "t= wanted before z=";
	do {
		if (!time_value(s, &v) || !space(p, s))
			return "time wanted";
		(void)scan_char(s, '-');
		if (!typed_time(s))
			return "typed-time wanted";
	} while (space(p, s));
	return NULL;
}

static const char *take_key(struct parser *p, struct scan *s)
{
	(void)p;
	if (scan_str(s, "prompt"))
		return NULL;
	if (!scan_str(s, "clear:") && !scan_str(s, "base64:") &&
	    !scan_str(s, "uri:"))
		return "key-type wanted";
	return scan_rest(s).n ? NULL : "key wanted";
}

/* attribute = attribute-name [ ":" attribute-value ] */
static const char *take_attribute(struct parser *p, struct scan *s)
{
	struct slice name;

	if (p->m)
		p->m->attributes++;
	else
		p->d.attributes++;
	if (!token(s, &name))
		return "attribute-name wanted";
	if (scan_end(s))
		return NULL;
	if (!scan_char(s, ':'))
		return "colon wanted";
	return scan_rest(s).n ? NULL : "attribute-value wanted";
}

/* proto = token *("/" token) */
static bool proto(struct scan *s, struct slice *out)
{
	const char *start = s->p;
	struct slice part;

	do {
		if (!token(s, &part))
			return false;
	} while (scan_char(s, '/'));
	*out = slice_of(start, (size_t)(s->p - start));
	return true;
}

/* media SP port ["/" integer] SP proto 1*(SP fmt) */
static const char *media(const struct parser *p, struct scan *s,
			 struct sdp_media *m)
{
	uint32_t port, ports = 1;
	const char *start;
	struct slice fmt;

	if (!token(s, &m->type) || !space(p, s))
		return "media wanted";
	if (!scan_u32(s, 65535, &port))
		return "port wanted";
	if (scan_char(s, '/') && (!scan_u32(s, 65535, &ports) || !ports))
		return "number of ports wanted";
	if (!space(p, s) || !proto(s, &m->proto))
		return "proto wanted";
	m->port = (uint16_t)port;
	m->ports = (uint16_t)ports;
	start = s->p;
	if (!port && (p->flags & SDP_SHORT) && at_end(p, s))
		return NULL; /* a line that is refused, by some without fmt */
	s->p = start;
	if (!space(p, s))
		return "proto wanted";
	start = s->p;
	do {
		if (m->formats.n && (p->flags & SDP_SPACES) && scan_end(s))
			return NULL;
		if (!token(s, &fmt))
			return "fmt wanted";
		m->formats = slice_of(start, (size_t)(s->p - start));
	} while (space(p, s));
	return NULL;
}

static const char *take_media(struct parser *p, struct scan *s)
{
	struct sdp_media m = { .ports = 1 };
	const char *why = media(p, s, &m);

	if (why)
		return why;
	p->m = &p->d.media[p->d.media_count++];
	*p->m = m;
	p->rank = 0;
	p->seen = 0;
	p->begun = true;
	return NULL;
}

/* The grammar's lines: their order in a session and in a media section (0:
 * not there), whether once, and what they hold. */
struct rule {
	uint8_t session, media;
	bool once;
	const char *(*take)(struct parser *p, struct scan *s);
};

static const struct rule rules[26] = {
	['v' - 'a'] = { 1, 0, true, take_version },
	['o' - 'a'] = { 2, 0, true, take_origin },
	['s' - 'a'] = { 3, 0, true, take_name },
	['i' - 'a'] = { 4, 1, true, take_info },
	['u' - 'a'] = { 5, 0, true, take_text },
	['e' - 'a'] = { 6, 0, false, take_text },
	['p' - 'a'] = { 7, 0, false, take_text },
	['c' - 'a'] = { 8, 2, true, take_conn },
	['b' - 'a'] = { 9, 3, false, take_bandwidth },
	['t' - 'a'] = { 10, 0, false, take_time },
	['r' - 'a'] = { 10, 0, false, take_repeat },
	['z' - 'a'] = { 10, 0, false, take_zone },
	['k' - 'a'] = { 11, 4, true, take_key },
	['a' - 'a'] = { 12, 5, false, take_attribute },
	['m' - 'a'] = { 13, 6, false, take_media },
};

/* Is a line of this letter in its place?  NULL, or why not. */
static const char *sdp_place(struct parser *p, char letter,
			     const struct rule *r, bool *skip)
{
	unsigned rank = p->m ? r->media : r->session;
	uint32_t seen = p->m && r->media ? p->seen : p->session;

	if (p->flags & SDP_ANY_ORDER) {
		*skip = r->once && (seen & bit(letter));
		return NULL;
	}
	if (rank == 0)
		return "not in a media section";
	if (rank < p->rank)
		return "line out of order";
	if (r->once && (seen & bit(letter)) && !(p->m && letter == 'c'))
		return "line stands twice";
	p->rank = rank;
	return NULL;
}

static int line(struct parser *p, struct slice text)
{
	struct scan s = { text.p, text.p + text.n, p->in.p, p->e };
	const struct rule *r;
	const char *why;
	bool skip = false;
	char letter;

	if (text.n < 2 || text.p[1] != '=' || text.p[0] < 'a' ||
	    text.p[0] > 'z' || !rules[text.p[0] - 'a'].take)
		return scan_fail(&s, "type and \"=\" wanted");
	letter = text.p[0];
	r = &rules[letter - 'a'];
	if (!p->session && letter != 'v')
		return scan_fail(&s, "v= wanted first");
	why = sdp_place(p, letter, r, &skip);
	if (why)
		return scan_fail(&s, why);
	if (letter == 'm' && p->d.media_count == LIMIT_SDP_MEDIA)
		return scan_fail_code(&s, -E2BIG, "too many media");
	s.p += 2;
	if (!skip)
		why = r->take(p, &s);
	if (!skip && !why && !at_end(p, &s))
		why = "end of line wanted";
	if (why && (!(p->flags & SDP_ODD) || letter == 'v' || letter == 'm'))
		return scan_fail(&s, why);
	p->seen |= bit(letter);
	if (!p->m || !r->media)
		p->session |= bit(letter);
	return 0;
}

/* The next line without its end, which is CRLF, or LF alone (RFC 8866 5);
 * false at the end of lines.  A CR elsewhere stays in. */
static bool next_text(struct slice *lines, struct slice *out)
{
	const char *p = lines->p, *lf;

	if (lines->n == 0)
		return false;
	lf = memchr(p, '\n', lines->n);
	*out = slice_of(p, lf ? (size_t)(lf - p) : lines->n);
	*lines = slice_of(p + out->n + (lf != NULL),
			  lines->n - out->n - (lf != NULL));
	if (out->n && p[out->n - 1] == '\r')
		out->n--;
	return true;
}

static bool only_blanks(struct slice s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!sdp_is_blank(s.p[i]))
			return false;
	return true;
}

static int fail_at(struct parser *p, const char *at, const char *why)
{
	struct scan s = { at, at, p->in.p, p->e };

	return scan_fail(&s, why);
}

static int all_lines(struct parser *p)
{
	struct slice rest = p->in, text, *section = &p->d.lines;
	const char *cr;
	int rc;

	while (next_text(&rest, &text)) {
		cr = memchr(text.p, '\r', text.n);
		if (cr)
			return fail_at(p, cr, "CR in a line");
		if (!(p->flags & SDP_SPACES) || !only_blanks(text)) {
			rc = line(p, text);
			if (rc)
				return rc;
		}
		if (p->begun) {
			section = p->m ? &p->m->lines : &p->d.lines;
			*section = slice_of(rest.p, 0);
			p->begun = false;
		} else if (section->p) {
			section->n = (size_t)(rest.p - section->p);
		}
	}
	return 0;
}

/* What must be there, RFC 8866 5 and 5.7. */
static int complete(struct parser *p)
{
	const char *end = p->in.p + p->in.n;

	if (!(p->session & bit('v')))
		return fail_at(p, end, "v= wanted");
	if (p->flags & SDP_SHORT)
		return 0;
	if (!(p->session & bit('o')))
		return fail_at(p, end, "o= wanted");
	if (!(p->session & bit('s')))
		return fail_at(p, end, "s= wanted");
	if (!(p->session & bit('t')))
		return fail_at(p, end, "t= wanted");
	for (size_t i = 0; i < p->d.media_count; i++) {
		const struct sdp_media *m = &p->d.media[i];

		if (!m->c.nettype.n && !p->d.c.nettype.n)
			return fail_at(p, m->type.p, "c= wanted");
	}
	return 0;
}

/* The media are left as they are: most descriptions have few. */
static const size_t HEAD = offsetof(struct sdp, media);

int sdp_parse(struct slice in, unsigned flags, struct sdp *out,
	      struct parse_error *e)
{
	struct parser p;
	const char *nul;
	int rc;

	memset(&p.d, 0, HEAD);
	p.in = in.n ? in : S("");
	p.flags = flags;
	p.e = e;
	p.m = NULL;
	p.rank = p.seen = p.session = 0;
	p.begun = false;
	if (in.n > LIMIT_SDP_BYTES) {
		struct scan s = scan_begin(in, e);

		s.p += LIMIT_SDP_BYTES;
		return scan_fail_code(&s, -E2BIG, "description too long");
	}
	nul = memchr(p.in.p, '\0', p.in.n);
	if (nul)
		return fail_at(&p, nul, "NUL in a line");
	if (in.n && in.p[in.n - 1] != '\n' && !(flags & SDP_SPACES))
		return fail_at(&p, in.p + in.n, "end of line wanted");
	rc = all_lines(&p);
	if (!rc)
		rc = complete(&p);
	if (!rc)
		memcpy(out, &p.d, HEAD + p.d.media_count * sizeof(*p.m));
	return rc;
}

/* A line of a parsed section: blank ones are passed over. */
bool sdp_line_next(struct slice *lines, char *type, struct slice *value)
{
	struct slice text;

	while (next_text(lines, &text)) {
		if (text.n < 2 || text.p[1] != '=')
			continue;
		*type = text.p[0];
		*value = slice_skip(text, 2);
		return true;
	}
	return false;
}

bool sdp_attr_next(struct slice *lines, struct sdp_attr *out)
{
	struct slice value;
	char type;

	while (sdp_line_next(lines, &type, &value)) {
		if (type != 'a')
			continue;
		if (!slice_cut(value, ':', &out->name, &out->value))
			out->value = slice_of(NULL, 0);
		return true;
	}
	return false;
}

bool sdp_attr_find(struct slice lines, const char *name, struct slice *value)
{
	struct slice want = slice_str(name);
	struct sdp_attr a;

	while (sdp_attr_next(&lines, &a)) {
		if (!slice_same(a.name, want))
			continue;
		if (value)
			*value = a.value;
		return true;
	}
	return false;
}

bool sdp_media_attr(const struct sdp *d, const struct sdp_media *m,
		    const char *name, struct slice *value)
{
	return sdp_attr_find(m->lines, name, value) ||
	       sdp_attr_find(d->lines, name, value);
}

bool sdp_format_next(struct slice *formats, struct slice *out)
{
	struct slice s = *formats;
	size_t n = 0;

	while (s.n && sdp_is_blank(s.p[0]))
		s = slice_skip(s, 1);
	while (n < s.n && !sdp_is_blank(s.p[n]))
		n++;
	*out = slice_head(s, n);
	*formats = slice_skip(s, n);
	return n > 0;
}

static bool find_bandwidth(struct slice lines, const char *type, uint64_t *out)
{
	struct slice value, name;
	char letter;

	while (sdp_line_next(&lines, &letter, &value))
		if (letter == 'b' && slice_cut(value, ':', &name, &value) &&
		    slice_eq(name, type))
			return slice_u64(slice_trim(value), UINT64_MAX,
					 out) == 0;
	return false;
}

bool sdp_bandwidth(const struct sdp *d, const struct sdp_media *m,
		   const char *type, uint64_t *out)
{
	return find_bandwidth(m->lines, type, out) ||
	       find_bandwidth(d->lines, type, out);
}

struct sdp_conn sdp_media_conn(const struct sdp *d, const struct sdp_media *m)
{
	return m->c.nettype.n ? m->c : d->c;
}

static void write_lines(struct writer *w, struct slice lines)
{
	struct slice value;
	char type;

	while (sdp_line_next(&lines, &type, &value)) {
		writer_put(w, slice_of(value.p - 2, value.n + 2)); /* type= */
		writer_put(w, S("\r\n"));
	}
}

static void write_media(struct writer *w, const struct sdp_media *m)
{
	struct slice formats = m->formats, one;

	writer_str(w, "m=");
	writer_put(w, m->type);
	writer_char(w, ' ');
	writer_u64(w, m->port);
	if (m->ports != 1) {
		writer_char(w, '/');
		writer_u64(w, m->ports);
	}
	writer_char(w, ' ');
	writer_put(w, m->proto);
	while (sdp_format_next(&formats, &one)) {
		writer_char(w, ' ');
		writer_put(w, one);
	}
	writer_str(w, "\r\n");
	write_lines(w, m->lines);
}

size_t sdp_size(const struct sdp *d)
{
	return offsetof(struct sdp, media) +
	       d->media_count * sizeof(d->media[0]);
}

void sdp_write(struct writer *w, const struct sdp *d)
{
	writer_str(w, "v=0\r\n");
	write_lines(w, d->lines);
	for (size_t i = 0; i < d->media_count; i++)
		write_media(w, &d->media[i]);
}
