/* SPDX-License-Identifier: BSD-2-Clause */
#include "sip/sip_hdr.h"

enum { NAME_MAX_LEN = 24 };

/* Canonical name, padded so that whole words of it can be read; length,
 * compact form, is it a list. */
struct row {
	char name[NAME_MAX_LEN];
	uint8_t n;
	char compact;
	bool list;
};

#define ROW(name, compact, list) { name, sizeof(name) - 1, compact, list }

/* In the order of enum sip_hdr, which keeps one first letter together. */
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
	[SIP_HDR_FROM] = ROW("From", 'f', false),
	[SIP_HDR_IN_REPLY_TO] = ROW("In-Reply-To", 0, true),
	[SIP_HDR_MAX_FORWARDS] = ROW("Max-Forwards", 0, false),
	[SIP_HDR_MIN_EXPIRES] = ROW("Min-Expires", 0, false),
	[SIP_HDR_MIME_VERSION] = ROW("MIME-Version", 0, false),
	[SIP_HDR_ORGANIZATION] = ROW("Organization", 0, false),
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

/* The first row of each letter; the next letter's first row ends it. */
static const uint8_t letter[27] = {
	SIP_HDR_ACCEPT,        /* a */
	SIP_HDR_CALL_ID,       /* b: none */
	SIP_HDR_CALL_ID,       /* c */
	SIP_HDR_DATE,          /* d */
	SIP_HDR_ERROR_INFO,    /* e */
	SIP_HDR_FROM,          /* f */
	SIP_HDR_IN_REPLY_TO,   /* g: none */
	SIP_HDR_IN_REPLY_TO,   /* h: none */
	SIP_HDR_IN_REPLY_TO,   /* i */
	SIP_HDR_MAX_FORWARDS,  /* j: none */
	SIP_HDR_MAX_FORWARDS,  /* k: none */
	SIP_HDR_MAX_FORWARDS,  /* l: none */
	SIP_HDR_MAX_FORWARDS,  /* m */
	SIP_HDR_ORGANIZATION,  /* n: none */
	SIP_HDR_ORGANIZATION,  /* o */
	SIP_HDR_PRIORITY,      /* p */
	SIP_HDR_RECORD_ROUTE,  /* q: none */
	SIP_HDR_RECORD_ROUTE,  /* r */
	SIP_HDR_SERVER,        /* s */
	SIP_HDR_TIMESTAMP,     /* t */
	SIP_HDR_UNSUPPORTED,   /* u */
	SIP_HDR_VIA,           /* v */
	SIP_HDR_WARNING,       /* w */
	SIP_HDR_COUNT,         /* x: none */
	SIP_HDR_COUNT,         /* y: none */
	SIP_HDR_COUNT,         /* z: none */
	SIP_HDR_COUNT,
};

static const uint8_t compact[26] = {
	['c' - 'a'] = SIP_HDR_CONTENT_TYPE,
	['e' - 'a'] = SIP_HDR_CONTENT_ENCODING,
	['f' - 'a'] = SIP_HDR_FROM,
	['i' - 'a'] = SIP_HDR_CALL_ID,
	['k' - 'a'] = SIP_HDR_SUPPORTED,
	['l' - 'a'] = SIP_HDR_CONTENT_LENGTH,
	['m' - 'a'] = SIP_HDR_CONTACT,
	['s' - 'a'] = SIP_HDR_SUBJECT,
	['t' - 'a'] = SIP_HDR_TO,
	['v' - 'a'] = SIP_HDR_VIA,
};

/* Four bytes of a known name and four of any other, without case.  A known
 * name has letters and "-" only: where it has a letter (bit 0x40) bit 0x20 of
 * both is set, elsewhere the bytes must be the same. */
static bool same4(const char *known, const char *any)
{
	uint32_t k, a, fold;

	memcpy(&k, known, sizeof(k));
	memcpy(&a, any, sizeof(a));
	fold = (k & 0x40404040u) >> 1;
	return (k | fold) == (a | fold);
}

static bool same(const struct row *r, const char *p, size_t n)
{
	if (n < 4) /* To, Via */
		return slice_isame(slice_of(r->name, n), slice_of(p, n));
	for (size_t i = 0; i + 4 < n; i += 4)
		if (!same4(r->name + i, p + i))
			return false;
	return same4(r->name + n - 4, p + n - 4);
}

enum sip_hdr sip_hdr_find(struct slice name)
{
	unsigned l;

	if (name.n == 0)
		return SIP_HDR_OTHER;
	l = (unsigned char)to_lower(name.p[0]) - (unsigned)'a';
	if (l >= 26)
		return SIP_HDR_OTHER;
	if (name.n == 1)
		return (enum sip_hdr)compact[l];
	for (unsigned id = letter[l]; id < letter[l + 1]; id++)
		if (rows[id].n == name.n && same(&rows[id], name.p, name.n))
			return (enum sip_hdr)id;
	return SIP_HDR_OTHER;
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
