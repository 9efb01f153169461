/* resume.c - how a dynamics goes on from what was kept of it. */
#include "resume.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* How far two ways to a weight may differ, as a share of sum |w|. */
#define TOLERANCE 1e-10

/* Nothing new: everything stays what it is. */
static void stay(struct bl_resume *r)
{
	memset(r->carry, 0, sizeof r->carry);
	for (unsigned k = 0; k < BL_KEPT; k++) {
		r->carry[k][k] = 1;
		r->part[k][0] = 0;
		r->divisor[k] = 1;
	}
}

/* All vectors are the first checkpoint: it gets their weight. The average is the row's own, to have
 * the bits that it has without a state. */
static void begin(const struct bl_row *row, struct bl_resume *r)
{
	for (unsigned k = 0; k < r->vectors; k++)
		for (unsigned j = 0; j < r->vectors; j++)
			r->part[k][0] += r->carry[k][j];
	memset(r->carry, 0, sizeof r->carry);
	memcpy(r->part[0], row->part, row->time.count * sizeof *row->part);
	r->divisor[0] = row->divisor;
}

/* The weights of new checkpoints, and the sum of all others, must be those of the row. */
static int check(const struct bl_row *row, size_t from, const struct bl_resume *r, bool first,
	struct bl_err *err)
{
	const enum bl_exit code = first ? BL_BUG : BL_INPUT;
	const double allowed = TOLERANCE * row->sum_abs, divisor = r->divisor[0];
	double before = 0, kept = r->part[0][0];

	for (unsigned j = 0; j < r->vectors; j++)
		kept += r->carry[0][j];
	for (size_t t = 0; t <= from; t++)
		before += row->weight[t];
	if (!(fabs(kept / divisor - before) <= allowed))
		return bl_fail(err, code, "what is kept has the weight %.17g, not %.17g",
			kept / divisor, before);
	for (size_t i = 1; i < row->time.count - from; i++)
		if (!(fabs(r->part[0][i] / divisor - row->weight[from + i]) <= allowed))
			return bl_fail(err, code,
				"checkpoint %zu has the weight %.17g, resumed %.17g", from + i,
				row->weight[from + i], r->part[0][i] / divisor);
	return 0;
}

/* Asks the dynamics. */
static int resume(const struct bl_row *row, const struct bl_timeline *time, struct bl_resume *r,
	struct bl_err *err)
{
	const struct bl_dynamics *d = row->dynamics;

	if (d->resume)
		return d->resume(row->settings, &row->spring, time, r, err);
	bl_fail(err, BL_USAGE, "--state does not go with --method %s", d->name);
	return bl_hint(err, "%s", d->no_state);
}

int bl_resume_start(const struct bl_row *row, struct bl_resume *r, struct bl_err *err)
{
	const struct bl_timeline time = {row->time.n, 1};
	double unused[BL_KEPT] = {0};
	struct bl_resume first = {.part = {&unused[0], &unused[1], &unused[2]}};

	if (resume(row, &time, &first, err) != 0)
		return -1;
	*r = (struct bl_resume){.vectors = first.vectors, .mass = first.mass};
	return 0;
}

int bl_resume_row(const struct bl_row *row, size_t from, struct bl_resume *r, struct bl_err *err)
{
	const struct bl_timeline time = {row->time.n + from, row->time.count - from};
	const bool first = r->vectors == 0;

	r->begin = row->time.n[0];
	for (unsigned k = 0; k < BL_KEPT; k++) {
		r->divisor[k] = 1;
		r->part[k] = calloc(time.count, sizeof *r->part[k]);
		if (!r->part[k])
			return bl_fail_memory(err, time.count * sizeof *r->part[k], "the weights");
	}
	if (resume(row, &time, r, err) != 0)
		return -1;
	if (time.count == 1)
		stay(r);
	if (check(row, from, r, first, err) != 0)
		return -1;
	if (first)
		begin(row, r);
	return 0;
}

void bl_resume_free(struct bl_resume *r)
{
	for (unsigned k = 0; k < BL_KEPT; k++)
		free(r->part[k]);
	memset(r, 0, sizeof *r);
}
