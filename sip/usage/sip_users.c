/* SPDX-License-Identifier: BSD-2-Clause */
#include "sip/usage/sip_users.h"

enum { PACKAGES_ROOM = 512 };

int sip_users_init(struct sip_users *all, struct mem *m, struct sip_core *core)
{
	all->core = core;
	all->agent = (struct slice){ 0 };
	list_init(&all->takers);
	list_init(&all->telling);
	wheel_init(&all->wheel, 0);
	sip_slots_init(&all->slots, m, 16);
	return sip_dialogs_init(&all->dialogs, m, core);
}

void sip_users_fini(struct sip_users *all)
{
	sip_dialogs_fini(&all->dialogs);
	sip_slots_fini(&all->slots);
	all->dialogs = (struct sip_dialogs){ 0 };
}

int sip_users_add(struct sip_users *all, struct sip_user *u,
		  const struct sip_user_ops *ops)
{
	int rc = 0;

	u->ops = ops;
	u->id = (uint32_t)sip_slots_add(&all->slots, u);
	if (!u->id)
		return -ENOMEM;
	if (ops->methods)
		rc = sip_core_add_match(all->core, &(struct sip_match){
			.user = u->id, .methods = ops->methods });
	if (rc < 0) {
		sip_slots_remove(&all->slots, u->id);
		return rc;
	}
	u->all = all;
	if (ops->methods || ops->accept || ops->supported)
		list_append(&all->takers, &u->link);
	return 0;
}

void sip_users_remove(struct sip_user *u)
{
	if (!u->all)
		return;
	sip_core_remove_user(u->all->core, u->id);
	sip_slots_remove(&u->all->slots, u->id);
	wheel_cancel(&u->all->wheel, &u->timer);
	list_remove(&u->telling);
	list_remove(&u->link);
	u->all = NULL;
}

/* ------------------------------------------------------------- for users */
void sip_user_wake(struct sip_user *u, mono at)
{
	if (u->all && sip_user_wakes(u) != at)
		wheel_set(&u->all->wheel, &u->timer, at);
}

mono sip_user_wakes(const struct sip_user *u)
{
	return wheel_is_set(&u->timer) ? u->timer.at : MONO_NEVER;
}

void sip_user_tells(struct sip_user *u)
{
	if (u->all && !list_linked(&u->telling))
		list_append(&u->all->telling, &u->telling);
}

/* ------------------------------------------------------------- matching */
static bool has_package(enum sip_method m)
{
	return m == SIP_SUBSCRIBE || m == SIP_NOTIFY || m == SIP_PUBLISH;
}

/* The type in its Event; RFC 6665 8.2.1: without one it is none of ours. */
static struct slice package_of(const struct sip_event *ev)
{
	const struct sip_field *f = sip_msg_find(ev->msg, "Event");
	struct slice type = { 0 }, rest;

	if (!f)
		f = sip_msg_find(ev->msg, "o");
	if (f)
		slice_cut(f->value, ';', &type, &rest);
	return slice_trim(type);
}

static bool takes_package(const struct sip_user_ops *ops,
			  const struct sip_event *ev)
{
	struct slice type;

	if (!ops->packages || !has_package(ev->method))
		return true;
	type = package_of(ev);
	for (size_t i = 0; ops->packages[i]; i++)
		if (slice_eq(type, ops->packages[i]))
			return true;
	return false;
}

static bool takes(const struct sip_user_ops *ops, uint32_t methods,
		  const struct sip_event *ev)
{
	return (methods & SIP_METHOD_BIT(ev->method)) &&
	       takes_package(ops, ev);
}

static struct sip_user *who_takes(const struct sip_users *all,
				  const struct sip_event *ev, bool in_dialog)
{
	for (struct list *n = all->takers.next; n != &all->takers;
	     n = n->next) {
		struct sip_user *u = CONTAINER(n, struct sip_user, link);

		if (takes(u->ops, in_dialog ? u->ops->anywhere :
			  u->ops->methods, ev))
			return u;
	}
	return NULL;
}

static struct sip_usage *usage_of(const struct sip_shared *e,
				  const struct sip_event *ev)
{
	for (struct sip_usage *use = e->usages; use; use = use->next) {
		const struct sip_user_ops *ops = use->user->ops;

		if (!use->over && takes(ops, ops->methods, ev) &&
		    (!ops->is_meant || ops->is_meant(use, ev)))
			return use;
	}
	return NULL;
}

/* -------------------------------------------------------------- refusals */
/* Without state: a tag alone makes no dialog, and who says so shall not hold
 * memory, of which requests in dialogs have a share of their own (8.2.7). */
static void users_refuse(struct sip_users *all, const struct sip_event *ev,
			 unsigned status, struct slice packages,
			 struct instant now)
{
	struct sip_msg *m = sip_core_draft(all->core);
	int rc = 0;

	if (ev->kind != SIP_EV_REQUEST)
		return;
	sip_msg_response(m, status, (struct slice){ 0 });
	if (packages.n)
		rc = sip_msg_add_named(m, S("Allow-Events"), packages);
	if (rc < 0 || sip_core_respond_stateless(all->core, ev, m, now))
		sip_core_forget(all->core, ev->txn, now);
}

/* RFC 6665 8.3.2. */
static void bad_event(struct sip_users *all, const struct sip_event *ev,
		      struct instant now)
{
	char room[PACKAGES_ROOM];
	struct writer w = writer_begin(room, sizeof(room));
	const char *sep = "";

	for (struct list *n = all->takers.next; n != &all->takers;
	     n = n->next) {
		const struct sip_user_ops *ops =
			CONTAINER(n, struct sip_user, link)->ops;

		for (size_t i = 0; ops->packages && ops->packages[i]; i++) {
			writer_str(&w, sep);
			writer_str(&w, ops->packages[i]);
			sep = ", ";
		}
	}
	users_refuse(all, ev, 489, writer_done(&w), now);
}

static void out_of_order(struct sip_users *all, const struct sip_event *ev,
			 struct instant now)
{
	struct sip_msg *m = sip_core_draft(all->core);
	int rc = 0;

	sip_msg_response(m, 500, (struct slice){ 0 });
	if (all->agent.n)
		rc = sip_msg_add(m, SIP_HDR_SERVER, all->agent);
	if (rc == 0)
		rc = sip_core_respond(all->core, ev->txn, m,
				      (struct slice){ 0 }, now);
	if (rc < 0)
		sip_core_forget(all->core, ev->txn, now);
}

/* -------------------------------------------------------------- dispatch */
/* The core chose by method alone: what comes of it later is u's as well. */
static void hand(struct sip_user *u, const struct sip_event *ev,
		 struct sip_shared *on, struct sip_usage *use,
		 struct instant now)
{
	if (ev->user != u->id)
		sip_core_set_user(u->all->core, ev->txn, u->id);
	u->ops->request(u, ev, on, use, now);
}

static void within(struct sip_users *all, struct sip_shared *on,
		   const struct sip_event *ev, struct instant now)
{
	struct sip_usage *use;
	struct sip_user *u;

	if (ev->kind == SIP_EV_REQUEST &&
	    !sip_dialog_on_cseq(&on->d, ev->cseq)) {
		out_of_order(all, ev, now);
		return;
	}
	if (ev->kind == SIP_EV_REQUEST &&
	    sip_transport_row(ev->path.transport)->connected)
		on->flow = ev->path.flow;
	use = usage_of(on, ev);
	u = use ? use->user : who_takes(all, ev, true);
	if (u)
		hand(u, ev, on, use, now);
	else
		users_refuse(all, ev, 481, (struct slice){ 0 }, now);
}

static void on_request(struct sip_users *all, const struct sip_event *ev,
		       struct instant now)
{
	struct sip_shared *on = NULL;
	struct sip_user *u;

	if (ev->to_tag.n) {
		on = sip_dialogs_find(&all->dialogs,
				      sip_msg_get(ev->msg, SIP_HDR_CALL_ID),
				      ev->to_tag, ev->from_tag);
		if (on && sip_shared_is_alive(on))
			within(all, on, ev, now);
		else
			users_refuse(all, ev, 481, (struct slice){ 0 }, now);
		return;
	}
	u = who_takes(all, ev, false);
	if (u)
		hand(u, ev, NULL, NULL, now);
	else
		bad_event(all, ev, now);
}

void sip_users_on_event(struct sip_users *all, const struct sip_event *ev,
			struct instant now)
{
	struct sip_user *u = sip_slots_get(&all->slots, ev->user);
	uint32_t at = 0;

	if (ev->kind == SIP_EV_REQUEST || ev->kind == SIP_EV_ACK) {
		if (u)
			on_request(all, ev, now);
		return;
	}
	if (u)
		u->ops->event(u, ev, now);
	while (!ev->user && (u = sip_slots_walk(&all->slots, &at)))
		u->ops->event(u, ev, now);
}

/* -------------------------------------------------------------- outputs */
static bool poll_results(struct sip_users *all, struct sip_result *out,
			 struct instant now)
{
	while (!list_empty(&all->telling)) {
		struct sip_user *u = CONTAINER(all->telling.next,
					       struct sip_user, telling);
		const void *event = u->ops->poll(u, now);

		if (event) {
			*out = (struct sip_result){ u, event };
			return true;
		}
		list_remove(&u->telling);
	}
	return false;
}

static bool wake_next(struct sip_users *all, struct instant now)
{
	struct wheel_timer *t = wheel_pop(&all->wheel, now.m);
	struct sip_user *u;

	if (!t)
		return false;
	u = CONTAINER(t, struct sip_user, timer);
	u->ops->on_time(u, now);
	return true;
}

bool sip_users_poll(struct sip_users *all, struct sip_users_out *out,
		    struct instant now)
{
	const struct sip_event *ev;

	for (;;) {
		out->is_result = poll_results(all, &out->result, now);
		if (out->is_result)
			return true;
		if (wake_next(all, now))
			continue;
		if (!sip_core_poll(all->core, &out->core))
			return false;
		if (out->core.kind != SIP_OUT_EVENT)
			return true;
		ev = out->core.event;
		if (!sip_slots_get(&all->slots, ev->user)) {
			sip_users_on_event(all, ev, now);
			return true;
		}
		sip_users_on_event(all, ev, now);
	}
}

void sip_users_on_time(struct sip_users *all, struct instant now)
{
	sip_core_on_time(all->core, now); /* poll wakes the users */
}

mono sip_users_deadline(const struct sip_users *all)
{
	if (!list_empty(&all->telling))
		return 0;
	return mono_min(sip_core_deadline(all->core),
			wheel_deadline(&all->wheel));
}

/* ------------------------------------------------------------ what we take */
static void write_all(const struct sip_users *all, bool accept,
		      struct writer *w)
{
	const char *sep = "";

	for (struct list *n = all->takers.next; n != &all->takers;
	     n = n->next) {
		const struct sip_user_ops *ops =
			CONTAINER(n, struct sip_user, link)->ops;
		const char *value = accept ? ops->accept : ops->supported;

		if (!value)
			continue;
		writer_str(w, sep);
		writer_str(w, value);
		sep = ", ";
	}
}

void sip_users_write_accept(const struct sip_users *all, struct writer *w)
{
	write_all(all, true, w);
}

void sip_users_write_supported(const struct sip_users *all, struct writer *w)
{
	write_all(all, false, w);
}
