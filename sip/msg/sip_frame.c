/* SPDX-License-Identifier: BSD-2-Clause */
#include "sip/msg/sip_frame.h"

#include "platform/scan.h"
#include "sip/hdr/sip_hdr.h"

static bool at_crlf(const char *p, const char *end)
{
	return end - p >= 2 && p[0] == '\r' && p[1] == '\n';
}

/* Behind the next CRLF, or NULL. */
static const char *next_line(const char *p, const char *end)
{
	const char *lf = p;

	while ((lf = memchr(lf, '\n', (size_t)(end - lf)))) {
		lf++;
		if (lf - p >= 2 && lf[-2] == '\r')
			return lf;
	}
	return NULL;
}

/* A CRLF is counted once it is known what follows it: another, which makes a
 * ping of the two, or a message. */
static const char *skip_crlfs(struct slice in, struct sip_frame *out)
{
	const char *p = in.p, *end = in.p + in.n;
	size_t n = 0;

	for (; at_crlf(p, end); p += 2)
		n++;
	if (n % 2 && (p == end || (end - p == 1 && *p == '\r')))
		n--;
	out->skip = 2 * n;
	out->pings = (unsigned)(n / 2);
	return in.p + out->skip;
}

/* How a message begins: with a Method and SP, or with "SIP/".  0; -EAGAIN. */
static int beginning(struct scan *s)
{
	const char *at = s->p;
	struct slice word;

	if (scan_left(s) <= 3 &&
	    memcmp(at, "\r\n\r", scan_left(s)) == 0)
		return -EAGAIN;
	if (!scan_token(s, &word))
		return scan_fail(s, "Method or SIP-Version wanted");
	if (scan_end(s))
		return -EAGAIN;
	if (!scan_at(s, ' ') && !(scan_at(s, '/') && slice_ieq(word, "SIP")))
		return scan_fail(s, "Method or SIP-Version wanted");
	s->p = at;
	return 0;
}

/* The value of the one Content-Length among the lines up to the empty one. */
static int content_length(struct scan *s, uint64_t *out)
{
	const char *line = s->p, *seen = NULL;
	struct slice name;

	for (; !at_crlf(line, s->end); line = next_line(line, s->end)) {
		s->p = line;
		if ((*line | 0x20) != 'c' && (*line | 0x20) != 'l')
			continue;
		if (!scan_token(s, &name) ||
		    sip_hdr_find(name) != SIP_HDR_CONTENT_LENGTH)
			continue;
		(void)scan_run(s, SCAN_WSP, NULL);
		if (!scan_char(s, ':'))
			continue;
		scan_sws(s);
		if (seen)
			return scan_fail(s, "a second Content-Length");
		seen = line;
		if (!scan_u64(s, UINT32_MAX, out))
			return scan_fail(s, "Content-Length wanted");
		scan_sws(s);
		if (!at_crlf(s->p, s->end))
			return scan_fail(s, "CRLF wanted");
	}
	s->p = line;
	return seen ? 0 : scan_fail(s, "no Content-Length");
}

int sip_frame(struct slice in, size_t max, struct sip_frame *out,
	      struct parse_error *e)
{
	struct scan s = scan_begin(in, e);
	const char *msg, *empty, *limit;
	uint64_t body = 0;
	int rc;

	*out = (struct sip_frame){ 0 };
	in.p = s.p;
	s.p = msg = skip_crlfs(in, out);
	limit = scan_left(&s) > max ? msg + max : s.end;
	rc = beginning(&s);
	if (rc)
		return rc;
	for (empty = next_line(msg, limit); empty && !at_crlf(empty, limit);)
		empty = next_line(empty, limit);
	s.p = limit;
	if (!empty)
		return limit == s.end ? -EAGAIN :
			scan_fail_code(&s, -E2BIG, "message too long");
	out->head = (size_t)(empty + 2 - msg);
	s.p = msg;
	rc = content_length(&s, &body);
	if (rc)
		return rc;
	s.p = msg + out->head;
	if (body > max - out->head)
		return scan_fail_code(&s, -E2BIG, "message too long");
	out->total = out->head + (size_t)body;
	return body > scan_left(&s) ? -EAGAIN : 0;
}
