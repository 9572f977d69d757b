/* SPDX-License-Identifier: BSD-2-Clause */
#include "media/media_clock.h"

#define PERIOD MS(10)

static void clock_on_timer(void *arg)
{
	struct media_clock *c = arg;
	mono now = reactor_now(c->r).m;
	bool gone = false;

	c->late = now - c->next;
	/* Far behind (the host slept): what was missed stays missed. */
	if (now - c->next > (MEDIA_CLOCK_BURST - 1) * PERIOD) {
		mono late = (now - c->next) / PERIOD - (MEDIA_CLOCK_BURST - 1);

		c->skipped += (uint64_t)late;
		c->next += late * PERIOD;
	}
	c->gone = &gone;
	while (c->next <= now) {
		c->next += PERIOD;
		c->ticks++;
		c->tick(c->arg);
		if (gone)
			return;
	}
	c->gone = NULL;
	reactor_timer_at(c->r, &c->timer, c->next);
}

void media_clock_start(struct media_clock *c, struct reactor *r,
		       void (*tick)(void *arg), void *arg)
{
	*c = (struct media_clock){
		.r = r, .tick = tick, .arg = arg,
		.timer = { .fn = clock_on_timer, .arg = c },
	};
	c->next = reactor_now(r).m + PERIOD;
	reactor_timer_at(r, &c->timer, c->next);
}

void media_clock_stop(struct media_clock *c)
{
	if (!c->r)
		return;
	if (c->gone)
		*c->gone = true;
	reactor_timer_stop(c->r, &c->timer);
	*c = (struct media_clock){ 0 };
}
