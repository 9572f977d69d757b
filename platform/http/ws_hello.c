/* SPDX-License-Identifier: BSD-2-Clause */
#include "platform/http/ws_hello.h"

#include "platform/crypto.h"

static const char GUID[] = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"; /* 1.3 */
static const struct slice VERSION = SLICE("13");

bool ws_hello_ok(const struct ws_hello *h)
{
	struct slice rest = h->protocol, one;

	return h->host.n <= LIMIT_WS_TARGET && http_is_value(h->host) &&
	       h->origin.n <= LIMIT_WS_TARGET && http_is_value(h->origin) &&
	       h->path.n <= LIMIT_WS_TARGET &&
	       (!h->path.n || (*h->path.p == '/' && http_is_target(h->path) &&
			       slice_find(h->path, '#') == h->path.n)) &&
	       h->protocol.n <= LIMIT_WS_PROTOCOL &&
	       (!rest.n || (http_is_target(rest) &&
			    http_element(&rest, &one) &&
			    slice_same(one, h->protocol)));
}

void ws_key_write(struct writer *w, const uint8_t nonce[WS_NONCE])
{
	base64_write(w, nonce, WS_NONCE);
}

void ws_accept_write(struct writer *w, struct slice key)
{
	const struct slice part[] = { key, slice_str(GUID) };
	uint8_t sum[HASH_MAX];

	hash_of(HASH_SHA1, part, COUNT(part), sum);
	base64_write(w, sum, hash_size(HASH_SHA1));
}

/* ---------------------------------------------------------------- client */
void ws_hello_request(struct writer *w, const struct ws_hello *h,
		      const uint8_t nonce[WS_NONCE])
{
	char key[WS_KEY];
	struct writer k = writer_begin(key, sizeof(key));

	ws_key_write(&k, nonce);
	http_write_request(w, "GET", h->path.n ? h->path : S("/"));
	http_write_field(w, "Host", h->host);
	http_write_field(w, "Upgrade", S("websocket"));
	http_write_field(w, "Connection", S("Upgrade"));
	http_write_field(w, "Sec-WebSocket-Key", writer_done(&k));
	http_write_field(w, "Sec-WebSocket-Version", VERSION);
	if (h->protocol.n)
		http_write_field(w, "Sec-WebSocket-Protocol", h->protocol);
	if (h->origin.n)
		http_write_field(w, "Origin", h->origin);
	http_write_end(w);
}

/* 4.1, "the client MUST validate the server's response as follows" */
const char *ws_hello_answered(const struct http_head *head,
			      const struct ws_hello *h,
			      const uint8_t nonce[WS_NONCE])
{
	char key[WS_KEY], accept[WS_ACCEPT];
	struct writer k = writer_begin(key, sizeof(key));
	struct writer a = writer_begin(accept, sizeof(accept));
	struct slice v;
	unsigned n;

	ws_key_write(&k, nonce);
	ws_accept_write(&a, writer_done(&k));
	if (head->request || head->status != 101)
		return "the server does not upgrade";
	if (!http_has(head, "Upgrade", "websocket"))
		return "Upgrade is not to websocket";
	if (!http_has(head, "Connection", "Upgrade"))
		return "Connection is not Upgrade";
	if (http_get(head, "Sec-WebSocket-Accept", &v) != 1 ||
	    !slice_same(v, writer_done(&a)))
		return "Sec-WebSocket-Accept does not answer our key";
	if (http_get(head, "Sec-WebSocket-Extensions", &v) && v.n)
		return "an extension that was not asked for";
	n = http_get(head, "Sec-WebSocket-Protocol", &v);
	if (n > 1 || !slice_same(v, h->protocol))
		return "Sec-WebSocket-Protocol is not what was asked for";
	return NULL;
}

/* ---------------------------------------------------------------- server */
/* 4.2.1: its key is 16 octets. */
static bool key_ok(const struct http_head *head)
{
	uint8_t nonce[WS_NONCE];
	struct slice v;

	return http_get(head, "Sec-WebSocket-Key", &v) == 1 &&
	       v.n == WS_KEY &&
	       base64_read(v, nonce, sizeof(nonce)) == WS_NONCE;
}

static bool speaks(const struct http_head *head, struct slice protocol)
{
	struct slice name, v, one;
	size_t at = 0;

	while (http_next(head, &at, &name, &v)) {
		if (!slice_ieq(name, "Sec-WebSocket-Protocol"))
			continue;
		while (http_element(&v, &one))
			if (slice_same(one, protocol))
				return true;
	}
	return !protocol.n;
}

static bool has_body(const struct http_head *head)
{
	struct slice v;

	return http_get(head, "Transfer-Encoding", &v) ||
	       (http_get(head, "Content-Length", &v) && !slice_eq(v, "0"));
}

static unsigned judge_upgrade(const struct http_head *head, const char **why)
{
	struct slice v;

	*why = "no upgrade to websocket is asked for";
	if (!http_has(head, "Upgrade", "websocket") ||
	    !http_has(head, "Connection", "Upgrade"))
		return 426;
	*why = "Sec-WebSocket-Version is not 13";
	if (http_get(head, "Sec-WebSocket-Version", &v) != 1 ||
	    !slice_same(v, VERSION))
		return 426; /* 4.4 */
	*why = "Sec-WebSocket-Key is not 16 octets as base64";
	if (!key_ok(head))
		return 400;
	return 101;
}

unsigned ws_hello_judge(const struct http_head *head,
			const struct ws_hello *h, const char **why)
{
	struct slice v;
	unsigned status;

	*why = "no request of HTTP/1.1 or later";
	if (!head->request || head->minor < 1)
		return 400;
	*why = "Host is wanted once";
	if (http_get(head, "Host", &v) != 1)
		return 400; /* RFC 9112 3.2 */
	*why = "the method is not GET";
	if (!slice_eq(head->method, "GET"))
		return 405;
	*why = "the path is not here";
	if (h->path.n && !slice_same(head->target, h->path))
		return 404;
	*why = "a body comes with it";
	if (has_body(head))
		return 400;
	status = judge_upgrade(head, why);
	if (status != 101)
		return status;
	*why = "Origin is not allowed";
	if (h->origin.n && http_get(head, "Origin", &v) &&
	    !slice_isame(v, h->origin))
		return 403; /* 10.2 */
	*why = "Sec-WebSocket-Protocol does not have ours";
	if (!speaks(head, h->protocol))
		return 400; /* RFC 7118 4.1: SIP is nothing else's */
	*why = NULL;
	return 101;
}

static void welcome(struct writer *w, const struct http_head *head,
		    const struct ws_hello *h)
{
	char accept[WS_ACCEPT];
	struct writer a = writer_begin(accept, sizeof(accept));
	struct slice key;

	(void)http_get(head, "Sec-WebSocket-Key", &key);
	ws_accept_write(&a, key);
	http_write_field(w, "Upgrade", S("websocket"));
	http_write_field(w, "Connection", S("Upgrade"));
	http_write_field(w, "Sec-WebSocket-Accept", writer_done(&a));
	if (h->protocol.n)
		http_write_field(w, "Sec-WebSocket-Protocol", h->protocol);
}

void ws_hello_response(struct writer *w, unsigned status,
		       const struct http_head *head, const struct ws_hello *h)
{
	http_write_status(w, status);
	if (status == 101) {
		welcome(w, head, h);
	} else {
		/* RFC 9110 7.8: Upgrade is never without its option. */
		http_write_field(w, "Connection",
				 status == 426 ? S("close, Upgrade") :
				 S("close"));
		http_write_field(w, "Content-Length", S("0"));
	}
	if (status == 405)
		http_write_field(w, "Allow", S("GET"));
	if (status == 426) {
		http_write_field(w, "Upgrade", S("websocket"));
		http_write_field(w, "Sec-WebSocket-Version", VERSION);
	}
	http_write_end(w);
}
