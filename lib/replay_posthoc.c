/* replay_posthoc.c - is a mix of snapshots the nearest one? */
#include "replay.h"

#include <float.h>
#include <math.h>

/* The inner product of two profiles, by libm. */
static double product(const struct bl_profile *a, double s, const struct bl_profile *b, double t)
{
	const double x = a->number, y = b->number;

	if (s > t)
		return product(b, t, a, s);
	if (a->power)
		return (x + 1) / (x + y + 1) * (y + 1) / t * exp(y * log1p((s - t) / t));
	if (s >= t)
		return x * y / (x + y - x * y);
	return x * y / (x + y - x * y) * exp((t - s) * log1p(-y));
}

static double product_at(const struct bl_row *row, size_t j, size_t k)
{
	return product(&row->profile[j], (double)row->time.n[j], &row->profile[k],
		(double)row->time.n[k]);
}

/* <p_j, sum c p> */
static double with_mix(const struct bl_row *row, size_t j)
{
	double sum = 0;

	for (size_t k = 0; k < row->time.count; k++)
		sum += product_at(row, j, k) * row->weight[k];
	return sum;
}

static double with_target(const struct bl_row *row, size_t j)
{
	return product(&row->profile[j], (double)row->time.n[j], &row->fit.target,
		(double)row->time.n[row->time.count - 1]);
}

/* What the mix has of the target, of which the profiles tell best that are most like it. */
static double share_of_target(const struct bl_row *row)
{
	double sum = 0, square = 0;

	for (size_t j = 0; j < row->time.count; j++) {
		const double target = with_target(row, j) / product_at(row, j, j);

		sum += with_mix(row, j) * target;
		square += with_target(row, j) * target;
	}
	return sum / square;
}

/*
 * Where the sum of c is bound, <p_j, sum c p - t> is the same for all j; where it is the result of
 * a division, <p_j, sum c p> / <p_j, t> is. What it is in the first case is told best by the widest
 * profile, which has the smallest numbers.
 */
double bl_replay_posthoc(const struct bl_row *row, double *expected)
{
	const bool divided = bl_case_value(row->settings, BL_OPT_NORMALIZE);
	const double share = divided ? share_of_target(row) : 1;
	const size_t n = row->time.count;
	size_t widest = 0;
	double largest = 0, sum = 0, level;

	for (size_t j = 0; j < n; j++) {
		largest = fmax(largest, product_at(row, j, j));
		if (product_at(row, j, j) < product_at(row, widest, widest))
			widest = j;
		sum += row->weight[j];
	}
	level = divided ? 0 : with_mix(row, widest) - with_target(row, widest);
	for (size_t j = 0; j < n; j++)
		expected[j] = row->weight[j] + (1 - sum) / (double)n -
			(with_mix(row, j) - share * with_target(row, j) - level) /
				sqrt(largest * product_at(row, j, j));
	return (20 + 2 * (double)n) * DBL_EPSILON;
}
