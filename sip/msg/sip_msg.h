/* SPDX-License-Identifier: BSD-2-Clause
 * sip/msg/sip_msg.h - a SIP message as an index of slices, RFC 3261 section 7.
 *
 * The index borrows: start line and body lie in the received buffer, fields
 * may lie anywhere (an edited message mixes received and new text).  Whatever
 * is pointed to must outlive the index.  Header values are parsed on demand
 * by the functions of their own headers (sip_via.h, sip_name_addr.h ...).
 */
#ifndef SIP_MSG_H
#define SIP_MSG_H
#include "platform/limits.h"
#include "platform/writer.h"
#include "sip/hdr/sip_hdr.h"

enum sip_method {
	SIP_METHOD_OTHER, /* its name is in method_name */
	SIP_INVITE, SIP_ACK, SIP_BYE, SIP_CANCEL, SIP_OPTIONS, SIP_REGISTER,
	SIP_PRACK, SIP_UPDATE, SIP_INFO, SIP_MESSAGE, SIP_REFER,
	SIP_SUBSCRIBE, SIP_NOTIFY, SIP_PUBLISH,
	SIP_METHOD_COUNT
};

enum sip_method sip_method_find(struct slice name); /* case matters: 7.1 */
struct slice sip_method_name(enum sip_method m);    /* empty for OTHER */

_Static_assert(LIMIT_SIP_FIELDS < 256 && SIP_HDR_COUNT < 256,
	       "an index and an id fit in a byte");

struct sip_field {
	struct slice name;  /* as written */
	struct slice value; /* trimmed; folds inside are kept */
	uint8_t id;         /* enum sip_hdr */
	uint8_t next;       /* index + 1 of the next with this id; 0: none.
			     * SIP_HDR_OTHER is not chained. */
};

struct sip_msg { /* not zeroed as a whole: only the first n fields are set */
	unsigned status;          /* 100..699; 0: a request; after a failed
				   * parse 999: of a response, unreadable */
	enum sip_method method;   /* of a request */
	struct slice method_name;
	struct slice uri;         /* Request-URI, unparsed */
	struct slice reason;      /* of a response; may be empty */
	struct slice body;
	uint8_t n;
	uint8_t first[SIP_HDR_COUNT]; /* index + 1 of the first; 0: none */
	uint8_t last[SIP_HDR_COUNT];
	struct sip_field field[LIMIT_SIP_FIELDS];
};

/* ------------------------------------------------------------ reading */
/* in is one datagram, or one framed message of a stream.  Checks the start
 * line and that each field has the form name ":" value; says nothing of what
 * the values mean (sip_check.h does that).  The body is all that follows the
 * empty line, whatever Content-Length says.
 * -EBADMSG; -EAGAIN: well formed so far, but there is no empty line; -E2BIG:
 * too many fields, too long; -EPROTONOSUPPORT: a version other than SIP/2.0.
 * e is about the first fault; out then holds what could be read before and
 * behind it, so that a request can be answered 400: method_name, uri and body
 * are empty where unreadable. */
MUST_USE int sip_msg_parse(struct slice in, struct sip_msg *out,
			   struct parse_error *e);

/* The first field's value; empty with p NULL when there is none. */
struct slice sip_msg_get(const struct sip_msg *m, enum sip_hdr id);
static inline bool sip_msg_has(const struct sip_msg *m, enum sip_hdr id)
{
	return m->first[id] != 0;
}
/* The first field of that name (full name; for SIP_HDR_OTHER). */
const struct sip_field *sip_msg_find(const struct sip_msg *m,
				     const char *name);

/* Walks all values of one header, over repeated fields and, where
 * sip_hdr_is_list, over commas (none inside quotes or angle brackets). */
struct sip_values {
	const struct sip_msg *m;
	enum sip_hdr id;
	uint8_t next;      /* field index + 1 */
	struct slice rest; /* of the current field */
	bool more;
};
struct sip_values sip_values_begin(const struct sip_msg *m, enum sip_hdr id);
/* The same over one field of a list header that is in no message. */
struct sip_values sip_values_of(enum sip_hdr id, struct slice field);
bool sip_values_next(struct sip_values *v, struct slice *value);

/* --------------------------------------------------- building, editing */
/* An empty index with its start line set.  Slices are kept, not copied. */
void sip_msg_request(struct sip_msg *m, struct slice method, struct slice uri);
void sip_msg_response(struct sip_msg *m, unsigned status, struct slice reason);
/* -E2BIG when the index is full. */
MUST_USE int sip_msg_add(struct sip_msg *m, enum sip_hdr id,
			 struct slice value);
MUST_USE int sip_msg_add_named(struct sip_msg *m, struct slice name,
			       struct slice value);
/* Before all others of its kind (a proxy's Via), or before the first field. */
MUST_USE int sip_msg_push(struct sip_msg *m, enum sip_hdr id,
			  struct slice value);
void sip_msg_remove(struct sip_msg *m, enum sip_hdr id); /* all of them */
/* Takes away the topmost value alone, of a list perhaps. */
void sip_msg_pop(struct sip_msg *m, enum sip_hdr id);
/* Start line, fields in order, Content-Length written last and always from
 * body.n (any in the index is left out), empty line, body. */
void sip_msg_write(struct writer *w, const struct sip_msg *m);
/* Its parts, for who writes without an index: one field (name not empty), and
 * Content-Length, empty line and body. */
void sip_field_write(struct writer *w, struct slice name, struct slice value);
void sip_body_write(struct writer *w, struct slice body);

#endif
