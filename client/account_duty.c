/* SPDX-License-Identifier: BSD-2-Clause
 * client/account_duty.c - the duties of an account, as a list: duty.h. */
#include "client/agent_priv.h"
#include "client/duty.h"

static struct duty *duty_of(struct list *n)
{
	return CONTAINER(n, struct duty, link);
}

struct duty *duty_add(struct agent *a, struct account *acc,
		      const struct duty_ops *ops)
{
	struct duty *d = mem_new(a->mem, ops->size);

	if (!d)
		return NULL;
	d->ops = ops;
	d->agent = a;
	d->account = acc;
	list_append(&acc->duties, &d->link);
	return d;
}

static void duty_free(struct duty *d)
{
	d->ops->fini(d);
	list_remove(&d->telling);
	list_remove(&d->link);
	mem_free(d->agent->mem, d);
}

struct duty *duty_find(const struct account *acc, const struct duty_ops *ops)
{
	for (struct list *n = acc->duties.next; n != &acc->duties; n = n->next)
		if (duty_of(n)->ops == ops)
			return duty_of(n);
	return NULL;
}

int duty_start(struct duty *d, struct instant now, const char **why)
{
	int rc = d->ops->start(d, now, why);

	if (rc)
		return rc;
	d->ending = d->over = false;
	return 0;
}

void duty_stop(struct duty *d, struct instant now)
{
	if (d->over)
		return;
	d->ending = true;
	d->ops->stop(d, now);
}

void duty_tells(struct duty *d)
{
	if (!list_linked(&d->telling))
		list_append(&d->agent->telling, &d->telling);
}

void duty_over(struct duty *d)
{
	d->over = true;
	duty_tells(d); /* and is freed then */
}

void duty_on_result(const struct sip_result *result, struct instant now)
{
	struct duty *d = result->user->owner;

	if (d)
		d->ops->on_result(d, result, now);
}

bool duty_poll(struct agent *a, struct agent_out *out)
{
	while (!list_empty(&a->telling)) {
		struct duty *d = CONTAINER(a->telling.next, struct duty,
					   telling);
		struct account *acc = d->account;

		*out = (struct agent_out){ .kind = AGENT_EVENT,
			.account = acc->id, .from = slice_str(acc->aor) };
		if (d->ops->tell(d, out))
			return true;
		list_remove(&d->telling);
		if (!d->over)
			continue;
		duty_free(d);
		account_settle(a, acc);
	}
	return false;
}

/* ------------------------------------------------------- all of an account */
void duties_secret(struct account *acc)
{
	for (struct list *n = acc->duties.next; n != &acc->duties; n = n->next)
		if (duty_of(n)->ops->secret)
			duty_of(n)->ops->secret(duty_of(n));
}

void duties_changed(struct account *acc, struct instant now)
{
	for (struct list *n = acc->duties.next; n != &acc->duties;
	     n = n->next) {
		struct duty *d = duty_of(n);

		if (d->ops->changed && !d->ending && !d->over)
			d->ops->changed(d, now);
	}
}

void duties_renew(struct account *acc, const struct addr *here,
		  struct instant now)
{
	for (struct list *n = acc->duties.next; n != &acc->duties;
	     n = n->next) {
		struct duty *d = duty_of(n);
		struct addr from, to;

		if (d->ops->renew && !d->over &&
		    (!here->family || (d->ops->way &&
				       d->ops->way(d, &from, &to) &&
				       addr_same_ip(&from, here))))
			d->ops->renew(d, now);
	}
}

bool duties_way(const struct account *acc, size_t i, struct addr *here,
		struct addr *there)
{
	for (struct list *n = acc->duties.next; n != &acc->duties;
	     n = n->next) {
		const struct duty *d = duty_of(n);

		if (d->ops->way && d->ops->way(d, here, there) && i-- == 0)
			return true;
	}
	return false;
}

void duties_stop(struct account *acc, struct instant now)
{
	for (struct list *n = acc->duties.next; n != &acc->duties; n = n->next)
		duty_stop(duty_of(n), now);
}

void duties_free(struct account *acc)
{
	while (!list_empty(&acc->duties))
		duty_free(duty_of(acc->duties.next));
}

bool duties_hold(const struct account *acc)
{
	for (struct list *n = acc->duties.next; n != &acc->duties; n = n->next)
		if (duty_of(n)->ops->holds && !duty_of(n)->over)
			return true;
	return false;
}

struct slice duties_realm(const struct account *acc, const struct addr *who,
			  unsigned i)
{
	for (struct list *n = acc->duties.next; n != &acc->duties;
	     n = n->next) {
		const struct duty *d = duty_of(n);
		unsigned k = 0;

		if (!d->ops->realm)
			continue;
		for (; d->ops->realm(d, who, k).n; k++)
			if (k == i)
				return d->ops->realm(d, who, k);
		i -= k;
	}
	return (struct slice){ 0 };
}
