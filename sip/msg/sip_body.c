/* SPDX-License-Identifier: BSD-2-Clause */
#include "sip/msg/sip_body.h"

#include "platform/mime.h"
#include "sip/hdr/sip_disposition.h"
#include "sip/hdr/sip_media_type.h"

/* What becomes of a part that is not understood. */
enum need {
	OPTIONAL, /* ignored */
	UNSAID,   /* required, but see the header */
	REQUIRED
};

struct leaf { /* a body, or a part of one */
	struct slice type, disposition, coding, body;
};

struct level { /* a multipart that is being walked */
	struct mime_parts parts;
	char boundary[SIP_BOUNDARY_MAX];
	bool alternative;
	bool understood;      /* one of its parts was */
	enum need need;       /* of it as a whole */
	struct slice session; /* of its parts */
};

struct walk {
	const char *const *types;
	enum need missing; /* the most that was not understood */
	bool failed;       /* something was not */
	unsigned depth;
	struct level level[LIMIT_MIME_DEPTH + 1]; /* 0: the message */
};

const char *const sip_body_types[] = { "application/sdp", "multipart/*",
				       NULL };

static bool body_fits(const struct walk *w, const struct sip_media_type *t)
{
	struct slice major, minor;

	for (const char *const *p = w->types; *p; p++) {
		(void)slice_cut(slice_str(*p), '/', &major, &minor);
		if (slice_isame(t->type, major) &&
		    (slice_eq(minor, "*") || slice_isame(t->subtype, minor)))
			return true;
	}
	return false;
}

/* What is not for the session, or only in a context that is not here. */
static bool body_elsewhere(const struct sip_disposition *d)
{
	return slice_ieq(d->type, "early-session") ||
	       slice_ieq(d->type, "by-reference");
}

static bool is_plain(struct slice coding)
{
	static const char *const plain[] = { "identity", "binary", "8bit",
					     "7bit" };

	for (size_t i = 0; i < COUNT(plain); i++)
		if (slice_ieq(coding, plain[i]))
			return true;
	return !coding.n;
}

static void missing(struct walk *w, enum need need)
{
	if (w->level[w->depth].alternative)
		return; /* another part may do */
	w->failed = true;
	if (need > w->missing)
		w->missing = need;
}

/* A part of the level was understood; session may be empty. */
static void understood(struct level *l, struct slice session)
{
	l->understood = true;
	if (session.n && (l->alternative || !l->session.n))
		l->session = session;
}

static int enter(struct walk *w, const struct leaf *leaf,
		 const struct sip_media_type *t, enum need need)
{
	struct level *l = &w->level[w->depth + 1];
	struct slice boundary;

	if (w->depth == LIMIT_MIME_DEPTH) {
		missing(w, need);
		return 0;
	}
	*l = (struct level){ .need = need, .alternative =
			     slice_ieq(t->subtype, "alternative") };
	if (!sip_media_type_boundary(t, l->boundary, &boundary) ||
	    mime_begin(&l->parts, boundary, leaf->body))
		return -EBADMSG;
	w->depth++;
	return 0;
}

static void body_leave(struct walk *w)
{
	struct level *l = &w->level[w->depth--];

	if (l->alternative && !l->understood)
		missing(w, l->need);
	else
		understood(&w->level[w->depth], l->session);
}

static int body_take(struct walk *w, const struct leaf *leaf)
{
	struct sip_disposition d = { .handling = { NULL, 0 } };
	enum need need = UNSAID;
	struct sip_media_type t;

	if (sip_disposition_parse(leaf->disposition, &d, NULL) == 0)
		need = d.optional ? OPTIONAL : d.handling.p ? REQUIRED :
		       UNSAID;
	if (w->depth && w->level[w->depth].need == OPTIONAL)
		need = OPTIONAL; /* RFC 5621 8.2: the whole may be ignored */
	if (sip_media_type_parse(leaf->type, &t, NULL) || !body_fits(w, &t) ||
	    !is_plain(leaf->coding) || body_elsewhere(&d))
		missing(w, need);
	else if (slice_ieq(t.type, "multipart"))
		return enter(w, leaf, &t, need);
	else
		understood(&w->level[w->depth],
			   sip_media_type_is(&t, "application", "sdp") ?
			   leaf->body : (struct slice){ 0 });
	return 0;
}

static struct slice field(const struct mime_part *p, const char *name)
{
	struct slice value;

	return mime_field(p->fields, name, &value) ? value :
	       (struct slice){ 0 };
}

/* Each round takes a part or ends a multipart. */
static int parts(struct walk *w)
{
	int rc = 0;

	while (w->depth && rc == 0) {
		struct mime_part p;
		struct leaf leaf;

		rc = mime_next(&w->level[w->depth].parts, &p);
		if (rc < 0)
			break;
		if (rc == 0) {
			body_leave(w);
			continue;
		}
		leaf = (struct leaf){ field(&p, "Content-Type"),
			field(&p, "Content-Disposition"),
			field(&p, "Content-Encoding"), p.body };
		if (is_plain(leaf.coding))
			leaf.coding = field(&p, "Content-Transfer-Encoding");
		rc = body_take(w, &leaf);
	}
	return rc;
}

int sip_body_read(const struct sip_msg *m, const char *const *types,
		  struct slice *session)
{
	struct walk w = { .types = types };
	struct leaf whole = { sip_msg_get(m, SIP_HDR_CONTENT_TYPE),
		sip_msg_get(m, SIP_HDR_CONTENT_DISPOSITION),
		sip_msg_get(m, SIP_HDR_CONTENT_ENCODING), m->body };
	int rc = 0;

	if (m->body.n)
		rc = body_take(&w, &whole);
	if (rc == 0)
		rc = parts(&w);
	*session = w.level[0].session;
	if (rc) {
		*session = (struct slice){ 0 };
		return rc;
	}
	return w.failed && (w.missing == REQUIRED ||
			    (w.missing == UNSAID && !session->n)) ?
	       -ENOTSUP : 0;
}
