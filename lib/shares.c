/* shares.c - weights for tensors that have settings of their own, or are missing somewhere. */
#include "shares.h"

#include "dd.h"

#include <stdlib.h>
#include <string.h>

/* Kinds of weights at most: tensors that are missing in the same checkpoints, and have the same
 * settings, share one. */
#define KINDS 4096

/* What the tensors of one kind have in common. */
struct kind {
	size_t set;    /* which rows of the plan are theirs */
	bool partial;  /* some checkpoints lack them */
	size_t tensor; /* the first of them */
};

static bool is_partial(const struct bl_selection *s, size_t i)
{
	return s->all.tensor[i].holders < s->all.sources;
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

static bool is_of(const struct bl_selection *s, size_t i, const struct kind *kind)
{
	return kind->set == s->overlay_of[i] && kind->partial == is_partial(s, i) &&
	       (!kind->partial || same_holders(s, kind->tensor, i));
}

/* Sorts the tensors into kinds: of[i]. Kind 0, which is always there, is that of tensors that all
 * checkpoints have, with the settings of the output. */
static int find_kinds(const struct bl_selection *s, struct bl_shares *shares, struct kind *kind,
	struct bl_err *err)
{
	kind[0] = (struct kind){0, false, 0};
	for (size_t i = 0; i < s->all.tensors; i++) {
		size_t k = 0;

		if (!s->averaged[i])
			continue;
		while (k < shares->n && !is_of(s, i, &kind[k]))
			k++;
		if (k == KINDS)
			return bl_fail(err, BL_LIMIT, "tensors are missing in, or have settings "
				"of their own in, more than %d different ways", KINDS);
		if (k == shares->n)
			kind[shares->n++] =
				(struct kind){s->overlay_of[i], is_partial(s, i), i};
		shares->of[i] = k;
	}
	return 0;
}

/* Room for all weights: kinds x outputs rows. Those of tensors that all checkpoints have are the
 * plan's; the others are ours. */
static int make_room(struct bl_shares *shares, size_t partial, size_t outputs, size_t checkpoints,
	struct bl_err *err)
{
	const size_t rows = shares->n * outputs + 1;
	size_t values, bytes;

	if (__builtin_mul_overflow(partial * outputs + 1, checkpoints, &values) ||
		__builtin_mul_overflow(values, sizeof *shares->value, &bytes))
		return bl_fail_memory(err, SIZE_MAX, "the weights");
	shares->weights = calloc(shares->n, sizeof *shares->weights);
	shares->row = calloc(rows, sizeof *shares->row);
	shares->scale = calloc(rows, sizeof *shares->scale);
	shares->divisor = calloc(rows, sizeof *shares->divisor);
	if (partial)
		shares->value = calloc(values, sizeof *shares->value);
	if (!shares->weights || !shares->row || !shares->scale || !shares->divisor ||
		(partial && !shares->value))
		return bl_fail_memory(err, bytes, "the weights");
	shares->bytes += rows * (sizeof *shares->row + 2 * sizeof *shares->scale) +
		(partial ? bytes : 0);
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

/* The weights of a kind in a row of the plan, where they stand at place at of all. *value: room for
 * what is not the plan's. */
static int fill(const struct bl_selection *s, const struct kind *kind, const struct bl_row *row,
	struct bl_shares *shares, size_t at, double **value, struct bl_err *err)
{
	double *to = *value;

	if (!kind->partial) {
		shares->row[at] = row->part;
		shares->divisor[at] = row->divisor;
		shares->scale[at] = row->averages ? 1 : row->sum;
		return 0;
	}
	*value += s->all.sources;
	shares->row[at] = to;
	shares->scale[at] = 1;
	if (share(s, kind->tensor, row, to, &shares->divisor[at], err) != 0)
		return bl_prefix(err, "%s", row->settings->output);
	return 0;
}

static int fill_all(const struct bl_selection *s, const struct bl_plan *plan, const size_t *which,
	size_t outputs, struct bl_shares *shares, const struct kind *kind, struct bl_err *err)
{
	double *value = shares->value;

	for (size_t p = 0; p < outputs; p++)
		for (size_t k = 0; k < shares->n; k++)
			if (fill(s, &kind[k], bl_plan_row(plan, which[p], kind[k].set), shares,
				    k * outputs + p, &value, err) != 0)
				return -1;
	return 0;
}

int bl_shares_make(const struct bl_selection *s, const struct bl_plan *plan, const size_t *which,
	size_t outputs, struct bl_shares *shares, struct bl_err *err)
{
	struct kind *kind = calloc(KINDS, sizeof *kind);
	size_t partial = 0;
	int rc = 0;

	*shares = (struct bl_shares){.n = 1};
	if (!kind)
		return bl_fail_memory(err, KINDS * sizeof *kind, "the weights");
	if (s->partial || s->overlays) {
		shares->of = calloc(s->all.tensors + 1, sizeof *shares->of);
		shares->bytes = s->all.tensors * sizeof *shares->of;
		rc = shares->of ? find_kinds(s, shares, kind, err)
		                : bl_fail_memory(err, shares->bytes, "the weights");
	}
	for (size_t k = 0; k < shares->n; k++)
		partial += kind[k].partial;
	if (rc == 0)
		rc = make_room(shares, partial, outputs, plan->checkpoints, err);
	if (rc == 0)
		rc = fill_all(s, plan, which, outputs, shares, kind, err);
	free(kind);
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
