/* power.c - the power-function average of EDM2, in absolute time. */
#include "power.h"

#include "dd.h"

#include <math.h>

#define LEAST_STD 1e-40

/* (n/B)^p is below 3e-20 where n is below B - TAIL B / p, since log(n/B) <= n/B - 1. */
#define TAIL 45

/* Intervals of so many steps are summed as they are. */
#define SHORT 8

/*
 * The largest root of g^3 + 7 g^2 + (16 - s) g + 12 - s, s = std^-2. Newton's way comes down to it
 * from sqrt(s) without passing it, since the cubic is convex there.
 */
double bl_power_exponent(double std)
{
	const struct bl_dd inverse = bl_dd_div(bl_dd(1), bl_dd(fmax(std, LEAST_STD)));
	const struct bl_dd s = bl_dd_mul(inverse, inverse);
	const struct bl_dd c1 = bl_dd_sub(bl_dd(16), s), c0 = bl_dd_sub(bl_dd(12), s);
	struct bl_dd g = inverse, step;

	if (!(std > 0 && c0.h < 0))
		return 0;
	do {
		struct bl_dd value = bl_dd_add(g, bl_dd(7));
		struct bl_dd slope = bl_dd_add(bl_dd_mul(bl_dd(3), g), bl_dd(14));

		value = bl_dd_add(bl_dd_mul(value, g), c1);
		value = bl_dd_add(bl_dd_mul(value, g), c0);
		slope = bl_dd_add(bl_dd_mul(slope, g), c1);
		step = bl_dd_div(value, slope);
		g = bl_dd_sub(g, step);
	} while (step.h > 1e-25 * g.h);
	return bl_dd_round(g);
}

/* 1 - (n/B)^p, for 0 <= n <= B. */
static struct bl_dd lost(struct bl_dd p, int64_t n, int64_t b)
{
	struct bl_dd ratio;

	if (n == 0)
		return bl_dd(1);
	ratio = bl_dd_div(bl_dd_whole(n - b), bl_dd_whole(b));
	return bl_dd_neg(bl_dd_expm1(bl_dd_mul(p, bl_dd_log1p(ratio))));
}

/* The mean of 1 - (t/B)^p over a <= t <= B; u is 1 - (a/B)^p. */
static double mean(double p, double a, double b, double u)
{
	const double d = (b - a) / b;
	double c = 1, term = 1, sum = 0;

	if (p * d > 0.5) /* (a/B)^(p+1) = (1 - u) a/B */
		return 1 - (u + (1 - u) * d) / ((p + 1) * d);
	/* The binomial series of (1 - d)^p, integrated. */
	for (int k = 0; fabs(term) > 1e-18 * sum; k++) {
		term = c / ((k + 1) * (k + 2));
		sum += term;
		c *= -d * (p - 1 - k) / (k + 1);
	}
	return p * d * sum;
}

/* The sum over n = a .. B-1 of 1 - (n/B)^p, by Euler and Maclaurin. */
static double far_sum(struct bl_dd power, int64_t from, int64_t to)
{
	/* Bernoulli's numbers 2, 4, ... over the factorials. With p/a up to 1/2 each counts a
	 * hundredth of the one before; what follows is below 1e-16. */
	static const double bernoulli[] = {1 / 12.0, -1 / 720.0, 1 / 30240.0, -1 / 1209600.0,
		1 / 47900160.0, -691 / 1307674368000.0, 1 / 74724249600.0};
	const double p = power.h, a = (double)from, b = (double)to;
	const struct bl_dd fallen = lost(power, from, to);
	const double u = bl_dd_round(fallen);
	/* Derivatives 1, 3, ... at B and at a. */
	double at_b = -p / b, at_a = -p / a * bl_dd_round(bl_dd_sub(bl_dd(1), fallen));
	double sum = (b - a) * mean(p, a, b, u) + u / 2, q = p - 1;

	for (int j = 0; j < 7; j++, q -= 2) {
		sum += bernoulli[j] * (at_b - at_a);
		at_b *= q * (q - 1) / (b * b);
		at_a *= q * (q - 1) / (a * a);
	}
	return sum;
}

/* The sum over n = a .. B-1 of 1 - (n/B)^p. */
static struct bl_dd near_sum(struct bl_dd p, int64_t a, int64_t b)
{
	const double steps = (double)b, begin = 2 * p.h + 16; /* of Euler and Maclaurin */
	const double full = steps - TAIL * steps / p.h;       /* terms that are 1 */
	const int64_t from = full > (double)a ? (int64_t)full : a;
	int64_t to = b;
	struct bl_dd sum = bl_dd_whole(from - a);

	if (b - from > SHORT && begin < steps)
		to = begin > (double)from ? (int64_t)begin : from;
	for (int64_t n = from; n < to; n++)
		sum = bl_dd_add(sum, lost(p, n, b));
	return to < b ? bl_dd_add(sum, bl_dd(far_sum(p, to, b))) : sum;
}

/* All weights but the first; returns the part of it that is for the path, *left is the rest. */
static struct bl_dd go_back(double exponent, const struct bl_timeline *time, enum bl_hold hold,
	double *weight, struct bl_dd *left)
{
	const struct bl_dd p = bl_dd_sum(exponent, 1);
	struct bl_dd kept = bl_dd(1), carry = bl_dd(0);

	for (size_t i = time->count - 1; i > 0; i--) {
		const int64_t a = time->n[i - 1], b = time->n[i];
		const struct bl_dd all = lost(p, a, b);
		struct bl_dd later = all; /* the share of x_i; x_{i-1} has the rest of all */

		if (hold == BL_HOLD_LINEAR && b - a > 1)
			later = bl_dd_div(near_sum(p, a, b), bl_dd_whole(b - a));
		weight[i] = bl_dd_round(bl_dd_add(carry, bl_dd_mul(kept, later)));
		carry = bl_dd_mul(kept, bl_dd_sub(all, later));
		kept = bl_dd_mul(kept, bl_dd_sub(bl_dd(1), all));
	}
	*left = kept;
	return carry;
}

void bl_power_weights(double exponent, const struct bl_timeline *time, enum bl_hold hold,
	double *weight)
{
	struct bl_dd kept, path = go_back(exponent, time, hold, weight, &kept);

	weight[0] = bl_dd_round(bl_dd_add(path, kept));
}

double bl_power_resume(double exponent, const struct bl_timeline *time, enum bl_hold hold,
	double *weight)
{
	struct bl_dd kept;

	weight[0] = bl_dd_round(go_back(exponent, time, hold, weight, &kept));
	return bl_dd_round(kept);
}
