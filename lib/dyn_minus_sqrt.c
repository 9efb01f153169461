/* dyn_minus_sqrt.c - a merge in place of a decay of the learning rate by 1 - sqrt. */
#include "dynamics.h"

#include "dd.h"

/* sqrt U_i; in double-double, so that differences of close ones keep their digits. */
static struct bl_dd root(const struct bl_timeline *time, size_t i)
{
	const size_t last = time->count - 1;
	const struct bl_dd covered = bl_dd_whole(time->n[last] - time->n[0]);
	const struct bl_dd since = bl_dd_whole(time->n[i] - time->n[0]);
	const struct bl_dd gaps = bl_dd_add(bl_dd_mul(bl_dd((double)last), since), covered);

	return bl_dd_sqrt(bl_dd_div(gaps, bl_dd_mul(bl_dd((double)time->count), covered)));
}

static int weights(const struct bl_case *c, const struct bl_history *history, double *part,
	double *divisor, struct bl_err *err)
{
	const struct bl_timeline *time = &history->time;
	struct bl_dd before = bl_dd(0);

	(void)c;
	(void)err;
	*divisor = 1;
	part[0] = 1;
	for (size_t i = 0; time->count > 1 && i < time->count; i++) {
		const struct bl_dd now = root(time, i);

		part[i] = bl_dd_round(bl_dd_sub(now, before));
		before = now;
	}
	return 0;
}

static const enum bl_option options[] = {BL_OPTIONS};

/* NVIDIA Megatron-LM, tools/checkpoint/weighted_merge.py, has equal spacing. */
const struct bl_dynamics bl_dynamics_minus_sqrt = {
	.name = "minus-sqrt",
	.summary = "merge in place of a decay of the learning rate by 1 - sqrt",
	.equation =
		"W_i = sqrt(U_i) - sqrt(U_{i-1}),  U_{-1} = 0,\n"
		"U_i = (n_i - n_0 + T/K) / (T + T/K).\n"
		"At equal spacing these are the weights of Megatron-LM's merge of that name.\n"
		"The first checkpoint has the most, 1 / sqrt(K + 1): give the checkpoints of\n"
		"the stable phase that the decay would have followed, not the whole run.",
	.options = options,
	.weights = weights,
};
