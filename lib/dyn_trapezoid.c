/* dyn_trapezoid.c - the mean over time of a model that moves straight between checkpoints. */
#include "dynamics.h"

static int weights(const struct bl_case *c, const struct bl_history *history, double *part,
	double *divisor, struct bl_err *err)
{
	const struct bl_timeline *time = &history->time;
	const size_t last = time->count - 1;

	(void)c;
	(void)err;
	*divisor = 1;
	part[0] = 1;
	if (last == 0)
		return 0;
	part[0] = (double)(time->n[1] - time->n[0]);
	for (size_t i = 1; i < last; i++)
		part[i] = (double)(time->n[i + 1] - time->n[i - 1]);
	part[last] = (double)(time->n[last] - time->n[last - 1]);
	*divisor = 2 * (double)(time->n[last] - time->n[0]);
	bl_parts_reduce(part, time->count, divisor);
	return 0;
}

static const enum bl_option options[] = {BL_OPTIONS};

const struct bl_dynamics bl_dynamics_trapezoid = {
	.name = "trapezoid",
	.summary = "mean over time",
	.equation =
		"W_0 = (n_1 - n_0) / 2T,  W_K = (n_K - n_{K-1}) / 2T,  else\n"
		"W_i = (n_{i+1} - n_{i-1}) / 2T;\n"
		"the mean over the time of a model that moves straight between checkpoints\n"
		"(the trapezoidal rule). At equal spacing it is the plain mean, but for the\n"
		"first and the last checkpoint, which count half.",
	.options = options,
	.weights = weights,
};
