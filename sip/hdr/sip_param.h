/* SPDX-License-Identifier: BSD-2-Clause
 * sip/hdr/sip_param.h - what most header values are made of: parameters,
 * comma-separated lists, qvalue, quoted text (RFC 3261 7.3.1 and 25.1).
 * All slices borrow the parsed text.
 */
#ifndef SIP_PARAM_H
#define SIP_PARAM_H
#include "platform/limits.h"
#include "platform/scan.h"
#include "platform/writer.h"

/* ------------------------------------------------------ ;name=value */
/* *( SEMI generic-param ) at the cursor.  *out is the text after the first
 * ";", empty when there is none; its end is that of the last parameter.
 * -EBADMSG: malformed, or a name twice (7.3.1: it must not appear more than
 * once); -E2BIG: more than LIMIT_SIP_PARAMS. */
MUST_USE int sip_params_scan(struct scan *s, struct slice *out);
/* m-parameter and auth-param: token EQUAL ( token / quoted-string ); value
 * keeps its quotes. */
bool sip_pair_scan(struct scan *s, struct slice *name, struct slice *value);
/* *( SEMI m-parameter ) at the cursor: the same, each with a value. */
MUST_USE int sip_valued_params_scan(struct scan *s, struct slice *out);

/* Walks what sip_params_scan gave; *value keeps its quotes, and p is NULL
 * where there is no "=". */
bool sip_param_next(struct slice *rest, struct slice *name,
		    struct slice *value);
/* By name, without case; value may be NULL. */
bool sip_param_find(struct slice params, const char *name,
		    struct slice *value);
/* ";name=value" for each, without the white space around ";" and "=". */
void sip_params_write(struct writer *w, struct slice params);
void sip_param_write(struct writer *w, struct slice name, struct slice value);

/* The names met so far in one header value, to refuse the second. */
struct sip_names {
	struct slice name[LIMIT_SIP_PARAMS];
	unsigned n;
};
/* 0; -EBADMSG: there already; -E2BIG: too many. */
MUST_USE int sip_names_add(struct sip_names *names, struct slice name);

/* ------------------------------------------------------------ a, b, c */
/* Walks the values of one field.  Usage:
 *	struct sip_list l = sip_list_begin(value, &e);
 *	while ((rc = sip_accept_next(&l, &accept)) > 0) ...
 * The _next functions of the list headers return 1 with a value, 0 after the
 * last, -EBADMSG, or -E2BIG after LIMIT_SIP_VALUES of them. */
struct sip_list { /* private */
	struct scan s;
	unsigned n;
};

struct sip_list sip_list_begin(struct slice value, struct parse_error *e);
/* For the _next functions: 1 when a value must stand at the cursor, 0 at the
 * end.  wanted is the reason given for an empty list; NULL allows it. */
MUST_USE int sip_list_step(struct sip_list *l, const char *wanted);

/* -------------------------------------------------------------- pieces */
/* qvalue = ( "0" [ "." 0*3DIGIT ] ) / ( "1" [ "." 0*3("0") ] ), the whole of
 * in.  -EBADMSG. */
MUST_USE int sip_qvalue_parse(struct slice in, unsigned *thousandths);
void sip_qvalue_write(struct writer *w, unsigned thousandths); /* "0.7" */

/* absoluteURI at the cursor, up to a character that no URI has.  Its scheme is
 * not looked into: sip_uri_parse does that for those it knows. */
bool sip_absolute_uri_scan(struct scan *s, struct slice *out);
/* LAQUOT absoluteURI RAQUOT *( SEMI generic-param ) at the cursor. */
MUST_USE int sip_angle_uri_scan(struct scan *s, struct slice *uri,
				struct slice *params);

/* Text as a quoted-string: with quotes, '"' and '\' escaped.  Control
 * characters, which none may hold, become spaces. */
void sip_quoted_write(struct writer *w, struct slice text);
/* Text with each folding or other LWS as one space. */
void sip_unfold_write(struct writer *w, struct slice text);
#endif
