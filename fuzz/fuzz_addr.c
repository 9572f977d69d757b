/* SPDX-License-Identifier: BSD-2-Clause
 * An address with or without a port: what is written reads the same. */
#include "fuzz/fuzz.h"
#include "platform/addr.h"

static void written(const struct addr *a, bool port)
{
	char text[ADDR_TEXT], two[ADDR_TEXT];
	struct writer w = writer_begin(text, sizeof(text));
	struct addr again = { 0 };

	if (port)
		addr_write(&w, a);
	else
		addr_write_ip(&w, a, false);
	INVARIANT(writer_end(&w) > 0);
	INVARIANT((port ? addr_parse(writer_done(&w), &again) :
			  addr_parse_ip(writer_done(&w), &again)) == 0);
	INVARIANT(addr_same(a, &again) && a->scope == again.scope);
	INVARIANT(slice_eq(slice_str(addr_text(a, text)),
			   addr_text(&again, two)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct addr none = { 0 };
	struct slice in = slice_of(data, size);
	struct addr a = none, ip = none;
	int with = addr_parse(in, &a), without = addr_parse_ip(in, &ip);

	INVARIANT(with == 0 || (with == -EBADMSG && addr_same(&a, &none)));
	INVARIANT(without == 0 ||
		  (without == -EBADMSG && addr_same(&ip, &none)));
	if (with == 0)
		written(&a, true);
	if (without == 0) {
		INVARIANT(ip.port == 0);
		written(&ip, false);
	}
	return 0;
}
