/* dyn_uniform.c - the plain mean of all checkpoints. */
#include "resume.h"

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

/* Kept: the mean; its mass is how many checkpoints it is of. */
static int resume(const struct bl_case *c, const struct bl_spring *s,
	const struct bl_timeline *time, struct bl_resume *r, struct bl_err *err)
{
	(void)c;
	(void)s;
	(void)err;
	if (r->vectors == 0)
		bl_resume_begin(r, 1, 1);
	r->carry[0][0] = r->mass;
	for (size_t i = 1; i < time->count; i++)
		r->part[0][i] = 1;
	r->mass += (double)(time->count - 1);
	r->divisor[0] = r->mass;
	return 0;
}

static const enum bl_option options[] = {BL_OPTIONS};

const struct bl_dynamics bl_dynamics_uniform = {
	.name = "uniform",
	.summary = "plain mean of all checkpoints (SWA)",
	.equation = "W_i = 1 / (K + 1)",
	.options = options,
	.weights = weights,
	.resume = resume,
};
