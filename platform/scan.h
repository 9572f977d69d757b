/* SPDX-License-Identifier: BSD-2-Clause
 * platform/scan.h - a cursor over a slice, for text grammars.
 * A scan function that matches advances and returns true; one that does not
 * leaves the cursor where it was and returns false.  White space is that of
 * SIP, RFC 3261 25.1: LWS = [*WSP CRLF] 1*WSP, SWS = [LWS].  A lone LF or CR
 * is not white space.
 */
#ifndef PLATFORM_SCAN_H
#define PLATFORM_SCAN_H
#include "platform/slice.h"

struct scan {
	const char *p, *end; /* cursor and end */
	const char *begin;   /* of the whole input: offsets count from here */
	struct parse_error *e;
};

struct scan scan_begin(struct slice in, struct parse_error *e);
/* Fills the error with the cursor's offset; returns -EBADMSG (or code). */
int scan_fail(struct scan *s, const char *reason);
int scan_fail_code(struct scan *s, int code, const char *reason);

static inline size_t scan_left(const struct scan *s)
{
	return (size_t)(s->end - s->p);
}

static inline bool scan_at(const struct scan *s, char c)
{
	return s->p < s->end && *s->p == c;
}

bool scan_done(struct scan *s);         /* SWS, then the end */
static inline bool scan_end(const struct scan *s) /* nothing skipped */
{
	return s->p == s->end;
}

struct slice scan_rest(struct scan *s); /* takes all that is left */

static inline bool scan_char(struct scan *s, char c)
{
	if (!scan_at(s, c))
		return false;
	s->p++;
	return true;
}

bool scan_str(struct scan *s, const char *lit);  /* bytes */
bool scan_istr(struct scan *s, const char *lit); /* ASCII case folded */
bool scan_lws(struct scan *s);          /* 1 or more, folding included */
static inline void scan_sws(struct scan *s) /* 0 or more */
{
	if (s->p < s->end && (unsigned char)*s->p <= ' ')
		(void)scan_lws(s);
}

/* SWS c SWS: COMMA SEMI EQUAL ... */
static inline bool scan_sep(struct scan *s, char c)
{
	const char *start = s->p;

	scan_sws(s);
	if (scan_char(s, c)) {
		scan_sws(s);
		return true;
	}
	s->p = start;
	return false;
}


/* Character classes, RFC 3261 25.1; or them for a set. */
enum scan_class {
	SCAN_ALPHA = 1 << 0,
	SCAN_DIGIT = 1 << 1,
	SCAN_TOKEN_MARK = 1 << 2,  /* - . ! % * _ + ` ' ~ */
	SCAN_MARK = 1 << 3,        /* - _ . ! ~ * ' ( ) */
	SCAN_USER_MARK = 1 << 4,   /* & = + $ , ; ? / */
	SCAN_PARAM_MARK = 1 << 5,  /* [ ] / : & + $ */
	SCAN_HEX = 1 << 6,
	SCAN_WORD_MARK = 1 << 7,   /* token marks, ( ) < > : \ " / [ ] ? { } */
	SCAN_URIC_MARK = 1 << 8,   /* ; / ? : @ & = + $ , (reserved) */
	SCAN_WSP = 1 << 9,         /* SP HTAB */
	SCAN_UTF8 = 1 << 10,       /* 0x80..0xFF */
	SCAN_CTL = 1 << 11,        /* 0x00..0x1F 0x7F */
	SCAN_HNV_MARK = 1 << 12,   /* [ ] / ? : + $ (headers of a URI) */
	SCAN_PASSWORD_MARK = 1 << 13, /* & = + $ , */
	SCAN_QDTEXT = 1 << 14,     /* qdtext in ASCII, SP, HTAB */
	SCAN_LABEL = 1 << 15,      /* ALPHA DIGIT - (host names) */
	SCAN_ALNUM = SCAN_ALPHA | SCAN_DIGIT,
	SCAN_TOKEN = SCAN_ALNUM | SCAN_TOKEN_MARK,
	SCAN_WORD = SCAN_ALNUM | SCAN_WORD_MARK,
	SCAN_UNRESERVED = SCAN_ALNUM | SCAN_MARK,
};

extern const uint16_t scan_classes[256]; /* bits of enum scan_class */

static inline bool scan_is(char c, unsigned set)
{
	return (scan_classes[(unsigned char)c] & set) != 0;
}

/* Behind the last of *set at p. */
const char *scan_span(const char *p, const char *end, unsigned set);
/* 1*set, 1*SCAN_TOKEN; out may be NULL. */
static inline bool scan_run(struct scan *s, unsigned set, struct slice *out)
{
	const char *start = s->p;

	s->p = scan_span(start, s->end, set);
	if (s->p == start)
		return false;
	if (out)
		*out = slice_of(start, (size_t)(s->p - start));
	return true;
}

static inline bool scan_token(struct scan *s, struct slice *out)
{
	return scan_run(s, SCAN_TOKEN, out);
}

bool scan_word(struct scan *s, struct slice *out);  /* 1*SCAN_WORD */
/* 1*DIGIT within max; false (cursor unmoved) when larger. */
bool scan_u32(struct scan *s, uint32_t max, uint32_t *out);
bool scan_u64(struct scan *s, uint64_t max, uint64_t *out);
/* Everything before the first c, which is not taken; false: no c. */
bool scan_until(struct scan *s, char c, struct slice *out);

/* quoted-string = SWS DQUOTE *(qdtext / quoted-pair) DQUOTE.  out is what
 * stands between the quotes, escapes kept; UTF-8 must be well formed. */
bool scan_quoted(struct scan *s, struct slice *out);
/* comment = LPAREN *(ctext / quoted-pair / comment) RPAREN, at most
 * LIMIT_COMMENT_DEPTH deep; out is what stands between. */
bool scan_comment(struct scan *s, struct slice *out);

/* hostname, IPv4address or IPv6reference (RFC 3261 25.1, RFC 5954): out keeps
 * the brackets.  scan_hostport adds [ ":" port ], *port 0 when absent. */
bool scan_host(struct scan *s, struct slice *out);
bool scan_hostport(struct scan *s, struct slice *host, uint16_t *port,
		   bool *has_port);

/* generic-param = token [ EQUAL ( token / host / quoted-string ) ]: val keeps
 * its quotes, if any, and is empty with p NULL when there is no EQUAL. */
bool scan_param(struct scan *s, struct slice *name, struct slice *val);

/* Is s well-formed UTF-8 (RFC 3629)? */
bool utf8_valid(struct slice s);
/* Bytes of the well-formed sequence that s begins with; 0: it is none. */
size_t utf8_first(struct slice s);
/* What must not come from a peer to a terminal as it is, c being one sequence:
 * C0, DEL and C1, which drive it; U+2028 and U+2029, which end its line; those
 * with the Unicode property Bidi_Control (U+061C, U+200E, U+200F, U+202A to
 * U+202E, U+2066 to U+2069), which turn what follows around, so that a name
 * reads as another one's. */
bool utf8_is_control(struct slice c);
/* What a value says: a quoted-string without its quotes and escapes.  Only
 * one with escapes is copied, into dst; when cap is less than its length, the
 * escapes stay.  A value without quotes comes back as it is. */
struct slice scan_unquote(struct slice raw, char *dst, size_t cap);
#endif
