/* SPDX-License-Identifier: BSD-2-Clause */
#include "sip/hdr/sip_info.h"

/* Alert-Info = alert-param *(COMMA alert-param)
 * Call-Info  = info *(COMMA info)
 * Error-Info = error-uri *(COMMA error-uri)
 * info = LAQUOT absoluteURI RAQUOT *( SEMI info-param ), as the two others */
int sip_info_next(struct sip_list *l, struct sip_info *out)
{
	struct sip_info i = { 0 };
	int rc = sip_list_step(l, "< wanted"), bad;

	if (rc <= 0)
		return rc;
	bad = sip_angle_uri_scan(&l->s, &i.uri, &i.params);
	if (bad)
		return bad;
	(void)sip_param_find(i.params, "purpose", &i.purpose);
	*out = i;
	return 1;
}

void sip_info_write(struct writer *w, const struct sip_info *i)
{
	writer_char(w, '<');
	writer_put(w, i->uri);
	writer_char(w, '>');
	sip_params_write(w, i->params);
}
