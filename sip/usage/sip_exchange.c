/* SPDX-License-Identifier: BSD-2-Clause */
#include "sip/usage/sip_exchange.h"

#include "sip/core/sip_reason.h"
#include "sip/hdr/sip_cseq.h"
#include "sip/hdr/sip_name_addr.h"
#include "sip/hdr/sip_retry_after.h"

enum {
	CALL_ID = 24, TAG = 13, CNONCE = 16, /* characters */
	BASE = 30, LONGEST = 1800, /* RFC 5626 4.5, seconds */
	RETRY_MOST = 86400,        /* of a Retry-After, seconds */
	MARGIN = 60,  /* a refresh may take 32 s, and be repeated */
	LEAST = 5     /* seconds between refreshes */
};

int sip_exchange_identity(struct sip_dialog *d, struct mem *m,
			  struct sip_core *core,
			  const struct sip_dialog_base *base)
{
	struct drbg *random = sip_core_random(core);
	struct sip_dialog_base b = *base;
	char call_id[CALL_ID], tag[TAG];
	struct parse_error e;
	int rc;

	if (!b.seq) /* 8.1.1.5 */
		b.seq = drbg_below(random, 1u << 15);
	drbg_token(random, tag, sizeof(tag));
	drbg_token(random, call_id, sizeof(call_id));
	b.local_tag = slice_of(tag, sizeof(tag));
	if (!b.call_id.n)
		b.call_id = slice_of(call_id, sizeof(call_id));
	rc = sip_dialog_init(d, m, &b, &e);
	return rc == -EBADMSG ? -EINVAL : rc;
}

/* -------------------------------------------------------------- sending */
int sip_exchange_send(struct sip_exchange *x, struct sip_core *core,
		      const struct sip_dialog *d, struct sip_request *q,
		      struct instant now)
{
	uint64_t txn;
	int rc;

	q->uri = sip_dialog_hop(d);
	q->identity = d->identity;
	q->like = x->txn;
	rc = sip_core_request(core, q, now, &txn);
	if (rc < 0)
		return rc;
	x->txn = txn;
	x->seq = d->local_seq;
	x->heard = false;
	return 0;
}

/* --------------------------------------------------- turns in a dialog */
static bool holds_up(const struct sip_exchange *y,
		     const struct sip_exchange *x)
{
	return y != x && y->seq && !y->heard &&
	       !(x->method == SIP_BYE && y->method == SIP_INVITE);
}

/* Once it has its number it goes where it goes, again or elsewhere. */
static bool has_turn(const struct sip_exchange *x)
{
	for (const struct sip_exchange *y = x->on && !x->seq ?
	     x->on->turns : NULL; y; y = y->next)
		if (holds_up(y, x))
			return false;
	return true;
}

/* Those that waited and need not any more; of these one may hold the next,
 * which waits again then. */
static void pass_on(struct sip_shared *on)
{
	for (struct sip_exchange *x = on->turns; x; x = x->next)
		if (x->held && has_turn(x)) {
			x->held = false;
			sip_core_ask_again(on->all->core, x->txn);
		}
}

static void take_turn(struct sip_exchange *x, struct sip_shared *on)
{
	struct sip_exchange **at = &on->turns;

	while (*at)
		at = &(*at)->next;
	*at = x;
	x->on = on;
}

void sip_exchange_leave(struct sip_exchange *x)
{
	struct sip_shared *on = x->on;
	struct sip_exchange **at;

	if (!on)
		return;
	for (at = &on->turns; *at && *at != x;)
		at = &(*at)->next;
	if (*at)
		*at = x->next;
	x->on = NULL;
	x->next = NULL;
	pass_on(on);
}

static void was_heard(struct sip_exchange *x)
{
	if (x->heard)
		return;
	x->heard = true;
	if (x->on)
		pass_on(x->on);
}

static void is_over(struct sip_exchange *x)
{
	x->txn = 0;
	sip_exchange_leave(x);
}

int sip_exchange_begin(struct sip_exchange *x, struct sip_core *core,
		       const struct sip_dialog *d, enum sip_method method,
		       struct sip_request *q, struct instant now)
{
	int rc;

	sip_exchange_leave(x);
	*x = (struct sip_exchange){ .method = (uint8_t)method };
	q->msg = NULL;
	q->method = method;
	if (!q->uri.n)
		q->uri = sip_dialog_hop(d);
	q->identity = d->identity;
	rc = sip_core_request(core, q, now, &x->txn);
	if (rc < 0)
		x->txn = 0;
	return rc;
}

int sip_exchange_begin_on(struct sip_exchange *x, struct sip_shared *on,
			  enum sip_method method, struct sip_request *q,
			  struct instant now)
{
	int rc;

	sip_shared_direct(on, q);
	rc = sip_exchange_begin(x, on->all->core, &on->d, method, q, now);
	if (rc == 0)
		take_turn(x, on);
	return rc;
}

int sip_exchange_write(struct sip_exchange *x, struct sip_dialog *d,
		       struct slice method, struct writer *w,
		       struct sip_msg *m)
{
	uint32_t last = d->local_seq;
	int rc;

	if (x->seq) /* others of the dialog may have gone out since */
		d->local_seq = x->seq - 1;
	rc = sip_dialog_request(d, method, w, m);
	if (rc == 0 && !x->seq)
		x->seq = last = d->local_seq;
	d->local_seq = last;
	return rc;
}

int sip_exchange_compose(struct sip_exchange *x, struct sip_core *core,
			 const struct sip_msg *m, struct instant now)
{
	return sip_core_compose(core, x->txn, m, now);
}

struct sip_outcome sip_exchange_unsent(int rc, struct slice uri)
{
	if (rc == -EINVAL)
		return (struct sip_outcome){ .status = 416, .reason = uri };
	if (rc == -EADDRNOTAVAIL)
		return (struct sip_outcome){ .status = 416,
			.reason = S("no transport of ours reaches it") };
	return (struct sip_outcome){ .status = 500,
		.reason = S("No memory, or too many requests") };
}

void sip_exchange_forget(struct sip_exchange *x, struct sip_core *core,
			 struct instant now)
{
	if (x->txn)
		sip_core_forget(core, x->txn, now);
	is_over(x);
}

/* ------------------------------------------------------------- outcomes */
static struct sip_outcome outcome(const struct sip_event *ev)
{
	struct sip_outcome out = { .txn = ev->txn };

	if (ev->msg) {
		out.status = ev->msg->status;
		out.reason = ev->msg->reason;
		out.msg = ev->msg;
		out.path = ev->path;
	} else if (ev->kind == SIP_EV_TIMEOUT) {
		out.status = 408;
	} else {
		out.status = 503;
		out.reason = slice_str(ev->reason ? ev->reason : "");
	}
	if (!out.reason.n)
		out.reason = sip_reason(out.status);
	return out;
}

static enum sip_exchange_step response(struct sip_exchange *x,
				       const struct sip_event *ev)
{
	unsigned status = ev->msg->status;

	was_heard(x);
	if (status < 200)
		return SIP_EXCHANGE_PROGRESS;
	if (status == 401 || status == 407)
		return SIP_EXCHANGE_CHALLENGED;
	if (ev->method != SIP_INVITE || status >= 300)
		is_over(x);
	return SIP_EXCHANGE_ANSWERED;
}

enum sip_exchange_step sip_exchange_on_event(struct sip_exchange *x,
					     const struct sip_event *ev,
					     struct sip_outcome *out)
{
	if (!x->txn || ev->txn != x->txn)
		return SIP_EXCHANGE_NOTHING;
	switch (ev->kind) {
	case SIP_EV_COMPOSE:
		x->held = !has_turn(x);
		if (x->held)
			return SIP_EXCHANGE_NOTHING;
		*out = (struct sip_outcome){ .txn = ev->txn,
					     .path = ev->path };
		return SIP_EXCHANGE_COMPOSE;
	case SIP_EV_RESPONSE:
		if (!ev->msg)
			return SIP_EXCHANGE_NOTHING;
		*out = outcome(ev);
		return response(x, ev);
	case SIP_EV_TIMEOUT:
	case SIP_EV_UNREACHABLE:
		*out = outcome(ev);
		is_over(x);
		return SIP_EXCHANGE_UNANSWERED;
	case SIP_EV_REQUEST:
	case SIP_EV_ACK:
	case SIP_EV_CANCEL:
	case SIP_EV_NO_ACK:
	case SIP_EV_UNSENT:
	case SIP_EV_FLOW_GONE:
	case SIP_EV_REFUSED:
		break;
	}
	return SIP_EXCHANGE_NOTHING;
}

bool sip_exchange_retry_after(const struct sip_msg *m, uint32_t *seconds)
{
	struct sip_retry_after after;
	struct parse_error e;

	if (!sip_msg_has(m, SIP_HDR_RETRY_AFTER) ||
	    sip_retry_after_parse(sip_msg_get(m, SIP_HDR_RETRY_AFTER), &after,
				  &e) < 0)
		return false;
	*seconds = after.seconds;
	return true;
}

/* ------------------------------------------------ what is kept up by them */
/* RFC 5626 4.5: uniform between half of W and W, W = 30 s * 2^failures up to
 * half an hour. */
uint32_t sip_exchange_backoff(struct sip_core *core, unsigned failures)
{
	uint32_t w = LONGEST;

	if (failures < 6)
		w = (uint32_t)BASE << failures;
	if (w > LONGEST)
		w = LONGEST;
	return w / 2 + drbg_below(sip_core_random(core), w / 2 + 1);
}

/* What no waiting will change. */
static bool is_permanent(unsigned status)
{
	static const uint16_t transient[] = { 408, 413, 423, 429, 480, 486,
					      491 };

	if (status >= 500)
		return status == 501 || status == 505 || status == 513 ||
		       status >= 600;
	for (size_t i = 0; i < COUNT(transient); i++)
		if (transient[i] == status)
			return false;
	return true;
}

/* A server that names a time will be asked again then. */
uint32_t sip_exchange_retry(struct sip_core *core, const struct sip_outcome *o,
			    unsigned failures)
{
	uint32_t least = 0, t;

	if (!o->msg || !sip_exchange_retry_after(o->msg, &least))
		least = 0;
	if (!least && is_permanent(o->status))
		return 0;
	least = least < RETRY_MOST ? least : RETRY_MOST;
	t = sip_exchange_backoff(core, failures);
	return t > least ? t : least;
}

/* With time for a lost request; not all at once.  Who grants less than a few
 * seconds would have us send a request in each: such a grant is gone for a
 * while before it is made anew. */
mono sip_exchange_refresh(struct sip_core *core, uint32_t seconds)
{
	uint32_t margin = seconds / 2 < MARGIN ? seconds / 2 : MARGIN;
	uint32_t early = drbg_below(sip_core_random(core), margin / 2 + 1);
	mono after = SEC(seconds) - SEC(margin) - SEC(early);

	return after < SEC(LEAST) ? SEC(LEAST) : after;
}

/* ----------------------------------------------------------- challenges */
/* The next number: 22.2 wants a new CSeq. */
static int renumber(struct sip_dialog *d, struct sip_msg *m, struct writer *w)
{
	struct sip_field *f;
	size_t at = w->n;

	if (!sip_msg_has(m, SIP_HDR_CSEQ) || d->local_seq == UINT32_MAX)
		return -EINVAL;
	sip_cseq_write(w, &(struct sip_cseq){ ++d->local_seq,
					      m->method_name });
	f = &m->field[m->first[SIP_HDR_CSEQ] - 1];
	f->value = slice_of(w->buf + at, w->n - at);
	return w->full ? -ENOSPC : 0;
}

int sip_exchange_authorize(struct sip_core *core,
			   const struct sip_exchange_auth *auth,
			   struct sip_msg *m, struct writer *w)
{
	char cnonce[CNONCE];
	int rc;

	if (!auth->digest->first)
		return 0;
	drbg_token(sip_core_random(core), cnonce, sizeof(cnonce));
	rc = sip_digest_authorize(auth->digest, m, auth->secret, auth->n,
				  slice_of(cnonce, sizeof(cnonce)), false, w);
	return rc < 0 ? rc : 0;
}

int sip_exchange_renew(struct sip_exchange *x, struct sip_core *core,
		       struct sip_dialog *d, const struct sip_msg *challenge,
		       const struct sip_exchange_auth *auth, struct sip_msg *m,
		       struct writer *w)
{
	const struct sip_msg *sent = sip_core_sent(core, x->txn);
	int rc;

	if (!sent)
		return -EINVAL;
	*m = *sent;
	rc = sip_digest_on_challenge(auth->digest, m, challenge, auth->secret,
				     auth->n);
	if (rc >= 0)
		rc = renumber(d, m, w);
	return rc < 0 ? rc : sip_exchange_authorize(core, auth, m, w);
}

/* ------------------------------------------------------------- redirection */
/* Its URI as text; empty: none will do.  What was asked for securely is not
 * asked for in the clear, since nobody would know (8.1.3.4). */
static struct slice other_target(const struct sip_msg *m, struct slice now)
{
	struct sip_values v = sip_values_begin(m, SIP_HDR_CONTACT);
	struct sip_name_addr a;
	struct sip_uri old;
	struct parse_error e;
	struct slice value;

	if (sip_uri_parse(now, &old, &e) < 0)
		return (struct slice){ 0 };
	while (sip_values_next(&v, &value))
		if (sip_contact_parse(value, &a, &e) == 0 && !a.star &&
		    a.uri.scheme != SIP_SCHEME_OTHER &&
		    (a.uri.scheme == SIP_SCHEME_SIPS ||
		     old.scheme != SIP_SCHEME_SIPS) &&
		    !sip_uri_same(&a.uri, &old))
			return a.uri.text;
	return (struct slice){ 0 };
}

int sip_exchange_redirect(struct sip_core *core, struct sip_dialog *d,
			  const struct sip_outcome *o, struct sip_msg *m,
			  struct writer *w)
{
	struct slice to = other_target(o->msg, sip_dialog_text(d,
							SIP_DIALOG_TARGET));
	const struct sip_msg *sent = sip_core_sent(core, o->txn);
	int rc = to.n ? 0 : -ENOENT;

	if (rc == 0 && !sent)
		rc = -EINVAL;
	if (rc == 0)
		rc = sip_dialog_set_target(d, to);
	if (rc < 0)
		return rc;
	*m = *sent;
	m->uri = sip_dialog_text(d, SIP_DIALOG_TARGET);
	sip_msg_remove(m, SIP_HDR_AUTHORIZATION);
	sip_msg_remove(m, SIP_HDR_PROXY_AUTHORIZATION);
	return renumber(d, m, w);
}
