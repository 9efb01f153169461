/* dyn_ema.c - the exponential moving average. */
#include "length.h"

#include <math.h>
#include <string.h>

static int spring(const struct bl_case *c, const struct bl_timeline *time, struct bl_spring *out,
	struct bl_err *err)
{
	*out = (struct bl_spring){
		.restore = 1,
		.gain = 1,
		.zero = strcmp(bl_case_word(c, BL_OPT_START), "zero") == 0,
		.hold = bl_case_hold(c),
	};
	if (bl_length_pulls(c, time, HUGE_VAL, bl_dd(1), out, err) != 0)
		return -1;
	return time->count > 1 ? bl_spring_check(out, err) : 0;
}

static const enum bl_option options[] = {
	BL_OPT_HALF_LIFE, BL_OPT_MEAN_AGE, BL_OPT_DECAY, BL_OPT_REL_STD, BL_OPT_KAPPA,
	BL_OPT_HOLD, BL_OPT_START, BL_OPT_UPDATE_EVERY, BL_OPTIONS,
};

const struct bl_dynamics bl_dynamics_ema = {
	.name = "ema",
	.summary = "exponential moving average",
	.equation =
		"z <- z + kappa (x_n - z),  z = x_0 at the first checkpoint\n"
		"kappa = 1 - 2^(-1/H) for a half-life of H steps, 1 / (A + 1) for a mean age\n"
		"of A, 1 - B for a decay of B, 2 / (1 + sqrt(1 + 4 (S T)^2)) for a relative\n"
		"standard deviation of S, T the time covered.\n"
		"With --start zero, z = 0 at the first checkpoint and the result is divided by\n"
		"the sum of the weights.",
	.options = options,
	.spring = spring,
	.resume = bl_spring_resume,
	.fades = true,
};
