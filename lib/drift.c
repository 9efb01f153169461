/* drift.c - sums of squares over the tensors of all checkpoints. */
#include "drift.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK BL_EXACT_BLOCK

enum { MOVEMENT, TO_LAST, TO_AVERAGE, NORM, TURN, SUMS };

/* Scalars as doubles, zeros behind them. */
struct block {
	double x[BLOCK];
	size_t wild; /* are not finite */
};

/* What one thread has. */
struct room {
	struct block last, average, recent[3]; /* recent[t % 3] is of checkpoint t */
	double term[BLOCK];
	struct {
		struct bl_exact sum[SUMS];
		uint64_t nonfinite;
	} at[]; /* per checkpoint, of the tile */
};

static const struct block zero;

/* ---- a tile ---- */

/* What is being looked at: n scalars, rounded up to whole lanes. */
struct look {
	const struct bl_kernels *kernels;
	struct room *room;
	size_t n;
};

static void finish_block(const struct look *l, struct block *b, size_t n)
{
	memset(b->x + n, 0, (l->n - n) * sizeof *b->x);
	b->wild = l->kernels->sum.wild(b->x, l->n);
}

/* Leaves out the terms of scalars that are not finite. Returns the largest of the others. */
static double leave_out(
	const struct look *l, const struct block *x, const struct block *y, const struct block *z)
{
	double *term = l->room->term, most = 0;

	for (size_t j = 0; j < l->n; j++) {
		if (!isfinite(x->x[j]) || !isfinite(y->x[j]) || !isfinite(z->x[j]))
			term[j] = 0;
		most = fmax(most, fabs(term[j]));
	}
	return most;
}

static void add_square(
	const struct look *l, struct bl_exact *sum, const struct block *x, const struct block *y)
{
	double most = l->kernels->sum.square(l->room->term, x->x, y->x, l->n);

	if (x->wild || y->wild)
		most = leave_out(l, x, y, y);
	bl_exact_block(l->kernels, sum, l->room->term, l->n, most);
}

static void add_product(const struct look *l, struct bl_exact *sum, const struct block *x,
	const struct block *y, const struct block *z)
{
	double most = l->kernels->sum.product(l->room->term, x->x, y->x, z->x, l->n);

	if (x->wild || y->wild || z->wild)
		most = leave_out(l, x, y, z);
	bl_exact_block(l->kernels, sum, l->room->term, l->n, most);
}

/* Checkpoint t, whose block and those of the two before it are there. */
static void add_checkpoint(const struct look *l, size_t t)
{
	struct room *room = l->room;
	const struct block *x = &room->recent[t % 3], *y = &room->recent[(t + 2) % 3];
	struct bl_exact *sum = room->at[t].sum;

	room->at[t].nonfinite += x->wild;
	add_square(l, &sum[TO_LAST], x, &room->last);
	add_square(l, &sum[TO_AVERAGE], x, &room->average);
	add_square(l, &sum[NORM], x, &zero);
	if (t > 0)
		add_square(l, &sum[MOVEMENT], x, y);
	if (t > 1)
		add_product(l, &sum[TURN], x, y, &room->recent[(t + 1) % 3]);
}

static void look(const struct bl_survey *s, const struct bl_sight *sight, void *memory)
{
	const struct bl_drift *d = s->state;
	const struct bl_kernel *kernel = &d->kernels->kernel[sight->scalar];
	const size_t size = bl_scalar_size(sight->scalar), last = d->checkpoints - 1;
	struct look l = {d->kernels, memory, 0};

	memset(l.room->at, 0, d->checkpoints * sizeof l.room->at[0]);
	for (size_t at = 0; at < sight->n; at += BLOCK) {
		const size_t n = sight->n - at < BLOCK ? sight->n - at : BLOCK;

		l.n = (n + BL_EXACT_LANES - 1) / BL_EXACT_LANES * BL_EXACT_LANES;
		memcpy(l.room->average.x, sight->average + at, n * sizeof(double));
		finish_block(&l, &l.room->average, n);
		kernel->load(l.room->last.x, sight->tile[last] + at * size, n);
		finish_block(&l, &l.room->last, n);
		for (size_t t = 0; t <= last; t++) {
			struct block *b = &l.room->recent[t % 3];

			kernel->load(b->x, sight->tile[t] + at * size, n);
			finish_block(&l, b, n);
			add_checkpoint(&l, t);
		}
	}
}

/* ---- a tensor ---- */

/* The numbers of checkpoint t, whose predecessor's are there. */
static void conclude(struct bl_drift_point *point, size_t t, const struct bl_exact *sum)
{
	struct bl_drift_point *p = &point[t];
	const double turn = bl_exact_value(&sum[TURN]);
	double lengths;

	p->to_last = sqrt(bl_exact_value(&sum[TO_LAST]));
	p->to_average = sqrt(bl_exact_value(&sum[TO_AVERAGE]));
	p->norm = sqrt(bl_exact_value(&sum[NORM]));
	if (t > 0)
		p->movement = sqrt(bl_exact_value(&sum[MOVEMENT]));
	lengths = t > 1 ? p->movement * point[t - 1].movement : 0;
	if (lengths > 0 && isfinite(lengths) && isfinite(turn))
		p->cosine = fmax(-1, fmin(1, turn / lengths));
}

static void take(struct bl_survey *s, size_t tensor, bool last, void *memory)
{
	struct bl_drift *d = s->state;
	struct room *room = memory;
	struct bl_drift_point *point = d->of[d->place[tensor]].point;

	for (size_t t = 0; t < d->checkpoints; t++) {
		struct bl_exact *sum = d->sum + t * SUMS;
		struct bl_exact *model = d->sum + (d->checkpoints + t) * SUMS;

		point[t].nonfinite += room->at[t].nonfinite;
		for (size_t k = 0; k < SUMS; k++)
			bl_exact_join(&sum[k], &room->at[t].sum[k]);
		if (!last)
			continue;
		conclude(point, t, sum);
		d->model.point[t].nonfinite += point[t].nonfinite;
		for (size_t k = 0; k < SUMS; k++)
			bl_exact_join(&model[k], &sum[k]);
		memset(sum, 0, SUMS * sizeof *sum);
	}
}

void bl_drift_finish(struct bl_drift *d)
{
	for (size_t t = 0; t < d->checkpoints; t++)
		conclude(d->model.point, t, d->sum + (d->checkpoints + t) * SUMS);
}

/* ---- all of it ---- */

uint64_t bl_drift_bytes(size_t tensors, size_t checkpoints)
{
	uint64_t points, bytes = tensors;

	if (__builtin_add_overflow(bytes, 1, &bytes) ||
		__builtin_mul_overflow(bytes,
			checkpoints * sizeof(struct bl_drift_point) + sizeof(struct bl_drift_of) +
				sizeof(size_t),
			&points) ||
		__builtin_mul_overflow(
			(uint64_t)checkpoints, 2 * SUMS * sizeof(struct bl_exact), &bytes) ||
		__builtin_add_overflow(points, bytes, &bytes))
		return UINT64_MAX;
	return bytes;
}

/* The points of a tensor without values, and of such as the run has yet to fill in. */
static void clear_points(struct bl_drift_point *point, size_t checkpoints)
{
	for (size_t t = 0; t < checkpoints; t++)
		point[t] =
			(struct bl_drift_point){.movement = t > 0 ? 0 : nan(""), .cosine = nan("")};
}

/* What is looked at. */
static void list_tensors(struct bl_drift *d, const struct bl_alignment *all, const bool *averaged)
{
	size_t n = 0;

	d->model.point = d->points;
	clear_points(d->model.point, d->checkpoints);
	for (size_t i = 0; i < all->tensors; i++) {
		const struct bl_tensor *t = bl_aligned_tensor(all, i);
		struct bl_drift_of *of = &d->of[n];

		if (!averaged[i])
			continue;
		d->place[i] = n++;
		of->tensor = t;
		of->values = t->count * bl_dtype(t->dtype)->lanes;
		of->point = d->points + n * d->checkpoints;
		clear_points(of->point, d->checkpoints);
		d->model.values += of->values;
	}
}

int bl_drift_make(struct bl_drift *d, const struct bl_alignment *all, const bool *averaged,
	const struct bl_kernels *kernels, struct bl_err *err)
{
	const size_t checkpoints = all->sources;

	*d = (struct bl_drift){.checkpoints = checkpoints, .kernels = kernels};
	for (size_t i = 0; i < all->tensors; i++)
		d->tensors += averaged[i];
	d->of = calloc(d->tensors + 1, sizeof *d->of);
	d->place = calloc(all->tensors + 1, sizeof *d->place);
	d->points = calloc((d->tensors + 1) * checkpoints, sizeof *d->points);
	d->sum = calloc(2 * SUMS * checkpoints, sizeof *d->sum);
	if (!d->of || !d->place || !d->points || !d->sum)
		return bl_fail_memory(
			err, bl_drift_bytes(d->tensors, checkpoints), "the distances");
	list_tensors(d, all, averaged);
	d->survey = (struct bl_survey){
		.room = sizeof(struct room) + checkpoints * sizeof((struct room *)0)->at[0],
		.state = d,
		.look = look,
		.take = take,
	};
	return 0;
}

void bl_drift_free(struct bl_drift *d)
{
	free(d->of);
	free(d->place);
	free(d->points);
	free(d->sum);
	memset(d, 0, sizeof *d);
}
