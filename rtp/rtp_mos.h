/* SPDX-License-Identifier: BSD-2-Clause
 * rtp/rtp_mos.h - listening quality estimate, the E-model of ITU-T G.107
 * simplified: all but delay, coding and loss at their defaults, so that
 *
 *   R = 93.2 - Id - Ie,eff
 *   Id = 0.024 d + 0.11 (d - 177.3) [d > 177.3], d one-way delay in ms
 *        (the linear fit of G.107's Id that is in common use)
 *   Ie,eff = Ie + (95 - Ie) Ppl / (Ppl / BurstR + Bpl)      G.107 (7-29)
 *   MOS = 1 + 0.035 R + R (R - 60) (100 - R) 7e-6           G.107 Annex B
 */
#ifndef RTP_RTP_MOS_H
#define RTP_RTP_MOS_H

struct rtp_mos_codec { /* G.113 Appendix I: equipment impairment */
	double ie;     /* 0 for G.711 */
	double bpl;    /* robustness; 25.1 for G.711 with concealment, 4.3
			* without; > 0 */
};

/* delay_ms one way, mouth to ear; loss in percent, late packets included;
 * burst: BurstR, 1 for random loss.  R in 0..100, MOS in 1..4.5. */
double rtp_mos_r(const struct rtp_mos_codec *c, double delay_ms, double loss,
		 double burst);
double rtp_mos_of_r(double r);
double rtp_mos(const struct rtp_mos_codec *c, double delay_ms, double loss);
#endif
