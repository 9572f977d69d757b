/* SPDX-License-Identifier: BSD-2-Clause */
#include "platform/netwatch.h"

enum { INTERFACES = 40 };

/* A sleep that is shorter changes nothing: refreshes are seconds ahead. */
static const mono NAP = SEC(1);

struct netwatch {
	struct reactor *r;
	struct mem *mem;
	struct netwatch_config c;
	void (*fn)(void *arg, unsigned news);
	void *arg;
	struct fdwatch *changes, *clock; /* NULL: nobody tells */
	struct reactor_timer told, look;
	unsigned news;   /* to be told, */
	mono first;      /* ... since then */
	mono slept;      /* so long in all, when it was last looked at */
	uint64_t seen;   /* the interfaces, when they were last looked at */
};

/* Of what is there: another number, something has changed (FNV-1a). */
static uint64_t look_at(struct netwatch *w)
{
	struct host_if all[INTERFACES];
	size_t n = reactor_interfaces(w->r, all, INTERFACES);
	uint64_t h = 14695981039346656037u;

	for (size_t i = 0; i < n && i < INTERFACES; i++) {
		const struct host_if *f = &all[i];

		for (size_t k = 0; k < sizeof(f->addr.ip); k++)
			h = (h ^ f->addr.ip[k]) * 1099511628211u;
		h = (h ^ f->addr.family) * 1099511628211u;
		h = (h ^ f->index) * 1099511628211u;
		h = (h ^ f->up) * 1099511628211u;
	}
	return h;
}

static void note(struct netwatch *w, unsigned news)
{
	mono now = reactor_now(w->r).m, at = mono_add(now, w->c.quiet);

	if (!w->news)
		w->first = now;
	w->news |= news;
	reactor_timer_at(w->r, &w->told,
			 mono_min(at, mono_add(w->first, w->c.most)));
}

static void note_sleep(struct netwatch *w)
{
	mono slept = reactor_slept(w->r), more = slept - w->slept;

	w->slept = slept;
	if (more >= NAP)
		note(w, NETWATCH_SLEPT);
}

static void netwatch_on_change(void *arg)
{
	note(arg, NETWATCH_CHANGED);
	note_sleep(arg);
}

static void netwatch_on_clock(void *arg)
{
	note_sleep(arg);
}

static void on_look(void *arg)
{
	struct netwatch *w = arg;
	uint64_t seen = look_at(w);

	if (seen != w->seen)
		note(w, NETWATCH_CHANGED);
	w->seen = seen;
	note_sleep(w);
	reactor_timer_at(w->r, &w->look,
			 mono_add(reactor_now(w->r).m, w->c.poll));
}

static void on_told(void *arg)
{
	struct netwatch *w = arg;
	unsigned news = w->news;

	w->news = 0;
	w->fn(w->arg, news);
}

void netwatch_poke(struct netwatch *w)
{
	note(w, NETWATCH_CHANGED);
}

/* Those who tell; what they cannot is looked for. */
static int listen(struct netwatch *w)
{
	int rc, also;

	if (w->c.deaf)
		return 0;
	rc = w->c.blind ? -ENOTSUP :
	     reactor_watch_interfaces(w->r, netwatch_on_change, w, &w->changes);
	also = w->c.blind ? -ENOTSUP :
	       reactor_watch_clock(w->r, netwatch_on_clock, w, &w->clock);
	if (rc == 0 && also == 0)
		return 0;
	if (rc == -ENOMEM || also == -ENOMEM)
		return -ENOMEM;
	if (w->c.poll == MONO_NEVER)
		return rc ? -ENOTSUP : 0;
	w->seen = look_at(w);
	reactor_timer_at(w->r, &w->look,
			 mono_add(reactor_now(w->r).m, w->c.poll));
	return 0;
}

int netwatch_open(struct reactor *r, const struct netwatch_config *config,
		  void (*fn)(void *arg, unsigned news), void *arg,
		  struct netwatch **out)
{
	struct mem *m = reactor_mem(r);
	struct netwatch *w = mem_new(m, sizeof(*w));
	int rc;

	if (!w)
		return -ENOMEM;
	*w = (struct netwatch){ .r = r, .mem = m, .c = *config, .fn = fn,
				.arg = arg, .slept = reactor_slept(r),
				.told = { .fn = on_told, .arg = w },
				.look = { .fn = on_look, .arg = w } };
	rc = listen(w);
	if (rc) {
		netwatch_close(w);
		return rc;
	}
	*out = w;
	return 0;
}

void netwatch_close(struct netwatch *w)
{
	if (!w)
		return;
	reactor_timer_stop(w->r, &w->told);
	reactor_timer_stop(w->r, &w->look);
	if (w->changes)
		fdwatch_close(w->changes);
	if (w->clock)
		fdwatch_close(w->clock);
	mem_free(w->mem, w);
}
