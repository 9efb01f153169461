/* dyn_linear_decay.c - a merge in place of a linear decay of the learning rate. */
#include "dynamics.h"

static int weights(const struct bl_case *c, const struct bl_history *history, double *part,
	double *divisor, struct bl_err *err)
{
	const struct bl_timeline *time = &history->time;
	const size_t last = time->count - 1;
	const double covered = (double)(time->n[last] - time->n[0]);

	(void)c;
	(void)err;
	*divisor = 1;
	part[0] = 1;
	if (last == 0)
		return 0;
	part[0] = covered;
	for (size_t i = 1; i <= last; i++)
		part[i] = (double)last * (double)(time->n[i] - time->n[i - 1]);
	*divisor = (double)time->count * covered;
	bl_parts_reduce(part, time->count, divisor);
	return 0;
}

static const enum bl_option options[] = {BL_OPTIONS};

/* NVIDIA Megatron-LM, tools/checkpoint/weighted_merge.py, has equal spacing. */
const struct bl_dynamics bl_dynamics_linear_decay = {
	.name = "linear-decay",
	.summary = "merge in place of a linear decay of the learning rate",
	.equation =
		"W_i = U_i - U_{i-1},  U_{-1} = 0,  U_i = (n_i - n_0 + T/K) / (T + T/K).\n"
		"Every checkpoint counts for the time before it, and the first for one mean\n"
		"gap. At equal spacing it is uniform.",
	.options = options,
	.weights = weights,
};
