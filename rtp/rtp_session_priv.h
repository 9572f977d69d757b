/* SPDX-License-Identifier: BSD-2-Clause
 * rtp/rtp_session_priv.h - between the session's table of sources
 * (rtp_session.c) and its RTCP timing and reports (rtp_session_rtcp.c).
 */
#ifndef RTP_RTP_SESSION_PRIV_H
#define RTP_RTP_SESSION_PRIV_H
#include "rtp/rtp_session.h"

/* rtp_session.c */
mono rtp_source_last(const struct rtp_source *src);
void rtp_session_remove(struct rtp_session *s, unsigned i);

/* rtp_session_rtcp.c */
void rtp_session_rtcp_begin(struct rtp_session *s, mono now);
/* 6.3.3: a compound of n octets was sent or received. */
void rtp_session_sized(struct rtp_session *s, size_t n);
/* 6.3.7: while leaving, each BYE heard counts as a member. */
void rtp_session_bye_heard(struct rtp_session *s);
/* 6.3.4: reverse reconsideration, when there are fewer members now. */
void rtp_session_reconsider(struct rtp_session *s, mono now);
/* A time span in units of rate. */
uint32_t rtp_session_units(uint32_t rate, mono span);
#endif
