/* SPDX-License-Identifier: BSD-2-Clause
 * A message of any bytes.  All slices lie inside it; what is written, before
 * and after editing, reads the same; values walked are values in it. */
#include "fuzz/fuzz.h"
#include "sip/msg/sip_msg.h"

static char text[2][2 * LIMIT_SIP_MESSAGE];
static struct sip_msg m, again;

static void inside(const struct sip_msg *of, struct slice in)
{
	INVARIANT(slice_inside(of->method_name, in) &&
		  slice_inside(of->uri, in) && slice_inside(of->reason, in) &&
		  slice_inside(of->body, in) && of->n <= LIMIT_SIP_FIELDS);
	for (unsigned i = 0; i < of->n; i++)
		INVARIANT(of->field[i].name.n &&
			  slice_inside(of->field[i].name, in) &&
			  slice_inside(of->field[i].value, in));
}

/* Each field of a known name is in its chain once, in order. */
static void chained(const struct sip_msg *of)
{
	unsigned known = 0, linked = 0;

	for (unsigned i = 0; i < of->n; i++)
		known += of->field[i].id != SIP_HDR_OTHER;
	for (unsigned id = 1; id < SIP_HDR_COUNT; id++) {
		unsigned last = 0;

		for (unsigned at = of->first[id]; at;
		     at = of->field[at - 1].next) {
			INVARIANT(at > last && of->field[at - 1].id == id);
			last = at;
			linked++;
		}
		INVARIANT(last == of->last[id]);
	}
	INVARIANT(known == linked);
}

static void walk(const struct sip_msg *of)
{
	for (unsigned id = 0; id < SIP_HDR_COUNT; id++) {
		struct sip_values v = sip_values_begin(of, (enum sip_hdr)id);
		struct slice value;
		size_t n = 0;

		while (sip_values_next(&v, &value))
			INVARIANT(++n <= 2 * (size_t)LIMIT_SIP_MESSAGE);
	}
}

static void stable(const struct sip_msg *of)
{
	struct writer w = writer_begin(text[0], sizeof(text[0]));
	struct slice one, two;

	sip_msg_write(&w, of);
	INVARIANT(writer_end(&w) > 0);
	one = writer_done(&w);
	if (one.n > LIMIT_SIP_MESSAGE || of->n == LIMIT_SIP_FIELDS)
		return;
	INVARIANT(sip_msg_parse(one, &again, NULL) == 0);
	w = writer_begin(text[1], sizeof(text[1]));
	sip_msg_write(&w, &again);
	two = writer_done(&w);
	INVARIANT(slice_same(one, two) && slice_same(of->body, again.body) &&
		  of->status == again.status && of->method == again.method);
}

static void edit(struct sip_msg *of, unsigned seed)
{
	static const enum sip_hdr ids[] = { SIP_HDR_VIA, SIP_HDR_ROUTE,
					    SIP_HDR_CONTACT, SIP_HDR_TO };
	enum sip_hdr id = ids[seed % COUNT(ids)];
	bool full = of->n == LIMIT_SIP_FIELDS;

	sip_msg_pop(of, id);
	chained(of);
	full = of->n == LIMIT_SIP_FIELDS;
	INVARIANT((sip_msg_push(of, id, S("new")) == 0) == !full);
	chained(of);
	full = of->n == LIMIT_SIP_FIELDS;
	INVARIANT((sip_msg_add(of, SIP_HDR_SUBJECT, S("s")) == 0) == !full);
	sip_msg_remove(of, ids[(seed / 4) % COUNT(ids)]);
	chained(of);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice in = slice_of(data, size);
	struct parse_error e = { 0 };
	int rc = sip_msg_parse(in, &m, &e);

	inside(&m, in);
	chained(&m);
	walk(&m);
	INVARIANT(rc == 0 || (e.reason && e.offset <= size));
	if (rc)
		return 0;
	stable(&m);
	edit(&m, size ? data[size - 1] : 0);
	stable(&m);
	return 0;
}
