/* drift_sum.c - what the distances come to. */
#include "drift.h"

#include <math.h>
#include <stdlib.h>

/* Of noise around a point it is -1/2, of a random walk 0, on a straight line 1. */
#define COSINE_MANY 0.25

static double movement_of(const struct bl_drift_point *p)
{
	return p->movement;
}

static double cosine_of(const struct bl_drift_point *p)
{
	return p->cosine;
}

double bl_drift_distance(size_t k, const struct bl_drift_point *p)
{
	return k == 0 ? p->to_last : k == 1 ? p->to_average : p->movement;
}

const char *bl_drift_distance_name(size_t k)
{
	static const char *const name[BL_DRIFT_DISTANCES] = {
		"to the last", "to the average", "from one to the next"};

	return name[k];
}

/* The mean of what there is of numbers of the later half. */
static double later_mean(const struct bl_drift *d, const struct bl_drift_point *point,
	double (*of)(const struct bl_drift_point *p))
{
	double sum = 0;
	size_t n = 0;

	for (size_t t = d->checkpoints / 2; t < d->checkpoints; t++) {
		if (isnan(of(&point[t])))
			continue;
		sum += of(&point[t]);
		n++;
	}
	return n ? sum / (double)n : nan("");
}

struct bl_drift_sum bl_drift_sum(const struct bl_drift *d, const struct bl_drift_of *of)
{
	const struct bl_drift_point *point = of->point, *last = &point[d->checkpoints - 1];
	struct bl_drift_sum s = {
		.move = later_mean(d, point, movement_of),
		.cosine = later_mean(d, point, cosine_of),
		.net = point[0].to_last,
		.lag = last->to_average,
	};

	s.share = last->norm > 0 && isfinite(last->norm) ? s.move / last->norm : nan("");
	for (size_t t = 0; t < d->checkpoints; t++) {
		s.path += t > 0 ? point[t].movement : 0;
		s.nonfinite += point[t].nonfinite;
		if (point[t].to_average <= point[s.nearest].to_average)
			s.nearest = t;
	}
	return s;
}

const char *bl_drift_advice(const struct bl_drift_sum *sum)
{
	if (sum->cosine < -COSINE_MANY)
		return "successive moves undo each other, as noise around a point does: an average "
		       "takes it out";
	if (sum->cosine > COSINE_MANY)
		return "successive moves point the same way: an average lags behind such a drift, "
		       "the less the shorter it is";
	if (fabs(sum->cosine) <= COSINE_MANY)
		return "successive moves have little to do with each other: a random walk, or "
		       "noise and drift in balance";
	return "";
}

/* What the order is by. */
struct ranked {
	double share;
	size_t place;
};

static int by_share(const void *a, const void *b)
{
	const struct ranked *x = a, *y = b;

	if (isnan(x->share) != isnan(y->share))
		return isnan(x->share) ? 1 : -1;
	if (x->share > y->share)
		return -1;
	if (x->share < y->share)
		return 1;
	return x->place > y->place ? 1 : -1;
}

int bl_drift_order(const struct bl_drift *d, size_t **order, struct bl_err *err)
{
	struct ranked *rank = calloc(d->tensors + 1, sizeof *rank);

	*order = calloc(d->tensors + 1, sizeof **order);
	if (!rank || !*order) {
		free(rank);
		return bl_fail_memory(err, d->tensors * sizeof *rank, "the order");
	}
	for (size_t i = 0; i < d->tensors; i++)
		rank[i] = (struct ranked){bl_drift_sum(d, &d->of[i]).share, i};
	qsort(rank, d->tensors, sizeof *rank, by_share);
	for (size_t i = 0; i < d->tensors; i++)
		(*order)[i] = rank[i].place;
	free(rank);
	return 0;
}
