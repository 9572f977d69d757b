/* SPDX-License-Identifier: BSD-2-Clause
 * What the reactor knows of its host: interfaces, routes, the hosts file,
 * random bytes. */
#include "platform/poll/poll_priv.h"

#include <fcntl.h>
#include <ifaddrs.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "platform/scan.h"

size_t poll_descriptors(struct reactor *r)
{
	struct rlimit l;

	(void)r;
	return getrlimit(RLIMIT_NOFILE, &l) ? 1024 : (size_t)l.rlim_cur;
}

int poll_entropy(struct reactor *r, void *out, size_t n)
{
	uint8_t *p = out;

	(void)r;
	while (n) {
		ssize_t got = getrandom(p, n, 0);

		if (got < 0 && errno != EINTR)
			return -EIO;
		if (got > 0) {
			p += got;
			n -= (size_t)got;
		}
	}
	return 0;
}

/* ----------------------------------------------------------- interfaces */
static uint8_t prefix_of(const struct ifaddrs *i, const struct addr *a)
{
	struct addr mask = { 0 };
	unsigned n = 0, all = a->family == 4 ? 32 : 128;

	if (i->ifa_netmask)
		mask = sock_to_addr(i->ifa_netmask);
	while (n < all && mask.ip[n / 8] >> (7 - n % 8) & 1)
		n++;
	return (uint8_t)n;
}

static bool read_interface(const struct ifaddrs *i, struct host_if *out)
{
	struct addr a = { 0 };

	if (i->ifa_addr)
		a = sock_to_addr(i->ifa_addr);
	if (!a.family)
		return false;
	*out = (struct host_if){
		.index = if_nametoindex(i->ifa_name),
		.addr = a,
		.up = (i->ifa_flags & IFF_UP) && (i->ifa_flags & IFF_RUNNING),
		.loopback = (i->ifa_flags & IFF_LOOPBACK) != 0,
		.multicast = (i->ifa_flags & IFF_MULTICAST) != 0,
		.prefix = prefix_of(i, &a),
	};
	return slice_to_str(slice_head(slice_str(i->ifa_name),
				       sizeof(out->name) - 1),
			    out->name, sizeof(out->name)) == 0;
}

size_t poll_interfaces(struct reactor *r, struct host_if *out, size_t cap)
{
	struct ifaddrs *all;
	struct host_if one;
	size_t n = 0;

	(void)r;
	if (getifaddrs(&all) < 0)
		return 0;
	for (const struct ifaddrs *i = all; i; i = i->ifa_next) {
		if (!read_interface(i, &one))
			continue;
		if (n < cap)
			out[n] = one;
		n++;
	}
	freeifaddrs(all);
	return n;
}

/* Several changes in one go are one call: fn looks at all that is. */
static void on_change(struct source *s, unsigned got)
{
	struct poll_watch *w = s->object;
	char buf[16]; /* the rest of a message is thrown away */

	(void)got;
	while (recv(s->fd, buf, sizeof(buf), MSG_DONTWAIT) > 0 ||
	       errno == ENOBUFS)
		;
	s->r->calls++;
	w->on_change(w->arg);
}

static int netlink_socket(void)
{
	struct sockaddr_nl nl = {
		.nl_family = AF_NETLINK,
		.nl_groups = RTMGRP_LINK | RTMGRP_IPV4_IFADDR |
			     RTMGRP_IPV6_IFADDR | RTMGRP_IPV4_ROUTE |
			     RTMGRP_IPV6_ROUTE,
	};
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC,
			NETLINK_ROUTE);
	int rc;

	if (fd < 0)
		return -errno;
	if (bind(fd, (struct sockaddr *)&nl, sizeof(nl)) == 0)
		return fd;
	rc = -errno;
	close(fd);
	return rc;
}

/* fd: or a negative errno. */
static int watch(struct reactor *r, int fd,
		 void (*ready)(struct source *s, unsigned got),
		 void (*fn)(void *arg), void *arg, struct fdwatch **out)
{
	struct poll_watch *w;
	int rc;

	if (fd < 0)
		return fd;
	w = mem_new(r->mem, sizeof(*w));
	if (!w) {
		close(fd);
		return -ENOMEM;
	}
	w->base.b = &poll_backend;
	w->on_change = fn;
	w->arg = arg;
	w->s = (struct source){ .object = w, .ready = ready, .own_fd = true };
	rc = source_open(poll_of(r), &w->s, fd, REACTOR_READ);
	if (rc < 0) {
		mem_free(r->mem, w);
		return rc;
	}
	*out = &w->base;
	return 0;
}

int poll_watch_interfaces(struct reactor *r, void (*fn)(void *arg), void *arg,
			  struct fdwatch **out)
{
	return watch(r, netlink_socket(), on_change, fn, arg, out);
}

/* ----------------------------------------------------------------- sleep */
/* The one clock goes on while the host sleeps, the other does not. */
mono poll_slept(struct reactor *r)
{
	struct timespec all, awake;

	(void)r;
	if (clock_gettime(CLOCK_MONOTONIC, &awake) < 0 ||
	    clock_gettime(CLOCK_BOOTTIME, &all) < 0)
		return 0;
	return SEC((mono)all.tv_sec - awake.tv_sec) + all.tv_nsec -
	       awake.tv_nsec;
}

/* A timer a year away, which is called off when the clock is set: waking up
 * sets it, as Linux has it (timerfd_create(2), TFD_TIMER_CANCEL_ON_SET). */
static int arm_clock(int fd)
{
	struct itimerspec far = { 0 };

	if (clock_gettime(CLOCK_REALTIME, &far.it_value) < 0)
		return -errno;
	far.it_value.tv_sec += 365 * 86400L;
	return timerfd_settime(fd, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET,
			       &far, NULL) < 0 ? -errno : 0;
}

static void on_clock_set(struct source *s, unsigned got)
{
	struct poll_watch *w = s->object;
	uint64_t times;

	(void)got;
	if (read(s->fd, &times, sizeof(times)) >= 0 || errno == ECANCELED)
		(void)arm_clock(s->fd);
	s->r->calls++;
	w->on_change(w->arg);
}

int poll_watch_clock(struct reactor *r, void (*fn)(void *arg), void *arg,
		     struct fdwatch **out)
{
	int fd = timerfd_create(CLOCK_REALTIME, TFD_NONBLOCK | TFD_CLOEXEC);
	int rc = fd < 0 ? -errno : arm_clock(fd);

	if (fd >= 0 && rc < 0)
		close(fd);
	return watch(r, rc < 0 ? rc : fd, on_clock_set, fn, arg, out);
}

/* ---------------------------------------------------------------- routes */
/* Connecting a datagram socket sends nothing and chooses the address. */
int poll_route(struct reactor *r, const struct addr *remote, struct addr *local)
{
	struct addr to = *remote, from;
	struct sockaddr_storage ss;
	int fd = sock_new(remote->family, SOCK_DGRAM), rc = 0;

	(void)r;
	if (fd < 0)
		return fd;
	if (!to.port)
		to.port = 9;
	if (connect(fd, (struct sockaddr *)&ss, sock_from_addr(&to, &ss)) < 0)
		rc = -errno;
	from = sock_name(fd);
	close(fd);
	if (rc < 0)
		return rc == -EHOSTUNREACH ? -ENETUNREACH : rc;
	if (!from.family || addr_is_any(&from))
		return -ENETUNREACH;
	from.port = 0;
	*local = from;
	return 0;
}

/* ------------------------------------------------------------ hosts file */
static struct slice next_word(struct slice *line)
{
	struct slice word;

	*line = slice_trim(*line);
	for (word.n = 0; word.n < line->n; word.n++)
		if (scan_is(line->p[word.n], SCAN_WSP))
			break;
	word.p = line->p;
	*line = slice_skip(*line, word.n);
	return word;
}

/* hosts(5): an address, then its names; # begins a comment. */
static bool line_names(struct slice line, struct slice name, struct addr *a)
{
	struct slice rest, word;

	(void)slice_cut(line, '#', &line, &rest);
	if (addr_parse_ip(next_word(&line), a) < 0)
		return false;
	while ((word = next_word(&line)).n)
		if (slice_isame(word, name))
			return true;
	return false;
}

size_t poll_hosts(struct reactor *r, struct slice name, struct addr *out,
		  size_t cap)
{
	char buf[1024]; /* a line that is longer is skipped */
	size_t have = 0, n = 0;
	bool end = false;
	int fd = open("/etc/hosts", O_RDONLY | O_CLOEXEC);

	(void)r;
	while (fd >= 0 && (have || !end)) {
		struct slice line, rest = { 0 };
		struct addr a;

		/* The file's last line may lack its end. */
		if (!slice_cut(slice_of(buf, have), '\n', &line, &rest) &&
		    !end && have < sizeof(buf)) {
			ssize_t got = read(fd, buf + have, sizeof(buf) - have);

			end = got <= 0;
			have += got > 0 ? (size_t)got : 0;
			continue;
		}
		if (line_names(line, name, &a)) {
			if (n < cap)
				out[n] = a;
			n++;
		}
		have = rest.n;
		if (rest.n)
			memmove(buf, rest.p, rest.n);
	}
	if (fd >= 0)
		close(fd);
	return n;
}

size_t poll_resolv(struct reactor *r, char *out, size_t cap)
{
	int fd = open("/etc/resolv.conf", O_RDONLY | O_CLOEXEC);
	size_t n = 0;
	ssize_t got = 1;

	(void)r;
	while (fd >= 0 && n < cap && got > 0) {
		got = read(fd, out + n, cap - n);
		n += got > 0 ? (size_t)got : 0;
	}
	if (fd >= 0)
		close(fd);
	return n;
}
