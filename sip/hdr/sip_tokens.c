/* SPDX-License-Identifier: BSD-2-Clause */
#include "sip/hdr/sip_tokens.h"

int sip_tokens_parse(struct slice in,
		     bool (*item)(struct scan *, struct slice *),
		     const char *empty, const char *wanted,
		     struct sip_tokens *out, struct parse_error *e)
{
	struct sip_list l = sip_list_begin(in, e);
	struct sip_tokens t;
	int rc;

	t.n = 0;
	while ((rc = sip_list_step(&l, empty)) > 0)
		if (!item(&l.s, &t.token[t.n++]))
			return scan_fail(&l.s, wanted);
	if (rc)
		return rc;
	out->n = t.n;
	memcpy(out->token, t.token, t.n * sizeof(t.token[0]));
	return 0;
}

/* Allow = [Method *(COMMA Method)] */
int sip_allow_parse(struct slice in, struct sip_tokens *out,
		    struct parse_error *e)
{
	return sip_tokens_parse(in, scan_token, NULL, "method wanted",
				out, e);
}

/* Supported = [option-tag *(COMMA option-tag)] */
int sip_supported_parse(struct slice in, struct sip_tokens *out,
			struct parse_error *e)
{
	return sip_tokens_parse(in, scan_token, NULL, "option tag wanted",
				out, e);
}

/* Require = option-tag *(COMMA option-tag) */
int sip_require_parse(struct slice in, struct sip_tokens *out,
		      struct parse_error *e)
{
	return sip_tokens_parse(in, scan_token, "option tag wanted",
				"option tag wanted", out, e);
}

/* Proxy-Require = option-tag *(COMMA option-tag) */
int sip_proxy_require_parse(struct slice in, struct sip_tokens *out,
			    struct parse_error *e)
{
	return sip_require_parse(in, out, e);
}

/* Unsupported = option-tag *(COMMA option-tag) */
int sip_unsupported_parse(struct slice in, struct sip_tokens *out,
			  struct parse_error *e)
{
	return sip_require_parse(in, out, e);
}

void sip_tokens_write(struct writer *w, const struct sip_tokens *t)
{
	for (unsigned i = 0; i < t->n; i++) {
		if (i)
			writer_str(w, ", ");
		writer_put(w, t->token[i]);
	}
}

bool sip_allow_has(const struct sip_tokens *t, const char *method)
{
	for (unsigned i = 0; i < t->n; i++)
		if (slice_eq(t->token[i], method))
			return true;
	return false;
}

bool sip_tokens_have(const struct sip_tokens *t, const char *option_tag)
{
	for (unsigned i = 0; i < t->n; i++)
		if (slice_ieq(t->token[i], option_tag))
			return true;
	return false;
}
