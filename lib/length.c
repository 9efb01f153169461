/* length.c - from a length and a damping ratio to the pulls kappa and gamma. */
#include "length.h"

#include <math.h>

/* Below this length in steps nothing is left of the step before: exp(-1e17). */
#define SHORTEST 1e-18

/* Numbers below TINY count as 0 and those HUGE_LENGTH times too long are refused before anything
 * is computed: products of them would leave the range of double-double. */
#define TINY 1e-100
#define HUGE_LENGTH 1e100

#define DAMPING_HIGH 1e8 /* largest damping ratio but infinity */

/* An EMA: its pull, and the inverse of its time constant tau = -1 / log(1 - kappa). */
struct ema {
	struct bl_dd kappa;
	struct bl_dd rate; /* 1 / tau; meaningless where instant */
	bool instant;      /* kappa = 1: the average is the model itself */
};

/* n_K - n_0; exact. */
static struct bl_dd span(const struct bl_timeline *time)
{
	return bl_dd_whole(time->n[time->count - 1] - time->n[0]);
}

/* How many gaps are at most g. */
static size_t gaps_within(const struct bl_timeline *time, int64_t g)
{
	size_t n = 0;

	for (size_t i = 1; i < time->count; i++)
		n += time->n[i] - time->n[i - 1] <= g;
	return n;
}

int64_t bl_length_median_gap(const struct bl_timeline *time)
{
	int64_t low = 0, high = (int64_t)1 << 54; /* bisecting values needs no memory to sort in */

	if (time->count < 2)
		return 0;
	while (low < high) {
		const int64_t middle = low + (high - low) / 2;

		if (gaps_within(time, middle) >= time->count / 2)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

/* Refuses the length given for o that is negative, no number, or so many steps too long. */
static int check_length(const struct bl_case *c, enum bl_option o, double steps,
	struct bl_err *err)
{
	const struct bl_value *v = bl_case_value(c, o);

	if (!(v->number >= 0))
		return bl_fail(err, BL_USAGE, "--%s %s: a length cannot be negative",
			bl_option(o)->key, v->text);
	if (!(steps <= BL_LONGEST))
		return bl_fail(err, BL_USAGE, "--%s %s is longer than %g steps", bl_option(o)->key,
			v->text, BL_LONGEST);
	return 0;
}

int bl_length_steps(const struct bl_case *c, enum bl_option o, const struct bl_timeline *time,
	struct bl_dd *steps, struct bl_err *err)
{
	const struct bl_value *v = bl_case_value(c, o);
	const double unit = bl_case_number(c, BL_OPT_TIME_UNIT, 1),
		     every = bl_case_number(c, BL_OPT_UPDATE_EVERY, 1);
	struct bl_dd length = bl_dd(v->number);

	/* The products below must stay in the range of double-double. */
	if (check_length(c, o, v->number / HUGE_LENGTH, err) != 0)
		return -1;
	if (v->number < TINY)
		length = bl_dd(0);
	else if (v->unit == BL_UNIT_PERCENT)
		length = bl_dd_div(bl_dd_mul(length, span(time)), bl_dd(100));
	else if (v->unit == BL_UNIT_TIME)
		length = bl_dd_div(bl_dd_div(length, bl_dd(unit)), bl_dd(every));
	*steps = length;
	return check_length(c, o, length.h, err);
}

/* kappa = 1 - exp(-1 / tau) = 1 - 2^(-1 / H). */
static void from_half_life(struct bl_dd half_life, struct ema *e)
{
	e->instant = half_life.h < SHORTEST;
	if (e->instant)
		return;
	e->rate = bl_dd_div(bl_dd_ln2(), half_life);
	e->kappa = bl_dd_neg(bl_dd_expm1(bl_dd_neg(e->rate)));
}

/* kappa = 1 / (A + 1). */
static void from_mean_age(struct bl_dd age, struct ema *e)
{
	e->instant = age.h < SHORTEST;
	if (e->instant)
		return;
	e->kappa = bl_dd_div(bl_dd(1), bl_dd_add(age, bl_dd(1)));
	e->rate = bl_dd_log1p(bl_dd_div(bl_dd(1), age));
}

/* kappa = 1 - B of the double B, as the frameworks that keep B have it. */
static int from_decay(const struct bl_case *c, struct ema *e, struct bl_err *err)
{
	const double decay = bl_case_number(c, BL_OPT_DECAY, 0);

	if (!(decay >= 0 && decay < 1))
		return bl_fail(err, BL_USAGE, "--decay %s: must be at least 0 and below 1",
			bl_case_value(c, BL_OPT_DECAY)->text);
	e->instant = decay < TINY;
	if (e->instant)
		return 0;
	e->kappa = bl_dd_sum(1, -decay);
	e->rate = bl_dd_neg(bl_dd_log(bl_dd(decay)));
	return 0;
}

/*
 * The EMA that has run for ever has the standard deviation sqrt(1 - kappa) / kappa; it is to be
 * c = S (n_K - n_0). With q = sqrt(1 + 4 c^2): kappa = 2 / (1 + q), 1 - kappa = (2 c / (1 + q))^2.
 */
static int from_rel_std(const struct bl_case *c, const struct bl_timeline *time, struct ema *e,
	struct bl_err *err)
{
	const double given = bl_case_number(c, BL_OPT_REL_STD, 0);
	struct bl_dd std, q1; /* q1: 1 + q */

	if (check_length(c, BL_OPT_REL_STD, given / HUGE_LENGTH, err) != 0)
		return -1;
	std = bl_dd_mul(bl_dd(given < TINY ? 0 : given), span(time));
	if (check_length(c, BL_OPT_REL_STD, std.h, err) != 0)
		return -1;
	e->instant = std.h < SHORTEST;
	if (e->instant)
		return 0;
	q1 = bl_dd_mul(bl_dd(4), bl_dd_mul(std, std));
	q1 = bl_dd_add(bl_dd(1), bl_dd_sqrt(bl_dd_add(bl_dd(1), q1)));
	e->kappa = bl_dd_div(bl_dd(2), q1);
	if (e->kappa.h < 0.25) {
		e->rate = bl_dd_neg(bl_dd_log1p(bl_dd_neg(e->kappa)));
	} else { /* 1 - kappa without cancellation */
		const struct bl_dd root = bl_dd_div(bl_dd_mul(bl_dd(2), std), q1);

		e->rate = bl_dd_mul(bl_dd(-2), bl_dd_log(root));
	}
	return 0;
}

/* max((n_K - n_0) / 10, median gap) / divisor. */
static struct bl_dd default_half_life(const struct bl_timeline *time, struct bl_dd divisor)
{
	const int64_t covered = time->n[time->count - 1] - time->n[0];
	const int64_t median = bl_length_median_gap(time);
	struct bl_dd length;

	if (10 * median > covered)
		length = bl_dd_whole(median);
	else
		length = bl_dd_div(bl_dd_whole(covered), bl_dd(10));
	return bl_dd_div(length, divisor);
}

/* The EMA that the case names. */
static int find_ema(const struct bl_case *c, const struct bl_timeline *time, struct bl_dd divisor,
	struct ema *e, enum bl_option *by, struct bl_err *err)
{
	struct bl_dd steps;

	*by = BL_OPT_HALF_LIFE;
	if (bl_case_value(c, BL_OPT_DECAY)) {
		*by = BL_OPT_DECAY;
		return from_decay(c, e, err);
	}
	if (bl_case_value(c, BL_OPT_REL_STD)) {
		*by = BL_OPT_REL_STD;
		return from_rel_std(c, time, e, err);
	}
	if (bl_case_value(c, BL_OPT_MEAN_AGE)) {
		*by = BL_OPT_MEAN_AGE;
		if (bl_length_steps(c, BL_OPT_MEAN_AGE, time, &steps, err) != 0)
			return -1;
		from_mean_age(steps, e);
		return 0;
	}
	if (!bl_case_value(c, BL_OPT_HALF_LIFE))
		steps = default_half_life(time, divisor);
	else if (bl_length_steps(c, BL_OPT_HALF_LIFE, time, &steps, err) != 0)
		return -1;
	from_half_life(steps, e);
	return 0;
}

/*
 * The spring whose poles are those of the continuous one, x'' = -2 zeta omega x' - omega^2 x, with
 * the mean lag tau: omega = 2 zeta / tau, s = -omega (zeta -+ sqrt(zeta^2 - 1)), r = exp(s),
 *     kappa = (1 - r1) (1 - r2),   gamma = 1 - r1 r2 = 1 - exp(-2 zeta omega).
 */
static int damped(const struct ema *e, double zeta, struct bl_spring *out, struct bl_err *err)
{
	const struct bl_dd half_pi = {1.5707963267948966, 6.123233995736766e-17};
	const struct bl_dd z = bl_dd(zeta);
	const struct bl_dd omega = bl_dd_mul(bl_dd_mul(bl_dd(2), z), e->rate);
	const struct bl_dd square = bl_dd_mul(bl_dd_sum(zeta, -1), bl_dd_sum(zeta, 1));
	struct bl_dd re, im, kappa;

	if (square.h < 0) { /* r1 and r2 conjugate: kappa = |1 - r|^2 */
		const struct bl_dd turn = bl_dd_mul(omega, bl_dd_sqrt(bl_dd_neg(square)));

		if (bl_dd_sub(turn, half_pi).h > 0)
			return bl_fail(err, BL_USAGE,
				"--damping %g with this length has fewer than "
				"four steps in an oscillation",
				zeta);
		bl_dd_cexpm1(bl_dd_neg(bl_dd_mul(omega, z)), turn, &re, &im);
		kappa = bl_dd_add(bl_dd_mul(re, re), bl_dd_mul(im, im));
	} else {
		const struct bl_dd sum = bl_dd_add(z, bl_dd_sqrt(square));

		re = bl_dd_expm1(bl_dd_neg(bl_dd_div(omega, sum)));
		im = bl_dd_expm1(bl_dd_neg(bl_dd_mul(omega, sum)));
		kappa = bl_dd_mul(re, im);
	}
	re = bl_dd_expm1(bl_dd_neg(bl_dd_mul(bl_dd_mul(bl_dd(2), z), omega)));
	out->kappa = bl_dd_round(kappa);
	out->gamma = bl_dd_round(bl_dd_neg(re));
	return 0;
}

int bl_length_pulls(const struct bl_case *c, const struct bl_timeline *time, double damping,
	struct bl_dd divisor, struct bl_spring *out, struct bl_err *err)
{
	struct ema e = {bl_dd(1), bl_dd(0), true};
	enum bl_option by;

	out->length_option = NULL;
	out->half_life = out->ema_kappa = 0;
	out->kappa = bl_case_number(c, BL_OPT_KAPPA, 0);
	out->gamma = bl_case_number(c, BL_OPT_GAMMA, 1);
	if (bl_case_value(c, BL_OPT_KAPPA))
		return 0;
	if (!(damping >= TINY && (damping <= DAMPING_HIGH || isinf(damping))))
		return bl_fail(err, BL_USAGE,
			"--damping %g: must be above 0 and at most %g, or inf", damping,
			DAMPING_HIGH);
	if (find_ema(c, time, divisor, &e, &by, err) != 0)
		return -1;
	out->length_option = bl_option(by)->key;
	out->kappa = out->ema_kappa = e.instant ? 1 : bl_dd_round(e.kappa);
	out->gamma = 1;
	if (e.instant)
		return 0;
	out->half_life = bl_dd_round(bl_dd_div(bl_dd_ln2(), e.rate));
	return isinf(damping) ? 0 : damped(&e, damping, out, err);
}

/* sqrt rounds correctly, so the bits are the same everywhere. */
void bl_length_asked(const struct bl_spring *s, const struct bl_timeline *time,
	struct bl_asked *out)
{
	const double covered = span(time).h, kappa = s->ema_kappa;

	*out = (struct bl_asked){.option = s->length_option};
	if (!s->length_option)
		return;
	out->half_life = s->half_life;
	out->mean_age = (1 - kappa) / kappa;
	out->decay = 1 - kappa;
	out->rel_std = covered > 0 ? sqrt(1 - kappa) / kappa / covered : 0;
}
