/* SPDX-License-Identifier: BSD-2-Clause
 * The SIP parser alone: reads a message from standard input and says who calls
 * whom.  No allocation, no agent, no reactor: link libparley-modules.a. */
#include <sip/msg/sip_msg.h>
#include <sip/hdr/sip_name_addr.h>
#include <stdio.h>

static struct sip_msg msg; /* an index of about 5 kB; not for small stacks */

static int show(const char *what, enum sip_hdr id)
{
	struct sip_name_addr who;
	struct parse_error e;
	struct slice value = sip_msg_get(&msg, id);

	if (!value.p || sip_name_addr_parse(value, &who, &e))
		return -1;
	printf("%s: %.*s at %.*s\n", what, (int)who.uri.user.n,
	       who.uri.user.n ? who.uri.user.p : "", (int)who.uri.host.n,
	       who.uri.host.p);
	return 0;
}

int main(void)
{
	static char text[LIMIT_SIP_MESSAGE];
	struct slice in = { text, fread(text, 1, sizeof(text), stdin) };
	struct parse_error e;

	if (sip_msg_parse(in, &msg, &e)) {
		fprintf(stderr, "offset %zu: %s\n", e.offset, e.reason);
		return 1;
	}
	if (msg.status)
		printf("response %u\n", msg.status);
	else
		printf("request %.*s\n", (int)msg.method_name.n,
		       msg.method_name.p);
	if (show("from", SIP_HDR_FROM) || show("to", SIP_HDR_TO))
		return 1;
	printf("%u header fields, a body of %zu bytes\n", (unsigned)msg.n,
	       msg.body.n);
	return 0;
}
