/* SPDX-License-Identifier: BSD-2-Clause
 * sip/core/sip_timers.h - the values that all transactions count from, RFC 3261
 * 17.1.1.1 and Table 4 (A to K), RFC 6026 8.11 (L and M); and RFC 8305.
 */
#ifndef SIP_TIMERS_H
#define SIP_TIMERS_H
#include "platform/base.h"

#define SIP_T1 MS(500)       /* round-trip estimate */
#define SIP_T2 MS(4000)      /* longest retransmission interval */
#define SIP_T4 MS(5000)      /* longest life of a message in the network */
#define SIP_T1_64 (64 * SIP_T1) /* B, F, H, J, L, M; D is the same 32 s */
/* RFC 8305 5, its Connection Attempt Delay: then the next is tried beside. */
#define SIP_CONNECT_BESIDE MS(250)
#endif
