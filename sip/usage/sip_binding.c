/* SPDX-License-Identifier: BSD-2-Clause */
#include "sip/usage/sip_binding.h"

#include "sip/hdr/sip_name_addr.h"
#include "sip/hdr/sip_number.h"
#include "sip/hdr/sip_tokens.h"
#include "sip/hdr/sip_via.h"

/* ----------------------------------------------------------- which are ours */
/* Quotes are the value's form (RFC 3840 9), as angle brackets are. */
static struct slice binding_bare(struct slice v)
{
	static const char open[] = "\"<", close[] = "\">";

	for (unsigned i = 0; i < 2; i++)
		if (v.n >= 2 && v.p[0] == open[i] && v.p[v.n - 1] == close[i])
			v = slice_of(v.p + 1, v.n - 2);
	return v;
}

/* RFC 5626 6: a binding is known by instance and reg-id where it has both,
 * whatever its URI. */
static bool is_flow(const struct sip_name_addr *a,
		    const struct sip_binding_ours *ours)
{
	struct slice instance, id;
	uint32_t n;

	return ours->reg_id && ours->instance.n &&
	       sip_name_addr_param(a, "+sip.instance", &instance) &&
	       slice_isame(binding_bare(instance), ours->instance) &&
	       sip_name_addr_param(a, "reg-id", &id) &&
	       slice_u32(id, UINT32_MAX, &n) == 0 && n == ours->reg_id;
}

/* Our URI as a registrar behind a NAT of ours rewrites it: where the request
 * came from. */
static bool is_rewritten(const struct sip_uri *u, const struct sip_uri *ours,
			 const struct addr *seen)
{
	struct addr shown;

	return seen->family && slice_same(u->user, ours->user) &&
	       u->port == seen->port && addr_parse_ip(u->host, &shown) == 0 &&
	       addr_same_ip(seen, &shown);
}

/* ------------------------------------------------------------- how long */
/* The expiry of the binding with that URI in a 200 (10.3, 10.2.4), which lists
 * them all, those of other devices too.  One that cannot be told may be any:
 * the shortest is safe, as to refresh too early costs a request, and too late
 * the binding.  (0 is one that was just removed.) */
static uint32_t granted_to(const struct sip_msg *m, const struct sip_uri *uri,
			   const struct sip_binding_ours *ours,
			   const struct addr *seen, uint32_t other)
{
	struct sip_values v = sip_values_begin(m, SIP_HDR_CONTACT);
	uint32_t seconds, shortest = 0, rewritten = 0;
	struct sip_name_addr a;
	struct parse_error e;
	struct slice value;
	bool any = false;

	while (sip_values_next(&v, &value)) {
		if (sip_contact_parse(value, &a, &e) || a.star)
			continue;
		if (!sip_contact_expires(&a, &seconds))
			seconds = other;
		if (sip_uri_same(&a.uri, uri) || is_flow(&a, ours))
			return seconds;
		if (is_rewritten(&a.uri, uri, seen))
			rewritten = seconds;
		if (!shortest || (seconds && seconds < shortest))
			shortest = seconds;
		any = true;
	}
	return rewritten ? rewritten : any ? shortest : other;
}

static uint32_t granted(const struct sip_msg *m,
			const struct sip_binding_ours *ours,
			const struct addr *seen)
{
	uint32_t other = ours->expires, least = UINT32_MAX, one;
	struct sip_values v = sip_values_of(SIP_HDR_CONTACT, ours->contacts);
	struct sip_name_addr a;
	struct parse_error e;
	struct slice value;

	if (sip_msg_has(m, SIP_HDR_EXPIRES) &&
	    sip_expires_parse(sip_msg_get(m, SIP_HDR_EXPIRES), &one, &e) == 0)
		other = one;
	while (sip_values_next(&v, &value)) {
		if (sip_contact_parse(value, &a, &e) < 0)
			continue;
		one = granted_to(m, &a.uri, ours, seen, other);
		least = one < least ? one : least;
	}
	return least == UINT32_MAX ? other : least;
}

/* ------------------------------------------------------------ all it says */
/* RFC 3581 4: both, or it is not known. */
static struct addr seen_at(const struct sip_msg *m)
{
	struct sip_via via;
	struct parse_error e;
	struct addr a;

	if (sip_via_parse(sip_msg_get(m, SIP_HDR_VIA), &via, &e) ||
	    !via.received.n || !via.rport ||
	    addr_parse_ip(via.received, &a))
		return (struct addr){ 0 };
	a.port = via.rport;
	return a;
}

static bool has_outbound(const struct sip_msg *m)
{
	struct sip_values v = sip_values_begin(m, SIP_HDR_REQUIRE);
	struct slice tag;

	while (sip_values_next(&v, &tag))
		if (slice_ieq(tag, "outbound"))
			return true;
	return false;
}

/* A GRUU has no escaped quotes: no URI has any.  What is none is left out. */
static struct slice gruu(const struct sip_name_addr *a, const char *name)
{
	struct slice text;
	struct sip_uri u;
	struct parse_error e;

	if (!sip_name_addr_param(a, name, &text) ||
	    sip_uri_parse(binding_bare(text), &u, &e) ||
	    (u.scheme != SIP_SCHEME_SIP && u.scheme != SIP_SCHEME_SIPS) ||
	    u.headers.n)
		return (struct slice){ 0 };
	return binding_bare(text);
}

/* Those of the contact of our instance (RFC 5627 4.2), of that flow if it is
 * one of several. */
static void read_gruus(const struct sip_msg *m,
		       const struct sip_binding_ours *ours,
		       struct sip_binding *out)
{
	struct sip_values v = sip_values_begin(m, SIP_HDR_CONTACT);
	struct sip_name_addr a;
	struct parse_error e;
	struct slice value, instance;

	while (sip_values_next(&v, &value)) {
		bool better;

		if (sip_contact_parse(value, &a, &e) || a.star ||
		    !sip_name_addr_param(&a, "+sip.instance", &instance) ||
		    !slice_isame(binding_bare(instance), ours->instance))
			continue;
		better = is_flow(&a, ours);
		if (better || !out->pub_gruu.n)
			out->pub_gruu = gruu(&a, "pub-gruu");
		if (better || !out->temp_gruu.n)
			out->temp_gruu = gruu(&a, "temp-gruu");
		if (better)
			return;
	}
}

void sip_binding_read(const struct sip_msg *m,
		      const struct sip_binding_ours *ours,
		      struct sip_binding *out)
{
	struct parse_error e;

	*out = (struct sip_binding){ .seen = seen_at(m) };
	out->expires = granted(m, ours, &out->seen);
	out->outbound = ours->reg_id && has_outbound(m);
	if (sip_msg_has(m, SIP_HDR_FLOW_TIMER) &&
	    sip_flow_timer_parse(sip_msg_get(m, SIP_HDR_FLOW_TIMER),
				 &out->flow_timer, &e) < 0)
		out->flow_timer = 0;
	if (ours->instance.n)
		read_gruus(m, ours, out);
}

bool sip_binding_routes(const struct sip_msg *m, enum sip_hdr id,
			struct writer *w)
{
	struct sip_values v = sip_values_begin(m, id);
	struct sip_name_addr a;
	struct parse_error e;
	struct slice value;
	bool more = false;

	while (sip_values_next(&v, &value)) {
		if (sip_route_parse(value, &a, &e) ||
		    (a.uri.scheme != SIP_SCHEME_SIP &&
		     a.uri.scheme != SIP_SCHEME_SIPS))
			return false;
		if (more)
			writer_char(w, ',');
		sip_name_addr_write(w, &a);
		more = true;
	}
	return !w->full;
}
