/* SPDX-License-Identifier: BSD-2-Clause */
#include "sip/hdr/sip_timestamp.h"

#include "platform/scan.h"

/* *(DIGIT) [ "." *(DIGIT) ] */
static struct slice decimal(struct scan *s)
{
	const char *start = s->p;

	(void)scan_run(s, SCAN_DIGIT, NULL);
	if (scan_char(s, '.'))
		(void)scan_run(s, SCAN_DIGIT, NULL);
	return slice_of(start, (size_t)(s->p - start));
}

/* Timestamp = 1*(DIGIT) [ "." *(DIGIT) ] [ LWS delay ]
 * delay = *(DIGIT) [ "." *(DIGIT) ] */
int sip_timestamp_parse(struct slice in, struct sip_timestamp *out,
			struct parse_error *e)
{
	struct scan s = scan_begin(in, e);
	struct sip_timestamp t = { 0 };

	if (scan_end(&s) || !is_digit(*s.p))
		return scan_fail(&s, "seconds wanted");
	t.time = decimal(&s);
	if (scan_lws(&s)) {
		t.delay = decimal(&s);
		if (!t.delay.n)
			t.delay.p = NULL;
	}
	if (!scan_done(&s))
		return scan_fail(&s, "end of timestamp wanted");
	*out = t;
	return 0;
}

void sip_timestamp_write(struct writer *w, const struct sip_timestamp *t)
{
	writer_put(w, t->time);
	if (!t->delay.p)
		return;
	writer_char(w, ' ');
	writer_put(w, t->delay);
}

int sip_timestamp_ns(struct slice seconds, int64_t *ns)
{
	struct slice whole, part;
	uint64_t s = 0;
	int64_t fraction = 0, unit = 100000000;

	(void)slice_cut(seconds, '.', &whole, &part);
	/* One second less than INT64_MAX ns hold, so that the sum fits */
	if (whole.n && slice_u64(whole, INT64_MAX / 1000000000 - 1, &s))
		return -ERANGE;
	for (size_t i = 0; i < part.n && unit; i++, unit /= 10)
		fraction += (part.p[i] - '0') * unit;
	*ns = (int64_t)s * 1000000000 + fraction;
	return 0;
}
