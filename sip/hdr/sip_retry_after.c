/* SPDX-License-Identifier: BSD-2-Clause */
#include "sip/hdr/sip_retry_after.h"

#include "sip/hdr/sip_number.h"

/* duration-param's value, delta-seconds; offsets count in s's input */
static int duration(struct scan *s, struct sip_retry_after *r)
{
	struct scan v = *s;
	struct slice value;
	int rc;

	if (!sip_param_find(r->params, "duration", &value))
		return 0;
	if (!value.p)
		return scan_fail(s, "duration in seconds wanted");
	v.p = value.p;
	v.end = value.p + value.n;
	rc = sip_number_scan(&v, UINT32_MAX, &r->duration,
			     "duration in seconds wanted");
	if (rc)
		return rc;
	if (!scan_end(&v))
		return scan_fail(&v, "end of duration wanted");
	r->has_duration = true;
	return 0;
}

/* Retry-After = delta-seconds [ comment ] *( SEMI retry-param )
 * retry-param = ("duration" EQUAL delta-seconds) / generic-param */
int sip_retry_after_parse(struct slice in, struct sip_retry_after *out,
			  struct parse_error *e)
{
	struct scan s = scan_begin(in, e);
	struct sip_retry_after r = { 0 };
	int rc = sip_number_scan(&s, UINT32_MAX, &r.seconds, "seconds wanted");

	if (rc)
		return rc;
	(void)scan_comment(&s, &r.comment);
	rc = sip_params_scan(&s, &r.params);
	if (!rc)
		rc = duration(&s, &r);
	if (rc)
		return rc;
	if (!scan_done(&s))
		return scan_fail(&s, "comment, parameter or end wanted");
	*out = r;
	return 0;
}

void sip_retry_after_write(struct writer *w, const struct sip_retry_after *r)
{
	struct slice rest = r->params, name, value;

	writer_u64(w, r->seconds);
	if (r->comment.p) {
		writer_str(w, " (");
		writer_put(w, r->comment);
		writer_char(w, ')');
	}
	if (r->has_duration) {
		writer_str(w, ";duration=");
		writer_u64(w, r->duration);
	}
	while (sip_param_next(&rest, &name, &value))
		if (!slice_ieq(name, "duration"))
			sip_param_write(w, name, value);
}
