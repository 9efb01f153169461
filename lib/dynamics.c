/* dynamics.c - the table of averaging dynamics, and what the springs among them share. */
#include "adjoint.h"

#include <math.h>
#include <string.h>

const struct bl_dynamics *const bl_dynamics[] = {
	&bl_dynamics_ema,
	&bl_dynamics_spring,
	&bl_dynamics_belay,
	&bl_dynamics_uniform,
	&bl_dynamics_window,
	&bl_dynamics_trapezoid,
	&bl_dynamics_power,
	&bl_dynamics_bema,
	&bl_dynamics_minus_sqrt,
	&bl_dynamics_linear_decay,
	&bl_dynamics_posthoc,
	&bl_dynamics_weights,
	NULL,
};

const struct bl_dynamics *bl_dynamics_find(const char *name)
{
	for (size_t i = 0; bl_dynamics[i]; i++)
		if (strcmp(bl_dynamics[i]->name, name) == 0)
			return bl_dynamics[i];
	return NULL;
}

bool bl_dynamics_takes(const struct bl_dynamics *d, enum bl_option o)
{
	for (const enum bl_option *take = d->options; *take != BL_OPTIONS; take++)
		if (*take == o)
			return true;
	return false;
}

enum bl_hold bl_case_hold(const struct bl_case *c)
{
	const char *word = bl_case_word(c, BL_OPT_HOLD);

	if (strcmp(word, "right") == 0)
		return BL_HOLD_RIGHT;
	if (strcmp(word, "left") == 0)
		return BL_HOLD_LEFT;
	return strcmp(word, "mid") == 0 ? BL_HOLD_MID : BL_HOLD_LINEAR;
}

/* ---- rows that are no recurrence ---- */

static bool is_whole(double a)
{
	return fabs(a) <= 0x1p53 && floor(a) >= a;
}

static uint64_t gcd(uint64_t a, uint64_t b)
{
	while (b) {
		const uint64_t rest = a % b;

		a = b;
		b = rest;
	}
	return a;
}

void bl_parts_reduce(double *part, size_t count, double *divisor)
{
	uint64_t common = 0;

	if (!is_whole(*divisor))
		return;
	for (size_t i = 0; i < count; i++) {
		if (!is_whole(part[i]))
			return;
		common = gcd(common, (uint64_t)fabs(part[i]));
	}
	common = gcd(common, (uint64_t)fabs(*divisor));
	if (common <= 1)
		return;
	for (size_t i = 0; i < count; i++)
		part[i] /= (double)common;
	*divisor /= (double)common;
}

/* ---- recurrences ---- */

/* The model particle is neither pulled nor is its motion scaled. */
bool bl_spring_is_model(const struct bl_spring *s)
{
	return s->model && s->gain == 1 && s->pull == 0;
}

/* The average follows the recorded model itself. */
bool bl_spring_one_way(const struct bl_spring *s)
{
	return s->gain == 1 && (s->pull == 0 || (s->restore == 1 && !s->model));
}

/* State (z, v): z <- z - E z + b x, with E written without 1 - kappa. */
static void one_way_recurrence(const struct bl_spring *s, struct bl_recurrence *r)
{
	const double keep = 1 - s->gamma;

	*r = (struct bl_recurrence){
		.order = 2,
		.decay = {{s->kappa, -keep}, {s->kappa, s->gamma}},
		.input = {s->kappa, s->kappa},
		.readout = {1, 0},
		.restore = 1,
		.gain = 1,
	};
}

/*
 * State (z, w = y - z, v). Its first column is restore times the input, so without a restoring
 * force the eigenvalue 1 of A (both particles drifting together) is exact, and a small one keeps
 * its digits; in (y, z, v) it would be left over from a cancellation.
 */
static void two_way_recurrence(const struct bl_spring *s, struct bl_recurrence *r)
{
	const double keep = 1 - s->gamma, m = 1 - s->pull - s->kappa, free = 1 - s->restore;
	const double k = s->kappa, lam = s->restore;

	*r = (struct bl_recurrence){
		.order = 3,
		.decay = {
			{k * lam, -k * free, -keep},
			{m * lam, (s->pull + k) + m * lam, keep},
			{k * lam, -k * free, s->gamma},
		},
		.input = {k, m, k},
		.readout = {1, s->model ? 1 : 0, 0},
		.restore = lam,
		.gain = s->gain,
	};
}

/* All weight on the value that the path has at the end. */
static void last_value(enum bl_hold hold, const struct bl_timeline *time, double *weight)
{
	const double share = hold == BL_HOLD_LEFT ? 0 : hold == BL_HOLD_MID ? 0.5 : 1;

	for (size_t i = 0; i < time->count; i++)
		weight[i] = 0;
	weight[time->count - 1] = share;
	weight[time->count - 2] = 1 - share;
}

void bl_spring_weights(const struct bl_spring *s, const struct bl_timeline *time, double *weight)
{
	struct bl_recurrence r;

	if (time->count == 1) {
		weight[0] = 1;
		return;
	}
	if (bl_spring_is_model(s)) {
		last_value(s->hold, time, weight);
		return;
	}
	if (s->warmup.word != BL_WARMUP_NONE) {
		bl_adjoint_warmup(&s->warmup, s->kappa, time, s->hold, s->zero, weight);
		return;
	}
	if (bl_spring_one_way(s))
		one_way_recurrence(s, &r);
	else
		two_way_recurrence(s, &r);
	bl_adjoint_row(&r, time, s->hold, s->zero, weight);
}

/* The average is judged as the one-way spring, which it is, whichever particle is read out. */
static bool alone(const struct bl_spring *s)
{
	return s->gain == 1 && (s->pull == 0 || s->restore == 1);
}

/*
 * A step multiplies by I - E; it dies out if every eigenvalue e of E has |1 - e| < 1. With
 * e = 2 / (1 - x) that is Re x < 0, and with q = 1 - (1 - a)(1 - l) the characteristic polynomial
 * of E becomes A x^3 + B x^2 + C x + D with
 *     A = kappa l,  B = kappa (2 - l) + 2 gamma q,  C = 4 (gamma + q - gamma q) - kappa l,
 *     D = (4 - 2 gamma)(2 - q) - kappa (2 - l),
 *     B C - A D = 8 (kappa (gamma + q - gamma q - l) + gamma q (gamma + q - gamma q)).
 * Hurwitz wants all five above 0 (l = 0 leaves e = 0, the drift of both particles, out, and with it
 * A and the last). For kappa > 0, a >= 0, 0 <= l <= 1 that comes down to 0 < gamma < 2 and D > 0.
 * Jury's test of I - E says the same, but for lengths of a million steps all its digits cancel.
 * The one-way spring is l = 1: kappa < 4 - 2 gamma.
 */
double bl_spring_kappa_most(const struct bl_spring *s)
{
	const double lam = alone(s) ? 1 : s->restore;

	return (4 - 2 * s->gamma) * (1 + (1 - s->pull) * (1 - lam)) / (2 - lam);
}

int bl_spring_check(const struct bl_spring *s, struct bl_err *err)
{
	const double most = bl_spring_kappa_most(s);

	if (s->kappa > 0 && s->gamma > 0 && s->gamma < 2 && s->kappa < most)
		return 0;
	if (!alone(s))
		bl_fail(err, BL_USAGE,
			"unstable: kappa %g, gamma %g, pull on the model a = %g, "
			"restore l = %g; stable where 0 < gamma < 2 and "
			"0 < kappa < (4 - 2 gamma)(1 + (1 - a)(1 - l)) / (2 - l) = %g",
			s->kappa, s->gamma, s->pull, s->restore, most);
	else if (s->gamma != 1)
		bl_fail(err, BL_USAGE,
			"unstable: kappa %g, gamma %g; stable where 0 < gamma < 2 and "
			"0 < kappa < 4 - 2 gamma = %g",
			s->kappa, s->gamma, most);
	else
		bl_fail(err, BL_USAGE, "unstable: kappa %g; stable where 0 < kappa < 2", s->kappa);
	return alone(s) ? -1 : bl_hint(err, "a smaller --mass-ratio or a longer length is stable");
}
