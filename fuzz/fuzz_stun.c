/* SPDX-License-Identifier: BSD-2-Clause
 * A STUN message.  What must hold: a slice lies inside, what is refused has a
 * reason, an address that was read is written and read again. */
#include "fuzz/fuzz.h"
#include "platform/stun.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice in = slice_of(data, size);
	struct parse_error e = { 0 };
	struct stun_msg m, again;
	char b[STUN_ROOM];
	struct writer w = writer_begin(b, sizeof(b));

	if (stun_parse(in, &m, &e)) {
		INVARIANT(e.reason && e.offset <= size);
		return 0;
	}
	INVARIANT(stun_is(in) && slice_inside(m.reason, in));
	INVARIANT(!m.code || (m.code >= 300 && m.code <= 699));
	if (!m.mapped.family)
		return 0;
	stun_write_success(&w, m.id, &m.mapped, m.fingerprint);
	INVARIANT(!w.full && stun_parse(slice_of(b, w.n), &again, NULL) == 0);
	INVARIANT(addr_same(&m.mapped, &again.mapped));
	return 0;
}
