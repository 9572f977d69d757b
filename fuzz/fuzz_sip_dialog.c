/* SPDX-License-Identifier: BSD-2-Clause
 * The input is a message.  What must hold: the dialog that it makes, if any,
 * has requests that our own parser reads, with the right identifiers, and
 * nothing leaks. */
#include "fuzz/fuzz.h"
#include "sip/usage/sip_dialog.h"

static char room[4 * LIMIT_SIP_MESSAGE], text[8 * LIMIT_SIP_MESSAGE];

static void check_request(struct sip_dialog *d)
{
	struct writer w = writer_begin(room, sizeof(room));
	struct writer o = writer_begin(text, sizeof(text));
	struct parse_error e = { 0 };
	struct sip_msg m, back;

	if (sip_dialog_request(d, S("INVITE"), &w, &m) < 0)
		return;
	sip_msg_write(&o, &m);
	INVARIANT(!o.full);
	if (o.n > LIMIT_SIP_MESSAGE)
		return;
	INVARIANT(sip_msg_parse(writer_done(&o), &back, &e) == 0);
	INVARIANT(slice_same(sip_msg_get(&back, SIP_HDR_CALL_ID),
			     sip_dialog_text(d, SIP_DIALOG_CALL_ID)));
	INVARIANT(sip_msg_has(&back, SIP_HDR_FROM) &&
		  sip_msg_has(&back, SIP_HDR_TO) &&
		  sip_msg_has(&back, SIP_HDR_CONTACT));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct sip_dialog_base base = {
		.call_id = SLICE("a84b4c76e66710"),
		.local_tag = SLICE("1928301774"),
		.local = SLICE("Alice <sip:alice@atlanta.com>"),
		.remote = SLICE("Bob <sip:bob@biloxi.com>"),
		.target = SLICE("sips:bob@biloxi.com"),
		.contact = SLICE("<sip:alice@pc33.atlanta.com>"),
	};
	struct sip_dialog b = { 0 }, d = { 0 };
	struct parse_error e = { 0 };
	struct sip_msg m;
	struct mem mem;
	int rc;

	mem_init(&mem, 0);
	if (sip_msg_parse(slice_of(data, size), &m, &e) < 0)
		return 0;
	if (m.status) {
		INVARIANT(sip_dialog_init(&b, &mem, &base, &e) == 0);
		rc = sip_dialog_init_uac(&d, &b, &m, true, &e);
	} else {
		rc = sip_dialog_init_uas(&d, &mem, &m, S("tag"),
					 S("<sip:b@c>"), 1, true, &e);
	}
	if (rc == 0) {
		check_request(&d);
		if (sip_dialog_refresh(&d, &m, &e) == 0)
			check_request(&d);
	}
	sip_dialog_fini(&b);
	sip_dialog_fini(&d);
	INVARIANT(mem.blocks == 0 && mem.used == 0);
	return 0;
}
