/* SPDX-License-Identifier: BSD-2-Clause */
#include "platform/mime.h"

#include "platform/scan.h"

struct delimiter {
	const char *begin;  /* of its line, or of the CRLF before it */
	struct slice after; /* behind its line */
	bool last;
};

/* bcharsnospace, and " " but at the end */
static bool is_boundary(struct slice b)
{
	if (!b.n || b.n > MIME_BOUNDARY || b.p[b.n - 1] == ' ')
		return false;
	for (size_t i = 0; i < b.n; i++)
		if (!b.p[i] || (!scan_is(b.p[i], SCAN_ALNUM) &&
				!strchr("'()+_,-./:=? ", b.p[i])))
			return false;
	return true;
}

/* delimiter = "--" boundary [ "--" ] transport-padding, to the end of the line;
 * the last one may end the body.  s begins with the line. */
static bool delimiter_line(struct slice s, struct slice boundary,
			   struct delimiter *out)
{
	if (!slice_starts(s, "--") || s.n - 2 < boundary.n ||
	    !slice_same(slice_head(slice_skip(s, 2), boundary.n), boundary))
		return false;
	s = slice_skip(s, 2 + boundary.n);
	out->last = slice_starts(s, "--");
	if (out->last)
		s = slice_skip(s, 2);
	while (s.n && (s.p[0] == ' ' || s.p[0] == '\t'))
		s = slice_skip(s, 1);
	if (!slice_starts(s, "\r\n") && !(out->last && !s.n))
		return false; /* another one, which begins like it */
	out->after = slice_skip(s, 2);
	return true;
}

/* What follows the first line of s.  A lone LF ends none. */
static struct slice mime_next_line(struct slice s)
{
	const char *begin = s.p, *lf;

	do {
		lf = s.n ? memchr(s.p, '\n', s.n) : NULL;
		s = slice_skip(s, lf ? (size_t)(lf - s.p) + 1 : s.n);
	} while (lf && (lf == begin || lf[-1] != '\r'));
	return s;
}

/* The next one in s, whose beginning is the beginning of a line. */
static bool mime_find(struct slice s, struct slice boundary,
		      struct delimiter *out)
{
	const char *begin = s.p;

	for (; s.n; s = mime_next_line(s)) {
		out->begin = s.p;
		if (s.p != begin)
			out->begin -= 2; /* RFC 2046: the CRLF is of it */
		if (delimiter_line(s, boundary, out))
			return true;
	}
	return false;
}

int mime_begin(struct mime_parts *p, struct slice boundary, struct slice body)
{
	struct delimiter d;

	if (!is_boundary(boundary) || !mime_find(body, boundary, &d))
		return -EBADMSG;
	*p = (struct mime_parts){ .boundary = boundary };
	if (!d.last) /* else there are none */
		p->rest = d.after;
	return 0;
}

/* A part without a body may lack the empty line, too. */
static void mime_split(struct slice text, struct mime_part *out)
{
	struct slice s = text;

	while (s.n && !slice_starts(s, "\r\n"))
		s = mime_next_line(s);
	out->fields = slice_head(text, text.n - s.n);
	out->body = slice_skip(s, 2);
}

int mime_next(struct mime_parts *p, struct mime_part *out)
{
	struct delimiter d;

	if (!p->rest.p)
		return 0;
	if (!mime_find(p->rest, p->boundary, &d))
		return -EBADMSG;
	if (p->n++ == LIMIT_MIME_PARTS)
		return -E2BIG;
	mime_split(slice_head(p->rest, (size_t)(d.begin - p->rest.p)), out);
	p->rest = d.after;
	if (d.last)
		p->rest = (struct slice){ 0 };
	return 1;
}

bool mime_field(struct slice fields, const char *name, struct slice *value)
{
	struct slice line, head, more;

	while (fields.n) {
		(void)slice_cut(fields, '\n', &line, &fields);
		while (fields.n && (fields.p[0] == ' ' ||
				    fields.p[0] == '\t')) { /* folded */
			(void)slice_cut(fields, '\n', &more, &fields);
			line.n = (size_t)(more.p + more.n - line.p);
		}
		if (!slice_cut(line, ':', &head, value))
			continue;
		*value = slice_trim(*value);
		if (slice_ieq(slice_trim(head), name))
			return true;
	}
	return false;
}
