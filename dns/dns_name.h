/* SPDX-License-Identifier: BSD-2-Clause
 * dns/dns_name.h - domain names, RFC 1035 3.1 and 4.1.4, RFC 2181 11.
 * A name is a value: its labels as on the wire, without compression.  Labels
 * may hold any octets (RFC 2181 11); ASCII case does not matter (RFC 4343).
 * Text is RFC 1035 5.1's, UTF-8 passed as it is.
 */
#ifndef DNS_DNS_NAME_H
#define DNS_DNS_NAME_H
#include "platform/slice.h"
#include "platform/writer.h"

enum {
	DNS_NAME_MAX = 255, /* octets, the root's included: RFC 1035 2.3.4 */
	DNS_LABEL_MAX = 63,
	/* Text at most: each octet as \DDD, a dot a label, a NUL. */
	DNS_NAME_TEXT = 4 * DNS_NAME_MAX
};

struct dns_name {
	uint8_t n; /* octets, 1 (the root) .. 255; 0: no name */
	uint8_t wire[DNS_NAME_MAX];
};

/* "example.com", "example.com.", ".", "a\.b.example", "\003x": -EBADMSG an
 * empty label or a bad escape, -E2BIG a label or the name is too long. */
MUST_USE int dns_name_parse(struct slice text, struct dns_name *out,
			    struct parse_error *e);
/* Without the last dot; the root is ".".  A dot, a backslash, a control
 * character and a blank of a label are escaped. */
void dns_name_write(struct writer *w, const struct dns_name *n);
/* The same into text[DNS_NAME_TEXT], terminated; returns text. */
const char *dns_name_text(const struct dns_name *n, char *text);

/* The name at *at of the message, which goes behind it.  A pointer must go
 * backwards, to before where this name began, so that none loops and the work
 * is bounded; -EBADMSG with the offset of what is wrong, *at unmoved. */
MUST_USE int dns_name_read(struct slice msg, size_t *at, struct dns_name *out,
			   struct parse_error *e);

bool dns_name_same(const struct dns_name *a, const struct dns_name *b);
/* Same to the bit: what 0x20 randomisation asks for. */
bool dns_name_same_case(const struct dns_name *a, const struct dns_name *b);
/* Is n zone, or below it?  All are below the root. */
bool dns_name_within(const struct dns_name *n, const struct dns_name *zone);
/* n, which is below from, with from replaced by to (RFC 6672 2.2): -E2BIG. */
MUST_USE int dns_name_rebase(const struct dns_name *n,
			     const struct dns_name *from,
			     const struct dns_name *to, struct dns_name *out);
/* a with b behind it; -E2BIG. */
MUST_USE int dns_name_join(const struct dns_name *a, const struct dns_name *b,
			   struct dns_name *out);
unsigned dns_name_dots(const struct dns_name *n); /* labels less one, or 0 */
/* All letters small: for keys. */
void dns_name_fold(struct dns_name *n);
#endif
