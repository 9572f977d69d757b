/* SPDX-License-Identifier: BSD-2-Clause
 * dns/dns_sd.h - names and TXT records of DNS-based service discovery,
 * RFC 6763 4 and 6.
 * An instance is one label, any UTF-8 of up to 63 octets, dots and blanks
 * included; as text of a whole name it is escaped (dns_name_write, RFC 6763
 * 4.3).  Nothing allocates; slices borrow what they were taken from.
 */
#ifndef DNS_DNS_SD_H
#define DNS_DNS_SD_H
#include "dns/dns_name.h"

enum { DNS_SD_TXT_MAX = 1300 }; /* octets: RFC 6763 6.2 */

/* instance.type.local, of type "_sip._udp"; with an empty instance type.local
 * itself.  -E2BIG the instance is too long, -EBADMSG no such type. */
MUST_USE int dns_sd_name(struct slice instance, struct slice type,
			 struct dns_name *out);
/* "name" as a host of the link: one label, then local; the same errors. */
MUST_USE int dns_sd_host(struct slice label, struct dns_name *out);
/* The first label of a name; empty of the root. */
struct slice dns_sd_label(const struct dns_name *n);
/* label of at most 63 octets with a suffix behind it, cut before it where
 * there is no room, not within a character; its length. */
size_t dns_sd_rename(struct slice label, const char *suffix, char out[63]);

struct dns_sd_pair { /* "key=value", or "key" alone */
	struct slice key, value;
	bool has_value;
};

/* The next of rdata; *at begins with 0.  What has no key is skipped (6.4). */
bool dns_sd_txt_next(struct slice txt, size_t *at, struct dns_sd_pair *out);
/* The value of the first of that key, in any case (6.4); false: it is not
 * there.  Empty when it has none. */
bool dns_sd_txt_get(struct slice txt, const char *key, struct slice *value);
/* Writes "key=value", cut at 255 octets but not within a character; nothing
 * when the key is no key (6.4: printable ASCII without "="). */
void dns_sd_txt_put(struct writer *w, const char *key, struct slice value);
#endif
