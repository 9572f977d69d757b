/* SPDX-License-Identifier: BSD-2-Clause */
#include "sip/hdr/sip_disposition.h"

/* Content-Disposition = disp-type *( SEMI disp-param )
 * disp-param = handling-param / generic-param */
int sip_disposition_parse(struct slice in, struct sip_disposition *out,
			  struct parse_error *e)
{
	struct scan s = scan_begin(in, e);
	struct sip_disposition d = { 0 };
	int rc;

	if (!scan_token(&s, &d.type))
		return scan_fail(&s, "disposition type wanted");
	rc = sip_params_scan(&s, &d.params);
	if (rc)
		return rc;
	if (!scan_done(&s))
		return scan_fail(&s, "end of disposition wanted");
	if (sip_param_find(d.params, "handling", &d.handling) &&
	    !d.handling.p)
		return scan_fail(&s, "value of handling wanted");
	d.optional = slice_ieq(d.handling, "optional");
	*out = d;
	return 0;
}

void sip_disposition_write(struct writer *w, const struct sip_disposition *d)
{
	writer_put(w, d->type);
	sip_params_write(w, d->params);
}
