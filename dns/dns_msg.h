/* SPDX-License-Identifier: BSD-2-Clause
 * dns/dns_msg.h - DNS messages, RFC 1035 4, RFC 2181, EDNS0 (RFC 6891); as
 * mDNS uses them, too (RFC 6762 18).
 * A message is an index: dns_msg_parse looks at every octet once, names and
 * the rdata of the types below included, and from then on the walkers and the
 * typed readers cannot fail but for a type that is another's.
 * Ownership: everything borrows the message's bytes.  Nothing allocates.
 * Errors: -EBADMSG with the offset in the message and what was wanted.
 */
#ifndef DNS_DNS_MSG_H
#define DNS_DNS_MSG_H
#include "dns/dns_name.h"
#include "platform/addr.h"

enum dns_type { /* those that are read here; a wire type is a uint16_t */
	DNS_A = 1, DNS_NS = 2, DNS_CNAME = 5, DNS_SOA = 6, DNS_PTR = 12,
	DNS_TXT = 16, DNS_AAAA = 28, DNS_SRV = 33, DNS_NAPTR = 35,
	DNS_DNAME = 39, DNS_OPT = 41, DNS_ANY = 255
};

enum dns_class { DNS_IN = 1, DNS_NONE = 254, DNS_ANY_CLASS = 255,
		 /* mDNS: cache-flush of a record, unicast wanted of a
		  * question (RFC 6762 10.2, 5.4) */
		 DNS_MDNS_BIT = 0x8000 };

enum dns_rcode { DNS_NOERROR = 0, DNS_FORMERR = 1, DNS_SERVFAIL = 2,
		 DNS_NXDOMAIN = 3, DNS_NOTIMP = 4, DNS_REFUSED = 5,
		 DNS_BADVERS = 16 };

enum dns_flag { DNS_QR = 0x8000, DNS_AA = 0x0400, DNS_TC = 0x0200,
		DNS_RD = 0x0100, DNS_RA = 0x0080, DNS_Z = 0x0040,
		DNS_AD = 0x0020, DNS_CD = 0x0010,
		DNS_OPCODE = 0x7800, DNS_RCODE = 0x000F };

enum dns_section { DNS_QUESTION, DNS_ANSWER, DNS_AUTHORITY, DNS_ADDITIONAL };

enum { DNS_HEADER = 12, DNS_MESSAGE_MAX = 65535 };

struct dns_msg { /* count is of records by section; the rest is private */
	struct slice all;
	uint16_t id, flags; /* of enum dns_flag */
	uint16_t count[4];
	unsigned rcode;     /* 12 bits, OPT's included */
	uint16_t udp_size;  /* of OPT; 0: there is none */
	uint8_t edns_version;
	bool dnssec_ok;
	size_t begin[4];    /* where each section begins */
};

struct dns_question {
	struct dns_name name;
	uint16_t type, class;
};

struct dns_rr {
	struct dns_name name;
	uint16_t type, class;
	uint32_t ttl; /* seconds; 0 when its top bit is set (RFC 2181 8).
		       * Of OPT: as it came */
	struct slice data;
};

struct dns_walk { /* private; zeroed: not begun */
	size_t at;
	unsigned n;
};

/* All of in is one message.  -EBADMSG. */
MUST_USE int dns_msg_parse(struct slice in, struct dns_msg *out,
			   struct parse_error *e);

/* The next of the questions; of the records of a section but DNS_QUESTION. */
bool dns_question_next(const struct dns_msg *m, struct dns_walk *w,
		       struct dns_question *out);
bool dns_rr_next(const struct dns_msg *m, enum dns_section s,
		 struct dns_walk *w, struct dns_rr *out);

/* ------------------------------------------------------------ typed rdata */
struct dns_srv { /* RFC 2782 */
	uint16_t priority, weight, port;
	struct dns_name target; /* the root: decidedly not available */
};

struct dns_naptr { /* RFC 3403 4.1 */
	uint16_t order, preference;
	struct slice flags, service, regexp; /* without their lengths */
	struct dns_name replacement;
};

struct dns_soa { /* RFC 1035 3.3.13; seconds */
	struct dns_name mname, rname;
	uint32_t serial, refresh, retry, expire, minimum;
};

/* False: the record is of another type (or class: A and AAAA, SRV and NAPTR are
 * those of IN, the mDNS bit aside).  Port 0. */
bool dns_rr_addr(const struct dns_msg *m, const struct dns_rr *r,
		 struct addr *out); /* A and AAAA */
bool dns_rr_name(const struct dns_msg *m, const struct dns_rr *r,
		 struct dns_name *out); /* CNAME, DNAME, PTR, NS */
bool dns_rr_srv(const struct dns_msg *m, const struct dns_rr *r,
		struct dns_srv *out);
bool dns_rr_naptr(const struct dns_msg *m, const struct dns_rr *r,
		  struct dns_naptr *out);
bool dns_rr_soa(const struct dns_msg *m, const struct dns_rr *r,
		struct dns_soa *out);
/* The next character-string of a TXT; *at begins with 0. */
bool dns_rr_txt(const struct dns_rr *r, size_t *at, struct slice *out);
/* The next option of an OPT; *at begins with 0. */
bool dns_rr_option(const struct dns_rr *r, size_t *at, uint16_t *code,
		   struct slice *out);

/* "A", "SRV", ...; NULL for a type without a row here. */
const char *dns_type_name(unsigned type);
/* The type of that name, in any case, or of TYPE and a number; 0: none. */
unsigned dns_type_of(struct slice name);
const char *dns_rcode_name(unsigned rcode); /* or NULL */
#endif
