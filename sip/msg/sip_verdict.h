/* SPDX-License-Identifier: BSD-2-Clause
 * sip/msg/sip_verdict.h - what a user agent does with a message before it looks
 * at transactions and dialogs: RFC 3261 8.2.1 to 8.2.3, 10.3, 18.3, 22.3.
 */
#ifndef SIP_VERDICT_H
#define SIP_VERDICT_H
#include "sip/msg/sip_check.h"
#include "sip/msg/sip_uri.h"

struct sip_ua { /* zeroed: sip_check and nothing more */
	struct sip_check check;
	/* Bits 1 << enum sip_method of what is taken: 405 for others, 501 for
	 * SIP_METHOD_OTHER.  0: not looked at, who dispatches does. */
	uint32_t methods;
	/* Bits 1 << enum sip_scheme of the Request-URI: else 416.  0: any. */
	uint32_t schemes;
	/* Option tags, NULL at the end: a Require for others gives 420 (not of
	 * an ACK or CANCEL: 8.2.2.3).  NULL: not looked at. */
	const char *const *supported;
	/* "type/subtype", "*" as a subtype too, of bodies that an INVITE or
	 * UPDATE may carry: else 415, also for any Content-Encoding, and 400
	 * or 413 for a multipart (sip_body.h).  Both are
	 * answered with application/sdp: 406 when Accept has no place for it.
	 * NULL: neither is looked at. */
	const char *const *types;
	/* REGISTER is for us: To must be a SIP or SIPS URI (10.3 step 5: 400),
	 * and credentials of an unknown scheme are challenged (401). */
	bool registrar;
};

/* in is a datagram, or with ua->check.stream what a stream held when it was
 * closed: its first message counts, and one that is not whole is dropped. */
struct sip_verdict sip_verdict(struct slice in, const struct sip_ua *ua,
			       struct sip_msg *m);
/* The part behind sip_check, of a request that it accepted; uri: its
 * Request-URI. */
struct sip_verdict sip_ua_check(struct slice in, const struct sip_ua *ua,
				const struct sip_msg *m,
				const struct sip_uri *uri);
/* For the Unsupported of a 420: what m requires and supported has not. */
void sip_unsupported_write(struct writer *w, const struct sip_msg *m,
			   const char *const *supported);

/* Request-URIs that a user agent knows what to do with. */
#define SIP_UA_SCHEMES (1u << SIP_SCHEME_SIP | 1u << SIP_SCHEME_SIPS | \
			1u << SIP_SCHEME_TEL)
/* What a user agent of this library takes, with REGISTER: for the decoder. */
extern const struct sip_ua sip_ua_default;
#endif
