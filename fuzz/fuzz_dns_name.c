/* SPDX-License-Identifier: BSD-2-Clause
 * The text of a name: what is taken is written and taken as the same. */
#include "dns/dns_name.h"
#include "fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice in = slice_of(data, size);
	struct parse_error e = { 0 };
	struct dns_name n, again;
	char text[DNS_NAME_TEXT];
	size_t at = 0;
	int rc = dns_name_parse(in, &n, &e);

	if (rc) {
		INVARIANT(rc == -EBADMSG || rc == -E2BIG);
		INVARIANT(e.reason && e.offset <= size);
		return 0;
	}
	INVARIANT(dns_name_read(slice_of(n.wire, n.n), &at, &again, NULL) == 0);
	INVARIANT(at == n.n && dns_name_same_case(&n, &again));
	INVARIANT(dns_name_parse(slice_str(dns_name_text(&n, text)), &again,
				 NULL) == 0);
	INVARIANT(dns_name_same_case(&n, &again));
	dns_name_fold(&again);
	INVARIANT(dns_name_same(&n, &again));
	return 0;
}
