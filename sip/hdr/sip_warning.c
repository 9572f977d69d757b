/* SPDX-License-Identifier: BSD-2-Clause */
#include "sip/hdr/sip_warning.h"

/* hostport = host [ ":" port ] */
static bool hostport(struct scan *s)
{
	const char *start = s->p;

	if (scan_host(s, NULL) &&
	    (!scan_char(s, ':') || scan_u32(s, 65535, NULL)))
		return true;
	s->p = start;
	return false;
}

/* warn-agent = hostport / pseudonym, with the white space behind it; a
 * pseudonym is a token and may begin like a host. */
static bool warn_agent(struct scan *s, struct slice *out)
{
	const char *start = s->p;

	if (hostport(s)) {
		*out = slice_of(start, (size_t)(s->p - start));
		if (scan_lws(s))
			return true;
		s->p = start;
	}
	if (scan_token(s, out) && scan_lws(s))
		return true;
	s->p = start;
	return false;
}

/* Warning = warning-value *(COMMA warning-value)
 * warning-value = warn-code SP warn-agent SP warn-text
 * Any white space is the same as SP (25.1). */
int sip_warning_next(struct sip_list *l, struct sip_warning *out)
{
	struct scan *s = &l->s;
	struct sip_warning v = { 0 };
	const char *start;
	struct slice code;
	uint32_t n = 0;
	int rc = sip_list_step(l, "warn-code wanted");

	if (rc <= 0)
		return rc;
	start = s->p;
	if (!scan_run(s, SCAN_DIGIT, &code) || code.n != 3 ||
	    slice_u32(code, 999, &n) || !scan_lws(s)) {
		s->p = start;
		return scan_fail(s, "warn-code wanted");
	}
	v.code = (uint16_t)n;
	if (!warn_agent(s, &v.agent))
		return scan_fail(s, "warn-agent wanted");
	if (!scan_quoted(s, &v.text))
		return scan_fail(s, "warn-text in quotes wanted");
	*out = v;
	return 1;
}

void sip_warning_write(struct writer *w, const struct sip_warning *v)
{
	writer_pad(w, v->code, 3);
	writer_char(w, ' ');
	writer_put(w, v->agent);
	writer_str(w, " \"");
	writer_put(w, v->text);
	writer_char(w, '"');
}
