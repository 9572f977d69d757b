/* SPDX-License-Identifier: BSD-2-Clause */
#include "sip/hdr/sip_number.h"

int sip_number_scan(struct scan *s, uint32_t max, uint32_t *out,
		    const char *wanted)
{
	if (scan_end(s) || !is_digit(*s->p))
		return scan_fail(s, wanted);
	if (!scan_u32(s, max, out))
		return scan_fail_code(s, -E2BIG, "number too large");
	return 0;
}

static int number_whole(struct slice in, uint32_t max, uint32_t *out,
			const char *wanted, struct parse_error *e)
{
	struct scan s = scan_begin(in, e);
	uint32_t v = 0;
	int rc = sip_number_scan(&s, max, &v, wanted);

	if (rc)
		return rc;
	if (!scan_done(&s))
		return scan_fail(&s, "end of number wanted");
	*out = v;
	return 0;
}

/* Max-Forwards = 1*DIGIT */
int sip_max_forwards_parse(struct slice in, uint32_t *out,
			   struct parse_error *e)
{
	return number_whole(in, 255, out, "number of hops wanted", e);
}

/* Expires = delta-seconds */
int sip_expires_parse(struct slice in, uint32_t *out, struct parse_error *e)
{
	return number_whole(in, UINT32_MAX, out, "seconds wanted", e);
}

/* Min-Expires = delta-seconds */
int sip_min_expires_parse(struct slice in, uint32_t *out,
			  struct parse_error *e)
{
	return number_whole(in, UINT32_MAX, out, "seconds wanted", e);
}

/* Flow-Timer = 1*DIGIT */
int sip_flow_timer_parse(struct slice in, uint32_t *out,
			 struct parse_error *e)
{
	return number_whole(in, UINT32_MAX, out, "seconds wanted", e);
}

/* Content-Length = 1*DIGIT */
int sip_content_length_parse(struct slice in, uint32_t *out,
			     struct parse_error *e)
{
	return number_whole(in, UINT32_MAX, out, "number of bytes wanted", e);
}

/* MIME-Version = 1*DIGIT "." 1*DIGIT */
int sip_mime_version_parse(struct slice in, struct sip_mime_version *out,
			   struct parse_error *e)
{
	struct scan s = scan_begin(in, e);
	struct sip_mime_version v;
	int rc = sip_number_scan(&s, UINT32_MAX, &v.major,
				 "major version wanted");

	if (rc)
		return rc;
	if (!scan_char(&s, '.'))
		return scan_fail(&s, "dot wanted");
	rc = sip_number_scan(&s, UINT32_MAX, &v.minor, "minor version wanted");
	if (rc)
		return rc;
	if (!scan_done(&s))
		return scan_fail(&s, "end of version wanted");
	*out = v;
	return 0;
}

void sip_mime_version_write(struct writer *w,
			    const struct sip_mime_version *v)
{
	writer_u64(w, v->major);
	writer_char(w, '.');
	writer_u64(w, v->minor);
}
