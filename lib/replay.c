/* replay.c - the literal replay: the second, independent way to the weights. */
#include "replay.h"

#include <math.h>
#include <stdlib.h>

/* One scalar model and its averager. */
struct state {
	double x; /* the model at the step before */
	double y, z, v;
};

/* The equations as they read. With inertia v loses gamma v; (1 - gamma) v would lose its digits. */
static void step(const struct bl_spring *p, double kappa, struct state *s, double x)
{
	const double moved = s->y + p->gain * (x - s->x) + p->restore * (s->x - s->y);
	const double d = moved - s->z;

	s->y = moved - p->pull * d;
	s->v += kappa * d - p->gamma * s->v;
	s->z += s->v;
	s->x = x;
}

/* The pull of update t, as the equations read; pow is off by a unit in the last place at most. */
static double pull(const struct bl_spring *p, int64_t t)
{
	const struct bl_warmup *w = &p->warmup;
	const double s = (double)(t - w->copies);

	if (w->word == BL_WARMUP_NONE)
		return p->kappa;
	if (s <= 0)
		return 1;
	if (w->word == BL_WARMUP_DIFFUSERS)
		return fmin(fmax(p->kappa, pow(1 + s / w->inv_gamma, -w->power)), w->most);
	return fmax(p->kappa, 9 / (10 + s));
}

/* Where the path from a to b is after j of n steps. */
static double path(enum bl_hold hold, double a, double b, int64_t j, int64_t n)
{
	switch (hold) {
	case BL_HOLD_RIGHT:
		return b;
	case BL_HOLD_LEFT:
		return a;
	case BL_HOLD_MID:
		return (a + b) / 2;
	case BL_HOLD_LINEAR:
	default:
		return a + (b - a) * ((double)j / (double)n);
	}
}

/*
 * The output for checkpoints that are all 0 but for a 1 at number unit. Before checkpoint unit - 1
 * everything is 0 and stays so.
 */
static double march(const struct bl_spring *p, const struct bl_timeline *time, size_t unit)
{
	const double start = unit == 0 && !p->zero;
	struct state s = {unit == 0, start, start, 0};

	for (size_t i = unit > 1 ? unit : 1; i < time->count; i++) {
		const int64_t before = time->n[i - 1] - time->n[0];
		const int64_t steps = time->n[i] - time->n[i - 1];
		const double a = i - 1 == unit, b = i == unit;

		for (int64_t j = 1; j <= steps; j++)
			step(p, pull(p, before + j), &s,
				path(p->hold, a, b, j, steps));
	}
	return p->model ? s.y : s.z;
}

/* Steps of the whole march, all unit inputs together; -1 where it takes too long. */
static int64_t steps_of(const struct bl_row *row)
{
	const struct bl_timeline *time = &row->time;
	const int64_t steps = time->n[time->count - 1] - time->n[0];

	if (time->count > BL_REPLAY_STEPS || steps > BL_REPLAY_STEPS / (int64_t)time->count)
		return -1;
	return steps;
}

/* The smallest pull of any update. */
static double weakest(const struct bl_spring *s)
{
	return s->warmup.word == BL_WARMUP_NONE ? s->kappa : fmin(s->kappa, s->warmup.most);
}

/*
 * What rounding of the march may leave, relative to sum |w|. An error of the phase, a few units in
 * the last place of kappa / sin(phase) a step, is kept for 1 / gamma steps; at the edge of
 * stability the phase nears pi. An error of z is kept until the pull has taken it back, one of y
 * until restore has. Overshooting pulls (above 1) alternate in sign and cancel.
 */
static double tolerance(const struct bl_row *row, int64_t steps)
{
	const struct bl_spring *s = &row->spring;
	const double margin = fmax(4 - 2 * s->gamma - s->kappa, 1e-3), n = (double)steps;
	double relative = s->kappa > 1 || s->gamma > 1 ? 1e-12 : 1e-13;

	relative += 2e-15 * sqrt(s->kappa / margin) / s->gamma;
	relative += 1e-16 * fmin(n, s->gamma / weakest(s));
	if (s->pull != 0 || s->restore != 1) /* else y is x after every step */
		relative += 1e-16 * fmin(n, (1 + s->pull * s->gamma / s->kappa) / s->restore);
	return relative;
}

/* As bl_replay_direct(). */
static double march_all(const struct bl_row *row, double *expected)
{
	const int64_t steps = steps_of(row);
	const size_t count = row->time.count;
	double sum = 0;

	if (count == 1)
		expected[0] = 1;
	if (steps < 0 || count == 1)
		return steps < 0 ? -1 : 0;
	for (size_t i = 0; i < count; i++) {
		expected[i] = march(&row->spring, &row->time, i);
		sum += expected[i];
	}
	for (size_t i = 0; row->spring.zero && i < count; i++)
		expected[i] /= sum;
	return tolerance(row, steps);
}

static int compare(const struct bl_row *row, const double *expected, double allowed,
	double *difference, struct bl_err *err)
{
	*difference = 0;
	for (size_t i = 0; i < row->time.count; i++) {
		const double d = fabs(row->weight[i] - expected[i]);

		if (!(d <= allowed))
			return bl_fail(err, BL_BUG,
				"the literal replay disagrees: checkpoint %zu has the "
				"weight %.17g, replayed %.17g, tolerance %.3g",
				i, row->weight[i], expected[i], allowed);
		if (d / row->sum_abs > *difference)
			*difference = d / row->sum_abs;
	}
	return 0;
}

int bl_replay_check(const struct bl_row *row, double *difference, struct bl_err *err)
{
	double *expected = calloc(row->time.count, sizeof *expected), allowed;
	int rc;

	*difference = 0;
	if (!expected)
		return bl_fail_memory(
			err, row->time.count * sizeof *expected, "the literal replay");
	allowed = row->dynamics->spring ? march_all(row, expected)
	                                : bl_replay_direct(row, expected);
	if (allowed < 0)
		rc = bl_fail(err, BL_LIMIT, "--check would march through more than %d steps, "
			"counted once for each checkpoint", BL_REPLAY_STEPS);
	else
		rc = compare(row, expected, allowed * row->sum_abs, difference, err);
	free(expected);
	return rc;
}
