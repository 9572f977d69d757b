/* SPDX-License-Identifier: BSD-2-Clause */
#include "sip/hdr/sip_hdr.h"

#include "platform/bytes.h"

/* Canonical name, padded so that whole words of it can be read and a row has
 * 32 bytes; length, compact form, is it a list. */
struct row {
	char name[29];
	uint8_t n;
	char compact;
	bool list;
};

#define ROW(name, compact, list) { name, sizeof(name) - 1, compact, list }

static const struct row rows[SIP_HDR_COUNT] = {
	[SIP_HDR_OTHER] = ROW("", 0, false),
	[SIP_HDR_ACCEPT] = ROW("Accept", 0, true),
	[SIP_HDR_ACCEPT_ENCODING] = ROW("Accept-Encoding", 0, true),
	[SIP_HDR_ACCEPT_LANGUAGE] = ROW("Accept-Language", 0, true),
	[SIP_HDR_ALERT_INFO] = ROW("Alert-Info", 0, true),
	[SIP_HDR_ALLOW] = ROW("Allow", 0, true),
	[SIP_HDR_AUTHENTICATION_INFO] = ROW("Authentication-Info", 0, false),
	[SIP_HDR_AUTHORIZATION] = ROW("Authorization", 0, false),
	[SIP_HDR_CALL_ID] = ROW("Call-ID", 'i', false),
	[SIP_HDR_CALL_INFO] = ROW("Call-Info", 0, true),
	[SIP_HDR_CONTACT] = ROW("Contact", 'm', true),
	[SIP_HDR_CONTENT_DISPOSITION] = ROW("Content-Disposition", 0, false),
	[SIP_HDR_CONTENT_ENCODING] = ROW("Content-Encoding", 'e', true),
	[SIP_HDR_CONTENT_LANGUAGE] = ROW("Content-Language", 0, true),
	[SIP_HDR_CONTENT_LENGTH] = ROW("Content-Length", 'l', false),
	[SIP_HDR_CONTENT_TYPE] = ROW("Content-Type", 'c', false),
	[SIP_HDR_CSEQ] = ROW("CSeq", 0, false),
	[SIP_HDR_DATE] = ROW("Date", 0, false),
	[SIP_HDR_ERROR_INFO] = ROW("Error-Info", 0, true),
	[SIP_HDR_EXPIRES] = ROW("Expires", 0, false),
	[SIP_HDR_FLOW_TIMER] = ROW("Flow-Timer", 0, false),
	[SIP_HDR_FROM] = ROW("From", 'f', false),
	[SIP_HDR_IN_REPLY_TO] = ROW("In-Reply-To", 0, true),
	[SIP_HDR_MAX_FORWARDS] = ROW("Max-Forwards", 0, false),
	[SIP_HDR_MIN_EXPIRES] = ROW("Min-Expires", 0, false),
	[SIP_HDR_MIME_VERSION] = ROW("MIME-Version", 0, false),
	[SIP_HDR_ORGANIZATION] = ROW("Organization", 0, false),
	[SIP_HDR_PATH] = ROW("Path", 0, true),
	[SIP_HDR_PRIORITY] = ROW("Priority", 0, false),
	[SIP_HDR_PROXY_AUTHENTICATE] = ROW("Proxy-Authenticate", 0, false),
	[SIP_HDR_PROXY_AUTHORIZATION] = ROW("Proxy-Authorization", 0, false),
	[SIP_HDR_PROXY_REQUIRE] = ROW("Proxy-Require", 0, true),
	[SIP_HDR_RECORD_ROUTE] = ROW("Record-Route", 0, true),
	[SIP_HDR_REPLY_TO] = ROW("Reply-To", 0, false),
	[SIP_HDR_REQUIRE] = ROW("Require", 0, true),
	[SIP_HDR_RETRY_AFTER] = ROW("Retry-After", 0, false),
	[SIP_HDR_ROUTE] = ROW("Route", 0, true),
	[SIP_HDR_SERVER] = ROW("Server", 0, false),
	[SIP_HDR_SERVICE_ROUTE] = ROW("Service-Route", 0, true),
	[SIP_HDR_SUBJECT] = ROW("Subject", 's', false),
	[SIP_HDR_SUPPORTED] = ROW("Supported", 'k', true),
	[SIP_HDR_TIMESTAMP] = ROW("Timestamp", 0, false),
	[SIP_HDR_TO] = ROW("To", 't', false),
	[SIP_HDR_UNSUPPORTED] = ROW("Unsupported", 0, true),
	[SIP_HDR_USER_AGENT] = ROW("User-Agent", 0, false),
	[SIP_HDR_VIA] = ROW("Via", 'v', true),
	[SIP_HDR_WARNING] = ROW("Warning", 0, true),
	[SIP_HDR_WWW_AUTHENTICATE] = ROW("WWW-Authenticate", 0, false),
};

/* Where a name is looked for, by its length, first and last letter: no two of
 * the known ones meet, and the compiler refuses the table (-Woverride-init) if
 * a new row does.  Then choose other factors.  Other names do meet them, so
 * the bytes decide. */
#define SLOT(n, first, last) (((n) * 11u + (first) + (last) * 21u) & 255u)

static const uint8_t slots[256] = {
	[SLOT(6, 'a', 't')] = SIP_HDR_ACCEPT,
	[SLOT(15, 'a', 'g')] = SIP_HDR_ACCEPT_ENCODING,
	[SLOT(15, 'a', 'e')] = SIP_HDR_ACCEPT_LANGUAGE,
	[SLOT(10, 'a', 'o')] = SIP_HDR_ALERT_INFO,
	[SLOT(5, 'a', 'w')] = SIP_HDR_ALLOW,
	[SLOT(19, 'a', 'o')] = SIP_HDR_AUTHENTICATION_INFO,
	[SLOT(13, 'a', 'n')] = SIP_HDR_AUTHORIZATION,
	[SLOT(7, 'c', 'd')] = SIP_HDR_CALL_ID,
	[SLOT(1, 'i', 'i')] = SIP_HDR_CALL_ID,
	[SLOT(9, 'c', 'o')] = SIP_HDR_CALL_INFO,
	[SLOT(7, 'c', 't')] = SIP_HDR_CONTACT,
	[SLOT(1, 'm', 'm')] = SIP_HDR_CONTACT,
	[SLOT(19, 'c', 'n')] = SIP_HDR_CONTENT_DISPOSITION,
	[SLOT(16, 'c', 'g')] = SIP_HDR_CONTENT_ENCODING,
	[SLOT(1, 'e', 'e')] = SIP_HDR_CONTENT_ENCODING,
	[SLOT(16, 'c', 'e')] = SIP_HDR_CONTENT_LANGUAGE,
	[SLOT(14, 'c', 'h')] = SIP_HDR_CONTENT_LENGTH,
	[SLOT(1, 'l', 'l')] = SIP_HDR_CONTENT_LENGTH,
	[SLOT(12, 'c', 'e')] = SIP_HDR_CONTENT_TYPE,
	[SLOT(1, 'c', 'c')] = SIP_HDR_CONTENT_TYPE,
	[SLOT(4, 'c', 'q')] = SIP_HDR_CSEQ,
	[SLOT(4, 'd', 'e')] = SIP_HDR_DATE,
	[SLOT(10, 'e', 'o')] = SIP_HDR_ERROR_INFO,
	[SLOT(7, 'e', 's')] = SIP_HDR_EXPIRES,
	[SLOT(10, 'f', 'r')] = SIP_HDR_FLOW_TIMER,
	[SLOT(4, 'f', 'm')] = SIP_HDR_FROM,
	[SLOT(1, 'f', 'f')] = SIP_HDR_FROM,
	[SLOT(11, 'i', 'o')] = SIP_HDR_IN_REPLY_TO,
	[SLOT(12, 'm', 's')] = SIP_HDR_MAX_FORWARDS,
	[SLOT(11, 'm', 's')] = SIP_HDR_MIN_EXPIRES,
	[SLOT(12, 'm', 'n')] = SIP_HDR_MIME_VERSION,
	[SLOT(12, 'o', 'n')] = SIP_HDR_ORGANIZATION,
	[SLOT(4, 'p', 'h')] = SIP_HDR_PATH,
	[SLOT(8, 'p', 'y')] = SIP_HDR_PRIORITY,
	[SLOT(18, 'p', 'e')] = SIP_HDR_PROXY_AUTHENTICATE,
	[SLOT(19, 'p', 'n')] = SIP_HDR_PROXY_AUTHORIZATION,
	[SLOT(13, 'p', 'e')] = SIP_HDR_PROXY_REQUIRE,
	[SLOT(12, 'r', 'e')] = SIP_HDR_RECORD_ROUTE,
	[SLOT(8, 'r', 'o')] = SIP_HDR_REPLY_TO,
	[SLOT(7, 'r', 'e')] = SIP_HDR_REQUIRE,
	[SLOT(11, 'r', 'r')] = SIP_HDR_RETRY_AFTER,
	[SLOT(5, 'r', 'e')] = SIP_HDR_ROUTE,
	[SLOT(6, 's', 'r')] = SIP_HDR_SERVER,
	[SLOT(13, 's', 'e')] = SIP_HDR_SERVICE_ROUTE,
	[SLOT(7, 's', 't')] = SIP_HDR_SUBJECT,
	[SLOT(1, 's', 's')] = SIP_HDR_SUBJECT,
	[SLOT(9, 's', 'd')] = SIP_HDR_SUPPORTED,
	[SLOT(1, 'k', 'k')] = SIP_HDR_SUPPORTED,
	[SLOT(9, 't', 'p')] = SIP_HDR_TIMESTAMP,
	[SLOT(2, 't', 'o')] = SIP_HDR_TO,
	[SLOT(1, 't', 't')] = SIP_HDR_TO,
	[SLOT(11, 'u', 'd')] = SIP_HDR_UNSUPPORTED,
	[SLOT(10, 'u', 't')] = SIP_HDR_USER_AGENT,
	[SLOT(3, 'v', 'a')] = SIP_HDR_VIA,
	[SLOT(1, 'v', 'v')] = SIP_HDR_VIA,
	[SLOT(7, 'w', 'g')] = SIP_HDR_WARNING,
	[SLOT(16, 'w', 'e')] = SIP_HDR_WWW_AUTHENTICATE,
};

/* Do sixteen bytes of a known name and of any, cut by mask, differ but for
 * case?  A known name has letters and "-" only: where it has a letter (bit
 * 0x40), bit 0x20 of both is set. */
static inline bool differ(const char *known, const char *any, const char *mask)
{
	bytes16 k, a, cut, fold;
	bytes16_words d;

	memcpy(&k, known, sizeof(k));
	memcpy(&a, any, sizeof(a));
	memcpy(&cut, mask, sizeof(cut));
	fold = (bytes16)((bytes16_words)(k & 0x40) >> 1);
	d = (bytes16_words)(((a & cut) | fold) ^ (k | fold));
	return (d[0] | d[1]) != 0;
}

static inline bool same(const char *known, const char *any, size_t n)
{
	static const char cut[2 * SIP_HDR_WIDTH] = {
		-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
		-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
	};
	const char *mask = cut + SIP_HDR_WIDTH - n;

	return !differ(known, any, mask) &&
	       (n <= 16 || !differ(known + 8, any + 8, mask + 8));
}

enum sip_hdr sip_hdr_find_wide(const char *p, size_t n)
{
	unsigned first, last, id;

	if (n == 0 || n > SIP_HDR_WIDTH)
		return SIP_HDR_OTHER;
	first = (unsigned char)p[0] | 0x20u;
	last = (unsigned char)p[n - 1] | 0x20u;
	id = slots[SLOT((unsigned)n, first, last)];
	if (n == 1) /* the slot is that of the row's compact form? */
		return is_alpha(p[0]) && first == (unsigned)rows[id].compact ?
			(enum sip_hdr)id : SIP_HDR_OTHER;
	return same(rows[id].name, p, n) ? (enum sip_hdr)id : SIP_HDR_OTHER;
}

enum sip_hdr sip_hdr_find(struct slice name)
{
	char wide[SIP_HDR_WIDTH] = { 0 };

	if (name.n > sizeof(wide))
		return SIP_HDR_OTHER;
	if (name.n)
		memcpy(wide, name.p, name.n);
	return sip_hdr_find_wide(wide, name.n);
}

struct slice sip_hdr_name(enum sip_hdr id)
{
	return slice_of(rows[id].name, rows[id].n);
}

char sip_hdr_compact(enum sip_hdr id)
{
	return rows[id].compact;
}

bool sip_hdr_is_list(enum sip_hdr id)
{
	return rows[id].list;
}
