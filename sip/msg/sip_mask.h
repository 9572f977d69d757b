/* SPDX-License-Identifier: BSD-2-Clause
 * sip/msg/sip_mask.h - a message for human eyes: as it is, but for what lets
 * others in, each of which becomes "***":
 *
 *	response and rspauth in (Proxy-)Authorization and (Proxy-)
 *	  Authentication-Info: a password can be guessed by them (RFC 7616 5.4);
 *	  of another scheme than Digest all that follows its name
 *	the password of a URI, sip:user:password@host (RFC 3261 19.1.1)
 *	in a description the values of k=, a=crypto, a=key-mgmt, a=ice-pwd
 *
 * Meant for what need not be well-formed: it refuses nothing.  Lines stay.
 */
#ifndef SIP_MASK_H
#define SIP_MASK_H
#include "platform/writer.h"

void sip_mask(struct slice message, struct writer *w);
#endif
