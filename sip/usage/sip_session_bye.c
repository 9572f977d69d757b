/* SPDX-License-Identifier: BSD-2-Clause
 * BYEs that we send, RFC 3261 15.1.1. */
#include "sip/usage/sip_session_priv.h"

/* Fields of another's, until it is written: without memory it goes without. */
static void keep_bye_fields(struct sip_leg *leg, const struct sip_msg *extra)
{
	struct sip_sessions *s = leg->s->all;
	char room[SIP_SESSION_ROOM];
	struct writer w = writer_begin(room, sizeof(room));

	for (size_t i = 0; extra && i < extra->n; i++) {
		writer_put(&w, extra->field[i].name);
		writer_char(&w, ':');
		writer_put(&w, extra->field[i].value);
		writer_char(&w, '\n');
	}
	mem_free(s->mem, leg->bye_fields);
	leg->bye_fields = w.n && !w.full ?
			  sip_session_keep(s, writer_done(&w)) : NULL;
	leg->bye_fields_n = leg->bye_fields ? (uint32_t)w.n : 0;
}

/* It could not be sent for now. */
static void bye_later(struct sip_leg *leg)
{
	if (++leg->bye_tries < SIP_SESSION_BYES)
		leg->bye_at = mono_add(leg->s->all->now.m,
				       SIP_T1 << leg->bye_tries);
}

static void bye_write(struct sip_leg *leg)
{
	struct sip_sessions *s = leg->s->all;
	char room[SIP_DIALOG_ROOM + SIP_SESSION_ROOM];
	struct writer w = writer_begin(room, sizeof(room));
	int rc = sip_exchange_write(&leg->bye, sip_leg_dialog(leg), S("BYE"),
				    &w, &s->edit);

	if (rc == 0)
		rc = sip_session_add_fields(&s->edit,
					    slice_of(leg->bye_fields,
						     leg->bye_fields_n));
	if (rc == 0)
		rc = sip_session_dress(s, &s->edit, (struct slice){ 0 }, NULL,
				       &w);
	if (rc == 0)
		rc = sip_exchange_compose(&leg->bye, s->core, &s->edit,
					  s->now);
	if (rc == 0) {
		leg->bye_tries = 0;
		return;
	}
	sip_exchange_forget(&leg->bye, s->core, s->now);
	bye_later(leg);
}

void sip_session_bye_again(struct sip_leg *leg)
{
	struct sip_sessions *s = leg->s->all;
	struct sip_request r = sip_leg_request(leg);

	leg->bye_at = MONO_NEVER;
	if (sip_exchange_begin_on(&leg->bye, leg->use.on, SIP_BYE, &r, s->now))
		bye_later(leg);
}

void sip_leg_bye(struct sip_leg *leg, const struct sip_msg *extra)
{
	if (leg->bye.txn)
		return;
	keep_bye_fields(leg, extra);
	sip_session_bye_again(leg);
}

void sip_session_bye_over(struct sip_leg *leg)
{
	struct sip_sessions *s = leg->s->all;

	leg->bye.txn = 0;
	sip_exchange_leave(&leg->bye);
	mem_free(s->mem, leg->bye_fields);
	leg->bye_fields = NULL;
	leg->bye_fields_n = 0;
}

void sip_session_on_bye(struct sip_leg *leg, enum sip_exchange_step step,
			const struct sip_event *ev)
{
	struct sip_session *c = leg->s;

	if (step == SIP_EXCHANGE_PROGRESS ||
	    (step == SIP_EXCHANGE_CHALLENGED && sip_session_challenged(c, ev)))
		return;
	if (step == SIP_EXCHANGE_COMPOSE) {
		bye_write(leg);
	} else { /* whatever the answer is: 15.1.1 */
		sip_digest_fini(&c->digest);
		sip_session_bye_over(leg);
	}
	sip_session_settle(c);
}
