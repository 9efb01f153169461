/* dyn_spring.c - the one-way spring: the average is a damped mass pulled by the model. */
#include "length.h"

static int spring(const struct bl_case *c, const struct bl_timeline *time, struct bl_spring *out,
	struct bl_err *err)
{
	const struct bl_value *damping = bl_case_value(c, BL_OPT_DAMPING);

	*out = (struct bl_spring){.restore = 1, .gain = 1, .hold = bl_case_hold(c)};
	if (bl_length_pulls(c, time, damping ? damping->number : 1, bl_dd(1), out, err) != 0)
		return -1;
	return time->count > 1 ? bl_spring_check(out, err) : 0;
}

static const enum bl_option options[] = {
	BL_OPT_HALF_LIFE, BL_OPT_MEAN_AGE, BL_OPT_DECAY, BL_OPT_REL_STD, BL_OPT_DAMPING,
	BL_OPT_KAPPA, BL_OPT_GAMMA, BL_OPT_HOLD, BL_OPT_UPDATE_EVERY, BL_OPTIONS,
};

const struct bl_dynamics bl_dynamics_spring = {
	.name = "spring",
	.summary = "damped spring from the average to the model",
	.equation =
		"v <- (1 - gamma) v + kappa (x_n - z),  z <- z + v;\n"
		"z = x_0, v = 0 at the first checkpoint.\n"
		"From a length with the time constant tau (H / ln 2 for a half-life of H steps)\n"
		"and a damping ratio zeta (1 unless given; inf is ema):\n"
		"omega = 2 zeta / tau,  r1, r2 = exp(-omega (zeta -+ sqrt(zeta^2 - 1))),\n"
		"kappa = (1 - r1)(1 - r2),  gamma = 1 - r1 r2.",
	.options = options,
	.spring = spring,
	.fades = true,
};
