/* dyn_weights.c - weights as they are given. */
#include "dynamics.h"

#include "dd.h"

#include <math.h>

/* How far from 1 the sum of weights may be that were typed with a few digits. */
#define NEARLY_ONE 1e-6

static double sum_of(const double *given, size_t count)
{
	struct bl_dd sum = bl_dd(0);

	for (size_t i = 0; i < count; i++)
		sum = bl_dd_add(sum, bl_dd(given[i]));
	return bl_dd_round(sum);
}

static int weights(const struct bl_case *c, const struct bl_history *history, double *part,
	double *divisor, struct bl_err *err)
{
	const size_t count = history->time.count;
	const bool normalize = bl_case_value(c, BL_OPT_NORMALIZE);
	double sum;

	if (!history->given) {
		bl_fail(err, BL_USAGE, "--method weights needs --weights");
		return bl_hint(err, "--weights FILE, with a line for every checkpoint: its name or "
			"its time, a tab, its weight");
	}
	sum = sum_of(history->given, count);
	for (size_t i = 0; i < count; i++)
		part[i] = history->given[i];
	*divisor = normalize ? sum : 1;
	if (normalize && !(sum > 0))
		return bl_fail(err, BL_USAGE, "--normalize: the weights have the sum %.17g, which "
			"is not above 0", sum);
	if (!normalize && !(fabs(sum - 1) <= NEARLY_ONE)) {
		bl_fail(err, BL_USAGE, "the weights have the sum %.17g, not 1", sum);
		return bl_hint(err, "--normalize divides them by it");
	}
	bl_parts_reduce(part, count, divisor);
	return 0;
}

static const enum bl_option options[] = {BL_OPT_WEIGHTS, BL_OPT_NORMALIZE, BL_OPTIONS};

const struct bl_dynamics bl_dynamics_weights = {
	.name = "weights",
	.summary = "weights of your own",
	.equation =
		"W_i as --weights gives it; with --normalize divided by the sum of all.\n"
		"Without --normalize the sum must be 1 to one part in a million.",
	.options = options,
	.weights = weights,
};
