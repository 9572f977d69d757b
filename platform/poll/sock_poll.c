/* SPDX-License-Identifier: BSD-2-Clause
 * Socket addresses, and sockets of the kind that the reactor uses. */
#include "platform/poll/poll_priv.h"

#include <netinet/in.h>
#include <unistd.h>

socklen_t sock_from_addr(const struct addr *a, struct sockaddr_storage *ss)
{
	struct sockaddr_in in = { .sin_family = AF_INET,
				  .sin_port = htons(a->port) };
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6,
				    .sin6_port = htons(a->port),
				    .sin6_scope_id = a->scope };

	if (a->family == 4) {
		memcpy(&in.sin_addr, a->ip, 4);
		memcpy(ss, &in, sizeof(in));
		return sizeof(in);
	}
	memcpy(&in6.sin6_addr, a->ip, 16);
	memcpy(ss, &in6, sizeof(in6));
	return sizeof(in6);
}

struct addr sock_to_addr(const void *sockaddr)
{
	struct addr a = { 0 };
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
	sa_family_t family;

	memcpy(&family, (const char *)sockaddr +
	       offsetof(struct sockaddr, sa_family), sizeof(family));
	if (family == AF_INET) {
		memcpy(&in, sockaddr, sizeof(in));
		a.family = 4;
		a.port = ntohs(in.sin_port);
		memcpy(a.ip, &in.sin_addr, 4);
	} else if (family == AF_INET6) {
		memcpy(&in6, sockaddr, sizeof(in6));
		a.family = 6;
		a.port = ntohs(in6.sin6_port);
		memcpy(a.ip, &in6.sin6_addr, 16);
		if (addr_is_link_local(&a))
			a.scope = in6.sin6_scope_id;
	}
	return a;
}

struct addr sock_name(int fd)
{
	struct sockaddr_storage ss = { 0 };
	socklen_t n = sizeof(ss);

	if (getsockname(fd, (struct sockaddr *)&ss, &n) < 0)
		return (struct addr){ 0 };
	return sock_to_addr(&ss);
}

void sock_option(int fd, int level, int name, int value)
{
	(void)setsockopt(fd, level, name, &value, sizeof(value));
}

int sock_new(uint8_t family, int type)
{
	int fd;

	if (family != 4 && family != 6)
		return -EAFNOSUPPORT;
	fd = socket(family == 4 ? AF_INET : AF_INET6,
		    type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	if (family == 6)
		sock_option(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1);
	return fd;
}
