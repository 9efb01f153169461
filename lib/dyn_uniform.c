/* dyn_uniform.c - the plain mean of all checkpoints. */
#include "dynamics.h"

static int weights(const struct bl_case *c, const struct bl_history *history, double *part,
	double *divisor, struct bl_err *err)
{
	(void)c;
	(void)err;
	for (size_t i = 0; i < history->time.count; i++)
		part[i] = 1;
	*divisor = (double)history->time.count;
	return 0;
}

static const enum bl_option options[] = {BL_OPTIONS};

const struct bl_dynamics bl_dynamics_uniform = {
	.name = "uniform",
	.summary = "plain mean of all checkpoints (SWA)",
	.equation = "W_i = 1 / (K + 1)",
	.options = options,
	.weights = weights,
};
