/*
 * power.h - the power-function average of EDM2, in absolute time.
 *
 *   z_n = (1 - 1/n)^p z_{n-1} + (1 - (1 - 1/n)^p) x_n,   p = g + 1,
 *
 * so that the weight of step n in z_N is about proportional to n^g. Its width grows with n: the
 * standard deviation of the weights is sqrt((g + 1) / ((g + 2)^2 (g + 3))) of the time since step
 * 0, which EDM2 calls sigma_rel. Karras et al., "Analyzing and Improving the Training Dynamics of
 * Diffusion Models" (2024).
 */
#ifndef BL_POWER_H
#define BL_POWER_H

#include "dynamics.h"

#define BL_POWER_STD 0.1 /* of the method power, unless given */

/*
 * The exponent g > 0 of the profile whose relative standard deviation is std, correctly rounded.
 * Below 1e-40, as at it, all weight is on the last step. 0 where there is no such profile, or more
 * than one: std must be above 0 and below sqrt(1/12) = 0.288675...
 */
double bl_power_exponent(double std);

/*
 * Fills weight[0 .. time->count - 1]. Times are not below 0; hold is linear or right. To 1e-15 for
 * gaps of any length; an interval takes at most 2p + 24 terms, and at most 130. No allocation, same
 * bits everywhere, thread-safe.
 */
void bl_power_weights(double exponent, const struct bl_timeline *time, enum bl_hold hold,
	double *weight);

/* The same from a z that is given at the first of the times: weight[0] is what x_0 has for the path
 * alone. Returns the weight of z. */
double bl_power_resume(double exponent, const struct bl_timeline *time, enum bl_hold hold,
	double *weight);

#endif
