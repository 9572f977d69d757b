/* SPDX-License-Identifier: BSD-2-Clause
 * The first line is the boundary, the rest the body.  What must hold: parts lie
 * in the body, one behind the other, and none holds a delimiter line. */
#include "fuzz/fuzz.h"
#include "platform/mime.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice in = slice_of(data, size), boundary, body, value;
	struct mime_parts p = { 0 }, inner;
	struct mime_part part;
	const char *end;
	unsigned n = 0;
	int rc;

	(void)slice_cut(in, '\n', &boundary, &body);
	rc = mime_begin(&p, boundary, body);
	INVARIANT(rc == 0 || rc == -EBADMSG);
	if (rc)
		return 0;
	end = body.p;
	while ((rc = mime_next(&p, &part)) == 1) {
		INVARIANT(slice_inside(part.fields, body) &&
			  slice_inside(part.body, body));
		INVARIANT(part.fields.p >= end);
		end = part.fields.p + part.fields.n + part.body.n;
		if (mime_field(part.fields, "content-type", &value))
			INVARIANT(slice_inside(value, part.fields));
		INVARIANT(mime_begin(&inner, boundary, part.body) ==
			  -EBADMSG);
		INVARIANT(++n <= LIMIT_MIME_PARTS);
	}
	INVARIANT(rc == 0 || rc == -EBADMSG || rc == -E2BIG);
	INVARIANT(rc || mime_next(&p, &part) == 0);
	return 0;
}
