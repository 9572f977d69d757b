/* SPDX-License-Identifier: BSD-2-Clause */
#include "client/extra.h"

#include "platform/scan.h"

/* What the request, its dialog or its body depend on is the stack's. */
static bool is_ours(struct slice name)
{
	switch (sip_hdr_find(name)) { /* compact ones as well */
	case SIP_HDR_ALLOW:
	case SIP_HDR_AUTHORIZATION:
	case SIP_HDR_CALL_ID:
	case SIP_HDR_CONTACT:
	case SIP_HDR_CONTENT_ENCODING:
	case SIP_HDR_CONTENT_LENGTH:
	case SIP_HDR_CONTENT_TYPE:
	case SIP_HDR_CSEQ:
	case SIP_HDR_EXPIRES:
	case SIP_HDR_FROM:
	case SIP_HDR_MAX_FORWARDS:
	case SIP_HDR_PROXY_AUTHORIZATION:
	case SIP_HDR_RECORD_ROUTE:
	case SIP_HDR_REQUIRE:
	case SIP_HDR_ROUTE:
	case SIP_HDR_SUPPORTED:
	case SIP_HDR_TO:
	case SIP_HDR_USER_AGENT:
	case SIP_HDR_VIA:
		return true;
	default: /* all of the body's, known or not */
		return slice_istarts(name, "Content-");
	}
}

static bool is_line(struct slice value)
{
	for (size_t i = 0; i < value.n; i++)
		if (scan_is(value.p[i], SCAN_CTL))
			return false;
	return utf8_valid(value);
}

static int check(struct slice name, struct slice value, const char **why)
{
	struct parse_error e;
	struct scan s = scan_begin(name, &e);

	*why = "a header's name is no token";
	if (!scan_run(&s, SCAN_TOKEN, NULL) || !scan_end(&s))
		return -EBADMSG;
	*why = "a header's value is no line of text";
	if (!is_line(value))
		return -EBADMSG;
	*why = "a header that is the library's own";
	return is_ours(name) ? -EINVAL : 0;
}

static size_t put(char *at, struct slice s)
{
	if (s.n)
		memcpy(at, s.p, s.n);
	at[s.n] = '\0';
	return s.n + 1;
}

int extra_keep(struct mem *m, const struct parley_header *h, size_t n,
	       struct extra **out, const char **why)
{
	size_t room = 0, at = 0;
	struct extra *e;

	*out = NULL;
	*why = "too many headers";
	if (n > EXTRA_FIELDS)
		return -EINVAL;
	for (size_t i = 0; i < n; i++) {
		struct slice name = slice_str(h[i].name);
		struct slice value = slice_str(h[i].value);
		int rc = check(name, value, why);

		if (rc)
			return rc;
		room += name.n + value.n + 2;
	}
	*why = "headers are too long";
	if (room > EXTRA_BYTES)
		return -EINVAL;
	if (n == 0)
		return 0;
	*why = "out of memory";
	e = mem_new(m, sizeof(*e) + room);
	if (!e)
		return -ENOMEM;
	e->fields = (unsigned)n;
	for (size_t i = 0; i < n; i++) {
		at += put(e->text + at, slice_str(h[i].name));
		at += put(e->text + at, slice_str(h[i].value));
	}
	*out = e;
	return 0;
}

int extra_fields(const struct extra *e, struct sip_msg *out)
{
	const char *at = e ? e->text : "";
	int rc = 0;

	sip_msg_request(out, S("INVITE"), S(""));
	for (unsigned i = 0; e && i < e->fields && rc == 0; i++) {
		struct slice name = slice_str(at);
		struct slice value = slice_str(at + name.n + 1);
		enum sip_hdr id = sip_hdr_find(name);

		at = value.p + value.n + 1;
		rc = id ? sip_msg_add(out, id, slice_trim(value)) :
		     sip_msg_add_named(out, name, slice_trim(value));
	}
	return rc;
}
