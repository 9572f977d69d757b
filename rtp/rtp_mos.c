/* SPDX-License-Identifier: BSD-2-Clause */
#include "rtp/rtp_mos.h"

double rtp_mos_r(const struct rtp_mos_codec *c, double delay_ms, double loss,
		 double burst)
{
	double id = 0.024 * delay_ms, ie = c->ie, r;

	if (delay_ms > 177.3)
		id += 0.11 * (delay_ms - 177.3);
	if (loss > 0)
		ie += (95 - c->ie) * loss / (loss / burst + c->bpl);
	r = 93.2 - id - ie;
	if (r < 0)
		return 0;
	return r > 100 ? 100 : r;
}

double rtp_mos_of_r(double r)
{
	double mos;

	if (r <= 0)
		return 1;
	if (r >= 100)
		return 4.5;
	mos = 1 + 0.035 * r + r * (r - 60) * (100 - r) * 7e-6;
	return mos < 1 ? 1 : mos; /* the cubic dips below 1 near R = 3 */
}

double rtp_mos(const struct rtp_mos_codec *c, double delay_ms, double loss)
{
	return rtp_mos_of_r(rtp_mos_r(c, delay_ms, loss, 1));
}
