/* SPDX-License-Identifier: BSD-2-Clause
 * Responses made from their requests (8.2.6), with a transaction or without. */
#include "sip/core/sip_priv.h"
#include "sip/core/sip_timers.h"

/* ----------------------------------------------- what a response copies
 * (8.2.6.2).  From the request in hand, or from what was kept of it: fields
 * as { id, length, bytes }, one after the other. */
struct copies {
	const struct sip_msg *m; /* NULL: kept */
	const char *p, *end;
	uint16_t at;
};

struct kept {
	uint16_t id;
	uint32_t n;
};

static bool is_copied(uint16_t id)
{
	switch (id) {
	case SIP_HDR_VIA:
	case SIP_HDR_FROM:
	case SIP_HDR_TO:
	case SIP_HDR_CALL_ID:
	case SIP_HDR_CSEQ:
	case SIP_HDR_RECORD_ROUTE:
	case SIP_HDR_TIMESTAMP:
		return true;
	default:
		return false;
	}
}

static bool copies_next(struct copies *k, uint16_t *id, struct slice *value)
{
	struct kept h;

	if (k->m) {
		while (k->at < k->m->n && !is_copied(k->m->field[k->at].id))
			k->at++;
		if (k->at == k->m->n)
			return false;
		*id = k->m->field[k->at].id;
		*value = k->m->field[k->at++].value;
		return true;
	}
	if (k->p == k->end)
		return false;
	memcpy(&h, k->p, sizeof(h));
	*id = h.id;
	*value = slice_of(k->p + sizeof(h), h.n);
	k->p += sizeof(h) + h.n;
	return true;
}

/* More than any route needs: who sends that wants it held. */
bool sip_server_copies_much(const struct sip_core *c)
{
	struct copies k = { .m = &c->msg };
	struct slice value;
	size_t n = 0;
	uint16_t id;

	while (copies_next(&k, &id, &value))
		n += value.n;
	return n > LIMIT_SIP_COPIED;
}

bool sip_server_keep_head(struct sip_core *c, struct sip_server *t)
{
	struct copies k = { .m = &c->msg };
	struct slice value;
	size_t n = 0;
	uint16_t id;
	char *p;

	if (t->ended || t->status >= 200)
		return true;
	while (copies_next(&k, &id, &value))
		n += sizeof(struct kept) + value.n;
	t->head = mem_resize(c->mem, NULL, n);
	if (!t->head)
		return false;
	t->head_n = n;
	sip_held(c, 0, n);
	k.at = 0;
	for (p = t->head; copies_next(&k, &id, &value); p += value.n) {
		struct kept h = { .id = id, .n = (uint32_t)value.n };

		memcpy(p, &h, sizeof(h));
		p += sizeof(h);
		memcpy(p, value.p, value.n);
	}
	return true;
}

void sip_own_tag(const struct sip_core *c, uint64_t hash, char out[16])
{
	uint64_t v = htab_hash_n(&c->merges, (struct slice[]){
		S("To tag"), slice_of(&hash, sizeof(hash)) }, 2);
	struct writer w = writer_begin(out, 16);

	writer_hex(&w, &v, sizeof(v));
}

/* Is this field of the request left out of a response of that status? */
static bool left_out(uint16_t id, unsigned status)
{
	if (id == SIP_HDR_RECORD_ROUTE) /* 12.1.1 */
		return status == 100 || status >= 300;
	return id == SIP_HDR_TIMESTAMP && status != 100; /* 8.2.6.1 */
}

static void write_to(struct writer *w, struct slice to, struct slice tag)
{
	writer_str(w, "To: ");
	writer_put(w, to);
	if (tag.n) {
		writer_str(w, ";tag=");
		writer_put(w, tag);
	}
	writer_str(w, "\r\n");
}

/* Status line, what is copied (in the request's order), the user's fields and
 * body.  to_tag empty: To stays as it is. */
static void write_response(struct writer *w, struct copies k,
			   const struct sip_msg *msg, struct slice to_tag)
{
	struct slice value;
	uint16_t id;

	writer_str(w, "SIP/2.0 ");
	writer_u64(w, msg->status);
	writer_char(w, ' ');
	writer_put(w, msg->reason.n ? msg->reason : sip_reason(msg->status));
	writer_str(w, "\r\n");
	while (copies_next(&k, &id, &value)) {
		if (left_out(id, msg->status))
			continue;
		if (id == SIP_HDR_TO)
			write_to(w, value, to_tag);
		else
			sip_field_write(w, sip_hdr_name((enum sip_hdr)id),
					value);
	}
	for (uint16_t i = 0; i < msg->n; i++)
		if (msg->field[i].id != SIP_HDR_CONTENT_LENGTH)
			sip_field_write(w, msg->field[i].name,
					msg->field[i].value);
	sip_body_write(w, msg->body);
}

/* The response's text in room of the queue. */
static int response_text(struct sip_core *c, struct copies k,
			 const struct sip_msg *msg, struct slice to_tag,
			 struct slice *out)
{
	size_t n = sip_msg_room(msg) + to_tag.n + 32;
	struct copies all = k;
	struct slice value;
	struct writer w;
	uint16_t id;
	char *p;

	while (copies_next(&all, &id, &value))
		n += sip_hdr_name((enum sip_hdr)id).n + value.n + 4;
	p = sip_room(c, n);
	if (!p)
		return -ENOMEM;
	w = writer_begin(p, n);
	write_response(&w, k, msg, to_tag);
	sip_room_back(c, n - w.n);
	*out = writer_done(&w);
	return writer_end(&w) < 0 || w.n > LIMIT_SIP_MESSAGE ? -E2BIG : 0;
}

int sip_server_response(struct sip_core *c, struct sip_server *t,
			const struct sip_msg *msg, struct slice to_tag,
			struct slice *text)
{
	bool hand = c->in.live && c->in.server == t->handle;
	struct copies k = { .m = hand ? &c->msg : NULL };
	char tag[16];

	if (sip_msg_has(msg, SIP_HDR_VIA)) {
		*text = sip_msg_text(c, msg);
		return text->p ? 0 : -ENOMEM;
	}
	if (!hand) {
		if (!t->head)
			return -ENOMEM; /* it could not be kept */
		k.p = t->head;
		k.end = t->head + t->head_n;
	}
	if (t->to_tagged || msg->status == 100) {
		to_tag.n = 0;
	} else if (!to_tag.n) {
		sip_own_tag(c, t->node.hash, tag);
		to_tag = slice_of(tag, sizeof(tag));
	}
	return response_text(c, k, msg, to_tag, text);
}

/* -------------------------------------------------------- without state */
int sip_send_stateless(struct sip_core *c, const struct sip_msg *msg,
		       struct slice tag)
{
	char own[16];
	struct slice text;
	int rc;

	if (!c->in.hash) { /* refused before it was looked for */
		struct sip_key k;

		sip_key_server(&k, &c->in, &c->msg, c->msg.method_name);
		c->in.hash = htab_hash_n(&c->servers, k.part, k.n);
	}
	if (!c->in.to_ok || c->in.to_tag.n || msg->status == 100) {
		tag.n = 0;
	} else if (!tag.n) {
		sip_own_tag(c, c->in.hash, own);
		tag = slice_of(own, sizeof(own));
	}
	if (sip_out_reserve(c, SIP_RESERVE))
		return -ENOMEM;
	rc = response_text(c, (struct copies){ .m = &c->msg }, msg, tag,
			   &text);
	return rc ? rc : sip_send(c, &c->in.back, text);
}

/* Nothing is kept of what is refused so, and its repeats are refused anew. */
static bool told_before(struct sip_core *c)
{
	for (size_t i = 0; i < COUNT(c->told); i++)
		if (c->told[i].hash == c->in.hash &&
		    c->now.m < c->told[i].until)
			return true;
	c->told[c->told_at] = (struct sip_told){
		.hash = c->in.hash, .until = mono_add(c->now.m, SIP_T1_64) };
	c->told_at = (c->told_at + 1) % COUNT(c->told);
	return false;
}

static void tell_refused(struct sip_core *c, unsigned status)
{
	if (!c->in.live || c->msg.method != SIP_INVITE || c->in.to_tag.n ||
	    status == 482 || !sip_msg_has(&c->msg, SIP_HDR_FROM) ||
	    told_before(c))
		return;
	sip_out_event(c, &(struct sip_event){ .kind = SIP_EV_REFUSED,
		.method = SIP_INVITE, .msg = &c->msg, .status = status,
		.from_tag = c->in.from_tag, .path = c->in.path });
}

void sip_refuse(struct sip_core *c, unsigned status, enum sip_hdr id,
		struct slice extra)
{
	if (c->msg.method == SIP_ACK)
		return; /* never answered */
	sip_msg_response(&c->own, status, S(""));
	if (extra.n && sip_msg_add(&c->own, id, extra))
		return;
	if (sip_send_stateless(c, &c->own, S("")))
		return; /* no memory: the client asks again */
	tell_refused(c, status);
}
