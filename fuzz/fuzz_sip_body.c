/* SPDX-License-Identifier: BSD-2-Clause
 * Content-Type, Content-Disposition (a line each) and a body.  What must hold:
 * a description is inside the body; without a multipart it is all of it. */
#include "fuzz/fuzz.h"
#include "sip/msg/sip_body.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const plain[] = { "application/sdp", NULL };
	struct slice rest = slice_of(data, size), type, disposition, session;
	struct sip_msg m;
	int rc;

	slice_cut(rest, '\n', &type, &rest);
	slice_cut(rest, '\n', &disposition, &rest);
	sip_msg_response(&m, 200, (struct slice){ 0 });
	m.body = rest;
	if ((type.n && sip_msg_add(&m, SIP_HDR_CONTENT_TYPE, type)) ||
	    (disposition.n &&
	     sip_msg_add(&m, SIP_HDR_CONTENT_DISPOSITION, disposition)))
		return 0;
	rc = sip_body_read(&m, sip_body_types, &session);
	INVARIANT(rc == 0 || rc == -ENOTSUP || rc == -EBADMSG ||
		  rc == -E2BIG);
	INVARIANT(slice_inside(session, rest));
	INVARIANT(rc == 0 || rc == -ENOTSUP || !session.n);
	rc = sip_body_read(&m, plain, &session);
	INVARIANT(!session.n || slice_same(session, rest));
	INVARIANT(rc == 0 || rc == -ENOTSUP);
	return 0;
}
