/* SPDX-License-Identifier: BSD-2-Clause
 * platform/http/http_msg.h - heads of HTTP/1.1 messages, RFC 9112 and
 * RFC 9110: start line and header fields, read and written.  What follows the
 * head is somebody else's.
 *
 * Read strictly: lines end in CRLF alone, none is folded, nothing stands
 * between a name and its colon (RFC 9112 2.2, 5.1, 5.2): whatever two readers
 * might understand differently is refused.  A request may have empty lines in
 * front of it (2.2).
 *
 * Ownership: slices borrow the input.  Nothing allocates.
 */
#ifndef PLATFORM_HTTP_HTTP_MSG_H
#define PLATFORM_HTTP_HTTP_MSG_H
#include "platform/writer.h"

enum {
	LIMIT_HTTP_HEAD = 8192, /* octets of a head: 431; RFC 9112 3 wants a
				 * request line of 8000 to be taken */
	LIMIT_HTTP_FIELDS = 64, /* of a head: 431; browsers send a dozen */
	LIMIT_HTTP_EMPTY = 4    /* lines before a request: 400 */
};

struct http_head {
	bool request;
	struct slice method, target; /* of a request */
	unsigned status;             /* of a response: 100..999 */
	struct slice reason;
	unsigned minor;              /* of HTTP/1.minor */
	struct slice fields;         /* all lines of them: http_next */
	unsigned n;                  /* how many they are */
	size_t size;                 /* octets up to the body */
};

/* Octets of the head that in begins with, 0: its end is not there yet.  *from
 * is where to look on, at first 0; so a head that comes in pieces is looked
 * through once. */
size_t http_head_size(struct slice in, size_t *from);
/* -EAGAIN: the head has no end yet, and is not too long so far.  -EBADMSG: it
 * is none of HTTP/1; -E2BIG: LIMIT_HTTP_HEAD, LIMIT_HTTP_FIELDS. */
MUST_USE int http_head_parse(struct slice in, struct http_head *out,
			     struct parse_error *e);

/* The fields in their order; *at is 0 at first.  Values are without the blanks
 * around them. */
bool http_next(const struct http_head *h, size_t *at, struct slice *name,
	       struct slice *value);
/* How often there is a field of that name, whatever its case; *value is the
 * first one's, empty when there is none. */
unsigned http_get(const struct http_head *h, const char *name,
		  struct slice *value);
/* The next element of a comma list of values without quotes (RFC 9110 5.6.1),
 * empty ones skipped: *rest is all of the list at first. */
bool http_element(struct slice *rest, struct slice *element);
/* Stands token, whatever its case, in a list of any field of that name? */
bool http_has(const struct http_head *h, const char *name, const char *token);

/* May it stand as a request's target, as a field's value? */
bool http_is_target(struct slice s);
bool http_is_value(struct slice s);

/* Writers; what they are given was seen by http_is_target, http_is_value. */
void http_write_request(struct writer *w, const char *method,
			struct slice target);
void http_write_status(struct writer *w, unsigned status);
void http_write_field(struct writer *w, const char *name, struct slice value);
void http_write_end(struct writer *w);
const char *http_reason(unsigned status); /* "": not known here */
#endif
