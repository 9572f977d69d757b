/* SPDX-License-Identifier: BSD-2-Clause
 * sip/hdr/sip_hdr.h - the header fields that are known by name: RFC 3261
 * section 20, and what later usages add.  One row each in sip_hdr.c.
 */
#ifndef SIP_HDR_H
#define SIP_HDR_H
#include "platform/slice.h"

enum sip_hdr {
	SIP_HDR_OTHER, /* any other name, kept intact */
	SIP_HDR_ACCEPT,
	SIP_HDR_ACCEPT_ENCODING,
	SIP_HDR_ACCEPT_LANGUAGE,
	SIP_HDR_ALERT_INFO,
	SIP_HDR_ALLOW,
	SIP_HDR_AUTHENTICATION_INFO,
	SIP_HDR_AUTHORIZATION,
	SIP_HDR_CALL_ID,
	SIP_HDR_CALL_INFO,
	SIP_HDR_CONTACT,
	SIP_HDR_CONTENT_DISPOSITION,
	SIP_HDR_CONTENT_ENCODING,
	SIP_HDR_CONTENT_LANGUAGE,
	SIP_HDR_CONTENT_LENGTH,
	SIP_HDR_CONTENT_TYPE,
	SIP_HDR_CSEQ,
	SIP_HDR_DATE,
	SIP_HDR_ERROR_INFO,
	SIP_HDR_EXPIRES,
	SIP_HDR_FLOW_TIMER,
	SIP_HDR_FROM,
	SIP_HDR_IN_REPLY_TO,
	SIP_HDR_MAX_FORWARDS,
	SIP_HDR_MIN_EXPIRES,
	SIP_HDR_MIME_VERSION,
	SIP_HDR_ORGANIZATION,
	SIP_HDR_PATH,
	SIP_HDR_PRIORITY,
	SIP_HDR_PROXY_AUTHENTICATE,
	SIP_HDR_PROXY_AUTHORIZATION,
	SIP_HDR_PROXY_REQUIRE,
	SIP_HDR_RECORD_ROUTE,
	SIP_HDR_REPLY_TO,
	SIP_HDR_REQUIRE,
	SIP_HDR_RETRY_AFTER,
	SIP_HDR_ROUTE,
	SIP_HDR_SERVER,
	SIP_HDR_SERVICE_ROUTE,
	SIP_HDR_SUBJECT,
	SIP_HDR_SUPPORTED,
	SIP_HDR_TIMESTAMP,
	SIP_HDR_TO,
	SIP_HDR_UNSUPPORTED,
	SIP_HDR_USER_AGENT,
	SIP_HDR_VIA,
	SIP_HDR_WARNING,
	SIP_HDR_WWW_AUTHENTICATE,
	SIP_HDR_COUNT
};

/* By full or compact name, without case; by its bytes, never a hash alone. */
enum sip_hdr sip_hdr_find(struct slice name);
/* The same of n bytes at p, for inner loops: SIP_HDR_WIDTH bytes can be read
 * there, whatever n is. */
enum { SIP_HDR_WIDTH = 24 };
enum sip_hdr sip_hdr_find_wide(const char *p, size_t n);
struct slice sip_hdr_name(enum sip_hdr id);  /* full form; empty for OTHER */
char sip_hdr_compact(enum sip_hdr id);       /* 0: none */
/* May several values stand in one field, comma separated (7.3.1)?  The four
 * authentication headers may repeat but never combine. */
bool sip_hdr_is_list(enum sip_hdr id);
#endif
