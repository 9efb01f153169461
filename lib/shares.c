/* shares.c - weights for tensors that not all checkpoints have. */
#include "shares.h"

#include "dd.h"

#include <stdlib.h>
#include <string.h>

/* Kinds of weights at most: tensors that are missing in the same checkpoints share one. */
#define KINDS 4096

static bool is_partial(const struct bl_selection *s, size_t i)
{
	return s->averaged[i] && s->all.tensor[i].holders < s->all.sources;
}

static bool has(const struct bl_selection *s, size_t t, size_t i)
{
	return bl_aligned_place(&s->all, t, i) != BL_NOWHERE;
}

/* Do the same checkpoints have both? */
static bool same_holders(const struct bl_selection *s, size_t i, size_t k)
{
	if (s->all.tensor[i].holders != s->all.tensor[k].holders)
		return false;
	for (size_t t = 0; t < s->all.sources; t++)
		if (has(s, t, i) != has(s, t, k))
			return false;
	return true;
}

/* Sorts the tensors into kinds: of[i], and the first tensor of every kind but 0. */
static int find_kinds(
	const struct bl_selection *s, struct bl_shares *shares, size_t *first, struct bl_err *err)
{
	shares->n = 1;
	for (size_t i = 0; i < s->all.tensors; i++) {
		size_t k = 1;

		if (!is_partial(s, i))
			continue;
		while (k < shares->n && !same_holders(s, first[k], i))
			k++;
		if (k == KINDS)
			return bl_fail(err, BL_LIMIT, "tensors are missing in more than %d "
				"different ways", KINDS);
		if (k == shares->n)
			first[shares->n++] = i;
		shares->of[i] = k;
	}
	return 0;
}

/* Room for all weights: kinds x outputs rows; those of kind 0 are the plan's. */
static int make_room(
	struct bl_shares *shares, size_t outputs, size_t checkpoints, struct bl_err *err)
{
	const size_t rows = shares->n * outputs + 1;
	size_t values, bytes;

	if (__builtin_mul_overflow(rows, checkpoints, &values) ||
		__builtin_mul_overflow(values, sizeof *shares->value, &bytes))
		return bl_fail_memory(err, SIZE_MAX, "the weights");
	shares->weights = calloc(shares->n, sizeof *shares->weights);
	shares->row = calloc(rows, sizeof *shares->row);
	shares->scale = calloc(rows, sizeof *shares->scale);
	shares->divisor = calloc(rows, sizeof *shares->divisor);
	if (shares->n > 1)
		shares->value = calloc(values, sizeof *shares->value);
	if (!shares->weights || !shares->row || !shares->scale || !shares->divisor ||
		(shares->n > 1 && !shares->value))
		return bl_fail_memory(err, bytes, "the weights");
	shares->bytes += rows * (sizeof *shares->row + 2 * sizeof *shares->scale) +
		(shares->n > 1 ? bytes : 0);
	for (size_t k = 0; k < shares->n; k++)
		shares->weights[k] = (struct bl_weights){shares->row + k * outputs,
			shares->divisor + k * outputs, shares->scale + k * outputs};
	return 0;
}

/* The weights of tensor i in a row of the plan, and their sum. */
static int share(const struct bl_selection *s, size_t i, const struct bl_row *row, double *to,
	double *total, struct bl_err *err)
{
	struct bl_dd sum = bl_dd(0);

	for (size_t t = 0; t < s->all.sources; t++) {
		if (!has(s, t, i))
			continue;
		to[t] = row->part[t];
		sum = bl_dd_add(sum, bl_dd(to[t]));
	}
	*total = bl_dd_round(sum);
	if (!(*total > 0)) {
		bl_fail(err, BL_INPUT, "%s: the %zu checkpoints that have it have weights whose "
			"sum is %g", bl_aligned_tensor(&s->all, i)->name, s->all.tensor[i].holders,
			*total / row->divisor);
		return bl_hint(err, "--copy or --skip with its name, or --missing=copy or skip, "
			"leaves it out of the average");
	}
	return 0;
}

static int fill(const struct bl_selection *s, const struct bl_plan *plan, const size_t *which,
	size_t outputs, struct bl_shares *shares, const size_t *first, struct bl_err *err)
{
	for (size_t p = 0; p < outputs; p++) {
		const struct bl_row *row = &plan->row[which[p]];

		shares->row[p] = row->part;
		shares->divisor[p] = row->divisor;
		shares->scale[p] = row->averages ? 1 : row->sum;
		for (size_t k = 1; k < shares->n; k++) {
			const size_t at = k * outputs + p;
			double *to = shares->value + at * plan->checkpoints;

			shares->row[at] = to;
			shares->scale[at] = 1;
			if (share(s, first[k], row, to, &shares->divisor[at], err) != 0)
				return bl_prefix(err, "%s", row->settings->output);
		}
	}
	return 0;
}

int bl_shares_make(const struct bl_selection *s, const struct bl_plan *plan, const size_t *which,
	size_t outputs, struct bl_shares *shares, struct bl_err *err)
{
	size_t *first = calloc(KINDS, sizeof *first);
	int rc = 0;

	*shares = (struct bl_shares){.n = 1};
	if (!first)
		return bl_fail_memory(err, KINDS * sizeof *first, "the weights");
	if (s->partial) {
		shares->of = calloc(s->all.tensors + 1, sizeof *shares->of);
		shares->bytes = s->all.tensors * sizeof *shares->of;
		rc = shares->of ? find_kinds(s, shares, first, err)
		                : bl_fail_memory(err, shares->bytes, "the weights");
	}
	if (rc == 0)
		rc = make_room(shares, outputs, plan->checkpoints, err);
	if (rc == 0)
		rc = fill(s, plan, which, outputs, shares, first, err);
	free(first);
	return rc;
}

void bl_shares_free(struct bl_shares *shares)
{
	free(shares->weights);
	free(shares->of);
	free(shares->row);
	free(shares->scale);
	free(shares->divisor);
	free(shares->value);
	memset(shares, 0, sizeof *shares);
}
