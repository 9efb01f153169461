/* profile.c - what a snapshot is an average of: the profile of its weights over time. */
#include "profile.h"

/* e^(n log(1 + x)), 1 where n is 0. */
static struct bl_dd power(struct bl_dd x, struct bl_dd n)
{
	if (!(n.h > 0))
		return bl_dd(1);
	return bl_dd_add(bl_dd(1), bl_dd_expm1(bl_dd_mul(n, bl_dd_log1p(x))));
}

/* s <= t. */
static struct bl_dd power_product(double a, int64_t s, double b, int64_t t)
{
	const struct bl_dd end = bl_dd_whole(t), less = bl_dd_div(bl_dd_whole(s - t), end);
	struct bl_dd p = bl_dd_mul(bl_dd_sum(a, 1), bl_dd_sum(b, 1));

	p = bl_dd_div(p, bl_dd_add(bl_dd_sum(a, b), bl_dd(1)));
	if (s < t)
		p = bl_dd_mul(p, power(less, bl_dd(b)));
	return bl_dd_div(p, end);
}

static struct bl_dd ema_product(double a, int64_t s, double b, int64_t t)
{
	const struct bl_dd both = bl_dd_mul(bl_dd(a), bl_dd(b));
	const struct bl_dd p = bl_dd_div(both, bl_dd_sub(bl_dd_sum(a, b), both));

	if (s == t)
		return p;
	return b < 1 ? bl_dd_mul(p, power(bl_dd(-b), bl_dd_whole(t - s))) : bl_dd(0);
}

struct bl_dd bl_profile_product(const struct bl_profile *a, int64_t s, const struct bl_profile *b,
	int64_t t)
{
	if (s > t)
		return bl_profile_product(b, t, a, s);
	return a->power ? power_product(a->number, s, b->number, t)
	                : ema_product(a->number, s, b->number, t);
}

int bl_profile_compare(const struct bl_profile *a, const struct bl_profile *b)
{
	if (a->power != b->power)
		return a->power ? -1 : 1;
	return (a->number < b->number) - (a->number > b->number);
}

double bl_profile_mean_age(const struct bl_profile *p, int64_t time)
{
	return p->power ? (double)time / (p->number + 2) : (1 - p->number) / p->number;
}
