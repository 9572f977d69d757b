/* SPDX-License-Identifier: BSD-2-Clause
 * A name server for tests of the program: answers from a file (zone.h) on
 * ADDR:PORT until it is killed, and says where it is.
 * usage: server FILE ADDR:PORT [FAULTS], a number of enum nameserver_fault. */
#include <stdio.h>
#include <stdlib.h>

#include "tests/dns/nameserver.h"

int main(int argc, char **argv)
{
	static char text[65536];
	struct nameserver s = { 0 };
	char at[ADDR_TEXT];
	struct mem mem;
	struct reactor *r;
	struct addr a;
	FILE *f = argc > 2 ? fopen(argv[1], "rb") : NULL;

	if (!f || addr_parse(slice_str(argv[2]), &a)) {
		fprintf(stderr, "usage: server FILE ADDR:PORT [FAULTS]\n");
		return 2;
	}
	s.zone = slice_of(text, fread(text, 1, sizeof(text), f));
	fclose(f);
	if (argc > 3)
		s.faults = (unsigned)strtoul(argv[3], NULL, 0);
	s.evil = addr_v4(203, 0, 113, 66, 0);
	mem_init(&mem, 0);
	r = reactor_new_poll(&mem);
	if (!r || nameserver_start(&s, r, &a)) {
		fprintf(stderr, "server: %s: cannot be had\n", argv[2]);
		return 1;
	}
	a = nameserver_at(&s);
	printf("%s\n", addr_text(&a, at));
	fflush(stdout);
	reactor_run(r);
	return 0;
}
