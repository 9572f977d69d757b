/* SPDX-License-Identifier: BSD-2-Clause */
#include "sip/usage/sip_oa.h"

/* What a message of the INVITE transaction means, with and without a body,
 * and the step after it. */
struct cell {
	uint8_t with, then;       /* role, step */
	uint8_t without, or_then;
};

enum { N = SIP_OA_NONE, O = SIP_OA_OFFER, A = SIP_OA_ANSWER,
       P = SIP_OA_PREVIEW, I = SIP_OA_IGNORE, V = SIP_OA_VIOLATION };
enum { NONE = SIP_OA_STEP_NONE, OFFERED = SIP_OA_STEP_OFFERED,
       WANTED = SIP_OA_STEP_WANTED, PRACK = SIP_OA_STEP_PRACK,
       ACK = SIP_OA_STEP_ACK, DONE = SIP_OA_STEP_DONE };

/* RFC 6337 Table 1, patterns 1 to 4, and its 3.1.1 and 3.1.2.  The direction
 * does not matter: who sends the message is told by its kind. */
static const struct cell invite_cell[SIP_OA_STEPS][SIP_OA_FAILURE + 1] = {
	[NONE] = {
		[SIP_OA_1XX] = { I, NONE, N, NONE },
		[SIP_OA_1XX_REL] = { I, NONE, N, NONE },
		[SIP_OA_PRACK] = { I, NONE, N, NONE },
		[SIP_OA_PRACK_2XX] = { I, NONE, N, NONE },
		[SIP_OA_2XX] = { I, NONE, N, NONE },
		[SIP_OA_ACK] = { I, NONE, N, NONE },
		[SIP_OA_FAILURE] = { I, NONE, N, NONE },
	},
	[OFFERED] = {
		[SIP_OA_1XX] = { P, OFFERED, N, OFFERED },
		[SIP_OA_1XX_REL] = { A, DONE, N, OFFERED },    /* pattern 3 */
		[SIP_OA_PRACK] = { V, OFFERED, N, OFFERED },
		[SIP_OA_PRACK_2XX] = { I, OFFERED, N, OFFERED },
		[SIP_OA_2XX] = { A, DONE, V, OFFERED },        /* pattern 1 */
		[SIP_OA_ACK] = { I, NONE, N, NONE },
		[SIP_OA_FAILURE] = { I, NONE, N, NONE },
	},
	[WANTED] = {
		[SIP_OA_1XX] = { I, WANTED, N, WANTED },
		[SIP_OA_1XX_REL] = { O, PRACK, V, WANTED },    /* pattern 4 */
		[SIP_OA_PRACK] = { V, WANTED, N, WANTED },
		[SIP_OA_PRACK_2XX] = { I, WANTED, N, WANTED },
		[SIP_OA_2XX] = { O, ACK, V, WANTED },          /* pattern 2 */
		[SIP_OA_ACK] = { I, NONE, N, NONE },
		[SIP_OA_FAILURE] = { I, NONE, N, NONE },
	},
	[PRACK] = {
		[SIP_OA_1XX] = { I, PRACK, N, PRACK },
		[SIP_OA_1XX_REL] = { I, PRACK, N, PRACK },
		[SIP_OA_PRACK] = { A, DONE, V, PRACK },        /* pattern 4 */
		[SIP_OA_PRACK_2XX] = { I, PRACK, N, PRACK },
		[SIP_OA_2XX] = { I, PRACK, N, PRACK },
		[SIP_OA_ACK] = { I, NONE, N, NONE },
		[SIP_OA_FAILURE] = { I, NONE, N, NONE },
	},
	[ACK] = {
		[SIP_OA_1XX] = { I, ACK, N, ACK },
		[SIP_OA_1XX_REL] = { I, ACK, N, ACK },
		[SIP_OA_PRACK] = { I, ACK, N, ACK },
		[SIP_OA_PRACK_2XX] = { I, ACK, N, ACK },
		[SIP_OA_2XX] = { I, ACK, N, ACK },
		[SIP_OA_ACK] = { A, NONE, V, ACK },            /* pattern 2 */
		[SIP_OA_FAILURE] = { I, NONE, N, NONE },
	},
	[DONE] = { /* 3.1.1: bodies in later responses are ignored */
		[SIP_OA_1XX] = { I, DONE, N, DONE },
		[SIP_OA_1XX_REL] = { I, DONE, N, DONE },
		[SIP_OA_PRACK] = { V, DONE, N, DONE },         /* but see 5 */
		[SIP_OA_PRACK_2XX] = { I, DONE, N, DONE },
		[SIP_OA_2XX] = { I, DONE, N, DONE },
		[SIP_OA_ACK] = { I, NONE, N, NONE },
		[SIP_OA_FAILURE] = { I, NONE, N, NONE },
	},
};

/* Pattern 5: the PRACK of the 1xx that brought the answer may offer anew. */
static enum sip_oa_role prack_step(struct sip_oa *o, enum sip_oa_kind kind,
				   bool body)
{
	if (kind == SIP_OA_PRACK) {
		o->prack_offer = body;
		return body ? SIP_OA_OFFER : SIP_OA_NONE;
	}
	if (o->prack_offer && !body)
		return SIP_OA_VIOLATION;
	o->prack = o->prack_may_offer = false;
	if (!o->prack_offer)
		return body ? SIP_OA_IGNORE : SIP_OA_NONE;
	o->prack_offer = false;
	return SIP_OA_ANSWER;
}

static void invite_flags(struct sip_oa *o, enum sip_oa_kind kind,
			 enum sip_oa_role role)
{
	if (role == SIP_OA_ANSWER)
		o->up = true;
	if (kind == SIP_OA_1XX_REL &&
	    (role == SIP_OA_ANSWER || role == SIP_OA_OFFER)) {
		o->prack = true;
		o->prack_may_offer = role == SIP_OA_ANSWER;
	}
	if (kind == SIP_OA_PRACK_2XX)
		o->prack = false;
	if (kind == SIP_OA_2XX && o->step != NONE)
		o->final = true;
	if (o->step == NONE) {
		o->final = o->client = o->prack = false;
		o->prack_may_offer = o->prack_offer = false;
	}
}

static enum sip_oa_role invite_step(struct sip_oa *o, enum sip_oa_kind kind,
				    bool body)
{
	const struct cell *c = &invite_cell[o->step][kind];
	enum sip_oa_role role = body ? c->with : c->without;

	if (role == SIP_OA_PREVIEW && o->client)
		o->previewed = true;
	if (kind == SIP_OA_2XX && !body && o->step == OFFERED && o->previewed) {
		body = true; /* see the header */
		role = c->with;
	}
	if (o->prack && o->step == DONE &&
	    (kind == SIP_OA_PRACK_2XX ||
	     (kind == SIP_OA_PRACK && o->prack_may_offer)))
		return prack_step(o, kind, body);
	if (role == SIP_OA_VIOLATION)
		return role;
	o->step = body ? c->then : c->or_then;
	invite_flags(o, kind, role);
	return role;
}

static enum sip_oa_role update_end(bool *open, bool *offer, bool ok, bool body)
{
	bool wanted = *open && *offer && ok;

	if (wanted && !body)
		return SIP_OA_VIOLATION;
	*open = *offer = false;
	if (wanted)
		return SIP_OA_ANSWER;
	return body ? SIP_OA_IGNORE : SIP_OA_NONE;
}

/* RFC 6337 4.3: is an exchange of the INVITE transaction under way, or the
 * ACK or PRACK that belongs to one? */
static bool invite_exchanging(const struct sip_oa *o)
{
	return (o->step != NONE && o->step != DONE) || o->prack;
}

/* UAS-IcI, UAS-IsI, UAS-UcI, UAS-UsI.  When our 2xx carried the answer, a new
 * INVITE tells that it arrived, even if its ACK did not. */
static enum sip_oa_role invite_refused(const struct sip_oa *o)
{
	if (o->step != NONE && o->client)
		return SIP_OA_PENDING;
	if (o->step != NONE && !(o->final && o->step == DONE))
		return SIP_OA_BUSY;
	if (o->update_out)
		return SIP_OA_PENDING;
	return o->update_in ? SIP_OA_BUSY : SIP_OA_NONE;
}

/* UAS-UcU, UAS-UsU, UAS-IcU, UAS-IsU; without an offer (pattern 6's note) an
 * UPDATE takes no part in any exchange. */
static enum sip_oa_role update_refused(const struct sip_oa *o, bool body)
{
	if (o->update_in)
		return SIP_OA_BUSY;
	if (!body)
		return SIP_OA_NONE;
	if (o->update_out)
		return SIP_OA_PENDING;
	if (invite_exchanging(o) || o->prack_offer)
		return o->client ? SIP_OA_PENDING : SIP_OA_BUSY;
	return SIP_OA_NONE;
}

static enum sip_oa_role begin_invite(struct sip_oa *o, bool client, bool body)
{
	o->step = body ? OFFERED : WANTED;
	o->client = client;
	o->final = o->prack = o->prack_may_offer = o->prack_offer = false;
	o->previewed = false;
	return body ? SIP_OA_OFFER : SIP_OA_NONE;
}

enum sip_oa_role sip_oa_received(struct sip_oa *o, enum sip_oa_kind kind,
				 bool body)
{
	enum sip_oa_role no;

	switch (kind) {
	case SIP_OA_1XX:
	case SIP_OA_1XX_REL:
	case SIP_OA_PRACK:
	case SIP_OA_PRACK_2XX:
	case SIP_OA_2XX:
	case SIP_OA_ACK:
	case SIP_OA_FAILURE:
		return invite_step(o, kind, body);
	case SIP_OA_INVITE:
		no = invite_refused(o);
		return no ? no : begin_invite(o, false, body);
	case SIP_OA_UPDATE:
		no = update_refused(o, body);
		if (no)
			return no;
		o->update_in = true;
		o->update_in_offer = body;
		return body ? SIP_OA_OFFER : SIP_OA_NONE;
	case SIP_OA_UPDATE_2XX:
	case SIP_OA_UPDATE_FAIL:
		return update_end(&o->update_out, &o->update_out_offer,
				  kind == SIP_OA_UPDATE_2XX, body);
	case SIP_OA_KINDS:
		break;
	}
	return SIP_OA_IGNORE;
}

/* UAC-II, UAC-UI, UAC-UU, UAC-IU. */
static bool may_send(const struct sip_oa *o, enum sip_oa_kind kind, bool body)
{
	if (kind == SIP_OA_INVITE)
		return o->step == NONE && !o->update_out && !o->update_in;
	if (kind != SIP_OA_UPDATE)
		return true;
	if (o->update_out)
		return false;
	return !body || (o->up && !o->update_in && !invite_exchanging(o) &&
			 !o->prack_offer);
}

enum sip_oa_role sip_oa_sent(struct sip_oa *o, enum sip_oa_kind kind,
			     bool body)
{
	if (!may_send(o, kind, body))
		return SIP_OA_VIOLATION;
	switch (kind) {
	case SIP_OA_1XX:
	case SIP_OA_1XX_REL:
	case SIP_OA_PRACK:
	case SIP_OA_PRACK_2XX:
	case SIP_OA_2XX:
	case SIP_OA_ACK:
	case SIP_OA_FAILURE:
		return invite_step(o, kind, body);
	case SIP_OA_INVITE:
		return begin_invite(o, true, body);
	case SIP_OA_UPDATE:
		o->update_out = true;
		o->update_out_offer = body;
		return body ? SIP_OA_OFFER : SIP_OA_NONE;
	case SIP_OA_UPDATE_2XX:
	case SIP_OA_UPDATE_FAIL:
		return update_end(&o->update_in, &o->update_in_offer,
				  kind == SIP_OA_UPDATE_2XX, body);
	case SIP_OA_KINDS:
		break;
	}
	return SIP_OA_IGNORE;
}

enum sip_oa_role sip_oa_would(const struct sip_oa *o, enum sip_oa_kind kind,
			      bool *due)
{
	struct sip_oa with = *o, without = *o;

	*due = false;
	if (!may_send(o, kind, false))
		return SIP_OA_PENDING;
	if (kind == SIP_OA_UPDATE && !may_send(o, kind, true))
		return SIP_OA_IGNORE;
	*due = sip_oa_sent(&without, kind, false) == SIP_OA_VIOLATION;
	return sip_oa_sent(&with, kind, true);
}
