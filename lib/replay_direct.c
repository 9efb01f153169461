/*
 * replay_direct.c - the second way to weights that are no recurrence of the spring kind: each
 * definition written another way than its row, in plain doubles with the functions of libm, which
 * are good enough for a comparison.
 *
 * Each fills expected and returns what rounding may leave, relative to sum |w|; less than 0 where
 * there are more than BL_REPLAY_STEPS steps.
 */
#include "replay.h"

#include <math.h>
#include <string.h>

static double uniform(const struct bl_row *row, double *expected)
{
	for (size_t i = 0; i < row->time.count; i++)
		expected[i] = 1.0 / (double)row->time.count;
	return 1e-15;
}

/* A checkpoint counts when its age is below the window; equal up to rounding is not below. */
static double window(const struct bl_row *row, double *expected)
{
	const struct bl_value *given = bl_case_value(row->settings, BL_OPT_WINDOW);
	const size_t last = row->time.count - 1;
	const double covered = (double)(row->time.n[last] - row->time.n[0]);
	double length = given->number, inside = 0;

	if (given->unit == BL_UNIT_PERCENT)
		length = length * covered / 100;
	else if (given->unit == BL_UNIT_TIME)
		length /= bl_case_number(row->settings, BL_OPT_TIME_UNIT, 1);
	for (size_t i = 0; i <= last; i++) {
		const double age = (double)(row->time.n[last] - row->time.n[i]);

		expected[i] = i == last || age < length - 1e-6;
		inside += expected[i];
	}
	for (size_t i = 0; i <= last; i++)
		expected[i] /= inside;
	return 1e-15;
}

/* The mean over time, interval by interval: half of each to either end. */
static double trapezoid(const struct bl_row *row, double *expected)
{
	const size_t last = row->time.count - 1;
	const double covered = (double)(row->time.n[last] - row->time.n[0]);

	expected[0] = last == 0;
	for (size_t i = 1; i <= last; i++) {
		const double part = (double)(row->time.n[i] - row->time.n[i - 1]) / covered;

		expected[i - 1] += part / 2;
		expected[i] += part / 2;
	}
	return 1e-15;
}

/* U_i, where the merges stand in the decay: 0 before the first checkpoint, 1 at the last. */
static double decayed(const struct bl_row *row, size_t i)
{
	const size_t last = row->time.count - 1;
	const double covered = (double)(row->time.n[last] - row->time.n[0]);
	const double gap = covered / (double)last;

	return ((double)(row->time.n[i] - row->time.n[0]) + gap) / (covered + gap);
}

static double linear_decay(const struct bl_row *row, double *expected)
{
	double before = 0;

	expected[0] = row->time.count == 1;
	for (size_t i = 0; row->time.count > 1 && i < row->time.count; i++) {
		const double now = decayed(row, i);

		expected[i] = now - before;
		before = now;
	}
	return 1e-15;
}

static double minus_sqrt(const struct bl_row *row, double *expected)
{
	double before = 0;

	expected[0] = row->time.count == 1;
	for (size_t i = 0; row->time.count > 1 && i < row->time.count; i++) {
		const double now = decayed(row, i);

		expected[i] = (now - before) / (sqrt(now) + sqrt(before));
		before = now;
	}
	return 1e-15;
}

static double given(const struct bl_row *row, double *expected)
{
	double sum = 0;

	for (size_t i = 0; i < row->time.count; i++)
		sum += row->given[i];
	for (size_t i = 0; i < row->time.count; i++)
		expected[i] = bl_case_value(row->settings, BL_OPT_NORMALIZE)
			? row->given[i] / sum
			: row->given[i];
	return 1e-15 + 1e-16 * (double)row->time.count;
}

/* Steps of a march that every checkpoint is sent through; less than 0 for too many. */
static double marched(const struct bl_row *row, double steps)
{
	return steps * (double)row->time.count <= BL_REPLAY_STEPS ? steps : -1;
}

/* The recurrence, forwards, with a 1 in the place of one checkpoint after the other. */
static double bema(const struct bl_row *row, double *expected)
{
	const struct bl_case *c = row->settings;
	const size_t last = row->time.count - 1;
	const double steps = marched(row, (double)last);
	const double rho = bl_case_number(c, BL_OPT_BEMA_LAG, 10),
		     g = bl_case_number(c, BL_OPT_BEMA_MULTIPLIER, 1),
		     k = bl_case_number(c, BL_OPT_BEMA_EMA_POWER, 0.5),
		     h = bl_case_number(c, BL_OPT_BEMA_BIAS_POWER, 0.2),
		     least = bl_case_number(c, BL_OPT_BEMA_MIN, 0);

	for (size_t unit = 0; steps >= 0 && unit <= last; unit++) {
		double e = unit == 0;

		for (size_t i = unit ? unit : 1; i <= last; i++) {
			const double age = rho + g * (double)row->time.n[i];

			e += fmax(pow(age, -k), least) * ((i == unit) - e);
		}
		if (last > 0)
			e += pow(rho + g * (double)row->time.n[last], -h) *
				((unit == last) - (double)(unit == 0));
		expected[unit] = e;
	}
	return steps < 0 ? steps : 1e-14 + 4e-16 * (double)last;
}

/* g by bisection of its definition. */
static double exponent(double std)
{
	double low = 0, high = 1e45;

	for (int i = 0; i < 300; i++) {
		const double g = (low + high) / 2;

		if (sqrt((g + 1) / (g + 3)) / (g + 2) > std)
			low = g;
		else
			high = g;
	}
	return (low + high) / 2;
}

/* z_n = z_{n-1} + (1 - (1 - 1/n)^p) (x_n - z_{n-1}), step by step. */
static double power(const struct bl_row *row, double *expected)
{
	const struct bl_timeline *time = &row->time;
	const size_t last = time->count - 1;
	const bool right = strcmp(bl_case_word(row->settings, BL_OPT_HOLD), "right") == 0;
	const double p = exponent(bl_case_number(row->settings, BL_OPT_REL_STD, 0.1)) + 1;
	const double end = (double)time->n[last],
		     steps = marched(row, end - (double)time->n[0]);

	for (size_t unit = 0; steps >= 0 && unit <= last; unit++) {
		double z = unit == 0;

		for (size_t i = unit ? unit : 1; i <= last; i++) {
			const double a = i - 1 == unit, b = i == unit;
			const double from = (double)time->n[i - 1], to = (double)time->n[i];

			for (double n = from + 1; n <= to; n++) {
				const double x =
					right ? b : a + (b - a) * ((n - from) / (to - from));

				z -= expm1(p * log1p(-1 / n)) * (x - z);
			}
		}
		expected[unit] = z;
	}
	return steps < 0 ? steps : 1e-13 + 1e-16 * fmin(steps, end / p);
}

double bl_replay_direct(const struct bl_row *row, double *expected)
{
	static const struct {
		const struct bl_dynamics *dynamics;
		double (*way)(const struct bl_row *row, double *expected);
	} known[] = {
		{&bl_dynamics_uniform, uniform},
		{&bl_dynamics_window, window},
		{&bl_dynamics_trapezoid, trapezoid},
		{&bl_dynamics_power, power},
		{&bl_dynamics_bema, bema},
		{&bl_dynamics_minus_sqrt, minus_sqrt},
		{&bl_dynamics_linear_decay, linear_decay},
		{&bl_dynamics_posthoc, bl_replay_posthoc},
		{&bl_dynamics_weights, given},
	};
	size_t k = 0;

	while (known[k].dynamics != row->dynamics)
		k++;
	return known[k].way(row, expected);
}
