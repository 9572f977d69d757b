/* SPDX-License-Identifier: BSD-2-Clause */
#include "sdp/sdp_attr.h"
#include "tools/decode.h"

static void conn(struct show *s, const struct sdp_conn *c)
{
	if (!c->address.n)
		return;
	show_begin(s, "connection");
	show_text(s, "nettype", c->nettype);
	show_text(s, "addrtype", c->addrtype);
	show_text(s, "address", c->address);
	show_end(s);
}

static void attributes(struct show *s, struct slice lines)
{
	struct sdp_attr a;

	show_list(s, "attributes");
	while (sdp_attr_next(&lines, &a)) {
		show_begin(s, NULL);
		show_text(s, "name", a.name);
		if (a.value.p)
			show_text(s, "value", a.value);
		show_end(s);
	}
	show_list_end(s);
}

static void media(struct show *s, const struct sdp *d,
		  const struct sdp_media *m)
{
	struct sdp_format f[LIMIT_SDP_FORMATS];
	size_t n = sdp_formats(m, f, COUNT(f));

	show_begin(s, NULL);
	show_text(s, "type", m->type);
	show_int(s, "port", m->port);
	show_text(s, "protocol", m->proto);
	show_str(s, "direction", sdp_dir_name(sdp_media_dir(d, m)));
	show_list(s, "formats");
	for (size_t i = 0; i < n; i++) {
		show_begin(s, NULL);
		show_text(s, "format", f[i].text);
		if (f[i].name.n) {
			show_text(s, "name", f[i].name);
			show_int(s, "rate", f[i].rate);
			show_int(s, "channels", f[i].channels);
		}
		if (f[i].fmtp.n)
			show_text(s, "parameters", f[i].fmtp);
		show_end(s);
	}
	show_list_end(s);
	conn(s, &m->c);
	attributes(s, m->lines);
	show_end(s);
}

static int sdp(struct tool *t, const struct decode_options *o, struct slice in,
	       struct show *s, struct parse_error *e)
{
	struct sdp d;
	int rc = sdp_parse(in, o->lenient ? SDP_WILD : 0, &d, e);

	(void)t;
	if (rc)
		return rc;
	show_begin(s, "origin");
	show_text(s, "user", d.origin.user);
	show_text(s, "id", d.origin.id);
	show_text(s, "version", d.origin.version);
	show_text(s, "address", d.origin.c.address);
	show_end(s);
	show_text(s, "name", d.name);
	show_text(s, "time", d.time);
	conn(s, &d.c);
	attributes(s, d.lines);
	show_list(s, "media");
	for (size_t i = 0; i < d.media_count; i++)
		media(s, &d, &d.media[i]);
	show_list_end(s);
	return 0;
}

extern const struct decoder decode_sdp;
const struct decoder decode_sdp = { "sdp", "session description", false, true,
				    sdp };
