/* SPDX-License-Identifier: BSD-2-Clause */
#include "sip/hdr/sip_via.h"

#include "platform/addr.h"
#include "sip/hdr/sip_param.h"

/* Parameters with a place of their own in the struct. */
enum known { TTL, MADDR, RECEIVED, BRANCH, RPORT, OTHER };

static enum known via_known(struct slice name)
{
	static const struct slice names[OTHER] = {
		[TTL] = SLICE("ttl"), [MADDR] = SLICE("maddr"),
		[RECEIVED] = SLICE("received"), [BRANCH] = SLICE("branch"),
		[RPORT] = SLICE("rport"),
	};
	unsigned k = 0;

	while (k < OTHER && !slice_isame(names[k], name))
		k++;
	return (enum known)k;
}

/* via-received = "received" EQUAL (IPv4address / IPv6address); RFC 5118 4.5
 * wants IPv6 in brackets read as well. */
static bool received(struct scan *s, struct slice *out)
{
	const char *start = s->p;
	struct addr ip;

	while (s->p < s->end && (scan_is(*s->p, SCAN_HEX) || *s->p == '.' ||
				 *s->p == ':' || *s->p == '[' || *s->p == ']'))
		s->p++;
	*out = slice_of(start, (size_t)(s->p - start));
	if (addr_parse_ip(*out, &ip) == 0)
		return true;
	s->p = start;
	return false;
}

/* response-port = "rport" [EQUAL 1*DIGIT]                  RFC 3581 4 */
static bool rport(struct scan *s, struct sip_via *v)
{
	const char *at;
	uint32_t port = 0;

	v->has_rport = true;
	if (!scan_sep(s, '='))
		return true;
	at = s->p;
	if (scan_u32(s, 65535, &port) && port) {
		v->rport = (uint16_t)port;
		return true;
	}
	s->p = at;
	return false;
}

/* ttl = 1*3DIGIT ; 0 to 255 */
static bool ttl(struct scan *s, struct sip_via *v)
{
	const char *at;
	struct slice digits;
	uint32_t n;

	if (!scan_sep(s, '='))
		return false;
	at = s->p;
	if (scan_run(s, SCAN_DIGIT, &digits) && digits.n <= 3 &&
	    slice_u32(digits, 255, &n) == 0) {
		v->ttl = (uint16_t)n;
		return true;
	}
	s->p = at;
	return false;
}

/* One via-params, its name taken already. */
static int param(struct scan *s, enum known k, struct sip_via *v)
{
	switch (k) {
	case TTL:
		return ttl(s, v) ? 0 : scan_fail(s, "ttl 0 to 255 wanted");
	case MADDR:
		return scan_sep(s, '=') && scan_host(s, &v->maddr) ? 0 :
			scan_fail(s, "maddr=host wanted");
	case RECEIVED:
		return scan_sep(s, '=') && received(s, &v->received) ? 0 :
			scan_fail(s, "received=address wanted");
	case BRANCH:
		return scan_sep(s, '=') && scan_token(s, &v->branch) ? 0 :
			scan_fail(s, "branch=token wanted");
	case RPORT:
		return rport(s, v) ? 0 : scan_fail(s, "rport wanted");
	case OTHER:
		break;
	}
	return 0;
}

static int via_params(struct scan *s, struct sip_via *v)
{
	struct sip_names seen;
	struct slice name, val;

	seen.n = 0;
	while (scan_sep(s, ';')) {
		const char *at = s->p;
		enum known k;
		int rc;

		if (!scan_token(s, &name))
			return scan_fail(s, "via-params wanted");
		k = via_known(name);
		rc = sip_names_add(&seen, name);
		s->p = rc || k == OTHER ? at : s->p;
		if (rc)
			return scan_fail_code(s, rc, rc == -E2BIG ?
					      "too many parameters" :
					      "parameter twice");
		if (k == OTHER && !scan_param(s, &name, &val))
			return scan_fail(s, "parameter value wanted");
		rc = param(s, k, v);
		if (rc)
			return rc;
		v->params = slice_of(seen.name[0].p,
				     (size_t)(s->p - seen.name[0].p));
	}
	return 0;
}

/* protocol-name SLASH protocol-version SLASH; mostly "SIP/2.0/" */
static int protocol(struct scan *s)
{
	scan_sws(s);
	if (scan_left(s) >= 8 && memcmp(s->p, "SIP/2.0/", 8) == 0) {
		s->p += 8;
		scan_sws(s);
		return 0;
	}
	if (!scan_istr(s, "SIP") || !scan_sep(s, '/'))
		return scan_fail(s, "\"SIP/\" wanted");
	if (!scan_str(s, "2.0") || !scan_sep(s, '/'))
		return scan_fail(s, "\"2.0/\" wanted");
	return 0;
}

/* via-parm = sent-protocol LWS sent-by *( SEMI via-params ), of SIP/2.0 */
int sip_via_parse(struct slice in, struct sip_via *out, struct parse_error *e)
{
	struct scan s = scan_begin(in, e);
	struct sip_via v;
	uint32_t port;
	int rc;

	v.has_port = v.has_rport = false;
	v.port = v.rport = 0;
	v.ttl = 256;
	v.branch = v.received = v.maddr = v.params = (struct slice){ 0 };
	rc = protocol(&s);
	if (rc)
		return rc;
	if (!scan_token(&s, &v.transport))
		return scan_fail(&s, "transport wanted");
	if (!scan_lws(&s))
		return scan_fail(&s, "LWS wanted");
	if (!scan_host(&s, &v.host))
		return scan_fail(&s, "sent-by wanted");
	if (scan_sep(&s, ':')) {
		if (!scan_u32(&s, 65535, &port))
			return scan_fail(&s, "port 0 to 65535 wanted");
		v.has_port = true;
		v.port = (uint16_t)port;
	}
	rc = via_params(&s, &v);
	if (rc)
		return rc;
	if (!scan_done(&s))
		return scan_fail(&s, "end of Via wanted");
	*out = v;
	return 0;
}

static void write_known(struct writer *w, const struct sip_via *v)
{
	if (v->branch.n)
		sip_param_write(w, S("branch"), v->branch);
	if (v->received.n)
		sip_param_write(w, S("received"), v->received);
	if (v->has_rport)
		writer_str(w, ";rport");
	if (v->has_rport && v->rport) {
		writer_char(w, '=');
		writer_u64(w, v->rport);
	}
	if (v->maddr.n)
		sip_param_write(w, S("maddr"), v->maddr);
	if (v->ttl < 256) {
		writer_str(w, ";ttl=");
		writer_u64(w, v->ttl);
	}
}

/* The others, as they came.  An IPv6 "received" is no generic-param, so the
 * value of any known name is stepped over to the next ";", which none has. */
static void write_others(struct writer *w, struct slice rest)
{
	struct scan s = scan_begin(rest, NULL);
	struct slice name, val;

	while (!scan_done(&s)) {
		const char *at = s.p;

		if (!scan_token(&s, &name))
			return;
		if (via_known(name) == OTHER) {
			s.p = at;
			if (!scan_param(&s, &name, &val))
				return;
			sip_param_write(w, name, val);
		} else if (!scan_until(&s, ';', NULL)) {
			return;
		}
		if (!scan_sep(&s, ';'))
			return;
	}
}

void sip_via_write(struct writer *w, const struct sip_via *v)
{
	writer_str(w, "SIP/2.0/");
	writer_put(w, v->transport);
	writer_char(w, ' ');
	writer_put(w, v->host);
	if (v->has_port) {
		writer_char(w, ':');
		writer_u64(w, v->port);
	}
	write_known(w, v);
	write_others(w, v->params);
}

bool sip_via_branch_is_3261(const struct sip_via *v)
{
	return v->branch.n > 7 && slice_starts(v->branch, "z9hG4bK");
}
