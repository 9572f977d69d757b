/* SPDX-License-Identifier: BSD-2-Clause */
#include "dns/dns_msg.h"
#include "tools/decode.h"

static void show_name(struct show *s, const char *label,
		      const struct dns_name *n)
{
	char text[DNS_NAME_TEXT];

	show_str(s, label, dns_name_text(n, text));
}

static void show_type(struct show *s, unsigned type)
{
	char text[16] = { 0 };
	struct writer w = writer_begin(text, sizeof(text) - 1);
	const char *name = dns_type_name(type);

	writer_str(&w, "TYPE"); /* RFC 3597 5 */
	writer_u64(&w, type);
	show_str(s, "type", name ? name : text);
}

static void show_class(struct show *s, unsigned class, bool mdns)
{
	show_int(s, "class", mdns ? class & ~(unsigned)DNS_MDNS_BIT : class);
	if (mdns)
		show_bool(s, "mdns_bit", true);
}

/* ------------------------------------------------------------------ rdata */
static void option(const struct dns_rr *r, struct show *s)
{
	struct slice data;
	uint16_t code;
	size_t at = 0;

	show_list(s, "options");
	while (dns_rr_option(r, &at, &code, &data)) {
		show_begin(s, NULL);
		show_int(s, "code", code);
		show_hex(s, "data", data);
		show_end(s);
	}
	show_list_end(s);
}

static void txt(const struct dns_rr *r, struct show *s)
{
	struct slice data;
	size_t at = 0;

	show_list(s, "texts");
	while (dns_rr_txt(r, &at, &data))
		show_text(s, NULL, data);
	show_list_end(s);
}

static void srv(const struct dns_srv *v, struct show *s)
{
	show_int(s, "priority", v->priority);
	show_int(s, "weight", v->weight);
	show_int(s, "port", v->port);
	show_name(s, "target", &v->target);
}

static void naptr(const struct dns_naptr *v, struct show *s)
{
	show_int(s, "order", v->order);
	show_int(s, "preference", v->preference);
	show_text(s, "flags", v->flags);
	show_text(s, "service", v->service);
	show_text(s, "regexp", v->regexp);
	show_name(s, "replacement", &v->replacement);
}

static void soa(const struct dns_soa *v, struct show *s)
{
	show_name(s, "mname", &v->mname);
	show_name(s, "rname", &v->rname);
	show_int(s, "serial", v->serial);
	show_int(s, "refresh", v->refresh);
	show_int(s, "retry", v->retry);
	show_int(s, "expire", v->expire);
	show_int(s, "minimum", v->minimum);
}

static void rdata(const struct dns_msg *m, const struct dns_rr *r,
		  struct show *s)
{
	union {
		struct addr addr;
		struct dns_name name;
		struct dns_srv srv;
		struct dns_naptr naptr;
		struct dns_soa soa;
	} v;
	char text[ADDR_TEXT] = { 0 };
	struct writer w = writer_begin(text, sizeof(text) - 1);

	if (dns_rr_addr(m, r, &v.addr)) {
		addr_write_ip(&w, &v.addr, false);
		show_str(s, "address", text);
	} else if (dns_rr_name(m, r, &v.name)) {
		show_name(s, "target", &v.name);
	} else if (dns_rr_srv(m, r, &v.srv)) {
		srv(&v.srv, s);
	} else if (dns_rr_naptr(m, r, &v.naptr)) {
		naptr(&v.naptr, s);
	} else if (dns_rr_soa(m, r, &v.soa)) {
		soa(&v.soa, s);
	} else if (r->type == DNS_TXT) {
		txt(r, s);
	} else {
		show_hex(s, "rdata", r->data);
	}
}

/* --------------------------------------------------------------- sections */
static void questions(const struct dns_msg *m, struct show *s)
{
	struct dns_walk w = { 0 };
	struct dns_question q;

	show_list(s, "questions");
	while (dns_question_next(m, &w, &q)) {
		show_begin(s, NULL);
		show_name(s, "name", &q.name);
		show_type(s, q.type);
		show_class(s, q.class, (q.class & DNS_MDNS_BIT) != 0);
		show_end(s);
	}
	show_list_end(s);
}

static void edns(const struct dns_msg *m, const struct dns_rr *r,
		 struct show *s)
{
	show_int(s, "udp_size", m->udp_size);
	show_int(s, "version", m->edns_version);
	show_bool(s, "dnssec_ok", m->dnssec_ok);
	option(r, s);
}

static void records(const struct dns_msg *m, enum dns_section section,
		    const char *label, struct show *s)
{
	struct dns_walk w = { 0 };
	struct dns_rr r;

	show_list(s, label);
	while (dns_rr_next(m, section, &w, &r)) {
		show_begin(s, NULL);
		show_name(s, "name", &r.name);
		show_type(s, r.type);
		if (r.type == DNS_OPT) {
			edns(m, &r, s);
		} else {
			show_class(s, r.class, (r.class & 0xFF00) ==
				   DNS_MDNS_BIT);
			show_int(s, "ttl", r.ttl);
			rdata(m, &r, s);
		}
		show_end(s);
	}
	show_list_end(s);
}

static int dns(struct tool *t, const struct decode_options *o, struct slice in,
	       struct show *s, struct parse_error *e)
{
	static const struct {
		unsigned bit;
		const char *name;
	} flag[] = {
		{ DNS_QR, "response" }, { DNS_AA, "authoritative" },
		{ DNS_TC, "truncated" }, { DNS_RD, "recursion_desired" },
		{ DNS_RA, "recursion_available" }, { DNS_Z, "reserved" },
		{ DNS_AD, "authentic" }, { DNS_CD, "checking_disabled" },
	};
	struct dns_msg m;
	const char *rcode;
	int rc = dns_msg_parse(in, &m, e);

	(void)t;
	(void)o;
	if (rc)
		return rc;
	rcode = dns_rcode_name(m.rcode);
	show_int(s, "id", m.id);
	for (size_t i = 0; i < COUNT(flag); i++)
		show_bool(s, flag[i].name, (m.flags & flag[i].bit) != 0);
	show_int(s, "opcode", (m.flags & DNS_OPCODE) >> 11);
	if (rcode)
		show_str(s, "rcode", rcode);
	else
		show_int(s, "rcode", m.rcode);
	questions(&m, s);
	records(&m, DNS_ANSWER, "answers", s);
	records(&m, DNS_AUTHORITY, "authority", s);
	records(&m, DNS_ADDITIONAL, "additional", s);
	return 0;
}

extern const struct decoder decode_dns;
const struct decoder decode_dns = { "dns", "DNS or mDNS message", false, false,
				    dns };
