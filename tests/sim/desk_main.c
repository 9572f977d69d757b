/* SPDX-License-Identifier: BSD-2-Clause
 * tests/sim/desk_main.c - the desk on a real loopback, for programs that are
 * started beside it: says where it listens, and at SIGINT what came.
 * usage: desk_main */
#include <signal.h>
#include <stdio.h>

#include "tests/sim/desk.h"

static volatile sig_atomic_t asked;

static void on_signal(int sig)
{
	(void)sig;
	asked = 1;
}

int main(void)
{
	struct addr any = addr_v4(127, 0, 0, 1, 0);
	struct mem mem;
	struct desk d = { 0 };
	char text[ADDR_TEXT];
	struct reactor *r;
	int rc;

	mem_init(&mem, 0);
	r = reactor_new_poll(&mem);
	if (!r || desk_begin(&d, r, &any)) {
		fprintf(stderr, "desk_main: cannot listen\n");
		return 1;
	}
	signal(SIGINT, on_signal);
	printf("listening on %s\n", addr_text(&d.at, text));
	fflush(stdout);
	do
		rc = reactor_step(r, MS(100));
	while (rc >= 0 && !asked);
	printf("challenges %u registers %u unregisters %u wrong %u\n",
	       d.challenges, d.registers, d.unregisters, d.wrong);
	desk_end(&d);
	reactor_free(r);
	return rc < 0;
}
