/* dyn_power.c - the power-function average of EDM2. */
#include "power.h"

#include "dd.h"
#include "resume.h"

#include <inttypes.h>

static double exponent(const struct bl_case *c)
{
	return bl_power_exponent(bl_case_number(c, BL_OPT_REL_STD, BL_POWER_STD));
}

static int weights(const struct bl_case *c, const struct bl_history *history, double *part,
	double *divisor, struct bl_err *err)
{
	const struct bl_timeline *time = &history->time;
	const enum bl_hold hold = bl_case_hold(c);
	const double g = exponent(c);

	*divisor = 1;
	if (!(g > 0)) {
		bl_fail(err, BL_USAGE, "--rel-std %s: must be above 0 and below 0.288675 for "
			"--method power", bl_case_value(c, BL_OPT_REL_STD)->text);
		return bl_hint(err, "EDM2 uses 0.05 to 0.25");
	}
	if (hold != BL_HOLD_LINEAR && hold != BL_HOLD_RIGHT)
		return bl_fail(err, BL_USAGE, "--hold %s: --method power takes linear or right",
			bl_case_word(c, BL_OPT_HOLD));
	if (time->count > 1 && time->n[0] < 0) {
		bl_fail(err, BL_USAGE, "--method power counts time from the start of the training, "
			"but the first checkpoint has the time %" PRId64, time->n[0]);
		return bl_hint(err, "times from 0 up are wanted");
	}
	bl_power_weights(g, time, hold, part);
	return 0;
}

/* Kept: z. */
static int resume(const struct bl_case *c, const struct bl_spring *s,
	const struct bl_timeline *time, struct bl_resume *r, struct bl_err *err)
{
	(void)s;
	(void)err;
	if (r->vectors == 0)
		bl_resume_begin(r, 1, 1);
	r->carry[0][0] = bl_power_resume(exponent(c), time, bl_case_hold(c), r->part[0]);
	return 0;
}

/* Of the continuous profile, which is (1 - age/n_K)^g. */
static void asked(const struct bl_case *c, const struct bl_timeline *time, struct bl_asked *out)
{
	const struct bl_dd p = bl_dd_sum(exponent(c), 1);
	const double end = (double)time->n[time->count - 1], g = exponent(c);
	const struct bl_dd half = bl_dd_expm1(bl_dd_neg(bl_dd_div(bl_dd_ln2(), p)));

	*out = (struct bl_asked){
		.option = bl_option(BL_OPT_REL_STD)->key,
		.half_life = end * -bl_dd_round(half),
		.mean_age = end / (g + 2),
		.rel_std = bl_case_number(c, BL_OPT_REL_STD, BL_POWER_STD),
	};
	if (end >= 2) /* one step before the end: (1 - 1/n)^p */
		out->decay = bl_dd_round(bl_dd_add(bl_dd(1), bl_dd_expm1(bl_dd_mul(p,
			bl_dd_log1p(bl_dd_div(bl_dd(-1), bl_dd(end)))))));
}

static size_t resolved(const struct bl_case *c, struct bl_resolved *out)
{
	out[0] = (struct bl_resolved){"exponent", exponent(c)};
	return 1;
}

static const enum bl_option options[] = {BL_OPT_REL_STD, BL_OPT_HOLD, BL_OPTIONS};

const struct bl_dynamics bl_dynamics_power = {
	.name = "power",
	.summary = "power-function average, which grows with the training (EDM2)",
	.equation =
		"z <- z + (1 - (1 - 1/n)^(g+1)) (x_n - z),  z = x_0 at the first checkpoint,\n"
		"so that step n weighs about n^g. g > 0 is from --rel-std S, the standard\n"
		"deviation of these weights over the time n_K since the start of training\n"
		"(EDM2's sigma_rel), above 0, below 0.288675, 0.1 unless given:\n"
		"S^2 = (g + 1) / ((g + 2)^2 (g + 3)).\n"
		"n is counted from the start of training, not from the first checkpoint, so\n"
		"it must not be below 0; (n_0 / n_K)^(g+1) of the weight stays on x_0.\n"
		"--hold is linear or right; right is EDM2's recurrence at any spacing:\n"
		"z <- z + (1 - (n_{i-1} / n_i)^(g+1)) (x_i - z).",
	.options = options,
	.weights = weights,
	.resume = resume,
	.asked = asked,
	.resolved = resolved,
	.fades = true,
};
