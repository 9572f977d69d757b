/* SPDX-License-Identifier: BSD-2-Clause
 * platform/tls/der.h - reading DER (X.690), element by element.
 * Tags of one octet, definite lengths of at most three octets in the fewest
 * octets; nothing else stands in a certificate.
 */
#ifndef PLATFORM_DER_H
#define PLATFORM_DER_H
#include "platform/slice.h"

enum {
	DER_BOOLEAN = 0x01,
	DER_INTEGER = 0x02,
	DER_BITS = 0x03,
	DER_OCTETS = 0x04,
	DER_OID = 0x06,
	DER_UTC = 0x17,
	DER_TIME = 0x18,
	DER_SEQUENCE = 0x30,
	DER_SET = 0x31,
	DER_OWN = 0x80,     /* [0] of what is defined in place, primitive */
	DER_OWN_SEQ = 0xa0  /* [0], constructed */
};

/* The first element of *in: its tag, its content, and the element whole; *in
 * goes on behind it.  False: in is empty or is no DER; nothing is changed. */
bool der_next(struct slice *in, unsigned *tag, struct slice *content,
	      struct slice *whole);
/* The same for an element that must have this tag. */
bool der_take(struct slice *in, unsigned tag, struct slice *content);
/* The same for one that may be missing: content.p is NULL then. */
bool der_maybe(struct slice *in, unsigned tag, struct slice *content);

/* UTCTime or GeneralizedTime as RFC 5280 4.1.2.5 has it, with seconds and Z;
 * in seconds since 1970. */
bool der_time(unsigned tag, struct slice content, int64_t *out);
#endif
