/* dyn_belay.c - BELAY: the model and its average pull on each other. */
#include "length.h"

#include <math.h>
#include <string.h>

/* The pulls that follow from the settled ratio kappa / gamma, and their ranges. */
static int model_pulls(const struct bl_case *c, double ratio, struct bl_spring *out,
	struct bl_err *err)
{
	const double settled = out->kappa / out->gamma;

	out->pull = ratio * settled;
	out->restore = bl_case_number(c, BL_OPT_RESTORE, settled / 2);
	out->gain = bl_case_number(c, BL_OPT_GAIN, 1);
	if (out->restore >= 0 && out->restore <= 1)
		return 0;
	bl_fail(err, BL_USAGE, "restore %g: must be from 0 to 1", out->restore);
	if (!bl_case_value(c, BL_OPT_RESTORE))
		bl_hint(err, "the default is kappa / (2 gamma), too much here: give --restore");
	return -1;
}

static int spring(const struct bl_case *c, const struct bl_timeline *time, struct bl_spring *out,
	struct bl_err *err)
{
	const double ratio = bl_case_number(c, BL_OPT_MASS_RATIO, 1);
	const double damping = bl_case_number(c, BL_OPT_DAMPING, HUGE_VAL);
	const struct bl_dd shorter = bl_dd_sum(1, 2 * ratio);

	*out = (struct bl_spring){
		.model = strcmp(bl_case_word(c, BL_OPT_PARTICLE), "model") == 0,
		.hold = bl_case_hold(c),
	};
	if (!(ratio >= 0 && ratio <= 1e100))
		return bl_fail(err, BL_USAGE, "--mass-ratio %g: must be at least 0", ratio);
	if (bl_length_pulls(c, time, damping, shorter, out, err) != 0)
		return -1;
	if (!(out->kappa > 0 && out->gamma > 0))
		return bl_fail(err, BL_USAGE, "kappa %g, gamma %g: must be above 0", out->kappa,
			out->gamma);
	if (model_pulls(c, ratio, out, err) != 0)
		return -1;
	return time->count > 1 ? bl_spring_check(out, err) : 0;
}

static const enum bl_option options[] = {
	BL_OPT_HALF_LIFE, BL_OPT_MEAN_AGE, BL_OPT_DECAY, BL_OPT_REL_STD, BL_OPT_DAMPING,
	BL_OPT_MASS_RATIO, BL_OPT_RESTORE, BL_OPT_GAIN, BL_OPT_PARTICLE, BL_OPT_KAPPA,
	BL_OPT_GAMMA, BL_OPT_HOLD, BL_OPT_UPDATE_EVERY, BL_OPTIONS,
};

/*
 * After Patsenker, Li and Kluger, "Exponential weight averaging as damped harmonic motion" (2023):
 * the displacement of the optimizer first, then the spring, as its Figure 1 draws it. The inertia,
 * the restoring force and the gain are belay's own, as is the replay on a recorded run.
 */
const struct bl_dynamics bl_dynamics_belay = {
	.name = "belay",
	.summary = "damped spring between the average and the model, pulling both",
	.equation =
		"y* = y + gain (x_n - x_{n-1}) + restore (x_{n-1} - y),  d = y* - z,\n"
		"y <- y* - a d,  v <- (1 - gamma) v + kappa d,  z <- z + v;\n"
		"y = z = x_0, v = 0 at the first checkpoint.\n"
		"x is the recorded model, y the belayed model, z its average (--particle).\n"
		"kappa and gamma come from the length as for ema (gamma = 1), with --damping\n"
		"as for spring;  a = mass-ratio kappa / gamma;  unless given mass-ratio = 1,\n"
		"restore = kappa / (2 gamma), gain = 1.\n"
		"For the average, mass-ratio 0 is ema or spring, and so is restore 1.",
	.options = options,
	.spring = spring,
	.fades = true,
};
