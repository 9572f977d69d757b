/* SPDX-License-Identifier: BSD-2-Clause
 * sip/core/sip_reason.h - the usual reason phrase of a status, RFC 3261 section
 * 21 and the registrations since.
 */
#ifndef SIP_REASON_H
#define SIP_REASON_H
#include "platform/slice.h"

struct slice sip_reason(unsigned status); /* "Unknown" for the others */
#endif
