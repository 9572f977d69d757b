/* SPDX-License-Identifier: BSD-2-Clause
 * UDP sockets: several datagrams a system call, each with its addresses,
 * interface, hop limit and time; and the ICMP errors that come back. */
#define _GNU_SOURCE /* recvmmsg, sendmmsg, struct in6_pktinfo */
#include "platform/poll/poll_priv.h"

#include <linux/errqueue.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <time.h>
#include <unistd.h>

enum {
	SEND_BATCH = 16,
	ROUNDS_PER_TURN = 4, /* then others have their turn */
	CONTROL = 256        /* of all control messages asked for below */
};

struct poll_udp {
	struct udp base;
	struct source s;
};

struct incoming {
	struct datagram d[RECV_BATCH];
	struct mmsghdr msg[RECV_BATCH];
	struct iovec iov[RECV_BATCH];
	struct sockaddr_storage name[RECV_BATCH];
	_Alignas(struct cmsghdr) char control[RECV_BATCH][CONTROL];
};

struct outgoing {
	struct mmsghdr msg[SEND_BATCH];
	struct iovec iov[SEND_BATCH];
	struct sockaddr_storage name[SEND_BATCH];
	_Alignas(struct cmsghdr) char control[SEND_BATCH][CONTROL / 2];
};

/* Of all sockets of a reactor: who is told of in may send, which is out. */
struct poll_batch {
	struct incoming in;
	struct outgoing out;
};

static struct poll_udp *udp_of(struct udp *u)
{
	return CONTAINER(u, struct poll_udp, base);
}

/* ------------------------------------------------------------ receiving */
static int control_int(struct cmsghdr *c)
{
	int v;

	memcpy(&v, CMSG_DATA(c), sizeof(v));
	return v;
}

static void read_control(struct cmsghdr *c, struct datagram *d,
			 struct instant now)
{
	if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
		struct in_pktinfo pi;

		memcpy(&pi, CMSG_DATA(c), sizeof(pi));
		memcpy(d->local.ip, &pi.ipi_addr, 4);
		d->ifindex = (uint32_t)pi.ipi_ifindex;
	} else if (c->cmsg_level == IPPROTO_IPV6 &&
		   c->cmsg_type == IPV6_PKTINFO) {
		struct in6_pktinfo pi;

		memcpy(&pi, CMSG_DATA(c), sizeof(pi));
		memcpy(d->local.ip, &pi.ipi6_addr, 16);
		d->ifindex = (uint32_t)pi.ipi6_ifindex;
		d->local.scope = addr_is_link_local(&d->local) ? d->ifindex : 0;
	} else if ((c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_TTL) ||
		   (c->cmsg_level == IPPROTO_IPV6 &&
		    c->cmsg_type == IPV6_HOPLIMIT)) {
		d->ttl = (uint8_t)control_int(c);
	} else if (c->cmsg_level == SOL_SOCKET &&
		   c->cmsg_type == SCM_TIMESTAMPNS) {
		struct timespec ts;
		int64_t ago;

		memcpy(&ts, CMSG_DATA(c), sizeof(ts));
		d->when.wall_ns = SEC(ts.tv_sec) + ts.tv_nsec;
		ago = now.wall_ns - d->when.wall_ns;
		/* A wall clock that was set in between tells nothing. */
		d->when.m = ago < 0 || ago > SEC(1) ? now.m : now.m - ago;
	}
}

static void read_message(struct incoming *b, unsigned i,
			 const struct addr *local, struct instant now)
{
	struct datagram *d = &b->d[i];
	struct msghdr *h = &b->msg[i].msg_hdr;

	*d = (struct datagram){ .local = *local, .when = now,
				.remote = sock_to_addr(&b->name[i]),
				.p = b->iov[i].iov_base,
				.n = b->msg[i].msg_len };
	for (struct cmsghdr *c = CMSG_FIRSTHDR(h); c; c = CMSG_NXTHDR(h, c))
		read_control(c, d, now);
}

static int udp_receive(struct poll_udp *u, struct incoming *b)
{
	for (unsigned i = 0; i < RECV_BATCH; i++) {
		b->iov[i] = (struct iovec){
			.iov_base = u->s.r->slots + (size_t)i * RECV_SLOT,
			.iov_len = 65536
		};
		b->msg[i].msg_hdr = (struct msghdr){
			.msg_name = &b->name[i],
			.msg_namelen = sizeof(b->name[i]),
			.msg_iov = &b->iov[i],
			.msg_iovlen = 1,
			.msg_control = b->control[i],
			.msg_controllen = CONTROL,
		};
	}
	return recvmmsg(u->s.fd, b->msg, RECV_BATCH, MSG_DONTWAIT, NULL);
}

/* RFC 1122 4.1.3.3: ICMP errors are passed to the application. */
static void read_errors(struct poll_udp *u)
{
	for (int i = 0; i < RECV_BATCH && u->s.fd >= 0; i++) {
		_Alignas(struct cmsghdr) char control[CONTROL];
		struct sockaddr_storage name = { 0 };
		struct sock_extended_err e = { 0 };
		struct msghdr h = { .msg_name = &name,
				    .msg_namelen = sizeof(name),
				    .msg_control = control,
				    .msg_controllen = CONTROL };
		struct addr remote;

		if (recvmsg(u->s.fd, &h, MSG_ERRQUEUE | MSG_DONTWAIT) < 0)
			return;
		for (struct cmsghdr *c = CMSG_FIRSTHDR(&h); c;
		     c = CMSG_NXTHDR(&h, c))
			if ((c->cmsg_level == IPPROTO_IP &&
			     c->cmsg_type == IP_RECVERR) ||
			    (c->cmsg_level == IPPROTO_IPV6 &&
			     c->cmsg_type == IPV6_RECVERR))
				memcpy(&e, CMSG_DATA(c), sizeof(e));
		/* EMSGSIZE: the kernel learnt a path MTU and fragments now. */
		remote = sock_to_addr(&name);
		if (!e.ee_errno || e.ee_errno == EMSGSIZE || !remote.family ||
		    !u->base.ops->on_error)
			continue;
		u->s.r->calls++;
		u->base.ops->on_error(u->base.arg, &remote, (int)e.ee_errno);
	}
}

static void on_udp(struct source *s, unsigned got)
{
	struct poll_udp *u = s->object;
	struct incoming *b = &s->r->batch->in;

	if (got & SOURCE_FAILED)
		read_errors(u);
	for (int round = 0; round < ROUNDS_PER_TURN && s->fd >= 0; round++) {
		int n = udp_receive(u, b);

		if (n < 0 && (errno == EAGAIN || errno == EBADF))
			return;
		if (n <= 0)
			continue; /* an ICMP error's echo: read again */
		for (int i = 0; i < n; i++)
			read_message(b, (unsigned)i, &u->base.local,
				     s->r->now);
		s->r->calls++;
		u->base.ops->on_datagrams(u->base.arg, b->d, (size_t)n);
		if (n < RECV_BATCH)
			return;
	}
}

/* -------------------------------------------------------------- sending */
static struct cmsghdr *add_control(struct msghdr *h, struct cmsghdr *last,
				   int level, int type, const void *p, size_t n)
{
	struct cmsghdr *c;

	h->msg_controllen += CMSG_SPACE(n);
	c = last ? CMSG_NXTHDR(h, last) : CMSG_FIRSTHDR(h);
	if (!c) /* no room: the datagram goes without */
		return last;
	c->cmsg_level = level;
	c->cmsg_type = type;
	c->cmsg_len = CMSG_LEN(n);
	memcpy(CMSG_DATA(c), p, n);
	return c;
}

static void write_control(struct msghdr *h, const struct datagram *d)
{
	struct cmsghdr *c = NULL;
	int ttl = d->ttl;
	bool source = d->local.family && !addr_is_any(&d->local);

	if (d->remote.family == 4 && (source || d->ifindex)) {
		struct in_pktinfo pi = { .ipi_ifindex = (int)d->ifindex };

		if (source)
			memcpy(&pi.ipi_spec_dst, d->local.ip, 4);
		c = add_control(h, c, IPPROTO_IP, IP_PKTINFO, &pi, sizeof(pi));
	}
	if (d->remote.family == 6 && (source || d->ifindex)) {
		struct in6_pktinfo pi = { .ipi6_ifindex = d->ifindex };

		if (source)
			memcpy(&pi.ipi6_addr, d->local.ip, 16);
		c = add_control(h, c, IPPROTO_IPV6, IPV6_PKTINFO, &pi,
				sizeof(pi));
	}
	if (ttl && d->remote.family == 4)
		(void)add_control(h, c, IPPROTO_IP, IP_TTL, &ttl, sizeof(ttl));
	if (ttl && d->remote.family == 6)
		(void)add_control(h, c, IPPROTO_IPV6, IPV6_HOPLIMIT, &ttl,
				  sizeof(ttl));
}

static void prepare(struct outgoing *o, size_t i, const struct datagram *d)
{
	struct msghdr *h = &o->msg[i].msg_hdr;

	memset(&o->control[i], 0, sizeof(o->control[i]));
	o->iov[i] = (struct iovec){ .iov_base = d->p, .iov_len = d->n };
	*h = (struct msghdr){ .msg_name = &o->name[i],
			      .msg_iov = &o->iov[i],
			      .msg_iovlen = 1,
			      .msg_control = o->control[i] };
	h->msg_namelen = sock_from_addr(&d->remote, &o->name[i]);
	write_control(h, d);
	if (!h->msg_controllen)
		h->msg_control = NULL;
}

/* An ICMP error for an earlier datagram is reported on any later call, once:
 * so a failure counts when it comes twice. */
static int send_some(int fd, struct mmsghdr *m, unsigned n)
{
	int rc = sendmmsg(fd, m, n, MSG_DONTWAIT | MSG_NOSIGNAL);

	if (rc < 0 && errno != EAGAIN && errno != ENOBUFS)
		rc = sendmmsg(fd, m, n, MSG_DONTWAIT | MSG_NOSIGNAL);
	return rc < 0 ? -errno : rc;
}

/* Sends a prepared batch; how many went, or what refused the first. */
static int send_batch(int fd, struct outgoing *o, size_t n, bool *full)
{
	size_t i = 0;
	int sent = 0, failed = 0;

	while (i < n) {
		int rc = send_some(fd, o->msg + i, (unsigned)(n - i));

		*full = rc == -EAGAIN || rc == -ENOBUFS;
		if (*full)
			break;
		if (rc < 0 && i == 0)
			failed = rc;
		sent += rc > 0 ? rc : 0;
		i += rc > 0 ? (size_t)rc : 1; /* a bad one: go on */
	}
	return failed ? failed : sent;
}

int poll_udp_send(struct udp *base, const struct datagram *d, size_t n)
{
	struct poll_udp *u = udp_of(base);
	struct outgoing *o = &u->s.r->batch->out;
	size_t done = 0;
	int sent = 0;
	bool full = false;

	while (done < n && !full) {
		size_t i = 0;
		int rc = -EAFNOSUPPORT;

		while (i < n - done && i < SEND_BATCH &&
		       d[done + i].remote.family == base->local.family) {
			prepare(o, i, &d[done + i]);
			i++;
		}
		if (i)
			rc = send_batch(u->s.fd, o, i, &full);
		if (rc < 0 && done == 0)
			return rc;
		sent += rc > 0 ? rc : 0;
		done += i ? i : 1;
	}
	return sent;
}

void poll_udp_set_dscp(struct udp *base, unsigned dscp)
{
	int fd = udp_of(base)->s.fd;

	/* RFC 2474 section 3: the upper six bits of the octet. */
	if (base->local.family == 4)
		sock_option(fd, IPPROTO_IP, IP_TOS, (int)dscp << 2);
	else
		sock_option(fd, IPPROTO_IPV6, IPV6_TCLASS, (int)dscp << 2);
}

/* RFC 3678 5.1: the same for both families. */
int poll_udp_member(struct udp *base, const struct addr *group,
		    uint32_t ifindex, bool join)
{
	struct group_req q = { .gr_interface = ifindex };
	struct sockaddr_storage ss = { 0 };
	int level = base->local.family == 4 ? IPPROTO_IP : IPPROTO_IPV6;

	if (group->family != base->local.family || !addr_is_multicast(group))
		return -EINVAL;
	if (!ifindex) /* else the system would choose one */
		return -ENODEV;
	(void)sock_from_addr(group, &ss);
	memcpy(&q.gr_group, &ss, sizeof(ss));
	if (setsockopt(udp_of(base)->s.fd, level, join ? MCAST_JOIN_GROUP :
		       MCAST_LEAVE_GROUP, &q, sizeof(q)) == 0)
		return 0;
	return -errno;
}

/* ----------------------------------------------------------------- life */
/* Of groups only what this socket joined itself, not what others of the host
 * did: Linux would give it all. */
static void share_port(int fd, uint8_t family)
{
	sock_option(fd, SOL_SOCKET, SO_REUSEADDR, 1);
	sock_option(fd, SOL_SOCKET, SO_REUSEPORT, 1);
	if (family == 4)
		sock_option(fd, IPPROTO_IP, IP_MULTICAST_ALL, 0);
	else
		sock_option(fd, IPPROTO_IPV6, IPV6_MULTICAST_ALL, 0);
}

static int udp_socket(const struct addr *local, bool shared)
{
	struct sockaddr_storage ss;
	socklen_t len = sock_from_addr(local, &ss);
	int fd = sock_new(local->family, SOCK_DGRAM), rc;

	if (fd < 0)
		return fd;
	if (shared)
		share_port(fd, local->family);
	sock_option(fd, SOL_SOCKET, SO_TIMESTAMPNS, 1);
	if (local->family == 4) {
		sock_option(fd, IPPROTO_IP, IP_PKTINFO, 1);
		sock_option(fd, IPPROTO_IP, IP_RECVTTL, 1);
		sock_option(fd, IPPROTO_IP, IP_RECVERR, 1);
	} else {
		sock_option(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1);
		sock_option(fd, IPPROTO_IPV6, IPV6_RECVHOPLIMIT, 1);
		sock_option(fd, IPPROTO_IPV6, IPV6_RECVERR, 1);
	}
	if (bind(fd, (struct sockaddr *)&ss, len) == 0)
		return fd;
	rc = -errno;
	close(fd);
	return rc;
}

static int batch_new(struct poll_reactor *r)
{
	if (!r->batch)
		r->batch = mem_new(r->base.mem, sizeof(*r->batch));
	return r->batch ? 0 : -ENOMEM;
}

int poll_udp_open(struct reactor *r, const struct addr *local, bool shared,
		  const struct udp_ops *ops, void *arg, struct udp **out)
{
	struct poll_udp *u;
	int fd, rc;

	if (poll_slots(poll_of(r)) < 0 || batch_new(poll_of(r)) < 0)
		return -ENOMEM;
	u = mem_new(r->mem, sizeof(*u));
	if (!u)
		return -ENOMEM;
	fd = udp_socket(local, shared);
	if (fd < 0) {
		mem_free(r->mem, u);
		return fd;
	}
	u->base = (struct udp){ .b = &poll_backend, .ops = ops, .arg = arg,
				.local = sock_name(fd) };
	u->s = (struct source){ .object = u, .ready = on_udp, .own_fd = true };
	rc = source_open(poll_of(r), &u->s, fd, REACTOR_READ);
	if (rc < 0) {
		mem_free(r->mem, u);
		return rc;
	}
	*out = &u->base;
	return 0;
}

void poll_udp_close(struct udp *base)
{
	source_close(&udp_of(base)->s);
}
