/* response.c - a row of weights as a physical system. */
#include "response.h"

#include "dd.h"

#include <math.h>

#define SMALL 1e-100 /* below it a restoring pull is none, and dd.h has no room for its products   \
		      */
#define PI 3.14159265358979323846

/* Steps of the row in the unit of times: updates, where --update-every makes them. */
static double unit_of(const struct bl_row *row)
{
	const struct bl_value *every = bl_case_value(row->settings, BL_OPT_UPDATE_EVERY);

	return every ? every->number : 1;
}

static double negative_part(const struct bl_row *row)
{
	struct bl_dd sum = bl_dd(0);

	for (size_t i = 0; i < row->time.count; i++)
		if (row->weight[i] < 0)
			sum = bl_dd_add(sum, bl_dd(row->weight[i]));
	return bl_dd_round(sum);
}

/* The recurrence at the last update: a warm-up has another pull before it settles. */
static struct bl_spring at_last(const struct bl_row *row)
{
	const int64_t updates = row->time.n[row->time.count - 1] - row->time.n[0];
	struct bl_spring s = row->spring;
	struct bl_warmup_curve curve;

	if (s.warmup.word == BL_WARMUP_NONE || updates < 1)
		return s;
	bl_warmup_curve(&curve, &s.warmup, s.kappa);
	s.kappa = s.warmup.last < updates ? s.warmup.settled : bl_warmup_pull(&curve, updates);
	return s;
}

/* ---- poles ---- */

/* Steps in which what is multiplied by 1 - e per step halves; e: 1 - (1 - e)'s modulus. */
static double fade(struct bl_dd e)
{
	if (e.h <= 0)
		return HUGE_VAL;
	if (e.h >= 1)
		return 0;
	return bl_dd_round(bl_dd_div(bl_dd_ln2(), bl_dd_neg(bl_dd_log1p(bl_dd_neg(e)))));
}

static void add_real(struct bl_response *out, struct bl_dd e)
{
	const bool flips = e.h > 1;
	const struct bl_dd off = flips ? bl_dd_sub(bl_dd(2), e) : e; /* 1 - modulus */

	out->pole[out->poles++] = (struct bl_pole){
		.modulus = bl_dd_round(bl_dd_sub(bl_dd(1), off)),
		.angle = flips ? PI : 0,
		.fade = fade(off),
	};
}

/*
 * The angle of x + iy. libm's is but the start of a step of Newton: the sine of what is missing is
 * the height of the point once it was turned back.
 */
static struct bl_dd angle_of(struct bl_dd x, struct bl_dd y, struct bl_dd modulus)
{
	const struct bl_dd guess = bl_dd(atan2(y.h, x.h));
	struct bl_dd re, im, height;

	bl_dd_cexpm1(bl_dd(0), bl_dd_neg(guess), &re, &im);
	re = bl_dd_add(re, bl_dd(1));
	height = bl_dd_add(bl_dd_mul(x, im), bl_dd_mul(y, re));
	return bl_dd_add(guess, bl_dd_div(height, modulus));
}

/* The pair 1 - e of e^2 - b e + c, whose discriminant is below 0. */
static void add_pair(
	struct bl_response *out, const struct bl_row *row, struct bl_dd b, struct bl_dd c)
{
	const struct bl_dd half = bl_dd(0.5), middle = bl_dd_mul(half, b);
	const struct bl_dd y = bl_dd_sqrt(bl_dd_sub(c, bl_dd_mul(middle, middle)));
	const struct bl_dd lost = bl_dd_sub(b, c); /* 1 - modulus^2 */
	const struct bl_dd modulus = bl_dd_sqrt(bl_dd_sub(bl_dd(1), lost));
	const struct bl_dd angle = angle_of(bl_dd_sub(bl_dd(1), middle), y, modulus);
	const struct bl_dd damped = bl_dd_mul(half, bl_dd_neg(bl_dd_log1p(bl_dd_neg(lost))));
	const struct bl_dd size =
		bl_dd_sqrt(bl_dd_add(bl_dd_mul(damped, damped), bl_dd_mul(angle, angle)));

	out->pole[out->poles++] = (struct bl_pole){
		.modulus = bl_dd_round(modulus),
		.angle = bl_dd_round(angle),
		.fade = 2 * fade(lost),
		.pair = true,
	};
	out->ratio = bl_dd_round(bl_dd_div(damped, size));
	out->period = unit_of(row) * bl_dd_round(bl_dd_div(bl_dd(2 * PI), angle));
}

/* The poles of e^2 - b e + c; says how they are damped. */
static void add_two(
	struct bl_response *out, const struct bl_row *row, struct bl_dd b, struct bl_dd c)
{
	const struct bl_dd square = bl_dd_mul(b, b);
	const struct bl_dd d = bl_dd_sub(square, bl_dd_mul(bl_dd(4), c));
	struct bl_dd large;

	/* kappa and gamma are rounded, so that a double pole is not met exactly. */
	if (fabs(d.h) <= 1e-12 * square.h) {
		add_real(out, bl_dd_mul(bl_dd(0.5), b));
		out->damping = BL_DAMPING_CRITICAL;
	} else if (d.h < 0) {
		add_pair(out, row, b, c);
		out->damping = BL_DAMPING_UNDER;
	} else {
		large = bl_dd_mul(bl_dd(0.5), bl_dd_add(b, bl_dd_sqrt(d)));
		add_real(out, c.h == 0 ? bl_dd(0) : bl_dd_div(c, large));
		add_real(out, large);
		out->damping = BL_DAMPING_OVER;
	}
}

static double cubic(struct bl_dd b2, struct bl_dd b1, struct bl_dd b0, double e)
{
	struct bl_dd x = bl_dd(e), value = bl_dd_sub(x, b2);

	value = bl_dd_add(bl_dd_mul(value, x), b1);
	return bl_dd_sub(bl_dd_mul(value, x), b0).h;
}

/*
 * A real root of e^3 - b2 e^2 + b1 e - b0, b0 > 0: there is one between b0 / b1, where it is not
 * above 0, and b2, where it is not below, for b1 b2 >= b0. Bisection, then a step of Newton.
 */
static struct bl_dd real_root(struct bl_dd b2, struct bl_dd b1, struct bl_dd b0)
{
	double low = b0.h / b1.h, high = b2.h;
	struct bl_dd x, slope, value;

	for (double middle = low + (high - low) / 2; middle > low && middle < high;
		middle = low + (high - low) / 2)
		if (cubic(b2, b1, b0, middle) < 0)
			low = middle;
		else
			high = middle;
	x = bl_dd(low);
	value = bl_dd_add(bl_dd_mul(bl_dd_sub(x, b2), x), b1);
	value = bl_dd_sub(bl_dd_mul(value, x), b0);
	slope = bl_dd_sub(bl_dd_mul(bl_dd(3), x), bl_dd_mul(bl_dd(2), b2));
	slope = bl_dd_add(bl_dd_mul(slope, x), b1);
	return slope.h == 0 ? x : bl_dd_sub(x, bl_dd_div(value, slope));
}

/* The two-way spring; see the header. */
static void add_two_way(struct bl_response *out, const struct bl_row *row,
	const struct bl_spring *s)
{
	const struct bl_dd k = bl_dd(s->kappa), g = bl_dd(s->gamma), a = bl_dd(s->pull);
	const struct bl_dd l = bl_dd(s->restore < SMALL ? 0 : s->restore);
	const struct bl_dd q = bl_dd_sub(bl_dd_add(a, l), bl_dd_mul(a, l));
	const struct bl_dd kl = bl_dd_mul(k, l), kq = bl_dd_add(k, q);
	const struct bl_dd b2 = bl_dd_add(kq, g);
	const struct bl_dd b1 = bl_dd_add(bl_dd_add(k, kl), bl_dd_mul(g, q));
	struct bl_dd root;

	if (s->gamma == 1) {
		add_two(out, row, kq, kl);
		out->damping = BL_DAMPING_FIRST;
	} else if (kl.h == 0) { /* both particles drift together: the pole 1 */
		add_real(out, bl_dd(0));
		add_two(out, row, b2, b1);
	} else {
		root = real_root(b2, b1, kl);
		add_two(out, row, bl_dd_sub(b2, root), bl_dd_div(kl, root));
		add_real(out, root);
	}
}

static void add_poles(struct bl_response *out, const struct bl_row *row, const struct bl_spring *s)
{
	const struct bl_dd k = bl_dd(s->kappa), g = bl_dd(s->gamma);

	out->ratio = 1;
	if (!bl_spring_one_way(s)) {
		add_two_way(out, row, s);
	} else if (s->gamma == 1) {
		add_real(out, k);
		out->damping = BL_DAMPING_FIRST;
	} else {
		add_two(out, row, bl_dd_add(k, g), k);
	}
}

/* Slowest first; what has faded at once tells nothing. */
static void sort_poles(struct bl_response *out, double unit)
{
	for (size_t i = 1; i < out->poles; i++)
		for (size_t k = i; k > 0 && out->pole[k - 1].modulus < out->pole[k].modulus; k--) {
			const struct bl_pole swap = out->pole[k];

			out->pole[k] = out->pole[k - 1];
			out->pole[k - 1] = swap;
		}
	while (out->poles > 1 && out->pole[out->poles - 1].modulus == 0)
		out->poles--;
	for (size_t i = 0; i < out->poles; i++)
		out->pole[i].fade *= unit;
}

/* ---- in the long run ---- */

/* Mean age of the untruncated weights, in steps. */
static double settled_age(const struct bl_spring *s)
{
	const double left = 1 - s->gain + s->pull * s->gamma / s->kappa; /* of what is passed on */

	if (bl_spring_is_model(s))
		return 0;
	if (bl_spring_one_way(s))
		return s->gamma / s->kappa - 1;
	if (s->restore < SMALL)
		return HUGE_VAL;
	if (s->model)
		return left / s->restore;
	return s->gamma / s->kappa - s->gain + (1 - s->restore) * left / s->restore;
}

/* Is nothing lost between checkpoints that are one step apart? */
static bool is_exact(enum bl_hold hold)
{
	return hold == BL_HOLD_LINEAR || hold == BL_HOLD_RIGHT;
}

static void estimate_error(const struct bl_row *row, const struct bl_spring *s,
	struct bl_response *out)
{
	const double tau = s->gamma / s->kappa - 1, gap = row->median_gap / unit_of(row);
	const bool still = s->hold == BL_HOLD_RIGHT || s->hold == BL_HOLD_LEFT;
	const double loss = still ? 2 * tau : 3.5 * tau;

	out->error = -1;
	if (s->model || gap == 0)
		return;
	if (gap <= 1 && is_exact(s->hold)) {
		out->error = 0;
	} else if (tau > 0) {
		out->error = gap / loss;
		out->spacing = unit_of(row) * 0.01 * loss;
	}
}

void bl_response_of(const struct bl_row *row, struct bl_response *out)
{
	struct bl_spring s;

	*out = (struct bl_response){.error = -1};
	out->negative = negative_part(row);
	if (!row->dynamics->spring)
		return;
	s = at_last(row);
	out->kappa = s.kappa;
	add_poles(out, row, &s);
	sort_poles(out, unit_of(row));
	out->kappa_most = bl_spring_kappa_most(&s);
	out->settled_age = unit_of(row) * settled_age(&s);
	estimate_error(row, &s, out);
}
