/* SPDX-License-Identifier: BSD-2-Clause */
#include "platform/http/http_msg.h"

#include "platform/scan.h"

/* ------------------------------------------------------------- classes */
static bool is_vchar(char c) /* VCHAR, RFC 5234 B.1 */
{
	return c > 0x20 && c < 0x7f;
}

/* field-vchar, SP, HTAB: RFC 9110 5.5 */
static bool is_field_char(char c)
{
	return is_vchar(c) || c == ' ' || c == '\t' || (c & 0x80) != 0;
}

/* tchar, RFC 9110 5.6.2 */
static bool is_tchar(char c)
{
	return is_digit(c) || is_alpha(c) ||
	       (c != 0 && strchr("!#$%&'*+-.^_`|~", c) != NULL);
}

static bool all_are(struct slice s, bool (*is)(char c))
{
	for (size_t i = 0; i < s.n; i++)
		if (!is(s.p[i]))
			return false;
	return true;
}

bool http_is_target(struct slice s)
{
	return s.n && all_are(s, is_vchar);
}

bool http_is_value(struct slice s)
{
	return all_are(s, is_field_char);
}

static struct slice blanks_off(struct slice s)
{
	while (s.n && (*s.p == ' ' || *s.p == '\t'))
		s = slice_skip(s, 1);
	while (s.n && (s.p[s.n - 1] == ' ' || s.p[s.n - 1] == '\t'))
		s.n--;
	return s;
}

/* --------------------------------------------------------------- reading */
static size_t http_leading(struct slice in) /* octets of empty lines */
{
	size_t n = 0;

	while (n < 2 * LIMIT_HTTP_EMPTY && in.n - n >= 2 &&
	       in.p[n] == '\r' && in.p[n + 1] == '\n')
		n += 2;
	return n;
}

size_t http_head_size(struct slice in, size_t *from)
{
	size_t begin = http_leading(in), i = *from;

	if (i < begin)
		i = begin;
	/* i is before the LF that ends a line, or anywhere in front of it. */
	for (; i < in.n; i++) {
		i += slice_find(slice_skip(in, i), '\n');
		if (i >= in.n)
			break;
		if (i >= begin + 3 && in.p[i - 1] == '\r' &&
		    in.p[i - 2] == '\n' && in.p[i - 3] == '\r')
			return i + 1;
	}
	*from = in.n;
	return 0;
}

static bool scan_run_of(struct scan *s, bool (*is)(char c), struct slice *out)
{
	const char *start = s->p;

	while (s->p < s->end && is(*s->p))
		s->p++;
	*out = slice_of(start, (size_t)(s->p - start));
	return out->n > 0;
}

/* HTTP-version = "HTTP/" DIGIT "." DIGIT                    RFC 9112 2.3 */
static bool version(struct scan *s, unsigned *minor)
{
	const char *start = s->p;

	if (scan_str(s, "HTTP/1.") && s->p < s->end && is_digit(*s->p)) {
		*minor = (unsigned)(*s->p++ - '0');
		return true;
	}
	s->p = start;
	return false;
}

/* status-line = HTTP-version SP 3DIGIT SP [ reason-phrase ] RFC 9112 4 */
static int status_line(struct scan *s, struct http_head *h)
{
	struct slice code;

	if (!scan_char(s, ' '))
		return scan_fail(s, "blank wanted before the status code");
	code = slice_head(slice_of(s->p, scan_left(s)), 3);
	if (code.n != 3 || slice_u32(code, 999, &h->status) ||
	    h->status < 100)
		return scan_fail(s, "status code of three digits wanted");
	s->p += 3;
	if (!scan_char(s, ' '))
		return scan_fail(s, "blank wanted behind the status code");
	(void)scan_run_of(s, is_field_char, &h->reason);
	return 0;
}

/* request-line = method SP request-target SP HTTP-version   RFC 9112 3 */
static int request_line(struct scan *s, struct http_head *h)
{
	h->request = true;
	if (!scan_run_of(s, is_tchar, &h->method))
		return scan_fail(s, "method or HTTP/1 wanted");
	if (!scan_char(s, ' '))
		return scan_fail(s, "blank wanted behind the method");
	if (!scan_run_of(s, is_vchar, &h->target))
		return scan_fail(s, "request target wanted");
	if (!scan_char(s, ' '))
		return scan_fail(s, "blank wanted behind the target");
	if (!version(s, &h->minor))
		return scan_fail(s, "HTTP/1 wanted");
	return 0;
}

/* field-line = field-name ":" OWS field-value OWS           RFC 9112 5 */
static int field_line(struct scan *s)
{
	struct slice part;

	if (!scan_run_of(s, is_tchar, &part))
		return scan_fail(s, "name of a field wanted");
	if (!scan_char(s, ':'))
		return scan_fail(s, "colon wanted behind the name");
	(void)scan_run_of(s, is_field_char, &part);
	if (!scan_str(s, "\r\n"))
		return scan_fail(s, "end of the field wanted: CRLF");
	return 0;
}

static int http_fields(struct scan *s, struct http_head *h)
{
	const char *start = s->p;
	int rc;

	while (!scan_str(s, "\r\n")) {
		if (h->n == LIMIT_HTTP_FIELDS)
			return scan_fail_code(s, -E2BIG, "too many fields");
		rc = field_line(s);
		if (rc)
			return rc;
		h->n++;
	}
	h->fields = slice_of(start, (size_t)(s->p - 2 - start));
	return 0;
}

int http_head_parse(struct slice in, struct http_head *out,
		    struct parse_error *e)
{
	size_t from = 0, lead = http_leading(in);
	struct http_head h = { .size = http_head_size(in, &from) };
	struct scan s = scan_begin(slice_head(in, h.size ? h.size : in.n), e);
	int rc;

	if (h.size > LIMIT_HTTP_HEAD || (!h.size && in.n >= LIMIT_HTTP_HEAD))
		return scan_fail_code(&s, -E2BIG, "head too long");
	if (!h.size) {
		s.p = s.end;
		return scan_fail_code(&s, -EAGAIN, "end of the head wanted");
	}
	s.p += lead;
	rc = !lead && version(&s, &h.minor) ? status_line(&s, &h) :
	     request_line(&s, &h);
	if (rc)
		return rc;
	if (!scan_str(&s, "\r\n"))
		return scan_fail(&s, "end of the first line wanted: CRLF");
	rc = http_fields(&s, &h);
	if (rc)
		return rc;
	*out = h;
	return 0;
}

bool http_next(const struct http_head *h, size_t *at, struct slice *name,
	       struct slice *value)
{
	struct slice rest = slice_skip(h->fields, *at), line;

	if (!rest.n)
		return false;
	line = slice_head(rest, slice_find(rest, '\r'));
	*at += line.n + 2;
	(void)slice_cut(line, ':', name, value);
	*value = blanks_off(*value);
	return true;
}

unsigned http_get(const struct http_head *h, const char *name,
		  struct slice *value)
{
	struct slice n, v;
	size_t at = 0;
	unsigned found = 0;

	*value = slice_of(NULL, 0);
	while (http_next(h, &at, &n, &v))
		if (slice_ieq(n, name) && !found++)
			*value = v;
	return found;
}

bool http_element(struct slice *rest, struct slice *element)
{
	while (rest->n) {
		struct slice one;

		(void)slice_cut(*rest, ',', &one, rest);
		*element = blanks_off(one);
		if (element->n)
			return true;
	}
	return false;
}

bool http_has(const struct http_head *h, const char *name, const char *token)
{
	struct slice n, v, one;
	size_t at = 0;

	while (http_next(h, &at, &n, &v)) {
		if (!slice_ieq(n, name))
			continue;
		while (http_element(&v, &one))
			if (slice_ieq(one, token))
				return true;
	}
	return false;
}

/* --------------------------------------------------------------- writing */
void http_write_request(struct writer *w, const char *method,
			struct slice target)
{
	writer_str(w, method);
	writer_char(w, ' ');
	writer_put(w, target);
	writer_str(w, " HTTP/1.1\r\n");
}

void http_write_status(struct writer *w, unsigned status)
{
	writer_str(w, "HTTP/1.1 ");
	writer_pad(w, status, 3);
	writer_char(w, ' ');
	writer_str(w, http_reason(status));
	writer_str(w, "\r\n");
}

void http_write_field(struct writer *w, const char *name, struct slice value)
{
	writer_str(w, name);
	writer_str(w, ": ");
	writer_put(w, value);
	writer_str(w, "\r\n");
}

void http_write_end(struct writer *w)
{
	writer_str(w, "\r\n");
}

/* RFC 9110 15, RFC 6585 */
const char *http_reason(unsigned status)
{
	static const struct {
		unsigned status;
		const char *reason;
	} known[] = {
		{ 101, "Switching Protocols" }, { 200, "OK" },
		{ 201, "Created" }, { 204, "No Content" },
		{ 301, "Moved Permanently" }, { 302, "Found" },
		{ 304, "Not Modified" }, { 307, "Temporary Redirect" },
		{ 308, "Permanent Redirect" }, { 400, "Bad Request" },
		{ 401, "Unauthorized" }, { 403, "Forbidden" },
		{ 404, "Not Found" }, { 405, "Method Not Allowed" },
		{ 408, "Request Timeout" }, { 409, "Conflict" },
		{ 412, "Precondition Failed" }, { 413, "Content Too Large" },
		{ 415, "Unsupported Media Type" }, { 426, "Upgrade Required" },
		{ 431, "Request Header Fields Too Large" },
		{ 500, "Internal Server Error" },
		{ 503, "Service Unavailable" },
		{ 505, "HTTP Version Not Supported" },
	};

	for (size_t i = 0; i < COUNT(known); i++)
		if (known[i].status == status)
			return known[i].reason;
	return "";
}
