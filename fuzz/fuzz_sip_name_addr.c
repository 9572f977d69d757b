/* SPDX-License-Identifier: BSD-2-Clause
 * The input as From or To, as Contact and as Route. */
#include "fuzz/fuzz.h"
#include "sip/hdr/sip_name_addr.h"

typedef int (*parser)(struct slice, struct sip_name_addr *,
		      struct parse_error *);

static bool parsed(parser p, struct slice in, struct sip_name_addr *a)
{
	struct parse_error e = { 0 };

	if (p(in, a, &e)) {
		INVARIANT(e.reason && e.offset <= in.n);
		return false;
	}
	INVARIANT(a->star || (slice_inside(a->uri.text, in) &&
			      slice_inside(a->display, in) &&
			      slice_inside(a->params, in) &&
			      slice_inside(a->tag, in)));
	return true;
}

static void one(parser p, struct slice in)
{
	static char text[2][1 << 17];
	struct writer w = writer_begin(text[0], sizeof(text[0]));
	struct sip_name_addr a, again;
	struct slice first;

	if (!parsed(p, in, &a))
		return;
	sip_name_addr_write(&w, &a);
	if (writer_end(&w) < 0)
		return;
	first = writer_done(&w);
	INVARIANT(parsed(p, first, &again) && a.star == again.star);
	INVARIANT(a.star || (sip_uri_same(&a.uri, &again.uri) &&
			     slice_same(a.display, again.display) &&
			     slice_same(a.tag, again.tag)));
	w = writer_begin(text[1], sizeof(text[1]));
	sip_name_addr_write(&w, &again);
	INVARIANT(slice_same(first, writer_done(&w)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice in = slice_of(data, size), tag = { 0 };
	struct sip_name_addr a;
	struct parse_error e = { 0 };
	int rc = sip_tag_parse(in, &tag, &e);

	INVARIANT(rc == 0 ? slice_inside(tag, in) :
			    e.reason && e.offset <= size);
	/* Where the whole value is well formed, the quick look agrees. */
	if (parsed(sip_name_addr_parse, in, &a))
		INVARIANT(rc == 0 && slice_same(tag, a.tag));
	one(sip_name_addr_parse, in);
	one(sip_contact_parse, in);
	one(sip_route_parse, in);
	return 0;
}
