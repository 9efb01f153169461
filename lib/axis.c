/* axis.c - an axis with ticks at round numbers. */
#include "axis.h"

#include "text.h"

#include <math.h>
#include <stdio.h>

static double power_of_ten(int n)
{
	double p = 1;

	for (; n > 0; n--)
		p *= 10; /* exact up to 10^22 */
	return p;
}

/* n * 10^exponent, rounded once as long as the power is exact. */
static double scaled(double n, int exponent)
{
	return exponent < 0 ? n / power_of_ten(-exponent) : n * power_of_ten(exponent);
}

static double step(const struct bl_axis *a)
{
	return scaled(a->mantissa, a->exponent);
}

/* The next larger of the steps 1, 2, 5, 10, ... */
static void coarsen(struct bl_axis *a)
{
	a->mantissa = a->mantissa == 1 ? 2 : a->mantissa == 2 ? 5 : 1;
	a->exponent += a->mantissa == 1;
}

/* Ticks within [low, high], or around it. The bounds give way by what rounding may have cost. */
static void count(struct bl_axis *a, double low, double high, bool around)
{
	const double slack = 1e-9;

	a->first = (int64_t)(around ? floor(low / step(a) + slack) : ceil(low / step(a) - slack));
	a->last = (int64_t)(around ? ceil(high / step(a) - slack) : floor(high / step(a) + slack));
}

static void choose_step(struct bl_axis *a, double low, double high, int64_t most, bool widen)
{
	const double least = (high - low) / (double)most;

	a->mantissa = 1;
	a->exponent = 0;
	while (step(a) > least)
		a->exponent--;
	while (step(a) < least)
		coarsen(a);
	for (count(a, low, high, widen); a->last - a->first + 1 > most; count(a, low, high, widen))
		coarsen(a);
}

/* Six digits are read at a glance; more, or many zeros behind the point, are not. */
static void choose_unit(struct bl_axis *a)
{
	const double most = fmax(fabs(a->low), fabs(a->high));

	a->thousands = 0;
	while (most >= scaled(1, 3 * a->thousands + 3) && (a->thousands > 0 || most >= 1e6))
		a->thousands++;
	while (most < scaled(1, 3 * a->thousands) && (a->thousands < 0 || most < 1e-3))
		a->thousands--;
}

void bl_axis_make(struct bl_axis *a, double low, double high, int64_t most, bool widen)
{
	if (!(low < high)) {
		const double margin = low == 0 ? 1 : fabs(low) / 2;

		high = low + margin;
		low -= margin;
	}
	choose_step(a, low, high, most, widen);
	a->low = widen ? bl_axis_tick(a, a->first) : low;
	a->high = widen ? bl_axis_tick(a, a->last) : high;
	choose_unit(a);
}

double bl_axis_tick(const struct bl_axis *a, int64_t i)
{
	return scaled((double)(i * a->mantissa), a->exponent);
}

const char *bl_axis_text(const struct bl_axis *a, int64_t i, char *buf)
{
	const int exponent = a->exponent - 3 * a->thousands;

	snprintf(buf, BL_TEXT, "%.*f", exponent < 0 ? -exponent : 0,
		scaled((double)(i * a->mantissa), exponent));
	return buf;
}

const char *bl_axis_unit(const struct bl_axis *a, char *buf)
{
	static const char *const word[] = {"", "thousand", "million", "billion", "trillion"};
	const int n = a->thousands, words = (int)(sizeof word / sizeof word[0]);

	if (n >= 0 && n < words)
		snprintf(buf, BL_TEXT, "%s", word[n]);
	else
		snprintf(buf, BL_TEXT, "10^%d", 3 * n);
	return buf;
}

double bl_axis_place(const struct bl_axis *a, double value)
{
	return (value - a->low) / (a->high - a->low);
}
